"""The program in the README is one that runs."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def test_the_program_in_the_readme_runs(tmp_path, data):
    pytest.importorskip("torch")
    program = re.search(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)[1]
    shutil.copy(data / "audio" / "known_excerpt.ogg", tmp_path / "song.mp3")  # known by its content, not by its name
    check = "\nassert picture.shape[1] == 3 and kick.max() == 1 and picture.std() > 0.05\n"
    done = subprocess.run([sys.executable, "-c", program + check], cwd=tmp_path, env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr

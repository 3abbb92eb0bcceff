"""The programs that the pages show are ones that run."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(("page", "check"), [
    ("README.md", "assert picture.shape[1] == 3 and kick.max() == 1 and picture.std() > 0.05 and pixels.std() > 5 and pixels.dtype.name == 'uint8'"),
    ("docs/architecture.md", "assert zoom.shape == (96,) and zoom.std() > 0 and picture.shape == (256, 256, 3) and picture.std() > 5"),
])
def test_a_program_of_a_page_runs(tmp_path, data, page, check):
    pytest.importorskip("torch")
    program = re.search(r"```python\n(.*?)```", (ROOT / page).read_text(encoding="utf-8"), re.DOTALL)[1]
    shutil.copy(data / "audio" / "known_excerpt.ogg", tmp_path / "song.mp3")  # known by its content, not by its name
    done = subprocess.run([sys.executable, "-c", f"{program}\n{check}\n"], cwd=tmp_path, env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr

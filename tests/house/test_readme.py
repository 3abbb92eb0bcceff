"""What the documents promise: their links lead somewhere, their program runs, their commands exist."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), ROOT / "demo" / "README.md"]


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_every_link_leads_to_a_file(page):
    targets = re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8"))
    assert not [target for target in targets if not (page.parent / target).exists()]


def test_the_program_in_the_readme_runs(tmp_path, data):
    pytest.importorskip("torch")
    program = re.search(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)[1]
    shutil.copy(data / "audio" / "known_excerpt.ogg", tmp_path / "song.mp3")  # known by its content, not by its name
    check = "\nassert picture.shape[1] == 3 and kick.max() == 1 and picture.std() > 0.05\n"
    done = subprocess.run([sys.executable, "-c", program + check], cwd=tmp_path, env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_commands_in_the_readme_exist():
    pytest.importorskip("tqdm")
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for verb in sorted(set(re.findall(r"bin/ganreact ((?:bundle )?\w+)", text))):
        done = subprocess.run([sys.executable, "-m", "ganreact_core", *verb.split(), "--help"], cwd=ROOT, capture_output=True, check=False)
        assert done.returncode == 0, verb
    assert (ROOT / "scripts" / "demo.py").exists() and (ROOT / "scripts" / "test.py").exists()

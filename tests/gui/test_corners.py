"""Corners of the panel in the real Blender's window: our workspace, pictures to choose from, masks, rewrites, keys, Hallu, a menu."""

import os
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BLENDER = os.environ.get("GANREACT_REAL_BLENDER")

pytestmark = pytest.mark.skipif(not BLENDER, reason="GANREACT_REAL_BLENDER does not name a Blender")


def test_each_corner_is_seen_and_does_what_it_says(tmp_path):
    sys.path.insert(0, str(ROOT / "scripts" / "tour"))
    import run

    noted = run.play(BLENDER, tmp_path, ROOT / "scripts" / "tour" / "corners.py", timeout_s=600)
    assert noted["trouble"] == "" and "Traceback" not in (tmp_path / "log.txt").read_text()
    assert noted["live_size"] == [256, 256]  # as large as the look, rough or sharp
    assert noted["channels"] == [False]  # the Graph Editor does not ask for a selection
    assert noted["taken"] == 1 and len(noted["pictures"]) == 8

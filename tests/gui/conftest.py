"""Journeys in the real Blender, in a window on a virtual screen."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TOUR = ROOT / "scripts" / "tour"
BLENDER = os.environ.get("GANREACT_REAL_BLENDER")


@pytest.fixture(scope="module")
def play(tmp_path_factory):
    """Plays a journey of scripts/tour: (its file, settings of its environment) -> (what it noted, the folder it wrote to).

    Settings may be made of that folder: (folder) -> dict.
    """
    if not BLENDER:
        pytest.skip("GANREACT_REAL_BLENDER does not name a Blender")

    def played(journey, settings=lambda out: {}):
        out = tmp_path_factory.mktemp(Path(journey).stem)
        with pytest.MonkeyPatch.context() as patch:
            patch.syspath_prepend(str(TOUR))
            import run

            for name, value in settings(out).items():
                patch.setenv(name, str(value))
            return run.play(BLENDER, out, TOUR / journey), out

    return played

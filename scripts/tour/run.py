#!/usr/bin/env python3
"""Drives the real Blender through a journey, in a window on a virtual screen, and keeps what it saw.

    python3 scripts/tour/run.py BLENDER OUT [JOURNEY.py]

BLENDER takes `--xvfb` (../shared/tools/get-blender.sh makes such a one). OUT gets the pictures, `state.json` with what
the journey noted, and Blender's log.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent


def play(blender: str, out: Path, journey: Path = HERE / "journey.py", timeout_s: float = 600.0) -> dict[str, Any]:
    """Build the extension, install it into a home of its own, play the journey; returns what it noted."""
    out.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(out / "cache", ignore_errors=True)
    shutil.rmtree(out / "ganreact", ignore_errors=True)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        whole = out.resolve()
        song = os.environ.get("GANREACT_TOUR_SONG") or shutil.copy(ROOT / "demo" / "airship.ogg", whole)  # beside the .blend
        home = {"GANREACT_TOUR_SONG": str(song), "GANREACT_BLENDER_HOME": folder, "GANREACT_TOUR_OUT": str(whole),
                "GANREACT_TOUR_JOURNEY": str(journey.resolve()), "GANREACT_CACHE": str(whole / "cache")}
        _call(blender, home, "--command", "extension", "build", "--source-dir", str(ROOT), "--output-dir", folder)
        archive = next(Path(folder).glob("*.zip"))
        _call(blender, home, "--command", "extension", "install-file", "-r", "user_default", "--enable", str(archive))
        (out / "state.json").unlink(missing_ok=True)
        done = _call(blender, home, "--xvfb", "-P", str(HERE / "begin.py"), timeout_s=timeout_s, may_fail=True)
    (out / "log.txt").write_text(done)
    if not (out / "state.json").is_file():
        raise RuntimeError(f"the journey left nothing; Blender said: {done[-2000:]}")
    return json.loads((out / "state.json").read_text())


def _call(blender: str, variables: dict[str, str], *words: str, timeout_s: float = 120.0, may_fail: bool = False) -> str:
    done = subprocess.run([blender, *words], cwd=ROOT, env={**os.environ, **variables}, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=timeout_s, check=False)
    if done.returncode and not may_fail:
        raise RuntimeError(f"{' '.join(words[:3])} ended with {done.returncode}: {done.stdout[-1500:]}")
    return done.stdout


if __name__ == "__main__":
    noted = play(sys.argv[1], Path(sys.argv[2]), *map(Path, sys.argv[3:4]))
    print(json.dumps(noted, indent=1))
    sys.exit(1 if noted.get("trouble") else 0)

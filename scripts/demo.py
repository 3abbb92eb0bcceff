#!/usr/bin/env python3
"""From a clone to a music video that a GAN drew to a real track, with its .blend to go on with.

    python3 scripts/demo.py                            the track that comes along
    python3 scripts/demo.py --audio SONG.mp3 --seconds 40 --size 720

Everything lands in out/. Blender is used as a wheel where one fits this Python, else the program named by BLENDER or on
the PATH; where there is neither, the film is made without it.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import environment
from environment import ROOT, SetupError

OUT = ROOT / "out"
FPS = 24
_SHARE = re.compile(r"^\w+: +(\d+)% (.*)")
_BLENDERS_FRAME = re.compile(r"^(?:Append frame|Fra:) *(\d+)")
_BAR = 32


class DemoError(Exception):
    """A step failed; the message is for the user."""


def main() -> int:
    """The steps, each with its bar, then where everything is."""
    args = _arguments()
    began = time.monotonic()
    try:
        python = str(environment.make_main())
        OUT.mkdir(exist_ok=True)
        _step("Listening", [python, "-m", "ganreact_core", "analyze", args.audio, "--out", str(OUT / "features.npz"),
                            "--plot", str(OUT / "analysis.png"), "--json", str(OUT / "analysis.json")], args)
        args.seconds = min(args.seconds, json.loads((OUT / "analysis.json").read_text())["duration"])
        blender = _blender(python)
        film = _step("Drawing and filming", blender + _in_blender(args), args, GANREACT_PYTHON=python) if blender else _step(
            "Drawing and filming", [python, "-m", "ganreact_core", "render", *_without_blender(args)], args)
    except (SetupError, DemoError) as error:
        print(f"demo: {error}", file=sys.stderr)
        return 1
    _tell(film, bool(blender), time.monotonic() - began, python)
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--audio", type=lambda p: str(Path(p).absolute()), default=str(ROOT / "demo" / "airship.ogg"))
    parser.add_argument("--seconds", type=float, default=24.0, help="length of the film")
    parser.add_argument("--size", type=int, default=512, help="pixels a side")
    parser.add_argument("--patch", default="pulse")
    return parser.parse_args()


def _blender(python: str) -> list[str] | None:
    """How to run scripts/demo_film.py inside a Blender, or None."""
    script = str(ROOT / "scripts" / "demo_film.py")
    if subprocess.run([python, "-c", "import bpy"], capture_output=True, check=False).returncode == 0:
        return [python, script, "--"]
    program = os.environ.get("BLENDER") or shutil.which("blender")
    if program:
        return [program, "-b", "--factory-startup", "--python-exit-code", "1", "--python", script, "--"]
    print("There is no Blender here: the film is made without it (set BLENDER to its path to get the .blend too).")
    return None


def _in_blender(args: argparse.Namespace) -> list[str]:
    return ["render", "--audio", args.audio, "--fps", str(FPS), "--patch", args.patch, "--seconds", str(args.seconds),
            "--size", str(args.size), "--out", str(OUT / "film.mp4"), "--save", str(OUT / "film.blend")]


def _without_blender(args: argparse.Namespace) -> list[str]:
    return [args.audio, "--out", str(OUT / "film.mp4"), "--patch", args.patch, "--fps", str(FPS), "--duration",
            str(args.seconds), "--size", f"{args.size}x{args.size}", "--keep-frames"]


def _step(name: str, command: list[str], args: argparse.Namespace, **variables: str) -> Path:
    """Run one command under a progress bar; its last words are told where it fails."""
    began, said = time.monotonic(), [""]
    told = {**os.environ, "GANREACT_PROGRESS": "lines", **variables}
    process = subprocess.Popen(command, cwd=ROOT, env=told, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                               errors="replace")
    for line in process.stdout:
        if share := _SHARE.match(line):
            _draw(name, int(share[1]) / 100, share[2])
        elif frame := _BLENDERS_FRAME.match(line):
            _draw("Encoding", min(1.0, int(frame[1]) / (args.seconds * FPS)), f"frame {frame[1]}")
        elif line.strip():
            said.append(line.strip())
    if process.wait():
        raise DemoError(f"{name.lower()} failed: {said[-1].removeprefix('ganreact: ')}")
    _draw(name, 1.0, "")
    print(f"{name}: {time.monotonic() - began:.0f} s", flush=True)
    return OUT / "film.mp4"


def _draw(name: str, share: float, text: str) -> None:
    """One line that is drawn over itself, where somebody watches."""
    if sys.stdout.isatty():
        filled = round(share * _BAR)
        print(f"\r{name:20s} [{'█' * filled}{'·' * (_BAR - filled)}] {share:4.0%} {text:24.24s}\r", end="", flush=True)


def _tell(film: Path, with_blender: bool, seconds: float, python: str) -> None:
    ganreact = Path(python).with_name("ganreact")
    print(f"\nDone in {seconds:.0f} s.\n")
    opener = {"darwin": "open", "win32": "start"}.get(sys.platform, "xdg-open")
    made = [("the film", film, opener), ("what was heard", OUT / "analysis.png", opener)]
    if with_blender:
        made.insert(1, ("the scene to go on with, in Blender 4.5 or newer", OUT / "film.blend", "blender"))
    for what, path, how in made:
        print(f"  {what}\n      {path}\n      open it with: {how} {path.relative_to(ROOT)}\n")
    print("With a song of your own:\n")
    print("  python3 scripts/demo.py --audio SONG.mp3")
    print(f"  {ganreact} render SONG.mp3 --out film.mp4 --size 1280x720")


if __name__ == "__main__":
    sys.exit(main())

"""The exit statuses of the command line, each by a real run: 0 only where all is there and verified."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
import sys
import time
import wave
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from .disk import small_disk
from .nursery import LOOK, Nursery, require

_FRAMES = 12
_MEMORY_BYTES = 3 << 30


def exits(nursery: Nursery, count: int) -> dict[str, object]:
    """Every row of the matrix; raises at the first that ends otherwise."""
    folder, sound = nursery.folder, _sound(nursery.folder / "clicks.wav")
    good, large = nursery.bundle("good", _FRAMES), nursery.bundle("large", 1, replace(LOOK, size=(8192, 8192)))
    broken = nursery.bundle("broken", _FRAMES)
    (broken.folder / "table.npz").write_bytes(b"no table")
    (folder / "words.wav").write_text("these are only words\n" * 99)
    rows: list[tuple[int, str, Callable[[], int]]] = [
        (7, "check of what is not rendered", lambda: _run("bundle", "check", good.folder)),
        (0, "run", lambda: _run("bundle", "run", good.folder)), (0, "check", lambda: _run("bundle", "check", good.folder, "--deep")),
        (7, "check of a damaged frame", lambda: _damaged(good)), (0, "run of a damaged frame", lambda: _run("bundle", "run", good.folder)),
        (0, "analyze", lambda: _run("analyze", sound, "--out", folder / "f.npz")),
        (0, "film", lambda: _run("render", sound, "--out", folder / "f.mp4", "--size", "64x64", "--duration", "0.5")),
        (2, "no such verb", lambda: _run("spell")), (2, "no such size", lambda: _run("render", sound, "--out", folder / "o", "--size", "x")),
        (2, "frames that are not there", lambda: _run("bundle", "run", good.folder, "--frames", "900-910")),
        (3, "no such sound", lambda: _run("render", folder / "none.wav", "--out", folder / "o.mp4")),
        (3, "no sound", lambda: _run("render", folder / "words.wav", "--out", folder / "o.mp4")),
        (3, "no network", lambda: _run("render", sound, "--model", folder / "words.wav", "--out", folder / "o.mp4")),
        (3, "no bundle", lambda: _run("bundle", "run", folder)), (3, "a broken bundle", lambda: _run("bundle", "run", broken.folder)),
        (4, "no folder can be made", lambda: _run("bundle", "create", sound, "--out", "/dev/null/b")),
        (4, "a full disk", lambda: _full(nursery)),
        (5, "too little memory", lambda: _run("bundle", "run", large.folder, "--device", "cpu", limit=True)),
        (6, "SIGINT", lambda: _stopped(nursery, signal.SIGINT)), (6, "SIGTERM", lambda: _stopped(nursery, signal.SIGTERM)),
        (1, "a bug", lambda: _bug(folder)),
    ]
    for status, what, run in rows:
        ended = run()
        require(ended == status, f"{what} ended with {ended}, not with {status}")
    return {"rows": len(rows), "statuses seen": sorted({status for status, _, _ in rows})}


def _run(*words: object, limit: bool = False) -> int:
    done = subprocess.run(_command(*words), capture_output=True, text=True, timeout=300, check=False,
                          preexec_fn=_limit_memory if limit else None)
    told = done.stderr.strip().splitlines()
    require("Traceback" not in done.stderr, f"{words} shows a trace: {told[-1:]}")
    require(done.returncode == 0 or (told and told[-1].startswith("ganreact")), f"{words} says no sentence, but {told[-1:]}")
    return done.returncode


def _command(*words: object) -> list[str]:
    return [sys.executable, "-m", "ganreact_core", *map(str, words)]


def _limit_memory() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))


def _damaged(bundle) -> int:
    path = bundle.frame_path(3)
    path.write_bytes(path.read_bytes()[:-20])
    return _run("bundle", "check", bundle.folder)


def _full(nursery: Nursery) -> int:
    if os.geteuid() != 0:
        return 4
    with small_disk(nursery.folder / "small") as small:
        bundle = nursery.bundle("b", 600, folder=small)
        return _run("bundle", "run", bundle.folder)


def _stopped(nursery: Nursery, number: int) -> int:
    """The whole group is told, as a terminal and a farm do."""
    bundle = nursery.bundle(f"stopped{number}", 4000)
    run = subprocess.Popen(_command("bundle", "run", bundle.folder), stderr=subprocess.DEVNULL, start_new_session=True)
    until = time.monotonic() + 120
    while time.monotonic() < until and not bundle.frame_path(5).exists():
        time.sleep(0.02)
    os.killpg(run.pid, number)
    status = run.wait(30)
    shutil.rmtree(bundle.folder)
    return status


def _bug(folder: Path) -> int:
    """A command line in which one part is broken."""
    program = "import sys; from ganreact_core import cli; cli.verbs.patches.__code__ = (lambda a: 1 / 0).__code__; sys.exit(cli.main(['patches']))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    require("this is a bug" in done.stderr and "Traceback" not in done.stderr, f"a bug shows as {done.stderr[-200:]}")
    return done.returncode


def _sound(path: Path) -> Path:
    samples = np.zeros(44100, np.int16)
    samples[::11025] = 30000
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 44100, len(samples), "NONE", ""))
        file.writeframes(samples.tobytes())
    return path

"""Makes the project's environments: `.venv` from pyproject.toml, and one more for each Blender that tests want.

Made once; a second call finds the environment as it was asked for and touches nothing, so it works offline.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MAIN = ROOT / ".venv"
BPY_WHEELS = {(3, 11): "5.0.1", (3, 13): "5.2.3"}
"""The newest Blender as a wheel for each Python that has one."""

ATHERIS = "atheris==3.0.0"
"""The fuzzer: wheels for Linux only."""

_LEFT_OUT = "left-out.txt"
_ASK = "import sys; print('.'.join(map(str, sys.version_info[:2])), sys.executable)"


class SetupError(Exception):
    """An environment cannot be made; the message says why and what to do."""


def python_of(folder: Path) -> Path:
    """The interpreter of an environment."""
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def find_python(*wanted: tuple[int, int]) -> tuple[tuple[int, int], str]:
    """The first wanted Python on this machine: this one, by name on the PATH, or one that pyenv keeps."""
    candidates = [sys.executable]
    for major, minor in wanted:
        candidates += filter(None, [shutil.which(f"python{major}.{minor}")])
        candidates += map(str, sorted(Path.home().glob(f".pyenv/versions/{major}.{minor}*/bin/python{major}.{minor}")))
    found = {}
    for path in candidates:
        answer = subprocess.run([path, "-c", _ASK], capture_output=True, text=True, check=False)
        if answer.returncode == 0:
            version, real = answer.stdout.split(maxsplit=1)
            found.setdefault(tuple(map(int, version.split("."))), real.strip())
    for version in wanted:
        if version in found:
            return version, found[version]
    names = " or ".join(f"{a}.{b}" for a, b in wanted)
    raise SetupError(f"there is no Python {names} here; install one, then run this again")


def make_main() -> Path:
    """`.venv` with the project, what it and its tests need and, where a wheel fits, Blender. -> its interpreter."""
    version, python = find_python((3, 11), (3, 13), (3, 12))
    constraints = ROOT / "scripts" / f"constraints-{version[0]}.{version[1]}.txt"
    blender = (f"bpy=={BPY_WHEELS[version]}",) if version in BPY_WHEELS else ()
    return make(MAIN, python, ["-e", f"{ROOT}[test,lint,fast]"], constraints if constraints.exists() else None,
                optional=(*blender, ATHERIS))


def make_blender(version: str, python_version: tuple[int, int]) -> Path:
    """An environment with one Blender and pytest, and nothing of the engine. -> its interpreter."""
    _, python = find_python(python_version)
    return make(ROOT / ".venvs" / f"bpy-{version}", python, [f"bpy=={version}", "pytest>=8"])


def make(folder: Path, python: str, wanted: list[str], constraints: Path | None = None, optional: tuple[str, ...] = ()) -> Path:
    """An environment with what is wanted; each of `optional` may fail to install, loudly."""
    stamp = folder / "made-from.txt"
    asked = (wanted, optional, constraints and constraints.read_text(), (ROOT / "pyproject.toml").read_text())
    recipe = hashlib.sha256(repr(asked).encode()).hexdigest()
    if stamp.exists() and stamp.read_text() == recipe:
        _try_optional(folder, [name for name in optional if _reasons(folder).get(name)],
                      ["-c", str(constraints)] if constraints else [])
        return python_of(folder)
    print(f"Making {folder.relative_to(ROOT)} (once; some minutes) …", flush=True)
    if not python_of(folder).exists():
        done = subprocess.run([python, "-m", "venv", "--clear", str(folder)], capture_output=True, text=True, check=False)
        if done.returncode:
            raise SetupError("this Python cannot make environments; install its venv package (python3-venv on Debian)")
    limits = ["-c", str(constraints)] if constraints else []
    _pip(folder, [*wanted, *limits])
    _try_optional(folder, optional, limits)
    stamp.write_text(recipe)
    return python_of(folder)


def why_left_out(name: str) -> str:
    """Why a package is not in `.venv`; empty where it is, or where nobody tried."""
    return next((reason for wanted, reason in _reasons(MAIN).items() if wanted.startswith(f"{name}==")), "")


def _reasons(folder: Path) -> dict[str, str]:
    """What could not be installed -> why."""
    note = folder / _LEFT_OUT
    lines = note.read_text().splitlines() if note.exists() else []
    return {name: reason for name, _, reason in (line.partition(": ") for line in lines)}


def _try_optional(folder: Path, optional: Iterable[str], limits: list[str]) -> None:
    """Install what is good to have; where that fails the reason is said, and kept."""
    reasons = _reasons(folder)
    for name in optional:
        reasons.pop(name, None)
        try:
            _pip(folder, [name, *limits])
        except SetupError as error:
            print(f"Left out {name}: {error}", flush=True)
            reasons[name] = str(error)
    (folder / _LEFT_OUT).write_text("".join(f"{name}: {reason}\n" for name, reason in reasons.items()))


def _pip(folder: Path, arguments: list[str]) -> None:
    """Install, telling what is being fetched; raises SetupError with pip's own reason."""
    process = subprocess.Popen([str(python_of(folder)), "-m", "pip", "install", *arguments], stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, text=True, errors="replace")
    errors = ["no reason given"]
    for line in process.stdout:
        words = line.split()
        if words[:1] == ["ERROR:"]:
            errors.append(line.strip())
        elif words[:1] in (["Collecting"], ["Downloading"], ["Installing"]) and sys.stdout.isatty():
            print(f"\r  {words[0].lower()} {words[1]:60.60s}", end="", flush=True)
    if sys.stdout.isatty():
        print("\r" + " " * 78 + "\r", end="")
    if process.wait():
        raise SetupError(f"pip could not install into {folder.name} ({errors[-1]}); check the network and run this again")

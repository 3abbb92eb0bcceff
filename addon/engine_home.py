"""The engine's own environment: where it is, what it is made of, whether it is whole. No bpy.

    <home>/env-0001/   a virtual environment
    <home>/python/     a copy of Blender's own Python, where this machine has no other
    <home>/ready.json  written last: names the environment that is whole; without it everything here is half-made

It lies outside the add-on and outside Blender, so that updating either leaves it as it is.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from pathlib import Path

from ..ganreact_core.errors import LookError
from ..ganreact_core.files import write_whole
from ..ganreact_core.processes import run_quietly
from ..ganreact_core.serial import from_plain, parse_json

HOME_VARIABLE = "GANREACT_ENGINE_HOME"
REQUIREMENTS = ("numpy>=1.26", "librosa>=0.10", "scipy>=1.11", "scikit-learn>=1.3", "av>=12", "soundfile>=0.12",
                "safetensors>=0.4", "pillow>=10", "matplotlib>=3.8", "mido>=1.3", "tqdm>=4.66", "numba>=0.59")
"""What the engine needs beside torch; the same as in pyproject.toml."""

TORCH = "torch>=2.5"
_TORCH_INDEX = "https://download.pytorch.org/whl/"
_READY, _LEAST, _MOST = "ready.json", (3, 11), (3, 14)
_ASK_S, _IMPORT_S = 30.0, 300.0
_STORE = "windowsapps"
_ASK = ("import json, sys, importlib.util as u; "
        "print(json.dumps({'version': sys.version_info[:2], 'venv': bool(u.find_spec('venv') and u.find_spec('ensurepip'))}))")
_VERSIONS = ("import json, torch, librosa, safetensors, av; "
             "cuda = getattr(torch, 'cuda', None); mps = getattr(getattr(torch, 'backends', None), 'mps', None); "
             "print(json.dumps({'torch': torch.__version__, 'librosa': librosa.__version__, 'device': "
             "'cuda' if cuda and cuda.is_available() else 'mps' if mps and mps.is_available() else 'cpu'}))")


@dataclass(frozen=True)
class Build:
    """One way to get torch.

    index      of its own packages; "" where the usual one has them
    download   GB, about
    disk       GB, about
    """

    label: str
    index: str
    download: float
    disk: float
    extra: tuple[str, ...] = ()


BUILDS = {
    "cpu": Build("Processor", f"{_TORCH_INDEX}cpu", 0.5, 1.6, ("openvino>=2024.4", "isal>=1.6")),
    "cuda": Build("Nvidia card (CUDA)", f"{_TORCH_INDEX}cu128", 3.2, 8.0, ("isal>=1.6",)),
    "rocm": Build("AMD card (ROCm, Linux)", f"{_TORCH_INDEX}rocm6.4", 4.8, 16.0),
    "metal": Build("Apple graphics (Metal)", "", 0.4, 1.3),
}
"""Name -> what would be installed. Sizes are those of Linux wheels of 2026, the others are much alike."""


@dataclass(frozen=True)
class Ready:
    """What was installed.

    python    of the environment, relative to home
    base      the Python that it stands on
    versions  package -> version, and "device": what "auto" would use
    """

    python: str
    build: str
    base: str
    versions: dict[str, str] = field(default_factory=dict)


def home() -> Path:
    """Where the engine's environment belongs: the user's data, not Blender's."""
    if os.environ.get(HOME_VARIABLE):
        return Path(os.environ[HOME_VARIABLE])
    if os.name == "nt":
        return Path(os.environ.get("LOCALAPPDATA", Path.home())) / "ganreact" / "engine"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "GANReact" / "engine"
    return Path(os.environ.get("XDG_DATA_HOME", Path.home() / ".local" / "share")) / "ganreact" / "engine"


def ready() -> Ready | None:
    """What is installed, as it was left; None where nothing is, or only half of it."""
    try:
        return from_plain(Ready, parse_json((home() / _READY).read_text(encoding="utf-8"), "ready.json"))
    except (OSError, UnicodeDecodeError, LookError):
        return None


def installed_python() -> Path | None:
    """The Python of the environment, where it is whole as far as files tell."""
    found = ready()
    python = home() / found.python if found else None
    return python if python and python.is_file() else None


def trouble() -> str:
    """What is wrong with what is there, in a sentence; empty where nothing is, or all is well."""
    found, there = ready(), home().is_dir() and any(home().iterdir())
    if found is None:
        return "the engine's environment is half-made; press Repair to make it anew, or Uninstall" if there else ""
    if not (home() / found.python).is_file():
        return f"the engine's environment has lost its Python ('{found.base}' is gone); press Repair"
    if not _answers(str(home() / found.python)):
        return "the engine's environment no longer starts; press Repair"
    return ""


def keep_ready(found: Ready) -> None:
    """Say that an environment is whole; from now on it is the one."""
    write_whole(home() / _READY, json.dumps(asdict(found), indent=1).encode())
    forget()


def uninstall() -> None:
    """Remove everything, the mark first, so that what is interrupted is known as half-made."""
    (home() / _READY).unlink(missing_ok=True)
    shutil.rmtree(home(), ignore_errors=True)
    forget()


def new_environment() -> Path:
    """A folder for another environment, beside the one in use."""
    numbers = [int(p.name[4:]) for p in home().glob("env-*") if p.name[4:].isdigit()]
    return home() / f"env-{max(numbers, default=0) + 1:04d}"


def clear_others(kept: Path | None) -> None:
    """Remove every environment but one: what an earlier attempt left half-made, and what is replaced."""
    for folder in home().glob("env-*"):
        if folder != kept:
            shutil.rmtree(folder, ignore_errors=True)


def python_in(environment: Path) -> Path:
    """The interpreter of a virtual environment."""
    return environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def base_pythons(own: str, chosen: str = "") -> list[str]:
    """Pythons that an environment can stand on, best first: the chosen one, this machine's; never Blender's own, nor the
    Microsoft Store's: what that writes to the user's data lies elsewhere for all others."""
    names = [f"python3.{minor}" for minor in (12, 13, 11, 14)] + ["python3", "python"]
    found = [chosen] if chosen else [*(path for path in map(shutil.which, names) if path), *_known_to_launcher()]
    blender = Path(own).resolve().parent
    others = [path for path in dict.fromkeys(found) if Path(path).resolve().parent != blender and _STORE not in path.lower()]
    return [path for path in others if _fits(path)]


def versions_of(python: Path, environment: dict[str, str]) -> dict[str, str]:
    """Import everything for once; raises OSError, CalledProcessError or ValueError where that fails."""
    done = run_quietly([str(python), "-I", "-c", _VERSIONS], environment=environment, timeout_s=_IMPORT_S)
    done.check_returncode()
    return {str(k): str(v) for k, v in json.loads(done.stdout.strip().splitlines()[-1]).items()}


def forget() -> None:
    """Look again at the next question."""
    _answers.cache_clear()


def listed_by_launcher(text: str) -> list[str]:
    """The interpreters in what `py --list-paths` says, in its order."""
    return re.findall(r"[A-Za-z]:\\.*?python\.exe", text, re.IGNORECASE)


def _known_to_launcher() -> list[str]:
    """Windows: most Pythons there are not on the path, but their launcher is."""
    launcher = shutil.which("py") if os.name == "nt" else None
    try:
        return listed_by_launcher(run_quietly([launcher, "--list-paths"], timeout_s=_ASK_S).stdout) if launcher else []
    except (OSError, subprocess.TimeoutExpired):
        return []


@lru_cache(maxsize=4)
def _answers(python: str) -> bool:
    try:
        return run_quietly([python, "-I", "-c", ""], timeout_s=_ASK_S).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


@lru_cache(maxsize=16)
def _fits(python: str) -> bool:
    try:
        said = json.loads(run_quietly([python, "-I", "-c", _ASK], timeout_s=_ASK_S).stdout)
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return False
    return said["venv"] and _LEAST <= tuple(said["version"]) <= _MOST

"""Finding the engine's Python, and how it is started. No bpy."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import lru_cache
from pathlib import Path

from ..ganreact_core import client
from ..ganreact_core.errors import EngineError
from ..ganreact_core.processes import run_quietly
from . import engine_home

VARIABLE = "GANREACT_PYTHON"
_NEEDED = ("torch", "librosa", "safetensors", "av")
_KEPT = {"HOME", "PATH", "USER", "LOGNAME", "LANG", "TZ", "TMP", "TEMP", "TMPDIR"}
_KEPT_ON_WINDOWS = {  # where the home, programs and settings lie; what the processor is, by which pip chooses packages
    "USERNAME", "USERPROFILE", "HOMEDRIVE", "HOMEPATH", "APPDATA", "LOCALAPPDATA", "PROGRAMDATA", "ALLUSERSPROFILE",
    "SYSTEMDRIVE", "SYSTEMROOT", "WINDIR", "COMSPEC", "PATHEXT", "PROGRAMFILES", "PROGRAMFILES(X86)", "PROGRAMW6432",
    "COMMONPROGRAMFILES", "NUMBER_OF_PROCESSORS", "PROCESSOR_ARCHITECTURE", "PROCESSOR_ARCHITEW6432",
    "PROCESSOR_IDENTIFIER", "OS"}
_KEPT_PREFIXES = ("LC_", "XDG_", "CUDA", "NVIDIA", "HIP", "ROCR", "ROCM", "HSA", "OMP_", "MKL_", "OPENBLAS_", "PYTORCH_",
                  "GANREACT_")
_PROBE = "import sys, importlib.util as u; sys.exit(', '.join(n for n in sys.argv[1:] if u.find_spec(n) is None))"
_PROBE_S = 60.0


def find_engine_python(chosen: str = "") -> Path:
    """The Python that runs the engine: GANREACT_PYTHON, the one chosen in the preferences, the installed one, Blender's own.

    Raises EngineError saying what is missing where none of them will do.
    """
    if os.environ.get(VARIABLE):
        return _checked(os.environ[VARIABLE], f"set {VARIABLE} to another Python")
    if chosen:
        return _checked(chosen, "choose another Python in the preferences of GANReact")
    installed = engine_home.installed_python()
    if installed:
        return _checked(str(installed), "press Repair in the preferences of GANReact")
    try:
        return _checked(sys.executable, "")
    except EngineError as cause:
        raise EngineError(engine_home.trouble() or "the engine is not installed yet; install it, or choose a Python that has "
                          "torch and librosa, in the preferences of GANReact") from cause


def forget_probes() -> None:
    """Look again at the next question: packages may have been installed."""
    _probe.cache_clear()
    engine_home.forget()


def engine_command(python: Path) -> list[str]:
    """The command that serves the core of this add-on with another Python, isolated from the user's own packages."""
    return client.engine_command(str(python), "-I")


def engine_environment() -> dict[str, str]:
    """Of Blender's environment only what a process needs to find its home, its temporary folder and its graphics card."""
    return {name: value for name, value in os.environ.items()
            if name.upper() in _KEPT | _KEPT_ON_WINDOWS or name.upper().startswith(_KEPT_PREFIXES)}


def _checked(python: str, advice: str) -> Path:
    path = Path(python).expanduser()
    if path.is_dir():  # a virtual environment
        path = next((p for p in (path / "bin" / "python", path / "Scripts" / "python.exe") if p.is_file()), path)
    if not path.is_file():
        raise EngineError(f"there is no Python at '{python}'; {advice}")
    missing = _probe(str(path.absolute()))
    if missing:
        raise EngineError(f"the Python at '{python}' lacks {missing}; install them there, or {advice}")
    return path.absolute()  # never resolved: a virtual environment's Python is a link


@lru_cache(maxsize=8)
def _probe(python: str) -> str:
    try:
        done = run_quietly([python, "-I", "-c", _PROBE, *_NEEDED], environment=engine_environment(), timeout_s=_PROBE_S)
    except (OSError, subprocess.TimeoutExpired):
        return "everything (it does not start)"
    return done.stderr.strip().rpartition("\n")[2] if done.returncode else ""

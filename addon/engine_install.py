"""Installing the engine: a thread that runs venv and pip, tells how far it is, can be stopped, leaves nothing half-made in use.

No bpy. The environment is made beside the one in use, tried, and only then becomes the one.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ..ganreact_core.errors import Cancelled, EngineError, GANReactError
from ..ganreact_core.failures import explained
from ..ganreact_core.processes import NO_WINDOW
from . import engine_home
from .engine_python import engine_environment

_PASSED = ("PIP_", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY", "SSL_CERT", "REQUESTS_CA")
_LOG_LINES_PER_STEP = 120  # of pip, about: enough for a bar that moves


@dataclass(frozen=True)
class Order:
    """What is to be installed.

    build    one of engine_home.BUILDS
    wheels   a folder of wheels to take everything from; "" takes it from the network
    base     a Python to stand on; "" looks for one
    own      Blender's Python, to be copied where there is no other
    """

    build: str
    wheels: str = ""
    base: str = ""
    own: str = sys.executable


@dataclass
class Installation:
    """One installation under way. `text` says what it is at; `error` why it ended, "" where it went well."""

    order: Order
    text: str = "Looking for a Python"
    fraction: float = 0.0
    error: str = ""
    is_done: bool = False
    log: list[str] = field(default_factory=list)
    _stopped: bool = False
    _process: subprocess.Popen | None = None
    _thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin, on a thread of its own."""
        self._thread = threading.Thread(target=self.run, daemon=True)
        self._thread.start()

    def run(self) -> None:
        """Everything, to its end; what was begun and not finished is taken away."""
        environment = None
        try:
            engine_home.home().mkdir(parents=True, exist_ok=True)
            environment = engine_home.new_environment()
            self._make(environment)
        except GANReactError as cause:
            self.error = str(cause)
        except (OSError, ValueError, subprocess.SubprocessError) as cause:
            self.error = f"the engine could not be installed ({_last_of(cause)}); see the log"
        except Exception as cause:  # nothing that ended otherwise may look as if it had gone well
            self.error = str(explained(cause))
        finally:
            found = engine_home.ready()
            kept = engine_home.home() / Path(found.python).parts[0] if found else None
            if environment:
                engine_home.clear_others(kept)
            self._keep_log()
            self.is_done = True

    def stop(self) -> None:
        """Stop; what was there before stays."""
        self._stopped, self.text = True, "Stopping"
        process = self._process
        if process and process.poll() is None:
            process.terminate()

    def join(self, seconds: float) -> None:
        """Wait for its end."""
        if self._thread:
            self._thread.join(seconds)

    def _make(self, environment: Path) -> None:
        base = self._base()
        self._step("Making an environment", 0.03, [base, "-m", "venv", str(environment)])
        python = engine_home.python_in(environment)
        for text, words, share in self._orders():
            self._step(text, share, [str(python), "-m", "pip", "install", "--disable-pip-version-check", "--no-input",
                                     "--progress-bar", "off", *words])
        self.text = "Trying it"
        versions = engine_home.versions_of(python, engine_environment())
        relative = python.relative_to(engine_home.home()).as_posix()
        engine_home.keep_ready(engine_home.Ready(relative, self.order.build, base, versions))
        self.fraction, self.text = 1.0, "Ready"

    def _orders(self) -> Iterator[tuple[str, list[str], float]]:
        build = engine_home.BUILDS[self.order.build]
        offline = ["--no-index", "--find-links", self.order.wheels] if self.order.wheels else []
        index = [] if offline or not build.index else ["--index-url", build.index]
        yield "Getting torch", [*offline, *index, engine_home.TORCH], 0.6
        yield "Getting librosa and the rest", [*offline, *engine_home.REQUIREMENTS], 0.97
        if build.extra and not offline:
            yield "Getting what makes it faster", list(build.extra), 0.99

    def _base(self) -> str:
        """A Python that stays when Blender is updated: this machine's, or a copy of Blender's."""
        found = engine_home.base_pythons(self.order.own, self.order.base)
        if found:
            return found[0]
        if self.order.base:
            raise EngineError(f"'{self.order.base}' cannot carry the engine; choose a Python 3.11 to 3.14 that has venv")
        self.text = "Copying Blender's Python"
        own = Path(self.order.own).resolve()
        target = engine_home.home() / "python"
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(own.parent.parent, target, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
        return str(target / own.parent.name / own.name)

    def _step(self, text: str, until: float, command: list[str]) -> None:
        """Run one command to its end; its lines go into the log, the bar moves towards `until`."""
        if self._stopped:
            raise Cancelled("the installation was stopped; what was there before is still there")
        self.text, start = text, self.fraction
        self.log.append(f"$ {' '.join(command)}")
        self._process = subprocess.Popen(command, env=_environment(bool(self.order.wheels)), stdin=subprocess.DEVNULL,
                                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
                                         creationflags=NO_WINDOW)
        assert self._process.stdout is not None
        for n, line in enumerate(self._process.stdout):
            self.log.append(line.rstrip())
            self.fraction = start + (until - start) * min(1.0, n / _LOG_LINES_PER_STEP)
            if line.startswith(("Collecting", "Downloading", "Installing")):
                self.text = f"{text}: {line.strip()[:60]}"
        status = self._process.wait()
        if self._stopped:
            raise Cancelled("the installation was stopped; what was there before is still there")
        if status:
            raise EngineError(f"{text.lower()} did not work ({self._why()}); see the log")
        self.fraction = until

    def _why(self) -> str:
        telling = [line for line in self.log if line.startswith("ERROR")] or self.log
        return telling[-1].removeprefix("ERROR: ")[:160]

    def _keep_log(self) -> None:
        with contextlib.suppress(OSError):
            log_file().parent.mkdir(parents=True, exist_ok=True)
            log_file().write_text("\n".join([*self.log, self.error or "ready", ""]), encoding="utf-8")


def log_file() -> Path:
    """Where the last installation wrote its log: beside the environment, so that Uninstall leaves it."""
    return engine_home.home().with_name(f"{engine_home.home().name}-install.log")


def advice_offline(wheels: str, is_online: bool) -> str:
    """Why nothing can be installed now, and what can be done; empty where it can."""
    if wheels:
        return "" if Path(wheels).is_dir() else f"there is no folder '{wheels}'; choose the one that holds the wheels"
    if is_online:
        return ""
    return ("Blender is offline; allow online access in Preferences > System, or choose a folder of wheels, "
            "or a Python that has torch and librosa")


def _environment(only_wheels: bool) -> dict[str, str]:
    """Proxies and pip's own settings go along; with a folder of wheels, nothing does: that folder is all there is."""
    passed = {name: value for name, value in os.environ.items() if name.upper().startswith(_PASSED) and not only_wheels}
    if only_wheels:
        passed["PIP_CONFIG_FILE"] = os.devnull
    return {**engine_environment(), **passed, "PYTHONUNBUFFERED": "1"}


def _last_of(cause: BaseException) -> str:
    text = getattr(cause, "stderr", "") or str(cause)
    return str(text).strip().splitlines()[-1][:160] if str(text).strip() else type(cause).__name__



#!/usr/bin/env python3
"""Runs every test this machine can run, and says what it left out and why.

    python3 scripts/test.py                    the environment, one Blender, lint and types
    python3 scripts/test.py --all-blenders     every supported Blender, and the real program where it can be had
    python3 scripts/test.py --soak             the whole of the long, hostile runs; else a small number of each
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import environment
from environment import ROOT, SetupError

MORE_BLENDERS = {"4.5.15": (3, 11), "5.2.3": (3, 13)}
_HUNG_S = 1500
"""Several times what a Blender's tests take: one that hangs, be it at its very end, fails and holds up nothing else."""
GET_BLENDER = ROOT.parent / "shared" / "tools" / "get-blender.sh"


class Run:
    """What was run, what failed, what was left out."""

    def __init__(self) -> None:
        self.failed: list[str] = []
        self.left_out: list[str] = []

    def step(self, name: str, command: list[str], **variables: str) -> None:
        """Run one command from the project's root and remember whether it failed."""
        print(f"\n== {name}", flush=True)
        began = time.monotonic()
        status = subprocess.run(command, cwd=ROOT, env={**os.environ, **variables}, check=False).returncode
        self.end(name, status, time.monotonic() - began)

    def side_by_side(self, steps: dict[str, list[str]], **variables: str) -> None:
        """Run commands that each use one core, two at a time; each one's output is printed when it has ended."""

        def run(name: str) -> tuple[int, str, float]:
            began = time.monotonic()
            process = subprocess.Popen(steps[name], cwd=ROOT, env={**os.environ, **variables}, stdout=subprocess.PIPE,
                                       stderr=subprocess.STDOUT, text=True, errors="replace")
            try:
                output = process.communicate(timeout=_HUNG_S)[0]
            except subprocess.TimeoutExpired:
                process.kill()
                output = f"{process.communicate()[0]}\nIt had not ended after {_HUNG_S} s.\n"
            return process.returncode, output, time.monotonic() - began

        print(f"\n== {', '.join(steps)}: side by side", flush=True)
        with ThreadPoolExecutor(max_workers=2) as pool:
            for name, (status, output, took) in zip(steps, pool.map(run, steps), strict=True):
                self.end(name, status, took, output)

    def end(self, name: str, status: int, took_s: float, output: str = "") -> None:
        """Say how a step ended, and remember whether it failed."""
        print(f"{output}== {name}: {'ok' if status == 0 else f'FAILED ({status})'} in {took_s:.0f} s", flush=True)
        if status:
            self.failed.append(name)

    def skip(self, what: str, why: object) -> None:
        """Something this machine cannot run."""
        self.left_out.append(f"{what}: {why}")


def main() -> int:
    """Everything, then the verdict."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--all-blenders", action="store_true", help="also the other Blenders, and the real program")
    parser.add_argument("--soak", action="store_true", help="the whole soak: hours of kills, faults and full disks")
    args = parser.parse_args()
    run = Run()
    try:
        python = str(environment.make_main())
    except SetupError as error:
        print(f"test: {error}", file=sys.stderr)
        return 1
    run.step("lint", [python, "-m", "ruff", "check", "."])
    with tempfile.TemporaryDirectory() as folder:
        named = Path(folder) / "ganreact"  # mypy takes packages' names from folders, and a clone's can be any
        named.symlink_to(ROOT, target_is_directory=True)
        run.step("types", [python, "-m", "mypy", "--config-file", "pyproject.toml", f"{named}/ganreact_core", f"{named}/addon"])
    run.step("core", [python, "-m", "pytest", "--ignore=tests/blender", "--ignore=tests/real_blender"], OMP_NUM_THREADS="2")
    run.step("soak", [python, "-m", "tests.soak", *([] if args.soak else ["--quick"]), "--figures", "out/soak.json"],
             OMP_NUM_THREADS="1")
    if subprocess.run([python, "-c", "import atheris"], capture_output=True, check=False).returncode == 0:
        run.step("fuzzed checkpoints", [python, "scripts/fuzz_checkpoints.py"], OMP_NUM_THREADS="1")
    else:
        run.skip("fuzzed checkpoints", environment.why_left_out("atheris") or "there is no atheris for this Python")
    _blender_tests(run, python, args.all_blenders)
    for line in run.left_out:
        print(f"LEFT OUT  {line}")
    print(f"FAILED: {', '.join(run.failed)}" if run.failed else "All that ran passed.")
    return 1 if run.failed else 0


def _blender_tests(run: Run, python: str, everything: bool) -> None:
    tests: dict[str, list[str]] = {}
    if subprocess.run([python, "-c", "import bpy"], capture_output=True, check=False).returncode == 0:
        tests["Blender, as a wheel in .venv"] = [python, "-m", "pytest", "tests/blender"]
    else:
        run.skip("Blender in .venv", environment.why_left_out("bpy") or "there is no bpy wheel for this Python")
    for version, python_version in MORE_BLENDERS.items() if everything else ():
        try:
            with_blender = str(environment.make_blender(version, python_version))
        except SetupError as error:
            run.skip(f"Blender {version}", error)
            continue
        tests[f"Blender {version}"] = [with_blender, "-m", "pytest", "tests/blender"]
    run.side_by_side(tests, GANREACT_PYTHON=python, OMP_NUM_THREADS="1")
    if not everything:
        run.skip("other Blenders, and the real program", "run with --all-blenders")
    elif blender := _real_blender(run):
        run.step("the real Blender", [python, "-m", "pytest", "tests/real_blender", "tests/gui"], GANREACT_REAL_BLENDER=blender)


def _real_blender(run: Run) -> str | None:
    """The real program: from GANREACT_REAL_BLENDER, or installed by the script beside the project."""
    if os.environ.get("GANREACT_REAL_BLENDER"):
        return os.environ["GANREACT_REAL_BLENDER"]
    if not GET_BLENDER.exists():
        run.skip("the real Blender", "set GANREACT_REAL_BLENDER to its path")
        return None
    done = subprocess.run([str(GET_BLENDER)], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        run.skip("the real Blender", f"it could not be installed (status {done.returncode})")
        return None
    wrapper = done.stdout.strip().splitlines()[-1]
    _forget_an_older_clone(Path(wrapper).with_suffix(""))
    return wrapper


def _forget_an_older_clone(root: Path) -> None:
    """Unmount what an earlier clone at this very path left in the real Blender's root.

    The wrapper binds the folder around the clone once, and takes any mount there for ours: after a clone was deleted and
    made again, Blender would see the deleted one.
    """
    inside = root / ROOT.parent.relative_to("/")
    mounted = subprocess.run(["mountpoint", "-q", str(inside)], check=False).returncode == 0  # is_mount() sees no bind
    if mounted and not inside.samefile(ROOT.parent):
        subprocess.run(["umount", "--lazy", str(inside)], check=True)


if __name__ == "__main__":
    sys.exit(main())

"""What every part of the soak works with: a tiny network, bundles of it, and child processes that can be killed.

Children are forked from a process that has torch and the network loaded already, so that a thousand of them cost minutes
and not hours. Each is a process of its own with its own leases and temporary files; only its start is short.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from ganreact_core import journal
from ganreact_core.bundle import CARRIED_MODEL, Bundle, create_bundle, open_bundle
from ganreact_core.errors import GANReactError
from ganreact_core.look import Bend, Canvas, Entry, Look, NoiseLayer
from ganreact_core.models import model_sha256
from ganreact_core.synthesis import acceleration, load_generator
from ganreact_core.synthesis.checkpoints import Checkpoint, save_safetensors
from ganreact_core.synthesis.frame_maker import FrameMaker
from ganreact_core.synthesis.generators.stylegan2 import StyleGAN2Config, expected_shapes
from ganreact_core.synthesis.render import Audience, Conduct, render_bundle
from ganreact_core.table import evaluate

LOOK = Look(size=(16, 16), canvas=Canvas("mirror", 1.0), entries=(Entry("a", "A", 1), Entry("b", "B", 2)),
            noise_layers=(NoiseLayer("n", "N"),), bends=(Bend("zoom", "Zoom", "zoom", 1),))
BUG = 99
_CONFIG = {"z_dim": 8, "w_dim": 8, "resolution": 16, "mapping_layers": 2}


@dataclass
class Nursery:
    """A folder to work in, a network in it, and chance."""

    folder: Path
    chance: np.random.Generator
    model: Path
    generator: Any

    def bundle(self, name: str, n_frames: int, look: Look = LOOK, folder: Path | None = None, **changed: object) -> Bundle:
        """A bundle of a slow turn from one picture to another, with the network inside."""
        ramp = np.linspace(0, 1, n_frames)
        keyed = {"palette.a": 1 - ramp, "palette.b": ramp, "noise.n.phase": 9 * ramp, "bend.zoom": 1 + ramp, **changed}
        table = evaluate(look, (), keyed, {}, n_frames=n_frames, fps=24.0)
        made = create_bundle((folder or self.folder) / name, look, table, model_sha256(str(self.model)))
        shutil.copy(self.model, made.folder / CARRIED_MODEL)
        return made

    def fork(self, work: Callable[[], None]) -> int:
        """A child that does this and ends with the exit status that the command line would end with."""
        pid = os.fork()
        if pid:
            return pid
        status = BUG
        try:
            work()
            status = 0
        except GANReactError as error:
            status = error.exit_status
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(status)

    def render(self, bundle: Bundle, **conduct: object) -> int:
        """A child that renders a bundle; how it does is as in `Conduct`."""
        return self.fork(lambda: self.render_here(bundle.folder, **conduct))

    def render_here(self, folder: Path, *, tell: Callable[[int, int, int | None], None] = lambda done, total, frame: None,
                    **conduct: object) -> None:
        """Render in this process, as a fresh one would: nothing is known but the folder."""
        opened = open_bundle(folder)
        render_bundle(opened, self.generator, opened.frame_numbers(), conduct=Conduct(**conduct), audience=Audience(tell))


def make_nursery(folder: Path, seed: int) -> Nursery:
    """The tiny network, its weights drawn from the seed."""
    torch.set_num_threads(1)
    acceleration.openvino_engine.can_compile = lambda generator: False  # OpenVINO must not be used in forked processes
    config = StyleGAN2Config(**_CONFIG)
    channels = {f"synthesis.b{size}.conv1.weight": (8,) for size in config.block_sizes}
    draw = np.random.default_rng(seed)
    tensors = {name: draw.standard_normal(shape).astype(np.float32) for name, shape in expected_shapes(config, channels).items()}
    for name in tensors:
        tensors[name] += np.float32(name.endswith("affine.bias"))
    folder.mkdir(parents=True, exist_ok=True)
    model = folder / "tiny.safetensors"
    save_safetensors(model, Checkpoint("stylegan2", _CONFIG, tensors, {}))
    made = Nursery(folder, np.random.default_rng(seed), model, load_generator(str(model)))
    first = made.bundle("first", 1)
    FrameMaker(made.generator, first.look).pictures(first.table, [1])  # torch prepares what every child would
    return made


def end_of(pid: int, seconds: float = 120.0) -> int:
    """Exit status of a child, negative where a signal ended it; one that takes too long is killed and is a bug."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.002)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return BUG


def contents(bundle: Bundle) -> dict[int, str]:
    """Frame -> sha256 of its file, for the files that are there."""
    paths = {frame: bundle.frame_path(frame) for frame in bundle.frame_numbers()}
    return {frame: hashlib.sha256(path.read_bytes()).hexdigest() for frame, path in paths.items() if path.exists()}


def done_frames(bundle: Bundle) -> set[int]:
    """Frames that count as done at a glance."""
    return set(bundle.frame_numbers()) - set(bundle.wanted(bundle.frame_numbers()))


def bad_but_done(bundle: Bundle) -> set[int]:
    """Frames that count as done at a glance and are not when every byte is read: there must be none."""
    return done_frames(bundle) & set(bundle.wanted(bundle.frame_numbers(), deep=True))


def strays(bundle: Bundle) -> list[Path]:
    """What a killed process left: temporary files and leases."""
    return [*bundle.folder.rglob(".*.tmp"), *bundle.folder.rglob("*.lease")]


def made_twice(bundle: Bundle) -> int:
    """How many finished frames the journal tells beyond one for each."""
    made = [entry["frame"] for entry in journal.read(bundle.journal_path) if entry["event"] == "frame"]
    return len(made) - len(set(made))


def require(holds: object, what: str) -> None:
    """Ends the soak with a sentence where something does not hold."""
    if not holds:
        print(f"soak: {what}", file=sys.stderr)
        raise AssertionError(what)

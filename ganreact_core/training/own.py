"""An artist's own network: a folder of pictures -> a safetensors file, over as many sittings as it takes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from ..errors import UsageError
from ..models import EMBEDDED
from ..synthesis.checkpoints.safetensors_file import save_safetensors
from .export import checkpoint_of
from .folder import folder_pool
from .loom import shipped_loom
from .state import Plan, State
from .textures import weave_of_pictures
from .train import averaged, run

RESOLUTIONS = (32, 64, 128, 256)
_CHANNELS = {4: 128, 8: 128, 16: 128, 32: 96, 64: 48, 128: 24, 256: 12}
_PICTURES_EACH_STAGE = 40_000  # seen at a resolution before the next one fades in
_FIRST_RESOLUTION = 16
_CRITIC_BESIDE = 0.1  # weight of the critic beside the textures: a fresh one is soon surer than it is right
_SURE = 0.6  # Karras et al. 2020b: the mean sign at which augmentation holds


@dataclass(frozen=True)
class OwnNetwork:
    """What is to be trained.

    resolution   of the pictures it makes: 32, 64, 128 or 256
    texture      every piece of a picture is one too: cloth, water, rust; the network then fills frames of any size
    seed         of the first weights
    """

    resolution: int = 128
    texture: bool = False
    seed: int = 1

    def plan(self, classes: tuple[str, ...]) -> Plan:
        """How it is trained on these classes; raises UsageError for a resolution that is not offered."""
        if self.resolution not in RESOLUTIONS:
            raise UsageError(f"a network of {self.resolution} pixels cannot be trained here; use "
                             f"{', '.join(map(str, RESOLUTIONS[:-1]))} or {RESOLUTIONS[-1]}")
        if self.texture:  # shaped as the embedded network, whose weights it begins with; the textures need the full size
            own: dict[str, Any] = {name: tuple(pair for pair in widths if pair[0] <= self.resolution)
                                   for name, widths in (("channels", Plan.channels), ("critic_channels", Plan.critic_channels))}
            return Plan(classes=classes, seed=self.seed, stages=((self.resolution, 1 << 40),), textures=1.0,
                        critic=_CRITIC_BESIDE, rate=(0.0015, 0.0015), r1=(2.0, 16), augment=_SURE, **own)
        sizes = [size for size in _CHANNELS if size <= self.resolution]
        widths = tuple((size, _CHANNELS[size]) for size in sizes)
        steps = [size for size in sizes if size >= _FIRST_RESOLUTION]
        ends = [_PICTURES_EACH_STAGE * k for k in range(1, len(steps))] + [1 << 40]
        return Plan(classes=classes, channels=widths, critic_channels=widths, latent=(128, 128), seed=self.seed,
                    stages=tuple(zip(steps, ends, strict=True)), large=0.0, layout=False,
                    rate=(0.0025, 0.0025), ema=10_000, augment=_SURE, r1=(1.0, 16))


def train_own(folder: Path, out: Path, wanted: OwnNetwork, seconds: float, *, device: str = "cpu",
              tell: Callable[[State, float], None] = lambda state, rate: None,
              say: Callable[[str], None] = lambda text: None, cancelled: Callable[[], bool] = lambda: False) -> State:
    """Train for so long, or go on where the last sitting ended; `out` is written at the end, also of a cancelled one.

    Beside OUT.safetensors lies OUT.training: the state to go on from, a log, and a sheet every few minutes.
    Raises InputFileError for a folder without pictures, and for a state of other pictures or another size.
    """
    torch.manual_seed(wanted.seed)
    pool = folder_pool(folder, wanted.resolution, say)
    plan = wanted.plan(pool.classes)
    beside = out.with_suffix(".training")
    beside.mkdir(parents=True, exist_ok=True)
    stored = beside / "state.pt"
    state = State.load(plan, stored, device) if stored.is_file() else State.begin(plan, device)
    if wanted.texture and not stored.is_file():
        state.take_over(EMBEDDED)
    say(f"{len(pool)} pictures in {len(pool.classes)} class{'es' if len(pool.classes) > 1 else ''}; "
        f"sheets and the state to go on from are in '{beside.name}'")
    weave = weave_of_pictures(shipped_loom(), pool, plan.latent[0]) if wanted.texture else None
    run(state, pool, beside, seconds, tell, cancelled, weave)
    card = {"trained_pictures": state.pictures, "trained_seconds": round(state.seconds)}
    made = checkpoint_of(plan, state.average, averaged(state).resolution[0], licence="the artist's own", **card)
    save_safetensors(out, made, half=True)
    return state

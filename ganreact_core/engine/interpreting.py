"""A track and names of categories -> the patch of a GANterpretation (Castro 2020), for this very track."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..class_names import names_in
from ..envelopes import FrameRange
from ..ganterpretations import Plan, interpret, plan, plan_classic, plan_from_table
from ..listening import Listening
from ..look import Look
from ..models import EMBEDDED, model_file
from ..patches import Patch
from .hearing import Advance, listen

_FPS = 24.0
_THRESHOLD = 0.035
_TRUNCATION = {"biggan": 0.4}


@dataclass(frozen=True)
class Wish:
    """What is to be interpreted.

    categories   names in order; missing ones are drawn by the seed
    table        (seconds, name) instead of inflection points; empty: none
    z            "interpolated" or "held" between categories
    classic      timing and inflection points of the reference's code
    onto         a patch that moves with the music otherwise; the categories are laid over it
    """

    audio: str
    model: str = EMBEDDED
    categories: Sequence[str] = ()
    table: Sequence[tuple[float, str]] = ()
    z: str = "interpolated"
    classic: bool = False
    seed: int = 0
    onto: Patch | None = None


def interpreted(wish: Wish, advance: Advance = lambda fraction, text: None) -> Patch:
    """The patch: entries for the categories, a path through them, sparse keys of its position over the whole track."""
    from ..synthesis.checkpoints import read_checkpoint

    checkpoint = read_checkpoint(model_file(wish.model))
    names = names_in(checkpoint.config, checkpoint.origin)
    found = listen(Listening(wish.audio), advance)
    frames = FrameRange.of_duration(_FPS, found.duration_s)
    if wish.table:
        planned = plan_from_table(found, wish.table, frames)
    elif wish.classic:
        planned = _classic(wish, frames, names)
    else:
        planned = plan(found, wish.categories, frames, seed=wish.seed, pool=_pool(names))
    patch = wish.onto or _bare(_TRUNCATION.get(checkpoint.architecture, 1.0))
    patch = replace(patch, look=replace(patch.look, model=wish.model))
    return interpret(patch, planned, z=wish.z, classes=names, seed=wish.seed)


def _bare(truncation: float) -> Patch:
    look = Look(id="ganterpretation", label="GANterpretation")
    return Patch("GANterpretation", "Categories at the inflection points of one track", look=look,
                 values={"truncation": truncation})


def _classic(wish: Wish, frames: FrameRange, names: Sequence[str]) -> Plan:
    """Everything on the reference's own grid: the left channel at the file's own rate."""
    from ..audio import classic_ganterpretations as gi
    from ..audio import load_audio

    sound = load_audio(wish.audio, sample_rate_hz=None, channel=0)
    variation = gi.smoothed(gi.total_variation(sound.samples, sound.sample_rate_hz))
    if len(variation) < 2:
        variation = np.ones(2)
    points = gi.inflection_points(variation, "min", _THRESHOLD)
    return plan_classic(points, gi.alphas(variation, points), sound.sample_rate_hz, wish.categories, frames, seed=wish.seed,
                        pool=_pool(names))


def _pool(names: Sequence[str]) -> tuple[str, ...]:
    """What missing categories are drawn from: classes by number, so that two of one name stay two."""
    return tuple(name.partition(",")[0].strip() for name in names)

"""A track and a patch -> a bundle, without Blender: audio → features → envelopes → table → bundle."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from ..bundle import CARRIED_MODEL, Bundle, Sound, create_bundle, require_free_or_ours
from ..corrections import Corrections, corrected
from ..envelopes import FrameRange, Placed, make_envelopes
from ..errors import UsageError
from ..features import FeatureSet
from ..files import file_sha256, shown
from ..listening import Listening
from ..look import Look, notices
from ..looping import Loop, Span, looped, span_of
from ..models import EMBEDDED, model_sha256
from ..patches import Patch, keyed_values
from ..table import Table, evaluate
from .carry import carry_masks, carry_rewrites
from .hearing import Advance, listen

_SEEDS_APART, _SEEDS = 1000, 1 << 32


@dataclass(frozen=True)
class Material:
    """Notes, a table or another sound beside the track, and the moment of the track at which it begins."""

    listening: Listening
    at_s: float = 0.0


@dataclass(frozen=True)
class Order:
    """What is to be rendered. `size` None keeps the patch's; `duration_s` None is to the end of the track.

    listening   the track, and how it is heard
    materials   id -> what envelopes listen to beside it
    corrections what the artist knows better about the track: sections of a table, a tempo
    kept        format and depth of the frames' files; None keeps the patch's
    loop        so many frames or bars that come round, instead of a duration
    tile        opposite edges of the frames meet
    """

    listening: Listening
    patch: Patch
    model: str = EMBEDDED
    size: tuple[int, int] | None = None
    fps: float = 24.0
    start_s: float = 0.0
    duration_s: float | None = None
    seed: int = 0
    materials: Mapping[str, Material] = field(default_factory=dict)
    corrections: Corrections = field(default_factory=Corrections)
    kept: tuple[str, int] | None = None
    loop: Loop | None = None
    tile: bool = False


def compose(order: Order, folder: Path, advance: Advance = lambda fraction, text: None) -> tuple[Bundle, tuple[str, ...]]:
    """Make, or make again, the bundle of an order; frames in the folder that are still right are kept.

    Returns it with sentences on what was odd about the sound or could not be had as asked.
    """
    require_free_or_ours(folder)
    sha256 = model_sha256(order.model)
    doubts = _doubts(order.model) if order.model != EMBEDDED else []
    found = corrected(listen(order.listening, advance), order.corrections)
    materials = {name: Placed(listen(material.listening), material.at_s) for name, material in order.materials.items()}
    _require_range(order, found)
    span = span_of(order.loop, found, order.fps, order.start_s) if order.loop else None
    frames = _frames(order, found, span)
    look, table = _played(order, found, materials, frames, span)
    sound = Sound(shown(order.listening.file), file_sha256(Path(order.listening.file)), frames.start_s)
    made = create_bundle(folder, look, table, sha256, sound=sound)
    carry_masks(made, look, advance)
    carry_rewrites(made, look)
    return replace(made, look=look), (*found.warnings, *_shortened(order, found), *_unheard(order), *doubts, *notices(look))


def _doubts(model: str) -> list[str]:
    """What looks wrong with a network; raises CheckpointError now rather than after the music was heard and a folder made."""
    from ..synthesis import load_kept
    from ..synthesis.sanity import picture_doubts

    return picture_doubts(load_kept(model))


def carry_model(bundle: Bundle, model: str) -> None:
    """Put the network into the bundle as safetensors, so that it renders on a machine that does not have it."""
    if model == EMBEDDED:
        return
    from ..synthesis.checkpoints import read_checkpoint, save_safetensors

    checkpoint = read_checkpoint(model)
    origin = {**checkpoint.origin, "source_sha256": bundle.model_sha256}
    save_safetensors(bundle.folder / CARRIED_MODEL, replace(checkpoint, origin=origin))


def _played(order: Order, found: FeatureSet, materials: Mapping[str, Placed], frames: FrameRange,
            span: Span | None) -> tuple[Look, Table]:
    """The look, and the music's way through it."""
    look, patch = _look(order), order.patch
    played = replace(frames, n_frames=span.n_frames + span.n_fade) if span else frames
    keyed = {address: np.concatenate([value, np.repeat(value[-1:], played.n_frames - frames.n_frames)])
             if isinstance(value, np.ndarray) else value for address, value in keyed_values(patch, frames.n_frames).items()}
    envelopes = make_envelopes(patch.envelopes, found, played, materials)
    table = evaluate(look, patch.routes, keyed, envelopes, n_frames=played.n_frames, fps=played.fps)
    return looped(look, table, span) if span else (look, table)


def _require_range(order: Order, found: FeatureSet) -> None:
    """Raises UsageError where no frames can be made of this track from there on."""
    if not 1 <= order.fps <= 240:
        raise UsageError(f"{order.fps:g} frames a second cannot be made; use 1 to 240")
    if not 0 <= order.start_s < found.duration_s:
        raise UsageError(f"the track is {found.duration_s:.1f} s long and cannot start at {order.start_s:g} s; start earlier")


def _frames(order: Order, found: FeatureSet, span: Span | None) -> FrameRange:
    """The frames of the film, or of the loop."""
    if span:
        return FrameRange(order.fps, span.n_frames, span.start_s)
    left_s = found.duration_s - order.start_s
    return FrameRange.of_duration(order.fps, min(order.duration_s or left_s, left_s), order.start_s)


def _shortened(order: Order, found: FeatureSet) -> list[str]:
    """A sentence where the track ends before the duration that was asked for."""
    left_s = found.duration_s - order.start_s
    if not order.duration_s or order.duration_s < left_s + 1 / order.fps:
        return []
    return [f"the track ends {left_s:.1f} s after {order.start_s:g} s, and so do the pictures; "
            f"{order.duration_s:g} s were asked for"]


def _unheard(order: Order) -> list[str]:
    """A sentence for every file beside the track that no envelope of the patch listens to."""
    heard = {recipe.material for recipe in order.patch.envelopes}
    return [f"no envelope of the patch listens to '{name}', so it moves nothing; an envelope does with \"material\": \"{name}\""
            for name in order.materials if name not in heard]


def _look(order: Order) -> Look:
    """The patch's look with the order's model, size, format and seed; another seed means other pictures in the palette."""
    look = order.patch.look
    entries = tuple(replace(e, seed=(e.seed + _SEEDS_APART * order.seed) % _SEEDS) for e in look.entries)
    seed = (look.seed + order.seed) % _SEEDS
    kept, depth = order.kept or (look.format, look.depth)
    canvas = replace(look.canvas, seamless=look.canvas.seamless or order.tile)
    return replace(look, canvas=canvas, format=kept, depth=depth, model=order.model, size=order.size or look.size,
                   entries=entries, seed=seed)

"""A track and a patch -> a bundle, without Blender: audio → features → envelopes → table → bundle."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from ..bundle import CARRIED_MODEL, Bundle, Sound, create_bundle, require_free_or_ours
from ..corrections import Corrections, corrected
from ..envelopes import FrameRange, Placed, make_envelopes
from ..errors import UsageError
from ..features import FeatureSet
from ..files import file_sha256
from ..listening import Listening
from ..look import Look, notices
from ..models import EMBEDDED, model_sha256
from ..patches import Patch, keyed_values
from ..table import evaluate
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


def compose(order: Order, folder: Path, advance: Advance = lambda fraction, text: None) -> tuple[Bundle, tuple[str, ...]]:
    """Make, or make again, the bundle of an order; frames in the folder that are still right are kept.

    Returns it with sentences on what was odd about the sound or could not be had as asked.
    """
    require_free_or_ours(folder)
    sha256 = model_sha256(order.model)
    doubts = _doubts(order.model) if order.model != EMBEDDED else []
    found = corrected(listen(order.listening, advance), order.corrections)
    materials = {name: Placed(listen(material.listening), material.at_s) for name, material in order.materials.items()}
    frames = _frames(order, found)
    look = _look(order)
    envelopes = make_envelopes(order.patch.envelopes, found, frames, materials)
    table = evaluate(look, order.patch.routes, keyed_values(order.patch, frames.n_frames), envelopes,
                     n_frames=frames.n_frames, fps=frames.fps)
    sound = Sound(Path(order.listening.file).name, file_sha256(Path(order.listening.file)), order.start_s)
    made = create_bundle(folder, look, table, sha256, sound=sound)
    carry_masks(made, look, advance)
    carry_rewrites(made, look)
    return replace(made, look=look), (*found.warnings, *doubts, *notices(look))


def _doubts(model: str) -> list[str]:
    """What looks wrong with a network; raises CheckpointError now rather than after the music was heard and a folder made."""
    from ..synthesis.checkpoints import read_checkpoint
    from ..synthesis.load import make_generator
    from ..synthesis.sanity import picture_doubts

    return picture_doubts(make_generator(read_checkpoint(model)))


def carry_model(bundle: Bundle, model: str) -> None:
    """Put the network into the bundle as safetensors, so that it renders on a machine that does not have it."""
    if model == EMBEDDED:
        return
    from ..synthesis.checkpoints import read_checkpoint, save_safetensors

    checkpoint = read_checkpoint(model)
    origin = {**checkpoint.origin, "source_sha256": bundle.model_sha256}
    save_safetensors(bundle.folder / CARRIED_MODEL, replace(checkpoint, origin=origin))


def _frames(order: Order, found: FeatureSet) -> FrameRange:
    if not 1 <= order.fps <= 240:
        raise UsageError(f"{order.fps:g} frames a second cannot be made; use 1 to 240")
    left_s = found.duration_s - order.start_s
    if not (order.start_s >= 0 and left_s > 0):
        raise UsageError(f"the track is {found.duration_s:.1f} s long and cannot start at {order.start_s:g} s")
    return FrameRange.of_duration(order.fps, min(order.duration_s or left_s, left_s), order.start_s)


def _look(order: Order) -> Look:
    """The patch's look with the order's model, size and seed; another seed means other pictures in the palette."""
    look = order.patch.look
    entries = tuple(replace(e, seed=(e.seed + _SEEDS_APART * order.seed) % _SEEDS) for e in look.entries)
    seed = (look.seed + order.seed) % _SEEDS
    return replace(look, model=order.model, size=order.size or look.size, entries=entries, seed=seed)

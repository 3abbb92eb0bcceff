"""A track and a patch -> a bundle, without Blender: audio → features → envelopes → table → bundle."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from .. import audio
from ..bundle import Bundle, create_bundle
from ..envelopes import FrameRange, make_envelopes
from ..errors import InputFileError, UsageError
from ..features import FeatureSet, kept_features, load_features, save_features
from ..files import file_sha256
from ..look import Look
from ..models import EMBEDDED, model_file, model_sha256
from ..patches import Patch, keyed_values
from ..table import evaluate

_SEEDS_APART = 1000


@dataclass(frozen=True)
class Order:
    """What is to be rendered. `size` None keeps the patch's; `duration_s` None is to the end of the track."""

    audio: str
    patch: Patch
    model: str = EMBEDDED
    size: tuple[int, int] | None = None
    fps: float = 24.0
    start_s: float = 0.0
    duration_s: float | None = None
    seed: int = 0


Advance = Callable[[float, str], None]


def listen(path: str, advance: Advance = lambda fraction, text: None) -> FeatureSet:
    """The features of a file, from the user's cache where this very file was heard before."""
    kept = kept_features(file_sha256(Path(path)))
    try:
        return load_features(kept)
    except InputFileError:
        found = audio.analyze(audio.load_audio(path), advance)
        save_features(kept, found)
        return found


def compose(order: Order, folder: Path, advance: Advance = lambda fraction, text: None) -> Bundle:
    """Make, or make again, the bundle of an order; frames in the folder that are still right are kept."""
    sha256 = model_sha256(order.model)
    found = listen(order.audio, advance)
    frames = _frames(order, found)
    look = _look(order)
    envelopes = make_envelopes(order.patch.envelopes, found, frames)
    table = evaluate(look, order.patch.routes, keyed_values(order.patch, frames.n_frames), envelopes,
                     n_frames=frames.n_frames, fps=frames.fps)
    return create_bundle(folder, look, table, sha256)


def carry_model(bundle: Bundle, model: str) -> None:
    """Put the network into the bundle, so that it renders on a machine that does not have it."""
    path = model_file(model)
    if model != EMBEDDED and path.suffix == ".safetensors":
        shutil.copyfile(path, bundle.folder / "model.safetensors")


def _frames(order: Order, found: FeatureSet) -> FrameRange:
    if not 1 <= order.fps <= 240:
        raise UsageError(f"{order.fps:g} frames a second cannot be made; use 1 to 240")
    left_s = found.duration_s - order.start_s
    if order.start_s < 0 or left_s <= 0:
        raise UsageError(f"the track is {found.duration_s:.1f} s long and cannot start at {order.start_s:g} s")
    return FrameRange.of_duration(order.fps, min(order.duration_s or left_s, left_s), order.start_s)


def _look(order: Order) -> Look:
    """The patch's look with the order's model, size and seed; another seed means other pictures in the palette."""
    look = order.patch.look
    entries = tuple(replace(e, seed=e.seed + _SEEDS_APART * order.seed) for e in look.entries)
    return replace(look, model=order.model, size=order.size or look.size, entries=entries, seed=look.seed + order.seed)

"""A picture of patches: each plays the same bars, and shows a few moments of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
from PIL import Image, ImageDraw

from ..envelopes import FrameRange, make_envelopes
from ..features import FeatureSet
from ..patches import Patch, keyed_values
from ..table import evaluate

_FPS, _MOMENTS, _SIDE, _LINE = 24.0, 7, 144, 18
_BEAT_S, _BARS = 0.5, 16


def sheet_of(patches: Mapping[str, Patch], model: str = "embedded", found: FeatureSet | None = None, *,
             device: str = "auto", progress: Callable[[float], None] = lambda fraction: None) -> np.ndarray:
    """uint8 [h, w, 3]: a row of moments for every patch, its name above; played to what was heard, or to a made-up piece."""
    from ..synthesis import load_kept

    generator = load_kept(model, device)
    rows = []
    for n, (name, patch) in enumerate(patches.items()):
        rows.append(_captioned(f"{name}: {patch.help}", _moments(patch, generator, found or made_up_piece())))
        progress((n + 1) / len(patches))
    return np.concatenate(rows)


def made_up_piece() -> FeatureSet:
    """Sixteen bars at 120 beats a minute: drums, four chords, a quiet and a loud half."""
    rate, length = 100.0, 4 * _BARS * _BEAT_S
    n = round(rate * length)
    beats = np.arange(0, length, _BEAT_S)
    chroma = np.zeros((n, 12), np.float32)
    for bar, root in enumerate([0, 9, 5, 7] * (_BARS // 4)):
        span = slice(round(bar * n / _BARS), round((bar + 1) * n / _BARS))
        chroma[span, [root, (root + 4) % 12, (root + 7) % 12]] = 1.0
    bass = np.zeros_like(chroma)
    bass[np.arange(n), chroma.argmax(axis=1)] = 1.0
    rms = np.repeat([0.3, 1.0], n // 2).astype(np.float32)
    variation = 0.5 + 0.5 * np.sin(np.arange(n) / 80).astype(np.float32)
    features = {"chroma": chroma, "bass_chroma": bass, "rest_chroma": chroma, "rms": rms, "loudness": rms,
                "variation": variation}
    events = {"beats": beats, "downbeats": beats[::4], "kick": beats[::2], "snare": beats[1::2], "bass": beats[::4],
              "hat": np.arange(0, length, 0.25), "inflections": np.arange(3, length, 3.0),
              "sections": np.array([[0, 8, 0], [8, 16, 1], [16, 24, 2], [24, length, 1]])}
    return FeatureSet(rate, length, features, events, 60 / _BEAT_S)


def _moments(patch: Patch, generator, found: FeatureSet) -> list[np.ndarray]:  # type: ignore[no-untyped-def]
    """Pictures spread over the piece, half of them on a hit."""
    from ..synthesis.frame_maker import FrameMaker
    from ..synthesis.images import fit

    frames = FrameRange.of_duration(_FPS, found.duration_s)
    look = replace(patch.look.for_the_eye(), size=(4 * _SIDE, 4 * _SIDE), canvas=replace(patch.look.canvas, detail=0.5))
    envelopes = make_envelopes(patch.envelopes, found, frames)
    table = evaluate(look, patch.routes, keyed_values(patch, frames.n_frames), envelopes, n_frames=frames.n_frames, fps=_FPS)
    maker = FrameMaker(generator, look, batch=1)
    hits = frames.frame_of(found.events.get("kick", np.zeros(0)))
    chosen = np.linspace(0.05, 0.95, _MOMENTS) * frames.n_frames
    at = [int(hits[np.abs(hits - place).argmin()]) if n % 2 and len(hits) else int(place) for n, place in enumerate(chosen)]
    pictures = [maker.pictures(table, [1 + min(max(k, 0), frames.n_frames - 1)])[0] for k in at]
    return [fit(fit(picture, look.size), (_SIDE, _SIDE)) for picture in pictures]  # as a render crops it


def _captioned(text: str, pictures: list[np.ndarray]) -> np.ndarray:
    from ..synthesis.images import contact_sheet

    row = contact_sheet(pictures, len(pictures))
    line = Image.new("RGB", (row.shape[1], _LINE), (14, 17, 23))
    ImageDraw.Draw(line).text((4, 3), text.encode("latin-1", "replace").decode("latin-1"), fill=(230, 233, 239))
    return np.concatenate([np.asarray(line), row, np.full((4, row.shape[1], 3), 14, np.uint8)])

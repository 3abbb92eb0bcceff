"""The loop that trains a sound network: steps until a time is over, saved and shown on the way, resumable at any point."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from ..files import write_whole
from ..synthesis.generators.gansynth import GANSynth
from .sound_lessons import KINDS, lesson_of, place_of
from .sound_pool import ClipPool, LessonPool, lesson_picture
from .sound_state import SoundState
from .sound_step import train_step

_SAVE_EVERY_S, _LOOK_EVERY_S = 120.0, 300.0
_COLUMNS = 6


def run(state: SoundState, pool: LessonPool | ClipPool, out: Path, seconds: float, *,
        stopped: Callable[[], bool] = lambda: False,
        advance: Callable[[float, str], None] = lambda fraction, text: None) -> None:
    """Steps for so long; state.pt and previews in `out`, also at the end and where it was stopped."""
    begun = saved = looked = time.monotonic()
    while (now := time.monotonic()) - begun < seconds and not stopped():
        train_step(state, pool)
        said = ", ".join(f"{name} {value:.4f}" for name, value in state.last.items())
        advance(min(1.0, (now - begun) / seconds), f"{state.sounds} sounds, {said}")
        if state.steps % 50 == 0:
            with (out / "log.jsonl").open("a") as log:
                log.write(json.dumps({"sounds": state.sounds, "seconds": round(now - begun), **state.last}) + "\n")
        if now - looked > _LOOK_EVERY_S:
            save_preview(state.averaged, out / f"preview-{state.sounds:07d}.png", taught=isinstance(pool, LessonPool))
            looked = now
        if now - saved > _SAVE_EVERY_S:
            state.save(out / "state.pt")
            saved = now
    save_preview(state.averaged, out / f"preview-{state.sounds:07d}.png", taught=isinstance(pool, LessonPool))
    state.save(out / "state.pt")


@torch.no_grad()
def save_preview(network: GANSynth, path: Path, *, taught: bool) -> None:
    """Pictures of the network's sounds, magnitude over phase; after lessons each beside the sound it should be."""
    rng = np.random.default_rng(3)
    rows = []
    for k in range(len(KINDS) if taught else 2):
        row = []
        for n in range(_COLUMNS):
            z = rng.normal(size=network.z_dim).astype(np.float32)
            midi = network.pitches[(3 * n + k) % network.c_dim]
            if taught:
                z[2:4] = place_of(KINDS[k])
                row.append(shown(lesson_picture(network, lesson_of(z, midi))[:2]))
            row.append(shown(network.synthesize(network.map(torch.from_numpy(z)[None], network.pitch(midi)))[0]))
        rows.append(np.concatenate(row, axis=1))
    sheet = Image.fromarray(np.concatenate(rows))
    content = _png(sheet.resize((sheet.width // 2, sheet.height // 4)))
    write_whole(path, content)


def shown(picture: torch.Tensor) -> np.ndarray:
    """[2, frames, bands] -> uint8 [2·bands, frames]: phase below magnitude, low bands at the bottom of each."""
    grey = ((picture.float() * 0.6 + 0.5).clamp(0, 1) * 255).byte().numpy()
    frame = np.concatenate([grey[0].T[::-1], grey[1].T[::-1]])
    frame[:, -2:] = 255
    frame[-8:] = 255
    return frame


def _png(image: Image.Image) -> bytes:
    packed = io.BytesIO()
    image.save(packed, "PNG")
    return packed.getvalue()

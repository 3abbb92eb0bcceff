"""`train-sound`: a folder of recordings, or the project's own made sounds, become a small GANSynth."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ..errors import AudioError, Cancelled, UsageError

MADE = "made"
_SUFFIXES = (".wav", ".flac", ".ogg", ".mp3", ".aif", ".aiff", ".m4a", ".opus")
_MOST_CLIPS = 6000
_NO_PITCH = 48
_LESSONS = 10_000
_FIRST_LESSONS, _POOL = 480, 900
_MADE_TOLD: dict[str, object] = {
    "licence": "GPL-3.0-or-later, trained on sounds made by the project's own code",
    "trained_on": "sounds that a latent asks for",
}


@dataclass(frozen=True)
class SchoolOrder:
    """What is to be trained.

    source    a folder of recordings, or "made"
    out       the model's file
    run       folder in which the training is kept, so that it can go on
    minutes   how long
    overlap   of neighbouring clips, 0 to below 1
    """

    source: str
    out: Path
    run: Path
    minutes: float
    overlap: float = 0.5


def train_sound(order: SchoolOrder, advance: Callable[[float, str], None], stopped: Callable[[], bool]) -> dict[str, object]:
    """Train, or go on; returns {"sounds", "clips"}. The model is written at the end, and also where it was stopped."""
    import torch

    from ..training.sound_export import export_sound
    from ..training.sound_pool import ClipPool, LessonPool
    from ..training.sound_start import teach_first_layer
    from ..training.sound_state import SoundPlan, SoundState
    from ..training.sound_train import run

    torch.set_num_threads(max(1, torch.get_num_threads()))
    plan, clips, pitches = SoundPlan(lessons=_LESSONS), np.zeros(0), np.zeros(0, int)
    if order.source != MADE:
        clips, midi = read_clips(Path(order.source), plan.config.n_samples, plan.config.sample_rate, order.overlap)
        plan = replace(plan, lessons=0, pitches=tuple(sorted(set(midi.tolist()))))
        pitches = np.searchsorted(np.array(plan.pitches), midi)
    stored = order.run / "state.pt"
    state = SoundState.load(plan, stored) if stored.is_file() else SoundState.begin(plan)
    order.run.mkdir(parents=True, exist_ok=True)
    seed = plan.seed + state.steps
    if order.source == MADE:
        pool: LessonPool | ClipPool = LessonPool(state.network, _POOL, 1, seed)
        first = pool.batch(_FIRST_LESSONS)
        if not state.steps:
            teach_first_layer(state, [first])
    else:
        pool = ClipPool(state.network, clips, pitches, seed)
    run(state, pool, order.run, order.minutes * 60, stopped=stopped, advance=advance)
    export_sound(state, order.out, _MADE_TOLD if order.source == MADE else {"trained_on": f"{len(clips)} clips of recordings"})
    if stopped():
        raise Cancelled(f"stopped after {state.sounds} sounds; the same command goes on from there")
    return {"sounds": state.sounds, "clips": len(clips)}


def read_clips(folder: Path, n_samples: int, rate_hz: int, overlap: float) -> tuple[np.ndarray, np.ndarray]:
    """Clips [n, n_samples] of every recording below a folder, and the MIDI number of each."""
    from ..audio import load_audio
    from ..training.sound_clips import cut_clips, pitches_of

    if not folder.is_dir():
        raise UsageError(f"'{folder.name}' is no folder of recordings; choose one, or '{MADE}' for the project's own sounds")
    if not 0 <= overlap <= 0.95:
        raise UsageError(f"clips cannot overlap by {overlap}; use 0 to 0.95")
    files = sorted(p for p in folder.rglob("*") if p.suffix.lower() in _SUFFIXES and p.is_file())
    named = pitches_of(p.name for p in files) or [_NO_PITCH] * len(files)
    clips: list[np.ndarray] = []
    midi: list[int] = []
    for file, pitch in zip(files, named, strict=True):
        cut = cut_clips(load_audio(file, sample_rate_hz=rate_hz).samples, n_samples, overlap)
        clips, midi = [*clips, *cut], midi + [pitch] * len(cut)
        if len(clips) > _MOST_CLIPS:
            raise UsageError(f"the recordings give more than {_MOST_CLIPS} clips; take fewer of them, or less overlap")
    if len(clips) < 2:
        raise AudioError(f"the folder '{folder.name}' gives {len(clips)} clips that can be heard; add longer recordings")
    return np.stack(clips), np.array(midi)

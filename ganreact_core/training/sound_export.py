"""The average of a sound network's training as a file of our own format, with a card that says how it was made."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from ..synthesis.checkpoints import Checkpoint, save_safetensors
from .sound_state import SoundState


def export_sound(state: SoundState, path: str | Path, told: dict[str, object]) -> None:
    """Write 16-bit numbers.

    told   what the card says beside the shape: licence, what it was trained on
    """
    tensors = {name: t.detach().float().contiguous().numpy() for name, t in state.average.items()}
    config = {name: list(value) if isinstance(value, tuple) else value
              for name, value in dataclasses.asdict(state.plan.config).items()}
    save_safetensors(path, Checkpoint("gansynth", config, tensors, {**told, **_how(state)}), half=True)


def _how(state: SoundState) -> dict[str, object]:
    """How many sounds were seen, and who taught."""
    teacher = "a critic" if not state.plan.lessons else "regression of pictures"
    both = bool(state.plan.lessons) and state.sounds > state.plan.lessons
    return {"trained_sounds": state.sounds, "trained_by": f"{teacher}, then a critic beside it" if both else teacher}

"""Composes the tracks to train and to score with, into a folder: `python -m listening.make FOLDER N_TRAIN N_SCORE`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import soundfile

from .samples import HELD_BACK, RATE, kits
from .tracks import Composer

FIRST_SCORE_SEED = 10_000


def main(folder: Path, n_train: int, n_score: int, first_train: int = 0) -> None:
    """Tracks 0 … n_train − 1 from the kits to train with; those to score with from the kits held back."""
    folder.mkdir(parents=True, exist_ok=True)
    every = kits()
    train = {name: kit for name, kit in every.items() if name not in HELD_BACK}
    score = {name: kit for name, kit in every.items() if name in HELD_BACK}
    for k in range(n_score):
        _write(folder / f"score{k:03d}", Composer(FIRST_SCORE_SEED + k, score, seconds=90))
    for k in range(first_train, first_train + n_train):
        _write(folder / f"train{k:03d}", Composer(k, train, seconds=32, varied=True))


def _write(stem: Path, composer: Composer) -> None:
    track = composer.compose()
    stem.with_suffix(".json").write_text(json.dumps(track.facts))
    np.savez_compressed(stem.with_suffix(".npz"), **{name: a.astype(np.float16) for name, a in track.parts.items()})
    if stem.name.startswith("score"):
        soundfile.write(stem.with_suffix(".ogg"), track.mix, RATE, format="OGG", subtype="VORBIS")


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(int, sys.argv[2:]))

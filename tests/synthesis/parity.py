"""A generator beside what the reference code computed with the same checkpoint."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import torch

from ganreact_core.synthesis.checkpoints import read_checkpoint
from ganreact_core.synthesis.load import make_generator

TOLERANCE = 1e-4


class Case:
    """Of STEM.pkl, the checkpoint, and STEM.npz: what the reference made of the latents in it."""

    def __init__(self, stem: Path):
        self.checkpoint = read_checkpoint(stem.with_suffix(".pkl"))
        self.G = make_generator(self.checkpoint)
        with np.load(stem.with_suffix(".npz"), allow_pickle=False) as arrays:
            self.expected = {name: torch.from_numpy(arrays[name]) for name in arrays if name != "meta_json"}
            self.meta = json.loads(str(arrays["meta_json"]))
        self.z = self.expected["z"]
        self.c = self.expected["c"] if self.G.c_dim else None

    def check(self, name: str, found: torch.Tensor) -> None:
        expected = self.expected[name]
        assert found.shape == expected.shape
        worst = float((found - expected).abs().max())
        assert worst <= TOLERANCE, f"{name}: {worst:.2e}"

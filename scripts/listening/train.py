"""Trains the small network that hears drums, on composed tracks: `python -m listening.train FOLDER OUT.safetensors`."""

from __future__ import annotations

import json
import sys
from functools import cache
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import save_file

from ganreact_core.audio.drums import KINDS, heard
from ganreact_core.audio.onsets import band_levels, low_levels
from ganreact_core.audio.spectra import grid_for

from .samples import RATE

WIDTH, TAPS, DILATIONS = 56, 5, (1, 2, 4, 8)
CROP, BATCH, STEPS = 320, 16, 5000
MIXES = 1


def mixes(stem: Path, rng: np.random.Generator):
    """A track mixed anew a few times: its band levels float16 [n, bands], targets float16 [n, 4]."""
    stored = np.load(stem.with_suffix(".npz"))
    parts = {name: stored[name].astype(np.float32) for name in stored.files}
    facts = json.loads(stem.with_suffix(".json").read_text())
    for _ in range(MIXES):
        mix = sum(10 ** (rng.normal() * 4 / 20) * a for a in parts.values()).astype(np.float32)
        mix /= max(np.abs(mix).max(), 1e-6)
        if rng.random() < 0.3:
            drive = rng.uniform(1, 4)
            mix = np.tanh(drive * mix) / np.tanh(drive)
        mix = mix + rng.normal(size=len(mix)).astype(np.float32) * 10 ** rng.uniform(-5, -2.5)
        grid = grid_for(len(mix), RATE)
        levels = np.concatenate([band_levels(mix, grid)[0], low_levels(mix, grid)[0]], axis=1)
        hops = np.arange(grid.n_hops)
        target = np.zeros((grid.n_hops, len(KINDS)), np.float16)
        for column, kind in enumerate(KINDS):
            for t in facts[kind + "s"] if kind != "bass" else [note["start"] for note in facts["bass_notes"]]:
                near = slice(max(0, int(t * grid.hop_rate_hz) - 2), int(t * grid.hop_rate_hz) + 4)
                shape = np.clip(1 - np.abs(hops[near] - t * grid.hop_rate_hz) / 2, 0, 1)
                target[near, column] = np.maximum(target[near, column], shape)
        yield levels.astype(np.float16), target


class Hearing(torch.nn.Module):
    """Three dilated convolutions over time and a linear read-out; bands are channels."""

    def __init__(self, n_bands: int) -> None:
        super().__init__()
        sizes = [n_bands, *[WIDTH] * len(DILATIONS)]
        self.layers = torch.nn.ModuleList(
            torch.nn.Conv1d(a, b, TAPS, dilation=d, padding=d * (TAPS // 2))
            for a, b, d in zip(sizes[:-1], sizes[1:], DILATIONS, strict=True))
        self.out = torch.nn.Conv1d(WIDTH, len(KINDS), 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """[b, n_bands, n] -> logits [b, 4, n]."""
        for k, layer in enumerate(self.layers):
            y = torch.relu(layer(torch.nn.functional.dropout(x, 0.1, self.training) if k else x))
            x = x + y if k else y
        return self.out(x)


@cache
def centres() -> tuple[np.ndarray, int]:
    """Where the bands lie in Hz, and how many of them are of the short window."""
    grid = grid_for(RATE, RATE)
    short, low = (f(np.zeros(RATE, np.float32), grid)[1] for f in (band_levels, low_levels))
    return np.concatenate([short, low]), len(short)


def batch(tracks, rng: np.random.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """Random pieces through random equalisers, at random distances below the track's loudest moment."""
    xs, ys = [], []
    centres_hz, n_short = centres()
    for _ in range(BATCH):
        levels, target = tracks[int(rng.integers(len(tracks)))]
        at = int(rng.integers(max(1, len(levels) - CROP)))
        piece, top = levels[at:at + CROP].astype(np.float32), float(levels[:, :n_short].max())
        curve = np.interp(np.log(centres_hz), np.log(np.geomspace(20, 11_000, 6)), rng.normal(size=6) * 3.5)
        piece = piece * (10 ** (curve / 20)).astype(np.float32)
        xs.append(heard(piece[:, :n_short], piece[:, n_short:], top * 10 ** (rng.normal() * 3 / 20)))
        ys.append(target[at:at + CROP].astype(np.float32))
    return torch.from_numpy(np.stack(xs)).transpose(1, 2), torch.from_numpy(np.stack(ys)).transpose(1, 2)


def main(folder: Path, out: Path) -> None:
    """Train and store the weights as half floats."""
    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    tracks = [m for path in sorted(folder.glob("train*.json")) for m in mixes(path.with_suffix(""), rng)]
    model = Hearing(tracks[0][0].shape[1])
    optimiser = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=1e-4)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 4e-3, STEPS)
    mean = 0.0
    for step in range(STEPS):
        x, y = batch(tracks, rng)
        loss = torch.nn.functional.binary_cross_entropy_with_logits(model(x), y, pos_weight=torch.full((len(KINDS), 1), 2.0))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
        mean += (loss.item() - mean) * 0.01
        if step % 250 == 249:
            print(step + 1, round(mean, 5), flush=True)
            store(model, out)


def store(model: Hearing, out: Path) -> None:
    """weight0 … [taps, in, out], bias0 …, and those of the read-out."""
    arrays = {"dilations": np.array(DILATIONS, np.int32)}
    for k, layer in enumerate([*model.layers, model.out]):
        arrays[f"weight{k}"] = layer.weight.detach().permute(2, 1, 0).contiguous().numpy().astype(np.float16)
        arrays[f"bias{k}"] = layer.bias.detach().numpy()
    save_file(arrays, out)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))

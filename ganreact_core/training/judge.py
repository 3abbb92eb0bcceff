"""Pictures to judge a model by: classes, interpolations, large fields.

python -m ganreact_core.training.judge --model FILE --out FOLDER
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from ..catalogue import GROUPS
from ..look import Canvas, Entry, Look
from ..synthesis import load_generator
from ..synthesis.canvas import Field
from ..synthesis.entries import entry_latent
from ..synthesis.frame_maker import FrameMaker
from ..synthesis.generators.stylegan2 import StyleGAN2
from ..synthesis.images import fit
from ..table import evaluate
from .sheets import save_sheet


def classes_sheet(model: StyleGAN2, columns: int, psi: float) -> list[Tensor]:
    """A row of seeds for every class."""
    return [_draw(model, torch.stack([_latent(model, seed, k) for seed in range(1, columns + 1)]), psi)
            for k in range(model.c_dim)]


def between(model: StyleGAN2, rows: int, columns: int) -> list[Tensor]:
    """Straight lines in w: within a class in the first row, then between neighbouring classes."""
    t = torch.linspace(0, 1, columns)[:, None, None]
    ends = [(_latent(model, 1, 0), _latent(model, 2, 0))]
    ends += [(_latent(model, k, k), _latent(model, k + 1, (k + 5) % model.c_dim)) for k in range(rows - 1)]
    return [_draw(model, a + t * (b - a), 0.9) for a, b in ends]


def large(model: StyleGAN2, classes: range, cells: int, psi: float = 0.9) -> list[Tensor]:
    """One picture of each class on a field of cells × cells, with noise that does not repeat; four to a row."""
    field = Field((cells, cells), "mirror")
    g = torch.Generator().manual_seed(4)
    noise = [torch.randn(1, 1, *field.size_at(layer.size), generator=g) for layer in model.layers[1:]]
    w = torch.stack([_latent(model, 3, k) for k in classes])
    assert model.w_avg is not None
    pictures = model.synthesize(model.w_avg + psi * (w - model.w_avg), noise, input_map=field.extend(model.input_map))
    return list(pictures.split(4))


def variety(model: StyleGAN2, classes: tuple[int, ...], psis: tuple[float, ...]) -> list[Tensor]:
    """A row for each class: the same latent, strayed from the mean picture by more and more."""
    return [torch.cat([_draw(model, _latent(model, 4, k)[None], psi) for psi in psis]) for k in classes]


def swaps(model: StyleGAN2, pairs: tuple[tuple[int, int], ...]) -> list[Tensor]:
    """A row for each pair of classes: the first, the second, then the first with coarse, middle, fine of the second."""
    rows = []
    for a, b in pairs:
        first, second = _latent(model, 1, a), _latent(model, 2, b)
        mixed = [first.clone() for _ in GROUPS]
        for latent, layers in zip(mixed, torch.arange(model.num_ws).tensor_split(len(GROUPS)), strict=True):
            latent[layers] = second[layers]
        rows.append(_draw(model, torch.stack([first, second, *mixed]), 0.9))
    return rows


def frame(model: StyleGAN2, class_: int, size: tuple[int, int], canvas: Canvas) -> np.ndarray:
    """A frame as it is rendered: uint8 [height, width, 3]."""
    look = Look(size=size, canvas=canvas, entries=(Entry("a", "A", 3, class_, default=1.0),))
    table = evaluate(look, (), {"truncation": 0.95}, {}, n_frames=1, fps=24.0)
    return fit(FrameMaker(model, look).pictures(table, [1])[0], size)


def _latent(model: StyleGAN2, seed: int, class_: int) -> Tensor:
    return entry_latent(model, Entry("judge", "", seed, class_))


def _draw(model: StyleGAN2, w: Tensor, psi: float) -> Tensor:
    mean = model.w_avg if model.w_avg is not None else torch.zeros(())
    return model.synthesize(mean + psi * (w - mean))


@torch.inference_mode()
def main() -> None:
    """Write classes.png, classes-07.png, between.png, large.png, variety.png, swaps.png, frame-….png, tile.png."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="embedded")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    model = load_generator(args.model)
    assert isinstance(model, StyleGAN2)
    save_sheet(classes_sheet(model, 10, 1.0), args.out / "classes.png")
    save_sheet(classes_sheet(model, 10, 0.7), args.out / "classes-07.png")
    save_sheet(between(model, 9, 10), args.out / "between.png")
    save_sheet(large(model, range(model.c_dim), 8), args.out / "large.png")
    save_sheet(variety(model, (0, 2, 5, 7), (0.0, 0.2, 0.4, 0.6, 0.8, 1.0, 1.2, 1.5)), args.out / "variety.png")
    save_sheet(swaps(model, ((0, 2), (5, 10), (7, 3), (8, 11))), args.out / "swaps.png")
    for class_ in range(0, model.c_dim, 5):
        Image.fromarray(frame(model, class_, (1920, 1080), Canvas())).save(args.out / f"frame-{class_}.png")
    tile = frame(model, 4, (256, 256), Canvas("tile", seamless=True))
    Image.fromarray(np.tile(tile, (2, 2, 1))).save(args.out / "tile.png")


if __name__ == "__main__":
    main()

"""Pictures to judge a model by: classes, interpolations, large fields.

python -m ganreact_core.training.judge --model FILE --out FOLDER
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch
from torch import Tensor

from ..look import Entry
from ..synthesis import load_generator
from ..synthesis.canvas import Field
from ..synthesis.entries import entry_latent
from ..synthesis.generators.stylegan2 import StyleGAN2
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


def _latent(model: StyleGAN2, seed: int, class_: int) -> Tensor:
    return entry_latent(model, Entry("judge", "", seed, class_))


def _draw(model: StyleGAN2, w: Tensor, psi: float) -> Tensor:
    mean = model.w_avg if model.w_avg is not None else torch.zeros(())
    return model.synthesize(mean + psi * (w - mean))


@torch.inference_mode()
def main() -> None:
    """Write classes.png, classes-07.png, between.png, large.png."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="embedded")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    model = load_generator(args.model)
    assert isinstance(model, StyleGAN2)
    save_sheet(classes_sheet(model, 10, 1.0), args.out / "classes.png")
    save_sheet(classes_sheet(model, 10, 0.7), args.out / "classes-07.png")
    save_sheet(between(model, 9, 10), args.out / "between.png")
    save_sheet(large(model, range(model.c_dim), 16), args.out / "large.png")


if __name__ == "__main__":
    main()

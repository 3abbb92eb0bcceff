"""How good a model of `imagery` is: accuracy, kernel distance and diversity in the features of our own classifier.

python -m ganreact_core.training.scores MODEL.safetensors [OTHER.safetensors …]
"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict, dataclass

import torch
from torch import Tensor

from ..synthesis import load_generator
from ..synthesis.generators.stylegan2 import StyleGAN2
from .classifier import Classifier, fresh, trained_classifier
from .imagery import CLASSES
from .networks import mixed_latents, own_field

_EACH = 96
_CHUNK = 32


@dataclass(frozen=True)
class Scores:
    """Measured over 96 fresh pictures a class.

    accuracy    share of pictures that the classifier takes for what they should be
    kid         kernel distance to fresh pictures (Bińkowski et al. 2018), × 1000
    diversity   mean distance of two pictures of a class, as a share of the real one's: the mean over classes, and the least
    """

    accuracy: float
    kid: float
    diversity: float
    least_diversity: float
    accuracy_by_class: dict[str, float]


@torch.no_grad()
def scores_of(classifier: Classifier, pictures: list[Tensor], real: list[Tensor]) -> Scores:
    """Pictures and real ones by class, each [n, 3, h, w]."""
    made, true = ([_features(classifier, x) for x in rows] for rows in (pictures, real))
    hits = {name: float((classifier.head(f).argmax(1) == k).float().mean())
            for k, (name, f) in enumerate(zip(CLASSES, made, strict=True))}
    spread = [float(_apart(a) / _apart(b)) for a, b in zip(made, true, strict=True)]
    return Scores(sum(hits.values()) / len(hits), 1000 * kernel_distance(torch.cat(made), torch.cat(true)),
                  sum(spread) / len(spread), min(spread), hits)


def kernel_distance(a: Tensor, b: Tensor) -> float:
    """Unbiased squared maximum mean discrepancy of [n, d] and [m, d] with the kernel (a·b/d + 1)³; 0 for one and the same."""
    def kernel(x: Tensor, y: Tensor) -> Tensor:
        return (x.double() @ y.double().t() / x.shape[1] + 1.0) ** 3

    def inside(x: Tensor) -> Tensor:
        k = kernel(x, x)
        return (k.sum() - k.trace()) / (len(x) * (len(x) - 1))

    return float(inside(a) + inside(b) - 2.0 * kernel(a, b).mean())


@torch.no_grad()
def drawn(model: StyleGAN2, each: int = _EACH, seed: int = 9) -> list[Tensor]:
    """`each` pictures of every class, with noise of their own, untruncated."""
    g = torch.Generator().manual_seed(seed)
    chunks = [min(_CHUNK, each - i) for i in range(0, each, _CHUNK)]
    return [torch.cat([own_field(model, g, mixed_latents(model, g, torch.full((n,), k))) for n in chunks])
            for k in range(model.c_dim)]


def reals(seed: int, each: int = _EACH) -> list[Tensor]:
    """Fresh pictures of every family."""
    return [fresh(name, seed + k, each) for k, name in enumerate(CLASSES)]


def _features(classifier: Classifier, x: Tensor) -> Tensor:
    return torch.cat([classifier.features(part) for part in x.split(_CHUNK)])


def _apart(f: Tensor) -> Tensor:
    """Mean distance of two different rows."""
    return torch.cdist(f, f).sum() / (len(f) * (len(f) - 1))


def main() -> None:
    """Real against real first, then each model, a line of JSON each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("models", nargs="*", default=["embedded"])
    args = parser.parse_args()
    classifier, real = trained_classifier(), reals(5000)
    print(json.dumps({"model": "real", **asdict(scores_of(classifier, reals(7000), real))}), flush=True)
    for path in args.models:
        model = load_generator(path)
        assert isinstance(model, StyleGAN2)
        print(json.dumps({"model": path, **asdict(scores_of(classifier, drawn(model), real))}), flush=True)


if __name__ == "__main__":
    main()

"""Write the average of a run as the embedded model: python -m ganreact_core.training.export --run out/training/a --out FILE."""

from __future__ import annotations

import argparse
import dataclasses
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from ..synthesis.checkpoints import Checkpoint
from ..synthesis.checkpoints.safetensors_file import save_safetensors
from ..synthesis.generators.stylegan2 import StyleGAN2, expected_shapes
from .networks import mapped
from .state import Plan

EMBEDDED = Path(__file__).resolve().parents[1] / "models" / "embedded.safetensors"
_LICENCE = "CC0-1.0; trained on pictures made by the project's own code"
_SAMPLES_PER_CLASS = 2000


@torch.no_grad()
def mean_latent(plan: Plan, average: dict[str, Tensor], each: int = _SAMPLES_PER_CLASS) -> Tensor:
    """The mean w over z and classes, [w_dim]."""
    network = StyleGAN2(plan.shape.config, average)
    g = torch.Generator().manual_seed(3)
    classes = torch.arange(len(plan.classes)).repeat_interleave(each)
    return mapped(network, g, classes)[:, 0].mean(dim=0)


def checkpoint_of(plan: Plan, average: dict[str, Tensor], resolution: int | None = None, *, licence: str = _LICENCE,
                  **more: Any) -> Checkpoint:
    """The averaged generator with its mean latent and the card a reader needs.

    resolution   cuts the network off there, where training has not come to the full one; `more` goes onto the card
    """
    config = plan.shape.at(resolution or plan.shape.config.resolution)
    wanted = expected_shapes(config, {name: tuple(t.shape) for name, t in average.items()})
    tensors = {name: average[name].detach().float().cpu().numpy() for name in wanted}
    tensors["mapping.w_avg"] = mean_latent(plan, {name: t.cpu() for name, t in average.items()}).numpy()
    card = {"licence": licence, "classes": list(plan.classes), "sample_seeds": list(range(1, 13)), "source_sha256": None}
    return Checkpoint("stylegan2", dataclasses.asdict(config), tensors, card | more)


def main() -> None:
    """Export the latest snapshot of a run, or its mean with an earlier one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--run", type=Path, required=True, help="folder that ganreact_core.training.train wrote")
    parser.add_argument("--out", type=Path, default=EMBEDDED)
    parser.add_argument("--blend", type=Path, help="an earlier average of the same run, to be averaged in")
    parser.add_argument("--share", type=float, default=0.6, help="share of the latest average beside the earlier one")
    args = parser.parse_args()
    average = torch.load(args.run / "average.pt", weights_only=True)
    if args.blend:
        earlier = torch.load(args.blend, weights_only=True)
        average = {name: torch.lerp(earlier[name], t, args.share) for name, t in average.items()}
    save_safetensors(args.out, checkpoint_of(Plan(), average), half=True)
    print(f"{args.out.name}: {args.out.stat().st_size} bytes")


if __name__ == "__main__":
    main()

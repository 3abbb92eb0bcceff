"""Write the average of a run as the embedded model: python -m ganreact_core.training.export --run out/training/a --out FILE."""

from __future__ import annotations

import argparse
import dataclasses
from pathlib import Path

import torch
from torch import Tensor

from ..synthesis.checkpoints import Checkpoint
from ..synthesis.checkpoints.safetensors_file import save_safetensors
from ..synthesis.generators.stylegan2 import StyleGAN2
from .imagery import CLASSES
from .state import Plan

EMBEDDED = Path(__file__).resolve().parents[1] / "models" / "embedded.safetensors"
_LICENCE = "GPL-3.0-or-later, trained on pictures made by the project's own code"
_SAMPLES_PER_CLASS = 2000


@torch.no_grad()
def mean_latent(plan: Plan, average: dict[str, Tensor], each: int = _SAMPLES_PER_CLASS) -> Tensor:
    """The mean w over z and classes, [w_dim]."""
    network = StyleGAN2(plan.shape.config, average)
    g = torch.Generator().manual_seed(3)
    rows = torch.eye(len(CLASSES)).repeat_interleave(each, dim=0)
    return network.map(torch.randn(len(rows), network.z_dim, generator=g), rows)[:, 0].mean(dim=0)


def checkpoint_of(plan: Plan, average: dict[str, Tensor]) -> Checkpoint:
    """The averaged generator with its mean latent and the card a reader needs."""
    tensors = {name: t.detach().float().numpy() for name, t in average.items()}
    tensors["mapping.w_avg"] = mean_latent(plan, average).numpy()
    card = {"licence": _LICENCE, "classes": list(CLASSES), "sample_seeds": list(range(1, 13)), "source_sha256": None}
    return Checkpoint("stylegan2", dataclasses.asdict(plan.shape.config), tensors, card)


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

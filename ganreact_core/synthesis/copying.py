"""Copy and paste for a network: after one change of weights, what is in one picture appears in all that look like another.

Bau et al. 2020, "Rewriting a deep generative model": a layer is seen as a memory that maps keys (its modulated inputs) to
values (its activations). The change is of low rank, along directions that only the keys of the context have, and its other
half is found by going downhill from the values there to the values that were copied.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from ..errors import UsageError
from .sampling import Advance, activations, batches, random_latents, silent
from .weight_changes import WeightChanges, full_name, tensors_of

_BATCH, _RATE, _RIDGE = 4, 0.05, 1e-3


@dataclass(frozen=True)
class Region:
    """Some of a picture: its latent w+ [num_ws, w_dim], and how much each place belongs to it, [h, w] in 0…1.

    inputs   what else the picture is drawn with: keyword arguments of `synthesize`, bends among them
    """

    w: Tensor
    mask: np.ndarray
    inputs: Mapping[str, Any] = field(default_factory=dict)

    def heard(self, net: Any, layer: int, *, bent: bool = True) -> Tensor:
        """Activations [1, c, h, w] after a layer; without the bends of that layer itself, where they are not wanted."""
        after = self.inputs.get("after")
        before = after if bent or after is None else lambda index, x: after(index, x) if index < layer else x
        return activations(net, self.w[None], [layer], **{**self.inputs, "after": before})[layer]

    def on(self, size: tuple[int, int]) -> Tensor:
        """The mask on a layer's grid, [h, w]."""
        grid = F.interpolate(torch.from_numpy(np.asarray(self.mask, np.float32))[None, None], size, mode="area")[0, 0]
        if grid.max() < 0.05:
            raise UsageError("a mask of the copy is empty or too small for this layer; paint more, or choose a later layer")
        return grid.to(self.w)


@dataclass(frozen=True)
class Rule:
    """What is asked of a copy.

    layer     where it acts, counted as for bends
    rank      of the change
    steps     downhill
    samples   random pictures that tell which keys are common
    """

    layer: int
    rank: int = 1
    steps: int = 400
    samples: int = 100


def copy_rule(generator: Any, copied: Region, pasted: Region, rule: Rule, *, context: Region | None = None,
              advance: Advance = silent) -> WeightChanges:
    """The step of weights after which what is in `copied` appears at `pasted`, and wherever a picture is as it is there.

    context   what a place must be like to get it; None: as it is in the pasted region
    """
    if generator.kind not in ("stylegan2", "stylegan3") or not 1 <= rule.layer < len(generator.layers):
        raise UsageError(f"there is no layer {rule.layer} that can be rewritten by example; choose one of a StyleGAN's "
                         "convolutions, from 1 on")
    net = generator.rewritten({})  # nothing it keeps was made where gradients are off
    directions = _directions(net, context or pasted, rule, lambda f, text: advance(0.4 * f, text))
    values = _goal(net, copied, pasted, rule)
    step = _downhill(net, directions, pasted, values, rule, lambda f, text: advance(0.4 + 0.6 * f, text))
    return WeightChanges(steps={net.layers[rule.layer].name: (step.cpu().numpy(), directions.cpu().numpy())})


@torch.no_grad()
def _directions(net: Any, context: Region, rule: Rule, advance: Advance) -> Tensor:
    """[rank, in]: orthonormal, along what the context's keys have and others have not; positive on the context's mean key."""
    size = net.layers[rule.layer - 1]
    moment = torch.zeros(size.channels, size.channels, dtype=torch.float64)
    places = 0
    draw = torch.Generator().manual_seed(0)
    for n in batches(rule.samples, _BATCH, advance, "Learning what is common"):
        w = random_latents(net, draw, n)
        keys = _modulated(net, activations(net, w, [rule.layer - 1])[rule.layer - 1], w, rule.layer)
        keys = keys.transpose(0, 1).flatten(1).double().cpu()
        moment, places = moment + keys @ keys.T, places + keys.shape[1]
    strength, vectors = torch.linalg.eigh(moment / places)
    whiten = vectors @ torch.diag((strength + _RIDGE * strength.max()).rsqrt()) @ vectors.T
    keys = _modulated(net, context.heard(net, rule.layer - 1), context.w[None], rule.layer)[0]
    weight = context.on((keys.shape[1], keys.shape[2])).flatten().double().cpu()
    keys = keys.flatten(1).double().cpu()
    main = torch.linalg.svd(whiten @ keys * weight.sqrt(), full_matrices=False)[0][:, :rule.rank]
    found = torch.linalg.qr(whiten @ main)[0].T
    sign = torch.sign(found @ (keys * weight).sum(1))
    return (found * torch.where(sign == 0, 1.0, sign)[:, None]).to(context.w)


def _modulated(net: Any, before: Tensor, w: Tensor, layer: int) -> Tensor:
    """What a layer's weights meet, its keys: the activations before it, modulated, [b, in, h, w]."""
    if net.kind == "stylegan2":
        return before * net.modulation(net.layers[layer].name, w[:, layer - 1], None)[0]
    return before * net.modulation(layer - 1, w[:, layer])[0][:, :, None, None]


@torch.no_grad()
def _goal(net: Any, copied: Region, pasted: Region, rule: Rule) -> tuple[Tensor, Tensor]:
    """Values [1, out, h, w] with the copy at the middle of the pasted region, and where they matter, [h, w]."""
    source, values = (region.heard(net, rule.layer, bent=False) for region in (copied, pasted))
    size = (values.shape[2], values.shape[3])
    if source.shape != values.shape:
        raise UsageError("a thing can be copied between frames of one size, or between pictures of the network's own; "
                         "choose two alike")
    mask, place = copied.on(size), pasted.on(size)
    moved = [round(float(_middle(place, axis) - _middle(mask, axis))) for axis in (0, 1)]
    soft = _moved(mask[None, None], moved)
    goal = torch.lerp(values, _moved(source, moved), soft)
    return goal, torch.maximum(soft[0, 0], place)


def _downhill(net: Any, directions: Tensor, pasted: Region, values: tuple[Tensor, Tensor], rule: Rule,
              advance: Advance) -> Tensor:
    """The other half of the change, [rank, out, k, k], that brings the layer's values nearest to the goal."""
    goal, where = values
    name = full_name(net, net.layers[rule.layer].name, "weight")
    own = tensors_of(net)[name]
    with torch.no_grad():
        before = pasted.heard(net, rule.layer - 1)
    step = own.new_zeros(len(directions), own.shape[0], *own.shape[2:]).requires_grad_()
    optimiser = torch.optim.Adam([step], lr=_RATE)
    for n in range(rule.steps):
        changed = net.rewritten({name: own + torch.einsum("roxy,ri->oixy", step, directions)})
        difference = ((_values(changed, before, pasted, rule.layer) - goal).abs() * where).sum() / (where.sum() * goal.shape[1])
        optimiser.zero_grad()
        difference.backward()
        optimiser.step()
        advance((n + 1) / rule.steps, f"Step {n + 1} of {rule.steps}")
    return step.detach()


def _values(net: Any, before: Tensor, picture: Region, layer: int) -> Tensor:
    """A layer's activations from those before it."""
    if net.kind == "stylegan2":
        noise = picture.inputs.get("noise", net.noise_const())
        own = noise[layer - 1] if noise and not isinstance(noise, str) else None
        return net.convolution(net.layers[layer].name, before, picture.w[None, layer - 1], own)
    return net.compute(net, layer - 1, before, picture.w[None, layer])


def _middle(mask: Tensor, axis: int) -> Tensor:
    """Of what belongs to the mask's tight box, along an axis."""
    there = torch.nonzero(mask.amax(dim=1 - axis) > 0.5 * mask.max())
    return (there.min() + there.max()) / 2


def _moved(x: Tensor, by: list[int]) -> Tensor:
    """x [b, c, h, w] moved down and right; nothing comes in."""
    for axis, step in zip((2, 3), by, strict=True):
        moved, n = torch.zeros_like(x), x.shape[axis] - abs(step)
        if n > 0:
            moved.narrow(axis, max(step, 0), n).copy_(x.narrow(axis, max(-step, 0), n))
        x = moved
    return x

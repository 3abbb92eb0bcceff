"""How alike two pictures look: their pixels and edges at several scales, and the features of a VGG where its file is there."""

from __future__ import annotations

import re
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from ..errors import CheckpointError
from .checkpoints.plain import read_tensors

_LEAST_SIDE, _PERCEIVED_SIDE = 8, 256  # pixels
_MEAN, _SPREAD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # of ImageNet, as VGG was taught
_VGG16 = ((0, 2), (5, 7), (10, 12, 14), (17, 19, 21), (24, 26, 28))  # torchvision's numbers of the convolutions, by block


def pixel_difference(x: Tensor, target: Tensor) -> Tensor:
    """Mean over scales 1, ½, ¼ … of the absolute differences of pixels and of their steps, for pictures [1, 3, h, w]."""
    total, scales = x.new_zeros(()), 0
    while True:
        difference = x - target
        total = total + difference.abs().mean()
        if min(x.shape[2:]) > 1:
            total = total + difference.diff(dim=2).abs().mean() + difference.diff(dim=3).abs().mean()
        scales += 1
        if min(x.shape[2:]) < 2 * _LEAST_SIDE:
            return total / scales
        x, target = F.avg_pool2d(x, 2), F.avg_pool2d(target, 2)


class Perceptual:
    """The distance of a VGG16's features (Zhang et al. 2018, "LPIPS"), from files that the user has.

    paths   torchvision's vgg16 ("features.0.weight" …) and, if there, LPIPS's weights of its channels
            ("lin0.model.1.weight" …), as .pth or .safetensors, in one file or two
    """

    def __init__(self, paths: list[str | Path], device: str = "cpu"):
        tensors = {name: torch.from_numpy(array).to(device) for path in paths for name, array in read_tensors(path).items()}
        convolutions = {int(found[1]): tensors for name in tensors
                        if (found := re.fullmatch(r"(?:\w+\.)*?features\.(\d{1,2})\.weight", name))}
        if set(n for block in _VGG16 for n in block) - set(convolutions):
            raise CheckpointError(f"'{Path(paths[0]).name}' holds no VGG16 ('features.0.weight' and so on); "
                                  "choose torchvision's vgg16 file")
        prefix = next(name for name in tensors if name.endswith("features.0.weight"))[:-len("features.0.weight")]
        self._layers = [[(tensors[f"{prefix}features.{n}.weight"], tensors[f"{prefix}features.{n}.bias"]) for n in block]
                        for block in _VGG16]
        self._lin = [tensors.get(f"lin{k}.model.1.weight") for k in range(len(_VGG16))]
        self._mean, self._spread = (torch.tensor(v, device=device)[:, None, None] for v in (_MEAN, _SPREAD))

    def features(self, x: Tensor) -> list[Tensor]:
        """Of a picture [1, 3, h, w] in −1…1: activations of each block's end, their channels of unit length."""
        if max(x.shape[2:]) > _PERCEIVED_SIDE:
            x = F.interpolate(x, size=(_PERCEIVED_SIDE, _PERCEIVED_SIDE), mode="area")
        x = ((x + 1) / 2 - self._mean) / self._spread
        found = []
        for index, block in enumerate(self._layers):
            x = F.max_pool2d(x, 2) if index and min(x.shape[2:]) > 1 else x
            for weight, bias in block:
                x = F.relu(F.conv2d(x, weight, bias, padding=1))
            found.append(x * torch.rsqrt(x.square().sum(dim=1, keepdim=True) + 1e-10))
        return found

    def difference(self, x: Tensor, target: list[Tensor]) -> Tensor:
        """Between a picture and the features of another."""
        total = x.new_zeros(())
        for one, other, lin in zip(self.features(x), target, self._lin, strict=True):
            squared = (one - other).square()
            total = total + (squared.sum(dim=1).mean() if lin is None else F.conv2d(squared, lin).mean())
        return total

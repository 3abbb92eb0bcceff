"""Masks on the grid of any layer: shapes by formula, pictures resampled, both laid where the finished frame will be."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from ..carried import Pictures, mask_pictures
from ..catalogue import MASK_SHAPES
from ..errors import BundleError
from ..look import Look
from ..look_regions import Mask
from ..masks import moved, shape_weights
from .canvas import Field
from .latents import Values
from .pictures import opened_picture

MaskAt = Callable[[str, int, tuple[int, int], int], Tensor]
"""(mask's id, row, (height, width), how many of these lie around the picture) -> weights [h, w]."""

_KEPT = 128
_LARGEST_SIDE = 2048


class MaskSource:
    """The masks of a look for one network on one field; keeps the weights it made last.

    folder   of the bundle, where the pictures of masks lie; without one, masks of pictures cannot be used
    """

    def __init__(self, look: Look, field: Field, resolution: tuple[int, int], folder: Path | None = None):
        self._masks = {mask.id: mask for mask in look.masks}
        pictured = [mask for mask in look.masks if mask.is_picture]
        self._pictures = {mask.id: mask_pictures(folder, mask) if folder else Pictures((), ()) for mask in pictured}
        whole, part = field.size_at(resolution), field.shown(look, resolution)
        self._size, self._shown = look.size, (part[0] / whole[0], part[1] / whole[1])
        self._made = lru_cache(maxsize=_KEPT)(self._make)
        self._grey = lru_cache(maxsize=4)(_grey)

    def at(self, frames: Sequence[int] | np.ndarray, values: Values | None = None) -> MaskAt:
        """The masks of a batch whose rows are these frames, where these values put them."""
        def one(ident: str, row: int, size: tuple[int, int], margin: int) -> Tensor:
            names = {part: f"mask.{ident}.{part}" for part in MASK_SHAPES.get(self._masks[ident].kind, ())}
            place = {part: float(values[name][row]) for part, name in names.items() if values and name in values}
            return self.weights(ident, int(frames[row]), size, margin, place)

        return one

    def weights(self, ident: str, frame: int, size: tuple[int, int], margin: int = 0,
                place: Mapping[str, float] | None = None) -> Tensor:
        """A mask at a frame, on a layer of size (height, width): float32 [h, w] in 0…1.

        margin   so many of a side lie around the picture, half before it and half after it: StyleGAN3's layers have one
        place    where a shape has moved: "x", "size" …; what is left out lies where it was put
        """
        mask = moved(self._masks[ident], place or {})
        if not mask.is_picture:
            return self._made(mask, None, size, margin)
        picture = self._pictures[ident].at(frame)
        if picture is None:
            raise BundleError(f"the picture of the mask '{ident}' is missing; make the bundle again where it can be found")
        return self._made(mask, picture, size, margin)

    def _make(self, mask: Mask, picture: Path | None, size: tuple[int, int], margin: int) -> Tensor:
        height, width = (part * (n - margin) / n for n, part in zip(size, self._shown, strict=True))
        down, across = (((np.arange(n) + 0.5) / n - 0.5) / part + 0.5 for n, part in zip(size, (height, width), strict=True))
        if picture is None:
            return torch.from_numpy(shape_weights(mask, across, down, self._size[0] / self._size[1]))
        weights = _resampled(self._grey(picture), size, (height, width))
        return torch.from_numpy(1 - weights if mask.invert else weights)


def _resampled(grey: np.ndarray, size: tuple[int, int], shown: tuple[float, float]) -> np.ndarray:
    """A picture [h, w] that covers the shown part, on a grid of the whole; beyond the picture its edge goes on."""
    margins = [round(n * (1 / part - 1) / 2) for n, part in zip(grey.shape, shown, strict=True)]
    whole = Image.fromarray(np.pad(grey, [(m, m) for m in margins], mode="edge"))
    return np.array(whole.resize((size[1], size[0]), Image.Resampling.BILINEAR), np.float32)  # which averages downwards


def _grey(path: Path) -> np.ndarray:
    """float32 [h, w] in 0…1."""
    fault = f"'{path.name}' in '{path.parent.name}' is no picture that can be read; make the bundle again"
    with opened_picture(path, fault, BundleError) as picture:
        picture.draft("L", (_LARGEST_SIDE, _LARGEST_SIDE))
        picture.thumbnail((_LARGEST_SIDE, _LARGEST_SIDE))
        return np.asarray(picture.convert("L"), np.float32) / 255

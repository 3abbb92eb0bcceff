"""A page of what each group of feature maps looks at, so that an artist can name the groups."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image, ImageDraw
from torch import Tensor

from ..cluster_files import Clusters
from .generators.base import Generator
from .images import to_bytes
from .sampling import activations, random_latents

_TILE, _GAP, _HEAD, _LEFT = 56, 3, 20, 92  # pixels
_MAPS, _PICTURES = 6, 4
_LEGEND = ("left: mean of the maps in each picture     middle: single maps in the first picture     "
           "right: the first picture without them")
_BACK, _INK = (14, 17, 23), (230, 233, 239)


@torch.inference_mode()
def draw_clusters(generator: Generator, found: Clusters, *, seed: int = 0, psi: float = 0.7) -> np.ndarray:
    """uint8 [h, w, 3]: for each group the mean of its maps in four pictures, some of its maps, and a picture without it."""
    layers = sorted(index for index in found.groups if index < len(generator.layers))
    w = random_latents(generator, torch.Generator().manual_seed(seed), _PICTURES, psi)
    seen = activations(generator, w, layers)
    pictures = [_tile_of(picture) for picture in to_bytes(generator.synthesize(w))]
    rows = [_strip(_LEGEND, _HEAD, [])]
    for layer in layers:
        rows.append(_header(generator, layer, pictures))
        for group in range(found.count(layer)):
            member = found.groups[layer] == group
            rows.append(_row(seen[layer], member, f"group {group}", _without(generator, w[:1], layer, member)))
    return np.concatenate(rows)


def _header(generator: Generator, layer: int, pictures: list[np.ndarray]) -> np.ndarray:
    """Which layer, above the pictures that are looked at."""
    described = generator.layers[layer]
    title = f"layer {layer}   {described.name}   {described.size[1]} x {described.size[0]}   {described.channels} maps"
    return np.concatenate([_strip(title, _HEAD, []), _strip("pictures", _TILE + _GAP, [pictures])])


def _without(generator: Generator, w: Tensor, layer: int, maps: np.ndarray) -> np.ndarray:
    """The picture when these maps of a layer are silent."""
    kept = torch.from_numpy(~maps).to(w)[:, None, None]
    picture = generator.synthesize(w, after=lambda index, x: x * kept if index == layer else x)
    return _tile_of(to_bytes(picture)[0])


def _row(x: Tensor, member: np.ndarray, title: str, without: np.ndarray) -> np.ndarray:
    maps = np.flatnonzero(member)
    chosen = torch.from_numpy(maps).to(x.device)
    means = [_heat(picture[chosen].mean(0)) for picture in x]
    single = [_heat(x[0, n]) for n in maps[:_MAPS].tolist()]
    return _strip(f"{title}\n{len(maps)} maps", _TILE + _GAP, [means, single, [without]])


def _strip(text: str, height: int, columns: list[list[np.ndarray]]) -> np.ndarray:
    """Text, then tiles in up to three columns."""
    lefts = np.cumsum([_LEFT] + [n * (_TILE + _GAP) + 2 * _GAP for n in (_PICTURES, _MAPS, 1)])
    strip = Image.new("RGB", (int(lefts[-1]), height), _BACK)
    ImageDraw.Draw(strip).multiline_text((6, 4), text, _INK)
    for left, tiles in zip(lefts, columns, strict=False):
        for n, tile in enumerate(tiles):
            strip.paste(Image.fromarray(tile), (int(left) + n * (_TILE + _GAP), 0))
    return np.asarray(strip)


def _heat(x: Tensor) -> np.ndarray:
    """One map [h, w] as colours, dark where it is lowest."""
    low, high = x.aminmax()
    scaled = ((x - low) / (high - low).clamp(min=1e-9)).float().cpu()
    enlarged = F.interpolate(scaled[None, None], (_TILE, _TILE), mode="bilinear")[0, 0]
    return (mpl.colormaps["magma"](enlarged.numpy())[..., :3] * 255).astype(np.uint8)


def _tile_of(picture: np.ndarray) -> np.ndarray:
    return np.asarray(Image.fromarray(picture).resize((_TILE, _TILE), Image.Resampling.LANCZOS))

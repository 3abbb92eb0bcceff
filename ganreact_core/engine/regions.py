"""What a copy is made of: two pictures of a network, by seed, by latent or as frames of a bundle, each with a mask."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..bundle import open_bundle
from ..errors import BundleError, UsageError
from ..files import require_there
from ..look import Entry
from ..saved_latents import pack_latent, read_latents

if TYPE_CHECKING:
    from torch import Tensor

    from ..synthesis.copying import Region
    from ..synthesis.weight_changes import WeightChanges

_SHEET_PSI = 0.8


def region_of(generator: Any, told: Any, sha256: str) -> Region:
    """{seed, class?}, {latent: file} or {bundle: folder, frame: number}, with {mask: picture} -> a region of that picture.

    sha256   of the network's file: frames of other networks are refused
    """
    from ..synthesis.copying import Region

    if not isinstance(told, dict):
        raise UsageError("the copy needs two pictures, copied and pasted, each by its seed, its latent or as a frame")
    if not told.get("bundle"):
        return Region(_latent(generator, told), _mask(told, generator.resolution))
    from ..synthesis.frame_maker import FrameMaker

    bundle, frame = open_bundle(told["bundle"]), told.get("frame")
    if bundle.model_sha256 != sha256:
        raise BundleError(f"the frames of '{bundle.folder.name}' were made by another network; give theirs")
    if not isinstance(frame, int) or frame not in bundle.frame_numbers():
        raise UsageError(f"'{bundle.folder.name}' has no frame {frame}; it has {bundle.table.first_frame} to "
                         f"{bundle.table.last_frame}")
    maker = FrameMaker(generator, bundle.look, batch=1, parallel=1, folder=bundle.folder)
    w, inputs = maker.drawn_with(bundle.table, frame)
    mask = maker.uncropped(_mask(told, maker.working_size))
    return Region(w[0], mask, inputs)


def before_and_after(generator: Any, changes: WeightChanges, regions: list[Region]) -> np.ndarray:
    """uint8 [h, w, 3]: pictures as they are above what they become: the two of the copy, then two by chance."""
    import torch

    from ..synthesis.images import contact_sheet, fit, to_bytes
    from ..synthesis.sampling import random_latents
    from ..synthesis.weight_changes import tensors_of

    own, (height, width) = tensors_of(generator), generator.resolution
    changed = generator.rewritten({name: own[name] + delta for name, delta in changes.deltas(generator).items()})
    with torch.inference_mode():
        chance = random_latents(generator, torch.Generator().manual_seed(1), 2, _SHEET_PSI)
        drawn = [*((region.w[None], region.inputs) for region in regions), *((w[None], {}) for w in chance)]
        pictures = [fit(to_bytes(net.synthesize(w, **inputs))[0], (width, height)) for net in (generator, changed)
                    for w, inputs in drawn]
    return contact_sheet(pictures, len(drawn))


def _latent(generator: Any, told: dict[str, Any]) -> Tensor:
    """{seed, class?} or {latent: file} -> w+ [num_ws, w_dim] as it is shown in sheets."""
    from ..synthesis.entries import entry_latent
    from ..synthesis.sheet import truncated

    if told.get("latent"):
        kind, values = read_latents(told["latent"])[0]
        return entry_latent(generator, Entry("it", "", 0, latent=pack_latent(kind, values))).to(generator.device)
    w = entry_latent(generator, Entry("it", "", int(told.get("seed") or 0), told.get("class")))
    return truncated(generator, w, _SHEET_PSI).to(generator.device)


def _mask(told: dict[str, Any], size: tuple[int, int]) -> np.ndarray:
    """A picture's brightness as float32 [h, w] in 0…1, in the proportions of the picture it belongs to."""
    from PIL import Image, ImageOps

    from ..synthesis.pictures import opened_picture

    path = Path(str(told.get("mask") or ""))
    require_there(path, "mask")
    with opened_picture(path, f"'{path.name}' is no picture that can be read as a mask; choose another") as picture:
        fitted = ImageOps.fit(picture.convert("L"), size[::-1], Image.Resampling.BOX)
    return np.asarray(fitted, np.float32) / 255

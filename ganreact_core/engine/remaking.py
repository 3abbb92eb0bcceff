"""The jobs that make something a look can use: project (a picture -> a latent), rewrite (weights from networks or pictures)."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import InputFileError, UsageError
from ..files import require_there, write_whole
from ..look import Entry
from ..saved_latents import pack_latent, read_latents
from .desk import Desk, required_text
from .searches import network, write_sheet

if TYPE_CHECKING:
    from torch import Tensor

_SHEET_PSI = 0.8


def project(arguments: dict[str, Any], desk: Desk) -> dict[str, Any]:
    """{picture, model, out, device?, steps?, seed?, perceptual?: [files of a VGG16], sheet?} -> {difference, began_at, latent}.

    Writes out (.npy, w+ [num_ws, w_dim]) and sheet (the picture beside what was found); `latent` is it packed, for an entry.
    """
    from ..synthesis.images import contact_sheet, to_bytes
    from ..synthesis.perception import Perceptual
    from ..synthesis.projection import project as run
    from ..synthesis.projection import read_picture
    from ..synthesis.sampling import stoppable

    generator = network(arguments, desk)
    target = read_picture(required_text(arguments, "picture"), generator.resolution)
    files = arguments.get("perceptual") or []
    perceptual = Perceptual(files, generator.device) if files else None
    advance = stoppable(desk.progress, desk.cancelled, "the projection")
    found = run(generator, target, steps=arguments.get("steps") or 400, seed=arguments.get("seed") or 0, perceptual=perceptual,
                advance=advance)
    _write_array(Path(required_text(arguments, "out")), found.w)
    write_sheet(arguments, lambda: contact_sheet([to_bytes(target)[0], found.picture], 2))
    desk.picture(found.picture)
    return {"difference": found.difference, "began_at": found.began_at, "latent": pack_latent("w", found.w)}


def rewrite(arguments: dict[str, Any], desk: Desk) -> dict[str, Any]:
    """{model, out, how: "mix" | "copy", device?, …} -> {layers: names}; writes out (.npz), for a rewrite of the kind "file".

    mix   other: a network of the same shape; first, last: the layers whose weights are taken from it
    copy  copied, pasted: {seed, class?} or {latent: file}, each with mask: a picture, white where it counts; layer; optional
          rank, steps, sheet
    """
    from ..synthesis.weight_changes import save_changes

    how = arguments.get("how")
    if how not in ("mix", "copy"):
        raise UsageError(f"weights are made by mix or copy, not '{how}'")
    changes = _mixed(arguments, desk) if how == "mix" else _copied(arguments, desk)
    save_changes(required_text(arguments, "out"), changes)
    return {"layers": changes.layers()}


REMAKING = {"project": project, "rewrite": rewrite}


def _mixed(arguments: dict[str, Any], desk: Desk) -> Any:
    from ..synthesis import load_generator
    from ..synthesis.weight_changes import other_layers

    own = network(arguments, desk)
    other = load_generator(required_text(arguments, "other"))
    return other_layers(own, other, int(arguments.get("first", 1)), int(arguments.get("last", -1)))


def _copied(arguments: dict[str, Any], desk: Desk) -> Any:
    from ..synthesis.copying import Region, Rule, copy_rule
    from ..synthesis.sampling import stoppable

    generator = network(arguments, desk)
    regions = [Region(_latent(generator, arguments.get(name)), _mask(arguments.get(name), generator.resolution))
               for name in ("copied", "pasted")]
    rule = Rule(int(arguments.get("layer", 0)), int(arguments.get("rank") or 1), int(arguments.get("steps") or 400))
    changes = copy_rule(generator, regions[0], regions[1], rule,
                        advance=stoppable(desk.progress, desk.cancelled, "the copy"))
    write_sheet(arguments, lambda: _before_and_after(generator, changes, [r.w for r in regions]))
    return changes


def _latent(generator: Any, told: Any) -> Tensor:
    """{seed, class?} or {latent: file} -> w+ [num_ws, w_dim] as it is shown in sheets."""
    from ..synthesis.entries import entry_latent
    from ..synthesis.sheet import truncated

    if not isinstance(told, dict):
        raise UsageError("the copy needs two pictures of the network, copied and pasted, each by its seed or its latent")
    if told.get("latent"):
        kind, values = read_latents(told["latent"])[0]
        return entry_latent(generator, Entry("it", "", 0, latent=pack_latent(kind, values))).to(generator.device)
    w = entry_latent(generator, Entry("it", "", int(told.get("seed") or 0), told.get("class")))
    return truncated(generator, w, _SHEET_PSI).to(generator.device)


def _mask(told: Any, size: tuple[int, int]) -> np.ndarray:
    """A picture's brightness as float32 [h, w] in 0…1, in the network's own proportions."""
    from PIL import Image, ImageOps

    path = Path(str(told.get("mask") or ""))
    require_there(path, "mask")
    try:
        with Image.open(path) as picture:
            fitted = ImageOps.fit(picture.convert("L"), size[::-1], Image.Resampling.BOX)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as cause:
        raise InputFileError(f"'{path.name}' is no picture that can be read as a mask; choose another") from cause
    return np.asarray(fitted, np.float32) / 255


def _before_and_after(generator: Any, changes: Any, latents: list[Tensor]) -> np.ndarray:
    """uint8 [h, w, 3]: pictures as they are above what they become: the two of the copy, then two by chance."""
    import torch

    from ..synthesis.images import contact_sheet, to_bytes
    from ..synthesis.sampling import random_latents
    from ..synthesis.weight_changes import tensors_of

    own = tensors_of(generator)
    changed = generator.rewritten({name: own[name] + delta for name, delta in changes.deltas(generator).items()})
    with torch.inference_mode():
        chance = random_latents(generator, torch.Generator().manual_seed(1), 2, _SHEET_PSI)
        w = torch.cat([torch.stack(latents), chance])
        pictures = [picture for net in (generator, changed) for picture in to_bytes(net.synthesize(w))]
    return contact_sheet(pictures, len(w))


def _write_array(path: Path, values: np.ndarray) -> None:
    packed = io.BytesIO()
    np.save(packed, values)
    write_whole(path, packed.getvalue())

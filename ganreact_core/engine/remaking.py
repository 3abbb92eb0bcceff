"""The jobs that make something a look can use: project (a picture -> a latent), rewrite (weights from networks or pictures)."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import UsageError
from ..files import write_whole
from ..models import model_sha256
from ..saved_latents import pack_latent
from .desk import Desk, required_text
from .regions import before_and_after, region_of
from .searches import network, write_sheet


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
    copy  copied, pasted: {seed, class?}, {latent: file}, or {bundle, frame}, each with mask: a picture, white where it counts;
          layer; optional rank, steps, sheet
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
    from ..synthesis import load_kept
    from ..synthesis.weight_changes import other_layers

    own = network(arguments, desk)
    other = load_kept(required_text(arguments, "other"))
    return other_layers(own, other, int(arguments.get("first", 1)), int(arguments.get("last", -1)))


def _copied(arguments: dict[str, Any], desk: Desk) -> Any:
    from ..synthesis.copying import Rule, copy_rule
    from ..synthesis.sampling import stoppable

    generator = network(arguments, desk)
    regions = [region_of(generator, arguments.get(name), model_sha256(arguments["model"])) for name in ("copied", "pasted")]
    rule = Rule(int(arguments.get("layer", 0)), int(arguments.get("rank") or 1), int(arguments.get("steps") or 400))
    changes = copy_rule(generator, regions[0], regions[1], rule,
                        advance=stoppable(desk.progress, desk.cancelled, "the copy"))
    write_sheet(arguments, lambda: before_and_after(generator, changes, regions))
    return changes


def _write_array(path: Path, values: np.ndarray) -> None:
    packed = io.BytesIO()
    np.save(packed, values)
    write_whole(path, packed.getvalue())

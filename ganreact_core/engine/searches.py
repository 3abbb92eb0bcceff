"""The jobs that look into a network and leave a file: directions, clusters. Each is a function (arguments, desk) -> result."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from ..files import write_whole
from ..models import model_file, model_sha256
from .desk import Desk, required_text


def directions(arguments: dict[str, Any], desk: Desk) -> dict[str, Any]:
    """{model, out, device?, samples?, layer?, class?, closed_form?, sheet?, only?, first?, last?} -> {found, var_ratio}.

    Writes out (.npz) and sheet (.png): of the strongest, or of `only` one, acting on layers first to last.
    BigGAN's are found in what a layer says, the first one where none is named.
    """
    from ..synthesis.activation_directions import activation_directions
    from ..synthesis.directions import closed_form_directions, principal_directions, save_directions
    from ..synthesis.sampling import stoppable
    from ..synthesis.sheet import draw_directions

    generator = network(arguments, desk)
    advance = stoppable(desk.progress, desk.cancelled, "the search for directions")
    layer, samples = arguments.get("layer"), arguments.get("samples")
    amount = {"samples": samples} if samples else {}
    if arguments.get("closed_form"):
        found = closed_form_directions(generator)
    elif layer is not None or generator.kind == "biggan":
        found = activation_directions(generator, layer=layer or 0, class_=arguments.get("class"), advance=advance, **amount)
    else:
        found = principal_directions(generator, advance=advance, **amount)
    save_directions(required_text(arguments, "out"), found)
    layers = int(arguments.get("first") or 0), int(arguments.get("last", -1))
    write_sheet(arguments, lambda: draw_directions(generator, found, only=arguments.get("only"), layers=layers))
    return {"found": len(found.sigmas), "var_ratio": [round(float(v), 6) for v in found.var_ratio]}


def clusters(arguments: dict[str, Any], desk: Desk) -> dict[str, Any]:
    """{model, out, device?, samples?, sheet?} -> {groups: layer -> sizes}; writes out (.npz) and sheet (.png)."""
    from ..cluster_files import save_clusters
    from ..synthesis.cluster_sheet import draw_clusters
    from ..synthesis.clustering import find_clusters
    from ..synthesis.sampling import stoppable

    generator = network(arguments, desk)
    advance = stoppable(desk.progress, desk.cancelled, "the search for clusters")
    found = find_clusters(generator, samples=arguments.get("samples") or 100, advance=advance)
    save_clusters(required_text(arguments, "out"), found)
    write_sheet(arguments, lambda: draw_clusters(generator, found))
    return {"groups": {str(layer): np.bincount(groups).tolist() for layer, groups in found.groups.items()}}


SEARCHES = {"directions": directions, "clusters": clusters}


def network(arguments: dict[str, Any], desk: Desk) -> Any:
    """The network at "model", on "device"."""
    model = required_text(arguments, "model")
    desk.progress(0.0, "Loading the network", None)
    return desk.network(model_sha256(model), arguments.get("device"), lambda: model_file(model))


def write_sheet(arguments: dict[str, Any], draw: Callable[[], np.ndarray]) -> None:
    """Draw and write "sheet" (.png), where the arguments ask for one."""
    from ..synthesis.sheet import png_bytes

    if arguments.get("sheet"):
        write_whole(Path(required_text(arguments, "sheet")), png_bytes(draw()))

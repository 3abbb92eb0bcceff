"""A look: everything that defines one GAN texture, and the parameters it has.

The static part lives here, its parts in `look_parts`; each animatable value is one float at an address (`addresses`).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from .catalogue import (
    ACCENT,
    BENDS,
    CHOICES,
    DIRECTION,
    GROUP,
    GROUPS,
    MASK_SHAPES,
    MASKS,
    NOISE_BASE,
    NOISE_STRENGTH,
    PALETTE,
    PATH_MIX,
    REWRITES,
    SET_MIX,
    SHIFT,
    TRUNCATION,
    TURN,
    Parameter,
    noise_phase,
    path_position,
)
from .errors import LookError
from .look_parts import Bend, Canvas, Direction, Entry, NoiseLayer, PaletteSet, Path, Rewrite
from .look_regions import Cluster, Mask
from .naming import check_slug, check_unique

__all__ = ["Bend", "Canvas", "Cluster", "Direction", "Entry", "Look", "Mask", "NoiseLayer", "PaletteSet", "Path", "Rewrite",
           "addresses", "describe", "notices"]

_CHOOSE = "add it to the look, or choose another"
_OF_GROUPS = tuple(f".mix.{group}" for group in GROUPS)


@dataclass(frozen=True)
class Look:
    """One GAN texture.

    id             its name among looks
    label          its name for people
    model          "embedded", or a path of a checkpoint
    size           (width, height) of the frames in pixels
    seed           draws what has no seed of its own
    canvas         how large the network works
    entries        palette, in list order
    sets           empty: one set with every entry that is no accent
    normalise      entries' weights are divided by their sum
    paths          walks, laid over the blend in list order
    directions     steps added to the blend
    noise_layers   moving noise
    bends          in the order they act
    rewrites       in the order they act
    masks          where noise layers and bends can be kept inside
    clusters       groups of feature maps that bends and rewrites can be kept to
    depth          bits of a colour in PNG files, 8 or 16
    format         how frames are kept: PNG without loss; EXR as half floats of linear light, never cut off, to go on working
                   with; JPEG small, to look at
    """

    id: str = "look"
    label: str = "Look"
    model: str = "embedded"
    size: tuple[int, int] = (512, 512)
    seed: int = 0
    canvas: Canvas = field(default_factory=Canvas)
    entries: tuple[Entry, ...] = ()
    sets: tuple[PaletteSet, ...] = ()
    normalise: bool = True
    paths: tuple[Path, ...] = ()
    directions: tuple[Direction, ...] = ()
    noise_layers: tuple[NoiseLayer, ...] = ()
    bends: tuple[Bend, ...] = ()
    rewrites: tuple[Rewrite, ...] = ()
    masks: tuple[Mask, ...] = ()
    clusters: tuple[Cluster, ...] = ()
    depth: int = 8
    format: str = "png"

    def __post_init__(self) -> None:
        _check(self)

    def blended_sets(self) -> tuple[PaletteSet, ...]:
        """The sets, or the one that holds everything."""
        return self.sets or (PaletteSet("all", "All", tuple(e.id for e in self.entries if not e.accent)),)

    def files(self) -> tuple[str, ...]:
        """Every path it names: its network, the pictures of its masks, its rewrites."""
        return (self.model, *(mask.file for mask in self.masks), *(rewrite.file for rewrite in self.rewrites))

    def for_the_eye(self) -> Look:
        """The same look, of 8 bits, as a screen shows it."""
        return replace(self, depth=8, format="png")

    def accents(self) -> tuple[Entry, ...]:
        """Entries that cover the blend, in list order."""
        return tuple(e for e in self.entries if e.accent)


def addresses(look: Look) -> dict[str, Parameter]:
    """Every parameter of a look but its routes' amounts: address -> catalogue row, in the panel's order."""
    found: dict[str, Parameter] = {"truncation": TRUNCATION}
    found |= {f"truncation.{group}": GROUP for group in GROUPS}
    for entry in look.entries:
        if entry.accent:
            found[f"accent.{entry.id}"] = ACCENT
            continue
        found[f"palette.{entry.id}"] = _with_default(PALETTE, entry.default)
        found |= {f"palette.{entry.id}.{group}": GROUP for group in GROUPS}
    found |= {f"set.{s.id}.mix": SET_MIX for s in look.sets}
    for path in look.paths:
        found |= {f"path.{path.id}.position": path_position(path.length), f"path.{path.id}.mix": PATH_MIX}
        found |= {f"path.{path.id}.mix.{group}": GROUP for group in GROUPS}
    found |= {f"direction.{direction.id}": DIRECTION for direction in look.directions}
    found |= {"transform.x": SHIFT, "transform.y": SHIFT, "transform.rotate": TURN, "noise.base": NOISE_BASE}
    for layer in look.noise_layers:
        found |= {f"noise.{layer.id}.strength": NOISE_STRENGTH, f"noise.{layer.id}.phase": noise_phase(layer.loop)}
    for mask in look.masks:
        found |= {f"mask.{mask.id}.{part}": _standing(MASKS[part], getattr(mask, part))
                  for part in MASK_SHAPES.get(mask.kind, ())}
    found |= {f"bend.{bend.id}": BENDS[bend.kind] for bend in look.bends}
    found |= {f"rewrite.{rewrite.id}": REWRITES[rewrite.kind] for rewrite in look.rewrites}
    return found


def came_later(address: str) -> bool:
    """Whether there are looks and tables from before this parameter was one: there it stands at its default, and frames
    that were made so are right as they are."""
    return address.startswith("mask.") or (address.startswith("path.") and address.endswith(_OF_GROUPS))


CALLED = {"truncation": "Variety", "transform": "Placement"}
"""Families of addresses whose sliders have another name than the address: as panels, menus and curves say it."""


def describe(look: Look, address: str) -> str:
    """The readable name of an address: "palette.c.fine" -> "C · fine"."""
    family, _, rest = address.partition(".")
    ident, _, part = rest.partition(".")
    named: tuple[Any, ...] = {"palette": look.entries, "accent": look.entries, "set": look.sets, "path": look.paths,
                              "direction": look.directions, "noise": look.noise_layers, "bend": look.bends,
                              "rewrite": look.rewrites, "mask": look.masks}.get(family, ())
    label = next((item.label for item in named if item.id == ident), None)
    if label is None:
        return " · ".join([CALLED.get(family, family.capitalize()), *address.split(".")[1:]])
    return f"{label} · {part}" if part else label


def _with_default(kind: Parameter, default: float) -> Parameter:
    return replace(kind, default=default)


def _standing(kind: Parameter, place: float) -> Parameter:
    return replace(kind, default=float(place), neutral=float(place))


def _check(look: Look) -> None:
    for kind, items in (("entries", look.entries), ("sets", look.sets), ("paths", look.paths), ("bends", look.bends),
                        ("directions", look.directions), ("noise layers", look.noise_layers), ("rewrites", look.rewrites),
                        ("masks", look.masks), ("clusters", look.clusters)):
        check_unique(kind, [check_slug(item.id) for item in items])
    blended = {e.id for e in look.entries if not e.accent}
    groups: list[tuple[str, PaletteSet | Path]] = [*(("set", s) for s in look.sets), *(("path", p) for p in look.paths)]
    for what, group in groups:
        strangers = sorted(set(group.entries) - blended)
        if strangers:
            raise LookError(f"the {what} '{group.id}' names '{strangers[0]}', which is no blended entry of the palette; "
                            "choose others")
    _check_parents(look)
    _check_regions(look)
    width, height = look.size
    if look.depth not in (8, 16):
        raise LookError(f"frames of {look.depth} bits a colour cannot be made; use 8 or 16")
    if look.format not in CHOICES["Look.format"]:
        raise LookError(f"frames cannot be kept as '{look.format[:20]}'; use {', '.join(CHOICES['Look.format'])}")
    if not (16 <= width <= 8192 and 16 <= height <= 8192):
        raise LookError(f"frames of {width}×{height} cannot be made; use 16 to 8192 pixels a side")


def _check_parents(look: Look) -> None:
    """Every mix lies between entries that are there, and none, over others, between itself."""
    parents = {e.id: e.parents for e in look.entries}
    for ident, own in parents.items():
        above, seen = list(own), {""}
        while above:
            step = above.pop()
            if step == ident or step not in parents:
                fault = "made of it" if step == ident else f"of which '{step}' is not there"
                raise LookError(f"the entry '{ident}' lies between entries {fault}; choose others")
            above += () if step in seen else parents[step]
            seen.add(step)


def notices(look: Look) -> tuple[str, ...]:
    """What a look asks for and cannot have quite as asked, each a sentence."""
    with_z = {entry.id for entry in look.entries if entry.has_z}
    return tuple(f"the path '{path.label or path.id}' goes straight, not on great circles: '{next(iter(lacking))}' is no seed"
                 for path in look.paths if path.kind == "slerp" and (lacking := [e for e in path.entries if e not in with_z]))


def _check_regions(look: Look) -> None:
    """What acts inside a mask or on a cluster names one that is there."""
    masks, clusters = {m.id for m in look.masks}, {c.id for c in look.clusters}
    inside: list[tuple[str, NoiseLayer | Bend]] = [*(("noise layer", n) for n in look.noise_layers),
                                                   *(("bend", b) for b in look.bends)]
    for what, item in inside:
        if item.mask and item.mask not in masks:
            raise LookError(f"the {what} '{item.id}' acts inside the mask '{item.mask}', which is not there; {_CHOOSE}")
    for bend in look.bends:
        if bend.maps == "cluster" and bend.cluster not in clusters:
            raise LookError(f"the bend '{bend.id}' acts on the cluster '{bend.cluster}', which is not there; {_CHOOSE}")
    for rewrite in look.rewrites:
        if rewrite.cluster and rewrite.cluster not in clusters:
            raise LookError(f"the rewrite '{rewrite.id}' scales the cluster '{rewrite.cluster}', which is not there; {_CHOOSE}")

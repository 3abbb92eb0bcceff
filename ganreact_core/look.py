"""A look: everything that defines one GAN texture, as frozen dataclasses, and the parameters it has.

The static part lives here; each animatable value is one float at an address (`addresses`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .catalogue import (
    ACCENT,
    BENDS,
    DIRECTION,
    GROUP,
    GROUPS,
    NOISE_BASE,
    NOISE_STRENGTH,
    PALETTE,
    PATH_MIX,
    PATHS,
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
from .naming import check_slug, check_unique


@dataclass(frozen=True)
class Entry:
    """A palette entry: a latent with a name.

    seed     z is drawn by RandomState(seed), as NVIDIA's scripts do
    class_   class index of a conditional network; None lets the seed choose
    accent   covers the blend instead of being part of it
    """

    id: str
    label: str
    seed: int
    class_: int | None = None
    accent: bool = False
    default: float = PALETTE.default


@dataclass(frozen=True)
class PaletteSet:
    """Entries blended among themselves; sets are mixed by set.<id>.mix."""

    id: str
    label: str
    entries: tuple[str, ...]


@dataclass(frozen=True)
class Path:
    """A closed walk over entries, laid over the blend by path.<id>.mix; `kind` is one of catalogue.PATHS."""

    id: str
    label: str
    entries: tuple[str, ...]
    kind: str = "spline"


@dataclass(frozen=True)
class Direction:
    """A direction in w of one network, with what one step of it is.

    vector         [w_dim] of unit length
    sigma          standard deviation of w along it
    first, last    layers it acts on, inclusive; last −1 is the last there is
    """

    id: str
    label: str
    vector: tuple[float, ...]
    sigma: float
    first: int = 0
    last: int = -1


@dataclass(frozen=True)
class NoiseLayer:
    """A moving noise field on some of the network's layers.

    first, last   indices of convolutions, inclusive; last −1 is the last there is
    loop          after this many fields the motion repeats; 0 never
    """

    id: str
    label: str
    seed: int = 0
    first: int = 0
    last: int = -1
    loop: int = 0


@dataclass(frozen=True)
class Bend:
    """A transformation of activations after one layer: 0 is the input, then every convolution."""

    id: str
    label: str
    kind: str
    layer: int


@dataclass(frozen=True)
class Rewrite:
    """Other weights at one convolution (layers are counted as for bends; the input has no weights)."""

    id: str
    label: str
    kind: str
    layer: int
    seed: int = 0


@dataclass(frozen=True)
class Canvas:
    """How large the network works: its constant input is extended to more cells than its own 4×4.

    mode     "mirror", "tile" or "replicate"
    detail   network pixels per output pixel: 0.5 computes half the size and enlarges it with a good filter.
             The network's own size is the least.
    """

    mode: str = "mirror"
    detail: float = 0.5


@dataclass(frozen=True)
class Look:
    """One GAN texture.

    model      "embedded", or a path of a checkpoint
    size       (width, height) of the frames in pixels
    entries    palette, in list order
    sets       empty: one set with every entry that is no accent
    normalise  entries' weights are divided by their sum
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

    def __post_init__(self) -> None:
        _check(self)

    def blended_sets(self) -> tuple[PaletteSet, ...]:
        """The sets, or the one that holds everything."""
        return self.sets or (PaletteSet("all", "All", tuple(e.id for e in self.entries if not e.accent)),)

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
        found |= {f"path.{path.id}.position": path_position(len(path.entries)), f"path.{path.id}.mix": PATH_MIX}
    found |= {f"direction.{direction.id}": DIRECTION for direction in look.directions}
    found |= {"transform.x": SHIFT, "transform.y": SHIFT, "transform.rotate": TURN, "noise.base": NOISE_BASE}
    for layer in look.noise_layers:
        found |= {f"noise.{layer.id}.strength": NOISE_STRENGTH, f"noise.{layer.id}.phase": noise_phase(layer.loop)}
    found |= {f"bend.{bend.id}": BENDS[bend.kind] for bend in look.bends}
    found |= {f"rewrite.{rewrite.id}": REWRITES[rewrite.kind] for rewrite in look.rewrites}
    return found


def describe(look: Look, address: str) -> str:
    """The readable name of an address: "palette.c.fine" -> "C · fine"."""
    family, _, rest = address.partition(".")
    ident, _, part = rest.partition(".")
    named: tuple[Any, ...] = {"palette": look.entries, "accent": look.entries, "set": look.sets, "path": look.paths,
                              "direction": look.directions, "noise": look.noise_layers, "bend": look.bends,
                              "rewrite": look.rewrites}.get(family, ())
    label = next((item.label for item in named if item.id == ident), None)
    if label is None:
        return address.replace(".", " · ").capitalize()
    return f"{label} · {part}" if part else label


def _with_default(kind: Parameter, default: float) -> Parameter:
    return Parameter(default, kind.neutral, kind.minimum, kind.maximum, kind.help, kind.unit, kind.cyclic, kind.soft)


def _check(look: Look) -> None:
    for kind, items in (("entries", look.entries), ("sets", look.sets), ("paths", look.paths), ("bends", look.bends),
                        ("directions", look.directions), ("noise layers", look.noise_layers), ("rewrites", look.rewrites)):
        ids = [check_slug(item.id) for item in items]
        check_unique(kind, ids)
    seedless = next((e for e in look.entries if not 0 <= e.seed < 1 << 32), None)
    if seedless:
        raise LookError(f"the entry '{seedless.id}' has the seed {seedless.seed}; use 0 to {(1 << 32) - 1}")
    if "base" in {layer.id for layer in look.noise_layers}:
        raise LookError("a noise layer cannot be called 'base', which is the network's own noise; give it another id")
    blended = {e.id for e in look.entries if not e.accent}
    for s in look.sets:
        strangers = set(s.entries) - blended
        if strangers:
            raise LookError(f"the set '{s.id}' names '{sorted(strangers)[0]}', which is no blended entry of the palette")
    _check_paths(look, blended)
    for what, kinds, items in (("bend", BENDS, look.bends), ("rewrite", REWRITES, look.rewrites)):
        strange = next((item for item in items if item.kind not in kinds), None)
        if strange:
            raise LookError(f"the {what} '{strange.id}' is of the unknown kind '{strange.kind}'; known: {', '.join(kinds)}")
    width, height = look.size
    if not (16 <= width <= 8192 and 16 <= height <= 8192):
        raise LookError(f"frames of {width}×{height} cannot be made; use 16 to 8192 pixels a side")
    if look.canvas.mode not in ("mirror", "tile", "replicate") or not 0.01 <= look.canvas.detail <= 4:
        raise LookError(f"the canvas {look.canvas} cannot be made; use mirror, tile or replicate and a detail of 0.01 to 4")


def _check_paths(look: Look, blended: set[str]) -> None:
    for path in look.paths:
        strangers = set(path.entries) - blended
        if strangers or len(path.entries) < 2 or path.kind not in PATHS:
            raise LookError(f"the path '{path.id}' cannot be walked; give it two or more blended entries of the palette "
                            f"and one of the kinds {', '.join(PATHS)}")
    for direction in look.directions:
        if not direction.vector or direction.sigma < 0:
            raise LookError(f"the direction '{direction.id}' has no vector; make it again from the network")

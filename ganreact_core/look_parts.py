"""The parts of a look, each a frozen dataclass that checks itself.

The table in each docstring (name, then what it means) is what Blender's forms show as tooltips; closed choices stand in
`catalogue.CHOICES`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .catalogue import BENDS, CHANCE_PATHS, CHOICES, PALETTE, PATHS, REWRITES
from .errors import LookError
from .naming import check_slug
from .saved_latents import unpack_latent

SEEDS = 1 << 32
"""Seeds are 0 to one less than this."""


@dataclass(frozen=True)
class Entry:
    """A palette entry: a latent with a name.

    id        its name in addresses
    label     its name for people
    seed      z is drawn by RandomState(seed), as NVIDIA's scripts do
    class_    class index of a conditional network; none lets the seed choose
    accent    covers the blend instead of being part of it
    default   weight of it where nothing is keyed
    classes   a mixture of classes instead of one, as "207:0.7 88:0.3"
    latent    a z or w that was read from a file, packed; stands in for the seed's
    parents   two other entries this one lies between, instead of a latent of its own
    between   where between its parents: 0 is the first, 1 the second
    """

    id: str
    label: str
    seed: int
    class_: int | None = None
    accent: bool = False
    default: float = PALETTE.default
    classes: str = ""
    latent: str = ""
    parents: tuple[str, ...] = ()
    between: float = 0.5

    def __post_init__(self) -> None:
        check_slug(self.id)
        if not 0 <= self.seed < SEEDS:
            raise LookError(f"the entry '{self.id}' has the seed {self.seed}; use 0 to {SEEDS - 1}")
        if len(self.parents) not in (0, 2):
            raise LookError(f"the entry '{self.id}' has {len(self.parents)} parents; give it two, or none")
        if self.classes:
            class_shares(self.classes)
        if self.latent:
            unpack_latent(self.latent)

    @property
    def has_z(self) -> bool:
        """Whether it is a z, which can be walked on great circles; a saved w or a mix is none."""
        return not self.parents and (not self.latent or unpack_latent(self.latent)[0] == "z")


def class_shares(text: str) -> dict[int, float]:
    """A mixture of classes: "207:0.7 88:0.3" -> {207: 0.7, 88: 0.3}, divided by the sum; a class alone counts as 1."""
    try:
        pairs = [part.partition(":") for part in text.replace(",", " ").split()]
        shares = {int(number): float(share or 1.0) for number, _, share in pairs}
    except ValueError as cause:
        raise LookError(f"'{text[:40]}' is no mixture of classes; write it as 207:0.7 88:0.3") from cause
    total = sum(shares.values())
    if not (shares and min(shares) >= 0 and min(shares.values()) >= 0 and 0 < total < float("inf")):
        raise LookError(f"'{text[:40]}' is no mixture of classes; write it as 207:0.7 88:0.3")
    return {number: share / total for number, share in shares.items()}


@dataclass(frozen=True)
class PaletteSet:
    """Entries blended among themselves; sets are mixed by set.<id>.mix.

    id        its name in addresses
    label     its name for people
    entries   ids of the entries in it
    """

    id: str
    label: str
    entries: tuple[str, ...]

    def __post_init__(self) -> None:
        check_slug(self.id)


@dataclass(frozen=True)
class Path:
    """A closed walk over entries, laid over the blend by path.<id>.mix.

    id        its name in addresses
    label     its name for people
    entries   ids of the entries it goes through, in order; a walk by chance strays about the first, or anywhere
    kind      how it goes from one to the next, or by chance: wander and circle
    seed      other seeds are other walks by chance
    stops     how many pictures a walk by chance passes before it comes round
    reach     how far a walk by chance strays from its first entry: 0 not at all, 1 anywhere
    classic   spline and great circles as in Brouwer's code: a bend at the seam, a pause at the first entry
    """

    id: str
    label: str
    entries: tuple[str, ...] = ()
    kind: str = "spline"
    seed: int = 0
    stops: int = 8
    reach: float = 1.0
    classic: bool = False

    def __post_init__(self) -> None:
        check_slug(self.id)
        if self.kind not in PATHS or len(self.entries) < (0 if self.by_chance else 2):
            raise LookError(f"the path '{self.id}' cannot be walked; give it two or more blended entries of the palette "
                            f"and one of the kinds {', '.join(PATHS)}")
        if not (0 <= self.seed < SEEDS and 2 <= self.stops <= 1024 and 0 <= self.reach <= 1):
            raise LookError(f"the path '{self.id}' has the seed {self.seed}, {self.stops} stops and the reach {self.reach:g}; "
                            f"use 0 to {SEEDS - 1}, 2 to 1024 and 0 to 1")

    @property
    def by_chance(self) -> bool:
        """Whether it draws its own latents instead of going through entries."""
        return self.kind in CHANCE_PATHS

    @property
    def length(self) -> int:
        """Positions before it comes round."""
        return self.stops if self.by_chance else len(self.entries)


@dataclass(frozen=True)
class Direction:
    """A direction in w of one network, with what one step of it is.

    id       its name in addresses
    label    its name for people
    vector   [w_dim] of unit length
    sigma    standard deviation of w along it
    first    first layer it acts on
    last     last layer it acts on; −1 is the last there is
    """

    id: str
    label: str
    vector: tuple[float, ...]
    sigma: float
    first: int = 0
    last: int = -1

    def __post_init__(self) -> None:
        check_slug(self.id)
        if not self.vector or self.sigma < 0:
            raise LookError(f"the direction '{self.id}' has no vector; make it again from the network")


@dataclass(frozen=True)
class NoiseLayer:
    """A moving noise field on some of the network's layers.

    id      its name in addresses
    label   its name for people
    seed    other seeds are other fields
    first   first convolution it is added to
    last    last convolution it is added to; −1 is the last there is
    loop    after this many fields the motion repeats; 0 never
    field   grain of chance (gaussian), or drifting clouds (perlin)
    scale   size of its spots in picture heights; 0: as fine as the layer (clouds: an eighth)
    mask    moves inside this mask only; none: everywhere
    """

    id: str
    label: str
    seed: int = 0
    first: int = 0
    last: int = -1
    loop: int = 0
    field: str = "gaussian"
    scale: float = 0.0
    mask: str = ""

    def __post_init__(self) -> None:
        if self.field not in CHOICES["NoiseLayer.field"] or self.scale < 0:
            raise LookError(f"the noise layer '{self.id}' has a field '{self.field}' of scale {self.scale:g}; use one of "
                            f"{', '.join(CHOICES['NoiseLayer.field'])} and 0 or more")
        if check_slug(self.id) == "base":
            raise LookError("a noise layer cannot be called 'base', which is the network's own noise; give it another id")


@dataclass(frozen=True)
class Bend:
    """A transformation of activations after one layer.

    id        its name in addresses
    label     its name for people
    kind      what is done
    layer     after which layer: 0 is the input, then every convolution
    border    what comes in from beyond the edge: the picture mirrored, its other side (scrolls without end), or nothing
    maps      which of the layer's feature maps it acts on
    part      of "part": the share of the maps, chosen by the seed; a larger share holds the smaller one
    indices   of "list": the maps' numbers
    cluster   of "cluster": which group of maps
    mask      acts inside this mask only; none: everywhere
    seed      other seeds are other maps, and other noise
    level     of the threshold: above it a place counts as lit
    classic   Broad's conventions: nothing beyond the edge, and a centre half a cell to the right and down
    """

    id: str
    label: str
    kind: str
    layer: int
    border: str = "reflect"
    maps: str = "all"
    part: float = 0.5
    indices: tuple[int, ...] = ()
    cluster: str = ""
    mask: str = ""
    seed: int = 0
    level: float = 0.0
    classic: bool = False

    def __post_init__(self) -> None:
        check_slug(self.id)
        _check_choice("bend", self, BENDS)
        for name in ("border", "maps"):
            if getattr(self, name) not in CHOICES[f"Bend.{name}"]:
                raise LookError(f"the bend '{self.id}' has the unknown {name} '{getattr(self, name)}'; "
                                f"known: {', '.join(CHOICES[f'Bend.{name}'])}")
        if not 0 <= self.part <= 1 or any(index < 0 for index in self.indices):
            raise LookError(f"the bend '{self.id}' acts on maps that cannot be; use a part of 0 to 1 and numbers from 0")


@dataclass(frozen=True)
class Rewrite:
    """Other weights at one convolution.

    id        its name in addresses
    label     its name for people
    kind      how they differ from the network's own
    layer     at which layer, counted as for bends; the input has no weights
    seed      other seeds are other weights, where chance is in it
    cluster   of "scale": which group of maps; none: all of the layer
    file      of "file": made by 'ganreact rewrite'; it names its layers itself
    """

    id: str
    label: str
    kind: str
    layer: int
    seed: int = 0
    cluster: str = ""
    file: str = ""

    def __post_init__(self) -> None:
        check_slug(self.id)
        _check_choice("rewrite", self, REWRITES)


@dataclass(frozen=True)
class Canvas:
    """How large the network works: its first map is extended to more cells than its own, so that it fills any frame.

    mode      how the first map goes on beyond its own cells. Grow mirrors it and lays fresh noise on what is new, so that a
              large frame never repeats; classic repeats the border and roughens it, as maua does
    detail    network pixels per output pixel: 0.5 computes half the size and enlarges it with a good filter.
              The network's own size is the least
    seamless  opposite edges meet: the frames tile, for materials
    """

    mode: str = "grow"
    detail: float = 0.5
    seamless: bool = False

    def __post_init__(self) -> None:
        modes = CHOICES["Canvas.mode"]
        if self.mode not in modes or not 0.01 <= self.detail <= 4:
            raise LookError(f"the canvas {self} cannot be made; use {', '.join(modes)} and a detail of 0.01 to 4")


def _check_choice(what: str, item: Any, kinds: Any) -> None:
    if item.kind not in kinds:
        raise LookError(f"the {what} '{item.id}' is of the unknown kind '{item.kind}'; known: {', '.join(kinds)}")

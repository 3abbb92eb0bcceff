"""Where a part of a look acts: masks (places of the picture) and clusters (feature maps of a layer)."""

from __future__ import annotations

from dataclasses import dataclass

from .catalogue import CHOICES
from .errors import LookError
from .naming import check_slug


@dataclass(frozen=True)
class Mask:
    """Places of the picture, from 0 (not there) to 1 (there): noise layers and bends can be kept inside.

    id       its name among masks
    label    its name for people
    kind     a shape, a picture, or a picture for each frame
    x        its middle, 0 at the left of the picture and 1 at the right
    y        its middle, 0 at the top and 1 at the bottom
    size     radius of a circle, length of a gradient, in picture heights
    angle    direction in which a gradient or a split grows: 0 to the right, 90 upwards
    soft     width of the edge, in picture heights
    invert   there and not there change places
    file     of an image: a file, or the name of an image in Blender; of a sequence: a folder, its files by name, or a film
    start    so many frames after the first, a sequence begins; before that its first picture stands still
    again    a sequence begins again after its last picture, instead of standing still
    """

    id: str
    label: str
    kind: str = "circle"
    x: float = 0.5
    y: float = 0.5
    size: float = 0.35
    angle: float = 0.0
    soft: float = 0.1
    invert: bool = False
    file: str = ""
    start: int = 0
    again: bool = False

    def __post_init__(self) -> None:
        check_slug(self.id)
        if self.kind not in CHOICES["Mask.kind"]:
            raise LookError(f"the mask '{self.id}' is of the unknown kind '{self.kind}'; "
                            f"known: {', '.join(CHOICES['Mask.kind'])}")
        if self.size < 0 or self.soft < 0:
            raise LookError(f"the mask '{self.id}' has a negative size or edge; use 0 or more")

    @property
    def is_picture(self) -> bool:
        """Whether it comes from files."""
        return self.kind in ("image", "sequence")


@dataclass(frozen=True)
class Cluster:
    """A named group of one layer's feature maps.

    id        its name among clusters
    label     its name for people
    layer     whose maps these are, counted as for bends
    indices   the maps' numbers
    """

    id: str
    label: str
    layer: int
    indices: tuple[int, ...]

    def __post_init__(self) -> None:
        check_slug(self.id)
        if any(index < 0 for index in self.indices):
            raise LookError(f"the cluster '{self.id}' names the feature map {min(self.indices)}; they are counted from 0")

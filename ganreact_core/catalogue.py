"""The catalogue: every kind of parameter, with its default, neutral value, range, unit and one line of help.

The panels, the sliders' limits, the table's clipping and the documentation all read it here. To add a bend, add a
row to `BENDS` and a function of the same name where `synthesis.bending.FUNCTIONS` finds it.
"""

from __future__ import annotations

from dataclasses import dataclass

from .chains import COMBINATIONS, OPERATIONS
from .clocks import UNITS

GROUPS = ("coarse", "middle", "fine")
"""Layer groups: `array_split(range(num_ws), 3)`."""


@dataclass(frozen=True)
class Parameter:
    """One animatable float.

    default    value of a new one
    neutral    value at which it does nothing
    minimum, maximum    hard limits: values beyond are clipped, or wrapped where cyclic
    soft       range of the slider
    """

    default: float
    neutral: float
    minimum: float
    maximum: float
    help: str
    unit: str = ""
    cyclic: bool = False
    soft: tuple[float, float] | None = None

    @property
    def slider(self) -> tuple[float, float]:
        """Range of the slider."""
        return self.soft or (self.minimum, self.maximum)


TRUNCATION = Parameter(0.8, 1.0, -2.0, 2.0, "How far pictures may stray from the mean one: 0 the mean, 1 the full variety",
                       soft=(0.0, 1.2))
GROUP = Parameter(1.0, 1.0, 0.0, 10.0, "Multiplies the whole value on these layers only", soft=(0.0, 2.0))
PALETTE = Parameter(0.0, 0.0, 0.0, 100.0, "Weight of this picture in the blend", soft=(0.0, 1.0))
ACCENT = Parameter(0.0, 0.0, 0.0, 1.0, "How much this picture covers the blend: 0 not at all, 1 wholly")
SET_MIX = Parameter(1.0, 1.0, 0.0, 100.0, "Weight of this set of pictures against the other sets", soft=(0.0, 1.0))
PATH_MIX = Parameter(0.0, 0.0, 0.0, 1.0, "How much this path covers the blend: 0 not at all, 1 wholly")
DIRECTION = Parameter(0.0, 0.0, -100.0, 100.0, "Steps along this direction, in its standard deviations", "σ", soft=(-3.0, 3.0))
NOISE_BASE = Parameter(1.0, 1.0, 0.0, 20.0, "Strength of the network's own fixed noise", soft=(0.0, 3.0))
NOISE_STRENGTH = Parameter(0.0, 0.0, 0.0, 100.0, "Strength of this noise layer", soft=(0.0, 5.0))
SHIFT = Parameter(0.0, 0.0, -100.0, 100.0, "Moves the picture's content, in picture sides (StyleGAN3 only)", "sides",
                  soft=(-0.5, 0.5))
TURN = Parameter(0.0, 0.0, -180.0, 180.0, "Turns the picture's content (StyleGAN3 only)", "°", cyclic=True)
ROUTE = Parameter(1.0, 0.0, -100.0, 100.0, "How much the envelope moves the parameter", soft=(-2.0, 2.0))

_ANYWHERE = 1000.0
MASKS: dict[str, Parameter] = {
    "x": Parameter(0.5, 0.5, -_ANYWHERE, _ANYWHERE, "Its middle: 0 at the picture's left, 1 at its right", soft=(0.0, 1.0)),
    "y": Parameter(0.5, 0.5, -_ANYWHERE, _ANYWHERE, "Its middle: 0 at the picture's top, 1 at its bottom", soft=(0.0, 1.0)),
    "size": Parameter(0.35, 0.35, 0.0, _ANYWHERE, "Radius of a circle, length of a gradient, in picture heights", "heights",
                      soft=(0.0, 1.0)),
    "angle": Parameter(0.0, 0.0, -1e6, 1e6, "Where it grows: 0 to the right, 90 upwards", "°", soft=(-180.0, 180.0)),
    "soft": Parameter(0.1, 0.1, 0.0, _ANYWHERE, "Width of the edge", "heights", soft=(0.0, 1.0)),
}
"""What of a mask moves: a field of it -> its parameter, which stands where the mask was put."""

MASK_SHAPES: dict[str, tuple[str, ...]] = {
    "circle": ("x", "y", "size", "soft"), "gradient": ("x", "y", "size", "angle"), "split": ("x", "y", "angle", "soft")}
"""Kind of mask -> what of it moves; one that is a picture lies still."""

CHANCE_PATHS = ("wander", "circle")
"""Kinds of walks that draw their own latents: a smoothed sequence of them, or a circle in a field of them."""

PATHS = ("spline", "slerp", "linear", *CHANCE_PATHS)
"""Kinds of walks; each has a function in `synthesis.paths`."""


def noise_phase(loop: int) -> Parameter:
    """Where a noise layer is in its motion; one that loops comes round after so many fields."""
    text = "Where this noise layer is in its motion: 1 is one new field"
    return Parameter(0.0, 0.0, 0.0, float(loop), text, cyclic=True) if loop > 0 else Parameter(
        0.0, 0.0, -1e6, 1e6, text, soft=(0.0, 32.0))


def path_position(entries: int) -> Parameter:
    """Where on a closed path of so many entries: 1 is one entry further."""
    return Parameter(0.0, 0.0, 0.0, float(entries), "Place on the path, in entries; round it goes after the last", cyclic=True)


BENDS: dict[str, Parameter] = {
    "zoom": Parameter(1.0, 1.0, 0.05, 20.0, "Enlarges the activations about their centre", "×", soft=(0.5, 2.0)),
    "rotate": Parameter(0.0, 0.0, -180.0, 180.0, "Turns the activations counter-clockwise", "°", cyclic=True),
    "shift_x": Parameter(0.0, 0.0, -1.0, 1.0, "Moves the activations right, in widths; comes round after two", "widths",
                         cyclic=True),
    "shift_y": Parameter(0.0, 0.0, -1.0, 1.0, "Moves the activations down, in heights; comes round after two", "heights",
                         cyclic=True),
    "stretch_x": Parameter(1.0, 1.0, 0.05, 20.0, "Widens the activations about their centre", "×", soft=(0.5, 2.0)),
    "stretch_y": Parameter(1.0, 1.0, 0.05, 20.0, "Heightens the activations about their centre", "×", soft=(0.5, 2.0)),
    "shear_x": Parameter(0.0, 0.0, -20.0, 20.0, "Slants the activations: what is above moves right", soft=(-1.0, 1.0)),
    "shear_y": Parameter(0.0, 0.0, -20.0, 20.0, "Slants the activations: what is on the right moves down", soft=(-1.0, 1.0)),
    "swirl": Parameter(0.0, 0.0, -3600.0, 3600.0, "Turns the centre of the activations, and less what is further out", "°",
                       soft=(-180.0, 180.0)),
    "flip_x": Parameter(0.0, 0.0, 0.0, 1.0, "Fades to left and right exchanged"),
    "flip_y": Parameter(0.0, 0.0, 0.0, 1.0, "Fades to top and bottom exchanged"),
    "gain": Parameter(1.0, 1.0, -10.0, 10.0, "Multiplies the activations", "×", soft=(0.0, 2.0)),
    "add": Parameter(0.0, 0.0, -20.0, 20.0, "Adds to the activations, in standard deviations", "σ", soft=(-2.0, 2.0)),
    "contrast": Parameter(1.0, 1.0, -10.0, 10.0, "Multiplies each map's distance from its own mean", "×", soft=(0.0, 3.0)),
    "flatten": Parameter(0.0, 0.0, 0.0, 1.0, "Pulls every map towards its own mean: detail of this layer fades"),
    "ablate": Parameter(0.0, 0.0, 0.0, 1.0, "Takes the activations away"),
    "invert": Parameter(0.0, 0.0, 0.0, 1.0, "Fades to 1 minus the activations"),
    "threshold": Parameter(0.0, 0.0, 0.0, 1.0, "Fades to 1 where a map is above the level, 0 where it is below"),
    "posterise": Parameter(0.0, 0.0, 0.0, 1.0, "Fades to a few steps: surfaces with hard edges"),
    "noise": Parameter(0.0, 0.0, 0.0, 20.0, "Adds still noise to the activations, in standard deviations", "σ",
                       soft=(0.0, 2.0)),
    "blur": Parameter(0.0, 0.0, 0.0, 32.0, "Softens the activations, in cells of the layer", "cells", soft=(0.0, 4.0)),
    "sharpen": Parameter(0.0, 0.0, 0.0, 20.0, "Lifts the detail of the activations", soft=(0.0, 3.0)),
    "edges": Parameter(0.0, 0.0, 0.0, 1.0, "Fades to the outlines of each map"),
    "erode": Parameter(0.0, 0.0, 0.0, 16.0, "Shrinks what is strong, in cells of the layer", "cells", soft=(0.0, 4.0)),
    "dilate": Parameter(0.0, 0.0, 0.0, 16.0, "Grows what is strong, in cells of the layer", "cells", soft=(0.0, 4.0)),
}
"""Kind of bend -> its amount. Every kind has a function of the same name in `synthesis.bending`."""

REWRITES: dict[str, Parameter] = {
    "scatter": Parameter(0.0, 0.0, -4.0, 4.0, "Multiplies the layer's weights by random factors", soft=(0.0, 1.0)),
    "shuffle": Parameter(0.0, 0.0, -4.0, 4.0, "Lets the layer's feature maps change places", soft=(0.0, 1.0)),
    "turn": Parameter(0.0, 0.0, -4.0, 4.0, "Turns the layer's kernels: strokes run the other way", soft=(0.0, 1.0)),
    "scale": Parameter(0.0, 0.0, -4.0, 20.0, "Strengthens what a cluster says, or silences it at −1", soft=(-1.0, 2.0)),
    "file": Parameter(0.0, 0.0, -20.0, 20.0, "Goes to the weights of a file: another network's, or made from pictures",
                      soft=(0.0, 1.0)),
}
"""Kind of rewrite -> its strength. Every kind has a function of the same name in `synthesis.rewriting`, or is told there."""

FORMATS = {"png": "As a screen shows it, without loss", "jpeg": "Small, to look at: it loses a little",
           "exr": "Linear light in half floats, never cut off: to go on working with"}
"""How frames are kept -> what that is good for."""

CHOICES: dict[str, tuple[str, ...]] = {
    "Path.kind": PATHS,
    "NoiseLayer.field": ("gaussian", "perlin"),
    "Bend.kind": tuple(BENDS),
    "Bend.border": ("reflect", "wrap", "zero"),
    "Bend.maps": ("all", "part", "list", "cluster"),
    "Rewrite.kind": tuple(REWRITES),
    "Mask.kind": (*MASK_SHAPES, "image", "sequence"),
    "Canvas.mode": ("grow", "mirror", "tile", "replicate", "classic"),
    "Look.format": tuple(FORMATS),
    "Route.mode": ("add", "multiply"),
    "Key.interpolation": ("ease", "linear", "hold"),
    "SequencePlan.every": ("bars", "beats", "sections", "inflections"),
    "SequencePlan.order": ("list", "chance"),
    "EnvelopeRecipe.source": ("feature", "events", "clock", "sections", "passage"),
    "EnvelopeRecipe.every": UNITS,
    "Shaping.operation": (*OPERATIONS, *COMBINATIONS),
}
"""Class.field of a look's parts -> what can be chosen there; the first is what a form begins with."""

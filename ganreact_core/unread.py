"""Which fields of a look's part mean nothing for its kind: a form leaves them out.

Only what is known to be unread is listed, so that a new kind, or a new field, shows everything until somebody says otherwise.
"""

from __future__ import annotations

from .catalogue import CHANCE_PATHS, PATHS

_POINTWISE = ("gain", "add", "contrast", "flatten", "ablate", "invert", "threshold", "posterise", "noise", "flip_x", "flip_y")
_MORPHOLOGY = ("blur", "sharpen", "edges", "erode", "dilate")
_BENDS = (*_POINTWISE, *_MORPHOLOGY, "zoom", "rotate", "shift_x", "shift_y", "stretch_x", "stretch_y", "shear_x", "shear_y",
          "swirl")
_WALKED = tuple(kind for kind in PATHS if kind not in CHANCE_PATHS)
_PICTURES = ("image", "sequence")
_STILL = ("circle", "gradient", "split", "image")

Condition = tuple[str, tuple[str, ...]]

UNREAD: dict[str, tuple[Condition, ...]] = {
    "Bend.border": (("kind", (*_POINTWISE, "erode", "dilate")),),
    "Bend.part": (("maps", ("all", "list", "cluster")),),
    "Bend.cluster": (("maps", ("all", "part", "list")),),
    "Bend.seed": (("maps", ("all", "list", "cluster")), ("kind", tuple(kind for kind in _BENDS if kind != "noise"))),
    "Bend.level": (("kind", tuple(kind for kind in _BENDS if kind != "threshold")),),
    "Bend.classic": (("kind", (*_POINTWISE, *_MORPHOLOGY, "swirl")),),
    "Rewrite.layer": (("kind", ("file",)),),
    "Rewrite.seed": (("kind", ("turn", "scale", "file")),),
    "Rewrite.cluster": (("kind", ("scatter", "shuffle", "turn", "file")),),
    "Rewrite.file": (("kind", ("scatter", "shuffle", "turn", "scale")),),
    "Mask.x": (("kind", _PICTURES),),
    "Mask.y": (("kind", _PICTURES),),
    "Mask.size": (("kind", ("split", *_PICTURES)),),
    "Mask.angle": (("kind", ("circle", *_PICTURES)),),
    "Mask.soft": (("kind", ("gradient", *_PICTURES)),),
    "Mask.file": (("kind", ("circle", "gradient", "split")),),
    "Mask.start": (("kind", _STILL),),
    "Mask.again": (("kind", _STILL),),
    "Path.seed": (("kind", _WALKED),),
    "Path.stops": (("kind", _WALKED),),
    "Path.reach": (("kind", _WALKED),),
    "Path.classic": (("kind", CHANCE_PATHS),),
    "Look.depth": (("format", ("exr", "jpeg")),),
}
"""Class.field -> it is not read where each of these fields has one of these values."""


def is_read(kind: str, field: str, values: object) -> bool:
    """Whether a field means something.

    kind     name of the dataclass: "Bend"
    values   the item itself, or anything with attributes of the same names
    """
    conditions = UNREAD.get(f"{kind}.{field}")
    return not conditions or any(getattr(values, name, None) not in unread for name, unread in conditions)

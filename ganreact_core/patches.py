"""Patches: a preset as JSON (envelopes + look + routes + values), for any track and any model of its family.

The look control in a .blend carries the same schema, so what is saved as a patch is what the control holds.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from .catalogue import CHOICES
from .envelopes import EnvelopeRecipe
from .errors import LookError
from .files import read_small, shown
from .look import Look, addresses
from .naming import check_unique
from .routes import Route, route_parameters
from .sequencing import Keys
from .serial import from_plain, parse_json, to_page, to_plain, to_sparse
from .strangers import require_near

FORMAT, VERSION = "ganreact.patch", 1
FIRST = "pulse"
"""The patch to begin with."""
_SHIPPED = Path(__file__).parent / "shipped"


@dataclass(frozen=True)
class Key:
    """One key of a parameter.

    at              where in the range: 0 its first frame, 1 its last
    value           what the parameter is there
    interpolation   how it goes on to the next key
    """

    at: float
    value: float
    interpolation: str = "ease"

    def __post_init__(self) -> None:
        if self.interpolation not in CHOICES["Key.interpolation"]:
            raise LookError(f"a key goes on by '{self.interpolation[:20]}'; use {', '.join(CHOICES['Key.interpolation'])}")


@dataclass(frozen=True)
class Patch:
    """Everything that is not the track.

    values  address -> value that differs from the catalogue's default
    keys    address -> keys over the range
    """

    label: str = ""
    help: str = ""
    envelopes: tuple[EnvelopeRecipe, ...] = ()
    look: Look = field(default_factory=Look)
    routes: tuple[Route, ...] = ()
    values: dict[str, float] = field(default_factory=dict)
    keys: dict[str, tuple[Key, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_unique("envelopes", [e.id for e in self.envelopes])
        check_unique("routes", [r.id for r in self.routes])
        known = addresses(self.look) | route_parameters(self.routes)
        for address in [*self.values, *self.keys, *(r.address for r in self.routes)]:
            if address not in known:
                raise LookError(f"the patch speaks of '{address}', which its look does not have; "
                                "add that part, or take the address out")
        for address, keys in self.keys.items():
            if not keys:
                raise LookError(f"the patch has no keys for '{address}', and says it had; take the address out")


def patch_to_text(patch: Patch) -> str:
    """A patch as JSON text."""
    return json.dumps({"format": FORMAT, "version": VERSION, **to_plain(patch)}, ensure_ascii=False, indent=1)


def patch_to_page(patch: Patch) -> str:
    """A patch as JSON to be read and changed by hand: routes whole, a line each, of all else what is not at its default."""
    return to_page({"format": FORMAT, "version": VERSION, **to_sparse(patch, whole=(Route,))}) + "\n"


def patch_from_text(text: str | bytes, what: str = "the patch") -> Patch:
    """JSON text -> patch; raises LookError with the field that is wrong."""
    plain = parse_json(text, what)
    if not isinstance(plain, dict) or plain.pop("format", None) != FORMAT:
        raise LookError(f"{what} is not a GANReact patch; choose a .json file that GANReact saved")
    version = plain.pop("version", None)
    if type(version) is not int or not 1 <= version <= VERSION:
        raise LookError(f"{what} was made by a newer GANReact (version {ascii(version)[:20]}); update GANReact")
    return from_plain(Patch, plain)


def patch_of_a_stranger(text: str | bytes, what: str, beside: str | Path = "") -> Patch:
    """A patch that came in a file, from whomever: as `patch_from_text`, and it leads to no other machine."""
    patch = patch_from_text(text, what)
    require_near(patch.look.files(), what, beside)
    return patch


def shipped() -> dict[str, Patch]:
    """The patches that come with GANReact by name: the one to begin with, then by alphabet."""
    names = sorted((path.stem for path in _SHIPPED.glob("*.json")), key=lambda name: (name != FIRST, name))
    return {name: load_patch(name) for name in names}


def shipped_patches() -> dict[str, str]:
    """Their names -> one line of help."""
    return {name: patch.help for name, patch in shipped().items()}


def load_patch(name_or_path: str | Path) -> Patch:
    """A shipped patch by name, or one from a file."""
    path = Path(name_or_path)
    shipped = _SHIPPED / f"{name_or_path}.json"
    if path.suffix != ".json" and shipped.parent == _SHIPPED and shipped.is_file():
        path = shipped
    if not os.path.lexists(path):
        names = ", ".join(p.stem for p in sorted(_SHIPPED.glob("*.json")))
        raise LookError(f"there is no patch '{shown(name_or_path)}'; give a .json file or one of: {names}")
    return patch_of_a_stranger(read_small(path, "patch", LookError), f"'{shown(path)}'", path)


def with_keys(patch: Patch, keys: Keys, n_frames: int) -> Patch:
    """The patch with these keys on whole frames of a range; what was keyed at their addresses before goes."""
    last = max(n_frames - 1, 1)
    placed = {address: tuple(Key(key.frame / last, key.value, key.interpolation) for key in curve)
              for address, curve in keys.items() if curve}
    return replace(patch, keys={**patch.keys, **placed})


def keyed_values(patch: Patch, n_frames: int) -> dict[str, np.ndarray | float]:
    """What a patch itself says of every parameter, without Blender: address -> scalar or [n_frames].

    Between two keys the value eases in and out, as Blender's own curves do, or goes straight, or waits.
    """
    keyed: dict[str, np.ndarray | float] = dict(patch.values)
    place = np.arange(n_frames) / max(n_frames - 1, 1)
    for address, keys in patch.keys.items():
        ordered = sorted(keys, key=lambda k: k.at)
        at, value = np.array([(k.at, k.value) for k in ordered]).T
        how = np.array([CHOICES["Key.interpolation"].index(k.interpolation) for k in ordered])
        left = np.clip(np.searchsorted(at, place, side="right") - 1, 0, len(at) - 1)
        right = np.minimum(left + 1, len(at) - 1)
        t = np.clip((place - at[left]) / np.maximum(at[right] - at[left], 1e-9), 0.0, 1.0)
        gone = np.stack([t * t * (3.0 - 2.0 * t), t, np.zeros_like(t)])[how[left], np.arange(n_frames)]
        keyed[address] = value[left] + (value[right] - value[left]) * gone
    return keyed

"""What comes of keys and music together at the present frame: shown beside the sliders, worked out at most once a change."""

from __future__ import annotations

from dataclasses import dataclass, field

import bpy

from ..ganreact_core.errors import GANReactError
from ..ganreact_core.routes import routed, within
from . import baking, controls
from .glancing import keyed_now, soloed
from .noticing import CHANGES, forget, notice

_EVENTS = (*CHANGES, "frame_change_post", "load_post")


@dataclass(frozen=True)
class Seen:
    """A routed parameter now: what the slider says, what is rendered, and whether the range cut it."""

    keyed: float
    final: float
    is_clipped: bool


@dataclass
class _Last:
    about: tuple = ()
    is_due: bool = True
    seen: dict[str, Seen] = field(default_factory=dict)


_last = _Last()


def at_this_frame(scene: bpy.types.Scene, look_control: controls.Control) -> dict[str, Seen]:
    """Every parameter that a route leads to: address -> what is seen of it. Empty where that cannot be told."""
    about = (scene.name, look_control.name, scene.frame_current, getattr(scene.ganreact, "solo", ""))
    if _last.is_due or _last.about != about:
        _last.about, _last.is_due = about, False
        try:
            _last.seen = _work_out(scene, look_control)
        except (GANReactError, KeyError):
            _last.seen = {}
    return _last.seen


def _work_out(scene: bpy.types.Scene, look_control: controls.Control) -> dict[str, Seen]:
    patch = controls.patch_of(look_control)
    found_envelopes = baking.envelopes_now(scene, patch, controls.audio_of(look_control))
    envelopes = {name: float(value[0]) for name, value in found_envelopes.items()}
    keyed, found = keyed_now(look_control, patch), {}
    parameters = controls.parameters_of(patch)
    arriving: dict[str, list] = {}
    for route in soloed(scene, patch.routes):
        if not route.mute and route.envelope in envelopes:
            arriving.setdefault(route.address, []).append((route, keyed.get(route.amount_address, route.amount)))
    for address, routes in arriving.items():
        value = float(routed(keyed.get(address, parameters[address].default), routes, envelopes))
        final = float(within(value, parameters[address]))
        clipped = abs(final - value) > 1e-6 and not parameters[address].cyclic
        found[address] = Seen(float(keyed.get(address, 0.0)), final, clipped)
    return found


@bpy.app.handlers.persistent
def _note(*_: object) -> None:
    """Something changed. Called from render threads too: touches nothing else."""
    _last.is_due = True


def register() -> None:
    """Hear of changes."""
    notice(_note, *_EVENTS)


def unregister() -> None:
    """Leave nothing."""
    forget(_note, *_EVENTS)
    _last.seen, _last.is_due = {}, True

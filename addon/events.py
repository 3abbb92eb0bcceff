"""Events that an artist corrects by hand: shown as keys of a curve "kick.events", kept as differences in seconds."""

from __future__ import annotations

from dataclasses import replace

import bpy
import numpy as np

from ..ganreact_core.catalogue import Parameter
from ..ganreact_core.corrections import Corrections, EventEdits, corrected, edits_between
from ..ganreact_core.errors import LookError
from ..ganreact_core.features import FeatureSet
from . import controls, fcurves
from .documents import Bake, Hearing

Control = bpy.types.Object
_SUFFIX = ".events"
_GROUP = "Events"
_STRENGTH = Parameter(0.0, 0.0, 0.0, 1.0, "A key is an event, its value how hard it hits: move, add, delete, then bake")


def editable(found: FeatureSet) -> list[str]:
    """Names of the events that can be corrected: moments, not spans."""
    return sorted(name for name, times in found.events.items() if np.ndim(times) == 1)


def shown(control: Control) -> list[str]:
    """Names of the events whose keys are on the control."""
    return sorted(key[:-len(_SUFFIX)] for key in control.keys() if key.endswith(_SUFFIX) and fcurves.curve_of(control, key))  # noqa: SIM118


def show(control: Control, name: str, found: FeatureSet) -> int:
    """Put events on the control as keys, corrected as they are so far; returns how many lie on the strip."""
    hearing = controls.hearing_of(control)
    if name not in editable(found):
        raise LookError(f"this sound has no events '{name}' to correct; it has {', '.join(editable(found))}")
    controls.set_up(control, name + _SUFFIX, _STRENGTH, f"Events of {name}. {_STRENGTH.help}")
    return _write(control, name, corrected(found, hearing.corrections), hearing.placed)


def hide(control: Control, name: str) -> None:
    """Take their keys off the control; what was corrected stays corrected."""
    controls.remove_parameters(control, [name + _SUFFIX])


def collected(control: Control, found: FeatureSet) -> Hearing:
    """What the control knows, with the keys of all events that are shown read into its corrections.

    found   what was heard when those keys were written, not corrected
    """
    hearing = controls.hearing_of(control)
    base = corrected(found, replace(hearing.corrections, events={}))  # a tempo set by hand is no edit of each beat
    edits = {name: _edits(control, name, hearing, base) for name in shown(control) if name in found.events}
    kept = {name: one for name, one in {**hearing.corrections.events, **edits}.items() if one != EventEdits()}
    return replace(hearing, corrections=replace(hearing.corrections, events=kept))


def rewrite(control: Control, found: FeatureSet) -> None:
    """Put the events that are shown where they are now; `found` is corrected already."""
    for name in shown(control):
        if name in found.events:
            _write(control, name, found, controls.hearing_of(control).placed)


def without(corrections: Corrections, name: str) -> Corrections:
    """Corrections of one kind of event forgotten."""
    return replace(corrections, events={n: one for n, one in corrections.events.items() if n != name})


def _edits(control: Control, name: str, hearing: Hearing, found: FeatureSet) -> EventEdits:
    """Differences of what the keys say to what was heard; what lies outside of the strip stays as it was corrected."""
    only_events = Corrections(hearing.corrections.events)
    keys = fcurves.read_events(control, name + _SUFFIX)
    before = corrected(found, only_events)
    outside = [event for event in _events(before, name) if not hearing.placed.frames_of(event[0])]
    seen = [(hearing.placed.time_of(float(frame)), float(np.clip(strength, 0, 1))) for frame, strength in keys]
    wanted = {(round(time_s, 4), round(strength, 4)) for time_s, strength in seen} | {tuple(event) for event in outside}
    return edits_between(_events(found, name), np.array(sorted(wanted)).reshape(-1, 2))


def _events(found: FeatureSet, name: str) -> np.ndarray:
    """(seconds, strength) float64 [n, 2]."""
    return np.column_stack([found.moments(name), found.strengths_of(name)]).reshape(-1, 2)


def _write(control: Control, name: str, found: FeatureSet, where: Bake) -> int:
    points = np.array([(frame, strength) for time_s, strength in _events(found, name) for frame in where.frames_of(time_s)])
    points = points.reshape(-1, 2)
    fcurves.write_events(control, name + _SUFFIX, points[np.argsort(points[:, 0], kind="stable")],
                         action_name=f"GANReact · {control.name} · envelopes", group=_GROUP)
    return len(points)

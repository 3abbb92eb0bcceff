"""The Empties that carry everything: audio controls, look controls, result controls.

Plain custom properties, so that a file keeps its music and its look where this add-on is not installed. The text
property "ganreact" of a control is the truth about it; each animatable value lives only as `control["<address>"]`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import bpy

from ..ganreact_core.catalogue import Parameter
from ..ganreact_core.errors import LookError
from ..ganreact_core.look import Look, addresses, describe
from ..ganreact_core.patches import Patch, patch_to_text
from ..ganreact_core.routes import route_parameters
from . import fcurves, grouping
from .documents import (
    RESULT_FORMAT,
    TEXT,
    Hearing,
    hearing_from_text,
    hearing_to_text,
    kind_of_text,
    patch_of_text,
)

COLLECTION = "GANReact"
AUDIO, RESULT = "audio_control", "result_control"
_ENVELOPE = Parameter(0.0, 0.0, 0.0, 1.0, "Envelope, baked from the sound: use it in any driver")
_FREE = 1e6  # a cyclic parameter is keyed freely; it is wrapped when frames are made
_DISPLAY = {"audio": "SPHERE", "look": "CUBE", "result": "CIRCLE", "hallu": "SINGLE_ARROW"}

Control = bpy.types.Object


def kind_of(control: bpy.types.ID | None) -> str | None:
    """ "look", "audio", "result", "hallu", or None for anything else."""
    text = control.get(TEXT) if isinstance(control, bpy.types.Object) else None
    return kind_of_text(text) if isinstance(text, str) else None


def find(scene: bpy.types.Scene, kind: str) -> list[Control]:
    """The scene's controls of one kind, by name."""
    # the cheap question first: panels ask this at every redraw, of scenes with thousands of objects
    return sorted((o for o in scene.objects if TEXT in o and kind_of(o) == kind), key=lambda o: o.name)


def active_look(scene: bpy.types.Scene) -> Control | None:
    """The look chosen in the panel, or the first there is."""
    chosen = getattr(getattr(scene, "ganreact", None), "look", None)
    if kind_of(chosen) == "look" and _is_in(scene, chosen):
        return chosen
    return next(iter(find(scene, "look")), None)


def named(scene: bpy.types.Scene, name: str) -> Control | None:
    """The scene's object of a name: this file's own, where a linked one is called so too."""
    own = bpy.data.objects.get((name, None)) if name else None
    return own if own is not None and _is_in(scene, own) else scene.objects.get(name)


def audio_of(look_control: Control) -> Control | None:
    """The audio control that a look listens to."""
    audio = look_control.get(AUDIO)
    return audio if kind_of(audio) == "audio" else None


def active_audio(scene: bpy.types.Scene) -> Control | None:
    """The audio control of the active look, or the first there is."""
    look_control = active_look(scene)
    audio = audio_of(look_control) if look_control else None
    return audio or next(iter(find(scene, "audio")), None)


def patch_of(look_control: Control) -> Patch:
    """The look and routes that a look control carries; raises LookError where its text is damaged."""
    return patch_of_text(look_control[TEXT])


def hearing_of(audio_control: Control) -> Hearing:
    """What an audio control knows of its sound."""
    return hearing_from_text(audio_control[TEXT])


def parameters_of(patch: Patch) -> dict[str, Parameter]:
    """Every parameter that a look control carries: the look's own and its routes' amounts."""
    return addresses(patch.look) | route_parameters(patch.routes)


def create_audio_control(scene: bpy.types.Scene, hearing: Hearing) -> Control:
    """A new audio control with its envelopes at zero."""
    control = new_empty(scene, f"{hearing.label} · audio", "audio")
    store_hearing(control, hearing)
    return control


def create_look_control(scene: bpy.types.Scene, patch: Patch, audio_control: Control | None = None) -> Control:
    """A new look control with the patch's look, routes and values; its keys are written by `baking`."""
    ident, label = free_name(scene, patch.look)
    patch = replace(patch, look=replace(patch.look, id=ident, label=label))
    control = new_empty(scene, f"{patch.look.label} · look", "look")
    if audio_control is not None:
        control[AUDIO] = audio_control
    store_patch(control, patch)
    return control


def free_name(scene: bpy.types.Scene, look: Look, apart_from: Control | None = None) -> tuple[str, str]:
    """An id and a label like the look's that no look of the scene has, but for one that does not count."""
    others = [patch_of(other).look for other in find(scene, "look") if other != apart_from]
    stem, ident, label, n = look.id, look.id, look.label, 1
    # frames live in a folder for each look, and are shown by a strip for each: two looks never share an id or a name
    while ident in {one.id for one in others} or label in {one.label for one in others}:
        n += 1
        ident, label = f"{stem[:17]}-{n}", f"{look.label} {n}"
    return ident, label


def result_of(scene: bpy.types.Scene, look_control: Control) -> Control:
    """The look's result control, made where there is none of its own: a copy of a look points to that of the first."""
    result = look_control.get(RESULT)
    whose = next((look for look in find(scene, "look") if look.get(RESULT) == result), look_control)
    if kind_of(result) == "result" and is_own(result) and whose == look_control:
        join(scene, result)  # where it was deleted in the Outliner, the look still holds it
    else:
        result = new_empty(scene, f"{patch_of(look_control).look.label} · result", "result")
        result[TEXT] = f'{{"format": "{RESULT_FORMAT}", "version": 1}}'
        look_control[RESULT] = result
    return result


def store_hearing(control: Control, hearing: Hearing) -> None:
    """Write what an audio control knows, and give it exactly one property for each of its envelopes."""
    require_local(control)
    before = hearing_of(control).envelopes if TEXT in control else ()
    wanted = {recipe.id: recipe.label for recipe in hearing.envelopes}
    remove_parameters(control, [recipe.id for recipe in before if recipe.id not in wanted])
    for ident, label in wanted.items():
        set_up(control, ident, _ENVELOPE, f"{label}: {_ENVELOPE.help}")
    control[TEXT] = hearing_to_text(hearing)


def store_patch(control: Control, patch: Patch) -> None:
    """Write a look and its routes onto its control: new parameters appear, gone ones leave nothing behind.

    Values of parameters that stay are not touched; a patch's own values are written to new ones only.
    """
    require_local(control)
    wanted = parameters_of(patch)
    before = parameters_of(patch_of(control)) if TEXT in control else {}
    gone = [address for address in before if address not in wanted]
    remove_parameters(control, gone)
    if kind_of(control.get(RESULT)) == "result" and is_own(control[RESULT]):
        remove_parameters(control[RESULT], gone)
    for address, parameter in wanted.items():
        fresh = address not in control
        if not fresh and _stands_at_another_default(control, address, before.get(address), parameter):
            control[address] = float(parameter.default)
        set_up(control, address, parameter, f"{describe(patch.look, address)}: {parameter.help}")
        if fresh and address in patch.values:
            control[address] = float(patch.values[address])
    control[TEXT] = patch_to_text(replace(patch, envelopes=(), values={}, keys={}))
    fcurves.tidy(control, grouping.groups_of(patch))
    control.update_tag()


def holder_of(scene: bpy.types.Scene, kind: str) -> tuple[Control, Patch | Hearing]:
    """The control that carries a named list, and what it says: the audio control for envelopes, else the look control."""
    control = active_audio(scene) if kind == "envelopes" else active_look(scene)
    if control is None:
        raise LookError("analyse a sound first" if kind == "envelopes" else "add a look first")
    return control, hearing_of(control) if kind == "envelopes" else patch_of(control)


def store(control: Control, holder: Patch | Hearing) -> None:
    """Write what a control says, whichever it is."""
    if isinstance(holder, Patch):
        store_patch(control, holder)
    else:
        store_hearing(control, holder)


def copy_motion(control: Control, twins: Mapping[str, str]) -> None:
    """Give parameters the values, curves and drivers of others: address -> address of its copy."""
    for address, twin in twins.items():
        control[twin] = control[address]
        fcurves.copy_motion(control, address, twin)


def remove_parameters(control: Control, gone: Iterable[str]) -> None:
    """Take parameters off a control, with their curves and drivers."""
    gone = list(gone)
    fcurves.remove_curves(control, gone)
    for address in gone:
        control.pop(address, None)


def set_result(result: Control, patch: Patch, values: Mapping[str, float]) -> None:
    """Show final values on a result control; what varies is written as samples by `baking`."""
    for address, parameter in addresses(patch.look).items():
        set_up(result, address, parameter, f"{describe(patch.look, address)}: final value, keys and music together")
        result[address] = float(values[address])


def is_own(control: Control) -> bool:
    """Whether this file may change what a control is: it is neither linked nor overridden."""
    return not (control.library or control.override_library)


def library_of(control: Control) -> bpy.types.Library | None:
    """The file that a control's relative paths start from; None is this one."""
    return control.override_library.reference.library if control.override_library else control.library


def require_local(control: Control) -> None:
    """Raises LookError for a control that this file cannot change."""
    if not is_own(control):
        raise LookError(f"'{control.name}' is linked from another file; choose Object > Relations > Make Local first")


def trouble_of(control: Control) -> str:
    """Why a control's text cannot be read; empty where it can."""
    try:
        (patch_of if kind_of(control) == "look" else hearing_of)(control)
    except LookError as cause:
        return str(cause)
    return ""


def remove_control(control: Control) -> None:
    """Remove a control with the curves that are only its own."""
    action = control.animation_data.action if control.animation_data else None
    bpy.data.objects.remove(control)
    if action and not action.users:
        bpy.data.actions.remove(action)


def _is_in(scene: bpy.types.Scene, control: Control) -> bool:
    """Whether an object is in a scene; its name alone does not tell, where a linked one is called so too."""
    namesake = scene.objects.get(control.name)
    return namesake is not None and (namesake == control or any(one == control for one in scene.objects))


def _stands_at_another_default(control: Control, address: str, before: Parameter | None, now: Parameter) -> bool:
    """Whether a parameter that nobody touched has another default now: a bend of another kind, say."""
    if before is None or before.default == now.default or fcurves.curve_of(control, address) is not None:
        return False
    return isinstance(control[address], float) and abs(control[address] - before.default) < 1e-6


def set_up(control: Control, address: str, parameter: Parameter, description: str) -> None:
    """One custom property: a float with limits, default and help; a value that is there stays."""
    if not isinstance(control.get(address), float):
        control[address] = float(parameter.default)
    low, high = (-_FREE, _FREE) if parameter.cyclic else (parameter.minimum, parameter.maximum)
    soft_low, soft_high = parameter.slider
    control.id_properties_ui(address).update(min=low, max=high, soft_min=soft_low, soft_max=soft_high,
                                             default=float(parameter.default), description=description)
    control.property_overridable_library_set(fcurves.path_of(address), True)


def new_empty(scene: bpy.types.Scene, name: str, kind: str) -> Control:
    """An Empty in the collection GANReact, which nobody moves by accident."""
    control = bpy.data.objects.new(name, None)
    control.empty_display_type, control.empty_display_size = _DISPLAY[kind], 0.1
    control.lock_location = control.lock_rotation = control.lock_scale = (True, True, True)
    control.hide_select = control.hide_render = True
    join(scene, control)
    return control


def join(scene: bpy.types.Scene, control: Control) -> None:
    """Let a control be in the scene's collection GANReact, and in no other of this scene."""
    ours = _collection(scene)
    for collection in (scene.collection, *scene.collection.children_recursive):
        if collection != ours and not collection.library and collection.objects.get(control.name) == control:
            collection.objects.unlink(control)
    if ours.objects.get(control.name) != control:
        ours.objects.link(control)


def _collection(scene: bpy.types.Scene) -> bpy.types.Collection:
    ours = (c for c in scene.collection.children_recursive if c.name.partition(".")[0] == COLLECTION and not c.library)
    collection = next(ours, None)
    if collection is None:
        collection = bpy.data.collections.new(COLLECTION)
        scene.collection.children.link(collection)
    return collection

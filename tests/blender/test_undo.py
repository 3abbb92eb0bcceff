"""Every verb that can be undone: do, undo, redo is equal in one step each; one that refuses has changed nothing."""

import bpy
from ganreact_ext.addon import operators, strips

GIVEN = {
    "add_look": {"patch": "pulse"}, "add_entry": {"label": "Nacht", "seed": 77}, "add_bend": {"kind": "rotate", "layer": 2},
    "edit_entry": {"ident": "c", "seed": 99}, "edit_bend": {"ident": "zoom", "layer": 5}, "edit_noise_layer": {"ident": "sparks", "label": "Sand"},
    "edit_route": {"ident": "kick-zoom", "amount": 0.1}, "edit_path": {"ident": "walk", "label": "Gang"},
    "add_rewrite": {"kind": "scatter", "layer": 2}, "add_path": {"kind": "spline"}, "add_mask": {"label": "Rand"},
    "add_set": {"label": "Loud", "entries": "c, d"}, "add_noise_layer": {"label": "Sand"},
    "add_route": {"envelope": "kick", "address": "truncation", "mode": "add", "amount": 0.5},
    "remove_item": {"kind": "entries", "ident": "c"}, "rename_item": {"kind": "entries", "ident": "c", "label": "Morgen"},
    "duplicate_item": {"kind": "entries", "ident": "c"}, "move_item": {"kind": "entries", "ident": "c", "by": 2},
    "set_size": {"width": 640, "height": 360, "detail": 0.25}, "envelope_to_keys": {"envelope": "kick"},
    "lock_envelope": {"envelope": "kick"}, "add_envelope": {"label": "Extra"}, "edit_envelope": {"ident": "kick", "label": "Tritt"},
    "edit_events": {"envelope": "kick"}, "nudge": {"frames": 2}, "set_tempo": {"bpm": 90.0}, "reroll_entry": {"ident": "c", "seed": 5},
    "mix_entry": {"first": "c", "second": "d"}, "loop_and_tile": {"length": 48, "side": 64}, "mute_route": {"ident": "kick-zoom"},
    "solo_route": {"ident": "kick-zoom"}, "key_look": {"which": "WEIGHTS"}, "mark_asset": {"kind": "PATCH"},
    "toggle_member": {"kind": "paths", "ident": "walk", "member": "c"}, "reset_to_neutral": {"address": "truncation"},
    "add_step": {"envelope": "kick", "operation": "power"},
}

DONE = {*GIVEN, "add_hallu", "keying_sets", "bake", "film_settings"} - {"edit_events", "nudge", "set_tempo", "edit_route", "edit_path",
                                                                       "toggle_member", "add_step"}
"""Those that must really have been done, not refused."""


def undoable():
    """Names of all operators that make an undo step."""
    kinds = [kind for kind in operators.CLASSES if issubclass(kind, bpy.types.Operator) and "UNDO" in kind.bl_options]
    return sorted(kind.bl_idname.split(".")[1] for kind in kinds)


def known(name):
    """What is given to a verb: only what it has."""
    has = getattr(bpy.ops.ganreact, name).get_rna_type().properties.keys()
    return {key: value for key, value in GIVEN.get(name, {}).items() if key in has}


def walk_one(name, state, done):
    """What is wrong with one verb, or None; the scene is as it was afterwards."""
    before = state()
    try:
        ended = getattr(bpy.ops.ganreact, name)("EXEC_DEFAULT", True, **known(name))
    except (RuntimeError, TypeError) as refused:
        return f"{name} refused ({str(refused).strip()[:60]}) and changed something" if state() != before else None
    after = state()
    done |= {name} if ended == {"FINISHED"} else set()
    if ended != {"FINISHED"}:
        return f"{name} did nothing and changed something" if after != before else None
    bpy.ops.ed.undo()
    if state() != before:
        return f"{name}: undo is not what was before"
    bpy.ops.ed.redo()
    if state() != after:
        return f"{name}: redo is not what was after"
    bpy.ops.ed.undo()
    return None


def test_every_verb_is_one_undo_step(extension, scene, song, heard, state):
    bpy.ops.wm.save_as_mainfile(filepath=str(song.parent / "scene.blend"))
    strips.add_sound(bpy.context.scene, song)
    bpy.ops.ed.undo_push(message="sound")
    bpy.ops.ganreact.remember("EXEC_DEFAULT", True, strip="song", sha256="", features=str(heard))
    bpy.ops.ganreact.add_look("EXEC_DEFAULT", True, patch="pulse")
    names = undoable()
    assert len(names) > 50
    done = set()
    assert not [trouble for trouble in (walk_one(name, state, done) for name in names) if trouble]
    assert not DONE - done


def test_routes_and_assets_take_one_step_whatever_is_done_to_them(extension, scene, song, heard, state):
    """Several verbs in a row: each undo takes back one, the last first."""
    bpy.ops.wm.save_as_mainfile(filepath=str(song.parent / "scene.blend"))
    strips.add_sound(bpy.context.scene, song)
    bpy.ops.ed.undo_push(message="sound")
    bpy.ops.ganreact.remember("EXEC_DEFAULT", True, strip="song", sha256="", features=str(heard))
    bpy.ops.ganreact.add_look("EXEC_DEFAULT", True, patch="pulse")
    bpy.ops.ganreact.mark_asset("EXEC_DEFAULT", True, kind="ENTRY")
    picture = next(o.name for o in bpy.data.objects if o.asset_data)
    verbs = [("add_route", {"envelope": "kick", "address": "noise.base"}), ("edit_route", {"ident": "kick-base", "amount": 0.4}),
             ("mute_route", {"ident": "kick-base"}), ("solo_route", {"ident": "kick-base"}),
             ("duplicate_item", {"kind": "routes", "ident": "kick-base"}), ("remove_item", {"kind": "routes", "ident": "kick-base"}),
             ("mark_asset", {"kind": "LOOK"}), ("use_asset", {"name": picture})]
    states = [state()]
    for name, given in verbs:
        assert getattr(bpy.ops.ganreact, name)("EXEC_DEFAULT", True, **given) == {"FINISHED"}, name
        states.append(state())
        assert states[-1] != states[-2], name
    for before in reversed(states[:-1]):
        bpy.ops.ed.undo()
        assert state() == before


def test_verbs_about_the_engine_touch_nothing_of_the_file_and_make_no_step(extension, scene):
    from ganreact_ext.addon.operators import engine

    assert all("UNDO" not in kind.bl_options for kind in engine.CLASSES if issubclass(kind, bpy.types.Operator))

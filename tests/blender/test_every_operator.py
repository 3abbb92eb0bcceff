"""What holds for every operator there is: a tooltip, a poll that answers anywhere, a reason where it says no, an undo step."""

import bpy
import pytest

NO_STEP = {"cancel", "dismiss", "look_for_engine"}
"""They touch nothing of the file."""


@pytest.fixture
def every(extension, scene):
    return [cls for cls in sorted((getattr(bpy.types, n) for n in dir(bpy.types) if n.startswith("GANREACT_OT_")), key=str)]


def name_of(cls):
    return cls.__name__.removeprefix("GANREACT_OT_") if cls.__name__.startswith("GANREACT_OT_") else cls.bl_idname.split(".")[1]


def test_each_has_a_name_and_a_tooltip_without_a_full_stop(every):
    assert len(every) > 60
    for cls in every:
        described = cls.bl_rna.description or (cls.__doc__ or "")
        assert cls.bl_label.strip(), cls
        assert described.strip() and not described.strip().endswith("."), (cls, described)


def test_each_setting_that_an_artist_sees_has_a_name_and_says_what_it_does(every):
    silent = []
    for cls in every:
        for setting in getattr(bpy.ops.ganreact, name_of(cls)).get_rna_type().properties:
            seen = "INTERNAL" not in cls.bl_options and not setting.is_hidden and setting.identifier != "rna_type"
            if seen and setting.identifier not in ("filepath", "directory"):  # those are the file browser's own
                silent += [(name_of(cls), setting.identifier)] if not setting.description or setting.name == setting.identifier else []
    assert not silent


def test_each_poll_answers_in_an_empty_file_and_gives_its_reason(every):
    silent = []
    for cls in every:
        name = name_of(cls)
        operator = getattr(bpy.ops.ganreact, name)
        if operator.poll():
            continue
        with pytest.raises(RuntimeError) as refused:
            operator("EXEC_DEFAULT")
        if str(refused.value).strip().endswith("context is incorrect"):
            silent.append(name)
    assert not silent


def test_each_registers_an_undo_step_or_touches_nothing(every):
    jobs = {cls for cls in every if any(base.__name__ == "JobVerb" for base in cls.__mro__)}  # their end is the undo step
    without = {name_of(cls) for cls in every if "UNDO" not in cls.bl_options and cls not in jobs}
    writers = {n for n in without if n.startswith(("add_", "edit_", "remove_", "move_", "set_", "duplicate_", "rename_"))}
    assert not writers - NO_STEP


def test_every_panel_draws_in_an_empty_file_or_hides(every):
    from ganreact_ext.addon import panels

    for cls in panels.CLASSES:
        assert isinstance(cls.poll(bpy.context) if hasattr(cls, "poll") else True, bool)

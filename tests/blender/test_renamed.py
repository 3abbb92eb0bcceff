"""What an artist renames, or has twice under one name: strips, materials and planes are still known, and nobody else's are taken."""

import bpy
import pytest
from ganreact_ext.addon import controls, frames, materials, strips
from ganreact_ext.ganreact_core.bundle import Bundle

LONG = "Последний большой концерт перед зимой в старом городе"


@pytest.fixture
def look(extension, look_control):
    return look_control


def label_of(look):
    return controls.patch_of(look).look.label


def planes(scene):
    return [o for o in scene.objects if o.type == "MESH"]


def test_a_look_that_is_renamed_keeps_its_strip_its_material_and_its_plane(look, scene, numbered_frames):
    files = numbered_frames(1, 5)
    for label in ("Intro", "Intro 1.2", LONG):
        scene.ganreact_form.look_label = label
        assert label_of(look) == label
        strips.place_frames(scene, label, files, 1)
        materials.frames_plane(scene, materials.frames_material(label, files, 1, scene), (32, 16))
        assert [len(found) for found in (scene.sequence_editor.strips, bpy.data.materials, planes(scene))] == [1, 1, 1]
    assert planes(scene)[0].active_material == materials.material_of(LONG, scene)
    assert LONG.startswith(strips.strip_of_frames(scene, LONG).name.removeprefix(strips.STRIP_PREFIX))


def test_names_that_an_artist_gave_stay(look, scene, numbered_frames):
    files = numbered_frames(1, 5)
    strips.place_frames(scene, "Pulse", files, 1).name = "Backdrop"
    materials.frames_material("Pulse", files, 1, scene).name = "Wall"
    scene.ganreact_form.look_label = "Intro"
    strips.place_frames(scene, "Intro", files[:4], 1)
    materials.frames_material("Intro", files[:4], 1, scene)
    assert [s.name for s in scene.sequence_editor.strips] == ["Backdrop"] and [m.name for m in bpy.data.materials] == ["Wall"]


def test_a_strip_from_before_strips_knew_their_look_is_found_by_its_name(scene, numbered_frames):
    files = numbered_frames(1, 5)
    strip = strips.place_frames(scene, "Pulse", files, 1)
    del strip[strips._LABEL]
    assert strips.strip_of_frames(scene, "Pulse") == strip
    strips.place_frames(scene, "Pulse", files[:4], 1)
    assert len(scene.sequence_editor.strips) == 1


def test_looks_of_one_name_in_two_scenes_have_a_material_each(scene, numbered_frames):
    files, other = numbered_frames(1, 5), bpy.data.scenes.new("Other")
    first = materials.frames_material("Pulse", files, 1, scene)
    second = materials.frames_material("Pulse", files[:4], 1, other)
    assert first != second
    assert materials.frames_material("Pulse", files, 1, scene) == first
    other.name = "Renamed"
    assert materials.frames_material("Pulse", files[:4], 1, other) == second


def test_a_linked_material_of_that_name_is_not_written_to(scene, numbered_frames, tmp_path):
    files, path = numbered_frames(1, 5), str(tmp_path / "library.blend")
    materials.frames_material("Pulse", files, 1, scene)
    bpy.data.libraries.write(path, set(bpy.data.materials))
    bpy.data.materials.remove(bpy.data.materials[0])
    with bpy.data.libraries.load(path, link=True) as (_, wanted):
        wanted.materials = ["GANReact · Pulse"]
    assert not materials.frames_material("Pulse", files, 1, scene).library


def test_a_raised_texture_gets_new_frames_whatever_its_material_is_called(scene, numbered_frames):
    from ganreact_ext.addon import heights, surfaces

    files = numbered_frames(1, 5)
    material = materials.frames_material("Pulse", files, 1, scene)
    surfaces.use_on_surface(material, "RAISED")
    material.name = "Wall"
    materials.frames_material("Pulse", files[:3], 7, scene)
    taps = [n for group in heights.groups_in(material.node_tree) for n in group.nodes if n.bl_idname == "ShaderNodeTexImage"]
    assert {(n.image_user.frame_start, n.image_user.frame_duration) for n in taps} == {(7, 3)}


def test_another_folder_in_the_panel_is_where_the_frames_go(look, scene, tmp_path):
    frames.remember_folder(look, tmp_path / "a")
    assert frames.frames_folder(scene, look) == tmp_path / "a"
    scene.ganreact.folder = str(tmp_path / "b")
    assert frames.frames_folder(scene, look).parent == tmp_path / "b"


def test_showing_frames_leaves_the_range_that_was_chosen(look, scene, numbered_frames):
    numbered_frames(1, 20)
    for end, shown, after in ((20, 20, 20), (300, 20, 300), (10, 20, 20)):
        scene.frame_end = end
        frames.place(scene, look, Shown(numbered_frames), range(1, shown + 1), frames.Placing())
        assert scene.frame_end == after


class Shown(Bundle):
    """Frames that are there, of a look that nobody evaluated."""

    def __init__(self, numbered_frames):
        from ganreact_ext.ganreact_core.look import Look

        object.__setattr__(self, "files", numbered_frames(1, 20))
        object.__setattr__(self, "look", Look(size=(32, 16)))

    def frame_path(self, number):
        return self.files[number - 1]

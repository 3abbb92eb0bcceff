"""What an artist renames, or has twice under one name: strips, materials and planes are still known, and nobody else's are taken."""

import bpy
import numpy as np
import pytest
from ganreact_ext.addon import carrying, changes, controls, frames, listening, materials, strips
from ganreact_ext.ganreact_core.bundle import Bundle
from ganreact_ext.ganreact_core.carried import mask_picture_path
from ganreact_ext.ganreact_core.png import grey_png

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


def test_frames_stay_where_they_are_when_their_scene_is_renamed(look, scene, numbered_frames, tmp_path):
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "song.blend"))
    frames.place(scene, look, Shown(numbered_frames), range(1, 11), frames.Placing())
    before = frames.frames_folder(scene, look)
    scene.name = "Verse"
    assert frames.frames_folder(scene, look) == before == tmp_path / "frames"


def test_a_sound_strip_that_is_renamed_is_the_one_that_was_heard(look, scene, heard, song):
    strip = strips.add_sound(scene, song)
    found = {"file": str(song), "sha256": "x", "features": str(heard)}
    bpy.ops.ganreact.remember(strip=strip.name, **found)
    audio, = controls.find(scene, "audio")
    strip.name = "Chorus"
    assert not changes.changes(scene, controls.hearing_of(audio))
    bpy.ops.ganreact.bake()
    assert controls.hearing_of(audio).strip == "Chorus"
    strip.name = "Bridge"
    bpy.ops.ganreact.remember(strip="Bridge", **found)
    assert controls.find(scene, "audio") == [audio] and controls.hearing_of(audio).strip == "Bridge"
    strips.add_sound(scene, song, 200)
    assert listening.control_of(scene, strips.sound_strips(scene)[-1].name) is None


def test_a_mask_keeps_its_image_when_that_is_renamed(look, scene, tmp_path):
    def image(name, grey):
        made = bpy.data.images.new(name, 4, 4)
        made.pixels.foreach_set([grey] * 64)
        return made

    first = image("Shape", 0.2)
    bpy.ops.ganreact.mask_from_image(image="Shape")
    first.name = "Old shape"
    image("Shape", 0.8)
    bpy.ops.ganreact.mask_from_image(image="Shape")
    one, other = controls.patch_of(look).look.masks
    carrying.carry(tmp_path / "b", controls.patch_of(look).look, range(1, 2), 1)
    written = [mask_picture_path(tmp_path / "b", mask).read_bytes() for mask in (one, other)]
    assert written == [grey_png(np.full((4, 4), value, np.uint8)) for value in (51, 204)]


class Shown(Bundle):
    """Frames that are there, of a look that nobody evaluated."""

    def __init__(self, numbered_frames):
        from ganreact_ext.ganreact_core.look import Look

        object.__setattr__(self, "files", numbered_frames(1, 20))
        object.__setattr__(self, "look", Look(size=(32, 16)))
        object.__setattr__(self, "folder", self.files[0].parent)

    def frame_path(self, number):
        return self.files[number - 1]

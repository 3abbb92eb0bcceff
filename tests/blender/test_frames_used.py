"""Frames: counted before a render, shown while they are made, used on surfaces, around and from a projector; loops close."""

import bpy
import numpy as np
import pytest
from ganreact_ext.addon import controls, counting, frames, materials, strip_timing, strips, surfaces
from ganreact_ext.ganreact_core.png import encode


@pytest.fixture
def look(extension, scene, look_control, tmp_path):
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "scene.blend"))
    look_control = bpy.context.scene.objects[look_control.name]
    bpy.context.scene.ganreact.look = look_control
    bpy.ops.ganreact.set_size("EXEC_DEFAULT", width=64, height=64, detail=1.0)
    return look_control


def draw(bundle, numbers):
    """Whole pictures with the right keys, without a network."""
    from ganreact_ext.ganreact_core import frame_keys, png

    keys = bundle.frame_keys(numbers)
    for number in numbers:
        content = encode(np.full((64, 64, 3), number, np.uint8))
        name = bundle_key_name(frame_keys, png)
        text = name.encode() + b"\0\0\0\0\0" + keys[number].encode()
        bundle.frame_path(number).write_bytes(content[:33] + png.chunk(b"iTXt", text) + content[33:])


def bundle_key_name(frame_keys, png):
    from ganreact_ext.ganreact_core import bundle as module

    return getattr(module, "KEY_NAME", None) or frame_keys.KEY_NAME


def test_what_a_render_would_make_is_counted_before(look, scene):
    scene = bpy.context.scene
    bpy.ops.ganreact.count_frames("EXEC_DEFAULT")
    assert counting.sentence_of(scene, look) == "90 of 90 frames to make"
    bundle = frames.make_bundle(scene, look, frames.frames_folder(scene, look), range(1, 91))
    draw(bundle, range(1, 91))
    bpy.ops.ganreact.count_frames("EXEC_DEFAULT")
    assert counting.sentence_of(scene, look) == "All 90 frames are there"
    look["palette.c.fine"] = 0.3
    for frame, value in ((1, 0.5), (41, 0.5), (50, 0.9)):
        look["palette.d.fine"] = value
        look.keyframe_insert('["palette.d.fine"]', frame=frame)
    bpy.ops.ganreact.count_frames("EXEC_DEFAULT")
    assert "90 of 90" in counting.sentence_of(scene, look)


def test_only_changed_frames_are_counted(look):
    scene = bpy.context.scene
    for frame in (1, 40, 50):
        look["bend.zoom"] = 1.0
        look.keyframe_insert('["bend.zoom"]', frame=frame)
    curve = next(c for c in look.animation_data.action.layers[0].strips[0].channelbag(look.animation_data.action_slot).fcurves
                 if c.data_path == '["bend.zoom"]')
    for point in curve.keyframe_points:
        point.interpolation = "CONSTANT"
    draw(frames.make_bundle(scene, look, frames.frames_folder(scene, look), range(1, 91)), range(1, 91))
    curve.keyframe_points[1].co[1] = 1.5
    curve.update()
    bpy.ops.ganreact.count_frames("EXEC_DEFAULT")
    assert counting.sentence_of(scene, look) == "10 of 90 frames to make"


def test_frames_are_shown_while_they_are_made(look):
    scene = bpy.context.scene
    bundle = frames.make_bundle(scene, look, frames.frames_folder(scene, look), range(1, 91))
    assert not frames.place_early(scene, look, bundle, range(1, 91))
    draw(bundle, range(1, 3))
    bpy.ops.ganreact.show_early("EXEC_DEFAULT")
    strip = strips.strip_of_frames(scene, "Pulse")
    assert len(strip.elements) == 2 and tuple(strip[strips._SIZE]) == (64, 64)  # Blender draws it red where one is missing
    strip.blend_type, strip.crop.max_x = "SCREEN", 3
    assert not frames.place_early(scene, look, bundle, range(1, 91))
    draw(bundle, [3, 4, 6])
    assert frames.place_early(scene, look, bundle, range(1, 91))
    assert strips.strip_of_frames(scene, "Pulse") == strip and len(strip.elements) == 4 and strip_timing.right(strip) == 5
    draw(bundle, [5, *range(7, 91)])
    bpy.ops.ganreact.composite("EXEC_DEFAULT")
    strip = strips.strip_of_frames(scene, "Pulse")
    assert (strip.blend_type, strip.crop.max_x, len(strip.elements), strip_timing.right(strip)) == ("SCREEN", 3, 90, 91)


def test_frames_of_a_part_of_the_sound_are_used_also_where_their_folder_is_for_all_of_it(look):
    scene = bpy.context.scene
    bundle = frames.make_bundle(scene, look, frames.frames_folder(scene, look), range(1, 91))
    draw(bundle, range(3, 13))
    scene.ganreact.frames, scene.ganreact.first, scene.ganreact.last = "CUSTOM", 3, 12
    assert bpy.ops.ganreact.composite("EXEC_DEFAULT") == {"FINISHED"}
    strip = strips.strip_of_frames(scene, "Pulse")
    assert (strip_timing.left(strip), strip_timing.right(strip)) == (3, 13)
    assert bpy.ops.ganreact.use_frames("EXEC_DEFAULT", way="WORLD") == {"FINISHED"}
    scene.ganreact.last = 13
    with pytest.raises(RuntimeError, match="frames 13 are missing"):
        bpy.ops.ganreact.use_frames("EXEC_DEFAULT", way="WORLD")


def test_many_frames_are_not_placed_for_every_one_that_comes_and_a_trimmed_strip_stays_trimmed(look):
    scene = bpy.context.scene
    bundle = frames.make_bundle(scene, look, frames.frames_folder(scene, look), range(1, 91))
    draw(bundle, range(1, 41))
    assert frames.place_early(scene, look, bundle, range(1, 91))
    strip = strips.strip_of_frames(scene, "Pulse")
    strip_timing.set_right(strip, 21)
    strip_timing.set_left(strip, 6)
    draw(bundle, [41, 42])
    assert not frames.place_early(scene, look, bundle, range(1, 91))
    draw(bundle, range(43, 91))
    assert frames.place_early(scene, look, bundle, range(1, 91)) and len(strip.elements) == 90
    assert (strip_timing.left(strip), strip_timing.right(strip)) == (6, 21)
    assert [strip.strip_elem_from_frame(frame).filename for frame in (6, 20)] == ["000006.png", "000020.png"]


def test_a_look_that_was_edited_while_its_frames_were_made_gets_them_and_its_present_result(look):
    scene = bpy.context.scene
    bundle = frames.make_bundle(scene, look, frames.frames_folder(scene, look), range(1, 91))
    draw(bundle, range(1, 91))
    bpy.ops.ganreact.add_noise_layer("EXEC_DEFAULT", label="Sand")
    assert bpy.ops.ganreact.composite("EXEC_DEFAULT", look=look.name, bundle=str(bundle.folder)) == {"FINISHED"}
    assert len(strips.strip_of_frames(scene, "Pulse").elements) == 90
    assert look["result_control"]["noise.sand.strength"] == look["noise.sand.strength"]


def test_frames_light_paint_raise_and_surround(look):
    scene = bpy.context.scene
    draw(frames.make_bundle(scene, look, frames.frames_folder(scene, look), range(1, 91)), range(1, 91))
    with pytest.raises(RuntimeError, match="select a mesh"):
        bpy.ops.ganreact.use_frames("EXEC_DEFAULT", way="EMISSION")
    mesh = bpy.data.meshes.new("m")
    cube = bpy.data.objects.new("cube", mesh)
    scene.collection.objects.link(cube)
    cube.select_set(True)
    for way, kind in (("EMISSION", "ShaderNodeEmission"), ("SURFACE", "ShaderNodeBsdfPrincipled"), ("RAISED", "ShaderNodeBsdfPrincipled")):
        bpy.ops.ganreact.use_frames("EXEC_DEFAULT", way=way)
        tree = cube.active_material.node_tree
        output = next(n for n in tree.nodes if n.bl_idname == "ShaderNodeOutputMaterial")
        assert output.inputs["Surface"].links[0].from_node.bl_idname == kind
        assert bool(output.inputs["Displacement"].links) == (way == "RAISED")
    bpy.ops.ganreact.use_frames("EXEC_DEFAULT", way="WORLD")
    sky = scene.world.node_tree.nodes[materials.PICTURE_NODE]
    assert sky.image.source == "SEQUENCE" and sky.image_user.frame_duration == 90
    bpy.ops.ganreact.use_frames("EXEC_DEFAULT", way="PROJECTOR")
    bpy.ops.ganreact.use_frames("EXEC_DEFAULT", way="PROJECTOR")
    assert [o.type for o in scene.objects if o.type == "LIGHT"] == ["LIGHT"]


def test_a_raised_surface_renders(look, tmp_path):
    scene = bpy.context.scene
    draw(frames.make_bundle(scene, look, frames.frames_folder(scene, look), range(1, 91)), range(1, 91))
    material = materials.frames_material("Pulse", [frames.frames_folder(scene, look) / "frames" / f"{n:06d}.png" for n in range(1, 91)], 1)
    surfaces.use_on_surface(material, "RAISED")
    plane = materials.frames_plane(scene, material, (64, 64))
    camera = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
    camera.data.type, camera.data.ortho_scale = "ORTHO", 2.0
    camera.location, camera.rotation_euler = (0, -5, 0), (1.5707963, 0, 0)
    scene.collection.objects.link(camera)
    scene.camera = camera
    scene.render.engine, scene.cycles.samples, scene.cycles.use_denoising = "CYCLES", 1, False
    scene.render.resolution_x = scene.render.resolution_y = 16
    scene.frame_set(80)
    scene.render.filepath = str(tmp_path / "raised.png")
    bpy.ops.render.render(write_still=True)
    assert (tmp_path / "raised.png").is_file() and plane.active_material == material


def test_a_loop_closes_and_tiles(look):
    from ganreact_ext.addon import baking

    scene = bpy.context.scene
    bpy.ops.ganreact.loop_and_tile("EXEC_DEFAULT", length=48, side=64)
    patch = controls.patch_of(look)
    assert patch.look.size == (64, 64) and scene.frame_end == 48 and patch.look.canvas.seamless
    assert patch.routes and not any(route.mute for route in patch.routes)
    bpy.ops.ganreact.loop_and_tile("EXEC_DEFAULT", length=48, side=64, mute=True)
    patch = controls.patch_of(look)
    assert all(route.mute for route in patch.routes)
    moving = [f"path.{patch.look.paths[-1].id}.position", *(f"noise.{n.id}.phase" for n in patch.look.noise_layers)]
    table = baking.table_of(scene, look, range(1, 50)).table
    for address in moving:
        parameter = controls.parameters_of(patch)[address]
        column = table.columns[address]
        assert (column[48] - column[0]) % parameter.maximum == pytest.approx(0.0, abs=1e-4)
        assert np.allclose(np.diff(column[:48]), column[1] - column[0], atol=1e-4)


def test_two_looks_have_strips_of_their_own(look):
    scene = bpy.context.scene
    bpy.ops.ganreact.add_look("EXEC_DEFAULT", patch="pulse")
    labels = [controls.patch_of(c).look.label for c in controls.find(scene, "look")]
    assert len(set(labels)) == 2


def test_the_film_can_have_the_scenes_size(look):
    bpy.context.scene.render.resolution_x, bpy.context.scene.render.resolution_y = 1280, 721
    bpy.context.scene.render.resolution_percentage = 50
    bpy.ops.ganreact.size_from_scene("EXEC_DEFAULT")
    assert controls.patch_of(look).look.size == (640, 360)

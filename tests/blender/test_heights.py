"""Heights from a picture: luminance, softened by a width that can be keyed, following the frames."""

import bpy
import numpy as np
import pytest
from ganreact_ext.addon import heights, materials
from ganreact_ext.ganreact_core.png import encode


@pytest.fixture
def shown(scene, tmp_path, pixels):
    """A function (blur) -> the middle row of the height that a plane with two frames shows, 0…1, as if it glowed."""
    dark_to_bright = np.zeros((32, 32, 3), np.uint8)
    dark_to_bright[:, 16:] = 255
    for number, picture in ((1, dark_to_bright), (2, 255 - dark_to_bright)):
        (tmp_path / f"{number:06d}.png").write_bytes(encode(picture))
    material = materials.frames_material("Step", [tmp_path / "000001.png", tmp_path / "000002.png"], 1)
    tree = material.node_tree
    picture = tree.nodes[materials.PICTURE_NODE]
    group = tree.nodes.new("ShaderNodeGroup")
    group.node_tree = heights.height_group(picture, material.name)
    tree.links.new(tree.nodes.new("ShaderNodeTexCoord").outputs["UV"], group.inputs["Vector"])
    emission = next(n for n in tree.nodes if n.bl_idname == "ShaderNodeEmission")
    tree.links.new(group.outputs[heights.HEIGHT], emission.inputs["Color"])
    materials.frames_plane(scene, material, (32, 32))
    camera = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
    camera.data.type, camera.data.ortho_scale = "ORTHO", 2.0
    camera.location, camera.rotation_euler = (0, -5, 0), (1.5707963, 0, 0)
    scene.collection.objects.link(camera)
    scene.camera, scene.render.engine, scene.cycles.samples = camera, "CYCLES", 1
    scene.cycles.use_denoising = False
    scene.view_settings.view_transform = "Raw"

    def row(blur, frame=1):
        group.inputs[heights.BLUR].default_value = blur
        scene.frame_set(frame)
        return pixels(scene)[8, :, 0] / 255

    return row


def test_a_step_is_a_step_and_a_slope_where_it_is_softened(shown):
    sharp, soft = shown(0.0), shown(0.15)
    assert sharp[2] < 0.05 and sharp[-3] > 0.95
    between = lambda row: ((row > 0.1) & (row < 0.9)).sum()  # noqa: E731
    assert between(soft) > between(sharp) + 2
    assert soft[13] == pytest.approx(0.25, abs=0.06) and soft[2] < 0.05 and soft[-3] > 0.95


def test_it_follows_the_frames(shown):
    assert shown(0.0, 1)[-3] > 0.95 and shown(0.0, 2)[-3] < 0.05


def test_amount_and_blur_can_be_keyed_and_raising_twice_makes_nothing_new(scene, tmp_path):
    from ganreact_ext.addon import surfaces

    (tmp_path / "000001.png").write_bytes(encode(np.zeros((8, 8, 3), np.uint8)))
    material = materials.frames_material("One", [tmp_path / "000001.png"], 1)
    surfaces.use_on_surface(material, "RAISED", 0.2)
    count = len(material.node_tree.nodes), len(bpy.data.node_groups)
    surfaces.use_on_surface(material, "RAISED", 0.3)
    assert (len(material.node_tree.nodes), len(bpy.data.node_groups)) == count
    lift = next(n for n in material.node_tree.nodes if n.bl_idname == "ShaderNodeDisplacement")
    group = next(n for n in material.node_tree.nodes if n.bl_idname == "ShaderNodeGroup")
    assert lift.inputs["Scale"].default_value == pytest.approx(0.3)
    assert lift.inputs["Scale"].keyframe_insert("default_value", frame=1)
    assert group.inputs[heights.BLUR].keyframe_insert("default_value", frame=1)

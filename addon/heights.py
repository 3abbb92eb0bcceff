"""A height from a picture: its luminance, softened, as a node group that displacement reads. Blur and amount are keyable."""

from __future__ import annotations

import bpy

GROUP_PREFIX = "GANReact height · "
HEIGHT, BLUR = "Height", "Blur"
_TAPS = tuple((x, y, (2 - abs(x)) * (2 - abs(y)) / 16) for x in (-1, 0, 1) for y in (-1, 0, 1))
"""Places around a point in blur widths, and their weights: the binomial filter 1 2 1, both ways."""


def height_group(picture: bpy.types.ShaderNode, label: str) -> bpy.types.NodeTree:
    """The group of this picture, made where it is missing, following its frames.

    Inputs: Vector (where on the picture), Blur (in picture heights). Output: Height, luminance 0…1.
    """
    tree = bpy.data.node_groups.get((GROUP_PREFIX + label, None)) or _new_group(GROUP_PREFIX + label)
    follow(tree, picture)
    return tree


def groups_in(tree: bpy.types.NodeTree) -> list[bpy.types.NodeTree]:
    """The groups of this kind, of this file, that a tree uses."""
    groups = [node.node_tree for node in tree.nodes if node.bl_idname == "ShaderNodeGroup" and node.node_tree]
    return [group for group in groups if group.name.startswith(GROUP_PREFIX) and not group.library]


def follow(tree: bpy.types.NodeTree, picture: bpy.types.ShaderNode) -> None:
    """Let every tap of a group show the frames that the picture shows."""
    for node in tree.nodes:
        if node.bl_idname == "ShaderNodeTexImage":
            copy_sequence(picture, node)


def copy_sequence(source: bpy.types.Node, target: bpy.types.Node) -> None:
    """Let one image node show the frames of another."""
    target.image = source.image
    for name in ("frame_start", "frame_duration", "frame_offset", "use_auto_refresh", "use_cyclic"):
        setattr(target.image_user, name, getattr(source.image_user, name))


def _new_group(name: str) -> bpy.types.NodeTree:
    tree = bpy.data.node_groups.new(name, "ShaderNodeTree")
    tree.interface.new_socket("Vector", in_out="INPUT", socket_type="NodeSocketVector")
    blur = tree.interface.new_socket(BLUR, in_out="INPUT", socket_type="NodeSocketFloat")
    blur.default_value, blur.min_value, blur.max_value = 0.01, 0.0, 1.0
    tree.interface.new_socket(HEIGHT, in_out="OUTPUT", socket_type="NodeSocketFloat")
    given, result = tree.nodes.new("NodeGroupInput"), tree.nodes.new("NodeGroupOutput")
    given.location, result.location = (-900, 0), (700, 0)
    total = None
    for row, (x, y, weight) in enumerate(_TAPS):
        total = _add_tap(tree, given, total, ((x, y, 0.0), weight, 600 - 150 * row))
    tree.links.new(total, result.inputs[HEIGHT])
    return tree


def _add_tap(tree: bpy.types.NodeTree, given: bpy.types.Node, total: bpy.types.NodeSocket | None,
             tap: tuple[tuple[float, float, float], float, float]) -> bpy.types.NodeSocket:
    """One sample beside the point, weighted and added to those before."""
    offset, weight, down = tap
    place, picture = tree.nodes.new("ShaderNodeVectorMath"), tree.nodes.new("ShaderNodeTexImage")
    grey, sum_ = tree.nodes.new("ShaderNodeRGBToBW"), tree.nodes.new("ShaderNodeMath")
    for node, across in ((place, -600), (picture, -400), (grey, -50), (sum_, 200)):
        node.location = (across, down)
    place.operation, sum_.operation, picture.extension = "MULTIPLY_ADD", "MULTIPLY_ADD", "EXTEND"
    place.inputs[1].default_value = offset
    sum_.inputs[1].default_value, sum_.inputs[2].default_value = weight, 0.0
    tree.links.new(given.outputs[BLUR], place.inputs[0])
    tree.links.new(given.outputs["Vector"], place.inputs[2])
    tree.links.new(place.outputs["Vector"], picture.inputs["Vector"])
    tree.links.new(picture.outputs["Color"], grey.inputs[0])
    tree.links.new(grey.outputs[0], sum_.inputs[0])
    if total is not None:
        tree.links.new(total, sum_.inputs[2])
    return sum_.outputs[0]

"""Frames on surfaces: what glows, what is painted, what is raised; a world, a projector. Trees that an artist goes on with."""

from __future__ import annotations

import bpy

from . import heights
from .materials import PICTURE_NODE, is_called

WAYS = (("EMISSION", "Glowing", "The picture shines by itself, with the network's own colours"),
        ("SURFACE", "Painted", "The picture is the colour of a surface that light falls on"),
        ("RAISED", "Raised", "Painted and glowing; bright parts are raised, softened; amount and blur can be keyed"))
"""How a material uses the frames."""


def use_on_surface(material: bpy.types.Material, way: str, height: float = 0.1) -> None:
    """Lead the picture to where it belongs; nodes of the artist's that are not in the way stay."""
    tree = material.node_tree
    picture, output = tree.nodes[PICTURE_NODE], _output(tree)
    if way == "EMISSION":
        shader = _node(tree, "ShaderNodeEmission", (-200, 0))
        tree.links.new(picture.outputs["Color"], shader.inputs["Color"])
    else:
        shader = _node(tree, "ShaderNodeBsdfPrincipled", (-300, 0))
        tree.links.new(picture.outputs["Color"], shader.inputs["Base Color"])
        tree.links.new(picture.outputs["Color"], shader.inputs["Emission Color"])
        shader.inputs["Emission Strength"].default_value = 0.5 if way == "RAISED" else 0.0
    tree.links.new(shader.outputs[0], output.inputs["Surface"])
    for link in list(output.inputs["Displacement"].links):
        tree.links.remove(link)
    if way == "RAISED":
        _raise(material, picture, output, height)


def use_on_objects(material: bpy.types.Material, objects: list[bpy.types.Object]) -> int:
    """Give objects this material in their active slot; returns how many could take it."""
    able = [o for o in objects if o.type in {"MESH", "CURVE", "SURFACE", "META", "FONT"} and not o.library]
    for one in able:
        if not one.material_slots:
            one.data.materials.append(material)
        one.active_material = material
    return len(able)


def use_as_world(scene: bpy.types.Scene, picture: bpy.types.ShaderNode, name: str) -> bpy.types.World:
    """A world that shows the frames all around."""
    world = bpy.data.worlds.get((name, None)) or bpy.data.worlds.new(name)
    if bpy.app.version < (5, 0):
        world.use_nodes = True
    tree = world.node_tree
    sky = tree.nodes.get(PICTURE_NODE) or tree.nodes.new("ShaderNodeTexEnvironment")
    sky.name = sky.label = PICTURE_NODE
    sky.location = (-500, 0)
    heights.copy_sequence(picture, sky)
    background = _node(tree, "ShaderNodeBackground", (-200, 0))
    tree.links.new(sky.outputs["Color"], background.inputs["Color"])
    tree.links.new(background.outputs[0], _output(tree, "ShaderNodeOutputWorld").inputs["Surface"])
    scene.world = world
    return world


def use_as_projector(scene: bpy.types.Scene, picture: bpy.types.ShaderNode, name: str, aspect: float) -> bpy.types.Object:
    """A spot light that throws the frames onto whatever stands before it (in Cycles)."""
    found = next((o for o in scene.objects if o.type == "LIGHT" and is_called(o, name)), None)
    if found is None:
        light = bpy.data.lights.new(name, "SPOT")
        light.energy, light.spot_size, light.spot_blend, light.shadow_soft_size = 1000.0, 1.2, 0.0, 0.0
        found = bpy.data.objects.new(name, light)
        scene.collection.objects.link(found)
        found.location, found.rotation_euler = (0.0, -5.0, 1.0), (1.5708, 0.0, 0.0)
    if found.data.node_tree is None:
        found.data.use_nodes = True
    _throw(found.data.node_tree, picture, aspect)
    return found


def _throw(tree: bpy.types.NodeTree, picture: bpy.types.ShaderNode, aspect: float) -> None:
    """The ray's direction, divided by its depth, is the place on the picture."""
    film = tree.nodes.get(PICTURE_NODE) or tree.nodes.new("ShaderNodeTexImage")
    film.name = film.label = PICTURE_NODE
    film.extension = "CLIP"
    heights.copy_sequence(picture, film)
    where = _node(tree, "ShaderNodeTexCoord", (-1200, 0))
    split = _node(tree, "ShaderNodeSeparateXYZ", (-1000, -200))
    divide = _node(tree, "ShaderNodeVectorMath", (-800, 0))
    divide.operation = "DIVIDE"
    place = _node(tree, "ShaderNodeMapping", (-600, 0))
    place.inputs["Location"].default_value = (0.5, 0.5, 0.0)
    place.inputs["Scale"].default_value = (-0.75 / max(aspect, 1.0), -0.75 * min(aspect, 1.0), 0.0)
    film.location = (-400, 0)
    emission = _node(tree, "ShaderNodeEmission", (-100, 0))
    tree.links.new(where.outputs["Normal"], split.inputs[0])
    tree.links.new(where.outputs["Normal"], divide.inputs[0])
    tree.links.new(split.outputs["Z"], divide.inputs[1])
    tree.links.new(divide.outputs["Vector"], place.inputs["Vector"])
    tree.links.new(place.outputs["Vector"], film.inputs["Vector"])
    tree.links.new(film.outputs["Color"], emission.inputs["Color"])
    tree.links.new(emission.outputs[0], _output(tree, "ShaderNodeOutputLight").inputs["Surface"])


def _raise(material: bpy.types.Material, picture: bpy.types.Node, output: bpy.types.Node, height: float) -> None:
    """Luminance, softened, lifts the surface: the amount is the Scale of the displacement node, the blur the group's."""
    tree = material.node_tree
    group = next(iter(heights.groups_in(tree)), None) or heights.height_group(picture, material.name)
    softened = next((n for n in tree.nodes if n.bl_idname == "ShaderNodeGroup" and n.node_tree == group), None)
    if softened is None:
        softened = tree.nodes.new("ShaderNodeGroup")
        softened.node_tree, softened.location = group, (-450, -400)
    lift = _node(tree, "ShaderNodeDisplacement", (-200, -400))
    lift.inputs["Scale"].default_value, lift.inputs["Midlevel"].default_value = height, 0.0
    where = picture.inputs["Vector"].links
    source = where[0].from_socket if where else _node(tree, "ShaderNodeTexCoord", (-700, -400)).outputs["UV"]
    tree.links.new(source, softened.inputs["Vector"])
    tree.links.new(softened.outputs[heights.HEIGHT], lift.inputs["Height"])
    tree.links.new(lift.outputs[0], output.inputs["Displacement"])
    material.displacement_method = "BOTH"


def _node(tree: bpy.types.NodeTree, kind: str, place: tuple[float, float]) -> bpy.types.Node:
    """The tree's node of this kind, or a new one."""
    node = next((n for n in tree.nodes if n.bl_idname == kind), None)
    if node is None:
        node = tree.nodes.new(kind)
        node.location = place
    return node


def _output(tree: bpy.types.NodeTree, kind: str = "ShaderNodeOutputMaterial") -> bpy.types.Node:
    active = next((n for n in tree.nodes if n.bl_idname == kind and n.is_active_output), None)
    return active or _node(tree, kind, (0.0, 0.0))

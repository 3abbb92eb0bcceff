"""Frames as a texture and as a film: the image-sequence material, its plane, colour management, output settings."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import bpy

from ..ganreact_core.errors import Partial
from . import heights
from .kept_paths import kept_path
from .strips import keep_fitted

MATERIAL_PREFIX = "GANReact · "
_LABEL, _SCENE = "ganreact_frames", "ganreact_scene"
"""Properties of a material: label of the look whose frames it shows, and of which scene: labels are unique in a scene only."""

_LIGHT = "Linear Rec.709"
PICTURE_NODE = "GANReact frames"
"""Name of the node that shows them, in every tree."""


def frames_material(label: str, files: Sequence[Path], first_frame: int,
                    scene: bpy.types.Scene | None = None) -> bpy.types.Material:
    """A material that glows with files[0] at scene frame first_frame and with one file a frame after it.

    An earlier one of the same look gets the new frames; its other nodes stay.
    scene   whose look it is; None is any
    """
    if not files[0].is_file():
        raise Partial(f"the frame {files[0].name} is missing; render first")
    material = material_of(label, scene) or bpy.data.materials.new(MATERIAL_PREFIX + label)
    material[_LABEL], material[_SCENE] = label, scene.name if scene else material.get(_SCENE, "")
    material.use_fake_user = True  # it is made to be found and used: saving must not drop it before
    if bpy.app.version < (5, 0):
        material.use_nodes = True
    nodes = material.node_tree.nodes
    picture = nodes.get(PICTURE_NODE) or _glow(material)
    picture.image = _sequence(picture.image, files[0])
    user = picture.image_user
    user.frame_start, user.frame_duration, user.use_auto_refresh = first_frame, len(files), True
    # Blender looks for the file numbered 1 on frame_start, whatever the number of the file that was loaded
    user.frame_offset = _number(files[0]) - 1
    user.use_cyclic = False
    for raised in heights.groups_in(material.node_tree):
        heights.follow(raised, picture)
    return material


def material_of(label: str, scene: bpy.types.Scene | None = None) -> bpy.types.Material | None:
    """The material of this file that shows a look's frames, whatever it is called; one of another scene's look is not it."""
    found = [m for m in bpy.data.materials if not m.library and _is_of(m, label, scene)]
    here = scene.name if scene else ""
    return max(found, key=lambda m: (m.get(_SCENE) == here, m.name == MATERIAL_PREFIX + label), default=None)


def rename_frames(scene: bpy.types.Scene, label: str, now: str) -> None:
    """A look has another label: its material goes on as its own, with its plane, called so where the artist gave no name."""
    material = material_of(label, scene)
    if material is not None:
        plane = _plane_of(scene, material)
        material[_LABEL] = now
        material.name = MATERIAL_PREFIX + now if material.name.startswith(MATERIAL_PREFIX) else material.name
        if plane is not None:
            plane.name = material.name


def _is_of(material: bpy.types.Material, label: str, scene: bpy.types.Scene | None) -> bool:
    """Whether a material shows that look's frames; that of a scene which is gone, or has another name now, is anybody's."""
    whose = material.get(_SCENE, "")
    return (material.get(_LABEL, material.name.removeprefix(MATERIAL_PREFIX)) == label
            and (scene is None or whose in ("", scene.name) or whose not in bpy.data.scenes))


def frames_plane(scene: bpy.types.Scene, material: bpy.types.Material, size: tuple[int, int]) -> bpy.types.Object:
    """A plane two units high in the picture's proportions, upright, with this material; one for each material."""
    plane = _plane_of(scene, material)
    if plane is None:
        half = size[0] / size[1]
        mesh = bpy.data.meshes.new(material.name)
        mesh.from_pydata([(-half, 0, -1), (half, 0, -1), (half, 0, 1), (-half, 0, 1)], [], [(0, 1, 2, 3)])
        layer = mesh.uv_layers.new(name="UVMap")
        layer.data.foreach_set("uv", [0.0, 0.0, 1.0, 0.0, 1.0, 1.0, 0.0, 1.0])
        plane = bpy.data.objects.new(material.name, mesh)
        scene.collection.objects.link(plane)
    plane.data.materials.clear()
    plane.data.materials.append(material)
    return plane


def show_again(scene: bpy.types.Scene, label: str) -> None:
    """Have a look's texture read again: files came that were missing when they were shown."""
    material = material_of(label, scene)
    picture = material.node_tree.nodes.get(PICTURE_NODE) if material and material.node_tree else None
    if picture and picture.image and not picture.image.library:
        picture.image.reload()


def show_true_colours(scene: bpy.types.Scene) -> None:
    """View transform 'Standard': any other changes the network's colours."""
    scene.view_settings.view_transform = "Standard"
    scene.view_settings.look = "None"
    scene.view_settings.exposure, scene.view_settings.gamma = 0.0, 1.0


def film_settings(scene: bpy.types.Scene, path: str, size: tuple[int, int]) -> None:
    """Render the Sequencer to an .mp4 that plays anywhere: H.264, AAC, the frames' own size."""
    render, image = scene.render, scene.render.image_settings
    if hasattr(image, "media_type"):  # since 5.0
        image.media_type = "VIDEO"
    image.file_format = "FFMPEG"
    film = render.ffmpeg
    film.format, film.codec, film.constant_rate_factor, film.ffmpeg_preset = "MPEG4", "H264", "HIGH", "GOOD"
    film.audio_codec, film.audio_bitrate, film.audio_mixrate, film.audio_channels = "AAC", 192, 48000, "STEREO"
    render.filepath, render.use_file_extension, render.use_sequencer = path, True, True
    before = (render.resolution_x, render.resolution_y)
    render.resolution_x, render.resolution_y = size[0] + size[0] % 2, size[1] + size[1] % 2
    keep_fitted(scene, before)
    render.resolution_percentage = 100
    show_true_colours(scene)


def is_called(thing: bpy.types.ID, name: str) -> bool:
    """Whether a thing has a name, or one that Blender has numbered because it was taken."""
    return bool(re.fullmatch(rf"{re.escape(name)}(\.\d{{3,}})?", thing.name))


def _plane_of(scene: bpy.types.Scene, material: bpy.types.Material) -> bpy.types.Object | None:
    return next((o for o in scene.objects if o.type == "MESH" and is_called(o, material.name)), None)


def _glow(material: bpy.types.Material) -> bpy.types.Node:
    """The smallest tree: picture -> emission -> surface."""
    tree = material.node_tree
    tree.nodes.clear()
    picture = tree.nodes.new("ShaderNodeTexImage")
    emission, output = tree.nodes.new("ShaderNodeEmission"), tree.nodes.new("ShaderNodeOutputMaterial")
    picture.name = picture.label = PICTURE_NODE
    picture.location, emission.location, output.location = (-500, 0), (-200, 0), (0, 0)
    tree.links.new(picture.outputs["Color"], emission.inputs["Color"])
    tree.links.new(emission.outputs["Emission"], output.inputs["Surface"])
    return picture


def _sequence(image: bpy.types.Image | None, first: Path) -> bpy.types.Image:
    if image is None:
        image = bpy.data.images.load(str(first), check_existing=False)
    image.filepath = kept_path(first)
    image.source = "SEQUENCE"
    image.colorspace_settings.name = _LIGHT if first.suffix == ".exr" else "sRGB"  # the earlier files' stays otherwise
    image.reload()
    return image


def _number(file: Path) -> int:
    return int(file.stem)

"""Makes Blender's application template of GANReact: File › New › GANReact begins with our workspace and an empty Sequencer.

    python3 scripts/tour/run.py BLENDER OUT scripts/tour/template.py

OUT/GANReact.zip is what Blender's menu › Install Application Template takes; OUT/GANReact.blend is the same as a plain file.
"""

import zipfile
from collections.abc import Iterator
from pathlib import Path

import bpy
from stage import OUT, Stage

KEPT = ("Layout", "Shading", "Rendering", "Compositing")
"""Blender's own workspaces that stay beside ours."""


def journey(stage: Stage) -> Iterator[float]:
    """An empty scene, our workspace in front, the file and the archive; then it is opened as a user would."""
    for thing in list(bpy.context.scene.objects):
        bpy.data.objects.remove(thing)
    yield 0.3
    yield from workspace(stage)
    others = [one for one in bpy.data.workspaces if one.name not in (*KEPT, stage.module("workspace").NAME)]
    with bpy.context.temp_override(window=stage.window):
        bpy.ops.workspace.reorder_to_front()
        bpy.data.batch_remove(others)
    yield 0.5
    stage.picture("template-new")
    file, archive = OUT / "GANReact.blend", OUT / "GANReact.zip"
    bpy.context.preferences.filepaths.save_version = 0
    bpy.ops.wm.save_as_mainfile(filepath=str(file), copy=True, compress=True)
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.write(file, "GANReact/startup.blend")
    stage.note(template_bytes=archive.stat().st_size, workspaces=[one.name for one in bpy.data.workspaces])
    yield from begin_from(stage, archive)


def workspace(stage: Stage) -> Iterator[float]:
    """Press the button, and wait until all areas stand."""
    stage.call("workspace")
    yield from stage.until(lambda: not stage.module("workspace").is_under_way(), 30)
    yield 0.8


def begin_from(stage: Stage, archive: Path) -> Iterator[float]:
    """Install the archive, and File › New."""
    bpy.ops.preferences.app_template_install(filepath=str(archive))
    bpy.ops.wm.read_homefile(app_template="GANReact")
    yield 2.0
    scene = bpy.context.scene
    stage.note(areas=sorted(area.ui_type for area in stage.window.screen.areas), opened=stage.window.workspace.name,
               scene=[scene.sync_mode, scene.view_settings.view_transform, scene.render.fps, len(scene.objects)])
    stage.picture("template-opened")

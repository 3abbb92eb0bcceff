#!/usr/bin/env python3
"""Builds the example file: a track, what was heard, a look with keys, frames, strip and texture; to learn from and go on with.

    python3 scripts/example.py [OUT.blend] [--seconds S]      with a Python that has bpy and the engine's packages

Everything in it is made by the same verbs as in the panel.
"""

import argparse
import importlib.util
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    """Make the file; 0 where it is whole."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", nargs="?", type=Path, default=ROOT / "out" / "example.blend")
    parser.add_argument("--seconds", type=float, default=8.0, help="so much of the track")
    args = parser.parse_args()
    os.environ.setdefault("GANREACT_PYTHON", sys.executable)
    import bpy

    spec = importlib.util.spec_from_file_location("ganreact_ext", ROOT / "__init__.py", submodule_search_locations=[str(ROOT)])
    extension = sys.modules["ganreact_ext"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(extension)
    bpy.ops.wm.read_factory_settings(use_empty=True)
    bpy.context.preferences.filepaths.save_version = 0  # no .blend1 beside it
    extension.register()
    build(bpy, args.out.absolute(), args.seconds)
    extension.unregister()
    print(args.out)
    return 0 if args.out.is_file() else 1


def order(cli, words: list[str]) -> None:
    """`--command ganreact render` with these words."""
    status = cli.main(["render", *words])
    if status:
        raise SystemExit(status)


def build(bpy, out: Path, seconds: float) -> None:
    """Listen, choose a look, key a weight, render, show."""
    from ganreact_ext.addon import cli, controls, workspace

    out.parent.mkdir(parents=True, exist_ok=True)
    scene = bpy.context.scene
    scene.render.fps = 24
    workspace.wish(scene)  # opened in a window, the file shows all there is to it
    bpy.ops.wm.save_as_mainfile(filepath=str(out))
    song = str(ROOT / "demo" / "airship.ogg")
    folder = str(out.with_name("example"))
    order(cli, ["--audio", song, "--patch", "pulse", "--size", "256x256", "--frames", "1-1", "--out", folder])
    look_control = controls.active_look(bpy.context.scene)
    entry = controls.patch_of(look_control).look.entries[0].id
    for frame, value in ((1, 1.0), (round(seconds * 12), 2.0), (round(seconds * 24), 1.0)):
        look_control[f"palette.{entry}"] = value
        look_control.keyframe_insert(f'["palette.{entry}"]', frame=frame, group="Palette")
    order(cli, ["--duration", str(seconds), "--out", folder, "--save", str(out)])


if __name__ == "__main__":
    sys.exit(main())

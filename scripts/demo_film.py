"""Runs inside Blender (a wheel or the program): loads the add-on from this folder and gives it the demo's orders.

The .blend is saved before frames are made, so that its paths are relative to it, and again at the end.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def load_addon():
    """The add-on as a package named "ganreact", registered, whatever this folder is called."""
    spec = importlib.util.spec_from_file_location("ganreact", ROOT / "__init__.py", submodule_search_locations=[str(ROOT)])
    package = importlib.util.module_from_spec(spec)
    sys.modules["ganreact"] = package
    spec.loader.exec_module(package)
    package.register()
    return package


def main(words: list[str]) -> int:
    """Make the scene, then let the add-on's own command line do the work."""
    import bpy

    parser = argparse.ArgumentParser()
    parser.add_argument("verb")
    for name in ("--audio", "--patch", "--out", "--save"):
        parser.add_argument(name, required=True)
    for name in ("--fps", "--seconds", "--size"):
        parser.add_argument(name, type=float, required=True)
    args = parser.parse_args(words)
    bpy.ops.wm.read_factory_settings(use_empty=True)
    bpy.context.preferences.filepaths.save_version = 0  # no film.blend1 beside it
    load_addon()
    from ganreact.addon import cli, workspace

    workspace.wish(bpy.context.scene)  # opened in a window, the file shows all there is to it
    bpy.ops.wm.save_as_mainfile(filepath=args.save)
    return cli.main([args.verb, "--audio", args.audio, "--fps", str(args.fps), "--patch", args.patch, "--duration",
                     str(args.seconds), "--size", f"{args.size:.0f}x{args.size:.0f}", "--out", args.out, "--save", args.save])


if __name__ == "__main__":
    status = main(sys.argv[sys.argv.index("--") + 1:])
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)  # a Blender wheel can crash while Python takes it down; all files are closed by now

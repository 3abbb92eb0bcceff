"""`blender [FILE.blend] --command ganreact analyze|render|bundle …`: the same verbs as in the panel, on the scene, waiting.

Nothing is saved unless --save says so.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import bpy

from ..ganreact_core.arguments import FILMS, KEPT, Parser, add_verb, duration_of, fps_of, size_of, verbs_of
from ..ganreact_core.bundle import Bundle
from ..ganreact_core.client import wait
from ..ganreact_core.errors import Partial, UsageError
from ..ganreact_core.failures import print_any_name, tell
from ..ganreact_core.frame_ranges import as_ranges, parse_frame_range, told_of_frames
from ..ganreact_core.keeper import EngineKeeper
from ..ganreact_core.models import EMBEDDED
from ..ganreact_core.surprise import find_patch
from . import baking, changes, controls, filming, frames, listening, materials, strips
from .engine_python import engine_command, engine_environment, find_engine_python
from .preferences import DEVICES, engine_choice


@dataclass
class Run:
    """One call: the scene it is about, what was asked, and the engine, started when first needed."""

    scene: bpy.types.Scene
    args: argparse.Namespace
    client: EngineKeeper | None = None

    def ask(self, kind: str, arguments: dict) -> dict:
        """Run a job to its end; progress goes to stderr."""
        if self.client is None:
            python = find_engine_python(engine_choice(bpy.context).python)
            self.client = EngineKeeper(engine_command(python), engine_environment())
        last = -1

        def tell(progress) -> None:
            nonlocal last
            if int(progress.fraction * 20) != last:
                last = int(progress.fraction * 20)
                print(f"{kind}: {progress.fraction:4.0%} {progress.text}", file=sys.stderr, flush=True)

        return wait(self.client, self.client.start(kind, arguments), tell).result

    @property
    def device(self) -> str:
        """The device asked for here, else the preferences'."""
        return self.args.device or engine_choice(bpy.context).device


def analyze(run: Run) -> None:
    """Listen to the scene's sound; write the feature set.

    blender FILE.blend --command ganreact analyze --out song.npz --plot song.png
    """
    _ensure_sound(run)
    question = _question(run)
    written = {"features": run.args.out, "json": run.args.json, "plot": run.args.plot}
    files = {name: str(Path(path).absolute()) if path else "" for name, path in written.items()}
    run.ask("analyze", {**question.arguments, **files})
    print(run.args.out)


def render(run: Run) -> None:
    """Render the scene's look: frames into a folder, or a film with sound.

    blender FILE.blend --command ganreact render --out film.mp4
    blender --command ganreact render --audio SONG.mp3 --out film.mp4 --duration 30 --save FILE.blend
    """
    out = Path(run.args.out).absolute()
    is_film = out.suffix.lower() in FILMS
    bundle, wanted = _render_frames(run, out.with_name(f"{out.stem}.frames") if is_film else out)
    look_control = controls.active_look(run.scene)
    frames.place(run.scene, look_control, bundle, wanted, frames.Placing())
    if controls.is_own(look_control):
        baking.write_result(run.scene, look_control, bundle.table)
    _remember(run, wanted)
    if is_film:
        _film(run, bundle, wanted, out)
    _save(run)
    print(out)


def bundle(run: Run) -> None:
    """Put everything a machine needs to render this look without Blender into a folder.

    blender FILE.blend --command ganreact bundle --out bundle --frames 1-500
    """
    look_control = _ensure_look(run)
    wanted = _chosen(run, baking.frames_of(run.scene, look_control), look_control)
    made = frames.make_bundle(run.scene, look_control, Path(run.args.out).absolute(), wanted)
    model = frames.model_of(look_control)
    if model != EMBEDDED:
        run.ask("carry", {"bundle": str(made.folder), "model": model})
    _remember(run, wanted)
    _save(run)
    print(f"{run.args.out}: frames {made.table.first_frame}-{made.table.last_frame}")


def main(argv: list[str]) -> int:
    """Run one verb; the exit status is that of the engine's own command line."""
    run = None
    print_any_name()
    try:
        args = _parser().parse_args(argv)
        run = Run(bpy.context.scene, args)
        args.verb(run)
    except SystemExit as end:  # --help
        return int(end.code or 0)
    except (Exception, KeyboardInterrupt) as error:
        return tell(error, debug="--debug" in argv)
    finally:
        if run and run.client:
            run.client.stop()
    return 0


def _render_frames(run: Run, folder: Path) -> tuple[Bundle, range]:
    look_control = _ensure_look(run)
    made = frames.make_bundle(run.scene, look_control, folder)
    wanted = _chosen(run, made.frame_numbers(), look_control)
    done = run.ask("render", frames.render_arguments(made, look_control, wanted, run.device))
    if done["left_out"]:
        raise Partial(f"frames {', '.join(as_ranges(done['left_out']))} killed the engine twice and were left out; "
                      "all others are done")
    frames.require_done(made, wanted)
    frames.remember_folder(look_control, folder)
    print(told_of_frames(done["rendered"], done["kept"]))
    _warn(done["warnings"])
    return made, wanted


def _chosen(run: Run, whole: range, look_control: controls.Control) -> range:
    """The frames asked for here, else those chosen in the scene."""
    if run.args.frames or run.args.duration:
        wanted = parse_frame_range(run.args.frames, whole)
        return wanted[:max(1, round(run.args.duration * strips.fps_of(run.scene)))] if run.args.duration else wanted
    chosen = frames.wanted_frames(run.scene, look_control)
    wanted = range(max(chosen[0], whole[0]), min(chosen[-1], whole[-1]) + 1)
    if not wanted:
        raise UsageError(f"the scene's frames {chosen[0]}-{chosen[-1]} lie outside the sound, which has "
                         f"{whole[0]}-{whole[-1]}; choose some of those with --frames")
    return wanted


def _remember(run: Run, wanted: range) -> None:
    """A part of the sound that was asked for here becomes the scene's range: what is saved, goes on with it."""
    if run.args.frames or run.args.duration:
        run.scene.ganreact.frames = "SCENE"
        run.scene.frame_start, run.scene.frame_end = wanted[0], wanted[-1]


def _film(run: Run, made: Bundle, wanted: range, out: Path) -> None:
    """The frames with their sound; where the Sequencer shows more than them, Blender's own render of it."""
    scene = run.scene
    materials.film_settings(scene, str(out.with_suffix("")), made.look.size)
    scene.render.filepath, scene.render.use_file_extension = str(out), False
    scene.frame_start, scene.frame_end = wanted[0], wanted[-1]
    why = filming.why_blender(scene, controls.active_look(scene), wanted)
    if not why and not any(side % 2 for side in made.look.size):
        _warn(run.ask("film", filming.job(scene, made, wanted, out))["warnings"])
        return
    _warn([f"Blender renders this film, since {why}"] if why else [])
    bpy.ops.render.render(animation=True, scene=scene.name)
    if not out.is_file():
        raise Partial(f"Blender did not write '{out.name}'; see what it said above")


def _warn(sentences: list[str]) -> None:
    for sentence in sentences:
        print(f"ganreact: {sentence}", file=sys.stderr)


def _ensure_look(run: Run) -> controls.Control:
    """The scene's look, heard and baked: what is missing is made, what is there is respected."""
    audio_control = _ensure_heard(run)
    look_control = controls.active_look(run.scene)
    if look_control is None or run.args.patch:
        look_control = baking.add_look(run.scene, find_patch(run.args.patch or "pulse"), audio_control)
        run.scene.ganreact.look = look_control
        baking.bake(audio_control, controls.hearing_of(audio_control).bake)
    if run.args.model:
        frames.set_model(look_control, EMBEDDED if run.args.model == EMBEDDED else str(Path(run.args.model).absolute()))
    if run.args.size:
        patch = controls.patch_of(look_control)
        controls.store_patch(look_control, replace(patch, look=replace(patch.look, size=run.args.size)))
    if run.args.format:
        patch, (kept, depth) = controls.patch_of(look_control), KEPT[run.args.format]
        controls.store_patch(look_control, replace(patch, look=replace(patch.look, format=kept, depth=depth)))
    return look_control


def _ensure_heard(run: Run) -> controls.Control:
    _ensure_sound(run)
    active = controls.active_audio(run.scene)
    if active and not run.args.strip and changes.is_current(run.scene, controls.hearing_of(active)):
        return active
    question = _question(run)
    control = listening.control_of(run.scene, question.strip)
    hearing = controls.hearing_of(control) if control else None
    if hearing and hearing.sha256 == question.sha256 and changes.is_current(run.scene, hearing):
        return control
    if not question.features.is_file():
        run.ask("analyze", question.arguments)
    return listening.remember(run.scene, question.strip, question.what.file, question.sha256, str(question.features))[0]


def _question(run: Run) -> listening.Question:
    """About the strip named here, or what plays, or what the scene's sound was before."""
    active = controls.active_audio(run.scene)
    was_mix = bool(active and controls.hearing_of(active).sha256 and not controls.hearing_of(active).strip)
    if run.args.what_plays or (was_mix and not run.args.strip):
        return listening.question_about_what_plays(run.scene)
    return listening.question_about(run.scene, run.args.strip)


def _ensure_sound(run: Run) -> None:
    if run.args.fps and not strips.sound_strips(run.scene):
        run.scene.render.fps, run.scene.render.fps_base = round(run.args.fps), round(run.args.fps) / run.args.fps
    if run.args.audio and not strips.sound_strips(run.scene):
        strips.make_room(run.scene, strips.add_sound(run.scene, run.args.audio))
    elif run.args.audio:
        raise UsageError("the scene has a sound already; leave --audio out, or choose it with --strip")


def _save(run: Run) -> None:
    if run.args.save:
        bpy.ops.wm.save_as_mainfile(filepath=str(Path(run.args.save).absolute()))


_OUT = {"FILM.mp4|FOLDER": "FILM.mp4, .mov (ProRes), .mkv (lossless), .webm, or a folder for frames",
        "F.npz": "the feature set", "FOLDER": "the bundle: a new or empty folder, or this bundle's own"}
"""What stands for the output in a verb's help -> what is written."""


def _parser() -> Parser:
    parser = Parser(prog="blender --command ganreact", description="Music moves a GAN's pictures: the scene's sound, its look.")
    parser.add_argument("--debug", action="store_true", help="show where an error came from")
    verbs = verbs_of(parser)
    one = _verb(verbs, "render", render, "FILM.mp4|FOLDER")
    _look_arguments(one)
    one = _verb(verbs, "analyze", analyze, "F.npz")
    one.add_argument("--json", metavar="F.json", help="events and sections, to read")
    one.add_argument("--plot", metavar="F.png", help="a picture of what was heard")
    one = _verb(verbs, "bundle", bundle, "FOLDER")
    one.add_argument("create", nargs="?", choices=["create"], metavar="create", help="as in the engine's own command line")
    _look_arguments(one)
    return parser


def _look_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--frames", default="", metavar="A-B", help="only these scene frames")
    parser.add_argument("--duration", type=duration_of, metavar="S", help="only the first seconds of them")
    parser.add_argument("--size", type=size_of, metavar="WxH", help="of the frames, in pixels")
    parser.add_argument("--format", choices=tuple(KEPT), help="how frames are kept; else the look's own")
    parser.add_argument("--patch", default="", metavar="NAME|FILE", help="add this look; else the scene's own, or 'pulse'")
    parser.add_argument("--model", default="", metavar="FILE", help="a checkpoint, or 'embedded'")
    parser.add_argument("--save", metavar="FILE.blend", help="save the scene with what was made")


def _verb(verbs: argparse._SubParsersAction, name: str, verb: Callable[[Run], None], out: str) -> Parser:
    parser = add_verb(verbs, name, verb)
    parser.add_argument("--out", required=True, metavar=out, help=_OUT[out])
    parser.add_argument("--audio", default="", metavar="SONG", help="a sound, for a scene that has none")
    parser.add_argument("--fps", type=fps_of, metavar="N", help="set before the sound is added")
    parser.add_argument("--strip", default="", metavar="NAME", help="the sound strip; the first where left out")
    parser.add_argument("--what-plays", action="store_true", help="listen to a mix of the strips, with their fades and speeds")
    parser.add_argument("--device", choices=[device[0] for device in DEVICES], help="else the preferences'")
    return parser


_commands: list = []


def register() -> None:
    """Make `--command ganreact` known."""
    _commands.append(bpy.utils.register_cli_command("ganreact", main))


def unregister() -> None:
    """Forget it."""
    while _commands:
        bpy.utils.unregister_cli_command(_commands.pop())

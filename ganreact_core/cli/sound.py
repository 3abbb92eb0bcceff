"""The verbs about sounds that a network makes: pieces of Hallu, components, training."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from ..arguments import count_of, ending_of, number_of, whole_of
from ..errors import UsageError
from ..models import EMBEDDED_SOUND
from .film_arguments import add_device_argument
from .terminal import Bar, stopped, warn

_MIDI = (".mid", ".midi", ".smf")


def hallu(args: argparse.Namespace) -> None:
    """Steps on a sound network's components, or a MIDI file, as one piece of sound.

    ganreact hallu steps.json --out piece.wav
    ganreact hallu melody.mid --out piece.flac --seed 4
    """
    from ..engine.jobs import Desk
    from ..engine.jobs import hallu as run

    if Path(args.steps).resolve() == Path(args.out).resolve():
        raise UsageError(f"'{Path(args.out).name}' is named twice and would be written over; give the sound a name of its own")
    source = {"midi": args.steps} if args.steps.lower().endswith(_MIDI) else {"steps": f"@{args.steps}"}
    asked = {**source, "out": args.out, "model": args.model, "components": args.components, "device": args.device,
             "rate_hz": args.rate, "float": args.float, "seed": args.seed, "step": args.step,
             "trim_tail": args.trim_tail}
    with Bar("Making sound") as bar:
        made = run(asked, Desk(progress=bar, cancelled=stopped.is_set))
    if made["silent"]:
        warn([f"clips {', '.join(map(str, made['silent']))} are silent; their sliders may be too far out"])
    print(f"{args.out}: {made['duration_s']:.1f} s of {made['points']} clip{'' if made['points'] == 1 else 's'}")


def components(args: argparse.Namespace) -> None:
    """Find the principal components of a sound network's activations (GANSpaceSynth).

    ganreact components gansynth/ --out components.npz --samples 8192
    """
    from ..synthesis import load_generator
    from ..synthesis.hallu import require_sound
    from ..synthesis.sound.components import principal_components, save_components

    generator = require_sound(load_generator(args.model, args.device))
    with Bar("Sampling sounds") as bar:
        found = principal_components(generator, layer=args.layer, samples=args.samples, components=args.components,
                                     pitch=args.pitch, advance=bar)
    save_components(args.out, found, half=args.half)
    print(f"{args.out}: {len(found)} components of {args.layer}, which hold {found.var_ratio.sum():.0%} of the variance")


def train(args: argparse.Namespace) -> None:
    """Train a small GANSynth on a folder of recordings, or on sounds that are made ('made'); the same command goes on.

    ganreact train-sound recordings/ --out mine.safetensors --minutes 120
    """
    from ..engine.sound_school import SchoolOrder, train_sound

    out = Path(args.out)
    if out.suffix != ".safetensors":
        raise UsageError(f"'{out.name}' should end in .safetensors, which is what is written")
    run = Path(args.run) if args.run else out.with_name(f"{out.stem}.training")
    with Bar("Training") as bar:
        made = train_sound(SchoolOrder(args.folder, out, run, args.minutes, args.overlap), bar, stopped.is_set)
    print(f"{args.out}: {made['sounds']} sounds seen; previews in {run}")


def add_sound_verbs(verb: Callable[..., argparse.ArgumentParser]) -> None:
    """The verbs' arguments; `verb(name, run)` makes a parser."""
    one = verb("hallu", hallu)
    one.add_argument("steps", metavar="STEPS.json|NOTES.mid", help="steps, or a MIDI file whose every note is a clip")
    one.add_argument("--out", required=True, metavar="PIECE.wav|.flac", help="the sound")
    one.add_argument("--model", default="", metavar="MODEL",
                     help="a GANSynth folder or file; else the piece's own, or the embedded one")
    one.add_argument("--components", default="", metavar="C.npz", help="principal components; else found, and kept")
    one.add_argument("--rate", type=count_of, metavar="HZ", help="sample rate; else the network's own")
    one.add_argument("--float", action="store_true", help="float samples; else 16 bit")
    one.add_argument("--step", type=count_of, metavar="N", help="only this step, from 1")
    one.add_argument("--trim-tail", action="store_true", help="end where nothing more is heard, not at the published length")
    one.add_argument("--seed", type=whole_of, default=0, metavar="N", help="where a MIDI file's latents begin")
    add_device_argument(one)
    one = verb("components", components)
    one.add_argument("model", metavar="MODEL", nargs="?", default=EMBEDDED_SOUND, help="a GANSynth; else the embedded one")
    one.add_argument("--out", type=ending_of(".npz"), required=True, metavar="C.npz", help="for 'hallu --components'")
    one.add_argument("--layer", default="block1.conv0", metavar="LAYER", help="whose activations; block1.conv0 where left out")
    one.add_argument("--samples", type=count_of, default=65_536, metavar="N", help="sounds to look at; 65536 where left out")
    one.add_argument("--components", type=count_of, default=16, metavar="N", help="how many to keep; 16 where left out")
    one.add_argument("--pitch", type=number_of, metavar="MIDI", help="else the lowest that was trained")
    one.add_argument("--half", action="store_true", help="16-bit numbers: half the size")
    add_device_argument(one)
    one = verb("train-sound", train)
    one.add_argument("folder", metavar="FOLDER|made", help="recordings; pitches are told apart in NSynth names, x-060-100.wav")
    one.add_argument("--out", required=True, metavar="M.safetensors", help="the network, written at the end of every sitting")
    one.add_argument("--minutes", type=number_of, default=60.0, metavar="M", help="how long, this time")
    one.add_argument("--overlap", type=number_of, default=0.5, metavar="SHARE", help="of neighbouring clips")
    one.add_argument("--run", metavar="FOLDER", help="where training is kept; else M.training beside the model")

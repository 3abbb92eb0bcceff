"""Arguments about what is rendered, and how."""

from __future__ import annotations

import argparse

from ..arguments import KEPT, duration_of, fps_of, loop_of, seconds_of, size_of, whole_of
from ..patches import FIRST
from .sound_arguments import add_correction_arguments, add_listening_arguments, add_material_arguments

OUT_FILM = "FILM.mp4, .mov (ProRes), .mkv (lossless), .webm, or a folder for frames"


def add_film_arguments(parser: argparse.ArgumentParser, out: str = OUT_FILM) -> None:
    """Which film; `out` says what --out names."""
    parser.add_argument("audio", metavar="SONG", help="a sound, or a film with one")
    parser.add_argument("--out", required=True, metavar="FILM.mp4|FOLDER" if out is OUT_FILM else "FOLDER", help=out)
    group = parser.add_argument_group("the pictures")
    group.add_argument("--patch", default=FIRST, metavar="NAME|FILE",
                       help=f"how the music moves the pictures, '{FIRST}' where left out; 'ganreact patches' lists them")
    group.add_argument("--seed", type=whole_of, default=0, metavar="N", help="another number, other pictures")
    group.add_argument("--model", default="", metavar="FILE", help="a checkpoint, or 'embedded'; else the patch's own")
    group.add_argument("--size", type=size_of, metavar="WxH", help="in pixels; else the patch's own")
    group.add_argument("--format", choices=tuple(KEPT), help="how frames are kept: png without loss; exr as light that is "
                       "never cut off, for compositing; jpeg small; else the patch's own")
    group.add_argument("--fps", type=fps_of, default=24.0, metavar="N", help="frames a second, 24 where left out")
    group.add_argument("--start", type=seconds_of, default=0.0, metavar="S", help="seconds into the track, or 1:12")
    length = group.add_mutually_exclusive_group()
    length.add_argument("--duration", type=duration_of, metavar="S", help="seconds; to the end where left out")
    length.add_argument("--loop", type=loop_of, metavar="N|Nbars", help="so many frames, or bars of the music, that come "
                        "round: the first follows the last")
    group.add_argument("--tile", action="store_true", help="opposite edges meet: frames tile, for materials")
    add_listening_arguments(parser)
    add_correction_arguments(parser)
    add_material_arguments(parser)


def add_render_arguments(parser: argparse.ArgumentParser) -> None:
    """How frames are computed."""
    group = parser.add_argument_group("how frames are made")
    add_device_argument(group)
    group.add_argument("--precision", default="exact", choices=("exact", "fast"),
                       help="fast: 16-bit arithmetic where the machine gains from it, off by half a grey level on average")
    group.add_argument("--wait-for-disk", type=seconds_of, default=0.0, metavar="S",
                       help="where the disk is full, wait so many seconds for room; else the render ends with 4")


def add_flash_argument(parser: argparse.ArgumentParser) -> None:
    """What a film may not do."""
    parser.add_argument("--limit-flashes", action="store_true",
                        help="hold the film back where it flashes more than three times a second")


def add_device_argument(parser: argparse._ActionsContainer) -> None:
    """Where a network computes."""
    parser.add_argument("--device", default="auto", choices=("auto", "cpu", "cuda", "mps"),
                        help="auto takes a graphics card where there is one")

"""What bench.py tells of a card: peaks, a table of networks, what bounds each, and the pieces that they are made of."""

from __future__ import annotations

import argparse
import math
import traceback
from collections.abc import Callable
from typing import Any

import torch

from ganreact_core.synthesis.acceleration import exact_arithmetic

from . import card_limits, on_card

Found = dict[str, Any]
_LEAST_FRAMES = 120
_HEAD = ("| network | rows | plain ms | exact ms | × | of the roofline | fast ms | × | of the roofline "
         "| fast is off by, grey levels: mean, most |")


def measure(args: argparse.Namespace, keep: Callable[[argparse.Namespace, Found], None]) -> Found:
    """Everything, printed as it is found and kept after every network: a run on a card that was lent is not to be lost."""
    exact_arithmetic()
    device = args.device
    found: Found = {"machine": _machine(device), "peaks": card_limits.peaks(device), "networks": [], "longest": {}}
    print(f"{found['machine']}\n{_named(found['peaks'], '.0f')} (GFLOP/s, GB/s)\n", flush=True)

    def tried(step: Callable[[], None]) -> None:
        try:
            step()
        except Exception:  # what follows may go
            traceback.print_exc()
        keep(args, found)

    names = args.only or on_card.NETWORKS
    for name in names:
        tried(lambda name=name: _network(name, args, found))  # type: ignore[misc]
    tried(lambda: _pieces(device, found))
    for name in names:
        tried(lambda name=name: _longest(name, device, found))  # type: ignore[misc]
    print("\n".join((_HEAD, "|---" * 10 + "|", *map(_line, found["networks"]))))
    return found


def _network(name: str, args: argparse.Namespace, found: Found) -> None:
    row = on_card.measure(name, args.device, args.rounds, found["peaks"])
    found["networks"].append(row)
    print(told(row), flush=True)
    if args.frames:
        frames = max(_LEAST_FRAMES, args.frames * row["rows"] // 4)
        row["around"] = on_card.around(name, args.device, frames, row["ms"]["fast"])
        print("whole renders: " + _named(row["around"], ".2f") + "\n", flush=True)


def _pieces(device: str, found: Found) -> None:
    found["pieces"] = card_limits.pieces(device)
    print("\n".join(_named(row, ".3f") for row in found["pieces"]) + "\n", flush=True)


def _longest(name: str, device: str, found: Found) -> None:
    found["longest"][name] = on_card.longest(name, device)
    for precision, spent in found["longest"][name].items():
        print(f"{name} {precision}, the longest: " + ", ".join(f"{key} {ms:.2f}" for key, ms in spent), flush=True)


def told(row: Found) -> str:
    """A network's results: its line of the table, then what explains it."""
    lines = [_line(row), "ms a frame: " + _named(row["ms"], ".2f"), "GB: " + _named(row["gb"], ".1f")]
    lines += [f"{precision} is bound by: {_named(row[f'{precision}_bound'], '.2f')}" for precision in ("exact", "fast")]
    return "\n".join([*lines, *(f"NOT REPLAYED: {sentence}" for sentence in row["told"])])


def _line(row: Found) -> str:
    ms = row["ms"]
    plain = min(value for name, value in ms.items() if name.startswith("plain") and not math.isnan(value))
    ours = (f"{ms[p]:.2f} | {plain / ms[p]:.2f} | {row[f'{p}_bound']['of_the_roofline']:.0%}" for p in ("exact", "fast"))
    mean, most = row["fast_off"]
    return f"| {row['name']} | {row['rows']} | {plain:.2f} | {' | '.join(ours)} | {mean:.2f}, {most:.1f} |"


def _named(values: Found, form: str) -> str:
    return ", ".join(f"{name} {value:{form}}" if isinstance(value, float) else f"{name} {value}"
                     for name, value in values.items())


def _machine(device: str) -> str:
    """The kind of card, never the machine's name."""
    if not device.startswith("cuda"):
        return device
    memory = torch.cuda.get_device_properties(device).total_memory / 1e9
    libraries = f"torch {torch.__version__}, cuDNN {torch.backends.cudnn.version()}"
    return f"{torch.cuda.get_device_name(device)}, {memory:.0f} GB; {libraries}"

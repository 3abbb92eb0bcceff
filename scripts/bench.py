#!/usr/bin/env python3
"""Measures frames a second and what lies around them against plain formulations of the published programs, in one run.

    python3 scripts/bench.py                          what a few minutes allow, on one core of the CPU
    python3 scripts/bench.py --only stylegan3-t-256   one network
    python3 scripts/bench.py --device cuda            on a card: batches, whole renders, and what bounds them
    python3 scripts/bench.py --json out/bench.json    for machines to read

On a CPU all times are processor time of one thread, so that other work on the machine matters little; several frames are
made side by side, one thread each. On a card they are the card's own. Weights are random, of the published shapes.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).resolve().parent), str(Path(__file__).resolve().parent.parent)]

import torch  # noqa: E402 - the project beside this script is found first
from bench_parts import around, card_table, generating  # noqa: E402
from bench_parts.clocks import gemm_gflops  # noqa: E402

QUICK = ("stylegan2-256", "stylegan2-1024", "stylegan3-t-256", "stylegan3-r-256", "biggan-deep-256")


def main() -> int:
    """The tables, and the JSON where it is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--only", action="append", choices=sorted(generating.CASES), help="a network; may be given again")
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="the best of so many")
    parser.add_argument("--frames", type=int, default=60, metavar="N",
                        help="for what lies around, on a card for each network and row of a batch; 0 leaves it out")
    parser.add_argument("--json", type=Path, metavar="F.json")
    args = parser.parse_args()
    torch.set_grad_enabled(False)
    torch.set_num_threads(1)
    if args.device.startswith("cuda") and not torch.cuda.is_available():
        print("bench: torch finds no card here; leave --device out to measure the CPU", file=sys.stderr)
        return 2
    found = card_table.measure(args, _keep) if args.device.startswith("cuda") else _on_the_cpu(args)
    _keep(args, found)
    return 0


def _on_the_cpu(args: argparse.Namespace) -> dict[str, Any]:
    peaks = {str(kind).removeprefix("torch."): gemm_gflops(args.device, kind) for kind in (torch.float32, torch.bfloat16)}
    reached = f"{peaks['float32']:.0f} GFLOP/s, in bfloat16 {peaks['bfloat16']:.0f}"
    print(f"{_machine()}; a matrix product reaches {reached}\n")
    print("| network | plain ms | exact ms | × | of the peak | fast ms | × | of the peak | grey levels off, mean, most "
          "| bends cost | difference of exact |")
    print("|---|---|---|---|---|---|---|---|---|---|---|", flush=True)
    rows = []
    for name in args.only or QUICK:
        rows.append(generating.measure(name, args.device, args.rounds, peaks))
        print(_line(rows[-1]), flush=True)
    found = {"machine": _machine(), "peaks": peaks, "networks": rows}
    if args.frames:
        found["around"] = around.measure(args.frames, 60.0) | around.memory(4 * args.frames)
        print("\n" + "\n".join(f"{name}: {value:.2f}" for name, value in found["around"].items()))
    return found


def _keep(args: argparse.Namespace, found: dict[str, Any]) -> None:
    if args.json:
        args.json.parent.mkdir(parents=True, exist_ok=True)
        args.json.write_text(json.dumps(found, indent=1))


def _line(row: dict) -> str:
    maua = f" (maua {row['maua_ms']:.0f})" if "maua_ms" in row else ""
    return (f"| {row['name']} | {row['plain_ms']:.0f}{maua} | {row['exact_ms']:.0f} | {row['exact_ratio']:.2f} "
            f"| {row['exact_share']:.0%} "
            f"| {row['fast_ms']:.0f} | {row['fast_ratio']:.2f} | {row['fast_share']:.0%} "
            f"| {row['fast_steps'][0]:.2f}, {row['fast_steps'][1]:.1f} | {row['bent_loss']:+.0%} "
            f"| {row['exact_difference']:.0e} |")


def _machine() -> str:
    """The kind of machine, never its name."""
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "CPU")
    return f"one core of {model}"


if __name__ == "__main__":
    sys.exit(main())

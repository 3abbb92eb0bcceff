"""`python -m tests.soak` from the project: the whole, or its parts, or what scripts/test.py runs each time.

    --quick            at most three minutes
    PART …             only these: kills faults disk long farm edits cancels messages sockets exits
    --figures F.json   what was measured, added to what is there
"""

from __future__ import annotations

import argparse
import importlib
import json
import shutil
import sys
import tempfile
import time
from pathlib import Path

from .nursery import make_nursery

QUICK = {"kills": 60, "faults": 200, "disk": 2, "long": 2_000, "farm": 120, "edits": 10, "cancels": 8, "messages": 5_000, "sockets": 1,
         "exits": 0}
WHOLE = {"kills": 1_000, "faults": 2_000, "disk": 40, "long": 54_000, "farm": 2_000, "edits": 200, "cancels": 200, "messages": 100_000,
         "sockets": 1, "exits": 1}


def main() -> int:
    """Run the parts asked for, one after the other; ends with 1 at the first that fails."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description="Long, hostile runs of the renderer.")
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(WHOLE))
    parser.add_argument("--quick", action="store_true", help="a small number of each")
    parser.add_argument("--count", type=int, help="another number")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--figures", type=Path, help="a .json file that the figures are added to")
    args = parser.parse_args()
    unknown = set(args.parts) - set(WHOLE)
    if unknown:
        parser.error(f"there is no part '{min(unknown)}'; choose from {', '.join(WHOLE)}")
    folder = Path(tempfile.mkdtemp(prefix="soak-"))
    try:
        for part in args.parts or WHOLE:
            count = args.count or (QUICK if args.quick else WHOLE)[part]
            if count:
                _run(part, count, folder / part, args)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return 0


def _run(part: str, count: int, folder: Path, args: argparse.Namespace) -> None:
    began = time.monotonic()
    nursery = make_nursery(folder, args.seed)
    figures = getattr(importlib.import_module(f"{__package__}.{part}"), part)(nursery, count)
    figures["seconds"] = round(time.monotonic() - began)
    print(f"{part}: " + ", ".join(f"{name}: {value}" for name, value in figures.items()), flush=True)
    if args.figures:
        known = json.loads(args.figures.read_text()) if args.figures.exists() else {}
        args.figures.parent.mkdir(parents=True, exist_ok=True)
        args.figures.write_text(json.dumps(known | {part: figures}, indent=1))


sys.exit(main())

#!/usr/bin/env python3
"""How long a large StyleGAN2-ada pickle takes to become usable weights, and in how much memory.

    python3 benchmarks/checkpoints.py [--folder DIR] [--repeat N]

Writes a 1024² training snapshot (G, D, G_ema: 382 MB, random numbers) once into the folder, then loads it in fresh processes.
"Beyond" is the time of load_generator less that of reading and hashing the same file; memory is the process's peak less what
it had before, after torch was imported. The clock counts on a quiet machine, the processor's time on a busy one. Files are
read from the system's cache in both: the disk is not measured.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
SIZE_BYTES = 382_000_000
_MEASURE = """
import hashlib, json, sys, time
from ganreact_core.synthesis import load_generator
from ganreact_core.synthesis.checkpoints.opening import read_file
def peak():
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM")) * 1024
load_generator("embedded")
before = peak()
started, worked = time.perf_counter(), time.process_time()
if sys.argv[2] == "read":
    hashlib.sha256(read_file(__import__("pathlib").Path(sys.argv[1]))).hexdigest()
else:
    G = load_generator(sys.argv[1])
    assert G.resolution == (1024, 1024)
print(json.dumps({"wall_s": time.perf_counter() - started, "cpu_s": time.process_time() - worked, "bytes": peak() - before}))
"""


def main() -> None:
    """Write the file where it is missing, measure, print the best of several."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()))
    parser.add_argument("--repeat", type=int, default=5, metavar="N")
    args = parser.parse_args()
    file = args.folder / "ganreact-1024.pkl"
    if not file.exists():
        write_snapshot(file)
    size = file.stat().st_size
    runs = {kind: [measured(file, kind) for _ in range(args.repeat)] for kind in ("read", "load")}
    print(f"file {size / 1e6:.0f} MB; peak memory {max(run['bytes'] for run in runs['load']) / size:.2f} × the file's size")
    for clock, name in (("wall_s", "on the clock"), ("cpu_s", "of processor")):
        read, load = (min(run[clock] for run in runs[kind]) for kind in ("read", "load"))
        print(f"{name}: read and hashed {read:.2f} s, load_generator {load:.2f} s, beyond that {load - read:.2f} s")


def measured(file: Path, kind: str) -> dict[str, float]:
    """One fresh process."""
    command = [sys.executable, "-c", _MEASURE, str(file), kind]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def write_snapshot(file: Path) -> None:
    """A file with the names, sizes and order of a published one: two generators of 1024², and a discriminator's bulk."""
    import numpy as np

    from ganreact_core.synthesis.generators.stylegan2 import StyleGAN2Config, expected_shapes
    from tests.synthesis.pickle_writer import TinyNetwork, module, pickled, tensor

    config = StyleGAN2Config(z_dim=512, w_dim=512, resolution=1024, mapping_layers=8)
    channels = {f"synthesis.b{side}.conv1.weight": (min(512, 32768 // side),) for side in config.block_sizes}
    shapes = expected_shapes(config, channels)
    draw, taps = np.random.default_rng(0), np.outer([1, 3, 3, 1], [1, 3, 3, 1]).astype(np.float32) / 64

    def network() -> object:
        tensors = {name: draw.standard_normal(shape, np.float32) for name, shape in shapes.items()}
        tensors |= {f"synthesis.b{side}.conv0.resample_filter": taps for side in config.block_sizes[1:]}
        states = {"": {"z_dim": 512, "w_dim": 512, "c_dim": 0, "img_resolution": 1024, "img_channels": 3},
                  "mapping": {"num_layers": 8}, "mapping.fc0": {"activation": "lrelu", "bias_gain": 0.01},
                  "synthesis": {"block_resolutions": list(config.block_sizes)},
                  "synthesis.b1024": {"architecture": "skip"}, "synthesis.b1024.conv1": {"use_noise": True, "conv_clamp": 256}}
        return TinyNetwork(tensors, states).module()

    parts = {"G": network(), "G_ema": network()}
    left = SIZE_BYTES - 2 * 4 * sum(int(np.prod(shape)) for shape in shapes.values())
    bulk = {f"layer{n}": tensor(draw.standard_normal((512, 512, 3, 3), np.float32)) for n in range(left // (512 * 512 * 36))}
    file.write_bytes(pickled({"G": parts["G"], "D": module("Discriminator", {"_parameters": bulk}), "G_ema": parts["G_ema"],
                              "training_set_kwargs": None, "augment_pipe": None}, protocol=4))


if __name__ == "__main__":
    main()

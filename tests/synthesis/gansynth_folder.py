"""Writes model folders as Magenta's GANSynth leaves them, at any width, with random variables."""

import importlib.util
import json
from pathlib import Path

import numpy as np

_spec = importlib.util.spec_from_file_location("tf_bundle_writer", Path(__file__).with_name("tf_bundle_writer.py"))
_writer = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_writer)

NET = "Generator/progressive_gan_generator/progressive_gan_block_"
EMA = "ExponentialMovingAverage"
FULL = (256, 256, 256, 256, 128, 64, 32)


def variables(widths=FULL, z_dim=256, pitches=61, step=11_000_000, seed=0):
    """Every variable of a generator by TensorFlow's names, kernels as height, width, in, out."""
    rng = np.random.default_rng(seed)
    found, c_in = {"global_step": np.array(step, np.int64)}, z_dim + pitches
    for b, width in enumerate(widths, 1):
        for layer, kernel, c_out in (("conv0", (2, 16) if b == 1 else (3, 3), width), ("conv1", (3, 3), width), ("to_rgb", (1, 1), 2)):
            name = f"{NET}{b}/{layer}"
            found[f"{name}/conv2d/kernel/{EMA}"] = rng.normal(size=(*kernel, c_in, c_out)).astype(np.float32)
            found[f"{name}/bias/{EMA}"] = 0.1 * rng.normal(size=c_out).astype(np.float32)
            c_in = c_in if layer == "to_rgb" else c_out
    return found


def write_folder(folder, found, *, stage=12, card=None, meta=None):
    """experiment.json, stage_000NN/checkpoint and bundle, perhaps meta.json."""
    below = folder / f"stage_{stage:05d}"
    below.mkdir(parents=True)
    _writer.write_bundle(below / "model.ckpt-7", found)
    (below / "checkpoint").write_text('model_checkpoint_path: "model.ckpt-7"\nall_model_checkpoint_paths: "model.ckpt-7"\n')
    (folder / "experiment.json").write_text(json.dumps({"latent_vector_size": 256, "num_resolutions": 7, "data_type": "mel", **(card or {})}))
    if meta:
        (folder / "meta.json").write_text(json.dumps(meta))
    return folder


SMALL = {"latent_vector_size": 8, "num_resolutions": 3, "audio_length": 300}


def small_folder(folder, *, widths=(8, 6, 4), pitches=2, card=None, step=11_000_000, **more):
    """Three blocks, 8 × 64."""
    return write_folder(folder, variables(widths, 8, pitches, step), stage=2 * len(widths) - 2, card={**SMALL, **(card or {})}, **more)

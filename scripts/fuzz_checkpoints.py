#!/usr/bin/env python3
"""Feeds the checkpoint readers with files that a fuzzer makes from small real ones, guided by what they reach.

    python3 scripts/fuzz_checkpoints.py [--runs N] [--folder DIR]

Whatever the bytes are, a reader returns a checkpoint or raises CheckpointError; nothing is run, imported, opened or connected
to, and nothing takes long or much memory. Anything else ends the run with status 1 and leaves the file in the folder.
Needs atheris (pip install atheris), which there is for Linux and Python 3.11 to 3.13.
"""

from __future__ import annotations

import argparse
import io
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
RUNS = 500_000
_LONGEST_BYTES = 4096
_FORBIDDEN = ("exec", "compile", "import", "subprocess", "socket", "ctypes", "os.system", "os.exec", "os.posix_spawn",
              "os.fork", "os.remove", "os.rename", "os.mkdir", "shutil", "urllib", "webbrowser", "pickle.find_class", "marshal")
_WORDS = (b"\x80\x02", b"\x80\x04", b"ctorch._utils\n_rebuild_tensor_v2\n", b"\x8a\x0a", b"cnumpy\ndtype\n",
          b"ctorch_utils.persistence\n_reconstruct_persistent_obj\n", b"cnumpy.core.multiarray\n_reconstruct\n",
          b"cdnnlib.tflib.network\nNetwork\n", b"PK\x01\x02", b"PK\x03\x04", b"PK\x05\x06", b"data.pkl", b"data/0",
          b'"dtype":"F32"', b'"data_offsets":[', b"G_ema", b"module_src", b"_parameters", b"_modules", b"synthesis",
          b"mapping", b"block_resolutions", b"layer_names", b"\xff\xff\xff\xff")


def main() -> int:
    """Seeds, a dictionary, then the fuzzer; it ends the process itself."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=RUNS, metavar="N")
    parser.add_argument("--folder", type=Path, help="for the files that it found; a temporary one where left out")
    args = parser.parse_args()
    try:
        import atheris
    except ImportError:
        print("fuzz_checkpoints: atheris is not installed (pip install atheris)", file=sys.stderr)
        return 2
    folder = args.folder or Path(tempfile.mkdtemp(prefix="ganreact-fuzz-"))
    corpus, words = folder / "corpus", folder / "words"
    corpus.mkdir(parents=True, exist_ok=True)
    write_seeds(corpus)
    words.write_text("".join('"' + "".join(f"\\x{byte:02x}" for byte in word) + '"\n' for word in _WORDS))
    import ganreact_core.synthesis  # noqa: F401  torch and its kin are not watched

    for name in [name for name in sys.modules if name.startswith("ganreact_core.synthesis.checkpoints")]:
        del sys.modules[name]
    with atheris.instrument_imports(include=["ganreact_core.synthesis.checkpoints"]):
        target = target_of(folder)
    options = [f"-runs={args.runs}", f"-max_len={_LONGEST_BYTES}", "-timeout=5", "-rss_limit_mb=3000", f"-dict={words}",
               f"-artifact_prefix={folder}/", "-print_final_stats=1", "-verbosity=1", "-seed=1"]
    atheris.Setup([sys.argv[0], *options, str(corpus)], target)
    atheris.Fuzz()
    return 0


def target_of(folder: Path) -> Callable[[bytes], None]:
    """One file: read, and described as far as a network would be built from it."""
    from ganreact_core.errors import CheckpointError
    from ganreact_core.synthesis.checkpoints.check import check_config
    from ganreact_core.synthesis.checkpoints.read import read_content

    watching, place = False, folder / "stranger"

    def hook(event: str, arguments: tuple) -> None:
        if watching and event.startswith(_FORBIDDEN):
            raise AssertionError(f"{event} {arguments!r:.200}")

    def target(data: bytes) -> None:
        nonlocal watching
        watching = True
        try:
            found = read_content(memoryview(bytearray(data)), place)
            check_config(found.architecture, found.config)
        except CheckpointError as error:
            assert str(error).isprintable() and len(str(error)) < 2000
        finally:
            watching = False

    target(b"")
    sys.addaudithook(hook)
    return target


def write_seeds(corpus: Path) -> None:
    """A small file of every format."""
    import numpy as np

    from ganreact_core.synthesis.checkpoints import Checkpoint, save_safetensors
    from tests.synthesis.tf_bundle_writer import write_bundle

    few = np.arange(4, dtype=np.float32).reshape(2, 2)
    for name, content in (_pickles(few) | _torch_files()).items():
        (corpus / name).write_bytes(content)
    save_safetensors(corpus / "ours", Checkpoint("stylegan2", {"z_dim": 4}, {"a": few}, {"licence": "CC0"}))
    write_bundle(corpus / "bundle", {"linear/w": few})
    (corpus / "bundle.data-00000-of-00001").unlink()


def _pickles(few: Any) -> dict[str, bytes]:
    """NVIDIA's, of PyTorch and of TensorFlow."""
    from tests.synthesis.pickle_writer import Build, Name, Reduce, TinyNetwork, module, pickled, tensor

    mapping = module("MappingNetwork", {"num_layers": 1, "_parameters": {"w_avg": tensor(few)}}, "class MappingNetwork: pass")
    synthesis = module("SynthesisNetwork", {"block_resolutions": [4, 8], "_modules": {"b4": module("SynthesisBlock", {})}})
    second = module("Generator", {"z_dim": 4, "img_resolution": 8, "_modules": {"mapping": mapping, "synthesis": synthesis}})
    waves = module("SynthesisInput", {"size": 4})
    layers = module("SynthesisNetwork", {"layer_names": ["L0", "L1"], "_modules": {"input": waves}})
    third = module("Generator", {"_modules": {"synthesis": layers, "mapping": mapping}})
    network, floats = Name("dnnlib.tflib.network", "Network"), Reduce(Name("numpy", "dtype"), ("f4", 0, 1))
    array = Build(Reduce(Name("numpy.core.multiarray", "_reconstruct"), (Name("numpy", "ndarray"), (0,), b"b")),
                  (1, (2,), Build(floats, (3, "<", None, None, None, -1, -1, 0)), False, bytes(8)))
    part = Build(Reduce(network, ()), {"version": 4, "variables": [("dlatent_avg", array)], "build_func_name": "G"})
    parts = {"synthesis": part, "mapping": part}
    whole = Build(Reduce(network, ()), {"version": 4, "components": parts, "variables": []})
    return {"stylegan2": pickled({"G_ema": second}), "stylegan3": pickled({"G_ema": third}, protocol=4),
            "tensorflow": pickled((1, 2, whole)), "network": TinyNetwork.drawn().pickle()[:_LONGEST_BYTES]}


def _torch_files() -> dict[str, bytes]:
    """What torch writes, in both of its formats."""
    import torch

    wide = {"shared.weight": torch.ones(2, 2), "linear.weight": torch.ones(2, 2),
            "blocks.0.0.conv1.weight": torch.ones(1, 1, 1, 1)}
    files = {}
    for name, state in (("rosinality", {"g_ema": {"conv1.conv.modulation.weight": torch.ones(2, 2)}}), ("biggan", wide)):
        for new in (True, False):
            stream = io.BytesIO()
            torch.save(state, stream, _use_new_zipfile_serialization=new)
            files[f"{name}-{new}"] = stream.getvalue()
    return files


if __name__ == "__main__":
    sys.exit(main())

"""How a network is computed on this machine, and what that is called: the fastest way that there is for it."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection
from importlib.metadata import version
from typing import Any, NamedTuple

import torch

from ..errors import LookError, UsageError
from ..look import Look
from . import numba_engine, openvino_engine
from .bending import layer_of
from .canvas import Field
from .cuda_recorder import CudaRecorder
from .generators.base import Generator
from .replaying import Replays, can_replay, replayed

PRECISIONS = ("exact", "fast")
_ROWS, _MOST_ROWS = 8, 16
_BYTES_A_NUMBER = 4 * 6  # of the largest layer: what comes in, goes out, and is on its way between


class Engine(NamedTuple):
    """A network as it will be computed.

    name         what computes it, with its version: "torch 2.13.0", "openvino 2026.4.1"
    arithmetic   "float32" | "bfloat16" | "float16"
    replays      what the network's work is replayed from, on a card
    Together with the device and the batch these name a numerics class.
    """

    network: Generator
    name: str
    arithmetic: str
    replays: Replays | None = None

    def called(self) -> str:
        """The name, and whether work is replayed."""
        return f"{self.name}, replayed" if self.replays and not self.replays.given_up else self.name


def prepare(generator: Generator, look: Look, rewritten: Collection[str], *, precision: str, streams: int,
            replaying: Callable[[str], None] | None = None) -> Engine:
    """The fastest way to compute a network for a look.

    rewritten   names of the layers whose weights may change in some frame
    streams     how many frames will be under way at a time
    replaying   whether many frames are to come, so that recording a card's work is worth it: takes the sentence, should
                that not go
    Raises UsageError for a precision that there is not.
    """
    if precision not in PRECISIONS:
        raise UsageError(f"there is no precision '{precision}'; choose {' or '.join(PRECISIONS)}")
    if look.canvas.seamless:
        generator = _seamless(generator)
    if numba_engine.can_compute(generator):
        kind = str(numba_engine.kind_of_numbers(precision)).removeprefix("torch.")
        return Engine(numba_engine.computed(generator, precision), f"numba {version('numba')}, torch {torch.__version__}", kind)
    cuts = {layer_of(bend, len(generator.layers)) for bend in look.bends}
    if not openvino_engine.can_compile(generator):
        short = precision == "fast" and shortens(generator)
        network = shortened(generator) if short else generator
        engine = Engine(network, f"torch {torch.__version__}", "bfloat16" if short else "float32")
        return _replaying(engine, cuts, replaying) if replaying and can_replay(generator) else engine
    network = openvino_engine.compiled(generator, precision, streams=streams, cuts=cuts, rewritten=rewritten)
    kind = openvino_engine.arithmetic(precision)
    name = f"openvino {openvino_engine.version()}, numba {version('numba')}, torch {torch.__version__}"
    return Engine(network, name, kind)


def exact_arithmetic() -> None:
    """On NVIDIA cards: no shortened floats, and the same kernels every time, so that bytes are equal within a class.

    cuDNN is not to try out which kernel is fastest: the answer, and with it the last bits, would change from run to run.
    """
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
    torch.backends.cudnn.deterministic, torch.backends.cudnn.benchmark = True, False


def sketch(generator: Generator, look: Look, part: int) -> Engine | None:
    """A network stopped where its picture is 1/part as large; None where it cannot be."""
    whole = _seamless(generator) if look.canvas.seamless else generator
    stopped = whole.sketch(part) if hasattr(whole, "sketch") else None
    return stopped and Engine(stopped, f"torch {torch.__version__}", "float32")


def shortens(generator: Generator) -> bool:
    """Whether its device computes convolutions in bfloat16, and there is a place to ask it to."""
    if not hasattr(generator, "variant"):
        return False
    on_card = generator.device.startswith("cuda") and torch.cuda.is_bf16_supported(including_emulation=False)
    return on_card or (generator.device == "cpu" and numba_engine.has_bfloat16())


def shortened(generator: Any) -> Generator:
    """The same network; convolutions and products take bfloat16, which reaches as far as float32 and never overflows.

    Of StyleGAN3 only the convolutions, of BigGAN on a card the second half of the blocks: with all of them, pictures were
    off by six and two times as much.
    """
    if generator.kind == "stylegan3" or (generator.kind == "biggan" and generator.device != "cpu"):
        return generator.variant(short=torch.bfloat16)
    compute, kind = generator.compute, generator.device.partition(":")[0]

    def within(*args: Any) -> torch.Tensor:
        with torch.autocast(kind, torch.bfloat16, cache_enabled=False):  # nothing in it is in training, and it may be recorded
            return compute(*args).float()

    return generator.variant(compute=within)


def rows_at_a_time(generator: Generator, field: Field) -> int:
    """The batch that half of the device's memory holds, a power of two up to 16. On a CPU one: more are slower there.

    It goes by the memory there is, not by what is free, so that the same card always computes the same batches.
    """
    if not generator.device.startswith("cuda"):
        return 1 if generator.device == "cpu" else _ROWS
    height, width = field.size_at(generator.resolution)
    layers = generator.layers
    row = max(layer.channels * layer.size[0] * layer.size[1] for layer in layers) * _BYTES_A_NUMBER
    row = row * height * width // (generator.resolution[0] * generator.resolution[1])
    room = torch.cuda.get_device_properties(generator.device).total_memory // 2
    return 1 << max(0, min(_MOST_ROWS, room // max(1, row)).bit_length() - 1)


def _replaying(engine: Engine, cuts: Collection[int], told: Callable[[str], None]) -> Engine:
    """GANREACT_REPLAY=0 leaves it out, for a card whose driver does not get over it."""
    if os.environ.get("GANREACT_REPLAY") == "0":
        return engine
    replays = Replays(CudaRecorder(engine.network.device), cuts, told)
    return engine._replace(network=replayed(engine.network, replays), replays=replays)


def _seamless(generator: Generator) -> Generator:
    """With opposite edges that meet; raises LookError for a family that cannot."""
    variant = getattr(generator, "variant", None)
    if variant is None:
        raise LookError(f"{generator.kind} networks cannot make frames that tile; switch seamless off")
    return variant(wrap=True)

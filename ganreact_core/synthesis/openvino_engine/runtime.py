"""OpenVINO on this machine's CPU: a graph is compiled once and then run from any thread of the process that compiled it."""

from __future__ import annotations

import importlib
import os
import sys
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from ...errors import EngineError

if TYPE_CHECKING:
    from ..numba_engine.winograd import Tiled

PRECISIONS = {"exact": "f32", "fast": "bf16"}
"""How much may be shortened -> what OpenVINO calls it. A CPU without 16-bit arithmetic computes "fast" as "exact"."""

_KEPT_NETWORKS = 3

_REPORTING = "openvino.tools.ovc"  # a part that sends a report when it is imported; nothing here needs it


@cache
def library() -> Any | None:
    """The module openvino, or None where it is not installed. Importing it sends nothing anywhere."""
    silenced = "openvino" not in sys.modules and _REPORTING not in sys.modules
    if silenced:
        sys.modules[_REPORTING] = None  # type: ignore[assignment]  # its import fails, which the library allows for
    try:
        return importlib.import_module("openvino")
    except ImportError:
        return None
    finally:
        if silenced:
            del sys.modules[_REPORTING]


def version() -> str:
    """Such as "2026.4.1"."""
    found = library()
    return found.__version__.split("-")[0] if found else "none"


@cache  # asked for at every piece of a frame, and OpenVINO takes most of a millisecond to say
def arithmetic(precision: str) -> str:
    """"float32" or "bfloat16": what this CPU computes in when asked for a precision."""
    found = library()
    short = found is not None and "BF16" in found.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    return "bfloat16" if precision == "fast" and short else "float32"


class Shelf:
    """Compiled pieces of one network, the ones least used put away when they have grown to several times its size.

    An artist who tries a bend at one layer after the other has the network cut elsewhere each time.
    """

    def __init__(self, size: int):
        self._room = _KEPT_NETWORKS * size
        self._pieces: OrderedDict[Hashable, tuple[Compiled, int]] = OrderedDict()
        self._tiled: dict[tuple[str, torch.dtype], Tiled] = {}
        self._lock = threading.Lock()

    def get(self, key: Hashable, size: int, make: Callable[[], Compiled]) -> Compiled:
        """The piece of that key, of `size` numbers; made where it is not there."""
        with self._lock:
            if key not in self._pieces:
                self._pieces[key] = make(), size
                while sum(n for _, n in self._pieces.values()) > max(self._room, size):
                    self._pieces.popitem(last=False)
            self._pieces.move_to_end(key)
            return self._pieces[key][0]

    def tiled(self, name: str, weight: Tensor, kind: torch.dtype) -> Tiled:
        """A layer's convolution by tiles of such numbers; it stays, as it is the same wherever the network is cut."""
        from ..numba_engine.winograd import Tiled  # Numba takes a second to be imported: only where it is needed

        with self._lock:
            if (name, kind) not in self._tiled:
                self._tiled[name, kind] = Tiled(weight, kind)
            return self._tiled[name, kind]


class Compiled:
    """A compiled graph.

    model       an openvino.Model
    precision   one of PRECISIONS
    streams     how many threads will call at a time. With more than one each call runs on a single core, so that
                what it computes does not depend on how many there are
    """

    def __init__(self, model: Any, precision: str, streams: int):
        settings = {"INFERENCE_PRECISION_HINT": PRECISIONS[precision], "NUM_STREAMS": streams,
                    "INFERENCE_NUM_THREADS": streams if streams > 1 else torch.get_num_threads(),
                    "ENABLE_CPU_PINNING": False}
        found = library()
        assert found is not None
        self._compiled = found.Core().compile_model(model, "CPU", settings)
        self._process = os.getpid()
        self._requests = threading.local()

    def __call__(self, feeds: Iterable[Tensor]) -> list[Tensor]:
        """Inputs in their order -> outputs in theirs, which stay what they are until this thread calls again."""
        if os.getpid() != self._process:
            raise EngineError("the CPU engine was prepared before this process was forked; load the network in this process")
        if not hasattr(self._requests, "mine"):
            self._requests.mine = self._compiled.create_infer_request()
        arrays = {index: _plain(feed) for index, feed in enumerate(feeds)}
        found = self._requests.mine.infer(arrays, share_inputs=True, share_outputs=True)
        return [torch.from_numpy(array) for array in found.values()]


def _plain(x: Tensor) -> np.ndarray:
    return x.detach().contiguous().numpy()

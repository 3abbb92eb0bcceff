"""Records of work on an NVIDIA card: CUDA graphs (docs.pytorch.org, "CUDA semantics", section on CUDA graphs).

While work is recorded, nothing may wait for the card or copy from ordinary memory, and other threads ask nothing of it
(`transfers.one_at_a_time` sees to that). Each record has memory of its own: what it leaves is not given to others.
"""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor


class CudaRecorder:
    """A `replaying.Recorder`; records are made in a line of work beside the usual one, and done again in that."""

    def __init__(self, device: str):
        self._device = torch.device(device)
        self._line = torch.cuda.Stream(self._device)
        self._pool: Any = None
        self._graph: Any = None
        self._within = contextlib.ExitStack()

    def aside(self, work: Callable[[], Tensor]) -> Tensor:
        """Do it in the line in which it will be recorded: libraries have workspaces for each. What follows is a new record."""
        self._pool = torch.cuda.graph_pool_handle()
        usual = torch.cuda.current_stream(self._device)
        self._line.wait_stream(usual)
        with torch.cuda.stream(self._line):
            found = work()
        usual.wait_stream(self._line)
        return found

    def begin(self) -> None:
        torch.cuda.synchronize(self._device)
        torch.cuda.empty_cache()
        if gc.isenabled():  # what it might find, an old record, cannot be taken apart while another is made
            gc.disable()
            self._within.callback(gc.enable)
        self._within.enter_context(torch.cuda.stream(self._line))
        graph = torch.cuda.CUDAGraph()
        graph.capture_begin(pool=self._pool, capture_error_mode="thread_local")
        self._graph = graph

    def end(self) -> Callable[[], None]:
        graph, self._graph = self._graph, None
        try:
            graph.capture_end()
        finally:
            self._within.close()
        return graph.replay

    def give_up(self) -> None:
        if self._graph is not None:
            with contextlib.suppress(RuntimeError):
                self._graph.capture_end()
            self._graph = None
        self._within.close()
        torch.cuda.empty_cache()

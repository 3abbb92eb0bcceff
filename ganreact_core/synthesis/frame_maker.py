"""Rows of the table -> pictures: everything of a frame but its file."""

from __future__ import annotations

import platform
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn import functional

from ..look import Look
from ..processes import cores
from ..table import Table
from .acceleration import exact_arithmetic, prepare, rows_at_a_time, sketch
from .bending import bend_layers, layers_of
from .canvas import cropped_evenly
from .families import field_of, larger_input, own_inputs
from .generators.base import Generator
from .images import as_kept, pictures_of
from .latents import Values, blend, resolve_palette
from .masking import MaskSource
from .noise import NoiseSource
from .rewriting import Rewriter
from .transfers import leaving, one_at_a_time, onto, release

_MOST_PARALLEL = 8
_ROUGH = 4
_ON_A_CARD = 2  # while one batch's bytes come off the card, it computes the next


class FrameMaker:
    """A function from table rows to pictures, for one network and one look. Keeps nothing of the frames it made.

    batch     rows are always computed this many at a time, the last batch padded, so that a frame's bytes do not
              depend on what is rendered with it
    parallel  batches computed at a time: on a CPU one for each core, each on a single thread, which is faster than
              many threads for one frame, far more so on a busy machine, and makes bytes independent of the core count
    folder    of the bundle, for what it carries beside look and table
    precision "exact", or "fast": fewer bits where the device gains from it
    rough     pictures as large, of a network that stops at a quarter of their size, where it can: to look at only
    replaying for many frames: a card's work is recorded and replayed; takes the sentence, should that not go
    """

    def __init__(self, generator: Generator, look: Look, *, batch: int | None = None, folder: Path | None = None,
                 parallel: int | None = None, precision: str = "exact", rough: bool = False,
                 replaying: Callable[[str], None] | None = None):
        self.generator, self.look = generator, look
        exact_arithmetic()
        self._field = field_of(generator, look)
        self.batch = batch or rows_at_a_time(generator, self._field)
        self.parallel = parallel or (min(cores(), _MOST_PARALLEL) if generator.device == "cpu" else _ON_A_CARD)
        self._palette = resolve_palette(generator, look)
        self._shown = self._field.shown(look, generator.resolution)
        self._masks = MaskSource(look, self._field, generator.resolution, folder)
        self._noise = NoiseSource(generator, look, self._field)
        self._layers = layers_of(generator)
        self._rewriter = Rewriter(generator, look, folder)
        stopped = sketch(generator, look, _ROUGH) if rough else None
        self._engine = stopped or prepare(generator, look, self._rewriter.layers, precision=precision, streams=self.parallel,
                                          replaying=replaying)
        self._enlarge = _ROUGH if stopped else 1

    @torch.inference_mode()
    def pictures(self, table: Table, frames: Sequence[int]) -> np.ndarray:
        """Up to `batch` frames by number -> [n, h, w, 3] as a look's files keep them, in the network's working size."""
        assert 0 < len(frames) <= self.batch
        rows = np.array([*frames, *[frames[-1]] * (self.batch - len(frames))]) - table.first_frame
        values = {address: column[rows] for address, column in table.columns.items()}
        with one_at_a_time(self.generator.device):
            fetched = leaving(self._drawn(rows + table.first_frame, values))
        return pictures_of(fetched())[:len(frames)]

    def _drawn(self, frames: np.ndarray, values: Values) -> torch.Tensor:
        """Rows that are a whole batch -> pictures [b, h, w, 3] on the network's device."""
        w = onto(blend(self._palette, self.look, values), self.generator.device)
        mask_at = self._masks.at(frames, values)
        after = bend_layers(self.look, values, self._layers, mask_at)
        raw = self._engine.network.synthesize(w, self._noise.maps(values, mask_at), after=after, **self._special(values))
        if self._enlarge > 1:
            raw = functional.interpolate(raw, scale_factor=self._enlarge, mode="bilinear", align_corners=False)
        return as_kept(cropped_evenly(raw, self._shown), self.look)

    @torch.no_grad()
    def drawn_with(self, table: Table, frame: int) -> tuple[torch.Tensor, dict[str, Any]]:
        """What a frame is drawn with: w+ [1, num_ws, w_dim], and keyword arguments of `synthesize`; rewrites left out."""
        rows = np.array([frame - table.first_frame])
        values = {address: column[rows] for address, column in table.columns.items()}
        mask_at = self._masks.at([frame], values)
        inputs = own_inputs(self.generator, values) | larger_input(self.generator, self._field)
        w = onto(blend(self._palette, self.look, values), self.generator.device)
        return w, {**inputs, "noise": self._noise.maps(values, mask_at),
                   "after": bend_layers(self.look, values, self._layers, mask_at)}

    def uncropped(self, part: np.ndarray) -> np.ndarray:
        """A map [h, w] of a frame of `working_size`, laid where the frame is in the network's picture; 0 around it."""
        whole = np.zeros(self._field.size_at(self.generator.resolution), part.dtype)
        top, left = ((has - shown) // 2 for has, shown in zip(whole.shape, self._shown, strict=True))
        whole[top:top + part.shape[0], left:left + part.shape[1]] = part
        return whole

    @property
    def working_size(self) -> tuple[int, int]:
        """(height, width) at which frames are made, before they are enlarged to the look's size."""
        return self._shown

    def _special(self, values: Values) -> dict[str, Any]:
        """What not every family of networks knows, or every look asks for."""
        rewrites = self._rewriter.rows(values, alike=self.batch > 1)
        own = own_inputs(self.generator, values) | larger_input(self.generator, self._field)
        return own | ({"rewrites": rewrites} if rewrites else {})

    def lessen(self) -> bool:
        """Takes less memory from here on: no records, one batch at a time, half of it; False where there is no less."""
        replays = self._engine.replays
        if replays and replays.give_up("takes more memory than there is when it is recorded"):
            return True
        if self.parallel > 1:
            self.parallel = 1
        elif self.batch > 1:
            self.batch //= 2
        else:
            return False
        return True

    def close(self) -> None:
        """A card's memory goes back to others, Blender's renderer among them. Pictures can still be made."""
        if self._engine.replays:
            self._engine.replays.forget()
        release(self.generator.device)

    def numerics_class(self) -> dict[str, object]:
        """Within one class the bytes of a frame are equal; across classes they may differ by 1/255."""
        device = self.generator.device
        name = torch.cuda.get_device_name(device) if device.startswith("cuda") else platform.machine()
        return {"device": device, "name": name, "engine": self._engine.called(), "precision": self._engine.arithmetic,
                "batch": self.batch}

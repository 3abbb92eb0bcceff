"""A network's work on a card, recorded once and done again: the card then waits for no Python between its kernels.

What is recorded reads its inputs from fixed tensors and leaves the picture in a fixed one. Where a look bends, the record is
cut: bends are Python, and act on what the piece before them left, for the piece after them. Rewritten weights are inputs as
others are.

A record counts for nothing until it gave, to the bit, what the network gives without it, on two batches in turn. Where it does
not, or where a card cannot record, everything goes on as if there were no records, and a sentence says so, once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol

import torch
from torch import Tensor

from .generators.base import AfterLayer, Generator, Rewrites
from .generators.biggan import BigGAN
from .generators.stylegan2 import Maps, StyleGAN2
from .generators.stylegan3 import StyleGAN3

Inputs = tuple[Tensor | None, ...]
Draw = Callable[[Inputs, AfterLayer | None, Rewrites], Tensor]
"""(inputs, what acts after layers, rewrites) -> picture. It waits for nothing and looks at no number on the card."""

_FIRST = 2  # batches of a kind are drawn without a record: one that is looked at once needs none
_COMPARED = 2  # batches that a record is compared on
_KEPT = 4  # records


class Recorder(Protocol):
    """What keeps a device's work and does it again; see `cuda_recorder`."""

    def aside(self, work: Callable[[], Tensor]) -> Tensor:
        """Do it as it will be recorded, so that libraries have made themselves ready."""
        ...

    def begin(self) -> None:
        """From here on, what is asked of the device is kept, and not done."""
        ...

    def end(self) -> Callable[[], None]:
        """Until here; what is returned does it all."""
        ...

    def give_up(self) -> None:
        """Something failed since `begin`."""
        ...


def replayed(network: Generator, replays: Replays) -> Generator:
    """The same network, its work replayed where that gives the same; any family that makes pictures."""
    if isinstance(network, StyleGAN2):
        plain: Any = network.compute

        def compute(x: Tensor, w: Tensor, maps: Maps, after: AfterLayer | None, rewrites: Rewrites) -> Tensor:
            spread = tuple(None if m is None else m.expand(len(w), -1, -1, -1) for m in maps)
            return replays(lambda given, then, own: plain(*given[:2], given[2:], then, own), (x, w, *spread), after, rewrites)

        return network.variant(compute=compute)
    return _with_run(network, replays)


def _with_run(network: Any, replays: Replays) -> Generator:
    """StyleGAN3 and BigGAN, who are handed themselves."""
    plain: Any = network.run if isinstance(network, StyleGAN3) else network.compute

    def run(net: Any, x: Tensor, *rest: Any) -> Tensor:
        *tensors, after, rewrites = rest
        return replays(lambda given, then, own: plain(net, *given, then, own), (x, *tensors), after, rewrites)

    return network.variant(run=run) if isinstance(network, StyleGAN3) else network.variant(compute=run)


def can_replay(network: Generator) -> bool:
    """Whether it is on a card, and of a family that is known here."""
    return network.device.startswith("cuda") and isinstance(network, StyleGAN2 | StyleGAN3 | BigGAN)


@dataclass
class _Piece:
    """Work up to a cut, or to the end.

    again    does it
    cut      what acts then, in the arithmetic in which it would act without a record
    """

    again: Callable[[], None]
    cut: _Cut | None = None


@dataclass
class _Cut:
    """Something acts after a layer, on what was `left`; the next piece finds the result where it was `taken` to."""

    layer: int
    left: Tensor
    arithmetic: Callable[[], AbstractContextManager]
    taken: Tensor | None = None

    def act(self, after: AfterLayer) -> None:
        with self.arithmetic():
            bent = after(self.layer, self.left)
        self.taken = torch.empty_like(bent) if self.taken is None else self.taken
        self.taken.copy_(bent)


@dataclass
class _Record:
    """All the work from fixed inputs to a fixed picture."""

    fixed: Inputs
    rewrites: Rewrites = ()
    pieces: list[_Piece] = field(default_factory=list)
    picture: Tensor | None = None
    compared: int = 0

    def fill(self, inputs: Inputs, rewrites: Rewrites) -> None:
        for ours, given in zip(self.fixed, inputs, strict=True):
            if ours is not None and given is not None:
                ours.copy_(given)
        for row, changed in zip(self.rewrites, rewrites, strict=True):
            for name, tensor in changed.items():
                row[name].copy_(tensor)

    def run(self, inputs: Inputs, after: AfterLayer | None, rewrites: Rewrites) -> None:
        """The picture becomes that of other inputs of the same shapes."""
        self.fill(inputs, rewrites)
        for piece in self.pieces:
            piece.again()
            if piece.cut and after:
                piece.cut.act(after)


class Replays:
    """Draws with records where it can, and without them where not. One thread at a time.

    cuts   indices of the layers after which `after` acts: it is asked about no other
    told   takes the sentence, should there be no replaying
    """

    def __init__(self, recorder: Recorder, cuts: Collection[int], told: Callable[[str], None]):
        self._recorder, self._cuts, self._told = recorder, frozenset(cuts), told
        self._records: dict[Any, _Record] = {}
        self._seen: Counter[Any] = Counter()
        self.given_up = False

    def __call__(self, draw: Draw, inputs: Inputs, after: AfterLayer | None, rewrites: Rewrites = ()) -> Tensor:
        """The picture; one that comes from a record stays what it is until the next call."""
        shapes = (None if t is None else (tuple(t.shape), t.dtype) for t in inputs)
        kind = (after is not None, *shapes, *(tuple(row) for row in rewrites))
        self._seen[kind] += 1
        if self.given_up or self._seen[kind] <= _FIRST:
            return draw(inputs, after, rewrites)
        record = self._ran(kind, draw, inputs, after, rewrites)
        if record is None or record.picture is None:
            return draw(inputs, after, rewrites)
        return record.picture if record.compared >= _COMPARED else self._compared(record, draw(inputs, after, rewrites))

    def give_up(self, reason: str) -> bool:
        """No records from here on, and no memory for them; returns whether there were to be any."""
        if self.given_up:
            return False
        self.given_up = True
        self.forget()
        self._told(f"The card's work {reason}; frames are made without that, which takes a little longer")
        return True

    def forget(self) -> None:
        """Lets go of all records; what is still to be drawn is recorded anew."""
        self._records.clear()

    def _ran(self, kind: Any, draw: Draw, inputs: Inputs, after: AfterLayer | None, rewrites: Rewrites) -> _Record | None:
        """The record of this kind, which has drawn these inputs; None where that does not go, also for want of memory."""
        try:
            record = self._records.get(kind)
            if record is None:
                fixed = tuple(None if t is None else torch.empty_like(t) for t in inputs)
                record = _Record(fixed, [{name: torch.empty_like(t) for name, t in row.items()} for row in rewrites])
                record.fill(inputs, rewrites)
                self._record(record, draw, after)
                self._keep(kind, record)
            record.run(inputs, after, rewrites)
            return record
        except RuntimeError as cause:
            self.give_up(f"could not be recorded ({_first_line(cause)})")
            return None

    def _compared(self, record: _Record, expected: Tensor) -> Tensor:
        record.compared += 1
        if record.picture is None or not torch.equal(record.picture, expected):
            self.give_up("came out differently when it was replayed")
        return expected

    def _keep(self, kind: Any, record: _Record) -> None:
        if len(self._records) >= _KEPT:
            self._records.clear()
        self._records[kind] = record

    def _record(self, record: _Record, draw: Draw, after: AfterLayer | None) -> None:
        self._recorder.aside(lambda: draw(record.fixed, after, record.rewrites))
        try:
            self._recorder.begin()
            record.picture = draw(record.fixed, self._cutting(record.pieces, after) if after else None, record.rewrites)
            record.pieces.append(_Piece(self._recorder.end()))
        except BaseException:
            self._recorder.give_up()
            raise

    def _cutting(self, pieces: list[_Piece], after: AfterLayer) -> AfterLayer:
        """Ends a piece where something acts after a layer, lets it act, and begins the next piece."""
        def cut(index: int, x: Tensor) -> Tensor:
            if index not in self._cuts:
                return x
            pieces.append(_Piece(self._recorder.end(), made := _Cut(index, x, _arithmetic(x.device.type))))
            pieces[-1].again()  # recording did nothing yet
            made.act(after)
            self._recorder.begin()
            assert made.taken is not None
            return made.taken

        return cut


def _arithmetic(kind: str) -> Callable[[], AbstractContextManager]:
    """The autocast that there is now on a kind of device, for later."""
    enabled, number = torch.is_autocast_enabled(kind), torch.get_autocast_dtype(kind)
    return lambda: torch.autocast(kind, number, enabled=enabled, cache_enabled=False)


def _first_line(cause: Exception) -> str:
    return next(iter(str(cause).splitlines()), type(cause).__name__)[:200]

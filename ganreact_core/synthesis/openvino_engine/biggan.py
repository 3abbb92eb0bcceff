"""BigGAN in compiled pieces: cut wherever something acts on activations, whole in between.

What changes with every frame (factors and offsets of the normalisations) is computed by the torch formulation, which is cheap,
and fed in. Large 3×3 convolutions are computed by tiles, with the normalisation and the ReLU that follow them. The first
blocks are always float32.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor

from ..generators.base import AfterLayer, Rewrites
from ..generators.biggan import BigGAN
from ..generators.resample import wrapped
from ..numba_engine.tiling import gains
from .biggan_parts import Part, doubles, layer_after, name_of, parts_of
from .graph import Graph, Node
from .rows import bend, of_its_own
from .runtime import Compiled, Shelf, arithmetic


class _Piece(NamedTuple):
    """Parts that are computed in one go.

    cut   the layer after which something acts, −1 where nothing does
    how   "graph" | "tiles" | "torch"
    """

    parts: tuple[Part, ...]
    cut: int = -1
    how: str = "graph"


@dataclass
class _State:
    """What lies between two parts: activations, and the input of the block, where one is under way. Tensors or nodes."""

    x: Node
    given: Node = None


@dataclass(frozen=True)
class BigGANPieces:
    """Stands in for `BigGAN.compute`.

    cuts        layers after which `after` acts; None: it may act after any
    rewritten   names of layers that may get other weights; the torch formulation computes these
    shelf       where compiled pieces are kept
    """

    precision: str
    streams: int
    cuts: Collection[int] | None
    rewritten: Collection[str]
    shelf: Shelf

    def __call__(self, net: BigGAN, x: Tensor, w: Tensor, rows: Tensor, after: AfterLayer | None, rewrites: Rewrites) -> Tensor:
        """Activations [b, c, h, w] of the input, bent already -> the picture."""
        states, pieces = [_State(row[None]) for row in x], self._pieces(net, after is not None, (x.shape[2], x.shape[3]))
        for piece in pieces:
            for n, state in enumerate(states):
                frame = _Frame(net, w[n][None], rows[n if len(rows) > 1 else 0][None], rewrites[n:n + 1])
                states[n] = self._run(piece, state, frame)
                if len(states) > 1:
                    states[n] = of_its_own(states[n])
            if after is not None and piece.cut >= 0:
                bend(states, piece.cut, after)
        return torch.cat([state.x for state in states]).clone()

    # -- pieces --------------------------------------------------------------------------------------------------

    def _pieces(self, net: BigGAN, watched: bool, cells: tuple[int, int]) -> list[_Piece]:
        """The network between its cuts; layers that may be rewritten, or are computed by tiles, are pieces of their own."""
        cuts = set(range(1, len(net.layers)) if watched else ()) if self.cuts is None else set(self.cuts)
        pieces: list[_Piece] = []
        parts: list[Part] = []
        for part in parts_of(net):
            cut, how = layer_after(net, part), self._how(net, part, cells)
            cut = cut if cut in cuts else -1
            folded = part.kind == "norm" and pieces and not parts and pieces[-1].how == "tiles" and pieces[-1].cut < 0
            if folded and not doubles(net, part):  # what follows a convolution by tiles is computed with it
                pieces[-1] = pieces[-1]._replace(parts=(*pieces[-1].parts, part))
                continue
            if parts and (how != "graph" or self._precision_of(net, parts[-1]) != self._precision_of(net, part)):
                pieces.append(_Piece(tuple(parts)))
                parts = []
            parts.append(part)
            if how != "graph" or cut >= 0:
                pieces.append(_Piece(tuple(parts), cut, how))
                parts = []
        return [*pieces, _Piece(tuple(parts))]  # the last part draws the picture and is never cut off

    def _how(self, net: BigGAN, part: Part, cells: tuple[int, int]) -> str:
        if part.kind != "conv":
            return "graph"
        name = name_of(net, part)
        if name in self.rewritten:
            return "torch"
        return "tiles" if gains(net.tensors[f"{name}.weight"], net.size_on(name, cells)) else "graph"

    def _short(self, net: BigGAN, part: Part) -> bool:
        """Whether it is computed in bfloat16."""
        return arithmetic(self._precision_of(net, part)) == "bfloat16"

    def _precision_of(self, net: BigGAN, part: Part) -> str:
        """The first half of the blocks is always exact: it takes a tenth of the time and makes half of what fast is off by."""
        return "exact" if part.block < len(net.config.upsample) // 2 else self.precision

    def _run(self, piece: _Piece, state: _State, frame: _Frame) -> _State:
        """One row through one piece."""
        if piece.how == "torch":
            (part,) = piece.parts
            return _State(frame.net.convolved(name_of(frame.net, part), state.x, frame.rewrites), state.given)
        if piece.how == "tiles":
            return _State(self._by_tiles(piece, state.x, frame), state.given)
        found = [*self._prepared(piece, state, frame.net)(_feeds(piece, state, frame))]
        if piece.parts[-1].kind == "draw":
            return _State(found[0])
        x, *given = (t.permute(0, 3, 1, 2) for t in found)
        return _State(x, given[0] if given else state.given if _within(piece) else None)

    def _by_tiles(self, piece: _Piece, x: Tensor, frame: _Frame) -> Tensor:
        """A convolution, and the normalisation and ReLU after it, where they belong to the piece."""
        from ..numba_engine.winograd import Curve

        net, (part, *norm) = frame.net, piece.parts
        name = name_of(net, part)
        weight, bias = net.tensors[f"{name}.weight"], net.tensors.get(f"{name}.bias")
        offset = torch.zeros(len(weight)) if bias is None else bias
        curve = Curve(torch.ones(len(weight)), offset)
        if norm:
            factor, added = (t.flatten() for t in frame.normalisation(norm[0]))
            curve = Curve(factor, offset * factor + added, slope=0.0)
        convolve = self.shelf.tiled(name, weight, torch.bfloat16 if self._short(net, part) else torch.float32)
        return convolve(wrapped(x, 1), None, curve, pad=0) if net.wrap else convolve(x, None, curve)

    def _prepared(self, piece: _Piece, state: _State, net: BigGAN) -> Compiled:
        """Compiled on first use, for the sizes at hand."""
        sizes = (None if t is None else tuple(t.shape) for t in vars(state).values())
        precision = self._precision_of(net, piece.parts[0])
        key = (piece, *sizes, net.wrap, precision, self.streams)
        weights = sum(net.tensors[f"{name_of(net, part)}.weight"].numel() for part in piece.parts if part.kind == "conv")

        def made() -> Compiled:
            graph = _PieceGraph(net, short=self._short(net, piece.parts[0]))
            return Compiled(graph.model(piece, state), precision, self.streams)

        return self.shelf.get(key, weights, made)


class _Frame(NamedTuple):
    """One row: the network, its w+ [1, ·, ·], rows of statistics [1, ·], other weights."""

    net: BigGAN
    w: Tensor
    rows: Tensor
    rewrites: Rewrites

    def normalisation(self, part: Part) -> tuple[Tensor, Tensor]:
        """Factor and offset."""
        return self.net.normalisation(part.block, part.k, self.net.latent_of(part.block, self.w), self.rows)


class _PieceGraph(Graph):
    """The graph of one piece."""

    def __init__(self, net: BigGAN, *, short: bool):
        super().__init__(wrap=net.wrap)
        self._net, self._short = net, short

    def model(self, piece: _Piece, given: _State) -> Any:
        """From a state of those sizes to what is alive after the piece; factors and offsets of normalisations are inputs."""
        uses_given = given.given is not None and any(part.kind == "leave" for part in piece.parts)
        state = _State(self.map_input(*given.x.shape[1:]), self.map_input(*given.given.shape[1:]) if uses_given else None)
        does = {"attend": self._attended, "conv": self._conv, "draw": self._drawn}
        entered = False
        for part in piece.parts:
            if part.kind == "enter":
                state.given, entered = self._kept(part.block, state.x), True
            elif part.kind == "norm":
                state.x = self._normalised(part, state.x, leaves=part == piece.parts[-1])
            elif part.kind == "leave":
                state, entered = _State(self.add(state.x, self._shortcut(part.block, state.given))), False
            else:
                state.x = does[part.kind](part, state.x)
        if piece.parts[-1].kind == "draw":
            return self.finish([], [state.x])
        return self.finish([state.x, *([state.given] if entered else [])], [])

    def _normalised(self, part: Part, x: Node, *, leaves: bool) -> Node:
        channels = x.get_output_shape(0)[1]
        x = self.scaled(x, self.input(1, channels, 1, 1), self.input(1, channels, 1, 1))
        x = self.double(x) if doubles(self._net, part) else x
        return self.upright(self.relu(self.lying(x))) if leaves and self._short else self.relu(x)

    def _conv(self, part: Part, x: Node) -> Node:
        return self._convolved(name_of(self._net, part), x)

    def _drawn(self, part: Part, x: Node) -> Node:
        return self.tanh(self._convolved("output.conv", x))

    def _kept(self, index: int, x: Node) -> Node:
        """What of a block's input its shortcut takes."""
        if self._net.config.block != "deep":
            return x
        return self.first_channels(x, self._net.tensors[f"blocks.{index}.conv4.weight"].shape[0])

    def _shortcut(self, index: int, x: Node) -> Node:
        net, name = self._net, f"blocks.{index}.shortcut"
        x = self.double(x) if net.config.upsample[index] else x
        return self._convolved(name, x) if f"{name}.weight" in net.tensors else x

    def _attended(self, part: Part, x: Node) -> Node:
        name, gamma = f"attention.{part.block}", float(self._net.tensors[f"attention.{part.block}.gamma"])
        query, key, value = (self._convolved(f"{name}.{role}", x) for role in ("theta", "phi", "g"))
        found = self.attended(query, self.halved(key), self.halved(value))
        return self.add(x, self._convolved(f"{name}.o", found, gamma))

    def _convolved(self, name: str, x: Node, gain: float = 1.0) -> Node:
        weight, bias = self._net.tensors[f"{name}.weight"] * gain, self._net.tensors.get(f"{name}.bias")
        x = self.convolve(x, weight)
        return x if bias is None else self.add(x, self.per_channel(bias * gain))


def _within(piece: _Piece) -> bool:
    """Whether a block is still under way after the piece that was under way before."""
    return not any(part.kind in ("leave", "enter") for part in piece.parts)


def _feeds(piece: _Piece, state: _State, frame: _Frame) -> Iterator[Tensor]:
    """In the order in which `_PieceGraph` asks for its inputs."""
    yield state.x.permute(0, 2, 3, 1)
    first = next((part.kind for part in piece.parts if part.kind in ("enter", "leave")), "")
    if state.given is not None and first == "leave":
        yield state.given.permute(0, 2, 3, 1)
    for part in piece.parts:
        if part.kind == "norm":
            yield from frame.normalisation(part)

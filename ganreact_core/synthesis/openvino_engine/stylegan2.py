"""StyleGAN2 in compiled pieces: cut wherever something acts on activations, whole in between.

What changes with every frame (styles, demodulation, noise) is computed by the torch formulation, which is cheap, and fed in;
what a piece holds are the convolutions and everything that is as large as their outputs. Large convolutions that keep the
size are computed by tiles instead, which takes half the time.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from ..generators.base import AfterLayer, Rewrites
from ..generators.resample import wrapped
from ..generators.stylegan2 import StyleGAN2
from ..numba_engine.tiling import gains
from .graph import Graph, Node
from .rows import bend, of_its_own
from .runtime import Compiled, Shelf, arithmetic

Maps = tuple[Tensor | None, ...]

_LARGEST_WHOLE = 32  # pixels of a trained map, up to which tiles are float32: what is off early grows with each layer after it


@dataclass
class _State:
    """What lies between two layers: activations, the picture so far, a residual block's shortcut. Tensors or nodes."""

    x: Node = None
    shortcut: Node = None
    image: Node = None


@dataclass(frozen=True)
class _Piece:
    """Some of the network's parts, (kind, name), in the order in which they are computed."""

    parts: tuple[tuple[str, str], ...]
    cut: int = -1  # the layer after which something acts, −1 where nothing does
    last: bool = False
    tiled: bool = False  # one convolution that is computed by tiles


@dataclass(frozen=True)
class StyleGAN2Pieces:
    """Stands in for `StyleGAN2.compute`.

    cuts        layers after which `after` acts: nothing else is handed to it; None: it is handed every layer
    rewritten   names of the layers that may get other weights; the torch formulation computes these
    shelf       where compiled pieces are kept
    """

    network: StyleGAN2
    precision: str
    streams: int
    cuts: Collection[int] | None
    rewritten: Collection[str]
    shelf: Shelf

    def __call__(self, x: Tensor, w: Tensor, maps: Maps, after: AfterLayer | None, rewrites: Rewrites) -> Tensor:
        """Activations [b, c, h, w] of the input, bent already -> the picture [b, channels, height, width]."""
        states = [_State(row[None]) for row in x]
        for piece in self._pieces(after is not None, self._tiled((x.shape[2], x.shape[3]))):
            for n, state in enumerate(states):
                row = tuple(None if m is None else m[n if len(m) > 1 else 0][None] for m in maps)
                states[n] = self._run(piece, state, w[n][None], row, rewrites[n:n + 1])
                if len(states) > 1:
                    states[n] = of_its_own(states[n])
            if after is not None and piece.cut >= 0:
                bend(states, piece.cut, after)
        return torch.cat([state.image for state in states]).clone()

    # -- pieces --------------------------------------------------------------------------------------------------

    @property
    def _kind(self) -> torch.dtype:
        return torch.bfloat16 if arithmetic(self.precision) == "bfloat16" else torch.float32

    def _tiled(self, cells: tuple[int, int]) -> set[str]:
        """Names of convolutions that are computed by tiles, on a field of so many cells."""
        return {name for name in self.network.config.conv_names if name.endswith("conv1") and name not in self.rewritten
                and gains(self.network.tensors[f"synthesis.{name}.weight"], self.network.size_on(name, cells))}

    def _pieces(self, watched: bool, tiled: Collection[str]) -> list[_Piece]:
        """The network between its cuts; layers that may be rewritten, or are computed by tiles, are pieces of their own."""
        every = range(len(self.network.layers))
        cuts = set(every if watched else ()) if self.cuts is None else set(self.cuts)
        pieces: list[_Piece] = []
        parts: list[tuple[str, str]] = []
        for kind, name in self.network.parts():
            apart = kind == "conv" and (name in self.rewritten or name in tiled)
            if apart and parts:
                pieces.append(_Piece(tuple(parts)))
                parts = []
            parts.append((kind, name))
            layer = 1 + self.network.config.conv_names.index(name) if kind == "conv" else -1
            if apart or layer in cuts:
                pieces.append(_Piece(tuple(parts), layer if layer in cuts else -1, tiled=name in tiled))
                parts = []
        return [*pieces, _Piece(tuple(parts), last=True)]  # the last part is a to-RGB layer, which is never cut off

    def _run(self, piece: _Piece, state: _State, w: Tensor, maps: Maps, rewrites: Rewrites) -> _State:
        """One row through one piece."""
        (kind, name), *_ = piece.parts
        if piece.tiled or (kind == "conv" and name in self.rewritten):
            x = self._by_tiles(name, state.x, w, maps) if piece.tiled else self._in_torch(name, state.x, w, maps, rewrites)
            adds = state.shortcut is not None and not name.endswith("conv0")
            return _State(x + state.shortcut if adds else x, None if adds else state.shortcut, state.image)
        found = self._prepared(piece, state, maps)(self._feeds(piece, state, w, maps))
        named = zip(_alive_after(piece, state), found, strict=True)
        return _State(**{n: t if n == "image" else t.permute(0, 3, 1, 2) for n, t in named})

    def _in_torch(self, name: str, x: Tensor, w: Tensor, maps: Maps, rewrites: Rewrites) -> Tensor:
        """A layer that may have other weights in any frame."""
        index = self.network.config.conv_names.index(name)
        return self.network.convolution(name, x, w[:, index], maps[index], rewrites)

    def _by_tiles(self, name: str, x: Tensor, w: Tensor, maps: Maps) -> Tensor:
        """A large layer that keeps the size."""
        from ..numba_engine.winograd import Curve

        net, index = self.network, self.network.config.conv_names.index(name)
        inputs, outputs, *noise = net.modulation(name, w[:, index], maps[index])
        gain = net.gain_of(name)
        offset, added = net.tensors[f"synthesis.{name}.bias"] * gain, noise[0] if noise else None
        curve = Curve(outputs, offset, added, slope=0.2, limit=net.limit(gain))
        kind = self._kind if net.size_on(name, (4, 4))[0] > _LARGEST_WHOLE else torch.float32
        convolve = self.shelf.tiled(name, net.tensors[f"synthesis.{name}.weight"], kind)
        return convolve(wrapped(x, 1), inputs, curve, pad=0) if net.wrap else convolve(x, inputs, curve)

    def _feeds(self, piece: _Piece, state: _State, w: Tensor, maps: Maps) -> Iterable[Tensor]:
        """In the order in which `_PieceGraph` asks for its inputs."""
        yield from (t.permute(0, 2, 3, 1) for t in (state.x, state.shortcut) if t is not None)
        yield from (t for t in (state.image,) if t is not None)
        for kind, name in piece.parts:
            if kind == "conv":
                index = self.network.config.conv_names.index(name)
                yield from self.network.modulation(name, w[:, index], maps[index])
            elif kind == "torgb":
                yield self.network.rgb_style(name, w)

    def _prepared(self, piece: _Piece, state: _State, maps: Maps) -> Compiled:
        """Compiled on first use, for the sizes at hand."""
        noisy = any(m is not None for m in maps)
        sizes = (None if t is None else tuple(t.shape) for t in vars(state).values())
        key = (piece, noisy, *sizes, self.network.wrap, self.precision, self.streams)
        weights = sum(self.network.tensors[f"synthesis.{name}.weight"].numel() for _, name in piece.parts)

        def made() -> Compiled:
            graph = _PieceGraph(self.network, noisy=noisy, short=self._kind == torch.bfloat16)
            return Compiled(graph.model(piece, state), self.precision, self.streams)

        return self.shelf.get(key, weights, made)


class _PieceGraph(Graph):
    """The graph of one piece."""

    def __init__(self, network: StyleGAN2, *, noisy: bool, short: bool):
        super().__init__(wrap=network.wrap)
        self._net, self._noisy, self._short = network, noisy, short
        self._taps = network.low_pass.numpy()

    def model(self, piece: _Piece, given: _State) -> Any:
        """From a state of those sizes to what is alive after the piece."""
        x, shortcut = (None if t is None else self.map_input(*t.shape[1:]) for t in (given.x, given.shortcut))
        state = _State(x, shortcut, None if given.image is None else self.input(*given.image.shape))
        for kind, name in piece.parts:
            if kind == "conv":
                self._conv(name, state, leaves=(kind, name) == piece.parts[-1])
            else:
                {"torgb": self._to_rgb, "skip": self._shortcut}[kind](name, state)
        alive = {name: getattr(state, name) for name in _alive_after(piece, given)}
        images = [alive.pop("image")] if "image" in alive else []
        return self.finish(list(alive.values()), images)

    def _conv(self, name: str, state: _State, *, leaves: bool) -> None:
        net, up = self._net, name.endswith("conv0")
        weight = net.tensors[f"synthesis.{name}.weight"]
        x = self.scaled(state.x, self.input(1, weight.shape[1], 1, 1))
        x = self.convolve_up(x, weight, self._taps, net.pad_after_up(weight)) if up else self.convolve(x, weight)
        size, gain = x.get_output_shape(0)[2:], net.gain_of(name)
        lying = leaves and self._short  # in float32 OpenVINO copies where it turns them here
        turned = self.lying if lying else lambda y: y
        x = self.multiply(turned(x), turned(self.input(1, weight.shape[0], 1, 1)))
        if self._noisy:
            x = self.add(x, turned(self.input(1, 1, *size)))
        x = self.add(x, turned(self.per_channel(net.tensors[f"synthesis.{name}.bias"] * gain)))
        x = self.clamp(self.leaky_relu(x, 0.2), net.limit(gain))
        state.x = self.upright(x) if lying else x
        if state.shortcut is not None and not up:
            state.x, state.shortcut = self.add(state.x, state.shortcut), None

    def _to_rgb(self, name: str, state: _State) -> None:
        net, weight = self._net, self._net.tensors[f"synthesis.{name}.weight"]
        y = self.convolve(self.scaled(state.x, self.input(1, weight.shape[1], 1, 1)), weight)
        y = self.clamp(self.add(y, self.per_channel(net.tensors[f"synthesis.{name}.bias"])), net.config.conv_clamp)
        state.image = y if state.image is None else self.add(self.enlarge(state.image, self._taps, net.pad_enlarging()), y)

    def _shortcut(self, name: str, state: _State) -> None:
        y = self.convolve(state.x, self._net.shortcut_weight(name))
        state.shortcut = self.enlarge(y, self._taps, self._net.pad_enlarging())


def _alive_after(piece: _Piece, given: _State) -> tuple[str, ...]:
    """Which parts of the state come out of a piece, in order; at the end only the picture matters."""
    if piece.last:
        return ("image",)
    shortcut = given.shortcut is not None
    for kind, name in piece.parts:
        shortcut = kind == "skip" or (shortcut and not name.endswith("conv1"))
    image = given.image is not None or any(kind == "torgb" for kind, _ in piece.parts)
    return ("x", *["shortcut"] * shortcut, *["image"] * image)

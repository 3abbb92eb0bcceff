"""A small vocabulary for graphs over activations [1, c, h, w], in OpenVINO's operations."""

from __future__ import annotations

from typing import Any

import numpy as np
from torch import Tensor

from .runtime import library

_MOST_WEIGHTS = 1 << 22  # of attention at a time

Node = Any
"""An operation of a graph; its output is what the next one takes."""


class Graph:
    """Collects the inputs, in the order in which they are asked for, while operations are put together.

    Maps enter and leave with channels last, as torch and OpenVINO's convolutions hold them. What is done to them before their
    first convolution and after their last one is best done while they lie like that: turning them is a mere name next to a
    convolution, and a copy anywhere else.

    wrap   beyond an edge lies the opposite edge, not black
    """

    def __init__(self, *, wrap: bool = False):
        found = library()
        assert found is not None
        self._model, self._op, self._plain, self._wrap = found.Model, found.opset13, found.opset1, wrap
        self._parameters: list[Node] = []
        self._lying: dict[str, Node] = {}  # names of maps [1, c, h, w] -> the same as [1, h, w, c]

    def input(self, *shape: int) -> Node:
        """An input of that shape."""
        self._parameters.append(self._op.parameter(shape, np.float32))
        return self._parameters[-1]

    def map_input(self, channels: int, height: int, width: int) -> Node:
        """Activations that come as [1, h, w, c]."""
        return self.upright(self.input(1, height, width, channels))

    def finish(self, maps: list[Node], images: list[Node]) -> Any:
        """The model: `maps` come out as [1, h, w, c], `images` as [1, c, h, w]."""
        return self._model([self._op.result(x) for x in (*map(self.lying, maps), *images)], self._parameters)

    def lying(self, x: Node) -> Node:
        """[1, c, h, w] -> [1, h, w, c]"""
        found = self._lying.get(x.get_name())
        return self._op.transpose(x, np.array([0, 2, 3, 1])) if found is None else found

    def upright(self, x: Node) -> Node:
        """[1, h, w, c] -> [1, c, h, w]"""
        turned = self._op.transpose(x, np.array([0, 3, 1, 2]))
        self._lying[turned.get_name()] = x
        return turned

    # -- operations ----------------------------------------------------------------------------------------------

    def constant(self, values: Tensor | np.ndarray) -> Node:
        """Numbers that do not change."""
        array = values.detach().numpy() if isinstance(values, Tensor) else values
        return self._op.constant(np.ascontiguousarray(array, np.float32))

    def per_channel(self, values: Tensor) -> Node:
        """[c] -> a constant [1, c, 1, 1]."""
        return self.constant(values.reshape(1, -1, 1, 1))

    def add(self, a: Node, b: Node) -> Node:
        """a + b"""
        return self._op.add(a, b)

    def multiply(self, a: Node, b: Node) -> Node:
        """a · b"""
        return self._op.multiply(a, b)

    def scaled(self, x: Node, factors: Node, offsets: Node | None = None) -> Node:
        """Maps · factors [1, c, 1, 1] + offsets [1, c, 1, 1]; those that have just entered while they lie."""
        if x.get_name() in self._lying:
            lying = self.multiply(self.lying(x), self.lying(factors))
            return self.upright(lying if offsets is None else self.add(lying, self.lying(offsets)))
        upright = self.multiply(x, factors)
        return upright if offsets is None else self.add(upright, offsets)

    def relu(self, x: Node) -> Node:
        """max(x, 0)"""
        return self._op.relu(x)

    def leaky_relu(self, x: Node, slope: float) -> Node:
        """x where positive, else slope · x"""
        return self._op.prelu(x, self.constant(np.array([slope])))

    def tanh(self, x: Node) -> Node:
        """tanh x"""
        return self._op.tanh(x)

    def clamp(self, x: Node, limit: float | None) -> Node:
        """Between −limit and limit; None lets everything pass."""
        return x if limit is None else self._op.clamp(x, -limit, limit)

    def convolve(self, x: Node, weight: Tensor) -> Node:
        """Weights [o, i, k, k]; the size stays."""
        reach = weight.shape[-1] // 2
        pad = 0 if self._wrap else reach
        x = self._wrapped(x, reach) if self._wrap else x
        return self._op.convolution(x, self.constant(weight), [1, 1], [pad, pad], [pad, pad], [1, 1])

    def convolve_up(self, x: Node, weight: Tensor, taps: np.ndarray, pad: tuple[int, int]) -> Node:
        """Transposed convolution with stride 2 and weights [o, i, k, k], then the low-pass taps ⊗ taps · 4 with padding."""
        reach = (len(taps) + weight.shape[-1]) // 2
        y = self._wrapped(x, reach) if self._wrap else x
        y = self._op.convolution_backprop_data(y, self.constant(weight.transpose(0, 1)), [2, 2])
        kernel = self._depthwise(np.outer(taps, taps)[::-1, ::-1] * 4, weight.shape[0])
        y = self._op.group_convolution(y, kernel, [1, 1], [pad[0]] * 2, [pad[1]] * 2, [1, 1])
        return self._cropped(y, 2 * reach) if self._wrap else y

    def enlarge(self, x: Node, taps: np.ndarray, pad: tuple[int, int]) -> Node:
        """Twice the size: a zero after each pixel, padding, the low-pass taps ⊗ taps · 4."""
        reach, n = (len(taps) + 1) // 2, len(taps)
        y = self._wrapped(x, reach) if self._wrap else x
        kernel = self._depthwise(np.outer(taps, taps) * 4, x.get_output_shape(0)[1])
        begin, end = n - 1 - pad[0], n - 2 - pad[1]
        y = self._op.group_convolution_backprop_data(y, kernel, strides=[2, 2], pads_begin=[begin] * 2, pads_end=[end] * 2,
                                                     dilations=[1, 1])
        return self._cropped(y, 2 * reach) if self._wrap else y

    def double(self, x: Node) -> Node:
        """Twice the size, each pixel four times."""
        return self._op.interpolate(x, np.array([2.0, 2.0], np.float32), mode="nearest", shape_calculation_mode="scales",
                                    coordinate_transformation_mode="asymmetric", nearest_mode="floor", axes=np.array([2, 3]))

    def halved(self, x: Node) -> Node:
        """Half the size: the largest of each 2×2 pixels."""
        return self._plain.max_pool(x, [2, 2], [0, 0], [0, 0], [2, 2])

    def attended(self, query: Node, key: Node, value: Node) -> Node:
        """Maps [1, c, h, w], [1, c, h', w'], [1, d, h', w'] -> means of values, [1, d, h, w], by softmax(query · key)."""
        (_, _, h, w), d = query.get_output_shape(0), value.get_output_shape(0)[1]
        rows, keys, values = (self._flat(x) for x in (query, key, value))
        parts, at_a_time = [], max(1, _MOST_WEIGHTS // keys.get_output_shape(0)[2])
        for begin in range(0, h * w, at_a_time):
            part = self._sliced(rows, 2, begin, min(begin + at_a_time, h * w))
            table = self._op.softmax(self._op.matmul(part, keys, True, False), 2)
            parts.append(self._op.matmul(values, table, False, True))
        whole = self._op.concat(parts, 2) if len(parts) > 1 else parts[0]
        return self._op.reshape(whole, np.array([1, d, h, w]), False)

    def _flat(self, x: Node) -> Node:
        _, c, h, w = x.get_output_shape(0)
        return self._op.reshape(x, np.array([1, c, h * w]), False)

    def first_channels(self, x: Node, count: int) -> Node:
        """The first `count` channels."""
        return self._sliced(x, 1, 0, count) if count < x.get_output_shape(0)[1] else x

    def _depthwise(self, kernel: np.ndarray, channels: int) -> Node:
        return self.constant(np.broadcast_to(kernel, (channels, 1, 1, *kernel.shape)))

    def _wrapped(self, x: Node, reach: int) -> Node:
        """`reach` pixels of the opposite edge beyond each edge."""
        if not reach:
            return x
        for axis in (2, 3):
            side = x.get_output_shape(0)[axis]
            x = self._op.concat([self._sliced(x, axis, side - reach, side), x, self._sliced(x, axis, 0, reach)], axis)
        return x

    def _cropped(self, x: Node, border: int) -> Node:
        for axis in (2, 3):
            x = self._sliced(x, axis, border, x.get_output_shape(0)[axis] - border)
        return x

    def _sliced(self, x: Node, axis: int, start: int, stop: int) -> Node:
        return self._op.slice(x, np.array([start]), np.array([stop]), np.array([1]), np.array([axis]))

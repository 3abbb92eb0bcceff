"""What compiled loops read and write, float32 or shortened: Numba knows no bfloat16, but it is the first half of a float32."""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic, overload


@intrinsic
def _bits_of(typing_context, x):
    """float32 -> its bits, uint32."""
    def generate(context, builder, signature, arguments):
        return builder.bitcast(arguments[0], ir.IntType(32))
    return types.uint32(types.float32), generate


@intrinsic
def _of_bits(typing_context, bits):
    """Bits, uint32 -> float32."""
    def generate(context, builder, signature, arguments):
        return builder.bitcast(arguments[0], ir.FloatType())
    return types.float32(types.uint32), generate


def put(numbers: np.ndarray, at: Any, x: Any) -> None:
    """numbers[at] = x, where numbers are float32, or uint16 that hold bfloat16: the nearest, half a step rounded up."""
    raise NotImplementedError("compiled loops alone call this")


def get(numbers: np.ndarray, at: Any) -> Any:
    """numbers[at] as float32."""
    raise NotImplementedError("compiled loops alone call this")


@overload(put)
def _put(numbers, at, x):
    if numbers.dtype != types.uint16:
        def whole(numbers, at, x):
            numbers[at] = x
        return whole

    def short(numbers, at, x):  # a call of an intrinsic leaves out its first argument, which mypy does not know
        numbers[at] = np.uint16((_bits_of(np.float32(x)) + np.uint32(0x8000)) >> np.uint32(16))  # type: ignore[call-arg]
    return short


@overload(get)
def _get(numbers, at):
    if numbers.dtype != types.uint16:
        def whole(numbers, at):
            return numbers[at]
        return whole

    def short(numbers, at):
        return _of_bits(np.uint32(np.uint32(numbers[at]) << np.uint32(16)))  # type: ignore[call-arg]
    return short

"""CRC-32C (Castagnoli) of long byte strings with numpy: many lanes side by side, then folded together.

The CRC of a ‖ b is advance(crc(a), len(b)) xor crc(b), where advancing by n zero bytes is a linear map over GF(2); so equal
lanes are computed at once and their results are folded pairwise, the map squared at each level.
"""

from __future__ import annotations

import numpy as np

_POLYNOMIAL = 0x82F63B78  # reflected
_LANE_BYTES = 1024
_MASK_DELTA = 0xA282EAD8


def crc32c(data: memoryview | bytes) -> int:
    """CRC-32C of the bytes."""
    array = np.frombuffer(data, np.uint8)
    return _advance(0xFFFFFFFF, len(array)) ^ _raw(array) ^ 0xFFFFFFFF


def masked(crc: int) -> int:
    """The form in which LevelDB and TensorFlow store a CRC: rotated right by 15 and offset."""
    return ((crc >> 15 | crc << 17) + _MASK_DELTA) & 0xFFFFFFFF


def _raw(array: np.ndarray) -> int:
    """CRC without the inversion before and after: linear in the bytes."""
    if len(array) < 2 * _LANE_BYTES:
        register = 0
        for byte in array.tolist():
            register = int(_TABLE[(register ^ byte) & 255]) ^ (register >> 8)
        return register
    lanes = 1 << ((len(array) // _LANE_BYTES).bit_length() - 1)
    whole, rest = array[:lanes * _LANE_BYTES], array[lanes * _LANE_BYTES:]
    return _advance(_folded(whole.reshape(lanes, _LANE_BYTES)), len(rest)) ^ _raw(rest)


def _folded(lanes: np.ndarray) -> int:
    """Raw CRC of uint8 [n, length] read row by row; n is a power of two."""
    registers = np.zeros(len(lanes), np.uint32)
    for column in np.ascontiguousarray(lanes.T):
        registers = _TABLE[(registers ^ column) & 255] ^ (registers >> np.uint32(8))
    step = _zeros(lanes.shape[1])
    while len(registers) > 1:
        registers = _apply(step, registers[0::2]) ^ registers[1::2]
        step = _apply(step, step)
    return int(registers[0])


def _advance(register: int, n_bytes: int) -> int:
    """A register after n zero bytes."""
    return int(_apply(_zeros(n_bytes), np.array([register], np.uint32))[0])


def _zeros(n_bytes: int) -> np.ndarray:
    """The map of n zero bytes as the images of the 32 single bits, uint32 [32]."""
    bits = np.uint32(1) << np.arange(32, dtype=np.uint32)
    power, result = _TABLE[bits & 255] ^ (bits >> np.uint32(8)), bits
    while n_bytes:
        if n_bytes & 1:
            result = _apply(power, result)
        power, n_bytes = _apply(power, power), n_bytes >> 1
    return result


def _apply(matrix: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Multiply over GF(2): matrix as the images of single bits, values uint32 [n]."""
    out = np.zeros_like(values)
    for bit in range(32):
        out ^= np.where(values >> np.uint32(bit) & 1, matrix[bit], np.uint32(0))
    return out


def _table() -> np.ndarray:
    values = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        values = np.where(values & 1, values >> np.uint32(1) ^ np.uint32(_POLYNOMIAL), values >> np.uint32(1))
    return values


_TABLE = _table()

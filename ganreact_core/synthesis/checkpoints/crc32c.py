"""CRC-32C (Castagnoli) of long byte strings with numpy: many lanes side by side, then folded together.

The CRC of a ‖ b is advance(crc(a), len(b)) xor crc(b), where advancing by n zero bytes is a linear map over GF(2); so equal
lanes are computed at once and their results are folded pairwise, the map of twice as many zeros at each level.
"""

from __future__ import annotations

from functools import cache

import numpy as np

_POLYNOMIAL = 0x82F63B78  # reflected
_MASK_DELTA = 0xA282EAD8


def crc32c(data: memoryview | bytes) -> int:
    """CRC-32C of the bytes."""
    array = np.frombuffer(data, np.uint8)
    return _advance(0xFFFFFFFF, len(array)) ^ _raw(array) ^ 0xFFFFFFFF


def masked(crc: int) -> int:
    """The form in which LevelDB and TensorFlow store a CRC: rotated right by 15 and offset."""
    return ((crc >> 15 | crc << 17) + _MASK_DELTA) & 0xFFFFFFFF


def _raw(array: np.ndarray) -> int:
    """CRC without the inversion before and after: linear in the bytes, and blind to zeros at the front."""
    length = 1 << min(max((len(array) // 16).bit_length() // 2, 5), 10)  # of a lane: about √n / 4, a power of two
    lanes = np.zeros((-(-len(array) // length), length), np.uint8)
    if not lanes.size:
        return 0
    lanes.reshape(-1)[lanes.size - len(array):] = array
    registers, (low, high) = np.zeros(len(lanes), np.uint32), _halves()
    for column in np.ascontiguousarray(lanes.view("<u4").T):
        registers ^= column
        registers = low[registers & np.uint32(0xFFFF)] ^ high[registers >> np.uint32(16)]
    return _folded(registers, length)


def _folded(registers: np.ndarray, length: int) -> int:
    """The register of all lanes, of those of each, uint32 [n]; `length` is a power of two."""
    power = length.bit_length() - 1
    while len(registers) > 1:
        if len(registers) % 2:
            registers = np.concatenate([np.zeros(1, np.uint32), registers])
        registers = _apply(_zeros(power), registers[0::2]) ^ registers[1::2]
        power += 1
    return int(registers[0])


def _advance(register: int, n_bytes: int) -> int:
    """A register after n zero bytes."""
    for power in range(n_bytes.bit_length()):
        if n_bytes >> power & 1:
            register = int(_apply(_zeros(power), np.array([register], np.uint32))[0])
    return register


@cache
def _zeros(power: int) -> np.ndarray:
    """The map of 2^power zero bytes as the images of the 32 single bits, uint32 [32]."""
    if power:
        half = _zeros(power - 1)
        return _apply(half, half)
    bits = np.uint32(1) << np.arange(32, dtype=np.uint32)
    return _TABLE[bits & 255] ^ (bits >> np.uint32(8))


@cache
def _halves() -> tuple[np.ndarray, np.ndarray]:
    """What four bytes lead to, by the lower and by the upper two of them."""
    values = np.arange(1 << 16, dtype=np.uint32)
    return _apply(_zeros(2), values), _apply(_zeros(2), values << np.uint32(16))


def _apply(matrix: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Multiply over GF(2): matrix as the images of single bits, values uint32 [n]."""
    out = np.zeros_like(values)
    for bit in range(32):
        out ^= (values >> np.uint32(bit) & np.uint32(1)) * matrix[bit]
    return out


def _table() -> np.ndarray:
    values = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        values = np.where(values & 1, values >> np.uint32(1) ^ np.uint32(_POLYNOMIAL), values >> np.uint32(1))
    return values


_TABLE = _table()

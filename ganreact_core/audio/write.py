"""Sound to a file, block by block: WAV or FLAC, 16 bit or float, whole or not at all."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import soundfile

from ..errors import UsageError
from ..files import whole_file

_KINDS = {".wav": "WAV", ".flac": "FLAC"}
RATES_HZ = (8_000, 192_000)


def check_sound_file(path: str | Path, *, as_float: bool = False, sample_rate_hz: int | None = None) -> None:
    """Raises UsageError where such a file cannot be written."""
    suffix = Path(path).suffix.lower()
    if suffix not in _KINDS:
        raise UsageError(f"'{suffix or Path(path).name}' files are not written; name the sound .wav or .flac")
    if as_float and suffix == ".flac":
        raise UsageError("FLAC holds no float samples; write .wav, or 16 bit")
    if sample_rate_hz is not None and not RATES_HZ[0] <= sample_rate_hz <= RATES_HZ[1]:
        raise UsageError(f"{sample_rate_hz} Hz cannot be written; use {RATES_HZ[0]} to {RATES_HZ[1]}")


def write_sound(path: str | Path, blocks: Iterable[np.ndarray], sample_rate_hz: int, *, as_float: bool = False) -> int:
    """Mono float32 blocks -> a file; returns the number of samples."""
    check_sound_file(path, as_float=as_float, sample_rate_hz=sample_rate_hz)
    kind, count = _KINDS[Path(path).suffix.lower()], 0
    with whole_file(Path(path)) as file, soundfile.SoundFile(file, "w", sample_rate_hz, 1, "FLOAT" if as_float else "PCM_16",
                                                             format=kind) as sound:
        for block in blocks:
            sound.write(block if as_float else np.clip(block, -1.0, 32767 / 32768))
            count += len(block)
    return count

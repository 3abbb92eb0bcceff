"""Brouwer's audio-reactive functions (2020), as the code beside his paper computes them, defects and all.

His onsets of type "mm" are in `classic_onsets`.

Everything is on a grid of n video frames. The widths of his smoothing were meant in frames at 30 frames per second; his
scale `fps / 30` only lengthens the kernel, which is kept here.
"""

from __future__ import annotations

import librosa
import numpy as np
import scipy.signal

from .classic_onsets import spectral_onsets


def gaussian_filter(x: np.ndarray, sigma: float, causal: float | int | None = None, fps: float = 30) -> np.ndarray:
    """Smoothed along axis 0 with circular ends, so that the end of a song leaks into its start.

    causal   factor on the taps that look into the future; a whole number of any value means 0
    """
    n = len(x)
    radius = min(int(4 * sigma * fps / 30), 3 * n)
    k = np.arange(-radius, radius + 1)
    kernel = np.exp(-0.5 * np.square(k / sigma))
    if causal is not None:
        kernel[k < 0] *= causal if isinstance(causal, float) else 0
    kernel /= kernel.sum()
    flat = x.reshape(n, -1).astype(float)
    wrapped = np.pad(flat, ((min(radius, n),) * 2, (0, 0)), mode="wrap")
    wrapped = np.pad(wrapped, ((radius - min(radius, n),) * 2, (0, 0)))
    return scipy.signal.convolve(wrapped, kernel[:, None], mode="valid").reshape(x.shape)


def percentile_clip(x: np.ndarray, percentile: float) -> np.ndarray:
    """Divided by a percentile of its peaks and clipped to 0…1; peaks at the ends do not count, x without peaks by its max."""
    inner = x[1:-1]
    peaks = np.sort(inner[(inner > x[:-2]) & (inner > x[2:])])
    if not len(peaks):
        return np.clip(x / max(float(x.max(initial=0)), 1e-12), 0, 1)
    value = peaks[round(0.01 * percentile * (len(peaks) - 1))]
    clipped = np.clip(x, 0, value)
    return clipped / max(float(clipped.max()), 1e-12)


def normalize(x: np.ndarray) -> np.ndarray:
    """Lowest value 0, highest 1; a constant becomes 0."""
    risen = x - x.min()
    return risen / max(float(risen.max()), 1e-12)


def compress(x: np.ndarray, threshold: float, ratio: float, invert: bool = False) -> np.ndarray:
    """Values above the threshold (below it: invert) times the ratio, then normalised. A ratio over 1 expands."""
    chosen = x < threshold if invert else x > threshold
    return normalize(np.where(chosen, ratio * x, x))


expand = compress


def onsets(
    samples: np.ndarray, sample_rate_hz: int, n_frames: int, *, margin: float = 8,
    band_hz: tuple[float, float] = (20, 8000), smooth: float = 1, clip: float = 100, power: float = 1,
) -> np.ndarray:
    """Onset strength of the percussive part between two frequencies: float64 [n_frames], 0…1 (his type "rosa")."""
    struck = librosa.effects.percussive(samples, margin=margin)
    low_hz, high_hz = band_hz[0], min(band_hz[1], sample_rate_hz / 2)
    strength = librosa.onset.onset_strength(y=struck, sr=sample_rate_hz, fmin=low_hz, fmax=high_hz)
    return _shaped(strength, n_frames, smooth, clip, power)


def onsets_mm(
    samples: np.ndarray, sample_rate_hz: int, n_frames: int, *, margin: float = 8,
    band_hz: tuple[float, float] = (20, 8000), smooth: float = 1, clip: float = 100, power: float = 1,
) -> np.ndarray:
    """The same from a sum of five spectral differences: float64 [n_frames], 0…1 (his type "mm")."""
    struck = librosa.effects.percussive(samples, margin=margin)
    strength = spectral_onsets(struck, sample_rate_hz, (band_hz[0], min(band_hz[1], sample_rate_hz / 2)))
    return _shaped(strength, n_frames, smooth, clip, power)


def _shaped(strength: np.ndarray, n_frames: int, smooth: float, clip: float, power: float) -> np.ndarray:
    return percentile_clip(gaussian_filter(_resampled(strength, n_frames), smooth, causal=0), clip) ** power


def rms(
    samples: np.ndarray, sample_rate_hz: int, n_frames: int, *, band_hz: tuple[float, float] = (20, 8000),
    smooth: float = 180, clip: float = 50, power: float = 6,
) -> np.ndarray:
    """RMS of a band, slow and steep, for telling quiet sections from loud ones: float64 [n_frames], 0…1."""
    band = (band_hz[0], min(band_hz[1], 0.499 * sample_rate_hz))
    sos = scipy.signal.butter(12, band, "bandpass", fs=sample_rate_hz, output="sos")
    spectrum = np.abs(librosa.stft(scipy.signal.sosfilt(sos, samples).astype(np.float32)))
    drawn = _resampled(librosa.feature.rms(S=spectrum)[0], n_frames)
    return percentile_clip(gaussian_filter(drawn, smooth, causal=0.05), clip) ** power


def chroma(samples: np.ndarray, sample_rate_hz: int, n_frames: int, *, margin: float = 16, notes: int = 12) -> np.ndarray:
    """Pitch classes in ascending order of their median, not of pitch, the weakest `notes` of them: [n_frames, notes].

    Rows sum to 1; silent rows, which his code makes NaN, are uniform.
    """
    lasting = librosa.effects.harmonic(samples, margin=margin)
    found = librosa.feature.chroma_cens(y=lasting, sr=sample_rate_hz)
    found = np.minimum(found, librosa.decompose.nn_filter(found, aggregate=np.median, metric="cosine"))
    drawn = np.stack([_resampled(row, n_frames) for row in found], axis=1)
    drawn = drawn[:, np.argsort(np.median(drawn, axis=0))[:notes]]
    total = drawn.sum(axis=1, keepdims=True)
    return np.where(np.abs(total) > 1e-9, drawn / np.where(np.abs(total) > 1e-9, total, 1), 1 / notes)


def _resampled(x: np.ndarray, n_frames: int) -> np.ndarray:
    """Fourier-resampled, clipped to where the input was."""
    return np.clip(scipy.signal.resample(x, n_frames), x.min(), x.max())

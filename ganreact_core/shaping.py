"""Functions that make a curve fit for motion. Each takes and gives float arrays [n_frames]; none looks at the clock.

Everything that remembers (smoothing, attack and release) lives here, before the F-curve: after baking, frames stand alone.
Formulas follow Brouwer (2020), "Audio-reactive Latent Interpolations with StyleGAN", where a name is shared with it.
"""

from __future__ import annotations

import numpy as np


def normalise(x: np.ndarray) -> np.ndarray:
    """Stretch to 0…1; a flat curve becomes zero."""
    low, high = float(np.min(x, initial=np.inf)), float(np.max(x, initial=-np.inf))
    return (x - low) / (high - low) if high > low else np.zeros_like(x)


def smooth(x: np.ndarray, *, sigma_frames: float, causal: float = 1.0) -> np.ndarray:
    """Gaussian smoothing; `causal` scales the weight of the future: 1 symmetric, 0 nothing moves before its cause.

    The curve is held at its ends (not wrapped), so the end of a song never leaks into its start.
    """
    if sigma_frames <= 0 or len(x) == 0:
        return x
    radius = max(1, min(int(4 * sigma_frames), 3 * len(x)))
    lags = np.arange(-radius, radius + 1)  # lag k weighs x[i + k]
    kernel = np.exp(-0.5 * (lags / sigma_frames) ** 2) * np.where(lags > 0, causal, 1.0)
    held = np.pad(x, radius, mode="edge")
    size = 1 << (len(held) + len(kernel) - 2).bit_length()
    spectrum = np.fft.rfft(held, size) * np.fft.rfft(kernel[::-1] / kernel.sum(), size)
    result = np.fft.irfft(spectrum, size)[2 * radius:2 * radius + len(x)]
    return np.clip(result, x.min(), x.max())  # a mean stays within the values; the FFT may miss by an ulp


def attack_release(x: np.ndarray, *, attack_frames: float, release_frames: float) -> np.ndarray:
    """One-pole follower: rises with the attack's time constant, falls with the release's."""
    rise = 1.0 - np.exp(-1.0 / attack_frames) if attack_frames > 0 else 1.0
    fall = 1.0 - np.exp(-1.0 / release_frames) if release_frames > 0 else 1.0
    out, level = np.empty(len(x)), 0.0
    for i, target in enumerate(x.tolist()):
        level += (rise if target > level else fall) * (target - level)
        out[i] = level
    return out


def percentile_clip(x: np.ndarray, *, percent: float) -> np.ndarray:
    """Clip at a percentile of the strict local maxima, then divide by it: one loud hit no longer flattens the rest."""
    if len(x) < 3:
        return normalise(x)
    inner = x[1:-1]
    peaks = np.sort(inner[(inner > x[:-2]) & (inner > x[2:])])
    if not len(peaks):
        return normalise(np.maximum(x, 0.0))
    ceiling = peaks[round(0.01 * percent * (len(peaks) - 1))]
    return np.clip(x, 0.0, ceiling) / ceiling if ceiling > 0 else np.zeros_like(x)


def emphasise(x: np.ndarray, *, threshold: float, ratio: float, below: bool = False) -> np.ndarray:
    """Multiply what lies above the threshold (below it, if asked) by ratio, then normalise: > 1 expands, < 1 compresses."""
    chosen = x < threshold if below else x > threshold
    return normalise(np.where(chosen, x * ratio, x))


def expand(x: np.ndarray, *, threshold: float, ratio: float) -> np.ndarray:
    """Two-sided: above the threshold × ratio, below it ÷ ratio, then normalise; a ratio below 1 compresses."""
    return normalise(np.where(x > threshold, x * ratio, x / ratio))


def moving_average(x: np.ndarray, *, window_frames: float) -> np.ndarray:
    """Mean over a window centred on each frame, shorter at the ends."""
    n, half = len(x), max(0, round(window_frames) // 2)
    sums = np.concatenate([[0.0], np.cumsum(x)])
    left, right = np.maximum(np.arange(n) - half, 0), np.minimum(np.arange(n) + half + 1, n)
    return (sums[right] - sums[left]) / (right - left)


def accumulate(x: np.ndarray, *, turn_frames: float) -> np.ndarray:
    """The sum so far, beginning again at 1: full level comes round once in so many frames, and half the level in twice as many.

    What moves by it never jumps: how loud the sound is becomes how fast it goes.
    """
    return np.cumsum(np.maximum(x, 0.0)) / max(turn_frames, 1e-6) % 1.0


def multiply_clip(x: np.ndarray, *, factor: float) -> np.ndarray:
    """Multiply and cut at 1: what was loud enough becomes full."""
    return np.minimum(x * factor, 1.0)


def delay(x: np.ndarray, *, frames: int) -> np.ndarray:
    """Later by whole frames (earlier where negative); what moves in from outside is zero."""
    out = np.zeros_like(x)
    source = np.arange(len(x)) - frames
    inside = (source >= 0) & (source < len(x))
    out[inside] = x[source[inside]]
    return out


def gate(x: np.ndarray, *, threshold: float) -> np.ndarray:
    """Nothing below the threshold; what is above keeps its value."""
    return np.where(x >= threshold, x, 0.0)


def clip(x: np.ndarray, *, low: float, high: float) -> np.ndarray:
    """Cut at low and high and stretch that range to 0…1."""
    return np.clip((x - low) / max(high - low, 1e-9), 0.0, 1.0)


def power(x: np.ndarray, *, exponent: float) -> np.ndarray:
    """x ** exponent on 0…1: above 1 keeps only the strong, below 1 lifts the weak."""
    return np.clip(x, 0.0, None) ** exponent


def invert(x: np.ndarray) -> np.ndarray:
    """1 − x."""
    return 1.0 - x

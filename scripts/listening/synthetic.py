"""Drums that no kit has: swept sines and shaped noise of random measures, for variety."""

from __future__ import annotations

import numpy as np
import scipy.signal

from .samples import RATE


def drum(kind: str, rng: np.random.Generator) -> np.ndarray:
    """A kick, snare, hat or open hat: float32 [n], peak 1, from its first sample."""
    made = {"kick": _kick, "snare": _snare, "hat": _hat, "open": _open}[kind](rng)
    return (made / max(np.abs(made).max(), 1e-6)).astype(np.float32)


def _time(seconds: float) -> np.ndarray:
    return np.arange(int(seconds * RATE)) / RATE


def _noise(t: np.ndarray, rng: np.random.Generator, band_hz: tuple[float, float]) -> np.ndarray:
    sos = scipy.signal.butter(2, (band_hz[0], min(band_hz[1], 0.49 * RATE)), "bandpass", fs=RATE, output="sos")
    return scipy.signal.sosfilt(sos, rng.normal(size=len(t)))


def _kick(rng: np.random.Generator) -> np.ndarray:
    t = _time(rng.uniform(0.15, 0.6))
    end_hz, start_hz = rng.uniform(38, 75), rng.uniform(90, 400)
    phase = 2 * np.pi * np.cumsum(end_hz + (start_hz - end_hz) * np.exp(-t * rng.uniform(15, 90))) / RATE
    body = np.sin(phase) * np.exp(-t * rng.uniform(5, 25))
    click = _noise(t, rng, (rng.uniform(500, 2500), 8000)) * np.exp(-t * rng.uniform(150, 600))
    return np.tanh(rng.uniform(0.7, 3) * (body + rng.uniform(0, 0.5) * click))


def _snare(rng: np.random.Generator) -> np.ndarray:
    t = _time(rng.uniform(0.12, 0.5))
    hz = rng.uniform(140, 330)
    tone = np.sin(2 * np.pi * hz * t) + rng.uniform(0, 0.7) * np.sin(2 * np.pi * hz * rng.uniform(1.4, 1.9) * t)
    wires = _noise(t, rng, (rng.uniform(300, 2500), rng.uniform(5000, 11000))) * np.exp(-t * rng.uniform(9, 45))
    return np.tanh(rng.uniform(0.1, 1.2) * tone * np.exp(-t * rng.uniform(15, 60)) + 1.5 * wires)


def _metal(t: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    low_hz = rng.uniform(3000, 7500)
    square = sum(np.sign(np.sin(2 * np.pi * rng.uniform(300, 5000) * t + rng.uniform(0, 6))) for _ in range(6))
    sos = scipy.signal.butter(4, low_hz, "highpass", fs=RATE, output="sos")
    return scipy.signal.sosfilt(sos, rng.uniform(0, 1) * square + rng.uniform(0.3, 2) * rng.normal(size=len(t)))


def _hat(rng: np.random.Generator) -> np.ndarray:
    t = _time(rng.uniform(0.04, 0.15))
    return _metal(t, rng) * np.exp(-t * rng.uniform(30, 120))


def _open(rng: np.random.Generator) -> np.ndarray:
    t = _time(rng.uniform(0.2, 0.7))
    return _metal(t, rng) * np.exp(-t * rng.uniform(4, 15))


def varied(sample: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A sample through a random tilt of its spectrum and a shorter decay."""
    out = sample.astype(float)
    if rng.random() < 0.5:
        tilt = rng.uniform(-0.6, 0.6)
        out = scipy.signal.lfilter([1, tilt], [1], out)
    if rng.random() < 0.4:
        out = out * np.exp(-np.arange(len(out)) / RATE * rng.uniform(2, 20))
    if rng.random() < 0.3:
        out = np.tanh(rng.uniform(1, 5) * out / max(np.abs(out).max(), 1e-6))
    return (out / max(np.abs(out).max(), 1e-6)).astype(np.float32)

"""Sounds that the project makes itself: a latent and a pitch say exactly which, so that a network can be taught them.

Five kinds lie around a circle and melt into their neighbours: drones (additive), bells (FM), plucks (damped partials),
breaths (noise bands) and textures (grains). Noise is frozen: the same latent always gives the same sound.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

SAMPLE_RATE, N_SAMPLES = 16_000, 64_000
PITCHES = (36, 43, 48, 55, 60, 67, 72)
Z_DIM = 16
KINDS = ("drone", "bell", "pluck", "breath", "texture")
_PEAK = 0.8
_FAINTEST = 0.02  # share of a kind below which it is left out
_SHARPNESS = 7.0  # how fast one kind gives way to the next around the circle
_CEILING_HZ = 7600.0
_BELL_RATIO, _STRIKE_RATIO, _STIFF = 1.41, 2.756, 1e-4
_TIME_S = np.arange(N_SAMPLES, dtype=np.float32) / SAMPLE_RATE
_SLOW, _FAST = (1, 3), (2, 5)  # partials of a texture's two crowds
_SIDEBANDS = 8
_SILENCE = np.zeros(N_SAMPLES, np.float32)
Both = tuple[np.ndarray, np.ndarray]
"""What has pitch, and what is noise."""
_NOISE = np.random.default_rng(5).normal(size=(4, N_SAMPLES)).astype(np.float32)


@dataclass(frozen=True)
class Lesson:
    """What a latent asks for; every number but `hertz` lies in 0…1.

    bright   how much of the sound is high
    sustain  how long it lasts
    shape    angle around the circle of kinds, and what each kind makes of the rest
    """

    hertz: float
    bright: float
    sustain: float
    kinds: tuple[float, ...]
    shape: tuple[float, ...]


def lesson_of(z: np.ndarray, midi: float) -> Lesson:
    """Latent [Z_DIM] (brightness, sustain, the circle's two coordinates, details) and pitch -> lesson."""
    even = [0.5 * (1.0 + math.erf(v / math.sqrt(2.0))) for v in z]
    angle = math.atan2(z[3], z[2])
    near = np.exp([_SHARPNESS * math.cos(angle - 2 * math.pi * k / len(KINDS)) for k in range(len(KINDS))])
    return Lesson(440.0 * 2.0 ** ((midi - 69) / 12), even[0], even[1], tuple(near / near.sum()), tuple(even[4:]))


@dataclass(frozen=True)
class Parts:
    """A made sound before it is mixed: what has pitch, what is noise, and where the first has its partials.

    tonal, noise   float32 [N_SAMPLES]
    hertz          frequencies of all partials that may sound, in no order
    """

    tonal: np.ndarray
    noise: np.ndarray
    hertz: tuple[float, ...]


def play(lesson: Lesson) -> np.ndarray:
    """float32 [N_SAMPLES], its peak at 0.8."""
    made = parts_of(lesson)
    return made.tonal + made.noise


def parts_of(lesson: Lesson) -> Parts:
    """The same sound, taken apart: the peak of the sum is at 0.8."""
    both = np.zeros((2, N_SAMPLES), np.float32)
    hertz: list[float] = []
    for share, kind in zip(lesson.kinds, KINDS, strict=True):
        if share > _FAINTEST:
            part = np.stack(_PLAYERS[kind](lesson))
            both += share * part / max(float(np.abs(part.sum(0)).max()), 1e-6)
            hertz += _PARTIALS[kind](lesson)
    both *= _PEAK / max(float(np.abs(both.sum(0)).max()), 1e-6)
    return Parts(both[0], both[1], tuple(f for f in hertz if 0 < f < _CEILING_HZ))


def place_of(kind: str) -> tuple[float, float]:
    """The point of the circle (z's third and fourth number) where a kind is purest."""
    angle = 2 * math.pi * KINDS.index(kind) / len(KINDS)
    return 1.2 * math.cos(angle), 1.2 * math.sin(angle)


# -- the kinds --------------------------------------------------------------------------------------------------------


def _drone(lesson: Lesson) -> Both:
    """Harmonics that swell one after the other."""
    shimmer, tremble, attack, odd = lesson.shape[:4]
    sound = np.zeros(N_SAMPLES, np.float32)
    for n in range(1, _harmonics(lesson, 36) + 1):
        level = n ** -(2.4 - 2.0 * lesson.bright) * (1.0 - 0.8 * odd * (n % 2 == 0))
        swell = 1.0 + 0.8 * shimmer * np.sin(2 * np.pi * 0.5 * _TIME_S + 2.4 * n)
        sound += level * swell * np.sin(2 * np.pi * n * lesson.hertz * _TIME_S)
    sound *= 1.0 + 0.6 * tremble * np.sin(2 * np.pi * 2.0 * _TIME_S)
    return sound * _swell(0.05 + 1.2 * attack, 0.8 * 10 ** (1.1 * lesson.sustain)), _SILENCE


def _bell(lesson: Lesson) -> Both:
    """Two operators of frequency modulation whose index falls, and a strike tone above them."""
    strike = lesson.shape[4]
    decay_s = 0.25 * 10 ** (1.1 * lesson.sustain)
    index = (0.3 + 6.0 * lesson.bright) * np.exp(-_TIME_S / (0.5 * decay_s))
    carrier = 2 * np.pi * 2 * lesson.hertz * _TIME_S
    sound = np.sin(carrier + index * np.sin(carrier * _BELL_RATIO)) * np.exp(-_TIME_S / decay_s)
    high = np.sin(carrier * _STRIKE_RATIO) * np.exp(-_TIME_S / (0.3 * decay_s))
    return (sound + (0.1 + 0.5 * strike) * lesson.bright * high) * np.minimum(1.0, _TIME_S / 0.004), _SILENCE


def _pluck(lesson: Lesson) -> Both:
    """A string: partials as the place of plucking leaves them, the higher the sooner gone, slightly stretched."""
    place = 0.08 + 0.4 * lesson.shape[5]
    decay_s = 0.35 * 10 ** (1.0 * lesson.sustain)
    sound = np.zeros(N_SAMPLES, np.float32)
    for n, hertz in enumerate(_stretched(lesson), 1):
        if hertz < _CEILING_HZ:
            level = abs(math.sin(math.pi * n * place)) * n ** -(1.8 - 1.3 * lesson.bright)
            fall = np.exp(-_TIME_S * (1 + (0.5 - 0.4 * lesson.bright) * n) / decay_s)
            sound += level * fall * np.sin(2 * np.pi * hertz * _TIME_S)
    return sound * np.minimum(1.0, _TIME_S / 0.003), _SILENCE


def _breath(lesson: Lesson) -> Both:
    """Noise in a band that brightness moves, around a soft tone."""
    wide, attack, tone = lesson.shape[6], lesson.shape[2], lesson.shape[7]
    centre_hz = 250.0 * 2 ** (4.2 * lesson.bright)
    band = _band_noise(0, centre_hz, 0.25 + 0.6 * wide)
    soft = np.sin(2 * np.pi * lesson.hertz * _TIME_S) + 0.3 * np.sin(4 * np.pi * lesson.hertz * _TIME_S)
    tonal = 0.5 * tone * soft * (1 + 0.3 * np.sin(2 * np.pi * (3 + 3 * wide) * _TIME_S))
    swell = _swell(0.15 + 1.0 * attack, 0.7 * 10 ** (1.0 * lesson.sustain))
    return tonal * swell, band * swell


def _texture(lesson: Lesson) -> Both:
    """Short grains of tone and noise in two steady crowds, a slow one and a fast one that is higher."""
    crowd, length_s, rough = lesson.shape[8], 0.03 + 0.15 * lesson.shape[9], lesson.shape[10]
    noise = _band_noise(1, 400.0 * 2 ** (3.5 * lesson.bright), 0.8)
    tonal, rustle = np.zeros(N_SAMPLES, np.float32), np.zeros(N_SAMPLES, np.float32)
    for rate_hz, factors, share in ((2.5, _SLOW, 1.0 - crowd), (6.25, _FAST, crowd)):
        tone = sum(level * np.sin(2 * np.pi * lesson.hertz * n * _TIME_S)
                   for n, level in zip(factors, (1.0 - lesson.bright, lesson.bright), strict=True))
        phase_s = np.mod(_TIME_S, 1.0 / rate_hz)
        shape = share * np.exp(-phase_s / length_s) * np.minimum(1.0, phase_s / 0.006)
        tonal += shape * (1 - rough) * tone
        rustle += shape * 0.7 * rough * noise
    swell = _swell(0.02, 0.6 * 10 ** (1.2 * lesson.sustain))
    return tonal * swell, rustle * swell


def _stretched(lesson: Lesson) -> list[float]:
    return [n * lesson.hertz * math.sqrt(1 + _STIFF * n * n) for n in range(1, _harmonics(lesson, 30) + 1)]


def _sidebands(lesson: Lesson) -> list[float]:
    """A bell's partials; those below nothing are mirrored."""
    carrier = 2 * lesson.hertz
    return [*(abs(carrier * (1 + n * _BELL_RATIO)) for n in range(-_SIDEBANDS, _SIDEBANDS + 1)), carrier * _STRIKE_RATIO]


_PLAYERS: dict[str, Callable[[Lesson], Both]] = {
    "drone": _drone, "bell": _bell, "pluck": _pluck, "breath": _breath, "texture": _texture}
_PARTIALS: dict[str, Callable[[Lesson], list[float]]] = {
    "drone": lambda lesson: [n * lesson.hertz for n in range(1, _harmonics(lesson, 36) + 1)],
    "bell": _sidebands, "pluck": _stretched,
    "breath": lambda lesson: [lesson.hertz, 2 * lesson.hertz],
    "texture": lambda lesson: [n * lesson.hertz for n in (*_SLOW, *_FAST)]}


def _harmonics(lesson: Lesson, most: int) -> int:
    return max(1, min(most, int(_CEILING_HZ / lesson.hertz)))


def _swell(attack_s: float, decay_s: float) -> np.ndarray:
    """Rises as a quarter sine, then falls exponentially."""
    rise = np.sin(0.5 * np.pi * np.minimum(1.0, _TIME_S / attack_s))
    return rise * np.exp(-np.maximum(0.0, _TIME_S - attack_s) / decay_s)


def _band_noise(which: int, centre_hz: float, octaves: float) -> np.ndarray:
    """Frozen noise under a bell in log frequency, its standard deviation at one."""
    spectrum = np.fft.rfft(_NOISE[which])
    hertz = np.fft.rfftfreq(N_SAMPLES, 1 / SAMPLE_RATE) + 1.0
    band = np.fft.irfft(spectrum * np.exp(-0.5 * (np.log2(hertz / centre_hz) / octaves) ** 2), N_SAMPLES)
    return (band / max(float(band.std()), 1e-9)).astype(np.float32)

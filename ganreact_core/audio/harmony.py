"""Pitch: a pitchgram from the peaks of a long-window spectrum, and the chromagrams drawn from it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import scipy.ndimage

from .spectra import Grid, at_every_hop, magnitudes, window_size

EVERY = 4
"""Pitch is looked at every fourth hop, about 22 times a second; chords are slower."""
LOWEST_MIDI, N_PITCHES = 24, 84
_WINDOW_S = 0.37
_TUNING_EVERY = 32
_MEDIAN_S = 0.25
_GATE = 1e-3
BASS_MIDI, MELODY_MIDI = (28, 53), (45, 97)
_OVERTONES = {0: 1.0, 12: 0.8, 19: 0.6, 24: 0.4}
"""Semitones above a note at which its overtones lie, and how much each speaks for it."""
LOWEST_CHORD_MIDI = 48


def _peaks(samples: np.ndarray, grid: Grid, every: int) -> Iterator[tuple[slice, np.ndarray, np.ndarray, np.ndarray]]:
    """Blocks of spectral peaks: which frames; then per peak its frame in the block, pitch (MIDI number), magnitude.

    A peak's place is refined by a parabola through three bins of the log spectrum.
    """
    size = window_size(grid, _WINDOW_S)
    bin_hz = grid.sample_rate_hz / size
    low_hz, high_hz = 440 * 2 ** ((np.array([LOWEST_MIDI - 0.4, LOWEST_MIDI + N_PITCHES - 0.6]) - 69) / 12)
    low, high = max(2, int(low_hz / bin_hz)), min(size // 2 - 1, int(high_hz / bin_hz))
    for hops, mag in magnitudes(samples, grid, size, every):
        m = mag[:, low - 1:high + 2]
        frame, k = np.nonzero((m[:, 1:-1] > m[:, :-2]) & (m[:, 1:-1] >= m[:, 2:]) & (m[:, 1:-1] > 1e-6))
        left, centre, right = (np.log(np.maximum(m[frame, k + d], 1e-12)) for d in (0, 1, 2))
        shift = 0.5 * (left - right) / np.minimum(left - 2 * centre + right, -1e-9)
        hz = (k + low + np.clip(shift, -0.5, 0.5)) * bin_hz
        yield hops, frame, 69 + 12 * np.log2(hz / 440), np.exp(centre)


def tuning(samples: np.ndarray, grid: Grid) -> float:
    """How far the track is from A = 440 Hz, in semitones, −0.5…0.5: the circular mean of the peaks' fractions."""
    turn = sum(np.sum(magnitude * np.exp(2j * np.pi * midi))
               for _, _, midi, magnitude in _peaks(samples, grid, _TUNING_EVERY))
    return float(np.angle(turn) / (2 * np.pi)) if abs(turn) > 0 else 0.0


def pitchgram(samples: np.ndarray, grid: Grid) -> np.ndarray:
    """Magnitude of the peaks near each semitone from C1 up, in the track's own tuning: float32 [n_coarse, 84].

    What does not last a quarter of a second is left out.
    """
    tuned = tuning(samples, grid)
    out = np.zeros((-(-grid.n_hops // EVERY), N_PITCHES), np.float32)
    for hops, frame, midi, magnitude in _peaks(samples, grid, EVERY):
        pitch = midi - tuned - LOWEST_MIDI
        low = np.floor(pitch).astype(int)
        share = np.clip((pitch - low - 0.25) * 2, 0, 1)
        n = hops.stop - hops.start
        block = np.zeros(n * N_PITCHES)
        for place, part in ((low, 1 - share), (low + 1, share)):
            inside = (place >= 0) & (place < N_PITCHES)
            flat = frame[inside] * N_PITCHES + place[inside]
            block += np.bincount(flat, (part * magnitude)[inside], n * N_PITCHES)
        out[hops] = block.reshape(n, N_PITCHES)
    taps = round(_MEDIAN_S * grid.hop_rate_hz / EVERY) | 1
    return np.minimum(out, scipy.ndimage.median_filter(out, size=(taps, 1)))


def weighted(pitches: np.ndarray, lowest_midi: int = LOWEST_MIDI) -> np.ndarray:
    """A pitchgram as chords are heard in it: compressed, and strongest where chords lie, around the middle octave."""
    midi = np.arange(lowest_midi, LOWEST_MIDI + N_PITCHES)
    return np.sqrt(pitches[:, lowest_midi - LOWEST_MIDI:]) * np.exp(-0.5 * np.square((midi - 65) / 13)).astype(np.float32)


def salience(pitches: np.ndarray, low_midi: int, high_midi: int) -> np.ndarray:
    """How much each pitch of a range is a note: it and its overtones sound together, which those of a kick do not.

    float32 [n_coarse, high_midi − low_midi]
    """
    root = np.pad(np.sqrt(pitches), ((0, 0), (0, 24)))
    low, high = low_midi - LOWEST_MIDI, high_midi - LOWEST_MIDI
    return sum(weight * root[:, low + up:high + up] for up, weight in _OVERTONES.items()) * root[:, low:high]


def melody(pitches: np.ndarray, grid: Grid) -> np.ndarray:
    """The most salient pitch above the bass as a MIDI number (69 = A4), 0 where none is heard: float32 [n_hops]."""
    found = salience(pitches, *MELODY_MIDI)
    top = found.max(axis=1, initial=0)
    coarse = np.where(top > 0.01 * top.max(initial=0), MELODY_MIDI[0] + found.argmax(axis=1), 0)
    return np.repeat(coarse, EVERY)[:grid.n_hops].astype(np.float32)


def chromagram(pitches: np.ndarray, grid: Grid, lowest_midi: int = LOWEST_MIDI) -> np.ndarray:
    """Pitch classes of a pitchgram: float32 [n_hops, 12], C first; the strongest of a hop is 1, silence is 0."""
    folded = np.zeros((len(pitches), 12), np.float32)
    for k in range(pitches.shape[1]):
        folded[:, (lowest_midi + k) % 12] += pitches[:, k]
    return at_every_hop(_normalised(folded), grid, EVERY)


def _normalised(chroma: np.ndarray) -> np.ndarray:
    """Each row divided by its largest and squared; rows far below the track's level fade to zero."""
    top = chroma.max(axis=1, keepdims=True, initial=0)
    gate = _GATE * np.max(top, initial=0)
    if gate <= 0:
        return np.zeros_like(chroma, np.float32)
    return np.square(chroma / (top + gate)).astype(np.float32)

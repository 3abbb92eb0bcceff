"""How near a sound network's sounds are to the lessons it was taught, kind by kind (docs/hallu.md).

python scripts/judge_sounds.py MODEL … [--each 8]
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
import torch

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from ganreact_core.synthesis import load_generator  # noqa: E402
from ganreact_core.training.sound_lessons import KINDS, Lesson, lesson_of, parts_of, place_of  # noqa: E402

_PITCHES = (36, 48, 60, 72)
_RATE_HZ, _WINDOW, _RANGE_DB = 16_000, 1024, 60.0
_NEAR = 0.03  # of a partial's frequency


def spectrogram_db(sound: np.ndarray) -> np.ndarray:
    """Short spectra in dB below the sound's own loudest place, at most 60 dB."""
    frames = np.lib.stride_tricks.sliding_window_view(sound, _WINDOW)[::_WINDOW // 2] * np.hanning(_WINDOW)
    power = np.abs(np.fft.rfft(frames)) ** 2
    return np.maximum(10 * np.log10(power / power.max() + 1e-12), -_RANGE_DB)


def centroid_hz(sound: np.ndarray) -> float:
    """Centre of the power spectrum."""
    power = np.abs(np.fft.rfft(sound)) ** 2
    return float((power * np.fft.rfftfreq(len(sound), 1 / _RATE_HZ)).sum() / power.sum())


def on_partials(sound: np.ndarray, hertz: tuple[float, ...]) -> float:
    """Share of the power that lies on the lesson's partials."""
    power = np.abs(np.fft.rfft(sound)) ** 2
    bins = np.fft.rfftfreq(len(sound), 1 / _RATE_HZ)
    near = np.min(np.abs(bins[:, None] - np.array(hertz)[None]) / np.array(hertz)[None], axis=1) < _NEAR
    return float(power[near].sum() / power.sum())


def evenness(sound: np.ndarray) -> float:
    """Geometric over arithmetic mean of the power within 50 Hz, averaged where it is loud: 0.56 for noise, near 0 for a hum."""
    power = np.abs(np.fft.rfft(sound[16_000:48_000])) ** 2 + 1e-12
    parts = power[:len(power) // 100 * 100].reshape(-1, 100)
    mean = parts.mean(axis=1)
    return float(np.average(np.exp(np.log(parts).mean(axis=1)) / mean, weights=mean))


def judged(model: str, each: int) -> list[tuple[str, list[float]]]:
    """Per kind: dB off, octaves of centroid off, share on partials or evenness, the lesson's own of that, variety."""
    network = load_generator(model)
    rng, rows = np.random.default_rng(11), []
    for kind in KINDS:
        found, made_db, wanted_db = [], [], []
        for n in range(each):
            z = rng.normal(size=network.z_dim).astype(np.float32)
            z[2:4] = place_of(kind)
            midi = _PITCHES[n % len(_PITCHES)]
            lesson = lesson_of(z, midi)
            with torch.inference_mode():
                w = network.map(torch.from_numpy(z)[None], network.pitch(midi))
                made = network.to_audio(network.synthesize(w))[0].numpy()
            found.append(_compared(kind, lesson, made))
            made_db.append(spectrogram_db(made).ravel())
            wanted_db.append(spectrogram_db(parts_of(lesson).tonal + parts_of(lesson).noise).ravel())
        variety = _apart(made_db) / _apart(wanted_db)
        rows.append((kind, [*np.median(found, axis=0).tolist(), variety]))
    return rows


def _compared(kind: str, lesson: Lesson, made: np.ndarray) -> list[float]:
    parts = parts_of(lesson)
    wanted = parts.tonal + parts.noise
    off_db = float(np.abs(spectrogram_db(made) - spectrogram_db(wanted)).mean())
    off_octaves = abs(float(np.log2(centroid_hz(made) / centroid_hz(wanted))))
    told = [on_partials(x, parts.hertz) if kind in ("drone", "bell", "pluck") else evenness(x) for x in (made, wanted)]
    return [off_db, off_octaves, *told]


def _apart(sounds: list[np.ndarray]) -> float:
    return float(np.mean([np.abs(a - b).mean() for n, a in enumerate(sounds) for b in sounds[:n]]))


def main() -> None:
    """A table for each model."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("models", nargs="+")
    parser.add_argument("--each", type=int, default=8, help="sounds of each kind")
    args = parser.parse_args()
    for model in args.models:
        print(f"{Path(model).name}\n| kind | dB off | octaves off | on partials, or even | the lesson's | variety |")
        for kind, values in judged(model, args.each):
            print(f"| {kind} | " + " | ".join(f"{v:.2f}" for v in values) + " |", flush=True)


if __name__ == "__main__":
    main()

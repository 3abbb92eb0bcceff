"""From points on principal components, or notes on latents, to clips of sound."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ..errors import UsageError
from ..steps import Piece, Points, slerp
from .generators.base import Generator
from .generators.gansynth import GANSynth
from .sound.components import ComponentEdit, SoundComponents

_LATENT_EVERY_S = 6.0
_ATTACK_S, _LONGEST_S, _RELEASE_S = 0.01, 3.0, 0.3
_FINE = 4  # times the rate at which a clip is read when it is played at another pitch


@dataclass(frozen=True)
class Note:
    """One note of a MIDI file: seconds, MIDI number, velocity 0…1."""

    start_s: float
    end_s: float
    pitch: float
    velocity: float


def require_sound(generator: Generator) -> GANSynth:
    """Raises UsageError for a network that draws pictures."""
    if not isinstance(generator, GANSynth):
        raise UsageError(f"this is a {generator.kind} network, which draws pictures; choose a GANSynth model for sound")
    return generator


class ClipMaker:
    """One network, perhaps its components, at one sample rate: points -> clips."""

    def __init__(self, generator: GANSynth, components: SoundComponents | None, sample_rate: int | None = None):
        self.generator = generator
        self.sample_rate = sample_rate or generator.config.sample_rate
        self._edit = ComponentEdit(generator, components) if components else None

    @property
    def clip_s(self) -> float:
        """Seconds of a clip."""
        return self.generator.config.n_samples / self.generator.config.sample_rate

    def clips(self, piece: Piece, points: Points) -> Iterator[np.ndarray]:
        """One clip for each point, float32 [clip_s·sample_rate], made as they are asked for."""
        batch = 1 if self.generator.device == "cpu" else 8
        for start in range(0, len(points), batch):
            rows = slice(start, start + batch)
            with torch.inference_mode():
                sound = self.generator.to_audio(self._pictures(piece, points, rows)).cpu().numpy()
            yield from (resampled(clip, self.generator.config.sample_rate, self.sample_rate) for clip in sound)

    def note(self, note: Note, first_seed: int) -> np.ndarray:
        """A note's clip under its envelope (Engel et al. 2019): the latent wanders on from seed to seed every six seconds.

        The network plays the trained pitch that is nearest; what is missing is made up by playing it faster or slower.
        """
        place = note.start_s / _LATENT_EVERY_S
        z = slerp(place % 1.0, latent(first_seed + int(place), self.generator.z_dim),
                  latent(first_seed + int(place) + 1, self.generator.z_dim))
        nearest = min(self.generator.pitches, key=lambda p: abs(p - note.pitch))
        with torch.inference_mode():
            w = self.generator.map(self._tensor(z[None]), self.generator.pitch(nearest))
            clip = self.generator.to_audio(self.generator.synthesize(w))[0].cpu().numpy()
        clip = faster(clip, 2.0 ** ((note.pitch - nearest) / 12))
        clip = resampled(clip, self.generator.config.sample_rate, self.sample_rate)
        shape = note_envelope(note.end_s - note.start_s, self.sample_rate)
        return (clip[:len(shape)] * shape[:len(clip)] * note.velocity).astype(np.float32)

    @property
    def count(self) -> int:
        """Number of components; 0 without."""
        return len(self._edit.found) if self._edit else 0

    # -- parts ---------------------------------------------------------------------------------------------------

    def _pictures(self, piece: Piece, points: Points, rows: slice) -> Tensor:
        if piece.edit != "latent" and self._edit is None:
            raise UsageError("this piece steers components, and the network has none; find them with 'ganreact components'")
        if piece.edit == "replace":
            assert self._edit is not None
            return self._edit.replaced(points.sliders[rows])
        z = [slerp(float(t), latent(int(a), self.generator.z_dim), latent(int(b), self.generator.z_dim))
             for (a, b), t in zip(points.seeds[rows], points.between[rows], strict=True)]
        pitch = self.generator.pitches[0] if piece.pitch is None else piece.pitch
        w = self.generator.map(self._tensor(np.stack(z)), self.generator.pitch(pitch, len(z)))
        if piece.edit == "latent" or self._edit is None:
            return self.generator.synthesize(w)
        return self._edit.added(points.sliders[rows], w)

    def _tensor(self, values: np.ndarray) -> Tensor:
        return torch.from_numpy(np.asarray(values, np.float32)).to(self.generator.device)


def latent(seed: int, z_dim: int) -> np.ndarray:
    """The latent of a seed, float64 [z_dim]."""
    return np.random.RandomState(seed % 2 ** 32).randn(z_dim)


def note_envelope(length_s: float, sample_rate: int) -> np.ndarray:
    """float32: a rise of 10 ms, the note's length but at most three seconds, a fall of 0.3 s."""
    attack, release = round(_ATTACK_S * sample_rate), round(_RELEASE_S * sample_rate)
    sustain = max(0, round(min(length_s, _LONGEST_S) * sample_rate) - attack)
    return np.concatenate([np.linspace(0, 1, attack), np.ones(sustain), np.linspace(1, 0, release)]).astype(np.float32)


def resampled(clip: np.ndarray, rate: int, wanted: int, band: float = 1.0) -> np.ndarray:
    """float32 at another rate, band-limited, as long in seconds; silence is put behind it so that its end does not wrap.

    band   share of the frequencies that is kept, 0…1
    """
    if rate == wanted:
        return np.asarray(clip, np.float32)
    n = -(-(len(clip) + rate // 8) // rate) * rate  # whole seconds: both rates fit them
    spectrum = np.fft.rfft(clip, n)
    out = np.zeros(n * wanted // rate // 2 + 1, complex)
    kept = min(round(len(spectrum) * band), len(out))
    out[:kept] = spectrum[:kept]
    whole = np.fft.irfft(out, n * wanted // rate) * (wanted / rate)
    return whole[:round(len(clip) * wanted / rate)].astype(np.float32)


def faster(clip: np.ndarray, factor: float) -> np.ndarray:
    """Played so many times as fast: as many times as high, and shorter; what would be too high for the rate is left out."""
    if abs(factor - 1.0) < 1e-9:
        return clip
    fine = resampled(clip, 1000, 1000 * _FINE, 1.0 / max(1.0, factor))
    places = np.arange(0, len(fine) - 1, _FINE * factor)
    return np.interp(places, np.arange(len(fine)), fine).astype(np.float32)

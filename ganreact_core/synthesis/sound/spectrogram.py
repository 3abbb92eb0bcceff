"""A sound as a picture of two channels, log magnitude and instantaneous frequency, and back (GANSynth, Engel et al. 2019)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from .mel import linear_matrix, mel_matrix

_TINY = 1e-6
_OVERLAP = 4  # windows that lie over each sample


@dataclass(frozen=True)
class Representation:
    """The shape of the picture; everything else follows from it.

    n_frames     columns in time
    n_bands      rows in frequency; the window is twice as long in samples, the hop a quarter of that
    n_samples    of the sound; what the frames need beyond that is silence in front
    sample_rate  Hz
    mel          bands on the mel scale; else linear bins
    """

    n_frames: int = 128
    n_bands: int = 1024
    n_samples: int = 64_000
    sample_rate: int = 16_000
    mel: bool = True

    @property
    def n_fft(self) -> int:
        """Samples of a window."""
        return 2 * self.n_bands

    @property
    def hop(self) -> int:
        """Samples from one frame to the next."""
        return self.n_fft // _OVERLAP

    @property
    def padding(self) -> int:
        """Silent samples in front of the sound."""
        return self.hop * (self.n_frames - 1) + self.n_fft - self.n_samples

    def from_audio(self, audio: Tensor) -> Tensor:
        """[b, n_samples] in −1…1 -> [b, 2, n_frames, n_bands]: log magnitude (mel: log power), frequency as phase step / π."""
        assert audio.ndim == 2 and audio.shape[1] == self.n_samples, f"audio is {tuple(audio.shape)}"
        padded = torch.nn.functional.pad(audio, (self.padding, 0))
        frames = padded.unfold(1, self.n_fft, self.hop) * self._window(audio)
        bins = torch.fft.rfft(frames)[..., 1:]
        x = torch.stack([torch.log(bins.abs() + _TINY), phase_steps(bins.angle()) / math.pi], dim=1)
        return self._to_mel(x) if self.mel else x

    def to_audio(self, x: Tensor) -> Tensor:
        """[b, 2, n_frames, n_bands] -> [b, n_samples]: overlap-add of inverse transforms."""
        assert x.ndim == 4 and tuple(x.shape[1:]) == (2, self.n_frames, self.n_bands), f"the picture is {tuple(x.shape)}"
        log_magnitude, phase = x[:, 0], torch.cumsum(x[:, 1] * math.pi, dim=1)
        if self.mel:
            back = self._matrix(linear_matrix, x)
            log_magnitude, phase = 0.5 * torch.log(log_magnitude.exp() @ back + _TINY), phase @ back
        bins = torch.nn.functional.pad(torch.polar(log_magnitude.exp(), phase), (1, 0))
        return self._overlap(torch.fft.irfft(bins, n=self.n_fft))[:, self.padding:]

    # -- parts ---------------------------------------------------------------------------------------------------

    def _to_mel(self, x: Tensor) -> Tensor:
        there = self._matrix(mel_matrix, x)
        power = torch.log((2.0 * x[:, 0]).exp() @ there + _TINY)
        phase = torch.cumsum(x[:, 1] * math.pi, dim=1) @ there
        return torch.stack([power, phase_steps(phase) / math.pi], dim=1)

    def _overlap(self, frames: Tensor) -> Tensor:
        """[b, n_frames, n_fft] -> [b, samples]: windowed again, divided by the sum of the squared windows."""
        window = self._window(frames)
        weight = window.square().view(_OVERLAP, self.hop).sum(dim=0).repeat(_OVERLAP)
        quarters = (frames * (window / weight)).view(len(frames), self.n_frames, _OVERLAP, self.hop)
        out = frames.new_zeros(len(frames), self.n_frames + _OVERLAP - 1, self.hop)
        for k in range(_OVERLAP):
            out[:, k:k + self.n_frames] += quarters[:, :, k]
        return out.flatten(1)

    def _window(self, like: Tensor) -> Tensor:
        return torch.hann_window(self.n_fft, dtype=like.dtype, device=like.device)

    def _matrix(self, make, like: Tensor) -> Tensor:
        return torch.from_numpy(make(self.n_bands, self.n_bands, self.sample_rate)).to(like)


def phase_steps(phase: Tensor) -> Tensor:
    """Phases [b, frames, bands] -> steps from frame to frame, wrapped to −π…π; the first frame keeps its phase."""
    step = phase.diff(dim=1)
    wrapped = torch.remainder(step + math.pi, 2 * math.pi) - math.pi
    wrapped = torch.where((wrapped == -math.pi) & (step > 0), math.pi, wrapped)
    return torch.cat([phase[:, :1], torch.where(step.abs() < math.pi, step, wrapped)], dim=1)

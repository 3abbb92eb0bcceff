"""The picture of a sound and the way back, by the numbers of the published code."""

import math

import numpy as np
import pytest
import torch

from ganreact_core.synthesis.sound.mel import hertz_to_mel, linear_matrix, mel_matrix, mel_to_hertz, widened_edges
from ganreact_core.synthesis.sound.spectrogram import Representation, phase_steps

T = np.arange(64_000) / 16_000


def two_tones():
    return torch.tensor((0.4 * np.sin(2 * np.pi * 440 * T) + 0.2 * np.sin(2 * np.pi * 1300 * T)) * np.exp(-T), dtype=torch.float32)[None]


def widened_bands(edges):
    """How many bands find themselves too narrow, in turn, when each widening moves what its neighbours see."""
    narrow, count = 1.5 * 8000 / 1024, 0
    for b in range(1024):
        low, centre, high = mel_to_hertz(edges[b:b + 3])
        if high - low < narrow:
            half = 1127 * math.asinh(0.5 * narrow / (centre + 700))
            edges[b], edges[b + 2], count = edges[b + 1] - half, edges[b + 1] + half, count + 1
    return count


def test_widening_moves_the_neighbours_edges_as_the_published_code_does():
    even = np.linspace(0, hertz_to_mel(8000), 1026)
    assert widened_bands(even.copy()) == 852
    in_place, apart = widened_edges(1024, 1024, 16_000), even.copy()
    alone = [b for b in range(1024) if mel_to_hertz(even[b + 2]) - mel_to_hertz(even[b]) < 1.5 * 8000 / 1024]
    assert len(alone) == 498  # what bands apart from each other would give
    assert np.abs(in_place - apart).max() > 1


def test_the_matrices_have_their_shape():
    there, back = mel_matrix(1024, 1024, 16_000), linear_matrix(1024, 1024, 16_000)
    assert there.shape == back.shape == (1024, 1024) and there.dtype == back.dtype == np.float32
    assert (there[0] == 0).all() and there.min() == 0 and 0.9 < there.max() <= 1
    kept = there @ back  # bins -> bands -> bins keeps the sum of a flat spectrum, where any band hears
    np.testing.assert_allclose(kept.sum(axis=0)[1:1000], 1.0, atol=1e-3)


@pytest.mark.parametrize(("mel", "inside", "end"), [(False, 1.6e-3, 1.2e-2), (True, 0.16, 0.16)])
def test_a_sound_comes_back(mel, inside, end):
    shape, sound = Representation(mel=mel), two_tones()
    picture = shape.from_audio(sound)
    assert tuple(picture.shape) == (1, 2, 128, 1024) and shape.padding == 3072
    off = (shape.to_audio(picture) - sound).abs()[0]
    assert off[:-2048].max() <= inside and off[-2048:].max() <= end


def test_a_tone_has_one_frequency_and_silence_is_the_floor():
    shape = Representation(mel=False)
    picture = shape.from_audio(torch.tensor(np.sin(2 * np.pi * 1000 * T), dtype=torch.float32)[None])
    steps = picture[0, 1, 20:-8, 127]  # the bin of 1000 Hz: the lowest, at 0 Hz, is left out
    expected = math.remainder(2 * math.pi * 1000 * 512 / 16_000, 2 * math.pi) / math.pi
    torch.testing.assert_close(steps, torch.full_like(steps, expected), atol=1e-3, rtol=0)
    assert picture[0, 0, 60].argmax() == 127
    silent = shape.from_audio(torch.zeros(1, 64_000))
    torch.testing.assert_close(silent[:, 0], torch.full_like(silent[:, 0], math.log(1e-6)))


def test_phase_steps_are_those_of_unwrapping():
    phase = torch.tensor(np.random.default_rng(0).uniform(-9, 9, (2, 12, 5)))
    unwrapped = np.unwrap(phase.numpy(), axis=1)
    found = phase_steps(phase).numpy()
    np.testing.assert_allclose(found[:, 1:], np.diff(unwrapped, axis=1), atol=1e-9)
    np.testing.assert_array_equal(found[:, :1], phase[:, :1])


def test_smaller_pictures_follow_the_same_rules():
    shape = Representation(n_frames=32, n_bands=128, n_samples=1900, sample_rate=8000, mel=False)
    sound = torch.tensor(0.3 * np.sin(2 * np.pi * 700 * np.arange(1900) / 8000), dtype=torch.float32)[None]
    back = shape.to_audio(shape.from_audio(sound))
    assert back.shape == sound.shape and (back - sound).abs()[:, 256:-256].max() < 5e-3

"""The classic functions against the values the original code gave."""

import numpy as np
import pytest

from ganreact_core.audio import classic_brouwer as brouwer
from ganreact_core.audio import classic_ganterpretations as gi

WAVE = 0.05 + 0.04 * np.sin(np.arange(3000) / 150)


@pytest.mark.parametrize(("kind", "threshold", "points"), [
    ("both", 0.01, [0, 236, 707, 1178, 1649, 2121, 2592, 2999]),
    ("min", 0.01, [0, 707, 1649, 2592, 2999]),
    ("max", 0.01, [0, 236, 1178, 2121, 2999]),
    ("both", 0.03, [0, 2999]), ("min", 0.03, [0, 2999]), ("max", 0.03, [0, 2999]),
])
def test_inflection_points(kind, threshold, points):
    assert gi.inflection_points(WAVE, kind, threshold) == points


def test_alphas():
    assert gi.share_passed(np.array([1.0, 2, 1])) == pytest.approx([0.25, 0.75, 1])
    points = gi.inflection_points(WAVE, "both", 0.01)
    found = gi.alphas(WAVE, points)
    assert len(found) == len(WAVE) - 1 and found.min() >= 0 and found.max() == pytest.approx(1)
    assert all(found[p - 2] == pytest.approx(1) for p in points[1:-1])
    assert np.isfinite(gi.alphas(np.zeros(50), [0, 20, 49])).all()


def test_the_spectrogram_is_a_power_density():
    """White noise of variance v has the one-sided density 2 v / fs."""
    noise = np.random.default_rng(0).normal(size=200_000) * 3
    found = gi.spectrogram(noise, 44100)
    assert found.shape == (129, (200_000 - 128) // 128)
    assert found[1:-1].mean() == pytest.approx(2 * 9 / 44100, rel=0.02)
    assert found[0].mean() + found[128].mean() < found[1:-1].mean() * 2


def test_variation_peaks_where_the_sound_changes():
    samples = np.zeros(44100)
    samples[22050:] = np.sin(np.arange(22050) * 0.3)
    variation = gi.total_variation(samples, 44100)
    assert len(variation) == (44100 - 128) // 128 - 1
    assert gi.column_seconds(len(variation), 44100)[np.argmax(variation)] == pytest.approx(0.5, abs=0.006)
    assert gi.total_variation(np.zeros(1000), 44100).max() == 0
    whole = np.abs(np.diff(gi.spectrogram(samples, 44100), axis=1)).mean(axis=0)
    assert variation == pytest.approx(whole / whole.max())


def test_variation_in_blocks_equals_the_whole(monkeypatch):
    noise = np.random.default_rng(1).normal(size=30_000)
    whole = gi.total_variation(noise, 44100)
    monkeypatch.setattr(gi, "_BLOCK", 50)
    assert gi.total_variation(noise, 44100) == pytest.approx(whole)


def test_smoothing_is_late_and_keeps_the_length():
    found = gi.smoothed(np.concatenate([np.zeros(1000), np.ones(1000)]))
    assert len(found) == 2000 + 1 and found[990] == 0 and found[1128] == pytest.approx(0.5, abs=0.01)


IMPULSE = np.eye(21)[10]


@pytest.mark.parametrize(("causal", "before", "after"), [
    (None, [0.2420, 0.0540, 0.0044, 0.0001], [0.3989, 0.2420, 0.0540, 0.0044, 0.0001]),
    (0, [0, 0, 0, 0], [0.5704, 0.3459, 0.0772, 0.0063, 0.0002]),
    (1, [0, 0, 0, 0], [0.5704, 0.3459, 0.0772, 0.0063, 0.0002]),
    (0.2, [0.0637, 0.0142, 0.0012], [0.5252, 0.3186, 0.0711, 0.0058]),
])
def test_gaussian_filter_of_an_impulse(causal, before, after):
    found = brouwer.gaussian_filter(IMPULSE, 1, causal)
    assert found[10:10 + len(after)] == pytest.approx(after, abs=6e-5)
    assert found[9:9 - len(before):-1] == pytest.approx(before, abs=6e-5)


def test_the_gaussian_is_circular_and_keeps_the_mean():
    x = np.zeros((40, 2))
    x[0] = 1, 3
    found = brouwer.gaussian_filter(x, 2)
    assert found[-1, 0] == pytest.approx(found[1, 0]) and found.sum(axis=0) == pytest.approx([1, 3])
    assert len(brouwer.gaussian_filter(np.ones(3), 5)) == 3


def test_percentile_clip():
    x = np.array([0, 1, 0, 2, 0, 3, 0, 4, 0, 10, 0, 0.5])
    assert brouwer.percentile_clip(x, 50) == pytest.approx(np.clip(x / 3, 0, 1))
    assert brouwer.percentile_clip(x, 90) == pytest.approx(x / 10)
    assert brouwer.percentile_clip(x, 100) == pytest.approx(x / 10)
    assert brouwer.percentile_clip(np.array([0.0, 1.0, 2.0]), 50) == pytest.approx([0, 0.5, 1])


def test_compress_and_expand():
    x = np.array([0, 0.25, 0.5, 0.75, 1])
    assert brouwer.compress(x, 0.5, 2) == pytest.approx([0, 0.125, 0.25, 0.75, 1])
    assert brouwer.compress(x, 0.5, 0.5, invert=True) == pytest.approx([0, 0.125, 0.5, 0.75, 1])
    assert brouwer.normalize(np.full(3, 7.0)) == pytest.approx([0, 0, 0])


def test_onsets_rms_and_chroma_are_envelopes():
    rate = 22050
    samples = np.zeros(4 * rate, np.float32)
    samples[2 * rate:] = 0.4 * np.sin(2 * np.pi * 440 * np.arange(2 * rate) / rate)
    samples[rate:rate + 400] += np.random.default_rng(0).normal(size=400).astype(np.float32) * 0.5
    struck = brouwer.onsets(samples, rate, 120)
    assert struck.shape == (120,) and struck.min() >= 0 and struck.max() == pytest.approx(1)
    assert np.argmax(struck) == pytest.approx(30, abs=2)
    loud = brouwer.rms(samples, rate, 120, smooth=5)
    assert loud[90] > 0.9 and loud[15] < 0.05
    found = brouwer.chroma(samples, rate, 120)
    assert found.shape == (120, 12) and found.sum(axis=1) == pytest.approx(np.ones(120)) and np.isfinite(found).all()


def test_onsets_of_the_second_kind_peak_at_clicks():
    samples = np.zeros(3 * 22050, np.float32)
    for at in (0.5, 1.5, 2.25):
        samples[int(at * 22050):int(at * 22050) + 60] = np.random.default_rng(0).normal(size=60) * 0.5
    found = brouwer.onsets_mm(samples, 22050, 90)
    assert np.isfinite(found).all() and found.max() == pytest.approx(1.0)
    assert np.flatnonzero((found > 0.5) & (found >= np.roll(found, 1)) & (found > np.roll(found, -1))) == pytest.approx([15, 45, 67], abs=1)
    assert not brouwer.onsets_mm(np.zeros(22050, np.float32), 22050, 30).any()


def test_a_held_tone_is_no_onset_and_a_vibrato_weighs_less_in_the_complex_flux():
    from ganreact_core.audio import classic_onsets as mm

    t = np.arange(2 * 22050) / 22050
    held = mm.spectral_onsets(np.sin(2 * np.pi * 440 * t).astype(np.float32), 22050, (20.0, 8000.0))
    assert held[5:90].max() < 0.05 * held[:4].max()
    vibrato = np.sin(2 * np.pi * 440 * t + 6 * np.sin(2 * np.pi * 6 * t)).astype(np.float32)
    magnitudes, slopes = mm._spectrogram(vibrato, 22050)
    bank = mm._bank(22050, (20.0, 8000.0))
    filtered = magnitudes @ bank
    assert mm.complex_flux(filtered, slopes, bank)[5:90].sum() < mm.superflux(filtered)[5:90].sum() < mm.spectral_flux(filtered)[5:90].sum()

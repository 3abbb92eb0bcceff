"""Shaping against golden numbers of the reference, and against what each operation promises."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ganreact_core import shaping

CURVES = st.lists(st.floats(0, 1, width=32), min_size=1, max_size=60).map(np.array)


def impulse(n=41, at=20):
    x = np.zeros(n)
    x[at] = 1.0
    return x


def test_symmetric_smoothing_is_a_gaussian():
    y = shaping.smooth(impulse(), sigma_frames=1.0)
    assert y[20:25] == pytest.approx([0.3989, 0.2420, 0.0540, 0.0044, 0.0001], abs=1e-4)
    assert y[16:20] == pytest.approx(y[24:20:-1])


def test_causal_smoothing_moves_nothing_before_its_cause():
    y = shaping.smooth(impulse(), sigma_frames=1.0, causal=0.0)
    assert y[20:25] == pytest.approx([0.5704, 0.3459, 0.0772, 0.0063, 0.0002], abs=1e-4)
    assert np.abs(y[:20]).max() < 1e-12


def test_partly_causal_smoothing_matches_the_reference():
    y = shaping.smooth(impulse(), sigma_frames=1.0, causal=0.2)
    assert y[17:20] == pytest.approx([0.0012, 0.0142, 0.0637], abs=1e-4)
    assert y[20:24] == pytest.approx([0.5252, 0.3186, 0.0711, 0.0058], abs=1e-4)


def test_the_end_of_a_song_does_not_leak_into_its_start():
    assert shaping.smooth(impulse(at=40), sigma_frames=3.0)[:10].max() == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize(("percent", "ceiling"), [(50, 3.0), (90, 10.0), (100, 10.0)])
def test_percentile_clip_takes_the_peak_of_that_rank(percent, ceiling):
    x = np.array([0, 1, 0, 2, 0, 3, 0, 4, 0, 10, 0, 0.5])
    assert shaping.percentile_clip(x, percent=percent) == pytest.approx(np.clip(x, 0, ceiling) / ceiling)


def test_percentile_clip_of_a_curve_without_a_peak_is_a_stretch():
    assert shaping.percentile_clip(np.arange(5.0), percent=90) == pytest.approx(np.arange(5) / 4)


@pytest.mark.parametrize(("ratio", "below", "expected"), [(2.0, False, [0, 0.125, 0.25, 0.75, 1]),
                                                         (0.5, True, [0, 0.125, 0.5, 0.75, 1])])
def test_emphasis_matches_the_reference(ratio, below, expected):
    x = np.array([0, 0.25, 0.5, 0.75, 1])
    assert shaping.emphasise(x, threshold=0.5, ratio=ratio, below=below) == pytest.approx(expected)


def test_attack_and_release_have_their_time_constants():
    step = np.r_[np.zeros(5), np.ones(40), np.zeros(40)]
    y = shaping.attack_release(step, attack_frames=4.0, release_frames=8.0)
    assert y[8] == pytest.approx(1 - np.exp(-1), abs=1e-6)
    assert y[52] / y[44] == pytest.approx(np.exp(-1), abs=1e-6)


@settings(max_examples=60, deadline=None)
@given(CURVES, st.floats(0.1, 20), st.floats(0, 1))
def test_smoothing_stays_within_the_values(x, sigma, causal):
    y = shaping.smooth(x, sigma_frames=sigma, causal=causal)
    assert len(y) == len(x) and y.min() >= x.min() - 1e-9 and y.max() <= x.max() + 1e-9


@settings(max_examples=60, deadline=None)
@given(CURVES)
def test_a_flat_or_stretched_curve_is_within_0_and_1(x):
    y = shaping.normalise(x)
    assert np.isfinite(y).all() and y.min() >= 0 and y.max() <= 1


def test_expansion_is_two_sided_and_compression_its_opposite():
    x = np.array([0, 0.25, 0.5, 0.75, 1])
    assert shaping.expand(x, threshold=0.5, ratio=2.0) == pytest.approx([0, 0.0625, 0.125, 0.75, 1])
    assert shaping.expand(x, threshold=0.5, ratio=0.5) == pytest.approx(np.array([0, 0.5, 1, 0.375, 0.5]))


def test_a_moving_average_keeps_a_constant_and_spreads_an_impulse():
    assert shaping.moving_average(np.ones(9), window_frames=5) == pytest.approx(np.ones(9))
    assert shaping.moving_average(impulse(), window_frames=5)[17:24] == pytest.approx([0, 0.2, 0.2, 0.2, 0.2, 0.2, 0])


def test_what_accumulates_goes_as_fast_as_the_curve_is_high_and_comes_round():
    level = np.concatenate([np.full(10, 1.0), np.full(10, 0.5), np.zeros(10)])
    steps = np.diff(shaping.accumulate(level, turn_frames=8.0)) % 1.0
    assert steps[:9] == pytest.approx(np.full(9, 1 / 8)) and steps[9:19] == pytest.approx(np.full(10, 1 / 16)) and not steps[19:].any()
    assert shaping.accumulate(level, turn_frames=8.0)[7] == 0.0, "eight frames at the full level are once round"


@pytest.mark.parametrize(("frames", "at"), [(3, 23), (-3, 17), (0, 20)])
def test_a_delay_moves_by_frames(frames, at):
    assert np.flatnonzero(shaping.delay(impulse(), frames=frames)).tolist() == [at]
    assert not shaping.delay(impulse(), frames=100).any()


def test_clipping_stretches_what_is_left():
    assert shaping.clip(np.array([0.0, 0.25, 0.3, 0.5, 0.9]), low=0.2, high=0.4) == pytest.approx([0, 0.25, 0.5, 1, 1])
    assert shaping.clip(np.array([0.4, 0.6]), low=0.5, high=0.5) == pytest.approx([0, 1]), "a step where there is no range"


def test_multiply_and_clip():
    assert shaping.multiply_clip(np.array([0.1, 0.4, 0.9]), factor=2.0) == pytest.approx([0.2, 0.8, 1.0])

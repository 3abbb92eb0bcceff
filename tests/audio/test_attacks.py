"""Hits at known samples, heard roughly, found exactly."""

import numpy as np
import pytest

from ganreact_core.audio.attacks import exact_attacks

RATE = 22050


def thump(at_s, total_s=2.0, pitch_hz=60.0, decay_s=0.03):
    t = np.arange(round(total_s * RATE)) / RATE
    later = np.clip(t - at_s, 0, None)
    return np.where(t >= at_s - 1e-9, np.cos(2 * np.pi * pitch_hz * later) * np.exp(-later / decay_s), 0.0).astype(np.float32)


@pytest.mark.parametrize("heard", [-0.03, -0.01, 0.0, 0.012, 0.025])
def test_a_hit_out_of_silence_is_found_to_the_sample(heard):
    assert exact_attacks(np.array([1.0 + heard]), 0.8 * thump(1.0), RATE) == pytest.approx([1.0], abs=1e-4)


def test_a_hit_over_a_chord_is_found_within_two_milliseconds():
    t = np.arange(2 * RATE) / RATE
    chord = 0.05 * sum(np.sin(2 * np.pi * f * t) for f in (220.0, 277.2, 329.6))
    found = exact_attacks(np.array([1.015]), (chord + 0.8 * thump(1.0)).astype(np.float32), RATE)
    assert found == pytest.approx([1.0], abs=0.002)


def test_without_an_attack_the_time_stays():
    t = np.arange(2 * RATE) / RATE
    tone = np.sin(2 * np.pi * 220 * t).astype(np.float32)
    assert exact_attacks(np.array([0.9]), tone, RATE) == pytest.approx([0.9])
    assert exact_attacks(np.array([0.9]), np.zeros(2 * RATE, np.float32), RATE) == pytest.approx([0.9])


def test_two_rough_times_for_one_hit_become_one():
    assert len(exact_attacks(np.array([0.99, 1.01]), thump(1.0), RATE)) == 1


def test_the_ends_of_the_sound_are_safe():
    assert exact_attacks(np.array([0.0, 1.999]), thump(0.0), RATE)[0] == pytest.approx(0.0, abs=1e-3)
    assert len(exact_attacks(np.zeros(0), thump(0.0), RATE)) == 0

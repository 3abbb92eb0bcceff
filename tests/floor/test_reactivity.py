"""Lag and strength on series whose answer is known."""

import numpy as np
import pytest

from ganreact_core.catalogue import DIRECTION, path_position
from ganreact_core.reactivity import Answer, answer_to_curve, answer_to_events, changes, correlation, displacement

EVENTS = np.arange(20, 380, 24)


def series(lag, height=10.0, seed=0):
    """Jumps at the events, decaying, over a calm motion."""
    draw = np.random.default_rng(seed)
    change = 1.0 + 0.2 * draw.random(400)
    for event in EVENTS:
        change[event + lag:event + lag + 8] += height * 0.5 ** np.arange(8)
    return change


@pytest.mark.parametrize("lag", [-4, -1, 0, 1, 3, 6])
def test_the_lag_of_events_is_found(lag):
    answer = answer_to_events(series(lag), EVENTS)
    assert answer.lag == lag and answer.count == len(EVENTS) and 7 < answer.strength < 11


def test_a_picture_that_does_not_care_scores_one():
    answer = answer_to_events(series(0, height=0.0), EVENTS)
    assert answer.strength == pytest.approx(1.0, abs=0.1)


@pytest.mark.parametrize("change", [np.zeros(400), np.zeros(5), np.ones(1)])
def test_stillness_and_shortness_are_no_answer(change):
    assert answer_to_events(change, EVENTS).strength == 0


@pytest.mark.parametrize("lag", [-3, 0, 2])
def test_the_lag_of_a_curve_is_found(lag):
    cause = np.random.default_rng(1).random(300)
    answer = answer_to_curve(3.0 * np.roll(cause, lag) + 1.0, cause)
    assert answer.lag == lag and answer.strength > 0.95
    assert correlation(np.ones(300), cause) == 0.0


def test_a_way_round_is_measured_by_the_chord():
    assert displacement(np.array([0.0, 1.0, 2.0, 3.9]), np.zeros(4), path_position(4)) == pytest.approx([0, 0.7071, 1, 0.078], abs=1e-3)
    assert displacement(np.array([2.0]), np.array([5.0]), DIRECTION) == pytest.approx([3.0])


def test_change_is_the_mean_difference():
    pictures = [np.full((4, 4, 3), level, np.uint8) for level in (10, 250, 250, 0)]
    assert changes(pictures).tolist() == [0, 240, 0, 250]


def test_events_too_near_the_ends_to_be_compared_with_what_is_about_them_are_left_out():
    change = np.ones(40)
    change[[3, 20, 38]] = 9.0
    assert answer_to_events(change, np.array([3, 20, 38, 39])) == Answer(0, 9.0, 1)
    assert answer_to_events(change, np.array([0, 39])) == Answer(0, 0.0, 0)

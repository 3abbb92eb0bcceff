"""A table that comes round: no step at the seam is larger than those inside, and turns are whole."""

import argparse

import numpy as np
import pytest

from ganreact_core.arguments import loop_of
from ganreact_core.catalogue import BENDS
from ganreact_core.errors import UsageError
from ganreact_core.features import FeatureSet
from ganreact_core.look import Bend, Entry, Look, NoiseLayer, Path
from ganreact_core.looping import Loop, Span, looped, span_of
from ganreact_core.table import evaluate

N, FADE, FPS = 60, 12, 24
LOOK = Look(entries=(Entry("a", "A", 1), Entry("b", "B", 2), Entry("c", "C", 3)), paths=(Path("walk", "Walk", ("a", "b", "c")),),
            noise_layers=(NoiseLayer("flow", "Flow", loop=4), NoiseLayer("grain", "Grain"), NoiseLayer("still", "Still")),
            bends=(Bend("turn", "Turn", "rotate", 3),))
PLACE = np.arange(N + FADE)


def table_of(**keyed):
    return evaluate(LOOK, (), {name.replace("__", "."): value for name, value in keyed.items()}, {}, n_frames=N + FADE, fps=FPS)


def around(column, turn=0.0):
    """Steps from each row to the next, the last one being that from the last to the first."""
    steps = np.diff(np.append(column, column[0]))
    return steps - turn * np.round(steps / turn) if turn else steps


def test_what_the_music_moves_joins_without_a_jump():
    hits = np.maximum(0, 1 - (PLACE % 17) / 9.0)
    drift = PLACE / (N + FADE)
    _, made = looped(LOOK, table_of(palette__a=drift, bend__turn=40 * hits, truncation=0.5 + 0.3 * drift), Span(0, N, FADE, FADE))
    assert made.n_frames == N
    for address in ("palette.a", "truncation"):
        steps = around(made.columns[address])
        assert abs(steps[-1]) <= np.abs(steps[:-1]).max() * 1.01
        assert abs(around(drift[:N])[-1]) > 10 * np.abs(np.diff(drift)).max(), "it would have jumped"
    assert np.array_equal(made.columns["palette.a"][FADE:], drift[FADE:N].astype(np.float32)), "what is heard is changed only at the seam"


@pytest.mark.parametrize("speed", [0.9 / N, 1.2 / N, -1.7 / N, 3.4 / N])
def test_places_and_phases_make_whole_rounds_at_nearly_their_own_speed(speed):
    _, made = looped(LOOK, table_of(path__walk__position=3 * speed * PLACE, noise__flow__phase=4 * speed * PLACE), Span(0, N, FADE, FADE))
    for address, turn in (("path.walk.position", 3.0), ("noise.flow.phase", None)):
        steps = around(made.columns[address].astype(float), turn or made_turn(made, speed))
        assert np.ptp(steps) < 1e-4 and abs(steps.mean() - speed * (turn or 4)) < 0.7 * (turn or 4) / N
        assert steps.sum() / (turn or made_turn(made, speed)) == pytest.approx(np.sign(speed) * max(1, round(abs(steps.sum()) / (turn or made_turn(made, speed)))), abs=1e-3)


def made_turn(made, speed):
    look, _ = looped(LOOK, table_of(noise__flow__phase=4 * speed * PLACE), Span(0, N, FADE, FADE))
    return look.noise_layers[0].loop


def test_noise_that_never_repeats_does_so_in_a_loop_and_still_noise_stays_still():
    look, made = looped(LOOK, table_of(noise__grain__phase=7.2 / N * PLACE), Span(0, N, FADE, FADE))
    assert [layer.loop for layer in look.noise_layers] == [4, 7, 0]
    steps = around(made.columns["noise.grain.phase"].astype(float), 7)
    assert steps.sum() == pytest.approx(7, abs=1e-4) and np.ptp(steps) < 1e-4
    assert not made.columns["noise.still.phase"].any()


def test_where_the_sound_ends_with_the_loop_nothing_jumps_to_silence():
    level = np.where(PLACE < N, 0.8 - 0.3 * PLACE / N, 0.0)
    _, made = looped(LOOK, table_of(palette__a=level, path__walk__position=3 * PLACE / N), Span(0, N, FADE, 0))
    assert np.abs(around(made.columns["palette.a"])).max() < 0.06 and np.ptp(around(made.columns["path.walk.position"].astype(float), 3)) < 1e-4


def test_a_turn_hardly_begun_goes_back():
    low, high = BENDS["rotate"].minimum, BENDS["rotate"].maximum
    _, made = looped(LOOK, table_of(bend__turn=0.1 * (high - low) * PLACE / N), Span(0, N, FADE, FADE))
    steps = around(made.columns["bend.turn"].astype(float), high - low)
    assert steps.sum() == pytest.approx(0, abs=1e-3) and np.abs(steps).max() < 10


def test_bars_are_looked_for_in_the_music():
    found = FeatureSet(100.0, 10.0, {}, {"downbeats": np.array([0.5, 2.5, 4.5, 6.5, 8.5])})
    assert span_of(Loop(bars=2), found, 24, 0.0) == Span(0.5, 96, 24, 24)
    assert span_of(Loop(bars=1), found, 24, 2.49) == Span(2.5, 48, 12, 12)
    assert span_of(Loop(240), found, 24, 0.0) == Span(0.0, 240, 24, 0)
    with pytest.raises(UsageError, match="2 whole bars are heard, not 3"):
        span_of(Loop(bars=3), found, 24, 4.0)
    with pytest.raises(UsageError, match="of 241 frames"):
        span_of(Loop(241), found, 24, 0.0)


def test_words_for_a_loop():
    assert loop_of("96") == Loop(96) and loop_of("4bars") == loop_of("4 bars") == Loop(bars=4) and loop_of("1bar") == Loop(bars=1)
    for word in ("0", "1", "x", "4 beats", "-3", "1.5"):
        with pytest.raises(argparse.ArgumentTypeError, match="no length of a loop"):
            loop_of(word)

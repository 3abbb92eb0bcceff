"""Source -> envelope: at the right frame, in range, whatever the hop rate or the start."""

import numpy as np
import pytest

from ganreact_core.clocks import beat_position
from ganreact_core.envelopes import OPERATIONS, EnvelopeRecipe, FrameRange, Shaping, make_envelope, make_envelopes
from ganreact_core.errors import LookError
from ganreact_core.features import FeatureSet


def clicks(times, *, hop_rate=86.13, duration=10.0):
    """A feature set whose kick is one hop high at each time."""
    kick = np.zeros(int(duration * hop_rate), np.float32)
    kick[np.round(np.array(times) * hop_rate).astype(int)] = 1.0
    return FeatureSet(hop_rate, duration, {"kick": kick, "chroma": np.zeros((len(kick), 12), np.float32)},
                      {"kick": np.array(times, float)})


EVENTS = EnvelopeRecipe("kick", "Kick", "events", "kick", decay_s=0.1)
FEATURE = EnvelopeRecipe("kick", "Kick", "feature", "kick")


@pytest.mark.parametrize("fps", [24.0, 25.0, 29.97, 60.0])
@pytest.mark.parametrize("time_s", [0.0, 1.0, 2.5, 3.1234, 9.9])
def test_a_click_peaks_in_its_own_frame_and_never_before(fps, time_s):
    y = make_envelope(EVENTS, clicks([time_s]), FrameRange.of_duration(fps, 10.0))
    frame = int(np.floor(time_s * fps + 1e-6))
    assert y[frame] == 1.0 and not y[:frame].any()
    assert np.all(np.diff(y[frame:]) <= 0)


def test_the_decay_falls_to_1_over_e():
    y = make_envelope(EVENTS, clicks([1.0]), FrameRange.of_duration(100.0, 10.0))
    assert y[110] == pytest.approx(np.exp(-1), abs=1e-3)


def test_a_short_hit_is_not_lost_between_frames():
    y = make_envelope(FEATURE, clicks([1.0, 3.3]), FrameRange.of_duration(12.0, 10.0))
    assert (y == 1.0).sum() == 2


def test_the_same_seconds_at_half_the_hop_rate():
    slow, fast = (make_envelope(FEATURE, clicks([2.0, 4.0], hop_rate=rate), FrameRange.of_duration(24.0, 10.0))
                  for rate in (43.0, 86.0))
    assert np.flatnonzero(slow == 1.0) == pytest.approx(np.flatnonzero(fast == 1.0), abs=1)


def test_an_envelope_does_not_depend_on_where_a_render_starts():
    recipe = EnvelopeRecipe("k", "K", "feature", "kick", chain=(Shaping("smooth", {"sigma_s": 0.4}), Shaping("normalise")))
    found = clicks([1.0, 4.0, 7.5])
    whole = make_envelope(recipe, found, FrameRange.of_duration(24.0, 10.0))
    part = make_envelope(recipe, found, FrameRange.of_duration(24.0, 3.0, start_s=3.0))
    assert np.array_equal(part, whole[72:144])


def test_more_frames_than_hops_are_read_between_the_hops():
    ramp = FeatureSet(10.0, 4.0, {"rms": np.linspace(0, 1, 40, dtype=np.float32)})
    y = make_envelope(EnvelopeRecipe("r", "R", "feature", "rms"), ramp, FrameRange.of_duration(60.0, 4.0))
    assert len(y) == 240 and np.all(np.diff(y[:230]) >= -1e-6) and y.max() <= 1


@pytest.mark.parametrize("chain", [(), (Shaping("invert"),), (Shaping("percentile_clip"), Shaping("smooth"))])
def test_silence_is_zero(chain):
    silent = FeatureSet(86.0, 3.0, {"kick": np.zeros(258, np.float32)}, {"kick": np.zeros(0)})
    for source in ("feature", "events"):
        recipe = EnvelopeRecipe("kick", "Kick", source, "kick", chain=chain)
        assert not make_envelope(recipe, silent, FrameRange.of_duration(24.0, 3.0)).any()


def test_a_range_beyond_the_sound_is_zero_there():
    y = make_envelope(EVENTS, clicks([9.5]), FrameRange.of_duration(24.0, 20.0))
    assert len(y) == 480 and not y[245:].any()


def test_an_unknown_operation_is_named():
    with pytest.raises(LookError, match="sparkle"):
        EnvelopeRecipe("k", "K", "feature", "kick", chain=(Shaping("sparkle"),))


def ticking(bpm, duration=20.0):
    beats = np.arange(0.25, duration, 60.0 / bpm)
    return FeatureSet(86.0, duration, {"rms": np.ones(int(86 * duration), np.float32)}, {"beats": beats}, bpm)


@pytest.mark.parametrize("fps", [23.976, 30.0, 60.0])
@pytest.mark.parametrize("bpm", [70.0, 124.0, 171.3])
def test_a_clock_stays_on_the_beat_when_fps_or_tempo_change(fps, bpm):
    found, frames = ticking(bpm), FrameRange.of_duration(fps, 20.0)
    saw = make_envelope(EnvelopeRecipe("c", "", "clock", "saw"), found, frames)
    jumps = np.flatnonzero(np.diff(saw) > 0.3) + 1
    expected = np.floor(found.events["beats"] * fps + 1e-6).astype(int)
    assert set(jumps) <= set(expected) and len(jumps) >= len(expected) - 2


def test_a_slow_clock_takes_its_beats_and_no_beats_are_silence():
    found, frames = ticking(120.0), FrameRange.of_duration(24.0, 20.0)
    sine = make_envelope(EnvelopeRecipe("c", "", "clock", "sine", beats=4.0), found, frames)
    assert (np.diff(np.sign(np.diff(sine))) < 0).sum() == 10, "twenty seconds at 120 are forty beats, ten waves"
    silent = FeatureSet(86.0, 2.0, {"rms": np.zeros(172, np.float32)}, {"beats": np.zeros(0)})
    assert not make_envelope(EnvelopeRecipe("c", "", "clock", "sine"), silent, frames).any()


def test_a_clock_runs_before_the_first_beat_and_after_the_last_as_it_does_between_them():
    found = FeatureSet(86.0, 20.0, {"rms": np.ones(1720, np.float32)}, {"beats": np.arange(6.0, 14.0, 0.5)}, 120.0)
    ramp = make_envelope(EnvelopeRecipe("c", "", "clock", "ramp", beats=4.0), found, FrameRange.of_duration(24.0, 20.0))
    ends = (np.arange(480) + 1) / 24.0
    assert np.abs(np.exp(2j * np.pi * ramp) - np.exp(2j * np.pi * (ends - 6.0) / 2.0)).max() < 1e-3


def test_beats_go_on_at_the_tempo_of_each_end():
    times = np.array([0, 1, 2, 2.5, 3, 3.25, 3.5, 4, 5])
    assert beat_position(np.array([2.0, 3.0, 3.5]), times) == pytest.approx([-2, -1, 0, 0.5, 1, 1.5, 2, 3, 5])


def test_a_table_says_nothing_before_its_first_row_and_after_its_last():
    table = FeatureSet(1.0, 3.0, {"level": np.array([0.5, 0.25, 1.0], np.float32)}, kind="table")
    curve = make_envelope(EnvelopeRecipe("l", "", "feature", "level"), table, FrameRange(2.0, 9, -1.0))
    assert curve == pytest.approx([0, 0, 0.5, 0.375, 0.25, 0.625, 1, 0, 0])


@pytest.mark.parametrize("fps", [24.0, 23.976, 24000 / 1001, 25.0, 29.97, 30000 / 1001, 59.94, 60.0, 240.0])
@pytest.mark.parametrize("start", [0, 1, 7, 1000])
def test_a_table_of_a_row_a_frame_is_read_row_by_row_to_its_last(fps, start):
    rows = np.random.default_rng(0).uniform(0.1, 1.0, 1200).astype(np.float32)
    table = FeatureSet(fps, len(rows) / fps, {"level": rows}, kind="table")
    curve = make_envelope(EnvelopeRecipe("l", "", "feature", "level"), table, FrameRange(fps, len(rows) - start + 1, start / fps))
    assert curve == pytest.approx([*rows[start:], 0.0], abs=1e-5)


@pytest.mark.parametrize("beats", [[], [1.0], [1.0, 1.0], [1.0, 1.0, 2.0, 2.0, 3.0]])
@pytest.mark.filterwarnings("error")
def test_beats_that_fall_together_are_one(beats):
    found = FeatureSet(86.0, 4.0, {"rms": np.ones(344, np.float32)}, {"beats": np.array(beats)}, 60.0)
    curve = make_envelope(EnvelopeRecipe("c", "", "clock", "square"), found, FrameRange.of_duration(24.0, 4.0))
    assert curve.mean() == pytest.approx(0.5 if len(set(beats)) > 1 else 0.0, abs=0.02)


def test_envelopes_are_combined_in_any_order_of_the_list():
    found, frames = clicks([1.0, 3.0]), FrameRange.of_duration(24.0, 10.0)
    ducked = EnvelopeRecipe("bed", "", "clock", "square", chain=(Shaping("duck", {"amount": 0.5}, envelope="kick"),))
    with_beats = FeatureSet(found.hop_rate_hz, found.duration_s, found.features, {**found.events, "beats": np.arange(0, 10, 0.5)})
    one, other = (make_envelopes(order, with_beats, frames) for order in ((ducked, EVENTS), (EVENTS, ducked)))
    assert all(np.array_equal(one[k], other[k]) for k in one)
    assert one["bed"][24] == pytest.approx(0.5) and one["bed"][48] == pytest.approx(1.0, abs=0.01)


def test_a_circle_of_envelopes_ends_and_a_missing_partner_is_named():
    a = EnvelopeRecipe("a", "", "feature", "kick", chain=(Shaping("product", envelope="b"),))
    b = EnvelopeRecipe("b", "", "feature", "kick", chain=(Shaping("product", envelope="a"),))
    assert set(make_envelopes((a, b), clicks([1.0]), FrameRange.of_duration(24.0, 2.0))) == {"a", "b"}
    with pytest.raises(LookError, match="'b'"):
        make_envelopes((a,), clicks([1.0]), FrameRange.of_duration(24.0, 2.0))


@pytest.mark.parametrize("operation", list(OPERATIONS))
def test_every_operation_keeps_a_curve_in_range_and_of_length(operation):
    y = make_envelope(EnvelopeRecipe("k", "", "feature", "kick", chain=(Shaping(operation),)), clicks([1.0, 4.0]),
                      FrameRange.of_duration(29.97, 10.0))
    assert len(y) == round(29.97 * 10) and np.isfinite(y).all() and y.min() >= 0 and y.max() <= 1

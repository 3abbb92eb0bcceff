"""Training a sound network: sounds that are made, one step of each sort, going on where it stopped."""

import numpy as np
import pytest
import torch

from ganreact_core.training.sound_lessons import KINDS, N_SAMPLES, PITCHES, Z_DIM, lesson_of, place_of, play
from ganreact_core.training.sound_networks import Window, window_picture
from ganreact_core.training.sound_pool import ClipPool, LessonPool
from ganreact_core.training.sound_state import SoundPlan, SoundState
from ganreact_core.training.sound_step import train_step

TINY = {"widths": (6, 6, 6, 4, 4, 4, 4), "batch": 4}


def sound(kind, *, bright=0.0, sustain=0.0, midi=48):
    z = np.zeros(Z_DIM)
    z[:2], z[2:4] = (bright, sustain), place_of(kind)
    return play(lesson_of(z, midi))


def centroid_hz(x):
    power = np.abs(np.fft.rfft(x)) ** 2
    return (power * np.fft.rfftfreq(len(x), 1 / 16_000)).sum() / power.sum()


@pytest.mark.parametrize("kind", KINDS)
def test_the_latent_says_how_bright_and_how_long_a_made_sound_is(kind):
    dark, mean, light = (sound(kind, bright=b) for b in (-1.5, 0.0, 1.5))
    assert centroid_hz(dark) < centroid_hz(mean) < centroid_hz(light)
    assert sound(kind, sustain=-1.5).std() < sound(kind, sustain=1.5).std()
    assert mean.dtype == np.float32 and mean.shape == (N_SAMPLES,) and np.abs(mean).max() == pytest.approx(0.8)
    assert np.array_equal(mean, sound(kind))


def test_a_window_is_what_the_whole_picture_shows_there():
    state = SoundState.begin(SoundPlan(**TINY))
    w = state.network.map(torch.randn(2, Z_DIM), torch.eye(len(PITCHES))[:2])
    with torch.no_grad():
        whole = state.network.synthesize(w)
        for window in (Window(0, 0, 8, 32), Window(5, 40, 6, 16), Window(24, 240, 8, 16)):
            part = whole[:, :, 4 * window.top:4 * (window.top + window.height), 4 * window.left:4 * (window.left + window.width)]
            torch.testing.assert_close(window_picture(state.network, w, window), part, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("plan", [{"small": 1 << 30}, {"small": 0}, {"small": 0, "lessons": 0}])
def test_steps_go_on_where_they_stopped(plan, tmp_path):
    plan = SoundPlan(**TINY, **plan)
    states = [SoundState.begin(plan)]
    pools = [LessonPool(states[0].network, 8, 1, seed=3) for _ in range(2)]
    for _ in range(2):
        train_step(states[0], pools[0])
    states[0].save(tmp_path / "state.pt")
    for _ in range(2):
        pools[1].batch(plan.batch)
    states.append(SoundState.load(plan, tmp_path / "state.pt"))
    for state, pool in zip(states, pools, strict=True):
        train_step(state, pool)
    assert states[1].steps == 3 and states[1].sounds == 12
    for name, tensor in states[0].tensors.items():
        torch.testing.assert_close(states[1].tensors[name], tensor, atol=1e-5, rtol=1e-4)
        assert plan.small or "to_rgb" in name or not torch.equal(tensor, SoundState.begin(plan).tensors[name]), name


def test_lessons_are_learned():
    plan = SoundPlan(**TINY, small=1 << 30, rate=(0.02, 0.01, 0.01))
    state = SoundState.begin(plan)
    pool, errors = LessonPool(state.network, 4, 0, seed=1), []
    for _ in range(30):
        train_step(state, pool)
        errors.append(state.last["small"])
    assert np.mean(errors[-5:]) < 0.6 * np.mean(errors[:5])


def test_recordings_teach_through_the_critic_alone():
    plan = SoundPlan(**TINY, pitches=(60,))
    state = SoundState.begin(plan)
    clips = np.stack([sound(kind) for kind in KINDS])
    pool = ClipPool(state.network, clips, np.zeros(len(clips), int), seed=0)
    train_step(state, pool)
    assert set(state.last) == {"real", "made", "r1"} and all(np.isfinite(v) for v in state.last.values())

"""Training a sound network: sounds that are made, one step of each sort, going on where it stopped."""

import numpy as np
import pytest
import soundfile
import torch

from ganreact_core.errors import InputFileError
from ganreact_core.synthesis.load import load_generator
from ganreact_core.training.sound_clips import cut_clips, pitches_of
from ganreact_core.training.sound_lessons import KINDS, N_SAMPLES, PITCHES, Z_DIM, lesson_of, place_of, play
from ganreact_core.training.sound_networks import Window, window_picture
from ganreact_core.training.sound_pool import ClipPool, LessonPool, lesson_picture
from ganreact_core.training.sound_start import described, teach_first_layer
from ganreact_core.training.sound_state import SoundPlan, SoundState
from ganreact_core.training.sound_step import train_step

TINY = {"first": 6, "widths": (6, 4, 4), "batch": 4, "window": (8, 16)}


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


@pytest.mark.parametrize("plan", [{}, {"lessons": 0}])
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
        assert not torch.equal(tensor, SoundState.begin(plan).tensors[name]), name


def test_a_training_of_other_sounds_does_not_go_on(tmp_path):
    SoundState.begin(SoundPlan(**TINY)).save(tmp_path / "state.pt")
    with pytest.raises(InputFileError, match="does not go on with these sounds"):
        SoundState.load(SoundPlan(**TINY, pitches=(60,)), tmp_path / "state.pt")


def test_lessons_are_learned():
    plan = SoundPlan(**TINY, rate=(0.02, 0.01, 0.01))
    state = SoundState.begin(plan)
    pool, errors = LessonPool(state.network, 4, 0, seed=1), []
    for _ in range(60):
        train_step(state, pool)
        errors.append(sum(state.last.values()))
    assert set(state.last) == {"magnitude", "phase", "texture"}
    assert np.mean(errors[-15:]) < 0.75 * np.mean(errors[:15])


@pytest.mark.parametrize("kind", ["drone", "bell", "pluck"])
def test_phases_that_are_easy_to_draw_sound_as_the_lesson_does(kind):
    net = SoundState.begin(SoundPlan(**TINY)).network
    z = np.zeros(Z_DIM)
    z[2:4] = place_of(kind)
    lesson = lesson_of(z, 55)
    picture = lesson_picture(net, lesson)[None, :2]
    steps = picture[0, 1, 8:]
    assert float((steps - steps[:1]).abs().max()) == 0  # every band turns evenly
    wanted = play(lesson)
    plain = picture.clone()
    plain[:, 1] = 0
    apart = [spectral_distance(net.to_audio(x)[0].numpy(), wanted) for x in (picture, plain)]
    assert apart[0] < 0.1 and apart[1] > 0.3


def spectral_distance(made, wanted):
    """Mean difference of short spectra at equal loudness, as a share of the wanted one."""
    a, b = (np.abs(np.fft.rfft(x[:63_488].reshape(-1, 1024) * np.hanning(1024))) for x in (made * wanted.std() / made.std(), wanted))
    return np.abs(a - b).sum() / b.sum()


def test_the_first_layer_begins_with_what_lessons_have_in_common():
    plan = SoundPlan(**{**TINY, "first": 12})
    state = SoundState.begin(plan)
    pool = LessonPool(state.network, 24, 0, seed=2)
    teach_first_layer(state, [pool.batch(24)])
    batch = pool.batch(8)
    w = state.network.map(batch.latents, batch.pitches)
    pre = state.network.activations(w, 0)[:, :, 0, 0] @ state.tensors["block1.conv0.weight"].detach().flip(2, 3)[-1].reshape(23, -1)
    shown = described(batch, plan.config)[:, -1].reshape(8, -1)  # magnitude of each patch's last band
    assert np.corrcoef(pre.detach().numpy().ravel(), shown.numpy().ravel())[0, 1] > 0.8


def test_recordings_teach_through_the_critic_alone():
    plan = SoundPlan(**TINY, pitches=(60,))
    state = SoundState.begin(plan)
    clips = np.stack([sound(kind) for kind in KINDS])
    pool = ClipPool(state.network, clips, np.zeros(len(clips), int), seed=0)
    train_step(state, pool)
    assert set(state.last) == {"real", "made", "r1"} and all(np.isfinite(v) for v in state.last.values())


def test_recordings_are_cut_with_overlap_and_without_silence():
    tone = np.sin(np.arange(4000) * 0.3).astype(np.float32)
    recording = np.concatenate([0.1 * tone, np.zeros(8000, np.float32), 0.5 * tone, 0.4 * tone])
    clips = cut_clips(recording, 4000, 0.5)
    assert clips.shape[1] == 4000 and np.allclose(np.abs(clips).max(axis=1), 0.8, atol=1e-3)
    starts = [start for start in range(0, 16_001, 2000) if np.abs(recording[start:start + 2000]).max() > 0]
    assert len(clips) == len(starts) == 5
    assert cut_clips(tone[:100], 4000).shape == (1, 4000) and len(cut_clips(np.zeros(9000, np.float32), 4000)) == 0


def test_pitches_are_read_from_nsynths_names_only_if_all_have_them():
    assert pitches_of(["bass_021-048-100.wav", "x-127-025.flac"]) == [48, 127]
    assert pitches_of(["bass_021-048-100.wav", "song.wav"]) is None and pitches_of([]) is None


def test_a_folder_becomes_a_model_that_hallu_plays_and_training_goes_on(tmp_path, capsys, monkeypatch):
    from ganreact_core.cli import main

    monkeypatch.setenv("GANREACT_CACHE", str(tmp_path / "cache"))
    (tmp_path / "sounds").mkdir()
    for n, pitch in enumerate((40, 52)):
        soundfile.write(tmp_path / "sounds" / f"a_{n}-{pitch:03d}-100.wav", np.tile(sound("pluck", midi=pitch), 2), 16_000)
    args = ["train-sound", str(tmp_path / "sounds"), "--out", str(tmp_path / "m.safetensors"), "--minutes", "0.01"]
    seen = []
    for _ in range(2):
        assert main(args) == 0
        seen.append(int(capsys.readouterr().out.split(" sounds seen")[0].split()[-1]))
    assert seen[1] > seen[0] > 0 and list((tmp_path / "m.training").glob("preview-*.png"))
    net = load_generator(tmp_path / "m.safetensors")
    assert net.pitches == (40, 52) and net.kind == "gansynth" and net.resolution == (128, 1024)
    (tmp_path / "empty").mkdir()
    assert main(["train-sound", str(tmp_path / "empty"), "--out", str(tmp_path / "e.safetensors")]) == 3
    assert "gives 0 clips" in capsys.readouterr().err

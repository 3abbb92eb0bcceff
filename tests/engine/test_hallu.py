"""The job and the verb `hallu`: steps or notes become a sound file, or one sentence."""

import importlib.util
import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

from ganreact_core.cli import main
from ganreact_core.engine.jobs import Desk, hallu
from ganreact_core.errors import Cancelled
from ganreact_core.synthesis import load_generator
from ganreact_core.synthesis.hallu import ClipMaker, Note, faster, latent, note_envelope, resampled
from ganreact_core.synthesis.sound.components import principal_components, save_components

SYNTHESIS = Path(__file__).resolve().parents[1] / "synthesis"
_spec = importlib.util.spec_from_file_location("gansynth_folder", SYNTHESIS / "gansynth_folder.py")
writer = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(writer)

TIMES = {"spacing_s": 0.02, "attack_s": 0.01, "sustain_s": 0.01, "release_s": 0.01}


@pytest.fixture(autouse=True, scope="module")
def cache(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GANREACT_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """A small network at 8 kHz whose clips last 0.0375 s."""
    return str(writer.small_folder(tmp_path_factory.mktemp("net") / "m", card={"sample_rate": 8000}))


@pytest.fixture
def steps(tmp_path):
    def write(**piece):
        path = tmp_path / "steps.json"
        path.write_text(json.dumps({"steps": [[0], [1, -2], [2]], "between": 2, **TIMES, **piece}))
        return str(path)
    return write


def run(*args):
    return main(["hallu", *args, "--device", "cpu"])


def test_a_piece_of_three_steps_and_four_points_between(model, steps, tmp_path, capsys):
    out = tmp_path / "piece.wav"
    assert run(steps(), "--model", model, "--out", str(out)) == 0
    sound, rate = soundfile.read(out, dtype="float32")
    assert rate == 8000 and sound.ndim == 1 and soundfile.info(out).subtype == "PCM_16"
    assert len(sound) == int(0.02 * 6 * 8000) + 240  # seven clips, the last one whole
    assert np.abs(sound).max() == pytest.approx(0.5, abs=1e-3)
    assert "7 clips" in capsys.readouterr().out
    again = tmp_path / "again.wav"
    assert run(steps(), "--model", model, "--out", str(again)) == 0
    assert again.read_bytes() == out.read_bytes()


@pytest.mark.parametrize("edit", ["replace", "add", "latent"])
def test_a_step_sounds_as_the_network_makes_it(model, steps, tmp_path, edit):
    net = load_generator(model)
    found = principal_components(net, samples=400, components=4)
    save_components(tmp_path / "c.npz", found)
    out = tmp_path / "one.wav"
    text = steps(edit=edit, steps=[{"values": [1.5, -1], "seed": 3}], pitch=25)
    assert run(text, "--model", model, "--components", str(tmp_path / "c.npz"), "--out", str(out), "--float", "--step", "1") == 0
    sound, _ = soundfile.read(out, dtype="float32")
    offset = torch.from_numpy(found.offset(np.array([[1.5, -1]])))
    with torch.no_grad():
        w = net.map(torch.from_numpy(latent(3, 8)[None]).float(), net.pitch(25))
        own = {"replace": torch.from_numpy(found.mean), "add": net.activations(w, 1), "latent": net.activations(w, 1) - offset}[edit]
        clip = net.to_audio(net.from_layer(1, own + offset))[0].numpy()
    shape = np.concatenate([np.linspace(0, 1, 80), np.ones(80), np.linspace(1, 0, 80)])
    grain = clip[:240] * shape
    np.testing.assert_allclose(sound[:240], 0.5 * grain / np.abs(grain).max(), atol=1e-4)


def test_a_piece_ends_with_silence_as_published_or_with_its_last_sound(model, steps, tmp_path):
    lengths = []
    for more in ((), ("--trim-tail",)):
        assert run(steps(spacing_s=0.5), "--model", model, "--out", str(tmp_path / "a.wav"), *more) == 0
        sound, _ = soundfile.read(tmp_path / "a.wav")
        lengths.append(len(sound))
    assert lengths[0] == 4 * 8000 and 3.0 * 8000 < lengths[1] <= (3.03 + 0.02) * 8000
    assert np.abs(sound[-160:]).max() < 2e-3 and np.abs(sound[-400:]).max() > 2e-4


@pytest.mark.parametrize(("name", "more", "subtype", "rate"), [
    ("a.flac", ("--rate", "44100"), "PCM_16", 44_100), ("a.wav", ("--float", "--rate", "48000"), "FLOAT", 48_000)])
def test_other_files_and_rates(model, steps, tmp_path, name, more, subtype, rate):
    out = tmp_path / name
    assert run(steps(), "--model", model, "--out", str(out), *more) == 0
    info = soundfile.info(out)
    assert (info.subtype, info.samplerate) == (subtype, rate) and info.duration == pytest.approx(0.15, abs=1e-3)


def test_components_are_found_once_and_kept(model, steps, tmp_path, monkeypatch):
    monkeypatch.setenv("GANREACT_CACHE", str(tmp_path / "cache"))
    said = []
    desk = Desk(progress=lambda fraction, text, frame: said.append(text))
    asked = {"steps": f"@{steps()}", "model": model, "out": str(tmp_path / "a.wav"), "device": "cpu"}
    assert hallu(asked, desk)["components"] == 16
    assert "Finding components" in said and "Loading the sound network" in said
    for other in (desk, Desk(progress=desk.progress)):
        said.clear()
        assert hallu({**asked, "step": 2}, other) == {"duration_s": 0.03, "points": 1, "silent": [], "components": 16}
        assert "Finding components" not in said


def test_a_piece_can_be_stopped_and_leaves_nothing(model, steps, tmp_path):
    out = tmp_path / "a.wav"
    with pytest.raises(Cancelled):
        hallu({"steps": f"@{steps()}", "model": model, "out": str(out), "device": "cpu"}, Desk(cancelled=lambda: True))
    assert not out.exists()


@pytest.mark.parametrize(("piece", "more", "status", "said"), [
    ({}, ("--model", "/nowhere/at all"), 3, "'at all' is not there"), ({"steps": []}, (), 3, "at least one step"), ({"steps": [[1]]}, (), 3, "one step is too few"),
    ({"sustain_s": 1.0}, (), 2, "longer than a clip"), ({}, ("--step", "9"), 2, "no step 9"), ({}, ("--rate", "12"), 2, "12 Hz cannot"),
    ({}, ("--components", "/nowhere.npz"), 3, "is not a file of sound components")])
def test_what_cannot_be_is_one_sentence(model, steps, tmp_path, capsys, piece, more, status, said):
    assert run(steps(**piece), "--model", model, "--out", str(tmp_path / "a.wav"), *more) == status
    err = capsys.readouterr().err
    assert said in err and err.count("\n") == 1 and not (tmp_path / "a.wav").exists()


def test_other_sentences(model, steps, tmp_path, capsys):
    text = steps()
    for args, status, said in ((("missing.json", "--out", "a.wav"), 3, "'missing.json' is not there"), ((text, "--out", "a.mp3"), 2, "name the sound .wav"),
                               ((text, "--out", "a.flac", "--float"), 2, "no float samples"), ((text, "--out", text), 2, "named twice"),
                               ((text, "--out", "a.wav", "--model", "embedded"), 2, "draws pictures")):
        assert run(*args) == status
        assert said in capsys.readouterr().err


def test_a_midi_file_is_played_with_wandering_latents(model, tmp_path):
    mido = pytest.importorskip("mido")
    track = mido.MidiTrack([mido.Message("note_on", note=24, velocity=127, time=0), mido.Message("note_off", note=24, time=960),
                            mido.Message("note_on", note=25, velocity=32, time=960), mido.Message("note_off", note=25, time=480)])
    mido.MidiFile(ticks_per_beat=480, tracks=[track]).save(tmp_path / "a.mid")
    assert run(str(tmp_path / "a.mid"), "--model", model, "--out", str(tmp_path / "a.wav")) == 0
    sound, _ = soundfile.read(tmp_path / "a.wav")
    loud = np.abs(sound).reshape(-1, 80).max(axis=1) > 1e-3
    assert np.flatnonzero(np.diff(loud.astype(int)) > 0).tolist() in ([199], [0, 199]) and loud[:3].any()
    assert np.abs(sound).max() == pytest.approx(0.5, abs=1e-3) and np.abs(sound[16_000:]).max() < 0.4


def test_a_note_has_the_published_envelope_and_a_pitch_between_is_played_faster(model):
    shape = note_envelope(10.0, 1000)
    assert len(shape) == 3300 and shape[9] == 1 and shape[2999] == 1 and shape[-1] == 0 and shape[0] == 0
    maker = ClipMaker(load_generator(model), None)
    half, whole = (maker.note(Note(6.0, 6.1, 24, v), 5) for v in (0.5, 1.0))
    np.testing.assert_allclose(2 * half, whole, atol=1e-6)
    with torch.no_grad():
        w = maker.generator.map(torch.from_numpy(latent(6, 8)[None]).float(), maker.generator.pitch(24))
        clip = maker.generator.to_audio(maker.generator.synthesize(w))[0].numpy()
    np.testing.assert_allclose(whole, clip * note_envelope(0.1, 8000)[:300], atol=1e-5)


def test_resampling_keeps_a_tone_and_its_length():
    tone = np.sin(2 * np.pi * 440 * np.arange(8000) / 16_000).astype(np.float32)
    for rate in (8000, 44_100, 48_000):
        made = resampled(tone, 16_000, rate)
        expected = np.sin(2 * np.pi * 440 * np.arange(rate // 2) / rate)
        assert len(made) == rate // 2
        np.testing.assert_allclose(made[200:-200], expected[200:-200], atol=0.02)
    high = np.sin(2 * np.pi * 6000 * np.arange(8000) / 16_000).astype(np.float32)
    assert np.abs(faster(high, 2.0)[100:-100]).max() < 0.02  # 12 kHz would come back as 4
    octave = faster(tone, 2.0)
    spectrum = np.abs(np.fft.rfft(octave[100:3900]))
    assert spectrum.argmax() * 16_000 / 3800 == pytest.approx(880, abs=5)

"""Files of every kind are heard once, as asked; what cannot be heard is refused before the analysis is loaded."""

import subprocess
import sys
import wave
from pathlib import Path

import numpy as np
import pytest

mido = pytest.importorskip("mido")
pytest.importorskip("librosa")

from ganreact_core import audio  # noqa: E402
from ganreact_core.cli import main  # noqa: E402
from ganreact_core.engine.hearing import listen  # noqa: E402
from ganreact_core.errors import InputFileError, UsageError  # noqa: E402
from ganreact_core.features import load_features  # noqa: E402
from ganreact_core.listening import Listening, Stem, listening_of  # noqa: E402

ROOT, RATE = Path(__file__).resolve().parents[2], 22050


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("GANREACT_CACHE", str(tmp_path / "cache"))


def write_wav(path, *channels):
    with wave.open(str(path), "wb") as file:
        file.setparams((len(channels), 2, RATE, len(channels[0]), "NONE", ""))
        file.writeframes((np.stack(channels, axis=1) * 32767).astype(np.int16).tobytes())
    return path


def tone(hz, seconds=3.0):
    return 0.4 * np.sin(2 * np.pi * hz * np.arange(int(seconds * RATE)) / RATE)


def click_at(time_s, seconds=3.0):
    samples = np.zeros(int(seconds * RATE))
    samples[int(time_s * RATE):int(time_s * RATE) + 200] = 0.8 * np.cos(np.arange(200))
    return samples


def write_midi(path):
    midi = mido.MidiFile(ticks_per_beat=480)
    midi.tracks.append(mido.MidiTrack([mido.Message("note_on", note=60, velocity=100, time=480),
                                       mido.Message("note_off", note=60, time=480)]))
    midi.save(path)
    return path


def pitch_class(found):
    return int(np.argmax(found.features["chroma"].mean(axis=0)))


def test_one_channel_is_heard_alone_and_kept_apart(tmp_path):
    song = write_wav(tmp_path / "song.wav", tone(440.0), tone(523.25))
    assert [pitch_class(listen(Listening(str(song), channel=k))) for k in (0, 1)] == [9, 0]
    assert len(list((tmp_path / "cache" / "features").iterdir())) == 2


def test_the_second_time_nothing_is_heard(tmp_path, monkeypatch):
    song = write_wav(tmp_path / "song.wav", tone(440.0))
    first = listen(Listening(str(song)))
    monkeypatch.setattr(audio, "hear", None)
    again = listen(Listening(str(song.rename(tmp_path / "other name.wav"))))
    assert np.array_equal(again.features["chroma"], first.features["chroma"])


def test_what_was_odd_is_told_the_second_time_too(tmp_path):
    song = write_wav(tmp_path / "song.wav", np.zeros(RATE))
    assert [listen(Listening(str(song))).warnings for _ in range(2)] == [("'song.wav' is silent, so nothing will move",)] * 2


def test_a_stem_lies_where_it_was_put(tmp_path):
    mix, kick = write_wav(tmp_path / "mix.wav", tone(440.0)), write_wav(tmp_path / "kick.wav", click_at(1.0))
    for shift_s in (0.0, 0.75, -0.5):
        heard = listen(Listening(str(mix), stems={"kick": Stem(str(kick), shift_s)})).events["kick"]
        assert heard == pytest.approx([1.0 + shift_s], abs=0.012)


def test_notes_and_tables_are_analysed_like_a_sound(tmp_path, capsys):
    clip, table = write_midi(tmp_path / "clip.mid"), tmp_path / "fade.csv"
    table.write_text("fade\n" + "\n".join(str(k / 48) for k in range(49)))
    for file, name, *more in ((clip, "notes_60"), (table, "fade", "--table-rate", "24")):
        out = tmp_path / f"{file.name}.npz"
        assert main(["analyze", str(file), "--out", str(out), "--plot", str(out.with_suffix(".png")), *more]) == 0
        assert load_features(out).channel(name).max() == pytest.approx(100 / 127 if file == clip else 1.0)
        assert out.with_suffix(".png").read_bytes()[:4] == b"\x89PNG"


def test_a_clip_beside_the_track_moves_a_parameter_at_its_offset(tmp_path):
    from ganreact_core.bundle import open_bundle
    from ganreact_core.envelopes import EnvelopeRecipe
    from ganreact_core.look import Look
    from ganreact_core.patches import Patch, patch_to_text
    from ganreact_core.routes import Route

    patch = tmp_path / "clip.json"
    patch.write_text(patch_to_text(Patch(
        envelopes=(EnvelopeRecipe("c", "C", "feature", "notes_60", material="lead"),), look=Look(size=(64, 64)),
        routes=(Route("r", "", "c", "truncation"),), values={"truncation": 0.0})))
    song, clip = write_wav(tmp_path / "song.wav", tone(440.0)), write_midi(tmp_path / "clip.mid")
    words = ["bundle", "create", str(song), "--out", str(tmp_path / "bundle"), "--patch", str(patch), "--fps", "30"]
    assert main([*words, "--midi", f"lead={clip}", "--offset", "lead=1.25"]) == 0
    moved = open_bundle(tmp_path / "bundle").table.columns["truncation"]
    assert np.flatnonzero(moved > 0.5)[[0, -1]] == pytest.approx([52, 67], abs=1)
    assert main(words) == 3


@pytest.mark.parametrize(("words", "status"), [
    (["--stem", "cello={song}"], 2), (["--stem", "kick={song}", "--stem", "kick={song}"], 2), (["--channel", "7"], 3),
    (["--track", "2"], 3), (["--stem", "kick={none}"], 3),
])
def test_odd_wishes_are_refused(tmp_path, words, status):
    names = {"song": write_wav(tmp_path / "song.wav", tone(440.0)), "none": tmp_path / "none.wav"}
    assert main(["analyze", str(names["song"]), "--out", str(tmp_path / "f.npz"), *(w.format(**names) for w in words)]) == status
    assert not (tmp_path / "f.npz").exists()


def test_the_job_reads_back_what_was_asked():
    asked = Listening("a.wav", 1, 2, 24.0, {"kick": Stem("k.wav", 0.5)})
    assert listening_of(asked.as_arguments()) == asked
    with pytest.raises(UsageError):
        listening_of({"audio": "a.wav", "stems": {"kick": 3}})


HOSTILE = {"day.wav": None, "text.wav": b"only words\n" * 99, "head.wav": b"RIFF\xff\xff\xff\xffWAVEfmt ", "bad.mid": b"MThd\0\0\0\6",
           "bad.csv": b"a,b\nx,y\n"}


@pytest.mark.parametrize("name", HOSTILE)
def test_the_verdict_does_not_wait_for_the_analysis(tmp_path, name):
    path = tmp_path / name
    if HOSTILE[name] is None:  # a sparse file of a day: it must not be read to be refused
        size = 24 * 3600 * 48000 * 4
        with wave.open(str(path), "wb") as file:
            file.setparams((2, 2, 48000, 0, "NONE", ""))
            file.writeframes(b"")
        head = bytearray(path.read_bytes())
        head[0:4], head[4:8], head[40:44] = b"RF64", b"\xff" * 4, b"\xff" * 4
        ds64 = b"ds64" + (28).to_bytes(4, "little") + (size + 72).to_bytes(8, "little") + size.to_bytes(8, "little") + bytes(12)
        path.write_bytes(bytes(head[:12]) + ds64 + bytes(head[12:]))
        with open(path, "r+b") as file:
            file.truncate(size + 80)
    else:
        path.write_bytes(HOSTILE[name])
    code = ("import sys\nfrom ganreact_core.engine.hearing import listen\nfrom ganreact_core.listening import Listening\n"
            "from ganreact_core.errors import InputFileError\n"
            "try:\n    listen(Listening(sys.argv[1]))\nexcept InputFileError as refusal:\n    print(refusal)\n"
            "peak = next(line for line in open('/proc/self/status') if line.startswith('VmHWM'))\n"  # ru_maxrss keeps the parent's
            "print(int(peak.split()[1]) // 1024, *sorted({'librosa', 'sklearn', 'scipy'} & set(sys.modules)))")
    done = subprocess.run([sys.executable, "-c", code, str(path)], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
    said, cost = done.stdout.strip().splitlines()
    assert name in said and cost.isdigit() and int(cost) < 300


def test_a_verdict_is_of_the_family(tmp_path):
    with pytest.raises(InputFileError):
        listen(Listening(str(tmp_path)))


def test_where_there_can_be_no_cache_the_track_is_heard_all_the_same(tmp_path, monkeypatch):
    song = write_wav(tmp_path / "song.wav", tone(440.0))
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("GANREACT_CACHE", str(tmp_path / "file"))
    assert pitch_class(listen(Listening(str(song)))) == 9

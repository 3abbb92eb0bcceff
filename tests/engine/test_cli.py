"""The command line: exit status, one sentence on stderr, and a film in step with its sound."""

import shutil
import subprocess
import sys
import wave
from pathlib import Path

import numpy as np
import pytest

av = pytest.importorskip("av")
pytest.importorskip("torch")
pytest.importorskip("librosa")

from ganreact_core import room  # noqa: E402
from ganreact_core.bundle import open_bundle  # noqa: E402
from ganreact_core.cli import main  # noqa: E402
from ganreact_core.cli.terminal import stopped  # noqa: E402
from ganreact_core.engine import compose  # noqa: E402
from ganreact_core.envelopes import EnvelopeRecipe  # noqa: E402
from ganreact_core.errors import DiskFull  # noqa: E402
from ganreact_core.leases import Leases  # noqa: E402
from ganreact_core.look import Canvas, Entry, Look  # noqa: E402
from ganreact_core.patches import Patch, patch_to_text  # noqa: E402
from ganreact_core.routes import Route  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
CLICKS_S = (1.0, 2.27, 3.5)
FPS = 24


def run(*words, timeout=300):
    return subprocess.run([sys.executable, "-m", "ganreact_core", *map(str, words)], cwd=ROOT, capture_output=True, text=True,
                          timeout=timeout, check=False)


def write_wav(path, samples, rate=44100):
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, rate, len(samples), "NONE", ""))
        file.writeframes((np.clip(samples, -1, 1) * 32767).astype(np.int16).tobytes())
    return path


@pytest.fixture(scope="module")
def clicks(tmp_path_factory):
    """A low thump at known times, and silence between."""
    samples = np.zeros(int(4.5 * 44100))
    t = np.arange(4000) / 44100
    for at in CLICKS_S:
        start = round(at * 44100)
        samples[start:start + 4000] += 0.9 * np.cos(2 * np.pi * 60 * t) * np.exp(-t / 0.02)
    return write_wav(tmp_path_factory.mktemp("sound") / "clicks.wav", samples)


@pytest.fixture
def flash(tmp_path):
    """A patch in which the kick cuts hard from one picture to another, for one frame."""
    look = Look(size=(64, 64), canvas=Canvas("mirror", 1.0), entries=(Entry("a", "A", 1, default=1.0), Entry("x", "X", 5, accent=True)))
    patch = Patch(envelopes=(EnvelopeRecipe("kick", "Kick", "events", "kick", decay_s=0.001),), look=look,
                  routes=(Route("r", "", "kick", "accent.x"),))
    path = tmp_path / "flash.json"
    path.write_text(patch_to_text(patch))
    return path


def test_the_frame_that_changes_is_the_frame_of_the_click_and_the_sound_is_there_too(clicks, flash, tmp_path):
    out = tmp_path / "film.mp4"
    done = run("render", clicks, "--out", out, "--patch", flash, "--fps", FPS)
    assert done.returncode == 0, done.stderr
    with av.open(str(out)) as film:
        pictures = np.stack([f.to_ndarray(format="gray").astype(float) for f in film.decode(video=0)])
    with av.open(str(out)) as film:
        sound = film.streams.audio[0]
        heard = [(f.pts * float(sound.time_base), f.to_ndarray()[0]) for f in film.decode(audio=0)]
        codecs = film.streams.video[0].codec_context.name, sound.codec_context.name
    assert codecs == ("h264", "aac") and len(pictures) == round(4.5 * FPS)
    differs = np.abs(pictures - pictures[0]).mean(axis=(1, 2))
    assert np.flatnonzero(differs > 0.5 * differs.max()).tolist() == [int(t * FPS + 1e-6) for t in CLICKS_S]
    level = np.concatenate([np.abs(block) for _, block in heard])
    for at in CLICKS_S:
        window = level[round((at - 0.2 - heard[0][0]) * 48000):round((at + 0.2 - heard[0][0]) * 48000)]
        assert np.argmax(window > 0.5 * window.max()) / 48000 - 0.2 == pytest.approx(0, abs=0.01)
    assert not (tmp_path / "film.frames").exists()


def test_a_bundle_runs_in_pieces_to_the_bytes_of_one_run(clicks, flash, tmp_path):
    def ends_with(*words):
        return main(["bundle", *map(str, words)])

    whole, pieces = tmp_path / "whole", tmp_path / "pieces"
    assert ends_with("create", clicks, "--out", whole, "--patch", flash, "--duration", 1) == 0
    shutil.copytree(whole, pieces)
    assert ends_with("check", whole) == 7 and ends_with("run", whole) == 0
    assert ends_with("run", pieces, "--frames", "11-24") == 0 and ends_with("check", pieces) == 7
    assert ends_with("run", pieces, "--frames", "1-10") == 0 and ends_with("check", pieces) == 0
    files = [sorted((folder / "frames").iterdir()) for folder in (whole, pieces)]
    assert len(files[0]) == 24 and [p.read_bytes() for p in files[0]] == [p.read_bytes() for p in files[1]]


@pytest.mark.parametrize(("words", "status", "says"), [
    (("render", "{tmp}/none.wav", "--out", "{tmp}/o.mp4"), 3, "none.wav"),
    (("render", "{empty}", "--out", "{tmp}/o.mp4"), 3, "empty"),
    (("render", "{text}", "--out", "{tmp}/o.mp4"), 3, "not audio"),
    (("render", "{clicks}", "--out", "{tmp}/o.mp4", "--model", "{text}"), 3, "'text.wav': this is a text file and no checkpoint"),
    (("render", "{clicks}", "--out", "{tmp}/o.mp4", "--patch", "nobody"), 3, "nobody"),
    (("render", "{clicks}", "--out", "{tmp}/o.mp4", "--patch", "{tmp}"), 3, "is no file"),
    (("hallu", "{tmp}", "--out", "{tmp}/o.wav"), 3, "is no file"),
    (("render", "{clicks}", "--out", "{tmp}/o.mp4", "--start", "99"), 2, "99"),
    (("render", "{clicks}", "--out", "{tmp}/o.mp4", "--size", "big"), 2, "big"),
    (("render", "{clicks}", "--out", "{tmp}/o.mp4", "--loop", "3beats"), 2, "3beats"),
    (("render", "{clicks}", "--out", "{tmp}/o", "--loop", "24", "--duration", "1"), 2, "--duration"),
    (("render", "{clicks}", "--out", "{tmp}/o", "--straight"), 2, "is no film"),
    (("render", "{clicks}", "--out", "{tmp}/o.mp4", "--loop", "9999"), 2, "9999 frames"),
    (("render", "{clicks}", "--out", "{tmp}/o.mp4", "--loop", "200bars"), 2, "200"),
    (("render", "{clicks}"), 2, "--out"),
    (("render", "{clicks}", "--out", "{tmp}/o.wmv"), 2, "'.wmv' files are not made"),
    (("render", "https://example.org/a.mp3", "--out", "{tmp}/o.mp4"), 3, "'a.mp3' is an address on the network"),
    (("analyze", "{clicks}", "--out", "{tmp}/o.png"), 2, "should end in .npz"),
    (("render", "{clicks}", "--out", ""), 2, "there is no name"),
    (("patches", "--out", "{tmp}"), 2, "is a folder; name a file in it"),
    (("model", "sheet", "embedded", "--out", "{tmp}/o.jpg"), 2, "'o.jpg' should end in .png"),
    (("project", "{text}", "--out", "{tmp}/o.npy", "--sheet", "{text}/o.png"), 4, "cannot be written"),
    (("analyze", "{tmp}", "--out", "{tmp}/f.npz"), 3, "folder"),
    (("bundle", "run", "{tmp}"), 3, "look.json"),
    (("render", "{clicks}", "--out", "."), 3, "'.' holds other files"),
    (("sync", "{tmp}/none.mp4"), 3, "'none.mp4' is not there; choose the file again"),
    (("model", "info", "{tmp}/none.pkl"), 3, "'none.pkl' is not there; choose the checkpoint again"),
    (("project", "{tmp}/none.png", "--out", "{tmp}/o.npy"), 3, "'none.png' is not there; choose the picture again"),
    (("render", "{clicks}", "--out", "{tmp}/o.mp4", "--sections", "{tmp}/none.csv"), 3, "'none.csv' is not there; choose the table again"),
    (("patches", "--audio", "{text}"), 2, "--out SHEET.png"),
    (("patches", "--audio", "{text}", "--out", "{tmp}/o.png"), 3, "not audio"),
    (("patches", "--out", "{tmp}/o.txt"), 2, "should end in .png for a picture of all patches"),
    (("patches", "nobody"), 3, "nobody"),
    (("model", "sheet", "embedded", "--out", "{tmp}/o.txt"), 2, "'o.txt' should end in .png"),
    (("directions", "embedded", "--out", "{tmp}/o.txt"), 2, "'o.txt' should end in .npz"),
    (("model", "classes", "embedded", "zebra"), 2, "no class of this network is called 'zebra'"),
    (("spell",), 2, "spell"),
])
def test_bad_input_ends_with_one_sentence_and_its_status(clicks, tmp_path, monkeypatch, capsys, words, status, says):
    monkeypatch.chdir(ROOT)
    names = {"tmp": tmp_path, "clicks": clicks, "empty": tmp_path / "empty.wav", "text": tmp_path / "text.wav"}
    names["empty"].write_bytes(b"")
    names["text"].write_text("these are only words, and many of them, in a file with a wrong name\n" * 20)
    assert main([w.format(**names) for w in words]) == status
    said, told = capsys.readouterr()
    assert says in told and len(told.splitlines()) == 1 and not said
    assert not (tmp_path / "o.mp4").exists() and not list(tmp_path.glob("o*"))


def test_the_status_is_that_of_the_program_and_a_traceback_is_shown_on_demand(tmp_path):
    done = run("render", tmp_path / "none.wav", "--out", tmp_path / "o.mp4")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (3, "", 1)
    assert "Traceback" in run("render", tmp_path / "none.wav", "--out", tmp_path / "o.mp4", "--debug").stderr


def test_who_only_reads_a_checkpoint_or_makes_a_bundle_does_not_wait_for_torch(clicks, flash, tmp_path):
    words = ["bundle", "create", str(clicks), "--patch", str(flash), "--duration", "0.5", "--out", str(tmp_path / "b")]
    program = ("import sys; from ganreact_core.cli import main; "
               f"print(main(['model', 'classes', 'embedded']), main({words!r}), 'torch' in sys.modules)")
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=120, check=True)
    assert done.stdout.splitlines()[-1] == "0 0 False"


def test_frames_stay_while_another_process_makes_a_film_of_them(clicks, flash, tmp_path):
    words = ["render", str(clicks), "--patch", str(flash), "--duration", "0.2", "--out"]
    frames = tmp_path / "film.frames"
    with Leases(frames / "leases") as other:
        other.take("film-of-somebody")
        assert main([*words, str(tmp_path / "film.mp4")]) == 0 and len(list((frames / "frames").iterdir())) == 5
    assert main([*words, str(tmp_path / "film.webm")]) == 0 and not frames.exists()


def test_a_film_made_straight_is_the_one_made_of_files(clicks, flash, tmp_path):
    words = ["render", str(clicks), "--patch", str(flash), "--duration", "1", "--out"]
    assert main([*words, str(tmp_path / "a.mkv"), "--straight"]) == 0 and main([*words, str(tmp_path / "b.mkv")]) == 0
    assert {p.name for p in tmp_path.iterdir()} == {"a.mkv", "b.mkv", "flash.json"}
    films = []
    for name in ("a.mkv", "b.mkv"):
        with av.open(str(tmp_path / name)) as film:
            films.append([f.to_ndarray(format="rgb24") for f in film.decode(video=0)])
    assert len(films[0]) == FPS and np.array_equal(*films)


def test_a_straight_film_that_is_stopped_is_not_there(clicks, flash, tmp_path, monkeypatch):
    out = tmp_path / "a.mp4"
    monkeypatch.setattr(stopped, "is_set", iter([False] * 20 + [True] * 500).__next__)
    assert main(["render", str(clicks), "--patch", str(flash), "--duration", "2", "--out", str(out), "--straight"]) == 6
    assert [p.name for p in tmp_path.iterdir()] == ["flash.json"]


def test_a_loop_of_light_that_tiles_is_one_word_each(clicks, flash, tmp_path):
    out = tmp_path / "loop"
    assert main(["bundle", "create", str(clicks), "--out", str(out), "--patch", str(flash), "--start", "1", "--loop", "36", "--tile",
                 "--format", "exr"]) == 0
    bundle = open_bundle(out)
    assert bundle.table.n_frames == 36 and bundle.look.canvas.seamless and bundle.frame_path(1).name == "000001.exr"
    flashes = bundle.table.columns["accent.x"]
    assert flashes[int(1.27 * FPS)] > 0.9 and flashes[0] < 0.1, "the click at the start was mixed with what follows the end"


def test_silence_makes_a_calm_film_and_not_an_error(tmp_path, flash):
    silent = write_wav(tmp_path / "silent.wav", np.zeros(44100))
    assert main(["render", str(silent), "--out", str(tmp_path / "frames"), "--patch", str(flash)]) == 0
    assert len(list((tmp_path / "frames" / "frames").glob("*.png"))) == 24


def test_a_file_that_no_envelope_listens_to_is_told(clicks, flash, tmp_path, capsys):
    words = ["bundle", "create", str(clicks), "--patch", str(flash), "--duration", "1", "--sound", f"voice={clicks}"]
    assert main([*words, "--out", str(tmp_path / "b")]) == 0
    assert "no envelope of the patch listens to 'voice'" in capsys.readouterr().err


def test_a_disk_that_is_full_from_the_start_is_waited_for(clicks, flash, tmp_path, monkeypatch):
    create = compose.create_bundle
    refusals = iter([DiskFull("the disk is full")] * 2)

    def full_at_first(*args, **kwargs):
        for refusal in refusals:
            raise refusal
        return create(*args, **kwargs)

    monkeypatch.setattr(compose, "create_bundle", full_at_first)
    monkeypatch.setattr(room, "_RETRY_S", 0.0)
    words = ["render", str(clicks), "--patch", str(flash), "--duration", "0.2", "--out"]
    assert main([*words, str(tmp_path / "a")]) == 4
    refusals = iter([DiskFull("the disk is full")] * 2)
    assert main([*words, str(tmp_path / "b"), "--wait-for-disk", "30"]) == 0

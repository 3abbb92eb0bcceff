"""The engine as a process on pipes: one end per job, whatever happens."""

import io
import os
import re
import signal
import subprocess
import sys
import time
import wave
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("librosa")

from ganreact_core import messages
from ganreact_core.bundle import create_bundle
from ganreact_core.engine.jobs import JOBS
from ganreact_core.engine.serve import Server
from ganreact_core.features import load_features
from ganreact_core.look import Look
from ganreact_core.messages import PROTOCOL, TERMINAL, Cancel, Done, Failed, Hello, Picture, Progress, Quit, Start
from ganreact_core.models import model_sha256
from ganreact_core.patches import load_patch
from ganreact_core.table import evaluate

ROOT = Path(__file__).resolve().parents[2]


class Engine:
    """A real engine, spoken to directly."""

    def __init__(self, cache=None):
        self.process = subprocess.Popen([sys.executable, "-m", "ganreact_core", "serve"], cwd=ROOT, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                        env=os.environ | ({"GANREACT_CACHE": str(cache)} if cache else {}))
        self.hello, _ = messages.read(self.process.stdout)

    def send(self, message):
        self.process.stdin.write(messages.encode(message))
        self.process.stdin.flush()

    def until_end(self, job):
        heard = []
        while not heard or not (isinstance(heard[-1][0], TERMINAL) and heard[-1][0].job == job):
            heard.append(messages.read(self.process.stdout))
            assert heard[-1] is not None, "the engine is gone"
        return heard


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    it = Engine(tmp_path_factory.mktemp("cache"))
    yield it
    it.process.kill()


@pytest.fixture
def clicks(tmp_path):
    """Four seconds with a click every second, as a WAV file."""
    samples = np.zeros(4 * 44100, np.int16)
    for second in (1, 2, 3):
        samples[second * 44100:second * 44100 + 200] = (20000 * np.exp(-np.arange(200) / 40)).astype(np.int16)
    path = tmp_path / "clicks.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 44100, len(samples), "NONE", ""))
        file.writeframes(samples.tobytes())
    return path


def make_bundle(folder, n=6):
    look = Look(size=(128, 128), entries=load_patch("pulse").look.entries)
    keyed = {"truncation": np.linspace(0.2, 1, n)}
    return create_bundle(folder, look, evaluate(look, (), keyed, {}, n_frames=n, fps=24), model_sha256("embedded"))


def test_it_says_who_it_is(engine):
    assert isinstance(engine.hello, Hello) and engine.hello.protocol == PROTOCOL and engine.hello.device in ("cpu", "cuda", "mps")


def test_analyze_reports_and_ends_once(engine, clicks, tmp_path):
    engine.send(Start(1, "analyze", {"audio": str(clicks), "features": str(tmp_path / "f.npz"), "plot": str(tmp_path / "f.png")}))
    heard = [m for m, _ in engine.until_end(1)]
    assert isinstance(heard[-1], Done) and sum(isinstance(m, TERMINAL) for m in heard) == 1
    fractions = [m.fraction for m in heard if isinstance(m, Progress)]
    assert fractions == sorted(fractions) and len(fractions) > 2
    assert load_features(tmp_path / "f.npz").duration_s == pytest.approx(4.0, abs=0.01) and (tmp_path / "f.png").stat().st_size > 10000


@pytest.mark.parametrize(("kind", "arguments", "status"), [
    ("spell", {}, 1), ("analyze", {"audio": "/nowhere.wav", "features": "/tmp/x.npz"}, 3), ("render", {"bundle": "/nowhere"}, 3),
    ("render", {}, 2), ("preview", {"bundle": "/nowhere", "frame": 1}, 3)])
def test_what_cannot_be_done_ends_in_one_sentence_and_the_engine_lives(engine, kind, arguments, status):
    engine.send(Start(2, kind, arguments))
    last, _ = engine.until_end(2)[-1]
    assert isinstance(last, Failed) and last.exit_status == status and "\n" not in last.text and engine.process.poll() is None


def test_every_job_is_told_in_the_vocabulary_and_every_job_told_is_there():
    assert set(re.findall(r"^    (\w+) {2,}\S", Start.__doc__, re.MULTILINE)) == set(JOBS)


@pytest.mark.parametrize("result", [{"x": float("nan")}, {"x": object()}, {"x": "y" * (1 << 21)}, {"x": np.float32(1)}, SystemExit("bye"),
                                    type("Panic", (BaseException,), {})("a library in Rust gave up")], ids=lambda x: str(type(x)))
def test_a_job_ends_exactly_once_whatever_it_returns_or_raises(monkeypatch, result):
    def odd(arguments, desk):
        if isinstance(result, BaseException):
            raise result
        return result

    monkeypatch.setitem(JOBS, "odd", odd)
    said = io.BytesIO()
    Server(io.BytesIO(), said)._run_job(Start(7, "odd"))
    said.seek(0)
    ended, _ = messages.read(said)
    assert isinstance(ended, Failed) and (ended.job, ended.exit_status) == (7, 1) and messages.read(said) is None


def test_a_track_and_a_place_whose_names_are_no_text(engine, clicks, tmp_path):
    odd = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9"))
    odd.mkdir()
    bundle = make_bundle(odd / "b", 2)
    engine.send(Start(8, "render", {"bundle": str(bundle.folder), "device": "cpu"}))
    assert isinstance(engine.until_end(8)[-1][0], Done) and not bundle.wanted([1, 2])
    engine.send(Start(9, "render", {"bundle": str(odd / "gone")}))
    ended, _ = engine.until_end(9)[-1]
    assert isinstance(ended, Failed) and "caf?" in ended.text


def test_render_and_preview(engine, tmp_path):
    bundle = make_bundle(tmp_path / "b")
    engine.send(Start(3, "render", {"bundle": str(bundle.folder), "frames": "2-5", "device": "cpu"}))
    heard = [m for m, _ in engine.until_end(3)]
    assert heard[-1] == Done(3, {"rendered": 4, "kept": 0, "left_out": [], "warnings": []})
    assert [m.frame for m in heard if isinstance(m, Progress) and m.frame] == [2, 3, 4, 5]
    engine.send(Start(4, "preview", {"bundle": str(bundle.folder), "frame": 6, "device": "cpu"}))
    pictures = [(m, raw) for m, raw in engine.until_end(4) if isinstance(m, Picture)]
    assert len(pictures) == 1 and len(pictures[0][1]) == pictures[0][0].n_bytes and np.frombuffer(pictures[0][1], np.uint8).std() > 5
    assert not bundle.frame_path(6).exists()


def test_cancel_ends_the_job_as_cancelled_and_keeps_whole_frames(engine, tmp_path):
    bundle = make_bundle(tmp_path / "b", n=400)
    engine.send(Start(5, "render", {"bundle": str(bundle.folder), "device": "cpu"}))
    while not (isinstance((m := messages.read(engine.process.stdout)[0]), Progress) and m.frame):
        pass
    engine.send(Cancel(5))
    assert isinstance(engine.until_end(5)[-1][0], messages.Cancelled)
    done = 400 - len(bundle.wanted(bundle.frame_numbers()))
    assert 0 < done < 400 and not list(bundle.frames_folder.glob(".*"))


def test_a_killed_engine_leaves_only_whole_frames_and_rendering_goes_on(tmp_path):
    bundle = make_bundle(tmp_path / "b", n=30)
    victim = Engine()
    victim.send(Start(1, "render", {"bundle": str(bundle.folder), "device": "cpu"}))
    while not (isinstance((m := messages.read(victim.process.stdout)[0]), Progress) and m.frame and m.frame > 4):
        pass
    victim.process.send_signal(signal.SIGKILL)
    victim.process.wait()
    whole = {f: bundle.frame_path(f).read_bytes() for f in bundle.frame_numbers() if f not in bundle.wanted(bundle.frame_numbers())}
    assert len(whole) >= 5
    again = Engine()
    again.send(Start(1, "render", {"bundle": str(bundle.folder), "device": "cpu"}))
    last, _ = again.until_end(1)[-1]
    again.send(Quit())
    assert last.result["kept"] == len(whole) and last.result["rendered"] == 30 - len(whole)
    assert all(bundle.frame_path(f).read_bytes() == content for f, content in whole.items())
    assert not list(bundle.frames_folder.glob(".*")) and again.process.wait(10) == 0


@pytest.mark.parametrize("last_words", [b"", b"\xff\xff\xff\xff", b"\x00\x00\x00\x02{}"])
def test_it_goes_when_its_client_goes_or_talks_nonsense(last_words):
    it = Engine()
    it.process.stdin.write(last_words)
    it.process.stdin.close()
    began = time.monotonic()
    it.process.wait(10)
    assert time.monotonic() - began < 2


def test_a_library_that_looks_at_stdin_finds_it_empty_and_waits_for_nobody():
    script = ("import sys; from ganreact_core.engine.serve import own_pipes; source, sink = own_pipes(); print('a stray print', flush=True)\n"
              "sink.write(repr((sys.stdin.read(), source.read(5))).encode())")
    process = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdin.write(b"hello")
    process.stdin.flush()  # and the pipe stays open, as a client's does
    assert process.stdout.read() == b"('', b'hello')" and process.stderr.read().strip() == b"a stray print" and process.wait(10) == 0
    process.stdin.close()

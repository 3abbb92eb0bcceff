"""The farms' jobs: OpenJD's own runner executes the template; Flamenco's job type is compiled as its manager does, and its commands run."""

import json
import os
import shlex
import subprocess
import sys
import wave
from pathlib import Path

import numpy as np
import pytest

av = pytest.importorskip("av")
pytest.importorskip("torch")
pytest.importorskip("librosa")

from ganreact_core.bundle import open_bundle  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
FRAMES = 6
FLAMENCO = """
const tasks = [];
const author = {
    Task: (name, type) => ({ name, type, commands: [], after: [], addCommand(c) { this.commands.push(c); }, addDependency(t) { this.after.push(t.name); } }),
    Command: (name, parameters, steps) => ({ name, parameters, steps }),
};
const job = { settings: SETTINGS, addTask(task) { tasks.push(task); } };
compileJob(job);
JSON.stringify({ tasks, settings: JOB_TYPE.settings });
"""


@pytest.fixture(scope="module")
def song(tmp_path_factory):
    path = tmp_path_factory.mktemp("song") / "clicks.wav"
    samples = np.zeros(22050, np.int16)
    samples[::5512] = 30000
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 22050, len(samples), "NONE", ""))
        file.writeframes(samples.tobytes())
    return path


@pytest.fixture(scope="module")
def made(song, tmp_path_factory):
    """A bundle of six frames from the first quarter second on."""
    folder = tmp_path_factory.mktemp("farm") / "bundle"
    done = run("bundle", "create", song, "--out", folder, "--size", "64x64", "--start", 0.25, "--duration", FRAMES / 24)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def command(tmp_path_factory):
    """`ganreact`, as a node has it on its path."""
    path = tmp_path_factory.mktemp("bin") / "ganreact"
    path.write_text(f"#!/bin/sh\nPYTHONPATH={shlex.quote(str(ROOT))} exec {shlex.quote(sys.executable)} -m ganreact_core \"$@\"\n")
    path.chmod(0o755)
    return path


def run(*words, program=(sys.executable, "-m", "ganreact_core")):
    return subprocess.run([*map(str, program), *map(str, words)], cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)


def seconds_of(film):
    with av.open(str(film)) as opened:
        return opened.streams.video[0].frames, len(opened.streams.audio)


def test_openjd_renders_the_chunks_and_then_the_film(made, song, command, tmp_path):
    openjd = Path(sys.executable).with_name("openjd")
    if not openjd.exists():
        pytest.skip("openjd-cli is not installed")
    film = tmp_path / "film.mp4"
    given = {"Bundle": made, "Audio": song, "Film": film, "LastFrame": FRAMES, "ChunkFrames": 4, "Device": "cpu", "GANReact": command}
    words = [word for name, value in given.items() for word in ("--job-param", f"{name}={value}")]
    done = subprocess.run([openjd, "run", ROOT / "farms" / "ganreact.openjd.yaml", "--step", "Film", "--run-dependencies", *words],
                          capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    opened = open_bundle(made)
    assert not opened.wanted(opened.frame_numbers(), deep=True) and opened.sound.start_s == 0.25
    assert seconds_of(film) == (FRAMES, 1)
    assert "openjd_progress: 100" in done.stdout and len(list(made.glob("leases/*"))) == 0


def compiled(**settings):
    quickjs = pytest.importorskip("quickjs")
    script = (ROOT / "farms" / "ganreact.flamenco.js").read_text()
    given = {"first_frame": 1, "last_frame": FRAMES, "chunk_size": 4, "device": "cpu", "bundle": "/b", "ganreact": "{ganreact}"} | settings
    return json.loads(quickjs.Context().eval(script + FLAMENCO.replace("SETTINGS", json.dumps(given))))


def test_flamencos_job_type_compiles_to_the_same_job(made, song, command, tmp_path):
    film = str(tmp_path / "film.mp4")
    tasks = compiled(bundle=str(made), audio=str(song), film=film, ganreact=str(command))["tasks"]
    assert [task["name"] for task in tasks] == ["frames-1-4", "frames-5-6", "film"] and tasks[-1]["after"] == ["frames-1-4", "frames-5-6"]
    for task in tasks:
        (one,) = task["commands"]
        assert one["name"] == "exec" and set(one["parameters"]) == {"exe", "args"}
        done = run(*one["parameters"]["args"], program=[one["parameters"]["exe"]])
        assert done.returncode == 0, done.stderr
    assert seconds_of(film) == (FRAMES, 1)


@pytest.mark.parametrize(("settings", "says"), [({"last_frame": 0}, "no frames"), ({"chunk_size": 0}, "chunks of 0"), ({"film": "f.mp4"}, "both")])
def test_flamenco_refuses_what_cannot_be_rendered(settings, says):
    quickjs = pytest.importorskip("quickjs")
    with pytest.raises(quickjs.JSException, match=says):
        compiled(**settings)


def test_flamenco_without_a_film_makes_frames_alone_and_every_setting_is_described():
    job = compiled(last_frame=1000, chunk_size=300)
    assert [task["name"] for task in job["tasks"]] == ["frames-1-300", "frames-301-600", "frames-601-900", "frames-901-1000"]
    assert all(setting["description"] for setting in job["settings"])


def test_a_queue_of_shell_commands_needs_no_more_than_this(made, command, tmp_path):
    """docs/farms.md: the lines for any other queue, as they stand there."""
    page = (ROOT / "docs" / "farms.md").read_text(encoding="utf-8")
    lines = [line for line in page.splitlines() if line.startswith("ganreact bundle run")]
    assert lines
    environment = os.environ | {"PATH": f"{command.parent}:{os.environ['PATH']}", "BUNDLE": str(made), "FIRST": "5"}
    done = subprocess.run(["sh", "-ec", lines[-1]], env=environment, capture_output=True, text=True, timeout=200, check=False)
    assert done.returncode == 0, done.stderr

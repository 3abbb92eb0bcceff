"""The real program: the zip is built, validated, installed, and renders a film, as a user's Blender would."""

import json
import os
import subprocess
import wave
import zipfile
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
BLENDER = os.environ.get("GANREACT_REAL_BLENDER")

pytestmark = pytest.mark.skipif(not BLENDER, reason="GANREACT_REAL_BLENDER does not name a Blender")


@pytest.fixture(scope="module")
def blender(tmp_path_factory):
    """Runs Blender with a home of its own; returns the finished process."""
    home = tmp_path_factory.mktemp("home")

    def run(*words, timeout=600):
        return subprocess.run([BLENDER, *map(str, words)], cwd=ROOT, capture_output=True, text=True, timeout=timeout, check=False,
                              env={**os.environ, "GANREACT_BLENDER_HOME": str(home)})

    return run


@pytest.fixture(scope="module")
def archive(blender, tmp_path_factory):
    """The extension as Blender itself builds it."""
    folder = tmp_path_factory.mktemp("dist")
    built = blender("--command", "extension", "build", "--source-dir", ROOT, "--output-dir", folder)
    assert built.returncode == 0, built.stdout + built.stderr
    return next(folder.glob("*.zip"))


@pytest.fixture(scope="module")
def installed(blender, archive):
    """Blender with the extension installed and enabled."""
    done = blender("--command", "extension", "install-file", "-r", "user_default", "--enable", archive)
    assert done.returncode == 0, done.stdout + done.stderr
    return blender


@pytest.fixture
def song(tmp_path):
    """Two seconds, a thump at 0.5 s and 1.5 s over a chord."""
    t = np.arange(2 * 44100) / 44100
    samples = 0.1 * sum(np.sin(2 * np.pi * f * t) for f in (261.6, 329.6, 392.0))
    for at in (0.5, 1.5):
        later = np.clip(t - at, 0, None)
        samples += (t >= at) * 0.6 * np.cos(2 * np.pi * 60 * later) * np.exp(-later / 0.03)
    path = tmp_path / "song.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 44100, len(samples), "NONE", ""))
        file.writeframes((np.clip(samples, -1, 1) * 32767).astype(np.int16).tobytes())
    return path


def test_the_zip_is_valid_and_holds_the_extension_alone(blender, archive):
    checked = blender("--command", "extension", "validate", archive)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    names = zipfile.ZipFile(archive).namelist()
    tops = {name.split("/")[0] for name in names}
    assert tops == {"__init__.py", "blender_manifest.toml", "LICENSE", "addon", "ganreact_core"}
    assert {"ganreact_core/models/embedded.safetensors", "ganreact_core/shipped/pulse.json"} <= set(names)
    assert not [name for name in names if "__pycache__" in name or name.endswith(".pyc")]


def test_it_renders_headless_with_the_sound(installed, song, tmp_path):
    film = tmp_path / "film.mp4"
    done = installed("--command", "ganreact", "render", "--audio", song, "--patch", "pulse", "--out", film)
    assert done.returncode == 0, done.stdout + done.stderr
    import av

    with av.open(str(film)) as container:
        assert {s.type for s in container.streams} == {"video", "audio"}
        frames = [f.to_ndarray(format="gray") for f in container.decode(video=0)]
    assert len(frames) == 48 and np.std(frames[0]) > 5


def test_what_plays_is_heard_though_the_program_mixes_in_a_thread(installed, song, tmp_path):
    done = installed("--command", "ganreact", "analyze", "--audio", song, "--fps", "24", "--what-plays", "--out", tmp_path / "song.npz",
                     "--json", tmp_path / "song.json")
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads((tmp_path / "song.json").read_text())["duration"] == pytest.approx(2.0, abs=0.1)


def test_bad_input_ends_with_its_status_and_a_sentence(installed, tmp_path):
    (tmp_path / "words.wav").write_text("only words\n" * 50)
    done = installed("--command", "ganreact", "render", "--audio", tmp_path / "words.wav", "--out", tmp_path / "film.mp4")
    assert done.returncode == 3 and "not audio" in done.stderr and "Traceback" not in done.stderr
    assert installed("--command", "ganreact", "spell").returncode == 2


def test_the_policy_of_the_extension_platform_is_kept(installed):
    ask = "import addon_utils, json; print('WARNINGS', json.dumps(addon_utils._extensions_warnings_get()))"
    done = installed("-b", "--addons", "bl_ext.user_default.ganreact", "--python-expr", ask)
    line = next(line for line in done.stdout.splitlines() if line.startswith("WARNINGS"))
    assert json.loads(line.removeprefix("WARNINGS ")) == {}

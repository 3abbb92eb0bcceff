"""The engine's own environment: a real venv from a folder of small wheels; half-made, broken, cancelled, taken away again."""

import base64
import hashlib
import json
import shutil
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from ganreact_ext.addon import engine_home, engine_install, engine_python
from ganreact_ext.addon.engine_install import Installation, Order

ROOT = Path(__file__).resolve().parents[2]
MODULES = {"scikit-learn": "sklearn", "pillow": "PIL"}


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv(engine_home.HOME_VARIABLE, str(tmp_path / "engine"))
    monkeypatch.delenv(engine_python.VARIABLE, raising=False)
    engine_python.forget_probes()
    yield tmp_path / "engine"
    engine_python.forget_probes()


@pytest.fixture(scope="module")
def wheels(tmp_path_factory):
    """A wheel of each thing that is needed, with nothing in it but its version."""
    folder = tmp_path_factory.mktemp("wheels")
    for requirement in (engine_home.TORCH, *engine_home.REQUIREMENTS):
        write_wheel(folder, requirement.partition(">=")[0])
    return folder


def write_wheel(folder, name):
    module, stem = MODULES.get(name, name), name.replace("-", "_")
    files = {f"{module}/__init__.py": "__version__ = '99.0'\n", f"{stem}-99.0.dist-info/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 99.0\n",
             f"{stem}-99.0.dist-info/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"}
    record = "".join(f"{path},sha256={digest(text)},{len(text)}\n" for path, text in files.items())
    with zipfile.ZipFile(folder / f"{stem}-99.0-py3-none-any.whl", "w") as archive:
        for path, text in {**files, f"{stem}-99.0.dist-info/RECORD": record + f"{stem}-99.0.dist-info/RECORD,,\n"}.items():
            archive.writestr(path, text)


def digest(text):
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()


def test_what_is_installed_is_what_the_project_needs():
    needed = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    assert {*engine_home.REQUIREMENTS, engine_home.TORCH} == set(needed)


def test_installed_from_a_folder_of_wheels_found_mended_and_taken_away(home, wheels):
    assert engine_home.trouble() == "" and engine_home.installed_python() is None
    job = Installation(Order("cpu", str(wheels)))
    job.run()
    assert job.error == "" and job.fraction == 1.0
    found = engine_home.ready()
    assert found.versions == {"torch": "99.0", "librosa": "99.0", "device": "cpu"}
    python = engine_home.installed_python()
    assert engine_python.find_engine_python() == python and home in python.parents
    assert "pip install" in engine_install.log_file().read_text()
    # a file that is gone is noticed, told, and mended by installing again
    (home / "env-0001" / "pyvenv.cfg").write_text("home = /nowhere\n")
    shutil.rmtree(home / "env-0001" / "lib", ignore_errors=True)
    python.unlink()
    engine_python.forget_probes()
    assert "Repair" in engine_home.trouble()
    again = Installation(Order("cpu", str(wheels)))
    again.run()
    assert again.error == "" and engine_home.trouble() == ""
    assert [p.name for p in home.glob("env-*")] == ["env-0002"]
    engine_home.uninstall()
    assert not home.exists() and engine_home.installed_python() is None


def test_what_fails_is_told_and_leaves_nothing_in_use(home, tmp_path):
    (tmp_path / "empty").mkdir()
    job = Installation(Order("cpu", str(tmp_path / "empty")))
    job.run()
    assert "torch" in job.error and "log" in job.error
    assert engine_home.ready() is None and not list(home.glob("env-*"))


def test_a_stopped_one_leaves_what_was_there(home, wheels):
    home.mkdir()
    job = Installation(Order("cpu", str(wheels)))
    job.stop()
    job.run()
    assert "stopped" in job.error and not list(home.glob("env-*"))


def test_what_nobody_foresaw_does_not_look_like_success(home, monkeypatch):
    monkeypatch.setattr(engine_home, "base_pythons", lambda own, chosen: {}["python"])
    job = Installation(Order("cpu"))
    job.run()
    assert job.is_done and "bug (KeyError" in job.error and engine_home.ready() is None


def test_half_made_is_known(home):
    (home / "env-0001").mkdir(parents=True)
    assert "half-made" in engine_home.trouble()


def test_a_damaged_mark_is_no_engine(home):
    home.mkdir()
    (home / "ready.json").write_text(json.dumps({"python": 5}))
    assert engine_home.ready() is None
    (home / "ready.json").write_bytes(b"\xff\xfe")
    assert engine_home.ready() is None


def test_a_machine_without_a_python_of_its_own_gets_a_copy(home, tmp_path, monkeypatch):
    own = tmp_path / "blender" / "python" / "bin" / "python3.11"
    own.parent.mkdir(parents=True)
    own.write_text("#!/bin/sh\n")
    monkeypatch.setattr(engine_home, "base_pythons", lambda own, chosen="": [])
    copied = Installation(Order("cpu", own=str(own)))._base()
    assert Path(copied) == home / "python" / "bin" / "python3.11" and Path(copied).is_file()


def test_what_windows_launcher_lists_is_found():
    said = (" -V:3.13 *        C:\\Program Files\\Python313\\python.exe\n -V:3.12          C:\\Users\\Åsa\\Python312\\python.exe\n"
            " -3.11-64         D:\\py\\Python.exe *\n No installed Pythons found!\n")
    assert engine_home.listed_by_launcher(said) == [
        r"C:\Program Files\Python313\python.exe", r"C:\Users\Åsa\Python312\python.exe", r"D:\py\Python.exe"]


def test_the_microsoft_stores_python_never_carries_it(tmp_path, monkeypatch):
    store, usual = tmp_path / "WindowsApps" / "python3", tmp_path / "usual" / "python3"
    for path in (store, usual):
        path.parent.mkdir()
        path.symlink_to(sys.executable)
    monkeypatch.setattr(engine_home.shutil, "which", {"python3.12": str(store), "python3": str(usual)}.get)
    monkeypatch.setattr(engine_home, "_fits", lambda path: True)
    assert engine_home.base_pythons("/blender/bin/python") == [str(usual)]


def test_blenders_own_python_never_carries_it(home):
    assert all(Path(p).resolve().parent != Path(sys.executable).resolve().parent for p in engine_home.base_pythons(sys.executable))


def test_offline_says_what_can_be_done(tmp_path):
    assert "wheels" in engine_install.advice_offline("", is_online=False)
    assert engine_install.advice_offline("", is_online=True) == ""
    assert engine_install.advice_offline(str(tmp_path), is_online=False) == ""
    assert "no folder" in engine_install.advice_offline(str(tmp_path / "none"), is_online=True)

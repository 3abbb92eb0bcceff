"""Files that are whole or not there."""

import importlib
import os

import pytest

from ganreact_core import files
from ganreact_core.errors import DiskError, InputFileError


@pytest.fixture
def on_windows(monkeypatch):
    """The module as it is where files are opened as text unless the system is told otherwise."""
    monkeypatch.setattr(os, "O_BINARY", 0x8000, raising=False)
    yield importlib.reload(files)
    monkeypatch.undo()
    importlib.reload(files)


def test_windows_is_told_not_to_change_bytes(on_windows, monkeypatch, tmp_path):
    asked = []
    monkeypatch.setattr(os, "open", lambda path, flags, mode=0o777, real=os.open: asked.append(flags) or real(path, flags & ~0x8000, mode))
    on_windows.write_whole(tmp_path / "picture.png", b"\x89PNG\r\n\x1a\n")
    assert asked and all(flags & 0x8000 for flags in asked)


@pytest.mark.parametrize("name", ["歌" * 84 + ".x", "x" * 255, "🎵" * 63], ids=["three bytes a letter", "one", "four"])
def test_a_name_as_long_as_a_system_takes_is_written(tmp_path, name):
    files.write_whole(tmp_path / name, b"x")
    with files.whole_file(tmp_path / name) as file:
        file.write(b"whole")
    assert (tmp_path / name).read_bytes() == b"whole" and len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize(("name", "fault"), [("gone", "not there"), ("folder", "no file"), ("large", "too large"), ("pipe", "no file"), ("a\0b", "not there|cannot be")])
def test_a_small_file_is_read_or_refused_in_a_sentence(tmp_path, name, fault):
    (tmp_path / "folder").mkdir()
    (tmp_path / "large").write_bytes(bytes(200))
    os.mkfifo(tmp_path / "pipe") if hasattr(os, "mkfifo") else (tmp_path / "pipe").mkdir()
    with pytest.raises(InputFileError, match=fault) as told:
        files.read_small(tmp_path / name, "patch", most_bytes=100)
    assert "\0" not in str(told.value)


def test_a_file_that_cannot_be_written_whole_is_not_there_at_all(tmp_path):
    with pytest.raises(ZeroDivisionError), files.whole_file(tmp_path / "f") as file:
        file.write(b"half")
        raise ZeroDivisionError
    (tmp_path / "is-a-file").write_bytes(b"")
    with pytest.raises(DiskError, match="is-a-file"):
        files.write_whole(tmp_path / "is-a-file" / "f", b"x")
    assert [p.name for p in tmp_path.iterdir()] == ["is-a-file"]

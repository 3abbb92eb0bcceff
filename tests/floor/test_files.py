"""Files that are whole or not there."""

import importlib
import os

import pytest

from ganreact_core import files
from ganreact_core.errors import DiskError


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


def test_a_file_that_cannot_be_written_whole_is_not_there_at_all(tmp_path):
    with pytest.raises(ZeroDivisionError), files.whole_file(tmp_path / "f") as file:
        file.write(b"half")
        raise ZeroDivisionError
    (tmp_path / "is-a-file").write_bytes(b"")
    with pytest.raises(DiskError, match="is-a-file"):
        files.write_whole(tmp_path / "is-a-file" / "f", b"x")
    assert [p.name for p in tmp_path.iterdir()] == ["is-a-file"]

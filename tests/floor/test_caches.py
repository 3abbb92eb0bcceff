"""The user's cache: where it is, and that it does not grow for ever."""

import os
import re

import pytest

from ganreact_core import caches
from ganreact_core.caches import cache_folder, remembered, trim_caches
from ganreact_core.errors import DiskError, DiskFull, InputFileError
from ganreact_core.processes import process_name


@pytest.fixture
def kinds(tmp_path, monkeypatch):
    """A cache of two kinds, of which one may hold 1000 bytes of .npz files."""
    monkeypatch.setenv("GANREACT_CACHE", str(tmp_path))
    monkeypatch.setattr(caches, "_GROWING", {"features": caches._Kept(1000, re.compile(r"([a-z]/)?[0-9]+\.npz"))})
    return cache_folder("features"), cache_folder("found")


def put(path, used_s, size=400):
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(bytes(size))
    os.utime(path, (used_s, used_s))
    return path


def test_what_was_used_longest_ago_goes_and_what_is_not_ours_stays(kinds):
    features, found = kinds
    old, middle, new = put(features / "1.npz", 100), put(features / "a" / "2.npz", 200), put(features / "3.npz", 300)
    others = [put(features / "mine.npz", 1, 9000), put(found / "1.npz", 1, 9000)]
    trim_caches()
    assert not old.exists() and middle.exists() and new.exists() and all(path.exists() for path in others)
    trim_caches()
    assert middle.exists() and new.exists()


def test_a_link_is_not_followed(kinds, tmp_path):
    features, _ = kinds
    elsewhere = put(tmp_path / "elsewhere.npz", 1, 9000)
    (features / "1.npz").symlink_to(elsewhere)
    trim_caches()
    assert elsewhere.exists()


def test_names_that_the_cache_gives_are_known_as_ours():
    names = {"features": f"{'0' * 64}-{'a' * 16}-{'b' * 16}.npz", "thumbnails": f"{'0' * 32}.png", "proxies": f"{'0' * 24}/000012.png",
             "glances": f"{process_name()}-5-17/masks/spot/000001.png", "hallu": f"clip-{process_name()}-3.wav"}
    assert all(caches._GROWING[kind].ours.fullmatch(name) for kind, name in names.items())


def test_a_variable_that_is_empty_or_relative_does_not_count(tmp_path, monkeypatch):
    monkeypatch.delenv("GANREACT_CACHE", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    for told in ("", "here"):
        monkeypatch.setenv("XDG_CACHE_HOME", told)
        assert cache_folder("features") == tmp_path / ".cache" / "ganreact" / "features"


def test_a_user_without_a_home_is_told_what_to_set_and_needs_none(monkeypatch):
    def nobody():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("GANREACT_CACHE", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(caches.Path, "home", nobody)
    with pytest.raises(DiskError, match="GANREACT_CACHE"):
        cache_folder("features")
    trim_caches()
    assert remembered(lambda: cache_folder("features"), pytest.fail, lambda: "heard", pytest.fail) == "heard"


@pytest.mark.parametrize("kept", ["whole", "damaged", "not there", "disk full"])
def test_what_is_remembered_is_made_once_and_what_is_damaged_anew(tmp_path, kept):
    path, made = tmp_path / "x", []

    def load(found):
        if not found.is_file() or found.read_text() == "?":
            raise InputFileError("damaged; make it again")
        return found.read_text()

    def save(found, text):
        if kept == "disk full":
            raise DiskFull("full")
        found.write_text(text)

    if kept in ("whole", "damaged"):
        path.write_text("heard" if kept == "whole" else "?")
    assert all(remembered(lambda: path, load, lambda: made.append(1) or "heard", save) == "heard" for _ in range(2))
    assert len(made) == {"whole": 0, "damaged": 1, "not there": 1, "disk full": 2}[kept]


def test_a_place_that_cannot_be_written_is_said(tmp_path, monkeypatch):
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("GANREACT_CACHE", str(tmp_path / "file"))
    with pytest.raises(DiskError, match="cannot be written"):
        cache_folder("features")
    trim_caches()

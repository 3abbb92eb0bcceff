"""The user's cache: where it is, and that it does not grow for ever."""

import os
import re

import pytest

from ganreact_core import caches
from ganreact_core.caches import cache_folder, trim_caches
from ganreact_core.errors import DiskError
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


def test_a_place_that_cannot_be_written_is_said(tmp_path, monkeypatch):
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("GANREACT_CACHE", str(tmp_path / "file"))
    with pytest.raises(DiskError, match="cannot be written"):
        cache_folder("features")
    trim_caches()

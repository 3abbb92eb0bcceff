"""Copies in the cache: the same network as its source, never trusted, never in the way."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys

import numpy as np
import pytest
import torch

from ganreact_core.errors import CheckpointError
from ganreact_core.synthesis import load_generator, load_kept
from ganreact_core.synthesis.checkpoints import kept, read_checkpoint, save_safetensors
from ganreact_core.synthesis.checkpoints.kept import forget_copies, kept_copies, read_kept
from tests.synthesis.pickle_writer import TinyNetwork


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("GANREACT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(kept, "_KEPT_FROM_BYTES", 1)
    return tmp_path / "cache" / "networks"


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "net.pkl"
    path.write_bytes(TinyNetwork.drawn().pickle())
    return path


@pytest.fixture
def reads(monkeypatch):
    """The sources that were read."""
    seen = []
    monkeypatch.setattr(kept, "read_checkpoint", lambda path: seen.append(str(path)) or read_checkpoint(path))
    return seen


def same(a, b) -> bool:
    return (a.architecture, a.config, a.origin) == (b.architecture, b.config, b.origin) and a.tensors.keys() == b.tensors.keys() and all(
        np.array_equal(a.tensors[name], b.tensors[name]) and a.tensors[name].dtype == b.tensors[name].dtype for name in a.tensors)


def test_a_source_is_read_once(source, reads):
    first, second = read_kept(source), read_kept(source)
    assert reads == [str(source)] and same(first, second) and same(second, read_checkpoint(source))
    assert len(kept_copies()) == 1
    z = torch.zeros(1, 4)
    G, R = load_kept(source), load_generator(source)
    assert torch.equal(G.synthesize(G.map(z)), R.synthesize(R.map(z)))


def test_another_content_is_another_network(source, reads):
    read_kept(source)
    before = source.stat()
    source.write_bytes(TinyNetwork.drawn(seed=1).pickle())
    os.utime(source, ns=(before.st_atime_ns, before.st_mtime_ns + 1))
    assert same(read_kept(source), read_checkpoint(source)) and len(reads) == 2 and len(kept_copies()) == 2


def test_a_configuration_beside_it_counts(shared, tmp_path, reads):
    folder = tmp_path / "model"
    shutil.copytree(shared / "fixtures" / "hf_biggan_deep_32", folder)
    weights = folder / "pytorch_model.bin"
    told = read_kept(weights).config["eps"]
    card = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(card | {"eps": told * 2}))
    assert read_kept(weights).config["eps"] == told * 2 and len(reads) == 2


@pytest.mark.parametrize("damage", ["flip", "cut", "gone", "other", "note", "note type", "no digest", "version", "deep"])
def test_what_is_damaged_is_made_again(source, reads, cache, damage):
    wanted = read_kept(source)
    copy, note = kept_copies()[0][0], next(cache.glob("*.json"))
    content, told = bytearray(copy.read_bytes()), json.loads(note.read_text())
    if damage == "flip":
        content[-3] ^= 1
    copy.write_bytes(content[:-9] if damage == "cut" else content)
    if damage == "gone":
        copy.unlink()
    elif damage == "other":
        save_safetensors(copy, read_checkpoint("embedded"))
    elif damage == "no digest":
        note.write_text(json.dumps(told | {"origin": {"sha256": "../../../etc/passwd"}}))
    elif damage == "version":
        note.write_text(json.dumps(told | {"reader": 0}))
    elif damage in ("note", "note type", "deep"):
        note.write_bytes({"note": b"{", "note type": b"[1]", "deep": b"[" * 100_000}[damage])
    assert same(read_kept(source), wanted) and len(reads) == 2
    assert same(read_kept(source), wanted) and len(reads) == 2


def test_what_cannot_be_read_leaves_nothing(tmp_path, cache):
    (tmp_path / "bad.pkl").write_bytes(b"\x80\x04" + bytes(100))
    for path in ("bad.pkl", "missing.pkl", "nul\0"):
        with pytest.raises(CheckpointError):
            read_kept(tmp_path / path)
    assert not list(cache.glob("*"))


def test_ours_and_small_ones_are_not_copied(source, tmp_path, monkeypatch):
    save_safetensors(tmp_path / "ours.bin", read_checkpoint(source))
    read_kept(tmp_path / "ours.bin")
    read_kept("embedded")
    monkeypatch.setattr(kept, "_KEPT_FROM_BYTES", 1 << 20)
    read_kept(source)
    assert not kept_copies()


def test_a_cache_that_cannot_be_written_costs_only_time(source, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("GANREACT_CACHE", str(tmp_path / "file"))
    assert same(read_kept(source), read_checkpoint(source))


def test_the_cache_does_not_grow_beyond_its_cap(tmp_path, monkeypatch):
    paths = []
    for seed in range(3):
        paths.append(tmp_path / f"{seed}.pkl")
        paths[-1].write_bytes(TinyNetwork.drawn(seed=seed).pickle())
        read_kept(paths[-1])
        os.utime(kept_copies()[-1][0], (seed, seed))
    size = kept_copies()[0][1]
    read_kept(paths[0])  # used: now the youngest
    monkeypatch.setenv("GANREACT_CACHE_GB", str(2.5 * size / (1 << 30)))
    assert forget_copies(kept.cap_bytes()) == 1
    left = {read_checkpoint(copy).origin["source_sha256"] for copy, _ in kept_copies()}
    assert left == {read_checkpoint(paths[n]).origin["sha256"] for n in (0, 2)}
    assert forget_copies() == 2 and not kept_copies()


def test_several_processes_at_once(source, tmp_path):
    code = ("import sys; from ganreact_core.synthesis.checkpoints import kept; kept._KEPT_FROM_BYTES = 1\n"
            "for _ in range(6):\n    found = kept.read_kept(sys.argv[1])\n    kept.forget_copies(0) if _ % 3 == int(sys.argv[2]) else None\n"
            "print(found.origin['sha256'], float(found.tensors['mapping.w_avg'].sum()))")
    running = [subprocess.Popen([sys.executable, "-c", code, str(source), str(n)], stdout=subprocess.PIPE, text=True,
                                env={**os.environ, "GANREACT_CACHE": str(tmp_path / "cache")}) for n in range(2)]
    said = {each.communicate(timeout=120)[0] for each in running}
    wanted = read_checkpoint(source)
    assert said == {f"{wanted.origin['sha256']} {float(wanted.tensors['mapping.w_avg'].sum())}\n"}

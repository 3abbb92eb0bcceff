"""The network's card and its pictures to choose from, in the panel."""

import hashlib
import json
import time

import bpy
import pytest
from ganreact_ext.addon import controls, frames, network_card, thumbnails
from ganreact_ext.ganreact_core import __version__

CARD = {"kind": "stylegan2", "name": "StyleGAN2(skip, 64²)", "resolution": [64, 128], "z_dim": 4, "w_dim": 4, "num_ws": 10, "n_classes": 3,
        "class_names": ["ink", "sand, dune", "moss"], "layers": [["input", 4, 4, 8]], "parameters": 1_500_000, "tensors": 9,
        "format": "NVIDIA pickle", "sha256": "0" * 64, "warnings": ["odd text"], "code": "empty"}


@pytest.fixture
def look(extension, scene, look_control, tmp_path, monkeypatch):
    monkeypatch.setenv("GANREACT_CACHE", str(tmp_path / "cache"))
    network_card._read.cache_clear()
    scene.ganreact.look = look_control
    return look_control


def card_file(look):
    folder = network_card.cache_folder("cards")
    return folder / f"{frames.sha256_of(frames.model_of(look))}-{__version__}.json"


@pytest.fixture
def known(look):
    card_file(look).write_text(json.dumps(CARD))
    return look


def entries(look):
    return controls.patch_of(look).look.entries


def test_a_card_is_read_from_the_cache(known):
    assert network_card.of_look(known) == CARD and network_card.class_names_of(known) == ("ink", "sand, dune", "moss")
    lines = dict(network_card.lines_of(CARD))
    assert (lines["Size"], lines["Classes"], lines["From"]) == ("128 × 64", "3: ink, sand, moss …", "NVIDIA pickle")


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"{}", b'{"error": 5}', b"\xff"])
def test_a_damaged_card_is_made_again(look, content):
    card_file(look).write_bytes(content)
    assert network_card.of_look(look).get("error", 5) == 5
    assert content == b'{"error": 5}' or not card_file(look).exists()


def test_why_a_file_does_not_load(look):
    card_file(look).write_text(json.dumps({"error": "the file is cut"}))
    assert network_card.of_look(look) == {"error": "the file is cut"} and network_card.class_names_of(look) == ()


def test_pictures_are_taken_into_the_palette(known, scene):
    bpy.ops.ganreact.take_picture("EXEC_DEFAULT", seed=41)
    bpy.ops.ganreact.take_picture("EXEC_DEFAULT", seed=42, number=1)
    assert [(e.label, e.seed, e.class_) for e in entries(known)[-2:]] == [("Seed 41", 41, None), ("Sand", 42, 1)]
    assert f"palette.{entries(known)[-1].id}" in known
    with pytest.raises(RuntimeError, match="no class 3"):
        bpy.ops.ganreact.take_picture("EXEC_DEFAULT", seed=1, number=3)


def test_a_class_by_its_name(known, scene):
    before = {e.seed for e in entries(known)}
    bpy.ops.ganreact.add_entry_from_class("EXEC_DEFAULT", wanted="2")
    made = entries(known)[-1]
    assert (made.label, made.class_) == ("Moss", 2) and made.seed not in before


def test_a_network_without_classes_has_none_to_offer(look):
    card_file(look).write_text(json.dumps(CARD | {"class_names": [], "n_classes": 0}))
    assert not bpy.ops.ganreact.add_entry_from_class.poll()


def test_pages(known, scene):
    scene.ganreact.sheet_first = 5
    bpy.ops.ganreact.turn_sheet("EXEC_DEFAULT", by=1)
    assert scene.ganreact.sheet_first == 17
    for _ in range(3):
        bpy.ops.ganreact.turn_sheet("EXEC_DEFAULT", by=-1)
    assert scene.ganreact.sheet_first == 0
    shown = network_card.sheet_of(known, 0, 1)
    assert [(e.seed, e.class_, icon) for e, icon in shown] == [(seed, 1, 0) for seed in range(12)]


def test_a_large_network_that_is_written_over_is_another(extension, tmp_path, monkeypatch):
    monkeypatch.setattr(thumbnails, "_READ_AT_ONCE", 0)
    network, seen = tmp_path / "mine.safetensors", []
    for content in (b"one", b"another"):
        network.write_bytes(content)
        while not thumbnails.sha256_soon(str(network)):
            time.sleep(0.01)
        seen.append(thumbnails.sha256_soon(str(network)))
    assert seen == [hashlib.sha256(content).hexdigest() for content in (b"one", b"another")]

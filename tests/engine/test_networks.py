"""The jobs about networks: a card that also says why a file does not load, and a sheet that can be stopped."""

from __future__ import annotations

import dataclasses
import gc
import json
import weakref
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ganreact_core.class_names import names_in
from ganreact_core.engine import compose
from ganreact_core.engine.desk import Desk
from ganreact_core.engine.jobs import JOBS
from ganreact_core.engine.searches import network
from ganreact_core.errors import Cancelled, UsageError
from ganreact_core.synthesis.checkpoints import kept, read_checkpoint, save_safetensors

ROOT = Path(__file__).resolve().parents[2]


def test_the_card_of_the_embedded_network(tmp_path):
    assert JOBS["info"]({"model": "embedded", "out": str(tmp_path / "card.json")}, Desk()) == {}
    card = json.loads((tmp_path / "card.json").read_text())
    assert card["kind"] == "stylegan2" and card["n_classes"] == len(card["class_names"]) and card["code"]


@pytest.mark.parametrize("content", [b"", b"<html>", b"\x80\x04."])
def test_a_file_that_does_not_load_is_an_answer(tmp_path, content):
    (tmp_path / "bad.pkl").write_bytes(content)
    JOBS["info"]({"model": str(tmp_path / "bad.pkl"), "out": str(tmp_path / "card.json")}, Desk())
    assert set(json.loads((tmp_path / "card.json").read_text())) == {"error"}


def test_a_sheet(tmp_path):
    told = []
    desk = Desk(progress=lambda fraction, text, frame: told.append(fraction))
    names = json.loads(json.dumps(["a"] * 11 + ["moss"]))
    JOBS["sheet"]({"model": "embedded", "out": str(tmp_path / "s.png"), "columns": 3, "classes": ["moss", 2], "class_names": names,
                   "side": 32, "device": "cpu"}, desk)
    picture = np.asarray(Image.open(tmp_path / "s.png"))
    assert picture.shape[1] == 3 * 36 - 4 and told[-1] == 1.0


def test_stopped_or_impossible(tmp_path):
    asked = {"model": "embedded", "out": str(tmp_path / "s.png"), "device": "cpu"}
    with pytest.raises(Cancelled):
        JOBS["sheet"](asked, Desk(cancelled=lambda: True))
    for wrong in ({"columns": 0}, {"rows": 99}, {"classes": ["nothing"]}):
        with pytest.raises(UsageError):
            JOBS["sheet"](asked | wrong, Desk())
    assert not list(tmp_path.iterdir())


def test_a_sheet_knows_the_names_of_the_networks_own_classes(tmp_path):
    name = class_names_of("embedded")[2]
    for wish in (name, "2"):
        JOBS["sheet"]({"model": "embedded", "out": str(tmp_path / f"{wish}.png"), "columns": 1, "classes": [wish], "side": 32, "device": "cpu"},
                      Desk())
    assert (tmp_path / f"{name}.png").read_bytes() == (tmp_path / "2.png").read_bytes()


def test_a_sheet_reads_the_network_once(tmp_path, monkeypatch):
    read = []
    monkeypatch.setattr(kept, "read_checkpoint", lambda path, real=kept.read_checkpoint: read.append(path) or real(path))
    JOBS["sheet"]({"model": "embedded", "out": str(tmp_path / "s.png"), "columns": 1, "classes": ["2"], "side": 32, "device": "cpu"}, Desk())
    assert len(read) == 1


def class_names_of(model):
    checkpoint = read_checkpoint(model)
    return names_in(checkpoint.config, checkpoint.origin)


def test_one_network_is_at_hand_at_a_time_whatever_job_asks_for_the_next(tmp_path):
    desk = Desk()
    first = network({"model": "embedded", "device": "cpu"}, desk)
    desk.makers["a look that was glanced at"] = first
    assert network({"model": "embedded", "device": "cpu"}, desk) is first
    other = tmp_path / "other.safetensors"
    own = read_checkpoint("embedded")
    save_safetensors(other, dataclasses.replace(own, origin={**own.origin, "licence": "another file"}), half=True)
    assert network({"model": str(other), "device": "cpu"}, desk) is not first
    left = weakref.ref(first)
    del first
    gc.collect()
    assert left() is None and len(desk.generators) == 1
    with pytest.raises(UsageError, match="choose auto"):
        network({"model": "embedded", "device": 7}, desk)


def test_a_large_network_is_read_once_for_a_film_and_its_render(tmp_path, monkeypatch):
    monkeypatch.setenv("GANREACT_CACHE", str(tmp_path))
    monkeypatch.setattr(kept, "_KEPT_FROM_BYTES", 0)
    network_file = ROOT / "tests" / "data" / "checkpoints" / "ada_c5_map8_skip_proto3_r64.pkl"
    assert isinstance(compose._doubts(str(network_file)), list) and len(kept.kept_copies()) == 1
    monkeypatch.setattr(kept, "read_checkpoint", None)
    network({"model": str(network_file), "device": "cpu"}, Desk())

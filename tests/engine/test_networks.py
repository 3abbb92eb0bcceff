"""The jobs about networks: a card that also says why a file does not load, and a sheet that can be stopped."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image

from ganreact_core.engine.desk import Desk
from ganreact_core.engine.jobs import JOBS
from ganreact_core.errors import Cancelled, UsageError


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

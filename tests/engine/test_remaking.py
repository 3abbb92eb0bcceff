"""The jobs that make files a look can use, run as the engine and the command line run them."""

import numpy as np
import pytest

pytest.importorskip("torch")
from PIL import Image

from ganreact_core.cli import main
from ganreact_core.engine.desk import Desk
from ganreact_core.engine.jobs import JOBS
from ganreact_core.errors import Cancelled, UsageError
from ganreact_core.look import Entry
from ganreact_core.saved_latents import unpack_latent


@pytest.fixture
def picture(tmp_path):
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (80, 100, 3), np.uint8)).resize((20, 20)).save(tmp_path / "p.png")
    mask = np.zeros((64, 64), np.uint8)
    mask[20:44, 20:44] = 255
    Image.fromarray(mask).save(tmp_path / "mask.png")
    return tmp_path / "p.png"


def test_a_projection_leaves_a_latent_a_sheet_and_an_entry(picture, tmp_path):
    shown = []
    done = JOBS["project"]({"picture": str(picture), "model": "embedded", "device": "cpu", "out": str(tmp_path / "w.npy"), "steps": 2,
                            "sheet": str(tmp_path / "s.png")}, Desk(picture=shown.append))
    w = np.load(tmp_path / "w.npy")
    kind, packed = unpack_latent(Entry("it", "", 0, latent=done["latent"]).latent)
    assert kind == "w" and np.array_equal(np.broadcast_to(packed, w.shape), w) and shown[0].shape == (128, 128, 3)
    assert Image.open(tmp_path / "s.png").size[0] > 2 * 128 and done["difference"] < done["began_at"]


def test_it_stops_and_writes_nothing(picture, tmp_path):
    with pytest.raises(Cancelled):
        JOBS["project"]({"picture": str(picture), "model": "embedded", "device": "cpu", "out": str(tmp_path / "w.npy")},
                        Desk(cancelled=lambda: True))
    assert not (tmp_path / "w.npy").exists()


def test_networks_are_mixed_by_layer(tmp_path):
    done = JOBS["rewrite"]({"model": "embedded", "device": "cpu", "how": "mix", "other": "embedded", "first": 2, "last": 3,
                            "out": str(tmp_path / "r.npz")}, Desk())
    assert done["layers"] == ["b8.conv0", "b8.conv1"] and {"b8.conv0.affine.weight", "b8.conv1.bias"} <= set(np.load(tmp_path / "r.npz"))


def test_the_command_line_copies(picture, tmp_path, capsys):
    mask = str(tmp_path / "mask.png")
    status = main(["rewrite", "copy", "embedded", "--copied", "1:0", "--copied-mask", mask, "--pasted", "2:5", "--pasted-mask", mask,
                   "--layer", "5", "--steps", "2", "--out", str(tmp_path / "r.npz"), "--sheet", str(tmp_path / "s.png"), "--device", "cpu"])
    assert status == 0 and "b16.conv1" in capsys.readouterr().out and (tmp_path / "s.png").exists()
    assert set(np.load(tmp_path / "r.npz")) == {"b16.conv1.u", "b16.conv1.v"}


@pytest.mark.parametrize("asked", [{}, {"how": "melt"}, {"how": "copy"}, {"how": "copy", "copied": {"seed": 1}}])
def test_what_is_not_told_is_asked_for(asked, tmp_path):
    with pytest.raises((UsageError, Exception), match=r"mix or copy|two pictures|no picture"):
        JOBS["rewrite"]({"model": "embedded", "device": "cpu", "out": str(tmp_path / "r.npz"), **asked}, Desk())

"""The jobs that make files a look can use, run as the engine and the command line run them."""

import numpy as np
import pytest

pytest.importorskip("torch")
from PIL import Image

from ganreact_core.bundle import create_bundle
from ganreact_core.cli import main
from ganreact_core.engine.desk import Desk
from ganreact_core.engine.jobs import JOBS
from ganreact_core.engine.regions import region_of
from ganreact_core.errors import BundleError, Cancelled, UsageError
from ganreact_core.look import Bend, Canvas, Entry, Look, NoiseLayer
from ganreact_core.models import model_sha256
from ganreact_core.saved_latents import unpack_latent
from ganreact_core.synthesis import load_generator
from ganreact_core.synthesis.frame_maker import FrameMaker
from ganreact_core.synthesis.images import to_bytes
from ganreact_core.table import evaluate


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


LOOK = Look(size=(192, 128), canvas=Canvas(detail=1.0), entries=(Entry("a", "", 3, default=1.0), Entry("b", "", 8)), noise_layers=(NoiseLayer("n", ""),), bends=(Bend("z", "", "zoom", 3),))


def bundle_at(folder, sha256):
    columns = {"palette.b": np.float32([0, 5]), "noise.n.strength": np.float32([0, 1]), "bend.z": np.float32([1, 1.6])}
    return create_bundle(folder, LOOK, evaluate(LOOK, (), columns, {}, n_frames=2, fps=24), sha256)


def test_a_frame_is_a_picture_to_copy_from_with_all_that_drew_it(picture, tmp_path, capsys):
    net = load_generator("embedded")
    bundle = bundle_at(tmp_path / "b", model_sha256("embedded"))
    told = {"bundle": str(bundle.folder), "frame": 2, "mask": str(tmp_path / "mask.png")}
    region = region_of(net, told, bundle.model_sha256)
    raw = net.synthesize(region.w[None], **region.inputs)
    own = FrameMaker(net, LOOK, batch=1).pictures(bundle.table, [2])[0]
    top, left = ((has - shown) // 2 for has, shown in zip(raw.shape[2:], own.shape[:2], strict=True))
    assert np.abs(to_bytes(raw)[0][top:, left:][:128, :192].astype(int) - own).max() <= 1
    assert region.mask.shape == raw.shape[2:] and region.mask.mean() > 0.02
    frame = [f"{bundle.folder}:{n}" for n in (1, 2)]
    status = main(["rewrite", "copy", "embedded", "--copied", frame[0], "--copied-mask", str(tmp_path / "mask.png"), "--pasted", frame[1], "--pasted-mask",
                   str(tmp_path / "mask.png"), "--layer", "4", "--steps", "2", "--out", str(tmp_path / "r.npz"), "--device", "cpu"])
    assert status == 0 and "b16.conv0" in capsys.readouterr().out


def test_frames_of_another_network_or_size_are_refused(picture, tmp_path):
    net, own = load_generator("embedded"), model_sha256("embedded")
    told = {"bundle": str(bundle_at(tmp_path / "b", "another").folder), "frame": 2, "mask": str(tmp_path / "mask.png")}
    with pytest.raises(BundleError, match="another network"):
        region_of(net, told, own)
    bundle_at(tmp_path / "b", own)
    with pytest.raises(UsageError, match="no frame 9"):
        region_of(net, told | {"frame": 9}, own)
    with pytest.raises(UsageError, match="one size"):
        JOBS["rewrite"]({"model": "embedded", "device": "cpu", "how": "copy", "copied": told, "pasted": {"seed": 1, "class": 0, "mask": told["mask"]}, "layer": 2,
                         "steps": 1, "out": str(tmp_path / "r.npz")}, Desk())

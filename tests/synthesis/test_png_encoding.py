"""PNG files of our own encoder, read back by others."""

import io

import numpy as np
import pytest
import torch
from PIL import Image

from ganreact_core.errors import LookError
from ganreact_core.look import Canvas, Entry, Look
from ganreact_core.png import is_sound
from ganreact_core.synthesis import deflating
from ganreact_core.synthesis.frame_maker import FrameMaker
from ganreact_core.synthesis.images import as_kept, fit, pictures_of, to_bytes, write_picture
from ganreact_core.synthesis.png_encoding import encode_png
from ganreact_core.table import evaluate

DRAW = np.random.default_rng(0)


@pytest.mark.parametrize("size", [(1, 1), (3, 5), (64, 48)])
def test_pixels_and_texts_come_back(tmp_path, size):
    picture = DRAW.integers(0, 256, (*size, 3), np.uint8)
    write_picture(tmp_path / "a.png", picture, {"key": "wert", "andere": "µ ∑"})
    with Image.open(tmp_path / "a.png") as image:
        assert np.array_equal(np.asarray(image), picture) and image.text == {"key": "wert", "andere": "µ ∑"}
    assert is_sound(tmp_path / "a.png")
    content = (tmp_path / "a.png").read_bytes()
    for place in (0, 20, len(content) // 2, len(content) - 1):
        (tmp_path / "b.png").write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1:])
        assert not is_sound(tmp_path / "b.png")


@pytest.mark.parametrize("installed", [True, False], ids=["isal", "zlib"])
def test_whoever_deflates_the_pixels_are_the_same(installed, monkeypatch):
    if installed:
        pytest.importorskip("isal")
    else:
        monkeypatch.setattr(deflating, "isal_zlib", None)
    smooth = (np.mgrid[0:48, 0:64][..., None] * [3, 5, 7]).sum(0).astype(np.uint8)
    for picture in (smooth, DRAW.integers(0, 256, (48, 64, 3), np.uint8)):
        with Image.open(io.BytesIO(encode_png(picture, {}))) as image:
            assert np.array_equal(np.asarray(image), picture)
    assert len(encode_png(smooth, {})) < smooth.nbytes / 3


def test_sixteen_bits_keep_what_eight_lose():
    av = pytest.importorskip("av")
    picture = DRAW.integers(0, 1 << 16, (24, 16, 3), np.uint16)
    with av.open(io.BytesIO(encode_png(picture, {})), format="png_pipe") as film:
        (frame,) = film.decode(video=0)
    assert frame.format.name == "rgb48be" and np.array_equal(frame.to_ndarray().astype(np.uint16), picture)


def test_a_look_of_sixteen_bits_gives_finer_frames_of_the_same_picture(net):
    looks = [Look(size=(40, 24), canvas=Canvas(detail=1.0), entries=(Entry("a", "A", 1),), depth=d) for d in (8, 16)]
    coarse, fine = (FrameMaker(net, look).pictures(evaluate(look, (), {}, {}, n_frames=1, fps=24), [1])[0] for look in looks)
    assert fine.dtype == np.uint16 and len(np.unique(fine)) > 2 * len(np.unique(coarse))
    assert np.abs(fine / 257.0 - coarse).max() <= 1.01
    assert fit(fine, (20, 12)).dtype == np.uint16 and np.abs(fit(fine, (20, 12)) / 257.0 - fit(coarse, (20, 12))).mean() < 1, "8 bits are cut off between the axes"


def test_words_follow_the_rounding_of_bytes():
    x = torch.tensor([-2.0, -1.0, 0.0, 1.0]).reshape(1, 1, 1, 4).expand(1, 3, 1, 4)
    assert pictures_of(as_kept(x, Look(depth=16)))[0, 0, :, 0].tolist() == [0, 0, 32768, 65535] and to_bytes(x)[0, 0, :, 0].tolist() == [0, 0, 128, 255]


def test_other_depths_are_refused():
    with pytest.raises(LookError, match="8 or 16"):
        Look(depth=12)

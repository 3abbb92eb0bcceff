"""Pictures from anywhere are data: PostScript, which Pillow hands to an interpreter, is none."""

import io
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("torch")

from ganreact_core.engine.carry import grey_png
from ganreact_core.engine.frame_pictures import read_frame
from ganreact_core.engine.regions import _mask
from ganreact_core.errors import BundleError, InputFileError
from ganreact_core.synthesis.masking import _grey
from ganreact_core.synthesis.pictures import FORMATS, opened_picture
from ganreact_core.synthesis.projection import read_picture
from ganreact_core.training.folder import read_square

READERS = {"mask": grey_png, "mask of a bundle": _grey, "place": lambda path: _mask({"mask": str(path)}, (8, 8)), "frame": read_frame,
           "projected": lambda path: read_picture(path, (8, 8)), "lesson": lambda path: read_square(path, 8)}
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def interpreter(tmp_path, monkeypatch):
    """Where it is noted that Ghostscript was called."""
    called, folder = tmp_path / "called", tmp_path / "bin"
    folder.mkdir()
    (folder / "gs").write_text(f"#!/bin/sh\necho called > {called}\n")
    (folder / "gs").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    return called


@pytest.mark.parametrize("reader", READERS)
def test_a_program_is_no_picture_whatever_it_is_called(reader, tmp_path, interpreter):
    path = tmp_path / "spot.png"
    path.write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 8 8\n%%EndComments\n(here) print showpage\n%%EOF\n")
    with pytest.raises((InputFileError, OSError)):
        READERS[reader](path)
    assert not interpreter.exists()


@pytest.mark.parametrize("kind", [name for name in FORMATS if name not in ("PSD", "DDS")])
def test_every_format_that_is_named_is_there_and_read(kind, tmp_path):
    Image.new("RGB", (16, 16), (200, 200, 200)).save(tmp_path / "p", kind)
    assert np.asarray(Image.open(io.BytesIO(grey_png(tmp_path / "p")))).mean() == pytest.approx(200, abs=3)


def test_a_picture_is_opened_in_one_place():
    Image.init()
    assert set(FORMATS) <= set(Image.OPEN)
    here = [str(path.relative_to(ROOT)) for path in sorted((ROOT / "ganreact_core").rglob("*.py"))
            if "Image.open(" in path.read_text(encoding="utf-8").replace("Image.open(path, formats=", "")]
    assert not here, "use opened_picture, or name the formats"


def test_what_is_damaged_is_the_sentence_that_was_given(tmp_path):
    Image.new("RGB", (64, 64)).save(tmp_path / "p.png")
    whole = (tmp_path / "p.png").read_bytes()
    for content in (b"", whole[:60], b"GIF89a", b"II*\0", b"8BPS"):
        (tmp_path / "p.png").write_bytes(content)
        with pytest.raises(BundleError, match=r"^choose another$"), opened_picture(tmp_path / "p.png", "choose another", BundleError) as picture:
            picture.load()

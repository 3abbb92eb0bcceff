"""A film becomes pictures at another rate, at its own speed."""

import av
import numpy as np
import pytest

from ganreact_core.bundle import create_bundle
from ganreact_core.carried import mask_pictures
from ganreact_core.engine.carry import carry_masks
from ganreact_core.engine.desk import Desk
from ganreact_core.engine.jobs import JOBS
from ganreact_core.engine.unrolling import unrolled
from ganreact_core.errors import Cancelled, InputFileError
from ganreact_core.look import Look, Mask
from ganreact_core.table import evaluate


@pytest.fixture
def film(tmp_path):
    """Eight pictures at 8 a second, each brighter by 30."""
    path = tmp_path / "film.mkv"
    with av.open(str(path), "w") as made:
        stream = made.add_stream("ffv1", rate=8)
        stream.width, stream.height, stream.pix_fmt = 32, 16, "bgr0"
        for n in range(8):
            made.mux(stream.encode(av.VideoFrame.from_ndarray(np.full((16, 32, 3), 30 * n, np.uint8), format="rgb24")))
        made.mux(stream.encode(None))
    return path


@pytest.mark.parametrize(("fps", "expected"), [(8, range(8)), (16, [n // 2 for n in range(16)]), (4, [0, 2, 4, 6]), (12, [0, 0, 1, 2, 2, 3, 4, 4, 5, 6, 6, 7])])
def test_frame_k_is_what_is_seen_at_its_time(film, fps, expected):
    pictures = list(unrolled(film, fps))
    assert [round(p.mean() / 30) for p in pictures] == list(expected) and pictures[0].shape == (16, 32)


def test_a_mask_that_is_a_film_goes_into_the_bundle_frame_by_frame(film, tmp_path):
    look = Look(masks=(Mask("m", "", "sequence", file=str(film), start=2),))
    bundle = create_bundle(tmp_path / "b", look, evaluate(look, (), {}, {}, n_frames=6, fps=8), "0")
    carry_masks(bundle, look)
    assert mask_pictures(tmp_path / "b", look.masks[0]).frames == (3, 4, 5, 6)


def test_the_job_replaces_what_it_made_before_and_stops_when_asked(film, tmp_path):
    asked = {"film": str(film), "out": str(tmp_path / "out"), "fps": 16}
    assert JOBS["unroll"](asked, Desk()) == {"pictures": 16} and len(list((tmp_path / "out").iterdir())) == 16
    assert JOBS["unroll"](asked | {"frames": 3}, Desk()) == {"pictures": 3} and len(list((tmp_path / "out").iterdir())) == 3
    with pytest.raises(Cancelled):
        JOBS["unroll"](asked, Desk(cancelled=lambda: True))


@pytest.mark.parametrize("text", ["ffconcat version 1.0\nfile film.mkv\n", "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:1,\n{ts}\n#EXT-X-ENDLIST\n",
                                  "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:1,\nfile://{ts}\n#EXT-X-ENDLIST\n"])
@pytest.mark.parametrize("ending", ["mp4", "m3u8"])
def test_a_list_of_other_files_is_no_film(film, tmp_path, text, ending):
    other = tmp_path / "other.ts"
    with av.open(str(other), "w", format="mpegts") as made:
        stream = made.add_stream("mpeg2video", rate=25)
        stream.width, stream.height, stream.pix_fmt = 32, 16, "yuv420p"
        made.mux([*stream.encode(av.VideoFrame(32, 16, "yuv420p")), *stream.encode(None)])
    assert len(list(unrolled(other, 25))) == 1
    (tmp_path / f"list.{ending}").write_text(text.format(ts=other))
    with pytest.raises(InputFileError, match="cannot be read as a film"):
        list(unrolled(tmp_path / f"list.{ending}", 8))


@pytest.mark.parametrize(("name", "content", "fault"), [("no.mp4", b"text", "cannot be read as a film"), ("gone", None, "is not there"), ("empty", "folder", "holds no pictures")])
def test_what_is_no_film_and_no_folder_is_one_sentence(tmp_path, name, content, fault):
    path = tmp_path / name
    if content == "folder":
        path.mkdir()
    elif content:
        path.write_bytes(content)
    look = Look(masks=(Mask("m", "Waves", "sequence", file=str(path)),))
    bundle = create_bundle(tmp_path / "b", look, evaluate(look, (), {}, {}, n_frames=2, fps=8), "0")
    with pytest.raises(InputFileError, match=fault):
        carry_masks(bundle, look)

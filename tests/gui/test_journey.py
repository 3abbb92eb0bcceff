"""Journey 2 in the real Blender, in a window on a virtual screen: clicked, keyed, rendered, looked at."""

import struct
from pathlib import Path

import pytest

SONG = Path(__file__).resolve().parents[1] / "data" / "audio" / "known_excerpt.ogg"


@pytest.fixture(scope="module")
def tour(play):
    """What the tour noted, and the folder of its pictures."""
    return play("journey.py", lambda out: {"GANREACT_TOUR_SONG": SONG})  # short


def test_nothing_went_wrong(tour):
    noted, out = tour
    assert noted["trouble"] == ""
    assert noted["warnings"] == 0 and noted["notice"] == ""
    assert "Traceback" not in (out / "log.txt").read_text()


def test_a_click_on_analyse_listens_and_marks(tour):
    noted, _ = tour
    assert noted["clicked_analyse"] and noted["envelopes"] > 20 and noted["markers"] > 0


def test_the_palette_has_pictures_and_a_weight_is_keyed_under_the_mouse(tour):
    noted, _ = tour
    assert noted["thumbnails"] > 3 and noted["live_size"] > 64
    assert any("palette" in path for path in noted["keyed_by_hand"])


def test_an_edit_is_one_undo_step(tour):
    assert tour[0]["undone"]


def test_frames_are_counted_shown_early_and_all_there(tour):
    noted, _ = tour
    assert noted["count"] == "16 of 16 frames to make" and noted["frames"] == 16
    assert noted["shown_early"]


def test_a_strip_is_replaced_while_blender_reads_ahead(tour):
    assert tour[0]["read_ahead"]  # it is on where nobody turned it off; had it crashed, nothing would have been noted
    assert tour[0]["in_hand"] and tour[0]["put_back"]


def test_every_picture_shows_a_window(tour):
    noted, out = tour
    assert len(noted["pictures"]) >= 10
    for name in noted["pictures"]:
        picture = (out / name).read_bytes()
        assert len(picture) > 50_000 and struct.unpack_from(">I", picture, 16) == (1280,), name

"""Our workspace and the application template with it, built in the real Blender's window and opened by File › New."""

import zipfile

import pytest


@pytest.fixture(scope="module")
def tour(play):
    """What was noted, and the folder with the archive."""
    return play("template.py")


def test_the_template_opens_with_our_workspace(tour):
    noted, out = tour
    assert noted["trouble"] == "" and "Traceback" not in (out / "log.txt").read_text()
    assert zipfile.ZipFile(out / "GANReact.zip").namelist() == ["GANReact/startup.blend"]
    assert noted["opened"] == "GANReact" and "Layout" in noted["workspaces"]
    assert noted["areas"] == ["FCURVES", "IMAGE_EDITOR", "IMAGE_EDITOR", "SEQUENCE_EDITOR", "SEQUENCE_EDITOR"]


def test_it_plays_in_sync_in_true_colours_and_is_empty(tour):
    assert tour[0]["scene"] == ["AUDIO_SYNC", "Standard", 24, 0]

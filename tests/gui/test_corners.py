"""Corners of the panel in the real Blender's window: our workspace, pictures to choose from, masks, rewrites, keys, Hallu, a menu."""


def test_each_corner_is_seen_and_does_what_it_says(play):
    noted, out = play("corners.py")
    assert noted["trouble"] == "" and "Traceback" not in (out / "log.txt").read_text()
    assert noted["live_size"] == [256, 256]  # as large as the look, rough or sharp
    assert noted["channels"] == [False]  # the Graph Editor does not ask for a selection
    assert noted["taken"] == 1 and len(noted["pictures"]) == 9

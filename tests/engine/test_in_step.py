"""What `ganreact sync`, `ganterpret` and `patches` say of real work: a short film of a real track, by the real network."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("av")
from ganreact_core.cli import main
from ganreact_core.engine.in_step import bundle_in_step, film_in_step, report
from ganreact_core.patches import load_patch
from ganreact_core.surprise import find_patch

TRACK = str(Path(__file__).parents[1] / "data" / "audio" / "known_excerpt.ogg")


@pytest.fixture(scope="module")
def work(tmp_path_factory):
    """A film of four seconds, and the bundle it came from."""
    out = tmp_path_factory.mktemp("work") / "film.mp4"
    assert main(["render", TRACK, "--patch", "loops", "--size", "64x64", "--fps", "15", "--duration", "5", "--out", str(out), "--keep-frames"]) == 0
    return out, out.with_name("film.frames")


def test_a_film_answers_to_its_kicks_in_their_frame(work):
    found = film_in_step(str(work[0]))
    assert len(found.change) == 75 and found.events["kick"].lag == 0 and found.events["kick"].strength > 2
    in_short = report(found)[1]
    strongest = max((a for a in found.events.values() if a.count >= 4), key=lambda answer: answer.strength)
    assert in_short.startswith("it moves most with") and f"{strongest.strength:.1f} times" in in_short


def test_a_bundle_tells_which_parameter_it_was(work, capsys):
    found = bundle_in_step(str(work[1]), TRACK)
    assert found.events["kick"].lag == 0 and abs(found.parameters["Push"].lag) <= 1
    assert main(["sync", str(work[1])]) == 0 and "Push" in capsys.readouterr().out
    with_film = film_in_step(str(work[0]))
    assert np.corrcoef(with_film.change, found.change)[0, 1] > 0.98


@pytest.mark.parametrize(("arguments", "status"), [(["sync", TRACK], 3), (["sync", "nothing.mp4"], 3), (["ganterpret", TRACK, "--out", "x.json", "--categories", "none.csv"], 3)])
def test_what_cannot_be_measured_is_refused(arguments, status, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == status


@pytest.mark.parametrize("extra", [[], ["--classic", "--z", "held"], ["--onto", "loops"]])
def test_a_track_is_interpreted_by_names_of_classes(tmp_path, extra):
    out = tmp_path / "gi.json"
    assert main(["ganterpret", TRACK, "--out", str(out), "--categories", "lava, neon", *extra]) == 0
    patch = load_patch(out)
    walk = next(path for path in patch.look.paths if path.id == "categories")
    entries = {entry.id: entry for entry in patch.look.entries}
    assert [entries[stop].label for stop in walk.entries[:2]] == ["lava", "neon"] and [entries[stop].class_ for stop in walk.entries[:2]] == [2, 11]
    assert patch.values["path.categories.mix"] == 1 and len(patch.keys["path.categories.position"]) >= 2
    assert ("--onto" in extra) == any(bend.id == "push" for bend in patch.look.bends)


def test_words_that_are_no_classes_are_named(tmp_path, capsys):
    assert main(["ganterpret", TRACK, "--out", str(tmp_path / "gi.json"), "--categories", "volcano, neon"]) == 0
    told = capsys.readouterr().err
    assert "no class of this network" in told and ": volcano;" in told and "neon" not in told


def test_a_patch_that_comes_along_is_written_to_be_changed(tmp_path, capsys):
    out = tmp_path / "mine.json"
    assert main(["patches", "surprise-17", "--out", str(out)]) == 0 and load_patch(out) == find_patch("surprise-17")
    assert main(["patches", "pulse"]) == 2 and "--out mine.json" in capsys.readouterr().err
    assert main(["patches", "nobody", "--out", str(out)]) == 3 and load_patch(out) == find_patch("surprise-17")

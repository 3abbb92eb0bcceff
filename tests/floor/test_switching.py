"""Whole looks by section: in a section the parameters of its look, in another's nothing of it, and in between both."""

from dataclasses import replace

import numpy as np
import pytest

from ganreact_core.cli import main
from ganreact_core.envelopes import FrameRange, make_envelopes
from ganreact_core.errors import LookError
from ganreact_core.features import FeatureSet
from ganreact_core.joining import with_free_ids
from ganreact_core.look import Bend, Cluster, Entry, Look, Mask, NoiseLayer, PaletteSet, Rewrite, addresses
from ganreact_core.patches import Key, Patch, keyed_values, load_patch, patch_from_text, patch_to_text
from ganreact_core.switching import switched
from ganreact_core.table import evaluate

FRAMES = FrameRange(8.0, 8 * 30)


@pytest.fixture
def found():
    """Thirty seconds: sections A, B and A of ten seconds each, a kick every second, all curves of a kind."""
    rate = 43.0
    n = int(30 * rate)
    curve = 0.5 + 0.5 * np.sin(np.arange(n) / 50).astype(np.float32)
    wide = np.abs(np.random.default_rng(0).normal(size=(n, 12))).astype(np.float32)
    spans = np.array([[0, 10, 0], [10, 20, 1], [20, 30, 0]], float)
    events = {"sections": spans, **{part: np.arange(0.5, 30, 1.0) for part in ("kick", "snare", "hat", "bass", "beats")}, "downbeats": np.arange(0.5, 30, 2.0), "inflections": np.array([7.0, 15.0])}
    return FeatureSet(rate, 30.0, tempo_bpm=60.0, features={"chroma": wide, "bass_chroma": wide, "rms": curve, "loudness": curve, "onset": curve}, events=events)


def table(patch, found):
    envelopes = make_envelopes(patch.envelopes, found, FRAMES)
    return evaluate(patch.look, patch.routes, keyed_values(patch, FRAMES.n_frames), envelopes, n_frames=FRAMES.n_frames, fps=FRAMES.fps).columns


def test_each_look_is_as_it_was_in_its_own_sections_and_silent_in_the_others(found):
    first, second = load_patch("temper"), load_patch("tauceti")
    both = switched([first, second], crossfade_s=1.0)
    columns, alone = table(both, found), table(first, found)
    inside, outside = slice(0, 8 * 9), slice(8 * 11, 8 * 19)
    for address, column in alone.items():
        assert np.allclose(columns[address][inside], column[inside], atol=1e-5), address
    known = addresses(both.look)
    for address in alone:
        if address.startswith(("bend.", "accent.", "rewrite.")) or address.endswith(".strength"):
            assert np.allclose(columns[address][outside], known[address].neutral, atol=1e-6), address
    second_alone = table(second, found)
    for address in ("truncation", "noise.base", "bend.scroll", "bend.pump", "noise.dust.strength"):
        assert np.allclose(columns[address][outside], second_alone[address][outside], atol=1e-5), address
    sets = [columns[f"set.{s.id}.mix"] for s in both.look.sets]
    assert np.allclose(sum(sets), 1.0, atol=1e-5) and 0.2 < sets[0][8 * 10] < 0.8


def test_ids_that_are_taken_are_given_anew_and_what_names_them_follows(found):
    kelp = load_patch("kelp")
    twice = switched([kelp, replace(kelp, label="Other")], ["B"])
    assert len(twice.look.entries) == 2 * len(kelp.look.entries) and len({e.id for e in twice.look.entries}) == len(twice.look.entries)
    second = twice.look.paths[len(kelp.look.paths)]
    assert set(second.entries) <= {e.id for e in twice.look.entries[len(kelp.look.entries):]}
    again = patch_from_text(patch_to_text(twice))
    assert again == twice
    columns = table(twice, found)
    assert np.allclose(columns["bend.push"][8 * 11:8 * 19], 1.0) and columns["bend.push-2"][8 * 11:8 * 19].max() > 1.3


def test_parts_that_name_other_parts_name_them_by_their_new_ids():
    look = Look(entries=(Entry("a", "", 1), Entry("b", "", 2), Entry("m", "", 3, parents=("a", "b"))), sets=(PaletteSet("s", "", ("a", "m")),),
                masks=(Mask("spot", ""),), clusters=(Cluster("eyes", "", 2, (1, 2)),), noise_layers=(NoiseLayer("dust", "", mask="spot"),),
                bends=(Bend("push", "", "zoom", 1, maps="cluster", cluster="eyes", mask="spot"),),
                rewrites=(Rewrite("loud", "", "scale", 2, cluster="eyes"), Rewrite("melt", "", "scatter", 2)))
    moved = with_free_ids(Patch(look=look), look, set()).look
    for part in ("entries", "sets", "masks", "clusters", "noise_layers", "bends", "rewrites"):
        assert [item.id for item in getattr(moved, part)] == [f"{item.id}-2" for item in getattr(look, part)]
    assert moved.entries[2].parents == ("a-2", "b-2") and moved.sets[0].entries == ("a-2", "m-2")
    assert (moved.noise_layers[0].mask, moved.bends[0].mask, moved.bends[0].cluster) == ("spot-2", "spot-2", "eyes-2")
    assert [rewrite.cluster for rewrite in moved.rewrites] == ["eyes-2", ""]


def test_keys_fade_with_their_look_also_to_a_neutral_that_is_not_0(found):
    turns = Patch(look=Look(id="turns", entries=load_patch("loops").look.entries, bends=(Bend("big", "Big", "zoom", 3),)),
                  values={"noise.base": 0.5}, keys={"bend.big": (Key(0.0, 2.0), Key(1.0, 3.0)), "truncation": (Key(0.0, 0.2), Key(1.0, 0.6)),
                                                    "transform.rotate": (Key(0.0, 100.0), Key(1.0, 170.0))})
    pulse = load_patch("pulse")
    for first, second in ((turns, pulse), (pulse, turns)):
        both = switched([first, second], crossfade_s=1.0)
        columns, inside, outside = table(both, found), slice(0, 8 * 9), slice(8 * 11, 8 * 19)
        for patch, own in ((first, inside), (second, outside)):
            alone = table(patch, found)
            for address in ("truncation", "transform.rotate", "noise.base", *(f"bend.{b.id}" for b in patch.look.bends)):
                assert np.allclose(columns[address][own], alone[address][own], atol=1e-4), address
        assert np.allclose(columns["bend.big"][outside if first is turns else inside], 1.0)
        assert patch_from_text(patch_to_text(both)) == both


def test_three_looks_share_the_kinds_of_sections(found):
    three = switched([load_patch(name) for name in ("loops", "temper", "kelp")], crossfade_s=0.5)
    columns = table(three, found)
    assert np.allclose(sum(columns[f"set.{s.id}.mix"] for s in three.look.sets), 1.0, atol=1e-5)


def test_what_cannot_be_is_one_sentence():
    loops = load_patch("loops")
    with pytest.raises(LookError, match="1 looks"):
        switched([loops])
    with pytest.raises(LookError, match="sections for 2"):
        switched([loops, loops], ["A", "B"])
    with pytest.raises(LookError, match="different networks"):
        switched([loops, replace(loops, look=replace(loops.look, model="other.pkl"))])
    with pytest.raises(LookError, match="not called"):
        switched([loops, loops], ["verse"])


def test_the_command_line_makes_one_patch_of_several(tmp_path, capsys):
    assert main(["switch", "kelp", "temper", "--sections", "loud", "--crossfade", "3", "--out", str(tmp_path / "both.json")]) == 0
    assert load_patch(tmp_path / "both.json") == switched([load_patch("kelp"), load_patch("temper")], ["loud"], crossfade_s=3.0)
    assert main(["switch", "kelp", "--out", str(tmp_path / "one.json")]) != 0 and "2 to 12 looks" in capsys.readouterr().err

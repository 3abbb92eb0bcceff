"""Building blocks of patches, on a piece whose chords, sections and loudness are known."""

import numpy as np
import pytest

from ganreact_core.arranging import with_chroma, with_hit, with_loop, with_loud_and_quiet, with_sections
from ganreact_core.envelopes import FrameRange, make_envelopes
from ganreact_core.errors import LookError
from ganreact_core.features import FeatureSet
from ganreact_core.look import Entry, Look, Path
from ganreact_core.patches import Patch, keyed_values
from ganreact_core.table import evaluate

CHROMA = np.zeros((1000, 12), np.float32)
CHROMA[:500, [0, 4, 7]], CHROMA[500:, [9, 0, 4]] = 1.0, 1.0
PIECE = FeatureSet(100.0, 10.0, {"chroma": CHROMA, "bass_chroma": CHROMA[::-1].copy(), "rms": np.repeat([0.1, 1.0], 500).astype(np.float32)},
                   {"beats": np.arange(0, 10, 0.5), "downbeats": np.arange(0, 10, 2.0), "kick": np.array([1.0, 3.0]),
                    "sections": np.array([[0, 3, 0], [3, 6, 1], [6, 10, 2]])})
IDS = tuple("abcdefghijkl")
PATCH = Patch(look=Look(entries=tuple(Entry(i, i.upper(), n) for n, i in enumerate(IDS)), paths=(Path("p", "P", IDS[:4]),)))


def table(patch, fps=10.0):
    frames = FrameRange(fps, round(10 * fps))
    envelopes = make_envelopes(patch.envelopes, PIECE, frames)
    return evaluate(patch.look, patch.routes, keyed_values(patch, frames.n_frames), envelopes, n_frames=frames.n_frames, fps=fps).columns


def test_twelve_entries_are_weighted_by_the_chords():
    found = table(with_chroma(PATCH, IDS))
    sounding = {i for i in IDS if found[f"palette.{i}.middle"][25] > 0.9}
    assert sounding == {"a", "e", "h"} and found["palette.a"][0] == 1


def test_fewer_entries_keep_the_strongest_notes():
    found = table(with_chroma(PATCH, IDS[:3]))
    assert [found[f"palette.{i}.fine"][25] > 0.9 for i in IDS[:3]] == [True, True, True], "C, E and G, of which C and E go on"
    assert [found[f"palette.{i}.fine"][90] > 0.9 for i in IDS[:3]] == [True, True, False]


def test_bass_on_coarse_and_chords_on_fine():
    patch = with_chroma(with_chroma(PATCH, IDS, groups=("coarse",), feature="bass_chroma"), IDS, groups=("middle", "fine"))
    found = table(patch)
    assert found["palette.j.coarse"][25] > 0.9 and found["palette.j.fine"][25] < 0.1


def test_a_loop_of_two_bars_comes_round_in_four_seconds():
    place = table(with_loop(PATCH, "p", 2.0))["path.p.position"]
    assert np.diff(place[:39]).min() > 0 and place[40] == pytest.approx(place[0], abs=0.01) and np.ptp(place) == pytest.approx(4, abs=0.2)
    halves = table(with_loop(PATCH, "p", 4.0, every="beats"))["path.p.position"]
    assert halves[20] == pytest.approx(halves[0], abs=0.01)


def test_sections_share_what_they_are_given():
    found = table(with_sections(PATCH, ["palette.a.coarse", "palette.b.coarse"], crossfade_s=0.0))
    assert [found["palette.a.coarse"][f] for f in (10, 40, 80)] == [1, 0, 1] and found["palette.b.coarse"][40] == 1


def test_loud_and_quiet_sets_are_mixed_by_loudness():
    found = table(with_loud_and_quiet(PATCH, IDS[:4], IDS[4:], smooth_s=0.1))
    assert found["set.quiet.mix"][10] > 0.9 and found["set.quiet.mix"][90] < 0.1 and found["set.loud.mix"][90] > 0.9


def test_an_equal_envelope_is_shared_and_another_one_is_not():
    patch = with_hit(with_hit(PATCH, "kick", "palette.a", 1.0), "kick", "palette.b", 0.5)
    assert len(patch.envelopes) == 1 and len(patch.routes) == 2
    assert len(with_hit(patch, "kick", "palette.c", 1.0, decay_s=1.0).envelopes) == 2


@pytest.mark.parametrize("make", [lambda: with_chroma(PATCH, IDS[:1]), lambda: with_loop(PATCH, "q", 4),
                                  lambda: with_loud_and_quiet(with_loud_and_quiet(PATCH, IDS[:2], IDS[2:]), IDS[:2], IDS[2:])])
def test_what_cannot_be_arranged_is_refused(make):
    with pytest.raises(LookError):
        make()

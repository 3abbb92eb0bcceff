"""Every kind of parameter of a look's latents and noise, by the change of the picture: nothing at neutral, more with more."""

import numpy as np
import pytest
import torch

from ganreact_core.look import Canvas, Direction, Entry, Look, NoiseLayer, PaletteSet, Path, addresses
from ganreact_core.synthesis.classic_walks import classic_spline_walk, with_pause
from ganreact_core.synthesis.frame_maker import FrameMaker
from ganreact_core.synthesis.latents import Palette, blend
from ganreact_core.synthesis.paths import linear_walk
from ganreact_core.table import Table

ENTRIES = (*(Entry(k, k, n, default=1.0 if k == "a" else 0.0) for n, k in enumerate("abcd", 1)), Entry("flash", "", 9, accent=True))
DIRECTION = Direction("age", "", tuple(np.full(16, 0.25).tolist()), 1.0)
LOOK = Look(size=(32, 32), canvas=Canvas(detail=1.0), entries=ENTRIES, directions=(DIRECTION,), paths=(Path("walk", "", tuple("bcd")), Path("chance", "", kind="wander")),
            noise_layers=(NoiseLayer("own", "", loop=4), NoiseLayer("free", "")))
SETS = Look(size=(32, 32), canvas=Canvas(detail=1.0), entries=ENTRIES, sets=(PaletteSet("quiet", "", ("a", "b")), PaletteSet("loud", "", ("c", "d"))))


def pictures(net, look, address, values, **others):
    rows = np.asarray(values, np.float32)
    columns = {a: np.full(len(rows), others.get(a.replace(".", "__"), p.default), np.float32) for a, p in addresses(look).items()}
    columns[address] = rows
    maker = FrameMaker(net, look, batch=1)
    table = Table(1, 24.0, columns)
    return [maker.pictures(table, [1 + n])[0].astype(int) for n in range(len(rows))]


NEAR = {"truncation": (1.0, [1.0, 0.9, 0.7, 0.3]), "truncation.coarse": (1.0, [1.0, 0.9, 0.7, 0.3]), "truncation.fine": (1.0, [1.0, 1.2, 1.5, 2.0]),
        "palette.b": (0.0, [0.0, 0.1, 0.4, 1.0]), "palette.b.middle": (0.0, [0.0, 0.1, 0.4, 1.0]), "accent.flash": (0.0, [0.0, 0.1, 0.4, 0.9]),
        "path.walk.mix": (0.0, [0.0, 0.1, 0.4, 1.0]), "path.chance.mix": (0.0, [0.0, 0.1, 0.4, 1.0]),
        "path.walk.mix.coarse": (0.0, [0.0, 0.1, 0.4, 1.0]), "path.walk.mix.fine": (1.0, [1.0, 0.9, 0.6, 0.0]), "direction.age": (0.0, [0.0, 0.2, 0.6, 1.5]),
        "noise.base": (1.0, [1.0, 1.1, 1.4, 2.0]), "noise.own.strength": (0.0, [0.0, 0.1, 0.4, 1.0]), "noise.free.strength": (0.0, [0.0, 0.1, 0.4, 1.0])}


@pytest.mark.parametrize("address", NEAR)
def test_more_of_it_changes_more(net, address):
    neutral, values = NEAR[address]
    others = {"palette__b": 1.0, "truncation": 1.0} if address == "palette.b.middle" else {"truncation": 1.0}
    others |= {"path__walk__mix": 1.0} if address.startswith("path.walk.mix.") else {}
    first, *rest = pictures(net, LOOK, address, values, **others)
    change = [np.abs(p - first).mean() for p in rest]
    assert 0 < change[0] < change[1] < change[2], change
    assert addresses(LOOK)[address].neutral in (neutral, 1.0)


def test_what_is_mixed_in_by_nothing_is_not_there(net):
    """At their neutral values paths, accents, directions and noise layers leave the picture of a look without them, to the byte."""
    bare = Look(size=(32, 32), canvas=Canvas(detail=1.0), entries=ENTRIES[:4])
    assert np.array_equal(pictures(net, bare, "truncation", [0.8])[0], pictures(net, LOOK, "truncation", [0.8], path__walk__position=1.3, noise__own__phase=2.2)[0])


@pytest.mark.parametrize(("address", "values", "others"), [
    ("path.walk.position", [0.2, 0.4, 0.9, 2.9, 3.2], {"path__walk__mix": 1.0}), ("path.chance.position", [0.2, 0.4, 0.9, 7.9, 8.2], {"path__chance__mix": 1.0}),
    ("noise.own.phase", [0.2, 0.4, 0.9, 3.9, 4.2], {"noise__own__strength": 2.0})])
def test_what_goes_round_comes_round(net, address, values, others):
    first, near, far, before, again = pictures(net, LOOK, address, values, **others)
    change = [np.abs(p - first).mean() for p in (near, far, before, again)]
    assert 0 < change[0] < change[1] and change[2] > 0 and change[3] <= 0.01


def test_sets_are_exchanged_by_their_mix(net):
    first, near, far, whole = pictures(net, SETS, "set.loud.mix", [0.0, 0.2, 0.6, 100.0], palette__c=1.0)
    change = [np.abs(p - first).mean() for p in (near, far, whole)]
    assert 0 < change[0] < change[1] < change[2]


def palette_of(**latents):
    return Palette({k: torch.tensor(v)[None] for k, v in latents.items()}, torch.zeros(2), np.zeros(1, int))


def blended(look, palette, **columns):
    n = len(next(iter(columns.values())))
    values = {a: np.full(n, p.default, np.float32) for a, p in addresses(look).items()} | {"truncation": np.ones(n, np.float32)}
    return blend(palette, look, values | {a.replace("__", "."): np.asarray(v, np.float32) for a, v in columns.items()})[:, 0].tolist()


def test_chroma_weighted_latents_have_the_references_numbers():
    look, palette = Look(entries=(Entry("c", "", 1), Entry("d", "", 2)), normalise=False), palette_of(c=[2.0, 0.0], d=[0.0, 4.0])
    assert blended(look, palette, palette__c=[0.5, 1.0], palette__d=[0.5, 0.0]) == [[1, 2], [2, 0]]


def test_an_onset_mixes_a_latent_in_as_the_reference_does():
    look, palette = Look(entries=(Entry("a", "", 1), Entry("hit", "", 2, accent=True))), palette_of(a=[2.0, 0.0], hit=[0.0, 4.0])
    found = blended(look, palette, palette__a=[1, 1], accent__hit=[0.25, 1.0])
    assert found == [[1.5, 1.0], [0.0, 4.0]], "e·latent + (1 − e)·L"


def test_truncation_is_the_references():
    look = Look(entries=(Entry("a", "", 1),))
    palette = Palette({"a": torch.tensor([[2.0, 0.0]])}, torch.tensor([1.0, 1.0]), np.zeros(1, int))
    assert blended(look, palette, palette__a=[1, 1], truncation=[0.5, 0.0]) == [[1.5, 0.5], [1.0, 1.0]]


def test_the_classic_spline_has_the_references_numbers():
    walk = classic_spline_walk(torch.tensor([0.0, 2.0, 4.0]).reshape(3, 1, 1))
    one_loop = walk(np.linspace(0, 3, 10, endpoint=True).clip(max=3 - 1e-9))[:, 0, 0].tolist()
    assert one_loop == pytest.approx([0, 0.2963, 1.0370, 2, 2.9630, 3.7037, 4, 3.6296, 2.3704, 0], abs=1e-4)


def test_the_classic_great_circles_pause_at_the_seam():
    walk = with_pause(linear_walk(torch.tensor([0.0, 2.0, 4.0]).reshape(3, 1, 1)), 3)
    assert walk(np.array([0, 0.75, 1.5, 2.25, 2.5, 2.9]))[:, 0, 0].tolist() == pytest.approx([0, 2, 4, 0, 0, 0])


@pytest.mark.parametrize("kind", ["spline", "slerp"])
def test_a_classic_path_is_another_walk(net, kind):
    looks = [Look(size=(32, 32), entries=ENTRIES, paths=(Path("p", "", tuple("abc"), kind, classic=classic),)) for classic in (False, True)]
    right, classic = (pictures(net, look, "path.p.position", [2.6], path__p__mix=1.0)[0] for look in looks)
    assert np.abs(right - classic).mean() > 0.5

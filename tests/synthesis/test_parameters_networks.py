"""Every kind of parameter on pictures of each family of networks, as their own programs saved them: nothing at neutral, more with more."""

from functools import lru_cache

import numpy as np
import pytest

from ganreact_core.look import Bend, Canvas, Direction, Entry, Look, Mask, NoiseLayer, Path, Rewrite, addresses
from ganreact_core.synthesis import load_generator
from ganreact_core.synthesis.frame_maker import FrameMaker
from ganreact_core.table import Table

NETWORKS = {"stylegan2": "ada_u_map8_skip_r64.pkl", "stylegan3": "sg3t_u_r64.pkl", "biggan": "ajbrock_biggan_64"}
STEPS = {"truncation": (0.95, 0.7), "truncation.middle": (0.95, 0.7), "palette.b": (0.1, 0.6), "palette.b.fine": (0.1, 0.6), "accent.flash": (0.1, 0.6), "path.walk.mix": (0.1, 0.6),
         "direction.age": (0.1, 0.6), "noise.base": (1.2, 2.5), "noise.n.strength": (0.2, 1.5), "bend.gain": (1.05, 1.4), "bend.zoom": (1.05, 1.4), "bend.turn": (4.0, 25.0), "bend.soft": (0.3, 2.0),
         "bend.inside": (0.1, 0.8), "rewrite.melt": (0.05, 0.4), "rewrite.turn": (0.05, 0.4), "mask.m.size": (0.25, 0.45), "transform.x": (0.02, 0.1), "transform.rotate": (2.0, 15.0)}
OTHERS = {"palette.b.fine": {"palette.b": 1.0}, "mask.m.size": {"bend.inside": 1.0}}
ONLY = {"noise": ("stylegan2",), "transform": ("stylegan3",), "direction": ("stylegan2", "stylegan3")}
CASES = [(family, address) for family in NETWORKS for address in STEPS if family in ONLY.get(address.partition(".")[0], NETWORKS)]


def look_for(net):
    classed = {"class_": 0} if net.c_dim else {}
    entries = (Entry("a", "", 1, default=1.0, **classed), Entry("b", "", 2, **classed), Entry("c", "", 3, **classed), Entry("flash", "", 4, accent=True, **classed))
    directions = () if net.kind == "biggan" else (Direction("age", "", tuple(np.full(net.w_dim, net.w_dim ** -0.5).tolist()), 4.0),)
    bends = (Bend("gain", "", "gain", 2), Bend("zoom", "", "zoom", 3), Bend("turn", "", "rotate", 2), Bend("soft", "", "blur", 3), Bend("inside", "", "invert", 3, mask="m"))
    rewrites = (Rewrite("melt", "", "scatter", 2), Rewrite("turn", "", "turn", 3))
    return Look(size=(64, 64), canvas=Canvas(detail=1.0), entries=entries, paths=(Path("walk", "", ("b", "c"), "linear"),), directions=directions, noise_layers=(NoiseLayer("n", ""),),
                masks=(Mask("m", "", size=0.2, soft=0.2),), bends=bends, rewrites=rewrites)


@lru_cache(maxsize=3)
def made(path):
    net = load_generator(path)
    look = look_for(net)
    return look, FrameMaker(net, look, batch=1)


def pictures(look, maker, address, values, others):
    columns = {a: np.full(len(values), others.get(a, 1.0 if a == "truncation" else p.default), np.float32) for a, p in addresses(look).items()}
    columns[address] = np.float32(values)
    return [maker.pictures(Table(1, 24.0, columns), [1 + n])[0].astype(int) for n in range(len(values))]


@pytest.mark.parametrize(("family", "address"), CASES)
def test_nothing_at_neutral_and_more_with_more(shared, family, address):
    look, maker = made(shared / "fixtures" / NETWORKS[family])
    neutral = 0.0 if address.startswith("palette.b") else addresses(look)[address].neutral
    still, near, far, again = pictures(look, maker, address, (neutral, *STEPS[address], neutral), OTHERS.get(address, {}))
    assert np.array_equal(still, again)
    assert 0 < np.abs(near - still).mean() < np.abs(far - still).mean()


@pytest.mark.parametrize("family", NETWORKS)
def test_a_look_whose_parts_are_all_at_neutral_is_the_network_alone(shared, family):
    look, maker = made(shared / "fixtures" / NETWORKS[family])
    bare = Look(size=look.size, canvas=look.canvas, entries=look.entries[:1])
    alone = FrameMaker(maker.generator, bare, batch=1)
    both = [pictures(*one, "truncation", [0.8], {})[0] for one in ((look, maker), (bare, alone))]
    assert np.abs(both[0] - both[1]).max() <= 1, "compiled in one piece and in several, a network rounds differently"

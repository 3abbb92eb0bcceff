"""On a real card, where there is one: the same frames as on a CPU, the same bytes every time, and work that is replayed."""

import json

import numpy as np
import pytest
import torch

from ganreact_core.bundle import create_bundle
from ganreact_core.synthesis.frame_maker import FrameMaker
from ganreact_core.synthesis.render import Conduct, render_bundle
from ganreact_core.synthesis.transfers import leaving, onto
from tests.synthesis.test_replaying import BATCH, FAMILIES, N, drawn, look_of, table_of

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="no card here")


def on_card(family, shared):
    network = FAMILIES[family](shared)
    tensors = {name: torch.empty_like(t, device="cuda", memory_format=torch.channels_last if t.ndim == 4 else torch.preserve_format).copy_(t)
               for name, t in network.tensors.items()}
    return network, type(network)(network.config, tensors)


@pytest.mark.parametrize("family", FAMILIES)
def test_frames_are_those_of_a_cpu(family, shared):
    network, there = on_card(family, shared)
    look = look_of(family)
    here, found = (drawn(FrameMaker(g, look, batch=BATCH), table_of(look)).astype(int) for g in (network, there))
    assert np.abs(here - found).mean() <= 0.1


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("precision", ["exact", "fast"])
def test_replayed_frames_are_those_without_to_the_bit(family, precision, shared):
    look, told = look_of(family), []
    there = on_card(family, shared)[1]
    replayed = FrameMaker(there, look, batch=BATCH, precision=precision, replaying=told.append)
    plain = FrameMaker(there, look, batch=BATCH, precision=precision)
    assert np.array_equal(drawn(replayed, table_of(look)), drawn(plain, table_of(look))) and not told
    assert replayed.numerics_class()["engine"].endswith("replayed") and replayed._engine.replays._records


def test_a_render_of_many_threads_gives_the_same_files_twice_and_in_parts(shared, tmp_path):
    look, there = look_of("stylegan2"), on_card("stylegan2", shared)[1]
    bundles = [create_bundle(tmp_path / name, look, table_of(look), "0" * 64) for name in "ab"]
    render_bundle(bundles[0], there, range(1, N + 1))
    render_bundle(bundles[1], there, range(4, 9), conduct=Conduct(alone={5}))
    render_bundle(bundles[1], there, range(1, N + 1))
    pictures = [[bundle.frame_path(frame).read_bytes() for frame in range(1, N + 1)] for bundle in bundles]
    pixels = [[data[data.index(b"IDAT"):] for data in files] for files in pictures]  # a class is told in the text before
    assert pixels[0] == pixels[1]
    events = [json.loads(line)["event"] for line in (tmp_path / "a" / "journal.jsonl").read_text().splitlines()]
    assert "memory" not in events


def test_tensors_come_and_go_unharmed():
    x = torch.randn(3, 1000, 1000)
    waits = [leaving(onto(x, "cuda") + n) for n in range(8)]
    assert all(torch.equal(wait(), x + n) for n, wait in enumerate(waits))

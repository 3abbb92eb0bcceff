"""A frame's bytes depend on its row alone: not on chunk, order, neighbours or how many render.

Other batches, engines and thread counts make differences that nobody sees.
"""

import tempfile
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from ganreact_core.bundle import create_bundle, open_bundle
from ganreact_core.frame_ranges import as_ranges
from ganreact_core.look import Bend, Canvas, Entry, Look, NoiseLayer
from ganreact_core.synthesis import acceleration
from ganreact_core.synthesis.frame_maker import FrameMaker
from ganreact_core.synthesis.render import render_bundle
from ganreact_core.table import evaluate
from tests.synthesis.conftest import random_stylegan2

N = 8
LOOK = Look(size=(48, 40), canvas=Canvas("mirror", 1.0), entries=(Entry("a", "A", 1), Entry("b", "B", 2)),
            noise_layers=(NoiseLayer("n", "N"),), bends=(Bend("turn", "Turn", "rotate", 3),))
RAMP = np.linspace(0, 1, N)
VALUES = {"palette.a": 1 - RAMP, "palette.b": RAMP, "noise.n.strength": RAMP, "noise.n.phase": 3 * RAMP, "bend.turn": 30 * RAMP}
TABLE = evaluate(LOOK, (), VALUES, {}, n_frames=N, fps=24)
NET = random_stylegan2()


@cache
def maker(batch=1, engine="openvino"):
    with pytest.MonkeyPatch.context() as patch:
        if engine == "torch":
            patch.setattr(acceleration.openvino_engine, "can_compile", lambda generator: False)
        return FrameMaker(NET, LOOK, batch=batch, parallel=2)


def drawn(batch, engine, chunks):
    """Pictures of all chunks, drawn side by side by threads that compute alone, as a render draws them."""
    made = maker(batch, engine)  # by this thread alone: two at a time would leave the patch behind
    with ThreadPoolExecutor(2, initializer=torch.set_num_threads, initargs=(1,)) as pool:
        return [picture for found in pool.map(lambda frames: made.pictures(TABLE, frames), chunks) for picture in found]


@cache
def alone(batch, engine):
    return drawn(batch, engine, [[frame] for frame in range(1, N + 1)])


@settings(max_examples=12, deadline=None, derandomize=True)
@given(order=some.permutations(range(1, N + 1)), cuts=some.sets(some.integers(1, N - 1)), batch=some.sampled_from([1, 2, 4]),
       engine=some.sampled_from(["openvino", "torch"]))
def test_pictures_do_not_depend_on_chunks_order_or_neighbours(order, cuts, batch, engine):
    chunks = [order[a:b] for a, b in zip([0, *sorted(cuts)], [*sorted(cuts), N], strict=True)]
    batches = [chunk[k:k + batch] for chunk in chunks for k in range(0, len(chunk), batch)]
    made = dict(zip(order, drawn(batch, engine, batches), strict=True))
    assert all(np.array_equal(made[frame], alone(batch, engine)[frame - 1]) for frame in order)


@settings(max_examples=6, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(parts=some.lists(some.tuples(some.integers(1, N), some.integers(1, N)).map(sorted), min_size=1, max_size=3),
       renderers=some.integers(1, 3))
def test_files_do_not_depend_on_parts_or_on_how_many_render_one_folder(parts, renderers):
    with tempfile.TemporaryDirectory() as folder:
        bundle = create_bundle(Path(folder), LOOK, TABLE, "0" * 64)
        for first, last in parts:
            render_bundle(bundle, NET, range(first, last + 1))
        with ThreadPoolExecutor(renderers) as pool:
            list(pool.map(lambda _: render_bundle(open_bundle(Path(folder)), NET, bundle.frame_numbers()), range(renderers)))
        found = [bundle.frame_path(frame).read_bytes() for frame in bundle.frame_numbers()]
    assert found == quiet(), as_ranges([n for n, (a, b) in enumerate(zip(found, quiet(), strict=True), 1) if a != b])


@cache
def quiet():
    with tempfile.TemporaryDirectory() as folder:
        bundle = create_bundle(Path(folder), LOOK, TABLE, "0" * 64)
        render_bundle(bundle, NET, bundle.frame_numbers())
        return [bundle.frame_path(frame).read_bytes() for frame in bundle.frame_numbers()]


def test_other_batches_engines_and_thread_counts_are_not_seen():
    known = np.array(alone(1, "openvino"), int)
    others = [alone(batch, engine) for batch, engine in ((4, "openvino"), (1, "torch"), (2, "torch"), (4, "torch"))]
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        others.append([FrameMaker(NET, LOOK, parallel=1).pictures(TABLE, [frame])[0] for frame in range(1, N + 1)])
    finally:
        torch.set_num_threads(before)
    assert all(np.abs(known - np.array(other, int)).mean() <= 0.1 for other in others), "grey levels"

"""A look whose path and noise come round over N frames: the frame after the last is the first, and nothing jumps there."""

from itertools import pairwise

import numpy as np

from ganreact_core.look import Canvas, Entry, Look, NoiseLayer, Path
from ganreact_core.synthesis.frame_maker import FrameMaker
from ganreact_core.table import evaluate

N = 24
LOOK = Look(size=(48, 32), canvas=Canvas(detail=1.0), entries=tuple(Entry(k, k, n) for n, k in enumerate("abc")),
            paths=(Path("walk", "Walk", ("a", "b", "c")),), noise_layers=(NoiseLayer("n", "N", loop=4),))


def test_the_frame_after_a_loop_is_its_first_and_the_motion_goes_on(net):
    turns = np.arange(N + 1) / N
    keyed = {"path.walk.mix": np.ones(N + 1), "path.walk.position": 3 * turns, "noise.n.strength": np.ones(N + 1), "noise.n.phase": 4 * turns}
    table, maker = evaluate(LOOK, (), keyed, {}, n_frames=N + 1, fps=24), FrameMaker(net, LOOK)
    pictures = [maker.pictures(table, [f])[0].astype(int) for f in range(1, N + 2)]
    assert np.array_equal(pictures[N], pictures[0])
    steps = [np.abs(b - a).mean() for a, b in pairwise(pictures)]
    assert min(steps) > 0.2 and max(steps[0], steps[-1]) <= 1.05 * max(steps[1:-1])
    turning = [np.abs(c - 2 * b + a).mean() for a, b, c in zip(pictures[:-2], pictures[1:-1], pictures[2:], strict=True)]
    assert np.abs(pictures[1] - 2 * pictures[0] + pictures[N - 1]).mean() <= 1.2 * max(turning), "no jump of velocity"

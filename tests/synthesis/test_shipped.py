"""Every shipped patch plays on any track and any network, and answers to a kick in the frame of the kick."""

from itertools import pairwise

import numpy as np
import pytest

from ganreact_core.envelopes import FrameRange, make_envelopes
from ganreact_core.features import FeatureSet
from ganreact_core.patches import keyed_values, load_patch, shipped_patches
from ganreact_core.synthesis.frame_maker import FrameMaker
from ganreact_core.table import evaluate

DRAW = np.random.default_rng(0)
PIECE = FeatureSet(100.0, 4.0, {"rms": DRAW.random(400).astype(np.float32), "variation": DRAW.random(400).astype(np.float32),
                                **{name: DRAW.random((400, 12)).astype(np.float32) for name in ("chroma", "bass_chroma", "rest_chroma")}},
                   {"beats": np.arange(0, 4, 0.5), "downbeats": np.arange(0, 4, 2.0), "kick": np.array([2.0]), "snare": np.zeros(0), "hat": np.zeros(0), "bass": np.zeros(0),
                    "sections": np.array([[0, 2, 0], [2, 4, 1]]), "inflections": np.array([1.0])})
SILENCE = FeatureSet(100.0, 4.0, {name: np.zeros_like(a) for name, a in PIECE.features.items()}, {name: times[:0] for name, times in PIECE.events.items()})
FRAMES = FrameRange(10.0, 40)


def drawn(patch, net, piece, frames):
    n = FRAMES.n_frames
    table = evaluate(patch.look, patch.routes, keyed_values(patch, n), make_envelopes(patch.envelopes, piece, FRAMES), n_frames=n, fps=10.0)
    maker = FrameMaker(net, patch.look, batch=1)
    return [maker.pictures(table, [frame])[0].astype(int) for frame in frames]


@pytest.mark.parametrize("name", shipped_patches())
@pytest.mark.parametrize("which", ["net", "class_net"])
def test_the_picture_changes_most_in_the_frame_of_the_kick(name, which, request):
    from dataclasses import replace

    patch = load_patch(name)
    patch = replace(patch, look=replace(patch.look, size=(64, 64), canvas=replace(patch.look.canvas, detail=0.25)))
    pictures = drawn(patch, request.getfixturevalue(which), PIECE, range(19, 25))
    change = [np.abs(b - a).mean() for a, b in pairwise(pictures)]
    assert int(np.argmax(change)) == 1, "the change to frame 21, which shows the second second"


@pytest.mark.parametrize("name", shipped_patches())
def test_silence_is_a_picture_too(name, net):
    from dataclasses import replace

    patch = load_patch(name)
    patch = replace(patch, look=replace(patch.look, size=(64, 64), canvas=replace(patch.look.canvas, detail=0.25)))
    (picture,) = drawn(patch, net, SILENCE, [5])
    assert picture.std() > 1

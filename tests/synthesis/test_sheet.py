"""Contact sheets: which pictures are on them, and that they say so."""

import numpy as np
import pytest
import torch

from ganreact_core.class_names import imagenet_names
from ganreact_core.synthesis import load_generator
from ganreact_core.synthesis.sheet import SheetPlan, caption, draw_sheet, thumbnail, truncated


def test_cells():
    assert SheetPlan(5, 2, 2).cells(0) == [(5, None), (6, None), (7, None), (8, None)]
    assert SheetPlan(5, 2, 9).cells(3) == [(s, c) for c in range(3) for s in (5, 6)]
    assert SheetPlan(5, 1, 9, (2, 0)).cells(3) == [(5, 2), (5, 0)]


def test_captions():
    assert caption(3, None, ()) == "3" and caption(3, 2, ["class 0", "class 1", "class 2"]) == "3 · class 2"
    assert caption(3, 207, imagenet_names()) == "3 · 207 golden retriever" and caption(3, 9, ()) == "3 · class 9"


def test_a_sheet_holds_its_pictures(class_net):
    told = []
    sheet = draw_sheet(class_net, SheetPlan(1, 3, 2), advance=told.append)
    step = sheet.shape[0] // 2 + 2
    for n, cell in enumerate(SheetPlan(1, 3, 2).cells(3)):
        top, left = n // 3 * step, n % 3 * 36
        assert np.array_equal(sheet[top:top + 32, left:left + 32], thumbnail(class_net, *cell))
    assert told[-1] == 1.0 and len(told) == 6


def test_large_pictures_are_reduced(net):
    assert thumbnail(net, 1, side=10).shape == (10, 10, 3)


def test_truncation_of_biggan_leaves_its_class(shared):
    G = load_generator(shared / "fixtures" / "hf_biggan_deep_32")
    w = torch.randn(G.num_ws, G.w_dim)
    half = truncated(G, w, 0.5)
    assert torch.equal(half[:, :G.z_dim], w[:, :G.z_dim] / 2) and torch.equal(half[:, G.z_dim:], w[:, G.z_dim:])


@pytest.mark.parametrize("psi", [0.0, 1.0])
def test_truncation_of_the_others(net, psi):
    w = torch.randn(net.num_ws, net.w_dim)
    assert torch.allclose(truncated(net, w, psi), w if psi else net.w_avg.expand_as(w), atol=1e-6)

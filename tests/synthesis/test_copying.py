"""Copy and paste by rewriting: the layer comes nearer to the copy where it shall, and hardly changes elsewhere."""

import numpy as np
import pytest
import torch

from ganreact_core.errors import UsageError
from ganreact_core.synthesis import load_generator
from ganreact_core.synthesis.copying import Region, Rule, copy_rule
from ganreact_core.synthesis.sampling import activations, random_latents


def masked(rows, columns, size=32):
    mask = np.zeros((size, size), np.float32)
    mask[rows, columns] = 1
    return mask


def regions(net):
    copied, pasted = random_latents(net, torch.Generator().manual_seed(3), 2)
    return Region(copied, masked(slice(2, 14), slice(2, 14))), Region(pasted, masked(slice(18, 30), slice(16, 28)))


def test_the_paste_becomes_more_like_the_copy_and_other_places_change_less():
    net, layer = load_generator("embedded"), 5
    copied, pasted = random_latents(net, torch.Generator().manual_seed(3), 2)
    source, there, far = (slice(0, 24), slice(0, 24)), (slice(40, 64), slice(40, 64)), (slice(0, 32), slice(0, 32))
    changes = copy_rule(net, Region(copied, masked(*source, 64)), Region(pasted, masked(*there, 64)), Rule(layer, steps=60, samples=16))
    (u, v), = changes.steps.values()
    assert u.shape == (1, 128, 3, 3) and np.linalg.norm(v) == pytest.approx(1.0, abs=1e-4)
    changed = net.rewritten({name: net.tensors[name] + delta for name, delta in changes.deltas(net).items()})
    before, after, goal = (activations(n, w[None], [layer])[layer][0] for n, w in ((net, pasted), (changed, pasted), (net, copied)))

    def at(x, box):
        return x[:, *(slice(side.start // 4, side.stop // 4) for side in box)]

    left = [(at(x, there) - at(goal, source)).abs().mean() for x in (before, after)]
    assert left[1] < 0.97 * left[0]
    assert at(after - before, far).abs().mean() < 0.7 * at(after - before, there).abs().mean()
    assert all(torch.equal(net.tensors[n], changed.tensors[n]) for n in net.tensors if not n.startswith("synthesis.b16.conv1"))


def test_a_higher_rank_comes_nearer(net):
    copied, pasted = regions(net)
    layer = 5
    goal = activations(net, copied.w[None], [layer])[layer][0][:, 1:7, 1:7]
    left = []
    for rank in (1, 6):
        changes = copy_rule(net, copied, pasted, Rule(layer, rank=rank, steps=150, samples=8))
        changed = net.rewritten({name: net.tensors[name] + delta for name, delta in changes.deltas(net).items()})
        left.append((activations(changed, pasted.w[None], [layer])[layer][0][:, 9:15, 8:14] - goal).abs().mean().item())
    assert left[1] < left[0]


def test_stylegan3_too(shared):
    net = load_generator(shared / "fixtures" / "sg3t_u_r64.pkl")
    copied, pasted = random_latents(net, torch.Generator().manual_seed(3), 2)
    mask = masked(slice(20, 40), slice(20, 40), 64)
    changes = copy_rule(net, Region(copied, mask), Region(pasted, mask), Rule(2, steps=5, samples=4))
    assert list(changes.deltas(net)) == [f"synthesis.{net.layers[2].name}.weight"]


def test_what_cannot_be_is_one_sentence(net, shared):
    copied, pasted = regions(net)
    with pytest.raises(UsageError, match="layer 99"):
        copy_rule(net, copied, pasted, Rule(99))
    with pytest.raises(UsageError, match="empty"):
        copy_rule(net, copied, Region(pasted.w, masked(slice(0, 0), slice(0, 0))), Rule(4, steps=1, samples=4))

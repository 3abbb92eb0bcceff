"""A weave knows a look wherever things lie, and what is taught by it comes nearer to it, with the critic or without."""

import dataclasses
import math

import pytest
import torch

from ganreact_core.training.imagery import CLASSES, pictures
from ganreact_core.training.loom import Loom, taught_loom
from ganreact_core.training.pool import procedural_pool
from ganreact_core.training.state import Plan, State
from ganreact_core.training.textures import Weave, Woven, weave_of_families
from ganreact_core.training.train import train_step
from ganreact_core.training.warm import textures, warm

SIZE = 32
WIDTHS = ((4, 16), (8, 16), (16, 16), (32, 8))
TINY = Plan(channels=WIDTHS, critic_channels=WIDTHS, latent=(32, 16), stages=((16, 1), (SIZE, 1 << 40)), fade=1, batch=8, pool=4,
            textures=1.0)


@pytest.fixture(scope="module")
def weave() -> Weave:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    made = weave_of_families(taught_loom(SIZE, steps=6, each=4), SIZE, each=6)
    torch.set_num_threads(threads)
    return made


def of_look(weave: Weave, class_: int, row: int, seed: int) -> tuple[torch.Tensor, Woven]:
    """Four real pictures of a look, in layouts of their own."""
    row += 6 * class_
    z = weave.looks[row].expand(4, -1)
    x = pictures(CLASSES[class_], torch.Generator().manual_seed(seed), 4, SIZE, z)
    return x, Woven(z, torch.full((4,), class_), torch.full((4,), row))


@pytest.mark.parametrize("name", CLASSES)
def test_a_look_says_the_colours_and_not_the_layout(name):
    z = torch.randn(4, 32, generator=torch.Generator().manual_seed(1))
    x = pictures(name, torch.Generator().manual_seed(2), 4, SIZE, z[:1].expand(4, -1))
    other = pictures(name, torch.Generator().manual_seed(2), 4, SIZE, z)
    assert (x[0] - x[1]).abs().mean() > 0.05, "one layout for all"
    assert (x - other).abs().mean() > 0.02, "the latent changes nothing"


def test_real_pictures_of_the_look_are_nearer_than_those_of_another_look_or_class(weave):
    near = far = other = 0.0
    for k in range(len(CLASSES)):
        x, of = of_look(weave, k, 0, seed=90 + k)
        near += float(weave.loss(x, of))
        far += float(weave.loss(of_look(weave, k, 1, seed=90 + k)[0], of))
        other += float(weave.loss(of_look(weave, (k + 1) % len(CLASSES), 0, seed=90 + k)[0], of))
    assert near < 0.75 * far < 0.75 * other


def test_moving_a_periodic_picture_about_changes_nothing_much(weave):
    x, of = of_look(weave, 4, 2, seed=3)
    assert math.isclose(float(weave.loss(x, of)), float(weave.loss(x.roll((5, 9), (2, 3)), of)), rel_tol=0.35)


def test_textures_bring_the_generator_nearer(weave, tmp_path):
    state = State.begin(TINY)
    state.random.manual_seed(5)
    teacher = textures(weave)
    before = sum(float(teacher.loss(state, 1.0, False).detach()) for _ in range(3))
    warm(state, 200, tmp_path, teacher)
    state.random.manual_seed(5)
    assert sum(float(teacher.loss(state, 1.0, False).detach()) for _ in range(3)) < 0.9 * before


def test_the_critic_and_the_textures_pull_together(weave):
    """A step with the weave leaves other gradients in the generator than one without, and the same in the critic."""
    alone, both = State.begin(dataclasses.replace(TINY, textures=0.0)), State.begin(TINY)
    pool = procedural_pool(4, SIZE, 1)
    for state in (alone, both):
        state.random.manual_seed(6)
        state.pictures = 2
        train_step(state, pool, weave)
    assert alone.last["loss_d"] == both.last["loss_d"] and both.last["also"] > 0
    assert torch.equal(alone.critic.score.weight.grad, both.critic.score.weight.grad)
    assert not torch.equal(alone.tensors["synthesis.b4.const"].grad, both.tensors["synthesis.b4.const"].grad)


def test_a_loom_sees_detail_that_the_mean_colour_does_not_show():
    fine, flat = torch.zeros(1, 3, SIZE, SIZE), torch.zeros(1, 3, SIZE, SIZE)
    fine[..., ::2] = 0.5
    fine[..., 1::2] = -0.5
    parts = list(zip(Loom().eval()(fine), Loom().eval()(flat), strict=True))
    assert torch.allclose(parts[0][0][:, -1], parts[0][1][:, -1], atol=1e-6)
    assert (parts[1][0] - parts[1][1]).abs().max() > 1e-3

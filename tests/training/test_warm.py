"""The lessons follow noise and latent smoothly, on any field, and a few steps of the warm start bring a generator nearer."""

import pytest
import torch

from ganreact_core.training.imagery import CLASSES
from ganreact_core.training.lessons import LESSONS, draw
from ganreact_core.training.pool import procedural_pool
from ganreact_core.training.regress import lesson_loss
from ganreact_core.training.state import Plan, State
from ganreact_core.training.train import train_step
from ganreact_core.training.warm import lessons, warm

TINY = Plan(channels=((4, 16), (8, 16), (16, 16)), critic_channels=((4, 16), (8, 16), (16, 8)),
            latent=(32, 16),
            stages=((8, 16), (16, 1 << 40)), fade=16, batch=8, pool=4, head_start=2)


def inputs(n: int, cells: int = 4, seed: int = 0) -> tuple[torch.Tensor, list[torch.Tensor]]:
    g = torch.Generator().manual_seed(seed)
    sizes = [s * cells // 4 for s in (4, 8, 8, 16, 16)]
    return torch.randn(n, 32, generator=g), [torch.randn(n, 1, s, s, generator=g) for s in sizes]


def test_every_class_has_a_lesson():
    assert tuple(LESSONS) == CLASSES


@pytest.mark.parametrize("class_", range(len(CLASSES)), ids=CLASSES)
def test_a_lesson_moves_with_latent_and_noise_and_not_with_its_neighbours(class_):
    z, noise = inputs(3)
    classes = torch.full((3,), class_)
    x = draw(z, classes, noise, 64)
    assert x.shape == (3, 3, 64, 64) and x.abs().max() <= 1 and x.std() > 0.2
    assert torch.allclose(draw(z[1:2], classes[:1], [m[1:2] for m in noise], 64), x[1:2], atol=1e-5)
    other_z, other_noise = inputs(3, seed=1)
    assert (draw(other_z, classes, noise, 64) - x).abs().mean() > 0.1
    assert (draw(z, classes, other_noise, 64) - x).abs().mean() > 0.1


def test_lessons_fill_larger_fields():
    z, noise = inputs(2, cells=8)
    x = draw(z, torch.tensor([0, 9]), noise, 64)
    assert x.shape == (2, 3, 128, 128)
    assert x[..., 40:88, 40:88].std() > 0.5 * x.std()


def test_lessons_bring_the_generator_nearer_and_leave_the_critic(tmp_path):
    state = State.begin(TINY)
    critic = state.critic.score.weight.detach().clone()
    state.random.manual_seed(5)
    before = sum(float(lesson_loss(state, 16, 4, 16).detach()) for _ in range(4))
    warm(state, 1600, tmp_path, lessons())
    state.random.manual_seed(5)
    after = sum(float(lesson_loss(state, 16, 4, 16).detach()) for _ in range(4))
    assert after < 0.9 * before
    assert torch.equal(critic, state.critic.score.weight)
    assert list(tmp_path.glob("warm-*.png"))


def test_the_critic_has_a_head_start():
    state, pool = State.begin(TINY), procedural_pool(4, 16, 1)
    const, score = state.tensors["synthesis.b4.const"].detach().clone(), state.critic.score.weight.detach().clone()
    train_step(state, pool)
    assert torch.equal(const, state.tensors["synthesis.b4.const"]) and not torch.equal(score, state.critic.score.weight)
    train_step(state, pool)
    train_step(state, pool)
    assert not torch.equal(const, state.tensors["synthesis.b4.const"])


def test_a_warm_start_can_take_over_what_fits_of_another_network():
    state = State.begin(TINY)
    assert 0 < state.take_over("embedded") < len(state.tensors)

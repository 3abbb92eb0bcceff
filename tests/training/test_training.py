"""Training moves both networks, goes on exactly where it was broken off, and its critic sees classes and sameness."""

import dataclasses
import json
from pathlib import Path

import pytest
import torch

from ganreact_core.errors import DiskError
from ganreact_core.synthesis.checkpoints.safetensors_file import save_safetensors
from ganreact_core.synthesis.generators.stylegan2 import StyleGAN2
from ganreact_core.synthesis.load import load_generator
from ganreact_core.training.discriminator import Discriminator
from ganreact_core.training.export import checkpoint_of
from ganreact_core.training.kept import write_state
from ganreact_core.training.networks import large_field, mapped, own_field
from ganreact_core.training.pool import procedural_pool
from ganreact_core.training.state import Plan, State
from ganreact_core.training.train import look, train_step

TINY = Plan(channels=((4, 16), (8, 16), (16, 8)), critic_channels=((4, 16), (8, 16), (16, 8)), latent=(16, 16),
            stages=((8, 16), (16, 1 << 40)), fade=16, batch=8, r1=(0.3, 2), pool=4)


@pytest.fixture(scope="module")
def pool():
    return procedural_pool(4, 16, 1)


def weights(state: State) -> list[torch.Tensor]:
    return [*(t.detach().clone() for t in state.tensors.values()), *(p.detach().clone() for p in state.critic.parameters())]


def test_steps_change_both_networks_and_the_average_follows(pool):
    state = State.begin(TINY)
    before, critic = {n: t.detach().clone() for n, t in state.tensors.items()}, state.critic.score.weight.detach().clone()
    for _ in range(4):
        train_step(state, pool)
    moved = [n for n, t in state.tensors.items() if not torch.equal(before[n], t)]
    assert {"synthesis.b4.const", "mapping.fc0.weight", "synthesis.b8.conv0.noise_strength"} <= set(moved)
    assert not any(n.endswith("noise_const") for n in moved)
    assert not torch.equal(critic, state.critic.score.weight)
    far = (state.average["synthesis.b4.const"] - before["synthesis.b4.const"]).abs().sum()
    assert far > 0
    assert all(torch.isfinite(t).all() for t in weights(state))


def test_a_resumed_run_gives_the_same_numbers(pool, tmp_path):
    """Across a change of resolution, with optimisers, average and random numbers."""
    state = State.begin(TINY)
    train_step(state, pool)
    state.save(tmp_path / "state.pt")
    other = State.load(TINY, tmp_path / "state.pt")
    for _ in range(3):
        train_step(state, pool)
        train_step(other, pool)
    assert state.pictures == other.pictures == 32
    assert all(torch.equal(a, b) for a, b in zip(weights(state), weights(other), strict=True))
    assert all(torch.equal(state.average[n], other.average[n]) for n in state.average)


def test_resolution_follows_the_plan():
    assert TINY.stage(0) == (8, 1.0)
    assert TINY.stage(16) == (16, 0.0)
    assert TINY.stage(24) == (16, 0.5)
    assert TINY.stage(500) == (16, 1.0)


def test_a_new_resolution_starts_as_the_old_one_enlarged():
    plan = Plan(channels=((4, 8), (8, 8), (16, 8), (32, 8)), latent=(8, 8))
    state = State.begin(plan)
    g, classes = torch.Generator().manual_seed(0), torch.tensor([0, 5])
    w = StyleGAN2(plan.shape.at(32), state.tensors).map(torch.randn(2, 8, generator=g), torch.eye(12)[classes])
    small = StyleGAN2(plan.shape.at(16), state.tensors).synthesize(w[:, :6], "none")
    large = StyleGAN2(plan.shape.at(32), state.tensors).synthesize(w[:, :8], "none")
    again = torch.nn.functional.avg_pool2d(large, 2)
    assert large.shape[-1] == 32
    assert torch.corrcoef(torch.stack([again.flatten(), small.flatten()]))[0, 1] > 0.8


def test_fields_give_pictures_of_the_networks_size():
    state = State.begin(TINY)
    network = StyleGAN2(TINY.shape.at(16), state.tensors)
    g = torch.Generator().manual_seed(0)
    w = mapped(network, g, torch.tensor([1, 2]))
    assert own_field(network, g, w).shape == (2, 3, 16, 16)
    assert large_field(network, g, w).shape == (8, 3, 16, 16)


def test_the_critic_depends_on_the_class_and_on_the_company():
    torch.manual_seed(0)
    critic = Discriminator(dict(TINY.critic_channels), 12, torch.Generator().manual_seed(0))
    x = torch.randn(4, 3, 16, 16)
    zeros = torch.zeros(4, dtype=torch.long)
    assert not torch.allclose(critic(x, zeros), critic(x, zeros + 3))
    assert not torch.allclose(critic(x, zeros)[0], critic(x[:1].repeat(4, 1, 1, 1), zeros)[0])
    assert critic(x, zeros, 0.5).shape == (4,)


def test_a_run_leaves_log_sheet_and_snapshot_and_its_export_is_a_generator(pool, tmp_path):
    state = State.begin(TINY)
    state.pictures = 16
    train_step(state, pool)
    look(state, pool, tmp_path)
    line = json.loads((tmp_path / "log.jsonl").read_text())
    assert line["resolution"] == 16 and line["frechet"] > 0 and {"loss_d", "loss_g"} <= set(line)
    assert list(tmp_path.glob("sheet-*.png"))
    average = torch.load(tmp_path / "average.pt", weights_only=True)
    save_safetensors(tmp_path / "tiny.safetensors", checkpoint_of(TINY, average), half=True)
    G = load_generator(tmp_path / "tiny.safetensors")
    w = G.map(torch.randn(2, 16, generator=torch.Generator().manual_seed(0)), torch.eye(12)[:2])
    ours = StyleGAN2(TINY.shape.config, average).synthesize(w, "none")
    assert torch.allclose(G.synthesize(w, "none"), ours, atol=0.05)
    assert dataclasses.asdict(G.config) == dataclasses.asdict(TINY.shape.config)


def test_a_small_state_is_a_fraction_of_the_size_and_goes_on(pool, tmp_path):
    state = State.begin(TINY)
    train_step(state, pool)
    state.save(tmp_path / "whole.pt")
    state.save(tmp_path / "small.pt", small=True)
    assert (tmp_path / "small.pt").stat().st_size < 0.4 * (tmp_path / "whole.pt").stat().st_size
    other = State.load(TINY, tmp_path / "small.pt")
    train_step(other, pool)
    assert other.pictures == 2 * state.pictures
    assert all(torch.allclose(t, state.average[n], atol=0.02) for n, t in State.load(TINY, tmp_path / "small.pt").average.items())


def test_a_state_that_the_disk_does_not_take_is_told_in_a_sentence_and_leaves_the_last_one(tmp_path):
    if not Path("/dev/full").exists():
        pytest.skip("this system has no disk that is always full")
    write_state(tmp_path / "state.pt", {"a": torch.zeros(9)})
    (tmp_path / "state.part").symlink_to("/dev/full")
    with pytest.raises(DiskError, match="make room"):
        write_state(tmp_path / "state.pt", {"a": torch.ones(1 << 18)})
    assert torch.load(tmp_path / "state.pt", weights_only=True)["a"].sum() == 0

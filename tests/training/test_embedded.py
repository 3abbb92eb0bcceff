"""The network that comes with the project: it loads by name, is small, and answers to every latent."""

import pytest
import torch

from ganreact_core.models import model_file
from ganreact_core.synthesis import load_generator
from ganreact_core.synthesis.canvas import Field


@pytest.fixture(scope="module")
def G():  # noqa: N802 - the name every document uses for it
    return load_generator("embedded")


def latents(G, seeds: int, class_: int) -> torch.Tensor:
    z = torch.randn(seeds, G.z_dim, generator=torch.Generator().manual_seed(5))
    return G.map(z, torch.eye(G.c_dim)[class_].expand(seeds, -1))


def draw(G, w: torch.Tensor) -> torch.Tensor:
    with torch.inference_mode():
        return G.synthesize(w).clamp(-1, 1)


def test_it_is_small_and_conditional(G):
    assert model_file("embedded").stat().st_size < 16 << 20
    assert G.resolution == (128, 128) and G.c_dim == 12 and G.w_avg.shape == (G.w_dim,)


def test_every_class_has_variety_light_and_colour(G):
    for class_ in range(G.c_dim):
        x = draw(G, latents(G, 6, class_))
        assert torch.isfinite(x).all()
        assert x.std(0).mean() > 0.15, f"class {class_}: seeds look alike"
        assert x.mean(1).std((1, 2)).mean() > 0.15, f"class {class_}: no light and dark"
        assert (x.amax(1) - x.amin(1)).mean() > 0.3, f"class {class_}: grey"


def test_classes_differ(G):
    means = torch.stack([draw(G, latents(G, 8, k)).mean((0, 2, 3)) for k in range(G.c_dim)])
    apart = torch.cdist(means, means)[~torch.eye(G.c_dim, dtype=torch.bool)]
    assert apart.mean() > 0.3


def test_every_layer_group_and_every_noise_map_moves_the_picture(G):
    w = torch.cat([latents(G, 1, 3), latents(G, 2, 8)[1:]])
    base = draw(G, w[:1])
    for layers in torch.arange(G.num_ws).tensor_split(3):
        mixed = w[:1].clone()
        mixed[:, layers] = w[1:, layers]
        assert (draw(G, mixed) - base).abs().mean() > 0.02
    assert (base - G.synthesize(w[:1], "none").clamp(-1, 1)).abs().mean() > 0.02


def test_a_straight_line_in_w_has_no_jump(G):
    w = torch.cat([latents(G, 1, 0), latents(G, 1, 6)])
    x = draw(G, torch.lerp(w[:1], w[1:], torch.linspace(0, 1, 65)[:, None, None]))
    steps = (x[1:] - x[:-1]).abs().mean((1, 2, 3))
    assert steps.max() < 6 * steps.mean()


def test_larger_fields_stay_alive_inside(G):
    """The middle of a frame three networks wide has as much light, dark and colour as the network's own picture."""
    field, g = Field((12, 12), "mirror"), torch.Generator().manual_seed(1)
    noise = [torch.randn(1, 1, *field.size_at(layer.size), generator=g) for layer in G.layers[1:]]
    for class_ in range(G.c_dim):
        w = latents(G, 2, class_)
        with torch.inference_mode():
            x = G.synthesize(w, noise, input_map=field.extend(G.input_map)).clamp(-1, 1)[..., 160:224, 160:224]
        assert x.std((2, 3)).mean() > 0.5 * draw(G, w).std((2, 3)).mean(), f"class {class_} fades out"

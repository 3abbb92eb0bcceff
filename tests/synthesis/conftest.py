"""A small StyleGAN2 with random weights: every part is real, only nothing was learned."""

import pytest

torch = pytest.importorskip("torch")


def random_stylegan2(seed=0, channels=None, **shape):
    """A StyleGAN2 of a given configuration, weights drawn from the seed; so many channels everywhere, or fewer in larger layers."""
    from ganreact_core.synthesis.generators.stylegan2 import StyleGAN2, StyleGAN2Config, expected_shapes

    config = StyleGAN2Config(**{"z_dim": 16, "w_dim": 16, "resolution": 32, "mapping_layers": 2, **shape})
    counts = {f"synthesis.b{size}.conv1.weight": (channels or max(4, 64 // size),) for size in config.block_sizes}
    draw = torch.Generator().manual_seed(seed)
    tensors = {name: torch.randn(shape_, generator=draw) for name, shape_ in expected_shapes(config, counts).items()}
    for name in tensors:
        if name.endswith("affine.bias"):
            tensors[name] += 1.0
        elif name.startswith("mapping.fc") and name.endswith("weight"):
            tensors[name] /= config.lr_multiplier
        elif name.endswith("noise_strength"):
            tensors[name] *= 0.2
    return StyleGAN2(config, tensors)


@pytest.fixture(scope="session")
def net():
    """Unconditional, 32×32."""
    return random_stylegan2()


@pytest.fixture(scope="session")
def class_net():
    """Three classes, 32×32."""
    return random_stylegan2(seed=1, c_dim=3)

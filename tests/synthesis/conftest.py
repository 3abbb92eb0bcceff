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


def random_biggan(block, channels=64, middle=32):
    """A BigGAN of three blocks and 16 pixels, with attention; weights are drawn so that activations stay near one."""
    from ganreact_core.synthesis.generators.biggan import BigGAN, BigGANConfig
    from ganreact_core.synthesis.generators.biggan_shapes import biggan_shapes

    config = BigGANConfig(16, 8, 3, 16, block, (False, True, True), (1,))
    found = {"output.bn.mean": (3, channels), "attention.1.theta.weight": (8,), "attention.1.g.weight": (16,)}
    for k in range(3):
        found |= {f"blocks.{k}.conv1.weight": (middle, channels), f"blocks.{k}.conv{4 if block == 'deep' else 2}.weight": (channels,)}
    draw = torch.Generator().manual_seed(0)
    tensors = {name: torch.randn(shape, generator=draw) for name, shape in biggan_shapes(config, found).items()}
    for name, tensor in tensors.items():
        tensors[name] = tensor.abs() + 0.5 if name.endswith(".var") else tensor / tensor[0].numel() ** 0.5 if tensor.ndim > 1 else tensor / 4
    return BigGAN(config, tensors)


@pytest.fixture(scope="session")
def net():
    """Unconditional, 32×32."""
    return random_stylegan2()


@pytest.fixture(scope="session")
def class_net():
    """Three classes, 32×32."""
    return random_stylegan2(seed=1, c_dim=3)

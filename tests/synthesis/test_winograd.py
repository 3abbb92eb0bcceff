"""Convolutions by tiles against torch's: the same numbers, for every size, in every thread, wherever a network uses them."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numba
import numpy as np
import pytest
import torch
import torch.nn.functional as F

from ganreact_core.look import Canvas, Entry, Look
from ganreact_core.synthesis import load_generator, numba_engine
from ganreact_core.synthesis.frame_maker import FrameMaker
from ganreact_core.synthesis.numba_engine import tiles, tiling
from ganreact_core.synthesis.numba_engine.bfloat16 import get, put
from ganreact_core.synthesis.numba_engine.tiling import gains
from ganreact_core.synthesis.numba_engine.winograd import Curve, Tiled
from ganreact_core.table import evaluate
from tests.synthesis.conftest import random_biggan, random_stylegan2

DRAW = torch.Generator().manual_seed(0)


def layer(i, o, h, w):
    x = torch.randn(1, i, h, w, generator=DRAW).contiguous(memory_format=torch.channels_last)
    return x, torch.randn(o, i, 3, 3, generator=DRAW) / (9 * i) ** 0.5


@pytest.mark.parametrize(("channels", "size", "pad"), [((32, 64), (8, 8), 1), ((64, 32), (21, 9), 1), ((96, 96), (5, 90), 2), ((32, 32), (1, 7), 1), ((1024, 32), (12, 12), 0), ((37, 50), (11, 14), 2)])
def test_a_convolution_is_what_torch_says(channels, size, pad):
    x, weight = layer(*channels, *size)
    scale, factor, offset = (torch.randn(n, generator=DRAW) for n in (channels[0], channels[1], channels[1]))
    expected = F.conv2d(x * scale[:, None, None], weight, padding=pad) * factor[:, None, None] + offset[:, None, None]
    noise = torch.randn(expected.shape[2:], generator=DRAW)
    tiled = Tiled(weight)
    assert torch.allclose(tiled(x, scale, Curve(factor, offset), pad=pad), expected, atol=2e-4)
    bent = F.leaky_relu(expected + noise, 0.2).clamp(-1, 1)
    assert torch.allclose(tiled(x, scale, Curve(factor, offset, noise, 0.2, 1.0), pad=pad), bent, atol=2e-4)


@pytest.mark.parametrize(("channels", "size"), [((64, 32), (21, 9)), ((256, 96), (40, 44))])
def test_shortened_products_are_off_by_little(channels, size):
    x, weight = layer(*channels, *size)
    expected = F.conv2d(x, weight, padding=1)
    found = Tiled(weight, torch.bfloat16)(x, None, Curve(torch.ones(channels[1]), torch.zeros(channels[1])))
    assert 0 < (found - expected).std() / expected.std() < 0.02, "a bfloat16 has 8 bits"


def test_bfloat16_is_written_and_read_as_torch_does():
    @numba.njit
    def there_and_back(numbers, given, found):
        for k in range(len(given)):
            put(numbers, k, given[k])
            found[k] = get(numbers, k)

    given = torch.randn(1000, generator=DRAW) * 10.0 ** torch.randint(-30, 30, (1000,), generator=DRAW)
    numbers, found = np.zeros(1000, np.uint16), np.zeros(1000, np.float32)
    there_and_back(numbers, given.numpy(), found)
    assert np.array_equal(found, given.bfloat16().float().numpy())
    there_and_back(kept := np.zeros(1000, np.float32), given.numpy(), found)
    assert np.array_equal(found, given.numpy()) and np.array_equal(kept, found)


def test_a_result_outlives_the_next_call_and_threads_do_not_disturb_each_other():
    (x, weight), (other, _) = layer(32, 32, 40, 40), layer(32, 32, 40, 40)
    tiled, curve = Tiled(weight), Curve(torch.ones(32), torch.zeros(32))
    first = tiled(x, None, curve)
    kept, twice = first.clone(), tiled(first, None, curve).clone()
    assert torch.equal(first, kept)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda x: tiled(tiled(x, None, curve), None, curve).clone(), [x, other] * 8))
    assert all(torch.equal(y, twice) for y in found[::2]) and not any(torch.equal(y, twice) for y in found[1::2])


def test_what_was_begun_in_inference_mode_goes_on_outside_of_it():
    (x, weight), found = layer(32, 32, 20, 20), []
    tiled, curve = Tiled(weight), Curve(torch.ones(32), torch.zeros(32))

    def both():
        with torch.inference_mode():
            found.append(tiled(x, None, curve).clone())
        found.append(tiled(x, None, curve).clone())

    with ThreadPoolExecutor(1) as pool:  # memory is a thread's
        pool.submit(both).result()
    assert torch.equal(*found)


def test_compiled_code_that_is_kept_knows_what_it_was_compiled_with():
    folder = Path(tiles.__file__).parent
    sources = "".join((folder / f"{name}.py").read_text(encoding="utf-8") for name in ("bfloat16", "tiling"))
    now = hashlib.sha256(sources.encode()).hexdigest()[:16]
    assert now == tiles.COMPILED_WITH, f"bfloat16.py or tiling.py is another: write {now} into tiles.py"


def test_only_large_layers_of_fitting_channels_gain():
    weights = torch.empty(256, 256, 3, 3)
    assert gains(weights, (64, 64)) and not gains(weights, (16, 16)) and not gains(weights[:, :8], (512, 512))
    assert not gains(weights[:, :, :1, :1], (512, 512)) and not gains(torch.empty(2048, 32, 3, 3), (512, 512))


@pytest.fixture
def everywhere(monkeypatch):
    monkeypatch.setattr(tiling, "_MOST_FILLED", 1e4)
    monkeypatch.setattr(tiling, "_FEWEST_TILES", 1)
    monkeypatch.setattr(tiling, "_FEWEST_PRODUCTS", 1)


@pytest.mark.parametrize("shape", [{}, {"architecture": "resnet", "conv_clamp": 1.0}, {"use_noise": False}], ids=str)
@pytest.mark.parametrize("wrap", [False, True])
@pytest.mark.parametrize("cuts", [(), (3, 4), None])
def test_networks_that_use_them_give_the_same_picture(everywhere, shape, wrap, cuts):
    engine = pytest.importorskip("ganreact_core.synthesis.openvino_engine")
    net = random_stylegan2(channels=32, **shape).variant(wrap=wrap)
    w, after = net.map(torch.randn(2, net.z_dim, generator=DRAW)), (lambda index, x: x.flip(3) if index in (3, 4) else x)
    fast = engine.compiled(net, cuts=cuts)
    assert fast.compute._tiled((4, 4)) == {"b4.conv1", "b8.conv1", "b16.conv1", "b32.conv1"}
    bends = None if cuts == () else after
    expected = net.synthesize(w, after=bends)
    for _ in range(2):
        assert float((fast.synthesize(w, after=bends) - expected).abs().max()) <= 1e-4 * float(expected.abs().max())
    steps = (engine.compiled(net, "fast", cuts=cuts).synthesize(w, after=bends) - expected).abs() / expected.abs().max() * 127.5
    assert steps.mean() <= 1 and steps.max() <= 6, "of grey"


@pytest.mark.parametrize("name", ["sg3t_u_r64", "sg3t_c5_layers10_py311_r32"])
def test_stylegan3_too(everywhere, shared, name):
    net = load_generator(shared / "fixtures" / f"{name}.pkl")
    w = net.map(torch.randn(2, net.z_dim, generator=DRAW), torch.eye(net.c_dim)[:2] if net.c_dim else None)
    fast = numba_engine.computed(net)
    found, expected = fast.synthesize(w), net.synthesize(w)
    assert fast.compute._tiled and float((found - expected).abs().max()) <= 1e-4


@pytest.mark.parametrize("block", ["deep", "wide"])
@pytest.mark.parametrize("wrap", [False, True])
@pytest.mark.parametrize("cuts", [(), (1, 6), None])
def test_biggans_too_with_what_follows_a_convolution(everywhere, block, wrap, cuts):
    engine = pytest.importorskip("ganreact_core.synthesis.openvino_engine")
    net = random_biggan(block).variant(wrap=wrap)
    after = None if cuts == () else (lambda index, x: x.flip(3) if index in (1, 6) else x)
    fast = engine.compiled(net, cuts=cuts, rewritten={"blocks.1.conv2"})
    assert sum(piece.how == "tiles" for piece in fast.compute._pieces(net, True, (4, 4))) == 5, "two in each block, one is rewritten"
    w = net.map(torch.randn(2, net.z_dim, generator=DRAW), torch.eye(3)[:2])
    truncation = torch.tensor([1.0, 0.3])
    expected = net.synthesize(w, after=after, truncation=truncation)
    for _ in range(2):
        assert torch.allclose(fast.synthesize(w, after=after, truncation=truncation), expected, atol=2e-5)
    assert float(expected.std()) > 0.1


def test_a_trained_network_is_off_by_less_than_eyes_see_wherever_it_is_shortened(everywhere):
    pytest.importorskip("ganreact_core.synthesis.openvino_engine")
    net = load_generator("embedded")
    look = Look(size=(512, 256), canvas=Canvas(detail=1.0), entries=(Entry("a", "A", 21), Entry("b", "B", 2)))
    table = evaluate(look, (), {"palette.a": np.array([0.9, 0.3])}, {}, n_frames=2, fps=24)
    exact, fast = (FrameMaker(net, look, precision=p).pictures(table, [1])[0].astype(int) for p in ("exact", "fast"))
    assert np.abs(exact - fast).mean() <= 1 and np.abs(exact - fast).max() <= 6

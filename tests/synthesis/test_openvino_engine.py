"""The compiled networks against the torch formulation: the same picture, wherever somebody cuts in."""

import subprocess
import sys

import numpy as np
import pytest
import torch

from ganreact_core.errors import EngineError
from ganreact_core.synthesis import load_generator
from tests.synthesis.conftest import random_stylegan2

pytest.importorskip("openvino")
from ganreact_core.synthesis.openvino_engine import compiled


def latents(net, count=1, seed=0):
    draw = torch.Generator().manual_seed(seed)
    c = torch.eye(net.c_dim)[:1].expand(count, -1) if net.c_dim else None
    return net.map(torch.randn(count, net.z_dim, generator=draw), c)


def same(found, expected, tolerance=1e-4):
    assert found.shape == expected.shape
    assert float((found - expected).abs().max()) <= tolerance * max(1.0, float(expected.abs().max()))


@pytest.mark.parametrize("shape", [{}, {"architecture": "resnet"}, {"architecture": "orig"}, {"img_channels": 1}, {"use_noise": False},
                                   {"conv_clamp": 1.0}, {"resample_filter": (1.0, 2.0, 4.0, 2.0, 1.0)}], ids=str)
@pytest.mark.parametrize("wrap", [False, True])
def test_every_kind_of_stylegan2_gives_the_picture_of_the_torch_formulation(shape, wrap):
    net = random_stylegan2(**shape).variant(wrap=wrap)
    w = latents(net, 2)
    for noise in ("const", "none"):
        same(compiled(net).synthesize(w, noise), net.synthesize(w, noise))


def test_a_larger_field_and_other_noise(net):
    w, field = latents(net), net.input_map.repeat(1, 1, 2, 3)
    maps = [torch.randn(1, 1, 2 * m.shape[2], 3 * m.shape[3]) for m in net.noise_const()]
    same(compiled(net).synthesize(w, maps, input_map=field), net.synthesize(w, maps, input_map=field))


@pytest.mark.parametrize("architecture", ["skip", "resnet"])
@pytest.mark.parametrize("cuts", [None, (0, 3, 4), (6,)])
def test_whoever_acts_on_activations_acts_on_the_same(architecture, cuts):
    net = random_stylegan2(architecture=architecture)
    w, seen, expected = latents(net, 2), {}, {}

    def watch(into):
        def after(index, x):
            into[index] = x.clone()
            return x.flip(3) if (index in (3, 6) and cuts is None) or index in (cuts or ()) else x
        return after

    reference = net.synthesize(w, after=watch(expected))
    same(compiled(net, cuts=cuts).synthesize(w, after=watch(seen)), reference)
    assert list(seen) == (list(expected) if cuts is None else [0, *(k for k in cuts if k)])
    for index, x in seen.items():
        same(x, expected[index])


@pytest.mark.parametrize("architecture", ["skip", "resnet"])
def test_rewritten_layers_take_their_other_weights_and_may_keep_their_own(architecture):
    net = random_stylegan2(architecture=architecture)
    w, names = latents(net, 2), ("b8.conv0", "b16.conv1")
    full = [f"synthesis.{name}.weight" for name in names]
    other = [{name: (net.tensors[name] * k).flip(1) for name in full} for k in (-1, 2)]
    fast = compiled(net, rewritten=names)
    same(fast.synthesize(w, rewrites=other), net.synthesize(w, rewrites=other))
    same(fast.synthesize(w), net.synthesize(w))
    assert not torch.allclose(net.synthesize(w), net.synthesize(w, rewrites=other))


def test_the_fast_precision_is_off_by_less_than_eyes_see():
    net = load_generator("embedded")
    w = latents(net, seed=3)
    steps = (compiled(net, "fast").synthesize(w).clamp(-1, 1) - net.synthesize(w).clamp(-1, 1)).abs() * 127.5
    assert float(steps.mean()) <= 1 and float(steps.max()) <= 6


def test_a_row_does_not_depend_on_its_neighbours_and_what_is_returned_stays(net):
    fast, w = compiled(net, streams=2), latents(net, 3)
    together = fast.synthesize(w)
    alone = [fast.synthesize(row[None]) for row in w]
    assert all(torch.equal(a[0], b) for a, b in zip(alone, together, strict=True))


def test_it_reports_to_nobody_and_refuses_a_forked_process():
    script = ("import os, sys, torch\n"
              "from ganreact_core.synthesis import load_generator\n"
              "from ganreact_core.synthesis.openvino_engine import compiled\n"
              "net = compiled(load_generator('embedded'))\n"
              "w = net.map(torch.randn(1, net.z_dim), torch.eye(net.c_dim)[:1])\n"
              "net.synthesize(w)\n"
              "print(any('telemetry' in name for name in sys.modules))\n"
              "if not os.fork():\n"
              "    try:\n"
              "        net.synthesize(w)\n"
              "    except Exception as error:\n"
              "        print(type(error).__name__, flush=True)\n"
              "    os._exit(0)\n"
              "os.wait()\n")
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.split() == ["False", EngineError.__name__]


def test_embedded_agrees_to_the_grey_level():
    net = load_generator("embedded")
    w = latents(net, seed=5)
    a, b = (np.floor(np.clip(x.numpy() * 127.5 + 128, 0, 255)) for x in (compiled(net).synthesize(w), net.synthesize(w)))
    assert np.abs(a - b).max() <= 1

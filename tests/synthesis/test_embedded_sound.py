"""The sound network that comes along: small, audible, and steered as the page on Hallu says."""

import numpy as np
import pytest
import torch

from ganreact_core.engine.hallu import components_of
from ganreact_core.models import EMBEDDED_SOUND, model_file
from ganreact_core.synthesis import load_generator
from ganreact_core.synthesis.sound.components import ComponentEdit
from ganreact_core.training.sound_lessons import KINDS, place_of


@pytest.fixture(scope="module")
def net():
    return load_generator(EMBEDDED_SOUND)


def centroid_hz(sound):
    power = np.abs(np.fft.rfft(sound)) ** 2
    return float((power * np.fft.rfftfreq(len(sound), 1 / 16_000)).sum() / power.sum())


def loudness(sound):
    return float(20 * np.log10(sound.std()))


def is_monotone(values):
    steps = np.diff(values)
    return bool((steps > 0).all() or (steps < 0).all())


def test_it_is_small_and_a_whole_gansynth(net):
    assert model_file(EMBEDDED_SOUND).stat().st_size < 8 << 20
    assert net.kind == "gansynth" and net.resolution == (128, 1024)


@pytest.mark.parametrize("component", [0, 1])
def test_the_first_components_change_brightness_or_loudness_one_way(net, component):
    edit = ComponentEdit(net, components_of(net, EMBEDDED_SOUND, ""))
    sliders = np.zeros((9, 2))
    sliders[:, component] = np.linspace(-2, 2, 9)
    with torch.inference_mode():
        sounds = net.to_audio(torch.cat([edit.replaced(row[None]) for row in sliders])).numpy()
    centroids, levels = [centroid_hz(s) for s in sounds], [loudness(s) for s in sounds]
    assert is_monotone(centroids) or is_monotone(levels)
    assert abs(levels[-1] - levels[0]) > 3 or max(centroids[0], centroids[-1]) > 1.3 * min(centroids[0], centroids[-1])


def test_no_sound_is_silent_and_the_kinds_differ(net):
    latents = np.random.default_rng(1).normal(size=(len(KINDS), 3, net.z_dim)).astype(np.float32)
    for k, kind in enumerate(KINDS):
        latents[k, :, 2:4] = place_of(kind)
    with torch.inference_mode():
        w = net.map(torch.from_numpy(latents.reshape(-1, net.z_dim)), net.pitch(60, 3 * len(KINDS)))
        pictures = torch.cat([net.synthesize(row[None]) for row in w])
        sounds = net.to_audio(pictures)
    assert float(sounds.abs().amax(dim=1).min()) > 1e-3
    means = pictures[:, 0].reshape(len(KINDS), 3, -1).mean(dim=1)
    apart = torch.cdist(means, means)[~torch.eye(len(KINDS), dtype=bool)]
    assert float(apart.min()) > 0.05 * means.shape[1] ** 0.5

"""The axes along which a sound network's activations vary most (GANSpaceSynth, Tahiroğlu et al. 2021), found and applied."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from ...arrays import load_arrays, save_arrays
from ...errors import InputFileError, UsageError
from ..checkpoints.ganspacesynth import read_component_pickle
from ..generators.gansynth import GANSynth

FIRST_LAYER = "block1.conv0"
SAMPLES, MOST_SAMPLES = 16_384, 4_194_304
COMPONENTS = 16
_BATCH = 256
_SPARE = 32  # axes carried along beside those that are kept, so that what is cut off does not bend them


@dataclass(frozen=True)
class SoundComponents:
    """Principal components of one layer's activations, the strongest first.

    layer      name of the layer
    mean       float32 [c, h, w]
    vectors    float32 [n, c, h, w], each of unit length
    sigmas     float32 [n], standard deviation along each
    var_ratio  float32 [n], its share of all variance
    """

    layer: str
    mean: np.ndarray
    vectors: np.ndarray
    sigmas: np.ndarray
    var_ratio: np.ndarray

    def __len__(self) -> int:
        return len(self.sigmas)

    def offset(self, sliders: np.ndarray) -> np.ndarray:
        """Settings [b, k ≤ n] in standard deviations -> Σ cᵢ·σᵢ·vᵢ, float32 [b, c, h, w]."""
        k = sliders.shape[1]
        scaled = np.asarray(sliders, np.float32) * self.sigmas[:k]
        return np.tensordot(scaled, self.vectors[:k], axes=1)

@torch.inference_mode()
def principal_components(generator: GANSynth, *, layer: str = FIRST_LAYER, samples: int = SAMPLES, components: int = COMPONENTS,
                         pitch: float | None = None, seed: int = 1,
                         advance: Callable[[float], None] = lambda fraction: None) -> SoundComponents:
    """Incremental PCA (Ross et al. 2008) of a layer's activations over random latents at one pitch.

    Each batch is merged with the axes found so far, so memory does not grow with the samples.
    pitch    MIDI number; None takes the lowest that was trained
    """
    index = _layer_index(generator, layer)
    _, (height, width), channels = generator.layers[index]
    if not 2 * components <= samples <= MOST_SAMPLES:
        raise UsageError(f"{samples} samples do not give {components} components; take {2 * components} to {MOST_SAMPLES}")
    found = _Merged(channels * height * width, components + _SPARE, generator.device)
    draw = torch.Generator().manual_seed(seed)
    at = generator.pitches[0] if pitch is None else pitch
    for start in range(0, samples, _BATCH):
        n = min(_BATCH, samples - start)
        z = torch.randn(n, generator.z_dim, generator=draw).to(generator.device)
        found.merge(generator.activations(generator.map(z, generator.pitch(at, n)), index).flatten(1))
        advance(min(1.0, (start + n) / samples))
    return found.components(layer, (channels, height, width), components)


class _Merged:
    """Mean and strongest axes of all rows so far."""

    def __init__(self, size: int, kept: int, device: str):
        self.n, self.kept = 0, kept
        self.mean = torch.zeros(size, dtype=torch.float64, device=device)
        self.axes = torch.zeros(0, size, device=device)  # unit vectors times singular values
        self.squares = 0.0  # summed squared distances from the mean

    def merge(self, rows: Tensor) -> None:
        """rows [b, size]"""
        b, mean = len(rows), rows.double().mean(0)
        gap = (mean - self.mean) * (self.n * b / (self.n + b)) ** 0.5
        centred = rows - mean.float()
        stacked = torch.cat([self.axes, centred, gap.float()[None]]) if self.n else centred
        self.squares += float(centred.double().square().sum()) + (float(gap.square().sum()) if self.n else 0.0)
        _, turn = torch.linalg.eigh((stacked @ stacked.T).double())
        best = turn[:, -min(self.kept, len(turn)):].flip(1)
        self.axes = best.T.float() @ stacked
        self.mean += (mean - self.mean) * (b / (self.n + b))
        self.n += b

    def components(self, layer: str, shape: tuple[int, ...], count: int) -> SoundComponents:
        """Each axis points to where its largest number is positive, so that a sign never flips."""
        lengths = self.axes.double().norm(dim=1)
        count = min(count, int((lengths > 1e-6 * lengths[0]).sum()))
        axes = (self.axes[:count].double() / lengths[:count, None]).float().cpu().numpy()
        axes *= np.sign(np.take_along_axis(axes, np.abs(axes).argmax(1)[:, None], 1))
        variance = lengths[:count].square().cpu().numpy()
        return SoundComponents(layer, self.mean.float().cpu().numpy().reshape(shape), axes.reshape(-1, *shape),
                               np.sqrt(variance / max(1, self.n - 1)).astype(np.float32),
                               (variance / self.squares).astype(np.float32))


class ComponentEdit:
    """Components at their layer of a network: settings -> pictures of sounds."""

    def __init__(self, generator: GANSynth, components: SoundComponents):
        self.index = _layer_index(generator, components.layer)
        _, (height, width), channels = generator.layers[self.index]
        if components.mean.shape != (channels, height, width):
            theirs = "×".join(map(str, components.mean.shape))
            raise InputFileError(f"the components are of a layer of {theirs}, where this network's "
                                 f"has {channels}×{height}×{width}; find them anew for this network")
        self.generator, self.found = generator, components

    def replaced(self, sliders: np.ndarray) -> Tensor:
        """[b, k] -> [b, 2, frames, bands]: the layer's activation is mean + Σ cᵢ·σᵢ·vᵢ; latent and pitch have no say."""
        return self.generator.from_layer(self.index, self._tensor(self.found.mean + self.found.offset(sliders)))

    def added(self, sliders: np.ndarray, w: Tensor) -> Tensor:
        """[b, k], w [b, 1, w_dim] -> [b, 2, frames, bands]: Σ cᵢ·σᵢ·vᵢ is added to what w makes, so pitch stays."""
        x = self.generator.activations(w, self.index) + self._tensor(self.found.offset(sliders))
        return self.generator.from_layer(self.index, x)

    def _tensor(self, values: np.ndarray) -> Tensor:
        return torch.from_numpy(np.asarray(values, np.float32)).to(self.generator.device)


def save_components(path: str | Path, found: SoundComponents, *, half: bool = False) -> None:
    """Write .npz: "layer" (text as bytes), "mean", "vectors", "sigmas", "var_ratio"; `half` stores vectors in 16 bit."""
    vectors = found.vectors.astype(np.float16) if half else found.vectors
    save_arrays(path, {"layer": np.frombuffer(found.layer.encode(), np.uint8), "mean": found.mean, "vectors": vectors,
                       "sigmas": found.sigmas, "var_ratio": found.var_ratio})


def load_components(path: str | Path) -> SoundComponents:
    """Read .npz, or a pickle of GANSpaceSynth's; raises InputFileError where it holds no components."""
    layer, arrays = _read(Path(path))
    names = ("mean", "vectors", "sigmas", "var_ratio")
    mean, vectors, sigmas, ratio = (np.asarray(arrays.get(name, ()), np.float32) for name in names)
    fits = mean.ndim == 3 and vectors.shape == (len(sigmas), *mean.shape) and sigmas.shape == ratio.shape and len(sigmas)
    if not fits or not all(np.isfinite(a).all() for a in (mean, vectors, sigmas, ratio)):
        raise InputFileError(f"'{path}' holds no sound components; make them with 'ganreact components'")
    return SoundComponents(layer, mean, vectors, sigmas, ratio)


def _read(path: Path) -> tuple[str, dict[str, np.ndarray]]:
    if path.suffix in (".pkl", ".pickle"):
        return read_component_pickle(path)
    arrays = load_arrays(path, "a file of sound components")
    layer = np.asarray(arrays.pop("layer", np.zeros(0, np.uint8)))
    return layer.astype(np.uint8).tobytes()[:64].decode("ascii", "replace"), arrays


def _layer_index(generator: GANSynth, layer: str) -> int:
    names = [named.name for named in generator.layers]
    if layer not in names[1:]:
        raise UsageError(f"this network has no layer '{layer}'; it has {', '.join(names[1:])}")
    return names.index(layer)

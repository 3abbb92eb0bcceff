"""The plane of the embedded sound network's first two components: nine points, heard, drawn and measured (docs/hallu.md).

python scripts/draw_hallu.py [OUT.png]
"""

from __future__ import annotations

import sys
from itertools import product
from pathlib import Path

import matplotlib
import numpy as np
import torch

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from ganreact_core.models import EMBEDDED_COMPONENTS, EMBEDDED_SOUND  # noqa: E402
from ganreact_core.synthesis import load_generator  # noqa: E402
from ganreact_core.synthesis.sound.components import ComponentEdit, load_components  # noqa: E402

_POINTS = (-2.0, 0.0, 2.0)
_BACK, _INK = "#0e1117", "#e6e9ef"


def described(sound: np.ndarray, rate_hz: int) -> dict[str, float]:
    """Spectral centroid in Hz, loudness in dB, and how long it stays within 20 dB of its loudest."""
    power = np.abs(np.fft.rfft(sound)) ** 2 + 1e-12
    hertz = np.fft.rfftfreq(len(sound), 1 / rate_hz)
    parts = np.sqrt((sound.reshape(-1, rate_hz // 20) ** 2).mean(axis=1))
    return {"centroid": float((power * hertz).sum() / power.sum()),
            "loudness": 20 * float(np.log10(sound.std() + 1e-9)),
            "length": float((parts > 0.1 * parts.max()).mean() * len(sound) / rate_hz)}


def main() -> None:
    """Draw, and print the table's rows."""
    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    out = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "images" / "hallu-plane.png"
    network = load_generator(EMBEDDED_SOUND)
    edit = ComponentEdit(network, load_components(EMBEDDED_COMPONENTS))
    figure, axes = plt.subplots(3, 3, figsize=(9, 7), facecolor=_BACK, sharex=True, sharey=True)
    for (row, two), (column, one) in product(enumerate(reversed(_POINTS)), enumerate(_POINTS)):
        with torch.inference_mode():
            picture = edit.replaced(np.array([[one, two]]))
            sound = network.to_audio(picture)[0].numpy()
        told = described(sound, network.config.sample_rate)
        print(f"| {one:+.0f} | {two:+.0f} | {told['centroid']:.0f} | {told['loudness']:.1f} "
              f"| {told['length']:.2f} |")
        magnitude = network.denormalised(picture)[0, 0].T
        seen = axes[row, column]
        seen.imshow(magnitude, origin="lower", aspect="auto", vmin=-10, vmax=9, cmap="magma",
                    extent=(0, len(sound) / network.config.sample_rate, 0, network.config.sample_rate / 2000))
        seen.set_title(f"component 1 {one:+.0f}σ, 2 {two:+.0f}σ", fontsize=9, color=_INK)
        seen.tick_params(colors=_INK, labelsize=8)
    figure.supxlabel("seconds", fontsize=9, color=_INK)
    figure.supylabel("kHz", fontsize=9, color=_INK)
    figure.tight_layout()
    figure.savefig(out, dpi=100)


if __name__ == "__main__":
    main()

"""The pages that show how to add a bend and a feature show ones that work, in the modules they name."""

import re
from pathlib import Path

import numpy as np
import pytest

from ganreact_core.catalogue import BENDS, Parameter

DOCS = Path(__file__).resolve().parents[2] / "docs"


def blocks(page):
    return re.findall(r"```python\n(.*?)```", (DOCS / page).read_text(encoding="utf-8"), re.DOTALL)


def test_the_page_s_bend_bends():
    torch = pytest.importorskip("torch")
    from ganreact_core.synthesis import warps
    from ganreact_core.synthesis.manner import Manner
    row, function = blocks("add-a-bend.md")
    (name, parameter), = eval(f"{{{row}}}", {"Parameter": Parameter}).items()
    assert name not in BENDS and parameter.neutral == 0
    space = dict(vars(warps))
    exec(function, space)
    x = torch.randn(1, 3, 16, 24, generator=torch.Generator().manual_seed(1))
    still, little, much = (space[name](x.clone(), amount, Manner()) for amount in (0.0, 0.01, 0.3))
    assert torch.allclose(still, x, atol=1e-5) and much.shape == x.shape
    assert 0 < (little - x).abs().mean() < (much - x).abs().mean() and torch.equal(much[:, :, 0], x[:, :, 0])


def test_the_page_s_feature_hears():
    pytest.importorskip("scipy")
    from ganreact_core.audio import dynamics
    from ganreact_core.audio.spectra import ANALYSIS_RATE_HZ, grid_for
    function, row = blocks("add-a-feature.md")
    space = dict(vars(dynamics))
    exec(function, space)
    grid = grid_for(ANALYSIS_RATE_HZ, ANALYSIS_RATE_HZ)
    tone = 0.3 * np.sin(0.1 * np.arange(ANALYSIS_RATE_HZ)).astype(np.float32)
    click = np.zeros_like(tone)
    click[ANALYSIS_RATE_HZ // 2] = 0.5

    def heard(samples):
        space.update(features={}, samples=samples, grid=grid)
        exec(row, space)
        return space["features"]["crest"]

    assert not heard(0 * tone).any() and heard(click).max() > 0.9 and 0.1 < heard(tone)[10:-10].max() < 0.3
    assert np.allclose(heard(tone), heard(2 * tone), atol=1e-4) and len(heard(tone)) == grid.n_hops

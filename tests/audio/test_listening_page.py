"""The page for artists names everything there is to choose from."""

import re
from pathlib import Path

import numpy as np
import pytest

from ganreact_core.clocks import WAVES
from ganreact_core.envelopes import COMBINATIONS, OPERATIONS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "listening.md"


def test_every_feature_event_wave_and_step_is_explained():
    pytest.importorskip("librosa")
    from ganreact_core.audio import Audio, analyze

    found = analyze(Audio(np.random.default_rng(0).normal(size=44100).astype(np.float32) * 0.1, 22050))
    named = set(re.findall(r"`(\w+)`", PAGE.read_text(encoding="utf-8")))
    assert not {*found.features, *found.events, *WAVES, *OPERATIONS, *COMBINATIONS} - named

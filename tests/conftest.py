"""What many tests share."""

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def data() -> Path:
    """The small files the project brings along."""
    return ROOT / "tests" / "data"


@pytest.fixture(scope="session")
def shared() -> Path:
    """Larger reference files beside the project; tests that need them are skipped where they are not."""
    folder = ROOT.parent / "shared"
    if not folder.is_dir():
        pytest.skip("reference files are not beside the project")
    return folder

"""Training is compared number by number, so sums are made in one order."""

import pytest
import torch


@pytest.fixture(autouse=True)
def one_thread():
    """Sums in one order: numbers are compared exactly."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)

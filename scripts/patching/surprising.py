"""Surprise, of the seed 0; others are made by `ganreact_core.surprise`."""

from ganreact_core.patches import Patch
from ganreact_core.surprise import surprise


def make() -> Patch:
    return surprise(0)

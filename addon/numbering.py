"""Numbers drawn into pictures: which frame is which on a contact sheet. No bpy."""

from __future__ import annotations

import numpy as np

_ROWS = {
    "0": ("###", "#.#", "#.#", "#.#", "###"), "1": (".#.", "##.", ".#.", ".#.", "###"),
    "2": ("###", "..#", "###", "#..", "###"), "3": ("###", "..#", ".##", "..#", "###"),
    "4": ("#.#", "#.#", "###", "..#", "..#"), "5": ("###", "#..", "###", "..#", "###"),
    "6": ("###", "#..", "###", "#.#", "###"), "7": ("###", "..#", ".#.", ".#.", ".#."),
    "8": ("###", "#.#", "###", "#.#", "###"), "9": ("###", "#.#", "###", "..#", "###"),
    "-": ("...", "...", "###", "...", "..."), ".": ("...", "...", "...", "...", ".#."),
}


def numbered(picture: np.ndarray, number: float) -> np.ndarray:
    """A copy of an RGB picture, uint8 [h, w, 3], with a number at its lower left; as it is where there is no room for it."""
    height, width = picture.shape[:2]
    scale = max(1, round(height / 90))
    bits = np.array([[mark == "#" for letter in f"{number:.10g}" for mark in (*_ROWS[letter][row], ".")] for row in range(5)])
    tag = np.zeros((7, bits.shape[1] + 1), np.uint8)
    tag[1:6, 1:] = bits
    tag = tag.repeat(scale, 0).repeat(scale, 1)
    if tag.shape[0] > height or tag.shape[1] > width:
        return picture
    made = picture.copy()
    made[height - tag.shape[0]:, :tag.shape[1]] = np.where(tag[..., None] > 0, np.uint8(235), np.uint8(24))
    return made

"""Contact sheets: one row per class."""

from __future__ import annotations

from pathlib import Path

import torch
from PIL import Image
from torch import Tensor


def save_sheet(rows: list[Tensor], path: Path, *, zoom: int = 1, gap: int = 4) -> None:
    """rows: one [n, 3, h, w] in -1…1 each -> a PNG with a row of n pictures for each."""
    n, _, height, width = rows[0].shape
    sheet = torch.full((len(rows) * (height + gap) + gap, n * (width + gap) + gap, 3), 18, dtype=torch.uint8)
    for r, row in enumerate(rows):
        pixels = (row.float() * 127.5 + 128).clamp(0, 255).to(torch.uint8).permute(0, 2, 3, 1)
        for k, picture in enumerate(pixels):
            top, left = gap + r * (height + gap), gap + k * (width + gap)
            sheet[top:top + height, left:left + width] = picture
    image = Image.fromarray(sheet.numpy())
    path.parent.mkdir(parents=True, exist_ok=True)
    image.resize((image.width * zoom, image.height * zoom), Image.Resampling.BICUBIC).save(path, optimize=True)

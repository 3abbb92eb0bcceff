"""Where networks are found: the embedded ones by their names, any other by its path; each known by its sha256."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

from ..errors import CheckpointError
from ..files import file_sha256, require_there

EMBEDDED, EMBEDDED_SOUND = "embedded", "embedded-sound"
EMBEDDED_FILES = {EMBEDDED: "embedded.safetensors", EMBEDDED_SOUND: "embedded_sound.safetensors"}
EMBEDDED_COMPONENTS = Path(__file__).parent / "embedded_sound.npz"
"""Principal components of the embedded sound network."""

_FILES = 10_000  # looked at in a folder: a network's has a handful


def model_file(model: str) -> Path:
    """The file of a network: "embedded", "embedded-sound", or a path; raises CheckpointError where there is none."""
    embedded = EMBEDDED_FILES.get(model)
    path = Path(__file__).parent / embedded if embedded else Path(model)
    if embedded and not path.is_file():
        raise CheckpointError("this installation lacks its embedded network; install GANReact again or choose a checkpoint")
    require_there(path, "checkpoint", CheckpointError)
    return path


def model_sha256(model: str) -> str:
    """sha256 of a network's file; of a folder, of the largest file in it or one below, which holds the numbers."""
    path = model_file(model)
    if path.is_dir():
        files = [p for pattern in ("*", "*/*") for p in islice(path.glob(pattern), _FILES) if p.is_file()]
        if not files:
            raise CheckpointError(f"the folder '{path.name}' is empty; choose the folder that holds the checkpoint")
        path = max(files, key=lambda p: p.stat().st_size)
    return file_sha256(path)

"""Readers that execute nothing: a file from a stranger -> tensors and a configuration."""

from .read import read_checkpoint
from .records import Checkpoint
from .safetensors_file import save_safetensors

__all__ = ["Checkpoint", "read_checkpoint", "save_safetensors"]

"""Everything that needs torch: checkpoints -> generators -> frames."""

from .load import load_generator

__all__ = ["load_generator"]

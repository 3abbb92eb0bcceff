"""Everything that needs torch: checkpoints -> generators -> frames."""

from .load import load_generator, load_kept

__all__ = ["load_generator", "load_kept"]

"""Everything that needs torch: checkpoints -> generators -> frames.

Names are found when they are asked for: who only reads what a checkpoint says, or makes a bundle, does not wait for torch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .load import load_generator, load_kept

__all__ = ["load_generator", "load_kept"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"ganreact_core.synthesis has no '{name}'")
    from . import load

    globals().update({each: getattr(load, each) for each in __all__})
    return globals()[name]

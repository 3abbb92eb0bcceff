"""The only place that knows actions, slots, channelbags, samples and groups.

Written against the layered actions that Blender 4.5, 5.0 and 5.2 share: `fcurve_ensure_for_datablock` to create,
the channelbag of the assigned slot for everything else.
"""

from .actions import curve_of, curves_of, own_action, path_of, remove_curves, tidy, unfold
from .keys import copy_keys, copy_motion, hand_keys, keys_of, keys_within, move_keys, read_events, write_events, write_keys
from .reading import read_exact, why_not_exact
from .samples import is_sampled, samples_of, samples_to_keys, show_ghost, write_samples

__all__ = [
    "copy_keys", "copy_motion", "curve_of", "curves_of", "hand_keys", "is_sampled", "keys_of", "keys_within",
    "move_keys", "own_action", "path_of", "read_events", "read_exact", "remove_curves", "samples_of", "samples_to_keys",
    "show_ghost", "tidy", "unfold", "why_not_exact", "write_events", "write_keys", "write_samples",
]

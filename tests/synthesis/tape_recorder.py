"""Stands in for a card that records work: a tape of torch operators, played again on the very same tensors.

It keeps what a CUDA graph keeps, no Python and no value from the host, and refuses what a card refuses while it records.
"""

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

_REFUSED = {"aten::_local_scalar_dense", "aten::item", "aten::lift_fresh", "aten::nonzero"}


class Tape(TorchDispatchMode):
    """One piece: (operator, arguments, results) in turn."""

    def __init__(self):
        super().__init__()
        self.steps = []

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        name = func._schema.name
        if name in _REFUSED:
            raise RuntimeError(f"CUDA error: operation not permitted when stream is capturing ({name})")
        found = func(*args, **(kwargs or {}))
        self.steps.append((func, args, kwargs or {}, found))
        return found

    def forget(self):
        """What was computed while the tape ran: a card would not have computed it."""
        for args, found in ((args, found) for _, args, _, found in self.steps):
            for result in _made(args, found):
                result.fill_(float("nan") if result.is_floating_point() else 0)

    def play(self):
        for func, args, kwargs, found in self.steps:
            again = func(*args, **kwargs)
            for before, now in zip(tree_leaves(found), tree_leaves(again), strict=True):
                if any(before is own for own in _made(args, found)):
                    before.copy_(now)


def _made(args, found):
    """Results with memory of their own: neither an argument nor a view of one."""
    given = {t.untyped_storage().data_ptr() for t in tree_leaves(args) if isinstance(t, torch.Tensor)}
    return [t for t in tree_leaves(found) if isinstance(t, torch.Tensor) and t.untyped_storage().data_ptr() not in given]


class TapeRecorder:
    """A `replaying.Recorder` on a CPU. `pieces` counts what was recorded, `played` what was done again."""

    def __init__(self):
        self.pieces = self.played = self.given_up = 0
        self._tape = None

    def aside(self, work):
        return work()

    def begin(self):
        self._tape = Tape()
        self._tape.__enter__()

    def end(self):
        tape, self._tape = self._tape, None
        tape.__exit__(None, None, None)
        tape.forget()
        self.pieces += 1

        def again():
            self.played += 1
            tape.play()

        return again

    def give_up(self):
        self.given_up += 1
        if self._tape is not None:
            self._tape.__exit__(None, None, None)
            self._tape = None

"""Clips one after the other without a gap: the newest takes over where the one that sounds ends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

_AHEAD_S = 1.5  # so much is always settled: a busy window may not look for as long


@dataclass
class _Pass:
    """A clip on its way: silence until its turn, then once through."""

    handle: Any
    lasts_s: float

    @property
    def left_s(self) -> float:
        """Seconds until its end; 0 where it is over, or nothing plays here."""
        return max(0.0, self.lasts_s - self.handle.position) if self.handle.status else 0.0


class SeamlessLoop:
    """Repeats a clip on a sound device (an `aud.Device`, or what can play, lock and unlock like one).

    Every pass is a sound of its own that begins where the last one ends, so it matters neither when it is asked for nor how
    long the next clip is. What was settled and has not begun gives way to a newer clip. Clips begin and end in silence; so
    do seams.
    """

    def __init__(self, device: Any):
        self._device = device
        self._clip: tuple[Any, float] | None = None
        self._passes: list[_Pass] = []  # what sounds, then what follows

    def offer(self, sound: Any) -> None:
        """The clip that is to be heard from the next seam on; at once where there is silence."""
        self._clip = sound, sound.length / sound.specs[0]
        self._look(newer=True)

    def keep_on(self) -> None:
        """Called often: there is always something settled behind what sounds."""
        self._look(newer=False)

    def stop(self) -> None:
        """Silence, at once."""
        self._drop(0)
        self._clip = None

    def _look(self, *, newer: bool) -> None:
        self._device.lock()  # or a seam would move on while it is measured
        try:
            self._passes = [one for one in self._passes if one.left_s]
            if newer:
                self._drop(1)
            while self._clip and (len(self._passes) < 2 or self._passes[-1].left_s < _AHEAD_S):
                self._passes.append(self._after(self._passes[-1].left_s if self._passes else 0.0))
                if not self._passes[-1].left_s:  # nothing plays here
                    break
        finally:
            self._device.unlock()

    def _drop(self, first: int) -> None:
        for one in self._passes[first:]:
            if one.handle.status:
                one.handle.stop()
        del self._passes[first:]

    def _after(self, silence_s: float) -> _Pass:
        assert self._clip
        sound, lasts_s = self._clip
        return _Pass(self._device.play(sound.delay(silence_s) if silence_s else sound), silence_s + lasts_s)

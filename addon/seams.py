"""Clips one after the other without a gap: the newest takes over where the one that sounds ends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

_AHEAD_S = 0.3  # before a seam, what follows is decided: more than a busy window lets pass between two looks


@dataclass
class _Pass:
    """A clip on its way: silence until the seam, then once through."""

    handle: Any
    lasts_s: float

    @property
    def left_s(self) -> float:
        """Seconds until its end; 0 where it is over, or nothing plays here."""
        return max(0.0, self.lasts_s - self.handle.position) if self.handle.status else 0.0


class SeamlessLoop:
    """Repeats a clip on a sound device (an `aud.Device`, or what can play, lock and unlock like one).

    Every pass is a sound of its own that the device begins at the very sample at which the last one ends, so it matters
    neither when it is asked for nor how long the next clip is. Clips begin and end in silence; so do seams.
    """

    def __init__(self, device: Any):
        self._device = device
        self._clip: tuple[Any, float] | None = None
        self._now: _Pass | None = None
        self._next: _Pass | None = None

    def offer(self, sound: Any) -> None:
        """The clip that is to be heard from the next seam on; at once where there is silence."""
        self._clip = sound, sound.length / sound.specs[0]
        self._look(newer=True)

    def keep_on(self) -> None:
        """Called often: puts the next pass behind the one that sounds, shortly before it ends."""
        self._look(newer=False)

    def _look(self, *, newer: bool) -> None:
        self._device.lock()  # or a seam would move on while it is measured
        try:
            if self._now and not self._now.left_s:
                self._now, self._next = self._next, None
            if self._now and self._next and newer:
                self._next.handle.stop()
                self._next = None
            if self._clip and self._now is None:
                self._now = self._after(0.0)
            elif self._clip and self._now and self._next is None and self._now.left_s < _AHEAD_S:
                self._next = self._after(self._now.left_s)
        finally:
            self._device.unlock()

    def stop(self) -> None:
        """Silence, at once."""
        for one in (self._now, self._next):
            if one and one.handle.status:
                one.handle.stop()
        self._clip = self._now = self._next = None

    def _after(self, silence_s: float) -> _Pass:
        assert self._clip
        sound, lasts_s = self._clip
        return _Pass(self._device.play(sound.delay(silence_s) if silence_s else sound), silence_s + lasts_s)

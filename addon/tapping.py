"""Taps along with the music, until they make a tempo. They live with the window, not with the file."""

from __future__ import annotations

import time

import bpy

from ..ganreact_core.corrections import Tempo, tapped
from ..ganreact_core.errors import LookError
from .documents import Hearing

_PAUSE_S = 3.0
_FEWEST = 4
_taps: list[tuple[float, float]] = []
"""Seconds of the clock, seconds of the sound."""


def tap(context: bpy.types.Context, scene: bpy.types.Scene, hearing: Hearing) -> str:
    """Note a tap; what the taps say so far. After a pause they begin anew."""
    now = time.perf_counter()
    if _taps and now - _taps[-1][0] > _PAUSE_S:
        forget()
    playing = bool(context.screen and context.screen.is_animation_playing)
    first = _taps[0] if _taps else (now, hearing.placed.time_of(scene.frame_current_final))
    heard_s = hearing.placed.time_of(scene.frame_current_final) if playing else first[1] + now - first[0]
    _taps.append((now, heard_s))
    found = tempo()
    if found:
        return f"{found.bpm:.1f} beats per minute after {len(_taps)} taps; use Set Tempo"
    left = _FEWEST - len(_taps)
    return f"tap {left} more time{'s' if left > 1 else ''}" if left > 0 else "no steady beat yet; go on tapping"


def tempo() -> Tempo | None:
    """What the taps make, or None while they make nothing. Playback shows a frame late or early; the clock is even."""
    if len(_taps) < _FEWEST:
        return None
    try:
        even = tapped([clock for clock, _ in _taps])
    except LookError:
        return None
    late = [heard - (clock - even.first_s) for clock, heard in _taps]
    return Tempo(even.bpm, sorted(late)[len(late) // 2], even.metre)


def forget() -> None:
    """Begin anew."""
    _taps.clear()

"""What is heard of Hallu before anything is rendered: one step, or a loop that follows the sliders."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import bpy

from ..ganreact_core.caches import cache_folder
from ..ganreact_core.errors import EngineError, GANReactError
from ..ganreact_core.processes import process_name
from . import hallu
from .place import scene_of
from .preferences import engine_choice
from .seams import SeamlessLoop
from .session import session

_PERIOD_S, _KEPT = 0.05, 4
_numbers = itertools.count(1)


class _Loop:
    """Whose sliders are followed, what sounds, what was asked for last."""

    scene = 0  # its number for the session: it can be renamed
    asked = ""
    under_way = False
    passes: SeamlessLoop | None = None
    handle: Any = None
    device: Any = None  # what plays must not be let go of


def hear_step(context: bpy.types.Context, control: bpy.types.Object) -> None:
    """Ask for the clip of the sliders as they stand; it is played when it is there."""
    out = _clip_file()
    session.start(context, "hallu", hallu.arguments(hallu.piece_now(control), out, engine_choice(context).device),
                  title="Making sound", finish=("hallu_play", {"filepath": str(out)}))


def play(path: str | Path) -> None:
    """Play a sound file once, instead of what sounds; raises EngineError where there is no sound device."""
    import aud

    stop()
    try:
        _Loop.device = _open_device()
        _Loop.handle = _Loop.device.play(_sound(path))
    except aud.error as cause:
        raise _no_device(cause) from cause


def repeat(path: str | Path) -> None:
    """Play a sound file over and over, from the end of the one that is repeated now."""
    import aud

    try:
        if _Loop.passes is None:
            stop()
            _Loop.device = _open_device()
            _Loop.passes = SeamlessLoop(_Loop.device)
        _Loop.passes.offer(_sound(path))
    except aud.error as cause:
        raise _no_device(cause) from cause


def stop() -> None:
    """Silence."""
    if _Loop.handle is not None and _Loop.handle.status:
        _Loop.handle.stop()
    if _Loop.passes is not None:
        _Loop.passes.stop()
    _Loop.handle = _Loop.passes = None


def is_live() -> bool:
    """Whether a loop follows the sliders."""
    return bool(_Loop.scene)


def follow(scene: bpy.types.Scene) -> None:
    """Let the clip of the present sliders repeat, and change with them."""
    _Loop.scene, _Loop.asked, _Loop.under_way = scene.session_uid, "", False
    if not bpy.app.background and not bpy.app.timers.is_registered(tick):
        bpy.app.timers.register(tick, first_interval=0.0)


def rest() -> None:
    """Stop following, and be silent."""
    _Loop.scene = 0
    if bpy.app.timers.is_registered(tick):
        bpy.app.timers.unregister(tick)
    stop()


def tick() -> float | None:
    """The timer: asks for another clip where the sliders stand elsewhere; one is under way at a time."""
    scene = scene_of(_Loop.scene)
    control = hallu.active(scene) if scene else None
    if control is None:
        _Loop.scene = 0
        return None
    if not _Loop.under_way:
        ask_again(bpy.context, control)
    if _Loop.passes is not None:
        _Loop.passes.keep_on()
    return _PERIOD_S if is_live() else None


def ask_again(context: bpy.types.Context, control: bpy.types.Object) -> bool:
    """Ask for the clip of the present sliders, if it would be another than the last; says whether it did."""
    try:
        piece = hallu.piece_now(control)
        if repr(piece) == _Loop.asked:
            return False
        out = _clip_file()
        session.start(context, "hallu", hallu.arguments(piece, out, engine_choice(context).device), title="Loop", quiet=True,
                      finish=("hallu_swap", {"filepath": str(out)}), on_failure=_failed)
    except GANReactError as cause:
        session.notice = str(cause)
        _Loop.scene = 0
        return False
    _Loop.asked, _Loop.under_way = repr(piece), True
    return True


def swap(path: str) -> None:
    """The clip that was asked for is there: it takes over at the next seam, if anybody still listens."""
    _Loop.under_way = False
    if is_live():
        repeat(path)


def _failed() -> None:
    _Loop.under_way, _Loop.scene = False, 0
    session.notice = "The loop stopped: the sound could not be made; press Hear to see why"


def _open_device() -> Any:
    """The device that Blender plays on.

    Blender opens its own when something is first played; before that the library would open whichever it likes best, which
    may not be there.
    """
    import aud

    try:
        return aud.Device()
    except aud.error:
        return aud.Device(bpy.context.preferences.system.audio_device)  # type: ignore[call-arg]


def _sound(path: str | Path) -> Any:
    """A file's sound, whole in memory: the file will be written over."""
    import aud

    return aud.Sound(str(path)).cache()  # type: ignore[call-arg]


def _no_device(cause: Exception) -> EngineError:
    return EngineError(f"Blender cannot play sound here ({cause}); choose a device in Preferences > System > Sound")


def _clip_file() -> Path:
    """A file for the next clip: a few of this Blender's take turns, since the last may still be read."""
    return cache_folder("hallu") / f"clip-{process_name()}-{next(_numbers) % _KEPT}.wav"

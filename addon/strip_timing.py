"""Where a strip lies in frames: the names of 4.5 and 5.0, and those of 5.2."""

from __future__ import annotations

import math

import bpy

Strip = bpy.types.Strip


def left(strip: Strip) -> int:
    """The first frame in which it shows."""
    return math.ceil(strip.left_handle if hasattr(strip, "left_handle") else strip.frame_final_start)


def right(strip: Strip) -> int:
    """The frame after the last one in which it shows."""
    return strip.right_handle if hasattr(strip, "right_handle") else strip.frame_final_end


def content_start(strip: Strip) -> float:
    """The frame at which its content would begin if nothing were trimmed."""
    return strip.content_start if hasattr(strip, "content_start") else strip.frame_start


def set_left(strip: Strip, frame: int) -> None:
    """Trim its beginning."""
    setattr(strip, "left_handle" if hasattr(strip, "left_handle") else "frame_final_start", frame)


def set_right(strip: Strip, frame: int) -> None:
    """Trim its end."""
    setattr(strip, "right_handle" if hasattr(strip, "right_handle") else "frame_final_end", frame)


def set_content_start(strip: Strip, frame: float) -> None:
    """Move it, with its trim."""
    setattr(strip, "content_start" if hasattr(strip, "content_start") else "frame_start", frame)


def sound_start_s(strip: Strip, fps: float) -> float:
    """The second of its sound that its first frame shows."""
    return (left(strip) - content_start(strip)) / fps + strip.sound_offset

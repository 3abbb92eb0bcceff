"""Whatever goes wrong, as one of the core's errors: told alike by the engine, by `ganreact`, and in Blender."""

from __future__ import annotations

import io
import os
import sys
import traceback
from pathlib import Path

from .errors import Bug, Cancelled, DiskError, DiskFull, GANReactError, MemoryShortage
from .files import disk_error

_SHORTAGE = "OutOfMemoryError"
"""What torch, which this floor does not know, calls a card that is full."""
_DETAIL = 300


def explained(cause: BaseException) -> GANReactError:
    """The error itself where it is of the family; else the one that a disk which refuses, a lack of memory, Ctrl-C or a reader
    that has gone mean; else a bug, with what Python says of it on one line."""
    if isinstance(cause, GANReactError):
        return cause
    if isinstance(cause, KeyboardInterrupt | BrokenPipeError):
        return Cancelled("stopped; what is finished stays")
    if isinstance(cause, MemoryError) or type(cause).__name__ == _SHORTAGE:
        return MemoryShortage("there is not enough memory for this; end other programs, or ask for less at a time")
    if isinstance(cause, OSError):
        return _of_a_disk(cause)
    what = " ".join(f"{type(cause).__name__}: {cause}".split())[:_DETAIL]
    return Bug(f"this is a bug ({what}); please report it")


def _of_a_disk(cause: OSError) -> GANReactError:
    """Nobody said whether it was read or written."""
    path = Path(os.fsdecode(cause.filename)) if isinstance(cause.filename, str | bytes) else Path("the file")
    told = disk_error(path, cause)
    why = cause.strerror or cause
    return told if isinstance(told, DiskFull) else DiskError(
        f"'{path}' cannot be read or written ({why}); check the path, the disk and the permissions")


def readable(text: str) -> str:
    """A text that any window can show: bytes of a path that are no letters become question marks."""
    return text.encode("utf-8", "replace").decode("utf-8")


def tell(error: BaseException, *, debug: bool) -> int:
    """Say on stderr, in a sentence, what went wrong on a command line; returns its exit status. With `debug`, says first where
    it came from."""
    told = explained(error)
    if debug:
        traceback.print_exception(error)
    if isinstance(error, BrokenPipeError):
        _leave_stdout_alone()
    else:
        hint = (" with the lines above" if debug else " with what --debug shows") if isinstance(told, Bug) else ""
        print(f"ganreact: {told}{hint}", file=sys.stderr)
    return told.exit_status


def print_any_name() -> None:
    """Let stdout write letters that its encoding lacks as escapes: a file's name must not fail a job that is done. Windows
    encodes what goes into a pipe in the country's old code page."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


def _leave_stdout_alone() -> None:
    """Nobody reads it any more: the last words that Python flushes at its end go nowhere, instead of failing once more."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)

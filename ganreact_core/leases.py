"""Who is working on what, in a folder that many processes share, without a server and without any clock being right.

A lease is a file that only one process can create. Its owner beats: every few seconds it writes a new number into it.
Others read it by their own stopwatch: a lease whose content has not changed for `patience_s` of their watching has no
owner any more, wherever that was and whatever time it believed it to be. An owner on this machine that has ended is
known at once. Should two processes work on the same thing after all, they write the same bytes.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import secrets
import threading
import time
from pathlib import Path
from types import TracebackType

from .files import BINARY, disk_error, remove_left_overs, temporary_name, write_all
from .processes import is_gone, machine, process_name

PATIENCE_S = 30.0
_BEATS = 6
_HUNG_S = 900.0
_READ_BYTES = 1024
_MOST_DEPARTURES = 50
_NO_HARD_LINKS = (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS)


class Leases:
    """The leases that this process holds in one folder, and what it has seen of others'. Close it, or use it as a context.

    patience_s   a foreign lease that stays unchanged for so long is taken over
    beat_s       how often ours change; a sixth of that where it is left out
    """

    def __init__(self, folder: Path, *, beat_s: float | None = None, patience_s: float = PATIENCE_S):
        self._folder, self._patience_s = folder, patience_s
        self._beat_s = patience_s / _BEATS if beat_s is None else beat_s
        self._held: dict[str, tuple[int, str]] = {}  # name -> (open file, token)
        self._seen: dict[str, tuple[bytes, float]] = {}  # name -> (content, since when by the stopwatch)
        self._lock, self._closing = threading.Lock(), threading.Event()
        self._beats, self._alive_at = 0, time.monotonic()
        self._heart: threading.Thread | None = None

    def __enter__(self) -> Leases:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def take(self, name: str) -> bool:
        """Whether the lease is ours now: it was free, or its owner is gone. Raises DiskError where none can be written."""
        if name in self._held or self._create(name):
            return True
        return self._is_abandoned(name) and self._remove_abandoned(name) and self._create(name)

    def holds(self, name: str) -> bool:
        """Whether a lease we took is still ours: a process that was stopped for long may have lost it."""
        held = self._held.get(name)
        return held is not None and held[1].encode() in _content(self._path(name))

    def release(self, name: str) -> None:
        """Give one back."""
        with self._lock:
            held = self._held.pop(name, None)
        if held is None:
            return
        with contextlib.suppress(OSError):  # a beat that the disk did not take
            os.close(held[0])
        path = self._path(name)
        if held[1].encode() in _content(path):
            with contextlib.suppress(OSError):
                path.unlink()

    def alive(self) -> None:
        """Say that work goes on: a process that hangs stops beating after a quarter of an hour, and others take over."""
        self._alive_at = time.monotonic()

    def close(self) -> None:
        """Give all back and stop beating."""
        self._closing.set()
        if self._heart:
            self._heart.join()
        for name in list(self._held):
            self.release(name)
        with contextlib.suppress(OSError):  # others still hold some
            self._folder.rmdir()

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.lease"

    def _create(self, name: str) -> bool:
        token, path = secrets.token_hex(8), self._path(name)
        try:
            handle = _create_whole(path, self._content(token))
        except FileExistsError:
            return False
        except OSError as cause:
            raise disk_error(path, cause) from cause
        with self._lock:
            self._held[name] = handle, token
        self._seen.pop(name, None)
        self._start_heart()
        return True

    def _content(self, token: str) -> bytes:
        """Always of the same length, so that a beat overwrites the one before."""
        owner = {"machine": machine(), "process": process_name(), "token": token}
        return json.dumps({**owner, "beat": f"{self._beats:010d}"}).encode()

    def _is_abandoned(self, name: str) -> bool:
        content, now = _content(self._path(name)), time.monotonic()
        known, since = self._seen.get(name, (None, now))
        if known != content:
            self._seen[name] = content, now
            return _owner_is_gone(content)
        return now - since > self._patience_s or _owner_is_gone(content)

    def _remove_abandoned(self, name: str) -> bool:
        """Move it aside, which only one can; if by then it was somebody's again, put it back."""
        path, expected = self._path(name), self._seen[name][0]
        aside = path.with_name(temporary_name(path.name))
        try:
            path.replace(aside)
        except OSError:  # another was faster, or this system moves no open files
            return not path.exists()
        same = _content(aside) == expected
        if not same:
            with contextlib.suppress(OSError):
                os.link(aside, path)
        with contextlib.suppress(OSError):
            aside.unlink()
        return same

    def _start_heart(self) -> None:
        if self._heart is None:
            self._heart = threading.Thread(target=self._beat, daemon=True)
            self._heart.start()

    def _beat(self) -> None:
        while not self._closing.wait(self._beat_s):
            if time.monotonic() - self._alive_at > _HUNG_S:
                continue
            self._beats += 1
            with self._lock:  # a lease that was taken from us is another file by now: ours is written unseen
                for handle, token in self._held.values():
                    with contextlib.suppress(OSError):
                        os.lseek(handle, 0, os.SEEK_SET)
                        write_all(handle, self._content(token))


def is_used(folder: Path) -> bool:
    """Whether anybody holds a lease in a folder; what processes of this machine left that have ended does not count."""
    return any(not _owner_is_gone(_content(path)) for path in folder.glob("*.lease"))


def remove_dead_leases(folder: Path) -> None:
    """Remove leases of processes of this machine that have ended, and the folder where none is left."""
    for path in folder.glob("*.lease"):
        if _owner_is_gone(_content(path)):
            with contextlib.suppress(OSError):
                path.unlink()
    with contextlib.suppress(OSError):
        folder.rmdir()


def sweep(folder: Path) -> None:
    """Remove what killed processes left in a bundle's folder: temporary files, and leases of this machine."""
    leases = folder / "leases"
    for place in (folder, folder / "frames", leases):
        remove_left_overs(place)
    remove_dead_leases(leases)


def _create_whole(path: Path, content: bytes) -> int:
    """A new file that nobody sees before it is whole, open: written under another name, then linked, which only one can.

    A process killed between creating and writing would leave an owner that nobody can name, waited for in vain.
    """
    if os.name == "nt":  # an open file cannot lose its other name there
        return _create(path, content)
    beside = path.with_name(temporary_name(path.name))
    handle = _create(beside, content)
    try:
        os.link(beside, path)
    except OSError as cause:
        os.close(handle)
        if cause.errno in _NO_HARD_LINKS:
            return _create(path, content)
        raise
    finally:
        with contextlib.suppress(OSError):
            beside.unlink()
    return handle


def _create(path: Path, content: bytes) -> int:
    """A new file with this content, open; nothing is left of it where it cannot be written."""
    handle = _open_new(path)
    try:
        write_all(handle, content)
    except OSError:
        for undo in (lambda: os.close(handle), lambda: path.unlink(missing_ok=True)):
            with contextlib.suppress(OSError):
                undo()
        raise
    return handle


def _open_new(path: Path) -> int:
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | BINARY
    for _ in range(_MOST_DEPARTURES):
        try:
            return os.open(path, flags, 0o666)
        except FileNotFoundError:  # a neighbour that went has removed the empty folder; the next one may do it again
            path.parent.mkdir(parents=True, exist_ok=True)
    return os.open(path, flags, 0o666)


def _content(path: Path) -> bytes:
    try:
        with open(path, "rb", buffering=0) as file:
            return file.read(_READ_BYTES)
    except OSError:
        return b""


def _owner_is_gone(content: bytes) -> bool:
    try:
        plain = json.loads(content)
        return is_gone(str(plain["machine"]), str(plain["process"]))
    except (ValueError, KeyError, TypeError, RecursionError):  # being written at this moment, or nobody's
        return False

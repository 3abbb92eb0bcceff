"""The whole vocabulary between Blender (the client) and the engine, and how it travels: length-prefixed JSON on pipes.

On the wire: 4 bytes big-endian length, then UTF-8 JSON {"type": …, fields …}. A `Picture` is followed by its raw bytes.
Each job is started by one `Start` and ends in exactly one of `Done`, `Failed`, `Cancelled`; there may be any number of
`Progress`, `Begun` and `Picture` before that. What is not exactly this is refused: unknown types and fields, wrong kinds,
numbers that are none, texts that cannot be written, too many levels, and messages that go the wrong way.
"""

from __future__ import annotations

import dataclasses
import json
import math
import struct
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from .errors import EngineError

PROTOCOL = 2
MESSAGE_LIMIT_BYTES = 1 << 20
PICTURE_LIMIT_BYTES = 1 << 28
_DEPTH_LIMIT, _INTEGER_LIMIT = 16, 1 << 62


@dataclass(frozen=True)
class Hello:
    """engine -> client, once, first: who is speaking. `device` is what "auto" would use."""

    protocol: int
    version: str
    device: str


@dataclass(frozen=True)
class Start:
    """client -> engine: begin a job; jobs run one after the other.

    analyze   audio, features; optional json, plot: files to write; stems: part -> its own sound file
    render    bundle; optional model, device, frames ("A-B"), deep (read every byte of what is there), wait_for_disk_s,
              alone, without: frames to make one at a time, and to leave out
    preview   bundle; optional model, device; frame: number; answers with one Picture
    hallu     steps (JSON text) or midi, out; optional step, model, components, device, rate_hz, float, seed
    glance    look (JSON text), sha256, rows (address -> value); optional frames, model, device, folder; a Picture a row
    carry     bundle, model: the network is put into the bundle
    film      bundle, out, sound: stretches of files; optional frames: the film of frames that are there
    unroll    film, out (a folder), fps; optional frames: the pictures of a film, for a mask
    info      model, out: what the network is, as JSON
    sheet     model, out; optional first, columns, rows, classes, class_names, psi, side, device: pictures of seeds and classes
    directions  model, out; optional device, samples, layer, class, closed_form, sheet: directions in which it varies
    clusters    model, out; optional device, samples, sheet: groups of feature maps
    project     picture, model, out; optional device, steps, seed, perceptual (files), sheet: the latent that draws it best
    rewrite     model, out, how ("mix" with other, first, last; "copy" with copied, pasted, layer; see the job): weights
    """

    job: int
    kind: str
    arguments: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Cancel:
    """client -> engine: stop a job, running or waiting, after its present batch."""

    job: int


@dataclass(frozen=True)
class Quit:
    """client -> engine: stop everything and end. The end of the pipe means the same."""


@dataclass(frozen=True)
class Progress:
    """engine -> client: how far a job is, 0…1, with a word on what it does; `frame` is the last one finished."""

    job: int
    fraction: float
    text: str = ""
    frame: int | None = None


@dataclass(frozen=True)
class Begun:
    """engine -> client: these frames are being made from now on. Should the engine die, one of them is why."""

    job: int
    frames: list[int]


@dataclass(frozen=True)
class Alive:
    """engine -> client, every few seconds: the engine is not stuck, however long its job takes."""


@dataclass(frozen=True)
class Picture:
    """engine -> client: one RGB picture, 8 bit, rows from the top; `n_bytes` raw bytes follow."""

    job: int
    width: int
    height: int
    n_bytes: int


@dataclass(frozen=True)
class Done:
    """engine -> client, terminal: what came of the job."""

    job: int
    result: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Failed:
    """engine -> client, terminal: one sentence for the user, and the exit status a command line would end with."""

    job: int
    code: str
    text: str
    exit_status: int = 1


@dataclass(frozen=True)
class Cancelled:
    """engine -> client, terminal: the job was stopped because somebody asked."""

    job: int


Message = Hello | Start | Cancel | Quit | Progress | Begun | Alive | Picture | Done | Failed | Cancelled
TERMINAL = (Done, Failed, Cancelled)
TO_ENGINE = (Start, Cancel, Quit)
TO_CLIENT = (Hello, Progress, Begun, Alive, Picture, *TERMINAL)
_KINDS: dict[str, type[Any]] = {kind.__name__.lower(): kind for kind in (*TO_ENGINE, *TO_CLIENT)}


def encode(message: Message, raw: bytes = b"") -> bytes:
    """A message as bytes for the pipe, with the raw bytes that follow a Picture. Raises EngineError for what `read` refuses."""
    kind = type(message).__name__.lower()
    try:
        plain = {"type": kind, **dataclasses.asdict(message)}
        _check_values(plain, _DEPTH_LIMIT)
        body = json.dumps(plain, allow_nan=False).encode()
    except (TypeError, ValueError, RecursionError) as cause:
        why = ascii(str(cause))[1:80]
        raise EngineError(f"a message '{kind}' cannot be sent ({why}); this is a bug, please report it") from cause
    if len(body) > MESSAGE_LIMIT_BYTES:
        raise EngineError(f"a message of {len(body)} bytes is too long for the pipe; this is a bug, please report it")
    return struct.pack(">I", len(body)) + body + raw


def read(stream: BinaryIO, expected: Collection[type[Any]] = (*TO_ENGINE, *TO_CLIENT)) -> tuple[Message, bytes] | None:
    """The next message and its raw bytes; None at the end of the stream.

    Raises EngineError for what is no message, or none of those expected here.
    """
    head = _exactly(stream, 4)
    if head is None:
        return None
    (length,) = struct.unpack(">I", head)
    if length > MESSAGE_LIMIT_BYTES:
        raise EngineError(f"the other side announced a message of {length} bytes; restart the engine")
    body = _exactly(stream, length)
    if body is None:
        return None
    message = decode(body)
    if type(message) not in expected:
        raise EngineError(f"the other side sent '{type(message).__name__}', which is not its to say; restart the engine")
    raw = _exactly(stream, message.n_bytes) if isinstance(message, Picture) else b""
    return None if raw is None else (message, raw)


def decode(body: bytes) -> Message:
    """JSON bytes -> message; raises EngineError for anything that is not exactly one of the vocabulary."""
    try:
        plain = json.loads(body, parse_float=_finite, parse_constant=_finite)
        _check_values(plain, _DEPTH_LIMIT)
        kind = _KINDS[plain.pop("type")]
        message = kind(**plain)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as cause:
        raise EngineError(f"the other side sent what is no message ({body[:40]!r}); restart the engine") from cause
    _check(message)
    return message


def _check(message: Message) -> None:
    allowed: dict[str, Any] = {"int": int, "float": (int, float), "str": str, "dict[str, Any]": dict,
                               "int | None": (int, type(None)), "list[int]": list}
    for f in dataclasses.fields(message):
        value = getattr(message, f.name)
        if not isinstance(value, allowed[str(f.type)]) or isinstance(value, bool):
            raise EngineError(f"the other side sent {f.name} = {str(value)[:40]!r}; restart the engine")
    if isinstance(message, Begun) and not all(type(frame) is int for frame in message.frames):
        raise EngineError("the other side began what are no frames; restart the engine")
    if isinstance(message, Picture) and not (
            min(message.width, message.height) > 0
            and message.n_bytes == message.width * message.height * 3 <= PICTURE_LIMIT_BYTES):
        raise EngineError("the other side announced a picture of an impossible size; restart the engine")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text[:40]} is no number")
    return number


def _check_values(plain: Any, levels: int) -> None:
    """Raises ValueError for what JSON allows and nobody here means."""
    if isinstance(plain, str):
        plain.encode("utf-8", "surrogateescape")  # half a pair is a byte of a path that is no text (PEP 383), or is nothing
    elif isinstance(plain, int):
        if abs(plain) > _INTEGER_LIMIT:
            raise ValueError("this number is too large")
    elif isinstance(plain, (dict, list)):
        if not levels:
            raise ValueError("there are too many levels")
        for value in plain.items() if isinstance(plain, dict) else plain:
            for part in value if isinstance(plain, dict) else (value,):
                _check_values(part, levels - 1)


def _exactly(stream: BinaryIO, count: int) -> bytes | None:
    parts, left = [], count
    while left:
        part = stream.read(min(left, 1 << 20))
        if not part:
            return None
        parts.append(part)
        left -= len(part)
    return b"".join(parts)

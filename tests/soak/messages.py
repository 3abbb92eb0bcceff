"""Fuzz, both ways: what is no message is refused by one error, and a real engine ends every job it is given exactly once."""

from __future__ import annotations

import io
import json
import resource
import struct

import numpy as np

from ganreact_core import messages as wire
from ganreact_core.errors import EngineError
from ganreact_core.messages import TERMINAL, Begun, Done, Failed, Hello, Picture, Progress, Start

from .engines import engine
from .nursery import Nursery, require

_SEEDS = [Start(1, "render", {"bundle": "/b", "alone": [1, 2], "x": {"y": [None, 1.5]}}), wire.Cancel(1), wire.Quit(),
          Hello(wire.PROTOCOL, "0.1.0", "cpu"), Progress(1, 0.5, "Bild 3 ✓", 3), Begun(1, [1, 2, 3]), wire.Alive(), Done(1, {"n": 2}),
          Picture(1, 2, 2, 12), Failed(1, "disk", "full", 4), wire.Cancelled(1)]
_VALUES = [None, True, -1, 0, 1 << 40, 1 << 70, 1e308, "", "x" * 300, "\ud800", "é", [], {}, [[[[]]]], {"type": "quit"}, [1] * 99]
_LARGEST_GROWTH_KIB = 50_000
_GIVEN = 0.02


def messages(nursery: Nursery, count: int) -> dict[str, object]:
    """`count` mutants each way through the reader; a fiftieth of it as jobs for one warm engine."""
    before, accepted = _peak_kib(), 0
    for number in range(count):
        packet = _mutant(nursery.chance)
        for expected in (wire.TO_ENGINE, wire.TO_CLIENT):
            accepted += _read_all(packet, expected)
        if number == 1000:
            before = _peak_kib()
    growth = _peak_kib() - before
    require(growth < _LARGEST_GROWTH_KIB, f"reading took {growth} KiB more")
    given = round(_GIVEN * count)
    statuses = _give(nursery, given)
    return {"mutants each way": count, "messages among them that are valid": accepted, "errors other than the one": 0,
            "memory growth, KiB": growth, "odd jobs given to one engine": given, "ended exactly once": given, "exit statuses": statuses}


def _read_all(packet: bytes, expected: tuple) -> int:
    """Read until the end or the first refusal; how many were messages."""
    stream, found = io.BytesIO(packet), 0
    try:
        while (received := wire.read(stream, expected)) is not None:
            found += 1
            require(type(received[0]) in expected, "a message went the wrong way")
            wire.encode(*received)
    except EngineError as refused:
        str(refused).encode()
    return found


def _mutant(chance: np.random.Generator) -> bytes:
    """A valid stream with bytes changed, fields changed, lengths changed, cut or doubled; or noise."""
    message = _SEEDS[chance.integers(len(_SEEDS))]
    way = chance.integers(6)
    packet = bytearray(wire.encode(message, bytes(12) if isinstance(message, Picture) else b""))
    if way == 0:
        return chance.bytes(int(chance.integers(0, 200)))
    if way == 1:
        for place in chance.integers(0, len(packet), int(chance.integers(1, 6))):
            packet[place] = int(chance.integers(256))
    elif way == 2:
        return _with_odd_field(chance, bytes(packet[4:]))
    elif way == 3:
        packet[:4] = struct.pack(">I", int(chance.choice([0, 1, len(packet), wire.MESSAGE_LIMIT_BYTES, wire.MESSAGE_LIMIT_BYTES + 1, 2**32 - 1])))
    elif way == 4:
        del packet[int(chance.integers(len(packet))):]
    else:
        packet *= 2
    return bytes(packet)


def _with_odd_field(chance: np.random.Generator, body: bytes) -> bytes:
    plain = json.loads(body[:body.rindex(b"}") + 1])
    name = str(chance.choice([*plain, "more"]))
    plain[name] = _VALUES[chance.integers(len(_VALUES))]
    changed = json.dumps(plain).encode()
    return struct.pack(">I", len(changed)) + changed


def _give(nursery: Nursery, count: int) -> dict[int, int]:
    """Jobs that cannot be: exit status -> how often."""
    bundle, chance = nursery.bundle("odd", 3), nursery.chance
    names = ["bundle", "frames", "frame", "model", "device", "audio", "features", "wait_for_disk_s", "alone", "without", "precision"]
    odd = [*_VALUES, str(bundle.folder), str(nursery.folder), "/dev/null", "/nowhere", "1-2", "9-1", "cpu", "../../x", "a\nb"]
    odd.remove("\ud800")  # our own side refuses to send it
    odd.remove(1 << 70)
    statuses: dict[int, int] = {}
    with engine() as kept:
        pid = None
        for _ in range(count):
            kind = str(chance.choice(["render", "preview", "carry", "analyze", "spell", ""], p=[0.4, 0.2, 0.1, 0.1, 0.1, 0.1]))
            given = {name: odd[chance.integers(len(odd))] for name in chance.choice(names, int(chance.integers(0, 6)), replace=False)}
            status = _one(kept, kept.start(kind, given))
            statuses[status] = statuses.get(status, 0) + 1
            pid = pid or kept.pid
        require(kept.pid == pid, "an odd job killed the engine")
    return statuses


def _one(kept, job: int) -> int:
    ends: list = []
    while not ends:
        ends = [message for message, _ in kept.poll() if isinstance(message, TERMINAL)]
    require(len(ends) == 1 and ends[0].job == job, f"a job ended as {ends}")
    return ends[0].exit_status if isinstance(ends[0], Failed) else 0


def _peak_kib() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

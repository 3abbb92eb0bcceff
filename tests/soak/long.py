"""A whole night in small: tens of thousands of frames of a tiny network through one real engine."""

from __future__ import annotations

import time

from ganreact_core.messages import Done, Message, Progress

from .engines import descriptors, engine, memory_mib, until_end
from .nursery import Nursery, bad_but_done, done_frames, require

_WARM = 0.02


def long(nursery: Nursery, count: int) -> dict[str, object]:
    """Memory and descriptors of the engine from the first frames to the last; how long a client is held up by asking."""
    bundle, seen = nursery.bundle("night", count), {}
    with engine() as kept:
        def heard(message: Message) -> None:
            if isinstance(message, Progress) and message.frame:
                if message.frame == max(100, round(_WARM * count)):
                    seen["warm"] = memory_mib(kept.pid), descriptors(kept.pid), time.monotonic()
                elif message.frame == count - 10:
                    seen["late"] = memory_mib(kept.pid), descriptors(kept.pid), time.monotonic()

        ended, slowest_s = until_end(kept, kept.start("render", {"bundle": str(bundle.folder), "device": "cpu"}), heard)
    require(isinstance(ended, Done), f"the render ended as {ended}")
    require(len(done_frames(bundle)) == count and not bad_but_done(bundle), "frames are missing or broken")
    growth, leaked = seen["late"][0] - seen["warm"][0], seen["late"][1] - seen["warm"][1]
    require(growth <= 20, f"the engine grew by {growth:.0f} MiB")
    require(leaked <= 3, f"{leaked} descriptors leaked")  # a frame's file and a lease may be open at the moment of looking
    require(slowest_s <= 0.05, f"asking took {1000 * slowest_s:.0f} ms")
    per_frame = (seen["late"][2] - seen["warm"][2]) / (count - 10 - max(100, round(_WARM * count)))
    return {"frames": count, "memory growth, MiB": round(growth, 1), "descriptors leaked": max(0, leaked),
            "longest hold-up of the client, ms": round(1000 * slowest_s, 1), "ms a frame": round(1000 * per_frame, 1)}

"""Writes TensorFlow tensor bundles from scratch, to read them back: blocks, prefixes, checksums, shards."""

import struct

import numpy as np

from ganreact_core.synthesis.checkpoints.crc32c import crc32c, masked

_CODES = {"float32": 1, "float64": 2, "int32": 3, "int64": 9, "float16": 19}


def varint(n):
    out = b""
    while n > 127:
        out, n = out + bytes([n & 127 | 128]), n >> 7
    return out + bytes([n])


def field(number, value):
    if isinstance(value, bytes):
        return varint(number << 3 | 2) + varint(len(value)) + value
    return varint(number << 3) + varint(value)


def block(entries, restart_every=16, kind=b"\0"):
    body, restarts, last = b"", [], b""
    for n, (key, value) in enumerate(entries):
        shared = 0
        if n % restart_every:
            shared = next((i for i, (a, b) in enumerate(zip(key, last, strict=False)) if a != b), min(len(key), len(last)))
        else:
            restarts.append(len(body))
        body += varint(shared) + varint(len(key) - shared) + varint(len(value)) + key[shared:] + value
        last = key
    body += b"".join(struct.pack("<I", r) for r in restarts or [0]) + struct.pack("<I", max(len(restarts), 1))
    return body + kind + struct.pack("<I", masked(crc32c(body + kind)))


def write_bundle(prefix, tensors, *, shards=1, per_block=40, kind=b"\0", over_each_other=False):
    """PREFIX.index and PREFIX.data-…: tensors by name, dealt out over shards, `per_block` entries a block.

    over_each_other   a lie: every tensor is said to lie at the beginning of its shard
    """
    data, entries = [b""] * shards, [(b"", field(1, shards) + field(2, 0) + field(3, field(1, 1)))]
    for n, name in enumerate(sorted(tensors)):
        a = np.asarray(tensors[name], order="C")
        shape = b"".join(field(2, field(1, side)) for side in a.shape)
        value = field(1, _CODES[a.dtype.name]) + field(2, shape) + field(3, n % shards) + field(4, 0 if over_each_other else len(data[n % shards]))
        value += field(5, a.nbytes) + varint(6 << 3 | 5) + struct.pack("<I", masked(crc32c(a.tobytes())))
        data[n % shards] += a.tobytes()
        entries.append((name.encode(), value))
    out, handles = b"", []
    for start in range(0, len(entries), per_block):
        part = entries[start:start + per_block]
        written = block(part, kind=kind)
        handles.append((part[-1][0] + b"\0", varint(len(out)) + varint(len(written) - 5)))
        out += written
    ends = []
    for part in ([], handles):
        written = block(part)
        ends.append(varint(len(out)) + varint(len(written) - 5))
        out += written
    out += b"".join(ends).ljust(40, b"\0") + struct.pack("<Q", 0xDB4775248B80FB57)
    prefix.with_name(f"{prefix.name}.index").write_bytes(out)
    for n, part in enumerate(data):
        prefix.with_name(f"{prefix.name}.data-{n:05d}-of-{shards:05d}").write_bytes(part)
    return prefix.with_name(f"{prefix.name}.index")

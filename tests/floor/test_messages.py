"""The vocabulary on the wire: what is sent is read, and nothing else is."""

import io
import json
import os
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ganreact_core.errors import EngineError
from ganreact_core.messages import (
    MESSAGE_LIMIT_BYTES,
    Cancel,
    Cancelled,
    Done,
    Failed,
    Hello,
    Picture,
    Progress,
    Quit,
    Start,
    encode,
    read,
)

ALL = [Hello(1, "0.1.0", "cpu"), Start(1, "render", {"bundle": "/b", "n": [1, None]}), Cancel(1), Quit(), Progress(1, 0.5, "x", 3),
       Progress(1, 1), Done(1, {"rendered": 2}), Failed(1, "disk", "full", 4), Cancelled(1)]


def packed(plain):
    body = json.dumps(plain).encode() if not isinstance(plain, bytes) else plain
    return io.BytesIO(struct.pack(">I", len(body)) + body)


@pytest.mark.parametrize("message", ALL, ids=lambda m: type(m).__name__)
def test_a_message_is_read_as_it_was_sent(message):
    assert read(io.BytesIO(encode(message))) == (message, b"")


def test_a_picture_brings_its_bytes_and_the_next_message_follows():
    stream = io.BytesIO(encode(Picture(1, 2, 2, 12), bytes(range(12))) + encode(Quit()))
    assert read(stream) == (Picture(1, 2, 2, 12), bytes(range(12))) and read(stream) == (Quit(), b"") and read(stream) is None


@pytest.mark.parametrize("plain", [
    {}, {"type": "spell"}, {"type": "cancel"}, {"type": "cancel", "job": 1, "more": 2}, {"type": "cancel", "job": "1"},
    {"type": "cancel", "job": True}, {"type": "progress", "job": 1, "fraction": "x"}, {"type": "start", "job": 1, "kind": 3},
    {"type": "picture", "job": 1, "width": 2, "height": 2, "n_bytes": 13},
    {"type": "picture", "job": 1, "width": -2, "height": -2, "n_bytes": 12}, [], 1, None, b"\xff", b"", b"[" * 5000,
])
def test_what_is_no_message_is_refused(plain):
    with pytest.raises(EngineError):
        read(packed(plain))


@pytest.mark.parametrize("value", [float("nan"), float("inf"), object(), 1 << 70, "\ud800", "x" * MESSAGE_LIMIT_BYTES, [[]]],
                         ids=["nan", "inf", "object", "huge", "half a pair", "too long", "deep"])
def test_what_the_other_side_would_refuse_is_not_sent(value):
    for _ in range(20 * (value == [[]])):
        value = [value]
    with pytest.raises(EngineError, match="this is a bug"):
        encode(Done(1, {"found": value}))


def test_a_path_that_is_no_text_comes_through():
    message = Start(1, "render", {"bundle": os.fsdecode(b"/music/b\xe9la")})
    assert read(io.BytesIO(encode(message))) == (message, b"")


def test_a_length_beyond_the_cap_is_refused_before_it_is_read():
    with pytest.raises(EngineError, match="announced"):
        read(io.BytesIO(struct.pack(">I", MESSAGE_LIMIT_BYTES + 1)))


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=80))
def test_any_bytes_end_in_a_message_the_end_or_one_kind_of_error(noise):
    stream = io.BytesIO(struct.pack(">I", len(noise)) + noise)
    with pytest.raises(EngineError):
        assert read(stream) is not None
        raise EngineError("a true message")

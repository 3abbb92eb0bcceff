"""The longest files: a verdict in two seconds and 300 MiB, measured in a process of its own."""

import os
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

RATE = 44100


def long_wav(path, seconds):
    """A sparse stereo RF64 file of 44.1 kHz and 16 bits (EBU Tech 3306): no block of it is on the disk but the head."""
    n = seconds * RATE * 4
    head = struct.pack("<4sI4s4sIQQQI", b"RF64", 0xFFFFFFFF, b"WAVE", b"ds64", 28, n + 72, n, n // 4, 0)
    head += struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 2, RATE, RATE * 4, 4, 16) + struct.pack("<4sI", b"data", 0xFFFFFFFF)
    with path.open("wb") as out:
        out.write(head)
        out.truncate(len(head) + n)
    return path


def long_w64(path, seconds):
    """The same as Sony Wave64, whose chunks are named by GUIDs and sized in 64 bits."""
    tail, n = bytes.fromhex("f3acd3118cd100c04f8edb8a"), seconds * RATE * 4
    head = b"riff" + bytes.fromhex("2e91cf11a5d628db04c10000") + struct.pack("<Q", n + 128) + b"wave" + tail
    head += b"fmt " + tail + struct.pack("<QHHIIHH", 40, 1, 2, RATE, RATE * 4, 4, 16) + b"data" + tail + struct.pack("<Q", n + 24)
    with path.open("wb") as out:
        out.write(head)
        out.truncate(len(head) + n)
    return path


MEASURE = """
import resource, sys, time
from ganreact_core.audio.load import load_audio
before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
try:
    print("accepted", load_audio(sys.argv[1], **eval(sys.argv[2])).duration_s)
except Exception as refusal:
    print(type(refusal).__name__, refusal)
print(time.process_time() - began)
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024)
"""


def measured(path, **options):
    """What `load_audio` says in a process of its own, the seconds of processor and the MiB that it took."""
    done = subprocess.run([sys.executable, "-c", MEASURE, path, repr(options)], cwd=Path(__file__).parents[2], check=True,
                          capture_output=True, text=True, env={**os.environ, "OMP_NUM_THREADS": "1"})
    said, seconds, mebibytes = done.stdout.strip().splitlines()
    return said, float(seconds), float(mebibytes)


@pytest.mark.parametrize("make", [long_wav, long_w64])
def test_38_a_day_of_sound_is_refused_unread_but_a_range_of_it_is_heard(tmp_path, make):
    path = make(tmp_path / "day.wav", 24 * 3600)
    assert path.stat().st_size > 2**32 and path.stat().st_blocks < 100
    said, seconds, mebibytes = measured(path)
    assert said.startswith("AudioError") and "24.0 hours long" in said and seconds <= 2 and mebibytes <= 300
    said, seconds, mebibytes = measured(path, duration_s=60.0)
    assert said == "accepted 60.0" and seconds <= 2 and mebibytes <= 300


def test_39_half_an_hour_is_heard_within_the_bound(tmp_path):
    said, seconds, mebibytes = measured(long_wav(tmp_path / "mix.wav", 1800))
    assert said == "accepted 1800.0" and mebibytes <= 300 and seconds < 1800 / 50


def test_28_a_cover_of_200_megabytes_is_passed_over(tmp_path):
    path = tmp_path / "a.mp3"
    soundfile.write(tmp_path / "b.mp3", np.random.default_rng(0).normal(size=RATE) * 0.1, RATE, format="MP3")
    with path.open("wb") as out:
        out.write(b"ID3\x04\0\0" + bytes((200 << 20) >> s & 127 for s in (21, 14, 7, 0)))
        out.seek(200 << 20, os.SEEK_CUR)
        out.write((tmp_path / "b.mp3").read_bytes())
    said, seconds, mebibytes = measured(path)
    assert said.startswith("accepted 1.0") and seconds <= 2 and mebibytes <= 300

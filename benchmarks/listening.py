"""How long and in how much memory a track is heard: `python benchmarks/listening.py [MINUTES …]` (default 4 and 30).

Each length is a process of its own. The track is noise bursts, tones and clicks of that length, written as FLAC, so that
decoding counts. Prints seconds from file to feature set, those of the processor (which other work on the machine does not
change much), the seconds of the second time (from the cache), and the peak of memory. The project's targets: 12 s for 4
minutes, 90 s and 1 GB for 30, on two cores.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RATE, CHUNK_S = 44100, 60

INSIDE = """
import json, resource, sys, time
from ganreact_core.engine.hearing import listen
from ganreact_core.listening import Listening
from ganreact_core.audio import Audio, analyze
import numpy as np
analyze(Audio(np.zeros(22050, np.float32), 22050))  # warm-up: imports and tables
times = []
for _ in range(2):
    began, worked = time.perf_counter(), time.process_time()
    found = listen(Listening(sys.argv[1]))
    times += [time.perf_counter() - began, time.process_time() - worked]
print(json.dumps([*times, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, found.duration_s]))
"""


def write_track(path: Path, minutes: float) -> None:
    """Stereo music of a kind: a chord that changes, a beat, noise on it."""
    import numpy as np
    import soundfile

    t = np.arange(CHUNK_S * RATE) / RATE
    with soundfile.SoundFile(path, "w", RATE, 2, subtype="PCM_16") as file:
        for k in range(max(1, round(minutes))):
            random = np.random.default_rng(k)
            chord = sum(np.sin(2 * np.pi * hz * 2 ** ((k % 5) / 12) * t) for hz in (130.8, 164.8, 196.0, 261.6))
            beat = np.exp(-(t % 0.5) / 0.05) * np.sin(2 * np.pi * 55 * (t % 0.5))
            hat = np.exp(-(t % 0.25) / 0.02) * random.normal(size=len(t))
            mix = 0.08 * chord + 0.5 * beat + 0.1 * hat
            file.write(np.stack([mix, 0.9 * mix], axis=1).astype(np.float32))


def main(lengths: list[float]) -> None:
    """A line a length."""
    with tempfile.TemporaryDirectory() as folder:
        for minutes in lengths:
            track = Path(folder) / f"{minutes:g}.flac"
            write_track(track, minutes)
            environment = {**os.environ, "GANREACT_CACHE": str(Path(folder) / f"cache{minutes:g}")}
            done = subprocess.run([sys.executable, "-c", INSIDE, str(track)], cwd=ROOT, env=environment, check=True,
                                  capture_output=True, text=True)
            first, worked, second, _, megabytes, seconds = json.loads(done.stdout.strip().splitlines()[-1])
            print(f"{seconds / 60:5.1f} minutes: {first:.1f} s, {worked:.1f} s of processor, again {second:.2f} s, "
                  f"peak {megabytes:.0f} MB")


if __name__ == "__main__":
    main([float(word) for word in sys.argv[1:]] or [4.0, 30.0])

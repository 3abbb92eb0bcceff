"""Every kind of bad checkpoint: its verdict, in a sentence, quickly, in little memory, and nothing else happens."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ganreact_core.errors import CheckpointError
from ganreact_core.synthesis.load import load_generator
from tests.synthesis.hostile_corpus import Bad, corpus
from tests.synthesis.pickle_writer import TinyNetwork, watched

MEMORY_BYTES = 300 << 20


def test_the_corpus_is_whole():
    assert {bad.case for bad in corpus()} == set(range(1, 65)) and len(corpus()) >= 300


@pytest.fixture(scope="module", autouse=True)
def warm(tmp_path_factory):
    """Everything that a reader imports is imported before anyone watches."""
    path = tmp_path_factory.mktemp("warm") / "net.pkl"
    path.write_bytes(TinyNetwork.drawn().pickle())
    load_generator(path)


def peak_bytes() -> int | None:
    """The most memory this process had since the last call; None where the system does not tell."""
    try:
        status = Path("/proc/self/status").read_text()
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        return None
    return next(int(line.split()[1]) << 10 for line in status.splitlines() if line.startswith("VmHWM"))


@pytest.mark.parametrize("bad", corpus(), ids=lambda bad: f"{bad.case:02d}-{bad.name}"[:70].encode("ascii", "replace").decode())
def test_verdict(tmp_path, bad: Bad):
    path = bad.make(tmp_path)
    size = path.stat().st_size if "\0" not in str(path) and len(path.name) < 255 and path.exists() else 0
    peak_bytes()
    before = peak_bytes()
    with watched(path, *tmp_path.iterdir(), tmp_path):
        sentence = verdict_on(path, bad)
    after = peak_bytes()
    if before and after and size < 1 << 30:
        assert after - before <= size + MEMORY_BYTES
    assert "\n" not in sentence and sentence.isprintable() and len(sentence) < 900


def verdict_on(path: Path, bad: Bad) -> str:
    """Load; the sentence where it was refused, as it should be."""
    if bad.verdict == "load":
        assert load_generator(path).resolution
        return ""
    try:
        load_generator(path)
    except CheckpointError as error:
        assert error.exit_status == 3
        assert re.search(bad.says, str(error)), str(error)
        return str(error)
    assert bad.verdict == "either", "it was loaded"
    return ""


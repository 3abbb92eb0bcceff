"""What bench.py measures on a card, run whole on a small network: nobody who borrows a card has time to mend it."""

import argparse
import json
import math
import sys
from pathlib import Path

import pytest
import torch

sys.path.append(str(Path(__file__).resolve().parents[2] / "scripts"))
card_limits, card_table, generating, on_card = (pytest.importorskip(f"bench_parts.{name}")
                                                for name in ("card_limits", "card_table", "generating", "on_card"))
networks = pytest.importorskip("bench_parts.networks")


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setitem(generating.CASES, "stylegan2-256", generating.Case(lambda device: networks.stylegan2(16, 512, device), generating._plain2))
    monkeypatch.setitem(generating.CASES, "biggan-deep-256", generating.Case(lambda device: 1 / 0, generating._plain_biggan))
    monkeypatch.setattr(on_card, "_WARM_REPLAYED", 1)
    monkeypatch.setattr(card_table, "_LEAST_FRAMES", 6)
    monkeypatch.setattr("bench_parts.card_limits.gemm_gflops", lambda device, kind: 100.0)


def test_the_whole_course_runs_and_a_network_that_fails_loses_no_other(small, capsys, tmp_path):
    kept = []
    with torch.no_grad():
        args = argparse.Namespace(device="cpu", only=["biggan-deep-256", "stylegan2-256"], rounds=1, frames=1, json=None)
        found = card_table.measure(args, lambda args, found: kept.append(json.dumps(found)))
    (row,) = found["networks"]
    said = capsys.readouterr()
    assert "ZeroDivisionError" in said.err and "| stylegan2-256 | 1 |" in said.out and "whole renders" in said.out
    assert set(row["ms"]) >= {"plain", "plain, a batch", "exact", "exact, not replayed", "fast", "fast, bent"}
    assert all(ms > 0 for name, ms in row["ms"].items() if "low-passes" not in name)
    assert row["exact_off"][1] < 0.1 and row["fast_off"][0] < 2 and all(row["around"][f"{way}_ms"] > 0 for way in ("pictures", "film", "png"))
    assert row["gflop"] > 0 and row["gigabytes"] > 0 and row["exact_bound"]["products_ms"] > 0
    assert len(kept) == 5 and len(found["pieces"]) == 2 and found["peaks"]["memory"] > 0 and set(found["longest"]) == {"stylegan2-256"}


def test_bytes_that_are_moved_are_those_read_and_written():
    x = torch.zeros(10, 25)
    with card_limits.Moved() as moved:
        y = x + 1
        y.t()[:, 3]
        y.add_(x)
        torch.mul(x, y, out=y)
    assert moved.gigabytes == pytest.approx((2 + 3 + 3) * 1000 / 1e9)


def test_memory_that_does_not_suffice_leaves_a_gap():
    def short():
        raise torch.OutOfMemoryError("no")

    picture, ms, gigabytes = on_card._best(short, "cpu", 1, 1)
    assert picture is None and math.isnan(ms) and math.isnan(gigabytes)


def test_on_a_machine_without_a_card_the_command_says_so(capsys, monkeypatch):
    bench = pytest.importorskip("bench")
    monkeypatch.setattr(sys, "argv", ["bench.py", "--device", "cuda"])
    if torch.cuda.is_available():
        pytest.skip("there is a card")
    with torch.no_grad():
        assert bench.main() == 2 and "no card" in capsys.readouterr().err

"""How a card is asked to record: a CPU plays torch.cuda's part, with lines of work that it keeps account of."""

import contextlib
import gc

import numpy as np
import pytest
import torch

from ganreact_core.synthesis import acceleration, cuda_recorder
from ganreact_core.synthesis.frame_maker import FrameMaker
from ganreact_core.synthesis.replaying import Replays
from tests.synthesis.conftest import random_stylegan2
from tests.synthesis.tape_recorder import Tape
from tests.synthesis.test_replaying import BATCH, X, doubled, drawn, look_of, table_of


class Card:
    """torch.cuda as far as a recorder knows it. `lines` is what is current, the innermost last; `recording` who records."""

    def __init__(self, fails_at=""):
        self.lines, self.recording, self.pools, self.fails_at = ["usual"], None, 0, fails_at
        card = self

        class Graph:
            def capture_begin(self, pool, capture_error_mode):
                assert card.recording is None and card.lines[-1] != "usual" and capture_error_mode == "thread_local" and pool == card.pools
                assert not gc.isenabled()
                if card.fails_at == "begin":
                    raise RuntimeError("CUDA error: begin")
                card.recording, self.tape = self, Tape()
                self.tape.__enter__()

            def capture_end(self):
                assert card.recording is self and card.lines[-1] != "usual"
                self.tape.__exit__(None, None, None)
                card.recording = None
                if card.fails_at == "end":
                    raise RuntimeError("CUDA error: end")
                self.tape.forget()

            def replay(self):
                assert card.recording is None and card.lines[-1] == "usual"
                self.tape.play()

        self.CUDAGraph = Graph

    class Stream:
        def __init__(self, device):
            assert device == torch.device("cuda", 0)

        def wait_stream(self, other):
            assert other is not self

    def current_stream(self, device):
        return self.Stream(device)

    @contextlib.contextmanager
    def stream(self, line):
        self.lines.append(line)
        try:
            yield
        finally:
            self.lines.pop()

    def graph_pool_handle(self):
        assert self.recording is None
        self.pools += 1
        return self.pools

    def synchronize(self, device=None):
        assert self.recording is None, "a card that records cannot be waited for"

    def empty_cache(self):
        assert self.recording is None


@pytest.fixture
def card(monkeypatch, request):
    card = Card(getattr(request, "param", ""))
    for name in ("CUDAGraph", "Stream", "current_stream", "stream", "graph_pool_handle", "synchronize", "empty_cache"):
        monkeypatch.setattr(cuda_recorder.torch.cuda, name, getattr(card, name))
    yield card
    assert card.lines == ["usual"] and card.recording is None and gc.isenabled()


def test_frames_are_recorded_piece_by_piece_and_replayed(card, monkeypatch):
    monkeypatch.setattr(acceleration.openvino_engine, "can_compile", lambda generator: False)
    monkeypatch.setattr(acceleration, "can_replay", lambda generator: True)
    monkeypatch.setattr(acceleration, "CudaRecorder", lambda device: cuda_recorder.CudaRecorder("cuda:0"))
    look, told = look_of("stylegan2"), []
    replayed, plain = (FrameMaker(random_stylegan2(), look, batch=BATCH, replaying=told_) for told_ in (told.append, None))
    assert np.array_equal(drawn(replayed, table_of(look)), drawn(plain, table_of(look)))
    assert not told and card.pools == 2


@pytest.mark.parametrize("card", ["begin", "end"], indirect=True)
@pytest.mark.parametrize("after", [None, lambda index, x: x * 3])
def test_where_recording_fails_the_usual_line_is_current_again(card, after):
    told = []
    replays = Replays(cuda_recorder.CudaRecorder("cuda:0"), {1}, told.append)
    assert all(torch.equal(replays(doubled, (x,), after), doubled((x,), after)) for x in X) and len(told) == 1


def test_what_fails_while_it_is_recorded_ends_the_recording(card):
    def refused(given, after, rewrites):
        return given[0] * float(given[0].sum())

    told = []
    replays = Replays(cuda_recorder.CudaRecorder("cuda:0"), (), told.append)
    assert all(torch.equal(replays(refused, (x,), None), refused((x,), None, ())) for x in X) and "not permitted" in told[0]

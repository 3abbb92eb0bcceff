"""A card's work recorded and replayed: the same bits as without, or not at all. A tape of torch operators stands in for the card."""

import sys
import threading
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch.utils._python_dispatch import TorchDispatchMode

from ganreact_core.bundle import create_bundle
from ganreact_core.errors import BundleError
from ganreact_core.look import Bend, Canvas, Entry, Look, NoiseLayer, Rewrite
from ganreact_core.synthesis import acceleration, frame_maker
from ganreact_core.synthesis.frame_maker import FrameMaker
from ganreact_core.synthesis.render import Conduct, render_bundle
from ganreact_core.synthesis.replaying import Replays
from ganreact_core.table import evaluate
from tests.synthesis.conftest import random_biggan, random_stylegan2
from tests.synthesis.tape_recorder import TapeRecorder

sys.path.append(str(Path(__file__).resolve().parents[2] / "scripts"))
networks = pytest.importorskip("bench_parts.networks")
N, BATCH = 16, 2
RAMP = np.linspace(0, 1, N)
FAMILIES = {"stylegan2": lambda shared: random_stylegan2(), "resnet": lambda shared: random_stylegan2(architecture="resnet"),
            "seamless": lambda shared: random_stylegan2(), "biggan": lambda shared: random_biggan("deep"),
            "wide": lambda shared: random_biggan("wide"),
            "short": lambda shared: random_biggan("deep").variant(short=torch.bfloat16),
            "stylegan3": lambda shared: networks.stylegan3(16, 128, radial=False)}


@pytest.fixture
def on_a_card(monkeypatch):
    """Renders compute in torch and record; the recorder they use."""
    recorder = TapeRecorder()
    monkeypatch.setattr(acceleration.openvino_engine, "can_compile", lambda generator: False)
    monkeypatch.setattr(acceleration.numba_engine, "can_compute", lambda generator: False)
    monkeypatch.setattr(acceleration, "can_replay", lambda generator: True)
    monkeypatch.setattr(acceleration, "CudaRecorder", lambda device: recorder)
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield recorder
    torch.set_num_threads(before)


def look_of(family):
    bends = (Bend("turn", "Turn", "rotate", 2), Bend("blur", "Blur", "blur", 2), Bend("add", "Add", "add", 4))
    noise = (NoiseLayer("n", "N"),) if "stylegan2" in family or family in ("resnet", "seamless") else ()
    return Look(size=(40, 32), canvas=Canvas(seamless=family == "seamless"), entries=(Entry("a", "A", 1), Entry("b", "B", 2)),
                bends=bends, noise_layers=noise)


def table_of(look):
    """Bends rest in the first three batches."""
    late = np.maximum(RAMP - 3 / 8, 0)
    values = {"palette.a": 1 - RAMP, "palette.b": RAMP, "bend.turn": 60 * late, "bend.blur": 2 * late, "bend.add": late ** 2,
              "noise.n.strength": RAMP, "noise.n.phase": 3 * RAMP, "transform.x": RAMP, "transform.rotate": 90 * RAMP, "truncation": 1 - RAMP / 2}
    return evaluate(look, (), {k: v for k, v in values.items() if k in evaluate(look, (), {}, {}, n_frames=1, fps=24).columns}, {}, n_frames=N, fps=24)


def drawn(maker, table):
    return np.concatenate([maker.pictures(table, range(first, first + BATCH)) for first in range(1, N, BATCH)])


@pytest.mark.parametrize(("family", "precision"), [*((f, "fast" if f == "stylegan3" else "exact") for f in FAMILIES), ("stylegan2", "fast"), ("wide", "fast")])
def test_replayed_pictures_are_those_without_to_the_bit(family, precision, on_a_card, shared):
    network, look, told = FAMILIES[family](shared), look_of(family), []
    network.planar = network.merges = True  # as on a card
    replayed = FrameMaker(network, look, batch=BATCH, precision=precision, replaying=told.append)
    plain = FrameMaker(network, look, batch=BATCH, precision=precision)
    assert np.array_equal(drawn(replayed, table_of(look)), drawn(plain, table_of(look)))
    assert not told and on_a_card.pieces == 1 + 3, "a record without bends, and one cut behind the two layers that are bent"
    assert on_a_card.played >= 1 + 3 * 3
    assert replayed.numerics_class()["engine"] == plain.numerics_class()["engine"] + ", replayed"


@pytest.mark.parametrize("family", ["stylegan2", "biggan"])
def test_rewritten_frames_are_replayed_too(family, on_a_card, shared):
    rewrites = (Rewrite("r", "R", "scatter", 3), Rewrite("s", "S", "scale", 4))
    network, look = FAMILIES[family](shared), Look(size=(40, 32), entries=(Entry("a", "A", 1),), rewrites=rewrites)
    table = evaluate(look, (), {"rewrite.r": np.maximum(RAMP - 0.5, 0), "rewrite.s": RAMP}, {}, n_frames=N, fps=24)
    replayed, plain = (FrameMaker(network, look, batch=BATCH, replaying=told) for told in (print, None))
    assert np.array_equal(drawn(replayed, table), drawn(plain, table))
    assert on_a_card.pieces == 1 and on_a_card.played >= N // BATCH - 2


# -- what may go wrong ------------------------------------------------------------------------------------------------

X = [torch.full((2, 3), float(n)) for n in range(1, 9)]


def doubled(given, after, rewrites=()):
    x = given[0] * 2
    return (after(1, x) if after else x) + 1


def outcome(recorder, draw=doubled, after=None):
    """(right so far, sentences, replays) of drawing all of X."""
    told = []
    replays = Replays(recorder, {1}, told.append)
    return [torch.equal(replays(draw, (x,), after), draw((x,), after)) for x in X], told, replays


def test_a_record_that_gives_something_else_is_never_shown():
    recorder = TapeRecorder()
    honest = recorder.end

    def end():
        again = honest()
        return lambda: again() if recorder.played < 1 else None  # as if inputs were not read anew

    recorder.end = end
    right, told, replays = outcome(recorder)
    assert all(right) and len(told) == 1 and "differently" in told[0] and replays.given_up


def test_what_is_baked_into_a_record_shows_on_the_second_batch():
    told = []
    replays = Replays(TapeRecorder(), (), told.append)
    seen = [replays(lambda given, after, rewrites, n=n: given[0] * n, (x,), None).tolist() for n, x in enumerate(X)]
    assert len(told) == 1 and seen == [(x * n).tolist() for n, x in enumerate(X)]


@pytest.mark.parametrize("step", ["aside", "begin", "end"])
@pytest.mark.parametrize("error", [RuntimeError("CUDA error: operation not permitted when stream is capturing\nmore"), torch.OutOfMemoryError("out")])
def test_where_a_card_cannot_record_everything_goes_on_without(step, error):
    recorder = TapeRecorder()

    def fails(*_):
        raise error

    setattr(recorder, step, fails)
    right, told, _ = outcome(recorder, after=lambda index, x: x * 3)
    assert all(right) and len(told) == 1 and str(error).splitlines()[0] in told[0] and "more" not in told[0]
    assert recorder.given_up == (step != "aside")


def test_looking_at_a_number_on_the_card_cannot_be_recorded():
    recorder = TapeRecorder()
    right, told, _ = outcome(recorder, draw=lambda given, after, rewrites=(): given[0] * float(given[0].sum()))
    assert all(right) and "not permitted" in told[0] and recorder.given_up == 1


def test_what_a_bend_fails_with_is_not_taken_for_the_cards_failure():
    def missing(index, x):
        raise BundleError("the picture of the mask 'm' is missing")

    recorder, told = TapeRecorder(), []
    replays = Replays(recorder, {1}, told.append)
    for _ in range(4):
        with pytest.raises(BundleError):
            replays(doubled, (X[0],), missing)
    assert not told and recorder._tape is None


def test_another_batch_has_a_record_of_its_own_and_few_are_kept():
    recorder = TapeRecorder()
    replays = Replays(recorder, (), print)
    for rows in (4, 2, 1, 3, 5, 4):
        for _ in range(5):
            x = torch.randn(rows, 3)
            assert torch.equal(replays(doubled, (x,), None), doubled((x,), None))
    assert recorder.pieces == 6 and len(replays._records) <= 4


def test_records_go_first_where_memory_does_not_suffice(on_a_card):
    told = []
    maker = FrameMaker(random_stylegan2(), Look(entries=(Entry("a", "A", 1),)), batch=2, parallel=2, replaying=told.append)
    found = []
    while maker.lessen():
        found.append(("replayed" in maker.numerics_class()["engine"], maker.parallel, maker.batch))
    assert found == [(False, 2, 2), (False, 1, 2), (False, 1, 1)] and len(told) == 1 and "memory" in told[0]


def test_a_render_tells_once_that_a_card_cannot_record(on_a_card, tmp_path):
    on_a_card.begin = lambda: (_ for _ in ()).throw(RuntimeError("CUDA error: nope"))
    look = look_of("stylegan2")
    bundle = create_bundle(tmp_path, look, table_of(look), "0" * 64)
    report = render_bundle(bundle, random_stylegan2(), bundle.frame_numbers())
    assert report.rendered == N and len(report.remarks) == 1 and "nope" in report.remarks[0]


def test_the_environment_switches_it_off(on_a_card, monkeypatch):
    monkeypatch.setenv("GANREACT_REPLAY", "0")
    assert acceleration.prepare(random_stylegan2(), Look(), (), precision="exact", streams=1, replaying=print).replays is None


# -- what a card cannot record ----------------------------------------------------------------------------------------

class _NothingCrosses(TorchDispatchMode):
    """Refuses what goes between the host and a card."""

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        found = func(*args, **(kwargs or {}))
        on = {t.device.type for t in (*args, found) if isinstance(t, torch.Tensor) and t.ndim}
        assert len(on) <= 1, f"{func} goes from {on}"
        return found


@pytest.mark.parametrize("family", FAMILIES)
def test_what_is_recorded_never_leaves_the_card(family, shared):
    """Torch's meta device, which has no numbers to look at, stands for the card."""
    network = FAMILIES[family](shared)
    network = network.variant(wrap=True) if family == "seamless" else network
    kind = type(network)
    with torch.inference_mode():
        there = kind(network.config, {name: torch.empty(t.shape, device="meta") for name, t in network.tensors.items()})
        there = there.variant(wrap=network.wrap)
        w = torch.empty(2, there.num_ws, there.w_dim, device="meta")
        x = torch.empty(2, there.layers[0].channels, *there.layers[0].size, device="meta")
        with _NothingCrosses():
            if family in ("biggan", "wide", "short"):
                rows = torch.empty(2, len(network.tensors["output.bn.mean"]), device="meta")
                picture = there.compute(there, x, w, rows, None, ())
            elif family == "stylegan3":
                picture = there.run(there, x, w, None, ())
            else:
                picture = there.compute(x, w, there._noise_maps("const"), None, ())
        assert picture.device.type == "meta" and picture.shape == (2, 3, *there.resolution)


def test_a_render_by_two_threads_gives_the_frames_of_one_without_records(on_a_card, monkeypatch, tmp_path):
    look, network, turn = look_of("stylegan2"), random_stylegan2(), threading.Lock()
    monkeypatch.setattr(frame_maker, "one_at_a_time", lambda device: turn)
    monkeypatch.setattr(frame_maker, "rows_at_a_time", lambda generator, field: BATCH)
    monkeypatch.setattr(frame_maker, "cores", lambda: 2)
    bundles = [create_bundle(tmp_path / name, look, table_of(look), "0" * 64) for name in "ab"]
    kept = []
    monkeypatch.setattr(Replays, "forget", lambda self, forget=Replays.forget: (kept.append(len(self._records)), forget(self)))
    report = render_bundle(bundles[0], network, bundles[0].frame_numbers())
    assert on_a_card.pieces == 4 and not report.remarks and kept == [2], "both records are let go in the end"
    render_bundle(bundles[1], network, bundles[1].frame_numbers(), conduct=Conduct(alone={3}))
    assert on_a_card.pieces == 4, "a render that goes on after its process died records nothing"
    for frame in bundles[0].frame_numbers():
        assert np.array_equal(*(np.asarray(Image.open(bundle.frame_path(frame))) for bundle in bundles))

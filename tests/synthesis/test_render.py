"""Bundle -> frames: the same bytes whatever the order, the batch or the interruption; nothing half-done counts."""

import itertools
import json
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from PIL import Image

from ganreact_core.bundle import KEY_NAME, create_bundle, open_bundle
from ganreact_core.errors import BundleError, Cancelled, MemoryShortage, UsageError
from ganreact_core.frame_files import embedded_text, is_sound
from ganreact_core.look import Bend, Canvas, Entry, Look, NoiseLayer
from ganreact_core.synthesis import acceleration
from ganreact_core.synthesis.frame_maker import FrameMaker
from ganreact_core.synthesis.render import Audience, Conduct, render_bundle
from ganreact_core.table import evaluate

N = 12
LOOK = Look(size=(96, 64), canvas=Canvas("mirror", 1.0), entries=(Entry("a", "A", 1), Entry("b", "B", 2), Entry("x", "X", 3, accent=True)),
            noise_layers=(NoiseLayer("n", "N"),), bends=(Bend("zoom", "Zoom", "zoom", 2), Bend("turn", "Turn", "rotate", 3)))
RAMP = np.linspace(0, 1, N)
KEYED = {"palette.a": 1 - RAMP, "palette.b": RAMP, "noise.n.strength": RAMP, "noise.n.phase": 3 * RAMP,
         "bend.zoom": np.where(RAMP > 0.5, 1 + RAMP, 1.0), "bend.turn": 30 * RAMP, "accent.x": np.where(RAMP > 0.8, 0.5, 0)}


@pytest.fixture
def bundle(tmp_path):
    return make(tmp_path)


def make(folder, **changed):
    return create_bundle(folder, LOOK, evaluate(LOOK, (), KEYED | changed, {}, n_frames=N, fps=24), "0" * 64)


def contents(bundle):
    return {f: bundle.frame_path(f).read_bytes() for f in bundle.frame_numbers() if bundle.frame_path(f).exists()}


def test_frames_are_whole_pictures_of_the_wanted_size_that_change(bundle, net):
    report = render_bundle(bundle, net, bundle.frame_numbers())
    pictures = [np.asarray(Image.open(bundle.frame_path(f))) for f in bundle.frame_numbers()]
    assert report.rendered == N and all(p.shape == (64, 96, 3) and p.std() > 5 for p in pictures)
    assert all(np.abs(a.astype(int) - b).mean() > 0.2 for a, b in itertools.pairwise(pictures))
    assert not bundle.wanted(bundle.frame_numbers()) and not list(bundle.frames_folder.glob(".*"))


def test_pieces_in_any_order_give_the_bytes_of_one_piece(tmp_path, net):
    whole, pieces = make(tmp_path / "whole"), make(tmp_path / "pieces")
    render_bundle(whole, net, whole.frame_numbers())
    for part in (range(8, 13), range(1, 3), range(3, 8)):
        render_bundle(pieces, net, part)
    assert contents(whole) == contents(pieces)


@pytest.mark.parametrize("batch", [2, 4])
def test_neighbours_in_a_batch_do_not_change_a_frame(bundle, net, batch):
    maker = FrameMaker(net, LOOK, batch=batch)
    together = [p for start in range(1, N + 1, batch) for p in maker.pictures(bundle.table, range(start, start + batch))]
    alone = [maker.pictures(bundle.table, [f])[0] for f in range(N, 0, -1)][::-1]
    assert all(np.array_equal(a, b) for a, b in zip(together, alone, strict=True))


def test_a_second_render_keeps_what_is_right_and_an_edit_renders_what_changed(tmp_path, net):
    bundle = make(tmp_path)
    render_bundle(bundle, net, bundle.frame_numbers())
    assert render_bundle(bundle, net, bundle.frame_numbers()).rendered == 0
    before = contents(bundle)
    truncation = np.full(N, 0.8)
    truncation[4] = 0.4
    edited = make(tmp_path, truncation=truncation)
    assert render_bundle(edited, net, edited.frame_numbers()).rendered == 1
    assert [f for f, content in contents(edited).items() if content != before[f]] == [5]


@pytest.mark.parametrize("damage", [lambda b: b[:len(b) // 2], lambda b: b"", lambda b: b"\0" * len(b), lambda b: b[:-1]])
def test_a_broken_frame_is_not_done_and_is_made_again(bundle, net, damage):
    render_bundle(bundle, net, range(1, 4))
    path = bundle.frame_path(2)
    good = path.read_bytes()
    path.write_bytes(damage(good))
    assert list(bundle.wanted(range(1, 4))) == [2]
    render_bundle(bundle, net, range(1, 4))
    assert path.read_bytes() == good


def test_cancel_keeps_finished_frames_and_leaves_nothing_half_done(bundle, net):
    seen = []
    with pytest.raises(Cancelled):
        render_bundle(bundle, net, bundle.frame_numbers(), audience=Audience(progress=lambda done, total, frame: seen.append(frame),
                                                                             cancelled=lambda: len(seen) > 3))
    finished = [f for f in seen if f]
    assert 0 < len(finished) < N and not list(bundle.frames_folder.glob(".*"))
    assert all(is_sound(bundle.frame_path(f)) for f in finished)
    assert render_bundle(bundle, net, bundle.frame_numbers()).kept == len(contents(bundle)) - (N - len(finished))


def test_a_frame_carries_its_key_and_a_reopened_bundle_agrees(bundle, net):
    render_bundle(bundle, net, range(1, 2))
    assert embedded_text(bundle.frame_path(1), KEY_NAME) == open_bundle(bundle.folder).frame_keys([1])[1]
    assert Image.open(bundle.frame_path(1)).text[KEY_NAME] == bundle.frame_keys([1])[1]


def test_a_picture_of_somebody_elses_is_never_overwritten(bundle, net):
    Image.fromarray(np.zeros((8, 8, 3), np.uint8)).save(bundle.frame_path(3))
    mine = bundle.frame_path(3).read_bytes()
    with pytest.raises(BundleError, match="not made by GANReact"):
        render_bundle(bundle, net, bundle.frame_numbers())
    assert bundle.frame_path(3).read_bytes() == mine


def test_damage_in_the_middle_is_found_by_a_deep_look_and_mended(bundle, net):
    render_bundle(bundle, net, range(1, 4))
    path = bundle.frame_path(2)
    good = path.read_bytes()
    path.write_bytes(good[:len(good) // 2] + bytes([good[len(good) // 2] ^ 1]) + good[len(good) // 2 + 1:])
    assert not bundle.wanted(range(1, 4)) and list(bundle.wanted(range(1, 4), deep=True)) == [2]
    assert render_bundle(bundle, net, range(1, 4), conduct=Conduct(deep=True)).rendered == 1 and path.read_bytes() == good


def test_too_little_memory_is_tried_with_less_and_then_said(bundle, net, monkeypatch):
    real, calls = FrameMaker.pictures, []

    def short(self, table, frames):
        calls.append((self.parallel, len(frames)))
        if len(calls) < 3:
            raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes")
        return real(self, table, frames)

    monkeypatch.setattr(FrameMaker, "pictures", short)
    assert render_bundle(bundle, net, bundle.frame_numbers()).rendered == N
    monkeypatch.setattr(FrameMaker, "pictures", lambda *_: (_ for _ in ()).throw(MemoryError()))
    bundle.frame_path(1).unlink()
    with pytest.raises(MemoryShortage, match="96×64"):
        render_bundle(bundle, net, bundle.frame_numbers())


@pytest.mark.parametrize(("precision", "engine"), [("exact", "float32"), ("fast", None)])
def test_the_journal_names_the_numerics_class(bundle, net, precision, engine):
    render_bundle(bundle, net, range(1, 3), conduct=Conduct(precision=precision))
    start = json.loads((bundle.folder / "journal.jsonl").read_text().splitlines()[0])
    assert set(start["numerics"]) == {"device", "name", "engine", "precision", "batch"}
    assert start["numerics"]["precision"] == (engine or start["numerics"]["precision"]) and start["numerics"]["batch"] == 1


def test_an_unknown_precision_is_refused(bundle, net):
    with pytest.raises(UsageError, match="exact or fast"):
        render_bundle(bundle, net, range(1, 3), conduct=Conduct(precision="half"))


@pytest.mark.parametrize("engine", ["openvino", "torch"])
def test_frames_under_way_together_do_not_change_each_other(bundle, net, engine, monkeypatch):
    if engine == "torch":
        monkeypatch.setattr(acceleration.openvino_engine, "can_compile", lambda generator: False)
    one, many = FrameMaker(net, LOOK, parallel=2), FrameMaker(net, LOOK, parallel=2)
    torch_threads = torch.get_num_threads()
    torch.set_num_threads(1)
    order = np.random.default_rng(0).permutation(np.arange(1, N + 1)).tolist()
    with ThreadPoolExecutor(2) as pool:
        together = dict(zip(order, pool.map(lambda f: many.pictures(bundle.table, [f])[0], order), strict=True))
    alone = {f: one.pictures(bundle.table, [f])[0] for f in bundle.frame_numbers()}
    torch.set_num_threads(torch_threads)
    assert all(np.array_equal(alone[f], together[f]) for f in alone)

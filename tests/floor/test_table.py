"""Routes, table, patch and bundle: values, round trips, and exactly the frames that changed."""

import dataclasses
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ganreact_core.bundle import KEY_NAME, create_bundle, open_bundle, remove_bundle
from ganreact_core.carried import Pictures, carried_digests, mask_pictures
from ganreact_core.catalogue import Parameter
from ganreact_core.errors import BundleError, LookError, UsageError
from ganreact_core.frame_ranges import as_ranges, parse_frame_range, told_of_frames
from ganreact_core.look import Bend, Entry, Look, Mask, Rewrite, addresses, describe
from ganreact_core.naming import ADDRESS_LIMIT_BYTES, slug
from ganreact_core.patches import Key, Patch, keyed_values, load_patch, patch_from_text, patch_to_text, shipped_patches
from ganreact_core.routes import Route, apply_routes, route_parameters
from ganreact_core.table import evaluate, load_table, save_table

LOOK = Look(entries=(Entry("a", "A", 1), Entry("b", "B", 2), Entry("x", "X", 3, accent=True)),
            bends=(Bend("zoom", "Zoom", "zoom", 1),))
FREE = Parameter(0.0, 0.0, -10.0, 10.0, "")
ENVELOPE = {"kick": np.array([0.0, 0.5, 1.0], np.float32), "bass": np.array([1.0, 1.0, 0.0], np.float32)}


def route(ident, envelope, mode="add", address="bend.zoom"):
    return Route(ident, ident, envelope, address, mode)


def test_routes_add_first_and_multiply_then():
    arriving = [(route("m", "bass", "multiply"), 0.5), (route("a", "kick"), 2.0)]
    assert apply_routes(np.array(1.0), FREE, arriving, ENVELOPE) == pytest.approx([1.0, 2.0, 1.5])


def test_values_are_clipped_or_wrapped():
    turn = dataclasses.replace(FREE, minimum=-180.0, maximum=180.0, cyclic=True)
    assert apply_routes(np.array([20.0, -20.0]), FREE, [], {}) == pytest.approx([10.0, -10.0])
    assert apply_routes(np.array([190.0, -190.0, 180.0]), turn, [], {}) == pytest.approx([-170.0, 170.0, 180.0])


def test_the_amount_of_a_route_is_itself_keyed():
    routes = (route("r", "kick"),)
    keyed = {"route.r": np.array([0.0, 1.0, 2.0]), "bend.zoom": 1.0}
    table = evaluate(LOOK, routes, keyed, ENVELOPE, n_frames=3, fps=24)
    assert table.columns["bend.zoom"] == pytest.approx([1.0, 1.5, 3.0])


def test_every_address_of_a_look_has_a_column_and_fits_blender():
    table = evaluate(LOOK, (), {}, {}, n_frames=4, fps=24, first_frame=11)
    assert set(table.columns) == set(addresses(LOOK))
    assert all(len(a.encode()) <= ADDRESS_LIMIT_BYTES for a in addresses(load_patch("pulse").look))
    assert (table.first_frame, table.last_frame) == (11, 14) and table.row(14)["truncation"] == pytest.approx(0.8)
    with pytest.raises(LookError, match="no frame 15"):
        table.row(15)


@pytest.mark.parametrize("fps", [0.0, -24.0, float("nan"), float("inf")])
def test_a_table_of_no_speed_is_damaged(tmp_path, fps):
    save_table(tmp_path / "t.npz", dataclasses.replace(evaluate(LOOK, (), {}, {}, n_frames=2, fps=24), fps=fps))
    with pytest.raises(LookError, match="damaged"):
        load_table(tmp_path / "t.npz")


@pytest.mark.parametrize(("bad", "what"), [(route("r", "nobody"), "nobody"), (route("r", "kick", address="bend.none"), "bend.none")])
def test_a_route_from_or_to_nowhere_is_named(bad, what):
    with pytest.raises(LookError, match=what):
        evaluate(LOOK, (bad,), {}, ENVELOPE, n_frames=3, fps=24)


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 30), st.integers(-50, 5000), st.floats(1, 120), st.randoms())
def test_a_table_survives_its_file(tmp_path_factory, n, first, fps, random):
    keyed = {a: np.array([random.uniform(-2, 2) for _ in range(n)]) for a in addresses(LOOK)}
    table = evaluate(LOOK, (), keyed, {}, n_frames=n, fps=fps, first_frame=first)
    path = tmp_path_factory.mktemp("t") / "table.npz"
    save_table(path, table)
    again = load_table(path)
    assert (again.first_frame, again.fps) == (table.first_frame, table.fps)
    assert all(np.array_equal(again.columns[a], table.columns[a]) for a in table.columns)


def test_an_artists_name_becomes_an_id_of_its_own():
    assert slug("Überblick!") == "uberblick" and slug("Überblick!", {"uberblick"}) == "uberblick-2"
    assert [slug(name) for name in ("Aux", "COM1", "Auxiliary")] == ["aux-2", "com1-2", "auxiliary"], "Windows keeps no file of a device's name"
    assert slug("夜") == "item" and len(slug("x" * 50, {"x" * 20})) <= 20


@pytest.mark.parametrize("name", list(shipped_patches()))
def test_a_shipped_patch_survives_its_text(name):
    patch = load_patch(name)
    assert patch_from_text(patch_to_text(patch)) == patch
    assert set(route_parameters(patch.routes)) and describe(patch.look, "truncation") == "Variety"


@pytest.mark.parametrize(("text", "what"), [
    ("", "JSON"), ("[]", "not a GANReact patch"), ('{"format": "other"}', "not a GANReact patch"),
    ('{"format": "ganreact.patch", "version": 99}', "newer"),
    ('{"format": "ganreact.patch", "version": 1, "spell": 1}', "unknown field 'spell'"),
    ('{"format": "ganreact.patch", "version": 1, "look": {"size": [1, "x"]}}', "size"),
    ('{"format": "ganreact.patch", "version": 1, "look": {"size": [99999, 16]}}', "99999"),
    ('{"format": "ganreact.patch", "version": 1, "values": {"bend.q": 1}}', "bend.q"),
    ('{"format": "ganreact.patch", "version": 1, "values": {"truncation": NaN}}', "truncation"),
    ('{"format": "ganreact.patch", "version": 1, "look": {"entries": [{"id": "A B", "label": "", "seed": 1}]}}', "no|not an id"),
    ("[" * 100000, "JSON"),
])
def test_a_strange_patch_is_refused_in_one_sentence(text, what):
    with pytest.raises(LookError, match=what) as caught:
        patch_from_text(text)
    assert "\n" not in str(caught.value)


def test_keys_of_a_patch_are_met_and_eased_between():
    patch = Patch(look=LOOK, keys={"truncation": (Key(0, 0.0), Key(0.5, 1.0), Key(1, 0.5))})
    y = keyed_values(patch, 101)["truncation"]
    assert y[[0, 50, 100]] == pytest.approx([0, 1, 0.5]) and y[25] == pytest.approx(0.5) and abs(y[1] - y[0]) < 0.005


def make_bundle(folder, change=None, look=LOOK):
    keyed = {"truncation": np.linspace(0, 1, 20)}
    if change is not None:
        keyed["truncation"][change] += 0.01
    return create_bundle(folder, look, evaluate(look, (), keyed, {}, n_frames=20, fps=24, first_frame=5), "f" * 64)


def test_only_the_frames_whose_values_changed_have_new_keys(tmp_path):
    before, after = make_bundle(tmp_path), make_bundle(tmp_path, change=7)
    old, new = (b.frame_keys(b.frame_numbers()) for b in (before, after))
    assert [f for f in old if old[f] != new[f]] == [12]


def test_labels_do_not_make_a_frame_stale_but_seeds_do(tmp_path):
    renamed = dataclasses.replace(LOOK, label="Other", entries=(Entry("a", "Ä", 1), *LOOK.entries[1:]))
    reseeded = dataclasses.replace(LOOK, entries=(Entry("a", "A", 9), *LOOK.entries[1:]))
    keys = [make_bundle(tmp_path / str(n), look=look).frame_keys([5])[5] for n, look in enumerate((LOOK, renamed, reseeded))]
    assert keys[0] == keys[1] != keys[2]


def test_a_bundle_is_read_back_and_carries_no_path(tmp_path):
    made = make_bundle(tmp_path, look=dataclasses.replace(LOOK, model="/home/somebody/net.pkl"))
    again = open_bundle(tmp_path)
    assert "somebody" not in (tmp_path / "look.json").read_text() and again.look.model == "net.pkl"
    assert again.frame_keys(range(5, 25)) == made.frame_keys(range(5, 25))


def test_nor_a_path_of_another_system(tmp_path):
    look = dataclasses.replace(LOOK, model=r"C:\Users\somebody\net.pkl", masks=(Mask("m", "", "image", file=r"\\nas\somebody\m.png"),),
                               rewrites=(Rewrite("r", "", "file", 1, file="C:/Users/somebody/r.npz"),))
    make_bundle(tmp_path, look=look)
    assert "somebody" not in (tmp_path / "look.json").read_text() and open_bundle(tmp_path).look.masks[0].file == "m.png"


def test_what_is_no_bundle_is_said(tmp_path):
    with pytest.raises(BundleError, match=r"look\.json"):
        open_bundle(tmp_path)
    (tmp_path / "look.json").write_text("{}")
    with pytest.raises(BundleError, match="not a render bundle"):
        open_bundle(tmp_path)


def test_removing_a_bundle_leaves_foreign_files(tmp_path):
    bundle = make_bundle(tmp_path / "b")
    foreign = bundle.frame_path(6)
    foreign.write_bytes(b"mine")
    remove_bundle(bundle)
    assert foreign.read_bytes() == b"mine" and not (bundle.folder / "look.json").exists()


def test_what_a_bundle_carried_goes_with_it_so_that_its_folder_can_be_used_again(tmp_path):
    bundle = make_bundle(tmp_path / "b")
    ours = [bundle.folder / name for name in ("masks/spot.png", "masks/film/000001.png", "masks/film/-000002.png", "rewrites/melt.npz")]
    foreign = bundle.folder / "masks" / "film" / "holiday.png"
    for path in [*ours, foreign]:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"grey")
    remove_bundle(bundle)
    assert foreign.is_file() and not any(path.exists() for path in ours) and not (bundle.folder / "rewrites").exists()
    foreign.unlink()
    remove_bundle(bundle)
    assert not bundle.folder.exists() and make_bundle(tmp_path / "b")


@pytest.mark.parametrize(("text", "expected"), [("", range(1, 11)), ("3-5", range(3, 6)), ("7", range(7, 8)), ("3+2", range(3, 5)),
                                                 ("8+3", range(8, 11)), ("9+48", range(9, 11)), ("10+1", range(10, 11))])
def test_frame_ranges_are_inclusive(text, expected):
    assert parse_frame_range(text, range(1, 11)) == expected


@pytest.mark.parametrize("text", ["5-3", "0-4", "8-12", "a-b", "1-", "-1-3", "3+0", "11+4", "0+3"])
def test_a_range_outside_is_refused(text):
    with pytest.raises(UsageError):
        parse_frame_range(text, range(1, 11))


def test_scene_frames_can_be_negative():
    assert parse_frame_range("-3--1", range(-3, 9)) == range(-3, 0) and parse_frame_range("-3-2", range(-3, 9)) == range(-3, 3)


@pytest.mark.parametrize(("again", "expected"), [(False, "555556688888888"), (True, "555556685668566")])
def test_a_sequence_stands_still_at_its_ends_or_begins_again(again, expected):
    """Pictures that begin at frames 5, 6 and 8, asked for at frames 1 to 15."""
    pictures = Pictures((5, 6, 8), tuple(Path(name) for name in "568"), again)
    assert "".join(str(pictures.at(frame)) for frame in range(1, 16)) == expected


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with names here")
def test_what_is_no_file_is_no_picture_of_a_sequence_and_nobody_waits_for_it(tmp_path):
    folder = tmp_path / "masks" / "m"
    folder.mkdir(parents=True)
    (folder / "000001.png").write_bytes(b"grey")
    os.mkfifo(folder / "000002.png")
    (folder / "000003.png").symlink_to("/dev/zero")
    look = dataclasses.replace(LOOK, masks=(Mask("m", "", "sequence"),))
    assert mask_pictures(tmp_path, look.masks[0]).frames == (1,) and carried_digests(tmp_path, look)(3)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with names here")
@pytest.mark.parametrize("kept", ["png", "exr", "jpeg"])
def test_a_pipe_in_the_place_of_a_frame_is_a_frame_that_is_missing(tmp_path, kept):
    bundle = make_bundle(tmp_path, look=dataclasses.replace(LOOK, format=kept))
    os.mkfifo(bundle.frame_path(5))
    assert list(bundle.wanted([5])) == [5]


def test_a_folder_of_somebody_elses_is_left_alone(tmp_path):
    (tmp_path / "look.json").write_text('{"format": "recipe"}')
    with pytest.raises(BundleError, match="other files"):
        make_bundle(tmp_path)
    assert (tmp_path / "look.json").read_text() == '{"format": "recipe"}' and not (tmp_path / "frames").exists()


def test_missing_frames_are_said_as_ranges():
    assert list(as_ranges({3, 1, 2, 9})) == ["1-3", "9"] and list(as_ranges([])) == []
    assert KEY_NAME.isascii()


def test_what_a_render_came_to_is_told_in_words():
    assert told_of_frames(1, 0) == "1 frame rendered" and told_of_frames(12, 0) == "12 frames rendered"
    assert told_of_frames(7, 113) == "7 frames rendered, 113 kept from before"
    assert told_of_frames(0, 48) == "all 48 frames are kept from before" and told_of_frames(0, 0) == "0 frames rendered"

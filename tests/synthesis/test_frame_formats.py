"""Frames as EXR and JPEG: read back by others, whole or told, and the same render as ever around them."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("av")

from ganreact_core.bundle import create_bundle, open_bundle, remove_bundle
from ganreact_core.engine.frame_pictures import read_frame, read_light
from ganreact_core.errors import BundleError, LookError
from ganreact_core.frame_files import embedded_text, glance, is_sound
from ganreact_core.look import Canvas, Entry, Look
from ganreact_core.synthesis.frame_maker import FrameMaker
from ganreact_core.synthesis.images import fit, linear_light, write_picture
from ganreact_core.synthesis.render import render_bundle
from ganreact_core.table import evaluate

DRAW = np.random.default_rng(0)
TEXTS = {"ganreact-frame-key": "ab" * 20, "ganreact-numerics": '{"é": "ü"}'}
LOOK = Look(size=(40, 24), canvas=Canvas(detail=1.0), entries=(Entry("a", "A", 1, default=1.0),))
N = 3


def picture_for(ending, size):
    smooth = np.linspace(-0.3, 1.4, size[0] * size[1] * 3, dtype=np.float32).reshape(*size, 3)
    return smooth if ending == ".exr" else (smooth * 255).clip(0, 255).astype(np.uint8)


@pytest.mark.parametrize("size", [(1, 1), (16, 3), (37, 21), (400, 5)])
def test_an_exr_keeps_what_lies_beyond_black_and_white(tmp_path, size):
    noise = DRAW.normal(0.5, 1.0, (*size, 3)).astype(np.float32)
    for picture in (noise, picture_for(".exr", size)):
        write_picture(tmp_path / "a.exr", picture, TEXTS)
        light = linear_light(picture)
        assert np.allclose(read_light(tmp_path / "a.exr"), light, rtol=2e-3, atol=1e-6)
        assert (light.min() < 0 or size == (1, 1)) and is_sound(tmp_path / "a.exr")


def test_linear_light_is_that_of_a_screen_and_goes_on_beyond_it():
    light = linear_light(np.array([-0.5, 0.0, 0.02, 0.5, 1.0, 1.5], np.float32))
    assert np.allclose(light[[1, 3, 4]], [0.0, 0.21404114, 1.0]) and light[0] == -light[3] and light[5] > 2.3
    codes = np.arange(256, dtype=np.float32).repeat(3).reshape(16, 16, 3) / 255
    assert linear_light(codes).dtype == np.float32


@pytest.mark.parametrize("ending", [".exr", ".jpg"])
def test_texts_come_back_and_damage_is_seen(tmp_path, ending):
    path, hurt = tmp_path / f"a{ending}", tmp_path / f"b{ending}"
    write_picture(path, picture_for(ending, (64, 48)), TEXTS)
    content = path.read_bytes()
    seen = glance(path)
    assert seen.whole and {name: seen.texts[name] for name in TEXTS} == TEXTS and seen.n_bytes == len(content)
    for cut in (10, 200, len(content) // 2, len(content) - 1):
        hurt.write_bytes(content[:cut])
        assert not glance(hurt).whole and not is_sound(hurt)
    hurt.write_bytes(content[:len(content) // 2] + bytes(len(content) - len(content) // 2))
    assert not glance(hurt).whole, "a file whose end the disk never got"
    for place in (len(content) // 2, len(content) - 3):
        hurt.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1:])
        assert not is_sound(hurt)


@pytest.mark.parametrize("ending", [".exr", ".jpg"])
def test_no_file_makes_a_glance_fail(tmp_path, ending):
    path = tmp_path / f"a{ending}"
    write_picture(path, picture_for(ending, (8, 8)), TEXTS)
    content = bytearray(path.read_bytes())
    for _ in range(300):
        at = DRAW.integers(0, len(content), 4)
        mutant = bytearray(content)
        mutant[at[0]], mutant[at[1]] = DRAW.integers(0, 256, 2)
        path.write_bytes(mutant[:at[2] + 1] if at[3] % 2 else mutant)
        glance(path)
        is_sound(path)


@pytest.mark.parametrize(("kept", "ending"), [("exr", ".exr"), ("jpeg", ".jpg")])
def test_a_render_keeps_frames_so_and_makes_only_what_is_not_right(tmp_path, net, kept, ending):
    look = replace(LOOK, format=kept)
    table = evaluate(look, (), {"palette.a": 1.0}, {}, n_frames=N, fps=24)
    bundle = create_bundle(tmp_path / "b", look, table, "0" * 64)
    assert render_bundle(bundle, net, bundle.frame_numbers()).rendered == N
    assert {path.suffix for path in bundle.frames_folder.iterdir()} == {ending}
    again = open_bundle(bundle.folder)
    assert not again.wanted(again.frame_numbers(), deep=True) and render_bundle(again, net, range(1, N + 1)).kept == N
    content = bundle.frame_path(2).read_bytes()
    bundle.frame_path(2).write_bytes(content[:-9])
    assert list(bundle.wanted(bundle.frame_numbers())) == [2]
    assert render_bundle(bundle, net, bundle.frame_numbers()).rendered == 1 and bundle.frame_path(2).read_bytes() == content
    own = FrameMaker(net, LOOK).pictures(table, [1])[0]
    shown = read_frame(bundle.frame_path(1)).astype(int) - fit(own, LOOK.size)
    assert np.abs(shown).max() <= (1 if kept == "exr" else 40) and np.abs(shown).mean() < 5
    remove_bundle(bundle)
    assert not (tmp_path / "b").exists()


@pytest.mark.parametrize("ending", [".exr", ".jpg"])
def test_a_strangers_picture_at_a_frames_name_stays(tmp_path, ending):
    look = replace(LOOK, format={".exr": "exr", ".jpg": "jpeg"}[ending])
    bundle = create_bundle(tmp_path / "b", look, evaluate(look, (), {}, {}, n_frames=N, fps=24), "0" * 64)
    if ending == ".exr":
        write_picture(bundle.frame_path(2), picture_for(ending, (8, 8)), {})
    else:
        Image.new("RGB", (8, 8)).save(bundle.frame_path(2))
    with pytest.raises(BundleError, match="not made by GANReact"):
        bundle.require_no_foreign(bundle.frame_numbers())
    assert embedded_text(bundle.frame_path(2), "ganreact-frame-key") is None


def test_the_key_of_a_frame_knows_its_format_and_old_keys_stand():
    table = evaluate(LOOK, (), {}, {}, n_frames=1, fps=24)
    from ganreact_core.frame_keys import frame_keys

    keys = {kept: frame_keys(replace(LOOK, format=kept), table, "0", [1])[1] for kept in ("png", "exr", "jpeg")}
    assert len(set(keys.values())) == 3 and keys["png"] == frame_keys(LOOK, table, "0", [1])[1]


def test_what_is_looked_at_has_eight_bits_whatever_the_files_have(net):
    for look in (replace(LOOK, depth=16), replace(LOOK, format="exr")):
        shown = look.for_the_eye()
        assert FrameMaker(net, shown).pictures(evaluate(shown, (), {}, {}, n_frames=1, fps=24), [1]).dtype == np.uint8


def test_other_formats_are_refused():
    with pytest.raises(LookError, match="png, jpeg, exr"):
        Look(format="tiff")

"""Rough films: every frame shows the nearest picture that is there, the strip fills up as they come and makes room at last."""

import bpy
import numpy as np
import pytest
from ganreact_ext.addon import proxies, strips


@pytest.fixture
def proxy(extension, scene, look_control, tmp_path, monkeypatch):
    monkeypatch.setenv("GANREACT_CACHE", str(tmp_path / "cache"))
    scene.ganreact.look = look_control
    scene.ganreact.frames, scene.ganreact.first, scene.ganreact.last = "CUSTOM", 11, 22
    scene.frame_set(16)
    made = proxies.plan(scene, look_control, 3)
    proxies.begin(made)
    return made


def shades(strip):
    return [int(element.filename[:6]) for element in strip.elements]


def test_what_comes_after_the_playhead_is_made_first(proxy):
    assert proxy.order == (17, 20, 11, 14) and proxy.shown == range(11, 23)


def test_a_long_piece_has_so_many_pictures_that_it_is_quick(extension, scene, look_control):
    scene.ganreact.frames, scene.ganreact.first, scene.ganreact.last = "CUSTOM", 1, 5400
    assert 500 < len(proxies.plan(scene, look_control).order) <= 600


def test_the_strip_fills_up(proxy, scene, look_control):
    assert not proxies.show(scene, look_control, proxy)
    picture = np.full((512, 300, 3), 200, np.uint8)
    proxies.keep(proxy, 17, picture)
    assert proxies.show(scene, look_control, proxy)
    strip = strips.strip_of_frames(scene, proxies.label_of(look_control))
    assert shades(strip) == [17] * 12
    for number in (11, 20):
        proxies.keep(proxy, number, picture)
    assert not proxies.show(scene, look_control, proxy)
    assert shades(strip) == [11] * 6 + [17] * 3 + [20] * 3
    image = bpy.data.images.load(str(proxy.file(17)))
    assert max(image.size) <= 256 and image.size[0] * 512 == pytest.approx(image.size[1] * 300, rel=0.02)


def test_a_new_film_begins_empty_and_the_strip_goes_where_frames_come(proxy, scene, look_control):
    proxies.keep(proxy, 17, np.zeros((8, 8, 3), np.uint8))
    proxies.show(scene, look_control, proxy)
    proxies.begin(proxy)
    assert proxy.files() == []
    proxies.remove(scene, look_control)
    proxies.remove(scene, look_control)
    assert strips.strip_of_frames(scene, proxies.label_of(look_control)) is None


def test_values_at_their_default_are_not_sent_and_mean_the_same(proxy, scene, look_control):
    from ganreact_ext.addon import glancing
    from ganreact_ext.ganreact_core.look import addresses

    asked = proxies.arguments(scene, look_control, proxy, "cpu")
    look = glancing.view_of(scene, look_control).look
    defaults = {address: parameter.default for address, parameter in addresses(look).items()}
    whole = glancing.rows_over(scene, look_control, list(proxy.order))
    assert all(len(sent) < len(row) for sent, row in zip(asked["rows"], whole, strict=True))
    assert [defaults | sent for sent in asked["rows"]] == [defaults | row for row in whole]

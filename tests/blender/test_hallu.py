"""Hallu in Blender: sliders on an Empty, steps as columns of keys, the strip, a route that starts from a slider."""

import json
import wave

import bpy
import numpy as np
import pytest
from ganreact_ext.addon import baking, controls, edits, fcurves, hallu, hallu_playing, operators, strips
from ganreact_ext.addon.session import session
from ganreact_ext.ganreact_core.errors import LookError
from ganreact_ext.ganreact_core.steps import piece_from_text

C1, C2 = hallu.COMPONENTS[:2]


@pytest.fixture
def control(extension, scene):
    """A Hallu control with its first step at frame 1."""
    assert bpy.ops.ganreact.add_hallu("EXEC_DEFAULT", True) == {"FINISHED"}
    return hallu.active(bpy.context.scene)


@pytest.fixture
def clip(tmp_path):
    """Half a second of a tone."""
    path = tmp_path / "made.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 16000, 8000, "NONE", ""))
        file.writeframes((np.sin(np.arange(8000) / 5) * 9999).astype(np.int16).tobytes())
    return path


def add(scene, frame, **values):
    scene.frame_set(frame)
    control = hallu.active(scene)
    for name, value in values.items():
        control[f"component.{name[1:]}"] = value
    assert bpy.ops.ganreact.hallu_step("EXEC_DEFAULT", True, what="ADD") == {"FINISHED"}


def test_a_slider_is_a_keyable_property_with_limits_and_help(control):
    ui = control.id_properties_ui(C1).as_dict()
    assert (ui["min"], ui["max"]) == (-3, 3) and "standard deviations" in ui["description"]
    assert hallu.step_frames(control) == [1] and len(hallu.COMPONENTS) == 16
    assert controls.kind_of(control) == "hallu" and not bpy.ops.ganreact.add_hallu.poll()


def test_steps_are_columns_and_the_piece_reads_them(control, scene):
    add(scene, 31, c01=2.0)
    add(scene, 91, c01=-1.0, c02=0.5)
    piece = hallu.piece_of(scene, control)
    assert [step.at_s for step in piece.steps] == [0, 1, 3]
    assert [step.values[:2] for step in piece.steps] == [(0, 0), (2, 0), (-1, 0.5)]
    assert fcurves.curve_of(control, C1).evaluate(61) == pytest.approx(0.5)
    asked = hallu.arguments(piece, bpy.path.abspath("//x.wav"), "cpu")
    assert piece_from_text(asked["steps"]) == piece


def test_steps_are_copied_moved_removed_and_walked_through(control, scene):
    add(scene, 31, c01=2.0)
    bpy.ops.ganreact.hallu_step("EXEC_DEFAULT", True, what="COPY")
    assert hallu.step_frames(control) == [1, 31, 61] and hallu.values_at(control, 61)[C1] == 2 and scene.frame_current == 61
    bpy.ops.ganreact.move_hallu_step("EXEC_DEFAULT", True, to=16)
    assert hallu.step_frames(control) == [1, 16, 31] and hallu.values_at(control, 16)[C1] == 2
    walked = []
    for _ in range(3):
        bpy.ops.ganreact.hallu_step("EXEC_DEFAULT", True, what="NEXT")
        walked.append(scene.frame_current)
    assert walked == [31, 1, 16]
    bpy.ops.ganreact.hallu_step("EXEC_DEFAULT", True, what="REMOVE")
    bpy.ops.ganreact.hallu_step("EXEC_DEFAULT", True, what="REMOVE")
    assert hallu.step_frames(control) == [31]
    with pytest.raises(RuntimeError, match="last step stays"):
        bpy.ops.ganreact.hallu_step("EXEC_DEFAULT", True, what="REMOVE")
    add(scene, 60)
    with pytest.raises(LookError, match="a step at frame 60 already"):
        hallu.move_step(control, 31, 60)


@pytest.mark.parametrize(("verb", "settings"), [
    ("hallu_step", {"what": "ADD"}), ("hallu_step", {"what": "COPY"}), ("hallu_settings", {"between": 3, "edit": "add"}), ("remove_hallu", {}),
    ("move_hallu_step", {"to": 70}), ("place_hallu_sound", None)])
def test_do_undo_redo_is_equal(control, scene, undoes, clip, verb, settings):
    bpy.ops.wm.save_as_mainfile(filepath=str(clip.parent / "scene.blend"))
    bpy.context.scene.frame_set(40)
    bpy.ops.ed.undo_push(message="before")
    settings = {"filepath": str(clip), "frame": 5, "scene": bpy.context.scene.name} if settings is None else settings
    undoes(verb, **settings)


def test_settings_change_only_what_is_given(control):
    bpy.ops.ganreact.hallu_settings("EXEC_DEFAULT", True, between=4, interpolation="slerp", pitch=60.0)
    piece = hallu.settings_of(control)
    assert (piece.between, piece.interpolation, piece.pitch, piece.attack_s) == (4, "slerp", 60.0, 0.5)
    assert json.loads(control["ganreact"])["format"] == "ganreact.hallu"


def test_a_sound_that_was_made_is_one_strip_where_the_steps_begin(control, scene, clip):
    for _ in range(2):
        assert bpy.ops.ganreact.place_hallu_sound("EXEC_DEFAULT", True, filepath=str(clip), frame=12, scene=scene.name) == {"FINISHED"}
        strip, = strips.sound_strips(scene)
        assert strip.name == "GANReact · Hallu" and strips.sound_of(scene, strip.name).first == 12 and strip.channel in (1, 5)
        strip.channel, strip.volume = 5, 0.5
    assert (strip.channel, strip.volume) == (5, 0.5)
    assert strips.sound_of(scene).path == clip  # and it can be analysed like any other


def test_a_sound_that_is_there_already_is_placed_in_an_undo_step_of_its_own(control, scene, clip, monkeypatch):
    add(scene, 31, **{"c01": 1.0})
    monkeypatch.setattr(hallu, "sound_file", lambda piece: clip)
    monkeypatch.setattr(operators.hallu, "engine_trouble", lambda context: "")
    bpy.ops.ed.undo_push(message="steps")
    assert bpy.ops.ganreact.render_sound("EXEC_DEFAULT", True) == {"FINISHED"}
    assert [s.name for s in strips.sound_strips(bpy.context.scene)] == ["GANReact · Hallu"]
    bpy.ops.ed.undo()
    assert not strips.sound_strips(bpy.context.scene)
    assert hallu.step_frames(hallu.active(bpy.context.scene)) == [1.0, 31.0]


def test_a_route_can_start_from_a_slider(control, scene, look_control):
    for frame, value in ((1, -3.0), (61, 3.0)):
        hallu.write_step(control, frame, {C1: value})
    patch = edits.add(controls.patch_of(look_control), "routes", envelope="component-01", address="truncation", amount=0.4)
    before = baking.table_of(scene, look_control).table.columns["truncation"]
    controls.store_patch(look_control, patch)
    after = baking.table_of(scene, look_control).table.columns["truncation"]
    np.testing.assert_allclose((after - before)[[0, 30, 60, 89]], [0, 0.2, 0.4, 0.4], atol=1e-5)


def test_the_loop_asks_once_for_each_setting_and_ends_quietly(control, monkeypatch):
    asked = []
    monkeypatch.setattr(session, "start", lambda context, kind, arguments, **job: asked.append((kind, arguments, job)))
    monkeypatch.setattr(hallu_playing, "repeat", lambda path: asked.append((path, "repeats")))
    hallu_playing.follow(bpy.context.scene)
    hallu_playing.tick()
    hallu_playing.tick()
    assert len(asked) == 1 and asked[0][0] == "hallu" and asked[0][2]["quiet"]
    hallu_playing.swap("a.wav")
    control[C1] = 1.0
    assert hallu_playing.tick() > 0 and asked[1] == ("a.wav", "repeats") and len(asked) == 3
    hallu_playing.rest()
    hallu_playing.swap("b.wav")
    assert len(asked) == 3 and not hallu_playing.is_live() and hallu_playing.tick() is None


def test_a_clip_is_played_once_or_over_and_over(extension, clip):
    for verb in (hallu_playing.play, hallu_playing.repeat):
        verb(clip)  # a machine without a sound device plays into nothing
        hallu_playing.stop()


class Recorder:
    """A sound device that writes down what it would play, at 16 kHz; its time passes only as a test says."""

    def __init__(self):
        self.now, self.played, self.locked = 0.0, [], 0

    def lock(self):
        self.locked += 1

    def unlock(self):
        self.locked -= 1

    def play(self, sound):
        handle = Playing(self, self.now, sound.length / sound.specs[0])
        self.played.append((self.now, sound.data()[:, 0], handle))
        return handle

    def heard(self, seconds):
        out = np.zeros(round(seconds * 16_000))
        for at, samples, handle in self.played:
            start, n = round(at * 16_000), round(handle.lasts * 16_000)
            part = out[start:start + min(n, len(samples))]
            part += samples[:len(part)]
        return out


class Playing:
    def __init__(self, device, begun, lasts):
        self.device, self.begun, self.lasts = device, begun, lasts

    @property
    def position(self):
        return self.device.now - self.begun

    @property
    def status(self):
        return self.position < self.lasts - 1e-9

    def stop(self):
        self.lasts = min(self.lasts, self.position)


def test_a_loop_changes_at_its_seam_without_a_click_and_within_one_clip(extension):
    import aud
    from ganreact_ext.addon.seams import SeamlessLoop

    shape = np.concatenate([np.linspace(0, 1, 1600), np.ones(12_800), np.linspace(1, 0, 1600)])
    clips = {hertz: (0.5 * shape * np.sin(2 * np.pi * hertz * np.arange(16_000) / 16_000)).astype(np.float32) for hertz in (200, 300, 400)}
    device = Recorder()
    loop = SeamlessLoop(device)
    loop.offer(aud.Sound.buffer(clips[200][:, None], 16_000))
    offers = {57: 300, 130: 200, 141: 400}  # the last is newer than what was settled
    for n in range(1, 400):  # a look every 20 ms or so, never at a seam
        device.now = 0.0203 * n
        if n in offers:
            loop.offer(aud.Sound.buffer(clips[offers[n]][:, None], 16_000))
        loop.keep_on()
    heard = device.heard(8.0)
    wanted = np.concatenate([clips[hertz] for hertz in (200, 200, 300, 400, 400, 400, 400, 400)])
    assert np.abs(np.diff(heard)).max() <= 1.02 * max(np.abs(np.diff(clip)).max() for clip in clips.values())
    np.testing.assert_allclose(heard, wanted, atol=0.16)  # a delay is a whole number of samples: some are lost by one
    loop.stop()
    loop.keep_on()
    assert device.locked == 0 and not any(handle.status for _, _, handle in device.played)

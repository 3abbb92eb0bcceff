"""The Sequencer: where a strip's sound lies in frames, and whether each frame shows its own file."""

import pytest
from ganreact_ext.addon import changes, materials, strip_timing, strips
from ganreact_ext.ganreact_core.errors import InputFileError, LookError, Partial


def trim(strip, frames):
    """Cut the first frames off, by this Blender's own name for it."""
    name = "left_handle" if hasattr(strip, "left_handle") else "frame_final_start"
    setattr(strip, name, getattr(strip, name) + frames)


def test_a_strip_at_frame_s_has_its_beginning_at_frame_s(scene, song):
    strips.add_sound(scene, song, 11)
    sound = strips.sound_of(scene)
    assert (sound.first, sound.last, sound.start_s, sound.fps) == (11, 100, 0.0, 30.0)


def test_a_trimmed_strip_starts_later_in_the_sound(scene, song):
    trim(strips.add_sound(scene, song, 11), 15)
    sound = strips.sound_of(scene)
    assert (sound.first, sound.bake.n_frames) == (26, 75) and sound.start_s == pytest.approx(0.5)


def test_fps_base_counts(scene, song):
    scene.render.fps_base = 1.001
    strips.add_sound(scene, song)
    assert strips.sound_of(scene).fps == pytest.approx(30 / 1.001)


def test_a_missing_or_absent_sound_is_told_in_a_sentence(scene, song):
    with pytest.raises(LookError, match="no sound"):
        strips.sound_of(scene)
    strips.add_sound(scene, song)
    song.unlink()
    with pytest.raises(InputFileError, match=r"song\.wav"):
        strips.sound_of(scene)


def test_words_are_no_sound(scene, tmp_path):
    (tmp_path / "words.wav").write_text("only words\n" * 50)
    with pytest.raises(InputFileError, match="not audio"):
        strips.add_sound(scene, tmp_path / "words.wav")
    assert not strips.sound_strips(scene)


def test_what_changed_about_a_strip_is_said(scene, song):
    strip = strips.add_sound(scene, song, 1)
    bake = strips.sound_of(scene).bake
    assert changes.moved_since(bake, strips.sound_of(scene)) == ""
    trim(strip, 10)
    assert "trimmed" in changes.moved_since(bake, strips.sound_of(scene))
    scene.render.fps = 24
    assert "24 frames a second" in changes.moved_since(bake, strips.sound_of(scene))


def test_each_frame_shows_its_own_file(scene, song, numbered_frames, pixels):
    strips.add_sound(scene, song, 101)
    files = numbered_frames(101, 9)
    strip = strips.place_frames(scene, "Test", files, 101)
    materials.show_true_colours(scene)
    for frame in (101, 105, 109):
        assert strip.strip_elem_from_frame(frame).filename == f"{frame:06d}.png"
        scene.frame_set(frame)
        expected = round((frame - 100) / 10 * 255)
        assert abs(pixels(scene) - expected).max() <= 1
    assert strip.channel > strips.sound_strips(scene)[0].channel


def test_a_second_placing_replaces_the_first_and_keeps_what_was_set(scene, numbered_frames):
    files = numbered_frames(1, 6)
    first = strips.place_frames(scene, "Test", files[:4], 1)
    first.blend_type, first.channel = "SCREEN", 5
    strips.place_frames(scene, "Test", files, 1)
    found = [s for s in scene.sequence_editor.strips_all if s.type == "IMAGE"]
    assert [(s.blend_type, s.channel, len(s.elements), s.name) for s in found] == [("SCREEN", 5, 6, "GANReact · Test")]
    assert strip_timing.right(found[0]) == 7


def test_a_missing_frame_is_told_before_anything_is_placed(scene, numbered_frames):
    files = numbered_frames(1, 6)
    files[3].unlink()
    with pytest.raises(Partial, match=r"000004\.png"):
        strips.place_frames(scene, "Test", files, 1)
    assert scene.sequence_editor is None or not len(scene.sequence_editor.strips_all)


def test_a_small_picture_fills_the_frame(scene, numbered_frames):
    scene.render.resolution_x, scene.render.resolution_y = 320, 160
    strip = strips.place_frames(scene, "Test", numbered_frames(1, 2), 1)
    assert strip.transform.scale_x == pytest.approx(10.0)


def test_a_sound_is_kept_relative_to_the_blend(scene, song):
    import bpy

    bpy.ops.wm.save_as_mainfile(filepath=str(song.parent / "scene.blend"))
    strip = strips.add_sound(scene, song)
    assert strip.sound.filepath == f"//{song.name}" and strips.sound_of(scene).path == song and strip.sound.samplerate


def test_frames_that_are_made_again_leave_their_strip_as_the_artist_made_it(scene, numbered_frames):
    files = numbered_frames(1, 6)
    strip = strips.place_frames(scene, "Test", files, 1, size=(32, 16))
    strip.transform.scale_x, strip.crop.max_x, strip.color_multiply = 0.25, 3, 0.5
    same = strips.place_frames(scene, "Test", files, 1, size=(32, 16))
    assert same == strip and (same.transform.scale_x, same.crop.max_x, same.color_multiply) == (0.25, 3, 0.5)
    assert strip_timing.right(strips.place_frames(scene, "Test", files[:4], 1, size=(32, 16))) == 5
    assert strip_timing.left(strips.place_frames(scene, "Test", files[:4], 9, size=(32, 16))) == 9
    moved = strips.place_frames(scene, "Test", files[:4], 9, size=(64, 32))
    assert moved.transform.scale_x != 0.25 and len([s for s in scene.sequence_editor.strips if s.type == "IMAGE"]) == 1


def test_a_strip_of_missing_files_claims_no_size_by_chance(scene, numbered_frames, pixels):
    files = numbered_frames(1, 1)
    claimed = []
    for n in range(50):
        heap = [bytes([255]) * (268 * (k + 2)) for k in range(40)]  # what Blender takes next was full of something
        del heap
        strip = strips.place_frames(scene, f"Test {n}", [files[0], *(files[0].with_name(f"{k:06d}.png") for k in range(2, 30))], 1, complete=False)
        claimed += [(e.orig_width, e.orig_height) for e in list(strip.elements)[1:]]
    assert set(claimed) == {(0, 0)}
    assert strip_timing.right(strip) == 30 and tuple(strip[strips._SIZE]) == (32, 16)
    scene.frame_set(20)
    pixels(scene)

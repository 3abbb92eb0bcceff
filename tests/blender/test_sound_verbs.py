"""Verbs about what was heard: each does what it says, in one undo step, and says why when it is grey."""

import wave

import bpy
import numpy as np
import pytest
from ganreact_ext.addon import baking, changes, controls, events, fcurves, listening, moving, strip_timing, strips
from ganreact_ext.addon.operators import timing
from ganreact_ext.ganreact_core.alignment import align
from ganreact_ext.ganreact_core.features import FeatureSet, save_features


def write_song(path, times, seconds=3.0, rate=22050):
    """Thumps at these times."""
    t = np.arange(int(seconds * rate)) / rate
    samples = sum((t >= at) * 0.6 * np.cos(2 * np.pi * 60 * np.clip(t - at, 0, None)) * np.exp(-np.clip(t - at, 0, None) / 0.03)
                  for at in times)
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, rate, len(samples), "NONE", ""))
        file.writeframes((np.clip(samples, -1, 1) * 32767).astype(np.int16).tobytes())
    return path


def heard_at(path, times, seconds=3.0, seed=0, later=0.0):
    """A feature set with kicks at these times, beats each half second, two sections, and a chroma that never repeats."""
    n = int(100 * seconds)
    kick, times = np.zeros(n, np.float32), np.array(times, float)
    kick[np.round(times * 100).astype(int)] = 1.0
    chroma = np.repeat(np.random.default_rng(seed).random((int(10 * (seconds - later)) + 1, 12)), 10, axis=0).astype(np.float32)
    chroma = np.concatenate([np.random.default_rng(9).random((round(100 * later), 12)).astype(np.float32), chroma])[:n]
    slow = dict.fromkeys(("rms", "bass_rms", "rest_rms", "loudness", "centroid", "flatness"), np.linspace(0, 1, n, dtype=np.float32))
    hits = dict.fromkeys(("onset", "percussive", "kick", "snare", "hat", "bass"), kick)
    spans = np.array([[0, seconds / 2, 0], [seconds / 2, seconds, 1]])
    found = {**dict.fromkeys(("kick", "snare", "hat", "bass"), times), "beats": np.arange(0, seconds, 0.5),
             "downbeats": np.arange(0, seconds, 2.0), "sections": spans}
    save_features(path, FeatureSet(100.0, seconds, {**hits, **slow, "chroma": chroma}, found, 120.0))
    return path


KICKS = (0.5, 1.0, 2.0)


@pytest.fixture
def song(tmp_path):
    return write_song(tmp_path / "song.wav", KICKS)


@pytest.fixture
def baked(extension, scene, song, tmp_path):
    """A saved scene with a strip at frame 11, heard and baked, and the look pulse."""
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "scene.blend"))
    strips.add_sound(bpy.context.scene, song, 11)
    remember(heard_at(tmp_path / "heard.npz", KICKS))
    assert bpy.ops.ganreact.add_look("EXEC_DEFAULT", True, patch="pulse") == {"FINISHED"}
    return bpy.context.scene


def remember(features, strip="song", sha256="1" * 64, file=""):
    assert bpy.ops.ganreact.remember("EXEC_DEFAULT", True, strip=strip, sha256=sha256, file=file,
                                     features=str(features)) == {"FINISHED"}


def run(name, /, **words):
    assert getattr(bpy.ops.ganreact, name)("EXEC_DEFAULT", True, **words) == {"FINISHED"}


def audio():
    return controls.active_audio(bpy.context.scene)


def hearing():
    return controls.hearing_of(audio())


def lit(envelope="kick"):
    """Scene frames in which an envelope jumps up."""
    frames = range(hearing().bake.first_frame, 200)
    values = fcurves.read_exact(audio(), [envelope], frames)[envelope]
    return [frames[i] for i in np.flatnonzero(np.diff(values, prepend=0.0) > 0.5)]


def says(scene):
    return [(change.verb, change.says) for change in changes.changes(scene, hearing())]


def event_recipe():
    """An envelope of the kick's events, so that strengths show."""
    if "hits" not in {recipe.id for recipe in hearing().envelopes}:
        run("add_envelope", label="Hits", source="events", name="kick", decay_s=0.01)


def hits():
    event_recipe()
    return lit("hits")


def test_a_cut_strip_is_heard_in_its_pieces(baked):
    strip = strips.sound_strips(baked)[0]
    event_recipe()
    bpy.context.scene.sequence_editor.active_strip = strip
    strip_timing.set_right(strip, 11 + 40)
    second = strips.add_sound(baked, strips.sound_path(strip), 11)
    strip_timing.set_left(second, 11 + 40)
    strip_timing.set_content_start(second, 11 + 30)
    assert "cut" in says(baked)[0][1] and says(baked)[0][0] == "bake"
    run("bake")
    assert hits() == [26, 41, 11 + 30 + 60] and not says(baked)
    assert len(hearing().bake.pieces) == 2


def test_a_cut_alone_changes_nothing(baked):
    strip = strips.sound_strips(baked)[0]
    strip_timing.set_right(strip, 40)
    second = strips.add_sound(baked, strips.sound_path(strip), 11)
    strip_timing.set_left(second, 40)
    assert not says(baked)


def test_a_moved_strip_takes_envelopes_and_if_asked_keys_along(baked):
    before = fcurves.hand_keys(controls.active_look(baked))["truncation"].copy()
    strip_timing.set_content_start(strips.sound_strips(baked)[0], 31)
    assert says(baked) == [("bake", "the strip has moved by +20 frames")]
    run("bake", move_keys=True)
    assert hits() == [46, 61, 91]
    assert fcurves.hand_keys(controls.active_look(baked))["truncation"] == pytest.approx(before + 20)


def test_another_frame_rate_is_conformed_in_one_click(baked):
    look_control = controls.active_look(baked)
    keys = fcurves.hand_keys(look_control)["truncation"].copy()
    curve = fcurves.curve_of(look_control, "truncation")
    reach = [p.handle_right[0] - p.co[0] for p in curve.keyframe_points]
    marker = baked.timeline_markers.new("mine", frame=31)
    event_recipe()
    baked.render.fps = 60
    assert says(baked)[0][0] == "conform"
    run("conform")
    strip = strips.sound_strips(baked)[0]
    assert strip_timing.left(strip) == 21 and marker.frame == 61 and baked.frame_end == 180
    assert fcurves.hand_keys(look_control)["truncation"] == pytest.approx(1 + (keys - 1) * 2)
    assert [p.handle_right[0] - p.co[0] for p in curve.keyframe_points] == pytest.approx(2 * np.array(reach), abs=1e-3)
    assert hits() == [51, 81, 141] and not says(baked)
    assert not bpy.ops.ganreact.conform.poll()


def test_fades_and_retiming_lead_to_what_plays(baked):
    strip = strips.sound_strips(baked)[0]
    strip.volume = 0.2
    strip.keyframe_insert("volume", frame=20)
    strip.volume = 1.0
    strip.keyframe_insert("volume", frame=60)
    assert says(baked)[0][0] == "analyse_what_plays"


def test_another_file_in_the_strip_is_seen(baked, tmp_path):
    strip = strips.sound_strips(baked)[0]
    write_song(tmp_path / "song.wav", (0.1, 2.5))
    assert says(baked)[0][0] == "analyse"
    strip.sound.filepath = str(write_song(tmp_path / "other.wav", KICKS))
    assert "other.wav" in says(baked)[0][1]


def test_a_sound_that_is_gone_leaves_curves_as_they_are(baked):
    event_recipe()
    strips.sound_path(strips.sound_strips(baked)[0]).unlink()
    assert "not there" in says(baked)[0][1]
    with pytest.raises(RuntimeError, match=r"song\.wav"):
        bpy.ops.ganreact.bake("EXEC_DEFAULT")
    assert hits() == [26, 41, 71]
    run("nudge", milliseconds=100.0)
    assert hits() == [29, 44, 74]


def test_keys_move_with_the_music_of_a_new_master(baked, tmp_path, monkeypatch):
    intro = 1.0
    look_control = controls.active_look(baked)
    keys = fcurves.hand_keys(look_control)["truncation"].copy()
    long = heard_at(tmp_path / "long.npz", KICKS, 20.0)
    remember(long, sha256="2" * 64)
    run("leave_keys")
    asked = []
    monkeypatch.setattr(listening, "align", lambda old, new: asked.append(1) or align(old, new))
    remember(heard_at(tmp_path / "new.npz", [t + intro for t in KICKS], 21.0, later=intro), sha256="3" * 64)
    for _ in range(3):  # as a dialogue asks at every drawing
        assert moving.planned(baked, audio(), timing._with_music(audio()))
    assert len(asked) == 1
    assert says(baked)[-1][0] == "move_keys_with_music"
    run("move_keys_with_music")
    moved = fcurves.hand_keys(look_control)["truncation"]
    assert moved == pytest.approx(keys + 30 * intro, abs=1.0) and not hearing().earlier


def test_events_are_edited_as_keys_and_stay_edited(baked, tmp_path):
    event_recipe()
    run("edit_events", event="kick")
    curve = fcurves.curve_of(audio(), "kick.events")
    assert [round(p.co[0]) for p in curve.keyframe_points] == [26, 41, 71] and not curve.hide and not curve.lock
    curve.keyframe_points[1].co = (56.0, 0.75)
    curve.keyframe_points.insert(86.0, 1.0)
    curve.keyframe_points.remove(curve.keyframe_points[0])
    run("bake")
    assert hits() == [56, 71, 86]
    heard = heard_at(tmp_path / "again.npz", [0.51, 1.01, 2.0])
    remember(heard)
    assert hits() == [56, 71, 86]
    assert [round(p.co[0]) for p in fcurves.curve_of(audio(), "kick.events").keyframe_points] == [56, 71, 86]
    run("hide_events", event="kick")
    assert events.shown(audio()) == [] and hits() == [56, 71, 86]
    run("forget_event_edits", event="kick")
    assert hits() == [26, 41, 71]


def test_edits_move_with_the_strip_and_the_frame_rate(baked):
    event_recipe()
    run("edit_events", event="kick")
    fcurves.curve_of(audio(), "kick.events").keyframe_points[1].co = (56.0, 1.0)
    run("bake")
    strip_timing.set_content_start(strips.sound_strips(baked)[0], 21)
    run("bake")
    assert hits() == [36, 66, 81]
    baked.render.fps = 60
    run("conform")
    assert [round(p.co[0]) for p in fcurves.curve_of(audio(), "kick.events").keyframe_points] == [71, 131, 161]


def test_dragged_sections_are_re_timed_with_what_hangs_on_them(baked):
    run("add_envelope", label="Drop", source="sections", name="B", decay_s=0.0)
    markers = {m.name: m for m in baked.timeline_markers}
    assert markers["GR·02·B"].frame == 56 and lit("drop") == [56]
    look_control = controls.active_look(baked)
    fcurves.remove_curves(look_control, ["truncation"])
    fcurves.write_keys(look_control, "truncation", [(11, 0.5, "linear"), (56, 1.0, "linear"), (86, 0.5, "linear")], action_name="a", group="g")
    markers["GR·02·B"].frame = 71
    run("retime_sections")
    assert lit("drop") == [71] and markers["GR·02·B"].frame == 71
    assert fcurves.hand_keys(look_control)["truncation"].tolist() == [11, 71, pytest.approx(91)]
    with pytest.raises(RuntimeError, match="no marker"):
        bpy.ops.ganreact.retime_sections("EXEC_DEFAULT")
    markers["GR·02·B"].frame = 61
    run("retime_sections")
    assert lit("drop") == [61] and hearing().corrections.sections == ((1.5, pytest.approx(50 / 30)),)


def test_a_nudge_moves_envelopes_and_events_and_not_the_strip(baked):
    event_recipe()
    run("edit_events", event="kick")
    run("nudge", milliseconds=100.0)
    assert hits() == [29, 44, 74] and not says(baked)
    assert fcurves.curve_of(audio(), "kick.events").keyframe_points[0].co[0] == pytest.approx(29, abs=0.01)
    run("nudge", milliseconds=0.0)
    assert hits() == [26, 41, 71] and not hearing().corrections.events


def test_a_tempo_by_hand_moves_clocks(baked):
    run("add_envelope", label="Beat", source="clock", name="saw")
    run("set_tempo", bpm=60.0, first_frame=20.0, metre=4)
    assert lit("beat") == [20, 50, 80]
    run("forget_tempo")
    assert lit("beat")[:3] == [11, 26, 41] and not bpy.ops.ganreact.forget_tempo.poll()


def test_taps_make_a_tempo(baked, monkeypatch):
    from ganreact_ext.addon import tapping

    clock = iter([10.0, 10.5, 11.01, 11.5, 12.0])
    monkeypatch.setattr(tapping.time, "perf_counter", lambda: next(clock))
    tapping.forget()
    baked.frame_set(41)
    for _ in range(5):
        run("tap_tempo")
    found = tapping.tempo()
    assert found.bpm == pytest.approx(120, abs=1) and found.first_s == pytest.approx(1.0, abs=0.05)
    tapping.forget()


def test_a_locked_envelope_and_one_turned_into_keys_stay(baked):
    event_recipe()
    run("lock_envelope", envelope="hits")
    run("nudge", milliseconds=500.0)
    assert hits() == [26, 41, 71]
    run("lock_envelope", envelope="hits")
    assert hits() == [41, 56, 86]
    run("envelope_to_keys", envelope="hits")
    run("nudge", milliseconds=0.0)
    assert hits() == [41, 56, 86]
    run("envelope_from_sound", envelope="hits")
    assert hits() == [26, 41, 71] and fcurves.is_sampled(fcurves.curve_of(audio(), "hits"))


def test_a_chain_is_edited_step_by_step_and_heard_at_once(baked):
    event_recipe()
    run("add_step", envelope="hits", operation="invert")
    assert 26 not in lit("hits")
    run("add_step", envelope="hits", operation="power")
    run("edit_step", envelope="hits", index=1, exponent=3.0)
    run("move_step", envelope="hits", index=1, by=-1)
    recipe = next(r for r in hearing().envelopes if r.id == "hits")
    assert [(s.operation, s.settings) for s in recipe.chain] == [("power", {"exponent": 3.0}), ("invert", {})]
    run("remove_step", envelope="hits", index=1)
    assert hits() == [26, 41, 71]
    run("add_step", envelope="hits", operation="duck")
    run("edit_step", envelope="hits", index=1, other="kick", amount=1.0)
    assert 26 not in lit("hits")
    with pytest.raises(RuntimeError, match="no envelope 'cello'"):
        bpy.ops.ganreact.edit_step("EXEC_DEFAULT", envelope="hits", index=1, other="cello")


def test_a_source_is_chosen_from_what_was_heard(baked):
    from ganreact_ext.addon.choices import names_for

    event_recipe()
    recipe = next(r for r in hearing().envelopes if r.id == "hits")
    assert names_for(hearing(), recipe) == sorted(["kick", "snare", "hat", "bass", "beats", "downbeats", "sections"])
    run("choose_source", envelope="hits", source="downbeats")
    assert lit("hits") == [11, 71]


def test_a_sparkline_shows_where_something_is(baked):
    from ganreact_ext.addon.sparklines import sparkline

    event_recipe()
    assert [letter == "█" for letter in sparkline(audio(), "hits")] == [False, True, True, False, False, True, False, False]


def test_a_sparkline_is_of_what_is_baked_and_of_nothing_that_was(baked):
    from ganreact_ext.addon.sparklines import sparkline

    assert sparkline(audio(), "kick")
    run("envelope_to_keys", envelope="kick")
    assert sparkline(audio(), "kick") == ""
    run("envelope_from_sound", envelope="kick")
    assert sparkline(audio(), "kick")


def test_an_edited_recipe_is_made_again_with_those_that_need_it(baked):
    event_recipe()
    run("add_envelope", label="Other", source="feature", name="rms")
    run("add_step", envelope="other", operation="product")
    run("edit_step", envelope="other", index=0, other="hits")
    assert fcurves.read_exact(audio(), ["other"], range(30, 31))["other"][0] < 0.1
    run("edit_envelope", ident="hits", decay_s=30.0)
    assert fcurves.read_exact(audio(), ["other"], range(90, 91))["other"][0] > 0.5


def test_notes_beside_the_sound_have_a_place_of_their_own(baked, tmp_path):
    notes = FeatureSet(100.0, 1.0, {"velocity": np.ones(100, np.float32)}, {"notes": np.array([[0.5, 0.6, 60.0]])}, 120.0, "midi",
                       {"notes": np.array([1.0])})
    save_features(tmp_path / "notes.npz", notes)
    run("remember_beside", control=audio().name, file=str(tmp_path / "clip.mid"), features=str(tmp_path / "notes.npz"), frame=41.0)
    assert [one.id for one in hearing().beside] == ["clip"] and lit("clip-notes") == [56]
    run("place_beside", ident="clip", frame=21.0)
    assert lit("clip-notes") == [36]
    run("remove_beside", ident="clip")
    assert not hearing().beside and "clip-notes" not in audio()


def test_stems_are_found_by_name_and_lie_where_they_are(baked, tmp_path):
    from ganreact_ext.addon import listening

    kick = strips.add_sound(baked, write_song(tmp_path / "01_KICK_stem.wav", KICKS), 41)
    strip_timing.set_left(kick, 50)
    run("find_stems")
    assert hearing().stems == {"kick": kick.name}
    stem = listening.question_about(baked, "song").what.stems["kick"]
    assert stem.file.endswith("01_KICK_stem.wav") and stem.shift_s == pytest.approx(1.0)
    run("set_stem", part="kick", strip="")
    assert not hearing().stems


def test_what_plays_is_mixed_as_it_plays(baked):
    from ganreact_ext.addon import listening

    strip = strips.sound_strips(baked)[0]
    loud = listening.question_about_what_plays(baked)
    strip.volume = 0.3
    quiet = listening.question_about_what_plays(baked)
    assert loud.sha256 != quiet.sha256 and loud.strip == ""
    remember(hearing().features, strip="", sha256=quiet.sha256, file=quiet.what.file)
    control = listening.control_of(baked, "")
    found = controls.hearing_of(control)
    assert found.bake.first_frame == baked.frame_start and not changes.changes(baked, found)
    strip.volume = 0.5
    assert changes.changes(baked, found)[0].verb == "analyse_what_plays"


def test_a_mix_that_a_thread_writes_is_waited_for(baked, tmp_path):
    import threading

    from ganreact_ext.addon import playing

    whole = playing.mix_down(baked).read_bytes()
    head = whole[:18] + bytes([*whole[18:21], whole[21] & 0xF0, 0, 0, 0, 0]) + whole[26:]
    mix = tmp_path / "mix.flac"

    def write():
        for size in (0, 1000, len(head) // 2, len(head)):
            mix.write_bytes(head[:size])
        mix.write_bytes(whole)

    threading.Timer(0.2, write).start()
    assert playing._wait_until_whole(mix) and mix.read_bytes() == whole


EDITS = {
    "nudge": {"milliseconds": 40.0}, "set_tempo": {"bpm": 97.0}, "edit_events": {"event": "kick"}, "add_step": {"envelope": "kick", "operation": "invert"},
    "lock_envelope": {"envelope": "kick"}, "set_stem": {"part": "kick", "strip": "song"}, "conform": {}, "retime_sections": {},
}


@pytest.mark.parametrize("name", EDITS)
def test_do_undo_redo_is_equal(baked, undoes, name):
    if name == "conform":
        baked.render.fps = 24
    if name == "retime_sections":
        baked.timeline_markers["GR·02·B"].frame = 71
    bpy.ops.ed.undo_push(message="before")
    undoes(name, **EDITS[name])


def test_grey_buttons_say_why(extension, scene):
    for name in ("bake", "nudge", "conform", "edit_events", "add_step", "retime_sections", "set_stem", "set_tempo", "tap_tempo",
                 "add_beside", "lock_envelope", "move_keys_with_music"):
        assert not getattr(bpy.ops.ganreact, name).poll(), name
        with pytest.raises(RuntimeError, match="Analyse the sound first"):
            getattr(bpy.ops.ganreact, name)("EXEC_DEFAULT")


def test_files_can_be_dropped(extension, scene):
    found = {kind.bl_import_operator: kind.bl_file_extensions for kind in bpy.types.FileHandler.__subclasses__()
             if kind.bl_idname.startswith("GANREACT")}
    assert ".mp4" in found["ganreact.add_sound"] and ".mid" in found["ganreact.add_beside"]


def test_a_patch_may_come_before_its_clip(baked):
    run("add_envelope", label="Notes", source="feature", name="notes_60", material="lead")
    assert not baking.make(hearing(), hearing().envelopes, baking.heard_in(hearing().features))["notes"].any()


def test_a_song_elsewhere_is_the_same_song_after_the_file_was_first_saved(extension, scene, tmp_path):
    (tmp_path / "music").mkdir()
    (tmp_path / "films").mkdir()
    song = write_song(tmp_path / "music" / "song.wav", KICKS)
    strips.add_sound(bpy.context.scene, song, 1)
    remember(heard_at(tmp_path / "heard.npz", KICKS), file=str(song))
    assert not says(bpy.context.scene)
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "films" / "scene.blend"))
    assert not says(bpy.context.scene)
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "films" / "scene.blend"))
    assert strips.sound_strips(bpy.context.scene)[0].sound.filepath.startswith("//..") and not says(bpy.context.scene)

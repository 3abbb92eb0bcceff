"""What a hasty artist does while a job is under way: renames, deletes, looks elsewhere, drags, renders, opens another file."""

import threading
import time

import bpy
import pytest
from ganreact_ext.addon import controls, hallu_playing, hands, operators, previewing, session, strips, thumbnails, viewing
from ganreact_ext.ganreact_core.errors import DiskError
from ganreact_ext.ganreact_core.messages import Cancelled, Done, Picture, Progress


class Engine:
    """Says what it is told to say."""

    def __init__(self):
        self.says, self.cancelled, self.is_alive = [], [], True

    def start(self, kind, arguments):
        return 1

    def cancel(self, job):
        self.cancelled.append(job)

    def poll(self):
        said, self.says = self.says, []
        return said

    def stop(self):
        self.is_alive = False


@pytest.fixture
def job(extension, look_control, monkeypatch):
    """A function that starts a job, and gives another one that lets a message of it arrive."""
    engine = Engine()
    monkeypatch.setattr(session.Session, "_ensure_engine", lambda self, context: setattr(self, "client", engine))

    def start(**how):
        made = session.session.start(bpy.context, "any", {}, title="Working", **how)

        def arrives(message, raw=b""):
            engine.says.append((message, raw))
            session.pump()
            return session.session.notice

        made.arrives, made.engine = arrives, engine
        return made

    yield start
    session.session.stop()
    session.session.notice = ""


@pytest.fixture
def sound_job(job, scene, song):
    """A job that ends as a sound strip in the scene."""
    return job(finish=("place_hallu_sound", {"filepath": str(song), "frame": 1, "scene": scene.name}))


@pytest.fixture
def mask_job(job, look_control, numbered_frames):
    """A job that ends as a mask of the look."""
    folder = str(numbered_frames(1, 2)[0].parent)
    return job(finish=("add_film_mask", {"look": look_control.name, "folder": folder, "label": "Film"}))


def masks(look_control):
    return [mask.id for mask in controls.patch_of(look_control).look.masks]


def test_what_was_renamed_meanwhile_gets_its_result(mask_job, scene, look_control):
    look_control.name, scene.name = "Another name", "Another scene"
    assert mask_job.arrives(Done(1, {})) == "" and masks(look_control) == ["film"]


def test_a_result_goes_to_its_own_scene_whichever_is_looked_at(sound_job, scene):
    other = bpy.data.scenes.new("Other")
    bpy.context.window.scene = other
    assert sound_job.arrives(Done(1, {})) == ""
    assert len(strips.sound_strips(scene)) == 1 and not strips.sound_strips(other)


def test_a_look_gets_its_result_where_the_scene_that_is_seen_has_no_look(mask_job, look_control):
    bpy.context.window.scene = bpy.data.scenes.new("Empty")
    assert mask_job.arrives(Done(1, {})) == "" and masks(look_control) == ["film"]


def test_nothing_is_written_to_what_stands_where_a_deleted_scene_was(sound_job, scene):
    other = bpy.data.scenes.new("Other")
    bpy.data.scenes.remove(scene)
    other.name = "Scene"
    assert sound_job.arrives(Done(1, {})) == "the scene that this was made for is gone; nothing was changed"
    assert not strips.sound_strips(other) and not session.session.jobs


def test_nothing_is_written_to_what_has_a_deleted_looks_name(mask_job, scene, look_control):
    other = controls.create_look_control(scene, controls.patch_of(look_control))
    name = look_control.name
    bpy.data.objects.remove(look_control)
    other.name = name
    assert mask_job.arrives(Done(1, {})) == "the look that this was made for is gone; nothing was changed"
    assert masks(other) == [] and not session.session.jobs


def test_a_look_that_undo_took_away_and_redo_brought_back_gets_its_result(job, scene, look_control, numbered_frames):
    bpy.ops.ed.undo_push(message="before")
    bpy.ops.ganreact.add_look("EXEC_DEFAULT", True, patch="pulse")
    name = controls.active_look(bpy.context.scene).name
    found = {"look": name, "folder": str(numbered_frames(1, 2)[0].parent), "label": "Film"}
    under_way = job(finish=("add_film_mask", found))
    bpy.ops.ed.undo()
    assert name not in bpy.data.objects
    bpy.ops.ed.redo()
    assert under_way.arrives(Done(1, {})) == "" and masks(bpy.data.objects[name]) == ["film"]


def test_what_is_written_waits_while_hands_are_full(sound_job, scene, monkeypatch):
    monkeypatch.setattr(hands, "are_full", lambda: True)
    sound_job.arrives(Done(1, {}))
    assert not strips.sound_strips(scene) and session.session.busy is sound_job
    session.pump()
    assert not strips.sound_strips(scene)
    monkeypatch.setattr(hands, "are_full", lambda: False)
    session.pump()
    assert len(strips.sound_strips(scene)) == 1 and not session.session.jobs


def test_what_is_only_heard_does_not_wait(job, song, monkeypatch):
    monkeypatch.setattr(hands, "are_full", lambda: True)
    played = []
    monkeypatch.setattr(hallu_playing, "play", played.append)
    job(finish=("hallu_play", {"filepath": str(song)})).arrives(Done(1, {}))
    assert len(played) == 1


@pytest.mark.parametrize("cause", [DiskError("the disk is full; make room"), KeyError("gone"), ReferenceError("StructRNA")])
def test_a_picture_that_cannot_be_kept_ends_its_job_with_a_sentence(job, cause):
    def fails(picture, raw):
        raise cause

    under_way = job(on_picture=fails)
    notice = under_way.arrives(Picture(1, 1, 1, 3), bytes(3))
    assert under_way.engine.cancelled == [1]
    assert notice == str(cause) if isinstance(cause, DiskError) else notice.startswith("this is a bug")
    assert under_way.arrives(Cancelled(1)) == notice and not session.session.jobs


def test_frames_that_cannot_be_shown_while_they_are_made_are_made_all_the_same(sound_job, scene):
    def fails(progress):
        raise ReferenceError("StructRNA of type Scene has been removed")

    sound_job.on_progress = fails
    sound_job.arrives(Progress(1, 0.5, "", 1))
    sound_job.arrives(Progress(1, 0.6, "", 2))
    assert session.session.jobs and not sound_job.engine.cancelled
    sound_job.arrives(Done(1, {}))
    assert len(strips.sound_strips(scene)) == 1 and not session.session.jobs


def test_a_result_that_cannot_be_written_is_told_as_an_artist_reads_it(mask_job, look_control):
    look_control[controls.TEXT] = "{}"
    notice = mask_job.arrives(Done(1, {}))
    assert notice and "Traceback" not in notice and "bpy.ops" not in notice and not session.session.jobs


def test_another_file_puts_everything_to_rest_that_waited_for_a_timer(extension, scene, look_control):
    previewing.follow(scene)
    hallu_playing.follow(scene)
    thumbnails._wanted["one"] = None
    bpy.ops.wm.read_factory_settings(use_empty=True)
    assert not previewing.is_live() and not hallu_playing.is_live() and not thumbnails._wanted


def test_a_job_that_ends_for_a_file_which_cannot_be_opened_is_told(job, scene, look_control, tmp_path):
    job()
    (tmp_path / "broken.blend").write_bytes(b"BLENDER-v500" + bytes(90))
    with pytest.raises(RuntimeError):
        bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "broken.blend"))
    assert look_control.name in scene.objects  # the file is still here
    assert session.session.running is not None or "start it again" in session.session.notice


def test_the_live_picture_of_another_file_is_no_longer_shown(extension, scene, tmp_path):
    viewing.show(2, 2, bytes(12))
    assert viewing.last() is not None
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "other.blend"))
    bpy.ops.wm.open_mainfile(filepath=bpy.data.filepath)
    assert viewing.last() is None


def test_what_follows_a_scene_goes_on_when_it_is_renamed_and_never_follows_another(extension, scene, look_control, monkeypatch):
    bpy.ops.ganreact.add_hallu()
    asked = []
    monkeypatch.setattr(previewing, "ask", lambda context, scene, **_: asked.append(scene.name))
    monkeypatch.setattr(hallu_playing, "ask_again", lambda context, control: asked.append(control.name))
    previewing.follow(scene)
    hallu_playing.follow(scene)
    scene.name = "Verse"
    bpy.data.scenes.new("Scene")
    previewing.tick()
    hallu_playing.tick()
    assert asked == ["Verse", "Hallu"]


def test_a_picture_that_follows_can_be_stopped_whatever_the_engine_does(extension, scene, look_control, monkeypatch):
    monkeypatch.setattr(operators.base, "engine_trouble", lambda context: "there is none")
    assert not bpy.ops.ganreact.live.poll()
    previewing.follow(scene)
    bpy.ops.ganreact.live()
    assert not previewing.is_live()


def test_nothing_is_being_dragged_in_a_window_at_rest():
    assert not hands.are_full()


def test_a_verb_that_changes_the_file_is_refused_while_blender_renders_it(extension, scene, look_control, monkeypatch):
    monkeypatch.setattr(hands, "renders", lambda: True)
    with pytest.raises(RuntimeError, match="Blender is rendering this file"):
        bpy.ops.ganreact.add_look("EXEC_DEFAULT", True, patch="pulse")
    assert controls.find(scene, "look") == [look_control]
    assert bpy.ops.ganreact.dismiss("EXEC_DEFAULT") == {"FINISHED"}


def test_opening_a_file_does_not_wait_for_an_engine_that_ends_slowly(job, monkeypatch):
    under_way, may_end = job(), threading.Event()
    monkeypatch.setattr(under_way.engine, "stop", lambda: may_end.wait(20) and setattr(under_way.engine, "is_alive", False))
    session.session.stop(wait=False)
    assert not session.session.jobs and session.session.client is None and under_way.engine.is_alive
    may_end.set()
    end = time.monotonic() + 5
    while under_way.engine.is_alive and time.monotonic() < end:
        time.sleep(0.01)
    assert not under_way.engine.is_alive


def test_an_engine_that_cannot_be_spoken_to_ends_its_jobs_with_a_sentence(job, monkeypatch):
    failed = []
    under_way = job(on_failure=lambda: failed.append(True))

    def poll():
        raise PermissionError(13, "Permission denied", "/somewhere/journal.jsonl")

    monkeypatch.setattr(under_way.engine, "poll", poll)
    session.pump()
    assert not session.session.jobs and failed == [True] and "journal.jsonl" in session.session.notice


def test_a_control_of_a_newer_version_does_not_keep_other_scenes_from_finding_their_files(extension, scene, audio_control, song, tmp_path):
    import json

    from ganreact_ext.addon.operators import files

    hearing = json.loads(audio_control[controls.TEXT])
    audio_control[controls.TEXT] = json.dumps({**hearing, "version": 99})
    strips.add_sound(bpy.data.scenes.new("Zwei"), song)
    song.rename(tmp_path / "moved.wav")
    files.on_load()
    assert session.session.notice.startswith("missing: song.wav")
    session.session.notice = ""


def test_a_filled_window_is_told_where_a_picture_has_no_room(extension, look_control, monkeypatch):
    from ganreact_ext.addon import showing

    monkeypatch.setattr(showing, "in_editor", lambda *_, **__: False)
    with pytest.raises(RuntimeError, match="press Ctrl Space to go back"):
        bpy.ops.ganreact.show_live_image("EXEC_DEFAULT")
    assert not previewing.is_live()

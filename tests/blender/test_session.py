"""Jobs of the real engine: results come in as one undo step, and never into another file."""

import time

import bpy
import pytest
from ganreact_ext.addon import controls, fcurves, frames, strips
from ganreact_ext.addon.session import pump, session


@pytest.fixture
def desk(extension, scene, song, engine_python, tmp_path, monkeypatch):
    """A saved file with a song, an engine at hand, a cache of its own."""
    monkeypatch.setenv("GANREACT_CACHE", str(tmp_path / "cache"))
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "scene.blend"))
    strips.add_sound(bpy.context.scene, song)
    bpy.ops.ed.undo_push(message="sound")
    return bpy.context.scene


def until_idle(seconds=120):
    end = time.monotonic() + seconds
    while session.running and time.monotonic() < end:
        pump()
        time.sleep(0.02)
    assert session.running is None


def test_analysis_arrives_as_one_undo_step(desk, state):
    before = state()
    assert bpy.ops.ganreact.analyse("EXEC_DEFAULT") == {"FINISHED"}
    assert session.running.title == "Listening"
    assert not bpy.ops.ganreact.analyse.poll()
    until_idle()
    assert session.notice == ""
    audio = controls.active_audio(desk)
    kick = fcurves.read_exact(audio, ["kick"], range(1, 91))["kick"]
    assert kick[14:18].max() > 2 * kick[10:13].max() and kick[29:33].max() > 2 * kick[25:28].max()
    after = state()
    bpy.ops.ed.undo()
    assert state() == before
    bpy.ops.ed.redo()
    assert state() == after


def test_a_job_never_writes_into_another_file(desk, state):
    bpy.ops.ganreact.analyse("EXEC_DEFAULT")
    pid = session.client.pid
    bpy.ops.wm.read_factory_settings(use_empty=True)
    assert session.running is None and session.client is None
    pump()
    assert not bpy.data.objects
    with pytest.raises(ProcessLookupError):
        import os

        os.kill(pid, 0)


def test_a_cancelled_job_writes_nothing(desk, state):
    before = state()
    bpy.ops.ganreact.analyse("EXEC_DEFAULT")
    bpy.ops.ganreact.cancel("EXEC_DEFAULT")
    until_idle()
    assert state() == before and session.notice == ""


def test_an_engine_that_dies_once_is_replaced_and_the_job_goes_on(desk):
    bpy.ops.ganreact.analyse("EXEC_DEFAULT")
    first = session.client.pid
    session.client.client.kill()
    until_idle()
    assert session.notice == "" and session.client.pid != first
    assert controls.active_audio(desk) is not None


def test_an_engine_that_dies_again_and_again_is_told(desk, monkeypatch):
    from ganreact_ext.ganreact_core import keeper

    monkeypatch.setattr(keeper, "_BACK_OFF_S", 0.01)
    bpy.ops.ganreact.analyse("EXEC_DEFAULT")
    end = time.monotonic() + 60
    while session.running and time.monotonic() < end:
        session.client.client.kill()
        pump()
    assert session.running is None and "broke off" in session.notice
    bpy.ops.ganreact.analyse("EXEC_DEFAULT")
    until_idle()
    assert controls.active_audio(desk) is not None


def test_frames_are_rendered_and_shown(desk, network):
    desk.frame_end = 4
    bpy.ops.ganreact.add_look("EXEC_DEFAULT", True, patch="pulse")
    bpy.ops.ganreact.set_size("EXEC_DEFAULT", True, width=64, height=64, detail=1.0)
    if network != "embedded":
        bpy.ops.ganreact.choose_model("EXEC_DEFAULT", filepath=network)
    assert bpy.ops.ganreact.render("EXEC_DEFAULT") == {"FINISHED"}
    until_idle()
    assert session.notice == ""
    folder = frames.frames_folder(desk, controls.active_look(desk)) / "frames"
    assert sorted(p.name for p in folder.glob("*.png")) == [f"{k:06d}.png" for k in range(1, 5)]
    strip = next(s for s in desk.sequence_editor.strips_all if s.type == "IMAGE")
    assert len(strip.elements) == 4 and strip.directory.startswith("//")
    assert "GANReact · Pulse" in bpy.data.materials


def test_a_preview_is_a_picture_of_this_frame(desk, network):
    from ganreact_ext.addon import viewing

    bpy.ops.ganreact.add_look("EXEC_DEFAULT", True, patch="pulse")
    bpy.ops.ganreact.set_size("EXEC_DEFAULT", True, width=64, height=64, detail=1.0)
    if network != "embedded":
        bpy.ops.ganreact.choose_model("EXEC_DEFAULT", filepath=network)
    desk.frame_set(40)
    bpy.ops.ganreact.preview("EXEC_DEFAULT")
    until_idle()
    assert session.notice == ""
    assert viewing._previews[0]["frame"].image_size[0] >= 64


def test_the_live_picture_is_made_again_only_where_it_would_differ(desk, network, monkeypatch):
    from ganreact_ext.addon import previewing, viewing

    bpy.ops.ganreact.add_look("EXEC_DEFAULT", True, patch="pulse")
    bpy.ops.ganreact.set_size("EXEC_DEFAULT", True, width=64, height=64, detail=1.0)
    if network != "embedded":
        bpy.ops.ganreact.choose_model("EXEC_DEFAULT", filepath=network)
    assert bpy.ops.ganreact.live() == {"FINISHED"}
    viewing.show(1, 1, bytes(3))
    previewing.tick()
    assert session.running and not session.busy
    until_idle()
    monkeypatch.setattr(viewing, "icon", lambda: 1)  # without a window every icon is 0
    previewing.tick()
    assert session.running is None
    controls.active_look(desk)["truncation.fine"] = 0.25
    controls.active_look(desk).update_tag()
    bpy.context.view_layer.update()
    previewing.tick()
    assert session.running
    until_idle()
    bpy.ops.ganreact.live()
    assert not previewing.is_live()


def test_a_large_live_picture_comes_rough_first_and_sharp_when_nothing_changes(desk, network, monkeypatch):
    from ganreact_ext.addon import previewing
    from ganreact_ext.addon.session import Session

    bpy.ops.ganreact.add_look("EXEC_DEFAULT", True, patch="pulse")
    bpy.ops.ganreact.set_size("EXEC_DEFAULT", True, width=640, height=640, detail=1.0)
    asked = []
    monkeypatch.setattr(Session, "start", lambda self, context, kind, arguments, **job: asked.append(arguments.get("rough", False)))
    monkeypatch.setattr(previewing, "_STILL_S", 0.0)
    previewing.follow(desk)
    previewing.tick()
    assert asked == [True]
    previewing.tick()
    assert asked == [True, False]
    previewing.tick()
    previewing.note_change()
    previewing.tick()  # nothing is another than what is shown
    assert asked == [True, False]
    controls.active_look(desk)["truncation.fine"] = 0.25
    previewing.note_change()
    previewing.tick()
    assert asked == [True, False, True]
    monkeypatch.setattr(previewing, "_plays", lambda: True)
    previewing.tick()
    assert asked == [True, False, True]
    monkeypatch.setattr(previewing._Live, "sharp_s", {((640, 640), 1.0, frames.sha256_of("embedded")): 0.05})
    controls.active_look(desk)["truncation.fine"] = 0.5
    previewing.note_change()
    previewing.tick()  # here even a large one is quick
    assert asked == [True, False, True, False]
    previewing.rest()


def test_a_rough_film_is_made_without_bundles_and_shown(desk, network):
    from ganreact_ext.addon import proxies

    bpy.ops.ganreact.add_look("EXEC_DEFAULT", True, patch="pulse")
    bpy.ops.ganreact.set_size("EXEC_DEFAULT", True, width=64, height=64, detail=1.0)
    if network != "embedded":
        bpy.ops.ganreact.choose_model("EXEC_DEFAULT", filepath=network)
    desk.ganreact.frames, desk.ganreact.first, desk.ganreact.last = "CUSTOM", 1, 6
    desk.frame_set(3)
    assert bpy.ops.ganreact.make_proxy("EXEC_DEFAULT", every=2) == {"FINISHED"}
    until_idle()
    assert session.notice == ""
    look = controls.active_look(desk)
    strip = strips.strip_of_frames(desk, proxies.label_of(look))
    assert [e.filename for e in strip.elements] == [f"{n:06d}.png" for n in (1, 1, 3, 3, 5, 5)]
    assert not frames.frames_folder(desk, look).exists()


def start_long_render(desk, network):
    """A render of a few hundred frames that has begun; returns the engine's process."""
    bpy.ops.ganreact.analyse("EXEC_DEFAULT")
    until_idle()
    bpy.ops.ganreact.add_look("EXEC_DEFAULT", True, patch="pulse")
    bpy.ops.ganreact.set_size("EXEC_DEFAULT", True, width=64, height=64, detail=1.0)
    if network != "embedded":
        bpy.ops.ganreact.choose_model("EXEC_DEFAULT", filepath=network)
    assert bpy.ops.ganreact.render("EXEC_DEFAULT") == {"FINISHED"}
    folder = frames.frames_folder(desk, controls.active_look(desk))
    end = time.monotonic() + 60
    while not list(folder.glob("frames/*.png")) and time.monotonic() < end:
        pump()
        time.sleep(0.02)
    return session.client.pid, folder


def gone(pid, seconds=2.0):
    from pathlib import Path

    end = time.monotonic() + seconds
    while time.monotonic() < end:
        stat = Path(f"/proc/{pid}/stat")
        if not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] == "Z":
            return True
        time.sleep(0.02)
    return False


def clean(folder):
    """Nothing unfinished lies in a bundle's folder: what a killed engine was writing is its own, and the next run's to remove."""
    return not list(folder.rglob(".*.tmp")) and not list(folder.rglob("*.lease"))


def test_saving_during_a_render_disturbs_nothing(desk, network):
    pid, folder = start_long_render(desk, network)
    assert bpy.ops.wm.save_mainfile() == {"FINISHED"}
    assert session.client.pid == pid and session.running
    until_idle()
    assert session.notice == "" and clean(folder)


@pytest.mark.parametrize("way", ["another file", "the add-on is reloaded"])
def test_what_ends_the_session_during_a_render_ends_the_engine(desk, network, way, extension):
    pid, folder = start_long_render(desk, network)
    if way == "another file":
        bpy.ops.wm.read_factory_settings(use_empty=True)
    else:
        extension.unregister()
        extension.register()
    assert gone(pid) and session.client is None and session.running is None and not bpy.app.timers.is_registered(pump)
    assert not list(folder.rglob(".*.tmp"))


def test_the_engine_goes_when_blender_is_killed(tmp_path):
    """Blender here is a process of its own that starts an engine and is killed."""
    import os
    import subprocess
    import sys

    from ganreact_ext.addon import engine_python
    from ganreact_ext.ganreact_core.errors import EngineError

    try:
        command = engine_python.engine_command(engine_python.find_engine_python())
    except EngineError as cause:
        pytest.skip(str(cause))
    root = engine_python.client.__file__.rsplit("/ganreact_core/", 1)[0]
    program = (f"import sys, time; sys.path.insert(0, {root!r}); from ganreact_core.keeper import EngineKeeper; import os\n"
               f"kept = EngineKeeper({command!r}, os.environ)\nprint(kept.pid, flush=True)\ntime.sleep(60)")
    blender = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, env=dict(os.environ))
    pid = int(blender.stdout.readline())
    blender.kill()
    blender.wait()
    assert gone(pid), "the engine lives on without its client, even while it is still starting"


def test_nothing_runs_as_a_modal_operator(extension):
    from ganreact_ext.addon import operators

    assert not [kind for kind in operators.CLASSES if hasattr(kind, "modal")]

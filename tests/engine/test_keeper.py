"""The keeper against small engines that die in different ways: what goes on, what is left out, what is told."""

import json
import os
import signal
import sys
import threading
import time
from pathlib import Path

import pytest

from ganreact_core import client, journal, keeper, messages
from ganreact_core.errors import EngineError
from ganreact_core.keeper import EngineKeeper

ROOT = Path(__file__).resolve().parents[2]
ENGINE = """
import os, sys, json, time
sys.path.insert(0, {root!r})
from ganreact_core import messages
from ganreact_core.messages import *
def say(message):
    sys.stdout.buffer.write(messages.encode(message)); sys.stdout.buffer.flush()
say(Hello(messages.PROTOCOL, "0", "cpu"))
starts = open({log!r}, "a")
while (received := messages.read(sys.stdin.buffer)) and isinstance(received[0], Start):
    start = received[0]
    starts.write(json.dumps(start.arguments) + "\\n"); starts.flush()
    done = set(map(int, open({done!r}).read().split())) if os.path.exists({done!r}) else set()
    alone = start.arguments.get("alone", [])
    left = [f for f in range(1, {n} + 1) if f not in done and f not in start.arguments.get("without", [])]
    batches = [[f] for f in alone] + [[f for f in left if f not in alone][k:k + 4] for k in range(0, {n}, 4)]
    for batch in filter(None, batches):
        say(Begun(start.job, batch))
        for f in batch:
            {act}
            open({done!r}, "a").write(f"{{f}} ")
            say(Progress(start.job, 0.5, "", f))
    say(Done(start.job, {{"left_out": start.arguments.get("without", [])}}))
"""


@pytest.fixture
def keep(tmp_path, monkeypatch):
    """A function (what happens at frame f) -> a keeper of such engines."""
    monkeypatch.setattr(keeper, "_BACK_OFF_S", 0.01)
    made = []

    def make(act, n=12):
        code = ENGINE.format(root=str(ROOT), log=str(tmp_path / "starts"), done=str(tmp_path / "done"), act=act, n=n)
        made.append(EngineKeeper([sys.executable, "-c", code], os.environ))
        return made[-1]

    yield make
    for one in made:
        one.stop()


def end_of(kept, job, seconds=20):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        ends = [m for m, _ in kept.poll() if isinstance(m, messages.TERMINAL) and m.job == job]
        if ends:
            assert len(ends) == 1
            return ends[0]
        time.sleep(0.005)
    raise AssertionError("the job does not end")


def test_a_frame_that_kills_twice_is_left_out_and_the_rest_goes_on(keep, tmp_path):
    kept = keep("if f == 6: os._exit(9)")
    ended = end_of(kept, kept.start("render", {"bundle": str(tmp_path)}))
    assert ended == messages.Done(1, {"left_out": [6]})
    assert sorted(map(int, (tmp_path / "done").read_text().split())) == [f for f in range(1, 13) if f != 6]
    starts = [json.loads(line) for line in (tmp_path / "starts").read_text().splitlines()]
    assert [s.get("alone") for s in starts] == [None, [6, 7, 8], [7, 8]] and starts[-1]["without"] == [6]
    assert [(e["event"], e["frames"]) for e in journal.read(tmp_path / "journal.jsonl")] == [
        ("died", [6, 7, 8]), ("died", [6]), ("left out", [6])]


def test_an_engine_that_dies_once_loses_nothing(keep, tmp_path):
    kept = keep(f"if f == 6 and not os.path.exists({str(tmp_path / 'x')!r}): open({str(tmp_path / 'x')!r}, 'w'); os._exit(9)")
    assert end_of(kept, kept.start("render", {})) == messages.Done(1, {"left_out": []})


def test_one_that_dies_on_everything_gives_up_and_says_its_last_words(keep):
    kept = keep("sys.exit('the card is on fire')", n=100)
    ended = end_of(kept, kept.start("render", {}))
    assert isinstance(ended, messages.Failed) and "the card is on fire" in ended.text


def test_one_that_does_not_come_up_is_tried_twice(tmp_path, monkeypatch):
    monkeypatch.setattr(keeper, "_BACK_OFF_S", 0.01)
    kept = EngineKeeper([sys.executable, "-c", f"open({str(tmp_path / 'n')!r}, 'a').write('x'); raise SystemExit('no torch')"], os.environ)
    ended = end_of(kept, kept.start("render", {}))
    assert "no torch" in ended.text and (tmp_path / "n").read_text() == "xx"
    kept.stop()


def test_a_job_that_does_not_stop_is_stopped_and_others_go_on(keep, monkeypatch):
    monkeypatch.setattr(keeper, "_HARD_CANCEL_S", 0.3)
    kept = keep("time.sleep(60 if 'slow' in start.arguments else 0)")
    slow, quick = kept.start("render", {"slow": 1}), kept.start("render", {})
    time.sleep(0.3)
    began = time.monotonic()
    kept.cancel(slow)
    assert end_of(kept, slow) == messages.Cancelled(slow) and time.monotonic() - began < 3
    assert isinstance(end_of(kept, quick), messages.Done)


def test_a_job_stopped_while_the_engine_is_about_to_be_started_again_ends_at_once(keep, monkeypatch, tmp_path):
    monkeypatch.setattr(keeper, "_BACK_OFF_S", 1000.0)
    kept = keep("os._exit(9)")
    job, other = kept.start("render", {}), kept.start("preview", {})
    until = time.monotonic() + 20
    while kept.client.is_alive or not kept.client.broken:
        kept.poll()
        assert time.monotonic() < until
        time.sleep(0.01)
    kept.cancel(job)
    assert [message for message, _ in kept.poll()] == [messages.Cancelled(job)] and list(kept._jobs) == [other]
    kept.cancel(other)
    assert [message for message, _ in kept.poll()] == [messages.Cancelled(other)] and not kept.is_alive
    monkeypatch.setattr(keeper, "_BACK_OFF_S", 0.01)
    assert (tmp_path / "starts").read_text().count("\n") == 1


def test_one_that_falls_silent_is_replaced(keep, tmp_path, monkeypatch):
    monkeypatch.setattr(keeper, "_SILENT_S", 0.5)
    kept = keep(f"if f == 6 and not os.path.exists({str(tmp_path / 'x')!r}): open({str(tmp_path / 'x')!r}, 'w'); time.sleep(60)")
    assert isinstance(end_of(kept, kept.start("render", {})), messages.Done)


def test_one_that_never_comes_up_is_given_up(monkeypatch):
    monkeypatch.setattr(keeper, "_BACK_OFF_S", 0.01)
    monkeypatch.setattr(keeper, "_COMING_UP_S", 0.3)
    kept = EngineKeeper([sys.executable, "-c", "import time; time.sleep(60)"], os.environ)
    assert isinstance(end_of(kept, kept.start("render", {})), messages.Failed)
    kept.stop()


def test_stopping_waits_for_no_child_of_the_engine_that_keeps_its_pipes(tmp_path):
    child = f"import os, time; open({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid())); time.sleep(40)"
    kept = EngineKeeper([sys.executable, "-c", f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {child!r}])"], os.environ)
    while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text():
        time.sleep(0.01)
    kept.stop()
    os.kill(int((tmp_path / "pid").read_text()), signal.SIGKILL)  # it is still there, or this raises


def test_an_engine_that_does_not_read_holds_nobody_up():
    kept = EngineKeeper([sys.executable, "-c", "import time; time.sleep(60)"], os.environ)
    giving = threading.Thread(target=kept.start, args=("glance", {"look": "x" * 900_000}), daemon=True)
    giving.start()
    giving.join(5.0)
    held_up = giving.is_alive()
    kept.client.kill() if held_up else kept.stop()
    assert not held_up and kept.client._process.poll() is not None


def test_an_engine_that_is_still_importing_is_ended_at_once(monkeypatch):
    monkeypatch.setattr(client, "_QUIT_S", 60.0)
    kept = EngineKeeper([sys.executable, "-c", "import signal, time; signal.signal(signal.SIGTERM, print); time.sleep(60)"], os.environ)
    ending = threading.Thread(target=kept.stop, daemon=True)
    ending.start()
    ending.join(20.0)
    assert not ending.is_alive() and kept.client._process.poll() is not None


def test_a_job_that_cannot_be_sent_is_none_and_the_next_goes_on(keep):
    kept = keep("pass")
    with pytest.raises(EngineError):
        kept.start("glance", {"look": "x" * (1 << 21)})
    assert isinstance(end_of(kept, kept.start("render", {})), messages.Done) and not kept._jobs


def test_one_that_died_while_idle_is_replaced_unnoticed(keep):
    kept = keep("pass")
    assert isinstance(end_of(kept, kept.start("render", {})), messages.Done)
    kept.client.kill()
    assert isinstance(end_of(kept, kept.start("render", {})), messages.Done)

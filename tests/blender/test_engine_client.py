"""The client against real processes: the real engine, and small ones that die, lie or hang. Needs no Blender."""

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from ganreact_ext.addon import engine_python
from ganreact_ext.ganreact_core import errors, messages
from ganreact_ext.ganreact_core.client import EngineClient, done_or_raise, wait

ROOT = Path(errors.__file__).resolve().parent.parent
SAY = f"""
import sys, time
sys.path.insert(0, {str(ROOT)!r})
from ganreact_core import messages
def say(message): sys.stdout.buffer.write(messages.encode(message)); sys.stdout.buffer.flush()
def hear(): return messages.read(sys.stdin.buffer)
"""


def client_of(code):
    return EngineClient([sys.executable, "-I", "-c", SAY + code], os.environ)


def ends(client, seconds=10.0):
    """Every terminal message until the engine is silent for a moment."""
    found, until = [], time.monotonic() + seconds
    while time.monotonic() < until and not found:
        found += [m for m, _ in client.poll() if isinstance(m, messages.TERMINAL)]
        time.sleep(0.02)
    time.sleep(0.1)
    return found + [m for m, _ in client.poll() if isinstance(m, messages.TERMINAL)]


@pytest.mark.parametrize("end", ["sys.exit('the card is on fire')", "import os; os._exit(9)",
                                 "sys.stdout.write('not a message at all'); sys.stdout.flush(); time.sleep(60)"])
def test_each_job_ends_once_when_the_engine_breaks_off(end):
    client = client_of(f"hear(); hear(); {end}")
    jobs = [client.start("render", {}), client.start("render", {})]
    found = ends(client)
    assert sorted(m.job for m in found) == jobs
    assert {type(m) for m in found} == {messages.Failed} and {m.code for m in found} == {"engine"}
    assert not client.is_alive
    client.stop()


def test_the_cause_is_the_last_thing_it_said():
    client = client_of("hear(); sys.exit('the card is on fire')")
    client.start("render", {})
    assert "the card is on fire" in ends(client)[0].text
    client.stop()


def test_a_job_given_to_a_dead_engine_fails():
    client = client_of("")
    client._process.wait(10)
    job = client.start("render", {})
    assert [m.job for m in ends(client)] == [job]
    client.stop()


def test_a_killed_engine_fails_its_job_once():
    client = client_of("hear(); say(messages.Progress(1, 0.5)); time.sleep(60)")
    client.start("render", {})
    client._process.kill()
    assert len(ends(client)) == 1
    assert ends(client, 0.2) == []
    client.stop()


def test_an_engine_that_died_leaves_no_thread_behind():
    before = set(threading.enumerate())
    client = client_of("hear()")
    own = set(threading.enumerate()) - before
    client.kill()
    for thread in own:
        thread.join(5)
    assert len(own) == 3 and not any(thread.is_alive() for thread in own)
    client.stop()


def test_an_engine_of_another_version_is_refused():
    client = client_of("say(messages.Hello(99, '9', 'cpu')); time.sleep(60)")
    client.start("render", {})
    assert "version 99" in ends(client)[0].text
    client.stop()


def test_what_comes_after_the_end_of_a_job_is_dropped():
    client = client_of("hear(); say(messages.Done(1)); say(messages.Done(1)); say(messages.Progress(1, 1.0)); time.sleep(60)")
    client.start("render", {})
    assert len(ends(client)) == 1
    client.stop()


def test_stop_ends_a_process_that_does_not_listen():
    client = client_of("import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)")
    time.sleep(0.3)
    started = time.monotonic()
    client.stop()
    assert client._process.poll() is not None and time.monotonic() - started < 7


def test_errors_come_back_as_what_they_were():
    with pytest.raises(errors.CheckpointError) as caught:
        done_or_raise(messages.Failed(1, "checkpoint", "no network", 3))
    assert caught.value.exit_status == 3


def test_a_python_without_torch_is_named(tmp_path):
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "bare")], check=True)
    with pytest.raises(errors.EngineError, match="lacks torch, librosa"):
        engine_python._checked(str(tmp_path / "bare"), "choose another")


def test_the_environment_carries_no_python_settings(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", "/somewhere")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0")
    environment = engine_python.engine_environment()
    monkeypatch.setenv("Processor_Architecture", "AMD64")  # pip leaves out what is for no known processor
    assert engine_python.engine_environment()["Processor_Architecture"] == "AMD64"
    assert "PYTHONPATH" not in environment and environment["CUDA_VISIBLE_DEVICES"] == "0" and "PATH" in environment


@pytest.fixture
def engine():
    """The real engine."""
    try:
        python = engine_python.find_engine_python()
    except errors.EngineError as cause:
        pytest.skip(str(cause))
    client = EngineClient(engine_python.engine_command(python), engine_python.engine_environment())
    yield client
    client.stop()
    assert client._process.poll() is not None


def test_the_real_engine_says_hello_and_refuses_with_a_sentence(engine, tmp_path):
    job = engine.start("analyze", {"audio": str(tmp_path / "nothing.wav"), "features": str(tmp_path / "f.npz")})
    with pytest.raises(errors.InputFileError, match=r"nothing\.wav"):
        wait(engine, job)
    assert engine.hello.protocol == messages.PROTOCOL

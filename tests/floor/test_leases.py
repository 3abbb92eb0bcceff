"""Leases: one owner at a time, taken over from the dead and the silent, by nobody's clock."""

import json
import os
import subprocess
import sys
import time

import pytest

from ganreact_core import journal, processes
from ganreact_core.files import folder_clock_s, remove_left_overs, temporary_name, write_whole
from ganreact_core.leases import Leases, remove_dead_leases
from ganreact_core.processes import is_gone, machine, process_name


def plant(folder, name, **owner):
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}.lease"
    path.write_text(json.dumps({"machine": "elsewhere-1", "process": "1-1", "token": "t", "beat": "0"} | owner))
    return path


@pytest.fixture
def dead():
    """The name of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    name = process_name(process.pid)
    process.communicate(b"\n")
    return name


def test_only_one_holds_it_and_it_can_be_given_back(tmp_path):
    with Leases(tmp_path / "l") as ours, Leases(tmp_path / "l") as others:
        assert ours.take("a") and ours.holds("a") and not others.take("a") and others.take("b")
        ours.release("a")
        assert not ours.holds("a") and others.take("a")
    assert not (tmp_path / "l").exists()


def test_the_owner_is_known_to_be_dead_on_this_machine_alone(tmp_path, dead):
    assert is_gone(machine(), dead) and not is_gone("elsewhere-1", dead) and not is_gone(machine(), process_name())
    assert is_gone(machine(), f"{os.getpid()}-1"), "a number used again is another process"
    plant(tmp_path, "a", machine=machine(), process=dead)
    plant(tmp_path, "b", process=dead)
    with Leases(tmp_path) as ours:
        assert ours.take("a") and not ours.take("b")


def test_without_proc_a_number_that_nobody_has_is_certain_and_one_in_use_is_not(tmp_path, monkeypatch, dead):
    monkeypatch.setattr(processes, "_PROC", tmp_path / "none")  # as on macOS
    machine.cache_clear()
    try:
        number = dead.partition("-")[0]
        assert is_gone(machine(), f"{number}-0") and not is_gone("elsewhere-1", f"{number}-0")
        assert not is_gone(machine(), f"{os.getpid()}-0") and not is_gone(machine(), "1-0"), "also where it is somebody else's"
    finally:
        machine.cache_clear()


@pytest.mark.parametrize("name", ["", "7", "0-1", "-1-1", "²-1", f"{'9' * 30}-1"])
def test_what_names_no_process_is_never_certain(name):
    assert not is_gone(machine(), name)


def test_a_silent_owner_is_replaced_after_a_while_of_watching_and_a_beating_one_is_not(tmp_path):
    with Leases(tmp_path, beat_s=0.05) as beating, Leases(tmp_path, patience_s=0.3) as watcher:
        assert beating.take("a")
        plant(tmp_path, "b")
        os.utime(tmp_path / "b.lease", (9e9, 9e9))  # its clock is hours ahead; nobody looks
        until = time.monotonic() + 0.6
        while time.monotonic() < until:
            assert not watcher.take("a")
            taken = watcher.take("b")
            time.sleep(0.05)
        assert taken


def test_an_owner_who_comes_back_late_knows_that_it_lost(tmp_path):
    late, quick = Leases(tmp_path, beat_s=60), Leases(tmp_path, patience_s=0.0)
    assert late.take("a")
    assert not quick.take("a")
    time.sleep(0.01)
    assert quick.take("a") and not late.holds("a")
    late.release("a")
    assert quick.holds("a"), "what is another's is not removed"
    quick.close()
    late.close()


@pytest.mark.parametrize("content", ["", "{}", "[", '{"machine": 3}', "[[[" * 300])
def test_a_lease_that_makes_no_sense_is_waited_for_like_any_other(tmp_path, content):
    (tmp_path / "a.lease").write_text(content)
    with Leases(tmp_path, patience_s=0.05) as ours:
        assert not ours.take("a")
        time.sleep(0.06)
        assert ours.take("a")


def test_leases_and_temporaries_of_the_dead_are_swept_and_those_of_the_living_stay(tmp_path, dead):
    plant(tmp_path, "dead", machine=machine(), process=dead)
    stays = plant(tmp_path, "other")
    stray = tmp_path / f".x.{machine()}.{dead}.abcd.tmp"
    ours, theirs, old = tmp_path / temporary_name("y"), tmp_path / ".z.elsewhere-1.1-1.abcd.tmp", tmp_path / ".o.elsewhere-1.1-1.ab.tmp"
    for path in (stray, ours, theirs, old):
        path.touch()
    os.utime(old, (time.time() - 4000,) * 2)
    remove_dead_leases(tmp_path)
    foreign = [tmp_path / name for name in (".theirs.tmp", ".a.b.c.d.tmp", ".x.host.12.abcd.tmp")]
    for path in foreign:
        path.write_bytes(b"")
        os.utime(path, (1, 1))
    remove_left_overs(tmp_path)
    assert set(tmp_path.iterdir()) == {stays, ours, theirs, *foreign}


def test_the_age_of_a_file_is_told_by_the_folders_clock(tmp_path, monkeypatch):
    monkeypatch.setattr(time, "time", lambda: 9e9)
    young = tmp_path / ".z.elsewhere-1.1-1.abcd.tmp"
    young.touch()
    remove_left_overs(tmp_path)
    assert young.exists() and folder_clock_s(tmp_path) < 8e9


def test_a_file_is_whole_or_not_there(tmp_path, monkeypatch):
    write_whole(tmp_path / "a", b"old")
    monkeypatch.setattr(os, "fsync", lambda handle: (_ for _ in ()).throw(OSError(5, "Input/output error")))
    with pytest.raises(Exception, match="Input/output"):
        write_whole(tmp_path / "a", b"new")
    assert [p.read_bytes() for p in tmp_path.iterdir()] == [b"old"]


@pytest.mark.skipif(not hasattr(os, "O_NOFOLLOW"), reason="links are followed here")
def test_a_journal_that_leads_elsewhere_is_not_written(tmp_path):
    (tmp_path / "profile").write_text("mine")
    (tmp_path / "journal.jsonl").symlink_to(tmp_path / "profile")
    journal.append(tmp_path / "journal.jsonl", event="start")
    assert (tmp_path / "profile").read_text() == "mine"


def test_a_folder_that_neighbours_remove_again_and_again_is_made_again(tmp_path, monkeypatch):
    real, left = os.open, [5]

    def hurried(path, *args, **kwargs):
        if left[0] and str(path).endswith(".tmp"):  # one more has gone, and taken the empty folder along
            left[0] -= 1
            (tmp_path / "leases").rmdir()
        return real(path, *args, **kwargs)

    (tmp_path / "leases").mkdir()
    monkeypatch.setattr(os, "open", hurried)
    with Leases(tmp_path / "leases") as leases:
        assert leases.take("a") and not left[0]

"""What goes wrong is one sentence and the right status, wherever it is told."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ganreact_core import cli
from ganreact_core.errors import CheckpointError
from ganreact_core.failures import explained

ROOT = Path(__file__).resolve().parents[2]


class OutOfMemoryError(RuntimeError):
    """As torch calls it."""


@pytest.mark.parametrize(("cause", "status", "word"), [
    (CheckpointError("this is no network; choose one"), 3, "no network"), (OSError(errno.ENOSPC, "full", "/x/y"), 4, "full"),
    (PermissionError(errno.EACCES, "denied", b"/x/\xff"), 4, "denied"), (OSError("odd"), 4, "odd"), (OSError(errno.EIO, "odd", 7), 4, "odd"),
    (MemoryError(), 5, "memory"), (OutOfMemoryError("CUDA out of memory"), 5, "memory"), (KeyboardInterrupt(), 6, "stopped"),
    (BrokenPipeError(), 6, "stopped"), (ZeroDivisionError("by\nzero"), 1, "ZeroDivisionError: by zero")])
def test_every_cause_has_its_status_and_one_sentence(cause, status, word):
    told = explained(cause)
    assert told.exit_status == status and word in str(told) and "\n" not in str(told)
    assert status in (3, 6) or ";" in str(told), "it says what to do"


def test_a_name_that_the_terminal_has_no_letters_for_fails_nothing(tmp_path):
    program = "from ganreact_core.failures import print_any_name; print_any_name(); print('音.mp4')"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, env=os.environ | {"PYTHONIOENCODING": "cp1252"}, capture_output=True,
                          check=False)
    assert done.returncode == 0 and done.stdout.strip() == rb"\u97f3.mp4" and not done.stderr


def test_a_reader_that_goes_is_no_error(tmp_path):
    process = subprocess.Popen([sys.executable, "-m", "ganreact_core", "model", "classes", "embedded"], cwd=ROOT, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE)
    process.stdout.close()
    assert process.stderr.read() == b"" and process.wait(60) == 6


def test_debug_shows_where_it_came_from_and_changes_no_status(capsys):
    assert cli.main(["model", "info", "/nowhere.pkl", "--debug"]) == 3
    told = capsys.readouterr().err
    assert "Traceback" in told and "CheckpointError" in told and told.splitlines()[-1].startswith("ganreact: 'nowhere.pkl' is not there")

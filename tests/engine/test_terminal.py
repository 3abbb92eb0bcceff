"""What a terminal shows while there is nothing new to tell."""

import io
import threading

import pytest

pytest.importorskip("tqdm")

from ganreact_core.cli import terminal


class Screen(io.StringIO):
    """A terminal that tells when it was drawn on often enough."""

    def __init__(self):
        super().__init__()
        self.drawn, self.enough = 0, threading.Event()

    def isatty(self):
        return True

    def write(self, text):
        self.drawn += "Rendering" in text
        if self.drawn >= 4:
            self.enough.set()
        return super().write(text)


def test_the_clock_goes_on_where_a_first_picture_is_long_in_coming(monkeypatch):
    screen = Screen()
    monkeypatch.setattr(terminal.sys, "stderr", screen)
    monkeypatch.setattr(terminal, "_TICK_S", 0.02)
    with terminal.Bar("Rendering") as bar:
        bar(0.0, "Loading the network")
        assert screen.enough.wait(20), "a wait without a word"
    assert "Loading the network" in screen.getvalue()


def test_a_log_gets_nothing_but_lines(monkeypatch):
    monkeypatch.setattr(terminal.sys, "stderr", log := io.StringIO())
    with terminal.Bar("Rendering") as bar:
        bar(0.5)
    assert not log.getvalue()


def test_a_warning_has_a_line_of_its_own_above_the_bar(monkeypatch):
    monkeypatch.setattr(terminal.sys, "stderr", screen := Screen())
    with terminal.Bar("Rendering") as bar:
        bar(0.5)
        terminal.warn(["the track is short"])
    lines = [line.rpartition("\r")[2] for line in screen.getvalue().split("\n")]
    assert "ganreact: the track is short" in lines

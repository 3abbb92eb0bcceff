"""Hallu in the real Blender, in a window: steps, the strip, a route from a slider; the loop heard by OpenAL's file writer."""

import numpy as np
import pytest
import soundfile


@pytest.fixture(scope="module")
def tour(play):
    """What the journey noted, and the folder of its pictures."""
    def into_a_file(out):
        (out / "alsoft.conf").write_text(f"drivers = wave\n[wave]\nfile = {out / 'heard.wav'}\n")
        return {"ALSOFT_DRIVERS": "wave", "ALSOFT_CONF": out / "alsoft.conf"}

    return play("hallu_journey.py", into_a_file)


def test_nothing_went_wrong(tour):
    noted, out = tour
    assert noted["trouble"] == "" and noted["notice"] == "" and noted["loop_notice"] == ""
    assert "Traceback" not in (out / "log.txt").read_text()


def test_steps_become_a_strip_that_is_heard_and_move_a_look(tour):
    noted, _ = tour
    assert noted["one_step_is_too_few"] and noted["moved"] == [1, 25, 73, 120] and noted["steps"] == [1, 25, 73]
    assert noted["strips"] == ["GANReact · Hallu"] and noted["envelopes"] > 20
    assert noted["truncation"][1] - noted["truncation"][0] > 0.1


def test_the_loop_follows_a_slider_and_does_not_click(tour):
    noted, out = tour
    sound, rate = soundfile.read(out / "heard.wav")
    sound = sound.mean(axis=1)
    level = np.sqrt(np.convolve(sound ** 2, np.ones(480) / 480, "same"))
    loud = np.flatnonzero(level > 0.1 * level.max())
    sound, level = sound[loud[0]:loud[-1]], level[loud[0]:loud[-1]]
    assert noted["loop_ended"] and len(sound) > 5 * rate
    steps, at_a_seam = np.abs(np.diff(sound)), level[1:] < 0.02 * level.max()
    assert at_a_seam.any() and steps[at_a_seam].max() < 0.5 * steps.max()
    first, last = (centroid_hz(part, rate) for part in (sound[:rate], sound[-rate:]))
    assert max(first, last) > 1.2 * min(first, last)


def centroid_hz(sound, rate):
    power = np.abs(np.fft.rfft(sound)) ** 2
    return float((power * np.fft.rfftfreq(len(sound), 1 / rate)).sum() / power.sum())

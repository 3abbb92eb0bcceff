"""Notes of MIDI files and columns of tables as feature sets."""

import mido
import numpy as np
import pytest

from ganreact_core.audio.imports import load_csv, load_midi
from ganreact_core.errors import InputFileError


def write_midi(path, messages, *, bpm=120.0, metre=(4, 4)):
    """messages: (ticks since the last one, message); 480 ticks per quarter."""
    midi = mido.MidiFile(ticks_per_beat=480)
    line = mido.MidiTrack([
        mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(bpm)),
        mido.MetaMessage("time_signature", numerator=metre[0], denominator=metre[1])])
    line += [message.copy(time=ticks) for ticks, message in messages]
    midi.tracks.append(line)
    midi.save(path)
    return path


def on(note, velocity=127, channel=0):
    return mido.Message("note_on", note=note, velocity=velocity, channel=channel)


def off(note, channel=0):
    return mido.Message("note_off", note=note, channel=channel)


def test_a_note_is_one_span(tmp_path):
    found = load_midi(write_midi(tmp_path / "a.mid", [(480, on(69, 64)), (960, off(69)), (480, on(60, 0))]))
    assert found.events["notes"].tolist() == [[0.5, 1.5, 69]]
    at = {t: round(t * found.hop_rate_hz) for t in (0.25, 1.0, 1.75)}
    assert found.features["notes"][at[1.0], 69] == pytest.approx(64 / 127) and found.features["pitch"][at[1.0]] == 69
    assert found.features["chroma"][at[1.0]].tolist() == [0] * 9 + [pytest.approx(64 / 127), 0, 0]
    assert not found.features["velocity"][at[0.25]] and not found.features["velocity"][at[1.75]]
    assert found.duration_s == 2.0 and found.tempo_bpm == 120


def test_beats_follow_tempo_and_metre(tmp_path):
    waltz = load_midi(write_midi(tmp_path / "a.mid", [(480 * 9, on(60)), (0, off(60))], bpm=60, metre=(3, 4)))
    assert waltz.events["beats"].tolist() == list(range(10))
    assert waltz.events["downbeats"].tolist() == [0, 3, 6, 9]
    faster = [(480 * 4, mido.MetaMessage("set_tempo", tempo=500_000)), (480 * 4, on(60)), (0, off(60))]
    changed = load_midi(write_midi(tmp_path / "b.mid", faster, bpm=60))
    assert changed.events["beats"].tolist() == [0, 1, 2, 3, 4, 4.5, 5, 5.5, 6]
    assert changed.duration_s == 6


def test_drums_are_onsets(tmp_path):
    found = load_midi(write_midi(tmp_path / "a.mid", [(0, on(36, 127, 9)), (480, on(38, 64, 9)), (480, on(42, 100, 9))]))
    assert [found.events[name].tolist() for name in ("kick", "snare", "hat")] == [[0], [0.5], [1.0]]
    assert np.argmax(found.features["snare"]) == 50 and not found.features["notes"].any()


@pytest.mark.parametrize("body", [b"", b"MThd", b"no midi at all", b"MThd\0\0\0\6\0\1\0\1\0\0MTrk\0\0\0\4\0\xff\x2f\0",
                                  b"MThd\0\0\0\6\0\1\0\1\1\xe0MTrk\xff\xff\xff\xff" + bytes(50)])
def test_what_is_no_midi(tmp_path, body):
    (tmp_path / "a.mid").write_bytes(body)
    with pytest.raises(InputFileError) as refusal:
        load_midi(tmp_path / "a.mid")
    assert "a.mid" in str(refusal.value) and "\n" not in str(refusal.value)


def test_a_table_with_times(tmp_path):
    (tmp_path / "a.csv").write_text("time,Brightness,Überraschung!\n0,0,1\n1,10,1\n3,10,-1\n")
    found = load_csv(tmp_path / "a.csv")
    assert set(found.features) == {"brightness", "uberraschung"} and found.duration_s == 3
    middle = [round(t * found.hop_rate_hz) for t in (0.5, 2.0)]
    assert found.features["brightness"][middle] == pytest.approx([5, 10])
    assert found.features["uberraschung"][middle] == pytest.approx([1, 0])


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_table_without_heading_or_times(tmp_path, delimiter):
    (tmp_path / "a.tsv").write_text("\n".join(delimiter.join([str(k), str(9 - k)]) for k in range(1, 8)))
    found = load_csv(tmp_path / "a.tsv", rate_hz=25)
    assert found.hop_rate_hz == 25 and found.features["column-1"].tolist() == list(range(1, 8))
    assert found.features["column-2"].tolist() == list(range(8, 1, -1))


@pytest.mark.parametrize("text", ["", "a,b\n", "time,a\n0,1\n", "time,a\n0,1\n0,2\n", "time,a\n0,x\n1,2\n",
                                  "time,a\n0,nan\n1,2\n", "time\n0\n1\n", "5,1\n3,2\n", "time,a\n0,1\n1,2,3\n",
                                  "time,a\n-1,1\n1,2\n", "time,a,b\n0,1\n1,2\n", "time,a\n0,1\n1e9,2\n"])
def test_what_is_no_table(tmp_path, text):
    (tmp_path / "a.csv").write_text(text)
    with pytest.raises(InputFileError) as refusal:
        load_csv(tmp_path / "a.csv")
    assert "a.csv" in str(refusal.value) and "\n" not in str(refusal.value)


def test_what_is_no_file(tmp_path):
    for load in (load_csv, load_midi):
        with pytest.raises(InputFileError, match="not there"):
            load(tmp_path / "missing")
        with pytest.raises(InputFileError, match="no file"):
            load(tmp_path)


@pytest.mark.parametrize("timed", [True, False])
def test_a_table_of_a_row_a_frame_lasts_as_many_frames(tmp_path, timed):
    rows = [f"{n / 24:.6f},{n}" if timed else str(n) for n in range(48)]
    (tmp_path / "a.csv").write_text("\n".join(["time,level" if timed else "level", *rows]))
    found = load_csv(tmp_path / "a.csv", rate_hz=None if timed else 24.0)
    assert round(found.duration_s * 24) == found.n_hops == 48

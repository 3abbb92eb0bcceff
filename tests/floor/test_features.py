"""The feature set's file: read as it was written, refused where it is anything else."""

import io
import zipfile

import numpy as np
import pytest

from ganreact_core.errors import InputFileError
from ganreact_core.features import FeatureSet, load_features, save_features
from ganreact_core.table import load_table

SET = FeatureSet(86.0, 2.0, {"kick": np.linspace(0, 1, 172, dtype=np.float32), "chroma": np.ones((172, 12), np.float32)},
                 {"kick": np.array([0.5, 1.5]), "sections": np.array([[0.0, 2.0, 0.0]])}, 120.0)


class Trap:
    def __reduce__(self):
        return print, ("run",)


def test_it_is_read_as_it_was_written(tmp_path):
    save_features(tmp_path / "f.npz", SET)
    again = load_features(tmp_path / "f.npz")
    assert (again.hop_rate_hz, again.duration_s, again.tempo_bpm, again.n_hops) == (86.0, 2.0, 120.0, 172)
    for mine, theirs in ((SET.features, again.features), (SET.events, again.events)):
        assert mine.keys() == theirs.keys() and all(np.array_equal(mine[k], theirs[k]) for k in mine)


def test_columns_of_wide_features_have_names():
    assert SET.channels() == ["kick", *(f"chroma_{k:02d}" for k in range(12))] and SET.channel("chroma_11").shape == (172,)
    with pytest.raises(InputFileError, match="chroma_12"):
        SET.channel("chroma_12")


@pytest.mark.parametrize(("found", "there"), [(SET, "kick, sections"), (FeatureSet(1.0, 1.0, kind="table"), "only curves")])
def test_events_that_were_not_heard_are_told_with_those_that_were(found, there):
    with pytest.raises(InputFileError, match=there):
        found.moments("snare")


def written(**arrays):
    out = io.BytesIO()
    np.savez(out, **arrays)
    return out.getvalue()


def bomb():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("a.npy", "w", force_zip64=True) as entry:
        entry.write(bytes(4 << 20))
    return out.getvalue()


HEAD = {"hop_rate": 86.0, "duration": 1.0, "tempo_bpm": 0.0}


@pytest.mark.parametrize("content", [
    b"", b"words", written(x=np.zeros(3)), written(**HEAD, kick=np.array([Trap()], dtype=object)),
    written(**HEAD, kick=np.array([np.nan, 1.0])), written(**HEAD, a=np.zeros(3), b=np.zeros(4)),
    written(**(HEAD | {"hop_rate": 0.0}), a=np.zeros(3)), written(**HEAD, a=np.zeros(9))[:-40],
    written(**HEAD, a=np.array(["text"])), bomb(),
    *(written(**(HEAD | {name: value}), a=np.zeros(3)) for name, value in (("hop_rate", np.inf), ("duration", np.inf), ("duration", -1.0),
                                                                            ("duration", np.nan), ("tempo_bpm", np.nan)))], ids=range(15))
def test_anything_else_is_refused_and_nothing_is_run(tmp_path, capsys, monkeypatch, content):
    monkeypatch.setattr("ganreact_core.arrays._UNPACKED_LIMIT_BYTES", 1 << 20)
    (tmp_path / "f.npz").write_bytes(content)
    for load in (load_features, load_table):
        with pytest.raises(InputFileError) as caught:
            load(tmp_path / "f.npz")
        assert "\n" not in str(caught.value) and not capsys.readouterr().out


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(InputFileError):
        load_features(tmp_path / "none.npz")


def test_a_notebook_shows_one_line_of_a_song():
    found = FeatureSet(86.13, 100.0, {"rms": np.zeros(8613, np.float32)}, {"kick": np.zeros(3)}, 120.0)
    assert repr(found) == "<FeatureSet: sound of 100.0 s, 120.0 BPM, 8613 hops, 1 features, 1 kinds of events>"

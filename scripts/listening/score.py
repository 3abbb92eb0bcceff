"""How well tracks of known facts are heard: `python -m listening.score TRACK.ogg …`, facts in TRACK.json beside each."""

from __future__ import annotations

import json
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np

from ganreact_core.audio import analyze, load_audio
from ganreact_core.features import FeatureSet


def f_measure(found, known, tolerance_s: float) -> float:
    """Harmonic mean of precision and recall; each known event is matched once, in order; NaN where none is known."""
    found, known = sorted(found), sorted(known)
    if not known:
        return float("nan")
    i = j = hits = 0
    while i < len(found) and j < len(known):
        gap = found[i] - known[j]
        hits += abs(gap) <= tolerance_s
        i, j = i + (gap <= tolerance_s), j + (gap >= -tolerance_s)
    return 2 * hits / (len(found) + len(known))


def scores(found: FeatureSet, facts: dict) -> dict[str, float]:
    """Every measure of one track, 0…1."""
    out = {name: f_measure(found.events[name], facts.get(name + "s", []), 0.05) for name in ("kick", "snare", "hat")}
    out["bass"] = f_measure(found.events["bass"], [note["start"] for note in facts["bass_notes"]], 0.05)
    out.update({name: f_measure(found.events[name], facts[name], 0.07) for name in ("beats", "downbeats")})
    out["chords"] = _chords(found.features["chroma"], found.hop_rate_hz, facts["chords"])
    if "rest_chroma" in found.features:
        out["rest"] = _chords(found.features["rest_chroma"], found.hop_rate_hz, facts["chords"])
        out["bass_pc"] = _bass_notes(found.features["bass_chroma"], found.hop_rate_hz, facts["bass_notes"])
    if "sections" in found.events:
        known = facts["sections"]
        bounds = [b["start"] for a, b in pairwise(known) if a["label"] != b["label"]]
        out["bounds"] = f_measure(found.events["sections"][1:, 0], bounds, 2.0)
        out["labels"] = _pairwise(found.events["sections"], facts["sections"])
    return out


def _span(a: np.ndarray, rate: float, part: dict) -> np.ndarray:
    return a[int(part["start"] * rate):max(int(part["end"] * rate), int(part["start"] * rate) + 1)].mean(axis=0)


def _chords(chroma, rate, chords) -> float:
    hits = []
    for chord in chords:
        n = len(chord["pitch_classes"])
        strongest = np.argsort(-_span(chroma, rate, chord))[:n]
        hits.append(len(set(strongest.tolist()) & set(chord["pitch_classes"])) / n)
    return float(np.mean(hits))


def _bass_notes(chroma, rate, notes) -> float:
    return float(np.mean([np.argmax(_span(chroma, rate, n)) == n["midi"] % 12 for n in notes])) if notes else float("nan")


def _pairwise(found: np.ndarray, known: list[dict]) -> float:
    """Pairs of moments that share a label (Levy and Sandler 2008), four moments a second."""
    times = np.arange(known[0]["start"] + 0.1, known[-1]["end"] - 0.1, 0.25)
    names = [next((s["label"] for s in known if s["start"] <= t < s["end"]), "") for t in times]
    a = np.array([[x == y for y in names] for x in names])
    labels = found[np.clip(np.searchsorted(found[:, 0], times, side="right") - 1, 0, None), 2]
    b = labels[:, None] == labels[None, :]
    upper = np.triu_indices(len(times), 1)
    return float(2 * (a & b)[upper].sum() / max(1, a[upper].sum() + b[upper].sum()))


def main(paths: list[str]) -> None:
    """A line per track and the means."""
    table = []
    for path in map(Path, paths):
        table.append(scores(analyze(load_audio(path)), json.loads(path.with_suffix(".json").read_text())))
        print(f"{path.stem:12}", "  ".join(f"{name} {value:.2f}" for name, value in table[-1].items()))
    print(f"{'mean':12}", "  ".join(f"{name} {np.nanmean([row[name] for row in table]):.3f}" for name in table[0]))


if __name__ == "__main__":
    main(sys.argv[1:])

"""The feature set: what was heard in one piece of sound, at one hop rate, with its events in seconds."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import numpy as np

from .arrays import load_arrays, save_arrays
from .caches import cache_folder
from .errors import InputFileError

PITCH_CLASSES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
KINDS = ("sound", "midi", "table")
_EVENT, _STRENGTH = "event.", "strength."
_NEAR_S = 0.05
_MOST_HOPS_HZ, _LONGEST_S = 1e6, 1e6


@dataclass(frozen=True)
class FeatureSet:
    """Named features and events of one piece of sound.

    hop_rate_hz   hops per second, one for all features; hop j is centred at j / hop_rate_hz seconds
    duration_s    length of the sound
    features      name -> float32 [n_hops] or [n_hops, k], all with the same n_hops, finite, silence = 0
    events        name -> float64 seconds: [n] points, or [n, 3] spans (start, end, label index)
    tempo_bpm     beats per minute, 0 where there is no pulse
    """

    hop_rate_hz: float
    duration_s: float
    features: dict[str, np.ndarray] = field(default_factory=dict)
    events: dict[str, np.ndarray] = field(default_factory=dict)
    tempo_bpm: float = 0.0
    kind: str = "sound"
    strengths: dict[str, np.ndarray] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    def __repr__(self) -> str:
        """One line: the arrays of a song would fill a notebook."""
        heard = f"{len(self.features)} features, {len(self.events)} kinds of events"
        return f"<FeatureSet: {self.kind} of {self.duration_s:.1f} s, {self.tempo_bpm:.1f} BPM, {self.n_hops} hops, {heard}>"

    @property
    def n_hops(self) -> int:
        """Number of hops, 0 for an empty set."""
        return next((len(a) for a in self.features.values()), 0)

    def channel(self, name: str) -> np.ndarray:
        """One feature as float32 [n_hops]: "kick", or a column of a wide one by number: "chroma_00" … "bands_23".

        "chroma_top4_02" is the third, in pitch order, of the four columns that are strongest over the whole.
        """
        if name in self.features and self.features[name].ndim == 1:
            return self.features[name]
        stem, _, column = name.rpartition("_")
        whole, _, count = stem.rpartition("_top") if "_top" in stem else (stem, "", "")
        wide = self.features.get(whole)
        if wide is not None and wide.ndim == 2 and column.isdigit() and (count.isdigit() or not count):
            chosen = strongest_columns(wide, int(count or wide.shape[1]))
            if int(column) < len(chosen):
                return wide[:, chosen[int(column)]]
        raise InputFileError(f"this analysis has no feature '{name}'; it has {', '.join(sorted(self.features))}")

    def channels(self) -> list[str]:
        """The names `channel` knows, wide features spelled out by column."""
        names = []
        for name, a in self.features.items():
            names += [name] if a.ndim == 1 else [f"{name}_{k:02d}" for k in range(a.shape[1])]
        return names

    def moments(self, event: str) -> np.ndarray:
        """When events happen, in seconds: points as they are, spans by their start: float64 [n].

        Raises InputFileError for events that this sound, these notes or this table do not have.
        """
        if event not in self.events:
            there = ", ".join(sorted(self.events)) or "none at all, only curves"
            raise InputFileError(f"there are no events '{event}' in what was heard; it has {there}")
        times = np.asarray(self.events[event], float)
        return times[:, 0] if times.ndim == 2 else times

    def strengths_of(self, event: str) -> np.ndarray:
        """How hard each event hits, 0…1: as known, else the highest value of the feature of that name within 50 ms,
        else 1: float64 [n]."""
        times, known = self.moments(event), self.strengths.get(event)
        if known is not None and len(known) == len(times):
            return np.asarray(known, float)
        curve = self.features.get(event)
        if curve is None or curve.ndim != 1 or not curve.any():
            return np.ones(len(times))
        reach = max(1, round(_NEAR_S * self.hop_rate_hz))
        centre = np.round(times * self.hop_rate_hz).astype(int)
        window = np.clip(centre[:, None] + np.arange(-reach, reach + 1), 0, len(curve) - 1)
        return np.asarray(curve[window].max(axis=1) / curve.max(), float)


def strongest_columns(wide: np.ndarray, count: int) -> list[int]:
    """The `count` columns of a wide feature [n_hops, k] that are loudest over the whole, in their own order."""
    mean = np.asarray(wide, float).mean(axis=0) if len(wide) else np.zeros(wide.shape[1])
    return sorted(np.argsort(-mean, kind="stable")[:count].tolist())


NOTHING = FeatureSet(100.0, 0.0)
"""What is heard in a file that is not there: any envelope of it is zero."""


def kept_features(sound_sha256: str, options: object = None) -> Path:
    """Where the user's cache keeps what was heard in a file by the analysis as it is now.

    options   plain values that change what is heard: stems, channel; nothing where there are none
    """
    told = f"-{hashlib.blake2b(json.dumps(options, sort_keys=True).encode(), digest_size=8).hexdigest()}" if options else ""
    return cache_folder("features") / f"{sound_sha256}{told}-{_analysis()}.npz"


@lru_cache(maxsize=1)
def _analysis() -> str:
    """A hash of the analysis itself: when it hears something else in the same file, that file is heard anew."""
    digest, core = hashlib.blake2b(digest_size=8), Path(__file__).parent
    for path in [*sorted((core / "audio").glob("*.py")), core / "models" / "drums.safetensors"]:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def save_features(path: str | Path, found: FeatureSet) -> None:
    """Write a feature set as .npz: "hop_rate", "duration", "tempo_bpm", one array per feature, "event.<name>"."""
    head = {"hop_rate": found.hop_rate_hz, "duration": found.duration_s, "tempo_bpm": found.tempo_bpm}
    events = {f"{_EVENT}{name}": times for name, times in found.events.items()}
    events.update({f"{_STRENGTH}{name}": values for name, values in found.strengths.items()})
    if found.kind != "sound":
        events["kind"] = np.array(found.kind)
    if found.warnings:
        events["warnings"] = np.array(found.warnings)
    save_arrays(path, {name: np.asarray(a) for name, a in {**head, **events, **found.features}.items()})


def load_features(path: str | Path) -> FeatureSet:
    """Read a feature set; raises InputFileError where the file is not one. Nothing in it is ever run."""
    arrays = load_arrays(path, "a feature set")
    try:
        head = [float(arrays.pop(key)) for key in ("hop_rate", "duration", "tempo_bpm")]
    except (ValueError, KeyError, TypeError) as cause:
        raise InputFileError(f"'{path}' is not a feature set; analyse the track again") from cause
    kind, warnings = str(arrays.pop("kind", "sound")), tuple(map(str, arrays.pop("warnings", np.zeros(0)).ravel()))
    events = _named(arrays, _EVENT)
    strengths = _named(arrays, _STRENGTH)
    features = {name: a for name, a in arrays.items() if not name.startswith((_EVENT, _STRENGTH))}
    _check(path, head, features)
    _check_events(path, kind, events, strengths)
    return FeatureSet(head[0], head[1], features, events, head[2], kind, strengths, warnings)


def _named(arrays: dict[str, np.ndarray], prefix: str) -> dict[str, np.ndarray]:
    return {name[len(prefix):]: a for name, a in arrays.items() if name.startswith(prefix)}


def _check_events(path: str | Path, kind: str, events: dict[str, np.ndarray], strengths: dict[str, np.ndarray]) -> None:
    sound = all(a.dtype.kind in "fiu" and np.isfinite(a).all() for a in [*events.values(), *strengths.values()])
    shaped = all(a.ndim == 1 or (a.ndim == 2 and a.shape[1] == 3) for a in events.values())
    if kind not in KINDS or not (sound and shaped):
        raise InputFileError(f"'{path}' is a damaged feature set; analyse the track again")


def _check(path: str | Path, head: list[float], features: dict[str, np.ndarray]) -> None:
    hop_rate_hz, duration_s, tempo_bpm = head
    lengths = {len(a) if a.ndim in (1, 2) else -1 for a in features.values()}
    finite = all(a.dtype.kind == "f" and np.isfinite(a).all() for a in features.values())
    sensible = 0 < hop_rate_hz <= _MOST_HOPS_HZ and 0 <= duration_s <= _LONGEST_S and np.isfinite(tempo_bpm)
    if not (sensible and len(lengths) <= 1 and -1 not in lengths and finite):
        raise InputFileError(f"'{path}' is a damaged feature set; analyse the track again")

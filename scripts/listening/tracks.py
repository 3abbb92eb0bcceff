"""Composes tracks whose every musical fact is known: other tempi, keys, swing, fills, forms, sounds each time."""

from __future__ import annotations

from dataclasses import dataclass, field

import mido
import numpy as np
import scipy.signal

from .samples import RATE, render
from .synthetic import drum, varied

MAJOR, MINOR = (0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10)
_FORMS = ("ABCBCA", "AABA", "ABAB", "ABCB", "AABBC", "ABAC")
_KICKS = ("x...x...x...x...", "x.....x.x.......", "x..x..x.x..x....", "x.........x.....", "x..x......x.....",
          "x...x...x...x.x.", "x.x.......x..x..", "x...............")
_SNARES = ("....x.......x...", "....x.......x..x", "....x..x.x..x...", "........x.......", "....x.......x.x.",
           "................")
_HATS = ("x.x.x.x.x.x.x.x.", "xxxxxxxxxxxxxxxx", "..x...x...x...x.", "x...x...x...x...", "x.xxx.xxx.xxx.xx", "x.x.x.xxx.x.x.xx")
_BASSES = ("x.......x.......", "x..x..x.x..x..x.", "x.x.x.x.x.x.x.x.", "x...............", "..x...x...x...x.",
           "x.....x.x...x...")
_PADS = (0, 4, 16, 19, 24, 25, 26, 27, 30, 48, 50, 52, 61, 81, 88, 89, 90, 91, 95)
_LEADS = (0, 11, 12, 22, 40, 56, 65, 73, 80, 81, 84, 104)
_BASS_PROGRAMS = (32, 33, 34, 35, 36, 38, 39)


@dataclass
class Track:
    """A composed track: its parts as float32 [n] at 22050 Hz, and its facts in seconds, as known.json has them."""

    parts: dict[str, np.ndarray]
    facts: dict = field(default_factory=dict)

    @property
    def mix(self) -> np.ndarray:
        """All parts together, peak below 1."""
        total = sum(self.parts.values())
        return (0.9 * total / max(float(np.abs(total).max()), 1e-6)).astype(np.float32)


@dataclass
class _Section:
    label: str
    start_s: float
    bars: int
    recipe: dict


class Composer:
    """One track of a seed; `kits` are what its drums may be taken from."""

    def __init__(self, seed: int, kits: dict, *, seconds: float = 40.0, varied: bool = False) -> None:
        self.rng = np.random.default_rng(seed)
        self.kits, self.seconds, self.varied = kits, seconds, varied
        self.bpm = float(np.round(self.rng.uniform(72, 174)))
        self.swing = float(self.rng.choice([0, 0, 0, 0.15, 0.3]))
        self.loose_s = float(self.rng.choice([0, 0.003, 0.008]))
        self.key, self.scale = int(self.rng.integers(12)), MAJOR if self.rng.random() < 0.5 else MINOR
        self.first_s = float(self.rng.uniform(0.2, 1.0))
        self.sections = self._form()

    @property
    def beat_s(self) -> float:
        return 60 / self.bpm

    def _form(self) -> list[_Section]:
        form = str(self.rng.choice(_FORMS))
        bar_s = 4 * self.beat_s
        bars = max(2, 2 * int(self.seconds / bar_s / len(form) / 2))
        recipes = {label: self._recipe(label) for label in sorted(set(form))}
        return [_Section(label, self.first_s + k * bars * bar_s, bars, recipes[label]) for k, label in enumerate(form)]

    def _recipe(self, label: str) -> dict:
        pick = self.rng.choice
        quiet = label == "A" and self.rng.random() < 0.4
        degrees = [int(d) for d in pick(7, 4, replace=False)]
        return {
            "degrees": [0, *degrees[:3]] if label == "A" else degrees, "seventh": bool(self.rng.random() < 0.3),
            "bars_per_chord": int(pick([1, 1, 2])), "kick": "" if quiet else str(pick(_KICKS)),
            "snare": "" if quiet else str(pick(_SNARES)), "hat": "" if self.rng.random() < 0.15 else str(pick(_HATS)),
            "bass": "" if quiet and self.rng.random() < 0.5 else str(pick(_BASSES)), "pad": int(pick(_PADS)),
            "lead": int(pick(_LEADS)) if self.rng.random() < 0.5 else -1,
            "comp": str(pick(["held", "held", "stabs", "arpeggio"])), "octave": int(pick([48, 60, 60])),
        }

    def compose(self) -> Track:
        """The parts and the facts."""
        drums, hits = self._drums()
        bass_notes, other_notes, chords = self._notes()
        end_s = self.sections[-1].start_s + self.sections[-1].bars * 4 * self.beat_s
        n = int((end_s + 1.5) * RATE)
        parts = {name: _fit(a, n) for name, a in drums.items()}
        parts["bass"] = _fit(self._render(bass_notes), n)
        parts["rest"] = _fit(self._render(other_notes), n)
        self._balance(parts)
        return Track(parts, self._facts(hits, bass_notes, chords, end_s))

    def _time(self, section: _Section, step: int) -> float:
        """Seconds of a sixteenth of a section; odd ones are late where it swings."""
        late = self.swing * self.beat_s / 4 * (step % 2)
        return section.start_s + step * self.beat_s / 4 + late

    def _drums(self):
        names = list(self.kits)
        kit = {kind: self._samples(kind, names) for kind in ("kick", "snare", "hat", "open", "crash", "tom", "other")}
        if self.rng.random() < 0.2:
            kit["hat"] = self._samples("ride", names)
        if self.rng.random() < 0.25:
            kit["snare"] = self._samples("clap", names)
        n = int((self.seconds * 1.6 + 6) * RATE)
        lanes = {name: np.zeros(n, np.float32) for name in ("kick", "snare", "hat", "toms")}
        hits = {"kick": [], "snare": [], "hat": []}
        ghost = self.rng.random() < 0.3
        for section in self.sections:
            if section.recipe["kick"] and self.rng.random() < 0.6:
                self._hit(lanes["toms"], kit["crash"], section.start_s, 0.7)
            for step in range(16 * section.bars):
                self._step(section, step, lanes, hits, kit, ghost)
        return lanes, hits

    def _step(self, section, step, lanes, hits, kit, ghost) -> None:
        fill = step >= 16 * section.bars - 4 and section.bars % 4 == 0 and section.recipe["snare"]
        t = self._time(section, step)
        for name in ("kick", "snare", "hat"):
            pattern = section.recipe[name]
            if not pattern or pattern[step % 16] != "x" or (fill and name != "kick"):
                continue
            which = "open" if name == "hat" and step % 8 == 6 and self.rng.random() < 0.4 else name
            level = {"kick": 1.0, "snare": 0.9, "hat": 0.3 if step % 4 else 0.4}[name] * self.rng.uniform(0.7, 1)
            hits[name].append(self._hit(lanes[name], kit[which], t, level))
        if fill:
            which = "snare" if self.rng.random() < 0.5 else "tom"
            at = self._hit(lanes["snare" if which == "snare" else "toms"], kit[which], t, self.rng.uniform(0.5, 1))
            if which == "snare":
                hits["snare"].append(at)
        elif ghost and section.recipe["kick"] and self.rng.random() < 0.06:
            self._hit(lanes["toms"], kit["other"], t, 0.4)

    def _samples(self, kind: str, names: list[str]) -> list[np.ndarray]:
        """A few samples of a kind from one kit, tuned up or down together; varied ones where variety is asked for."""
        if self.varied and kind in ("kick", "snare", "hat", "open") and self.rng.random() < 0.3:
            return [drum(kind, self.rng)]
        having = [name for name in names if kind in self.kits[name]]
        several = self.kits[str(self.rng.choice(having))][kind]
        start = int(self.rng.integers(len(several)))
        speed = 2 ** self.rng.uniform(-0.2, 0.2)
        chosen = [_faster(a, speed) for a in several[start:start + 2]]
        if not self.varied:
            return chosen
        chosen = [varied(a, self.rng) for a in chosen]
        if kind in ("kick", "snare") and self.rng.random() < 0.25:
            over = drum(kind, self.rng) * np.float32(self.rng.uniform(0.3, 1))
            chosen = [_fit(a, max(len(a), len(over))) + _fit(over, max(len(a), len(over))) for a in chosen]
        return chosen

    def _hit(self, lane: np.ndarray, samples: list[np.ndarray], t: float, level: float) -> float:
        t = max(0.0, t + self.rng.normal() * self.loose_s)
        sample = samples[int(self.rng.integers(len(samples)))]
        at = round(t * RATE)
        n = max(0, min(len(sample), len(lane) - at))
        lane[at:at + n] += np.float32(level) * sample[:n]
        return t

    def _notes(self):
        """Bass and other notes (start, end, midi, velocity, program), and chords (start, end, pitch classes)."""
        bass, other, chords = [], [], []
        for section in self.sections:
            program = int(self.rng.choice(_BASS_PROGRAMS)) if not bass else bass[0][4]
            length = section.recipe["bars_per_chord"]
            for bar in range(0, section.bars, length):
                degree = section.recipe["degrees"][(bar // length) % 4]
                start, end = (section.start_s + b * 4 * self.beat_s for b in (bar, min(bar + length, section.bars)))
                pitches = self._chord(degree, section.recipe["seventh"])
                chords.append((start, end, pitches))
                bass += self._bass(section, bar, min(length, section.bars - bar), pitches[0], program)
                other += self._comp(section, start, end, pitches)
                other += self._lead(section, start, end)
        return bass, other, chords

    def _chord(self, degree: int, seventh: bool) -> list[int]:
        return [(self.key + self.scale[(degree + k) % 7]) % 12 for k in ((0, 2, 4, 6) if seventh else (0, 2, 4))]

    def _bass(self, section, bar, length, root, program) -> list[tuple]:
        pattern = section.recipe["bass"]
        steps = [s for s in range(16 * bar, 16 * (bar + length)) if pattern and pattern[s % 16] == "x"]
        notes = []
        for k, s in enumerate(steps):
            after = steps[k + 1] if k + 1 < len(steps) else 16 * (bar + length)
            midi = 28 + (root - 4) % 12 + (12 if self.rng.random() < 0.1 else 0)
            notes.append((self._time(section, s), self._time(section, after) - 0.03, midi, 100, program))
        return notes

    def _comp(self, section, start, end, pitches) -> list[tuple]:
        recipe = section.recipe
        midis = [recipe["octave"] + p for p in pitches]
        if recipe["comp"] == "held":
            return [(start, end - 0.02, m, 80, recipe["pad"]) for m in midis]
        notes, half = [], self.beat_s / 2
        for k, t in enumerate(np.arange(start, end - 0.01, half)):
            chosen = midis if recipe["comp"] == "stabs" else [midis[k % len(midis)]]
            if recipe["comp"] == "arpeggio" or k % 2:
                notes += [(t, t + 0.9 * half, m, 80, recipe["pad"]) for m in chosen]
        return notes

    def _lead(self, section, start, end) -> list[tuple]:
        if section.recipe["lead"] < 0:
            return []
        notes, t = [], start
        while t < end - 0.05:
            length = float(self.rng.choice([0.5, 1, 1, 2])) * self.beat_s
            if self.rng.random() < 0.7:
                midi = 72 + self.key + self.scale[int(self.rng.integers(7))] - 12 * int(self.key > 6)
                notes.append((t, min(t + length, end) - 0.02, midi, 75, section.recipe["lead"]))
            t += length
        return notes

    def _render(self, notes: list[tuple]) -> np.ndarray:
        """Notes played by the sound font, a channel per program."""
        midi = mido.MidiFile(ticks_per_beat=960)
        line = mido.MidiTrack([mido.MetaMessage("set_tempo", tempo=1_000_000)])
        programs = sorted({n[4] for n in notes})
        channels = {p: c if c < 9 else c + 1 for c, p in enumerate(programs[:15])}
        line += [mido.Message("program_change", channel=c, program=p) for p, c in channels.items()]
        changes = sorted([(s, 1, m, v, channels[p]) for s, _, m, v, p in notes if p in channels]
                         + [(e, 0, m, 0, channels[p]) for _, e, m, _, p in notes if p in channels])
        now = 0
        for t, on, note, velocity, channel in changes:
            ticks = round(t * 960)
            line.append(mido.Message("note_on" if on else "note_off", channel=channel, note=note, velocity=velocity,
                                     time=ticks - now))
            now = ticks
        midi.tracks.append(line)
        return render(midi) if notes else np.zeros(0, np.float32)

    def _balance(self, parts: dict[str, np.ndarray]) -> None:
        """Levels, a room, a little drive: as mixes differ."""
        for name, low, high in (("bass", 0.3, 0.9), ("rest", 0.25, 1.0)):
            peak = float(np.abs(parts[name]).max(initial=0))
            parts[name] *= np.float32(self.rng.uniform(low, high) / max(peak, 1e-6))
        for name in ("kick", "snare", "hat", "toms"):
            parts[name] *= np.float32(self.rng.uniform(0.55, 1.2))
        if self.rng.random() < 0.4:
            room = self.rng.normal(size=RATE // 2) * np.exp(-np.arange(RATE // 2) / RATE * self.rng.uniform(10, 25))
            room *= self.rng.uniform(0.1, 0.4) / np.linalg.norm(room)
            for name in ("snare", "hat", "toms", "rest"):
                wet = scipy.signal.fftconvolve(parts[name], room)[:len(parts[name])]
                parts[name] = (parts[name] + wet).astype(np.float32)

    def _facts(self, hits, bass_notes, chords, end_s) -> dict:
        n_beats = round((end_s - self.first_s) / self.beat_s)
        beats = [self.first_s + k * self.beat_s for k in range(n_beats)]
        bounds = [s.start_s for s in self.sections] + [end_s]
        return {
            "bpm": self.bpm, "beats": beats, "downbeats": beats[::4],
            **{f"{name}s": sorted(times) for name, times in hits.items()},
            "bass_notes": [{"start": s, "end": e, "midi": m} for s, e, m, _, _ in bass_notes],
            "chords": [{"start": s, "end": e, "pitch_classes": sorted(set(p))} for s, e, p in chords],
            "sections": [{"start": bounds[k], "end": bounds[k + 1], "label": s.label} for k, s in enumerate(self.sections)],
        }


def _fit(a: np.ndarray, n: int) -> np.ndarray:
    return np.pad(a[:n], (0, max(0, n - len(a)))).astype(np.float32)


def _faster(a: np.ndarray, speed: float) -> np.ndarray:
    return np.interp(np.arange(0, len(a) - 1, speed), np.arange(len(a)), a).astype(np.float32)

"""Drum samples to compose tracks with: Debian's sonic-pi-samples, hydrogen-drumkits, and the drum kits of a sound font."""

from __future__ import annotations

import re
import subprocess
import tempfile
from pathlib import Path

import mido
import numpy as np

from ganreact_core.audio.load import load_audio
from ganreact_core.errors import AudioError

RATE = 22050
SONIC_PI = Path("/usr/share/sonic-pi/samples")
HYDROGEN = Path("/usr/share/hydrogen/data/drumkits")
SOUND_FONT = Path("/usr/share/sounds/sf2/FluidR3_GM.sf2")
HELD_BACK = ("drum_", "ColomboAcousticDrumkit", "TR808EmulationKit", "Millo_MultiLayered2", "VariBreaks", "gm40")
"""Kits never trained with; `known.ogg` is made of the first."""
_LONGEST_S = 1.6

_KINDS = {
    "clap": r"clap",
    "snare": r"snare|^sn_|^sn\d?_|^sd_|^sr_|_sn_",
    "kick": r"kick|^bd|bassdrum|_bd_|hse_k|drum_bass",
    "hat": r"hat[-_ ]|hihatclosed|hihatfoot|hihatsemi|hihat-closed|hihat-semi|chh|hhclosed|hh_|cymbal_closed|hat-light|closehi",
    "open": r"hatopen|hihatopen|hihat-open|ohh|hhopen|^ho_|openhat|hat \d op|hat_op|cymbal_open|hhat",
    "ride": r"ride|^rd",
    "crash": r"crash|^cc_|splash|cymbal_hard|cymbal_soft",
    "tom": r"tom|^ft_|^t\d_|^tm|conga|bongo|djembe",
    "other": r"cowbell|stick|rim|clave|^perc_|tabla|elec_(wood|tick|pop|plip|ping|bong)",
}
_GM = {"kick": (35, 36), "snare": (38, 40), "clap": (39,), "hat": (42, 44), "open": (46,), "ride": (51, 59),
       "crash": (49, 57), "tom": (41, 43, 45, 47, 48, 50), "other": (37, 56, 75, 76)}
_GM_KITS = (0, 8, 16, 24, 25, 32, 40, 48)


def kind_of(name: str) -> str | None:
    """The kind of drum a file is named for; open hats before closed ones, for both are named hat."""
    for kind in ("clap", "open", "snare", "kick", "ride", "crash", "tom", "other", "hat"):
        if re.search(_KINDS[kind], name.lower()):
            return kind
    return None


def kits() -> dict[str, dict[str, list[np.ndarray]]]:
    """kit -> kind -> samples, each float32 [n] from its first audible sample, peak 1."""
    found: dict[str, dict[str, list[np.ndarray]]] = {}
    for path in sorted([*SONIC_PI.glob("*.flac"), *HYDROGEN.glob("*/*.*")]):
        kit = path.parent.name if path.is_relative_to(HYDROGEN) else path.name.split("_")[0] + "_"
        kind = kind_of(path.name)
        if kind is None or path.suffix not in (".wav", ".flac", ".aiff"):
            continue
        try:
            sample = _trimmed(load_audio(path).samples)
        except AudioError:
            continue
        if len(sample):
            found.setdefault(kit, {}).setdefault(kind, []).append(sample)
    for program in _GM_KITS:
        found[f"gm{program}"] = {kind: [_gm_hit(program, note) for note in notes] for kind, notes in _GM.items()}
    return found


def _trimmed(samples: np.ndarray) -> np.ndarray:
    peak = np.abs(samples).max(initial=0)
    if peak <= 1e-4:
        return samples[:0]
    first = int(np.argmax(np.abs(samples) > 0.05 * peak))
    out = samples[first:first + int(_LONGEST_S * RATE)] / peak
    fade = min(len(out), RATE // 20)
    out[len(out) - fade:] *= np.linspace(1, 0, fade)
    return out.astype(np.float32)


def _gm_hit(program: int, note: int) -> np.ndarray:
    midi = mido.MidiFile(ticks_per_beat=480)
    line = mido.MidiTrack()
    line += [mido.Message("program_change", channel=9, program=program),
             mido.Message("note_on", channel=9, note=note, velocity=110, time=48),
             mido.Message("note_off", channel=9, note=note, time=1200)]
    midi.tracks.append(line)
    return _trimmed(render(midi))


def render(midi: mido.MidiFile, sound_font: Path = SOUND_FONT) -> np.ndarray:
    """A MIDI file played by fluidsynth: float32 mono [n] at 22050 Hz."""
    with tempfile.TemporaryDirectory() as folder:
        score, wav = Path(folder) / "a.mid", Path(folder) / "a.wav"
        midi.save(score)
        subprocess.run(["fluidsynth", "-ni", "-q", "-r", str(RATE), "-g", "0.6", "-R", "0", "-C", "0", "-F", str(wav),
                        str(sound_font), str(score)], check=True, capture_output=True)
        return load_audio(wav).samples

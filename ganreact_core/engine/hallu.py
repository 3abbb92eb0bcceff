"""Steps, or notes, become a sound file: the network and its components are found, clips made, laid over each other, written."""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..caches import cache_folder, remembered
from ..errors import AudioError, Cancelled, UsageError
from ..files import read_small, shown
from ..models import EMBEDDED_COMPONENTS, EMBEDDED_SOUND, model_file, model_sha256
from ..steps import Piece, piece_from_text, points_of, require_steps
from ..stitching import PEAK, Loudness, Stitcher, check_envelope, overlaid
from ..strangers import require_near
from .desk import required_text

if TYPE_CHECKING:
    from ..synthesis.generators.gansynth import GANSynth
    from ..synthesis.hallu import ClipMaker, Note
    from ..synthesis.sound.components import SoundComponents
    from .desk import Desk


def play(arguments: dict[str, Any], desk: Desk) -> dict[str, Any]:
    """The job `hallu`, as `jobs` describes it."""
    from ..audio.write import check_sound_file

    out = required_text(arguments, "out")
    rate_hz, as_float = arguments.get("rate_hz") or None, bool(arguments.get("float"))
    check_sound_file(out, as_float=as_float, sample_rate_hz=rate_hz)
    if arguments.get("midi"):
        return _play_notes(arguments, desk)
    piece = _asked(piece_of(arguments), arguments.get("step"))
    maker = _maker(piece, arguments, desk)
    check_envelope(piece, maker.clip_s)
    points = points_of(piece)
    stitcher = Stitcher(piece, points, maker.sample_rate, maker.clip_s)
    clips = _told(maker.clips(piece, points), len(points), desk)
    file = _SoundFile(out, maker.sample_rate, as_float, piece.trim_tail or bool(arguments.get("trim_tail")))
    n = file.write(stitcher.blocks(clips), Loudness(signed=piece.rule != "even"))
    return {"duration_s": n / maker.sample_rate, "points": len(points), "silent": stitcher.silent, "components": maker.count}


def piece_of(arguments: dict[str, Any]) -> Piece:
    """The piece a job is about, with the model and components that the arguments name instead of its own."""
    text = required_text(arguments, "steps")
    named = {name: arguments[name] for name in ("model", "components") if arguments.get(name)}
    if not text.startswith("@"):
        return dataclasses.replace(piece_from_text(text), **named)
    path = Path(text[1:])
    what = f"'{shown(path)}'"
    piece = piece_from_text(read_small(path, "steps"), what)
    require_near([getattr(piece, name) for name in ("model", "components") if name not in named], what, path)
    return dataclasses.replace(piece, **named)


def components_of(generator: GANSynth, model: str, given: str,
                  advance: Callable[[float], None] = lambda fraction: None) -> SoundComponents:
    """Those given, those that came along, those found for this model before, or found now and kept for the next time."""
    from ..synthesis.sound.components import load_components, principal_components, save_components

    if given:
        return load_components(given)
    if model == EMBEDDED_SOUND and EMBEDDED_COMPONENTS.is_file():
        return load_components(EMBEDDED_COMPONENTS)
    return remembered(lambda: cache_folder("components") / f"{model_sha256(model)[:32]}.npz", load_components,
                      lambda: principal_components(generator, advance=advance), save_components)


# -- parts ------------------------------------------------------------------------------------------------------------


@dataclasses.dataclass
class SoundAtHand:
    """A sound network, kept for the next piece.

    key                what it was loaded from: file, time of change, device
    components         those last used with it, and what they were asked for by
    """

    key: tuple[str, int, str]
    generator: GANSynth
    components: SoundComponents | None = None
    components_of: str | None = None


def _maker(piece: Piece, arguments: dict[str, Any], desk: Desk) -> ClipMaker:
    """The network, with its components where the piece needs them."""
    from ..synthesis.hallu import ClipMaker

    sound = _sound_at_hand(piece.model or EMBEDDED_SOUND, arguments.get("device") or "auto", desk)
    if piece.edit == "latent" or arguments.get("midi"):
        return ClipMaker(sound.generator, None, arguments.get("rate_hz") or None)
    if sound.components_of != piece.components:
        sound.components = components_of(sound.generator, piece.model or EMBEDDED_SOUND, piece.components,
                                         lambda fraction: desk.progress(0.5 * fraction, "Finding components", None))
        sound.components_of = piece.components
    return ClipMaker(sound.generator, sound.components, arguments.get("rate_hz") or None)


def _sound_at_hand(model: str, device: str, desk: Desk) -> SoundAtHand:
    """The network at hand, or loaded in its place."""
    from ..synthesis import load_kept
    from ..synthesis.hallu import require_sound

    file = model_file(model)
    key = (str(file), file.stat().st_mtime_ns, device)
    if desk.sound is None or desk.sound.key != key:
        desk.progress(0.0, "Loading the sound network", None)
        desk.sound = None
        desk.sound = SoundAtHand(key, require_sound(load_kept(model, device)))
    return desk.sound


def _asked(piece: Piece, number: Any) -> Piece:
    """The piece, or one step of it alone: a clip from its beginning to its end."""
    if number is None:
        require_steps(piece)
        return piece
    if not isinstance(number, int) or not 1 <= number <= len(piece.steps):
        raise UsageError(f"there is no step {number}; the piece has {len(piece.steps)}")
    return dataclasses.replace(piece, steps=(dataclasses.replace(piece.steps[number - 1], at_s=0.0),))


def _told(clips: Iterable[np.ndarray], count: int, desk: Desk) -> Iterator[np.ndarray]:
    """The clips, telling how far they are; ends between two of them where somebody wants to stop."""
    for n, clip in enumerate(clips, 1):
        if desk.cancelled():
            raise Cancelled("the piece was stopped; nothing was written")
        desk.progress(n / count, f"Clip {n} of {count}", None)
        yield clip


@dataclasses.dataclass(frozen=True)
class _SoundFile:
    """Where a sound goes, and how."""

    out: str
    rate_hz: int
    as_float: bool
    trim_tail: bool

    def write(self, blocks: Iterable[np.ndarray], heard: Loudness) -> int:
        """Blocks through a temporary file, since the loudest is known only at the end; then brought to the peak. -> samples"""
        from ..audio.write import write_sound

        with tempfile.TemporaryFile() as spool:
            for block in blocks:
                heard.hear(block)
                spool.write(block.astype("<f4").tobytes())
            if heard.peak <= 0:
                raise AudioError("every clip of this piece is silent; move the sliders nearer to 0, or choose another model")
            spool.truncate(4 * heard.kept(self.rate_hz, trim_tail=self.trim_tail))
            spool.seek(0)
            parts = iter(lambda: spool.read(1 << 18), b"")
            scaled = (np.frombuffer(part, "<f4") * np.float32(PEAK / heard.peak) for part in parts)
            return write_sound(self.out, scaled, self.rate_hz, as_float=self.as_float)


def _play_notes(arguments: dict[str, Any], desk: Desk) -> dict[str, Any]:
    maker = _maker(Piece(model=arguments.get("model") or ""), arguments, desk)
    notes = _notes_of(arguments["midi"])
    seed = int(arguments.get("seed") or 0)

    def grains() -> Iterator[tuple[int, np.ndarray]]:
        clips = _told((maker.note(note, seed) for note in notes), len(notes), desk)
        for note, clip in zip(notes, clips, strict=True):
            yield int(note.start_s * maker.sample_rate), clip

    total = round((max(n.end_s for n in notes) + 4.0) * maker.sample_rate)
    file = _SoundFile(arguments["out"], maker.sample_rate, bool(arguments.get("float")), bool(arguments.get("trim_tail")))
    n = file.write(overlaid(grains(), total), Loudness())
    return {"duration_s": n / maker.sample_rate, "points": len(notes), "silent": [], "components": 0}


def _notes_of(path: str) -> list[Note]:
    from ..audio.imports import load_midi
    from ..synthesis.hallu import Note

    heard = load_midi(path)
    rolls, rate = heard.features["notes"], heard.hop_rate_hz
    notes = [Note(float(start), float(end), float(pitch), float(rolls[min(round(start * rate), len(rolls) - 1), int(pitch)]))
             for start, end, pitch in heard.events["notes"]]
    if not notes:
        raise UsageError(f"'{Path(path).name}' holds no notes outside the drums' channel; choose another file")
    return sorted(notes, key=lambda note: note.start_s)

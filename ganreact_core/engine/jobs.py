"""The jobs, each a function (arguments, desk) -> result. The worker and the command line run the same ones."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..bundle import CARRIED_MODEL, Bundle, open_bundle
from ..errors import BundleError, Cancelled, UsageError
from ..features import save_features
from ..files import write_whole
from ..flashes import RenderWatch
from ..frame_ranges import parse_frame_range
from ..listening import listening_of
from ..models import EMBEDDED, model_file, model_sha256
from .desk import Desk, required_text
from .filming import film
from .hearing import listen
from .networks import NETWORKS
from .remaking import REMAKING
from .searches import SEARCHES
from .unrolling import unroll

__all__ = ["JOBS", "Desk", "analyze", "carry", "film", "find_model", "glance", "hallu", "preview", "render"]


def analyze(arguments: dict[str, Any], desk: Desk) -> dict[str, Any]:
    """{audio, features, json?, plot?, channel?, track?, rate_hz?, stems? {part: {file, shift_s?}}} -> {duration_s, tempo_bpm,
    events: counts, warnings}. The audio can also be a MIDI file or a table. Writes the files asked for."""
    def advance(fraction: float, text: str) -> None:
        if desk.cancelled():
            raise Cancelled("the analysis was stopped; nothing was written")
        desk.progress(0.9 * fraction, text, None)

    found = listen(listening_of(arguments), advance)
    save_features(required_text(arguments, "features"), found)
    if arguments.get("json"):
        from ..audio import feature_summary

        write_whole(Path(arguments["json"]), json.dumps(feature_summary(found), indent=1).encode())
    if arguments.get("plot"):
        from ..audio import plot_features

        desk.progress(0.92, "Drawing what was heard", None)
        page = io.BytesIO()
        plot_features(found, page, title=Path(required_text(arguments, "audio")).stem)
        write_whole(Path(arguments["plot"]), page.getvalue())
    counts = {name: len(times) for name, times in found.events.items()}
    return {"duration_s": found.duration_s, "tempo_bpm": found.tempo_bpm, "events": counts, "warnings": list(found.warnings)}


def render(arguments: dict[str, Any], desk: Desk) -> dict[str, Any]:
    """{bundle, model?, device?, precision?, frames? "A-B", deep?, wait_for_disk_s?, alone? [frame], without? [frame]}
    -> {rendered, kept, left_out, warnings}; files under the bundle's frames/."""
    from ..synthesis.render import Audience, Conduct, render_bundle

    bundle = open_bundle(required_text(arguments, "bundle"))
    frames = parse_frame_range(arguments.get("frames") or "", bundle.frame_numbers())
    conduct = Conduct(deep=bool(arguments.get("deep")), wait_for_disk_s=float(arguments.get("wait_for_disk_s") or 0.0),
                      alone=frozenset(arguments.get("alone") or ()), without=frozenset(arguments.get("without") or ()),
                      precision=arguments.get("precision") or "exact")
    desk.progress(0.0, "Loading the network", None)
    generator = _generator(bundle, arguments, desk)
    place, notice = 0.0, ""
    watch = RenderWatch(bundle.table.fps, bundle.table.first_frame)

    def advance(done: int, total: int, frame: int | None) -> None:
        nonlocal place
        place = done / max(1, total)
        desk.progress(place, notice or f"Frame {done} of {total}", frame)

    def note(sentence: str) -> None:
        nonlocal notice
        notice = sentence
        desk.progress(place, notice, None)

    report = render_bundle(bundle, generator, frames, conduct=conduct,
                           audience=Audience(advance, desk.begun, note, desk.cancelled, watch.see))
    return {"rendered": report.rendered, "kept": report.kept, "left_out": list(report.left_out),
            "warnings": [*report.remarks, *watch.told()]}


def carry(arguments: dict[str, Any], desk: Desk) -> dict[str, Any]:
    """{bundle, model} -> {}: the network is put into the bundle."""
    from .compose import carry_model

    carry_model(open_bundle(required_text(arguments, "bundle")), required_text(arguments, "model"))
    return {}


def preview(arguments: dict[str, Any], desk: Desk) -> dict[str, Any]:
    """{bundle, frame, model?, device?, precision?} -> {} and one picture, in the network's working size; nothing is written."""
    from ..synthesis.frame_maker import FrameMaker

    bundle = open_bundle(required_text(arguments, "bundle"))
    frame = arguments.get("frame", bundle.table.first_frame)
    if not isinstance(frame, int) or frame not in bundle.frame_numbers():
        raise UsageError(f"there is no frame {frame} to preview; the bundle holds {bundle.frame_numbers()}")
    maker = FrameMaker(_generator(bundle, arguments, desk), bundle.look.for_the_eye(), batch=1, parallel=1,
                       folder=bundle.folder, precision=arguments.get("precision") or "exact")
    desk.picture(maker.pictures(bundle.table, [frame])[0])
    return {}


def glance(arguments: dict[str, Any], desk: Desk) -> dict[str, Any]:
    """{look: JSON text, or "@" and its file; sha256; rows: [{address: value}]; frames?: [number]; model?, device?; folder?:
    of a bundle with the look's masks} -> {} and a picture for each row, as large as the network works at.
    """
    from .glance import bundle_of, show

    bundle = bundle_of(arguments)
    show(bundle, _generator(bundle, arguments, desk), arguments, desk)
    return {}


def hallu(arguments: dict[str, Any], desk: Desk) -> dict[str, Any]:
    """{steps: JSON text, or "@" and its file; or midi: file; out; step?: number from 1; model?, components?, device?, rate_hz?,
    float?, seed?, trim_tail?} -> {duration_s, points, components, silent: numbers of silent clips}. Writes the sound."""
    from .hallu import play

    return play(arguments, desk)


JOBS: dict[str, Callable[[dict[str, Any], Desk], dict[str, Any]]] = {
    "analyze": analyze, "render": render, "preview": preview, "glance": glance, "carry": carry, "hallu": hallu,
    "unroll": unroll, "film": film,
    **SEARCHES, **REMAKING, **NETWORKS}


def find_model(bundle: Bundle, given: str | None) -> str:
    """The network a bundle was made with: the one given, the one inside, or the embedded one; by sha256, never by name."""
    if given:
        if model_sha256(given) == bundle.model_sha256:
            return given
        raise BundleError(f"'{Path(given).name}' is not the network this bundle was made with; give the right one as --model")
    inside = bundle.folder / CARRIED_MODEL
    if inside.is_file() and bundle.model_sha256 in (model_sha256(str(inside)), _source_sha256(inside)):
        return str(inside)
    if model_sha256(EMBEDDED) == bundle.model_sha256:
        return EMBEDDED
    raise BundleError(f"this bundle's network '{bundle.look.model}' is not here; give its file as --model")


def _source_sha256(model: Path) -> str | None:
    """What a converted network was converted from."""
    from ..synthesis.checkpoints import read_checkpoint

    return read_checkpoint(model).origin.get("source_sha256")


def _generator(bundle: Bundle, arguments: dict[str, Any], desk: Desk) -> Any:
    """The bundle's network. To find it, its whole file is read: not for every preview."""
    return desk.network(bundle.model_sha256, arguments.get("device"),
                        lambda: model_file(find_model(bundle, arguments.get("model"))))

"""Draws the pictures of docs/bends.md, noise.md, rewrites.md and directions.md with the embedded network.

python scripts/draw_instrument.py, in the project's environment; about three minutes on one core.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from ganreact_core.catalogue import BENDS  # noqa: E402 - the project is not installed everywhere
from ganreact_core.look import Bend, Canvas, Cluster, Entry, Look, Mask, NoiseLayer, Rewrite, addresses  # noqa: E402
from ganreact_core.synthesis import load_generator  # noqa: E402
from ganreact_core.synthesis.canvas import Field  # noqa: E402
from ganreact_core.synthesis.cluster_sheet import draw_clusters  # noqa: E402
from ganreact_core.synthesis.clustering import find_clusters  # noqa: E402
from ganreact_core.synthesis.copying import Region, Rule, copy_rule  # noqa: E402
from ganreact_core.synthesis.directions import closed_form_directions, principal_directions  # noqa: E402
from ganreact_core.synthesis.entries import entry_latent  # noqa: E402
from ganreact_core.synthesis.frame_maker import FrameMaker  # noqa: E402
from ganreact_core.synthesis.images import to_bytes  # noqa: E402
from ganreact_core.synthesis.noise import NoiseSource  # noqa: E402
from ganreact_core.synthesis.projection import project, read_picture  # noqa: E402
from ganreact_core.synthesis.sheet import draw_directions  # noqa: E402
from ganreact_core.synthesis.weight_changes import save_changes  # noqa: E402
from ganreact_core.table import Table  # noqa: E402

IMAGES = ROOT / "docs" / "images"
FONT = Path(mpl.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"
SIDE, BACK, INK = 128, (14, 17, 23), (230, 233, 239)
AMOUNTS = {"zoom": 1.6, "rotate": 40.0, "shift_x": 0.3, "shift_y": 0.3, "stretch_x": 2.0, "stretch_y": 2.0, "shear_x": 0.6,
           "shear_y": 0.6, "swirl": 160.0, "gain": 1.6, "add": 0.6, "contrast": 2.0, "noise": 0.8, "blur": 1.5, "sharpen": 2.0,
           "erode": 1.5, "dilate": 1.5}
"""Where the most is too much to see anything by; others are shown at 1."""

Tile = tuple[str, np.ndarray]
NET = load_generator("embedded")


def look(seed: int = 4, class_: int = 0, **parts: tuple) -> Look:
    """One entry on a canvas of twice the network's size."""
    return Look(size=(SIDE, SIDE), canvas=Canvas(detail=1.0), entries=(Entry("a", "A", seed, class_),), **parts)  # type: ignore[arg-type]


def frame(drawn: Look, **values: float) -> np.ndarray:
    """uint8 [SIDE, SIDE, 3]; `bend__it=0.5` is the value of bend.it."""
    columns = {address: np.array([p.default], np.float32) for address, p in addresses(drawn).items()}
    columns["palette.a"][:] = 1.0
    for name, value in values.items():
        columns[name.replace("__", ".")][:] = value
    return FrameMaker(NET, drawn, batch=1).pictures(Table(1, 24.0, columns), [1])[0]


def grid(tiles: Sequence[Tile], columns: int, name: str) -> None:
    """Captioned pictures as one JPEG of at most 200 KB."""
    step, foot = SIDE + 4, 18
    page = Image.new("RGB", (columns * step - 4, -(-len(tiles) // columns) * (step + foot)), BACK)
    draw, font = ImageDraw.Draw(page), ImageFont.truetype(FONT, 11)
    for n, (caption, picture) in enumerate(tiles):
        left, top = (n % columns) * step, (n // columns) * (step + foot)
        page.paste(Image.fromarray(picture).resize((SIDE, SIDE), Image.Resampling.LANCZOS), (left, top))
        draw.text((left + 2, top + SIDE + 1), caption, font=font, fill=INK)
    keep(page, name)


def keep(page: Image.Image, name: str) -> None:
    for quality in (88, 80, 70, 60, 50):
        page.convert("RGB").save(IMAGES / name, quality=quality, optimize=True)
        if (IMAGES / name).stat().st_size <= 200_000:
            return


def draw_bends() -> None:
    tiles = [("as it is", frame(look()))]
    for kind, parameter in BENDS.items():
        amount = AMOUNTS.get(kind, 1.0)
        tiles.append((f"{kind} {amount:g} {parameter.unit}", frame(look(bends=(Bend("it", "", kind, 5),)), bend__it=amount)))
    grid(tiles, 9, "bends.jpg")
    tiles = [(f"layer {n}: {layer.size[0]}²", frame(look(bends=(Bend("it", "", "swirl", n),)), bend__it=200.0))
             for n, layer in enumerate(NET.layers)]
    grid(tiles, 5, "bends-layers.jpg")
    tiles = [(border, frame(look(bends=(Bend("it", "", "shift_x", 5, border=border),)), bend__it=0.4))
             for border in ("reflect", "wrap", "zero")]
    groups = find_clusters(NET, samples=60)
    clusters = tuple(groups.cluster(7, n, f"c{n}", "") for n in range(3))
    some = [(f"{part:.0%} of the maps", Bend("it", "", "dilate", 7, maps="part", part=part)) for part in (0.25, 0.5, 1.0)]
    some += [(f"cluster {n}", Bend("it", "", "dilate", 7, maps="cluster", cluster=f"c{n}")) for n in range(3)]
    tiles += [(name, frame(look(bends=(bend,), clusters=clusters), bend__it=3.0)) for name, bend in some]
    masks = (Mask("circle", ""), Mask("gradient", "", "gradient", angle=90, size=1.0), Mask("split", "", "split", angle=30))
    for mask in masks:
        inside = look(bends=(Bend("it", "", "invert", 8, mask=mask.id),), masks=masks)
        tiles.append((f"inside a {mask.id}", frame(inside, bend__it=1.0)))
    grid(tiles, 6, "bends-where.jpg")


def draw_noise() -> None:
    fields = (("fine", NoiseLayer("it", "")), ("grain", NoiseLayer("it", "", scale=0.1)),
              ("clouds", NoiseLayer("it", "", field="perlin", scale=0.25)))
    tiles = []
    for name, layer in fields:
        source = NoiseSource(NET, Look(noise_layers=(layer,)), Field((4, 4), "tile"))
        for phase in (0.0, 0.33, 0.67):
            grey = np.clip(127.5 + 50 * source.field(layer, 5, (SIDE, SIDE), phase), 0, 255).astype(np.uint8)
            tiles.append((f"{name}, phase {phase:g}", np.repeat(grey[..., None], 3, axis=2)))
    for name, layer in fields:
        tiles += [(f"{name}, strength {s:g}", frame(look(noise_layers=(layer,)), noise__it__strength=s))
                  for s in (0.0, 1.0, 2.5)]
    inside = (NoiseLayer("kick", "", mask="middle", scale=0.1), NoiseLayer("hat", "", first=5, mask="rim"))
    masks = (Mask("middle", "", size=0.3), Mask("rim", "", size=0.3, invert=True))
    masked = look(noise_layers=inside, masks=masks)
    tiles += [("kick in the middle", frame(masked, noise__kick__strength=3.0)),
              ("hats at the rim", frame(masked, noise__hat__strength=5.0)),
              ("both", frame(masked, noise__kick__strength=3.0, noise__hat__strength=5.0))]
    tiles += [(f"base {s:g}", frame(look(), noise__base=s)) for s in (0.0, 1.0, 2.0)]
    grid(tiles, 6, "noise.jpg")
    draw_masks()


def draw_masks() -> None:
    """A circle that is moved, a split that is turned: an inverted bend shows where they are."""
    bend = (Bend("it", "", "invert", 6, mask="here"),)
    tiles = []
    circle = look(bends=bend, masks=(Mask("here", "", size=0.25, soft=0.05),))
    tiles += [(f"circle, x {x:g}", frame(circle, bend__it=1.0, mask__here__x=x)) for x in (0.2, 0.5, 0.8)]
    tiles += [(f"circle, size {s:g}", frame(circle, bend__it=1.0, mask__here__size=s)) for s in (0.1, 0.35, 0.6)]
    split = look(bends=bend, masks=(Mask("here", "", "split", soft=0.05),))
    tiles += [(f"split, angle {a:g}°", frame(split, bend__it=1.0, mask__here__angle=a)) for a in (0.0, 60.0, 120.0)]
    gradient = look(bends=bend, masks=(Mask("here", "", "gradient", size=0.5),))
    tiles += [(f"gradient, x {x:g}", frame(gradient, bend__it=1.0, mask__here__x=x)) for x in (0.2, 0.5, 0.8)]
    grid(tiles, 6, "masks.jpg")


def draw_rewrites() -> None:
    tiles = []
    for kind, layer in (("scatter", 5), ("shuffle", 6), ("turn", 8)):
        rewritten = look(rewrites=(Rewrite("it", "", kind, layer),))
        tiles += [(f"{kind} {s:g}", frame(rewritten, rewrite__it=s)) for s in (0.0, 0.25, 0.5, 1.0)]
    maps = tuple(int(n) for n in np.flatnonzero(find_clusters(NET, samples=60).groups[7] == 0))
    scaled = look(rewrites=(Rewrite("it", "", "scale", 7, cluster="c"),), clusters=(Cluster("c", "", 7, maps),))
    tiles += [(f"scale a cluster {s:g}", frame(scaled, rewrite__it=s)) for s in (-1.0, 0.0, 1.0, 2.0)]
    with tempfile.TemporaryDirectory() as folder:
        tiles += _copied(Path(folder) / "copy.npz")
    grid(tiles, 4, "rewrites.jpg")


def _copied(path: Path) -> list[Tile]:
    """A bright spot of one picture, copied into those of another class."""
    source, target = (NET.w_avg.lerp(entry_latent(NET, Entry("it", "", seed, c)), 0.8) for seed, c in ((1, 0), (2, 5)))
    mask = np.zeros((64, 64), np.float32)
    mask[16:48, 16:48] = 1
    save_changes(path, copy_rule(NET, Region(source, mask), Region(target, mask), Rule(7, rank=16, steps=300)))
    changed = look(9, 5, rewrites=(Rewrite("it", "", "file", 1, file=str(path)),))
    with torch.inference_mode():
        copied = to_bytes(NET.synthesize(source[None]))[0]
    copied[[16, 47], 16:48] = copied[16:48, [16, 47]] = 255
    return [("copied from here", copied), *((f"file, strength {s:g}", frame(changed, rewrite__it=s)) for s in (0.0, 1.0, 2.0))]


def draw_found() -> None:
    found = principal_directions(NET, samples=60_000)
    keep(Image.fromarray(draw_directions(NET, found, seed=3)), "directions.jpg")
    tiles = []
    for name, layers in (("all layers", (0, -1)), ("coarse", (0, 3)), ("middle", (4, 6)), ("fine", (7, -1))):
        direction = found.direction(0, "it", "", first=layers[0], last=layers[1])
        tiles += [(f"{name} {s:+g} σ", frame(look(directions=(direction,)), direction__it=s)) for s in (-2.0, 0.0, 2.0)]
    quick = closed_form_directions(NET).direction(0, "it", "")
    tiles += [(f"quick (SeFa) {s:+g}", frame(look(directions=(quick,)), direction__it=s)) for s in (-6.0, 0.0, 6.0)]
    grid(tiles, 3, "directions-layers.jpg")
    sheet = draw_clusters(NET, find_clusters(NET, samples=100))
    keep(Image.fromarray(np.concatenate([sheet[:20], sheet[1516:1890]])), "clusters.jpg")
    draw_projection()


def draw_projection() -> None:
    tiles = []
    with tempfile.TemporaryDirectory() as folder, torch.inference_mode():
        own = to_bytes(NET.synthesize(entry_latent(NET, Entry("it", "", 77, 5))[None]))[0]
        for name, picture in (("its own", own), ("another", evening())):
            Image.fromarray(picture).save(Path(folder) / "picture.png")
            target = read_picture(Path(folder) / "picture.png", NET.resolution)
            with torch.inference_mode(False):
                found = project(NET, target, steps=300)
            said = f"found, {found.began_at:.2f} → {found.difference:.2f}"
            tiles += [(f"{name} picture", to_bytes(target)[0]), (said, found.picture)]
    grid(tiles, 4, "projection.jpg")


def evening() -> np.ndarray:
    """A sun over water, uint8 [128, 128, 3]: no picture of the network's."""
    down, right = np.mgrid[0:1:128j, 0:1:128j]
    sky = np.array([250, 150, 70]) * down[..., None] + np.array([40, 60, 130]) * (1 - down[..., None])
    water = np.array([60, 80, 110]) * (1.3 - down[..., None])
    picture = np.where(down[..., None] < 0.65, sky, water)
    picture[np.hypot(down - 0.45, right - 0.6) < 0.14] = (255, 240, 190)
    return np.clip(picture, 0, 255).astype(np.uint8)


if __name__ == "__main__":
    torch.set_num_threads(1)
    parts = {"bends": draw_bends, "noise": draw_noise, "rewrites": draw_rewrites, "found": draw_found}
    for wanted in sys.argv[1:] or list(parts):
        parts[wanted]()

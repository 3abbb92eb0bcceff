"""Films by the ending of their name: pictures, sound and their step, read back."""

import av
import numpy as np
import pytest
import soundfile
from PIL import Image, PngImagePlugin

from ganreact_core.arguments import FILMS
from ganreact_core.bundle import KEY_NAME, create_bundle
from ganreact_core.depths import as_bytes, as_words
from ganreact_core.engine.film import write_film
from ganreact_core.engine.film_formats import FORMATS, format_of
from ganreact_core.errors import UsageError
from ganreact_core.look import Entry, Look
from ganreact_core.synthesis.images import write_picture
from ganreact_core.table import evaluate

N, FPS, SIZE = 20, 10, (64, 48)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A bundle whose frames are grey ramps that brighten, one flash in the middle, and a click at the same time."""
    folder = tmp_path_factory.mktemp("film")
    look = Look(size=SIZE, entries=(Entry("a", "A", 1),))
    bundle = create_bundle(folder / "bundle", look, evaluate(look, (), {}, {}, n_frames=N, fps=FPS), "0" * 64)
    for frame, key in bundle.frame_keys(bundle.frame_numbers()).items():
        chunks = PngImagePlugin.PngInfo()
        chunks.add_itxt(KEY_NAME, key)
        level = 240 if frame == 11 else 40 + frame
        Image.new("RGB", SIZE, (level, level // 2, 30)).save(bundle.frame_path(frame), pnginfo=chunks)
    sound = np.zeros(2 * 44_100, np.float32)
    sound[44_100:44_200] = 0.9
    soundfile.write(folder / "click.wav", sound, 44_100)
    return bundle, folder


def read_back(path):
    with av.open(str(path)) as film:
        pictures = [f.to_ndarray(format="rgb24") for f in film.decode(video=0)]
    with av.open(str(path)) as film:
        rate = film.streams.audio[0].rate
        blocks = []
        resampler = av.AudioResampler("fltp", "mono", rate)
        for frame in film.decode(audio=0):
            blocks += [f.to_ndarray()[0] for f in resampler.resample(frame)]
    return pictures, np.concatenate(blocks), rate


def test_what_is_called_a_film_can_be_written():
    assert set(FILMS) == set(FORMATS)


@pytest.mark.parametrize("ending", FORMATS)
def test_pictures_and_sound_are_there_and_in_step(made, ending):
    bundle, folder = made
    path = folder / f"film{ending}"
    write_film(path, bundle, bundle.frame_numbers(), str(folder / "click.wav"))
    pictures, sound, rate = read_back(path)
    assert len(pictures) == N and pictures[0].shape == (SIZE[1], SIZE[0], 3)
    brightness = [float(p.mean()) for p in pictures]
    assert int(np.argmax(brightness)) == 10 and np.abs(pictures[10].astype(int)[24, 32] - [240, 120, 30]).max() <= (0 if ending == ".mkv" else 6)
    assert np.argmax(np.abs(sound)) / rate == pytest.approx(1.0, abs=0.03)


@pytest.mark.parametrize("kept", [("png", 8), ("png", 16), ("exr", 8)])
def test_prores_keeps_the_fine_steps_of_fine_frames(made, tmp_path, kept):
    _, folder = made
    look = Look(size=SIZE, entries=(Entry("a", "A", 1),), format=kept[0], depth=kept[1])
    bundle = create_bundle(tmp_path / "fine", look, evaluate(look, (), {}, {}, n_frames=2, fps=FPS), "0" * 64)
    slope = np.tile(np.linspace(0.5, 0.53, SIZE[0], dtype=np.float32)[None, :, None], (SIZE[1], 1, 3))
    picture = slope if kept[0] == "exr" else as_words(slope) if kept[1] == 16 else as_bytes(slope)
    for frame, key in bundle.frame_keys(bundle.frame_numbers()).items():
        write_picture(bundle.frame_path(frame), picture, {KEY_NAME: key})
    write_film(tmp_path / "film.mov", bundle, bundle.frame_numbers(), str(folder / "click.wav"))
    with av.open(str(tmp_path / "film.mov")) as film:
        shown = next(film.decode(video=0)).to_ndarray(format="rgb48le")[SIZE[1] // 2, :, 1].astype(float) / 65535
    assert np.abs(shown - slope[0, :, 0]).max() < 0.01
    steps = len(np.unique(np.round(shown * 1023)))
    assert steps > 20 if kept != ("png", 8) else steps < 20


def test_sides_that_a_format_cannot_have_and_names_that_are_none(tmp_path):
    assert format_of(tmp_path / "a.mkv", (63, 47)).video == "ffv1"
    for name, size, words in (("a.mp4", (63, 48), "even"), ("a.webm", (64, 47), "even"), ("a.gif", (64, 48), "mov")):
        with pytest.raises(UsageError, match=words):
            format_of(tmp_path / name, size)
    with pytest.raises(UsageError, match="folder"):
        format_of(tmp_path, (64, 48))

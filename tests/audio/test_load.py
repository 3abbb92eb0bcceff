"""Decoding: sync to the millisecond in every container, and hostile files end with one sentence."""

import os
import struct
import wave

import av
import numpy as np
import pytest

from ganreact_core.audio import decode
from ganreact_core.audio.load import load_audio
from ganreact_core.errors import AudioError, MemoryShortage

RATE = 44100


def click(seconds=2.0, at_s=1.0, rate=RATE):
    """Silence with one short click."""
    samples = np.zeros(int(seconds * rate), np.float32)
    samples[int(at_s * rate)] = 0.9
    return samples


def write(path, samples, codec=None, container=None, rate=RATE, layout="mono"):
    """Encode by FFmpeg; samples float32 [n] or [channels, n]."""
    codec = codec or {"wav": "pcm_s16le", "flac": "flac", "ogg": "vorbis", "mp3": "libmp3lame", "m4a": "aac",
                      "mkv": "libopus", "webm": "libopus", "aiff": "pcm_s16be", "mp4": "aac"}[path.suffix[1:]]
    planes = np.atleast_2d(samples)
    if codec == "vorbis":
        planes, layout = np.repeat(planes, 2, axis=0), "stereo"
    options = {"strict": "experimental"}
    with av.open(str(path), "w", format=container, options=options) as out:
        stream = out.add_stream(codec, rate=rate, layout=layout, options=options)
        resampler = av.AudioResampler(stream.format.name, layout, rate)
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(planes, np.float32), "fltp", layout)
        frame.sample_rate, frame.pts = rate, 0
        for f in resampler.resample(frame) + resampler.resample(None):
            out.mux(stream.encode(f))
        out.mux(stream.encode(None))
    return path


def riff(body, rate=RATE, channels=1, bits=16, tag=1, data_bytes=None, align=None):
    """A WAV of any header, also of lying ones."""
    align = channels * bits // 8 if align is None else align
    fmt = struct.pack("<HHIIHH", tag, channels, rate, rate * align & 0xFFFFFFFF, align & 0xFFFF, bits)
    data = struct.pack("<4sI", b"data", len(body) if data_bytes is None else data_bytes) + body
    return struct.pack("<4sI4s4sI", b"RIFF", 28 + len(data), b"WAVE", b"fmt ", 16) + fmt + data


def noise(n=RATE, seed=0):
    return (np.random.default_rng(seed).normal(size=n) * 3000).astype("<i2").tobytes()


@pytest.mark.parametrize("name", ["a.wav", "a.flac", "a.aiff", "a.ogg", "a.mp3", "a.m4a", "a.mp4"])
@pytest.mark.parametrize("sample_rate_hz", [None, 22050])
def test_a_click_is_where_a_player_plays_it(tmp_path, name, sample_rate_hz):
    audio = load_audio(write(tmp_path / name, click()), sample_rate_hz=sample_rate_hz)
    assert np.argmax(np.abs(audio.samples)) / audio.sample_rate_hz == pytest.approx(1.0, abs=1e-3)


@pytest.mark.parametrize("name", ["a.mkv", "a.webm"])
def test_a_click_in_opus(tmp_path, name):
    audio = load_audio(write(tmp_path / name, click(rate=48000), rate=48000), sample_rate_hz=48000)
    assert np.argmax(np.abs(audio.samples)) / 48000 == pytest.approx(1.0, abs=1e-3)


def test_length_is_that_of_the_source(tmp_path):
    for name in ("a.wav", "a.flac"):
        assert load_audio(write(tmp_path / name, click(2.0))).duration_s == pytest.approx(2.0, abs=1e-3)
    assert load_audio(write(tmp_path / "a.mp3", click(2.0))).duration_s == pytest.approx(2.0, abs=1 / 60)


def test_a_range_equals_the_same_part_of_the_whole(tmp_path):
    path = write(tmp_path / "a.flac", click(3.0, 1.5))
    part = load_audio(path, start_s=1.0, duration_s=1.0, sample_rate_hz=None)
    whole = load_audio(path, sample_rate_hz=None)
    assert np.allclose(part.samples, whole.samples[RATE:2 * RATE], atol=1e-6)
    assert part.source_s == pytest.approx(3.0, abs=1e-3) and not part.warnings


def test_mix_down_cannot_clip_and_a_channel_can_be_chosen(tmp_path):
    left, right = np.full(RATE, 1.0, np.float32), np.full(RATE, 0.5, np.float32)
    left[::2], right[::2] = -1.0, 0.5
    path = write(tmp_path / "a.wav", np.stack([left, right]), layout="stereo")
    assert np.abs(load_audio(path, sample_rate_hz=None).samples).max() <= 1.0
    assert load_audio(path, sample_rate_hz=None, channel=1).samples[100:-100] == pytest.approx(0.5, abs=1e-3)
    with pytest.raises(AudioError, match="2 channels"):
        load_audio(path, channel=2)


def test_stereo_out_of_phase_is_silence_and_says_so(tmp_path):
    tone = np.sin(np.arange(RATE) / 20).astype(np.float32)
    audio = load_audio(write(tmp_path / "a.wav", np.stack([tone, -tone]), layout="stereo"))
    assert np.abs(audio.samples).max() < 1e-3


def test_six_channels(tmp_path):
    with wave.open(str(tmp_path / "a.wav"), "wb") as out:
        out.setnchannels(6), out.setsampwidth(2), out.setframerate(RATE)
        out.writeframes(np.repeat(np.arange(RATE) % 2000, 6).astype("<i2").tobytes())
    assert load_audio(tmp_path / "a.wav").duration_s == pytest.approx(1.0, abs=1e-3)


ODD_NAMES = ["two words.wav", "Ü😀.wav", "100%d#.wav", "-dash.wav", "a:b.wav", "pipe|.wav", "new\nline.wav"]


@pytest.mark.parametrize("name", ODD_NAMES)
def test_odd_names_work(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "plain.wav", click()).rename(name)
    assert load_audio(name).duration_s == pytest.approx(2.0, abs=1e-3)


def test_a_name_that_is_no_unicode_works(tmp_path):
    path = os.fsencode(tmp_path) + b"/\xff.wav"
    os.rename(write(tmp_path / "plain.wav", click()), path)  # noqa: PTH104 - pathlib knows no bytes
    assert load_audio(path).duration_s == pytest.approx(2.0, abs=1e-3)


REFUSED = {
    "empty.wav": (b"", "is empty"),
    "header.wav": (riff(b""), "no audio"),
    "start.wav": (riff(b"")[:12], "'start.wav'"),
    "page.wav": (b"<!DOCTYPE html><html><body>404</body></html>", "web page"),
    "text.mp3": (b"I am no sound at all.\n" * 9, "text file"),
    "list.mp3": (b"ffconcat version 1.0\nfile other.wav\n", "playlist"),
    "hls.mp3": (b"#EXTM3U\n#EXTINF:1,\nhttp://x/y.ts\n", "playlist"),
    "sdp.mp3": (b"v=0\no=- 0 0 IN IP4 127.0.0.1\n", "playlist"),
    "dash.mp3": (b"<?xml version='1.0'?><MPD></MPD>", "playlist"),
    "lfs.wav": (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "git lfs pull"),
    "random.mp3": (np.random.default_rng(1).bytes(5000), "not audio"),
    "zeros.ogg": (bytes(5000), "not audio"),
    "frames.mp3": (b"\xff\xfb\x90\x00" + np.random.default_rng(2).bytes(300), "'frames.mp3'"),
    "ogg.ogg": (b"OggS" + np.random.default_rng(3).bytes(3000), "'ogg.ogg'"),
    "flac.flac": (b"fLaC" + np.random.default_rng(3).bytes(3000), "'flac.flac'"),
    "mov.m4a": (b"\0\0\0\x18ftypM4A " + np.random.default_rng(3).bytes(3000), "'mov.m4a'"),
    "mkv.mkv": (b"\x1aE\xdf\xa3" + np.random.default_rng(3).bytes(3000), "'mkv.mkv'"),
    "rate0.wav": (riff(noise(), rate=0), "'rate0.wav'"),
    "rate1.wav": (riff(noise(), rate=1), "1 samples per second"),
    "ratemax.wav": (riff(noise(), rate=2**32 - 1), "'ratemax.wav'"),
    "channels0.wav": (riff(noise(), channels=0, align=2), "'channels0.wav'"),
    "channels65535.wav": (riff(noise(), channels=65535, align=2), "'channels65535.wav'"),
    "bits0.wav": (riff(noise(), bits=0, align=2), "'bits0.wav'"),
    "bits33.wav": (riff(noise(), bits=33, align=4), "'bits33.wav'"),
    "unknown.wav": (riff(noise(), tag=0x1234), "'unknown.wav'"),
    "nan.wav": (riff(np.full(RATE, np.nan, "<f4").tobytes(), bits=32, tag=3), "not numbers"),
    "inf.wav": (riff(np.full(RATE, np.inf, "<f4").tobytes(), bits=32, tag=3), "not numbers"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_with_one_sentence(tmp_path, name):
    body, says = REFUSED[name]
    (tmp_path / name).write_bytes(body)
    (tmp_path / "other.wav").write_bytes(riff(noise()))
    with pytest.raises(AudioError) as refusal:
        load_audio(tmp_path / name)
    assert says in str(refusal.value)
    assert "\n" not in str(refusal.value) and str(tmp_path) not in str(refusal.value)


ACCEPTED = {
    "one.wav": riff(noise(1)),
    "five.wav": riff(noise(5)),
    "lies4gb.wav": riff(noise(), data_bytes=0xFFFFFFF0),
    "odd.wav": riff(noise() + b"\1"),
    "low.wav": riff(noise(8000), rate=8000),
    "high.wav": riff(noise(192000), rate=192000),
    "bits8.wav": riff(bytes(range(256)) * 99, bits=8),
    "bits24.wav": riff(bytes(range(256)) * 99, bits=24),
    "denormal.wav": riff(np.full(RATE, 1e-42, "<f4").tobytes(), bits=32, tag=3),
    "huge.wav": riff((np.sin(np.arange(RATE)) * 1e38).astype("<f4").tobytes(), bits=32, tag=3),
    "square.wav": riff(np.where(np.arange(RATE) % 100 < 50, 32767, -32768).astype("<i2").tobytes()),
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_accepted_and_finite(tmp_path, name):
    (tmp_path / name).write_bytes(ACCEPTED[name])
    audio = load_audio(tmp_path / name)
    assert len(audio.samples) and np.isfinite(audio.samples).all() and np.abs(audio.samples).max() <= 4.0


def test_a_few_broken_values_are_silenced_and_told(tmp_path):
    samples = np.zeros(RATE, "<f4")
    samples[::100], samples[500:510] = 0.5, np.nan
    (tmp_path / "a.wav").write_bytes(riff(samples.tobytes(), bits=32, tag=3))
    audio = load_audio(tmp_path / "a.wav", sample_rate_hz=None)
    assert np.isfinite(audio.samples).all() and "10 values" in audio.warnings[0]


@pytest.mark.parametrize("value", [0, 5000])
def test_silence_and_dc_are_accepted_and_told(tmp_path, value):
    (tmp_path / "a.wav").write_bytes(riff(np.full(RATE, value, "<i2").tobytes()))
    assert "silent" in load_audio(tmp_path / "a.wav", sample_rate_hz=None).warnings[0]


@pytest.mark.parametrize("name", ["a.wav", "a.flac", "a.mp3", "a.ogg"])
def test_a_cut_file_gives_what_is_there(tmp_path, name):
    samples = (np.random.default_rng(0).normal(size=4 * RATE) * 0.1).astype(np.float32)
    whole = write(tmp_path / name, samples).read_bytes()
    (tmp_path / name).write_bytes(whole[: len(whole) // 2])
    audio = load_audio(tmp_path / name)
    assert 0.5 < audio.duration_s < 3.0
    assert "cut" in audio.warnings[0]


def test_a_cut_m4a_is_refused_or_shorter(tmp_path):
    whole = write(tmp_path / "a.m4a", click(4.0)).read_bytes()
    (tmp_path / "a.m4a").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(AudioError):
        load_audio(tmp_path / "a.m4a")


def test_a_video_without_sound(tmp_path):
    with av.open(str(tmp_path / "a.mp4"), "w") as out:
        stream = out.add_stream("mpeg4", rate=10)
        stream.width = stream.height = 64
        for _ in range(5):
            out.mux(stream.encode(av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), "rgb24")))
        out.mux(stream.encode(None))
    with pytest.raises(AudioError, match="this video has no sound"):
        load_audio(tmp_path / "a.mp4")


def test_what_is_no_file(tmp_path):
    with pytest.raises(AudioError, match="not there"):
        load_audio(tmp_path / "missing.wav")
    with pytest.raises(AudioError, match="not a file"):
        load_audio(tmp_path)
    os.mkfifo(tmp_path / "pipe.wav")
    with pytest.raises(AudioError, match="not a file"):
        load_audio(tmp_path / "pipe.wav")
    (tmp_path / "loop.wav").symlink_to(tmp_path / "loop.wav")
    with pytest.raises(AudioError, match="cannot be opened"):
        load_audio(tmp_path / "loop.wav")


def test_ranges_that_are_none(tmp_path):
    path = write(tmp_path / "a.wav", click())
    nan = float("nan")
    for bad in ({"start_s": -1}, {"duration_s": 0}, {"duration_s": nan}, {"sample_rate_hz": 0}, {"start_s": 5}):
        with pytest.raises(AudioError):
            load_audio(path, **bad)


def test_a_late_track_stays_in_sync(tmp_path):
    """Sound that starts half a second after the picture: the gap is silence."""
    with av.open(str(tmp_path / "a.mkv"), "w") as out:
        video, sound = out.add_stream("mpeg4", rate=10), out.add_stream("flac", rate=RATE, layout="mono")
        video.width = video.height = 64
        for k in range(20):
            picture = av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), "rgb24")
            picture.pts = k
            out.mux(video.encode(picture))
        frame = av.AudioFrame.from_ndarray((click(1.0, 0.25) * 32767).astype(np.int16)[None], "s16", "mono")
        frame.sample_rate, frame.pts = RATE, RATE // 2
        out.mux(sound.encode(frame))
        out.mux(video.encode(None))
        out.mux(sound.encode(None))
    audio = load_audio(tmp_path / "a.mkv")
    assert np.argmax(np.abs(audio.samples)) / audio.sample_rate_hz == pytest.approx(0.75, abs=2e-3)


def test_a_sound_for_which_there_is_no_memory_is_not_called_damaged(tmp_path, monkeypatch):
    def no_room(capacity):
        raise MemoryError

    path = write(tmp_path / "a.wav", click())
    monkeypatch.setattr(decode, "_Growing", no_room)
    with pytest.raises(MemoryShortage, match="choose a range"):
        load_audio(path)

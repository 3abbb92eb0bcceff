"""Features of signals one can reason about, and of twenty seconds whose every fact is known."""

import json

import numpy as np
import pytest
import soundfile

from ganreact_core.audio import Audio, analyze, feature_summary, load_audio, plot_features
from ganreact_core.audio.variation import alphas
from ganreact_core.errors import UsageError
from ganreact_core.features import load_features, save_features

RATE = 22050


def sound(samples, rate=RATE):
    return Audio(np.asarray(samples, np.float32), rate, len(samples) / rate)


def tone(hz, seconds=3.0, rate=RATE):
    return 0.5 * np.sin(2 * np.pi * hz * np.arange(int(seconds * rate)) / rate)


def clicks(times_s, seconds, rate=RATE):
    samples = np.zeros(int(seconds * rate))
    samples[(np.asarray(times_s) * rate).astype(int)] = 0.9
    return samples


def f_measure(found, known, tolerance_s):
    """Harmonic mean of precision and recall, each known event matched once."""
    hits, left = 0, sorted(found)
    for t in known:
        near = [x for x in left if abs(x - t) <= tolerance_s]
        if near:
            left.remove(min(near, key=lambda x: abs(x - t)))
            hits += 1
    return 2 * hits / max(1, len(found) + len(known))


@pytest.fixture(scope="module")
def excerpt(data):
    facts = json.loads((data / "audio" / "known_excerpt.json").read_text())
    return analyze(load_audio(data / "audio" / "known_excerpt.ogg")), facts


def test_all_features_are_finite_and_of_one_length(excerpt):
    found, _ = excerpt
    assert set(found.features) >= {"chroma", "onset", "percussive", "kick", "snare", "hat", "bass", "rms", "loudness",
                                   "centroid", "flatness", "bands", "contrast", "pitch", "bass_chroma", "rest_chroma",
                                   "bass_rms", "rest_rms", "variation"}
    assert {len(a) for a in found.features.values()} == {found.n_hops}
    assert all(a.dtype == np.float32 and np.isfinite(a).all() for a in found.features.values())
    assert found.n_hops == pytest.approx(found.duration_s * found.hop_rate_hz, abs=1.5)
    assert found.features["chroma"].shape[1] == 12 and found.features["bands"].shape[1] == 24


@pytest.mark.parametrize("value", [0.0, 0.25])
def test_silence_is_zero_everywhere(value):
    found = analyze(sound(np.full(3 * RATE, value)))
    assert all(not a.any() for a in found.features.values())
    assert found.tempo_bpm == 0 and all(not len(times) for name, times in found.events.items() if name != "sections")


def test_silence_within_a_track_is_zero_there():
    found = analyze(sound(np.concatenate([np.zeros(RATE), tone(440, 1.0), np.zeros(RATE)])))
    quiet = slice(0, int(0.7 * found.hop_rate_hz))
    for name, a in found.features.items():
        assert np.abs(a[quiet]).max() == 0, name


@pytest.mark.parametrize("n", [1, 5, 300, 5000])
def test_the_shortest_sounds(n):
    found = analyze(sound(np.random.default_rng(0).normal(size=n) * 0.1))
    assert found.n_hops >= 1 and all(np.isfinite(a).all() for a in found.features.values())


@pytest.mark.parametrize("at_s", [0.5, 1.003, 2.7])
def test_a_click_peaks_at_its_hop(at_s):
    found = analyze(sound(clicks([at_s], 4.0)))
    for name in ("onset", "percussive", "rms", "loudness"):
        assert np.argmax(found.features[name]) == pytest.approx(at_s * found.hop_rate_hz, abs=1), name
    onset = found.features["onset"]
    assert (onset > 0.5 * onset.max()).sum() <= 3


@pytest.mark.parametrize("rate", [8000, 44100, 192000])
def test_other_sample_rates_give_the_same_seconds(rate):
    found = analyze(sound(clicks([1.5], 3.0, rate), rate))
    assert np.argmax(found.features["onset"]) / found.hop_rate_hz == pytest.approx(1.5, abs=1.1 / found.hop_rate_hz)


def test_bands_above_the_nyquist_frequency_are_absent():
    bands = analyze(sound(np.random.default_rng(0).normal(size=16000) * 0.1, 8000)).features["bands"]
    assert bands[:, -3:].max() < 1e-3 * bands.max() and bands[:, :10].any(axis=0).all()


@pytest.mark.parametrize(("hz", "pitch_class"), [(440.0, 9), (261.63, 0), (110.0, 9), (1318.5, 4), (98.0, 7)])
def test_a_tone_lights_one_pitch_class(hz, pitch_class):
    chroma = analyze(sound(tone(hz))).features["chroma"].mean(axis=0)
    assert np.argmax(chroma) == pitch_class
    assert np.sort(chroma)[-2] < 0.1 * chroma.max()


def test_a_tone_tuned_a_quarter_flat_still_lights_one():
    chroma = analyze(sound(tone(440 * 2 ** (-0.4 / 12)))).features["chroma"].mean(axis=0)
    assert np.argmax(chroma) == 9 and np.sort(chroma)[-2] < 0.1 * chroma.max()


def test_centroid_flatness_and_bands_of_a_tone_and_of_noise():
    pure = analyze(sound(tone(1000))).features
    hiss = analyze(sound(np.random.default_rng(0).normal(size=3 * RATE) * 0.1)).features
    middle = slice(50, 200)
    assert pure["centroid"][middle] == pytest.approx(1000, rel=0.02)
    assert hiss["centroid"][middle].mean() == pytest.approx(RATE / 4, rel=0.05)
    assert pure["flatness"][middle].max() < 0.01 and hiss["flatness"][middle].mean() > 0.4
    assert np.geomspace(40, 10_000, 24)[np.argmax(pure["bands"][100])] == pytest.approx(1000, rel=0.15)


def test_rms_of_a_ramp_is_a_ramp():
    ramp = np.linspace(0, 1, 4 * RATE) * np.sign(np.sin(np.arange(4 * RATE)))
    rms = analyze(sound(ramp)).features["rms"][20:-20]
    assert rms == pytest.approx(np.linspace(0, 1, len(rms) + 40)[20:-20], abs=0.02)


def test_a_metronome_gives_its_tempo_and_beats():
    times = np.arange(0.3, 30, 60 / 97)
    found = analyze(sound(clicks(times, 30.5)))
    assert found.tempo_bpm == pytest.approx(97, rel=0.01)
    assert f_measure(found.events["beats"], times, 0.03) > 0.97


def test_gain_changes_no_event(excerpt, data):
    audio = load_audio(data / "audio" / "known_excerpt.ogg")
    quiet = analyze(Audio(audio.samples * np.float32(0.1), audio.sample_rate_hz))
    for name in ("beats", "downbeats", "kick", "snare", "hat"):
        assert f_measure(quiet.events[name], excerpt[0].events[name], 0.02) > 0.99, name


def test_the_excerpt_is_heard(excerpt):
    found, facts = excerpt
    assert found.tempo_bpm == pytest.approx(facts["bpm"], rel=0.005)
    assert f_measure(found.events["beats"], facts["beats"], 0.07) >= 0.97
    assert f_measure(found.events["downbeats"], facts["downbeats"], 0.07) >= 0.9
    assert f_measure(found.events["hat"], facts["hats"], 0.05) >= 0.9


def test_drums_and_bass_of_the_excerpt(excerpt):
    found, facts = excerpt
    assert f_measure(found.events["kick"], facts["kicks"], 0.05) >= 0.9
    assert f_measure(found.events["snare"], facts["snares"], 0.05) >= 0.75
    notes = [n for n in facts["bass_notes"] if n["end"] - n["start"] > 0.1]
    spans = [slice(int(n["start"] * found.hop_rate_hz), int(n["end"] * found.hop_rate_hz)) for n in notes]
    right = [np.argmax(found.features["bass_chroma"][s].mean(axis=0)) == n["midi"] % 12
             for n, s in zip(notes, spans, strict=True)]
    assert np.mean(right) >= 0.9


def test_sections_cover_the_sound_in_order(excerpt):
    found, _ = excerpt
    spans = found.events["sections"]
    assert spans[0, 0] == 0 and spans[-1, 1] == pytest.approx(found.duration_s)
    assert np.array_equal(spans[1:, 0], spans[:-1, 1]) and spans[0, 2] == 0


def test_repeated_sections_share_a_label():
    rng = np.random.default_rng(0)
    beat = RATE // 2
    low = np.concatenate([tone(220, 0.5) * np.exp(-np.arange(beat) / 4000) for _ in range(32)])
    high = np.concatenate([tone(hz, 0.5) + rng.normal(size=beat) * 0.05 for hz in (660, 990) * 16])
    spans = analyze(sound(np.concatenate([low, high, low, high]))).events["sections"]
    assert list(spans[:, 2]) == [0, 1, 0, 1]
    assert spans[1:, 0] == pytest.approx([16, 32, 48], abs=2)


def test_the_melody_is_followed():
    line = np.concatenate([tone(hz, 1.0) for hz in (440.0, 523.25, 349.23)])
    pitch = analyze(sound(line)).features["pitch"]
    middles = [int((k + 0.5) * len(pitch) / 3) for k in range(3)]
    assert list(pitch[middles]) == [69, 72, 65]


def test_a_stem_replaces_what_the_mix_says(excerpt):
    mix = sound(np.random.default_rng(0).normal(size=4 * RATE) * 0.05)
    stem = sound(clicks([0.5, 1.5, 2.5], 3.0, 44100), 44100)
    found = analyze(mix, stems={"kick": stem})
    assert found.events["kick"] == pytest.approx([0.5, 1.5, 2.5], abs=0.012)
    assert len(found.features["kick"]) == found.n_hops
    bass = analyze(mix, stems={"bass": sound(tone(82.4, 4.0))}).features
    assert np.argmax(bass["bass_chroma"].mean(axis=0)) == 4 and bass["bass_rms"][150] == pytest.approx(0.354, abs=0.02)
    with pytest.raises(UsageError, match="kick, snare, hat, bass, rest"):
        analyze(mix, stems={"cello": stem})


def test_inflections_lie_where_the_music_turns():
    rng = np.random.default_rng(0)
    level = 0.02 + 0.4 * np.sin(np.pi * np.arange(18 * RATE) / RATE / 6) ** 2
    found = analyze(sound(rng.normal(size=len(level)) * level))
    turns, curve = found.events["inflections"], found.features["variation"]
    assert all(np.abs(turns - t).min() < 1.0 for t in (3, 6, 9, 12, 15))
    assert curve.max() == pytest.approx(1, abs=0.02) and curve.min() >= 0
    at = [curve[round(t * found.hop_rate_hz)] for t in (3, 6, 9, 12, 15)]
    assert min(at[::2]) > 0.6 and max(at[1::2]) < 0.3


def test_alphas_rise_from_one_inflection_to_the_next(excerpt):
    found, _ = excerpt
    ramps, turns = alphas(found), np.round(found.events["inflections"] * found.hop_rate_hz).astype(int)
    assert len(turns) and len(ramps) == found.n_hops and ramps.min() >= 0
    assert ramps[[*(turns - 1), -1]] == pytest.approx(1, abs=1e-6)
    assert set(np.flatnonzero(np.diff(ramps) < 0) + 1) == set(turns)


def test_chords_of_the_excerpt(excerpt):
    found, facts = excerpt
    overlaps = []
    for chord in facts["chords"]:
        span = found.features["chroma"][int(chord["start"] * found.hop_rate_hz):int(chord["end"] * found.hop_rate_hz)]
        n = len(chord["pitch_classes"])
        overlaps.append(len(set(np.argsort(-span.mean(axis=0))[:n]) & set(chord["pitch_classes"])) / n)
    assert np.mean(overlaps) >= 0.85


def test_progress_rises_to_one():
    told = []
    analyze(sound(tone(440, 1.0)), lambda share, stage: told.append((share, stage)))
    shares = [share for share, _ in told]
    assert shares == sorted(shares) and shares[-1] == 1.0 and all(stage for _, stage in told)


def test_saved_and_read_again(excerpt, tmp_path):
    save_features(tmp_path / "f.npz", excerpt[0])
    again = load_features(tmp_path / "f.npz")
    assert all(np.array_equal(again.features[k], a) for k, a in excerpt[0].features.items())
    assert all(np.array_equal(again.events[k], a) for k, a in excerpt[0].events.items())


def test_the_summary_is_plain_json(excerpt):
    summary = json.loads(json.dumps(feature_summary(excerpt[0])))
    assert set(summary) == {"duration", "tempo_bpm", "beats", "downbeats", "onsets", "sections", "inflections", "features"}
    assert summary["duration"] == pytest.approx(20, abs=0.1) and set(summary["onsets"]) == {"kick", "snare", "hat", "bass"}
    assert summary["features"]["chroma"] == [excerpt[0].n_hops, 12]


def test_the_picture_is_1600_by_900(excerpt, tmp_path):
    from PIL import Image

    plot_features(excerpt[0], tmp_path / "f.png", title="excerpt")
    assert Image.open(tmp_path / "f.png").size == (1600, 900)
    plot_features(analyze(sound(np.zeros(100))), tmp_path / "silent.png")
    assert Image.open(tmp_path / "silent.png").size == (1600, 900)


def test_a_title_stays_clear_of_what_was_counted_whatever_its_length_and_letters(excerpt):
    from matplotlib.figure import Figure

    from ganreact_core.audio.plot import _heading

    for title, shown in (("Airship", "Airship"), ("x" * 300, "…"), ("price: $5 or $6", "$5 or $6"), ("夜の曲", "What the music does")):
        figure = Figure(figsize=(16, 9), dpi=100)
        _heading(figure, excerpt[0], title)
        counted, named = figure.texts
        assert named.get_text().endswith(shown) and named.get_window_extent().x1 < counted.get_window_extent().x0


def test_onset_strengths_in_blocks_equal_the_whole(excerpt, data, monkeypatch):
    from ganreact_core.audio import onsets
    from ganreact_core.audio.spectra import grid_for

    samples = load_audio(data / "audio" / "known_excerpt.ogg", duration_s=6.0).samples
    grid = grid_for(len(samples), RATE)
    levels = onsets.band_levels(samples, grid)
    whole = onsets.onset_strengths(*levels, grid)
    monkeypatch.setattr(onsets, "_BLOCK", 100)
    for name, a in onsets.onset_strengths(*levels, grid).items():
        assert np.allclose(a, whole[name], atol=1e-6), name


@pytest.mark.parametrize("change", ["mp3", "noise"])
def test_coding_and_noise_leave_the_events(excerpt, data, tmp_path, change):
    audio = load_audio(data / "audio" / "known_excerpt.ogg")
    samples = audio.samples + np.random.default_rng(0).normal(size=len(audio.samples)).astype(np.float32) * 3e-3
    if change == "mp3":
        soundfile.write(tmp_path / "a.mp3", audio.samples, RATE, format="MP3")
        samples = load_audio(tmp_path / "a.mp3").samples
    found = analyze(sound(samples))
    for name in ("beats", "downbeats", "kick", "snare", "hat"):
        assert f_measure(found.events[name], excerpt[0].events[name], 0.03) > 0.93, name


@pytest.mark.parametrize(("bpm", "kicks", "snares"), [(168, "x.........x.....", "....x.......x..."), (84, "x.........x.....", "....x.......x..."),
                                                      (174, "x...x...x...x...", "....x.......x..."), (72, "x.......x.x.....", "....x.......x...")])
def test_a_fast_beat_is_not_heard_at_half_its_tempo_nor_a_slow_one_at_twice(bpm, kicks, snares):
    noise, t, step = np.random.default_rng(0).normal(size=4000), np.arange(4000) / 22050, 15 / bpm
    drums = {"kick": 0.9 * np.sin(2 * np.pi * (50 * t - 1.2 * np.exp(-t / 0.02))) * np.exp(-t / 0.09),
             "snare": (0.5 * noise + 0.3 * np.sin(2 * np.pi * 190 * t)) * np.exp(-t / 0.05),
             "hat": 0.2 * np.diff(noise, prepend=0) * np.exp(-t / 0.02)}
    bar, clock = 16 * step, np.arange(20 * 22050) / 22050
    roots = np.array([0, 9, 5, 7])[(clock / bar).astype(int) % 4]
    chords = sum(0.05 * np.sin(2 * np.pi * 220 * 2 ** ((roots + third) / 12) * (clock % bar)) for third in (0, 4, 7))
    samples = np.pad(chords, (0, 4000))
    for k in range(int(20 / step)):
        start = int(k * step * 22050)
        for name, row in (("kick", kicks), ("snare", snares), ("hat", "x.x.x.x.x.x.x.x.")):
            samples[start:start + 4000] += drums[name] * (row[k % 16] == "x")
    assert analyze(Audio((samples / 2).astype(np.float32), 22050)).tempo_bpm == pytest.approx(bpm, rel=0.03)


def test_an_intro_without_a_beat_is_a_section_of_its_own():
    beat, t, noise = 60 / 93, np.arange(int(0.2 * RATE)) / RATE, np.random.default_rng(0).normal(size=RATE)
    samples = 0.02 * np.sin(2 * np.pi * 220 * np.arange(int(44 * RATE)) / RATE)
    for n in range(round(20 / beat), int(43 / beat)):
        at = round(n * beat * RATE)
        stroke = 0.8 * np.exp(-18 * t) * np.sin(2 * np.pi * 55 * t) if n % 3 == 0 else 0.2 * np.exp(-40 * t) * noise[:len(t)]
        samples[at:at + len(t)] += stroke
    spans = analyze(sound(samples)).events["sections"]
    assert len(spans) == 2 and abs(spans[1, 0] - 20) < 2 * beat

"""The flash watch counts what the guideline counts, and the limiter leaves no more than that."""

import numpy as np
import pytest

from ganreact_core.flashes import FlashLimiter, FlashWatch, RenderWatch, flashing

FPS = 24.0


def film(rate_hz, *, low=40, high=200, area=1.0, seconds=3.0):
    """A square wave between two greys over a part of the picture: rate_hz flashes, dark and bright again, a second."""
    for n in range(round(seconds * FPS)):
        picture = np.full((96, 96, 3), 90, np.uint8)
        picture[:, :round(96 * area)] = high if (n / FPS * rate_hz) % 1.0 < 0.5 else low
        yield picture


def most(pictures):
    watch = FlashWatch(FPS)
    return max(watch.see(picture) for picture in pictures)


@pytest.mark.parametrize("rate_hz", [1, 2, 3, 4, 6, 8])
def test_flashes_are_counted(rate_hz):
    assert most(film(rate_hz)) == pytest.approx(rate_hz, abs=0.5)


@pytest.mark.parametrize(("kind", "dangerous"), [({}, True), ({"area": 0.2}, False), ({"area": 0.3}, True), ({"low": 60, "high": 80}, False),
                                                 ({"low": 235, "high": 255}, False), ({"seconds": 0.4}, False)])
def test_small_faint_bright_or_short_ones_are_none(kind, dangerous):
    assert (most(film(6, **kind)) > 3) == dangerous


@pytest.mark.parametrize(("low", "high", "dangerous"), [((0, 0, 0), (255, 0, 0), True), ((0, 0, 0), (0, 0, 255), False),
                                                        ((255, 0, 0), (255, 255, 255), True), ((0, 255, 0), (255, 255, 255), True),
                                                        ((255, 255, 0), (255, 255, 255), False), ((255, 0, 0), (0, 0, 255), True),
                                                        ((255, 0, 255), (255, 0, 0), False)])
def test_colours_count_by_their_luminance(low, high, dangerous):
    """Red is 0.21 of white, green 0.72 and blue 0.07: two that are bright, or nearly as bright, do not flash."""
    assert (most(film(6, low=low, high=high)) > 3) == dangerous


def test_a_slow_rise_in_many_steps_is_one_change():
    rising = [np.full((48, 48, 3), level, np.uint8) for level in (*range(20, 240, 4), *range(240, 20, -4))]
    assert most(rising) == pytest.approx(1.0, abs=0.5)


def test_the_warning_says_where():
    watch = FlashWatch(FPS)
    seen = np.array([watch.see(p) for p in [*film(1, seconds=2), *film(8, seconds=2), *film(1, seconds=3)]])
    (found,) = flashing(seen, FPS)
    assert 1.0 < found.start_s < 2.0 and 4.0 <= found.end_s < 5.1 and found.flashes_per_second >= 7 and "seizures" in found.sentence()


@pytest.mark.parametrize("rate_hz", [2, 5, 8, 12])
def test_what_was_limited_flashes_no_more_than_allowed_and_what_was_calm_stays_as_it_is(rate_hz):
    limiter = FlashLimiter(FPS)
    limited = [limiter.limited(picture) for picture in film(rate_hz)]
    assert most(limited) <= 3
    untouched = all(np.array_equal(a, b) for a, b in zip(limited, film(rate_hz), strict=True))
    assert untouched == (rate_hz <= 3) == (limiter.held == 0)
    assert np.ptp([p[0, 0, 0] for p in limited]) > 100, "it does not go dark or still"


def test_any_size_of_picture_is_seen():
    rng = np.random.default_rng(0)
    for size in ((1, 1), (7, 300), (1080, 1920)):
        watch = FlashWatch(FPS)
        assert max(watch.see(rng.integers(0, 256, (*size, 3), np.uint8)) for _ in range(3)) <= 3


def test_a_render_is_watched_in_runs_and_told_in_seconds_from_the_first_frame():
    watch = RenderWatch(FPS, 101)
    for n, picture in enumerate(film(8)):
        watch.see(101 + 240 + n, picture)
    (said,) = watch.told()
    assert "8 flashes a second" in said and "from 10." in said and said.index("13.0 s") > 0
    apart = RenderWatch(FPS, 1)
    for n, picture in enumerate(film(8)):
        apart.see(1 + n + n // 6, picture.astype(np.uint16) << 8)
    assert not apart.told()
    deep = RenderWatch(FPS, 1)
    for n, picture in enumerate(film(8)):
        deep.see(1 + n, np.repeat(np.repeat(picture, 3, 0), 3, 1).astype(np.uint16) << 8)
    assert len(deep.told()) == 1

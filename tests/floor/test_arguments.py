"""Words of a command line: what people write is taken, what cannot be is told with the word in it."""

from argparse import ArgumentTypeError

import pytest

from ganreact_core.arguments import duration_of, ending_of, seconds_of, size_of


@pytest.mark.parametrize("text, size", [("1280x720", (1280, 720)), ("1280X720", (1280, 720)), ("1280×720", (1280, 720))])
def test_a_size_is_written_with_any_cross(text, size):
    assert size_of(text) == size


@pytest.mark.parametrize("text, seconds", [("72.5", 72.5), ("1:12.5", 72.5), ("0:05", 5.0), ("1:02:03", 3723.0)])
def test_a_moment_is_written_in_seconds_or_as_a_clock_shows_it(text, seconds):
    assert seconds_of(text) == duration_of(text) == seconds


@pytest.mark.parametrize("text", ["1:75", ":30", "1:", "1:2:3:4", "-1:00", "soon", "nan"])
def test_what_is_no_moment_is_told(text):
    with pytest.raises(ArgumentTypeError, match=f"'{text}' is no number of seconds"):
        seconds_of(text)


def test_the_name_of_a_file_tells_what_is_written():
    assert ending_of(".npz")("D.NPZ") == "D.NPZ"
    with pytest.raises(ArgumentTypeError, match=r"'d.txt' should end in \.npz, which is what is written"):
        ending_of(".npz")("there/d.txt")

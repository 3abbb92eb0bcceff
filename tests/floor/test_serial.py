"""JSON that people write by hand: what is wrong is told in words of JSON, not of Python."""

import pytest

from ganreact_core.errors import LookError
from ganreact_core.look import Look
from ganreact_core.routes import Route
from ganreact_core.serial import from_plain


@pytest.mark.parametrize("kind, plain, says", [
    (Route, {"envelope": "kick"}, "Route lacks 'id'; it has id, label, envelope"),
    (Route, {"id": "r", "label": "R", "envelope": "kick", "address": "a", "amount": "0,5"}, "'amount' should be a number, not '0,5'"),
    (Route, {"id": "r", "label": "R", "envelope": "kick", "address": "a", "mute": 1}, "'mute' should be true or false, not 1"),
    (Look, {"size": [512]}, r"'size' should be a list of 2 values, not \[512\]"),
    (Look, {"entries": {}}, "'entries' should be a list, not {}"),
    (Look, {"seed": 1.5}, "'seed' should be a whole number, not 1.5"),
    (Look, {"canvas": 3}, "canvas should be an object with mode"),
])
def test_a_field_that_is_wrong_is_named_in_plain_words(kind, plain, says):
    with pytest.raises(LookError, match=says):
        from_plain(kind, plain)

"""Listening with a memory: what was heard before in the same files, in the same way, is not heard again."""

from __future__ import annotations

from collections.abc import Callable

from ..caches import remembered
from ..features import FeatureSet, load_features, save_features
from ..listening import Listening

Advance = Callable[[float, str], None]


def listen(what: Listening, advance: Advance = lambda fraction, text: None) -> FeatureSet:
    """The feature set of a file, from the user's cache where these very files were heard before; raises InputFileError."""
    from ..audio import check, hear

    check(what)  # before the content is hashed: a file of a day must not be read to be refused
    return remembered(what.kept_at, load_features, lambda: hear(what, advance), save_features)

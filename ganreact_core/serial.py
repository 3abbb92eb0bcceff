"""Frozen dataclasses <-> plain JSON values, by their type hints. Strict: a strange field or type is an error, never a guess."""

from __future__ import annotations

import dataclasses
import json
import types
import typing
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar

from .errors import LookError

T = TypeVar("T")
_TEXT_LIMIT = 8 << 20
_LIST_LIMIT = 20_000
_NUMBER_LIMIT = 1e30
_PAGE_WIDTH = 160


class _Field(NamedTuple):
    """A field's name in Python, what it holds, and whether it has no default."""

    name: str
    hint: Any
    is_needed: bool


def to_plain(value: Any) -> Any:
    """A dataclass, with all it holds, as dicts, lists and scalars. A field named class_ becomes "class"."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name.rstrip("_"): to_plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, dict):
        return {key: to_plain(v) for key, v in value.items()}
    return [to_plain(v) for v in value] if isinstance(value, (list, tuple)) else value


def to_sparse(value: Any, whole: tuple[type, ...] = ()) -> Any:
    """The same without fields that are at their default, but for those of the dataclasses in `whole`."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name.rstrip("_"): to_sparse(getattr(value, f.name), whole) for f in dataclasses.fields(value)
                if isinstance(value, whole) or getattr(value, f.name) != _default(f)}
    if isinstance(value, dict):
        return {key: to_sparse(v, whole) for key, v in value.items()}
    return [to_sparse(v, whole) for v in value] if isinstance(value, (list, tuple)) else value


def to_page(plain: Any, indent: str = "") -> str:
    """JSON to be read and changed by hand: what fits into a line is one, so that a list of things is a table."""
    inside = list(plain.values()) if isinstance(plain, dict) else plain if isinstance(plain, list) else []
    flat = json.dumps(plain, ensure_ascii=False)
    if len(indent) + len(flat) <= _PAGE_WIDTH or not any(isinstance(v, (dict, list)) for v in inside):
        return flat
    names = [f"{json.dumps(key, ensure_ascii=False)}: " for key in plain] if isinstance(plain, dict) else [""] * len(plain)
    lines = [f"{indent} {name}{to_page(v, indent + ' ')}" for name, v in zip(names, inside, strict=True)]
    opening, closing = "{}" if isinstance(plain, dict) else "[]"
    return "\n".join([opening, ",\n".join(lines), f"{indent}{closing}"])


def from_plain(kind: type[T], plain: Any, where: str = "") -> T:
    """The dataclass `kind` of a plain dict; fields left out take their defaults. Raises LookError naming the field."""
    fields = _fields_of(typing.cast(type, kind))
    if not isinstance(plain, dict):
        raise LookError(f"{where or kind.__name__} should be an object with {', '.join(fields)}")
    strange = sorted(set(plain) - set(fields))
    if strange:
        raise LookError(f"{where or kind.__name__} has the unknown field '{strange[0]}'; known: {', '.join(fields)}")
    lacking = [name for name, field in fields.items() if field.is_needed and name not in plain]
    if lacking:
        raise LookError(f"{where or kind.__name__} lacks '{lacking[0]}'; it has {', '.join(fields)}")
    return kind(**{fields[name].name: _value(fields[name].hint, v, f"{where}.{name}".lstrip(".")) for name, v in plain.items()})


@lru_cache(maxsize=256)
def _fields_of(kind: type) -> dict[str, _Field]:
    """A dataclass's fields by their names in JSON. Hints are text that Python would read anew each time."""
    hints = typing.get_type_hints(kind)
    return {f.name.rstrip("_"): _Field(f.name, hints[f.name], f.default is f.default_factory is dataclasses.MISSING)
            for f in dataclasses.fields(kind)}


def parse_json(text: str | bytes, what: str) -> Any:
    """JSON with a cap on size; raises LookError naming `what`."""
    if len(text) > _TEXT_LIMIT:
        raise LookError(f"{what} is too large to be one ({len(text)} bytes); choose another file")
    try:
        return json.loads(text)
    except UnicodeDecodeError as cause:
        raise LookError(f"{what} is no JSON, nor any other text; choose another file") from cause
    except (ValueError, RecursionError) as cause:
        raise LookError(f"{what} is no JSON ({cause}); choose another file, or mend it") from cause


def _default(f: dataclasses.Field) -> Any:
    return f.default_factory() if f.default_factory is not dataclasses.MISSING else f.default


def _value(hint: Any, v: Any, where: str) -> Any:
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if isinstance(v, (list, dict)) and len(v) > _LIST_LIMIT:
        raise LookError(f"'{where}' has {len(v)} items; {_LIST_LIMIT} are the most")
    if origin in (typing.Union, types.UnionType):
        return None if v is None else _value(next(t for t in inner if t is not type(None)), v, where)
    if dataclasses.is_dataclass(hint):
        return from_plain(typing.cast(type, hint), v, where)
    if origin is tuple and isinstance(v, list):
        each = [inner[0]] * len(v) if inner[-1] is Ellipsis else list(inner)
        if len(each) == len(v):
            return tuple(_value(t, x, f"{where}[{n}]") for n, (t, x) in enumerate(zip(each, v, strict=True)))
    if origin is dict and isinstance(v, dict):
        return {str(k): _value(inner[1], x, f"{where}.{k}") for k, x in v.items()}
    return _scalar(hint, v, where)


def _scalar(hint: Any, v: Any, where: str) -> Any:
    if hint is float and isinstance(v, (int, float)) and not isinstance(v, bool) and abs(v) < _NUMBER_LIMIT:
        return float(v)
    if hint in (int, str, bool) and type(v) is hint and _is_sound(v):
        return v
    raise LookError(f"'{where}' should be {_in_words(hint)}, not {ascii(v)[:60]}")


def _in_words(hint: Any) -> str:
    """What a value of a type looks like in JSON."""
    inner = typing.get_args(hint)
    if typing.get_origin(hint) is tuple and Ellipsis not in inner:
        return f"a list of {len(inner)} values"
    words = {float: "a number", int: "a whole number", str: "a text", bool: "true or false", dict: "an object"}
    return words.get(typing.get_origin(hint) or hint, "a list")


def _is_sound(v: int | str | bool) -> bool:
    """An integer that numpy can hold, a text that can be written."""
    if isinstance(v, str):
        return v.isascii() or not any("\ud800" <= character <= "\udfff" for character in v)
    return abs(v) < 1 << 62

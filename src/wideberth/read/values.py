"""Python values, as JSON gives them → Polars columns, whatever stands among them.

A column of numbers stays one, a column of texts too; where kinds are mixed (an altitude that is at times
"ground") all become texts, to be read as numbers where they are such.  Lists and objects are unknown.

Polars reads JSON much faster than Python does, but makes a column for every name that occurs, of a type
that it must find out first: a file whose names are addresses would take all memory.  So the names and the
kinds of their values are looked for beforehand (`kinds`), and it is told which columns to read, and as what.
"""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING, Any

import polars as pl

from wideberth.read.rowwise import number

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

MOST_NAMES = 500  # a feed has some 60; what more different names say is not looked at
DEEPEST = 3  # objects within objects that names are looked for in
NESTED = "\0"  # between the names of an object and of what stands in it
LOOKED_AT_ONCE = 8 * 2**20
_HALF_CHARACTERS = re.compile("[\ud800-\udfff]")  # JSON can write half of a surrogate pair
_HALF_ESCAPED = re.compile(rb"\\u[dD][89a-fA-F]")  # and Polars makes NUL of it
_INT64 = range(-(2**63), 2**63)
_MEMBER = r'"[^"\\\n]{0,200}"\s*:\s*\S'
_LONGEST_MEMBER = 256
_KINDS = {"n": "null", "t": "flag", "f": "flag", '"': "text", "[": "list", "{": "object"}
_KINDS |= dict.fromkeys("-0123456789", "number")


def column(name: str, values: Sequence[Any]) -> pl.Series:
    """Return a column of values of any kind."""
    kinds = {type(value) for value in values}
    kinds.discard(type(None))
    if kinds <= {int} and all(value is None or value in _INT64 for value in values):
        return pl.Series(name, values, pl.Int64)
    if kinds <= {int, float}:
        return pl.Series(name, [None if value is None else number(value) for value in values], pl.Float64)
    if kinds == {bool}:
        return pl.Series(name, values, pl.Boolean)
    return pl.Series(name, [_text(value) for value in values], pl.String)


def _text(value: Any) -> str | None:
    if isinstance(value, str):
        return value if value.isascii() else _HALF_CHARACTERS.sub("\ufffd", value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value) if number(value) is not None else None


def flat(document: Mapping[str, Any], depth: int = 0) -> Iterator[tuple[str, Any]]:
    """Yield each name and value of an object, and those of objects within it with both names joined."""
    for name, value in document.items():
        if not isinstance(value, dict):
            yield name, value
        elif depth < DEEPEST:
            yield from ((name + NESTED + inner, each) for inner, each in flat(value, depth + 1))


def some(names: Iterable[str], known: Mapping[str, None] | None = None) -> dict[str, None]:
    """Return names that are known already and further ones, each once, at most `MOST_NAMES`."""
    return dict.fromkeys(itertools.islice(dict.fromkeys(itertools.chain(known or (), names)), MOST_NAMES))


def frame_of(rows: Sequence[Mapping[str, Any]], names: Iterable[str]) -> pl.DataFrame:
    """Return a table of some names of flat rows; what a row lacks is unknown."""
    columns = {_tidy(name): [row.get(name) for row in rows] for name in names}
    return pl.DataFrame([column(name, found) for name, found in columns.items()])


def _tidy(name: str) -> str:
    return name if name.isascii() else _HALF_CHARACTERS.sub("\ufffd", name)


# Before Polars reads JSON --------------------------------------------------------------------------


def text_of(content: bytes) -> str | None:
    """Return JSON text as Polars takes it: in UTF-8, and no half of a pair escaped; else None."""
    try:
        return None if _HALF_ESCAPED.search(content) else content.decode()
    except UnicodeDecodeError:
        return None


def kinds(text: str) -> dict[str, set[str]]:
    """Return each name in JSON text, whatever object it stands in, and of which kinds its values are.

    Kinds are number, text, flag, null, list, object, and for what JSON has not, other.  Names come in the
    order in which they occur.  (Polars finds them in half the time that ``re`` takes.)
    """
    members: dict[str, None] = {}
    for begin in range(0, len(text), LOOKED_AT_ONCE):  # pieces overlap by as much as a name may take
        piece = pl.Series([text[begin : begin + LOOKED_AT_ONCE + _LONGEST_MEMBER]])
        found = piece.str.extract_all(_MEMBER).explode().drop_nulls().unique(maintain_order=True)
        members |= dict.fromkeys(found.to_list())
    kinds: dict[str, set[str]] = {}
    for member in members:
        name = member[1 : member.index('"', 1)]
        kinds.setdefault(name, set()).add(_KINDS.get(member[-1], "other"))
    return kinds


def schema(names: Iterable[str], found: Mapping[str, set[str]]) -> dict[str, pl.DataType] | None:
    """Return which columns of flat JSON Polars is to read, and as what; None where it would misread one."""
    types: dict[str, pl.DataType] = {}
    for name in names:
        kind = found.get(name, set()) - {"null"}
        if kind & {"object", "other"} or (kind > {"list"}):
            return None
        if kind == {"number"}:
            types[name] = pl.Float64()
        elif kind == {"flag"}:
            types[name] = pl.Boolean()
        elif kind - {"list"}:
            types[name] = pl.String()
    return types or None


def unnested(frame: pl.DataFrame) -> pl.DataFrame:
    """Return a table with the columns of objects in place of each column that holds objects."""
    for _ in range(DEEPEST):
        nested = [name for name, kind in frame.schema.items() if isinstance(kind, pl.Struct)]
        if not nested:
            break
        inner = [
            frame[name].struct.field(key).alias(name + NESTED + key)
            for name in nested
            for key in (field.name for field in _fields(frame.schema[name]))
        ]
        frame = frame.drop(nested).with_columns(inner)
    return frame.with_columns(
        pl.lit(None, pl.String).alias(name)
        for name, kind in frame.schema.items()
        if kind.is_nested() or kind == pl.Null
    )


def _fields(kind: Any) -> list[pl.Field]:
    return list(kind.fields)

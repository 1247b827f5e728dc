"""What is whole in damaged JSON: each entry by itself."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Iterator

    from wideberth.read.batch import Rejects

MOST_BREAKS = 10_000  # places where a damaged file stops being JSON, before the rest is given up


def loaded(content: bytes, members: Callable[[list[tuple[str, Any]]], Any] | None = None) -> Any:
    """Return what a JSON text says, None where it is none (or null).

    Args:
        content: in UTF-8; what is none is replaced.
        members: makes an object of its names and values, where it is not the last of a name that counts.
    """
    try:
        return json.loads(content.decode("utf-8-sig", "replace"), object_pairs_hook=members)
    except (ValueError, RecursionError):
        return None


def first_counts(members: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object of its names and values; of one that has a name twice, what Polars makes of it."""
    made = dict(members)
    if len(made) < len(members):
        made.clear()
        for name, value in members:
            made.setdefault(name, value)
    return made


def whole_entries(
    text: str, begins: re.Pattern[str], source: str, rejects: Rejects, what: str = "row"
) -> Iterator[Any]:
    """Yield each entry that is JSON by itself, None for one that is not, which is counted.

    Args:
        text: of a file that is not JSON as a whole.
        begins: matches where an entry begins.
        source: in whose name breaks are counted.
        rejects: counts them.
        what: an entry is called, in the examples.
    """
    decoder = json.JSONDecoder()
    position = at = breaks = 0
    while breaks < MOST_BREAKS and (begin := begins.search(text, position)):
        try:
            entry, position = decoder.raw_decode(text, begin.start())
        except (ValueError, RecursionError):
            position = begin.end()
            breaks += 1
            beginning = text[begin.start() : begin.start() + 80]
            rejects.add(source, "damaged JSON", f"{what} {at}: {beginning!r}")
            entry = None
        yield entry
        at += 1
    say_how_it_ended(breaks, source, rejects)


def say_how_it_ended(breaks: int, source: str, rejects: Rejects) -> None:
    """Count the damage that lies in no entry, and the rest of a file that was given up."""
    if not breaks:  # every entry was whole, and still the file was not
        rejects.add(source, "damaged JSON", "between the entries, or the file ends early")
    if breaks >= MOST_BREAKS:
        rejects.add(source, "the rest of a file damaged throughout", f"given up after {breaks} breaks")


def shown(value: object) -> str:
    """Return the beginning of a JSON value as an example of it."""
    try:
        return repr(value)[:80]
    except (RecursionError, ValueError):  # ValueError: a number of more digits than Python writes out
        return f"a deeply nested {type(value).__name__}"

"""Rows parsed one by one in Python, handed over as batches: for formats that are no table.

Values arrive from files that may say anything, so each passes one of the functions here: what is
not of the expected kind becomes unknown, and nothing that a column cannot hold gets through.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

from wideberth.columns import INSTANT, TEXT, TRACK_COLUMNS
from wideberth.read.batch import Batch
from wideberth.units import MICROSECONDS_PER_SECOND

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import BinaryIO

    import polars as pl

BATCH_ROWS = 100_000
LAST_SECOND = 4_102_444_800  # 2100-01-01: no recording is younger, so a larger number is no Unix time
LONGEST_TEXT = 64  # callsigns have 8 characters; a track's name in GPX may be a sentence
_HALF_CHARACTERS = re.compile("[\ud800-\udfff]")  # JSON can write half of a surrogate pair


def number(value: object) -> float | None:
    """Return a finite number as it is; None for texts, booleans, NaN, and what float cannot hold."""
    if type(value) is float:
        return value if math.isfinite(value) else None
    if type(value) is int:
        return float(value) if abs(value) < 1e300 else None
    return None


def numeral(text: str) -> float | None:
    """Return the finite number that a text is, None where it is empty or no number."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def level(value: object) -> int | None:
    """Return a small whole number such as a NIC; None for anything else."""
    found = number(value)
    return int(found) if found is not None and 0 <= found <= 100 and found == int(found) else None


def label(value: object) -> str | None:
    """Return a text without surrounding blanks, at most 64 characters; None where nothing is left."""
    if not isinstance(value, str):
        return None
    return _HALF_CHARACTERS.sub("\ufffd", value.strip()[:LONGEST_TEXT]) or None


def instant_us(seconds: float | None) -> int | None:
    """Return Unix seconds as whole microseconds; None outside 1970 to 2100."""
    if seconds is None or not 0 < seconds < LAST_SECOND:
        return None
    return round(seconds * MICROSECONDS_PER_SECOND)


def lines(stream: BinaryIO, longest: int) -> Iterator[tuple[int, bytes]]:
    """Return each line with its number, counted from 0; the rest of one above ``longest`` bytes is skipped.

    A skipped line is returned cut, with ``longest`` bytes, so that its reader rejects it.
    """
    at = 0
    while line := stream.readline(longest):
        piece = line
        while not piece.endswith(b"\n") and len(piece) == longest:
            piece = stream.readline(longest)
        yield at, line
        at += 1


class Rows:
    """Collects rows of one source, each a tuple in the order of ``names``, until a batch is full."""

    def __init__(self, source: str, names: Sequence[str]) -> None:
        self._source = source
        self._names = names
        self._rows: list[tuple[Any, ...]] = []
        self.add = self._rows.append

    def is_full(self) -> bool:
        """Tell whether it is time to hand over what was collected."""
        return len(self._rows) >= BATCH_ROWS

    def taken(self) -> Iterator[Batch]:
        """Hand over what was collected, as one batch or none, and begin anew."""
        if not self._rows:
            return
        import polars as pl

        columns = [
            pl.Series(name, values, _polars_type(name)).cast(pl.Datetime("us", "UTC"))
            if name == "t"
            else pl.Series(name, values, _polars_type(name))
            for name, values in zip(self._names, zip(*self._rows, strict=True), strict=True)
        ]
        self._rows.clear()
        yield Batch(pl.DataFrame(columns), self._source)


def _polars_type(name: str) -> type[pl.DataType]:
    import polars as pl

    kind = TRACK_COLUMNS[name].type
    if kind == INSTANT:
        return pl.Int64
    if kind == TEXT:
        return pl.String
    return {"bool": pl.Boolean, "int8": pl.Int16, "int64": pl.Int64}.get(str(kind), pl.Float64)

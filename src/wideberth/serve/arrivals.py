"""What a feed hands over: some rows that came in together, and when.  The one thing that goes from feeds to all else.

The rows are what the reader of that format makes of the same bytes in a file: converted to our names and units,
and not cleaned.  A row may have no position, a time that cannot be meant, an address that is none; `t` is the
position's own time where the feed tells it.  Rows of one feed may be out of order, late or doubled.

Two clocks meet here.  ``t`` is the sender's.  ``received_us`` is the server's: wall time for a live feed, and
for a replay the recording's time, that passes as fast as the replay runs (`wideberth.serve.clock`).  So the difference
of the two is a feed's lag, and "now" means the same in a replay as it does live.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl
import pyarrow as pa

from wideberth.columns import TEXT, TRACK_COLUMNS

if TYPE_CHECKING:
    from wideberth.read.batch import Batch


def _type(name: str) -> Any:
    kind = TRACK_COLUMNS[name].type
    if kind == TEXT:
        # No Categorical: Polars would keep each text that was ever heard for as long as the server runs.
        return pl.String
    if pa.types.is_timestamp(kind):
        return pl.Datetime("us", "UTC")
    return {
        pa.float64(): pl.Float64,
        pa.float32(): pl.Float32,
        pa.bool_(): pl.Boolean,
        pa.int8(): pl.Int16,  # a level that is out of range is for cleaning to count, not to be lost here
        pa.int64(): pl.Int64,
    }[kind]


ROW_TYPES: dict[str, Any] = {name: _type(name) for name in TRACK_COLUMNS}
"""The columns of every arrival's rows, all of them, in this order: our column → Polars type."""


@dataclass(frozen=True, eq=False)
class Arrival:
    """Some rows that one feed received together.

    Attributes:
        feed: its name, as shown to people; it holds no secret.
        received_us: Unix microseconds on the server's clock.
        rows: (n, all of `columns.TRACK_COLUMNS`) with the types of `ROW_TYPES`, null where unknown;
            ``source_file`` is the feed's name, ``source_row`` counts the rows of that feed.
    """

    feed: str
    received_us: int
    rows: pl.DataFrame


def arrival(feed: str, received_us: int, batch: Batch, first_row: int) -> Arrival:
    """Return what a reader made of some bytes as an arrival.

    Args:
        feed: its name.
        received_us: when the last of the bytes came.
        batch: of a reader; where it came from and how its rows were counted there are replaced.
        first_row: how many rows of this feed came before.
    """
    return Arrival(feed, received_us, standard(batch.frame, feed, first_row))


def standard(frame: pl.DataFrame, feed: str, first_row: int) -> pl.DataFrame:
    """Return a reader's frame with all columns, in the order and types of `ROW_TYPES`."""
    rows = pl.int_range(first_row, first_row + frame.height, dtype=pl.Int64, eager=True)
    columns = []
    for name, kind in ROW_TYPES.items():
        if name == "source_row":
            series = rows
        elif name == "source_file":
            series = pl.Series([feed], dtype=pl.String).new_from_index(0, frame.height)
        elif name in frame.columns:
            series = frame[name]
            series = series if series.dtype == kind else _cast(series, kind)
        else:
            series = pl.Series([None], dtype=kind).new_from_index(0, frame.height)
        columns.append(series.alias(name))
    return pl.DataFrame(columns)


def _cast(series: pl.Series, kind: Any) -> pl.Series:
    if kind == pl.Int16 and series.dtype.is_float():  # a level that is no whole number is none
        is_whole = series == series.floor()
        return series.set(~is_whole.fill_null(value=True), None).cast(kind, strict=False)
    return series.cast(kind, strict=False)


def empty() -> pl.DataFrame:
    """Return no rows, with all columns."""
    return pl.DataFrame(schema=ROW_TYPES)

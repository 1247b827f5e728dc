"""What feeds hand over: all columns, in the promised types, and the values that the reader gave."""

from __future__ import annotations

from datetime import UTC, datetime

import polars as pl

from wideberth.columns import TRACK_COLUMNS
from wideberth.read.batch import Batch
from wideberth.serve.arrivals import ROW_TYPES, arrival, empty

NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)


def batch(**columns: object) -> Batch:
    frame = pl.DataFrame(
        {"icao24": ["4b1234"], "t": [NOON], "lat_deg": [47.0], "lon_deg": [8.0], **columns},
        schema_overrides={"t": pl.Datetime("us", "UTC")},
    )
    return Batch(frame, "somewhere", 7)


def test_an_arrival_has_every_column_in_its_order() -> None:
    """Whatever a reader hands over, the rows of two feeds can be put one below the other."""
    made = arrival("roof", 1, batch(callsign=["SWR12"], nic=[8.0]), 40).rows

    assert dict(made.schema) == ROW_TYPES
    assert list(ROW_TYPES) == list(TRACK_COLUMNS)
    assert pl.concat([made, empty()]).equals(made)
    row = made.row(0, named=True)
    assert (row["t"], row["callsign"], row["nic"], row["squawk"]) == (NOON, "SWR12", 8, None)


def test_rows_are_counted_by_feed() -> None:
    """Where a row came from is the feed, and its place among all rows of that feed, whatever the reader counted."""
    made = arrival("roof", 1, batch(source_row=[3], source_file=["a file"]), 40).rows

    assert made["source_file"].to_list() == ["roof"]
    assert made["source_row"].to_list() == [40]


def test_a_level_that_is_no_whole_number_is_unknown() -> None:
    """A NIC of 3.7 is not made 3, and one of 99 is left for cleaning to count."""
    assert arrival("roof", 1, batch(nic=[3.7]), 0).rows["nic"].to_list() == [None]
    assert arrival("roof", 1, batch(nic=[99]), 0).rows["nic"].to_list() == [99]

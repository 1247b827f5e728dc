"""The gate: a table enters as described or stops with what is wrong."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pytest

from wideberth import columns
from wideberth.columns import ENCOUNTER_COLUMNS, INSTANT, TEXT, TRACK_COLUMNS, check, frozen, schema
from wideberth.errors import ColumnError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wideberth.columns import Column

UNITS_IN_NAMES = {"deg": "deg", "ft": "ft", "m": "m", "kt": "kt", "fpm": "ft/min", "s": "s"}

each_description = pytest.mark.parametrize(
    "described",
    [
        TRACK_COLUMNS,
        ENCOUNTER_COLUMNS,
        columns.INCIDENT_COLUMNS,
        columns.RATE_COLUMNS,
        columns.STRETCH_COLUMNS,
        columns.DAY_COLUMNS,
        columns.RULE_DAY_COLUMNS,
        columns.GUIDANCE_COLUMNS,
    ],
    ids=["tracks", "encounters", "incidents", "rates", "stretches", "days", "rule-days", "guidance"],
)


def of_tracks(**changed: Any) -> pa.Table:
    """Two rows of the required columns of tracks, some of them changed or added."""
    arrays = {
        "icao24": pa.array(["400001", "400002"]).dictionary_encode(),
        "t": pa.array([0, 1], pa.int64()).cast(INSTANT),
        "lat_deg": pa.array([47.0, 47.1]),
        "lon_deg": pa.array([8.0, 8.1]),
    }
    return pa.table({name: array for name, array in (arrays | changed).items() if array is not None})


@each_description
def test_an_empty_table_of_all_columns_passes(described: Mapping[str, Column]) -> None:
    """So does one of the required columns alone."""
    needed = [name for name, column in described.items() if column.required]

    check(schema(described).empty_table(), described, "x")
    check(schema(described, needed).empty_table(), described, "x")


@each_description
def test_every_required_column_is_missed(described: Mapping[str, Column]) -> None:
    """By name; what was found is listed."""
    whole = schema(described).empty_table()
    for name, column in described.items():
        if column.required:
            with pytest.raises(ColumnError, match=f"x: column {name} is missing \\(found: "):
                check(whole.drop_columns([name]), described, "x")
        else:
            check(whole.drop_columns([name]), described, "x")


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"t": None, "lat_deg": None}, "tracks: column t, lat_deg is missing (found: icao24, lon_deg)."),
        ({"alt": pa.array([1.0, 2.0])}, "tracks: unknown column 'alt' (known: icao24, t, lat_deg,"),
        ({"altitude_ft": pa.array([1, 2])}, "tracks: altitude_ft is int64, not double."),
        ({"icao24": pa.array(["400001", "400002"])}, "tracks: icao24 is string, not dictionary<"),
        (
            {"t": pa.array([0, 1], pa.int64()).cast(pa.timestamp("us"))},
            "t is timestamp[us], not timestamp[us, tz=UTC]",
        ),
        (
            {"t": pa.array([0, 1], pa.int64()).cast(pa.timestamp("ms", "UTC"))},
            "t is timestamp[ms, tz=UTC], not",
        ),
    ],
)
def test_a_table_that_is_not_as_described_stops(changed: dict[str, Any], says: str) -> None:
    """The message names the table, the column, and what was found."""
    check(of_tracks(), TRACK_COLUMNS, "tracks")
    with pytest.raises(ColumnError, match=re.escape(says)):
        check(of_tracks(**changed), TRACK_COLUMNS, "tracks")


def test_two_columns_of_one_name_stop() -> None:
    """Which of them is meant cannot be told."""
    doubled = of_tracks().append_column("t", of_tracks()["t"])

    with pytest.raises(ColumnError, match="there are two columns 't'"):
        check(doubled, TRACK_COLUMNS, "tracks")


def test_unknown_values_stop_in_a_required_column_only() -> None:
    """The exception carries the rows, counted from the table's beginning over all its chunks."""
    known = of_tracks()
    unknown = pa.concat_tables([known, of_tracks(lat_deg=pa.array([None, 47.0])), known.slice(0, 0), known])
    check(of_tracks(altitude_ft=pa.array([None, None], pa.float64())), TRACK_COLUMNS, "tracks")

    with pytest.raises(
        ColumnError, match=r"tracks: lat_deg: 1 of 6 values are unknown \(first: row 2\)"
    ) as error:
        check(unknown, TRACK_COLUMNS, "tracks")

    assert error.value.rows == [2]


def test_only_so_many_rows_are_carried() -> None:
    """A thousand; the count is of all."""
    n = 3 * columns.MOST_ROWS_TOLD
    table = schema(TRACK_COLUMNS, ["lat_deg"]).empty_table()
    lost = pa.table({**{name: pa.nulls(n, c.type) for name, c in TRACK_COLUMNS.items() if c.required}})
    assert table.num_rows == 0

    with pytest.raises(ColumnError, match="icao24: 3,000 of 3,000 values are unknown") as error:
        check(lost, TRACK_COLUMNS, "tracks")

    assert error.value.rows == list(range(columns.MOST_ROWS_TOLD))


@each_description
def test_each_column_says_what_it_is(described: Mapping[str, Column]) -> None:
    """A meaning, the unit that its name ends in, and a range that is one."""
    for name, column in described.items():
        assert column.name == name
        assert column.meaning
        ending = name.rpartition("_")[2]
        if "_" in name and ending in UNITS_IN_NAMES:
            assert column.unit == UNITS_IN_NAMES[ending]
        if column.type == INSTANT:
            assert column.unit == "UTC"
        if column.type in (TEXT, pa.bool_()):
            assert (column.unit, column.low, column.high) == ("", None, None)
        if column.low is not None and column.high is not None:
            assert column.low < column.high


@each_description
def test_the_schema_carries_units_and_meanings(described: Mapping[str, Column]) -> None:
    """So a Parquet file explains itself; required columns are not nullable."""
    for field in schema(described):
        column = described[field.name]
        assert field.type == column.type
        assert field.nullable is not column.required
        assert field.metadata == {b"unit": column.unit.encode(), b"meaning": column.meaning.encode()}
    names = list(described)[2::-1]
    assert schema(described, names).names == names


@pytest.mark.parametrize("text", ["a00001", "~2e1234", "000000", "ffffff"])
def test_addresses(text: str) -> None:
    """Six hex digits in lower case, with a tilde where it is no ICAO address."""
    assert columns.ADDRESS.match(text)


@pytest.mark.parametrize(
    "text", ["", "A00001", "a0001", "a000001", "~~a00001", "a0000g", " a00001", "4e+123"]
)
def test_what_is_no_address(text: str) -> None:
    """Neither short nor long, nor a number."""
    assert not columns.ADDRESS.match(text)


def test_a_frozen_array_is_a_view_that_cannot_be_written() -> None:
    """The array itself stays as it was."""
    values = np.arange(3.0)
    view = frozen(values)

    with pytest.raises(ValueError, match="read-only"):
        view[0] = 7.0
    values[0] = 7.0
    assert view[0] == 7.0

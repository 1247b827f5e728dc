"""Tables in memory: every kind gives the same rows, and what cannot be one says so."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import wideberth
from receiver_files import reasons
from table_files import START, START_S, after, rows_in, traffic_rows
from wideberth.errors import ColumnError, FormatError, ReadError
from wideberth.read import frames
from wideberth.read.batch import Rejects

if TYPE_CHECKING:
    from collections.abc import Callable

pandas = pytest.importorskip("pandas")


def converted(table: Any, columns: dict[str, str] | None = None) -> tuple[list[dict[str, Any]], Rejects]:
    rejects = Rejects()
    return rows_in(frames.to_batches(table, columns=columns, rejects=rejects)), rejects


def as_columns(count: int = 3) -> dict[str, list[Any]]:
    """Return a small table by the names of traffic, with times as instants."""
    rows = traffic_rows(count)
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    return columns | {"timestamp": [after(i) for i in range(count)]}


def as_polars(count: int = 3) -> pl.DataFrame:
    return pl.DataFrame(as_columns(count))


class Traffic:
    """Holds its data frame as ``traffic.core.Traffic`` does."""

    def __init__(self, data: Any) -> None:
        self.data = data


class Exporting:
    """Knows Arrow's stream interface and nothing else."""

    def __init__(self, table: pa.Table) -> None:
        self._table = table

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        return self._table.__arrow_c_stream__(requested_schema)


class HandingOver:
    """Gives an Arrow table when asked, as many classes do."""

    def __init__(self, table: pa.Table) -> None:
        self._table = table

    def to_arrow(self) -> pa.Table:
        return self._table


KINDS: dict[str, Callable[[], Any]] = {
    "polars": as_polars,
    "lazy": lambda: as_polars().lazy(),
    "categories": lambda: as_polars().with_columns(pl.col("icao24", "callsign").cast(pl.Categorical)),
    "enum": lambda: as_polars().with_columns(pl.col("icao24").cast(pl.Enum(["4b1234"]))),
    "pandas": lambda: pandas.DataFrame(as_columns()),
    "pandas with arrow types": lambda: pandas.DataFrame(as_columns()).convert_dtypes(dtype_backend="pyarrow"),
    "pandas with an index of times": lambda: pandas.DataFrame(as_columns()).set_index("timestamp"),
    "pandas with an odd index": lambda: pandas.DataFrame(as_columns(), index=[7, 7, "x"]),
    "pandas with categories": lambda: pandas.DataFrame(as_columns()).astype({"icao24": "category"}),
    "arrow": lambda: as_polars().to_arrow(),
    "arrow with dictionaries": lambda: pa.table(as_columns()).set_column(
        1, "icao24", pa.array(["4b1234"] * 3).dictionary_encode()
    ),
    "arrow with large texts": lambda: pa.table(as_columns()).cast(
        pa.schema(
            [
                field.with_type(pa.large_string()) if pa.types.is_string(field.type) else field
                for field in pa.table(as_columns()).schema
            ]
        )
    ),
    "record batch": lambda: pa.table(as_columns()).to_batches()[0],
    "reader": lambda: pa.RecordBatchReader.from_batches(
        pa.table(as_columns()).schema, pa.table(as_columns()).to_batches(max_chunksize=1)
    ),
    "stream interface": lambda: Exporting(pa.table(as_columns())),
    "to_arrow": lambda: HandingOver(pa.table(as_columns())),
    "dict of lists": as_columns,
    "dict of arrays": lambda: (
        {name: np.array(values) for name, values in as_columns().items() if name != "timestamp"}
        | {"timestamp": np.array([START_S, START_S + 1, START_S + 2])}
    ),
    "dict of series": lambda: {name: pl.Series(values) for name, values in as_columns().items()},
    "dict of pandas series": lambda: {name: pandas.Series(values) for name, values in as_columns().items()},
    "traffic": lambda: Traffic(pandas.DataFrame(as_columns())),
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_table_gives_the_same_rows(kind: str) -> None:
    """Whoever holds it; rows are numbered from 0."""
    table = KINDS[kind]()

    assert frames.is_table(table)
    rows, rejects = converted(table)

    assert rows == converted(as_columns())[0]
    assert [row["t"] for row in rows] == [START, after(1), after(2)]
    assert [row["source_row"] for row in rows] == [0, 1, 2]
    assert (rows[0]["icao24"], rows[0]["callsign"], rows[0]["altitude_ft"]) == ("4b1234", "SWR12", 34000.0)
    assert not rejects.counts


@pytest.mark.parametrize("kind", ["polars", "lazy", "pandas", "arrow", "dict of lists", "traffic"])
def test_reading_a_table_gives_tracks(kind: str) -> None:
    """And says in whose memory its rows were."""
    tracks = wideberth.read(KINDS[kind]())

    assert tracks.table.column("altitude_ft").to_pylist() == [34000.0] * 3
    assert tracks.table.column("source_row").to_pylist() == [0, 1, 2]
    assert len(set(tracks.table.column("source_file").to_pylist())) == 1


def test_tables_in_a_list_are_read_one_after_another() -> None:
    """Of whatever kinds they are."""
    later = {
        name: values if name != "timestamp" else [after(100 + i) for i in range(3)]
        for name, values in as_columns().items()
    }

    tracks = wideberth.read([as_polars(), pandas.DataFrame(later)])

    assert [int((at.as_py() - START).total_seconds()) for at in tracks.table["t"]] == [0, 1, 2, 100, 101, 102]


@pytest.mark.parametrize(
    "source", ["day.csv", b"bytes", 5, None, object(), [1, 2], SimpleNamespace(data=[1])]
)
def test_what_is_no_table_is_not_taken_for_one(source: Any) -> None:
    """A path, a number, an object whose ``data`` is something else."""
    assert not frames.is_table(source)


@pytest.mark.parametrize(
    "column",
    [
        pandas.Series([1, 2]),
        pl.Series([1, 2]),
        pa.array([1, 2]),
        pa.chunked_array([[1], [2]]),
        np.array([1, 2]),
    ],
    ids=lambda column: type(column).__module__,
)
def test_one_column_is_no_table(column: Any) -> None:
    """It has no names."""
    with pytest.raises(ReadError, match=r"is no table\. Pass a data frame, an Arrow table, or a mapping"):
        converted(column)


def test_columns_of_different_lengths_are_refused() -> None:
    """In words, not with what Polars raises."""
    with pytest.raises(ReadError, match="cannot be taken as a table"):
        converted(as_columns() | {"altitude": [1.0] * 2})


@pytest.mark.parametrize("kind", ["polars", "lazy", "pandas", "arrow", "reader", "dict of lists", "traffic"])
def test_names_that_are_missing_are_said(kind: str) -> None:
    """With those that are there."""
    table = KINDS[kind]()
    with pytest.raises(
        (FormatError, ColumnError), match=r"no column 'Y' for lat_deg.*timestamp, icao24|Found: timestamp"
    ):
        converted(table, {"lat_deg": "Y"})
    with pytest.raises(
        FormatError, match=r"no column for icao24, t, lat_deg, lon_deg is recognised\. Found: a\."
    ):
        converted(pandas.DataFrame({"a": [1]}))


@pytest.mark.parametrize("kind", ["polars", "lazy", "pandas", "arrow", "dict of lists", "traffic"])
def test_a_mapping_names_columns_and_units(kind: str) -> None:
    """In every kind."""
    rows, _ = converted(KINDS[kind](), {"altitude_ft": "altitude:m"})

    assert rows[0]["altitude_ft"] == 111_548.56


def test_addresses_that_are_numbers_are_refused() -> None:
    """``pandas.read_csv`` made them so; ``140000`` may have been ``140000`` or not."""
    for numbers in ([140000, 400000, 1], [140000.0, None, 1.0]):
        with pytest.raises(ColumnError, match=r"hexadecimal texts.*in pandas dtype=str"):
            converted(pandas.DataFrame(as_columns() | {"icao24": numbers}))


def test_addresses_that_are_all_unknown_are_none() -> None:
    """A column without one value is a column of numbers in pandas."""
    rows, _ = converted(pandas.DataFrame(as_columns() | {"icao24": [float("nan")] * 3}))

    assert [row["icao24"] for row in rows] == [None] * 3


@pytest.mark.parametrize(
    ("squawks", "texts"),
    [
        ([21.0, None, 7700.0], ["0021", None, "7700"]),
        ([21, 1000, 7700], ["0021", "1000", "7700"]),
        (["0021", "nan", " 7700 "], ["0021", None, "7700"]),
    ],
)
def test_squawks_have_four_digits_again(squawks: list[Any], texts: list[Any]) -> None:
    """Where a table holds them as numbers."""
    rows, _ = converted(pandas.DataFrame(as_columns() | {"squawk": squawks}))

    assert [row["squawk"] and row["squawk"].strip() for row in rows] == texts


@pytest.mark.parametrize(
    "times",
    [
        [START, after(1), after(2)],
        [START.replace(tzinfo=None), after(1).replace(tzinfo=None), after(2).replace(tzinfo=None)],
        [START_S, START_S + 1, START_S + 2],
        [START_S * 1000, (START_S + 1) * 1000, (START_S + 2) * 1000],
        [float(START_S), START_S + 1.0, START_S + 2.0],
        ["2018-08-01T05:27:30Z", "2018-08-01 05:27:31", str(START_S + 2)],
        [Decimal(START_S), Decimal(START_S + 1), Decimal(START_S + 2)],
    ],
    ids=lambda times: type(times[0]).__name__,
)
def test_times_are_instants_numbers_or_texts(times: list[Any]) -> None:
    """Without a zone they are UTC."""
    rows, rejects = converted(as_columns() | {"timestamp": times})

    assert [row["t"] for row in rows] == [START, after(1), after(2)]
    assert not rejects.counts


def test_times_in_another_zone_are_the_same_instants() -> None:
    """The summer time of a data frame is taken off."""
    data = pandas.DataFrame(as_columns())
    data["timestamp"] = data["timestamp"].dt.tz_convert("Europe/Zurich")

    assert converted(data)[0] == converted(as_columns())[0]


def test_dates_are_midnights_and_durations_no_times() -> None:
    """A column of durations has no instants; each of its rows is rejected."""
    rows, _ = converted(as_columns() | {"timestamp": [date(2018, 8, 1)] * 3})
    none, rejects = converted(as_columns() | {"timestamp": [after(1) - START] * 3})

    assert rows[0]["t"] == datetime(2018, 8, 1, tzinfo=UTC)
    assert none == []
    assert reasons(rejects) == {"time cannot be read": 3}


def test_rows_without_a_time_are_kept_and_those_with_a_bad_one_rejected() -> None:
    """The former are counted when cleaning; the others keep their numbers."""
    rows, rejects = converted(as_columns(4) | {"timestamp": [None, "x", "2018-08-01T05:27:32Z", ""]})

    assert [(row["source_row"], row["t"]) for row in rows] == [(0, None), (2, after(2)), (3, None)]
    assert reasons(rejects) == {"time cannot be read": 1}
    assert next(iter(rejects.examples.values())) == "row 1: timestamp is 'x'"


@pytest.mark.parametrize(
    ("values", "expected", "bad"),
    [
        ([1, 2, 3], [1, 2, 3], 0),
        (["1", " 2 ", "x"], [1, 2, None], 1),
        (["ground", "nan", "3"], [None, None, 3], 0),
        ([Decimal("1.5"), None, Decimal(3)], [1.5, None, 3], 0),
        ([True, False, None], [None, None, None], 2),
        ([[1.0], [2.0], None], [None, None, None], 2),
        ([1, "2", None], [1, 2, None], 0),
    ],
)
def test_altitudes_are_numbers_or_unknown(values: list[Any], expected: list[Any], bad: int) -> None:
    """What else stands there is counted, and costs no row."""
    rows, rejects = converted(as_columns() | {"altitude": values})

    assert [
        None if row["altitude_ft"] != row["altitude_ft"] else row["altitude_ft"] for row in rows
    ] == expected
    assert sum(rejects.counts.values()) == bad


@given(st.integers(-20, 1000), st.sampled_from([pl.Float32, pl.Float64]))
def test_any_flight_level_in_metres_comes_back_exactly(level: int, kind: Any) -> None:
    """Hundreds of feet, stored in metres to the centimetre or in 32 bits, are the same hundreds."""
    metres = pl.Series([level * 30.48, round(level * 30.48, 2)], dtype=kind)
    table = pl.DataFrame(
        {"icao24": ["4b1234"] * 2, "time": [START_S] * 2, "lat": [1.0] * 2, "lon": [1.0] * 2}
    )

    rows, _ = converted(table.with_columns(metres.alias("baroaltitude")))

    assert [row["altitude_ft"] for row in rows] == [level * 100.0] * 2


@pytest.mark.parametrize(
    "flags", [[True, False, None], [1, 0, None], [1.0, 0.0, float("nan")], ["T", "no", "-"]]
)
def test_flags_are_booleans_numbers_or_words(flags: list[Any]) -> None:
    """Whatever a table holds them as."""
    rows, rejects = converted(pl.DataFrame(as_columns()).with_columns(pl.Series("onground", flags)))

    assert [row["on_ground"] for row in rows] == [True, False, None]
    assert not rejects.counts


def test_a_word_for_the_ground_goes_before_a_flag() -> None:
    """The altitude says it, whatever the flag says; elsewhere the flag is kept."""
    rows, _ = converted(as_columns() | {"altitude": ["ground", "1", "2"], "onground": [False, True, None]})

    assert [row["on_ground"] for row in rows] == [True, True, None]


def test_of_two_columns_for_one_the_second_fills_what_the_first_lacks() -> None:
    """A barometric rate goes before a geometric one."""
    table = {
        "hex": ["4b1234"] * 3,
        "now": [START_S] * 3,
        "lat": [1.0] * 3,
        "lon": [2.0] * 3,
        "seen_pos": [0] * 3,
    }
    rates = {"geom_rate": [64, 128, None], "baro_rate": [None, 640, None]}

    rows, _ = converted(table | rates)

    assert [row["vertical_rate_fpm"] for row in rows] == [64, 640, None]


def test_two_columns_of_one_name_in_pandas_are_told_apart() -> None:
    """The first is read."""
    data = pandas.DataFrame(as_columns())
    doubled = pandas.concat([data, data[["altitude"]] + 1000], axis=1)

    assert [row["altitude_ft"] for row in converted(doubled)[0]] == [34000.0] * 3


def test_objects_of_several_types_in_pandas_become_texts() -> None:
    """As a column of concatenated files may hold them."""
    data = pandas.DataFrame(as_columns())
    data["altitude"] = pandas.Series([34000, "ground", None], dtype=object)

    rows, _ = converted(data)

    assert [row["altitude_ft"] for row in rows] == [34000, None, None]
    assert rows[1]["on_ground"] is True


def test_tracks_read_as_a_table_are_the_same_tracks() -> None:
    """Their own columns are taken as they are, and where each row came from is kept."""
    tracks = wideberth.read(as_polars(10))

    again = wideberth.read(tracks.table)

    assert again.table == tracks.table


def test_a_table_without_rows_is_one() -> None:
    """With all its names."""
    assert converted(as_polars().clear())[0] == []
    assert len(wideberth.read(as_polars().clear())) == 0

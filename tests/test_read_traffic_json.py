"""JSON of pandas and traffic: rows, columns, lists; what is whole in a damaged file."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

import pytest

import wideberth
from receiver_files import reasons
from table_files import START, START_S, after, part_of, rows_of, traffic_columns, traffic_rows
from wideberth.errors import ColumnError, FormatError
from wideberth.read import traffic_json
from wideberth.read.batch import Rejects
from wideberth.read.traffic_json import FORMAT

if TYPE_CHECKING:
    from pathlib import Path


def as_lists(count: int) -> dict[str, list[Any]]:
    return {name: list(column.values()) for name, column in traffic_columns(count).items()}


def seconds_of(rows: list[dict[str, Any]]) -> list[float]:
    return [(row["t"] - START).total_seconds() for row in rows]


@pytest.mark.parametrize(
    "made", [traffic_rows, traffic_columns, as_lists], ids=["records", "columns", "lists"]
)
@pytest.mark.parametrize("indent", [None, 1])
def test_rows_columns_and_lists_are_the_same_table(made: Any, indent: int | None) -> None:
    """Times are milliseconds, altitudes feet, speeds knots."""
    content = json.dumps(made(3), indent=indent)

    rows, rejects = rows_of(FORMAT, content)

    assert FORMAT.looks_like(content.encode(), "x")
    assert seconds_of(rows) == [row["source_row"] for row in rows] == [0, 1, 2]
    row = rows[0]
    assert (row["icao24"], row["callsign"], row["lat_deg"], row["lon_deg"]) == ("4b1234", "SWR12", 47.0, 8.5)
    assert (row["altitude_ft"], row["groundspeed_kt"], row["track_deg"]) == (34000.0, 450.5, 90.25)
    assert (row["vertical_rate_fpm"], row["on_ground"]) == (-640.0, False)
    assert not rejects.counts


@pytest.mark.filterwarnings("ignore:'epoch' date format")
@pytest.mark.parametrize("orient", [None, "records"])
def test_what_pandas_writes_is_read(orient: Any) -> None:
    """With its escaped slashes, its nulls for NaN, and its milliseconds."""
    pandas = pytest.importorskip("pandas")
    data = pandas.DataFrame(traffic_rows(3))
    data["timestamp"] = pandas.to_datetime(data["timestamp"], unit="ms", utc=True)
    data.loc[1, "altitude"] = None
    data.loc[1, "callsign"] = "A/B"

    rows, rejects = rows_of(FORMAT, data.to_json(orient=orient, date_format="epoch", date_unit="ms"))

    assert seconds_of(rows) == [0, 1, 2]
    assert [row["altitude_ft"] for row in rows] == [34000.0, None, 34000.0]
    assert rows[1]["callsign"] == "A/B"
    assert not rejects.counts


def test_times_may_be_iso_texts() -> None:
    """As ``date_format="iso"`` writes them."""
    content = json.dumps(
        [row | {"timestamp": f"2018-08-01T05:27:3{i}.500Z"} for i, row in enumerate(traffic_rows(3))]
    )

    rows, _ = rows_of(FORMAT, content)

    assert seconds_of(rows) == [0.5, 1.5, 2.5]


def test_columns_of_different_rows_are_joined_by_their_labels() -> None:
    """What a column lacks is unknown in that row."""
    columns = traffic_columns(4)
    del columns["altitude"]["0"], columns["altitude"]["2"]

    rows, _ = rows_of(FORMAT, json.dumps(columns))

    assert seconds_of(rows) == [0, 1, 2, 3]
    assert [row["altitude_ft"] for row in rows] == [None, 34000.0, None, 34000.0]


def test_kinds_may_be_mixed_in_a_column() -> None:
    """A word among numbers marks the ground, lists and objects are unknown."""
    records = traffic_rows(5)
    for at, odd in enumerate(["ground", None, [1], {"ft": 3}]):
        records[at]["altitude"] = odd

    rows, rejects = rows_of(FORMAT, json.dumps(records))

    assert [row["altitude_ft"] for row in rows] == [None, None, None, None, 34000.0]
    assert [row["on_ground"] for row in rows] == [
        True,
        False,
        False,
        False,
        False,
    ]  # the others by their column
    assert not rejects.counts


def test_records_that_are_none_are_counted() -> None:
    """The others keep their numbers."""
    records = [*traffic_rows(1), 5, None, *traffic_rows(1)]

    rows, rejects = rows_of(FORMAT, json.dumps(records))

    assert [row["source_row"] for row in rows] == [0, 3]
    assert reasons(rejects) == {"not a JSON object": 2}


def test_both_ways_of_reading_records_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    """Names that are missing in places, null everywhere, or twice in a record."""
    records = traffic_rows(4)
    del records[1]["altitude"], records[2]["callsign"]
    for record in records:
        record["squawk"] = None
    content = json.dumps(records).replace('"track": 90.25', '"track": 90.25, "track": 91.25')
    fast = rows_of(FORMAT, content)

    monkeypatch.setattr(traffic_json, "_records_at_once", lambda *_: None)

    assert rows_of(FORMAT, content) == fast
    assert fast[0][0]["track_deg"] == 90.25


@pytest.mark.parametrize("keep", [0.3, 0.5, 0.9])
def test_records_that_were_cut_off_give_what_is_whole(keep: float) -> None:
    """The record at the cut is counted."""
    whole = json.dumps(traffic_rows(40))
    cut = whole[: int(len(whole) * keep)]

    rows, rejects = rows_of(FORMAT, cut)

    assert seconds_of(rows) == list(range(cut.count("}")))
    assert reasons(rejects) == {"damaged JSON": 1}


def test_a_broken_record_costs_itself_only() -> None:
    """Those behind it keep their numbers."""
    content = json.dumps(traffic_rows(5)).replace(f'"timestamp": {START_S + 2}000', '"timestamp": 15x')

    rows, rejects = rows_of(FORMAT, content)

    assert [row["source_row"] for row in rows] == [0, 1, 3, 4]
    assert seconds_of(rows) == [0, 1, 3, 4]
    assert reasons(rejects) == {"damaged JSON": 1}


@pytest.mark.parametrize("made", [traffic_columns, as_lists], ids=["columns", "lists"])
def test_a_damaged_column_is_read_up_to_where_it_is_damaged(made: Any) -> None:
    """The others are whole; what the damaged one lacks is unknown."""
    content = json.dumps(made(5)).replace("47.002", "47.0o2")

    rows, rejects = rows_of(FORMAT, content)

    assert seconds_of(rows) == [0, 1, 2, 3, 4]
    assert [row["lat_deg"] for row in rows] == [47.0, 47.001, None, None, None]
    assert {row["altitude_ft"] for row in rows} == {34000.0}
    assert reasons(rejects) == {"damaged JSON": 1}


def test_what_follows_damage_is_not_taken_for_the_column_before_it() -> None:
    """A piece that is missing may hold the name of the next column: its values are no latitudes."""
    columns = traffic_columns(6)
    columns = {"latitude": columns.pop("latitude"), "track": columns.pop("track")} | columns
    content = json.dumps(columns)
    begin, end = content.index('47.003, "4"') + 3, content.index('"4": 90.25') + 1

    rows, rejects = rows_of(FORMAT, content[:begin] + content[end:])

    assert [row["lat_deg"] for row in rows] == [47.0, 47.001, 47.002, None, None, None]
    assert reasons(rejects) == {"damaged JSON": 1}


def test_columns_that_were_cut_off_need_those_of_a_track() -> None:
    """Those at the end are missing: where one is needed the file is refused, and says which there are."""
    columns = traffic_columns(20)
    optional_last = json.dumps(
        {name: columns[name] for name in sorted(columns, key=lambda n: n in {"track", "onground"})}
    )

    rows, rejects = rows_of(FORMAT, optional_last[:-50])
    with pytest.raises(
        FormatError, match=r"no column for lat_deg, lon_deg is recognised\. Found: timestamp, icao24"
    ):
        rows_of(FORMAT, optional_last[: optional_last.index('"latitude"')])

    assert seconds_of(rows) == list(range(20))
    assert reasons(rejects) == {"damaged JSON": 1}


def test_damage_throughout_is_given_up() -> None:
    """After 10,000 breaks, rather than to look for the end of each again and again."""
    rows, rejects = rows_of(FORMAT, json.dumps(traffic_columns(3))[:-1] + ', "a": {"0": ' * 30_000)

    assert seconds_of(rows) == [0, 1, 2]
    assert reasons(rejects) == {"damaged JSON": 10_000, "the rest of a file damaged throughout": 1}


def test_nesting_without_end_is_damage_and_no_crash() -> None:
    """The parsers give up on depth; the rows before it are read."""
    rows, rejects = rows_of(FORMAT, json.dumps(traffic_rows(2))[:-1] + ', {"a": ' + "[" * 100_000)

    assert seconds_of(rows) == [0, 1]
    assert reasons(rejects) == {"damaged JSON": 1}


def test_addresses_that_are_numbers_are_refused() -> None:
    """Reading JSON without ``dtype=False`` makes them so in pandas, and then writes them."""
    with pytest.raises(ColumnError, match="the addresses in 'icao24' are numbers"):
        rows_of(FORMAT, json.dumps([row | {"icao24": 140000} for row in traffic_rows()]))


def test_a_mapping_names_columns() -> None:
    """On either way of reading."""
    records = [
        {"a": row["icao24"], "b": row["timestamp"], "c": 1.5, "d": 2.5, "h": 10363.2}
        for row in traffic_rows()
    ]
    mapping = {"icao24": "a", "t": "b", "lat_deg": "c", "lon_deg": "d", "altitude_ft": "h:m"}

    rows, _ = rows_of(FORMAT, json.dumps(records), mapping)
    nested, _ = rows_of(FORMAT, json.dumps([row | {"more": {"x": 1}} for row in records]), mapping)

    assert rows == nested
    assert (rows[1]["t"], rows[1]["lat_deg"], rows[1]["altitude_ft"]) == (after(1), 1.5, 34000.0)


def test_json_of_other_things_says_so() -> None:
    """It is a table, but of something else; or it is none."""
    with pytest.raises(FormatError, match="no table with one of the names that a track has"):
        rows_of(FORMAT, '[{"name": "x", "size": 1}]')
    with pytest.raises(FormatError, match=r"no column for icao24, t is recognised\. Found: lat, lon\."):
        rows_of(FORMAT, '{"lat": [1], "lon": [2]}')
    with pytest.raises(FormatError, match="no table"):
        rows_of(FORMAT, "[]")


@pytest.mark.parametrize(
    ("content", "is_it"),
    [
        ('[ {"timestamp": 1}]', True),
        ('{"timestamp": {"0": 1}}', True),
        ('{"timestamp": {"-1": 1}}', True),
        ('{"lat": [1, 2], "lon": [1, 2]}', True),
        ('{"mlat": [], "hex": "4b1234"}', False),
        ('{"mlat": [], "hex": "4b1234"}\n{"mlat": [], "hex": "4b1234"}\n', False),
        ('{"type": "FeatureCollection", "features": []}', False),
        ("[[1, 2]]", False),
    ],
)
def test_it_is_recognised_by_its_beginning(content: str, is_it: bool) -> None:
    """A list of objects, or an object of columns; not an object of values, as JSON lines hold."""
    assert FORMAT.looks_like(content.encode(), "x.json") is is_it


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("switzerland-2018-08-01", 139_098),
        ("istanbul-spoofing-2024-09-17", 8_681),
        ("zurich-ground-2019", 17_132),
        ("refuelling-2020-06-30", 10_397),
    ],
)
def test_real_recordings_read_without_loss(shared_data: Path, name: str, count: int) -> None:
    """Each row has the time of its position where that is told, else its own, its address and place."""
    path = shared_data / f"{name}.traffic.json.gz"
    content = gzip.decompress(path.read_bytes())
    told = json.loads(content)
    columns = (
        {key: list(values.values()) for key, values in told.items()}
        if isinstance(told, dict)
        else {key: [row.get(key) for row in told] for key in ("timestamp", "icao24", "latitude", "longitude")}
    )
    rejects = Rejects()

    (batch,) = FORMAT.read(part_of(content), rejects)

    found = batch.frame
    positions = columns.get("last_position", [None] * count)
    times = [
        stamp if position is None else position
        for stamp, position in zip(columns["timestamp"], positions, strict=True)
    ]
    assert found.height == len(times) == count
    assert (found["t"].to_physical() / 1000).to_list() == times
    for ours, theirs in (("icao24", "icao24"), ("lat_deg", "latitude"), ("lon_deg", "longitude")):
        assert found[ours].to_list() == columns[theirs]
    assert not rejects.counts
    assert len(wideberth.read(str(path))) > 0

"""Parquet and Arrow: units and times, rows and their numbers, and what damage costs."""

from __future__ import annotations

import gzip
import io
import struct
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast

import polars as pl
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
import pytest

import wideberth
from receiver_files import reasons
from table_files import (
    KT_PER_MPS,
    START,
    START_S,
    after,
    part_of,
    rows_of,
    tar_of,
    trino_frame,
)
from wideberth.errors import ColumnError, FormatError, ReadError
from wideberth.read import tabular
from wideberth.read.tabular import ARROW, PARQUET

if TYPE_CHECKING:
    from pathlib import Path

    from wideberth.read.formats import Format


def seconds_of(rows: list[dict[str, Any]]) -> list[float]:
    return [(row["t"] - START).total_seconds() for row in rows]


# Parquet --------------------------------------------------------------------------------------------------


def parquet_of(table: pl.DataFrame | pa.Table, **options: Any) -> bytes:
    held = io.BytesIO()
    pq.write_table(table.to_arrow() if isinstance(table, pl.DataFrame) else table, held, **options)
    return held.getvalue()


def plain_table(count: int = 30, **columns: Any) -> pa.Table:
    """Return rows a second apart; None as a column leaves it out."""
    made = {
        "timestamp": pa.array([START_S + i for i in range(count)]),
        "icao24": pa.array([f"4b{i % 7:04x}" for i in range(count)]),
        "latitude": pa.array([47 + i / 1000 for i in range(count)]),
        "longitude": pa.array([8.5] * count),
        "altitude": pa.array([34000.0] * count),
    } | columns
    return pa.table({name: column for name, column in made.items() if column is not None})


def test_a_trino_export_of_opensky_is_in_metres() -> None:
    """Like the weekly samples; the lists of receivers are not looked at."""
    rows, rejects = rows_of(PARQUET, parquet_of(trino_frame()))

    assert [row["t"] for row in rows] == [after(i - 0.25) for i in range(3)]
    assert [row["icao24"] for row in rows] == ["3c6444", "4b1234", "3c6444"]
    assert {row["altitude_ft"] for row in rows} == {34000.0}
    assert rows[0]["groundspeed_kt"] == pytest.approx(231.5 * KT_PER_MPS)
    assert not rejects.counts


@pytest.mark.parametrize(
    "options", [{}, {"use_dictionary": False}, {"compression": "zstd"}, {"version": "1.0"}]
)
@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.dictionary(pa.int32(), pa.string())])
def test_row_groups_and_encodings_of_texts_make_no_difference(
    options: dict[str, Any], kind: pa.DataType
) -> None:
    """Rows count on through the groups."""
    table = plain_table()
    table = table.set_column(1, "icao24", table["icao24"].cast(kind))

    rows, rejects = rows_of(PARQUET, parquet_of(table, row_group_size=7, **options))

    assert seconds_of(rows) == [row["source_row"] for row in rows] == list(range(30))
    assert [row["icao24"] for row in rows] == [f"4b{i % 7:04x}" for i in range(30)]
    assert not rejects.counts


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("zone", [None, "UTC", "Europe/Zurich", "+05:30"])
def test_timestamps_of_any_unit_and_zone_are_the_same_instants(unit: str, zone: str | None) -> None:
    """Without a zone they are UTC."""
    times = pa.array([START_S, START_S + 1, None]).cast(pa.timestamp("s")).cast(pa.timestamp(unit))
    times = times.cast(pa.int64()).cast(pa.timestamp(unit, zone))

    rows, _ = rows_of(PARQUET, parquet_of(plain_table(3, timestamp=times)))

    assert [row["t"] for row in rows] == [START, after(1), None]


@pytest.mark.parametrize(
    "column",
    [
        pa.array([START_S * 1000, (START_S + 1) * 1000]),
        pa.array([START_S * 10**6, (START_S + 1) * 10**6]),
        pa.array([START_S * 10**9, (START_S + 1) * 10**9]),
        pa.array([float(START_S), START_S + 1.0]),
        pa.array([START_S, START_S + 1], pa.int32()),
        pa.array([START_S, START_S + 1], pa.uint64()),
        pa.array([Decimal(START_S), Decimal(START_S + 1)]),
        pa.array([str(START_S), str(START_S + 1)]),
    ],
    ids=str,
)
def test_numbers_are_times_by_their_magnitude(column: pa.Array) -> None:
    """Seconds, milliseconds, microseconds and nanoseconds since 1970, as any kind of number."""
    rows, _ = rows_of(PARQUET, parquet_of(plain_table(2, timestamp=column)))

    assert [row["t"] for row in rows] == [START, after(1)]


def test_one_time_of_another_magnitude_does_not_change_the_others() -> None:
    """A 0 for "unknown" among milliseconds is rejected alone."""
    column = pa.array([START_S * 1000, 0, (START_S + 2) * 1000])

    rows, rejects = rows_of(PARQUET, parquet_of(plain_table(3, timestamp=column)))

    assert [row["t"] for row in rows] == [START, after(2)]
    assert reasons(rejects) == {"time cannot be read": 1}


def test_dates_and_times_beyond_reason_are_no_instants() -> None:
    """A date is its midnight; a time in 2263 is rejected like the number that it is."""
    day, _ = rows_of(PARQUET, parquet_of(plain_table(1, timestamp=pa.array([date(2018, 8, 1)]))))
    far = pa.array([2**63 - 1], pa.timestamp("ns"))
    rows, rejects = rows_of(PARQUET, parquet_of(plain_table(1, timestamp=far)))

    assert day[0]["t"] == datetime(2018, 8, 1, tzinfo=UTC)
    assert rows == []
    assert reasons(rejects) == {"time cannot be read": 1}


@pytest.mark.parametrize(
    "altitudes",
    [
        pa.array([10363.2, 10058.4], pa.float32()),
        pa.array([10363.2, 10058.4], pa.float64()),
        pa.array([Decimal("10363.20"), Decimal("10058.40")]),
        pa.array(["10363.2", "10058.4"]),
    ],
    ids=str,
)
def test_levels_are_exact_from_any_type(altitudes: pa.Array) -> None:
    """A level stored in metres as a 32-bit number is 0.0006 ft off, and is rounded to 0.01 ft."""
    table = plain_table(2, altitude=None, altitude_m=altitudes)

    rows, _ = rows_of(PARQUET, parquet_of(table))

    assert [row["altitude_ft"] for row in rows] == [34000.0, 33000.0]


def test_pieces_of_a_row_group_make_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    """A large group is read in pieces, and its rows count on through them."""
    content = parquet_of(plain_table(), row_group_size=13)
    whole = rows_of(PARQUET, content)

    monkeypatch.setattr(tabular, "ROWS_AT_ONCE", 5)

    assert rows_of(PARQUET, content) == whole


def damaged_group(content: bytes, group: int) -> bytes:
    """Return a Parquet file with the pages of the latitudes of one row group overwritten."""
    metadata = pq.ParquetFile(io.BytesIO(content)).metadata.row_group(group).column(2)
    begin = metadata.data_page_offset
    return content[:begin] + b"\xff" * 40 + content[begin + 40 :]


def test_a_damaged_row_group_is_counted_and_the_others_are_read() -> None:
    """Its rows keep their numbers, so that the rows behind it keep theirs."""
    content = damaged_group(parquet_of(plain_table(), row_group_size=10, use_dictionary=False), 1)

    rows, rejects = rows_of(PARQUET, content)

    assert [row["source_row"] for row in rows] == seconds_of(rows) == [*range(10), *range(20, 30)]
    assert reasons(rejects) == {"row in a damaged row group": 10}


def test_texts_that_are_no_utf8_are_damage() -> None:
    """Arrow would hand them on as they are, and Polars rely on them."""
    content = parquet_of(plain_table(), row_group_size=10, use_dictionary=False, compression="none")
    place = content.index(b"4b0003", content.index(b"4b0003") + 1)
    content = content[:place] + b"\xff\xfe" + content[place + 2 :]

    rows, rejects = rows_of(PARQUET, content)

    assert [row["source_row"] for row in rows] == [*range(10), *range(20, 30)]
    assert reasons(rejects) == {"row in a damaged row group": 10}


def test_a_file_without_a_whole_row_group_is_an_error() -> None:
    """What is wrong with the first is said."""
    content = damaged_group(parquet_of(plain_table(), use_dictionary=False), 0)

    with pytest.raises(ReadError, match="cannot be taken as a table"):
        rows_of(PARQUET, content)


@pytest.mark.parametrize("keep", [8, 400, -1, -8])
def test_a_parquet_file_that_was_cut_off_is_refused_in_words(keep: int) -> None:
    """Its list of columns stands at its end."""
    with pytest.raises(ReadError, match=r"not a whole Parquet file.*copied or downloaded to the end"):
        rows_of(PARQUET, parquet_of(plain_table())[:keep])


def zipped(name: str, content: bytes) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return held.getvalue()


@pytest.mark.parametrize("container", ["zip", "tar", "gzip"])
@pytest.mark.parametrize("kind", ["parquet", "arrow"])
def test_parquet_and_arrow_are_read_within_containers(tmp_path: Path, container: str, kind: str) -> None:
    """They need their end first, so a copy is made and removed again."""
    content = parquet_of(plain_table()) if kind == "parquet" else arrow_of(plain_table())
    pack = {
        "zip": lambda: zipped("day.data", content),
        "tar": lambda: tar_of({"day.data": content}),
        "gzip": lambda: gzip.compress(content),
    }[container]
    path = tmp_path / "packed"
    path.write_bytes(pack())

    tracks = wideberth.read(str(path), keep_all=True)

    assert sorted(tracks.table["source_row"].to_pylist()) == list(range(30))


def test_a_file_on_disk_and_one_in_memory_are_the_same(tmp_path: Path) -> None:
    """The one is read where it lies, the other from a copy."""
    path = tmp_path / "day"
    path.write_bytes(parquet_of(plain_table()))

    assert wideberth.read(str(path)).table.drop(["source_file"]) == wideberth.read(
        part_of(path.read_bytes())
    ).table.drop(["source_file"])


@pytest.mark.parametrize("form", [PARQUET, ARROW], ids=lambda form: form.name)
def test_addresses_that_are_numbers_are_refused(form: Format) -> None:
    """They may be hexadecimal digits or not; ``4e1234`` was 4 before the file was written."""
    table = plain_table(2, icao24=pa.array([140000, 400000]))

    with pytest.raises(ColumnError, match="the addresses in 'icao24' are numbers"):
        rows_of(form, parquet_of(table) if form is PARQUET else arrow_of(table))


@pytest.mark.parametrize("form", [PARQUET, ARROW], ids=lambda form: form.name)
def test_a_column_of_lists_is_unknown_and_counted(form: Format) -> None:
    """What else the rows say is read."""
    table = plain_table(3, altitude=pa.array([[1.0], None, [2.0, 3.0]]))

    rows, rejects = rows_of(form, parquet_of(table) if form is PARQUET else arrow_of(table))

    assert [row["altitude_ft"] for row in rows] == [None] * 3
    assert sum(rejects.counts.values()) == 2
    assert "'altitude' holds list<" in next(iter(reasons(rejects)))


@pytest.mark.parametrize(
    "addresses",
    [
        pa.array(["4b1234", "3c6444", None]).cast(pa.string_view()),
        pa.array([b"4b1234", b"3c6444", None]),
        pa.array([b"4b1234", b"3c6444", None], pa.large_binary()),
        pa.array(["4b1234", "3c6444", None]).dictionary_encode(),
        pa.array(["4b1234", "3c6444", None], pa.large_string()).dictionary_encode(),
        pa.DictionaryArray.from_arrays(
            pa.array([0, 1, None], pa.uint32()), pa.array(["4b1234", "3c6444"]).cast(pa.string_view())
        ),
        pa.RunEndEncodedArray.from_arrays(
            pa.array([1, 2, 3], pa.int32()), pa.array(["4b1234", "3c6444", None])
        ),
    ],
    ids=lambda array: str(array.type)[:40],
)
def test_texts_of_any_type_are_read(addresses: pa.Array) -> None:
    """Among them what Polars writes for categories, and bytes that nothing calls texts."""
    rows, rejects = rows_of(ARROW, arrow_of(plain_table(3, icao24=addresses)))

    assert [row["icao24"] for row in rows] == ["4b1234", "3c6444", None]
    assert not rejects.counts


@pytest.mark.parametrize(
    "altitudes",
    [
        pa.array([34000, 100, None]).dictionary_encode(),
        pa.array([Decimal(34000), Decimal(100), None], pa.decimal256(50, 2)),
        pa.array([34000, 100, None], pa.float16()),
        pa.array([34000, 100, None], pa.uint16()),
        pa.RunEndEncodedArray.from_arrays(pa.array([1, 2, 3], pa.int32()), pa.array([34000, 100, None])),
    ],
    ids=lambda array: str(array.type)[:40],
)
def test_numbers_of_any_type_are_read(altitudes: pa.Array) -> None:
    """As categories, with many digits or few; 16 bits hold 34000 as 34016."""
    rows, rejects = rows_of(ARROW, arrow_of(plain_table(3, altitude=altitudes)))

    assert [row["altitude_ft"] for row in rows] == [pytest.approx(34000, abs=16), 100, None]
    assert not rejects.counts


@pytest.mark.parametrize("kind", ["ipc", "ipc_stream", "parquet"])
def test_what_polars_writes_is_read(kind: str) -> None:
    """With categories and enumerations."""
    frame = cast("pl.DataFrame", pl.from_arrow(plain_table(9))).with_columns(
        pl.col("icao24").cast(pl.Categorical), category=pl.Series(["A3"] * 9, dtype=pl.Enum(["A1", "A3"]))
    )
    held = io.BytesIO()
    getattr(frame, f"write_{kind}")(held)

    rows, rejects = rows_of(PARQUET if kind == "parquet" else ARROW, held.getvalue())

    assert [row["icao24"] for row in rows] == [f"4b{i % 7:04x}" for i in range(9)]
    assert {row["category"] for row in rows} == {"A3"}
    assert not rejects.counts


def test_bytes_that_are_no_text_are_unknown_and_counted() -> None:
    """Three bytes of an address are not its six digits."""
    rows, rejects = rows_of(
        ARROW, arrow_of(plain_table(2, icao24=pa.array([b"\x4b\x12\xff", b"\x3c\x64\xff"])))
    )

    assert [row["icao24"] for row in rows] == [None, None]
    assert reasons(rejects) == {"'icao24' holds binary, which is not read": 2}


def test_a_column_of_nothing_is_unknown() -> None:
    """As pandas writes one if all its values are None."""
    rows, rejects = rows_of(PARQUET, parquet_of(plain_table(3, altitude=pa.nulls(3))))

    assert [row["altitude_ft"] for row in rows] == [None] * 3
    assert not rejects.counts


def test_names_with_dots_and_repeated_names_are_read_by_their_place() -> None:
    """A dot is no path into a structure, and the first of two columns counts."""
    table = plain_table(2)
    table = table.rename_columns(["time.stamp", *table.column_names[1:]])
    table = table.append_column("latitude", pa.array([1.0, 2.0]))

    rows, _ = rows_of(PARQUET, parquet_of(table), {"t": "time.stamp"})

    assert [row["lat_deg"] for row in rows] == [47.0, 47.001]


def test_our_own_parquet_keeps_where_its_rows_came_from() -> None:
    """Source file and row are taken over from a table with our names."""
    own = pl.DataFrame(
        {
            "icao24": ["4b1234"],
            "t": [START],
            "lat_deg": [47.0],
            "lon_deg": [8.5],
            "altitude_ft": [34000.0],
            "source_file": ["day.sbs"],
            "source_row": [77],
        }
    )

    rows, _ = rows_of(PARQUET, parquet_of(own))

    assert (rows[0]["source_file"], rows[0]["source_row"], rows[0]["t"]) == ("day.sbs", 77, START)


# Arrow ----------------------------------------------------------------------------------------------------


def arrow_of(
    table: pa.Table, *, is_stream: bool = False, rows: int = 10, compression: str | None = None
) -> bytes:
    held = io.BytesIO()
    options = pa.ipc.IpcWriteOptions(compression=compression)
    new = pa.ipc.new_stream if is_stream else pa.ipc.new_file
    with new(held, table.schema, options=options) as writer:
        writer.write_table(table, max_chunksize=rows)
    return held.getvalue()


@pytest.mark.parametrize("is_stream", [False, True])
@pytest.mark.parametrize("compression", [None, "lz4", "zstd"])
@pytest.mark.parametrize(
    "kind", [pa.string(), pa.large_string(), pa.string_view(), pa.dictionary(pa.int8(), pa.string())]
)
def test_files_and_streams_give_the_same_rows(
    is_stream: bool, compression: str | None, kind: pa.DataType
) -> None:
    """However texts and batches are stored; rows count on through the batches."""
    table = plain_table()
    table = table.set_column(1, "icao24", table["icao24"].cast(kind))
    content = arrow_of(table, is_stream=is_stream, compression=compression)

    rows, rejects = rows_of(ARROW, content)

    assert ARROW.looks_like(content[:65536], "x")
    assert seconds_of(rows) == [row["source_row"] for row in rows] == list(range(30))
    assert [row["icao24"] for row in rows] == [f"4b{i % 7:04x}" for i in range(30)]
    assert not rejects.counts


def test_a_feather_file_is_read() -> None:
    """As pandas and pyarrow write it: version 2 is an Arrow file."""
    held = io.BytesIO()
    pyarrow.feather.write_feather(plain_table(), held)

    rows, _ = rows_of(ARROW, held.getvalue())

    assert seconds_of(rows) == list(range(30))


@pytest.mark.parametrize("is_stream", [False, True])
def test_large_batches_are_read_in_pieces(monkeypatch: pytest.MonkeyPatch, is_stream: bool) -> None:
    """Without any difference."""
    content = arrow_of(plain_table(), is_stream=is_stream)
    whole = rows_of(ARROW, content)

    monkeypatch.setattr(tabular, "ROWS_AT_ONCE", 3)

    assert rows_of(ARROW, content) == whole


@pytest.mark.parametrize("is_stream", [False, True])
def test_what_was_cut_off_gives_its_whole_batches(is_stream: bool) -> None:
    """A file without its end still has a stream within it."""
    content = arrow_of(plain_table(), is_stream=is_stream)
    third = content.rindex(b"4b0000" + b"4b0001")  # within the last batch

    rows, rejects = rows_of(ARROW, content[:third])

    assert seconds_of(rows) == list(range(20))
    assert reasons(rejects)["row in a damaged record batch"] == 1  # how many there were is not known


@pytest.mark.parametrize("is_stream", [False, True])
def test_what_was_cut_off_before_its_first_batch_is_an_error(is_stream: bool) -> None:
    """There is nothing to read."""
    content = arrow_of(plain_table(), is_stream=is_stream)
    first = content.index(b"4b0000" + b"4b0001")

    with pytest.raises(ReadError, match="cannot be taken as a table"):
        rows_of(ARROW, content[:first])
    with pytest.raises(ReadError, match="cannot be taken as a table"):
        rows_of(ARROW, content[:40])


def test_offsets_that_point_elsewhere_are_damage_and_no_crash() -> None:
    """Arrow believes them, and whoever reads the texts then reads other memory."""
    content = arrow_of(plain_table())
    offsets = struct.pack("<4i", 0, 6, 12, 18)
    second = content.index(offsets, content.index(offsets) + 1)
    broken = content[: second + 8] + struct.pack("<i", 2**31 - 1) + content[second + 12 :]

    rows, rejects = rows_of(ARROW, broken)

    assert seconds_of(rows) == [*range(10), *range(20, 30)]
    assert [row["source_row"] for row in rows] == [*range(10), *range(20, 30)]
    assert reasons(rejects) == {"row in a damaged record batch": 10}


def test_an_index_beyond_its_dictionary_is_damage() -> None:
    """All batches share the dictionary, each has indices of its own."""
    table = plain_table()
    table = table.set_column(1, "icao24", table["icao24"].cast(pa.dictionary(pa.int32(), pa.string())))
    content = arrow_of(table)
    indices = struct.pack("<4i", 0, 1, 2, 3)
    first = content.index(indices)
    broken = content[:first] + struct.pack("<i", 5000) + content[first + 4 :]

    rows, rejects = rows_of(ARROW, broken)

    assert [row["source_row"] for row in rows] == seconds_of(rows) == list(range(10, 30))
    assert reasons(rejects) == {"row in a damaged record batch": 10}


@pytest.mark.parametrize("form", [PARQUET, ARROW], ids=lambda form: form.name)
def test_names_that_are_no_utf8_are_an_error_in_words(form: Format) -> None:
    """They cannot be compared with any."""
    table = plain_table(3)
    content = parquet_of(table, store_schema=False) if form is PARQUET else arrow_of(table)

    with pytest.raises(ReadError):
        rows_of(form, content.replace(b"altitude", b"alt\xfftude"))


def test_tables_of_other_things_say_what_they_hold() -> None:
    """Also where there is not one row in them."""
    table = pa.table({"name": pa.array(["x"]), "size": pa.array([1])})

    for form, content in (
        (PARQUET, parquet_of(table)),
        (ARROW, arrow_of(table)),
        (ARROW, arrow_of(table.slice(1))),
    ):
        with pytest.raises(
            FormatError, match=r"no column for icao24, t, lat_deg, lon_deg .*Found: name, size\."
        ):
            rows_of(form, content)

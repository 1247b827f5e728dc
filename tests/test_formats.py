"""Which format a file is: by its content, whatever it is called, and in words where it is none."""

from __future__ import annotations

import gzip
import io
import zipfile
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import wideberth
from receiver_files import (
    aircraft_json,
    avr_capture,
    beast_capture,
    flight,
    flights_json,
    gpx_text,
    igc_text,
    sbs_text,
    trace_json,
)
from table_files import (
    feed_line,
    part_of,
    state,
    states_json,
    tar_of,
    traffic_columns,
    traffic_rows,
    weekly_csv,
)
from wideberth.errors import FormatError, ReadError, UsageError
from wideberth.read import formats
from wideberth.read.batch import Rejects

if TYPE_CHECKING:
    from pathlib import Path


def parquet() -> bytes:
    held = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(traffic_rows(20)), held)
    return held.getvalue()


def arrow(*, is_stream: bool) -> bytes:
    held = io.BytesIO()
    table = pa.Table.from_pylist(traffic_rows(20))
    with (pa.ipc.new_stream if is_stream else pa.ipc.new_file)(held, table.schema) as writer:
        writer.write_table(table)
    return held.getvalue()


def as_json(document: object) -> bytes:
    import json

    return json.dumps(document).encode()


SAMPLES: dict[str, tuple[str, bytes]] = {
    "parquet": ("parquet", parquet()),
    "arrow file": ("arrow", arrow(is_stream=False)),
    "arrow stream": ("arrow", arrow(is_stream=True)),
    "beast": ("beast", beast_capture()),
    "avr": ("avr", avr_capture()),
    "igc": ("igc", igc_text().encode()),
    "gpx": ("gpx", gpx_text().encode()),
    "aircraft.json": ("readsb-aircraft", aircraft_json().encode()),
    "trace_full": ("readsb-trace", trace_json().encode()),
    "states/all": ("opensky-states", states_json([state(i) for i in range(5)]).encode()),
    "no states": ("opensky-states", states_json(None).encode()),
    "flights": ("remote-id", flights_json(flight(), flight("1581F6")).encode()),
    "pandas records": ("traffic", as_json(traffic_rows(20))),
    "pandas columns": ("traffic", as_json(traffic_columns(20))),
    "json lines": ("jsonl", "\n".join(feed_line(i) for i in range(20)).encode()),
    "one json line": ("jsonl", feed_line().encode()),
    "sbs": ("sbs", sbs_text().encode()),
    "csv": ("csv", weekly_csv().encode()),
    "csv with tabs": ("csv", weekly_csv().replace(",", "\t").encode()),
}
NAMES = ["x.parquet", "x.csv", "x.json", "x.txt", "x", "x.gpx", "x.bin"]


@pytest.mark.parametrize("sample", SAMPLES)
def test_each_format_is_recognised_under_any_name(sample: str) -> None:
    """By one format alone, or by the one that is looked for first."""
    name, content = SAMPLES[sample]

    assert {formats.detect(part_of(content, called)).name for called in NAMES} == {name}


def test_each_format_has_a_sample() -> None:
    """So that one that is added is looked for among the others."""
    assert {name for name, _ in SAMPLES.values()} == {each.name for each in formats.formats()}


@pytest.mark.parametrize("sample", SAMPLES)
@pytest.mark.parametrize("cut", [1, 2, 3, 7, 16])
def test_a_sample_that_was_cut_off_is_no_other_format(sample: str, cut: int) -> None:
    """A beginning is recognised as itself or as nothing; JSON lines and a table may begin like others."""
    name, content = SAMPLES[sample]

    try:
        found = formats.detect(part_of(content[: len(content) // cut])).name
    except FormatError:
        return
    assert found in {
        name,
        "jsonl" if name in {"readsb-aircraft", "readsb-trace", "opensky-states", "remote-id"} else name,
    }


@pytest.mark.parametrize("sample", SAMPLES)
def test_naming_the_format_that_it_is_changes_nothing(sample: str) -> None:
    """``--format`` says what the content says."""
    name, content = SAMPLES[sample]

    assert formats.detect(part_of(content), name).name == name


@pytest.mark.parametrize("sample", SAMPLES)
def test_naming_another_format_is_refused_unless_the_file_is_a_table(sample: str) -> None:
    """The message says which it is; a table is what any text with separators looks like."""
    name, content = SAMPLES[sample]
    for other in formats.formats():
        if other.name == name or other.looks_like(content, "x"):
            continue
        if name == "csv":
            assert formats.detect(part_of(content), other.name).name == other.name
            continue
        with pytest.raises(
            FormatError, match=rf"this is .*\({name}\), not .*\({other.name}\).*--format {name}"
        ):
            formats.detect(part_of(content), other.name)


def test_a_format_can_be_named_where_the_content_does_not_tell(tmp_path: Path) -> None:
    """A table whose header is mostly numbers is read as one if one says so."""
    path = tmp_path / "log"
    path.write_text("1,2,3,4,altitude\n1533101250,4b1234,47,8,34000\n")
    mapping = {"t": "1", "icao24": "2", "lat_deg": "3", "lon_deg": "4"}

    with pytest.raises(FormatError, match="not a format that wideberth reads"):
        wideberth.read(str(path), columns=mapping)
    assert len(wideberth.read(str(path), columns=mapping, format="csv")) == 1


def test_a_name_that_is_no_format_is_refused_with_one_like_it() -> None:
    """And with all that are known."""
    with pytest.raises(
        UsageError, match=r"'parket' is not a format\. Did you mean 'parquet'\? Known: parquet, arrow"
    ):
        formats.by_name("parket")
    with pytest.raises(UsageError, match=r"'xyz' is not a format\. Known: "):
        wideberth.read("anything", format="xyz")


def test_a_mapping_is_for_formats_with_names() -> None:
    """SBS has fixed fields."""
    with pytest.raises(
        UsageError, match=r"--columns is for tables and JSON with names; .*\(sbs\) has fixed fields"
    ):
        wideberth.read("anything", format="sbs", columns={"t": "when"})


FOREIGN = {
    "a PDF document": b"%PDF-1.7\n",
    "a PNG picture": b"\x89PNG\r\n\x1a\n",
    "a 7-Zip archive": b"7z\xbc\xaf\x27\x1c\0\x04",
    "an SQLite database": b"SQLite format 3\0",
    "an HDF5 or netCDF file": b"\x89HDF\r\n\x1a\n",
    "an Avro file": b"Obj\x01\x04",
    "a Feather file of version 1": b"FEA1\0\0",
    "an ORC file": b"ORC\x01",
    "an encrypted Parquet file": b"PARE",
    "a Python pickle, which could run code": b"\x80\x04\x95",
    "UTF-16 text": "icao24,lat".encode("utf-16"),
    "an HTML page": b"\n<!DOCTYPE html><html>404",
    "XML: text that begins with": b'<?xml version="1.0"?><kml/>',
    "JSON with the keys error, code": b'{\n"error": "limit",\n"code": 429\n}',
    "text that begins with 'hello'": b"hello",
    "binary data that begins with 00 01 02": bytes(range(9)),
}


@pytest.mark.parametrize("what", FOREIGN)
def test_what_is_no_track_is_named(what: str, tmp_path: Path) -> None:
    """The message says what was looked for, what was found, and what to try."""
    path = tmp_path / "file.csv"
    path.write_bytes(FOREIGN[what])

    with pytest.raises(FormatError) as caught:
        wideberth.read(str(path))

    message = str(caught.value)
    assert message.startswith(f"{path}: not a format that wideberth reads. Looked for: parquet, arrow, ")
    assert f"Found: {what}" in message
    assert "--format" in message
    assert "--columns" in message


def test_what_plainly_is_something_else_is_refused_though_a_format_is_named() -> None:
    """A PDF is no table whatever one says."""
    with pytest.raises(FormatError, match=r"this is a PDF document, not CSV tables.*\(csv\)"):
        formats.detect(part_of(b"%PDF-1.7\n1,2\n"), "csv")


def test_an_empty_file_says_so(tmp_path: Path) -> None:
    """Also where it is empty because compressed data is cut off."""
    empty, cut = tmp_path / "empty", tmp_path / "cut.gz"
    empty.write_bytes(b"")
    cut.write_bytes(gzip.compress(b"time,icao24\n")[:10])

    with pytest.raises(FormatError, match=r"empty\. There is nothing to read"):
        wideberth.read(str(empty))
    with pytest.raises(FormatError, match="empty: compressed data ends early"):
        wideberth.read(str(cut))


def test_in_an_archive_a_foreign_file_is_counted_and_the_others_are_read(tmp_path: Path) -> None:
    """If none can be read, the first error is raised."""
    path = tmp_path / "week.tar"
    path.write_bytes(
        tar_of({"a.bin": b"hello", "b.dat": weekly_csv().encode(), "c.dat": b"name,size\nx,1\n"})
    )
    rejects = Rejects()

    batches = list(formats.batches(str(path), rejects=rejects))

    assert sum(batch.frame.height for batch in batches) == 3
    assert rejects.counts == {
        (f"{path}: a.bin", "of no known format"): 1,
        (f"{path}: c.dat", "of no known format"): 1,
    }
    path.write_bytes(tar_of({"a.bin": b"hello", "c.dat": b"name,size\nx,1\n"}))
    with pytest.raises(FormatError, match=r"a\.bin: not a format"):
        wideberth.read(str(path))


def test_a_member_whose_name_was_lost_is_read(tmp_path: Path) -> None:
    """The list of a damaged zip may say that a name has no letters."""
    path = tmp_path / "day.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x", weekly_csv())
    content = bytearray(path.read_bytes())
    entry = content.rindex(b"PK\x01\x02")
    content[entry + 28 : entry + 30] = b"\0\0"  # the length of its name
    content[entry + 30 : entry + 32] = b"\1\0"  # the name's letter is then an extra field of one byte
    path.write_bytes(content)

    with pytest.raises(ReadError):
        wideberth.read(str(path))


def test_each_part_and_its_format_are_told_before_it_is_read() -> None:
    """For whoever shows progress."""
    seen: list[tuple[str, str]] = []
    parts = [part_of(weekly_csv(), "one"), part_of(sbs_text(), "two")]

    for _ in formats.batches(
        parts, rejects=Rejects(), on_part=lambda part, form: seen.append((part.name, form.name))
    ):
        pass

    assert seen == [("one", "csv"), ("two", "sbs")]


def test_a_format_that_is_read_whole_refuses_what_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before it has taken all memory, and it says what to do."""
    monkeypatch.setattr(formats, "WHOLE_FILE_LIMIT_BYTES", 100)

    with pytest.raises(ReadError, match=r"larger than .*Split it, or convert it to Parquet or JSON lines"):
        wideberth.read(part_of(as_json(traffic_rows(20))))

"""CSV: units and times, rows and their numbers, and what damage costs."""

from __future__ import annotations

import gzip
import random
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import wideberth
from receiver_files import reasons
from table_files import (
    FPM_PER_MPS,
    KT_PER_MPS,
    START,
    START_S,
    after,
    rows_of,
    tar_of,
    weekly_csv,
    weekly_line,
)
from wideberth.errors import ColumnError, FormatError, ReadError, UsageError
from wideberth.read import blocks, delimited
from wideberth.read.batch import Rejects
from wideberth.read.delimited import FORMAT

if TYPE_CHECKING:
    from pathlib import Path

FIELDS = "line with more or fewer fields than the header"
HEADER = "time,icao24,lat,lon,altitude\n"


def line(seconds: int, icao24: str = "4b1234") -> str:
    return f"{START_S + seconds},{icao24},{47 + seconds / 1000},8.5,34000\n"


def seconds_of(rows: list[dict[str, Any]]) -> list[float]:
    return [(row["t"] - START).total_seconds() for row in rows]


def test_a_weekly_sample_of_opensky_gives_each_field_its_column_and_unit() -> None:
    """Metres become feet, metres per second knots and ft/min; the time is that of the position."""
    rows, rejects = rows_of(FORMAT, weekly_csv())

    first = rows[0]
    assert [row["t"] for row in rows] == [after(i - 0.25) for i in range(3)]
    assert first["seen_pos_s"] == 0.25
    assert (first["icao24"], first["callsign"].strip(), first["squawk"]) == ("4b1234", "SWR12", "1000")
    assert (first["lat_deg"], first["lon_deg"], first["altitude_ft"]) == (47.0, 8.5, 34000.0)
    assert (first["height_m"], first["on_ground"], first["track_deg"]) == (10500.5, False, 90.25)
    assert first["groundspeed_kt"] == pytest.approx(231.5 * KT_PER_MPS)
    assert first["vertical_rate_fpm"] == pytest.approx(-3.2512 * FPM_PER_MPS)
    assert not rejects.counts


def test_without_a_position_time_a_row_of_opensky_has_its_own() -> None:
    """``lastposupdate`` is empty where no position was ever had."""
    rows, _ = rows_of(FORMAT, weekly_csv(weekly_line(5, lastposupdate="")))

    assert (rows[0]["t"], rows[0]["seen_pos_s"]) == (after(5), None)


def test_the_weekly_archive_is_read_where_it_lies(tmp_path: Path) -> None:
    """A tar of a gzip member beside a README, as OpenSky publishes an hour."""
    path = tmp_path / "states_2018-08-01-05.csv.tar"
    members = {"states_2018-08-01-05.csv.gz": gzip.compress(weekly_csv().encode()), "README.txt": b"about"}
    path.write_bytes(tar_of(members))

    tracks = wideberth.read(str(path))

    assert [at.as_py() for at in tracks.table["t"]] == [after(i - 0.25) for i in range(3)]
    assert set(tracks.table["source_file"].to_pylist()) == {f"{path}: states_2018-08-01-05.csv.gz"}


@pytest.mark.parametrize(
    ("metres", "feet"),
    [(10363.2, 34000.0), (10058.4, 33000.0), (0.3048, 1.0), (-30.48, -100.0), (7.62, 25.0)],
)
def test_metres_become_exact_levels(metres: float, feet: float) -> None:
    """Two levels 1000 ft apart stay exactly 1000 ft apart, whatever 0.3048 does in binary."""
    rows, _ = rows_of(FORMAT, weekly_csv(weekly_line(baroaltitude=metres)))

    assert rows[0]["altitude_ft"] == feet


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_separators_line_ends_and_byte_order_marks(separator: str, ending: str, mark: str) -> None:
    """All are told from the header, and none stays on a field."""
    lines = [
        ["When", "ICAO24", "Lat", "Lon", "ALT [m]", "Speed (km/h)", "squawk"],
        [str(START_S), "4b1234", "47.5", "8.5", "10363.2", "1852", "7000"],
    ]
    content = mark + ending.join(separator.join(fields) for fields in lines) + ending

    rows, rejects = rows_of(FORMAT, content, {"t": "When"})

    row = rows[0]
    assert FORMAT.looks_like(content.encode(), "x")
    assert (row["t"], row["icao24"], row["lat_deg"], row["altitude_ft"]) == (START, "4b1234", 47.5, 34000.0)
    assert (row["groundspeed_kt"], row["squawk"]) == (pytest.approx(1000.0), "7000")
    assert not rejects.counts


def test_a_separator_within_quotes_is_part_of_a_field() -> None:
    """And two quotes within quotes are one; the header may be quoted, too."""
    content = f'"time";"icao24";"lat, WGS-84";"lon";"callsign"\n{START_S};"4b1234";"47.5";8.5;"a;""b"\n'

    rows, rejects = rows_of(FORMAT, content, {"lat_deg": "lat, WGS-84"})

    assert [(row["lat_deg"], row["callsign"]) for row in rows] == [(47.5, 'a;"b')]
    assert not rejects.counts


@pytest.mark.parametrize("address", ["140000", "4e1234", "000001", "1e9999", "0x1234", "~2b0d0d"])
def test_addresses_stay_texts(address: str) -> None:
    """``4e1234`` is no number, and ``000001`` keeps its zeros."""
    rows, _ = rows_of(FORMAT, HEADER + line(0, address) + line(1))

    assert [row["icao24"] for row in rows] == [address, "4b1234"]


def test_a_squawk_keeps_its_zeros() -> None:
    """Four octal digits are no number either."""
    rows, _ = rows_of(FORMAT, weekly_csv(weekly_line(squawk="0021")))

    assert rows[0]["squawk"] == "0021"


def test_bad_rows_are_counted_with_their_numbers_and_the_others_keep_theirs() -> None:
    """Too few fields, too many, an unreadable time; rows are numbered from the line after the header."""
    lines = [line(0), "x,y\n", line(2), line(3).replace("\n", ",1\n"), line(4), "noon" + line(5), line(6)]

    rows, rejects = rows_of(FORMAT, HEADER + "".join(lines))

    assert [(row["source_row"], s) for row, s in zip(rows, seconds_of(rows), strict=True)] == [
        (0, 0),
        (2, 2),
        (4, 4),
        (6, 6),
    ]
    assert reasons(rejects) == {FIELDS: 2, "time cannot be read": 1}
    assert rejects.examples["file", FIELDS] == "row 1: 2 instead of 5: 'x,y'"
    assert rejects.examples["file", "time cannot be read"].startswith(f"row 5: time is 'noon{START_S + 5}'")


@pytest.mark.parametrize("broken", [[3], [0], [9], [2, 6], [2, 3], [0, 9], [1, 4, 8]])
@pytest.mark.parametrize("ending", ["\n", ""])
def test_a_quote_that_is_not_closed_costs_its_own_row_only(broken: list[int], ending: str) -> None:
    """No row is lost between two such quotes, and none is read twice."""
    lines = [line(i) if i not in broken else line(i).replace(",8.5", ',"8.5') for i in range(10)]

    rows, rejects = rows_of(FORMAT, HEADER + "".join(lines).rstrip("\n") + ending)

    assert (
        seconds_of(rows) == [row["source_row"] for row in rows] == [i for i in range(10) if i not in broken]
    )
    assert reasons(rejects) == {FIELDS: len(broken)}


def test_a_field_with_a_line_break_costs_the_lines_it_is_on() -> None:
    """A row is a line here: both halves are counted."""
    lines = [line(0), line(1).replace("34000\n", '"34\n000"\n'), line(2)]

    rows, rejects = rows_of(FORMAT, HEADER + "".join(lines))

    assert [row["source_row"] for row in rows] == [0, 3]
    assert reasons(rejects) == {FIELDS: 2}


field = st.sampled_from(
    [
        "1533101250",
        "4b1234",
        "47.5",
        "",
        " 3 ",
        '"x"',
        '"a,b"',
        '"a""b"',
        'x"y',
        '"q"z',
        '"',
        "\r",
        "\0",
        "é",
        "nan",
    ]
)
some_lines = st.lists(
    st.lists(field, min_size=1, max_size=5).map(",".join) | st.just("1,4b1234,3,4"), max_size=8
)


@given(some_lines, st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_a_block_at_once_is_what_its_lines_are_one_by_one(
    lines: list[str], ending: str, is_ended: bool
) -> None:
    """Whatever quotes and carriage returns there are: where the fast way reads a block, both agree."""
    block = (ending.join(lines) + ending * is_ended).encode()
    if not block:
        return
    fast, slow = Rejects(), Rejects()
    names, wanted = ["time", "icao24", "lat", "lon"], ["time", "lat", "lon"]

    at_once = delimited._Csv(names, ",", wanted, "x", fast)._at_once(block, 5)
    one_by_one, numbers = delimited._Csv(names, ",", wanted, "x", slow)._line_by_line(block, 5)

    if at_once is not None:
        assert at_once[0].rows() == one_by_one.rows()
        assert at_once[1].to_list() == numbers.to_list()
        assert fast.counts == slow.counts


@pytest.mark.parametrize("seed", range(5))
def test_many_lines_with_damage_here_and_there_are_as_if_read_one_by_one(
    monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """Bad rows, open quotes, blank lines, carriage returns: what lies between is read at once."""
    dice = random.Random(seed)
    lines = [line(at % 1000) for at in range(6000)]
    for kind in (
        "x,y\n",
        "\n",
        line(1).replace(",8.5", ',"8.5'),
        line(2).replace("34000", "\r34000"),
        ",,,,,,\n",
    ):
        for at in dice.sample(range(6000), dice.choice((0, 1, 3))):
            lines[at] = kind
    content = (HEADER + "".join(lines)).encode()
    monkeypatch.setattr(delimited, "LINE_BY_LINE_BYTES", 2000)
    rows, rejects = rows_of(FORMAT, content)

    monkeypatch.setattr(delimited, "LINE_BY_LINE_BYTES", 10**9)
    monkeypatch.setattr(delimited._Csv, "_at_once", lambda *_: None)
    expected, counted = rows_of(FORMAT, content)

    assert rows == expected
    assert rejects.counts == counted.counts


@pytest.mark.parametrize("block_bytes", [1, 60, 200, 1000])
@pytest.mark.parametrize("kind", ["whole", "bad rows", "quotes", "blank lines"])
def test_blocks_make_no_difference(monkeypatch: pytest.MonkeyPatch, block_bytes: int, kind: str) -> None:
    """The same rows, numbers and counts come from a file read in many blocks."""
    lines = [line(i) for i in range(40)]
    if kind == "bad rows":
        lines[7] = lines[30] = "x\n"
    elif kind == "quotes":
        lines[7], lines[30] = lines[7].replace(",8", ',"8'), lines[30].replace(",8", ',"8"')
    elif kind == "blank lines":
        lines[7], lines[30] = "\n", "\r\n"
    content = HEADER + "".join(lines)
    whole = rows_of(FORMAT, content)

    monkeypatch.setattr(delimited, "BLOCK_BYTES", block_bytes)

    assert rows_of(FORMAT, content) == whole
    assert len(whole[0]) == (40 if kind == "whole" else 39 if kind == "quotes" else 38)


def test_a_line_without_end_is_counted_and_the_next_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory does not grow with a line; the numbers of the rows behind it stay right."""
    monkeypatch.setattr(blocks, "LONGEST_LINE", 1000)
    monkeypatch.setattr(delimited, "BLOCK_BYTES", 500)

    rows, rejects = rows_of(FORMAT, HEADER + line(0) + "x" * 5000 + "\n" + line(2) + line(3))

    assert [row["source_row"] for row in rows] == seconds_of(rows) == [0, 2, 3]
    assert reasons(rejects) == {"line too long": 1}


def test_bytes_that_are_no_utf8_cost_no_row() -> None:
    """A Latin-1 callsign is shown with a replacement character."""
    content = (
        (HEADER.replace("altitude", "callsign") + line(0) + line(1))
        .encode()
        .replace(b"34000", b"\xc9\xff", 1)
    )

    rows, rejects = rows_of(FORMAT, content)

    assert [row["callsign"] for row in rows] == ["\ufffd\ufffd", "34000"]
    assert not rejects.counts


def test_nul_bytes_cost_the_values_they_are_in() -> None:
    """A file is a table in spite of them, also where zeros follow its last line, as after a power cut."""
    content = HEADER + line(0) + line(1).replace("34000", "34\x0000") + line(2) + "\0" * 500

    rows, rejects = rows_of(FORMAT, content)

    assert FORMAT.looks_like(content.encode(), "x")
    assert [row["altitude_ft"] for row in rows] == [34000, None, 34000]
    assert reasons(rejects) == {"altitude_ft: no number": 1, FIELDS: 1}


def test_a_carriage_return_within_a_line_ends_no_row() -> None:
    """The row stays one, its value is what it is without it."""
    rows, rejects = rows_of(FORMAT, HEADER + line(0) + line(1).replace("34000", "\r34000") + line(2))

    assert [(row["source_row"], row["altitude_ft"]) for row in rows] == [(0, 34000), (1, 34000), (2, 34000)]
    assert not rejects.counts


def test_blank_lines_and_comments_before_the_header_are_passed_over() -> None:
    """A blank line between rows is no row, but is counted in the rows' numbers."""
    content = "\r\n# from the archive, 2018\n\n#\n" + HEADER + line(0) + "\n" + line(2) + "\r\n" + line(4)

    rows, rejects = rows_of(FORMAT, content)

    assert FORMAT.looks_like(content.encode(), "x")
    assert [row["source_row"] for row in rows] == seconds_of(rows) == [0, 2, 4]
    assert not rejects.counts


def test_the_nameless_index_of_pandas_keeps_its_place() -> None:
    """With a tab between fields ``to_csv`` begins the header with the separator."""
    content = "\t" + HEADER.replace(",", "\t") + "0\t" + line(0).replace(",", "\t")

    rows, rejects = rows_of(FORMAT, content)

    assert seconds_of(rows) == [0]
    assert not rejects.counts


def test_of_two_columns_of_one_name_the_first_is_read() -> None:
    """The second would otherwise replace it."""
    rows, _ = rows_of(FORMAT, HEADER.replace("altitude", "lat") + line(0))

    assert rows[0]["lat_deg"] == 47.0


def test_a_mapping_names_columns_and_their_units() -> None:
    """What it says comes before what the names say."""
    content = "when,who,y,x,h,lat\n2018-08-01 05:27:30,4b1234,0.5,0.1,100,3\n"
    mapping = {"t": "when", "icao24": "who", "lat_deg": "y:rad", "lon_deg": "x", "altitude_ft": "h:fl"}

    rows, _ = rows_of(FORMAT, content, mapping)

    assert rows[0]["lat_deg"] == pytest.approx(28.64788975654116)
    assert (rows[0]["t"], rows[0]["lon_deg"], rows[0]["altitude_ft"]) == (START, 0.1, 10_000)


def test_a_mapping_of_a_column_that_is_not_there_lists_those_that_are() -> None:
    """And a unit that does not fit is refused with those that do."""
    with pytest.raises(ColumnError, match=r"no column 'ALT' for altitude_ft\. Found: time, icao24, lat, lon"):
        rows_of(FORMAT, HEADER.replace("altitude", "h") + line(0), {"altitude_ft": "ALT:m"})
    with pytest.raises(UsageError, match="'kt' is no unit of altitude_ft"):
        rows_of(FORMAT, HEADER + line(0), {"altitude_ft": "altitude:kt"})


def test_a_header_alone_is_a_table_without_rows() -> None:
    """Nothing is wrong with an hour in which nobody flew."""
    assert rows_of(FORMAT, HEADER) == rows_of(FORMAT, HEADER.strip()) == ([], Rejects())


def test_a_file_that_was_cut_off_gives_its_whole_lines() -> None:
    """The line at the cut is counted."""
    content = (HEADER + "".join(line(i) for i in range(5)))[:-20]

    rows, rejects = rows_of(FORMAT, content)

    assert seconds_of(rows) == [0, 1, 2, 3]
    assert reasons(rejects) == {FIELDS: 1}


def test_what_has_no_header_says_so() -> None:
    """The error names the separators that were looked for."""
    with pytest.raises(
        ReadError, match="no header line with names separated by comma, semicolon, tab or bar"
    ):
        rows_of(FORMAT, "hello\nworld\n")


def test_columns_that_are_not_recognised_are_listed() -> None:
    """With what to say about them."""
    with pytest.raises(
        FormatError, match=r"no column for t, lat_deg is recognised\. Found: .*y.*--columns t=NAME"
    ):
        rows_of(FORMAT, "icao24,y,lon\n4b1234,1,2\n")


@pytest.mark.parametrize(
    ("content", "is_it"),
    [
        (weekly_csv(), True),
        ("a;b\n1;2\n", True),
        ("1533101250,4b1234,47.5\n", False),
        ("one word\n", False),
        ("{,}", False),
        ("a,b\x01,c\n", False),
        ("<a,b>\n", False),
        ("", False),
    ],
)
def test_a_table_is_recognised_by_the_names_in_its_first_line(content: str, is_it: bool) -> None:
    """More than half of them must be names, and none of its bytes a control character."""
    assert FORMAT.looks_like(content.encode(), "x.csv") is is_it


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2018-08-01 05:27:30", START),
        ("2018-08-01T05:27:30Z", START),
        ("2018-08-01 05:27:30.125+00:00", after(0.125)),
        ("2018-08-01T07:27:30+02:00", START),
        ("2018-08-01T07:27:30+0200", START),
        ("2018-08-01T05:27:30.123456789Z", after(0.123456)),
        ("2018/08/01 05:27:30", START),
        ("2018-08-01 05:27:30 UTC", START),
        ("2018-08-01T05:27", START - timedelta(seconds=30)),
        ("20180801T052730Z", START),
        ("2018-08-01", datetime(2018, 8, 1, tzinfo=UTC)),
        (" 1533101250 ", START),
        ("1533101250.5", after(0.5)),
        ("1533101250500", after(0.5)),
        ("1533101250500000", after(0.5)),
        ("1533101250500000000", after(0.5)),
        ("1.53310125E9", START),
    ],
)
def test_times_are_numbers_by_magnitude_or_iso_8601(text: str, at: datetime) -> None:
    """Without a zone they are UTC, beside times of another form as well."""
    rows, rejects = rows_of(FORMAT, "time,icao24,lat,lon\n" + f"{text},4b1234,1,2\n{START_S},4b1234,1,2\n")

    assert abs(rows[0]["t"] - at) <= timedelta(microseconds=1)
    assert rows[1]["t"] == START
    assert not rejects.counts


@pytest.mark.parametrize(
    "text", ["yesterday", "2018-13-01 00:00:00", "-1533101250", "1e300", "9999-01-01", "inf"]
)
def test_times_that_cannot_be_are_rejected(text: str) -> None:
    """A year 9999 is no recording."""
    rows, rejects = rows_of(FORMAT, f"time,icao24,lat,lon\n{text},4b1234,1,2\n{START_S},4b1234,1,2\n")

    assert [row["source_row"] for row in rows] == [1]
    assert reasons(rejects) == {"time cannot be read": 1}


@pytest.mark.parametrize("word", ["", "nan", "NaN", "null", "None", "n/a", "-", "--", r"\N", " NaT "])
def test_words_for_unknown_are_not_counted_as_bad(word: str) -> None:
    """Each writer has its own."""
    rows, rejects = rows_of(FORMAT, HEADER + line(0).replace("34000", word) + line(1))

    altitude = rows[0]["altitude_ft"]
    assert altitude is None or altitude != altitude
    assert not rejects.counts


def test_values_that_are_no_numbers_become_unknown_and_are_counted() -> None:
    """The row stays for what else it says."""
    rows, rejects = rows_of(
        FORMAT, HEADER + line(0).replace("34000", "high") + line(1).replace("34000", " 3.4E4 ")
    )

    assert [row["altitude_ft"] for row in rows] == [None, 34000]
    assert rejects.examples["file", "altitude_ft: no number"] == "row 0: altitude is 'high'"


def test_ground_as_an_altitude_marks_the_row() -> None:
    """In any case of its letters; the altitude is then unknown.  A number alone proves no flight."""
    content = HEADER + line(0).replace("34000", "ground") + line(1).replace("34000", "GND") + line(2)

    rows, rejects = rows_of(FORMAT, content)

    assert [(row["altitude_ft"], row["on_ground"]) for row in rows] == [
        (None, True),
        (None, True),
        (34000, None),
    ]
    assert not rejects.counts


@pytest.mark.parametrize(
    ("word", "is_it"), [("True", True), ("false", False), ("1", True), ("0", False), ("T", True), ("", None)]
)
def test_flags_come_in_many_words(word: str, is_it: bool | None) -> None:
    """Capitals or not, words or digits."""
    rows, rejects = rows_of(FORMAT, weekly_csv(weekly_line(onground=word)))

    assert rows[0]["on_ground"] is is_it
    assert not rejects.counts

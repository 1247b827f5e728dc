"""JSON lines: names, kinds and nesting; the lines that are damaged, and the blocks that they stand in."""

from __future__ import annotations

import gzip
import json
import random
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import wideberth
from receiver_files import reasons
from table_files import START, START_S, after, feed_line, part_of, rows_in, rows_of
from wideberth.errors import ColumnError, FormatError
from wideberth.read import blocks, jsonlines, values
from wideberth.read.batch import Rejects
from wideberth.read.jsonlines import FORMAT

if TYPE_CHECKING:
    from pathlib import Path

NOT_ONE = "not a JSON object with names"


def feed(*lines: str) -> str:
    return "\n".join([*lines, ""])


def seconds_of(rows: list[dict[str, Any]]) -> list[float]:
    return [(row["t"] - START).total_seconds() + 0.25 for row in rows]


def test_a_line_of_a_receiver_gives_each_field_its_column() -> None:
    """The position is older than ``now`` by ``seen_pos``, and that is the time of the row."""
    rows, rejects = rows_of(FORMAT, feed(feed_line(), feed_line(seconds=10, alt_baro="ground", seen_pos=1.5)))

    first, second = rows
    assert (first["t"], first["seen_pos_s"], second["t"]) == (after(-0.25), 0.25, after(8.5))
    assert (first["icao24"], first["callsign"].strip(), first["squawk"]) == ("4b1234", "SWR12", "0021")
    assert (first["lat_deg"], first["lon_deg"], first["altitude_ft"]) == (47.0, 8.5, 34000)
    assert (first["groundspeed_kt"], first["track_deg"], first["vertical_rate_fpm"]) == (450.5, 90.25, -640)
    assert (first["on_ground"], second["on_ground"], second["altitude_ft"]) == (False, True, None)
    assert not rejects.counts


def test_the_age_of_a_position_that_is_not_told_is_none() -> None:
    """Then ``now`` is the time; an age below zero or above a day is not believed."""
    lines = [feed_line(seen_pos=None), feed_line(10, seen_pos=-3), feed_line(20, seen_pos=1e6), feed_line(30)]

    rows, _ = rows_of(FORMAT, feed(*lines))

    assert [row["t"] for row in rows] == [START, after(10), after(20), after(29.75)]
    assert [row["seen_pos_s"] for row in rows] == [None, None, None, 0.25]


@pytest.mark.parametrize(
    ("scale", "name"), [(1, "timestamp"), (1e3, "timestamp"), (1e6, "time"), (1e9, "ts"), (1, "now")]
)
def test_times_are_told_by_their_magnitude(scale: float, name: str) -> None:
    """Seconds, milliseconds, microseconds, nanoseconds; a plain feed tells the time of the row."""
    row = {
        "icao24": "4b1234",
        name: int((START_S + 0.5) * scale) if scale > 1 else START_S + 0.5,
        "lat": 1,
        "lon": 2,
    }

    rows, _ = rows_of(FORMAT, feed(json.dumps(row)))

    assert rows[0]["t"] == after(0.5)


def test_metres_of_opensky_become_exact_levels() -> None:
    """State vectors written one a line, as objects."""
    row = {"icao24": "4b1234", "time": START_S, "lat": 1, "lon": 2, "baroaltitude": 10363.2, "velocity": 100}

    rows, _ = rows_of(FORMAT, feed(json.dumps(row)))

    assert (rows[0]["altitude_ft"], rows[0]["groundspeed_kt"]) == (34000.0, pytest.approx(194.384449))


def test_what_stands_in_an_object_comes_after_the_names_of_the_line() -> None:
    """A position within an object is found; one on the line itself goes before it."""
    lines = [
        json.dumps({"hex": "4b1234", "now": START_S, "seen_pos": 0, "position": {"lat": 1.5, "lon": 2.5}}),
        json.dumps(
            {
                "hex": "4b1234",
                "now": START_S,
                "seen_pos": 0,
                "lat": 3.5,
                "lon": 4.5,
                "last": {"lat": 9, "lon": 9},
            }
        ),
    ]

    rows, rejects = rows_of(FORMAT, feed(*lines))

    assert [(row["lat_deg"], row["lon_deg"]) for row in rows] == [(1.5, 2.5), (3.5, 4.5)]
    assert not rejects.counts


def test_damaged_lines_are_counted_and_the_others_keep_their_numbers() -> None:
    """Cut, no object, empty, another kind; blank lines are passed over but counted in the numbers."""
    lines = [
        feed_line(0),
        feed_line(1)[:-20],
        feed_line(2),
        "",
        "[1, 2]",
        "null",
        "{}",
        "\0\0",
        feed_line(8),
        "7",
    ]

    rows, rejects = rows_of(FORMAT, feed(*lines))

    assert [row["source_row"] for row in rows] == seconds_of(rows) == [0, 2, 8]
    assert reasons(rejects) == {NOT_ONE: 5}
    assert rejects.examples["file", NOT_ONE].startswith('line 2: b\'{"now": 1533101251')


def test_a_file_that_was_cut_off_gives_its_whole_lines() -> None:
    """The line at the cut is counted."""
    content = feed(*(feed_line(i) for i in range(5)))

    rows, rejects = rows_of(FORMAT, content[:-30])

    assert seconds_of(rows) == [0, 1, 2, 3]
    assert reasons(rejects) == {NOT_ONE: 1}


@pytest.mark.parametrize("block_bytes", [1, 100, 300, 1000])
@pytest.mark.parametrize("kind", ["whole", "damaged", "nested", "mixed"])
def test_blocks_make_no_difference(monkeypatch: pytest.MonkeyPatch, block_bytes: int, kind: str) -> None:
    """The same rows, numbers and counts come from a file read in many blocks."""
    lines = [feed_line(i) for i in range(30)]
    if kind == "damaged":
        lines[4], lines[20] = lines[4][:-9], "nothing"
    elif kind == "nested":
        lines[4] = feed_line(4, extra={"lat": 1.0, "nic": 7})
    elif kind == "mixed":
        lines[4], lines[20] = feed_line(4, alt_baro="ground"), feed_line(20, gs="fast")
    whole = rows_of(FORMAT, feed(*lines))

    monkeypatch.setattr(blocks, "BLOCK_BYTES", block_bytes)
    rows, rejects = rows_of(FORMAT, feed(*lines))

    assert known(rows) == known(whole[0])
    assert reasons(rejects) == reasons(whole[1])


def known(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return rows without what is unknown in them: a block knows fewer columns than a file."""
    return [{name: value for name, value in row.items() if value is not None} for row in rows]


def test_a_block_that_lacks_a_name_is_of_the_dialect_of_those_before_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """``t`` is readsb's type designator, as ``alt_baro`` tells: a block without that must read no time."""
    row = {"now": START_S, "hex": "4b1234", "lat": 1.0, "lon": 2.0, "t": "BCS3", "alt_baro": 1000}
    lines = [json.dumps(row), *[json.dumps({name: row[name] for name in row if name != "alt_baro"})] * 20]

    monkeypatch.setattr(blocks, "BLOCK_BYTES", 200)
    rows, rejects = rows_of(FORMAT, feed(*lines))

    assert len(rows) == 21
    assert {(row["type_code"], row["t"]) for row in rows} == {("BCS3", START)}
    assert not rejects.counts


def test_addresses_stay_texts_and_numbers_are_refused() -> None:
    """JSON tells texts from numbers; a number is no address, for its zeros and letters are gone."""
    rows, _ = rows_of(FORMAT, feed(*(feed_line(hex=text) for text in ("140000", "4e1234", "000001"))))

    assert [row["icao24"] for row in rows] == ["140000", "4e1234", "000001"]
    with pytest.raises(ColumnError, match="the addresses in 'hex' are numbers"):
        rows_of(FORMAT, feed(feed_line(hex=140000)))


def test_of_a_name_twice_in_an_object_the_first_counts() -> None:
    """On either way of reading a block."""
    twice = feed_line(0)[:-1] + ', "lat": 9.0}'

    alone, _ = rows_of(FORMAT, feed(twice))
    beside, _ = rows_of(FORMAT, feed(twice, "damaged"))

    assert [row["lat_deg"] for row in alone + beside] == [47.0, 47.0]


def test_half_a_surrogate_pair_and_bytes_that_are_no_utf8_are_replaced() -> None:
    """They cost the character, not the line."""
    content = feed(feed_line(flight="SWR\ud800"), feed_line(flight="XYZ")).encode().replace(b"XYZ", b"XY\xff")

    rows, rejects = rows_of(FORMAT, content)

    assert [row["callsign"] for row in rows] == ["SWR\ufffd", "XY\ufffd"]
    assert not rejects.counts


def test_half_a_surrogate_pair_in_a_name_does_no_harm() -> None:
    """Polars takes no such name; compared without punctuation it is one that is known."""
    odd = feed_line(1).replace('"lon"', '"lo\\ud800n"')

    rows, rejects = rows_of(FORMAT, feed(feed_line(0), odd))

    assert [row["lon_deg"] for row in rows] == [8.5, 8.5]
    assert not rejects.counts


def test_a_pair_of_surrogates_is_one_character() -> None:
    """As JSON writes what lies beyond 16 bits."""
    rows, _ = rows_of(FORMAT, feed(feed_line(flight="\U0001f6e9")))

    assert rows[0]["callsign"] == "\U0001f6e9"


def test_a_byte_order_mark_belongs_to_no_line() -> None:
    """Nor do carriage returns."""
    rows, rejects = rows_of(FORMAT, "\ufeff" + feed_line(0) + "\r\n" + feed_line(1) + "\r\n")

    assert seconds_of(rows) == [0, 1]
    assert not rejects.counts


@pytest.mark.parametrize(
    "number", ["1e999", "123456789012345678901234567890", "9" * 5000, "-0.0", "NaN", "Infinity"]
)
def test_numbers_of_any_size_do_no_harm(number: str) -> None:
    """What no column can hold is unknown, or its line is counted."""
    odd = feed_line(1).replace("450.5", number)

    rows, rejects = rows_of(FORMAT, feed(feed_line(0), odd, feed_line(2)))

    assert [row["source_row"] for row in rows if row["source_row"] != 1] == [0, 2]
    assert len(rows) + sum(rejects.counts.values()) == 3


def test_nesting_without_end_is_damage_and_no_crash() -> None:
    """Both parsers give up on depth."""
    rows, rejects = rows_of(FORMAT, feed(feed_line(0), '{"a":' * 100_000 + "1" + "}" * 100_000, feed_line(2)))

    assert seconds_of(rows) == [0, 2]
    assert reasons(rejects) == {NOT_ONE: 1}


def test_objects_whose_names_are_addresses_take_no_memory() -> None:
    """A column for every name would be 20,000 columns of 4000 rows; only what a track needs is read."""
    lines = [
        feed_line(i)[:-1] + "".join(f', "{i * 5 + j:06x}": [1, 2]' for j in range(5)) + "}"
        for i in range(4000)
    ]

    rows, rejects = rows_of(FORMAT, feed(*lines))

    assert seconds_of(rows) == list(range(4000))
    assert not rejects.counts


value = st.sampled_from(
    [
        "1",
        '"x"',
        "null",
        "true",
        "[1]",
        '{"lat":3}',
        "1.5",
        '"ground"',
        "1e400",
        "NaN",
        '"\\ud800"',
        '"é"',
        "{}",
        "01",
    ]
)


@st.composite
def lines_of_values(draw: st.DrawFn) -> str:
    texts = ["1533101250", '"4b1234"', "47.5", "8", "3", "false", "1"]
    fields = dict(zip(["time", "icao24", "lat", "lon", "alt_baro", "onground", "x"], texts, strict=True))
    if draw(st.booleans()):
        fields[draw(st.sampled_from(sorted(fields)))] = draw(value)
    if draw(st.booleans()):
        del fields[draw(st.sampled_from(sorted(fields)))]
    return (
        "{" + ",".join(f'"{name}":{text}' for name, text in fields.items()) + "}"[: draw(st.integers(0, 9))]
    )


@given(st.lists(lines_of_values() | st.just(""), min_size=1, max_size=6))
def test_a_block_at_once_is_what_its_lines_are_one_by_one(lines: list[str]) -> None:
    """Whatever kinds and names there are, where the fast way reads a block it says what the slow one says."""
    block = "\n".join(lines).encode()

    at_once = jsonlines._at_once(block, 5, {}, None)
    if at_once is None:
        return
    frame, names, numbers = at_once
    rejects = Rejects()
    slow, slow_names, slow_numbers = jsonlines._line_by_line(block, 5, "x", rejects)

    assert not rejects.counts
    assert numbers.to_list() == slow_numbers.to_list()
    assert {name for name in frame.columns if values.NESTED not in name} <= set(names)
    for name in frame.columns:
        kept = frame[name].cast(str, strict=False).to_list()
        wanted = slow[name].cast(str, strict=False).to_list() if name in slow_names else [None] * frame.height
        assert [_as_number(each) for each in kept] == [_as_number(each) for each in wanted]


def _as_number(value: float | str | None) -> float | str | None:
    try:
        return None if value is None or value == "ground" else float(value)
    except ValueError:
        return value


@pytest.mark.parametrize("seed", range(5))
def test_many_lines_with_damage_here_and_there_are_as_if_read_one_by_one(
    monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """What lies between is read at once, and all is counted."""
    dice = random.Random(seed)
    lines = [feed_line(at) for at in range(2000)]
    for kind in (
        "{",
        "",
        "[]",
        feed_line(1, alt_baro="ground"),
        feed_line(2, more={"nic": 3}),
        feed_line(3, gs="x"),
    ):
        for at in dice.sample(range(2000), dice.choice((0, 1, 3))):
            lines[at] = kind
    monkeypatch.setattr(jsonlines, "LINE_BY_LINE_BYTES", 2000)
    rows, rejects = rows_of(FORMAT, feed(*lines))

    monkeypatch.setattr(jsonlines, "LINE_BY_LINE_BYTES", 10**9)
    monkeypatch.setattr(jsonlines, "_at_once", lambda *_: None)
    expected, counted = rows_of(FORMAT, feed(*lines))

    assert known(rows) == known(expected)
    assert rejects.counts == counted.counts


def test_names_that_are_not_recognised_are_listed() -> None:
    """With what to say about them."""
    with pytest.raises(
        FormatError, match=r"no column for lat_deg, lon_deg is recognised\. Found: hex, now, x, y\."
    ):
        rows_of(FORMAT, feed(json.dumps({"hex": "4b1234", "now": START_S, "x": 1, "y": 2})))


def test_a_mapping_names_them() -> None:
    """With a unit where it is another."""
    line = json.dumps({"hex": "4b1234", "now": START_S, "x": 1, "y": 2, "h": 10363.2})

    rows, _ = rows_of(FORMAT, feed(line), {"lon_deg": "x", "lat_deg": "y", "altitude_ft": "h:m"})

    assert (rows[0]["lat_deg"], rows[0]["lon_deg"], rows[0]["altitude_ft"]) == (2, 1, 34000.0)


@pytest.mark.parametrize(
    ("content", "is_it"),
    [
        (feed(feed_line(), feed_line()), True),
        (feed_line(), True),
        (feed("garbled", *[feed_line()] * 3), True),
        (feed('{"mlat": [], "hex": "4b1234"}', feed_line()), True),
        ('{\n"a": 1,\n"b": 2\n}\n', False),
        ("[1, 2]\n[3, 4]\n", False),
        ("icao24,lat\n1,2\n", False),
        ("", False),
    ],
)
def test_it_is_recognised_by_its_lines(content: str, is_it: bool) -> None:
    """Most of the first twenty are objects."""
    assert FORMAT.looks_like(content.encode(), "x.json") is is_it


@pytest.mark.parametrize("name", ["monterey-2025-06-01.jsonl.gz", "blackrock-2023-08-29.jsonl"])
def test_real_recordings_read_without_loss(shared_data: Path, name: str) -> None:
    """Each line is a row with the time, place and altitude that it tells."""
    path = shared_data / name
    content = gzip.decompress(path.read_bytes()) if name.endswith("gz") else path.read_bytes()
    told = [json.loads(line) for line in content.splitlines()]
    rejects = Rejects()

    rows = rows_in(FORMAT.read(part_of(content), rejects))

    assert [row["source_row"] for row in rows] == list(range(len(told)))
    assert [(row["icao24"], row["lat_deg"], row["lon_deg"]) for row in rows] == [
        (line.get("hex"), line.get("lat"), line.get("lon")) for line in told
    ]
    assert [row["altitude_ft"] for row in rows] == [_as_number(line.get("alt_baro")) for line in told]
    assert [bool(row["on_ground"]) for row in rows] == [line.get("alt_baro") == "ground" for line in told]
    assert not rejects.counts
    assert len(wideberth.read(str(path), keep_all=True)) > 0.8 * len(told)

"""/states/all: units and times, answers one a line, and what is whole in a damaged one."""

from __future__ import annotations

import json
from typing import Any

import pytest

from receiver_files import reasons
from table_files import FPM_PER_MPS, KT_PER_MPS, START, START_S, after, rows_of, state, states_json
from wideberth.errors import FormatError
from wideberth.read import blocks, formats, opensky
from wideberth.read.opensky import FORMAT


def seconds_of(rows: list[dict[str, Any]]) -> list[float]:
    return [(row["t"] - START).total_seconds() for row in rows]


def test_a_state_gives_each_element_its_column_and_unit() -> None:
    """Metres become feet, metres per second knots and ft/min, numbers of categories their names."""
    rows, rejects = rows_of(FORMAT, states_json([state()]))

    row = rows[0]
    assert (row["t"], row["seen_pos_s"]) == (START, 2.0)
    assert (row["icao24"], row["callsign"].strip(), row["squawk"]) == ("4b1234", "SWR12", "1000")
    assert (row["lat_deg"], row["lon_deg"], row["altitude_ft"]) == (47.0, 8.5, 34000.0)
    assert (row["height_m"], row["on_ground"], row["track_deg"]) == (10500.5, False, 90.25)
    assert row["groundspeed_kt"] == pytest.approx(231.5 * KT_PER_MPS)
    assert row["vertical_rate_fpm"] == pytest.approx(-3.25 * FPM_PER_MPS)
    assert (row["category"], row["source"]) == ("A3", "adsb")
    assert not rejects.counts


@pytest.mark.parametrize(
    ("number", "source"), [(0, "adsb"), (1, "asterix"), (2, "mlat"), (3, "flarm"), (9, None)]
)
def test_the_source_of_a_position_has_a_name(number: int, source: str | None) -> None:
    """By the table in OpenSky's documentation."""
    rows, _ = rows_of(FORMAT, states_json([state(position_source=number)]))

    assert rows[0]["source"] == source


@pytest.mark.parametrize(
    ("number", "category"), [(0, None), (1, None), (2, "A1"), (8, "A7"), (9, "B1"), (20, "C5")]
)
def test_the_category_has_the_letters_of_its_standard(number: int, category: str | None) -> None:
    """By the same table: 2 is light, 8 a rotorcraft, 9 a glider, 20 a line obstacle."""
    rows, _ = rows_of(FORMAT, states_json([state(category=number)]))

    assert rows[0]["category"] == category


def test_answers_without_a_category_have_17_elements() -> None:
    """Unless ``extended`` was asked for."""
    short = state()[:17]

    rows, rejects = rows_of(FORMAT, states_json([short, short]))

    assert [(row["altitude_ft"], row["category"]) for row in rows] == [(34000.0, None)] * 2
    assert not rejects.counts


def test_no_aircraft_is_an_answer_without_rows() -> None:
    """OpenSky then says null."""
    assert rows_of(FORMAT, states_json(None))[0] == rows_of(FORMAT, states_json([]))[0] == []


def test_where_a_position_has_no_time_the_answer_has_one() -> None:
    """Null means that there was none within 15 s: place and altitude are unknown as well."""
    rows, _ = rows_of(FORMAT, states_json([state(time_position=None, latitude=None, longitude=None)]))

    assert (rows[0]["t"], rows[0]["seen_pos_s"], rows[0]["lat_deg"]) == (after(2), None, None)


def test_answers_one_a_line_are_all_read() -> None:
    """Each has its own time, blank lines are none, rows count on through the file."""
    untimed = [state(i, time_position=None) for i in range(2)]
    lines = ["", states_json(untimed, START_S), states_json(None), "", states_json(untimed, START_S + 10), ""]

    rows, rejects = rows_of(FORMAT, "\n".join(lines))

    assert seconds_of(rows) == [0, 0, 10, 10]
    assert [row["source_row"] for row in rows] == [0, 1, 2, 3]
    assert not rejects.counts


@pytest.mark.parametrize("block_bytes", [1, 500, 5000])
def test_blocks_and_batches_make_no_difference(monkeypatch: pytest.MonkeyPatch, block_bytes: int) -> None:
    """The same rows come from a file of many blocks."""
    content = "\n".join(states_json([state(i), state(i, "4b9999")], START_S + i) for i in range(20))
    whole = rows_of(FORMAT, content)

    monkeypatch.setattr(blocks, "BLOCK_BYTES", block_bytes)
    monkeypatch.setattr(opensky, "ROWS_AT_ONCE", 3)

    assert rows_of(FORMAT, content) == whole
    assert len(whole[0]) == 40


def test_an_answer_of_many_lines_is_one() -> None:
    """As people store what they have looked at."""
    answer = json.loads(states_json([state(i) for i in range(3)]))

    assert rows_of(FORMAT, json.dumps(answer, indent=1)) == rows_of(FORMAT, json.dumps(answer))


@pytest.mark.parametrize("keep", [0.3, 0.6, 0.95])
@pytest.mark.parametrize("indent", [None, 1])
def test_an_answer_that_was_cut_off_gives_the_states_before_the_cut(keep: float, indent: int | None) -> None:
    """The state at the cut is counted."""
    answer = json.loads(states_json([state(i, f"4b{i:04x}") for i in range(50)]))
    whole = json.dumps(answer, indent=indent)
    cut = whole[: int(len(whole) * keep)]

    rows, rejects = rows_of(FORMAT, cut)

    assert [row["icao24"] for row in rows] == [f"4b{i:04x}" for i in range(cut.count("]"))]
    assert reasons(rejects) == {"damaged JSON": 1}


def test_a_damaged_line_among_others_gives_the_states_that_are_whole() -> None:
    """Be it the first or not, each at the time of its own answer; what is no answer at all is counted."""
    lines = [states_json([state(time_position=None)] * 3, START_S + 10 * i) for i in range(3)]
    broken = [line.replace('"Switzerland"', "Switzerland", 1) for line in lines]

    first, first_rejects = rows_of(FORMAT, "\n".join([broken[0], *lines[1:]]))
    second, second_rejects = rows_of(FORMAT, "\n".join([lines[0], broken[1], "busy", lines[2]]))

    assert seconds_of(first) == [0, 0, 10, 10, 10, 20, 20, 20]
    assert seconds_of(second) == [0, 0, 0, 10, 10, 20, 20, 20]
    assert reasons(first_rejects)["damaged JSON"] >= 1
    assert reasons(second_rejects) == {"damaged JSON": 1, "not an answer of OpenSky": 1}


def test_a_damaged_first_line_does_not_make_the_rest_be_read_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers one a line may be many more than fit into memory."""
    monkeypatch.setattr(formats, "WHOLE_FILE_LIMIT_BYTES", 500)
    lines = [states_json([state(i)]) for i in range(10)]

    rows, rejects = rows_of(FORMAT, "\n".join([lines[0][:-3], *lines[1:]]))
    later, _ = rows_of(FORMAT, "\n".join(["", "busy", *lines]))

    assert seconds_of(rows) == list(range(1, 10))
    assert reasons(rejects) == {"damaged JSON": 1}
    assert seconds_of(later) == list(range(10))


def test_states_that_are_none_are_counted() -> None:
    """Too short, or of another kind; those around them are read."""
    rows, rejects = rows_of(FORMAT, states_json([state(0), ["4b1234"], None, 7, "x", state(5)]))

    assert [row["source_row"] for row in rows] == [0, 5]
    assert reasons(rejects) == {"not a state": 4}


def test_states_that_are_no_list_are_counted() -> None:
    """An error message may stand there."""
    rows, rejects = rows_of(FORMAT, '{"time": 1, "states": null}\n{"time": 1, "states": "busy"}\n')

    assert rows == []
    assert reasons(rejects) == {"states are no list": 1}


@pytest.mark.parametrize("time", ["null", '"noon"', "true", "9" * 5000, "1e400", "NaN", "-5", "[[]]"])
def test_an_answer_without_a_time_that_can_be_has_the_times_of_its_positions(time: str) -> None:
    """Whatever stands there instead."""
    content = states_json([state(0), state(1, time_position=None)]).replace(str(START_S + 2), time)

    rows, _ = rows_of(FORMAT, content)

    assert rows[0]["t"] == START
    assert all(row["t"] in (None, START) for row in rows)


def test_values_of_a_wrong_kind_become_unknown() -> None:
    """The state stays for what else it says."""
    odd = state(0, baro_altitude="high", velocity=[1], true_track={"a": 1}, on_ground="maybe", callsign=5)

    rows, rejects = rows_of(FORMAT, states_json([odd, state(1)]))

    assert [row["altitude_ft"] for row in rows] == [None, 34000.0]
    assert (rows[0]["groundspeed_kt"], rows[0]["track_deg"], rows[0]["on_ground"]) == (None, None, None)
    assert reasons(rejects) == {"altitude_ft: no number": 1, "on_ground: neither true nor false": 1}


def test_nesting_without_end_is_damage_and_no_crash() -> None:
    """The JSON parser gives up on depth; the states before are read."""
    rows, rejects = rows_of(FORMAT, states_json([state(0)]).replace("]]}", "]," + '["4b1234", ' * 50_000))

    assert seconds_of(rows) == [0]
    assert reasons(rejects)["damaged JSON"] == 10_000


def test_what_is_no_answer_says_what_was_looked_for() -> None:
    """Named as this format, a file of another kind is refused in words."""
    with pytest.raises(FormatError, match=r'no "states": \[\.\.\.\] found'):
        rows_of(FORMAT, '{"aircraft": []}')


@pytest.mark.parametrize(
    ("content", "is_it"),
    [
        (states_json([state()]), True),
        (states_json(None), True),
        ("\n " + json.dumps(json.loads(states_json([state()])), indent=2), True),
        ('{"states": "all fifty"}', False),
        ('[{"states": []}]', False),
        ('{"aircraft": []}', False),
    ],
)
def test_it_is_recognised_by_its_list_of_states(content: str, is_it: bool) -> None:
    """A list or null must follow the name."""
    assert FORMAT.looks_like(content.encode(), "x.json") is is_it

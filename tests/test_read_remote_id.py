"""Drone Remote ID as JSON: a provider's flights (ASTM F3411), and what receivers make of broadcasts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receiver_files import NOON, flight, flights_json, reasons, rows_of
from wideberth.errors import FormatError
from wideberth.read.batch import Rejects
from wideberth.read.gpx import pseudo_address
from wideberth.read.remote_id import FORMAT, NEWEST_S, OLDEST_S, Documents, within_hour_s

if TYPE_CHECKING:
    from pathlib import Path

BASIC = {"id": "1581F5FHB234", "id_type": "Serial Number (ANSI/CTA-2063-A)", "ua_type": 2}
PLACE = {
    "latitude": 47.0,
    "longitude": 8.0,
    "geodetic_altitude": 520.0,
    "pressure_altitude": "304.8 m",
    "speed": 10.0,
}


def broadcast(received_s: float, *documents: Any) -> tuple[list[dict[str, Any]], Rejects]:
    found = Documents("receiver", rejects := Rejects())
    for each in documents:
        found.add(each, received_s)
    batches = list(found.rows.taken())
    return (batches[0].frame.to_dicts() if batches else []), rejects


def test_a_flight_becomes_a_row_in_our_units(tmp_path: Path) -> None:
    """Metres, metres per second and names of accuracies become what columns.py says."""
    (row,), rejects = rows_of(FORMAT, flights_json(), tmp_path)

    assert not rejects.total()
    assert row["icao24"] == pseudo_address("remote id", "1581F5FHB234")
    assert row["t"] == NOON
    assert (row["lat_deg"], row["lon_deg"], row["height_m"], row["track_deg"]) == (47.0, 8.0, 520.0, 90.0)
    assert row["altitude_ft"] == pytest.approx(1000.0)
    assert row["groundspeed_kt"] == pytest.approx(19.43844)  # 10 m/s
    assert row["vertical_rate_fpm"] == pytest.approx(-196.8504)  # -1 m/s
    assert (row["nac_p"], row["nac_v"], row["on_ground"]) == (10, 3, False)
    assert (row["callsign"], row["source"], row["category"]) == ("1581F5FHB234", "remote_id", "B6")


def test_what_f3411_writes_for_unknown_is_unknown(tmp_path: Path) -> None:
    """Its special values are no values; a place at (0, 0) is none."""
    unknown = flight(lat=0, lng=0, alt=-1000, pressure_altitude=-1000)
    unknown["current_state"] |= {
        "track": 361,
        "speed": 255,
        "vertical_speed": 63,
        "operational_status": "Undeclared",
    }
    (row,), _ = rows_of(FORMAT, flights_json(unknown), tmp_path)

    names = (
        "lat_deg",
        "lon_deg",
        "altitude_ft",
        "height_m",
        "track_deg",
        "groundspeed_kt",
        "vertical_rate_fpm",
    )
    assert [row[name] for name in (*names, "on_ground")] == [None] * 8


def test_recent_positions_are_rows_too(tmp_path: Path) -> None:
    """What a provider tells of the last minute fills what lies between two questions."""
    told = flight(seconds=2)
    told["recent_positions"] = [
        {"time": {"value": "2024-05-01T12:00:01Z"}, "position": {"lat": 46.9, "lng": 8.0, "alt": 510.0}},
        {"time": {"value": "not a time"}, "position": {"lat": 46.9, "lng": 8.0}},
        "nothing",
    ]
    rows, rejects = rows_of(FORMAT, flights_json(told), tmp_path)

    assert [(row["t"] - NOON).total_seconds() for row in rows] == [1.0, 2.0]
    assert reasons(rejects) == {"no time": 1}


def test_answers_one_a_line_are_read(tmp_path: Path) -> None:
    """A file of several answers gives the rows of all, and one damaged line is counted."""
    lines = [flights_json(flight(seconds=i)) for i in range(3)]
    rows, rejects = rows_of(FORMAT, "\n".join([*lines[:2], lines[2][:50], lines[2]]), tmp_path)

    assert [(row["t"] - NOON).total_seconds() for row in rows] == [0.0, 1.0, 2.0]
    assert reasons(rejects) == {"not a flight, and not a drone's messages": 1}


def test_what_is_no_flight_is_counted(tmp_path: Path) -> None:
    """Entries without an identification or a position are rejected with a reason."""
    rows, rejects = rows_of(FORMAT, flights_json(flight(), {"id": "x"}, {"nothing": 1}, "text"), tmp_path)  # type: ignore[arg-type]

    assert len(rows) == 1
    assert reasons(rejects) == {"flight without a position": 1, "no identification": 2}


def test_other_json_is_refused(tmp_path: Path) -> None:
    """The message says what was looked for."""
    with pytest.raises(FormatError, match="no Remote ID found"):
        rows_of(FORMAT, '{"some": "thing"}', tmp_path)
    with pytest.raises(FormatError, match="no Remote ID found"):
        rows_of(FORMAT, "text\nmore text", tmp_path)


@pytest.mark.parametrize(
    "document",
    [
        {"Basic ID": BASIC, "Location/Vector Message": PLACE, "index": 1},
        [{"MAC": "AA:BB"}, {"Basic ID": BASIC}, {"Location/Vector Message": PLACE}, None, "text"],
    ],
)
def test_messages_of_a_receiver_become_a_row(document: Any) -> None:
    """In an object or in a list; a number may have its unit behind it."""
    (row,), _ = broadcast(NOON.timestamp() + 30, document)

    assert row["icao24"] == pseudo_address("remote id", "1581F5FHB234")
    assert (row["t"] - NOON).total_seconds() == 30
    assert (row["lat_deg"], row["lon_deg"], row["height_m"]) == (47.0, 8.0, 520.0)
    assert row["altitude_ft"] == pytest.approx(1000.0)
    assert row["registration"] is None


def test_a_broadcast_in_a_file_has_no_hour(tmp_path: Path) -> None:
    """Nothing tells when it was received, so that the row is rejected with that reason."""
    rows, rejects = rows_of(
        FORMAT, json.dumps({"Basic ID": BASIC, "Location/Vector Message": PLACE}), tmp_path
    )

    assert not rows
    assert reasons(rejects) == {"no time: a broadcast tells no hour": 1}


@pytest.mark.parametrize(
    ("second", "received", "t"),
    [
        (25.5, 30.0, 25.5),
        ("25.5", 30.0, 25.5),
        (3590.0, 5.0, -10.0),  # the hour before
        (31.0, 30.0, 31.0),  # the sender's clock is a little fast
        (1000.0, 30.0, 30.0),  # not believed
        (65535, 30.0, 30.0),  # unknown
        (None, 30.0, 30.0),
    ],
)
def test_seconds_of_the_hour_are_dated_by_their_receipt(second: object, received: float, t: float) -> None:
    """The instant nearest before, if it is near; else that of the receipt."""
    document = {"Basic ID": BASIC, "Location/Vector Message": {**PLACE, "timestamp": second}}
    (row,), _ = broadcast(NOON.timestamp() + received, document)

    assert (row["t"] - NOON).total_seconds() == t


@given(st.floats(0, 3600), st.floats(1e9, 2e9))
def test_a_second_of_the_hour_is_never_dated_far_from_its_receipt(second: float, received_s: float) -> None:
    """Whatever is sent, the time lies between a minute before the receipt and two seconds after."""
    assert -NEWEST_S - 1e-3 <= received_s - within_hour_s(second, received_s) <= OLDEST_S + 1e-3


def test_a_registration_is_one() -> None:
    """An identification that an authority assigned stands in both columns."""
    registered = {"id": "CHE.123456", "id_type": "CAA Assigned Registration ID"}
    (row,), _ = broadcast(NOON.timestamp(), {"Basic ID": registered, "Location/Vector Message": PLACE})

    assert (row["callsign"], row["registration"]) == ("CHE.123456", "CHE.123456")

"""SBS BaseStation text: positions, and what is joined to them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from receiver_files import NOON, reasons, rows_of, sbs_line, sbs_text
from wideberth.read.sbs import FORMAT

if TYPE_CHECKING:
    from pathlib import Path


def test_positions_become_rows_with_what_was_heard_before(tmp_path: Path) -> None:
    """Callsign and velocity of the same address are joined; a line of SEL is no position and counted."""
    rows, rejects = rows_of(FORMAT, sbs_text(), tmp_path)

    air, ground = rows
    assert air == {
        "icao24": "4b1234", "t": NOON + timedelta(seconds=2), "lat_deg": 47.0, "lon_deg": 8.0, "altitude_ft": 10000,
        "on_ground": False, "groundspeed_kt": 300, "track_deg": 90, "vertical_rate_fpm": -640, "callsign": "SWR12",
        "squawk": None, "source": None, "source_row": 3,
    }  # fmt: skip
    assert (ground["icao24"], ground["on_ground"], ground["groundspeed_kt"]) == ("4ca4e5", True, 12)
    assert reasons(rejects) == {"not a position message": 1}


def test_what_was_heard_too_long_ago_is_not_joined(tmp_path: Path) -> None:
    """10 s for the velocity, 10 minutes for callsign and squawk, both ends included."""
    lines = [
        sbs_line(1, "4b1234", 0, callsign="SWR12"),
        sbs_line(6, "4b1234", 0, altitude=10000, squawk=1000),
        sbs_line(4, "4b1234", 590, speed=300, track=90, rate=0),
        *(sbs_line(3, "4b1234", t, altitude=10000, lat=47, lon=8) for t in (600, 600.5)),
    ]

    rows, _ = rows_of(FORMAT, "\n".join(lines), tmp_path)

    assert [(row["callsign"], row["squawk"], row["groundspeed_kt"]) for row in rows] == [
        ("SWR12", "1000", 300),
        (None, None, None),
    ]


def test_nothing_is_joined_from_another_address_and_altitude_never(tmp_path: Path) -> None:
    """A position without an altitude stays without one, though a message 1 s before had it."""
    lines = [
        sbs_line(1, "aaaaaa", 0, callsign="OTHER"),
        sbs_line(5, "4b1234", 0, altitude=10000),
        sbs_line(3, "4b1234", 1, lat=47, lon=8),
    ]

    rows, _ = rows_of(FORMAT, "\n".join(lines), tmp_path)

    assert (rows[0]["callsign"], rows[0]["altitude_ft"]) == (None, None)


def test_the_time_is_when_it_was_generated_not_logged(tmp_path: Path) -> None:
    """Old BaseStation versions logged minutes later."""
    line = sbs_line(3, "4b1234", 5, altitude=1, lat=47, lon=8).split(",")
    line[8:10] = ["2024/05/01", "12:05:05.000"]

    rows, _ = rows_of(FORMAT, ",".join(line), tmp_path)

    assert rows[0]["t"] == NOON + timedelta(seconds=5)


def test_mlat_positions_say_so(tmp_path: Path) -> None:
    """mlat-client writes MLAT in the first field."""
    rows, _ = rows_of(FORMAT, sbs_line(3, "4b1234", 0, first="MLAT", altitude=1, lat=47, lon=8), tmp_path)

    assert rows[0]["source"] == "mlat"


def test_lines_that_are_none_are_counted_and_the_rest_read(tmp_path: Path) -> None:
    """Damage costs the lines it is in."""
    good = sbs_line(3, "4b1234", 0, altitude=1, lat=47, lon=8)
    lines = [
        good,
        good.replace("4B1234", "4B12"),
        good.replace("2024/05/01", "2024/13/01"),
        good.replace("12:00:00", "25:00:00"),
        good[:40],
        "\x00\x01 garbage",
        "x" * 100_000,
        sbs_line(3, "4b1234", 1, altitude=1),
        good,
    ]

    rows, rejects = rows_of(FORMAT, "\n".join(lines), tmp_path)

    assert [row["source_row"] for row in rows] == [0, 8]
    assert reasons(rejects) == {
        "no address": 1,
        "no time": 2,
        "not an SBS message": 3,
        "position message without a position": 1,
    }


@pytest.mark.parametrize(
    ("content", "is_it"),
    [
        (sbs_text(), True),
        ("\n" + sbs_line(8, "4b1234", 0, ground=0), True),
        ("garbled,start\n" + sbs_line(8, "4b1234", 0) + "\n" + sbs_line(8, "4b1234", 0) + "\n", True),
        ("id,name\n1,2\n", False),
        ("MSG\n", False),
        ("icao24,lat,lon\n", False),
    ],
)
def test_it_is_recognised_by_its_first_lines(content: str, is_it: bool) -> None:
    """The first field and the commas; a CSV with a header is none."""
    assert FORMAT.looks_like(content.encode(), "x.csv") is is_it

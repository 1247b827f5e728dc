"""IGC flight recorder files."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from receiver_files import IGC_HEADER, NOON, igc_text, reasons, rows_of
from wideberth.columns import ADDRESS
from wideberth.read.igc import FORMAT

if TYPE_CHECKING:
    from pathlib import Path

FIX = "B{}5107126N00149300WA0028000421035"


def test_fixes_become_rows(tmp_path: Path) -> None:
    """Minutes are thousandths, south and west negative, pressure altitude feet to 0.01, heights metres."""
    rows, rejects = rows_of(FORMAT, igc_text(), tmp_path)

    assert [row["t"] for row in rows] == [NOON + timedelta(seconds=s) for s in (0, 2, 4)]
    first, _, last = rows
    assert first["lat_deg"] == pytest.approx(51 + 7.126 / 60)
    assert first["lon_deg"] == pytest.approx(-(1 + 49.3 / 60))
    assert (first["altitude_ft"], first["height_m"]) == (918.64, 421)  # 280 m
    assert (first["registration"], first["callsign"]) == ("D-1234", "XY")
    assert ADDRESS.match(first["icao24"])
    assert (last["lat_deg"], last["lon_deg"]) == (-first["lat_deg"], -first["lon_deg"])
    assert last["altitude_ft"] == -39.37  # -0012 m
    assert last["height_m"] is None  # validity V: no 3D fix
    assert not rejects.counts


@pytest.mark.parametrize(
    "date", ["HFDTE010524", "HFDTEDATE:010524,01", "HFDTEDATE: 010524", "HFDTE:010524", "HODTE010524"]
)
def test_the_date_in_its_spellings(tmp_path: Path, date: str) -> None:
    """Before and after the specification of 2015."""
    rows, _ = rows_of(FORMAT, igc_text(header=f"AXXX001\r\n{date}\r\n"), tmp_path)

    assert rows[0]["t"] == NOON


def test_midnight_passes(tmp_path: Path) -> None:
    """A time that falls by more than half a day is of the next day; one that falls a little is not."""
    rows, _ = rows_of(
        FORMAT, igc_text(*(FIX.format(t) for t in ("235958", "000002", "000001", "120000"))), tmp_path
    )

    noon_to_midnight = timedelta(hours=12)
    assert [row["t"] - NOON - noon_to_midnight for row in rows] == [
        timedelta(seconds=-2), timedelta(seconds=2), timedelta(seconds=1), noon_to_midnight,
    ]  # fmt: skip


def test_a_second_date_begins_anew(tmp_path: Path) -> None:
    """Recorders that write the date again at midnight are not put a day late."""
    text = igc_text(FIX.format("235958"), "HFDTE020524", FIX.format("000002"))

    rows, _ = rows_of(FORMAT, text, tmp_path)

    assert rows[1]["t"] - rows[0]["t"] == timedelta(seconds=4)


def test_a_recorder_without_a_pressure_sensor_has_no_pressure_altitude(tmp_path: Path) -> None:
    """It writes 00000 in every fix; a flight that once passes through 0 m keeps its zeros."""
    without = igc_text("B1200005107126N00149300WA0000000421", "B1200015107126N00149300WA0000000421")
    beach = igc_text("B1200005107126N00149300WA0000000421", "B1200015107126N00149300WA0000100000")

    assert [row["altitude_ft"] for row in rows_of(FORMAT, without, tmp_path)[0]] == [None, None]
    rows, _ = rows_of(FORMAT, beach, tmp_path)
    assert [row["altitude_ft"] for row in rows] == [0.0, 3.28]
    assert [row["height_m"] for row in rows] == [421, 0]


@pytest.mark.parametrize("line", ["HFALGALTGPS:GEO", "HFALGGEO"])
def test_altitude_above_the_geoid_is_taken_and_noted(tmp_path: Path, line: str) -> None:
    """Paragliding instruments write it so; the difference is up to 107 m."""
    rows, rejects = rows_of(FORMAT, igc_text(header=IGC_HEADER + line + "\r\n"), tmp_path)

    assert rows[0]["height_m"] == 421
    assert reasons(rejects) == {
        "note: GNSS altitude above the geoid (HFALG), taken as above the ellipsoid": 1
    }
    assert not rows_of(FORMAT, igc_text(header=IGC_HEADER + "HFALGALTGPS:ELL\r\n"), tmp_path)[1].counts


def test_a_pressure_altitude_that_was_corrected_is_not_taken_for_one(tmp_path: Path) -> None:
    """HFALP says MSL where the recorder applied the day's pressure."""
    rows, rejects = rows_of(FORMAT, igc_text(header=IGC_HEADER + "HFALPALTPRESSURE:MSL\r\n"), tmp_path)

    assert {row["altitude_ft"] for row in rows} == {None}
    assert reasons(rejects) == {"note: pressure altitude corrected for the weather (HFALP), not used": 1}
    assert (
        rows_of(FORMAT, igc_text(header=IGC_HEADER + "HFALPALTPRESSURE:ISA\r\n"), tmp_path)[0][0][
            "altitude_ft"
        ]
        == 918.64
    )


def test_the_address_is_of_recorder_date_and_first_fix(tmp_path: Path) -> None:
    """The same by another file name; another for another recorder or flight."""
    addresses = [
        rows_of(FORMAT, text, tmp_path, name)[0][0]["icao24"]
        for text, name in (
            (igc_text(), "a.igc"),
            (igc_text(), "b.igc"),
            (igc_text(header=IGC_HEADER.replace("AXXX001", "AXXX002")), "c.igc"),
            (igc_text(FIX.format("130000")), "d.igc"),
        )
    ]

    assert addresses[0] == addresses[1]
    assert len(set(addresses)) == 3


def test_damage_costs_the_lines_it_is_in(tmp_path: Path) -> None:
    """Fixes cut, garbled or before any date are counted; comments and security records are no fault."""
    text = igc_text(
        FIX.format("120000"),
        FIX.format("120001")[:30],
        FIX.format("12x002"),
        "\x7f\x7f",
        "LXXX note",
        FIX.format("120003"),
    )

    rows, rejects = rows_of(FORMAT, text, tmp_path)
    undated, undated_rejects = rows_of(FORMAT, igc_text(header="AXXX001\r\nHFDTE310224\r\n"), tmp_path)

    assert [row["source_row"] for row in rows] == [8, 13]
    assert reasons(rejects) == {"fix that is not readable": 2, "not an IGC record": 1}
    assert undated == []
    assert reasons(undated_rejects) == {"fix without a date (HFDTE) before it": 3}


@pytest.mark.parametrize(
    ("content", "is_it"),
    [
        (igc_text(), True),
        ("\ufeff" + igc_text(), True),
        (igc_text(header="HFDTE010524\r\n"), True),
        ("AXXX001\r\nnothing else", False),
        ("A,B,C\n1,2,3\n", False),
        ("BXXX\n", False),
    ],
)
def test_it_is_recognised_by_its_records(content: str, is_it: bool) -> None:
    """A recorder's id or a header first, and a date or a fix among the first lines."""
    assert FORMAT.looks_like(content.encode(), "x.igc") is is_it

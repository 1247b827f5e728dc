"""Whose each flight is: cut at thirty minutes, claimed by address, State, callsign, list, class or registration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tables_by_hand import DAY_US, flight, tracks
from wideberth.agreement.load import Agreement
from wideberth.agreement.match import Flights
from wideberth.tracks import FLIGHT_GAP_S

if TYPE_CHECKING:
    from pathlib import Path

MINUTE_S = 60.0
HEAD = """\
wideberth: 1
name: test
rules: [{id: far, between: all, keeps: {apart: {horizontal: 3 NM, vertical: 1000 ft}}}]
"""


def parties(folder: Path | str = ".", register: str = "", **aircraft: str) -> Agreement:
    """Return an agreement of parties, each with its entry of aircraft."""
    told = "".join(f"  {name}: {{aircraft: [{entry}]}}\n" for name, entry in aircraft.items())
    more = f"register: {register}\n" if register else ""
    return Agreement.parse(f"{HEAD}{more}parties:\n{told}", folder=folder)


def samples(*minutes: float) -> list[tuple[float, float, float, float]]:
    return [(minute * MINUTE_S, 47.0 + minute / 20, 8.0, 10_000.0) for minute in minutes]


def rows(icao24: str, *minutes: float, **more: Any) -> list[dict[str, Any]]:
    return flight(icao24, samples(*(minutes or (0.0, 1.0))), **more)


def claims_of(agreement: Agreement, *of: list[dict[str, Any]]) -> list[tuple[str, ...]]:
    return Flights.of(tracks([row for each in of for row in each]), agreement).claims


# Flights ------------------------------------------------------------------------------------------


def test_a_gap_above_thirty_minutes_ends_a_flight() -> None:
    """A gap of exactly thirty belongs to the flight; another aircraft is another flight."""
    made = Flights.of(
        tracks([*rows("4b0001", 0, 30, 61, 62), *rows("4b0002", 10, 11)]), parties(red="{state: RU}")
    )

    assert FLIGHT_GAP_S == 30 * MINUTE_S
    assert len(made) == 3
    assert made.first.tolist() == [0, 2, 4, 6]
    assert made.aircraft.tolist() == [0, 0, 1]
    assert ((made.t_in_us - DAY_US) / 60e6).tolist() == [0, 61, 10]
    assert ((made.t_out_us - DAY_US) / 60e6).tolist() == [30, 62, 11]


def test_legs_belong_to_flights() -> None:
    """Each leg is of the flight that holds its first sample, with rows set aside or not."""
    made = tracks([*rows("4b0001", 0, 1, 5, 6, 50, 51), *rows("4b0002", 10, 11)])
    flights = Flights.of(made, parties(red="{state: RU}"))

    assert flights.of_legs(made.legs()).tolist() == [0, 0, 1, 2]


def test_an_instant_lies_in_the_last_flight_that_began() -> None:
    """Between two flights it is the earlier; before all, the first."""
    flights = Flights.of(
        tracks([*rows("4b0001", 5, 6, 50, 51), *rows("4b0002", 10, 11)]), parties(red="{state: RU}")
    )

    aircraft = np.array([0, 0, 0, 0, 0, 1])
    minutes = np.array([0, 5, 30, 50, 90, 10.5])

    found = flights.all_at(aircraft, DAY_US + (minutes * 60e6).astype(np.int64))

    assert found.tolist() == [0, 0, 0, 1, 1, 2]


def test_no_tracks_are_no_flights() -> None:
    """Nothing fails where every row was set aside."""
    nowhere = tracks(flight("4b0001", [(0.0, 95.0, 8.0, 10_000.0)]))
    flights = Flights.of(nowhere, parties(blue="{icao24: 4b0001}, {callsign: X}, {class: UAS}"))

    assert len(flights) == 0
    assert flights.claims == []
    assert flights.classes == []


# Whose they are -----------------------------------------------------------------------------------


def test_by_address_and_range() -> None:
    """Both ends of a range belong to it."""
    agreement = parties(blue="{icao24: [ae0000-ae00ff, 4e1234]}")

    assert claims_of(agreement, rows("ae0000"), rows("ae00ff"), rows("ae0100"), rows("4e1234")) == [
        ("blue",) if each != "ae0100" else () for each in ("4e1234", "ae0000", "ae00ff", "ae0100")
    ]


def test_by_state() -> None:
    """By the block of addresses that is allotted to it."""
    agreement = parties(red="{state: RU}", swiss="{state: [CH, AT]}")

    assert claims_of(agreement, rows("100000"), rows("1fffff"), rows("200000"), rows("4b1814")) == [
        ("red",), ("red",), (), ("swiss",),
    ]  # fmt: skip


def test_an_address_that_is_none_is_in_no_range() -> None:
    """~ marks an address that no State gave; its digits mean nothing."""
    agreement = parties(red="{state: RU}", blue="{icao24: ae0000-afffff}", named="{callsign: ^TIS}")

    assert claims_of(agreement, rows("~100000"), rows("~ae0001", callsign="TIS7")) == [(), ("named",)]


@pytest.mark.parametrize(
    ("pattern", "heard", "is_meant"),
    [
        ("HAWG11", "HAWG11", True),
        ("hawg11", "HAWG11", True),
        ("HAWG1", "HAWG11", False),
        ("'^HAWG'", "HAWG11", True),
        ("'^HAWG'", "XHAWG", False),
        ("'^RFF70[0-9]{2}$'", "RFF7081", True),
        ("[RFF1, '^HAWG']", "HAWG2", True),
        ("'.*'", None, False),
    ],
)
def test_by_callsign(pattern: str, heard: str | None, is_meant: bool) -> None:
    """Letters and digits alone are the whole callsign; anything else is a pattern; none heard is none."""
    more = {"callsign": heard} if heard else {}

    assert claims_of(parties(blue=f"{{callsign: {pattern}}}"), rows("4b0001", **more)) == [
        ("blue",) if is_meant else ()
    ]


def test_any_callsign_of_a_flight_counts_for_all_of_it() -> None:
    """The callsign comes late, or changes; the next flight of the same aircraft is another matter."""
    heard = [
        *flight("4b0001", samples(0, 1)),
        *flight("4b0001", samples(2), callsign="FERRY1"),
        *flight("4b0001", samples(3), callsign="HAWG11"),
        *flight("4b0001", samples(60, 61), callsign="FERRY1"),
    ]
    flights = Flights.of(tracks(heard), parties(blue="{callsign: ^HAWG}"))

    assert flights.claims == [("blue",), ()]
    assert flights.heard("callsign") == [("FERRY1", "HAWG11"), ("FERRY1",)]
    assert flights.callsign(0) == "FERRY1"
    assert flights.bound_by(["blue"]).tolist() == [True, False]
    assert flights.bound_by(["all"]).tolist() == [True, True]


@pytest.mark.parametrize(
    ("table", "meant"),
    [
        ("icao24\n4B0001\n", ["4b0001"]),
        ("callsign\nrff7081\n", ["4b0002"]),
        ("registration\nhb-abc\n", ["4b0003"]),
        ("icao24,callsign\n4b0001,\n,RFF7081\n", ["4b0001", "4b0002"]),
    ],
)
def test_by_list(table: str, meant: list[str], tmp_path: Path) -> None:
    """Any row of the list, by whichever column it has, in either case."""
    (tmp_path / "ours.csv").write_text(table, encoding="utf-8")
    agreement = parties(tmp_path, blue="{list: ours.csv}")
    heard = [rows("4b0001"), rows("4b0002", callsign="RFF7081"), rows("4b0003", registration="HB-ABC")]

    found = claims_of(agreement, *heard)

    assert [name for name, claim in zip(["4b0001", "4b0002", "4b0003"], found, strict=True) if claim] == meant


def test_by_class() -> None:
    """By the emitter category; where it tells no class, the flight is of none."""
    agreement = parties(slow="{class: [rotary, UAS]}")
    heard = [
        rows("4b0001", category="A7"),
        rows("4b0002", category="A3"),
        rows("4b0003", category="B6"),
        rows("4b0004"),
        rows("4b0005", category="A0"),
    ]
    flights = Flights.of(tracks([row for each in heard for row in each]), agreement)

    assert flights.claims == [("slow",), (), ("slow",), (), ()]
    assert flights.classes == ["rotary", "fixed-wing", "UAS", None, None]


def test_by_register(tmp_path: Path) -> None:
    """The register tells registration, type and class; its class goes before the category."""
    (tmp_path / "register.csv").write_text(
        "icao24,registration,typecode,class\n4b0001,HB-ABC,EC35,rotary\n4b0002,HB-XYZ,A320,\n",
        encoding="utf-8",
    )
    agreement = parties(
        tmp_path,
        "register.csv",
        slow="{class: rotary}",
        mark="{registration: hb-xyz}",
        kind="{type: [EC35]}",
    )

    assert claims_of(agreement, rows("4b0001", category="A3"), rows("4b0002"), rows("4b0003")) == [
        ("slow", "kind"), ("mark",), (),
    ]  # fmt: skip


def test_registration_and_type_by_the_feed() -> None:
    """Where the feed tells them, no register is needed."""
    agreement = parties(mark="{registration: HB-XYZ}", kind="{type: EC35}")

    assert claims_of(
        agreement, rows("4b0001", registration="HB-XYZ"), rows("4b0002", type_code="EC35"), rows("4b0003")
    ) == [("mark",), ("kind",), ()]


def test_all_that_an_entry_says_must_hold() -> None:
    """Within an entry everything, among entries any."""
    agreement = parties(blue="{state: US, callsign: ^HAWG}, {icao24: 4b0001}")

    assert claims_of(
        agreement,
        rows("4b0001"),
        rows("a00001", callsign="HAWG1"),
        rows("a00002", callsign="OTHER"),
        rows("c00001", callsign="HAWG2"),
    ) == [("blue",), ("blue",), (), ()]


def test_a_double_claim_gives_both_names() -> None:
    """What only the data shows: the flight is bound under either, and both are named."""
    agreement = parties(blue="{callsign: ^HAWG}", red="{state: RU}")
    flights = Flights.of(
        tracks([*rows("100001", callsign="HAWG1"), *rows("100002"), *rows("4b0001")]), agreement
    )

    assert flights.claims == [("blue", "red"), ("red",), ()]
    assert [flights.party_text(k) for k in range(3)] == ["blue / red", "red", None]
    assert flights.bound_by(["blue"]).tolist() == [True, False, False]
    assert np.array_equal(flights.bound_by(["red", "blue"]), [True, True, False])

"""What the agreement of ``examples/euphrates.yaml`` says, as plain constants.

The file is what wideberth judges by; these are what the flights are drawn around and the true answers are
measured by.  They are written twice on purpose, so that a mistake in reading the file cannot hide in the
answers; a test compares the two.

Instants are seconds since 2017-11-01T00:00Z, the beginning of the simulated month.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

DAYS = 30
DAY_S = 86_400.0
MIDNIGHT_US = 1_509_494_400_000_000  # 2017-11-01T00:00:00Z, Unix time

LINE = ((40.450, 35.020), (40.560, 34.920), (40.830, 34.690), (40.901, 34.501))  # lon, lat; straight in both
BUFFER_M = 500.0
REACH_M = 60_000.0

APART_HORIZONTAL_M = 3 * 1852.0
APART_VERTICAL_FT = 1000.0

PLEDGE_RULE = "drawdown"
PLEDGE_PARTY = "russia"
PLEDGE_FROM_S = 15 * DAY_S  # 2017-11-16
PLEDGE_FALLS_BY = 0.5


@dataclass(frozen=True)
class Party:
    """Whose an aircraft is.

    Attributes:
        addresses: closed ranges of transponder addresses.
        callsigns: patterns that match at the beginning.
    """

    name: str
    addresses: tuple[tuple[int, int], ...]
    callsigns: tuple[str, ...]

    def claims(self, icao24: str, callsigns: set[str]) -> bool:
        """Return whether a flight is the party's, by its address or any callsign heard in it."""
        address = int(icao24, 16)
        return any(low <= address <= high for low, high in self.addresses) or any(
            re.match(pattern, callsign) for pattern in self.callsigns for callsign in callsigns
        )


@dataclass(frozen=True)
class SideRule:
    """A side of the line that a party keeps.

    Attributes:
        wrong_side: what the depth beyond the line is counted towards, seen along the line: +1 left, here
            north-east; -1 right, here south-west.
    """

    id: str
    party: str
    wrong_side: int


@dataclass(frozen=True)
class Circle:
    """A place around a point."""

    name: str
    lon_deg: float
    lat_deg: float
    radius_m: float


@dataclass(frozen=True)
class SpareRule:
    """A circle that everybody keeps out of below an altitude."""

    id: str
    place: Circle
    below_ft: float


@dataclass(frozen=True)
class Permission:
    """Notice given: the rules it excuses, for whom, when and where; None where it does not say.

    Attributes:
        from_s, until_s: ends included.
        above_ft: pressure altitude, included.
    """

    id: str
    party: str
    excuses: tuple[str, ...]
    from_s: float
    until_s: float
    callsign: str | None = None
    icao24: str | None = None
    above_ft: float | None = None
    within: Circle | None = None


PARTIES = (
    Party("coalition", ((0xAE0000, 0xAFFFFF),), ("^HAWG", "^LANCE")),
    Party(
        "russia", ((0x100000, 0x1FFFFF),), ("^RFF7",)
    ),  # the block that ICAO gave to the Russian Federation
)

HOSPITAL = Circle("al-mayadin-hospital", 40.453, 35.016, 1609.344)
SCHOOL = Circle("hajin-school", 40.770, 34.860, 1000.0)
RELIEF_ZONE = Circle("relief-zone", 40.735, 34.830, 9000.0)

SIDE_RULES = (SideRule("west", "russia", +1), SideRule("east", "coalition", -1))
APART_RULE = "apart"
APART_PARTIES = ("coalition", "russia")
SPARE_RULES = (SpareRule("spare", HOSPITAL, 10_000.0), SpareRule("spare-school", SCHOOL, 10_000.0))


def at(day: int, hour: float = 0.0) -> float:
    """Return the instant of an hour of a day of November, in seconds since the month began."""
    return (day - 1) * DAY_S + hour * 3600.0


PERMISSIONS = (
    Permission("2017-11-20/4", "russia", ("west",), at(20, 8), at(20, 9), callsign="RFF7081"),
    Permission("2017-11-08/1", "russia", ("west",), at(8, 11), at(8, 11) + 1200.0, callsign="RFF7044"),
    Permission("2017-11-12/2", "coalition", ("east",), at(12), at(13), icao24="ae01f0", above_ft=20_000.0),
    Permission("2017-11-24/1", "russia", ("west",), at(24), at(25), within=RELIEF_ZONE),
    Permission("2017-11-26/1", "coalition", ("apart",), at(26, 10), at(26, 12), callsign="TALON77"),
)


def parties_of(icao24: str, callsigns: set[str]) -> tuple[str, ...]:
    """Return which parties claim a flight: none for a bystander, two where it cannot be told.

    >>> parties_of("ae0123", {"TALON11"}), parties_of("150123", {"HAWG31"}), parties_of("738012", set())
    (('coalition',), ('coalition', 'russia'), ())
    """
    return tuple(party.name for party in PARTIES if party.claims(icao24, callsigns))

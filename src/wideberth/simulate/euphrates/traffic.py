"""Who flies in the simulated month, and what for.

Each flight has a label: what it is there to show.  `LABELS` says what each means.  A label is what the true
motion was drawn to do; what the recorded motion shows is measured (`march`), not assumed.

- **Parties**: russia flies from a field 115 km west of the line, about fifty flights a day, most of them
  circuits on its own side, one in ten across; coalition from a field 120 km east of it, about eighteen longer
  ones.  Neither the fields nor the numbers are anybody's.
- **Bystanders**: a hundred aircraft of no party, airliners above FL300 and some light ones.
- **Days are unlike**: Fridays and Saturdays are quieter, one has a sandstorm, on one a party does not fly.
- **The pledge** to halve one party's flights from 16 November on is not kept: they are as many as before.
- Parties fly at levels 500 ft apart at the least, so that none are at exactly the minimum by design.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from wideberth.simulate.euphrates.motion import Motion, Point, beside, fly
from wideberth.simulate.euphrates.terms import DAYS, at
from wideberth.units import METRES_PER_NM, MPS_PER_KNOT

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Silences = tuple[tuple[float, float], ...]

LABELS = {
    "routine": "stays on its own side",
    "crossing": "crosses the line and comes back",
    "brush": "is past the line for less than a minute, but past the buffer",
    "inside_buffer": "is past the line, not past the buffer",
    "near_line": "turns away 400 m before the line",
    "permitted": "crosses with a permission for its callsign and the hour",
    "permitted_too_short": "crosses with such a permission, and stays longer",
    "permitted_by_level": "crosses with a permission above a level, and keeps above",
    "permitted_by_level_left": "crosses with that permission, and descends below the level",
    "permitted_by_place": "crosses with a permission within a place, and stays within",
    "permitted_by_place_left": "crosses with that permission, and leaves the place",
    "gap_hides_start": "is silent while it crosses, and is heard past the buffer",
    "gap_hides_end": "is silent while it comes back",
    "gap_hides_all": "is silent from before it crosses until it is back",
    "gap_hides_nothing": "is silent near the line for long enough to have crossed, and does not",
    "gap_inside": "is silent for ten minutes past the line",
    "gap_inside_long": "is silent for twenty minutes past the line",
    "gap_far": "is silent too shortly and too far away to have crossed",
    "circling": "circles over the line",
    "circling_near": "circles on its own side, 800 m from the line",
    "round_end": "goes or comes round an end of the line",
    "at_reach": "comes from beyond the reach",
    "first_heard": "is first heard past the line",
    "last_heard": "is last heard past the line",
    "claimed_twice": "has an address of one party and a callsign of the other, and crosses",
    "late_callsign": "crosses, and is known by a callsign that is heard only later",
    "pass_300_ft": "15 November: two in formation and one of the other party, 300 ft apart",
    "close_call": "passes one of the other party within both minima",
    "close_call_permitted": "does so with a permission",
    "kept_vertically": "passes one of the other party within 3 NM, 1500 ft above",
    "kept_horizontally": "passes one of the other party at its level, 3.5 NM abeam",
    "place_entered": "flies through a place to spare",
    "place_from_above": "descends into one",
    "place_missed": "passes just beside one",
    "place_overflown": "passes above the altitude from which one may be overflown",
    "bystander": "is of no party",
}

WEST_FIELD: Point = (-110_000.0, -25_000.0)
EAST_FIELD: Point = (115_000.0, 35_000.0)

RUSSIA_A_DAY, COALITION_A_DAY = 50, 18
AFTER_PLEDGE = 0.98  # of the flights before
CROSSINGS_A_DAY = (4, 5)  # the scenarios add one or two: about six on an ordinary day
CROSSING_DEEP_KM = (3.0, 18.0)  # with these, no answer for the seed 2017 hangs on 10 m or a second
QUIET_DAYS = frozenset({3, 4, 10, 11, 17, 18, 24, 25})  # Fridays and Saturdays
QUIET_SHARE = 0.72
STORM_DAY, STORM_SHARE = 22, 0.2
NO_COALITION_DAY = 5
LIGHT_HOURS = (3.0, 17.5)  # UTC: most leave between

AIRLINERS, LIGHT_AIRCRAFT = 85, 15

RUSSIA_FLEET, COALITION_FLEET, ALLIED_FLEET = (
    tuple(f"{first + i:06x}" for i in range(number))
    for first, number in ((0x150010, 70), (0xAE0110, 45), (0x43C610, 8))
)
TURNAROUND_S = 3600.0  # twice the gap that ends a flight
BYSTANDER_BLOCKS = (0x738000, 0x4B8400, 0x896200, 0x06A040, 0x3C4A00)


@dataclass(frozen=True, eq=False)
class Flight:
    """One flight, as it truly was.

    Attributes:
        number: counted from 0 in the whole month, in the order of departure.
        party: coalition, russia or bystander: whose it truly is, whatever the agreement can tell.
        label: of `LABELS`.
        silent_s: when it is not heard, ends excluded.
        unnamed_until_s: when its callsign is first heard; 0 for some seconds after the first sample.
        nac_p: what its transponder states.
    """

    number: int
    party: str
    label: str
    icao24: str
    callsign: str
    category: str
    motion: Motion
    silent_s: Silences = ()
    unnamed_until_s: float = 0.0
    nac_p: int = 9
    source: str = "adsb_icao"

    @property
    def departs_s(self) -> float:
        """When it begins to move, seconds since the month began."""
        return float(self.motion.t_s[0])

    @property
    def arrives_s(self) -> float:
        """When it ends."""
        return float(self.motion.t_s[-1])


@cache
def flights(seed: int) -> tuple[Flight, ...]:
    """Return every flight of the month that a seed makes, in the order of departure."""
    month = _Month(seed)
    for day in range(1, DAYS + 1):
        month.ordinary_day(day)
    month.lines_and_permissions()
    month.gaps()
    month.ends_and_circles()
    month.parties_untold()
    month.meetings()
    month.places()
    month.bystanders()
    return month.numbered()


# Paths --------------------------------------------------------------------------------------------


def _mid(along_km: float, across_km: float) -> Point:
    """Return a place by the middle segment of the line, which is straight from 15 to 50.5 km along it."""
    return beside(1, along_km - 14.97, across_km)


def _circuits(along_km: float, across_km: float, length_km: float, width_km: float, laps: int) -> list[Point]:
    """Return the corners of laps around a box by the line; across is its edge nearer to the line."""
    far_km = across_km + math.copysign(width_km, across_km)
    half_km = length_km / 2.0
    box = [
        _mid(along_km - half_km, across_km),
        _mid(along_km + half_km, across_km),
        _mid(along_km + half_km, far_km),
        _mid(along_km - half_km, far_km),
    ]
    return box * laps


def _bump(along_km: float, top_km: float, own_km: float) -> list[Point]:
    """Return the corners of a flight that comes from its own side, flies along the line for 5 km, and goes.

    Args:
        along_km: the middle, along the line.
        top_km: how far across, left positive, it is then.
        own_km: on which side it begins and ends, and how far from the line.
    """
    return [
        _mid(along_km - 11.0, own_km),
        _mid(along_km - 2.5, top_km),
        _mid(along_km + 2.5, top_km),
        _mid(along_km + 11.0, own_km),
    ]


@dataclass
class _Month:
    """Flights as they are drawn; the random numbers of each part are its own."""

    seed: int
    made: list[Flight] = field(default_factory=list)

    def random(self, *part: int) -> np.random.Generator:
        return np.random.Generator(np.random.PCG64([self.seed, *part]))

    def add(
        self,
        party: str,
        label: str,
        corners: Sequence[Point],
        *,
        passes: tuple[int, float],
        speed_kt: float = 380.0,
        levels_ft: float | Sequence[float] = 17_000.0,
        turn_m: float = 4500.0,
        callsign: str = "",
        icao24: str = "",
        nac_p: int = 9,
    ) -> Flight:
        """Add a flight from its party's field along corners and back; corner 0 is the field."""
        home = WEST_FIELD if party == "russia" else EAST_FIELD
        levels = (
            levels_ft if isinstance(levels_ft, int | float) else [levels_ft[0], *levels_ft, levels_ft[-1]]
        )
        motion = fly(
            [home, *corners, home], speed_kt=speed_kt, levels_ft=levels, turn_m=turn_m, passes=passes
        )
        flight = Flight(0, party, label, icao24, callsign, "A6", motion, nac_p=nac_p)
        self.made.append(flight)
        return flight

    def change(self, flight: Flight, *, silent_s: Silences = (), unnamed_until_s: float = 0.0) -> None:
        """Let a flight that was added be silent, or be named late."""
        self.made[self.made.index(flight)] = replace(
            flight, silent_s=silent_s, unnamed_until_s=unnamed_until_s
        )

    # Every day ------------------------------------------------------------------------------------

    def ordinary_day(self, day: int) -> None:
        """Fly the circuits of both parties, and the crossings of one."""
        random = self.random(1, day)
        share = QUIET_SHARE if day in QUIET_DAYS else STORM_SHARE if day == STORM_DAY else 1.0
        after = AFTER_PLEDGE if day >= 16 else 1.0
        crossings = int(random.integers(CROSSINGS_A_DAY[0], CROSSINGS_A_DAY[1] + 1)) if share > 0.5 else 1
        for _ in range(crossings):
            self._crossing("russia", day, random)
        for _ in range(round(random.normal(RUSSIA_A_DAY * share * after, 2.0)) - crossings):
            self._circuit("russia", day, random)
        if day != NO_COALITION_DAY:
            for _ in range(round(random.normal(COALITION_A_DAY * share, 1.0))):
                self._circuit("coalition", day, random)
            if day % 2 == 0 and share > 0.5:
                self._crossing("coalition", day, random)
        if share < 0.5:
            return
        for party, label, top_km, days in (
            ("russia", "brush", random.uniform(0.65, 0.92), 3),
            ("russia", "inside_buffer", random.uniform(0.2, 0.38), 2),
            ("russia", "near_line", -0.4, 4),
            ("coalition", "brush", random.uniform(0.65, 0.92), 8),
            ("coalition", "inside_buffer", random.uniform(0.2, 0.38), 7),
        ):
            if day % days == 1 and not (party == "coalition" and day == NO_COALITION_DAY):
                wrong = 1.0 if party == "russia" else -1.0
                self.add(
                    party,
                    label,
                    _bump(random.uniform(26.0, 40.0), wrong * top_km, -5.0 * wrong),
                    passes=(2, at(day, _hour(random))),
                    speed_kt=random.uniform(380.0, 430.0),
                    levels_ft=_level(party, random),
                    turn_m=4000.0,
                    nac_p=int(random.choice([9, 10])),
                )

    def _circuit(self, party: str, day: int, random: np.random.Generator) -> None:
        width_km = random.uniform(8.0, 12.0)
        if party == "russia":
            edge_km, laps = -random.uniform(5.5, 38.0), int(random.integers(2, 6))
        else:
            edge_km, laps = random.uniform(4.0, 30.0), int(random.integers(8, 15))
        corners = _circuits(random.uniform(8.0, 42.0), edge_km, random.uniform(12.0, 24.0), width_km, laps)
        if random.random() < 0.5:
            corners.reverse()
        self.add(
            party,
            "routine",
            corners,
            passes=(0, at(day, _hour(random))),
            speed_kt=random.uniform(320.0, 430.0),
            levels_ft=_level(party, random),
            turn_m=500.0 * width_km,
            nac_p=int(random.choice([8, 9, 9, 9, 9, 9, 9, 10, 10])),
        )

    def _crossing(self, party: str, day: int, random: np.random.Generator) -> None:
        wrong = 1.0 if party == "russia" else -1.0
        out_km, back_km = random.uniform(12.0, 42.0, 2)
        deep_km = random.uniform(*CROSSING_DEEP_KM) * wrong
        corners = [_mid(out_km, -9.0 * wrong), _mid(out_km + random.uniform(-3.0, 3.0), deep_km)]
        if random.random() < 0.55:
            corners += _circuits(
                (out_km + back_km) / 2.0, deep_km, random.uniform(10.0, 16.0), 8.0, int(random.integers(1, 3))
            )
        elif abs(out_km - back_km) < 8.0:
            back_km = out_km + (8.0 if out_km < 30.0 else -8.0)
        corners += [_mid(back_km + random.uniform(-3.0, 3.0), deep_km), _mid(back_km, -9.0 * wrong)]
        self.add(
            party,
            "crossing",
            corners,
            passes=(1, at(day, _hour(random))),
            speed_kt=random.uniform(340.0, 440.0),
            levels_ft=_level(party, random),
            turn_m=5000.0,
            nac_p=int(random.choice([8, 9, 9, 9, 9, 9, 9, 10, 10])),
        )

    # Scenarios ------------------------------------------------------------------------------------

    def lines_and_permissions(self) -> None:
        """Fly the crossings that a permission covers, wholly or in part."""
        stay = [_mid(22.0, -9.0), _mid(24.0, 6.0), *_circuits(30.0, 6.0, 14.0, 8.0, 3), _mid(34.0, -9.0)]
        self.add("russia", "permitted", stay, passes=(1, at(20, 8.1)), callsign="RFF7081")
        self.add("russia", "permitted_too_short", stay, passes=(1, at(8, 11.2)), callsign="RFF7044")

        over = [_mid(40.0, 9.0), _mid(36.0, -8.0), _mid(26.0, -12.0), _mid(24.0, 9.0)]
        for label, hour, levels_ft in (
            ("permitted_by_level", 6.0, (23_500.0,) * 4),
            ("permitted_by_level_left", 13.0, (23_500.0, 23_500.0, 15_500.0, 15_500.0)),
        ):
            self.add(
                "coalition", label, over, passes=(1, at(12, hour)), levels_ft=levels_ft,
                callsign="TALON41", icao24="ae01f0",
            )  # fmt: skip

        relief = [_mid(24.0, -9.0), _mid(30.0, 5.0), _mid(36.0, 5.0), _mid(42.0, -9.0)]
        self.add("russia", "permitted_by_place", relief, passes=(2, at(24, 9.0)), callsign="RFF7090")
        relief[3:3] = [_mid(50.0, 12.0), _mid(46.0, 4.0)]
        self.add("russia", "permitted_by_place_left", relief, passes=(2, at(24, 14.0)), callsign="RFF7091")

    def gaps(self) -> None:
        """Fly what gaps hide, wholly, in part, or not at all."""
        stay = [
            _mid(18.0, -9.0), _mid(22.0, 8.0), *_circuits(30.0, 8.0, 14.0, 8.0, 7), _mid(38.0, 8.0), _mid(40.0, -9.0),
        ]  # fmt: skip
        for label, day, hour in (
            ("gap_hides_start", 3, 7.3), ("gap_hides_start", 10, 12.4), ("gap_hides_start", 18, 9.1),
            ("gap_hides_end", 6, 8.2), ("gap_hides_end", 21, 13.7),
            ("gap_inside", 7, 10.6), ("gap_inside", 19, 15.2),
            ("gap_inside_long", 9, 11.4), ("gap_inside_long", 27, 6.9),
        ):  # fmt: skip
            flight = self.add("russia", label, stay, passes=(1, at(day, hour)), levels_ft=21_000.0)
            corner_s = flight.motion.corner_s
            middle_s = (corner_s[3] + corner_s[-4]) / 2.0
            silent = {
                "gap_hides_start": (corner_s[1] - 240.0, corner_s[2] + 200.0),
                "gap_hides_end": (corner_s[-3] - 200.0, corner_s[-2] + 240.0),
                "gap_inside": (middle_s - 300.0, middle_s + 300.0),
                "gap_inside_long": (middle_s - 600.0, middle_s + 600.0),
            }[label]
            self.change(flight, silent_s=(silent,))

        hidden = [
            _mid(14.0, -9.0), _mid(20.0, 6.0), *_circuits(28.0, 6.0, 12.0, 8.0, 1), _mid(38.0, 6.0), _mid(42.0, -9.0),
        ]  # fmt: skip
        kept = [_mid(14.0, -9.0), *_circuits(28.0, -6.0, 20.0, 8.0, 2), _mid(42.0, -9.0)]
        for label, day, hour, corners in (
            ("gap_hides_all", 4, 9.4, hidden),
            ("gap_hides_all", 14, 14.2, hidden),
            ("gap_hides_nothing", 11, 10.3, kept),
            ("gap_hides_nothing", 25, 8.8, kept),
        ):
            flight = self.add("russia", label, corners, passes=(1, at(day, hour)), levels_ft=21_000.0)
            corner_s = flight.motion.corner_s
            self.change(flight, silent_s=((corner_s[1] + 5.0, corner_s[-2] - 5.0),))

        for party, day, hour in (("russia", 2, 7.7), ("russia", 23, 11.9), ("coalition", 13, 10.1)):
            far_km = -40.0 if party == "russia" else 40.0
            flight = self.add(
                party, "gap_far", _circuits(28.0, far_km, 20.0, 10.0, 3), passes=(0, at(day, hour)),
                levels_ft=_level(party, self.random(2, day)), turn_m=5000.0,
            )  # fmt: skip
            begins_s = flight.motion.corner_s[5]
            self.change(flight, silent_s=((begins_s, begins_s + 90.0),))

    def ends_and_circles(self) -> None:
        """Fly over the line and near it again and again, round its ends, from beyond the reach, and half heard."""
        for party, day, hour, laps in (
            ("russia", 5, 6.4, 4), ("russia", 13, 16.1, 6), ("russia", 26, 13.2, 5), ("coalition", 20, 15.3, 3),
        ):  # fmt: skip
            wrong, level_ft = (1.0, 25_000.0) if party == "russia" else (-1.0, 28_500.0)
            box = [
                _mid(along_km, across_km * wrong)
                for along_km, across_km in ((28.0, -5.0), (28.0, 5.0), (36.0, 5.0), (36.0, -5.0))
            ]
            self.add(party, "circling", box * laps, passes=(1, at(day, hour)), levels_ft=level_ft)

        for party, day, hour in (("russia", 4, 9.6), ("russia", 25, 14.2), ("coalition", 14, 7.3)):
            near_km = -0.8 if party == "russia" else 0.8
            self.add(
                party, "circling_near", _circuits(30.0, near_km, 16.0, 8.0, 4), passes=(0, at(day, hour)),
                levels_ft=15_000.0 if party == "russia" else 27_500.0, turn_m=4000.0,
            )  # fmt: skip

        north = [_mid(-12.0, -15.0), _mid(-12.0, 12.0), _mid(10.0, 10.0), _mid(22.0, -8.0)]
        south = [_mid(42.0, -15.0), _mid(46.0, 8.0), _mid(85.0, 4.0), _mid(90.0, -25.0)]
        round_and_back = [
            _mid(-12.0, -15.0), _mid(-12.0, 9.0), _mid(10.0, 8.0),
            _mid(10.0, 20.0), _mid(-16.0, 24.0), _mid(-22.0, -15.0),
        ]  # fmt: skip
        for day, hour, corners in ((6, 12.8, north), (17, 9.6, south), (28, 7.1, round_and_back)):
            self.add("russia", "round_end", corners, passes=(1, at(day, hour)), levels_ft=23_000.0)
        far = [_mid(-40.0, 10.0), _mid(-25.0, 90.0), _mid(25.0, 85.0), _mid(30.0, -10.0)]
        for day, hour in ((16, 13.4), (29, 10.7)):
            self.add("russia", "at_reach", far, passes=(1, at(day, hour)), levels_ft=31_000.0, speed_kt=440.0)

        stay = [_mid(20.0, -9.0), _mid(22.0, 7.0), *_circuits(30.0, 7.0, 12.0, 8.0, 2), _mid(36.0, -9.0)]
        for label, day, hour in (("first_heard", 12, 15.6), ("last_heard", 23, 7.4)):
            flight = self.add("russia", label, stay, passes=(1, at(day, hour)), levels_ft=21_000.0)
            motion, change_s = flight.motion, flight.motion.corner_s[5]
            before, after = (motion.t_s[0] - 1.0, change_s), (change_s, motion.t_s[-1] + 1.0)
            self.change(flight, silent_s=(before if label == "first_heard" else after,))

    def parties_untold(self) -> None:
        """Fly one that both parties' terms claim, and one that only its late callsign tells."""
        visit = [_mid(24.0, -9.0), _mid(26.0, 7.0), _mid(38.0, 7.0), _mid(40.0, -9.0)]
        self.add(
            "russia", "claimed_twice", visit, passes=(1, at(18, 1.2)), levels_ft=33_000.0,
            icao24="1501f4", callsign="HAWG31",
        )  # fmt: skip
        away = [_mid(40.0, 9.0), _mid(36.0, -7.0), _mid(24.0, -7.0), _mid(22.0, 9.0)]
        flight = self.add(
            "coalition", "late_callsign", away, passes=(1, at(19, 5.3)), levels_ft=24_500.0,
            icao24="43c6f1", callsign="LANCE51",
        )  # fmt: skip
        self.change(flight, unnamed_until_s=flight.motion.corner_s[4] + 120.0)

    def meetings(self) -> None:
        """Let aircraft of both parties pass one another, nearer than agreed or not."""
        nm_km = METRES_PER_NM / 1000.0
        # (label, instant, along km, across km, miss km, level of coalition, of russia)
        for label, day, hour, along_km, across_km, miss_km, coalition_ft, russia_ft, callsign in (
            ("close_call", 2, 9.2, 28.0, 9.0, 1.1, 19_500.0, 20_000.0, ""),
            ("close_call", 11, 13.6, 34.0, 6.0, 3.2, 16_500.0, 17_000.0, ""),
            ("close_call", 21, 6.8, 26.0, 14.0, 2.2, 22_500.0, 23_000.0, ""),
            ("close_call", 28, 12.3, 38.0, -8.0, 0.6, 18_500.0, 19_000.0, ""),
            ("close_call_permitted", 26, 11.1, 30.0, 11.0, 1.6, 20_500.0, 21_000.0, "TALON77"),
            ("kept_vertically", 7, 14.5, 32.0, 10.0, 1.2, 20_500.0, 19_000.0, ""),
            ("kept_horizontally", 24, 5.6, 30.0, 12.0, 3.5 * nm_km, 17_500.0, 17_000.0, ""),
        ):
            self._passing(
                label, at(day, hour), along_km, across_km, miss_km, coalition_ft, russia_ft, callsign
            )
        self._pass_300_ft()

    def _passing(
        self,
        label: str,
        t_s: float,
        along_km: float,
        across_km: float,
        miss_km: float,
        coalition_ft: float,
        russia_ft: float,
        callsign: str,
    ) -> None:
        """Let russia fly across the line towards a place that coalition passes along it, and miss it."""
        speed_kt = 380.0
        self.add(
            "coalition",
            label,
            [_mid(along_km - 25.0, across_km), _mid(along_km, across_km), _mid(along_km + 25.0, across_km)],
            passes=(2, t_s),
            speed_kt=speed_kt,
            levels_ft=coalition_ft,
            callsign=callsign,
        )
        # At one speed and right angles, one that is late by m sqrt(2) comes nearest at m.
        late_s = miss_km * 1000.0 * math.sqrt(2.0) / (speed_kt * MPS_PER_KNOT)
        before_km = -12.0 if across_km > 0 else -24.0
        self.add(
            "russia",
            label,
            [
                _mid(along_km, before_km),
                _mid(along_km, across_km),
                _mid(along_km, across_km + 8.0),
                _mid(along_km - 10.0, across_km + 6.0),
                _mid(along_km - 12.0, before_km),
            ],
            passes=(2, t_s + late_s),
            speed_kt=speed_kt,
            levels_ft=russia_ft,
        )

    def _pass_300_ft(self) -> None:
        """15 November: two in formation along the line, east of it, and a third across their way, 300 ft below."""
        t_s = at(15, 10.5)
        for side_km, level_ft in ((0.0, 15_500.0), (0.4, 15_500.0)):
            self.add(
                "coalition",
                "pass_300_ft",
                [_mid(12.0, 4.0 + side_km), _mid(33.0, 4.0 + side_km), _mid(52.0, 6.0 + side_km)],
                passes=(2, t_s),
                speed_kt=300.0,
                levels_ft=level_ft,
                callsign="HAWG53" if side_km == 0.0 else "HAWG54",
                nac_p=10,
            )
        # Nearly head-on, then it turns away to its right.
        self.add(
            "russia",
            "pass_300_ft",
            [
                _mid(52.0, -5.0),
                _mid(38.0, 2.85),
                _mid(33.0, 3.85),
                _mid(27.0, 5.05),
                _mid(22.0, 8.0),
                _mid(20.0, -9.0),
            ],
            passes=(3, t_s),
            speed_kt=380.0,
            levels_ft=15_200.0,
            turn_m=3500.0,
            callsign="RFF7024",
            nac_p=10,
        )

    def places(self) -> None:
        """Fly over, into, beside and above the hospital and the school."""

        def by_hospital(across_km: float) -> list[Point]:
            return [
                beside(0, -15.0, across_km - 5.0),
                beside(0, -6.0, across_km),
                beside(0, 7.0, across_km),
                beside(0, 16.0, across_km - 7.0),
            ]

        def by_school(across_km: float) -> list[Point]:
            return [
                _mid(52.0, across_km + 6.0),
                _mid(46.0, across_km),
                _mid(22.0, across_km),
                _mid(16.0, 14.0),
            ]

        school_km = 9.13  # its middle, across
        for party, label, day, hour, corners, levels_ft in (
            ("russia", "place_entered", 3, 13.1, by_hospital(-0.9), (6000.0,) * 4),
            ("russia", "place_from_above", 17, 7.8, by_hospital(-0.8), (13_000.0, 12_400.0, 7000.0, 7000.0)),
            ("russia", "place_missed", 5, 9.9, by_hospital(-2.3), (6000.0,) * 4),
            ("russia", "place_overflown", 8, 15.4, by_hospital(-0.7), (12_000.0,) * 4),
            ("coalition", "place_entered", 9, 8.6, by_school(school_km + 0.4), (8500.0,) * 4),
            ("coalition", "place_missed", 20, 10.2, by_school(school_km + 1.6), (8500.0,) * 4),
            ("coalition", "place_overflown", 23, 14.8, by_school(school_km), (11_500.0,) * 4),
        ):
            self.add(
                party, label, corners, passes=(2, at(day, hour)), levels_ft=levels_ft, speed_kt=320.0
            )  # fmt: skip

    def bystanders(self) -> None:
        """Fly airliners across the region, and light aircraft around it, two of them over a place to spare."""
        random = self.random(3)
        for number in range(AIRLINERS + LIGHT_AIRCRAFT):
            icao24 = f"{BYSTANDER_BLOCKS[number % len(BYSTANDER_BLOCKS)] + number:06x}"
            is_airliner = number < AIRLINERS
            for _ in range(int(random.integers(1, 4))):
                self._bystander(number, icao24, is_airliner, random)
        over = (
            ("place_entered", at(14, 8.3), AIRLINERS, _mid(33.3 + 5.8, 9.0)),
            ("place_entered", at(24, 12.2), AIRLINERS + 1, beside(0, 0.5, 0.3)),
        )
        for label, t_s, number, (x, y) in over:
            self.made.append(
                Flight(
                    0, "bystander", label, f"{BYSTANDER_BLOCKS[number % len(BYSTANDER_BLOCKS)] + number:06x}",
                    f"BYS{number:03d}", "A1",
                    fly(
                        [(x - 30_000.0, y + 25_000.0), (x, y), (x + 24_000.0, y - 20_000.0)],
                        speed_kt=120.0, levels_ft=4500.0, turn_m=800.0, passes=(1, t_s), lands=False,
                    ),
                )
            )  # fmt: skip

    def _bystander(self, number: int, icao24: str, is_airliner: bool, random: np.random.Generator) -> None:
        day = int(random.integers(1, DAYS + 1))
        bearing = random.uniform(0.0, math.tau)
        half_m = 190_000.0 if is_airliner else 35_000.0
        aside_m = random.uniform(-110e3, 110e3) if is_airliner else random.uniform(65e3, 110e3)
        middle = (aside_m * math.cos(bearing), -aside_m * math.sin(bearing))
        east, north = math.sin(bearing), math.cos(bearing)
        corners = [(middle[0] + east * way_m, middle[1] + north * way_m) for way_m in (-half_m, 0.0, half_m)]
        motion = fly(
            corners,
            speed_kt=random.uniform(430.0, 480.0) if is_airliner else random.uniform(95.0, 140.0),
            levels_ft=float(random.integers(30, 41) * 1000 if is_airliner else random.integers(6, 19) * 500),
            turn_m=3000.0,
            passes=(1, at(day, _hour(random))),
            lands=False,
        )
        self.made.append(
            Flight(
                number=0,
                party="bystander",
                label="bystander",
                icao24=icao24,
                callsign=f"BYS{number:03d}",
                category="A3" if is_airliner else "A1",
                motion=motion,
                nac_p=int(random.choice([8, 9, 10])),
                source="mlat" if random.random() < 0.1 else "adsb_icao",
            )
        )

    # Aircraft and callsigns -----------------------------------------------------------------------

    def numbered(self) -> tuple[Flight, ...]:
        """Return all flights in the order of departure, with an aircraft and a callsign each."""
        random = self.random(4)
        fleets = {
            "russia": _Fleet(RUSSIA_FLEET),
            "coalition": _Fleet(COALITION_FLEET),
            "allied": _Fleet(ALLIED_FLEET),
        }
        finished = []
        for number, flight in enumerate(_apart_in_time(self.made)):
            icao24, callsign = flight.icao24, flight.callsign
            is_allied = flight.party == "coalition" and not (icao24 or callsign) and random.random() < 0.12
            if not icao24:
                fleet = fleets["allied" if is_allied else flight.party]
                icao24 = fleet.aircraft(flight.departs_s, flight.arrives_s)
            if not callsign:
                callsign = _callsign(flight.party, is_allied, number, random)
            finished.append(replace(flight, number=number, icao24=icao24, callsign=callsign))
        return tuple(finished)


def _apart_in_time(made: Iterable[Flight]) -> list[Flight]:
    """Return flights in the order of departure, without those of an aircraft that has not yet landed."""
    landed: dict[str, float] = {}
    kept = []
    for flight in sorted(made, key=lambda flight: flight.departs_s):
        if flight.icao24:
            if flight.departs_s < landed.get(flight.icao24, -math.inf) + TURNAROUND_S:
                continue
            landed[flight.icao24] = flight.arrives_s
        kept.append(flight)
    return kept


@dataclass
class _Fleet:
    """Aircraft that take turns; one flies again `TURNAROUND_S` after it landed."""

    addresses: tuple[str, ...]
    landed_s: dict[str, float] = field(default_factory=dict)
    last: int = -1

    def aircraft(self, departs_s: float, arrives_s: float) -> str:
        for ahead in range(1, len(self.addresses) + 1):
            number = (self.last + ahead) % len(self.addresses)
            address = self.addresses[number]
            if departs_s >= self.landed_s.get(address, -math.inf) + TURNAROUND_S:
                self.last = number
                self.landed_s[address] = arrives_s
                return address
        raise ValueError(f"none of {len(self.addresses)} aircraft is free at {departs_s:.0f} s")


def _callsign(party: str, is_allied: bool, number: int, random: np.random.Generator) -> str:
    if party == "russia":
        return f"RFF7{100 + number % 900}"  # below 100 are those that a permission names
    if is_allied:
        return f"LANCE{10 + number % 90}"
    # TALON41 and TALON77 have permissions.
    return f"{random.choice(['HAWG', 'ANVIL', 'BRONC', 'TORCH'])}{10 + number % 90}"


def _level(party: str, random: np.random.Generator) -> float:
    """Return a level: odd thousands for russia, 500 ft above odd ones for coalition."""
    if party == "russia":
        return 1000.0 * float(random.choice([11, 13, 15, 17, 19, 21]))
    return 1000.0 * float(random.choice([17, 19, 21, 23, 25, 27])) + 500.0


def _hour(random: np.random.Generator) -> float:
    """Return an hour of the day, most often one with light."""
    if random.random() < 0.92:
        return float(random.uniform(*LIGHT_HOURS))
    return float(random.uniform(0.5, 22.5))

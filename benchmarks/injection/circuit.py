"""Around an airfield: parallel approaches, one lined up while another lands, vehicles, and the traffic pattern.

At airfields that the day shows, or at made ones, where others land before and after.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.ndimage import gaussian_filter1d

from injection.draft import Draft, Drawing, Flight, pair_of, place_of
from injection.faults import SPAN_S
from injection.motion import METRES_PER_FOOT, Path, closest

if TYPE_CHECKING:
    import numpy.typing as npt

    from injection.days import Day

    Floats = npt.NDArray[np.float64]

CIRCUIT = "circuit"
PARALLEL_M = (300.0, 1000.0)  # between runways; above 556 m only the recording's noise makes a pass
GLIDE = math.tan(math.radians(3.0))
APPROACH_MPS = (33.0, 68.0)  # 65 to 130 kt
TAXI_MPS = (3.0, 12.0)
RUNWAY_M = (800.0, 2500.0)
PATTERN_FT = (700.0, 1100.0)  # above the ground
PATTERN_M = (900.0, 1800.0)  # from the runway to downwind
TAXIWAY_M = (60.0, 200.0)
HEARD_TAXIING_SHARE = (
    0.4  # of aircraft that do not say that they are on the ground; others end when they slow down
)
TAXI_KT = 35.0
SMOOTH_S = 6.0  # a corner of 90° at 45 m/s is then a turn of 0.43 g
Point = tuple[float, float, float, float]  # along the runway and right of it in metres, feet above it, m/s


def circuit_subs(_: Day) -> tuple[str, ...]:
    """Return who meets near the runway."""
    return (
        "parallel approaches",
        "line-up",
        "ground vehicle",
        "base and final",
        "joining downwind",
        "in trail",
    )


class Field:
    """A runway: where it is, and ways around it.

    Args:
        drawing: which airfield.
    """

    def __init__(self, drawing: Drawing) -> None:
        day = drawing.day
        self.is_made = not day.airfields or drawing.chance(0.5)
        if self.is_made:
            lat, lon = day.origin
            self.origin = (lat + drawing.between(-0.35, 0.35), lon + drawing.between(-0.4, 0.4))
            self.elevation_ft = day.source.elevation_ft + drawing.between(0.0, 1500.0)
        else:
            airfield = day.airfields[int(drawing.rng.integers(len(day.airfields)))]
            self.origin = (airfield.lat_deg, airfield.lon_deg)
            self.elevation_ft = airfield.elevation_ft
        self.course_rad = drawing.between(0.0, 2 * math.pi)
        if not self.is_made:
            self.course_rad = airfield.course_rad + (math.pi if drawing.chance(0.5) else 0.0)
        self.length_m = drawing.between(*RUNWAY_M)

    def flown(self, points: list[Point], t_s: float, at: int) -> Path:
        """Return the path from point to point, corners rounded, that is at point number ``at`` at an instant."""
        along, right, feet, mps = (np.array(column) for column in zip(*points, strict=True))
        steps = np.hypot(np.diff(along), np.diff(right))
        times = np.concatenate([[0.0], np.cumsum(steps / ((mps[1:] + mps[:-1]) / 2))])
        times = times - times[at] + t_s
        clock = np.arange(math.ceil(times[0]), math.floor(times[-1]) + 1.0)
        # Distance flown under steady acceleration from point to point, then where on the line that is.
        begin = np.clip(np.searchsorted(times, clock, side="right") - 1, 0, steps.size - 1)
        u = clock - times[begin]
        lasts = np.diff(times)[begin]
        gone = mps[begin] * u + (mps[begin + 1] - mps[begin]) * u * u / (2 * lasts)
        share = gone / np.maximum(steps[begin], 1e-9)

        def column(values: Floats) -> Floats:
            made = values[begin] + share * (values[begin + 1] - values[begin])
            return np.asarray(gaussian_filter1d(made, SMOOTH_S, mode="nearest"))

        a, r, h = column(along), column(right), column(feet)
        sin, cos = math.sin(self.course_rad), math.cos(self.course_rad)
        return Path(clock, a * sin + r * cos, a * cos - r * sin, self.elevation_ft + h, *self.origin)

    def landing(self, drawing: Drawing, right_m: float = 0.0, out_m: float = 9000.0) -> list[Point]:
        """Return points of a straight-in landing; the threshold is number 1."""
        mps = drawing.between(*APPROACH_MPS)
        touch = drawing.between(150.0, 350.0)
        return [
            (-out_m, right_m, (out_m + touch) * GLIDE / METRES_PER_FOOT, 1.25 * mps),
            (0.0, right_m, touch * GLIDE / METRES_PER_FOOT, mps),
            (touch, right_m, 0.0, 0.95 * mps),
            (touch + 0.4 * self.length_m + 200.0, right_m, 0.0, 8.0),
            (touch + 0.4 * self.length_m + 230.0, right_m + 80.0, 0.0, 6.0),
            (0.0, right_m + 100.0, 0.0, 6.0),
        ]


def draw_circuit(drawing: Drawing, sub: str) -> Draft | None:
    """Return two near a runway."""
    day = drawing.day
    field = Field(drawing)
    t = float(round(drawing.between(day.begin_s + 300.0, day.end_s - 300.0)))
    points = _PAIRS[sub](drawing, field)
    flights: list[Flight] = []
    for way, at, after_s in points:
        path = field.flown(way, t + after_s, at)
        path = path.between(t - 400.0, t + 400.0)
        if path.t_s.size < 60 or not path.is_flyable():
            return None
        flights.append(
            _recorded(drawing, path, is_heard=sub in ("line-up", "ground vehicle") and len(flights) == 1)
        )
    first, second = flights
    true, shown = closest(first.path, second.path), closest(first.shown(), second.shown())
    if not (true.is_pass and shown.is_pass):
        return None
    # Of several instants, such as on the approach and again while they taxi, the one that is meant.
    pass_s = float(shown.broken_s[np.argmin(np.abs(shown.broken_s - t))])
    others = []
    if field.is_made:  # nobody builds a runway for one landing
        for _ in range(int(drawing.rng.integers(1, 4))):
            when = t + drawing.sign() * drawing.between(400.0, 1500.0)
            if day.begin_s < when < day.end_s - 300.0:
                others.append(
                    _recorded(drawing, field.flown(field.landing(drawing), when, 1), is_heard=False)
                )
    return Draft(
        sub,
        (pair_of(first.address, second.address),),
        pass_s,
        (pass_s - SPAN_S, pass_s + SPAN_S),
        true.hmd_m,
        true.vertical_ft,
        [flight.rows for flight in (*flights, *others)],
        set(),
        place_of(first.path, t),
        {"airfield": "made" if field.is_made else "of the day", "elevation_ft": round(field.elevation_ft)},
    )


def _recorded(drawing: Drawing, path: Path, *, is_heard: bool) -> Flight:
    """Return a recorded flight; ``is_heard``: also while it taxies."""
    like = drawing.piece()
    address = like.address if like else sorted(a for a in drawing.day.addresses if a[0] != "~")[0]
    flight = drawing.recorded(path, address)
    if is_heard or drawing.chance(HEARD_TAXIING_SHARE):
        return flight
    return replace(flight, rows=flight.rows.without(flight.rows.groundspeed_kt < TAXI_KT))


Way = tuple[list[Point], int, float]  # points, which of them is reached, how long after the instant


def _parallel(drawing: Drawing, field: Field) -> list[Way]:
    right = drawing.sign() * drawing.between(*PARALLEL_M)
    return [
        (field.landing(drawing), 1, 0.0),
        (field.landing(drawing, right), 1, drawing.between(-25.0, 25.0)),
    ]


def _line_up(drawing: Drawing, field: Field) -> list[Way]:
    """Return one that lands, and one that waits at the runway's edge or on it, then takes off."""
    waits = drawing.between(30.0, 150.0)
    mps = drawing.between(*APPROACH_MPS)
    aside = drawing.between(30.0, 80.0) * drawing.sign()
    creep = 0.05  # m/s: stands
    before = drawing.between(10.0, 30.0)
    way: list[Point] = [
        (before + 600.0, 2 * aside, 0.0, 6.0),
        (before, 2 * aside, 0.0, 4.0),
        (before, aside, 0.0, creep),
        (before + creep * waits, aside, 0.0, creep),
        (before + 20.0, 0.0, 0.0, 4.0),
        (before + 450.0, 0.0, 0.0, mps),
        (before + 4000.0, 0.0, 1000.0, 1.2 * mps),
    ]
    return [(field.landing(drawing), 1, 0.0), (way, 2, -drawing.between(5.0, waits))]


def _vehicle(drawing: Drawing, field: Field) -> list[Way]:
    """Return one that lands, and something that drives beside the runway without saying that it is on the ground."""
    aside = drawing.sign() * drawing.between(*TAXIWAY_M)
    mps = drawing.between(*TAXI_MPS)
    begin = drawing.between(-200.0, 0.5 * field.length_m)
    way: list[Point] = [
        (begin - 120.0 * mps, aside, 0.0, mps),
        (begin, aside, 0.0, mps),
        (begin + 150.0 * mps, aside, 0.0, mps),
    ]
    return [(field.landing(drawing), 1, 0.0), (way, 1, drawing.between(-10.0, 10.0))]


def _rectangle(drawing: Drawing, field: Field) -> list[Point]:
    """Return a circuit from take-off to landing; number 3 is abeam the threshold, 4 and 5 the corners of base."""
    side = drawing.sign()
    wide = side * drawing.between(*PATTERN_M)
    high = drawing.between(*PATTERN_FT)
    base = -drawing.between(1200.0, 2500.0)
    mps = drawing.between(32.0, 50.0)
    top = field.length_m + drawing.between(300.0, 900.0)
    return [
        (0.4 * field.length_m, 0.0, 30.0, mps),
        (top, 0.0, 500.0, mps),
        (top, wide, 0.9 * high, mps),
        (0.0, wide, high, 1.1 * mps),
        (base, wide, 0.75 * high, mps),
        (base, 0.0, -base * GLIDE / METRES_PER_FOOT + 50.0, 0.9 * mps),
        (0.0, 0.0, 40.0, 0.85 * mps),
        (200.0, 0.0, 0.0, 0.8 * mps),
        (600.0, 0.0, 0.0, 8.0),
    ]


def _base_and_final(drawing: Drawing, field: Field) -> list[Way]:
    around = _rectangle(drawing, field)
    straight = field.landing(drawing)
    base_m, mps = -around[5][0], (straight[0][3] + straight[1][3]) / 2
    # The straight-in one is about where the other turns final, a little earlier or later.
    return [(around, 5, 0.0), (straight, 1, base_m / mps + drawing.between(-15.0, 15.0))]


def _joining(drawing: Drawing, field: Field) -> list[Way]:
    """Return one on downwind, and one that joins downwind from outside at 45°."""
    around = _rectangle(drawing, field)
    wide, high, mps = around[3][1], around[3][2], around[3][3]
    side = math.copysign(1.0, wide)
    own = _rectangle(drawing, field)
    joins: list[Point] = [
        (5000.0, wide + side * 4500.0, high + drawing.between(-100.0, 400.0), 1.1 * mps),
        (500.0, wide, high + drawing.between(-100.0, 100.0), mps),
        *((a, math.copysign(r, wide), h, v) for a, r, h, v in own[4:]),
    ]
    return [(around, 3, 0.0), (joins, 1, drawing.between(-25.0, 15.0))]


def _in_trail(drawing: Drawing, field: Field) -> list[Way]:
    around = _rectangle(drawing, field)
    faster = drawing.between(1.0, 1.25)
    second = [
        (a, r, h + drawing.between(-60.0, 60.0) if h > 100.0 else h, v * faster) for a, r, h, v in around
    ]
    return [(around, 4, 0.0), (second, 4, drawing.between(6.0, 18.0))]


_PAIRS = {
    "parallel approaches": _parallel,
    "line-up": _line_up,
    "ground vehicle": _vehicle,
    "base and final": _base_and_final,
    "joining downwind": _joining,
    "in trail": _in_trail,
}

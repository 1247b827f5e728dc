"""Real passes: two independent flights that truly come within 50 to 500 m and 300 ft of each other."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from injection import recorder
from injection.draft import (
    PASS_FARTHEST_M,
    PASS_HIGHEST_FT,
    PASS_NEAREST_M,
    Draft,
    Drawing,
    Flight,
    pair_of,
    place_of,
    square_to,
)
from injection.motion import (
    METRES_PER_FOOT,
    Path,
    closest,
    metres_per_degree,
    rounded_ramp,
    shortest_step_s,
    smoothstep,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from injection.days import Day, Piece

KIND = "real"
LATE_S = 20.0  # by which bent paths may come nearest earlier or later than straight ones
SIDE_BY_SIDE_M = (1000.0, 3000.0)  # apart while they fly the same way before they pass
CLOSING_S = (60.0, 120.0)
AVOIDING_S = (
    5.0,
    25.0,
)  # before the closest approach: "see and avoid" is about 12 s, TCAS resolves at 15 to 35
CLIMB_FPM = (500.0, 2000.0)
SLOW_CLIMB_FPM = (400.0, 1000.0)  # of what is slower than `SLOW_MPS`: light aircraft
SLOW_MPS = 80.0
LOW_FT = 3000.0  # above the ground
NEAR_AIRFIELD_M = 8000.0
CROSSING_RAD = (math.radians(20.0), math.radians(150.0))


def subs(day: Day) -> tuple[str, ...]:
    """Return the sub-kinds that a day has models for."""
    high = ("crossing", "overtaking", "head-on", "climbing", "same way", "avoiding")
    if not day.source.is_low:
        return high
    return (*high, "low", "tisb", *(["airfield"] if day.airfields else []))


def draw(drawing: Drawing, sub: str) -> Draft | None:
    """Return a real pass; None where this draw makes none."""
    suits = _suitable(drawing.day, sub)
    begun = drawing.first(suits, before_s=200.0 if sub == "same way" else 110.0)
    if begun is None:
        return None
    first, t_cpa = begun
    made = _second(drawing, first.path, t_cpa, sub)
    if made is None:
        return None
    path, like = made
    if not path.is_flyable() or path.altitude_ft.min() < drawing.day.source.elevation_ft + 200.0:
        return None
    true = closest(first.path, path)
    if not (
        true.is_pass
        and PASS_NEAREST_M <= true.hmd_m <= PASS_FARTHEST_M
        and true.vertical_ft <= PASS_HIGHEST_FT
        and abs(true.t_s - t_cpa) <= LATE_S
    ):
        return None
    second = _recorded(drawing, path, like, sub)
    shown = closest(first.shown(), second.shown())
    if not shown.is_pass or abs(shown.t_s - true.t_s) > LATE_S:
        return None  # truly there, and not recorded so: no screen could find it
    return Draft(
        sub,
        (pair_of(first.address, second.address),),
        true.t_s,
        (true.t_s - 120.0, true.t_s + 120.0),
        true.hmd_m,
        true.vertical_ft,
        [flight.rows for flight in (first, second) if flight.is_new],
        set() if first.is_new else {first.address},
        place_of(first.path, true.t_s),
        {"first": "new" if first.is_new else "existing", "recorded_hmd_m": round(shown.hmd_m, 1)},
    )


def _suitable(day: Day, sub: str) -> Callable[[Piece], bool]:
    def is_low(piece: Piece) -> bool:
        return float(np.median(piece.path.altitude_ft)) < day.source.elevation_ft + LOW_FT

    def is_near_airfield(piece: Piece) -> bool:
        if piece.path.altitude_ft.min() > day.source.elevation_ft + LOW_FT:
            return False
        lat, lon = piece.path.degrees()
        north, east = metres_per_degree(float(lat[0]))
        return any(
            np.hypot((lat - a.lat_deg) * north, (lon - a.lon_deg) * east).min() < NEAR_AIRFIELD_M
            for a in day.airfields
        )

    return {"low": is_low, "airfield": is_near_airfield}.get(sub, lambda _: True)


def _second(drawing: Drawing, first: Path, t_cpa: float, sub: str) -> tuple[Path, str] | None:
    course = first.course_rad(t_cpa)
    speed = first.speed_mps(t_cpa)
    angle = {
        "overtaking": lambda: drawing.between(0.0, math.radians(20.0)),
        "head-on": lambda: drawing.between(math.radians(150.0), math.pi),
        "same way": lambda: drawing.between(0.0, math.radians(4.0)),
        "crossing": lambda: drawing.between(*CROSSING_RAD),
    }.get(sub, lambda: drawing.between(math.radians(10.0), math.pi))()
    own = course + drawing.sign() * angle
    miss_m = drawing.between(PASS_NEAREST_M, PASS_FARTHEST_M)
    vertical_ft = drawing.sign() * drawing.between(0.0, PASS_HIGHEST_FT)
    if sub == "avoiding":
        miss_m = drawing.between(0.0, 200.0)

    def suits(piece: Piece, from_s: float) -> bool:
        its = piece.path.speed_mps(from_s)
        if sub == "overtaking":
            return 8.0 <= abs(its - speed) <= 0.5 * speed
        if sub == "same way":
            early = piece.path.between(from_s - 150.0, from_s)
            turned = abs(piece.path.course_rad(early.begin_s + 3.0) - piece.path.course_rad(from_s))
            return abs(its - speed) <= 0.06 * speed and math.cos(turned) > math.cos(math.radians(15.0))
        return True

    e, n, altitude = first.point(t_cpa)
    placed = drawing.through(first, (e, n, altitude + vertical_ft), t_cpa, own, suits)
    if placed is None:
        return None
    path, like = placed
    path = drawing.wiggled(path)
    if sub == "same way":
        path = _converging(drawing, path, t_cpa, miss_m)
    elif sub == "climbing":
        is_slow = path.speed_mps(t_cpa) < SLOW_MPS
        rate = drawing.sign() * drawing.between(*(SLOW_CLIMB_FPM if is_slow else CLIMB_FPM))
        half_s = drawing.between(30.0, 100.0)
        ramp = rounded_ramp(
            path.t_s, [t_cpa - half_s, t_cpa + half_s], [-rate * half_s / 60.0, rate * half_s / 60.0]
        )
        path = path.bent(altitude_ft=ramp)
    elif drawing.chance(0.3):
        angle_rad = drawing.sign() * drawing.between(math.radians(10.0), math.radians(90.0))
        lasts_s = max(20.0, 1.9 * abs(angle_rad) * path.speed_mps(t_cpa) / 3.0)
        path = path.turned(t_cpa + drawing.sign() * drawing.between(20.0, 90.0), lasts_s, angle_rad, t_cpa)
    if sub != "same way":
        east, north, _ = path.point(t_cpa)
        across = square_to(first, t_cpa, path.speed_mps(t_cpa), path.course_rad(t_cpa))
        side = drawing.sign() * miss_m
        path = path.bent(e - east + side * across[0], n - north + side * across[1])
    if sub == "avoiding":
        path = _avoiding(drawing, path, t_cpa)
    return path, like


def _converging(drawing: Drawing, path: Path, t_cpa: float, miss_m: float) -> Path:
    """Return a path that is well to the side for a while, then comes over and goes on to the other side."""
    beside_m = drawing.sign() * drawing.between(*SIDE_BY_SIDE_M)
    closing_s = drawing.between(*CLOSING_S)
    rate = beside_m / closing_s
    course = path.course_rad(t_cpa, 10.0)
    offset = rounded_ramp(
        path.t_s, [t_cpa - closing_s, t_cpa + 1.5 * closing_s], [beside_m, -1.5 * rate * closing_s], 8.0
    )
    # The distance square to how they move relative to each other: mostly sideways, as speeds are alike.
    offset = offset + math.copysign(miss_m, drawing.sign()) * 0.5
    along = drawing.sign() * drawing.between(0.0, PASS_FARTHEST_M)
    return path.bent(
        offset * math.cos(course) + along * math.sin(course),
        -offset * math.sin(course) + along * math.cos(course),
    )


def _avoiding(drawing: Drawing, path: Path, t_cpa: float) -> Path:
    """Return a path that swerves, climbs or descends shortly before."""
    begin_s = t_cpa - drawing.between(*AVOIDING_S)
    if drawing.chance(0.5):
        size = drawing.sign() * drawing.between(100.0, 350.0)
        step = size * smoothstep((path.t_s - begin_s) / max(shortest_step_s(size), 8.0))
        course = path.course_rad(t_cpa)
        return path.bent(step * math.cos(course), -step * math.sin(course))
    size_ft = drawing.sign() * drawing.between(100.0, 400.0)
    # The steepest part of a smooth step is 1.875 times its mean: 2,000 ft/min there.
    lasts_s = max(shortest_step_s(size_ft * METRES_PER_FOOT), 1.875 * abs(size_ft) / 2000.0 * 60.0)
    return path.bent(altitude_ft=size_ft * smoothstep((path.t_s - begin_s) / lasts_s))


def _recorded(drawing: Drawing, path: Path, like: str, sub: str) -> Flight:
    if sub != "tisb":
        return drawing.recorded(path, like)
    rng = drawing.rng
    feed = recorder.tisb(
        rng, late_s=drawing.between(0.0, 2.0), bias_ft=rng.normal(0.0, recorder.ALTIMETER_FT)
    )
    ghosts = drawing.day.ghosts
    model = ghosts[int(rng.integers(len(ghosts)))] if ghosts else like
    return drawing.recorded(path, model, feed, address=drawing.address(is_ghost=True))

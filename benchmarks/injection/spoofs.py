"""Satellite navigation that is spoofed: aircraft drawn to a common point, round a circle, or gently off their way.

Elsewhere than where they are shown, another aircraft truly passes there.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from injection.draft import Draft, Drawing, Flight, is_kept, pair_of, place_of, truth_of
from injection.motion import MPS_PER_KNOT, Path, closest, metres_per_degree, smoothstep

if TYPE_CHECKING:
    from injection.days import Day
    from injection.rows import Rows

SPOOF = "spoof"
LASTS_S = (120.0, 600.0)
AWAY_M = (3000.0, 60_000.0)  # of the common point from the aircraft
DRIFT_M = (1500.0, 8000.0)  # over minutes: a receiver that is gently carried off does not notice
DRIFT_MPS = (10.0, 25.0)  # mean speed at which it is
CIRCLE_M = (100.0, 1000.0)
CIRCLE_MPS = (20.0, 120.0)
POINT_M = (2.0, 15.0)  # scatter about the point
MOST_DRAWN = 6
MISS_M = 300.0
HIGH_FT = 300.0
OTHERS_FT = 3000.0  # the others that are drawn there are at any altitude within this
TRUE_SPEED_SHARE = 0.5  # of transponders that go on telling an inertial speed


def spoof_subs(_: Day) -> tuple[str, ...]:
    """Return what is drawn where: one or many to a point, one or many round a circle, one gently off its way."""
    return ("one to a point", "many to a point", "one to a circle", "many to a circle", "drift")


def draw_spoof(drawing: Drawing, sub: str) -> Draft | None:
    """Return an aircraft that passes where others only seem to be."""
    begun = drawing.first()
    if begun is None:
        return None
    real, t = begun
    count = int(drawing.rng.integers(2, MOST_DRAWN + 1)) if sub.startswith("many") else 1
    lasts_s = drawing.between(*LASTS_S)
    begin = t - drawing.between(0.2, 0.8) * lasts_s
    e, n, altitude = real.path.point(t)
    miss, bearing = drawing.between(0.0, MISS_M), drawing.between(0.0, 2 * math.pi)
    point = (e + miss * math.sin(bearing), n + miss * math.cos(bearing))
    radius = drawing.decades(*CIRCLE_M) if sub.endswith("circle") else 0.0
    omega = drawing.sign() * drawing.between(*CIRCLE_MPS) / max(radius, 1.0) if radius else 0.0
    phase = drawing.between(0.0, 2 * math.pi)
    # The circle goes through the point; ``phase`` is where on it a shown aircraft is at t.
    centre = (point[0] - radius * math.sin(phase), point[1] - radius * math.cos(phase))
    drawn: list[tuple[Flight, Rows]] = []
    for number in range(count):
        away = drawing.decades(*(DRIFT_M if sub == "drift" else AWAY_M))
        to = drawing.between(0.0, 2 * math.pi)
        high = drawing.between(-HIGH_FT, HIGH_FT) if number == 0 else drawing.between(-OTHERS_FT, OTHERS_FT)
        place = (e + away * math.sin(to), n + away * math.cos(to), altitude + high)
        placed = drawing.through(real.path, place, t, drawing.between(0.0, 2 * math.pi))
        if placed is None:
            return None
        path, like = placed
        if not path.is_flyable() or not is_kept(real.path, path):
            return None
        flight = drawing.recorded(path, like)
        if sub == "drift":
            offset = (point[0] - path.point(t)[0], point[1] - path.point(t)[1])
            rows = _drifting(drawing, flight, t, offset)
        else:
            rows = _captured(
                drawing, flight, (begin, begin + lasts_s), centre, radius, (phase - omega * t, omega)
            )
        drawn.append((flight, rows))
    passes = [(flight, closest(flight.shown(rows), real.shown())) for flight, rows in drawn]
    seen = passes[0][1]
    if not seen.is_pass or any(closest(flight.shown(), real.shown()).is_pass for flight, _ in drawn):
        return None
    truth = truth_of(drawn[0][0].path, real.path)
    return Draft(
        sub,
        tuple(pair_of(flight.address, real.address) for flight, approach in passes if approach.is_pass),
        seen.pass_s,
        (seen.pass_s - 150.0, seen.pass_s + 150.0),
        truth.hmd_m,
        truth.vertical_ft,
        [rows for _, rows in drawn] + ([real.rows] if real.is_new else []),
        set() if real.is_new else {real.address},
        place_of(real.path, t),
        {"aircraft": count, "radius_m": round(radius), "lasts_s": round(lasts_s)},
        [flight.rows for flight, _ in drawn] + ([real.rows] if real.is_new else []),
    )


def _captured(
    drawing: Drawing,
    flight: Flight,
    span_s: tuple[float, float],
    centre: tuple[float, float],
    radius_m: float,
    turning: tuple[float, float],
) -> Rows:
    """Return rows that are at a point or on a circle for a while; ``turning``: angle at time 0, and its rate."""
    rows = flight.rows
    which = np.flatnonzero((rows.t_s >= span_s[0]) & (rows.t_s <= span_s[1]))
    t = rows.t_s[which]
    angle = turning[0] + turning[1] * t
    scatter = drawing.between(*POINT_M)
    east = centre[0] + radius_m * np.sin(angle) + scatter * drawing.rng.standard_normal(t.size)
    north = centre[1] + radius_m * np.cos(angle) + scatter * drawing.rng.standard_normal(t.size)
    lat, lon = rows.lat_deg.copy(), rows.lon_deg.copy()
    shown = Path(t, east, north, rows.altitude_ft[which], flight.path.lat_deg, flight.path.lon_deg)
    lat[which], lon[which] = shown.degrees()
    rows = replace(rows, lat_deg=lat, lon_deg=lon)
    if drawing.chance(TRUE_SPEED_SHARE):
        return rows
    speed, track = rows.groundspeed_kt.copy(), rows.track_deg.copy()
    speed[which] = np.round(abs(turning[1]) * radius_m / MPS_PER_KNOT + drawing.rng.uniform(0, 2, t.size))
    track[which] = np.round(np.degrees(angle + math.copysign(math.pi / 2, turning[1])), 1) % 360.0
    return replace(rows, groundspeed_kt=speed, track_deg=track)


def _drifting(drawing: Drawing, flight: Flight, t_s: float, offset: tuple[float, float]) -> Rows:
    """Return rows that are carried off smoothly until an instant, and stay so far off."""
    rows = flight.rows
    lasts_s = math.hypot(*offset) / drawing.between(*DRIFT_MPS)
    share = smoothstep((rows.t_s - t_s) / lasts_s + 1.0)
    per_north, per_east = metres_per_degree(flight.path.lat_deg)
    drifted = replace(
        rows,
        lat_deg=rows.lat_deg + share * offset[1] / per_north,
        lon_deg=rows.lon_deg + share * offset[0] / per_east,
    )
    if drawing.chance(TRUE_SPEED_SHARE):
        return drifted
    # A receiver that is led believes the speed that it is led to.
    shown = flight.shown(drifted)
    ve, vn = shown.velocity(rows.t_s, 5.0)
    return replace(
        drifted,
        groundspeed_kt=np.round(np.hypot(ve, vn) / MPS_PER_KNOT),
        track_deg=np.asarray(np.round(np.degrees(np.arctan2(ve, vn)), 1) % 360.0, np.float64),
    )

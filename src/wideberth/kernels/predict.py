"""From the last reports of many aircraft to where they will be: what is heard, how each moves, and points ahead.

Reports are kept per aircraft in a ring of `HISTORY` rows of `REPORT_WIDTH` figures, with their times beside them;
``head`` is where the newest stands.  A report that cannot follow what was heard is not taken: older or as old, from the
future, a copy of an old position although the aircraft moves, or farther than an aircraft can fly.  The last is kept
apart, and where the next report agrees with it the history begins anew from there.

Motion ahead is a great circle of a sphere as curved as the ellipsoid is there, or an arc: the direction turns at
constant rate for some time and is then straight.  It is carried from point to point as an Earth-centred vector, so
there is no pole and no antimeridian.  Points are at most `PIECE_S` apart on a straight way and `ARC_S` in a turn;
between them the motion is that of recorded legs, a chord.  Along 60 s at 250 m/s that sags by 4.4 m; a turn at 3° a
second leaves it by 10 m at 120 kt.

Source: docs/formulas.md#ahead.
"""

from __future__ import annotations

import math

import numpy as np

from wideberth.kernels._jit import columns, formula, kernel, prange
from wideberth.kernels.cleaning import is_within_reach
from wideberth.kernels.geodesy import direction_deg, surface_point, surface_position
from wideberth.units import METRES_PER_FOOT, MPS_PER_KNOT

HISTORY = 16
LAT_DEG, LON_DEG, FEET, METRES, SPEED_KT, TRACK_DEG, CLIMB_FPM, GROUND = range(8)
REPORT_WIDTH = 8

TAKEN, NO_POSITION, OLD, FUTURE, STALE, JUMP = range(6)
"""What became of a report."""

(
    AGE_S, FROM_LAT_DEG, FROM_LON_DEG, MPS, COURSE_DEG, TURN_DPS, FROM_FEET, FROM_METRES, CLIMB_FPS, ON_GROUND,
) = range(10)  # fmt: skip
STATE_WIDTH = 10

STILL_KT = 30.0  # up to this speed a repeated position may be true
TOLD_S = 12.0  # a speed or direction told so long before the newest position is the aircraft's still
LEVEL_S = 30.0  # and so is an altitude
# A step of a reported rate is 64 ft/min, of an altitude 25 ft; in level flight the rate goes two steps up and down,
# which within two minutes would seem to lead from one level to below the minimum above another.
LEVEL_FPM = 200.0
LEVEL_FT = 25.0
FITTED_S = 20.0  # how an aircraft moves is told by so much of the past
SHORTEST_S = 4.0  # and turns are told by no less
FEWEST = 3
FASTEST_DPS = 12.0  # what seems to turn faster does not turn: its direction is wrong
PIECE_S = 60.0
ARC_S = 5.0


@kernel
def take(aircraft, t_us, rows, now_us, future_us, speed_mps, ring_t_us, ring, head, count, other, other_us):
    """Enter reports into the rings, one after another; return what became of each, (n,) uint8.

    Args:
        aircraft: (n,) int64, whose.
        t_us: (n,) int64, when each position held.
        rows: (n, REPORT_WIDTH), NaN where unknown.
        now_us: a report later than this and ``future_us`` more is of no use: its clock is wrong.
        future_us: see there.
        speed_mps: what no aircraft exceeds.
        ring_t_us, ring: (aircraft, HISTORY) and (aircraft, HISTORY, REPORT_WIDTH), changed.
        head, count: (aircraft,) where the newest report stands, and how many there are; changed.
        other, other_us: (aircraft, 2) the last position that could not follow, and when; changed.
    """
    became = np.empty(t_us.size, np.uint8)
    for n in range(t_us.size):
        k = aircraft[n]
        lat, lon = rows[n, LAT_DEG], rows[n, LON_DEG]
        if not (abs(lat) <= 90.0 and abs(lon) <= 180.0) or (lat == 0.0 and lon == 0.0):
            became[n] = NO_POSITION
            continue
        if t_us[n] > now_us + future_us:
            became[n] = FUTURE
            continue
        at = head[k]
        if count[k] > 0:
            last = ring[k, at]
            if t_us[n] <= ring_t_us[k, at]:
                became[n] = OLD
                continue
            if lat == last[LAT_DEG] and lon == last[LON_DEG] and rows[n, SPEED_KT] > STILL_KT:
                became[n] = STALE
                continue
            if not is_within_reach(
                last[LAT_DEG], last[LON_DEG], ring_t_us[k, at], lat, lon, t_us[n], speed_mps
            ):
                agrees = other_us[k] > ring_t_us[k, at] and is_within_reach(
                    other[k, 0], other[k, 1], other_us[k], lat, lon, t_us[n], speed_mps
                )
                other[k, 0], other[k, 1], other_us[k] = lat, lon, t_us[n]
                if not agrees:
                    became[n] = JUMP
                    continue
                count[k] = 0
        at = (at + 1) % HISTORY
        ring_t_us[k, at] = t_us[n]
        ring[k, at] = rows[n]
        head[k] = at
        count[k] = min(count[k] + 1, HISTORY)
        became[n] = TAKEN
    return became


@columns
def states(ring_t_us, ring, head, count, chosen, now_us):
    """Return how some aircraft move by their last reports, (k, STATE_WIDTH); NaN where it is not known.

    Speed and direction are those the aircraft told last, within `TOLD_S` of its newest position; else they are taken
    from positions.  The turn is the slope of directions over `FITTED_S`, by least squares.

    Args:
        ring_t_us, ring, head, count: as in `take`.
        chosen: (k,) which aircraft; each has been heard.
        now_us: ages are counted back from here.
    """
    out = np.full((chosen.size, STATE_WIDTH), np.nan)
    for n in prange(chosen.size):
        k = chosen[n]
        at = head[k]
        row, newest = out[n], ring[k, at]
        row[AGE_S] = (now_us - ring_t_us[k, at]) * 1e-6
        row[FROM_LAT_DEG], row[FROM_LON_DEG] = newest[LAT_DEG], newest[LON_DEG]
        row[ON_GROUND] = newest[GROUND]
        _altitudes(row, ring_t_us, ring, k, at, count[k])
        _motion(row, ring_t_us, ring, k, at, count[k])
    return out


@formula
def _altitudes(row, ring_t_us, ring, k, at, count):
    """Fill in altitudes at the newest report, and how fast they change."""
    climb = np.nan
    for column, into, per_foot in ((FEET, FROM_FEET, 1.0), (METRES, FROM_METRES, METRES_PER_FOOT)):
        value, age_s = np.nan, 0.0
        oldest, oldest_s = np.nan, 0.0
        told = np.nan
        for back in range(count):
            i = (at - back) % HISTORY
            before_s = (ring_t_us[k, at] - ring_t_us[k, i]) * 1e-6
            if before_s > LEVEL_S:
                break
            if np.isnan(told) and before_s <= TOLD_S:
                told = ring[k, i, CLIMB_FPM] / 60.0
            if not np.isnan(ring[k, i, column]):
                if np.isnan(value):
                    value, age_s = ring[k, i, column], before_s
                if before_s <= FITTED_S:
                    oldest, oldest_s = ring[k, i, column], before_s
        fps = told
        if np.isnan(fps) and oldest_s - age_s >= SHORTEST_S:
            fps = (value - oldest) / (oldest_s - age_s) / per_foot
        if abs(fps) * 60.0 < LEVEL_FPM and not abs(value - oldest) > LEVEL_FT * per_foot:
            fps = 0.0
        if np.isnan(climb) and not np.isnan(value):
            climb = fps
        row[into] = value + (0.0 if np.isnan(fps) else fps * per_foot * age_s)
    row[CLIMB_FPS] = 0.0 if np.isnan(climb) else climb


@formula
def _motion(row, ring_t_us, ring, k, at, count):
    """Fill in speed, direction and turn."""
    newest = ring[k, at]
    speed_kt, course, told_us = np.nan, np.nan, ring_t_us[k, at]
    for back in range(count):
        i = (at - back) % HISTORY
        if (ring_t_us[k, at] - ring_t_us[k, i]) * 1e-6 > TOLD_S:
            break
        if np.isnan(speed_kt):
            speed_kt = ring[k, i, SPEED_KT]
        if np.isnan(course):
            course, told_us = ring[k, i, TRACK_DEG], ring_t_us[k, i]
    is_told = not np.isnan(course)
    # Directions over the past: those that were told, or else from report to report, half way between both.
    points = 0
    st, sy, stt, sty = 0.0, 0.0, 0.0, 0.0
    first_s, last_deg = 0.0, 0.0
    way_m, lasts_s = 0.0, 0.0
    course_s = 0.0
    x1, y1, z1 = surface_point(newest[LAT_DEG], newest[LON_DEG])
    t1_s = 0.0
    for back in range(count):
        i = (at - back) % HISTORY
        t_s = (ring_t_us[k, i] - ring_t_us[k, at]) * 1e-6
        if t_s < -FITTED_S:
            break
        direction, when_s = np.nan, t_s
        if back > 0:
            x0, y0, z0 = surface_point(ring[k, i, LAT_DEG], ring[k, i, LON_DEG])
            step_m = math.sqrt((x1 - x0) ** 2 + (y1 - y0) ** 2 + (z1 - z0) ** 2)
            way_m += step_m
            lasts_s = -t_s
            if not is_told and step_m > 0.0:
                direction = direction_deg(ring[k, i, LAT_DEG], ring[k, i, LON_DEG], x1 - x0, y1 - y0, z1 - z0)
                when_s = 0.5 * (t_s + t1_s)
            x1, y1, z1, t1_s = x0, y0, z0, t_s
        if is_told:
            direction = ring[k, i, TRACK_DEG]
        if np.isnan(direction):
            continue
        if points == 0:
            last_deg = direction
            if not is_told:
                course, course_s = direction, when_s
        # Directions go on across north.
        direction = last_deg + (direction - last_deg + 180.0) % 360.0 - 180.0
        last_deg = direction
        points += 1
        first_s = when_s
        st, sy, stt, sty = st + when_s, sy + direction, stt + when_s * when_s, sty + when_s * direction
    if np.isnan(speed_kt) and lasts_s > 0.0:
        speed_kt = way_m / lasts_s / MPS_PER_KNOT
    turn = 0.0
    spread = points * stt - st * st
    if points >= FEWEST and -first_s >= SHORTEST_S and spread > 0.0:
        turn = (points * sty - st * sy) / spread
    if not abs(turn) <= FASTEST_DPS:
        turn = 0.0
    since_s = (ring_t_us[k, at] - told_us) * 1e-6 if is_told else -course_s
    row[MPS] = speed_kt * MPS_PER_KNOT
    row[COURSE_DEG] = course + turn * since_s
    row[TURN_DPS] = turn


# Points ahead -------------------------------------------------------------------------------------


@formula
def _heading(lat_deg, lon_deg, course_deg):
    """Return the Earth-centred unit vector of a direction at a point."""
    phi, lam, course = math.radians(lat_deg), math.radians(lon_deg), math.radians(course_deg)
    east, north = math.sin(course), math.cos(course)
    return (
        -math.sin(lam) * east - math.sin(phi) * math.cos(lam) * north,
        math.cos(lam) * east - math.sin(phi) * math.sin(lam) * north,
        math.cos(phi) * north,
    )


@formula
def _turned(lat_deg, lon_deg, ux, uy, uz, right_deg):
    """Return a direction at a point turned to the right, and made level and of unit length again."""
    phi, lam = math.radians(lat_deg), math.radians(lon_deg)
    nx, ny, nz = math.cos(phi) * math.cos(lam), math.cos(phi) * math.sin(lam), math.sin(phi)
    up = ux * nx + uy * ny + uz * nz
    ux, uy, uz = ux - up * nx, uy - up * ny, uz - up * nz
    length = math.sqrt(ux * ux + uy * uy + uz * uz)
    cosine, sine = math.cos(math.radians(right_deg)) / length, math.sin(math.radians(right_deg)) / length
    # u × n points to the right of u.
    return (
        ux * cosine + (uy * nz - uz * ny) * sine,
        uy * cosine + (uz * nx - ux * nz) * sine,
        uz * cosine + (ux * ny - uy * nx) * sine,
    )


@formula
def moved(lat_deg, lon_deg, ux, uy, uz, way_m, turn_deg):
    """Return where a way of constant curvature leads, and the direction there.

    Args:
        lat_deg, lon_deg: where it begins.
        ux, uy, uz: the direction, see `_heading`.
        way_m: how long it is; up to 20 km at once, for 7 cm along it.
        turn_deg: by how much it turns to the right.
    """
    half = 0.5 * math.radians(turn_deg)
    chord_m = way_m * (math.sin(half) / half if abs(half) > 1e-9 else 1.0)
    ux, uy, uz = _turned(lat_deg, lon_deg, ux, uy, uz, 0.5 * turn_deg)
    x, y, z = surface_point(lat_deg, lon_deg)
    lat_deg, lon_deg = surface_position(x + ux * chord_m, y + uy * chord_m, z + uz * chord_m)
    ux, uy, uz = _turned(lat_deg, lon_deg, ux, uy, uz, 0.5 * turn_deg)
    return lat_deg, lon_deg, ux, uy, uz


@formula
def _pieces(lasts_s, piece_s):
    return math.ceil(lasts_s / piece_s) if lasts_s > 0.0 else 0


@formula
def _points(is_turning, look_ahead_s, turn_s):
    """Return how many points an aircraft's way ahead has."""
    arc_s = min(turn_s, look_ahead_s) if is_turning else 0.0
    return 1 + _pieces(arc_s, ARC_S) + _pieces(look_ahead_s - arc_s, PIECE_S)


@kernel
def first_points(is_turning, look_ahead_s, turn_s):
    """Return where the points of each way ahead begin, (n + 1,) int64, the last their number."""
    first = np.zeros(is_turning.size + 1, np.int64)
    for n in range(is_turning.size):
        first[n + 1] = first[n] + _points(is_turning[n], look_ahead_s, turn_s)
    return first


@columns
def points_ahead(state, is_turning, aside_deg, faster, look_ahead_s, turn_s, first):
    """Return the points of ways ahead, from now on.

    Args:
        state: (n, STATE_WIDTH) as `states` gives it, of aircraft whose position, speed and direction are known.
        is_turning: (n,) bool: it goes on turning as it does, for ``turn_s`` from now, and is straight then.
        aside_deg: (n,) by how much it is to the right of where the aircraft goes.
        faster: (n,) its speed is the aircraft's times this.
        look_ahead_s: how long the ways are.
        turn_s: see there.
        first: as `first_points` gives it.
    Returns:
        t_us (p,) int64 since now, and lat_deg, lon_deg, feet, metres (p,).
    """
    t_us = np.empty(first[-1], np.int64)
    lat_deg, lon_deg, feet, metres = np.empty((4, first[-1]))
    for n in prange(is_turning.size):
        s = state[n]
        lat, lon = s[FROM_LAT_DEG], s[FROM_LON_DEG]
        mps = s[MPS] * faster[n]
        rate = s[TURN_DPS] if is_turning[n] else 0.0
        ux, uy, uz = _heading(lat, lon, s[COURSE_DEG] + aside_deg[n])
        pieces = _pieces(s[AGE_S], ARC_S if is_turning[n] else PIECE_S)
        for _ in range(pieces):  # up to now
            lasts_s = s[AGE_S] / pieces
            lat, lon, ux, uy, uz = moved(lat, lon, ux, uy, uz, mps * lasts_s, rate * lasts_s)
        arc_s = min(turn_s, look_ahead_s) if is_turning[n] else 0.0
        arcs, lines = _pieces(arc_s, ARC_S), _pieces(look_ahead_s - arc_s, PIECE_S)
        at_s = 0.0
        for p in range(1 + arcs + lines):
            if p > 0:
                is_arc = p <= arcs
                lasts_s = arc_s / arcs if is_arc else (look_ahead_s - arc_s) / lines
                lat, lon, ux, uy, uz = moved(
                    lat, lon, ux, uy, uz, mps * lasts_s, rate * lasts_s if is_arc else 0.0
                )
                at_s += lasts_s
            i = first[n] + p
            t_us[i] = round(at_s * 1e6)
            lat_deg[i], lon_deg[i] = lat, lon
            climbed = s[CLIMB_FPS] * (max(s[AGE_S], 0.0) + at_s)
            feet[i] = s[FROM_FEET] + climbed
            metres[i] = s[FROM_METRES] + climbed * METRES_PER_FOOT
    return t_us, lat_deg, lon_deg, feet, metres

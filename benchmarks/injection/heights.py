"""Altitudes: wrong ones that bring together two that are apart, and levels that are near by rule."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from injection.draft import Draft, Drawing, Flight, pair_of, place_of, square_to, truth_of
from injection.faults import SPAN_S
from injection.motion import (
    LEVELS,
    METRES_PER_NM,
    Minima,
    Path,
    apart,
    closest,
    rounded_ramp,
)

if TYPE_CHECKING:
    import numpy.typing as npt

    from injection.days import Day, Piece
    from injection.rows import Rows

ALTITUDE = "altitude"
LEVEL = "level spacing"
TRULY_FT = (1000.0, 3000.0)  # vertically apart
MISS_M = 400.0
SHOWN_FT = 300.0
BIAS_FT = (800.0, 2000.0)
FROZEN_S = (20.0, 120.0)  # how long after it stuck the other passes
STUCK_FPM = (1000.0, 2500.0)
SLOW_STUCK_FPM = (700.0, 1200.0)  # of light aircraft
SLOW_MPS = 80.0
GILLHAM_FT = 100.0
COARSE_SHARE = 0.33  # of altimeters that tell hundreds of feet
LEVEL_STEP_FT = 1000.0
LEVEL_LATERAL_M = 4.0 * METRES_PER_NM
LEVEL_OFF_FT = 60.0  # a level flight of the day is within this of its level: its altimeter, and 25 ft
LEVEL_SHOWN_FT = (900.0, 1000.0)
LEVEL_HALF_S = 90.0


def altitude_subs(_: Day) -> tuple[str, ...]:
    """Return what is wrong: a sample or a few, an altitude that sticks in a climb, an altimeter all flight long."""
    return ("samples", "stuck", "bias")


def draw_altitude(drawing: Drawing, sub: str) -> Draft | None:
    """Return two aircraft truly 1,000 ft apart or more, of which one tells a wrong altitude."""
    begun = drawing.first(existing=False if sub == "stuck" else None)
    if begun is None:
        return None
    first, t = begun
    made = _below_or_above(drawing, first, t, sub)
    if made is None:
        return None
    second, truly_ft = made
    if not second.path.is_flyable():
        return None
    true, mended = truth_of(first.path, second.path), closest(first.shown(), second.shown())
    # Truly apart for as long as they are near each other.
    if mended.is_pass or closest(first.path, second.path, Minima(1000.0, 900.0)).is_pass:
        return None
    if true.vertical_ft < TRULY_FT[0]:
        return None
    rows, told = _wrong(drawing, first, second, t, sub, truly_ft)
    if rows is None:
        return None
    seen = closest(first.shown(), second.shown(rows))
    if not seen.is_pass:
        return None
    return Draft(
        sub,
        (pair_of(first.address, second.address),),
        seen.pass_s,
        (t - SPAN_S, t + SPAN_S),
        true.hmd_m,
        true.vertical_ft,
        [rows, *([first.rows] if first.is_new else [])],
        set() if first.is_new else {first.address},
        place_of(first.path, t),
        {**told, "whose": second.address, "truly_ft": round(truly_ft)},
        [second.rows, *([first.rows] if first.is_new else [])],
    )


def _below_or_above(drawing: Drawing, first: Flight, t: float, sub: str) -> tuple[Flight, float] | None:
    """Return a flight that passes straight below or above, and how much higher it is."""
    e, n, altitude = first.path.point(t)
    truly_ft = drawing.sign() * drawing.between(*TRULY_FT)
    if altitude + truly_ft < drawing.day.source.elevation_ft + 1000.0:
        truly_ft = abs(truly_ft)
    if sub == "bias":
        truly_ft = math.copysign(min(abs(truly_ft), BIAS_FT[1] + 200.0), truly_ft)
    placed = drawing.through(
        first.path, (e, n, altitude + truly_ft), t, drawing.between(0.0, 2 * math.pi), is_free=True
    )
    if placed is None:
        return None
    path, like = placed
    path = drawing.wiggled(path)
    if sub == "stuck":
        rates = SLOW_STUCK_FPM if path.speed_mps(t) < SLOW_MPS else STUCK_FPM
        rate = math.copysign(drawing.between(*rates), truly_ft)
        began_s = abs(truly_ft) / abs(rate) * 60.0
        corners, values = (
            [t - began_s - 40.0, t + 40.0],
            [-truly_ft - rate * 40.0 / 60.0, rate * 40.0 / 60.0],
        )
        path = path.bent(altitude_ft=rounded_ramp(path.t_s, corners, values))
    east, north, _ = path.point(t)
    across = square_to(first.path, t, path.speed_mps(t), path.course_rad(t))
    miss = drawing.sign() * drawing.between(0.0, MISS_M)
    path = path.bent(e - east + miss * across[0], n - north + miss * across[1])
    feed = drawing.feed()
    if drawing.chance(COARSE_SHARE):
        feed = replace(feed, step_ft=100.0)
    return drawing.recorded(path, like, feed), truly_ft


def _wrong(
    drawing: Drawing, first: Flight, second: Flight, t: float, sub: str, truly_ft: float
) -> tuple[Rows | None, dict[str, Any]]:
    """Return the second flight's rows with a wrong altitude; the height above the ellipsoid stays true."""
    rows = second.rows
    altitude = rows.altitude_ft.copy()
    if sub == "bias":
        error = -truly_ft + drawing.between(-SHOWN_FT, SHOWN_FT)
        if not BIAS_FT[0] <= abs(error) <= BIAS_FT[1]:
            return None, {}
        return replace(rows, altitude_ft=altitude + 25.0 * round(error / 25.0)), {"error_ft": round(error)}
    if sub == "samples":
        count = int(drawing.rng.integers(1, 4))
        middle = int(np.argmin(np.abs(rows.t_s - t)))
        which = slice(max(middle - int(drawing.rng.integers(count)), 0), middle + count)
        which = slice(which.start, min(which.start + count, altitude.size))
        # A wrong bit of a Gillham code is worth 100 ft times some number: alike in all of these samples.
        error = GILLHAM_FT * round((-truly_ft + drawing.between(-SHOWN_FT, SHOWN_FT)) / GILLHAM_FT)
        altitude[which] += error
        return replace(rows, altitude_ft=altitude), {"error_ft": round(error), "rows": count}
    level = first.path.point(t)[2] + drawing.between(-SHOWN_FT, SHOWN_FT)
    early = np.flatnonzero((rows.t_s < t) & (np.abs(altitude - level) < 400.0) & (rows.t_s > t - 240.0))
    if early.size == 0:
        return None, {}
    source = int(early[np.argmin(np.abs(altitude[early] - level))])
    until = t + drawing.between(*FROZEN_S)
    frozen = (rows.t_s > rows.t_s[source]) & (rows.t_s <= until)
    altitude[frozen] = altitude[source]
    rate = rows.vertical_rate_fpm.copy()
    if drawing.chance(0.5):
        rate[frozen & np.isfinite(rate)] = 0.0
    frozen_s = round(until - float(rows.t_s[source]))
    return replace(rows, altitude_ft=altitude, vertical_rate_fpm=rate), {"frozen_s": frozen_s}


def level_subs(_: Day) -> tuple[str, ...]:
    """Return how two on neighbouring levels meet."""
    return ("crossing", "same way", "opposite", "levelling off")


def draw_level(drawing: Drawing, sub: str) -> Draft | None:
    """Return two on assigned levels 1,000 ft apart, recorded as a little less by steps and altimeters."""
    begun = drawing.first(_is_level)
    if begun is None:
        return None
    first, t = begun
    level = LEVEL_STEP_FT * round(first.path.point(t)[2] / LEVEL_STEP_FT)
    near = first.path.between(t - LEVEL_HALF_S, t + LEVEL_HALF_S).altitude_ft
    if np.abs(near - level).max() > LEVEL_OFF_FT:
        return None
    side = drawing.sign()
    own = level + side * LEVEL_STEP_FT
    angle = {
        "same way": drawing.between(0.0, math.radians(15.0)),
        "opposite": drawing.between(math.radians(165.0), math.pi),
    }.get(sub, drawing.between(math.radians(15.0), math.radians(165.0)))
    e, n, _ = first.path.point(t)
    placed = drawing.through(
        first.path,
        (e, n, own),
        t,
        first.path.course_rad(t) + drawing.sign() * angle,
        lambda piece, from_s: _is_level_at(piece.path, from_s),
    )
    if placed is None:
        return None
    path, like = placed
    path = drawing.wiggled(path)
    east, north, _ = path.point(t)
    across = square_to(first.path, t, path.speed_mps(t), path.course_rad(t))
    miss = drawing.sign() * drawing.between(0.0, LEVEL_LATERAL_M)
    # Autopilots hold a level: what the model flight's altimeter said of its own is taken out.
    path = replace(path, altitude_ft=np.full(path.t_s.size, own))
    path = path.bent(e - east + miss * across[0], n - north + miss * across[1])
    if sub == "levelling off":
        off_s = t - drawing.between(20.0, 120.0)
        rate = side * drawing.between(600.0, 1800.0)  # from its own side: it does not cross the other level
        ramp = rounded_ramp(path.t_s, [off_s - 180.0, off_s], [rate * 3.0, 0.0])
        path = path.bent(altitude_ft=ramp)
    if not path.is_flyable():
        return None
    second = drawing.recorded(path, like, replace(drawing.feed(), step_ft=25.0))
    seen = closest(first.shown(), second.shown(), LEVELS)
    if not seen.is_pass:
        return None
    far, high = apart(first.shown(), second.shown(), seen.broken_s)
    if not (LEVEL_SHOWN_FT[0] <= float(high.min()) < LEVEL_SHOWN_FT[1]):
        return None
    true = truth_of(first.path, path)
    return Draft(
        sub,
        (pair_of(first.address, second.address),),
        seen.pass_s,
        (float(seen.broken_s[0]) - SPAN_S, float(seen.broken_s[-1]) + SPAN_S),
        true.hmd_m,
        LEVEL_STEP_FT,
        [flight.rows for flight in (first, second) if flight.is_new],
        set() if first.is_new else {first.address},
        place_of(first.path, t),
        {"level_ft": level, "recorded_ft": round(float(high.min())), "recorded_m": round(float(far.min()))},
    )


def _is_level(piece: Piece) -> bool:
    """Return whether a model flight is mostly on a level that is a whole number of thousands."""
    return bool(np.median(_off_level(piece.path.altitude_ft)) < LEVEL_OFF_FT)


def _is_level_at(path: Path, t_s: float) -> bool:
    """Return whether it is level around an instant."""
    near = path.between(t_s - LEVEL_HALF_S, t_s + LEVEL_HALF_S).altitude_ft
    return bool(np.ptp(near) < LEVEL_OFF_FT)


def _off_level(altitude_ft: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.asarray(np.abs(altitude_ft - LEVEL_STEP_FT * np.round(altitude_ft / LEVEL_STEP_FT)))

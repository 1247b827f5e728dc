"""What the reports of one aircraft around an instant are worth: gaps, turns, repeats, leaps, levels, low points.

A *report* is a row of the tracks: a real message, nothing interpolated.  Only rows no further from the instant
than a window are looked at, so that the answer does not depend on how a recording was cut.
"""

from __future__ import annotations

import math

import numpy as np

from wideberth.kernels._jit import columns, formula, prange
from wideberth.kernels.plane import east_north_m, origin
from wideberth.units import MPS_PER_KNOT

STEP_S, TURN_DEG, KINK_M, LEAP_M, LEAP_AWAY_S = 0, 1, 2, 3, 4
MOVED_M, FLOWN_M, REPEATS, REPORTS = 5, 6, 7, 8
ALTITUDE_KINK_FT, ALTITUDE_LEAP_FT, RATE_TOLD_FPM, RATE_SEEN_FPM = 9, 10, 11, 12
LEVEL_LOW_FT, LEVEL_HIGH_FT, LEVEL_S, GEOMETRIC_FT = 13, 14, 15, 16
LOW_EAST_M, LOW_NORTH_M, LOW_FT, LOW_KT, LOW_AWAY_S, LOW_DROP_FT = 17, 18, 19, 20, 21, 22
SPEED_MPS, NAC_P, BEST_NAC_P, AGE_S, HEARD_BEFORE_S, HEARD_AFTER_S = 23, 24, 25, 26, 27, 28
(TOLD_EAST_MPS, TOLD_NORTH_MPS, NAC_TOLD, BOW_M, HELD_M, IS_HEARD, KINK_AWAY_M, DETOUR_M, TOLD_AWAY_S, ASIDE_M,
 ASIDE_AWAY_M) = range(29, 40)  # fmt: skip
REPORT_WIDTH = 40

CLOSE_S = 30.0  # reports this near the instant tell of it
LEAPT_S = 120.0  # altitudes this near it are looked at for leaps
FLYABLE_MPS2 = (
    6.0  # across its way: a bank of 31°; a steeper turn is over before it is as far off as the limits
)
FLYABLE_FTPS2 = 8.0  # vertically: a quarter of 1 g
DETOUR_S = 4.0  # over less the noise of positions makes a way longer than what was flown
DETOUR_SLACK = 1.15
DETOUR_MPS = 5.0
ASIDE_S = 60.0  # so long, and so far from the instant, a run of displaced reports is looked for
ASIDE_LEAST_M = 25.0  # less is noise of any position
STEADY_MPS3 = (
    3.0 / 12.0
)  # a turn that tightens by 3 m/s² in t seconds leads this times t² beside the mean velocity
ASIDE_LEAST_MPS = 15.0  # what is slower may turn at will
SHORT_S = 12.0  # a circle takes 15 s and more: over longer steps a way says little of how far was flown
STILL_M = 5.0
STILL_SHARE = 0.1
SLACK = 1.25  # a reported speed and the way between two reports differ by so much, in wind and turns
SLACK_MPS = 20.0
FAST_FTPS = 6000.0 / 60.0  # light aircraft and airliners climb and sink no faster


@formula
def _gap_s(t_us, i, j):
    return (t_us[j] - t_us[i]) * 1e-6


@columns
def describe(
    t_us,
    lat_deg,
    lon_deg,
    altitude_ft,
    other_ft,
    groundspeed_kt,
    track_deg,
    vertical_rate_fpm,
    on_ground,
    nac_p,
    begin,
    aircraft,
    when_us,
    lat0_deg,
    lon0_deg,
    window_us,
):
    """Return what the reports of some aircraft around some instants say, (k, REPORT_WIDTH); NaN where they say nothing.

    Args:
        t_us, lat_deg, lon_deg: (n,) all rows, sorted by aircraft, then time.
        altitude_ft: (n,) by the reference in question.
        other_ft: (n,) geometric less barometric altitude, or size 0.
        groundspeed_kt, track_deg, vertical_rate_fpm, on_ground, nac_p: (n,) or size 0.
        begin: (aircraft + 1,).
        aircraft, when_us: (k,) whose, and when.
        lat0_deg, lon0_deg: (k,) the point that places are told from: near the aircraft at that instant.
        window_us: how far from the instant reports are looked at.
    """
    out = np.full((aircraft.size, REPORT_WIDTH), np.nan)
    for k in prange(aircraft.size):
        first = begin[aircraft[k]]
        stop = begin[aircraft[k] + 1]
        when = when_us[k]
        low = first + np.searchsorted(t_us[first:stop], when - window_us, side="left")
        high = first + np.searchsorted(t_us[first:stop], when + window_us, side="right")
        after = low + np.searchsorted(t_us[low:high], when, side="right")
        if high <= low:
            continue
        row = out[k]
        here = origin(lat0_deg[k], lon0_deg[k])
        x, y = np.empty(high - low), np.empty(high - low)
        for i in range(low, high):
            x[i - low], y[i - low] = east_north_m(lat_deg[i], lon_deg[i], here)
        t = t_us[low:high]
        row[HEARD_BEFORE_S] = max((when - t[0]) * 1e-6, 0.0)
        row[HEARD_AFTER_S] = max((t[t.size - 1] - when) * 1e-6, 0.0)
        near = low
        until = high
        if not nac_p.size:  # what follows is then asked of the minute around only
            near = low + np.searchsorted(t, when - np.int64(CLOSE_S * 1e6), side="left")
            until = low + np.searchsorted(t, when + np.int64(CLOSE_S * 1e6), side="right")
        _told(row, t_us, groundspeed_kt, track_deg, other_ft, nac_p, near, until, when)
        _step(row, t, x, y, after - low, when)
        _kinks(row, t, x, y, when)
        _ways(row, t, x, y, groundspeed_kt[low:high], when)
        _aside(row, t, x, y, groundspeed_kt[low:high], track_deg[low:high], when)
        near = low + np.searchsorted(t, when - np.int64(LEAPT_S * 1e6), side="left")
        until = low + np.searchsorted(t, when + np.int64(LEAPT_S * 1e6), side="right")
        until = min(until + 1, high)  # the step that leaves the span, too
        _heights(
            row, t_us[near:until], altitude_ft[near:until], vertical_rate_fpm[near:until], after - near, when
        )
        _lowest(row, t, x, y, altitude_ft[low:high], groundspeed_kt[low:high], on_ground[low:high], when)
    return out


@formula
def _told(row, t_us, groundspeed_kt, track_deg, other_ft, nac_p, low, high, when_us):
    """Tell what was said nearest to the instant of accuracy, of both altitudes, and of the velocity."""
    nearest_s, nearest_height_s = CLOSE_S, CLOSE_S
    row[NAC_TOLD] = 0.0
    for i in range(low, high):
        away_s = abs(t_us[i] - when_us) * 1e-6
        if nac_p.size and not np.isnan(nac_p[i]):
            if not row[BEST_NAC_P] >= nac_p[i]:  # True where none was told yet
                row[BEST_NAC_P] = nac_p[i]
            if away_s <= CLOSE_S:
                row[NAC_TOLD] += 1.0
                if not row[NAC_P] >= nac_p[i]:
                    row[NAC_P] = nac_p[i]
        if away_s > CLOSE_S:
            continue
        if other_ft.size and away_s <= nearest_height_s and not np.isnan(other_ft[i]):
            nearest_height_s = away_s
            row[GEOMETRIC_FT] = other_ft[i]
        if groundspeed_kt.size and track_deg.size and away_s <= nearest_s:
            mps = groundspeed_kt[i] * MPS_PER_KNOT
            direction = math.radians(track_deg[i])
            if not np.isnan(mps) and not np.isnan(direction):
                nearest_s = away_s
                row[TOLD_AWAY_S] = (t_us[i] - when_us) * 1e-6
                row[TOLD_EAST_MPS] = mps * math.sin(direction)
                row[TOLD_NORTH_MPS] = mps * math.cos(direction)


@formula
def _step(row, t_us, x, y, after, when_us):
    """Tell of the step between two reports that the instant lies in."""
    last = t_us.size - 1
    before = max(after - 1, 0)
    after = min(after, last)
    is_at = t_us[before] == when_us
    row[STEP_S] = 0.0 if is_at else _gap_s(t_us, before, after)
    row[AGE_S] = min(abs(when_us - t_us[before]), abs(t_us[after] - when_us)) * 1e-6
    row[TURN_DEG] = 0.0
    row[BOW_M] = 0.0
    if not is_at and before > 0 and after < last:
        x0, y0 = x[before] - x[before - 1], y[before] - y[before - 1]
        x1, y1 = x[after + 1] - x[after], y[after + 1] - y[after]
        if (x0 != 0.0 or y0 != 0.0) and (x1 != 0.0 or y1 != 0.0):
            turn = abs(math.atan2(x0 * y1 - y0 * x1, x0 * x1 + y0 * y1))
            row[TURN_DEG] = math.degrees(turn)
            # The arc that turns by so much between two points rises above their chord by c / 2 tan(turn / 4).
            chord_m = math.hypot(x[after] - x[before], y[after] - y[before])
            row[BOW_M] = 0.5 * chord_m * math.tan(turn / 4.0)


@formula
def _kinks(row, t_us, x, y, when_us):
    """Tell how far a report lies beside the line of its neighbours, more than a turn allows.

    Not along it: times of arrival differ by seconds, and bring a position forward or back.  On a day of airliners 65 in
    a thousand reports lie more than 300 m off their neighbours' line along the way and 7 across it, turns included.
    """
    row[KINK_M] = 0.0
    row[KINK_AWAY_M] = 0.0
    for i in range(1, t_us.size - 1):
        if abs(t_us[i] - when_us) > CLOSE_S * 1e6:
            continue
        s0, s1 = _gap_s(t_us, i - 1, i), _gap_s(t_us, i, i + 1)
        way_x, way_y = x[i + 1] - x[i - 1], y[i + 1] - y[i - 1]
        way_m = math.hypot(way_x, way_y)
        if s0 <= 0.0 or s1 <= 0.0 or s0 > 60.0 or s1 > 60.0 or way_m == 0.0:
            continue
        off_m = abs((x[i] - x[i - 1]) * way_y - (y[i] - y[i - 1]) * way_x) / way_m
        beyond_m = off_m - 0.5 * FLYABLE_MPS2 * s0 * s1
        if beyond_m > row[KINK_M]:
            row[KINK_M] = beyond_m
            # At the edge of a run of displaced reports half of the displacement shows.
            row[KINK_AWAY_M] = 2.0 * off_m


@formula
def _ways(row, t_us, x, y, groundspeed_kt, when_us):
    """Tell how the ways between reports agree with the speeds that were reported, or with one another."""
    n = t_us.size
    ways = np.empty(n)
    way_m = 0.0
    time_s = 0.0
    for i in range(n - 1):
        ways[i] = math.sqrt((x[i + 1] - x[i]) ** 2 + (y[i + 1] - y[i]) ** 2)
        s = _gap_s(t_us, i, i + 1)
        # The usual speed: of steps of up to a minute, slower than 780 kt: a leap says nothing of how fast it flies.
        if 0.0 < s <= 60.0 and ways[i] < 400.0 * s + 300.0:
            way_m += ways[i]
            time_s += s
    usual = way_m / time_s if time_s > 0.0 else np.nan
    row[SPEED_MPS] = usual
    row[MOVED_M] = 0.0
    row[FLOWN_M] = 0.0
    row[HELD_M] = 0.0
    row[IS_HEARD] = 0.0
    row[REPEATS] = 0.0
    row[LEAP_M] = 0.0
    row[DETOUR_M] = 0.0
    row[REPORTS] = 0.0
    for i in range(n):
        if abs(t_us[i] - when_us) * 1e-6 <= CLOSE_S:
            row[REPORTS] += 1.0
        if i + 1 == n:
            break
        s = _gap_s(t_us, i, i + 1)
        told = np.nan
        if groundspeed_kt.size:
            before_kt, after_kt = groundspeed_kt[i], groundspeed_kt[i + 1]
            told = (after_kt if np.isnan(before_kt) or after_kt > before_kt else before_kt) * MPS_PER_KNOT
        speed = usual if np.isnan(told) else told
        fast = speed if np.isnan(usual) else max(speed, usual)
        leap_m = ways[i] - s * (SLACK * fast + SLACK_MPS)
        if leap_m > row[LEAP_M]:
            row[LEAP_M] = leap_m
            row[LEAP_AWAY_S] = min(abs(t_us[i] - when_us), abs(t_us[i + 1] - when_us)) * 1e-6
            if t_us[i] <= when_us < t_us[i + 1]:
                row[LEAP_AWAY_S] = 0.0
        if i and abs(t_us[i] - when_us) <= CLOSE_S * 1e6:
            both_s = _gap_s(t_us, i - 1, i + 1)
            if DETOUR_S <= both_s <= 60.0:
                row[DETOUR_M] = max(
                    row[DETOUR_M], ways[i - 1] + ways[i] - both_s * (DETOUR_SLACK * fast + DETOUR_MPS)
                )
        # The steps that reach within half a minute of the instant.
        if t_us[i + 1] >= when_us - CLOSE_S * 1e6 and t_us[i] <= when_us + CLOSE_S * 1e6 and s <= 60.0:
            row[IS_HEARD] = 1.0
            if s <= SHORT_S:
                row[MOVED_M] += ways[i]
                row[FLOWN_M] += s * speed
            if ways[i] < STILL_SHARE * s * speed and (s <= SHORT_S or ways[i] < STILL_M):
                row[HELD_M] += s * speed
                row[REPEATS] += 1.0


@formula
def _aside(row, t_us, x, y, groundspeed_kt, track_deg, when_us):
    """Tell how far reports around the instant lie beside where the reported velocities lead: off, and back again.

    Velocities come in messages of their own: what displaces a position leaves them right.  One step that does not fit
    is a velocity that is old, or a turn; two that fit in opposite ways, around the instant, are positions displaced.
    Across the way only, as in `_kinks`.  On a day of airliners half of all steps of 10 s lie within 3 m across, and
    95 in 100 within 31 m; along it they do within 50 m and 470 m.
    """
    row[ASIDE_M] = 0.0
    row[ASIDE_AWAY_M] = 0.0
    if not groundspeed_kt.size or not track_deg.size:
        return
    low = max(np.searchsorted(t_us, when_us - np.int64(ASIDE_S * 1e6), side="left") - 1, 0)
    high = min(np.searchsorted(t_us, when_us + np.int64(ASIDE_S * 1e6), side="left"), t_us.size - 1)
    many = 0
    which = np.empty(max(high - low, 0), np.int64)
    off = np.empty((max(high - low, 0), 4))  # how far beyond what turns allow; across, east and north; in all
    for i in range(low, high):
        s = _gap_s(t_us, i, i + 1)
        if s <= 0.0 or s > 60.0:
            continue
        kt0, kt1 = groundspeed_kt[i] * MPS_PER_KNOT, groundspeed_kt[i + 1] * MPS_PER_KNOT
        angle0, angle1 = math.radians(track_deg[i]), math.radians(track_deg[i + 1])
        east = 0.5 * (kt0 * math.sin(angle0) + kt1 * math.sin(angle1))
        north = 0.5 * (kt0 * math.cos(angle0) + kt1 * math.cos(angle1))
        speed = math.hypot(east, north)
        if not (speed >= ASIDE_LEAST_MPS and math.cos(angle1 - angle0) > 0.0):  # False where unknown
            continue
        off_x, off_y = x[i + 1] - x[i] - s * east, y[i + 1] - y[i] - s * north
        across_m = (off_y * east - off_x * north) / speed
        beyond_m = abs(across_m) - STEADY_MPS3 * s * s
        if beyond_m >= ASIDE_LEAST_M:
            which[many] = i
            off[many, 0] = beyond_m
            off[many, 1], off[many, 2] = -across_m * north / speed, across_m * east / speed
            off[many, 3] = math.hypot(off_x, off_y)
            many += 1
    for m in range(many):
        if t_us[which[m]] > when_us:
            break
        for n in range(m + 1, many):
            i, j = which[m], which[n]
            if t_us[j] - t_us[i + 1] > ASIDE_S * 1e6:
                break
            beyond_m = min(off[m, 0], off[n, 0])
            is_back = off[m, 1] * off[n, 1] + off[m, 2] * off[n, 2] < 0.0
            if is_back and t_us[j + 1] >= when_us and beyond_m > row[ASIDE_M]:
                row[ASIDE_M] = beyond_m
                row[ASIDE_AWAY_M] = min(off[m, 3], off[n, 3])


@formula
def _heights(row, t_us, altitude_ft, vertical_rate_fpm, after, when_us):
    """Tell how altitudes around the instant agree with one another and with reported vertical rates."""
    last = t_us.size - 1
    row[ALTITUDE_KINK_FT] = 0.0
    row[ALTITUDE_LEAP_FT] = 0.0
    for i in (max(after - 1, 0), min(after, last)):
        if i <= 0 or i >= last:
            continue
        s0, s1 = _gap_s(t_us, i - 1, i), _gap_s(t_us, i, i + 1)
        if s0 + s1 <= 0.0:
            continue
        between = altitude_ft[i - 1] + s0 / (s0 + s1) * (altitude_ft[i + 1] - altitude_ft[i - 1])
        off_ft = abs(altitude_ft[i] - between) - 0.5 * FLYABLE_FTPS2 * s0 * s1
        if off_ft > row[ALTITUDE_KINK_FT]:  # False where unknown
            row[ALTITUDE_KINK_FT] = off_ft
    told = 0.0
    count = 0
    begin = -1
    end = -1
    for i in range(last + 1):
        if i < last:
            leap_ft = abs(altitude_ft[i + 1] - altitude_ft[i]) - FAST_FTPS * _gap_s(t_us, i, i + 1)
            if leap_ft > row[ALTITUDE_LEAP_FT]:
                row[ALTITUDE_LEAP_FT] = leap_ft
        if np.isnan(altitude_ft[i]) or abs(t_us[i] - when_us) * 1e-6 > CLOSE_S:
            continue
        if begin < 0:
            begin = i
            row[LEVEL_LOW_FT] = altitude_ft[i]
            row[LEVEL_HIGH_FT] = altitude_ft[i]
        end = i
        row[LEVEL_LOW_FT] = min(row[LEVEL_LOW_FT], altitude_ft[i])
        row[LEVEL_HIGH_FT] = max(row[LEVEL_HIGH_FT], altitude_ft[i])
        if vertical_rate_fpm.size and not np.isnan(vertical_rate_fpm[i]):
            told += vertical_rate_fpm[i]
            count += 1
    if count:
        row[RATE_TOLD_FPM] = told / count
    if begin >= 0:
        row[LEVEL_S] = _gap_s(t_us, begin, end)
        if t_us[end] > t_us[begin]:
            row[RATE_SEEN_FPM] = (altitude_ft[end] - altitude_ft[begin]) / (_gap_s(t_us, begin, end) / 60.0)


@formula
def _lowest(row, t_us, x, y, altitude_ft, groundspeed_kt, on_ground, when_us):
    """Tell of the lowest report: where, how slow, and how far it lies below the highest.

    A report on the ground is lower than any in the air; of equals the nearest in time counts.
    """
    n = t_us.size
    best = -1
    is_best_ground = False
    highest = -np.inf
    for i in range(n):
        is_ground = on_ground.size > 0 and on_ground[i]
        if altitude_ft[i] > highest:
            highest = altitude_ft[i]
        if not is_ground and np.isnan(altitude_ft[i]):
            continue
        if best < 0 or (is_ground and not is_best_ground):
            is_better = True
        elif is_ground != is_best_ground:
            is_better = False
        elif is_ground or altitude_ft[i] == altitude_ft[best]:
            is_better = abs(t_us[i] - when_us) < abs(t_us[best] - when_us)
        else:
            is_better = altitude_ft[i] < altitude_ft[best]
        if is_better:
            best = i
            is_best_ground = is_ground
    if best < 0:
        return
    row[LOW_EAST_M], row[LOW_NORTH_M] = x[best], y[best]
    row[LOW_FT] = altitude_ft[best]
    row[LOW_AWAY_S] = (t_us[best] - when_us) * 1e-6
    if is_best_ground:
        row[LOW_KT] = 0.0
        row[LOW_DROP_FT] = np.inf
        return
    row[LOW_DROP_FT] = highest - altitude_ft[best]
    if groundspeed_kt.size:
        row[LOW_KT] = groundspeed_kt[best]
    if np.isnan(row[LOW_KT]):
        i, j = max(best - 1, 0), min(best + 1, n - 1)
        if t_us[j] > t_us[i]:
            row[LOW_KT] = math.hypot(x[j] - x[i], y[j] - y[i]) / _gap_s(t_us, i, j) / MPS_PER_KNOT


@columns
def are_coarse(values, t_us, begin, rows, step, many, within_us):
    """Return whether all values around some rows are multiples of a step, and not all one value, (k,) bool.

    Args:
        values: (n,) a column; NaN says nothing.
        t_us: (n,); begin: (aircraft + 1,).
        rows: (k,) which rows.
        step: of what multiples.
        many: how many rows before and after are looked at, of the same aircraft.
        within_us: and how far in time.
    """
    out = np.zeros(rows.size, np.bool_)
    for k in prange(rows.size):
        row = rows[k]
        whose = np.searchsorted(begin, row, side="right") - 1
        low, high = np.inf, -np.inf
        is_coarse = True
        for i in range(max(row - many, begin[whose]), min(row + many + 1, begin[whose + 1])):
            if abs(t_us[i] - t_us[row]) > within_us or np.isnan(values[i]):
                continue
            if values[i] % step != 0:
                is_coarse = False
                break
            low = min(low, values[i])
            high = max(high, values[i])
        out[k] = is_coarse and high > low
    return out


@columns
def are_told(codes, t_us, begin, aircraft, when_us, window_us, code):
    """Return whether any report of some aircraft around some instants holds a code, (k,) bool.

    Args:
        codes: (n,) int32.
        t_us: (n,); begin: (aircraft + 1,).
        aircraft, when_us: (k,) whose, and when.
        window_us: how far from the instant reports are looked at.
        code: which.
    """
    out = np.zeros(aircraft.size, np.bool_)
    for k in prange(aircraft.size):
        first = begin[aircraft[k]]
        whose = t_us[first : begin[aircraft[k] + 1]]
        low = first + np.searchsorted(whose, when_us[k] - window_us, side="left")
        high = first + np.searchsorted(whose, when_us[k] + window_us, side="right")
        for i in range(low, high):
            if codes[i] == code:
                out[k] = True
                break
    return out

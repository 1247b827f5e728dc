"""How two aircraft that meet move beside each other: for how long near, how alike, and whether they may be one.

Both are looked at on a grid of instants around the closest point, between reports as the screen does: along
straight lines.  Whether they may be one aircraft seen twice is asked with a lag: b half of it later is compared with
a half of it earlier, so that it matters to no figure which of the two is called a.  The lag is found by least squares
(Gauss-Newton on the ways between reports).
"""

from __future__ import annotations

import math

import numpy as np

from wideberth.kernels._jit import columns, formula, prange
from wideberth.kernels.plane import east_north_m, origin

(COMMON_S, NEAR_S, NEAR_M, RELATIVE_MPS, DRIFT_MPS, SPEED_MPS, POINTS, REPORTS, LAG_S, BIAS_M, SPREAD_M, LIFT_FT,
 LIFT_SPREAD_FT, STRAY, TURNED_DEG, WEIGHT, LIFT_WEIGHT, NEAR_IN_ALL_S) = range(18)  # fmt: skip
TOGETHER_WIDTH = 18
EVENT_S, EVENT_STEP_S, SHARE_NEAR, FIRST_M, FOUND_A_M, FOUND_B_M = range(6)
MEETING_WIDTH = 6

GRID_S = 10.0
NEAR_GAP_S = 60.0  # not heard for so long, near goes on
HEARD_S = 60.0  # between reports no further apart than this an aircraft's place is known
LAG_MOST_S = 45.0  # two aggregators were found so far apart (30 to 45 s, by users of LiveTraffic)
SETTLED_S = 0.005
SLOWEST_MPS = 20.0
ROUNDS = 6
EVENT_MOST_S = 120  # an event is followed no further to either side
UNSEEN_MPS2 = 1.0  # of a turn that no report shows: a bank of 6°
UNSEEN_M = 30.0  # it counts for half where it could carry them so far off: the noise of positions
MEETING_M = 300.0  # an aircraft that only meets another is within this of it by chance


@formula
def _seek(t_us, i, when_us):
    """Return the last report at or before an instant, looked for from ``i`` on, in either direction; -1: none is."""
    if not t_us.size:
        return -1
    while i + 1 < t_us.size and t_us[i + 1] <= when_us:
        i += 1
    while i >= 0 and t_us[i] > when_us:
        i -= 1
    return i


@formula
def _at(t_us, lat_deg, lon_deg, altitude_ft, here, i, when_us, slot):
    """Write place, altitude and velocity at an instant into ``slot`` (5,); return False where it was not heard.

    ``i`` is the last report at or before the instant.
    """
    if i < 0:
        return False
    j = i + 1
    is_at = t_us[i] == when_us
    if j == t_us.size:
        if not is_at:
            return False
        j, i = i, max(i - 1, 0)
    span_s = (t_us[j] - t_us[i]) * 1e-6
    if span_s > HEARD_S and not is_at:
        return False
    part = (when_us - t_us[i]) / (t_us[j] - t_us[i]) if t_us[j] > t_us[i] else 1.0
    x0, y0 = east_north_m(lat_deg[i], lon_deg[i], here)
    x1, y1 = east_north_m(lat_deg[j], lon_deg[j], here)
    slot[0] = x0 + part * (x1 - x0)
    slot[1] = y0 + part * (y1 - y0)
    if part <= 0.0:
        slot[2] = altitude_ft[i]
    elif part >= 1.0:
        slot[2] = altitude_ft[j]
    else:
        slot[2] = altitude_ft[i] + part * (altitude_ft[j] - altitude_ft[i])
    known = 0.0 < span_s <= HEARD_S
    slot[3] = (x1 - x0) / span_s if known else np.nan
    slot[4] = (y1 - y0) / span_s if known else np.nan
    return True


@columns
def compare(
    t_us,
    lat_deg,
    lon_deg,
    altitude_ft,
    begin,
    a,
    b,
    when_us,
    lat0_deg,
    lon0_deg,
    window_us,
    near_m,
    near_ft,
):
    """Return how pairs of aircraft move beside each other around some instants, (k, TOGETHER_WIDTH).

    Args:
        t_us, lat_deg, lon_deg, altitude_ft: (n,) all rows, sorted by aircraft, then time.
        begin: (aircraft + 1,).
        a, b: (k,) which aircraft.
        when_us, lat0_deg, lon0_deg: (k,) when, and where, they were closest.
        window_us: how far from the instant reports are looked at.
        near_m, near_ft: what near is.
    """
    half = int(window_us // (GRID_S * 1e6))
    out = np.full((a.size, TOGETHER_WIDTH), np.nan)
    for k in prange(a.size):
        when = when_us[k]
        here = origin(lat0_deg[k], lon0_deg[k])
        low_a = begin[a[k]] + np.searchsorted(
            t_us[begin[a[k]] : begin[a[k] + 1]], when - window_us, side="left"
        )
        high_a = begin[a[k]] + np.searchsorted(
            t_us[begin[a[k]] : begin[a[k] + 1]], when + window_us, side="right"
        )
        low_b = begin[b[k]] + np.searchsorted(
            t_us[begin[b[k]] : begin[b[k] + 1]], when - window_us, side="left"
        )
        high_b = begin[b[k]] + np.searchsorted(
            t_us[begin[b[k]] : begin[b[k] + 1]], when + window_us, side="right"
        )
        ta, tb = t_us[low_a:high_a], t_us[low_b:high_b]
        a_lat, a_lon, a_ft = lat_deg[low_a:high_a], lon_deg[low_a:high_a], altitude_ft[low_a:high_a]
        b_lat, b_lon, b_ft = lat_deg[low_b:high_b], lon_deg[low_b:high_b], altitude_ft[low_b:high_b]
        heard = np.zeros(2 * half + 1, np.bool_)
        pa = np.empty((2 * half + 1, 5))
        pb = np.empty((2 * half + 1, 5))
        late_a = early_a = np.searchsorted(ta, when, side="right") - 1
        late_b = early_b = np.searchsorted(tb, when, side="right") - 1
        fastest = SLOWEST_MPS
        furthest = 0.0
        # From the closest point outward, on both sides, until they are farther apart than a lag could be.
        for n in range(2 * half + 1):
            side = 1 if n % 2 else -1
            away = (n + 1) // 2
            g = half + side * away
            i, j = (late_a, late_b) if side > 0 else (early_a, early_b)
            t = when + np.int64((g - half) * GRID_S * 1e6)
            i, j = _seek(ta, max(i, 0), t), _seek(tb, max(j, 0), t)
            if side > 0:
                late_a, late_b = i, j
            else:
                early_a, early_b = i, j
            heard[g] = _at(ta, a_lat, a_lon, a_ft, here, i, t, pa[g]) and _at(
                tb, b_lat, b_lon, b_ft, here, j, t, pb[g]
            )
            if not heard[g]:
                continue
            for p in (pa, pb):
                speed = math.sqrt(p[g, 3] ** 2 + p[g, 4] ** 2)
                if speed > fastest:  # False where unknown
                    fastest = speed
            furthest = max(furthest, math.sqrt((pb[g, 0] - pa[g, 0]) ** 2 + (pb[g, 1] - pa[g, 1]) ** 2))
            if furthest > LAG_MOST_S * fastest + MEETING_M and furthest > near_m:
                break
        _near(out[k], heard, pa, pb, half, near_m, near_ft)
        out[k, POINTS] = 0.0
        if furthest <= LAG_MOST_S * fastest + MEETING_M:
            paths = ((ta, a_lat, a_lon, a_ft), (tb, b_lat, b_lon, b_ft))
            _same(out[k], paths, here, heard, when, fastest)
    return out


@formula
def _near(row, heard, pa, pb, half, near_m, near_ft):
    """Tell how long around the closest point both were near, how far apart, and how fast beside each other."""
    common = 0
    near = 0
    for g in range(heard.size):
        if heard[g]:
            common += 1
            away_m = math.hypot(pb[g, 0] - pa[g, 0], pb[g, 1] - pa[g, 1])
            near += not (away_m > near_m or abs(pb[g, 2] - pa[g, 2]) > near_ft)  # an unknown altitude is near
    row[COMMON_S] = common * GRID_S
    row[NEAR_IN_ALL_S] = near * GRID_S
    first, last = half, half
    for side in (-1, 1):
        silent = 0
        g = half + side
        while 0 <= g < heard.size:
            if heard[g]:
                silent = 0
                away_m = math.hypot(pb[g, 0] - pa[g, 0], pb[g, 1] - pa[g, 1])
                if away_m > near_m or abs(pb[g, 2] - pa[g, 2]) > near_ft:
                    break
                if side < 0:
                    first = g
                else:
                    last = g
            else:
                silent += 1
                if silent * GRID_S > NEAR_GAP_S:
                    break
            g += side
    row[NEAR_S] = (last - first) * GRID_S
    away_m = 0.0
    points = 0
    relative = 0.0
    speed = 0.0
    turned = 0.0
    steps = 0
    for g in range(first, last + 1):
        if not heard[g]:
            continue
        away_m += math.hypot(pb[g, 0] - pa[g, 0], pb[g, 1] - pa[g, 1])
        points += 1
        if g + 1 <= last and heard[g + 1]:
            ax, ay = pa[g + 1, 0] - pa[g, 0], pa[g + 1, 1] - pa[g, 1]
            bx, by = pb[g + 1, 0] - pb[g, 0], pb[g + 1, 1] - pb[g, 1]
            relative += math.hypot(bx - ax, by - ay) / GRID_S
            speed += 0.5 * (math.hypot(ax, ay) + math.hypot(bx, by)) / GRID_S
            steps += 1
            if g + 2 <= last and heard[g + 2]:
                cx, cy = pa[g + 2, 0] - pa[g + 1, 0], pa[g + 2, 1] - pa[g + 1, 1]
                turned += math.degrees(abs(math.atan2(ax * cy - ay * cx, ax * cx + ay * cy)))
    row[NEAR_M] = away_m / points if points else np.nan
    row[TURNED_DEG] = turned
    if steps:
        row[RELATIVE_MPS] = relative / steps
        row[SPEED_MPS] = speed / steps
        if heard[first] and heard[last]:
            x = (pb[last, 0] - pa[last, 0]) - (pb[first, 0] - pa[first, 0])
            y = (pb[last, 1] - pa[last, 1]) - (pb[first, 1] - pa[first, 1])
            row[DRIFT_MPS] = math.hypot(x, y) / row[NEAR_S]


@formula
def _curve(t_us, lat_deg, lon_deg, here, i, when_us, slot):
    """Bend the straight way between two reports as the ways before and after it are bent; ``slot`` (6,) as of `_at`.

    Its last entry becomes how far an acceleration of 1 m/s² that nothing shows would carry it off.
    """
    j = i + 1
    slot[5] = 0.0
    if j >= t_us.size or when_us <= t_us[i]:
        return
    span_s = (t_us[j] - t_us[i]) * 1e-6
    sag_s2 = 0.5 * (when_us - t_us[i]) * 1e-6 * (t_us[j] - when_us) * 1e-6
    slot[5] = sag_s2
    if i < 1 or j + 1 >= t_us.size:
        return
    before_s, after_s = (t_us[i] - t_us[i - 1]) * 1e-6, (t_us[j + 1] - t_us[j]) * 1e-6
    if not (0.0 < before_s <= HEARD_S and 0.0 < after_s <= HEARD_S):
        return
    x0, y0 = east_north_m(lat_deg[i - 1], lon_deg[i - 1], here)
    x1, y1 = east_north_m(lat_deg[i], lon_deg[i], here)
    x2, y2 = east_north_m(lat_deg[j], lon_deg[j], here)
    x3, y3 = east_north_m(lat_deg[j + 1], lon_deg[j + 1], here)
    over_s = span_s + 0.5 * (before_s + after_s)
    slot[0] -= sag_s2 * ((x3 - x2) / after_s - (x1 - x0) / before_s) / over_s
    slot[1] -= sag_s2 * ((y3 - y2) / after_s - (y1 - y0) / before_s) / over_s


@formula
def _shift(paths, here, heard, when_us, lag_s, was, will):
    """Write where a was half a lag before each instant that counts, and b half a lag after; return where both were."""
    (ta, a_lat, a_lon, a_ft), (tb, b_lat, b_lon, b_ft) = paths
    half = heard.size // 2
    shift_us = np.int64(0.5e6 * lag_s)
    is_there = np.zeros(heard.size, np.bool_)
    i, j = 0, 0
    for g in range(heard.size):
        if not heard[g]:
            continue
        t = when_us + np.int64((g - half) * GRID_S * 1e6)
        i, j = _seek(ta, max(i, 0), t - shift_us), _seek(tb, max(j, 0), t + shift_us)
        is_there[g] = _at(ta, a_lat, a_lon, a_ft, here, i, t - shift_us, was[g]) and _at(
            tb, b_lat, b_lon, b_ft, here, j, t + shift_us, will[g]
        )
        if is_there[g]:
            _curve(ta, a_lat, a_lon, here, i, t - shift_us, was[g])
            _curve(tb, b_lat, b_lon, here, j, t + shift_us, will[g])
    return is_there


@formula
def _weight(was, will):
    """Return how much an instant counts: less where a turn that no report shows could have carried either off."""
    return 1.0 / (1.0 + (was[5] ** 2 + will[5] ** 2) * (UNSEEN_MPS2 / UNSEEN_M) ** 2)


@formula
def _same(row, paths, here, heard, when_us, fastest):
    """Tell how well b follows a with a constant lag and lift, over all the time that both are heard."""
    half = heard.size // 2
    was, will = np.empty((heard.size, 6)), np.empty((heard.size, 6))
    lag_s = 0.0
    for _ in range(ROUNDS):
        along, square = 0.0, 0.0
        is_there = _shift(paths, here, heard, when_us, lag_s, was, will)
        for g in range(heard.size):
            if not is_there[g]:
                continue
            vx, vy = 0.5 * (was[g, 3] + will[g, 3]), 0.5 * (was[g, 4] + will[g, 4])
            if np.isnan(vx):
                continue
            w = _weight(was[g], will[g])
            along += w * ((will[g, 0] - was[g, 0]) * vx + (will[g, 1] - was[g, 1]) * vy)
            square += w * (vx**2 + vy**2)
        if square <= 1e-3:
            break
        step_s = along / square
        lag_s = min(max(lag_s - step_s, -LAG_MOST_S), LAG_MOST_S)
        if abs(step_s) < SETTLED_S:
            break
    is_there = _shift(paths, here, heard, when_us, lag_s, was, will)
    if not is_there.any():
        lag_s = 0.0  # so late or early they were never both heard
        is_there = _shift(paths, here, heard, when_us, lag_s, was, will)
    count = 0
    weight, sx, sy, sxx, lifts, sz, szz, stray = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    first_us, last_us = when_us, when_us
    for g in range(heard.size):
        if not is_there[g]:
            continue
        t = when_us + np.int64((g - half) * GRID_S * 1e6)
        x, y = will[g, 0] - was[g, 0], will[g, 1] - was[g, 1]
        w = _weight(was[g], will[g])
        count += 1
        weight += w
        sx += w * x
        sy += w * y
        sxx += w * (x * x + y * y)
        z = will[g, 2] - was[g, 2]
        if not np.isnan(z):
            lifts += w
            sz += w * z
            szz += w * z * z
        radius_m = MEETING_M + fastest * abs(g - half) * GRID_S
        stray += w * math.log(math.pi * radius_m * radius_m)
        first_us, last_us = min(first_us, t), max(last_us, t)
    row[LAG_S] = lag_s
    row[POINTS] = count
    if not count:
        return
    row[WEIGHT] = weight
    row[STRAY] = stray / weight
    row[BIAS_M] = math.hypot(sx, sy) / weight
    row[SPREAD_M] = math.sqrt(max(sxx / weight - (sx / weight) ** 2 - (sy / weight) ** 2, 0.0) / 2.0)
    row[LIFT_WEIGHT] = lifts
    if lifts > 0.0:
        row[LIFT_FT] = sz / lifts
        row[LIFT_SPREAD_FT] = math.sqrt(max(szz / lifts - (sz / lifts) ** 2, 0.0))
    row[REPORTS] = min(_touched(paths[0][0], first_us, last_us), _touched(paths[1][0], first_us, last_us))


@formula
def _touched(t_us, first_us, last_us):
    """Return how many reports tell of a span: those within, and one before and one after, unless one is at its end."""
    low = np.searchsorted(t_us, first_us, side="right") - 1
    high = np.searchsorted(t_us, last_us, side="left")
    return max(min(high, t_us.size - 1) - max(low, 0) + 1, 1)


@columns
def meet(
    t_us,
    lat_deg,
    lon_deg,
    altitude_ft,
    begin,
    a,
    b,
    when_us,
    lat_a_deg,
    lon_a_deg,
    lat_b_deg,
    lon_b_deg,
    window_us,
    event_m,
    event_ft,
    company_m,
):
    """Return how pairs of aircraft met, (k, MEETING_WIDTH); NaN where it is not known.

    ``EVENT_S``: from the first to the last whole second, counted from the closest point, at which both distances were
    those of an event, while the horizontal one was; NaN if there is none.  ``EVENT_STEP_S``: the longest step between
    reports of either that touches it.  ``SHARE_NEAR``: of the time in which both were heard, near each other.
    ``FIRST_M``: how far apart they were when both were first heard.  ``FOUND_A_M``, ``FOUND_B_M``: from where
    each was to the nearer of its reports just before and just after.

    Args:
        t_us, lat_deg, lon_deg, altitude_ft, begin, a, b, when_us, window_us: as in `compare`.
        lat_a_deg, lon_a_deg, lat_b_deg, lon_b_deg: (k,) where both were.
        event_m, event_ft: nearer than both is an event.
        company_m: nearer is near each other.
    """
    half = int(window_us // (GRID_S * 1e6))
    out = np.full((a.size, MEETING_WIDTH), np.nan)
    for k in prange(a.size):
        when = when_us[k]
        here = origin(lat_a_deg[k], lon_a_deg[k])
        in_a = t_us[begin[a[k]] : begin[a[k] + 1]]
        in_b = t_us[begin[b[k]] : begin[b[k] + 1]]
        low_a = begin[a[k]] + np.searchsorted(in_a, when - window_us, side="left")
        high_a = begin[a[k]] + np.searchsorted(in_a, when + window_us, side="right")
        low_b = begin[b[k]] + np.searchsorted(in_b, when - window_us, side="left")
        high_b = begin[b[k]] + np.searchsorted(in_b, when + window_us, side="right")
        if high_a <= low_a or high_b <= low_b:
            continue
        ta, tb = t_us[low_a:high_a], t_us[low_b:high_b]
        a_lat, a_lon, a_ft = lat_deg[low_a:high_a], lon_deg[low_a:high_a], altitude_ft[low_a:high_a]
        b_lat, b_lon, b_ft = lat_deg[low_b:high_b], lon_deg[low_b:high_b], altitude_ft[low_b:high_b]
        out[k, FOUND_A_M] = _found_m(ta, a_lat, a_lon, when, lat_a_deg[k], lon_a_deg[k])
        out[k, FOUND_B_M] = _found_m(tb, b_lat, b_lon, when, lat_b_deg[k], lon_b_deg[k])
        pa, pb = np.empty(5), np.empty(5)
        first_s, last_s = 0, -1  # none yet
        for side in (-1, 1):
            i = np.searchsorted(ta, when, side="right") - 1
            j = np.searchsorted(tb, when, side="right") - 1
            for away in range(EVENT_MOST_S + 1):
                t = when + np.int64(side * away * 1_000_000)
                i, j = _seek(ta, max(i, 0), t), _seek(tb, max(j, 0), t)
                if not (
                    _at(ta, a_lat, a_lon, a_ft, here, i, t, pa)
                    and _at(tb, b_lat, b_lon, b_ft, here, j, t, pb)
                ):
                    break
                # Half a metre of slack: the closest point itself may lie on the edge.
                if math.hypot(pb[0] - pa[0], pb[1] - pa[1]) > event_m + 0.5:
                    break
                if abs(pb[2] - pa[2]) <= event_ft:  # False where unknown
                    if last_s < first_s:
                        first_s = last_s = side * away
                    first_s, last_s = min(first_s, side * away), max(last_s, side * away)
        if last_s >= first_s:
            out[k, EVENT_S] = last_s - first_s
            begins, ends = when + np.int64(first_s * 1_000_000), when + np.int64(last_s * 1_000_000)
            out[k, EVENT_STEP_S] = max(_longest_step_s(ta, begins, ends), _longest_step_s(tb, begins, ends))
        common, near = 0, 0
        i, j = 0, 0
        for g in range(-1, 2 * half + 1):
            t = max(ta[0], tb[0]) if g < 0 else when + np.int64((g - half) * GRID_S * 1e6)
            i, j = _seek(ta, max(i, 0), t), _seek(tb, max(j, 0), t)
            if not (
                _at(ta, a_lat, a_lon, a_ft, here, i, t, pa) and _at(tb, b_lat, b_lon, b_ft, here, j, t, pb)
            ):
                continue
            away_m = math.hypot(pb[0] - pa[0], pb[1] - pa[1])
            if np.isnan(out[k, FIRST_M]):
                out[k, FIRST_M] = away_m
            if g >= 0:
                common += 1
                near += away_m <= company_m
        if common:
            out[k, SHARE_NEAR] = near / common
    return out


@formula
def _found_m(t_us, lat_deg, lon_deg, when_us, lat0_deg, lon0_deg):
    """Return how far the nearer of the reports just before and just after an instant is from a place."""
    here = origin(lat0_deg, lon0_deg)
    after = np.searchsorted(t_us, when_us, side="right")
    found_m = np.inf
    for i in (max(after - 1, 0), min(after, t_us.size - 1)):
        x, y = east_north_m(lat_deg[i], lon_deg[i], here)
        found_m = min(found_m, math.hypot(x, y))
    return found_m


@formula
def _longest_step_s(t_us, begins_us, ends_us):
    """Return the longest step between two reports that touches a span of time."""
    longest_us = np.int64(0)
    i = max(np.searchsorted(t_us, begins_us, side="right") - 1, 0)
    while i + 1 < t_us.size and t_us[i] < ends_us:
        longest_us = max(longest_us, t_us[i + 1] - t_us[i])
        i += 1
    return longest_us * 1e-6

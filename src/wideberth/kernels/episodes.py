"""The narrow phase: when exactly two legs are inside both minima at once, and how deep.

Between two samples of a leg the aircraft moves on the straight line between the WGS-84 surface
points, at constant speed, its altitude linear.  So between two neighbouring sample times of a
pair both the horizontal difference (a vector) and the vertical difference are linear in time.
With u the fraction of such a step, horizontal distance squared is

    |d + e u|² = a u² + 2 b u + c,      a = e·e, b = d·e, c = d·d,

below D² between its roots; the discriminant is taken as a D² - |d × e|², which keeps its digits
where the paths only graze.  The vertical distance |z + w u| is below H between two more roots.
The step's piece of the encounter is what the two open intervals share within [0, 1]; pieces that
touch are one encounter.  Source: docs/formulas.md#cylinder.

A step is always solved whole, from its own ends.  Windows only say where to look, and are widened to
whole steps first (`whole_steps`): how time was cut for the search shows in no digit of the answer.

Times are whole microseconds; those within a step are rounded to them once the step is solved.
Altitudes and H are in one unit, whichever; the difference of two altitudes in feet is exact, and
1000 ft apart is not less than 1000 ft.
"""

from __future__ import annotations

import math

import numpy as np

from wideberth.kernels._jit import columns, formula, prange
from wideberth.kernels.geodesy import direction_deg, surface_point, surface_position

# Columns of a row of `episodes`.  Times are whole microseconds on the legs' clock (float64: 285 years).
T_IN_US = 0
T_OUT_US = 1
T_CPA_US = 2
HMD_M = 3
VERTICAL_AT_CPA = 4
VMD = 5
T_VMD_US = 6
RETAINED = 7
T_RETAINED_US = 8
CLOSURE_MPS = 9
EPISODE_WIDTH = 10

TOUCHING_US = 1  # two pieces that end and begin at neighbouring microseconds touch, and touching ones are one


@formula
def _row_at(t_us, first, stop, when_us):
    """Return the last row of [first, stop) whose time is not after ``when_us``; first if none."""
    low = first
    high = stop
    while high - low > 1:
        middle = (low + high) // 2
        if t_us[middle] <= when_us:
            low = middle
        else:
            high = middle
    return low


@columns
def whole_steps(t_us, leg_first, leg_a, leg_b, from_us, until_us):
    """Widen each window of a pair of legs until it begins and ends at a sample of either: whole steps.

    A window of one instant stays one where the two legs have no more than that in common.  One that was
    left over at a border, between two steps or at the end of one, is empty: its steps lie in a neighbour.

    Args:
        t_us: samples of all legs.
        leg_first: (m + 1,) row at which each leg begins.
        leg_a, leg_b: (w,) the pairs.
        from_us, until_us: (w,) closed windows within what both legs have in common.
    Returns:
        Two (w,) int64 columns; an empty window ends before it begins.
    """
    wide_from_us = np.empty(leg_a.size, np.int64)
    wide_until_us = np.empty(leg_a.size, np.int64)
    for i in prange(leg_a.size):
        first_a, stop_a = leg_first[leg_a[i]], leg_first[leg_a[i] + 1]
        first_b, stop_b = leg_first[leg_b[i]], leg_first[leg_b[i] + 1]
        row_a = _row_at(t_us, first_a, stop_a, from_us[i])
        row_b = _row_at(t_us, first_b, stop_b, from_us[i])
        wide_from_us[i] = max(t_us[row_a], t_us[row_b])
        row_a = _row_at(t_us, first_a, stop_a, until_us[i])
        row_b = _row_at(t_us, first_b, stop_b, until_us[i])
        row_a += t_us[row_a] < until_us[i]
        row_b += t_us[row_b] < until_us[i]
        wide_until_us[i] = min(t_us[row_a], t_us[row_b])
        is_more_common = max(t_us[first_a], t_us[first_b]) < min(t_us[stop_a - 1], t_us[stop_b - 1])
        if wide_from_us[i] == wide_until_us[i] and is_more_common:
            wide_until_us[i] -= 1
    return wide_from_us, wide_until_us


@formula
def _place(t_us, lat_deg, lon_deg, altitude, row, stop, when_us):
    """Return Earth-centred x, y, z and altitude at a whole microsecond on a leg's step from ``row``."""
    x0, y0, z0 = surface_point(lat_deg[row], lon_deg[row])
    h0 = altitude[row]
    if when_us == t_us[row] or row + 1 >= stop:
        return x0, y0, z0, h0
    x1, y1, z1 = surface_point(lat_deg[row + 1], lon_deg[row + 1])
    h1 = altitude[row + 1]
    if when_us == t_us[row + 1]:
        return x1, y1, z1, h1
    part = (when_us - t_us[row]) / (t_us[row + 1] - t_us[row])
    return x0 + (x1 - x0) * part, y0 + (y1 - y0) * part, z0 + (z1 - z0) * part, h0 + (h1 - h0) * part


@formula
def _inside(dx, dy, dz, ex, ey, ez, z, w, distance_m, height):
    """Return the open part (low, high) of the step in which both minima are broken; low >= high if none."""
    low = 0.0
    high = 1.0
    c = dx * dx + dy * dy + dz * dz - distance_m * distance_m
    a = ex * ex + ey * ey + ez * ez
    if a == 0.0:
        if c >= 0.0:
            return 1.0, 0.0
    else:
        b = dx * ex + dy * ey + dz * ez
        cross_x = dy * ez - dz * ey
        cross_y = dz * ex - dx * ez
        cross_z = dx * ey - dy * ex
        discriminant = a * distance_m * distance_m - (
            cross_x * cross_x + cross_y * cross_y + cross_z * cross_z
        )
        if discriminant <= 0.0:
            return 1.0, 0.0
        # The root of larger size first, the other from the product of the roots: no cancellation.
        if b > 0.0:
            q = -b - math.sqrt(discriminant)
            root_low = q / a
            root_high = c / q
        else:
            q = -b + math.sqrt(discriminant)
            root_high = q / a
            root_low = c / q
        low = max(low, root_low)
        high = min(high, root_high)
    if w == 0.0:
        if abs(z) >= height:
            return 1.0, 0.0
    else:
        first = (-height - z) / w
        second = (height - z) / w
        low = max(low, min(first, second))
        high = min(high, max(first, second))
    return low, high


@formula
def _retained(dx, dy, dz, ex, ey, ez, z, w, distance_m, height, u):
    """Return max(horizontal / D, vertical / H) at the fraction u of a step."""
    horizontal = math.sqrt((dx + ex * u) ** 2 + (dy + ey * u) ** 2 + (dz + ez * u) ** 2) / distance_m
    return max(horizontal, abs(z + w * u) / height)


@formula
def _least_retained(dx, dy, dz, ex, ey, ez, z, w, distance_m, height, low, high):
    """Return where in [low, high] max(horizontal / D, vertical / H) is least, and how much it is there.

    Both are convex in u, so the least is at an end, at the lowest point of either, or where they cross.
    """
    best_u = low
    best = _retained(dx, dy, dz, ex, ey, ez, z, w, distance_m, height, low)
    trial = _retained(dx, dy, dz, ex, ey, ez, z, w, distance_m, height, high)
    if trial < best:
        best_u, best = high, trial
    a = ex * ex + ey * ey + ez * ez
    b = dx * ex + dy * ey + dz * ez
    c = dx * dx + dy * dy + dz * dz
    if a > 0.0:
        u = min(max(-b / a, low), high)
        trial = _retained(dx, dy, dz, ex, ey, ez, z, w, distance_m, height, u)
        if trial < best or (trial == best and u < best_u):
            best_u, best = u, trial
    if w != 0.0:
        u = min(max(-z / w, low), high)
        trial = _retained(dx, dy, dz, ex, ey, ez, z, w, distance_m, height, u)
        if trial < best or (trial == best and u < best_u):
            best_u, best = u, trial
    # horizontal² / D² = vertical² / H²
    scale = (distance_m / height) ** 2
    qa = a - w * w * scale
    qb = b - z * w * scale
    qc = c - z * z * scale
    discriminant = qb * qb - qa * qc
    if discriminant >= 0.0:
        q = -qb - math.sqrt(discriminant) if qb > 0.0 else -qb + math.sqrt(discriminant)
        for k in range(2):
            if k == 0:
                if qa == 0.0:
                    continue
                u = q / qa
            else:
                if q == 0.0:
                    continue
                u = qc / q
            if low < u < high:
                trial = _retained(dx, dy, dz, ex, ey, ez, z, w, distance_m, height, u)
                if trial < best or (trial == best and u < best_u):
                    best_u, best = u, trial
    return best_u, best


@formula
def _instant_us(from_us, span_us, u):
    """Return the whole microsecond nearest to the fraction u of a step."""
    return from_us + np.rint(u * span_us)


@formula
def _put_piece(row, is_new, from_us, span_us, dx, dy, dz, ex, ey, ez, z, w, distance_m, height, low, high):
    """Enter one piece of an encounter into its row: begin it, or let it grow."""
    a = ex * ex + ey * ey + ez * ez
    b = dx * ex + dy * ey + dz * ez
    if is_new:
        row[T_IN_US] = _instant_us(from_us, span_us, low)
        row[HMD_M] = np.inf
        row[VMD] = np.inf
        row[RETAINED] = np.inf
        # How fast the distance falls at the beginning: -d|d|/dt.
        span_s = span_us * 1e-6
        distance_in_m = math.sqrt((dx + ex * low) ** 2 + (dy + ey * low) ** 2 + (dz + ez * low) ** 2)
        if span_us > 0 and distance_in_m > 0.0:
            row[CLOSURE_MPS] = -(b + a * low) / distance_in_m / span_s
        else:
            row[CLOSURE_MPS] = np.nan if span_us == 0 else -math.sqrt(a) / span_s
    row[T_OUT_US] = _instant_us(from_us, span_us, high)

    u = low if a == 0.0 else min(max(-b / a, low), high)
    horizontal_m = math.sqrt((dx + ex * u) ** 2 + (dy + ey * u) ** 2 + (dz + ez * u) ** 2)
    if horizontal_m < row[HMD_M]:
        row[HMD_M] = horizontal_m
        row[T_CPA_US] = _instant_us(from_us, span_us, u)
        row[VERTICAL_AT_CPA] = abs(z + w * u)

    u = low if w == 0.0 else min(max(-z / w, low), high)
    vertical = 0.0 if w != 0.0 and u == -z / w else abs(z + w * u)
    if vertical < row[VMD]:
        row[VMD] = vertical
        row[T_VMD_US] = _instant_us(from_us, span_us, u)

    u, retained = _least_retained(dx, dy, dz, ex, ey, ez, z, w, distance_m, height, low, high)
    if retained < row[RETAINED]:
        row[RETAINED] = retained
        row[T_RETAINED_US] = _instant_us(from_us, span_us, u)


@formula
def episodes(
    t_us,
    lat_deg,
    lon_deg,
    altitude,
    first_a,
    stop_a,
    first_b,
    stop_b,
    from_us,
    until_us,
    distance_m,
    height,
    out,
):
    """Find the encounters of two legs within a window of time; return how many there are.

    Args:
        t_us, lat_deg, lon_deg, altitude: samples of all legs.
        first_a, stop_a, first_b, stop_b: the rows of the two legs.
        from_us, until_us: the window, closed, within both legs, of whole steps (`whole_steps`), or cut
            where the pair begins or ceases to be compared; an instant where they are equal.
        distance_m, height: the minima; inside means strictly less than both.
        out: (k, EPISODE_WIDTH) float64, filled while there is room.
    Returns:
        The number of encounters, which may exceed the room.
    """
    row_a = _row_at(t_us, first_a, stop_a, from_us)
    row_b = _row_at(t_us, first_b, stop_b, from_us)
    ax, ay, az, ah = _place(t_us, lat_deg, lon_deg, altitude, row_a, stop_a, from_us)
    bx, by, bz, bh = _place(t_us, lat_deg, lon_deg, altitude, row_b, stop_b, from_us)
    dx, dy, dz, z = bx - ax, by - ay, bz - az, bh - ah
    found = 0
    end_us = -np.inf  # where the last encounter ended
    now_us = from_us
    while True:
        is_instant = from_us == until_us
        next_us = until_us
        if row_a + 1 < stop_a:
            next_us = min(next_us, t_us[row_a + 1])
        if row_b + 1 < stop_b:
            next_us = min(next_us, t_us[row_b + 1])
        ax, ay, az, ah = _place(t_us, lat_deg, lon_deg, altitude, row_a, stop_a, next_us)
        bx, by, bz, bh = _place(t_us, lat_deg, lon_deg, altitude, row_b, stop_b, next_us)
        next_dx, next_dy, next_dz, next_z = bx - ax, by - ay, bz - az, bh - ah
        ex, ey, ez, w = next_dx - dx, next_dy - dy, next_dz - dz, next_z - z
        low, high = _inside(dx, dy, dz, ex, ey, ez, z, w, distance_m, height)
        if low < high:
            span_us = next_us - now_us
            if is_instant:
                low, high = 0.0, 0.0
            is_new = _instant_us(now_us, span_us, low) - end_us > TOUCHING_US
            if is_new:
                found += 1
            if found <= out.shape[0]:
                _put_piece(
                    out[found - 1], is_new, now_us, span_us, dx, dy, dz, ex, ey, ez, z, w,
                    distance_m, height, low, high,
                )  # fmt: skip
            end_us = _instant_us(now_us, span_us, high)
        if next_us >= until_us:
            break
        now_us = next_us
        if row_a + 1 < stop_a and t_us[row_a + 1] <= now_us:
            row_a += 1
        if row_b + 1 < stop_b and t_us[row_b + 1] <= now_us:
            row_b += 1
        dx, dy, dz, z = next_dx, next_dy, next_dz, next_z
    return found


@columns
def count_episodes(
    t_us, lat_deg, lon_deg, altitude, leg_first, leg_a, leg_b, from_us, until_us, distance_m, height
):
    """Count the encounters in each window of a pair of legs, and keep the first of each.

    Most windows hold none, most others one: so only few have to be walked through again.

    Returns:
        How many `episodes` finds, (w,) int64; the first of each, (w, EPISODE_WIDTH), undefined where none is.
    """
    count = np.empty(leg_a.size, np.int64)
    first = np.empty((leg_a.size, EPISODE_WIDTH))
    for i in prange(leg_a.size):
        a = leg_a[i]
        b = leg_b[i]
        count[i] = episodes(
            t_us, lat_deg, lon_deg, altitude, leg_first[a], leg_first[a + 1], leg_first[b], leg_first[b + 1],
            from_us[i], until_us[i], distance_m, height, first[i : i + 1],
        )  # fmt: skip
    return count, first


@columns
def fill_episodes(
    t_us,
    lat_deg,
    lon_deg,
    altitude,
    leg_first,
    leg_a,
    leg_b,
    from_us,
    until_us,
    distance_m,
    height,
    out_first,
):
    """Return the encounters of each window, (out_first[-1], EPISODE_WIDTH), window after window."""
    out = np.empty((out_first[leg_a.size], EPISODE_WIDTH))
    for i in prange(leg_a.size):
        a = leg_a[i]
        b = leg_b[i]
        episodes(
            t_us, lat_deg, lon_deg, altitude, leg_first[a], leg_first[a + 1], leg_first[b], leg_first[b + 1],
            from_us[i], until_us[i], distance_m, height, out[out_first[i] : out_first[i + 1]],
        )  # fmt: skip
    return out


@columns
def states_at(t_us, lat_deg, lon_deg, altitude, leg_first, leg, when_us):
    """Return where the aircraft of some legs were, and how they moved, at given instants.

    Args:
        t_us, lat_deg, lon_deg, altitude: samples of all legs.
        leg_first: (m + 1,) row at which each leg begins.
        leg: (k,) which leg is asked for.
        when_us: (k,) the instants, within the legs.
    Returns:
        (k, 11): lat_deg, lon_deg, altitude, x, y, z (metres), vx, vy, vz (m/s), track_deg,
        age_s (to the nearest sample).
        Velocity and track are NaN for a leg of one sample.
    """
    out = np.empty((leg.size, 11))
    for i in prange(leg.size):
        first = leg_first[leg[i]]
        stop = leg_first[leg[i] + 1]
        row = _row_at(t_us, first, stop, when_us[i])
        if row + 1 >= stop and stop - first > 1:
            row -= 1
        x, y, z = surface_point(lat_deg[row], lon_deg[row])
        h = altitude[row]
        vx = vy = vz = np.nan
        since_s = (when_us[i] - t_us[row]) * 1e-6
        age_s = abs(since_s)
        if row + 1 < stop:
            span_s = (t_us[row + 1] - t_us[row]) * 1e-6
            x1, y1, z1 = surface_point(lat_deg[row + 1], lon_deg[row + 1])
            vx, vy, vz = (x1 - x) / span_s, (y1 - y) / span_s, (z1 - z) / span_s
            x, y, z = x + vx * since_s, y + vy * since_s, z + vz * since_s
            h += (altitude[row + 1] - h) * (since_s / span_s)
            age_s = min(age_s, abs(span_s - since_s))
        lat, lon = surface_position(x, y, z)
        out[i, 0], out[i, 1], out[i, 2] = lat, lon, h
        out[i, 3], out[i, 4], out[i, 5] = x, y, z
        out[i, 6], out[i, 7], out[i, 8] = vx, vy, vz
        out[i, 9] = direction_deg(lat, lon, vx, vy, vz)
        out[i, 10] = age_s
    return out

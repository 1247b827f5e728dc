"""When a moving aircraft is beside a line, on its wrong side: exact crossings, greatest depth.

Motion is as everywhere: straight at constant speed between two Earth-centred surface points.  *Beside* a line
is where the nearest point is not one of its ends and not farther than ``reach``.

A step between two samples that cannot change the state is passed over: the distance to the line changes no
faster than the aircraft moves.  Where it can, the step is cut into pieces that are straight in lon/lat to
`steps.STRAIGHT_M` and no longer than `steps.PIECE_M`, and in each the line is crossed where two straight ways cross.
Being beside begins or ends, elsewhere than through the line, where halving the piece finds it.

Windows of time cut steps, and with them excursions, where they open and close.

Source: docs/formulas.md#lines-and-areas.
"""

from __future__ import annotations

import math

import numpy as np

from wideberth.kernels._jit import columns, formula, prange
from wideberth.kernels.blocks import RADIUS_M, STEPS, X_M, Y_M, Z_M, is_block_far
from wideberth.kernels.edges import (
    end_tangent,
    is_end,
    nearest,
    put_crossings,
    put_in_order,
    side_of,
    wrapped,
)
from wideberth.kernels.geodesy import surface_point, surface_position
from wideberth.kernels.steps import (
    EVENTS,
    GOLDEN,
    HALVINGS,
    SEARCHES,
    altitude_at,
    first_window,
    is_step_off,
    may_be_deeper,
    next_part,
    pieces_of,
    place_at,
    step_at,
)

LINE, END, REACH, HEARD, SCHEDULE = range(5)
"""How an excursion is entered and left: through the line, round an end, at the reach, first or last heard, or by a
window of time."""

(
    T_IN_US, T_OUT_US, ENTERED, LEFT_BY, T_DEEPEST_US, DEPTH_M,
    IN_LAT_DEG, IN_LON_DEG, OUT_LAT_DEG, OUT_LON_DEG, DEEPEST_LAT_DEG, DEEPEST_LON_DEG, ALTITUDE,
) = range(13)  # fmt: skip
EXCURSION_WIDTH = 13

SAME_M = 1e-7  # who is so near the reach is at it
DEGREE_M = 111_700.0  # no degree on the ellipsoid is longer


@formula
def _look(x, y, z, wrong, reach_m, lon0, lat0, lon1, lat1, ball):
    """Return (is past the line, distance, is beside an inner point, edge) of an Earth-centred point."""
    k, share, distance_m = nearest(x, y, z, lon0, lat0, lon1, lat1, ball)
    at_end = is_end(k, share, lon0.size)
    if at_end or distance_m > reach_m:
        return False, distance_m, not at_end, k
    lat, lon = surface_position(x, y, z)
    return side_of(lat, lon, k, share, lon0, lat0, lon1, lat1) == wrong, distance_m, True, k


@formula
def _end_distance_m(x, y, z, lon0, lat0, lon1, lat1):
    ax, ay, az = surface_point(lat0[0], lon0[0])
    last = lon0.size - 1
    bx, by, bz = surface_point(lat1[last], lon1[last])
    a = math.sqrt((x - ax) ** 2 + (y - ay) ** 2 + (z - az) ** 2)
    b = math.sqrt((x - bx) ** 2 + (y - by) ** 2 + (z - bz) ** 2)
    return min(a, b)


@formula
def _away_m(x0, y0, z0, x1, y1, z1, u, lon0, lat0, lon1, lat1, ball):
    """Return how far the line is from a fraction of a step, and which edge is nearest."""
    k, _, away_m = nearest(
        x0 + (x1 - x0) * u, y0 + (y1 - y0) * u, z0 + (z1 - z0) * u, lon0, lat0, lon1, lat1, ball
    )
    return away_m, k


@formula
def _extreme_between(x0, y0, z0, x1, y1, z1, low, high, sign, lon0, lat0, lon1, lat1, ball):
    """Return where in (low, high) of a step the distance times ``sign`` is greatest, by golden section, and it."""
    a, b = low, high
    c, d = b - (b - a) * GOLDEN, a + (b - a) * GOLDEN
    fc = sign * _away_m(x0, y0, z0, x1, y1, z1, c, lon0, lat0, lon1, lat1, ball)[0]
    fd = sign * _away_m(x0, y0, z0, x1, y1, z1, d, lon0, lat0, lon1, lat1, ball)[0]
    for _ in range(SEARCHES):
        if fc >= fd:
            b, d, fd = d, c, fc
            c = b - (b - a) * GOLDEN
            fc = sign * _away_m(x0, y0, z0, x1, y1, z1, c, lon0, lat0, lon1, lat1, ball)[0]
        else:
            a, c, fc = c, d, fd
            d = a + (b - a) * GOLDEN
            fd = sign * _away_m(x0, y0, z0, x1, y1, z1, d, lon0, lat0, lon1, lat1, ball)[0]
    return (c, sign * fc) if fc >= fd else (d, sign * fd)


@formula
def _deepen_between(
    out, found, low, high, p_m, p_k, end_m, end_k, x0, y0, z0, x1, y1, z1, from_us, span_us, from_altitude, climb,
    lon0, lat0, lon1, lat1, ball,
):  # fmt: skip
    """Note the greatest distance within a part of a step that is past the line all the way.

    The part is halved for as long as half of it `may_be_deeper` than what is known.  How far both ends are, and from
    which edge, may be known already; NaN: it is not.
    """
    length_m = math.sqrt((x1 - x0) ** 2 + (y1 - y0) ** 2 + (z1 - z0) ** 2) * (high - low)
    if np.isnan(p_m):
        p_m, p_k = _away_m(x0, y0, z0, x1, y1, z1, low, lon0, lat0, lon1, lat1, ball)
    _deepen(
        out, found, from_us + low * span_us, p_m,
        x0 + (x1 - x0) * low, y0 + (y1 - y0) * low, z0 + (z1 - z0) * low, from_altitude + climb * low,
    )  # fmt: skip
    n, level = 0, 0  # part n of 2^level
    while True:
        share = 0.5**level
        is_last = n + 1 == 2**level
        u = high if is_last else low + (high - low) * (n + 1) * share
        if is_last and not np.isnan(end_m):
            q_m, q_k = end_m, end_k
        else:
            q_m, q_k = _away_m(x0, y0, z0, x1, y1, z1, u, lon0, lat0, lon1, lat1, ball)
        _deepen(
            out, found, from_us + u * span_us, q_m,
            x0 + (x1 - x0) * u, y0 + (y1 - y0) * u, z0 + (z1 - z0) * u, from_altitude + climb * u,
        )  # fmt: skip
        if may_be_deeper(p_m, q_m, p_k == q_k, length_m * share, out_depth(out, found), x0, y0, z0):
            n, level = 2 * n, level + 1
            continue
        p_m, p_k = q_m, q_k
        n, level = next_part(n, level)
        if level == 0:
            return


@formula
def _reach_events(
    x0, y0, z0, x1, y1, z1, low, high, p_m, q_m, p_k, q_k, length_m, reach_m, lon0, lat0, lon1, lat1, ball,
    at, by, count,
):  # fmt: skip
    """Enter where a piece of a step passes the reach, see `edges.put_in_order`."""
    middle = -1.0
    is_within = p_m <= reach_m
    if is_within == (q_m <= reach_m):
        if is_within:
            is_near = p_k != q_k and 0.5 * (p_m + q_m + length_m) > reach_m
        else:
            is_near = 0.5 * (p_m + q_m - length_m) < reach_m
        if not is_near:
            return at, by, count
        sign = 1.0 if is_within else -1.0
        u, away_m = _extreme_between(x0, y0, z0, x1, y1, z1, low, high, sign, lon0, lat0, lon1, lat1, ball)
        if (away_m <= reach_m) == is_within:
            return at, by, count
        middle = u
    for half in range(2):
        a, b = low, high
        if middle >= 0.0:
            a, b = (low, middle) if half == 0 else (middle, high)
        elif half == 1:
            break
        u = _at_reach(x0, y0, z0, x1, y1, z1, a, b, reach_m, lon0, lat0, lon1, lat1, ball)
        at, by, count = put_in_order(at, by, count, u, REACH)
    return at, by, count


@formula
def _at_reach(x0, y0, z0, x1, y1, z1, a, b, reach_m, lon0, lat0, lon1, lat1, ball):
    """Return where between two fractions of a step, one within reach and one not, the reach is passed.

    Secants that halve the weight of an end that stays (Illinois): about eight looks in place of 45.
    """
    at_a = _away_m(x0, y0, z0, x1, y1, z1, a, lon0, lat0, lon1, lat1, ball)[0] - reach_m
    at_b = _away_m(x0, y0, z0, x1, y1, z1, b, lon0, lat0, lon1, lat1, ball)[0] - reach_m
    starts_within = at_a <= 0.0
    u, stayed = a, 0
    for _ in range(HALVINGS):
        u = 0.5 * (a + b) if at_a == at_b else a - at_a * (b - a) / (at_b - at_a)
        if not a < u < b:
            u = 0.5 * (a + b)
        at_u = _away_m(x0, y0, z0, x1, y1, z1, u, lon0, lat0, lon1, lat1, ball)[0] - reach_m
        if abs(at_u) < SAME_M:
            break
        if (at_u <= 0.0) == starts_within:
            a, at_a = u, at_u
            at_b = 0.5 * at_b if stayed == 1 else at_b
            stayed = 1
        else:
            b, at_b = u, at_u
            at_a = 0.5 * at_a if stayed == -1 else at_a
            stayed = -1
    return u


@formula
def _end_plane(e, x0, y0, z0, x1, y1, z1, lon0, lat0, lon1, lat1):
    """Return the fraction of a step at the plane that cuts the line off square at one of its ends; NaN if none."""
    ex, ey, ez, tx, ty, tz = end_tangent(e, lon0, lat0, lon1, lat1)
    along = (x1 - x0) * tx + (y1 - y0) * ty + (z1 - z0) * tz
    return np.nan if along == 0.0 else ((ex - x0) * tx + (ey - y0) * ty + (ez - z0) * tz) / along


@formula
def _begin(out, found, t_us, entered, lat, lon):
    if found < out.shape[0]:
        row = out[found]
        row[T_IN_US], row[ENTERED], row[IN_LAT_DEG], row[IN_LON_DEG] = t_us, entered, lat, lon
        row[DEPTH_M] = -1.0


@formula
def _deepen(out, found, t_us, distance_m, x, y, z, altitude):
    if found < out.shape[0] and distance_m > out[found, DEPTH_M]:
        row = out[found]
        row[DEPTH_M], row[T_DEEPEST_US], row[ALTITUDE] = distance_m, t_us, altitude
        row[DEEPEST_LAT_DEG], row[DEEPEST_LON_DEG] = surface_position(x, y, z)


@formula
def _finish(out, found, t_us, left, lat, lon):
    if found < out.shape[0]:
        row = out[found]
        row[T_OUT_US], row[LEFT_BY], row[OUT_LAT_DEG], row[OUT_LON_DEG] = t_us, left, lat, lon


@formula
def _is_block_idle(block, is_past, deep_m, wrong, reach_m, lon0, lat0, lon1, lat1, ball):
    """Return whether a block changes nothing: out all the way, or past the line and nowhere deeper; if in doubt, not.

    The block's ball holds all its points; distances to the line and to its ends change no faster than one moves.
    """
    if is_block_far(block, reach_m, lon0, lat0, lon1, lat1, ball):
        return not is_past
    x, y, z, radius_m = block[X_M], block[Y_M], block[Z_M], block[RADIUS_M]
    is_middle_past, distance_m, is_beside, _ = _look(x, y, z, wrong, reach_m, lon0, lat0, lon1, lat1, ball)
    from_end_m = _end_distance_m(x, y, z, lon0, lat0, lon1, lat1)
    if (
        not is_beside
        or distance_m <= radius_m
        or distance_m + radius_m >= reach_m
        or from_end_m - distance_m <= 2.0 * radius_m
        or is_middle_past != is_past
    ):
        return False
    return not is_past or distance_m + radius_m <= deep_m


@formula
def excursions(
    t_us, lat_deg, lon_deg, altitude, first, stop, block, wrong, reach_m, low_lon, low_lat, high_lon, high_lat,
    lon0, lat0, lon1, lat1, ball, box, w_from_us, w_until_us, out,
):  # fmt: skip
    """Find the stretches of one leg beside a line, strictly on the wrong side; return how many there are.

    Args:
        t_us, lat_deg, lon_deg, altitude: samples of all legs.
        first, stop: the rows of the leg.
        block: the leg's blocks, see `blocks`.
        wrong: `edges.LEFT` or `edges.RIGHT`.
        reach_m: how far from the line one is still beside it.
        low_lon, low_lat, high_lon, high_lat: a box that holds everything within reach; degrees.
        lon0, lat0, lon1, lat1, ball, box: the line, see `edges`.
        w_from_us, w_until_us: (w,) windows of time, half open, in order, not overlapping, on the clock of the legs.
        out: (k, EXCURSION_WIDTH) float64, filled while there is room.
    """
    found = 0
    for w in range(first_window(w_until_us, t_us[first]), w_from_us.size):
        if w_from_us[w] > t_us[stop - 1]:
            break
        found = _excursions_within(
            t_us, lat_deg, lon_deg, altitude, first, stop, block, wrong, reach_m, low_lon, low_lat, high_lon, high_lat,
            lon0, lat0, lon1, lat1, ball, box, w_from_us[w], w_until_us[w], out, found,
        )  # fmt: skip
    return found


@formula
def _excursions_within(
    t_us, lat_deg, lon_deg, altitude, first, stop, block, wrong, reach_m, low_lon, low_lat, high_lon, high_lat,
    lon0, lat0, lon1, lat1, ball, box, from_us, until_us, out, found,
):  # fmt: skip
    """Find the stretches of one leg within one window; return how many there are with those found before."""
    at, by_what = np.empty(EVENTS), np.empty(EVENTS, np.int64)
    is_known = False  # the state at sample i
    is_past, distance_m, is_beside, k = False, np.inf, False, 0
    x0, y0, z0, g0 = 0.0, 0.0, 0.0, 0.0
    safe_m, scale = 0.0, 1.0  # so far nothing can begin; how long a degree of longitude is at most
    if stop - first == 1:
        x0, y0, z0 = surface_point(lat_deg[first], lon_deg[first])
        is_past, distance_m, _, _ = _look(x0, y0, z0, wrong, reach_m, lon0, lat0, lon1, lat1, ball)
        if is_past:
            _begin(out, found, t_us[first], HEARD, lat_deg[first], lon_deg[first])
            _deepen(out, found, t_us[first], distance_m, x0, y0, z0, altitude[first])
    i = first - 1 if from_us <= t_us[first] else step_at(t_us, first, stop, from_us) - 1
    while i < stop - 2:
        i += 1
        j = i + 1
        if t_us[i] >= until_us:
            break
        if (i - first) % STEPS == 0 and _is_block_idle(
            block[(i - first) // STEPS], is_past, out_depth(out, found), wrong, reach_m, lon0, lat0, lon1, lat1, ball
        ):  # fmt: skip
            is_known = False
            safe_m = 0.0
            i += STEPS - 1
            continue
        if is_known and not is_past:
            safe_m = _safe_m(distance_m, g0, is_beside, reach_m)
            scale = math.cos(math.radians(max(abs(lat_deg[i]) - 2.0, 0.0)))
        if safe_m > 0.0:
            safe_m -= _longest_m(lat_deg[i], lon_deg[i], lat_deg[j], lon_deg[j], scale)
            if safe_m > 0.0:
                is_known = False
                continue
        if not is_past and is_step_off(
            lat_deg[i], lon_deg[i], lat_deg[j], lon_deg[j], low_lon, low_lat, high_lon, high_lat
        ):
            is_known = False
            continue
        p_us, h0, p_lat, p_lon = float(t_us[i]), altitude[i], lat_deg[i], lon_deg[i]
        if p_us < from_us:
            p_us, h0 = from_us, altitude_at(t_us, altitude, i, from_us)
            x0, y0, z0 = place_at(t_us, lat_deg, lon_deg, i, from_us)
            p_lat, p_lon = surface_position(x0, y0, z0)
        elif not is_known:
            x0, y0, z0 = surface_point(p_lat, p_lon)
        if not is_known:
            was_past = is_past
            is_past, distance_m, is_beside, k = _look(
                x0, y0, z0, wrong, reach_m, lon0, lat0, lon1, lat1, ball
            )
            g0 = _end_distance_m(x0, y0, z0, lon0, lat0, lon1, lat1) - distance_m
            is_known = True
            if is_past and not was_past:  # it was so when the window opened; a step before would have told
                _begin(out, found, p_us, SCHEDULE if from_us > t_us[first] else HEARD, p_lat, p_lon)
                _deepen(out, found, p_us, distance_m, x0, y0, z0, h0)
        q_us, h1, last_lat, last_lon = float(t_us[j]), altitude[j], lat_deg[j], lon_deg[j]
        x1, y1, z1 = surface_point(last_lat, last_lon)
        if q_us > until_us:
            q_us, h1 = until_us, altitude_at(t_us, altitude, i, until_us)
            x1, y1, z1 = place_at(t_us, lat_deg, lon_deg, i, until_us)
            last_lat, last_lon = surface_position(x1, y1, z1)
        next_past, next_m, next_beside, next_k = _look(
            x1, y1, z1, wrong, reach_m, lon0, lat0, lon1, lat1, ball
        )
        g1 = _end_distance_m(x1, y1, z1, lon0, lat0, lon1, lat1) - next_m
        length_m = math.sqrt((x1 - x0) ** 2 + (y1 - y0) ** 2 + (z1 - z0) ** 2)
        span_us = q_us - p_us
        climb = h1 - h0
        stays_on_a_side = (
            is_beside
            and next_beside
            and distance_m + next_m > length_m * 1.000001 + 20.0
            and g0 + g1 > 2.0 * length_m
        )
        # Who is on the kept side, and stays on a side, breaks nothing wherever the reach ends.
        is_kept = not is_past and not next_past and (distance_m <= reach_m or next_m <= reach_m)
        is_steady = (
            (distance_m + next_m - length_m > 2.0 * reach_m)
            or (stays_on_a_side and (is_kept or distance_m + next_m + length_m < 2.0 * reach_m))
            or length_m == 0.0
        )
        if is_steady:
            if is_past:
                _deepen_between(
                    out, found, 0.0, 1.0, distance_m, k, next_m, next_k, x0, y0, z0, x1, y1, z1,
                    p_us, span_us, h0, climb, lon0, lat0, lon1, lat1, ball,
                )  # fmt: skip
        else:
            pieces = pieces_of(x0, y0, z0, x1, y1, z1, p_lat)
            p_past, p_m, p_k = is_past, distance_m, k
            u0 = 0.0
            end_a = _end_plane(0, x0, y0, z0, x1, y1, z1, lon0, lat0, lon1, lat1)
            end_b = _end_plane(1, x0, y0, z0, x1, y1, z1, lon0, lat0, lon1, lat1)
            for n in range(pieces):
                u1 = (n + 1) / pieces
                qx, qy, qz = x0 + (x1 - x0) * u1, y0 + (y1 - y0) * u1, z0 + (z1 - z0) * u1
                if n + 1 == pieces:
                    q_lat, q_lon, q_past, q_m, q_k = last_lat, last_lon, next_past, next_m, next_k
                else:
                    q_lat, q_lon = surface_position(qx, qy, qz)
                    q_past, q_m, _, q_k = _look(qx, qy, qz, wrong, reach_m, lon0, lat0, lon1, lat1, ball)
                at, by_what, met = put_crossings(
                    p_lon, p_lat, q_lon, q_lat, lon0, lat0, lon1, lat1, box, u0, u1, LINE, at, by_what, 0
                )
                at, by_what, met = _reach_events(
                    x0, y0, z0, x1, y1, z1, u0, u1, p_m, q_m, p_k, q_k, length_m / pieces, reach_m,
                    lon0, lat0, lon1, lat1, ball, at, by_what, met,
                )  # fmt: skip
                if end_a > u0 and end_a < u1:
                    at, by_what, met = put_in_order(at, by_what, met, end_a, END)
                if end_b > u0 and end_b < u1:
                    at, by_what, met = put_in_order(at, by_what, met, end_b, END)
                since_u = u0 if p_past else -1.0
                # Between crossings the state is looked at half way; what changed it lies between two looks.
                before, before_u, before_past = u0, u0, p_past
                for c in range(met + 2):
                    through, cause = -1.0, LINE
                    if c == met + 1:
                        look_u, look_past = u1, q_past
                    else:
                        until = u1 if c == met else at[c]
                        look_u = 0.5 * (before + until)
                        x, y, z = x0 + (x1 - x0) * look_u, y0 + (y1 - y0) * look_u, z0 + (z1 - z0) * look_u
                        look_past, _, _, _ = _look(x, y, z, wrong, reach_m, lon0, lat0, lon1, lat1, ball)
                        if c > 0:
                            through, cause = before, by_what[c - 1]
                        before = until
                    if look_past != before_past:
                        by = cause
                        u = through
                        if (
                            u < 0.0
                            or cause == END
                            or not _is_at_line(
                                x0, y0, z0, x1, y1, z1, u, reach_m, lon0, lat0, lon1, lat1, ball
                            )
                        ):
                            low, high = before_u, look_u
                            for _ in range(HALVINGS):
                                u = 0.5 * (low + high)
                                x, y, z = x0 + (x1 - x0) * u, y0 + (y1 - y0) * u, z0 + (z1 - z0) * u
                                half_past, _, _, _ = _look(
                                    x, y, z, wrong, reach_m, lon0, lat0, lon1, lat1, ball
                                )
                                if half_past == before_past:
                                    low = u
                                else:
                                    high = u
                            u = 0.5 * (low + high)
                            outside = low if look_past else high
                            x, y, z = (
                                x0 + (x1 - x0) * outside,
                                y0 + (y1 - y0) * outside,
                                z0 + (z1 - z0) * outside,
                            )
                            _, away_m, beside, _ = _look(
                                x, y, z, wrong, reach_m, lon0, lat0, lon1, lat1, ball
                            )
                            by = END if not beside else REACH if away_m > reach_m else LINE
                        x, y, z = x0 + (x1 - x0) * u, y0 + (y1 - y0) * u, z0 + (z1 - z0) * u
                        lat, lon = surface_position(x, y, z)
                        _, _, edge_m = nearest(x, y, z, lon0, lat0, lon1, lat1, ball)
                        when_us = p_us + u * span_us
                        if look_past:
                            _begin(out, found, when_us, by, lat, lon)
                            _deepen(out, found, when_us, edge_m, x, y, z, h0 + climb * u)
                            since_u = u
                        else:
                            _deepen_between(
                                out, found, since_u, u, p_m if since_u == u0 else np.nan, p_k, np.nan, p_k,
                                x0, y0, z0, x1, y1, z1, p_us, span_us,
                                h0, climb, lon0, lat0, lon1, lat1, ball,
                            )  # fmt: skip
                            _finish(out, found, when_us, by, lat, lon)
                            found += 1
                    before_u, before_past = look_u, look_past
                if q_past:
                    _deepen_between(
                        out, found, since_u, u1, p_m if since_u == u0 else np.nan, p_k, q_m, q_k,
                        x0, y0, z0, x1, y1, z1, p_us, span_us,
                        h0, climb, lon0, lat0, lon1, lat1, ball,
                    )  # fmt: skip
                p_lat, p_lon, p_past, p_m, p_k, u0 = q_lat, q_lon, q_past, q_m, q_k, u1
        x0, y0, z0, g0 = x1, y1, z1, g1
        is_past, distance_m, is_beside, k = next_past, next_m, next_beside, next_k
    if is_past:
        last = stop - 1
        if until_us < t_us[last]:
            x, y, z = place_at(t_us, lat_deg, lon_deg, step_at(t_us, first, stop, until_us), until_us)
            lat, lon = surface_position(x, y, z)
            _finish(out, found, until_us, SCHEDULE, lat, lon)
        else:
            _finish(out, found, t_us[last], HEARD, lat_deg[last], lon_deg[last])
        found += 1
    return found


@formula
def _safe_m(distance_m, from_end_m, is_beside, reach_m):
    """Return how far somebody who is not past the line may fly and surely is not yet, or 0; a degree at most.

    ``from_end_m`` is how much farther the nearer end is than the line: it changes twice as fast as one moves.  Beyond
    the reach one has to come within it; on the kept side to the line, or round an end.
    """
    if distance_m > reach_m:
        return min(0.999 * (distance_m - reach_m) - 25.0, DEGREE_M)
    return min(0.999 * min(distance_m, 0.5 * from_end_m) - 25.0, DEGREE_M) if is_beside else 0.0


@formula
def _longest_m(lat_a, lon_a, lat_b, lon_b, scale):
    """Return what a step is long at most; ``scale`` is at least the cosine of the latitude."""
    east = (wrapped(lon_b, lon_a) - lon_a) * scale
    return DEGREE_M * math.sqrt((lat_b - lat_a) ** 2 + east * east)


@formula
def out_depth(out, found):
    """Return the depth found so far; where there is no room for it, none matters."""
    return out[found, DEPTH_M] if found < out.shape[0] else np.inf


@formula
def _is_at_line(x0, y0, z0, x1, y1, z1, u, reach_m, lon0, lat0, lon1, lat1, ball):
    """Return whether a crossing is beside the line: not at one of its ends."""
    k, share, _ = nearest(
        x0 + (x1 - x0) * u, y0 + (y1 - y0) * u, z0 + (z1 - z0) * u, lon0, lat0, lon1, lat1, ball
    )
    return not is_end(k, share, lon0.size)


@columns
def find_excursions(
    t_us, lat_deg, lon_deg, altitude, leg_first, block_first, block, legs, wrong, reach_m,
    low_lon, low_lat, high_lon, high_lat, lon0, lat0, lon1, lat1, ball, box,
    w_from_us, w_until_us, room,
):  # fmt: skip
    """Find the excursions of some legs.

    Args:
        block_first, block: the blocks of all legs, see `blocks`.
        legs: (m,) which legs.
        room: how many excursions of a leg are kept.
        Others: as in `excursions`.
    Returns:
        How many there are, (m,) int64; the first ``room`` of each, (m, room, EXCURSION_WIDTH).
    """
    count = np.empty(legs.size, np.int64)
    out = np.empty((legs.size, room, EXCURSION_WIDTH))
    for i in prange(legs.size):
        leg = legs[i]
        count[i] = excursions(
            t_us, lat_deg, lon_deg, altitude, leg_first[leg], leg_first[leg + 1],
            block[block_first[leg] : block_first[leg + 1]], wrong, reach_m,
            low_lon, low_lat, high_lon, high_lat, lon0, lat0, lon1, lat1, ball, box, w_from_us, w_until_us, out[i],
        )  # fmt: skip
    return count, out

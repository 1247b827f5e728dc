"""When a moving aircraft is inside a volume: exact entry and exit, through what, and how deep.

A volume is a figure on the surface and windows of time, each with a floor and a ceiling.  Inside is strictly
between them, strictly within the figure.  In each step the instants at which that can change are
collected: edges crossed (straight in lon/lat), a circle's two roots, levels passed, windows opened and closed; then
the state is looked at half way between two of them.

Source: docs/formulas.md#lines-and-areas.
"""

from __future__ import annotations

import math

import numpy as np

from wideberth.kernels._jit import columns, formula, prange
from wideberth.kernels.blocks import HIGHEST, LOWEST, STEPS, is_block_far
from wideberth.kernels.edges import (
    end_tangent,
    is_end,
    is_inside,
    lifted,
    nearest,
    put_crossings,
    put_in_order,
)
from wideberth.kernels.geodesy import surface_point, surface_position
from wideberth.kernels.steps import (
    EVENTS,
    GOLDEN,
    HALVINGS,
    PIECE_M,
    PRECISE_M,
    SEARCHES,
    first_window,
    is_step_off,
    may_be_deeper,
    next_part,
    pieces_of,
)

AREA, CIRCLE, ROUND_CORRIDOR, FLAT_CORRIDOR, GROWN_AREA = range(5)

EDGE, FLOOR, CEILING, SCHEDULE, HEARD = range(5)
"""How a volume is entered and left."""

(
    T_IN_US, T_OUT_US, ENTERED, LEFT_BY, T_DEEPEST_US, DEPTH_M, DEPTH_FT, T_DEPTH_FT_US,
    IN_LAT_DEG, IN_LON_DEG, OUT_LAT_DEG, OUT_LON_DEG, DEEPEST_LAT_DEG, DEEPEST_LON_DEG, ALTITUDE,
) = range(15)  # fmt: skip
PENETRATION_WIDTH = 15

NEAR_M = 20.0  # by which the sag of a step, at most 4.4 m in 60 s, may mislead about its distances
NUDGE_M = 0.05  # between two depths that tell which way they change


@formula
def _window(w_from_us, w_until_us, when_us):
    """Return which window an instant lies in, -1 if in none; windows are in order and do not overlap."""
    w = first_window(w_until_us, when_us)
    return w if w < w_from_us.size and w_from_us[w] <= when_us else -1


@formula
def depth_m(x, y, z, kind, radius_m, lon0, lat0, lon1, lat1, ball, box):
    """Return how far inside a figure a point is from its edge, metres; negative outside."""
    deep_m, _ = _depth_and_edge(x, y, z, kind, radius_m, lon0, lat0, lon1, lat1, ball, box)
    return deep_m


@formula
def _depth_and_edge(x, y, z, kind, radius_m, lon0, lat0, lon1, lat1, ball, box):
    """Return `depth_m`, and which edge is nearest."""
    k, share, away_m = nearest(x, y, z, lon0, lat0, lon1, lat1, ball)
    if kind in (AREA, GROWN_AREA):
        lat, lon = surface_position(x, y, z)
        signed_m = away_m if is_inside(lon, lat, lon0, lat0, lon1, lat1, box) else -away_m
        return (signed_m if kind == AREA else signed_m + radius_m), k
    deep_m = radius_m - away_m
    if kind == FLAT_CORRIDOR:
        if is_end(k, share, lon0.size):
            e = 0 if k == 0 and share == 0.0 else 1
            return -_from_cap_m(e, x, y, z, radius_m, lon0, lat0, lon1, lat1), k
        if deep_m > 0.0:
            for e in range(2):
                deep_m = min(deep_m, _from_cap_m(e, x, y, z, radius_m, lon0, lat0, lon1, lat1))
    return deep_m, k


@formula
def _from_cap_m(e, x, y, z, radius_m, lon0, lat0, lon1, lat1):
    """Return how far a point is from the straight edge that cuts a flat corridor off at one of its ends."""
    ex, ey, ez, tx, ty, tz = end_tangent(e, lon0, lat0, lon1, lat1)
    x, y, z = lifted(x, y, z)
    dx, dy, dz = x - ex, y - ey, z - ez
    along = dx * tx + dy * ty + dz * tz
    aside = math.sqrt(max(dx * dx + dy * dy + dz * dz - along * along, 0.0))
    return math.hypot(along, max(aside - radius_m, 0.0))


@formula
def _put_event(at, by, count, u, cause):
    """Enter an instant within a step, see `edges.put_in_order`; one at its ends or beyond is none."""
    if not 0.0 < u < 1.0:
        return at, by, count
    return put_in_order(at, by, count, u, cause)


@formula
def _corridor_events(
    x0, y0, z0, x1, y1, z1, lat, kind, radius_m, lon0, lat0, lon1, lat1, ball, box, at, by, count
):  # fmt: skip
    """Enter where a step passes the edge of a corridor or of a grown area, see `edges.put_in_order`.

    Between two looks the depth has at most one hump or dip, found by golden section where it may reach 0.
    """
    pieces = pieces_of(x0, y0, z0, x1, y1, z1, lat)
    length_m = math.sqrt((x1 - x0) ** 2 + (y1 - y0) ** 2 + (z1 - z0) ** 2) / pieces
    p = depth_m(x0, y0, z0, kind, radius_m, lon0, lat0, lon1, lat1, ball, box)
    for n in range(pieces):
        low, high = n / pieces, (n + 1) / pieces
        q = depth_m(
            x0 + (x1 - x0) * high, y0 + (y1 - y0) * high, z0 + (z1 - z0) * high, kind, radius_m,
            lon0, lat0, lon1, lat1, ball, box,
        )  # fmt: skip
        middle = -1.0
        if (p > 0.0) == (q > 0.0) and abs(p) + abs(q) < length_m * 1.000001 + 0.01:
            sign = -1.0 if p > 0.0 else 1.0  # the greatest of sign * depth may be beyond 0
            a, b = low, high
            for _ in range(SEARCHES):
                c, d = b - (b - a) * GOLDEN, a + (b - a) * GOLDEN
                fc = sign * depth_m(
                    x0 + (x1 - x0) * c, y0 + (y1 - y0) * c, z0 + (z1 - z0) * c, kind, radius_m,
                    lon0, lat0, lon1, lat1, ball, box,
                )  # fmt: skip
                fd = sign * depth_m(
                    x0 + (x1 - x0) * d, y0 + (y1 - y0) * d, z0 + (z1 - z0) * d, kind, radius_m,
                    lon0, lat0, lon1, lat1, ball, box,
                )  # fmt: skip
                if fc >= fd:
                    b = d
                else:
                    a = c
                if max(fc, fd) > 0.0:
                    middle = c if fc >= fd else d
                    break
        for half in range(2):
            from_u, until_u = low, high
            if middle >= 0.0:
                from_u, until_u = (low, middle) if half == 0 else (middle, high)
            elif half == 1 or (p > 0.0) == (q > 0.0):
                continue
            is_in = (p > 0.0) if half == 0 else not (p > 0.0)
            for _ in range(HALVINGS):
                u = 0.5 * (from_u + until_u)
                half_m = depth_m(
                    x0 + (x1 - x0) * u, y0 + (y1 - y0) * u, z0 + (z1 - z0) * u, kind, radius_m,
                    lon0, lat0, lon1, lat1, ball, box,
                )  # fmt: skip
                if (half_m > 0.0) == is_in:
                    from_u = u
                else:
                    until_u = u
            at, by, count = _put_event(at, by, count, 0.5 * (from_u + until_u), EDGE)
        p = q
    return at, by, count


@formula
def _events(
    may_meet, x0, y0, z0, x1, y1, z1, lat_a, lon_a, lat_b, lon_b, h0, h1, from_us, until_us, kind, radius_m,
    lon0, lat0, lon1, lat1, ball, box, w_from_us, w_until_us, w_floor, w_ceiling, at, by,
):  # fmt: skip
    """Collect the fractions of a step at which being inside may change, in order, see `edges.put_in_order`.

    ``may_meet`` False: the step meets no edge.
    """
    count = 0
    span_us = until_us - from_us
    if not may_meet:
        pass
    elif kind == AREA:
        pieces = pieces_of(x0, y0, z0, x1, y1, z1, lat_a)
        p_lat, p_lon, u0 = lat_a, lon_a, 0.0
        for n in range(pieces):
            u1 = (n + 1) / pieces
            if n + 1 == pieces:
                q_lat, q_lon = lat_b, lon_b
            else:
                q_lat, q_lon = surface_position(x0 + (x1 - x0) * u1, y0 + (y1 - y0) * u1, z0 + (z1 - z0) * u1)
            at, by, count = put_crossings(
                p_lon, p_lat, q_lon, q_lat, lon0, lat0, lon1, lat1, box, u0, u1, EDGE, at, by, count
            )
            p_lat, p_lon, u0 = q_lat, q_lon, u1
    elif kind == CIRCLE:
        cx, cy, cz = surface_point(lat0[0], lon0[0])
        dx, dy, dz = x0 - cx, y0 - cy, z0 - cz
        ex, ey, ez = x1 - x0, y1 - y0, z1 - z0
        a = ex * ex + ey * ey + ez * ez
        b = dx * ex + dy * ey + dz * ez
        c0 = dx * dx + dy * dy + dz * dz - radius_m * radius_m
        discriminant = b * b - a * c0
        if a > 0.0 and discriminant > 0.0:
            q = -b - math.sqrt(discriminant) if b > 0.0 else -b + math.sqrt(discriminant)
            for e in range(2):
                if e == 0 or q != 0.0:
                    u = q / a if e == 0 else c0 / q
                    u = _lifted_root(x0, y0, z0, x1, y1, z1, u, cx, cy, cz, radius_m)
                    at, by, count = _put_event(at, by, count, u, EDGE)
    else:
        at, by, count = _corridor_events(
            x0, y0, z0, x1, y1, z1, lat_a, kind, radius_m, lon0, lat0, lon1, lat1, ball, box, at, by, count
        )
    for w in range(first_window(w_until_us, from_us), w_from_us.size):
        if w_from_us[w] > until_us:
            break
        if span_us > 0:
            at, by, count = _put_event(at, by, count, (w_from_us[w] - from_us) / span_us, SCHEDULE)
            at, by, count = _put_event(at, by, count, (w_until_us[w] - from_us) / span_us, SCHEDULE)
        if h1 != h0:
            at, by, count = _put_event(at, by, count, (w_floor[w] - h0) / (h1 - h0), FLOOR)
            at, by, count = _put_event(at, by, count, (w_ceiling[w] - h0) / (h1 - h0), CEILING)
    return at, by, count


@formula
def _lifted_root(x0, y0, z0, x1, y1, z1, u, cx, cy, cz, radius_m):
    """Return where a step meets a circle, from where its chord below the surface does: one Newton step."""
    x, y, z = lifted(x0 + (x1 - x0) * u, y0 + (y1 - y0) * u, z0 + (z1 - z0) * u)
    dx, dy, dz = x - cx, y - cy, z - cz
    rate = 2.0 * (dx * (x1 - x0) + dy * (y1 - y0) + dz * (z1 - z0))
    beyond = dx * dx + dy * dy + dz * dz - radius_m * radius_m
    # Where the circle is grazed the rate is near 0, and the step would lead anywhere.
    return u - beyond / rate if abs(beyond) < 0.01 * abs(rate) else u


@formula
def _is_in(
    x,
    y,
    z,
    h,
    when_us,
    kind,
    radius_m,
    lon0,
    lat0,
    lon1,
    lat1,
    ball,
    box,
    w_from_us,
    w_until_us,
    w_floor,
    w_ceiling,
):
    """Return whether a point is inside the volume at an instant; how deep in the figure; how far from a level."""
    w = _window(w_from_us, w_until_us, when_us)
    if w < 0 or not (w_floor[w] < h < w_ceiling[w]):
        return False, 0.0, 0.0
    deep_m = depth_m(x, y, z, kind, radius_m, lon0, lat0, lon1, lat1, ball, box)
    return deep_m > 0.0, deep_m, min(h - w_floor[w], w_ceiling[w] - h)


@formula
def _is_block_out(
    block, t_us, lat_deg, lon_deg, begin, end, lowest, highest, kind, radius_m, lon0, lat0, lon1, lat1, ball, box,
    w_from_us, w_until_us,
):  # fmt: skip
    """Return whether no step of a block, samples ``begin`` to ``end``, can be inside the volume; if in doubt, not."""
    if block[HIGHEST] <= lowest or block[LOWEST] >= highest:
        return True
    if is_block_far(block, radius_m, lon0, lat0, lon1, lat1, ball):
        if kind not in (AREA, GROWN_AREA):
            return True
        # Who is far from all edges of an area is inside it with the whole block, or with nothing of it.
        if not is_inside(lon_deg[begin], lat_deg[begin], lon0, lat0, lon1, lat1, box):
            return True
    w = first_window(w_until_us, t_us[begin])
    return w == w_from_us.size or w_from_us[w] > t_us[end]


@formula
def penetrations(
    t_us, lat_deg, lon_deg, altitude, first, stop, block, kind, radius_m, low_lon, low_lat, high_lon, high_lat,
    lon0, lat0, lon1, lat1, ball, box, w_from_us, w_until_us, w_floor, w_ceiling, out,
):  # fmt: skip
    """Find the stretches of one leg inside a volume; return how many there are.

    Args:
        t_us, lat_deg, lon_deg, altitude: samples of all legs; the altitude's unit is that of the levels.
        first, stop: the rows of the leg.
        block: the leg's blocks, see `blocks`.
        kind: AREA, CIRCLE, ROUND_CORRIDOR, FLAT_CORRIDOR, or GROWN_AREA: an area and what is within ``radius_m``.
        radius_m: of a circle; half the width of a corridor.
        low_lon, low_lat, high_lon, high_lat: a box that holds the figure; degrees.
        lon0, lat0, lon1, lat1, ball, box: the figure, see `edges`.
        w_from_us, w_until_us, w_floor, w_ceiling: (w,) windows of time, half open, in order, not overlapping,
            on the clock of the legs; -inf and inf where there is no limit.
        out: (k, PENETRATION_WIDTH) float64, filled while there is room.
    """
    found = 0
    at, by = np.empty(EVENTS), np.empty(EVENTS, np.int64)
    lowest, highest = np.inf, -np.inf
    for w in range(w_from_us.size):
        lowest, highest = min(lowest, w_floor[w]), max(highest, w_ceiling[w])
    is_past = False
    if stop - first == 1:
        x0, y0, z0 = surface_point(lat_deg[first], lon_deg[first])
        is_past, deep_m, deep_ft = _is_in(
            x0, y0, z0, altitude[first], t_us[first], kind, radius_m, lon0, lat0, lon1, lat1, ball, box,
            w_from_us, w_until_us, w_floor, w_ceiling,
        )  # fmt: skip
        if is_past:
            _enter(out, found, t_us[first], HEARD, lat_deg[first], lon_deg[first])
            _deepen(out, found, t_us[first], deep_m, deep_ft, x0, y0, z0, altitude[first])
    is_known = False  # how deep sample i is
    p, x0, y0, z0 = 0.0, 0.0, 0.0, 0.0
    i = first - 1
    while i < stop - 2:
        i += 1
        j = i + 1
        if (i - first) % STEPS == 0 and not is_past and _is_block_out(
            block[(i - first) // STEPS], t_us, lat_deg, lon_deg, i, min(i + STEPS, stop - 1), lowest, highest, kind,
            radius_m, lon0, lat0, lon1, lat1, ball, box, w_from_us, w_until_us,
        ):  # fmt: skip
            is_known = False
            i += STEPS - 1
            continue
        if not is_past and (
            is_step_off(lat_deg[i], lon_deg[i], lat_deg[j], lon_deg[j], low_lon, low_lat, high_lon, high_lat)
            or max(altitude[i], altitude[j]) <= lowest
            or min(altitude[i], altitude[j]) >= highest
        ):
            is_known = False
            continue
        if not is_known:
            x0, y0, z0 = surface_point(lat_deg[i], lon_deg[i])
            p = depth_m(x0, y0, z0, kind, radius_m, lon0, lat0, lon1, lat1, ball, box)
            is_known = True
        h0, h1 = altitude[i], altitude[j]
        span_us = t_us[j] - t_us[i]
        if i == first:
            w = _window(w_from_us, w_until_us, t_us[i])
            if w >= 0 and w_floor[w] < h0 < w_ceiling[w] and p > 0.0:
                _enter(out, found, t_us[i], HEARD, lat_deg[i], lon_deg[i])
                _deepen(out, found, t_us[i], p, min(h0 - w_floor[w], w_ceiling[w] - h0), x0, y0, z0, h0)
                is_past = True
        x1, y1, z1 = surface_point(lat_deg[j], lon_deg[j])
        # The depth changes no faster than the aircraft moves, so a step may be too short to meet an edge.
        q = depth_m(x1, y1, z1, kind, radius_m, lon0, lat0, lon1, lat1, ball, box)
        length_m = math.sqrt((x1 - x0) ** 2 + (y1 - y0) ** 2 + (z1 - z0) ** 2)
        may_meet = (p > 0.0) != (q > 0.0) or abs(p) + abs(q) < length_m * 1.000001 + NEAR_M
        if not may_meet and p <= 0.0 and not is_past:
            p, x0, y0, z0 = q, x1, y1, z1
            continue
        at, by, count = _events(
            may_meet, x0, y0, z0, x1, y1, z1, lat_deg[i], lon_deg[i], lat_deg[j], lon_deg[j], h0, h1, t_us[i], t_us[j],
            kind, radius_m, lon0, lat0, lon1, lat1, ball, box, w_from_us, w_until_us, w_floor, w_ceiling, at, by,
        )  # fmt: skip
        for c in range(count + 1):
            low = 0.0 if c == 0 else at[c - 1]
            high = 1.0 if c == count else at[c]
            if high == low:
                continue
            u = 0.5 * (low + high)
            x, y, z = x0 + (x1 - x0) * u, y0 + (y1 - y0) * u, z0 + (z1 - z0) * u
            inside, deep_m, deep_ft = _is_in(
                x, y, z, h0 + (h1 - h0) * u, t_us[i] + u * span_us, kind, radius_m, lon0, lat0, lon1, lat1,
                ball, box, w_from_us, w_until_us, w_floor, w_ceiling,
            )  # fmt: skip
            if inside != is_past:
                if c > 0:
                    cause = by[c - 1]
                else:
                    cause = _cause_at(h0, t_us[i], u * span_us, w_from_us, w_until_us, w_floor, w_ceiling)
                bx, by_, bz = x0 + (x1 - x0) * low, y0 + (y1 - y0) * low, z0 + (z1 - z0) * low
                lat, lon = surface_position(bx, by_, bz)
                if inside:
                    _enter(out, found, t_us[i] + low * span_us, cause, lat, lon)
                else:
                    _leave(out, found, t_us[i] + low * span_us, cause, lat, lon)
                    found += 1
                is_past = inside
            if inside:
                _deepen(out, found, t_us[i] + u * span_us, deep_m, deep_ft, x, y, z, h0 + (h1 - h0) * u)
                _deepest_in(
                    out, found, low, high, x0, y0, z0, x1, y1, z1, h0, h1, t_us[i], span_us, kind, radius_m,
                    lon0, lat0, lon1, lat1, ball, box, w_from_us, w_until_us, w_floor, w_ceiling,
                )  # fmt: skip
        p, x0, y0, z0 = q, x1, y1, z1
    if is_past:
        last = stop - 1
        _leave(out, found, t_us[last], HEARD, lat_deg[last], lon_deg[last])
        found += 1
    return found


@formula
def _cause_at(h, when_us, later_us, w_from_us, w_until_us, w_floor, w_ceiling):
    """Return what an aircraft passed at the very instant of a sample."""
    before = _window(w_from_us, w_until_us, when_us - 0.5)
    after = _window(w_from_us, w_until_us, when_us + later_us)
    if before != after:
        return SCHEDULE
    if after >= 0 and h <= w_floor[after]:
        return FLOOR
    if after >= 0 and h >= w_ceiling[after]:
        return CEILING
    return EDGE


@formula
def _deepest_in(
    out, found, low, high, x0, y0, z0, x1, y1, z1, h0, h1, from_us, span_us, kind, radius_m,
    lon0, lat0, lon1, lat1, ball, box, w_from_us, w_until_us, w_floor, w_ceiling,
):  # fmt: skip
    """Note the greatest depth between two events of a step.

    The way is halved for as long as half of it may be deeper, see `steps`; in a corridor until one edge is nearest
    to a piece: there the depth has one peak, which both ends show.
    """
    length_m = math.sqrt((x1 - x0) ** 2 + (y1 - y0) ** 2 + (z1 - z0) ** 2) * (high - low)
    # The levels are those of the stretch between the events: half way, not at its very end.
    w = _window(w_from_us, w_until_us, from_us + 0.5 * (low + high) * span_us)
    floor, ceiling = (w_floor[w], w_ceiling[w]) if w >= 0 else (0.0, 0.0)
    if (
        h1 != h0 and np.isfinite(floor) and np.isfinite(ceiling)
    ):  # farthest from both is half way between them
        u = (0.5 * (floor + ceiling) - h0) / (h1 - h0)
        if low < u < high:
            _deepen_ft(out, found, from_us + u * span_us, 0.5 * (ceiling - floor))
    p_m, p_k = 0.0, 0
    last_m, last_k = 0.0, 0
    for e in range(2):
        u = low if e == 0 else high
        x, y, z, h = x0 + (x1 - x0) * u, y0 + (y1 - y0) * u, z0 + (z1 - z0) * u, h0 + (h1 - h0) * u
        last_m, last_k = _depth_and_edge(x, y, z, kind, radius_m, lon0, lat0, lon1, lat1, ball, box)
        if e == 0:
            p_m, p_k = last_m, last_k
        _deepen(
            out, found, from_us + u * span_us, max(last_m, 0.0), max(min(h - floor, ceiling - h), 0.0), x, y, z, h
        )  # fmt: skip
    if found >= out.shape[0] or 0.5 * (p_m + last_m + length_m) <= out[found, DEPTH_M]:
        return
    if kind == CIRCLE:
        u = _deepest_share(
            x0, y0, z0, x1, y1, z1, low, high, kind, radius_m, lon0, lat0, lon1, lat1, ball, box
        )
        x, y, z, h = x0 + (x1 - x0) * u, y0 + (y1 - y0) * u, z0 + (z1 - z0) * u, h0 + (h1 - h0) * u
        deep_m = depth_m(x, y, z, kind, radius_m, lon0, lat0, lon1, lat1, ball, box)
        _deepen(out, found, from_us + u * span_us, deep_m, min(h - floor, ceiling - h), x, y, z, h)
        return
    n, level = 0, 0  # part n of 2^level
    while True:
        share = 0.5**level
        u = low + (high - low) * (n + 1) * share
        x, y, z, h = x0 + (x1 - x0) * u, y0 + (y1 - y0) * u, z0 + (z1 - z0) * u, h0 + (h1 - h0) * u
        q_m, q_k = _depth_and_edge(x, y, z, kind, radius_m, lon0, lat0, lon1, lat1, ball, box)
        _deepen(out, found, from_us + u * span_us, q_m, min(h - floor, ceiling - h), x, y, z, h)
        part_m = length_m * share
        if kind == AREA:
            is_open = may_be_deeper(p_m, q_m, p_k == q_k, part_m, out[found, DEPTH_M], x0, y0, z0)
        else:
            is_open = 0.5 * (p_m + q_m + part_m) > out[found, DEPTH_M] + PRECISE_M
            if is_open and p_k == q_k and part_m <= PIECE_M:
                is_open = False
                a = low + (high - low) * n * share
                if _rises_inward(
                    x0, y0, z0, x1, y1, z1, a, u, p_m, q_m, part_m, kind, radius_m,
                    lon0, lat0, lon1, lat1, ball, box,
                ):  # fmt: skip
                    v = _deepest_share(
                        x0, y0, z0, x1, y1, z1, a, u, kind, radius_m, lon0, lat0, lon1, lat1, ball, box
                    )
                    x, y, z, h = (
                        x0 + (x1 - x0) * v,
                        y0 + (y1 - y0) * v,
                        z0 + (z1 - z0) * v,
                        h0 + (h1 - h0) * v,
                    )
                    deep_m = depth_m(x, y, z, kind, radius_m, lon0, lat0, lon1, lat1, ball, box)
                    _deepen(
                        out, found, from_us + v * span_us, deep_m, min(h - floor, ceiling - h), x, y, z, h
                    )
        if is_open:
            n, level = 2 * n, level + 1
            continue
        p_m, p_k = q_m, q_k
        n, level = next_part(n, level)
        if level == 0:
            return


@formula
def _rises_inward(
    x0, y0, z0, x1, y1, z1, low, high, p_m, q_m, length_m, kind, radius_m, lon0, lat0, lon1, lat1, ball, box
):  # fmt: skip
    """Return whether the depth grows from both ends of a part of a step."""
    nudge = min(NUDGE_M / length_m, 0.25) * (high - low)
    u = low + nudge
    after_m = depth_m(
        x0 + (x1 - x0) * u, y0 + (y1 - y0) * u, z0 + (z1 - z0) * u, kind, radius_m,
        lon0, lat0, lon1, lat1, ball, box,
    )  # fmt: skip
    if after_m <= p_m:
        return False
    u = high - nudge
    before_m = depth_m(
        x0 + (x1 - x0) * u, y0 + (y1 - y0) * u, z0 + (z1 - z0) * u, kind, radius_m,
        lon0, lat0, lon1, lat1, ball, box,
    )  # fmt: skip
    return before_m > q_m


@formula
def _deepest_share(x0, y0, z0, x1, y1, z1, low, high, kind, radius_m, lon0, lat0, lon1, lat1, ball, box):
    """Return where between two fractions of a step the depth is greatest: by formula for a circle."""
    if kind == CIRCLE:
        cx, cy, cz = surface_point(lat0[0], lon0[0])
        ex, ey, ez = x1 - x0, y1 - y0, z1 - z0
        squared = ex * ex + ey * ey + ez * ez
        if squared == 0.0:
            return low
        return min(max(((cx - x0) * ex + (cy - y0) * ey + (cz - z0) * ez) / squared, low), high)
    a, b = low, high
    for _ in range(SEARCHES):
        c, d = b - (b - a) * GOLDEN, a + (b - a) * GOLDEN
        fc = depth_m(
            x0 + (x1 - x0) * c, y0 + (y1 - y0) * c, z0 + (z1 - z0) * c, kind, radius_m,
            lon0, lat0, lon1, lat1, ball, box,
        )  # fmt: skip
        fd = depth_m(
            x0 + (x1 - x0) * d, y0 + (y1 - y0) * d, z0 + (z1 - z0) * d, kind, radius_m,
            lon0, lat0, lon1, lat1, ball, box,
        )  # fmt: skip
        if fc >= fd:
            b = d
        else:
            a = c
    return 0.5 * (a + b)


@formula
def _enter(out, found, t_us, entered, lat, lon):
    if found < out.shape[0]:
        row = out[found]
        row[T_IN_US], row[ENTERED], row[IN_LAT_DEG], row[IN_LON_DEG] = t_us, entered, lat, lon
        row[DEPTH_M], row[DEPTH_FT] = -1.0, -1.0


@formula
def _leave(out, found, t_us, left, lat, lon):
    if found < out.shape[0]:
        row = out[found]
        row[T_OUT_US], row[LEFT_BY], row[OUT_LAT_DEG], row[OUT_LON_DEG] = t_us, left, lat, lon


@formula
def _deepen(out, found, t_us, deep_m, deep_ft, x, y, z, altitude):
    if found >= out.shape[0]:
        return
    row = out[found]
    if deep_m > row[DEPTH_M]:
        row[DEPTH_M], row[T_DEEPEST_US], row[ALTITUDE] = deep_m, t_us, altitude
        row[DEEPEST_LAT_DEG], row[DEEPEST_LON_DEG] = surface_position(x, y, z)
    _deepen_ft(out, found, t_us, deep_ft)


@formula
def _deepen_ft(out, found, t_us, deep_ft):
    if found < out.shape[0] and deep_ft > out[found, DEPTH_FT]:
        out[found, DEPTH_FT], out[found, T_DEPTH_FT_US] = deep_ft, t_us


@columns
def find_penetrations(
    t_us, lat_deg, lon_deg, altitude, leg_first, block_first, block, legs, kind, radius_m,
    low_lon, low_lat, high_lon, high_lat, lon0, lat0, lon1, lat1, ball, box,
    w_from_us, w_until_us, w_floor, w_ceiling, room,
):  # fmt: skip
    """Find the stretches of some legs inside a volume.

    Args:
        block_first, block: the blocks of all legs, see `blocks`.
        legs: (m,) which legs.
        room: how many stretches of a leg are kept.
        Others: as in `penetrations`.
    Returns:
        How many there are, (m,) int64; the first ``room`` of each, (m, room, PENETRATION_WIDTH).
    """
    count = np.empty(legs.size, np.int64)
    out = np.empty((legs.size, room, PENETRATION_WIDTH))
    for i in prange(legs.size):
        leg = legs[i]
        count[i] = penetrations(
            t_us, lat_deg, lon_deg, altitude, leg_first[leg], leg_first[leg + 1],
            block[block_first[leg] : block_first[leg + 1]], kind, radius_m, low_lon, low_lat, high_lon, high_lat,
            lon0, lat0, lon1, lat1, ball, box, w_from_us, w_until_us, w_floor, w_ceiling, out[i],
        )  # fmt: skip
    return count, out

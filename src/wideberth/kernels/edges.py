"""Where a point is from a figure whose edges are straight in lon/lat: nearest point, side, inside or not.

A figure comes as columns of k edges, lon/lat in degrees from (lon0, lat0) to (lon1, lat1), in order; longitudes
go on across the antimeridian.  Edges come in groups of `GROUP`, each with a ball (Earth-centred centre and
radius, metres) and a box (degrees) around it, so that a long river is not walked along for every point.

Distances are chords between the surface point of the one and the nearest surface point of the figure: a point on
the way between two samples, below the surface by up to 6 m after a minute, is lifted first.  The foot on
an edge is found by Newton's steps on the squared chord, its second derivative that of a sphere: three or four.

Source: docs/formulas.md#lines-and-areas.
"""

from __future__ import annotations

import math

import numpy as np

from wideberth.kernels._jit import columns, formula, prange
from wideberth.kernels.geodesy import ECCENTRICITY_SQUARED, SEMI_MAJOR_M, SEMI_MINOR_M, surface_point

GROUP = 16
ROUNDS = 8
SETTLED_M = 1e-6  # what a further step would change is far less: each leaves less than a thousandth
LEFT, RIGHT = 1.0, -1.0
DISTANCE_M, SIDE, IS_BESIDE = range(3)
LOOK_WIDTH = 3


@formula
def wrapped(lon_deg, near_deg):
    """Return a longitude turned by whole circles until it is within 180° of another."""
    return lon_deg + 360.0 * np.rint((near_deg - lon_deg) / 360.0)


@formula
def foot(x, y, z, lon0, lat0, lon1, lat1):
    """Return where on an edge the nearest point to (x, y, z) is, 0 to 1, and how far away, metres."""
    dlon = lon1 - lon0
    dlat = lat1 - lat0
    share = 0.5
    px, py, pz = 0.0, 0.0, 0.0
    for _ in range(ROUNDS):
        lon = math.radians(lon0 + dlon * share)
        lat = math.radians(lat0 + dlat * share)
        sin_lat, cos_lat = math.sin(lat), math.cos(lat)
        sin_lon, cos_lon = math.sin(lon), math.cos(lon)
        w = 1.0 - ECCENTRICITY_SQUARED * sin_lat * sin_lat
        n = SEMI_MAJOR_M / math.sqrt(w)
        m = n * (1.0 - ECCENTRICITY_SQUARED) / w
        px, py, pz = n * cos_lat * cos_lon, n * cos_lat * sin_lon, n * (1.0 - ECCENTRICITY_SQUARED) * sin_lat
        east = n * cos_lat * math.radians(dlon)
        north = m * math.radians(dlat)
        # The tangent of the edge, by share.
        tx = -sin_lon * east - sin_lat * cos_lon * north
        ty = cos_lon * east - sin_lat * sin_lon * north
        tz = cos_lat * north
        squared = tx * tx + ty * ty + tz * tz
        if squared == 0.0:
            break
        # How the tangent turns, on a sphere as large: with it a step is Newton's, without it Gauss-Newton's.
        turn, sink = math.radians(dlon), math.radians(dlat)
        to_east = -2.0 * n * sin_lat * turn * sink
        to_north = n * sin_lat * cos_lat * turn * turn
        to_up = -n * cos_lat * cos_lat * turn * turn - m * sink * sink
        dx, dy, dz = x - px, y - py, z - pz
        bent = (
            to_east * (dy * cos_lon - dx * sin_lon)
            + to_north * (dz * cos_lat - (dx * cos_lon + dy * sin_lon) * sin_lat)
            + to_up * ((dx * cos_lon + dy * sin_lon) * cos_lat + dz * sin_lat)
        )
        step = (dx * tx + dy * ty + dz * tz) / max(squared - bent, 0.5 * squared)
        better = min(max(share + step, 0.0), 1.0)
        moved = better - share
        share = better
        if moved * moved * squared < SETTLED_M * SETTLED_M:
            break
    px, py, pz = surface_point(lat0 + dlat * share, lon0 + dlon * share)
    return share, math.sqrt((x - px) ** 2 + (y - py) ** 2 + (z - pz) ** 2)


@formula
def lifted(x, y, z):
    """Return the surface point above (or below) an Earth-centred point near the surface.

    Two Newton steps along the normal, each off by the square of what it moves over twice Earth's radius.
    """
    for _ in range(2):
        gx, gy, gz = x / SEMI_MAJOR_M**2, y / SEMI_MAJOR_M**2, z / SEMI_MINOR_M**2
        step = 0.5 * (1.0 - x * gx - y * gy - z * gz) / (gx * gx + gy * gy + gz * gz)
        x, y, z = x + gx * step, y + gy * step, z + gz * step
    return x, y, z


@formula
def bend_m(length_m, x, y, z):
    """Return a bound of how far a straight way and an edge straight in lon/lat, both so long, leave a common chord.

    L² (1 + tan φ) / 8R is twice what occurs along a parallel of latitude, where it is most.
    """
    return length_m * length_m * (1.0 + abs(z) / max(math.hypot(x, y), 1.0)) / (4.0 * SEMI_MAJOR_M)


@formula
def end_tangent(e, lon0, lat0, lon1, lat1):
    """Return an end of a line, Earth-centred, and the unit vector along the line from there; e is 0 or 1."""
    k = 0 if e == 0 else lon0.size - 1
    lon, lat = (lon0[k], lat0[k]) if e == 0 else (lon1[k], lat1[k])
    sign = 1.0 if e == 0 else -1.0
    phi, lam = math.radians(lat), math.radians(lon)
    sin_lat, cos_lat, sin_lon, cos_lon = math.sin(phi), math.cos(phi), math.sin(lam), math.cos(lam)
    w = 1.0 - ECCENTRICITY_SQUARED * sin_lat * sin_lat
    east = sign * cos_lat * (lon1[k] - lon0[k])
    north = sign * (1.0 - ECCENTRICITY_SQUARED) / w * (lat1[k] - lat0[k])
    length = math.sqrt(east * east + north * north)
    east, north = east / length, north / length
    ex, ey, ez = surface_point(lat, lon)
    tx = -sin_lon * east - sin_lat * cos_lon * north
    ty = cos_lon * east - sin_lat * sin_lon * north
    return ex, ey, ez, tx, ty, cos_lat * north


@formula
def nearest(x, y, z, lon0, lat0, lon1, lat1, ball):
    """Return the nearest edge, where on it, and how far away; the first of several equally near."""
    x, y, z = lifted(x, y, z)
    best_m = np.inf
    best = -1
    best_share = 0.0
    for g in range(ball.shape[0]):
        away_m = math.sqrt((x - ball[g, 0]) ** 2 + (y - ball[g, 1]) ** 2 + (z - ball[g, 2]) ** 2)
        if away_m - ball[g, 3] > best_m:
            continue
        for k in range(g * GROUP, min((g + 1) * GROUP, lon0.size)):
            share, distance_m = foot(x, y, z, lon0[k], lat0[k], lon1[k], lat1[k])
            if distance_m < best_m:
                best_m = distance_m
                best = k
                best_share = share
    return best, best_share, best_m


@formula
def side_of(lat, lon, k, share, lon0, lat0, lon1, lat1):
    """Return LEFT or RIGHT of a line for a point whose nearest point is at ``share`` of edge k; 0 on the line.

    At a vertex both edges decide together: left of both where the line turns left, of either where it turns right.
    """
    other = -1
    if share == 0.0 and k > 0:
        other = k - 1
    elif share == 1.0 and k < lon0.size - 1:
        other = k + 1
    if other >= 0:
        before, after = min(k, other), max(k, other)
        scale = math.cos(math.radians(lat1[before]))
        turn = (lon1[before] - lon0[before]) * scale * (lat1[after] - lat0[after]) - (
            lat1[before] - lat0[before]
        ) * (lon1[after] - lon0[after]) * scale
        here = _across(lat, lon, before, lon0, lat0, lon1, lat1)
        there = _across(lat, lon, after, lon0, lat0, lon1, lat1)
        across = min(here, there) if turn > 0.0 else max(here, there)
    else:
        across = _across(lat, lon, k, lon0, lat0, lon1, lat1)
    return LEFT if across > 0.0 else RIGHT if across < 0.0 else 0.0


@formula
def _across(lat, lon, k, lon0, lat0, lon1, lat1):
    """Return a number above 0 for a point left of edge k, lengthened; below 0 right of it."""
    x = wrapped(lon, 0.5 * (lon0[k] + lon1[k])) - lon0[k]
    return (lon1[k] - lon0[k]) * (lat - lat0[k]) - (lat1[k] - lat0[k]) * x


@formula
def is_end(k, share, edges):
    """Return whether a nearest point is one of the two ends of a line."""
    return (k == 0 and share == 0.0) or (k == edges - 1 and share == 1.0)


@columns
def looks(lat, lon, lon0, lat0, lon1, lat1, ball, box):
    """Return for each point where it is from a line, (n, LOOK_WIDTH): distance, side, beside."""
    out = np.empty((lat.size, LOOK_WIDTH))
    for i in prange(lat.size):
        x, y, z = surface_point(lat[i], lon[i])
        k, share, distance_m = nearest(x, y, z, lon0, lat0, lon1, lat1, ball)
        out[i, DISTANCE_M] = distance_m
        out[i, SIDE] = side_of(lat[i], lon[i], k, share, lon0, lat0, lon1, lat1)
        out[i, IS_BESIDE] = 0.0 if is_end(k, share, lon0.size) else 1.0
    return out


@formula
def put_in_order(at, by, count, u, cause):
    """Enter an instant and what happens then among those of a step, in order.

    Args:
        at: (n,) float64, fractions of the step, the first ``count`` of them in use.
        by: (n,) int64, their causes.
        count: how many there are.
        u, cause: what is entered.
    Returns:
        ``at`` and ``by``, of twice the size where they were full, and how many there are now.
    """
    if count == at.size:
        more_at, more_by = np.empty(2 * count), np.empty(2 * count, np.int64)
        more_at[:count], more_by[:count] = at, by
        at, by = more_at, more_by
    k = count
    while k > 0 and at[k - 1] > u:
        at[k], by[k] = at[k - 1], by[k - 1]
        k -= 1
    at[k], by[k] = u, cause
    return at, by, count + 1


@formula
def put_crossings(
    p_lon, p_lat, q_lon, q_lat, lon0, lat0, lon1, lat1, box, low, high, cause, at, by, count
):  # fmt: skip
    """Enter where the straight way in lon/lat from p to q meets edges, see `put_in_order`.

    Args:
        p_lon, p_lat, q_lon, q_lat: the two ends, less than 180° of longitude apart.
        lon0, lat0, lon1, lat1, box: a figure.
        low, high: the fractions of the step that p and q are at.
        cause, at, by, count: as in `put_in_order`.
    """
    q_lon = wrapped(q_lon, p_lon)
    low_lat, high_lat = min(p_lat, q_lat), max(p_lat, q_lat)
    rx, ry = q_lon - p_lon, q_lat - p_lat
    for g in range(box.shape[0]):
        if high_lat < box[g, 1] or low_lat > box[g, 3]:
            continue
        turn = wrapped(p_lon, 0.5 * (box[g, 0] + box[g, 2])) - p_lon
        if max(p_lon, q_lon) + turn < box[g, 0] or min(p_lon, q_lon) + turn > box[g, 2]:
            continue
        for k in range(g * GROUP, min((g + 1) * GROUP, lon0.size)):
            sx, sy = lon1[k] - lon0[k], lat1[k] - lat0[k]
            cross = rx * sy - ry * sx
            if cross == 0.0:
                continue
            wx, wy = lon0[k] - (p_lon + turn), lat0[k] - p_lat
            u = (wx * sy - wy * sx) / cross
            v = (wx * ry - wy * rx) / cross
            if 0.0 <= u <= 1.0 and 0.0 <= v <= 1.0:
                at, by, count = put_in_order(at, by, count, low + (high - low) * u, cause)
    return at, by, count


@formula
def is_inside(lon, lat, lon0, lat0, lon1, lat1, box):
    """Return whether a point is inside rings, by how many edges a ray to the north meets (even-odd).

    Holes are rings like the outer one.
    """
    inside = False
    for g in range(box.shape[0]):
        x = wrapped(lon, 0.5 * (box[g, 0] + box[g, 2]))
        if lat > box[g, 3] or x < box[g, 0] or x > box[g, 2]:
            continue
        for k in range(g * GROUP, min((g + 1) * GROUP, lon0.size)):
            if (lon0[k] > x) != (lon1[k] > x):
                at_lat = lat0[k] + (x - lon0[k]) / (lon1[k] - lon0[k]) * (lat1[k] - lat0[k])
                if at_lat > lat:
                    inside = not inside
    return inside

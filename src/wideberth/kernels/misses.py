"""How near to a volume a moving aircraft came that did not enter it.

At an instant it is h metres outside the figure, 0 within it, and v feet outside the levels, 0 within them.  How near
it was is the least of max(h / near_m, v / near_ft) over the time in which the volume holds: below 1 within the
volume grown by both.  The edge governs where h / near_m is the greater, else the floor or the ceiling.

h changes no faster than the aircraft moves, and v is linear but at the levels: a step is halved for as long as half
of it may be nearer than what is known.

Source: docs/formulas.md#lines-and-areas.
"""

from __future__ import annotations

import math

import numpy as np

from wideberth.kernels._jit import columns, formula, prange
from wideberth.kernels.blocks import HIGHEST, LOWEST, STEPS, is_block_far
from wideberth.kernels.edges import is_inside
from wideberth.kernels.geodesy import surface_point, surface_position
from wideberth.kernels.steps import first_window, is_step_off, next_part, step_at
from wideberth.kernels.zones import AREA, CEILING, EDGE, FLOOR, GROWN_AREA, depth_m

NEARNESS, T_US, OUTSIDE_M, OUTSIDE_FT, LAT_DEG, LON_DEG, ALTITUDE, FACE = range(8)
MISS_WIDTH = 8

EXACT_M = 0.01  # by so much the least distance may be missed
EXACT_FT = 0.01
MOST_LEVELS = 40


@formula
def _outside_ft(low_ft, high_ft, floor, ceiling):
    """Return how far altitudes between two are outside the levels at least."""
    return max(floor - high_ft, low_ft - ceiling, 0.0)


@formula
def _look(
    row, when_us, x, y, z, h, kind, radius_m, lon0, lat0, lon1, lat1, ball, box, floor, ceiling, near_m, near_ft
):  # fmt: skip
    """Note a point if none was nearer; return how far outside the figure it is."""
    outside_m = max(-depth_m(x, y, z, kind, radius_m, lon0, lat0, lon1, lat1, ball, box), 0.0)
    outside_ft = _outside_ft(h, h, floor, ceiling)
    nearness = max(outside_m / near_m, outside_ft / near_ft)
    # At one level above a place, nothing is nearer than the rest: the instant right above is told.
    if nearness < row[NEARNESS] or (nearness == row[NEARNESS] and outside_m < row[OUTSIDE_M]):
        row[NEARNESS], row[T_US], row[OUTSIDE_M], row[OUTSIDE_FT] = nearness, when_us, outside_m, outside_ft
        row[LAT_DEG], row[LON_DEG] = surface_position(x, y, z)
        row[ALTITUDE] = h
        row[FACE] = EDGE if outside_m / near_m >= outside_ft / near_ft else FLOOR if h <= floor else CEILING
    return outside_m


@formula
def _nearest_in(
    row, low, high, x0, y0, z0, x1, y1, z1, h0, h1, from_us, span_us, kind, radius_m,
    lon0, lat0, lon1, lat1, ball, box, floor, ceiling, near_m, near_ft,
):  # fmt: skip
    """Note the nearest instant between two fractions of a step."""
    length_m = math.sqrt((x1 - x0) ** 2 + (y1 - y0) ** 2 + (z1 - z0) ** 2) * (high - low)
    exact = min(EXACT_M / near_m, EXACT_FT / near_ft)
    p_m = _look(
        row, from_us + span_us * low, x0 + (x1 - x0) * low, y0 + (y1 - y0) * low, z0 + (z1 - z0) * low,
        h0 + (h1 - h0) * low, kind, radius_m, lon0, lat0, lon1, lat1, ball, box, floor, ceiling, near_m, near_ft,
    )  # fmt: skip
    n, level = 0, 0  # part n of 2^level
    while True:
        share = 0.5**level
        u = low + (high - low) * n * share
        v = low + (high - low) * (n + 1) * share
        p_ft, q_ft = h0 + (h1 - h0) * u, h0 + (h1 - h0) * v
        q_m = _look(
            row, from_us + span_us * v, x0 + (x1 - x0) * v, y0 + (y1 - y0) * v, z0 + (z1 - z0) * v,
            q_ft, kind, radius_m, lon0, lat0, lon1, lat1, ball, box, floor, ceiling, near_m, near_ft,
        )  # fmt: skip
        least_m = 0.5 * (p_m + q_m - length_m * share)
        least_ft = _outside_ft(min(p_ft, q_ft), max(p_ft, q_ft), floor, ceiling)
        least = max(least_m / near_m, least_ft / near_ft)
        is_open = least < row[NEARNESS] - exact
        if not is_open and least <= row[NEARNESS]:
            is_open = (
                least_m < row[OUTSIDE_M] - EXACT_M and row[OUTSIDE_M] / near_m < row[OUTSIDE_FT] / near_ft
            )
        if is_open and level < MOST_LEVELS:
            n, level = 2 * n, level + 1
            continue
        p_m = q_m
        n, level = next_part(n, level)
        if level == 0:
            return


@formula
def _is_block_off(
    block, lat, lon, lowest, highest, kind, radius_m, near_m, lon0, lat0, lon1, lat1, ball, box
):  # fmt: skip
    """Return whether a block, in which (lat, lon) is, cannot come near the volume; if in doubt, not."""
    if block[HIGHEST] <= lowest or block[LOWEST] >= highest:
        return True
    if not is_block_far(block, radius_m + near_m, lon0, lat0, lon1, lat1, ball):
        return False
    return kind not in (AREA, GROWN_AREA) or not is_inside(lon, lat, lon0, lat0, lon1, lat1, box)


@formula
def nearest_miss(
    t_us, lat_deg, lon_deg, altitude, first, stop, block, kind, radius_m, low_lon, low_lat, high_lon, high_lat,
    lon0, lat0, lon1, lat1, ball, box, w_from_us, w_until_us, w_floor, w_ceiling, near_m, near_ft, row,
):  # fmt: skip
    """Write when and how one leg was nearest to a volume that it is not in; NEARNESS is 1 if it was never near.

    Args:
        low_lon, low_lat, high_lon, high_lat: a box that holds the figure grown by ``near_m``; degrees.
        near_m, near_ft: how far outside the figure and the levels is still near; above 0.
        row: (MISS_WIDTH,) float64.
        Others: as in `zones.penetrations`.
    """
    row[:] = np.nan
    row[NEARNESS] = 1.0
    for w in range(first_window(w_until_us, t_us[first]), w_from_us.size):
        from_us, until_us = w_from_us[w], w_until_us[w]
        if from_us > t_us[stop - 1]:
            break
        lowest, highest = w_floor[w] - near_ft, w_ceiling[w] + near_ft
        if stop - first == 1:
            x0, y0, z0 = surface_point(lat_deg[first], lon_deg[first])
            _look(
                row, t_us[first], x0, y0, z0, altitude[first], kind, radius_m, lon0, lat0, lon1, lat1, ball, box,
                w_floor[w], w_ceiling[w], near_m, near_ft,
            )  # fmt: skip
            continue
        i = first - 1 if from_us <= t_us[first] else step_at(t_us, first, stop, from_us) - 1
        while i < stop - 2:
            i += 1
            j = i + 1
            if t_us[i] >= until_us:
                break
            if row[NEARNESS] == 0.0:
                return  # within, or touching: nothing is nearer
            if (i - first) % STEPS == 0 and _is_block_off(
                block[(i - first) // STEPS], lat_deg[i], lon_deg[i], lowest, highest, kind, radius_m, near_m,
                lon0, lat0, lon1, lat1, ball, box,
            ):  # fmt: skip
                i += STEPS - 1
                continue
            if (
                is_step_off(
                    lat_deg[i], lon_deg[i], lat_deg[j], lon_deg[j], low_lon, low_lat, high_lon, high_lat
                )
                or max(altitude[i], altitude[j]) <= lowest
                or min(altitude[i], altitude[j]) >= highest
            ):
                continue
            x0, y0, z0 = surface_point(lat_deg[i], lon_deg[i])
            x1, y1, z1 = surface_point(lat_deg[j], lon_deg[j])
            span_us = t_us[j] - t_us[i]
            low = max((from_us - t_us[i]) / span_us, 0.0)
            high = min((until_us - t_us[i]) / span_us, 1.0)
            _nearest_in(
                row, low, high, x0, y0, z0, x1, y1, z1, altitude[i], altitude[j], t_us[i], span_us, kind, radius_m,
                lon0, lat0, lon1, lat1, ball, box, w_floor[w], w_ceiling[w], near_m, near_ft,
            )  # fmt: skip


@columns
def find_misses(
    t_us, lat_deg, lon_deg, altitude, leg_first, block_first, block, legs, kind, radius_m,
    low_lon, low_lat, high_lon, high_lat, lon0, lat0, lon1, lat1, ball, box,
    w_from_us, w_until_us, w_floor, w_ceiling, near_m, near_ft,
):  # fmt: skip
    """Return how near some legs came, (m, MISS_WIDTH): see `nearest_miss`."""
    out = np.empty((legs.size, MISS_WIDTH))
    for i in prange(legs.size):
        leg = legs[i]
        nearest_miss(
            t_us, lat_deg, lon_deg, altitude, leg_first[leg], leg_first[leg + 1],
            block[block_first[leg] : block_first[leg + 1]], kind, radius_m, low_lon, low_lat, high_lon, high_lat,
            lon0, lat0, lon1, lat1, ball, box, w_from_us, w_until_us, w_floor, w_ceiling, near_m, near_ft, out[i],
        )  # fmt: skip
    return out

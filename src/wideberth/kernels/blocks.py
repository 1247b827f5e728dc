"""Runs of steps with a ball around each, so that a figure is not asked about every step of every leg.

A block is `STEPS` steps of a leg, the last of a leg what is left; two that follow each other share a sample.
Its ball is around a sample in its middle, and holds every sample.  It holds the ways between them as well, which are
straight in Earth-centred coordinates: no pole and no antimeridian matters.  The surface points above these ways may
be outside by their sag, at most r² / R, by which the ball is larger.

Source: docs/formulas.md#lines-and-areas.
"""

from __future__ import annotations

import math

import numpy as np

from wideberth.kernels._jit import columns, formula, prange
from wideberth.kernels.edges import nearest, wrapped
from wideberth.kernels.geodesy import SEMI_MINOR_M, surface_point

X_M, Y_M, Z_M, RADIUS_M, LOWEST, HIGHEST = range(6)
BLOCK_WIDTH = 6
STEPS = 32  # of 8, 16, 32 and 64 the least work for small places and for countries on benchmarks/judge_day.py's file

LONGEST_DEGREE_M = 111_695.0  # of latitude at a pole, where it is longest
SLACK_M = 10.0  # more than all that rounding does to a ball


def blocks_of_legs(first):
    """Return where the blocks of each leg begin among all blocks, (m + 1,) int64; every leg has one at least."""
    steps = np.maximum(np.diff(first) - 1, 1)
    return np.concatenate((np.zeros(1, np.int64), np.cumsum(-(-steps // STEPS))))


@columns
def find_blocks(lat_deg, lon_deg, altitude, first, block_first):
    """Return the balls of all blocks, Earth-centred, and between which altitudes they are.

    Args:
        lat_deg, lon_deg, altitude: (n,) samples of all legs.
        first: (m + 1,) where each leg begins among them.
        block_first: (m + 1,) as `blocks_of_legs` gives it.
    Returns:
        (b, BLOCK_WIDTH) float64; -inf and inf for altitudes of which one is not known.
    """
    out = np.empty((block_first[-1], BLOCK_WIDTH))
    for leg in prange(first.size - 1):
        for b in range(block_first[leg], block_first[leg + 1]):
            begin = first[leg] + (b - block_first[leg]) * STEPS
            end = min(begin + STEPS, first[leg + 1] - 1)
            _put_ball(lat_deg, lon_deg, begin, end, out[b])
            lowest, highest, is_known = np.inf, -np.inf, True
            for i in range(begin, end + 1):
                lowest, highest = min(lowest, altitude[i]), max(highest, altitude[i])
                is_known = is_known and not np.isnan(altitude[i])
            out[b, LOWEST] = lowest if is_known else -np.inf
            out[b, HIGHEST] = highest if is_known else np.inf
    return out


@formula
def _put_ball(lat_deg, lon_deg, begin, end, row):
    """Write centre and radius of the ball around the samples ``begin`` to ``end``, both in it.

    No way on the ellipsoid is longer than the straight one in lon/lat, and that not than its degrees of latitude
    and of longitude at their longest.
    """
    middle = (begin + end) // 2
    lat, lon = lat_deg[middle], lon_deg[middle]
    dlat, dlon, widest = 0.0, 0.0, abs(lat)
    for i in range(begin, end + 1):
        dlat = max(dlat, abs(lat_deg[i] - lat))
        dlon = max(dlon, abs(wrapped(lon_deg[i], lon) - lon))
        widest = min(widest, abs(lat_deg[i]))
    if dlat >= widest:  # the equator may be between them
        widest = 0.0
    radius_m = LONGEST_DEGREE_M * math.hypot(dlat, dlon * math.cos(math.radians(widest)))
    row[X_M], row[Y_M], row[Z_M] = surface_point(lat, lon)
    row[RADIUS_M] = radius_m + radius_m * radius_m / SEMI_MINOR_M + SLACK_M


@formula
def is_block_far(block, by_m, lon0, lat0, lon1, lat1, ball):
    """Return whether every point of a block is farther than ``by_m`` from every edge of a figure; if in doubt, not."""
    x, y, z = block[X_M], block[Y_M], block[Z_M]
    within_m = by_m + block[RADIUS_M]
    for g in range(ball.shape[0]):
        away_m = math.sqrt((x - ball[g, 0]) ** 2 + (y - ball[g, 1]) ** 2 + (z - ball[g, 2]) ** 2)
        if away_m - ball[g, 3] <= within_m:
            _, _, away_m = nearest(x, y, z, lon0, lat0, lon1, lat1, ball)
            return away_m > within_m
    return True

"""From coloured segments to lists of bands, of many states at once.

A list covers what may be flown from its least to its greatest value, or the circle from 0 to 2 pi; what the
limits from the own value leave out is UNKNOWN.  Neighbours of one colour are one band.
"""

from __future__ import annotations

import math

import numpy as np

from wideberth.kernels._jit import columns, kernel, prange
from wideberth.kernels.manoeuvres import DIRECTION, HIGH, LOW, limits_of
from wideberth.kernels.painting import TIE, UNKNOWN, bound_of

FULL_TURN = 2.0 * math.pi
MORE_BANDS = 4  # than segments: what is unknown on both sides, and the cut at north


@kernel
def _append(low, high, colour, count, bands):
    """Add a band, or let it lengthen the last one; return how many there are."""
    if high - low <= TIE:
        return count
    if count > 0 and bands[count - 1, 2] == colour:
        bands[count - 1, 1] = high
        return count
    bands[count, 0], bands[count, 1], bands[count, 2] = low, high, colour
    return count + 1


@kernel
def list_bands(dimension, n, below, value, colours, dims, runs, bands):
    """Write the bands of one dimension as rows of low, high and colour; return how many.

    Args:
        runs: room to work in, of the shape of ``bands``: (width + 4, 3).
    """
    if n < 2:
        return 0
    low, high = limits_of(dimension, value, dims)
    out = runs if dimension == DIRECTION else bands
    count = 0
    if dimension != DIRECTION:
        count = _append(dims[dimension, LOW], low, UNKNOWN, count, out)
    begin = low
    for k in range(n - 1):
        end = high if k == n - 2 else bound_of(dimension, k + 1, value, below, low, high, dims)
        count = _append(begin, end, colours[k], count, out)
        begin = max(begin, end)
    if dimension != DIRECTION:
        return _append(high, dims[dimension, HIGH], UNKNOWN, count, out)
    count = _append(high, low + FULL_TURN, UNKNOWN, count, out)
    # From north to the end of the runs, then from their beginning to north.
    north = 0.0 if low <= 0.0 else FULL_TURN
    listed = 0
    for turn in range(2):
        shift = north if turn == 0 else north - FULL_TURN
        for k in range(count):
            first, last = (
                (max(runs[k, 0], north), runs[k, 1]) if turn == 0 else (runs[k, 0], min(runs[k, 1], north))
            )
            listed = _append(first - shift, last - shift, runs[k, 2], listed, bands)
    bands[0, 0], bands[listed - 1, 1] = 0.0, FULL_TURN
    return listed


@columns
def count_bands(numbers, codes, colours, dims, wanted):
    """Return how many bands each state has in each dimension, (n, 4) int64; arguments as `bands.bands` returns."""
    n, width = colours.shape[0], colours.shape[2]
    counts = np.zeros((n, 4), np.int64)
    for i in prange(n):
        runs, rows = np.empty((width + MORE_BANDS, 3)), np.empty((width + MORE_BANDS, 3))
        for d in range(4):
            if wanted[d]:
                counts[i, d] = list_bands(
                    d, codes[i, d, 0], codes[i, d, 1], numbers[i, d, 0], colours[i, d], dims, runs, rows
                )
    return counts


@columns
def write_bands(numbers, codes, colours, dims, counts, firsts, total):
    """Return the bands of all states, (total, 3) of low, high and colour; those of (i, d) begin at firsts[i, d]."""
    n, width = colours.shape[0], colours.shape[2]
    bands = np.empty((total, 3))
    for i in prange(n):
        runs, rows = np.empty((width + MORE_BANDS, 3)), np.empty((width + MORE_BANDS, 3))
        for d in range(4):
            if counts[i, d] > 0:
                list_bands(
                    d, codes[i, d, 0], codes[i, d, 1], numbers[i, d, 0], colours[i, d], dims, runs, rows
                )
                bands[firsts[i, d] : firsts[i, d] + counts[i, d]] = rows[: counts[i, d]]
    return bands

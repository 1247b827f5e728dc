"""How short a way could have led through a region: what an aircraft may have done while it was not heard."""

from __future__ import annotations

import numpy as np

from wideberth.kernels._jit import columns, formula, prange
from wideberth.kernels.steps import GOLDEN

SECTIONS = 40  # each leaves 0.618 of a stretch: 60 km come to 0.3 mm


@columns
def shortest_ways_m(begin, end, corners):
    """Return the shortest way from one place through any of some patches to another.

    The sum of two distances has no second lowest point, nor has its least value along one side of a patch as a function
    of the other, so nested golden sections find it.  Straight lines, all within a few hundred kilometres: the sag is
    far below what a speed is known to.

    Args:
        begin, end: (k, 3) surface points in metres.
        corners: (m, 4, 3) corners of patches: two along the one side, then the two opposite, in the same order.
    Returns:
        (k,) metres.
    """
    out = np.empty(begin.shape[0])
    for i in prange(out.size):
        least = np.inf
        for j in range(corners.shape[0]):
            least = min(least, _through(begin[i], end[i], corners[j]))
        out[i] = least
    return out


@formula
def _through(a, b, patch):
    low, high = 0.0, 1.0
    s, t = high - GOLDEN, low + GOLDEN
    at_s, at_t = _at_depth(a, b, patch, s), _at_depth(a, b, patch, t)
    for _ in range(SECTIONS):
        if at_s <= at_t:
            high, t, at_t = t, s, at_s
            s = high - GOLDEN * (high - low)
            at_s = _at_depth(a, b, patch, s)
        else:
            low, s, at_s = s, t, at_t
            t = low + GOLDEN * (high - low)
            at_t = _at_depth(a, b, patch, t)
    edges = min(_at_depth(a, b, patch, 0.0), _at_depth(a, b, patch, 1.0))
    return min(min(at_s, at_t), edges)


@formula
def _at_depth(a, b, patch, depth):
    """Return the shortest way through the line across a patch at a share of its depth."""
    low, high = 0.0, 1.0
    s, t = high - GOLDEN, low + GOLDEN
    at_s, at_t = _way_m(a, b, patch, s, depth), _way_m(a, b, patch, t, depth)
    for _ in range(SECTIONS):
        if at_s <= at_t:
            high, t, at_t = t, s, at_s
            s = high - GOLDEN * (high - low)
            at_s = _way_m(a, b, patch, s, depth)
        else:
            low, s, at_s = s, t, at_t
            t = low + GOLDEN * (high - low)
            at_t = _way_m(a, b, patch, t, depth)
    edges = min(_way_m(a, b, patch, 0.0, depth), _way_m(a, b, patch, 1.0, depth))
    return min(min(at_s, at_t), edges)


@formula
def _way_m(a, b, patch, along, depth):
    first = second = 0.0
    for k in range(3):
        near = patch[0, k] + along * (patch[1, k] - patch[0, k])
        far = patch[2, k] + along * (patch[3, k] - patch[2, k])
        x = near + depth * (far - near)
        first += (x - a[k]) ** 2
        second += (x - b[k]) ** 2
    return np.sqrt(first) + np.sqrt(second)

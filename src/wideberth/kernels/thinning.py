"""Which reports of a way may be left out when it is drawn, so that nothing drawn is off by more than a bound.

A report is left out if, at its own time, the straight line on the map between the reports that are kept before and
after it passes no farther from it than the bound.  The map is Mercator's (straight lines on it are what is drawn);
distances are those on the ground at the report's latitude.

Source: the top-down time-ratio algorithm (TD-TR): Meratnia and de By, Spatiotemporal compression techniques for moving
point objects, EDBT 2004, LNCS 2992, after Douglas and Peucker, Cartographica 10, 1973.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from wideberth.kernels._jit import columns, formula, kernel, prange
from wideberth.kernels.geodesy import SEMI_MAJOR_M

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Indices = npt.NDArray[np.int64]
    Flags = npt.NDArray[np.bool_]

MOST_LAT_DEG = 89.9  # where Mercator's map ends, for this purpose


@kernel
def on_map(lat_deg: Floats, lon_deg: Floats, first: Indices) -> tuple[Floats, Floats]:
    """Return x and y on Mercator's map of a sphere of radius 1, (n,) each; x goes on across the antimeridian.

    Args:
        lat_deg, lon_deg: (n,) positions.
        first: (m + 1,) where each leg begins among them.
    """
    x, y = np.empty(lat_deg.size), np.empty(lat_deg.size)
    for leg in range(first.size - 1):
        turns = 0.0
        for i in range(first[leg], first[leg + 1]):
            if i > first[leg]:
                turns -= np.rint((lon_deg[i] - lon_deg[i - 1]) / 360.0)
            x[i] = math.radians(lon_deg[i] + 360.0 * turns)
            lat = math.radians(min(max(lat_deg[i], -MOST_LAT_DEG), MOST_LAT_DEG))
            y[i] = math.asinh(math.tan(lat))
    return x, y


@columns
def are_kept(x: Floats, y: Floats, t_us: Indices, first: Indices, bound_m: float, kept: Flags) -> None:
    """Mark the reports that are kept: the ends of each leg, and what the bound needs between.

    Args:
        x, y: as `on_map` gives them.
        t_us: (n,) times, rising within a leg.
        first: (m + 1,) where each leg begins.
        bound_m: the largest distance on the ground.
        kept: (n,) filled here.
    """
    for leg in prange(first.size - 1):
        _keep_of_leg(x, y, t_us, first[leg], first[leg + 1] - 1, bound_m, kept)


@kernel
def _keep_of_leg(
    x: Floats, y: Floats, t_us: Indices, begin: int, last: int, bound_m: float, kept: Flags
) -> None:
    kept[begin : last + 1] = False
    if last < begin:
        return
    kept[begin] = True
    kept[last] = True
    stack = np.empty((64, 2), np.int64)
    stack[0, 0], stack[0, 1] = begin, last
    depth = 1
    while depth > 0:
        depth -= 1
        i, j = stack[depth, 0], stack[depth, 1]
        worst, at = _worst_between(x, y, t_us, i, j)
        if worst <= bound_m:
            continue
        kept[at] = True
        if depth + 2 > stack.shape[0]:
            more = np.empty((2 * stack.shape[0], 2), np.int64)
            more[: stack.shape[0]] = stack
            stack = more
        stack[depth, 0], stack[depth, 1] = i, at
        stack[depth + 1, 0], stack[depth + 1, 1] = at, j
        depth += 2


@formula
def _worst_between(x: Floats, y: Floats, t_us: Indices, i: int, j: int) -> tuple[float, int]:
    """Return how far the farthest report between two others lies from the line that joins them, and which it is."""
    worst, at = 0.0, i
    span = float(t_us[j] - t_us[i])
    for k in range(i + 1, j):
        part = float(t_us[k] - t_us[i]) / span if span > 0.0 else 0.0
        off = math.hypot(x[k] - (x[i] + part * (x[j] - x[i])), y[k] - (y[i] + part * (y[j] - y[i])))
        off_m = off * SEMI_MAJOR_M / math.cosh(y[k])  # cos(latitude) = 1 / cosh(y)
        if off_m > worst:
            worst, at = off_m, k
    return worst, at

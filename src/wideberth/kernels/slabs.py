"""The broad phase: which legs may come near in which slab of time.  It may not miss.

Time is cut into slabs.  Within a slab a leg is a box: a ball around the box of its
Earth-centred points, and the range of its altitudes.  A straight line stays inside any box that
holds its ends, so the box of the samples and of the points where the leg crosses the slab's
borders holds the whole motion.

Cells are cubes as wide as D plus twice the largest ordinary radius, so two balls whose surfaces
are nearer than D lie in the same cell or in neighbours.  A ball larger than that (an impossible
jump that was kept) is compared with every other in its slab.

Times are integer microseconds since the first slab; altitudes are in whatever unit the vertical
minimum has.
"""

from __future__ import annotations

import math

import numpy as np

from wideberth.kernels._jit import columns, formula, kernel, prange
from wideberth.kernels.geodesy import quick_points

# A float32 holds an Earth-centred coordinate to 0.5 m, a radius to far less; what rounding may take is
# given back.  So is the centimetre of `quick_points`.
ROUNDING_M = 2.0
BLOCK = 256  # rows converted at a time: 6 kB, well inside the first cache
LARGE = 1  # flag of an entry whose ball is larger than the cells allow for


@columns
def slab_ranges(t_us, leg_first, slab_us):
    """Return the first slab of each leg, and how many slabs it touches.

    A leg that ends on a border touches the slab that begins there, too, so that an instant
    at which one leg ends and another begins is in a slab that both touch.

    Args:
        t_us: (n,) int64, sorted within each leg, not negative.
        leg_first: (m + 1,) int64, row at which each leg begins; the last is n.
        slab_us: width of a slab.
    Returns:
        Two (m,) int64 columns.
    """
    legs = leg_first.size - 1
    first = np.empty(legs, np.int64)
    count = np.empty(legs, np.int64)
    for leg in prange(legs):
        t_in = t_us[leg_first[leg]]
        t_out = t_us[leg_first[leg + 1] - 1]
        first[leg] = t_in // slab_us
        count[leg] = t_out // slab_us - first[leg] + 1
    return first, count


@columns
def slab_boxes(t_us, lat_deg, lon_deg, altitude, leg_first, slab_first, entry_first, slab_us):
    """Return the ball and the altitude range of each leg in each slab that it touches.

    Args:
        t_us, lat_deg, lon_deg, altitude: (n,) samples of the legs, one after another.
        leg_first: (m + 1,) as in `slab_ranges`.
        slab_first: (m,) first slab of each leg.
        entry_first: (m + 1,) running sum of the legs' slab counts; its last is e.
        slab_us: width of a slab.
    Returns:
        ball: (e, 4) float32: x, y, z, radius, metres.  Each leg's slabs in order.
        levels: (e, 2) float64: lowest and highest altitude.
    """
    legs = leg_first.size - 1
    ball = np.empty((entry_first[legs], 4), np.float32)
    levels = np.empty((entry_first[legs], 2), np.float64)
    for leg in prange(legs):
        entry = entry_first[leg]
        last_entry = entry_first[leg + 1] - 1
        slab_end_us = (slab_first[leg] + 1) * slab_us
        first = leg_first[leg]
        stop = leg_first[leg + 1]
        points = np.empty((3, min(BLOCK, stop - first)))
        t0 = t_us[first]
        x0 = y0 = z0 = h0 = 0.0
        low_x = low_y = low_z = low_h = np.inf
        high_x = high_y = high_z = high_h = -np.inf
        for block in range(first, stop, BLOCK):
            quick_points(lat_deg, lon_deg, block, min(block + BLOCK, stop), points)
            for row in range(block, min(block + BLOCK, stop)):
                t1 = t_us[row]
                x1, y1, z1 = points[0, row - block], points[1, row - block], points[2, row - block]
                h1 = altitude[row]
                # Close each slab whose end is reached: the point there ends one box and begins the next.
                while entry < last_entry and t1 >= slab_end_us:
                    part = 1.0 if t1 == slab_end_us else (slab_end_us - t0) / (t1 - t0)
                    x = x0 + (x1 - x0) * part
                    y = y0 + (y1 - y0) * part
                    z = z0 + (z1 - z0) * part
                    h = h1 if t1 == slab_end_us else h0 + (h1 - h0) * part
                    low_x, high_x = min(low_x, x), max(high_x, x)
                    low_y, high_y = min(low_y, y), max(high_y, y)
                    low_z, high_z = min(low_z, z), max(high_z, z)
                    low_h, high_h = min(low_h, h), max(high_h, h)
                    _put_box(ball, levels, entry, low_x, high_x, low_y, high_y, low_z, high_z, low_h, high_h)
                    low_x = high_x = x
                    low_y = high_y = y
                    low_z = high_z = z
                    low_h = high_h = h
                    entry += 1
                    slab_end_us += slab_us
                low_x, high_x = min(low_x, x1), max(high_x, x1)
                low_y, high_y = min(low_y, y1), max(high_y, y1)
                low_z, high_z = min(low_z, z1), max(high_z, z1)
                low_h, high_h = min(low_h, h1), max(high_h, h1)
                t0, x0, y0, z0, h0 = t1, x1, y1, z1, h1
        _put_box(ball, levels, entry, low_x, high_x, low_y, high_y, low_z, high_z, low_h, high_h)
    return ball, levels


@formula
def _put_box(ball, levels, entry, low_x, high_x, low_y, high_y, low_z, high_z, low_h, high_h):
    ball[entry, 0] = 0.5 * (low_x + high_x)
    ball[entry, 1] = 0.5 * (low_y + high_y)
    ball[entry, 2] = 0.5 * (low_z + high_z)
    ball[entry, 3] = (
        0.5 * math.sqrt((high_x - low_x) ** 2 + (high_y - low_y) ** 2 + (high_z - low_z) ** 2) + ROUNDING_M
    )
    levels[entry, 0] = low_h
    levels[entry, 1] = high_h


@kernel
def group_by_slab(slab_first, entry_first, slabs):
    """Return the entries slab by slab: which leg, which entry, and where each slab begins.

    Args:
        slab_first: (m,) first slab of each leg.
        entry_first: (m + 1,) running sum of slab counts.
        slabs: how many slabs there are.
    Returns:
        begin: (slabs + 1,) int64; leg_of: (e,) int32; entry_of: (e,) int64.
    """
    begin = np.zeros(slabs + 1, np.int64)
    legs = slab_first.size
    for leg in range(legs):
        for k in range(entry_first[leg + 1] - entry_first[leg]):
            begin[slab_first[leg] + k + 1] += 1
    for slab in range(slabs):
        begin[slab + 1] += begin[slab]
    fill = begin[:-1].copy()
    leg_of = np.empty(entry_first[legs], np.int32)
    entry_of = np.empty(entry_first[legs], np.int64)
    for leg in range(legs):
        for k in range(entry_first[leg + 1] - entry_first[leg]):
            slot = fill[slab_first[leg] + k]
            fill[slab_first[leg] + k] += 1
            leg_of[slot] = leg
            entry_of[slot] = entry_first[leg] + k
    return begin, leg_of, entry_of


@formula
def may_meet(ball, levels, i, j, distance_m, height):
    """Return whether two boxes could hold points nearer than both minima."""
    if levels[i, 0] - levels[j, 1] >= height or levels[j, 0] - levels[i, 1] >= height:
        return False
    reach_m = distance_m + ball[i, 3] + ball[j, 3]
    dx = ball[i, 0] - ball[j, 0]
    dy = ball[i, 1] - ball[j, 1]
    dz = ball[i, 2] - ball[j, 2]
    return dx * dx + dy * dy + dz * dz < reach_m * reach_m


@formula
def _bucket(ix, iy, iz, mask):
    # Teschner et al., "Optimized Spatial Hashing for Collision Detection", VMV 2003: three large primes, xor.
    return ((ix * 73856093) ^ (iy * 19349663) ^ (iz * 83492791)) & mask


@kernel
def slab_candidates(
    begin, end, leg_of, entry_of, ball, levels, aircraft, settled, distance_m, height, cell_m, out_a, out_b
):
    """Write the pairs of legs of one slab that may meet; return how many there are.

    Args:
        begin, end: the slab's part of ``leg_of`` and ``entry_of``.
        ball, levels: as `slab_boxes` gives them.
        aircraft: (m,) int32, whose leg it is; two legs of one aircraft are no pair.
        settled: (m,) uint8; two legs that have a bit in common are no pair: they are compared elsewhere.
        distance_m, height: the minima; height in the unit of ``levels``.
        cell_m: width of a cell; a ball with more than (cell_m - distance_m) / 2 is LARGE.
        out_a, out_b: where pairs are written while there is room, lower leg first.
    Returns:
        The number of pairs, which may exceed the room.
    """
    n = end - begin
    found = 0
    if n < 2:
        return found
    size = 1
    while size < 2 * n:
        size *= 2
    mask = size - 1
    heads = np.full(size, -1, np.int32)
    following = np.empty(n, np.int32)
    cells = np.empty((n, 3), np.int64)
    is_large = np.zeros(n, np.bool_)
    ordinary_m = 0.5 * (cell_m - distance_m)
    for i in range(n):
        entry = entry_of[begin + i]
        for axis in range(3):
            cells[i, axis] = math.floor(ball[entry, axis] / cell_m)
        is_large[i] = ball[entry, 3] > ordinary_m
        if is_large[i]:
            continue
        bucket = _bucket(cells[i, 0], cells[i, 1], cells[i, 2], mask)
        following[i] = heads[bucket]
        heads[bucket] = i
    for i in range(n):
        entry = entry_of[begin + i]
        leg = leg_of[begin + i]
        if is_large[i]:
            for j in range(n):
                if is_large[j] and j <= i:
                    continue
                found = _try_pair(
                    leg, leg_of[begin + j], entry, entry_of[begin + j], ball, levels, aircraft, settled,
                    distance_m, height, out_a, out_b, found,
                )  # fmt: skip
            continue
        # Half of the 27 cells: the others are seen from the other side.
        for code in range(14):
            turned = code + 13  # 13 is the cell itself
            ix = cells[i, 0] + turned // 9 - 1
            iy = cells[i, 1] + (turned // 3) % 3 - 1
            iz = cells[i, 2] + turned % 3 - 1
            j = heads[_bucket(ix, iy, iz, mask)]
            while j >= 0:
                if cells[j, 0] == ix and cells[j, 1] == iy and cells[j, 2] == iz and (code > 0 or j < i):
                    found = _try_pair(
                        leg, leg_of[begin + j], entry, entry_of[begin + j], ball, levels, aircraft, settled,
                        distance_m, height, out_a, out_b, found,
                    )  # fmt: skip
                j = following[j]
    return found


@formula
def _try_pair(
    leg_i, leg_j, entry_i, entry_j, ball, levels, aircraft, settled, distance_m, height, out_a, out_b, found
):
    if aircraft[leg_i] == aircraft[leg_j] or settled[leg_i] & settled[leg_j]:
        return found
    if not may_meet(ball, levels, entry_i, entry_j, distance_m, height):
        return found
    if found < out_a.size:
        out_a[found] = min(leg_i, leg_j)
        out_b[found] = max(leg_i, leg_j)
    return found + 1


@columns
def candidates(
    slab_begin,
    leg_of,
    entry_of,
    ball,
    levels,
    aircraft,
    settled,
    distance_m,
    height,
    cell_m,
    room_first,
    out_a,
    out_b,
):
    """Apply `slab_candidates` to each slab; return each slab's number of pairs.

    ``room_first`` (slabs + 1,) says which part of ``out_a`` and ``out_b`` belongs to which slab;
    a slab whose number exceeds its room has to be done again with more.
    """
    slabs = slab_begin.size - 1
    count = np.zeros(slabs, np.int64)
    for slab in prange(slabs):
        count[slab] = slab_candidates(
            slab_begin[slab], slab_begin[slab + 1], leg_of, entry_of, ball, levels, aircraft, settled,
            distance_m, height, cell_m,
            out_a[room_first[slab] : room_first[slab + 1]], out_b[room_first[slab] : room_first[slab + 1]],
        )  # fmt: skip
    return count

"""When two straight motions share a cylinder: radius D around the one, H above and below it.

Relative motion is *intruder minus ownship*: position (sx, sy, sz), velocity (vx, vy, vz), metres
and m/s in a local plane, z up; ownship minus intruder gives the same.  Times count from now.

The volume is open: separation is lost where the horizontal distance is below D **and** the vertical
distance below H at the same instant, and touching does not count.  An interval that does not exist
is (inf, −inf), an unknown one (NaN, NaN); one that does has t_in < t_out.

Source: the overlap of a quadratic's roots with the crossing of a slab; docs/formulas.md#cylinder.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from wideberth.kernels._jit import columns, formula, prange

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]


@formula
def is_inside(sx_m: float, sy_m: float, sz_m: float, distance_m: float, height_m: float) -> bool:
    """Tell whether separation is lost now; False if the position is unknown."""
    return math.hypot(sx_m, sy_m) < distance_m and abs(sz_m) < height_m


@formula
def is_violated(
    sx_m: float,
    sy_m: float,
    sz_m: float,
    vx_mps: float,
    vy_mps: float,
    vz_mps: float,
    distance_m: float,
    height_m: float,
) -> bool:
    """Tell whether separation is lost now or, from the very surface, within the next instant.

    False if the position is unknown; an unknown velocity enters nothing.
    """
    range_m = math.hypot(sx_m, sy_m)
    is_near = range_m < distance_m or (range_m == distance_m and sx_m * vx_mps + sy_m * vy_mps < 0.0)
    is_level = abs(sz_m) < height_m or (abs(sz_m) == height_m and sz_m * vz_mps < 0.0)
    return is_near and is_level


@formula
def circle_discriminant(sx_m: float, sy_m: float, vx_mps: float, vy_mps: float, distance_m: float) -> float:
    """Return (D|v|)² − (s × v)²: above 0 the line of motion cuts the circle, at 0 it touches it.

    It is written as a product, which keeps the digits that (s·v)² − |v|²(|s|² − D²) loses where s is long.
    """
    reach = distance_m * math.sqrt(vx_mps * vx_mps + vy_mps * vy_mps)
    moment = abs(sx_m * vy_mps - sy_m * vx_mps)
    return (reach - moment) * (reach + moment)


@formula
def circle_times(
    sx_m: float, sy_m: float, vx_mps: float, vy_mps: float, distance_m: float
) -> tuple[float, float]:
    """Return when a motion enters and leaves the circle of radius D around the origin.

    The times may be negative, and are equal where it is only touched.  (−inf, inf) for one that
    rests within, (inf, −inf) for one that never meets the circle or rests on it or outside.
    """
    speed_squared = vx_mps * vx_mps + vy_mps * vy_mps
    if speed_squared == 0.0:
        return (-math.inf, math.inf) if math.hypot(sx_m, sy_m) < distance_m else (math.inf, -math.inf)
    discriminant = circle_discriminant(sx_m, sy_m, vx_mps, vy_mps, distance_m)
    if not discriminant >= 0.0:
        return math.inf, -math.inf
    # Of the two roots the one whose parts have one sign is computed, and the other from their product c.
    closing = -(sx_m * vx_mps + sy_m * vy_mps)
    range_m = math.hypot(sx_m, sy_m)
    c = (range_m - distance_m) * (range_m + distance_m)
    if closing > 0.0:
        q = closing + math.sqrt(discriminant)
        return c / q, q / speed_squared
    q = closing - math.sqrt(discriminant)
    if q == 0.0:
        return 0.0, 0.0
    return q / speed_squared, c / q


@formula
def slab_times(sz_m: float, vz_mps: float, height_in_m: float, height_out_m: float) -> tuple[float, float]:
    """Return when a motion comes within one vertical distance, and when it goes beyond another.

    (−inf, inf) for one that stays strictly within ``height_out_m``; (inf, −inf) for one that stays on
    it or beyond.
    """
    if vz_mps == 0.0:
        return (-math.inf, math.inf) if abs(sz_m) < height_out_m else (math.inf, -math.inf)
    if vz_mps > 0.0:
        return (-height_in_m - sz_m) / vz_mps, (height_out_m - sz_m) / vz_mps
    return (height_in_m - sz_m) / vz_mps, (-height_out_m - sz_m) / vz_mps


@formula
def overlap(
    t_in_s: float, t_out_s: float, z_in_s: float, z_out_s: float, from_s: float, until_s: float
) -> tuple[float, float]:
    """Return what two intervals and a window have in common; (inf, −inf) if not more than an instant."""
    first_s = max(t_in_s, z_in_s, from_s)
    last_s = min(t_out_s, z_out_s, until_s)
    return (first_s, last_s) if first_s < last_s else (math.inf, -math.inf)


@formula
def conflict_interval(
    sx_m: float,
    sy_m: float,
    sz_m: float,
    vx_mps: float,
    vy_mps: float,
    vz_mps: float,
    distance_m: float,
    height_m: float,
    from_s: float,
    until_s: float,
) -> tuple[float, float]:
    """Return when separation is first lost and when it is regained, within [from_s, until_s]."""
    if np.isnan(sx_m + sy_m + sz_m + vx_mps + vy_mps + vz_mps):
        return math.nan, math.nan
    t_in_s, t_out_s = circle_times(sx_m, sy_m, vx_mps, vy_mps, distance_m)
    z_in_s, z_out_s = slab_times(sz_m, vz_mps, height_m, height_m)
    return overlap(t_in_s, t_out_s, z_in_s, z_out_s, from_s, until_s)


@formula
def retained_separation(
    sx_m: float,
    sy_m: float,
    sz_m: float,
    vx_mps: float,
    vy_mps: float,
    vz_mps: float,
    distance_m: float,
    height_m: float,
    t_s: float,
) -> float:
    """Return max(horizontal/D, vertical/H) at a time: 0 a collision, 1 on the surface of the cylinder."""
    horizontal = math.hypot(sx_m + vx_mps * t_s, sy_m + vy_mps * t_s) / distance_m
    vertical = abs(sz_m + vz_mps * t_s) / height_m
    return max(horizontal, vertical)


@formula
def least_separation(
    sx_m: float,
    sy_m: float,
    sz_m: float,
    vx_mps: float,
    vy_mps: float,
    vz_mps: float,
    distance_m: float,
    height_m: float,
    from_s: float,
    until_s: float,
) -> tuple[float, float]:
    """Return when, within [from_s, until_s], the least separation is retained, and how much.

    Both parts, horizontal/D and vertical/H, fall until their own least and rise after it.  So the least of
    the larger is at the least of one, where the other is smaller; else between both, where they are equal.
    Where it lasts, because the larger part does not change, it is the first such instant.
    """
    if np.isnan(sx_m + sy_m + sz_m + vx_mps + vy_mps + vz_mps):
        return math.nan, math.nan
    near_s = level_s = from_s  # a part that does not change is least at once
    speed_squared = vx_mps * vx_mps + vy_mps * vy_mps
    if speed_squared != 0.0:
        near_s = min(max(-(sx_m * vx_mps + sy_m * vy_mps) / speed_squared, from_s), until_s)
    if vz_mps != 0.0:
        level_s = min(max(-sz_m / vz_mps, from_s), until_s)

    # In units of D and H, so that the cylinder has radius 1 and reaches from -1 to 1.
    px, py, pz = sx_m / distance_m, sy_m / distance_m, sz_m / height_m
    wx, wy, wz = vx_mps / distance_m, vy_mps / distance_m, vz_mps / height_m
    if abs(pz + wz * near_s) <= math.hypot(px + wx * near_s, py + wy * near_s):
        t_s = near_s
    elif math.hypot(px + wx * level_s, py + wy * level_s) <= abs(pz + wz * level_s):
        t_s = level_s
    else:
        # Horizontal² - vertical² = a u² + 2 b u + c rises from c < 0 at near_s (u = 0) to above 0 at level_s.
        qx, qy, qz = px + wx * near_s, py + wy * near_s, pz + wz * near_s
        direction = 1.0 if level_s > near_s else -1.0
        a = wx * wx + wy * wy - wz * wz
        b = direction * (qx * wx + qy * wy - qz * wz)
        c = qx * qx + qy * qy - qz * qz
        root = math.sqrt(max(b * b - a * c, 0.0))
        u = abs(level_s - near_s)  # where rounding leaves no root between the two
        if b >= 0.0 and b + root > 0.0:
            u = min(u, -c / (b + root))
        elif a > 0.0:
            u = min(u, (root - b) / a)
        t_s = near_s + direction * u
    return t_s, retained_separation(sx_m, sy_m, sz_m, vx_mps, vy_mps, vz_mps, distance_m, height_m, t_s)


@columns
def are_inside(sx_m: Floats, sy_m: Floats, sz_m: Floats, distance_m: float, height_m: float) -> Flags:
    """Apply `is_inside` to each row: three (n,) float64 columns in, one bool column out."""
    flags = np.empty(sx_m.size, np.bool_)
    for i in prange(sx_m.size):
        flags[i] = is_inside(sx_m[i], sy_m[i], sz_m[i], distance_m, height_m)
    return flags


@columns
def are_violated(
    sx_m: Floats,
    sy_m: Floats,
    sz_m: Floats,
    vx_mps: Floats,
    vy_mps: Floats,
    vz_mps: Floats,
    distance_m: float,
    height_m: float,
) -> Flags:
    """Apply `is_violated` to each row: six (n,) float64 columns in, one bool column out."""
    flags = np.empty(sx_m.size, np.bool_)
    for i in prange(sx_m.size):
        flags[i] = is_violated(
            sx_m[i], sy_m[i], sz_m[i], vx_mps[i], vy_mps[i], vz_mps[i], distance_m, height_m
        )
    return flags


@columns
def conflict_intervals(
    sx_m: Floats,
    sy_m: Floats,
    sz_m: Floats,
    vx_mps: Floats,
    vy_mps: Floats,
    vz_mps: Floats,
    distance_m: float,
    height_m: float,
    from_s: float,
    until_s: float,
) -> tuple[Floats, Floats]:
    """Apply `conflict_interval` to each row: six (n,) float64 columns in, columns t_in_s and t_out_s out."""
    t_in_s = np.empty(sx_m.size)
    t_out_s = np.empty(sx_m.size)
    for i in prange(sx_m.size):
        t_in_s[i], t_out_s[i] = conflict_interval(
            sx_m[i], sy_m[i], sz_m[i], vx_mps[i], vy_mps[i], vz_mps[i], distance_m, height_m, from_s, until_s
        )
    return t_in_s, t_out_s


@columns
def least_separations(
    sx_m: Floats,
    sy_m: Floats,
    sz_m: Floats,
    vx_mps: Floats,
    vy_mps: Floats,
    vz_mps: Floats,
    distance_m: float,
    height_m: float,
    from_s: float,
    until_s: float,
) -> tuple[Floats, Floats]:
    """Apply `least_separation` to each row: six (n,) float64 columns in, times and ratios out."""
    t_s = np.empty(sx_m.size)
    ratio = np.empty(sx_m.size)
    for i in prange(sx_m.size):
        t_s[i], ratio[i] = least_separation(
            sx_m[i], sy_m[i], sz_m[i], vx_mps[i], vy_mps[i], vz_mps[i], distance_m, height_m, from_s, until_s
        )
    return t_s, ratio

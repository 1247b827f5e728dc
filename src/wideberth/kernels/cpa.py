"""Closest approach of two straight motions in a local plane (metres, seconds, m/s).

Relative motion is *intruder minus ownship*: position (sx, sy, sz), velocity (vx, vy, vz),
x east, y north, z up.  Every formula here gives the same with ownship minus intruder.
Times count from now.  Unknown is NaN: if anything that a formula needs is NaN, so is its answer.

Source: the vertex of the parabola |s + v t|²; docs/formulas.md#cpa.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from wideberth.kernels._jit import columns, formula, prange

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


@formula
def time_to_cpa(sx_m: float, sy_m: float, vx_mps: float, vy_mps: float) -> float:
    """Return the seconds until nearest; negative once past, NaN if anything is unknown."""
    speed_squared = vx_mps * vx_mps + vy_mps * vy_mps
    if speed_squared == 0.0:  # in formation, always equally near: now will do
        return 0.0 * (sx_m + sy_m)  # 0, or NaN for an unknown position
    return -(sx_m * vx_mps + sy_m * vy_mps) / speed_squared


@formula
def distance_at_cpa(sx_m: float, sy_m: float, vx_mps: float, vy_mps: float) -> float:
    """Return the least horizontal distance from now on: the present one if they part, or fly in formation."""
    speed_squared = vx_mps * vx_mps + vy_mps * vy_mps
    if sx_m * vx_mps + sy_m * vy_mps >= 0.0 or speed_squared == 0.0:
        return math.hypot(sx_m, sy_m)
    # The distance from the line of motion: unlike s + v t it loses no digits where they nearly collide.
    return abs(sx_m * vy_mps - sy_m * vx_mps) / math.sqrt(speed_squared)


@formula
def horizontal_miss(sx_m: float, sy_m: float, vx_mps: float, vy_mps: float, look_ahead_s: float) -> float:
    """Return the least horizontal distance from now until ``look_ahead_s``, metres."""
    if time_to_cpa(sx_m, sy_m, vx_mps, vy_mps) > look_ahead_s:
        return math.hypot(sx_m + vx_mps * look_ahead_s, sy_m + vy_mps * look_ahead_s)
    return distance_at_cpa(sx_m, sy_m, vx_mps, vy_mps)


@formula
def time_to_co_altitude(sz_m: float, vz_mps: float) -> float:
    """Return the seconds until level with one another; negative once past, −inf if neither closes."""
    if vz_mps == 0.0:
        return -math.inf + 0.0 * sz_m  # NaN for an unknown altitude
    return -sz_m / vz_mps


@formula
def vertical_miss(sz_m: float, vz_mps: float, look_ahead_s: float) -> float:
    """Return the least vertical distance from now until ``look_ahead_s``, metres."""
    if sz_m * vz_mps >= 0.0:
        return abs(sz_m)
    if time_to_co_altitude(sz_m, vz_mps) <= look_ahead_s:
        return 0.0
    return abs(sz_m + vz_mps * look_ahead_s)


@formula
def time_to_cpa_3d(
    sx_m: float, sy_m: float, sz_m: float, vx_mps: float, vy_mps: float, vz_mps: float
) -> float:
    """Return the seconds until nearest in space; negative once past, 0 if nothing moves."""
    speed_squared = vx_mps * vx_mps + vy_mps * vy_mps + vz_mps * vz_mps
    if speed_squared == 0.0:
        return 0.0 * (sx_m + sy_m + sz_m)
    return -(sx_m * vx_mps + sy_m * vy_mps + sz_m * vz_mps) / speed_squared


@formula
def distance_at_cpa_3d(
    sx_m: float, sy_m: float, sz_m: float, vx_mps: float, vy_mps: float, vz_mps: float
) -> float:
    """Return the least distance in space from now on: the present one if they part, or nothing moves."""
    speed_squared = vx_mps * vx_mps + vy_mps * vy_mps + vz_mps * vz_mps
    if sx_m * vx_mps + sy_m * vy_mps + sz_m * vz_mps >= 0.0 or speed_squared == 0.0:
        return math.sqrt(sx_m * sx_m + sy_m * sy_m + sz_m * sz_m)
    # |s × v| / |v|, as in the plane.
    nx = sy_m * vz_mps - sz_m * vy_mps
    ny = sz_m * vx_mps - sx_m * vz_mps
    nz = sx_m * vy_mps - sy_m * vx_mps
    return math.sqrt(nx * nx + ny * ny + nz * nz) / math.sqrt(speed_squared)


@columns
def times_to_cpa(sx_m: Floats, sy_m: Floats, vx_mps: Floats, vy_mps: Floats) -> Floats:
    """Apply `time_to_cpa` to each row: four (n,) float64 columns in, one out."""
    tcpa_s = np.empty(sx_m.size)
    for i in prange(sx_m.size):
        tcpa_s[i] = time_to_cpa(sx_m[i], sy_m[i], vx_mps[i], vy_mps[i])
    return tcpa_s


@columns
def distances_at_cpa(sx_m: Floats, sy_m: Floats, vx_mps: Floats, vy_mps: Floats) -> Floats:
    """Apply `distance_at_cpa` to each row: four (n,) float64 columns in, one out."""
    dcpa_m = np.empty(sx_m.size)
    for i in prange(sx_m.size):
        dcpa_m[i] = distance_at_cpa(sx_m[i], sy_m[i], vx_mps[i], vy_mps[i])
    return dcpa_m


@columns
def horizontal_misses(
    sx_m: Floats, sy_m: Floats, vx_mps: Floats, vy_mps: Floats, look_ahead_s: float
) -> Floats:
    """Apply `horizontal_miss` to each row: four (n,) float64 columns and a look-ahead in, one out."""
    hmd_m = np.empty(sx_m.size)
    for i in prange(sx_m.size):
        hmd_m[i] = horizontal_miss(sx_m[i], sy_m[i], vx_mps[i], vy_mps[i], look_ahead_s)
    return hmd_m


@columns
def times_to_co_altitude(sz_m: Floats, vz_mps: Floats) -> Floats:
    """Apply `time_to_co_altitude` to each row: two (n,) float64 columns in, one out."""
    tcoa_s = np.empty(sz_m.size)
    for i in prange(sz_m.size):
        tcoa_s[i] = time_to_co_altitude(sz_m[i], vz_mps[i])
    return tcoa_s


@columns
def vertical_misses(sz_m: Floats, vz_mps: Floats, look_ahead_s: float) -> Floats:
    """Apply `vertical_miss` to each row: two (n,) float64 columns and a look-ahead in, one out."""
    vmd_m = np.empty(sz_m.size)
    for i in prange(sz_m.size):
        vmd_m[i] = vertical_miss(sz_m[i], vz_mps[i], look_ahead_s)
    return vmd_m


@columns
def times_to_cpa_3d(
    sx_m: Floats, sy_m: Floats, sz_m: Floats, vx_mps: Floats, vy_mps: Floats, vz_mps: Floats
) -> Floats:
    """Apply `time_to_cpa_3d` to each row: six (n,) float64 columns in, one out."""
    tcpa_s = np.empty(sx_m.size)
    for i in prange(sx_m.size):
        tcpa_s[i] = time_to_cpa_3d(sx_m[i], sy_m[i], sz_m[i], vx_mps[i], vy_mps[i], vz_mps[i])
    return tcpa_s


@columns
def distances_at_cpa_3d(
    sx_m: Floats, sy_m: Floats, sz_m: Floats, vx_mps: Floats, vy_mps: Floats, vz_mps: Floats
) -> Floats:
    """Apply `distance_at_cpa_3d` to each row: six (n,) float64 columns in, one out."""
    dcpa_m = np.empty(sx_m.size)
    for i in prange(sx_m.size):
        dcpa_m[i] = distance_at_cpa_3d(sx_m[i], sy_m[i], sz_m[i], vx_mps[i], vy_mps[i], vz_mps[i])
    return dcpa_m

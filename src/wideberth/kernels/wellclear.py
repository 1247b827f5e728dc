"""Well clear by modified tau (WCV_TAUMOD): the volume of detect-and-avoid standards, in a local plane.

Relative motion is *intruder minus ownship*: position (sx, sy, sz), velocity (vx, vy, vz), metres
and m/s, z up; ownship minus intruder gives the same.  Times count from now.  Symbols, with units:

    dthr  distance threshold, also DMOD and HMD*        tthr  time threshold of modified tau
    zthr  altitude threshold                            tcoa  time-to-co-altitude threshold

Well clear is lost where horizontally (r ≤ dthr, or closing with a predicted miss ≤ dthr and
0 ≤ tau_mod ≤ tthr) **and** vertically (|sz| ≤ zthr, or 0 ≤ time to co-altitude ≤ tcoa) at the same
instant.  The volume is closed; but a loss has duration: an interval that does not exist, or is one
instant, is (inf, −inf).  An unknown one is (NaN, NaN).

Source: Munoz, Narkawicz, Chamberlain, Consiglio, Upchurch, "A Family of Well-Clear Boundary Models for
the Integration of UAS in the NAS", AIAA 2014-2412; docs/formulas.md#wellclear.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from wideberth.kernels._jit import columns, formula, prange
from wideberth.kernels.cpa import distance_at_cpa, time_to_co_altitude
from wideberth.kernels.cylinder import circle_discriminant, circle_times, overlap, slab_times

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]


@formula
def tau_mod(sx_m: float, sy_m: float, vx_mps: float, vy_mps: float, dmod_m: float) -> float:
    """Return modified tau, (DMOD² − r²)/(s·v), seconds; −1 if not closing or already within DMOD.

    The −1 is the standards' own.
    """
    range_rate = sx_m * vx_mps + sy_m * vy_mps  # times the range
    range_m = math.hypot(sx_m, sy_m)
    if np.isnan(range_rate):
        return math.nan
    if range_rate >= 0.0 or range_m <= dmod_m:
        return -1.0
    return (dmod_m - range_m) * (dmod_m + range_m) / range_rate


@formula
def is_violated(
    sx_m: float,
    sy_m: float,
    sz_m: float,
    vx_mps: float,
    vy_mps: float,
    vz_mps: float,
    dthr_m: float,
    zthr_m: float,
    tthr_s: float,
    tcoa_s: float,
) -> bool:
    """Tell whether well clear is lost now.

    False if the position is unknown; with an unknown velocity the position alone decides.
    """
    is_near = math.hypot(sx_m, sy_m) <= dthr_m
    if not is_near and sx_m * vx_mps + sy_m * vy_mps < 0.0:
        tau_s = tau_mod(sx_m, sy_m, vx_mps, vy_mps, dthr_m)
        is_near = 0.0 <= tau_s <= tthr_s and distance_at_cpa(sx_m, sy_m, vx_mps, vy_mps) <= dthr_m
    is_level = abs(sz_m) <= zthr_m or 0.0 <= time_to_co_altitude(sz_m, vz_mps) <= tcoa_s
    return is_near and is_level


@formula
def horizontal_interval(
    sx_m: float, sy_m: float, vx_mps: float, vy_mps: float, dthr_m: float, tthr_s: float
) -> tuple[float, float]:
    """Return when the horizontal part of well clear is lost and regained; (inf, −inf) if never.

    It is lost at the lower root of |v|²t² + (2 s·v + tthr |v|²)t + |s|² + tthr s·v − dthr², where modified
    tau has come down to tthr, and regained where the circle of radius dthr is left.
    """
    speed_squared = vx_mps * vx_mps + vy_mps * vy_mps
    if speed_squared == 0.0:
        return (-math.inf, math.inf) if math.hypot(sx_m, sy_m) <= dthr_m else (math.inf, -math.inf)
    circle = circle_discriminant(sx_m, sy_m, vx_mps, vy_mps, dthr_m)
    if not circle >= 0.0:
        return math.inf, -math.inf
    enters_s, leaves_s = circle_times(sx_m, sy_m, vx_mps, vy_mps, dthr_m)
    # The quadratic's discriminant is the circle's and (tthr |v|²/2)²; where the circle is entered it
    # is at or below 0, so that its lower root is there or before.
    half = 0.5 * tthr_s * speed_squared
    root = math.sqrt(circle + half * half)
    range_rate = sx_m * vx_mps + sy_m * vy_mps
    b = range_rate + half
    if b > 0.0:
        tau_in_s = (-b - root) / speed_squared
    else:
        range_m = math.hypot(sx_m, sy_m)
        c = (range_m - dthr_m) * (range_m + dthr_m) + tthr_s * range_rate
        tau_in_s = c / (root - b) if root - b > 0.0 else 0.0
    return min(enters_s, tau_in_s), leaves_s


@formula
def conflict_interval(
    sx_m: float,
    sy_m: float,
    sz_m: float,
    vx_mps: float,
    vy_mps: float,
    vz_mps: float,
    dthr_m: float,
    zthr_m: float,
    tthr_s: float,
    tcoa_s: float,
    from_s: float,
    until_s: float,
) -> tuple[float, float]:
    """Return when well clear is first lost and when it is regained, within [from_s, until_s]."""
    if np.isnan(sx_m + sy_m + sz_m + vx_mps + vy_mps + vz_mps):
        return math.nan, math.nan
    t_in_s, t_out_s = horizontal_interval(sx_m, sy_m, vx_mps, vy_mps, dthr_m, tthr_s)
    if vz_mps == 0.0 and abs(sz_m) == zthr_m:  # on the very edge, and staying there: the volume is closed
        z_in_s, z_out_s = -math.inf, math.inf
    else:
        z_in_s, z_out_s = slab_times(sz_m, vz_mps, max(zthr_m, tcoa_s * abs(vz_mps)), zthr_m)
    return overlap(t_in_s, t_out_s, z_in_s, z_out_s, from_s, until_s)


@columns
def tau_mods(sx_m: Floats, sy_m: Floats, vx_mps: Floats, vy_mps: Floats, dmod_m: float) -> Floats:
    """Apply `tau_mod` to each row: four (n,) float64 columns in, one out."""
    tau_s = np.empty(sx_m.size)
    for i in prange(sx_m.size):
        tau_s[i] = tau_mod(sx_m[i], sy_m[i], vx_mps[i], vy_mps[i], dmod_m)
    return tau_s


@columns
def are_violated(
    sx_m: Floats,
    sy_m: Floats,
    sz_m: Floats,
    vx_mps: Floats,
    vy_mps: Floats,
    vz_mps: Floats,
    dthr_m: float,
    zthr_m: float,
    tthr_s: float,
    tcoa_s: float,
) -> Flags:
    """Apply `is_violated` to each row: six (n,) float64 columns in, one bool column out."""
    flags = np.empty(sx_m.size, np.bool_)
    for i in prange(sx_m.size):
        flags[i] = is_violated(
            sx_m[i], sy_m[i], sz_m[i], vx_mps[i], vy_mps[i], vz_mps[i], dthr_m, zthr_m, tthr_s, tcoa_s
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
    dthr_m: float,
    zthr_m: float,
    tthr_s: float,
    tcoa_s: float,
    from_s: float,
    until_s: float,
) -> tuple[Floats, Floats]:
    """Apply `conflict_interval` to each row: six (n,) float64 columns in, columns t_in_s and t_out_s out."""
    t_in_s = np.empty(sx_m.size)
    t_out_s = np.empty(sx_m.size)
    for i in prange(sx_m.size):
        t_in_s[i], t_out_s[i] = conflict_interval(
            sx_m[i],
            sy_m[i],
            sz_m[i],
            vx_mps[i],
            vy_mps[i],
            vz_mps[i],
            dthr_m,
            zthr_m,
            tthr_s,
            tcoa_s,
            from_s,
            until_s,
        )
    return t_in_s, t_out_s

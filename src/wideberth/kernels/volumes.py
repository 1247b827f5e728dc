"""When straight flight is within a volume to be kept clear, horizontally and vertically apart.

A volume is five numbers: d (radius, or dthr), h (half height, or zthr), tthr, tcoa and is_closed.
A plain cylinder has tthr = tcoa = 0 and is open; well clear by modified tau is closed, as in
`kernels/cylinder.py` and `kernels/wellclear.py`.  Loss of separation is where a horizontal and a vertical
interval overlap, and each depends on its own half of the motion.  Guidance tries hundreds of manoeuvres
that change one half only, so it computes the other once: that is what these formulas are apart for.

Relative motion: position (sx, sy, sz), velocity (vx, vy, vz), metres and m/s; its sign does not matter.
Times count from where the position is; an interval that does not exist is (inf, −inf).  Nothing is cut to a
window here.  NaN in, no interval out: `guide` lets no unknown number in.

Source: the quadratics of docs/formulas.md#cylinder and docs/formulas.md#wellclear.
"""

from __future__ import annotations

import math

from wideberth.kernels._jit import formula


@formula
def horizontal_times(sx_m, sy_m, vx_mps, vy_mps, d_m, tthr_s, is_closed):
    """Return when the horizontal part is lost and regained, seconds."""
    speed_squared = vx_mps * vx_mps + vy_mps * vy_mps
    c = sx_m * sx_m + sy_m * sy_m - d_m * d_m
    if speed_squared == 0.0:
        return (-math.inf, math.inf) if c < 0.0 or (c == 0.0 and is_closed) else (math.inf, -math.inf)
    moment = sx_m * vy_mps - sy_m * vx_mps
    discriminant = d_m * d_m * speed_squared - moment * moment
    if not discriminant >= 0.0:
        return math.inf, -math.inf
    root = math.sqrt(discriminant)
    range_rate = sx_m * vx_mps + sy_m * vy_mps  # times the range
    # Of two roots the one whose parts have one sign is computed, and the other from their product c.
    if range_rate > 0.0:
        q = -range_rate - root
        in_s, out_s = q / speed_squared, c / q
    else:
        q = root - range_rate
        in_s, out_s = (c / q if q > 0.0 else 0.0), q / speed_squared
    if tthr_s > 0.0:
        # Where the circle is entered the quadratic of modified tau is not above 0: its lower root is before.
        half = 0.5 * tthr_s * speed_squared
        root = math.sqrt(discriminant + half * half)
        b = range_rate + half
        if b > 0.0:
            in_s = (-b - root) / speed_squared
        elif root - b > 0.0:
            in_s = (c + tthr_s * range_rate) / (root - b)
    return in_s, out_s


@formula
def vertical_times(sz_m, vz_mps, h_m, tcoa_s, is_closed):
    """Return when the vertical part is lost and regained, seconds."""
    if vz_mps == 0.0:
        is_level = abs(sz_m) < h_m or (abs(sz_m) == h_m and is_closed)
        return (-math.inf, math.inf) if is_level else (math.inf, -math.inf)
    reach_m = max(h_m, tcoa_s * abs(vz_mps))
    if vz_mps > 0.0:
        return (-reach_m - sz_m) / vz_mps, (h_m - sz_m) / vz_mps
    return (reach_m - sz_m) / vz_mps, (-h_m - sz_m) / vz_mps


@formula
def is_vertically_lost(sz_m, vz_mps, h_m, tcoa_s, is_closed):
    """Tell whether the vertical part is lost at this instant."""
    if abs(sz_m) < h_m:
        return True
    if not is_closed:
        return abs(sz_m) == h_m and sz_m * vz_mps < 0.0
    if abs(sz_m) == h_m:
        return True
    return vz_mps != 0.0 and 0.0 <= -sz_m / vz_mps <= tcoa_s


@formula
def times_within(sx_m, sy_m, sz_m, vx_mps, vy_mps, vz_mps, d_m, h_m, tthr_s, tcoa_s, is_closed):
    """Return when both parts are lost, seconds; the end may lie before the beginning: then never."""
    z_in_s, z_out_s = vertical_times(sz_m, vz_mps, h_m, tcoa_s, is_closed)
    if not z_in_s < z_out_s or z_out_s <= 0.0:  # the horizontal part is the dearer one
        return math.inf, -math.inf
    in_s, out_s = horizontal_times(sx_m, sy_m, vx_mps, vy_mps, d_m, tthr_s, is_closed)
    return max(in_s, z_in_s), min(out_s, z_out_s)

"""Which samples of a manoeuvre lose a volume to one intruder, on the way and after it.

One sample and one intruder give a straight relative motion, and with a volume one interval of loss, in
seconds from now: `fill_times` writes it once, whatever the window, the horizon or the region that
ask later.  Of an altitude there are two straight parts, and between and after them instants a second apart.

The tests, with tau the time from one sample to the next, L the look-ahead, B the beginning of the window and
T the horizon, which counts from the end of the manoeuvre (or from now, if ``counts_from_now``):

1. on the way: the straight flight from sample k is within the volume in [k tau, (k + 1) tau], k tau < L: then
   this sample is lost, and all beyond it;
2. after it: leaving sample k straight is within the volume in [max(B, t_k), min(L, T + t_k)].

An altitude is lost by an instant on the way, or by either straight part.

Source: Munoz, Narkawicz, Hagen et al., DASC 2015; that an interval is tested instead of an instant, and that
the horizon counts from the end of the manoeuvre, is as of DAIDALUS v2.0.3; docs/formulas.md#guidance.
"""

from __future__ import annotations

import math

from wideberth.kernels._jit import formula, kernel
from wideberth.kernels.alerting import D_M, H_M, IS_CLOSED, TCOA_S, TTHR_S
from wideberth.kernels.manoeuvres import (
    ALTITUDE,
    DONE_S,
    HOLD_P,
    HOLD_S,
    HOLD_V,
    PX,
    PY,
    PZ,
    SLOW_S,
    T_S,
    TARGET_P,
    VERTICAL_SPEED,
    WX,
    WY,
    WZ,
    climb_at,
)
from wideberth.kernels.volumes import horizontal_times, is_vertically_lost, vertical_times

# Rows of the times of one intruder: of an altitude, of the hold; then of level flight, and instants on the way.
IN_S, OUT_S, LEVEL_IN_S, LEVEL_OUT_S, FIRST_S, LAST_S = range(6)
TIME_ROWS = 6


@formula
def reach_m(d_m, tthr_s, speed_mps):
    """Return a range beyond which the horizontal part is kept at any relative speed up to this one."""
    half = 0.5 * tthr_s * speed_mps
    return half + math.sqrt(half * half + d_m * d_m)


@kernel
def fill_times(dimension, n, rate, samples, own, intruder, volume, latest_s, times):
    """Write when each sample is within a volume of one intruder; False if none is before ``latest_s``.

    Args:
        own, intruder: (6,) positions and velocities.
        volume: a row of the table of levels.
    """
    sx, sy, sz = intruder[0] - own[0], intruder[1] - own[1], intruder[2] - own[2]
    d, h, tthr, tcoa, is_closed = (
        volume[D_M], volume[H_M], volume[TTHR_S], volume[TCOA_S], volume[IS_CLOSED] != 0.0,
    )  # fmt: skip
    if dimension >= VERTICAL_SPEED:
        first, last = horizontal_times(sx, sy, intruder[3] - own[3], intruder[4] - own[4], d, tthr, is_closed)
        if not first < last or last <= 0.0 or first >= latest_s:
            return False
        if dimension == VERTICAL_SPEED:
            _vertical(n, samples, sz, intruder[5], h, tcoa, is_closed, first, last, times)
        else:
            _altitudes(
                n, rate, samples, sz, own[5], intruder[5], h, tcoa, is_closed, first, last, latest_s, times
            )
        return True
    first, last = vertical_times(sz, intruder[5] - own[5], h, tcoa, is_closed)
    if not first < last or last <= 0.0 or first >= latest_s:
        return False
    fastest = math.sqrt(samples[WX, n - 1] * samples[WX, n - 1] + samples[WY, n - 1] * samples[WY, n - 1])
    fastest += math.sqrt(intruder[3] * intruder[3] + intruder[4] * intruder[4])
    near_m = math.sqrt(sx * sx + sy * sy) * (1.0 - 1e-9) - fastest * min(last, latest_s)
    if near_m > reach_m(d, tthr, fastest):
        return False
    _horizontal(n, samples, sx, sy, intruder[3], intruder[4], d, tthr, is_closed, first, last, times)
    return True


@kernel
def _horizontal(n, samples, sx, sy, vx, vy, d, tthr, is_closed, first, last, times):
    for k in range(n):
        t = samples[T_S, k]
        in_s, out_s = horizontal_times(
            samples[PX, k] - sx - vx * t,
            samples[PY, k] - sy - vy * t,
            samples[WX, k] - vx,
            samples[WY, k] - vy,
            d, tthr, is_closed,
        )  # fmt: skip
        times[IN_S, k] = max(in_s + t, first)
        times[OUT_S, k] = min(out_s + t, last)


@kernel
def _vertical(n, samples, sz, vz, h, tcoa, is_closed, first, last, times):
    for k in range(n):
        t = samples[T_S, k]
        in_s, out_s = vertical_times(samples[PZ, k] - sz - vz * t, samples[WZ, k] - vz, h, tcoa, is_closed)
        times[IN_S, k] = max(in_s + t, first)
        times[OUT_S, k] = min(out_s + t, last)


@kernel
def _altitudes(n, a, samples, sz, own_vz, vz, h, tcoa, is_closed, first, last, latest_s, times):
    for k in range(n):
        t = samples[HOLD_S, k]
        in_s, out_s = vertical_times(
            samples[HOLD_P, k] - sz - vz * t, samples[HOLD_V, k] - vz, h, tcoa, is_closed
        )
        times[IN_S, k], times[OUT_S, k] = max(in_s + t, first), min(out_s + t, last)
        t = samples[DONE_S, k]
        in_s, out_s = vertical_times(samples[TARGET_P, k] - sz - vz * t, -vz, h, tcoa, is_closed)
        times[LEVEL_IN_S, k], times[LEVEL_OUT_S, k] = max(in_s + t, first), min(out_s + t, last)
        lost_s, still_s = math.inf, -math.inf
        if a > 0.0:
            for part in range(2):
                i = max(0.0 if part == 0 else samples[SLOW_S, k], first)
                i = math.ceil(i)
                until = min(samples[HOLD_S, k] if part == 0 else samples[DONE_S, k], last)
                while i <= until and i < latest_s and (is_closed or i < last):
                    p, v = climb_at(i, k, own_vz, a, samples)
                    if is_vertically_lost(p - sz - vz * i, v - vz, h, tcoa, is_closed):
                        lost_s, still_s = min(lost_s, i), max(still_s, i)
                    i += 1.0
        times[FIRST_S, k], times[LAST_S, k] = lost_s, still_s


@formula
def is_within(in_s, out_s, from_s, until_s):
    """Tell whether an interval and a window have more than an instant in common.

    A window that is an instant asks whether the interval holds it; one that ends before it begins, nothing.
    """
    if from_s == until_s:
        return in_s <= from_s < out_s
    return max(in_s, from_s) < min(out_s, until_s)


@formula
def is_lost_after(dimension, k, samples, times, from_s, horizon_s, look_ahead_s, counts_from_now):
    """Apply test 2, or that of an altitude, to one sample."""
    if dimension == ALTITUDE:
        if times[LAST_S, k] >= from_s:
            return True
        hold_s, done_s = samples[HOLD_S, k], samples[DONE_S, k]
        until_s = min(look_ahead_s, horizon_s + (0.0 if counts_from_now else hold_s), samples[SLOW_S, k])
        if is_within(times[IN_S, k], times[OUT_S, k], max(from_s, hold_s), until_s):
            return True
        until_s = min(look_ahead_s, horizon_s + (0.0 if counts_from_now else done_s))
        return is_within(times[LEVEL_IN_S, k], times[LEVEL_OUT_S, k], max(from_s, done_s), until_s)
    t = samples[T_S, k]
    until_s = min(look_ahead_s, horizon_s + (0.0 if counts_from_now else t))
    return is_within(times[IN_S, k], times[OUT_S, k], max(from_s, t), until_s)


@kernel
def is_any_lost_after(dimension, n, samples, times, horizon_s, look_ahead_s, counts_from_now):
    """Tell whether test 2, from now on, is failed by any sample."""
    for k in range(n):
        if is_lost_after(dimension, k, samples, times, 0.0, horizon_s, look_ahead_s, counts_from_now):
            return True
    return False


@kernel
def mark_lost(
    dimension, n, below, tau, samples, times, from_s, horizon_s, look_ahead_s, counts_from_now, red
):
    """Mark the samples that fail either test."""
    for k in range(n):
        if red[k] == 0 and is_lost_after(
            dimension, k, samples, times, from_s, horizon_s, look_ahead_s, counts_from_now
        ):
            red[k] = 1
    if dimension != ALTITUDE and tau > 0.0:
        mark_way(n, below, tau, times, math.ceil(from_s / tau), look_ahead_s, red)


@kernel
def mark_way(n, below, tau, times, first, look_ahead_s, red):
    """Apply test 1 from sample number ``first`` on, on both sides."""
    for side in (-1, 1):
        k = first
        last = below if side < 0 else n - 1 - below
        while k <= last and k * tau < look_ahead_s:
            m = below + side * k
            if is_within(times[IN_S, m], times[OUT_S, m], k * tau, (k + 1) * tau):
                for j in range(k, last + 1):
                    red[below + side * j] = 1
                break
            k += 1


@kernel
def mark_core(dimension, n, below, tau, samples, times, until_s, look_ahead_s, red):
    """Mark the samples that come within a core volume in [0, until_s]."""
    last_s = min(until_s, look_ahead_s)
    for k in range(n):
        if red[k] != 0:
            continue
        if dimension == ALTITUDE:
            if (
                times[FIRST_S, k] <= until_s
                or is_within(
                    times[IN_S, k], times[OUT_S, k], samples[HOLD_S, k], min(last_s, samples[SLOW_S, k])
                )
                or is_within(times[LEVEL_IN_S, k], times[LEVEL_OUT_S, k], samples[DONE_S, k], last_s)
            ):
                red[k] = 1
        elif is_within(times[IN_S, k], times[OUT_S, k], samples[T_S, k], last_s):
            red[k] = 1
    if dimension != ALTITUDE and tau > 0.0:
        _mark_core_way(n, below, tau, times, math.floor(until_s / tau), look_ahead_s, red)


@kernel
def _mark_core_way(n, below, tau, times, most, look_ahead_s, red):
    for side in (-1, 1):
        last = below if side < 0 else n - 1 - below
        for k in range(min(last, most) + 1):
            m = below + side * k
            if not k * tau < look_ahead_s:
                break
            if is_within(times[IN_S, m], times[OUT_S, m], k * tau, (k + 1) * tau):
                for j in range(k, last + 1):
                    red[below + side * j] = 1
                break


@formula
def has_green(first, stop, red):
    """Tell whether any segment is green: two neighbouring samples that are not marked."""
    for k in range(first, stop):  # noqa: SIM110
        if red[k] == 0 and red[k + 1] == 0:
            return True
    return False

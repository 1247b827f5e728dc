"""The manoeuvres that guidance tries: where own flight has come to, and how it goes on, at each sample.

Four dimensions: direction, speed, vertical speed, altitude.  Samples of the first three lie a step apart on
both sides of the own value, and sample k is reached after k steps at a constant rate: of turn, of
acceleration along the track, of vertical acceleration.  Samples of altitude are targets, a step apart from
the lower limit on.  Where the rate is 0 the new value holds at once, from where the own aircraft is.

A manoeuvre is a column of a float64 array (rows, samples), its rows numbered here; positions are how far
own flight has come since now (metres), velocities are over ground or, with wind, through the air.

A climb or descent to a target, at acceleration a: where the vertical speed points away from the target, or
cannot be brought to 0 before it, that comes first; then it is brought to the rate of climb, or stays what it
was if that is more; is held; and is brought to 0 at the target.  A short climb peaks below the rate.
LEFT_S to HOLD_S is that acceleration, to SLOW_S the hold, to DONE_S the levelling.

Source: Munoz, Narkawicz, Hagen et al., "DAIDALUS: Detect and Avoid Alerting Logic for Unmanned Systems", DASC
2015; a level turn of bank φ at speed v turns at g tan φ / v; docs/formulas.md#guidance.
"""

from __future__ import annotations

import math

import numpy as np

from wideberth.kernels._jit import formula, kernel

DIRECTION, SPEED, VERTICAL_SPEED, ALTITUDE = range(4)

# Columns of the table of dimensions, (4, 8) float64: limits (of direction: how far to the left and right),
# limits from the own value (0 and 0: none), step, rate (rad/s or m/s²), and bank (rad) or rate of climb (m/s).
LOW, HIGH, BELOW, ABOVE, STEP, RATE, OTHER, RECOVERS = range(8)

# Rows of a sample: when it is reached, how far own flight has come, and its velocity then.
T_S, PX, PY, PZ, WX, WY, WZ = range(7)
# Of an altitude instead, all vertical: see above.  P metres from now, V m/s; SIGN +1 up, −1 down.
LEFT_S, LEFT_P, LEFT_V, HOLD_S, HOLD_P, HOLD_V, SLOW_S, DONE_S, TARGET_P, SIGN = range(10)
SAMPLE_ROWS = 10

GRAVITY_MPS2 = 9.80665
LEVELLED_S = 1.0  # flight is level for this long before it counts as settled


@formula
def limits_of(dimension, value, dims):
    """Return the least and the greatest value that may be flown; direction: on both sides of ``value``."""
    d = dims[dimension]
    if dimension == DIRECTION:
        return value - d[LOW], value + d[HIGH]
    low, high = d[LOW], d[HIGH]
    if d[BELOW] > 0.0 or d[ABOVE] > 0.0:
        low, high = max(low, value - d[BELOW]), min(high, value + d[ABOVE])
    return low, high


@formula
def samples_of(dimension, value, dims):
    """Return how many samples there are, and how many of them below or to the left of the own value.

    None where the own value lies outside of what may be flown.
    """
    step = dims[dimension, STEP]
    low, high = limits_of(dimension, value, dims)
    if dimension != DIRECTION and not (dims[dimension, LOW] <= value <= dims[dimension, HIGH]):
        return 0, 0
    if dimension == ALTITUDE:
        return math.floor((high - low) / step) + 2, 0
    # Not high - value: rounding would make 12 steps 13.
    under, over = dims[dimension, BELOW], dims[dimension, ABOVE]
    if dimension == DIRECTION:
        under, over = dims[dimension, LOW], dims[dimension, HIGH]
    elif under > 0.0 or over > 0.0:
        under, over = min(under, value - dims[dimension, LOW]), min(over, dims[dimension, HIGH] - value)
    else:
        under, over = value - low, high - value
    below, above = math.ceil(under / step), math.ceil(over / step)
    if dimension == DIRECTION:
        half = math.floor(math.pi / step)
        below, above = min(below, half), min(above, half)
    return below + above + 1, below


@formula
def base_of(dimension, value, below, dims):
    """Return the value of the first sample."""
    if dimension == ALTITUDE:
        return limits_of(dimension, value, dims)[0]
    return value - below * dims[dimension, STEP]


@formula
def own_value(dimension, z_m, vx_mps, vy_mps, vz_mps):
    """Return the own track (radians from north), speed, vertical speed or altitude."""
    if dimension == DIRECTION:
        track = math.atan2(vx_mps, vy_mps)
        return track + 2.0 * math.pi if track < 0.0 else track
    if dimension == SPEED:
        return math.sqrt(vx_mps * vx_mps + vy_mps * vy_mps)
    return vz_mps if dimension == VERTICAL_SPEED else z_m


@formula
def rate_of(dimension, speed_mps, dims):
    """Return the rate at which a dimension changes; 0: at once."""
    if dimension == DIRECTION and dims[dimension, RATE] == 0.0 and dims[dimension, OTHER] > 0.0:
        return GRAVITY_MPS2 * math.tan(dims[dimension, OTHER]) / speed_mps
    if dimension == ALTITUDE and dims[dimension, OTHER] == 0.0:
        return 0.0
    return dims[dimension, RATE]


@kernel
def fill_samples(dimension, value, n, below, vx_mps, vy_mps, vz_mps, z_m, least_turn_mps, dims, own):
    """Write the n samples of a dimension into ``own``; return the time from one to the next, 0 if at once."""
    speed = math.sqrt(vx_mps * vx_mps + vy_mps * vy_mps)
    east, north = (vx_mps / speed, vy_mps / speed) if speed > 0.0 else (0.0, 1.0)
    step = dims[dimension, STEP]
    if dimension == DIRECTION:
        speed = max(speed, least_turn_mps)
        rate = rate_of(dimension, speed, dims)
        _turns(n, below, step, rate, speed, east, north, own)
    else:
        rate = rate_of(dimension, speed, dims)
        if dimension == SPEED:
            _changes(n, below, step, rate, speed, PX, WX, own)
            for k in range(n):
                own[PY, k], own[WY, k] = own[PX, k] * north, own[WX, k] * north
                own[PX, k], own[WX, k] = own[PX, k] * east, own[WX, k] * east
        elif dimension == VERTICAL_SPEED:
            _changes(n, below, step, rate, vz_mps, PZ, WZ, own)
        else:
            low = base_of(dimension, value, below, dims)
            for k in range(n):
                _climb(low + k * step - z_m, vz_mps, rate, dims[dimension, OTHER], k, own)
            return 0.0
    return step / rate if rate > 0.0 else 0.0


@kernel
def _turns(n, below, step, rate, speed, east, north, own):
    """Level turns at a constant rate; ``east`` and ``north`` are sine and cosine of the present track."""
    radius_m = speed / rate if rate > 0.0 else 0.0
    for k in range(max(below, n - 1 - below) + 1):
        sine, cosine = math.sin(k * step), math.cos(k * step)
        for side in (-1.0, 1.0):
            m = below + int(side) * k
            if m < 0 or m >= n:
                continue
            new_east = east * cosine + side * north * sine
            new_north = north * cosine - side * east * sine
            own[T_S, m] = k * step / rate if rate > 0.0 else 0.0
            own[PX, m] = side * radius_m * (north - new_north)
            own[PY, m] = side * radius_m * (new_east - east)
            own[WX, m], own[WY, m] = speed * new_east, speed * new_north


@kernel
def _changes(n, below, step, rate, value, position, velocity, own):
    """Changes of a velocity at a constant rate, and the way meanwhile."""
    for m in range(n):
        k = m - below
        t_s = abs(k) * step / rate if rate > 0.0 else 0.0
        own[T_S, m] = t_s
        own[position, m] = value * t_s + 0.5 * math.copysign(rate, k) * t_s * t_s
        own[velocity, m] = value + k * step


@kernel
def _climb(target_m, vz_mps, a, rate_mps, k, own):
    """Write the climb or descent to one target, metres from now."""
    left_s, left_m, left_v = 0.0, 0.0, vz_mps
    if a == 0.0:  # at once
        for row in range(LEFT_S, DONE_S + 1):
            own[row, k] = 0.0
        own[LEFT_P, k] = own[HOLD_P, k] = own[TARGET_P, k] = target_m
        own[SIGN, k] = 1.0
        return
    stop_m = vz_mps * abs(vz_mps) / (2.0 * a)
    if target_m * vz_mps < 0.0 or (vz_mps != 0.0 and abs(stop_m) > abs(target_m)):
        left_s, left_m, left_v = abs(vz_mps) / a, stop_m, 0.0
    way_m = abs(target_m - left_m)
    sign = 1.0 if target_m >= left_m else -1.0
    u = abs(left_v)
    peak = max(rate_mps, u)
    hold_m = way_m - (peak * peak - u * u) / (2.0 * a) - peak * peak / (2.0 * a)
    if hold_m < 0.0:
        peak = math.sqrt(a * way_m + 0.5 * u * u)
        hold_m = 0.0
    own[LEFT_S, k], own[LEFT_P, k], own[LEFT_V, k] = left_s, left_m, sign * u
    own[HOLD_S, k] = left_s + (peak - u) / a
    own[HOLD_P, k] = left_m + sign * (peak * peak - u * u) / (2.0 * a)
    own[HOLD_V, k] = sign * peak
    own[SLOW_S, k] = own[HOLD_S, k] + (hold_m / peak if peak > 0.0 else 0.0)
    own[DONE_S, k] = own[SLOW_S, k] + peak / a + LEVELLED_S
    own[TARGET_P, k], own[SIGN, k] = target_m, sign


@formula
def climb_at(t_s, k, vz_mps, a, own):
    """Return how far a climb has come at a time, metres, and its vertical speed."""
    if t_s < own[LEFT_S, k]:
        slowing = math.copysign(a, vz_mps)
        return vz_mps * t_s - 0.5 * slowing * t_s * t_s, vz_mps - slowing * t_s
    if t_s < own[HOLD_S, k]:
        since = t_s - own[LEFT_S, k]
        gain = own[SIGN, k] * a
        return own[LEFT_P, k] + own[LEFT_V, k] * since + 0.5 * gain * since * since, own[
            LEFT_V, k
        ] + gain * since
    if t_s <= own[SLOW_S, k]:
        return own[HOLD_P, k] + own[HOLD_V, k] * (t_s - own[HOLD_S, k]), own[HOLD_V, k]
    left = own[DONE_S, k] - LEVELLED_S - t_s
    if left <= 0.0:
        return own[TARGET_P, k], 0.0
    return own[TARGET_P, k] - 0.5 * own[SIGN, k] * a * left * left, own[SIGN, k] * a * left


@kernel
def most_samples(dims):
    """Return the greatest number of samples that any own value gives, of each dimension."""
    most = np.empty(4, np.int64)
    for dimension in range(4):
        d = dims[dimension]
        span = d[LOW] + d[HIGH] if dimension == DIRECTION else d[HIGH] - d[LOW]
        most[dimension] = math.ceil(span / d[STEP]) + 4
    return most

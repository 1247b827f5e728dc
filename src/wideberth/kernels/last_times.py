"""The last time at which a manoeuvre still keeps one intruder out of the corrective volume.

Both fly on straight for a time; then it is too late if the volume is lost already, or every sample of the
dimension loses it.  By bisection to half a second on the time until it is lost anyhow.  On the way instants
are tested, not what lies between them, as in the reference.

Source: Munoz, Narkawicz, Hagen et al., DASC 2015; docs/formulas.md#guidance.
"""

from __future__ import annotations

import math

import numpy as np

from wideberth.kernels._jit import kernel
from wideberth.kernels.alerting import level_times
from wideberth.kernels.manoeuvres import ALTITUDE, fill_samples, limits_of
from wideberth.kernels.samples import IN_S, OUT_S, TIME_ROWS, fill_times, is_lost_after

RESOLUTION_S = 0.5


@kernel
def last_time(
    dimension, value, n, below, tau, rate, samples, own, intruder, volume, look_ahead_s, least_turn_mps,
    counts_from_now, dims,
):  # fmt: skip
    """Return that time, seconds from now; inf without a conflict, −inf if it is too late."""
    in_s, _ = level_times(
        intruder[0] - own[0], intruder[1] - own[1], intruder[2] - own[2],
        intruder[3] - own[3], intruder[4] - own[4], intruder[5] - own[5],
        volume, look_ahead_s,
    )  # fmt: skip
    if math.isinf(in_s):
        return math.inf
    if in_s == 0.0:
        return -math.inf
    latest = -math.inf
    early, late = 0.0, in_s
    own_then, intruder_then = own.copy(), intruder.copy()
    times = np.empty((TIME_ROWS, samples.shape[1]))
    while late - early > RESOLUTION_S:
        middle = 0.5 * (early + late)
        for axis in range(3):
            own_then[axis] = own[axis] + own[axis + 3] * middle
            intruder_then[axis] = intruder[axis] + intruder[axis + 3] * middle
        is_outside = False
        if dimension == ALTITUDE and own[5] != 0.0:  # limits and targets stay where they are
            low, high = limits_of(dimension, value, dims)
            is_outside = not low <= own_then[2] <= high
            fill_samples(
                dimension, value, n, below, own[3], own[4], own[5], own_then[2], least_turn_mps, dims, samples
            )
        if is_outside or _is_too_late(
            dimension, n, below, tau, rate, samples, own_then, intruder_then, volume, look_ahead_s,
            counts_from_now, times,
        ):  # fmt: skip
            late = middle
        else:
            early = latest = middle
    return latest


@kernel
def _is_too_late(
    dimension, n, below, tau, rate, samples, own, intruder, volume, look_ahead_s, counts_from_now, times
):
    if not fill_times(dimension, n, rate, samples, own, intruder, volume, look_ahead_s + tau, times):
        return False
    if dimension == ALTITUDE:
        for k in range(n):
            if not is_lost_after(
                dimension, k, samples, times, 0.0, look_ahead_s, look_ahead_s, counts_from_now
            ):
                return False
        return True
    for side in (-1, 1):
        for k in range((below if side < 0 else n - 1 - below) + 1):
            m = below + side * k
            t = k * tau
            if tau > 0.0 and t < look_ahead_s and times[IN_S, m] <= t <= times[OUT_S, m]:
                break
            if not is_lost_after(
                dimension, m, samples, times, 0.0, look_ahead_s, look_ahead_s, counts_from_now
            ):
                return False
    return True

"""Manoeuvre bands of one dimension: which values lose well clear to whom, and how to resolve or recover.

For each region, from the severest on, those intruders count whose level of that region is met now, with the
whole look-ahead as horizon, and those that only a manoeuvre would bring into conflict (*peripheral*), with
the time to alert.  A region paints what is not green for all of them; the first region that leaves nothing
green is the last one painted, and calls for recovery.

Source: Munoz, Narkawicz, Hagen et al., DASC 2015; DAIDALUS User Guide v2; docs/formulas.md#guidance.
"""

from __future__ import annotations

import math

import numpy as np

from wideberth.kernels._jit import columns, kernel, prange
from wideberth.kernels.alerting import (
    ALERTING_S,
    NO_LEVEL,
    REGION,
    is_met,
    level_times,
    same_volume,
)
from wideberth.kernels.last_times import last_time
from wideberth.kernels.manoeuvres import (
    RECOVERS,
    SAMPLE_ROWS,
    fill_samples,
    own_value,
    rate_of,
    samples_of,
)
from wideberth.kernels.painting import (
    NEAR,
    NONE,
    UNKNOWN,
    paint,
    paint_ends,
    paint_recovery,
    region_at,
    resolutions,
    segments_of,
)
from wideberth.kernels.recovery import (
    CORE_D_M,
    CORE_H_M,
    CORRECTIVE,
    COUNTS_FROM_NOW,
    LEAST_TURN_MPS,
    LOOK_AHEAD_S,
    recover,
)
from wideberth.kernels.samples import TIME_ROWS, fill_times, is_any_lost_after, mark_lost

# What is told of each state and dimension: numbers, and codes.
VALUE, RES_LOW, RES_HIGH, RECOVERED_S, RECOVERY_D_M, RECOVERY_H_M = range(6)
SAMPLES, BELOW_OWN, AT_OWN, PREFERS_HIGH, RECOVERS_NOW, SHRUNK = range(6)
# RECOVERS_NOW: not computed, found, or nothing found.
NOT_COMPUTED, FOUND, SATURATED = range(3)


@kernel
def level_of_region(levels, region):
    """Return the mildest level that paints a region; −1 if none does."""
    for k in range(levels.shape[0]):
        if levels[k, REGION] == region:
            return k
    return -1


@kernel
def has_region(levels, region):
    """Tell whether any alerter paints a region."""
    for a in range(levels.shape[0]):  # noqa: SIM110
        if level_of_region(levels[a], region) >= 0:
            return True
    return False


@kernel
def mark_intruders(
    dimension,
    n,
    below,
    tau,
    rate,
    samples,
    own,
    intruders,
    alerters,
    meets,
    levels,
    settings,
    times,
    red,
    peripheral,
):
    """Mark, region by region, the samples that lose it to any intruder.

    Args:
        meets: (m, levels) whether each level is met.
        red: (4, n) out, by region.
        peripheral: (m,) out, bit r set for an intruder that is peripheral for region r.
    """
    look_ahead = settings[LOOK_AHEAD_S]
    from_now = settings[COUNTS_FROM_NOW] != 0.0
    red[:, :n] = 0
    for i in range(intruders.shape[0]):
        table = levels[alerters[i]]
        peripheral[i] = 0
        before = -1
        is_near = False
        for region in range(NEAR, NONE, -1):
            k = level_of_region(table, region)
            if k < 0:
                continue
            if before < 0 or not same_volume(table[k], table[before]):
                is_near = fill_times(
                    dimension, n, rate, samples, own, intruders[i], table[k], look_ahead + tau, times
                )
            before = k
            if not is_near:
                continue
            horizon = look_ahead
            if not meets[i, k]:
                horizon = min(look_ahead, table[k, ALERTING_S])
                if not is_any_lost_after(dimension, n, samples, times, horizon, look_ahead, from_now):
                    continue
                peripheral[i] |= 1 << region
            mark_lost(
                dimension, n, below, tau, samples, times, 0.0, horizon, look_ahead, from_now, red[region]
            )


@kernel
def recovery_of(
    dimension,
    n,
    below,
    first,
    stop,
    tau,
    rate,
    samples,
    own,
    intruders,
    alerters,
    meets,
    peripheral,
    levels,
    settings,
    red,
):
    """Look for recovery from the corrective region; as `recovery.recover`."""
    region = int(settings[CORRECTIVE])
    m = intruders.shape[0]
    chosen = np.empty(m, np.int64)
    horizons = np.empty(m)
    volumes = np.empty((m, levels.shape[2]))
    found = 0
    for i in range(m):
        k = level_of_region(levels[alerters[i]], region)
        if k >= 0 and (meets[i, k] or peripheral[i] & (1 << region)):
            chosen[found] = i
            horizons[found] = settings[LOOK_AHEAD_S]
            if not meets[i, k]:
                horizons[found] = min(settings[LOOK_AHEAD_S], levels[alerters[i], k, ALERTING_S])
            volumes[found] = levels[alerters[i], k]
            found += 1
    return recover(
        dimension, n, below, first, stop, tau, rate, samples, own, intruders, chosen[:found], horizons[:found],
        volumes[:found], settings, red,
    )  # fmt: skip


@kernel
def is_corrective_lost(own, intruders, alerters, levels, settings):
    """Tell whether the corrective volume of any intruder is lost now."""
    for i in range(intruders.shape[0]):
        k = level_of_region(levels[alerters[i]], int(settings[CORRECTIVE]))
        if k < 0:
            continue
        in_s, _ = level_times(
            intruders[i, 0] - own[0], intruders[i, 1] - own[1], intruders[i, 2] - own[2],
            intruders[i, 3] - own[3], intruders[i, 4] - own[4], intruders[i, 5] - own[5],
            levels[alerters[i], k], settings[LOOK_AHEAD_S],
        )  # fmt: skip
        if in_s == 0.0:
            return True
    return False


@kernel
def bands_of_dimension(
    dimension, own, intruders, alerters, meets, levels, dims, settings, is_last_asked,
    samples, times, red, numbers, codes, colours, peripheral, last_s,
):  # fmt: skip
    """Write everything that is told of one dimension of one state.

    Args:
        own, intruders, alerters, meets: (6,), (m, 6), (m,), (m, levels).
        samples, times, red: room to work in.
        numbers, codes: (6,) each out, by the names above.
        colours: out, one for each segment.
        peripheral, last_s: (m,) out.
    """
    value = own_value(dimension, own[2], own[3], own[4], own[5])
    n, below = samples_of(dimension, value, dims)
    numbers[:] = math.nan
    numbers[VALUE] = value
    codes[:] = 0
    codes[SHRUNK] = -1
    codes[AT_OWN] = UNKNOWN
    peripheral[:] = 0
    last_s[:] = math.inf
    if n < 2:
        return
    first, stop = segments_of(dimension, n, below, value, dims)
    if first == stop:
        return
    codes[SAMPLES], codes[BELOW_OWN] = n, below
    least = settings[LEAST_TURN_MPS]
    tau = fill_samples(dimension, value, n, below, own[3], own[4], own[5], own[2], least, dims, samples)
    rate = rate_of(dimension, max(least, own_value(1, own[2], own[3], own[4], own[5])), dims)
    mark_intruders(
        dimension, n, below, tau, rate, samples, own, intruders, alerters, meets, levels, settings, times, red,
        peripheral,
    )  # fmt: skip
    corrective = int(settings[CORRECTIVE])
    colours[: n - 1] = NONE
    region = NEAR
    is_any_green = True
    while region > NONE and is_any_green:
        if has_region(levels, region):
            is_any_green = paint(region, first, stop, red[region], colours)
        region -= 1
    is_saturating = not is_any_green and region + 1 >= corrective
    if dims[dimension, RECOVERS] != 0.0:
        if is_saturating:
            is_found, time_s, codes[SHRUNK], radius_m, height_m = recovery_of(
                dimension, n, below, first, stop, tau, rate, samples, own, intruders, alerters, meets, peripheral,
                levels, settings, red[NONE],
            )  # fmt: skip
            numbers[RECOVERED_S], numbers[RECOVERY_D_M], numbers[RECOVERY_H_M] = time_s, radius_m, height_m
            codes[RECOVERS_NOW] = FOUND if is_found else SATURATED
            if is_found:
                paint_recovery(first, stop, red[NONE], colours)
        elif rate == 0.0 and is_corrective_lost(own, intruders, alerters, levels, settings):
            paint_recovery(first, stop, red[corrective], colours)
            codes[RECOVERS_NOW], codes[SHRUNK] = FOUND, 0
            numbers[RECOVERED_S], numbers[RECOVERY_D_M], numbers[RECOVERY_H_M] = (
                0.0, settings[CORE_D_M], settings[CORE_H_M],
            )  # fmt: skip
    paint_ends(n, first, stop, colours)
    codes[AT_OWN] = region_at(dimension, first, stop, below, value, colours, dims)
    low, high, is_high = resolutions(
        dimension, first, stop, below, value, codes[AT_OWN], corrective, colours, dims
    )
    numbers[RES_LOW], numbers[RES_HIGH] = low, high
    codes[PREFERS_HIGH] = is_high
    if is_last_asked:
        for i in range(intruders.shape[0]):
            k = level_of_region(levels[alerters[i]], corrective)
            if k >= 0:
                last_s[i] = last_time(
                    dimension, value, n, below, tau, rate, samples, own, intruders[i], levels[alerters[i], k],
                    settings[LOOK_AHEAD_S], least, settings[COUNTS_FROM_NOW] != 0.0, dims,
                )  # fmt: skip


@columns
def bands(
    own, intruders, offsets, alerters, alerting_s, levels, dims, settings, wanted, is_last_asked, width
):
    """Return alert levels and bands of n states in all dimensions that are wanted.

    Args:
        own: (n, 6) float64: x, y, z, vx, vy, vz in a local plane.
        intruders: (m, 6) float64, those of state i at offsets[i] to offsets[i + 1] - 1.
        alerters: (m,) int64, rows of ``levels``.
        alerting_s: (m, levels) the alerting times by which a level is met.
        wanted: (4,) bool.
        width: room for the samples of any dimension.

    Returns:
        alerts (m,), numbers (n, 4, 6), codes (n, 4, 6), colours (n, 4, width), peripheral (m, 4), last times (m, 4).
    """
    n, m = own.shape[0], intruders.shape[0]
    alerts = np.zeros(m, np.int8)
    numbers = np.full((n, 4, 6), math.nan)
    codes = np.zeros((n, 4, 6), np.int64)
    colours = np.zeros((n, 4, width), np.uint8)
    peripheral = np.zeros((m, 4), np.uint8)
    last_s = np.full((m, 4), math.inf)
    for i in prange(n):
        first, stop = offsets[i], offsets[i + 1]
        samples = np.empty((SAMPLE_ROWS, width))
        times = np.empty((TIME_ROWS, width))
        red = np.empty((4, width), np.uint8)
        meets = np.zeros((stop - first, levels.shape[1]), np.bool_)
        for j in range(first, stop):
            before = -1
            in_s = math.inf
            for k in range(levels.shape[1]):
                level = levels[alerters[j], k]
                if level[REGION] == NO_LEVEL:
                    break
                if before < 0 or not same_volume(level, levels[alerters[j], before]):
                    in_s, _ = level_times(
                        intruders[j, 0] - own[i, 0], intruders[j, 1] - own[i, 1], intruders[j, 2] - own[i, 2],
                        intruders[j, 3] - own[i, 3], intruders[j, 4] - own[i, 4], intruders[j, 5] - own[i, 5],
                        level, settings[LOOK_AHEAD_S],
                    )  # fmt: skip
                before = k
                meets[j - first, k] = is_met(in_s, alerting_s[j, k])
                if meets[j - first, k]:
                    alerts[j] = k + 1
        for dimension in range(4):
            if wanted[dimension]:
                bands_of_dimension(
                    dimension, own[i], intruders[first:stop], alerters[first:stop], meets, levels, dims, settings,
                    is_last_asked, samples, times, red, numbers[i, dimension], codes[i, dimension],
                    colours[i, dimension], peripheral[first:stop, dimension], last_s[first:stop, dimension],
                )  # fmt: skip
    return alerts, numbers, codes, colours, peripheral, last_s

"""Alert levels: how soon straight flight enters the volumes of an intruder's alerter.

A table of levels is a float64 array (alerters, levels, 9), its columns numbered here: region, alerting
time, early alerting time, and the volume's five numbers (`kernels/volumes.py`).  Rows past an alerter's last
level have the region −1.  Positions and velocities are in one local plane, metres and m/s; rows of intruders
belong to states by ``offsets``: those of state i are offsets[i] to offsets[i + 1] − 1.

Source: RTCA DO-365B; Munoz, Narkawicz, Hagen et al., "DAIDALUS: Detect and Avoid Alerting Logic for
Unmanned Systems", DASC 2015; docs/formulas.md#guidance.
"""

from __future__ import annotations

import math

import numpy as np

from wideberth.kernels._jit import columns, formula, prange
from wideberth.kernels.volumes import times_within

REGION, ALERTING_S, EARLY_S, D_M, H_M, TTHR_S, TCOA_S, IS_CLOSED = range(8)
LEVEL_COLUMNS = 8
NO_LEVEL = -1.0


@formula
def level_times(sx_m, sy_m, sz_m, vx_mps, vy_mps, vz_mps, level, look_ahead_s):
    """Return when straight flight is within one level's volume on [0, look_ahead_s]; (inf, −inf) if never."""
    in_s, out_s = times_within(
        sx_m, sy_m, sz_m, vx_mps, vy_mps, vz_mps,
        level[D_M], level[H_M], level[TTHR_S], level[TCOA_S], level[IS_CLOSED] != 0.0,
    )  # fmt: skip
    in_s, out_s = max(in_s, 0.0), min(out_s, look_ahead_s)
    return (in_s, out_s) if in_s < out_s else (math.inf, -math.inf)


@formula
def is_met(in_s, alerting_s):
    """Tell whether a level is met whose volume is entered so soon."""
    return in_s == 0.0 or in_s < alerting_s


@formula
def same_volume(one, other):
    """Tell whether two levels share one volume."""
    return (
        one[D_M] == other[D_M]
        and one[H_M] == other[H_M]
        and one[TTHR_S] == other[TTHR_S]
        and one[TCOA_S] == other[TCOA_S]
        and one[IS_CLOSED] == other[IS_CLOSED]
    )


@formula
def alert_level(sx_m, sy_m, sz_m, vx_mps, vy_mps, vz_mps, levels, look_ahead_s):
    """Return the highest level met by one intruder, 0 if none; −1 if anything is unknown."""
    if np.isnan(sx_m + sy_m + sz_m + vx_mps + vy_mps + vz_mps):
        return -1
    highest = 0
    in_s = math.inf
    for k in range(levels.shape[0]):
        if levels[k, REGION] == NO_LEVEL:
            break
        if k == 0 or not same_volume(levels[k], levels[k - 1]):
            in_s, _ = level_times(sx_m, sy_m, sz_m, vx_mps, vy_mps, vz_mps, levels[k], look_ahead_s)
        if is_met(in_s, levels[k, ALERTING_S]):
            highest = k + 1
    return highest


@columns
def alert_levels(own, intruders, offsets, alerters, levels, look_ahead_s):
    """Return the alert level of every intruder, (m,) int8.

    Args:
        own: (n, 6) float64: x, y, z, vx, vy, vz.
        intruders: (m, 6) float64, the same.
        offsets: (n + 1,) int64.
        alerters: (m,) int64, rows of ``levels``.
        levels: (alerters, levels, 8) float64.
        look_ahead_s: how far straight flight is predicted.
    """
    alerts = np.empty(intruders.shape[0], np.int8)
    for i in prange(own.shape[0]):
        for j in range(offsets[i], offsets[i + 1]):
            alerts[j] = alert_level(
                intruders[j, 0] - own[i, 0],
                intruders[j, 1] - own[i, 1],
                intruders[j, 2] - own[i, 2],
                intruders[j, 3] - own[i, 3],
                intruders[j, 4] - own[i, 4],
                intruders[j, 5] - own[i, 5],
                levels[alerters[j]],
                look_ahead_s,
            )
    return alerts


@columns
def conflict_times(own, intruders, offsets, alerters, levels, look_ahead_s):
    """Return when every intruder is within every level's volume, (m, levels, 2) float64; arguments as above.

    (inf, −inf) where it never is, or where its alerter has no such level.
    """
    times_s = np.empty((intruders.shape[0], levels.shape[1], 2))
    for i in prange(own.shape[0]):
        for j in range(offsets[i], offsets[i + 1]):
            for k in range(levels.shape[1]):
                times_s[j, k, 0], times_s[j, k, 1] = math.inf, -math.inf
                if levels[alerters[j], k, REGION] != NO_LEVEL:
                    times_s[j, k, 0], times_s[j, k, 1] = level_times(
                        intruders[j, 0] - own[i, 0],
                        intruders[j, 1] - own[i, 1],
                        intruders[j, 2] - own[i, 2],
                        intruders[j, 3] - own[i, 3],
                        intruders[j, 4] - own[i, 4],
                        intruders[j, 5] - own[i, 5],
                        levels[alerters[j], k],
                        look_ahead_s,
                    )
    return times_s

"""Recovery: where nothing keeps well clear, what regains it soonest without coming closer still.

A core cylinder, of the least recovery sizes, is avoided until a time B, and the volume from B on.  The
earliest such B that leaves anything is found by bisection to half a second; a time for stability is added.
Where there is none, the core shrinks by a share, down to the size of a near mid-air collision.

Source: Munoz, Narkawicz, Hagen et al., DASC 2015; docs/formulas.md#guidance.
"""

from __future__ import annotations

import math

import numpy as np

from wideberth.kernels._jit import kernel
from wideberth.kernels.alerting import D_M, H_M, LEVEL_COLUMNS
from wideberth.kernels.samples import TIME_ROWS, fill_times, has_green, mark_core, mark_lost

# Numbers that hold for all four dimensions.
(
    LOOK_AHEAD_S,
    LEAST_TURN_MPS,
    CA_BANDS,
    CA_FACTOR,
    NMAC_D_M,
    NMAC_H_M,
    CORE_D_M,
    CORE_H_M,
    STABILITY_S,
    CORRECTIVE,
    COUNTS_FROM_NOW,
) = range(11)

RESOLUTION_S = 0.5


@kernel
def recover(
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
    chosen,
    horizons,
    volumes,
    settings,
    red,
):
    """Find recovery among the n samples; leave in ``red`` those that do not recover.

    Args:
        first, stop: the segments that count, as `painting.segments_of` gives them.
        chosen: rows of ``intruders`` that the corrective region is painted for.
        horizons, volumes: their horizons T, and rows of the table of levels.

    Returns:
        Whether there is any; else the way is saturated.  Then when well clear is regained (−inf if never),
        how often the core shrank, and its radius and half height (−inf).
    """
    m = chosen.size
    look_ahead = settings[LOOK_AHEAD_S]
    times = np.empty((m, TIME_ROWS, n))
    is_near = np.empty(m, np.bool_)
    latest = look_ahead + tau
    core = np.zeros(LEVEL_COLUMNS)
    cores = np.empty((m, TIME_ROWS, n))
    is_near_core = np.empty(m, np.bool_)

    core[D_M], core[H_M] = settings[NMAC_D_M], settings[NMAC_H_M]
    _fill(dimension, n, rate, samples, own, intruders, chosen, core, latest, cores, is_near_core)
    if not _is_core_avoided(
        dimension, n, below, first, stop, tau, samples, cores, is_near_core, horizons, settings, red
    ):
        return False, -math.inf, 0, -math.inf, -math.inf
    for i in range(m):
        is_near[i] = fill_times(
            dimension, n, rate, samples, own, intruders[chosen[i]], volumes[i], latest, times[i]
        )

    core[D_M], core[H_M] = settings[CORE_D_M], settings[CORE_H_M]
    shrunk = 0
    while core[D_M] > settings[NMAC_D_M] or core[H_M] > settings[NMAC_H_M]:
        _fill(dimension, n, rate, samples, own, intruders, chosen, core, latest, cores, is_near_core)
        if _is_core_avoided(
            dimension, n, below, first, stop, tau, samples, cores, is_near_core, horizons, settings, red
        ):
            soonest = _soonest(
                dimension,
                n,
                below,
                first,
                stop,
                tau,
                samples,
                times,
                is_near,
                cores,
                is_near_core,
                horizons,
                settings,
                red,
            )
            if not math.isinf(soonest):
                settled = min(soonest + settings[STABILITY_S], look_ahead)
                if _regains(
                    dimension, n, below, first, stop, tau, samples, times, is_near, cores, is_near_core, horizons,
                    settings, settled, red,
                ):  # fmt: skip
                    return True, settled, shrunk, core[D_M], core[H_M]
        if settings[CA_BANDS] == 0.0:
            break
        core[D_M] = max(settings[NMAC_D_M], core[D_M] * (1.0 - settings[CA_FACTOR]))
        core[H_M] = max(settings[NMAC_H_M], core[H_M] * (1.0 - settings[CA_FACTOR]))
        shrunk += 1
    red[:n] = 1
    return False, -math.inf, shrunk, -math.inf, -math.inf


@kernel
def _fill(dimension, n, rate, samples, own, intruders, chosen, core, latest, cores, is_near_core):
    for i in range(chosen.size):
        is_near_core[i] = fill_times(
            dimension, n, rate, samples, own, intruders[chosen[i]], core, latest, cores[i]
        )


@kernel
def _is_core_avoided(
    dimension, n, below, first, stop, tau, samples, cores, is_near_core, horizons, settings, red
):
    """Tell whether the core alone leaves any sample."""
    red[:n] = 0
    for i in range(horizons.size):
        if is_near_core[i]:
            mark_lost(
                dimension, n, below, tau, samples, cores[i], 0.0, horizons[i], settings[LOOK_AHEAD_S],
                settings[COUNTS_FROM_NOW] != 0.0, red,
            )  # fmt: skip
    return has_green(first, stop, red)


@kernel
def _soonest(
    dimension,
    n,
    below,
    first,
    stop,
    tau,
    samples,
    times,
    is_near,
    cores,
    is_near_core,
    horizons,
    settings,
    red,
):
    """Return the earliest time, to half a second, from which on the volume can be kept; inf if none."""
    late = settings[LOOK_AHEAD_S]
    if not _regains(
        dimension,
        n,
        below,
        first,
        stop,
        tau,
        samples,
        times,
        is_near,
        cores,
        is_near_core,
        horizons,
        settings,
        late,
        red,
    ):
        return math.inf
    early = 0.0
    while late - early > RESOLUTION_S:
        middle = 0.5 * (early + late)
        if _regains(
            dimension,
            n,
            below,
            first,
            stop,
            tau,
            samples,
            times,
            is_near,
            cores,
            is_near_core,
            horizons,
            settings,
            middle,
            red,
        ):
            late = middle
        else:
            early = middle
    return late


@kernel
def _regains(
    dimension,
    n,
    below,
    first,
    stop,
    tau,
    samples,
    times,
    is_near,
    cores,
    is_near_core,
    horizons,
    settings,
    from_s,
    red,
):
    """Tell whether any sample avoids the cores until a time and the volumes from then on; mark the others."""
    look_ahead = settings[LOOK_AHEAD_S]
    red[:n] = 0
    for i in range(horizons.size):
        if horizons[i] < from_s:
            if is_near_core[i]:
                mark_lost(
                    dimension, n, below, tau, samples, cores[i], 0.0, horizons[i], look_ahead,
                    settings[COUNTS_FROM_NOW] != 0.0, red,
                )  # fmt: skip
            continue
        if is_near_core[i]:
            mark_core(dimension, n, below, tau, samples, cores[i], from_s, look_ahead, red)
        if is_near[i]:
            mark_lost(
                dimension, n, below, tau, samples, times[i], from_s, horizons[i], look_ahead,
                settings[COUNTS_FROM_NOW] != 0.0, red,
            )  # fmt: skip
    return has_green(first, stop, red)

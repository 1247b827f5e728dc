"""By how much later one file tells of an aircraft than another: least squares along its way, window by window.

A lag is positive where the second file is later: what it says at a time is where the first one had the aircraft
that many seconds before.  Each window of a few minutes gives one; the median of them is told, so that a window
of wrong positions, or one in which the aircraft circles, counts for no more than any other.
"""

from __future__ import annotations

import math

import numpy as np

from wideberth.kernels._jit import columns, formula, prange
from wideberth.kernels.plane import origin
from wideberth.kernels.together import _at, _seek

LAG_S, SURE_S, WINDOWS = range(3)
LAG_WIDTH = 3
FILES = 4  # of so many files the reports around an instant are told apart

WINDOW_US = 300 * 1_000_000
LEAST_REPORTS = 5
LEAST_MPS = 25.0  # what is slower tells little of time
MOST_S = 180.0
SETTLED_S = 0.005
ROUNDS = 10
SCATTER_M = 300.0  # of what is left, at most: else it is not one way
MEDIAN_SIGMA = 1.4826 * 1.2533  # of a median, by the median deviation of normal errors


@columns
def lags(t_us, lat_deg, lon_deg, file, begin, aircraft, first, second):
    """Return by how much later one file tells of an aircraft than another, (k, LAG_WIDTH); NaN: nothing tells.

    ``LAG_S``: the median of all windows.  ``SURE_S``: its standard deviation.  ``WINDOWS``: how many there are.

    Args:
        t_us, lat_deg, lon_deg: (n,) all rows, sorted by aircraft, then time.
        file: (n,) int32, which file each comes from; -1: it does not count.
        begin: (aircraft + 1,).
        aircraft, first, second: (k,) whose, and by which files.
    """
    out = np.full((aircraft.size, LAG_WIDTH), np.nan)
    for k in prange(aircraft.size):
        low, high = begin[aircraft[k]], begin[aircraft[k] + 1]
        p = low + np.flatnonzero(file[low:high] == first[k])
        q = low + np.flatnonzero(file[low:high] == second[k])
        out[k, WINDOWS] = 0.0
        if p.size < LEAST_REPORTS or q.size < LEAST_REPORTS:
            continue
        tp, p_lat, p_lon = t_us[p], lat_deg[p], lon_deg[p]
        tq, q_lat, q_lon = t_us[q], lat_deg[q], lon_deg[q]
        many = (tq[tq.size - 1] - tq[0]) // WINDOW_US + 1
        found = np.empty(min(many, q.size))
        count = 0
        i = 0
        while i < tq.size:
            ends = tq[i] + WINDOW_US
            j = i
            while j < tq.size and tq[j] < ends:
                j += 1
            lag_s = _lag_s(tp, p_lat, p_lon, tq[i:j], q_lat[i:j], q_lon[i:j])
            if not np.isnan(lag_s):
                found[count] = lag_s
                count += 1
            i = j
        out[k, WINDOWS] = count
        if count:
            median = np.median(found[:count])
            out[k, LAG_S] = median
            deviation = np.median(np.abs(found[:count] - median))
            out[k, SURE_S] = MEDIAN_SIGMA * deviation / math.sqrt(count)
    return out


@formula
def _lag_s(tp, p_lat, p_lon, tq, q_lat, q_lon):
    """Return by how much later the reports of q are than those of p; NaN where they do not tell."""
    if tq.size < LEAST_REPORTS:
        return np.nan
    here = origin(q_lat[0], q_lon[0])
    slot, place = np.empty(5), np.empty(5)
    lag_s = 0.0
    left, count, square = 0.0, 0, 0.0
    for _ in range(ROUNDS):
        along, square, left = 0.0, 0.0, 0.0
        count = 0
        i = np.searchsorted(tp, tq[0] - np.int64(lag_s * 1e6), side="right") - 1
        for n in range(tq.size):
            t = tq[n] - np.int64(lag_s * 1e6)
            i = _seek(tp, max(i, 0), t)
            if not _at(tp, p_lat, p_lon, p_lat, here, i, t, slot) or np.isnan(slot[3]):
                continue
            if not _at(tq, q_lat, q_lon, q_lat, here, n, tq[n], place):
                continue
            x, y = place[0] - slot[0], place[1] - slot[1]
            along += x * slot[3] + y * slot[4]
            square += slot[3] ** 2 + slot[4] ** 2
            left += x * x + y * y
            count += 1
        if count < LEAST_REPORTS or square < count * LEAST_MPS**2:
            return np.nan
        step_s = along / square
        lag_s = min(max(lag_s - step_s, -MOST_S), MOST_S)
        if abs(step_s) < SETTLED_S:
            break
    if abs(lag_s) >= MOST_S or left > count * SCATTER_M**2:
        return np.nan
    return lag_s


@columns
def files_near(file, t_us, begin, aircraft, when_us, within_us):
    """Return which files the reports of some aircraft around some instants come from, (k, FILES) int32.

    First that of the report nearest to the instant, then others in the order of time; -1 behind the last.

    Args:
        file: (n,) int32, -1 unknown.
        t_us: (n,); begin: (aircraft + 1,).
        aircraft, when_us: (k,) whose, and when.
        within_us: how far from the instant; the reports just before and just after count in any case.
    """
    out = np.full((aircraft.size, FILES), -1, np.int32)
    for k in prange(aircraft.size):
        first, stop = begin[aircraft[k]], begin[aircraft[k] + 1]
        whose = t_us[first:stop]
        after = first + np.searchsorted(whose, when_us[k], side="right")
        low = first + np.searchsorted(whose, when_us[k] - within_us, side="left")
        high = first + np.searchsorted(whose, when_us[k] + within_us, side="right")
        low, high = max(min(low, after - 1), first), min(max(high, after + 1), stop)
        nearest = low
        for i in range(low, high):
            if abs(t_us[i] - when_us[k]) < abs(t_us[nearest] - when_us[k]):
                nearest = i
        out[k, 0] = file[nearest]
        count = 1
        for i in range(low, high):
            is_new = file[i] >= 0
            for n in range(count):
                is_new = is_new and out[k, n] != file[i]
            if is_new and count < FILES:
                out[k, count] = file[i]
                count += 1
    return out

"""Closed intervals of time: what one set of them leaves of another."""

from __future__ import annotations

import numpy as np

from wideberth.kernels._jit import columns, formula, kernel, prange


@formula
def _not_over(cover_out_us, first, stop, when_us):
    """Return the first of the intervals [first, stop) that ends at ``when_us`` or later; else stop."""
    low = first
    high = stop
    while low < high:
        middle = (low + high) // 2
        if cover_out_us[middle] < when_us:
            low = middle + 1
        else:
            high = middle
    return low


@columns
def is_within(t_in_us, t_out_us, aircraft, begin, cover_in_us, cover_out_us):
    """Return for each interval whether one of its aircraft's cover intervals holds all of it.

    Args:
        t_in_us, t_out_us, aircraft: (m,) intervals and whose they are.
        begin: (aircraft + 1,) where each aircraft's cover intervals begin.
        cover_in_us, cover_out_us: the cover intervals, apart from each other and in order.
    Returns:
        (m,) bool.
    """
    within = np.zeros(t_in_us.size, np.bool_)
    for i in prange(t_in_us.size):
        stop = begin[aircraft[i] + 1]
        k = _not_over(cover_out_us, begin[aircraft[i]], stop, t_out_us[i])
        within[i] = k < stop and cover_in_us[k] <= t_in_us[i]
    return within


@kernel
def remainders(aircraft_a, aircraft_b, from_us, until_us, begin, cover_in_us, cover_out_us):
    """Return what is left of each window without the times at which both aircraft are covered.

    A remainder includes its ends.  A window of one instant remains if that instant is not covered.

    Args:
        aircraft_a, aircraft_b, from_us, until_us: (w,) windows.
        begin, cover_in_us, cover_out_us: as in `is_within`.
    Returns:
        which: (r,) int64, the window each remainder comes from; its new from_us and until_us.
    """
    which = []
    left_from = []
    left_until = []
    for i in range(from_us.size):
        at = from_us[i]
        is_open = False  # True once something was cut off before ``at``, which is then covered itself
        stop_a = begin[aircraft_a[i] + 1]
        stop_b = begin[aircraft_b[i] + 1]
        j = _not_over(cover_out_us, begin[aircraft_a[i]], stop_a, at)
        k = _not_over(cover_out_us, begin[aircraft_b[i]], stop_b, at)
        while j < stop_a and k < stop_b and max(cover_in_us[j], cover_in_us[k]) <= until_us[i]:
            both_in = max(cover_in_us[j], cover_in_us[k])
            both_out = min(cover_out_us[j], cover_out_us[k])
            if both_in <= both_out and both_out >= at:
                if both_in > at:
                    which.append(i)
                    left_from.append(at)
                    left_until.append(both_in)
                at = max(at, both_out)
                is_open = True
            if cover_out_us[j] < cover_out_us[k]:
                j += 1
            else:
                k += 1
        if at < until_us[i] or (at == until_us[i] and not is_open):
            which.append(i)
            left_from.append(at)
            left_until.append(until_us[i])
    return np.array(which, np.int64), np.array(left_from, np.int64), np.array(left_until, np.int64)

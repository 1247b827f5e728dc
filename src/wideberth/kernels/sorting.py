"""Rows into the order of Tracks: by aircraft, then by time, equal times in the order they came.

A counting sort by aircraft, then a stable sort of each aircraft's own rows where they need one:
input that is sorted by aircraft or by time costs no comparison sort.
"""

from __future__ import annotations

import numpy as np

from wideberth.kernels._jit import columns, kernel, prange


@kernel
def is_in_order(code, t_us):
    """Return whether rows already are sorted by (code, t_us)."""
    for i in range(1, code.size):
        if code[i] < code[i - 1] or (code[i] == code[i - 1] and t_us[i] < t_us[i - 1]):
            return False
    return True


@kernel
def aircraft_starts(code, aircraft):
    """Return where each aircraft's rows begin once sorted: (aircraft + 1,) int64, a running count."""
    begin = np.zeros(aircraft + 1, np.int64)
    for i in range(code.size):
        begin[code[i] + 1] += 1
    for k in range(aircraft):
        begin[k + 1] += begin[k]
    return begin


@kernel
def order_by_aircraft(code, begin):
    """Return the rows aircraft by aircraft, each aircraft's in the order they came: (n,) int64."""
    fill = begin[:-1].copy()
    order = np.empty(code.size, np.int64)
    for i in range(code.size):
        order[fill[code[i]]] = i
        fill[code[i]] += 1
    return order


@columns
def sort_times(order, begin, t_us):
    """Sort each aircraft's rows by time, in place and stably; return how many came before an earlier one.

    Args:
        order: (n,) rows aircraft by aircraft; changed.
        begin: (aircraft + 1,) as `aircraft_starts` gives it.
        t_us: (n,) times by original row.
    Returns:
        (aircraft,) int64: rows whose time lies before that of a row which came earlier.
    """
    late = np.zeros(begin.size - 1, np.int64)
    for k in prange(begin.size - 1):
        rows = order[begin[k] : begin[k + 1]]
        count = 0
        for i in range(1, rows.size):
            if t_us[rows[i]] < t_us[rows[i - 1]]:
                count = 1
                break
        if count > 0:
            count = 0
            newest = t_us[rows[0]]
            for i in range(1, rows.size):
                if t_us[rows[i]] < newest:
                    count += 1
                else:
                    newest = t_us[rows[i]]
            order[begin[k] : begin[k + 1]] = rows[np.argsort(t_us[rows], kind="mergesort")]
            late[k] = count
    return late


@columns
def gather(values, order):
    """Return ``values[order]``, in parallel."""
    out = np.empty(order.size, values.dtype)
    for i in prange(order.size):
        out[i] = values[order[i]]
    return out


@kernel
def are_used(code, texts):
    """Return for each text whether any code stands for it, (texts,) bool; negative codes stand for none."""
    used = np.zeros(texts, np.bool_)
    for i in range(code.size):
        if code[i] >= 0:
            used[code[i]] = True
    return used

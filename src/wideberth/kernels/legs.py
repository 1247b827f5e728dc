"""Runs of samples between which motion may be inferred."""

from __future__ import annotations

import numpy as np

from wideberth.kernels._jit import columns, kernel, prange
from wideberth.kernels.geodesy import surface_point


@columns
def are_usable(altitude, on_ground, include_ground):
    """Return for each row whether it has an altitude and is airborne, (n,) bool.

    ``on_ground`` may have size 0: nothing is known to be on the ground.
    """
    usable = np.empty(altitude.size, np.bool_)
    for i in prange(altitude.size):
        usable[i] = not np.isnan(altitude[i]) and (include_ground or not on_ground.size or not on_ground[i])
    return usable


CHUNK = 1 << 16


@columns
def chunk_starts(usable):
    """Return how many of the (n,) rows are usable before each chunk of `CHUNK` rows, and in all."""
    chunks = (usable.size + CHUNK - 1) // CHUNK
    first = np.zeros(chunks + 1, np.int64)
    for c in prange(chunks):
        count = 0
        for i in range(c * CHUNK, min((c + 1) * CHUNK, usable.size)):
            count += usable[i]
        first[c + 1] = count
    for c in range(chunks):
        first[c + 1] += first[c]
    return first


@columns
def choose_rows(
    usable,
    first,
    t_us,
    lat_deg,
    lon_deg,
    altitude,
    base_us,
    out_t_us,
    out_lat_deg,
    out_lon_deg,
    out_altitude,
    rows,
):
    """Write the usable rows of four columns, times counted from ``base_us``, and which rows they are.

    Room is made by the caller: NumPy asks the system for large pages, what is made here would come in small
    ones, and of 15 million rows half the time went into those.

    Args:
        usable: (n,) bool.
        first: as `chunk_starts` gives it.
        t_us, lat_deg, lon_deg, altitude: (n,).
        base_us: is taken from the times.
        out_t_us, out_lat_deg, out_lon_deg, out_altitude, rows: (first[-1],), filled.
    """
    for c in prange(first.size - 1):
        k = first[c]
        for i in range(c * CHUNK, min((c + 1) * CHUNK, usable.size)):
            if usable[i]:
                out_t_us[k] = t_us[i] - base_us
                out_lat_deg[k] = lat_deg[i]
                out_lon_deg[k] = lon_deg[i]
                out_altitude[k] = altitude[i]
                rows[k] = i
                k += 1


@kernel
def leg_starts(begin, t_us, rows, breaks, max_gap_us):
    """Return where legs begin, and whose each is.

    A leg ends where the next sample is another aircraft's, lies more than ``max_gap_us`` later, or
    is marked as not led to by the motion before it.

    Args:
        begin: (aircraft + 1,) where each aircraft's rows begin in the table.
        t_us: (n,) times of the chosen rows.
        rows: (n,) int64, the chosen rows of the table, ascending; size 0 says all of them.
        breaks: (table rows,) bool, or size 0.
        max_gap_us: the longest gap within a leg.
    Returns:
        leg_first: (m + 1,) int64, places among the chosen rows; aircraft: (m,) int32.
    """
    n = t_us.size
    leg_first = np.empty(n + 1, np.int64)
    aircraft = np.empty(n, np.int32)
    legs = 0
    owner = -1
    owner_end = np.int64(0)
    broken = False  # a break on a row that was not chosen still ends the leg
    last_row = -1
    for i in range(n):
        row = rows[i] if rows.size else i
        if breaks.size:
            broken = False
            for r in range(last_row + 1, row + 1):
                broken = broken or breaks[r]
            last_row = row
        is_new = i == 0 or t_us[i] - t_us[i - 1] > max_gap_us or broken
        while row >= owner_end:
            owner += 1
            owner_end = begin[owner + 1]
            is_new = True
        if is_new:
            leg_first[legs] = i
            aircraft[legs] = owner
            legs += 1
    leg_first[legs] = n
    return leg_first[: legs + 1].copy(), aircraft[:legs].copy()


@kernel
def last_at(first, t_us, whose, when_us):
    """Return for each instant the last sample at or before it, of those it is looked for among; their first if none.

    Args:
        first: (m + 1,) where each run of samples (a leg's, an aircraft's) begins.
        t_us: (n,) int64, ascending within each run.
        whose: (k,) int64, in which run to look.
        when_us: (k,) instants on the same clock.
    Returns:
        (k,) int64.
    """
    out = np.empty(when_us.size, np.int64)
    for i in range(when_us.size):
        begin = first[whose[i]]
        stop = first[whose[i] + 1]
        after = begin + np.searchsorted(t_us[begin:stop], when_us[i], side="right")
        out[i] = max(after - 1, begin)
    return out


@kernel
def nearest_text(begin, t_us, code, aircraft, when_us, flight_gap_us):
    """Return for each instant the text code heard nearest in time within the same flight; -1 if none.

    Args:
        begin, t_us: all rows of the table, as in `leg_starts`.
        code: (table rows,) int32, -1 where nothing was heard.
        aircraft, when_us: (k,) whose, and the instant; an aircraft of -1 has none.
        flight_gap_us: a longer gap without samples begins another flight.
    """
    out = np.full(when_us.size, -1, np.int32)
    for i in range(when_us.size):
        if aircraft[i] < 0:
            continue
        first = begin[aircraft[i]]
        stop = begin[aircraft[i] + 1]
        after = first + np.searchsorted(t_us[first:stop], when_us[i], side="right")
        best_us = np.int64(-1)
        for step in (-1, 1):
            row = after - 1 if step == -1 else after
            last_us = when_us[i]
            while first <= row < stop and abs(t_us[row] - last_us) <= flight_gap_us:
                last_us = t_us[row]
                away_us = abs(last_us - when_us[i])
                if best_us >= 0 and away_us >= best_us:
                    break
                if code[row] >= 0:
                    best_us = away_us
                    out[i] = code[row]
                    break
                row += step
    return out


@columns
def steps_beside(t_us, lat_deg, lon_deg, first, leg, sample):
    """Return how an aircraft moves around some samples.

    Args:
        t_us, lat_deg, lon_deg, first: legs, as `Tracks.legs` gives them.
        leg, sample: (k,) which samples of which legs.
    Returns:
        (k, 4): the step before in seconds, 0 at the leg's beginning; the step after, 0 at its end; the speed in m/s;
        how fast the direction turns, as acceleration across the way in m/s², 0 where a step is missing.
    """
    out = np.zeros((sample.size, 4))
    for i in prange(sample.size):
        at = sample[i]
        before = max(at - 1, first[leg[i]])
        after = min(at + 1, first[leg[i] + 1] - 1)
        out[i, 0] = (t_us[at] - t_us[before]) * 1e-6
        out[i, 1] = (t_us[after] - t_us[at]) * 1e-6
        lasts_s = out[i, 0] + out[i, 1]
        if lasts_s <= 0.0:
            continue
        x0, y0, z0 = surface_point(lat_deg[before], lon_deg[before])
        x, y, z = surface_point(lat_deg[at], lon_deg[at])
        x1, y1, z1 = surface_point(lat_deg[after], lon_deg[after])
        out[i, 2] = np.sqrt((x1 - x0) ** 2 + (y1 - y0) ** 2 + (z1 - z0) ** 2) / lasts_s
        if out[i, 0] <= 0.0 or out[i, 1] <= 0.0 or out[i, 2] <= 0.0:
            continue
        ax, ay, az = (x - x0) / out[i, 0], (y - y0) / out[i, 0], (z - z0) / out[i, 0]
        bx, by, bz = (x1 - x) / out[i, 1], (y1 - y) / out[i, 1], (z1 - z) / out[i, 1]
        cross = np.sqrt((ay * bz - az * by) ** 2 + (az * bx - ax * bz) ** 2 + (ax * by - ay * bx) ** 2)
        out[i, 3] = cross / (out[i, 2] * lasts_s / 2.0)
    return out

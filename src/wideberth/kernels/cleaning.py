"""Which samples of an aircraft cannot be meant, and why.

Each rule looks at one aircraft's samples in order of time.  A sample gets the first reason that
applies; 0 is none.  Nothing is changed here: the caller sets rows aside and counts them.

Positions are judged first, then each kind of altitude, by the same search (docs/cleaning.md#jumps).  In each
flight, the way from sample to sample is sought that keeps most of them with fewest breaks; at a break no aircraft
can have got from one sample to the next.  The pieces between breaks are strung into branches, and a piece is
an excursion, and goes, if a branch that is longer altogether has more than half as many samples as the piece
both before it and after it.  Two branches one after the other both stay.
"""

from __future__ import annotations

import numpy as np

from wideberth.kernels._jit import columns, formula, prange
from wideberth.kernels.geodesy import chord_m
from wideberth.units import METRES_PER_FOOT, MPS_PER_KNOT

KEPT = 0
NO_POSITION = 1
OUT_OF_RANGE = 2
NO_ALTITUDE = 3
DUPLICATE = 4
SAME_TIME = 5
STALE = 6
JUMP = 7

# No degree of latitude is longer than 111.694 km, none of longitude than 111.320 km.
METRES_PER_DEGREE = 111_700.0
SLACK_S = 1.0  # added to the time between two samples: feeds stamp rows to the second
REPORTED_SPEED = 1.1  # a reported speed may be this much too low for the way between two samples
BREAK_COST = 1.5  # in samples: one sample goes to save a break, two do not
STEEP = 0.125  # a change of altitude faster than this part of the limit may be one end of an excursion
STEEP_COST = 0.4  # in samples: none goes to save two steep changes
SHORT = 2  # so few samples between breaks are no branch where the flight has a longer one
WINDOW = 8  # how many samples before it each sample is tried with
BRANCHES = 8  # how many branches are followed at once
COMPARED = 64  # with how many of the longest branches of its flight each piece is compared
GAP_US = 60 * 1_000_000
FLIGHT_GAP_US = 30 * 60 * 1_000_000


@columns
def basic_reasons(
    begin, t_us, lat_deg, lon_deg, altitude_ft, height_m, on_ground, low_ft, high_ft, low_m, high_m, is_strict
):
    """Return for each row NO_POSITION, OUT_OF_RANGE, NO_ALTITUDE, DUPLICATE, SAME_TIME or KEPT.

    Args:
        begin: (aircraft + 1,) int64, where each aircraft's rows begin; rows in order of time.
        t_us: (n,) int64.
        lat_deg, lon_deg, altitude_ft, height_m: (n,) float64, NaN unknown; the two altitudes may
            have size 0: the column is absent.
        on_ground: (n,) bool, or size 0.
        low_ft, high_ft, low_m, high_m: valid range of the altitudes.
        is_strict: whether the valid range is looked at; a position off the globe never counts.
    Returns:
        (n,) uint8.
    """
    reason = np.zeros(t_us.size, np.uint8)
    for k in prange(begin.size - 1):
        last = -1  # last row kept
        for i in range(begin[k], begin[k + 1]):
            lat = lat_deg[i]
            lon = lon_deg[i]
            if np.isnan(lat) or np.isnan(lon):
                reason[i] = NO_POSITION
                continue
            if abs(lat) > 90.0 or abs(lon) > 180.0:
                reason[i] = OUT_OF_RANGE if is_strict else NO_POSITION
                continue
            if is_strict and lat == 0.0 and lon == 0.0:
                reason[i] = OUT_OF_RANGE  # what a receiver writes for "none"
                continue
            ft = altitude_ft[i] if altitude_ft.size else np.nan
            m = height_m[i] if height_m.size else np.nan
            if is_strict:
                is_ft_good = low_ft <= ft <= high_ft
                is_m_good = low_m <= m <= high_m
            else:
                is_ft_good = np.isfinite(ft)
                is_m_good = np.isfinite(m)
            if not (is_ft_good or is_m_good) and not (on_ground.size and on_ground[i]):
                is_told = not (np.isnan(ft) and np.isnan(m))
                reason[i] = OUT_OF_RANGE if is_told and is_strict else NO_ALTITUDE
                continue
            if last >= 0 and t_us[i] == t_us[last]:
                reason[i] = DUPLICATE if lat == lat_deg[last] and lon == lon_deg[last] else SAME_TIME
                continue
            last = i
    return reason


@columns
def stale_positions(begin, t_us, lat_deg, lon_deg, groundspeed_kt, on_ground, reason, still_kt):
    """Give reason STALE to samples that repeat a position although the aircraft moved; in place.

    Of a run of samples at one position the first stays.  Another is stale if the speed reported with it
    exceeds ``still_kt``, unless the next position follows within GAP_US and the mean speed from the sample that
    stays to there does not: a feed may go on reporting the speed of the landing while the aircraft stands.
    Where no speed is reported, that mean speed alone tells.  Where a track begins with a run, it may have been
    filled in backwards: its last sample stays instead if the way from there to the next position fits the
    reported speed better.  On the ground nothing is stale: aircraft stand there.
    """
    for k in prange(begin.size - 1):
        stop = begin[k + 1]
        before = -1  # last kept sample before the run
        first = _next_kept(begin[k], stop, reason)
        while first < stop:
            last, after = _run_end(first, stop, lat_deg, lon_deg, reason)
            if last > first:
                stays = first
                is_opening = before < 0 or t_us[first] - t_us[before] > GAP_US
                # The next flight tells nothing of this one: judged by itself, it is cleaned as it is here.
                has_next = after < stop and t_us[after] - t_us[last] <= FLIGHT_GAP_US
                if is_opening and has_next and groundspeed_kt.size:
                    speed_kt = groundspeed_kt[last]
                    from_last = abs(_speed_kt(last, after, t_us, lat_deg, lon_deg) - speed_kt)
                    from_first = abs(_speed_kt(first, after, t_us, lat_deg, lon_deg) - speed_kt)
                    if speed_kt > still_kt and from_last < from_first:
                        stays = last
                moved = has_next and _speed_kt(stays, after, t_us, lat_deg, lon_deg) > still_kt
                stood = has_next and t_us[after] - t_us[last] <= GAP_US and not moved
                for i in range(first, last + 1):
                    if i == stays or reason[i] != KEPT or (on_ground.size and on_ground[i]):
                        continue
                    speed_kt = groundspeed_kt[i] if groundspeed_kt.size else np.nan
                    if (speed_kt > still_kt and not stood) or (np.isnan(speed_kt) and moved):
                        reason[i] = STALE
            before = last
            first = after


@formula
def _next_kept(i, stop, reason):
    """Return the first kept sample from i on; ``stop`` if none."""
    while i < stop and reason[i] != KEPT:
        i += 1
    return i


@formula
def _run_end(i, stop, lat_deg, lon_deg, reason):
    """Return the last kept sample in a row at the position of sample i, and the next; ``stop`` if none."""
    last = i
    after = _next_kept(i + 1, stop, reason)
    while after < stop and lat_deg[after] == lat_deg[i] and lon_deg[after] == lon_deg[i]:
        last = after
        after = _next_kept(after + 1, stop, reason)
    return last, after


@formula
def _speed_kt(i, j, t_us, lat_deg, lon_deg):
    way_m = chord_m(lat_deg[i], lon_deg[i], lat_deg[j], lon_deg[j])
    return way_m / ((t_us[j] - t_us[i]) * 1e-6) / MPS_PER_KNOT


@formula
def is_within_reach(lat0, lon0, t0_us, lat1, lon1, t1_us, speed_mps):
    """Return whether an aircraft can get from one position to another, SLACK_S added to its time."""
    reach_m = speed_mps * ((t1_us - t0_us) * 1e-6 + SLACK_S)
    turn_deg = abs(lon1 - lon0)
    turn_deg = min(turn_deg, 360.0 - turn_deg)
    # Longer than the way itself, and cheap: degrees of longitude taken as if on the equator.
    if (abs(lat1 - lat0) + turn_deg) * METRES_PER_DEGREE <= reach_m:
        return True
    return chord_m(lat0, lon0, lat1, lon1) <= reach_m


@formula
def _position_cost(i, j, t_us, lat_deg, lon_deg, speed_kt, limit_mps):
    """Return 0 where sample j can follow sample i, else -1.

    Where both report a speed, the lower of the two may exceed the limit: then it is the limit.
    """
    if is_within_reach(lat_deg[i], lon_deg[i], t_us[i], lat_deg[j], lon_deg[j], t_us[j], limit_mps):
        return 0.0
    if not speed_kt.size or np.isnan(speed_kt[i]) or np.isnan(speed_kt[j]):
        return -1.0
    told_mps = REPORTED_SPEED * min(speed_kt[i], speed_kt[j]) * MPS_PER_KNOT
    if told_mps <= limit_mps:
        return -1.0
    is_near = is_within_reach(lat_deg[i], lon_deg[i], t_us[i], lat_deg[j], lon_deg[j], t_us[j], told_mps)
    return 0.0 if is_near else -1.0


@formula
def _altitude_cost(i, j, t_us, altitude, limit_per_s):
    """Return 0 where the altitude of sample j can follow that of sample i, STEEP_COST if steeply, else -1."""
    ratio = abs(altitude[j] - altitude[i]) / (limit_per_s * ((t_us[j] - t_us[i]) * 1e-6 + SLACK_S))
    if ratio <= STEEP:
        return 0.0
    return STEEP_COST if ratio <= 1.0 else -1.0


@formula
def _cost(i, j, t_us, x, y, speed_kt, limit, is_altitude):
    if is_altitude:
        return _altitude_cost(i, j, t_us, x, limit)
    return _position_cost(i, j, t_us, x, y, speed_kt, limit)


@columns
def position_jumps(begin, t_us, lat_deg, lon_deg, groundspeed_kt, reason, speed_mps):
    """Give reason JUMP to samples whose position is not on the plausible branch; in place.

    Args:
        begin, t_us, lat_deg, lon_deg: as in `basic_reasons`.
        groundspeed_kt: (n,) float32, or size 0.
        reason: (n,) uint8; only rows that are KEPT take part.  Changed.
        speed_mps: what no aircraft exceeds, unless both samples report a higher speed.
    Returns:
        (aircraft,) bool: where there was any jump.
    """
    jumped = np.zeros(begin.size - 1, np.bool_)
    for k in prange(begin.size - 1):
        last = -1
        for i in range(begin[k], begin[k + 1]):
            if reason[i] != KEPT:
                continue
            if last >= 0 and _position_cost(last, i, t_us, lat_deg, lon_deg, groundspeed_kt, speed_mps) < 0.0:
                jumped[k] = True
                break
            last = i
        if jumped[k]:
            rows = _known(begin[k], begin[k + 1], lat_deg, reason)
            off = _off_branch(rows, t_us, lat_deg, lon_deg, groundspeed_kt, speed_mps, False)
            for p in range(rows.size):
                if off[p]:
                    reason[rows[p]] = JUMP
    return jumped


@columns
def altitude_jumps(begin, t_us, altitude, groundspeed_kt, reason, limit_per_s, is_off):
    """Mark the altitudes that are not on the plausible branch of altitudes.

    Args:
        begin, t_us, groundspeed_kt, reason: as in `position_jumps`; nothing is changed.
        altitude: (n,) float64, NaN unknown.
        limit_per_s: the fastest climb or descent, in units of the altitude.
        is_off: (n,) bool, all False; set True.
    Returns:
        (aircraft,) bool: where there was any jump or steep change.
    """
    jumped = np.zeros(begin.size - 1, np.bool_)
    for k in prange(begin.size - 1):
        last = -1
        for i in range(begin[k], begin[k + 1]):
            if reason[i] != KEPT or np.isnan(altitude[i]):
                continue
            if last >= 0 and _altitude_cost(last, i, t_us, altitude, limit_per_s) != 0.0:
                jumped[k] = True
                break
            last = i
        if jumped[k]:
            rows = _known(begin[k], begin[k + 1], altitude, reason)
            off = _off_branch(rows, t_us, altitude, altitude, groundspeed_kt, limit_per_s, True)
            for p in range(rows.size):
                is_off[rows[p]] = off[p]
    return jumped


@columns
def leg_breaks(
    begin, t_us, lat_deg, lon_deg, groundspeed_kt, altitude_ft, height_m, reason, jumped, speed_mps, climb_fps
):
    """Return where no possible motion joins a kept row to the one kept before it, (n,) bool.

    Looks only at aircraft that ``jumped``, (aircraft,) bool; the altitudes may have size 0.  An altitude is
    compared with the last one known before it.
    """
    breaks = np.zeros(t_us.size, np.bool_)
    for k in prange(begin.size - 1):
        if not jumped[k]:
            continue
        last = -1
        last_ft = -1
        last_m = -1
        for i in range(begin[k], begin[k + 1]):
            if reason[i] != KEPT:
                continue
            is_break = (
                last >= 0 and _position_cost(last, i, t_us, lat_deg, lon_deg, groundspeed_kt, speed_mps) < 0.0
            )
            last = i
            if altitude_ft.size and not np.isnan(altitude_ft[i]):
                if last_ft >= 0 and _altitude_cost(last_ft, i, t_us, altitude_ft, climb_fps) < 0.0:
                    is_break = True
                last_ft = i
            if height_m.size and not np.isnan(height_m[i]):
                climb_mps = climb_fps * METRES_PER_FOOT
                if last_m >= 0 and _altitude_cost(last_m, i, t_us, height_m, climb_mps) < 0.0:
                    is_break = True
                last_m = i
            breaks[i] = is_break
    return breaks


@formula
def _known(first, stop, values, reason):
    """Return the rows that are KEPT and whose value is known."""
    rows = np.empty(stop - first, np.int64)
    count = 0
    for i in range(first, stop):
        if reason[i] == KEPT and not np.isnan(values[i]):
            rows[count] = i
            count += 1
    return rows[:count]


@formula
def _off_branch(rows, t_us, x, y, speed_kt, limit, is_altitude):
    """Return for each of one aircraft's rows whether it is off the plausible branch of its flight."""
    off = np.zeros(rows.size, np.bool_)
    score = np.empty(rows.size)
    parent = np.empty(rows.size, np.int64)
    start = 0
    for stop in range(1, rows.size + 1):
        if stop == rows.size or t_us[rows[stop]] - t_us[rows[stop - 1]] > FLIGHT_GAP_US:
            end = _find_way(start, stop, rows, t_us, x, y, speed_kt, limit, is_altitude, score, parent)
            _mark_off(start, stop, end, rows, t_us, x, y, speed_kt, limit, is_altitude, parent, off)
            start = stop
    return off


@formula
def _find_way(start, stop, rows, t_us, x, y, speed_kt, limit, is_altitude, score, parent):
    """Fill, for each sample, the best score of any way up to it, and the sample before it on that way, or -1.

    The score is the number of samples less what breaks and steep changes cost.  Samples that are passed over
    must not make the way steep.
    """
    top = start
    for p in range(start, stop):
        best = -1
        best_score = 0.0
        if p > start and score[top] > BREAK_COST:
            best = top
            best_score = score[top] - BREAK_COST
        for q in range(p - 1, max(start, p - WINDOW) - 1, -1):
            if score[q] > best_score:
                cost = _cost(rows[q], rows[p], t_us, x, y, speed_kt, limit, is_altitude)
                if (cost == 0.0 or (cost > 0.0 and q == p - 1)) and score[q] - cost > best_score:
                    best = q
                    best_score = score[q] - cost
        score[p] = 1.0 + best_score
        parent[p] = best
        if score[p] >= score[top]:
            top = p
    return top


@formula
def _mark_off(start, stop, end, rows, t_us, x, y, speed_kt, limit, is_altitude, parent, off):
    """Mark what is not on the way to ``end``, and of its pieces between breaks those that are excursions.

    A piece goes on with the branch last heard from whose end it can have come; that is never the piece just
    before it, from which a break (or a steep change of altitude) parts it.
    """
    # The way back from its end: piece 0 is the last in time.
    first = np.empty(stop - start, np.int64)
    last = np.empty(stop - start, np.int64)
    size = np.zeros(stop - start, np.int64)
    is_broken = np.zeros(stop - start + 1, np.bool_)  # whether a break parts a piece from the one after it
    pieces = 0
    off[start:stop] = True
    p = end
    after = -1
    while p >= 0:
        off[p] = False
        cost = -1.0
        if after >= 0:
            cost = _cost(rows[p], rows[after], t_us, x, y, speed_kt, limit, is_altitude)
        if cost != 0.0:
            is_broken[pieces] = cost < 0.0
            last[pieces] = p
            pieces += 1
        first[pieces - 1] = p
        size[pieces - 1] += 1
        after = p
        p = parent[p]
    is_broken[pieces] = True

    branch_of = np.empty(pieces, np.int64)
    total = np.zeros(pieces, np.int64)
    # The last piece of each branch that is followed; the lower the later.
    tip = np.full(BRANCHES, -1, np.int64)
    branches = 0
    for piece in range(pieces - 1, -1, -1):
        slot = -1
        for s in range(BRANCHES):
            if (
                tip[s] >= 0
                and (slot < 0 or tip[s] < tip[slot])
                and _cost(rows[last[tip[s]]], rows[first[piece]], t_us, x, y, speed_kt, limit, is_altitude)
                == 0.0
            ):
                slot = s
        branch = branches
        if slot >= 0:
            branch = branch_of[tip[slot]]
        else:
            branches += 1
            slot = 0
            for s in range(BRANCHES):  # a free one, or that of the branch not heard from for longest
                if tip[s] < 0:
                    slot = s
                    break
                if tip[s] > tip[slot]:
                    slot = s
        tip[slot] = piece
        branch_of[piece] = branch
        total[branch] += size[piece]

    order = np.argsort(-total[:branches], kind="mergesort")
    if total[order[0]] <= SHORT:
        off[start:stop] = False  # nothing tells which sample is right
        return
    heard = np.zeros(branches, np.int64)  # samples of each branch before the piece at hand
    for piece in range(pieces - 1, -1, -1):
        branch = branch_of[piece]
        is_off = total[branch] <= SHORT and is_broken[piece] and is_broken[piece + 1]
        for place in range(min(branches, COMPARED)):
            other = order[place]
            if is_off or total[other] <= total[branch] or not (is_broken[piece] or is_broken[piece + 1]):
                break
            is_off = 2 * min(heard[other], total[other] - heard[other]) > size[piece]
        if is_off:
            off[first[piece] : last[piece] + 1] = True
        heard[branch] += size[piece]

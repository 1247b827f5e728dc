"""From red samples to coloured segments, to the region at the own value and to resolutions.

Segment k lies between the samples k and k + 1, and is green where both are.  So a lone green sample is no
band.  Colours are numbers, from mild to severe: NONE 0, FAR 1, MID 2, NEAR 3; RECOVERY 4, UNKNOWN 5 apart.
A bound between two segments belongs to the milder one.

Source: DAIDALUS User Guide v2; docs/formulas.md#guidance.
"""

from __future__ import annotations

import math

from wideberth.kernels._jit import formula, kernel
from wideberth.kernels.manoeuvres import ALTITUDE, DIRECTION, STEP, base_of, limits_of

NONE, FAR, MID, NEAR, RECOVERY, UNKNOWN = range(6)

TIE = 1e-9  # rad, m/s or m: both sides lie equally many steps away, but for rounding


@formula
def bound_of(dimension, k, value, below, low, high, dims):
    """Return the bound below segment k, cut to the limits."""
    step = dims[dimension, STEP]
    low_sample = base_of(dimension, value, below, dims) if dimension == ALTITUDE else value
    bound = low_sample + (k - below) * step  # samples of an altitude have none below
    return min(max(bound, low), high)


@formula
def slack(value):
    """Return how near to a bound counts as on it: 1.2e-4 to 2.4e-4 of it, 0.06 m/s at 300, 1 m at 5000.

    2^40 units in the last place, by which the reference tells bounds apart.
    """
    _, exponent = math.frexp(value)
    return math.ldexp(1.0, exponent - 13)


@kernel
def segments_of(dimension, n, below, value, dims):
    """Return the first segment that counts, and the one past the last.

    A first or last one of which the limits leave less than `slack` is no band of its own.
    """
    low, high = limits_of(dimension, value, dims)
    first, stop = 0, n - 1
    while first < stop and bound_of(dimension, first + 1, value, below, low, high, dims) - low <= slack(low):
        first += 1
    while stop > first and high - bound_of(dimension, stop - 1, value, below, low, high, dims) <= slack(high):
        stop -= 1
    return first, stop


@formula
def is_conflict(colour, corrective):
    """Tell whether a colour calls for a manoeuvre."""
    return corrective <= colour <= NEAR


@formula
def milder(one, other):
    """Return the milder of two colours; recovery is milder than any conflict."""
    if one == RECOVERY or other == RECOVERY:
        return min(one, other) if min(one, other) == NONE else RECOVERY
    return min(one, other)


@kernel
def paint(region, first, stop, red, colours):
    """Paint with a region's colour the segments that are not green; tell whether any is green."""
    is_any_green = False
    for k in range(first, stop):
        if red[k] == 0 and red[k + 1] == 0:
            is_any_green = True
        elif colours[k] == NONE:
            colours[k] = region
    return is_any_green


@kernel
def paint_recovery(first, stop, red, colours):
    """Show what is green as recovery; tell whether anything is."""
    is_any = False
    for k in range(first, stop):
        if red[k] == 0 and red[k + 1] == 0:
            colours[k] = RECOVERY
            is_any = True
    return is_any


@kernel
def paint_ends(n, first, stop, colours):
    """Give the segments that do not count the colour of their neighbour."""
    colours[:first] = colours[first]
    colours[stop : n - 1] = colours[stop - 1]


@kernel
def own_segments(dimension, below, value, dims):
    """Return the segments at the own value, on its lower and its upper side, the same one if it is within."""
    if dimension != ALTITUDE:
        return below - 1, below
    step = dims[dimension, STEP]
    low, _ = limits_of(dimension, value, dims)
    nearest = math.floor((value - low) / step + 0.5)
    if abs(low + nearest * step - value) <= slack(value):
        return nearest - 1, nearest
    within = math.floor((value - low) / step)
    return within, within


@kernel
def region_at(dimension, first, stop, below, value, colours, dims):
    """Return the colour at the own value."""
    lower, upper = own_segments(dimension, below, value, dims)
    if upper < first or lower >= stop:
        return UNKNOWN
    if lower < first:
        return int(colours[upper])
    if upper >= stop:
        return int(colours[lower])
    return milder(int(colours[lower]), int(colours[upper]))


@kernel
def resolutions(dimension, first, stop, below, value, region, corrective, colours, dims):
    """Return the nearest values to the left or below, and to the right or above, that resolve a conflict.

    NaN where there is none to resolve; −inf and inf: none on that side.  Then whether right or up is the
    nearer one.
    """
    if not is_conflict(region, corrective):
        return math.nan, math.nan, False
    low, high = limits_of(dimension, value, dims)
    lower, upper = own_segments(dimension, below, value, dims)
    down, up = -math.inf, math.inf
    k = min(lower, stop - 1)
    while k >= first and is_conflict(colours[k], corrective):
        k -= 1
    if k >= first:
        down = bound_of(dimension, k + 1, value, below, low, high, dims)
    k = max(upper, first)
    while k < stop and is_conflict(colours[k], corrective):
        k += 1
    if k < stop:
        up = bound_of(dimension, k, value, below, low, high, dims)
    if dimension == DIRECTION:  # half a turn away is neither left nor right
        down = -math.inf if value - down >= math.pi - TIE else down
        up = math.inf if up - value >= math.pi - TIE else up
    is_up = not math.isinf(up) and up - value <= (value - down) + TIE
    if dimension == DIRECTION:
        down, up = _wrapped(down), _wrapped(up)
    return down, up, is_up


@formula
def _wrapped(direction):
    """Return a direction in 0 to 2 pi; infinities stay."""
    if math.isinf(direction):
        return direction
    turn = 2.0 * math.pi
    if direction < 0.0:
        direction += turn
    return direction - turn if direction >= turn else direction

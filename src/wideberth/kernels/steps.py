"""What the kernels for lines and for volumes share about a step between two samples.

Motion is as everywhere: straight at constant speed between two Earth-centred surface points.

Source: docs/formulas.md#lines-and-areas.
"""

from __future__ import annotations

import math

from wideberth.kernels._jit import formula
from wideberth.kernels.edges import bend_m, wrapped
from wideberth.kernels.geodesy import SEMI_MAJOR_M, surface_point

STRAIGHT_M = 0.005
PIECE_M = 250.0
MOST_PIECES = 2000
EVENTS = 32  # room for those of a step or a piece at first
HALVINGS = 45
PRECISE_M = 0.001  # by so much a greatest depth may be missed
SEARCHES = 40
GOLDEN = 0.6180339887498949


@formula
def is_step_off(lat_a, lon_a, lat_b, lon_b, low_lon, low_lat, high_lon, high_lat):
    """Return whether no part of a step can be in a box; if in doubt, not.

    The step leaves the straight line in lon/lat by less than a tenth of what it spans and a fiftieth of a degree.
    """
    here_lon = wrapped(lon_a, 0.5 * (low_lon + high_lon))
    there_lon = wrapped(lon_b, here_lon)
    slack = 0.02 + 0.1 * (abs(there_lon - here_lon) + abs(lat_b - lat_a))
    return (
        max(lat_a, lat_b) + slack < low_lat
        or min(lat_a, lat_b) - slack > high_lat
        or max(here_lon, there_lon) + slack < low_lon
        or min(here_lon, there_lon) - slack > high_lon
    )


@formula
def pieces_of(x0, y0, z0, x1, y1, z1, lat_deg):
    """Return in how many pieces a step is straight in lon/lat to `STRAIGHT_M`, each at most `PIECE_M` long.

    A straight way of length L at latitude φ leaves the straight line in lon/lat by L² tan φ / 8R.
    """
    length_m = math.sqrt((x1 - x0) ** 2 + (y1 - y0) ** 2 + (z1 - z0) ** 2)
    slope = abs(math.tan(math.radians(min(abs(lat_deg), 89.9))))
    straight = length_m * math.sqrt(slope / (8.0 * SEMI_MAJOR_M * STRAIGHT_M))
    return min(max(math.ceil(max(straight, length_m / PIECE_M)), 1), MOST_PIECES)


@formula
def may_be_deeper(p_m, q_m, same_edge, length_m, deep_m, x, y, z):
    """Return whether between two distances from edges there may be one greater than what is known already.

    It changes no faster than the aircraft moves.  From one straight edge it is greatest at an end; bent as
    both are by `edges.bend_m`, it still is where the two ends differ by more than four times that.
    """
    if 0.5 * (p_m + q_m + length_m) <= deep_m + PRECISE_M:
        return False
    if not same_edge:
        return True
    bend = bend_m(length_m, x, y, z)
    return abs(p_m - q_m) <= 4.0 * bend and max(p_m, q_m) + bend > deep_m + PRECISE_M


@formula
def next_part(n, level):
    """Return the part after part n of 2^level of a way: half as many parts as soon as it begins one of those.

    At level 0 the way is at its end.  `sides` and `zones` halve a part for as long as they have to look into it.
    """
    n += 1
    while level > 0 and n % 2 == 0:
        n, level = n // 2, level - 1
    return n, level


@formula
def first_window(w_until_us, when_us):
    """Return the first window that ends after an instant."""
    low, high = 0, w_until_us.size
    while low < high:
        middle = (low + high) // 2
        if w_until_us[middle] > when_us:
            high = middle
        else:
            low = middle + 1
    return low


@formula
def step_at(t_us, first, stop, when_us):
    """Return the sample of a leg of two or more that begins the step in which an instant lies."""
    low, high = first, stop - 2
    while low < high:
        middle = (low + high + 1) // 2
        if t_us[middle] <= when_us:
            low = middle
        else:
            high = middle - 1
    return low


@formula
def place_at(t_us, lat_deg, lon_deg, i, when_us):
    """Return where the step from sample i is at an instant, Earth-centred."""
    x0, y0, z0 = surface_point(lat_deg[i], lon_deg[i])
    x1, y1, z1 = surface_point(lat_deg[i + 1], lon_deg[i + 1])
    u = (when_us - t_us[i]) / (t_us[i + 1] - t_us[i])
    return x0 + (x1 - x0) * u, y0 + (y1 - y0) * u, z0 + (z1 - z0) * u


@formula
def altitude_at(t_us, altitude, i, when_us):
    """Return at which altitude the step from sample i is at an instant."""
    return altitude[i] + (altitude[i + 1] - altitude[i]) * ((when_us - t_us[i]) / (t_us[i + 1] - t_us[i]))

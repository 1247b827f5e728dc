"""The plane that guidance is computed in: orthographic, touching a sphere at the own position.

The sphere's radius is that of one minute of arc per nautical mile.  Altitudes are carried through: the Earth is
flat in the plane, and an altitude does not stretch it.  Distances are chord-like: 37 km are short by 0.2 m.
A velocity is how far ten seconds along the great circle that begins on the track come in the plane, over ten.

Rows of states are latitude and longitude (degrees), altitude (m), track (degrees clockwise from true north), ground
speed and vertical rate (m/s); rows of the plane are x east, y north, z up (m), and their rates (m/s).

Source: the projection of DAIDALUS v2, so that its answers compare; docs/formulas.md#guidance-plane.
"""

from __future__ import annotations

import math

import numpy as np

from wideberth.kernels._jit import columns, formula, prange

RADIUS_M = 1852.0 * 60.0 * 180.0 / math.pi
AHEAD_S = 10.0


@formula
def orthographic(lat_deg, lon_deg, lat0_deg, lon0_deg):
    """Return x east and y north of a point in the plane that touches at another, metres."""
    phi, phi0, east = math.radians(lat_deg), math.radians(lat0_deg), math.radians(lon_deg - lon0_deg)
    x = RADIUS_M * math.cos(phi) * math.sin(east)
    y = RADIUS_M * (math.cos(phi0) * math.sin(phi) - math.sin(phi0) * math.cos(phi) * math.cos(east))
    return x, y


@formula
def along_great_circle(lat_deg, lon_deg, track_deg, distance_m):
    """Return latitude and longitude of where a great circle comes that begins on a track."""
    phi, track, arc = math.radians(lat_deg), math.radians(track_deg), distance_m / RADIUS_M
    sine = math.sin(phi) * math.cos(arc) + math.cos(phi) * math.sin(arc) * math.cos(track)
    east = math.atan2(math.sin(track) * math.sin(arc) * math.cos(phi), math.cos(arc) - math.sin(phi) * sine)
    return math.degrees(math.asin(min(max(sine, -1.0), 1.0))), lon_deg + math.degrees(east)


@formula
def _project(state, lat0_deg, lon0_deg, out):
    x, y = orthographic(state[0], state[1], lat0_deg, lon0_deg)
    ahead_lat, ahead_lon = along_great_circle(state[0], state[1], state[3], state[4] * AHEAD_S)
    ahead_x, ahead_y = orthographic(ahead_lat, ahead_lon, lat0_deg, lon0_deg)
    out[0], out[1], out[2] = x, y, state[2]
    out[3], out[4], out[5] = (ahead_x - x) / AHEAD_S, (ahead_y - y) / AHEAD_S, state[5]


@columns
def to_planes(own, intruders, offsets):
    """Return own states and intruders in the plane of each own state: (n, 6), (m, 6) in and out.

    Intruders of state i are the rows offsets[i] to offsets[i + 1] - 1.
    """
    flat_own, flat = np.empty(own.shape), np.empty(intruders.shape)
    for i in prange(own.shape[0]):
        _project(own[i], own[i, 0], own[i, 1], flat_own[i])
        for j in range(offsets[i], offsets[i + 1]):
            _project(intruders[j], own[i, 0], own[i, 1], flat[j])
    return flat_own, flat

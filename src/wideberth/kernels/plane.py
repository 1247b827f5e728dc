"""A plane tangent to the Earth at a point, for questions that need no exact distance.

Within 150 km a distance in it is good to 1 %, and the difference of two positions that are near each other to
the same share: enough to tell company from a passing, not enough to measure a miss.
"""

from __future__ import annotations

import math

from wideberth.kernels._jit import formula
from wideberth.kernels.geodesy import MEAN_RADIUS_M, surface_point

POLAR_DEG = 80.0


@formula
def origin(lat_deg, lon_deg):
    """Return a point as `east_north_m` takes it: latitude, longitude, cosine and sine of the latitude."""
    phi = math.radians(lat_deg)
    return lat_deg, lon_deg, math.cos(phi), math.sin(phi)


@formula
def east_north_m(lat_deg, lon_deg, origin):
    """Return how far a point lies east and north of the origin, metres; NaN if unknown."""
    lat0_deg, lon0_deg, cosine, sine = origin
    east_deg = lon_deg - lon0_deg
    if east_deg > 180.0:
        east_deg -= 360.0
    elif east_deg < -180.0:
        east_deg += 360.0
    if abs(lat0_deg) < POLAR_DEG:
        north = math.radians(lat_deg - lat0_deg)
        east = math.radians(east_deg)
        # To second order: meridians converge, and parallels bend towards the pole.  With a cosine half way alone
        # two positions 150 km off would differ by 2 % too much at 60°, and by 7 % at 80°.
        return (
            MEAN_RADIUS_M * east * (cosine - sine * north),
            MEAN_RADIUS_M * (north + 0.5 * sine * cosine * east * east),
        )
    # Near a pole meridians are no parallels: the vector itself, seen along the axes of the origin.
    x, y, z = surface_point(lat_deg, east_deg)
    x0, _, z0 = surface_point(lat0_deg, 0.0)
    return y, cosine * (z - z0) - sine * (x - x0)

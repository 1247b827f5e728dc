"""Points on the WGS-84 ellipsoid in Earth-centred, Earth-fixed coordinates (metres).

x points to (0°, 0°), y to (0°, 90° E), z to the north pole.  There is no projection, so there
is neither a pole nor an antimeridian.  All points here lie on the ellipsoid itself, at height 0.

Source: NGA.STND.0036 (WGS-84), defining constants; the closed forms are the textbook ones
(docs/formulas.md#geodesy).
"""

from __future__ import annotations

import math

import numpy as np

from wideberth.kernels._jit import columns, formula, kernel, prange

SEMI_MAJOR_M = 6_378_137.0
FLATTENING = 1.0 / 298.257223563
ECCENTRICITY_SQUARED = FLATTENING * (2.0 - FLATTENING)
MEAN_RADIUS_M = SEMI_MAJOR_M * (1.0 - FLATTENING / 3.0)  # (2 a + b) / 3: 6,371,008.8 m
SEMI_MINOR_M = SEMI_MAJOR_M * (1.0 - FLATTENING)


@formula
def surface_point(lat_deg: float, lon_deg: float) -> tuple[float, float, float]:
    """Return the Earth-centred (x, y, z) of a point on the ellipsoid, metres; NaN if unknown."""
    phi = math.radians(lat_deg)
    lam = math.radians(lon_deg)
    sin_phi = math.sin(phi)
    cos_phi = math.cos(phi)
    radius_m = SEMI_MAJOR_M / math.sqrt(1.0 - ECCENTRICITY_SQUARED * sin_phi * sin_phi)
    return (
        radius_m * cos_phi * math.cos(lam),
        radius_m * cos_phi * math.sin(lam),
        radius_m * (1.0 - ECCENTRICITY_SQUARED) * sin_phi,
    )


@formula
def quick_points(lat_deg, lon_deg, first, stop, out):
    """Write Earth-centred points of rows first to stop into ``out`` (3, at least stop - first), good to 1 cm.

    For boxes that allow for it.  Sine and cosine are Taylor polynomials on an eighth of the circle
    (remainders r¹³/13! and r¹²/12!, below 2e-10), free of branches, so that the compiler works on
    several rows at once: a third of the time of `surface_point` (design/quick_points.py).
    """
    for i in range(stop - first):
        sin_phi, cos_phi = _quick_sine_cosine(lat_deg[first + i])
        sin_lam, cos_lam = _quick_sine_cosine(lon_deg[first + i])
        radius_m = SEMI_MAJOR_M / math.sqrt(1.0 - ECCENTRICITY_SQUARED * sin_phi * sin_phi)
        out[0, i] = radius_m * cos_phi * cos_lam
        out[1, i] = radius_m * cos_phi * sin_lam
        out[2, i] = radius_m * (1.0 - ECCENTRICITY_SQUARED) * sin_phi


@formula
def _quick_sine_cosine(angle_deg):
    quarter = math.floor(angle_deg * (1.0 / 90.0) + 0.5)
    r = (angle_deg - 90.0 * quarter) * (math.pi / 180.0)
    q = r * r
    sine = r * (1 + q * (-1 / 6 + q * (1 / 120 + q * (-1 / 5040 + q * (1 / 362880 - q / 39916800)))))
    cosine = 1 + q * (-1 / 2 + q * (1 / 24 + q * (-1 / 720 + q * (1 / 40320 - q / 3628800))))
    half = 0.5 * quarter
    is_odd = half != math.floor(half)
    half_up = 0.5 * math.floor(half)
    sign = 1.0 if half_up == math.floor(half_up) else -1.0  # second half of the circle turns both
    return sign * (cosine if is_odd else sine), sign * (-sine if is_odd else cosine)


@formula
def surface_position(x_m: float, y_m: float, z_m: float) -> tuple[float, float]:
    """Return (lat_deg, lon_deg) of the surface point below or above an Earth-centred point.

    Bowring's formula, one step: for a point within 20 km of the surface it is good to 4e-11
    degrees, 4 micrometres (B. R. Bowring, Survey Review XXIII, 181, 1976).
    """
    p_m = math.hypot(x_m, y_m)
    beta = math.atan2(z_m * SEMI_MAJOR_M, p_m * SEMI_MINOR_M)
    second_eccentricity_squared = ECCENTRICITY_SQUARED / (1.0 - ECCENTRICITY_SQUARED)
    phi = math.atan2(
        z_m + second_eccentricity_squared * SEMI_MINOR_M * math.sin(beta) ** 3,
        p_m - ECCENTRICITY_SQUARED * SEMI_MAJOR_M * math.cos(beta) ** 3,
    )
    return math.degrees(phi), math.degrees(math.atan2(y_m, x_m))


@formula
def direction_deg(lat_deg: float, lon_deg: float, dx_m: float, dy_m: float, dz_m: float) -> float:
    """Return the direction, 0 to 360 from true north, of an Earth-centred vector seen at a point.

    The vector's vertical part is left out.  NaN for a vector without horizontal part.
    """
    phi = math.radians(lat_deg)
    lam = math.radians(lon_deg)
    east_m = -math.sin(lam) * dx_m + math.cos(lam) * dy_m
    north_m = -math.sin(phi) * (math.cos(lam) * dx_m + math.sin(lam) * dy_m) + math.cos(phi) * dz_m
    if east_m == 0.0 and north_m == 0.0:
        return np.nan
    angle_deg = math.degrees(math.atan2(east_m, north_m))
    return angle_deg + 360.0 if angle_deg < 0.0 else angle_deg


@formula
def chord_m(lat_a_deg: float, lon_a_deg: float, lat_b_deg: float, lon_b_deg: float) -> float:
    """Return the straight distance between two points on the ellipsoid, metres."""
    xa, ya, za = surface_point(lat_a_deg, lon_a_deg)
    xb, yb, zb = surface_point(lat_b_deg, lon_b_deg)
    return math.sqrt((xa - xb) ** 2 + (ya - yb) ** 2 + (za - zb) ** 2)


@columns
def directions_deg(lat_deg, lon_deg, dx_m, dy_m, dz_m):
    """Apply `direction_deg` to each row: five (n,) columns in, one out."""
    out = np.empty(lat_deg.size)
    for i in prange(lat_deg.size):
        out[i] = direction_deg(lat_deg[i], lon_deg[i], dx_m[i], dy_m[i], dz_m[i])
    return out


@kernel
def surface_points(lat_deg, lon_deg):
    """Apply `surface_point` to each row: two (n,) columns in, (n, 3) out."""
    out = np.empty((lat_deg.size, 3))
    for i in range(lat_deg.size):
        out[i, 0], out[i, 1], out[i, 2] = surface_point(lat_deg[i], lon_deg[i])
    return out


@kernel
def surface_positions(points):
    """Apply `surface_position` to each row: (n, 3) in, two (n,) columns out."""
    lat_deg, lon_deg = np.empty(points.shape[0]), np.empty(points.shape[0])
    for i in range(points.shape[0]):
        lat_deg[i], lon_deg[i] = surface_position(points[i, 0], points[i, 1], points[i, 2])
    return lat_deg, lon_deg

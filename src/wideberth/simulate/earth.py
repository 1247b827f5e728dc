"""The WGS-84 ellipsoid for simulate, in extended precision where the platform has it.

Written apart from wideberth's kernels on purpose: what is measured here is what those are tested by.
"Surface point" means a point of the ellipsoid, in Earth-centred, Earth-fixed metres.

Source: NGA.STND.0036 (WGS-84).  `numpy.longdouble` has 64 bits of mantissa on x86 and 113 on most
other 64-bit Linux; where it is a float64 (Windows, macOS on ARM) a micrometre still holds.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Real = np.longdouble
Reals = npt.NDArray[np.longdouble]

PI = Real("3.14159265358979323846264338327950288")
RADIANS_PER_DEGREE = PI / 180
SEMI_MAJOR_M = Real(6378137)
FLATTENING = 1 / Real("298.257223563")
SEMI_MINOR_M = SEMI_MAJOR_M * (1 - FLATTENING)
ECCENTRICITY_SQUARED = FLATTENING * (2 - FLATTENING)


def surface_points(lat_deg: npt.ArrayLike, lon_deg: npt.ArrayLike) -> Reals:
    """Return the surface points of geodetic positions, (..., 3)."""
    phi = np.asarray(lat_deg, Real) * RADIANS_PER_DEGREE
    lam = np.asarray(lon_deg, Real) * RADIANS_PER_DEGREE
    normal_m = SEMI_MAJOR_M / np.sqrt(1 - ECCENTRICITY_SQUARED * np.sin(phi) ** 2)
    return np.stack(
        [
            normal_m * np.cos(phi) * np.cos(lam),
            normal_m * np.cos(phi) * np.sin(lam),
            normal_m * (1 - ECCENTRICITY_SQUARED) * np.sin(phi),
        ],
        axis=-1,
    )


def positions(points_m: Reals) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return latitude and longitude of the surface points straight below or above any points, degrees.

    The reduced latitude is improved until it stands still, which near the surface takes three steps; two more
    are spare.
    """
    x, y, z = np.moveaxis(points_m, -1, 0)
    p = np.hypot(x, y)
    phi = np.arctan2(z, p * (1 - ECCENTRICITY_SQUARED))
    for _ in range(5):
        beta = np.arctan2((1 - FLATTENING) * np.sin(phi), np.cos(phi))
        phi = np.arctan2(
            z + ECCENTRICITY_SQUARED / (1 - FLATTENING) * SEMI_MAJOR_M * np.sin(beta) ** 3,
            p - ECCENTRICITY_SQUARED * SEMI_MAJOR_M * np.cos(beta) ** 3,
        )
    return (phi / RADIANS_PER_DEGREE).astype(float), (np.arctan2(y, x) / RADIANS_PER_DEGREE).astype(float)


def east_north(lat_deg: Any, lon_deg: Any) -> tuple[Reals, Reals]:
    """Return the unit vectors that point east and north at positions, (..., 3) each."""
    phi = np.asarray(lat_deg, Real) * RADIANS_PER_DEGREE
    lam = np.asarray(lon_deg, Real) * RADIANS_PER_DEGREE
    east = np.stack([-np.sin(lam), np.cos(lam), np.zeros_like(lam)], axis=-1)
    north = np.stack([-np.sin(phi) * np.cos(lam), -np.sin(phi) * np.sin(lam), np.cos(phi)], axis=-1)
    return east, north

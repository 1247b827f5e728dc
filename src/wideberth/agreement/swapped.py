"""Places whose positions may stand the wrong way round, lat before lon: far from all others, and near one if swapped.

A place is compared by the middle of the box that holds its positions.  It is told of where fewer other places lie
within `FAR_M` of it than would lie within `NEAR_M` of it with its positions swapped.  So no place is, whose swapped
self lies less than about 300 km away: what is near that is near the place itself, too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from wideberth.agreement.atmosphere import middle_of

if TYPE_CHECKING:
    import numpy.typing as npt

    from wideberth.agreement.document import Document
    from wideberth.agreement.shapes import Place

FAR_M = 500_000.0
NEAR_M = 200_000.0
EARTH_M = 6_371_009.0  # a sphere will do: this tells hundreds of kilometres
MOST_LAT_DEG = 90.0
REMEDY = "Longitude comes first, [lon, lat]: are the two swapped?"


def check(document: Document, places: dict[str, Place]) -> None:
    """Warn of places that would lie among the others if their positions were swapped, and do not as they stand."""
    names = list(places)
    lon_deg, lat_deg = np.array([middle_of(place) for place in places.values()]).reshape(-1, 2).T
    points = _points_m(lon_deg, lat_deg)
    swapped = _points_m(lat_deg, lon_deg)
    told: set[int] = set()
    for k in np.flatnonzero(np.abs(lon_deg) <= MOST_LAT_DEG).tolist():
        away_m, swapped_m = (np.linalg.norm(points - point, axis=1) for point in (points[k], swapped[k]))
        away_m[k] = swapped_m[k] = np.inf
        near = np.flatnonzero(swapped_m < NEAR_M)
        if near.size <= np.count_nonzero(away_m < FAR_M) or told.issuperset(near.tolist()):
            continue  # of two that are each other's mirror image it is enough to tell of one
        told.add(k)
        other = int(swapped_m.argmin())
        document.tree.warn(
            ("places", names[k]),
            f"the place '{names[k]}' lies {away_m[other] / 1000:,.0f} km from '{names[other]}', and with its positions "
            f"swapped would lie {swapped_m[other] / 1000:,.0f} km from it.",
            REMEDY,
        )


def _points_m(lon_deg: npt.NDArray[np.float64], lat_deg: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    lon, lat = np.radians(lon_deg), np.radians(lat_deg)
    across = np.cos(lat)
    return EARTH_M * np.stack([across * np.cos(lon), across * np.sin(lon), np.sin(lat)], axis=1)

"""Shapes → columns of edges, as `kernels.edges` takes them."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from wideberth.agreement import arcs
from wideberth.agreement.shapes import unwrapped
from wideberth.columns import frozen
from wideberth.kernels import edges as kernels
from wideberth.kernels.geodesy import SEMI_MAJOR_M, surface_point

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy.typing as npt

    from wideberth.agreement.shapes import Position, Shape

# A geodesic of length L at latitude φ leaves the straight line in lon/lat by L² tan φ / 8R, on a sphere: on the
# ellipsoid by a little more, so that this is a little below the centimetre that is promised.
GEODESIC_M = 0.008
GEODESIC_PIECE_M = 500.0
METRES_PER_DEGREE = 110_574.0  # of latitude at the equator, where it is shortest


class Edges(NamedTuple):
    """Edges of a figure.

    Attributes:
        lon0, lat0, lon1, lat1: (k,) degrees; longitudes go on across the antimeridian.
        ball: (g, 4) Earth-centred centre and radius, metres, of each group of edges.
        box: (g, 4) least lon and lat, greatest lon and lat of each group.
    """

    lon0: npt.NDArray[np.float64]
    lat0: npt.NDArray[np.float64]
    lon1: npt.NDArray[np.float64]
    lat1: npt.NDArray[np.float64]
    ball: npt.NDArray[np.float64]
    box: npt.NDArray[np.float64]

    def grown_box(self, by_m: float) -> tuple[float, float, float, float]:
        """Return (lon, lat, lon, lat) of a box that holds everything within so many metres; a circle at a pole."""
        low_lat = float(self.box[:, 1].min()) - by_m / METRES_PER_DEGREE
        high_lat = float(self.box[:, 3].max()) + by_m / METRES_PER_DEGREE
        widest = max(abs(low_lat), abs(high_lat))
        if widest >= 89.5:
            return -1e9, low_lat, 1e9, high_lat
        by_deg = by_m / METRES_PER_DEGREE / math.cos(math.radians(widest))
        return float(self.box[:, 0].min()) - by_deg, low_lat, float(self.box[:, 2].max()) + by_deg, high_lat


def edges_of(shape: Shape) -> Edges:
    """Return the edges of a line, a corridor's middle line, or an area's rings (closed); of a circle, its centre."""
    is_closed = shape.kind == "area"
    starts: list[Position] = []
    stops: list[Position] = []
    for ring in shape.rings:
        points = list(_points(ring, is_closed, shape.edges == "geodesic"))
        starts += points[:-1]
        stops += points[1:]
    if not starts:  # a circle: its centre
        starts = stops = [shape.rings[0][0]]
    lon0, lat0 = (np.array(values, float) for values in zip(*starts, strict=True))
    lon1, lat1 = (np.array(values, float) for values in zip(*stops, strict=True))
    ball, box = _around(lon0, lat0, lon1, lat1)
    return Edges(*map(frozen, (lon0, lat0, lon1, lat1, ball, box)))


def _points(ring: Sequence[Position], is_closed: bool, is_geodesic: bool) -> Iterator[Position]:
    points = unwrapped([*ring, ring[0]] if is_closed else ring)
    yield points[0]
    for before, here in itertools.pairwise(points):
        if is_geodesic:
            yield from _geodesic(before, here)
        yield here


def _geodesic(a: Position, b: Position) -> Iterator[Position]:
    """Yield points between two on the shortest way."""
    found = arcs.bearing_and_distance(a, b)
    if found is None:
        return
    bearing_deg, distance_m = found
    highest_deg = max(abs(a[1]), abs(b[1])) + 0.5 * distance_m / METRES_PER_DEGREE
    slope = math.tan(math.radians(min(highest_deg, 89.9)))
    piece_m = min(GEODESIC_PIECE_M, math.sqrt(8.0 * SEMI_MAJOR_M * GEODESIC_M / max(slope, 1e-9)))
    pieces = math.ceil(distance_m / piece_m)
    lon_before = a[0]
    for i in range(1, pieces):
        lon, lat = arcs.destination(a[0], a[1], bearing_deg, distance_m * i / pieces)
        lon += 360.0 * round((lon_before - lon) / 360.0)
        lon_before = lon
        yield lon, lat


def _around(*ends: npt.NDArray[np.float64]) -> tuple[Any, Any]:
    lon0, lat0, lon1, lat1 = ends
    groups = range(0, lon0.size, kernels.GROUP)
    ball, box = np.empty((len(groups), 4)), np.empty((len(groups), 4))
    for g, first in enumerate(groups):
        part = slice(first, first + kernels.GROUP)
        lons, lats = np.append(lon0[part], lon1[part]), np.append(lat0[part], lat1[part])
        box[g] = lons.min(), lats.min(), lons.max(), lats.max()
        # A long edge bulges: points between its ends belong to the ball as well.
        share = np.linspace(0.0, 1.0, 17)[:, None]
        all_lons = (lon0[part] + (lon1[part] - lon0[part]) * share).ravel()
        all_lats = (lat0[part] + (lat1[part] - lat0[part]) * share).ravel()
        points = np.array([surface_point(lat, lon) for lat, lon in zip(all_lats, all_lons, strict=True)])
        centre = (points.min(axis=0) + points.max(axis=0)) / 2.0
        widest = np.linalg.norm(np.diff(points.reshape(17, -1, 3), axis=0), axis=2).max(initial=0.0)
        ball[g, :3] = centre
        ball[g, 3] = np.linalg.norm(points - centre, axis=1).max() + widest
    return ball, box

"""The places of an agreement as plain polygons and lines, for programs that know neither circles nor corridors.

Positions are (lon, lat) in degrees.  Nothing crosses the antimeridian: what does is cut there in two (RFC 7946, 3.1.9);
outer rings run anticlockwise, holes clockwise (3.1.6).

A circle becomes a polygon of 72 vertices, whose edges lie up to 0.1 % of the radius inside it.  A corridor is the union
of such circles and of the strips between, a little too narrow by the same share.  Of edges that are straight in
lon/lat some programs make great circles: where asked, they are cut until the two differ by less than a metre.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wideberth.agreement import arcs, explain
from wideberth.agreement.edges import edges_of
from wideberth.kernels.geodesy import MEAN_RADIUS_M

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wideberth.agreement.load import Agreement
    from wideberth.agreement.shapes import Place, Position, Shape, Volume

CIRCLE_POINTS = 72
STRAIGHT_M = 0.5  # a great circle between two vertices leaves the line in lon/lat by so much, to first order
MOST_LAT_DEG = 89.9  # a line along a meridian near a pole has no bend; its tangent would have no bound
METRES_PER_LON_DEGREE = 111_700.0  # more than a degree is anywhere, of latitude as well
WORLD = ((-180.0, -90.0), (180.0, 90.0))


@dataclass(frozen=True)
class Outline:
    """One figure, cut at the antimeridian.

    Attributes:
        lines: of a line: its parts.
        areas: of anything else: for each part its outer ring and its holes, the first vertex repeated at the end.
    """

    lines: tuple[tuple[Position, ...], ...] = ()
    areas: tuple[tuple[tuple[Position, ...], ...], ...] = ()

    def geometry(self) -> dict[str, Any]:
        """Return it as a geometry of GeoJSON."""
        if self.lines:
            return _one_or_many("LineString", [[list(p) for p in line] for line in self.lines])
        return _one_or_many("Polygon", [[[list(p) for p in ring] for ring in area] for area in self.areas])


def _one_or_many(kind: str, parts: list[Any]) -> dict[str, Any]:
    if len(parts) == 1:
        return {"type": kind, "coordinates": parts[0]}
    return {"type": f"Multi{kind}", "coordinates": parts}


def outline(shape: Shape, *, is_for_globe: bool = False) -> Outline:
    """Return a shape as lines or polygons.

    Args:
        shape: of a place.
        is_for_globe: True cuts straight edges, for programs that would bend them.
    """
    from shapely import LineString, MultiPolygon, Polygon

    if shape.kind == "line":
        (path,) = _paths(shape, is_for_globe)
        return Outline(lines=tuple(_cut(LineString(path))))
    if shape.kind == "circle":
        figure: Any = Polygon(_circle(shape.rings[0][0], shape.radius_m))
    elif shape.kind == "corridor":
        (path,) = _paths(shape, is_for_globe)
        figure = _corridor(path, shape)
    else:
        outer, *holes = _paths(shape, is_for_globe)
        figure = Polygon(outer, holes)
    polygons = figure.geoms if isinstance(figure, MultiPolygon) else (figure,)
    return Outline(areas=tuple(part for polygon in polygons for part in _cut(polygon)))


def _paths(shape: Shape, is_for_globe: bool) -> Iterator[list[Position]]:
    """Yield the path of a line, or each ring of an area, longitudes going on across the antimeridian."""
    edges = edges_of(shape)
    path: list[Position] = []
    for lon0, lat0, lon1, lat1 in zip(edges.lon0, edges.lat0, edges.lon1, edges.lat1, strict=True):
        start, stop = (float(lon0), float(lat0)), (float(lon1), float(lat1))
        if path and path[-1] != start:
            yield path
            path = []
        if not path:
            path.append(start)
        path += _between(start, stop) if is_for_globe and shape.edges == "straight" else [stop]
    yield path


def _between(a: Position, b: Position) -> list[Position]:
    """Return points from a (left out) to b on the line in lon/lat.

    A great circle of length L at latitude φ leaves it by L² tan φ / 8R (docs/formulas.md).
    """
    low, high = sorted((abs(a[1]), abs(b[1])))
    widest = 1.0 if a[1] * b[1] < 0.0 else math.cos(math.radians(low))
    across_m = (b[0] - a[0]) * METRES_PER_LON_DEGREE * widest
    length_m = math.hypot(across_m, (b[1] - a[1]) * METRES_PER_LON_DEGREE)
    slope = math.tan(math.radians(min(high, MOST_LAT_DEG)))
    piece_m = math.sqrt(8.0 * MEAN_RADIUS_M * STRAIGHT_M / max(slope, 1e-3))
    pieces = max(1, math.ceil(length_m / piece_m))
    shares = [i / pieces for i in range(1, pieces)]
    return [*((a[0] + (b[0] - a[0]) * s, a[1] + (b[1] - a[1]) * s) for s in shares), b]


def _circle(centre: Position, radius_m: float) -> list[Position]:
    """Return points of a circle; longitudes go on across the antimeridian."""
    turns = (360.0 * i / CIRCLE_POINTS for i in range(CIRCLE_POINTS))
    points = (arcs.destination(*centre, turn, radius_m) for turn in turns)
    return [(lon + 360.0 * round((centre[0] - lon) / 360.0), lat) for lon, lat in points]


def _corridor(path: Sequence[Position], shape: Shape) -> Any:
    """Return everything within half the width of a path, its ends round or cut off."""
    from shapely import Polygon, unary_union

    parts = []
    for i, (a, b) in enumerate(itertools.pairwise(path)):
        found = arcs.bearing_and_distance(a, b)
        if found is None or found[1] == 0.0:
            continue
        back = arcs.bearing_and_distance(b, a)
        assert back is not None
        corners = [
            arcs.destination(*end, bearing, shape.radius_m)
            for end, bearing in (
                (a, found[0] - 90.0), (a, found[0] + 90.0), (b, back[0] - 90.0), (b, back[0] + 90.0),
            )
        ]  # fmt: skip
        parts.append(Polygon([(lon + 360.0 * round((a[0] - lon) / 360.0), lat) for lon, lat in corners]))
        if i > 0 or shape.ends == "round":
            parts.append(Polygon(_circle(a, shape.radius_m)))
    if shape.ends == "round":
        parts.append(Polygon(_circle(path[-1], shape.radius_m)))
    return unary_union(parts)


def _cut(figure: Any) -> Iterator[Any]:
    """Yield the parts of a line or polygon between the antimeridians, longitudes -180 to 180."""
    from shapely import LineString, Polygon, box
    from shapely.affinity import translate
    from shapely.geometry.polygon import orient

    west, _, east, _ = figure.bounds
    for turn in range(math.floor((west + 180.0) / 360.0), math.floor((east + 180.0) / 360.0) + 1):
        shifted = translate(figure, xoff=-360.0 * turn)
        is_within = shifted.bounds[0] >= -180.0 and shifted.bounds[2] <= 180.0
        part = shifted if is_within else shifted.intersection(box(*WORLD[0], *WORLD[1]))
        for each in getattr(part, "geoms", (part,)):
            if isinstance(each, Polygon) and each.area > 0.0:
                ringed = orient(each)
                yield tuple(tuple(ring.coords) for ring in (ringed.exterior, *ringed.interiors))
            elif isinstance(each, LineString) and isinstance(figure, LineString) and each.length > 0.0:
                yield tuple(each.coords)


@dataclass(frozen=True)
class Placed:
    """One volume of a place, and what is to be said of it.

    Attributes:
        place, volume: which; `number` counts the volumes of one place from 1.
        properties: plain data, as GeoJSON holds it.
    """

    place: Place
    volume: Volume
    number: int
    properties: dict[str, Any]


def placed(agreement: Agreement) -> Iterator[Placed]:
    """Yield every volume of an agreement's places, with the rules that are about it."""
    for place in agreement.places.values():
        about = [rule for rule in agreement.rules if place.name in [each.name for each in rule.places]]
        for number, volume in enumerate(place.volumes, start=1):
            kinds = dict.fromkeys(shape.kind for shape in volume.shapes)
            said = {
                "place": place.name,
                "title": place.title or None,
                "volume": number,
                "kind": ", ".join(kinds),
                "floor": volume.floor.text if volume.floor else None,
                "floor_value": volume.floor.value if volume.floor else None,
                "floor_unit": volume.floor.unit if volume.floor else None,
                "floor_datum": volume.floor.datum if volume.floor else None,
                "ceiling": volume.ceiling.text if volume.ceiling else None,
                "ceiling_value": volume.ceiling.value if volume.ceiling else None,
                "ceiling_unit": volume.ceiling.unit if volume.ceiling else None,
                "ceiling_datum": volume.ceiling.datum if volume.ceiling else None,
                "radius_m": next((each.radius_m for each in volume.shapes if each.kind == "circle"), None),
                "width_m": next((2 * s.radius_m for s in volume.shapes if s.kind == "corridor"), None),
                "holds": explain.volume(volume),
                "restriction": place.restriction or None,
                "notes": list(place.notes),
                "rules": [rule.id for rule in about],
                "sentences": [explain.sentence(rule) for rule in about],
            }
            yield Placed(place, volume, number, said)


def geojson(agreement: Agreement) -> dict[str, Any]:
    """Return an agreement's places as a FeatureCollection (RFC 7946), a feature for each volume."""
    features = []
    for each in placed(agreement):
        geometries = [outline(shape).geometry() for shape in each.volume.shapes]
        geometry = (
            geometries[0]
            if len(geometries) == 1
            else {"type": "GeometryCollection", "geometries": geometries}
        )
        features.append({"type": "Feature", "geometry": geometry, "properties": each.properties})
    return {"type": "FeatureCollection", "features": features}

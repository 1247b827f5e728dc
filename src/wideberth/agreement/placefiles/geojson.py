"""GeoJSON: points with a radius, lines and polygons, alone or in features and collections.

Positions are lon, lat, and edges straight in lon/lat, as RFC 7946 says.  GeoJSON has neither names nor
limits: `wideberth.agreement.placefiles.properties` says which properties are taken for them.  An area may
be split at the antimeridian, as the RFC asks, or cross it by a longitude that jumps.

Source: RFC 7946 (August 2016).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from wideberth.agreement.placefiles import figures
from wideberth.agreement.placefiles.collect import Draft, text_of
from wideberth.agreement.placefiles.limits import check_order
from wideberth.agreement.placefiles.properties import Properties
from wideberth.agreement.shapes import Place, Shape, Volume

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from wideberth.agreement.placefiles.collect import Faults

GEOMETRIES = (
    "Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon", "GeometryCollection",
)  # fmt: skip
DEEPEST = 8  # collections within collections
_WGS84 = ("CRS84", "4326", "4979")


def looks_like(document: Any) -> bool:
    """Tell whether a JSON document is GeoJSON."""
    return isinstance(document, dict) and document.get("type") in (
        "Feature",
        "FeatureCollection",
        *GEOMETRIES,
    )


def features(document: dict[str, Any], faults: Faults) -> list[Any]:
    """Return the features of a document; a geometry alone is one."""
    if document["type"] == "FeatureCollection":
        found = document.get("features")
        if isinstance(found, list):
            return found
        faults.add("The collection has no list 'features'.", "Give it one.")
        return []
    if document["type"] == "Feature":
        return [document]
    return [{"type": "Feature", "geometry": document, "properties": {}}]


def read(
    document: dict[str, Any], faults: Faults, stem: str, line_of: Callable[[int], int | None]
) -> list[Place]:
    """Read the places of a GeoJSON document.

    Args:
        document: the JSON.
        faults: collects what is wrong.
        stem: names what has no name.
        line_of: finds the line in which a feature begins.
    """
    if not is_wgs84(document, faults):
        return []
    found = features(document, faults)
    places = []
    for at, feature in enumerate(found):
        name = name_of(feature, stem, at if len(found) > 1 else None)
        draft = Draft(faults, name, find_line=lambda at=at: line_of(at))  # type: ignore[misc]
        place = _place(feature, draft)
        if place is not None:
            places.append(place)
    return places


def is_wgs84(document: dict[str, Any], faults: Faults) -> bool:
    """Tell whether coordinates are WGS-84, as they are unless an old ``crs`` member says otherwise."""
    crs = document.get("crs")
    if crs is None:
        return True
    properties = crs.get("properties") if isinstance(crs, dict) else None
    name = str(properties.get("name") if isinstance(properties, dict) else crs)
    if any(each in name for each in _WGS84):
        return True
    faults.add(
        f"The coordinates are said to be in '{name:.80}'.",
        "Convert them to WGS-84, lon, lat (EPSG:4326), which is all that GeoJSON has.",
    )
    return False


def name_of(feature: Any, stem: str, at: int | None) -> str:
    """Return what a feature is called: by its properties, its id, or the file and its number."""
    fallback = stem if at is None else f"{stem} {at + 1}"
    if not isinstance(feature, dict):
        return fallback
    raw = feature.get("properties")
    named = Properties(raw).name() if isinstance(raw, dict) else ""
    return named or text_of(feature.get("id")) or fallback


def _place(feature: Any, draft: Draft) -> Place | None:
    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        draft.fault(f"it is no feature but {feature!r:.60}.", 'Write {"type": "Feature", ...}.')
        return None
    raw = feature.get("properties")
    properties = Properties(raw if isinstance(raw, dict) else {})
    if not (properties.name() or text_of(feature.get("id"))):
        draft.note("it has no name in the file")
    title = properties.title(draft.name)
    radius_m = properties.radius_m(draft)
    floor, ceiling = properties.limit(draft, "floor"), properties.limit(draft, "ceiling")
    check_order(draft, floor, ceiling)
    when = properties.schedules(draft) or []
    shapes: list[Shape] = []
    bare_points = 0
    for leaf in leaves(draft, feature.get("geometry")):
        if leaf["type"] in ("Point", "MultiPoint") and radius_m is None:
            bare_points += 1
            continue
        shapes += shapes_of(draft, leaf, radius_m)
    note_points(draft, bare_points, bool(shapes))
    properties.note_rest(draft)
    volumes = [Volume(tuple(shapes), floor, ceiling, schedule) for schedule in when] if shapes else []
    return draft.place(volumes, title)


def note_points(draft: Draft, count: int, has_shapes: bool) -> None:
    """Say what becomes of points without a radius: a note beside other shapes, alone a fault."""
    if count and has_shapes:
        draft.note(f"{count} points without a radius beside its shapes are not read")
    elif count:
        draft.fault(
            "a point without a radius is no place.", "Give it a property 'radius' in metres, or take it out."
        )


def leaves(draft: Draft, geometry: Any, depth: int = 0) -> Iterator[dict[str, Any]]:
    """Yield the geometries that are no collections, in order."""
    if not isinstance(geometry, dict) or geometry.get("type") not in GEOMETRIES:
        shown = "none" if geometry is None else f"{geometry!r:.60}"
        draft.fault(f"its geometry is {shown}.", f"Known are {', '.join(GEOMETRIES)}.")
    elif geometry["type"] != "GeometryCollection":
        yield geometry
    elif depth >= DEEPEST or not isinstance(geometry.get("geometries"), list):
        draft.fault(
            "a GeometryCollection has no list 'geometries', or too many within each other.", "Flatten it."
        )
    else:
        for each in geometry["geometries"]:
            yield from leaves(draft, each, depth + 1)


def shapes_of(draft: Draft, geometry: dict[str, Any], radius_m: float | None) -> list[Shape]:
    """Return the shapes of a geometry that is no collection; what has a fault is left out.

    Args:
        draft: the place.
        geometry: as GeoJSON has it.
        radius_m: of its points; NaN: it has a fault, which has been told.
    """
    kind, coordinates = geometry["type"], geometry.get("coordinates")
    if kind in ("Point", "MultiPoint"):
        if radius_m is None or math.isnan(radius_m):
            return []
        centres = figures.positions(draft, [coordinates] if kind == "Point" else coordinates, "the point")
        found = [figures.circle(draft, (centre,), radius_m) for centre in centres or ()]
    elif kind == "LineString":
        found = [figures.line(draft, figures.positions(draft, coordinates))]
    elif kind == "MultiLineString":
        parts = parts_of(draft, coordinates, kind)
        found = [figures.line(draft, figures.positions(draft, part)) for part in parts]
    elif kind == "Polygon":
        found = [polygon(draft, coordinates, must=True)]
    else:
        found = [polygon(draft, part, must=True) for part in parts_of(draft, coordinates, kind)]
    return [shape for shape in found if shape is not None]


def parts_of(draft: Draft, coordinates: Any, kind: str) -> list[Any]:
    """Return the parts of a geometry of several."""
    if isinstance(coordinates, list) and coordinates:
        return coordinates
    draft.fault(f"a {kind} has no coordinates.", "Give it some, or take it out.")
    return []


def polygon(draft: Draft, coordinates: Any, *, must: bool) -> Shape | None:
    """Return the area of a polygon's rings as JSON gives them; ``must``: as for `figures.closed`."""
    rings = parts_of(draft, coordinates, "Polygon")
    names = ["the ring", *(f"hole {at}" for at in range(1, len(rings)))]
    closed = [
        figures.closed(draft, figures.positions(draft, ring, what), what, must=must)
        for ring, what in zip(rings, names, strict=False)
    ]
    return figures.area(draft, closed) if rings else None

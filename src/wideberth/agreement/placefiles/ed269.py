"""ED-269 geographical zones: JSON with features that are no GeoJSON.

A zone has ``geometry``, a list of volumes: ``horizontalProjection`` (a Circle with center [lon, lat] and a
radius in metres, or a Polygon), lower and upper limits with their references, ``uomDimensions`` M or FT; and
``applicability``, a list of periods.  The order lon, lat is that of the published Swiss data.

States publish the list of zones in different wrappings, or bare: ``features``, ``UASZoneVersion``,
``UASZoneList`` and others are looked into, to a depth of three.  Some call it a FeatureCollection.

Source: EUROCAE ED-269 as rendered in InterUSS's uas_standards (Apache-2.0).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from wideberth.agreement.placefiles import figures, geojson
from wideberth.agreement.placefiles.collect import Draft, text_of
from wideberth.agreement.placefiles.ed318 import in_some_language
from wideberth.agreement.placefiles.limits import check_order, read_parts
from wideberth.agreement.placefiles.times import PERIODS, has_periods, schedules
from wideberth.agreement.shapes import Place, Volume

if TYPE_CHECKING:
    from collections.abc import Callable

    from wideberth.agreement.placefiles.collect import Faults
    from wideberth.agreement.shapes import Limit, Shape

DEEPEST = 3
_LOOKED_AT = 50
_USED = ("identifier", "name", "restriction", "geometry", *PERIODS)


def zones(document: Any, depth: int = 0) -> list[Any] | None:
    """Return the list of zones in a JSON document, however it is wrapped; None where there is none."""
    if isinstance(document, list):
        return document if any(_is_zone(each) for each in document[:_LOOKED_AT]) else None
    if not isinstance(document, dict) or depth >= DEEPEST:
        return None
    if _is_zone(document):
        return [document]
    for value in document.values():
        found = zones(value, depth + 1) if isinstance(value, dict | list) else None
        if found is not None:
            return found
    return None


def _is_zone(value: Any) -> bool:
    geometry = value.get("geometry") if isinstance(value, dict) else None
    volumes = geometry if isinstance(geometry, list) else [geometry]
    return any(isinstance(each, dict) and "horizontalProjection" in each for each in volumes)


def read(found: list[Any], faults: Faults, stem: str, line_of: Callable[[int], int | None]) -> list[Place]:
    """Read the zones of an ED-269 document.

    Args:
        found: by `zones`.
        faults: collects what is wrong.
        stem: names what has no identifier.
        line_of: finds the line in which a zone begins.
    """
    places = []
    for at, each in enumerate(found):
        zone = _flat(each)
        identifier = text_of(zone.get("identifier")) if isinstance(zone, dict) else ""
        name = identifier or f"{stem} {at + 1}"
        draft = Draft(faults, name, find_line=lambda at=at: line_of(at))  # type: ignore[misc]
        place = _place(zone, draft)
        if place is not None:
            places.append(place)
    return places


def _flat(zone: Any) -> Any:
    """Return a zone whose members stand beside its geometry, as some publish them within ``properties``."""
    properties = zone.get("properties") if isinstance(zone, dict) else None
    if not isinstance(properties, dict):
        return zone
    beside = {
        key: value
        for key, value in zone.items()
        if key != "properties" and (key, value) != ("type", "Feature")
    }
    told = {key: value for key, value in properties.items() if value not in (None, "", [])}
    return {**beside, **told}


def _place(zone: Any, draft: Draft) -> Place | None:
    geometry = zone.get("geometry") if isinstance(zone, dict) else None
    if not isinstance(geometry, list | dict):
        draft.fault("it has no list 'geometry'.", "Give it at least one volume.")
        return None
    if not has_periods(zone):
        draft.note("it has no applicability: it is taken as permanent")
    when = schedules(draft, zone)
    volumes: list[Volume] = []
    for each in geometry if isinstance(geometry, list) else [geometry]:
        if not isinstance(each, dict):
            draft.fault(f"a volume is {each!r:.60}.", "Write horizontalProjection and limits.")
            continue
        shapes = _shapes(draft, each.get("horizontalProjection"))
        floor, ceiling = _limits(draft, each)
        if shapes:
            volumes += [Volume(tuple(shapes), floor, ceiling, schedule) for schedule in when or ()]
    draft.note_rest(zone.items(), _USED)
    return draft.place(volumes, in_some_language(zone.get("name")), text_of(zone.get("restriction")))


def _limits(draft: Draft, volume: dict[str, Any]) -> tuple[Limit | None, Limit | None]:
    uom = volume.get("uomDimensions")
    floor = read_parts(draft, volume.get("lowerLimit"), uom, volume.get("lowerVerticalReference"), "floor")
    ceiling = read_parts(
        draft, volume.get("upperLimit"), uom, volume.get("upperVerticalReference"), "ceiling"
    )
    check_order(draft, floor, ceiling)
    return floor, ceiling


def _shapes(draft: Draft, projection: Any) -> list[Shape]:
    kind = str(projection.get("type") if isinstance(projection, dict) else None)
    if kind == "Circle":
        centre = figures.positions(draft, [projection.get("center")], "the centre")
        radius = projection.get("radius")
        is_number = isinstance(radius, int | float) and not isinstance(radius, bool)
        radius_m = float(radius) if is_number else math.nan
        circle = figures.circle(draft, centre, radius_m)
        return [circle] if circle is not None else []
    if kind == "Polygon":
        area = geojson.polygon(draft, projection.get("coordinates"), must=False)
        return [area] if area is not None else []
    draft.fault(f"its horizontalProjection is '{kind}'.", "Known are Circle and Polygon.")
    return []

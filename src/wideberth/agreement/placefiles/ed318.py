"""ED-318 geographical zones: GeoJSON with a vertical layer in each geometry, and circles.

A geometry has ``layer``: upper, lower, their references (AGL, AMSL, WGS84), and uom (m, ft).  A circle is a
point with ``extent`` {subType: Circle, radius: metres}.  A zone with ``limitedApplicability`` holds in those
periods, and one without always.  Hours that begin or end with a daylight event (BMCT, SR, SS, EECT) differ
from day to day and are refused.

Names of the restriction are those of ED-269: ED-318's REQ_AUTHORIZATION is REQ_AUTHORISATION here.

Source: EUROCAE ED-318 as rendered in InterUSS's uas_standards (Apache-2.0); EUROCONTROL's specification
of LayeredGeoJSON.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wideberth.agreement.placefiles import geojson
from wideberth.agreement.placefiles.collect import Draft, text_of
from wideberth.agreement.placefiles.limits import check_order, read_parts
from wideberth.agreement.placefiles.times import PERIODS, schedules
from wideberth.agreement.shapes import Place, Volume

if TYPE_CHECKING:
    from collections.abc import Callable

    from wideberth.agreement.placefiles.collect import Faults
    from wideberth.agreement.shapes import Limit

_MARKS = {"limitedApplicability", "zoneAuthority", "variant", "restrictionConditions"}
_LOOKED_AT = 50  # features, to recognise the format


def looks_like(document: Any) -> bool:
    """Tell whether a JSON document is GeoJSON as ED-318 extends it."""
    if not isinstance(document, dict) or document.get("type") not in ("FeatureCollection", "Feature"):
        return False
    found = document.get("features") if document["type"] == "FeatureCollection" else [document]
    return isinstance(found, list) and any(_is_zone(feature) for feature in found[:_LOOKED_AT])


def _is_zone(feature: Any) -> bool:
    if not isinstance(feature, dict):
        return False
    properties = feature.get("properties")
    if isinstance(properties, dict) and len(_MARKS & properties.keys()) >= 2:
        return True
    geometry = feature.get("geometry")
    parts = [geometry]
    if isinstance(geometry, dict) and isinstance(geometry.get("geometries"), list):
        parts += geometry["geometries"]
    return any(isinstance(part, dict) and isinstance(part.get("layer"), dict) for part in parts)


def read(
    document: dict[str, Any], faults: Faults, stem: str, line_of: Callable[[int], int | None]
) -> list[Place]:
    """Read the zones of an ED-318 document; arguments as for `geojson.read`."""
    if not geojson.is_wgs84(document, faults):
        return []
    found = geojson.features(document, faults)
    places = []
    for at, feature in enumerate(found):
        raw = feature.get("properties") if isinstance(feature, dict) else None
        properties = raw if isinstance(raw, dict) else {}
        name = text_of(properties.get("identifier")) or geojson.name_of(
            feature, stem, at if len(found) > 1 else None
        )
        draft = Draft(faults, name, find_line=lambda at=at: line_of(at))  # type: ignore[misc]
        place = _place(feature, properties, draft)
        if place is not None:
            places.append(place)
    return places


def _place(feature: Any, properties: dict[str, Any], draft: Draft) -> Place | None:
    if not isinstance(feature, dict):
        draft.fault(f"it is no feature but {feature!r:.60}.", 'Write {"type": "Feature", ...}.')
        return None
    restriction = text_of(properties.get("type")).replace("AUTHORIZATION", "AUTHORISATION")
    title = in_some_language(properties.get("name"))
    when = schedules(draft, properties)
    volumes: list[Volume] = []
    points = 0
    for leaf in geojson.leaves(draft, feature.get("geometry")):
        radius_m = _radius_m(draft, leaf)
        if leaf["type"] in ("Point", "MultiPoint") and radius_m is None:
            points += 1
            continue
        shapes = geojson.shapes_of(draft, leaf, radius_m)
        floor, ceiling = _layer(draft, leaf.get("layer"))
        if shapes:
            volumes += [Volume(tuple(shapes), floor, ceiling, schedule) for schedule in when or ()]
    geojson.note_points(draft, points, bool(volumes))
    rest = {key: _untranslated(value) for key, value in properties.items()}
    draft.note_rest(rest.items(), ("identifier", "name", "type", *PERIODS))
    return draft.place(volumes, title, restriction)


def _radius_m(draft: Draft, leaf: dict[str, Any]) -> float | None:
    extent = leaf.get("extent")
    if extent is None:
        return None
    if isinstance(extent, dict) and extent.get("subType", "Circle") == "Circle":
        radius = extent.get("radius")
        if isinstance(radius, int | float) and not isinstance(radius, bool):
            return float(radius)
    draft.fault(f"its extent {extent!r:.60} is not read.", 'Write {"subType": "Circle", "radius": metres}.')
    return None


def _layer(draft: Draft, layer: Any) -> tuple[Limit | None, Limit | None]:
    if layer is None:
        draft.note("a geometry has no layer: it is taken from the ground up, without limit")
        return None, None
    if not isinstance(layer, dict):
        draft.fault(f"its layer is {layer!r:.60}.", "Write upper, lower, their references and uom.")
        return None, None
    uom = layer.get("uom")
    floor = read_parts(draft, layer.get("lower"), uom, layer.get("lowerReference"), "floor")
    ceiling = read_parts(draft, layer.get("upper"), uom, layer.get("upperReference"), "ceiling")
    check_order(draft, floor, ceiling)
    return floor, ceiling


def in_some_language(value: Any) -> str:
    """Return one of several translations, English where there is one; or the text that it is."""
    if not isinstance(value, list):
        return text_of(value)
    texts = [each for each in value if isinstance(each, dict) and text_of(each.get("text"))]
    english = [each for each in texts if str(each.get("lang", "")).lower().startswith("en")]
    return text_of((english or texts)[0]["text"]) if texts else ""


def _untranslated(value: Any) -> Any:
    is_text = (
        isinstance(value, list) and value and all(isinstance(each, dict) and "text" in each for each in value)
    )
    return in_some_language(value) if is_text else value

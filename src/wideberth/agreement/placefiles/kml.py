"""KML: polygons, lines, and points with a radius, of placemarks.

Positions are lon,lat[,altitude], altitudes metres.  Edges are taken as straight in lon/lat.  A placemark's
``ExtendedData`` is read like the properties of a GeoJSON feature: floor, ceiling, radius.

KML has a ceiling where a polygon stands at one altitude, ``extrude``d down to the ground or ``absolute``:
``absolute`` is AMSL, ``relativeToGround`` AGL.  Any other altitude is noted and not read.  ``TimeSpan`` is
when a place holds; that of a folder is a fault.

Nothing is fetched: a NetworkLink is a fault.  Document type declarations are refused, and with them every
entity that could grow or reach out.

Source: OGC 07-147r2 (KML 2.2); Google's KML reference for altitude modes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from xml.parsers import expat

from wideberth.agreement.placefiles import figures
from wideberth.agreement.placefiles.collect import Draft, text_of
from wideberth.agreement.placefiles.geojson import note_points
from wideberth.agreement.placefiles.limits import check_order
from wideberth.agreement.placefiles.properties import Properties
from wideberth.agreement.placefiles.times import instant
from wideberth.agreement.shapes import Datum, Limit, Place, Schedule, Shape, Volume

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from wideberth.agreement.placefiles.collect import Faults

DEEPEST = 64  # elements within a placemark
_GEOMETRIES = ("Point", "LineString", "LinearRing", "Polygon")
_OTHERS = ("Model", "Track", "MultiTrack")
_NOT_NOTED = (
    "name", "ExtendedData", "TimeSpan", "MultiGeometry", "Style", "StyleMap", "styleUrl", "visibility", "open",
    "LookAt", "Camera", "Region", "balloonVisibility", *_GEOMETRIES, *_OTHERS,
)  # fmt: skip
_DATUMS: dict[str, Datum] = {"absolute": "AMSL", "relativeToGround": "AGL"}
_DATE = re.compile(r"^\d{4}-\d{2}-\d{2}$")


class _RefusedError(Exception):
    """The document is not to be read on; what is wrong has been told."""


@dataclass
class Node:
    """An element within a placemark: its name without prefix, its line, what stands in it."""

    tag: str
    line: int
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Node] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """Its own text, without blanks around it."""
        return "".join(self.pieces).strip()

    def child(self, tag: str) -> Node | None:
        """Return the first element in it of a name."""
        return next((each for each in self.children if each.tag == tag), None)

    def text_in(self, tag: str) -> str:
        """Return the text of the first element in it of a name; "" where there is none."""
        found = self.child(tag)
        return found.text if found is not None else ""


def read(content: bytes, faults: Faults, stem: str) -> list[Place]:
    """Read the placemarks of a KML document.

    Args:
        content: the XML.
        faults: collects what is wrong.
        stem: names what has no name.
    """
    document = _Document(faults, stem)
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = document.refuse
    parser.StartElementHandler = document.start
    parser.EndElementHandler = document.end
    parser.CharacterDataHandler = document.text
    document.parser = parser
    try:
        parser.Parse(content, True)
    except _RefusedError:
        return []
    except (expat.ExpatError, LookupError, ValueError) as error:  # the others: an encoding that is none
        why = str(error).partition(": line")[0]
        faults.add(f"The XML is broken: {why}.", "Is the file whole?", parser.CurrentLineNumber)
    return document.places


class _Document:
    """Turns placemarks into places as they end."""

    def __init__(self, faults: Faults, stem: str) -> None:
        self.places: list[Place] = []
        self.parser: Any = None
        self._faults = faults
        self._stem = stem
        self._is_begun = False
        self._count = 0
        self._open: list[Node] = []
        self._around: list[str] = []  # of the elements outside placemarks, from the root

    def refuse(self, *of_doctype: object) -> None:
        self._faults.add(
            "The file declares a document type (<!DOCTYPE ...>).",
            "KML has no use for one, and it could make entities grow without end: remove it if you trust the file.",
            self.parser.CurrentLineNumber,
        )
        raise _RefusedError

    def start(self, name: str, attributes: dict[str, str]) -> None:
        tag = name.rpartition(":")[2]
        line = self.parser.CurrentLineNumber
        if not self._is_begun:
            self._is_begun = True
            if tag not in ("kml", "Document", "Folder", "Placemark"):
                self._faults.add(f"The XML is <{name[:60]}>, not KML.", "Export it as KML or GeoJSON.", line)
                raise _RefusedError
        if self._open:
            node = Node(tag, line, attributes)
            if len(self._open) >= DEEPEST:
                self._faults.add("A placemark has too many elements within each other.", "Flatten it.", line)
                raise _RefusedError
            self._open[-1].children.append(node)
            self._open.append(node)
        elif tag == "Placemark":
            self._open.append(Node(tag, line, attributes))
        else:
            self._outside(tag, line)
            self._around.append(tag)

    def _outside(self, tag: str, line: int) -> None:
        if tag == "TimeSpan" and self._around[-1:] in (["Document"], ["Folder"]):
            self._faults.add(
                f"A {self._around[-1]} has a TimeSpan, and only those of placemarks are read.",
                "Write it into each of its placemarks, or take it out.",
                line,
            )
        elif tag == "NetworkLink":
            self._faults.add(
                "A network link points to another file, and nothing is fetched.",
                "Save what it shows into this file, or take the link out.",
                line,
            )

    def text(self, text: str) -> None:
        if self._open:
            self._open[-1].pieces.append(text)

    def end(self, name: str) -> None:
        if not self._open:
            if self._around:
                self._around.pop()
            return
        node = self._open.pop()
        if not self._open:
            self._count += 1
            place = _place(node, self._faults, f"{self._stem} {self._count}")
            if place is not None:
                self.places.append(place)


def _place(node: Node, faults: Faults, fallback: str) -> Place | None:
    name = text_of(node.text_in("name"))
    draft = Draft(faults, name or text_of(node.attributes.get("id")) or fallback, node.line)
    if not name:
        draft.note("it has no name in the file")
    properties = Properties(dict(_extended(node)))
    title = properties.title(draft.name)
    radius_m = properties.radius_m(draft)
    floor, ceiling = properties.limit(draft, "floor"), properties.limit(draft, "ceiling")
    spans = [child for child in node.children if child.tag == "TimeSpan"]
    if len(spans) > 1:
        draft.fault(
            "it has more than one TimeSpan.", "Keep one; make placemarks of the others.", spans[1].line
        )
    schedule = _schedule(draft, spans[0] if spans else None)
    when = properties.schedules(draft) or []
    if not schedule.is_always and any(not each.is_always for each in when):
        draft.fault("it has a TimeSpan and an applicability.", "Keep the one that is meant.")
    elif not schedule.is_always:
        when = [schedule]
    found: dict[Limit | None, list[Shape]] = {}
    points = 0
    for geometry in _geometries(node):
        if geometry.tag == "Point" and radius_m is None:
            points += 1
            continue
        shape, own_ceiling = _shape(draft, geometry, radius_m)
        if shape is not None:
            found.setdefault(ceiling or own_ceiling, []).append(shape)
    for each in found:
        check_order(draft, floor, each)
    note_points(draft, points, bool(found))
    properties.note_rest(draft)
    for child in node.children:
        if child.tag not in _NOT_NOTED:
            draft.note(f"{child.tag}: {_all_text(child)}")
    volumes = [
        Volume(tuple(shapes), floor, each, schedule) for each, shapes in found.items() for schedule in when
    ]
    return draft.place(volumes, title)


def _extended(node: Node) -> Iterator[tuple[str, str]]:
    for data in node.child("ExtendedData").children if node.child("ExtendedData") else ():  # type: ignore[union-attr]
        if data.tag == "Data":
            yield data.attributes.get("name", ""), data.text_in("value")
        elif data.tag == "SchemaData":
            yield from (
                (each.attributes.get("name", ""), each.text)
                for each in data.children
                if each.tag == "SimpleData"
            )


def _all_text(node: Node) -> str:
    return " ".join([node.text, *(_all_text(child) for child in node.children)]).strip()


def _geometries(node: Node) -> Iterator[Node]:
    for child in node.children:
        if child.tag == "MultiGeometry":
            yield from _geometries(child)
        elif child.tag in _GEOMETRIES + _OTHERS:
            yield child


def _schedule(draft: Draft, span: Node | None) -> Schedule:
    if span is None:
        return Schedule()
    bounds: list[datetime | None] = []
    for tag in ("begin", "end"):
        text = span.text_in(tag)
        bound = instant(f"{text}T24:00" if tag == "end" and _DATE.match(text) else text) if text else None
        if text and bound is None:
            draft.fault(
                f"its TimeSpan has the {tag} '{text:.40}'.", "Write it like 2025-06-01T06:00:00Z.", span.line
            )
        bounds.append(bound)
    if bounds[0] is not None and bounds[1] is not None and bounds[1] < bounds[0]:
        draft.fault("its TimeSpan ends before it begins.", "Exchange the two.", span.line)
    return Schedule(((bounds[0], bounds[1]),)) if bounds != [None, None] else Schedule()


def _shape(draft: Draft, node: Node, radius_m: float | None) -> tuple[Shape | None, Limit | None]:
    if node.tag in _OTHERS:
        draft.fault(
            f"a {node.tag} is no place.", "Keep polygons, lines, and points with a radius.", node.line
        )
        return None, None
    if node.tag == "Polygon":
        outer = [
            each
            for boundary in node.children
            if boundary.tag == "outerBoundaryIs"
            for each in boundary.children
        ]
        inner = [
            each
            for boundary in node.children
            if boundary.tag == "innerBoundaryIs"
            for each in boundary.children
        ]
        if len(outer) != 1:
            draft.fault(f"a polygon has {len(outer)} outer rings.", "Give it one.", node.line)
            return None, None
        rings, altitudes_m = [], []
        for at, ring in enumerate(outer + inner):
            what = "the ring" if at == 0 else f"hole {at}"
            flat, heights_m = _coordinates(ring)
            rings.append(figures.closed(draft, figures.positions(draft, flat, what), what, must=False))
            altitudes_m += heights_m
        return figures.area(draft, rings), _ceiling(draft, node, altitudes_m)
    flat, altitudes_m = _coordinates(node)
    positions = figures.positions(draft, flat, "the point" if node.tag == "Point" else "the line")
    if any(altitudes_m):
        draft.note(f"altitudes of a {node.tag} are not read")
    if node.tag == "Point":
        if positions is not None and len(positions) != 1:
            draft.fault(f"a point has {len(positions)} positions.", "Give it one.", node.line)
            return None, None
        is_told = radius_m is None or radius_m != radius_m
        return (None if is_told else figures.circle(draft, positions, radius_m or 0.0)), None
    if node.tag == "LinearRing":
        draft.note("a LinearRing is taken as the area within")
        return figures.area(draft, [figures.closed(draft, positions, must=False)]), None
    return figures.line(draft, positions), None


def _coordinates(node: Node) -> tuple[list[Any], list[float]]:
    """Return (lon, lat) of each tuple of the coordinates in an element, and the altitudes.

    What is no number stays a text, and is told as such where positions are checked.
    """
    text = node.text_in("coordinates")
    if ", " in text or " ," in text:
        text = re.sub(r"[ \t]*,[ \t]*", ",", text)
    flat: list[Any] = []
    altitudes_m: list[float] = []
    for entry in text.split():
        try:
            numbers = [float(each) for each in entry.rstrip(",").split(",")]
        except ValueError:
            flat.append(entry)
            continue
        flat.append(numbers[:2])
        altitudes_m.append(numbers[2] if len(numbers) > 2 else 0.0)
    return flat, altitudes_m


def _ceiling(draft: Draft, node: Node, altitudes_m: list[float]) -> Limit | None:
    """Return the ceiling that a polygon's altitude is, where it plainly is one."""
    mode = node.text_in("altitudeMode") or "clampToGround"
    is_extruded = node.text_in("extrude") in ("1", "true")
    if not any(altitudes_m):
        return None
    lowest_m, highest_m = min(altitudes_m), max(altitudes_m)
    datum = _DATUMS.get(mode)
    text = f"{highest_m:g} m {datum}"
    if datum is None:
        draft.note(f"altitudes of a polygon ({mode}) are not read")
    elif lowest_m != highest_m:
        draft.note(
            f"altitudes of a polygon differ ({lowest_m:g} to {highest_m:g} m {datum}): no ceiling is taken"
        )
    elif highest_m < 0 or not (is_extruded or datum == "AMSL"):
        draft.note(f"a polygon lies at {text} and is not extruded to the ground: no ceiling is taken")
    else:
        if not is_extruded:
            draft.note(f"a polygon lies at {text} and is not extruded: that is taken as its ceiling")
        return Limit(highest_m, "m", datum, text)
    return None

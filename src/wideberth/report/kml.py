"""Findings, the places of an agreement and the tracks around findings as KML 2.2 with Google's extensions, or KMZ.

Three folders: places as solids between floor and ceiling, findings as marks with a time span, a style by verdict and
trust and every column as extended data, and tracks as ``gx:MultiTrack`` that is not interpolated across gaps.
Everything is in the file: no icon, style or script is fetched from anywhere.

KML measures absolute altitudes from mean sea level.  What aircraft report is mostly something else, and the document
says so: pressure altitude is drawn as if it were above sea level.  It is not: it is off by about 27 ft for each hPa by
which the pressure at sea level differs from 1013.25 hPa.

Source: OGC 07-147r2 (KML 2.2); Google, KML Reference (gx:Track, gx:MultiTrack).
"""

from __future__ import annotations

import itertools
import zipfile
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from wideberth.report.around import altitude_reference
from wideberth.report.marks import clean, marks, markup
from wideberth.report.outlines import outline, placed
from wideberth.report.palette import AIRCRAFT, PLACE, TRUSTS, VERDICTS, channels
from wideberth.tables import instant_text
from wideberth.units import METRES_PER_FOOT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path
    from typing import TextIO

    from wideberth.agreement.load import Agreement
    from wideberth.agreement.shapes import Limit
    from wideberth.report.around import Way
    from wideberth.report.finding import Terms
    from wideberth.report.marks import Mark
    from wideberth.report.outlines import Placed
    from wideberth.tables import Findings

KML, GX = "http://www.opengis.net/kml/2.2", "http://www.google.com/kml/ext/2.2"
IN_KMZ = "doc.kml"
MADE = (1980, 1, 1, 0, 0, 0)  # of the file in a KMZ: the same findings give the same bytes
MODES = {"AMSL": "absolute", "ellipsoid": "absolute", "pressure": "absolute", "AGL": "relativeToGround"}
HEAD = f'<?xml version="1.0" encoding="UTF-8"?>\n<kml xmlns="{KML}" xmlns:gx="{GX}">\n<Document>\n'
FOOT = "</Document>\n</kml>\n"
REFERENCE = (
    "KML measures altitude from mean sea level. Altitudes here are {0}. Pressure altitude is drawn as if it were above "
    "sea level: it is off by about 27 ft (8 m) for each hPa by which the pressure there differs from 1013.25 hPa. "
    "Heights above the ellipsoid differ from it by the undulation of the geoid, up to about 100 m. All times are UTC."
)


def write(
    temporary: Path,
    findings: Findings | None,
    terms: Terms,
    *,
    is_zipped: bool = False,
    agreement: Agreement | None = None,
    ways: Iterable[Way] = (),
    window: str = "",
) -> None:
    """Write everything into a file.

    Args:
        temporary: where.
        findings: incidents or encounters; None writes places alone.
        terms: what is known of the agreement.
        is_zipped: True makes it a KMZ.
        agreement: with the places to draw; None draws none.
        ways: tracks, aircraft by aircraft.
        window: how much of the tracks is there, in words.
    """
    if is_zipped:
        with zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as archive:
            about = zipfile.ZipInfo(IN_KMZ, MADE)
            about.compress_type = zipfile.ZIP_DEFLATED
            with archive.open(about, "w", force_zip64=True) as file:
                for text in texts(findings, terms, agreement, ways, window):
                    file.write(text.encode("utf-8"))
        return
    with temporary.open("w", encoding="utf-8", newline="\n") as file_of_text:
        _write_texts(file_of_text, texts(findings, terms, agreement, ways, window))


def _write_texts(file: TextIO, parts: Iterable[str]) -> None:
    for part in parts:
        file.write(part)


def texts(
    findings: Findings | None, terms: Terms, agreement: Agreement | None, ways: Iterable[Way], window: str
) -> Iterator[str]:
    """Yield the document piece by piece, so that any number of findings needs little memory."""
    name = terms.name or (agreement.name if agreement else "") or "Findings"
    about = [] if findings is None else [markup(REFERENCE.format(altitude_reference(findings)))]
    if window:
        about.append(markup(f"Tracks: {window}."))
    yield HEAD
    yield _text(_leaf("name", name))
    yield _text(_leaf("open", "1"))
    yield _text(_leaf("description", "".join(f"<p>{each}</p>" for each in about)))
    yield from map(_text, _styles())
    if agreement is not None and agreement.places:
        yield from _folder("Places", map(_place, placed(agreement)))
    if findings is not None:
        yield from _folder(
            "Findings", (_mark(mark, k) for k, mark in enumerate(marks(findings, terms), start=1))
        )
    yield from _folder("Tracks", (_way(way, k) for k, way in enumerate(ways, start=1)), may_be_empty=False)
    yield FOOT


def _folder(name: str, elements: Iterator[ET.Element], *, may_be_empty: bool = True) -> Iterator[str]:
    first = next(elements, None)
    if first is None and not may_be_empty:
        return
    yield f"<Folder>\n{_text(_leaf('name', name))}"
    if first is not None:
        yield _text(first)
    yield from map(_text, elements)
    yield "</Folder>\n"


def _text(element: ET.Element) -> str:
    return ET.tostring(element, encoding="unicode") + "\n"


def _leaf(name: str, text: str) -> ET.Element:
    element = ET.Element(name)
    element.text = clean(text)
    return element


def _element(name: str, /, *children: ET.Element, **attributes: str) -> ET.Element:
    element = ET.Element(name, {key: clean(value) for key, value in attributes.items()})
    element.extend(children)
    return element


# Styles -------------------------------------------------------------------------------------------------


def _styles() -> Iterator[ET.Element]:
    """Yield a style for each verdict and trust, and those of places and tracks.

    A balloon shows the description alone: names and extended data would be put into it as HTML.
    """
    balloon = _element("BalloonStyle", _leaf("text", "$[description]"))
    for verdict, colour in VERDICTS.items():
        for trust, strength in TRUSTS.items():
            colour_text = _colour(colour, strength)
            yield _element(
                "Style",
                _element(
                    "IconStyle", _leaf("color", colour_text), _leaf("scale", f"{0.6 + 0.5 * strength:g}")
                ),
                _element("LabelStyle", _leaf("color", colour_text), _leaf("scale", "0.8")),
                _element("LineStyle", _leaf("color", colour_text), _leaf("width", "4")),
                balloon,
                id=style_id(verdict, trust),
            )
    yield _element(
        "Style",
        _element("LineStyle", _leaf("color", _colour(PLACE)), _leaf("width", "2")),
        _element("PolyStyle", _leaf("color", _colour(PLACE, 0.3))),
        balloon,
        id="place",
    )
    for k, colour in enumerate(AIRCRAFT):
        yield _element(
            "Style",
            _element("IconStyle", _leaf("color", _colour(colour)), _leaf("scale", "0.7")),
            _element("LineStyle", _leaf("color", _colour(colour)), _leaf("width", "2")),
            balloon,
            id=f"track-{k}",
        )


def style_id(verdict: str, trust: str) -> str:
    """Return the id of the style of a verdict and a trust."""
    return f"{verdict}-{trust or 'untold'}"


def _colour(colour: str, strength: float = 1.0) -> str:
    """Return a colour as KML has it: alpha, blue, green, red, two hexadecimal digits each."""
    red, green, blue = channels(colour)
    return f"{round(255 * strength):02x}{blue:02x}{green:02x}{red:02x}"


# Places -------------------------------------------------------------------------------------------------


def _place(one: Placed) -> ET.Element:
    floor, ceiling = one.volume.floor, one.volume.ceiling
    geometries = [
        geometry
        for shape in one.volume.shapes
        for geometry in _solids(outline(shape, is_for_globe=True), floor, ceiling)
    ]
    about = [
        one.place.title,
        one.properties["holds"],
        *one.properties["sentences"],
        *one.properties["notes"],
        _drawn(one),
    ]
    number = f" {one.number}" if len(one.place.volumes) > 1 else ""
    data = {
        name: ", ".join(value) if isinstance(value, list) else str(value)
        for name, value in one.properties.items()
        if value not in (None, [])
    }
    return _element(
        "Placemark",
        _leaf("name", f"{one.place.name}{number}"),
        _leaf("description", "".join(f"<p>{markup(text)}</p>" for text in about if text)),
        _leaf("styleUrl", "#place"),
        _data(data),
        geometries[0] if len(geometries) == 1 else _element("MultiGeometry", *geometries),
    )


def _drawn(one: Placed) -> str:
    """Say how the levels of a volume are drawn, where that is not as they are meant."""
    told = []
    for level, what in ((one.volume.floor, "Its floor"), (one.volume.ceiling, "Its ceiling")):
        if level is not None and level.datum == "pressure":
            told.append(f"{what} is a pressure altitude, drawn as if it were above sea level.")
        elif level is not None and level.datum == "ellipsoid":
            told.append(f"{what} is above the ellipsoid, drawn as if it were above sea level.")
    if one.properties["kind"] != "line" and one.volume.ceiling is None:
        told.append("It has no ceiling, and is drawn as its outline.")
    return " ".join(told)


def _solids(one: Any, floor: Limit | None, ceiling: Limit | None) -> Iterator[ET.Element]:
    """Yield a line, or what bounds an area between two levels: its top, its bottom and its walls."""
    for line in one.lines:
        yield _element(
            "LineString",
            _leaf("tessellate", "1"),
            _leaf("coordinates", _coordinates((*point, 0.0) for point in line)),
        )
    for area in one.areas:
        has_floor = floor is not None and not floor.is_ground
        if ceiling is None:
            yield _polygon(area, floor if has_floor else None)
            continue
        yield _polygon(area, ceiling, is_extruded=not has_floor)
        if has_floor and floor is not None:
            yield _polygon(area, floor)
            if MODES[floor.datum] == MODES[ceiling.datum]:
                yield from _walls(area, floor, ceiling)


def _polygon(area: Any, level: Limit | None, *, is_extruded: bool = False) -> ET.Element:
    height_m = 0.0 if level is None else _metres(level)
    rings = [
        _element(
            "outerBoundaryIs" if k == 0 else "innerBoundaryIs",
            _element("LinearRing", _leaf("coordinates", _coordinates((*point, height_m) for point in ring))),
        )
        for k, ring in enumerate(area)
    ]
    mode = "clampToGround" if level is None else MODES[level.datum]
    head = [_leaf("extrude", "1")] if is_extruded else []
    flat = [_leaf("tessellate", "1")] if level is None else []
    return _element("Polygon", *head, *flat, _leaf("altitudeMode", mode), *rings)


def _walls(area: Any, floor: Limit, ceiling: Limit) -> Iterator[ET.Element]:
    low_m, high_m = _metres(floor), _metres(ceiling)
    for ring in area:
        for a, b in itertools.pairwise(ring):
            corners = ((*a, low_m), (*b, low_m), (*b, high_m), (*a, high_m), (*a, low_m))
            inner = _element("LinearRing", _leaf("coordinates", _coordinates(corners)))
            mode = _leaf("altitudeMode", MODES[ceiling.datum])
            yield _element("Polygon", mode, _element("outerBoundaryIs", inner))


def _metres(level: Limit) -> float:
    return level.value * (METRES_PER_FOOT if level.unit == "ft" else 1.0)


def _coordinates(points: Iterable[tuple[float, float, float]]) -> str:
    return " ".join(f"{lon:.7f},{lat:.7f},{height_m:.1f}" for lon, lat, height_m in points)


# Findings and tracks ------------------------------------------------------------------------------------


def _mark(mark: Mark, number: int) -> ET.Element:
    return _element(
        "Placemark",
        _leaf("name", mark.name),
        _leaf("description", mark.told),
        _element("TimeSpan", _leaf("begin", mark.t_in), _leaf("end", mark.t_out)),
        _leaf("styleUrl", f"#{style_id(*mark.style)}"),
        _data(mark.data),
        *_where(mark),
        id=f"finding-{number}",  # an id of XML has no colon, and that of a finding may hold anything
    )


def _where(mark: Mark) -> Iterator[ET.Element]:
    if not mark.points:
        return
    is_level_known = all(height_m is not None for _, _, height_m in mark.points)
    mode = _leaf("altitudeMode", "absolute" if is_level_known else "clampToGround")
    coordinates = _coordinates((lon, lat, height_m or 0.0) for lon, lat, height_m in mark.points)
    if len(mark.points) == 1:
        yield _element("Point", _leaf("extrude", "1"), mode, _leaf("coordinates", coordinates))
        return
    lon, lat, height_m = mark.points[0]
    first = _coordinates([(lon, lat, height_m or 0.0)])
    yield _element(
        "MultiGeometry",
        _element("Point", _leaf("extrude", "1"), mode, _leaf("coordinates", first)),
        _element("LineString", mode, _leaf("coordinates", coordinates)),
    )


def _data(values: dict[str, str]) -> ET.Element:
    return _element(
        "ExtendedData",
        *(_element("Data", _leaf("value", value), name=name) for name, value in values.items()),
    )


def _way(way: Way, number: int) -> ET.Element:
    tracks = []
    for leg in way.legs:
        mode = "clampToGround" if way.reference == "unknown" else "absolute"
        instants = [_leaf("when", instant_text(t_us)) for t_us in leg.t_us.tolist()]
        points = zip(leg.lon_deg.tolist(), leg.lat_deg.tolist(), leg.altitude_m.tolist(), strict=True)
        places = [_leaf("gx:coord", f"{lon:.7f} {lat:.7f} {high:.1f}") for lon, lat, high in points]
        tracks.append(_element("gx:Track", _leaf("altitudeMode", mode), *instants, *places))
    return _element(
        "Placemark",
        _leaf("name", way.name),
        _leaf("description", f"<p>{markup(f'Altitude: {way.told}.')}</p>"),
        _leaf("styleUrl", f"#track-{number % len(AIRCRAFT)}"),
        _data({"icao24": way.icao24, "callsign": way.callsign, "altitude_reference": way.reference}),
        _element("gx:MultiTrack", _leaf("gx:interpolate", "0"), *tracks),
        id=f"track-of-{number}",
    )

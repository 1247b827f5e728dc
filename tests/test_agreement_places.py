"""Files of places: what each format says becomes a place, and what cannot be meant is told, all at once."""

from __future__ import annotations

import io
import itertools
import json
import math
import zipfile
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from pyproj import Geod

from wideberth.agreement import arcs
from wideberth.agreement.placefiles import read_places, select
from wideberth.agreement.placefiles.times import week_parts
from wideberth.agreement.shapes import NEVER, Limit, Place, Schedule
from wideberth.errors import AgreementError

if TYPE_CHECKING:
    from pathlib import Path

GEODESIC_DIGITS_M = 0.001  # Vincenty's series is good to 0.1 mm; GeographicLib to nanometres
PROMISED_M = 1.0  # docs/places.md: an edge departs from the arc by less
WGS84 = Geod(ellps="WGS84")
SQUARE = [[8.0, 47.0], [8.1, 47.0], [8.1, 47.1], [8.0, 47.1], [8.0, 47.0]]
HOLE = [[8.04, 47.04], [8.06, 47.04], [8.06, 47.06], [8.04, 47.06], [8.04, 47.04]]
OPEN_SQUARE = tuple((lon, lat) for lon, lat in SQUARE[:-1])


def places_of(
    folder: Path, content: str | bytes | dict[str, Any] | list[Any], name: str = "f.dat"
) -> list[Place]:
    path = folder / name
    if isinstance(content, dict | list):
        content = json.dumps(content)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_places(path)


def faults_of(folder: Path, content: str | bytes | dict[str, Any] | list[Any]) -> list[str]:
    with pytest.raises(AgreementError) as raised:
        places_of(folder, content)
    assert all(fault.remedy for fault in raised.value.faults)
    return [str(fault).replace(str(folder), "") for fault in raised.value.faults]


def feature(kind: str, coordinates: Any, **properties: Any) -> dict[str, Any]:
    return {
        "type": "Feature",
        "geometry": {"type": kind, "coordinates": coordinates},
        "properties": {"name": "here", **properties},
    }


def collection(*features: Any) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": list(features)}


# GeoJSON ------------------------------------------------------------------------------------------


def test_a_polygon_has_an_outer_ring_and_holes(tmp_path: Path) -> None:
    """The first vertex is not repeated; the name is the property; nothing says when or how high."""
    (place,) = places_of(tmp_path, feature("Polygon", [SQUARE, HOLE]))

    (volume,) = place.volumes
    (shape,) = volume.shapes
    assert place.name == "here"
    assert shape.kind == "area"
    assert shape.edges == "straight"
    assert shape.rings[0] == OPEN_SQUARE
    assert len(shape.rings[1]) == 4
    assert volume.floor is None
    assert volume.ceiling is None
    assert volume.schedule.is_always
    assert place.notes == ()


@pytest.mark.parametrize(
    ("kind", "coordinates", "found"),
    [
        ("LineString", SQUARE[:3], [("line", 3)]),
        ("MultiLineString", [SQUARE[:3], HOLE[:2]], [("line", 3), ("line", 2)]),
        ("MultiPolygon", [[SQUARE], [HOLE]], [("area", 4), ("area", 4)]),
        ("Point", [8.0, 47.0], [("circle", 1)]),
        ("MultiPoint", [[8.0, 47.0], [9.0, 47.0]], [("circle", 1), ("circle", 1)]),
    ],
)
def test_each_geometry_becomes_its_shapes(tmp_path: Path, kind: str, coordinates: Any, found: Any) -> None:
    """A point is the centre of a circle by the property ``radius``, metres."""
    (place,) = places_of(tmp_path, feature(kind, coordinates, radius=500))

    shapes = place.volumes[0].shapes
    assert [(shape.kind, len(shape.rings[0])) for shape in shapes] == found
    assert all(shape.radius_m == (500.0 if shape.kind == "circle" else 0.0) for shape in shapes)


def test_collections_of_geometries_and_bare_geometries(tmp_path: Path) -> None:
    """A collection is one place; a geometry alone is called like its file; a point beside an area is noted."""
    parts = {
        "type": "GeometryCollection",
        "geometries": [
            {"type": "Polygon", "coordinates": [SQUARE]},
            {"type": "Point", "coordinates": [8, 47]},
        ],
    }

    (place,) = places_of(tmp_path, parts, "river.geojson")

    assert place.name == "river"
    assert [shape.kind for shape in place.volumes[0].shapes] == ["area"]
    assert "1 points without a radius beside its shapes are not read" in place.notes


@pytest.mark.parametrize(
    ("properties", "floor", "ceiling"),
    [
        ({"floor": "GND", "ceiling": "FL95"}, None, (9500.0, "ft", "pressure")),
        ({"lowerLimit": "1000 ft AGL", "upperLimit": "300m AMSL"}, (1000.0, "ft", "AGL"), (300.0, "m", "AMSL")),
        ({"ceiling": "10000 ft"}, None, (10000.0, "ft", "pressure")),
        ({"floor_ft": 500, "floor_reference": "MSL", "top": "UNL"}, (500.0, "ft", "AMSL"), None),
        ({"LOWER_VAL": 0, "LOWER_UOM": "FT", "LOWER_CODE": "SFC", "UPPER_VAL": "18000", "UPPER_UOM": "FT",
          "UPPER_CODE": "MSL"}, None, (18000.0, "ft", "AMSL")),
        ({"lowerLimit": {"value": 45, "unit": 6, "referenceDatum": 2},
          "upperLimit": {"value": 3000, "unit": 0, "referenceDatum": 1}},
         (4500.0, "ft", "pressure"), (3000.0, "m", "AMSL")),
        ({"lower": 50, "upper": 120, "uom": "m", "datum": "WGS84"},
         (50.0, "m", "ellipsoid"), (120.0, "m", "ellipsoid")),
    ],
)  # fmt: skip
def test_floors_and_ceilings_in_the_common_spellings(
    tmp_path: Path, properties: dict[str, Any], floor: Any, ceiling: Any
) -> None:
    """Texts, numbers with a unit in the name or beside, and objects; a floor on the ground is none."""
    (place,) = places_of(tmp_path, feature("Polygon", [SQUARE], **properties))

    volume = place.volumes[0]
    told = [
        None if each is None else (each.value, each.unit, each.datum)
        for each in (volume.floor, volume.ceiling)
    ]
    assert told == [floor, ceiling]


@pytest.mark.parametrize(
    ("name", "value", "radius_m"),
    [
        ("radius", "1 NM", 1852.0),
        ("radius", "500", 500.0),
        ("radius_nm", 2, 3704.0),
        ("Radius (km)", "1.5", 1500.0),
    ],
)
def test_radii_in_several_units(tmp_path: Path, name: str, value: Any, radius_m: float) -> None:
    """A number alone is metres; a unit stands in the text or in the property's name."""
    (place,) = places_of(tmp_path, feature("Point", [8.0, 47.0], **{name: value}))

    assert place.volumes[0].shapes[0].radius_m == radius_m


def test_bare_feet_are_pressure_altitude_and_that_is_said(tmp_path: Path) -> None:
    """As in an agreement."""
    (place,) = places_of(tmp_path, feature("Polygon", [SQUARE], ceiling="10000 ft"))

    assert place.notes == ("ceiling '10000 ft' names no reference: read as pressure altitude",)


def test_what_has_no_place_is_noted(tmp_path: Path) -> None:
    """Other properties and heights in coordinates are told; how it is drawn is not."""
    ring = [[*position, 300] for position in SQUARE]

    (place,) = places_of(
        tmp_path, feature("Polygon", [ring], title="The long name", owner="x" * 500, stroke="red")
    )

    assert place.title == "The long name"
    assert place.notes[0] == "heights within its coordinates are not read"
    assert place.notes[1].startswith("owner: xxx")
    assert len(place.notes[1]) == 200
    assert len(place.notes) == 2


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (feature("Polygon", [SQUARE[:-1]]), "the ring is not closed: it begins at [8, 47] and ends at [8, 47.1]."),
        (feature("Polygon", [[[8, 47], [8.1, 47], [8, 47]]]), "the ring has 2 different positions"),
        (feature("Polygon", [[[8, 47], [8.1, 47.1], [8.1, 47], [8, 47.1], [8, 47]]]), "the ring crosses itself"),
        (feature("Polygon", [[[8, 47], [8.1, 47], [8.2, 47], [8, 47]]]), "the ring encloses no area"),
        (feature("Polygon", [SQUARE, [[9, 47], [9.1, 47], [9.1, 47.1], [9, 47]]]), "its holes do not fit"),
        (feature("Polygon", [[[47, 108], [47, 109], [48, 109], [47, 108]]]), "have a latitude beyond 90°"),
        (feature("Polygon", [[[600000, 200000]] * 4]), "4 of 4 positions of the ring lie outside lon -180..180"),
        (feature("Polygon", [[[0, 80], [120, 80], [-120, 80], [0, 80]]]), "goes round a pole"),
        (feature("LineString", [[8, 47], [8, 47]]), "a line of one position is none"),
        (feature("LineString", [[8, 47], "x", [8, None], [True, 1]]), "3 of 4 positions of the line are not two"),
        (feature("LineString", [[8, 47], [math.nan, 47]]), "lie outside lon"),
        (feature("Point", [8, 47]), "a point without a radius is no place"),
        (feature("Point", [8, 47], radius=0), "a radius of 0 m is none"),
        (feature("Point", [8, 47], radius="near"), "its radius is not read"),
        (feature("Point", [8, 47], radius=10**400), "a radius of inf m is none"),
        (feature("Polygon", [SQUARE], ceiling=4500), "the ceiling 4500 has no unit"),
        (feature("Polygon", [SQUARE], ceiling="120 m"), "the ceiling '120 m' does not say above what"),
        (feature("Polygon", [SQUARE], ceiling="GND"), "is on the ground"),
        (feature("Polygon", [SQUARE], ceiling="high"), "the ceiling 'high' is not read"),
        (feature("Polygon", [SQUARE], ceiling="100m AGL/423m AMSL"), "is not read"),
        (feature("Polygon", [SQUARE], floor="FL95", ceiling="FL45"), "the floor FL95 is not below the ceiling FL45"),
        (feature("Polygon", []), "a Polygon has no coordinates"),
        (feature("Circle", []), "its geometry is {'type': 'Circle'"),
        (collection({"type": "Thing"}), "it is no feature"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_a_fault_that_names_the_place(
    tmp_path: Path, content: Any, what: str
) -> None:
    """One fault each: what stands there, and what would be right."""
    (fault,) = faults_of(tmp_path, content)

    name = "here" if content["type"] == "Feature" else "f"
    assert f": '{name}': " in fault
    assert what in fault


def test_all_faults_of_a_file_are_told_at_once_with_their_lines(tmp_path: Path) -> None:
    """Each by the line in which its feature begins; the good ones between them change nothing."""
    good = feature("Polygon", [SQUARE], note="looks like a list: [ {")
    document = collection(good, feature("Point", [8, 47]), good, feature("Point", [8, 147], radius=1))
    text = json.dumps({"title": "so does this: [ {", **document}, indent=1)

    first, second = faults_of(tmp_path, text)

    lines = [number for number, line in enumerate(text.splitlines(), 1) if line == "  {"]
    assert first.startswith(f"/f.dat:{lines[1]}: 'here': a point without a radius")
    assert second.startswith(f"/f.dat:{lines[3]}: 'here': 1 of 1 positions of the point have a latitude")


def test_an_area_across_the_antimeridian(tmp_path: Path) -> None:
    """A longitude that jumps crosses it; so does its hole; a ring that crosses itself there is seen."""
    ring = [[179, 10], [-179, 10], [-179, 12], [179, 12], [179, 10]]
    hole = [[-179.8, 10.5], [-179.2, 10.5], [-179.2, 11.5], [-179.8, 10.5]]
    twisted = [[179, 10], [-179, 12], [-179, 10], [179, 12], [179, 10]]

    (place,) = places_of(tmp_path, feature("Polygon", [ring, hole]))

    assert place.volumes[0].shapes[0].rings[0] == ((179, 10), (-179, 10), (-179, 12), (179, 12))
    assert "crosses itself" in faults_of(tmp_path, feature("Polygon", [twisted]))[0]


def test_a_ring_that_touches_itself_or_runs_out_and_back_is_taken(tmp_path: Path) -> None:
    """It encloses the same however it is read; a note says so, and the spike is gone."""
    spike = [[8, 47], [8.1, 47], [8.2, 47], [8.1, 47], [8.1, 47.1], [8, 47.1], [8, 47]]
    touching = [[0, 0], [1, 0], [1, 1], [2, 1], [2, 2], [1, 1], [0, 1], [0, 0]]

    (one,) = places_of(tmp_path, feature("Polygon", [spike]))
    (other,) = places_of(tmp_path, feature("Polygon", [touching]))

    assert one.volumes[0].shapes[0].rings[0] == OPEN_SQUARE
    assert "runs out and back along the same edge once" in one.notes[0]
    assert "touches itself" in other.notes[0]


def test_a_crossing_of_some_metres_in_a_large_area_is_noted(tmp_path: Path) -> None:
    """Borders rounded to a second of arc do that; the same crossing is a fault where it is much of the area."""
    large = [[8, 47], [9, 47], [9.0003, 47.0001], [8.99, 46.99999], [9, 48], [8, 48], [8, 47]]
    small = [[8, 47], [8.0003, 47.0003], [8.0003, 47], [8, 47.0003], [8, 47]]

    (place,) = places_of(tmp_path, feature("Polygon", [large]))

    assert "crosses itself by" in place.notes[0]
    assert "crosses itself" in faults_of(tmp_path, feature("Polygon", [small]))[0]


def test_another_system_of_coordinates_is_refused(tmp_path: Path) -> None:
    """GeoJSON of 2008 could name one."""
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::2056"}}

    (fault,) = faults_of(tmp_path, {**collection(feature("Polygon", [SQUARE])), "crs": crs})

    assert "'urn:ogc:def:crs:EPSG::2056'" in fault


# KML ----------------------------------------------------------------------------------------------


def placemark(body: str, name: str = "<name>here</name>") -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<kml xmlns="http://www.opengis.net/kml/2.2"><Document>\n'
        f"<Folder><Placemark>{name}{body}</Placemark></Folder></Document></kml>"
    )


SINCE = "<TimeSpan><begin>2025-01-01</begin></TimeSpan>"


def kml_ring(ring: list[list[float]], altitude: str = "") -> str:
    tuples = " ".join(f"{lon},{lat}{altitude}" for lon, lat in ring)
    return f"<LinearRing><coordinates>\n {tuples}\n</coordinates></LinearRing>"


def kml_polygon(inner: str = "", altitude: str = "", mode: str = "") -> str:
    outer = f"<outerBoundaryIs>{kml_ring(SQUARE, altitude)}</outerBoundaryIs>"
    return f"<Polygon>{mode}{outer}{inner}</Polygon>"


def test_a_placemark_becomes_a_place(tmp_path: Path) -> None:
    """Outer ring and hole; description and address are noted."""
    inner = f"<innerBoundaryIs>{kml_ring(HOLE)}</innerBoundaryIs>"
    text = placemark(
        kml_polygon(inner) + "<description>No <![CDATA[<b>entry</b>]]></description><styleUrl>#a</styleUrl>"
    )

    (place,) = places_of(tmp_path, text)

    assert place.name == "here"
    assert place.volumes[0].shapes[0].rings[0] == OPEN_SQUARE
    assert len(place.volumes[0].shapes[0].rings) == 2
    assert place.notes == ("description: No <b>entry</b>",)


def test_points_and_lines_and_several_geometries(tmp_path: Path) -> None:
    """A point is a circle by ExtendedData; limits are read there as in GeoJSON; TimeSpan is when it holds."""
    data = "".join(
        f'<Data name="{key}"><value>{value}</value></Data>'
        for key, value in (("radius", "1 NM"), ("ceiling", "FL100"), ("owner", "nobody"))
    )
    body = (
        "<TimeSpan><begin>2017-11-01</begin><end>2017-11-30</end></TimeSpan>"
        f"<ExtendedData>{data}</ExtendedData><MultiGeometry><Point><coordinates>8,47,0</coordinates></Point>"
        f"<LineString><coordinates>8,47 9, 48</coordinates></LineString>{kml_polygon()}</MultiGeometry>"
    )

    (place,) = places_of(tmp_path, placemark(body))

    (volume,) = place.volumes
    assert [shape.kind for shape in volume.shapes] == ["circle", "line", "area"]
    assert volume.shapes[0].radius_m == 1852.0
    assert volume.shapes[1].rings[0] == ((8, 47), (9, 48))
    assert volume.ceiling == Limit(10000.0, "ft", "pressure", "FL100")
    assert volume.schedule == Schedule(
        ((datetime(2017, 11, 1, tzinfo=UTC), datetime(2017, 12, 1, tzinfo=UTC)),)
    )
    assert place.notes == ("owner: nobody",)


@pytest.mark.parametrize(
    ("mode", "altitude", "ceiling", "note"),
    [
        ("<extrude>1</extrude><altitudeMode>relativeToGround</altitudeMode>", ",300", (300.0, "AGL"), None),
        ("<extrude>1</extrude><altitudeMode>absolute</altitudeMode>", ",300", (300.0, "AMSL"), None),
        ("<altitudeMode>absolute</altitudeMode>", ",300", (300.0, "AMSL"), "taken as its ceiling"),
        (
            "<altitudeMode>relativeToGround</altitudeMode>",
            ",300",
            None,
            "not extruded to the ground: no ceiling",
        ),
        ("", ",300", None, "altitudes of a polygon (clampToGround) are not read"),
        ("<altitudeMode>absolute</altitudeMode>", ",0", None, None),
    ],
)
def test_the_altitude_of_a_polygon_is_a_ceiling_where_it_plainly_is(
    tmp_path: Path, mode: str, altitude: str, ceiling: Any, note: str | None
) -> None:
    """Extruded or absolute; metres above ground or mean sea level."""
    (place,) = places_of(tmp_path, placemark(kml_polygon(altitude=altitude, mode=mode)))

    found = place.volumes[0].ceiling
    assert (None if found is None else (found.value, found.datum)) == ceiling
    assert (note is None and place.notes == ()) or (note is not None and note in place.notes[0])


def test_what_a_view_says_of_time_is_not_when_a_place_holds(tmp_path: Path) -> None:
    """Google Earth writes the time of its imagery into a folder's view; an applicability in ExtendedData is read."""
    view = f'<LookAt xmlns:gx="g">{SINCE.replace("TimeSpan", "gx:TimeSpan")}</LookAt>'
    data = '<Data name="limitedApplicability"><value>[{"startDateTime": "2025-01-01T00:00Z"}]</value></Data>'
    text = placemark(kml_polygon() + f"<ExtendedData>{data}</ExtendedData>")

    (one,) = places_of(tmp_path, placemark(kml_polygon()).replace("<Folder>", f"<Folder>{view}"))
    (two,) = places_of(tmp_path, text)

    assert one.volumes[0].schedule.is_always
    assert two.volumes[0].schedule == Schedule(((datetime(2025, 1, 1, tzinfo=UTC), None),))
    assert two.notes == ()


def test_altitudes_that_differ_are_no_ceiling(tmp_path: Path) -> None:
    """A slope has none."""
    text = placemark(kml_polygon(altitude=",300", mode="<altitudeMode>absolute</altitudeMode>"))

    (place,) = places_of(tmp_path, text.replace("8.1,47.0,300", "8.1,47.0,100"))

    assert place.volumes[0].ceiling is None
    assert "differ (100 to 300 m AMSL)" in place.notes[0]


def test_a_kmz_is_a_zip_with_a_kml(tmp_path: Path) -> None:
    """doc.kml comes before others; other archives and damaged ones are told."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a/other.kml", "<kml/>")
        archive.writestr("another.kml", "<kml/>")
        archive.writestr("doc.kml", placemark(kml_polygon()))
    bare = io.BytesIO()
    with zipfile.ZipFile(bare, "w") as archive:
        archive.writestr("notes.txt", "x")

    (place,) = places_of(tmp_path, packed.getvalue(), "a.kmz")

    assert place.name == "here"
    assert "no KML in it" in faults_of(tmp_path, bare.getvalue())[0]
    assert "cannot be read" in faults_of(tmp_path, packed.getvalue()[:200])[0]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ('<?xml version="1.0"?><!DOCTYPE kml [<!ENTITY l "lol">]><kml/>', "/f.dat:1: The file declares a document"),
        ("<html><body/></html>", "/f.dat:1: The XML is <html>, not KML."),
        (placemark(kml_polygon())[:-20], "The XML is broken"),
        (placemark("<Point><coordinates>8,47</coordinates></Point>"), "/f.dat:3: 'here': a point without a radius"),
        (placemark("<Model/>"), "a Model is no place"),
        (placemark("<Polygon/>"), "a polygon has 0 outer rings"),
        (placemark("<MultiGeometry>" * 9999 + "</MultiGeometry>" * 9999), "too many elements within each other"),
        (placemark("<LineString><coordinates>8,47 north</coordinates></LineString>"), "1 of 2 positions of the line"),
        (placemark(""), "it has no shape"),
        (placemark(kml_polygon() + "<TimeSpan><begin>once</begin></TimeSpan>"), "its TimeSpan has the begin 'once'"),
        ("<kml><NetworkLink><Link><href>http://a/b</href></Link></NetworkLink></kml>", "nothing is fetched"),
        ("<kml></kml>", "There is no place in the file."),
        (placemark("<LineString><coordinates>8,47 8,,47</coordinates></LineString>"), "1 of 2 positions of the line"),
        (placemark(kml_polygon()).replace("<Folder>", "<Folder><name>all</name><TimeSpan/>"),
         "/f.dat:3: A Folder has a TimeSpan"),
        (placemark(kml_polygon() + SINCE + SINCE), "it has more than one TimeSpan"),
        (placemark(kml_polygon() + SINCE + '<ExtendedData><Data name="applicability"><value>[{"endDateTime": '
                   '"2025-02-01"}]</value></Data></ExtendedData>'), "it has a TimeSpan and an applicability"),
        (placemark(kml_polygon() + '<ExtendedData><Data name="applicability"><value>[{</value></Data></ExtendedData>'),
         "its applicability is no JSON"),
        ('<?xml version="1.0" encoding="none-such"?><kml/>', "The XML is broken"),
    ],
)  # fmt: skip
def test_kml_that_cannot_be_meant(tmp_path: Path, text: str, what: str) -> None:
    """Nothing is fetched and nothing expands."""
    assert what in faults_of(tmp_path, text)[0]


# OpenAir ------------------------------------------------------------------------------------------


def block(*lines: str, limits: str = "AL GND\nAH FL95\n") -> str:
    return "*VERSION: 2.0\nAC Q\nAY R\nAN Range 1\n" + limits + "\n".join(lines) + "\n"


CORNERS = (
    "DP 47:00:00N 008:00:00E",
    "DP 47:00:00 N 008:06:00 E",
    "DP 47:06.000N 008:06.000E",
    "DP 47.1N 8.0E",
)


def test_a_block_becomes_a_place(tmp_path: Path) -> None:
    """Degrees, minutes and seconds, decimal minutes, decimal degrees; closed or not; comments aside."""
    text = (
        block("AF 118.480 * the tower", *CORNERS)
        + "AC CTR\nAN Two\nAL SFC\nAH UNL\n"
        + "\n".join([*CORNERS, CORNERS[0], "* end"])
    )

    one, two = places_of(tmp_path, text.replace("\n", "\r\n"))

    assert one.name == "Range 1"
    assert one.restriction == "Q R"
    for found, expected in zip(one.volumes[0].shapes[0].rings[0], OPEN_SQUARE, strict=True):
        assert found == pytest.approx(expected)
    assert one.volumes[0].ceiling == Limit(9500.0, "ft", "pressure", "FL95")
    assert one.notes == ("AF (frequency): 118.480",)
    assert two.volumes[0].shapes[0].rings[0] == one.volumes[0].shapes[0].rings[0]
    assert two.volumes[0].ceiling is None
    assert two.restriction == "CTR"


@pytest.mark.parametrize(
    ("text", "limit", "note"),
    [
        ("FL95", (9500.0, "ft", "pressure"), None),
        ("FL 95", (9500.0, "ft", "pressure"), None),
        ("1000ft AGL", (1000.0, "ft", "AGL"), None),
        ("1000 F AGL", (1000.0, "ft", "AGL"), None),
        ("2500 MSL", (2500.0, "ft", "AMSL"), None),
        ("2500MSL", (2500.0, "ft", "AMSL"), None),
        ("2500ft AMSL", (2500.0, "ft", "AMSL"), None),
        ("5000 ft STD", (5000.0, "ft", "pressure"), None),
        ("300m AGL", (300.0, "m", "AGL"), None),
        ("300M AMSL", (300.0, "m", "AMSL"), None),
        ("2500", (2500.0, "ft", "AMSL"), "read as AMSL"),
        ("2000M ASFC", (2000.0, "m", "AGL"), None),
        ("1000ft GND", (1000.0, "ft", "AGL"), "no valid spelling, and is read as AGL"),
        ("UNLIM", None, None),
    ],
)
def test_limits_in_the_spellings_of_openair(tmp_path: Path, text: str, limit: Any, note: str | None) -> None:
    """A height without a reference is above mean sea level; above GND is invalid and yet seen."""
    (place,) = places_of(tmp_path, block(*CORNERS, limits=f"AL GND\nAH {text}\n"))

    found = place.volumes[0].ceiling
    assert (None if found is None else (found.value, found.unit, found.datum)) == limit
    assert (note is None and place.notes == ()) or (note is not None and note in place.notes[0])


def test_circles_and_airways(tmp_path: Path) -> None:
    """Radius and width are nautical miles; both stand beside the polygon."""
    text = block(
        "V X=50:35:36N 007:56:42E", "DC 2.00", "V W=4", "DY 50:00:00N 008:00:00E", "DY 50:30:00N 008:00:00E"
    )

    (place,) = places_of(tmp_path, text)

    circle, corridor = place.volumes[0].shapes
    assert circle.kind == "circle"
    assert circle.radius_m == 3704.0
    assert circle.rings[0][0] == pytest.approx((7.945, 50.593333), abs=1e-6)
    assert corridor.kind == "corridor"
    assert corridor.radius_m == 3704.0


@pytest.mark.parametrize("lat_deg", [-70.0, 0.0, 39.4983, 80.0])
@pytest.mark.parametrize("radius_m", [200.0, 18520.0, 370_400.0])
def test_destinations_and_bearings_are_those_of_geographiclib(lat_deg: float, radius_m: float) -> None:
    """Direct and inverse, all round."""
    for bearing_deg in (0.0, 37.0, 90.0, 180.0, 299.0):
        lon, lat = arcs.destination(179.9, lat_deg, bearing_deg, radius_m)
        there_lon, there_lat, _ = WGS84.fwd(179.9, lat_deg, bearing_deg, radius_m)
        back = arcs.bearing_and_distance((179.9, lat_deg), (lon, lat))

        assert WGS84.inv(lon, lat, there_lon, there_lat)[2] < GEODESIC_DIGITS_M
        assert back is not None
        assert back[1] == pytest.approx(radius_m, abs=GEODESIC_DIGITS_M)
        assert (back[0] - bearing_deg + 180) % 360 - 180 == pytest.approx(0, abs=1e-5)


@pytest.mark.parametrize("lat_deg", [0.0, 47.0, 75.0])
@pytest.mark.parametrize("radius_m", [100.0, 18520.0, 185_200.0])
@pytest.mark.parametrize("sweep_deg", [360.0, -90.0])
def test_edges_depart_from_the_arc_by_less_than_promised(
    lat_deg: float, radius_m: float, sweep_deg: float
) -> None:
    """Points along each edge, straight in lon/lat, keep the radius; the arc ends where it should."""
    vertices = arcs.arc((8.0, lat_deg), radius_m, 10.0, sweep_deg)

    worst_m = 0.0
    for (a, b), (c, d) in itertools.pairwise(vertices):
        for part in (0.25, 0.5, 0.75):
            _, _, distance_m = WGS84.inv(8.0, lat_deg, a + part * (c - a), b + part * (d - b))
            worst_m = max(worst_m, abs(distance_m - radius_m))
    end_deg = WGS84.inv(8.0, lat_deg, *vertices[-1])[0]
    assert worst_m < PROMISED_M
    assert (end_deg - 10.0 - sweep_deg + 180) % 360 - 180 == pytest.approx(0, abs=1e-5)


def test_arcs_by_bearings_and_by_points_are_vertices(tmp_path: Path) -> None:
    """Clockwise unless V D=- says otherwise, which holds to the end of the block only."""
    centre = "V X=47:00:00N 008:00:00E"
    quarter = block(centre, "DP 47:00:00N 008:00:00E", "DA 10, 0, 90")
    three_quarters = block(centre, "V D=-", "DP 47:00:00N 008:00:00E", "DA 10,0,90")
    by_points = block(centre, "DP 47:00:00N 008:00:00E", "DB 47:10:00N 008:00:00E, 47:00:00N, 008:14:38E")

    one, two, three = places_of(tmp_path, quarter + three_quarters + by_points)

    from shapely import Point, Polygon

    def covers(place: Place, lon: float, lat: float) -> bool:
        return bool(Polygon(place.volumes[0].shapes[0].rings[0]).covers(Point(lon, lat)))

    assert covers(one, 8.1, 47.08)
    assert not covers(one, 7.9, 46.92)
    assert covers(two, 7.9, 46.92)
    assert not covers(two, 8.1, 47.08)
    assert covers(three, 8.1, 47.08)
    assert not covers(three, 7.9, 46.92)
    ring = three.volumes[0].shapes[0].rings[0]
    assert ring[1] == pytest.approx((8, 47 + 1 / 6))
    assert ring[-1] == pytest.approx((8 + 14 / 60 + 38 / 3600, 47))


def test_an_arc_from_a_bearing_to_itself_is_all_round(tmp_path: Path) -> None:
    """As one from a point to itself; radii that differ much are noted."""
    centre = "V X=47:00:00N 008:00:00E"

    one, two, three = places_of(
        tmp_path,
        block(centre, "DA 1,90,90")
        + block(centre, "DB 47:01:00N 008:00:00E, 47:01:00N 008:00:00E")
        + block(centre, "DP 47:00:00N 008:00:00E", "DB 47:01:00N 008:00:00E, 47:00:00N 008:02:00E"),
    )

    for place in (one, two):
        latitudes = [lat for _, lat in place.volumes[0].shapes[0].rings[0]]
        assert min(latitudes) == pytest.approx(47 - 1 / 60, abs=1e-3)
        assert max(latitudes) == pytest.approx(47 + 1 / 60, abs=1e-3)
    assert "its radius changes evenly" in three.notes[0]


def test_spans_of_activation(tmp_path: Path) -> None:
    """24:00 is the next day; an end may be open; NONE is never, and not always."""
    spans = ("AA 2024-12-17T00:00Z/2024-12-17T24:00Z ; a day", "AA 2024-12-18T06:00Z/NONE")
    some, never = places_of(tmp_path, block(*spans, *CORNERS) + block("AA NONE", *CORNERS))

    day = datetime(2024, 12, 17, tzinfo=UTC), datetime(2024, 12, 18, tzinfo=UTC)
    assert some.volumes[0].schedule == Schedule((day, (datetime(2024, 12, 18, 6, tzinfo=UTC), None)))
    assert never.volumes[0].schedule == NEVER
    assert not never.volumes[0].schedule.is_always
    assert "AA NONE" in never.notes[0]
    (overridden,) = places_of(tmp_path, block(spans[0], "AA NONE", *CORNERS))
    assert overridden.volumes[0].schedule == NEVER
    assert overridden.notes[1] == "AA NONE overrides its other 1 AA"


def test_what_openair_says_besides_is_noted(tmp_path: Path) -> None:
    """Unknown lines, terrain of the map, missing limits and a missing name."""
    text = "AC R\nTP x\nZZ y\n" + "\n".join(CORNERS) + "\nTO coast\nDP 10:00:00N 010:00:00E\n"

    (place,) = places_of(tmp_path, text)

    assert place.name == "line 1"
    assert len(place.volumes[0].shapes[0].rings[0]) == 4
    told = "\n".join(place.notes)
    for each in (
        "TP (type of another dialect): x",
        "line 3: 'ZZ y'",
        "line 8: TO coast",
        "no name",
        "no floor",
        "no ceiling",
    ):
        assert each in told


@pytest.mark.parametrize(
    ("lines", "what"),
    [
        (("DP 47:00:00N",), "/f.dat:7: 'Range 1': '47:00:00N' is not a position"),
        (("DP 47:61:00N 008:00:00E",), "is not a position"),
        (("DP 97:00:00N 008:00:00E",), "have a latitude beyond 90°"),
        (("DC 2",), "/f.dat:7: 'Range 1': DC has no centre"),
        (("V X=47:00:00N 008:00:00E", "DC 0"), "a radius of 0 m is none"),
        (("V X=47:00:00N 008:00:00E", "DC two"), "'two' is no distance"),
        (("V X=47:00:00N 008:00:00E", "DA 10,270"), "DA '10,270' is no arc"),
        (("DY 47:00:00N 008:00:00E", "DY 48:00:00N 008:00:00E"), "its airway (DY) has no width"),
        ((*CORNERS, "AH FL100"), "it has a second ceiling, 'FL100'"),
        ((*CORNERS, "AA by NOTAM"), "AA 'by NOTAM' is no span of time"),
        ((*CORNERS, "AN Range 2"), "it has a second AN"),
        (CORNERS[:2], "the ring has 2 different positions"),
        ((CORNERS[0], CORNERS[2], CORNERS[1], CORNERS[3]), "crosses itself"),
        ((), "it has no shape"),
    ],
)
def test_openair_that_cannot_be_meant(tmp_path: Path, lines: tuple[str, ...], what: str) -> None:
    """Told with the line; what cannot be a time never becomes always."""
    assert any(what in fault for fault in faults_of(tmp_path, block(*lines)))


# ED-269 and ED-318 --------------------------------------------------------------------------------


def zone(**changes: Any) -> dict[str, Any]:
    return {
        "identifier": "LSR01",
        "country": "CHE",
        "name": "An aerodrome",
        "type": "COMMON",
        "restriction": "REQ_AUTHORISATION",
        "reason": ["AIR_TRAFFIC"],
        "applicability": [{"permanent": "YES"}],
        "zoneAuthority": [{"name": "FOCA"}],
        "geometry": [
            {
                "uomDimensions": "M",
                "lowerLimit": 0,
                "lowerVerticalReference": "AGL",
                "upperLimit": 120,
                "upperVerticalReference": "AGL",
                "horizontalProjection": {"type": "Circle", "center": [8.0, 47.0], "radius": 1500.0},
            },
            {
                "uomDimensions": "FT",
                "lowerLimit": 2000,
                "lowerVerticalReference": "AMSL",
                "upperLimit": None,
                "upperVerticalReference": "AMSL",
                "horizontalProjection": {"type": "Polygon", "coordinates": [SQUARE, HOLE]},
            },
        ],
        **changes,
    }


def in_properties(**changes: Any) -> dict[str, Any]:
    told = zone(**changes)
    return {"type": "Feature", "geometry": told.pop("geometry"), "properties": told}


def hours(day: str, start: str | None, end: str | None) -> dict[str, Any]:
    return {"applicability": [{"schedule": [{"day": [day], "startTime": start, "endTime": end}]}]}


def disc(**projection: Any) -> dict[str, Any]:
    return {"geometry": [{"horizontalProjection": {"type": "Circle", "center": [8, 47], **projection}}]}


def ed318(properties: dict[str, Any], *geometries: dict[str, Any]) -> dict[str, Any]:
    one = (
        geometries[0]
        if len(geometries) == 1
        else {"type": "GeometryCollection", "geometries": list(geometries)}
    )
    told = {
        "identifier": "BRU01", "country": "BEL",
        "name": [{"lang": "fr", "text": "Zone"}, {"lang": "en-GB", "text": "A zone"}],
        "type": "REQ_AUTHORIZATION", "variant": "COMMON", "reason": ["SENSITIVE"],
        "zoneAuthority": [{"purpose": "AUTHORIZATION"}], **properties,
    }  # fmt: skip
    return collection({"type": "Feature", "properties": told, "geometry": one})


LAYER: dict[str, Any] = {
    "upper": 120,
    "upperReference": "AGL",
    "lower": 300,
    "lowerReference": "WGS84",
    "uom": "m",
}
DISC: dict[str, Any] = {
    "type": "Point",
    "coordinates": [4.5, 50.9],
    "extent": {"subType": "Circle", "radius": 2000},
    "layer": LAYER,
}
BOX: dict[str, Any] = {
    "type": "Polygon",
    "coordinates": [SQUARE],
    "layer": {**LAYER, "uom": "ft", "upperReference": "AMSL"},
}


@pytest.mark.parametrize(
    "wrapped",
    [
        {"title": "t", "features": [zone()]},
        {"UASZoneVersion": [zone()]},
        {"UASZoneList": {"UASZone": [zone()]}},
        [zone()],
        zone(),
        {"type": "FeatureCollection", "features": [zone()]},
        {"type": "FeatureCollection", "features": [in_properties()]},
    ],
)
def test_ed_269_in_each_wrapping(tmp_path: Path, wrapped: Any) -> None:
    """Two volumes, circle by lon, lat; a missing limit is none; the rest is noted."""
    (place,) = places_of(tmp_path, wrapped)

    low, high = place.volumes
    assert (place.name, place.title, place.restriction) == ("LSR01", "An aerodrome", "REQ_AUTHORISATION")
    assert low.shapes[0].rings == (((8.0, 47.0),),)
    assert low.shapes[0].radius_m == 1500.0
    assert low.floor is None
    assert low.ceiling == Limit(120.0, "m", "AGL", "120 M AGL")
    assert len(high.shapes[0].rings) == 2
    assert high.floor == Limit(2000.0, "ft", "AMSL", "2000 FT AMSL")
    assert high.ceiling is None
    assert low.schedule.is_always
    assert place.notes == (
        "country: CHE", "type: COMMON", "reason: AIR_TRAFFIC", 'zoneAuthority: [{"name": "FOCA"}]',
    )  # fmt: skip


def test_weekly_hours_in_their_zone_become_utc(tmp_path: Path) -> None:
    """Across midnight and across the week's end; each period is a volume of its own."""
    periods = [
        {"permanent": "NO", "startDateTime": "2025-06-01T00:00:00+02:00", "endDateTime": "2025-09-01T00:00:00Z",
         "schedule": [{"day": ["MON"], "startTime": "01:00+02:00", "endTime": "13:00+02:00"}]},
        {"permanent": "NO", "schedule": [{"day": ["ANY"], "startTime": "22:00:00.00Z", "endTime": "06:00:00.00Z"}]},
    ]  # fmt: skip

    (place,) = places_of(tmp_path, {"features": [zone(applicability=periods)]})

    assert len(place.volumes) == 4
    first, second = place.volumes[0].schedule, place.volumes[1].schedule
    assert first.intervals == ((datetime(2025, 5, 31, 22, tzinfo=UTC), datetime(2025, 9, 1, tzinfo=UTC)),)
    assert first.weekly == ((0, 0, 11 * 3600), (6, 23 * 3600, 86400))
    assert len(second.weekly) == 14
    assert sum(until - since for _, since, until in second.weekly) == 7 * 8 * 3600


@pytest.mark.parametrize(
    ("first_s", "length_s"), [(-3600, 7200), (6 * 86400 + 80000, 20000), (0, 86400), (5, 10)]
)
def test_parts_of_a_week_are_as_long_as_the_whole(first_s: int, length_s: int) -> None:
    """And none crosses midnight."""
    parts = week_parts(first_s, first_s + length_s)

    assert sum(until - since for _, since, until in parts) == length_s
    assert all(0 <= day <= 6 and 0 <= since < until <= 86400 for day, since, until in parts)


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"applicability": [{"permanent": "NO"}]}, "is not permanent and gives no times"),
        ({"applicability": [{"startDateTime": "soon"}]}, "startDateTime 'soon' is not an instant"),
        ({"applicability": [{"startDateTime": "2025-02-01", "endDateTime": "2025-01-01"}]}, "before it starts"),
        (hours("FUN", "01:00Z", "02:00Z"), "a day 'FUN'"),
        (hours("MON", "25:00Z", "02:00Z"), "startTime '25:00Z' is not a time of day"),
        (hours("MON", "01:00Z", None), "endTime None is not a time of day"),
        ({"applicability": "always"}, "its applicability is not a list"),
        ({"geometry": []}, "it has no shape"),
        ({"geometry": [{"horizontalProjection": {"type": "Sector"}}]}, "its horizontalProjection is 'Sector'"),
        (disc(radius=0), "a radius of 0 m"),
        (disc(), "a radius of nan m"),
        (disc(center=[8, 147], radius=9), "a latitude beyond 90°"),
        ({"geometry": [{"horizontalProjection": {"type": "Circle", "center": [8, 47], "radius": 9}, "upperLimit": 100,
                        "upperVerticalReference": "QFE", "uomDimensions": "M"}]}, "an unknown reference"),
    ],
)  # fmt: skip
def test_ed_269_that_cannot_be_meant(tmp_path: Path, changes: dict[str, Any], what: str) -> None:
    """Each with the zone's identifier; a schedule that is not understood never becomes always."""
    document = {"features": [zone(identifier="OK"), zone(**changes)]}

    assert any(what in fault and "'LSR01'" in fault for fault in faults_of(tmp_path, document))


def test_ed_318_has_a_layer_in_each_geometry(tmp_path: Path) -> None:
    """A disc and a box of one zone are two volumes; the English name is the title; one spelling of authorisation."""
    round_one = {**DISC, "layer": {**LAYER, "lower": 0, "lowerReference": "AGL"}}
    box = {**BOX, "layer": {**BOX["layer"], "lowerReference": "WGS84"}}

    (place,) = places_of(tmp_path, ed318({}, round_one, box))

    first, second = place.volumes
    assert (place.name, place.title, place.restriction) == ("BRU01", "A zone", "REQ_AUTHORISATION")
    assert first.shapes[0].kind == "circle"
    assert first.shapes[0].radius_m == 2000.0
    assert first.floor is None
    assert first.ceiling == Limit(120.0, "m", "AGL", "120 M AGL")
    assert second.shapes[0].kind == "area"
    assert second.floor == Limit(300.0, "ft", "ellipsoid", "300 FT WGS84")
    assert second.ceiling == Limit(120.0, "ft", "AMSL", "120 FT AMSL")


def test_ed_318_periods(tmp_path: Path) -> None:
    """Hours by the clock are read."""
    period = {
        "startDateTime": "2025-01-01T00:00:00Z",
        "schedule": [{"day": ["SAT", "SUN"], "startTime": "08:00:00Z", "endTime": "24:00:00Z"}],
    }

    (place,) = places_of(tmp_path, ed318({"limitedApplicability": [period]}, {**DISC, "layer": None}))

    (volume,) = place.volumes
    assert volume.schedule == Schedule(
        ((datetime(2025, 1, 1, tzinfo=UTC), None),), ((5, 28800, 86400), (6, 28800, 86400))
    )
    assert "a geometry has no layer" in place.notes[0]


def by_daylight(event: str) -> list[dict[str, Any]]:
    return [{"schedule": [{"day": ["ANY"], "startTime": "08:00:00Z", "endEvent": event}]}]


@pytest.mark.parametrize("event", ["BMCT", "SR", "SS", "EECT"])
@pytest.mark.parametrize("key", ["applicability", "limitedApplicability"])
def test_hours_by_daylight_are_refused(tmp_path: Path, event: str, key: str) -> None:
    """They differ from day to day; they never become always, under either name, whatever else marks the format."""
    told: dict[str, Any] = {key: by_daylight(event)}
    bare = {each: value for each, value in zone().items() if each != "applicability"}
    as_kml = f'<ExtendedData><Data name="{key}"><value>{json.dumps(told[key])}</value></Data></ExtendedData>'

    for content in (
        ed318(told, {**DISC, "layer": None}),
        {"features": [{**bare, **told}]},
        {"features": [{**in_properties(applicability=[]), **told}]},
        feature("Polygon", [SQUARE], **told),
        feature("Polygon", [SQUARE], **{key: json.dumps(told[key])}),
        placemark(kml_polygon() + as_kml),
    ):
        (fault,) = faults_of(tmp_path, content)
        assert f"its schedule hangs on {event}" in fault


@pytest.mark.parametrize(
    ("period", "what"),
    [
        ({"permanent": False}, "a period is not permanent and gives no times"),
        ({"permanent": "SOMETIMES"}, "a period's permanent is 'SOMETIMES'"),
        ({"startEvent": "SR", "endEvent": "SS"}, "its schedule hangs on SR"),
        ({"startDateTime": "2025-01-01T00:00Z", "endEvent": "SS"}, "its schedule hangs on SS"),
        ({"start": "2025-01-01", "end": "2025-02-01"}, "gives no times that are read, but start, end"),
        ({"permanent": "NO", "daily": [1]}, "is not permanent and gives no times that are read, but daily"),
        ({"schedule": [{}]}, "its schedule has a day"),
        ("daily", "a period is 'daily'"),
    ],
)
def test_a_period_that_is_not_understood_never_becomes_always(tmp_path: Path, period: Any, what: str) -> None:
    """Nor does one that has its times under names that are not read."""
    (fault,) = faults_of(tmp_path, {"features": [zone(applicability=[period])]})

    assert what in fault


def test_what_periods_say_in_other_spellings(tmp_path: Path) -> None:
    """Names without case, true for YES; what else a period says is noted; both names at once are a fault."""
    since = {"startDatetime": "2025-01-01T00:00Z", "comment": "x"}

    (dated,) = places_of(tmp_path, feature("Polygon", [SQUARE], limitedApplicability=[since]))
    (always,) = places_of(tmp_path, {"features": [zone(applicability=[{"permanent": True}])]})

    assert dated.volumes[0].schedule == Schedule(((datetime(2025, 1, 1, tzinfo=UTC), None),))
    assert dated.notes == ("of a period, comment is not read",)
    assert always.volumes[0].schedule.is_always
    assert not any("permanent" in note for note in always.notes)
    both = zone(limitedApplicability=[since])
    assert "both applicability and limitedApplicability" in faults_of(tmp_path, {"features": [both]})[0]


@pytest.mark.parametrize(
    ("geometry", "what"),
    [
        ({**DISC, "extent": {"subType": "Ellipse"}}, "its extent"),
        ({**DISC, "layer": {**LAYER, "lower": 300, "lowerReference": "AGL"}}, "is not below the ceiling"),
        ({**DISC, "layer": {**LAYER, "uom": "yd"}}, "no unit that is known"),
        ({**DISC, "extent": None}, "a point without a radius is no place"),
        ({**BOX, "coordinates": [SQUARE[:-1]]}, "the ring is not closed"),
    ],
)
def test_ed_318_that_cannot_be_meant(tmp_path: Path, geometry: dict[str, Any], what: str) -> None:
    """As for the others."""
    assert any(what in fault for fault in faults_of(tmp_path, ed318({}, geometry)))


# Files and names ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "is none of GeoJSON, KML"),
        (b"icao24,lat\n1,2\n", "it begins 'icao24,lat 1,2'"),
        (b'{"type": "FeatureCollection",\n "features": [', "/f.dat:2: The JSON is broken"),
        (b'{"type": "Topology"}', "The JSON is 'Topology'"),
        (b"[1, 2]", "The JSON is of another kind"),
        (b"[" * 100_000, "The JSON cannot be read"),
        (b'{"type": "FeatureCollection", "features": []}', "There is no place in the file"),
        (b'{"type": "FeatureCollection"}', "no list 'features'"),
    ],
)
def test_files_that_hold_no_places(tmp_path: Path, content: bytes, what: str) -> None:
    """It says what was found and what is read."""
    assert what in faults_of(tmp_path, content)[0]


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """The nearest name in the folder is told; a folder is no file."""
    (tmp_path / "zones.geojson").write_text("{}")

    with pytest.raises(AgreementError, match=r"no such file.*Did you mean 'zones.geojson'"):
        read_places(tmp_path / "zone.geojson")
    with pytest.raises(AgreementError, match="cannot be read"):
        read_places(tmp_path)


def test_encodings(tmp_path: Path) -> None:
    """UTF-8 with and without a mark, UTF-16, and Windows' own where it is no UTF-8."""
    text = block(*CORNERS).replace("Range 1", "Zürich")
    xml = placemark(kml_polygon()).replace("here", "Zürich")

    for content in (text.encode(), text.encode("utf-8-sig"), text.encode("utf-16"), text.encode("cp1252"),
                    xml.encode(), xml.replace("UTF-8", "UTF-16").encode("utf-16"),
                    json.dumps(feature("Polygon", [SQUARE], name="Zürich")).encode("utf-8-sig")):  # fmt: skip
        assert places_of(tmp_path, content)[0].name == "Zürich"


def test_a_place_is_selected_by_name(tmp_path: Path) -> None:
    """As it stands, then without case and blanks, then by title; several of one name are one place."""
    places = places_of(
        tmp_path,
        collection(
            feature("Polygon", [SQUARE], name="North"),
            feature("Polygon", [HOLE], name="South", title="The southern part"),
            feature("Point", [8, 47], name="South", radius=5),
        ),
    )

    assert select(places, "North", "f").name == "North"
    assert select(places, " north ", "f").name == "North"
    both = select(places, "South", "f")
    assert [volume.shapes[0].kind for volume in both.volumes] == ["area", "circle"]
    assert both.notes[0] == "2 places of this name are taken together"
    assert select(places, "the southern part", "f").volumes[0].shapes[0].kind == "area"
    with pytest.raises(AgreementError, match=r"f: There is no place 'Nort' in it\. Did you mean 'North'\?"):
        select(places, "Nort", "f")
    with pytest.raises(AgreementError, match="It has 'North', 'South', 'South'"):
        select(places, "xyz", "f")


def test_a_large_file_is_read_whole(tmp_path: Path) -> None:
    """Each of thousands of places, and a ring of many vertices."""
    ring = [
        [8 + math.cos(k / 10_000 * math.tau), 47 + math.sin(k / 10_000 * math.tau)] for k in range(10_000)
    ]
    many = [feature("Point", [k % 180, k % 90], name=f"n{k}", radius=1) for k in range(3_000)]

    places = places_of(tmp_path, collection(feature("Polygon", [[*ring, ring[0]]]), *many))

    assert len(places) == 3_001
    assert len(places[0].volumes[0].shapes[0].rings[0]) == 10_000


def test_a_zone_called_feature_keeps_its_identifier(tmp_path: Path) -> None:
    """Only the member "type" of a GeoJSON feature says "Feature"; other members may."""
    told = zone()
    apart = {"type": "Feature", "identifier": "Feature", "geometry": told.pop("geometry")}
    del told["identifier"], told["name"]
    path = tmp_path / "zones.json"
    path.write_text(json.dumps({"features": [{**apart, "properties": told}]}), encoding="utf-8")

    assert [each.name for each in read_places(path)] == ["Feature"]

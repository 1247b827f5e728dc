"""Exports hold what they are said to hold, by readers that others wrote; whatever stands in the data stays text."""

from __future__ import annotations

import html
import importlib
import itertools
import json
import re
import zipfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import numpy as np
import polars as pl
import pyarrow as pa
import pytest

import wideberth as wb
from export_world import AGREEMENT, EVIL, START, flight
from wideberth import columns
from wideberth.agreement.shapes import Shape
from wideberth.errors import UsageError, WriteError
from wideberth.report import around, asterix, export, marks, outlines
from wideberth.report.finding import Terms
from wideberth.units import METRES_PER_FOOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from wideberth.incidents import Incidents

KML = "{http://www.opengis.net/kml/2.2}"
GX = "{http://www.google.com/kml/ext/2.2}"
MARKUP = re.compile(r"</?([a-z]+)")
HARMLESS = {"p", "b", "br"}  # what a description is made of
ROUNDED_DEG = 5.1e-8  # written to 1e-7
ROUNDED_M = 0.051  # written to 0.1 m
FILLED = (
    *("070/TCA", "070/CHS", "070/MHS", "070/CVS", "070/MVS", "120/CP", "120/CD"),
    *("170/CPW/LAT", "170/CPW/LON", "170/CPW/ALT", "171/CPW/LAT", "171/CPW/LON", "171/CPW/ALT"),
)
METRE = 1.0  # promised of edges that are cut for globes


@pytest.fixture(scope="module")
def tracks() -> wb.Tracks:
    return wb.read(
        pl.concat(
            [
                flight("100001", EVIL, -17.0),
                flight("200001", "TWO1", -17.01, altitude_ft=10_425.0),
                flight("100002", None, -17.2, gap=True),
            ]
        )
    )


@pytest.fixture(scope="module")
def terms() -> wb.Agreement:
    return wb.Agreement.parse(AGREEMENT)


@pytest.fixture(scope="module")
def incidents(tracks: wb.Tracks, terms: wb.Agreement) -> Incidents:
    """Findings of each kind that an export tells apart: past a line, in places, of two aircraft, of a pledge."""
    found = wb.judge(tracks, terms)
    assert set(found["kind"].to_pylist()) == {"side", "out_of", "apart", "pledges"}
    return found


@pytest.fixture(scope="module")
def encounters(tracks: wb.Tracks) -> wb.Encounters:
    return wb.screen(tracks, minima="icao-terminal")


def placemarks(path: Path) -> dict[str, list[ET.Element]]:
    """Return the placemarks of each folder of a KML, by the standard library's reader."""
    document = ET.parse(path).getroot().find(f"{KML}Document")
    assert document is not None
    return {
        folder.findtext(f"{KML}name", ""): folder.findall(f"{KML}Placemark")
        for folder in document.findall(f"{KML}Folder")
    }


# KML ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("of", ["incidents", "encounters", "none", "places"])
def test_kml_is_valid_and_is_read_by_another(
    of: str,
    tmp_path: Path,
    tracks: wb.Tracks,
    terms: wb.Agreement,
    incidents: Incidents,
    encounters: wb.Encounters,
) -> None:
    """By the schema of the OGC with Google's extensions, and by fastkml; with no findings at all, too."""
    fastkml = pytest.importorskip("fastkml", reason="needs fastkml, of the group dev")
    pytest.importorskip("lxml", reason="needs lxml, of the group dev")
    path = tmp_path / "x.kml"
    count = len(outlines.geojson(terms)["features"])
    if of == "places":
        export.write_places(terms, path)
    elif of == "none":
        replace(incidents, table=incidents.table.slice(0, 0)).write(path, tracks=tracks, agreement=terms)
    else:
        chosen: Any = incidents if of == "incidents" else encounters
        chosen.write(path, tracks=tracks, agreement=terms)
        count += len(chosen) + (3 if of == "incidents" else 2)

    assert fastkml.validate(file_to_validate=path)
    read = fastkml.KML.parse(path)
    assert len(list(fastkml.utils.find_all(read, of_type=fastkml.Placemark))) == count


def test_kml_marks_findings_with_time_place_and_columns(
    tmp_path: Path, incidents: Incidents, encounters: wb.Encounters
) -> None:
    """Each has its span, every column that is known, a style that is there, and its place where it has one."""
    incidents.write(tmp_path / "i.kml")
    encounters.write(tmp_path / "e.kml")
    colours = {
        each.get("id"): each.findtext(f".//{KML}color", "")
        for each in ET.parse(tmp_path / "i.kml").iter(f"{KML}Style")
    }
    found = placemarks(tmp_path / "i.kml")["Findings"]

    assert len(found) == len(incidents)
    for mark, row in zip(found, incidents.records(), strict=True):
        assert mark.findtext(f"{KML}TimeSpan/{KML}begin") == row["t_in"]
        assert mark.findtext(f"{KML}TimeSpan/{KML}end") == row["t_out"]
        told = {each.get("name"): each.findtext(f"{KML}value") for each in mark.iter(f"{KML}Data")}
        assert set(told) == set(row)
        assert told["sentence"] == row["sentence"].replace("\x07", "�")
        style = mark.findtext(f"{KML}styleUrl", "")[1:]
        assert style in colours
        assert style.startswith(row["verdict"])
        assert (row["verdict"] != "broken") or colours[style].endswith("005ed5")  # blue, green, red of D55E00
        where = mark.findtext(f"{KML}Point/{KML}coordinates")
        assert (where is None) == ("lon_deg" not in row)
        if where is not None:
            lon, lat, height_m = map(float, where.split(","))
            assert (lon, lat) == pytest.approx((row["lon_deg"], row["lat_deg"]), abs=ROUNDED_DEG)
            assert height_m == pytest.approx(row["altitude_ft"] * METRES_PER_FOOT, abs=ROUNDED_M)
    (pair,) = placemarks(tmp_path / "e.kml")["Findings"]
    (row,) = encounters
    ends = pair.findtext(f".//{KML}LineString/{KML}coordinates", "").split()
    for end, side in zip(ends, "ab", strict=True):
        position = [row[f"lon_{side}_deg"], row[f"lat_{side}_deg"]]
        assert list(map(float, end.split(",")[:2])) == pytest.approx(position, abs=ROUNDED_DEG)


def test_kml_shows_tracks_leg_by_leg(tmp_path: Path, tracks: wb.Tracks, incidents: Incidents) -> None:
    """Every sample at its instant, a gap between two tracks, nothing interpolated between them."""
    incidents.write(tmp_path / "x.kml", tracks=tracks)
    shown = placemarks(tmp_path / "x.kml")["Tracks"]

    assert [each.findtext(f".//{KML}Data[@name='icao24']/{KML}value") for each in shown] == tracks.aircraft
    for way, address in zip(shown, tracks.aircraft, strict=True):
        multi = way.find(f"{GX}MultiTrack")
        assert multi is not None
        assert multi.findtext(f"{GX}interpolate") == "0"
        assert len(multi.findall(f"{GX}Track")) == (2 if address == "100002" else 1)
        rows = tracks.to_polars().filter(pl.col("icao24") == address)
        instants = [datetime.fromisoformat(each.text or "") for each in multi.iter(f"{KML}when")]
        assert instants == rows["t"].to_list()
        points = np.array([list(map(float, (each.text or "").split())) for each in multi.iter(f"{GX}coord")])
        known = rows.select("lon_deg", "lat_deg", pl.col("altitude_ft") * METRES_PER_FOOT).to_numpy()
        assert np.abs(points - known).max(axis=0) == pytest.approx(
            [0.0, 0.0, 0.0], abs=ROUNDED_M
        )  # degrees below
        assert np.abs(points - known)[:, :2].max() <= ROUNDED_DEG


def test_kml_says_what_its_altitudes_are(tmp_path: Path, incidents: Incidents, tracks: wb.Tracks) -> None:
    """Pressure altitude is not height above the sea: the document and each aircraft say what was used."""
    incidents.write(tmp_path / "x.kml", tracks=tracks)
    told = ET.parse(tmp_path / "x.kml").getroot().findtext(f"{KML}Document/{KML}description", "")

    assert "Altitudes here are pressure altitude (1013.25 hPa)" in told
    assert "drawn as if it were above sea level" in told
    assert "from 300 s before each until 300 s after it" in told
    for way in placemarks(tmp_path / "x.kml")["Tracks"]:
        assert "pressure altitude (1013.25 hPa)" in way.findtext(f"{KML}description", "")


def test_kml_draws_places_between_their_levels(tmp_path: Path, terms: wb.Agreement) -> None:
    """From the ground a solid, between two levels top, bottom and walls; without a ceiling an outline, as it says."""
    export.write_places(terms, tmp_path / "x.kml")
    shown = {each.findtext(f"{KML}name"): each for each in placemarks(tmp_path / "x.kml")["Places"]}

    assert set(shown) == {"line", "circle", "slab", "hill", "open"}
    assert shown["line"].find(f".//{KML}LineString") is not None
    circle = shown["circle"].findall(f".//{KML}Polygon")
    assert [each.findtext(f"{KML}extrude") for each in circle] == ["1"]
    assert heights(circle[0]) == {round(12_000 * METRES_PER_FOOT, 1)}
    slab = {height for each in shown["slab"].iter(f"{KML}Polygon") for height in heights(each)}
    assert slab == {round(5_000 * METRES_PER_FOOT, 1), round(12_000 * METRES_PER_FOOT, 1)}
    assert "Its ceiling is a pressure altitude" in shown["slab"].findtext(f"{KML}description", "")
    modes = {each.text for each in shown["hill"].iter(f"{KML}altitudeMode")}
    assert modes == {"relativeToGround", "absolute"}
    assert (
        len(list(shown["hill"].iter(f"{KML}innerBoundaryIs"))) == 0
    )  # cut by the antimeridian: no hole is left
    assert "It has no ceiling" in shown["open"].findtext(f"{KML}description", "")
    assert heights(shown["open"]) == {1000.0}


def heights(element: ET.Element) -> set[float]:
    return {
        float(point.split(",")[2])
        for each in element.iter(f"{KML}coordinates")
        for point in (each.text or "").split()
    }


def test_a_kmz_holds_the_kml(tmp_path: Path, incidents: Incidents, tracks: wb.Tracks) -> None:
    """Under the name that readers look for; the same findings give the same bytes."""
    for name in ("x.kml", "x.kmz", "again.kmz"):
        incidents.write(tmp_path / name, tracks=tracks)

    with zipfile.ZipFile(tmp_path / "x.kmz") as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["doc.kml"]
        assert archive.read("doc.kml") == (tmp_path / "x.kml").read_bytes()
    assert (tmp_path / "x.kmz").read_bytes() == (tmp_path / "again.kmz").read_bytes()


def test_gdal_reads_the_kml(tmp_path: Path, incidents: Incidents) -> None:
    """As a GIS does: each finding that has a place is a feature there."""
    pyogrio = pytest.importorskip("pyogrio", reason="needs pyogrio, of the group dev")
    shapely = pytest.importorskip("shapely")
    incidents.write(tmp_path / "x.kml")
    _, _, geometry, _ = pyogrio.raw.read(tmp_path / "x.kml", layer="Findings")
    points = [shapely.from_wkb(each) for each in geometry if each is not None]

    known = [row for row in incidents.records() if "lon_deg" in row]
    assert [(each.x, each.y) for each in points] == [
        pytest.approx((row["lon_deg"], row["lat_deg"]), abs=ROUNDED_DEG) for row in known
    ]


@pytest.mark.parametrize("ending", ["kml", "czml"])
def test_what_stands_in_the_data_stays_text(
    tmp_path: Path, tracks: wb.Tracks, terms: wb.Agreement, incidents: Incidents, ending: str
) -> None:
    """No markup but our own in what a program shows as HTML; all of it can still be read there."""
    path = tmp_path / f"x.{ending}"
    incidents.write(path, tracks=tracks, agreement=terms)
    if ending == "kml":
        shown = [each.text or "" for each in ET.parse(path).iter(f"{KML}description")]
    else:
        shown = [each["description"] for each in json.loads(path.read_text("utf-8"))]

    assert shown
    for text in shown:
        assert set(MARKUP.findall(text)) <= HARMLESS
        assert "$[" not in text
    everything = html.unescape(" ".join(shown))
    assert "<script>$[name]</script>" in everything
    assert "<b>the line</b>" in everything
    assert "<img src=x onerror=alert(1)>&\"'" in everything


def test_control_characters_are_replaced_in_xml() -> None:
    """XML 1.0 has no place for them, nor for halves of surrogates; everything else stays as it is."""
    assert marks.clean("a\x00\x07\x1b\ud800\ufffe\tb\n雪🛩\u0085") == "a�����\tb\n雪🛩\u0085"


# CZML ---------------------------------------------------------------------------------------------------


def test_czml_is_read_by_another(
    tmp_path: Path,
    tracks: wb.Tracks,
    terms: wb.Agreement,
    incidents: Incidents,
    encounters: wb.Encounters,
) -> None:
    """By czml3, which knows every property and refuses any other."""
    czml3 = pytest.importorskip("czml3", reason="needs czml3, of the group dev")
    nothing = replace(incidents, table=incidents.table.slice(0, 0))
    for name, found in (("i", incidents), ("e", encounters), ("none", nothing)):
        found.write(tmp_path / f"{name}.czml", tracks=tracks, agreement=terms)
    export.write_places(terms, tmp_path / "places.czml")
    for path in tmp_path.iterdir():
        packets = json.loads(path.read_text("utf-8"))
        levels = [
            # czml3 4.0.0 takes this for a number; by the schema it is as "heightReference" is.
            each["polygon"].pop("extrudedHeightReference")["heightReference"]
            for each in packets
            if "extrudedHeight" in each.get("polygon", {})
        ]
        assert set(levels) <= {"NONE", "CLAMP_TO_GROUND", "RELATIVE_TO_GROUND"}
        read = czml3.Document(packets=[czml3.Packet(**each) for each in packets])

        assert len({each.id for each in read.packets}) == len(packets)
        assert packets[0]["id"] == "document"


def test_czml_shows_an_aircraft_while_it_was_heard(
    tmp_path: Path, tracks: wb.Tracks, incidents: Incidents
) -> None:
    """Its legs are its availability; every sample stands at its instant; there is none within a gap."""
    incidents.write(tmp_path / "x.czml", tracks=tracks)
    packets = {each["id"]: each for each in json.loads((tmp_path / "x.czml").read_text("utf-8"))}
    for address in tracks.aircraft:
        packet = packets[f"aircraft/{address}"]
        rows = tracks.to_polars().filter(pl.col("icao24") == address)
        legs = packet["position"]
        assert len(legs) == (2 if address == "100002" else 1)
        assert packet["availability"] == [leg["interval"] for leg in legs]
        samples = []
        for leg in legs:
            epoch = datetime.fromisoformat(leg["epoch"])
            numbers = np.array(leg["cartographicDegrees"]).reshape(-1, 4)
            instants = [epoch + timedelta(seconds=float(s)) for s in numbers[:, 0]]
            begin, end = map(datetime.fromisoformat, leg["interval"].split("/"))
            assert (begin, end) == (instants[0], instants[-1])
            samples += [(t, *position) for t, position in zip(instants, numbers[:, 1:].tolist(), strict=True)]
        assert [each[0] for each in samples] == rows["t"].to_list()
        known = rows.select("lon_deg", "lat_deg").to_numpy()
        assert np.abs(np.array([each[1:3] for each in samples]) - known).max() <= ROUNDED_DEG
    clock = packets["document"]["clock"]
    assert clock["interval"].startswith("2026-03-01T23:58:00.000000Z/2026-03-02T00:06:00")


# The recorded tracks ------------------------------------------------------------------------------------


def tracks_of(**values: Any) -> wb.Tracks:
    """Tracks of one aircraft, a sample every 10 s."""
    n = len(next(iter(values.values())))
    table: dict[str, Any] = {
        "icao24": pa.array(["100001"] * n).dictionary_encode(),
        "t": pa.array([START + timedelta(seconds=10 * k) for k in range(n)], columns.INSTANT),
        "lat_deg": [-17.0] * n,
        "lon_deg": [179.0] * n,
        **values,
    }
    return wb.Tracks(pa.table(table, schema=columns.schema(columns.TRACK_COLUMNS, list(table))))


@pytest.mark.parametrize(
    ("values", "reference", "altitudes_m", "left_out"),
    [
        (
            {"altitude_ft": [1000.0, None, 3000.0], "height_m": [1.0, 2.0, 3.0]},
            "barometric",
            [304.8, 914.4],
            1,
        ),
        ({"altitude_ft": [None, None, None], "height_m": [1.0, 2.0, 3.0]}, "geometric", [1.0, 2.0, 3.0], 0),
        ({"on_ground": [True, True, True]}, "unknown", [0.0, 0.0, 0.0], 0),
    ],
)
def test_references_of_altitude_are_never_mixed(
    values: dict[str, Any],
    reference: str,
    altitudes_m: list[float],
    left_out: int,
    incidents: Incidents,
    tmp_path: Path,
) -> None:
    """Pressure altitude where there is any, else height; without either on the ground; what is left out is told."""
    tracks = tracks_of(**values)
    (way,) = around.ways(tracks, incidents)

    assert (way.reference, way.left_out) == (reference, left_out)
    assert [each for leg in way.legs for each in leg.altitude_m.tolist()] == pytest.approx(altitudes_m)
    assert ("1 samples without it are left out" in way.told) == bool(left_out)
    incidents.write(tmp_path / "x.kml", tracks=tracks)
    (shown,) = placemarks(tmp_path / "x.kml")["Tracks"]
    mode = shown.findtext(f".//{GX}Track/{KML}altitudeMode")
    assert mode == ("clampToGround" if reference == "unknown" else "absolute")


def test_only_what_is_near_findings_is_shown(tracks: wb.Tracks, incidents: Incidents) -> None:
    """A window before and after each; an aircraft of no finding is not there."""
    inside = replace(incidents, table=incidents.table.filter(pa.compute.equal(incidents["rule"], "out")))
    both = list(around.ways(tracks, inside, margin_s=10.0))

    assert [way.icao24 for way in both] == ["100001", "200001"]
    for way, row in zip(both, inside, strict=True):
        t_us = np.concatenate([leg.t_us for leg in way.legs])
        known = tracks.to_polars().filter(
            pl.col("icao24") == way.icao24,
            pl.col("t").is_between(row["t_in"] - timedelta(seconds=10), row["t_out"] + timedelta(seconds=10)),
        )
        assert t_us.tolist() == known["t"].dt.epoch("us").to_list()
        assert way.ids == (row["id"],)


def test_a_break_ends_a_leg(incidents: Incidents) -> None:
    """Where no possible motion joins two samples none is drawn."""
    tracks = tracks_of(altitude_ft=[1000.0] * 4)
    torn = wb.Tracks(tracks.table, breaks=np.array([False, False, True, False]))
    (way,) = around.ways(torn, incidents)

    assert [leg.t_us.size for leg in way.legs] == [2, 2]


# GeoJSON ------------------------------------------------------------------------------------------------


def test_places_are_geojson_as_the_standard_has_it(tmp_path: Path, terms: wb.Agreement) -> None:
    """Cut at the antimeridian, rings the right way round and closed, read by GDAL with all that is said of them."""
    pyogrio = pytest.importorskip("pyogrio", reason="needs pyogrio, of the group dev")
    shapely = pytest.importorskip("shapely")
    export.write_places(terms, tmp_path / "x.geojson")
    features = json.loads((tmp_path / "x.geojson").read_text("utf-8"))["features"]
    for feature in features:
        shape = shapely.from_geojson(json.dumps(feature["geometry"]))
        assert shape.is_valid
        for part in getattr(shape, "geoms", [shape]):
            west, _, east, _ = part.bounds
            assert -180.0 <= west <= east <= 180.0
            assert east - west < 1.0
            if part.geom_type == "Polygon":
                assert part.exterior.is_ccw
                assert not any(each.is_ccw for each in part.interiors)
    info = pyogrio.read_info(tmp_path / "x.geojson")
    assert (info["features"], info["crs"]) == (5, "EPSG:4326")
    by_name = {each["properties"]["place"]: each["properties"] for each in features}
    assert by_name["hill"]["floor_datum"] == "AGL"
    assert (by_name["slab"]["ceiling_value"], by_name["slab"]["ceiling_unit"]) == (12_000.0, "ft")
    assert by_name["line"]["rules"] == ["side"]
    assert "<script>$[name]</script>" in by_name["line"]["sentences"][0]


def test_circles_and_corridors_are_drawn_where_they_are(terms: wb.Agreement) -> None:
    """By pyproj: every vertex of a circle is as far from its centre, every one of a corridor from its middle line."""
    pyproj = pytest.importorskip("pyproj")
    geod = pyproj.Geod(ellps="WGS84")
    (circle,) = (shape for volume in terms.places["circle"].volumes for shape in volume.shapes)
    for area in outlines.outline(circle).areas:
        for lon, lat in area[0]:
            _, _, away_m = geod.inv(-179.95, -17.0, lon, lat)
            assert away_m == pytest.approx(5000.0, abs=0.01)
    (slab,) = (shape for volume in terms.places["slab"].volumes for shape in volume.shapes)
    corners = [point for area in outlines.outline(slab).areas for point in area[0]]
    for lon, lat in corners:
        _, _, away_m = geod.inv(lon, -17.2, lon, lat)
        # The strip's edge is straight in lon/lat between corners that are 2 km off a great circle.
        assert away_m == pytest.approx(2000.0, abs=10.0)


def test_straight_edges_are_cut_for_globes() -> None:
    """Between two vertices no great circle leaves the line in lon/lat by more than was promised."""
    pyproj = pytest.importorskip("pyproj")
    geod = pyproj.Geod(ellps="WGS84")
    line = Shape("line", (((10.0, 60.0), (14.0, 61.0), (20.0, 55.0)),))
    (path,) = outlines.outline(line, is_for_globe=True).lines

    assert set(line.rings[0]) <= set(path)
    for (lon0, lat0), (lon1, lat1) in itertools.pairwise(path):
        lon, lat = geod.npts(lon0, lat0, lon1, lat1, 1)[0]
        straight = lat0 + (lat1 - lat0) * (lon - lon0) / (lon1 - lon0)
        assert abs(lat - straight) * 111_700.0 <= METRE
    assert outlines.outline(line).lines == line.rings


def test_findings_are_geojson_as_the_standard_has_it(
    tmp_path: Path, incidents: Incidents, encounters: wb.Encounters
) -> None:
    """Read by GDAL, a feature each with its id; longitudes within the circle, null where there is no place."""
    pyogrio = pytest.importorskip("pyogrio", reason="needs pyogrio, of the group dev")
    for name, found in (("i", incidents), ("e", encounters)):
        path = tmp_path / f"{name}.geojson"
        found.write(path)
        features = json.loads(path.read_text("utf-8"))["features"]

        assert pyogrio.read_info(path)["features"] == len(found)
        assert [each["id"] for each in features] == found["id"].to_pylist()
        flat = json.dumps([each["geometry"] for each in features if each["geometry"]])
        assert all(abs(float(each)) <= 180.0 for each in re.findall(r"-?\d+\.\d+", flat))


# ASTERIX ------------------------------------------------------------------------------------------------


def encoded(message: dict[str, Any], cat004: Any) -> Any:
    """Return a message as binary ASTERIX, decoded again, with the bits that it does not tell as 0."""
    items = message["items"]
    made: dict[str, Any] = {"010": (("SAC", 0), ("SIC", 0))}
    for name, value in items.items():
        item = name.removeprefix("I004/")
        if "raw" in value:
            made[item] = value["raw"]
        elif item == "120":
            made[item] = {key: each["raw"] for key, each in value.items() if key != "CN"}
        elif item in ("170", "171"):
            made[item] = {
                key: each
                if isinstance(each, str)
                else tuple((axis, each[axis]["raw"]) for axis in ("LAT", "LON", "ALT"))
                for key, each in value.items()
            }
        else:
            made[item] = {key: each if isinstance(each, str) else each["raw"] for key, each in value.items()}
    record = cat004.cv_record.create(made)
    bits = record.unparse()
    again, rest = cat004.cv_record.parse(
        importlib.import_module("asterix.base").ParsingMode.StrictParsing, bits
    )
    assert len(rest) == 0
    return again


@pytest.mark.parametrize("edition", ["1_12", "1_13"])
def test_messages_fit_the_standard_s_items(
    edition: str, incidents: Incidents, encounters: wb.Encounters
) -> None:
    """libasterix, made from the standard, takes every item, and reads the values that were meant."""
    generated = pytest.importorskip("asterix.generated", reason="needs libasterix, of the group dev")
    cat004 = getattr(generated, f"Cat_004_{edition}")
    seen: set[tuple[str, ...]] = set()
    for found in (incidents, encounters):
        messages = asterix.document(found)["messages"]
        assert messages
        for message in messages:
            record = encoded(message, cat004)
            for name, key, told in quantities(message):
                content = record.get_item(name).variation.get_item(key[0]).variation
                if len(key) > 1:
                    content = content.get_item(key[1]).variation
                unit = "°" if told["unit"] == "deg" else told["unit"]
                assert content.content.as_quantity(unit) == pytest.approx(told["value"], abs=1e-9)
                seen.add((name, *key))
            t = datetime.fromisoformat(message["wideberth"]["time"])
            since_midnight_s = (t - t.replace(hour=0, minute=0, second=0, microsecond=0)).total_seconds()
            assert record.get_item("020").variation.content.as_quantity("s") == pytest.approx(
                since_midnight_s, abs=1 / 256
            )
    assert len(seen) == len(FILLED)
    assert {"/".join(each) for each in seen} == set(FILLED)


def quantities(message: dict[str, Any]) -> Iterator[tuple[str, tuple[str, ...], dict[str, Any]]]:
    """Yield every number with a unit within items that have several: item, names within it, what is told."""
    for name in ("070", "120", "170", "171"):
        for key, told in message["items"].get(f"I004/{name}", {}).items():
            if isinstance(told, dict) and "unit" in told:
                yield name, (key,), told
            elif key == "CPW":
                for axis, each in told.items():
                    yield name, (key, axis), each


def test_messages_tell_the_finding(incidents: Incidents, encounters: wb.Encounters) -> None:
    """Who, when, how near, how likely; what no message can tell is named, and what has no message counted."""
    told = asterix.document(incidents)
    (pair,) = asterix.document(encounters)["messages"]
    (row,) = encounters

    assert "not binary ASTERIX" in told["format"]
    assert told["left_out"] == {"side, broken": 2, "pledges, unknown": 1}
    assert [each["items"]["I004/000"]["raw"] for each in told["messages"]] == [7, 5, 5, 5, 5]
    assert [each["items"]["I004/040"]["raw"] for each in told["messages"]] == [0, 1, 2, 3, 4]
    assert {each["items"]["I004/100"]["AN"] for each in told["messages"][1:]} == {"CIRCLE  ", "SLAB    "}
    items = pair["items"]
    assert items["I004/070"]["CHS"]["value"] == pytest.approx(row["hmd_m"], abs=0.25)
    assert items["I004/070"]["MVS"] == {"raw": 17, "value": 425.0, "unit": "ft"}
    assert items["I004/120"]["CD"]["value"] == pytest.approx(
        (row["t_cpa"] - row["t_in"]).total_seconds(), abs=1 / 256
    )
    assert items["I004/170"]["CPW"]["LON"]["value"] == pytest.approx(row["lon_a_deg"], abs=3e-6)
    assert items["I004/170"]["AI1"] == EVIL[:7]
    assert items["I004/171"]["AI2"] == "TWO1   "
    numbers = asterix.document(encounters)["tracks"]
    assert numbers[str(items["I004/030"]["raw"])] == "100001"
    assert set(told["absent"]).isdisjoint(items)


def test_what_an_item_cannot_hold_is_left_out() -> None:
    """Neither cut nor wrapped: a number beyond its bits is not there."""
    assert asterix.HORIZONTAL_16.of(32_767.5) == {"raw": 65_535, "value": 32_767.5, "unit": "m"}
    assert asterix.HORIZONTAL_16.of(32_768.0) is None
    assert asterix.ALTITUDE.of(-1000.0) == {"raw": -40, "value": -1000.0, "unit": "ft"}
    assert asterix.VERTICAL.of(-100.0) is None
    assert asterix.SECONDS.of(float("nan")) is None


# The gate -----------------------------------------------------------------------------------------------


def test_tracks_are_refused_where_nothing_can_show_them(
    tmp_path: Path, incidents: Incidents, tracks: wb.Tracks, terms: wb.Agreement
) -> None:
    """They would be lost without a word."""
    for ending in ("csv", "parquet", "geojson"):
        with pytest.raises(UsageError, match=r"holds the table of findings alone: tracks and an agreement"):
            incidents.write(tmp_path / f"x.{ending}", tracks=tracks, agreement=terms)
    with pytest.raises(UsageError, match="asterix holds the table"):
        export.write(incidents, tmp_path / "x.json", tracks=tracks, format="asterix")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "format", "says"),
    [
        ("x.json", None, "name the format: --format asterix"),
        ("x.txt", None, "cannot tell the format"),
        ("x.kml", "asterix", "ends as kml does, and is to be asterix"),
        ("x.csv", "kml", "ends as csv does"),
        ("x.csv", "shp", "'shp' is no format of an export"),
    ],
)
def test_a_format_that_cannot_be_meant_is_refused(
    tmp_path: Path, incidents: Incidents, name: str, format: str | None, says: str
) -> None:
    """Before anything is written."""
    with pytest.raises(UsageError, match=says):
        export.write(incidents, tmp_path / name, format=format)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("ending", ["kml", "kmz", "czml"])
def test_what_fails_half_way_leaves_nothing(
    tmp_path: Path, incidents: Incidents, ending: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An old file stays, no temporary one does."""
    path = tmp_path / f"x.{ending}"
    path.write_bytes(b"old")
    rows = incidents.table.num_rows

    def fail(*_: object) -> Any:
        yield from list(marks.marks(incidents, Terms()))[: rows // 2]
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(f"wideberth.report.{'czml' if ending == 'czml' else 'kml'}.marks", fail)
    with pytest.raises(WriteError, match=r"No space left on device\. Nothing was written\."):
        incidents.write(path)

    assert [each.name for each in tmp_path.iterdir()] == [path.name]
    assert path.read_bytes() == b"old"


def test_places_alone_are_refused_where_there_are_none(tmp_path: Path) -> None:
    """An empty file would look like an agreement about nowhere."""
    with pytest.raises(UsageError, match="there are no places to write"):
        export.write_places(wb.Agreement.everyone(horizontal="5 NM", vertical="1000 ft"), tmp_path / "x.kml")
    with pytest.raises(UsageError, match=r"places are written as one of \.geojson"):
        export.write_places(wb.Agreement.parse(AGREEMENT), tmp_path / "x.csv")


def test_times_are_utc() -> None:
    """The world of these tests spans midnight of UTC."""
    assert START.tzinfo is UTC
    assert START.day != (START + timedelta(minutes=8)).day

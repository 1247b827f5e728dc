"""GPX: tracks, what is no track, and XML that is broken or means harm."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from receiver_files import NOON, gpx_point, gpx_text, reasons, rows_of
from wideberth.columns import ADDRESS
from wideberth.errors import FormatError
from wideberth.read.gpx import FORMAT

if TYPE_CHECKING:
    from pathlib import Path


def test_points_become_rows(tmp_path: Path) -> None:
    """Elevation is taken as height above the ellipsoid; the track's name is the callsign."""
    rows, rejects = rows_of(FORMAT, gpx_text(), tmp_path)

    assert len(rows) == 5
    assert rows[2] == {
        "icao24": rows[0]["icao24"], "t": NOON + timedelta(seconds=2), "lat_deg": 47.002, "lon_deg": 8.0,
        "height_m": 500.0, "groundspeed_kt": None, "track_deg": None, "callsign": "morning", "source": "gpx",
        "source_row": 2,
    }  # fmt: skip
    assert not rejects.counts


def test_a_track_has_an_address_that_its_content_decides(tmp_path: Path) -> None:
    """The same in a copy by another name, another for another track; always ~ and six hex digits."""
    one = gpx_text().replace("</gpx>", "") + gpx_text(name="evening").partition("<trk>")[1]
    one += gpx_text(name="evening").partition("<trk>")[2]

    rows, _ = rows_of(FORMAT, one, tmp_path)
    copied, _ = rows_of(FORMAT, one, tmp_path, "another name.gpx")

    addresses = list(dict.fromkeys(row["icao24"] for row in rows))
    assert len(addresses) == 2
    assert all(ADDRESS.match(address) and address.startswith("~") for address in addresses)
    assert [row["icao24"] for row in copied] == [row["icao24"] for row in rows]


def test_the_height_of_the_geoid_is_added_where_it_stands(tmp_path: Path) -> None:
    """The schema defines it as the height of sea level above the ellipsoid."""
    rows, _ = rows_of(
        FORMAT,
        gpx_text(gpx_point(0, extra="<geoidheight>48.5</geoidheight>"), gpx_point(1, ele=None)),
        tmp_path,
    )

    assert [row["height_m"] for row in rows] == [548.5, None]


@pytest.mark.parametrize(
    "extra",
    [
        "<speed>10</speed><course>90</course>",
        "<extensions><gpxtpx:TrackPointExtension><gpxtpx:speed>10</gpxtpx:speed><gpxtpx:course>90</gpxtpx:course>"
        "</gpxtpx:TrackPointExtension></extensions>",
    ],
)
def test_speed_is_in_metres_per_second(tmp_path: Path, extra: str) -> None:
    """In GPX 1.0 and in Garmin's extension."""
    rows, _ = rows_of(FORMAT, gpx_text(gpx_point(0, extra=extra)), tmp_path)

    assert rows[0]["groundspeed_kt"] == pytest.approx(10 * 3600 / 1852)
    assert rows[0]["track_deg"] == 90


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("2024-05-01T12:00:00Z", 0), ("2024-05-01T14:00:00.250+02:00", 0.25), ("2024-05-01T12:00:01", 1)],
)
def test_times_with_and_without_offset(tmp_path: Path, text: str, seconds: float) -> None:
    """Without an offset the schema says UTC."""
    rows, _ = rows_of(FORMAT, gpx_text(gpx_point(0).replace("2024-05-01T12:00:00Z", text)), tmp_path)

    assert rows[0]["t"] == NOON + timedelta(seconds=seconds)


def test_what_is_no_point_of_a_track_is_rejected_with_its_reason(tmp_path: Path) -> None:
    """Routes and waypoints are plans; points need a time and a place."""
    bare = '<trkpt lat="1" lon="2"><ele>3</ele></trkpt>'
    text = gpx_text(
        bare, gpx_point(0, lat="north"), gpx_point(1).replace("2024-05-01T", "once "), gpx_point(2)
    )
    text = text.replace(
        "<trk>", '<wpt lat="1" lon="2"/><rte><rtept lat="1" lon="2"><name>A</name></rtept></rte><trk>'
    )

    rows, rejects = rows_of(FORMAT, text, tmp_path)

    assert [row["t"] for row in rows] == [NOON + timedelta(seconds=2)]
    assert rows[0]["callsign"] == "morning"
    assert reasons(rejects) == {
        "a waypoint, not of a track": 1,
        "a point of a route, not of a track": 1,
        "point without time": 1,
        "point without latitude or longitude": 1,
        "time that is not readable": 1,
    }


def test_a_file_that_was_cut_off_gives_its_points(tmp_path: Path) -> None:
    """The point at the cut is lost and the cut is counted."""
    text = gpx_text(*(gpx_point(i) for i in range(2000)))

    rows, rejects = rows_of(FORMAT, text[: text.index(f"{NOON:%Y-%m-%d}T12:25:00Z")], tmp_path)

    assert len(rows) == 25 * 60
    assert reasons(rejects) == {"damaged XML": 1}


def test_reading_goes_on_behind_a_break(tmp_path: Path) -> None:
    """Points after it belong to the same track; only the broken ones are missing."""
    points = [gpx_point(i) for i in range(3000)]
    points[10] = points[10].replace("</ele>", "</ela>")
    points[2000] = points[2000].replace("<time>", "<time<")

    rows, rejects = rows_of(FORMAT, gpx_text(*points), tmp_path)

    assert [row["t"] for row in rows] == [
        NOON + timedelta(seconds=i) for i in range(3000) if i not in (10, 2000)
    ]
    assert len({row["icao24"] for row in rows}) == 1
    assert reasons(rejects) == {"damaged XML": 2}


def test_a_break_before_another_track_does_not_join_the_two(tmp_path: Path) -> None:
    """Reading goes on at whichever comes first, a point or a track."""
    one = gpx_text().replace("</trkseg></trk>\n</gpx>\n", "</broken>")
    two = gpx_text(name="evening")

    rows, _ = rows_of(FORMAT, one + two[two.index("<trk>") :], tmp_path)

    assert [row["callsign"] for row in rows] == ["morning"] * 5 + ["evening"] * 5
    assert len({row["icao24"] for row in rows}) == 2


def test_a_file_of_breaks_alone_comes_to_an_end(tmp_path: Path) -> None:
    """After 1,000 breaks the rest is given up, and that is said."""
    rows, rejects = rows_of(FORMAT, "<gpx>" + "<trkpt <" * 20_000, tmp_path)

    assert rows == []
    assert reasons(rejects) == {"damaged XML": 1000, "the rest of a file damaged throughout": 1}


def test_a_document_type_is_refused(tmp_path: Path) -> None:
    """A billion laughs begin with a declaration; none of them is heard."""
    laughs = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 10))
    bomb = (
        f'<?xml version="1.0"?><!DOCTYPE gpx [<!ENTITY l0 "lol">{laughs}]>'
        + gpx_text(name="&l9;").partition("\n")[2]
    )

    with pytest.raises(FormatError, match="document type"):
        rows_of(FORMAT, bomb, tmp_path)


def test_files_in_other_encodings(tmp_path: Path) -> None:
    """The declaration holds behind a break too."""
    text = gpx_text(gpx_point(0), gpx_point(1).replace("</ele>", "</ela>"), gpx_point(2), name="Zürich")

    latin, _ = rows_of(FORMAT, text.replace("UTF-8", "ISO-8859-1").encode("latin-1"), tmp_path)
    wide, _ = rows_of(FORMAT, gpx_text(name="Zürich").replace("UTF-8", "UTF-16").encode("utf-16"), tmp_path)

    assert [row["callsign"] for row in latin] == ["Zürich"] * 2
    assert [row["callsign"] for row in wide] == ["Zürich"] * 5
    assert FORMAT.looks_like(gpx_text().encode("utf-16"), "x")


@pytest.mark.parametrize(
    ("content", "is_it"),
    [(gpx_text(), True), ("<gpx>", True), ("<?xml version='1.0'?><kml>", False), ("<html><gpxx>", False)],
)
def test_it_is_recognised_by_its_root(content: str, is_it: bool) -> None:
    """Other XML is none."""
    assert FORMAT.looks_like(content.encode(), "x.gpx") is is_it

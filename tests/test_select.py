"""Which encounters are wanted: by altitude, area and time; the rest is left out, never cut."""

from __future__ import annotations

import json
import math
import re
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wideberth.errors import UsageError
from wideberth.screen.select import Selection, area_from

if TYPE_CHECKING:
    from pathlib import Path

NOON = datetime(2018, 8, 1, 12, tzinfo=UTC)
NOON_US = round(NOON.timestamp()) * 10**6

SWISS = "5.9,45.8,10.5,47.8"
FIJI = "177,-20,-178,-15"


def table(**columns: Any) -> dict[str, Any]:
    """Encounters over Switzerland from noon to a minute past, as far as columns are not given."""
    n = max((np.size(values) for values in columns.values()), default=1)
    usual = {
        "t_in": NOON_US, "t_out": NOON_US + 60 * 10**6, "altitude_a_ft": 30_000.0, "altitude_b_ft": 30_500.0,
        "lat_a_deg": 47.0, "lon_a_deg": 8.0, "lat_b_deg": 47.0, "lon_b_deg": 8.0,
    }  # fmt: skip
    return {
        name: np.broadcast_to(np.asarray(columns.get(name, value)), n).copy() for name, value in usual.items()
    }


def held(selection: Selection, **columns: Any) -> list[bool]:
    return selection.holds(table(**columns)).tolist()


def inside(area: str | Path, lon_deg: Any, lat_deg: Any) -> list[bool]:
    """Which points are in an area: a is there, b is on the other side of the Earth."""
    lon, lat = np.broadcast_arrays(np.asarray(lon_deg, float), np.asarray(lat_deg, float))
    return held(
        Selection(area=area_from(str(area))),
        lon_a_deg=lon,
        lat_a_deg=lat,
        lon_b_deg=np.full(lon.shape, -100.0),
        lat_b_deg=np.full(lat.shape, 85.0),
    )


def geojson(folder: Path, node: Any, encoding: str = "utf-8") -> Path:
    path = folder / "area.geojson"
    path.write_text(node if isinstance(node, str) else json.dumps(node), encoding=encoding)
    return path


def square(west: float, south: float, east: float, north: float) -> list[list[float]]:
    """A ring, closed as GeoJSON has it: the last point is the first."""
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


def polygon(*rings: list[list[float]]) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": list(rings)}


def test_without_a_choice_everything_is_wanted() -> None:
    """Also what is nowhere and at no altitude."""
    assert held(Selection(), altitude_a_ft=[1.0, math.nan], altitude_b_ft=math.nan, lat_a_deg=math.nan) == [
        True,
        True,
    ]
    assert held(Selection(), t_in=np.empty(0)) == []


# Altitude ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("low_ft", "high_ft", "wanted"),
    [
        (30_500.0, None, [True, False, True]),
        (30_501.0, None, [False, False, True]),
        (None, 30_000.0, [True, True, True]),
        (None, 29_999.0, [False, True, True]),
        (30_000.0, 30_000.0, [True, False, True]),
        (30_100.0, 30_400.0, [False, False, True]),
        (-500.0, 0.0, [False, True, True]),
    ],
)
def test_a_band_of_altitude_is_closed(
    low_ft: float | None, high_ft: float | None, wanted: list[bool]
) -> None:
    """Either aircraft is enough; being on both sides of the band is not; unknown altitudes are kept."""
    altitudes = {"altitude_a_ft": [30_000.0, 0.0, math.nan], "altitude_b_ft": [30_500.0, 100.0, math.nan]}

    assert held(Selection(low_ft=low_ft, high_ft=high_ft), **altitudes) == wanted


def test_one_unknown_altitude_is_enough_to_be_kept() -> None:
    """It may be in the band."""
    assert held(Selection(high_ft=1000.0), altitude_a_ft=math.nan, altitude_b_ft=30_000.0) == [True]


def test_a_ceiling_is_the_lower_of_two() -> None:
    """That of the minima and that of the choice; the rest of the choice stays."""
    choice = Selection(low_ft=100.0, high_ft=5000.0, since=NOON)

    assert choice.below(None) is choice
    assert choice.below(18_000.0) == choice
    assert choice.below(3000.0) == Selection(low_ft=100.0, high_ft=3000.0, since=NOON)
    assert Selection().below(18_000.0) == Selection(high_ft=18_000.0)


def test_band_and_area_hold_for_the_same_aircraft() -> None:
    """One in the band and the other in the area is none of both."""
    choice = Selection(high_ft=10_000.0, area=area_from(SWISS))
    far = {"lon_b_deg": 100.0}

    assert held(choice, altitude_a_ft=9000.0, altitude_b_ft=20_000.0, **far) == [True]
    assert held(choice, altitude_a_ft=20_000.0, altitude_b_ft=9000.0, **far) == [False]


# Time -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("since_us", "until_us", "wanted"),
    [
        (60 * 10**6, None, True),
        (60 * 10**6 + 1, None, False),
        (None, 0, True),
        (None, -1, False),
        (30 * 10**6, 30 * 10**6, True),
        (-1, 60 * 10**6 + 1, True),
        (-2, -1, False),
    ],
)
def test_a_span_of_time_is_closed(since_us: int | None, until_us: int | None, wanted: bool) -> None:
    """Any part of the encounter in it is enough, to the microsecond."""
    since, until = (None if us is None else NOON + timedelta(microseconds=us) for us in (since_us, until_us))

    assert held(Selection(since=since, until=until)) == [wanted]


def test_an_instant_without_an_offset_is_utc() -> None:
    """Wherever the computer stands; another offset is honoured."""
    naive = Selection(since=NOON.replace(tzinfo=None), until=NOON)
    east = Selection(since=NOON.astimezone(timezone(timedelta(hours=5))))

    assert naive.since == NOON
    assert naive.since.utcoffset() == timedelta(0)
    assert held(east, t_in=NOON_US - 5, t_out=[NOON_US, NOON_US - 1]) == [True, False]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (
            {"low_ft": 2000.0, "high_ft": 1000.0},
            "the altitude band ends (1000 ft) below where it begins (2000 ft)",
        ),
        ({"low_ft": math.nan}, "an altitude band has finite ends or none, not nan"),
        ({"high_ft": math.inf}, "an altitude band has finite ends or none, not inf"),
        ({"since": NOON, "until": NOON - timedelta(microseconds=1)}, "the time span ends ("),
        ({"since": NOON, "until": datetime(2018, 8, 1)}, "the time span ends ("),
    ],
)
def test_a_choice_of_nothing_is_refused(options: dict[str, Any], says: str) -> None:
    """Ends in the wrong order, or no numbers."""
    with pytest.raises(UsageError, match=re.escape(says)):
        Selection(**options)


# Areas ------------------------------------------------------------------------------------------------


def test_a_box_is_closed() -> None:
    """Points on its border are in it."""
    lon = [8, 5.9, 10.5, 8, 8, 5.9, 10.5, 5.89999, 10.50001, 8, 8]
    lat = [47, 47, 47, 45.8, 47.8, 45.8, 47.8, 47, 47, 45.79999, 47.80001]

    assert inside(SWISS, lon, lat) == [True] * 7 + [False] * 4


def test_a_box_whose_west_lies_east_crosses_the_antimeridian() -> None:
    """The antimeridian itself is in it under both its names."""
    lon = [179, -179, 180, -180, 177, -178, 176.9, -177.9, 0]

    assert inside(FIJI, lon, -17.0) == [True] * 6 + [False] * 3


def test_a_box_of_the_whole_world_holds_all_of_it() -> None:
    """Poles and antimeridian, too."""
    assert inside("-180,-90,180,90", [0, 180, -180, 12, 12], [0, 10, 10, 90, -90]) == [True] * 5


@pytest.mark.parametrize(
    "text",
    ["5,46,5,47", "5,47,6,46", "5,46,6,46", "5,46,181,47", "-181,46,5,47", "5,-91,6,47", "5,46,6,91",
     "nan,46,6,47", "5,46,inf,47", "5,nan,6,47"],
)  # fmt: skip
def test_four_numbers_that_are_no_box_are_refused(text: str) -> None:
    """No width, no height, off the globe, no numbers at all."""
    with pytest.raises(
        UsageError, match=re.escape(f"'{text}' is not an area. Write west,south,east,north in degrees")
    ):
        area_from(text)


@pytest.mark.parametrize(
    "text", ["", "5,46,6", "5,46,6,47,8", "a,b,c,d", "/no/such/file.geojson", "/", "x" * 5000, "\0"]
)
def test_what_is_neither_box_nor_file_is_refused(text: str) -> None:
    """Not quoted at any length."""
    with pytest.raises(
        UsageError, match=r"' is neither west,south,east,north in degrees nor a GeoJSON file"
    ) as error:
        area_from(text)
    assert len(str(error.value)) < 300


@pytest.mark.parametrize(
    "ring", [square(8, 47, 9, 48), square(8, 47, 9, 48)[:-1], square(8, 47, 9, 48)[::-1]]
)
def test_a_ring_may_be_closed_or_not_and_run_either_way(tmp_path: Path, ring: list[list[float]]) -> None:
    """GeoJSON closes it; others do not."""
    assert inside(geojson(tmp_path, polygon(ring)), [8.5, 8.0, 9.0, 7.9, 9.1], 47.5) == [
        True,
        True,
        True,
        False,
        False,
    ]


def test_a_ring_within_a_ring_is_a_hole(tmp_path: Path) -> None:
    """Its border still belongs to the area; an island in the hole is a polygon of its own."""
    holed = {
        "type": "MultiPolygon",
        "coordinates": [[square(0, 0, 9, 9), square(3, 3, 6, 6)], [square(4, 4, 5, 5)]],
    }

    assert inside(geojson(tmp_path, holed), [1, 3.5, 3, 4.5, 8], [1, 3.5, 4, 4.5, 1]) == [
        True,
        False,
        True,
        True,
        True,
    ]


def test_areas_that_overlap_are_one(tmp_path: Path) -> None:
    """A sector within a sector, or two that share a part, leave no hole in one another."""
    collection = {
        "type": "FeatureCollection",
        "features": [
            {"type": "Feature", "properties": {}, "geometry": polygon(square(0, 0, 9, 9))},
            {"type": "Feature", "properties": None, "geometry": polygon(square(3, 3, 12, 6))},
            {"type": "Feature", "geometry": None},
            {"type": "Feature", "geometry": {"type": "Point", "coordinates": [50, 50]}},
            {
                "type": "Feature",
                "geometry": {"type": "GeometryCollection", "geometries": [polygon(square(20, 0, 21, 1))]},
            },
        ],
    }

    path = geojson(tmp_path, collection)

    assert inside(path, [1, 4, 11, 20.5, 15, 50], [1, 4, 4, 0.5, 4, 50]) == [
        True,
        True,
        True,
        True,
        False,
        False,
    ]


def test_a_polygon_may_go_on_beyond_180_degrees(tmp_path: Path) -> None:
    """Instead of being cut there; also to the west, and with heights in its points."""
    east = polygon([[*point, 100.0] for point in square(177, -20, 182, -15)])
    west = polygon(square(-183, -20, -178, -15))

    for area in (east, west):
        assert (
            inside(geojson(tmp_path, area), [179, -179, 180, -180, 176, -177, 0], -17.0)
            == [True] * 4 + [False] * 3
        )


def test_edges_are_straight_in_longitude_and_latitude(tmp_path: Path) -> None:
    """As GeoJSON says; a great circle would bend north by 0.017 degrees in the first one's middle."""
    flat = polygon([[0, 47], [4, 47], [4, 46], [0, 46]])
    slope = polygon([[0, 0], [10, 10], [0, 10]])

    assert inside(geojson(tmp_path, flat), 2.0, [47.0, 47.01]) == [True, False]
    assert inside(geojson(tmp_path, slope), [5.0, 5.0 + 1e-9, 5.0 - 1e-9], 5.0) == [True, False, True]


@given(
    st.lists(st.tuples(st.integers(-170, 170), st.integers(-80, 80)), min_size=3, max_size=8, unique=True),
    st.lists(st.tuples(st.floats(-180, 180), st.floats(-90, 90)), min_size=1, max_size=20),
    st.integers(0, 7),
)
def test_where_a_ring_begins_and_which_way_it_runs_changes_nothing(
    ring: list[tuple[int, int]], points: list[tuple[float, float]], turn: int
) -> None:
    """Nor whether it crosses itself."""
    lon, lat = np.array(points).T
    columns = table(lon_a_deg=lon, lat_a_deg=lat, lon_b_deg=0.0, lat_b_deg=90.0)
    turn %= len(ring)
    turned = ring[turn:] + ring[:turn]

    def holds(corners: list[tuple[int, int]]) -> list[bool]:
        return Selection(area=((tuple(corners),),)).holds(columns).tolist()

    assert holds(ring) == holds(turned[::-1])
    assert not any(held_ for held_, x in zip(holds(ring), lon, strict=True) if abs(x) > 170)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "cannot be read as GeoJSON: Expecting value"),
        ("{", "cannot be read as GeoJSON: "),
        ("[1, 2]", "this is not GeoJSON, which is made of objects with a type"),
        ('"text"', "this is not GeoJSON"),
        ("null", "this is not GeoJSON"),
        ("{}", "this is not GeoJSON"),
        ("[" * 100_000, "cannot be read as GeoJSON: "),
        ({"type": "Feature", "geometry": 5}, "this is not GeoJSON"),
        ({"type": "FeatureCollection"}, "cannot be read as GeoJSON: "),
        ({"type": "FeatureCollection", "features": [None]}, "this is not GeoJSON"),
        ({"type": ["Polygon"]}, "cannot be read as GeoJSON: "),
        ({"type": "LineString", "coordinates": [[0, 0], [1, 1]]}, "holds no Polygon or MultiPolygon"),
        ({"type": "Polygon"}, "holds no Polygon or MultiPolygon"),
        ({"type": "Polygon", "coordinates": []}, "holds no Polygon or MultiPolygon"),
        ({"type": "Polygon", "coordinates": 7}, "cannot be read as GeoJSON: "),
        ({"type": "Polygon", "coordinates": [[]]}, "a ring of 0 different points encloses nothing"),
        ({"type": "Polygon", "coordinates": [[[]]]}, "cannot be read as GeoJSON: "),
        ({"type": "Polygon", "coordinates": [[["a", "b"]]]}, "cannot be read as GeoJSON: "),
        (polygon([[0, 0], [1, 1], [0, 0]]), "a ring of 2 different points encloses nothing"),
        (polygon(square(0, 0, 1, 91)), "[1.0, 91.0] is no point. GeoJSON has longitude first"),
        ('{"type": "Polygon", "coordinates": [[[0, NaN], [1, 1], [2, 0]]]}', "[0.0, nan] is no point"),
    ],
)  # fmt: skip
def test_a_file_that_holds_no_area_is_refused(tmp_path: Path, content: Any, says: str) -> None:
    """By its name and what is wrong with it."""
    path = geojson(tmp_path, content)

    with pytest.raises(UsageError, match=re.escape(says)) as error:
        area_from(str(path))
    assert str(path) in str(error.value)


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    """Some editors write one."""
    assert inside(geojson(tmp_path, polygon(square(8, 47, 9, 48)), "utf-8-sig"), 8.5, 47.5) == [True]


def test_a_file_that_is_no_utf8_is_refused(tmp_path: Path) -> None:
    """As what it is."""
    (tmp_path / "x.geojson").write_bytes(b"\xff\xfe")

    with pytest.raises(UsageError, match="cannot be read as GeoJSON: 'utf-8' codec can't decode"):
        area_from(str(tmp_path / "x.geojson"))

"""Levels above the sea and the ground: the QNH by time and place, the ground from a raster, and judging by both."""

from __future__ import annotations

import itertools
import json
import re
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import rasterio
from hypothesis import example, given
from hypothesis import strategies as st
from pyproj import Geod, Transformer
from rasterio.transform import Affine
from rasterio.warp import transform as to_crs
from scipy.interpolate import RegularGridInterpolator
from typer.testing import CliRunner

import wideberth as wb
from rasters import write_raster
from wideberth.agreement import explain, terrain
from wideberth.agreement.atmosphere import Qnh, Station, distance_m, middle_of, read_table
from wideberth.agreement.schema import json_schema
from wideberth.agreement.shapes import Place, Shape, Volume
from wideberth.agreement.terrain import Terrain
from wideberth.cli.app import app
from wideberth.errors import AgreementError, MissingExtraError, ReadError, UsageError
from wideberth.judge import ground
from wideberth.units import METRES_PER_FOOT, pressure_altitude_ft

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
CENTRE = (10.0, 45.0)
SAME_M = 1e-6  # of heights of some hundred metres, through a projection and back: rounding
SAME_S = 1e-3
MARCH_S = 0.02
METRES_PER_DEGREE_LON = 78_847.0  # at 45° on the ellipsoid


def instant(us: float) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=us)


# The QNH ------------------------------------------------------------------------------------------

steps = st.lists(st.tuples(st.integers(0, 50), st.floats(950.0, 1050.0)), min_size=1, max_size=12)


@given(steps, st.integers(0, 60), st.integers(1, 60))
@example([(0, 1000.0), (10, 1010.0)], 0, 20)
def test_at_each_instant_the_last_value_at_or_before_it_holds(
    values: list[tuple[int, float]], after: int, length: int
) -> None:
    """The pieces cover the span without a gap, each with the value that a search of all values gives."""
    table = dict(values)
    (station,) = Qnh.of(list(table.items())).stations
    begin = min(table) + after

    pieces = list(station.pieces(begin, begin + length))

    assert pieces[0][0] == begin
    assert pieces[-1][1] == begin + length
    assert all(one[1] == other[0] for one, other in itertools.pairwise(pieces))
    for low, high, qnh_hpa in pieces:
        assert low < high
        for t in np.arange(low, high, 0.5):
            assert qnh_hpa == table[max(each for each in table if each <= t)]


def test_a_table_stands_in_any_order_and_its_content_is_part_of_the_hash(tmp_path: Path) -> None:
    """Rows are sorted by time, rows of one position are one station; another value is another agreement."""
    table = tmp_path / "qnh.csv"
    table.write_text(
        "\ufefflat_deg,lon_deg,time,qnh_hpa\r\n47,8,2026-03-01T13:00:00+01:00,1010\r\n46,9,2026-03-01,1000.5\r\n"
        "\r\n47,8,2026-03-01T06:00Z,1009\r\n",
        encoding="utf-8",
    )

    found = read_table(table)
    before = agreement("ceiling: 500 m AMSL", atmosphere="qnh.csv", folder=tmp_path).digest
    table.write_text(table.read_text("utf-8").replace("1009", "1008"), encoding="utf-8")

    assert [station.position for station in found.stations] == [(8.0, 47.0), (9.0, 46.0)]
    assert found.stations[0].qnh_hpa == (1009.0, 1010.0)
    assert list(map(instant, found.stations[0].from_us)) == [START - timedelta(hours=6), START]
    assert found.source == "qnh.csv"
    assert agreement("ceiling: 500 m AMSL", atmosphere="qnh.csv", folder=tmp_path).digest != before


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"time,qnh_hpa\n2026-03-01,\xe9\n", "this is not UTF-8"),
        (b'time,qnh_hpa\n"2026-03-01,1013\n', "this is not CSV"),
        (b"time,qnh_hpa,time\n", "a column is there twice"),
        (b"time,qnh_hpa\n" + b"noon,1013\n" * 50, "30 more faults"),
    ],
)
def test_what_is_no_table_is_told(tmp_path: Path, content: bytes, told: str) -> None:
    """Another encoding, an open quote; of many faults the first twenty."""
    (tmp_path / "qnh.csv").write_bytes(content)

    with pytest.raises(AgreementError, match=told) as raised:
        read_table(tmp_path / "qnh.csv")
    assert len(raised.value.faults) <= 21


def test_the_nearest_station_is_taken_from_the_middle_of_a_place() -> None:
    """Across the antimeridian, too, and by distance, not by degrees."""
    west, east, far = (Station(at, (0,), (1000.0,)) for at in ((179.0, 60.0), (-178.0, 60.0), (0.0, 60.0)))
    qnh = Qnh((far, west, east))
    square = Shape("area", (((179.8, 60.0), (-179.0, 60.0), (-179.0, 61.0), (179.8, 61.0)),))
    place = Place("strait", (Volume((square,)),))

    assert middle_of(place) == pytest.approx((-179.6, 60.5))
    assert qnh.station_of(place) is west
    assert distance_m(west, place) == pytest.approx(95_000.0, abs=2_000.0)
    # At 60° a degree of longitude is half as long as one of latitude.
    along, up = Station((1.5, 60.0), (0,), (1.0,)), Station((0.0, 61.0), (0,), (1.0,))
    here = Place("here", (Volume((Shape("circle", (((0.0, 60.0),),), 1000.0),)),))
    assert Qnh((up, along)).station_of(here) is along


# The ground ---------------------------------------------------------------------------------------


def plane(x: Any, y: Any) -> Any:
    """Heights that bilinear interpolation meets exactly."""
    return 300.0 + 0.7 * x - 0.3 * y


@pytest.mark.parametrize(
    ("crs", "transform"),
    [
        ("EPSG:4326", Affine(0.01, 0, 9.5, 0, -0.01, 45.5)),
        ("EPSG:4258", Affine(0.01, 0, 9.5, 0, -0.01, 45.5)),
        ("EPSG:32632", Affine(500, 0, 540_000, 0, -500, 5_040_000)),
        ("EPSG:3035", Affine(400, 150, 4_300_000, 150, -400, 2_450_000)),  # turned
        ("EPSG:3857", Affine(700, 0, 1_060_000, 0, -700, 5_710_000)),
    ],
)
@pytest.mark.parametrize("tile", [1024, 7])
def test_a_plane_is_met_exactly_in_any_coordinates(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, crs: str, transform: Affine, tile: int
) -> None:
    """Bilinear between the centres of cells, whatever the coordinate system, however the tiles are cut."""
    monkeypatch.setattr(terrain, "TILE", tile)
    column, row = np.meshgrid(np.arange(80), np.arange(60))
    write_raster(tmp_path / "dem.tif", plane(column + 0.5, row + 0.5), crs=crs, transform=transform)
    rng = np.random.default_rng(1)
    at = np.column_stack([rng.uniform(0.5, 79.5, 500), rng.uniform(0.5, 59.5, 500)])
    x, y = transform.c + at @ (transform.a, transform.b), transform.f + at @ (transform.d, transform.e)
    lon, lat = map(np.array, to_crs(crs, "EPSG:4326", x, y))

    found = Terrain.open(tmp_path / "dem.tif").heights_m(lat, lon)

    assert np.abs(found - plane(at[:, 0], at[:, 1])).max() < SAME_M * 10


def test_between_four_cells_without_value_at_the_border_and_outside(tmp_path: Path) -> None:
    """A missing cell counts where it has weight; a border cell's height holds to its edge; outside there is none."""
    heights = np.array([[0.0, 10.0, 20.0], [40.0, np.nan, 60.0], [80.0, 90.0, 100.0]])
    write_raster(tmp_path / "dem.tif", heights, west=10.0, north=48.0, step=1.0)
    lon = np.array([10.5, 11.0, 10.75, 12.5, 10.1, 10.0, 9.99, 10.5, 370.5, 11.5])
    lat = np.array([47.5, 47.5, 47.0, 46.25, 47.9, 48.0, 47.5, 44.9, 47.0, 46.5])

    found = Terrain.open(tmp_path / "dem.tif").heights_m(lat, lon)

    expected = [0.0, 5.0, np.nan, 75.0, 0.0, 0.0, np.nan, np.nan, 20.0, np.nan]
    expected[3] = 60.0 + 0.25 * 40.0
    np.testing.assert_allclose(found, expected, atol=SAME_M)


def test_a_raster_from_0_to_360_degrees_has_the_west(tmp_path: Path) -> None:
    """A longitude is the same a full turn further."""
    write_raster(tmp_path / "dem.tif", np.tile(np.arange(36.0), (4, 1)), north=20.0, step=10.0)

    found = Terrain.open(tmp_path / "dem.tif").heights_m(np.array([0.0, 0.0]), np.array([-15.0, 15.0]))

    assert found.tolist() == [34.0, 1.0]


def test_scale_and_offset_of_a_raster_count(tmp_path: Path) -> None:
    """Whole numbers of tenths of a metre are metres once they are read."""
    write_raster(tmp_path / "dem.tif", np.full((2, 2), 1234.0), north=2.0, dtype="int16", unit="m")
    with rasterio.open(tmp_path / "dem.tif", "r+") as raster:
        raster.scales, raster.offsets = (0.1,), (-20.0,)

    found = Terrain.open(tmp_path / "dem.tif").heights_m(np.array([1.0]), np.array([1.0]))

    assert found.tolist() == [pytest.approx(103.4)]


def test_nothing_but_the_file_itself_is_read(tmp_path: Path) -> None:
    """A virtual raster under the name of a GeoTIFF is refused, and what lies beside the file says nothing."""
    write_raster(tmp_path / "dem.tif", np.full((2, 2), 5.0), north=2.0)
    (tmp_path / "virtual.tif").write_text(
        '<VRTDataset rasterXSize="2" rasterYSize="2"><SRS>EPSG:4326</SRS><GeoTransform>0, 1, 0, 2, 0, -1'
        '</GeoTransform><VRTRasterBand dataType="Float64" band="1"><SimpleSource><SourceFilename relativeToVRT="1">'
        "dem.tif</SourceFilename><SourceBand>1</SourceBand></SimpleSource></VRTRasterBand></VRTDataset>",
        encoding="utf-8",
    )
    (tmp_path / "dem.tif.aux.xml").write_text(
        '<PAMDataset><PAMRasterBand band="1"><Offset>100</Offset><Scale>1</Scale></PAMRasterBand></PAMDataset>',
        encoding="utf-8",
    )

    assert rasterio.open(tmp_path / "virtual.tif").read(1).tolist() == [[5.0, 5.0], [5.0, 5.0]]
    with pytest.raises(AgreementError, match="this is not a raster that can be read"):
        Terrain.open(tmp_path / "virtual.tif")
    assert rasterio.open(tmp_path / "dem.tif").offsets == (100.0,)
    found = Terrain.open(tmp_path / "dem.tif").heights_m(np.array([1.0]), np.array([1.0]))
    assert found.tolist() == [5.0]


def test_a_raster_that_is_cut_off_is_told(tmp_path: Path) -> None:
    """Its head can be read, its heights cannot."""
    path = tmp_path / "dem.tif"
    write_raster(path, np.arange(40_000.0).reshape(200, 200), north=2.0, step=0.01)
    path.write_bytes(path.read_bytes()[:100_000])

    with pytest.raises(ReadError, match="cannot be read as a GeoTIFF"):
        Terrain.open(path).heights_m(np.array([0.1]), np.array([1.0]))


def test_without_rasterio_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error says which file needs it and how it is installed."""
    (tmp_path / "dem.tif").touch()
    monkeypatch.setitem(sys.modules, "rasterio", None)

    with pytest.raises(MissingExtraError, match=r'dem.tif: .* pip install "wideberth\[terrain\]"'):
        agreement("ceiling: 120 m AGL, ground: dem.tif", folder=tmp_path)


# Judging ------------------------------------------------------------------------------------------


def agreement(
    levels: str, *, atmosphere: str = "1013.25 hPa", rest: str = "", folder: Path | str = "."
) -> wb.Agreement:
    """Return one for all: keep out of a circle between some levels."""
    return wb.Agreement.parse(text_of(levels, atmosphere=atmosphere, rest=rest), folder=folder)


def text_of(levels: str, *, atmosphere: str = "1013.25 hPa", rest: str = "") -> str:
    """Return its text."""
    return f"""
wideberth: 1
name: test
atmosphere: {{qnh: {atmosphere}}}
parties: {{one: {{aircraft: [{{icao24: 100000-1fffff}}]}}}}
places:
  town: {{point: {list(CENTRE)}, radius: 8 km, {levels}}}
rules:
  - {{id: out, party: all, keeps: {{out_of: town}}}}
{rest}
"""


def flight(altitude_ft: Any, *, seconds: int = 200, step_s: int = 10, speed_mps: float = 50.0) -> wb.Tracks:
    """Return one that flies east through the middle of the circle, which it reaches half way."""
    t_s = np.arange(0, seconds + 1, step_s)
    lon = CENTRE[0] + (t_s - seconds / 2) * speed_mps / METRES_PER_DEGREE_LON
    return wb.read(
        pl.DataFrame(
            {
                "icao24": ["100001"] * t_s.size,
                "t": [START + timedelta(seconds=int(each)) for each in t_s],
                "lat_deg": np.full(t_s.size, CENTRE[1]),
                "lon_deg": lon,
                "altitude_ft": np.broadcast_to(np.asarray(altitude_ft, float), t_s.shape),
            }
        ),
        keep_all=True,
    )


def spans_s(tracks: wb.Tracks, terms: wb.Agreement) -> list[tuple[float, float]]:
    """Return from when to when each finding is, in seconds from the beginning."""
    return [
        ((row["t_in"] - START).total_seconds(), (row["t_out"] - START).total_seconds())
        for row in wb.judge(tracks, terms).findings()
    ]


BY_TIME = "[{from: 2026-03-01T12:01:40Z, qnh: 1000 hPa}, {from: 2026-03-01T11:00Z, qnh: 1013.25 hPa}]"
FALLEN_FT = pressure_altitude_ft(1000.0)  # 364 ft: so much higher is the sea in pressure altitude


def test_a_limit_above_the_sea_rises_at_the_instant_at_which_the_qnh_falls() -> None:
    """The same flight is above the ceiling before, below it from then on."""
    ceiling_ft = 3000.0
    tracks = flight(ceiling_ft + 0.5 * FALLEN_FT)
    terms = agreement("ceiling: 3000 ft AMSL", atmosphere=BY_TIME)

    (row,) = wb.judge(tracks, terms)

    assert spans_s(tracks, terms) == [(100.0, 200.0)]
    assert (row["entered"], row["left"]) == ("schedule", "heard")
    assert row["vertical_ft"] == pytest.approx(0.5 * FALLEN_FT, abs=1e-6)
    assert spans_s(tracks, agreement("ceiling: 3000 ft AMSL", atmosphere="1000 hPa")) == [(0.0, 200.0)]
    assert spans_s(tracks, agreement("ceiling: 3000 ft AMSL")) == []


def test_one_stay_under_two_values_is_one_finding() -> None:
    """Where it is inside under either, the instant of the change is no seam."""
    assert spans_s(flight(1000.0), agreement("ceiling: 3000 ft AMSL", atmosphere=BY_TIME)) == [(0.0, 200.0)]


def test_a_constant_is_a_table_of_one_early_value(tmp_path: Path) -> None:
    """Written in the agreement, as a list and as a file: the same findings."""
    (tmp_path / "qnh.csv").write_text("time,qnh_hpa\n2026-02-28T23:00Z,1000\n", encoding="utf-8")
    tracks = flight(np.linspace(3000.0, 3800.0, 21))

    found = [
        spans_s(tracks, agreement("ceiling: 3000 ft AMSL", atmosphere=told, folder=tmp_path))
        for told in ("1000 hPa", "[{from: 2026-03-01, qnh: 1000 hPa}]", "qnh.csv")
    ]

    assert found[0] == found[1] == found[2]
    assert found[0][0][1] == pytest.approx(200.0 * FALLEN_FT / 800.0, abs=SAME_S)


def test_each_place_has_the_qnh_of_its_nearest_station(tmp_path: Path) -> None:
    """A station farther away counts for nothing, however recent its value."""
    (tmp_path / "qnh.csv").write_text(
        "time,qnh_hpa,lat_deg,lon_deg\n2026-03-01T11:00Z,1000,45.1,10\n2026-03-01T11:59Z,1030,45.3,10\n",
        encoding="utf-8",
    )
    terms = agreement("ceiling: 3000 ft AMSL", atmosphere="qnh.csv", folder=tmp_path)

    assert spans_s(flight(3000.0 + 0.5 * FALLEN_FT), terms) == [(0.0, 200.0)]
    told = [sentence for _, sentence in explain.sentences(terms)]
    assert (
        "The QNH is by qnh.csv: 2 values of 2 stations, 1000 to 1030 hPa, from 2026-03-01 11:00 UTC to 2026-03-01 "
        "11:59 UTC; each holds until the next one, the last from then on, and before the first it is not known."
    ) in told
    assert "The QNH of town is that of the station at 45.1000, 10.0000, 11.1 km from its middle." in told


def test_before_the_first_value_nothing_is_guessed() -> None:
    """The error names the earliest value and the first instant that needs one; a place that holds later needs none."""
    late = "[{from: 2026-03-01T12:00:30Z, qnh: 1000 hPa}]"

    with pytest.raises(
        UsageError,
        match=r"the first QNH holds from 2026-03-01 12:00:30 UTC on, and the place 'town' needs one from "
        r"2026-03-01 12:00:00 UTC on",
    ):
        wb.judge(flight(1000.0), agreement("ceiling: 3000 ft AMSL", atmosphere=late))
    during = "during: 2026-03-01T12:00:30Z/2026-03-02"
    terms = agreement(f"ceiling: 3000 ft AMSL, {during}", atmosphere=late)
    assert spans_s(flight(1000.0), terms) == [(30.0, 200.0)]
    assert spans_s(flight(1000.0), agreement("ceiling: FL30", atmosphere=late)) == [(0.0, 200.0)]


def test_a_value_from_the_very_first_sample_on_is_early_enough() -> None:
    """It is the value, not the last one of the table."""
    exact = "[{from: 2026-03-01T12:00:00Z, qnh: 1000 hPa}, {from: 2026-03-02, qnh: 1030 hPa}]"

    found = spans_s(flight(3000.0 + 0.5 * FALLEN_FT), agreement("ceiling: 3000 ft AMSL", atmosphere=exact))

    assert found == [(0.0, 200.0)]


def test_no_tracks_need_no_value() -> None:
    """An empty recording is judged, whenever the table begins."""
    for keeps in ("out_of", "inside"):
        text = text_of("ceiling: 3000 ft AMSL", atmosphere=BY_TIME).replace("out_of", keeps)
        assert len(wb.judge(flight(1000.0), wb.Agreement.parse(text))) == (keeps == "out_of")
        empty = wb.read(pl.DataFrame(flight(1000.0).to_polars()[:0]), keep_all=True)
        assert len(wb.judge(empty, wb.Agreement.parse(text))) == 0


def test_a_permission_s_level_goes_with_the_qnh() -> None:
    """Below 3000 ft AMSL it is excused, from the instant on at which it is below."""
    rest = "permissions: [{id: low, party: one, excuses: out, below: 3000 ft AMSL}]"
    (row,) = wb.judge(
        flight(3000.0 + 0.5 * FALLEN_FT), agreement("ceiling: FL100", atmosphere=BY_TIME, rest=rest)
    )
    (excused,) = wb.judge(flight(1000.0), agreement("ceiling: FL100", atmosphere=BY_TIME, rest=rest))

    assert row["verdict"] == "broken"
    assert row["covered_s"] == pytest.approx(100.0)
    assert excused["verdict"] == "excused"


def ramp(path: Path, *, hole: bool = False) -> None:
    """Write ground that rises to the east: 1 m in 0.001°, 0 m at 9.9°; with ``hole`` unknown from 10.0° to 10.02°."""
    heights = np.tile(np.arange(200.0) + 0.5, (20, 1))
    if hole:
        heights[:, 100:120] = np.nan
    transform = Affine(0.001, 0, 9.9, 0, -0.01, 45.1)
    write_raster(path, heights, transform=transform)


def test_the_height_above_the_ground_is_taken_where_the_aircraft_is(tmp_path: Path) -> None:
    """Level flight over rising ground is inside from where the ground is less than the ceiling below it."""
    ramp(tmp_path / "dem.tif")
    terms = agreement(
        "floor: GND, ceiling: 120 m AGL, ground: dem.tif", atmosphere="1000 hPa", folder=tmp_path
    )
    above_sea_m = 225.0
    tracks = flight(above_sea_m / METRES_PER_FOOT + FALLEN_FT)

    ((t_in, t_out),) = spans_s(tracks, terms)

    lon = 9.9 + (above_sea_m - 120.0) * 0.001
    expected_s = 100.0 + (lon - CENTRE[0]) * METRES_PER_DEGREE_LON / 50.0
    assert t_in == pytest.approx(expected_s, abs=0.01)
    assert t_out == 200.0
    (row,) = wb.judge(tracks, terms)
    assert row["entered"] == "ceiling"
    assert row["vertical_ft"] == pytest.approx(
        (200.0 - t_in) * 50.0 / METRES_PER_DEGREE_LON * 1000 / 0.3048, abs=0.01
    )
    assert row["altitude_ft"] is None  # a height above the ground is no pressure altitude


def test_findings_over_hills_are_those_of_an_independent_march(tmp_path: Path) -> None:
    """Ground by SciPy in PROJ's coordinates, distance by PROJ, marched in steps of 20 ms, while the QNH changes."""
    column, row = np.meshgrid(np.arange(120), np.arange(80))
    heights = 300.0 + 200.0 * np.sin(column / 9.0) + 100.0 * np.cos(row / 7.0)
    write_raster(
        tmp_path / "dem.tif", heights, crs="EPSG:32632", transform=Affine(250, 0, 563_000, 0, -250, 4_993_000)
    )
    terms = agreement(
        "floor: 50 m AGL, ceiling: 300 m AGL, ground: dem.tif", atmosphere=BY_TIME, folder=tmp_path
    )
    grid = RegularGridInterpolator((np.arange(80) + 0.5, np.arange(120) + 0.5), heights)
    t_s = np.arange(0.0, 200.0, MARCH_S)
    rng = np.random.default_rng(3)
    count = 0
    for _ in range(4):
        tracks = flight(rng.uniform(1000.0, 2500.0) + np.cumsum(rng.normal(0.0, 150.0, 21)), speed_mps=90.0)
        lat, lon, feet = map(tracks.numbers, ("lat_deg", "lon_deg", "altitude_ft"))
        x, y = Transformer.from_crs(4326, 32632, always_xy=True).transform(lon, lat)
        above_m = feet * METRES_PER_FOOT - grid(np.column_stack([(4_993_000 - y) / 250, (x - 563_000) / 250]))
        at_s = np.arange(0, 201, 10.0)
        sea_m = np.where(t_s < 100.0, 0.0, FALLEN_FT * METRES_PER_FOOT)
        height_m = np.interp(t_s, at_s, above_m) - sea_m
        far_m = Geod(ellps="WGS84").inv(
            np.interp(t_s, at_s, lon),
            np.interp(t_s, at_s, lat),
            *(np.full(t_s.size, each) for each in CENTRE),
        )[2]
        is_in = np.concatenate([[False], (far_m < 8000.0) & (height_m > 50.0) & (height_m < 300.0), [False]])
        changes = np.flatnonzero(np.diff(is_in)) * MARCH_S

        found = np.array(spans_s(tracks, terms)).ravel()

        assert found == pytest.approx(changes, abs=2 * MARCH_S)
        count += found.size
    assert count >= 8


def test_flat_ground_in_a_raster_is_as_flat_as_a_number(tmp_path: Path) -> None:
    """Twins, under a QNH that changes: the same findings to the microsecond."""
    write_raster(tmp_path / "dem.tif", np.full((10, 10), 230.0), west=9.5, north=45.5, step=0.1)
    rng = np.random.default_rng(2)
    found = 0
    for _ in range(10):
        tracks = flight(rng.uniform(0.0, 3000.0) + np.cumsum(rng.normal(0.0, 100.0, 21)))
        raster, number = (
            spans_s(
                tracks,
                agreement(
                    f"floor: 50 m AGL, ceiling: 300 m AGL, ground: {told}",
                    atmosphere=BY_TIME,
                    folder=tmp_path,
                ),
            )
            for told in ("dem.tif", "230 m")
        )
        assert np.array(raster).ravel() == pytest.approx(np.array(number).ravel(), abs=1e-5)
        found += len(number)
    assert found >= 5


def test_samples_without_ground_are_in_no_leg_and_are_counted(tmp_path: Path) -> None:
    """Heights go on straight between the samples on either side, as altitude does."""
    ramp(tmp_path / "dem.tif", hole=True)
    terms = agreement("ceiling: 120 m AGL, ground: dem.tif", folder=tmp_path)
    tracks = flight(50.0 / METRES_PER_FOOT)

    assert spans_s(tracks, terms) == [(0.0, 200.0)]
    (told,) = ground.unknown(tracks, terms)
    over = tracks.numbers("lon_deg") > 10.0 - 0.0005
    over &= tracks.numbers("lon_deg") < 10.02 + 0.0005
    assert (told.place, told.file, told.samples, told.without) == ("town", "dem.tif", 21, int(over.sum()))
    assert ground.unknown(tracks, agreement("ceiling: 120 m AGL, ground: 50 m")) == []


def test_a_permission_inside_a_place_above_a_raster(tmp_path: Path) -> None:
    """Covered is what is within the place's levels above the ground."""
    ramp(tmp_path / "dem.tif")
    rest = "permissions: [{id: low, party: one, excuses: wide, within: town}]\n"
    text = rest + "notes: x\n"
    terms = wb.Agreement.parse(
        f"""
wideberth: 1
name: test
atmosphere: {{qnh: 1013.25 hPa}}
parties: {{one: {{aircraft: [{{icao24: 100000-1fffff}}]}}}}
places:
  town: {{point: {list(CENTRE)}, radius: 8 km, ceiling: 120 m AGL, ground: dem.tif}}
  land: {{point: {list(CENTRE)}, radius: 80 km}}
rules: [{{id: wide, party: all, keeps: {{out_of: land}}}}]
{text}""",
        folder=tmp_path,
    )

    (row,) = wb.judge(flight(225.0 / METRES_PER_FOOT), terms)

    begin_s = 100.0 + (9.9 + 0.105 - CENTRE[0]) * METRES_PER_DEGREE_LON / 50.0
    assert row["covered_s"] == pytest.approx(200.0 - begin_s, abs=0.01)
    assert (
        "The ground of town is by dem.tif (200 × 20 cells, EPSG:4326), at each position of an aircraft, in metres "
        "above mean sea level."
    ) in [sentence for _, sentence in explain.sentences(terms)]


def test_keeping_inside_a_volume_above_a_raster(tmp_path: Path) -> None:
    """Outside is from where the ground has fallen away too far below."""
    ramp(tmp_path / "dem.tif")
    text = agreement("ceiling: 120 m AGL, ground: dem.tif", folder=tmp_path)
    assert text.places["town"].volumes[0].reference == "terrain dem.tif"
    terms = wb.Agreement.parse(
        f"""
wideberth: 1
name: test
atmosphere: {{qnh: 1013.25 hPa}}
places:
  town: {{point: {list(CENTRE)}, radius: 8 km, floor: GND, ceiling: 120 m AGL, ground: dem.tif}}
rules: [{{id: in, party: all, keeps: {{inside: town}}}}]
""",
        folder=tmp_path,
    )

    ((t_in, t_out),) = spans_s(flight(225.0 / METRES_PER_FOOT), terms)

    assert t_in == 0.0
    assert t_out == pytest.approx(100.0 + 0.005 * METRES_PER_DEGREE_LON / 50.0, abs=0.01)


def test_a_few_values_are_told_one_by_one() -> None:
    """In the order of time, and many as a table."""
    few = [each for _, each in explain.sentences(agreement("ceiling: 3000 ft AMSL", atmosphere=BY_TIME))]
    many = ", ".join(f"{{from: 2026-03-{day:02d}, qnh: 1013 hPa}}" for day in range(1, 10))
    told = [each for _, each in explain.sentences(agreement("ceiling: 3000 ft AMSL", atmosphere=f"[{many}]"))]

    assert (
        "The QNH is 1013.25 hPa from 2026-03-01 11:00 UTC on, then 1000 hPa from 2026-03-01 12:01:40 UTC on; before "
        "that it is not known."
    ) in few
    assert any(each.startswith("The QNH is by the agreement: 9 values, 1013 to 1013 hPa") for each in told)


# Documents and commands ---------------------------------------------------------------------------

DOCS = Path(__file__).parents[1] / "docs"


def blocks(page: str, part: str) -> dict[str, str]:
    """Return the code blocks of a part of a page, by language; the first of each."""
    text = (DOCS / page).read_text("utf-8").partition(f"{{ #{part} }}")[2].partition("\n## ")[0]
    found: dict[str, str] = {}
    for language, code in re.findall(r"^```(\w+)\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        found.setdefault(language, code)
    return found


@pytest.mark.parametrize(("page", "part"), [("agreement.md", "levels"), ("places.md", "ground")])
def test_the_worked_examples_say_what_is_said(tmp_path: Path, page: str, part: str) -> None:
    """The agreement of the page, with the files that it names, is explained in the words of the page."""
    code = blocks(page, part)
    (tmp_path / "qnh.csv").write_text(code.get("csv", ""), encoding="utf-8")
    write_raster(
        tmp_path / "dem.tif",
        np.zeros((160, 200)),
        west=2_590_000,
        north=1_210_000,
        step=100.0,
        crs="EPSG:2056",
    )

    told = [sentence for _, sentence in explain.sentences(wb.Agreement.parse(code["yaml"], folder=tmp_path))]

    expected = code["text"].splitlines()
    assert expected
    assert [each for each in told if each in expected] == expected


def test_the_command_says_how_many_samples_have_no_ground(tmp_path: Path) -> None:
    """In words, in JSON and in the summary; with a place whose ground is known everywhere it says nothing."""
    ramp(tmp_path / "dem.tif", hole=True)
    (tmp_path / "a.yaml").write_text(text_of("ceiling: 120 m AGL, ground: dem.tif"), encoding="utf-8")
    flight(50.0 / METRES_PER_FOOT).write(tmp_path / "tracks.parquet")
    call = ["judge", str(tmp_path / "tracks.parquet"), "--agreement", str(tmp_path / "a.yaml")]

    told = CliRunner().invoke(app, [*call, "-o", str(tmp_path / "out")])
    as_json = CliRunner().invoke(app, [*call, "--json"])

    assert told.exit_code == as_json.exit_code == 0
    summary = json.loads((tmp_path / "out" / "summary.json").read_text("utf-8"))
    (counted,) = summary["no_ground"]
    assert counted == json.loads(as_json.output)["no_ground"][0]
    assert f"of 21 samples within its box {counted['without']} have no height above ground" in " ".join(
        told.output.split()
    )


def test_the_schema_knows_the_forms() -> None:
    """A pressure, a table, a list; an elevation, a raster; and nothing else."""
    schema = json_schema()
    pressure, table, entries = schema["$defs"]["Atmosphere"]["properties"]["qnh"]["anyOf"]
    ground_forms = schema["$defs"]["PlaceEntry"]["properties"]["ground"]["anyOf"]
    pattern = ground_forms[0]["pattern"]

    assert re.search(pressure["pattern"], "1013 hPa")
    assert re.search(table["pattern"], "qnh.csv")
    assert set(schema["$defs"][entries["items"]["$ref"].rsplit("/", 1)[1]]["required"]) == {"from", "qnh"}
    assert all(re.search(pattern, each) for each in ("350 m", "-430 m", "dem.tif", "DEM.TIFF"))
    assert not re.search(pattern, "dem.asc")

"""Encounters: a table with its minima, ordered, shown, and written in every format."""

from __future__ import annotations

import json
import math
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import wideberth as wb
from wideberth.columns import ENCOUNTER_COLUMNS, schema
from wideberth.encounters import Encounters, Screening
from wideberth.errors import ColumnError, UsageError, WriteError
from wideberth.minima import PRESETS
from wideberth.simulate import scene
from wideberth.trust import accuracy

if TYPE_CHECKING:
    from pathlib import Path


NOON = datetime(2018, 8, 1, 12, tzinfo=UTC)
MINIMA = PRESETS["icao-enroute"]
NANODEGREE = 1e-9  # rounding of one division; a tenth of a millimetre on the ground


def row(s: float = 0.0, **changed: Any) -> dict[str, Any]:
    """One encounter that begins ``s`` seconds after noon."""
    t = NOON + timedelta(seconds=s)
    return {
        "icao24_a": "400001", "icao24_b": "400002", "callsign_a": "SWR12", "callsign_b": None,
        "t_in": t, "t_out": t + timedelta(seconds=60), "t_cpa": t + timedelta(seconds=30, microseconds=1),
        "hmd_m": 1000.0, "vertical_ft_at_cpa": 500.0, "vmd_ft": 475.0, "t_vmd": t,
        "retained": 0.5, "t_retained": t, "vertical_reference": "barometric",
        "lat_a_deg": 47.0, "lon_a_deg": 8.0, "lat_b_deg": 47.01, "lon_b_deg": 8.01,
        **changed,
    }  # fmt: skip


def made(*rows: dict[str, Any], names: list[str] | None = None) -> Encounters:
    chosen = names or [name for name in ENCOUNTER_COLUMNS if not rows or name in rows[0]]
    arrays = [pa.array([each[name] for each in rows]).cast(ENCOUNTER_COLUMNS[name].type) for name in chosen]
    return Encounters(
        pa.table(arrays, schema=schema(ENCOUNTER_COLUMNS, chosen)), MINIMA, Screening(samples=9, aircraft=7)
    )


UNKNOWN = {"vertical_reference": "unknown", "vertical_ft_at_cpa": None, "vmd_ft": None, "t_vmd": None}


def test_encounters_are_a_table_with_its_minima() -> None:
    """Rows as dicts, columns by name, how many there are."""
    rows = [row(0), row(90, icao24_b="400003")]
    encounters = made(*rows)

    assert len(encounters) == 2
    assert encounters["hmd_m"].to_pylist() == [1000.0, 1000.0]
    assert list(encounters) == rows
    assert repr(encounters) == "<Encounters: 2 within 5 NM and 1,000 ft, among 7 aircraft>"
    assert encounters.to_arrow() is encounters.table
    assert encounters.to_polars().to_dicts() == rows
    assert list(encounters.to_pandas()["icao24_b"]) == ["400002", "400003"]
    with pytest.raises(KeyError):
        encounters["nothing"]


def test_many_encounters_are_handed_over_in_batches() -> None:
    """In order, none twice."""
    encounters = made(*(row(i) for i in range(3000)))
    many = Encounters(pa.concat_tables([encounters.table] * 2), MINIMA)

    assert [each["t_in"] for each in many] == [NOON + timedelta(seconds=i) for i in range(3000)] * 2


def test_a_table_that_is_none_of_encounters_is_refused() -> None:
    """By the gate of all tables."""
    good = made(row()).table

    for bad in (good.drop_columns(["t_in"]), good.append_column("distance", good["hmd_m"])):
        with pytest.raises(ColumnError, match="encounters: "):
            Encounters(bad, MINIMA)


@given(
    st.lists(
        st.tuples(
            st.integers(0, 3),
            st.sampled_from([None, 0.0, 0.25, 0.5, 0.999]),
            st.sampled_from(["barometric", "geometric", "unknown"]),
        ),
        min_size=1,
        max_size=30,
    )
)
def test_the_worst_comes_first(drawn: list[tuple[int, float | None, str]]) -> None:
    """By retained separation, then time; without a common reference at the end; ties stay in their order."""
    rows = [
        row(s, retained=retained, vertical_reference=reference, hmd_m=float(i))
        for i, (s, retained, reference) in enumerate(drawn)
    ]

    worst = made(*rows).worst_first()

    def rank(each: dict[str, Any]) -> tuple[bool, float, datetime, float]:
        return (
            each["vertical_reference"] == "unknown",
            math.inf if each["retained"] is None else each["retained"],
            each["t_in"],
            each["hmd_m"],
        )

    assert list(worst) == sorted(rows, key=rank)
    assert (worst.minima, worst.screening) == (MINIMA, Screening(samples=9, aircraft=7))


def test_no_encounters_are_a_result() -> None:
    """They have an order, a GeoJSON, a notebook view, and can be written."""
    empty = Encounters(schema(ENCOUNTER_COLUMNS).empty_table(), MINIMA)

    assert (len(empty), list(empty), len(empty.worst_first())) == (0, [], 0)
    collection = empty.to_geojson()
    assert (collection["type"], collection["features"]) == ("FeatureCollection", [])
    assert collection["wideberth"]["minima"]["horizontal_m"] == MINIMA.horizontal_m
    assert "Encounters: 0 within" in empty._repr_html_()


def test_a_notebook_shows_the_worst_first() -> None:
    """With everything from the data escaped."""
    shown = made(
        row(0, callsign_a="MILD", retained=0.9), row(9, callsign_a="<BAD>", retained=0.1)
    )._repr_html_()

    assert 0 < shown.index("&lt;BAD&gt;") < shown.index("MILD")
    assert "Encounters: 2 within 5 NM and 1,000 ft" in shown


# How probable each preset is ---------------------------------------------------------------------------

DRAWS = 20_000
THREE_ERRORS = 3.0 * math.sqrt(0.25 / DRAWS)  # of a share that is drawn: 1.1 %
SURE_M, SURE_FT = 80.0, 60.0


def sure(**changed: Any) -> dict[str, Any]:
    """One encounter with intervals of `SURE_M` and `SURE_FT`, one standard deviation each."""
    found = row(id="x", altitude_a_ft=8000.0, altitude_b_ft=8500.0, **changed)
    half_m, half_ft = accuracy.NORMAL_95 * SURE_M, accuracy.NORMAL_95 * SURE_FT
    vertical_ft = found["vertical_ft_at_cpa"]
    return {
        **found,
        "hmd_high_m": found["hmd_m"] + half_m,
        "vertical_high_ft": None if vertical_ft is None else vertical_ft + half_ft,
    }


def passed(hmd_m: float, vertical_ft: float, climb_ftps: float, speed_mps: float = 150.0) -> dict[str, Any]:
    """One that passes straight: so far off and so high at the closest point, one of them climbing away from there."""
    t = np.linspace(-60.0, 60.0, 12_001)
    shares = np.maximum(
        np.hypot(hmd_m, speed_mps * t) / MINIMA.horizontal_m,
        np.abs(vertical_ft + climb_ftps * t) / MINIMA.vertical_ft,
    )
    return sure(hmd_m=hmd_m, vertical_ft_at_cpa=vertical_ft, retained=float(shares.min()))


def drawn_shares(hmd_m: float, vertical_ft: float, climb_ftps: float) -> dict[str, float]:
    """How often each preset is broken at any instant, if both distances err: by brute force."""
    random = np.random.default_rng(20)
    across_m = hmd_m + SURE_M * random.standard_normal(DRAWS)
    apart_ft = vertical_ft + SURE_FT * random.standard_normal(DRAWS)
    is_broken = {name: np.zeros(DRAWS, np.bool_) for name in PRESETS}
    for t in np.linspace(-30.0, 30.0, 121):
        away_m, above_ft = np.hypot(across_m, 150.0 * t), np.abs(apart_ft + climb_ftps * t)
        for name, asked in PRESETS.items():
            is_broken[name] |= (away_m < asked.horizontal_m) & (above_ft < asked.vertical_ft)
    return {name: float(broken.mean()) for name, broken in is_broken.items()}


@pytest.mark.parametrize("hmd_m", [20.0, 150.0, 480.0])
@pytest.mark.parametrize("vertical_ft", [0.0, 90.0, 430.0])
@pytest.mark.parametrize("climb_ftps", [0.0, 20.0])
def test_presets_are_broken_at_least_as_often_as_told(
    hmd_m: float, vertical_ft: float, climb_ftps: float
) -> None:
    """Of errors drawn at random; in level flight just as often, for then both are nearest at one instant."""
    told = made(passed(hmd_m, vertical_ft, climb_ftps)).probabilities()

    assert told.column_names == ["id", *PRESETS]
    for name, share in drawn_shares(hmd_m, vertical_ft, climb_ftps).items():
        (probability,) = told[name].to_pylist()
        assert probability <= share + THREE_ERRORS, name
        if not climb_ftps:
            assert probability == pytest.approx(share, abs=THREE_ERRORS), name


def test_the_preset_that_was_screened_by_is_as_probable_as_the_screen_says() -> None:
    """One row an encounter, by its id, in order; a wider preset is never less probable."""
    encounters = wb.screen(wb.read(wb.simulate.demo().tracks), minima="icao-terminal")
    encounters = replace(encounters, table=encounters.table.filter(pc.is_valid(encounters["vmd_ft"])))

    told = encounters.probabilities()

    assert told["id"].to_pylist() == encounters["id"].to_pylist()
    assert told["icao-terminal"].to_numpy() == pytest.approx(encounters["probability"].to_numpy())
    assert (told["icao-enroute"].to_numpy() >= told["icao-terminal"].to_numpy()).all()
    assert (told["ntsb-dca-close"].to_numpy() >= told["nmac"].to_numpy()).all()


def test_what_no_preset_can_tell_has_no_probability() -> None:
    """Null without a common altitude; 0 above where a preset ends; an error without the intervals."""
    high = sure(hmd_m=1.0, vertical_ft_at_cpa=0.0) | {"altitude_a_ft": 30_000.0, "altitude_b_ft": 30_000.0}
    told = made(sure(**UNKNOWN), high).probabilities()

    assert [told[name][0].as_py() for name in PRESETS] == [None] * len(PRESETS)
    assert (told["airborne-hotspots"][1].as_py(), told["do365-enroute"][1].as_py()) == (
        0.0,
        pytest.approx(1.0),
    )
    with pytest.raises(ColumnError, match=r"column id, hmd_high_m, .* is missing"):
        made(row()).probabilities()


def test_no_encounters_have_no_probabilities() -> None:
    """A table of no rows, with all its columns."""
    told = Encounters(schema(ENCOUNTER_COLUMNS).empty_table(), MINIMA).probabilities()
    assert (told.num_rows, told.num_columns) == (0, 1 + len(PRESETS))


# GeoJSON ----------------------------------------------------------------------------------------------


def lines(geometry: dict[str, Any]) -> list[list[list[float]]]:
    """The lines of a geometry, each a list of positions, checked against RFC 7946."""
    assert set(geometry) == {"type", "coordinates"}
    found = geometry["coordinates"] if geometry["type"] == "MultiLineString" else [geometry["coordinates"]]
    assert geometry["type"] in {"LineString", "MultiLineString"}
    for line in found:
        assert len(line) == 2
        for lon, lat in line:
            assert -180 <= lon <= 180
            assert -90 <= lat <= 90
        assert abs(line[0][0] - line[1][0]) <= 180
    return found


def geometry(lon_a: float, lat_a: float, lon_b: float, lat_b: float) -> dict[str, Any]:
    encounters = made(row(lon_a_deg=lon_a, lat_a_deg=lat_a, lon_b_deg=lon_b, lat_b_deg=lat_b))
    found: dict[str, Any] = encounters.to_geojson()["features"][0]["geometry"]
    return found


def test_an_encounter_is_a_line_from_one_aircraft_to_the_other() -> None:
    """Longitude first; all columns are properties, instants as RFC 3339 texts, unknown as null."""
    collection = made(row(), row(90, **UNKNOWN)).to_geojson()

    assert collection["type"] == "FeatureCollection"
    first, second = collection["features"]
    assert first["type"] == "Feature"
    assert first["geometry"] == {"type": "LineString", "coordinates": [[8.0, 47.0], [8.01, 47.01]]}
    assert set(first["properties"]) == set(row())
    assert first["properties"]["t_cpa"] == "2018-08-01T12:00:30.000001Z"
    assert first["properties"]["icao24_a"] == "400001"
    assert (second["properties"]["vmd_ft"], second["properties"]["t_vmd"]) == (None, None)
    json.dumps(collection, allow_nan=False)


lons, lats = st.floats(-180, 180), st.floats(-90, 90)


@given(lons, lats, lons, lats)
@example(179.9, 10, -179.9, 20)
@example(-179.9, 20, 179.9, 10)
@example(180, 10, -180, 20)
@example(-180, 10, 180, 20)
@example(180, 10, 180, 20)
@example(180, 10, -179.9, 20)
@example(-179.9, 10, 180, 20)
@example(0, 10, 180, 20)
@example(0, 10, -180, 20)
@example(90, 10, -90, 20)
@example(-0.0, 90, 180, -90)
def test_a_line_across_the_antimeridian_is_cut_there(
    lon_a: float, lat_a: float, lon_b: float, lat_b: float
) -> None:
    """Both parts end at it, at one latitude; the ends are where the aircraft are; the short way is taken."""
    parts = lines(geometry(lon_a, lat_a, lon_b, lat_b))

    (first_lon, first_lat), (last_lon, last_lat) = parts[0][0], parts[-1][-1]
    assert (first_lat, last_lat) == (lat_a, lat_b)
    for shown, real in ((first_lon, lon_a), (last_lon, lon_b)):
        assert shown == real or (abs(shown) == abs(real) == 180)
    if len(parts) == 2:
        ((lon, _), (end_lon, end_lat)), ((begin_lon, begin_lat), (last, _)) = parts
        assert lon != end_lon
        assert last != begin_lon
        assert (abs(end_lon), begin_lon, begin_lat) == (180, -end_lon, end_lat)
        assert min(lat_a, lat_b) - NANODEGREE <= end_lat <= max(lat_a, lat_b) + NANODEGREE
    width = sum(abs(line[0][0] - line[1][0]) for line in parts)
    assert width == pytest.approx(min(abs(lon_a - lon_b), 360 - abs(lon_a - lon_b)), abs=NANODEGREE)
    assert width <= 180


def test_the_cut_lies_on_the_line() -> None:
    """A quarter of the way in longitude is a quarter in latitude."""
    assert geometry(179.9, 10, -179.7, 14) == {
        "type": "MultiLineString",
        "coordinates": [
            [[179.9, 10], [180, pytest.approx(11, abs=NANODEGREE)]],
            [[-180, pytest.approx(11)], [-179.7, 14]],
        ],
    }


def test_two_aircraft_on_the_antimeridian_are_one_line_along_it() -> None:
    """180 and -180 are one meridian."""
    assert geometry(180, 10, -180, 20)["coordinates"] in ([[180, 10], [180, 20]], [[-180, 10], [-180, 20]])


@pytest.mark.parametrize("lost", ["lat_a_deg", "lon_b_deg"])
def test_an_encounter_without_a_position_has_no_geometry(lost: str) -> None:
    """Null, as the RFC has it, be the value or the column missing."""
    by_value = made(row(**{lost: None})).to_geojson()
    by_column = made(row(), names=[name for name in row() if name != lost]).to_geojson()

    assert by_value["features"][0]["geometry"] is by_column["features"][0]["geometry"] is None
    assert by_column["features"][0]["properties"]["hmd_m"] == 1000.0


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_figure_that_is_no_number_is_null_in_geojson(tmp_path: Path, value: float) -> None:
    """JSON knows neither NaN nor infinity."""
    encounters = made(row(closure_kt=value, lat_a_deg=value))

    encounters.write(tmp_path / "x.geojson")

    (feature,) = json.loads((tmp_path / "x.geojson").read_text())["features"]
    assert feature["properties"]["closure_kt"] is feature["geometry"] is None


# Files ------------------------------------------------------------------------------------------------


def test_encounters_come_back_from_parquet(tmp_path: Path) -> None:
    """With types, units and meanings."""
    encounters = made(row(), row(90, **UNKNOWN))

    encounters.write(str(tmp_path / "x.parquet"))

    back = pq.read_table(tmp_path / "x.parquet")
    assert Encounters(back, MINIMA, encounters.screening) == encounters
    assert back.schema.remove_metadata().equals(encounters.table.schema, check_metadata=True)


def test_csv_and_geojson_hold_the_same(tmp_path: Path) -> None:
    """A row each, instants as text."""
    encounters = made(row(), row(90, callsign_a='Ünïcode, "雪"'))

    encounters.write(tmp_path / "x.csv")
    encounters.write(tmp_path / "x.GeoJSON")

    written = (tmp_path / "x.csv").read_text(encoding="utf-8")
    assert written.count("\n") == 3
    assert written.count("2018-08-01T12:00:30.000001Z") == 1
    assert json.loads((tmp_path / "x.GeoJSON").read_text(encoding="utf-8")) == encounters.to_geojson()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["x.GeoJSON", "x.csv"]


@pytest.mark.parametrize("name", ["x.json", "x", "x.svg", ".geojson"])
def test_another_ending_is_refused(tmp_path: Path, name: str) -> None:
    """With those that are known."""
    says = f"'{name}': cannot tell the format. End the name in .parquet, .csv, .geojson, .kml, .kmz, .czml."
    with pytest.raises(UsageError, match=re.escape(says)):
        made(row()).write(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("ending", ["parquet", "csv", "geojson"])
def test_what_cannot_be_written_leaves_nothing(tmp_path: Path, ending: str) -> None:
    """A folder of that name is in the way."""
    (tmp_path / f"x.{ending}").mkdir()

    with pytest.raises(WriteError, match="cannot write"):
        made(row()).write(tmp_path / f"x.{ending}")
    assert [path.name for path in tmp_path.rglob("*")] == [f"x.{ending}"]


def test_a_screened_scene_over_the_antimeridian_is_written(tmp_path: Path) -> None:
    """What the screen finds passes the gate, and its GeoJSON is valid."""
    encounters = wb.screen(wb.read(scene("across_antimeridian").tracks))

    encounters.write(tmp_path / "x.geojson")

    (feature,) = json.loads((tmp_path / "x.geojson").read_text())["features"]
    parts = lines(feature["geometry"])
    assert all(abs(abs(lon) - 180) < 0.1 for part in parts for lon, _ in part)
    assert set(feature["properties"]) == set(ENCOUNTER_COLUMNS)

"""Known aerodromes: who is low beside one is in its circuit; a table of one's own, or the package's."""

from __future__ import annotations

import importlib.util
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from pyproj import Geod

import wideberth as wb
from wideberth.agreement.load import Agreement
from wideberth.errors import ColumnError, MissingExtraError, ReadError, UsageError
from wideberth.screen import scale
from wideberth.trust import airports
from wideberth.trust.airports import Airports
from wideberth.trust.limits import DEFAULT

if TYPE_CHECKING:
    from pathlib import Path

NOON = datetime(2025, 6, 1, 12, tzinfo=UTC)
WGS84 = Geod(ellps="WGS84")
LAT_DEG, LON_DEG, ELEVATION_FT = 36.586952, -121.842783, 256.6
FIELD = {"icao": ["KMRY"], "lat_deg": [LAT_DEG], "lon_deg": [LON_DEG], "elevation_ft": [ELEVATION_FT]}
SPHERE = 0.004  # a distance on the sphere is off by so much of itself


def crossing(
    away_m: float, above_ft: float, *, far_m: float | None = None, height: bool = False
) -> pl.DataFrame:
    """Two that cross north of the field, never heard below: so far away, so high above it."""
    t = np.arange(-300, 301, 5)
    rows = []
    for icao24, north, off_m in (
        ("a00001", 0.0, away_m),
        ("b00001", 60.0, away_m if far_m is None else far_m),
    ):
        lon, lat, _ = WGS84.fwd(LON_DEG, LAT_DEG, 0.0, off_m)
        rows.append(
            pl.DataFrame(
                {
                    "icao24": icao24,
                    "t": [NOON + timedelta(seconds=int(s)) for s in t],
                    "lat_deg": lat + north * t / 111_000.0,
                    "lon_deg": lon + (60.0 - north) * t / 89_500.0,
                    "altitude_ft": ELEVATION_FT + above_ft + 0.0 * t,
                }
            )
        )
    if height:
        rows[1] = rows[1].rename({"altitude_ft": "height_m"})
    return pl.concat(rows, how="diagonal")


def met(
    away_m: float, above_ft: float, airports: Any, *, far_m: float | None = None, height: bool = False
) -> dict[str, Any]:
    """What a screen finds of those two."""
    rows = crossing(away_m, above_ft, far_m=far_m, height=height)
    (found,) = wb.screen(wb.read(rows), horizontal_m=1000, vertical_ft=400, airports=airports)
    told: dict[str, Any] = found
    return told


def test_low_beside_a_field_is_its_circuit() -> None:
    """The sentence names the field, how near and how high; without a table nobody knows."""
    found = met(3100.0, 900.0, FIELD)

    assert (found["context"], found["reasons"]) == ("circuit", "circuit")
    assert found["why"] == "Both are within 3.1 km of KMRY and no higher than 900 ft above it."
    assert met(3100.0, 900.0, None)["context"] == met(3100.0, 900.0, False)["context"] == "none"


def test_judge_knows_aerodromes_as_screen_does() -> None:
    """An incident of two is in the circuit of a field of the table; without one nobody knows."""
    terms = Agreement.everyone(horizontal="1000 m", vertical="400 ft")
    contexts = [
        [row["context"] for row in wb.judge(wb.read(crossing(3100.0, 900.0)), terms, airports=airports)]
        for airports in (FIELD, None)
    ]

    assert contexts == [["circuit"], ["none"]]


@pytest.mark.parametrize(
    ("away_m", "far_m", "above_ft"),
    [(4700.0, None, 900.0), (4500.0, 4850.0, 900.0), (3100.0, None, 2050.0), (3100.0, None, -1100.0)],
)
def test_beyond_the_limits_it_is_not(away_m: float, far_m: float | None, above_ft: float) -> None:
    """Too far away, if only one of them; too high; deeper than the weather makes an altitude."""
    assert met(away_m, above_ft, FIELD, far_m=far_m)["context"] == "none"
    assert met(4500.0, 1950.0, FIELD)["context"] == "circuit"


def test_an_unknown_altitude_is_no_circuit() -> None:
    """Nobody knows how high above the field they are."""
    assert met(3100.0, 900.0, FIELD, height=True)["context"] == "none"


def test_the_nearest_of_several_is_named(tmp_path: Path) -> None:
    """From a file of whatever names, rows without a place left out; a field that is too high does not count."""
    path = tmp_path / "fields.csv"
    path.write_text(
        "ident,latitude_deg,longitude_deg,elevation_ft\n"
        f"NEAR,{LAT_DEG + 0.02},{LON_DEG},250\nHIGH,{LAT_DEG + 0.03},{LON_DEG},4000\n"
        f"KMRY,{LAT_DEG},{LON_DEG},256.6\nLOST,,,\nNOWHERE,x,y,z\n"
    )
    assert "km of NEAR and" in met(3100.0, 900.0, path)["why"]
    pl.read_csv(path).filter(pl.col("ident") == "KMRY").write_parquet(tmp_path / "fields.parquet")
    assert "km of KMRY and" in met(3100.0, 900.0, str(tmp_path / "fields.parquet"))["why"]
    assert (
        met(3100.0, 900.0, pa.table(FIELD))["context"] == met(3100.0, 900.0, pl.DataFrame(FIELD))["context"]
    )
    assert met(3100.0, 900.0, {name: [] for name in FIELD})["context"] == "none"


def test_company_stays_company() -> None:
    """A context that says more of the pair is not replaced."""
    rows = pl.concat(
        pl.DataFrame(
            {
                "icao24": icao24,
                "t": [NOON + timedelta(seconds=int(s)) for s in range(-300, 301, 5)],
                "lat_deg": [LAT_DEG + beside] * 121,
                "lon_deg": [LON_DEG + s * 5e-4 / 5 for s in range(-300, 301, 5)],
                "altitude_ft": 900.0,
            }
        )
        for icao24, beside in (("a00001", 0.0), ("b00001", 0.002))
    )
    (found,) = wb.screen(wb.read(rows), minima="icao-enroute", airports=FIELD)
    assert found["context"] == "company"


def test_distances_are_those_of_the_earth() -> None:
    """To a thousandth or so, across the antimeridian and at a pole as well; none within reach is missed."""
    random = np.random.default_rng(5)
    lat = np.concatenate([random.uniform(-60, 60, 300), [89.9, -17.0, -17.0]])
    lon = np.concatenate([random.uniform(-180, 180, 300), [10.0, 179.99, -179.99]])
    some = Airports([str(n) for n in range(lat.size)], lat, lon, np.zeros(lat.size))
    at_lon, at_lat, _ = WGS84.fwd(
        lon, lat, random.uniform(0, 360, lat.size), random.uniform(0, 8000, lat.size)
    )

    found = some.near(at_lat, at_lon, DEFAULT.airport_near_m)

    for n in range(lat.size):
        away_m = WGS84.inv(np.full(lat.size, at_lon[n]), np.full(lat.size, at_lat[n]), lon, lat)[2]
        assert set(np.flatnonzero(away_m <= DEFAULT.airport_near_m)) <= set(found[n])
        here = airports._distance_m(some, n, at_lat[n], at_lon[n])
        assert here == pytest.approx(away_m[n], rel=SPHERE + 0.002, abs=0.1)


def test_the_package_is_asked_for_by_true(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it is installed; else the error says how to get it."""
    if importlib.util.find_spec(airports.PACKAGE):
        assert "of KMRY and" in met(3100.0, 900.0, True)["why"]
    monkeypatch.setattr(airports, "PACKAGE", "no_such_package")
    with pytest.raises(MissingExtraError, match=r'pip install "wideberth\[airports\]"'):
        scale.Options.of(max_gap_s=60.0, airports=True)


def test_what_is_no_table_of_aerodromes_is_refused(tmp_path: Path) -> None:
    """By a sentence."""
    with pytest.raises(ColumnError, match="airports: no column elevation_ft or elevation "):
        Airports.of({name: values for name, values in FIELD.items() if name != "elevation_ft"})
    with pytest.raises(ReadError, match="airports: cannot read"):
        Airports.of(tmp_path / "none.csv")
    (tmp_path / "empty.csv").touch()
    with pytest.raises(ReadError, match="is no table"):
        Airports.of(tmp_path / "empty.csv")
    with pytest.raises(UsageError, match="airports are True, a path or a table, not"):
        Airports.of(7)

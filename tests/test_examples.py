"""The examples: each loads, explains itself, and judges traffic made for it as its sentences say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import wideberth as wb
from wideberth.agreement import draw, explain

EXAMPLES = Path(__file__).parents[1] / "examples"


def flight(
    icao24: str, start: datetime, a: tuple[float, float], b: tuple[float, float], feet: float, **columns: str
) -> pl.DataFrame:
    """Return a straight flight of ten minutes from a to b (lon, lat)."""
    n = 121
    table = pl.DataFrame(
        {
            "icao24": [icao24] * n,
            "t": [start + timedelta(seconds=5 * i) for i in range(n)],
            "lat_deg": np.linspace(a[1], b[1], n),
            "lon_deg": np.linspace(a[0], b[0], n),
            "altitude_ft": [feet] * n,
        }
    )
    defaults = {"callsign": "", "category": ""}
    return table.with_columns(pl.lit(text).alias(name) for name, text in (defaults | columns).items())


def judged(name: str, *flights: pl.DataFrame) -> list[tuple[Any, ...]]:
    """Return (rule, address, verdict) of the findings, in order."""
    terms = wb.Agreement.load(EXAMPLES / name)
    incidents = wb.judge(wb.read(pl.concat(flights), keep_all=True), terms).findings()
    return sorted((row["rule"], row["icao24_a"], row["verdict"]) for row in incidents)


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_example_loads_and_explains_itself(path: Path) -> None:
    """No fault; every rule and permission has a sentence; what has places is drawn."""
    terms = wb.Agreement.load(path)
    told = [sentence for _, sentence in explain.sentences(terms)]

    for each in (*terms.rules, *terms.permissions):
        assert any(sentence.startswith(f"{each.id}: ") for sentence in told)
    if terms.places:
        assert draw.svg(terms).count("<title>") >= len(terms.places)


def test_the_inter_korean_distances() -> None:
    """30 km north of the eastern sector an airplane is too near and a helicopter is not; 5 km south both are."""
    start = datetime(2019, 4, 5, 10, tzinfo=UTC)
    far, near = ((127.45, 38.60), (127.65, 38.60)), ((127.45, 38.285), (127.65, 38.285))

    found = judged(
        "inter-korean-2018.yaml",
        flight("720001", start, *far, 9000, category="A1"),
        flight("720002", start, *far, 9000, category="A7"),
        flight("718001", start, *near, 5000, category="A1"),
        flight("718002", start, *near, 3000, category="A7"),
        flight("718003", start, *near, 2000, category="A7", callsign="FIRE119"),
        flight("718004", start, *near, 7000),  # of unknown class: under no rule for a class
    )

    assert found == [
        ("fixed-wing", "718001", "broken"),
        ("fixed-wing", "720001", "broken"),
        ("rotary", "718002", "broken"),
        ("rotary", "718003", "excused"),
    ]


def test_of_unknown_class_is_said_per_rule() -> None:
    """How many flights a rule for a class could not tell."""
    start = datetime(2019, 4, 5, 10, tzinfo=UTC)
    table = flight("718004", start, (127.45, 38.285), (127.65, 38.285), 7000)
    incidents = wb.judge(
        wb.read(table, keep_all=True), wb.Agreement.load(EXAMPLES / "inter-korean-2018.yaml")
    )

    assert [each.class_unknown for each in incidents.judged] == [1, 1, 1, 1]


def test_both_thresholds_near_an_airport() -> None:
    """300 ft over one another is an occurrence; 150 ft is close, too; two airplanes are neither."""
    start = datetime(2024, 6, 1, 12, tzinfo=UTC)
    way = ((-77.05, 38.80), (-77.02, 38.90))
    airplane = flight("a00001", start, *way, 800, category="A3")
    helicopters = [
        flight(f"a0000{2 + k}", start, *way, 800 - down, category="A7") for k, down in enumerate((300, 150))
    ]
    other = flight("a00009", start, *way, 850, category="A3")

    terms = wb.Agreement.load(EXAMPLES / "dca-helicopters.yaml")
    incidents = wb.judge(wb.read(pl.concat([airplane, *helicopters, other]), keep_all=True), terms)
    pairs = sorted((row["rule"], row["icao24_a"], row["icao24_b"]) for row in incidents)

    assert pairs == [
        ("close", "a00001", "a00003"),
        ("occurrence", "a00001", "a00002"),
        ("occurrence", "a00001", "a00003"),
        ("occurrence", "a00002", "a00009"),
        ("occurrence", "a00003", "a00009"),
    ]


def test_fire_aircraft_are_excused_from_the_zone_around_a_wildfire() -> None:
    """Others are not, above its ceiling it is free, and after its time."""
    start = datetime(2026, 8, 2, 12, tzinfo=UTC)
    way = ((-121.70, 39.80), (-121.30, 39.80))

    found = judged(
        "wildfire.yaml",
        flight("a00001", start, *way, 5000, callsign="TANKER10"),
        flight("a00002", start, *way, 7000, callsign="N123AB"),
        flight("a00003", start, *way, 8500, callsign="N456CD"),
        flight("a00004", start + timedelta(days=1), *way, 6000, callsign="N789EF"),
        flight("a00005", start - timedelta(hours=1, minutes=30), *way, 4000, callsign="LIFE21"),
    )

    assert found == [
        ("keep-out", "a00001", "excused"),
        ("keep-out", "a00002", "broken"),
        ("keep-out", "a00005", "excused"),
    ]


def test_a_drone_keeps_out_of_a_school_on_school_days_and_inside_its_field() -> None:
    """120 m above 410 m is 1,739 ft above the sea, at 1020 hPa a pressure altitude of 1,555 ft."""
    monday, sunday = (datetime(2026, 3, day, 10, tzinfo=UTC) for day in (2, 1))
    over_school = ((7.449, 46.945), (7.451, 46.955))
    leaving = ((7.455, 46.95), (7.48, 46.95))

    found = judged(
        "u-space.yaml",
        flight("3e0001", monday, *over_school, 1500, category="B6"),
        flight("3e0002", sunday, *over_school, 1500, category="B6"),
        flight("3e0003", monday, *leaving, 1500, category="B6"),
        flight("3e0004", monday, (7.461, 46.945), (7.465, 46.955), 1600, category="B6"),
        flight("3e0005", monday, *over_school, 1500, category="A7"),
    )

    assert found == [
        ("spare-school", "3e0001", "broken"),
        ("stay-inside", "3e0003", "broken"),
        ("stay-inside", "3e0004", "broken"),
    ]


def test_everyone_on_the_swiss_day(shared_data: Path) -> None:
    """The agreement without parties finds what the screen finds."""
    tracks = wb.read(shared_data / "switzerland-2018-08-01.traffic.json.gz", keep_all=True)
    incidents = wb.judge(tracks, wb.Agreement.load(EXAMPLES / "everyone.yaml"))
    encounters = wb.screen(tracks, minima="icao-enroute")

    assert len(incidents) == len(encounters) == 170
    assert sorted(incidents["retained"].to_pylist()) == sorted(encounters["retained"].to_pylist())

"""The grades of airbornehotspots.org: each rule by an encounter made for it, and what is measured by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pytest

import wideberth as wb
from wideberth import simulate
from wideberth.kernels import together
from wideberth.kernels._jit import JIT
from wideberth.minima import PRESETS
from wideberth.trust.hotspots import GRADES

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Way = Callable[[Floats], tuple[Any, Any]]

NOON = datetime(2025, 6, 1, 12, tzinfo=UTC)
LAT_DEG, LON_DEG = 36.6, -121.8
METRES_PER_DEGREE_LAT, METRES_PER_DEGREE_LON = (
    110_973.0,
    89_500.0,
)  # there; a metre in a kilometre does not matter
NM_M, FT_M = 1852.0, 0.3048
SLACK_M = 3.0  # of this flat Earth, over the kilometres that a pair flies

WORLDS = 25 if JIT else 3


def flown(
    icao24: str, way: Way, *, feet: float = 5000.0, every_s: float = 5.0, span: tuple[float, float] = (-600, 600),
    skip: tuple[float, float] = (0, 0), category: str = "A1", beside_at: float | None = None,
) -> pl.DataFrame:  # fmt: skip
    """Rows of one aircraft; ``way`` tells metres east and north by seconds after noon."""
    t = np.arange(span[0], span[1] + 1e-6, every_s)
    t = t[(t <= skip[0]) | (t >= skip[1])]
    east_m, north_m = (np.broadcast_to(part, t.shape).astype(float).copy() for part in way(t))
    if beside_at is not None:
        north_m[np.argmin(np.abs(t - beside_at))] += 1500.0
    return pl.DataFrame(
        {
            "icao24": icao24,
            "t": [NOON + timedelta(seconds=float(s)) for s in t],
            "lat_deg": LAT_DEG + north_m / METRES_PER_DEGREE_LAT,
            "lon_deg": LON_DEG + east_m / METRES_PER_DEGREE_LON,
            "altitude_ft": float(feet),
            "category": category,
        }
    )


def eastward(speed_mps: float = 60.0) -> Way:
    """Through the middle at noon."""
    return lambda t: (speed_mps * t, 0.0)


def northward(east_m: float) -> Way:
    """Through the middle, so far beside it, when the other is there."""
    return lambda t: (east_m, 60.0 * t)


def beside(metres: float, faster_mps: float = 0.0) -> Way:
    """Along with `eastward`, so far to the side, and so much faster."""
    return lambda t: ((60.0 + faster_mps) * t, metres)


def grade(a: pl.DataFrame, b: pl.DataFrame, minima: str = "airborne-hotspots") -> str | None:
    """The grade of the only encounter."""
    (found,) = wb.screen(wb.read(pl.concat([a, b])), minima=minima)
    told: str | None = found["hotspots_grade"]
    return told


A = flown("a00001", eastward())
NEAR, FAR = 140.0, 600.0  # beside the middle: 99 m and 424 m at the nearest, as the two cross at right angles


@pytest.mark.parametrize("minima", ["airborne-hotspots", "icao-enroute"])
@pytest.mark.parametrize(
    ("b", "graded"),
    [
        (flown("b00001", northward(NEAR), feet=5100), "very high"),
        (flown("b00001", northward(NEAR), feet=5210), "high"),
        (flown("b00001", northward(FAR), feet=5100), "high"),
        (flown("b00001", beside(NEAR, 25.0)), "medium"),  # 43 s
        (flown("b00001", northward(NEAR), every_s=20), "medium"),  # sparse
        (flown("b00001", beside(NEAR, 5.0)), "medium"),  # 215 s, but 3 km apart at first: no formation
        (flown("b00001", beside(300.0)), "low"),  # all the time
        (flown("b00001", beside(NEAR, 5.0), span=(-250, 600)), "low"),  # 215 s, and near from the first
        (flown("b00001", northward(NEAR), category="A7"), "low"),
        (flown("b00001", northward(NEAR), span=(-28, 28)), "low"),  # tracked for 56 s
        (flown("b00001", northward(NEAR), span=(-32, 32), every_s=4), "very high"),  # for 64 s
        (flown("b00001", northward(NEAR), beside_at=30), "low"),  # leaps
        (flown("b00001", northward(NEAR), skip=(-24, 24)), "low"),  # no report for 48 s, 1.5 km
        (flown("b00001", northward(NEAR), skip=(-12, 12)), "medium"),  # 24 s, 900 m: under half a mile
    ],
)
def test_each_rule_is_kept(b: pl.DataFrame, graded: str, minima: str) -> None:
    """Whatever minima were screened by."""
    assert grade(A, b, minima) == graded


@pytest.mark.parametrize(
    ("b", "feet"),
    [
        (flown("b00001", northward(NEAR), feet=20_000), 20_000.0),  # above where it screens
        (flown("b00001", northward(NEAR), feet=5450), 5000.0),
        (flown("b00001", northward(900.0)), 5000.0),  # 636 m
    ],
)
def test_what_the_methodology_does_not_screen_has_no_grade(b: pl.DataFrame, feet: float) -> None:
    """Too high, too far above, too far beside."""
    assert grade(flown("a00001", eastward(), feet=feet), b, "icao-enroute") is None


def test_without_a_common_altitude_there_is_no_grade() -> None:
    """One tells pressure altitude, the other its height: nobody knows how far above."""
    b = flown("b00001", northward(NEAR)).rename({"altitude_ft": "height_m"})
    (found,) = wb.screen(wb.read(pl.concat([A, b], how="diagonal")), minima="icao-enroute")
    assert (found["vertical_reference"], found["hotspots_grade"]) == ("unknown", None)


def test_an_event_between_two_seconds_is_one() -> None:
    """Whoever was within 0.3 NM and 400 ft for an instant has a grade; all of a screen by these minima have."""
    b = flown("b00001", northward(2**0.5 * (0.3 * NM_M - 0.2)), feet=5399)
    assert grade(A, b) == "high"


def test_a_helicopter_is_one_that_said_so_within_ten_minutes() -> None:
    """Once is enough."""
    b = flown("b00001", northward(NEAR)).with_columns(
        category=pl.when(pl.int_range(pl.len()) == 7).then(pl.lit("A7")).otherwise(pl.lit(None))
    )
    assert grade(A, b) == "low"


def test_formation_is_of_the_time_in_which_both_were_tracked() -> None:
    """Together until noon, then apart: low; seen together for the last quarter only, and coming from afar: not."""

    def leaves(t: Floats) -> tuple[Any, Any]:
        return 60.0 * t, 300.0 + np.maximum(t, 0.0) * 40.0

    assert grade(A, flown("b00001", leaves)) == "low"
    assert grade(A, flown("b00001", lambda t: (60.0 * t, 300.0 + np.maximum(-t, 0.0) * 40.0))) == "medium"


def test_meetings_are_measured_as_by_hand() -> None:
    """Interpolated in steps of a second, over all rows: how long, how near, where first."""
    random = np.random.default_rng(3)
    compared = 0
    for _ in range(WORLDS):
        ways = []
        for _ in range(2):
            turn = np.cumsum(random.normal(0.0, 0.004, 1201))
            course = random.uniform(0.0, 2 * np.pi) + turn
            x, y = np.cumsum(70.0 * np.sin(course)), np.cumsum(70.0 * np.cos(course))
            ways.append((x - x[600] + random.normal(0, 200), y - y[600] + random.normal(0, 200)))
        seconds = np.arange(-600.0, 601.0)
        rows = [np.flatnonzero(seconds % 8 == offset) for offset in (0, 3)]
        rows[1] = rows[1][rows[1] > random.integers(0, 400)]
        feet = [5000.0 + 6.0 * random.normal() * seconds for _ in range(2)]
        at = [tuple(np.interp(seconds, seconds[r], part[r]) for part in (*way, ft))
              for way, r, ft in zip(ways, rows, feet, strict=True)]  # fmt: skip
        both = (seconds >= max(seconds[r[0]] for r in rows)) & (seconds <= min(seconds[r[-1]] for r in rows))
        away_m = np.hypot(at[0][0] - at[1][0], at[0][1] - at[1][1])
        is_near = away_m <= 0.3 * NM_M
        cpa = 600
        low = high = cpa
        while low - 1 >= 480 and is_near[low - 1]:
            low -= 1
        while high + 1 <= 720 and is_near[high + 1]:
            high += 1
        event = np.flatnonzero(np.abs(at[0][2] - at[1][2])[low : high + 1] <= 400.0) + low
        grid = np.flatnonzero(both & (seconds % 10 == 0))
        t_us = np.concatenate([seconds[r] for r in rows]).astype(np.int64) * 1_000_000
        lat = np.concatenate(
            [LAT_DEG + way[1][r] / METRES_PER_DEGREE_LAT for way, r in zip(ways, rows, strict=True)]
        )
        lon = np.concatenate(
            [LON_DEG + way[0][r] / METRES_PER_DEGREE_LON for way, r in zip(ways, rows, strict=True)]
        )
        place = [
            np.array([v])
            for east_m, north_m, _ in at
            for v in (
                LAT_DEG + north_m[cpa] / METRES_PER_DEGREE_LAT,
                LON_DEG + east_m[cpa] / METRES_PER_DEGREE_LON,
            )
        ]
        (found,) = together.meet(
            t_us, lat, lon, np.concatenate([ft[r] for ft, r in zip(feet, rows, strict=True)]),
            np.array([0, rows[0].size, t_us.size]), np.array([0], np.int32), np.array([1], np.int32),
            np.array([0]), *place, 600_000_000, 0.3 * NM_M, 400.0, 0.6 * NM_M,
        )  # fmt: skip

        first = np.flatnonzero(both)[0]
        assert found[together.FIRST_M] == pytest.approx(away_m[first], rel=0.01, abs=SLACK_M)
        assert found[together.SHARE_NEAR] == pytest.approx((away_m[grid] <= 0.6 * NM_M).mean(), abs=0.02)
        if event.size and is_near[cpa]:
            compared += 1
            assert found[together.EVENT_S] == pytest.approx(event[-1] - event[0], abs=2.0)
            assert found[together.EVENT_STEP_S] == 8.0
        for side, name in enumerate((together.FOUND_A_M, together.FOUND_B_M)):
            nearest = seconds[rows[side]]
            beside = [nearest[nearest <= 0][-1], nearest[nearest > 0][0]]
            off = [np.hypot(*(at[side][p][int(s) + 600] - at[side][p][cpa] for p in (0, 1))) for s in beside]
            assert found[name] == pytest.approx(min(off), rel=0.01, abs=SLACK_M)
    assert compared >= WORLDS // 3


def test_all_grades_occur_and_are_described() -> None:
    """The words of the column are those of its description; every event of a screen by these minima has one."""
    from wideberth.columns import ENCOUNTER_COLUMNS

    assert all(word in ENCOUNTER_COLUMNS["hotspots_grade"].meaning for word in GRADES)
    found = wb.screen(wb.read(simulate.demo().tracks), minima=PRESETS["airborne-hotspots"])
    known = [row for row in found if row["vertical_reference"] != "unknown"]
    assert known
    assert all(row["hotspots_grade"] in GRADES for row in known)

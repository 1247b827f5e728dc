"""The screen finds what a brute force over all pairs finds, in 500 random worlds.

The brute force is judged in turn: by marching through time, and by answers computed by others.
"""

from __future__ import annotations

import csv
import gzip
import json
from collections import defaultdict
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyproj
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import brute_force
import strategies
import wideberth
from brute_force import FEET, LAT, LON, METRES, REFERENCES, Encounter, T
from strategies import DAY, World

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

Array = npt.NDArray[np.float64]
Key = tuple[int, int, str]

pytestmark = pytest.mark.threads

TIME_S = 10e-6  # what is promised
ROUNDING_S = 1e-6  # a table's times are whole microseconds
DISTANCE_M = 10e-6  # what is promised
SHORT_S = 0.010  # shorter encounters need not be found
SHALLOW_M = 0.001  # encounters that reach less deep into the minima need not be found
NOISE_M = 1e-7  # Earth-centred coordinates have steps of 1e-9 m; some operations later, less than this
FOOT_M = 0.3048


def screened(world: World) -> dict[Key, list[Encounter]]:
    """Return what wideberth finds, in the brute force's words."""
    found = wideberth.screen(
        wideberth.read(strategies.frame_of(world), keep_all=True),
        horizontal_m=world.horizontal_m,
        vertical_ft=world.vertical_ft,
        max_gap_s=world.max_gap_s,
    )
    place = {name: i for i, name in enumerate(strategies.addresses(len(world.aircraft)))}
    grouped = defaultdict(list)
    for row in found.table.to_pylist():

        def seconds(name: str, row: dict[str, datetime] = row) -> float:
            return (row[name] - DAY).total_seconds() if row[name] is not None else np.nan

        def number(name: str, row: dict[str, float] = row) -> float:
            return row[name] if row[name] is not None else np.nan

        e = Encounter(
            a=place[row["icao24_a"]],
            b=place[row["icao24_b"]],
            reference=row["vertical_reference"],
            t_in_s=seconds("t_in"),
            t_out_s=seconds("t_out"),
            t_cpa_s=seconds("t_cpa"),
            hmd_m=number("hmd_m"),
            vertical_ft_at_cpa=number("vertical_ft_at_cpa"),
            vmd_ft=number("vmd_ft"),
            t_vmd_s=seconds("t_vmd"),
            retained=number("retained"),
            t_retained_s=seconds("t_retained"),
        )
        grouped[e.a, e.b, e.reference].append(e)
    for some in grouped.values():
        some.sort(key=lambda e: e.t_in_s)
    return grouped


def judged(world: World, closer_by_m: float = 0.0) -> dict[Key, list[Encounter]]:
    """Return what the brute force finds, the minima made smaller by a little."""
    grouped = defaultdict(list)
    for e in brute_force.encounters(
        world.aircraft,
        horizontal_m=world.horizontal_m - closer_by_m,
        vertical_ft=world.vertical_ft - closer_by_m / FOOT_M,
        max_gap_s=world.max_gap_s,
    ):
        grouped[e.a, e.b, e.reference].append(e)
    return grouped


def is_negligible(e: Encounter, world: World) -> bool:
    """Say whether an encounter is so short or so shallow that it need not be found."""
    height_m = world.vertical_ft * FOOT_M if e.reference != "unknown" else np.inf
    depth_m = (1.0 - e.retained) * min(world.horizontal_m, height_m)
    return 0.0 < e.t_out_s - e.t_in_s < SHORT_S or depth_m < SHALLOW_M


def measures_at(world: World, e: Encounter, t_s: float) -> dict[str, float]:
    """Return what the brute force measures between a pair at an instant."""
    states = []
    for i in (e.a, e.b):
        for leg in brute_force.legs_of(world.aircraft[i], e.reference, world.max_gap_s):
            if leg.t_s[0] - TIME_S <= t_s <= leg.t_s[-1] + TIME_S:
                states.append([x[0] for x in leg.at(np.array([t_s]))])
    if len(states) != 2:  # not an instant at which the pair can be compared
        return {"hmd_m": np.inf, "vmd_ft": np.inf, "retained": np.inf}
    (point_a, altitude_a), (point_b, altitude_b) = states
    horizontal_m = float(np.linalg.norm(point_b - point_a))
    vertical_ft = abs(float(altitude_b - altitude_a))
    parts = (horizontal_m / world.horizontal_m, vertical_ft / world.vertical_ft)
    return {"hmd_m": horizontal_m, "vmd_ft": vertical_ft, "retained": float(np.fmax(*parts))}


def differences(found: Encounter, expected: Encounter, world: World) -> list[str]:
    """Return in which figures an encounter differs by more than is promised."""
    retained_step = 1.0 / min(world.horizontal_m, world.vertical_ft * FOOT_M)
    steps = {"hmd_m": 1.0, "vmd_ft": 1.0 / FOOT_M, "retained": retained_step}
    wrong = [
        name for name in ("t_in_s", "t_out_s") if abs(getattr(found, name) - getattr(expected, name)) > TIME_S
    ]
    for value, instant in (("hmd_m", "t_cpa_s"), ("vmd_ft", "t_vmd_s"), ("retained", "t_retained_s")):
        a, b = getattr(found, value), getattr(expected, value)
        if expected.reference == "unknown" and value == "vmd_ft":
            wrong += [] if np.isnan([a, getattr(found, instant), found.vertical_ft_at_cpa]).all() else [value]
            continue
        if not abs(a - b) <= DISTANCE_M * steps[value]:
            wrong.append(value)
        when = getattr(found, instant)
        if abs(when - getattr(expected, instant)) <= TIME_S:
            continue
        # Where a pair keeps its distance, rounding decides which instant is nearest: any as near will do.
        there = min(measures_at(world, expected, when + dt)[value] for dt in (-ROUNDING_S, 0.0, ROUNDING_S))
        if not there <= b + NOISE_M * steps[value]:
            wrong.append(instant)
    if expected.reference != "unknown":
        around = [measures_at(world, expected, found.t_cpa_s + dt)["vmd_ft"] for dt in (-TIME_S, 0.0, TIME_S)]
        slack = DISTANCE_M / FOOT_M
        if not min(around) - slack <= found.vertical_ft_at_cpa <= max(around) + slack:
            wrong.append("vertical_ft_at_cpa")
    return wrong


def lies_within(small: Encounter, large: Encounter) -> bool:
    """Say whether one encounter is part of another, and so nowhere closer."""
    return (
        large.t_in_s - TIME_S <= small.t_in_s
        and small.t_out_s <= large.t_out_s + TIME_S
        and small.hmd_m >= large.hmd_m - DISTANCE_M
        and not small.vmd_ft < large.vmd_ft - DISTANCE_M / FOOT_M
    )


def is_within_rounding(world: World, key: Key, found: list[Encounter]) -> bool:
    """Say whether one pair's encounters lie between those for minima larger and smaller by `NOISE_M`."""
    larger, smaller = judged(world, -NOISE_M).get(key, []), judged(world, NOISE_M).get(key, [])
    nothing_added = all(
        any(lies_within(e, e2) for e2 in larger) for e in found if not is_negligible(e, world)
    )
    return nothing_added and all(
        any(lies_within(e, e2) for e2 in found) for e in smaller if not is_negligible(e, world)
    )


def disagreements(world: World) -> list[str]:
    """Return, pair by pair, where screen and brute force differ.

    They agree if the encounters that count are the same, one to one.  Where two aircraft keep almost
    exactly a minimum, rounding decides when it begins to be broken: then `is_within_rounding` must hold.
    """
    found, expected = screened(world), judged(world)
    problems = []
    for key in sorted(found.keys() | expected.keys()):
        f = [e for e in found.get(key, []) if not is_negligible(e, world)]
        x = [e for e in expected.get(key, []) if not is_negligible(e, world)]
        wrong = {name for both in zip(f, x, strict=False) for name in differences(*both, world)}
        is_unsure = len(f) != len(x) or bool(wrong & {"t_in_s", "t_out_s"})
        if (is_unsure or wrong) and not (is_unsure and is_within_rounding(world, key, found.get(key, []))):
            problems.append(f"{key}: {wrong or 'another number'}\n  found    {f}\n  expected {x}")
    return problems


@settings(max_examples=500)
@given(strategies.worlds())
def test_the_screen_finds_what_the_brute_force_finds(world: World) -> None:
    """The same encounters of the same pairs: times within 10 µs, distances within 10 µm."""
    assert not disagreements(world)


def test_the_worlds_are_worth_judging() -> None:
    """Small worlds of every kind hold all references, long and momentary encounters; some are quiet."""
    found = [
        judged(strategies.example_world(place, traffic, *oddities, seed=seed))
        for seed, place in enumerate(strategies.PLACES)
        for traffic in strategies.TRAFFIC
        for oddities in ((), ("references", "irregular"), ("single", "together"))
    ]
    some = [e for grouped in found for pair in grouped.values() for e in pair]

    assert {e.reference for e in some} == set(REFERENCES)
    assert any(e.t_in_s == e.t_out_s for e in some)
    assert sum(e.t_out_s - e.t_in_s > 1.0 for e in some) > len(found)
    assert 0 < sum(not grouped for grouped in found) < len(found) / 2


@settings(max_examples=60)
@given(strategies.worlds(traffic=("levels", "stationary")))
def test_exactly_the_minimum_apart_is_no_encounter(world: World) -> None:
    """In pressure altitude 1000 ft apart is not less than 1000 ft; so for horizontal distance."""
    for (_, _, reference), some in screened(world).items():
        for e in some:
            assert e.hmd_m < world.horizontal_m
            assert reference != "barometric" or e.vmd_ft < world.vertical_ft


def test_what_stays_the_same_is_least_when_it_begins() -> None:
    """Two aircraft on one track, 500 ft apart: every least value holds from the first common instant on."""
    t_s = np.arange(100.0, 160.0, 10.0)
    lower = np.column_stack([t_s, 47.0 + t_s * 1e-4, 8.0 + t_s * 1e-4, np.full(6, 1e4), np.full(6, np.nan)])
    upper = (lower + np.array([0.0, 0.0, 0.0, 500.0, 0.0]))[1:]
    world = World([lower, upper], 926.0, 1000.0, 60.0, "", "", frozenset(), 0)

    for found in (judged(world), screened(world)):
        ((key, (e,)),) = found.items()
        assert key == (0, 1, "barometric")
        assert (e.t_in_s, e.t_out_s) == (110.0, 150.0)
        assert (e.t_cpa_s, e.t_vmd_s, e.t_retained_s) == (110.0, 110.0, 110.0)
        assert (e.hmd_m, e.vertical_ft_at_cpa, e.vmd_ft, e.retained) == (0.0, 500.0, 500.0, 0.5)


def test_the_brute_force_cuts_legs_where_it_should() -> None:
    """A gap of 60 s is bridged, one of 60.000001 s is not; the first of two equal times counts."""
    nan = np.nan
    samples = np.array(
        [
            [86_000.1, 1.0, 1.0, nan, 5.0],
            [86_060.1, 2.0, 2.0, 100.0, nan],
            [86_060.1, 3.0, 3.0, 200.0, 9.0],  # second of its time
            [86_120.1, nan, 4.0, 300.0, nan],  # no position
            [86_120.100001, 5.0, 5.0, 400.0, nan],
            [86_130.0, 6.0, 6.0, nan, nan],  # no altitude
        ]
    )
    times = {r: [leg.t_s.tolist() for leg in brute_force.legs_of(samples, r, 60.0)] for r in REFERENCES}

    assert times == {
        "barometric": [[86_060.1], [86_120.100001]],
        "geometric": [[86_000.1]],
        "unknown": [[86_000.1, 86_060.1], [86_120.100001]],
    }


@settings(max_examples=150)
@given(strategies.worlds(max_aircraft=5, max_samples=12))
@example(strategies.example_world("pole", "formation", "references", seed=5))
@example(strategies.example_world("antimeridian", "dense", "gaps", seed=7))
@example(strategies.example_world("equator", "opposite", "irregular", seed=3))
def test_the_brute_force_agrees_with_a_march_through_time(world: World) -> None:
    """At each of many instants a pair is inside both minima just where the brute force says so."""
    expected = judged(world)
    for a, b in combinations(range(len(world.aircraft)), 2):
        march = March(world, a, b)
        for reference in REFERENCES:
            some = expected.get((a, b, reference), [])
            claimed = np.zeros(march.t_s.size, bool)
            for e in some:
                claimed |= (march.t_s > e.t_in_s) & (march.t_s < e.t_out_s)
            inside = march.is_inside(reference)
            assert not (claimed != inside)[march.is_clear_of_the_edge(reference)].any()

            for e in some:
                during = (march.t_s >= e.t_in_s) & (march.t_s <= e.t_out_s)
                if not during.any():
                    continue
                horizontal_m, vertical_ft = march.horizontal_m[during], march.vertical_ft[reference][during]
                retained = np.maximum(horizontal_m / world.horizontal_m, vertical_ft / world.vertical_ft)
                step_m, step_ft = march.longest_step(reference)
                step = max(step_m / world.horizontal_m, step_ft / world.vertical_ft)
                for least, marched, longest in (
                    (e.hmd_m, horizontal_m, step_m),
                    (e.vmd_ft, vertical_ft, step_ft),
                    (e.retained, retained, step),
                ):
                    if not np.isnan(least):
                        # No marched value is below the least one, and the march comes near it.
                        assert marched.min() - longest - 1e-6 <= least <= marched.min() + 1e-6


class March:
    """A pair looked at every few milliseconds, each sample of the march on its own."""

    STEPS = 4001

    def __init__(self, world: World, a: int, b: int) -> None:
        self.world = world
        self.pair = pair = [self.usable(world.aircraft[i]) for i in (a, b)]
        times = np.concatenate([rows[:, T] for rows in pair] + [[0.0]])[: -1 if any(map(len, pair)) else None]
        # It begins less than a step after the first instant, so that no instant of an encounter is further
        # than a step from the march.  No whole microsecond is met within 4000 s (1e6 k + 123457 has no factor
        # 2 or 5): an instant on which a leg begins or ends says nothing about an interval.
        self.step_s = (times.max() - times.min()) / (self.STEPS - 1) or 0.001
        self.t_s = times.min() + (np.arange(self.STEPS) + 0.123457) * self.step_s
        feet = [self.altitude(rows, FEET) for rows in pair]
        metres = [self.altitude(rows, METRES) for rows in pair]
        either = [self.altitude(rows, T) for rows in pair]
        by_feet = ~np.isnan(feet[0] + feet[1])
        by_metres = ~np.isnan(metres[0] + metres[1]) & ~by_feet
        self.holds = {
            "barometric": by_feet,
            "geometric": by_metres,
            "unknown": ~np.isnan(either[0] + either[1]) & ~by_feet & ~by_metres,
        }
        self.vertical_ft = {
            "barometric": np.abs(feet[1] - feet[0]),
            "geometric": np.abs(metres[1] - metres[0]) / FOOT_M,
            "unknown": np.zeros(self.STEPS),
        }
        self.horizontal_m = np.full(self.STEPS, np.nan)
        for reference, column in (("barometric", FEET), ("geometric", METRES), ("unknown", T)):
            here = self.holds[reference]
            difference = self.points(pair[1], column) - self.points(pair[0], column)
            self.horizontal_m[here] = np.linalg.norm(difference, axis=1)[here]

    def longest_step(self, reference: str) -> tuple[float, float]:
        """Return how many metres and feet a pair's distance can change in one step of the march."""
        column = {"barometric": FEET, "geometric": METRES, "unknown": T}[reference]
        fastest_mps = fastest_fps = 0.0
        for rows in self.pair:
            chosen = rows[~np.isnan(rows[:, column])]
            if len(chosen) < 2:
                continue
            dt = np.diff(chosen[:, T])
            xyz = brute_force.surface_points(chosen[:, LAT], chosen[:, LON])
            fastest_mps += (np.linalg.norm(np.diff(xyz, axis=0), axis=1) / dt).max()
            fastest_fps += (np.abs(np.diff(chosen[:, column])) / dt).max() / (
                FOOT_M if column == METRES else 1.0
            )
        return fastest_mps * self.step_s, fastest_fps * self.step_s

    @staticmethod
    def usable(samples: Array) -> Array:
        """Return samples with position and altitude, one for each time."""
        seen: dict[float, Array] = {}
        for row in samples:
            if not np.isnan(row[[LAT, LON]]).any() and not np.isnan(row[[FEET, METRES]]).all():
                seen.setdefault(row[T], row)
        return np.array([seen[t] for t in sorted(seen)]).reshape(-1, 5)

    def _around(self, rows: Array, column: int) -> tuple[Array, npt.NDArray[np.intp], Array]:
        """Return rows with a value in a column, the row before each instant, and the part of the step."""
        rows = rows[~np.isnan(rows[:, column])] if len(rows) else rows
        if len(rows) < 2:
            return rows, np.zeros(self.STEPS, np.intp), np.full(self.STEPS, np.nan)
        before = np.clip(np.searchsorted(rows[:, T], self.t_s) - 1, 0, len(rows) - 2)
        step_s = rows[before + 1, T] - rows[before, T]
        part = (self.t_s - rows[before, T]) / step_s
        outside = (part < 0) | (part > 1) | (step_s > self.world.max_gap_s + 5e-7)
        return rows, before, np.where(outside, np.nan, part)

    def altitude(self, rows: Array, column: int) -> Array:
        rows, before, part = self._around(rows, column)
        if len(rows) < 2:
            return part
        return np.asarray(rows[before, column] * (1 - part) + rows[before + 1, column] * part)

    def points(self, rows: Array, column: int) -> Array:
        rows, before, part = self._around(rows, column)
        if len(rows) < 2:
            return np.full((self.STEPS, 3), np.nan)
        xyz = brute_force.surface_points(rows[:, LAT], rows[:, LON])
        return np.asarray(xyz[before] * (1 - part[:, None]) + xyz[before + 1] * part[:, None])

    def is_inside(self, reference: str) -> npt.NDArray[np.bool_]:
        near = (self.horizontal_m < self.world.horizontal_m) & (
            self.vertical_ft[reference] < self.world.vertical_ft
        )
        return self.holds[reference] & near

    def is_clear_of_the_edge(self, reference: str) -> npt.NDArray[np.bool_]:
        """Say where no rounding decides; where nothing is known all is clear."""
        horizontal = np.abs(self.horizontal_m - self.world.horizontal_m) < 1e-6
        vertical = np.abs(self.vertical_ft[reference] - self.world.vertical_ft) < 1e-6
        return ~(self.holds[reference] & (horizontal | vertical))


@given(st.floats(-90, 90), st.floats(-180, 180))
@example(90.0, 0.0)
@example(0.0, 180.0)
def test_the_brute_force_knows_the_ellipsoid(lat_deg: float, lon_deg: float) -> None:
    """Its Earth-centred points are those of PROJ, to the nanometre that 64 bits allow."""
    expected = ELLIPSOID.transform(lon_deg, lat_deg, 0.0)

    assert brute_force.surface_points(np.array([lat_deg]), np.array([lon_deg]))[0] == pytest.approx(
        expected, abs=1e-8
    )


ELLIPSOID = pyproj.Transformer.from_pipeline("+proj=cart +ellps=WGS84")


def test_the_brute_force_finds_what_others_found_on_a_real_day(
    shared_data: Path, shared_oracles: Path
) -> None:
    """For each of 163 pairs over Switzerland it finds the 170 encounters that a foreign program lists."""
    expected = defaultdict(list)
    for row in csv.DictReader((shared_oracles / "switzerland_encounters.csv").open()):
        expected[row["icao24_a"], row["icao24_b"]].append(row)
    heard = defaultdict(list)
    with gzip.open(shared_data / "switzerland-2018-08-01.traffic.json.gz") as file:
        for row in json.load(file):
            heard[row["icao24"]].append(
                [row[name] for name in ("timestamp", "latitude", "longitude", "altitude")]
            )
    day_s = int(DAY.timestamp())

    compared = 0
    for pair, rows in expected.items():
        aircraft = [np.array(heard[name], float) for name in pair]
        aircraft = [
            np.column_stack([x[:, 0] / 1000 - day_s, x[:, 1:], np.full(len(x), np.nan)]) for x in aircraft
        ]
        found = brute_force.encounters(aircraft, horizontal_m=5 * 1852.0, vertical_ft=1000.0)
        assert len(found) == len(rows)
        for e, row in zip(found, sorted(rows, key=lambda r: float(r["t_start"])), strict=True):
            listed = [float(row[name]) - day_s for name in ("t_start", "t_end", "t_cpa")]
            assert [e.t_in_s, e.t_out_s, e.t_cpa_s] == pytest.approx(listed, abs=LISTED_S)
            assert e.hmd_m == pytest.approx(float(row["min_horizontal_m"]), abs=LISTED_M)
            assert e.vertical_ft_at_cpa == pytest.approx(float(row["vertical_ft_at_cpa"]), abs=0.1)
            compared += 1
    assert compared == 170


LISTED_S = 1.1e-4  # printed to 0.1 ms
LISTED_M = 1.1e-3  # printed to 1 mm

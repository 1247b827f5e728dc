"""The broad phase: it may not miss, and must leave little to look at closely."""

from __future__ import annotations

import tracemalloc
from collections import defaultdict
from dataclasses import replace
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import brute_force
import strategies
import wideberth
from brute_force import FEET, METRES
from strategies import World
from test_screen_brute_force import TIME_S, disagreements
from wideberth import simulate
from wideberth.screen import pairs
from wideberth.screen.pairs import Windows, candidate_windows
from wideberth.units import METRES_PER_NM

if TYPE_CHECKING:
    from pathlib import Path

    from wideberth.tracks import Legs, Tracks

pytestmark = pytest.mark.threads

FAIR = 20  # candidates per pair that truly meets; a screen that lets everything through has thousands
ALL_LEVELS_FT = 1e6  # no two aircraft are further apart in height
A_YEAR_US = 31_557_600_000_000


def tracks_of(world: World) -> Tracks:
    return wideberth.read(strategies.frame_of(world), keep_all=True)


def spans_by_pair(windows: Windows, legs: Legs) -> dict[tuple[int, int], list[tuple[float, float]]]:
    """Return, for each pair of aircraft, the windows in seconds of the world's day."""
    base_s = (legs.base_us - strategies.DAY_US) * 1e-6
    spans = defaultdict(list)
    for a, b, begin, end in zip(
        legs.aircraft[windows.leg_a].tolist(),
        legs.aircraft[windows.leg_b].tolist(),
        windows.from_us.tolist(),
        windows.until_us.tolist(),
        strict=True,
    ):
        spans[a, b].append((base_s + begin * 1e-6, base_s + end * 1e-6))
    return spans


def overlapping(legs: Legs) -> int:
    """Return how many pairs of legs, of two aircraft, have an instant in common."""
    t_in, t_out, whose = legs.t_in_us, legs.t_out_us, legs.aircraft
    together = np.maximum.outer(t_in, t_in) <= np.minimum.outer(t_out, t_out)
    return int((together & (whose[:, None] < whose[None, :])).sum())


@settings(max_examples=200)
@given(strategies.worlds(), st.sampled_from([None, 0.3, 7.0, 60.0, 5000.0]), st.booleans())
@example(strategies.example_world("pole", "dense", "jumps", seed=2), 7.0, False)
def test_no_encounter_is_outside_the_windows(
    world: World, slab_s: float | None, is_level_known: bool
) -> None:
    """Every encounter lies within one window of its pair, whole, however wide the slabs of time are."""
    flown = [samples.copy() for samples in world.aircraft]
    for samples in flown:
        samples[:, FEET] = np.where(np.isnan(samples[:, FEET]), samples[:, METRES], samples[:, FEET])
        samples[:, METRES] = np.nan
    world = replace(world, aircraft=flown, vertical_ft=world.vertical_ft if is_level_known else ALL_LEVELS_FT)
    tracks = tracks_of(world)
    legs = tracks.legs("barometric" if is_level_known else "any", max_gap_s=world.max_gap_s)
    windows = candidate_windows(
        legs,
        horizontal_m=world.horizontal_m,
        height=world.vertical_ft if is_level_known else np.inf,
        slab_s=slab_s,
    )
    spans = spans_by_pair(windows, legs)
    names = strategies.addresses(len(world.aircraft))
    place = {i: tracks.aircraft.index(name) for i, name in enumerate(names) if name in tracks.aircraft}
    encounters = brute_force.encounters(
        world.aircraft,
        horizontal_m=world.horizontal_m,
        vertical_ft=world.vertical_ft,
        max_gap_s=world.max_gap_s,
    )

    for e in encounters:
        assert any(
            begin - TIME_S <= e.t_in_s and e.t_out_s <= end + TIME_S
            for begin, end in spans[place[e.a], place[e.b]]
        )


@settings(max_examples=60)
@given(strategies.worlds(), st.sampled_from([None, 1.0, 30.0]))
def test_windows_are_within_both_legs_and_in_order(world: World, slab_s: float | None) -> None:
    """A window is of two aircraft, within both legs; those of one pair of legs follow one another, apart."""
    legs = tracks_of(world).legs(max_gap_s=world.max_gap_s)
    windows = candidate_windows(
        legs, horizontal_m=world.horizontal_m, height=world.vertical_ft, slab_s=slab_s
    )
    a, b = windows.leg_a, windows.leg_b
    keys = list(zip(a.tolist(), b.tolist(), windows.from_us.tolist(), strict=True))

    assert (legs.aircraft[a] < legs.aircraft[b]).all()
    assert (windows.from_us <= windows.until_us).all()
    for leg in (a, b):
        assert (legs.t_in_us[leg] <= windows.from_us).all()
        assert (windows.until_us <= legs.t_out_us[leg]).all()
    assert keys == sorted(keys)
    is_same = (a[1:] == a[:-1]) & (b[1:] == b[:-1])
    assert (windows.until_us[:-1] < windows.from_us[1:])[is_same].all()
    assert windows.pairs == len({key[:2] for key in keys})


@settings(max_examples=40)
@given(strategies.worlds(), st.integers(0, 2**32 - 1))
def test_legs_settled_together_are_no_candidates(world: World, seed: int) -> None:
    """Two legs that have a bit in common are left out, every other pair stays."""
    legs = tracks_of(world).legs(max_gap_s=world.max_gap_s)
    settled = np.random.default_rng(seed).integers(0, 4, len(legs)).astype(np.uint8)
    every, some = (
        candidate_windows(legs, horizontal_m=world.horizontal_m, height=world.vertical_ft, settled=bits)
        for bits in (None, settled)
    )
    stays = (settled[every.leg_a] & settled[every.leg_b]) == 0

    assert every.leg_a[stays].tolist() == some.leg_a.tolist()
    assert every.leg_b[stays].tolist() == some.leg_b.tolist()
    assert every.from_us[stays].tolist() == some.from_us.tolist()


# A fair share is rejected ---------------------------------------------------------------------------


def test_random_traffic_is_mostly_rejected() -> None:
    """In wide random worlds at most `FAIR` pairs are looked at for each that meets, and at most a fourth."""
    looked_at = meeting = together = 0
    for seed in range(48):
        world = strategies.make_world(
            place=strategies.PLACES[seed % 4],
            traffic="sparse",
            aircraft=30,
            samples=30,
            step_s=[1.0, 5.0, 10.0][seed % 3],
            horizontal_m=[926.0, 1852.0, 9260.0][seed // 3 % 3],
            vertical_ft=1000.0,
            max_gap_s=60.0,
            oddities=frozenset(),
            seed=seed,
        )
        tracks = tracks_of(world)
        found = wideberth.screen(tracks, horizontal_m=world.horizontal_m, vertical_ft=world.vertical_ft)
        looked_at += found.screening.candidates
        meeting += len(set(zip(found["icao24_a"].to_pylist(), found["icao24_b"].to_pylist(), strict=True)))
        together += overlapping(tracks.legs())

    assert meeting > 100
    assert looked_at <= FAIR * meeting
    assert looked_at <= together / 4


def test_scenes_among_bystanders_are_nearly_all_that_is_looked_at() -> None:
    """Of 200,000 pairs in the demo no more than twice those that are there to be found are looked at."""
    demo = simulate.demo(number=600)
    tracks = wideberth.read(demo.tracks)
    found = wideberth.screen(tracks)
    true = demo.truth.select("icao24_a", "icao24_b").unique()

    assert overlapping(tracks.legs()) > 200_000
    assert len(demo.truth) <= len(found)
    assert true.height <= found.screening.candidates <= 2 * (true.height + len(demo.silent))


def test_a_real_day_is_mostly_rejected(shared_data: Path) -> None:
    """Over Switzerland, of 28,949 pairs of legs, at most `FAIR` are looked at for each of 163 that meet."""
    tracks = wideberth.read(shared_data / "switzerland-2018-08-01.traffic.json.gz", keep_all=True)
    found = wideberth.screen(tracks, horizontal_m=5 * METRES_PER_NM, vertical_ft=1000.0)
    meeting = set(zip(found["icao24_a"].to_pylist(), found["icao24_b"].to_pylist(), strict=True))

    assert overlapping(tracks.legs()) == 28_949
    assert len(meeting) == 163
    assert found.screening.candidates <= FAIR * len(meeting)


# What is out of the ordinary ------------------------------------------------------------------------


def world_of(aircraft: list[list[tuple[float, float, float, float]]], **more: float) -> World:
    """Return a world of aircraft written as (seconds, lat, lon, feet)."""
    flown = [np.array([(*sample, np.nan) for sample in samples]) for samples in aircraft]
    usual = {"horizontal_m": 9260.0, "vertical_ft": 1000.0, "max_gap_s": 60.0}
    return World(
        flown, **{**usual, **more}, place="", traffic="", oddities=frozenset(), seed=0
    )  # fmt: skip


def test_a_jump_meets_those_at_both_its_ends() -> None:
    """An aircraft that jumps 3000 km within 10 s is near some on both sides, and near none on its way."""
    jumping = [(s, 47.0, 8.0 if s < 50 else 48.0, 30_000.0) for s in range(0, 101, 10)]
    crowd = [
        [(s, 47.0 + 0.01 * k, lon + 0.001 * s, 30_000.0) for s in range(0, 101, 10)]
        for k in range(-40, 40)
        for lon in (8.0, 28.0, 48.0)
    ]
    world = world_of([jumping, *crowd])
    tracks = tracks_of(world)
    found = wideberth.screen(tracks, horizontal_m=9260.0, vertical_ft=1000.0)
    expected = [
        e
        for other in range(1, len(world.aircraft))
        for e in brute_force.encounters(
            [world.aircraft[0], world.aircraft[other]], horizontal_m=9260.0, vertical_ft=1000.0
        )
    ]
    names = strategies.addresses(len(world.aircraft))
    ours = [row for row in found.table.to_pylist() if names[0] in (row["icao24_a"], row["icao24_b"])]

    assert len(expected) > 20
    assert len(ours) == len(expected)
    assert sorted(row["hmd_m"] for row in ours) == pytest.approx(sorted(e.hmd_m for e in expected), abs=1e-5)
    assert found.screening.candidates < overlapping(tracks.legs()) / 4


@settings(max_examples=40)
@given(strategies.worlds(max_aircraft=8, max_samples=12), st.floats(1.0, 300.0))
def test_motion_of_any_speed_is_found(world: World, faster: float) -> None:
    """Worlds played up to 300 times as fast, 90 km/s, are judged as by brute force: no box is too large."""
    flown = [samples.copy() for samples in world.aircraft]
    for samples in flown:
        samples[:, 0] = np.round(samples[:, 0] / faster * 1e6) / 1e6
    played = replace(world, aircraft=flown)

    assert not disagreements(played)


@pytest.mark.parametrize("pole", [-90.0, 90.0])
def test_all_that_meet_at_a_pole_are_found(pole: float) -> None:
    """Twelve aircraft fly over the pole from all sides at one time: all 66 pairs, nearest over the pole."""
    flights = [
        [
            (s, pole - np.sign(pole) * abs(s - 300) * 2e-3, 30.0 * k + (0.0 if s < 300 else 180.0), 30_000.0)
            for s in range(0, 601, 10)
        ]
        for k in range(12)
    ]
    flown = [
        [(s, lat, (lon + 180.0) % 360.0 - 180.0, ft) for s, lat, lon, ft in samples] for samples in flights
    ]
    found = wideberth.screen(tracks_of(world_of(flown)), horizontal_m=9260.0, vertical_ft=1000.0)
    names = strategies.addresses(12)

    assert {(row["icao24_a"], row["icao24_b"]) for row in found.table.to_pylist()} == set(
        combinations(names, 2)
    )
    assert len(found) == 66
    assert max(found["hmd_m"].to_pylist()) < 1e-6


def test_recordings_years_apart_take_no_room_in_between() -> None:
    """Two recordings 50 years apart give what each gives, and the years between take no memory."""
    world = strategies.example_world("equator", "formation", "references", seed=3)
    table = strategies.frame_of(world)
    later = table.with_columns(t=pl.col("t") + pl.duration(microseconds=50 * A_YEAR_US))
    minima = {"horizontal_m": world.horizontal_m, "vertical_ft": world.vertical_ft}
    alone = wideberth.screen(wideberth.read(table, keep_all=True), **minima).table.to_pylist()
    tracks = wideberth.read(pl.concat([later, table]), keep_all=True)
    tracemalloc.start()
    both = wideberth.screen(tracks, **minima).table.to_pylist()
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert len(alone) > 0
    for row in (*alone, *both):
        del row["rank"]  # it is among all
    assert both[: len(alone)] == alone
    assert [row["hmd_m"] for row in both] == 2 * [row["hmd_m"] for row in alone]
    assert peak_bytes < 20_000_000  # a byte for each of the slabs in between would be 26 MB


def test_long_gaps_do_not_make_more_boxes_than_there_is_room_for() -> None:
    """Where gaps of days are bridged slabs get longer; what is found stays the same."""
    rng = np.random.default_rng(5)
    flown = []
    for k in range(6):
        t_s = np.cumsum(rng.uniform(1e5, 9e5, 40)).round()
        lat, lon = 10.0 + 0.02 * k + np.cumsum(rng.normal(0, 0.01, 40)), 20.0 + rng.normal(0, 0.02, 40)
        flown.append(
            list(zip(t_s.tolist(), lat.tolist(), lon.tolist(), [30_000.0 + 100.0 * k] * 40, strict=True))
        )
    world = world_of(flown, max_gap_s=1e6)
    legs = tracks_of(world).legs(max_gap_s=1e6)
    slab_us, _, count = pairs._slabs(legs, 30.0)
    widest_s = int(legs.t_us.max()) * 1e-6

    assert int(count.sum()) <= pairs.FEW_BOXES
    assert slab_us > 30e6
    assert widest_s / 30.0 * len(flown) > pairs.FEW_BOXES  # else nothing had to give
    found = wideberth.screen(tracks_of(world), horizontal_m=9260.0, vertical_ft=1000.0, max_gap_s=1e6)
    assert len(found) > 10
    assert not disagreements(world)


def test_slabs_are_as_wide_as_the_minima_ask() -> None:
    """Three times the minimum at an airliner's speed, at least 30 s and at most 120 s."""
    assert pairs.slab_width_s(100.0) == pairs.SHORTEST_SLAB_S == 30.0
    assert pairs.slab_width_s(5000.0) == pytest.approx(60.0)
    assert pairs.slab_width_s(1e6) == pairs.LONGEST_SLAB_S == 120.0

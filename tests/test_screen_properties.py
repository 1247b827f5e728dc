"""What must leave the answer of the screen as it was, and what may only make it smaller."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
import textwrap
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

import brute_force
import strategies
import wideberth
from brute_force import FEET, LAT, LON, METRES, T
from strategies import DAY, World
from test_screen_brute_force import NOISE_M, is_negligible, lies_within, screened
from wideberth.columns import ENCOUNTER_COLUMNS
from wideberth.screen.select import Selection, area_from

if TYPE_CHECKING:
    import numpy.typing as npt

    from test_screen_brute_force import Key

    Array = npt.NDArray[np.float64]
    Rows = list[dict[str, Any]]

pytestmark = pytest.mark.threads

EARTH_RADIUS_M = 6_335_000.0  # smallest radius of curvature of the ellipsoid: a chord sags nowhere more
INSTANTS = ("t_in", "t_out", "t_cpa", "t_vmd", "t_retained")
OF_THE_PAIR = (
    *INSTANTS,
    "hmd_m",
    "vertical_ft_at_cpa",
    "vmd_ft",
    "retained",
    "closure_kt",
    "crossing_angle_deg",
    "vertical_reference",
)
# What trust adds stands after; an id is made of addresses and instants, which tests change.
MEASURED = [*itertools.takewhile(lambda name: name != "hmd_low_m", ENCOUNTER_COLUMNS)]
MEASURED.remove("id")
LISTS_AIRCRAFT = ("icao24_a", "icao24_b")


def rows_of(
    world: World, table: pl.DataFrame | None = None, *, keep_all: bool = True, **options: Any
) -> Rows:
    """Return the rows of the screen's table for a world, or for a table in its place."""
    tracks = wideberth.read(strategies.frame_of(world) if table is None else table, keep_all=keep_all)
    given = {
        "horizontal_m": world.horizontal_m,
        "vertical_ft": world.vertical_ft,
        "max_gap_s": world.max_gap_s,
        **options,
    }
    rows: Rows = wideberth.screen(tracks, **given).table.select(MEASURED).to_pylist()
    return rows


def pair_figures(rows: Rows) -> list[tuple[Any, ...]]:
    """Return what is measured of pairs, whoever is called a, in an order that does not depend on it."""
    figures = [
        (*sorted(row[name] for name in LISTS_AIRCRAFT), *(str(row[name]) for name in OF_THE_PAIR))
        for row in rows
    ]
    return sorted(figures)


def narrowed(world: World, by_m: float) -> World:
    """Return the world with both minima smaller by so much; larger, where that is negative."""
    return replace(
        world,
        horizontal_m=world.horizontal_m - by_m,
        vertical_ft=world.vertical_ft - by_m / brute_force.FOOT_M,
    )


def assert_same_but_for(world: World, other: World, slack_m: float, turned: Any = None) -> None:
    """Assert that another world has the encounters of this one, positions being uncertain by so much.

    Then each encounter of the one lies within one of the other once the minima are larger by that much.
    This holds for pairs that keep exactly a minimum, too, where the last bit decides whether it is broken.

    Args:
        world: as it was.
        other: as it became.
        slack_m: how far any distance may differ.
        turned: turns what was found in ``other`` back.
    """
    for small, large in ((narrowed(world, slack_m), other), (other, narrowed(world, -slack_m))):
        found = [turned(screened(w)) if turned and w is other else screened(w) for w in (small, large)]
        for key, some in found[0].items():
            for e in some:
                if not is_negligible(e, small):
                    assert any(
                        lies_within(
                            replace(e, hmd_m=e.hmd_m + slack_m, vmd_ft=e.vmd_ft + slack_m / 0.3), whole
                        )
                        for whole in found[1].get(key, [])
                    ), f"{key}: {e} is in none of {found[1].get(key)}"


def heard(world: World) -> World:
    """Return the world without what cleaning sets aside: no sample is second of its time, or nowhere."""
    flown = [brute_force.usable_samples(samples) for samples in world.aircraft]
    assume(all(len(samples) for samples in flown))
    return replace(world, aircraft=flown)


def heard_from_until_s(world: World) -> tuple[float, float]:
    """Return the times of the first and the last sample of all."""
    t_s = np.concatenate([samples[:, T] for samples in world.aircraft])
    return float(t_s.min()), float(t_s.max())


@settings(max_examples=60)
@given(strategies.worlds(), st.randoms(use_true_random=False))
def test_who_is_called_a_makes_no_difference(world: World, random: Any) -> None:
    """With addresses exchanged, all that is the pair's is the same to the bit, the rest changes sides."""
    order = list(range(len(world.aircraft)))
    random.shuffle(order)
    names = strategies.addresses(len(order))
    old_name = {names[i]: names[place] for i, place in enumerate(order)}
    before = rows_of(world)
    after = rows_of(replace(world, aircraft=[world.aircraft[place] for place in order]))
    for row in after:
        a, b = (old_name[row[name]] for name in LISTS_AIRCRAFT)
        is_turned = a > b
        row["icao24_a"], row["icao24_b"] = (b, a) if is_turned else (a, b)
        if is_turned:
            for name in [name for name in row if "_a_" in name and not name.startswith("bearing")]:
                twin = name.replace("_a_", "_b_")
                row[name], row[twin] = row[twin], row[name]
            one, other = "bearing_a_to_b_deg", "bearing_b_to_a_deg"
            row[one], row[other] = row[other], row[one]

    def key(row: dict[str, Any]) -> Any:
        return row["t_in"], row["icao24_a"], row["icao24_b"], row["vertical_reference"]

    assert sorted(before, key=key) == sorted(after, key=key)


@settings(max_examples=60)
@given(strategies.worlds(), st.integers(-(10**15), 10**15))
@example(strategies.example_world("pole", "dense", "references", "irregular", seed=2), 1)
def test_when_it_happens_makes_no_difference(world: World, shift_us: int) -> None:
    """Decades or a microsecond later all instants are later by just that, and nothing else is different."""
    shift = timedelta(microseconds=shift_us)
    before, after = (
        rows_of(world, strategies.frame_of(world).with_columns(t=pl.col("t") + by))
        for by in (timedelta(0), shift)
    )
    for row in after:
        row |= {name: row[name] - shift for name in INSTANTS if row[name] is not None}

    assert before == after


@settings(max_examples=60)
@given(strategies.worlds(), st.sampled_from([LAT, LON]))
def test_mirrored_worlds_agree(world: World, axis: int) -> None:
    """South for north, or west for east: all that belongs to the pair is the same to the bit."""
    mirrored = [samples.copy() for samples in world.aircraft]
    for samples in mirrored:
        samples[:, axis] *= -1.0
    before, after = rows_of(world), rows_of(replace(world, aircraft=mirrored))
    name = {LAT: "lat", LON: "lon"}[axis]

    assert pair_figures(before) == pair_figures(after)
    for one, other in zip(before, after, strict=True):
        for side in "ab":
            there = f"{name}_{side}_deg"
            assert abs(one[there] + other[there]) in (pytest.approx(0.0, abs=1e-12), 360.0)


@settings(max_examples=60)
@given(strategies.worlds(), st.floats(-360.0, 360.0))
@example(strategies.example_world("antimeridian", "formation", "references", seed=1), 180.0)
def test_turning_the_earth_changes_nothing(world: World, by_deg: float) -> None:
    """East or west by any angle, over the antimeridian or not: the same encounters, but for rounding."""
    turned = [samples.copy() for samples in world.aircraft]
    for samples in turned:
        samples[:, LON] = np.mod(samples[:, LON] + by_deg + 180.0, 360.0) - 180.0

    assert_same_but_for(world, replace(world, aircraft=turned), NOISE_M)


@settings(max_examples=60)
@given(strategies.worlds())
def test_backwards_in_time_it_is_the_same(world: World) -> None:
    """Flown backwards, encounters begin where they ended and come as near, but for rounding."""
    world = heard(world)
    backwards = [samples[::-1].copy() for samples in world.aircraft]
    for samples in backwards:
        samples[:, T] = np.round((strategies.DAY_S - samples[:, T]) * 1e6) / 1e6

    def turned(found: dict[Key, list[Any]]) -> dict[Key, list[Any]]:
        return {
            key: [
                replace(e, t_in_s=strategies.DAY_S - e.t_out_s, t_out_s=strategies.DAY_S - e.t_in_s)
                for e in some
            ]
            for key, some in found.items()
        }

    assert_same_but_for(world, replace(world, aircraft=backwards), NOISE_M, turned)


def refined(samples: Array, extra_us: list[int]) -> tuple[Array, float]:
    """Return samples with more of them on each chord, and how far the deepest lies below the surface."""
    xyz_m = brute_force.surface_points(samples[:, LAT], samples[:, LON])
    t_us = np.round(samples[:, T] * 1e6).astype(np.int64)
    new = np.setdiff1d([us for us in extra_us if t_us[0] < us < t_us[-1]], t_us).astype(np.int64)
    k = np.searchsorted(t_us, new) - 1
    part = (new - t_us[k]) / (t_us[k + 1] - t_us[k])
    points = xyz_m[k] + (xyz_m[k + 1] - xyz_m[k]) * part[:, None]
    between = samples[k] + (samples[k + 1] - samples[k]) * part[:, None]
    between[:, T] = new / 1e6
    # Straight up from a point of the chord; iterated as in any textbook, from the direction on a sphere.
    lon = np.arctan2(points[:, 1], points[:, 0])
    squared = brute_force.FLATTENING * (2.0 - brute_force.FLATTENING)
    p = np.hypot(points[:, 0], points[:, 1])
    lat = np.arctan2(points[:, 2], p * (1.0 - squared))
    for _ in range(6):
        radius = brute_force.SEMI_MAJOR_M / np.sqrt(1.0 - squared * np.sin(lat) ** 2)
        lat = np.arctan2(points[:, 2] + squared * radius * np.sin(lat), p)
    between[:, LAT], between[:, LON] = np.degrees(lat), np.degrees(lon)
    longest_m = np.linalg.norm(np.diff(xyz_m, axis=0), axis=1).max(initial=0.0)
    whole = np.concatenate([samples, between])
    return whole[np.argsort(whole[:, T], kind="stable")], float(longest_m**2 / (8.0 * EARTH_RADIUS_M))


@settings(max_examples=60)
@given(strategies.worlds(max_aircraft=6, max_samples=15), st.integers(1, 12), st.integers(0, 2**32 - 1))
def test_sampling_a_straight_motion_more_often_changes_no_more_than_the_sag(
    world: World, many: int, seed: int
) -> None:
    """More samples on the way from one sample to the next move no distance by more than twice the sag.

    Motion is along the chord, below the surface; a sample is a point of the surface.  So a sample taken
    of that motion lies straight above it, and the motion through it departs from the chord by at most the
    chord's sag s²/8R.  Of two aircraft each may, so that their distance changes by at most the sum.
    """
    world = heard(replace(world, max_gap_s=1e5))
    assume("jumps" not in world.oddities)  # its chord goes through the Earth
    rng = np.random.default_rng(seed)
    first, last = heard_from_until_s(world)
    flown = []
    sag_m = 0.0
    for samples in world.aircraft:
        more, deepest_m = refined(samples, rng.integers(first * 1e6, last * 1e6 + 1, many).tolist())
        is_known = ~np.isnan(samples[:, [FEET, METRES]]).any(
            axis=0
        )  # else it would change who is compared how
        more[:, [FEET, METRES]] = np.where(is_known, more[:, [FEET, METRES]], np.nan)
        flown.append(more)
        sag_m = max(sag_m, deepest_m)
    kept = [
        np.where(np.isnan(more[0]), np.nan, samples)
        for samples, more in zip(world.aircraft, flown, strict=True)
    ]
    world = heard(replace(world, aircraft=kept))

    assert_same_but_for(world, replace(world, aircraft=flown), 2.0 * sag_m + NOISE_M)


@settings(max_examples=80)
@given(strategies.worlds(max_aircraft=4, max_samples=15), st.integers(1, 40), st.integers(0, 2**32 - 1))
def test_a_step_may_be_cut_anywhere_along_its_chord(world: World, many: int, seed: int) -> None:
    """Against one that hovers, however often it is heard, the others come as near at the same time.

    A sample of one aircraft cuts the other's step at that instant: at the point of the chord, not of the
    surface.  Here the extra samples are exact, since the aircraft that has them stays at one point.
    """
    world = heard(replace(world, max_gap_s=1e5))
    rng = np.random.default_rng(seed)
    samples = world.aircraft[0].copy()
    samples[:, [LAT, LON]] = world.aircraft[1][len(world.aircraft[1]) // 2, [LAT, LON]]
    samples[:, [FEET, METRES]] = world.aircraft[1][0, [FEET, METRES]]
    first, last = heard_from_until_s(world)
    ends = np.repeat(samples[:1], 2, axis=0)
    ends[:, T] = first, last
    often = np.repeat(samples[:1], many, axis=0)
    often[:, T] = np.round(rng.uniform(first, last, many) * 1e6) / 1e6
    seldom = replace(world, aircraft=[ends, *world.aircraft[1:]])

    assert_same_but_for(
        seldom, replace(world, aircraft=[np.concatenate([ends, often]), *world.aircraft[1:]]), NOISE_M
    )


@settings(max_examples=60)
@given(strategies.worlds(), st.floats(0.05, 1.0), st.floats(0.05, 1.0))
def test_a_finer_minimum_never_finds_more(world: World, horizontal: float, vertical: float) -> None:
    """Each encounter at smaller minima lies within one at larger minima, and all together last no longer."""
    finer = replace(
        world, horizontal_m=horizontal * world.horizontal_m, vertical_ft=vertical * world.vertical_ft
    )
    found, coarser = screened(finer), screened(world)

    for key, some in found.items():
        assert all(any(lies_within(e, whole) for whole in coarser.get(key, [])) for e in some)
        lasting = [sum(e.t_out_s - e.t_in_s for e in group) for group in (some, coarser[key])]
        assert lasting[0] <= lasting[1] + 2e-6 * len(some)  # instants are rounded to 1 µs


@settings(max_examples=60)
@given(strategies.worlds(), st.integers(0, 86_000), st.integers(1, 50))
def test_one_far_away_changes_nothing(world: World, start_s: int, many: int) -> None:
    """Another aircraft, on the other side of the Earth, whenever it is heard: the same rows to the bit."""
    table = strategies.frame_of(world)
    near = next(
        sample for samples in world.aircraft for sample in samples if not np.isnan(sample[[LAT, LON]]).any()
    )
    assume("jumps" not in world.oddities)  # one of those may be there
    far = pl.DataFrame(
        {
            "icao24": ["500000"] * many,
            "t": [DAY + timedelta(seconds=start_s + 7 * k) for k in range(many)],
            "lat_deg": np.clip(-near[LAT] + np.arange(many) * 1e-3, -90, 90),
            "lon_deg": [near[LON] - 180.0 if near[LON] > 0 else near[LON] + 180.0] * many,
            "altitude_ft": [20_000.0] * many,
            "height_m": [6_000.0] * many,
        }
    ).with_columns(pl.col("t").cast(table.schema["t"]))

    assert rows_of(world, pl.concat([far, table])) == rows_of(world)


@settings(max_examples=60)
@given(strategies.worlds(), st.integers(0, 2**32 - 1), st.booleans())
def test_the_order_of_rows_changes_nothing(world: World, seed: int, keep_all: bool) -> None:
    """However the rows are mixed, sorted by aircraft or by time: the same rows to the bit."""
    world = heard(world)
    table = strategies.frame_of(world)
    expected = rows_of(world, table, keep_all=keep_all)

    for other in (table.sample(fraction=1.0, shuffle=True, seed=seed), table.sort("icao24"), table.sort("t")):
        assert rows_of(world, other, keep_all=keep_all) == expected


THREADS = """
    import hashlib, sys
    import polars as pl, pyarrow as pa
    sys.path.insert(0, sys.argv[1])
    import strategies, wideberth
    from wideberth import simulate

    def digest(table, **options):
        encounters = wideberth.screen(wideberth.read(table, keep_all=True), **options)
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, encounters.table.schema) as writer:
            writer.write_table(encounters.table.combine_chunks())
        return f"{len(encounters)} {hashlib.sha256(sink.getvalue()).hexdigest()}"

    print(digest(simulate.demo(number=60).tracks))
    for seed in range(6):
        world = strategies.make_world(
            place=strategies.PLACES[seed % 4], traffic="dense", aircraft=40, samples=60, step_s=5.0,
            horizontal_m=9260.0, vertical_ft=1000.0, max_gap_s=60.0,
            oddities=frozenset(strategies.ODDITIES[seed:seed + 3]), seed=seed)
        print(digest(strategies.frame_of(world), horizontal_m=9260.0, vertical_ft=1000.0))
"""


@pytest.mark.slow
def test_the_number_of_threads_changes_no_bit() -> None:
    """One thread, two and three write the same bytes of Arrow."""
    told = [
        subprocess.run(
            [sys.executable, "-c", textwrap.dedent(THREADS), os.path.dirname(__file__)],
            env={**os.environ, "NUMBA_NUM_THREADS": threads},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.splitlines()
        for threads in ("1", "2", "3")
    ]

    assert len(told[0]) == 7
    assert all(int(line.split()[0]) > 0 for line in told[0])
    assert told[0] == told[1] == told[2]


# Options ------------------------------------------------------------------------------------------


@settings(max_examples=60)
@given(
    strategies.worlds(traffic=("dense", "climbing", "formation")),
    st.sampled_from([1e-6, 0.5, 20.0, 300.0, 1e6]),
)
def test_merging_joins_what_is_near_in_time(world: World, merge_gap_s: float) -> None:
    """Of encounters of one pair at most so far apart, the whole has the ends and the least figures."""
    gap = timedelta(seconds=merge_gap_s)
    groups: list[Rows] = []
    apart = sorted(
        rows_of(world), key=lambda r: (r["icao24_a"], r["icao24_b"], r["vertical_reference"], r["t_in"])
    )
    for row in apart:
        last = groups[-1][-1] if groups else None
        same = last and all(row[name] == last[name] for name in (*LISTS_AIRCRAFT, "vertical_reference"))
        if last and same and row["t_in"] - last["t_out"] <= gap:
            groups[-1].append(row)
        else:
            groups.append([row])
    expected = []
    for group in groups:
        nearest = min(group, key=lambda r: r["hmd_m"])
        worst = min(group, key=lambda r: r["retained"])
        whole = nearest | {
            "t_in": group[0]["t_in"],
            "closure_kt": group[0]["closure_kt"],
            "t_out": group[-1]["t_out"],
            "retained": worst["retained"],
            "t_retained": worst["t_retained"],
        }
        if whole["vmd_ft"] is not None:
            level = min(group, key=lambda r: r["vmd_ft"])
            whole |= {"vmd_ft": level["vmd_ft"], "t_vmd": level["t_vmd"]}
        expected.append(whole)

    def key(row: dict[str, Any]) -> Any:
        return row["t_in"], row["icao24_a"], row["icao24_b"]

    merged = rows_of(world, merge_gap_s=merge_gap_s)
    assert sorted(merged, key=key) == sorted(expected, key=key)


@pytest.mark.parametrize(("merge_gap_s", "count"), [(99.999999, 2), (100.0, 1)])
def test_a_gap_as_long_as_may_be_merged_is_merged(merge_gap_s: float, count: int) -> None:
    """Two encounters exactly 100 s apart are one where gaps of 100 s are merged, two where they are not."""
    t_s = np.array([0.0, 10.0, 20.0, 120.0, 130.0])
    lower = np.column_stack([t_s, 47.0 + t_s * 1e-4, np.full(5, 8.0), np.full(5, 1e4), np.full(5, np.nan)])
    upper = lower + np.array([0.0, 1e-3, 0.0, 300.0, 0.0])
    world = World([lower, upper], 926.0, 1000.0, 60.0, "", "", frozenset(), 0)

    assert len(rows_of(world, merge_gap_s=merge_gap_s)) == count


def test_worlds_hold_what_merging_joins() -> None:
    """Among small worlds there are pairs that part and meet again, so that merging has something to do."""
    worlds = [strategies.example_world("equator", "formation", "gaps", seed=seed) for seed in range(60)]
    apart, merged = (sum(len(rows_of(w, merge_gap_s=gap)) for w in worlds) for gap in (0.0, 1e6))

    assert merged < apart - 20


@settings(max_examples=60)
@given(strategies.worlds(), st.integers(0, 2**32 - 1))
def test_the_ground_is_taken_in_only_where_asked(world: World, seed: int) -> None:
    """Samples on the ground count as if absent; with include_ground as if they were in the air."""
    world = heard(world)
    table = strategies.frame_of(world)
    is_down = np.random.default_rng(seed).random(table.height) < 0.3
    marked = table.with_columns(pl.Series("on_ground", is_down.tolist()))

    assert rows_of(world, marked, include_ground=True) == rows_of(world, table)
    assume(not is_down.all())
    assert rows_of(world, marked) == rows_of(world, table.filter(pl.Series(~is_down)))


@settings(max_examples=60)
@given(strategies.worlds(), st.floats(0, 1), st.floats(0, 1), st.sampled_from(["band", "area", "time"]))
def test_a_selection_cuts_no_encounter(world: World, one: float, other: float, kind: str) -> None:
    """A band, an area or a span of time leaves encounters out, and those that stay exactly as they are."""
    low, high = sorted((one, other))
    rows = rows_of(world)
    if kind == "band":
        low_ft, high_ft = 20_000 + (low - 0.5) * 2000, 20_000 + (high - 0.5) * 2000
        select = Selection(low_ft=low_ft, high_ft=high_ft)

        def is_wanted(row: dict[str, Any]) -> bool:
            return any(
                h is None or low_ft <= h <= high_ft for h in (row["altitude_a_ft"], row["altitude_b_ft"])
            )

    elif kind == "area":
        west, south = 359.0 * low - 180.0, -90.0 * (1.0 - low)
        select = Selection(area=area_from(f"{west},{south},{west + 1.0},90"))

        def is_wanted(row: dict[str, Any]) -> bool:
            places = [(row["lon_a_deg"], row["lat_a_deg"]), (row["lon_b_deg"], row["lat_b_deg"])]
            return any(west <= lon <= west + 1.0 and south <= lat <= 90.0 for lon, lat in places)

    else:
        start, stop = (
            datetime.fromtimestamp(DAY.timestamp() + f * strategies.DAY_S, UTC) for f in (low, high)
        )
        select = Selection(since=start, until=stop)

        def is_wanted(row: dict[str, Any]) -> bool:
            return bool(row["t_out"] >= start and row["t_in"] <= stop)

    chosen = rows_of(world, select=select)
    assert chosen == [row for row in rows if is_wanted(row)]


def test_what_a_selection_leaves_out_is_counted() -> None:
    """Every encounter that a selection leaves out is in the count that goes with the result."""
    world = strategies.example_world("equator", "dense", seed=8)
    tracks = wideberth.read(strategies.frame_of(world))
    minima = {"horizontal_m": world.horizontal_m, "vertical_ft": world.vertical_ft}
    whole = wideberth.screen(tracks, **minima)
    chosen = wideberth.screen(tracks, **minima, select=Selection(low_ft=20_000.0))

    assert 0 < len(chosen) < len(whole)
    assert chosen.screening.filtered_out == len(whole) - len(chosen)

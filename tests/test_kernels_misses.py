"""How near a volume was missed: the kernel against a march in small steps, and what growing a circle does."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from test_kernels_places import Figure, VolumeOracle, blocks_of, flown, seen_by, star, walk
from wideberth.agreement.edges import edges_of
from wideberth.agreement.shapes import Shape
from wideberth.kernels import misses, zones
from wideberth.kernels._jit import JIT

WGS84 = Geod(ellps="WGS84")
NEAR_M, NEAR_FT = 1000.0, 500.0
LOOKS = 4001 if JIT else 401
SAME_M = 0.05  # the oracle's edges are chords
SEEDS = range(60) if JIT else range(2)  # interpreted under coverage, a seed takes ten seconds
SAMPLES = 9 if JIT else 3


@pytest.mark.parametrize("kind", [zones.AREA, zones.CIRCLE, zones.ROUND_CORRIDOR])
def test_no_instant_of_a_march_is_nearer_than_the_miss(kind: int) -> None:
    """What is told is so at the instant told, and no instant of a march is nearer."""
    near, compared = 0, 0
    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        here = (float(rng.choice([10.0, 180.0, -179.9])), float(rng.uniform(-80, 80)))
        size_m, radius_m = 4000.0, 0.0
        if kind == zones.AREA:
            rings = [star(rng, here, size_m, 6)]
            shape = Shape("area", (tuple(rings[0]),))
        elif kind == zones.CIRCLE:
            rings, radius_m = [[here, here]], 2000.0
            shape = Shape("circle", ((here,),), radius_m)
        else:
            rings, radius_m = [walk(rng, here, 3, size_m, 2 * size_m, 70.0)], 800.0
            shape = Shape("corridor", (tuple(rings[0]),), radius_m)
        figure = Figure(rings, is_closed=kind == zones.AREA)
        floor, ceiling = 2000.0, 3000.0
        begin, until = (5.0, 90.0) if seed % 3 == 0 else (-np.inf, np.inf)
        oracle = VolumeOracle(figure, kind, radius_m, floor, ceiling, [(begin, until)])
        tracks = flown(rng, figure, size_m, (2000, 3000))
        made = edges_of(shape)
        window = [np.array([each]) for each in (begin * 1e6, until * 1e6, floor, ceiling)]
        rows = misses.find_misses(
            *seen_by(tracks),
            kind,
            radius_m,
            *made.grown_box(radius_m + NEAR_M),
            *made,
            *window,
            NEAR_M,
            NEAR_FT,
        )
        for k in range(tracks.count):
            first, last = tracks.span(k)
            at = np.linspace(max(first, begin), min(last, until), LOOKS)
            if at[0] >= at[-1]:
                continue
            looks = _outside(oracle, tracks, k, at)
            nearness = np.maximum(looks[0] / NEAR_M, looks[1] / NEAR_FT)
            compared += 1
            told = rows[k, misses.NEARNESS]
            assert told <= min(nearness.min(), 1.0) + 1e-4, (seed, k)
            if told >= 1.0:
                continue
            near += 1
            there_m, there_ft = _outside(oracle, tracks, k, rows[k, [misses.T_US]] * 1e-6)
            assert rows[k, misses.OUTSIDE_M] == pytest.approx(there_m[0], abs=SAME_M)
            assert rows[k, misses.OUTSIDE_FT] == pytest.approx(there_ft[0], abs=0.01)
            assert first - 1e-6 <= rows[k, misses.T_US] * 1e-6 <= last + 1e-6
            governs = there_m[0] / NEAR_M - there_ft[0] / NEAR_FT
            if abs(governs) > 1e-3:
                assert (rows[k, misses.FACE] == zones.EDGE) == (governs > 0.0)
    assert near >= 0.2 * compared
    assert near <= 0.95 * compared


def _outside(oracle: VolumeOracle, tracks: Any, k: int, t_s: Any) -> tuple[Any, Any]:
    """Return how far outside the figure and the levels a track is at instants."""
    lon, lat, p, h = tracks.at(np.full(t_s.size, k), t_s)
    if oracle.kind == zones.CIRCLE:
        outside_m = np.linalg.norm(p - oracle.figure.starts[0], axis=1) - oracle.radius_m
    else:
        outside_m = oracle.figure.nearest(p)[0] - oracle.radius_m
        if oracle.kind == zones.AREA:
            outside_m = np.where(oracle.figure.is_inside(lon, lat), 0.0, outside_m)
    return np.maximum(outside_m, 0.0), np.maximum(np.maximum(oracle.floor - h, h - oracle.ceiling), 0.0)


def passing(aside_m: float, radius_m: float, heights: list[float], box_m: float = 5000.0) -> Any:
    """Return how a flight along the parallel of 50 N misses a circle so far north of it, from 1000 to 2000 ft."""
    lon, lat, _ = WGS84.fwd(10.0, 50.0, 0.0, aside_m)
    made = edges_of(Shape("circle", (((lon, lat),),), radius_m))
    n = len(heights)
    some = (
        np.full(n, 50.0),
        10.0 + (np.arange(n) - (n - 1) / 2) * 0.02,
        np.array(heights),
        np.array([0, n], np.int64),
    )
    window = [np.array([each]) for each in (-np.inf, np.inf, 1000.0, 2000.0)]
    t_us = np.arange(n, dtype=np.int64) * 10_000_000
    return misses.find_misses(
        t_us, *some, *blocks_of(*some), np.zeros(1, np.int64), zones.CIRCLE, radius_m,
        *made.grown_box(radius_m + box_m), *made, *window, box_m, 500.0,
    )[0]  # fmt: skip


@given(st.floats(1000.0, 4000.0), st.floats(100.0, 500.0), st.floats(1.0, 300.0))
def test_growing_a_circle_takes_as_much_off_the_miss(aside_m: float, radius_m: float, by_m: float) -> None:
    """At one level, a circle wider by so much is missed by so much less."""
    level = [1500.0] * 9
    before, after = passing(aside_m, radius_m, level), passing(aside_m, radius_m + by_m, level)

    assert before[misses.OUTSIDE_M] - after[misses.OUTSIDE_M] == pytest.approx(by_m, abs=2 * misses.EXACT_M)
    assert before[misses.FACE] == zones.EDGE


@pytest.mark.parametrize(
    ("height_ft", "face", "outside_ft"), [(2420.0, zones.CEILING, 420.0), (900.0, zones.FLOOR, 100.0)]
)
def test_above_and_below_the_levels_govern(height_ft: float, face: int, outside_ft: float) -> None:
    """Right over the place, how near it was is how far it is from the nearer level."""
    row = passing(0.0, 3000.0, [height_ft] * SAMPLES)

    assert row[[misses.FACE, misses.OUTSIDE_M, misses.OUTSIDE_FT]].tolist() == [face, 0.0, outside_ft]
    assert row[misses.NEARNESS] == outside_ft / 500.0


def test_who_is_never_near_has_no_miss() -> None:
    """Too high, or too far aside."""
    assert passing(0.0, 3000.0, [2500.0] * 9)[misses.NEARNESS] == 1.0
    assert passing(9000.0, 1000.0, [1500.0] * 9)[misses.NEARNESS] == 1.0

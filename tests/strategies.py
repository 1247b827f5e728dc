"""Made-up worlds for property tests: a few aircraft, some minima, and everything that feeds do wrong.

Times are seconds into `DAY`.

Hypothesis draws what kind of world it is, how large, which oddities it has, and a seed; NumPy does
the rest from the seed.  So a failing world shrinks to fewer aircraft, fewer samples and fewer oddities.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
from hypothesis import strategies as st

Array = npt.NDArray[np.float64]
Rng = np.random.Generator

EARTH_M = 6_371_000.0  # good enough to place aircraft; what they are judged by is their lat and lon
DAY_S = 86_400.0
DAY = datetime(2018, 8, 1, tzinfo=UTC)
DAY_US = int(DAY.timestamp()) * 1_000_000

PLACES = ("anywhere", "pole", "antimeridian", "equator")
TRAFFIC = ("dense", "sparse", "climbing", "formation", "stationary", "levels", "opposite")
ODDITIES = (
    "irregular",  # samples at any microsecond
    "duplicates",  # a second sample at the same time
    "single",  # an aircraft heard once
    "gaps",  # exactly max_gap_s, a microsecond more, or much more
    "references",  # some aircraft or samples have one altitude only
    "nowhere",  # samples without position or without altitude
    "jumps",  # one sample far away, as a decoder's error puts it
    "together",  # sample times shared by all, as a radar has them
)


@dataclass(frozen=True)
class World:
    """Aircraft as `brute_force.encounters` takes them, and the minima to judge them by."""

    aircraft: list[Array] = field(repr=False)
    horizontal_m: float
    vertical_ft: float
    max_gap_s: float
    place: str
    traffic: str
    oddities: frozenset[str]
    seed: int


def worlds(
    *,
    places: tuple[str, ...] = PLACES,
    traffic: tuple[str, ...] = TRAFFIC,
    max_aircraft: int = 14,
    max_samples: int = 40,
) -> st.SearchStrategy[World]:
    """Return a strategy of worlds, of all kinds or of some."""
    return st.builds(
        make_world,
        place=st.sampled_from(places),
        traffic=st.sampled_from(traffic),
        aircraft=st.integers(2, max_aircraft),
        samples=st.integers(2, max_samples),
        step_s=st.sampled_from([0.5, 1.0, 5.0, 10.0, 30.0, 60.0]),
        horizontal_m=st.sampled_from([152.4, 926.0, 1852.0, 9260.0]),
        vertical_ft=st.sampled_from([100.0, 400.0, 1000.0, 2000.0]),
        max_gap_s=st.sampled_from([60.0, 60.0, 60.0, 20.0]),
        oddities=st.frozensets(st.sampled_from(ODDITIES), max_size=4),
        seed=st.integers(0, 2**32 - 1),
    )


def make_world(
    *,
    place: str,
    traffic: str,
    aircraft: int,
    samples: int,
    step_s: float,
    horizontal_m: float,
    vertical_ft: float,
    max_gap_s: float,
    oddities: frozenset[str],
    seed: int,
) -> World:
    """Return the world that these choices and this seed make."""
    rng = np.random.default_rng(seed)
    start_s = round(rng.uniform(0, DAY_S - samples * step_s), 1)
    frame = local_frame(place, rng)
    # Narrow enough that some meet, whatever the minima.
    reach_m = horizontal_m * (rng.uniform(5, 60) if traffic == "sparse" else rng.uniform(0.5, 4))
    flown: list[Array] = []
    for i in range(aircraft):
        t_s = sample_times(rng, start_s, samples, step_s, oddities)
        leader = flown[0] if traffic == "formation" and i % 3 else None
        path = a_path(
            rng,
            t_s,
            start_s + samples * step_s / 2,
            reach_m,
            vertical_ft,
            traffic,
            frame,
            leader,
            horizontal_m,
        )
        flown.append(with_oddities(rng, path, oddities, max_gap_s))
    return World(flown, horizontal_m, vertical_ft, max_gap_s, place, traffic, oddities, seed)


def local_frame(place: str, rng: Rng) -> Array:
    """Return three unit vectors, (3, 3): up, east and north of the middle of the world."""
    lat = {
        "pole": rng.choice([-90.0, 90.0]) + rng.uniform(-0.05, 0.05),
        "equator": rng.uniform(-0.1, 0.1),
    }.get(place, rng.uniform(-75, 75))
    lon = 180.0 + rng.uniform(-0.05, 0.05) if place == "antimeridian" else rng.uniform(-180, 180)
    phi, lam = np.radians(lat), np.radians(lon)
    return np.array(
        [
            [np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)],
            [-np.sin(lam), np.cos(lam), 0.0],
            [-np.sin(phi) * np.cos(lam), -np.sin(phi) * np.sin(lam), np.cos(phi)],
        ]
    )


def lat_lon(frame: Array, x_m: Array, y_m: Array) -> tuple[Array, Array]:
    """Return degrees of points that lie x east and y north of the middle, on a tangent plane."""
    points = frame[0] + (x_m[:, None] * frame[1] + y_m[:, None] * frame[2]) / EARTH_M
    points /= np.linalg.norm(points, axis=1)[:, None]
    return np.degrees(np.arcsin(points[:, 2])), np.degrees(np.arctan2(points[:, 1], points[:, 0]))


def sample_times(rng: Rng, start_s: float, samples: int, step_s: float, oddities: frozenset[str]) -> Array:
    """Return ascending sample times of one aircraft, whole microseconds."""
    heard = 1 if "single" in oddities and rng.random() < 0.3 else samples
    first = 0 if rng.random() < 0.5 else rng.integers(0, samples)
    offset_s = 0.0 if "together" in oddities else rng.uniform(0, step_s)
    t_s = start_s + offset_s + step_s * np.arange(first, first + heard)
    if "irregular" in oddities:
        t_s += rng.uniform(-0.45, 0.45, t_s.size) * step_s
    return np.round(t_s * (1e6 if "irregular" in oddities else 10)) / (1e6 if "irregular" in oddities else 10)


def a_path(
    rng: Rng,
    t_s: Array,
    middle_s: float,
    reach_m: float,
    vertical_ft: float,
    traffic: str,
    frame: Array,
    leader: Array | None,
    horizontal_m: float,
) -> Array:
    """Return the samples of one aircraft: straight or turning, level, climbing or descending."""
    speed_mps = 0.0 if traffic == "stationary" and rng.random() < 0.5 else rng.uniform(20, 300)
    heading, turn = rng.uniform(0, 2 * np.pi), rng.choice([0.0, 0.0, rng.uniform(-0.05, 0.05)])
    if traffic == "opposite":
        heading, turn = rng.choice([0.0, np.pi]) + rng.normal(0, 0.02), 0.0
    if leader is not None:
        # The leader's own samples, moved: the same motion at the same times, or a step later.
        follower = leader[: t_s.size].copy()
        follower[:, 1] += rng.uniform(-0.3, 0.3) * horizontal_m / 111_000.0 * rng.choice([0, 1, 1, 4])
        follower[:, 1] = np.clip(follower[:, 1], -90, 90)
        follower[:, 0] += rng.choice([0.0, 0.0, 0.5, 10.0])
        follower[:, 3] += rng.choice([0.0, vertical_ft, 25.0, -vertical_ft / 2])
        follower[:, 4] += rng.choice([0.0, 30.48])
        return follower
    since_s = t_s - rng.normal(middle_s, min(reach_m / 200.0, 100.0))
    angle = heading + turn * since_s / 2
    ahead_m = speed_mps * since_s * (np.sinc(turn * since_s / 2 / np.pi) if turn else 1.0)
    x_m = rng.uniform(-0.5, 0.5) * reach_m + ahead_m * np.sin(angle)
    y_m = rng.uniform(-0.5, 0.5) * reach_m + ahead_m * np.cos(angle)
    lat_deg, lon_deg = lat_lon(frame, x_m, y_m)
    if rng.random() < 0.3:  # as printed by a feed: coarse, and repeated where it is slow
        lat_deg, lon_deg = np.round(lat_deg, 4), np.round(lon_deg, 4)

    if traffic == "levels":  # exactly the minimum apart, or half of it
        altitude_ft = np.full(t_s.size, 20_000.0 + rng.integers(0, 4) * vertical_ft / 2)
    else:
        climb_fps = rng.uniform(-50, 50) * (traffic == "climbing" or rng.random() < 0.3)
        altitude_ft = 20_000.0 + rng.uniform(-1, 1) * vertical_ft + climb_fps * since_s
        altitude_ft = np.clip(altitude_ft, 0, 60_000)
        if rng.random() < 0.8:
            altitude_ft = np.round(altitude_ft / 25) * 25
    height_m = altitude_ft * 0.3048 + rng.choice([0.0, rng.uniform(-100, 300)])
    return np.column_stack([t_s, lat_deg, lon_deg, altitude_ft, height_m])


def with_oddities(rng: Rng, path: Array, oddities: frozenset[str], max_gap_s: float) -> Array:
    """Return an aircraft's samples with what feeds do to them."""
    path = path.copy()
    n = len(path)
    if "gaps" in oddities and n > 2 and rng.random() < 0.6:
        k = rng.integers(1, n)
        wanted_s = rng.choice([max_gap_s, max_gap_s + 1e-6, max_gap_s - 1e-6, 3 * max_gap_s])
        path[k:, 0] = np.round((path[k:, 0] + wanted_s - (path[k, 0] - path[k - 1, 0])) * 1e6) / 1e6
    if "jumps" in oddities and rng.random() < 0.3:
        path[rng.integers(0, n), 1:3] = np.degrees(np.arcsin(rng.uniform(-1, 1))), rng.uniform(-180, 180)
    if "references" in oddities:
        kind = rng.choice(["geometric", "geometric", "barometric", "both", "mixed", "mixed"])
        if kind == "geometric":
            path[:, 3] = np.nan
        elif kind == "barometric":
            path[:, 4] = np.nan
        elif kind == "mixed":
            path[rng.random(n) < 0.4, 3] = np.nan
            path[rng.random(n) < 0.4, 4] = np.nan
    else:
        path[:, 4] = np.nan
    if "nowhere" in oddities:
        path[rng.random(n) < 0.1, 1] = np.nan
        path[rng.random(n) < 0.1, 3:5] = np.nan
    if "duplicates" in oddities and n > 1:
        again = path[rng.random(n) < 0.3].copy()
        again[:, 1] = np.clip(again[:, 1] + rng.choice([0.0, 0.01], len(again)), -90, 90)
        path = np.concatenate([path, again])
        path = path[np.argsort(path[:, 0], kind="stable")]
    return path


def shuffled(world: World, seed: int) -> list[tuple[int, Array]]:
    """Return (aircraft, sample) rows as a feed mixes them, each aircraft in order of time."""
    rows: list[Any] = [
        (sample[0], i, k, sample) for i, path in enumerate(world.aircraft) for k, sample in enumerate(path)
    ]
    if seed % 2:
        rows.sort(key=lambda row: (row[0], row[1], row[2]))
    return [(i, sample) for _, i, _, sample in rows]


def addresses(count: int) -> list[str]:
    """Return addresses in ascending order, the last a non-ICAO one."""
    return [f"{0x400000 + 4097 * i:06x}" for i in range(count - 1)] + ["~2b0d0d"]


def frame_of(world: World) -> pl.DataFrame:
    """Return the world as a feed would write it: rows of one table, unknown altitudes null."""
    names = addresses(len(world.aircraft))
    rows = shuffled(world, world.seed)
    samples = np.array([sample for _, sample in rows])
    return pl.DataFrame(
        {
            "icao24": [names[i] for i, _ in rows],
            "t": pl.Series(DAY_US + np.round(samples[:, 0] * 1e6).astype(np.int64)).cast(
                pl.Datetime("us", "UTC")
            ),
            "lat_deg": samples[:, 1],
            "lon_deg": samples[:, 2],
            "altitude_ft": samples[:, 3],
            "height_m": samples[:, 4],
        }
    ).with_columns(pl.col(pl.Float64).fill_nan(None))


def example_world(place: str, traffic: str, *oddities: str, seed: int) -> World:
    """Return one small world for an ``@example``."""
    return make_world(
        place=place,
        traffic=traffic,
        aircraft=4,
        samples=12,
        step_s=5.0,
        horizontal_m=926.0,
        vertical_ft=1000.0,
        max_gap_s=60.0,
        oddities=frozenset(oddities),
        seed=seed,
    )

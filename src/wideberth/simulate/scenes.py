"""Scenes: two aircraft each, flying so that how they meet is known.

An aircraft moves along a straight line in Earth-centred coordinates, which at one instant runs along the
surface, and is recorded, every few seconds, as the surface point straight below and a pressure altitude.
Each scene says what it means: so near, at that instant.  The second aircraft is shifted until the recorded
samples do just that.  The rest of the answer is measured on the samples by halving (`truth`), with nothing
that wideberth itself computes with.

Answers are for 5 NM and 1000 ft, and gaps up to 60 s.  Most scenes stand for something that goes wrong
easily: a pole, the antimeridian, a spacing of exactly the minimum, a gap, a single sample.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

from wideberth.simulate.earth import Real, Reals, east_north, positions, surface_points
from wideberth.simulate.truth import Samples, closest, episodes
from wideberth.units import METRES_PER_NM, MPS_PER_KNOT

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

HORIZONTAL_M = 5 * METRES_PER_NM
VERTICAL_FT = 1000.0
MAX_GAP_S = 60.0
NOON_US = 1_772_366_400_000_000  # 2026-03-01T12:00:00Z, the middle of every scene
# How well a scene is what it means.  Longitudes near 180° are stored to 3e-9 m; in formation that moves the
# closest approach by a microsecond.
PLACED_M = 1e-8
PLACED_S = 2e-6
STEPS = 12

INSTANT = pl.Datetime("us", "UTC")

TRUTH_SCHEMA: dict[str, pl.DataType] = {
    "scene": pl.String(),
    "icao24_a": pl.String(),
    "icao24_b": pl.String(),
    "t_in": INSTANT,
    "t_out": INSTANT,
    "t_cpa": INSTANT,
    "hmd_m": pl.Float64(),
    "vertical_ft_at_cpa": pl.Float64(),
    "vmd_ft": pl.Float64(),
}


@dataclass(frozen=True)
class Scene:
    """Two aircraft and what is known of them.

    Attributes:
        name: as in `SCENES`.
        says: what happens, in a sentence.
        tracks: columns of `wideberth.columns.TRACK_COLUMNS`, one row per sample, for `wideberth.read`.
        truth: one row per encounter, columns as in `TRUTH_SCHEMA`; none if the scene must stay silent.
    """

    name: str
    says: str
    tracks: pl.DataFrame
    truth: pl.DataFrame


class Demo(NamedTuple):
    """Every scene in one world, among bystanders.

    Attributes:
        tracks: all samples in the order of time.
        truth: every encounter there is, columns as in `TRUTH_SCHEMA`.
        silent: names of the scenes without any.
    """

    tracks: pl.DataFrame
    truth: pl.DataFrame
    silent: list[str]


@dataclass(frozen=True)
class Flight:
    """One aircraft; times are seconds after noon.

    Attributes:
        icao24, callsign: as it calls itself.
        point_m, velocity_mps: (3,) where it is at ``t_s``, and how it moves, along the surface there.
        t_s: that instant.
        altitude_ft: how high it is then.
        climb_fpm: its rate of climb.
        peaks: True: ``altitude_ft`` is the top of its climb, after which it descends at that rate.
        sampled_s: (n,) when it is recorded.
    """

    icao24: str
    callsign: str
    point_m: Reals
    velocity_mps: Reals
    t_s: float
    altitude_ft: float
    climb_fpm: float
    peaks: bool
    sampled_s: npt.NDArray[np.float64]

    def samples(self) -> Samples:
        """Return what is recorded of it."""
        t_us = np.rint(self.sampled_s * 1e6).astype(np.int64)
        elapsed_s = t_us.astype(Real) / 1_000_000 - Real(self.t_s)
        lat_deg, lon_deg = positions(self.point_m + elapsed_s[:, None] * self.velocity_mps)
        minutes = (-np.abs(elapsed_s) if self.peaks else elapsed_s).astype(float) / 60.0
        return Samples(t_us, lat_deg, lon_deg, self.altitude_ft + self.climb_fpm * minutes)

    def tracks(self) -> pl.DataFrame:
        """Return what is recorded of it, as a table."""
        recorded = self.samples()
        east, north = east_north(recorded.lat_deg, recorded.lon_deg)
        east_mps, north_mps = np.asarray(east @ self.velocity_mps), np.asarray(north @ self.velocity_mps)
        n = recorded.t_us.size
        track_deg = np.degrees(np.arctan2(east_mps, north_mps)).astype(np.float32) % np.float32(360.0)
        return pl.DataFrame(
            {
                "icao24": [self.icao24] * n,
                "t": pl.Series(recorded.t_us + NOON_US).cast(INSTANT),
                "lat_deg": recorded.lat_deg,
                "lon_deg": recorded.lon_deg,
                "altitude_ft": recorded.altitude_ft,
                "on_ground": [False] * n,
                "groundspeed_kt": (np.hypot(east_mps, north_mps) / MPS_PER_KNOT).astype(np.float32),
                "track_deg": track_deg,
                "callsign": [self.callsign] * n,
            }
        )

    def heard(self, from_s: float, until_s: float) -> Flight:
        """Return it as if recorded within an interval only, ends included."""
        return replace(
            self, sampled_s=self.sampled_s[(self.sampled_s >= from_s) & (self.sampled_s <= until_s)]
        )

    def silent(self, from_s: float, until_s: float) -> Flight:
        """Return it as if not recorded within an interval, ends excluded."""
        return replace(
            self, sampled_s=self.sampled_s[(self.sampled_s <= from_s) | (self.sampled_s >= until_s)]
        )


@dataclass(frozen=True)
class Meeting:
    """How two aircraft are meant to pass one another.

    Attributes:
        says: what happens, in a sentence.
        at: latitude and longitude of the first aircraft at the closest approach.
        tracks_deg, speeds_kt: of both, there.
        hmd_m: how near they come; the second passes to the right of its motion relative to the first.
        altitudes_ft, climbs_fpm: of both, at the closest approach.
        peaks: whether the second descends after the closest approach as it climbed before.
        t_cpa_s: when that is, in seconds after noon; by default between samples of both.
        minutes: for how long they are recorded, before and after noon.
        step_s: between samples.
        lag_s: how much later than the first the second is sampled.
        heard: what becomes of the recording of both.
    """

    says: str
    at: tuple[float, float]
    tracks_deg: tuple[float, float]
    speeds_kt: tuple[float, float]
    hmd_m: float
    altitudes_ft: tuple[float, float] = (35_000.0, 35_000.0)
    climbs_fpm: tuple[float, float] = (0.0, 0.0)
    peaks: bool = False
    t_cpa_s: float = 2.0
    minutes: float = 6.0
    step_s: float = 4.0
    lag_s: float = 1.3
    heard: Callable[[Flight, Flight], tuple[Flight, Flight]] = lambda a, b: (a, b)

    def flights(self, name: str, number: int) -> tuple[Flight, Flight]:
        """Return both aircraft, placed so that their recorded samples pass as is meant."""
        point_m = surface_points(*self.at)
        east, north = east_north(*self.at)
        angles = np.radians(np.asarray(self.tracks_deg, Real))
        speeds_mps = np.asarray(self.speeds_kt, Real) * Real(MPS_PER_KNOT)
        velocity_mps = (np.sin(angles)[:, None] * east + np.cos(angles)[:, None] * north) * speeds_mps[
            :, None
        ]
        every_s = np.arange(-self.minutes * 60.0, self.minutes * 60.0 + 1e-6, self.step_s)
        a, b = (
            Flight(
                icao24=f"{0xFD0000 + 16 * number + i:06x}",
                callsign=f"{name.replace('_', '').upper()[:7]}{i + 1}",
                point_m=point_m,
                velocity_mps=velocity_mps[i],
                t_s=self.t_cpa_s,
                altitude_ft=self.altitudes_ft[i],
                climb_fpm=self.climbs_fpm[i],
                peaks=self.peaks and i == 1,
                sampled_s=every_s + i * self.lag_s,
            )
            for i in range(2)
        )
        return self.heard(a, _placed(a, b, np.cross(north, east), self.hmd_m))


def _placed(a: Flight, b: Flight, down: Reals, hmd_m: float) -> Flight:
    """Return b shifted so that, as recorded, it is nearest to a when it is meant to be, and as near."""
    relative_mps = b.velocity_mps - a.velocity_mps
    speed_mps = np.sqrt((relative_mps**2).sum())
    ahead = relative_mps / speed_mps
    right = np.cross(down, ahead)
    recorded = a.samples()
    right_m, ahead_m, placed = Real(hmd_m), Real(0), b
    for _ in range(STEPS):
        placed = replace(b, point_m=b.point_m + right * right_m + ahead * ahead_m)
        t_s, least_m = closest(recorded, placed.samples())
        short_m, late_s = Real(hmd_m) - least_m, t_s - Real(a.t_s)
        if abs(short_m) < PLACED_M and abs(late_s) < PLACED_S:
            break
        right_m, ahead_m = right_m + short_m, ahead_m + late_s * speed_mps
    return placed  # even if it is no better than that: what is known of it is measured


NM, D = METRES_PER_NM, HORIZONTAL_M

SCENES: dict[str, Meeting] = {
    "head_on": Meeting(
        "opposite tracks at one level, 50 m abeam", (35.0, 40.5), (305, 125), (450, 480), 50.0
    ),
    "crossing": Meeting(
        "tracks cross at a right angle, 120 m apart, 50 ft above one another",
        (25.0, -45.0), (40, 130), (440, 470), 120.0, (35_000, 35_050),
    ),
    "overtaking": Meeting(
        "one track, the faster one passes 900 m abeam and 500 ft above",
        (-10.0, 20.0), (75, 75), (420, 480), 900.0, (34_000, 34_500), minutes=11,
    ),
    "parallel_1000_ft": Meeting(
        "3 NM abeam for as long as they are heard, exactly 1000 ft apart: the minimum is kept",
        (0.5, 100.0), (270, 270), (450, 440), 3 * NM, (35_000, 36_000),
    ),
    "parallel_975_ft": Meeting(
        "the same 975 ft apart: one encounter, from first to last heard",
        (-25.0, 135.0), (270, 270), (450, 440), 3 * NM, (35_000, 35_975),
    ),
    "climbing_through": Meeting(
        "one climbs through the other's level, 1 NM abeam",
        (40.0, -100.0), (200, 203), (450, 430), 1 * NM, (35_000, 34_700), (0, 2000),
    ),
    "meets_again": Meeting(
        "2 NM abeam, one climbs away and comes back down: two encounters",
        (30.0, 150.0), (10, 10), (450, 430), 2 * NM, (35_000, 36_400), (0, 600), peaks=True, minutes=2,
    ),
    "grazing_1_m_inside": Meeting(
        "1 m nearer than 5 NM", (10.0, -150.0), (0, 90), (450, 450), D - 1.0
    ),
    "grazing_5_mm_inside": Meeting(
        "5 mm nearer than 5 NM, for some hundredths of a second",
        (-30.0, -110.0), (0, 90), (450, 450), D - 0.005,
    ),
    "grazing_5_mm_outside": Meeting(
        "5 mm beyond 5 NM: the minimum is kept", (-50.0, 0.0), (0, 90), (450, 450), D + 0.005
    ),
    "grazing_1_m_outside": Meeting(
        "1 m beyond 5 NM: the minimum is kept", (15.0, 60.0), (0, 90), (450, 450), D + 1.0
    ),
    "formation": Meeting(
        "150 m abeam for as long as they are heard, drifting past one another at half a knot",
        (60.0, 90.0), (330, 330), (300, 300.5), 150.0, (20_000, 20_000), lag_s=0.0,
    ),
    "across_antimeridian": Meeting(
        "both cross 180° E, in opposite directions",
        (-17.0, 180.0), (80, 262), (450, 470), 1500.0, (37_000, 37_300),
    ),
    "over_the_pole": Meeting(
        "one flies over the north pole, the other past it at a right angle",
        (90.0, 0.0), (20, 110), (460, 440), 500.0, (33_000, 33_200),
    ),
    "with_a_gap": Meeting(
        "1 NM abeam, one not heard for 61 s around the closest approach: two encounters, none in between",
        (-35.0, -60.0), (100, 100), (450, 420), 1 * NM, t_cpa_s=2.2, step_s=1.0, lag_s=0.5,
        heard=lambda a, b: (a, b.silent(-30.5, 30.5)),
    ),
    "hidden_by_a_gap": Meeting(
        "head-on, near only while one is not heard for 61 s: nothing is inferred",
        (20.0, 5.0), (100, 280), (480, 480), 1 * NM, t_cpa_s=2.2, step_s=1.0, lag_s=0.5,
        heard=lambda a, b: (a, b.silent(-30.5, 30.5)),
    ),
    "bridged_gap": Meeting(
        "1 NM abeam, one not heard for exactly 60 s: one encounter, straight across",
        (-60.0, 100.0), (100, 100), (450, 420), 1 * NM, t_cpa_s=2.2, step_s=1.0, lag_s=0.0,
        heard=lambda a, b: (a, b.silent(-30.0, 30.0)),
    ),
    "hovering": Meeting(
        "a helicopter stands still, of no ICAO address, and is passed 300 m abeam",
        (38.87, -77.03), (0, 190), (0, 120), 300.0, (800, 1100), minutes=8,
        heard=lambda a, b: (replace(a, icao24="~2ab3c1"), b),
    ),
    "one_instant": Meeting(
        "one is last heard at the instant at which the other is first: zero length",
        (65.0, -150.0), (45, 45), (450, 420), 2 * NM, lag_s=0.0,
        heard=lambda a, b: (a.heard(-400, 0), b.heard(0, 400)),
    ),
    "one_sample": Meeting(
        "one is heard once, between two samples of the other: zero length",
        (-70.0, 40.0), (45, 135), (450, 420), 2 * NM, (35_000, 35_200),
        heard=lambda a, b: (a, b.heard(1, 4)),
    ),
}  # fmt: skip
"""Every scene by its name.  They lie far from one another, so that all fit into one world."""


def scene(name: str) -> Scene:
    """Return a scene of `SCENES` by its name.

    Raises:
        KeyError: there is none of that name.
    """
    meeting = SCENES[name]
    flights = sorted(meeting.flights(name, list(SCENES).index(name)), key=lambda flight: flight.icao24)
    a, b = (flight.samples() for flight in flights)
    rows = [
        {
            "scene": name,
            "icao24_a": flights[0].icao24,
            "icao24_b": flights[1].icao24,
            "t_in": _microseconds(episode.t_in_s),
            "t_out": _microseconds(episode.t_out_s),
            "t_cpa": _microseconds(episode.t_cpa_s),
            "hmd_m": float(episode.hmd_m),
            "vertical_ft_at_cpa": float(episode.vertical_ft_at_cpa),
            "vmd_ft": float(episode.vmd_ft),
        }
        for episode in episodes(a, b, horizontal_m=HORIZONTAL_M, vertical_ft=VERTICAL_FT, max_gap_s=MAX_GAP_S)
    ]
    as_numbers = {column: pl.Int64() if kind == INSTANT else kind for column, kind in TRUTH_SCHEMA.items()}
    return Scene(
        name=name,
        says=meeting.says,
        tracks=pl.concat([flight.tracks() for flight in flights]),
        truth=pl.DataFrame(rows, schema=as_numbers).cast(pl.Schema(TRUTH_SCHEMA)),
    )


def bystanders(number: int = 1000, *, seed: int = 0) -> pl.DataFrame:
    """Return the tracks of aircraft of which no two come too close, over Europe.

    They fly for six minutes through the points of a grid, at most 45 km away from them.  Points are at least
    105 km apart.  Four aircraft share each, in any direction, at levels exactly 1000 ft apart.

    Args:
        number: how many aircraft, up to 1024.
        seed: of their directions, speeds, levels, and instants at which they are heard.
    """
    if not 0 <= number <= 1024:
        raise ValueError(f"the grid holds up to 1024 bystanders, not {number}")
    random = np.random.default_rng(seed)
    cell, storey = np.divmod(np.arange(number), 4)
    lat_deg, lon_deg = 40.0 + cell // 16, -5.0 + 1.7 * (cell % 16)
    base_ft = 1000.0 * random.integers(5, 38, size=256)[cell]
    east, north = east_north(lat_deg, lon_deg)
    angles = random.uniform(0.0, 2 * np.pi, number)[:, None]
    velocity_mps = (np.sin(angles) * east + np.cos(angles) * north) * (
        random.uniform(300.0, 470.0, number)[:, None] * Real(MPS_PER_KNOT)
    )
    point_m = surface_points(lat_deg, lon_deg)
    first_s = random.uniform(-180.0, -170.0, number)
    frames = [
        Flight(
            icao24=f"{0xFE0000 + i:06x}",
            callsign=f"BY{i:04d}",
            point_m=point_m[i],
            velocity_mps=velocity_mps[i],
            t_s=0.0,
            altitude_ft=float(base_ft[i] + 1000.0 * storey[i]),
            climb_fpm=0.0,
            peaks=False,
            sampled_s=np.arange(first_s[i], 180.0, 10.0),
        ).tracks()
        for i in range(number)
    ]
    return pl.concat(frames) if frames else scene("crossing").tracks.clear()


def demo(*, seed: int = 0, number: int = 1000) -> Demo:
    """Return every scene in one world, and bystanders among whom nothing happens.

    Args:
        seed: of the bystanders.
        number: how many of them.
    """
    played = [scene(name) for name in SCENES]
    tracks = pl.concat([*(one.tracks for one in played), bystanders(number, seed=seed)])
    return Demo(
        tracks=tracks.sort("t", "icao24"),
        truth=pl.concat([one.truth for one in played]),
        silent=[one.name for one in played if one.truth.is_empty()],
    )


def _microseconds(t_s: Real) -> int:
    return int(np.rint(t_s * 1_000_000)) + NOON_US

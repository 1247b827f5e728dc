"""Flights whose true motion is known, recorded with errors as receivers and altimeters have them.

Errors come from a model that `judge.sure` does not use: of each aircraft a latent part that stays, a part that
wanders (Gauss-Markov) and a part that is new in each sample; time stamps that are late by what the aircraft
alone knows, rounded to whole seconds for every second one; an altimeter that is off by a constant, told in steps.
As a whole each error is as large as what is stated: 95 positions in 100 lie within the radius of the row's NACp.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from wideberth.simulate.earth import surface_points

if TYPE_CHECKING:
    import numpy.typing as npt
    import polars as pl

    Floats = npt.NDArray[np.float64]

FIRST_ADDRESS = 0x100000
START_S = 1_772_323_200.0  # 2026-03-01
SLOT_S = 3600.0
ALTITUDES_FT = (5000.0, 6000.0)
METRES_PER_DEG = 111_000.0
NAC_P = np.array([8, 9, 7, 8])
EPU_M = {7: 185.2, 8: 92.6, 9: 30.0}
RADIAL_95 = 2.4477
STEPS_FT = (25.0, 100.0)


@dataclass(frozen=True)
class Model:
    """How an error of position is made up, and how large other errors are.

    Attributes:
        stays, wanders: shares of the variance; the rest is new in each sample.
        tau_s: in how long what wanders forgets itself.
        late_s: standard deviation of how late an aircraft's time stamps are.
        altimeter_ft: standard deviation of an altimeter.
    """

    stays: float = 0.5
    wanders: float = 0.5
    tau_s: float = 600.0
    late_s: float = 0.306
    altimeter_ft: float = 63.8


@dataclass(frozen=True)
class World:
    """Recorded rows, and the truth; flight or pair k has the k-th hour to itself.

    Attributes:
        rows: as `wideberth.read` takes them.
        true_m: (n,) the greatest true depth of each flight, or the smallest true distance of each pair.
        true_ft: (n,) the true altitude of each flight, or the true vertical distance of each pair.
        arcs: (n, 3) of flights that turn: centre and radius in metres, speed in m/s.
    """

    rows: pl.DataFrame
    true_m: Floats
    true_ft: Floats
    arcs: Floats

    def place_at(self, flight: npt.NDArray[np.int64], t_s: Floats) -> tuple[Floats, Floats]:
        """Return where flights that turn truly were at instants of Unix time: latitudes and longitudes."""
        centre_m, radius_m, speed_mps = self.arcs[flight].T
        return _arc(centre_m, radius_m, speed_mps, t_s - START_S - flight * SLOT_S)


def turns(
    n: int,
    seed: int,
    model: Model,
    *,
    flat: bool = False,
    step_s: float = 5.0,
    depth_m: tuple[float, float] = (2e3, 8e3),
) -> World:
    """Return flights that turn past the meridian of Greenwich and back, one in each hour.

    Args:
        n: how many.
        seed: of the random numbers.
        model: of the errors.
        flat: they turn so wide that they stay near their greatest depth for minutes.
        step_s: between samples.
        depth_m: between which their greatest depths lie; negative: short of the meridian.
    """
    rng = np.random.default_rng(seed)
    speed = rng.uniform(120.0, 250.0, n)
    radius = rng.uniform(100e3, 200e3, n) if flat else rng.uniform(20e3, 40e3, n)
    depth = rng.uniform(*depth_m, n)
    centre = depth - radius
    altitude_ft = rng.uniform(*ALTITUDES_FT, n)
    half_s = 150.0
    t = np.arange(-half_s, half_s, step_s) + rng.uniform(0.0, step_s, n)[:, None]
    lat, lon = _arc(centre[:, None], radius[:, None], speed[:, None], t)
    fine_s = np.linspace(-5.0, 5.0, 101)
    true_lat, true_lon = _arc(centre[:, None], radius[:, None], speed[:, None], fine_s)
    true_m = np.sign(true_lon) * chords_m(true_lat, true_lon, true_lat, np.zeros(true_lon.shape))
    rows = _recorded(rng, model, np.arange(n), np.arange(n), t, lat, lon, altitude_ft[:, None] + 0.0 * t)
    return World(rows, true_m.max(axis=1), altitude_ft, np.stack([centre, radius, speed], axis=1))


def chords_m(lat_a: Floats, lon_a: Floats, lat_b: Floats, lon_b: Floats) -> Floats:
    """Return the straight distances between surface points."""
    away = surface_points(lat_a, lon_a) - surface_points(lat_b, lon_b)
    return np.asarray(np.sqrt((away**2).sum(axis=-1)), np.float64)


def _arc(centre_m: Floats, radius_m: Floats, speed_mps: Floats, t_s: Floats) -> tuple[Floats, Floats]:
    angle = speed_mps * t_s / radius_m
    east, north = centre_m + radius_m * np.cos(angle), radius_m * np.sin(angle)
    lat = 35.0 + north / METRES_PER_DEG
    return lat, east / (METRES_PER_DEG * np.cos(np.radians(35.0))) + 0.0 * lat


def passes(n: int, seed: int, model: Model, *, most_m: float, step_s: float = 5.0) -> World:
    """Return pairs that pass each other, one pair in each hour, at up to ``most_m`` and at any angle."""
    import polars as pl

    rng = np.random.default_rng(seed)
    miss = rng.uniform(-most_m, most_m, n)
    apart_ft = rng.uniform(0.0, 900.0, n)
    heading = rng.uniform(0.0, 2 * np.pi, n)
    turn = rng.uniform(np.radians(20.0), np.radians(180.0), n)
    velocity = []
    for course in (heading, heading + turn):
        speed = rng.uniform(120.0, 250.0, n)
        velocity.append(np.stack([speed * np.sin(course), speed * np.cos(course)], axis=1))
    relative = velocity[1] - velocity[0]
    square = np.stack([-relative[:, 1], relative[:, 0]], axis=1) / np.hypot(*relative.T)[:, None]
    fine_s = np.linspace(-3.0, 3.0, 601)
    places, recorded = [], []
    for which in (0, 1):
        begin = which * miss[:, None] * square
        places.append(_straight(begin, velocity[which], np.broadcast_to(fine_s, (n, fine_s.size))))
        t = np.arange(-200.0, 200.0, step_s) + rng.uniform(0.0, step_s, n)[:, None]
        altitude = np.full(t.shape, 8000.0) + which * apart_ft[:, None]
        recorded.append(
            _recorded(
                rng,
                model,
                2 * np.arange(n) + which,
                np.arange(n),
                t,
                *_straight(begin, velocity[which], t),
                altitude,
            )
        )
    (lat_a, lon_a), (lat_b, lon_b) = places
    distance_m = chords_m(lat_a, lon_a, lat_b, lon_b)
    return World(pl.concat(recorded), distance_m.min(axis=1), apart_ft, np.empty((0, 3)))


def _straight(begin_m: Floats, velocity_mps: Floats, t_s: Floats) -> tuple[Floats, Floats]:
    east = begin_m[:, :1] + velocity_mps[:, :1] * t_s
    north = begin_m[:, 1:] + velocity_mps[:, 1:] * t_s
    return 35.0 + north / METRES_PER_DEG, east / (METRES_PER_DEG * np.cos(np.radians(35.0)))


def _recorded(
    rng: np.random.Generator,
    model: Model,
    aircraft: npt.NDArray[np.int64],
    slot: npt.NDArray[np.int64],
    t_s: Floats,
    lat: Floats,
    lon: Floats,
    altitude_ft: Floats,
) -> pl.DataFrame:
    """Return rows of flights (n, samples) with errors."""
    import polars as pl

    n, m = t_s.shape
    nac_p = NAC_P[rng.integers(0, NAC_P.size, n)]
    sigma_m = np.array([EPU_M[int(k)] for k in nac_p]) / RADIAL_95
    east_m, north_m = (
        sigma_m[:, None] * _error(rng, model, n, m, float(t_s[0, 1] - t_s[0, 0])) for _ in range(2)
    )
    shown_s = t_s + model.late_s * rng.standard_normal((n, 1))
    shown_s = np.where((np.arange(n) % 2 == 0)[:, None], np.round(shown_s), shown_s)
    step_ft = np.where(np.arange(n) % 4 < 3, *STEPS_FT)[:, None]
    told_ft = altitude_ft + model.altimeter_ft * rng.standard_normal((n, 1))
    unix_us = np.round((START_S + slot[:, None] * SLOT_S + shown_s) * 1e6).astype(np.int64)
    return pl.DataFrame(
        {
            "icao24": np.repeat([f"{FIRST_ADDRESS + int(k):06x}" for k in aircraft], m),
            "t": pl.Series(unix_us.ravel()).cast(pl.Datetime("us", "UTC")),
            "lat_deg": (lat + north_m / METRES_PER_DEG).ravel(),
            "lon_deg": (lon + east_m / (METRES_PER_DEG * np.cos(np.radians(lat)))).ravel(),
            "altitude_ft": (np.round(told_ft / step_ft) * step_ft).ravel(),
            "nac_p": pl.Series(np.repeat(nac_p, m)).cast(pl.Int8),
        }
    )


def _error(rng: np.random.Generator, model: Model, n: int, m: int, step_s: float) -> Floats:
    """Return errors of unit variance, (n, m)."""
    keep: float = math.exp(-step_s / model.tau_s)
    wander: Floats = np.empty((n, m))
    wander[:, 0] = rng.standard_normal(n)
    for k in range(1, m):
        wander[:, k] = keep * wander[:, k - 1] + math.sqrt(1.0 - keep**2) * rng.standard_normal(n)
    fresh = max(1.0 - model.stays - model.wanders, 0.0)
    return np.asarray(
        np.sqrt(model.stays) * rng.standard_normal((n, 1))
        + np.sqrt(model.wanders) * wander
        + np.sqrt(fresh) * rng.standard_normal((n, m))
    )

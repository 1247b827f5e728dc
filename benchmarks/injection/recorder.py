"""Paths → rows, with the errors, the rates and the columns that a feed gives them.

Sizes: 14 CFR 91.227 wants NACp ≥ 8, 95 in 100 within 93 m, and most receivers do 10 to 30 m; what is not
compensated of latency is at most 0.6 s.  TIS-B comes from radar and multilateration: 50 to 150 m.  An altimeter may be
off by 125 ft at most for 95 in 100 aircraft; 50 ft is the usual deviation.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from injection.motion import MPS_PER_KNOT, Path
from injection.rows import Rows

if TYPE_CHECKING:
    import numpy.typing as npt

    from injection.days import Day

    Floats = npt.NDArray[np.float64]

ALTIMETER_FT = 50.0
RADAR_SWEEP_S = (4.8, 12.0)  # terminal and en-route radars turn at 12.5 and 5 a minute
RADAR_MISSES = 0.1  # share of sweeps without an answer
HEIGHT_NOISE_M = 6.0
VERTICAL_RATE_STEP_FPM = 64.0
ONE_DEGREE = 1.0


@dataclass(frozen=True)
class Feed:
    """What a way of being recorded does to a path.

    Attributes:
        wander_m: standard deviation of the position error that wanders, per axis.
        tau_s: in how long it forgets itself.
        fresh_m: standard deviation of what is new in each sample, per axis.
        late_s: age of a position at its time stamp, constant of the aircraft.
        jitter_s: half the width of what is added to that in each sample.
        bias_ft: constant error of altitude.
        step_ft: altitudes are whole multiples of it.
        is_radar: samples at a radar's turns, or as the day's `~` addresses have them.
        stays_m: standard deviation of the position error that stays, per axis: a radar that points a little askew.
    """

    wander_m: float
    tau_s: float
    fresh_m: float
    late_s: float
    jitter_s: float
    bias_ft: float
    step_ft: float
    is_radar: bool = False
    stays_m: float = 0.0


def adsb(rng: np.random.Generator) -> Feed:
    """Return what an aircraft's own reports are like: 10 to 30 m, up to 0.6 s late, in 25 ft but for 1 in 8."""
    return Feed(
        wander_m=rng.uniform(6.0, 18.0),
        tau_s=rng.uniform(30.0, 300.0),
        fresh_m=rng.uniform(1.0, 5.0),
        late_s=rng.uniform(0.0, 0.3),
        jitter_s=rng.uniform(0.1, 0.5),
        bias_ft=rng.normal(0.0, ALTIMETER_FT),
        step_ft=100.0 if rng.random() < 0.125 else 25.0,
    )


def tisb(rng: np.random.Generator, *, late_s: float, bias_ft: float) -> Feed:
    """Return what a radar's relay makes of an aircraft."""
    size = rng.uniform(50.0, 150.0) / np.sqrt(2.0)
    return Feed(
        wander_m=0.7 * size,
        tau_s=rng.uniform(8.0, 40.0),
        fresh_m=0.5 * size,
        late_s=late_s,
        jitter_s=0.3,
        bias_ft=bias_ft,
        step_ft=100.0 if rng.random() < 0.7 else 25.0,
        is_radar=True,
        stays_m=0.5 * size,
    )


def mlat(rng: np.random.Generator, *, bias_ft: float) -> Feed:
    """Return what multilateration makes of an aircraft; its altitude is the transponder's own."""
    size = rng.uniform(30.0, 200.0) / np.sqrt(2.0)
    return Feed(
        wander_m=0.9 * size,
        tau_s=rng.uniform(5.0, 30.0),
        fresh_m=0.4 * size,
        late_s=rng.uniform(0.0, 1.0),
        jitter_s=0.3,
        bias_ft=bias_ft,
        step_ft=25.0,
    )


def heard_s(rng: np.random.Generator, day: Day, path: Path, *, is_radar: bool = False) -> Floats:
    """Return time stamps within a path, apart as those of some flight of the day are, drop-outs included."""
    step = day.source.step_s
    if is_radar and not day.ghost_gaps_s:
        sweep = rng.uniform(*RADAR_SWEEP_S)
        t = np.arange(path.begin_s + rng.uniform(0.0, sweep), path.end_s, sweep)
        t = t[rng.random(t.size) > RADAR_MISSES]
        return np.unique(np.round(t))
    pool = day.ghost_gaps_s if is_radar else day.gaps_s
    gaps = pool[int(rng.integers(len(pool)))]
    gaps = np.roll(gaps, int(rng.integers(gaps.size)))
    times = -(-(path.end_s - path.begin_s) // float(gaps.sum())) + 1
    t = path.begin_s + rng.uniform(0.0, step) + np.concatenate([[0.0], np.cumsum(np.tile(gaps, int(times)))])
    t = np.unique(np.ceil(t / step) * step)
    return np.asarray(t[(t >= path.begin_s) & (t <= path.end_s)])


def wandering(rng: np.random.Generator, t_s: Floats, tau_s: float) -> Floats:
    """Return errors of unit variance whose correlation falls by e in ``tau_s``."""
    fresh = rng.standard_normal(t_s.size)
    keep = np.exp(-np.diff(t_s, prepend=t_s[:1]) / tau_s)
    made = fresh.copy()
    for i in range(1, made.size):
        made[i] = keep[i] * made[i - 1] + np.sqrt(1.0 - keep[i] ** 2) * fresh[i]
    return made


def record(
    rng: np.random.Generator,
    day: Day,
    path: Path,
    address: str,
    feed: Feed,
    *,
    like: str,
    t_s: Floats | None = None,
    callsign: str | None = None,
) -> Rows:
    """Return the rows that a feed makes of a path.

    Args:
        rng: of the errors.
        day: whose rates, steps of time and columns are taken.
        path: true.
        address: of the rows.
        feed: what its errors are.
        like: an address of the day whose other columns are taken, row by row.
        t_s: time stamps, if not drawn.
        callsign: of the rows; a new one if absent, none for `~`.
    """
    t = heard_s(rng, day, path, is_radar=feed.is_radar) if t_s is None else t_s
    true_s = t - feed.late_s + rng.uniform(-feed.jitter_s, feed.jitter_s, t.size)
    true_s = np.clip(true_s, path.begin_s, path.end_s)
    east, north, altitude = path.at(true_s)
    ve, vn = path.velocity(true_s)
    east, north = (
        true
        + feed.stays_m * rng.standard_normal()
        + feed.wander_m * wandering(rng, t, feed.tau_s)
        + feed.fresh_m * rng.standard_normal(t.size)
        for true in (east, north)
    )
    shown = Path(t, east, north, altitude, path.lat_deg, path.lon_deg)
    lat, lon = shown.degrees()
    model = day.rows(like)
    which = (np.arange(t.size) * model.t_s.size) // max(t.size, 1)
    others = model.others[which] if model.others.width else model.others
    if "callsign" in others.columns:
        name = None if address.startswith("~") else callsign or new_callsign(rng, day)
        others = others.with_columns(pl.lit(name, pl.String).cast(others["callsign"].dtype).alias("callsign"))
    if "squawk" in others.columns and not address.startswith("~"):
        squawk = "1200" if rng.random() < 0.5 else f"{rng.integers(0, 4096):04o}"
        others = others.with_columns(pl.lit(squawk).cast(others["squawk"].dtype).alias("squawk"))
    scale, offset = day.height_fit
    height = scale * altitude + offset + rng.normal(0.0, 15.0) + HEIGHT_NOISE_M * rng.standard_normal(t.size)
    climb = (path.at(true_s + 3.0)[2] - path.at(true_s - 3.0)[2]) * 10.0
    return Rows(
        address,
        t,
        lat_deg=np.round(lat, 6),
        lon_deg=np.round(lon, 6),
        altitude_ft=np.round((altitude + feed.bias_ft) / feed.step_ft) * feed.step_ft,
        height_m=np.where(np.isfinite(model.height_m[which]), height, np.nan),
        groundspeed_kt=np.round(np.hypot(ve, vn) / MPS_PER_KNOT + rng.normal(0.0, ONE_DEGREE, t.size)).clip(
            0
        ),
        track_deg=np.round(np.degrees(np.arctan2(ve, vn)) + rng.normal(0.0, ONE_DEGREE, t.size), 1) % 360.0,
        vertical_rate_fpm=np.where(
            np.isfinite(model.vertical_rate_fpm[which]),
            np.round(climb / VERTICAL_RATE_STEP_FPM) * VERTICAL_RATE_STEP_FPM + 0.0,  # no −0
            np.nan,
        ),
        on_ground=np.zeros(t.size, np.bool_),
        others=others,
    )


def new_callsign(rng: np.random.Generator, day: Day) -> str:
    """Return a flight identification that looks like the day's."""
    if day.name == "swiss":
        airline = ("SWR", "EZY", "AFR", "DLH", "BAW", "RYR", "KLM", "TAP", "AUA", "IBE")
        return f"{airline[int(rng.integers(len(airline)))]}{rng.integers(10, 9999)}"
    return f"N{rng.integers(100, 99999)}"

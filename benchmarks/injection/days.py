"""Base days: real recordings, the flights in them that can serve as models, and how often they are heard.

A day is cut in two halves in the middle of its time.  Parameters may be chosen on the first alone
("choose"); what is reported is measured on the second ("report").
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

import wideberth
from injection.motion import Path, metres_per_degree, path_of, smoothed
from injection.rows import Rows, rows_of

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

DATA = FilePath(__file__).resolve().parents[3] / "shared" / "data"
HALVES = ("choose", "report")

SHORTEST_S = 260.0  # a pass in the middle, and two minutes before and after it
LONGEST_GAP_S = 40.0  # within a model flight: longer ones hide how it flew
SLOWEST_MPS = 20.0  # taxiing is no model of flight
STEADY_MPS = 60.0  # steps of a model flight differ from its usual speed by less, or positions are wrong
# Positions are up to 0.6 s early or late (95 in 100 of the Swiss ones, along the track, against their smoothed path).
# Rounding that off over 1.4 sample intervals leaves airliners 0.1 to 0.2 g; less leaves 0.46 g in straight flight.
SMOOTHING_S = (5.0, 15.0)
AIRFIELD_CELL_DEG = 0.02
AIRFIELD_AIRCRAFT = 3  # that were low and slow in the cell
AIRFIELD_KT = 80.0


@dataclass(frozen=True)
class Source:
    """A recording.

    Attributes:
        file: its name in the data folder.
        step_s: its time stamps are whole multiples of this.
        is_low: general aviation flies there, below cruising levels.
        per_copy: how many injections do not crowd it.
        elevation_ft: pressure altitude of the ground, about.
    """

    file: str
    step_s: float
    is_low: bool
    per_copy: int
    elevation_ft: float


SOURCES = {
    "swiss": Source("switzerland-2018-08-01.traffic.json.gz", 10.0, False, 60, 1500.0),
    "monterey": Source("monterey-2025-06-01.jsonl.gz", 1.0, True, 40, 0.0),
    "blackrock": Source("blackrock-2023-08-29.jsonl", 1.0, True, 14, 3900.0),
}


@dataclass(frozen=True)
class Airfield:
    """A place where aircraft land: position, pressure altitude of the ground, and the runway's direction."""

    lat_deg: float
    lon_deg: float
    elevation_ft: float
    course_rad: float


@dataclass(frozen=True)
class Piece:
    """A stretch of a recorded flight, smoothed to what was probably flown."""

    address: str
    path: Path


@dataclass(frozen=True)
class Day:
    """Half a recorded day.

    Attributes:
        name: key of `SOURCES`.
        half: "choose" or "report".
        raw: every usable row as recorded, faulty ones too; columns as `wideberth.read` names them.
        clean: those that wideberth keeps.
    """

    name: str
    half: str
    raw: pl.DataFrame
    clean: pl.DataFrame
    cache: dict[str, Rows] = field(default_factory=dict)

    @property
    def source(self) -> Source:
        """What recording it is."""
        return SOURCES[self.name]

    @cached_property
    def frames(self) -> dict[str, pl.DataFrame]:
        """The cleaned rows of each address."""
        parts = self.clean.partition_by("icao24", as_dict=True)
        return {str(key[0]): part for key, part in parts.items()}

    @property
    def addresses(self) -> set[str]:
        """Every address in it."""
        return set(self.raw["icao24"].unique())

    def rows(self, address: str) -> Rows:
        """Return the cleaned rows of an address."""
        if address not in self.cache:
            self.cache[address] = rows_of(address, self.frames[address])
        return self.cache[address]

    @cached_property
    def begin_s(self) -> float:
        """When it begins."""
        return float(self.raw["t"].dt.epoch("us").min()) / 1e6  # type: ignore[arg-type]

    @cached_property
    def end_s(self) -> float:
        """When it ends."""
        return float(self.raw["t"].dt.epoch("us").max()) / 1e6  # type: ignore[arg-type]

    @cached_property
    def origin(self) -> tuple[float, float]:
        """The middle of its positions."""
        return float(np.median(self.raw["lat_deg"])), float(np.median(self.raw["lon_deg"]))

    @cached_property
    def pieces(self) -> list[Piece]:
        """Stretches of flights that can serve as models: heard often, moving, and flyable."""
        found = []
        for key, part in self.clean.partition_by("icao24", as_dict=True).items():
            address = str(key[0])
            if address.startswith("~"):
                continue
            found += [Piece(address, path) for path in _stretches(rows_of(address, part))]
        return found

    @cached_property
    def gaps_s(self) -> list[Floats]:
        """Times between the samples of each flight that tells its own position."""
        return self._gaps("^[^~]")

    @cached_property
    def ghost_gaps_s(self) -> list[Floats]:
        """Times between the samples of each `~` address; empty where the day has none."""
        return self._gaps("^~")

    def _gaps(self, pattern: str) -> list[Floats]:
        found = []
        chosen = self.clean.filter(pl.col("icao24").cast(pl.String).str.contains(pattern))
        for part in chosen.partition_by("icao24"):
            gaps = np.diff(np.unique(part["t"].dt.epoch("us").to_numpy() / 1e6))
            gaps = gaps[gaps < 120.0]  # a longer silence is another flight, or out of reach
            if gaps.size >= 20:
                found.append(gaps)
        return found

    @cached_property
    def ghosts(self) -> list[str]:
        """The `~` addresses with enough rows to take their columns as a model."""
        return [a for a, frame in self.frames.items() if a.startswith("~") and frame.height >= 10]

    @cached_property
    def airfields(self) -> list[Airfield]:
        """Places where several aircraft were low and slow."""
        if not self.source.is_low:
            return []
        floor = self.source.elevation_ft
        low = self.clean.filter(
            pl.col("groundspeed_kt").is_between(20.0, AIRFIELD_KT)
            & pl.col("altitude_ft").is_between(floor - 300.0, floor + 1200.0)
        ).with_columns(
            (pl.col("lat_deg") / AIRFIELD_CELL_DEG).round().alias("row"),
            (pl.col("lon_deg") / AIRFIELD_CELL_DEG).round().alias("column"),
        )
        cells = low.group_by("row", "column").agg(
            pl.col("icao24").n_unique().alias("aircraft"),
            pl.col("lat_deg").median(),
            pl.col("lon_deg").median(),
            pl.col("altitude_ft").quantile(0.05),
            # Of tracks there and back alike: the mean of twice the angle.
            *(f(2.0 * pl.col("track_deg").cast(pl.Float64).radians()).mean().alias(n) for n, f in _TWICE),
        )
        cells = cells.filter(pl.col("aircraft") >= AIRFIELD_AIRCRAFT).sort("aircraft", "row", descending=True)
        return [
            Airfield(
                row["lat_deg"],
                row["lon_deg"],
                max(row["altitude_ft"], floor),
                math.atan2(row["sin"] or 0.0, row["cos"] or 1.0) / 2,
            )
            for row in cells.head(8).iter_rows(named=True)
        ]

    @cached_property
    def height_fit(self) -> tuple[float, float]:
        """Height above the ellipsoid in metres as scale times feet of pressure altitude plus offset."""
        if "height_m" not in self.clean.columns:
            return 0.0, math.nan
        both = self.clean.filter(pl.col("height_m").is_not_null() & (pl.col("altitude_ft") > 500.0))
        if both.height < 50:
            return 0.0, math.nan
        scale, offset = np.polyfit(both["altitude_ft"].to_numpy(), both["height_m"].to_numpy(), 1)
        return float(scale), float(offset)

    def fresh_address(self, rng: np.random.Generator, taken: set[str], *, is_ghost: bool = False) -> str:
        """Return an address that neither the day nor ``taken`` has, of the kind that its neighbours have."""
        while True:
            if is_ghost:
                address = f"~2{rng.integers(0, 1 << 20):05x}"
            else:
                like = str(rng.choice(sorted(a for a in self.addresses if not a.startswith("~"))))
                address = like[:2] + f"{rng.integers(0, 1 << 16):04x}"
            if address not in taken and address not in self.addresses:
                taken.add(address)
                return address


_TWICE = (("sin", pl.Expr.sin), ("cos", pl.Expr.cos))


def _stretches(rows: Rows) -> list[Path]:
    """Return the smoothed stretches of one flight."""
    found = []
    known = np.isfinite(rows.altitude_ft) & (rows.altitude_ft > 0.0)
    rows = rows.take(np.flatnonzero(known & ~rows.on_ground))
    if rows.t_s.size < 12:
        return []
    rows = rows.without(_is_unsteady(rows))
    for part in np.split(np.arange(rows.t_s.size), np.flatnonzero(np.diff(rows.t_s) > LONGEST_GAP_S) + 1):
        if part.size < 12 or rows.t_s[part[-1]] - rows.t_s[part[0]] < SHORTEST_S + 60.0:
            continue
        t, lat, lon = rows.t_s[part], rows.lat_deg[part], rows.lon_deg[part]
        path = path_of(t, lat, lon, rows.altitude_ft[part], float(lat.mean()), float(lon.mean()))
        step_s = np.diff(t)
        speed = np.hypot(np.diff(path.east_m), np.diff(path.north_m)) / step_s
        if float(np.median(speed)) < SLOWEST_MPS:
            continue
        whole = smoothed(path, float(np.clip(1.4 * np.median(step_s), *SMOOTHING_S)))
        slow = np.hypot(np.diff(whole.east_m), np.diff(whole.north_m)) < SLOWEST_MPS
        if whole.t_s.size > SHORTEST_S and not slow.any() and whole.is_flyable():
            found.append(whole)
    return found


def _is_unsteady(rows: Rows) -> npt.NDArray[np.bool_]:
    """Return which samples are next to a step that does not fit the flight's usual speed.

    In 8 of 10 Swiss flights one at least is: a position that is seconds old among 60 to 100.
    """
    path = path_of(rows.t_s, rows.lat_deg, rows.lon_deg, rows.altitude_ft, rows.lat_deg[0], rows.lon_deg[0])
    step_s = np.maximum(np.diff(rows.t_s), 1e-3)
    speed = np.hypot(np.diff(path.east_m), np.diff(path.north_m)) / step_s
    usual = float(np.median(speed))
    is_off = (np.abs(speed - usual) > STEADY_MPS + 0.2 * usual) & (step_s >= 3.0) & (step_s <= LONGEST_GAP_S)
    is_bad = np.zeros(rows.t_s.size, np.bool_)
    is_bad[1:] |= is_off
    is_bad[:-1] |= is_off
    return is_bad


def load(name: str, half: str, data: FilePath = DATA) -> Day:
    """Read half a day, once raw and once cleaned."""
    path = data / SOURCES[name].file
    raw = wideberth.read(path, keep_all=True, provenance=False).to_polars()
    clean = wideberth.read(path, provenance=False).to_polars()
    middle: Any = raw["t"].dt.epoch("us").median()
    is_first = half == "choose"

    def cut(frame: pl.DataFrame) -> pl.DataFrame:
        before = frame["t"].dt.epoch("us") < middle
        return frame.filter(before if is_first else ~before).with_columns(
            pl.col("icao24").cast(pl.String),
        )

    return Day(name, half, cut(raw), cut(clean))


def east_north(day: Day, lat_deg: float, lon_deg: float) -> tuple[float, float]:
    """Return metres east and north of the day's middle; for keeping injections apart, not for distances."""
    north, east = metres_per_degree(day.origin[0])
    return (lon_deg - day.origin[1]) * east, (lat_deg - day.origin[0]) * north

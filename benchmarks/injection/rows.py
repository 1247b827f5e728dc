"""Recorded rows of one address as columns that can be edited, and back to a table that `wideberth.read` takes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from injection.motion import Path, path_of

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

NUMBERS = (
    "lat_deg",
    "lon_deg",
    "altitude_ft",
    "height_m",
    "groundspeed_kt",
    "track_deg",
    "vertical_rate_fpm",
)
KNOWN_BY_NAME = ("icao24", "t", "on_ground", *NUMBERS)


@dataclass(frozen=True)
class Rows:
    """Samples of one address: (n,) columns, NaN where unknown.

    Attributes:
        address: six hex digits, with a ``~`` where the day marks it so.
        t_s: Unix time.
        lat_deg, lon_deg, altitude_ft, height_m, groundspeed_kt, track_deg, vertical_rate_fpm: as recorded.
        on_ground: what the aircraft said.
        others: whatever else the day has, such as callsign and category, row by row.
    """

    address: str
    t_s: Floats
    lat_deg: Floats
    lon_deg: Floats
    altitude_ft: Floats
    height_m: Floats
    groundspeed_kt: Floats
    track_deg: Floats
    vertical_rate_fpm: Floats
    on_ground: npt.NDArray[np.bool_]
    others: pl.DataFrame

    def take(self, which: npt.NDArray[np.int64]) -> Rows:
        """Return some of the rows, by index."""
        return replace(
            self,
            t_s=self.t_s[which],
            on_ground=self.on_ground[which],
            others=self.others[which] if self.others.width else self.others,
            **{name: getattr(self, name)[which] for name in NUMBERS},
        )

    def without(self, is_out: npt.NDArray[np.bool_]) -> Rows:
        """Return the rows that a mask leaves."""
        return self.take(np.flatnonzero(~is_out))

    def path(self, lat_deg: float, lon_deg: float, begin_s: float, end_s: float) -> Path:
        """Return the rows of a span, airborne with altitude, as a path: what the recording says."""
        keep = (self.t_s >= begin_s) & (self.t_s <= end_s) & np.isfinite(self.altitude_ft) & ~self.on_ground
        t, first = np.unique(self.t_s[keep], return_index=True)
        return path_of(
            t,
            self.lat_deg[keep][first],
            self.lon_deg[keep][first],
            self.altitude_ft[keep][first],
            lat_deg,
            lon_deg,
        )

    def frame(self, schema: pl.Schema) -> pl.DataFrame:
        """Return the rows as a table with a day's columns."""
        made: dict[str, pl.Series] = {}
        for name, kind in schema.items():
            if name == "icao24":
                made[name] = pl.Series(name, [self.address] * self.t_s.size, pl.String)
            elif name == "t":
                made[name] = pl.Series(name, np.round(self.t_s * 1e6).astype(np.int64)).cast(kind)
            elif name == "on_ground":
                made[name] = pl.Series(name, self.on_ground)
            elif name in NUMBERS:
                made[name] = pl.Series(name, getattr(self, name)).fill_nan(None).cast(kind)
            elif name in self.others.columns:
                made[name] = self.others[name]
            else:
                made[name] = pl.Series(name, [None] * self.t_s.size).cast(kind)
        return pl.DataFrame(made)


def rows_of(address: str, frame: pl.DataFrame) -> Rows:
    """Return a table's rows, all of one address and in order of time."""
    n = frame.height

    def numbers(name: str) -> Floats:
        if name not in frame.columns:
            return np.full(n, np.nan)
        return frame[name].cast(pl.Float64).fill_null(np.nan).to_numpy()

    return Rows(
        address,
        frame["t"].dt.epoch("us").to_numpy() / 1e6,
        on_ground=frame["on_ground"].fill_null(value=False).to_numpy()
        if "on_ground" in frame.columns
        else np.zeros(n, np.bool_),
        others=frame.select(c for c in frame.columns if c not in KNOWN_BY_NAME),
        **{name: numbers(name) for name in NUMBERS},
    )

"""Guidance for recorded pairs in columns, and one dimension of it as it is told."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from wideberth.guide import guide
from wideberth.guide.arrays import CODES, DIMENSIONS
from wideberth.guide.moment import UNKNOWN, Band, Dial
from wideberth.kernels import bands as kernel

if TYPE_CHECKING:
    import numpy.typing as npt

    from wideberth.guide.config import Config
    from wideberth.guide.recorded import Motion
    from wideberth.guide.results import Bands, Guidance

    Floats = npt.NDArray[np.float64]
    Counts = npt.NDArray[np.int64]
    Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Pairs:
    """Guidance at n instants, each of one aircraft against one other.

    Attributes:
        guidance: as `wideberth.guide.guide` gives it.
    """

    guidance: Guidance

    @property
    def alert(self) -> Counts:
        """(n,) levels."""
        return self.guidance.alerts.astype(np.int64)

    @cached_property
    def corrective_in_s(self) -> Floats:
        """(n,) seconds until straight flight enters the corrective volume: 0 within it, inf never."""
        level = np.array(self.guidance.tables.corrective)[self.guidance.rows.alerters]
        times = self.guidance.times_s[np.arange(level.size), np.maximum(level, 0), 0]
        soonest: Floats = np.where(level >= 0, times, math.inf)
        return soonest

    def keeps_clear(self, dimension: str) -> Flags:
        """Return at which instants a manoeuvre in one dimension, or none at all, keeps well clear, (n,)."""
        d = DIMENSIONS.index(dimension)
        numbers, codes = self.guidance.numbers[:, d], self.guidance.codes[:, d]
        low, high = numbers[:, kernel.RES_LOW], numbers[:, kernel.RES_HIGH]
        is_known = codes[:, kernel.AT_OWN] != CODES[UNKNOWN]
        has_way = np.isfinite(low) | np.isfinite(high) | np.isnan(low)  # NaN: nothing to resolve
        kept: Flags = is_known & has_way & (codes[:, kernel.RECOVERS_NOW] == kernel.NOT_COMPUTED)
        return kept

    def dials(self, i: int) -> list[Dial]:
        """Return every dimension at one instant."""
        return [dial_of(bands) for bands in self.guidance[i].dimensions]


def of_pairs(own: Motion, other: Motion, config: Config, *, with_bands: bool) -> Pairs:
    """Return guidance for one aircraft against another, (n,) instants at which both are known."""
    pair = [
        {
            "lat_deg": each.lat_deg,
            "lon_deg": each.lon_deg,
            "altitude_m": each.altitude_m,
            "vx_mps": each.vx_mps,
            "vy_mps": each.vy_mps,
            "vz_mps": each.vz_mps,
        }
        for each in (own, other)
    ]
    intruders = {**pair[1], "state": np.arange(own.lat_deg.size)}
    dimensions = DIMENSIONS if with_bands else ()
    return Pairs(guide(pair[0], intruders, config, dimensions=dimensions, last_times=False))


def dial_of(bands: Bands) -> Dial:
    """Return one dimension as it is told."""
    lasts = [each for each in bands.last_times_s if math.isfinite(each)]
    low, high = bands.low_resolution, bands.high_resolution
    return Dial(
        bands.dimension,
        bands.own,
        tuple(Band(band.low, band.high, band.region) for band in bands.bands),
        bands.region,
        low if math.isfinite(low) else None,
        high if math.isfinite(high) else None,
        bands.prefers_high,
        bands.recovery is not None,
        min(lasts, default=None),
    )


def keeps_clear(bands: Bands) -> bool:
    """Tell whether a manoeuvre in one dimension, or none at all, keeps well clear."""
    low, high = bands.low_resolution, bands.high_resolution
    has_way = math.isfinite(low) or math.isfinite(high) or math.isnan(low)  # NaN: nothing to resolve
    return bands.region != UNKNOWN and has_way and bands.recovery is None

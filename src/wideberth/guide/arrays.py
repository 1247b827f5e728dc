"""What the kernels take: a configuration as tables of numbers, and states as rows.

Regions are numbers there, dimensions 0 to 3: see `kernels/painting.py` and `kernels/manoeuvres.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from wideberth.guide.config import Config, WellClear
from wideberth.kernels import alerting, manoeuvres

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from wideberth.guide.config import Level

    Floats = NDArray[np.float64]

DIMENSIONS = ("hdir", "hs", "vs", "alt")
REGIONS = ("NONE", "FAR", "MID", "NEAR", "RECOVERY", "UNKNOWN")
CODES = {region: code for code, region in enumerate(REGIONS)}


@dataclass(frozen=True, eq=False)
class Tables:
    """A configuration as the kernels take it.

    Attributes:
        levels: (alerters, levels, 8), columns of `kernels.alerting`; region −1 where an alerter has no such level.
        counts: levels of each alerter.
        dims: (4, 8), columns of `kernels.manoeuvres`.
        settings: (11,), columns of `kernels.recovery`.
        width: samples that any dimension can have.
    """

    levels: Floats
    counts: tuple[int, ...]
    dims: Floats
    settings: Floats
    width: int

    @property
    def corrective(self) -> tuple[int, ...]:
        """The level of each alerter that paints the corrective region, from 0; −1 where none does."""
        region = self.settings[9]
        hits = [np.flatnonzero(table[:, alerting.REGION] == region) for table in self.levels]
        return tuple(int(hit[0]) if hit.size else -1 for hit in hits)


@lru_cache(maxsize=16)
def tables_of(config: Config) -> Tables:
    """Return a configuration's tables, kept for the next call."""
    counts = tuple(len(alerter.levels) for alerter in config.alerters)
    levels = np.full((len(counts), max(counts), alerting.LEVEL_COLUMNS), alerting.NO_LEVEL)
    for a, alerter in enumerate(config.alerters):
        for k, level in enumerate(alerter.levels):
            levels[a, k] = _row(level)
    c = config
    dims = np.array([
        [c.left_hdir_rad, c.right_hdir_rad, 0, 0, c.step_hdir_rad, c.turn_rate_radps, c.bank_angle_rad,
         c.recovery_hdir],
        [c.min_hs_mps, c.max_hs_mps, c.below_relative_hs_mps, c.above_relative_hs_mps, c.step_hs_mps,
         c.horizontal_accel_mps2, 0, c.recovery_hs],
        [c.min_vs_mps, c.max_vs_mps, c.below_relative_vs_mps, c.above_relative_vs_mps, c.step_vs_mps,
         c.vertical_accel_mps2, 0, c.recovery_vs],
        [c.min_alt_m, c.max_alt_m, c.below_relative_alt_m, c.above_relative_alt_m, c.step_alt_m,
         c.vertical_accel_mps2, c.vertical_rate_mps, c.recovery_alt],
    ], np.float64)  # fmt: skip
    settings = np.array([
        c.lookahead_time_s, max(c.step_hs_mps, c.min_airspeed_mps), c.ca_bands, c.ca_factor, c.horizontal_nmac_m,
        c.vertical_nmac_m, c.min_horizontal_recovery_m, c.min_vertical_recovery_m, c.recovery_stability_time_s,
        CODES[c.corrective_region], c.bands_add_time_to_maneuver,
    ], np.float64)  # fmt: skip
    for table in (levels, dims, settings):
        table.flags.writeable = False
    return Tables(levels, counts, dims, settings, int(manoeuvres.most_samples(dims).max()))


def _row(level: Level) -> list[float]:
    volume = level.volume
    five = (
        [volume.dthr_m, volume.zthr_m, volume.tthr_s, volume.tcoa_s, 1.0]
        if isinstance(volume, WellClear)
        else [volume.radius_m, volume.half_height_m, 0.0, 0.0, 0.0]
    )
    return [float(CODES[level.region]), level.alerting_time_s, level.early_alerting_time_s, *five]

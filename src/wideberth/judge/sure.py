"""How sure: 95 % intervals of depths and distances, from what each position says of its accuracy.

NACp bounds the radius that holds a position 95 times in 100 (the estimated position uncertainty, EPU).  Of a
circular Gaussian with that radius the standard deviation in one direction is EPU / 2.448.  Where a row has no NACp,
the radius is taken by how the position was had, `DEFAULT_EPU_M`: assumptions of ours, not a standard's.

Source: RTCA DO-260B, table of NACp; docs/judging.md#how-sure.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wideberth.tracks import Tracks

EPU_M = {
    11: 3.0, 10: 10.0, 9: 30.0, 8: 92.6, 7: 185.2, 6: 555.6, 5: 926.0, 4: 1852.0, 3: 3704.0, 2: 7408.0, 1: 18520.0,
}  # fmt: skip
DEFAULT_EPU_M = {"adsb": 92.6, "adsr": 185.2, "mlat": 300.0, "tisb": 600.0, "asterix": 300.0, "flarm": 30.0}
UNKNOWN_EPU_M = 185.2
RADIAL_95 = math.sqrt(-2.0 * math.log(0.05))  # 2.448: the radius that holds 95 % of a circular Gaussian
NORMAL_95 = 1.959964
CURVE_MPS2 = 9.81 * math.tan(math.radians(30.0))  # a turn at 30° of bank, between two samples


def sigma_m(tracks: Tracks, row: int, gap_s: float) -> float:
    """Return the standard deviation in one direction of a position near a row, between samples ``gap_s`` apart.

    Between two samples an aircraft in a turn leaves the straight way by up to a t² / 8; a third of that counts.
    """
    nac_p = tracks.numbers("nac_p")
    told = float(nac_p[row]) if nac_p.size else math.nan
    epu_m = EPU_M.get(int(told), UNKNOWN_EPU_M) if told == told and told >= 1 else _by_source(tracks, row)
    curve_m = CURVE_MPS2 * gap_s * gap_s / 8.0 / 3.0
    return math.hypot(epu_m / RADIAL_95, curve_m)


def _by_source(tracks: Tracks, row: int) -> float:
    if "source" not in tracks.table.column_names:
        return UNKNOWN_EPU_M
    value = tracks.table.column("source")[row].as_py()
    text = (value or "").split("_")[0].lower()
    return DEFAULT_EPU_M.get(text, UNKNOWN_EPU_M)


def interval(value: float, sigma: float) -> tuple[float, float]:
    """Return the 95 % interval of a value that is no less than 0."""
    return max(value - NORMAL_95 * sigma, 0.0), value + NORMAL_95 * sigma


def probability_above(value: float, limit: float, sigma: float) -> float:
    """Return how probable it is that the true value is above a limit, by position errors alone."""
    if sigma <= 0.0:
        return 1.0 if value > limit else 0.0
    return 0.5 * math.erfc((limit - value) / (sigma * math.sqrt(2.0)))

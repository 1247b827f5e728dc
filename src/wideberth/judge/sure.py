"""How sure: standard deviations of positions and altitudes near a sample, and 95 % intervals made of them.

Horizontal: NACp bounds the radius that holds a position 95 times in 100 (the estimated position uncertainty, EPU);
of a circular Gaussian with that radius the standard deviation in one direction is EPU / 2.448.  Where a row has no
NACp, the radius is taken by how the position was had (`DEFAULT_EPU_M`).  Between two samples an aircraft that turns
leaves the straight way.  An instant is as sure as the time stamps: it moves an aircraft along its own track.

Vertical: the altimeter, and the steps in which altitude is told.

Defaults are assumptions of ours, not a standard's.  docs/judging.md#how-sure derives all this, and says what was
measured.

Source: RTCA DO-260B, table of NACp.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import ndtr

from wideberth.units import METRES_PER_FOOT

if TYPE_CHECKING:
    import numpy.typing as npt

    from wideberth.judge.sky import Sky
    from wideberth.tracks import Legs

    Floats = npt.NDArray[np.float64]
    Rows = npt.NDArray[np.int64]

EPU_M = np.array(
    [math.nan, 18520.0, 7408.0, 3704.0, 1852.0, 926.0, 555.6, 185.2, 92.6, 30.0, 10.0, 3.0]
)  # by NACp; 0 says nothing
DEFAULT_EPU_M = {"adsb": 92.6, "adsr": 185.2, "mlat": 300.0, "tisb": 600.0, "asterix": 300.0, "flarm": 30.0}
UNKNOWN_EPU_M = 185.2
HEIGHT_PER_EPU = 1.5  # of satellite navigation: how much worse height is than position
ALTIMETER_95_FT = 125.0
LATENCY_95_S = 0.6
RADIAL_95 = math.sqrt(-2.0 * math.log(0.05))  # 2.448: the radius that holds 95 % of a circular Gaussian
NORMAL_95 = 1.959964
CURVE_MPS2 = 9.81 * math.tan(math.radians(30.0))  # a turn at 30° of bank, between two samples
STEPS = ((100.0, 25.0), (1.0, 0.0))  # ft, s: the coarse step, and the fine one, in which values are told
NEIGHBOURS = np.arange(-8, 9)


def position_m(sky: Sky, rows: Rows) -> Floats:
    """Return the standard deviation in one direction of the positions of some rows of the tracks."""
    tracks = sky.tracks
    found = _by_source(sky, rows)
    nac_p = tracks.numbers("nac_p")
    if nac_p.size:
        told = np.nan_to_num(nac_p[rows]).astype(np.int64)
        by_nac = EPU_M[np.clip(told, 0, EPU_M.size - 1)]
        found = np.where(np.isnan(by_nac), found, by_nac)
    return np.asarray(found / RADIAL_95)


def _by_source(sky: Sky, rows: Rows) -> Floats:
    if "source" not in sky.tracks.table.column_names:
        return np.full(rows.size, UNKNOWN_EPU_M)
    codes, texts = sky.tracks.codes("source")
    epu_m = [DEFAULT_EPU_M.get(text.split("_")[0].lower(), UNKNOWN_EPU_M) for text in texts]
    return np.array([*epu_m, UNKNOWN_EPU_M])[codes[rows]]  # a code of -1, unknown, takes the last


def bend_m(legs: Legs, leg: Rows, sample: Rows, t_us: Floats | None = None) -> Floats:
    """Return how far a turn may lead off the straight way between samples: a third of the most counts as one sigma.

    Args:
        legs: of which.
        leg, sample: (k,) the last sample at or before each instant.
        t_us: (k,) the instants, on the legs' clock; None: the longer step beside the sample, at its middle.
    """
    before = np.maximum(sample - 1, legs.first[leg])
    after = np.minimum(sample + 1, legs.first[leg + 1] - 1)
    ahead_s = (legs.t_us[after] - legs.t_us[sample]) * 1e-6
    if t_us is None:
        behind_s = (legs.t_us[sample] - legs.t_us[before]) * 1e-6
        return np.asarray(CURVE_MPS2 * np.maximum(ahead_s, behind_s) ** 2 / 8.0 / 3.0)
    since_s = np.clip((t_us - legs.t_us[sample]) * 1e-6, 0.0, ahead_s)
    return np.asarray(CURVE_MPS2 * since_s * (ahead_s - since_s) / 2.0 / 3.0)


def altitude_ft(sky: Sky, rows: Rows, *, is_height: bool | npt.NDArray[np.bool_] = False) -> Floats:
    """Return the standard deviation of pressure altitudes, or of heights above the ellipsoid."""
    step_ft = _step(sky, "altitude_ft", rows, *STEPS[0])
    pressure = np.hypot(ALTIMETER_95_FT / NORMAL_95, step_ft / math.sqrt(12.0))
    height = position_m(sky, rows) * HEIGHT_PER_EPU / METRES_PER_FOOT
    return np.where(is_height, height, pressure)


def time_s(sky: Sky, rows: Rows) -> Floats:
    """Return the standard deviation of the instants at which some rows say a position held."""
    step_s = _step(sky, "t", rows, *STEPS[1])
    return np.asarray(np.hypot(LATENCY_95_S / NORMAL_95, step_s / math.sqrt(12.0)))


def _step(sky: Sky, name: str, rows: Rows, coarse: float, fine: float) -> Floats:
    """Return the step in which a column is told around some rows: the coarse one if all values are its multiples."""
    tracks = sky.tracks
    values: Any = tracks.t_us if name == "t" else tracks.numbers(name)
    if not values.size:
        return np.full(rows.size, fine)
    near = np.clip(rows[:, None] + NEIGHBOURS, 0, len(tracks) - 1)
    whose = np.searchsorted(tracks.begin, rows, side="right") - 1
    near = np.clip(near, tracks.begin[whose][:, None], tracks.begin[whose + 1][:, None] - 1)
    some = values[near]
    off = np.abs(some % (coarse * 1e6 if name == "t" else coarse)) > 0.0  # NaN is no multiple, and no witness
    if name != "t":
        off &= ~np.isnan(some)
    return np.where(off.any(axis=1), fine, coarse)


def interval(value: Floats, sigma: Floats) -> tuple[Floats, Floats]:
    """Return the 95 % interval of values that are no less than 0."""
    return np.maximum(value - NORMAL_95 * sigma, 0.0), value + NORMAL_95 * sigma


def probability_above(value: Floats, limit: float | Floats, sigma: Floats) -> Floats:
    """Return how probable it is that the true values are above a limit, by errors of ``sigma`` alone."""
    with np.errstate(divide="ignore", invalid="ignore"):
        z = (value - limit) / sigma
    return np.asarray(np.where(sigma > 0.0, ndtr(z), value > limit), np.float64)

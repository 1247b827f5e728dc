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
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import chdtri, ndtr

from wideberth.columns import frozen
from wideberth.kernels import legs as leg_kernels
from wideberth.kernels import reports
from wideberth.units import METRES_PER_FOOT

if TYPE_CHECKING:
    import numpy.typing as npt

    from wideberth.minima import Minima
    from wideberth.tracks import Legs, Tracks

    Floats = npt.NDArray[np.float64]
    Rows = npt.NDArray[np.integer[Any]]
    Instants = npt.NDArray[Any]

NORMAL_95 = 1.959963984540054
EPU_M = np.array(
    [math.nan, 18520.0, 7408.0, 3704.0, 1852.0, 926.0, 555.6, 185.2, 92.6, 30.0, 10.0, 3.0]
)  # by NACp; 0 says nothing
DEFAULT_EPU_M = {"adsb": 92.6, "adsr": 185.2, "mlat": 300.0, "tisb": 600.0, "asterix": 300.0, "flarm": 30.0}
UNKNOWN_EPU_M = 185.2
HEIGHT_PER_EPU = 1.5  # of satellite navigation: how much worse height is than position
ALTIMETER_95_FT = 125.0
LATENCY_95_S = 0.6
RADIAL_95 = math.sqrt(-2.0 * math.log(0.05))  # 2.448: the radius that holds 95 % of a circular Gaussian
# What a turn may be that no two steps show: at most one at 30° of bank, begun as fast as aircraft roll, 10° a second.
CURVE_MPS2 = 9.81 * math.tan(math.radians(30.0))
ROLL_MPS3 = 9.81 * math.radians(10.0)
SPLINE = 72.0 * math.sqrt(3.0)  # a cubic leaves the parabola with its curvature by j t³ / (72 √3)
STEPS = ((100.0, 25.0), (1.0, 0.0))  # ft, s: the coarse step, and the fine one, in which values are told
NEIGHBOURS = 15  # rows before and after that show in what step a column is told
NEIGHBOURS_US = 600_000_000
COARSE_US = 1_000_000


@dataclass(frozen=True)
class Errors:
    """What positions at some instants are sure to, in metres, one standard deviation each.

    Attributes:
        rows: (k,) the rows of the tracks that they are near.
        position: (k,) of the positions told, in one direction.
        bend: (k,) of the way between two samples, across it.
        moved: (k,) along the way, as far as the aircraft moves in the error of its time stamps.
        time_s: (k,) that error.
    """

    rows: Rows
    position: Floats
    bend: Floats
    moved: Floats
    time_s: Floats

    @property
    def across(self) -> Floats:
        """In a direction in which an error in time does not count: a depth is of the way, whenever it was flown."""
        return np.hypot(self.position, self.bend)

    @property
    def radius_95(self) -> Floats:
        """The radius that holds the true position at the instant 95 times in 100.

        Of errors that differ along and across the way; the square is taken as a multiple of chi square with the
        same mean and variance (Satterthwaite, Biometrics Bulletin 2, 1946): exact where both are alike, or one is 0.
        """
        along, across = self.position**2 + self.moved**2, self.across**2
        total = along + across
        freedom = total**2 / np.maximum(along**2 + across**2, 1e-300)
        return np.asarray(np.sqrt(total * chdtri(freedom, 0.05) / freedom))


def errors_at(tracks: Tracks, legs: Legs, leg: Rows, t_us: Instants, *, is_extreme: bool) -> Errors:
    """Return how sure the positions of some legs at some instants are.

    Args:
        tracks, legs: of which.
        leg: (k,) which legs.
        t_us: (k,) Unix microseconds.
        is_extreme: the instants are those of a greatest depth, at a sample more often than not because motion is
            taken as straight: a turn in the steps beside it counts.
    """
    sample = samples_at(legs, leg, t_us)
    rows = rows_of(legs, sample)
    beside = leg_kernels.steps_beside(legs.t_us, legs.lat_deg, legs.lon_deg, legs.first, leg, sample)
    behind_s, ahead_s, speed_mps, turn_mps2 = beside.T
    if is_extreme:
        step_s = np.maximum(behind_s, ahead_s)
        # The root mean square of a t²/2, t even from 0 to half a step.
        bend_m = turn_mps2 * step_s**2 / 8.0 / math.sqrt(5.0)
        share = np.ones(rows.size)
    else:
        step_s = ahead_s
        since_s = np.clip((t_us - legs.base_us - legs.t_us[sample]) * 1e-6, 0.0, ahead_s)
        bend_m = turn_mps2 * since_s * (ahead_s - since_s) / 2.0
        share = np.divide(
            4.0 * since_s * (ahead_s - since_s), ahead_s**2, out=np.zeros(rows.size), where=ahead_s > 0.0
        )
    unseen_m = np.minimum(ROLL_MPS3 * step_s**3 / SPLINE, CURVE_MPS2 * step_s**2 / 8.0) / 3.0
    of_time_s = time_s(tracks, rows)
    return Errors(
        rows, position_m(tracks, rows), np.hypot(bend_m, unseen_m * share), speed_mps * of_time_s, of_time_s
    )


def samples_at(legs: Legs, leg: Rows, t_us: Instants) -> npt.NDArray[np.int64]:
    """Return the last sample of each leg at or before an instant of Unix time; its first if none is."""
    found: npt.NDArray[np.int64] = leg_kernels.last_at(
        legs.first, legs.t_us, leg, np.asarray(t_us, np.float64) - legs.base_us
    )
    return found


def rows_of(legs: Legs, samples: Rows) -> Rows:
    """Return the rows of the tracks that samples of legs are."""
    return legs.rows[samples] if legs.rows.size else samples


def position_m(tracks: Tracks, rows: Rows) -> Floats:
    """Return the standard deviation in one direction of the positions of some rows of the tracks."""
    found = _by_source(tracks, rows)
    nac_p = tracks.numbers("nac_p")
    if nac_p.size:
        told = np.nan_to_num(nac_p[rows]).astype(np.int64)
        by_nac = EPU_M[np.clip(told, 0, EPU_M.size - 1)]
        found = np.where(np.isnan(by_nac), found, by_nac)
    return np.asarray(found / RADIAL_95)


def _by_source(tracks: Tracks, rows: Rows) -> Floats:
    if "source" not in tracks.table.column_names:
        return np.full(rows.size, UNKNOWN_EPU_M)
    codes, texts = tracks.codes("source")
    epu_m = [DEFAULT_EPU_M.get(text.split("_")[0].lower(), UNKNOWN_EPU_M) for text in texts]
    return np.array([*epu_m, UNKNOWN_EPU_M])[codes[rows]]  # a code of -1, unknown, takes the last


def altitude_ft(tracks: Tracks, rows: Rows, *, is_height: bool | npt.NDArray[np.bool_] = False) -> Floats:
    """Return the standard deviation of pressure altitudes, or of heights above the ellipsoid."""
    step_ft = _step(tracks, "altitude_ft", rows, *STEPS[0])
    pressure = np.hypot(ALTIMETER_95_FT / NORMAL_95, step_ft / math.sqrt(12.0))
    height = position_m(tracks, rows) * HEIGHT_PER_EPU / METRES_PER_FOOT
    return np.where(is_height, height, pressure)


def time_s(tracks: Tracks, rows: Rows) -> Floats:
    """Return the standard deviation of the instants at which some rows say a position held."""
    step_s = _step(tracks, "t", rows, *STEPS[1])
    return np.asarray(np.hypot(LATENCY_95_S / NORMAL_95, step_s / math.sqrt(12.0)))


def _step(tracks: Tracks, name: str, rows: Rows, coarse: float, fine: float) -> Floats:
    """Return the step in which a column is told around some rows: the coarse one if all values are its multiples."""
    values: Any = tracks.t_us if name == "t" else tracks.numbers(name)
    if not values.size:
        return np.full(rows.size, fine)
    # A constant value, as in level flight, shows no step.
    is_coarse = reports.are_coarse(
        values,
        tracks.t_us,
        tracks.begin,
        frozen(rows),
        COARSE_US if name == "t" else coarse,
        NEIGHBOURS,
        NEIGHBOURS_US,
    )
    return np.where(is_coarse, coarse, fine)


def interval(value: Floats, sigma: Floats) -> tuple[Floats, Floats]:
    """Return the 95 % interval of values that are no less than 0."""
    return np.maximum(value - NORMAL_95 * sigma, 0.0), value + NORMAL_95 * sigma


def probability_above(value: Floats, limit: float | Floats, sigma: Floats) -> Floats:
    """Return how probable it is that the true values are above a limit, by errors of ``sigma`` alone."""
    with np.errstate(divide="ignore", invalid="ignore"):
        z = (value - limit) / sigma
    return np.asarray(np.where(sigma > 0.0, ndtr(z), value > limit), np.float64)


def probability_within(value: Floats, limit: float | Floats, sigma: Floats) -> Floats:
    """Return how probable it is that true values are nearer to 0 than a limit, by errors of ``sigma`` alone."""
    with np.errstate(divide="ignore", invalid="ignore"):
        inside = ndtr((limit - value) / sigma) - ndtr((-limit - value) / sigma)
    return np.asarray(np.where(sigma > 0.0, inside, np.abs(value) < limit), np.float64)


def probability_of_both(table: dict[str, Any], broken: Minima, asked: Minima) -> Floats:
    """Return at least how probable it is that both of some minima were broken at once.

    Two instants are looked at: that of the closest point, and that at which the retained separation was smallest:
    there both distances were within that share of the minima that were screened by.

    Args:
        table: columns of encounters by the names of `columns.ENCOUNTER_COLUMNS`, and ``hmd_sd_m``, ``vertical_sd_ft``.
        broken: the minima that were screened by.
        asked: those that are asked about.
    """
    pairs = (
        (table["hmd_m"], table["vertical_ft_at_cpa"]),
        (table["retained"] * broken.horizontal_m, table["retained"] * broken.vertical_ft),
    )
    is_unknown = np.isnan(table["vertical_ft_at_cpa"])
    found = [
        probability_at(
            across_m,
            np.where(is_unknown, np.nan, apart_ft),
            table["hmd_sd_m"],
            table["vertical_sd_ft"],
            asked,
        )
        for across_m, apart_ft in pairs
    ]
    return np.asarray(np.maximum(*found))


def probability_at(
    horizontal_m: Floats, vertical_ft: Floats, sigma_m: Floats, sigma_ft: Floats, asked: Minima
) -> Floats:
    """Return how probable it is that true distances at an instant are within both minima; an unknown one is."""
    across = probability_within(horizontal_m, asked.horizontal_m, sigma_m)
    apart = probability_within(np.nan_to_num(vertical_ft), asked.vertical_ft, np.nan_to_num(sigma_ft))
    return across * np.where(np.isnan(vertical_ft), 1.0, apart)

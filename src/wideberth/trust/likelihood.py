"""Are two addresses one aircraft?  The odds, by how they move beside each other for as long as both are heard.

Four stories are compared by how probable each makes what was seen (docs/trust.md#one-aircraft):

*one*: b follows a with a constant lag, a constant lift and a constant offset; what is left is noise of the source.
*company*: two aircraft beside each other; the offset is that of a formation, and wanders as pilots do.
*trail*: two aircraft on one way, one behind the other by any time, at any two altitudes.
*meeting*: two aircraft that only meet: t seconds from the closest point they are anywhere within speed times t.

Points are 10 s apart; no more are counted than the rarer of the two reported.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from wideberth.kernels import reports, together
from wideberth.trust.evidence import RELAYED

if TYPE_CHECKING:
    import numpy.typing as npt

    from wideberth.trust.limits import Limits

    Floats = npt.NDArray[np.float64]
    Table = dict[str, npt.NDArray[Any]]

# One standard deviation each, in one direction; *choices* by what recordings show (docs/trust.md#one-aircraft).
OFFSET_M = np.array([25.0, 120.0, 100.0])  # constant, of a transponder, a relayed radar, multilateration
# So many of them to the side are too many for one aircraft, however steadily the other keeps there: the law of
# Gauss says so less and less surely beside stories whose scatter is held to be larger than what was seen.
OFFSETS_MOST = 4.0
LAG_S = np.array([0.7, 3.0, 1.5])
# Noise as it is found, and the factor by which it may well be more or less.
NOISE_M = np.array([15.0, 60.0, 60.0])
NOISE_FACTOR = np.array([2.5, 3.0, 2.5])
WANDER_M, WANDER_FACTOR = 120.0, 2.5  # how a formation breathes
FORMATION_M = 500.0
TRAIL_M, TRAIL_NOISE_M, TRAIL_FACTOR, TRAIL_S = (
    100.0,
    40.0,
    3.0,
    90.0,
)  # of two on one way, up to 45 s ahead or behind
LEAST_M = 8.0  # a scatter below this is taken as this: a position is told in steps of about 5 m
# Constant difference of two reports of one altitude: rounded twice; of a radar, by other steps, and by a QNH applied.
LIFT_FT = np.array([20.0, 150.0, 20.0])
LIFT_NOISE_FT = (20.0, 80.0)
STACK_FT = 300.0  # of a formation
TRAIL_FT = 800.0
STACK_WANDER_FT = (40.0, 300.0)  # of two transponders; a relay tells altitudes too roughly to show it
TRAIL_WANDER_FT = (20.0, 300.0)
ANY_FT = 2000.0  # two aircraft that only meet: their vertical distance is anything within this
VELOCITY_MPS = 6.0  # reported velocities of one aircraft differ by so much
COMPANY_PRIOR, TRAIL_PRIOR = 0.2, 0.1  # of two aircraft that are near; *choices*
SAME_CALLSIGN = 50.0  # the odds that one callsign on both is one aircraft
OTHER_CALLSIGN = 0.05


def probability_of_one(
    evidence: Table,
    has_same_callsign: npt.NDArray[np.bool_],
    has_other_callsign: npt.NDArray[np.bool_],
    limits: Limits,
) -> Floats:
    """Return how probable it is that the two addresses of each pair are one aircraft; 0 where nothing speaks for it."""
    t = evidence["together"]
    seen = np.flatnonzero(t[:, together.POINTS] >= 1.0)
    probability = np.zeros(t.shape[0])
    if not seen.size:
        return probability
    t = t[seen]
    kind_a, kind_b = evidence["kind_a"][seen], evidence["kind_b"][seen]
    speed_mps = np.fmax(
        np.fmax(evidence["of_a"][seen, reports.SPEED_MPS], evidence["of_b"][seen, reports.SPEED_MPS]), 20.0
    )
    n = np.maximum(np.minimum(t[:, together.POINTS], t[:, together.REPORTS]), 1.0)
    spread_m = t[:, together.SPREAD_M]
    along_m, across_m = t[:, together.LAG_S] * speed_mps, t[:, together.BIAS_M]

    offset_m = np.hypot(OFFSET_M[kind_a], OFFSET_M[kind_b])
    behind_m = np.hypot(offset_m, np.hypot(LAG_S[kind_a], LAG_S[kind_b]) * speed_mps)
    noise_m, factor = (
        np.hypot(NOISE_M[kind_a], NOISE_M[kind_b]),
        np.maximum(NOISE_FACTOR[kind_a], NOISE_FACTOR[kind_b]),
    )
    # Cauchy's law: most lags are short, some are long.
    one = _of_scatter(n, spread_m, noise_m, factor) - np.log(
        np.pi * behind_m * (1.0 + (along_m / behind_m) ** 2)
    )
    one += np.where(across_m <= OFFSETS_MOST * offset_m, _normal(across_m, offset_m), -np.inf)
    company = (
        _of_scatter(n, spread_m, WANDER_M, WANDER_FACTOR)
        + _normal(along_m, FORMATION_M)
        + _normal(across_m, FORMATION_M)
    )
    trail = (
        _of_scatter(n, spread_m, TRAIL_NOISE_M, TRAIL_FACTOR)
        - np.log(TRAIL_S * speed_mps)
        + _normal(across_m, TRAIL_M)
    )
    meeting = -n * t[:, together.STRAY]
    is_relayed = (kind_a == RELAYED) | (kind_b == RELAYED)
    # Altitude: of as many points as it is known at.
    known = t[:, together.LIFT_POINTS] >= 1.0
    m = np.where(known, np.minimum(n, np.maximum(t[:, together.LIFT_POINTS], 1.0)), 1.0)
    lift_ft, lift_spread_ft = (
        np.nan_to_num(t[:, column]) for column in (together.LIFT_FT, together.LIFT_SPREAD_FT)
    )
    for story, apart_ft, wander_ft in (
        (one, np.hypot(LIFT_FT[kind_a], LIFT_FT[kind_b]), LIFT_NOISE_FT),
        (company, STACK_FT, (np.where(is_relayed, LIFT_NOISE_FT[0], STACK_WANDER_FT[0]), STACK_WANDER_FT[1])),
        (trail, TRAIL_FT, TRAIL_WANDER_FT),
    ):
        story += np.where(
            known, _of_lifts(m, lift_ft, lift_spread_ft, apart_ft, np.clip(lift_spread_ft, *wander_ft)), 0.0
        )
    meeting -= np.where(known, m * np.log(2.0 * ANY_FT), 0.0)
    # One point tells no motion: reported velocities do.
    off_mps = _velocity_off_mps(evidence, seen)
    is_told = (n < 2.0) & ~np.isnan(off_mps)
    alike = -np.log(2.0 * np.pi * VELOCITY_MPS**2) - np.nan_to_num(off_mps) ** 2 / (2.0 * VELOCITY_MPS**2)
    for story in (one, company, trail):
        story += np.where(is_told, alike, 0.0)
    meeting -= np.where(is_told, np.log(np.pi * (2.0 * speed_mps) ** 2), 0.0)

    relayed = (kind_a == RELAYED).astype(int) + (kind_b == RELAYED)
    prior = np.array([limits.one_of_transponders, limits.one_of_relayed, limits.one_of_two_relayed])[relayed]
    odds = np.log(prior / np.maximum(1.0 - prior, 1e-12))
    odds = odds + np.where(has_same_callsign[seen], np.log(SAME_CALLSIGN), 0.0)
    odds = odds + np.where(has_other_callsign[seen], np.log(OTHER_CALLSIGN), 0.0)
    two = np.logaddexp(
        np.logaddexp(company + np.log(COMPANY_PRIOR), trail + np.log(TRAIL_PRIOR)),
        meeting + np.log(1.0 - COMPANY_PRIOR - TRAIL_PRIOR),
    )
    probability[seen] = 1.0 / (1.0 + np.exp(-np.clip(odds + one - two, -500.0, 500.0)))
    return probability


def _normal(value: Floats, sigma: Any) -> Floats:
    return np.asarray(-0.5 * np.log(2.0 * np.pi * sigma**2) - value**2 / (2.0 * sigma**2))


def _of_scatter(n: Floats, spread_m: Floats, usual_m: Any, factor: Any) -> Floats:
    """Return the logarithm of the density of n points in a plane about their mean.

    Their noise is that found, held to the usual one where points are few; and it is log-normal itself.
    """
    shrunk = (n - 1.0) * np.log(np.maximum(spread_m, LEAST_M)) + 2.0 * np.log(usual_m)
    noise_m = np.exp(shrunk / (n + 1.0))
    unlike = np.log(noise_m / usual_m) ** 2 / (2.0 * np.log(factor) ** 2) + np.log(np.log(factor))
    return np.asarray(
        -(n - 1.0) * np.log(2.0 * np.pi * noise_m**2) - np.log(n) - n * spread_m**2 / noise_m**2 - unlike
    )


def _of_lifts(n: Floats, mean_ft: Floats, spread_ft: Floats, apart_ft: Any, noise_ft: Floats) -> Floats:
    """Return the same of n numbers."""
    mean = apart_ft**2 + noise_ft**2 / n
    return np.asarray(
        -0.5 * np.log(2.0 * np.pi * mean) - mean_ft**2 / (2.0 * mean)
        - 0.5 * (n - 1.0) * np.log(2.0 * np.pi * noise_ft**2) - 0.5 * np.log(n) - n * spread_ft**2 / (2.0 * noise_ft**2)
    )  # fmt: skip


def _velocity_off_mps(evidence: Table, rows: npt.NDArray[np.int64]) -> Floats:
    a, b = evidence["of_a"][rows], evidence["of_b"][rows]
    east = b[:, reports.TOLD_EAST_MPS] - a[:, reports.TOLD_EAST_MPS]
    north = b[:, reports.TOLD_NORTH_MPS] - a[:, reports.TOLD_NORTH_MPS]
    return np.asarray(np.hypot(east, north))

"""Are two addresses one aircraft?  The odds, by how they move beside each other for as long as both are heard.

Five stories are compared by how probable each makes what was seen (docs/trust.md#one-aircraft):

*one*: b follows a with a constant lag, a constant lift and a constant offset; what is left is noise of the source.
*fed twice*: one, too, and by the same reports, which two feeds stamp by clocks of their own.
*company*: two aircraft beside each other; the offset is that of a formation, and wanders as pilots do.
*trail*: two aircraft on one way, one behind the other by any time, at any two altitudes.
*meeting*: two aircraft that only meet: t seconds from the closest point they are anywhere within speed times t.

Points are 10 s apart; each counts by how surely both were there, and no more than the rarer of the two reported.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from wideberth.kernels import reports, together
from wideberth.trust.evidence import MULTILATERATED, RELAYED, TRANSPONDER, UNTOLD

if TYPE_CHECKING:
    import numpy.typing as npt

    from wideberth.trust.limits import Limits

    Floats = npt.NDArray[np.float64]
    Kinds = npt.NDArray[np.int8]
    Mask = npt.NDArray[np.bool_]
    Table = dict[str, npt.NDArray[Any]]

LEAST_M = 8.0  # a scatter below this is taken as this: a position is told in steps of about 5 m
LAGS_S = 2.0 * together.LAG_MOST_S  # a lag is anything from 45 s ahead to 45 s behind
NEVER = 1e-12  # a share of 0 or 1
CERTAIN = 500.0  # logarithms of odds beyond this are all 0 or 1


@dataclass(frozen=True)
class Beside:
    """How b moves beside a, of the pairs that are asked about.

    Attributes:
        n: points that count.
        m: those of which altitudes are known; 1 where none is.
        has_lifts: True where any is.
        along_m, across_m: the lag in metres; the constant offset.
        spread_m: what is left.
        lift_ft, lift_spread_ft: b's altitude less a's, and its scatter.
        speed_mps: of the faster.
        stray: logarithm of the area in which one that only meets the other may be, the mean of all points.
    """

    n: Floats
    m: Floats
    has_lifts: Mask
    along_m: Floats
    across_m: Floats
    spread_m: Floats
    lift_ft: Floats
    lift_spread_ft: Floats
    speed_mps: Floats
    stray: Floats

    @classmethod
    def of(cls, evidence: Table, rows: npt.NDArray[np.int64]) -> Beside:
        """Return it of some rows of the evidence."""
        t = evidence["together"][rows]
        speeds = [evidence[f"of_{side}"][rows, reports.SPEED_MPS] for side in "ab"]
        speed_mps = np.fmax(np.fmax(*speeds), together.SLOWEST_MPS)
        n = np.maximum(np.minimum(t[:, together.WEIGHT], t[:, together.REPORTS]), 1.0)
        lifts = t[:, together.LIFT_WEIGHT]
        return cls(
            n, np.minimum(n, np.maximum(lifts, 1.0)), lifts > 0.0,
            t[:, together.LAG_S] * speed_mps, t[:, together.BIAS_M], t[:, together.SPREAD_M],
            np.nan_to_num(t[:, together.LIFT_FT]), np.nan_to_num(t[:, together.LIFT_SPREAD_FT]),
            speed_mps, t[:, together.STRAY],
        )  # fmt: skip

    def scattered(self, usual_m: Any, factor: Any) -> Floats:
        """Return the logarithm of the density of n points in a plane about their mean.

        Their noise is that found, held to the usual one where points are few; and it is log-normal itself.
        """
        n = self.n
        shrunk = (n - 1.0) * np.log(np.maximum(self.spread_m, LEAST_M)) + 2.0 * np.log(usual_m)
        noise_m = np.exp(shrunk / (n + 1.0))
        unlike = np.log(noise_m / usual_m) ** 2 / (2.0 * np.log(factor) ** 2) + np.log(np.log(factor))
        left = n * self.spread_m**2 / noise_m**2
        return np.asarray(-(n - 1.0) * np.log(2.0 * np.pi * noise_m**2) - np.log(n) - left - unlike)

    def lifted(self, apart_ft: Any, least_ft: Any, most_ft: float) -> Floats:
        """Return the same of their vertical distances, of which the mean is normal; 0 where none is known."""
        m = self.m
        noise_ft = np.clip(self.lift_spread_ft, least_ft, most_ft)
        mean = apart_ft**2 + noise_ft**2 / m
        found = -0.5 * np.log(2.0 * np.pi * mean) - self.lift_ft**2 / (2.0 * mean)
        found = found - 0.5 * (m - 1.0) * np.log(2.0 * np.pi * noise_ft**2) - 0.5 * np.log(m)
        return np.where(self.has_lifts, found - m * self.lift_spread_ft**2 / (2.0 * noise_ft**2), 0.0)


def probability_of_one(
    evidence: Table, has_same_callsign: Mask, has_other_callsign: Mask, limits: Limits
) -> Floats:
    """Return how probable it is that the two addresses of each pair are one aircraft; 0 where nothing speaks for it."""
    points = evidence["together"][:, together.POINTS]
    seen = np.flatnonzero(points >= 1.0)
    probability = np.zeros(points.size)
    if not seen.size:
        return probability
    kinds = evidence["kind_a"][seen], evidence["kind_b"][seen]
    beside = Beside.of(evidence, seen)
    one = _one(beside, kinds, limits)
    is_relayed = (kinds[0] == RELAYED) | (kinds[1] == RELAYED)
    company, trail, meeting = (
        _company(beside, is_relayed, limits),
        _trail(beside, limits),
        _meeting(beside, limits),
    )
    # One point tells no motion: reported velocities do.
    off_mps, apart_s = _velocity_off(evidence, seen)
    is_told = (points[seen] < 2.0) & ~np.isnan(off_mps)
    sigma = np.hypot(limits.velocity_mps, limits.velocity_turn_mps2 * np.nan_to_num(apart_s))
    alike = -np.log(2.0 * np.pi * sigma**2) - np.nan_to_num(off_mps) ** 2 / (2.0 * sigma**2)
    one, company, trail = (story + np.where(is_told, alike, 0.0) for story in (one, company, trail))
    meeting = meeting - np.where(is_told, np.log(np.pi * (2.0 * beside.speed_mps) ** 2), 0.0)

    relayed = (kinds[0] == RELAYED).astype(int) + (kinds[1] == RELAYED)
    prior = np.array([limits.one_of_transponders, limits.one_of_relayed, limits.one_of_two_relayed])[relayed]
    odds = np.log(np.maximum(prior, NEVER) / np.maximum(1.0 - prior, NEVER))
    odds = odds + np.where(has_same_callsign[seen], np.log(limits.same_callsign), 0.0)
    odds = odds + np.where(has_other_callsign[seen], np.log(limits.other_callsign), 0.0)
    rest = 1.0 - limits.company_share - limits.trail_share
    two = np.logaddexp(
        np.logaddexp(company + _log(limits.company_share), trail + _log(limits.trail_share)),
        meeting + _log(rest),
    )
    probability[seen] = 1.0 / (1.0 + np.exp(-np.clip(odds + one - two, -CERTAIN, CERTAIN)))
    return probability


def _one(beside: Beside, kinds: tuple[Kinds, Kinds], limits: Limits) -> Floats:
    """One aircraft: by reports of two kinds, or by the same reports twice.

    A feed that does not say how it knows a position may have it of multilateration, of one of the two at most.
    """
    a, b = (np.where(kind == UNTOLD, TRANSPONDER, kind) for kind in kinds)
    found = _heard_twice(beside, a, b, limits)
    is_untold = (kinds[0] == UNTOLD) | (kinds[1] == UNTOLD)
    located_a = np.where(kinds[0] == UNTOLD, MULTILATERATED, a)
    located_b = np.where((kinds[1] == UNTOLD) & (kinds[0] != UNTOLD), MULTILATERATED, b)
    share = limits.untold_mlat_share
    located = np.logaddexp(
        found + _log(1.0 - share), _heard_twice(beside, located_a, located_b, limits) + _log(share)
    )
    found = np.where(is_untold, located, found)
    share = limits.fed_twice_share
    fed = np.logaddexp(found + _log(1.0 - share), _fed_twice(beside, limits) + _log(share))
    return np.where(a == b, fed, found)


def _heard_twice(beside: Beside, a: Kinds, b: Kinds, limits: Limits) -> Floats:
    def both(name: str) -> Floats:
        return np.hypot(
            *(of[kind] for of, kind in ((_of_kinds(name, limits), a), (_of_kinds(name, limits), b)))
        )

    offset_m = both("offset_m")
    behind_m = np.hypot(offset_m, both("lag_s") * beside.speed_mps)
    factors = _of_kinds("noise_factor", limits)
    found = beside.scattered(both("noise_m"), np.maximum(factors[a], factors[b]))
    # Cauchy's law: most lags are short, some are long.
    found -= np.log(np.pi * behind_m * (1.0 + (beside.along_m / behind_m) ** 2))
    is_off = beside.across_m > limits.offsets_most * offset_m
    found += np.where(is_off, -np.inf, _normal(beside.across_m, offset_m))
    return found + beside.lifted(both("lift_ft"), limits.lift_least_ft, limits.lift_most_ft)


def _fed_twice(beside: Beside, limits: Limits) -> Floats:
    found = beside.scattered(limits.fed_noise_m, limits.fed_noise_factor) - np.log(LAGS_S * beside.speed_mps)
    found = found + _normal(beside.across_m, limits.fed_offset_m)
    return found + beside.lifted(limits.fed_lift_ft, limits.lift_least_ft, limits.lift_most_ft)


def _company(beside: Beside, is_relayed: Mask, limits: Limits) -> Floats:
    found = beside.scattered(limits.wander_m, limits.wander_factor)
    found = found + _normal(beside.along_m, limits.formation_m) + _normal(beside.across_m, limits.formation_m)
    # A relay tells altitudes too roughly to show that two pilots hold theirs.
    least_ft = np.where(is_relayed, limits.lift_least_ft, limits.stack_wander_ft)
    return found + beside.lifted(limits.stack_ft, least_ft, limits.wander_most_ft)


def _trail(beside: Beside, limits: Limits) -> Floats:
    found = beside.scattered(limits.trail_noise_m, limits.trail_factor) - np.log(LAGS_S * beside.speed_mps)
    found = found + _normal(beside.across_m, limits.trail_m)
    return found + beside.lifted(limits.trail_ft, limits.lift_least_ft, limits.wander_most_ft)


def _meeting(beside: Beside, limits: Limits) -> Floats:
    heights = np.where(beside.has_lifts, beside.m * np.log(2.0 * limits.any_ft), 0.0)
    return np.asarray(-beside.n * beside.stray - heights)


def _of_kinds(name: str, limits: Limits) -> Floats:
    """Return a figure of a transponder, a relayed radar, and multilateration."""
    return np.array([getattr(limits, f"{kind}_{name}") for kind in ("transponder", "radar", "mlat")])


def _log(share: float) -> float:
    return math.log(min(max(share, NEVER), 1.0))


def _normal(value: Floats, sigma: Any) -> Floats:
    return np.asarray(-0.5 * np.log(2.0 * np.pi * sigma**2) - value**2 / (2.0 * sigma**2))


def _velocity_off(evidence: Table, rows: npt.NDArray[np.int64]) -> tuple[Floats, Floats]:
    """Return how much reported velocities differ, and how far apart in time they were told, the lag allowed for."""
    a, b = evidence["of_a"][rows], evidence["of_b"][rows]
    east = b[:, reports.TOLD_EAST_MPS] - a[:, reports.TOLD_EAST_MPS]
    north = b[:, reports.TOLD_NORTH_MPS] - a[:, reports.TOLD_NORTH_MPS]
    apart_s = b[:, reports.TOLD_AWAY_S] - a[:, reports.TOLD_AWAY_S]
    return np.hypot(east, north), np.abs(apart_s - evidence["together"][rows, together.LAG_S])

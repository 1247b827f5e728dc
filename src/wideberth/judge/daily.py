"""Counts of days that are not alike → how much more they vary than a Poisson's, and 95 % intervals from that.

Days differ, and neighbouring days differ alike: weekdays, runs of busy days, weather.  The method, in five lines:

1. The variance of a whole count, runs of alike days included, is taken from the slowest swings of the daily
   counts: the mean square of their first B cosine terms (equal-weighted cosines).
2. That variance over the count is the *dispersion*, 1 for independent events.  What of it is not these events' own
   is raised for swings too slow for so few days to show, as if what one day has too much, the next had 0.85 of (for a
   ratio 0.75): right up to a persistence that is stated.
3. B terms tell it only roughly: it is raised by (t / z)², with Student's t of B degrees of freedom, and is never taken
   below that of independent events.
4. A count of N with dispersion D is worth N / D independent events: Garwood's exact Poisson interval of N / D, times D.
5. A ratio of two counts likewise: Clopper and Pearson's exact interval of the share of one in both.

Of m events a day, 1 / (1 + m) of a dispersion of 1 is taken as their own: their share of a day's variance if days
differ by as much as their mean.  B is half of the square root of the number of days, at least 2: what swings faster
hardly moves the sum.
design/rate_intervals.py measures how often the intervals hold the truth; docs/judging.md#rates says where they fail.

Sources: Müller, HAC corrections for strongly autocorrelated time series, J. Business & Economic Statistics 32, 2014;
Lazarus, Lewis, Stock, Watson, HAR inference: recommendations for practice, the same 36, 2018 (1, and t in 3); Müller
and Watson, Spatial correlation robust inference, Econometrica 90, 2022 (the idea of 2); McCullagh and Nelder,
Generalized Linear Models, 2nd ed., 1989, section 6.2 (3); Garwood, Fiducial limits for the Poisson distribution,
Biometrika 28, 1936 (4); Clopper and Pearson, The use of confidence or fiducial limits, Biometrika 26, 1934 (5).
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from wideberth.trust.accuracy import NORMAL_95

Array = npt.NDArray[np.float64]

# Half of a swing is left after four days, of a ratio two.  With less, runs of busy days are not covered; more
# widens the intervals of short recordings beyond use.  Of a ratio less will do: what two neighbouring periods have
# in common cancels.  (design/rate_intervals.py prints the coverage with each.)
MEMORY_OF_RATE, MEMORY_OF_RATIO = 0.85, 0.75
TAIL = 0.025

FEWEST_TERMS = 2
FEWEST_DAYS = 2


def terms(days: int) -> int:
    """Return how many cosine terms tell the dispersion of so many days.

    >>> [terms(days) for days in (2, 7, 30, 90, 365)]
    [1, 2, 3, 5, 10]
    """
    return min(max(FEWEST_TERMS, round(0.5 * math.sqrt(days))), days - 1)


def rate_dispersion(
    daily: Array, shares: Array | None = None, *, least: float = 1.0, memory: float = MEMORY_OF_RATE
) -> Array:
    """Return the long-run variance of the sum of daily counts over the sum, raised for how roughly it is known.

    Args:
        daily: (..., days) counts, each row one series of at least two days.
        shares: (days,) how much of each day was recorded; 1 each if not told.
        least: the dispersion of independent events: 1 of counts; of sums the mean square of one over its mean.
        memory: correlation from one day to the next up to which it is right.
    Returns:
        (...) dispersions, ``least`` where nothing was counted.
    """
    days = daily.shape[-1]
    recorded = np.ones(days) if shares is None else shares
    total = daily.sum(axis=-1)
    apart = daily - (total / recorded.sum())[..., None] * recorded
    slow, allowance = _slow(days, 0, terms(days), memory)
    variance = days * ((apart @ slow) ** 2).mean(axis=-1)
    found = np.divide(variance, total, out=np.zeros_like(total), where=total > 0.0)
    return _raised(found, total / recorded.sum(), terms(days), allowance, least)


def ratio_dispersion(
    before: Array,
    after: Array,
    shares: Array | None = None,
    *,
    least: float = 1.0,
    memory: float = MEMORY_OF_RATIO,
) -> Array:
    """Return the dispersion for a ratio of counts, after to before, as `rate_dispersion` does for one count.

    Args:
        before, after: (..., days) counts of two periods, at least two days each, the one right after the other.
        shares: (all days,) how much of each day was recorded; 1 each if not told.
        least, memory: as for `rate_dispersion`.
    """
    split, days = before.shape[-1], before.shape[-1] + after.shape[-1]
    recorded = np.ones(days) if shares is None else shares
    parts = []
    for daily, share in ((before, recorded[:split]), (after, recorded[split:])):
        mean = (daily.sum(axis=-1) / share.sum())[..., None]
        parts.append((daily - mean * share) / np.sqrt(np.where(mean > 0.0, mean, 1.0)))
    count = min(terms(days) + 1, days - 2)
    slow, allowance = _slow(days, split, count, memory)
    found = ((np.concatenate(parts, axis=-1) @ slow) ** 2).mean(axis=-1)
    mean = (before.sum(axis=-1) + after.sum(axis=-1)) / recorded.sum()
    return _raised(found, mean, count, allowance, least)


@lru_cache(maxsize=64)
def _slow(days: int, split: int, count: int, memory: float) -> tuple[Array, float]:
    """Return slow swings, and what their mean square lacks of the variance wanted if days have a memory.

    The swings, (days, count), are orthonormal, and to the mean of all days as well, or to that of either period;
    the variance wanted is that of the sum, or of the difference of the two means.
    """
    order = np.arange(1, count + 1)
    cosines = np.cos(np.pi * order * (np.arange(days)[:, None] + 0.5) / days)
    is_before = np.arange(days) < split
    means = np.column_stack([is_before, ~is_before] if split else [~is_before]).astype(float)
    slow = np.linalg.qr(np.hstack([means, cosines]))[0][:, means.shape[1] :]
    wanted = np.where(is_before, -1.0 / max(split, 1), 1.0 / (days - split))
    weights = np.column_stack([wanted / np.linalg.norm(wanted), slow])
    behind = np.zeros_like(weights)  # what each day carries over from all before it
    for day in range(1, days):
        behind[day] = memory * (behind[day - 1] + weights[day - 1])
    spread = (weights * (weights + 2.0 * behind)).sum(axis=0)
    return slow, float(spread[0] / spread[1:].mean())


def _raised(dispersion: Array, mean: Array, degrees: int, allowance: float, least: float) -> Array:
    """Return a dispersion raised for swings too slow to be seen, then for how roughly it is known."""
    from scipy.special import stdtrit

    own = least / (1.0 + mean / least)
    hidden = max(allowance - 1.0, 0.0) * np.maximum(dispersion - own, 0.0)
    rough = float(stdtrit(degrees, 1.0 - TAIL) / NORMAL_95) ** 2
    raised: Array = np.maximum((dispersion + hidden) * rough, least)
    return raised


def interval(count: Any, dispersion: Any) -> tuple[Any, Any]:
    """Return the 95 % interval of the expectation of a count with a dispersion; scalars or arrays.

    >>> [round(float(end), 2) for end in interval(0, 1.0)]
    [0.0, 3.69]
    """
    from scipy.special import gammaincinv

    worth = np.asarray(count / dispersion, float)
    low = np.where(worth > 0.0, gammaincinv(np.maximum(worth, 1e-9), TAIL), 0.0)
    return low * dispersion, gammaincinv(worth + 1.0, 1.0 - TAIL) * dispersion


def ratio_interval(before: Any, after: Any, dispersion: Any) -> tuple[Any, Any]:
    """Return the 95 % interval of the ratio of the expectations of two counts, after to before; before is above 0."""
    from scipy.special import betaincinv

    a, b = np.asarray(after / dispersion, float), np.asarray(before / dispersion, float)
    low = np.where(a > 0.0, betaincinv(np.maximum(a, 1e-9), b + 1.0, TAIL), 0.0)
    rest = betaincinv(b, a + 1.0, TAIL)  # 1 - share: no digits are lost where the share is nearly 1
    with np.errstate(divide="ignore"):
        return low / (1.0 - low), (1.0 - rest) / rest

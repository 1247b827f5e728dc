"""Pledges to fly less, or more, after a date → the ratio of activity with its 95 % interval, and a verdict.

Activity is flights (counted on the day on which each is first heard) or flight hours, per day of recording, within
the agreement's validity; the first and the last day count by the share of them that was recorded.  The interval
allows for days that are not alike and runs of days that are: see `wideberth.judge.daily`.

A pledge "falls by 50 %" is kept if the interval lies below 0.5, broken if above, else unknown.  It is
unknown as well if what is heard of everyone else changed significantly and as much: then coverage
may have changed, and not activity.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from wideberth.agreement.model import DAY_S, Pledge, microseconds
from wideberth.incidents import identity
from wideberth.judge import daily, tell

if TYPE_CHECKING:
    import numpy.typing as npt

    from wideberth.agreement.rules import Rule
    from wideberth.incidents import Columns
    from wideberth.judge.daily import Array
    from wideberth.judge.sky import Sky

DAY_US = DAY_S * 1_000_000


@dataclass(frozen=True)
class Change:
    """A ratio of daily activity, after to before, with its 95 % interval and the dispersion that this rests on."""

    before: float
    after: float
    ratio: float
    low: float
    high: float
    dispersion: float


def change(before: Array, after: Array, shares: Array | None = None, *, least: float = 1.0) -> Change | None:
    """Compare activity on some days with that on the days right after.

    Args:
        before, after: activity a day.
        shares: how much of each day, of both periods in order, was recorded; 1 each if not told.
        least: the dispersion of independent flights: 1 of their number, of hours the mean square over the mean.
    Returns:
        None where there was nothing before, or days are too few.
    """
    days = before.size + after.size
    recorded = np.ones(days) if shares is None else shares
    days_before, days_after = float(recorded[: before.size].sum()), float(recorded[before.size :].sum())
    total_before, total_after = float(before.sum()), float(after.sum())
    is_too_short = min(before.size, after.size) < daily.FEWEST_DAYS or min(days_before, days_after) <= 0.0
    if is_too_short or total_before <= 0.0:
        return None
    if total_after > 0.0:
        dispersion = float(daily.ratio_dispersion(before, after, recorded, least=least))
    else:  # days without any flight tell nothing of how days differ
        dispersion = float(daily.rate_dispersion(before, recorded[: before.size], least=least))
    low, high = daily.ratio_interval(total_before, total_after, dispersion)
    scale = days_before / days_after
    ratio = total_after / total_before * scale
    return Change(total_before, total_after, ratio, float(low) * scale, float(high) * scale, dispersion)


def judge(sky: Sky, rule: Rule) -> Columns:
    """Return the one finding about a pledge."""
    pledge = rule.entry.pledges
    assert isinstance(pledge, Pledge)
    what = "flights" if pledge.flights is not None else "hours"
    own = tell.bound(sky, rule) & np.array([len(claim) == 1 for claim in sky.flights.claims], np.bool_)
    at_us = microseconds(pledge.after)
    first_us, last_us = _recorded(sky)
    found = _compared(sky, own, what, first_us, at_us, last_us)
    others = _compared(sky, ~tell.bound(sky, rule), what, first_us, at_us, last_us)
    falls = (pledge.flights or pledge.hours) == "falls"
    limit = 1.0 - pledge.by if falls else 1.0 + pledge.by
    because = None
    if found is None:
        verdict, because = "unknown", "coverage"
    else:
        is_kept = found.high < limit if falls else found.low > limit
        is_broken = found.low > limit if falls else found.high < limit
        verdict = "kept" if is_kept else "broken" if is_broken else "unknown"
        has_coverage_changed = others is not None and not others.low <= 1.0 <= others.high
        if others is not None and has_coverage_changed and _size(others) >= _size(found):
            verdict, because = "unknown", "coverage"
    row: dict[str, Any] = {
        "id": identity(sky.agreement.digest, rule.id, [rule.entry.party], at_us // 1_000_000),
        "agreement": sky.agreement.digest,
        "rule": rule.id,
        "kind": rule.kind,
        "verdict": verdict,
        "because": because,
        "party": rule.entry.party,
        "t_in": float(first_us),
        "t_out": float(last_us),
        "magnitude": found.ratio if found else math.nan,
        "magnitude_unit": "",
        "magnitude_low": found.low if found else math.nan,
        "magnitude_high": found.high if found else math.nan,
    }
    row["sentence"] = _sentence(rule, what, found, others, limit, falls)
    return {name: [value] for name, value in row.items()}


def _size(change: Change) -> float:
    return abs(math.log(change.ratio)) if change.ratio > 0.0 else math.inf


def _sentence(
    rule: Rule, what: str, found: Change | None, others: Change | None, limit: float, falls: bool
) -> str:
    party = rule.entry.party
    if found is None:
        return f"{what} of {party} were recorded on too few days, or not at all, before or after the date"
    of_others = (
        ""
        if others is None
        else f"; of everyone else by {others.ratio:.2f} ({others.low:.2f} to {others.high:.2f})"
    )
    bound = "below" if falls else "above"
    return (
        f"{what} of {party} a day changed by a factor of {found.ratio:.2f} ({found.low:.2f} to {found.high:.2f}; "
        f"pledged: {bound} {limit:.2f}), from {found.before:.0f} to {found.after:.0f} in all{of_others}"
    )


def _recorded(sky: Sky) -> tuple[int, int]:
    """Return the first and the last instant that count: recorded, and within validity."""
    low, high = sky.valid[0][0], sky.valid[-1][1]
    return int(max(sky.first_us, low)), int(min(sky.last_us, high - 1))


def _compared(
    sky: Sky, mask: npt.NDArray[np.bool_], what: str, first_us: int, at_us: int, last_us: int
) -> Change | None:
    """Compare the days before a date with those from it on; the day in which it lies counts from it on."""
    first_day, last_day, at_day = first_us // DAY_US, last_us // DAY_US, at_us // DAY_US
    if last_day < first_day:
        return None
    counts = np.zeros(int(last_day - first_day + 1))
    flights = sky.flights
    day = flights.t_in_us // DAY_US - first_day
    weight = np.ones(len(flights)) if what == "flights" else sky.hours
    counted = mask & (day >= 0) & (day < counts.size)
    np.add.at(counts, day[counted], weight[counted])
    split = int(np.clip(at_day - first_day, 0, counts.size))
    total = float(weight[counted].sum())
    least = float((weight[counted] ** 2).sum()) / total if total > 0.0 else 1.0
    return change(counts[:split], counts[split:], _shares(first_us, last_us), least=least)


def _shares(first_us: int, last_us: int) -> Array:
    """Return how much of each day lies between two instants: 1 but of the first and the last."""
    begin = np.arange(first_us // DAY_US, last_us // DAY_US + 1) * DAY_US
    shares: Array = (np.minimum(begin + DAY_US, last_us) - np.maximum(begin, first_us)) / DAY_US
    return shares

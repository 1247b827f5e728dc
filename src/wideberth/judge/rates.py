"""How often: counts under each rule per day, per flight and per 100 flight hours, with 95 % intervals.

The interval is one of the expected count in so much recording, and allows for days that are not alike; see
`wideberth.judge.daily`.  Days, flights and hours are taken as known.  A single day tells nothing of how days differ,
and has no interval.  A day on which nothing at all was heard counts as recorded, and such days are counted: whether
nothing flew or nothing listened, tracks do not tell.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from wideberth.judge import daily
from wideberth.judge.pledge import DAY_US

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import numpy.typing as npt

    from wideberth.judge.sky import Sky
    from wideberth.judge.tally import Tally

COUNTED = {"side": "excursions", "out_of": "penetrations", "inside": "times outside", "apart": "encounters"}
"""What a finding under each kind of rule is called; rules about a side count crossings as well."""
HOURS = 100.0
LEAST_DAYS = 1.0  # from minutes nobody should be told a rate per day


def table(sky: Sky, tallies: Iterable[Tally]) -> Iterator[dict[str, Any]]:
    """Yield a row for each rule, party and thing that is counted."""
    heard = _days_heard(sky)
    for tally in tallies:
        if not tally.days.size:
            continue
        things = {COUNTED[tally.rule.kind]: tally.is_measured}
        if tally.rule.kind == "side":
            things["crossings"] = tally.is_crossing
        for party in tally.parties:
            for what, mask in things.items():
                yield {
                    "rule": tally.rule.id,
                    "kind": tally.rule.kind,
                    "party": party,
                    "counted": what,
                    **_rate(tally, party, tally.of_party(party) & mask),
                    "days_silent": int(np.count_nonzero(~np.isin(tally.days, heard))),
                }


def _rate(tally: Tally, party: str, mask: npt.NDArray[np.bool_]) -> dict[str, Any]:
    counts = tally.daily(tally.day, mask).astype(float)
    count, dispersion, low, high = float(counts.sum()), None, None, None
    if counts.size >= daily.FEWEST_DAYS:
        dispersion = float(daily.rate_dispersion(counts, tally.shares))
        low, high = (float(end) for end in daily.interval(count, dispersion))
    flown = tally.flown_by(party)
    days = float(tally.shares.sum())
    exposures = {
        "per_day": days if days >= LEAST_DAYS else 0.0,
        "per_flight": float(np.count_nonzero(flown)),
        "per_100_h": float(tally.hours[flown].sum()) / HOURS,
    }
    found: dict[str, Any] = {
        "count": int(count),
        "days": days,
        "flights": int(exposures["per_flight"]),
        "hours": exposures["per_100_h"] * HOURS,
        "dispersion": dispersion,
    }
    for name, exposure in exposures.items():
        for ending, value in (("", count), ("_low", low), ("_high", high)):
            found[name + ending] = None if value is None or exposure <= 0.0 else value / exposure
    return found


def _days_heard(sky: Sky) -> npt.NDArray[np.int64]:
    first = sky.first_us // DAY_US
    is_heard = np.zeros(sky.last_us // DAY_US - first + 1, np.bool_)
    is_heard[sky.tracks.t_us // DAY_US - first] = True
    return np.flatnonzero(is_heard) + first

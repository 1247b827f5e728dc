"""What thirty simulated days show, found by marching: the answers that the judge is tested by.

Nothing of wideberth's kernels, screen or judge is used, and no closed form.  Surface points come from pyproj;
between two samples an aircraft moves in a straight line at constant speed between them, altitude linear; the
state (past the line? inside both minima? in the cylinder?) is looked at every second, and each time that it
changed the instant is halved down to a microsecond.  The greatest depth and the smallest distance are looked for
at every second, then nearby in finer and finer steps.  A state that lasts less than a second can be missed.

Where the terms of the agreement leave something open, this is what is meant here:

- **Depth** is the distance (chord) from the aircraft's surface point to the nearest point of the line, counted
  positive on the wrong side.  **Beside** ends where the nearest point is an end of the line.  The line is made
  of pieces of at most 250 m, so that it leaves its lon/lat straightness by a millimetre; those at its ends are
  1 m, so that square to it is within a centimetre of square to the line 60 km away.  (The sag of
  the motion between two samples, some centimetres downward, stays in.)
- **An excursion** begins through the ``line``, round an ``end``, at the ``reach``, or where it is first
  ``heard`` after a gap or at all; likewise it ends.  ``hidden_in`` and ``hidden_out`` tell the gap in which it
  really began or ended.
- **Parts** that a gap of at most 900 s separates, heard past the line on both sides of it, are one.
- **A gap could contain** an excursion if at 600 kt the aircraft could have flown from where it was last
  heard to a point past the buffer, beside the line, and on to where it was next heard.  If it was heard past
  the line on neither side of such a gap, the gap is a finding by itself, *unknown*.  If the heard part of
  an excursion is within the buffer, and a gap at its end or within could contain more, it is *unknown*.
- **Manner**: *brush*: at most 60 s and 1 km; else *transit*: in through the line and out round an end
  or at the reach, or shorter than 300 s; else *sustained*.  Its length is from first to last, with gaps.
- **Excused**: no instant past the buffer (both minima, the cylinder) is without a permission.  Levels and
  hours include their ends, which no flight here tries.  Gaps need no permission.
- **Crossings** are entries through the line, also those that stay within the buffer.
- **A flight** counts for the day on which it is first heard, with all its hours; an excursion for the day on which
  it begins.  **Hours** are those within legs.
- **The pledge** compares flights per day of recording, before and after, by the logarithm of their ratio.

Beside each answer stands what the *true* motion did: the same march over the noise-free, gapless motion.
"""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING, Any

from wideberth.simulate.euphrates.march.apart import close_calls
from wideberth.simulate.euphrates.march.flights import Heard, heard_flights
from wideberth.simulate.euphrates.march.legs import length_s
from wideberth.simulate.euphrates.march.line import Line
from wideberth.simulate.euphrates.march.sides import Sides
from wideberth.simulate.euphrates.march.spare import Cylinder
from wideberth.simulate.euphrates.march.told import instant, interval
from wideberth.simulate.euphrates.terms import (
    DAY_S,
    DAYS,
    PARTIES,
    PLEDGE_FALLS_BY,
    PLEDGE_FROM_S,
    PLEDGE_PARTY,
    PLEDGE_RULE,
    SIDE_RULES,
    SPARE_RULES,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl

    from wideberth.simulate.euphrates.traffic import Flight

NORMAL_95 = 1.959964


def answers(tracks: pl.DataFrame, made: Sequence[Flight], seed: int) -> dict[str, Any]:
    """Return what the recorded motion shows under the agreement, and what the true motion was.

    Args:
        tracks: what was recorded.
        made: what it was made from.
        seed: of both.
    """
    flights = heard_flights(tracks, made)
    line = Line()
    sides: list[dict[str, Any]] = []
    for rule in SIDE_RULES:
        under = Sides(line, rule)
        for heard in flights:
            if rule.party in heard.parties:
                sides += under.findings(heard)
    sides.sort(key=lambda answer: (answer["t_in"], answer["icao24"], answer["rule"]))
    apart = close_calls([heard for heard in flights if heard.parties])
    spare = [
        answer for rule in SPARE_RULES for heard in flights for answer in Cylinder(rule).penetrations(heard)
    ]
    spare.sort(key=lambda answer: (answer["t_in"], answer["icao24"]))
    return {
        "says": "Traffic and geometry are simulated; nothing here tells what anybody flew.",
        "seed": seed,
        "rows": tracks.height,
        "aircraft": tracks["icao24"].n_unique(),
        "flights": [_told_flight(heard) for heard in flights],
        "sides": sides,
        "apart": apart,
        "spare": spare,
        "pledge": pledge(flights),
        "days": _days(flights, sides),
        "totals": _totals(flights, sides),
    }


def pledge(flights: Sequence[Heard]) -> dict[str, Any]:
    """Return whether flights fell as pledged: by their number a day, before and after."""
    first_s = [heard.first_s for heard in flights if heard.parties == (PLEDGE_PARTY,)]
    before = sum(t_s < PLEDGE_FROM_S for t_s in first_s)
    after = len(first_s) - before
    before_days = PLEDGE_FROM_S / DAY_S
    ratio = (after / (DAYS - before_days)) / (before / before_days)
    deviation = math.sqrt(1.0 / before + 1.0 / after)
    low, high = (ratio * math.exp(sign * NORMAL_95 * deviation) for sign in (-1, 1))
    limit = 1.0 - PLEDGE_FALLS_BY
    verdict = "kept" if high < limit else "broken" if low > limit else "unknown"
    return {
        "rule": PLEDGE_RULE,
        "party": PLEDGE_PARTY,
        "verdict": verdict,
        "flights_before": before,
        "flights_after": after,
        "days_before": before_days,
        "days_after": DAYS - before_days,
        "ratio": round(ratio, 6),
        "ratio_95": [round(low, 6), round(high, 6)],
    }


def _told_flight(heard: Heard) -> dict[str, Any]:
    told = {**heard.named(), "t_first": instant(heard.first_s), "t_last": instant(heard.last_s)}
    told["rows"] = sum(leg.t_s.size for leg in heard.legs)
    told["nac_p"] = heard.made.nac_p if heard.made.source != "mlat" else None
    if heard.gaps:
        told["gaps"] = [interval(gap) for gap in heard.gaps]
    return told


def _hours(heard: Heard) -> float:
    return sum(float(leg.t_s[-1] - leg.t_s[0]) for leg in heard.legs) / 3600.0


def _day(text: str) -> str:
    return text[:10]


def _days(flights: Sequence[Heard], sides: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return counts for every day and party; a flight or excursion that two parties claim counts for neither."""
    told = []
    for day in range(DAYS):
        text = _day(instant(day * DAY_S))
        for party in PARTIES:
            own = [
                heard
                for heard in flights
                if heard.parties == (party.name,) and _day(instant(heard.first_s)) == text
            ]
            told.append(
                {
                    "day": text,
                    "party": party.name,
                    "aircraft": len({heard.icao24 for heard in own}),
                    "flights": len(own),
                    "hours": round(sum(map(_hours, own)), 4),
                    "hours_not_heard": round(
                        length_s(gap for heard in own for gap in heard.gaps) / 3600.0, 4
                    ),
                    "rows": sum(leg.t_s.size for heard in own for leg in heard.legs),
                    **_counts(
                        [one for one in sides if one["parties"] == [party.name] and _day(one["t_in"]) == text]
                    ),
                }
            )
    return told


def _totals(flights: Sequence[Heard], sides: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {
            "party": party.name,
            "aircraft": len({heard.icao24 for heard in flights if heard.parties == (party.name,)}),
            "flights": sum(heard.parties == (party.name,) for heard in flights),
            **_counts([one for one in sides if one["parties"] == [party.name]]),
        }
        for party in PARTIES
    ]


def _counts(sides: Sequence[dict[str, Any]]) -> dict[str, int]:
    """Return how many crossings, excursions and aircraft there are among findings about sides."""
    verdicts = Counter(one["verdict"] for one in sides)
    past = [one for one in sides if one["kind"] == "excursion" and not one["inside_buffer"]]
    return {
        "outbound_crossings": sum(one["kind"] == "excursion" and one["entered"] == "line" for one in sides),
        "excursions": len(past),
        "excursion_aircraft": len({one["icao24"] for one in past}),
        "broken": verdicts["broken"],
        "excused": verdicts["excused"],
        "unknown": verdicts["unknown"],
        "inside_buffer": verdicts["inside_buffer"],
    }

"""Counts per day and party: flights, hours, and under each rule crossings, excursions, aircraft, verdicts.

A flight counts, with all its hours, for the day on which it is first heard; an incident for the day on which it
begins.  What two parties claim counts for neither.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from wideberth.agreement.model import EPOCH
from wideberth.judge.pledge import DAY_US, hours_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wideberth.incidents import Incidents
    from wideberth.judge.sky import Sky

COUNTED = ["t_in", "kind", "party", "party_b", "entered", "magnitude", "verdict", "icao24_a"]


def table(sky: Sky, incidents: Incidents) -> Iterator[dict[str, Any]]:
    """Yield a row for each day and party; without parties, one for each day."""
    if not len(sky.tracks):
        return
    flights = sky.flights
    hours = hours_of(sky)
    whole = (flights.t_out_us - flights.t_in_us) / 3.6e9
    rows = np.diff(flights.first)
    day_of = flights.t_in_us // DAY_US
    parties: list[str | None] = [*sky.agreement.parties] or [None]
    sole = [claim[0] if len(claim) == 1 else None for claim in flights.claims]
    first, last = int(day_of.min()), int(max(day_of.max(), sky.last_us // DAY_US))
    by_day: dict[tuple[int, str | None], list[dict[str, Any]]] = {}
    for row in incidents.table.select(COUNTED).to_pylist():
        if row["kind"] == "pledges" or row["verdict"] == "kept":
            continue
        for party in {row.get("party"), row.get("party_b")} if sky.agreement.parties else {None}:
            by_day.setdefault((_day(row["t_in"]), party), []).append(row)
    for day in range(first, last + 1):
        for party in parties:
            own = (day_of == day) & (
                np.ones(len(flights), np.bool_)
                if party is None
                else np.array([each == party for each in sole], np.bool_)
            )
            some = by_day.get((day, party), [])
            yield {
                "day": (EPOCH + timedelta(days=day)).date().isoformat(),
                "party": party,
                "aircraft": int(np.unique(flights.aircraft[own]).size),
                "flights": int(np.count_nonzero(own)),
                "hours": float(hours[own].sum()),
                "hours_not_heard": float((whole - hours)[own].sum()),
                "rows": int(rows[own].sum()),
                "crossings": sum(row["kind"] == "side" and row.get("entered") == "line" for row in some),
                "excursions": sum(row["kind"] == "side" and _is_excursion(row) for row in some),
                "excursion_aircraft": len(
                    {row["icao24_a"] for row in some if row["kind"] == "side" and _is_excursion(row)}
                ),
                **Counter(row["verdict"] for row in some),
            }


def _is_excursion(row: dict[str, Any]) -> bool:
    return row.get("magnitude") is not None and row["verdict"] != "inside_buffer"


def _day(instant: datetime) -> int:
    return (instant - EPOCH) // timedelta(days=1)

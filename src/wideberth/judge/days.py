"""Counts per day and party: flights, hours, and under each rule crossings, excursions, aircraft, verdicts.

A flight counts, with all its hours, for the day on which it is first heard; an incident for the day on which it
begins.  What two parties claim counts for neither.
"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from wideberth.agreement.model import EPOCH
from wideberth.judge.pledge import DAY_US

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from wideberth.judge.sky import Sky


def table(sky: Sky, columns: dict[str, npt.NDArray[Any]]) -> Iterator[dict[str, Any]]:
    """Yield a row for each day and party; without parties, one for each day; ``columns`` as in `tally.columns_of`."""
    if not len(sky.tracks):
        return
    flights = sky.flights
    hours = sky.hours
    whole = (flights.t_out_us - flights.t_in_us) / 3.6e9
    rows = np.diff(flights.first)
    day_of = flights.t_in_us // DAY_US
    found_on = columns["t_in"] // DAY_US
    is_counted = (columns["kind"] != "pledges") & (columns["verdict"] != "kept")
    is_side = is_counted & (columns["kind"] == "side")
    is_excursion = is_side & ~np.isnan(columns["magnitude"]) & (columns["verdict"] != "inside_buffer")
    first, last = int(day_of.min()), int(max(day_of.max(), sky.last_us // DAY_US))
    parties: list[str | None] = [*sky.agreement.parties] or [None]
    for day in range(first, last + 1):
        for party in parties:
            own, some = day_of == day, is_counted & (found_on == day)
            if party is not None:
                own = own & flights.only_of(party)
                some = some & ((columns["party"] == party) | (columns["party_b"] == party))
            excursions = some & is_excursion
            yield {
                "day": (EPOCH + timedelta(days=day)).date().isoformat(),
                "party": party,
                "aircraft": int(np.unique(flights.aircraft[own]).size),
                "flights": int(np.count_nonzero(own)),
                "hours": float(hours[own].sum()),
                "hours_not_heard": float((whole - hours)[own].sum()),
                "rows": int(rows[own].sum()),
                "crossings": int(np.count_nonzero(some & is_side & (columns["entered"] == "line"))),
                "excursions": int(np.count_nonzero(excursions)),
                "excursion_aircraft": len(set(columns["icao24_a"][excursions].tolist())),
                **Counter(columns["verdict"][some].tolist()),
            }

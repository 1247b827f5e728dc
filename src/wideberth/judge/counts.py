"""Incidents → incidents with their counts: per day and rule, as rates, along the line."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from wideberth.judge import days, rates, rule_days, stretches
from wideberth.judge.tally import columns_of, tallies

if TYPE_CHECKING:
    from wideberth.incidents import Incidents
    from wideberth.judge.sky import Sky


def added(sky: Sky, incidents: Incidents) -> Incidents:
    """Return the incidents with what is counted of them."""
    columns = columns_of(incidents.table)
    found = list(tallies(sky, columns))
    return replace(
        incidents,
        days=tuple(days.table(sky, columns)),
        rule_days=tuple(rule_days.table(found)),
        rates=tuple(rates.table(sky, found)),
        stretches=tuple(stretches.table(found)),
    )

"""Incidents → incidents with their counts: per day and rule, as rates, along the line."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from wideberth import columns as described
from wideberth.judge import days, rates, rule_days, stretches
from wideberth.judge.tally import columns_of, tallies
from wideberth.tables import Counts

if TYPE_CHECKING:
    from wideberth.incidents import Incidents
    from wideberth.judge.sky import Sky


def added(sky: Sky, incidents: Incidents) -> Incidents:
    """Return the incidents with what is counted of them."""
    columns = columns_of(incidents.table)
    found = list(tallies(sky, columns))
    return replace(
        incidents,
        days=Counts(days.table(sky, columns), described.DAY_COLUMNS),
        rule_days=Counts(rule_days.table(found), described.RULE_DAY_COLUMNS),
        rates=Counts(rates.table(sky, found), described.RATE_COLUMNS),
        stretches=Counts(stretches.table(found), described.STRETCH_COLUMNS),
    )

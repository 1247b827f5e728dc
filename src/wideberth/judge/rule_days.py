"""Counts per day, rule and party."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from wideberth.agreement.model import EPOCH
from wideberth.incidents import FINDINGS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wideberth.judge.tally import Tally

VERDICTS = (*FINDINGS, "inside_buffer")


def table(tallies: Iterable[Tally]) -> Iterator[dict[str, Any]]:
    """Yield a row for each rule, each day on which it held and each party that it binds."""
    for tally in tallies:
        if tally.days.size:
            for party in tally.parties:
                yield from _of_party(tally, party)


def _of_party(tally: Tally, party: str) -> Iterator[dict[str, Any]]:
    own, flown = tally.of_party(party), tally.flown_by(party)
    is_excursion = tally.is_measured & (tally.rule.kind == "side")
    daily = {
        "flights": tally.daily(tally.flight_day, flown),
        "kept": tally.daily(tally.flight_day, flown & ~tally.has_finding),
        "findings": tally.daily(tally.day, own & tally.is_finding),
        "crossings": tally.daily(tally.day, own & tally.is_crossing),
        "excursions": tally.daily(tally.day, own & is_excursion),
        **{name: tally.daily(tally.day, own & (tally.rows["verdict"] == name)) for name in VERDICTS},
    }
    hours = tally.daily(tally.flight_day, flown, tally.hours)
    for n, day in enumerate(tally.days.tolist()):
        found = (
            own & tally.is_finding & (tally.day == n)
            if daily["findings"][n]
            else np.zeros(own.size, np.bool_)
        )
        yield {
            "day": (EPOCH + timedelta(days=day)).date().isoformat(),
            "rule": tally.rule.id,
            "kind": tally.rule.kind,
            "party": party,
            "recorded": float(tally.shares[n]),
            "hours": float(hours[n]),
            "aircraft": tally.aircraft(found),
            **{name: int(counts[n]) for name, counts in daily.items()},
        }

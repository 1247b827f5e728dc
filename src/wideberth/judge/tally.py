"""What counts are made of: the incidents of one rule, the days on which it held, and who was judged by it.

A day is of UTC.  It belongs to a rule if the rule held on a part of it, between the first and the last sample of the
recording; it counts by how much of the time in which the rule held was recorded.  A finding belongs to the day on
which it begins or, if the rule did not hold on that day, to the next on which it did; a flight to the day on which it
is first heard, likewise.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from wideberth.agreement.document import ALL
from wideberth.incidents import FINDINGS
from wideberth.judge import spans, tell
from wideberth.judge.pledge import DAY_US

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy.typing as npt

    from wideberth.agreement.rules import Rule
    from wideberth.judge.sky import Sky

    Mask = npt.NDArray[np.bool_]
    Numbers = npt.NDArray[np.int64]

TEXTS = ("rule", "kind", "verdict", "party", "party_b", "icao24_a", "icao24_b", "entered")
PLACES = ("in_lat_deg", "in_lon_deg", "magnitude")


def tallies(sky: Sky, columns: dict[str, npt.NDArray[Any]]) -> Iterator[Tally]:
    """Yield what each rule counts of incidents, in the order of the agreement; pledges count nothing."""
    if not len(sky.tracks):
        return
    for rule in sky.agreement.rules:
        if rule.kind != "pledges":
            mine = columns["rule"] == rule.id
            yield Tally(sky, rule, {name: column[mine] for name, column in columns.items()})


def columns_of(table: pa.Table) -> dict[str, npt.NDArray[Any]]:
    """Return columns of incidents: texts as objects, numbers with NaN, instants in Unix microseconds."""
    found: dict[str, npt.NDArray[Any]] = {}
    for name in TEXTS:
        array = table.column(name).combine_chunks()
        texts = np.array([*array.dictionary.to_pylist(), None], object)
        found[name] = texts[array.indices.fill_null(-1).to_numpy()]  # -1, unknown, takes the last
    for name in PLACES:
        found[name] = table.column(name).to_numpy().astype(float)
    for name in ("t_in", "t_out"):
        found[name] = table.column(name).cast(pa.int64()).to_numpy()
    return found


@dataclass(eq=False)
class Tally:
    """One rule's incidents, days and flights.

    Attributes:
        sky: everything that was heard.
        rule: which.
        rows: the columns of its incidents, each as long as there are incidents.
    """

    sky: Sky
    rule: Rule
    rows: dict[str, npt.NDArray[Any]]

    # Incidents -----------------------------------------------------------------------------------

    @cached_property
    def is_finding(self) -> Mask:
        """True: broken, unknown or excused."""
        mask: Mask = np.isin(self.rows["verdict"].astype("U16"), FINDINGS)
        return mask

    @cached_property
    def is_measured(self) -> Mask:
        """True: a finding that was recorded: with a magnitude, which a gap that could have held one has not."""
        mask: Mask = self.is_finding & ~np.isnan(self.rows["magnitude"])
        return mask

    @cached_property
    def is_crossing(self) -> Mask:
        """True: entered through the line, whether past the buffer or not."""
        mask: Mask = self.rows["entered"] == "line"
        return mask if self.rule.kind == "side" else np.zeros(mask.size, np.bool_)

    def aircraft(self, mask: Mask) -> int:
        """Return how many different addresses some incidents name."""
        both = np.concatenate([self.rows["icao24_a"][mask], self.rows["icao24_b"][mask]])
        return len({*both.tolist()} - {None})

    # Whose ---------------------------------------------------------------------------------------

    @property
    def parties(self) -> Sequence[str]:
        """Whose counts are told: each bound party's; ``all`` those of rules for all, and of rules to keep apart."""
        bound = self.rule.bound
        if self.rule.kind == "apart":
            return (ALL,)
        if ALL in bound:
            return (*self.sky.agreement.parties, ALL)
        return bound

    def of_party(self, party: str) -> Mask:
        """Return which incidents are about a party's aircraft; what two parties claim is neither's, but of ``all``."""
        if party == ALL:
            return np.ones(self.rows["party"].size, np.bool_)
        mask: Mask = (self.rows["party"] == party) | (self.rows["party_b"] == party)
        return mask

    def flown_by(self, party: str) -> Mask:
        """Return which flights of a party were judged: bound by the rule, and heard while it held."""
        if party == ALL:
            return self._judged
        return self._judged & self.sky.flights.only_of(party)

    @cached_property
    def hours(self) -> npt.NDArray[np.float64]:
        """How many hours of each flight lie within legs, while the rule held."""
        return self.sky.hours_while(self._held)

    @cached_property
    def _held(self) -> list[spans.Span]:
        return tell.held(self.sky, self.rule)

    @cached_property
    def _judged(self) -> Mask:
        flights = self.sky.flights
        is_heard = spans.touching(flights.t_in_us, flights.t_out_us, self._held)
        mask: Mask = tell.bound(self.sky, self.rule) & is_heard
        return mask

    @cached_property
    def has_finding(self) -> Mask:
        """Which flights a finding is about."""
        flights = self.sky.flights
        mask = np.zeros(len(flights), np.bool_)
        number = {name: n for n, name in enumerate(self.sky.tracks.aircraft)}
        for name in ("icao24_a", "icao24_b"):
            place = np.array([number.get(text, -1) for text in self.rows[name][self.is_finding]], np.int64)
            known = place >= 0
            mask[flights.all_at(place[known], self._t_in[self.is_finding][known])] = True
        return mask

    # Days ----------------------------------------------------------------------------------------

    @property
    def _t_in(self) -> Numbers:
        return self.rows["t_in"]

    @cached_property
    def days(self) -> Numbers:
        """The days on which the rule held, counted from 1970-01-01."""
        return self._days_and_shares[0]

    @cached_property
    def shares(self) -> npt.NDArray[np.float64]:
        """How much of the time in which the rule held on each day was recorded."""
        return self._days_and_shares[1]

    @cached_property
    def _days_and_shares(self) -> tuple[Numbers, npt.NDArray[np.float64]]:
        first_us, last_us = self.sky.first_us, self.sky.last_us
        days = np.arange(first_us // DAY_US, last_us // DAY_US + 1)
        held = tell.held_between(self.sky, self.rule, int(days[0]) * DAY_US, int(days[-1] + 1) * DAY_US - 1)
        recorded = spans.common(held, [(first_us, max(last_us, first_us + 1))])
        wanted, had = (_length_by_day(each, days) for each in (held, recorded))
        is_held = had > 0.0
        return days[is_held], np.minimum(had[is_held] / wanted[is_held], 1.0)

    def day_of(self, t_us: Numbers) -> Numbers:
        """Return the position in ``days`` to which instants belong; there is at least one day."""
        return np.minimum(np.searchsorted(self.days, t_us // DAY_US), self.days.size - 1)

    @cached_property
    def day(self) -> Numbers:
        """The position in ``days`` to which each incident belongs."""
        return self.day_of(self._t_in)

    @cached_property
    def flight_day(self) -> Numbers:
        """The position in ``days`` to which each flight belongs."""
        return self.day_of(self.sky.flights.t_in_us)

    def daily(self, day: Numbers, mask: Mask, weights: npt.NDArray[np.float64] | None = None) -> Any:
        """Return how many of some things, or their weight, belong to each day."""
        return np.bincount(day[mask], None if weights is None else weights[mask], minlength=self.days.size)


def _length_by_day(held: list[spans.Span], days: Numbers) -> npt.NDArray[np.float64]:
    """Return how many microseconds of each day lie in some spans."""
    edges = np.append(days, days[-1] + 1).astype(float) * DAY_US
    before = np.zeros(edges.size)
    for begin, end in held:
        before += np.clip(edges, begin, end) - begin
    return np.diff(before)

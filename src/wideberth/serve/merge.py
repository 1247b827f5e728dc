"""Arrivals of several feeds → one stream of rows, in the order of position time within a stated window.

A row waits until the server's clock is a window past its own time, so that one of another feed that was under way
longer can still go before it.  What comes after its turn is handed over at once, as *late*.  A row whose time is
more than a few seconds ahead of the server's clock says nothing of when it held: it is handed over apart, as *ahead*,
and moves no other row.  So each row is handed over exactly once, except doubled ones: the same address, time and
position as one of the last minutes.  That is the row which cleaning a recording sets aside as well
(docs/cleaning.md), and the first that came is kept, as there.  Rows without a time are dropped and counted.

What a feed tells of an aircraft is never changed here: where two feeds' clocks differ, it is told by how much
(`wideberth.serve.health`), and the address of a feed can hold the remedy (``#offset=``).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from wideberth.serve.arrivals import empty
from wideberth.units import MICROSECONDS_PER_SECOND

if TYPE_CHECKING:
    from wideberth.serve.arrivals import Arrival

WINDOW_S = 1.0
AHEAD_S = 5.0  # the clocks of receivers differ by a second or two; ten times as much is no clock
REMEMBERED_S = 60.0
MOST_REMEMBERED = 500_000
_SAME = ("icao24", "t", "lat_deg", "lon_deg")


@dataclass(frozen=True, eq=False)
class Merged:
    """What is handed over at an instant; all with the columns of an arrival.

    Attributes:
        rows: in the order of ``t``, none before a row that was handed over so earlier.
        late: that came after their turn, in the order in which they came.
        ahead: whose time lies ahead of the server's clock.
    """

    rows: pl.DataFrame
    late: pl.DataFrame
    ahead: pl.DataFrame

    @property
    def height(self) -> int:
        """How many rows there are in all."""
        return self.rows.height + self.late.height + self.ahead.height


class Merge:
    """Puts arrivals in order.

    Args:
        window_s: how long a row waits for those that were under way longer.
        ahead_s: how far ahead of the server's clock a row's time may be.

    Attributes:
        counts: (feed, what) → how many: ``rows``, ``doubled``, ``late``, ``ahead``, ``no_time``.
    """

    def __init__(self, window_s: float = WINDOW_S, ahead_s: float = AHEAD_S) -> None:
        self.counts: Counter[tuple[str, str]] = Counter()
        self._window_us = round(window_s * MICROSECONDS_PER_SECOND)
        self._ahead_us = round(ahead_s * MICROSECONDS_PER_SECOND)
        self._came: list[tuple[str, pl.DataFrame]] = []
        self._held = empty()
        self._until_us: int | None = None
        self._known: set[int] = set()
        self._known_before: set[int] = set()
        self._known_from_us = 0

    def add(self, arrival: Arrival) -> None:
        """Take an arrival in."""
        rows = arrival.rows
        self.counts[arrival.feed, "rows"] += rows.height
        timed = rows.filter(pl.col("t").is_not_null())
        self.counts[arrival.feed, "no_time"] += rows.height - timed.height
        fresh = self._without_doubled(timed, arrival.received_us)
        self.counts[arrival.feed, "doubled"] += timed.height - fresh.height
        if fresh.height:
            self._came.append((arrival.feed, fresh))

    def _without_doubled(self, rows: pl.DataFrame, now_us: int) -> pl.DataFrame:
        if (
            now_us - self._known_from_us >= REMEMBERED_S * MICROSECONDS_PER_SECOND
            or len(self._known) > MOST_REMEMBERED
        ):
            self._known_before, self._known = self._known, set()
            self._known_from_us = now_us
        # Two rows of a million share a hash by chance once in 40 million times; that costs one row, and is counted.
        keys = rows.select(_SAME).hash_rows().to_list()
        is_new = []
        for key in keys:
            is_new.append(key not in self._known and key not in self._known_before)
            self._known.add(key)
        return rows if all(is_new) else rows.filter(pl.Series(is_new, dtype=pl.Boolean))

    def take(self, now_us: int) -> Merged:
        """Return what has its turn at an instant of the server's clock.

        A clock that was set back by more than a window begins a new order; nothing is handed over twice.
        """
        until_us = now_us - self._window_us
        if self._until_us is not None and until_us > self._until_us - max(
            self._window_us, MICROSECONDS_PER_SECOND
        ):
            until_us = max(until_us, self._until_us)
        return self._handed_over(until_us, now_us + self._ahead_us)

    def rest(self) -> Merged:
        """Return all that still waits, when nothing more will come."""
        last = [frame["t"].to_physical().max() for frame in (self._held, *(each for _, each in self._came))]
        until_us: int = max((each for each in last if each is not None), default=0)  # type: ignore[assignment]
        return self._handed_over(max(until_us, self._until_us or 0), None)

    def _handed_over(self, until_us: int, ahead_from_us: int | None) -> Merged:
        if not self._came and not self._held.height:  # as at night, or in a gap of a recording
            self._until_us = until_us
            return _NOTHING
        t_us = pl.col("t").to_physical()
        late, ahead, waiting = [], [], [self._held]
        for feed, came in self._came:
            if self._until_us is not None:
                late.append(self._apart(feed, came, t_us <= self._until_us, "late"))
                came = came.filter(t_us > self._until_us)
            if ahead_from_us is not None:
                ahead.append(self._apart(feed, came, t_us > ahead_from_us, "ahead"))
                came = came.filter(t_us <= ahead_from_us)
            waiting.append(came)
        self._came = []
        ordered = pl.concat(waiting).sort("t", maintain_order=True)
        rows, self._held = ordered.filter(t_us <= until_us), ordered.filter(t_us > until_us)
        self._until_us = until_us
        return Merged(rows, pl.concat([empty(), *late]), pl.concat([empty(), *ahead]))

    def _apart(self, feed: str, came: pl.DataFrame, which: pl.Expr, what: str) -> pl.DataFrame:
        found = came.filter(which)
        self.counts[feed, what] += found.height
        return found


_NOTHING = Merged(empty(), empty(), empty())

"""How each feed is: connected or not, how old its news, how many rows, what it left out, how its clock goes.

What changes is an `Event`, once when it begins and once when it ends: a feed that is **down** (no connection for 10
s), **silent** (connected, and without a newer position for as long as its address says), whose **clock** is off
(times ahead of the server's by more than 5 s, behind by more than a minute, or beside another feed's by more than
trust allows), and the server's **own clock** when it is set.  A feed that stops is so told as what it is: a reason
to look, with a time at which it began.

A web server that goes on giving the last ``aircraft.json`` of a receiver that died answers in time, and is silent
here: what counts is the newest time of a position, not the newest answer.
"""

from __future__ import annotations

import statistics
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from wideberth.serve.feeds.base import ENDED, UP
from wideberth.units import MICROSECONDS_PER_SECOND

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wideberth.serve.arrivals import Arrival
    from wideberth.serve.clock import Clock
    from wideberth.serve.feeds.base import Feed
    from wideberth.trust.clock import Offset

RATE_S = 60.0
DOWN_S = 10.0
AHEAD_S = 5.0
BEHIND_S = 60.0
CLOCK_SET_S = 1.0
LAG_S = 10.0  # the median lag is of so many seconds
GAP_S = 10.0  # silences that count as gaps
DOWN, SILENT, CLOCK, OWN_CLOCK = "down", "silent", "clock", "own clock"


@dataclass(frozen=True)
class Event:
    """Something began or ended.

    Attributes:
        at_us: when it was noticed, by the server's clock.
        feed: whose; "" for the server itself.
        kind: down, silent, clock, or own clock.
        is_over: it has ended.
        text: in words.
    """

    at_us: int
    feed: str
    kind: str
    is_over: bool
    text: str


@dataclass(frozen=True)
class FeedHealth:
    """How one feed is, as plain data.

    Attributes:
        name, kind: of the feed.
        state: starting, up, waiting or ended; why: of a state that is not up.
        troubles: what is wrong now: kind → in words.
        age_s: since the last row came; None before the first.
        position_age_s: how old the newest position is.
        rows, rate: all rows, and rows a second over the last minute.
        aircraft: addresses of the last minute.
        gaps, longest_gap_s: silences of more than 10 s.
        lag_s: how much later than their times rows come, the median of the last 10 s.
        connects, failures: of the connection.
        rejects: reason → (how many, the first example).
        merged: what the merge made of its rows: doubled, late, ahead, no_time.
        notes: what the sender told.
    """

    name: str
    kind: str
    state: str
    why: str
    troubles: dict[str, str]
    age_s: float | None
    position_age_s: float | None
    rows: int
    rate: float
    aircraft: int
    gaps: int
    longest_gap_s: float
    lag_s: float | None
    connects: int
    failures: int
    rejects: dict[str, tuple[int, str]]
    merged: dict[str, int]
    notes: dict[str, str]

    def as_dict(self) -> dict[str, Any]:
        """Return everything as plain data."""
        return dict(vars(self))


@dataclass
class _Heard:
    """What is remembered of a feed."""

    began_us: int
    rows: int = 0
    last_us: int | None = None  # steady
    newest_us: int | None = None  # time of a position
    advanced_us: int = 0  # steady: when a newer position came last
    down_us: int | None = None
    gaps: int = 0
    longest_gap_s: float = 0.0
    recent: deque[tuple[int, int, float | None]] = field(default_factory=deque)
    seen: dict[str, int] = field(default_factory=dict)
    troubles: dict[str, str] = field(default_factory=dict)

    def lag_s(self, now_us: int) -> float | None:
        """Return the median lag of the last 10 s; None where nothing came."""
        since_us = now_us - LAG_S * MICROSECONDS_PER_SECOND
        lags = [lag for at_us, _, lag in self.recent if lag is not None and at_us >= since_us]
        return statistics.median_low(lags) if lags else None


class Health:
    """Watches feeds.

    Args:
        feeds: which.
        clock: the server's.
        clock_limit_s: by how much the clocks of two feeds may differ; as trust has it.
    """

    def __init__(self, feeds: Sequence[Feed], clock: Clock, clock_limit_s: float | None = None) -> None:
        if clock_limit_s is None:
            from wideberth.trust.limits import DEFAULT

            clock_limit_s = DEFAULT.clock_s
        self._feeds = feeds
        self._clock = clock
        self._limit_s = clock_limit_s
        now_us = clock.steady_us()
        self._heard = {feed.name: _Heard(now_us, advanced_us=now_us) for feed in feeds}
        self._set_us = clock.now_us() - now_us
        self._offsets: list[Offset] = []
        self.events: deque[Event] = deque(maxlen=1000)

    @property
    def offsets(self) -> list[Offset]:
        """Return by how much each two feeds differ, as was last estimated."""
        return self._offsets

    def hear(self, arrival: Arrival) -> None:
        """Take an arrival into account."""
        heard, now_us = self._heard[arrival.feed], self._clock.steady_us()
        rows = arrival.rows
        if heard.last_us is not None:
            gap_s = (now_us - heard.last_us) / MICROSECONDS_PER_SECOND
            if gap_s > GAP_S:
                heard.gaps += 1
                heard.longest_gap_s = max(heard.longest_gap_s, gap_s)
        heard.last_us = now_us
        heard.rows += rows.height
        times = rows["t"].drop_nulls().to_physical()
        lag_s = None
        if times.len():
            middle: Any = times.median()
            lag_s = (arrival.received_us - middle) / MICROSECONDS_PER_SECOND
            newest: Any = times.max()
            if _is_news(newest, heard.newest_us):
                heard.newest_us, heard.advanced_us = newest, now_us
        heard.recent.append((now_us, rows.height, lag_s))
        heard.seen.update(dict.fromkeys(rows["icao24"].drop_nulls().unique().to_list(), now_us))

    def take_offsets(self, offsets: list[Offset]) -> None:
        """Take in by how much feeds differ, as `wideberth.serve.offsets` estimates."""
        self._offsets = offsets

    def look(self) -> list[Event]:
        """Return what began or ended since the last look."""
        now_us, found = self._clock.steady_us(), list(self._own_clock())
        for feed in self._feeds:
            heard = self._heard[feed.name]
            since_us = now_us - RATE_S * MICROSECONDS_PER_SECOND
            while heard.recent and heard.recent[0][0] < since_us:
                heard.recent.popleft()
            heard.seen = {icao24: at_us for icao24, at_us in heard.seen.items() if at_us >= since_us}
            now = self._troubles(feed, heard, now_us)
            for kind in now.keys() - heard.troubles.keys():
                found.append(Event(self._clock.now_us(), feed.name, kind, False, f"{feed.name}: {now[kind]}"))
            for kind in heard.troubles.keys() - now.keys():
                found.append(
                    Event(self._clock.now_us(), feed.name, kind, True, f"{feed.name}: {_OVER[kind]}")
                )
            heard.troubles = now
        self.events.extend(found)
        return found

    def _own_clock(self) -> list[Event]:
        set_us = self._clock.now_us() - self._clock.steady_us()
        by_s = (set_us - self._set_us) / MICROSECONDS_PER_SECOND
        if abs(by_s) < CLOCK_SET_S:
            return []
        self._set_us = set_us
        way = "forward" if by_s > 0 else "back"
        return [
            Event(
                self._clock.now_us(),
                "",
                OWN_CLOCK,
                False,
                f"this machine's clock was set {way} by {abs(by_s):,.1f} s",
            )
        ]

    def _troubles(self, feed: Feed, heard: _Heard, now_us: int) -> dict[str, str]:
        found: dict[str, str] = {}
        state = feed.link.state
        if state == ENDED:
            return found
        if state == UP:
            heard.down_us = None
        elif heard.down_us is None:
            heard.down_us = now_us
        if heard.down_us is not None:
            down_s = (now_us - heard.down_us) / MICROSECONDS_PER_SECOND
            if down_s >= DOWN_S or DOWN in heard.troubles or feed.link.failures > 2:
                found[DOWN] = f"no connection: {feed.link.why or 'no answer yet'}"
        elif (silent_s := (now_us - heard.advanced_us) / MICROSECONDS_PER_SECOND) >= feed.silent_s:
            found[SILENT] = f"connected, but no newer position for {silent_s:,.0f} s"
        if clock := self._clock_trouble(feed, heard, now_us):
            found[CLOCK] = clock
        return found

    def _clock_trouble(self, feed: Feed, heard: _Heard, now_us: int) -> str:
        lag_s = heard.lag_s(now_us)
        if lag_s is None:
            return heard.troubles.get(CLOCK, "")
        eased = 0.8 if CLOCK in heard.troubles else 1.0  # so that it does not begin and end at the limit
        if -lag_s > AHEAD_S * eased:
            return f"its times are {-lag_s:,.0f} s ahead of this machine's clock"
        if lag_s > max(BEHIND_S, feed.silent_s) * eased:
            return f"its times are {lag_s:,.0f} s behind this machine's clock"
        for offset in self._offsets:
            is_off = abs(offset.lag_s) - offset.half_s > self._limit_s * eased
            if is_off and feed.name in (offset.file_a, offset.file_b):
                return str(offset)
        return ""

    def aircraft(self) -> int:
        """Return how many addresses were heard in the last minute, by any feed."""
        since_us = self._clock.steady_us() - RATE_S * MICROSECONDS_PER_SECOND
        return len(
            {
                icao24
                for heard in self._heard.values()
                for icao24, at_us in heard.seen.items()
                if at_us >= since_us
            }
        )

    def report(self, merged: Mapping[tuple[str, str], int] | None = None) -> list[FeedHealth]:
        """Return how each feed is; ``merged`` is what `wideberth.serve.merge` counts."""
        return [self._of(feed, merged or {}) for feed in self._feeds]

    def _of(self, feed: Feed, merged: Mapping[tuple[str, str], int]) -> FeedHealth:
        heard, now_us = self._heard[feed.name], self._clock.steady_us()
        link = feed.link
        since_us = now_us - RATE_S * MICROSECONDS_PER_SECOND
        recent = [each for each in heard.recent if each[0] >= since_us]
        span_s = min(RATE_S, max((now_us - heard.began_us) / MICROSECONDS_PER_SECOND, 1.0))
        newest_us = heard.newest_us
        rejects = {
            reason: (count, link.rejects.examples.get((source, reason), ""))
            for (source, reason), count in link.rejects.counts.items()
        }
        return FeedHealth(
            name=feed.name,
            kind=feed.address.kind,
            state=link.state,
            why=link.why,
            troubles=dict(heard.troubles),
            age_s=None if heard.last_us is None else (now_us - heard.last_us) / MICROSECONDS_PER_SECOND,
            position_age_s=None
            if newest_us is None
            else (self._clock.now_us() - newest_us) / MICROSECONDS_PER_SECOND,
            rows=heard.rows,
            rate=sum(each[1] for each in recent) / span_s,
            aircraft=sum(at_us >= since_us for at_us in heard.seen.values()),
            gaps=heard.gaps,
            longest_gap_s=heard.longest_gap_s,
            lag_s=heard.lag_s(now_us),
            connects=link.connects,
            failures=link.failures,
            rejects=rejects,
            merged={what: count for (name, what), count in merged.items() if name == feed.name},
            notes=dict(link.notes),
        )


_OVER = {
    DOWN: "connected again",
    SILENT: "newer positions come again",
    CLOCK: "its clock goes as it should",
}


def _is_news(newest_us: int, known_us: int | None) -> bool:
    """Tell whether a time of a position is newer than the newest; or so much older that the clock was set back."""
    return (
        known_us is None or newest_us > known_us or newest_us < known_us - BEHIND_S * MICROSECONDS_PER_SECOND
    )

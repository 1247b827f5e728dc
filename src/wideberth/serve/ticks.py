"""Feeds → ticks: once a second of the server's clock, what was heard, in order, and what changed in the feeds.

Each feed runs in a task of its own and puts what it receives into one queue; when that is full, the feeds wait, and
so does a replay's clock.  At each tick all that has come is archived, watched and merged.  Whoever takes the ticks
has as long for one as it needs: the next is the first full second after it is done.
"""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wideberth.serve.feeds.base import ENDED
from wideberth.serve.merge import Merge
from wideberth.serve.offsets import Offsets, estimated
from wideberth.units import MICROSECONDS_PER_SECOND

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence

    from wideberth.serve.archive import Archive
    from wideberth.serve.arrivals import Arrival
    from wideberth.serve.clock import Clock, Seat
    from wideberth.serve.feeds.base import Feed
    from wideberth.serve.health import Event, Health
    from wideberth.serve.merge import Merged

EVERY_S = 1.0
MOST_WAITING = 1000  # arrivals
OFFSETS_EVERY_S = 30.0
MOST_ARCHIVE_WAITS = 500_000  # rows; then ticks wait for the archive, unless it cannot write


@dataclass(frozen=True, eq=False)
class Tick:
    """One instant of the server's clock.

    Attributes:
        now_us: Unix microseconds.
        merged: the rows that have their turn, the late and the ahead ones.
        events: what began or ended in the feeds.
        is_last: all feeds have ended, as replays do; nothing more will come.
    """

    now_us: int
    merged: Merged
    events: list[Event]
    is_last: bool = False


class Ticks:
    """Runs feeds; iterate over it for its ticks, once.

    Args:
        feeds: that `feeds.open_feeds` made.
        clock: with them.
        health: watches them.
        merge: puts their rows in order.
        archive: keeps what they hand over, if anything does.
        every_s: between two ticks.
    """

    def __init__(
        self,
        feeds: Sequence[Feed],
        clock: Clock,
        health: Health,
        merge: Merge | None = None,
        archive: Archive | None = None,
        every_s: float = EVERY_S,
    ) -> None:
        self.merge = merge or Merge()
        self.health = health
        self._feeds = feeds
        self._clock = clock
        self._archive = archive
        self._every_us = round(every_s * MICROSECONDS_PER_SECOND)
        self._offsets = Offsets()
        self._offsets_due_us = 0
        self._waiting: asyncio.Queue[Arrival] = asyncio.Queue(MOST_WAITING)
        self._work: dict[str, asyncio.Task[None]] = {}

    def __aiter__(self) -> AsyncGenerator[Tick]:
        return self._ticks()

    async def _ticks(self) -> AsyncGenerator[Tick]:
        seat = self._clock.seat()
        listening = [asyncio.ensure_future(self._listen(feed)) for feed in self._feeds]
        try:
            while not all(task.done() for task in listening):
                now_us = await self._next(seat)
                for task in listening:
                    if task.done():
                        task.result()  # a fault of ours: feeds raise for nothing else
                self._take_in()
                await self._look_after(now_us)
                yield Tick(now_us, self.merge.take(now_us), self.health.look())
            self._take_in()
            now_us = self._clock.now_us()
            yield Tick(now_us, self.merge.rest(), self.health.look(), is_last=True)
        finally:
            seat.leave()
            tasks = [*listening, *self._work.values()]
            for task in listening:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            if self._archive is not None:
                self._take_in()
                await asyncio.to_thread(self._archive.close)

    async def _next(self, seat: Seat) -> int:
        """Wait for the next full second, and in a replay until feeds have handed over what came up to it."""
        next_us = (self._clock.now_us() // self._every_us + 1) * self._every_us
        await seat.until(next_us + 1)
        return next_us

    async def _listen(self, feed: Feed) -> None:
        async with aclosing(aiter(feed)) as arrivals:
            async for arrival in arrivals:
                if self._waiting.full():
                    feed.link.notes["full"] = "waits: more comes than can be judged"
                else:
                    feed.link.notes.pop("full", None)
                await self._waiting.put(arrival)
        assert feed.link.state == ENDED

    def _take_in(self) -> None:
        while not self._waiting.empty():
            arrival = self._waiting.get_nowait()
            if self._archive is not None:
                self._archive.add(arrival)
            self.health.hear(arrival)
            self._offsets.hear(arrival, self._clock.steady_us())
            self.merge.add(arrival)

    async def _look_after(self, now_us: int) -> None:
        """Let the archive write, and offsets be estimated, beside the ticks."""
        if self._archive is not None and self._archive.is_due and "archive" not in self._work:
            self._begin("archive", asyncio.to_thread(self._archive.flush))
        if (
            self._archive is not None
            and self._archive.state.held > MOST_ARCHIVE_WAITS
            and not self._archive.state.trouble
        ):
            await asyncio.gather(*self._work.values())
        if len(self._feeds) > 1 and now_us >= self._offsets_due_us and "offsets" not in self._work:
            self._offsets_due_us = now_us + round(OFFSETS_EVERY_S * MICROSECONDS_PER_SECOND)
            self._begin("offsets", self._estimate())

    async def _estimate(self) -> None:
        self.health.take_offsets(await asyncio.to_thread(estimated, self._offsets.snapshot()))

    def _begin(self, name: str, work: object) -> None:
        task: asyncio.Task[None] = asyncio.ensure_future(work)  # type: ignore[call-overload]
        self._work[name] = task
        task.add_done_callback(lambda _: self._work.pop(name, None))

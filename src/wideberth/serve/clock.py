"""What time it is for the server: the wall's, or a recording's while it is replayed.

A replay's time does not run by itself.  Everybody who acts in it takes a `Seat` and says until when there is
nothing to do; time moves on to the earliest of these instants once all are waiting, and no sooner than the
replay's speed allows.  So a replay gives the same on any machine and at any speed: one that cannot keep up gets
a slower replay, never other rows.
"""

from __future__ import annotations

import asyncio
import time
from typing import Protocol

from wideberth.units import MICROSECONDS_PER_SECOND


class Seat(Protocol):
    """A place at a clock, for one who acts by it."""

    async def until(self, t_us: int) -> int:
        """Wait until an instant (Unix microseconds), and return what time it is then: that instant or later."""

    def leave(self) -> None:
        """Act no more: time does not wait for this seat any longer.  May be said twice."""


class Clock(Protocol):
    """What time it is, and who waits for it.

    Attributes:
        is_replay: the time is a recording's.
    """

    is_replay: bool

    def now_us(self) -> int:
        """Return the time, Unix microseconds."""

    def steady_us(self) -> int:
        """Return microseconds that only ever grow, to tell how long something lasted."""

    def seat(self) -> Seat:
        """Take a place; time waits for it from now on."""


class WallClock:
    """The time of this machine, as it is set; it may be set back or forward while the server runs."""

    is_replay = False

    def now_us(self) -> int:
        """Return the time, Unix microseconds."""
        return time.time_ns() // 1000

    def steady_us(self) -> int:
        """Return the microseconds since the machine was started."""
        return time.monotonic_ns() // 1000

    def seat(self) -> Seat:
        """Return a place that waits for the wall clock."""
        return _AtTheWall(self)


class _AtTheWall:
    def __init__(self, clock: WallClock) -> None:
        self._clock = clock

    async def until(self, t_us: int) -> int:
        await asyncio.sleep(max(0.0, (t_us - self._clock.now_us()) / MICROSECONDS_PER_SECOND))
        return self._clock.now_us()

    def leave(self) -> None:
        pass


class ReplayClock:
    """The time of a recording.

    Args:
        start_us: where it begins.
        speed: how many seconds of it pass in one; None: as fast as those who act in it are done.
    """

    is_replay = True

    def __init__(self, start_us: int, speed: float | None) -> None:
        self._now_us = start_us
        self._start_us = start_us
        self._speed = speed
        self._began_s: float | None = None
        self._seats: dict[_InReplay, None] = {}  # in the order in which they were taken, and are called
        self._timer: asyncio.TimerHandle | None = None

    def now_us(self) -> int:
        """Return the time, Unix microseconds; it stands still between two instants at which somebody acts."""
        return self._now_us

    def steady_us(self) -> int:
        """Return the time itself: a recording's is never set."""
        return self._now_us

    def seat(self) -> Seat:
        """Take a place; time waits for it from now on."""
        seat = _InReplay(self)
        self._seats[seat] = None
        return seat

    def _look(self) -> None:
        """Let time go on to the next instant if all are waiting for it."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if not self._seats or any(seat.wanted_us is None for seat in self._seats):
            return
        next_us = min(seat.wanted_us for seat in self._seats if seat.wanted_us is not None)
        loop = asyncio.get_running_loop()
        if self._began_s is None:
            self._began_s = loop.time()
        wait_s = 0.0
        if self._speed is not None:
            due_s = self._began_s + (next_us - self._start_us) / MICROSECONDS_PER_SECOND / self._speed
            wait_s = due_s - loop.time()
            if wait_s < 0.0:  # what was lost is not made up for by running faster than asked
                self._began_s -= wait_s
        self._timer = loop.call_later(max(wait_s, 0.0), self._move, next_us)

    def _move(self, next_us: int) -> None:
        self._timer = None
        self._now_us = max(self._now_us, next_us)
        for seat in [seat for seat in self._seats if seat.wanted_us is not None]:
            if seat.wanted_us is not None and seat.wanted_us <= self._now_us:
                seat.call()

    def _left(self, seat: _InReplay) -> None:
        self._seats.pop(seat, None)
        self._look()


class _InReplay:
    def __init__(self, clock: ReplayClock) -> None:
        self._clock = clock
        self._waiting: asyncio.Future[None] | None = None
        self.wanted_us: int | None = None

    async def until(self, t_us: int) -> int:
        self.wanted_us = t_us
        self._waiting = asyncio.get_running_loop().create_future()
        self._clock._look()
        try:
            await self._waiting
        finally:
            self.wanted_us = self._waiting = None
        return self._clock.now_us()

    def call(self) -> None:
        self.wanted_us = None
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)

    def leave(self) -> None:
        if self in self._clock._seats:
            self._clock._left(self)

"""A feed: an asynchronous iterator of arrivals that outlives whatever the network or the sender does.

A feed connects, hands over what it hears, and connects again when that ends, after a pause that grows from one
second to a minute, each time by chance up to a quarter longer, so that a hundred clients of a restarted
server do not all come back in the same instant.  What the sender sends is parsed by the readers of files
(`wideberth.read`).  What cannot be used is counted, with a reason and the first example.
"""

from __future__ import annotations

import asyncio
import os
import random
import traceback
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from wideberth.read.batch import Rejects
from wideberth.serve.arrivals import Arrival, arrival
from wideberth.units import MICROSECONDS_PER_SECOND

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    import polars as pl

    from wideberth.read.batch import Batch
    from wideberth.serve.clock import Clock
    from wideberth.serve.feeds.address import Address

FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 60.0
JITTER = 0.25
LEAST_UP_S = 10.0  # a connection that held so long was one: the next pause is short again
SILENT_S = 60.0
STARTING, UP, WAITING, ENDED = "starting", "up", "waiting", "ended"


class FeedDownError(Exception):
    """Why a connection ended, in words that may be shown: no address with a password in it, no token.

    Attributes:
        retry_s: how long the other side asked to be left alone; None: as usual.
    """

    def __init__(self, why: str, retry_s: float | None = None) -> None:
        super().__init__(why)
        self.retry_s = retry_s


@dataclass
class Link:
    """How the connection to a sender is, and what came over it.

    Attributes:
        state: ``starting``, ``up``, ``waiting`` (for the next try), or ``ended`` (a replay is over).
        why: of a state that is not up, in words.
        since_s: since when, by the monotonic clock of the running loop.
        connects: how often it came up.
        failures: how often it went down or did not come up.
        pause_s: how long the present wait is.
        rows: how many rows were handed over.
        notes: what else the sender told that is worth showing, such as credits left.
        rejects: what could not be used.
    """

    state: str = STARTING
    why: str = ""
    since_s: float = 0.0
    connects: int = 0
    failures: int = 0
    pause_s: float = 0.0
    rows: int = 0
    notes: dict[str, str] = field(default_factory=dict)
    rejects: Rejects = field(default_factory=Rejects)

    def become(self, state: str, why: str = "") -> None:
        """Enter a state, unless it is the present one."""
        if state != self.state:
            self.since_s = _now_s()
        self.state, self.why = state, why


class Feed(ABC):
    """One feed; iterate over it to receive.

    Attributes:
        name: as shown to people, without secrets.
        kind: what it is called in an address, such as ``sbs``.
        silent_s: after how long without a row something is wrong.
        link: how the connection is.
    """

    kind = ""
    silent_s = SILENT_S

    def __init__(self, address: Address, clock: Clock) -> None:
        self.address = address
        self.name = address.name
        self.link = Link()
        self.silent_s = address.seconds("silent", type(self).silent_s)
        self._clock = clock
        self._shift_us = round(address.offset_s * MICROSECONDS_PER_SECOND)

    def __aiter__(self) -> AsyncGenerator[Arrival]:
        return self._arrivals()

    async def _arrivals(self) -> AsyncGenerator[Arrival]:
        pauses = Pauses()
        while True:
            began_s = _now_s()
            try:
                session = self._session()
                try:
                    async for batch in session:
                        if batch.frame.height:
                            yield self._arrival(batch)
                finally:
                    await session.aclose()
            except FeedDownError as down:
                why, asked_s = str(down), down.retry_s
            except (OSError, EOFError) as error:
                why, asked_s = in_words(error), None
            except Exception as error:
                # Nothing that is sent may end a server; what could is a fault of ours, and is counted as one.
                why, asked_s = fault(error), None
                self.reject(why)
            else:
                self.link.become(ENDED)
                return
            was_up = self.link.state == UP and _now_s() - began_s >= LEAST_UP_S
            self.link.failures += 1
            self.link.pause_s = pauses.after(was_up=was_up) if asked_s is None else asked_s
            self.link.become(WAITING, why)
            await asyncio.sleep(self.link.pause_s)

    @abstractmethod
    def _session(self) -> AsyncGenerator[Batch]:
        """Connect once, and return what comes until it ends.

        Raises:
            FeedDownError, OSError: it could not be had, or is over; it is tried again.
        """

    def _came_up(self) -> None:
        self.link.connects += 1
        self.link.become(UP)

    def _received_us(self) -> int:
        return self._clock.now_us()

    def _arrival(self, batch: Batch) -> Arrival:
        made = arrival(self.name, self._received_us(), batch, self.link.rows)
        self.link.rows += made.rows.height
        if not self._shift_us:
            return made
        return Arrival(made.feed, made.received_us, _shifted(made.rows, self._shift_us))

    def reject(self, reason: str, example: str = "", count: int = 1) -> None:
        """Count what cannot be used."""
        self.link.rejects.add(self.name, reason, example, count)


class Pauses:
    """How long to wait before the next try: twice as long each time, up to a minute."""

    def __init__(self) -> None:
        self._next_s = FIRST_PAUSE_S

    def after(self, *, was_up: bool) -> float:
        """Return the seconds to wait now; short again where the last connection held for a while."""
        if was_up:
            self._next_s = FIRST_PAUSE_S
        pause_s = self._next_s
        self._next_s = min(2.0 * pause_s, LONGEST_PAUSE_S)
        return pause_s * (1.0 + JITTER * random.random())


def in_words(error: OSError | EOFError) -> str:
    """Return why a connection failed, without what the system adds of addresses."""
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, ConnectionRefusedError):
        return "nobody listens there (connection refused)"
    if isinstance(error, ConnectionResetError | BrokenPipeError | EOFError):
        return "the other side broke the connection off"
    return getattr(error, "strerror", None) or type(error).__name__


def fault(error: Exception) -> str:
    """Return what broke in our own code and where; not the message, which may hold anything."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "wideberth" in frame.filename]
    where = f" in {os.path.basename(frames[-1].filename)}, line {frames[-1].lineno}" if frames else ""
    return f"a fault of wideberth: {type(error).__name__}{where}"


def _shifted(rows: pl.DataFrame, shift_us: int) -> pl.DataFrame:
    import polars as pl

    return rows.with_columns(pl.col("t") + pl.duration(microseconds=shift_us))


def _now_s() -> float:
    return asyncio.get_running_loop().time()

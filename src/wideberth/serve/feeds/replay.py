"""A recording as if it came in now: ``replay:FILE``, ``replay:FILE@20x``, ``replay:FILE@max``.

Any file, glob, folder or archive that `wideberth.read` knows.  Rows come in the order of their times, at the speed
that is asked (1x if none is), and ``@max`` as fast as they are judged; the server's clock is the recording's
(`wideberth.serve.clock`).  Where each row stands in its file is kept, so that evidence is the file's.  The recording
is read as a whole before the replay begins.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from wideberth.errors import ReadError, UsageError
from wideberth.read import formats
from wideberth.read.batch import Batch
from wideberth.serve.arrivals import Arrival, standard
from wideberth.serve.feeds.base import Feed
from wideberth.units import MICROSECONDS_PER_SECOND

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    import polars as pl

    from wideberth.serve.clock import Clock, Seat
    from wideberth.serve.feeds.address import Address

STEP_S = 1.0  # rows of so many seconds come together
_SPEED = re.compile(r"^(.+)@(max|[0-9]+(?:\.[0-9]+)?x?)$")


def file_and_speed(text: str) -> tuple[str, float | None]:
    """Return the file and the speed of ``FILE@20x``; None for as fast as possible.

    Raises:
        UsageError: a speed of nothing, or no file.
    """
    found = _SPEED.match(text)
    file, speed = (text, "1x") if found is None else (found[1], found[2])
    if not file:
        raise UsageError("--feed replay: there is no file in it. Write replay:FILE or replay:FILE@20x.")
    if speed == "max":
        return file, None
    value = float(speed.rstrip("x"))
    if not 0.01 <= value <= 100_000.0:
        raise UsageError(f"--feed replay:{file}@{speed}: the speed is from 0.01x to 100000x, or max.")
    return file, value


class Replay(Feed):
    """A recording; it is read when the feed is made.

    Attributes:
        start_us: the time of its first row.
        speed: as asked; None: as fast as possible.
    """

    kind = "replay"
    silent_s = math.inf  # a gap in a recording is no fault of now

    def __init__(self, address: Address, clock: Clock) -> None:
        super().__init__(address, clock)
        self.file, self.speed = file_and_speed(address.path)
        if "name" not in address.options:
            self.name = f"{self.kind}:{self.file.rpartition('/')[2]}"
        self._rows = self._read()
        self.start_us: int = self._rows["t"].to_physical()[0]
        self._seat: Seat | None = None

    def _read(self) -> pl.DataFrame:
        import polars as pl

        frames = []
        for batch in formats.batches(self.file, rejects=self.link.rejects):
            frames.append(kept(batch))
        rows = pl.concat(frames).filter(pl.col("t").is_not_null()) if frames else None
        if rows is None or not rows.height:
            raise ReadError(f"{self.file}: there is no row with a time in it, so nothing can be replayed.")
        return rows.sort("t", maintain_order=True)

    def use(self, clock: Clock) -> None:
        """Take part in a replay's clock; to be said before it is iterated over."""
        self._clock = clock
        self._seat = clock.seat()

    async def _session(self) -> AsyncGenerator[Batch]:
        import polars as pl

        if self._seat is None:
            self.use(self._clock)
        assert self._seat is not None
        self._came_up()
        step_us = round(STEP_S * MICROSECONDS_PER_SECOND)
        times = self._rows["t"].to_physical()
        at = 0
        try:
            while at < self._rows.height:
                ends_us = (times[at] // step_us + 1) * step_us
                await self._seat.until(ends_us)
                end = int(times.search_sorted(pl.Series([ends_us]), "left")[0])
                yield Batch(self._rows[at:end], self.name)
                at = end
        finally:
            self._seat.leave()

    def _arrival(self, batch: Batch) -> Arrival:
        self.link.rows += batch.frame.height
        return Arrival(self.name, self._received_us(), batch.frame)


def kept(batch: Batch) -> pl.DataFrame:
    """Return a batch with all columns, and where each row stands in its file."""
    import polars as pl

    made = standard(batch.frame, batch.source, batch.first_row)
    told = [
        batch.frame[name].cast(kind).alias(name)
        for name, kind in (("source_row", pl.Int64), ("source_file", pl.String))
        if name in batch.frame.columns
    ]
    return made.with_columns(told)

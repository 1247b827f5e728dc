"""What is done with a tick: aircraft are predicted, alerts follow, and what has become final is judged for the record.

The sky takes every row, whether it came in order or late; of each aircraft the newest report counts.  The record
takes every row that the merge did not drop as doubled, for it judges what was heard.  Once a minute it is asked
what has become final.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from wideberth.serve.alerts import Alerts
from wideberth.serve.predict import DEFAULT, predict
from wideberth.serve.record import Recorder
from wideberth.serve.sky import LiveSky
from wideberth.units import MICROSECONDS_PER_SECOND

if TYPE_CHECKING:
    from wideberth.agreement.load import Agreement
    from wideberth.incidents import Incidents
    from wideberth.serve.alerts import Event
    from wideberth.serve.ticks import Tick

SETTLE_EVERY_S = 60.0


@dataclass(frozen=True, eq=False)
class Found:
    """What came of a tick.

    Attributes:
        now_us: of the tick.
        events: what happened to alerts, in order.
        incidents: that have become final; None where it was not asked.
    """

    now_us: int
    events: list[Event]
    incidents: Incidents | None


class Cycle:
    """The live state of an agreement: sky, alerts, record.

    Args:
        agreement: by which is judged.
    """

    def __init__(self, agreement: Agreement) -> None:
        self.sky = LiveSky(agreement)
        self.alerts = Alerts(agreement.digest)
        self.recorder = Recorder(agreement)
        self._settle_us: int | None = None

    async def step(self, tick: Tick) -> Found:
        """Take a tick; the record is asked in a thread, so that feeds go on meanwhile."""
        merged = tick.merged
        if merged.height:
            rows = pl.concat([merged.rows, merged.late, merged.ahead])
            self.sky.hear(rows, tick.now_us)
            self.recorder.take(rows)
        picture = predict(self.sky, tick.now_us)
        events = self.alerts.step(tick.now_us, picture.threats, self._lost(tick.now_us))
        self.sky.forget(tick.now_us)
        return Found(tick.now_us, events, await self._incidents(tick))

    def _lost(self, now_us: int) -> set[str]:
        """Return which aircraft of alerts that go on are no longer heard well enough to tell where they are."""
        oldest_us = now_us - DEFAULT.stale_s * MICROSECONDS_PER_SECOND
        concerned = {address for alert in self.alerts for address in alert.aircraft}
        heard = {address: self.sky.last_heard_us(address) for address in concerned}
        return {address for address, at_us in heard.items() if at_us is None or at_us < oldest_us}

    async def _incidents(self, tick: Tick) -> Incidents | None:
        if tick.is_last:
            return await asyncio.to_thread(self.recorder.finish)
        if self._settle_us is None:
            self._settle_us = tick.now_us + round(SETTLE_EVERY_S * MICROSECONDS_PER_SECOND)
        if tick.now_us < self._settle_us:
            return None
        self._settle_us = tick.now_us + round(SETTLE_EVERY_S * MICROSECONDS_PER_SECOND)
        return await asyncio.to_thread(self.recorder.settle, tick.now_us)

"""One tick after another: rows → the sky → threats → alerts, and rows → the record.

The sky takes a row when its turn comes, and nothing late; the record takes all of them, as they come.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from wideberth.serve.ahead import Look
from wideberth.serve.alerts import Alerts, Event, Settings
from wideberth.serve.predict import Picture, predict
from wideberth.serve.record import Recorder
from wideberth.serve.sky import LiveSky

if TYPE_CHECKING:
    import polars as pl

    from wideberth.agreement.load import Agreement
    from wideberth.incidents import Incidents

SETTLE_EVERY_US = 300 * 1_000_000
FORGET_EVERY_US = 60 * 1_000_000


@dataclass(frozen=True, eq=False)
class Beat:
    """What a tick brought.

    Attributes:
        picture: what is predicted and present.
        events: what happened to alerts.
        incidents: those that became final; None where it was not looked.
    """

    picture: Picture
    events: list[Event]
    incidents: Incidents | None = None


@dataclass(eq=False)
class Engine:
    """Everything that is known of a sky under an agreement.

    Attributes:
        agreement: by which is predicted and judged.
        look: how far ahead.
        settings: of alerts.
        sky, alerts, recorder: made of these.
    """

    agreement: Agreement
    look: Look = field(default_factory=Look)
    settings: Settings = field(default_factory=Settings)

    def __post_init__(self) -> None:
        self.sky = LiveSky(self.agreement)
        self.alerts = Alerts(self.agreement.digest, self.settings)
        self.recorder = Recorder(self.agreement)
        self._settled_us: int | None = None
        self._forgot_us = 0

    def tick(self, now_us: int, in_turn: pl.DataFrame, late: pl.DataFrame | None = None) -> Beat:
        """Take the rows of a tick.

        Args:
            now_us: on the server's clock, later than in the tick before.
            in_turn: rows that have their turn, with the columns of `arrivals.ROW_TYPES`.
            late: rows that came after theirs.
        """
        self.sky.hear(in_turn, now_us)
        self.recorder.take(in_turn)
        if late is not None and late.height:
            self.recorder.take(late)
        if now_us - self._forgot_us >= FORGET_EVERY_US:
            self.sky.forget(now_us)
            self._forgot_us = now_us
        picture = predict(self.sky, now_us, self.look)
        lost = (
            self._lost(now_us)
            if picture.not_ahead["stale"] or len(self.sky) < len(self.sky.addresses)
            else ()
        )
        events = self.alerts.step(now_us, picture.threats, lost)
        if self._settled_us is None:
            self._settled_us = now_us
        if now_us - self._settled_us < SETTLE_EVERY_US:
            return Beat(picture, events)
        self._settled_us = now_us
        return Beat(picture, events, self.recorder.settle(now_us))

    def finish(self) -> Incidents:
        """Return the incidents that are left when nothing more will be heard."""
        return self.recorder.finish()

    def _lost(self, now_us: int) -> set[str]:
        """Return which aircraft of alerts that go on are no longer heard well enough to tell where they are."""
        concerned = {address for alert in self.alerts for address in alert.aircraft}
        if not concerned:
            return set()
        oldest_us = now_us - self.look.stale_s * 1e6
        return {
            each for each in concerned if (heard := self.sky.last_heard_us(each)) is None or heard < oldest_us
        }

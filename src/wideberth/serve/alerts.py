"""From the threats of each cycle to alerts: a state machine without clock, files or network.

An alert is one thing from its first warning to its end.  It begins when its threat was there in `Settings.confirm` of
the last `Settings.of` cycles, rises from predicted to imminent to actual by the same count, and never falls before it
ends.  It ends when the threat has been away, by the wider limits as well, for ``hold_s``: so it lasts that long at
least, and another about the same aircraft is another alert, that long after the last sign of this one.

Where permissions cover what is predicted the alert is there, and says that it is inhibited and by which; it is so only
while every one of the last `Settings.of` threats is.  When the limits are first seen to be broken, the time since the
first warning is the warning time that was achieved.

Sources: STANDARDS.md §2 (EUROCONTROL on STCA and APW; NASA DAIDALUS for 2 of 4); the hold is ours.
"""

from __future__ import annotations

import hashlib
from collections import deque
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from wideberth.serve.predict import Threat

PREDICTED, IMMINENT, ACTUAL = range(1, 4)
LEVELS = ("", "predicted", "imminent", "actual")

BEGAN, ROSE, INHIBITED, RELEASED, ACKNOWLEDGED, ENDED = (
    "began", "rose", "inhibited", "released", "acknowledged", "ended",
)  # fmt: skip
"""What can happen to an alert."""

Key = tuple[str, tuple[str, ...], str]


@dataclass(frozen=True)
class Settings:
    """When an alert begins, rises and ends.

    Attributes:
        confirm, of: a threat must be there in so many of so many cycles.
        hold_s: an alert ends when its threat has been away for so long.
        imminent_s: a threat nearer than this is imminent.
    """

    confirm: int = 2
    of: int = 4
    hold_s: float = 4.0
    imminent_s: float = 30.0


@dataclass(frozen=True)
class Alert:
    """An alert as it stands.

    Attributes:
        id: 16 hex digits, of the agreement, rule, aircraft, place and when it began.
        rule, kind, aircraft, parties, callsigns, place, how: as in `Threat`, of its last one.
        level: one of `LEVELS`, the highest it had.
        began_us: when it was first shown: the first warning.
        seen_us: when its threat was last there.
        actual_us: when the limits were first seen to be broken; None if never.
        ended_us: when it ended; None while it goes on.
        because: of its end: "kept", or "lost" where an aircraft was no longer heard well enough to tell.
        t_in_s, is_turning: of its last threat within the rule's limits.
        inhibited_by: permissions; empty if it is not inhibited.
        acknowledged_by, note: by whom, and what was said.
        figures: of its last threat within the rule's limits.
    """

    id: str
    rule: str
    kind: str
    aircraft: tuple[str, ...]
    parties: tuple[str | None, ...]
    callsigns: tuple[str | None, ...]
    place: str
    how: str
    level: str
    began_us: int
    seen_us: int
    t_in_s: float
    is_turning: bool
    inhibited_by: tuple[str, ...] = ()
    actual_us: int | None = None
    ended_us: int | None = None
    because: str = ""
    acknowledged_by: str = ""
    note: str = ""
    figures: dict[str, float] = field(default_factory=dict)

    @property
    def warned_s(self) -> float | None:
        """How long before the limits were broken it was first shown; None if they were not."""
        return None if self.actual_us is None else (self.actual_us - self.began_us) * 1e-6


@dataclass(frozen=True)
class Event:
    """Something that happened to an alert.

    Attributes:
        what: one of `BEGAN`, `ROSE`, `INHIBITED`, `RELEASED`, `ACKNOWLEDGED`, `ENDED`.
        at_us: when.
        alert: as it stands after it.
    """

    what: str
    at_us: int
    alert: Alert


@dataclass
class _Watched:
    """One key: its last cycles, and its alert if there is one."""

    levels: deque[int]
    inhibitions: deque[tuple[str, ...]]
    actual_us: int | None = None  # the first of the broken ones among the last cycles
    alert: Alert | None = None


@dataclass(eq=False)
class Alerts:
    """All alerts that go on.

    Attributes:
        agreement: its hash.
        settings: when alerts begin, rise and end.
    """

    agreement: str
    settings: Settings = field(default_factory=Settings)
    _watched: dict[Key, _Watched] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Alert]:
        """Give those that go on."""
        return (each.alert for each in self._watched.values() if each.alert is not None)

    def step(self, now_us: int, threats: Iterable[Threat], lost: Collection[str] = ()) -> list[Event]:
        """Take what one cycle found; return what happened, in order.

        Args:
            now_us: when; later than in the step before.
            threats: at most one of each key.
            lost: addresses of aircraft that are not predicted, for they are not heard well enough.
        """
        found = {threat.key: threat for threat in threats}
        events: list[Event] = []
        for key in list(self._watched):
            if key not in found:
                events += self._without(key, self._watched[key], now_us, lost)
        for key, threat in found.items():
            watched = self._watched.get(key)
            if watched is None:
                if not threat.is_within:
                    continue
                cycles = self.settings.of
                watched = self._watched[key] = _Watched(deque(maxlen=cycles), deque(maxlen=cycles))
            events += self._with(key, watched, now_us, threat)
        return events

    def acknowledge(self, name: str, by: str, note: str, now_us: int) -> Event | None:
        """Note that somebody has seen an alert; None if there is none of that id."""
        for watched in self._watched.values():
            if watched.alert is not None and watched.alert.id == name:
                watched.alert = replace(watched.alert, acknowledged_by=by, note=note)
                return Event(ACKNOWLEDGED, now_us, watched.alert)
        return None

    def _without(self, key: Key, watched: _Watched, now_us: int, lost: Collection[str]) -> Iterable[Event]:
        watched.levels.append(0)
        alert = watched.alert
        if alert is None:
            if not any(watched.levels):
                del self._watched[key]
            return
        if now_us - alert.seen_us < self.settings.hold_s * 1e6:
            return
        because = "lost" if any(each in lost for each in alert.aircraft) else "kept"
        del self._watched[key]
        yield Event(ENDED, now_us, replace(alert, ended_us=now_us, because=because))

    def _with(self, key: Key, watched: _Watched, now_us: int, threat: Threat) -> Iterable[Event]:
        level = self._level(threat)
        watched.levels.append(level)
        if not any(watched.levels) and watched.alert is None:
            del self._watched[key]
            return
        if level:
            watched.inhibitions.append(threat.inhibited_by)
        if level == ACTUAL and watched.actual_us is None:
            watched.actual_us = now_us
        elif ACTUAL not in watched.levels:
            watched.actual_us = None  # what was not confirmed was not so
        confirmed = sorted(watched.levels, reverse=True)[: self.settings.confirm]
        height = confirmed[-1] if len(confirmed) == self.settings.confirm else 0
        before = watched.alert
        if before is None:
            if not height:
                return
            alert = Alert(
                self._identity(key, now_us), threat.rule, threat.kind, threat.aircraft, threat.parties,
                threat.callsigns, threat.place, threat.how, "", now_us, now_us, threat.t_in_s, threat.is_turning,
            )  # fmt: skip
        else:
            alert = before
        alert = replace(alert, seen_us=now_us, parties=threat.parties, callsigns=threat.callsigns)
        if threat.is_within:
            alert = replace(
                alert,
                how=threat.how,
                t_in_s=threat.t_in_s,
                is_turning=threat.is_turning,
                figures=threat.figures,
            )
        height = max(height, LEVELS.index(alert.level))
        if height == ACTUAL and alert.actual_us is None:
            # The first of those that confirm it; shown no earlier than it began.
            alert = replace(alert, actual_us=max(watched.actual_us or now_us, alert.began_us))
        covers = watched.inhibitions
        names = (
            tuple(dict.fromkeys(name for each in covers for name in each)) if covers and all(covers) else ()
        )
        alert = replace(alert, level=LEVELS[height], inhibited_by=names)
        watched.alert = alert
        if before is None:
            yield Event(BEGAN, now_us, alert)
            return
        if alert.level != before.level:
            yield Event(ROSE, now_us, alert)
        if bool(names) != bool(before.inhibited_by):
            yield Event(INHIBITED if names else RELEASED, now_us, alert)

    def _level(self, threat: Threat) -> int:
        if not threat.is_within:
            return 0
        if threat.is_now:
            return ACTUAL
        return IMMINENT if threat.t_in_s <= self.settings.imminent_s else PREDICTED

    def _identity(self, key: Key, now_us: int) -> str:
        rule, aircraft, place = key
        parts = [self.agreement, rule, *aircraft, place, str(now_us)]
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]

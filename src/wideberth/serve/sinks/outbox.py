"""What is still to be told, on disk, until each sink has taken it.

An event is written for every sink at once, in one transaction, before any of them is asked.  A sink takes its own in
order; one that fails is asked again after a growing pause, and keeps the others waiting for nothing.  After ``kill -9``
what was not taken is there, and may be told a second time: each has an id by which a receiver can tell.

A sink that is down for long does not fill the disk: beyond `MOST` events of one sink the oldest are dropped, counted.
"""

from __future__ import annotations

import json
import random
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from wideberth.errors import WriteError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from wideberth.serve.alerts import Event

MOST = 100_000
FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 300.0
AT_ONCE = 100

_TABLES = """
CREATE TABLE IF NOT EXISTS waiting (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, sink TEXT NOT NULL, id TEXT NOT NULL, message TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS by_sink ON waiting (sink, seq);
"""


class Sink(Protocol):
    """Something that is told what happens."""

    name: str

    def take(self, name: str, message: dict[str, Any]) -> None:
        """Take a message; ``name`` is the same when it is told again.

        Raises:
            OSError: it cannot now, and is to be asked again.
        """


def message_of(event: Event) -> tuple[str, dict[str, Any]]:
    """Return an event's id and what is told of it, as plain data."""
    alert = event.alert
    told = {
        "event": event.what,
        "at_us": event.at_us,
        "id": alert.id,
        "rule": alert.rule,
        "kind": alert.kind,
        "level": alert.level,
        "aircraft": list(alert.aircraft),
        "parties": list(alert.parties),
        "callsigns": list(alert.callsigns),
        "place": alert.place,
        "how": alert.how,
        "began_us": alert.began_us,
        "actual_us": alert.actual_us,
        "ended_us": alert.ended_us,
        "because": alert.because,
        "warned_s": alert.warned_s,
        "t_in_s": alert.t_in_s,
        "is_turning": alert.is_turning,
        "inhibited_by": list(alert.inhibited_by),
        "acknowledged_by": alert.acknowledged_by,
        "note": alert.note,
        "figures": {name: value for name, value in alert.figures.items() if value == value},  # no NaN in JSON
    }
    return f"{alert.id}-{event.at_us}-{event.what}", told


@dataclass
class _State:
    due_s: float = 0.0
    pause_s: float = FIRST_PAUSE_S
    failed: int = 0
    why: str = ""


class Outbox:
    """Holds events for sinks.

    Args:
        path: of the SQLite file, made if need be.
        sinks: by different names; what waits for a name that is not among them stays.
        most: how many events may wait for one sink.
    Raises:
        WriteError: the file cannot be written.
    """

    def __init__(self, path: str | Path, sinks: Sequence[Sink], *, most: int = MOST) -> None:
        self.sinks = list(sinks)
        self.most = most
        self.dropped = 0
        self._states = {sink.name: _State() for sink in sinks}
        self._random = random.Random()
        try:
            self._file = sqlite3.connect(path, isolation_level=None)
            self._file.execute("PRAGMA journal_mode=WAL")
            self._file.execute("PRAGMA synchronous=FULL")  # what was put must outlive a loss of power
            self._file.executescript(_TABLES)
        except sqlite3.Error as error:
            raise WriteError(f"the outbox {path} cannot be written: {error}.") from None

    def put(self, events: Iterable[Event]) -> None:
        """Keep events for every sink, on disk when this returns.

        Raises:
            WriteError: the disk is full, say; nothing was kept.
        """
        told = [message_of(event) for event in events]
        rows = [(sink.name, name, json.dumps(message)) for name, message in told for sink in self.sinks]
        if not rows:
            return
        try:
            self._file.execute("BEGIN IMMEDIATE")
            self._file.executemany("INSERT INTO waiting (sink, id, message) VALUES (?, ?, ?)", rows)
            for sink in self.sinks:
                self._drop_oldest(sink.name)
            self._file.execute("COMMIT")
        except sqlite3.Error as error:
            if self._file.in_transaction:
                self._file.execute("ROLLBACK")
            raise WriteError(f"the outbox cannot be written: {error}.") from None

    def _drop_oldest(self, name: str) -> None:
        beyond = self.waiting(name) - self.most
        if beyond > 0:
            self._file.execute(
                "DELETE FROM waiting WHERE seq IN (SELECT seq FROM waiting WHERE sink = ? ORDER BY seq LIMIT ?)",
                (name, beyond),
            )
            self.dropped += beyond

    def waiting(self, name: str) -> int:
        """Return how many events wait for a sink."""
        found = self._file.execute("SELECT count(*) FROM waiting WHERE sink = ?", (name,)).fetchone()
        return int(found[0])

    def trouble(self, name: str) -> str:
        """Return why a sink takes nothing at present; empty if it does."""
        return self._states[name].why

    def send(self, now_s: float) -> int:
        """Let each sink whose time has come take what waits for it; return how many were taken.

        ``now_s`` is on a clock that cannot be set.  A sink that fails is asked again after a second, then two, and so
        on up to five minutes, each time up to a quarter longer by chance.
        """
        taken = 0
        for sink in self.sinks:
            state = self._states[sink.name]
            if now_s < state.due_s:
                continue
            for seq, name, message in self._file.execute(
                "SELECT seq, id, message FROM waiting WHERE sink = ? ORDER BY seq LIMIT ?",
                (sink.name, AT_ONCE),
            ).fetchall():
                try:
                    sink.take(name, json.loads(message))
                except OSError as error:
                    state.failed += 1
                    state.why = str(error) or type(error).__name__
                    state.due_s = now_s + state.pause_s * self._random.uniform(1.0, 1.25)
                    state.pause_s = min(2.0 * state.pause_s, LONGEST_PAUSE_S)
                    break
                self._file.execute("DELETE FROM waiting WHERE seq = ?", (seq,))
                taken += 1
                state.pause_s, state.why = FIRST_PAUSE_S, ""
        return taken

    def close(self) -> None:
        """Close the file; what waits stays in it."""
        with closing(self._file):
            pass

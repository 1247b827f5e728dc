"""Feeds to ticks: everything that comes is watched, archived and handed over, whatever one feed or the archive does."""

from __future__ import annotations

import asyncio
import json
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from receiver_files import NOON
from senders import PATIENCE_S, Tcp, rows_of_file, run
from test_serve_replay import recording
from wideberth.read import jsonlines
from wideberth.serve import feeds
from wideberth.serve.archive import Archive
from wideberth.serve.feeds import base
from wideberth.serve.health import Health
from wideberth.serve.merge import Merge
from wideberth.serve.ticks import Tick, Ticks

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SECOND_US = 1_000_000
NOON_US = int(NOON.timestamp()) * SECOND_US


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Feeds come back after a twentieth of a second, so that tests need not wait."""
    monkeypatch.setattr(base, "FIRST_PAUSE_S", 0.05)


def line(icao24: str, seconds: float) -> bytes:
    told = {
        "now": NOON.timestamp() + seconds,
        "hex": icao24,
        "lat": 47 + seconds / 1e3,
        "lon": 8,
        "alt_baro": 1000,
    }
    return json.dumps(told).encode() + b"\n"


async def ticked(
    ticks: Ticks, until: Callable[[Tick], bool] = lambda tick: False, slow_s: float = 0.0
) -> list[Tick]:
    """Return ticks up to one of which something is so, or to the last."""
    found = []
    async with asyncio.timeout(PATIENCE_S), aclosing(aiter(ticks)) as each:
        async for tick in each:
            found.append(tick)
            if until(tick):
                break
            if slow_s:
                await asyncio.sleep(slow_s)
    return found


def rows_in(found: list[Tick]) -> pl.DataFrame:
    return pl.concat(
        [part for tick in found for part in (tick.merged.rows, tick.merged.late, tick.merged.ahead)]
    )


def test_a_replay_gives_the_same_ticks_however_slow_they_are_taken(tmp_path: Path) -> None:
    """At 300x, at the highest speed, and with somebody who takes his time: the same rows at the same instants."""
    one = recording(tmp_path / "one.jsonl", [0.0, 0.4, 1.0, 2.7, 9.5])
    two = recording(tmp_path / "two.jsonl", [0.2, 3.3, 9.5], "4b5678")

    def told(speed: str, slow_s: float = 0.0) -> list[tuple[int, list[tuple[str, Any]]]]:
        opened, clock = feeds.open_feeds([f"replay:{one}@{speed}", f"replay:{two}@{speed}"])
        found = run(lambda: ticked(Ticks(opened, clock, Health(opened, clock)), slow_s=slow_s))
        assert found[-1].is_last
        return [(tick.now_us, tick.merged.rows.select("icao24", "t").rows()) for tick in found]

    first = told("max")

    assert [(at - NOON_US) // SECOND_US for at, rows in first if rows] == [1, 2, 4, 5, 10]
    assert sum(len(rows) for _, rows in first) == 8
    assert told("300x") == first
    assert told("max", slow_s=0.02) == first


def test_a_gap_in_a_recording_is_no_trouble_of_a_feed(tmp_path: Path) -> None:
    """A night without aircraft is in the recording; nothing is told of it now."""
    path = recording(tmp_path / "file.jsonl", [0.0, 1.0, 600.0])
    opened, clock = feeds.open_feeds([f"replay:{path}@max"])

    assert [
        tick.events
        for tick in run(lambda: ticked(Ticks(opened, clock, Health(opened, clock))))
        if tick.events
    ] == []


def test_two_feeds_come_as_one_and_the_archive_holds_both(tmp_path: Path) -> None:
    """One feed is killed and comes back; the other goes on; what both sent is archived, doubled rows too."""

    async def live() -> tuple[list[Tick], Ticks, list[base.Feed]]:
        roof = Tcp([line("4b1234", 0)], [line("4b1234", 0), line("4b1234", 1), None])
        cellar = Tcp([line("4b5678", 0), line("4b1234", 0), None])
        async with roof.running(), cellar.running():
            opened, clock = feeds.open_feeds(
                [
                    f"tcp://127.0.0.1:{each.port}#name={name}"
                    for each, name in ((roof, "roof"), (cellar, "cellar"))
                ]
            )
            archive = Archive(tmp_path / "archive")
            ticks = Ticks(opened, clock, Health(opened, clock), archive=archive, every_s=0.1)
            found = await ticked(ticks, lambda _: sum(each.link.rows for each in opened) == 5)
            found += await ticked(ticks, lambda _: True) if not rows_in(found).height else []
            return found, ticks, opened

    found, ticks, opened = run(live)

    archived = rows_of_file(tmp_path / "archive" / "*.parquet")
    assert archived.height == 5
    by_feed = dict(archived.group_by(pl.col("source_file").cast(pl.String)).len().iter_rows())
    assert by_feed == {"roof": 3, "cellar": 2}
    assert sum(ticks.merge.counts[name, "doubled"] for name in ("roof", "cellar")) == 2
    assert {each.name: each.link.failures for each in opened} == {"roof": 1, "cellar": 0}
    assert found


def test_an_archive_that_cannot_write_ends_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its folder is gone: it is said, ticks go on, and rows are kept for it."""
    path = recording(tmp_path / "file.jsonl", [float(k) for k in range(20)])
    opened, clock = feeds.open_feeds([f"replay:{path}@max"])
    archive = Archive(tmp_path / "archive")
    monkeypatch.setattr(Archive, "is_due", property(lambda self: True))
    for each in (tmp_path / "archive").iterdir():
        each.unlink()
    (tmp_path / "archive").rmdir()

    found = run(lambda: ticked(Ticks(opened, clock, Health(opened, clock), archive=archive)))

    assert rows_in(found).height == 20
    assert "No such file" in archive.state.trouble
    assert archive.state.held == 20


def test_a_fault_of_our_own_ends_no_feed(monkeypatch: pytest.MonkeyPatch) -> None:
    """An error that nobody thought of is counted with its place, without its words, and the feed connects again."""

    def broken(self: object, first: int, block: bytes) -> Any:
        raise ZeroDivisionError("hunter2")

    async def live() -> base.Feed:
        async with Tcp([line("4b1234", 0), None]).running() as server:
            opened, clock = feeds.open_feeds([f"tcp://127.0.0.1:{server.port}"])
            with monkeypatch.context() as patched:
                patched.setattr(jsonlines.Objects, "read", broken)
                ticks = Ticks(opened, clock, Health(opened, clock), every_s=0.05)
                await ticked(ticks, lambda _: opened[0].link.failures >= 2)
            return opened[0]

    feed = run(live)

    assert feed.link.why.startswith("a fault of wideberth: ZeroDivisionError in ndjson.py, line ")
    assert feed.link.rejects.total() >= 2
    assert "hunter2" not in repr(feed.link)


def test_an_hours_jump_of_a_sender_is_seen_and_moves_no_one_else() -> None:
    """Rows an hour ahead come apart, with an event for that feed, while another feed's rows go on in order."""
    import time

    def now(icao24: str, shift_s: float = 0.0) -> bytes:
        return line(icao24, time.time() - NOON.timestamp() + shift_s)

    async def live() -> tuple[list[Tick], Ticks]:
        right: list[bytes | float | None] = []
        wrong: list[bytes | float | None] = []
        for _ in range(8):
            right += [now("4b1234"), 0.1]
            wrong += [now("4b5678", 3600.0), 0.1]
        async with Tcp([*right, None]).running() as one, Tcp([*wrong, None]).running() as other:
            opened, clock = feeds.open_feeds(
                [f"tcp://127.0.0.1:{one.port}#name=right", f"tcp://127.0.0.1:{other.port}#name=wrong"]
            )
            ticks = Ticks(opened, clock, Health(opened, clock), Merge(0.2), every_s=0.1)
            found = await ticked(ticks, lambda _: ticks.merge.counts["wrong", "ahead"] >= 8)
            return found, ticks

    found, ticks = run(live)

    assert [event.text for tick in found for event in tick.events] == [
        "wrong: its times are 3,600 s ahead of this machine's clock"
    ]
    assert ticks.merge.counts["right", "ahead"] == 0
    assert {row for tick in found for row in tick.merged.ahead["icao24"]} == {"4b5678"}

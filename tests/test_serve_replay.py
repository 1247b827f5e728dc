"""Recordings replayed: all rows, in the order of time, at the speed that is asked, by the recording's own clock."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import polars as pl
import pytest

from receiver_files import NOON
from senders import PATIENCE_S, rows_heard, rows_of_file, run, same_values
from wideberth.errors import UsageError
from wideberth.serve import feeds
from wideberth.serve.clock import ReplayClock, WallClock
from wideberth.serve.feeds.replay import STEP_S, file_and_speed

if TYPE_CHECKING:
    from pathlib import Path

    from wideberth.serve.arrivals import Arrival
    from wideberth.serve.feeds.base import Feed

SECOND_US = 1_000_000
NOON_US = int(NOON.timestamp()) * SECOND_US


def recording(path: Path, seconds: list[float], icao24: str = "4b1234") -> Path:
    lines = [
        json.dumps(
            {"now": NOON.timestamp() + s, "hex": icao24, "lat": 47.0, "lon": 8 + s / 1000, "alt_baro": 1000}
        )
        for s in seconds
    ]
    path.write_text("\n".join(lines))
    return path


async def replayed(*texts: str) -> list[list[Arrival]]:
    opened, _ = feeds.open_feeds(texts)

    async def of(feed: Feed) -> list[Arrival]:
        return [arrival async for arrival in feed]

    async with asyncio.timeout(PATIENCE_S):
        return list(await asyncio.gather(*(of(feed) for feed in opened)))


def test_a_real_day_comes_whole_and_in_order(shared_data: Path) -> None:
    """Each row of the Monterey day, with the place in its file, sorted by time, none before its time."""
    path = shared_data / "monterey-2025-06-01.jsonl.gz"
    filed = rows_of_file(path)
    filed = filed.with_columns(pl.col("t").dt.cast_time_unit("us")).sort("t", maintain_order=True)

    (arrivals,) = run(lambda: replayed(f"replay:{path}@max"))
    found = rows_heard(arrivals)

    assert same_values(found, filed)
    assert found["source_row"].to_list() == filed["source_row"].to_list()
    assert found["source_file"].unique().to_list() == [str(path)]
    lags_us = [arrival.received_us - max(arrival.rows["t"].to_physical()) for arrival in arrivals]
    assert min(lags_us) >= 0
    assert max(lags_us) <= STEP_S * SECOND_US


def test_a_recording_that_is_not_in_order_is_replayed_in_order(tmp_path: Path) -> None:
    """Rows out of order come in order; of equal times, the first in the file comes first."""
    path = recording(tmp_path / "file.jsonl", [5, 1, 3, 1, 4])
    (arrivals,) = run(lambda: replayed(f"replay:{path}@max"))

    assert rows_heard(arrivals)["source_row"].to_list() == [1, 3, 2, 4, 0]


def test_the_speed_is_kept(tmp_path: Path) -> None:
    """3 s of a recording at 10x take three tenths of a second, and not less."""
    path = recording(tmp_path / "file.jsonl", [0, 1, 2, 3])

    async def timed() -> float:
        began = asyncio.get_running_loop().time()
        await replayed(f"replay:{path}@10x")
        return asyncio.get_running_loop().time() - began

    assert run(timed) >= 0.3


def test_two_recordings_share_a_clock(tmp_path: Path) -> None:
    """Replayed together, both are told at the time at which they were recorded, whatever the speed."""
    one = recording(tmp_path / "one.jsonl", [0, 10, 20])
    two = recording(tmp_path / "two.jsonl", [5.5, 15.5], "4b5678")
    first, second = run(lambda: replayed(f"replay:{one}@max", f"replay:{two}@max"))

    assert [(each.received_us - NOON_US) / SECOND_US for each in first] == [1, 11, 21]
    assert [(each.received_us - NOON_US) / SECOND_US for each in second] == [6, 16]


def test_time_waits_for_whoever_acts(tmp_path: Path) -> None:
    """One who acts each second of a replay is never overtaken, though it takes its time at the highest speed."""
    path = recording(tmp_path / "file.jsonl", [0.5, 1.5, 2.5])
    log: list[tuple[str, float]] = []

    async def live() -> None:
        opened, clock = feeds.open_feeds([f"replay:{path}@max"])
        seat = clock.seat()

        async def listen() -> None:
            async for arrival in opened[0]:
                log.append(("rows", (arrival.received_us - NOON_US) / SECOND_US))

        async def cycle() -> None:
            for k in range(1, 4):
                now_us = await seat.until(NOON_US + k * SECOND_US)
                await asyncio.sleep(0.02)
                log.append(("cycle", (now_us - NOON_US) / SECOND_US))
            seat.leave()

        async with asyncio.timeout(PATIENCE_S):
            await asyncio.gather(listen(), cycle())

    run(live)

    assert sorted(log, key=lambda each: each[1]) == log
    assert [at for what, at in log if what == "cycle"] == [1, 2, 3]


def test_one_who_leaves_is_not_waited_for() -> None:
    """A seat that was given up does not hold time back, and giving it up twice does no harm."""

    async def live() -> int:
        clock = ReplayClock(NOON_US, None)
        stays, goes = clock.seat(), clock.seat()
        asyncio.get_running_loop().call_later(0.02, goes.leave)
        async with asyncio.timeout(PATIENCE_S):
            now_us = await stays.until(NOON_US + 7)
        goes.leave()
        return now_us

    assert run(live) == NOON_US + 7


def test_the_wall_clock_waits_and_tells_the_time() -> None:
    """An instant in the past is there at once."""

    async def live() -> tuple[int, int]:
        clock = WallClock()
        seat = clock.seat()
        before_us = clock.now_us()
        await seat.until(before_us - 10 * SECOND_US)
        now_us = await seat.until(before_us + 20_000)
        seat.leave()
        return before_us, now_us

    before_us, now_us = run(live)

    assert now_us >= before_us + 20_000


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a.csv", ("a.csv", 1.0)),
        ("a.csv@20x", ("a.csv", 20.0)),
        ("a.csv@0.5", ("a.csv", 0.5)),
        ("a@b.csv@max", ("a@b.csv", None)),
        ("a@b.csv", ("a@b.csv", 1.0)),
    ],
)
def test_file_and_speed_are_told_apart(text: str, expected: tuple[str, float | None]) -> None:
    """A file's name may hold an @ itself."""
    assert file_and_speed(text) == expected


def test_recordings_at_two_speeds_are_refused(tmp_path: Path) -> None:
    """They share a clock, which runs at one speed."""
    one, two = (recording(tmp_path / name, [0]) for name in ("one.jsonl", "two.jsonl"))
    with pytest.raises(UsageError, match="same speed"):
        feeds.open_feeds([f"replay:{one}@2x", f"replay:{two}@3x"])

"""A cycle: a recording goes in tick by tick; alerts and incidents come out, and they tell of the same things."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import TYPE_CHECKING, Any

import polars as pl

from test_judge_split import agreement, differences, straight
from test_serve_record import EVIDENCE, judged, numbered
from wideberth.serve.alerts import BEGAN, ENDED
from wideberth.serve.arrivals import empty
from wideberth.serve.cycle import Cycle
from wideberth.serve.merge import Merged
from wideberth.serve.ticks import Tick

if TYPE_CHECKING:
    import wideberth as wb

SECOND = 1_000_000


def run(rows: pl.DataFrame, terms: wb.Agreement) -> tuple[list[Any], list[dict[str, Any]]]:
    """Play rows a second at a time; return the events and the incidents."""
    return asyncio.run(_run(rows, Cycle(terms)))


async def _run(rows: pl.DataFrame, cycle: Cycle) -> tuple[list[Any], list[dict[str, Any]]]:
    t_us = rows["t"].to_physical()
    first, last = int(t_us.min()), int(t_us.max())  # type: ignore[arg-type]
    rows = rows.sort("t")
    t_us = rows["t"].to_physical()
    events: list[Any] = []
    found: list[dict[str, Any]] = []
    low = 0
    for now_us in range(first, last + 60 * SECOND, SECOND):
        high = int(t_us.search_sorted(now_us, side="right"))
        is_last = now_us + SECOND >= last + 60 * SECOND
        done = await cycle.step(Tick(now_us, Merged(rows[low:high], empty(), empty()), [], is_last))
        low = high
        events += done.events
        found += list(done.incidents or ())
    return events, found


def test_one_flight_over_the_line_is_warned_of_and_recorded() -> None:
    """Over the line it must not cross: the alert two minutes before the incident, and that recorded as judged."""
    rows = numbered(straight("100001", (0.0, 900.0)).with_columns(pl.lit(11_000.0).alias("altitude_ft")))
    events, found = run(rows, agreement())
    began = {event.alert.rule: event.at_us for event in events if event.what == BEGAN}
    last = {event.alert.rule: event.alert for event in events}
    begins = {row["rule"]: row["t_in"] for row in found if row["verdict"] == "broken"}
    assert isinstance(begins["west"], datetime)
    warned_s = begins["west"].timestamp() - began["west"] / SECOND

    assert differences(found, judged(rows, agreement()), EVIDENCE) == []
    assert (
        100.0 < warned_s <= 120.0
    )  # the look-ahead, less the cycles that confirm it and half a step of ten seconds
    assert last["west"].level == "actual"
    assert last["west"].warned_s is not None
    assert (
        abs(last["west"].warned_s - warned_s) < 15.0
    )  # the line's buffer lies behind the line, reports 10 s apart


def test_who_is_first_heard_inside_is_told_as_soon_as_its_motion_is_known() -> None:
    """In the circle at its first report: with the second it moves, and two cycles confirm it."""
    rows = numbered(straight("100001", (0.0, 300.0)).with_columns(pl.lit(11_000.0).alias("altitude_ft")))
    events, _ = run(rows, agreement())
    first = next(event for event in events if event.alert.rule == "out")

    assert (first.what, first.alert.level) == (BEGAN, "actual")
    assert first.at_us == int(rows["t"].to_physical().min()) + 11 * SECOND  # type: ignore[arg-type]


def test_an_aircraft_that_is_no_longer_heard_loses_its_alert_as_lost() -> None:
    """In the circle when it falls silent: the alert ends, and does not say that anything was kept."""
    rows = numbered(straight("100001", (0.0, 240.0)).with_columns(pl.lit(11_000.0).alias("altitude_ft")))
    events, _ = run(rows, agreement())
    ends = {event.alert.rule: event.alert.because for event in events if event.what == ENDED}

    assert set(ends.values()) == {"lost"}

"""The twin: what is recorded live is what judging the file gives, at any speed, with rows late, doubled, shuffled."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import wideberth as wb
from test_judge_split import agreement, differences, straight, traffic
from wideberth.serve.arrivals import empty, standard
from wideberth.serve.record import Recorder
from wideberth.simulate import euphrates

if TYPE_CHECKING:
    from pathlib import Path

LATE_S = 60.0
EVIDENCE = (
    "source_file", "source_row_first", "source_row_last", "source_file_b", "source_row_first_b", "source_row_last_b",
)  # fmt: skip
FIVE_MILES = wb.Agreement.everyone(horizontal="5 NM", vertical="1000 ft")
ONE_MILE = wb.Agreement.everyone(horizontal="1 NM", vertical="400 ft")


def rows_of(source: Any) -> pl.DataFrame:
    """Return the rows that a file's reader hands over, uncleaned, as a feed would."""
    from wideberth.read import batches_of
    from wideberth.read.batch import Rejects

    return pl.concat([standard(each.frame, "feed", 0) for each in batches_of(source, Rejects())])


def numbered(rows: pl.DataFrame) -> pl.DataFrame:
    """Return rows counted as they came."""
    return standard(rows.drop("source_row", "source_file", strict=False), "feed", 0)


def recorded(
    rows: pl.DataFrame, terms: wb.Agreement, *, step_s: float, arrival_s: np.ndarray[Any, Any] | None = None,
    **options: Any,
) -> tuple[list[dict[str, Any]], Recorder, int]:  # fmt: skip
    """Record rows as they arrive, settling every so often; return incidents, the recorder, the most rows it held.

    Rows arrive in order of time, or ``arrival_s`` after they held.
    """
    t_us = rows["t"].to_physical().to_numpy()
    arrives_us = t_us if arrival_s is None else t_us + (arrival_s * 1e6).astype(np.int64)
    order = np.argsort(arrives_us, kind="stable")
    rows, arrives_us = numbered(rows[order]), arrives_us[order]
    recorder = Recorder(terms, **options)
    found: list[dict[str, Any]] = []
    most = 0
    begin = 0
    while begin < rows.height:
        end = int(np.searchsorted(arrives_us, arrives_us[begin] + step_s * 1e6, side="right"))
        recorder.take(rows[begin:end])
        most = max(most, recorder.rows_held)
        # The server's clock: when the last of them came.
        found += list(recorder.settle(int(arrives_us[end - 1])))
        begin = end
    found += list(recorder.finish())
    return found, recorder, most


def judged(rows: pl.DataFrame, terms: wb.Agreement) -> list[dict[str, Any]]:
    """Return what judging all rows at once gives, but for pledges."""
    return [row for row in wb.judge(wb.read(rows), terms) if row["kind"] != "pledges"]


# Made-up traffic ------------------------------------------------------------------------------------


@settings(max_examples=12)
@given(st.integers(0, 2**32 - 1), st.sampled_from([10.0, 300.0, 1800.0]))
def test_a_recording_played_at_any_speed_gives_the_incidents_of_the_file(seed: int, step_s: float) -> None:
    """Five rules, parties by callsign, permissions, gaps up to half an hour: equal in every column but the evidence."""
    rows = numbered(traffic(seed))
    found, _, _ = recorded(rows, agreement(), step_s=step_s)

    assert differences(found, judged(rows, agreement()), EVIDENCE) == []
    assert all(row["rank"] is None for row in found)


@settings(max_examples=12)
@given(st.integers(0, 2**32 - 1))
def test_rows_late_doubled_and_out_of_order_give_the_same(seed: int) -> None:
    """Each row comes up to a minute late, some twice: within the stated window nothing changes."""
    rng = np.random.default_rng(seed)
    rows = numbered(traffic(seed))
    twice = pl.concat([rows, rows.sample(fraction=0.3, seed=seed % 2**31)])
    found, recorder, _ = recorded(
        twice, agreement(), step_s=120.0, arrival_s=rng.uniform(0.0, LATE_S, twice.height), late_s=LATE_S
    )

    assert differences(found, judged(rows, agreement()), EVIDENCE) == []
    assert recorder.counts["late"] == recorder.counts["too_late"] == 0


def test_rows_beyond_the_window_are_counted_and_never_judged_twice() -> None:
    """A flight was told and dropped: what comes of it an hour later is set aside, by count."""
    rows = numbered(straight("100001", (0.0, 1800.0)))
    late = rows["t"].to_physical().to_numpy() % 2_000_000 == 0
    arrival_s = np.where((np.arange(rows.height) == 90) & late, 7200.0, 0.0)
    others = numbered(straight("100002", (7000.0, 9000.0)))
    found, recorder, _ = recorded(
        pl.concat([rows, others]),
        agreement(),
        step_s=60.0,
        arrival_s=np.append(arrival_s, np.zeros(others.height)),
    )

    assert recorder.counts["too_late"] == 1
    assert len({row["id"] for row in found}) == len(found)


def test_an_incident_is_told_once_both_flights_are_over() -> None:
    """The one that lands first waits for the other; an excursion of its own does not."""
    one, other = straight("100001", (0.0, 1000.0)), straight("200001", (0.0, 9000.0))
    rows = numbered(pl.concat([one, other.filter(pl.col("t") <= one["t"].min() + timedelta(seconds=9000))]))
    recorder = Recorder(agreement(), late_s=0.0)
    start = one["t"].min()
    assert isinstance(start, datetime)
    start_us = int(start.timestamp() * 1e6)
    told: dict[str, float] = {}
    t_us = rows["t"].to_physical()
    for second in range(0, 12_000, 300):
        recorder.take(
            rows.filter((t_us > start_us + (second - 300) * 1e6) & (t_us <= start_us + second * 1e6))
        )
        for row in recorder.settle(start_us + second * 1_000_000):
            told.setdefault(row["rule"], second)

    assert told["west"] == 3000.0  # 1000 s and thirty minutes
    assert told["apart"] == 11_100.0  # 9000 s, to the next settling, and thirty minutes
    assert recorder.rows_held == 0


def test_aircraft_that_stand_hold_nobody() -> None:
    """One that is heard on the ground all day keeps no flight in memory: who is not in the air is no pair."""
    flights = [straight(f"{0x100000 + k:06x}", (4000.0 * k, 4000.0 * k + 900.0)) for k in range(8)]
    parked = straight("300001", (0.0, 36_000.0)).with_columns(pl.lit(True).alias("on_ground"))
    rows = numbered(pl.concat([*flights, parked], how="diagonal"))
    found, _, most = recorded(rows, agreement(), step_s=60.0)

    assert len(found) >= 8
    assert most < parked.height + 2 * flights[0].height


def test_a_hold_has_an_end_that_is_counted() -> None:
    """A flight beside one that goes on and on is let go after the stated time."""
    rows = numbered(pl.concat([straight("100001", (0.0, 1000.0)), straight("300001", (0.0, 20_000.0))]))
    _, recorder, _ = recorded(rows, agreement(), step_s=600.0, hold_s=7200.0)

    assert recorder.counts["let_go"] == 1


def test_rows_without_address_or_time_are_counted() -> None:
    """They are no row of any flight; nothing else is lost with them."""
    rows = numbered(straight("100001", (0.0, 1000.0)))
    odd = rows.with_columns(
        pl.when(pl.int_range(pl.len()) == 3).then(None).otherwise(pl.col("icao24")).alias("icao24")
    )
    recorder = Recorder(agreement())
    recorder.take(odd)
    recorder.take(empty())

    assert recorder.counts["without_address"] == 1
    assert recorder.rows_held == rows.height - 1
    assert {row["rule"] for row in recorder.finish()} >= {"west"}


# The demo, and real days ----------------------------------------------------------------------------


@cache
def month() -> pl.DataFrame:
    return numbered(euphrates.tracks())


@pytest.mark.compiled
@pytest.mark.slow
def test_thirty_simulated_days_are_recorded_as_they_are_judged() -> None:
    """Every incident of the demo; and what is held at once is a small part of the month."""
    terms = wb.Agreement.parse(euphrates.agreement_text())
    found, _, most = recorded(month(), terms, step_s=3600.0)

    assert differences(found, judged(month(), terms), EVIDENCE) == []
    assert len(found) > 150
    assert most < month().height / 20


@pytest.mark.compiled
@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "terms"),
    [("switzerland-2018-08-01.traffic.json.gz", FIVE_MILES), ("monterey-2025-06-01.jsonl.gz", ONE_MILE)],
)
@pytest.mark.parametrize("is_shuffled", [False, True])
def test_real_days_are_recorded_as_they_are_judged(
    shared_data: Path, name: str, terms: wb.Agreement, is_shuffled: bool
) -> None:
    """All the faults of receivers, cleaned flight by flight or all at once; also shuffled.

    Of two rows of one address and instant the one that comes first counts: so these keep their order.
    """
    rows = rows_of(shared_data / name)
    arrival_s = None
    if is_shuffled:
        at = rows.select("icao24", "t").hash_rows(seed=1).to_numpy()
        arrival_s = (at % np.uint64(2**20)) / 2.0**20 * LATE_S
    found, _, _ = recorded(rows, terms, step_s=1800.0, arrival_s=arrival_s, late_s=LATE_S)
    whole = judged(rows, terms)

    assert len(whole) > 30
    assert differences(found, whole, EVIDENCE) == []

"""Several feeds, one order: each row once, in order within the window; what is late, doubled, ahead is counted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wideberth.read.batch import Batch
from wideberth.serve.arrivals import Arrival, arrival
from wideberth.serve.merge import Merge, Merged

SECOND_US = 1_000_000
NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)
NOON_US = int(NOON.timestamp()) * SECOND_US


def came(received_s: float, *times_s: float | None, feed: str = "roof", icao24: str = "4b1234") -> Arrival:
    """Return rows of some times that came together; each at a place of its own."""
    frame = pl.DataFrame(
        {
            "icao24": [icao24] * len(times_s),
            "t": [None if t is None else NOON + timedelta(seconds=t) for t in times_s],
            "lat_deg": [47.0 + (t or 0) / 1e4 for t in times_s],
            "lon_deg": [8.0] * len(times_s),
        },
        schema_overrides={"t": pl.Datetime("us", "UTC")},
    )
    return arrival(feed, NOON_US + round(received_s * SECOND_US), Batch(frame, "x"), 0)


def seconds(frame: pl.DataFrame) -> list[float]:
    return [(t - NOON).total_seconds() for t in frame["t"]]


def at(s: float) -> int:
    return NOON_US + round(s * SECOND_US)


def told(merged: Merged) -> tuple[list[float], list[float], list[float]]:
    return seconds(merged.rows), seconds(merged.late), seconds(merged.ahead)


def test_rows_of_two_feeds_come_in_order_of_their_times() -> None:
    """One that was under way for less than the window longer goes before one that came earlier."""
    merge = Merge(window_s=2.0)
    merge.add(came(3.0, 1.0, 3.0))
    assert told(merge.take(at(3.0))) == ([1.0], [], [])
    merge.add(came(4.0, 2.5, feed="cellar"))
    assert told(merge.take(at(4.4))) == ([], [], [])
    assert told(merge.take(at(5.0))) == ([2.5, 3.0], [], [])


def test_what_comes_after_its_turn_is_late_and_not_lost() -> None:
    """It is handed over at once, apart, and counted for its feed."""
    merge = Merge(window_s=1.0)
    merge.add(came(10.0, 9.0))
    merge.take(at(10.0))
    merge.add(came(10.5, 3.0, 9.5, feed="slow"))

    assert told(merge.take(at(10.5))) == ([9.5], [3.0], [])
    assert merge.counts["slow", "late"] == 1
    assert merge.counts["roof", "late"] == 0


def test_a_time_ahead_of_the_clock_holds_nothing_up() -> None:
    """A sender whose clock jumped an hour ahead is put apart; other rows go on in order, and are not late for it."""
    merge = Merge(window_s=1.0)
    merge.add(came(10.0, 3610.0, 9.0))
    assert told(merge.take(at(10.0))) == ([9.0], [], [3610.0])
    merge.add(came(11.0, 10.0, 3611.0))
    assert told(merge.take(at(11.0))) == ([10.0], [], [3611.0])
    assert merge.counts["roof", "ahead"] == 2
    assert merge.counts["roof", "late"] == 0


def test_doubled_rows_are_dropped_and_counted() -> None:
    """The same address, time and place: within an arrival, in a later one, from another feed."""
    merge = Merge(window_s=1.0)
    merge.add(came(10.0, 9.0, 9.0))
    merge.add(came(10.0, 9.0, feed="cellar"))
    merge.add(came(10.0, 9.0, icao24="4b5678"))
    merge.take(at(10.0))
    merge.add(came(12.0, 9.0, 11.0))

    assert told(merge.take(at(12.0))) == ([11.0], [], [])
    assert (merge.counts["roof", "doubled"], merge.counts["cellar", "doubled"]) == (2, 1)


def test_doubled_rows_are_forgotten_after_a_while() -> None:
    """Memory does not grow: a row that comes again after minutes is late, and cleaning drops it."""
    merge = Merge(window_s=1.0)
    merge.add(came(10.0, 9.0))
    merge.take(at(10.0))
    for k in range(1, 6):
        merge.add(came(10.0 + 60 * k, 9.0 + 60 * k))
        merge.take(at(10.0 + 60 * k))
    merge.add(came(311.0, 9.0))

    assert told(merge.take(at(311.0))) == ([], [9.0], [])


def test_a_row_without_a_time_is_counted() -> None:
    """It has no place in any order."""
    merge = Merge()
    merge.add(came(10.0, None, 9.0))

    assert told(merge.take(at(12.0))) == ([9.0], [], [])
    assert merge.counts["roof", "no_time"] == 1


def test_the_servers_own_clock_may_be_set_back() -> None:
    """An hour back: what comes then is in order again, not late for an hour."""
    merge = Merge(window_s=1.0)
    merge.add(came(3600.0, 3599.0))
    merge.take(at(3600.0))
    merge.take(at(10.0))
    merge.add(came(11.0, 9.5, 10.0))

    assert told(merge.take(at(11.0))) == ([9.5, 10.0], [], [])


def test_the_rest_is_handed_over_at_the_end() -> None:
    """When all feeds have ended, nothing is kept back."""
    merge = Merge(window_s=5.0)
    merge.add(came(10.0, 9.0, 8.0))
    assert told(merge.take(at(10.0))) == ([], [], [])
    assert told(merge.rest()) == ([8.0, 9.0], [], [])
    assert merge.rest().height == 0


@given(
    st.lists(
        st.tuples(
            st.integers(0, 60), st.sampled_from(["a", "b", "c"]), st.integers(0, 30), st.integers(0, 1)
        ),
        max_size=40,
    ),
    st.sampled_from([0.0, 1.0, 10.0]),
)
def test_however_rows_come_each_is_handed_over_once(
    sent: list[tuple[int, str, int, int]], window_s: float
) -> None:
    """Shuffled, delayed, ahead, doubled: the distinct rows are handed over, and those in order are in order."""
    merge = Merge(window_s=window_s)
    by_second: dict[int, list[tuple[int, str]]] = {}
    for t, feed, delay, copies in sent:
        for copy in range(copies + 1):
            by_second.setdefault(max(t + delay, 0) + copy, []).append((t, feed))
    ordered: list[float] = []
    apart: list[float] = []
    for now in range(100):
        for t, feed in by_second.get(now, []):
            merge.add(came(now, float(t), feed=feed))
        merged = merge.take(at(now))
        ordered += seconds(merged.rows)
        apart += seconds(merged.late) + seconds(merged.ahead)
        if window_s >= 1.0:
            assert all(now - t >= window_s for t in seconds(merged.rows))
    merged = merge.rest()
    ordered += seconds(merged.rows)
    apart += seconds(merged.late) + seconds(merged.ahead)

    assert ordered == sorted(ordered)
    assert sorted(ordered + apart) == sorted({float(t) for t, _, _, _ in sent})
    assert sum(merge.counts[feed, "rows"] - merge.counts[feed, "doubled"] for feed in "abc") == len(
        ordered + apart
    )


@pytest.mark.parametrize("window_s", [1.0, 5.0])
def test_what_is_less_late_than_the_window_is_in_order(window_s: float) -> None:
    """Nothing that was under way for less than the window is called late."""
    merge = Merge(window_s=window_s)
    for now in range(30):
        merge.add(came(now, now - window_s + 0.1))
        merge.add(came(now, float(now), feed="quick"))
        merge.take(at(now))

    assert merge.counts["roof", "late"] == merge.counts["quick", "late"] == 0

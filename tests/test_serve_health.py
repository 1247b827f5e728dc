"""The health of feeds: what stops, is silent or has a clock that is off is told when it begins and when it ends."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from wideberth.read.batch import Batch
from wideberth.serve import feeds
from wideberth.serve.arrivals import Arrival, arrival
from wideberth.serve.feeds.base import UP, WAITING, Feed
from wideberth.serve.health import Event, Health
from wideberth.serve.offsets import Offsets, estimated

SECOND_US = 1_000_000
NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)
NOON_US = int(NOON.timestamp()) * SECOND_US
OFFSET_TOLERANCE_S = 0.3  # positions are to 10 m or so, aircraft fly at 200 m/s, and reports lie 5 s apart


class HandClock:
    """A clock that a test moves: the machine's time, and how it is set."""

    is_replay = False

    def __init__(self) -> None:
        self.passed_s = 0.0
        self.set_s = 0.0

    def now_us(self) -> int:
        return NOON_US + round((self.passed_s + self.set_s) * SECOND_US)

    def steady_us(self) -> int:
        return round(self.passed_s * SECOND_US)

    def seat(self) -> object:
        raise NotImplementedError


class Watched:
    """A feed's health, with time moved on by hand."""

    def __init__(self, *addresses: str) -> None:
        self.clock = HandClock()
        self.feeds: list[Feed] = [feeds.parse(each, self.clock) for each in addresses]  # type: ignore[arg-type]
        self.health = Health(self.feeds, self.clock)  # type: ignore[arg-type]
        self.said: list[Event] = []
        for feed in self.feeds:
            feed.link.become = lambda state, why="", feed=feed: vars(feed.link).update(state=state, why=why)  # type: ignore[method-assign,misc]
            feed.link.become(UP)

    def hear(self, n: int = 0, lag_s: float = 0.5, rows: int = 2) -> None:
        self.health.hear(came(self.feeds[n].name, self.clock.now_us(), lag_s, rows))

    def wait(self, seconds: float) -> None:
        self.clock.passed_s += seconds
        self.said += self.health.look()

    @property
    def told(self) -> list[tuple[str, bool]]:
        return [(event.kind, event.is_over) for event in self.said]


def came(feed: str, now_us: int, lag_s: float, rows: int) -> Arrival:
    t = datetime.fromtimestamp(now_us / SECOND_US, UTC) - timedelta(seconds=lag_s)
    frame = pl.DataFrame(
        {
            "icao24": [f"4b{k:04x}" for k in range(rows)],
            "t": [t] * rows,
            "lat_deg": [47.0] * rows,
            "lon_deg": [8.0] * rows,
        },
        schema_overrides={"t": pl.Datetime("us", "UTC")},
    )
    return arrival(feed, now_us, Batch(frame, "x"), 0)


def test_a_feed_that_is_well_is_not_spoken_of() -> None:
    """Rates, ages and counts are told; no event is."""
    watched = Watched("sbs://roof")
    for _ in range(120):
        watched.hear(rows=3)
        watched.wait(1.0)
    (report,) = watched.health.report({("sbs://roof", "late"): 7, ("sbs://cellar", "late"): 9})

    assert watched.said == []
    assert report.rate == pytest.approx(3.0, abs=0.1)
    assert (report.rows, report.aircraft, report.gaps) == (360, 3, 0)
    assert (report.age_s, report.position_age_s, report.lag_s) == (1.0, 1.5, 0.5)
    assert report.merged == {"late": 7}


def test_a_feed_that_stops_is_an_event_and_so_is_its_return() -> None:
    """Connected and silent for a minute: told once; told again when positions come."""
    watched = Watched("sbs://roof")
    watched.hear()
    for _ in range(90):
        watched.wait(1.0)
    assert watched.told == [("silent", False)]
    assert "no newer position for 60 s" in watched.said[0].text
    assert list(watched.health.report()[0].troubles) == ["silent"]
    watched.hear()
    watched.wait(1.0)

    assert watched.told == [("silent", False), ("silent", True)]
    (report,) = watched.health.report()
    assert (report.gaps, report.longest_gap_s, report.troubles) == (1, 90.0, {})


def test_an_address_says_when_silence_matters() -> None:
    """A quiet place may be silent for five minutes."""
    watched = Watched("sbs://roof#silent=5min")
    watched.hear()
    for _ in range(299):
        watched.wait(1.0)
    assert watched.told == []
    watched.wait(1.0)
    assert watched.told == [("silent", False)]


def test_old_news_again_and_again_is_silence() -> None:
    """A web server that goes on giving the last file of a dead receiver is noticed."""
    watched = Watched("http://roof/aircraft.json")
    for second in range(100):
        watched.hear(lag_s=float(second))
        watched.wait(1.0)

    assert ("silent", False) in watched.told


def test_a_connection_that_is_lost_is_an_event_after_a_while() -> None:
    """A moment without a connection is not told; ten seconds are, with the reason, and the return is."""
    watched = Watched("sbs://roof")
    watched.feeds[0].link.become(WAITING, "the other side closed the connection")
    watched.wait(5.0)
    watched.feeds[0].link.become(UP)
    watched.wait(5.0)
    assert watched.told == []
    watched.feeds[0].link.become(WAITING, "the other side closed the connection")
    for _ in range(20):
        watched.wait(1.0)
    assert watched.told == [("down", False)]
    assert "the other side closed the connection" in watched.said[0].text
    watched.feeds[0].link.become(UP)
    watched.hear()
    watched.wait(1.0)
    assert watched.told == [("down", False), ("down", True)]


@pytest.mark.parametrize(("lag_s", "words"), [(-3600.0, "3,600 s ahead"), (3600.0, "3,600 s behind")])
def test_a_senders_clock_that_jumps_an_hour_is_an_event(lag_s: float, words: str) -> None:
    """Ahead or behind; and when it goes right again. It is no silence, as positions go on coming."""
    watched = Watched("sbs://roof")
    for lag in [0.5] * 30 + [lag_s] * 90 + [0.5] * 30:
        watched.hear(lag_s=lag)
        watched.wait(1.0)

    assert watched.told == [("clock", False), ("clock", True)]
    assert words in watched.said[0].text


def test_the_machines_own_clock_that_is_set_is_an_event() -> None:
    """An hour forward: told for the server itself, and ages are not an hour for it."""
    watched = Watched("sbs://roof")
    watched.hear()
    watched.wait(1.0)
    watched.clock.set_s = 3600.0
    watched.hear()
    watched.wait(1.0)

    assert watched.told == [("own clock", False)]
    assert "forward by 3,600.0 s" in watched.said[0].text
    assert watched.health.report()[0].age_s == 1.0


def flown(feed: str, lag_s: float, aircraft: int, *, phase_s: float = 0.0, minutes: int = 10) -> pl.DataFrame:
    """Return what a feed that is late by so much says of aircraft that fly straight at 200 m/s."""
    t_s = np.arange(phase_s, 60.0 * minutes, 5.0)
    frames = []
    for k in range(aircraft):
        frames.append(
            pl.DataFrame(
                {
                    "icao24": [f"4b{k:04x}"] * t_s.size,
                    "t": [NOON + timedelta(seconds=float(t) + lag_s) for t in t_s],
                    "lat_deg": 46.0 + k / 10 + t_s * 200.0 / 111_320.0,
                    "lon_deg": np.full(t_s.size, 8.0),
                    "feed": [feed] * t_s.size,
                },
                schema_overrides={"t": pl.Datetime("us", "UTC")},
            )
        )
    return pl.concat(frames)


def test_the_offset_of_two_feeds_is_estimated() -> None:
    """By the aircraft that both hear, at other instants, one of them 3.7 s late."""
    rows = pl.concat([flown("cellar", 0.0, 8), flown("roof", 3.7, 8, phase_s=2.0)])

    (offset,) = estimated(rows)

    assert (offset.file_a, offset.file_b, offset.aircraft) == ("cellar", "roof", 8)
    assert offset.lag_s == pytest.approx(3.7, abs=OFFSET_TOLERANCE_S)


def test_an_offset_beyond_trusts_limit_is_an_event() -> None:
    """Told for both feeds, as nobody knows which of them is right."""
    watched = Watched("sbs://roof", "sbs://cellar")
    watched.hear(0)
    watched.hear(1)
    watched.health.take_offsets(
        estimated(pl.concat([flown("sbs://cellar", 0.0, 8), flown("sbs://roof", 3.7, 8, phase_s=2.0)]))
    )
    watched.wait(1.0)

    assert sorted((event.feed, event.kind) for event in watched.said) == [
        ("sbs://cellar", "clock"),
        ("sbs://roof", "clock"),
    ]
    assert "behind" in watched.said[0].text


def test_arrivals_are_thinned_alike_in_all_feeds() -> None:
    """Of 1,000 aircraft at most 200 are kept, the same of each feed, and the answer is the same."""
    offsets = Offsets()
    for frame in (flown("a", 0.0, 1000, minutes=3), flown("b", 2.0, 1000, phase_s=2.0, minutes=3)):
        rows = frame.drop("feed")
        offsets.hear(arrival(frame["feed"][0], NOON_US, Batch(rows, "x"), 0), 0)
    kept = offsets.snapshot()

    assert kept is not None
    assert kept["icao24"].n_unique() <= 200
    assert (
        kept.filter(pl.col("feed") == "a")["icao24"].n_unique()
        == kept.filter(pl.col("feed") == "b")["icao24"].n_unique()
    )
    (offset,) = estimated(kept)
    assert offset.lag_s == pytest.approx(2.0, abs=OFFSET_TOLERANCE_S)


def test_one_feed_alone_has_no_offset() -> None:
    """Nor have two that share no aircraft."""
    offsets = Offsets()
    offsets.hear(came("roof", NOON_US, 0.0, 5), 0)
    assert offsets.snapshot() is None
    assert offsets.estimate() == []
    assert (
        estimated(
            pl.concat([flown("a", 0.0, 2), flown("b", 0.0, 2).with_columns(pl.lit("aaaaaa").alias("icao24"))])
        )
        == []
    )

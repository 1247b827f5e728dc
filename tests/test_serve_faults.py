"""Faults of network and senders: a feed counts what it cannot use, comes back, and hands over the rest."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from receiver_files import (
    NOON,
    aircraft_json,
    beast_capture,
    sbs_line,
)
from senders import (
    Http,
    Tcp,
    counted,
    heard,
    lines_of,
    pieces,
    position,
    rows_heard,
    run,
    waits,
)
from wideberth.serve import feeds
from wideberth.serve.feeds import base, stream

if TYPE_CHECKING:
    import polars as pl

MICROSECOND_S = 1e-6


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Feeds come back after a twentieth of a second, so that tests need not wait."""
    monkeypatch.setattr(base, "FIRST_PAUSE_S", 0.05)
    monkeypatch.setattr(base, "LONGEST_PAUSE_S", 0.2)


def test_a_feed_that_is_killed_comes_back() -> None:
    """A server that goes away and returns is connected to again, and rows go on being counted."""
    first, second = (
        sbs_line(3, "4b1234", i, lat=47, lon=8, altitude=10000).encode() + b"\r\n" for i in (0, 100)
    )

    async def live() -> tuple[base.Feed, pl.DataFrame]:
        async with Tcp([first], [first, second, None]).running() as server:
            feed = feeds.parse(f"sbs://127.0.0.1:{server.port}")
            found = rows_heard(await heard(feed, 3))
            return feed, found

    feed, found = run(live)

    assert found["source_row"].to_list() == [0, 1, 2]
    assert (feed.link.connects, feed.link.failures) == (2, 1)


def test_a_feed_that_is_not_there_says_so_and_waits_longer_each_time() -> None:
    """No listener: the state is waiting, with a reason, and pauses grow up to their limit."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    pauses: set[float] = set()

    async def live() -> base.Feed:
        feed = feeds.parse(f"sbs://127.0.0.1:{port}")

        def enough() -> bool:
            pauses.add(feed.link.pause_s)
            return feed.link.failures >= 4

        await waits(feed, enough)
        return feed

    feed = run(live)

    assert feed.link.state == base.WAITING
    assert feed.link.why == "nobody listens there (connection refused)"
    assert feed.link.connects == 0
    assert max(pauses) > 2 * min(pauses - {0.0})
    assert max(pauses) <= base.LONGEST_PAUSE_S * (1 + base.JITTER)


def test_half_a_line_is_counted_and_not_joined_to_the_next_connection() -> None:
    """A connection that breaks within a line loses that line only."""
    line = lines_of(position(0))

    async def live() -> tuple[base.Feed, pl.DataFrame]:
        script = [line, lines_of(position(1))[:-20]]
        async with Tcp(script, [lines_of(position(2)), None]).running() as server:
            feed = feeds.parse(f"readsb://127.0.0.1:{server.port}")
            return feed, rows_heard(await heard(feed, 2))

    feed, found = run(live)

    assert found["lat_deg"].to_list() == [47.0, 47.002]
    assert counted(feed) == {"line cut off by the end of the connection": 1}


def test_a_line_of_10_mb_is_skipped() -> None:
    """One endless line is counted, is not held in memory, and what follows is read."""

    async def live() -> tuple[base.Feed, pl.DataFrame]:
        long = b'{"hex": "' + b"a" * 10_000_000 + b'"}\n'
        async with Tcp([lines_of(position(0)), long, lines_of(position(1)), None]).running() as server:
            feed = feeds.parse(f"readsb://127.0.0.1:{server.port}")
            return feed, rows_heard(await heard(feed, 2))

    feed, found = run(live)

    assert found["lat_deg"].to_list() == [47.0, 47.001]
    assert counted(feed) == {"line too long": 1}


def test_lines_are_cut_at_any_place() -> None:
    """However a stream is cut, the lines are the same; one too long is left out and counted, wherever it is cut."""
    whole = b"one\ntwo two\n" + b"x" * 40 + b"\nthree\nrest"
    for size in (1, 2, 5, 13, 30, 100):
        lines = stream.Lines(longest=20)
        assert b"".join(lines.add(piece) for piece in pieces(whole, size)) == b"one\ntwo two\nthree\n"
        assert lines.too_long == 1
        assert lines.cut_off() == b"rest"


def test_a_line_that_never_ends_is_not_held() -> None:
    """Memory stays bounded while it goes on for ever."""
    lines = stream.Lines(longest=20)
    for _ in range(100):
        assert lines.add(b"x" * 10) == b""
        assert len(lines._rest) <= 20
    assert lines.too_long == 1
    assert lines.add(b"xx\nnext\n") == b"next\n"


@pytest.mark.parametrize("kind", ["sbs", "readsb", "beast", "remoteid+tcp"])
def test_binary_rubbish_is_counted_and_what_follows_is_read(kind: str) -> None:
    """20 kB of noise end no feed, and are counted."""
    pytest.importorskip("rs1090")
    rubbish = bytes((i * i * 31 + i // 7) % 256 for i in range(20_000))
    place = {"latitude": 47.0, "longitude": 8.0, "geodetic_altitude": 120.0}
    good = {
        "sbs": sbs_line(3, "4b1234", 1, lat=47, lon=8, altitude=10000).encode() + b"\r\n",
        "readsb": lines_of(position(0)),
        "beast": beast_capture(),
        "remoteid+tcp": lines_of({"Basic ID": {"id": "1581F5"}, "Location/Vector Message": place}),
    }[kind]

    async def live() -> tuple[base.Feed, pl.DataFrame]:
        async with Tcp([rubbish, b"\n", good, None]).running() as server:
            feed = feeds.parse(f"{kind}://127.0.0.1:{server.port}")
            return feed, rows_heard(await heard(feed, 1))

    feed, found = run(live)

    assert found["lat_deg"][0] == pytest.approx(47.0, abs=1e-4)
    assert feed.link.rejects.total() > 0
    assert feed.link.failures == 0


def test_readsbs_objects_over_several_lines_are_joined() -> None:
    """Readsb writes newlines within an object where it knows the owner of an aircraft."""
    broken = (
        b'{"now" : 1714564800.5,"hex":"a10838","desc":"CESSNA",\n"ownOp":"A TRUSTEE",\n"year":"2004",'
        b'"lat":48.7,"lon":11.8,"alt_baro":10025}\n'
    )

    async def live() -> tuple[base.Feed, pl.DataFrame]:
        async with Tcp([*pieces(lines_of(position(0)) + broken, 60), None]).running() as server:
            feed = feeds.parse(f"readsb://127.0.0.1:{server.port}")
            return feed, rows_heard(await heard(feed, 2))

    feed, found = run(live)

    assert found["icao24"].to_list() == ["4b1234", "a10838"]
    assert found["altitude_ft"].to_list() == [10000, 10025]
    assert not counted(feed)


def test_an_hours_jump_of_the_senders_clock_is_handed_over_as_it_is() -> None:
    """Feeds do not judge times: what the sender says goes on to the merge, which does."""

    async def live() -> pl.DataFrame:
        script = [lines_of(position(0)), lines_of(position(3600)), lines_of(position(1)), None]
        async with Tcp(script).running() as server:
            return rows_heard(await heard(feeds.parse(f"tcp://127.0.0.1:{server.port}"), 3))

    seconds = [(t - NOON).total_seconds() for t in run(live)["t"]]
    assert seconds == [0, 3600, 1]


def test_a_thousand_messages_a_second_of_one_address_all_come() -> None:
    """A flood is handed over in a few gulps, no row lost."""
    flood = lines_of(*(position(i / 1000) for i in range(3000)))

    async def live() -> tuple[int, pl.DataFrame]:
        async with Tcp([*pieces(flood, 4096), None]).running() as server:
            arrivals = await heard(feeds.parse(f"tcp://127.0.0.1:{server.port}"), 3000)
            return len(arrivals), rows_heard(arrivals)

    gulps, found = run(live)

    assert found.height == 3000
    assert gulps < 300


def test_the_offset_of_a_feed_is_added_to_its_times() -> None:
    """A receiver that writes local time is set right by its address."""

    async def live() -> pl.DataFrame:
        async with Tcp([lines_of(position(0)), None]).running() as server:
            return rows_heard(await heard(feeds.parse(f"tcp://127.0.0.1:{server.port}#offset=-2h"), 1))

    assert (NOON - run(live)["t"][0]).total_seconds() == 7200


def test_json_without_a_position_ends_nothing() -> None:
    """Objects of something else are counted, and a track that comes later is read."""

    async def live() -> tuple[base.Feed, pl.DataFrame]:
        script = [lines_of({"sensor": 1}, {"sensor": 2}), 0.3, lines_of(position(0)), None]
        async with Tcp(script).running() as server:
            feed = feeds.parse(f"tcp://127.0.0.1:{server.port}")
            return feed, rows_heard(await heard(feed, 1))

    feed, found = run(live)

    assert found.height == 1
    assert counted(feed) == {"no track among the names": 2}


def test_a_server_that_answers_nonsense_is_asked_again() -> None:
    """Errors of a web server, and pages instead of JSON, are said in words; the feed goes on when it works again."""
    answers = iter(
        [
            (500, {}, b"oops"),
            (200, {}, b"<html>login</html>"),
            (200, {}, b'{"now": 1, "nothing": []}'),
            (404, {}, b""),
            *[(200, {}, aircraft_json().encode())] * 20,
        ]
    )
    said: list[str] = []

    async def live() -> tuple[base.Feed, pl.DataFrame]:
        async with Http(lambda *_: next(answers)).running() as server:
            feed = feeds.parse(f"http://127.0.0.1:{server.port}/data/aircraft.json#every=0.01s")
            become = feed.link.become

            def noting(state: str, why: str = "") -> None:
                said.append(why)
                become(state, why)

            feed.link.become = noting  # type: ignore[method-assign]
            return feed, rows_heard(await heard(feed, 2))

    feed, found = run(live)

    assert found.height == 2
    assert [why for why in said if why] == [
        "answer 500: the server says no",
        "the answer is no JSON: is this the address of aircraft.json?",
        "answer 404: there is nothing at this address",
    ]
    assert counted(feed) == {"answer that is no JSON object": 1, "answer of no known format": 1}

"""Feeds over real sockets: they hand over what the reader of files makes of the same bytes, whatever happens."""

from __future__ import annotations

import asyncio
import socket
import sys
from typing import TYPE_CHECKING

import pytest

from receiver_files import (
    NOON,
    airborne_me,
    aircraft_json,
    beast_capture,
    sbs_line,
    sbs_text,
    squitter,
)
from receiver_files import (
    heard as beast_messages,
)
from senders import (
    Broker,
    Http,
    Tcp,
    counted,
    heard,
    lines_of,
    pieces,
    position,
    rows_heard,
    rows_of_file,
    run,
    same_values,
    until_so,
    waits,
)
from wideberth.errors import MissingExtraError, ReadError, UsageError
from wideberth.serve import feeds
from wideberth.serve.feeds import base

if TYPE_CHECKING:
    from pathlib import Path

    import polars as pl

MICROSECOND_S = 1e-6


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Feeds come back after a twentieth of a second, so that tests need not wait."""
    monkeypatch.setattr(base, "FIRST_PAUSE_S", 0.05)
    monkeypatch.setattr(base, "LONGEST_PAUSE_S", 0.2)


# The same rows as a file ---------------------------------------------------------------------------


def test_sbs_gives_what_the_file_gives(tmp_path: Path) -> None:
    """Messages over TCP, cut anywhere, become the rows that the same messages in a file become."""
    text = "".join(
        sbs_line(3, "4b1234", i, lat=47 + i / 100, lon=8, altitude=10000) + "\r\n" for i in range(50)
    )
    text = sbs_text() + sbs_line(4, "4b1234", 0, speed=300, track=90, rate=-640) + "\r\n" + text
    (tmp_path / "file").write_text(text)
    filed = rows_of_file(tmp_path / "file", "sbs")

    async def live() -> pl.DataFrame:
        async with Tcp([*pieces(text.encode(), 37), None]).running() as server:
            return rows_heard(await heard(feeds.parse(f"sbs://127.0.0.1:{server.port}"), filed.height))

    found = run(live)

    assert filed.height > 50
    assert same_values(found, filed)
    assert found["source_row"].to_list() == list(range(filed.height))
    assert found["groundspeed_kt"].drop_nulls().len() > 1


def test_json_lines_give_what_the_file_gives(shared_data: Path, tmp_path: Path) -> None:
    """An hour of a real airfield over readsb's port, over TCP and by datagrams, has the file's rows."""
    content = (shared_data / "blackrock-2023-08-29.jsonl").read_bytes()
    filed = rows_of_file(shared_data / "blackrock-2023-08-29.jsonl")

    async def connected(kind: str) -> pl.DataFrame:
        async with Tcp([*pieces(content, 50_001), None]).running() as server:
            return rows_heard(await heard(feeds.parse(f"{kind}://127.0.0.1:{server.port}"), filed.height))

    async def pushed() -> pl.DataFrame:
        feed = feeds.parse("tcp-listen://127.0.0.1:1")
        object.__setattr__(feed.address, "port", 0)
        listening = asyncio.ensure_future(heard(feed, filed.height))
        await until_so(lambda: "listening" in feed.link.notes)
        _, writer = await asyncio.open_connection(
            "127.0.0.1", int(feed.link.notes["listening"].split(":")[1])
        )
        writer.write(content)
        found = rows_heard(await listening)
        writer.close()
        return found

    assert same_values(run(lambda: connected("readsb")), filed)
    assert same_values(run(lambda: connected("tcp")), filed)
    assert same_values(run(pushed), filed)


def test_datagrams_give_rows() -> None:
    """A tracker sends an object, or several, in a datagram, with or without a newline at its end."""

    async def pushed() -> pl.DataFrame:
        feed = feeds.parse("udp://127.0.0.1:1#name=own trackers")
        object.__setattr__(feed.address, "port", 0)
        listening = asyncio.ensure_future(heard(feed, 6))
        await until_so(lambda: "listening" in feed.link.notes)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            to = ("127.0.0.1", int(feed.link.notes["listening"].split(":")[1]))
            for i in range(4):
                sender.sendto(lines_of(position(i)).strip(), to)
            sender.sendto(lines_of(position(4), position(5)), to)
        return rows_heard(await listening)

    found = run(pushed)

    assert found["lat_deg"].to_list() == [47.0 + i / 1000 for i in range(6)]
    assert found["source_file"].unique().to_list() == ["own trackers"]


def test_snapshots_over_http_give_what_the_file_gives(tmp_path: Path) -> None:
    """Each aircraft.json that is served becomes the rows of that file; one not written anew is not sent again."""
    snapshots = [aircraft_json(NOON.timestamp() + i).encode() for i in range(3)]
    (tmp_path / "all").write_bytes(b"\n".join(snapshots))
    filed = rows_of_file(tmp_path / "all", "readsb-aircraft")
    at = iter([0, 0, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2])

    def answer(_m: str, _p: str, headers: dict[str, str], _b: bytes) -> tuple[int, dict[str, str], bytes]:
        n = next(at)
        return (
            (304, {}, b"")
            if headers.get("if-none-match") == f'"{n}"'
            else (200, {"ETag": f'"{n}"'}, snapshots[n])
        )

    async def live() -> pl.DataFrame:
        async with Http(answer).running() as server:
            feed = feeds.parse(f"http://127.0.0.1:{server.port}/tar1090/data/aircraft.json#every=0.01s")
            found = rows_heard(await heard(feed, filed.height))
            assert server.asked[0][1] == "/tar1090/data/aircraft.json"
            return found

    assert same_values(run(live), filed)


def test_beast_gives_what_the_file_gives(tmp_path: Path) -> None:
    """Frames over TCP, cut anywhere, become the file's rows; the time between two is the counter's to a microsecond."""
    pytest.importorskip("rs1090")
    content = beast_capture()
    (tmp_path / "file").write_bytes(content)
    filed = rows_of_file(tmp_path / "file", "beast")

    async def live() -> pl.DataFrame:
        async with Tcp([*pieces(content, 23), None]).running() as server:
            return rows_heard(await heard(feeds.parse(f"beast://127.0.0.1:{server.port}"), filed.height))

    found = run(live)

    assert same_values(found, filed, but=["t"])
    between_s = (found["t"] - filed["t"]).dt.total_microseconds().unique() * MICROSECOND_S
    assert between_s.max() - between_s.min() <= MICROSECOND_S  # type: ignore[operator]


def test_a_real_beast_capture_gives_what_the_file_gives(shared_data: Path) -> None:
    """239 frames of a real receiver, sent in one go, become the rows of the file."""
    pytest.importorskip("rs1090")
    content = (shared_data / "sample_dump1090.beast.bin").read_bytes()
    filed = rows_of_file(shared_data / "sample_dump1090.beast.bin")

    async def live() -> pl.DataFrame:
        async with Tcp([content, None]).running() as server:
            return rows_heard(await heard(feeds.parse(f"beast://127.0.0.1:{server.port}"), filed.height))

    found = run(live)

    assert filed.height
    assert same_values(found, filed, but=["t"])


def test_messages_of_a_broker_give_rows() -> None:
    """MQTT payloads become rows; the topic is the one that was asked for."""
    pytest.importorskip("paho.mqtt.client")

    async def live() -> tuple[pl.DataFrame, list[str]]:
        payloads = [lines_of(position(i)) for i in range(3)] + [b"\xff\xfe not json"]
        async with Broker("fleet/one", *payloads).running() as broker:
            feed = feeds.parse(f"mqtt://127.0.0.1:{broker.port}/fleet/%23")
            found = rows_heard(await heard(feed, 3, lambda: True))
            assert counted(feed) == {"not a JSON object with names": 1}
            return found, broker.subscribed

    found, subscribed = run(live)

    assert found["lat_deg"].to_list() == [47.0, 47.001, 47.002]
    assert subscribed == ["fleet/#"]


def test_a_broker_that_closes_or_refuses_is_asked_again() -> None:
    """The feed says why, without the password, and comes back."""
    pytest.importorskip("paho.mqtt.client")

    async def live() -> tuple[list[str], int]:
        said: list[str] = []
        broker = Broker("fleet", lines_of(position(0)), is_open=False, password="right-one")
        async with broker.running():
            for user in ("u:hunter2", "u:right-one"):
                feed = feeds.parse(f"mqtt://{user}@127.0.0.1:{broker.port}/fleet")
                assert "hunter2" not in repr(feed.address) + feed.name
                await waits(feed, lambda feed=feed: feed.link.failures >= 2)  # type: ignore[misc]
                said.append(feed.link.why)
        return said, broker.clients

    said, clients = run(live)

    assert said == ["the broker refuses: Not authorized", "the broker closed the connection"]
    assert clients >= 4


# Addresses ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("localhost:30003", "no such kind of feed"),
        ("nothing", "has no scheme"),
        ("sb://host", "Did you mean sbs?"),
        ("sbs://", "no host"),
        ("sbs://host:port", "cannot be read"),
        ("udp://localhost", "no port"),
        ("sbs://host#nmae=roof", "no option"),
        ("sbs://host#silent=5", "needs its unit"),
        ("opensky:1,2,3", "WEST,SOUTH,EAST,NORTH"),
        ("opensky:10,40,5,50", "west must be less"),
        ("replay:", "no file"),
        ("replay:x@0x", "speed"),
        ("mqtt://host", "no topic"),
    ],
)
def test_an_address_that_cannot_be_meant_is_refused_in_a_sentence(text: str, part: str) -> None:
    """What is wrong is said, and how it would be right."""
    pytest.importorskip("paho.mqtt.client")
    with pytest.raises(UsageError, match=r"--feed|needs its unit") as raised:
        feeds.parse(text)

    assert part in str(raised.value)


def test_feeds_that_do_not_go_together_are_refused() -> None:
    """Two of one name, none at all, and a recording beside a live one."""
    with pytest.raises(UsageError, match="two feeds are called"):
        feeds.open_feeds(["sbs://host", "sbs://host"])
    with pytest.raises(UsageError, match="there is none"):
        feeds.open_feeds([])
    with pytest.raises(UsageError, match="beside a live feed"):
        feeds.open_feeds(["sbs://host", "replay:file"])
    with pytest.raises(ReadError, match="no such file"):
        feeds.open_feeds(["replay:/nowhere/file.csv"])


@pytest.mark.parametrize(
    "text",
    [
        "http://user:hunter2@host:81/data/aircraft.json?key=hunter2",
        "mqtts://user:hunter2@host/fleet",
        "remoteid+https://user:hunter2@host/flights?token=hunter2",
    ],
)
def test_no_secret_of_an_address_is_shown(text: str) -> None:
    """Neither the name, nor how an address or a feed prints itself, holds user, password or query."""
    pytest.importorskip("paho.mqtt.client")
    feed = feeds.parse(text)

    assert "hunter2" not in feed.name + repr(feed.address) + str(feed.address) + repr(feed)
    assert "hunter2" in feed.address.url


def test_an_address_in_an_error_is_cut_to_what_is_no_secret() -> None:
    """Not even an address that is refused gives its password away."""
    for text in (
        "htp://user:hunter2@host/x?key=hunter2",
        "sbs://user:hunter2@host:port",
        "http://user:hunter2@/",
        "udp://user:hunter2@host",
        "http://u:hunter2@host/x#nmae=1",
    ):
        with pytest.raises(UsageError) as raised:
            feeds.parse(text)
        assert "hunter2" not in str(raised.value)


def test_frames_are_dated_by_the_counter_and_when_they_came() -> None:
    """Between two frames lies what the counter says; delays, restarts and mixed receivers do no harm."""
    pytest.importorskip("rs1090")
    from wideberth.serve.feeds.beast import NO_TIME, Dating

    dating, second = Dating(), 12_000_000
    now_s = 1_714_564_800.0
    first = dating.dates_s([1000 * second, 1001 * second, 1002 * second], now_s)
    assert [date - now_s for date in first] == pytest.approx([-2.0, -1.0, 0.0], abs=MICROSECOND_S)
    late = dating.dates_s([1003 * second, 1004 * second], now_s + 7.0)  # under way for 5 s
    assert [date - now_s for date in late] == pytest.approx([1.0, 2.0], abs=0.01)
    assert dating.dates_s([NO_TIME[0]], now_s + 8.0) == [now_s + 8.0]
    again = dating.dates_s([5 * second, 6 * second], now_s + 9.0)  # switched off and on
    assert [date - now_s for date in again] == pytest.approx([8.0, 9.0], abs=MICROSECOND_S)
    mixed = dating.dates_s(
        [7 * second, 90_000 * second, 8 * second], now_s + 11.0
    )  # two receivers on one port
    assert all(now_s + 9.9 <= date <= now_s + 11.0 for date in mixed)


def test_a_counter_of_the_day_is_believed_after_a_while() -> None:
    """A Radarcape's seconds of the day agree with the clock: after ten seconds they date frames, over midnight, too."""
    pytest.importorskip("rs1090")
    from wideberth.serve.feeds.beast import Dating

    def ticks(of_day_s: float) -> int:
        whole = int(of_day_s)
        return whole << 30 | round((of_day_s - whole) * 1e9)

    dating, midnight_s = Dating(), 1_714_608_000.0
    for k in range(-30, 30):
        of_day_s = (k - 0.25) % 86_400
        (date_s,) = dating.dates_s([ticks(of_day_s)], midnight_s + k)  # a quarter of a second under way
        assert date_s - midnight_s == pytest.approx(
            k - 0.25 if k > -20 else k, abs=0.3 if k <= -20 else MICROSECOND_S
        )
    assert dating.is_of_day
    dating.dates_s([ticks(40_000.0)], midnight_s + 31)
    assert not dating.is_of_day


@pytest.mark.parametrize(
    ("address", "package", "extra"),
    [
        ("http://host/aircraft.json", "httpx", "serve"),
        ("mqtt://host/topic", "paho", "mqtt"),
        ("beast://host", "rs1090", "raw"),
    ],
)
def test_a_package_that_is_not_installed_is_named(
    address: str, package: str, extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message says what to install."""
    for name in [name for name in sys.modules if name.split(".")[0] == package]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, package, None)  # type: ignore[arg-type]
    with pytest.raises(MissingExtraError, match=rf'pip install "wideberth\[{extra}\]"'):
        feeds.parse(address)


def test_frames_are_cut_at_any_place() -> None:
    """However a stream of Beast is cut, the frames are the same, doubled 0x1a and noise between them included."""
    pytest.importorskip("rs1090")
    from wideberth.read.batch import Rejects
    from wideberth.serve.feeds.beast import Frames

    messages = [*beast_messages(), (20.0, squitter("1a1a1a", airborne_me(47.0, 8.0, 10000, is_odd=False)))]
    content = b"noise\x1a9" + beast_capture(messages, start_s=0x1A1A1A / 12e6) + b"\x1a3half"
    whole = [frame.message for frame in Frames("x", Rejects()).add(content)]
    assert len(whole) == len(messages)
    for size in (1, 2, 3, 7, 50):
        frames = Frames("x", rejects := Rejects())
        cut = [frame.message for piece in pieces(content, size) for frame in frames.add(piece)]
        frames.cut_off()
        assert cut == whole
        assert rejects.total() >= 2

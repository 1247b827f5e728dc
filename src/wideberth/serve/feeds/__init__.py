"""Live feeds: one file per kind; `open_feeds` makes them of addresses.

| address | what |
|---|---|
| ``sbs://HOST[:30003]`` | SBS BaseStation text |
| ``readsb://HOST[:30047]`` | readsb's JSON port |
| ``beast://HOST[:30005]`` | raw Mode S (extra ``raw``) |
| ``http://…``, ``https://…`` | aircraft.json |
| ``opensky:[WEST,SOUTH,EAST,NORTH]`` | OpenSky's REST interface |
| ``tcp://HOST:PORT``, ``tcp-listen://HOST:PORT``, ``udp://HOST:PORT`` | JSON lines of own trackers |
| ``mqtt://HOST/TOPIC``, ``mqtts://…`` | JSON lines by MQTT (extra ``mqtt``) |
| ``remoteid+http://…`` and so on | drone Remote ID |
| ``replay:FILE[@20x]`` | a recording |
"""

from __future__ import annotations

import difflib
import importlib
from typing import TYPE_CHECKING, Any

from wideberth.errors import UsageError
from wideberth.serve.clock import Clock, ReplayClock, WallClock
from wideberth.serve.feeds import address as addresses

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wideberth.serve.feeds.base import Feed

KINDS = {
    "sbs": "sbs:Sbs",
    "readsb": "ndjson:ReadsbPort",
    "beast": "beast:Beast",
    "http": "aircraft_json:AircraftJson",
    "https": "aircraft_json:AircraftJson",
    "opensky": "opensky:OpenSky",
    "tcp": "ndjson:JsonLines",
    "tcp-listen": "ndjson:TcpListen",
    "udp": "ndjson:Udp",
    "mqtt": "mqtt:Mqtt",
    "mqtts": "mqtt:Mqtt",
    "remoteid+http": "remote_id:RemoteIdHttp",
    "remoteid+https": "remote_id:RemoteIdHttp",
    "remoteid+tcp": "ndjson:JsonLines",
    "remoteid+tcp-listen": "ndjson:TcpListen",
    "remoteid+udp": "ndjson:Udp",
    "remoteid+mqtt": "mqtt:Mqtt",
    "remoteid+mqtts": "mqtt:Mqtt",
    "replay": "replay:Replay",
}
NEED_PORT = ("tcp", "udp", "tcp-listen")


def parse(text: str, clock: Clock | None = None) -> Feed:
    """Return the feed of an address; nothing is connected yet, but a recording is read.

    Args:
        text: the address; see the module.
        clock: the server's; the wall's if nothing is said.
    Raises:
        UsageError: no feed has this address.
        MissingExtraError: a package that it needs is not installed.
        ReadError: a recording that cannot be read.
    """
    address = addresses.parse(text)
    if address.kind not in KINDS:
        near = difflib.get_close_matches(address.kind, KINDS, n=1)
        hint = f" Did you mean {near[0]}?" if near else ""
        raise UsageError(
            f"--feed {address.kind}: there is no such kind of feed.{hint} Known: {', '.join(KINDS)}."
        )
    if address.kind.removeprefix("remoteid+") in NEED_PORT and not address.port:
        raise UsageError(f"--feed {address.name}: there is no port in it. Write {address.kind}://HOST:PORT.")
    module, name = KINDS[address.kind].split(":")
    made: Any = getattr(importlib.import_module(f"wideberth.serve.feeds.{module}"), name)
    feed: Feed = made(address, clock or WallClock())
    return feed


def open_feeds(texts: Sequence[str]) -> tuple[list[Feed], Clock]:
    """Return the feeds of some addresses, and the clock that they go by.

    Raises:
        UsageError: as `parse`; or a recording beside a live feed, or two recordings at different speeds.
        MissingExtraError, ReadError: as `parse`.
    """
    if not texts:
        raise UsageError("--feed: there is none. Write --feed sbs://HOST or --feed replay:FILE@20x.")
    is_replay = [text.strip().lower().startswith("replay:") for text in texts]
    if any(is_replay) and not all(is_replay):
        raise UsageError(
            "--feed: a recording cannot be replayed beside a live feed; their clocks have nothing in common."
        )
    feeds = [parse(text) for text in texts]
    _give_each_a_name(feeds)
    if not any(is_replay):
        return feeds, WallClock()
    replays: list[Any] = list(feeds)
    speeds = {each.speed for each in replays}
    if len(speeds) > 1:
        raise UsageError("--feed: recordings that are replayed together need the same speed.")
    clock = ReplayClock(min(each.start_us for each in replays), speeds.pop())
    for each in replays:
        each.use(clock)
    return feeds, clock


def _give_each_a_name(feeds: Sequence[Feed]) -> None:
    """Number feeds that would be called alike; refuse an address that is given twice, and a name."""
    seen: dict[str, Feed] = {}
    for feed in feeds:
        other = seen.get(feed.name)
        if other is not None and (other.address.url == feed.address.url or "name" in feed.address.options):
            raise UsageError(
                f"--feed: two feeds are called {feed.name}. Give one a name: {feed.address.kind}:…#name=roof."
            )
        name, count = feed.name, 1
        while feed.name in seen:
            count += 1
            feed.name = f"{name} ({count})"
        seen[feed.name] = feed

"""Servers on loopback that speak the protocols of feeds, from bytes that a test gives; and what a feed made of them."""

from __future__ import annotations

import asyncio
import json
from contextlib import aclosing, asynccontextmanager
from typing import TYPE_CHECKING, Any

import polars as pl

from receiver_files import NOON
from wideberth.read import clean, formats
from wideberth.read.batch import Rejects
from wideberth.serve.arrivals import Arrival, empty

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
    from pathlib import Path

    from wideberth.serve.feeds.base import Feed

PATIENCE_S = 20.0  # what takes longer is taken for lost; no test waits so long where the code is right


class Tcp:
    """A server that sends what it is given to each client that connects, one script after another.

    Attributes:
        scripts: what to send to the first client, the second, and so on: pieces of bytes, or seconds to pause.
            After its script a connection is closed, unless the script ends with None.
        clients: how many came.
    """

    def __init__(self, *scripts: Sequence[bytes | float | None]) -> None:
        self.scripts = scripts
        self.clients = 0
        self.port = 0

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        script = self.scripts[min(self.clients, len(self.scripts) - 1)]
        self.clients += 1
        try:
            for piece in script:
                if piece is None:
                    await reader.read()  # until the client goes
                elif isinstance(piece, float):
                    await asyncio.sleep(piece)
                else:
                    writer.write(piece)
                    await writer.drain()
        except (ConnectionError, asyncio.CancelledError):  # 3.11 logs a cancelled one as an error
            pass
        finally:
            writer.close()

    @asynccontextmanager
    async def running(self, port: int = 0) -> AsyncIterator[Tcp]:
        """Listen, on a port that is free if none is named."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", port)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()


class Http:
    """A server of HTTP 1.1 that answers each request by a function, and remembers what it was asked.

    Attributes:
        answer: (method, path with query, headers, body) → (status, headers, body).
        asked: what came: method, path, headers, body.
    """

    def __init__(
        self, answer: Callable[[str, str, dict[str, str], bytes], tuple[int, dict[str, str], bytes]]
    ) -> None:
        self.answer = answer
        self.asked: list[tuple[str, str, dict[str, str], bytes]] = []
        self.port = 0

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while line := await reader.readline():
                method, path, _ = line.decode().split(" ", 2)
                headers = {}
                while (header := (await reader.readline()).decode().strip()) != "":
                    name, _, value = header.partition(":")
                    headers[name.strip().lower()] = value.strip()
                body = await reader.readexactly(int(headers.get("content-length", 0)))
                self.asked.append((method, path, headers, body))
                status, more, content = self.answer(method, path, headers, body)
                head = "".join(f"{name}: {value}\r\n" for name, value in more.items())
                writer.write(
                    f"HTTP/1.1 {status} X\r\n{head}Content-Length: {len(content)}\r\n\r\n".encode() + content
                )
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Http]:
        """Listen on a port that is free."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()


class Broker:
    """As much of an MQTT 3.1.1 broker as a subscriber sees: it accepts, and publishes payloads with QoS 1.

    Source: OASIS MQTT 3.1.1, chapters 2 and 3.
    """

    def __init__(
        self, topic: str, *payloads: bytes, is_open: bool = True, password: str | None = None
    ) -> None:
        self.topic = topic
        self.payloads = payloads
        self.is_open = is_open
        self.password = password
        self.subscribed: list[str] = []
        self.clients = 0
        self.port = 0

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.clients += 1
        try:
            while True:
                kind = (await reader.readexactly(1))[0]
                length, shift = 0, 0
                while True:
                    digit = (await reader.readexactly(1))[0]
                    length |= (digit & 0x7F) << shift
                    shift += 7
                    if not digit & 0x80:
                        break
                body = await reader.readexactly(length)
                if kind >> 4 == 1:  # CONNECT
                    is_known = self.password is None or body.endswith(self.password.encode())
                    writer.write(bytes([0x20, 2, 0, 0 if is_known else 5]))
                elif kind >> 4 == 8:  # SUBSCRIBE
                    size = int.from_bytes(body[2:4], "big")
                    self.subscribed.append(body[4 : 4 + size].decode())
                    writer.write(bytes([0x90, 3]) + body[:2] + b"\x01")
                    for n, payload in enumerate(self.payloads, start=1):
                        topic = self.topic.encode()
                        content = len(topic).to_bytes(2, "big") + topic + n.to_bytes(2, "big") + payload
                        writer.write(b"\x32" + _length(len(content)) + content)
                    if not self.is_open:
                        await writer.drain()
                        return
                elif kind >> 4 == 12:  # PINGREQ
                    writer.write(bytes([0xD0, 0]))
                elif kind >> 4 == 14:  # DISCONNECT
                    return
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Broker]:
        """Listen on a port that is free."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()


def _length(size: int) -> bytes:
    digits = bytearray()
    while True:
        size, digit = size >> 7, size & 0x7F
        digits.append(digit | (0x80 if size else 0))
        if not size:
            return bytes(digits)


# What is sent ---------------------------------------------------------------------------------------


def counted(feed: Feed) -> dict[str, int]:
    return {reason: count for (_, reason), count in feed.link.rejects.counts.items()}


def lines_of(*objects: dict[str, object]) -> bytes:
    return b"".join(json.dumps(each).encode() + b"\n" for each in objects)


def position(seconds: float, icao24: str = "4b1234", **more: object) -> dict[str, object]:
    return {
        "now": NOON.timestamp() + seconds,
        "hex": icao24,
        "lat": 47.0 + seconds / 1000,
        "lon": 8.0,
        "alt_baro": 10000,
        "gscp": 300,
        **more,
    }


def pieces(content: bytes, size: int) -> list[bytes]:
    return [content[i : i + size] for i in range(0, len(content), size)]


# What a feed made of it ------------------------------------------------------------------------------


async def heard(feed: Feed, rows: int, then: Callable[[], bool] = lambda: True) -> list[Arrival]:
    """Return what a feed hands over until there are so many rows, and something is so; fail where that never comes."""
    found: list[Arrival] = []

    async with asyncio.timeout(PATIENCE_S), aclosing(aiter(feed)) as arrivals:
        async for arrival in arrivals:
            found.append(arrival)
            if sum(each.rows.height for each in found) >= rows and then():
                break
    return found


async def waits(feed: Feed, until: Callable[[], bool]) -> list[Arrival]:
    """Let a feed run until something is so, and return what it handed over meanwhile."""
    found: list[Arrival] = []

    async def listen() -> None:
        async with aclosing(aiter(feed)) as arrivals:
            async for arrival in arrivals:
                found.append(arrival)

    task = asyncio.ensure_future(listen())
    try:
        await until_so(until)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    return found


async def until_so(condition: Callable[[], bool]) -> None:
    """Wait until something is so; fail where it never is."""
    async with asyncio.timeout(PATIENCE_S):
        while not condition():
            await asyncio.sleep(0.01)


def run(test: Callable[[], Awaitable[Any]]) -> Any:
    """Run an asynchronous test."""

    async def main() -> Any:
        return await test()

    return asyncio.run(main())


def rows_heard(arrivals: Sequence[Arrival]) -> pl.DataFrame:
    """Return all rows that came, in the order in which they came."""
    return pl.concat([each.rows for each in arrivals]) if arrivals else empty()


def rows_of_file(path: Path | str, format: str | None = None) -> pl.DataFrame:
    """Return what the reader of files makes of a file, in its order."""
    batches = formats.batches(str(path), format=format, rejects=Rejects())
    return clean.joined([clean.standard(batch, provenance=True) for batch in batches])


def same_values(live: pl.DataFrame, filed: pl.DataFrame, but: Sequence[str] = ()) -> bool:
    """Tell whether two tables hold the same values in the same order, wherever the rows come from."""
    left_out = {"source_file", "source_row", *but}

    def plain(frame: pl.DataFrame) -> pl.DataFrame:
        columns = [
            frame[name].cast(pl.Float64 if frame[name].dtype.is_numeric() else frame[name].dtype)
            if frame[name].dtype != pl.Categorical
            else frame[name].cast(pl.String)
            for name in frame.columns
            if name not in left_out and frame[name].null_count() < frame.height
        ]
        return pl.DataFrame(columns)

    one, other = plain(live), plain(filed)
    other = other.select(one.columns) if set(one.columns) == set(other.columns) else other
    return one.equals(other, null_equal=True)

"""JSON lines: of one's own trackers (``tcp://``, ``tcp-listen://``, ``udp://``), and of readsb (``readsb://``).

An object a line, by whatever names `wideberth.read.aliases` knows; parsed by `wideberth.read.jsonlines`.
``tcp://`` connects, ``tcp-listen://`` and ``udp://`` wait for trackers to send.  A datagram holds one object
or several, a line each.

readsb writes an object a line for each position (``--net-json-port 30047``).  One that knows an aircraft's owner
has newlines within the object (as users of readsb report): a line that ends with a comma goes on in the next.
"""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Any, Protocol

from wideberth.errors import FormatError
from wideberth.read import jsonlines
from wideberth.read.blocks import newlines
from wideberth.serve.feeds.base import Feed, FeedDownError
from wideberth.serve.feeds.stream import GULP_S, LineFeed, Lines, gulps

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterator

    from wideberth.read.batch import Batch, Rejects
    from wideberth.serve.clock import Clock
    from wideberth.serve.feeds.address import Address

MOST_WAITING = 20_000  # datagrams, or gulps, that nobody has taken yet; what comes then is lost, and counted
MOST_CONNECTIONS = 200
_GOES_ON = re.compile(rb",[ \t]*\r?\n")


class Parser(Protocol):
    """Makes batches of blocks of whole lines; content that is no track is counted, not raised."""

    def parse(self, block: bytes, received_us: int) -> Iterator[Batch]:
        """Return the rows of some whole lines, and when they came."""


class Objects:
    """JSON objects, a track's position each."""

    def __init__(self, name: str, rejects: Rejects) -> None:
        self._name = name
        self._rejects = rejects
        self._objects = jsonlines.Objects(name, rejects)
        self._at = 0

    def parse(self, block: bytes, received_us: int) -> Iterator[Batch]:
        """Return the rows of some whole lines."""
        first, self._at = self._at, self._at + newlines(block)
        try:
            yield from self._objects.read(first, block)
        except FormatError as error:  # not one object of this block, or of those before, has a position
            self._rejects.add(self._name, "no track among the names", str(error), max(newlines(block), 1))


def parser_for(address: Address, name: str, rejects: Rejects) -> Parser:
    """Return what makes rows of the lines that a feed sends: of drones where its scheme says so, else of tracks."""
    if address.kind.startswith("remoteid+"):
        from wideberth.serve.feeds.remote_id import Drones

        return Drones(name, rejects)
    return Objects(name, rejects)


class JsonLines(LineFeed):
    """JSON lines of a server that is connected to."""

    kind = "tcp"

    def __init__(self, address: Address, clock: Clock) -> None:
        super().__init__(address, clock)
        self._parser = parser_for(address, self.name, self.link.rejects)

    def _parse_lines(self, block: bytes) -> Iterator[Batch]:
        return self._parser.parse(block, self._received_us())


class ReadsbPort(JsonLines):
    """readsb's JSON port."""

    kind = "readsb"
    default_port = 30047

    def __init__(self, address: Address, clock: Clock) -> None:
        super().__init__(address, clock)
        self._begun = b""

    def _begin(self) -> None:
        super()._begin()
        self._begun = b""

    def _parse_lines(self, block: bytes) -> Iterator[Batch]:
        block = _GOES_ON.sub(b",", self._begun + block)
        end = block.rfind(b"\n") + 1
        block, self._begun = block[:end], block[end:]
        if len(self._begun) > 2**20:
            self.reject("line too long", repr(self._begun[:80]))
            self._begun = b""
        if block:
            yield from super()._parse_lines(block)


class Listening(Feed):
    """JSON lines that trackers send to us.  The subclass opens the socket and puts blocks of lines into `_put`."""

    def __init__(self, address: Address, clock: Clock) -> None:
        super().__init__(address, clock)
        self._parser = parser_for(address, self.name, self.link.rejects)
        self._waiting: list[bytes] = []
        self._came = asyncio.Event()

    def _put(self, block: bytes) -> None:
        if len(self._waiting) >= MOST_WAITING:
            self.reject("lost: more came than could be read")
            return
        self._waiting.append(block if block.endswith(b"\n") else block + b"\n")
        self._came.set()

    async def _session(self) -> AsyncGenerator[Batch]:
        async with self._open():
            self._came_up()
            async for batch in self._blocks():
                yield batch

    async def _blocks(self, over: asyncio.Future[Any] | None = None) -> AsyncGenerator[Batch]:
        """Return what was put, a gulp at a time, until a future is done."""
        ends: set[asyncio.Future[Any]] = set() if over is None else {over}
        while True:
            came: asyncio.Future[Any] = asyncio.ensure_future(self._came.wait())
            try:
                await asyncio.wait({came, *ends}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                came.cancel()
            await asyncio.sleep(GULP_S)
            self._came.clear()
            blocks, self._waiting = self._waiting, []
            for batch in self._parser.parse(b"".join(blocks), self._received_us()):
                yield batch
            if over is not None and over.done() and not self._waiting:
                return

    def _open(self) -> Any:
        raise NotImplementedError


class Udp(Listening):
    """Datagrams of JSON."""

    kind = "udp"

    def _open(self) -> _UdpSocket:
        return _UdpSocket(self)


class _UdpSocket(asyncio.DatagramProtocol):
    def __init__(self, feed: Listening) -> None:
        self._feed = feed

    def datagram_received(self, data: bytes, addr: Any) -> None:
        self._feed._put(data)

    async def __aenter__(self) -> None:
        address = self._feed.address
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(
            lambda: self, local_addr=(address.host, address.port or 0)
        )
        self._feed.link.notes["listening"] = shown(self._transport.get_extra_info("sockname"))

    async def __aexit__(self, *_: object) -> None:
        self._transport.close()


class TcpListen(Listening):
    """Connections of trackers that send JSON lines."""

    kind = "tcp-listen"

    def _open(self) -> _TcpServer:
        return _TcpServer(self)


class _TcpServer:
    def __init__(self, feed: Listening) -> None:
        self._feed = feed
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> None:
        address = self._feed.address
        self._server = await asyncio.start_server(self._serve, address.host, address.port or 0)
        self._feed.link.notes["listening"] = shown(self._server.sockets[0].getsockname())

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if len(self._tasks) >= MOST_CONNECTIONS or task is None:
            self._feed.reject("connection refused: too many at once")
            writer.close()
            return
        self._tasks.add(task)
        lines = Lines()
        try:
            async for chunk in gulps(reader):
                if block := lines.add(chunk):
                    self._feed._put(block)
        except (
            OSError,
            FeedDownError,
            asyncio.CancelledError,
        ):  # cancelled when the feed is closed, and only then
            pass
        finally:
            self._tasks.discard(task)
            writer.close()
            if lines.too_long:
                self._feed.reject("line too long", count=lines.too_long)
            if rest := lines.cut_off().strip():
                self._feed.reject("line cut off by the end of the connection", repr(rest[:80]))


def shown(name: Any) -> str:
    """Return a socket's own address for people."""
    host, port = name[0], name[1]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"

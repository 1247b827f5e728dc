"""Feeds that come as a stream of bytes over TCP: connected, read in gulps, cut where a message ends.

A gulp is what came within a tenth of a second, so that a message waits no longer than that, and a thousand of
them are parsed at once.  A sender that says nothing for two minutes is connected anew: a connection that a
router forgot looks like a quiet one for ever.
"""

from __future__ import annotations

import asyncio
import socket
from abc import abstractmethod
from typing import TYPE_CHECKING

from wideberth.errors import FormatError
from wideberth.serve.feeds.base import Feed, FeedDownError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterator

    from wideberth.read.batch import Batch
    from wideberth.serve.clock import Clock
    from wideberth.serve.feeds.address import Address

CONNECT_S = 10.0
GULP_S = 0.1
GULP_BYTES = 4 * 2**20
FORGOTTEN_S = 120.0
LONGEST_LINE = 2**20


class Lines:
    """Cuts a stream into whole lines, keeps the rest for later, and skips a line that never ends.

    Attributes:
        too_long: how many lines were skipped so far.
    """

    def __init__(self, longest: int = LONGEST_LINE) -> None:
        self._longest = longest
        self._rest = b""
        self._is_skipping = False
        self.too_long = 0

    def add(self, chunk: bytes) -> bytes:
        """Return the lines that are whole now; all end after a newline."""
        if self._is_skipping:
            end = chunk.find(b"\n") + 1
            if not end:
                return b""
            self._is_skipping = False
            chunk = chunk[end:]
        block = self._rest + chunk
        end = block.rfind(b"\n") + 1
        block, self._rest = block[:end], block[end:]
        if len(self._rest) > self._longest:
            self._rest = b""
            self._is_skipping = True
            self.too_long += 1
        if len(block) > self._longest:
            lines = block.split(b"\n")
            kept = [line for line in lines if len(line) <= self._longest]
            self.too_long += len(lines) - len(kept)
            block = b"\n".join(kept)
        return block

    def cut_off(self) -> bytes:
        """Return what is left of a line at the end of a stream, and begin anew."""
        rest, self._rest, self._is_skipping = self._rest, b"", False
        return rest


class StreamFeed(Feed):
    """A feed over TCP; what cuts and parses the bytes is the subclass's.

    Attributes:
        default_port: where the address names none.
    """

    default_port: int | None = None

    def __init__(self, address: Address, clock: Clock) -> None:
        super().__init__(address, clock)
        self._port = address.port or self.default_port or 0

    async def _session(self) -> AsyncGenerator[Batch]:
        try:
            async with asyncio.timeout(CONNECT_S):
                reader, writer = await asyncio.open_connection(
                    self.address.host, self._port, limit=GULP_BYTES // 2
                )
        except TimeoutError:
            raise FeedDownError(f"no answer within {CONNECT_S:.0f} s") from None
        try:
            self._came_up()
            _keep_alive(writer)
            self._begin()
            async for chunk in gulps(reader):
                for batch in self._safely(self._parse(chunk)):
                    yield batch
            for batch in self._safely(self._parse_end()):
                yield batch
            raise FeedDownError("the other side closed the connection")
        finally:
            writer.close()

    def _safely(self, batches: Iterator[Batch]) -> Iterator[Batch]:
        """Hand batches on; content of no known format is counted, and never ends a feed."""
        try:
            yield from batches
        except FormatError as error:
            self.reject("not of a format that is known", str(error))

    @abstractmethod
    def _begin(self) -> None:
        """Forget what was left of an earlier connection."""

    @abstractmethod
    def _parse(self, chunk: bytes) -> Iterator[Batch]:
        """Return the rows of what came in."""

    @abstractmethod
    def _parse_end(self) -> Iterator[Batch]:
        """Return the rows of what was left when the stream ended, and count what is none."""


class LineFeed(StreamFeed):
    """A feed of lines over TCP."""

    def __init__(self, address: Address, clock: Clock) -> None:
        super().__init__(address, clock)
        self._lines = Lines()
        self._too_long = 0

    def _begin(self) -> None:
        self._lines.cut_off()

    def _parse(self, chunk: bytes) -> Iterator[Batch]:
        block = self._lines.add(chunk)
        if self._lines.too_long > self._too_long:
            self.reject(
                "line too long", f"more than {LONGEST_LINE:,} bytes", self._lines.too_long - self._too_long
            )
            self._too_long = self._lines.too_long
        if block:
            yield from self._parse_lines(block)

    def _parse_end(self) -> Iterator[Batch]:
        rest = self._lines.cut_off()
        if rest.strip():
            self.reject("line cut off by the end of the connection", repr(rest[:80]))
        return iter(())

    @abstractmethod
    def _parse_lines(self, block: bytes) -> Iterator[Batch]:
        """Return the rows of some whole lines."""


async def gulps(reader: asyncio.StreamReader, forgotten_s: float = FORGOTTEN_S) -> AsyncGenerator[bytes]:
    """Return what comes, a gulp at a time, until the stream ends.

    Raises:
        FeedDownError: nothing came for long.
    """
    while True:
        try:
            async with asyncio.timeout(forgotten_s):
                chunk = await reader.read(GULP_BYTES)
        except TimeoutError:
            raise FeedDownError(f"nothing came for {forgotten_s:.0f} s") from None
        if not chunk:
            return
        await asyncio.sleep(GULP_S)
        more: list[bytes] = [chunk]
        while not reader.at_eof() and sum(map(len, more)) < GULP_BYTES:
            # What has come meanwhile lies in the reader already: this does not wait for the network.
            try:
                async with asyncio.timeout(0):
                    further = await reader.read(GULP_BYTES)
            except TimeoutError:
                break
            if not further:
                break
            more.append(further)
        yield b"".join(more)


def _keep_alive(writer: asyncio.StreamWriter) -> None:
    connection = writer.get_extra_info("socket")
    if connection is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)

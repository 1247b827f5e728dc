"""SBS BaseStation text over TCP, port 30003 of readsb, dump1090 and others: ``sbs://HOST``.

Parsed by `wideberth.read.sbs`.  The format tells no time zone, and receivers write their own: the server's times are
taken as UTC, and ``#offset=-2h`` sets right one that writes local time.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from wideberth.read import rowwise
from wideberth.read.sbs import LONGEST_LINE, Listener
from wideberth.serve.feeds.stream import LineFeed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wideberth.read.batch import Batch
    from wideberth.serve.clock import Clock
    from wideberth.serve.feeds.address import Address

MOST_ADDRESSES = 50_000  # then those that were silent longest are forgotten


class Sbs(LineFeed):
    """Messages of BaseStation."""

    kind = "sbs"
    default_port = 30003

    def __init__(self, address: Address, clock: Clock) -> None:
        super().__init__(address, clock)
        self._listener = Listener(self.name, self.link.rejects)
        self._at = 0

    def _parse_lines(self, block: bytes) -> Iterator[Batch]:
        for _, line in rowwise.lines(io.BytesIO(block), LONGEST_LINE):
            self._listener.hear(self._at, line)
            self._at += 1
        yield from self._listener.rows.taken()
        if len(self._listener) > MOST_ADDRESSES:
            self._listener.forget(MOST_ADDRESSES // 2)

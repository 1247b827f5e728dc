"""Drone Remote ID: ``remoteid+http://``, or ``+https``, ``+udp``, ``+tcp``, ``+tcp-listen``, ``+mqtt``, ``+mqtts``.

Over HTTP a provider is asked for flights (ASTM F3411); the address holds all that the question needs.  The others
send a document a line.  Parsed by `wideberth.read.remote_id`, here with the time of receipt, which gives a
broadcast its hour. A provider that wants a token of its own has it in ``WIDEBERTH_REMOTEID_TOKEN``.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from wideberth.read.remote_id import Documents
from wideberth.read.salvage import loaded
from wideberth.serve.feeds.base import FeedDownError
from wideberth.serve.feeds.polled import PolledFeed, refused
from wideberth.units import MICROSECONDS_PER_SECOND

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

    from wideberth.read.batch import Batch, Rejects
    from wideberth.serve.clock import Clock
    from wideberth.serve.feeds.address import Address


class Drones:
    """Documents of Remote ID, one a line."""

    def __init__(self, name: str, rejects: Rejects) -> None:
        self._name = name
        self._rejects = rejects
        self._documents = Documents(name, rejects)

    def parse(self, block: bytes, received_us: int) -> Iterator[Batch]:
        """Return the rows of some whole lines."""
        for line in block.split(b"\n"):
            if line.strip(b" \t\r\0"):
                self._documents.add(loaded(line.strip(b"\0")), received_us / MICROSECONDS_PER_SECOND)
        yield from self._documents.rows.taken()


class RemoteIdHttp(PolledFeed):
    """A provider of Remote ID that is asked again and again."""

    kind = "remoteid+http"

    def __init__(self, address: Address, clock: Clock) -> None:
        super().__init__(address, clock)
        self._url = address.url.partition("+")[2]
        self._token = os.environ.get("WIDEBERTH_REMOTEID_TOKEN", "")
        self._documents = Documents(self.name, self.link.rejects)

    async def _ask(self, client: httpx.AsyncClient) -> bytes:
        headers = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        auth = None if self.address.user is None else (self.address.user, self.address.password or "")
        response, content = await self._get(client, self._url, headers=headers, auth=auth)
        if response.status_code != 200:
            raise refused(response)
        return content

    def _parse(self, content: bytes) -> Iterator[Batch]:
        document = loaded(content)
        if document is None:
            self.reject("answer that is no JSON", repr(content[:80]))
            raise FeedDownError("the answer is no JSON: is this the address of a provider?")
        self._documents.add(document, self._received_us() / MICROSECONDS_PER_SECOND)
        return self._documents.rows.taken()

"""``aircraft.json`` of readsb, tar1090 and dump1090, asked over HTTP: ``http://HOST/tar1090/data/aircraft.json``.

Parsed by `wideberth.read.readsb`, as is the ``ac`` list of adsb.lol and other aggregators.  Each answer lists all
aircraft of the last minutes, most of them where the answer before had them: those rows come again, with the same
time of position, and the merge counts them as doubled.  ``#every=`` says how often to ask: 1 s, as often as readsb
writes it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wideberth.read.readsb import read_snapshots
from wideberth.serve.feeds.base import FeedDownError
from wideberth.serve.feeds.polled import PolledFeed, refused, rows_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

    from wideberth.read.batch import Batch
    from wideberth.serve.clock import Clock
    from wideberth.serve.feeds.address import Address


class AircraftJson(PolledFeed):
    """Snapshots over HTTP."""

    kind = "http"

    def __init__(self, address: Address, clock: Clock) -> None:
        super().__init__(address, clock)
        self._tag: str | None = None

    async def _ask(self, client: httpx.AsyncClient) -> bytes:
        auth = None if self.address.user is None else (self.address.user, self.address.password or "")
        headers = {} if self._tag is None else {"If-None-Match": self._tag}
        response, content = await self._get(client, self.address.url, auth=auth, headers=headers)
        if response.status_code == 304:  # not written anew since
            return b""
        if response.status_code != 200:
            raise refused(response)
        self._tag = response.headers.get("ETag")
        if content.lstrip()[:1] != b"{":
            self.reject("answer that is no JSON object", repr(content[:80]))
            raise FeedDownError("the answer is no JSON: is this the address of aircraft.json?")
        return content

    def _parse(self, content: bytes) -> Iterator[Batch]:
        return rows_of(content, self.name, self.link.rejects, read_snapshots) if content else iter(())

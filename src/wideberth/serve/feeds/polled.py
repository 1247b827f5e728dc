"""Feeds that are asked over HTTP, again and again.

One question at a time, and the next one a stated while after the last, however long the answer took.  An answer may
have 64 MiB and must have come within 20 s.  Nothing that an address may hold of secrets is ever in a
message or a log: what is told of an error is its kind, in our words, and httpx's own log of
addresses is turned off.
"""

from __future__ import annotations

import asyncio
import io
import logging
from abc import abstractmethod
from typing import TYPE_CHECKING, Any

from wideberth.errors import FormatError, MissingExtraError
from wideberth.read.sources import Part
from wideberth.serve.feeds.base import Feed, FeedDownError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Iterator

    import httpx

    from wideberth.read.batch import Batch, Rejects
    from wideberth.serve.clock import Clock
    from wideberth.serve.feeds.address import Address

ANSWER_S = 20.0
LARGEST_BYTES = 64 * 2**20
LONGEST_RETRY_S = 86_400.0


class PolledFeed(Feed):
    """A feed that is asked again and again; what is asked and how the answer is parsed is the subclass's."""

    every_s = 1.0

    def __init__(self, address: Address, clock: Clock) -> None:
        super().__init__(address, clock)
        self._httpx = needed_httpx()
        self._every_s = address.seconds("every", type(self).every_s)
        self._least_silent_s = self.silent_s
        self._worry_after(self._every_s)

    async def _session(self) -> AsyncGenerator[Batch]:
        async with self._client() as client:
            while True:
                content = await self._ask(client)
                if self.link.state != "up":
                    self._came_up()
                for batch in self._safely(content):
                    yield batch
                pause_s = self._pause_s()
                self._worry_after(pause_s)
                await asyncio.sleep(pause_s)

    def _worry_after(self, pause_s: float) -> None:
        """Do not call silence what only was not asked for: two questions in vain are, unless the address says when."""
        if "silent" not in self.address.options:
            self.silent_s = max(self._least_silent_s, 2.5 * pause_s)

    def _pause_s(self) -> float:
        """Return how long to wait before the next question."""
        return self._every_s

    def _client(self) -> httpx.AsyncClient:
        verify: Any = self.address.options.get("ca", True)
        if isinstance(verify, str):
            import ssl

            verify = ssl.create_default_context(cafile=verify)
        client: httpx.AsyncClient = self._httpx.AsyncClient(
            timeout=ANSWER_S, verify=verify, headers={"User-Agent": "wideberth"}
        )
        return client

    @abstractmethod
    async def _ask(self, client: httpx.AsyncClient) -> bytes:
        """Return one answer.

        Raises:
            FeedDownError: there was none.
        """

    @abstractmethod
    def _parse(self, content: bytes) -> Iterator[Batch]:
        """Return the rows of an answer."""

    def _safely(self, content: bytes) -> Iterator[Batch]:
        try:
            yield from self._parse(content)
        except FormatError as error:
            self.reject("answer of no known format", str(error))

    async def _get(self, client: httpx.AsyncClient, url: str, **more: Any) -> tuple[httpx.Response, bytes]:
        """Return an answer and its body, whatever its status.

        Raises:
            FeedDownError: there was none, in words without the address.
        """
        httpx = self._httpx
        try:
            async with client.stream("GET", url, **more) as response:
                pieces, size = [], 0
                async for piece in response.aiter_bytes():
                    size += len(piece)
                    if size > LARGEST_BYTES:
                        self.reject("answer too large", f"more than {LARGEST_BYTES // 2**20} MiB")
                        raise FeedDownError(f"an answer of more than {LARGEST_BYTES // 2**20} MiB")
                    pieces.append(piece)
                return response, b"".join(pieces)
        except httpx.TimeoutException:
            raise FeedDownError(f"no answer within {ANSWER_S:.0f} s") from None
        except httpx.ConnectError:
            raise FeedDownError("cannot connect: nobody listens there, or the name is not known") from None
        except httpx.HTTPError as error:
            raise FeedDownError(f"the answer broke off ({type(error).__name__})") from None
        except (httpx.InvalidURL, ValueError):
            raise FeedDownError("the address cannot be one") from None


def refused(response: httpx.Response) -> FeedDownError:
    """Return why an answer with an error's status is none, and how long to wait if it says."""
    status = response.status_code
    words = {
        401: "it does not accept who we say we are",
        403: "it does not allow this",
        404: "there is nothing at this address",
        429: "too many questions",
    }
    return FeedDownError(
        f"answer {status}: {words.get(status, 'the server says no')}",
        retry_s(response.headers.get("Retry-After")),
    )


def retry_s(text: str | None) -> float | None:
    """Return the seconds that a header asks to wait, at most a day; None where it says none that can be meant."""
    try:
        seconds = float(text or "")
    except ValueError:
        return None
    return min(max(seconds, 1.0), LONGEST_RETRY_S) if seconds == seconds else None


def rows_of(
    content: bytes, name: str, rejects: Rejects, read: Callable[[Part, Rejects], Iterator[Batch]]
) -> Iterator[Batch]:
    """Return what a reader of files makes of an answer.

    Raises:
        FormatError: nothing.
    """
    return read(Part(name, None, len(content), lambda: io.BytesIO(content)), rejects)


def needed_httpx() -> Any:
    """Return the module httpx, with its log of addresses turned off.

    Raises:
        MissingExtraError: it is not installed.
    """
    try:
        import httpx
    except ImportError:
        raise MissingExtraError(
            'Feeds over HTTP need the package httpx. Install it with: pip install "wideberth[serve]"'
        ) from None
    logging.getLogger("httpx").addFilter(_no_addresses)
    return httpx


def _no_addresses(record: logging.LogRecord) -> bool:
    return record.levelno >= logging.WARNING

"""OpenSky's REST interface, ``/states/all``: ``opensky:`` for the world, ``opensky:WEST,SOUTH,EAST,NORTH`` for a box.

Parsed by `wideberth.read.opensky`.  With a client's id and secret (``OPENSKY_CLIENT_ID`` and
``OPENSKY_CLIENT_SECRET``, or the file that OpenSky gives, by ``#credentials=FILE``) states are fresh by 5 s and a
day has 4,000 credits; without, by 10 s and 400.  A question costs 1 to 4 credits by the size of the box.  So that
they last the day, the feed asks no oftener than the credits left allow until midnight UTC: for a box of at most 25
square degrees every 22 s with a client, every 216 s without.  ``#every=5s`` asks that often and lets them run out.
A 429 is obeyed: its ``X-Rate-Limit-Retry-After-Seconds`` says how long.

A token of OAuth 2 holds for half an hour; a new one is had a minute before it ends, and once after a 401.

Source: openskynetwork/opensky-api, docs/free/rest.rst (limitations, credit usage) and README (authentication).
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wideberth.errors import UsageError, reason
from wideberth.read.opensky import read
from wideberth.serve.feeds.base import FeedDownError, _now_s
from wideberth.serve.feeds.polled import PolledFeed, refused, retry_s, rows_of
from wideberth.units import MICROSECONDS_PER_SECOND

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

    from wideberth.read.batch import Batch
    from wideberth.serve.clock import Clock
    from wideberth.serve.feeds.address import Address

API = "https://opensky-network.org/api"
TOKEN_URL = "https://auth.opensky-network.org/auth/realms/opensky-network/protocol/openid-connect/token"
FRESH_S, FRESH_ANONYMOUS_S = 5.0, 10.0
DAILY, DAILY_ANONYMOUS = 4000, 400
SPARE_S = 60.0  # a token is renewed so long before it ends
DAY_S = 86_400.0
COSTS = ((25.0, 1), (100.0, 2), (400.0, 3))  # square degrees, credits; 4 for more


class OpenSky(PolledFeed):
    """States of OpenSky."""

    kind = "opensky"
    silent_s = 300.0

    def __init__(self, address: Address, clock: Clock) -> None:
        super().__init__(address, clock)
        self._api = (os.environ.get("OPENSKY_API") or API).rstrip("/")
        self._token_url = os.environ.get("OPENSKY_TOKEN_URL") or TOKEN_URL
        self._box = box_of(address.path)
        self._client_id, self._secret = client_of(address)
        self._token = ""
        self._token_until_s = 0.0
        self._left: int | None = None
        self._is_paced = "every" not in address.options
        self.cost = cost_of(self._box)
        self._worry_after(self._pause_s())

    async def _ask(self, client: httpx.AsyncClient) -> bytes:
        for is_last in (False, True):
            headers = {"Authorization": f"Bearer {await self._bearer(client)}"} if self._client_id else {}
            response, content = await self._get(
                client, f"{self._api}/states/all", params=self._box, headers=headers
            )
            if response.status_code == 401 and self._client_id and not is_last:
                self._token = ""
                continue
            break
        if response.status_code == 429:
            self._left = 0
            self.link.notes["credits"] = "none left"
            seconds = retry_s(response.headers.get("X-Rate-Limit-Retry-After-Seconds"))
            raise FeedDownError(
                "answer 429: the credits are used up" if seconds is None else
                f"answer 429: the credits are used up; OpenSky says to come back in {seconds:,.0f} s",
                seconds,
            )  # fmt: skip
        if response.status_code != 200:
            raise refused(response)
        self._count(response.headers.get("X-Rate-Limit-Remaining"))
        return content

    def _count(self, left: str | None) -> None:
        if left is not None and left.strip().isdigit():
            self._left = int(left)
            self.link.notes["credits"] = f"{self._left:,} left"

    def _pause_s(self) -> float:
        """Return how long to wait: as long as the credits have to last, no shorter than states stay the same."""
        fresh_s = FRESH_S if self._client_id else FRESH_ANONYMOUS_S
        if not self._is_paced:
            return self._every_s
        now_s = self._clock.now_us() / MICROSECONDS_PER_SECOND
        left = self._left if self._left is not None else (DAILY if self._client_id else DAILY_ANONYMOUS)
        whole_day_s = DAY_S if self._left is None else DAY_S - now_s % DAY_S
        return max(fresh_s, whole_day_s * self.cost / max(left, 1))

    async def _bearer(self, client: httpx.AsyncClient) -> str:
        """Return a token that holds for a while yet.

        Raises:
            FeedDownError: OpenSky gives none.
        """
        if self._token and _now_s() < self._token_until_s:
            return self._token
        data = {
            "grant_type": "client_credentials",
            "client_id": self._client_id,
            "client_secret": self._secret,
        }
        try:
            response = await client.post(self._token_url, data=data)
        except self._httpx.HTTPError as error:
            raise FeedDownError(
                f"no token: OpenSky's login does not answer ({type(error).__name__})"
            ) from None
        if response.status_code in (400, 401, 403):
            raise FeedDownError("no token: OpenSky does not accept the client's id and secret", 300.0)
        if response.status_code != 200:
            raise FeedDownError(f"no token: OpenSky's login answers {response.status_code}")
        try:
            told: Any = response.json()
            self._token = str(told["access_token"])
            self._token_until_s = _now_s() + max(float(told.get("expires_in", 1800.0)) - SPARE_S, 1.0)
        except (ValueError, TypeError, KeyError, AttributeError):
            raise FeedDownError("no token: OpenSky's login answers something else") from None
        return self._token

    def _parse(self, content: bytes) -> Iterator[Batch]:
        return rows_of(content, self.name, self.link.rejects, read)


def box_of(text: str) -> dict[str, str]:
    """Return the box of ``WEST,SOUTH,EAST,NORTH`` by OpenSky's names; empty for the world.

    Raises:
        UsageError: it is none.
    """
    if not text.strip("/"):
        return {}
    try:
        west, south, east, north = (float(part) for part in text.strip("/").split(","))
    except ValueError:
        raise UsageError(
            f"--feed opensky:{text[:40]}: a box is WEST,SOUTH,EAST,NORTH in degrees, "
            "such as opensky:5.9,45.8,10.6,47.9."
        ) from None
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        raise UsageError(
            f"--feed opensky:{text[:40]}: west must be less than east, and south less than north."
        )
    return {"lamin": f"{south:g}", "lomin": f"{west:g}", "lamax": f"{north:g}", "lomax": f"{east:g}"}


def cost_of(box: dict[str, str]) -> int:
    """Return how many credits a question for a box costs."""
    if not box:
        return 4
    area = (float(box["lamax"]) - float(box["lamin"])) * (float(box["lomax"]) - float(box["lomin"]))
    return next((cost for most, cost in COSTS if area <= most), 4)


def client_of(address: Address) -> tuple[str, str]:
    """Return the client's id and secret, empty where none are given.

    Raises:
        UsageError: the file that is named cannot be read, or is another; or only one of both is set.
    """
    path = address.options.get("credentials")
    if path is not None:
        try:
            told = json.loads(Path(path).expanduser().read_text("utf-8"))
            return str(told["clientId"]), str(told["clientSecret"])
        except OSError as error:
            raise UsageError(f"--feed opensky: '{path}': {reason(error)}.") from None
        except (ValueError, KeyError, TypeError):
            raise UsageError(
                f'--feed opensky: \'{path}\' is no file of credentials: it holds "clientId" and "clientSecret".'
            ) from None
    client, secret = os.environ.get("OPENSKY_CLIENT_ID", ""), os.environ.get("OPENSKY_CLIENT_SECRET", "")
    if bool(client) != bool(secret):
        raise UsageError(
            "--feed opensky: OPENSKY_CLIENT_ID and OPENSKY_CLIENT_SECRET go together; one of them is not set."
        )
    return client, secret

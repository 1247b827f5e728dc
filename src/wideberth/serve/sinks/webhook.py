"""A webhook: each event as a signed POST of JSON.

The signature is HMAC-SHA256 of ``TIME.BODY`` by a secret that both sides know, in ``X-Wideberth-Signature`` as
``t=TIME,v1=HEX``: so a receiver sees that it is ours, unchanged, and not an old one sent again.  ``X-Wideberth-Id`` is
the same when an event is told a second time.  No redirect is followed: the secret was agreed with one address.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from wideberth.errors import UsageError

if TYPE_CHECKING:
    from http.client import HTTPMessage

TIMEOUT_S = 10.0


def signature(secret: bytes, at_s: int, body: bytes) -> str:
    """Return the value of the header that signs a body.

    >>> signature(b"secret", 0, b"{}")[:12]
    't=0,v1=4bbe8'
    """
    digest = hmac.new(secret, f"{at_s}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at_s},v1={digest}"


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(
        self, req: urllib.request.Request, fp: Any, code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> None:  # fmt: skip
        return None


@dataclass(eq=False)
class Webhook:
    """Tells an address over HTTP.

    Attributes:
        url: http or https, without anything that is not in an address.
        secret: that signs.
        name: as the outbox knows it; the address without user, password and query if none is given.

    Raises:
        UsageError: no such address, or no secret.
    """

    url: str
    secret: bytes = field(repr=False)
    name: str = ""

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        is_plain = self.url.isascii() and self.url.isprintable() and " " not in self.url
        if parts.scheme not in ("http", "https") or not parts.hostname or not is_plain:
            raise UsageError(
                "a webhook's address begins with http:// or https:// and has no blanks or control signs."
            )
        if not self.secret:
            raise UsageError("a webhook needs a secret that signs what it is told.")
        self.name = self.name or f"{parts.scheme}://{parts.hostname}{parts.path}"
        self._open = urllib.request.build_opener(_NoRedirect).open

    def take(self, name: str, message: dict[str, Any]) -> None:
        """Post a message.

        Raises:
            OSError: there was no answer, or one other than 2xx.
        """
        body = json.dumps(message, sort_keys=True).encode()
        request = urllib.request.Request(
            self.url,
            body,
            {
                "Content-Type": "application/json",
                "X-Wideberth-Id": name,
                "X-Wideberth-Signature": signature(self.secret, int(time.time()), body),
            },
        )
        try:
            with self._open(request, timeout=TIMEOUT_S) as answer:
                answer.read(1024)
        except urllib.error.HTTPError as error:
            error.close()
            raise OSError(f"answered {error.code}") from None
        except urllib.error.URLError as error:
            raise OSError(f"no answer: {error.reason}") from None

"""Addresses of feeds: ``sbs://roof.lan:30003#name=roof,offset=-1.5s``.

What stands behind ``#`` is for wideberth and goes to no server: ``name`` (as shown), ``every`` (between two
questions), ``silent`` (when to worry), ``offset`` (added to the sender's times).  Users, passwords and whatever an
address has behind ``?`` are secret: the name that is shown has none of them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from wideberth.errors import UsageError
from wideberth.units import parse_duration_s

OPTIONS = {
    "name": "how the feed is called",
    "every": "how long to wait between two questions, such as 2s",
    "silent": "after how long without a row the feed counts as stopped, such as 5min",
    "offset": "is added to the sender's times, such as -1.5s",
    "credentials": "a file with the client's id and secret",
    "ca": "a file with the certificate that signed the server's",
}
_NAME = re.compile(r"[^\x00-\x1f\x7f]{1,60}")


@dataclass(frozen=True)
class Address:
    """Where a feed is.

    Attributes:
        kind: the scheme, in lower case.
        url: all before the ``#``; may hold secrets, so that it is not shown.
        name: what is shown.
        host, port: where that is a part of it.
        options: by name, as written.
    """

    kind: str
    url: str = field(repr=False)
    name: str
    host: str = ""
    port: int | None = None
    user: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)
    path: str = ""
    options: dict[str, str] = field(default_factory=dict)

    def seconds(self, option: str, default: float) -> float:
        """Return a duration that an option gives.

        Raises:
            UsageError: it is none.
        """
        text = self.options.get(option)
        return default if text is None else parse_duration_s(text)

    @property
    def offset_s(self) -> float:
        """Return what is to be added to the sender's times, in seconds.

        Raises:
            UsageError: it is no duration.
        """
        text = self.options.get("offset", "0s")
        sign = -1.0 if text.startswith("-") else 1.0
        return sign * parse_duration_s(text.lstrip("+-"))


def parse(text: str) -> Address:
    """Return the address that a text is.

    Raises:
        UsageError: it cannot be one; the message shows nothing behind the scheme that may be secret.
    """
    where, _, fragment = text.strip().partition("#")
    kind, colon, rest = where.partition(":")
    kind = kind.lower()
    if not colon or not re.fullmatch(r"[a-z][a-z0-9+-]*", kind):
        raise UsageError(
            f"--feed: '{text.split('@')[-1][:60]}' has no scheme. Write sbs://HOST, readsb://HOST, "
            "http://HOST/…/aircraft.json or replay:FILE@20x; docs/live.md lists all."
        )
    options = _options(fragment, kind)
    if not rest.startswith("//"):
        # Of a recording the file's name, without its folders.
        name = options.get("name", f"{kind}:{rest.rpartition('/')[2]}" if kind == "replay" else kind)
        return Address(kind, where, _checked(name), path=rest, options=options)
    try:
        parts = urlsplit(where)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise UsageError(f"--feed {kind}://…: the host or the port cannot be read.") from None
    if not host:
        raise UsageError(f"--feed {kind}://: there is no host in it. Write {kind}://localhost.")
    shown = f"[{host}]" if ":" in host else host
    name = f"{kind}://{shown}" + (f":{port}" if port is not None else "") + parts.path.rstrip("/")
    return Address(
        kind,
        where,
        _checked(options.get("name", name)),
        host,
        port,
        None if parts.username is None else unquote(parts.username),
        None if parts.password is None else unquote(parts.password),
        parts.path,
        options,
    )


def _checked(name: str) -> str:
    if _NAME.fullmatch(name[:60]) is None:
        raise UsageError("--feed: its name holds characters that cannot be shown.")
    return name[:60]


def _options(fragment: str, kind: str) -> dict[str, str]:
    options = {}
    for part in filter(None, fragment.split(",")):
        name, equals, value = part.partition("=")
        if not equals or name not in OPTIONS or not value:
            known = "; ".join(f"{each}: {meaning}" for each, meaning in OPTIONS.items())
            raise UsageError(f"--feed {kind}: '#{name}' is no option of a feed. Known are {known}.")
        options[name] = value
    return options

"""A report as one HTML file, which opens offline: the page, its script and style, the base map and the data.

Its content-security policy forbids every request; with tiles it names their one host.  Script and style are let in by
their SHA-256.  Data stand in base64, a title and the answer for readers without scripts are escaped.
"""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from html import escape
from importlib import resources
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from wideberth import tables
from wideberth.errors import UsageError
from wideberth.report.content import Basis, Room, document

if TYPE_CHECKING:
    from pathlib import Path

    from wideberth.report.document import Document

MOST_BYTES = 25_000_000
"""Of a report; what is beyond is left out, the lowest in rank first, and the report says so."""


def write(
    basis: Basis,
    path: Path,
    *,
    tiles: str | None = None,
    among: tables.Together | None = None,
    room: Room | None = None,
) -> int:
    """Write a report, whole or not at all, and return its size in bytes.

    Args:
        basis: what it is made of.
        path: where.
        tiles: the address of map tiles, with {z}, {x} and {y}; without it the page asks nobody for anything.
        among: the files that it is written together with.
        room: how much it holds at most; less if that would be larger than `MOST_BYTES`.
    Raises:
        UsageError: the address of the tiles cannot be one.
        WriteError: the file could not be written; none is left behind.
    """
    text = html(basis, tiles=tiles, room=room)
    with tables.whole_file(path) if among is None else among.file(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
    return len(text.encode("utf-8"))


def html(basis: Basis, *, tiles: str | None = None, room: Room | None = None) -> str:
    """Return the page."""
    host = _host(tiles)
    left = room or Room()
    while True:
        made = document(basis, left)
        made.manifest["tiles"] = tiles
        page = _filled(made, host)
        if len(page) <= MOST_BYTES or left == left.less():
            return page
        left = left.less()


def _filled(made: Document, host: str | None) -> str:
    script, style = _asset("report.js"), _asset("report.css")
    said = "".join(f"<p>{escape(each)}</p>" for each in made.manifest["answer"])
    parts = {
        "title": escape(made.manifest["title"]),
        "csp": escape(_policy(script, style, host), quote=True),
        "style": style,
        "noscript": f"<h1>{escape(made.manifest['title'])}</h1>{said}",
        "basemap": _basemap(),
        "data": made.pack(),
        "script": script,
    }
    # Text and name in turn: what is put in is not looked at again, whatever it holds.
    pieces = re.split(r"\{\{(\w+)\}\}", _asset("report.html"))
    pieces[1::2] = [parts[name] for name in pieces[1::2]]
    return "".join(pieces)


def _policy(script: str, style: str, host: str | None) -> str:
    images = " ".join(filter(None, ("data:", "blob:", host)))
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'sha256-{_sha256(script)}'",
            f"style-src 'sha256-{_sha256(style)}'",
            f"img-src {images}",
            "connect-src 'none'",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )


def _host(tiles: str | None) -> str | None:
    """Return the origin that tiles come from."""
    if tiles is None:
        return None
    try:
        parts = urlsplit(tiles)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    has_all = all(mark in tiles for mark in ("{z}", "{x}", "{y}"))
    name = parts.hostname or ""
    is_name = bool(name) and name.isascii() and all(each.isalnum() or each in "-." for each in name)
    if parts.scheme not in ("http", "https") or not is_name or not has_all:
        raise UsageError(
            f"'{tiles}' is no address of map tiles. Write it like https://tiles.example.org/{{z}}/{{x}}/{{y}}.png."
        )
    return f"{parts.scheme}://{name}" + (f":{port}" if port else "")


def _sha256(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")


@cache
def _asset(name: str) -> str:
    return (resources.files("wideberth.report") / "assets" / name).read_text(encoding="utf-8")


@cache
def _basemap() -> str:
    content = (resources.files("wideberth.report") / "assets" / "basemap.bin").read_bytes()
    return base64.b64encode(content).decode("ascii")

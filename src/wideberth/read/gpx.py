"""GPX 1.0 and 1.1: tracks of GPS receivers, drones and gliders, in XML.

A row is a ``trkpt`` with a ``time``.  Source: the GPX schemas of TopoGrafix.

**Height.**  ``ele`` is metres and the schema does not say above what.  Receivers mostly write height
above mean sea level.  It is taken as height above the ellipsoid, ``height_m``, which may be off by
the height of the geoid, -107 to +86 m.  Two tracks of one kind compare like with like; a track beside
ADS-B heights may not.  Where a point has ``geoidheight``, the schema defines it as what to add, and it
is added.

**Address.**  GPX has none.  A track gets ``~`` and six hex digits: a hash of its name, its number in
the file, and its first point.  So it is the same in every run and in a renamed copy, whose points are
then duplicates and set aside.  Two of 1,000 tracks share one by chance in 3 of 100 cases.

Points of routes and single waypoints were planned or marked, not flown, and are rejected.  Times
without an offset are UTC, as the schema says.  ``speed`` (m/s) and ``course`` are read where GPX 1.0
and Garmin's TrackPointExtension have them.

The file is parsed as it streams.  Document type declarations are refused, and with them every entity
that could grow or reach out.  Where the XML breaks, reading goes on at the next ``<trkpt``.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from hashlib import blake2b
from typing import TYPE_CHECKING
from xml.parsers import expat

from wideberth.errors import FormatError
from wideberth.read.formats import Format
from wideberth.read.rowwise import LONGEST_TEXT, Rows, instant_us, label, numeral
from wideberth.units import MPS_PER_KNOT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wideberth.read.batch import Batch, Rejects
    from wideberth.read.sources import Part

CHUNK_BYTES = 64 * 1024
MOST_BREAKS = 1000  # places where the XML is broken, before the rest is given up
_RESUME = re.compile(rb"<trk(pt)?[\s>]")

_NAMES = (
    "icao24",
    "t",
    "lat_deg",
    "lon_deg",
    "height_m",
    "groundspeed_kt",
    "track_deg",
    "callsign",
    "source",
    "source_row",
)
_ROOT = re.compile(rb"<(?:\w+:)?gpx[\s>]")
_BREAKS = (expat.ExpatError, LookupError, ValueError)  # the others for a declared encoding that is none
_TEXTS = {"name", "ele", "time", "geoidheight", "speed", "course"}
_POINT_PARENTS = ("trkpt", "TrackPointExtension")


def _looks_like(head: bytes, name: str) -> bool:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        head = head[: len(head) & ~1].decode("utf-16", "replace").encode()
    return _ROOT.search(head) is not None


def pseudo_address(*parts: str) -> str:
    """Return the address of what has none: ``~`` and six hex digits, the same for the same parts.

    >>> pseudo_address("morning flight", "1")
    '~fe9f2f'
    """
    return "~" + blake2b("\0".join(parts).encode("utf-8", "replace"), digest_size=3).hexdigest()


def read(part: Part, rejects: Rejects) -> Iterator[Batch]:
    """Read the tracks of a GPX file.

    Raises:
        FormatError: the file declares a document type, which GPX has no use for.
    """
    rows = Rows(part.name, _NAMES)
    document = _Document(rows, part.name, rejects)
    stream_parser = _ResumingParser(document)
    with part.open() as stream:
        while chunk := stream.read(CHUNK_BYTES):
            stream_parser.feed(chunk)
            if rows.is_full():
                yield from rows.taken()
    stream_parser.close()
    yield from rows.taken()


class _ResumingParser:
    """Feeds a document to expat, and after a break in the XML goes on at the next track or point."""

    def __init__(self, document: _Document) -> None:
        self._document = document
        self._breaks = 0
        self._skipped = b""
        self._encoding: str | None = None
        self._begin(b"")

    def _begin(self, context: bytes) -> None:
        parser = expat.ParserCreate(self._encoding)
        parser.buffer_text = True
        parser.XmlDeclHandler = self._declared
        parser.StartDoctypeDeclHandler = self._refuse
        self._parser: expat.XMLParserType | None = parser
        parser.Parse(context, False)  # the open elements in which the rest can stand, before anyone listens
        self._fed = len(context)
        parser.StartElementHandler = self._document.start
        parser.EndElementHandler = self._document.end
        parser.CharacterDataHandler = self._document.text

    def _declared(self, version: str, encoding: str | None, standalone: int) -> None:
        self._encoding = encoding if encoding is not None and _is_single_byte(encoding) else None

    def _refuse(self, *of_doctype: object) -> None:
        raise FormatError(
            f"{self._document.source}: the file declares a document type (<!DOCTYPE ...>). GPX has no use "
            "for one, and it could make entities grow without end. Remove it if you trust the file."
        )

    def feed(self, chunk: bytes) -> None:
        while chunk and self._breaks < MOST_BREAKS:
            if self._parser is None:
                chunk = self._skipped + chunk
                resume = _RESUME.search(chunk)
                if resume is None:
                    self._skipped = chunk[-len(b"<trkpt") :]
                    return
                self._skipped = b""
                chunk = chunk[resume.start() :]
                at_point = resume.group(1) is not None
                self._document.resume(at_point=at_point)
                self._begin(b"<gpx><trk><trkseg>" if at_point else b"<gpx>")
            parser, before = self._parser, self._fed
            assert parser is not None
            try:
                parser.Parse(chunk, False)
            except _BREAKS as error:
                self._break(error)
                chunk = chunk[max(parser.ErrorByteIndex - before, 1) :]
            else:
                self._fed += len(chunk)
                return

    def close(self) -> None:
        if self._parser is not None and self._breaks < MOST_BREAKS:
            try:
                self._parser.Parse(b"", True)
            except _BREAKS as error:
                self._break(error)

    def _break(self, error: Exception) -> None:
        self._breaks += 1
        self._document.broke(str(error).partition(": line")[0])
        if self._breaks == MOST_BREAKS:
            self._document.reject(
                "the rest of a file damaged throughout", f"given up after {MOST_BREAKS} breaks"
            )
        self._parser = None


def _is_single_byte(encoding: str) -> bool:
    """Tell whether each byte is a character, so that reading can go on anywhere."""
    try:
        return len(bytes(range(256)).decode(encoding, "replace")) == 256 and "<".encode(encoding) == b"<"
    except LookupError:
        return False


class _Document:
    """Turns the elements of a GPX file into rows."""

    def __init__(self, rows: Rows, source: str, rejects: Rejects) -> None:
        self.source = source
        self._rows = rows
        self._rejects = rejects
        self._open: list[str] = []
        self._track = 0
        self._name: str | None = None
        self._address: str | None = None
        self._point: dict[str, str] | None = None
        self._points = 0
        self._collecting: str | None = None
        self._text: list[str] = []

    def reject(self, reason: str, example: str) -> None:
        self._rejects.add(self.source, reason, example)

    def broke(self, why: str) -> None:
        where = "in" if self._point is not None else "after"
        self.reject("damaged XML", f"{why} {where} point {self._points}")
        self._point = self._collecting = None

    def resume(self, *, at_point: bool) -> None:
        self._open = ["gpx", "trk", "trkseg"] if at_point else ["gpx"]

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        tag = tag.rpartition(":")[2]
        parent = self._open[-1] if self._open else ""
        self._open.append(tag)
        if tag == "trkpt":
            self._points += 1
            self._point = {"lat": attributes.get("lat", ""), "lon": attributes.get("lon", "")}
        elif tag == "trk":
            self._track += 1
            self._name = self._address = None
        elif tag in ("rtept", "wpt"):
            kind = "a point of a route" if tag == "rtept" else "a waypoint"
            self.reject(f"{kind}, not of a track", f"at {attributes.get('lat')}, {attributes.get('lon')}")
        elif tag in _TEXTS and (parent in _POINT_PARENTS or (tag == "name" and parent == "trk")):
            self._collecting = tag
            self._text = []

    def text(self, text: str) -> None:
        if self._collecting is not None and len(self._text) <= LONGEST_TEXT:
            self._text.append(text[:LONGEST_TEXT])

    def end(self, tag: str) -> None:
        tag = tag.rpartition(":")[2]
        if self._open:
            self._open.pop()
        if tag == self._collecting:
            content = "".join(self._text)
            self._collecting = None
            if self._point is not None:
                self._point.setdefault(tag, content)
            elif tag == "name":
                self._name = label(content)
        elif tag == "trkpt" and self._point is not None:
            self._add(self._point)
            self._point = None

    def _add(self, point: dict[str, str]) -> None:
        where = f"point {self._points} at {point['lat']}, {point['lon']}"
        lat_deg, lon_deg = numeral(point["lat"]), numeral(point["lon"])
        if lat_deg is None or lon_deg is None:
            self.reject("point without latitude or longitude", where)
            return
        if "time" not in point:
            self.reject("point without time", where)
            return
        t_us = _instant_us(point["time"].strip())
        if t_us is None:
            self.reject("time that is not readable", f"{where}: {point['time']}")
            return
        if self._address is None:
            first = (point["time"], point["lat"], point["lon"])
            self._address = pseudo_address(self._name or "", str(self._track), *first)
        height_m = numeral(point.get("ele", ""))
        geoid_m = numeral(point.get("geoidheight", ""))
        if height_m is not None and geoid_m is not None:
            height_m += geoid_m
        speed_mps = numeral(point.get("speed", ""))
        self._rows.add(
            (
                self._address,
                t_us,
                lat_deg,
                lon_deg,
                height_m,
                None if speed_mps is None else speed_mps / MPS_PER_KNOT,
                numeral(point.get("course", "")),
                self._name,
                "gpx",
                self._points - 1,
            )
        )


def _instant_us(text: str) -> int | None:
    if "T" not in text:
        return None
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        return None
    return instant_us((instant if instant.tzinfo else instant.replace(tzinfo=UTC)).timestamp())


FORMAT = Format(
    name="gpx",
    title="GPX 1.0 and 1.1 tracks",
    looks_like=_looks_like,
    read=read,
    bounded=True,
    extra=None,
)

"""SBS BaseStation text, as receivers send it on TCP port 30003: a message a line, fields by comma.

Fields, counted from 1: 1 ``MSG``, 2 kind of message, 5 address, 7 and 8 date and time when it was
generated, 9 and 10 when it was logged, 11 callsign, 12 altitude (ft), 13 ground speed (kt), 14 track
(deg), 15 latitude, 16 longitude, 17 vertical rate (ft/min), 18 squawk, 22 on the ground (-1 or 1).
MSG,1 carries the callsign, 2 a position on the ground, 3 position and altitude, 4 the velocity,
5, 6 and 7 altitude or squawk.  ``MLAT`` in the first field is mlat-client's mark of a position that
was computed from arrival times.  Source: woodair.net's description and samples of the format.

A row is a message with a position.  It gets from the same address the callsign and squawk last heard
within 10 minutes, and speed, track and vertical rate within 10 s.  Altitude is never joined: in 10 s
an aircraft may climb 1000 ft.  The row's time is when the message was generated; old BaseStation
versions logged it minutes later.  **The format tells no time zone: times are taken as UTC.**
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from wideberth.read.formats import Format
from wideberth.read.rowwise import Rows, instant_us, label, lines, numeral
from wideberth.units import MICROSECONDS_PER_SECOND

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wideberth.read.batch import Batch, Rejects
    from wideberth.read.sources import Part

NAMES_HOLD_US = 600 * MICROSECONDS_PER_SECOND
VELOCITY_HOLDS_US = 10 * MICROSECONDS_PER_SECOND
LONGEST_LINE = 1024  # a message has about 100 bytes
KINDS_WITHOUT_MESSAGE = ("SEL", "ID", "AIR", "STA", "CLK")
SURFACE_POSITION = "2"

_NAMES = (
    "icao24",
    "t",
    "lat_deg",
    "lon_deg",
    "altitude_ft",
    "on_ground",
    "groundspeed_kt",
    "track_deg",
    "vertical_rate_fpm",
    "callsign",
    "squawk",
    "source",
    "source_row",
)
_LINE = re.compile(rb"(?:MSG,[1-8]|MLAT,[1-8]|SEL|ID|AIR|STA|CLK),[^\r\n]*,")
_MESSAGE = re.compile(rb"^(?:MSG|MLAT),[1-8],", re.MULTILINE)
_ADDRESS = re.compile(r"^~?[0-9A-Fa-f]{6}$")
_DATE = re.compile(r"^(\d{4})[/-](\d\d?)[/-](\d\d?)$")
_TIME = re.compile(r"^(\d\d?):(\d\d):(\d\d(?:\.\d+)?)$")


def _looks_like(head: bytes, name: str) -> bool:
    return _LINE.match(head.lstrip(b"\xef\xbb\xbf \t\r\n")) is not None or len(_MESSAGE.findall(head)) > 1


@dataclass
class _Heard:
    """What one address said last, and when."""

    callsign: str | None = None
    callsign_us: int = 0
    squawk: str | None = None
    squawk_us: int = 0
    groundspeed_kt: float | None = None
    track_deg: float | None = None
    vertical_rate_fpm: float | None = None
    velocity_us: int = 0
    last_us: int = 0

    def take(self, t_us: int, fields: list[str]) -> None:
        self.last_us = t_us
        callsign, squawk = label(fields[10]), label(fields[17])
        if callsign is not None:
            self.callsign, self.callsign_us = callsign, t_us
        if squawk is not None:
            self.squawk, self.squawk_us = squawk, t_us
        velocity = [numeral(fields[i]) for i in (12, 13, 16)]
        if any(value is not None for value in velocity):
            self.groundspeed_kt, self.track_deg, self.vertical_rate_fpm = velocity
            self.velocity_us = t_us


class Listener:
    """Follows each address through the messages of one source and makes a row of each position.

    Attributes:
        rows: collects them.
    """

    def __init__(self, source: str, rejects: Rejects) -> None:
        self.rows = Rows(source, _NAMES)
        self._source = source
        self._rejects = rejects
        self._heard: dict[str, _Heard] = {}
        self._dates: dict[str, int] = {}

    def hear(self, at: int, line: bytes) -> None:
        """Take one line in; ``at`` is its place in the source, counted from 0."""
        fields = line.decode("latin-1").strip().split(",")
        kind = fields[0].upper()
        if kind in KINDS_WITHOUT_MESSAGE:
            self._rejects.add(self._source, "not a position message", f"line {at + 1}: {kind}")
            return
        if kind not in ("MSG", "MLAT") or not 11 <= len(fields) <= 40:
            if line.strip(b"\x00\r\n\t "):
                self._reject("not an SBS message", at, line)
            return
        fields += [""] * (22 - len(fields))  # trailing empty fields may be left out
        icao24 = fields[4].strip()
        if _ADDRESS.match(icao24) is None:
            self._reject("no address", at, line)
            return
        t_us = _instant_us(fields[6].strip(), fields[7].strip(), self._dates)
        if t_us is None:
            self._reject("no time", at, line)
            return
        known = self._heard.setdefault(icao24.lower(), _Heard())
        known.take(t_us, fields)
        lat_deg, lon_deg = numeral(fields[14]), numeral(fields[15])
        is_surface = fields[1] == SURFACE_POSITION
        if lat_deg is None or lon_deg is None:
            if is_surface or fields[1] == "3":
                self._reject("position message without a position", at, line)
            return
        has_name = abs(t_us - known.callsign_us) <= NAMES_HOLD_US
        has_squawk = abs(t_us - known.squawk_us) <= NAMES_HOLD_US
        has_velocity = abs(t_us - known.velocity_us) <= VELOCITY_HOLDS_US
        self.rows.add(
            (
                icao24.lower(),
                t_us,
                lat_deg,
                lon_deg,
                numeral(fields[11]),
                is_surface or fields[21].strip() in ("-1", "1"),
                known.groundspeed_kt if has_velocity else None,
                known.track_deg if has_velocity else None,
                known.vertical_rate_fpm if has_velocity else None,
                known.callsign if has_name else None,
                known.squawk if has_squawk else None,
                "mlat" if kind == "MLAT" else None,
                at,
            )
        )

    def _reject(self, reason: str, at: int, line: bytes) -> None:
        self._rejects.add(self._source, reason, f"line {at + 1}: {line[:80]!r}")

    def forget(self, keep: int) -> None:
        """Forget all but the addresses heard last, so that listening may go on for months."""
        by_age = sorted(self._heard.items(), key=lambda each: each[1].last_us, reverse=True)
        self._heard = dict(by_age[:keep])
        self._dates.clear()

    def __len__(self) -> int:
        return len(self._heard)


def read(part: Part, rejects: Rejects) -> Iterator[Batch]:
    """Read the positions of a capture, line by line."""
    listener = Listener(part.name, rejects)
    with part.open() as stream:
        for at, line in lines(stream, LONGEST_LINE):
            listener.hear(at, line)
            if listener.rows.is_full():
                yield from listener.rows.taken()
    yield from listener.rows.taken()


def _instant_us(date: str, time: str, dates: dict[str, int]) -> int | None:
    """Return the instant of a date like 2015/02/08 and a time like 17:57:53.917; ``dates`` remembers days."""
    day_s = dates.get(date)
    if day_s is None:
        parts = _DATE.match(date)
        if parts is None:
            return None
        try:
            day_s = int(datetime(int(parts[1]), int(parts[2]), int(parts[3]), tzinfo=UTC).timestamp())
        except ValueError:
            return None
        dates[date] = day_s
    clock = _TIME.match(time)
    if clock is None:
        return None
    hour, minute, second = int(clock[1]), int(clock[2]), float(clock[3])
    if hour > 23 or minute > 59 or second >= 61:
        return None
    return instant_us(day_s + hour * 3600 + minute * 60 + second)


FORMAT = Format(
    name="sbs",
    title="SBS BaseStation text (TCP port 30003)",
    looks_like=_looks_like,
    read=read,
    bounded=True,
    extra=None,
)

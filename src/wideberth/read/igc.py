"""IGC flight recorder files: gliders, paragliders and motor gliders, a record a line.

Source: FAI, Technical Specification for IGC-approved GNSS Flight Recorders, appendix A; FAI Sporting
Code 7H (CIVL) for the altitude headers.

A row is a ``B`` record: UTC time of day, latitude and longitude to 0.001 minute, validity, pressure
altitude and GNSS altitude in metres.  The date stands in ``HFDTE`` (``HFDTE010818`` or
``HFDTEDATE:010818,01``); a time that falls by more than 12 hours means that midnight has passed.

**Pressure altitude** is against 1013.25 hPa, so it is `altitude_ft`, rounded to 0.01 ft.  Where every
record says 00000 the recorder has no sensor, and it is unknown.  So it is where the header says
``HFALPALTPRESSURE:MSL``: then it was corrected for the weather.

**GNSS altitude** is above the ellipsoid, as the specification asks, unless the header says
``HFALGALTGPS:GEO``: paragliding instruments write it above the geoid.  It is then still taken as
height above the ellipsoid and may be off by the height of the geoid, -107 to +86 m; a note counts
it.  With validity V (no 3D fix) there is none; the position is kept.

``HFGID`` is the registration, ``HFCID`` the competition number, taken as the callsign.  The glider's
type (``HFGTY``) is free text and no ICAO designator, so it is not kept.

**Address.**  The format has no field for one.  (FLARM devices write theirs into comment lines, in a
form that is not published.)  A file gets ``~`` and six hex digits: a hash of its recorder's serial
number, date and first fix.  Extensions (``I`` records) are not read, decimal seconds among them.
"""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from wideberth.read.formats import Format, whole
from wideberth.read.gpx import pseudo_address
from wideberth.read.rowwise import Rows, instant_us, label, lines
from wideberth.units import METRES_PER_FOOT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wideberth.read.batch import Batch, Rejects
    from wideberth.read.sources import Part

LONGEST_LINE = 1024  # the specification allows 99 characters
HALF_A_DAY_S = 43_200
CENTURY_BREAK = 80  # two-digit years: 80 to 99 are of the 1900s; the format is of 1994

_NAMES = (
    "icao24",
    "t",
    "lat_deg",
    "lon_deg",
    "altitude_ft",
    "height_m",
    "callsign",
    "registration",
    "source",
    "source_row",
)
_FIX = re.compile(
    rb"B([0-2]\d)([0-5]\d)([0-5]\d)(\d\d)(\d{5})([NS])(\d{3})(\d{5})([EW])([AV])(\d{5}|-\d{4})(\d{5}|-\d{4})"
)
_DATE = re.compile(rb"H[FOP]DTE(?:DATE)?[:\s]*([0-3]\d)([01]\d)(\d\d)")
_FIRST = re.compile(rb"A[A-Z0-9]{3}")
_UNKNOWN = {"NIL", "NKN", "NOT SPECIFIED", "UNKNOWN"}


def _looks_like(head: bytes, name: str) -> bool:
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    records = start.splitlines()
    has_date_or_fix = any(_DATE.match(line) or _FIX.match(line) for line in records)
    return has_date_or_fix and bool(_FIRST.match(start) or start[:1] in (b"H", b"B"))


class _Header:
    """What the lines above the fixes said so far."""

    def __init__(self) -> None:
        self.recorder = ""
        self.midnight: datetime | None = None
        self.registration: str | None = None
        self.callsign: str | None = None
        self.gnss_reference = ""
        self.pressure_reference = ""

    def take(self, line: bytes) -> bool:
        """Take one line in; tell whether it gave a date."""
        if line.startswith(b"A"):
            self.recorder = self.recorder or line.decode("latin-1")
            return False
        date = _DATE.match(line)
        if date is not None:
            day, month, year = (int(group) for group in date.groups())
            try:
                self.midnight = datetime(
                    year + (1900 if year >= CENTURY_BREAK else 2000), month, day, tzinfo=UTC
                )
            except ValueError:
                return False
            return True
        code, value = line[2:5].upper(), _value(line)
        if code == b"GID":
            self.registration = value or self.registration
        elif code == b"CID":
            self.callsign = value or self.callsign
        elif code == b"ALG":
            self.gnss_reference = (value or "").upper()
        elif code == b"ALP":
            self.pressure_reference = (value or "").upper()
        return False


def _value(line: bytes) -> str | None:
    """Return what a header says: behind the colon, or behind the code where there is none."""
    text = line[5:].decode("latin-1")
    value = label(text.partition(":")[2] if ":" in text else text)
    return None if value is None or value.upper() in _UNKNOWN else value


def read(part: Part, rejects: Rejects) -> Iterator[Batch]:
    """Read the fixes of one flight."""
    header = _Header()
    fixes: list[tuple[int, float, float, int, int | None, int]] = []
    address = ""
    last_s: int | None = None
    days = 0
    with io.BytesIO(whole(part)) as stream:
        for at, raw in lines(stream, LONGEST_LINE):
            line = raw.strip(b"\x00\xef\xbb\xbf \t\r\n")
            if line[:1] in (b"A", b"H"):
                if header.take(line):
                    last_s, days = None, 0
                continue
            if line[:1] != b"B":
                if line and not line[:1].isalpha():
                    rejects.add(part.name, "not an IGC record", f"line {at + 1}: {line[:80]!r}")
                continue
            fix = _FIX.match(line)
            if fix is None:
                rejects.add(part.name, "fix that is not readable", f"line {at + 1}: {line[:80]!r}")
                continue
            if header.midnight is None:
                rejects.add(
                    part.name, "fix without a date (HFDTE) before it", f"line {at + 1}: {line[:80]!r}"
                )
                continue
            of_day_s = int(fix[1]) * 3600 + int(fix[2]) * 60 + int(fix[3])
            if last_s is not None and last_s - of_day_s > HALF_A_DAY_S:
                days += 1
            last_s = of_day_s
            t_us = instant_us((header.midnight + timedelta(days=days, seconds=of_day_s)).timestamp())
            if t_us is None:
                rejects.add(part.name, "time out of range", f"line {at + 1}: {line[:80]!r}")
                continue
            if not address:
                address = pseudo_address(header.recorder, str(header.midnight), line[:35].decode("latin-1"))
            lat_deg = _degrees(fix[4], fix[5], fix[6] == b"S")
            lon_deg = _degrees(fix[7], fix[8], fix[9] == b"W")
            gnss_m = int(fix[12]) if fix[10] == b"A" else None
            fixes.append((t_us, lat_deg, lon_deg, int(fix[11]), gnss_m, at))
    yield from _rows(fixes, header, address, part, rejects)


def _degrees(degrees: bytes, thousandths_of_minutes: bytes, is_negative: bool) -> float:
    value = int(degrees) + int(thousandths_of_minutes) / 60_000
    return -value if is_negative else value


def _rows(
    fixes: list[tuple[int, float, float, int, int | None, int]],
    header: _Header,
    address: str,
    part: Part,
    rejects: Rejects,
) -> Iterator[Batch]:
    has_sensor = any(pressure_m for _, _, _, pressure_m, _, _ in fixes)
    has_pressure = has_sensor and "MSL" not in header.pressure_reference
    has_gnss = any(gnss_m for _, _, _, _, gnss_m, _ in fixes)
    if fixes and has_sensor and not has_pressure:
        rejects.add(part.name, "note: pressure altitude corrected for the weather (HFALP), not used")
    if fixes and has_gnss and header.gnss_reference.endswith(("GEO", "GEOID", "MSL")):
        rejects.add(part.name, "note: GNSS altitude above the geoid (HFALG), taken as above the ellipsoid")
    rows = Rows(part.name, _NAMES)
    for t_us, lat_deg, lon_deg, pressure_m, gnss_m, at in fixes:
        rows.add(
            (
                address,
                t_us,
                lat_deg,
                lon_deg,
                round(pressure_m / METRES_PER_FOOT, 2) if has_pressure else None,
                None if gnss_m is None or not has_gnss else float(gnss_m),
                header.callsign,
                header.registration,
                "igc",
                at,
            )
        )
        if rows.is_full():
            yield from rows.taken()
    yield from rows.taken()


FORMAT = Format(
    name="igc",
    title="IGC flight recorder files",
    looks_like=_looks_like,
    read=read,
    bounded=False,
    extra=None,
)

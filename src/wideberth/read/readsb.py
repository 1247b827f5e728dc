"""Files of the receiver readsb and the map tar1090: ``aircraft.json`` and ``trace_full_*.json``.

Source: readsb's README-json.md; ADS-B Exchange's description of its API, version 2.

**aircraft.json** is what is known of all aircraft at one moment, ``now``.  The position of each is
older by ``seen_pos``, and that is the row's time.  Several such snapshots may stand in a file, one a
line.  The APIs of ADS-B Exchange, adsb.lol and others name the list ``ac`` and give ``now`` in
milliseconds.  Where a position is older than a minute readsb moves it into ``lastPosition``; the
altitude and speed beside it are newer than that and are not taken, since the aircraft had them
elsewhere.  ``altitude``, ``speed`` and ``vert_rate`` are the older dump1090's names.

**trace_full** is what one aircraft did in a day, a row for every few positions.  Flag 1 marks a row
before which no position came for 20 s, 2 a new leg (readsb's word for a flight), 4 a vertical rate
that is geometric, 8 an altitude that is: that one is a height here, not a pressure altitude.  On
the ground the column of the track holds the heading of the nose, so the track is unknown there.

Quality and names stand in an object that readsb adds to about every fourth row.  It lists what was
valid at that row and leaves out the rest.  So NIC, NACp, NACv and SIL hold until the next object,
become unknown where that one does not repeat them, and are forgotten 10 minutes after the last.
Callsign, squawk and category are sent every few seconds at best and are missing where they were
only not heard lately, so they hold until another is given.  A new leg, or 30 minutes without a row,
forgets all of it.  On the real traces at hand nine objects in ten follow within 80 s.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from wideberth.errors import FormatError
from wideberth.read.formats import Format, whole
from wideberth.read.rowwise import Rows, instant_us, label, level, lines, number
from wideberth.read.salvage import MOST_BREAKS, loaded, say_how_it_ended, whole_entries
from wideberth.units import METRES_PER_FOOT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wideberth.read.batch import Batch, Rejects
    from wideberth.read.sources import Part

FLAG_NEW_LEG = 2
FLAG_GEOMETRIC_ALTITUDE = 8
QUALITY_HOLDS_S = 600.0
NAMES_HOLD_S = 1800.0  # a gap above 30 minutes begins another flight (docs: the words)
MILLISECONDS_FROM = 1e11  # as seconds that is the year 5138, as milliseconds 1973
LONGEST_LINE = 256 * 2**20  # a snapshot of 20,000 aircraft takes about 15 MB

_NAMES = (
    "icao24",
    "t",
    "lat_deg",
    "lon_deg",
    "altitude_ft",
    "height_m",
    "on_ground",
    "groundspeed_kt",
    "track_deg",
    "vertical_rate_fpm",
    "callsign",
    "squawk",
    "category",
    "registration",
    "type_code",
    "source",
    "nic",
    "nac_p",
    "nac_v",
    "sil",
    "seen_pos_s",
    "source_row",
)
_LIST = re.compile(rb'"(?:aircraft|ac)"\s*:\s*\[')
_LIST_KEYS = ("aircraft", "ac")
_TRACE = re.compile(rb'"trace"\s*:\s*\[')
_OBJECT_BEGINS = re.compile(r'"now"\s*:\s*(-?[\d.]+)|\{\s*"hex"')
_TRACE_ROW_BEGINS = re.compile(r"\[\s*-?\d[\d.]*\s*,\s*(?:-?\d|null)")
_HEADER_VALUE = r'"%s"\s*:\s*("[^"\\]*"|-?[\d.]+)'


def _is_snapshot(head: bytes, name: str) -> bool:
    return head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") and _LIST.search(head) is not None


def _is_trace(head: bytes, name: str) -> bool:
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    return start.startswith(b"{") and b'"icao"' in start and _TRACE.search(start) is not None


def read_snapshots(part: Part, rejects: Rejects) -> Iterator[Batch]:
    """Read one ``aircraft.json``, or several, one a line.

    Raises:
        FormatError: neither a list of aircraft nor any aircraft was found.
    """
    rows = Rows(part.name, _NAMES)
    at = 0
    with part.open() as stream:
        for line_number, line in lines(stream, LONGEST_LINE):
            found = _snapshot(loaded(line))
            if found is not None:
                at = _add_snapshot(rows, *found, at, part, rejects)
            elif line_number == 0:  # then the lines are not snapshots, but one snapshot may have many lines
                break
            elif line.strip():
                rejects.add(part.name, "not a snapshot", f"line {line_number + 1}: {_shown(line)}")
            if rows.is_full():
                yield from rows.taken()
        else:
            yield from rows.taken()
            return
    content = whole(part)
    found = _snapshot(loaded(content))
    if found is not None:
        _add_snapshot(rows, *found, 0, part, rejects)
    else:
        _salvage_snapshots(content, rows, part, rejects)
    yield from rows.taken()


def _snapshot(document: object) -> tuple[object, list[Any]] | None:
    """Return ``now`` and the list of aircraft, None where there is no list."""
    if isinstance(document, dict):
        for key in _LIST_KEYS:
            if isinstance(document.get(key), list):
                return document.get("now"), document[key]
    return None


def _add_snapshot(rows: Rows, now: object, aircraft: list[Any], at: int, part: Part, rejects: Rejects) -> int:
    now_s = number(now)
    if now_s is not None and now_s > MILLISECONDS_FROM:
        now_s /= 1000
    for entry in aircraft:
        _add_aircraft(rows, now_s, entry, at, part, rejects)
        at += 1
    return at


def _add_aircraft(
    rows: Rows, now_s: float | None, entry: object, at: int, part: Part, rejects: Rejects
) -> None:
    if not isinstance(entry, dict):
        rejects.add(part.name, "not an aircraft", f"entry {at}: {_shown(entry)}")
        return
    icao24 = label(entry.get("hex"))
    if icao24 is None:
        rejects.add(part.name, "no address", f"entry {at}: {_shown(entry)}")
        return
    of_position = entry
    is_old = number(entry.get("lat")) is None and isinstance(entry.get("lastPosition"), dict)
    if is_old:
        of_position = entry["lastPosition"]
    seen_pos_s = number(of_position.get("seen_pos", of_position.get("age")))
    t_us = None if now_s is None else instant_us(now_s - (seen_pos_s or 0.0))
    if t_us is None:
        rejects.add(part.name, "no time", f"entry {at}, {icao24}: now is {_shown(now_s)}")
        return
    moving = {} if is_old else entry
    altitude = moving.get("alt_baro", moving.get("altitude"))
    feet = number(altitude)
    is_grounded = entry.get("alt_baro", entry.get("altitude")) == "ground"
    height_ft = number(moving.get("alt_geom"))
    rows.add(
        (
            icao24.lower(),
            t_us,
            number(of_position.get("lat")),
            number(of_position.get("lon")),
            feet,
            None if height_ft is None else height_ft * METRES_PER_FOOT,
            True if is_grounded else (None if feet is None else False),
            number(moving.get("gs", moving.get("speed"))),
            number(moving.get("track")),
            number(moving.get("baro_rate", moving.get("geom_rate", moving.get("vert_rate")))),
            label(entry.get("flight")),
            label(entry.get("squawk")),
            label(entry.get("category")),
            label(entry.get("r")),
            label(entry.get("t")),
            _source(entry, icao24),
            level(of_position.get("nic")),
            level(moving.get("nac_p")),
            level(moving.get("nac_v")),
            level(moving.get("sil")),
            seen_pos_s,
            at,
        )
    )


def _source(entry: dict[str, Any], icao24: str) -> str | None:
    """Return readsb's type of source; receivers that do not tell it list which fields came otherwise."""
    told = label(entry.get("type"))
    if told is not None:
        return told
    for kind, name in (("mlat", "mlat"), ("tisb", "tisb_other" if icao24.startswith("~") else "tisb_icao")):
        fields = entry.get(kind)
        if isinstance(fields, list) and "lat" in fields:
            return name
    return None


def _salvage_snapshots(content: bytes, rows: Rows, part: Part, rejects: Rejects) -> None:
    """Take from a damaged file each aircraft that is whole, at the ``now`` that stands before it."""
    if _LIST.search(content) is None:
        raise FormatError(
            f'{part.name}: no list of aircraft found. aircraft.json has "aircraft": [...] (or "ac"); '
            f"the file begins with {_shown(content)}."
        )
    text = content.decode("utf-8", "replace")
    decoder = json.JSONDecoder()
    now_s: float | None = None
    position = at = breaks = 0
    while breaks < MOST_BREAKS and (begin := _OBJECT_BEGINS.search(text, position)):
        position = begin.end()
        if begin.group(1) is not None:
            try:
                now_s = number(float(begin.group(1)))
            except ValueError:
                now_s = None
            if now_s is not None and now_s > MILLISECONDS_FROM:
                now_s /= 1000
            continue
        try:
            entry, position = decoder.raw_decode(text, begin.start())
        except (ValueError, RecursionError):
            breaks += 1
            rejects.add(
                part.name, "damaged JSON", f"entry {at}: {_shown(text[begin.start() : begin.start() + 80])}"
            )
        else:
            _add_aircraft(rows, now_s, entry, at, part, rejects)
        at += 1
    say_how_it_ended(breaks, part.name, rejects)


def read_trace(part: Part, rejects: Rejects) -> Iterator[Batch]:
    """Read the trace of one aircraft; from a damaged file, each row that is whole.

    Raises:
        FormatError: no address, no time to count from, or no trace was found.
    """
    content = whole(part)
    document = loaded(content)
    trace: Iterator[Any]
    if isinstance(document, dict) and isinstance(document.get("trace"), list):
        header, trace = document, iter(document["trace"])
    else:
        header, trace = _salvaged_trace(content, part, rejects)
    icao24 = label(header.get("icao"))
    start_s = number(header.get("timestamp"))
    if icao24 is None or start_s is None:
        raise FormatError(
            f'{part.name}: a trace needs "icao" (found {_shown(header.get("icao"))}) and "timestamp" '
            f"(found {_shown(header.get('timestamp'))}) before its rows. Is the start of the file missing?"
        )
    rows = Rows(part.name, _NAMES)
    details = _Details()
    known = (icao24.lower(), start_s, label(header.get("r")), label(header.get("t")))
    for at, row in enumerate(trace):
        if row is None:  # damaged, and counted where it was found
            continue
        if not isinstance(row, list) or len(row) < 4 or number(row[0]) is None:
            rejects.add(part.name, "not a row of a trace", f"row {at}: {_shown(row)}")
            continue
        found = _trace_row(row, at, known, details)
        if found is None:
            rejects.add(part.name, "no time", f"row {at}: {_shown(row)}")
            continue
        rows.add(found)
        if rows.is_full():
            yield from rows.taken()
    yield from rows.taken()


class _Details:
    """What the object beside some rows of a trace says of the rows that follow; see the module."""

    def __init__(self) -> None:
        self._last_row_s: float | None = None
        self._forget()

    def _forget(self) -> None:
        self.names: dict[str, str] = {}
        self.quality: dict[str, Any] = {}
        self._quality_s = 0.0

    def at(self, t_s: float, is_new_leg: bool, given: object) -> None:
        """Move on to a row."""
        if is_new_leg or (self._last_row_s is not None and t_s - self._last_row_s > NAMES_HOLD_S):
            self._forget()
        self._last_row_s = t_s
        if isinstance(given, dict):
            self.quality, self._quality_s = given, t_s
            for name in ("flight", "squawk", "category"):
                text = label(given.get(name))
                if text is not None:
                    self.names[name] = text
        elif abs(t_s - self._quality_s) > QUALITY_HOLDS_S:
            self.quality = {}


def _trace_row(
    row: list[Any], at: int, known: tuple[str, float, str | None, str | None], details: _Details
) -> tuple[Any, ...] | None:
    icao24, start_s, registration, type_code = known
    row = row + [None] * (11 - len(row))  # rows of older files end after the object
    dt_s = number(row[0]) or 0.0
    t_us = instant_us(start_s + dt_s)
    if t_us is None:
        return None
    flags = int(number(row[6]) or 0)
    given = row[8]
    details.at(dt_s, bool(flags & FLAG_NEW_LEG), given)
    altitude_ft = number(row[3])
    height_ft = number(row[10])
    if height_ft is None and isinstance(given, dict):
        height_ft = number(given.get("alt_geom"))
    is_airborne = altitude_ft is not None
    if flags & FLAG_GEOMETRIC_ALTITUDE:
        height_ft = altitude_ft if height_ft is None else height_ft
        altitude_ft = None
    is_grounded = row[3] == "ground"
    quality = details.quality
    return (
        icao24,
        t_us,
        number(row[1]),
        number(row[2]),
        altitude_ft,
        None if height_ft is None else height_ft * METRES_PER_FOOT,
        True if is_grounded else (False if is_airborne else None),
        number(row[4]),
        None if is_grounded else number(row[5]),
        number(row[7]),
        details.names.get("flight"),
        details.names.get("squawk"),
        details.names.get("category"),
        registration,
        type_code,
        label(row[9]) or label(quality.get("type")),
        level(quality.get("nic")),
        level(quality.get("nac_p")),
        level(quality.get("nac_v")),
        level(quality.get("sil")),
        None,
        at,
    )


def _salvaged_trace(content: bytes, part: Part, rejects: Rejects) -> tuple[dict[str, Any], Iterator[Any]]:
    begin = _TRACE.search(content)
    if begin is None:
        raise FormatError(
            f'{part.name}: no "trace": [...] found, which a readsb trace has; '
            f"the file begins with {_shown(content)}."
        )
    before = content[: begin.start()].decode("utf-8", "replace")
    header: dict[str, Any] = {}
    for key in ("icao", "timestamp", "r", "t"):
        value = re.search(_HEADER_VALUE % key, before)
        if value is not None:
            header[key] = loaded(value.group(1).encode())
    rows = content[begin.end() :].decode("utf-8", "replace")
    return header, whole_entries(rows, _TRACE_ROW_BEGINS, part.name, rejects)


def _shown(value: object) -> str:
    """Return the beginning of something as an example of it."""
    if isinstance(value, bytes):
        value = value[:80].decode("utf-8", "replace")
    if isinstance(value, str):
        return repr(value[:80])
    try:
        return repr(value)[:80]
    except RecursionError:
        return f"a deeply nested {type(value).__name__}"


FORMATS = (
    Format(
        name="readsb-aircraft",
        title="readsb, tar1090: aircraft.json, one or one a line; ADS-B Exchange API",
        looks_like=_is_snapshot,
        read=read_snapshots,
        bounded=False,
        extra=None,
    ),
    Format(
        name="readsb-trace",
        title="readsb, tar1090: trace_full_*.json",
        looks_like=_is_trace,
        read=read_trace,
        bounded=False,
        extra=None,
    ),
)

"""Drone Remote ID as JSON: of a service provider (ASTM F3411-22a, network), or of a receiver of broadcasts.

**Network.**  The answer of a provider to a question for flights, ``{"timestamp": …, "flights": [{"id": …,
"current_state": {…}, "recent_positions": […]}, …]}``, one a file or one a line; a flight by itself is read, too.
Heights are metres above the ellipsoid, speeds m/s.  What F3411 writes for unknown becomes unknown: position (0, 0),
altitudes of −1000 m, track 361, speed 255, vertical speed 63.

**Broadcast.**  What receivers make of the messages of one drone: an object, or a list of objects, with ``Basic ID`` and
``Location/Vector Message``, as droneid-go and ESP32 receivers write them.  A broadcast tells seconds of the hour
only; the hour is that of the time at which it was received.  In a file nothing tells it, and the row is rejected.
Where the seconds lie more than a minute before that time, or after it, they are not believed and the time of receipt is
taken.  Values may have a unit behind them (``"1650.0 m"``).

A drone has no transponder address: it gets one made of its identification, ``~`` and six hex digits, the same in every
file.  Among 1,000 drones two share one by chance in 3 of 100 cases.  The identification stands in ``callsign``, a
registration by an authority in ``registration``, too.  Accuracies become NACp and NACv, on which F3411 bases them.
**A broadcast is not authenticated: anyone can send one.**

Source: ASTM F3411-22a by its OpenAPI text (interuss/uas_standards); of faked broadcasts, what users of
opendroneid/receiver-android report.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from wideberth.errors import FormatError
from wideberth.read.formats import Format, whole
from wideberth.read.gpx import pseudo_address
from wideberth.read.rowwise import Rows, instant_us, label, lines, number, numeral
from wideberth.read.salvage import loaded, shown
from wideberth.units import METRES_PER_FOOT, MPS_PER_KNOT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wideberth.read.batch import Batch, Rejects
    from wideberth.read.sources import Part

LONGEST_LINE = 64 * 2**20
OLDEST_S, NEWEST_S = 60.0, 2.0  # how far a broadcast's seconds may lie before and after it was received
CATEGORY = "B6"  # of ADS-B: an unmanned aircraft
SOURCE = "remote_id"
FPM_PER_MPS = 60.0 / METRES_PER_FOOT
UNKNOWN_M, UNKNOWN_TRACK_DEG, UNKNOWN_MPS, UNKNOWN_CLIMB_MPS = -1000.0, 361.0, 255.0, 63.0

NAMES = (
    *(
        "icao24",
        "t",
        "lat_deg",
        "lon_deg",
        "altitude_ft",
        "height_m",
        "on_ground",
        "groundspeed_kt",
        "track_deg",
    ),
    *("vertical_rate_fpm", "callsign", "category", "registration", "source", "nac_p", "nac_v", "source_row"),
)
_NAC_P = {
    "HA1m": 11, "HA3m": 11, "HA10m": 10, "HA30m": 9, "HA005NM": 8, "HA01NM": 7, "HA03NM": 6, "HA05NM": 5,
    "HA1NM": 4, "HA2NM": 3, "HA4NM": 2, "HA10NM": 1,
}  # fmt: skip
_NAC_V = {"SA03mps": 4, "SA1mps": 3, "SA3mps": 2, "SA10mps": 1}
_GROUND = {"ground": True, "airborne": False}
_MARKS = re.compile(rb'"(?:current_state|Location/Vector Message)"\s*:|"no_isas_present"\s*:')
_QUANTITY = re.compile(r"\s*([-+]?[0-9.]+(?:[eE][-+]?[0-9]+)?)")
_LOCATION, _IDENTITY = "Location/Vector Message", "Basic ID"


def _looks_like(head: bytes, name: str) -> bool:
    return head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[") and _MARKS.search(head) is not None


def read(part: Part, rejects: Rejects) -> Iterator[Batch]:
    """Read one document, or several, one a line.

    Raises:
        FormatError: neither flights nor messages of a drone were found.
    """
    documents = Documents(part.name, rejects)
    with part.open() as stream:
        for at, line in lines(stream, LONGEST_LINE):
            document = loaded(line)
            if at == 0 and document is None:  # then the lines are not documents, but one may have many lines
                break
            if line.strip():
                documents.add(document, None)
            if documents.rows.is_full():
                yield from documents.rows.taken()
        else:
            yield from documents.rows.taken()
            documents.demand()
            return
    documents.add(loaded(whole(part)), None)
    documents.demand()
    yield from documents.rows.taken()


class Documents:
    """Makes rows of documents, network or broadcast, one after another.

    Attributes:
        rows: collects them.
    """

    def __init__(self, source: str, rejects: Rejects) -> None:
        self.rows = Rows(source, NAMES)
        self._source = source
        self._rejects = rejects
        self._at = 0
        self._is_any = False

    def demand(self) -> None:
        """Let a source pass if there was anything of Remote ID in it.

        Raises:
            FormatError: there was not.
        """
        if not self._is_any:
            raise FormatError(
                f'{self._source}: no Remote ID found: neither "flights" with "current_state", as a provider answers, '
                'nor a receiver\'s "Basic ID" and "Location/Vector Message".'
            )

    def add(self, document: Any, received_s: float | None) -> None:
        """Take a document in.

        Args:
            document: as JSON has it.
            received_s: when it was received, Unix seconds; None where that is not known.
        """
        before, self._is_any = self._is_any, True
        if isinstance(document, dict) and isinstance(document.get("flights"), list):
            for flight in document["flights"]:
                self._flight(flight)
        elif isinstance(document, dict) and ("current_state" in document or "recent_positions" in document):
            self._flight(document)
        elif isinstance(document, list) and any(isinstance(each, dict) and "id" in each for each in document):
            for flight in document:
                self._flight(flight)
        elif messages := _messages(document):
            self._broadcast(messages, received_s)
        else:
            self._is_any = before
            self._reject("not a flight, and not a drone's messages", document)

    def _reject(self, why: str, what: Any) -> None:
        self._rejects.add(self._source, why, f"entry {self._at}: {shown(what)}")
        self._at += 1

    def _flight(self, flight: Any) -> None:
        identity = label(flight.get("id")) if isinstance(flight, dict) else None
        if identity is None:
            self._reject("no identification", flight)
            return
        recent = flight.get("recent_positions")
        for each in recent if isinstance(recent, list) else []:
            if isinstance(each, dict) and isinstance(each.get("position"), dict):
                self._state(identity, {"timestamp": each.get("time"), "position": each["position"]})
        state = flight.get("current_state")
        if isinstance(state, dict) and isinstance(state.get("position"), dict):
            self._state(identity, state)
        elif not recent:
            self._reject("flight without a position", flight)

    def _state(self, identity: str, state: dict[str, Any]) -> None:
        told = state.get("timestamp")
        t_us = _instant_us(told.get("value") if isinstance(told, dict) else told)
        if t_us is None:
            self._reject("no time", state)
            return
        position = state["position"]
        self._row(
            identity,
            t_us,
            (number(position.get("lat")), number(position.get("lng"))),
            (number(position.get("pressure_altitude")), number(position.get("alt"))),
            label(state.get("operational_status")),
            (number(state.get("speed")), number(state.get("track")), number(state.get("vertical_speed"))),
            None,
            (_NAC_P.get(str(position.get("accuracy_h"))), _NAC_V.get(str(state.get("speed_accuracy")))),
        )

    def _broadcast(self, messages: dict[str, Any], received_s: float | None) -> None:
        basic, place = messages.get(_IDENTITY), messages.get(_LOCATION)
        identity = label(basic.get("id")) if isinstance(basic, dict) else None
        if not isinstance(basic, dict) or identity is None:
            self._reject("no identification", messages)
            return
        if not isinstance(place, dict):
            self._reject("not a position message", messages)
            return
        t_us = (
            None
            if received_s is None
            else instant_us(within_hour_s(_value(place.get("timestamp")), received_s))
        )
        if t_us is None:
            self._reject("no time: a broadcast tells no hour", messages)
            return
        names = ("speed", "direction", "vert_speed")
        speed_mps, track_deg, climb_mps = (_value(place.get(name)) for name in names)
        is_registration = "CAA" in str(basic.get("id_type"))
        self._row(
            identity,
            t_us,
            (_value(place.get("latitude")), _value(place.get("longitude"))),
            (_value(place.get("pressure_altitude")), _value(place.get("geodetic_altitude"))),
            label(place.get("op_status")),
            (speed_mps, track_deg, climb_mps),
            identity if is_registration else None,
            (None, None),
        )

    def _row(
        self,
        identity: str,
        t_us: int,
        place: tuple[float | None, float | None],
        altitudes_m: tuple[float | None, float | None],
        status: str | None,
        motion: tuple[float | None, float | None, float | None],
        registration: str | None,
        accuracies: tuple[int | None, int | None],
    ) -> None:
        lat_deg, lon_deg = (None, None) if place == (0.0, 0.0) else place
        pressure_m, height_m = (None if each == UNKNOWN_M else each for each in altitudes_m)
        speed_mps, track_deg, climb_mps = motion
        self.rows.add(
            (
                pseudo_address("remote id", identity),
                t_us,
                lat_deg,
                lon_deg,
                None if pressure_m is None else pressure_m / METRES_PER_FOOT,
                height_m,
                _GROUND.get((status or "").lower()),
                None if speed_mps is None or speed_mps >= UNKNOWN_MPS else speed_mps / MPS_PER_KNOT,
                None if track_deg is None or track_deg >= UNKNOWN_TRACK_DEG else track_deg,
                None if climb_mps is None or climb_mps >= UNKNOWN_CLIMB_MPS else climb_mps * FPM_PER_MPS,
                identity,
                CATEGORY,
                registration,
                SOURCE,
                *accuracies,
                self._at,
            )
        )
        self._at += 1


def _messages(document: Any) -> dict[str, Any]:
    """Return a drone's messages by name, of an object or of a list of objects; empty if it is none."""
    found: dict[str, Any] = {}
    for each in document if isinstance(document, list) else [document]:
        if isinstance(each, dict):
            found.update((name, value) for name, value in each.items() if name in (_IDENTITY, _LOCATION))
    return found


def _value(told: Any) -> float | None:
    """Return a number, or the one that a text begins with."""
    if isinstance(told, str) and (found := _QUANTITY.match(told)):
        return numeral(found[1])
    return number(told)


def within_hour_s(second: float | None, received_s: float) -> float:
    """Return the Unix time of a second of the hour, by when it was received; that time where it cannot be."""
    if second is None or not 0.0 <= second <= 3600.0:
        return received_s
    age_s = (received_s - second + NEWEST_S) % 3600.0 - NEWEST_S
    return received_s - age_s if age_s <= OLDEST_S else received_s


def _instant_us(told: Any) -> int | None:
    if not isinstance(told, str):
        return None
    try:
        instant = datetime.fromisoformat(told)
    except ValueError:
        return None
    try:
        seconds = (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None
    return instant_us(seconds)


FORMAT = Format(
    name="remote-id",
    title="drone Remote ID as JSON (ASTM F3411 flights, one answer or one a line)",
    looks_like=_looks_like,
    read=read,
    bounded=False,
    extra=None,
)

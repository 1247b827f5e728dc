"""Findings as safety net messages after ASTERIX category 004: items and units of the standard in JSON, not its bits.

This is CAT004-like JSON, not binary ASTERIX.  A finding becomes one message at the instant at which it was at its
worst (of an encounter: the closest point): two aircraft too near each other a Short Term Conflict Alert (type 7), an
aircraft within a place that it keeps out of an Area Proximity Warning (type 5).  Safety nets predict and send while a
conflict lasts; here it is over, and what they estimate was measured.  Other findings (a side of a line, a time outside
a place, a pledge, a miss) have no message type in the standard: they are left out, counted.

A number is given as the integer that the item's bits would hold (``raw``), and as that times the standard's least
significant bit (``value``).  What the item cannot hold is left out.

Source: EUROCONTROL-SPEC-0149-17, ASTERIX Part 17, Category 004, Safety Net Messages, edition 1.12 (28 October 2020),
as transcribed at zoranbosnjak.github.io/asterix-specs.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from wideberth import __version__
from wideberth.encounters import Encounters

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from pathlib import Path

    from wideberth.tables import Findings

EDITION = "1.12"
STCA, APW = (7, "Short Term Conflict Alert (STCA)"), (5, "Area Proximity Warning (APW)")
ALERTS = 65_536
MOST_TRACKS = 65_535
CALLSIGN_LENGTH, AREA_LENGTH = 7, 8
ICAO = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 "
"""What the six-bit characters of an area's name can be (ICAO Annex 10, volume IV, table 3-9)."""
ABSENT = {
    "I004/010": "data source identifier: a SAC and SIC are given out by EUROCONTROL; fill in your own",
    "I004/015": "SDPS identifier: no surveillance data processing system was between",
    "I004/045": "alert status: its values are agreed between the partners",
    "I004/060": "system status: of alive messages alone",
    "I004/074": "longitudinal deviation: of route adherence alone",
    "I004/075": "transversal deviation: of route adherence alone",
    "I004/076": "vertical deviation: of level adherence alone",
    "I004/110": "sector control: not recorded",
}
"""Items that no message here has, and why."""


class Fixed:
    """A number of so many bits, unsigned or in two's complement.

    Args:
        bits: of the item.
        step: its least significant bit, in `unit`.
        unit: of the value.
        is_signed: True of two's complement.
    """

    def __init__(self, bits: int, step: float, unit: str, *, is_signed: bool = False) -> None:
        self.step, self.unit = step, unit
        self.low = -(2 ** (bits - 1)) if is_signed else 0
        self.high = 2 ** (bits - 1) - 1 if is_signed else 2**bits - 1

    def of(self, value: float | None) -> dict[str, Any] | None:
        """Return the number as the item holds it; None where it is unknown or does not fit."""
        if value is None or value != value:
            return None
        raw = round(value / self.step)
        if not self.low <= raw <= self.high:
            return None
        return {"raw": raw, "value": raw * self.step, "unit": self.unit}


SECONDS = Fixed(24, 1 / 128, "s")
HORIZONTAL_24, HORIZONTAL_16 = Fixed(24, 0.5, "m"), Fixed(16, 0.5, "m")
VERTICAL = Fixed(16, 25.0, "ft")
ANGLE = Fixed(32, 180 / 2**25, "deg", is_signed=True)
ALTITUDE = Fixed(16, 25.0, "ft", is_signed=True)
PERCENT = Fixed(8, 0.5, "%")


def write(temporary: Path, findings: Findings) -> None:
    """Write the messages into a file."""
    text = json.dumps(document(findings), allow_nan=False, ensure_ascii=False, indent=1)
    temporary.write_text(text + "\n", encoding="utf-8")


def document(findings: Findings) -> dict[str, Any]:
    """Return the messages of all findings that have one, in order, with what they cannot tell beside."""
    addresses = sorted(
        {row[name] for row in findings for name in ("icao24_a", "icao24_b") if row.get(name) is not None}
    )
    numbers = {address: k for k, address in enumerate(addresses, start=1)}
    messages: list[dict[str, Any]] = []
    left_out: dict[str, int] = {}
    of = _of_encounter if isinstance(findings, Encounters) else _of_incident
    for row in findings:
        found = of(row)
        if found is None:
            kind = f"{row['kind']}, {row['verdict']}"
            left_out[kind] = left_out.get(kind, 0) + 1
            continue
        items = _with_tracks(found, row, numbers)
        items["I004/040"] = {"raw": len(messages) % ALERTS}
        messages.append({"category": 4, "items": dict(sorted(items.items())), "wideberth": _beside(row)})
    return {
        "format": f"CAT004-like JSON, after ASTERIX category 004 edition {EDITION}; not binary ASTERIX",
        "made_by": f"wideberth {__version__}",
        "tracks": {str(number): address for address, number in numbers.items()},
        "absent": ABSENT,
        "left_out": left_out,
        "messages": messages,
    }


def _of_encounter(row: Mapping[str, Any]) -> dict[str, Any]:
    t = row["t_cpa"]
    closure = row.get("closure_kt")
    return {
        "I004/000": _kind(STCA),
        "I004/020": _time_of_day(t),
        "I004/070": _known(
            TCA=SECONDS.of(0.0),
            CHS=HORIZONTAL_24.of(row["hmd_m"]),
            MHS=HORIZONTAL_16.of(row["hmd_m"]),
            CVS=VERTICAL.of(row.get("vertical_ft_at_cpa")),
            MVS=VERTICAL.of(row.get("vmd_ft")),
        ),
        "I004/120": _known(
            CN=None if closure is None else {"DIV": int(closure < 0.0)},
            CP=_percent(row),
            CD=SECONDS.of((t - row["t_in"]).total_seconds()),
        ),
        "I004/170": _aircraft(row, 1, "a", "_a"),
        "I004/171": _aircraft(row, 2, "b", "_b"),
    }


def _of_incident(row: Mapping[str, Any]) -> dict[str, Any] | None:
    if row["verdict"] in ("kept", "inside_buffer") or row["kind"] not in ("apart", "out_of"):
        return None
    t = row["t_worst"] or row["t_in"]
    items: dict[str, Any] = {
        "I004/020": _time_of_day(t),
        "I004/120": _known(CP=_percent(row), CD=SECONDS.of((t - row["t_in"]).total_seconds())),
        "I004/170": _aircraft(row, 1, "a", ""),
    }
    if row["kind"] == "out_of":
        name = _area(row["place"] or "")
        return {**items, "I004/000": _kind(APW), "I004/100": {"AN": name}}
    return {
        **items,
        "I004/000": _kind(STCA),
        "I004/070": _known(
            CHS=HORIZONTAL_24.of(row["horizontal_m_at_worst"]),
            MHS=HORIZONTAL_16.of(row["magnitude"]),
            CVS=VERTICAL.of(row["vertical_ft_at_worst"]),
        ),
        "I004/171": _aircraft(row, 2, "b", None),
    }


def _with_tracks(
    items: Mapping[str, Any], row: Mapping[str, Any], numbers: Mapping[str, int]
) -> dict[str, Any]:
    """Return a message's items with the numbers of its tracks, and without those that hold nothing."""
    made = {name: value for name, value in items.items() if value}
    for name, item in (("icao24_a", "I004/030"), ("icao24_b", "I004/035")):
        number = numbers.get(row.get(name) or "")
        if number is not None and number <= MOST_TRACKS:
            made[item] = {"raw": number}
    return made


def _kind(kind: tuple[int, str]) -> dict[str, Any]:
    return {"raw": kind[0], "meaning": kind[1]}


def _known(**items: Any) -> dict[str, Any]:
    return {name: value for name, value in items.items() if value is not None}


def _time_of_day(t: datetime) -> dict[str, Any] | None:
    midnight = t.replace(hour=0, minute=0, second=0, microsecond=0)
    return SECONDS.of((t - midnight).total_seconds())


def _percent(row: Mapping[str, Any]) -> dict[str, Any] | None:
    probability = row.get("probability")
    return None if probability is None else PERCENT.of(100.0 * probability)


def _aircraft(row: Mapping[str, Any], number: int, side: str, ending: str | None) -> dict[str, Any]:
    """Return who it was and where, at the time of the message.

    Args:
        row: of the finding.
        number: 1 or 2, of the item.
        side: a or b.
        ending: of the columns of its position; None where no column tells it.
    """
    callsign = "".join(c for c in row.get(f"callsign_{side}") or "" if " " <= c <= "~")
    position = {}
    if ending is not None:
        lon = row.get(f"lon{ending}_deg")
        position = _known(
            LAT=ANGLE.of(row.get(f"lat{ending}_deg")),
            LON=ANGLE.of(-180.0 if lon == 180.0 else lon),  # the item ends below 180
            ALT=ALTITUDE.of(row.get(f"altitude{ending}_ft")),
        )
    if len(position) < 3:  # the item has room for all three or is not there
        position = {}
    named = callsign[:CALLSIGN_LENGTH].ljust(CALLSIGN_LENGTH) if callsign else None
    return _known(**{f"AI{number}": named}, CPW=position or None)


def _area(name: str) -> str:
    """Return a name in eight of the characters that the item has."""
    letters = "".join(c for c in name.upper().replace("-", " ").replace("_", " ") if c in ICAO)
    return letters[:AREA_LENGTH].ljust(AREA_LENGTH)


def _beside(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the items cannot hold: ids, the day, names in full."""
    names = ("id", "rule", "verdict", "place", "icao24_a", "callsign_a", "icao24_b", "callsign_b", "trust")
    known = {name: row[name] for name in names if row.get(name) is not None}
    t = row.get("t_cpa") or row.get("t_worst") or row["t_in"]
    return {**known, "time": t.isoformat(timespec="microseconds").replace("+00:00", "Z")}

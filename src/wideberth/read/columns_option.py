"""``--columns``: which column of a table is which, and in what unit.

Text form: ``altitude_ft=ALT:m,t=when``.  Left of each ``=`` stands our column name, right of it the
table's.  After a last ``:`` a unit may stand, where it is neither in the table's name (``ALT [m]``) nor the
one in our name; a colon followed by anything else belongs to the name.  A name with a comma in it goes into
double quotes:
``t="Time, UTC":ms``.  In Python the same is a mapping: ``{"altitude_ft": "ALT:m", "t": "when"}``.
"""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING

from wideberth import units
from wideberth.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

# What one of the unit is in the unit of our column; None: text, or a time told otherwise.
LENGTHS_FT = {
    "ft": 1.0,
    "feet": 1.0,
    "foot": 1.0,
    "m": 1 / units.METRES_PER_FOOT,
    "meter": 1 / units.METRES_PER_FOOT,
    "meters": 1 / units.METRES_PER_FOOT,
    "metre": 1 / units.METRES_PER_FOOT,
    "metres": 1 / units.METRES_PER_FOOT,
    "km": 1000 / units.METRES_PER_FOOT,
    "fl": units.FEET_PER_FLIGHT_LEVEL,
}
LENGTHS_M = {
    name: units.METRES_PER_FOOT
    if name in {"ft", "feet", "foot"}
    else {"km": 1000.0, "fl": units.FEET_PER_FLIGHT_LEVEL * units.METRES_PER_FOOT}.get(name, 1.0)
    for name in LENGTHS_FT
}
SPEEDS_KT = {
    "kt": 1.0,
    "kts": 1.0,
    "knot": 1.0,
    "knots": 1.0,
    "m/s": 1 / units.MPS_PER_KNOT,
    "mps": 1 / units.MPS_PER_KNOT,
    "ms-1": 1 / units.MPS_PER_KNOT,
    "km/h": 1 / 3.6 / units.MPS_PER_KNOT,
    "kmh": 1 / 3.6 / units.MPS_PER_KNOT,
    "kph": 1 / 3.6 / units.MPS_PER_KNOT,
    "mph": units.METRES_PER_MILE / 3600 / units.MPS_PER_KNOT,
}
RATES_FPM = {
    "ft/min": 1.0,
    "fpm": 1.0,
    "ftmin": 1.0,
    "m/s": 1 / units.MPS_PER_FPM,
    "mps": 1 / units.MPS_PER_FPM,
    "ms-1": 1 / units.MPS_PER_FPM,
    "ft/s": 60.0,
    "fps": 60.0,
}
ANGLES_DEG = {"deg": 1.0, "degree": 1.0, "degrees": 1.0, "°": 1.0, "rad": 57.29577951308232}
TIMES_S = {"s": 1.0, "sec": 1.0, "seconds": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9, "utc": 1.0, "unix": 1.0}
UNITS: Mapping[str, Mapping[str, float]] = {
    "t": TIMES_S,
    "lat_deg": ANGLES_DEG,
    "lon_deg": ANGLES_DEG,
    "altitude_ft": LENGTHS_FT,
    "height_m": LENGTHS_M,
    "groundspeed_kt": SPEEDS_KT,
    "track_deg": ANGLES_DEG,
    "vertical_rate_fpm": RATES_FPM,
    "seen_pos_s": {"s": 1.0, "sec": 1.0, "seconds": 1.0, "ms": 1e-3},
}
"""Our column → unit → factor into the unit of our column."""

TARGETS = (
    *("icao24", "t", "lat_deg", "lon_deg", "altitude_ft", "height_m", "on_ground", "groundspeed_kt", "track_deg"),
    *("vertical_rate_fpm", "callsign", "squawk", "category", "registration", "type_code", "source"),
    *("nic", "nac_p", "nac_v", "sil", "seen_pos_s"),
)  # fmt: skip
"""The columns of tracks that a table can fill; the others say where a row came from."""

_ENTRY = re.compile(r'\s*(\w+)\s*=\s*(?:"([^"]*)"((?::[^,]*)?)|([^,]*))\s*(?:,|$)')


def parse_columns(text: str) -> dict[str, str]:
    """Return the mapping that a text like ``altitude_ft=ALT:m,t=when`` means.

    Raises:
        UsageError: it has another form, or a name on the left that is no column of tracks.

    >>> parse_columns('altitude_ft=ALT:m, t="Time, UTC"')
    {'altitude_ft': 'ALT:m', 't': 'Time, UTC'}
    """
    text = text.strip()
    found: dict[str, str] = {}
    at = 0
    while at < len(text):
        entry = _ENTRY.match(text, at)
        if entry is None or not (entry[2] or (entry[4] or "").strip()):
            raise UsageError(
                f"--columns: '{text[at:].strip()}' is not of the form OURS=THEIRS or OURS=THEIRS:UNIT. "
                "Write it like altitude_ft=ALT:m,t=when."
            )
        name, value = entry[1], entry[4].strip() if entry[2] is None else entry[2] + entry[3].strip()
        if name in found:
            raise UsageError(f"--columns: {name} is named twice.")
        found[name] = value
        at = entry.end()
    if not found:
        raise UsageError("--columns: nothing is named. Write it like altitude_ft=ALT:m,t=when.")
    check_targets(found)
    return found


def check_targets(mapping: Mapping[str, str]) -> None:
    """Let a mapping pass if each of its keys is a column that a table can fill, and each value a text.

    Raises:
        UsageError: one is not.
    """
    for name, value in mapping.items():
        if not isinstance(name, str) or not isinstance(value, str):
            raise UsageError(
                f"--columns: {name!r} = {value!r} is no pair of texts, our name and the table's."
            )
        if name not in TARGETS:
            near = difflib.get_close_matches(name, TARGETS, n=1, cutoff=0.4)
            hint = f" Did you mean '{near[0]}'?" if near else ""
            raise UsageError(
                f"--columns: '{name}' is no column of tracks.{hint} Known: {', '.join(TARGETS)}."
            )


def split_unit(value: str, target: str) -> tuple[str, str | None]:
    """Return the name and the unit of the right side of an entry; None: the unit in our name.

    Raises:
        UsageError: what follows the last colon looks like a unit, but is none of that column.
    """
    name, colon, unit = value.rpartition(":")
    if not colon or not name:
        return value, None
    unit = unit.strip().lower()
    if unit in UNITS.get(target, {}):
        return name, unit
    if any(unit in known for known in UNITS.values()):
        allowed = ", ".join(UNITS[target]) if target in UNITS else "none"
        raise UsageError(f"--columns: '{unit}' is no unit of {target} (known: {allowed}).")
    return value, None

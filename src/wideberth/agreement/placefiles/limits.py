"""Floors and ceilings, in the spellings of OpenAir, ED-269, ED-318, KML and GeoJSON properties.

A floor on the ground is no limit: nothing flies below it.  Flight levels and heights over the standard
pressure are ``pressure``; above mean sea level is AMSL; above the ground is AGL; above WGS-84 is ellipsoid.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any, Literal

from wideberth.agreement.shapes import Datum, Limit
from wideberth.units import FEET_PER_FLIGHT_LEVEL, METRES_PER_FOOT

if TYPE_CHECKING:
    from wideberth.agreement.placefiles.collect import Draft

Side = Literal["floor", "ceiling"]

DATUMS: dict[str, Datum] = {
    "AGL": "AGL", "SFC": "AGL", "GND": "AGL", "ASFC": "AGL", "AGND": "AGL", "GROUND": "AGL", "SURFACE": "AGL",
    "AMSL": "AMSL", "MSL": "AMSL", "ASL": "AMSL", "QNH": "AMSL", "ALT": "AMSL",
    "STD": "pressure", "FL": "pressure", "QNE": "pressure", "PRESSURE": "pressure",
    "WGS84": "ellipsoid", "W84": "ellipsoid", "HAE": "ellipsoid", "ELLIPSOID": "ellipsoid",
}  # fmt: skip
FEET = ("FT", "F", "FEET", "FOOT", "'")
METRES = ("M", "METER", "METERS", "METRE", "METRES")
GROUND = ("GND", "SFC", "GROUND", "SURFACE")
UNLIMITED = ("UNL", "UNLIM", "UNLTD", "UNLIMITED", "NONE", "INF")

_LEVEL = re.compile(r"^(?:FL\s*(\d{1,3})|(\d{1,3})\s*FL)(?:\s*STD)?$")
_HEIGHT = re.compile(
    r"^(ALT\s*)?([-+]?\d+(?:\.\d+)?)\s*(FEET|FOOT|FT|F(?!L)|'|METERS?|METRES?|M(?!SL))?\s*([A-Z][A-Z0-9]*)?$"
)
_SPELLINGS = "Write it like FL95, 2500ft AMSL, 1000ft AGL, 300m AGL, GND or UNL"


def read_text(
    draft: Draft, text: str, side: Side, bare: Datum | None, line: int | None = None
) -> Limit | None:
    """Return the limit that a text is; None where there is no limit, or where it has a fault.

    Args:
        draft: the place; faults and notes go there.
        text: such as "2500 ft AMSL".
        side: which of its limits.
        bare: what feet without a reference mean in this format; None: they are refused, as metres are then.
        line: of the text.
    """
    upper = " ".join(text.upper().split())
    if upper in UNLIMITED:
        if side == "floor":
            draft.fault(f"the floor is '{text}': above it there is nothing.", f"{_SPELLINGS}.", line)
        return None
    if upper in GROUND:
        return _on_ground(draft, text, side, line)
    level = _LEVEL.match(upper)
    if level:
        number = level.group(1) or level.group(2)
        return Limit(float(number) * FEET_PER_FLIGHT_LEVEL, "ft", "pressure", text)
    height = _HEIGHT.match(upper)
    if height is None:
        several = " It names more than one limit: keep one." if "/" in upper else ""
        draft.fault(f"the {side} '{text}' is not read.", f"{_SPELLINGS}.{several}", line)
        return None
    is_alt, number, unit, word = height.groups()
    value = float(number)
    if word is not None and word not in DATUMS:
        draft.fault(f"the {side} '{text}' has an unknown reference '{word}'.", f"{_SPELLINGS}.", line)
        return None
    datum = DATUMS[word] if word is not None else "AMSL" if is_alt else bare
    if word in GROUND:
        draft.note(f"{side} '{text}': a height above {word} is no valid spelling, and is read as AGL")
    if value == 0 and unit is None and datum is None:
        return _on_ground(draft, text, side, line)
    if unit is None and bare is None:
        draft.fault(f"the {side} '{text}' has no unit.", f"{_SPELLINGS}.", line)
        return None
    is_metres = unit in METRES
    if datum is None and not is_metres:  # as in an agreement: bare feet are pressure altitude
        draft.note(f"{side} '{text}' names no reference: read as pressure altitude")
        datum = "pressure"
    if datum is None:
        draft.fault(f"the {side} '{text}' does not say above what.", f"{_SPELLINGS}.", line)
        return None
    if word is None and not is_alt and bare is not None:
        draft.note(f"{side} '{text}' names no reference: read as {bare}")
    return _limit(draft, value, "m" if is_metres else "ft", datum, text, side, line)


def read_parts(
    draft: Draft, value: Any, unit: Any, reference: Any, side: Side, *, bare: Datum | None = None
) -> Limit | None:
    """Return the limit of a number, its unit and its reference; None where there is none or it has a fault."""
    if value is None:
        return None
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return read_text(draft, value, side, bare)
    if type(value) not in (int, float) or not math.isfinite(value):
        draft.fault(f"the {side} {value!r} is not a number.", "Write a number, with its unit beside it.")
        return None
    word = str(reference).strip().upper() if reference is not None else ""
    unit_word = str(unit).strip().upper() if unit is not None else ""
    shown = " ".join(each for each in (f"{value:g}", unit_word, word) if each)
    if unit_word == "FL" or (word == "FL" and not unit_word):
        return Limit(value * FEET_PER_FLIGHT_LEVEL, "ft", "pressure", f"FL{value:g}")
    if word and word not in DATUMS:
        draft.fault(f"the {side} {shown} has an unknown reference.", f"Known are {', '.join(DATUMS)}.")
        return None
    datum = DATUMS[word] if word else bare
    if value == 0 and datum in (None, "AGL"):
        return _on_ground(draft, shown, side, None)
    if unit_word not in FEET + METRES:
        draft.fault(f"the {side} {shown} has no unit that is known.", "Write m or ft, or FL.")
        return None
    is_metres = unit_word in METRES
    if datum is None and not is_metres:
        draft.note(f"{side} {shown} names no reference: read as pressure altitude")
        datum = "pressure"
    if datum is None:
        draft.fault(f"the {side} {shown} does not say above what.", "Name AMSL, AGL, WGS84 or STD.")
        return None
    return _limit(draft, float(value), "m" if is_metres else "ft", datum, shown, side, None)


def _limit(
    draft: Draft,
    value: float,
    unit: Literal["ft", "m"],
    datum: Datum,
    text: str,
    side: Side,
    line: int | None,
) -> Limit | None:
    if datum == "AGL" and value <= 0:
        return _on_ground(draft, text, side, line)
    return Limit(value, unit, datum, text)


def _on_ground(draft: Draft, text: str, side: Side, line: int | None) -> Limit | None:
    """Return no limit for a floor on the ground, and fault a ceiling there."""
    if side == "ceiling":
        draft.fault(f"the ceiling '{text}' is on the ground: nothing fits below.", f"{_SPELLINGS}.", line)
    return None


def check_order(draft: Draft, floor: Limit | None, ceiling: Limit | None) -> None:
    """Fault a floor that is not below its ceiling, where both are measured from the same."""
    if floor is None or ceiling is None or floor.datum != ceiling.datum:
        return
    if _feet(floor) >= _feet(ceiling):
        draft.fault(
            f"the floor {floor.text} is not below the ceiling {ceiling.text}.", "Are the two exchanged?"
        )


def _feet(limit: Limit) -> float:
    return limit.value if limit.unit == "ft" else limit.value / METRES_PER_FOOT

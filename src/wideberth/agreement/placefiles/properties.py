"""What a feature's properties say of its name, radius, limits and times, in the common spellings.

Names are compared without case and punctuation: ``lowerLimit``, ``LOWER_LIMIT`` and ``lower limit`` are
one.  docs/places.md#properties lists them.
"""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING, Any

from wideberth.agreement.placefiles.collect import text_of
from wideberth.agreement.placefiles.limits import Side, read_parts, read_text
from wideberth.agreement.placefiles.times import PERIODS, schedules
from wideberth.errors import UsageError
from wideberth.units import METRES_PER_NM, parse_length_m

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from wideberth.agreement.placefiles.collect import Draft
    from wideberth.agreement.shapes import Limit, Schedule

NAMES = ("name", "id", "identifier", "title")
TITLES = ("title", "longname", "name")
LIMITS: dict[Side, tuple[str, ...]] = {
    "floor": (
        "floor", "lower", "lowerlimit", "loweraltitude", "lowerceiling", "lowerval", "base", "bottom",
        "minaltitude", "altitudemin", "altmin", "minheight",
    ),
    "ceiling": (
        "ceiling", "upper", "upperlimit", "upperaltitude", "upperceiling", "upperval", "top",
        "maxaltitude", "altitudemax", "altmax", "maxheight",
    ),
}  # fmt: skip
_STEMS: dict[Side, tuple[str, ...]] = {
    "floor": ("floor", "lower", "lowerlimit", "loweraltitude", "base", "bottom"),
    "ceiling": ("ceiling", "upper", "upperlimit", "upperaltitude", "top"),
}
_UNIT_ENDS, _REFERENCE_ENDS = ("unit", "uom"), ("reference", "verticalreference", "datum", "ref", "code")
_COMMON_UNITS, _COMMON_REFERENCES = (
    ("altitudeunit", "uom", "uomdimensions", "unit"),
    ("altitudereference", "datum"),
)
_ENDS = {"": None, "ft": "ft", "m": "m", "fl": "FL"}
_RADII = {"radius": 1.0, "radiusm": 1.0, "radiuskm": 1000.0, "radiusnm": METRES_PER_NM, "radiusmeters": 1.0}
_OPENAIP_UNITS = {0: "m", 1: "ft", 6: "FL"}  # openAIP's interface writes numbers for words
_OPENAIP_REFERENCES = {0: "GND", 1: "MSL", 2: "STD"}
_STYLE = re.compile(r"^(stroke|fill|marker|styleurl|stylehash|color|opacity)", re.IGNORECASE)


class Properties:
    """The properties of one feature, and which of them were used."""

    def __init__(self, raw: Mapping[str, Any]) -> None:
        self._raw = raw
        self._by_name: dict[str, str] = {}
        for key in raw:
            self._by_name.setdefault(_plain_name(key), key)
        self._used: set[str] = set()

    def take(self, names: Iterable[str]) -> tuple[str, Any]:
        """Return the first of some plain names that has a value, and the value; ("", None) if none has."""
        for name in names:
            key = self._by_name.get(name)
            if key is not None and self._raw[key] not in (None, ""):
                self._used.add(key)
                return name, self._raw[key]
        return "", None

    def name(self) -> str:
        """Return what the place is called, "" where nothing says so."""
        for name in NAMES:
            found = text_of(self._raw.get(self._by_name.get(name, "")))
            if found:
                self._used.add(self._by_name[name])
                return found
        return ""

    def title(self, name: str) -> str:
        """Return a longer name beside the name, "" where there is none."""
        for each in TITLES:
            found = text_of(self._raw.get(self._by_name.get(each, "")))
            if found and found != name:
                self._used.add(self._by_name[each])
                return found
        return ""

    def radius_m(self, draft: Draft) -> float | None:
        """Return the radius that makes a point a circle; None where there is none; NaN with a fault."""
        name, value = self.take(_RADII)
        if value is None:
            return None
        if type(value) in (int, float):
            return float(value) * _RADII[name]
        try:
            return float(str(value)) * _RADII[name]
        except ValueError:
            pass
        try:
            return parse_length_m(str(value))
        except UsageError as error:
            draft.fault(f"its radius is not read: {error}", "A number alone is metres.")
            return math.nan

    def limit(self, draft: Draft, side: Side) -> Limit | None:
        """Return the floor or the ceiling; None where there is none, or where it has a fault."""
        ends = {name + end: unit for name in LIMITS[side] for end, unit in _ENDS.items()}
        name, value = self.take(ends)
        if value is None:
            return None
        if isinstance(value, dict):
            unit = value.get("unit", value.get("uom"))
            reference = value.get("referenceDatum", value.get("reference", value.get("datum")))
            if type(unit) is int:
                unit = _OPENAIP_UNITS.get(unit, str(unit))
            if type(reference) is int:
                reference = _OPENAIP_REFERENCES.get(reference, str(reference))
            return read_parts(draft, value.get("value"), unit, reference, side)
        _, unit = self.take([*(stem + end for stem in _STEMS[side] for end in _UNIT_ENDS), *_COMMON_UNITS])
        _, reference = self.take(
            [*(stem + end for stem in _STEMS[side] for end in _REFERENCE_ENDS), *_COMMON_REFERENCES]
        )
        unit = ends[name] or unit
        if isinstance(value, str) and unit is None and reference is None:
            return read_text(draft, value, side, None)
        return read_parts(draft, value, unit, reference, side)

    def schedules(self, draft: Draft) -> list[Schedule] | None:
        """Return when the place holds, by periods as ED-269 and ED-318 have them; None where one has a fault.

        Converters leave them in the properties of what is otherwise plain GeoJSON, as they are or as text.
        """
        zone = {}
        for key in PERIODS:
            _, value = self.take([key.lower()])
            if isinstance(value, str) and value.lstrip()[:1] in ("[", "{"):
                try:
                    value = json.loads(value)
                except (ValueError, RecursionError):
                    draft.fault(f"its {key} is no JSON.", "Write a list of periods.")
                    return None
            zone[key] = value
        return schedules(draft, zone)

    def note_rest(self, draft: Draft) -> None:
        """Note what was not used, save how it is drawn."""
        rest = ((key, value) for key, value in self._raw.items() if not _STYLE.match(key))
        draft.note_rest(rest, self._used)


def _plain_name(key: str) -> str:
    return re.sub(r"[^a-z0-9]+", "", key.lower())

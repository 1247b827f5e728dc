"""What an agreement file may say, part by part: the models that check it and that its JSON Schema is made of.

A value is a text, as `tree` reads it, or a number where somebody builds an agreement in Python.  Lengths,
altitudes, durations and shares carry their unit in the text.  Each model checks one entry by itself;
what spans entries (names that are used, claims that overlap) is checked in `load`.
"""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    WithJsonSchema,
    model_validator,
)

from wideberth.agreement import registers
from wideberth.agreement.shapes import Limit, Schedule
from wideberth.errors import UsageError
from wideberth.units import (
    FEET_PER_FLIGHT_LEVEL,
    METRES_PER_FOOT,
    parse_duration_s,
    parse_instant,
    parse_length_m,
    parse_pressure_hpa,
)

if TYPE_CHECKING:
    from collections.abc import Callable

ID = re.compile(r"^[A-Za-z0-9][A-Za-z0-9_./:-]{0,79}$")
CLASSES = ("fixed-wing", "rotary", "glider", "balloon", "UAS")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
COMPASS = ("north", "northeast", "east", "southeast", "south", "southwest", "west", "northwest")
DAY_S = 86_400


def _said(parse: Callable[[str], Any]) -> Callable[[Any], Any]:
    """Have a parser's `UsageError` count as a fault of the value."""

    def parsed(value: Any) -> Any:
        if not isinstance(value, str):
            return value
        try:
            return parse(value)
        except UsageError as error:
            raise ValueError(str(error)) from None

    return parsed


def _text(pattern: str, *examples: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "pattern": pattern, "examples": list(examples)})


def _one_or_more(item: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [item, {"type": "array", "items": item, "minItems": 1}]}


def _length_m(text: str) -> float:
    length_m = parse_length_m(text)
    if length_m < 0.0:
        raise UsageError(f"'{text}' is negative. A length is 0 or more.")
    return length_m


def _feet(text: str) -> float:
    """Return the feet of a vertical distance, as `parse_altitude_ft` but never a flight level."""
    try:
        length_m = parse_length_m(text)
    except UsageError:
        raise UsageError(f"'{text}' is not a vertical distance. Write it like 1000 ft or 300 m.") from None
    number = re.match(r"\s*([-+]?[\d.eE]+)\s*ft\s*$", text, re.IGNORECASE)
    feet = float(number.group(1)) if number else length_m / METRES_PER_FOOT
    if feet < 0.0:
        raise UsageError(f"'{text}' is negative. A vertical distance is 0 or more.")
    return feet


_LIMIT = re.compile(
    r"^\s*(?P<value>[-+]?\d+(?:\.\d+)?)\s*(?P<unit>ft|m)\s*(?P<datum>AMSL|MSL|AGL|ellipsoid|WGS84|STD|pressure)?\s*$",
    re.IGNORECASE,
)
_LEVEL = re.compile(r"^\s*FL\s*(\d{1,4})\s*$", re.IGNORECASE)
_DATUM = {
    "amsl": "AMSL",
    "msl": "AMSL",
    "agl": "AGL",
    "ellipsoid": "ellipsoid",
    "wgs84": "ellipsoid",
    "std": "pressure",
    "pressure": "pressure",
}


def parse_limit(text: str) -> Limit:
    """Return the limit that a text like "10000 ft", "FL95", "1500 m AMSL", "500 ft AGL" or "GND" means.

    Bare feet and flight levels are pressure altitude; metres need a datum.

    Raises:
        UsageError: it is none of these.
    """
    if text.strip().upper() in {"GND", "SFC"}:
        return Limit(0.0, "ft", "AGL", text.strip())
    level = _LEVEL.match(text)
    if level:
        return Limit(float(level[1]) * FEET_PER_FLIGHT_LEVEL, "ft", "pressure", text.strip())
    found = _LIMIT.match(text)
    if not found:
        raise UsageError(
            f"'{text}' is not a level. Write it like 10000 ft, FL95, 1500 m AMSL, 500 ft AGL, "
            "120 m ellipsoid or GND."
        )
    unit = found["unit"].lower()
    datum = _DATUM[found["datum"].lower()] if found["datum"] else "pressure"
    if unit == "m" and not found["datum"]:
        raise UsageError(
            f"'{text}' does not say what the metres are measured from. Write AMSL, AGL, ellipsoid or "
            "pressure behind it, like 3000 m AMSL."
        )
    return Limit(float(found["value"]), "ft" if unit == "ft" else "m", datum, text.strip())  # type: ignore[arg-type]


def _share(text: str) -> float:
    found = re.match(r"^\s*(\d+(?:\.\d+)?)\s*%\s*$", text)
    if not found or not 0.0 < float(found[1]) <= 100.0:
        raise UsageError(f"'{text}' is not a share. Write it like 50 %, above 0 and up to 100.")
    return float(found[1]) / 100.0


def parse_interval(text: str) -> tuple[datetime, datetime]:
    """Return the two instants of "FROM/UNTIL"; a date is its first instant, UTC.

    Raises:
        UsageError: they are not two instants, or the second is not after the first.
    """
    parts = text.split("/")
    if len(parts) != 2 or not all(part.strip() for part in parts):
        raise UsageError(f"'{text}' is not an interval. Write it like 2017-11-20T08:00Z/2017-11-20T09:00Z.")
    begin, end = (parse_instant(part) for part in parts)
    if not begin < end:
        raise UsageError(f"'{text}' does not end after it begins. Write FROM/UNTIL, the earlier one first.")
    return begin, end


_WEEKLY = re.compile(
    r"^\s*(?P<first>[a-z]{3})(?:-(?P<last>[a-z]{3}))?\s+(?P<from>\d\d:\d\d)\s*-\s*(?P<until>\d\d:\d\d)(?:\s*(?:UTC|Z))?\s*$",
    re.IGNORECASE,
)


def parse_weekly(text: str) -> tuple[tuple[int, int, int], ...]:
    """Return (weekday, from, until), in seconds of the UTC day, of "mon-fri 08:00-17:00".

    Hours that end before they begin go on into the next day.

    Raises:
        UsageError: it is not written so.
    """
    found = _WEEKLY.match(text)
    days = [day.lower() for day in (found["first"], found["last"] or found["first"])] if found else []
    if not found or not all(day in WEEKDAYS for day in days):
        raise UsageError(f"'{text}' is not weekly hours. Write them like mon-fri 08:00-17:00 (UTC).")
    first, last = (WEEKDAYS.index(day) for day in days)
    begin_s, end_s = (_seconds_of_day(found[name], text) for name in ("from", "until"))
    if begin_s == end_s:
        raise UsageError(f"'{text}' is empty: it ends when it begins. A whole day is 00:00-24:00.")
    made: list[tuple[int, int, int]] = []
    for ahead in range((last - first) % 7 + 1):
        day = (first + ahead) % 7
        if begin_s < end_s:
            made.append((day, begin_s, end_s))
        else:
            made += [(day, begin_s, DAY_S), ((day + 1) % 7, 0, end_s)]
    return tuple(sorted(each for each in made if each[1] < each[2]))


def _seconds_of_day(text: str, whole: str) -> int:
    hour, minute = map(int, text.split(":"))
    if minute > 59 or hour * 60 + minute > 1440:
        raise UsageError(f"'{whole}': there is no {text} in a day. Hours are 00:00 to 24:00.")
    return (hour * 60 + minute) * 60


def _position(value: Any) -> Any:
    told = f"[{', '.join(map(str, value))}]" if isinstance(value, list | tuple) else f"'{value}'"
    try:
        lon, lat = map(float, value)
    except (TypeError, ValueError):
        raise ValueError(
            f"{told[:60]} is not a position. Write two numbers, [lon, lat], in degrees"
        ) from None
    if not (math.isfinite(lon) and math.isfinite(lat) and abs(lon) <= 180.0 and abs(lat) <= 90.0):
        remedy = (
            "Are the two swapped? Longitude comes first"
            if 90.0 < abs(lat) <= 180.0 and abs(lon) <= 90.0
            else "Write [lon, lat] in degrees, up to 180 and 90"
        )
        raise ValueError(f"{told} is no position on Earth. {remedy}")
    return (lon, lat)


def _listed(value: Any) -> Any:
    return value if isinstance(value, list | tuple) else [value]


class WithinError(ValueError):
    """A fault of a part of a value: ``at`` leads to it."""

    def __init__(self, message: str, at: tuple[int, ...]) -> None:
        super().__init__(message)
        self.at = at


def _name(value: Any) -> Any:
    if isinstance(value, str) and not ID.match(value):
        raise ValueError(f"'{value}' is not a name. Write letters, digits and - _ . / : only, up to 80")
    return value


LengthM = Annotated[
    float, BeforeValidator(_said(_length_m)), _text(r"^[\d.]+ ?(m|km|ft|NM|mi)$", "5 NM", "500 m")
]
Feet = Annotated[float, BeforeValidator(_said(_feet)), _text(r"^[\d.]+ ?(ft|m)$", "1000 ft")]
Seconds = Annotated[
    float, BeforeValidator(_said(parse_duration_s)), _text(r"^[\d.]+ ?(s|min|h|d)$", "15 min")
]
Level = Annotated[
    Limit, BeforeValidator(_said(parse_limit)), _text(".+", "10000 ft", "FL95", "1500 m AMSL", "500 ft AGL")
]
Elevation = Annotated[
    float, BeforeValidator(_said(parse_length_m)), _text(r"^-?[\d.]+ ?(m|km|ft|NM|mi)$", "350 m")
]
PressureHpa = Annotated[
    float,
    BeforeValidator(_said(parse_pressure_hpa)),
    _text(r"^[\d.]+ ?(hPa|mb|mbar|inHg)$", "1013 hPa", "29.92 inHg"),
]
Share = Annotated[float, BeforeValidator(_said(_share)), _text(r"^[\d.]+ ?%$", "50 %")]
_INTERVAL = {
    "type": "string",
    "pattern": "^[^/]+/[^/]+$",
    "examples": ["2017-11-01/2018-01-01", "2017-11-20T08:00Z/2017-11-20T09:00Z"],
}
_WORD = {"type": ["string", "number"]}  # an editor's YAML takes 140000 and 4e1234 for numbers
Interval = Annotated[
    tuple[datetime, datetime],
    BeforeValidator(_said(parse_interval)),
    WithJsonSchema(_INTERVAL),
]
Intervals = Annotated[
    tuple[Interval, ...],
    BeforeValidator(_listed),
    Field(min_length=1),
    WithJsonSchema(_one_or_more(_INTERVAL)),
]
Instant = Annotated[datetime, BeforeValidator(_said(parse_instant)), _text(".+", "2017-11-16")]
Position = Annotated[
    tuple[float, float],
    BeforeValidator(_position),
    WithJsonSchema(
        {
            "type": "array",
            "prefixItems": [{"type": "number"}, {"type": "number"}],
            "minItems": 2,
            "maxItems": 2,
        }
    ),
]
Name = Annotated[str, BeforeValidator(_name), _text(ID.pattern)]
Names = Annotated[
    tuple[Name, ...],
    BeforeValidator(_listed),
    Field(min_length=1),
    WithJsonSchema(_one_or_more({"type": "string"})),
]
Weekly = Annotated[tuple[tuple[int, int, int], ...], BeforeValidator(_said(parse_weekly))]
Hours = Annotated[
    tuple[Weekly, ...],
    BeforeValidator(_listed),
    Field(min_length=1),
    WithJsonSchema(_one_or_more({"type": "string", "examples": ["mon-fri 08:00-17:00"]})),
]


class Part(BaseModel):
    """Base of all models: no key that is not known, nothing changed afterwards."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


# Which aircraft -----------------------------------------------------------------------------------

Range = tuple[int, int]
_ADDRESS = re.compile(r"^[0-9a-fA-F]{6}$")
_RANGE = re.compile(r"^\s*([0-9a-fA-F]{6})\s*-\s*([0-9a-fA-F]{6})\s*$")


def parse_addresses(value: Any) -> Any:
    """Return closed ranges of addresses of "ae0000-afffff", "4b1234", or a list of those."""
    if isinstance(value, tuple):
        return value
    ranges: list[Range] = []
    for text in _listed(value):
        if not isinstance(text, str):
            raise ValueError("an address is a text. Write 6 hex digits, like 4b1234")
        found = _RANGE.match(text)
        first, last = (found[1], found[2]) if found else (text.strip(), text.strip())
        if not (_ADDRESS.match(first) and _ADDRESS.match(last)):
            raise ValueError(
                f"'{text}' is not an address or a range of addresses. Write 6 hex digits each, like 4b1234 or "
                "ae0000-afffff"
            )
        if int(first, 16) > int(last, 16):
            raise ValueError(f"'{text}' ends before it begins. Write {last}-{first}")
        ranges.append((int(first, 16), int(last, 16)))
    if not ranges:
        raise ValueError("no address is listed. Write one like 4b1234, or ae0000-afffff")
    return tuple(sorted(ranges))


def parse_patterns(value: Any) -> Any:
    """Return compiled patterns: a text of letters and digits alone is the whole callsign, any other a regex."""
    made: list[re.Pattern[str]] = []
    for text in _listed(value):
        if isinstance(text, re.Pattern):
            made.append(text)
            continue
        if not isinstance(text, str) or not text.strip():
            raise ValueError("a callsign is a text that is not empty. Write it like RFF7081 or ^RFF")
        plain = text.strip()
        source = f"^{plain.upper()}$" if re.fullmatch(r"[A-Za-z0-9]+", plain) else plain
        try:
            made.append(re.compile(source, re.IGNORECASE))
        except re.error as error:
            raise ValueError(
                f"'{text}' is not a pattern (regular expression): {error}. Write the callsign alone, or a "
                "beginning like ^RFF"
            ) from None
    if not made:
        raise ValueError("no callsign is listed. Write one like RFF7081, or ^RFF")
    return tuple(made)


def _states(value: Any) -> Any:
    made = []
    for text in _listed(value):
        try:
            registers.blocks_of_state(str(text))
        except UsageError as error:
            raise ValueError(str(error)) from None
        made.append(str(text).strip().upper())
    return tuple(made)


_TEXTS = _one_or_more(_WORD)
Addresses = Annotated[tuple[Range, ...], BeforeValidator(parse_addresses), WithJsonSchema(_TEXTS)]
Patterns = Annotated[tuple[re.Pattern[str], ...], BeforeValidator(parse_patterns), WithJsonSchema(_TEXTS)]
States = Annotated[tuple[str, ...], BeforeValidator(_states), WithJsonSchema(_TEXTS)]
Classes = Annotated[
    tuple[Literal["fixed-wing", "rotary", "glider", "balloon", "UAS"], ...],
    BeforeValidator(_listed),
    Field(min_length=1),
    WithJsonSchema(_one_or_more({"enum": list(CLASSES)})),
]
Texts = Annotated[tuple[str, ...], BeforeValidator(_listed), Field(min_length=1), WithJsonSchema(_TEXTS)]


class Aircraft(Part):
    """Some aircraft: all that is said must hold of one."""

    icao24: Addresses | None = Field(None, description="addresses and closed ranges, 6 hex digits each")
    state: States | None = Field(
        None, description="State of registration, ISO 3166 code, by ICAO address block"
    )
    callsign: Patterns | None = Field(None, description="the whole callsign, or a regular expression")
    classes: Classes | None = Field(
        None, alias="class", description="by ADS-B emitter category or the register"
    )
    registration: Texts | None = Field(None, description="registration marks, by the register or the feed")
    type: Texts | None = Field(None, description="ICAO type designators, by the register or the feed")
    list: str | None = Field(
        None, description="a CSV file with a column icao24, callsign, registration or type"
    )

    @model_validator(mode="after")
    def _says_something(self) -> Aircraft:
        if all(getattr(self, name) is None for name in type(self).model_fields):
            raise ValueError(
                "nothing says which aircraft. Write icao24, state, callsign, class, registration, type or list"
            )
        return self

    @property
    def is_by_address(self) -> bool:
        """True: the address alone decides."""
        return all(
            getattr(self, name) is None for name in ("callsign", "classes", "registration", "type", "list")
        )


class Party(Part):
    """A party: which aircraft are its own."""

    title: str | None = Field(None, description="its full name")
    aircraft: tuple[Aircraft, ...] = Field(min_length=1, description="any of these is the party's")


# Places -------------------------------------------------------------------------------------------


def _rings(value: Any) -> Any:
    if not isinstance(value, list | tuple) or not value:
        raise ValueError("this is not an area. Write a list of positions [lon, lat], or a list of such rings")
    is_nested = isinstance(value[0], list | tuple) and value[0] and isinstance(value[0][0], list | tuple)
    rings = value if is_nested else [value]
    return tuple(_ring(ring, (i,) if is_nested else ()) for i, ring in enumerate(rings))


def _ring(ring: Any, at: tuple[int, ...]) -> tuple[tuple[float, float], ...]:
    positions = []
    for i, each in enumerate(ring):
        try:
            positions.append(_position(each))
        except ValueError as error:
            raise WithinError(str(error), (*at, i)) from None
    if len(positions) > 1 and positions[0] == positions[-1]:
        positions.pop()
    count = len(set(positions))
    if count < 3:
        raise WithinError(
            f"an area has at least three different positions, and here {'is' if count == 1 else 'are'} {count}. "
            "Write its whole outline, or a line",
            at,
        )
    return tuple(positions)


_POSITIONS = {
    "type": "array",
    "items": {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2},
}
Rings = Annotated[
    tuple[tuple[tuple[float, float], ...], ...],
    BeforeValidator(_rings),
    WithJsonSchema({"anyOf": [_POSITIONS, {"type": "array", "items": _POSITIONS}]}),
]
Line = Annotated[tuple[Position, ...], Field(min_length=2), WithJsonSchema({**_POSITIONS, "minItems": 2})]
FORMS = ("line", "area", "point", "corridor", "file")


class PlaceEntry(Part):
    """A place: one of line, area, point (with a radius), corridor (with a width) or file."""

    title: str | None = None
    line: Line | None = Field(None, description="positions [lon, lat] in order")
    area: Rings | None = Field(None, description="positions [lon, lat], or rings: the outer one, then holes")
    point: Position | None = Field(None, description="[lon, lat] of the centre of a circle")
    radius: LengthM | None = Field(None, gt=0, description="of the circle around point")
    corridor: Line | None = Field(None, description="positions [lon, lat] of its middle line")
    width: LengthM | None = Field(None, gt=0, description="of the corridor, from side to side")
    ends: Literal["round", "flat"] = Field("round", description="a corridor's ends: half circles, or cut off")
    file: str | None = Field(
        None, description="GeoJSON, KML, OpenAir, ED-269 or ED-318 file; #NAME picks one place of it"
    )
    edges: Literal["straight", "geodesic"] | None = Field(
        None, description="what joins two positions: straight in lon/lat (GeoJSON), or the shortest path"
    )
    floor: Level | None = None
    ceiling: Level | None = None
    ground: Elevation | None = Field(
        None, description="elevation of the ground above mean sea level, for limits above ground"
    )
    during: Intervals | None = Field(None, description="the place holds in these intervals only")
    hours: Hours | None = Field(None, description="and in these weekly hours only, UTC")

    @model_validator(mode="after")
    def _is_one_form(self) -> PlaceEntry:
        told = [form for form in FORMS if getattr(self, form) is not None]
        for form, need, example in (("point", "radius", "5 NM"), ("corridor", "width", "10 NM")):
            if getattr(self, form) is not None and getattr(self, need) is None:
                raise ValueError(f"there is {form} without {need}. Write {need}: {example} as well")
            if getattr(self, need) is not None and getattr(self, form) is None:
                raise ValueError(f"there is {need} without {form}. Write {form} as well, or leave {need} out")
        if not told:
            raise ValueError(f"nothing says where the place is. Write one of {', '.join(FORMS)}")
        if len(told) > 1:
            raise ValueError(
                f"a place has one form, and here are {' and '.join(told)}. Make two places of it"
            )
        return self

    @property
    def schedule(self) -> Schedule:
        """When it holds."""
        return Schedule(self.during or (), tuple(each for hours in self.hours or () for each in hours))


# Rules --------------------------------------------------------------------------------------------


class Brush(Part):
    """An excursion up to this long and this deep is called a brush."""

    time: Seconds = 60.0
    depth: LengthM = 1000.0


class Side(Part):
    """Keeps to one side of a line."""

    side: Literal[
        "north", "northeast", "east", "southeast", "south", "southwest", "west", "northwest", "left", "right"
    ] = Field(description="where the party stays: a compass word, or left or right of the line in its order")
    of: Name = Field(description="the line")
    buffer: LengthM = Field(0.0, description="an excursion no deeper than this is counted, and is no finding")
    reach: LengthM = Field(100_000.0, gt=0, description="the rule holds up to this far from the line")
    brush: Brush = Brush()
    sustained: Seconds = Field(300.0, description="an excursion at least this long is called sustained")
    join_gap: Seconds = Field(
        900.0, description="excursions of a flight that only a gap up to this long separates are one"
    )


class Zone(Part):
    """Keeps out of places, or inside them."""

    out_of: Names | None = None
    inside: Names | None = None
    below: Level | None = Field(
        None, description="only below this level, in place of the place's own ceiling"
    )
    above: Level | None = Field(None, description="only above this level, in place of the place's own floor")
    margin: LengthM = Field(0.0, description="required spacing beside the place")

    @model_validator(mode="after")
    def _is_one(self) -> Zone:
        if (self.out_of is None) == (self.inside is None):
            found = "neither is there" if self.inside is None else "here are both"
            raise ValueError(f"a zone rule has either out_of or inside; {found}. Write one of them")
        return self


class Minima(Part):
    """How far apart."""

    horizontal: LengthM = Field(gt=0)
    vertical: Feet = Field(gt=0)


class Apart(Part):
    """Keep apart."""

    apart: Minima


class Pledge(Part):
    """Activity changes after a date."""

    flights: Literal["falls", "rises"] | None = None
    hours: Literal["falls", "rises"] | None = Field(None, description="flight hours")
    by: Share = Field(description="by at least this much")
    after: Instant

    @model_validator(mode="after")
    def _is_one(self) -> Pledge:
        if (self.flights is None) == (self.hours is None):
            found = "neither flights nor hours" if self.flights is None else "both flights and hours"
            raise ValueError(
                f"a pledge is about one number, and here is {found}. Write flights: falls, for example"
            )
        return self


class RuleEntry(Part):
    """A rule; ``keeps`` or ``pledges`` says what, see `Side`, `Zone`, `Apart`, `Pledge`."""

    id: Name
    sentence: str | None = Field(None, description="the rule in words, as the parties put it")
    party: Name | None = Field(None, description="whom it binds; all for everyone")
    between: Names | None = Field(None, description="two parties that keep apart, or all")
    classes: Classes | None = Field(None, alias="class", description="binds these classes of aircraft only")
    aircraft: tuple[Aircraft, ...] | None = Field(None, description="binds these aircraft only")
    during: Intervals | None = Field(None, description="holds in these intervals only")
    hours: Hours | None = Field(None, description="holds in these weekly hours only, UTC")
    keeps: Side | Zone | Apart | None = None
    pledges: Pledge | None = None

    @property
    def kind(self) -> str:
        """One of side, out_of, inside, apart, pledges."""
        if self.pledges is not None:
            return "pledges"
        if isinstance(self.keeps, Side):
            return "side"
        if isinstance(self.keeps, Zone):
            return "out_of" if self.keeps.out_of is not None else "inside"
        return "apart"

    @property
    def schedule(self) -> Schedule:
        """When it holds."""
        return Schedule(self.during or (), tuple(each for hours in self.hours or () for each in hours))


class PermissionEntry(Part):
    """Notice that was given: what it covers is excused."""

    id: Name
    party: Name
    excuses: Names = Field(description="ids of rules")
    sentence: str | None = None
    icao24: Addresses | None = None
    callsign: Patterns | None = None
    classes: Classes | None = Field(None, alias="class")
    during: Intervals | None = Field(None, description="within these intervals only")
    within: Names | None = Field(None, description="inside these places only")
    below: Level | None = None
    above: Level | None = None


class Atmosphere(Part):
    """What turns altitudes above mean sea level into pressure altitudes."""

    qnh: PressureHpa = Field(description="like 1013 hPa or 29.92 inHg")


class Head(Part):
    """The whole of an agreement, but for its named parts."""

    wideberth: Literal["1"] = Field(description="version of this format")
    name: str
    valid: Interval | None = Field(None, description="nothing is judged outside this interval")
    notes: str | None = None
    register_: str | None = Field(
        None, alias="register", description="a table of aircraft: icao24 with registration, type, class"
    )
    atmosphere: Atmosphere | None = None
    max_gap: Seconds = Field(
        60.0, description="the longest gap between two samples that motion is inferred across"
    )


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def microseconds(instant: datetime) -> int:
    """Return an instant as Unix microseconds."""
    return (instant - EPOCH) // timedelta(microseconds=1)

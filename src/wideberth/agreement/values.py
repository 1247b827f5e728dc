"""The texts of an agreement file and what they mean: lengths, spans of time, positions, addresses, callsigns.

A value is a text, as `tree` reads it, or a number where somebody builds an agreement in Python.  Lengths, durations
and shares carry their unit in the text.  Levels stand in `levels`.
"""

from __future__ import annotations

import math
import re
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from wideberth.agreement import registers
from wideberth.errors import UsageError
from wideberth.units import parse_duration_s, parse_instant, parse_length_m

if TYPE_CHECKING:
    from collections.abc import Callable

ID = re.compile(r"^[A-Za-z0-9][A-Za-z0-9_./:-]{0,79}$")
CLASSES = ("fixed-wing", "rotary", "glider", "balloon", "UAS")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
COMPASS = ("north", "northeast", "east", "southeast", "south", "southwest", "west", "northwest")
DAY_S = 86_400


class Part(BaseModel):
    """Base of all models: no key that is not known, nothing changed afterwards."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


def said(parse: Callable[[str], Any]) -> Callable[[Any], Any]:
    """Have a parser's `UsageError` count as a fault of the value."""

    def parsed(value: Any) -> Any:
        if not isinstance(value, str):
            return value
        try:
            return parse(value)
        except UsageError as error:
            raise ValueError(str(error)) from None

    return parsed


def text_schema(pattern: str, *examples: str) -> WithJsonSchema:
    """Return how the JSON Schema describes a text."""
    return WithJsonSchema({"type": "string", "pattern": pattern, "examples": list(examples)})


def one_or_more(item: dict[str, Any]) -> dict[str, Any]:
    """Return the JSON Schema of an item, or a list of such."""
    return {"anyOf": [item, {"type": "array", "items": item, "minItems": 1}]}


def _length_m(text: str) -> float:
    length_m = parse_length_m(text)
    if length_m < 0.0:
        raise UsageError(f"'{text}' is negative. A length is 0 or more.")
    return length_m


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
    float, BeforeValidator(said(_length_m)), text_schema(r"^[\d.]+ ?(m|km|ft|NM|mi)$", "5 NM", "500 m")
]
Seconds = Annotated[
    float, BeforeValidator(said(parse_duration_s)), text_schema(r"^[\d.]+ ?(s|min|h|d)$", "15 min")
]
Share = Annotated[float, BeforeValidator(said(_share)), text_schema(r"^[\d.]+ ?%$", "50 %")]
_INTERVAL = {
    "type": "string",
    "pattern": "^[^/]+/[^/]+$",
    "examples": ["2017-11-01/2018-01-01", "2017-11-20T08:00Z/2017-11-20T09:00Z"],
}
_WORD = {"type": ["string", "number"]}  # an editor's YAML takes 140000 and 4e1234 for numbers
Interval = Annotated[
    tuple[datetime, datetime],
    BeforeValidator(said(parse_interval)),
    WithJsonSchema(_INTERVAL),
]
Intervals = Annotated[
    tuple[Interval, ...],
    BeforeValidator(_listed),
    Field(min_length=1),
    WithJsonSchema(one_or_more(_INTERVAL)),
]
# What an editor's YAML makes of 2017-11-16 may be a date, which is nothing that JSON has a word for: so what it is not.
_INSTANT = {"not": {"type": ["array", "boolean", "null", "number", "object"]}, "examples": ["2017-11-16"]}
_NAME = {"not": {"type": ["array", "boolean", "null", "object"]}, "pattern": ID.pattern}
Instant = Annotated[datetime, BeforeValidator(said(parse_instant)), WithJsonSchema(_INSTANT)]
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
Name = Annotated[str, BeforeValidator(_name), WithJsonSchema(_NAME)]
Names = Annotated[
    tuple[Name, ...],
    BeforeValidator(_listed),
    Field(min_length=1),
    WithJsonSchema(one_or_more(_NAME)),
]
Weekly = Annotated[tuple[tuple[int, int, int], ...], BeforeValidator(said(parse_weekly))]
Hours = Annotated[
    tuple[Weekly, ...],
    BeforeValidator(_listed),
    Field(min_length=1),
    WithJsonSchema(one_or_more({"type": "string", "examples": ["mon-fri 08:00-17:00"]})),
]


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
        if fault := _fault_of_glob(plain):
            raise ValueError(fault)
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


_GLOB = re.compile(r"\^?([A-Za-z0-9*?]*[*?][A-Za-z0-9*?]*)\$?")
_REPEATED = re.compile(r"^\*|(?<!\\)[A-Za-z]\*|(?<!\\)[A-Za-z0-9][*?]$")


def _fault_of_glob(text: str) -> str:
    """Return why a text is no pattern but what shells take for one, such as SWR*; "" where it is not.

    At the end of what is searched for, R* adds nothing, for no R at all will do; and no callsign repeats a letter as
    often as one likes.
    """
    if not _REPEATED.search(text):
        return ""
    glob = _GLOB.fullmatch(text)
    remedy = "Write ^ before how a callsign begins, and .* for anything"
    if glob is not None:
        meant = f"^{glob[1].replace('?', '.').replace('*', '.*')}$".removeprefix("^.*").removesuffix(".*$")
        remedy = f"Write '{meant}'" if meant != "$" else "To mean any callsign, leave it out"
    return (
        f"'{text}' is not a pattern of callsigns: patterns are regular expressions, in which * and ? say how often the "
        f"letter before them is there. {remedy}"
    )


def _states(value: Any) -> Any:
    made = []
    for text in _listed(value):
        try:
            registers.blocks_of_state(str(text))
        except UsageError as error:
            raise ValueError(str(error)) from None
        made.append(str(text).strip().upper())
    return tuple(made)


_TEXTS = one_or_more(_WORD)
Addresses = Annotated[tuple[Range, ...], BeforeValidator(parse_addresses), WithJsonSchema(_TEXTS)]
Patterns = Annotated[tuple[re.Pattern[str], ...], BeforeValidator(parse_patterns), WithJsonSchema(_TEXTS)]
States = Annotated[tuple[str, ...], BeforeValidator(_states), WithJsonSchema(_TEXTS)]
Classes = Annotated[
    tuple[Literal["fixed-wing", "rotary", "glider", "balloon", "UAS"], ...],
    BeforeValidator(_listed),
    Field(min_length=1),
    WithJsonSchema(one_or_more({"enum": list(CLASSES)})),
]
Texts = Annotated[tuple[str, ...], BeforeValidator(_listed), Field(min_length=1), WithJsonSchema(_TEXTS)]


# Figures ------------------------------------------------------------------------------------------


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

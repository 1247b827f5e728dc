"""When a place holds: instants, spans and weekly hours of ED-269 and ED-318, spans of OpenAir and KML.

A schedule is refused rather than guessed: what cannot be read never becomes "always".
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from wideberth.agreement.shapes import Schedule

if TYPE_CHECKING:
    from wideberth.agreement.placefiles.collect import Draft

WEEKDAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
DAYLIGHT = {
    "BMCT": "beginning of morning civil twilight",
    "SR": "sunrise",
    "SS": "sunset",
    "EECT": "end of evening civil twilight",
}
DAY_S = 86_400
WEEK_S = 7 * DAY_S

_CLOCK = re.compile(
    r"^T?(\d{2}):?(\d{2})(?::?(\d{2})(?:[.,]\d+)?)?\s*(Z|UTC|[+-]\d{2}(?::?\d{2})?)?$", re.IGNORECASE
)
_MIDNIGHT = re.compile(r"T24:?00(?::?00(?:\.0+)?)?")


def instant(text: str) -> datetime | None:
    """Return the UTC instant of an ISO 8601 text; 24:00 is the next day; without an offset UTC; else None."""
    text = text.strip()
    is_end_of_day = _MIDNIGHT.search(text) is not None
    if is_end_of_day:
        text = _MIDNIGHT.sub("T00:00:00", text)
    try:
        found = datetime.fromisoformat(text)
        found += timedelta(days=1) if is_end_of_day else timedelta()
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def schedules(draft: Draft, periods: Any) -> list[Schedule] | None:
    """Return the schedules of ED-269 ``applicability`` or ED-318 ``limitedApplicability``.

    The place holds while any of them does.  One that always holds makes the others void.

    Returns:
        At least one; None where a period has a fault.
    """
    if periods in (None, []):
        return [Schedule()]
    if isinstance(periods, dict):  # some publish the one period without its list
        periods = [periods]
    if not isinstance(periods, list):
        draft.fault("its applicability is not a list.", "Write a list of periods.")
        return None
    found = [_period(draft, period) for period in periods]
    if any(each is None for each in found):
        return None
    kept = [each for each in found if each is not None]
    if any(each.is_always for each in kept):
        if len(kept) > 1:
            draft.note(f"it holds permanently; {len(kept) - 1} further periods change nothing")
        return [Schedule()]
    return list(dict.fromkeys(kept))


def _period(draft: Draft, period: Any) -> Schedule | None:
    if not isinstance(period, dict):
        draft.fault(f"a period is {period!r:.60}.", "Write an object with startDateTime and endDateTime.")
        return None
    permanent = str(period.get("permanent") or "").upper()
    bounds: list[datetime | None] = []
    for key in ("startDateTime", "endDateTime"):
        text = period.get(key)
        bound = instant(text) if isinstance(text, str) and text.strip() else None
        if text not in (None, "") and bound is None:
            draft.fault(f"{key} {text!r:.60} is not an instant.", "Write it like 2025-06-01T06:00:00Z.")
            return None
        bounds.append(bound)
    start, end = bounds
    if start is not None and end is not None and end < start:
        draft.fault(
            f"a period ends ({end:%Y-%m-%dT%H:%MZ}) before it starts ({start:%Y-%m-%dT%H:%MZ}).",
            "Exchange them.",
        )
        return None
    weekly = _weekly(draft, period.get("schedule"))
    if weekly is None:
        return None
    has_times = start is not None or end is not None or bool(weekly)
    if permanent == "YES" and has_times:
        draft.note("a period says that it is permanent and gives times; the times are taken")
    if permanent != "YES" and not has_times:
        if permanent == "NO":
            draft.fault(
                "a period is not permanent and gives no times.", "Give it a start, an end or a schedule."
            )
            return None
        draft.note("a period gives no times; it is taken as permanent")
    intervals = ((start, end),) if start is not None or end is not None else ()
    return Schedule(intervals, weekly)


def _weekly(draft: Draft, schedule: Any) -> tuple[tuple[int, int, int], ...] | None:
    if schedule in (None, [], {}):
        return ()
    entries = schedule if isinstance(schedule, list) else [schedule]
    parts: set[tuple[int, int, int]] = set()
    for entry in entries:
        found = _daily(draft, entry)
        if found is None:
            return None
        parts.update(found)
    return tuple(sorted(parts))


def _daily(draft: Draft, entry: Any) -> list[tuple[int, int, int]] | None:
    if not isinstance(entry, dict):
        draft.fault(f"an entry of its schedule is {entry!r:.60}.", "Write day, startTime and endTime.")
        return None
    for key in ("startEvent", "endEvent"):
        event = entry.get(key)
        if event:
            meaning = DAYLIGHT.get(str(event).upper(), "an event")
            draft.fault(
                f"its schedule hangs on {event} ({meaning}), which differs from day to day and is not computed.",
                "Write startTime and endTime instead, wide enough for every day of the period.",
            )
            return None
    days = entry.get("day")
    names = [str(day).upper() for day in (days if isinstance(days, list) else [days])]
    unknown = [name for name in names if name not in (*WEEKDAYS, "ANY")]
    if unknown or not names:
        draft.fault(f"its schedule has a day '{unknown[0] if unknown else ''}'.", "Write MON to SUN, or ANY.")
        return None
    clocks = []
    for key in ("startTime", "endTime"):
        clock = _clock(entry.get(key))
        if clock is None:
            draft.fault(f"{key} {entry.get(key)!r:.40} is not a time of day.", "Write it like 06:30Z.")
            return None
        clocks.append(clock)
    (start_s, start_zone_s), (end_s, end_zone_s) = clocks
    if start_zone_s is None or end_zone_s is None:
        draft.note("its hours name no time zone: read as UTC")
    until_s = end_s if end_s > start_s else end_s + DAY_S  # 22:00 to 06:00 ends on the next day
    numbers = range(7) if "ANY" in names else [WEEKDAYS.index(name) for name in names]
    parts = []
    for day in numbers:
        first_s = day * DAY_S + start_s - (start_zone_s or 0)
        last_s = day * DAY_S + until_s - (end_zone_s or 0)
        parts += week_parts(first_s, last_s)
    return parts


def _clock(value: Any) -> tuple[int, int | None] | None:
    """Return (seconds of the day, offset from UTC in seconds or None) of a text like 06:30Z."""
    match = _CLOCK.match(value.strip()) if isinstance(value, str) else None
    if match is None:
        return None
    hours, minutes, seconds = (int(each or 0) for each in match.groups()[:3])
    total_s = hours * 3600 + minutes * 60 + seconds
    if hours > 24 or minutes > 59 or seconds > 59 or total_s > DAY_S:
        return None
    zone = match.group(4)
    if zone is None:
        return total_s, None
    if zone.upper() in ("Z", "UTC"):
        return total_s, 0
    digits = zone[1:].replace(":", "").ljust(4, "0")
    offset_s = int(digits[:2]) * 3600 + int(digits[2:]) * 60
    return total_s, -offset_s if zone[0] == "-" else offset_s


def week_parts(first_s: int, last_s: int) -> list[tuple[int, int, int]]:
    """Return (weekday, from, until) of a span of seconds since Monday 00:00, cut at midnight.

    The span may begin before Monday or end after Sunday; it goes round the week.

    >>> week_parts(6 * 86_400 + 79_200, 7 * 86_400 + 21_600)
    [(6, 79200, 86400), (0, 0, 21600)]
    """
    parts = []
    while first_s < last_s:
        midnight_s = (first_s // DAY_S + 1) * DAY_S
        stop_s = min(last_s, midnight_s)
        day = first_s % WEEK_S // DAY_S
        parts.append((day, first_s % DAY_S, stop_s - (midnight_s - DAY_S)))
        first_s = stop_s
    return parts

"""When a place holds: instants, spans and weekly hours of ED-269 and ED-318, spans of OpenAir and KML.

A schedule is refused rather than guessed: what cannot be read never becomes "always".
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from wideberth.agreement.placefiles.collect import plain
from wideberth.agreement.shapes import Schedule

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wideberth.agreement.placefiles.collect import Draft

PERIODS = ("applicability", "limitedApplicability")  # ED-269, ED-318
WEEKDAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
DAYLIGHT = {
    "BMCT": "beginning of morning civil twilight",
    "SR": "sunrise",
    "SS": "sunset",
    "EECT": "end of evening civil twilight",
}
_EVENTS = ("startevent", "endevent")
_PERIOD = ("permanent", "startdatetime", "enddatetime", "schedule")
_ENTRY = ("day", "starttime", "endtime", *_EVENTS)
_IS_PERMANENT = {"YES": True, "TRUE": True, "NO": False, "FALSE": False}
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


def has_periods(zone: Mapping[str, Any]) -> bool:
    """Tell whether a zone says anything of when it holds, under either format's name."""
    return any(zone.get(key) not in (None, "", []) for key in PERIODS)


def schedules(draft: Draft, zone: Mapping[str, Any]) -> list[Schedule] | None:
    """Return the schedules of a zone's ``applicability`` (ED-269) or ``limitedApplicability`` (ED-318).

    The place holds while any of them does.  One that always holds makes the others void.  Either name is
    read in either format, or hours under the wrong one would be lost.

    Args:
        draft: the place.
        zone: what holds the periods; names of a period's own members are compared without case.
    Returns:
        At least one; None where a period has a fault.
    """
    told = [key for key in PERIODS if zone.get(key) not in (None, "", [])]
    if not told:
        return [Schedule()]
    if len(told) > 1:
        draft.fault("it has both applicability and limitedApplicability.", "Keep the one that is meant.")
        return None
    periods = zone[told[0]]
    if isinstance(periods, dict):  # some publish the one period without its list
        periods = [periods]
    if not isinstance(periods, list):
        draft.fault("its applicability is not a list.", "Write a list of periods, or take it out.")
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
    members = _told(period)
    if _hangs_on_daylight(draft, members):
        return None
    permanent = members.get("permanent")
    is_permanent = None if permanent is None else _IS_PERMANENT.get(str(permanent).strip().upper())
    if permanent is not None and is_permanent is None:
        draft.fault(f"a period's permanent is {permanent!r:.40}.", "Write YES or NO.")
        return None
    bounds: list[datetime | None] = []
    for key in ("startDateTime", "endDateTime"):
        text = members.get(key.lower())
        bound = instant(text) if isinstance(text, str) and text.strip() else None
        if text is not None and bound is None:
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
    weekly = _weekly(draft, members.get("schedule"))
    if weekly is None:
        return None
    has_times = start is not None or end is not None or bool(weekly)
    others = ", ".join(key for key in members if key not in _PERIOD)
    if is_permanent and has_times:
        draft.note("a period says that it is permanent and gives times; the times are taken")
    if not is_permanent and not has_times:
        if is_permanent is False or others:
            what = "is not permanent and gives no times" if is_permanent is False else "gives no times"
            but = f" that are read, but {others:.80}" if others else ""
            draft.fault(f"a period {what}{but}.", "Give it startDateTime, endDateTime or a schedule.")
            return None
        draft.note("a period gives no times; it is taken as permanent")
    if others:
        draft.note(f"of a period, {others} is not read")
    intervals = ((start, end),) if start is not None or end is not None else ()
    return Schedule(intervals, weekly)


def _told(holder: Mapping[str, Any]) -> dict[str, Any]:
    """Return the members that say something, by their names in lower case."""
    return {key.lower(): value for key, value in holder.items() if value not in (None, "", [], {})}


def _hangs_on_daylight(draft: Draft, members: Mapping[str, Any]) -> bool:
    """Fault a period, or hours, that begin or end with an event."""
    for key in _EVENTS:
        if key in members:
            event = plain(members[key])
            meaning = DAYLIGHT.get(event.upper(), "an event")
            draft.fault(
                f"its schedule hangs on {event:.40} ({meaning}), which differs from day to day and is not computed.",
                "Write startTime and endTime instead, wide enough for every day of the period.",
            )
            return True
    return False


def _weekly(draft: Draft, schedule: Any) -> tuple[tuple[int, int, int], ...] | None:
    if schedule is None:
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
    members = _told(entry)
    if _hangs_on_daylight(draft, members):
        return None
    others = ", ".join(key for key in members if key not in _ENTRY)
    if others:
        draft.note(f"of its schedule, {others} is not read")
    days = members.get("day")
    names = [str(day).upper() for day in (days if isinstance(days, list) else [days])]
    unknown = [name for name in names if name not in (*WEEKDAYS, "ANY")]
    if unknown or not names:
        draft.fault(f"its schedule has a day '{unknown[0] if unknown else ''}'.", "Write MON to SUN, or ANY.")
        return None
    clocks = []
    for key in ("startTime", "endTime"):
        clock = _clock(members.get(key.lower()))
        if clock is None:
            draft.fault(
                f"{key} {members.get(key.lower())!r:.40} is not a time of day.", "Write it like 06:30Z."
            )
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

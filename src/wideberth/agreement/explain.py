"""An agreement in plain sentences."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

from wideberth.agreement.atmosphere import distance_m
from wideberth.agreement.edges import edges_of
from wideberth.agreement.model import DAY_S, EPOCH, Aircraft, Apart, Pledge, Side, Zone
from wideberth.units import METRES_PER_MILE, METRES_PER_NM

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from wideberth.agreement.atmosphere import Qnh
    from wideberth.agreement.load import Agreement
    from wideberth.agreement.rules import Permission, Rule
    from wideberth.agreement.shapes import Limit, Schedule, Shape, Volume

FEW = 4  # values of the QNH that are told one by one
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def sentences(agreement: Agreement) -> Iterator[tuple[str, str]]:
    """Yield (heading, sentence) for what an agreement says: whose aircraft, where, what is kept, what is excused."""
    yield "", agreement.name
    if agreement.head.notes:
        yield "", agreement.head.notes
    valid = agreement.head.valid
    yield "", f"Valid from {_when(valid[0])} to {_when(valid[1])}." if valid else "Valid at all times."
    for name, party in agreement.parties.items():
        title = f" ({party.title})" if party.title else ""
        yield "Parties", f"{name}{title}: {_listed(map(aircraft, party.aircraft), 'or')}."
    if not agreement.parties:
        yield "Parties", "None: the rules bind everyone alike."
    for name, place in agreement.places.items():
        yield "Places", f"{name}: {_listed(map(volume, place.volumes), 'and')}."
        for note in place.notes:
            yield "Places", f"{name}, not used: {note}"
    for rule in agreement.rules:
        yield "Rules", f"{rule.id}: {sentence(rule)}"
    for permission in agreement.permissions:
        yield "Permissions", f"{permission.id}: {permitted(permission)}"
    for told in _levels(agreement):
        yield "Levels", told
    if _has_pressure_levels(agreement):
        yield (
            "Levels",
            "Levels in ft or FL are pressure altitudes (1013.25 hPa), as aircraft report them; they are not heights "
            "above the sea.",
        )


def _levels(agreement: Agreement) -> Iterator[str]:
    """Yield what levels above the sea and the ground rest on: which QNH, which ground."""
    if agreement.qnh is not None:
        yield qnh(agreement.qnh)
        for name, place in agreement.places.items():
            station = agreement.qnh.station_of(place)
            if station.position is not None and _needs_qnh(agreement, name):
                far = f"{distance_m(station, place) / 1000:.1f} km from its middle"
                yield f"The QNH of {name} is that{station.where}, {far}."
    for name, elevation_m in agreement.ground_m.items():
        yield f"The ground of {name} is {metres(elevation_m)} above mean sea level."
    for name, place in agreement.places.items():
        for file in dict.fromkeys(volume.ground for volume in place.volumes if volume.ground):
            raster = agreement.terrains[file]
            yield (
                f"The ground of {name} is by {file} ({raster.width} × {raster.height} cells, {raster.crs}), at each "
                "position of an aircraft, in metres above mean sea level."
            )


def qnh(one: Qnh) -> str:
    """Return the QNH in words: how much, from where, from when on."""
    values = [value for station in one.stations for value in station.qnh_hpa]
    if one.is_constant:
        return f"The QNH is {values[0]:g} hPa."
    starts = [EPOCH + timedelta(microseconds=us) for station in one.stations for us in station.from_us]
    if not one.source and len(values) <= FEW:
        told = (f"{value:g} hPa from {_when(begin)} on" for begin, value in zip(starts, values, strict=True))
        return f"The QNH is {', then '.join(told)}; before that it is not known."
    count = f"{len(values):,} {'value' if len(values) == 1 else 'values'}"
    stations = f" of {len(one.stations)} stations" if len(one.stations) > 1 else ""
    return (
        f"The QNH is by {one.source or 'the agreement'}: {count}{stations}, {min(values):g} to {max(values):g} hPa, "
        f"from {_when(min(starts))} to {_when(max(starts))}; each holds until the next one, the last from then on, "
        "and before the first it is not known."
    )


def _needs_qnh(agreement: Agreement, name: str) -> bool:
    places = [place for rule in agreement.rules for place in rule.places if place.name == name]
    places += [place for each in agreement.permissions for place in each.places if place.name == name]
    limits = (
        limit for place in places for one in place.volumes for limit in (one.floor, one.ceiling) if limit
    )
    return any(limit.needs_qnh for limit in limits)


def sentence(rule: Rule) -> str:
    """Return a rule in words."""
    entry = rule.entry
    whom = "Everyone" if rule.bound == ("all",) else _listed(rule.bound, "and")
    if entry.classes:
        whom += f" ({_listed(entry.classes, 'or')} only)"
    if entry.aircraft:
        whom += f" ({_listed(map(aircraft, entry.aircraft), 'or')} only)"
    what = _kept(rule, whom)
    said = f" In the parties' words: {entry.sentence}" if entry.sentence else ""
    return f"{what}{_hours(entry.schedule)}.{_told(entry.keeps)}{said}"


def _told(keeps: Side | Zone | Apart | None) -> str:
    """Return what is told under a rule beside what breaks it."""
    if isinstance(keeps, Side) and keeps.stretches is not None:
        return f" Counts along {keeps.of} are told per stretch of at most {metres(keeps.stretches)}."
    if not isinstance(keeps, Zone) or keeps.inside:
        return ""
    near = keeps.near
    if near is None or near.horizontal <= 0.0 or near.vertical <= 0.0:
        return " How far it was missed is not told."
    which = "it" if len(keeps.out_of or ()) == 1 else "one"
    by = f"{metres(near.horizontal)} and {near.vertical:g} ft"
    return f" Whoever misses {which} by less than {by} is told, as kept."


def _kept(rule: Rule, whom: str) -> str:
    keeps = rule.entry.keeps
    if isinstance(keeps, Side):
        past = f"; up to {metres(keeps.buffer)} past it is counted, and is no finding" if keeps.buffer else ""
        default = "" if "reach" in keeps.model_fields_set else " (the reach where a rule says none)"
        return f"{whom} keeps {keeps.side} of {keeps.of}, within {metres(keeps.reach)} of it{default}{past}"
    if isinstance(keeps, Zone):
        names = _listed((place.name for place in rule.places), "and" if keeps.inside else "or")
        verb = "keeps inside" if keeps.inside else "keeps out of"
        levels = between(keeps.above, keeps.below)
        margin = f", by at least {metres(keeps.margin)}" if keeps.margin else ""
        return f"{whom} {verb} {names}{levels}{margin}"
    if isinstance(keeps, Apart):
        minima = f"{metres(keeps.apart.horizontal)} or {keeps.apart.vertical:g} ft away"
        keep, each_other = ("keeps", "everyone else") if rule.bound == ("all",) else ("keep", "each other")
        return f"{whom} {keep} {minima} from {each_other}: less than both at once breaks it"
    pledge = rule.entry.pledges
    assert isinstance(pledge, Pledge)
    what, way = ("flights", pledge.flights) if pledge.flights else ("flight hours", pledge.hours)
    return (
        f"{whom} pledges that {what} a day {str(way).removesuffix('s')} by at least {100 * pledge.by:g} % from "
        f"{_when(pledge.after)} on"
    )


def permitted(permission: Permission) -> str:
    """Return a permission in words."""
    entry = permission.entry
    whom = "anyone" if entry.party == "all" else entry.party
    told = []
    if entry.callsign:
        told.append(f"callsign {_listed(map(_callsign, entry.callsign), 'or')}")
    if entry.icao24:
        told.append(f"address {_listed(map(_range, entry.icao24), 'or')}")
    if entry.classes:
        told.append(_listed(entry.classes, "or"))
    who = f" ({', '.join(told)})" if told else ""
    when = (
        f" from {_listed((f'{_when(a)} to {_when(b)}' for a, b in entry.during), 'and')}"
        if entry.during
        else ""
    )
    where = (
        f" inside {_listed((place.name for place in permission.places), 'or')}" if permission.places else ""
    )
    levels = between(entry.above, entry.below)
    said = f" In the parties' words: {entry.sentence}" if entry.sentence else ""
    return f"{whom}{who} is excused from {_listed(entry.excuses, 'and')}{when}{where}{levels}.{said}"


def aircraft(entry: Aircraft) -> str:
    """Return in words which aircraft an entry means."""
    told = []
    if entry.icao24:
        told.append(f"addresses {_listed(map(_range, entry.icao24), 'or')}")
    if entry.state:
        told.append(f"registered in {_listed(entry.state, 'or')} (by the ICAO block of the address)")
    if entry.callsign:
        told.append(f"callsign {_listed(map(_callsign, entry.callsign), 'or')}")
    if entry.classes:
        told.append(f"class {_listed(entry.classes, 'or')}")
    if entry.registration:
        told.append(f"registration {_listed(entry.registration, 'or')}")
    if entry.type:
        told.append(f"type {_listed(entry.type, 'or')}")
    if entry.list:
        told.append(f"listed in {entry.list}")
    return ", ".join(told)


def volume(one: Volume) -> str:
    """Return a volume in words."""
    return f"{_listed(map(shape, one.shapes), 'and')}{between(one.floor, one.ceiling)}{_hours(one.schedule)}"


def shape(one: Shape) -> str:
    """Return a shape in words."""
    points = sum(map(len, one.rings))
    lon, lat = one.rings[0][0]
    if one.kind == "circle":
        return f"a circle of {metres(one.radius_m)} around {lon:.4f}, {lat:.4f}"
    straight = "" if one.edges == "straight" else ", joined by shortest ways"
    if one.kind == "area":
        count = len(one.rings) - 1
        holes = f" and {count} {'hole' if count == 1 else 'holes'}" if count else ""
        return f"an area of {points} vertices{holes}{straight}"
    length = f"{_length_m(one) / 1000:.1f} km"
    if one.kind == "corridor":
        return f"a corridor {metres(2 * one.radius_m)} wide along {length}, {one.ends} ends{straight}"
    return f"a line of {points} vertices, {length}, from {lon:.4f}, {lat:.4f}{straight}"


def _length_m(one: Shape) -> float:
    from wideberth.kernels.geodesy import chord_m

    edges = edges_of(one)
    return float(
        sum(chord_m(*each) for each in zip(edges.lat0, edges.lon0, edges.lat1, edges.lon1, strict=True))
    )


def metres(length_m: float) -> str:
    """Return a length as people say it.

    >>> metres(500.0), metres(60_000.0), metres(9260.0), metres(1609.344)
    ('500 m', '60 km', '5 NM', '1 mi')
    """
    for unit, unit_m in (("NM", METRES_PER_NM), ("mi", METRES_PER_MILE)):
        count = length_m / unit_m
        if count >= 0.25 and abs(count - round(count, 2)) < 1e-9 and length_m % 100.0:
            return f"{round(count, 2):g} {unit}"
    return f"{length_m / 1000:g} km" if length_m >= 1000.0 else f"{length_m:g} m"


def between(floor: Limit | None, ceiling: Limit | None) -> str:
    """Return levels in words, as they follow a place: ", below FL95"; "" without any."""
    if floor is not None and ceiling is not None:
        return f", between {floor.text} and {ceiling.text}"
    if ceiling is not None:
        return f", below {ceiling.text}"
    return f", above {floor.text}" if floor is not None else ""


def _hours(schedule: Schedule) -> str:
    spans = _listed((f"from {_open(begin)} to {_open(end)}" for begin, end in schedule.intervals), "and")
    hours = _weekly(schedule.weekly)
    if spans and hours:
        return f", {spans}, then only {hours}"
    return f", {spans or hours}" if spans or hours else ""


def _weekly(weekly: Iterable[tuple[int, int, int]]) -> str:
    """Return weekly hours in words: days of the same hours together, and a night as one.

    >>> _weekly((day, 8 * 3600, 16 * 3600) for day in range(7))
    'every day 08:00-16:00 UTC'
    >>> _weekly([(0, 79_200, 86_400), (1, 0, 21_600)])
    'on Monday 22:00-06:00 (of the next day) UTC'
    """
    parts = sorted(set(weekly))
    nights: list[tuple[int, int, int]] = []
    for day, from_s, until_s in [each for each in parts if each[1] > 0 and each[2] == DAY_S]:
        # What goes on past midnight is in two parts; one that begins again before it ends is no night.
        ends = [each for each in parts if each[:2] == ((day + 1) % 7, 0) and each[2] < from_s]
        if ends:
            nights.append((day, from_s, ends[0][2]))
            parts = [each for each in parts if each not in (ends[0], (day, from_s, until_s))]
    days_of: dict[tuple[int, int], list[int]] = {}
    for day, from_s, until_s in sorted([*parts, *nights]):
        days_of.setdefault((from_s, until_s), []).append(day)
    clocks_of: dict[tuple[int, ...], list[str]] = {}
    for (from_s, until_s), days in days_of.items():
        next_day = " (of the next day)" if until_s < from_s else ""
        clocks_of.setdefault(tuple(days), []).append(f"{_clock(from_s)}-{_clock(until_s)}{next_day}")
    return _listed(
        (f"{_days(days)} {_listed(clocks, 'and')} UTC" for days, clocks in clocks_of.items()), "and"
    )


def _days(days: Sequence[int]) -> str:
    """Return days of the week in words.

    >>> _days([0, 1, 2, 3, 4]), _days([0, 5, 6]), _days([1, 3])
    ('Monday to Friday', 'Saturday to Monday', 'on Tuesday and Thursday')
    """
    if len(days) == len(_DAYS):
        return "every day"
    starts = [day for day in days if (day - 1) % 7 not in days]
    if len(starts) == 1 and len(days) > 2:
        return f"{_DAYS[starts[0]]} to {_DAYS[(starts[0] + len(days) - 1) % 7]}"
    return f"on {_listed((_DAYS[day] for day in days), 'and')}"


def _clock(second: int) -> str:
    return f"{second // 3600:02d}:{second // 60 % 60:02d}"


def _open(instant: datetime | None) -> str:
    return "any time" if instant is None else _when(instant)


def _when(instant: datetime) -> str:
    if not (instant.hour or instant.minute or instant.second or instant.microsecond):
        return f"{instant:%Y-%m-%d}"
    seconds = f":{instant:%S}" if instant.second or instant.microsecond else ""
    return f"{instant:%Y-%m-%d %H:%M}{seconds} UTC"


def _range(ends: tuple[int, int]) -> str:
    low, high = ends
    return f"{low:06x}" if low == high else f"{low:06x}-{high:06x}"


def _callsign(pattern: re.Pattern[str]) -> str:
    plain = re.fullmatch(r"\^([A-Z0-9]+)\$", pattern.pattern)
    return plain[1] if plain else f"matching {pattern.pattern}"


def _listed(texts: Iterable[str], word: str) -> str:
    some: Sequence[str] = list(texts)
    if len(some) < 2:
        return "".join(some)
    return f"{', '.join(some[:-1])} {word} {some[-1]}"


def _has_pressure_levels(agreement: Agreement) -> bool:
    limits = [
        limit
        for place in (
            *agreement.places.values(),
            *(place for rule in agreement.rules for place in rule.places),
        )
        for one in place.volumes
        for limit in (one.floor, one.ceiling)
    ]
    limits += [limit for each in agreement.permissions for limit in (each.entry.above, each.entry.below)]
    return any(limit is not None and limit.datum == "pressure" for limit in limits)

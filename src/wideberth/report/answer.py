"""The answer first: a few sentences on what was found, before any chart."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from wideberth.minima import distance_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

COUNTED = ("excursions", "penetrations", "times outside", "encounters")
TRUSTS = ("credible", "doubtful", "artefact")
TIMES = {1: "once", 2: "twice"}
CONTEXTS = {
    "level spacing": "{} of two that held levels as they are assigned, 1,000 ft or so apart",
    "circuit": "{} at an aerodrome where both took off or landed",
    "company": "{} of two that flew together",
}


def of_incidents(
    summary: Mapping[str, Any], worst: Mapping[str, Mapping[str, Any]], trusts: Mapping[str, int]
) -> list[str]:
    """Return sentences about incidents, the most telling first.

    Args:
        summary: as `summary.of_incidents` returns it.
        worst: by rule the finding under it that is told of.
        trusts: how many findings are of each trust.
    """
    rates = summary.get("rates", ())
    # What was found before what was not, and what was pledged right after the first.
    rules = sorted(summary["rules"], key=lambda rule: not _count(rule))
    rules[1:] = sorted(rules[1:], key=lambda rule: rule["kind"] != "pledges")
    period = _period(summary.get("recorded"))
    if not rules:
        return [f"{period} nothing was judged: the agreement has no rules."]
    (first, more), *others = (_rule(rule, rates, worst.get(rule["rule"])) for rule in rules)
    head = f"{period} {first}" if _count(rules[0]) else f"{period}: {first}"
    rest = [more, *(f"{said} {more}".strip() for said, more in others)]
    return [head, *(_capital(each) for each in rest if each), *_trusted(trusts), *_rates_said(rates)]


def of_encounters(
    summary: Mapping[str, Any],
    period: Sequence[str] | None,
    rows: Sequence[Mapping[str, Any]],
    trusts: Mapping[str, int],
    contexts: Mapping[str, int],
    surprising: int,
) -> list[str]:
    """Return sentences about encounters.

    Args:
        summary: as `summary.of_encounters` returns it.
        period: when the recording, or else what was found, begins and ends.
        rows: the first by rank.
        trusts: how many are of each trust.
        contexts: how many are of each context.
        surprising: how many are credible, with no known context.
    """
    (rule,) = summary["rules"]
    minima = rule["sentence"].partition("nearer than ")[2].partition(" at the same")[0] or "the minima"
    number = sum(trusts.values()) or len(rows)
    aircraft = f", among {rule['aircraft']:,} aircraft" if rule.get("aircraft") else ""
    said = [f"{_period(period)}: two aircraft were within {minima} of each other {_times(number)}{aircraft}."]
    if number and trusts:
        is_one = surprising == 1
        said.append(
            f"{surprising:,} of these {'is' if is_one else 'are'} credible, and nothing about the traffic makes "
            f"{'it' if is_one else 'them'} ordinary."
        )
    ordinary = [
        CONTEXTS[name].format(_plural(count, "is", "are"))
        for name, count in contexts.items()
        if name in CONTEXTS
    ]
    if ordinary:
        said.append(f"Of all, {_listed(ordinary)}.")
    if rows:
        said.append(f"First to look at: {_first(rows[0])}.")
    return [*said, *_trusted(trusts)]


def _first(row: Mapping[str, Any]) -> str:
    names = [row.get(f"callsign_{side}") or row.get(f"icao24_{side}") for side in "ab"]
    vertical = row.get("vertical_ft_at_cpa")
    high = "an unknown height" if vertical is None else f"{vertical:,.0f} ft"
    return (
        f"{names[0]} and {names[1]}, {row['hmd_m']:,.0f} m and {high} apart at {_clock(row['t_cpa'])} UTC, "
        f"{row.get('trust') or 'trust not told'}"
    )


def _rule(
    rule: Mapping[str, Any], rates: Sequence[Mapping[str, Any]], worst: Mapping[str, Any] | None
) -> tuple[str, str]:
    """Return how often a rule was broken, and the worst of it."""
    verdicts = rule.get("verdicts", {})
    who = " and ".join(each for each in rule.get("parties", ()) if each != "all") or "everyone"
    if rule["kind"] == "pledges":
        told = next((name for name in ("broken", "kept", "unknown") if verdicts.get(name)), "unknown")
        sentence = f"{_capital(worst['sentence'])}." if worst else ""
        return f"What {who} pledged ({rule['rule']}) {PLEDGED[told]}.", sentence
    if not rule.get("is_held", True):
        return f"{rule['rule']} held at no time of the recording.", ""
    if not _count(rule):
        heard = f"{_plural(rule.get('flights') or 0, 'flight')}, {rule.get('hours') or 0.0:,.0f} hours"
        return f"{rule['rule']}: nothing was found in what was heard of {who} ({heard}).", ""
    parts = [f"{_times(verdicts[name])}{_PASSED[name]}" for name in _PASSED if verdicts.get(name)]
    more: list[str] = []
    if verdicts.get("unknown"):
        perhaps = f"{_times(verdicts['unknown'])} perhaps: a gap or the parties' claims hide it"
        (more if parts else parts).append(perhaps)
    beside = [f"{_capital(each)}." for each in more]
    if worst:
        beside.append(
            f"{_WORST.get(rule['kind'], 'First to look at')}: {worst['sentence']}{_callsigns(worst)}."
        )
    rate = _rate(rule, rates) if any(verdicts.get(name) for name in _PASSED) else ""
    return f"{_did(rule, who)} {_listed(parts)}{rate}.", " ".join(beside)


def _did(rule: Mapping[str, Any], who: str) -> str:
    """Return what those whom a rule binds did when they broke it."""
    places = _listed(rule.get("places", ()), "or") or "the place"
    if rule["kind"] == "apart":
        minima = "the minima"
        if rule.get("horizontal_m") and rule.get("vertical_ft"):
            minima = f"{distance_text(rule['horizontal_m'])} and {rule['vertical_ft']:,.10g} ft"
        whom = "two aircraft" if who == "everyone" else who
        return f"{whom} were nearer to each other than {minima}"
    verb = "were" if who == "everyone" or len(rule.get("parties", ())) > 1 else "was"
    whom = "aircraft" if who == "everyone" else who
    side = OPPOSITE.get(rule.get("side") or "", "on the wrong side")
    did = {"side": f"{side} of {places}", "out_of": f"inside {places}"}
    return f"{whom} {verb} {did.get(rule['kind'], f'outside {places}')}"


_PASSED = {"broken": " without permission", "excused": " with permission"}
_WORST = {"side": "Farthest", "apart": "Least left of both minima", "out_of": "Deepest"}
OPPOSITE = {
    "north": "south",
    "south": "north",
    "east": "west",
    "west": "east",
    "left": "right",
    "right": "left",
}
PLEDGED = {"broken": "was not seen", "kept": "was seen", "unknown": "can neither be seen nor denied"}


def _listed(texts: Sequence[str], word: str = "and") -> str:
    *before, last = texts or [""]
    return f"{', '.join(before)} {word} {last}" if before else last


def _callsigns(row: Mapping[str, Any]) -> str:
    names = [row.get(f"callsign_{side}") or row.get(f"icao24_{side}") for side in "ab"]
    return " (" + " and ".join(each for each in names if each) + ")" if any(names) else ""


def _rate(rule: Mapping[str, Any], rates: Sequence[Mapping[str, Any]]) -> str:
    of_rule = [row for row in rates if row["rule"] == rule["rule"] and row["counted"] in COUNTED]
    row = next((row for row in of_rule if row["party"] == "all"), of_rule[0] if len(of_rule) == 1 else None)
    if row is None or row.get("per_day") is None:
        return ""
    if row.get("per_day_low") is None:
        return f", {figure(row['per_day'])} a day"
    return f", {figure(row['per_day'])} a day (95 %: {figure(row['per_day_low'])} to {figure(row['per_day_high'])})"


def _rates_said(rates: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yield what rates count, where there are any."""
    days = [row["days"] for row in rates if row.get("per_day") and row.get("days")]
    if days:
        yield (
            f"A rate counts what was permitted as well, over {max(days):,.1f} days of recording, hours in which "
            "nothing was heard among them; its interval allows for days that are not alike."
        )


def _trusted(trusts: Mapping[str, int]) -> Iterator[str]:
    told = [f"{trusts[name]:,} {name}" for name in TRUSTS if trusts.get(name)]
    if told:
        number = sum(trusts.values())
        yield (
            f"Whether that was really there is told of {_plural(number, 'finding')} by the reports themselves: "
            f"{_listed(told)}."
        )


def _count(rule: Mapping[str, Any]) -> int:
    return sum(rule.get("verdicts", {}).get(name, 0) for name in (*_PASSED, "unknown"))


def figure(value: float) -> str:
    """Return a number with about three digits.

    >>> [figure(value) for value in (0.0, 0.0001, 0.0123, 6.129, 26.41, 1234.5)]
    ['0', '<0.001', '0.012', '6.13', '26.4', '1,234']
    """
    if value < 0.0005:
        return "<0.001" if value > 0.0 else "0"
    return f"{value:,.{3 if value < 0.1 else 2 if value < 10.0 else 1 if value < 100.0 else 0}f}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _times(count: int) -> str:
    return TIMES.get(count, f"{count:,} times")


def _plural(count: int, noun: str, many: str = "") -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {many or noun + 's'}"


def _clock(text: str) -> str:
    return datetime.fromisoformat(text).strftime("%Y-%m-%d %H:%M:%S")


def _period(ends: Sequence[str] | None) -> str:
    """Return a span of time in words.

    >>> _period(("2017-11-01T01:06:24Z", "2017-11-30T17:47:02Z"))
    'Between 1 and 30 November 2017'
    >>> _period(("2018-08-01T05:00:00Z", "2018-08-01T15:30:00Z"))
    'On 1 August 2018 between 05:00 and 15:30 UTC'
    """
    if ends is None:
        return "In what was recorded"
    first, last = map(datetime.fromisoformat, ends)
    if first.date() == last.date():
        return f"On {first.day} {first:%B %Y} between {first:%H:%M} and {last:%H:%M} UTC"
    if (first.year, first.month) == (last.year, last.month):
        return f"Between {first.day} and {last.day} {last:%B %Y}"
    if first.year == last.year:
        return f"Between {first.day} {first:%B} and {last.day} {last:%B %Y}"
    return f"Between {first.day} {first:%B %Y} and {last.day} {last:%B %Y}"

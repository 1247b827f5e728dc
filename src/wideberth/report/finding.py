"""One finding in plain English: verdict, whose, when, where, how much and how sure, and what it rests on.

Takes a finding as `Incidents.records` and a ledger give it: plain data, times as text, unknown values left out.  A
ledger holds whatever it was given, so no member is relied on: one that is missing is not spoken of, and one
that is not known, or not of the type that it should be, is shown as it is at the end.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from wideberth.units import METRES_PER_NM

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from wideberth.agreement.load import Agreement

VERDICTS = {
    "broken": "by the recorded motion the limit was passed, and not all of that is covered by permissions",
    "excused": "the limit was passed, and permissions cover every part of it",
    "kept": "the limit was not passed",
    "unknown": "what was recorded does not tell whether the limit was passed",
    "inside_buffer": "past the line, but never by more than the rule's buffer: counted, and no finding",
}
PLEDGED = {
    "broken": "the whole interval of the ratio lies on the wrong side of what was pledged",
    "kept": "the whole interval of the ratio lies on the side that was pledged",
    "unknown": "the interval of the ratio holds what was pledged",
}
BECAUSE = {
    "gap": "only a gap, in which the aircraft was not heard, could contain it",
    "party": "more than one party claims the aircraft, so it cannot be told whom the rule binds",
    "vertical": "the two aircraft tell no altitudes that can be compared",
    "coverage": "what was heard changed too much, or there was too little of it, to compare",
}
MANNERS = {
    "brush": "short and shallow",
    "transit": "in through the line and out elsewhere, or soon over",
    "sustained": "it went on",
}
MAGNITUDES = {
    "side": "greatest depth past the line",
    "out_of": "greatest distance inside the edge",
    "inside": "time outside",
    "apart": "horizontal distance at the closest",
    "pledges": "activity after the date, as a ratio to that before",
}
ENTERED = {
    "line": "through the line", "end": "round an end of the line", "reach": "at the greatest distance that counts",
    "edge": "through the edge", "floor": "through the floor", "ceiling": "through the ceiling",
    "schedule": "because the hours of the place began", "heard": "not recorded: the aircraft was first heard there",
}  # fmt: skip
LEFT = {
    **ENTERED,
    "schedule": "because the hours of the place ended",
    "heard": "not recorded: the aircraft was last heard there",
}
TRUSTED = {
    "credible": "nothing in the reports speaks against it",
    "doubtful": "it may be, but the reports leave doubt",
    "artefact": "hardly anything but an error of the recording explains it",
}
CONTEXTS = {
    "none": "no circuit, company or level spacing",
    "circuit": "at an aerodrome where both take off or land",
    "company": "the two fly together",
    "level spacing": "the two hold levels as they are assigned",
}
LARGEST = 1e300  # an integer of JSON may be too large for a double
SECONDS_PER_DAY, SECONDS_PER_HOUR, SECONDS_PER_MINUTE = 86_400, 3_600, 60


@dataclass(frozen=True)
class Terms:
    """What is known of the agreement that a finding was judged by.

    Attributes:
        name: of the agreement; empty where it is not known.
        digest: its SHA-256; empty where it is not known.
        rules: id → sentence.
        permissions: id → sentence.
        remedy: what to do where a sentence is not known.
    """

    name: str = ""
    digest: str = ""
    rules: Mapping[str, str] = field(default_factory=dict)
    permissions: Mapping[str, str] = field(default_factory=dict)
    remedy: str = "Its sentence stands in the agreement: give that with --agreement FILE."

    @classmethod
    def of(cls, agreement: Agreement) -> Terms:
        """Return what an agreement says."""
        from wideberth.agreement import explain as words

        return cls(
            agreement.name,
            agreement.digest,
            {rule.id: words.sentence(rule) for rule in agreement.rules},
            {permission.id: words.permitted(permission) for permission in agreement.permissions},
            remedy=f"{agreement.file} has no such rule.",
        )


def explain(finding: Mapping[str, Any], terms: Terms) -> list[tuple[str, list[str]]]:
    """Return a finding in words: (what about, sentences), in the order in which people ask.

    >>> explain({"id": "w1", "rule": "west", "verdict": "unknown", "because": "gap", "gap_s": 364.4}, Terms())[1]
    ('Verdict', ['unknown: only a gap, in which the aircraft was not heard, could contain it.'])
    """
    read = _Reader(finding)
    read.text("id")
    parts = (
        ("Found", _found(read)),
        ("Rule", _rule(read, terms)),
        ("Verdict", _verdict(read)),
        ("Whose", _whose(read)),
        ("When", _when(read)),
        ("Where", _where(read)),
        ("How much", _how_much(read)),
        ("Trust", _trust(read)),
        ("Way", _way(read)),
        ("Permissions", _permissions(read, terms)),
        ("Gaps", _gaps(read)),
        ("Evidence", _evidence(read)),
    )
    told = [(about, list(sentences)) for about, sentences in parts]
    told.append(("Also recorded", list(read.rest())))
    return [(about, sentences) for about, sentences in told if sentences]


class _Reader:
    """Gives members of a finding that are of the type they should be, and remembers which."""

    def __init__(self, finding: Mapping[str, Any]) -> None:
        self._finding = finding
        self._used: set[str] = set()

    def text(self, name: str) -> str | None:
        """Return a member that is a text and not empty, else None."""
        value = self._finding.get(name)
        if not isinstance(value, str) or not value:
            return None
        self._used.add(name)
        return value

    def number(self, name: str) -> float | None:
        """Return a member that is a finite number, else None."""
        value = self._finding.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float) or not -LARGEST < value < LARGEST:
            return None
        self._used.add(name)
        return float(value)

    def flag(self, name: str) -> bool | None:
        """Return a member that is true or false, else None."""
        value = self._finding.get(name)
        if not isinstance(value, bool):
            return None
        self._used.add(name)
        return value

    def instant(self, name: str) -> datetime | None:
        """Return a member that is an instant with a zone, else None."""
        value = self._finding.get(name)
        try:
            read = datetime.fromisoformat(value) if isinstance(value, str) else None
        except ValueError:
            return None
        if read is None or read.tzinfo is None:
            return None
        self._used.add(name)
        return read

    def place(self, before: str) -> str | None:
        """Return a position in words, such as 34.9958° N 40.8021° E."""
        names = (f"{before}lat_deg", f"{before}lon_deg")
        lat_deg, lon_deg = map(self.number, names)
        if lat_deg is None or lon_deg is None:
            self._used -= set(names)
            return None
        return f"{abs(lat_deg):.4f}° {'N' if lat_deg >= 0 else 'S'} {abs(lon_deg):.4f}° {'E' if lon_deg >= 0 else 'W'}"

    def rest(self) -> Iterator[str]:
        """Yield the members that were not taken, as they are, by name: a ledger does not keep their order."""
        for name, value in sorted(self._finding.items()):
            if name not in self._used and value not in (None, ""):
                yield f"{name}: {json.dumps(value, ensure_ascii=False, default=str)}"


def _found(read: _Reader) -> Iterator[str]:
    sentence = read.text("sentence")
    if sentence is not None:
        yield f"{sentence}."


def _rule(read: _Reader, terms: Terms) -> Iterator[str]:
    rule, kind, digest = read.text("rule"), read.text("kind"), read.text("agreement")
    if rule is not None:
        named = f"{rule} ({kind})" if kind else rule
        yield f"{named}: {terms.rules[rule]}" if rule in terms.rules else f"{named}. {terms.remedy}"
    if digest is not None:
        name = f", {terms.name}" if terms.name else ""
        yield f"Judged by the agreement with the SHA-256 {digest}{name}."
        if terms.digest and terms.digest != digest:
            yield (
                f"That is not the file given, whose SHA-256 is {terms.digest}: what it says may have been agreed "
                "earlier or later."
            )


def _verdict(read: _Reader) -> Iterator[str]:
    verdict, because = read.text("verdict"), read.text("because")
    if verdict is not None:
        meant = (PLEDGED if read.text("kind") == "pledges" else VERDICTS).get(verdict)
        if because is not None:
            meant = BECAUSE.get(because, because)
        yield f"{verdict}: {meant}." if meant else f"{verdict}."


def _whose(read: _Reader) -> Iterator[str]:
    kind = read.text("kind")
    for side, party_name in (("a", "party"), ("b", "party_b")):
        party, address, callsign = (
            read.text(name) for name in (party_name, f"icao24_{side}", f"callsign_{side}")
        )
        if address is None and callsign is None:
            if party is not None:
                yield f"of {party}."
            continue
        aircraft = " ".join(each for each in (callsign, f"({address})" if address else None) if each)
        if party is None:
            whose = "of no party" if kind is not None else "its party is not told"
        else:
            whose = f"claimed by {party.replace(' / ', ' and by ')}" if " / " in party else f"of {party}"
        yield f"{aircraft}, {whose}."


def _when(read: _Reader) -> Iterator[str]:
    t_in, t_out, worst = (read.instant(name) for name in ("t_in", "t_out", "t_worst"))
    earliest, latest = read.instant("t_in_earliest"), read.instant("t_out_latest")
    if t_in is not None and t_out is not None:
        yield f"from {_clock(t_in)} to {_clock(t_out)} UTC, {_duration((t_out - t_in).total_seconds())}."
    elif t_in is not None:
        yield f"from {_clock(t_in)} UTC."
    elif t_out is not None:
        yield f"until {_clock(t_out)} UTC."
    if earliest is not None:
        yield f"A gap hides the beginning: it may have begun from {_clock(earliest)} on."
    if latest is not None:
        yield f"A gap hides the end: it may have gone on until {_clock(latest)}."
    if worst is not None and read.text("kind") != "pledges":
        yield f"At its worst at {_clock(worst)}."


def _where(read: _Reader) -> Iterator[str]:
    place, point, altitude_ft = read.text("place"), read.place(""), read.number("altitude_ft")
    if place is not None:
        yield f"{place}."
    high = "" if altitude_ft is None else f"{altitude_ft:,.0f} ft"
    if point is not None or high:
        who = (
            f"the first aircraft ({address})"
            if (address := read.text("icao24_a")) and read.text("icao24_b")
            else "it"
        )
        yield f"At its worst {who} was at {', '.join(each for each in (point, high) if each)}."
    position_m = read.number("position_m")
    if position_m is not None:
        yield f"Its true position was then within {position_m:,.0f} m of that, 95 times in 100."


def _how_much(read: _Reader) -> Iterator[str]:
    kind, unit = read.text("kind") or "", read.text("magnitude_unit")
    value, low, high = (read.number(f"magnitude{end}") for end in ("", "_low", "_high"))
    if value is not None:
        sure = (
            f" (95 % interval {_amount(low, unit)} to {_amount(high, unit)})"
            if low is not None and high is not None
            else ""
        )
        least = "at least " if read.flag("at_reach") else ""
        near = f", {value / METRES_PER_NM:.2f} NM" if unit == "m" and value >= 1000.0 else ""
        what = MAGNITUDES.get(kind, "magnitude")
        if kind == "out_of" and read.text("verdict") == "kept":
            face = read.text("face")
            what = "it missed the place; least distance outside the edge" + (
                f", nearest to its {face}" if face else ""
            )
        yield f"{what}: {least}{_amount(value, unit)}{near}{sure}."
        if least:
            yield "It went on beyond the reach of the rule, where nothing is looked at: how far is not known."
    vertical_ft, retained, probability = (
        read.number(name) for name in ("vertical_ft", "retained", "probability")
    )
    if vertical_ft is not None:
        what = "vertical distance there" if kind == "apart" else "greatest distance from the nearer level"
        low_ft, high_ft = read.number("vertical_low_ft"), read.number("vertical_high_ft")
        both = low_ft is not None and high_ft is not None
        yield f"{what}: {vertical_ft:,.0f} ft" + (
            f" (95 % interval {low_ft:,.0f} ft to {high_ft:,.0f} ft)." if both else "."
        )
    if retained is not None:
        yield f"separation retained at its worst: {retained:.3f} (0 is a collision, 1 the minima kept)."
    worst_m, worst_ft = read.number("horizontal_m_at_worst"), read.number("vertical_ft_at_worst")
    if worst_m is not None:
        feet = "" if worst_ft is None else f" and {worst_ft:,.0f} ft vertically"
        yield f"then they were {_amount(worst_m, 'm')} horizontally{feet} from each other."
    if probability is not None:
        yield (
            f"probability that the limit was truly passed, by errors of measurement alone: {100 * probability:.4g} %. "
            "It never changes the verdict."
        )


def trusted(trust: str | None, context: str | None, why: str | None) -> Iterator[str]:
    """Yield in words whether it was there, whether it surprises, and the reasons."""
    if trust is not None:
        known = f"; {CONTEXTS[context]}" if context in CONTEXTS else ""
        yield f"{trust}: {TRUSTED.get(trust, trust)}{known}."
    if why is not None:
        yield why


def _trust(read: _Reader) -> Iterator[str]:
    rank = read.number("rank")
    read.text("reasons")  # codes, for programs: the words follow
    yield from trusted(read.text("trust"), read.text("context"), read.text("why"))
    if rank is not None:
        yield f"Rank {rank:,.0f} of what was found."


def _way(read: _Reader) -> Iterator[str]:
    entered, left, manner = read.text("entered"), read.text("left"), read.text("manner")
    for what, how, words, before in (("Entered", entered, ENTERED, "in_"), ("Left", left, LEFT, "out_")):
        point = read.place(before)
        if how is not None or point is not None:
            at = f", at {point}" if point else ""
            yield f"{what} {words.get(how, how) if how else ''}".rstrip() + f"{at}."
    if manner is not None:
        meant = MANNERS.get(manner)
        yield f"Manner: {manner}, {meant}." if meant else f"Manner: {manner}."


def _permissions(read: _Reader, terms: Terms) -> Iterator[str]:
    permission = read.text("permission")
    broken_s, covered_s = read.number("broken_s"), read.number("covered_s")
    for each in permission.split(" / ") if permission else ():
        yield f"{each}: {terms.permissions[each]}" if each in terms.permissions else f"{each}."
    if broken_s is not None and covered_s is not None:
        if broken_s > 0.0 or covered_s > 0.0:
            yield f"The limit was passed for {_duration(broken_s)}, of which permissions cover {_duration(covered_s)}."
    elif broken_s is not None:
        yield f"The limit was passed for {_duration(broken_s)}."


def _gaps(read: _Reader) -> Iterator[str]:
    gap_s = read.number("gap_s")
    if gap_s is not None:
        yield f"Not heard for {_duration(gap_s)} of it." if gap_s > 0.0 else "Heard throughout."


def _evidence(read: _Reader) -> Iterator[str]:
    for side, which in (("", "first"), ("_b", "second")):
        file = read.text(f"source_file{side}")
        first, last = (read.number(f"source_row_{end}{side}") for end in ("first", "last"))
        if first is not None and last is not None:
            of = f" of {file}" if file else ""
            whose = f" They are those of the {which} aircraft." if read.text("icao24_b") else ""
            yield f"Rows {first:.0f} to {last:.0f}{of}, counted from 0.{whose}"
        elif file is not None:
            yield f"In {file}."


def _amount(value: float, unit: str | None) -> str:
    if unit == "m":
        return f"{value:,.1f} m"
    return f"{value:,.4g}" if unit is None else f"{value:,.4g} {unit}"


def _clock(instant: datetime) -> str:
    """Return an instant to the millisecond, without zeros at its end."""
    text = instant.strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
    return text.rstrip("0").rstrip(".") if "." in text else text


def _duration(seconds: float) -> str:
    """Return a time in words.

    >>> _duration(351.77)
    '5 min 51.8 s'
    """
    tenths = round(10 * seconds)
    if tenths < 10 * SECONDS_PER_MINUTE:
        return f"{tenths / 10:g} s"
    if tenths < 10 * SECONDS_PER_HOUR:
        return f"{tenths // 600} min {tenths % 600 / 10:g} s"
    whole = round(seconds)
    days, rest = divmod(whole, SECONDS_PER_DAY)
    hours, rest = divmod(rest, SECONDS_PER_HOUR)
    return (f"{days} d " if days else "") + f"{hours} h {rest // SECONDS_PER_MINUTE} min"

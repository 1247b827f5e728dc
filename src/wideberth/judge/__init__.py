"""Tracks × agreement → Incidents: a file per kind of rule (side.py, zone.py, apart.py, pledge.py)."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from wideberth.agreement.load import Agreement
    from wideberth.agreement.rules import Rule
    from wideberth.incidents import Columns, Incidents, Judged
    from wideberth.judge.sky import Sky
    from wideberth.trust.limits import Limits


def judge(
    tracks: Any,
    agreement: Agreement | str | Path,
    *,
    limits: Limits | None = None,
    airports: Any = None,
    progress: Callable[[str], None] | None = None,
) -> Incidents:
    """Judge tracks by an agreement.

    Args:
        tracks: `Tracks` of any number of aircraft, or what `wideberth.read` takes: a path, a table.
        agreement: as `Agreement.load` gives it, or the path of its file.
        limits: the thresholds by which trust is judged; `wideberth.trust.limits.DEFAULT` if None.
        airports: a table of aerodromes, or the path of one, whose circuits surprise nobody; True: that of airportsdata.
        progress: called with the id of each rule as it is begun.
    Returns:
        Incidents: what broke a rule, was excused, cannot be told, or stayed inside a buffer; with what each
        rule was judged on, and counts per day.
    Raises:
        UsageError: a level of a place cannot be compared with altitudes, or what is given is no agreement.
        ReadError: what is no tracks cannot be read as such, or the agreement's file cannot be read.
        AgreementError: the agreement's file cannot be meant; all its faults.
        MissingExtraError: ``airports=True`` without the package.

    >>> from wideberth import simulate
    >>> from wideberth.agreement.load import Agreement
    >>> found = judge(simulate.crossing(), Agreement.everyone(horizontal="500 m", vertical="100 ft"))
    >>> found["verdict"].to_pylist()
    ['broken']
    """
    from wideberth.incidents import Incidents
    from wideberth.judge import apart, counts, ground, pledge, remarks, side, spans, trust, zone
    from wideberth.judge.sky import Sky
    from wideberth.read import tracks_of
    from wideberth.trust.airports import Airports
    from wideberth.trust.limits import DEFAULT

    known = Airports.of(airports)
    terms = _agreement(agreement)
    sky = Sky(tracks_of(tracks), terms)
    screens: apart.Screens = {}
    found: list[Columns] = []
    judged = []
    for rule in terms.rules:
        if progress is not None:
            progress(rule.id)
        if rule.kind == "side":
            told = side.judge(sky, rule)
        elif rule.kind == "apart":
            told = [apart.judge(sky, rule, screens, limits or DEFAULT, known)]
        elif rule.kind == "pledges":
            told = [pledge.judge(sky, rule)]
        else:
            told = zone.judge(sky, rule)
        judged.append(_judged_on(sky, rule, told))
        found += told
    incidents = Incidents.of(found, terms.name, tuple(judged))
    incidents = replace(
        incidents,
        recorded=(spans.instant(sky.first_us), spans.instant(sky.last_us)) if len(sky.tracks) else None,
        valid=terms.head.valid,
        no_ground=tuple(ground.unknown(sky.tracks, terms)),
        remarks=tuple(remarks.of(sky, incidents.table)),
        terms=terms,
    )
    incidents = trust.added(sky, incidents, limits or DEFAULT)
    return counts.added(sky, incidents)


def _agreement(given: Any) -> Agreement:
    from pathlib import Path

    from wideberth.agreement.load import Agreement
    from wideberth.errors import UsageError

    if isinstance(given, Agreement):
        return given
    if isinstance(given, str | Path):
        return Agreement.load(given)
    raise UsageError(
        f"{type(given).__name__} is no agreement. Give the path of its file, or what Agreement.load returns."
    )


def _judged_on(sky: Sky, rule: Rule, told: list[Columns]) -> Judged:
    import numpy as np

    from wideberth.incidents import Judged
    from wideberth.judge import expected, spans, tell

    flights = sky.flights
    held = tell.held(sky, rule)
    is_heard = spans.touching(flights.t_in_us, flights.t_out_us, held)
    party = flights.bound_by(rule.bound) & is_heard
    mask = tell.bound(sky, rule) & is_heard
    hours = sky.hours_while(held)
    whole = spans.within(flights.t_in_us.astype(float), flights.t_out_us.astype(float), held) / 3.6e9
    count = expected.count(told)
    unknown = 0
    if rule.entry.classes is not None:
        unknown = int(
            np.count_nonzero(party & np.array([each is None for each in flights.classes], np.bool_))
        )
    return Judged(
        rule.id,
        rule.kind,
        flights=int(np.count_nonzero(mask)),
        aircraft=int(np.unique(flights.aircraft[mask]).size),
        hours=float(hours[mask].sum()),
        hours_not_heard=float((whole - hours)[mask].sum()),
        class_unknown=unknown,
        is_held=bool(held),
        unheard=tuple(name for name in rule.bound if held and not (mask & flights.bound_by([name])).any()),
        verdicts=dict(Counter(verdict for each in told for verdict in _verdicts(each))),
        expected=count.expected if count else None,
        expected_low=count.low if count else None,
        expected_high=count.high if count else None,
    )


def _verdicts(told: Columns) -> Sequence[str]:
    verdict: str | Sequence[str] = told["verdict"]
    return [verdict] * len(told["id"]) if isinstance(verdict, str) else verdict

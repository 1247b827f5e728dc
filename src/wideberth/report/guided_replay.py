"""Guidance second by second for a finding's replay: what was alerted, what would have been enough, and a picture."""

from __future__ import annotations

import base64
from datetime import datetime
from typing import TYPE_CHECKING, Any

from wideberth.errors import UsageError
from wideberth.guide import picture, presets, timeline
from wideberth.guide.hindsight import AFTER_S, LOOK_BACK_S
from wideberth.guide.recorded import pair_states

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from wideberth.guide.moment import Moment
    from wideberth.guide.timeline import Timeline
    from wideberth.tracks import Tracks

MOST = 60
"""Findings whose replay has guidance, those that rank first: of each about 0.2 s of computing, 4 kB in the file."""


def lines(tracks: Tracks, finding: Mapping[str, Any], config: str) -> list[dict[str, Any]]:
    """Return for each of two aircraft what guidance would have told it, as changes, and a picture.

    Args:
        tracks: that hold both.
        finding: an encounter or an incident of two aircraft, times as text.
        config: name of a preset; of any other nothing is told here.
    Returns:
        For each ownship ``ownship``; ``changes``: (Unix milliseconds, level, in words); ``picture``, an SVG as a data
        address, and ``picture_ms``, when it is of.  Nothing where the tracks do not hold both at once.
    """
    if config not in presets.PRESETS or not finding.get("icao24_b"):
        return []
    closest = datetime.fromisoformat(finding.get("t_cpa") or finding["t_worst"])
    try:
        states = pair_states(
            tracks,
            (finding["icao24_a"], finding["icao24_b"]),
            closest,
            before_s=LOOK_BACK_S,
            after_s=AFTER_S,
            callsigns=(finding.get("callsign_a"), finding.get("callsign_b")),
        )
        told = [timeline.of(states.seen_from(name), presets.preset(config)) for name in states.names]
    except UsageError:  # never there at once
        return []
    return [_line(each) for each in told]


def _line(told: Timeline) -> dict[str, Any]:
    begins_us = told.states.begins_us or 0
    shown = told.moments[told.shown]
    content = base64.b64encode(picture.svg(shown).encode("utf-8")).decode("ascii")
    return {
        "ownship": told.states.names[0],
        "changes": list(_changes(told.moments, begins_us)),
        "picture": f"data:image/svg+xml;base64,{content}",
        "picture_ms": begins_us / 1000.0 + 1000.0 * shown.t_s,
    }


def _changes(moments: Sequence[Moment], begins_us: int) -> Iterator[list[Any]]:
    before = None
    for moment in moments:
        now = [moment.alert, _words(moment)]
        if now != before:
            yield [begins_us / 1000.0 + 1000.0 * moment.t_s, *now]
        before = now


def _words(moment: Moment) -> str:
    if moment.alert == 0:
        return "no alert"
    keeps, regains = moment.manoeuvres(), moment.manoeuvres(is_recovery=True)
    if keeps:
        return f"alert {moment.alert}; enough: {' or '.join(keeps)}"
    if regains:
        return f"alert {moment.alert}; to regain well clear: {' or '.join(regains)}"
    return f"alert {moment.alert}"

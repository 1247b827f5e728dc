"""What guidance along an encounter comes to: the alert that counts, what would have been enough, and until when.

The alert that counts is the last to begin at or before the closest point; alerts `APART_S` apart are one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from wideberth.guide.moment import DIMENSIONS, SHOWN, Dial

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import numpy.typing as npt

    from wideberth.guide.config import Config

    Floats = npt.NDArray[np.float64]
    Counts = npt.NDArray[np.int64]
    Flags = npt.NDArray[np.bool_]
    When = datetime | float

APART_S = 5.0  # what DO-365B's hysteresis bridges
COLUMN_OF = {
    "hdir": "turn_deg",
    "vs": "vertical_speed_fpm",
    "alt": "level_change_ft",
    "hs": "speed_change_kt",
}
LAST_OF = {
    "hdir": "t_last_turn",
    "vs": "t_last_vertical_speed",
    "alt": "t_last_level_change",
    "hs": "t_last_speed_change",
}
NAMED = {
    "hdir": "a turn",
    "vs": "a change of vertical speed",
    "alt": "a change of altitude",
    "hs": "a change of speed",
}


@dataclass(frozen=True)
class Span:
    """The alert that counts, from instant to instant.

    Attributes:
        begin: where it begins.
        end: where well clear is lost, else the closest point: bands before are of use.
        is_lost: well clear is lost at ``end``.
        is_first: nothing is known before ``begin``.
    """

    begin: int
    end: int
    is_lost: bool
    is_first: bool


def corrective_level(config: Config) -> int:
    """Return the level from which on a manoeuvre is called for; 0 for none. The first alerter tells."""
    return config.alerters[0].level_of(config.corrective_region)


def span_of(
    alert: Counts, corrective_in_s: Floats, t_s: Floats, closest: int, corrective: int
) -> Span | None:
    """Return the alert that counts, None where nothing called for a manoeuvre.

    Args:
        alert: (n,) highest level, -1 where nothing is known.
        corrective_in_s: (n,) seconds until straight flight enters the corrective volume, 0 where it is in it.
        t_s: (n,) the instants, ascending.
        closest: which of them the closest point is.
        corrective: level from which on an alert counts.
    """
    alerted = np.flatnonzero(alert >= corrective) if corrective else np.empty(0, np.int64)
    if not alerted.size:
        return None
    begins = alerted[np.diff(t_s[alerted], prepend=-np.inf) > APART_S]
    begins = begins[begins <= closest]
    if not begins.size:
        return None
    begin = int(begins[-1])
    lost = np.flatnonzero(corrective_in_s[begin:] == 0.0)
    is_first = bool((alert[:begin] < 0).all())
    if lost.size:
        return Span(begin, begin + int(lost[0]), True, is_first)
    return Span(begin, closest, False, is_first)


def row_of(
    span: Span,
    whens: Sequence[When],
    t_s: Floats,
    closest: int,
    dials: Sequence[Dial],
    keeps: Mapping[str, Flags],
) -> dict[str, Any]:
    """Return what an alert comes to, by the names of `columns.GUIDANCE_COLUMNS`.

    Args:
        span: the alert.
        whens, t_s: (n,) the instants, as they are told and in seconds.
        closest: which of them the closest point is.
        dials: guidance where the alert begins.
        keeps: by dimension, whether a manoeuvre still keeps well clear, from ``span.begin`` to ``span.end``.
    """
    row: dict[str, Any] = {
        "t_alert": whens[span.begin],
        "from_first": span.is_first,
        "warning_s": float(t_s[closest] - t_s[span.begin]),
        "t_loss": whens[span.end] if span.is_lost else None,
        "loss_warning_s": float(t_s[span.end] - t_s[span.begin]) if span.is_lost else None,
        "recovers": not any(is_enough(dial) for dial in dials),
    }
    for dial in dials:
        change = dial.smallest
        if change is not None and dial.is_recovery == row["recovers"]:
            value = dial.own + change if dial.dimension == "vs" else change
            row[COLUMN_OF[dial.dimension]] = value / SHOWN[dial.dimension]
    for dimension in DIMENSIONS:
        until = np.flatnonzero(keeps[dimension])
        if until.size:
            row[LAST_OF[dimension]] = whens[span.begin + int(until[-1])]
    return row


def is_enough(dial: Dial) -> bool:
    """Tell whether a manoeuvre of one kind keeps well clear."""
    return dial.smallest is not None and not dial.is_recovery


def sentence(row: Mapping[str, Any], dials: Sequence[Dial]) -> str:
    """Return in words what guidance comes to."""
    return " ".join(_sentences(row, {dial.dimension: dial for dial in dials}))


def _sentences(row: Mapping[str, Any], dials: Mapping[str, Dial]) -> Iterator[str]:
    if row["alert"] is None:
        yield "The states of both are not known at once."
        return
    if row.get("t_alert") is None:
        yield (
            "Nothing would have called for a manoeuvre."
            if row["alert"] > 0
            else "There would have been no alert."
        )
        return
    lead = row["loss_warning_s"]
    first = ", the first second that both are known," if row.get("from_first") else ","
    begins = (
        f"An alert from {clock(row['t_alert'])} on{first} {row['warning_s']:.0f} s before the closest point"
    )
    if lead is None:
        yield f"{begins}; well clear was not lost."
    elif lead == 0.0:
        yield f"{begins}, when well clear was lost already."
    else:
        yield f"{begins} and {lead:.0f} s before well clear was lost."
    chosen = [
        dials[name] for name in COLUMN_OF if name in dials and dials[name].is_recovery == row["recovers"]
    ]
    manoeuvres = [words for dial in chosen if (words := dial.words()) is not None]
    if not row["recovers"]:
        yield f"Enough to keep it: {'; or '.join(manoeuvres)}."
    elif manoeuvres:
        yield f"Nothing of one kind alone would have kept it; to regain it soonest: {'; or '.join(manoeuvres)}."
    else:
        yield "No manoeuvre of one kind alone would have been enough."
    lasts = [(row[name], NAMED[each]) for each, name in LAST_OF.items() if row.get(name) is not None]
    if lasts and lead:
        until = "; ".join(f"{what} until {clock(when)}" for when, what in sorted(lasts, reverse=True))
        yield f"Alone would have done: {until}."


def clock(when: When) -> str:
    """Return a time of day, or seconds."""
    return f"{when:%H:%M:%S}" if isinstance(when, datetime) else f"{when:g} s"

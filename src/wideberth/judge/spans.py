"""Stretches of time as pairs of microseconds, in order and not overlapping: what they have in common, what is left."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wideberth.agreement.model import DAY_S, EPOCH, microseconds
from wideberth.kernels import zones

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    import numpy as np
    import numpy.typing as npt

    from wideberth.agreement.shapes import Schedule

Span = tuple[float, float]
FOREVER_US = 2**62
INSTANT_US = 1.0
"""How long what lasts an instant counts: a leg of one sample."""
_FIRST_MONDAY_US = 4 * DAY_S * 1_000_000  # 1970-01-05
_WEEK_US = 7 * DAY_S * 1_000_000
ALWAYS: list[Span] = [(-FOREVER_US, FOREVER_US)]


def united(spans: Iterable[Span]) -> list[Span]:
    """Return spans as few that do not touch."""
    found: list[Span] = []
    for begin, end in sorted(spans):
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((begin, end))
    return found


def of_each(rows: npt.NDArray[np.float64], base_us: int) -> list[Span]:
    """Return when each stretch that `kernels.zones` found began and ended; ``base_us`` is its clock's zero."""
    begin = rows[:, zones.T_IN_US] + base_us
    end = (rows[:, zones.T_OUT_US] + base_us).tolist()
    return [(low, max(high, low + INSTANT_US)) for low, high in zip(begin.tolist(), end, strict=True)]


def of_rows(rows: npt.NDArray[np.float64], base_us: int) -> list[Span]:
    """Return the same as spans in order that do not touch."""
    return united(of_each(rows, base_us))


def common(one: Sequence[Span], other: Sequence[Span]) -> list[Span]:
    """Return what two lists of spans have in common; instants are left out."""
    found = []
    i = j = 0
    while i < len(one) and j < len(other):
        begin, end = max(one[i][0], other[j][0]), min(one[i][1], other[j][1])
        if begin < end:
            found.append((begin, end))
        if one[i][1] < other[j][1]:
            i += 1
        else:
            j += 1
    return found


def without(one: Sequence[Span], other: Sequence[Span]) -> list[Span]:
    """Return what of some spans is in none of the others."""
    found = []
    for begin, end in one:
        at = begin
        for low, high in other:
            if high <= at or low >= end:
                continue
            if low > at:
                found.append((at, low))
            at = max(at, high)
        if at < end:
            found.append((at, end))
    return found


def within(
    begin_us: npt.NDArray[np.float64], end_us: npt.NDArray[np.float64], held: Sequence[Span]
) -> npt.NDArray[np.float64]:
    """Return how much of each stretch lies within spans that do not overlap, microseconds."""
    import numpy as np

    found = np.zeros(begin_us.size)
    for low, high in held:
        found += np.maximum(np.minimum(end_us, high) - np.maximum(begin_us, low), 0.0)
    return found


def touching(
    begin_us: npt.NDArray[Any], end_us: npt.NDArray[Any], held: Sequence[Span]
) -> npt.NDArray[np.bool_]:
    """Return which stretches have an instant in common with any of some spans."""
    import numpy as np

    found = np.zeros(begin_us.size, np.bool_)
    for low, high in held:
        found |= (low <= end_us) & (begin_us <= high)
    return found


def length_s(spans: Iterable[Span]) -> float:
    """Return how long spans are together."""
    return sum(end - begin for begin, end in spans) * 1e-6


def of_intervals(intervals: Iterable[tuple[datetime | None, datetime | None]] | None) -> list[Span]:
    """Return the spans of some intervals, Unix microseconds; always if there are none."""
    found = [
        (
            -FOREVER_US if begin is None else microseconds(begin),
            FOREVER_US if end is None else microseconds(end),
        )
        for begin, end in intervals or ()
    ]
    return united(found) if found else ALWAYS


def of_schedule(schedule: Schedule, first_us: int, last_us: int) -> list[Span]:
    """Return when a schedule holds between two instants, Unix microseconds."""
    span: list[Span] = [(first_us - 1, last_us + 1)]
    held = common(of_intervals(schedule.intervals), span)
    if not schedule.weekly:
        return held
    weekly = []
    week = (first_us - _FIRST_MONDAY_US) // _WEEK_US - 1
    while _FIRST_MONDAY_US + week * _WEEK_US <= last_us:
        monday_us = _FIRST_MONDAY_US + week * _WEEK_US
        for day, from_s, until_s in schedule.weekly:
            base_us = monday_us + day * DAY_S * 1_000_000
            weekly.append((base_us + from_s * 1_000_000, base_us + until_s * 1_000_000))
        week += 1
    return common(held, united(weekly))


def instant(us: float) -> datetime:
    """Return the UTC instant of Unix microseconds."""
    from datetime import timedelta

    return EPOCH + timedelta(microseconds=round(us))

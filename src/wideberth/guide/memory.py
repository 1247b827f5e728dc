"""What guidance remembers from one step to the next, so that alerts and bands do not flicker.

Alerts, for each intruder: a level counts where it was met in M of the last N steps; once issued, the level is
met from its early alerting time on; and a level that rose is kept for the time of persistence.

Bands, for each dimension: every point counts by its colours in the last N steps; the conflict band at the own value
is kept for the time of persistence; so are a resolution and the preferred side, while they make sense.

Source: behaviour of DAIDALUS v2.0.4 as its answers show it; RTCA DO-365B, hysteresis; docs/formulas.md#memory.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from wideberth.guide.arrays import CODES
from wideberth.kernels.painting import slack

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from wideberth.guide.config import Config

NONE, RECOVERY, UNKNOWN = CODES["NONE"], CODES["RECOVERY"], CODES["UNKNOWN"]
NEAR = CODES["NEAR"]
FULL_TURN = 2.0 * math.pi


class Piece(NamedTuple):
    """A band as plain numbers: from ``low`` to ``high``, of a region's code."""

    low: float
    high: float
    code: int


@dataclass
class Filter:
    """M of N: which level counts, by what the last N steps had.

    Without N every step counts by itself.
    """

    m: int
    n: int
    _last: list[int] = field(default_factory=list)

    def begin(self, level: int) -> None:
        """Forget, and let this level count at once."""
        self._last = [0] * (self.n - self.m) + [level] * self.m

    def push(self, level: int) -> int:
        """Take the level of this step; return the one that counts."""
        if self.n == 0:
            return level
        self._last = [*self._last, level][-self.n :]
        return counted(self._last, self.m)


def counted(levels: Sequence[int], m: int) -> int:
    """Return the greatest level that at least m of them reach, 0 if none.

    >>> counted([0, 2, 3, 1], 2)
    2
    """
    return sorted(levels, reverse=True)[m - 1] if 0 < m <= len(levels) else 0


@dataclass
class AlertMemory:
    """One intruder's alerts.

    Attributes:
        issued: the level issued last.
        rose_s: when it last rose; −inf if it never did.
    """

    filter: Filter
    issued: int = 0
    rose_s: float = -math.inf
    last_s: float | None = None

    def issue(self, time_s: float, raw: int, config: Config) -> int:
        """Take the level met at a time; return the level that is issued."""
        is_new = self.last_s is None or not 0.0 < time_s - self.last_s <= config.hysteresis_time_s
        self.last_s = time_s
        if is_new:
            self.filter.begin(raw)
            self.issued, self.rose_s = 0, -math.inf
        level = self.filter.push(raw)
        if level < self.issued and time_s - self.rose_s < config.persistence_time_s:
            return self.issued
        if level > self.issued:
            self.rose_s = time_s
        self.issued = level
        return level


def at(pieces: Sequence[Piece], value: float) -> int:
    """Return the colour at a value, on a bound the milder one; UNKNOWN outside.

    >>> at([Piece(0.0, 1.0, 3), Piece(1.0, 2.0, 2)], 1.0)
    2
    """
    met = [p.code for p in pieces if p.low - slack(p.low) <= value <= p.high + slack(p.high)]
    return min(met, key=lambda code: 0.5 if code == RECOVERY else code) if met else UNKNOWN


def joined(pieces: Sequence[Piece]) -> list[Piece]:
    """Return the same with neighbours of one colour as one band."""
    result: list[Piece] = []
    for piece in pieces:
        if piece.high <= piece.low:
            continue
        if result and result[-1].code == piece.code:
            result[-1] = Piece(result[-1].low, piece.high, piece.code)
        else:
            result.append(piece)
    return result


def moved(pieces: Sequence[Piece], known: Sequence[float]) -> list[Piece]:
    """Return the same with each bound at the nearest known one, where that is within `painting.slack`.

    So a bound that moves a little from step to step counts as one.
    """

    def of(bound: float) -> float:
        near = min(known, key=lambda other: abs(other - bound), default=bound)
        return near if abs(near - bound) <= slack(bound) else bound

    return joined([Piece(of(piece.low), of(piece.high), piece.code) for piece in pieces])


def combined(lists: Sequence[Sequence[Piece]], pick: Callable[[list[int]], int]) -> list[Piece]:
    """Return the bands whose colour at each point is picked from those that the lists have there.

    The lists cover the same values.
    """
    bounds = sorted({bound for pieces in lists for piece in pieces for bound in piece[:2]})
    result = []
    cursors = [0] * len(lists)
    for low, high in pairwise(bounds):
        codes = []
        for i, pieces in enumerate(lists):
            while cursors[i] < len(pieces) - 1 and pieces[cursors[i]].high <= low:
                cursors[i] += 1
            codes.append(pieces[cursors[i]].code)
        result.append(Piece(low, high, pick(codes)))
    return joined(result)

"""Many injections into one copy of a day, where none is in another's way."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from injection import circuit, company, days, faults, ghosts, heights, real, spoofs
from injection.draft import Drawing, Injection

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from injection.days import Day
    from injection.draft import Draft
    from injection.rows import Rows

APART_M = 10_000.0  # two injections of a copy are farther apart, or
APART_S = 180.0  # by so much more in time than either lasts
FULL_AFTER = 40  # draws in a row that find no room in a copy
SPENT_AFTER = 400  # draws in a row that make nothing: the models left in a copy do not suit
HOPELESS_AFTER = 10_000  # likewise in an empty copy: of the rarest kind, 1 in 100 makes something


@dataclass(frozen=True)
class Kind:
    """What can be injected.

    Attributes:
        name: as reports call it.
        subs: the sub-kinds that a day has models for.
        draw: makes one, or None.
        days: base days that it is put into, and how many of a hundred each takes.
    """

    name: str
    subs: Callable[[Day], tuple[str, ...]]
    draw: Callable[[Drawing, str], Draft | None]
    days: dict[str, int]


EVERYWHERE = {"monterey": 50, "swiss": 40, "blackrock": 10}

KINDS = {
    kind.name: kind
    for kind in (
        Kind(real.KIND, real.subs, real.draw, EVERYWHERE),
        Kind(ghosts.GHOST, ghosts.ghost_subs, ghosts.draw_ghost, EVERYWHERE),
        Kind(faults.STALE, faults.stale_subs, faults.draw_stale, EVERYWHERE),
        Kind(faults.GAP, faults.gap_subs, faults.draw_gap, EVERYWHERE),
        Kind(faults.JUMP, faults.jump_subs, faults.draw_jump, EVERYWHERE),
        Kind(spoofs.SPOOF, spoofs.spoof_subs, spoofs.draw_spoof, EVERYWHERE),
        Kind(heights.ALTITUDE, heights.altitude_subs, heights.draw_altitude, EVERYWHERE),
        Kind(ghosts.CLOCK, ghosts.clock_subs, ghosts.draw_clock, EVERYWHERE),
        Kind(company.COMPANY, company.company_subs, company.draw_company, EVERYWHERE),
        Kind(circuit.CIRCUIT, circuit.circuit_subs, circuit.draw_circuit, {"monterey": 75, "blackrock": 25}),
        Kind(heights.LEVEL, heights.level_subs, heights.draw_level, {"swiss": 100}),
    )
}


@dataclass(frozen=True)
class Copy:
    """A copy of a day with injections.

    Attributes:
        table: raw rows, as `wideberth.read` takes them.
        injections: what was put in.
        drawn: how many draws that took, by sub-kind.
    """

    table: pl.DataFrame
    injections: list[Injection]
    drawn: dict[str, int]


def copies(kind: Kind, day: Day, count: int) -> Iterator[Copy]:
    """Return copies of a day that hold so many injections of a kind between them.

    Seeds are even for the half that is chosen on and odd for the other, so no draw is in both.
    """
    subs = kind.subs(day)
    parity = days.HALVES.index(day.half)
    number = list(days.SOURCES).index(day.name)
    code = sum(ord(c) << (8 * i) for i, c in enumerate(kind.name[:4]))
    seed = parity
    made = 0
    while made < count:
        copy = _Builder(day)
        crowded = in_vain = 0
        target = min(day.source.per_copy, count - made)
        while len(copy.injections) < target and crowded < FULL_AFTER:
            sub = subs[(made + len(copy.injections)) % len(subs)]
            drawing = Drawing(np.random.default_rng([code, number, seed]), day, copy.taken)
            draft = kind.draw(drawing, sub)
            copy.drawn[sub] = copy.drawn.get(sub, 0) + 1
            if draft is None:
                in_vain += 1
                if in_vain > (SPENT_AFTER if copy.injections else HOPELESS_AFTER):
                    if not copy.injections:
                        raise RuntimeError(f"{kind.name}: no draw of '{sub}' succeeds on {day.name}.")
                    break
            elif copy.has_room(draft):
                copy.add(draft, kind.name, seed)
                crowded = in_vain = 0
            else:
                crowded += 1
            seed += 2
        made += len(copy.injections)
        yield Copy(copy.table(), copy.injections, copy.drawn)


class _Builder:
    """A copy of a day while it is filled."""

    def __init__(self, day: Day) -> None:
        self.day = day
        self.taken: set[str] = set()
        self.injections: list[Injection] = []
        self.drawn: dict[str, int] = {}
        self._rows: list[Rows] = []
        self._claims: list[tuple[float, float, float, float]] = []

    def has_room(self, draft: Draft) -> bool:
        """Return whether the draft is far enough from all before, in place or in time, and shares no aircraft."""
        east, north = days.east_north(self.day, *draft.place)
        begin, end = draft.span_s
        if draft.uses & self.taken:
            return False
        return all(
            math.hypot(east - e, north - n) > APART_M or begin > t1 + APART_S or end < t0 - APART_S
            for e, n, t0, t1 in self._claims
        )

    def add(self, draft: Draft, kind: str, seed: int) -> None:
        """Put a draft in."""
        east, north = days.east_north(self.day, *draft.place)
        self._claims.append((east, north, *draft.span_s))
        self._rows += draft.rows
        self.taken |= draft.uses | {rows.address for rows in draft.rows}
        self.injections.append(
            Injection(
                kind,
                draft.sub,
                seed,
                self.day.name,
                self.day.half,
                draft.pairs,
                draft.t_cpa_s,
                draft.span_s,
                draft.true_hmd_m,
                draft.true_vertical_ft,
                draft.told,
            )
        )

    def table(self) -> pl.DataFrame:
        """Return the day's rows with those put in."""
        return edited(self.day, self._rows)


def edited(day: Day, rows: list[Rows]) -> pl.DataFrame:
    """Return a day's raw rows with others put in; where the day has an address, instead of its own."""
    raw = day.raw
    replaced = [one.address for one in rows if one.address in day.addresses]
    if replaced:
        raw = raw.filter(~pl.col("icao24").is_in(replaced))
    return pl.concat([raw, *(one.frame(raw.schema) for one in rows)])

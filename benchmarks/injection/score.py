"""What became of injections: read, screened, and compared with what is known of them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import polars as pl
from scipy.stats import beta

import wideberth
from injection.motion import CLOSE, LEVELS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from injection.copies import Copy
    from injection.draft import Injection
    from injection.motion import Minima

TRUSTS = ("credible", "doubtful", "artefact")  # from most to least trusted
CONTEXTS = ("company", "circuit", "level spacing")
JUDGED = ("trust", "context", "reasons")
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Goal:
    """What share of a kind must be judged how.

    Attributes:
        what: in words.
        share: at least this.
        is_hard: the project is measured by it; others are told likewise.
    """

    what: str
    share: float
    is_hard: bool


REAL_GOALS = (
    Goal("found and not artefact", 0.99, is_hard=True),
    Goal("found and credible", 0.95, is_hard=True),
)
GOALS: dict[str, tuple[Goal, ...]] = {
    "real": REAL_GOALS,
    **{
        kind: (Goal("not credible", 0.99, is_hard=kind in ("ghost", "stale", "jump")),)
        for kind in ("ghost", "stale", "jump", "gap", "spoof", "altitude", "clock")
    },
    **{kind: (Goal("so labelled, not artefact", 0.95, is_hard=True),) for kind in CONTEXTS},
}


@dataclass(frozen=True)
class Outcome:
    """An injection and what was made of it.

    Attributes:
        injection: what was put in.
        found: how many encounters of its pairs were found in its span; 0: cleaning removed it.
        trust, context, reasons: of the encounter that counts; None where there is none, or no such column.
    """

    injection: Injection
    found: int
    trust: str | None
    context: str | None
    reasons: str | None

    def reaches(self, goal: Goal) -> bool:
        """Return whether it is judged as the goal wants it."""
        if goal.what == "not credible":
            return not self.found or self.trust != "credible"
        if not self.found or self.trust == "artefact":
            return False
        if goal.what == "found and credible":
            return self.trust == "credible"
        return goal.what == "found and not artefact" or self.context == self.injection.kind

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            **asdict(self.injection),
            "found": self.found,
            "trust": self.trust,
            "context": self.context,
            "reasons": self.reasons,
        }


def minima_of(kind: str) -> Minima:
    """Return the minima that a kind is screened by."""
    return LEVELS if kind == "level spacing" else CLOSE


def judged(copy: Copy) -> list[Outcome]:
    """Return what wideberth makes of a copy's injections."""
    if not copy.injections:
        return []
    minima = minima_of(copy.injections[0].kind)
    tracks = wideberth.read(copy.table, provenance=False)
    found = wideberth.screen(tracks, horizontal_m=minima.horizontal_m, vertical_ft=minima.vertical_ft)
    table = found.to_polars()
    chosen = table.select(
        pl.col("icao24_a").cast(pl.String),
        pl.col("icao24_b").cast(pl.String),
        *(pl.col(name).dt.epoch("us") / 1e6 for name in ("t_in", "t_out", "t_cpa")),
        *(pl.col(name).cast(pl.String) for name in JUDGED if name in table.columns),
    )
    rows: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in chosen.iter_rows(named=True):
        rows.setdefault((row["icao24_a"], row["icao24_b"]), []).append(row)
    return [_outcome(injection, rows) for injection in copy.injections]


def _outcome(injection: Injection, rows: dict[tuple[str, str], list[dict[str, Any]]]) -> Outcome:
    begin, end = injection.span_s
    mine = [
        row
        for pair in injection.pairs
        for row in rows.get(pair, [])
        if row["t_out"] >= begin and row["t_in"] <= end
    ]
    if not mine:
        return Outcome(injection, 0, None, None, None)
    if GOALS[injection.kind][0].what == "not credible":  # the one that deceives most
        counts = min(mine, key=lambda row: _rank(row.get("trust")))
    else:
        counts = min(mine, key=lambda row: _away_s(row, injection.t_cpa_s))
    return Outcome(injection, len(mine), *(counts.get(name) for name in JUDGED))


def _rank(trust: str | None) -> int:
    return TRUSTS.index(trust) if trust in TRUSTS else len(TRUSTS)


def _away_s(row: dict[str, Any], t_s: float) -> tuple[float, float]:
    """Return how far an instant is from an encounter, and from its closest approach."""
    return max(row["t_in"] - t_s, t_s - row["t_out"], 0.0), abs(row["t_cpa"] - t_s)


def lower_bound(reached: int, of: int) -> float:
    """Return the lower end of the one-sided 95 % interval of a share (Clopper and Pearson 1934)."""
    return float(beta.ppf(1.0 - CONFIDENCE, reached, of - reached + 1)) if reached else 0.0


def verdict(share: float, low: float, goal: Goal) -> str:
    """Return "met" where the bound is, "open" where only the share is, "missed" otherwise."""
    return "met" if low >= goal.share else "open" if share >= goal.share else "missed"


def summary(outcomes: Iterable[Outcome], drawn: dict[tuple[str, str], int]) -> list[dict[str, Any]]:
    """Return a row per kind, with all its sub-kinds as "all", and per sub-kind, with shares and goals."""
    groups: dict[tuple[str, str], list[Outcome]] = {}
    for outcome in outcomes:
        for sub in ("all", outcome.injection.sub):
            groups.setdefault((outcome.injection.kind, sub), []).append(outcome)
    order = list(GOALS)
    made = []
    for (kind, sub), group in sorted(groups.items(), key=lambda g: (order.index(g[0][0]), g[0][1] != "all")):
        found = [outcome for outcome in group if outcome.found]
        row: dict[str, Any] = {
            "kind": kind,
            "sub": sub,
            "drawn": sum(n for (k, s), n in drawn.items() if k == kind and sub in ("all", s)),
            "injected": len(group),
            "removed": len(group) - len(found),
            "found": len(found),
            **{trust: sum(o.trust == trust for o in found) for trust in TRUSTS},
            "context": sum(o.context == (kind if kind in CONTEXTS else "none") for o in found),
            "goals": [],
        }
        for goal in GOALS[kind]:
            reached = sum(outcome.reaches(goal) for outcome in group)
            low = lower_bound(reached, len(group))
            row["goals"].append(
                {
                    "what": goal.what,
                    "goal": goal.share,
                    "is_hard": goal.is_hard,
                    "share": reached / len(group),
                    "lower_95": low,
                    "verdict": verdict(reached / len(group), low, goal),
                }
            )
        made.append(row)
    return made


NAMED: dict[str, tuple[str, ...]] = {
    "ghost": ("one-aircraft",),
    "stale": ("stale",),
    "jump": ("leap", "accuracy"),
    "gap": ("gap",),
    "spoof": ("leap", "accuracy"),
    "altitude": ("altitude-leap", "altitude-stuck", "altitudes-disagree"),
    "clock": ("clock",),
}
"""By which reasons a kind of fault is called by its name."""
THERE = ("real", *CONTEXTS)


def precision(outcomes: Iterable[Outcome]) -> list[dict[str, Any]]:
    """Return of what is called something how much is that, with lower 95 % bounds, as many of each kind put in.

    Of a trust: credible ones that were there, artefacts that were not.  Of a context: those that were made for it; of
    a reason: those with that fault.  A finding may have several reasons, and count under each.
    """
    found = [outcome for outcome in outcomes if outcome.found]
    rows = []
    for trust in TRUSTS:
        chosen = [outcome for outcome in found if outcome.trust == trust]
        there = sum(outcome.injection.kind in THERE for outcome in chosen)
        if trust == "credible":
            rows.append(_precise(trust, "was there", there, len(chosen)))
        else:
            rows.append(_precise(trust, "was not there", len(chosen) - there, len(chosen)))
    for context in CONTEXTS:
        chosen = [outcome for outcome in found if outcome.context == context]
        right = sum(outcome.injection.kind == context for outcome in chosen)
        rows.append(_precise(context, f"is {context}", right, len(chosen)))
    for codes in dict.fromkeys(NAMED.values()):
        kinds = [kind for kind, its in NAMED.items() if set(its) & set(codes)]
        chosen = [outcome for outcome in found if set((outcome.reasons or "").split()) & set(codes)]
        right = sum(outcome.injection.kind in kinds for outcome in chosen)
        rows.append(_precise(" or ".join(codes), f"is {' or '.join(kinds)}", right, len(chosen)))
    return [row for row in rows if row["called"]]


def _precise(name: str, what: str, right: int, called: int) -> dict[str, Any]:
    return {
        "as": name,
        "what": what,
        "called": called,
        "right": right,
        "share": right / max(called, 1),
        "lower_95": lower_bound(right, called),
    }


def mistakes(outcomes: Iterable[Outcome], most: int) -> list[Outcome]:
    """Return the worst: real ones called artefacts or lost, wrong ones called credible, then the rest."""

    def badness(outcome: Outcome) -> int:
        goals = GOALS[outcome.injection.kind]
        if all(outcome.reaches(goal) for goal in goals):
            return 0
        if goals[0].what == "not credible":
            return 3
        return 4 if outcome.trust == "artefact" else 2 if not outcome.found else 1

    bad = [(badness(outcome), outcome) for outcome in outcomes]
    return [o for b, o in sorted(bad, key=lambda pair: -pair[0]) if b][:most]

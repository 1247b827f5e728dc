"""How well wideberth tells close approaches that were there from those that were not.

Encounters whose truth is known are put into real recorded days: real passes, aircraft seen twice, stale, missing and
displaced positions, wrong altitudes and clocks, and passes that surprise nobody (company, circuits, assigned levels).
The edited recordings are read, cleaned and screened as any other; then what each encounter is called is compared
with what it is.  Parameters may be chosen on the half "choose" alone; what is claimed is measured on "report".

    python benchmarks/trust.py [--each 2000] [--half report] [--only KIND] [--day DAY] [--json FILE] [--list N]

An injected wrong pass counts only where it goes away with its fault; a real one only where it was truly flown and
recorded.  ``drawn`` is how many draws that took.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    # A process a core is faster than threads on small days.  Who imports this may have begun with more.
    os.environ.setdefault("NUMBA_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).parent))

from injection import copies, days, score

HEAD = ("kind", "sub-kind", "drawn", "injected", "removed", "found", *score.TRUSTS, "context")
WIDTHS = (14, 24, 7, 9, 8, 6, 9, 9, 9, 8)
_LOADED: dict[tuple[str, str, str], days.Day] = {}


def day_of(name: str, half: str, data: str) -> days.Day:
    """Return a base day, read once in each process."""
    key = (name, half, data)
    if key not in _LOADED:
        _LOADED[key] = days.load(name, half, Path(data))
    return _LOADED[key]


def measured(task: tuple[str, str, str, int, str]) -> tuple[list[score.Outcome], dict[tuple[str, str], int]]:
    """Return what became of so many injections of a kind into a day, and how many were drawn by sub-kind."""
    kind, name, half, count, data = task
    outcomes: list[score.Outcome] = []
    drawn: Counter[tuple[str, str]] = Counter()
    for copy in copies.copies(copies.KINDS[kind], day_of(name, half, data), count):
        outcomes += score.judged(copy)
        drawn.update({(kind, sub): n for sub, n in copy.drawn.items()})
    return outcomes, dict(drawn)


def tasks(each: int, half: str, only: str | None, day: str | None, data: str) -> list[Any]:
    """Return which kinds go into which days, how often; the largest first."""
    made = []
    for kind in copies.KINDS.values():
        if only not in (None, kind.name):
            continue
        shares = {name: share for name, share in kind.days.items() if day in (None, name)}
        for name, share in shares.items():
            count = round(each * share / sum(shares.values()))
            if count:
                made.append((kind.name, name, half, count, data))
    return sorted(made, key=lambda task: (-task[3], task[1]))


def run(
    each: int,
    half: str = "report",
    only: str | None = None,
    day: str | None = None,
    data: Path = days.DATA,
    processes: int = 2,
) -> tuple[list[score.Outcome], dict[tuple[str, str], int]]:
    """Return all outcomes, and how many injections were drawn by kind and sub-kind."""
    todo = tasks(each, half, only, day, str(data))
    if processes == 1:
        done = [measured(task) for task in todo]
    else:
        with multiprocessing.get_context("spawn").Pool(processes) as pool:
            done = pool.map(measured, todo, chunksize=1)
    drawn: Counter[tuple[str, str]] = Counter()
    for _, counts in done:
        drawn.update(counts)
    return [outcome for outcomes, _ in done for outcome in outcomes], dict(drawn)


def is_judged(outcomes: list[score.Outcome]) -> bool:
    """Return whether encounters say how far they can be trusted."""
    return any(outcome.trust is not None for outcome in outcomes)


def table(rows: list[dict[str, Any]], *, judged: bool) -> str:
    """Return the table of shares and goals."""

    def line(cells: Any, widths: Any = WIDTHS) -> str:
        return "".join(
            f"{cell:<{w}}" if i < 2 else f"{cell:>{w}}"
            for i, (cell, w) in enumerate(zip(cells, widths, strict=False))
        )

    shown = len(HEAD) if judged else HEAD.index("credible")
    lines = [line(HEAD[:shown]) + ("  goal" if judged else "")]
    for row in rows:
        found = max(row["found"], 1)
        cells = [row["kind"], row["sub"], row["drawn"], row["injected"], row["removed"]]
        cells.append(f"{100 * row['found'] / row['injected']:.0f} %")
        cells += [f"{100 * row[name] / found:.1f} %" for name in (*score.TRUSTS, "context")]
        text = line(cells[:shown])
        if judged:
            for goal in row["goals"]:
                mark = "" if goal["is_hard"] else " (likewise)"
                text += (
                    f"  {goal['what']} {100 * goal['share']:.1f} %, surely {100 * goal['lower_95']:.1f} %,"
                    f" goal {100 * goal['goal']:.0f} %{mark}: {goal['verdict']};"
                )
        lines.append(text.rstrip(";"))
    return "\n".join(lines)


def confusion(outcomes: list[score.Outcome]) -> str:
    """Return how often each kind was called what."""
    calls = ("not found", *score.TRUSTS, "none", *score.CONTEXTS)
    lines = [f"{'kind':<14}" + "".join(f"{call:>14}" for call in calls)]
    for kind in score.GOALS:
        counts: Counter[str] = Counter()
        for outcome in outcomes:
            if outcome.injection.kind == kind:
                counts[outcome.trust or "not found"] += 1
                counts[outcome.context or ""] += 1
        if counts:
            lines.append(f"{kind:<14}" + "".join(f"{counts[call]:>14}" for call in calls))
    return "\n".join(lines)


def precisions(rows: list[dict[str, Any]]) -> str:
    """Return the table of what is called something, and how much of it is that."""
    lines = [f"{'called':<52}{'so many':>9}{'of which':>9}{'share':>9}{'surely':>9}"]
    for row in rows:
        shares = f"{100 * row['share']:>7.1f} %{100 * row['lower_95']:>7.1f} %"
        lines.append(f"{row['as'] + ': ' + row['what']:<52}{row['called']:>9}{row['right']:>9}{shares}")
    return "\n".join(lines)


def main() -> None:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--each", type=int, default=2000, help="injections of each kind")
    options.add_argument("--half", choices=days.HALVES, default="report", help="of days and of seeds")
    options.add_argument("--only", choices=copies.KINDS, metavar="KIND", help=", ".join(copies.KINDS))
    options.add_argument("--day", choices=days.SOURCES, metavar="DAY", help=", ".join(days.SOURCES))
    options.add_argument("--data", type=Path, default=days.DATA, help="folder of the recordings")
    options.add_argument("--json", type=Path, metavar="FILE", help="write everything there")
    options.add_argument("--list", type=int, default=0, metavar="N", help="show the N worst mistakes")
    options.add_argument("--processes", type=int, default=2)
    chosen = options.parse_args()
    if not chosen.data.is_dir():
        sys.exit(f"{chosen.data}: no such folder. It should hold the recordings; name another with --data.")
    begun = time.perf_counter()
    outcomes, drawn = run(
        chosen.each, chosen.half, chosen.only, chosen.day, chosen.data, max(chosen.processes, 1)
    )
    rows = score.summary(outcomes, drawn)
    judged = is_judged(outcomes)
    print(f"half '{chosen.half}', {len(outcomes):,} injections, {time.perf_counter() - begun:.0f} s\n")
    print(table(rows, judged=judged))
    if judged:
        print("\nShares of trust and context are of those found.  Called what:\n")
        print(confusion(outcomes))
        print("\nPrecision, of as many of each kind as were put in, a reason named or several:\n")
        print(precisions(score.precision(outcomes)))
    else:
        print("\nEncounters have no column 'trust', so only the share that is found is shown.")
    for outcome in score.mistakes(outcomes, chosen.list if judged else 0):
        print(json.dumps(outcome.as_dict()))
    if chosen.json:
        text = {"half": chosen.half, "each": chosen.each, "summary": rows}
        text["precision"] = score.precision(outcomes)
        text["outcomes"] = [outcome.as_dict() for outcome in outcomes]
        chosen.json.write_text(json.dumps(text, indent=1))


if __name__ == "__main__":
    main()

"""How early prediction warns, what it misses, and how often it warns of nothing.

A recorded day is played second by second: reports are taken as they come, everything is predicted, alerts are stepped
as a server would.  Beside it stands what a screen of the same rows finds afterwards.  Of each encounter: was there an
alert of that pair, and how long before both minima were broken was it first shown.  An alert whose pair is in no
encounter while it lasts, or within the look-ahead after, is a nuisance; they are told per flight hour predicted.

    python benchmarks/warning.py [--day swiss|monterey] [--hours 2] [--injected 100] [--json FILE]
    python benchmarks/warning.py --read FILE --read FILE --plot FILE

- The days are the second halves (`injection.days`), from their beginning; parameters are chosen on the first.
- Two on neighbouring levels of which one is 25 ft off are an encounter that nothing foretells (level spacing), and one
  that was there when either aircraft was first heard cannot be warned of: these are counted by themselves.  Of all
  others, those that surprise (credible, without company or circuit) are told once more.
- Injected are close calls of aircraft that truly flew so (`injection.real`), at 1 NM and 400 ft, of which only the two
  are played.

The wording is that of EUROCONTROL's short-term conflict alert (STANDARDS.md §2): look-ahead about two minutes; warnings
that were genuine, nuisance, or missed; the warning time that was achieved.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    os.environ.setdefault("NUMBA_NUM_THREADS", "1")
    os.environ.setdefault("POLARS_MAX_THREADS", "1")
sys.path.insert(0, str(Path(__file__).parent))

import numpy as np
import polars as pl

import wideberth as wb
from injection import copies, days
from wideberth.serve.ahead import Look
from wideberth.serve.alerts import ENDED, Alert, Alerts, Settings
from wideberth.serve.arrivals import standard
from wideberth.serve.predict import predict
from wideberth.serve.sky import LiveSky
from wideberth.units import parse_length_m, parse_vertical_ft

SECOND = 1_000_000
FARTHEST_S = 180.0
MINIMA = {"swiss": ("5 NM", "1000 ft"), "monterey": ("1 NM", "400 ft"), "injected": ("1 NM", "400 ft")}
BEFORE_S, AFTER_S = 300.0, 60.0  # of an injection is played
Pair = tuple[str, str]


@dataclass(frozen=True)
class Choice:
    """One way to set the parameters.

    Attributes:
        look_ahead_s: how far ahead.
        turning_s: how far ahead the turning hypothesis is believed; 0: it is not used.
        confirm, of: in how many of how many cycles a threat must be there.
    """

    look_ahead_s: float
    turning_s: float
    confirm: int = 2
    of: int = 4

    def __str__(self) -> str:
        turns = f"turning {self.turning_s:.0f} s" if self.turning_s else "straight only"
        return f"{self.look_ahead_s:.0f} s, {turns}, {self.confirm} of {self.of}"


LOOKS_S = (30.0, 60.0, 90.0, 120.0, 180.0)
CHOICES = [
    *(Choice(seconds, 0.0) for seconds in LOOKS_S),
    *(Choice(seconds, min(seconds, 60.0)) for seconds in LOOKS_S),
    *(Choice(120.0, seconds) for seconds in (30.0, 90.0, 120.0)),
    Choice(120.0, 60.0, confirm=1, of=1),
    Choice(120.0, 60.0, confirm=4, of=4),
]


@dataclass
class Played:
    """What came of playing some time with one choice."""

    choice: Choice
    alerts: Alerts
    done: list[Alert] = field(default_factory=list)
    hours: float = 0.0


@dataclass(frozen=True)
class Truth:
    """An encounter as the screen finds it afterwards."""

    pair: Pair
    t_in_us: int
    t_out_us: int
    surprises: bool
    from_first: bool
    levels: bool


def play(rows: pl.DataFrame, terms: wb.Agreement, begin_us: int, end_us: int) -> list[Played]:
    """Play rows second by second with every choice."""
    rows = standard(rows, "feed", 0).sort("t", maintain_order=True)
    t_us = rows["t"].to_physical().to_numpy()
    sky = LiveSky(terms)
    looks = {
        False: Look(FARTHEST_S, turning_dps=float("inf")),
        True: Look(FARTHEST_S, turning_ahead_s=FARTHEST_S),
    }
    found = [Played(each, Alerts(terms.digest, Settings(each.confirm, each.of))) for each in CHOICES]
    sky.hear(rows[: int(np.searchsorted(t_us, begin_us, side="right"))], begin_us)
    low = int(np.searchsorted(t_us, begin_us, side="right"))
    for now_us in range(begin_us + SECOND, end_us + 1, SECOND):
        high = int(np.searchsorted(t_us, now_us, side="right"))
        if high > low:
            sky.hear(rows[low:high], now_us)
        low = high
        pictures = {is_turning: predict(sky, now_us, look) for is_turning, look in looks.items()}
        for each in found:
            choice = each.choice
            picture = pictures[choice.turning_s > 0.0]
            near = [
                one
                for one in picture.threats
                if not one.is_within
                or one.t_in_s <= (choice.turning_s if one.is_turning else choice.look_ahead_s)
            ]
            each.hours += picture.ahead / 3600.0
            for event in each.alerts.step(now_us, near):
                if event.what == ENDED:
                    each.done.append(event.alert)
        if now_us % (600 * SECOND) == 0:
            sky.forget(now_us)
    for each in found:
        each.done += list(each.alerts)
    return found


def truths(rows: pl.DataFrame, minima: tuple[str, str], begin_us: int, end_us: int) -> list[Truth]:
    """Return the encounters that begin while it was played."""
    tracks = wb.read(rows)
    first = dict(zip(tracks.aircraft, tracks.t_us[tracks.begin[:-1]].tolist(), strict=True))
    legs = tracks.legs()
    leg_in = set(zip(legs.aircraft.tolist(), (legs.t_in_us + legs.base_us).tolist(), strict=True))
    number = {text: k for k, text in enumerate(tracks.aircraft)}
    found = []
    for row in wb.screen(
        tracks, horizontal_m=parse_length_m(minima[0]), vertical_ft=parse_vertical_ft(minima[1])
    ):
        t_in_us = round(row["t_in"].timestamp() * 1e6)
        pair = row["icao24_a"], row["icao24_b"]
        if begin_us <= t_in_us <= end_us:
            is_first = any((number[text], t_in_us) in leg_in or first[text] == t_in_us for text in pair)
            surprises = row["trust"] == "credible" and row["context"] == "none"
            is_levels = row["context"] == "level spacing"
            found.append(
                Truth(pair, t_in_us, round(row["t_out"].timestamp() * 1e6), surprises, is_first, is_levels)
            )
    return found


def scored(played: Played, known: list[Truth], everything: list[Truth]) -> dict[str, Any]:
    """Return how many were warned of and how early, and how many alerts were about nothing."""
    by_pair: dict[Pair, list[Alert]] = {}
    for alert in played.done:
        by_pair.setdefault((alert.aircraft[0], alert.aircraft[1]), []).append(alert)
    result: dict[str, Any] = {"choice": str(played.choice), "hours": played.hours, "alerts": len(played.done)}
    for name, some in (
        ("warnable", [each for each in known if not each.from_first and not each.levels]),
        ("level spacing", [each for each in known if not each.from_first and each.levels]),
        ("surprising", [each for each in known if each.surprises and not each.from_first]),
        ("from the first report", [each for each in known if each.from_first]),
    ):
        warned = []
        missed = 0
        for each in some:
            of = [
                alert.began_us
                for alert in by_pair.get(each.pair, [])
                if alert.began_us <= each.t_out_us and (alert.ended_us or 2**62) >= each.t_in_us
            ]
            missed += not of
            warned += [(each.t_in_us - min(of)) / SECOND] if of else []
        times = np.array(warned)
        result[name] = {
            "encounters": len(some),
            "missed": missed,
            "late": int((times <= 0.0).sum()),
            **{
                f"p{share}_s": float(np.percentile(times, share)) if times.size else None
                for share in (10, 50, 90)
            },
            "under_30_s": int((times < 30.0).sum()),
        }
    spans: dict[Pair, list[tuple[int, int]]] = {}
    for each in everything:
        spans.setdefault(each.pair, []).append((each.t_in_us, each.t_out_us))
    ahead_us = played.choice.look_ahead_s * SECOND
    nuisance = [
        alert
        for alert in played.done
        if not any(
            begin <= (alert.ended_us or alert.seen_us) + ahead_us and end >= alert.began_us - 5 * SECOND
            for begin, end in spans.get((alert.aircraft[0], alert.aircraft[1]), [])
        )
    ]
    result["nuisance"] = len(nuisance)
    result["nuisance_per_flight_hour"] = len(nuisance) / max(played.hours, 1e-9)
    return result


def of_day(name: str, hours: float, half: str) -> list[dict[str, Any]]:
    """Return the scores of half a recorded day."""
    rows = days.load(name, half).raw
    begin_us = int(rows["t"].dt.epoch("us").min())  # type: ignore[arg-type]
    end_us = min(begin_us + round(hours * 3600 * SECOND), int(rows["t"].dt.epoch("us").max()))  # type: ignore[arg-type]
    rows = rows.with_columns(pl.col("icao24").cast(pl.String))
    terms = wb.Agreement.everyone(horizontal=MINIMA[name][0], vertical=MINIMA[name][1])
    played = play(rows.filter(pl.col("t").dt.epoch("us") <= end_us), terms, begin_us, end_us)
    # What alerts were about may come after the end of what is played.
    everything = truths(rows, MINIMA[name], -(2**62), 2**62)
    known = [
        each for each in everything if begin_us + FARTHEST_S * SECOND <= each.t_in_us <= end_us - 60 * SECOND
    ]
    return [scored(each, known, everything) for each in played]


def of_injections(each: int) -> list[dict[str, Any]]:
    """Return the scores of so many injected close calls in each of two days, only the two aircraft played."""
    minima = MINIMA["injected"]
    terms = wb.Agreement.everyone(horizontal=minima[0], vertical=minima[1])
    total: list[Played] = []
    known: list[Truth] = []
    for name in ("swiss", "monterey"):
        for copy in copies.copies(copies.KINDS["real"], days.load(name, "report"), each):
            for injection in copy.injections:
                pair = injection.pairs[0]
                begin_us, end_us = (
                    round((injection.t_cpa_s + s) * SECOND) for s in (-BEFORE_S - FARTHEST_S, AFTER_S)
                )
                t_us = pl.col("t").dt.epoch("us")
                rows = copy.table.with_columns(pl.col("icao24").cast(pl.String)).filter(
                    pl.col("icao24").is_in(pair) & t_us.is_between(begin_us - 60 * SECOND, end_us)
                )
                here = truths(rows, minima, begin_us + round(FARTHEST_S * SECOND), end_us)
                if not here:
                    continue
                known += here
                played = play(rows, terms, begin_us, end_us)
                if not total:
                    total = played
                    continue
                for one, other in zip(total, played, strict=True):
                    one.done += other.done
                    one.hours += other.hours
    # Alone with each other, all of them surprise.
    known = [Truth(one.pair, one.t_in_us, one.t_out_us, True, one.from_first, False) for one in known]
    return [scored(one, known, known) for one in total]


def shown(name: str, scores: list[dict[str, Any]]) -> None:
    """Print a table."""
    first = scores[0]
    print(f"\n{name}: {' and '.join(MINIMA[name])}, {first['hours']:.0f} flight hours predicted")
    for kind in ("warnable", "surprising", "level spacing", "from the first report"):
        print(f"  {kind}: {first[kind]['encounters']} encounters")
    print(
        f"  {'look-ahead, ways, confirmed in':<42}{'missed':>7}{'late':>6}{'p10':>7}{'p50':>7}{'p90':>7}"
        f"{'<30 s':>7}{'alerts':>8}{'nuisance':>10}{'per hour':>10}; of the surprising: missed, p50"
    )
    for each in scores:
        one, few = each["warnable"], each["surprising"]
        times = "".join(
            f"{one[p]:>7.0f}" if one[p] is not None else f"{'-':>7}" for p in ("p10_s", "p50_s", "p90_s")
        )
        print(
            f"  {each['choice']:<42}{one['missed']:>7}{one['late']:>6}{times}{one['under_30_s']:>7}"
            f"{each['alerts']:>8}{each['nuisance']:>10}{each['nuisance_per_flight_hour']:>10.3f}"
            + (f"   {few['missed']}, {few['p50_s']:.0f} s" if few["p50_s"] is not None else "")
        )
    sys.stdout.flush()


def plot(found: dict[str, list[dict[str, Any]]], path: Path) -> None:
    """Draw how early half of the injected close calls are warned of over nuisance alerts of the days, a line a way."""
    wide, high, left, low = 640, 360, 60, 50
    early = {each["choice"]: each["warnable"]["p50_s"] or 0.0 for each in found["injected"]}
    points = {
        (name, turns): [
            (each["nuisance_per_flight_hour"], early[each["choice"]], each["choice"].split(" s")[0])
            for each in scores
            if each["choice"]
            in [str(Choice(s, min(s, 60.0) if turns == "and turning" else 0.0)) for s in LOOKS_S]
        ]
        for name, scores in found.items()
        for turns in ("straight only", "and turning")
        if name != "injected"
    }
    most_x = max((x for some in points.values() for x, _, _ in some), default=1.0) * 1.1 or 1.0
    most_y = max((y for some in points.values() for _, y, _ in some), default=1.0) * 1.15 or 1.0

    def at(x: float, y: float) -> tuple[float, float]:
        return left + (wide - left - 20) * x / most_x, high - low - (high - low - 20) * y / most_y

    colours = {"swiss": "#00695c", "monterey": "#b35c00"}
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" font-family="sans-serif" font-size="12">',
        f'<rect width="{wide}" height="{high}" fill="#fff"/>',
        f'<path d="M{left} 20V{high - low}H{wide - 20}" fill="none" stroke="#444"/>',
        f'<text x="{wide / 2}" y="{high - 12}" text-anchor="middle">nuisance alerts per flight hour</text>',
        f'<text x="16" y="{high / 2}" transform="rotate(-90 16 {high / 2})" text-anchor="middle">'
        "half of injected ones warned by, s</text>",
    ]
    for k in range(math.floor(most_x / 0.5) + 1):
        x, _ = at(0.5 * k, 0.0)
        parts.append(f'<text x="{x:.1f}" y="{high - low + 16}" text-anchor="middle">{0.5 * k:g}</text>')
    for k in range(math.floor(most_y / 15.0) + 1):
        _, y = at(0.0, 15.0 * k)
        parts.append(f'<text x="{left - 6}" y="{y + 4:.1f}" text-anchor="end">{15 * k}</text>')
    for row, ((name, turns), some) in enumerate(points.items()):
        dash = "" if "turning" in turns else ' stroke-dasharray="5 4"'
        way = " ".join(f"{x:.1f},{y:.1f}" for x, y in (at(x, y) for x, y, _ in some))
        parts.append(
            f'<polyline points="{way}" fill="none" stroke="{colours[name]}" stroke-width="2"{dash}/>'
        )
        for x, y, label in some:
            px, py = at(x, y)
            parts.append(f'<circle cx="{px:.1f}" cy="{py:.1f}" r="3" fill="{colours[name]}"/>')
            parts.append(
                f'<text x="{px + 4:.1f}" y="{py + (16.0 if dash else -6.0):.1f}" fill="{colours[name]}">{label}</text>'
            )
        x0, y0 = wide - 210, high - low - 76 + 16 * row
        parts.append(f'<path d="M{x0} {y0 - 4}h28" stroke="{colours[name]}" stroke-width="2"{dash}/>')
        parts.append(f'<text x="{x0 + 36}" y="{y0}">{name}, {turns}</text>')
    path.write_text("\n".join([*parts, "</svg>"]) + "\n", "utf-8")


def main() -> None:
    """Play what is asked for, and print a table of each."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--day", choices=("swiss", "monterey", "none"), action="append")
    parser.add_argument("--half", choices=days.HALVES, default="report")
    parser.add_argument("--hours", type=float, default=2.0)
    parser.add_argument("--injected", type=int, default=100, help="so many close calls in each of two days")
    parser.add_argument("--json", type=Path, help="write the figures here as well")
    parser.add_argument(
        "--read", type=Path, action="append", help="show figures that --json wrote, and play nothing"
    )
    parser.add_argument("--plot", type=Path, help="draw them as SVG; needs a day and injected ones")
    options = parser.parse_args()
    found: dict[str, list[dict[str, Any]]] = {}
    for path in options.read or ():
        found |= json.loads(path.read_text("utf-8"))
    for name in () if options.read else options.day or ("swiss", "monterey"):
        if name != "none":
            found[name] = of_day(name, options.hours, options.half)
            shown(name, found[name])
    if options.injected and not options.read:
        found["injected"] = of_injections(options.injected)
        shown("injected", found["injected"])
    if options.json:
        options.json.write_text(json.dumps(found, indent=1) + "\n", "utf-8")
    if options.plot:
        plot(found, options.plot)


if __name__ == "__main__":
    main()

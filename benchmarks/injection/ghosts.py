"""One aircraft recorded twice, and clocks that are off: passes of an aircraft with a copy, or with where it was not."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import polars as pl

from injection import recorder
from injection.draft import (
    Draft,
    Drawing,
    Flight,
    pair_of,
    place_of,
    square_to,
    truth_of,
)
from injection.motion import Path, closest, smoothed

if TYPE_CHECKING:
    from injection.days import Day
    from injection.rows import Rows

GHOST = "ghost"
CLOCK = "clock"
GHOST_OFFSET_FT = 300.0  # data/README: a ghost stays 200 to 300 ft off its aircraft's reported altitude
GHOST_LATE_S = 5.0
FEED_CLOCK_S = (1.0, 45.0)  # two aggregators differed by 30 to 45 s (LiveTraffic #57)
WRONG_CLOCK_S = (5.0, 60.0)
SHORTEST_GHOST_S = 90.0
GHOST_SMOOTHING_S = 3.0
TRULY_FAR_M = 1000.0
SAME_CALLSIGN_SHARE = 0.3
OWN_WORD = ("nic", "nac_p", "nac_v", "sil")


def ghost_subs(_: Day) -> tuple[str, ...]:
    """Return the kinds of ghosts: a radar's relay, one that changes its address, multilateration, two feeds."""
    return ("tisb", "tisb changing", "mlat", "reprogrammed", "two feeds")


def draw_ghost(drawing: Drawing, sub: str) -> Draft | None:
    """Return a second address for an aircraft, for all or part of its time."""
    begun = drawing.first(existing=True)
    if begun is None:
        return None
    flight, t = begun
    path = _part(drawing, flight.path, t)
    if sub != "two feeds":  # where it was recorded, not where a wide smoothing has it in turns
        shown = flight.shown().between(path.begin_s - 30.0, path.end_s + 30.0)
        path = smoothed(shown, GHOST_SMOOTHING_S).between(path.begin_s, path.end_s)
        if path.t_s.size < SHORTEST_GHOST_S:
            return None
    if sub == "two feeds":
        copies, told = _two_feeds(drawing, flight, path)
    elif sub.startswith("tisb"):
        copies, told = _relayed(drawing, flight, path, changes=sub == "tisb changing")
    else:
        copies, told = _located(drawing, flight, path, is_noisy=sub == "mlat")
    passes = [(copy, closest(flight.shown(), flight.shown(copy))) for copy in copies]
    found = [(copy, approach) for copy, approach in passes if approach.is_pass]
    if not found:
        return None
    # Without the fault there is one aircraft, which cannot pass itself.
    nearest = found[0][1]
    return Draft(
        sub,
        tuple(pair_of(flight.address, copy.address) for copy, _ in found),
        nearest.pass_s,
        (path.begin_s - 60.0, path.end_s + 60.0),
        math.nan,
        math.nan,
        copies,
        {flight.address},
        place_of(flight.path, t),
        told,
        [],
    )


def _part(drawing: Drawing, path: Path, t: float) -> Path:
    """Return all of a path, or a part of it around an instant."""
    if drawing.chance(0.5):
        return path
    before, after = (max(drawing.decades(SHORTEST_GHOST_S / 2, 600.0), 0.0) for _ in range(2))
    return path.between(t - before, t + after)


def _relayed(
    drawing: Drawing, flight: Flight, path: Path, *, changes: bool
) -> tuple[list[Rows], dict[str, Any]]:
    rng = drawing.rng
    # A relayed Mode C altitude is often not the aircraft's own corrected one: off by up to 300 ft.
    bias = 0.0 if drawing.chance(0.3) else drawing.sign() * drawing.between(0.0, GHOST_OFFSET_FT)
    late = drawing.between(0.0, GHOST_LATE_S)
    feed = recorder.tisb(rng, late_s=late, bias_ft=bias)
    ghosts = drawing.day.ghosts
    like = ghosts[int(rng.integers(len(ghosts)))] if ghosts else flight.address
    cuts = [path.begin_s, path.end_s]
    if changes:
        inner = rng.uniform(path.begin_s, path.end_s, int(rng.integers(1, 3)))
        cuts = sorted([*cuts, *(float(c) for c in inner)])
    copies = []
    for begin, end in itertools.pairwise(cuts):
        part = path.between(begin, end)
        if part.t_s.size < 30:
            continue
        copies.append(
            recorder.record(rng, drawing.day, part, drawing.address(is_ghost=True), feed, like=like)
        )
    return copies, {"late_s": round(late, 2), "offset_ft": round(bias)}


def _located(
    drawing: Drawing, flight: Flight, path: Path, *, is_noisy: bool
) -> tuple[list[Rows], dict[str, Any]]:
    rng = drawing.rng
    bias = drawing.rng.normal(0.0, 10.0)  # of its own transponder, rounded at other instants
    feed = recorder.mlat(rng, bias_ft=bias)
    if not is_noisy:  # the aircraft's own reports, under an address that somebody programmed
        feed = replace(recorder.adsb(rng), bias_ft=bias, wander_m=drawing.between(15.0, 30.0))
    callsign = _callsign(drawing, flight) if drawing.chance(SAME_CALLSIGN_SHARE) else None
    rows = recorder.record(
        rng, drawing.day, path, drawing.address(), feed, like=flight.address, callsign=callsign
    )
    if is_noisy and "source" in rows.others.columns:
        told = pl.when(pl.col("source").is_not_null()).then(pl.lit("mlat"))
        kinds = rows.others.schema
        rows = replace(
            rows,
            others=rows.others.with_columns(
                told.cast(kinds["source"]).alias("source"),
                # What an aircraft says of its own positions does not come with a position that others found.
                *(pl.lit(None, kinds[name]).alias(name) for name in OWN_WORD if name in kinds),
            ),
        )
    return [rows], {"wander_m": round(feed.wander_m)}


def _two_feeds(drawing: Drawing, flight: Flight, path: Path) -> tuple[list[Rows], dict[str, Any]]:
    """Return the same reports as another feed stamps them: its clock is off, and it samples at other instants."""
    offset = drawing.sign() * drawing.decades(*FEED_CLOCK_S)
    shown = flight.shown().between(path.begin_s, path.end_s)
    if shown.t_s.size < 10:
        return [], {}
    feed = replace(
        recorder.adsb(drawing.rng), wander_m=2.0, fresh_m=2.0, late_s=0.0, bias_ft=0.0, step_ft=25.0
    )
    moved = replace(shown, t_s=shown.t_s + offset)
    callsign = _callsign(drawing, flight) if drawing.chance(SAME_CALLSIGN_SHARE) else None
    rows = recorder.record(
        drawing.rng, drawing.day, moved, drawing.address(), feed, like=flight.address, callsign=callsign
    )
    return [rows], {"clock_s": round(offset, 1)}


def _callsign(drawing: Drawing, flight: Flight) -> str | None:
    others = drawing.day.rows(flight.address).others
    if "callsign" not in others.columns:
        return None
    known = others["callsign"].drop_nulls()
    return str(known[0]) if known.len() else None


def clock_subs(_: Day) -> tuple[str, ...]:
    """Return whose clock is off: that of an aircraft of the day, or of a new one."""
    return ("new", "existing")


def draw_clock(drawing: Drawing, sub: str) -> Draft | None:
    """Return a pass that is there only because one aircraft's times are off by a constant, the whole flight long."""
    begun = drawing.first(existing=True if sub == "existing" else None)
    if begun is None:
        return None
    first, t_cpa = begun
    step = drawing.day.source.step_s
    offset = drawing.sign() * max(round(drawing.decades(*WRONG_CLOCK_S) / step) * step, step)
    # ``t_cpa`` is an instant of the recording, so of the wrong clock as well.
    told = first.path
    if sub == "existing":
        told = replace(told, t_s=told.t_s + offset)
    e, n, altitude = told.point(t_cpa)
    height_ft = altitude + drawing.between(-300.0, 300.0)
    placed = drawing.through(told, (e, n, height_ft), t_cpa, drawing.between(0.0, 2 * math.pi))
    if placed is None:
        return None
    path, like = placed
    path = drawing.wiggled(path)
    east, north, _ = path.point(t_cpa)
    across = square_to(told, t_cpa, path.speed_mps(t_cpa), path.course_rad(t_cpa))
    miss = drawing.sign() * drawing.between(0.0, 450.0)
    path = path.bent(e - east + miss * across[0], n - north + miss * across[1])
    if not path.is_flyable():
        return None
    second = drawing.recorded(path, like)
    if sub == "existing":
        faulty = replace(first.rows, t_s=first.rows.t_s + offset)
        seen, mended = closest(first.shown(faulty), second.shown()), closest(first.shown(), second.shown())
        truth = truth_of(first.path, path)
        rows, mended_rows = [faulty, second.rows], [first.rows, second.rows]
    else:
        faulty = second.rows
        right = replace(faulty, t_s=faulty.t_s - offset)
        seen, mended = closest(first.shown(), second.shown()), closest(first.shown(), second.shown(right))
        truth = truth_of(first.path, replace(path, t_s=path.t_s - offset))
        rows = [flight.rows for flight in (first, second) if flight.is_new]
        mended_rows = [right, *([first.rows] if first.is_new else [])]
    if not seen.is_pass or mended.is_pass or truth.hmd_m < TRULY_FAR_M:
        return None
    return Draft(
        sub,
        (pair_of(first.address, second.address),),
        seen.pass_s,
        (seen.pass_s - 120.0, seen.pass_s + 120.0),
        truth.hmd_m,
        truth.vertical_ft,
        rows,
        {first.address} if not first.is_new else set(),
        place_of(told, t_cpa),
        {"clock_s": round(offset, 1), "whose": faulty.address},
        mended_rows,
    )

"""Wrong positions of one aircraft that make it pass another: repeated, missing around a turn, displaced.

In each, one of two flights that truly keep apart has the fault.  It counts only where the rows as recorded show a pass,
and the same rows without the fault show none.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from injection.draft import Draft, Drawing, Flight, is_kept, pair_of, place_of, truth_of
from injection.motion import GRAVITY_MPS2, closest, metres_per_degree

if TYPE_CHECKING:
    import numpy.typing as npt

    from injection.days import Day
    from injection.rows import Rows

STALE = "stale"
JUMP = "jump"
GAP = "gap"
HELD_S = (2.0, 60.0)
JUMP_M = (500.0, 50_000.0)
MISS_M = 400.0  # at most, of the place that is wrongly shown from the other aircraft
HIGH_FT = 300.0
LONGEST_CUT_S = 60.0  # a gap that is just bridged
SHORTEST_CUT_S = 30.0
SPAN_S = 150.0  # encounters so near the fault belong to it
REENCODED_M = 5.0  # a compact position report resolves about 5 m


@dataclass(frozen=True)
class Faulty:
    """Two flights, one of them with a fault.

    Attributes:
        one: with the fault.
        rows: its rows with the fault.
        mended: its rows without it: dropped where they were wrong, or as they were.
        other: the one that passes.
        told: what the fault is.
    """

    one: Flight
    rows: Rows
    mended: Rows
    other: Flight
    told: dict[str, Any]


def draft_of(drawing: Drawing, sub: str, t_s: float, case: Faulty | None) -> Draft | None:
    """Return the case as a draft where removing the fault removes the pass, and the truth keeps apart."""
    if case is None or not (case.one.path.is_flyable() and case.other.path.is_flyable()):
        return None
    if not is_kept(case.one.path, case.other.path):
        return None
    other = case.other.shown()
    seen = closest(case.one.shown(case.rows), other)
    if not seen.is_pass or closest(case.one.shown(case.mended), other).is_pass:
        return None
    truth = truth_of(case.one.path, case.other.path)
    return Draft(
        sub,
        (pair_of(case.one.address, case.other.address),),
        seen.pass_s,
        (t_s - SPAN_S, t_s + SPAN_S),
        truth.hmd_m,
        truth.vertical_ft,
        [case.rows, *([case.other.rows] if case.other.is_new else [])],
        {flight.address for flight in (case.one, case.other) if not flight.is_new},
        place_of(case.other.path, t_s),
        {**case.told, "whose": case.one.address, "faulty": "new" if case.one.is_new else "existing"},
        [case.mended, *([case.other.rows] if case.other.is_new else [])],
    )


def meeting(drawing: Drawing, first: Flight, place: tuple[float, float, float], t_s: float) -> Flight | None:
    """Return a new flight that is at a place, give or take `MISS_M` and `HIGH_FT`, at an instant."""
    away, bearing = drawing.between(0.0, MISS_M), drawing.between(0.0, 2 * math.pi)
    e, n, altitude = place
    spot = (
        e + away * math.sin(bearing),
        n + away * math.cos(bearing),
        altitude + drawing.between(-HIGH_FT, HIGH_FT),
    )
    placed = drawing.through(first.path, spot, t_s, drawing.between(0.0, 2 * math.pi))
    if placed is None:
        return None
    path, like = placed
    return drawing.recorded(drawing.wiggled(path), like)


def stale_subs(_: Day) -> tuple[str, ...]:
    """Return the ways in which positions are repeated: held, held but for the altitude, sent again, re-encoded."""
    return ("held", "held, altitude goes on", "sent again", "re-encoded")


def draw_stale(drawing: Drawing, sub: str) -> Draft | None:
    """Return an aircraft whose position is repeated while another passes where it was."""
    begun = drawing.first()
    if begun is None:
        return None
    first, t = begun
    held_s = drawing.decades(*HELD_S)
    later = drawing.between(0.3, 1.0) * held_s
    is_first = drawing.chance(0.5)
    e, n, altitude = first.path.point(t)
    # Either the first flight is held at t and another comes there later, or a new one was, where the first is later.
    second = meeting(drawing, first, (e, n, altitude), t + later if is_first else t - later)
    if second is None:
        return None
    one, other = (first, second) if is_first else (second, first)
    begin = t if is_first else t - later
    rows, is_wrong = held(drawing, one.rows, begin, held_s, sub)
    if not is_wrong.any():
        return None
    case = Faulty(
        one, rows, rows.without(is_wrong), other, {"held_s": round(held_s, 1), "rows": int(is_wrong.sum())}
    )
    return draft_of(drawing, sub, begin + later, case)


def held(
    drawing: Drawing, rows: Rows, begin_s: float, held_s: float, sub: str
) -> tuple[Rows, npt.NDArray[np.bool_]]:
    """Return rows that repeat the last position before an instant for a while, and which of them do."""
    source = int(np.searchsorted(rows.t_s, begin_s, side="right")) - 1
    is_wrong = (rows.t_s > begin_s) & (rows.t_s <= begin_s + max(held_s, drawing.day.source.step_s))
    if source < 0 or not is_wrong.any() or begin_s - rows.t_s[source] > 30.0:
        return rows, np.zeros(rows.t_s.size, np.bool_)
    if sub == "sent again":  # true reports and old ones by turns, as from two receivers
        wrong = np.flatnonzero(is_wrong)
        is_wrong[wrong[int(drawing.rng.integers(2)) :: 2]] = False
    lat, lon, altitude = rows.lat_deg.copy(), rows.lon_deg.copy(), rows.altitude_ft.copy()
    lat[is_wrong], lon[is_wrong] = lat[source], lon[source]
    if sub == "re-encoded":
        north, east = metres_per_degree(float(lat[source]))
        lat[is_wrong] += drawing.rng.normal(0.0, REENCODED_M, int(is_wrong.sum())) / north
        lon[is_wrong] += drawing.rng.normal(0.0, REENCODED_M, int(is_wrong.sum())) / east
    if sub != "held, altitude goes on":
        altitude[is_wrong] = altitude[source]
    return replace(rows, lat_deg=lat, lon_deg=lon, altitude_ft=altitude), is_wrong


def jump_subs(_: Day) -> tuple[str, ...]:
    """Return how many rows are displaced, and how far."""
    return ("one, near", "one, far", "few, near", "few, far")


def draw_jump(drawing: Drawing, sub: str) -> Draft | None:
    """Return an aircraft a few of whose positions are displaced onto another's path."""
    begun = drawing.first()
    if begun is None:
        return None
    first, t = begun
    low, high = JUMP_M
    away = drawing.decades(low, 3000.0) if sub.endswith("near") else drawing.decades(3000.0, high)
    bearing = drawing.between(0.0, 2 * math.pi)
    e, n, altitude = first.path.point(t)
    second = meeting(
        drawing, first, (e + away * math.sin(bearing), n + away * math.cos(bearing), altitude), t
    )
    if second is None:
        return None
    one, other = (first, second) if drawing.chance(0.5) else (second, first)
    middle = int(np.argmin(np.abs(one.rows.t_s - t)))
    t_s = float(one.rows.t_s[middle])
    count = 1 if sub.startswith("one") else int(drawing.rng.integers(2, 5))
    begin = middle - int(drawing.rng.integers(count))
    which = np.arange(max(begin, 0), min(begin + count, one.rows.t_s.size))
    which = which[np.abs(one.rows.t_s[which] - t_s) < 60.0]
    if which.size < count:
        return None
    east, north, _ = other.path.point(t_s)
    own = one.shown().point(t_s)
    miss, direction = drawing.between(0.0, MISS_M), drawing.between(0.0, 2 * math.pi)
    per_north, per_east = metres_per_degree(one.path.lat_deg)
    lat, lon = one.rows.lat_deg.copy(), one.rows.lon_deg.copy()
    lat[which] += (north + miss * math.cos(direction) - own[1]) / per_north
    lon[which] += (east + miss * math.sin(direction) - own[0]) / per_east
    far = math.hypot(east - own[0], north - own[1])
    rows = replace(one.rows, lat_deg=lat, lon_deg=lon)
    told = {"jump_m": round(far), "rows": int(which.size)}
    return draft_of(drawing, sub, t_s, Faulty(one, rows, one.rows, other, told))


def gap_subs(_: Day) -> tuple[str, ...]:
    """Return whose turn it is: one that was flown that day, or one that was made."""
    return ("turn of the day", "made turn")


def draw_gap(drawing: Drawing, sub: str) -> Draft | None:
    """Return an aircraft that was not heard around a turn, so that its straight bridge cuts through another's path."""
    begun = drawing.first(existing=sub == "turn of the day")
    if begun is None:
        return None
    one, t = begun
    if sub == "turn of the day":
        t = _sharpest_s(one)
        if math.isnan(t):
            return None
    else:
        # At 0.3 g, as steep as ordinary turns are; the origin stays where it was.
        speed = one.path.speed_mps(t)
        lasts = drawing.between(30.0, 60.0)
        angle = min(0.3 * GRAVITY_MPS2 * lasts / (1.9 * speed), math.radians(200.0))
        path = one.path.turned(t, lasts, drawing.sign() * angle, t)
        one = drawing.recorded(path, _like(drawing, one))
    gap_s = drawing.between(SHORTEST_CUT_S, LONGEST_CUT_S)
    rows = one.rows
    first = int(np.searchsorted(rows.t_s, t - gap_s / 2, side="right")) - 1
    if first < 0:
        return None
    last = int(np.searchsorted(rows.t_s, rows.t_s[first] + LONGEST_CUT_S, side="right")) - 1
    if last >= rows.t_s.size - 1 or rows.t_s[last] - rows.t_s[first] < SHORTEST_CUT_S:
        return None
    is_out = np.zeros(rows.t_s.size, np.bool_)
    is_out[first + 1 : last] = True
    cut = rows.without(is_out)
    t_b = float(rows.t_s[first]) + drawing.between(0.25, 0.75) * float(rows.t_s[last] - rows.t_s[first])
    east, north, altitude = one.shown(cut).point(t_b)
    true_e, true_n, _ = one.path.point(t_b)
    off = math.hypot(east - true_e, north - true_n)
    if off < 150.0:
        return None
    # On the far side of the bridge from where it truly was.
    miss = drawing.between(0.0, 450.0)
    place = (east + miss * (east - true_e) / off, north + miss * (north - true_n) / off, altitude)
    other = meeting(drawing, one, place, t_b)
    if other is None:
        return None
    told = {"gap_s": float(rows.t_s[last] - rows.t_s[first]), "cut_m": round(off), "rows": int(is_out.sum())}
    return draft_of(drawing, sub, t_b, Faulty(one, cut, rows, other, told))


def _like(drawing: Drawing, flight: Flight) -> str:
    """Return an address of the day whose columns a flight can have."""
    if not flight.is_new:
        return flight.address
    piece = drawing.piece()
    assert piece is not None
    return piece.address


def _sharpest_s(flight: Flight) -> float:
    """Return when a path turns most within half a minute; NaN where it hardly does."""
    t = np.arange(flight.path.begin_s + 150.0, flight.path.end_s - 150.0, 5.0)
    if t.size == 0:
        return math.nan
    before, after = flight.path.velocity(t - 20.0), flight.path.velocity(t + 20.0)
    turn = np.abs(np.angle((after[0] + 1j * after[1]) * np.conj(before[0] + 1j * before[1])))
    k = int(np.argmax(turn))
    return float(t[k]) if turn[k] > math.radians(15.0) else math.nan

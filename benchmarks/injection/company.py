"""Aircraft that are together on purpose: formation, tow, tanker, escort, helicopters at work, gliders in a thermal."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.ndimage import gaussian_filter1d

from injection.draft import BEFORE_S, Draft, Drawing, Flight, pair_of, place_of
from injection.motion import (
    GRAVITY_MPS2,
    METRES_PER_FOOT,
    Path,
    apart,
    closest,
    smoothstep,
)
from injection.recorder import wandering

if TYPE_CHECKING:
    import numpy.typing as npt

    from injection.days import Day, Piece

    Floats = npt.NDArray[np.float64]

COMPANY = "company"
TOGETHER_S = 120.0  # at least: "for minutes"
NEAREST_M = 20.0  # of two positions: a wing span, a hose
STATION_M = (50.0, 800.0)
JOIN_S = (90.0, 180.0)  # from kilometres away to the station
FAR_SHARE = (0.1, 0.3)  # of what the leader flies in that time, sideways: 0.56 of its speed at most
FAR_M = 8000.0
BEHIND_SHARE = 0.15  # of that time, at most, that it is behind: 1.28 of the leader's speed
SPEEDS = (0.6, 1.4)  # of a follower's speed to the leader's
FASTEST_MPS = 320.0  # over the ground, with a jet stream
JOINED_UNHEARD_SHARE = 0.3  # of formations that are together from the first sample; and likewise to the last
TANKER_MPS = 110.0  # the slowest that refuels, a C-130, and its receivers
TOW_MPS = (29.0, 36.0)
ROPE_M = (45.0, 65.0)
GLIDER_MPS = (24.0, 30.0)
# In g, sideways: 19° to 27° of bank; who circles steeper needs samples each second to be seen to circle.
CIRCLING = (0.35, 0.5)
THERMAL_MPS = (1.0, 3.0)
SINK_MPS = 1.0
WIND_MPS = 8.0
HELICOPTER_MPS = (8.0, 25.0)


def company_subs(day: Day) -> tuple[str, ...]:
    """Return who flies together: at cruising levels only what is fast enough."""
    if not day.source.is_low:
        return ("formation", "tanker", "escort")
    fast = ("tanker",) if day.name == "monterey" else ()
    return ("formation", "escort", *fast, "tow", "helicopters", "gaggle")


def draw_company(drawing: Drawing, sub: str) -> Draft | None:
    """Return two or more that fly together."""
    if sub in ("tow", "helicopters", "gaggle"):
        flights, t = _synthetic(drawing, sub)
    else:
        flights, t = _following(drawing, sub)
    if len(flights) < 2 or not all(flight.path.is_flyable(1.1 * 0.5 * GRAVITY_MPS2) for flight in flights):
        return None
    floor = drawing.day.source.elevation_ft + 150.0
    if min(float(flight.path.altitude_ft.min()) for flight in flights) < floor:
        return None
    if any(_collide(a.path, b.path) for a, b in itertools.combinations(flights, 2)):
        return None
    pairs = []
    first = None
    for a, b in itertools.combinations(flights, 2):
        true, shown = closest(a.path, b.path), closest(a.shown(), b.shown())
        if not (true.is_pass and shown.is_pass):
            continue
        if sub != "gaggle" and true.broken_s.size * 0.2 < TOGETHER_S / 2:  # samples of the fine grid
            continue
        pairs.append(pair_of(a.address, b.address))
        first = first or (true, shown)
    if first is None:
        return None
    true, shown = first
    begin = min(flight.path.begin_s for flight in flights)
    end = max(flight.path.end_s for flight in flights)
    return Draft(
        sub,
        tuple(pairs),
        shown.pass_s,
        (begin, end),
        true.hmd_m,
        true.vertical_ft,
        [flight.rows for flight in flights if flight.is_new],
        {flight.address for flight in flights if not flight.is_new},
        place_of(flights[0].path, t),
        {"aircraft": len(flights)},
    )


def _collide(a: Path, b: Path) -> bool:
    """Return whether two come nearer than crews would let them."""
    t = np.arange(max(a.begin_s, b.begin_s), min(a.end_s, b.end_s))
    if t.size == 0:
        return False
    far, high = apart(a, b, t)
    return bool(np.nanmin(np.hypot(far, high * METRES_PER_FOOT)) < NEAREST_M)


# A second one that follows a flight of the day ----------------------------------------------------


def _following(drawing: Drawing, sub: str) -> tuple[list[Flight], float]:
    def suits(piece: Piece) -> bool:
        middle = piece.path.begin_s + piece.path.t_s.size / 2
        return sub != "tanker" or piece.path.speed_mps(middle) > TANKER_MPS

    begun = drawing.first(suits, before_s=1.2 * BEFORE_S, after_s=1.2 * BEFORE_S)
    if begun is None:
        return [], 0.0
    leader, t = begun
    speed = leader.path.speed_mps(t)
    together = drawing.between(TOGETHER_S, 480.0)
    join_s, split_s = drawing.between(*JOIN_S), drawing.between(*JOIN_S)
    arrived, left = t - together / 2, t + together / 2
    lag_m, right_m, up_ft = _station(drawing, sub)
    far = [
        drawing.sign() * min(drawing.between(*FAR_SHARE) * speed * lasts, FAR_M)
        for lasts in (join_s, split_s)
    ]
    behind_s = drawing.between(0.0, BEHIND_SHARE) * join_s
    if sub == "tanker":
        far[0] *= 0.3  # from astern and below, as its procedure is
    joins = sub != "formation" or not drawing.chance(JOINED_UNHEARD_SHARE)
    splits = sub != "formation" or not drawing.chance(JOINED_UNHEARD_SHARE)
    clock = leader.path.t_s
    coming = 1.0 - smoothstep((clock - arrived) / join_s + 1.0) if joins else np.zeros(clock.size)
    going = smoothstep((clock - left) / split_s) if splits else np.zeros(clock.size)
    lag = lag_m / speed + behind_s * coming
    right = right_m * (1.0 - coming) * (1.0 - going) + far[0] * coming + far[1] * going
    up = up_ft + coming * drawing.between(-1000.0, 200.0) + going * drawing.between(-1500.0, 1500.0)
    held = drawing.between(3.0, 8.0 if sub == "tanker" else 35.0)
    right = right + held * _slow(drawing, clock)
    lag = lag + held / speed * _slow(drawing, clock)
    up = up + 15.0 * _slow(drawing, clock)
    path = _behind(leader.path, lag, right, up)
    path = path.between(clock[0] + 60.0, clock[-1])
    speeds = np.hypot(*path.velocity(path.t_s))[3:-3]
    if (
        speeds.size == 0
        or speeds.max() > min(SPEEDS[1] * speed, FASTEST_MPS)
        or speeds.min() < SPEEDS[0] * speed
    ):
        return [], 0.0
    like = leader.address
    if leader.is_new:
        piece = drawing.piece()
        if piece is None:
            return [], 0.0
        like = piece.address
    return [leader, drawing.recorded(path, like)], t


def _station(drawing: Drawing, sub: str) -> tuple[float, float, float]:
    """Return metres behind, metres to the right, and feet above."""
    if sub == "tanker":
        return drawing.between(25.0, 60.0), drawing.between(-15.0, 15.0), drawing.between(-60.0, -20.0)
    size = drawing.decades(*STATION_M)
    bearing = drawing.between(math.radians(45.0), math.radians(180.0)) * drawing.sign()
    if sub == "escort":  # abeam, where the crew can see it
        size, bearing = drawing.between(100.0, 500.0), drawing.sign() * drawing.between(1.2, 1.9)
    return -size * math.cos(bearing), size * math.sin(bearing), drawing.between(-200.0, 200.0)


def _behind(leader: Path, lag_s: Floats, right_m: Floats, up_ft: Floats) -> Path:
    """Return who flies where the leader was ``lag_s`` ago, so far to the right and so much higher."""
    east, north, altitude = leader.at(leader.t_s - lag_s)
    ve, vn = leader.velocity(leader.t_s - lag_s, 8.0)
    size = np.maximum(np.hypot(ve, vn), 1.0)
    return replace(
        leader,
        east_m=east + right_m * vn / size,
        north_m=north - right_m * ve / size,
        altitude_ft=altitude + up_ft,
    )


def _slow(drawing: Drawing, t_s: Floats) -> Floats:
    """Return how a pilot wanders about a station: unit deviation, within half a minute."""
    wander = gaussian_filter1d(wandering(drawing.rng, t_s, 30.0), 5.0)
    return np.asarray(wander / max(float(wander.std()), 1e-9))


# What has no model in the days: gliders, tugs and helicopters ------------------------------------


def _synthetic(drawing: Drawing, sub: str) -> tuple[list[Flight], float]:
    day = drawing.day
    t = float(round(drawing.between(day.begin_s + 500.0, day.end_s - 500.0)))
    lat, lon = day.origin
    origin = (lat + drawing.between(-0.35, 0.35), lon + drawing.between(-0.4, 0.4))
    ground = day.source.elevation_ft + drawing.between(0.0, 1500.0)
    paths = {"tow": _tow, "helicopters": _helicopters, "gaggle": _gaggle}[sub](drawing, t, ground, origin)
    flights = []
    for path in paths:
        piece = drawing.piece()
        if piece is None:
            return [], t
        flights.append(drawing.recorded(path, piece.address))
    return flights, t


def _steered(
    t_s: Floats, mps: Floats, rate_rad: Floats, course_rad: float, wind: tuple[float, float]
) -> tuple[Floats, Floats]:
    """Return east and north of who flies at a speed through air that drifts, and turns at a rate."""
    rate = gaussian_filter1d(rate_rad, 3.0)
    course = course_rad + np.cumsum(rate)
    return np.cumsum(mps * np.sin(course) + wind[0]), np.cumsum(mps * np.cos(course) + wind[1])


def _tow(drawing: Drawing, t: float, ground_ft: float, origin: tuple[float, float]) -> list[Path]:
    """Return a tug and its glider, from soon after take-off to a few minutes after release."""
    clock = np.arange(t - 360.0, t + 301.0)
    release = t + drawing.between(60.0, 180.0)
    mps = np.full(clock.size, drawing.between(*TOW_MPS))
    wind = (drawing.between(-WIND_MPS, WIND_MPS), drawing.between(-WIND_MPS, WIND_MPS))
    rate = np.zeros(clock.size)
    at = clock[0] + 40.0
    while at < release - 30.0:  # straight and turning by turns, at 10 to 15° of bank
        lasts = drawing.between(20.0, 90.0)
        turn = drawing.sign() * drawing.between(0.17, 0.27) * GRAVITY_MPS2 / mps[0]
        rate[(clock >= at) & (clock < at + lasts)] = turn
        at += lasts + drawing.between(10.0, 60.0)
    rate[clock >= release - 10.0] = 0.0
    course = drawing.between(0.0, 2 * math.pi)
    climb = drawing.between(500.0, 800.0) / 60.0
    tug_rate, glider_rate = rate.copy(), rate.copy()
    # Both turn off, the tug to the left and down, the glider to the right.
    after = (clock >= release) & (clock < release + drawing.between(12.0, 30.0))
    tug_rate[after] = -0.35 * GRAVITY_MPS2 / mps[0]
    glider_rate[after] = 0.35 * GRAVITY_MPS2 / mps[0]
    height = ground_ft + 300.0 + climb * (clock - clock[0])
    top = float(np.interp(release, clock, height))
    tug_ft = np.where(clock < release, height, np.maximum(top - 20.0 * (clock - release), ground_ft + 400.0))
    glider_ft = np.where(clock < release, height, top - 4.0 * (clock - release))
    rope_s = drawing.between(*ROPE_M) / mps[0]
    east, north = _steered(clock, mps, tug_rate, course, wind)
    tug = Path(clock, east, north, gaussian_filter1d(tug_ft, 5.0), *origin)
    slower = np.where(clock < release, mps, mps - drawing.between(0.0, 6.0))
    east, north = _steered(clock, gaussian_filter1d(slower, 5.0), glider_rate, course, wind)
    glider = Path(
        clock + rope_s,
        east + wind[0] * rope_s,
        north + wind[1] * rope_s,
        gaussian_filter1d(glider_ft, 5.0),
        *origin,
    )
    glider = replace(
        glider.between(clock[0] + 5.0, clock[-1]),
        altitude_ft=glider.between(clock[0] + 5.0, clock[-1]).altitude_ft - 10.0,
    )
    return [tug, glider]


def _helicopters(drawing: Drawing, t: float, ground_ft: float, origin: tuple[float, float]) -> list[Path]:
    """Return two that work over one place for minutes, and come and go on their own ways."""
    clock = np.arange(t - 420.0, t + 421.0)
    together = drawing.between(180.0, 500.0)
    height = ground_ft + drawing.between(300.0, 1200.0)
    apart_m = drawing.between(80.0, 350.0)
    made = []
    for number in range(2):
        period = drawing.between(60.0, 200.0)
        size = min(drawing.between(*HELICOPTER_MPS) * period / (2 * math.pi), 300.0)
        phases = [drawing.between(0.0, 2 * math.pi) for _ in range(3)]
        # Back and forth, and round: two sines of unlike periods, one of them twice as quick.
        work_e = size * np.sin(2 * math.pi * clock / period + phases[0]) + number * apart_m
        work_n = 0.5 * size * np.sin(4 * math.pi * clock / period + phases[1])
        transit_mps, bearing = drawing.between(25.0, 42.0), drawing.between(0.0, 2 * math.pi)
        away_s = np.abs(clock - t) - together / 2
        # Slows down over 40 s: log(1 + e^x) is a bend with round corners.
        out_m = transit_mps * 12.0 * np.logaddexp(0.0, away_s / 12.0)
        leaving = bearing + np.where(clock > t, drawing.between(1.0, 4.0), 0.0)
        feet = height + drawing.between(-100.0, 100.0) + 30.0 * np.sin(2 * math.pi * clock / 97.0 + phases[2])
        made.append(
            Path(
                clock,
                work_e + out_m * np.sin(leaving),
                work_n + out_m * np.cos(leaving),
                feet + 300.0 * smoothstep(np.asarray(away_s / 120.0)),
                *origin,
            )
        )
    return made


def _gaggle(drawing: Drawing, t: float, ground_ft: float, origin: tuple[float, float]) -> list[Path]:
    """Return gliders that circle in a thermal, each for its own time, and go on to where they like."""
    wind = (drawing.between(-WIND_MPS, WIND_MPS), drawing.between(-WIND_MPS, WIND_MPS))
    base = ground_ft + drawing.between(1500.0, 4000.0)
    way = drawing.sign()  # all turn the same way, as rules of the air for thermals want it
    climb = drawing.between(*THERMAL_MPS) / METRES_PER_FOOT
    made = []
    for _ in range(int(drawing.rng.integers(2, 6))):
        begin = t - drawing.between(60.0, 300.0)
        end = t + drawing.between(30.0, 240.0)
        clock = np.arange(math.floor(begin) - 150.0, math.ceil(end) + 151.0)
        mps = np.full(clock.size, drawing.between(*GLIDER_MPS))
        rate = np.zeros(clock.size)
        inside = (clock >= begin) & (clock < end)
        rate[inside] = way * drawing.between(*CIRCLING) * GRAVITY_MPS2 / mps[0]
        east, north = _steered(clock, mps, rate, drawing.between(0.0, 2 * math.pi), (0.0, 0.0))
        # The middle of its circles is near the thermal's.
        off = [drawing.rng.normal(0.0, 50.0) for _ in range(2)]
        east = east - float(east[inside].mean()) + wind[0] * (clock - t) + off[0]
        north = north - float(north[inside].mean()) + wind[1] * (clock - t) + off[1]
        rising = np.where(inside, climb, -SINK_MPS / METRES_PER_FOOT)
        feet = np.cumsum(gaussian_filter1d(rising, 4.0))
        at_t = int(np.searchsorted(clock, t))
        feet = base + feet - feet[at_t] + drawing.between(-300.0, 300.0)
        made.append(Path(clock, east, north, feet, *origin))
    return made

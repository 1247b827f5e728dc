"""What is drawn: one injection with its rows and its truth; and the flights that all kinds are made of."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from injection import recorder
from injection.motion import CLOSE, NEVER, Approach, Minima, Path, closest

if TYPE_CHECKING:
    from collections.abc import Callable

    from injection.days import Day, Piece
    from injection.rows import Rows

BEFORE_S = 110.0  # of a path before the pass, and after it: a rule must see them come and go
PASS_NEAREST_M = 50.0
PASS_FARTHEST_M = 500.0  # below the 0.3 NM (556 m) that is screened for
PASS_HIGHEST_FT = 300.0
ALTITUDE_REACH_FT = 3000.0  # by which a model flight is raised or lowered at most: speeds go with altitude
TRIES = 30
AS_RECORDED_M = (
    150.0  # a smoothed path farther from the recorded one than 0.6 s at 250 m/s is not what was flown
)
EXISTING_SHARE = 0.6  # of the first flights that are the day's own, rows untouched
CLEARANCE = 1.2  # what is truly kept apart is kept by this times the minima: no argument about the edge


@dataclass(frozen=True)
class Injection:
    """What was put in, as it is told to a rule maker.

    Attributes:
        kind, sub: what it is.
        seed: of its random numbers, together with kind and day.
        day, half: where.
        pairs: addresses that a screen may find, the one that is meant first.
        t_cpa_s: Unix time at which they are recorded nearest.
        span_s: from when to when encounters of the pairs belong to it.
        true_hmd_m, true_vertical_ft: how near the two aircraft truly came, and how high apart they were then.
        told: whatever else describes it.
    """

    kind: str
    sub: str
    seed: int
    day: str
    half: str
    pairs: tuple[tuple[str, str], ...]
    t_cpa_s: float
    span_s: tuple[float, float]
    true_hmd_m: float
    true_vertical_ft: float
    told: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Flight:
    """A true path and what is recorded of it.

    Attributes:
        path: true, in the plane of the injection's origin.
        rows: recorded: of an existing flight all of its day.
        is_new: it was put in; otherwise the day's own.
    """

    path: Path
    rows: Rows
    is_new: bool

    @property
    def address(self) -> str:
        """Of its rows."""
        return self.rows.address

    def shown(self, rows: Rows | None = None) -> Path:
        """Return what the recording says of it, near the true path's time."""
        source = self.rows if rows is None else rows
        return source.path(
            self.path.lat_deg, self.path.lon_deg, self.path.begin_s - 600.0, self.path.end_s + 600.0
        )


@dataclass(frozen=True)
class Draft:
    """A drawn injection: rows to put in, and those of them that stand for rows of the day.

    Attributes:
        sub, pairs, t_cpa_s, span_s, true_hmd_m, true_vertical_ft, told: as in `Injection`.
        rows: to put in; where the day has the address, they replace all its rows.
        uses: addresses of the day that it needs as they are.
        place: latitude and longitude of the pass.
        mended: what to put in instead of ``rows`` if there were no fault: no pass then; None where nothing is wrong.
    """

    sub: str
    pairs: tuple[tuple[str, str], ...]
    t_cpa_s: float
    span_s: tuple[float, float]
    true_hmd_m: float
    true_vertical_ft: float
    rows: list[Rows]
    uses: set[str]
    place: tuple[float, float]
    told: dict[str, Any] = field(default_factory=dict)
    mended: list[Rows] | None = None


class Drawing:
    """The random numbers of one injection, and the addresses that are free.

    Args:
        rng: of everything that is drawn.
        day: the base day.
        taken: addresses that the copy of the day has already used.
    """

    def __init__(self, rng: np.random.Generator, day: Day, taken: set[str]) -> None:
        self.rng = rng
        self.day = day
        self.taken = set(taken)

    def chance(self, probability: float) -> bool:
        """Return True so often."""
        return bool(self.rng.random() < probability)

    def between(self, low: float, high: float) -> float:
        """Return a number of an interval, all equally likely."""
        return float(self.rng.uniform(low, high))

    def decades(self, low: float, high: float) -> float:
        """Return a positive number of an interval, all ratios equally likely."""
        return math.exp(self.rng.uniform(math.log(low), math.log(high)))

    def sign(self) -> float:
        """Return 1 or −1."""
        return 1.0 if self.rng.random() < 0.5 else -1.0

    def address(self, *, is_ghost: bool = False) -> str:
        """Return a fresh address."""
        return self.day.fresh_address(self.rng, self.taken, is_ghost=is_ghost)

    def piece(self, suits: Callable[[Piece], bool] = lambda _: True, tries: int = TRIES) -> Piece | None:
        """Return a model flight that suits; None where that many draws found none."""
        pieces = self.day.pieces
        for _ in range(tries):
            piece = pieces[int(self.rng.integers(len(pieces)))]
            if piece.address not in self.taken and suits(piece):
                return piece
        return None

    def instant(self, path: Path, before_s: float = BEFORE_S, after_s: float = BEFORE_S) -> float:
        """Return an instant of a path with so much of it before and after; NaN where it is too short."""
        low, high = path.begin_s + before_s, path.end_s - after_s
        return self.between(low, high) if high > low else math.nan

    def feed(self) -> recorder.Feed:
        """Return what an ordinary aircraft's reports are like."""
        return recorder.adsb(self.rng)

    def recorded(self, path: Path, like: str, feed: recorder.Feed | None = None, **more: Any) -> Flight:
        """Return a new flight along a path, with the other columns of an address of the day."""
        address = more.pop("address", None) or self.address()
        rows = recorder.record(self.rng, self.day, path, address, feed or self.feed(), like=like, **more)
        return Flight(path, rows, is_new=True)

    def first(
        self,
        suits: Callable[[Piece], bool] = lambda _: True,
        *,
        existing: bool | None = None,
        before_s: float = BEFORE_S,
        after_s: float = BEFORE_S,
    ) -> tuple[Flight, float] | None:
        """Return a flight, and an instant of it at which the plane of its path has its origin.

        Args:
            suits: which model flights will do.
            existing: the day's own with its rows as they are, or a clone moved elsewhere; None: either.
            before_s, after_s: how much of it there must be around the instant.
        """
        piece = self.piece(suits)
        if piece is None:
            return None
        t = self.instant(piece.path, before_s, after_s)
        if math.isnan(t):
            return None
        t = float(round(t))
        east, north, altitude = piece.path.point(t)
        place = replace(
            piece.path,
            t_s=np.array([t]),
            east_m=np.array([east]),
            north_m=np.array([north]),
            altitude_ft=np.array([altitude]),
        )
        lat, lon = (float(v[0]) for v in place.degrees())
        if self.chance(EXISTING_SHARE) if existing is None else existing:
            self.taken.add(piece.address)
            path = piece.path.seen_from(lat, lon)
            shown = self.day.rows(piece.address).path(lat, lon, t - 60.0, t + 60.0)
            if math.hypot(*shown.point(t)[:2]) > AS_RECORDED_M:
                return None
            # What was put in meets it within a window; the day's own goes on outside.
            return Flight(path.between(t - 600.0, t + 600.0), self.day.rows(piece.address), is_new=False), t
        path = piece.path.between(t - 420.0, t + 420.0)
        when = t + self.between(-900.0, 900.0)
        when = min(max(when, self.day.begin_s + 420.0), self.day.end_s - 420.0)
        where = (lat + self.between(-0.2, 0.2), lon + self.between(-0.25, 0.25))
        path = path.placed(t, float(round(when)), (0.0, 0.0, altitude), self.between(0.0, 2 * math.pi), where)
        return self.recorded(path, piece.address), float(round(when))

    def through(
        self,
        first: Path,
        place: tuple[float, float, float],
        t_s: float,
        course_rad: float,
        suits: Callable[[Piece, float], bool] = lambda *_: True,
        *,
        is_free: bool = False,
    ) -> tuple[Path, str] | None:
        """Return another flight's path, moved so that it is at a place at an instant, and whose it was.

        Args:
            first: whose plane it is put into.
            place: east, north and altitude.
            t_s: when it is there.
            course_rad: direction of motion there.
            suits: of a model flight and the instant of it that becomes ``t_s``.
            is_free: raise and lower it as far as needed.
        """

        def is_near(piece: Piece) -> bool:
            if is_free:
                return True
            middle = float(piece.path.altitude_ft[piece.path.t_s.size // 2])
            return abs(middle - place[2]) <= ALTITUDE_REACH_FT

        for _ in range(TRIES):
            piece = self.piece(is_near)
            if piece is None:
                return None
            from_s = self.instant(piece.path)
            if math.isnan(from_s) or not suits(piece, from_s):
                continue
            window = piece.path.between(from_s - 420.0, from_s + 420.0)
            path = window.placed(from_s, t_s, place, course_rad, (first.lat_deg, first.lon_deg))
            path = on_whole_seconds(path)
            if path.altitude_ft.min() < self.day.source.elevation_ft + 200.0:
                continue
            return path, piece.address
        return None

    def wiggled(self, path: Path) -> Path:
        """Return a path bent a little, so that it is nobody's copy: slow waves, and at times one more turn."""
        period = self.between(60.0, 150.0)
        # A wave of 0.02 g: a pilot who hand-flies.
        size = self.between(0.0, 0.2) * (period / (2 * math.pi)) ** 2
        phase = self.between(0.0, 2 * math.pi)
        direction = self.between(0.0, 2 * math.pi)
        wave = size * np.sin(2 * math.pi * path.t_s / period + phase)
        return path.bent(wave * math.sin(direction), wave * math.cos(direction))


def on_whole_seconds(path: Path) -> Path:
    """Return a path's points at whole seconds."""
    t = np.arange(math.ceil(path.begin_s), math.floor(path.end_s) + 1.0)
    east, north, altitude = path.at(t)
    return replace(path, t_s=t, east_m=east, north_m=north, altitude_ft=altitude)


def square_to(first: Path, t_s: float, second_mps: float, course_rad: float) -> tuple[float, float]:
    """Return the unit vector, east and north, square to how a second flight moves relative to a first.

    A place on it is nearest at that very instant.
    """
    ve, vn = (float(v) for v in first.velocity(t_s))
    re, rn = second_mps * math.sin(course_rad) - ve, second_mps * math.cos(course_rad) - vn
    size = math.hypot(re, rn) or 1.0
    return -rn / size, re / size


def is_kept(a: Path, b: Path, minima: Minima = CLOSE) -> bool:
    """Return whether two paths keep the minima, with some clearance."""
    wide = Minima(CLEARANCE * minima.horizontal_m, minima.vertical_ft)
    return not closest(a, b, wide).is_pass


def truth_of(a: Path, b: Path) -> Approach:
    """Return how near two true paths come."""
    approach = closest(a, b)
    return NEVER if math.isnan(approach.t_s) else approach


def place_of(path: Path, t_s: float) -> tuple[float, float]:
    """Return latitude and longitude of a path at an instant."""
    east, north, altitude = path.point(t_s)
    one = replace(
        path,
        t_s=np.array([t_s]),
        east_m=np.array([east]),
        north_m=np.array([north]),
        altitude_ft=np.array([altitude]),
    )
    lat, lon = one.degrees()
    return float(lat[0]), float(lon[0])


def pair_of(a: str, b: str) -> tuple[str, str]:
    """Return two addresses in order, as encounters have them."""
    return (a, b) if a < b else (b, a)

"""Where aircraft will be, as legs: so the batch's own kernels and judge can be asked about the future.

Each aircraft has a straight way ahead, and one that turns has a second, by the turning hypothesis.  A way is a leg
from now on (`kernels.predict`).  `AheadSky` is the judge's `Sky` of such legs: who is inside which place, past which
line, and covered by which permission is answered by the same code that judges a recording.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from wideberth.agreement.shapes import TERRAIN
from wideberth.columns import frozen
from wideberth.judge.sky import Sky
from wideberth.kernels import predict as kernels
from wideberth.tracks import Legs
from wideberth.units import METRES_PER_FOOT

if TYPE_CHECKING:
    import numpy.typing as npt

    from wideberth.agreement.load import Agreement
    from wideberth.agreement.rules import Permission
    from wideberth.serve.sky import LiveSky
    from wideberth.serve.whose import Whose

    Bools = npt.NDArray[np.bool_]
    Floats = npt.NDArray[np.float64]
    Indices = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Look:
    """How far ahead is looked, and what is believed.

    Attributes:
        look_ahead_s: how far.
        turning_dps: an aircraft that turns faster, degrees a second, has a second way; inf: none has.
        turn_s: on which it goes on turning for so long.
        turning_ahead_s: what happens on such ways only is told no farther ahead: for how long an aircraft turns, nobody
            knows (`benchmarks/warning.py` measured what more would bring).
        stale_s: an aircraft whose last position is older is not predicted.
        widen: a conflict goes on until a horizontal minimum so many times as large is kept.
        widen_m: and one with a place until it is missed by so much.
    """

    look_ahead_s: float = 120.0
    turning_dps: float = 0.5
    turn_s: float = 40.0
    turning_ahead_s: float = 60.0
    stale_s: float = 20.0
    widen: float = 1.1
    widen_m: float = 200.0


@dataclass(frozen=True, eq=False)
class Ways:
    """Ways ahead of aircraft, one after another, in order of aircraft.

    Attributes:
        now_us: when they begin, Unix microseconds.
        place: (w,) whose, by place in `LiveSky`.
        is_turning: (w,) by which hypothesis.
        first: (w + 1,) where each begins among the p points.
        t_us: (p,) since ``now_us``.
        lat_deg, lon_deg, feet, metres: (p,), NaN where the altitude is not known.
        not_ahead: how many aircraft have no way, by reason: stale, ground, motion (unknown); and how many of those
            that have one have no altitude of any kind.
    """

    now_us: int
    place: Indices
    is_turning: Bools
    first: Indices
    t_us: Indices
    lat_deg: Floats
    lon_deg: Floats
    feet: Floats
    metres: Floats
    not_ahead: dict[str, int]

    def __len__(self) -> int:
        return self.place.size

    @classmethod
    def of(cls, sky: LiveSky, now_us: int, look: Look) -> Ways:
        """Return the ways of all aircraft of a sky."""
        places, state = sky.states(now_us)
        counts, is_ahead = usable(state, look)
        is_turner = is_ahead & (np.abs(state[:, kernels.TURN_DPS]) >= look.turning_dps)
        chosen = np.sort(np.concatenate([2 * np.flatnonzero(is_ahead), 2 * np.flatnonzero(is_turner) + 1]))
        is_turning, row = chosen % 2 == 1, chosen // 2
        nothing = np.zeros(row.size)
        return cls.drawn(now_us, places[row], state[row], is_turning, nothing, nothing + 1.0, look, counts)

    @classmethod
    def drawn(
        cls, now_us: int, place: Indices, state: Floats, is_turning: Bools, aside_deg: Floats, faster: Floats,
        look: Look, counts: dict[str, int],
    ) -> Ways:  # fmt: skip
        """Return ways of aircraft in some states; see `kernels.predict.points_ahead`."""
        first = kernels.first_points(is_turning, look.look_ahead_s, look.turn_s)
        drawn: Any = kernels.points_ahead
        points = drawn(state, is_turning, aside_deg, faster, look.look_ahead_s, look.turn_s, first)
        t_us, lat_deg, lon_deg, feet, metres = map(frozen, points)
        return cls(now_us, place, is_turning, frozen(first), t_us, lat_deg, lon_deg, feet, metres, counts)

    def legs(self, altitude: Floats, chosen: Bools | None = None) -> Legs:
        """Return the ways as legs with an altitude, in feet; ``chosen`` (w,) of them only."""
        place = self.place.astype(np.int32)
        nowhere = frozen(np.empty(0, np.int64))
        if chosen is None or chosen.all():
            samples = (self.t_us, self.lat_deg, self.lon_deg, frozen(altitude))
            return Legs(*samples, self.first, frozen(place), nowhere, self.now_us)
        size = np.diff(self.first)
        rows = np.repeat(chosen, size)
        first = np.append(0, np.cumsum(size[chosen]))
        t_us, lat_deg, lon_deg, feet = (
            frozen(each[rows]) for each in (self.t_us, self.lat_deg, self.lon_deg, altitude)
        )
        return Legs(t_us, lat_deg, lon_deg, feet, frozen(first), frozen(place[chosen]), nowhere, self.now_us)

    @cached_property
    def has_feet(self) -> Bools:
        """Which ways have a pressure altitude."""
        return ~np.isnan(self.feet[self.first[:-1]])

    @cached_property
    def has_metres(self) -> Bools:
        """Which ways have a height above the ellipsoid."""
        return ~np.isnan(self.metres[self.first[:-1]])


def usable(state: Floats, look: Look) -> tuple[dict[str, int], Bools]:
    """Return why some aircraft have no way ahead, and which have one; who stands still has a direction."""
    is_still = state[:, kernels.MPS] < 1.0
    state[is_still, kernels.COURSE_DEG] = np.nan_to_num(state[is_still, kernels.COURSE_DEG])
    is_stale = state[:, kernels.AGE_S] > look.stale_s
    is_ground = ~is_stale & (state[:, kernels.ON_GROUND] == 1.0)
    is_known = ~np.isnan(state[:, kernels.MPS] + state[:, kernels.COURSE_DEG])
    is_ahead = ~is_stale & ~is_ground & is_known
    is_flat = is_ahead & np.isnan(state[:, kernels.FROM_FEET]) & np.isnan(state[:, kernels.FROM_METRES])
    return {
        "stale": int(np.count_nonzero(is_stale)),
        "ground": int(np.count_nonzero(is_ground)),
        "motion": int(np.count_nonzero(~is_stale & ~is_ground & ~is_known)),
        "altitude": int(np.count_nonzero(is_flat)),
    }, is_ahead


class AheadSky(Sky):
    """The judge's sky of ways ahead: leg and flight k is way k, under ``any`` reference.

    Differs from one of a recording in that a way without any altitude counts where no level is asked about.
    """

    def __init__(self, ways: Ways, whose: Whose, agreement: Agreement) -> None:
        nobody: Any = ways  # of tracks only the length is asked here
        super().__init__(nobody, agreement)
        self.ways = ways
        self.whose = whose

    @cached_property
    def legs(self) -> Legs:
        """All ways; the altitude is the pressure altitude, NaN where there is none."""
        return self.ways.legs(self.ways.feet)

    def legs_by(self, reference: str) -> Legs:
        """Return the ways that have an altitude of a reference."""
        return self._by(reference)[0]

    def ways_by(self, reference: str) -> Indices:
        """Return which way each of them is."""
        return self._by(reference)[1]

    @cached_property
    def _known(self) -> dict[str, tuple[Legs, Indices]]:
        return {}

    def _by(self, reference: str) -> tuple[Legs, Indices]:
        if reference not in self._known:
            ways = self.ways
            if reference == "any":
                altitude, chosen = np.zeros(ways.t_us.size), np.ones(len(ways), np.bool_)
            elif reference == "geometric":
                altitude, chosen = ways.metres / METRES_PER_FOOT, ways.has_metres
            elif reference.startswith(TERRAIN):
                terrain = self.agreement.terrains[reference.removeprefix(TERRAIN)]
                altitude = ways.feet - terrain.heights_m(ways.lat_deg, ways.lon_deg) / METRES_PER_FOOT
                # A way that leaves the raster is no way that the raster can tell of.
                chosen = ~np.isnan(np.add.reduceat(altitude, ways.first[:-1])) if len(ways) else ways.has_feet
            else:
                altitude, chosen = ways.feet, ways.has_feet
            self._known[reference] = ways.legs(altitude, chosen), np.flatnonzero(chosen)
        return self._known[reference]

    @cached_property
    def flight_of_leg(self) -> Indices:
        """Each way is a flight of its own."""
        return np.arange(len(self.ways))

    def legs_of_flight(self, reference: str, flight: int) -> Indices:
        """Return which leg under a reference a way is, if any."""
        return np.flatnonzero(self.ways_by(reference) == flight)

    @cached_property
    def first_us(self) -> int:
        """Now."""
        return self.ways.now_us

    @cached_property
    def last_us(self) -> int:
        """When the ways end."""
        return self.ways.now_us + int(self.ways.t_us.max(initial=0))

    def permissions_for(self, rule: str, flight: int) -> list[Permission]:
        """Return the permissions that excuse a rule for the aircraft of a way, at some time and place."""
        return self.whose.permissions(rule, int(self.ways.place[flight]))

"""Recorded and true motion as straight legs between surface points, and when a state holds of it.

Surface points come from pyproj.  A state is looked at at every second, and each time that it changed the instant
is halved down to a microsecond.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pyproj import Transformer

    from wideberth.simulate.euphrates.motion import Motion

Numbers = npt.NDArray[np.float64]
Truths = npt.NDArray[np.bool_]

STEP_S = 1.0
INSTANT_S = 1e-6
JUST_S = 1e-3  # how long before an entry one looks where it came from
FINER = 40  # steps between two neighbours, three times over: from 1 s to 16 µs
AROUND_S = 30.0  # how far from the recorded answer the true one may lie


@cache
def _to_earth() -> Transformer:
    from pyproj import Transformer  # here and in `line` only: the stored answers are read without it

    return Transformer.from_crs("EPSG:4979", "EPSG:4978", always_xy=True)


def surface_points(lat_deg: npt.ArrayLike, lon_deg: npt.ArrayLike) -> Numbers:
    """Return the surface points of positions, (n, 3), in metres, Earth-centred but for a fixed offset."""
    lat, lon = np.asarray(lat_deg, float), np.asarray(lon_deg, float)
    points: Numbers = np.stack(_to_earth().transform(lon, lat, np.zeros_like(lat)), axis=-1) - OFFSET_M
    return points


def lon_lat(point_m: Numbers) -> tuple[float, float]:
    """Return the position straight above or below a point."""
    x_m, y_m, z_m = point_m + OFFSET_M
    lon_deg, lat_deg, _ = _to_earth().transform(x_m, y_m, z_m, direction="INVERSE")
    return round(float(lon_deg), 7), round(float(lat_deg), 7)


# Near the line, so that squares of distances to it keep their digits.
OFFSET_M = np.array([3_977_000.0, 3_418_000.0, 3_617_000.0])


class Leg:
    """A leg, or a whole true motion: straight and constant from each sample to the next.

    Attributes:
        t_s: (n,) rising.
        points_m: (n, 3).
        altitude_ft: (n,).
    """

    def __init__(self, t_s: Numbers, points_m: Numbers, altitude_ft: Numbers) -> None:
        self.t_s, self.points_m, self.altitude_ft = t_s, points_m, altitude_ft

    @classmethod
    def of(cls, true: Motion) -> Leg:
        """Return a true motion, which is straight in lon/lat, with a sample at every second and knot."""
        t_s = np.union1d(true.t_s, np.arange(math.ceil(true.t_s[0]), true.t_s[-1], STEP_S))
        lat_deg, lon_deg, altitude_ft = true.at(t_s)
        return cls(t_s, surface_points(lat_deg, lon_deg), altitude_ft)

    def points(self, t_s: Numbers) -> Numbers:
        """Return where it is at instants, (n, 3)."""
        return np.stack([np.interp(t_s, self.t_s, self.points_m[:, i]) for i in range(3)], axis=-1)

    def altitudes(self, t_s: Numbers) -> Numbers:
        """Return how high it is at instants, (n,)."""
        return np.interp(t_s, self.t_s, self.altitude_ft)

    def seconds(self, from_s: float = -math.inf, until_s: float = math.inf) -> Numbers:
        """Return every sample and every whole second within it, and within a span, ends included."""
        first_s, last_s = max(float(self.t_s[0]), from_s), min(float(self.t_s[-1]), until_s)
        if last_s < first_s:
            return np.empty(0)
        samples_s = self.t_s[(self.t_s > first_s) & (self.t_s < last_s)]
        every_s = np.arange(math.floor(first_s) + 1.0, last_s, STEP_S)
        return np.unique(np.concatenate([[first_s], samples_s, every_s, [last_s]]))


class Span(NamedTuple):
    """A stretch of time in which a state holds."""

    t_in_s: float
    t_out_s: float


State = Callable[[Numbers], Truths]
Measure = Callable[[Numbers], Numbers]


def spans(holds: State, t_s: Numbers) -> list[Span]:
    """Return when a state holds: it is looked at at instants, and halved between two that differ."""
    states = holds(t_s)
    found = []
    begins_s = float(t_s[0]) if states[0] else math.nan
    for k in np.flatnonzero(states[1:] != states[:-1]):
        change_s = _change(holds, float(t_s[k]), float(t_s[k + 1]), bool(states[k]))
        if states[k]:
            found.append(Span(begins_s, change_s))
        else:
            begins_s = change_s
    if states[-1]:
        found.append(Span(begins_s, float(t_s[-1])))
    return found


def _change(holds: State, before_s: float, after_s: float, state_before: bool) -> float:
    while after_s - before_s > INSTANT_S:
        middle_s = (before_s + after_s) / 2.0
        if bool(holds(np.array([middle_s]))[0]) == state_before:
            before_s = middle_s
        else:
            after_s = middle_s
    return (before_s + after_s) / 2.0


def least(measure: Measure, t_s: Numbers) -> tuple[float, float]:
    """Return when a measure is smallest, and how small: at instants, then nearby in finer steps."""
    for _ in range(4):
        values = measure(t_s)
        k = int(np.argmin(values))
        best = float(t_s[k]), float(values[k])
        t_s = np.linspace(t_s[max(k - 1, 0)], t_s[min(k + 1, t_s.size - 1)], 2 * FINER + 1)
    return best


def length_s(found: Iterable[Span]) -> float:
    """Return how long spans are together."""
    return sum((span.t_out_s - span.t_in_s for span in found), 0.0)

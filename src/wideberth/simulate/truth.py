"""What two recorded tracks did: the answers that simulated scenes are known by.

The motion is the one that wideberth defines: between two samples of a leg a straight line at constant speed
between surface points, altitude linear; nothing across a gap.  The method is not wideberth's.  There is
no quadratic and no closed form: in every step between two samples of either aircraft the distance is a
convex function of time, so halving finds where it stops falling, and halving on either side finds
where it passes a limit.  All in extended precision (`earth`), from the samples as they are recorded.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from wideberth.simulate.earth import Real, Reals, surface_points

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import numpy.typing as npt

HALVINGS = 80  # of a step of at most an hour: far below the last bit


@dataclass(frozen=True)
class Samples:
    """One aircraft as recorded: when, where, how high.

    Attributes:
        t_us: (n,) int64, microseconds, rising.
        lat_deg, lon_deg, altitude_ft: (n,) float64.
    """

    t_us: npt.NDArray[np.int64]
    lat_deg: npt.NDArray[np.float64]
    lon_deg: npt.NDArray[np.float64]
    altitude_ft: npt.NDArray[np.float64]

    def only(self, keep: npt.NDArray[np.bool_]) -> Samples:
        """Return some of the samples."""
        return Samples(self.t_us[keep], self.lat_deg[keep], self.lon_deg[keep], self.altitude_ft[keep])


@dataclass(frozen=True)
class Episode:
    """One encounter: times in seconds after the epoch of the samples, distances in metres and feet."""

    t_in_s: Real
    t_out_s: Real
    t_cpa_s: Real
    hmd_m: Real
    vertical_ft_at_cpa: Real
    vmd_ft: Real


def episodes(
    a: Samples, b: Samples, *, horizontal_m: float, vertical_ft: float, max_gap_s: float = 60.0
) -> list[Episode]:
    """Return every encounter of two aircraft, in the order of time."""
    found: list[Episode] = []
    for leg_a in _legs(a, max_gap_s):
        for leg_b in _legs(b, max_gap_s):
            knots_s = _knots(leg_a, leg_b)
            if knots_s.size:
                found += _episodes(leg_a, leg_b, knots_s, Real(horizontal_m), Real(vertical_ft))
    return sorted(found, key=lambda episode: episode.t_in_s)


def closest(a: Samples, b: Samples, *, max_gap_s: float = 60.0) -> tuple[Real, Real]:
    """Return when two aircraft of one leg each are horizontally nearest, seconds, and how near, metres."""
    ((knots_s, steps),) = (
        (knots, _Steps(leg_a, leg_b, knots))
        for leg_a in _legs(a, max_gap_s)
        for leg_b in _legs(b, max_gap_s)
        if (knots := _knots(leg_a, leg_b)).size > 1
    )
    least_m = steps.range_m(steps.nearest)
    k = int(np.argmin(least_m))
    return knots_s[k] + steps.nearest[k] * (knots_s[k + 1] - knots_s[k]), least_m[k]


class _Steps:
    """Relative motion in the n steps between n + 1 instants; u from 0 to 1 is the fraction of a step."""

    def __init__(self, a: Samples, b: Samples, knots_s: Reals) -> None:
        point = _at(b, knots_s, surface_points(b.lat_deg, b.lon_deg)) - _at(
            a, knots_s, surface_points(a.lat_deg, a.lon_deg)
        )
        level = _at(b, knots_s, b.altitude_ft.astype(Real)) - _at(a, knots_s, a.altitude_ft.astype(Real))
        self.range_at_knots_m = np.sqrt((point**2).sum(axis=1))
        self.level_at_knots_ft = np.abs(level)
        self._point, self._move = point[:-1], np.diff(point, axis=0)
        self._level, self._climb = level[:-1], np.diff(level)
        # Distance falls as long as position and motion point against one another.
        self.nearest = _first_true(
            lambda u: ((self._point + self._move * u[:, None]) * self._move).sum(axis=1) >= 0,
            len(self._level),
        )
        self.level = _first_true(
            lambda u: (self._level + self._climb * u) * self._climb >= 0, len(self._level)
        )

    def range_m(self, u: Reals) -> Reals:
        """Return the horizontal distance in each step at its fraction u."""
        range_m: Reals = np.sqrt(((self._point + self._move * u[:, None]) ** 2).sum(axis=1))
        return range_m

    def level_ft(self, u: Reals) -> Reals:
        """Return the vertical distance in each step at its fraction u."""
        return np.abs(self._level + self._climb * u)


def _episodes(a: Samples, b: Samples, knots_s: Reals, horizontal_m: Real, vertical_ft: Real) -> list[Episode]:
    steps = _Steps(a, b, knots_s)
    inside = (steps.range_at_knots_m < horizontal_m) & (steps.level_at_knots_ft < vertical_ft)
    if knots_s.size == 1:
        if not inside[0]:
            return []
        t_s, level_ft = knots_s[0], steps.level_at_knots_ft[0]
        return [Episode(t_s, t_s, t_s, steps.range_at_knots_m[0], level_ft, level_ft)]

    near_in, near_out = _below(steps.range_m, steps.nearest, horizontal_m)
    level_in, level_out = _below(steps.level_ft, steps.level, vertical_ft)
    u_in, u_out = np.maximum(near_in, level_in), np.minimum(near_out, level_out)
    length_s = np.diff(knots_s)

    runs: list[list[int]] = []
    for k in np.flatnonzero(u_in < u_out):
        # Touching the limit at an instant between two steps does not join them.
        if runs and runs[-1][-1] == k - 1 and u_out[k - 1] == 1 and u_in[k] == 0 and inside[k]:
            runs[-1].append(int(k))
        else:
            runs.append([int(k)])
    found = []
    for run in runs:
        nearest, level = (np.clip(u, u_in, u_out)[run] for u in (steps.nearest, steps.level))
        every = np.zeros_like(u_in)
        every[run] = nearest
        range_m, level_then_ft = steps.range_m(every)[run], steps.level_ft(every)[run]
        every[run] = level
        level_ft = steps.level_ft(every)[run]
        least = int(np.argmin(range_m))
        found.append(
            Episode(
                t_in_s=knots_s[run[0]] + u_in[run[0]] * length_s[run[0]],
                t_out_s=knots_s[run[-1]] + u_out[run[-1]] * length_s[run[-1]],
                t_cpa_s=knots_s[run[least]] + nearest[least] * length_s[run[least]],
                hmd_m=range_m[least],
                vertical_ft_at_cpa=level_then_ft[least],
                vmd_ft=level_ft.min(),
            )
        )
    return found


def _below(distance: Callable[[Reals], Reals], least: Reals, limit: Real) -> tuple[Reals, Reals]:
    """Return between which fractions each step's distance, convex and least at ``least``, is below a limit.

    A step that is nowhere below it has the first fraction 1 and the second 0.
    """
    before = _first_true(lambda v: distance(least * v) < limit, least.size)
    after = _first_true(lambda v: distance(least + (1 - least) * v) >= limit, least.size)
    never = distance(least) >= limit
    u_in, u_out = least * before, np.where(after == 1, Real(1), least + (1 - least) * after)
    return np.where(never, Real(1), u_in), np.where(never, Real(0), u_out)


def _first_true(test: Callable[[Reals], npt.NDArray[np.bool_]], n: int) -> Reals:
    """Return from which fraction on, within 0 to 1, each of n tests holds; 1 where it never does."""
    low: Reals = np.zeros(n, Real)
    high: Reals = np.where(test(low), Real(0), Real(1))
    for _ in range(HALVINGS):
        middle = (low + high) * Real(0.5)
        holds = test(middle)
        low, high = np.where(holds, low, middle), np.where(holds, middle, high)
    return high


def _at(samples: Samples, when_s: Reals, values: Reals) -> Reals:
    """Return values of the samples, (n,) or (n, 3), at instants, straight between two samples."""
    t_s = samples.t_us.astype(Real) / 1_000_000
    if t_s.size == 1:
        return np.repeat(values, when_s.size, axis=0)
    k = np.clip(np.searchsorted(t_s, when_s, side="right") - 1, 0, t_s.size - 2)
    u = (when_s - t_s[k]) / (t_s[k + 1] - t_s[k])
    u = u.reshape(-1, *[1] * (values.ndim - 1))
    here: Reals = np.where(u == 1, values[k + 1], values[k] + (values[k + 1] - values[k]) * u)
    return here


def _knots(a: Samples, b: Samples) -> Reals:
    """Return when either is sampled while both are heard, seconds; none if they never are."""
    first_us, last_us = max(a.t_us[0], b.t_us[0]), min(a.t_us[-1], b.t_us[-1])
    every_us = np.unique(np.concatenate([a.t_us, b.t_us]))
    within: Reals = every_us[(every_us >= first_us) & (every_us <= last_us)].astype(Real) / 1_000_000
    return within


def _legs(samples: Samples, max_gap_s: float) -> Iterator[Samples]:
    """Cut samples where two are further apart in time than a gap may be."""
    leg = np.concatenate([[0], np.cumsum(np.diff(samples.t_us) > max_gap_s * 1_000_000)])
    for number in range(int(leg[-1]) + 1):
        yield samples.only(leg == number)

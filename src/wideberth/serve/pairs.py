"""Ways ahead → pairs of aircraft that will be nearer than both minima, by the screen's own two phases.

No pair is missed: the broad phase is that of a recording (`screen.pairs`), of ways in place of legs.  Altitudes are
compared like with like; of two aircraft without one in common only the horizontal distance counts, and the pair says
so.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from wideberth.kernels import episodes as kernels
from wideberth.screen.episodes import REFERENCES
from wideberth.screen.pairs import candidate_windows
from wideberth.units import METRES_PER_FOOT

if TYPE_CHECKING:
    import numpy.typing as npt

    from wideberth.serve.ahead import Ways
    from wideberth.tracks import Legs

    Bools = npt.NDArray[np.bool_]
    Floats = npt.NDArray[np.float64]
    Indices = npt.NDArray[np.int64]

HAS_FEET, HAS_METRES = np.uint8(1), np.uint8(2)


@dataclass(frozen=True)
class Conflicts:
    """One row per pair of aircraft, by the first of their ways on which they meet.

    Attributes:
        way_a, way_b: (k,) on which ways.
        t_in_s, t_out_s: (k,) when both minima are broken at once; inf where only wider ones are.
        t_cpa_s, hmd_m, vertical_ft, retained: (k,) at the closest approach, the vertical distance NaN without altitudes
            in common; the share of the minima that will be left, of the wider ones where only those are broken.
        t_wide_s: (k,) when the wider ones begin to be broken.
        is_straight: (k,) they meet on straight ways as well.
        reference: (k,) place in `REFERENCES` by which altitudes are compared.
    """

    way_a: Indices
    way_b: Indices
    t_in_s: Floats
    t_out_s: Floats
    t_cpa_s: Floats
    hmd_m: Floats
    vertical_ft: Floats
    retained: Floats
    t_wide_s: Floats
    is_straight: Bools
    reference: Indices

    def figures(self, k: int) -> dict[str, float]:
        """Return what there is to show of a pair."""
        return {
            "t_cpa_s": float(self.t_cpa_s[k]),
            "hmd_m": float(self.hmd_m[k]),
            "vertical_ft": float(self.vertical_ft[k]),
            "retained": float(self.retained[k]),
        }


def conflicts(
    ways: Ways, horizontal_m: float, vertical_ft: float, widen: float = 1.0, slab_s: float | None = None
) -> Conflicts:
    """Find every pair of aircraft that will be nearer than minima, the horizontal one ``widen`` times as large.

    The vertical one stays: of two on neighbouring levels, exactly the minimum apart, an alert would never end.
    """
    settled = ways.has_feet * HAS_FEET | ways.has_metres * HAS_METRES
    parts = []
    for code, reference in enumerate(REFERENCES):
        if reference == "barometric":
            chosen, altitude, earlier = ways.has_feet, ways.feet, np.uint8(0)
        elif reference == "geometric":
            chosen, altitude, earlier = ways.has_metres, ways.metres / METRES_PER_FOOT, HAS_FEET
        else:
            chosen, altitude = np.ones(len(ways), np.bool_), np.zeros(ways.t_us.size)
            earlier = HAS_FEET | HAS_METRES
        # Where all of them were compared with one another before, there is nothing left to do.
        if not chosen.any() or (code > 0 and np.bitwise_and.reduce(settled[chosen]) & earlier):
            continue
        legs = ways.legs(altitude, chosen)
        height = math.inf if reference == "unknown" else vertical_ft
        parts.append(
            _in(
                legs,
                np.flatnonzero(chosen),
                settled[chosen] & earlier,
                code,
                horizontal_m,
                height,
                widen,
                slab_s,
            )
        )
    if not parts:
        parts = [tuple(np.empty((11, 0)))]
    columns = [np.concatenate(each) for each in zip(*parts, strict=True)]
    return _by_pair(ways, *columns)


def _in(
    legs: Legs, way: Indices, settled: npt.NDArray[np.uint8], code: int, horizontal_m: float, height: float,
    widen: float, slab_s: float | None,
) -> tuple[npt.NDArray[Any], ...]:  # fmt: skip
    limits = (horizontal_m * widen, height)
    windows = candidate_windows(
        legs, horizontal_m=limits[0], height=limits[1], settled=settled, slab_s=slab_s
    )
    samples = (legs.t_us, legs.lat_deg, legs.lon_deg, legs.altitude, legs.first)
    a, b = windows.leg_a, windows.leg_b
    steps: Any = kernels.whole_steps
    from_us, until_us = steps(legs.t_us, legs.first, a, b, windows.from_us, windows.until_us)
    count: Any = kernels.count_episodes
    real = from_us <= until_us
    a, b, from_us, until_us = a[real], b[real], from_us[real], until_us[real]
    found, wide = count(*samples, a, b, from_us, until_us, *limits)
    hit = found > 0
    a, b, wide = a[hit], b[hit], wide[hit]
    found, own = count(*samples, a, b, from_us[hit], until_us[hit], horizontal_m, height)
    is_within = found > 0
    # Of the one and the other, what holds at the closest approach is told by the rule's limits where they are broken.
    row = np.where(is_within[:, None], own, wide)
    times = [np.where(is_within, own[:, k] * 1e-6, np.inf) for k in (kernels.T_IN_US, kernels.T_OUT_US)]
    vertical = np.where(np.isinf(height), np.nan, row[:, kernels.VERTICAL_AT_CPA])
    return (
        way[a], way[b], *times, row[:, kernels.T_CPA_US] * 1e-6, row[:, kernels.HMD_M], vertical,
        row[:, kernels.RETAINED], wide[:, kernels.T_IN_US] * 1e-6, np.zeros(a.size, np.bool_), np.full(a.size, code),
    )  # fmt: skip


def _by_pair(ways: Ways, *columns: npt.NDArray[Any]) -> Conflicts:
    """Return of each pair of aircraft the ways on which they meet first."""
    way_a, way_b = columns[0].astype(np.int64), columns[1].astype(np.int64)
    t_in_s, t_wide_s = columns[2], columns[8]
    place_a, place_b = ways.place[way_a], ways.place[way_b]
    straight = ~ways.is_turning[way_a] & ~ways.is_turning[way_b]
    order = np.lexsort((~straight, t_wide_s, t_in_s, place_b, place_a))
    is_first = np.ones(order.size, np.bool_)
    is_first[1:] = (np.diff(place_a[order]) != 0) | (np.diff(place_b[order]) != 0)
    begin = np.flatnonzero(is_first)
    chosen = order[begin]
    kept = [each[chosen] for each in columns]
    kept[0], kept[1], kept[10] = way_a[chosen], way_b[chosen], columns[10][chosen].astype(np.int64)
    # Straight ways tell as much as others only where they break the same limits.
    tells = straight & (
        (t_in_s < np.inf) | np.isinf(t_in_s[chosen])[np.cumsum(is_first)[np.argsort(order)] - 1]
    )
    kept[9] = np.logical_or.reduceat(tells[order], begin) if order.size else np.empty(0, np.bool_)
    return Conflicts(*kept)

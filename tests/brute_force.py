"""The independent judge of the screen: every pair, every leg, plain NumPy, nothing of wideberth.

There is no grid, no slab and no shortcut here; the cost grows with the square of the number of aircraft.

An aircraft is an (n, 5) float64 array: t (seconds, whole microseconds), lat_deg, lon_deg,
altitude_ft, height_m, the last two NaN where unknown.  Rows may be in any order.

Between two samples of a leg an aircraft moves in a straight line, at constant speed, between points
of the WGS-84 ellipsoid in Earth-centred coordinates; its altitude is linear in time.  At an instant
a pair is compared by *barometric* altitude if both are within a barometric leg then (ends included),
else by *geometric* height if both are within a geometric leg, else it is *unknown* if both are within
a leg of samples with either altitude; then only the horizontal minimum counts.  An encounter is a
maximal interval of one reference with horizontal distance < D and vertical distance < H.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Pieces = dict[str, Array]  # parts of encounters, each within one interval of even motion; equal lengths

SEMI_MAJOR_M = 6378137.0
FLATTENING = 1.0 / 298.257223563
FOOT_M = 0.3048
TOUCHING_S = 1e-6

T, LAT, LON, FEET, METRES = range(5)
REFERENCES = ("barometric", "geometric", "unknown")


@dataclass(frozen=True)
class Encounter:
    """One encounter of the aircraft ``a`` < ``b`` (positions in the list); times in seconds."""

    a: int
    b: int
    reference: str
    t_in_s: float
    t_out_s: float
    t_cpa_s: float
    hmd_m: float
    vertical_ft_at_cpa: float
    vmd_ft: float
    t_vmd_s: float
    retained: float
    t_retained_s: float


@dataclass(frozen=True)
class Leg:
    """Samples without a gap: times (n,), Earth-centred points (n, 3), altitudes in feet (n,) or NaN."""

    t_s: Array
    xyz_m: Array
    altitude_ft: Array

    def at(self, t_s: Array) -> tuple[Array, Array]:
        """Return points (k, 3) and altitudes (k,) at instants within the leg."""
        points = np.stack([np.interp(t_s, self.t_s, self.xyz_m[:, i]) for i in range(3)], axis=-1)
        return points, np.interp(t_s, self.t_s, self.altitude_ft)


def surface_points(lat_deg: Array, lon_deg: Array) -> Array:
    """Return the (n, 3) Earth-centred points of the WGS-84 ellipsoid at latitudes and longitudes."""
    lat, lon = np.radians(lat_deg), np.radians(lon_deg)
    squared = FLATTENING * (2.0 - FLATTENING)
    radius = SEMI_MAJOR_M / np.sqrt(1.0 - squared * np.sin(lat) ** 2)
    return np.stack(
        [
            radius * np.cos(lat) * np.cos(lon),
            radius * np.cos(lat) * np.sin(lon),
            radius * (1.0 - squared) * np.sin(lat),
        ],
        axis=-1,
    )


def usable_samples(samples: Array) -> Array:
    """Return the rows with a position and an altitude, in order of time, the first of equal times only."""
    rows = samples[
        np.isfinite(samples[:, LAT])
        & np.isfinite(samples[:, LON])
        & (np.isfinite(samples[:, FEET]) | np.isfinite(samples[:, METRES]))
    ]
    rows = rows[np.argsort(rows[:, T], kind="stable")]
    is_first = np.ones(len(rows), bool)
    is_first[1:] = rows[1:, T] != rows[:-1, T]
    return rows[is_first]


def legs_of(samples: Array, reference: str, max_gap_s: float) -> list[Leg]:
    """Return the legs of one aircraft that one vertical reference allows."""
    rows = usable_samples(samples)
    if reference == "barometric":
        rows = rows[np.isfinite(rows[:, FEET])]
        altitude_ft = rows[:, FEET]
    elif reference == "geometric":
        rows = rows[np.isfinite(rows[:, METRES])]
        altitude_ft = rows[:, METRES] / FOOT_M
    else:
        altitude_ft = np.full(len(rows), np.nan)
    if len(rows) == 0:
        return []
    gaps_us = np.round(np.diff(rows[:, T]) * 1e6)
    cuts = np.flatnonzero(gaps_us > round(max_gap_s * 1e6)) + 1
    xyz_m = surface_points(rows[:, LAT], rows[:, LON])
    return [
        Leg(t_s, xyz, altitude)
        for t_s, xyz, altitude in zip(
            np.split(rows[:, T], cuts), np.split(xyz_m, cuts), np.split(altitude_ft, cuts), strict=True
        )
    ]


def encounters(
    aircraft: list[Array], *, horizontal_m: float, vertical_ft: float, max_gap_s: float = 60.0
) -> list[Encounter]:
    """Return every encounter of every pair, ordered by pair, reference and time."""
    legs = [{r: legs_of(samples, r, max_gap_s) for r in REFERENCES} for samples in aircraft]
    found = []
    for a, b in combinations(range(len(aircraft)), 2):
        taken: list[tuple[float, float]] = []  # closed intervals in which a better reference holds
        for reference in REFERENCES:
            pieces: list[Pieces] = []
            overlaps = []
            for leg_a in legs[a][reference]:
                for leg_b in legs[b][reference]:
                    start_s = max(leg_a.t_s[0], leg_b.t_s[0])
                    stop_s = min(leg_a.t_s[-1], leg_b.t_s[-1])
                    if start_s <= stop_s:
                        overlaps.append((start_s, stop_s))
                        t0, t1 = intervals_of(leg_a, leg_b, start_s, stop_s, taken)
                        if piece := t0.size and pieces_of(leg_a, leg_b, t0, t1, horizontal_m, vertical_ft):
                            pieces.append(piece)
            found += joined(a, b, reference, pieces)
            taken += overlaps
    return found


def intervals_of(
    leg_a: Leg, leg_b: Leg, start_s: float, stop_s: float, taken: list[tuple[float, float]]
) -> tuple[Array, Array]:
    """Return the beginnings and ends of the intervals in which both legs move evenly and nothing is taken.

    Two legs that have one instant in common make one interval without length.
    """
    edges = [start_s, stop_s, *leg_a.t_s, *leg_b.t_s, *(t for interval in taken for t in interval)]
    times = np.array(sorted({t for t in edges if start_s <= t <= stop_s}))
    t0, t1 = (times, times) if len(times) == 1 else (times[:-1], times[1:])
    middle = (t0 + t1) / 2
    free = np.ones(len(middle), bool)
    for low, high in taken:
        free &= (middle < low) | (middle > high)
    return t0[free], t1[free]


def pieces_of(
    leg_a: Leg, leg_b: Leg, t0: Array, t1: Array, horizontal_m: float, vertical_ft: float
) -> Pieces | None:
    """Return the parts of encounters of two legs, at most one in each interval; None for none."""
    point_a0, altitude_a0 = leg_a.at(t0)
    point_a1, altitude_a1 = leg_a.at(t1)
    point_b0, altitude_b0 = leg_b.at(t0)
    point_b1, altitude_b1 = leg_b.at(t1)
    d, e = point_b0 - point_a0, (point_b1 - point_a1) - (point_b0 - point_a0)
    z, w = altitude_b0 - altitude_a0, (altitude_b1 - altitude_a1) - (altitude_b0 - altitude_a0)

    low, high = horizontally_inside(d, e, horizontal_m)
    is_level_known = ~np.isnan(z)
    low_z, high_z = vertically_inside(z, w, vertical_ft)
    low = np.where(is_level_known, np.maximum(low, low_z), low)
    high = np.where(is_level_known, np.minimum(high, high_z), high)
    low, high = np.maximum(low, 0.0), np.minimum(high, 1.0)

    inside = low < high
    if not inside.any():
        return None
    return least_values(
        t0[inside], t1[inside], d[inside], e[inside], z[inside], w[inside], low[inside], high[inside],
        horizontal_m, vertical_ft,
    )  # fmt: skip


def horizontally_inside(d: Array, e: Array, horizontal_m: float) -> tuple[Array, Array]:
    """Return the ends of the open interval of u in which |d + e u| < D; (1, 0) where there is none."""
    a = (e * e).sum(axis=-1)
    b = (d * e).sum(axis=-1)
    distance_m = np.sqrt((d * d).sum(axis=-1))
    moving = a > 0
    a_or_1 = np.where(moving, a, 1.0)
    # a u² + 2 b u + c < 0.  The discriminant by way of the least distance, which keeps its digits.
    least_m = np.linalg.norm(d - e * (b / a_or_1)[:, None], axis=-1)
    discriminant = a * (horizontal_m - least_m) * (horizontal_m + least_m)
    c = (distance_m - horizontal_m) * (distance_m + horizontal_m)
    q = -(b + np.copysign(np.sqrt(np.maximum(discriminant, 0.0)), b))
    root_1 = q / a_or_1
    root_2 = c / np.where(q == 0, 1.0, q)
    crosses = moving & (discriminant > 0)
    always = ~moving & (distance_m < horizontal_m)
    low = np.where(crosses, np.minimum(root_1, root_2), np.where(always, -np.inf, 1.0))
    high = np.where(crosses, np.maximum(root_1, root_2), np.where(always, np.inf, 0.0))
    return low, high


def vertically_inside(z: Array, w: Array, vertical_ft: float) -> tuple[Array, Array]:
    """Return the ends of the open interval of u in which |z + w u| < H; (1, 0) where there is none."""
    w_or_1 = np.where(w == 0, 1.0, w)
    root_1, root_2 = (-vertical_ft - z) / w_or_1, (vertical_ft - z) / w_or_1
    always = np.abs(z) < vertical_ft
    low = np.where(w != 0, np.minimum(root_1, root_2), np.where(always, -np.inf, 1.0))
    high = np.where(w != 0, np.maximum(root_1, root_2), np.where(always, np.inf, 0.0))
    return low, high


def least_values(
    t0: Array, t1: Array, d: Array, e: Array, z: Array, w: Array, low: Array, high: Array,
    horizontal_m: float, vertical_ft: float,
) -> Pieces:  # fmt: skip
    """Return, for each piece, its ends and where and how small each of the three measures is within it.

    Each measure is least at an end of the piece, at its own lowest point, or (the retained
    separation) where its two parts are equal; all of these are tried.
    """
    a = (e * e).sum(axis=-1)
    b = (d * e).sum(axis=-1)
    c = (d * d).sum(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        nearest = -b / a
        level = -z / w
        # horizontal² / D² = vertical² / H²
        ratio = (horizontal_m / vertical_ft) ** 2
        qa, qb, qc = a - ratio * w * w, b - ratio * z * w, c - ratio * z * z
        q = -(qb + np.copysign(np.sqrt(qb * qb - qa * qc), qb))
        equal_1, equal_2 = q / qa, qc / q

    candidates = np.stack([low, high, nearest, level, equal_1, equal_2])
    candidates = np.where(np.isfinite(candidates), np.clip(candidates, low, high), low)
    candidates.sort(axis=0)  # so that of equally small values the first in time is taken
    relative = d + e * candidates[..., None]  # (6, pieces, 3)
    horizontal = np.sqrt((relative * relative).sum(axis=-1))
    vertical = np.abs(z + w * candidates)
    retained = np.fmax(
        horizontal / horizontal_m, vertical / vertical_ft
    )  # fmax: the known one, if one is NaN

    each = np.arange(low.size)
    best_h, best_v, best_r = (np.argmin(values, axis=0) for values in (horizontal, vertical, retained))
    span = t1 - t0

    def when(best: npt.NDArray[np.intp]) -> Array:
        return np.asarray(t0 + candidates[best, each] * span)

    return {
        "t_in_s": t0 + low * span,
        "t_out_s": t0 + high * span,
        "t_cpa_s": when(best_h),
        "hmd_m": horizontal[best_h, each],
        "vertical_ft_at_cpa": vertical[best_h, each],
        "t_vmd_s": when(best_v),
        "vmd_ft": vertical[best_v, each],
        "t_retained_s": when(best_r),
        "retained": retained[best_r, each],
    }


def joined(a: int, b: int, reference: str, pieces: list[Pieces]) -> list[Encounter]:
    """Return one pair's encounters: pieces that touch are one, and the least of their values is its value."""
    rows = [
        {name: float(column[i]) for name, column in some.items()}
        for some in pieces
        for i in range(len(some["t_in_s"]))
    ]
    groups: list[list[dict[str, float]]] = []
    for row in sorted(rows, key=lambda row: row["t_in_s"]):
        if groups and row["t_in_s"] - groups[-1][-1]["t_out_s"] <= TOUCHING_S:
            groups[-1].append(row)
        else:
            groups.append([row])
    found = []
    for group in groups:
        nearest = min(group, key=lambda row: row["hmd_m"])  # min takes the first of equals
        level = min(group, key=lambda row: row["vmd_ft"])
        worst = min(group, key=lambda row: row["retained"])
        known = reference != "unknown"
        found.append(
            Encounter(
                a=a,
                b=b,
                reference=reference,
                t_in_s=group[0]["t_in_s"],
                t_out_s=group[-1]["t_out_s"],
                t_cpa_s=nearest["t_cpa_s"],
                hmd_m=nearest["hmd_m"],
                vertical_ft_at_cpa=nearest["vertical_ft_at_cpa"],
                vmd_ft=level["vmd_ft"],
                t_vmd_s=level["t_vmd_s"] if known else np.nan,
                retained=worst["retained"],
                t_retained_s=worst["t_retained_s"],
            )
        )
    return found

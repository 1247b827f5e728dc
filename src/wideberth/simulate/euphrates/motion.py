"""How a simulated aircraft truly moves: along corners, rounded, at a speed and a level.

Places are metres in a flat frame around the middle of the line: x east, y north, both in proportion to
longitude and latitude.  So what is straight in the frame is straight in lon/lat, as the line is.  A metre of
the frame is a metre on the ground within 0.5 %; nothing is measured here, so that does no harm.

True motion is a polyline in lon/lat and altitude, in constant motion from one knot to the next; turns have a
knot every few degrees.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from wideberth.simulate.euphrates.terms import LINE
from wideberth.units import MPS_PER_KNOT

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    Numbers = npt.NDArray[np.float64]

Point = tuple[float, float]

MIDDLE_LON_DEG, MIDDLE_LAT_DEG = 40.68, 34.77
# Radii of curvature of WGS-84 at that latitude: 6,356,221 m along the meridian, 6,385,096 m across.
M_PER_DEG_LAT = 110_937.0
M_PER_DEG_LON = 91_546.0

ARC_STEP_RAD = math.radians(4.0)
STRAIGHT_RAD = 1e-3
KNOT_EVERY_M = 2000.0
KNOT_APART_M = 1e-3  # nearer ones are one
FIELD_FT = 700.0  # elevation of both airfields
CLIMB_FT_PER_M = 0.25  # 2500 ft a minute at 330 kt
RUNWAY_KT = 150.0
RAMP_M = 12_000.0  # in which an aircraft gathers or loses its speed


def positions(x_m: Numbers, y_m: Numbers) -> tuple[Numbers, Numbers]:
    """Return latitude and longitude, degrees, of places in the frame."""
    return MIDDLE_LAT_DEG + y_m / M_PER_DEG_LAT, MIDDLE_LON_DEG + x_m / M_PER_DEG_LON


def place(lon_deg: float, lat_deg: float) -> Point:
    """Return the place of a position in the frame."""
    return (lon_deg - MIDDLE_LON_DEG) * M_PER_DEG_LON, (lat_deg - MIDDLE_LAT_DEG) * M_PER_DEG_LAT


def beside(segment: int, along_km: float, across_km: float) -> Point:
    """Return the place so far along a segment of the line and so far to the left of it.

    The segment counts as endless; left of this line is north-east, right of it, negative, south-west.
    """
    (x0, y0), (x1, y1) = place(*LINE[segment]), place(*LINE[segment + 1])
    length_m = math.hypot(x1 - x0, y1 - y0)
    east, north = (x1 - x0) / length_m, (y1 - y0) / length_m
    along_m, across_m = 1000.0 * along_km, 1000.0 * across_km
    return x0 + east * along_m - north * across_m, y0 + north * along_m + east * across_m


@dataclass(frozen=True, eq=False)
class Motion:
    """What an aircraft truly does.

    Attributes:
        t_s: (n,) knots, rising, in seconds since the month began.
        x_m, y_m, altitude_ft: (n,) at the knots; linear between.
        corner_s: when it passes each corner that it was sent along, or the middle of the turn there.
    """

    t_s: Numbers
    x_m: Numbers
    y_m: Numbers
    altitude_ft: Numbers
    corner_s: tuple[float, ...]

    def at(self, t_s: Numbers) -> tuple[Numbers, Numbers, Numbers]:
        """Return latitude, longitude and pressure altitude at instants within the motion."""
        lat_deg, lon_deg = positions(np.interp(t_s, self.t_s, self.x_m), np.interp(t_s, self.t_s, self.y_m))
        return lat_deg, lon_deg, np.interp(t_s, self.t_s, self.altitude_ft)

    def velocity(self, t_s: Numbers) -> tuple[Numbers, Numbers, Numbers]:
        """Return speed east and north, m/s, and rate of climb, ft/s, on the way to the next knot."""
        k = np.clip(np.searchsorted(self.t_s, t_s, side="right") - 1, 0, self.t_s.size - 2)
        lasts_s = np.diff(self.t_s)
        east_mps, north_mps, climb_fps = (
            (np.diff(values) / lasts_s)[k] for values in (self.x_m, self.y_m, self.altitude_ft)
        )
        return east_mps, north_mps, climb_fps


def fly(
    corners: Sequence[Point],
    *,
    speed_kt: float,
    levels_ft: float | Sequence[float],
    turn_m: float,
    passes: tuple[int, float],
    lands: bool = True,
) -> Motion:
    """Return the motion along corners.

    Args:
        corners: places; turns cut them.
        speed_kt: once it has gathered it.
        levels_ft: one, or one for each corner, linear in distance between.
        turn_m: radius of turns; smaller where corners are close.
        passes: the corner, by number, that it passes at an instant.
        lands: False for one that comes from afar and goes there: no climb, no landing, one speed.
    """
    x, y, corner_m = _rounded(corners, turn_m)
    vertex_m = np.concatenate([[0.0], np.cumsum(np.hypot(np.diff(x), np.diff(y)))])
    length_m = float(vertex_m[-1])
    along_m = np.unique(np.concatenate([vertex_m, np.arange(0.0, length_m, KNOT_EVERY_M)]))
    along_m = along_m[np.diff(along_m, prepend=-1.0) > KNOT_APART_M]

    levels = [levels_ft] * len(corners) if isinstance(levels_ft, int | float) else levels_ft
    altitude_ft = np.interp(along_m, corner_m, levels)
    speed_mps = np.full(along_m.size, speed_kt * MPS_PER_KNOT)
    if lands:
        from_field_m = np.minimum(along_m, length_m - along_m)
        altitude_ft = np.minimum(altitude_ft, FIELD_FT + CLIMB_FT_PER_M * from_field_m)
        share = np.minimum(from_field_m / RAMP_M, 1.0)
        speed_mps = MPS_PER_KNOT * (RUNWAY_KT + (speed_kt - RUNWAY_KT) * share)
    after_s = np.diff(along_m) * 2.0 / (speed_mps[1:] + speed_mps[:-1])
    t_s = np.concatenate([[0.0], np.cumsum(after_s)])
    corner_s = np.interp(corner_m, along_m, t_s)
    begins_s = passes[1] - corner_s[passes[0]]
    return Motion(
        t_s=t_s + begins_s,
        x_m=np.interp(along_m, vertex_m, x),
        y_m=np.interp(along_m, vertex_m, y),
        altitude_ft=altitude_ft,
        corner_s=tuple((corner_s + begins_s).tolist()),
    )


def _rounded(corners: Sequence[Point], turn_m: float) -> tuple[Numbers, Numbers, list[float]]:
    """Return the vertices of a path whose turns are arcs, and how far along it each corner is."""
    x, y = [corners[0][0]], [corners[0][1]]
    corner_m = [0.0]
    flown_m = 0.0
    for (x0, y0), (x1, y1), (x2, y2) in zip(corners, corners[1:], corners[2:], strict=False):
        in_m, out_m = math.hypot(x1 - x0, y1 - y0), math.hypot(x2 - x1, y2 - y1)
        heading = math.atan2(y1 - y0, x1 - x0)
        turn = math.remainder(math.atan2(y2 - y1, x2 - x1) - heading, math.tau)
        if abs(turn) < STRAIGHT_RAD:
            flown_m += math.hypot(x1 - x[-1], y1 - y[-1])
            corner_m.append(flown_m)
            x.append(x1)
            y.append(y1)
            continue
        cut_m = min(turn_m * math.tan(abs(turn) / 2.0), 0.48 * in_m, 0.48 * out_m)
        radius_m = cut_m / math.tan(abs(turn) / 2.0)
        begin_x, begin_y = x1 - math.cos(heading) * cut_m, y1 - math.sin(heading) * cut_m
        flown_m += math.hypot(begin_x - x[-1], begin_y - y[-1])
        steps = max(2, math.ceil(abs(turn) / ARC_STEP_RAD))
        left = math.copysign(1.0, turn)
        centre_x, centre_y = (
            begin_x - left * math.sin(heading) * radius_m,
            begin_y + left * math.cos(heading) * radius_m,
        )
        corner_m.append(flown_m + steps * radius_m * math.sin(abs(turn) / steps / 2.0))
        flown_m += steps * 2.0 * radius_m * math.sin(abs(turn) / steps / 2.0)
        for i in range(steps + 1):
            angle = heading + turn * i / steps
            x.append(centre_x + left * math.sin(angle) * radius_m)
            y.append(centre_y - left * math.cos(angle) * radius_m)
    flown_m += math.hypot(corners[-1][0] - x[-1], corners[-1][1] - y[-1])
    corner_m.append(flown_m)
    x.append(corners[-1][0])
    y.append(corners[-1][1])
    return np.array(x), np.array(y), corner_m

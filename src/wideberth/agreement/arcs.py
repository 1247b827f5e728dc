"""Arcs and circles around a centre on the ellipsoid, as vertices.

Bearings are degrees from true north, clockwise.  Distances are along the surface of WGS-84.

Vertices lie on the arc.  Between two of them the model's edge is straight in lon/lat, and departs from
the arc by the sag of the chord, L²/8r, and by what a straight line in lon/lat departs from a geodesic,
L² tan φ/8R, for vertices L apart, radius r, latitude φ and the Earth's radius R.  L is chosen so that
the two together stay below `SAG_M`.

Source: T. Vincenty, Direct and inverse solutions of geodesics on the ellipsoid, Survey Review XXIII, 176,
1975.  (The tests compare with GeographicLib's answers.)
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wideberth.agreement.shapes import Position

SAG_M = 0.5  # half of the metre that the documentation promises
SEMI_MAJOR_M = 6_378_137.0
FLATTENING = 1 / 298.257223563
SEMI_MINOR_M = SEMI_MAJOR_M * (1 - FLATTENING)
MOST_STEPS = 20_000  # of one arc; 100 m apart on a radius of 320 km
STEEPEST_DEG = 89.0  # nearer to a pole a line in lon/lat is no fair copy of anything
_CONVERGED_RAD = 1e-12  # 6 micrometres
_MOST_ROUNDS = 100


def destination(lon_deg: float, lat_deg: float, bearing_deg: float, distance_m: float) -> Position:
    """Return (lon, lat) of the point at a distance along a bearing."""
    alpha = math.radians(bearing_deg)
    tan_u = (1 - FLATTENING) * math.tan(math.radians(lat_deg))
    cos_u = 1 / math.hypot(1, tan_u)
    sin_u = tan_u * cos_u
    sigma_1 = math.atan2(tan_u, math.cos(alpha))
    sin_alpha = cos_u * math.sin(alpha)
    cos_sq_alpha = 1 - sin_alpha * sin_alpha
    series_a, series_b = _series(cos_sq_alpha)
    first = distance_m / (SEMI_MINOR_M * series_a)
    sigma = first
    for _ in range(_MOST_ROUNDS):
        correction = _correction(series_b, sigma, math.cos(2 * sigma_1 + sigma))
        before, sigma = sigma, first + correction
        if abs(sigma - before) < _CONVERGED_RAD:
            break
    sin_s, cos_s = math.sin(sigma), math.cos(sigma)
    inner = sin_u * sin_s - cos_u * cos_s * math.cos(alpha)
    phi = math.atan2(
        sin_u * cos_s + cos_u * sin_s * math.cos(alpha), (1 - FLATTENING) * math.hypot(sin_alpha, inner)
    )
    lam = math.atan2(sin_s * math.sin(alpha), cos_u * cos_s - sin_u * sin_s * math.cos(alpha))
    c = FLATTENING / 16 * cos_sq_alpha * (4 + FLATTENING * (4 - 3 * cos_sq_alpha))
    cos_2m = math.cos(2 * sigma_1 + sigma)
    turn = cos_2m + c * cos_s * (2 * cos_2m * cos_2m - 1)
    longitude = lam - (1 - c) * FLATTENING * sin_alpha * (sigma + c * sin_s * turn)
    return (lon_deg + math.degrees(longitude) + 540) % 360 - 180, math.degrees(phi)


def bearing_and_distance(a: Position, b: Position) -> tuple[float, float] | None:
    """Return the bearing from a to b (0 to 360) and the distance, m; None for nearly opposite points."""
    u_a, u_b = (math.atan((1 - FLATTENING) * math.tan(math.radians(lat))) for lat in (a[1], b[1]))
    sin_a, cos_a, sin_b, cos_b = math.sin(u_a), math.cos(u_a), math.sin(u_b), math.cos(u_b)
    difference = math.radians((b[0] - a[0] + 540) % 360 - 180)
    lam = difference
    for _ in range(_MOST_ROUNDS):
        sin_l, cos_l = math.sin(lam), math.cos(lam)
        sin_s = math.hypot(cos_b * sin_l, cos_a * sin_b - sin_a * cos_b * cos_l)
        if sin_s == 0:
            return 0.0, 0.0
        cos_s = sin_a * sin_b + cos_a * cos_b * cos_l
        sigma = math.atan2(sin_s, cos_s)
        sin_alpha = cos_a * cos_b * sin_l / sin_s
        cos_sq_alpha = 1 - sin_alpha * sin_alpha
        cos_2m = cos_s - 2 * sin_a * sin_b / cos_sq_alpha if cos_sq_alpha else 0.0  # on the equator
        c = FLATTENING / 16 * cos_sq_alpha * (4 + FLATTENING * (4 - 3 * cos_sq_alpha))
        turn = cos_2m + c * cos_s * (2 * cos_2m * cos_2m - 1)
        before, lam = lam, difference + (1 - c) * FLATTENING * sin_alpha * (sigma + c * sin_s * turn)
        if abs(lam - before) < _CONVERGED_RAD:
            break
    else:
        return None
    series_a, series_b = _series(cos_sq_alpha)
    distance_m = SEMI_MINOR_M * series_a * (sigma - _correction(series_b, sigma, cos_2m))
    bearing = math.atan2(cos_b * math.sin(lam), cos_a * sin_b - sin_a * cos_b * math.cos(lam))
    return math.degrees(bearing) % 360, distance_m


def _series(cos_sq_alpha: float) -> tuple[float, float]:
    u_sq = cos_sq_alpha * (SEMI_MAJOR_M**2 - SEMI_MINOR_M**2) / SEMI_MINOR_M**2
    a = 1 + u_sq / 16384 * (4096 + u_sq * (-768 + u_sq * (320 - 175 * u_sq)))
    b = u_sq / 1024 * (256 + u_sq * (-128 + u_sq * (74 - 47 * u_sq)))
    return a, b


def _correction(b: float, sigma: float, cos_2m: float) -> float:
    sin_s, cos_s = math.sin(sigma), math.cos(sigma)
    third = b / 6 * cos_2m * (4 * sin_s * sin_s - 3) * (4 * cos_2m * cos_2m - 3)
    return b * sin_s * (cos_2m + b / 4 * (cos_s * (2 * cos_2m * cos_2m - 1) - third))


def arc(
    centre: Position, radius_m: float, from_deg: float, sweep_deg: float, end_radius_m: float | None = None
) -> list[Position]:
    """Return vertices along an arc, its two ends included.

    Args:
        centre: (lon, lat).
        radius_m: of the arc where it begins.
        from_deg: the true bearing of its beginning.
        sweep_deg: how far it goes round, clockwise positive; 360 is all round.
        end_radius_m: of the arc where it ends, where that is another; in between it changes evenly.
    """
    last_m = radius_m if end_radius_m is None else end_radius_m
    largest_m = max(radius_m, last_m)
    span_deg = math.degrees(largest_m / SEMI_MINOR_M)
    slope = math.tan(math.radians(min(abs(centre[1]) + span_deg, STEEPEST_DEG)))
    step_m = math.sqrt(8 * SAG_M / (1 / largest_m + slope / SEMI_MINOR_M))
    steps = math.ceil(math.radians(abs(sweep_deg)) * largest_m / step_m)
    steps = min(max(steps, 1), MOST_STEPS)
    return [
        destination(*centre, from_deg + sweep_deg * i / steps, radius_m + (last_m - radius_m) * i / steps)
        for i in range(steps + 1)
    ]

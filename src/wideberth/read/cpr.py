"""Compact position reports: where an aircraft is, from the 17 bits of latitude and of longitude it sends.

A report tells a place within a zone; even and odd reports cut the globe into 60 and 59 zones of
latitude (and so many fewer of longitude), so a pair of both tells which zone, if the aircraft moved
little between them.  On the ground the zones are a quarter as wide and a pair leaves eight places.
Values are ``(latitude, longitude)``, whole numbers of 0 to 131,071; places are degrees.

Source: ICAO Doc 9871, C.2.6; RTCA DO-260B, A.1.7.
"""

from __future__ import annotations

import math
from bisect import bisect_right

CPR_STEPS = 131_072  # 17 bits


def _zone_latitudes() -> list[float]:
    """Return the latitudes at which the number of longitude zones falls from 59 to 58 and so on to 1."""
    a = 1 - math.cos(math.pi / 30)
    return [
        math.degrees(math.acos(math.sqrt(a / (1 - math.cos(2 * math.pi / zones)))))
        for zones in range(59, 2, -1)
    ] + [87.0]


_ZONE_LATITUDES = _zone_latitudes()


def longitude_zones(lat_deg: float) -> int:
    """Return NL, the number of longitude zones at a latitude: 59 at the equator, 1 beyond 87°."""
    return 59 - bisect_right(_ZONE_LATITUDES, abs(lat_deg))


def airborne_position(
    even: tuple[int, int], odd: tuple[int, int], *, is_odd: bool
) -> tuple[float, float] | None:
    """Return latitude and longitude of the later of an even and an odd frame (17-bit values).

    None where the two stand in bands with different numbers of longitude zones, or are no pair.
    ``is_odd`` tells which frame was the later one.
    """
    lats = _pair_latitudes(even, odd, 360.0)
    lat_even, lat_odd = (lat - 360 if lat >= 270 else lat for lat in lats)
    if abs(lat_even) > 90 or abs(lat_odd) > 90 or longitude_zones(lat_even) != longitude_zones(lat_odd):
        return None
    lat = lat_odd if is_odd else lat_even
    lon = _pair_longitude(even, odd, longitude_zones(lat), 360.0, is_odd=is_odd)
    return lat, lon - 360 if lon >= 180 else lon


def surface_position(
    even: tuple[int, int], odd: tuple[int, int], reference: tuple[float, float], *, is_odd: bool
) -> tuple[float, float] | None:
    """Return the position on the ground that is nearest to ``reference``, of the eight that a pair leaves."""
    found: list[tuple[float, float]] = []
    for south in (0.0, -90.0):
        lat_even, lat_odd = (lat + south for lat in _pair_latitudes(even, odd, 90.0))
        if abs(lat_even) > 90 or abs(lat_odd) > 90 or longitude_zones(lat_even) != longitude_zones(lat_odd):
            continue
        lat = lat_odd if is_odd else lat_even
        lon = _pair_longitude(even, odd, longitude_zones(lat), 90.0, is_odd=is_odd)
        found += [(lat, (lon + quarter + 180) % 360 - 180) for quarter in (0, 90, 180, 270)]
    return min(found, key=lambda place: _cosine_of_arc(reference, place), default=None)


def _pair_latitudes(even: tuple[int, int], odd: tuple[int, int], span_deg: float) -> tuple[float, float]:
    y_even, y_odd = even[0] / CPR_STEPS, odd[0] / CPR_STEPS
    j = math.floor(59 * y_even - 60 * y_odd + 0.5)
    return span_deg / 60 * (j % 60 + y_even), span_deg / 59 * (j % 59 + y_odd)


def _pair_longitude(
    even: tuple[int, int], odd: tuple[int, int], zones: int, span_deg: float, *, is_odd: bool
) -> float:
    x_even, x_odd = even[1] / CPR_STEPS, odd[1] / CPR_STEPS
    count = max(zones - is_odd, 1)
    m = math.floor(x_even * (zones - 1) - x_odd * zones + 0.5)
    return span_deg / count * (m % count + (x_odd if is_odd else x_even))


def _cosine_of_arc(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Return minus the cosine of the arc between two places: it grows with their distance."""
    lat_a, lon_a, lat_b, lon_b = (math.radians(value) for value in (*a, *b))
    return -(math.sin(lat_a) * math.sin(lat_b) + math.cos(lat_a) * math.cos(lat_b) * math.cos(lon_a - lon_b))


def nearest_position(
    cpr: tuple[int, int], reference: tuple[float, float], *, is_odd: bool, is_surface: bool
) -> tuple[float, float] | None:
    """Return the position that one frame means, given one within 180 NM of it (45 NM on the ground)."""
    span_deg = 90.0 if is_surface else 360.0
    lat_step = span_deg / (60 - is_odd)
    y, x = cpr[0] / CPR_STEPS, cpr[1] / CPR_STEPS
    lat = lat_step * (math.floor(0.5 + reference[0] / lat_step - y) + y)
    if abs(lat) > 90:
        return None
    lon_step = span_deg / max(longitude_zones(lat) - is_odd, 1)
    lon = lon_step * (math.floor(0.5 + reference[1] / lon_step - x) + x)
    return lat, (lon + 180) % 360 - 180

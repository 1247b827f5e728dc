"""Exact factors between the field's units and SI, and the texts people write them in.

"5 NM", "1000 ft", "FL200", "45 mi", "90 s" are parsed here, once, at the edge; from
there on a plain number carries its unit in its name.  A number without a unit is
refused: 5 may be nautical miles to one reader and kilometres to another.

Source: the international definitions (1 NM = 1852 m, 1 ft = 0.3048 m, 1 mi = 1609.344 m,
1 kt = 1 NM/h), exact.
"""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime

from wideberth.errors import UsageError

METRES_PER_NM = 1852.0
METRES_PER_FOOT = 0.3048
METRES_PER_MILE = 1609.344
MPS_PER_KNOT = 1852.0 / 3600.0
MPS_PER_FPM = 0.3048 / 60.0
FEET_PER_FLIGHT_LEVEL = 100.0
MICROSECONDS_PER_SECOND = 1_000_000
STANDARD_PRESSURE_HPA = 1013.25
HPA_PER_INHG = 33.8639
LOWEST_QNH_HPA, HIGHEST_QNH_HPA = 850.0, 1100.0  # 870 and 1,085 hPa are the extremes on record (WMO)

_LENGTHS_M = {
    "m": 1.0,
    "km": 1000.0,
    "ft": METRES_PER_FOOT,
    "nm": METRES_PER_NM,
    "nmi": METRES_PER_NM,
    "mi": METRES_PER_MILE,
}
_DURATIONS_S = {"s": 1.0, "sec": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
_PRESSURES_HPA = {"hpa": 1.0, "mb": 1.0, "mbar": 1.0, "inhg": HPA_PER_INHG}
_BYTES = {
    "b": 1.0,
    "kb": 1e3,
    "mb": 1e6,
    "gb": 1e9,
    "tb": 1e12,
    "kib": 2.0**10,
    "mib": 2.0**20,
    "gib": 2.0**30,
}
_SPEEDS_MPS = {
    "m/s": 1.0,
    "km/h": 1 / 3.6,
    "kt": MPS_PER_KNOT,
    "kts": MPS_PER_KNOT,
    "mph": METRES_PER_MILE / 3600,
}
_QUANTITY = re.compile(r"^\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*([a-zA-Z/]+)\s*$")
_FLIGHT_LEVEL = re.compile(r"^\s*FL\s*(\d{1,4})\s*$", re.IGNORECASE)


def parse_length_m(text: str) -> float:
    """Return the metres that a length like "5 NM" or "300 ft" means.

    Raises:
        UsageError: no number, no unit, or a unit that is not a length.
    """
    return _quantity(text, _LENGTHS_M, "a length", "5NM, 9.26km, 500ft or 150m")


def parse_altitude_ft(text: str) -> float:
    """Return the feet of an altitude or a vertical distance: "1000 ft", "FL180", "300 m".

    Raises:
        UsageError: as `parse_length_m`.
    """
    level_ft = flight_level_ft(text)
    return _feet(text, "an altitude", "1000ft, FL180 or 300m") if level_ft is None else level_ft


def parse_vertical_ft(text: str) -> float:
    """Return the feet of a vertical distance, "1000 ft" or "300 m"; a flight level is none.

    Raises:
        UsageError: as `parse_length_m`, or a distance below 0.
    """
    feet = _feet(text, "a vertical distance", "1000 ft or 300 m")
    if feet < 0.0:
        raise UsageError(f"'{text}' is negative. A vertical distance is 0 or more.")
    return feet


def flight_level_ft(text: str) -> float | None:
    """Return the feet of pressure altitude that a text like "FL180" means, None where it is no flight level."""
    level = _FLIGHT_LEVEL.match(text)
    return float(level.group(1)) * FEET_PER_FLIGHT_LEVEL if level else None


def parse_duration_s(text: str) -> float:
    """Return the seconds of a duration like "60 s", "15 min" or "2 h".

    Raises:
        UsageError: as `parse_length_m`.
    """
    return _quantity(text, _DURATIONS_S, "a duration", "60s, 15min or 2h")


def parse_speed_mps(text: str) -> float:
    """Return the metres per second of a speed like "1000 kt" or "250 m/s".

    Raises:
        UsageError: as `parse_length_m`.
    """
    return _quantity(text, _SPEEDS_MPS, "a speed", "480kt or 250m/s")


def parse_pressure_hpa(text: str) -> float:
    """Return the hectopascals of a QNH like "1013 hPa" or "29.92 inHg".

    Raises:
        UsageError: as `parse_length_m`, or a pressure that never occurs at sea level.
    """
    pressure_hpa = _quantity(text, _PRESSURES_HPA, "a QNH", "1013 hPa or 29.92 inHg")
    if not LOWEST_QNH_HPA <= pressure_hpa <= HIGHEST_QNH_HPA:
        raise UsageError(f"'{text}' is not a QNH. Write it like 1013 hPa or 29.92 inHg.")
    return pressure_hpa


def pressure_altitude_ft(pressure_hpa: float) -> float:
    """Return the altitude at which the International Standard Atmosphere has a pressure, feet; troposphere.

    Source: ICAO Doc 7488: T0 / L (1 - (p / p0)^(R L / g)), with 288.15 K, 6.5 K/km, 1013.25 hPa.

    >>> round(pressure_altitude_ft(1003.25), 1)
    274.2
    """
    share: float = (pressure_hpa / STANDARD_PRESSURE_HPA) ** (287.05287 * 0.0065 / 9.80665)
    return 288.15 / 0.0065 * (1.0 - share) / METRES_PER_FOOT


def parse_bytes(text: str) -> int:
    """Return the bytes of a size like "2GB" or "512 MiB".

    Raises:
        UsageError: as `parse_length_m`, or less than one byte.
    """
    size = int(_quantity(text, _BYTES, "a size", "2GB or 512MiB"))
    if size < 1:
        raise UsageError(f"'{text}' is not a size: it must be at least a byte. Write it like 2GB or 512MiB.")
    return size


def parse_instant(text: str) -> datetime:
    """Return the UTC instant of an RFC 3339 text; without an offset it is taken as UTC.

    Raises:
        UsageError: the text is not a date or a date with a time.
    """
    try:
        instant = datetime.fromisoformat(text.strip())
        return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
    except (ValueError, OverflowError):  # overflow: year 1 or 9999, moved out of the calendar by an offset
        raise UsageError(
            f"'{text}' is not an instant. Write it like 2018-08-01T06:00:00Z or 2018-08-01."
        ) from None


def _feet(text: str, what: str, examples: str) -> float:
    quantity = _QUANTITY.match(text)
    if quantity and quantity.group(2).lower() == "ft":  # feet stay exact: no way through metres and back
        return _quantity(text, {"ft": 1.0}, what, examples)
    return _quantity(text, _LENGTHS_M, what, examples) / METRES_PER_FOOT


def _quantity(text: str, factors: dict[str, float], what: str, examples: str) -> float:
    quantity = _QUANTITY.match(text)
    if quantity is None:
        hint = "a number needs its unit" if _is_number(text) else "that is not a number with a unit"
        if "," in text:
            hint = "a number is written without a comma, 1500 or 1.5"
        raise UsageError(f"'{text}' is not {what}: {hint}. Write it like {examples}.")
    factor = factors.get(quantity.group(2).lower())
    if factor is None:
        known = ", ".join(factors)
        raise UsageError(
            f"'{text}' is not {what}: unknown unit '{quantity.group(2)}' (known: {known}). "
            f"Write it like {examples}."
        )
    value = float(quantity.group(1)) * factor
    if not math.isfinite(value):
        raise UsageError(f"'{text}' is not {what}: the number is too large. Write it like {examples}.")
    return value


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True

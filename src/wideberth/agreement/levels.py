"""Levels of an agreement file: floors and ceilings, vertical distances, the height of the ground, the QNH."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BeforeValidator, Field, PlainValidator, TypeAdapter, WithJsonSchema

from wideberth.agreement.shapes import Limit
from wideberth.agreement.values import Instant, Part, WithinError, said, text_schema
from wideberth.errors import UsageError
from wideberth.units import flight_level_ft, parse_length_m, parse_pressure_hpa, parse_vertical_ft

if TYPE_CHECKING:
    from collections.abc import Callable

_LIMIT = re.compile(
    r"^\s*(?P<value>[-+]?\d+(?:\.\d+)?)\s*(?P<unit>ft|m)\s*(?P<datum>AMSL|MSL|AGL|ellipsoid|WGS84|STD|pressure)?\s*$",
    re.IGNORECASE,
)
_DATUM = {
    "amsl": "AMSL",
    "msl": "AMSL",
    "agl": "AGL",
    "ellipsoid": "ellipsoid",
    "wgs84": "ellipsoid",
    "std": "pressure",
    "pressure": "pressure",
}


def parse_limit(text: str) -> Limit:
    """Return the limit that a text like "10000 ft", "FL95", "1500 m AMSL", "500 ft AGL" or "GND" means.

    Bare feet and flight levels are pressure altitude; metres need a datum.

    Raises:
        UsageError: it is none of these.
    """
    if text.strip().upper() in {"GND", "SFC"}:
        return Limit(0.0, "ft", "AGL", text.strip())
    level_ft = flight_level_ft(text)
    if level_ft is not None:
        return Limit(level_ft, "ft", "pressure", text.strip())
    found = _LIMIT.match(text)
    if not found:
        raise UsageError(
            f"'{text}' is not a level. Write it like 10000 ft, FL95, 1500 m AMSL, 500 ft AGL, "
            "120 m ellipsoid or GND."
        )
    unit = found["unit"].lower()
    datum = _DATUM[found["datum"].lower()] if found["datum"] else "pressure"
    if unit == "m" and not found["datum"]:
        raise UsageError(
            f"'{text}' does not say what the metres are measured from. Write AMSL, AGL, ellipsoid or "
            "pressure behind it, like 3000 m AMSL."
        )
    return Limit(float(found["value"]), "ft" if unit == "ft" else "m", datum, text.strip())  # type: ignore[arg-type]


Feet = Annotated[float, BeforeValidator(said(parse_vertical_ft)), text_schema(r"^[\d.]+ ?(ft|m)$", "1000 ft")]
Level = Annotated[
    Limit,
    BeforeValidator(said(parse_limit)),
    text_schema(".+", "10000 ft", "FL95", "1500 m AMSL", "500 ft AGL"),
]

# A number, or a file that holds many ----------------------------------------------------------------

TABLE = (".csv",)
RASTER = (".tif", ".tiff")


def _or_file(parse: Callable[[str], Any], endings: tuple[str, ...], right: str) -> Callable[[str], Any]:
    """Return a parser that leaves the name of a file as it stands: a text with one of some endings."""

    def parsed(text: str) -> Any:
        name = text.strip()
        if name.lower().endswith(endings):
            return name
        if re.search(r"\.[A-Za-z]\w*$", name):
            raise UsageError(f"'{name}' is no file that is read here. Write {right}.")
        return parse(text)

    return parsed


def _elevation_m(text: str) -> float:
    elevation_m = parse_length_m(text)
    if not LOWEST_GROUND_M <= elevation_m <= HIGHEST_GROUND_M:
        raise UsageError(f"'{text}' is no elevation of the ground. Write it like 350 m.")
    return elevation_m


LOWEST_GROUND_M, HIGHEST_GROUND_M = -500.0, 9000.0  # the shore of the Dead Sea, Mount Everest
Ground = Annotated[
    float | str,
    BeforeValidator(said(_or_file(_elevation_m, RASTER, "350 m, or name a GeoTIFF like dem.tif"))),
    text_schema(r"^-?[\d.]+ ?(m|km|ft|NM|mi)$|\.[tT][iI][fF][fF]?$", "350 m", "dem.tif"),
]
PressureHpa = Annotated[
    float,
    BeforeValidator(said(parse_pressure_hpa)),
    text_schema(r"^[\d.]+ ?(hPa|mb|mbar|inHg)$", "1013 hPa", "29.92 inHg"),
]


class QnhFrom(Part):
    """A QNH, and from when on it holds."""

    from_: Instant = Field(alias="from", description="until the next one; the last one from then on")
    qnh: PressureHpa = Field(description="like 1013 hPa or 29.92 inHg")


_QNHS = TypeAdapter(tuple[QnhFrom, ...])


def _qnh(value: Any) -> Any:
    if isinstance(value, list | tuple):
        if not value:
            raise ValueError("the list is empty. Write [{from: 2017-11-01, qnh: 1013 hPa}]")
        for i, each in enumerate(value):
            if not isinstance(each, dict | QnhFrom):
                raise WithinError("an entry here is a mapping. Write {from: 2017-11-01, qnh: 1013 hPa}", (i,))
        return _QNHS.validate_python(value)
    if isinstance(value, str):
        return said(_or_file(parse_pressure_hpa, TABLE, "1013 hPa, or name a CSV file like qnh.csv"))(value)
    if isinstance(value, int | float):
        return float(value)
    raise ValueError(
        "this is not a QNH. Write it like 1013 hPa, [{from: 2017-11-01, qnh: 1013 hPa}] or qnh.csv"
    )


QnhTold = Annotated[float | str | tuple[QnhFrom, ...], PlainValidator(_qnh), WithJsonSchema({})]
"""A pressure in hPa, the name of a table, or values from instants on; `schema` puts its forms in."""

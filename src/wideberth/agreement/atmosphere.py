"""The QNH by time and place: what turns altitudes above mean sea level into pressure altitudes.

At an instant it is a station's last value at or before it, and the last value of all holds from then on.  Before its
first value a station has none.  A place has the QNH of the station nearest to its middle.
"""

from __future__ import annotations

import csv
import difflib
import math
from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wideberth.agreement.shapes import unwrapped
from wideberth.errors import AgreementError, Fault, UsageError
from wideberth.units import (
    HIGHEST_QNH_HPA,
    HPA_PER_INHG,
    LOWEST_QNH_HPA,
    MICROSECONDS_PER_SECOND,
    parse_instant,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from wideberth.agreement.shapes import Place, Position

ALWAYS_US = -(2**62)  # earlier than anything
COLUMNS = ("time", "qnh_hpa")
PLACED = (*COLUMNS, "lat_deg", "lon_deg")
FORM = "The first line is time,qnh_hpa or time,qnh_hpa,lat_deg,lon_deg."
HECTOPASCALS, DEGREES = "Write hectopascals, like 1013.2.", "Write degrees, like 47.46."
MOST_FAULTS = 20  # of a table, each a line; more are only counted


@dataclass(frozen=True)
class Station:
    """A place where the QNH was told, and what it was.

    Attributes:
        position: (lon, lat), None where the QNH is that of everywhere.
        from_us: from when on each value holds, Unix microseconds, ascending.
        qnh_hpa: the values.
    """

    position: Position | None
    from_us: tuple[int, ...]
    qnh_hpa: tuple[float, ...]

    @property
    def where(self) -> str:
        """Where it stands, as messages go on: " of the station at 47.4580, 8.5480" (lat, lon); "" for everywhere."""
        return f" of the station at {self.position[1]:.4f}, {self.position[0]:.4f}" if self.position else ""

    def pieces(self, begin_us: float, end_us: float) -> Iterator[tuple[float, float, float]]:
        """Yield (from, until, QNH) for each value that holds between two instants, not before the first value."""
        k = bisect_right(self.from_us, begin_us) - 1
        while begin_us < end_us:
            until_us = float(self.from_us[k + 1]) if k + 1 < len(self.from_us) else math.inf
            yield begin_us, min(until_us, end_us), self.qnh_hpa[k]
            begin_us, k = until_us, k + 1


@dataclass(frozen=True)
class Qnh:
    """The QNH of an agreement.

    Attributes:
        stations: at least one; where there are more, each has a position.
        source: the file that it stands in; "" for the agreement itself.
    """

    stations: tuple[Station, ...]
    source: str = ""

    @classmethod
    def of(cls, values: Sequence[tuple[int, float]]) -> Qnh:
        """Return the QNH of everywhere, from (Unix microseconds, hPa)."""
        ordered = sorted(values)
        return cls((Station(None, tuple(t for t, _ in ordered), tuple(p for _, p in ordered)),))

    @classmethod
    def constant(cls, qnh_hpa: float) -> Qnh:
        """Return the QNH that is the same everywhere and always."""
        return cls.of([(ALWAYS_US, qnh_hpa)])

    @property
    def is_constant(self) -> bool:
        """True: the same everywhere and always."""
        return len(self.stations) == 1 and self.stations[0].from_us == (ALWAYS_US,)

    def station_of(self, place: Place | None) -> Station:
        """Return the station nearest to the middle of a place; of two as near, the first."""
        if len(self.stations) == 1 or place is None:
            return self.stations[0]
        return min(self.stations, key=lambda station: distance_m(station, place))


def middle_of(place: Place) -> Position:
    """Return (lon, lat) of the middle of the box, in lon and lat, that holds the positions of a place."""
    shapes = [shape for volume in place.volumes for shape in volume.shapes]
    firsts = [shape.rings[0][0] for shape in shapes]
    near = unwrapped(firsts)  # shapes on both sides of the antimeridian
    positions = [
        (lon + start[0] - first[0], lat)
        for shape, first, start in zip(shapes, firsts, near, strict=True)
        for ring in shape.rings[:1]
        for lon, lat in unwrapped(ring)
    ]
    lons, lats = zip(*positions, strict=True)
    lon = 0.5 * (min(lons) + max(lons))
    return (lon + 180.0) % 360.0 - 180.0, 0.5 * (min(lats) + max(lats))


def distance_m(station: Station, place: Place) -> float:
    """Return how far a station is from the middle of a place, along the chord; 0 for that of everywhere."""
    from wideberth.kernels.geodesy import chord_m

    if station.position is None:
        return 0.0
    (lon0, lat0), (lon1, lat1) = station.position, middle_of(place)
    return float(chord_m(lat0, lon0, lat1, lon1))


# A table ------------------------------------------------------------------------------------------


def read_table(path: Path) -> Qnh:
    """Read a CSV file with the columns time and qnh_hpa, and lat_deg and lon_deg where it has several stations.

    Rows may stand in any order.

    Raises:
        AgreementError: it cannot be meant; its faults, each with its line.
        OSError: it cannot be read.
    """
    faults: list[Fault] = []
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            found = _stations(csv.reader(stream, strict=True), str(path), faults)
    except UnicodeDecodeError:
        found = []
        faults.append(Fault(str(path), None, "this is not UTF-8.", "Save the table as UTF-8 text."))
    except csv.Error as error:
        found = []
        faults.append(Fault(str(path), None, f"this is not CSV: {error}.", FORM))
    if not found and not faults:
        faults.append(Fault(str(path), 1, "the table has no values.", FORM))
    if len(faults) > MOST_FAULTS:
        more = f"{len(faults) - MOST_FAULTS:,} more faults."
        faults = [*faults[:MOST_FAULTS], Fault(str(path), None, more, "Mend the first ones.")]
    if faults:
        raise AgreementError(faults)
    return Qnh(tuple(found), path.name)


def _stations(rows: Iterator[list[str]], file: str, faults: list[Fault]) -> list[Station]:
    """Return the stations in the order of their first rows; faults are noted."""
    header = [name.strip() for name in next(rows, [])]
    if not _is_header(header, file, faults):
        return []
    values: dict[Position | None, dict[int, float]] = {}
    for row in rows:
        line: int = rows.line_num  # type: ignore[attr-defined]
        if not any(map(str.strip, row)):
            continue
        try:
            position, t_us, qnh_hpa = _value(header, row)
            held = values.setdefault(position, {})
            if held.setdefault(t_us, qnh_hpa) != qnh_hpa:
                where = " of this station" if position else ""
                raise UsageError(
                    f"there are two values{where} for {row[header.index('time')].strip()}, {held[t_us]:g} and "
                    f"{qnh_hpa:g} hPa. Keep one of them."
                )
        except UsageError as error:
            what, _, remedy = str(error).partition(". ")
            faults.append(Fault(file, line, f"{what.rstrip('.')}.", remedy))
    return [
        Station(position, tuple(t for t, _ in some), tuple(p for _, p in some))
        for position, some in ((each, sorted(held.items())) for each, held in values.items())
    ]


def _is_header(header: list[str], file: str, faults: list[Fault]) -> bool:
    unknown = [name for name in header if name not in PLACED]
    wanted = PLACED if {"lat_deg", "lon_deg"} & set(header) else COLUMNS
    missing = [name for name in wanted if name not in header]
    if unknown:
        near = difflib.get_close_matches(unknown[0], PLACED, n=1)
        remedy = f"Did you mean '{near[0]}'?" if near else FORM
        faults.append(Fault(file, 1, f"'{unknown[0]}' is not a column of a table of QNHs.", remedy))
    elif missing:
        faults.append(Fault(file, 1, f"the column '{missing[0]}' is missing.", FORM))
    elif len(set(header)) < len(header):
        faults.append(Fault(file, 1, "a column is there twice.", FORM))
    return not faults


def _value(header: list[str], row: list[str]) -> tuple[Position | None, int, float]:
    if len(row) != len(header):
        raise UsageError(f"there are {len(row)} values for {len(header)} columns. Write one for each.")
    told = {name: text.strip() for name, text in zip(header, row, strict=True)}
    t_us = round(parse_instant(told["time"]).timestamp() * MICROSECONDS_PER_SECOND)
    position = None
    if "lat_deg" in told:
        lon, lat = (
            _number(told, name, most, DEGREES) for name, most in (("lon_deg", 180.0), ("lat_deg", 90.0))
        )
        position = (lon, lat)
    return position, t_us, _qnh_hpa(told)


def _qnh_hpa(told: dict[str, str]) -> float:
    qnh_hpa = _number(told, "qnh_hpa", math.inf, HECTOPASCALS)
    if LOWEST_QNH_HPA <= qnh_hpa <= HIGHEST_QNH_HPA:
        return qnh_hpa
    remedy = HECTOPASCALS
    for unit, factor in (("inHg", HPA_PER_INHG), ("tenths of hPa", 0.1), ("Pa", 0.01)):
        if LOWEST_QNH_HPA <= qnh_hpa * factor <= HIGHEST_QNH_HPA:
            remedy = f"Is it in {unit}? Then it is {qnh_hpa * factor:.1f}."
    raise UsageError(
        f"qnh_hpa: {told['qnh_hpa']} lies outside {LOWEST_QNH_HPA:g} to {HIGHEST_QNH_HPA:g} hPa. {remedy}"
    )


def _number(told: dict[str, str], name: str, most: float, remedy: str) -> float:
    try:
        value = float(told[name])
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise UsageError(f"{name}: '{told[name]}' is not a number. {remedy}")
    if abs(value) > most:
        raise UsageError(f"{name}: {told[name]} is more than {most:g}. {remedy}")
    return value

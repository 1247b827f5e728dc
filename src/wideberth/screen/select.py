"""Which encounters are wanted: in a band of altitude, an area, a span of time.

An encounter is wanted if either aircraft, at the closest point, is in the band and in the area,
and if any part of it lies in the span of time.  The encounter itself is never cut: its figures
are those of the whole.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, replace
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from wideberth.errors import UsageError

if TYPE_CHECKING:
    from datetime import datetime

    import numpy.typing as npt

    Ring = tuple[tuple[float, float], ...]
    Area = tuple[tuple[Ring, ...], ...]


@dataclass(frozen=True)
class Selection:
    """A choice among encounters; None leaves that side open.

    Attributes:
        low_ft, high_ft: band of altitude, closed.  An encounter without known altitudes is kept.
        area: polygons, each of rings of (lon, lat) in degrees, as `area_from` gives them; closed.
        since, until: span of time, closed; without an offset they are taken as UTC.
    Raises:
        UsageError: a band or a span whose end lies before its beginning, an altitude that is no number.
    """

    low_ft: float | None = None
    high_ft: float | None = None
    area: Area | None = None
    since: datetime | None = None
    until: datetime | None = None

    def __post_init__(self) -> None:
        for altitude_ft in (self.low_ft, self.high_ft):
            if altitude_ft is not None and not math.isfinite(altitude_ft):
                raise UsageError(f"an altitude band has finite ends or none, not {altitude_ft}.")
        for name in ("since", "until"):
            instant = getattr(self, name)
            if instant is not None and instant.tzinfo is None:
                object.__setattr__(self, name, instant.replace(tzinfo=UTC))
        if self.low_ft is not None and self.high_ft is not None and self.low_ft > self.high_ft:
            raise UsageError(
                f"the altitude band ends ({self.high_ft:g} ft) below where it begins ({self.low_ft:g} ft)."
            )
        if self.since is not None and self.until is not None and self.since > self.until:
            raise UsageError(f"the time span ends ({self.until}) before it begins ({self.since}).")

    def below(self, limit_ft: float | None) -> Selection:
        """Return the same choice with a ceiling, where there is one."""
        if limit_ft is None:
            return self
        high_ft = limit_ft if self.high_ft is None else min(limit_ft, self.high_ft)
        return replace(self, high_ft=high_ft)

    def holds(self, table: dict[str, npt.NDArray[Any]]) -> npt.NDArray[np.bool_]:
        """Return which encounters are wanted, from columns named as in `columns.ENCOUNTER_COLUMNS`."""
        wanted = np.ones(table["t_in"].size, np.bool_)
        if self.since is not None:
            wanted &= table["t_out"] >= round(self.since.timestamp() * 1e6)
        if self.until is not None:
            wanted &= table["t_in"] <= round(self.until.timestamp() * 1e6)
        either = np.zeros(wanted.size, np.bool_)
        for side in "ab":
            inside = np.ones(wanted.size, np.bool_)
            altitude_ft = table[f"altitude_{side}_ft"]
            if self.low_ft is not None:
                inside &= ~(altitude_ft < self.low_ft)  # also True where unknown
            if self.high_ft is not None:
                inside &= ~(altitude_ft > self.high_ft)
            if self.area is not None:
                inside &= _is_in(self.area, table[f"lon_{side}_deg"], table[f"lat_{side}_deg"])
            either |= inside
        return wanted & either


def _is_in(
    area: Area, lon_deg: npt.NDArray[np.float64], lat_deg: npt.NDArray[np.float64]
) -> npt.NDArray[np.bool_]:
    """Return which points lie in any of the polygons, borders included; edges are straight in lon/lat.

    Within one polygon the even-odd rule holds, so that a ring within a ring is a hole.  A polygon may go
    on beyond 180 or -180 degrees.
    """
    inside = np.zeros(lon_deg.size, np.bool_)
    for polygon in area:
        lons = [lon for ring in polygon for lon, _ in ring]
        for turn in (0.0, 360.0, -360.0):
            if turn == 0.0 or (lons and min(lons) - 180.0 <= turn <= max(lons) + 180.0):
                inside |= _is_in_polygon(polygon, lon_deg + turn, lat_deg)
    return inside


def _is_in_polygon(
    rings: tuple[Ring, ...], lon_deg: npt.NDArray[np.float64], lat_deg: npt.NDArray[np.float64]
) -> npt.NDArray[np.bool_]:
    inside = np.zeros(lon_deg.size, np.bool_)
    on_border = np.zeros(lon_deg.size, np.bool_)
    for ring in rings:
        for (lon0, lat0), (lon1, lat1) in zip(ring, ring[1:] + ring[:1], strict=True):
            if lat0 == lat1:
                on_border |= (lat_deg == lat0) & (min(lon0, lon1) <= lon_deg) & (lon_deg <= max(lon0, lon1))
                continue
            edge_lon = lon0 + (lat_deg - lat0) / (lat1 - lat0) * (lon1 - lon0)
            on_border |= (lon_deg == edge_lon) & (min(lat0, lat1) <= lat_deg) & (lat_deg <= max(lat0, lat1))
            inside ^= ((lat0 > lat_deg) != (lat1 > lat_deg)) & (lon_deg < edge_lon)
    return inside | on_border


def area_from(text: str) -> Area:
    """Return the polygons of an area: ``west,south,east,north`` in degrees, or the path of a GeoJSON file.

    A box whose west lies east of its east crosses the antimeridian.

    Raises:
        UsageError: neither four numbers nor a readable GeoJSON file with an area in it.
    """
    box = _box(text)
    if box is not None:
        return box
    path = Path(text)
    try:
        is_file = path.exists() and not path.is_dir()
    except OSError:  # such as GeoJSON itself, too long for a name
        is_file = False
    if not is_file:
        shown = text if len(text) <= 200 else f"{text[:200]}..."
        raise UsageError(f"'{shown}' is neither west,south,east,north in degrees nor a GeoJSON file.")
    try:
        area = tuple(_polygons(json.loads(path.read_text(encoding="utf-8-sig"))))
    except UsageError as error:
        raise UsageError(f"'{text}': {error}") from None
    except OSError as error:
        raise UsageError(f"'{text}' cannot be read: {error.strerror}.") from None
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
        raise UsageError(f"'{text}' cannot be read as GeoJSON: {error}.") from None
    if not area:
        raise UsageError(f"'{text}' holds no Polygon or MultiPolygon.")
    return area


def _box(text: str) -> Area | None:
    """Return the box that four numbers mean, two where it crosses the antimeridian; None for other text."""
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        return None
    if not (-90 <= south < north <= 90 and -180 <= west <= 180 and -180 <= east <= 180 and west != east):
        raise UsageError(
            f"'{text}' is not an area. Write west,south,east,north in degrees: 5.9,45.8,10.5,47.8."
        )
    spans = [(west, east)] if west < east else [(west, 180.0), (-180.0, east)]
    return tuple((((w, south), (e, south), (e, north), (w, north)),) for w, e in spans)


def _polygons(node: Any) -> list[tuple[Ring, ...]]:
    if not isinstance(node, dict) or "type" not in node:
        raise UsageError("this is not GeoJSON, which is made of objects with a type.")
    kind = node["type"]
    if kind == "FeatureCollection":
        return [polygon for feature in node["features"] for polygon in _polygons(feature)]
    if kind == "Feature":
        return _polygons(node["geometry"]) if node["geometry"] else []
    if kind == "GeometryCollection":
        return [polygon for geometry in node["geometries"] for polygon in _polygons(geometry)]
    polygons = {"Polygon": [node.get("coordinates")], "MultiPolygon": node.get("coordinates")}.get(kind)
    return [tuple(map(_ring, polygon)) for polygon in polygons or [] if polygon]


def _ring(points: Any) -> Ring:
    ring = tuple((float(point[0]), float(point[1])) for point in points)
    if len(set(ring)) < 3:
        raise UsageError(f"a ring of {len(set(ring))} different points encloses nothing.")
    for lon, lat in ring:
        if not (-360.0 <= lon <= 360.0 and -90.0 <= lat <= 90.0):  # also True for NaN
            raise UsageError(f"[{lon}, {lat}] is no point. GeoJSON has longitude first, both in degrees.")
    return ring

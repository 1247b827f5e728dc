"""Private places left out of a report: where they are, what they are called, and every position in them.

What is left still shows that something was left out: ways end at the edge of what is hidden.  A circle larger than the
place, about another centre, tells less.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from wideberth.errors import UsageError
from wideberth.tracks import Tracks
from wideberth.units import parse_length_m

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    import numpy.typing as npt

    from wideberth.report.content import Basis

    Floats = npt.NDArray[np.float64]
    Flags = npt.NDArray[np.bool_]
    Inside = Callable[[Floats, Floats], Flags]

METRES_PER_DEGREE = 111_195.0  # of a sphere of 6,371 km
POSITIONS = (
    *(("lat_deg", "lon_deg"), ("in_lat_deg", "in_lon_deg"), ("out_lat_deg", "out_lon_deg")),
    *(("lat_a_deg", "lon_a_deg"), ("lat_b_deg", "lon_b_deg")),
)
TEXTS = ("place", "sentence", "why")


@dataclass(frozen=True)
class Hidden:
    """What is to be left out: a place by its name, or a circle.

    Attributes:
        name: of a place in the agreement; empty for a circle.
        lat_deg, lon_deg, radius_m: of a circle.
    """

    name: str = ""
    lat_deg: float = math.nan
    lon_deg: float = math.nan
    radius_m: float = 0.0


def parse(texts: Iterable[str]) -> list[Hidden]:
    """Return what is to be left out.

    Args:
        texts: names of places, or ``LAT,LON,RADIUS``.
    Raises:
        UsageError: a circle that cannot be one.

    >>> parse(["home", "47.1,8.2,2NM"])[1].radius_m
    3704.0
    """
    return [_circle(text) if text.count(",") == 2 else Hidden(text) for text in texts]


def _circle(text: str) -> Hidden:
    lat, lon, radius = text.split(",")
    try:
        found = Hidden("", float(lat), float(lon), parse_length_m(radius.strip()))
    except (ValueError, UsageError):
        found = Hidden()
    if not (abs(found.lat_deg) <= 90.0 and abs(found.lon_deg) <= 180.0 and found.radius_m > 0.0):
        raise UsageError(f"--redact {text}: write a circle like 47.1,8.2,2NM: latitude, longitude, radius.")
    return found


def applied(basis: Basis, hidden: Sequence[Hidden]) -> Basis:
    """Return the basis of a report without what is hidden.

    Raises:
        UsageError: a name is that of no place.
    """
    if not hidden:
        return basis
    figures = basis.summary.get("places", ())
    known = list(dict.fromkeys(each["name"] for each in figures))
    named = [each.name for each in hidden if each.name]
    for name in named:
        if name not in known:
            there = (
                f"Places: {', '.join(known)}."
                if known
                else "There are no places in what the report is made of."
            )
            raise UsageError(f"--redact {name}: no such place. {there}")
    new = {name: f"redacted place {k}" for k, name in enumerate(dict.fromkeys(named), 1)}
    is_in = [_in_circle(each) for each in hidden if not each.name]
    is_in += [_in_figure(each) for each in figures if each["name"] in new and each["kind"] != "line"]

    def inside(lat_deg: Floats, lon_deg: Floats) -> Flags:
        found = np.zeros(lat_deg.size, np.bool_)
        for one in is_in:
            found |= one(lat_deg, lon_deg)
        return found

    summary = {
        **_renamed(dict(basis.summary), new),
        "places": [each for each in figures if each["name"] not in new],
        "sides": [each for each in basis.summary.get("sides", ()) if each["place"] not in new],
        "stretches": [each for each in basis.summary.get("stretches", ()) if each["place"] not in new],
    }
    said = "Left out on request: what lies in a place that is not to be shown, and where that is."
    summary["notices"] = [*summary.get("notices", ()), said]
    table = _table(basis.found.table, inside, new)
    return replace(
        basis,
        found=replace(basis.found, table=table),
        summary=summary,
        tracks=None if basis.tracks is None else _tracks(basis.tracks, inside),
        statements=_renamed(dict(basis.statements), new),
    )


def _in_circle(one: Hidden) -> Inside:
    def inside(lat_deg: Floats, lon_deg: Floats) -> Flags:
        # The haversine: right at every distance, and 0.3 % off an ellipsoid at most.
        lat, lat0 = np.radians(lat_deg), math.radians(one.lat_deg)
        half = np.sin((lat - lat0) / 2) ** 2
        half += np.cos(lat) * math.cos(lat0) * np.sin(np.radians(lon_deg - one.lon_deg) / 2) ** 2
        away_deg = np.degrees(2 * np.arcsin(np.sqrt(np.minimum(half, 1.0))))
        return np.asarray(away_deg * METRES_PER_DEGREE <= one.radius_m)

    return inside


def _in_figure(figure: Mapping[str, Any]) -> Inside:
    import shapely

    outer, *holes = figure["rings"]
    middle = (min(lon for lon, _ in outer) + max(lon for lon, _ in outer)) / 2
    if figure["kind"] == "corridor":
        # Degrees of latitude, with longitude shrunk to match: what is near the middle line.
        shrink = math.cos(math.radians(sum(lat for _, lat in outer) / len(outer)))
        line = shapely.LineString([(lon * shrink, lat) for lon, lat in outer])
        shape = line.buffer(figure["width_m"] / 2 / METRES_PER_DEGREE)
    else:
        shrink = 1.0
        shape = shapely.Polygon(outer, holes)
    shapely.prepare(shape)

    def inside(lat_deg: Floats, lon_deg: Floats) -> Flags:
        near = lon_deg + 360.0 * np.rint((middle - lon_deg) / 360.0)
        return np.asarray(shapely.intersects_xy(shape, near * shrink, lat_deg), np.bool_)

    return inside


def _table(table: pa.Table, inside: Inside, new: Mapping[str, str]) -> pa.Table:
    for names in POSITIONS:
        if not set(names) <= set(table.column_names):
            continue
        lat, lon = (np.asarray(table[name].to_numpy(zero_copy_only=False), np.float64) for name in names)
        is_hidden = pa.array(inside(lat, lon))
        for name in names:
            at = table.column_names.index(name)
            shown = pc.if_else(is_hidden, pa.scalar(None, pa.float64()), table[name])
            table = table.set_column(at, table.schema.field(name), shown)
    for name in TEXTS if new else ():
        if name not in table.column_names:
            continue
        at, field = table.column_names.index(name), table.schema.field(name)
        texts = [_renamed(each, new) for each in pc.cast(table[name], pa.string()).to_pylist()]
        shown = pa.array(texts, pa.string())
        is_coded = pa.types.is_dictionary(field.type)
        table = table.set_column(at, field, shown.dictionary_encode().cast(field.type) if is_coded else shown)
    return table


def _tracks(tracks: Tracks, inside: Inside) -> Tracks:
    """Return tracks without the rows inside; where some are missing the leg ends."""
    is_hidden = inside(tracks.numbers("lat_deg"), tracks.numbers("lon_deg"))
    if not is_hidden.any():
        return tracks
    breaks = tracks.breaks.copy() if tracks.breaks.size else np.zeros(len(tracks), np.bool_)
    breaks[1:] |= is_hidden[:-1]
    # A run of hidden rows: the mark of its last one is on the row after it, and that is the one that stays.
    table = tracks.table.filter(pa.array(~is_hidden))
    return Tracks(table, tracks.cleaning, breaks[~is_hidden])


def _renamed(value: Any, new: Mapping[str, str]) -> Any:
    """Return plain data whose texts say the new names, wherever a name stands by itself."""
    if isinstance(value, str):
        for name, other in new.items():
            value = re.sub(rf"(?<![\w-]){re.escape(name)}(?![\w-])", other, value)
        return value
    if isinstance(value, dict):
        return {key: _renamed(each, new) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_renamed(each, new) for each in value]
    return value

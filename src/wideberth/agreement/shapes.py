"""Shapes, limits and schedules: what a place is, however a file wrote it.

Positions are (lon, lat) in degrees, WGS-84, in that order as GeoJSON has it.  Edges are straight in
lon/lat unless a shape says ``geodesic``.  A longitude that jumps by more than 180° between two vertices
crosses the antimeridian.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

Position = tuple[float, float]
Datum = Literal["pressure", "AMSL", "ellipsoid", "AGL"]
Edges = Literal["straight", "geodesic"]
TERRAIN = "terrain "


def unwrapped(ring: Sequence[Position]) -> list[Position]:
    """Return positions whose longitudes go on across the antimeridian.

    >>> unwrapped([(179.0, 0.0), (-179.0, 1.0)])
    [(179.0, 0.0), (181.0, 1.0)]
    """
    found: list[Position] = []
    for lon, lat in ring:
        before = found[-1][0] if found else lon
        found.append((lon + 360.0 * round((before - lon) / 360.0), lat))
    return found


@dataclass(frozen=True)
class Limit:
    """A floor or a ceiling.

    Attributes:
        value: in ``unit``.
        unit: ft or m.  A flight level is 100 ft of pressure altitude each.
        datum: what it is measured from; ``pressure`` is 1013.25 hPa.
        text: as the file wrote it.
    """

    value: float
    unit: Literal["ft", "m"]
    datum: Datum
    text: str

    @property
    def is_ground(self) -> bool:
        """True: the ground itself, which nothing flies below."""
        return self.datum == "AGL" and self.value == 0.0

    @property
    def needs_qnh(self) -> bool:
        """True: above sea or ground, while aircraft report pressure altitude."""
        return self.datum in ("AMSL", "AGL") and not self.is_ground


@dataclass(frozen=True)
class Shape:
    """One closed or open figure on the surface.

    Attributes:
        kind: ``line``, ``area`` (a polygon with holes), ``circle`` or ``corridor`` (a line with a width).
        rings: a line, a corridor: one ring, in order; an area: the outer ring, then its holes, the first
            vertex not repeated; a circle: one ring of one position.
        radius_m: of a circle; half the width of a corridor; else 0.
        edges: what joins two vertices.
        ends: of a corridor: half circles, or cut off square.
    """

    kind: Literal["line", "area", "circle", "corridor"]
    rings: tuple[tuple[Position, ...], ...]
    radius_m: float = 0.0
    edges: Edges = "straight"
    ends: Literal["round", "flat"] = "round"


@dataclass(frozen=True)
class Schedule:
    """When a place holds; without any interval and any weekly hours it always does.

    Where it has both, it holds in the weekly hours within the intervals.

    Attributes:
        intervals: closed spans of UTC; an open end is None.
        weekly: (weekday, from, until): Monday is 0; seconds of the UTC day, 86,400 the end of the day.
    """

    intervals: tuple[tuple[datetime | None, datetime | None], ...] = ()
    weekly: tuple[tuple[int, int, int], ...] = ()

    @property
    def is_always(self) -> bool:
        """True: there is no time at which it does not hold."""
        return not (self.intervals or self.weekly)


NEVER = Schedule(intervals=((datetime(1970, 1, 1, tzinfo=UTC), datetime(1970, 1, 1, tzinfo=UTC)),))
"""Holds at no time that a track can have: what is published without times, to be activated by NOTAM."""


@dataclass(frozen=True)
class Volume:
    """Some shapes between a floor and a ceiling, while a schedule holds.

    Attributes:
        shapes: the place is inside any of them.
        floor, ceiling: None where there is no limit.
        schedule: when.
        ground: the raster of ground heights that limits above ground are measured from; "" where the ground is flat.
    """

    shapes: tuple[Shape, ...]
    floor: Limit | None = None
    ceiling: Limit | None = None
    schedule: Schedule = field(default_factory=Schedule)
    ground: str = ""

    @property
    def reference(self) -> str:
        """Which altitude its levels are compared with.

        ``barometric``, ``geometric``, ``any`` where it has no level, or `TERRAIN` and a raster's name: the pressure
        altitude above the ground.
        """
        limits = (self.floor, self.ceiling)
        datums = {limit.datum for limit in limits if limit is not None and not limit.is_ground}
        if not datums:
            return "any"
        if "AGL" in datums and self.ground:
            return f"{TERRAIN}{self.ground}"
        return "geometric" if datums == {"ellipsoid"} else "barometric"


@dataclass(frozen=True)
class Place:
    """A named place: inside it is inside any of its volumes.

    Attributes:
        name: as the agreement or the imported file calls it.
        volumes: at least one.
        title: a longer name, where the file has one.
        restriction: ED-269 and ED-318: PROHIBITED, REQ_AUTHORISATION, CONDITIONAL, NO_RESTRICTION, USPACE;
            OpenAir: the class and, behind a blank, the type; else "".
        notes: what was read and has no place here, in words; shown by ``explain``.
    """

    name: str
    volumes: tuple[Volume, ...]
    title: str = ""
    restriction: str = ""
    notes: tuple[str, ...] = ()

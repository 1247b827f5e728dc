"""OpenAir airspace files: Naviter's 2.1 and the dialects before it.

A block begins with ``AC``.  Radii are nautical miles, bearings true.  ``DC`` is a circle, ``DY`` with
``V W=`` a corridor; ``DA`` and ``DB`` become vertices of the polygon, less than a metre from the arc
(`wideberth.agreement.placefiles.arcs`).  OpenAir does not say what joins two ``DP``: here a straight line
in lon/lat.  A polygon is closed whether or not its last point repeats the first.

A height without a reference is above mean sea level, as the first readers of the format took it, and a note
says so.  ``1000ft GND`` is invalid, yet seen, and read as AGL.  ``AA`` are spans of UTC; ``AA NONE`` says
that the airspace is not active until times are given, and so it never holds.  ``V X=``, ``V D=`` and
``V W=`` hold to the end of their block.

Source: SeeYou OpenAir file format specification 2.1.0, Naviter, 2025-10-07 (naviter/seeyou_file_formats);
AirspaceConverter for heights above GND; LK8000 for ASFC.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from wideberth.agreement import arcs
from wideberth.agreement.placefiles import figures
from wideberth.agreement.placefiles.collect import LONGEST_NAME, Draft, short
from wideberth.agreement.placefiles.limits import Side, check_order, read_text
from wideberth.agreement.placefiles.times import instant
from wideberth.agreement.shapes import NEVER, Limit, Place, Position, Schedule, Shape, Volume
from wideberth.units import METRES_PER_NM

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from wideberth.agreement.placefiles.collect import Faults

NOTED = {
    "AF": "frequency", "AG": "station", "AX": "transponder code", "AI": "identifier", "AT": "label at",
    "AR": "frequency", "TP": "type of another dialect",
}  # fmt: skip
DRAWING = ("SP", "SB")  # pen and brush
TERRAIN = ("TO", "TC")  # polygons of the map behind, in the oldest files
ENDS_APART_M = 50.0  # of an arc given by points: a second of arc in each, and some more
_BLOCK = re.compile(r"^\s*A[CN]\s+\S", re.MULTILINE | re.IGNORECASE)
_VARIABLE = re.compile(r"^V\s*([A-Z])\s*=\s*(.*)$", re.IGNORECASE)
_COMMAND = re.compile(r"^([A-Z]{2})(?:\s+(.*))?$", re.IGNORECASE)
_ANGLE = r"(\d{1,3}(?:\.\d+)?)(?:\s*:\s*(\d{1,2}(?:\.\d+)?))?(?:\s*:\s*(\d{1,2}(?:\.\d+)?))?"
_POINT = re.compile(
    rf"(?:{_ANGLE}\s*([NS])|([NS])\s*{_ANGLE})[\s,;]*(?:{_ANGLE}\s*([EW])|([EW])\s*{_ANGLE})", re.IGNORECASE
)
_DISTANCE = re.compile(r"^(\d+(?:\.\d+)?)\s*(NM|KM|M)?$", re.IGNORECASE)
_DISTANCES_M = {"": METRES_PER_NM, "NM": METRES_PER_NM, "KM": 1000.0, "M": 1.0}


def looks_like(text: str) -> bool:
    """Tell whether a text has lines that begin an airspace."""
    return _BLOCK.search(text) is not None


@dataclass
class _Block:
    """One airspace while its lines are read."""

    draft: Draft
    restriction: str
    kind: str = ""
    is_named: bool = False
    limits: dict[Side, Limit | None] = field(default_factory=dict)
    spans: list[tuple[datetime | None, datetime | None]] = field(default_factory=list)
    is_never: bool = False
    vertices: list[Position] = field(default_factory=list)
    airway: list[Position] = field(default_factory=list)
    shapes: list[Shape | None] = field(default_factory=list)
    centre: Position | None = None
    is_clockwise: bool = True
    width_m: float | None = None


def read(text: str, faults: Faults) -> list[Place]:
    """Read the airspaces of an OpenAir file."""
    reader = _Reader(faults)
    for number, line in enumerate(text.splitlines(), 1):
        content = line.partition("*")[0].strip()
        if content:
            reader.take(content, number)
    return reader.places()


class _Reader:
    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._blocks: list[_Block] = []
        self._is_terrain = False
        self._loose: list[str] = []
        self._takes: dict[str, Callable[[_Block, str, int], None]] = {
            "AN": self._name, "AY": self._type, "AA": self._active,
            "AL": lambda block, rest, number: self._limit(block, rest, number, "floor"),
            "AH": lambda block, rest, number: self._limit(block, rest, number, "ceiling"),
            "DP": self._vertex, "DA": self._arc_by_bearings, "DB": self._arc_by_points,
            "DC": self._circle, "DY": self._airway,
        }  # fmt: skip

    def take(self, content: str, number: int) -> None:
        """Take one line that is neither empty nor a comment."""
        variable = _VARIABLE.match(content)
        command = _COMMAND.match(content)
        name = "V" if variable else command.group(1).upper() if command else ""
        rest = (command.group(2) or "").strip() if command else ""
        if name == "AC":
            self._is_terrain = False
            self._blocks.append(_Block(Draft(self._faults, f"line {number}", number), rest.upper()))
        elif name in TERRAIN:
            self._is_terrain = True
            self._loose.append(f"line {number}: {name} {rest} is terrain of a map, and is not read")
        elif name in DRAWING or self._is_terrain:
            pass
        elif not self._blocks:
            self._faults.add(
                f"'{short(content, 40)}' stands before the first AC.", "Begin each airspace with AC.", number
            )
        elif variable:
            self._variable(self._blocks[-1], variable.group(1).upper(), variable.group(2).strip(), number)
        elif name in self._takes:
            self._takes[name](self._blocks[-1], rest, number)
        elif name in NOTED:
            self._blocks[-1].draft.note(f"{name} ({NOTED[name]}): {rest}")
        else:
            self._blocks[-1].draft.note(f"line {number}: '{short(content, 80)}' is not read")

    def places(self) -> list[Place]:
        """Return what the blocks are, once all lines were taken."""
        if self._blocks:
            for note in self._loose:
                self._blocks[0].draft.note(note)
        found = [_place(block) for block in self._blocks]
        return [place for place in found if place is not None]

    # Lines that say what it is ------------------------------------------------------------------------

    def _name(self, block: _Block, rest: str, number: int) -> None:
        if block.is_named:
            block.draft.fault(
                f"it has a second AN, '{short(rest, 40)}'.", "Begin each airspace with AC.", number
            )
        elif rest:
            block.draft.name, block.is_named = short(rest, LONGEST_NAME), True

    def _type(self, block: _Block, rest: str, number: int) -> None:
        block.kind = "" if rest.upper() == "NONE" else rest.upper()

    def _limit(self, block: _Block, rest: str, number: int, side: Side) -> None:
        if side in block.limits:
            block.draft.fault(f"it has a second {side}, '{rest}'.", "Keep one AL and one AH.", number)
        else:
            block.limits[side] = read_text(block.draft, rest, side, "AMSL", number)

    def _active(self, block: _Block, rest: str, number: int) -> None:
        span = rest.partition(";")[0].strip()
        if span.upper() == "NONE":
            block.is_never = True
            return
        begin, slash, end = (each.strip() for each in span.partition("/"))
        bounds = [None if each.upper() == "NONE" else instant(each) for each in (begin, end)]
        known = [
            bound is not None or each.upper() == "NONE"
            for bound, each in zip(bounds, (begin, end), strict=True)
        ]
        if not (slash and all(known)):
            block.draft.fault(
                f"AA '{short(rest, 60)}' is no span of time.",
                "Write it like 2023-12-16T12:00Z/2023-12-16T13:00Z, either end NONE where it is open.",
                number,
            )
        elif bounds[0] is not None and bounds[1] is not None and bounds[1] < bounds[0]:
            block.draft.fault(f"AA '{span}' ends before it begins.", "Exchange the two.", number)
        elif bounds == [None, None]:
            block.is_never = True
        else:
            block.spans.append((bounds[0], bounds[1]))

    # Lines that say where it is -----------------------------------------------------------------------

    def _variable(self, block: _Block, name: str, value: str, number: int) -> None:
        if name == "X":
            points = self._points(block, value, number, 1)
            block.centre = points[0] if points else None
        elif name == "D" and value in ("+", "-"):
            block.is_clockwise = value == "+"
        elif name == "W":
            block.width_m = self._distance_m(block, value, number)
        elif name not in ("Z", "T"):  # the zoom at which it is drawn, and its text
            block.draft.fault(
                f"V {name}={value} is not read.", "Known are V X=, V D=+, V D=- and V W=.", number
            )

    def _vertex(self, block: _Block, rest: str, number: int) -> None:
        block.vertices += self._points(block, rest, number, 1)

    def _airway(self, block: _Block, rest: str, number: int) -> None:
        block.airway += self._points(block, rest, number, 1)

    def _circle(self, block: _Block, rest: str, number: int) -> None:
        radius_m = self._distance_m(block, rest, number)
        centre = self._centre(block, "DC", number)
        if radius_m is not None and centre is not None:
            block.shapes.append(figures.circle(block.draft, (centre,), radius_m))

    def _arc_by_bearings(self, block: _Block, rest: str, number: int) -> None:
        parts = [each for each in re.split(r"[\s,]+", rest) if each]
        centre = self._centre(block, "DA", number)
        try:
            radius_nm, from_deg, to_deg = (float(each) for each in parts)
        except ValueError:
            block.draft.fault(
                f"DA '{rest}' is no arc.", "Write DA radius in NM, start and end bearing.", number
            )
            return
        if not 0 < radius_nm * METRES_PER_NM <= figures.LARGEST_RADIUS_M:
            block.draft.fault(
                f"DA has a radius of {radius_nm:g} NM.", "Write nautical miles above 0.", number
            )
        elif centre is not None:
            sweep_deg = _sweep_deg(from_deg, to_deg, block.is_clockwise)
            block.vertices += arcs.arc(centre, radius_nm * METRES_PER_NM, from_deg, sweep_deg)

    def _arc_by_points(self, block: _Block, rest: str, number: int) -> None:
        ends = self._points(block, rest, number, 2)
        centre = self._centre(block, "DB", number)
        if not ends or centre is None:
            return
        polar = [arcs.bearing_and_distance(centre, end) for end in ends]
        if polar[0] is None or polar[1] is None or not polar[0][1] or not polar[1][1]:
            block.draft.fault(
                "DB begins or ends at its centre, or opposite to it.", "Is V X= that of this arc?", number
            )
            return
        (from_deg, from_m), (to_deg, to_m) = polar[0], polar[1]
        if abs(from_m - to_m) > ENDS_APART_M:
            block.draft.note(
                f"line {number}: the arc begins {from_m:,.0f} m and ends {to_m:,.0f} m from its centre; "
                "its radius changes evenly between them"
            )
        sweep_deg = 360.0 if ends[0] == ends[1] else _sweep_deg(from_deg, to_deg, block.is_clockwise)
        between = arcs.arc(centre, from_m, from_deg, sweep_deg, to_m)[1:-1]
        block.vertices += [ends[0], *between, ends[1]]

    def _centre(self, block: _Block, name: str, number: int) -> Position | None:
        if block.centre is None:
            block.draft.fault(f"{name} has no centre.", "Write V X= with the centre before it.", number)
        return block.centre

    def _points(self, block: _Block, text: str, number: int, count: int) -> list[Position]:
        found = [_position(match) for match in _POINT.finditer(text)]
        rest = _POINT.sub("", text).strip(" ,;\t")
        if len(found) != count or rest or any(each is None for each in found):
            block.draft.fault(
                f"'{short(text, 60)}' is not {'a position' if count == 1 else 'two positions'}.",
                "Write it like 53:47:06N 008:21:41E or 53:47.100N 008:21.683E.",
                number,
            )
            return []
        checked = figures.positions(block.draft, found, f"line {number}")
        return list(checked or ())

    def _distance_m(self, block: _Block, text: str, number: int) -> float | None:
        match = _DISTANCE.match(text)
        if match is None:
            block.draft.fault(
                f"'{text}' is no distance.", "Write nautical miles as a number, such as 2.5.", number
            )
            return None
        return float(match.group(1)) * _DISTANCES_M[(match.group(2) or "").upper()]


def _sweep_deg(from_deg: float, to_deg: float, is_clockwise: bool) -> float:
    turn_deg = (to_deg - from_deg) % 360 if is_clockwise else (from_deg - to_deg) % 360
    turn_deg = turn_deg or 360.0  # from a bearing to itself is all round
    return turn_deg if is_clockwise else -turn_deg


def _position(match: re.Match[str]) -> Position | None:
    groups = match.groups()
    latitude = _degrees(groups[0:3], groups[3]) if groups[3] else _degrees(groups[5:8], groups[4])
    longitude = _degrees(groups[8:11], groups[11]) if groups[11] else _degrees(groups[13:16], groups[12])
    return None if latitude is None or longitude is None else (longitude, latitude)


def _degrees(texts: Sequence[str | None], letter: str) -> float | None:
    """Return signed degrees; 60 minutes or seconds are allowed, as official files round to them."""
    parts = [float(each or 0) for each in texts]
    if parts[1] > 60 or parts[2] > 60:
        return None
    value = (parts[0] * 3600 + parts[1] * 60 + parts[2]) / 3600
    return -value if letter.upper() in "SW" else value


def _place(block: _Block) -> Place | None:
    draft = block.draft
    if not block.is_named:
        draft.note("it has no name (AN) in the file")
    for side, command in (("floor", "AL"), ("ceiling", "AH")):
        if side not in block.limits:
            draft.note(f"it has no {side} ({command}) in the file: none is taken")
    floor, ceiling = block.limits.get("floor"), block.limits.get("ceiling")
    check_order(draft, floor, ceiling)
    shapes = list(block.shapes)
    if block.vertices:
        ring = tuple(block.vertices)
        if len(ring) > 1 and figures.is_same(ring[0], ring[-1]):
            ring = ring[:-1]
        shapes.append(figures.area(draft, [ring]))
    if block.airway:
        if block.width_m is None:
            draft.fault("its airway (DY) has no width.", "Write V W= with nautical miles before it.")
        else:
            shapes.append(figures.corridor(draft, tuple(block.airway), block.width_m))
    schedule = Schedule(tuple(block.spans))
    if block.is_never:
        draft.note("AA NONE: it is not active until times are given (NOTAM), and so never holds here")
        if block.spans:
            draft.note(f"AA NONE overrides its other {len(block.spans)} AA")
        schedule = NEVER
    kept = tuple(shape for shape in shapes if shape is not None)
    restriction = f"{block.restriction} {block.kind}".strip()
    return draft.place([Volume(kept, floor, ceiling, schedule)] if kept else [], restriction=restriction)

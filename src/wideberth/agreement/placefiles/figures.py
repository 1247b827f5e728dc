"""Positions, rings and radii of a file → shapes that can be meant.

What is refused: coordinates out of range, or plainly in the order lat, lon; a ring with fewer than three
different vertices, without area, or that crosses itself, so that nobody can say what is inside; a hole
outside its polygon; a line with a single position; a radius that is none.

A ring that only touches itself, or runs out and back along the same edge, encloses the same area however
it is read.  Official files have such rings, and rings that cross themselves by some metres, where borders and
arcs were rounded to a second of arc: Naviter's own example of a national file begins with one.  They are taken
where what is in dispute is less than a thousandth of the area and than 0.1 km², and a note says so.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from wideberth.agreement.shapes import Position, Shape

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wideberth.agreement.placefiles.collect import Draft

Ring = tuple[Position, ...]

LARGEST_RADIUS_M = 5_000_000.0
SAME_PLACE_DEG = 1e-7  # 1 cm: two spellings of one vertex, such as 46:59:60 and 47:00:00
HARMLESS_SQ_DEG = 1e-10  # about a square metre: what a ring that touches itself encloses by rounding
DISPUTED_SQ_M = 100_000.0  # a sliver of one second of arc, 31 m, along a border of 3 km
DISPUTED_PART = 1e-3
SQ_M_PER_SQ_DEG = 111_320.0**2  # on the equator
_NUMBERS = (int, float)


def positions(draft: Draft, coordinates: Any, what: str = "the line") -> Ring | None:
    """Return (lon, lat) of a list of positions as JSON gives them; None where it has a fault.

    Heights within positions are noted and not read.
    """
    if not isinstance(coordinates, list | tuple):
        draft.fault(f"{what} has no list of positions.", "Write positions as [lon, lat].")
        return None
    found: list[Position] = []
    malformed = outside = swapped = 0
    example: Any = None
    has_heights = False
    for each in coordinates:
        try:
            lon, lat = each[0], each[1]
        except (TypeError, IndexError, KeyError):
            lon = lat = None
        if type(lon) not in _NUMBERS or type(lat) not in _NUMBERS:
            malformed += 1
        elif -180 <= lon <= 180 and -90 <= lat <= 90:
            found.append((float(lon), float(lat)))
            has_heights = has_heights or (len(each) > 2 and bool(each[2]))
            continue
        else:
            outside += 1
            swapped += abs(lon) <= 90 < abs(lat) <= 180
        if malformed + outside == 1:
            example = each
    if malformed or outside:
        _fault_positions(draft, what, len(coordinates), malformed, outside, swapped, example)
        return None
    if has_heights:
        draft.note("heights within its coordinates are not read")
    return tuple(found)


def _fault_positions(
    draft: Draft, what: str, count: int, malformed: int, outside: int, swapped: int, example: Any
) -> None:
    shown = str(example)[:60]
    if malformed:
        draft.fault(
            f"{malformed} of {count} positions of {what} are not two numbers (first: {shown}).",
            "Write positions as [lon, lat] in degrees.",
        )
    elif swapped == outside:
        draft.fault(
            f"{outside} of {count} positions of {what} have a latitude beyond 90° (first: {shown}).",
            "They look like lat, lon: write lon first, then lat.",
        )
    else:
        draft.fault(
            f"{outside} of {count} positions of {what} lie outside lon -180..180, lat -90..90 (first: {shown}).",
            "Write degrees of WGS-84, lon first; are these metres of a projection?",
        )


def line(draft: Draft, ring: Ring | None) -> Shape | None:
    """Return a line through positions in order; None where it has a fault."""
    if ring is None:
        return None
    if len(set(ring)) < 2:
        draft.fault(f"a line of {_vertices(len(set(ring)))} is none.", "Give it at least two.")
        return None
    return Shape("line", (ring,))


def corridor(draft: Draft, ring: Ring | None, width_m: float) -> Shape | None:
    """Return a line with a width; None where it has a fault."""
    shape = line(draft, ring)
    if shape is None or not _is_size(draft, width_m, "width"):
        return None
    return Shape("corridor", shape.rings, radius_m=width_m / 2)


def circle(draft: Draft, centre: Ring | None, radius_m: float) -> Shape | None:
    """Return a circle around the one position of ``centre``; None where it has a fault."""
    if centre is None or not _is_size(draft, radius_m, "radius"):
        return None
    return Shape("circle", (centre,), radius_m=float(radius_m))


def _is_size(draft: Draft, size_m: float, what: str) -> bool:
    if math.isfinite(size_m) and 0 < size_m <= LARGEST_RADIUS_M:
        return True
    draft.fault(
        f"a {what} of {size_m:g} m is none.",
        f"Write metres above 0 and up to {LARGEST_RADIUS_M:,.0f}, or take the circle out.",
    )
    return False


def closed(draft: Draft, ring: Ring | None, what: str = "the ring", *, must: bool) -> Ring | None:
    """Return a ring without its repeated first vertex; None where it has a fault.

    Args:
        draft: the place.
        ring: as the file has it.
        what: it is called in a fault.
        must: True: the format says that the first vertex is repeated; False: a ring where it is not is
            closed all the same, and a note says so.
    """
    if ring is None:
        return None
    if len(ring) > 1 and is_same(ring[0], ring[-1]):
        return ring[:-1]
    if must and ring:
        draft.fault(
            f"{what} is not closed: it begins at {_shown(ring[0])} and ends at {_shown(ring[-1])}.",
            "Repeat the first position at its end; is the last part of the ring missing?",
        )
        return None
    draft.note(f"{what} was not closed in the file; its last vertex is joined to its first")
    return ring


def is_same(a: Position, b: Position) -> bool:
    """Tell whether two positions are one, but for the last digit."""
    return abs(a[0] - b[0]) <= SAME_PLACE_DEG and abs(a[1] - b[1]) <= SAME_PLACE_DEG


def area(draft: Draft, rings: Sequence[Ring | None]) -> Shape | None:
    """Return a polygon of an outer ring and holes, first vertices not repeated; None where it has a fault."""
    kept: list[Ring] = []
    for at, ring in enumerate(rings):
        what = "the ring" if at == 0 else f"hole {at}"
        if ring is None:
            return None
        if len(set(ring)) < 3:
            draft.fault(
                f"{what} has {_vertices(len(set(ring)))}, which enclose nothing.",
                "Give it at least three different ones, or take it out.",
            )
            return None
        kept.append(_without_spikes(draft, ring, what))
    if not kept:
        draft.fault("a polygon has no ring.", "Give it one, or take it out.")
        return None
    if not _is_sound(draft, kept):
        return None
    return Shape("area", tuple(kept))


def _without_spikes(draft: Draft, ring: Ring, what: str) -> Ring:
    """Return the ring without vertices to which it runs out and back, and without repeated ones."""
    kept: list[Position] = []
    spikes = 0
    for vertex in ring:
        if kept and vertex == kept[-1]:
            continue
        if len(kept) > 1 and vertex == kept[-2]:
            kept.pop()
            spikes += 1
            continue
        kept.append(vertex)
    while len(kept) > 3 and kept[0] == kept[-1]:
        kept.pop()
    if spikes and len(set(kept)) >= 3:
        draft.note(f"{what} runs out and back along the same edge {_times(spikes)}; that encloses nothing")
        return tuple(kept)
    return tuple(kept) if len(set(kept)) >= 3 else ring


def _is_sound(draft: Draft, rings: Sequence[Ring]) -> bool:
    import shapely

    flat: list[list[Position]] = []
    for ring in rings:
        unrolled = _unrolled(ring)
        if unrolled is None:
            draft.fault(
                "the ring goes round a pole, which no polygon in lon/lat can.",
                "Cut it at a meridian into parts.",
            )
            return False
        flat.append(unrolled if not flat else _beside(unrolled, flat[0]))
    polygon = shapely.Polygon(flat[0], flat[1:])
    if polygon.is_valid and polygon.area > 0:
        return True
    for at, each in enumerate(flat):
        if not _is_ring_sound(draft, each, "the ring" if at == 0 else f"hole {at}"):
            return False
    if len(flat) > 1:
        reason = str(shapely.is_valid_reason(polygon))
        if not reason.startswith(("Ring Self-intersection", "Self-intersection", "Interior is disconnected")):
            draft.fault(
                f"its holes do not fit: {_reason(reason)}.", "A hole lies inside its ring and in no other."
            )
            return False
        return _is_free_of_crossings(draft, flat, reason)
    return True


def _is_ring_sound(draft: Draft, ring: list[Position], what: str) -> bool:
    import shapely

    polygon = shapely.Polygon(ring)
    enclosed = abs(_signed_area(ring))
    if polygon.is_valid and enclosed > 0:
        return True
    reason = str(shapely.is_valid_reason(polygon))
    by_even_odd = shapely.make_valid(polygon).area
    if by_even_odd <= HARMLESS_SQ_DEG and enclosed <= HARMLESS_SQ_DEG:
        draft.fault(f"{what} encloses no area.", "Are vertices missing, or do they span more than 180°?")
        return False
    square_m = SQ_M_PER_SQ_DEG * math.cos(math.radians(ring[0][1]))
    disputed_sq_m = abs(by_even_odd - enclosed) * square_m
    if disputed_sq_m > HARMLESS_SQ_DEG * square_m and (
        disputed_sq_m > min(DISPUTED_SQ_M, DISPUTED_PART * by_even_odd * square_m)
    ):
        draft.fault(
            f"{what} crosses itself: {_reason(reason)}.",
            "Put its vertices in order along the border, or split it into parts.",
        )
        return False
    if disputed_sq_m > HARMLESS_SQ_DEG * square_m:
        draft.note(f"{what} crosses itself by {disputed_sq_m:,.0f} m²: {_reason(reason)}")
    else:
        draft.note(f"{what} touches itself: {_reason(reason)}; that changes nothing of what is inside")
    return True


def _is_free_of_crossings(draft: Draft, flat: Sequence[list[Position]], reason: str) -> bool:
    """Tell whether ring and holes, each sound, only touch; the reason says where they meet."""
    import shapely

    shell, *holes = (shapely.make_valid(shapely.Polygon(ring)) for ring in flat)
    rest = shell
    for hole in holes:
        if hole.difference(rest).area > HARMLESS_SQ_DEG:
            draft.fault(
                f"its holes do not fit: {_reason(reason)}.", "A hole lies inside its ring and in no other."
            )
            return False
        rest = rest.difference(hole)
    draft.note(f"a hole touches a ring: {_reason(reason)}; that changes nothing of what is inside")
    return True


def _unrolled(ring: Ring) -> list[Position] | None:
    """Return the ring with longitudes that run on across the antimeridian; None: it goes round a pole."""
    longitudes = [lon for lon, _ in ring]
    if max(longitudes) - min(longitudes) <= 180:
        return list(ring)
    out: list[Position] = []
    turn, before = 0.0, longitudes[0]
    for lon, lat in (*ring, ring[0]):
        step = lon - before
        turn += -360.0 if step > 180 else 360.0 if step < -180 else 0.0
        out.append((lon + turn, lat))
        before = lon
    return out[:-1] if turn == 0 else None


def _beside(ring: list[Position], shell: Sequence[Position]) -> list[Position]:
    """Return a hole a whole turn further, where that is where its outer ring was unrolled to."""
    lowest, highest = min(lon for lon, _ in shell), max(lon for lon, _ in shell)
    middle = sum(lon for lon, _ in ring) / len(ring)
    turn = 360.0 if middle < lowest and middle + 360 <= highest else 0.0
    turn = -360.0 if middle > highest and middle - 360 >= lowest else turn
    return [(lon + turn, lat) for lon, lat in ring]


def _signed_area(ring: Sequence[Position]) -> float:
    lon_0, lat_0 = ring[0]  # near the ring, or a small area drowns in the rounding of large numbers
    total = 0.0
    for (a, b), (c, d) in zip(ring, (*ring[1:], ring[0]), strict=True):
        total += (a - lon_0) * (d - lat_0) - (c - lon_0) * (b - lat_0)
    return total / 2


def _reason(reason: str) -> str:
    """Return what GEOS says, such as "Self-intersection[13.7 46.5]", in a sentence's words."""
    what, _, where = reason.partition("[")
    where = where.rstrip("]").replace(" ", ", ")
    return f"{what.lower()} at {where}" if where else what.lower()


def _shown(position: Position) -> str:
    return f"[{position[0]:.6g}, {position[1]:.6g}]"


def _vertices(count: int) -> str:
    return "one position" if count == 1 else f"{count} different positions"


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"

"""Which side of a line a word means, and whether a line has two sides at all.

A compass word is resolved once, against the chord from the line's first to its last vertex.  A line that crosses
itself has no sides; one whose left side, within ``reach``, meets its own right side has none there.
"""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING

import numpy as np

from wideberth.agreement.edges import edges_of
from wideberth.agreement.shapes import unwrapped
from wideberth.agreement.values import COMPASS, WithinError
from wideberth.columns import frozen
from wideberth.kernels import edges as kernels
from wideberth.kernels.geodesy import MEAN_RADIUS_M, direction_deg, surface_point

if TYPE_CHECKING:
    from wideberth.agreement.shapes import Position, Shape

LEAST_ANGLE_DEG = 30.0
PLACES_ALONG = 400
DISTANCES = 24
STEP_OFF = 1e-6  # of the way; rounding leaves a foot 1e-14° beside its line


def check_figure(line: Shape) -> None:
    """Refuse a line that repeats a position or meets itself.

    Raises:
        WithinError: what is wrong, and in a second line what would be right; ``at`` says which position.
    """
    ring = unwrapped(line.rings[0])
    for i, (a, b) in enumerate(itertools.pairwise(ring)):
        if a == b:
            raise WithinError(
                f"repeats its position {i + 1}, [{b[0]:g}, {b[1]:g}].\nLeave one of the two out.", (i + 1,)
            )
    found = _first_meeting(ring)
    if found is not None:
        first, second = found
        raise WithinError(
            f"meets itself: its segments {first + 1} and {second + 1} cross or touch, so it has no two sides.\n"
            "Put its positions in order, or use an area.",
            (second,),
        )


def _first_meeting(ring: list[Position]) -> tuple[int, int] | None:
    """Return which two segments meet elsewhere than one behind the other; None where none do."""
    from shapely import LineString, STRtree

    if LineString(ring).is_simple and ring[0] != ring[-1]:
        return None
    segments = [LineString(pair) for pair in itertools.pairwise(ring)]
    pairs = sorted(
        (i, j) for i, j in STRtree(segments).query(segments, predicate="intersects").T.tolist() if i < j
    )
    for i, j in pairs:
        if j > i + 1 or segments[i].intersection(segments[j]).length > 0.0:
            return i, j
    return 0, len(segments) - 1  # its tests agree on no pair: say where it closes


def is_left(word: str, line: Shape) -> bool:
    """Return whether a word means the left of a line in its order.

    Raises:
        ValueError: a compass word within 30° of the line's chord, or one that a segment contradicts.
    """
    if word in ("left", "right"):
        return word == "left"
    ring = unwrapped(line.rings[0])
    toward_deg = 45.0 * COMPASS.index(word)
    chord = _across(toward_deg, ring[0], ring[-1])
    if abs(chord) < math.sin(math.radians(LEAST_ANGLE_DEG)):
        raise ValueError(
            f"side: '{word}' does not tell the two sides of this line apart: from its first to its last position it "
            f"runs toward {round(_bearing_deg(ring[0], ring[-1])) % 360}°, within {LEAST_ANGLE_DEG:.0f}° of {word} or "
            "its opposite.\n"
            f"Write {_better(ring)}, or left or right of the line in its order."
        )
    for i, (a, b) in enumerate(itertools.pairwise(ring)):
        if _across(toward_deg, a, b) * chord < 0.0:
            raise ValueError(
                f"side: '{word}' means one side of the whole line and the other of its segment {i + 1}, which runs "
                f"toward {round(_bearing_deg(a, b)) % 360}°.\n"
                "Write left or right of the line in its order, or smooth the line."
            )
    return chord < 0.0


def _better(ring: list[Position]) -> str:
    best = max(COMPASS[::2], key=lambda word: abs(_across(45.0 * COMPASS.index(word), ring[0], ring[-1])))
    opposite = COMPASS[(COMPASS.index(best) + 4) % 8]
    return f"{best} or {opposite}"


def _across(toward_deg: float, a: Position, b: Position) -> float:
    """Return the sine of the turn from a segment to a direction: positive to the right of it."""
    return math.sin(math.radians(toward_deg - _bearing_deg(a, b)))


def _bearing_deg(a: Position, b: Position) -> float:
    """Return the direction of the straight way from a to b, seen half way."""
    here, there = surface_point(a[1], a[0]), surface_point(b[1], b[0])
    dx, dy, dz = (q - p for p, q in zip(here, there, strict=True))
    lon = (a[0] + b[0]) / 2.0
    return float(direction_deg((a[1] + b[1]) / 2.0, lon, dx, dy, dz))


def check_reach(line: Shape, reach_m: float) -> None:
    """Refuse a line one side of which meets the other within reach.

    Looks from many places of the line along both normals: what lies left of a place must be left of the line.

    Raises:
        ValueError: what is wrong, and in a second line what would be right.
    """
    from shapely import LineString, prepare

    edges = edges_of(line)
    lon, lat = np.append(edges.lon0, edges.lon1[-1]), np.append(edges.lat0, edges.lat1[-1])
    whole = LineString(np.column_stack((lon, lat)))
    prepare(whole)
    cos_lat = np.cos(np.radians((lat[:-1] + lat[1:]) / 2.0))
    length = np.hypot(np.diff(lon) * cos_lat, np.diff(lat))
    share = (np.arange(PLACES_ALONG) + 0.5) / PLACES_ALONG * length.sum()
    at = np.minimum(np.searchsorted(np.cumsum(length), share), length.size - 1)
    part = (share - (np.cumsum(length) - length)[at]) / length[at]
    foot_lon = lon[at] + np.diff(lon)[at] * part
    foot_lat = lat[at] + np.diff(lat)[at] * part
    scale = np.cos(np.radians(foot_lat))
    east, north = np.diff(lon)[at] * scale, np.diff(lat)[at]
    norm = np.hypot(east, north)
    for side in (1.0, -1.0):  # left, right
        for away_m in reach_m * (np.arange(DISTANCES) + 1) / DISTANCES * 0.999:
            away_deg = math.degrees(away_m / MEAN_RADIUS_M)
            p_lat = np.clip(foot_lat + side * east / norm * away_deg, -90.0, 90.0)
            p_lon = foot_lon - side * north / norm * away_deg / np.maximum(scale, 1e-6)
            found = kernels.looks(frozen(p_lat), frozen(p_lon), *edges)
            # Near a tight bend the normal leads past the middle of the bend, where another place is nearer: that
            # is the same side, unless the other place sees it on its other side.
            wrong = (found[:, kernels.IS_BESIDE] > 0.0) & (found[:, kernels.DISTANCE_M] <= reach_m)
            wrong &= found[:, kernels.SIDE] == -side
            # On the chord of a bend the far arm is met only by crossing the line itself: not a meeting of sides.
            k = _met_without_crossing(whole, foot_lon, foot_lat, p_lon, p_lat, wrong)
            if k is not None:
                raise ValueError(
                    f"within its reach of {reach_m / 1000:g} km the line's left side meets its own right side (near "
                    f"{p_lon[k]:.3f}, {p_lat[k]:.3f}).\nWrite a smaller reach, or a line that turns less."
                )


def _met_without_crossing(whole, foot_lon, foot_lat, p_lon, p_lat, wrong) -> int | None:  # type: ignore[no-untyped-def]
    from shapely import intersects, linestrings

    found = np.flatnonzero(wrong)
    # A step off the line first, where the way begins; a long one would cross a tight bend unseen.
    lon = foot_lon[found] + (p_lon[found] - foot_lon[found]) * STEP_OFF
    lat = foot_lat[found] + (p_lat[found] - foot_lat[found]) * STEP_OFF
    ways = np.stack((np.column_stack((lon, lat)), np.column_stack((p_lon[found], p_lat[found]))), axis=1)
    met = found[~intersects(whole, linestrings(ways))]
    return int(met[0]) if met.size else None

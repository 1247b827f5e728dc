"""How deep an aircraft was past a line, or within a place, measured in a plane for a picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy.typing as npt

    from wideberth.agreement.rules import Rule

    Floats = npt.NDArray[np.float64]

STEP_M = 1.0  # along a line to either side of a point on it: which way the line runs there


@dataclass(frozen=True)
class Drawn:
    """A place in the plane: paths of (n, 2) metres east and north."""

    label: str
    paths: tuple[Floats, ...]
    is_area: bool
    is_buffer: bool = False


def measure(rule: Rule, places: Sequence[Drawn]) -> tuple[Callable[[Floats, Floats], Floats], str] | None:
    """Return what tells how deep positions in the plane are, in metres, and what that is called.

    Args:
        rule: about a side, or about places.
        places: those that it names, in the plane.
    Returns:
        A function of (n,) east and (n,) north; None for any other rule.
    """
    from shapely import LineString, Polygon, unary_union

    if rule.kind == "side":
        lines = [LineString(path) for each in places if not each.is_buffer for path in each.paths]
        return (lambda east, north: _past(lines, rule.is_left_kept, east, north)), (
            "Distance past the line (below 0: kept side)"
        )
    if rule.kind not in ("out_of", "inside"):
        return None
    figure = unary_union([Polygon(path) for each in places if each.is_area for path in each.paths])
    is_out = rule.kind == "out_of"
    words = ("inside", "outside") if is_out else ("outside", "inside")
    return (lambda east, north: _inside(figure, east, north) * (1.0 if is_out else -1.0)), (
        f"Distance {words[0]} the edge (below 0: {words[1]})"
    )


def _inside(figure: Any, east: Floats, north: Floats) -> Floats:
    """Return how far inside a figure's edge points are; negative outside."""
    from shapely import contains, distance, points

    where = points(east, north)
    away = distance(where, figure.boundary)
    return np.asarray(np.where(contains(figure, where), away, -away), np.float64)


def _past(lines: Sequence[Any], is_left_kept: bool, east: Floats, north: Floats) -> Floats:
    """Return how far points are from the nearest of some lines, positive on the side that is not kept."""
    from shapely import distance, get_x, get_y, line_interpolate_point, line_locate_point, points

    where = points(east, north)
    nearest = np.argmin(np.column_stack([distance(where, each) for each in lines]), axis=1)
    depth_m = np.empty(east.size)
    for k, line in enumerate(lines):
        own = nearest == k
        along = line_locate_point(line, where[own])
        ahead = line_interpolate_point(line, np.minimum(along + STEP_M, line.length))
        behind = line_interpolate_point(line, np.maximum(along - STEP_M, 0.0))
        x, y = get_x(behind), get_y(behind)
        turn = (get_x(ahead) - x) * (north[own] - y) - (get_y(ahead) - y) * (east[own] - x)
        is_kept = (turn > 0.0) == is_left_kept  # left of the line's way turns anticlockwise
        depth_m[own] = np.where(is_kept, -1.0, 1.0) * distance(where[own], line)
    return depth_m

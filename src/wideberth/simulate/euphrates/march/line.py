"""The line, and where points are from it."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from wideberth.simulate.euphrates.march.legs import Numbers, Truths, surface_points
from wideberth.simulate.euphrates.terms import BUFFER_M, LINE, REACH_M

if TYPE_CHECKING:
    from collections.abc import Sequence

PIECE_M = 250.0
END_PIECE_M = 1.0  # the first and the last: square to it lies what is beside the line, up to its reach
AT_ONCE = 256  # points looked at in one go: tables of points times pieces stay in the processor's cache


class Located(NamedTuple):
    """Where points are from the line, (n,) each.

    ``left_m`` is the distance from it, negative on its right; ``is_beside`` tells whether the nearest point
    is not one of its ends.
    """

    left_m: Numbers
    is_beside: Truths


class Line:
    """The line, in pieces.  Its turns are below 90°, so at a vertex either piece tells the same side."""

    def __init__(self, vertices: Sequence[tuple[float, float]] = LINE) -> None:
        from pyproj import Geod

        geod = Geod(ellps="WGS84")
        lon, lat = [vertices[0][0]], [vertices[0][1]]
        for (lon0, lat0), (lon1, lat1) in itertools.pairwise(vertices):
            length_m = geod.inv(lon0, lat0, lon1, lat1)[2]
            pieces = math.ceil(length_m / PIECE_M)
            shares = [i / pieces for i in range(1, pieces + 1)]
            if (lon0, lat0) == vertices[0]:
                shares.insert(0, END_PIECE_M / length_m)
            if (lon1, lat1) == vertices[-1]:
                shares.insert(-1, 1.0 - END_PIECE_M / length_m)
            lon += [lon0 + (lon1 - lon0) * share for share in shares]
            lat += [lat0 + (lat1 - lat0) * share for share in shares]
        points_m = surface_points(lat, lon)
        self.begin_m = points_m[:-1]
        self.way_m = np.diff(points_m, axis=0)
        self.length_m = np.linalg.norm(self.way_m, axis=1)
        self.ahead = self.way_m / self.length_m[:, None]
        # Of every piece, once: looking for the nearest is most of the march.
        self._begin_along_m = (self.begin_m * self.ahead).sum(axis=1)
        self._begin_m2 = (self.begin_m**2).sum(axis=1)
        lam, phi = np.radians(lon[:-1]), np.radians(lat[:-1])
        up = np.stack([np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)], axis=-1)
        left = np.cross(up, self.way_m)
        self.left = left / np.linalg.norm(left, axis=1)[:, None]

    def locate(self, points_m: Numbers) -> Located:
        """Return where points are from the line."""
        nearest = np.concatenate(
            [self._nearest(points_m[k : k + AT_ONCE]) for k in range(0, len(points_m), AT_ONCE)]
        )
        from_begin_m = points_m - self.begin_m[nearest]
        way_m, length_m = self.way_m[nearest], self.length_m[nearest]
        share = (from_begin_m * way_m).sum(axis=1) / length_m**2
        is_end = ((nearest == 0) & (share <= 0.0)) | ((nearest == len(self.way_m) - 1) & (share >= 1.0))
        off_m = from_begin_m - way_m * np.clip(share, 0.0, 1.0)[:, None]
        distance_m = np.linalg.norm(off_m, axis=1)
        is_left = (from_begin_m * self.left[nearest]).sum(axis=1) > 0.0
        return Located(np.where(is_left, distance_m, -distance_m), ~is_end)

    def _nearest(self, points_m: Numbers) -> npt.NDArray[np.int64]:
        """Return which piece is nearest to each point, (n,)."""
        along_m = points_m @ self.ahead.T - self._begin_along_m
        from_begin_m2 = (points_m**2).sum(axis=1)[:, None] - 2.0 * points_m @ self.begin_m.T + self._begin_m2
        # Nearest along the piece, u from its beginning: |p - b|² - 2 u along + u².
        u_m = np.clip(along_m, 0.0, self.length_m)
        nearest: npt.NDArray[np.int64] = np.argmin(from_begin_m2 + u_m * (u_m - 2.0 * along_m), axis=1)
        return nearest

    def may_change(self, points_m: Numbers) -> Truths:
        """Return for each step between n points whether it may pass the line, its reach, or round an end.

        Each of these is at a distance from the step's beginning; a step that is shorter cannot get there.
        """
        left_m = self.locate(points_m).left_m
        ends_m = (
            (points_m - self.begin_m[0]) @ self.ahead[0],
            (points_m - self.begin_m[-1]) @ self.ahead[-1] - self.length_m[-1],
        )
        margin_m = np.min(np.abs([left_m, REACH_M - np.abs(left_m), *ends_m]), axis=0)
        step_m = np.linalg.norm(np.diff(points_m, axis=0), axis=1)
        may: Truths = margin_m[:-1] <= step_m
        return may

    def past_buffer_m(self, wrong_side: int) -> Numbers:
        """Return points at the buffer's far edge, one a piece, (m, 3)."""
        edge_m: Numbers = self.begin_m + self.way_m / 2.0 + wrong_side * BUFFER_M * self.left
        return edge_m

"""Where along a line: counts under each rule about a side, per stretch of the line.

A stretch lies between two vertices, where the line has at least `FEWEST` of them and no more than `MOST`, and none are
farther apart than `LONGEST_M`; else the line is cut into equal stretches of at most `EQUAL_M`, or of what the rule
calls ``stretches``.  A crossing counts where the line was crossed; an excursion where it was entered or, if not through
the line, at the point of the line nearest to where it was first heard or came round an end.  A gap that could have
held one has no place, and counts nowhere.

Length is the sum of chords of at most `PIECE_M` between surface points.
"""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, Any

import numpy as np

from wideberth.agreement.edges import edges_of
from wideberth.agreement.model import Side
from wideberth.agreement.shapes import unwrapped
from wideberth.judge.rule_days import VERDICTS
from wideberth.kernels.geodesy import surface_point, surface_points

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import numpy.typing as npt

    from wideberth.agreement.shapes import Shape
    from wideberth.judge.tally import Tally

    Array = npt.NDArray[np.float64]

FEWEST, MOST = 4, 21
LONGEST_M = 20_000.0
EQUAL_M = 10_000.0
MOST_EQUAL = 1_000
PIECE_M = 2_000.0  # its chord is 8 cm below the surface in the middle
AT_ONCE = 256


def table(tallies: Iterable[Tally]) -> Iterator[dict[str, Any]]:
    """Yield a row for each stretch of the line of each rule about a side, from its first vertex on."""
    for tally in tallies:
        keeps = tally.rule.entry.keeps
        if isinstance(keeps, Side):
            yield from _of_rule(tally, keeps)


def _of_rule(tally: Tally, keeps: Side) -> Iterator[dict[str, Any]]:
    along = Along(tally.rule.places[0].volumes[0].shapes[0])
    ends_m = along.ends_m(keeps.stretches)
    rows = tally.rows
    where_m = along.at_m(rows["in_lat_deg"], rows["in_lon_deg"])
    stretch = np.clip(np.searchsorted(ends_m, where_m, side="right") - 1, 0, ends_m.size - 2)
    is_placed = ~np.isnan(where_m)
    for n, (from_m, to_m) in enumerate(itertools.pairwise(ends_m.tolist())):
        here = is_placed & (stretch == n)
        found = here & tally.is_measured
        (from_lon, from_lat), (to_lon, to_lat) = along.place(from_m), along.place(to_m)
        yield {
            "rule": tally.rule.id,
            "place": tally.rule.places[0].name,
            "stretch": n + 1,
            "from_km": from_m / 1000.0,
            "to_km": to_m / 1000.0,
            "from_lon_deg": from_lon,
            "from_lat_deg": from_lat,
            "to_lon_deg": to_lon,
            "to_lat_deg": to_lat,
            "crossings": int(np.count_nonzero(here & tally.is_crossing)),
            "excursions": int(np.count_nonzero(found)),
            "aircraft": tally.aircraft(found),
            **{name: int(np.count_nonzero(here & (rows["verdict"] == name))) for name in VERDICTS},
            "greatest_depth_m": float(rows["magnitude"][found].max()) if found.any() else None,
        }


class Along:
    """A line measured along itself.

    Attributes:
        lon, lat: (k,) points of the line, in order; longitudes go on across the antimeridian.
        point: (k, 3) Earth-centred, metres.
        m: (k,) how far along the line each is.
        vertex: (v,) which of them are vertices.
    """

    def __init__(self, line: Shape) -> None:
        lon0, lat0, lon1, lat1, _, _ = edges_of(line)
        vertices = set(unwrapped(line.rings[0]))
        lons, lats, vertex = [float(lon0[0])], [float(lat0[0])], [0]
        for a, b, c, d in zip(lon0.tolist(), lat0.tolist(), lon1.tolist(), lat1.tolist(), strict=True):
            pieces = max(math.ceil(math.dist(surface_point(b, a), surface_point(d, c)) / PIECE_M), 1)
            share = np.arange(1, pieces + 1) / pieces
            lons += (a + (c - a) * share).tolist()
            lats += (b + (d - b) * share).tolist()
            if (c, d) in vertices:
                vertex.append(len(lons) - 1)
        self.lon, self.lat = np.array(lons), np.array(lats)
        self.vertex = np.array(vertex)
        self.point = np.array([surface_point(b, a) for a, b in zip(lons, lats, strict=True)])
        self.m = np.append(0.0, np.linalg.norm(np.diff(self.point, axis=0), axis=1).cumsum())

    def ends_m(self, equal_m: float | None) -> Array:
        """Return where stretches begin, and the last ends, along the line."""
        vertices_m: Array = self.m[self.vertex]
        is_fine = FEWEST <= vertices_m.size <= MOST and np.diff(vertices_m).max() <= LONGEST_M
        if equal_m is None and is_fine:
            return vertices_m
        stretches = min(math.ceil(self.m[-1] / (equal_m or EQUAL_M) - 1e-9), MOST_EQUAL)
        return np.linspace(0.0, self.m[-1], max(stretches, 1) + 1)

    def place(self, m: float) -> tuple[float, float]:
        """Return lon and lat of a place so far along."""
        lon, lat = float(np.interp(m, self.m, self.lon)), float(np.interp(m, self.m, self.lat))
        return (lon + 180.0) % 360.0 - 180.0 if abs(lon) > 180.0 else lon, lat

    def at_m(self, lat_deg: Array, lon_deg: Array) -> Array:
        """Return how far along the point of the line is that is nearest to each place; NaN for an unknown one."""
        found = np.full(lat_deg.size, np.nan)
        way, start = np.diff(self.point, axis=0), self.point[:-1]
        squared = np.maximum((way**2).sum(axis=1), 1e-12)
        known = np.flatnonzero(~np.isnan(lat_deg) & ~np.isnan(lon_deg))
        for first in range(0, known.size, AT_ONCE):
            some = known[first : first + AT_ONCE]
            places = surface_points(lat_deg[some], lon_deg[some])
            from_start = places[:, None, :] - start
            share = np.clip((from_start * way).sum(axis=2) / squared, 0.0, 1.0)
            away = ((from_start - share[..., None] * way) ** 2).sum(axis=2)
            nearest = away.argmin(axis=1)
            row = np.arange(some.size)
            found[some] = self.m[nearest] + share[row, nearest] * np.sqrt(squared[nearest])
        return found

"""Lines and volumes: the kernels against a march in small steps that shares nothing with them.

The march takes samples to Earth-centred points with pyproj, goes along the chord between two of them, and brings
each instant back to the surface with pyproj.  Distances are to edges sampled densely straight in lon/lat; inside is
a ray cast in lon/lat.  Where its state changes, it halves.  The instants that a kernel tells are added to
those it looks at, so that what a kernel claims is looked at as well as what it leaves out.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pyproj import Geod, Transformer
from scipy.spatial import cKDTree

from wideberth.agreement.edges import edges_of
from wideberth.agreement.shapes import Schedule, Shape
from wideberth.agreement.values import WEEKDAYS, parse_weekly
from wideberth.columns import frozen
from wideberth.judge import spans
from wideberth.kernels import blocks, edges, sides, zones
from wideberth.kernels._jit import JIT
from wideberth.kernels.geodesy import surface_point

TIME_S = 0.001  # DESIGN: findings are told to 1 ms
EDGE_M = 0.01  # grazing: who is so near an edge crosses it at an instant that nobody can tell to 1 ms
LEVEL_FT = 0.01
# The march's own edges are chords of 60 m at most, and its greatest depth is found by sampling.
DEPTH_M = 0.05
DEPTH_FT = 0.05
SHORT_S = 0.05  # what is shorter or shallower than this may be found by one and not by the other
SHALLOW_M = 0.05
GRAZING_SHARE = 0.03  # of the pairs may differ in such stretches
GEODESIC_M = 0.01
FOOT_M = 0.001

WGS84 = Geod(ellps="WGS84")
TO_EARTH = Transformer.from_crs("EPSG:4979", "EPSG:4978", always_xy=True)
TO_PLACE = Transformer.from_crs("EPSG:4978", "EPSG:4979", always_xy=True)
LOOKS = 241  # of a track
TRACKS = 20  # to a figure
ROOM = 12
SPACING_M = 60.0
TANGENTS_M = (0.05, 0.3, 1.5, 8.0, 25.0)
NEIGHBOURS = 16


# The march -------------------------------------------------------------------------------------------


def earth(lon: Any, lat: Any) -> Any:
    return np.stack(TO_EARTH.transform(lon, lat, np.zeros_like(np.asarray(lon, float))), axis=-1)


@dataclass
class Tracks:
    """Some tracks: times (seconds), positions and altitudes of their samples, one after another."""

    t_us: Any
    lon: Any
    lat: Any
    altitude: Any
    first: Any

    def __post_init__(self) -> None:
        self.count = self.first.size - 1
        self.points = earth(self.lon, self.lat)

    def span(self, k: int) -> tuple[float, float]:
        return self.t_us[self.first[k]] * 1e-6, self.t_us[self.first[k + 1] - 1] * 1e-6

    def at(self, k: Any, t_s: Any) -> tuple[Any, Any, Any, Any]:
        """Return (lon, lat, Earth-centred surface point, altitude) of tracks at instants."""
        # One clock for all: every track in a century of its own.
        own = np.repeat(np.arange(self.count), np.diff(self.first)) * 1e10 + self.t_us * 1e-6
        row = np.searchsorted(own, k * 1e10 + t_s, side="right") - 1
        row = np.clip(row, self.first[k], self.first[k + 1] - 2)
        t0, t1 = self.t_us[row] * 1e-6, self.t_us[row + 1] * 1e-6
        u = np.clip((t_s - t0) / (t1 - t0), 0.0, 1.0)
        p = self.points[row] + (self.points[row + 1] - self.points[row]) * u[:, None]
        lon, lat, _ = TO_PLACE.transform(*p.T)
        return (
            lon,
            lat,
            earth(lon, lat),
            self.altitude[row] + (self.altitude[row + 1] - self.altitude[row]) * u,
        )


class Figure:
    """Edges straight in lon/lat, sampled so densely that chords between the samples will do."""

    def __init__(self, rings: list[list[tuple[float, float]]], *, is_closed: bool) -> None:
        self.lon0, self.lat0, self.lon1, self.lat1 = (np.empty(0) for _ in range(4))
        points, self.edge = [], np.empty(0, int)
        for ring in rings:
            lon, lat = np.array(ring, float).T
            if is_closed:
                lon, lat = np.append(lon, lon[0]), np.append(lat, lat[0])
            lon = np.unwrap(lon, period=360.0)
            self.lon0, self.lat0 = np.append(self.lon0, lon[:-1]), np.append(self.lat0, lat[:-1])
            self.lon1, self.lat1 = np.append(self.lon1, lon[1:]), np.append(self.lat1, lat[1:])
        starts, stops = [], []
        for e in range(self.lon0.size):
            length_m = np.linalg.norm(earth(self.lon0[e], self.lat0[e]) - earth(self.lon1[e], self.lat1[e]))
            share = np.linspace(0.0, 1.0, max(math.ceil(length_m / SPACING_M), 8) + 1)
            near = np.array(TANGENTS_M) / max(length_m, 100.0)  # the direction of an end is that of its chord
            if not is_closed and e == 0:
                share = np.sort(np.concatenate([share, near]))
            if not is_closed and e == self.lon0.size - 1:
                share = np.sort(np.concatenate([share, 1.0 - near]))
            lon = self.lon0[e] + (self.lon1[e] - self.lon0[e]) * share
            lat = self.lat0[e] + (self.lat1[e] - self.lat0[e]) * share
            p = earth(lon, lat)
            starts.append(p[:-1])
            stops.append(p[1:])
            self.edge = np.append(self.edge, np.full(share.size - 1, e))
            points.append(p)
        self.starts, self.stops = np.concatenate(starts), np.concatenate(stops)
        self.tree = cKDTree(np.concatenate([self.starts, self.stops]))
        self.ends = ((self.starts[0], self.stops[0]), (self.stops[-1], self.starts[-1]))

    def nearest(self, p: Any) -> tuple[Any, Any, Any]:
        """Return how far the figure is, which chord is nearest, and where on it, 0 to 1."""
        _, sample = self.tree.query(p, k=NEIGHBOURS)
        chord = sample % len(self.starts)
        a, b = self.starts[chord], self.stops[chord]
        square = np.maximum(((b - a) ** 2).sum(-1), 1e-12)  # a circle's centre is an edge of no length
        along = ((p[:, None] - a) * (b - a)).sum(-1) / square
        share = np.clip(along, 0.0, 1.0)
        away = np.linalg.norm(p[:, None] - (a + (b - a) * share[..., None]), axis=-1)
        best = away.argmin(axis=1)[:, None]
        take = lambda values: np.take_along_axis(values, best, 1)[:, 0]  # noqa: E731
        return take(away), take(chord), take(share)

    def is_at_end(self, chord: Any, share: Any) -> Any:
        return ((chord == 0) & (share == 0.0)) | ((chord == len(self.starts) - 1) & (share == 1.0))

    def from_end_planes_m(self, p: Any) -> Any:
        """Return how far the nearer of the two planes is that cut the figure off square at its ends."""
        away = [np.abs((p - a) @ (b - a)) / np.linalg.norm(b - a) for a, b in self.ends]
        return np.minimum(*away)

    def near(self, lon: Any) -> Any:
        middle = 0.5 * (self.lon0.min() + self.lon0.max())
        return lon + 360.0 * np.round((middle - lon) / 360.0)

    def is_left(self, lon: Any, lat: Any, chord: Any, share: Any) -> Any:
        """Return whether points are left of the line: at a vertex, of both edges, or of either where it turns right."""
        lon = self.near(lon)
        last = len(self.starts) - 1

        def cross(e: Any) -> Any:
            dlon, dlat = self.lon1[e] - self.lon0[e], self.lat1[e] - self.lat0[e]
            return dlon * (lat - self.lat0[e]) - dlat * (lon - self.lon0[e])

        e = self.edge[chord]
        before = np.where((share == 0.0), self.edge[np.maximum(chord - 1, 0)], e)
        after = np.where((share == 1.0), self.edge[np.minimum(chord + 1, last)], e)
        turn = (self.lon1[before] - self.lon0[before]) * (self.lat1[after] - self.lat0[after]) - (
            self.lat1[before] - self.lat0[before]
        ) * (self.lon1[after] - self.lon0[after])
        both, either = (cross(before) > 0) & (cross(after) > 0), (cross(before) > 0) | (cross(after) > 0)
        return np.where(turn > 0, both, either)

    def is_inside(self, lon: Any, lat: Any) -> Any:
        """Return whether a ray to the east meets an odd number of edges."""
        lon = self.near(lon)[:, None]
        lat = lat[:, None]
        spans_it = (self.lat0 > lat) != (self.lat1 > lat)
        with np.errstate(divide="ignore", invalid="ignore"):
            at = self.lon0 + (lat - self.lat0) / (self.lat1 - self.lat0) * (self.lon1 - self.lon0)
        return (spans_it & (at > lon)).sum(axis=1) % 2 == 1


@dataclass
class Look:
    """What the march sees at some instants: in or out, how deep, how far each kind of edge is, why it is out."""

    is_in: Any
    depth: Any
    away: dict[int, Any]
    why_out: Any
    depth_ft: Any = None


def when_open(windows: list[tuple[float, float]], t_s: Any) -> tuple[Any, Any]:
    """Return whether any window is open at instants, and how far the nearest opening or closing is."""
    is_open = np.zeros(t_s.size, bool)
    edge_s = np.full(t_s.size, np.inf)
    for begin, end in windows:
        is_open |= (begin <= t_s) & (t_s < end)
        edge_s = np.minimum(edge_s, np.minimum(np.abs(t_s - begin), np.abs(t_s - end)))
    return is_open, edge_s


class LineOracle:
    """A line with a wrong side."""

    def __init__(
        self, figure: Figure, wrong: float, reach_m: float, windows: list[tuple[float, float]]
    ) -> None:
        self.figure, self.wrong, self.reach_m, self.windows = figure, wrong, reach_m, windows

    def look(self, tracks: Tracks, k: Any, t_s: Any) -> Look:
        lon, lat, p, _ = tracks.at(k, t_s)
        away, chord, share = self.figure.nearest(p)
        at_end = self.figure.is_at_end(chord, share)
        is_left = self.figure.is_left(lon, lat, chord, share)
        is_in = ~at_end & (away <= self.reach_m) & (is_left == (self.wrong == edges.LEFT))
        is_open, edge_s = when_open(self.windows, t_s)
        why = np.where(at_end, sides.END, np.where(away > self.reach_m, sides.REACH, sides.LINE))
        why = np.where(is_open, why, sides.SCHEDULE)
        edge = {
            sides.LINE: away,
            sides.END: self.figure.from_end_planes_m(p),
            sides.REACH: np.abs(away - self.reach_m),
            sides.SCHEDULE: np.where(edge_s < TIME_S, 0.0, np.inf),
        }
        return Look(is_in & is_open, away, edge, why)


@dataclass
class VolumeOracle:
    """A figure, its radius, levels, and windows of time (seconds)."""

    figure: Figure
    kind: int
    radius_m: float
    floor: float
    ceiling: float
    windows: list[tuple[float, float]]

    def __post_init__(self) -> None:
        self.caps: list[Figure] = []
        if self.kind != zones.FLAT_CORRIDOR:
            return
        f = self.figure
        for lon, lat, toward in (
            (f.lon0[0], f.lat0[0], 1e-6),
            (f.lon1[-1], f.lat1[-1], -1e-6),
        ):
            e = 0 if toward > 0 else -1
            azimuth = WGS84.inv(
                lon, lat, lon + (f.lon1[e] - f.lon0[e]) * toward, lat + (f.lat1[e] - f.lat0[e]) * toward
            )[0]
            ends = [WGS84.fwd(lon, lat, azimuth + turn, self.radius_m)[:2] for turn in (-90.0, 90.0)]
            steps = WGS84.npts(*ends[0], *ends[1], 60)
            self.caps.append(Figure([[ends[0], *steps, ends[1]]], is_closed=False))

    def look(self, tracks: Tracks, k: Any, t_s: Any) -> Look:
        lon, lat, p, h = tracks.at(k, t_s)
        if self.kind == zones.CIRCLE:
            depth = self.radius_m - np.linalg.norm(p - self.figure.starts[0], axis=1)
            within = depth > 0
        else:
            away, chord, share = self.figure.nearest(p)
            if self.kind == zones.AREA:
                within, depth = self.figure.is_inside(lon, lat), away
            else:
                depth = self.radius_m - away
                within = depth > 0
            if self.caps:
                within &= ~self.figure.is_at_end(chord, share)
                for cap in self.caps:
                    depth = np.minimum(depth, cap.nearest(p)[0])
        edge_m = np.abs(depth)
        is_between = (self.floor < h) & (h < self.ceiling)
        is_open, edge_s = when_open(self.windows, t_s)
        why = np.where(
            ~is_open,
            zones.SCHEDULE,
            np.where(h <= self.floor, zones.FLOOR, np.where(h >= self.ceiling, zones.CEILING, zones.EDGE)),
        )
        away_of = {
            zones.EDGE: edge_m,
            zones.FLOOR: np.abs(h - self.floor) / LEVEL_FT * EDGE_M,
            zones.CEILING: np.abs(h - self.ceiling) / LEVEL_FT * EDGE_M,
            zones.SCHEDULE: np.where(edge_s < TIME_S, 0.0, np.inf),
        }
        depth_ft = np.minimum(h - self.floor, self.ceiling - h)
        return Look(within & is_between & is_open, depth, away_of, why, depth_ft)


@dataclass
class Stretch:
    """One stretch in: when, entered and left how (all that it may be), how deep."""

    t_in: float
    t_out: float
    entered: set[int]
    left: set[int]
    depth: float
    depth_ft: float = 0.0
    t_depth_ft: float = 0.0


HEARD = 99


def march(oracle: Any, tracks: Tracks, hints: list[Any]) -> list[list[Stretch]]:
    """Return the stretches of every track, in order of time."""
    times = []
    for k in range(tracks.count):
        begin, end = tracks.span(k)
        own = tracks.t_us[tracks.first[k] : tracks.first[k + 1]] * 1e-6
        hint = np.clip(hints[k], begin, end)
        times.append(np.unique(np.concatenate([np.linspace(begin, end, LOOKS), own, hint])))
    who = np.repeat(np.arange(tracks.count), [t.size for t in times])
    t = np.concatenate(times)
    seen = oracle.look(tracks, who, t)
    change = np.flatnonzero((who[1:] == who[:-1]) & (seen.is_in[1:] != seen.is_in[:-1]))
    low, high, k = t[change].copy(), t[change + 1].copy(), who[change]
    was = seen.is_in[change]
    for _ in range(30):
        middle = 0.5 * (low + high)
        same = oracle.look(tracks, k, middle).is_in == was
        low, high = np.where(same, middle, low), np.where(same, high, middle)
    when = 0.5 * (low + high)
    outside = np.where(was, high, low)
    away = np.where(was, 1.0, -1.0)
    reasons = [oracle.look(tracks, k, outside + away * by_s).why_out for by_s in (0.0, 1e-5, 1e-3, 0.01)]
    found: list[list[Stretch]] = [[] for _ in range(tracks.count)]
    changes: list[list[int]] = [[] for _ in range(tracks.count)]
    for n, each in enumerate(k.tolist()):
        changes[each].append(n)
    rows: list[tuple[int, Stretch]] = []
    for each in range(tracks.count):
        begin, end = tracks.span(each)
        some = changes[each]
        first = np.searchsorted(who, each)
        edges_at = [(when[n], {int(r[n]) for r in reasons}) for n in some]
        if seen.is_in[first]:
            edges_at.insert(0, (begin, {HEARD}))
        if len(edges_at) % 2:
            edges_at.append((end, {HEARD}))
        for (t_in, by), (t_out, left) in zip(edges_at[::2], edges_at[1::2], strict=True):
            found[each].append(Stretch(t_in, t_out, by, left, 0.0))
            rows.append((each, found[each][-1]))
    _deepen(oracle, tracks, rows, who, t, seen)
    return found


def _deepen(
    oracle: Any, tracks: Tracks, rows: list[tuple[int, Stretch]], who: Any, t: Any, seen: Look
) -> None:
    if not rows:
        return
    own, low, high, whose = [], [], [], []
    for n, (k, one) in enumerate(rows):
        a, b = np.searchsorted(who, k), np.searchsorted(who, k, side="right")
        grid = np.unique(np.concatenate([[one.t_in, one.t_out], np.clip(t[a:b], one.t_in, one.t_out)]))
        depth = np.interp(grid, t[a:b], seen.depth[a:b])
        if seen.depth_ft is not None:
            one.depth_ft = np.interp(grid, t[a:b], seen.depth_ft[a:b]).max()
        for peak in np.argsort(-depth)[:4]:
            own.append(n)
            whose.append(k)
            low.append(grid[max(peak - 1, 0)])
            high.append(grid[min(peak + 1, grid.size - 1)])
    lows, highs, tracks_of = np.array(low), np.array(high), np.array(whose)
    share = np.linspace(0.0, 1.0, 17)
    for _ in range(3):
        at = lows[:, None] + (highs - lows)[:, None] * share
        look = oracle.look(tracks, np.repeat(tracks_of, share.size), at.ravel())
        depth = look.depth.reshape(at.shape)
        for n, best in zip(own, depth.max(axis=1), strict=True):
            rows[n][1].depth = max(rows[n][1].depth, best)
        best = depth.argmax(axis=1)
        rank = np.arange(len(own))
        lows, highs = at[rank, np.maximum(best - 1, 0)], at[rank, np.minimum(best + 1, share.size - 1)]


# Comparing ---------------------------------------------------------------------------------------------


@dataclass
class Differences:
    """The largest differences seen, and what is wrong."""

    pairs: int = 0
    stretches: int = 0
    grazing: int = 0
    time_s: float = 0.0
    depth_m: float = 0.0
    depth_ft: float = 0.0
    faults: Any = None

    def __post_init__(self) -> None:
        self.faults = []

    def fault(self, *words: Any) -> None:
        self.faults.append(" ".join(map(str, words)))


HOW_SIDES = {sides.HEARD: HEARD}
HOW_ZONES = {zones.HEARD: HEARD}


def compare(name: str, oracle: Any, tracks: Tracks, count: Any, out: Any, total: Differences) -> None:
    """Compare what a kernel found with the march."""
    is_line = isinstance(oracle, LineOracle)
    c = sides if is_line else zones
    how = HOW_SIDES if is_line else HOW_ZONES
    hints = []
    for k in range(tracks.count):
        some = out[k, : min(count[k], ROOM)]
        t_in, t_out = some[:, c.T_IN_US] * 1e-6, some[:, c.T_OUT_US] * 1e-6
        hints.append(
            np.concatenate(
                [0.5 * (t_in + t_out), some[:, c.T_DEEPEST_US] * 1e-6, 0.5 * (t_out[:-1] + t_in[1:])]
            )
        )
    marched = march(oracle, tracks, hints)
    for k in range(tracks.count):
        total.pairs += 1
        told = [
            Stretch(
                row[c.T_IN_US] * 1e-6,
                row[c.T_OUT_US] * 1e-6,
                {how.get(int(row[c.ENTERED]), int(row[c.ENTERED]))},
                {how.get(int(row[c.LEFT_BY]), int(row[c.LEFT_BY]))},
                row[c.DEPTH_M],
                0.0 if is_line else row[zones.DEPTH_FT],
                0.0 if is_line else row[zones.T_DEPTH_FT_US] * 1e-6,
            )
            for row in out[k, : count[k]]
        ]
        deepest = [row[c.T_DEEPEST_US] * 1e-6 for row in out[k, : count[k]]]
        label = f"{name} track {k}:"
        mine = marched[k]
        if len(told) != len(mine):
            total.grazing += 1
            mine, told, deepest = _without_grazing(oracle, tracks, k, mine, told, deepest)
            if len(told) != len(mine):
                total.fault(label, "stretches", told, "marched", marched[k], "span", tracks.span(k))
                continue
        for a, b, when in zip(told, mine, deepest, strict=True):
            total.stretches += 1
            _compare_one(label, oracle, tracks, k, a, b, when, total)


def _compare_one(
    label: str, oracle: Any, tracks: Tracks, k: int, a: Stretch, b: Stretch, when: float, total: Differences
) -> None:
    for what, t_a, t_b, by_a, by_b in (
        ("in", a.t_in, b.t_in, a.entered, b.entered),
        ("out", a.t_out, b.t_out, a.left, b.left),
    ):
        difference_s = abs(t_a - t_b)
        code = next(iter(by_a))
        # Who is so near the very edge that is told, has met it at no instant to be told to 1 ms.
        seen = oracle.look(tracks, np.array([k]), np.array([t_a]))
        is_grazing = code in seen.away and seen.away[code][0] <= EDGE_M
        if difference_s > TIME_S and not is_grazing:
            total.fault(label, what, t_a, "marched", t_b, "by", by_a, by_b, "span", tracks.span(k))
        elif difference_s <= TIME_S:
            total.time_s = max(total.time_s, difference_s)
        # What happens at the very first or last sample is heard there, too.
        is_heard = code == HEARD and min(np.abs(t_a - np.array(tracks.span(k)))) <= TIME_S
        if not by_a <= by_b and difference_s <= TIME_S and not is_heard:
            total.fault(label, what, "by", by_a, "marched", by_b, "at", t_a, "span", tracks.span(k))
    at = oracle.look(tracks, np.array([k]), np.array([when]))
    worst_m = max(abs(at.depth[0] - a.depth), b.depth - a.depth)
    total.depth_m = max(total.depth_m, worst_m)
    if worst_m > DEPTH_M:
        total.fault(label, "depth", a.depth, "there", at.depth[0], "marched", b.depth, "at", when, a)
    if at.depth_ft is not None and np.isfinite(a.depth_ft):
        there = oracle.look(tracks, np.array([k]), np.array([a.t_depth_ft])).depth_ft[0]
        worst_ft = max(b.depth_ft - a.depth_ft, abs(there - a.depth_ft))
        total.depth_ft = max(total.depth_ft, worst_ft)
        if worst_ft > DEPTH_FT:
            total.fault(label, "depth_ft", a.depth_ft, "there", there, "marched", b.depth_ft, a)


def _without_grazing(
    oracle: Any, tracks: Tracks, k: int, mine: list[Stretch], told: list[Stretch], deepest: list[float]
) -> tuple[list[Stretch], list[Stretch], list[float]]:
    """Leave out stretches that are short or shallow, and join those that only such a gap parts."""

    def is_slight(t_in: float, t_out: float) -> bool:
        if t_out - t_in < SHORT_S:
            return True
        seen = oracle.look(tracks, np.full(33, k), np.linspace(t_in, t_out, 33))
        return bool(np.min(list(seen.away.values()), axis=0).max() < SHALLOW_M)

    def cleaned(some: list[Stretch], when: list[float]) -> tuple[list[Stretch], list[float]]:
        kept: list[Stretch] = []
        at: list[float] = []
        for one, t in zip(some, when, strict=True):
            if kept and is_slight(kept[-1].t_out, one.t_in):
                last = kept[-1]
                if one.depth > last.depth:
                    at[-1] = t
                depth, depth_ft = max(last.depth, one.depth), max(last.depth_ft, one.depth_ft)
                when_ft = one.t_depth_ft if one.depth_ft > last.depth_ft else last.t_depth_ft
                kept[-1] = Stretch(last.t_in, one.t_out, last.entered, one.left, depth, depth_ft, when_ft)
            else:
                kept.append(one)
                at.append(t)
        keep = [n for n, one in enumerate(kept) if not is_slight(one.t_in, one.t_out)]
        return [kept[n] for n in keep], [at[n] for n in keep]

    mine, _ = cleaned(mine, [one.t_in for one in mine])
    told, deepest = cleaned(told, deepest)
    return mine, told, deepest


# Random figures and tracks ------------------------------------------------------------------------------


def somewhere(rng: Any) -> tuple[float, float]:
    lat = rng.choice([rng.uniform(-60, 60), rng.uniform(60, 84.5) * rng.choice([-1, 1])])
    return float(rng.choice([rng.uniform(-180, 180), 180.0, -179.95, 179.9])), float(lat)


def walk(rng: Any, start: tuple[float, float], count: int, low_m: float, high_m: float, turn: float) -> Any:
    points, azimuth = [start], rng.uniform(0, 360)
    for _ in range(count - 1):
        lon, lat, _ = WGS84.fwd(*points[-1], azimuth, rng.uniform(low_m, high_m))
        points.append((lon, min(max(lat, -85.5), 85.5)))
        azimuth += rng.uniform(-turn, turn)
    return points


def star(rng: Any, middle: tuple[float, float], radius_m: float, count: int) -> list[tuple[float, float]]:
    azimuths = np.sort(rng.uniform(0, 360.0 / count * 0.8, count) + np.arange(count) * 360.0 / count)
    away = radius_m * rng.uniform(0.35, 1.0, count)
    lon, lat, _ = WGS84.fwd(np.full(count, middle[0]), np.full(count, middle[1]), azimuths, away)
    return list(zip(lon.tolist(), lat.tolist(), strict=True))


def flown(rng: Any, figure: Figure, size_m: float, levels: tuple[float, float]) -> Tracks:
    """Return tracks that pass a figure, end in it, run along its edges, or turn over it."""
    t_us, lons, lats, heights, first = [], [], [], [], [0]
    for _ in range(TRACKS):
        count = int(rng.integers(2, 8))
        longest_s = rng.choice([4.0, 12.0, 60.0])
        steps_us = np.rint(rng.uniform(1.0, longest_s, count - 1) * 1e6)
        steps_us = np.where(rng.random(count - 1) < 0.3, np.rint(steps_us / 1e6) * 1e6, steps_us)
        speed = rng.uniform(40, 300)
        e = rng.integers(figure.lon0.size)
        share = rng.choice([rng.random(), rng.random(), 0.0, 1.0])
        aim = (
            float(figure.lon0[e] + (figure.lon1[e] - figure.lon0[e]) * share),
            float(figure.lat0[e] + (figure.lat1[e] - figure.lat0[e]) * share),
        )
        along = WGS84.inv(figure.lon0[e], figure.lat0[e], figure.lon1[e], figure.lat1[e])[0]
        manner = rng.integers(4)
        turn = 0.0
        if manner == 0:  # along the edge, hardly away from it
            azimuth = along + rng.choice([0.0, 180.0]) + rng.normal(0, 0.5)
            aside_m = rng.normal(0, 100)
        elif manner == 1:  # anyhow
            azimuth, aside_m = rng.uniform(0, 360), rng.normal(0, 0.3 * size_m)
        elif manner == 2:  # across
            azimuth, aside_m = rng.uniform(0, 360), rng.normal(0, 200)
        else:  # turning
            azimuth, aside_m, turn = rng.uniform(0, 360), rng.normal(0, 0.2 * size_m), 60.0
        lon, lat, _ = WGS84.fwd(*aim, along + 90.0, aside_m)
        back = rng.choice([rng.random(), 0.0, 0.5])
        lon, lat, _ = WGS84.fwd(lon, lat, azimuth + 180.0, back * speed * steps_us.sum() * 1e-6)
        own = [(lon, lat)]
        for step_us in steps_us:
            lon, lat, _ = WGS84.fwd(lon, lat, azimuth, speed * step_us * 1e-6)
            own.append((lon, lat))
            azimuth += rng.uniform(-turn, turn)
        t_us.append(np.append(0, np.cumsum(steps_us)).astype(np.int64))
        lons += [each[0] for each in own]
        lats += [each[1] for each in own]
        low, high = levels
        height = rng.uniform(low - 2000, high + 2000) + np.cumsum(rng.normal(0, 600, count))
        heights.append(rng.choice([np.full(count, height[0]), height]))
        if rng.random() < 0.3:
            heights[-1] = np.rint(heights[-1] / 100) * 100
        first.append(first[-1] + count)
    return Tracks(
        np.concatenate(t_us),
        np.array(lons),
        np.array(lats),
        np.concatenate(heights),
        np.array(first, np.int64),
    )


def seen_by(tracks: Tracks) -> tuple[Any, ...]:
    legs = np.arange(tracks.count, dtype=np.int64)
    some = tracks.t_us, tracks.lat, tracks.lon, tracks.altitude, tracks.first
    return *some, *blocks_of(*some[1:]), legs


def blocks_of(lat: Any, lon: Any, altitude: Any, first: Any) -> tuple[Any, Any]:
    block_first = blocks.blocks_of_legs(first)
    return block_first, blocks.find_blocks(lat, lon, altitude, first, block_first)


def has_two_sides(figure: Figure, reach_m: float) -> bool:
    """Return whether what lies off the line to one side is nowhere, within reach, on the other side of it."""
    middle = 0.5 * (figure.starts + figure.stops)
    lon, lat, _ = TO_PLACE.transform(*middle.T)
    (lon0, lat0, _), (lon1, lat1, _) = (TO_PLACE.transform(*p.T) for p in (figure.starts, figure.stops))
    along = WGS84.inv(lon0, lat0, lon1, lat1)[0]
    for side, share in itertools.product((-1.0, 1.0), np.linspace(0.001, 1.0, 12)):
        p_lon, p_lat, _ = WGS84.fwd(lon, lat, along + 90.0 * side, np.full(lon.size, reach_m * share))
        away, chord, at = figure.nearest(earth(p_lon, p_lat))
        seen = (away <= reach_m) & ~figure.is_at_end(chord, at)
        if (seen & (figure.is_left(p_lon, p_lat, chord, at) != (side < 0))).any():
            return False
    return True


def opened(rng: Any) -> list[tuple[float, float]]:
    """Return windows of time, seconds: for ever, or a few."""
    if rng.random() >= 0.4:
        return [(-np.inf, np.inf)]
    cuts = np.cumsum(np.rint(rng.uniform(2, 60, 2 * rng.integers(1, 4))))
    return list(zip(cuts[::2].tolist(), cuts[1::2].tolist(), strict=True))


def compare_line(seed: int, total: Differences) -> None:
    rng = np.random.default_rng(seed)
    ring = walk(rng, somewhere(rng), int(rng.integers(2, 7)), 1500.0, rng.choice([6e3, 4e4]), 100.0)
    shape = Shape("line", (tuple(ring),))
    figure = Figure([ring], is_closed=False)
    reach_m = float(rng.choice([1.5e3, 8e3, 4e4, 6e4]))
    while not has_two_sides(figure, reach_m):
        reach_m *= 0.4
        if reach_m < 100.0:
            return
    wrong = float(rng.choice([edges.LEFT, edges.RIGHT]))
    tracks = flown(rng, figure, min(2 * reach_m, 3e4), (0, 10000))
    line = edges_of(shape)
    windows = opened(rng)
    begin, end = (np.array(values) * 1e6 for values in zip(*windows, strict=True))
    count, out = sides.find_excursions(
        *seen_by(tracks), wrong, reach_m, *line.grown_box(reach_m), *line, begin, end, ROOM
    )
    compare(f"line {seed}", LineOracle(figure, wrong, reach_m, windows), tracks, count, out, total)


def compare_volume(seed: int, total: Differences) -> None:
    rng = np.random.default_rng(seed)
    here = somewhere(rng)
    kind = seed % 4
    size_m = float(rng.choice([1500.0, 8e3, 3e4]))
    radius_m = 0.0
    if kind == zones.AREA:
        rings = [star(rng, here, size_m, int(rng.integers(3, 12)))]
        for _ in range(rng.integers(0, 2)):
            rings.append(star(rng, here, 0.3 * size_m, int(rng.integers(3, 6))))
        shape = Shape("area", tuple(map(tuple, rings)))
    elif kind == zones.CIRCLE:
        rings, radius_m = [[here, here]], float(size_m * rng.uniform(0.1, 1.0))
        shape = Shape("circle", ((here,),), radius_m)
    else:
        rings = [walk(rng, here, int(rng.integers(2, 6)), size_m, 1.5 * size_m, 70.0)]
        radius_m = float(size_m * rng.uniform(0.05, 0.3))
        ends = "round" if kind == zones.ROUND_CORRIDOR else "flat"
        shape = Shape("corridor", (tuple(rings[0]),), radius_m, "straight", ends)
    figure = Figure(rings, is_closed=kind == zones.AREA)
    floor, ceiling = 2000.0, float(rng.choice([2500.0, 6000.0]))
    if rng.random() < 0.5:
        floor, ceiling = -np.inf, np.inf
    tracks = flown(rng, figure, size_m, (2000, 6000))
    windows = opened(rng)
    begin, end = (np.array(values) * 1e6 for values in zip(*windows, strict=True))
    levels = np.full(len(windows), floor), np.full(len(windows), ceiling)
    made = edges_of(shape)
    count, out = zones.find_penetrations(
        *seen_by(tracks), kind, radius_m, *made.grown_box(radius_m), *made, begin, end, *levels, ROOM
    )
    oracle = VolumeOracle(figure, kind, radius_m, floor, ceiling, windows)
    compare(f"volume {seed} kind {kind}", oracle, tracks, count, out, total)


EVERYDAY = range(40)
ALL = range(40, 300)


def all_of(compare_figure: Any, seeds: range, least_pairs: int) -> None:
    total = Differences()
    for seed in seeds:
        compare_figure(seed, total)
    assert not total.faults, "\n".join(total.faults[:10])
    assert total.pairs >= least_pairs
    assert total.stretches >= 0.3 * total.pairs  # or tracks that meet nothing would pass
    assert total.grazing <= GRAZING_SHARE * total.pairs


@pytest.mark.compiled
def test_excursions_are_those_of_a_march() -> None:
    """When and how a line is passed, and how far: a march in small steps says the same."""
    all_of(compare_line, EVERYDAY, 500)


@pytest.mark.compiled
def test_penetrations_are_those_of_a_march() -> None:
    """When and how an area, a circle or a corridor is entered and left, and how deep: a march says the same."""
    all_of(compare_volume, EVERYDAY, 800)


@pytest.mark.compiled
@pytest.mark.slow
def test_many_excursions_are_those_of_a_march() -> None:
    """The same of thousands of tracks and lines."""
    all_of(compare_line, ALL, 4000)


@pytest.mark.compiled
@pytest.mark.slow
def test_many_penetrations_are_those_of_a_march() -> None:
    """The same of thousands of tracks and volumes."""
    all_of(compare_volume, ALL, 5200)


# Blocks --------------------------------------------------------------------------------------------------


def wandering(rng: Any, here: tuple[float, float], count: int) -> Tracks:
    """Return long tracks about a place: over a pole and over the antimeridian where they come to it."""
    lons, lats, heights = [], [], []
    for _ in range(count):
        azimuth, step_m = rng.uniform(0, 360), rng.choice([300.0, 2500.0, 15_000.0])
        lon, lat, _ = WGS84.fwd(*here, rng.uniform(0, 360), rng.uniform(0, 300_000))
        for _ in range(TURNS):
            lons.append(lon)
            lats.append(lat)
            azimuth += rng.normal(0, 8)
            lon, lat, back = WGS84.fwd(lon, lat, azimuth, step_m)
            azimuth = back + 180.0
        heights.append(rng.uniform(0, 8000) + np.cumsum(rng.normal(0, 300, TURNS)))
    t_us = np.tile(np.arange(TURNS) * 10_000_000, count)
    first = np.arange(count + 1) * TURNS
    return Tracks(t_us, np.array(lons), np.array(lats), np.concatenate(heights), first)


TURNS = 150
EVER = np.array([-np.inf]), np.array([np.inf])


@pytest.mark.parametrize(
    "middle_deg", [(10.0, 50.0), (180.0, -40.0), (-179.9, 0.0), (40.0, 89.0), (0.0, -89.97)]
)
def test_a_block_that_is_passed_over_held_nothing(middle_deg: tuple[float, float]) -> None:
    """What is found is what is found where no block is passed over, over the poles and the antimeridian as well."""
    rng = np.random.default_rng(round(middle_deg[1] * 100) % 1000)
    rounds = 12 if JIT else 1
    far, found = 0, 0
    for _ in range(rounds):
        tracks = wandering(rng, middle_deg, 6)
        some = tracks.t_us, tracks.lat, tracks.lon, tracks.altitude, tracks.first
        block_first, block = blocks_of(*some[1:])
        endless = block.copy()
        endless[:, blocks.RADIUS_M], endless[:, blocks.LOWEST], endless[:, blocks.HIGHEST] = (
            np.inf,
            -np.inf,
            np.inf,
        )
        legs = np.arange(6)
        size_m = float(rng.choice([5e3, 6e4]))
        line = edges_of(Shape("line", (tuple(walk(rng, middle_deg, 3, size_m, 2 * size_m, 60.0)),)))
        area = edges_of(Shape("area", (tuple(star(rng, middle_deg, 2 * size_m, 7)),)))
        windows = [np.array([each]) for each in (2e8, 1.2e9, 2000.0, 7000.0)]
        answers = []
        for each in (block, endless):
            asked = *some, block_first, each, legs
            answers.append(
                [
                    sides.find_excursions(
                        *asked, edges.LEFT, size_m, *line.grown_box(size_m), *line, *windows[:2], ROOM
                    ),
                    zones.find_penetrations(
                        *asked, zones.ROUND_CORRIDOR, size_m, *line.grown_box(size_m), *line, *windows, ROOM
                    ),
                    zones.find_penetrations(
                        *asked, zones.AREA, 0.0, *area.grown_box(0.0), *area, *windows, ROOM
                    ),
                ]
            )
        for (a, a_rows), (b, b_rows) in zip(*answers, strict=True):
            assert a.tolist() == b.tolist()
            for k, n in enumerate(np.minimum(a, ROOM)):
                np.testing.assert_array_equal(a_rows[k, :n], b_rows[k, :n])
            found += int(a.sum())
        far += sum(blocks.is_block_far(each, size_m, *line[:5]) for each in block)
    if JIT:  # in one round there may be nothing
        assert found >= rounds
        assert far >= 3 * rounds  # or balls that hold everything would pass


def test_a_block_holds_its_samples_and_its_altitudes() -> None:
    """Each sample is within its block's ball and between its levels; a leg of one sample has a block as well."""
    rng = np.random.default_rng(5)
    tracks = wandering(rng, (179.0, 88.5), 4)
    first = np.append(tracks.first, tracks.first[-1] + 1)
    lat, lon, altitude = (np.append(each, each[0]) for each in (tracks.lat, tracks.lon, tracks.altitude))
    altitude[3] = np.nan
    block_first, block = blocks_of(lat, lon, altitude, first)
    points = earth(lon, lat)
    for leg in range(first.size - 1):
        for i in range(first[leg], first[leg + 1]):
            row = block[min(block_first[leg] + (i - first[leg]) // blocks.STEPS, block_first[leg + 1] - 1)]
            assert np.linalg.norm(points[i] - row[:3]) <= row[blocks.RADIUS_M]
            assert np.isnan(altitude[i]) or row[blocks.LOWEST] <= altitude[i] <= row[blocks.HIGHEST]

    assert block_first.tolist()[-2:] == [block.shape[0] - 1, block.shape[0]]
    assert np.isinf(block[0, blocks.LOWEST])


# Edges ---------------------------------------------------------------------------------------------------

latitudes = st.floats(-84.0, 84.0)
longitudes = st.floats(-180.0, 180.0)
directions_deg = st.floats(0.0, 360.0)


@pytest.mark.compiled
@given(longitudes, latitudes, directions_deg, st.floats(100.0, 200_000.0))
@example(179.9, 40.0, 90.0, 150_000.0)
@example(10.0, 84.0, 90.0, 100_000.0)
def test_a_geodesic_edge_is_the_geodesic(lon: float, lat: float, azimuth: float, length_m: float) -> None:
    """Every point that PROJ puts on the geodesic is within 1 cm of the edges made of it."""
    b_lon, b_lat, _ = WGS84.fwd(lon, lat, azimuth, length_m)
    made = edges_of(Shape("line", (((lon, lat), (b_lon, b_lat)),), edges="geodesic"))
    points = np.array(WGS84.npts(lon, lat, b_lon, b_lat, 101))
    kernel: Any = edges.looks
    away_m = kernel(points[:, 1].copy(), points[:, 0].copy(), *made)[:, edges.DISTANCE_M]

    assert away_m.max() <= GEODESIC_M


@given(
    longitudes,
    latitudes,
    directions_deg,
    st.floats(50.0, 100_000.0),
    directions_deg,
    st.floats(0.0, 60_000.0),
)
@example(0.0, 0.0, 90.0, 1000.0, 90.0, 5000.0)  # behind its end
@example(180.0, 84.0, 90.0, 50_000.0, 0.0, 30_000.0)
def test_the_foot_is_the_nearest_of_many_points(
    lon: float, lat: float, azimuth: float, length_m: float, aside_deg: float, aside_m: float
) -> None:
    """No point of an edge is nearer than its foot, and none that is as near lies elsewhere."""
    b_lon, b_lat, _ = WGS84.fwd(lon, lat, azimuth, length_m)
    b_lon += 360.0 * round((lon - b_lon) / 360.0)
    p_lon, p_lat, _ = WGS84.fwd(lon, lat, aside_deg, aside_m)
    p = surface_point(p_lat, p_lon)
    share, away_m = edges.foot(*p, lon, lat, b_lon, b_lat)
    low, high = 0.0, 1.0
    for _ in range(6):
        at = np.linspace(low, high, 101)
        away = np.linalg.norm(earth(lon + (b_lon - lon) * at, lat + (b_lat - lat) * at) - p, axis=1)
        best = int(away.argmin())
        low, high = at[max(best - 1, 0)], at[min(best + 1, 100)]

    assert away_m <= away.min() + 1e-6
    assert away_m >= away.min() - FOOT_M
    assert 0.0 <= share <= 1.0


@pytest.mark.parametrize("lon", [10.0, 179.99, -180.0])
@pytest.mark.parametrize(
    ("turn", "beside", "side"),
    [
        (+1, (+0.005, -0.005), edges.RIGHT),  # outside a turn to the left: nearest to the vertex
        (+1, (-0.005, +0.005), edges.LEFT),  # inside
        (-1, (+0.005, +0.005), edges.LEFT),
        (-1, (-0.005, -0.005), edges.RIGHT),
    ],
)
def test_at_a_vertex_both_edges_tell_the_side(
    lon: float, turn: int, beside: tuple[float, float], side: float
) -> None:
    """Outside the turn the vertex is nearest, and the point is on the outer side of the line; inside, on the inner."""
    shape = Shape("line", (((lon - 0.1, 50.0), (lon, 50.0), (lon, 50.0 + 0.1 * turn)),))
    made = edges_of(shape)
    kernel: Any = edges.looks
    look = kernel(np.array([50.0 + beside[1]]), np.array([lon + beside[0]]), *made)[0]

    assert look[edges.SIDE] == side
    assert look[edges.IS_BESIDE] == 1.0


def test_beyond_an_end_is_not_beside_the_line() -> None:
    """A point whose nearest point is an end is not beside the line."""
    made = edges_of(Shape("line", (((10.0, 50.0), (10.1, 50.0), (10.2, 50.1)),)))
    kernel: Any = edges.looks
    look = kernel(np.array([50.01, 50.12]), np.array([9.99, 10.23]), *made)

    assert look[:, edges.IS_BESIDE].tolist() == [0.0, 0.0]


# A few by hand ----------------------------------------------------------------------------------------------


def penetrate(shape: Shape, kind: int, tracks: Tracks, window: tuple[float, float, float, float]) -> Any:
    made = edges_of(shape)
    kernel: Any = zones.find_penetrations
    windows = [np.array([each]) for each in window]
    box = made.grown_box(shape.radius_m)
    count, out = kernel(*seen_by(tracks), kind, shape.radius_m, *box, *made, *windows, ROOM)
    return out[0, : count[0]]


def eastward(lat: float, heights: list[float]) -> Tracks:
    """Return a track along a parallel, over (10, lat) half way, a sample in ten seconds."""
    n = len(heights)
    return Tracks(
        np.arange(n) * 10_000_000,
        10.0 + (np.arange(n) - (n - 1) / 2) * 0.02,
        np.full(n, lat),
        np.array(heights),
        np.array([0, n], np.int64),
    )


def test_a_level_reached_at_a_sample_is_what_is_passed() -> None:
    """Climbing through the ceiling at the very instant of a sample, one leaves by the ceiling; so at a closing time."""
    circle = Shape("circle", (((10.0, 50.0),),), 50_000.0)
    climb = eastward(50.0, [900.0, 950.0, 1000.0, 1000.0, 1050.0])
    by_level = penetrate(circle, zones.CIRCLE, climb, (-np.inf, np.inf, -np.inf, 1000.0))
    by_hour = penetrate(circle, zones.CIRCLE, climb, (10e6, 20e6, -np.inf, np.inf))

    assert by_level[:, [zones.T_OUT_US, zones.LEFT_BY]].tolist() == [[20e6, zones.CEILING]]
    assert by_hour[:, [zones.T_IN_US, zones.ENTERED]].tolist() == [[10e6, zones.SCHEDULE]]
    assert by_hour[:, [zones.T_OUT_US, zones.LEFT_BY]].tolist() == [[20e6, zones.SCHEDULE]]


def test_the_depth_in_feet_is_greatest_half_way_between_the_levels() -> None:
    """A step that climbs from the floor to the ceiling is deepest in its middle."""
    circle = Shape("circle", (((10.0, 50.0),),), 50_000.0)
    rows = penetrate(circle, zones.CIRCLE, eastward(50.0, [0.0, 4000.0]), (-np.inf, np.inf, 1000.0, 2000.0))

    assert rows[0, [zones.DEPTH_FT, zones.T_DEPTH_FT_US]] == pytest.approx([500.0, 3.75e6])


def test_a_flat_corridor_is_as_deep_as_its_cut_end_is_far() -> None:
    """Just within the square end of a corridor one is not deep in it, however wide it is."""
    corridor = Shape("corridor", (((10.0, 49.9), (10.0, 50.001)),), 5000.0, "straight", "flat")
    rows = penetrate(
        corridor, zones.FLAT_CORRIDOR, eastward(50.0, [0.0] * 9), (-np.inf, np.inf, -np.inf, np.inf)
    )
    from_end_m = WGS84.inv(10.0, 50.0, 10.0, 50.001)[2]

    assert rows[:, zones.DEPTH_M] == pytest.approx([from_end_m], abs=DEPTH_M)


# Spans ------------------------------------------------------------------------------------------------------

SECONDS = 120
span_lists = st.lists(st.tuples(st.integers(0, SECONDS), st.integers(0, SECONDS)), max_size=8).map(
    lambda pairs: [(float(min(pair)), float(max(pair))) for pair in pairs if pair[0] != pair[1]]
)


def held(some: list[spans.Span]) -> Any:
    """Return for each second whether any span covers it."""
    at = np.arange(SECONDS) + 0.5
    return np.array([any(begin < t < end for begin, end in some) for t in at.tolist()])


def is_proper(some: list[spans.Span]) -> bool:
    return all(a < b for a, b in some) and all(a[1] <= b[0] for a, b in itertools.pairwise(some))


@given(span_lists, span_lists)
def test_spans_are_sets_of_seconds(one: list[spans.Span], other: list[spans.Span]) -> None:
    """Union, intersection and difference are those of the seconds covered."""
    a, b = spans.united(one), spans.united(other)

    assert (held(a) == held(one)).all()
    assert (held(spans.common(a, b)) == (held(one) & held(other))).all()
    assert (held(spans.without(a, b)) == (held(one) & ~held(other))).all()
    assert all(map(is_proper, (a, b, spans.common(a, b), spans.without(a, b))))
    assert spans.length_s(a) == pytest.approx(held(one).sum() * 1e-6)
    assert all(p[1] < q[0] for p, q in itertools.pairwise(a))  # united ones do not touch


days = st.sampled_from(WEEKDAYS)
minutes = st.integers(0, 1440)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@given(
    st.lists(st.tuples(days, days, minutes, minutes).filter(lambda each: each[2] != each[3]), max_size=3),
    st.datetimes(datetime(1969, 12, 1), datetime(2030, 1, 1)).map(lambda at: at.replace(tzinfo=UTC)),
    st.none() | st.tuples(st.integers(-200, 200), st.integers(1, 200)),
)
@example([("fri", "mon", 1320, 360)], datetime(2024, 2, 26, tzinfo=UTC), None)
@example([("sun", "sun", 1380, 60)], datetime(1970, 1, 4, tzinfo=UTC), (1, 80))
def test_weekly_hours_are_those_of_the_calendar(
    hours: list[tuple[str, str, int, int]], first: datetime, within: tuple[int, int] | None
) -> None:
    """Each quarter of an hour of eight days is held where the calendar says so; night hours belong to their eve."""
    if any(begin == 1440 and end != 0 for *_, begin, end in hours):
        hours = [each for each in hours if each[2] != 1440]
    weekly = tuple(
        part
        for from_day, to_day, begin, end in hours
        for part in parse_weekly(
            f"{from_day}-{to_day} {begin // 60:02}:{begin % 60:02}-{end // 60:02}:{end % 60:02}"
        )
    )
    intervals: Any = ()
    if within is not None:
        begin_at = first + timedelta(hours=within[0])
        intervals = ((begin_at, begin_at + timedelta(hours=within[1])),)
    first_us = (first - EPOCH) // timedelta(microseconds=1)
    found = spans.of_schedule(Schedule(intervals, weekly), first_us, first_us + 8 * 86_400_000_000)
    instants = [first + timedelta(minutes=15 * k, seconds=7) for k in range(8 * 96 - 1)]
    at_us = np.array([(each - EPOCH) // timedelta(microseconds=1) for each in instants], float)
    told = np.zeros(at_us.size, bool)
    for begin_us, end_us in found:
        told |= (begin_us <= at_us) & (at_us < end_us)
    meant = [_is_meant(each, hours) and all(a <= each < b for a, b in intervals) for each in instants]

    assert is_proper(found)
    assert told.tolist() == meant


def _is_meant(at: datetime, hours: list[tuple[str, str, int, int]]) -> bool:
    minute = at.hour * 60 + at.minute + at.second / 60
    for from_day, to_day, begin, end in hours:
        first, last = WEEKDAYS.index(from_day), WEEKDAYS.index(to_day)
        listed = {(first + k) % 7 for k in range((last - first) % 7 + 1)}
        if begin < end and at.weekday() in listed and begin <= minute < end:
            return True
        if begin > end and (
            (at.weekday() in listed and minute >= begin)
            or ((at.weekday() - 1) % 7 in listed and minute < end)
        ):
            return True
    return not hours


def test_how_a_line_is_passed() -> None:
    """Through it and back; round its end and out at the reach; heard first and last on the wrong side."""
    line = edges_of(Shape("line", (((10.0, 45.0), (10.0, 45.2)),)))
    ways = [
        [(9.98, 45.10), (10.02, 45.12), (9.98, 45.14)],
        [(9.95, 45.25), (10.05, 45.25), (10.10, 45.10), (10.40, 45.10)],
        [(10.01, 45.05), (10.03, 45.06)],
    ]
    lon, lat = (np.array([point[k] for way in ways for point in way], float) for k in (0, 1))
    first = np.cumsum([0, *map(len, ways)])
    t_us = np.arange(lon.size, dtype=np.int64) * 50_000_000
    some = lat, lon, np.full(lon.size, 9000.0), first
    samples = tuple(map(frozen, (t_us, *some, *blocks_of(*some))))
    legs = frozen(np.arange(len(ways)))

    count, rows = sides.find_excursions(
        *samples, legs, -1.0, 20_000.0, *line.grown_box(20_000.0), *line, *EVER, 2
    )
    how = [(int(row[0, sides.ENTERED]), int(row[0, sides.LEFT_BY])) for row in rows]

    assert count.tolist() == [1, 1, 1]
    assert how == [(sides.LINE, sides.LINE), (sides.END, sides.REACH), (sides.HEARD, sides.HEARD)]
    assert rows[0, 0, sides.IN_LON_DEG] == pytest.approx(10.0, abs=1e-7)
    assert rows[1, 0, sides.DEPTH_M] == pytest.approx(20_000.0, abs=0.01)


@pytest.mark.parametrize("teeth", [20, 60, 100, 400] if JIT else [20, 100])
def test_no_crossing_is_dropped_however_many_a_step_has(teeth: int) -> None:
    """A comb and a zigzag, each passed end to end in one step: each tooth is met."""
    west, east, south, north = 10.0, 10.3, 44.9, 45.1
    edges_lon = np.linspace(west, east, 2 * teeth + 1)
    ring = [(west, south)]
    for k in range(teeth):  # a tooth, then a gap down to a back that the way passes north of
        a, b, c = edges_lon[2 * k], edges_lon[2 * k + 1], edges_lon[2 * k + 2]
        ring += [(a, north), (b, north), (b, 44.95), (c, 44.95)]
    ring.append((east, south))
    comb = edges_of(Shape("area", (tuple(dict.fromkeys(ring)),)))
    zigzag = edges_of(
        Shape("line", (tuple((lon, 45.05 if k % 2 else 44.95) for k, lon in enumerate(edges_lon)),))
    )
    lon, lat = np.array([west - 0.01, east + 0.01]), np.array([45.0, 45.0])
    t_us = np.array([0, 59_000_000], np.int64)
    some = lat, lon, np.full(2, 9000.0), np.array([0, 2])
    samples = tuple(map(frozen, (t_us, *some, *blocks_of(*some))))
    legs = frozen(np.zeros(1, np.int64))
    always = tuple(
        map(frozen, (np.array([-1e15]), np.array([1e15]), np.array([-np.inf]), np.array([np.inf])))
    )

    inside, _ = zones.find_penetrations(
        *samples, legs, zones.AREA, 0.0, *comb.grown_box(0.0), *comb, *always, 2 * teeth
    )
    past, rows = sides.find_excursions(
        *samples, legs, edges.LEFT, 50_000.0, *zigzag.grown_box(50_000.0), *zigzag, *EVER, 4 * teeth
    )

    assert inside.tolist() == [teeth]
    assert past.tolist() == [teeth + 1]  # before, between and behind the teeth
    assert set(rows[0, :teeth, sides.LEFT_BY].astype(int)) == {sides.LINE}

"""Rules to keep to one side of a line → excursions, and gaps that alone could hold one.

Definitions that DESIGN-level words leave open, as docs/judging.md tells them to users:

- An excursion's parts, within legs, that gaps of at most ``join_gap`` separate are one if the aircraft was heard past
  the line at the very ends of the gap.
- A gap could hold an excursion past the buffer if at `GAP_SPEED_KT` there was time to fly from where the
  aircraft was last heard to a point past the buffer and on to where it was heard again.  If it was heard past
  the line on neither side, the gap is *unknown* by itself; an excursion heard within the buffer only, with such a gap
  at an end or within, is *unknown* as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from wideberth.agreement.edges import edges_of
from wideberth.agreement.model import Side
from wideberth.agreement.shapes import Place, Schedule, Shape, Volume
from wideberth.judge import spans, tell, verdicts
from wideberth.kernels import edges, sides
from wideberth.kernels.gaps import shortest_ways_m
from wideberth.kernels.geodesy import MEAN_RADIUS_M, surface_points
from wideberth.trust import accuracy
from wideberth.units import MPS_PER_KNOT

if TYPE_CHECKING:
    import numpy.typing as npt

    from wideberth.agreement.rules import Rule
    from wideberth.incidents import Columns
    from wideberth.judge.sky import Sky

    Bools = npt.NDArray[np.bool_]
    Floats = npt.NDArray[np.float64]
    Indices = npt.NDArray[np.int64]

GAP_SPEED_KT = 600.0
HOW = {
    sides.LINE: "line",
    sides.END: "end",
    sides.REACH: "reach",
    sides.HEARD: "heard",
    sides.SCHEDULE: "schedule",
}


def judge(sky: Sky, rule: Rule) -> list[Columns]:
    """Return the excursions under a rule, those within the buffer as well, and the unknown gaps."""
    keeps = rule.entry.keeps
    assert isinstance(keeps, Side)
    line = rule.places[0].volumes[0].shapes[0]
    wrong = edges.RIGHT if rule.is_left_kept else edges.LEFT
    chosen = np.flatnonzero(tell.bound(sky, rule)[sky.flight_of_leg]).astype(np.int64)
    held = tell.held(sky, rule)
    whose, rows = sky.excursions(line, chosen, wrong, keeps.reach, held)
    rows = rows.copy()
    rows[:, [sides.T_IN_US, sides.T_OUT_US, sides.T_DEEPEST_US]] += sky.legs.base_us
    return _Past(sky, rule, keeps, line, wrong, held, whose, rows).told(chosen)


@dataclass(eq=False)
class _Past:
    """The stretches past the line within legs, in order, and what one rule says of them.

    Attributes:
        leg: (k,) which of ``Sky.legs``.
        rows: (k, w) as `sides` gives them, instants in Unix microseconds.
    """

    sky: Sky
    rule: Rule
    keeps: Side
    line: Shape
    wrong: float
    held: list[spans.Span]
    leg: Indices
    rows: Floats

    def told(self, chosen: Indices) -> list[Columns]:
        """Return what is to be told of some legs, all of the flights that the rule binds."""
        found = []
        if self.leg.size:
            found.append(self._excursions())
        gaps = self._open_gaps(chosen)
        if gaps.size:
            found.append(self._told_gaps(gaps))
        return found

    # Excursions ----------------------------------------------------------------------------------

    @cached_property
    def first(self) -> Indices:
        """Which stretch is the first of each excursion: gaps that are short enough join them."""
        entered, left = self.rows[:, sides.ENTERED], self.rows[:, sides.LEFT_BY]
        flight = self.sky.flight_of_leg[self.leg]
        silence_us = self.rows[1:, sides.T_IN_US] - self.rows[:-1, sides.T_OUT_US]
        is_joined = (
            (flight[1:] == flight[:-1])
            & (self.leg[1:] == self.leg[:-1] + 1)
            & (left[:-1] == sides.HEARD)
            & (entered[1:] == sides.HEARD)
            & (silence_us <= self.keeps.join_gap * 1e6)
        )
        return np.flatnonzero(np.append(True, ~is_joined))

    @cached_property
    def last(self) -> Indices:
        """Which stretch is the last of each excursion."""
        return np.append(self.first[1:], self.leg.size) - 1

    @cached_property
    def is_silent_before(self) -> Bools:
        """Before which excursions a gap hides when they began."""
        leg = self.leg[self.first]
        is_first = self.sky.first_leg_of_flight(leg) == leg
        return np.asarray((self.rows[self.first, sides.ENTERED] == sides.HEARD) & ~is_first)

    @cached_property
    def is_silent_after(self) -> Bools:
        """After which excursions a gap hides when they ended."""
        leg = self.leg[self.last]
        is_last = self.sky.last_leg_of_flight(leg) == leg
        return np.asarray((self.rows[self.last, sides.LEFT_BY] == sides.HEARD) & ~is_last)

    def _excursions(self) -> Columns:
        sky, rows, first, last = self.sky, self.rows, self.first, self.last
        order = np.lexsort((-rows[:, sides.DEPTH_M], np.repeat(np.arange(first.size), last - first + 1)))
        deepest = order[first]
        depth_m = rows[deepest, sides.DEPTH_M]
        verdict, is_told = self._verdicts(depth_m)
        first, last, deepest, depth_m = first[is_told], last[is_told], deepest[is_told], depth_m[is_told]
        t_in, t_out = rows[first, sides.T_IN_US], rows[last, sides.T_OUT_US]
        leg_in, leg_out = self.leg[first], self.leg[last]
        silent_before, silent_after = self.is_silent_before[is_told], self.is_silent_after[is_told]
        errors = accuracy.errors_at(
            sky.tracks, sky.legs, self.leg[deepest], rows[deepest, sides.T_DEEPEST_US], is_extreme=True
        )
        sigma_m = errors.across
        low_m, high_m = accuracy.interval(depth_m, sigma_m)
        # Beyond the reach nothing is looked at: who passed it was at least so far, and nobody knows how far.
        is_at_reach = (rows[first, sides.ENTERED] == sides.REACH) | (rows[last, sides.LEFT_BY] == sides.REACH)
        name = self.rule.places[0].name
        return {
            **tell.named(sky, self.rule, sky.flight_of_leg[leg_in], t_in),
            **{key: [values[k] for k in np.flatnonzero(is_told)] for key, values in verdict.items()},
            "place": name,
            "t_in": t_in,
            "t_out": t_out,
            "t_in_earliest": np.where(silent_before, sky.gap_from_us[leg_in - 1], np.nan),
            "t_out_latest": np.where(silent_after, sky.gap_until_us[leg_out], np.nan),
            "entered": tell.names(rows[first, sides.ENTERED], HOW),
            "left": tell.names(rows[last, sides.LEFT_BY], HOW),
            "manner": self._manner(
                t_in, t_out, depth_m, rows[first, sides.ENTERED], rows[last, sides.LEFT_BY]
            ),
            "t_worst": rows[deepest, sides.T_DEEPEST_US],
            "lat_deg": rows[deepest, sides.DEEPEST_LAT_DEG],
            "lon_deg": rows[deepest, sides.DEEPEST_LON_DEG],
            "altitude_ft": rows[deepest, sides.ALTITUDE],
            "in_lat_deg": rows[first, sides.IN_LAT_DEG],
            "in_lon_deg": rows[first, sides.IN_LON_DEG],
            "out_lat_deg": rows[last, sides.OUT_LAT_DEG],
            "out_lon_deg": rows[last, sides.OUT_LON_DEG],
            "magnitude": depth_m,
            "magnitude_unit": "m",
            "magnitude_low": low_m,
            "magnitude_high": np.where(is_at_reach, np.nan, high_m),
            "at_reach": is_at_reach,
            "probability": accuracy.probability_above(depth_m, self.keeps.buffer, sigma_m),
            "missed": accuracy.probability_above(-depth_m, self.keeps.buffer, sigma_m),
            "position_m": errors.radius_95,
            "gap_s": sky.silence_us(leg_in, leg_out) * 1e-6,
            **tell.evidence(sky, sky.legs, leg_in, t_in, leg_out, t_out),
            "sentence": [
                f"recorded {_opposite(self.keeps.side)} {name} by {distance} from {begin} to {end}"
                for distance, begin, end in zip(
                    tell.distances(depth_m, sigma_m, is_at_reach),
                    tell.clocks(t_in),
                    tell.clocks(t_out),
                    strict=True,
                )
            ],
        }

    def _verdicts(self, depth_m: Floats) -> tuple[Columns, Bools]:
        """Return the verdict on each excursion, and which were anything while the rule held."""
        first, last = self.first, self.last
        is_deep = depth_m > self.keeps.buffer
        parts = self._past_buffer(np.flatnonzero(np.repeat(is_deep, last - first + 1)))
        deep = np.flatnonzero(is_deep)

        def breaks_of(k: int) -> list[verdicts.Break]:
            return [
                verdicts.Break(int(self.sky.flight_of_leg[self.leg[at]]), int(self.leg[at]), parts[at])
                for at in range(int(first[deep[k]]), int(last[deep[k]]) + 1)
            ]

        broken_us = np.array(
            [
                sum(end - begin for each in breaks_of(k) for begin, end in each.broken)
                for k in range(deep.size)
            ],
            np.float64,
        )
        flight = self.sky.flight_of_leg[self.leg[first]]
        told = verdicts.columns(self.sky, self.rule, (flight[deep],), broken_us, breaks_of)
        could = np.zeros(first.size, np.bool_)
        for k in np.flatnonzero(~is_deep).tolist():
            around = self._gaps_around(k)
            could[k] = around.size > 0 and bool(self._could_hold(around).any())
        found: Columns = {
            "verdict": np.where(could, "unknown", "inside_buffer").tolist(),
            "because": ["gap" if one else None for one in could.tolist()],
            "permission": [None] * first.size,
            "broken_s": [0.0] * first.size,
            "covered_s": [0.0] * first.size,
        }
        for key, values in told.items():
            for k, value in zip(deep.tolist(), values, strict=True):
                found[key][k] = value
        is_told = spans.touching(self.rows[first, sides.T_IN_US], self.rows[last, sides.T_OUT_US], self.held)
        return found, is_told

    def _past_buffer(self, some: Indices) -> dict[int, list[spans.Span]]:
        """Return when some stretches are past the buffer, too, while the rule holds."""
        whole: dict[int, list[spans.Span]] = {
            k: [(begin, max(end, begin + spans.INSTANT_US))]
            for k, begin, end in zip(
                some.tolist(),
                self.rows[some, sides.T_IN_US].tolist(),
                self.rows[some, sides.T_OUT_US].tolist(),
                strict=True,
            )
        }
        if self.keeps.buffer > 0.0 and some.size:
            near = Shape("corridor", self.line.rings, self.keeps.buffer, self.line.edges)
            place = Place("", (Volume((near,), schedule=Schedule()),))
            legs = self.sky.legs_by("any")
            whose, rows = self.sky.inside(place, legs, np.unique(self.leg[some]), "any")
            within: dict[int, list[spans.Span]] = {}
            for leg, span in zip(whose.tolist(), spans.of_each(rows, legs.base_us), strict=True):
                within.setdefault(leg, []).append(span)
            for k in some.tolist():
                whole[k] = spans.without(whole[k], spans.united(within.get(int(self.leg[k]), [])))
        return {k: spans.common(each, self.held) for k, each in whole.items()}

    def _manner(
        self, t_in: Floats, t_out: Floats, depth_m: Floats, entered: Floats, left: Floats
    ) -> list[str]:
        lasts_s = (t_out - t_in) * 1e-6
        is_brush = (lasts_s <= self.keeps.brush.time) & (depth_m <= self.keeps.brush.depth)
        goes_through = (entered == sides.LINE) & ((left == sides.END) | (left == sides.REACH))
        is_transit = goes_through | (lasts_s < self.keeps.sustained)
        found: list[str] = np.where(is_brush, "brush", np.where(is_transit, "transit", "sustained")).tolist()
        return found

    # Gaps: each by the leg before it ---------------------------------------------------------------

    def _gaps_around(self, k: int) -> Indices:
        """Return the gaps within an excursion, and those that hide its beginning or end."""
        begin = int(self.leg[self.first[k]]) - int(self.is_silent_before[k])
        return np.arange(begin, int(self.leg[self.last[k]]) + int(self.is_silent_after[k]))

    def _open_gaps(self, chosen: Indices) -> Indices:
        """Return the gaps in flights heard past the line on neither side, long enough to hide an excursion."""
        flight = self.sky.flight_of_leg[chosen]
        gaps = chosen[:-1][flight[1:] == flight[:-1]]
        if self.leg.size:
            of_excursions = np.concatenate([self._gaps_around(k) for k in range(self.first.size)])
            gaps = gaps[~np.isin(gaps, of_excursions)]
        while_held = spans.touching(self.sky.gap_from_us[gaps], self.sky.gap_until_us[gaps], self.held)
        gaps = gaps[while_held]
        return np.asarray(gaps[self._could_hold(gaps)])

    def _could_hold(self, gaps: Indices) -> Bools:
        """Return in which gaps there was time to fly past the buffer, beside the line, and on."""
        legs = self.sky.legs
        begin, end = (
            surface_points(legs.lat_deg[at], legs.lon_deg[at])
            for at in (legs.first[gaps + 1] - 1, legs.first[gaps + 1])
        )
        lasts_us = self.sky.gap_until_us[gaps] - self.sky.gap_from_us[gaps]
        could_fly_m = GAP_SPEED_KT * MPS_PER_KNOT * lasts_us * 1e-6
        # Most could not even have flown straight from where they were last heard to where they were heard again.
        found = np.linalg.norm(end - begin, axis=1) < could_fly_m
        some = np.flatnonzero(found)
        found[some] = shortest_ways_m(begin[some], end[some], self.patches) < could_fly_m[some]
        return np.asarray(found)

    @cached_property
    def patches(self) -> Floats:
        """Corners of the region past the buffer and within reach, beside each edge and between edges, (m, 4, 3)."""
        lon0, lat0, lon1, lat1, _, _ = edges_of(self.line)
        scale = np.cos(np.radians((lat0 + lat1) / 2.0))
        east, north = (lon1 - lon0) * scale, lat1 - lat0
        norm = np.hypot(east, north)
        depths_m = (self.keeps.buffer, max(self.keeps.reach, self.keeps.buffer))
        begin, end = np.empty((2, lon0.size, 2, 3))
        for k, depth_m in enumerate(depths_m):
            away_deg = np.degrees(depth_m / MEAN_RADIUS_M)
            to_lat, to_lon = (
                self.wrong * east / norm * away_deg,
                -self.wrong * north / norm * away_deg / scale,
            )
            for corner, lat, lon in ((begin, lat0, lon0), (end, lat1, lon1)):
                corner[:, k] = surface_points(lat + to_lat, lon + to_lon)
        beside = np.stack([begin[:, 0], end[:, 0], begin[:, 1], end[:, 1]], axis=1)
        between = np.stack([end[:-1, 0], begin[1:, 0], end[:-1, 1], begin[1:, 1]], axis=1)
        return np.ascontiguousarray(np.concatenate([beside, between]))

    def _told_gaps(self, gaps: Indices) -> Columns:
        sky = self.sky
        begin, end = sky.gap_from_us[gaps], sky.gap_until_us[gaps]
        name = self.rule.places[0].name
        return {
            **tell.named(sky, self.rule, sky.flight_of_leg[gaps], begin),
            "verdict": "unknown",
            "because": "gap",
            "place": name,
            "t_in": begin,
            "t_out": end,
            "gap_s": (end - begin) * 1e-6,
            **tell.evidence(sky, sky.legs, gaps, begin, gaps + 1, end),
            "sentence": [
                f"not heard from {a} to {b}, long enough to have been {_opposite(self.keeps.side)} {name} by more "
                "than the buffer"
                for a, b in zip(tell.clocks(begin), tell.clocks(end), strict=True)
            ],
        }


def _opposite(word: str) -> str:
    others = {
        "north": "south", "northeast": "southwest", "east": "west", "southeast": "northwest",
        "left": "right",
    }  # fmt: skip
    others |= {b: a for a, b in others.items()}
    return f"{others[word]} of"

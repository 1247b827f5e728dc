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

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from wideberth.agreement.edges import edges_of
from wideberth.agreement.model import Side
from wideberth.agreement.shapes import Place, Schedule, Shape, Volume
from wideberth.judge import spans, sure, tell, verdicts
from wideberth.kernels import edges, sides
from wideberth.kernels.geodesy import MEAN_RADIUS_M, surface_point
from wideberth.units import MPS_PER_KNOT

if TYPE_CHECKING:
    from wideberth.agreement.rules import Rule
    from wideberth.judge.sky import Sky

GAP_SPEED_KT = 600.0
HOW = {sides.LINE: "line", sides.END: "end", sides.REACH: "reach", sides.HEARD: "heard"}
SAMPLES_ALONG = 400


@dataclass(frozen=True)
class Part:
    """A stretch past the line within one leg; instants in Unix microseconds."""

    leg: int
    row: Any

    def __getitem__(self, column: int) -> float:
        return float(self.row[column])


@dataclass(frozen=True)
class Gap:
    """What is not heard between two legs of one flight."""

    before: int
    after: int
    from_us: float
    until_us: float


def judge(sky: Sky, rule: Rule) -> list[dict[str, Any]]:
    """Return the excursions under a rule, those within the buffer and the unknown gaps as well."""
    keeps = rule.entry.keeps
    assert isinstance(keeps, Side)
    line = rule.places[0].volumes[0].shapes[0]
    wrong = edges.RIGHT if rule.is_left_kept else edges.LEFT
    legs = sky.legs
    bound = tell.bound(sky, rule)
    chosen = np.flatnonzero(bound[sky.flight_of_leg]).astype(np.int64)
    whose, rows = sky.excursions(line, chosen, wrong, keeps.reach)
    rows = rows.copy()
    rows[:, [sides.T_IN_US, sides.T_OUT_US, sides.T_DEEPEST_US]] += legs.base_us
    held = tell.held(sky, rule)
    parts: dict[int, list[Part]] = {}
    for leg, row in zip(whose.tolist(), rows, strict=True):
        parts.setdefault(leg, []).append(Part(leg, row))
    past = _Past(sky, line, keeps, wrong, rule, held)
    legs_of: dict[int, list[int]] = {}
    for leg in chosen.tolist():
        legs_of.setdefault(int(sky.flight_of_leg[leg]), []).append(leg)
    found = []
    for flight, flight_legs in legs_of.items():
        has_part = any(leg in parts for leg in flight_legs)
        if not has_part and len(flight_legs) == 1:
            continue
        found += past.of_flight(flight, flight_legs, parts)
    return [row for row in found if tell.overlaps(row, held)]


class _Past:
    """What one rule says of flights past its line."""

    def __init__(
        self, sky: Sky, line: Shape, keeps: Side, wrong: float, rule: Rule, held: list[spans.Span]
    ) -> None:
        self.sky, self.line, self.keeps, self.rule, self.held = sky, line, keeps, rule, held
        self.edge_points = _beyond(line, keeps.buffer, wrong)
        self.name = rule.places[0].name
        self.opposite = _opposite(keeps.side)

    def of_flight(self, flight: int, legs: list[int], parts: dict[int, list[Part]]) -> list[dict[str, Any]]:
        """Return what is to be told of a flight."""
        gaps = [self._gap(a, b) for a, b in itertools.pairwise(legs)]
        excursions: list[list[Part]] = []
        for n, leg in enumerate(legs):
            for part in parts.get(leg, []):
                last = excursions[-1][-1] if excursions else None
                is_joined = (
                    last is not None
                    and n > 0
                    and last.leg == legs[n - 1]
                    and last[sides.LEFT_BY] == part[sides.ENTERED] == sides.HEARD
                    and part[sides.T_IN_US] - last[sides.T_OUT_US] <= self.keeps.join_gap * 1e6
                )
                if is_joined:
                    excursions[-1].append(part)
                else:
                    excursions.append([part])
        told = [row for each in excursions if (row := self._told(flight, each, gaps)) is not None]
        is_end = {(each[0].leg, "in") for each in excursions if each[0][sides.ENTERED] == sides.HEARD}
        is_end |= {(each[-1].leg, "out") for each in excursions if each[-1][sides.LEFT_BY] == sides.HEARD}
        inner = {(a.leg, b.leg) for each in excursions for a, b in itertools.pairwise(each)}
        for gap in gaps:
            if (
                (gap.before, "out") in is_end
                or (gap.after, "in") in is_end
                or (gap.before, gap.after) in inner
            ):
                continue
            if self._could_hold(gap):
                told.append(self._told_gap(flight, gap))
        return told

    def _gap(self, before: int, after: int) -> Gap:
        legs = self.sky.legs
        return Gap(
            before,
            after,
            float(legs.t_us[legs.first[before + 1] - 1] + legs.base_us),
            float(legs.t_us[legs.first[after]] + legs.base_us),
        )

    def _could_hold(self, gap: Gap) -> bool:
        legs = self.sky.legs
        last, first = int(legs.first[gap.before + 1]) - 1, int(legs.first[gap.after])
        a = np.array(surface_point(legs.lat_deg[last], legs.lon_deg[last]))
        b = np.array(surface_point(legs.lat_deg[first], legs.lon_deg[first]))
        way_m = np.linalg.norm(self.edge_points - a, axis=1) + np.linalg.norm(self.edge_points - b, axis=1)
        return bool(way_m.min() < GAP_SPEED_KT * MPS_PER_KNOT * (gap.until_us - gap.from_us) * 1e-6)

    def _told(self, flight: int, parts: list[Part], gaps: list[Gap]) -> dict[str, Any] | None:
        first, last = parts[0], parts[-1]
        t_in, t_out = first[sides.T_IN_US], last[sides.T_OUT_US]
        deepest = max(parts, key=lambda part: part[sides.DEPTH_M])
        depth_m = deepest[sides.DEPTH_M]
        inside = [gap for gap in gaps if t_in < gap.until_us and gap.from_us < t_out]
        hidden_in = next(
            (g for g in gaps if first[sides.ENTERED] == sides.HEARD and g.after == first.leg), None
        )
        hidden_out = next(
            (g for g in gaps if last[sides.LEFT_BY] == sides.HEARD and g.before == last.leg), None
        )
        sky = self.sky
        if depth_m > self.keeps.buffer:
            breaks = [
                verdicts.Break(flight, part.leg, spans.common(self._past_buffer(part), self.held))
                for part in parts
            ]
            verdict = verdicts.of(sky, self.rule, breaks)
            if not verdict.broken:  # past the buffer only while the rule did not hold
                return None
        else:
            around = [gap for gap in (*inside, hidden_in, hidden_out) if gap is not None]
            could = any(map(self._could_hold, around))
            name, because = ("unknown", "gap") if could else ("inside_buffer", None)
            verdict = verdicts.Verdict(name, because, [], [], [])
        sample = sky.sample_at(sky.legs, deepest.leg, deepest[sides.T_DEEPEST_US])
        sigma_m = sure.sigma_m(sky.tracks, sky.row(sky.legs, sample), _step_s(sky, deepest.leg, sample))
        low_m, high_m = sure.interval(depth_m, sigma_m)
        manner = self._manner(t_in, t_out, depth_m, first[sides.ENTERED], last[sides.LEFT_BY])
        row = {
            **tell.named(sky, self.rule, flight, int(t_in // 1_000_000)),
            **verdict.columns(),
            "place": self.name,
            "t_in": spans.instant(t_in),
            "t_out": spans.instant(t_out),
            "t_in_earliest": spans.instant(hidden_in.from_us) if hidden_in else None,
            "t_out_latest": spans.instant(hidden_out.until_us) if hidden_out else None,
            "entered": HOW[int(first[sides.ENTERED])],
            "left": HOW[int(last[sides.LEFT_BY])],
            "manner": manner,
            "t_worst": spans.instant(deepest[sides.T_DEEPEST_US]),
            "lat_deg": deepest[sides.DEEPEST_LAT_DEG],
            "lon_deg": deepest[sides.DEEPEST_LON_DEG],
            "altitude_ft": tell.known(deepest[sides.ALTITUDE]),
            "in_lat_deg": first[sides.IN_LAT_DEG],
            "in_lon_deg": first[sides.IN_LON_DEG],
            "out_lat_deg": last[sides.OUT_LAT_DEG],
            "out_lon_deg": last[sides.OUT_LON_DEG],
            "magnitude": depth_m,
            "magnitude_unit": "m",
            "magnitude_low": low_m,
            "magnitude_high": high_m,
            "probability": sure.probability_above(depth_m, self.keeps.buffer, sigma_m),
            "gap_s": sum(gap.until_us - gap.from_us for gap in inside) * 1e-6,
            **tell.evidence(sky, first.leg, t_in, last.leg, t_out),
        }
        row["sentence"] = (
            f"recorded {self.opposite} {self.name} by {tell.distance(depth_m, sigma_m)} "
            f"from {tell.clock(t_in)} to {tell.clock(t_out)}"
        )
        return row

    def _past_buffer(self, part: Part) -> list[spans.Span]:
        """Return when a part is past the buffer, too."""
        whole: list[spans.Span] = [(part[sides.T_IN_US], part[sides.T_OUT_US])]
        if self.keeps.buffer <= 0.0:
            return whole
        near = Shape("corridor", self.line.rings, self.keeps.buffer, self.line.edges)
        place = Place("", (Volume((near,), schedule=Schedule()),))
        legs = self.sky.legs_by("any")
        _, rows = self.sky.inside(place, legs, np.array([part.leg], np.int64), "any")
        return spans.without(whole, spans.of_rows(rows, legs.base_us))

    def _manner(self, t_in: float, t_out: float, depth_m: float, entered: float, left: float) -> str:
        lasts_s = (t_out - t_in) * 1e-6
        if lasts_s <= self.keeps.brush.time and depth_m <= self.keeps.brush.depth:
            return "brush"
        if entered == sides.LINE and left in (sides.END, sides.REACH):
            return "transit"
        return "transit" if lasts_s < self.keeps.sustained else "sustained"

    def _told_gap(self, flight: int, gap: Gap) -> dict[str, Any]:
        row = {
            **tell.named(self.sky, self.rule, flight, int(gap.from_us // 1_000_000)),
            "verdict": "unknown",
            "because": "gap",
            "place": self.name,
            "t_in": spans.instant(gap.from_us),
            "t_out": spans.instant(gap.until_us),
            "gap_s": (gap.until_us - gap.from_us) * 1e-6,
            **tell.evidence(self.sky, gap.before, gap.from_us, gap.after, gap.until_us),
        }
        row["sentence"] = (
            f"not heard from {tell.clock(gap.from_us)} to {tell.clock(gap.until_us)}, long enough to have been "
            f"{self.opposite} {self.name} by more than the buffer"
        )
        return row


def _step_s(sky: Sky, leg: int, sample: int) -> float:
    legs = sky.legs
    last = int(legs.first[leg + 1]) - 1
    return float(legs.t_us[min(sample + 1, last)] - legs.t_us[sample]) * 1e-6


def _opposite(word: str) -> str:
    others = {
        "north": "south", "northeast": "southwest", "east": "west", "southeast": "northwest",
        "left": "right",
    }  # fmt: skip
    others |= {b: a for a, b in others.items()}
    return f"{others[word]} of"


def _beyond(line: Shape, buffer_m: float, wrong: float) -> Any:
    """Return points past the buffer, beside the line, (k, 3): what a gap would have to reach."""
    lon0, lat0, lon1, lat1, _, _ = edges_of(line)
    share = (np.arange(max(SAMPLES_ALONG // lon0.size, 8)) + 0.5)[:, None] / max(
        SAMPLES_ALONG // lon0.size, 8
    )
    lon, lat = (lon0 + (lon1 - lon0) * share).ravel(), (lat0 + (lat1 - lat0) * share).ravel()
    scale = np.cos(np.radians(lat))
    east = np.broadcast_to(lon1 - lon0, share.shape[:1] + lon0.shape).ravel() * scale
    north = np.broadcast_to(lat1 - lat0, share.shape[:1] + lon0.shape).ravel()
    norm = np.hypot(east, north)
    away_deg = np.degrees(buffer_m / MEAN_RADIUS_M)
    lat = lat + wrong * east / norm * away_deg
    lon = lon - wrong * north / norm * away_deg / scale
    return np.array([surface_point(a, o) for a, o in zip(lat, lon, strict=True)])

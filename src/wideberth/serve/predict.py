"""Each cycle: who will come too close, cross a line, enter a place or leave one, and who does so now.

Rules are asked one after another, of ways ahead (`ahead`), by the kernels and definitions that judge a recording.  An
instant is in seconds from now; 0 is now.  Each threat is found twice, with the limits of the rule and with limits that
are a little wider: one that is only within the wider ones begins no alert, and lets none that is there end.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from wideberth.agreement.edges import edges_of
from wideberth.agreement.model import Apart, Side, Zone
from wideberth.columns import frozen
from wideberth.judge import spans, tell
from wideberth.judge.zone import HOW as ZONE_HOW
from wideberth.kernels import edges, sides, zones
from wideberth.serve.ahead import AheadSky, Look, Ways
from wideberth.serve.pairs import conflicts

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from wideberth.agreement.rules import Rule
    from wideberth.serve.sky import LiveSky

    Bools = npt.NDArray[np.bool_]
    Floats = npt.NDArray[np.float64]
    Indices = npt.NDArray[np.int64]

DEFAULT = Look()
UNKNOWN = math.nan


@dataclass(frozen=True, slots=True)
class Threat:
    """That a rule will be broken, or is.

    Attributes:
        rule, kind: which, and of which kind.
        aircraft: one address, or two in order.
        parties, callsigns: of each, None where not known.
        place: the line or place; "" of two aircraft.
        t_in_s: seconds until the limits of the rule are broken; inf where only the wider ones will be.
        t_out_s: until they are kept again, as far as is looked ahead.
        is_now: they are broken now.
        is_turning: only if the aircraft goes on turning.
        how: an edge, the floor or ceiling, the line, a level bust told by "floor" and "ceiling"; "" of two aircraft.
        inhibited_by: ids of permissions that cover it from beginning to end.
        lat_deg, lon_deg: where the first aircraft is when it begins; NaN of a threat within wider limits only.
        figures: what else there is to show, by names with units.
    """

    rule: str
    kind: str
    aircraft: tuple[str, ...]
    parties: tuple[str | None, ...]
    callsigns: tuple[str | None, ...]
    place: str
    t_in_s: float
    t_out_s: float
    is_now: bool
    is_turning: bool
    how: str
    inhibited_by: tuple[str, ...]
    figures: dict[str, float]

    @property
    def is_within(self) -> bool:
        """True: the limits of the rule will be broken, and not only the wider ones."""
        return self.t_in_s < math.inf

    @property
    def key(self) -> tuple[str, tuple[str, ...], str]:
        """What makes it the same threat in the next cycle."""
        return self.rule, self.aircraft, self.place


@dataclass(frozen=True)
class Picture:
    """What a cycle found.

    Attributes:
        now_us: when.
        threats: in the order of rules.
        ahead: how many aircraft were looked at.
        not_ahead: how many were not, by reason, see `Ways`.
    """

    now_us: int
    threats: list[Threat]
    ahead: int
    not_ahead: dict[str, int]


def predict(sky: LiveSky, now_us: int, look: Look = DEFAULT) -> Picture:
    """Return every threat at an instant."""
    ways = Ways.of(sky, now_us, look)
    asked = _Asked(sky, AheadSky(ways, sky.whose, sky.agreement), look)
    threats = [
        threat
        for rule in (sky.agreement.rules if len(ways) else ())
        for threat in asked.of(rule)
        if not (threat.is_turning and look.turning_ahead_s < threat.t_in_s < math.inf)
    ]
    return Picture(now_us, threats, int(np.unique(ways.place).size), ways.not_ahead)


@dataclass(frozen=True)
class _Asked:
    """A sky ahead, and what is asked of it."""

    live: LiveSky
    sky: AheadSky
    look: Look

    def of(self, rule: Rule) -> Iterator[Threat]:
        """Yield the threats of a rule."""
        now_us = self.sky.first_us
        held = tell.held_between(self.sky, rule, now_us, self.sky.last_us)
        if not held or rule.kind == "pledges":
            return
        if rule.kind == "apart":
            yield from self._apart(rule, held)
        elif rule.kind == "side":
            yield from self._side(rule, held)
        elif rule.kind == "inside":
            yield from self._inside(rule, held)
        else:
            yield from self._out_of(rule, held)

    def _bound(self, rule: Rule, ways: Indices | None = None) -> Bools:
        """Return which ways, or which of some ways, a rule binds."""
        place = self.sky.ways.place if ways is None else self.sky.ways.place[ways]
        return self.live.whose.bound(rule.id)[place]

    # Two aircraft ----------------------------------------------------------------------------------

    def _apart(self, rule: Rule, held: list[spans.Span]) -> Iterator[Threat]:
        keeps = rule.entry.keeps
        assert isinstance(keeps, Apart)
        ways, whose = self.sky.ways, self.live.whose
        bound = whose.bound(rule.id)
        found = conflicts(ways, keeps.apart.horizontal, keeps.apart.vertical, self.look.widen)
        a, b = ways.place[found.way_a], ways.place[found.way_b]
        concerned = bound[a] & bound[b]
        if rule.bound != ("all",):
            one, other = (whose.claimed(name) for name in rule.bound)
            concerned &= (one[a] & other[b]) | (other[a] & one[b])
        for k in np.flatnonzero(concerned).tolist():
            t_in_s, t_out_s = float(found.t_in_s[k]), float(found.t_out_s[k])
            pair = (int(found.way_a[k]), int(found.way_b[k]))
            if self.live.addresses[a[k]] > self.live.addresses[b[k]]:
                pair = pair[::-1]
            broken = self._span(t_in_s, t_out_s)
            if broken and not spans.common(broken, held):
                continue
            yield self._threat(
                rule, pair, "", t_in_s, t_out_s, t_in_s == 0.0, "", broken,
                is_turning=not found.is_straight[k], figures=found.figures(k),
            )  # fmt: skip

    # One aircraft ----------------------------------------------------------------------------------

    def _out_of(self, rule: Rule, held: list[spans.Span]) -> Iterator[Threat]:
        keeps = rule.entry.keeps
        assert isinstance(keeps, Zone)
        for place in rule.places:
            found: dict[int, tuple[float, float, int, float]] = {}
            wide: set[int] = set()
            for reference in sorted({volume.reference for volume in place.volumes}):
                legs, ways = self.sky.legs_by(reference), self.sky.ways_by(reference)
                chosen = np.flatnonzero(self._bound(rule, ways))
                asked = (place, legs, chosen, reference)
                whose, _ = self.sky.inside(*asked, margin_m=keeps.margin + self.look.widen_m, held=held)
                if not whose.size:
                    continue
                near = np.unique(whose)
                wide.update(ways[near].tolist())
                whose, rows = self.sky.inside(place, legs, near, reference, margin_m=keeps.margin, held=held)
                for leg, row in zip(ways[whose].tolist(), rows.tolist(), strict=True):
                    t_in_s, t_out_s = row[zones.T_IN_US] * 1e-6, row[zones.T_OUT_US] * 1e-6
                    if leg not in found or t_in_s < found[leg][0]:
                        found[leg] = (t_in_s, t_out_s, int(row[zones.ENTERED]), row[zones.DEPTH_M])
            for way, others in self._by_aircraft(wide, {way: each[0] for way, each in found.items()}):
                if way not in found:
                    yield self._threat(rule, (way,), place.name, math.inf, math.inf, False, "", [])
                    continue
                t_in_s, t_out_s, entered, depth_m = found[way]
                yield self._threat(
                    rule, (way,), place.name, t_in_s, t_out_s, t_in_s == 0.0, ZONE_HOW[entered],
                    self._span(t_in_s, t_out_s), is_turning=not others, figures={"depth_m": depth_m},
                )  # fmt: skip

    def _inside(self, rule: Rule, held: list[spans.Span]) -> Iterator[Threat]:
        keeps = rule.entry.keeps
        assert isinstance(keeps, Zone)
        sky = self.sky
        references = sorted({volume.reference for place in rule.places for volume in place.volumes})
        ways = sky.ways_by(references[-1] if references else "any")
        bound = set(ways[self._bound(rule, ways)].tolist())
        span: spans.Span = (float(sky.first_us), float(sky.last_us))
        outside: list[dict[int, list[spans.Span]]] = []
        for margin_m in (keeps.margin, max(keeps.margin - self.look.widen_m, 0.0)):
            within: dict[int, list[spans.Span]] = {}
            for place in rule.places:
                for reference in references:
                    legs, own = sky.legs_by(reference), sky.ways_by(reference)
                    chosen = np.flatnonzero(self._bound(rule, own))
                    whose, rows = sky.inside(place, legs, chosen, reference, margin_m=margin_m)
                    for way, each in zip(own[whose].tolist(), spans.of_each(rows, legs.base_us), strict=True):
                        within.setdefault(way, []).append(each)
            outside.append(
                {
                    way: gone
                    for way in bound
                    if (gone := spans.common(spans.without([span], spans.united(within.get(way, []))), held))
                }
            )
        first = {way: (each[0][0] - sky.first_us) * 1e-6 for way, each in outside[0].items()}
        name = " / ".join(place.name for place in rule.places)
        for way, others in self._by_aircraft(set(outside[0]) | set(outside[1]), first):
            if way not in first:
                yield self._threat(rule, (way,), name, math.inf, math.inf, False, "", [])
                continue
            broken = outside[0][way][:1]
            t_out_s = (broken[0][1] - sky.first_us) * 1e-6
            yield self._threat(
                rule, (way,), name, first[way], t_out_s, first[way] == 0.0, "edge", broken, is_turning=not others
            )  # fmt: skip

    def _side(self, rule: Rule, held: list[spans.Span]) -> Iterator[Threat]:
        keeps = rule.entry.keeps
        assert isinstance(keeps, Side)
        line = rule.places[0].volumes[0].shapes[0]
        wrong = edges.RIGHT if rule.is_left_kept else edges.LEFT
        chosen = np.flatnonzero(self._bound(rule))
        whose, rows = self.sky.excursions(line, chosen, wrong, keeps.reach, held)
        less_m = max(keeps.buffer - self.look.widen_m, 0.0)
        is_deep = rows[:, sides.DEPTH_M] > less_m
        whose, rows = whose[is_deep], rows[is_deep]
        deep: dict[int, list[float]] = {}
        for way, row in zip(whose.tolist(), rows.tolist(), strict=True):
            if row[sides.DEPTH_M] > keeps.buffer and (way not in deep or row[0] < deep[way][0]):
                deep[way] = row
        past_m = self._past_m(line, sorted(deep), wrong, keeps.reach)
        times = {way: row[sides.T_IN_US] * 1e-6 for way, row in deep.items()}
        for way, others in self._by_aircraft(set(whose.tolist()), times):
            if way not in deep:
                yield self._threat(rule, (way,), rule.places[0].name, math.inf, math.inf, False, "", [])
                continue
            row = deep[way]
            t_in_s, t_out_s = row[sides.T_IN_US] * 1e-6, row[sides.T_OUT_US] * 1e-6
            yield self._threat(
                rule, (way,), rule.places[0].name, t_in_s, t_out_s, past_m[way] > keeps.buffer,
                "line" if row[sides.ENTERED] == sides.LINE else "", self._span(t_in_s, t_out_s), is_turning=not others,
                figures={"depth_m": row[sides.DEPTH_M], "past_m": past_m[way]},
            )  # fmt: skip

    def _past_m(self, line: object, ways: list[int], wrong: float, reach_m: float) -> dict[int, float]:
        """Return how far past a line some aircraft are now; 0 for who is not."""
        at = self.sky.ways.first[np.array(ways, np.int64)]
        lat, lon = self.sky.ways.lat_deg[at], self.sky.ways.lon_deg[at]
        found = edges.looks(frozen(lat), frozen(lon), *edges_of(line))  # type: ignore[arg-type]
        is_past = (found[:, edges.IS_BESIDE] > 0.0) & (found[:, edges.SIDE] == wrong)
        is_past &= found[:, edges.DISTANCE_M] <= reach_m
        return dict(zip(ways, np.where(is_past, found[:, edges.DISTANCE_M], 0.0).tolist(), strict=True))

    # What all have in common -----------------------------------------------------------------------

    def _by_aircraft(self, ways: set[int], t_in_s: dict[int, float]) -> Iterator[tuple[int, bool]]:
        """Yield of each aircraft's ways the one on which it is first, and whether it is on the straight one, too."""
        by_place: dict[int, list[int]] = {}
        for way in sorted(ways):
            by_place.setdefault(int(self.sky.ways.place[way]), []).append(way)
        for some in by_place.values():
            first = min(some, key=lambda way: t_in_s.get(way, math.inf))
            yield first, any(way in t_in_s and not self.sky.ways.is_turning[way] for way in some)

    def _span(self, t_in_s: float, t_out_s: float) -> list[spans.Span]:
        """Return a stretch as Unix microseconds; none where there is none."""
        if not t_in_s < math.inf:
            return []
        begin = self.sky.first_us + t_in_s * 1e6
        return [(begin, max(self.sky.first_us + t_out_s * 1e6, begin + spans.INSTANT_US))]

    def _threat(
        self, rule: Rule, ways: tuple[int, ...], place: str, t_in_s: float, t_out_s: float, is_now: bool, how: str,
        broken: list[spans.Span], *, is_turning: bool = False, figures: dict[str, float] | None = None,
    ) -> Threat:  # fmt: skip
        places = [int(self.sky.ways.place[way]) for way in ways]
        whose = self.live.whose
        return Threat(
            rule.id,
            rule.kind,
            tuple(self.live.addresses[each] for each in places),
            tuple(whose.party_text(each) for each in places),
            tuple(whose.callsign(each) for each in places),
            place,
            t_in_s,
            t_out_s,
            is_now,
            is_turning,
            how,
            self._excused_by(rule, ways, broken),
            figures or {},
        )

    def _excused_by(self, rule: Rule, ways: tuple[int, ...], broken: list[spans.Span]) -> tuple[str, ...]:
        """Return the permissions that cover a break whole, one of any of the aircraft; none if they do not."""
        covered: list[spans.Span] = []
        names: list[str] = []
        for way in ways if broken else ():
            for one in self.sky.permissions_for(rule.id, way):
                common = spans.common(broken, self.sky.covered(one, way))
                covered += common
                if common and one.id not in names:
                    names.append(one.id)
        return tuple(names) if names and not spans.without(broken, spans.united(covered)) else ()

"""Rules to keep out of places, or inside them → penetrations, or the times outside.

Levels are compared like with like: a limit in pressure altitude with pressure altitude, one above the ellipsoid with
that height.  A flight that is heard over the place without the altitude needed is counted as *vertical unknown*.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from wideberth.agreement.model import Zone
from wideberth.judge import spans, sure, tell
from wideberth.judge.sky import reference_of
from wideberth.kernels import zones

if TYPE_CHECKING:
    from wideberth.agreement.load import Rule
    from wideberth.agreement.shapes import Place
    from wideberth.judge.sky import Sky
    from wideberth.tracks import Legs

HOW = {
    zones.EDGE: "edge",
    zones.FLOOR: "floor",
    zones.CEILING: "ceiling",
    zones.SCHEDULE: "schedule",
    zones.HEARD: "heard",
}
REFERENCES = ("any", "barometric", "geometric")


def judge(sky: Sky, rule: Rule) -> list[dict[str, Any]]:
    """Return what is to be told under a rule about places."""
    keeps = rule.entry.keeps
    assert isinstance(keeps, Zone)
    if rule.kind == "inside":
        return _outside(sky, rule, keeps)
    references = {reference_of(volume) for place in rule.places for volume in place.volumes}
    return [
        row for reference in sorted(references) for row in _penetrations(sky, rule, reference, keeps.margin)
    ]


def _chosen(sky: Sky, rule: Rule, legs: Legs) -> Any:
    return np.flatnonzero(tell.bound(sky, rule)[sky.flights.of_legs(legs)]).astype(np.int64)


def _penetrations(sky: Sky, rule: Rule, reference: str, margin_m: float) -> list[dict[str, Any]]:
    """Return the stretches inside any of the places; what is inside two at once is one."""
    legs = sky.legs_by(reference)
    if not len(legs):
        return []
    chosen = _chosen(sky, rule, legs)
    held = tell.held(sky, rule)
    by_leg: dict[int, list[_Stretch]] = {}
    for place in rule.places:
        whose, rows = sky.inside(place, legs, chosen, reference, margin_m=margin_m)
        for leg, row in zip(whose.tolist(), rows, strict=True):
            by_leg.setdefault(leg, []).append(_Stretch(place, row))
    flight_of = sky.flights.of_legs(legs)
    found = []
    for leg, some in by_leg.items():
        for group in _together(some):
            begin, end = group[0][zones.T_IN_US], max(each[zones.T_OUT_US] for each in group)
            broken = spans.common([(begin + legs.base_us, end + legs.base_us)], held)
            if broken:
                found.append(_told(sky, rule, legs, leg, int(flight_of[leg]), group, broken))
    return found


@dataclass(frozen=True)
class _Stretch:
    """A stretch inside one volume of a place; columns as `zones` names them."""

    place: Place
    row: Any

    def __getitem__(self, column: int) -> float:
        return float(self.row[column])


def _together(rows: list[_Stretch]) -> list[list[_Stretch]]:
    """Group stretches that touch or overlap: a place may be several volumes."""
    groups: list[list[_Stretch]] = []
    for row in sorted(rows, key=lambda row: row[zones.T_IN_US]):
        if groups and row[zones.T_IN_US] <= max(each[zones.T_OUT_US] for each in groups[-1]) + 0.5:
            groups[-1].append(row)
        else:
            groups.append([row])
    return groups


def _told(
    sky: Sky, rule: Rule, legs: Legs, leg: int, flight: int, group: list[_Stretch], broken: list[spans.Span]
) -> dict[str, Any]:
    name = " / ".join(dict.fromkeys(each.place.name for each in group))
    first, last = group[0], max(group, key=lambda row: row[zones.T_OUT_US])
    deepest = max(group, key=lambda row: row[zones.DEPTH_M])
    t_in, t_out = first[zones.T_IN_US] + legs.base_us, last[zones.T_OUT_US] + legs.base_us
    t_deepest = deepest[zones.T_DEEPEST_US] + legs.base_us
    verdict, because, used, covered = verdict_of(sky, rule, [(flight, leg, legs)], broken)
    depth_m = deepest[zones.DEPTH_M]
    sample = sky.sample_at(legs, leg, t_deepest)
    sigma_m = sure.sigma_m(sky.tracks, sky.row(legs, sample), 0.0)
    low_m, high_m = sure.interval(depth_m, sigma_m)
    deep_ft = max(row[zones.DEPTH_FT] for row in group)
    row = {
        **tell.named(sky, rule, flight, int(t_in // 1_000_000)),
        "verdict": verdict,
        "because": because,
        "place": name,
        "t_in": spans.instant(t_in),
        "t_out": spans.instant(t_out),
        "entered": HOW[int(first[zones.ENTERED])],
        "left": HOW[int(last[zones.LEFT_BY])],
        "t_worst": spans.instant(t_deepest),
        "lat_deg": deepest[zones.DEEPEST_LAT_DEG],
        "lon_deg": deepest[zones.DEEPEST_LON_DEG],
        "altitude_ft": deepest[zones.ALTITUDE] if sky.is_level_told(legs) else None,
        "in_lat_deg": first[zones.IN_LAT_DEG],
        "in_lon_deg": first[zones.IN_LON_DEG],
        "out_lat_deg": last[zones.OUT_LAT_DEG],
        "out_lon_deg": last[zones.OUT_LON_DEG],
        "magnitude": depth_m,
        "magnitude_unit": "m",
        "magnitude_low": low_m,
        "magnitude_high": high_m,
        "probability": sure.probability_above(depth_m, 0.0, sigma_m),
        "vertical_ft": deep_ft if np.isfinite(deep_ft) else None,
        "permission": " / ".join(used) or None,
        "broken_s": spans.length_s(broken),
        "covered_s": spans.length_s(covered),
        **tell.evidence(sky, leg, t_in, leg, t_out, legs),
    }
    row["sentence"] = (
        f"recorded inside {name}, {tell.distance(depth_m, sigma_m)} from its edge, "
        f"from {tell.clock(t_in)} to {tell.clock(t_out)}"
    )
    return row


def verdict_of(
    sky: Sky, rule: Rule, whose: list[tuple[int, int, Legs]], broken: list[spans.Span]
) -> tuple[str, str | None, list[str], list[spans.Span]]:
    """Return verdict, why unknown, permissions used, and what they cover, of what some flights' legs broke.

    A permission of any of the flights that names the rule suffices.
    """
    used: list[str] = []
    covered: list[spans.Span] = []
    for flight, leg, legs in whose:
        for one in sky.permissions_for(rule.id, flight):
            common = spans.common(broken, sky.covered(one, _same_leg(sky, legs, leg)))
            if common:
                covered += common
                used += [one.id] if one.id not in used else []
    covered = spans.united(covered)
    if used and not spans.without(broken, covered):
        return "excused", None, used, covered
    is_told = rule.bound == ("all",) or all(len(sky.flights.claims[flight]) <= 1 for flight, _, _ in whose)
    return ("broken", None, used, covered) if is_told else ("unknown", "party", used, covered)


def _same_leg(sky: Sky, legs: Legs, leg: int) -> int:
    """Return the leg of ``sky.legs`` that holds the beginning of another reference's leg."""
    if legs is sky.legs:
        return leg
    row = sky.row(legs, int(legs.first[leg]))
    own = sky.legs
    sample = int(np.searchsorted(own.rows, row)) if own.rows.size else row
    return int(np.searchsorted(own.first, sample, side="right")) - 1


# Inside -------------------------------------------------------------------------------------------


def _outside(sky: Sky, rule: Rule, keeps: Zone) -> list[dict[str, Any]]:
    """Return when the flights that a rule binds were heard outside all its places, while it held."""
    references = sorted({reference_of(volume) for place in rule.places for volume in place.volumes})
    legs = sky.legs_by(references[-1] if references else "any")
    chosen = _chosen(sky, rule, legs)
    within: dict[int, list[spans.Span]] = {}
    for place in rule.places:
        for reference in references:
            same = legs if reference != "any" else sky.legs_by("any")
            some = chosen if same is legs else _chosen(sky, rule, same)
            whose, rows = sky.inside(place, same, some, reference, margin_m=keeps.margin)
            for leg, row in zip(whose.tolist(), rows, strict=True):
                own = leg if same is legs else _leg_in(legs, sky, same, leg)
                span = (float(row[zones.T_IN_US] + legs.base_us), float(row[zones.T_OUT_US] + legs.base_us))
                within.setdefault(own, []).append(span)
    held = tell.held(sky, rule)
    for place in rule.places:
        for volume in place.volumes:
            if not volume.schedule.is_always:  # inside a place binds only while there is the place
                held = spans.common(held, spans.of_schedule(volume.schedule, sky.first_us, sky.last_us))
    flight_of = sky.flights.of_legs(legs)
    name = " / ".join(place.name for place in rule.places)
    found = []
    for leg in chosen.tolist():
        begin, end = (float(legs.t_us[k] + legs.base_us) for k in (legs.first[leg], legs.first[leg + 1] - 1))
        for t_in, t_out in spans.common(
            spans.without([(begin, end)], spans.united(within.get(leg, []))), held
        ):
            flight = int(flight_of[leg])
            verdict, because, used, covered = verdict_of(sky, rule, [(flight, leg, legs)], [(t_in, t_out)])
            row = {
                **tell.named(sky, rule, flight, int(t_in // 1_000_000)),
                "verdict": verdict,
                "because": because,
                "place": name,
                "t_in": spans.instant(t_in),
                "t_out": spans.instant(t_out),
                "entered": "heard" if t_in == begin else "edge",
                "left": "heard" if t_out == end else "edge",
                "permission": " / ".join(used) or None,
                "broken_s": (t_out - t_in) * 1e-6,
                "covered_s": spans.length_s(covered),
                **tell.evidence(sky, leg, t_in, leg, t_out, legs),
            }
            row["sentence"] = f"recorded outside {name} from {tell.clock(t_in)} to {tell.clock(t_out)}"
            found.append(row)
    return found


def _leg_in(legs: Legs, sky: Sky, same: Legs, leg: int) -> int:
    row = sky.row(same, int(same.first[leg]))
    sample = int(np.searchsorted(legs.rows, row)) if legs.rows.size else row
    return int(np.searchsorted(legs.first, sample, side="right")) - 1

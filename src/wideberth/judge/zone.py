"""Rules to keep out of places, or inside them → penetrations, or the times outside.

Levels are compared like with like: a limit in pressure altitude with pressure altitude, one above the ellipsoid with
that height.  Samples without the altitude that is needed are in no leg, and so in no place with a level.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from wideberth.agreement.model import Zone
from wideberth.judge import spans, sure, tell, verdicts
from wideberth.judge.sky import reference_of
from wideberth.kernels import zones

if TYPE_CHECKING:
    from wideberth.agreement.rules import Rule
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
    verdict = verdicts.of(sky, rule, [verdicts.Break(flight, sky.leg_in(sky.legs, legs, leg), broken)])
    depth_m = deepest[zones.DEPTH_M]
    sample = sky.sample_at(legs, leg, t_deepest)
    sigma_m = sure.sigma_m(sky.tracks, sky.row(legs, sample), 0.0)
    low_m, high_m = sure.interval(depth_m, sigma_m)
    deep_ft = max(row[zones.DEPTH_FT] for row in group)
    row = {
        **tell.named(sky, rule, flight, int(t_in // 1_000_000)),
        **verdict.columns(),
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
        **tell.evidence(sky, leg, t_in, leg, t_out, legs),
    }
    row["sentence"] = (
        f"recorded inside {name}, {tell.distance(depth_m, sigma_m)} from its edge, "
        f"from {tell.clock(t_in)} to {tell.clock(t_out)}"
    )
    return row


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
            for leg, span in zip(whose.tolist(), spans.of_each(rows, legs.base_us), strict=True):
                within.setdefault(sky.leg_in(legs, same, leg), []).append(span)
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
            broken = verdicts.Break(flight, sky.leg_in(sky.legs, legs, leg), [(t_in, t_out)])
            row = {
                **tell.named(sky, rule, flight, int(t_in // 1_000_000)),
                **verdicts.of(sky, rule, [broken]).columns(),
                "place": name,
                "t_in": spans.instant(t_in),
                "t_out": spans.instant(t_out),
                "entered": "heard" if t_in == begin else "edge",
                "left": "heard" if t_out == end else "edge",
                **tell.evidence(sky, leg, t_in, leg, t_out, legs),
            }
            row["sentence"] = f"recorded outside {name} from {tell.clock(t_in)} to {tell.clock(t_out)}"
            found.append(row)
    return found

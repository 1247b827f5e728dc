"""Rules to keep out of places, or inside them → penetrations, or the times outside.

Levels are compared like with like: a limit in pressure altitude with pressure altitude, one above the ellipsoid with
that height.  Samples without the altitude that is needed are in no leg, and so in no place with a level.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from wideberth.agreement.model import Zone
from wideberth.judge import missed, spans, tell, verdicts
from wideberth.kernels import zones
from wideberth.trust import accuracy

if TYPE_CHECKING:
    import numpy.typing as npt

    from wideberth.agreement.rules import Rule
    from wideberth.incidents import Columns
    from wideberth.judge.sky import Sky
    from wideberth.tracks import Legs

    Floats = npt.NDArray[np.float64]
    Indices = npt.NDArray[np.int64]

HOW = {
    zones.EDGE: "edge",
    zones.FLOOR: "floor",
    zones.CEILING: "ceiling",
    zones.SCHEDULE: "schedule",
    zones.HEARD: "heard",
}


def judge(sky: Sky, rule: Rule) -> list[Columns]:
    """Return what is to be told under a rule about places."""
    keeps = rule.entry.keeps
    assert isinstance(keeps, Zone)
    if rule.kind == "inside":
        return _outside(sky, rule, keeps)
    references = sorted({volume.reference for place in rule.places for volume in place.volumes})
    found = [told for each in references if (told := _penetrations(sky, rule, each, keeps.margin))]
    return found + missed.judge(sky, rule, keeps)


def _chosen(sky: Sky, rule: Rule, legs: Legs) -> Indices:
    return np.flatnonzero(tell.bound(sky, rule)[sky.flights.of_legs(legs)]).astype(np.int64)


def _penetrations(sky: Sky, rule: Rule, reference: str, margin_m: float) -> Columns | None:
    """Return the stretches inside any of the places; what is inside two at once is one."""
    legs = sky.legs_by(reference)
    if not len(legs):
        return None
    chosen = _chosen(sky, rule, legs)
    held = tell.held(sky, rule)
    parts = [
        sky.inside(place, legs, chosen, reference, margin_m=margin_m, held=held) for place in rule.places
    ]
    leg = np.concatenate([whose for whose, _ in parts])
    if not leg.size:
        return None
    rows = np.concatenate([each for _, each in parts])
    place = np.repeat(np.arange(len(parts)), [whose.size for whose, _ in parts])
    rows[:, [zones.T_IN_US, zones.T_OUT_US, zones.T_DEEPEST_US]] += legs.base_us
    order = np.lexsort((rows[:, zones.T_IN_US], leg))
    leg, rows, place = leg[order], rows[order], place[order]
    first = _first_of_groups(leg, rows)
    group = np.repeat(np.arange(first.size), np.diff(np.append(first, leg.size)))
    t_in = rows[first, zones.T_IN_US]
    t_out = np.maximum.reduceat(rows[:, zones.T_OUT_US], first)
    broken_us = spans.within(t_in, np.maximum(t_out, t_in + spans.INSTANT_US), held)
    is_told = broken_us > 0.0
    if not is_told.any():
        return None
    last, deepest = (
        np.lexsort((-rows[:, column], group))[first] for column in (zones.T_OUT_US, zones.DEPTH_M)
    )
    deep_ft = np.maximum.reduceat(rows[:, zones.DEPTH_FT], first)
    names = [
        " / ".join(dict.fromkeys(rule.places[k].name for k in some.tolist()))
        for some in np.split(place, first[1:])
    ]
    chosen_names = [name for name, is_one in zip(names, is_told.tolist(), strict=True) if is_one]
    return _told(
        sky, rule, reference, legs, leg[first[is_told]], rows[first[is_told]], rows[last[is_told]],
        rows[deepest[is_told]], deep_ft[is_told], broken_us[is_told], chosen_names,
    )  # fmt: skip


def _first_of_groups(leg: Indices, rows: Floats) -> Indices:
    """Return where groups of stretches begin that touch or overlap, of stretches in order: a place may be several."""
    found = []
    last_leg, until = -1, -np.inf
    t_out = rows[:, zones.T_OUT_US].tolist()
    for k, (whose, begin) in enumerate(zip(leg.tolist(), rows[:, zones.T_IN_US].tolist(), strict=True)):
        if whose != last_leg or begin > until + 0.5:
            found.append(k)
            last_leg, until = whose, t_out[k]
        else:
            until = max(until, t_out[k])
    return np.array(found, np.int64)


def _told(
    sky: Sky, rule: Rule, reference: str, legs: Legs, leg: Indices, first: Floats, last: Floats, deepest: Floats,
    deep_ft: Floats, broken_us: Floats, names: list[str],
) -> Columns:  # fmt: skip
    t_in, t_out = first[:, zones.T_IN_US], last[:, zones.T_OUT_US]
    t_deepest, depth_m = deepest[:, zones.T_DEEPEST_US], deepest[:, zones.DEPTH_M]
    flight = sky.flights.of_legs(legs)[leg]
    held = tell.held(sky, rule)

    def breaks_of(k: int) -> list[verdicts.Break]:
        span: spans.Span = (float(t_in[k]), float(max(t_out[k], t_in[k] + spans.INSTANT_US)))
        own = sky.leg_in(sky.legs, legs, int(leg[k]))
        return [verdicts.Break(int(flight[k]), own, spans.common([span], held))]

    errors = accuracy.errors_at(sky.tracks, legs, leg, t_deepest, is_extreme=True)
    sigma_m = errors.across
    low_m, high_m = accuracy.interval(depth_m, sigma_m)
    is_level = np.isfinite(deep_ft)
    sigma_ft = accuracy.altitude_ft(sky.tracks, errors.rows, is_height=reference == "geometric")
    vertical_ft = np.where(is_level, deep_ft, np.nan)
    low_ft, high_ft = accuracy.interval(vertical_ft, sigma_ft)
    between = accuracy.probability_above(np.where(is_level, deep_ft, 0.0), 0.0, sigma_ft)
    probability = accuracy.probability_above(depth_m, 0.0, sigma_m) * np.where(is_level, between, 1.0)
    return {
        **tell.named(sky, rule, flight, t_in),
        **verdicts.columns(sky, rule, (flight,), broken_us, breaks_of),
        "place": names,
        "t_in": t_in,
        "t_out": t_out,
        "entered": tell.names(first[:, zones.ENTERED], HOW),
        "left": tell.names(last[:, zones.LEFT_BY], HOW),
        "t_worst": t_deepest,
        "lat_deg": deepest[:, zones.DEEPEST_LAT_DEG],
        "lon_deg": deepest[:, zones.DEEPEST_LON_DEG],
        "altitude_ft": deepest[:, zones.ALTITUDE] if sky.is_level_told(legs) else None,
        "in_lat_deg": first[:, zones.IN_LAT_DEG],
        "in_lon_deg": first[:, zones.IN_LON_DEG],
        "out_lat_deg": last[:, zones.OUT_LAT_DEG],
        "out_lon_deg": last[:, zones.OUT_LON_DEG],
        "magnitude": depth_m,
        "magnitude_unit": "m",
        "magnitude_low": low_m,
        "magnitude_high": high_m,
        "probability": probability,
        "missed": 1.0 - probability,
        "position_m": errors.radius_95,
        "vertical_ft": vertical_ft,
        "vertical_low_ft": low_ft,
        "vertical_high_ft": high_ft,
        **tell.evidence(sky, legs, leg, t_in, leg, t_out),
        "sentence": [
            f"recorded inside {name}, {distance} from its edge, from {begin} to {end}"
            for name, distance, begin, end in zip(
                names, tell.distances(depth_m, sigma_m), tell.clocks(t_in), tell.clocks(t_out), strict=True
            )
        ],
    }


# Inside -------------------------------------------------------------------------------------------


def _outside(sky: Sky, rule: Rule, keeps: Zone) -> list[Columns]:
    """Return when the flights that a rule binds were heard outside all its places, while it held."""
    references = sorted({volume.reference for place in rule.places for volume in place.volumes})
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
    outside = [
        (leg, begin, end, t_in, t_out)
        for leg, begin, end in zip(
            chosen.tolist(),
            (legs.t_in_us[chosen] + float(legs.base_us)).tolist(),
            (legs.t_out_us[chosen] + float(legs.base_us)).tolist(),
            strict=True,
        )
        for t_in, t_out in spans.common(
            spans.without([(begin, max(end, begin + spans.INSTANT_US))], spans.united(within.get(leg, []))),
            held,
        )
    ]
    if not outside:
        return []
    leg = np.array([each[0] for each in outside], np.int64)
    begin, end, t_in, t_out = np.array([each[1:] for each in outside], np.float64).T
    flight = sky.flights.of_legs(legs)[leg]

    def breaks_of(k: int) -> list[verdicts.Break]:
        own = sky.leg_in(sky.legs, legs, int(leg[k]))
        return [verdicts.Break(int(flight[k]), own, [(float(t_in[k]), float(t_out[k]))])]

    name = " / ".join(place.name for place in rule.places)
    left_us = np.minimum(t_out, np.maximum(end, t_in))
    lasts_s = (left_us - t_in) * 1e-6
    return [
        {
            **tell.named(sky, rule, flight, t_in),
            **verdicts.columns(sky, rule, (flight,), t_out - t_in, breaks_of),
            "place": name,
            "t_in": t_in,
            "t_out": left_us,
            "entered": _how(t_in == begin, np.isin(t_in, [low for low, _ in held])),
            "left": _how(t_out >= end, np.isin(t_out, [high for _, high in held])),
            "magnitude": lasts_s,
            "magnitude_unit": "s",
            **tell.evidence(sky, legs, leg, t_in, leg, t_out),
            "sentence": [
                f"recorded outside {name} for {seconds:,.0f} s, from {begun} to {ended}"
                for seconds, begun, ended in zip(
                    lasts_s.tolist(), tell.clocks(t_in), tell.clocks(left_us), strict=True
                )
            ],
        }
    ]


def _how(is_heard: npt.NDArray[np.bool_], is_schedule: npt.NDArray[np.bool_]) -> list[str]:
    """Return how times outside began or ended: with a leg, with the hours of the rule, or at the edge of a place."""
    found: list[str] = np.where(is_heard, "heard", np.where(is_schedule, "schedule", "edge")).tolist()
    return found

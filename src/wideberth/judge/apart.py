"""Rules to keep apart → encounters between those whom a rule binds, from the screen."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from wideberth.agreement.model import Apart, microseconds
from wideberth.incidents import identity
from wideberth.judge import spans, sure, tell, verdicts
from wideberth.units import METRES_PER_NM

if TYPE_CHECKING:
    from wideberth.agreement.rules import Rule
    from wideberth.judge.sky import Sky


Screens = dict[tuple[float, float], list[dict[str, Any]]]


def judge(sky: Sky, rule: Rule, screens: Screens) -> list[dict[str, Any]]:
    """Return the encounters under a rule; ``screens`` keeps what was screened for other rules' minima."""
    from wideberth.screen import screen

    keeps = rule.entry.keeps
    assert isinstance(keeps, Apart)
    minima = (keeps.apart.horizontal, keeps.apart.vertical)
    if minima not in screens:
        screens[minima] = list(
            screen(
                sky.tracks,
                horizontal_m=minima[0],
                vertical_ft=minima[1],
                max_gap_s=sky.agreement.head.max_gap,
            )
        )
    place = {text: k for k, text in enumerate(sky.tracks.aircraft)}
    held = tell.held(sky, rule)
    bound = tell.bound(sky, rule)
    found = []
    for row in screens[minima]:
        t_in, t_out = float(microseconds(row["t_in"])), float(microseconds(row["t_out"]))
        t_cpa = microseconds(row["t_cpa"])
        a, b = (sky.flights.at(place[row[name]], t_cpa) for name in ("icao24_a", "icao24_b"))
        if not (_is_concerned(rule, sky, a, b) and bound[a] and bound[b]):
            continue
        broken = spans.common([(t_in, max(t_out, t_in + 1.0))], held)
        if broken:
            found.append(_told(sky, rule, row, a, b, broken))
    return found


def _is_concerned(rule: Rule, sky: Sky, a: int, b: int) -> bool:
    if rule.bound == ("all",):
        return True
    one, other = rule.bound
    claims_a, claims_b = sky.flights.claims[a], sky.flights.claims[b]
    return (one in claims_a and other in claims_b) or (other in claims_a and one in claims_b)


def _told(
    sky: Sky, rule: Rule, row: dict[str, Any], a: int, b: int, broken: list[spans.Span]
) -> dict[str, Any]:
    t_in, t_out = microseconds(row["t_in"]), microseconds(row["t_out"])
    flights = sky.flights
    legs = [_leg_at(sky, flight, microseconds(row["t_cpa"])) for flight in (a, b)]
    breaks = [verdicts.Break(flight, leg, broken) for flight, leg in zip((a, b), legs, strict=True)]
    verdict = verdicts.of(sky, rule, breaks)
    if row["vertical_reference"] == "unknown" and verdict.verdict == "broken":
        verdict = verdict._replace(verdict="unknown", because="vertical")
    samples = [sky.sample_at(sky.legs, leg, microseconds(row["t_cpa"])) for leg in legs]
    errors_m = [sure.sigma_m(sky.tracks, sky.row(sky.legs, sample), 0.0) for sample in samples]
    sigma_m = math.hypot(*errors_m)
    hmd_m = float(row["hmd_m"])
    low_m, high_m = sure.interval(hmd_m, sigma_m)
    keeps = rule.entry.keeps
    assert isinstance(keeps, Apart)
    told = {
        "id": identity(sky.agreement.digest, rule.id, [row["icao24_a"], row["icao24_b"]], t_in // 1_000_000),
        "agreement": sky.agreement.digest,
        "rule": rule.id,
        "kind": rule.kind,
        **verdict.columns(),
        "party": flights.party_text(a),
        "party_b": flights.party_text(b),
        "icao24_a": row["icao24_a"],
        "icao24_b": row["icao24_b"],
        "callsign_a": flights.callsign(a),
        "callsign_b": flights.callsign(b),
        "t_in": row["t_in"],
        "t_out": row["t_out"],
        "t_worst": row["t_retained"] or row["t_cpa"],
        "lat_deg": row["lat_a_deg"],
        "lon_deg": row["lon_a_deg"],
        "altitude_ft": row["altitude_a_ft"],
        "magnitude": hmd_m,
        "magnitude_unit": "m",
        "magnitude_low": low_m,
        "magnitude_high": high_m,
        "probability": 1.0 - sure.probability_above(hmd_m, keeps.apart.horizontal, sigma_m),
        "vertical_ft": row["vertical_ft_at_cpa"],
        "retained": row["retained"],
        **tell.evidence(sky, legs[0], float(t_in), legs[0], float(t_out)),
    }
    if row["vertical_ft_at_cpa"] is None:
        vertical = "vertical distance unknown"
    else:
        vertical = f"{row['vertical_ft_at_cpa']:.0f} ft vertically"
    told["sentence"] = (
        f"recorded {hmd_m / METRES_PER_NM:.2f} NM ({tell.distance(hmd_m, sigma_m)}) and {vertical} from each other at "
        f"{tell.clock(float(microseconds(row['t_cpa'])))}"
    )
    return told


def _leg_at(sky: Sky, flight: int, t_us: int) -> int:
    """Return the leg of a flight that an instant lies in."""
    legs = sky.legs
    low, high = (int(k) for k in np.searchsorted(sky.flight_of_leg, [flight, flight + 1]))
    starts = legs.t_us[legs.first[low:high]] + legs.base_us
    return low + max(int(np.searchsorted(starts, t_us, side="right")) - 1, 0)

"""How far places were missed that a rule keeps out of: one row per flight, place and rule, the nearest.

Near is what the rule's `near` says.  Such a row is kept, no finding: it says by how much.  A flight that was in the
place while the rule held has none for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from wideberth.judge import tell
from wideberth.kernels import misses, zones
from wideberth.trust import accuracy

if TYPE_CHECKING:
    import numpy.typing as npt

    from wideberth.agreement.model import Zone
    from wideberth.agreement.rules import Rule
    from wideberth.agreement.shapes import Place
    from wideberth.incidents import Columns
    from wideberth.judge.sky import Sky

    Floats = npt.NDArray[np.float64]
    Indices = npt.NDArray[np.int64]

FACES = {zones.EDGE: "edge", zones.FLOOR: "floor", zones.CEILING: "ceiling"}


def judge(sky: Sky, rule: Rule, keeps: Zone) -> list[Columns]:
    """Return how far the places of a rule were missed."""
    if keeps.near is None or keeps.near.horizontal <= 0.0 or keeps.near.vertical <= 0.0:
        return []
    return [told for place in rule.places for told in _of_place(sky, rule, keeps, place)]


def _of_place(sky: Sky, rule: Rule, keeps: Zone, place: Place) -> list[Columns]:
    """Return the nearest miss of each flight, by the altitude reference that it was found under."""
    assert keeps.near is not None
    near = keeps.near.horizontal, keeps.near.vertical
    touching = max(misses.EXACT_M / near[0], misses.EXACT_FT / near[1])  # or within
    nearest = np.full(len(sky.flights), 1.0)
    entered = np.zeros(len(sky.flights), np.bool_)
    parts: list[tuple[str, Indices, Floats]] = []
    for reference in sorted({volume.reference for volume in place.volumes}):
        legs = sky.legs_by(reference)
        if not len(legs):
            continue
        flight_of = sky.flights.of_legs(legs)
        chosen = np.flatnonzero(tell.bound(sky, rule)[flight_of]).astype(np.int64)
        for rows in sky.misses(place, legs, chosen, reference, keeps.margin, near, tell.held(sky, rule)):
            nearness = rows[:, misses.NEARNESS]
            entered[flight_of[chosen[nearness <= touching]]] = True
            is_near = nearness < 1.0
            np.minimum.at(nearest, flight_of[chosen[is_near]], nearness[is_near])
            parts.append((reference, chosen[is_near], rows[is_near]))
    found = []
    for reference, leg, rows in parts:
        legs = sky.legs_by(reference)
        flight = sky.flights.of_legs(legs)[leg]
        is_told = ~entered[flight] & (rows[:, misses.NEARNESS] <= nearest[flight])
        _, first = np.unique(flight[is_told], return_index=True)  # of two as near, one
        nearest[flight[is_told]] = -1.0
        if first.size:
            found.append(_told(sky, rule, reference, place, leg[is_told][first], rows[is_told][first]))
    return found


def _told(sky: Sky, rule: Rule, reference: str, place: Place, leg: Indices, rows: Floats) -> Columns:
    legs = sky.legs_by(reference)
    t_us = rows[:, misses.T_US] + legs.base_us
    errors = accuracy.errors_at(sky.tracks, legs, leg, t_us, is_extreme=True)
    outside_m, outside_ft = rows[:, misses.OUTSIDE_M], rows[:, misses.OUTSIDE_FT]
    low_m, high_m = accuracy.interval(outside_m, errors.across)
    low_ft, high_ft = accuracy.interval(
        outside_ft, accuracy.altitude_ft(sky.tracks, errors.rows, is_height=reference == "geometric")
    )
    faces = tell.names(rows[:, misses.FACE], FACES)
    return {
        **tell.named(sky, rule, sky.flights.of_legs(legs)[leg], t_us),
        "verdict": "kept",
        "place": place.name,
        "t_in": t_us,
        "t_out": t_us,
        "t_worst": t_us,
        "face": faces,
        "lat_deg": rows[:, misses.LAT_DEG],
        "lon_deg": rows[:, misses.LON_DEG],
        "altitude_ft": rows[:, misses.ALTITUDE] if sky.is_level_told(legs) else None,
        "magnitude": outside_m,
        "magnitude_unit": "m",
        "magnitude_low": low_m,
        "magnitude_high": high_m,
        "position_m": errors.radius_95,
        "vertical_ft": outside_ft,
        "vertical_low_ft": low_ft,
        "vertical_high_ft": high_ft,
        **tell.evidence(sky, legs, leg, t_us, leg, t_us),
        "sentence": [
            f"passed {distance} outside {place.name}, at {clock}"
            if face == "edge"
            else f"passed {feet:.0f} ft {'above' if face == 'ceiling' else 'below'} {place.name}, at {clock}"
            for face, distance, feet, clock in zip(
                faces,
                tell.distances(outside_m, errors.across),
                outside_ft.tolist(),
                tell.clocks(t_us),
                strict=True,
            )
        ],
    }

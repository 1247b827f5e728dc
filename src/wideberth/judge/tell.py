"""What all kinds of findings tell alike: whose, evidence, words."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from wideberth.incidents import identity
from wideberth.judge import spans, sure

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from wideberth.agreement.rules import Rule
    from wideberth.judge.sky import Sky
    from wideberth.tracks import Legs


def bound(sky: Sky, rule: Rule) -> npt.NDArray[np.bool_]:
    """Return which flights a rule binds: by party, class and aircraft."""
    mask = sky.flights.bound_by(rule.bound)
    if rule.entry.classes is not None:
        mask = mask & sky.flights.of_class(rule.entry.classes)
    if rule.entry.aircraft is not None:
        mask = mask & sky.flights.any_of(rule.entry.aircraft)
    return mask


def held(sky: Sky, rule: Rule) -> list[spans.Span]:
    """Return when a rule holds, Unix microseconds: its own schedule within the agreement's validity."""
    return spans.common(spans.of_schedule(rule.entry.schedule, sky.first_us, sky.last_us), sky.valid)


def overlaps(row: dict[str, Any], held: list[spans.Span]) -> bool:
    """Return whether a finding lies, at least in part, within some spans."""
    from wideberth.agreement.model import microseconds

    begin, end = microseconds(row["t_in"]), microseconds(row["t_out"])
    return any(low <= end and begin <= high for low, high in held)


def named(sky: Sky, rule: Rule, flight: int, begin_s: int) -> dict[str, Any]:
    """Return how a finding about one flight is named."""
    flights = sky.flights
    icao24 = sky.tracks.aircraft[flights.aircraft[flight]]
    return {
        "id": identity(sky.agreement.digest, rule.id, [icao24], begin_s),
        "agreement": sky.agreement.digest,
        "rule": rule.id,
        "kind": rule.kind,
        "party": flights.party_text(flight),
        "icao24_a": icao24,
        "callsign_a": flights.callsign(flight),
    }


def evidence(
    sky: Sky, leg_in: int, t_in_us: float, leg_out: int, t_out_us: float, legs: Legs | None = None
) -> dict[str, Any]:
    """Return which rows of which file a finding rests on: those around it, too, between which it moved."""
    table = sky.tracks.table
    if "source_row" not in table.column_names or "source_file" not in table.column_names:
        return {}
    legs = sky.legs if legs is None else legs
    first = sky.row(legs, sky.sample_at(legs, leg_in, t_in_us))
    sample = min(sky.sample_at(legs, leg_out, t_out_us) + 1, int(legs.first[leg_out + 1]) - 1)
    last = sky.row(legs, sample)
    return {
        "source_file": table.column("source_file")[first].as_py(),
        "source_row_first": table.column("source_row")[first].as_py(),
        "source_row_last": table.column("source_row")[last].as_py(),
    }


def known(value: float) -> float | None:
    """Return a number, None for NaN."""
    return None if math.isnan(value) else float(value)


def distance(value_m: float, sigma_m: float) -> str:
    """Return a distance with its 95 % in words: "1.2 ± 0.3 km", "340 ± 40 m"."""
    half_m = sure.NORMAL_95 * sigma_m
    if value_m >= 1000.0:
        return f"{value_m / 1000:.2f} ± {max(half_m / 1000, 0.01):.2f} km"
    return f"{value_m:.0f} ± {max(half_m, 1.0):.0f} m"


def clock(us: float) -> str:
    """Return a time of day, UTC, with its date."""
    return spans.instant(us).strftime("%Y-%m-%d %H:%M:%S")

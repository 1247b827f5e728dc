"""What all kinds of findings tell alike: whose, evidence, words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from wideberth import incidents
from wideberth.judge import spans
from wideberth.trust import accuracy

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from wideberth.agreement.rules import Rule
    from wideberth.incidents import Columns
    from wideberth.judge.sky import Sky
    from wideberth.tracks import Legs

    Indices = npt.NDArray[np.int64]
    Floats = npt.NDArray[np.float64]


def bound(sky: Sky, rule: Rule) -> npt.NDArray[np.bool_]:
    """Return which flights a rule binds: by party, class and aircraft."""
    mask = sky.flights.bound_by(rule.bound)
    if rule.entry.classes is not None:
        mask = mask & sky.flights.of_class(rule.entry.classes)
    if rule.entry.aircraft is not None:
        mask = mask & sky.flights.any_of(rule.entry.aircraft)
    return mask


def held(sky: Sky, rule: Rule) -> list[spans.Span]:
    """Return when a rule holds while anything is recorded, Unix microseconds; see `held_between`."""
    return held_between(sky, rule, sky.first_us, sky.last_us)


def held_between(sky: Sky, rule: Rule, first_us: int, last_us: int) -> list[spans.Span]:
    """Return when a rule holds between two instants: in its own hours and its places', within the agreement's validity.

    To keep out of places binds while any of them is there, to keep inside several while all of them are.
    """
    found = spans.common(spans.of_schedule(rule.entry.schedule, first_us, last_us), sky.valid)
    schedules = dict.fromkeys(volume.schedule for place in rule.places for volume in place.volumes)
    of_places = [spans.of_schedule(each, first_us, last_us) for each in schedules]
    if rule.kind == "inside":
        for each in of_places:
            found = spans.common(found, each)
    elif of_places:
        found = spans.common(found, spans.united(span for each in of_places for span in each))
    return found


def named(sky: Sky, rule: Rule, flights: Indices, begin_us: Floats) -> Columns:
    """Return how findings about one flight each are named."""
    own = sky.flights
    addresses = [sky.tracks.aircraft[k] for k in own.aircraft[flights].tolist()]
    chosen = flights.tolist()
    return {
        "id": identities(sky, rule, [addresses], begin_us),
        "agreement": sky.agreement.digest,
        "rule": rule.id,
        "kind": rule.kind,
        "party": [own.party_text(k) for k in chosen],
        "icao24_a": addresses,
        "callsign_a": [own.callsign(k) for k in chosen],
    }


def identities(sky: Sky, rule: Rule, addresses: Sequence[Sequence[str]], begin_us: Floats) -> list[str]:
    """Return the ids of findings that began at some instants; one list of addresses for each aircraft of a finding."""
    seconds = (begin_us // 1_000_000).astype(np.int64).tolist()
    digest = sky.agreement.digest
    return list(incidents.identities(digest, rule.id, addresses, seconds))


def evidence(
    sky: Sky, legs: Legs, leg_in: Indices, t_in_us: Floats, leg_out: Indices, t_out_us: Floats
) -> Columns:
    """Return which rows of which file findings rest on: those around them, too, between which they moved."""
    table = sky.tracks.table
    if "source_row" not in table.column_names or "source_file" not in table.column_names:
        return {}
    first = sky.rows(legs, sky.samples_at(legs, leg_in, t_in_us))
    after = np.minimum(sky.samples_at(legs, leg_out, t_out_us) + 1, legs.first[leg_out + 1] - 1)
    last = sky.rows(legs, after)
    return {
        "source_file": table.column("source_file").take(first).to_pylist(),
        "source_row_first": table.column("source_row").take(first).to_numpy(),
        "source_row_last": table.column("source_row").take(last).to_numpy(),
    }


def distances(values_m: Floats, sigmas_m: Floats, is_least: npt.NDArray[np.bool_] | None = None) -> list[str]:
    """Return distances with their 95 % in words: "1.20 ± 0.30 km", "340 ± 40 m"; the least ones "at least 60 km"."""
    halves_m = (accuracy.NORMAL_95 * sigmas_m).tolist()
    least = np.zeros(values_m.size, np.bool_) if is_least is None else is_least
    return [
        f"at least {value_m / 1000:.4g} km"
        if is_one
        else f"{value_m / 1000:.2f} ± {max(half_m / 1000, 0.01):.2f} km"
        if value_m >= 1000.0
        else f"{value_m:.0f} ± {max(half_m, 1.0):.0f} m"
        for value_m, half_m, is_one in zip(values_m.tolist(), halves_m, least.tolist(), strict=True)
    ]


def clocks(us: Floats) -> list[str]:
    """Return times of day, UTC, with their dates."""
    whole = np.rint(us).astype(np.int64) // 1_000_000
    return [text.replace("T", " ") for text in np.datetime_as_string(whole.astype("datetime64[s]")).tolist()]


def names(codes: Any, words: dict[int, str]) -> list[str]:
    """Return the words that a kernel's codes stand for."""
    return [words[int(code)] for code in codes.tolist()]

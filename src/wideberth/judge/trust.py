"""Trust in incidents: of two aircraft as the screen found it, of one by its own reports; and their rank."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from wideberth.columns import TEXT, frozen
from wideberth.incidents import FINDINGS
from wideberth.trust import clock, evidence, likelihood, reasons

if TYPE_CHECKING:
    import numpy.typing as npt

    from wideberth.incidents import Incidents
    from wideberth.judge.sky import Sky
    from wideberth.trust.limits import Limits

# Two findings of one aircraft are no farther apart than a lag, and than it flies in that time.
APART_S = 60.0
APART_DEG = 0.2
ROUGH = {evidence.UNTOLD: 1, evidence.MULTILATERATED: 2, evidence.RELAYED: 3}
ADDED = ("trust", "context", "reasons", "why", "rank")


def added(sky: Sky, incidents: Incidents, limits: Limits) -> Incidents:
    """Return incidents with trust, context, reasons and rank."""
    table = incidents.table
    if not table.num_rows:
        return incidents
    texts = {name: np.array(table[name].to_pylist(), object) for name in ADDED[:4]}
    kinds = np.array(table["kind"].to_pylist(), object)
    alone = np.flatnonzero(~np.isin(kinds, ("apart", "pledges")))
    if alone.size:
        done = _of_one(sky, table.take(pa.array(alone)), limits)
        texts["trust"][alone] = np.array(reasons.TRUSTS, object)[done.trust]
        texts["context"][alone] = reasons.CONTEXTS[reasons.NONE]
        texts["reasons"][alone] = [codes or None for codes in done.codes]
        texts["why"][alone] = [why or None for why in done.why]
    columns: dict[str, Any] = {name: pa.array(values.tolist(), pa.string()) for name, values in texts.items()}
    columns["rank"] = pa.array(_ranks(incidents, texts["trust"], texts["context"]), pa.int64())
    for name in ADDED:
        at = table.schema.get_field_index(name)
        field = table.schema.field(at)
        values = columns[name].dictionary_encode() if field.type == TEXT else columns[name]
        table = table.set_column(at, field, values.cast(field.type))
    return replace(incidents, table=table)


def _of_one(sky: Sky, table: pa.Table, limits: Limits) -> reasons.Weighed:
    """Weigh the reports of the one aircraft that each of some incidents is about, at its worst instant."""
    names = table["icao24_a"].to_pylist()
    place = {text: k for k, text in enumerate(sky.tracks.aircraft)}
    aircraft = np.array([place[name] for name in names], np.int32)
    t_us = pc.coalesce(table["t_worst"], table["t_in"]).cast(pa.int64()).to_numpy()
    lat, lon = (frozen(np.nan_to_num(_numbers(table, name))) for name in ("lat_deg", "lon_deg"))
    of = evidence.describe(sky.tracks, aircraft, t_us, (lat, lon))
    buffers = {rule.id: getattr(rule.entry.keeps, "buffer", 0.0) or 0.0 for rule in sky.agreement.rules}
    buffer_m = np.array([buffers.get(rule, 0.0) for rule in table["rule"].to_pylist()])
    is_metres = np.array([unit == "m" for unit in table["magnitude_unit"].to_pylist()], np.bool_)
    spare_m = np.where(is_metres, np.nan_to_num(_numbers(table, "magnitude")) - buffer_m, 0.0)
    has_level = ~np.isnan(_numbers(table, "vertical_ft"))
    kind = evidence.kinds_of(sky.tracks, aircraft, t_us)
    done = reasons.weigh_alone(of, kind, names, np.maximum(spare_m, 0.0), has_level, limits)
    files: dict[str, int] = {}
    heard = clock.files_near(sky.tracks, aircraft, t_us, files)
    clock.weigh_alone(done, heard, files, names, sky.tracks.cleaning.lags, limits)
    _doubles(done, sky, table, _Found(aircraft, t_us, lat, lon, kind), limits)
    return done


@dataclass(frozen=True)
class _Found:
    """Who is where and when in each of some incidents, and how its address is heard."""

    aircraft: npt.NDArray[np.int32]
    t_us: npt.NDArray[np.int64]
    lat: npt.NDArray[np.float64]
    lon: npt.NDArray[np.float64]
    kind: npt.NDArray[np.int8]


def _doubles(done: reasons.Weighed, sky: Sky, table: pa.Table, found: _Found, limits: Limits) -> None:
    """Doubt a finding that is another's again: of an address that is the other's aircraft, under the same rule.

    Of both the one stays that is heard by itself rather than relayed or located; else that whose address is first.
    """
    one, other = _beside(table["rule"].to_pylist(), found)
    if not one.size:
        return
    of_one, at = found.aircraft[one], frozen(found.t_us[one])
    places = frozen(found.lat[one]), frozen(found.lon[one])
    pairs = {
        "together": evidence.compare(
            sky.tracks, of_one, found.aircraft[other], at, places, "barometric", limits
        ),
        "of_a": evidence.describe(sky.tracks, of_one, at, places),
        "of_b": evidence.describe(sky.tracks, found.aircraft[other], at, places),
        "kind_a": found.kind[one],
        "kind_b": found.kind[other],
    }
    names, signs = (np.array(table[name].to_pylist(), object) for name in ("icao24_a", "callsign_a"))
    probable = likelihood.probability_of_one(
        pairs, *reasons.compared_callsigns((signs[one], signs[other])), limits
    )
    roughness = np.array([ROUGH.get(int(kind), 0) for kind in found.kind])
    again: dict[int, tuple[float, str]] = {}
    for a, b, share in zip(one.tolist(), other.tolist(), probable.tolist(), strict=True):
        kept, second = sorted((a, b), key=lambda k: (roughness[k], names[k]))
        again[second] = max(again.get(second, (0.0, "")), (share, names[kept]))
    for low, high, trust in (
        (limits.one_aircraft, 2.0, reasons.ARTEFACT),
        (limits.maybe_one_aircraft, limits.one_aircraft, reasons.DOUBTFUL),
    ):
        where = np.zeros(found.aircraft.size, np.bool_)
        where[[k for k, (share, _) in again.items() if low <= share < high]] = True
        done.note(
            "one-aircraft",
            where,
            lambda k: (
                f"{names[k]} and {again[k][1]}, of which the same is found, are one aircraft with a probability of "
                f"{reasons.share_text(again[k][0])}."
            ),
            trust=trust,
        )


def _beside(rules: list[str], found: _Found) -> tuple[Any, Any]:
    """Return pairs of incidents under one rule of two addresses that are near each other in time and place."""
    numbers = np.unique(np.array(rules, object), return_inverse=True)[1]
    order = np.lexsort((found.t_us, numbers))
    pairs = []
    first = np.arange(order.size - 1)
    step = 1
    while first.size:
        one, other = order[first], order[first + step]
        goes_on = (numbers[one] == numbers[other]) & (found.t_us[other] - found.t_us[one] <= APART_S * 1e6)
        north_deg = np.abs(found.lat[one] - found.lat[other])
        east_deg = np.abs((found.lon[one] - found.lon[other] + 180.0) % 360.0 - 180.0)
        near = np.hypot(north_deg, east_deg * np.cos(np.radians(found.lat[one]))) <= APART_DEG
        pairs.append(
            np.stack([one, other])[:, goes_on & near & (found.aircraft[one] != found.aircraft[other])]
        )
        step += 1
        first = first[goes_on & (first + step < order.size)]
    return tuple(np.concatenate(pairs, axis=1)) if pairs else (np.empty(0, int), np.empty(0, int))


def _ranks(incidents: Incidents, trust: Any, context: Any) -> npt.NDArray[np.int64]:
    """Return the rank of each: findings first, then by trust, context, rule, and how much."""
    table = incidents.table
    is_counted = np.array([verdict not in FINDINGS for verdict in table["verdict"].to_pylist()], np.bool_)
    of_trust = np.array([_place(reasons.TRUSTS, each) for each in trust], np.int64)
    of_context = np.array([_place(reasons.CONTEXTS, each) for each in context], np.int64)
    number = {each.rule: k for k, each in enumerate(incidents.judged)}
    rule = np.array([number.get(each, 0) for each in table["rule"].to_pylist()], np.int64)
    retained, magnitude = _numbers(table, "retained"), _numbers(table, "magnitude")
    least = np.where(np.isnan(retained), -np.nan_to_num(magnitude), retained)
    is_other = np.array([verdict != "broken" for verdict in table["verdict"].to_pylist()], np.bool_)
    order = np.lexsort((least, rule, is_other, of_context, of_trust, is_counted))
    ranks = np.empty(order.size, np.int64)
    ranks[order] = np.arange(1, order.size + 1)
    return ranks


def _place(known: tuple[str, ...], text: str | None) -> int:
    return known.index(text) if text in known else 0


def _numbers(table: pa.Table, name: str) -> npt.NDArray[np.float64]:
    return np.asarray(table[name].to_numpy(), np.float64)

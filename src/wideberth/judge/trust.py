"""Trust in incidents: of two aircraft as the screen found it, of one by its own reports; and their rank."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from wideberth.columns import TEXT, frozen
from wideberth.incidents import FINDINGS
from wideberth.trust import evidence, reasons

if TYPE_CHECKING:
    import numpy.typing as npt

    from wideberth.incidents import Incidents
    from wideberth.judge.sky import Sky
    from wideberth.trust.limits import Limits

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
    return reasons.weigh_alone(of, kind, names, np.maximum(spare_m, 0.0), has_level, limits)


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

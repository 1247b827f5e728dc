"""Episodes → the table of Encounters: instants, places, motion and callsigns of both aircraft.

A `Table` here is a dict of columns by the names in `columns.ENCOUNTER_COLUMNS`, instants as Unix
microseconds, with ``a`` and ``b``: places of the addresses in one sorted list.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from wideberth.columns import ENCOUNTER_COLUMNS, INSTANT, TEXT, frozen, schema
from wideberth.encounters import Encounters, Screening
from wideberth.kernels import episodes as kernels
from wideberth.kernels import geodesy
from wideberth.kernels import legs as leg_kernels
from wideberth.screen.episodes import REFERENCES
from wideberth.screen.select import Selection
from wideberth.tracks import FLIGHT_GAP_S
from wideberth.trust import accuracy, airports, clock, evidence, hotspots, reasons
from wideberth.trust.limits import DEFAULT, Limits
from wideberth.units import MPS_PER_KNOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import numpy.typing as npt

    from wideberth.screen.episodes import Episodes
    from wideberth.screen.options import Options
    from wideberth.tracks import Lag, Tracks

    Table = dict[str, npt.NDArray[Any]]


@dataclass
class Found:
    """Parts of encounters found so far, by altitude reference, addresses as places in one sorted list."""

    limits: Limits = DEFAULT
    parts: dict[str, list[Table]] = field(default_factory=dict)
    candidates: int = 0
    files: dict[str, int] = field(
        default_factory=dict
    )  # the numbers that ``files_a`` and ``files_b`` give them

    def add(self, e: Episodes, tracks: Tracks, place: npt.NDArray[np.int32] | None = None) -> None:
        """Add what was found among tracks whose aircraft have these places in the list; None: the same."""
        table = described(e)
        table |= evidence.gather(tracks, e.legs, e.leg_a, e.leg_b, table, e.reference, self.limits)
        for side in "ab":
            table[f"files_{side}"] = clock.files_near(tracks, table[side], table["t_cpa"], self.files)
        if place is not None:
            table["a"], table["b"] = place[table["a"]], place[table["b"]]
        self.parts.setdefault(e.reference, []).append(table)
        self.candidates += e.candidates


def finished(
    found: Found,
    aircraft: list[str],
    callsigns_of: Callable[[npt.NDArray[np.int32], npt.NDArray[np.int64]], pa.Array],
    options: Options,
    *,
    samples: int,
    lags: Iterable[Lag] = (),
) -> Encounters:
    """Join, select and order what was found, and name the flights; ``lags`` tell how files differ in time."""
    selection = (options.select or Selection()).below(options.minima.below_ft)
    gap_us = max(kernels.TOUCHING_US, round(options.merge_gap_s * 1e6))
    chosen = []
    left_out = unknown = 0
    for code, reference in enumerate(REFERENCES):
        if reference not in found.parts:
            continue
        whole = joined(concatenated(found.parts[reference]), gap_us)
        holds = selection.holds(whole)
        left_out += int(np.count_nonzero(~holds))
        whole = {name: values[holds] for name, values in whole.items()}
        whole["reference"] = np.full(whole["a"].size, code)
        unknown += whole["a"].size if reference == "unknown" else 0
        chosen.append(whole)
    screening = Screening(
        samples=samples,
        aircraft=len(aircraft),
        candidates=found.candidates,
        vertical_unknown=unknown,
        filtered_out=left_out,
        max_gap_s=options.max_gap_s,
        merge_gap_s=options.merge_gap_s,
    )
    if not chosen:
        return Encounters(schema(ENCOUNTER_COLUMNS).empty_table(), options.minima, screening)
    table = in_order(concatenated(chosen))
    both = np.concatenate([table["a"], table["b"]])
    names = callsigns_of(both, np.concatenate([table["t_cpa"], table["t_cpa"]]))
    callsign_a, callsign_b = names.slice(0, table["a"].size), names.slice(table["a"].size)
    texts = {
        "callsign_a": callsign_a,
        "callsign_b": callsign_b,
        "vertical_reference": pa.array([REFERENCES[code] for code in table["reference"]], pa.string()),
    }
    addresses = tuple([aircraft[place] for place in table[side].tolist()] for side in "ab")
    texts |= _weighed(
        table, addresses, (callsign_a.to_pylist(), callsign_b.to_pylist()), options, found.files, lags
    )
    return Encounters(arrow(table, aircraft, texts), options.minima, screening)


def _weighed(
    table: Table,
    addresses: tuple[list[str], ...],
    heard_as: tuple[list[str | None], ...],
    options: Options,
    files: dict[str, int],
    lags: Iterable[Lag],
) -> dict[str, pa.Array]:
    """Weigh the evidence, add the figures that it gives to the table, and return the texts."""
    minima, a, b = options.minima, *addresses
    done = reasons.weigh(table, table, (a, b), (heard_as[0], heard_as[1]), minima, options.limits)
    airports.weigh(done, table, options.airports, options.limits)
    clock.weigh(done, (table["files_a"], table["files_b"]), files, (a, b), lags, options.limits)
    hmd_sd_m, vertical_sd_ft = table["hmd_sd_m"], table["vertical_sd_ft"]
    table["hmd_low_m"], table["hmd_high_m"] = accuracy.interval(table["hmd_m"], hmd_sd_m)
    table["vertical_low_ft"], table["vertical_high_ft"] = accuracy.interval(
        table["vertical_ft_at_cpa"], vertical_sd_ft
    )
    table["probability"] = accuracy.probability_of_both(table, minima, minima)
    table["one_aircraft"] = done.one_aircraft
    is_unknown = np.isnan(table["vertical_ft_at_cpa"])
    order = np.lexsort(
        (table["b"], table["a"], table["t_in"], table["retained"], is_unknown, done.context, done.trust)
    )
    table["rank"] = np.empty(order.size, np.int64)
    table["rank"][order] = np.arange(1, order.size + 1)
    return {
        "trust": _of(reasons.TRUSTS, done.trust),
        "context": _of(reasons.CONTEXTS, done.context),
        "reasons": pa.array([codes or None for codes in done.codes], pa.string()),
        "why": pa.array([why or None for why in done.why], pa.string()),
        "hotspots_grade": pa.array(hotspots.grades(table, table, minima, options.limits), pa.string()),
        "id": pa.array(_identities(table, a, b), pa.string()),
    }


def _of(texts: Sequence[str], codes: npt.NDArray[np.int8]) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(codes, pa.int32()), pa.array(texts, pa.string())).cast(
        pa.string()
    )


def _identities(table: Table, a: list[str], b: list[str]) -> list[str]:
    """Return the id of each encounter: of rows in order, so that a second one of a pair in a second has its number."""
    clocks = pc.strftime(
        pa.array(table["t_in"], pa.timestamp("us")).cast(pa.timestamp("s"), safe=False), "%Y%m%dT%H%M%S"
    )
    names: list[str] = pc.binary_join_element_wise(
        pa.array(a, pa.string()), pa.array(b, pa.string()), clocks, "-"
    ).to_pylist()
    if len(set(names)) == len(names):
        return names
    seen: dict[str, int] = {}
    for k, name in enumerate(names):
        seen[name] = number = seen.get(name, 0) + 1
        names[k] = name if number == 1 else f"{name}-{number}"
    return names


def described(e: Episodes) -> Table:
    """Return the kernels' rows as named columns, and where both were at ``t_cpa`` and how they moved."""
    table = _measured(e)
    samples = (e.legs.t_us, e.legs.lat_deg, e.legs.lon_deg, e.legs.altitude, e.legs.first)
    when_us = table["t_cpa"] - e.legs.base_us
    unknown = np.full(when_us.size, np.nan)
    state = {}
    for side, leg in (("a", e.leg_a), ("b", e.leg_b)):
        s = state[side] = kernels.states_at(*samples, leg, when_us)
        table[f"lat_{side}_deg"], table[f"lon_{side}_deg"] = s[:, 0], s[:, 1]
        table[f"altitude_{side}_ft"] = s[:, 2] if e.reference != "unknown" else unknown
        table[f"groundspeed_{side}_kt"] = np.sqrt((s[:, 6:9] ** 2).sum(axis=1)) / MPS_PER_KNOT
        table[f"track_{side}_deg"] = s[:, 9]
        table[f"report_age_{side}_s"] = s[:, 10]
    a, b = state["a"], state["b"]
    table["bearing_a_to_b_deg"] = _bearing(a, b[:, 3:6] - a[:, 3:6])
    table["bearing_b_to_a_deg"] = _bearing(b, a[:, 3:6] - b[:, 3:6])
    cosine = (a[:, 6:9] * b[:, 6:9]).sum(axis=1)
    cross = np.cross(a[:, 6:9], b[:, 6:9])
    angle = np.degrees(np.arctan2(np.sqrt((cross**2).sum(axis=1)), cosine))
    is_moving = (a[:, 6:9] ** 2).sum(axis=1) * (b[:, 6:9] ** 2).sum(axis=1) > 0.0
    table["crossing_angle_deg"] = np.where(is_moving, angle, np.nan)
    return table


def _measured(e: Episodes) -> Table:
    is_known = e.reference != "unknown"
    unknown = np.full(e.rows.shape[0], np.nan)

    def instant(column: int) -> npt.NDArray[np.int64]:
        return e.rows[:, column].astype(np.int64) + e.legs.base_us

    return {
        "a": e.legs.aircraft[e.leg_a],
        "b": e.legs.aircraft[e.leg_b],
        "t_in": instant(kernels.T_IN_US),
        "t_out": instant(kernels.T_OUT_US),
        "t_cpa": instant(kernels.T_CPA_US),
        "hmd_m": e.rows[:, kernels.HMD_M],
        "vertical_ft_at_cpa": e.rows[:, kernels.VERTICAL_AT_CPA] if is_known else unknown,
        "vmd_ft": e.rows[:, kernels.VMD] if is_known else unknown,
        "t_vmd": instant(kernels.T_VMD_US),
        "retained": e.rows[:, kernels.RETAINED],
        "t_retained": instant(kernels.T_RETAINED_US),
        "closure_kt": e.rows[:, kernels.CLOSURE_MPS] / MPS_PER_KNOT,
    }


def _bearing(state: npt.NDArray[np.float64], towards_m: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the direction of a vector from an aircraft's own track, -180 to 180, right positive."""
    direction: npt.NDArray[np.float64] = geodesy.directions_deg(
        state[:, 0], state[:, 1], towards_m[:, 0], towards_m[:, 1], towards_m[:, 2]
    )
    return (direction - state[:, 9] + 180.0) % 360.0 - 180.0


def joined(parts: Table, gap_us: int) -> Table:
    """Join parts of one pair that are at most ``gap_us`` apart; ordered by pair, then time.

    The whole begins with the first part and ends with the last.  Each figure is that of the part
    where it is least, the earlier one on a tie: what holds at ``t_cpa`` comes from the part with the least
    ``hmd_m``.
    """
    if not parts["a"].size:
        return parts
    # Parts of one pair never lie within one another: windows follow one another, and neighbours share a step.
    order = np.lexsort((parts["t_out"], parts["t_in"], parts["b"], parts["a"]))
    parts = {name: values[order] for name, values in parts.items()}
    is_first = np.ones(order.size, np.bool_)
    is_first[1:] = (
        (parts["a"][1:] != parts["a"][:-1])
        | (parts["b"][1:] != parts["b"][:-1])
        | (parts["t_in"][1:] - parts["t_out"][:-1] > gap_us)
    )
    if is_first.all():
        return parts
    begin = np.flatnonzero(is_first)
    group = np.cumsum(is_first) - 1
    least = {
        figure: np.lexsort((np.arange(order.size), parts[figure], group))[begin]  # NaN sorts last
        for figure in ("hmd_m", "vmd_ft", "retained")
    }
    whole = {name: values[least["hmd_m"]] for name, values in parts.items()}
    for name in ("t_in", "closure_kt"):
        whole[name] = parts[name][begin]
    whole["t_out"] = np.maximum.reduceat(parts["t_out"], begin)
    for figure, name in (("vmd_ft", "t_vmd"), ("retained", "t_retained")):
        whole[figure], whole[name] = parts[figure][least[figure]], parts[name][least[figure]]
    return whole


def concatenated(tables: Sequence[Table]) -> Table:
    """Return tables with the same columns one after another."""
    return {name: np.concatenate([t[name] for t in tables]) for name in tables[0]}


def in_order(table: Table) -> Table:
    """Return the rows ordered by ``t_in``, then addresses, then reference."""
    order = np.lexsort((table["reference"], table["b"], table["a"], table["t_in"]))
    return {name: values[order] for name, values in table.items()}


@dataclass(frozen=True)
class Heard:
    """Which callsigns were heard, and when.

    Attributes:
        begin: (aircraft + 1,) where each aircraft's samples begin.
        t_us: (n,) Unix microseconds, also of samples without a callsign.
        callsign: (n,) texts with a dictionary; None: none was heard.
    """

    begin: npt.NDArray[np.int64]
    t_us: npt.NDArray[np.int64]
    callsign: pa.DictionaryArray | None

    @classmethod
    def of(cls, tracks: Tracks) -> Heard:
        """Return what some tracks tell."""
        is_told = "callsign" in tracks.table.column_names and len(tracks)
        return cls(tracks.begin, tracks.t_us, tracks.table["callsign"].chunk(0) if is_told else None)


def callsigns(heard: Heard, aircraft: npt.NDArray[np.int32], when_us: npt.NDArray[np.int64]) -> pa.Array:
    """Return the callsign of each aircraft heard nearest to an instant within the flight; null if none.

    Args:
        heard: where to look.
        aircraft: (k,) which aircraft.
        when_us: (k,) Unix microseconds.
    """
    if heard.callsign is None:
        return pa.nulls(when_us.size, pa.string())
    codes = frozen(heard.callsign.indices.fill_null(-1).to_numpy())
    found = leg_kernels.nearest_text(
        heard.begin, heard.t_us, codes, aircraft, when_us, round(FLIGHT_GAP_S * 1e6)
    )
    indices = pa.array(found, pa.int32(), mask=found < 0)
    return pa.DictionaryArray.from_arrays(indices, heard.callsign.dictionary).cast(pa.string())


def arrow(table: Table, aircraft: list[str], names: dict[str, pa.Array]) -> pa.Table:
    """Return the Arrow table; ``names`` holds text columns, absent columns become null."""
    addresses = pa.array(aircraft, pa.string())
    ordered = []
    for name, column in ENCOUNTER_COLUMNS.items():
        if name in ("icao24_a", "icao24_b"):
            array = pa.DictionaryArray.from_arrays(pa.array(table[name[-1]], pa.int32()), addresses)
        elif name in names:
            array = names[name].dictionary_encode() if column.type == TEXT else names[name]
        elif column.type == INSTANT:
            array = pa.array(table[name], pa.int64()).cast(INSTANT)
            if name == "t_vmd":  # no vertical distance, no instant
                array = pa.array(table[name], pa.int64(), mask=np.isnan(table["vmd_ft"])).cast(INSTANT)
        else:
            array = pa.array(table[name], column.type, from_pandas=True)
        ordered.append(array.cast(column.type))
    return pa.table(ordered, schema=schema(ENCOUNTER_COLUMNS))

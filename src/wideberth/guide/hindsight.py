"""What guidance would have told of encounters that were recorded: when it would have alerted, and to do what.

Each encounter, or incident of two aircraft, is looked at from `LOOK_BACK_S` before its closest point until it was over,
second by second, with either aircraft as ownship and the other, flying straight on, as the only intruder.  Each
second stands for itself: M of N, hysteresis and persistence of the configuration are left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from wideberth import tables
from wideberth.agreement.model import Apart
from wideberth.columns import GUIDANCE_COLUMNS
from wideberth.errors import ColumnError
from wideberth.guide import answers, presets, telling
from wideberth.guide.moment import DIMENSIONS
from wideberth.guide.recorded import REFERENCES, Motion, Recording
from wideberth.minima import Minima
from wideberth.tracks import DEFAULT_MAX_GAP_S

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from wideberth.agreement.load import Agreement
    from wideberth.guide.answers import Pairs
    from wideberth.guide.config import Config
    from wideberth.tracks import Tracks

    Floats = npt.NDArray[np.float64]
    Instants = npt.NDArray[np.int64]

LOOK_BACK_S = 180.0  # the longest alerting time of DO-365B is 110 s
AFTER_S = 60.0  # of an encounter that lasts longer no more is looked at past its closest point
STEP_US = 1_000_000


@dataclass(frozen=True)
class Asked:
    """Encounters to look back at.

    Attributes:
        id, icao24_a, icao24_b: (n,) of each.
        t_cpa_us, until_us: (n,) Unix time of the closest point, and until when is looked.
    """

    id: Sequence[str]
    icao24_a: Sequence[str]
    icao24_b: Sequence[str]
    t_cpa_us: Instants
    until_us: Instants

    @classmethod
    def of(cls, table: pa.Table) -> Asked:
        """Take the rows of encounters, or those incidents of two aircraft that are no rule kept.

        Raises:
            ColumnError: it is neither.
        """
        names = table.column_names
        nearest = "t_cpa" if "t_cpa" in names else "t_worst"
        needed = ("id", "icao24_a", "icao24_b", "t_out", nearest)
        missing = [name for name in needed if name not in names]
        if missing:
            raise ColumnError(
                f"guidance: no column {', '.join(missing)}. Encounters or incidents are needed."
            )
        if "kind" in names:
            table = table.filter(pc.equal(pc.cast(table["kind"], "string"), "apart"))
        table = table.filter(pc.and_(pc.is_valid(table["icao24_b"]), pc.is_valid(table[nearest])))
        t_cpa, t_out = (table[name].cast("int64").to_numpy() for name in (nearest, "t_out"))
        until = np.maximum(t_cpa, np.minimum(t_out, t_cpa + round(AFTER_S * 1e6)))
        ids, a, b = (table[name].to_pylist() for name in ("id", "icao24_a", "icao24_b"))
        return cls(ids, a, b, t_cpa, until)

    def __len__(self) -> int:
        return len(self.id)


def look_back(
    tracks: Tracks,
    table: pa.Table,
    config: Config,
    *,
    max_gap_s: float = DEFAULT_MAX_GAP_S,
    include_ground: bool = False,
) -> pa.Table:
    """Return what guidance would have told of each encounter, or incident of kind *apart*, to either aircraft.

    Args:
        tracks: the recording that they were found in.
        table: encounters by `columns.ENCOUNTER_COLUMNS` or incidents by `columns.INCIDENT_COLUMNS`.
        config: what guidance is computed by.
        max_gap_s, include_ground: as the encounters were found.
    Returns:
        columns as in `columns.GUIDANCE_COLUMNS`: two rows each, a as ownship, then b.
    Raises:
        ColumnError: the table is neither.
    """
    asked = Asked.of(table)
    recordings = [
        Recording(tracks, reference, max_gap_s, include_ground=include_ground) for reference in REFERENCES
    ]
    seen = _Seen.of(recordings, asked)
    rows: list[dict[str, Any]] = []
    sides = [_Side(asked, seen, config, is_b) for is_b in (False, True)]
    for k in range(len(asked)):
        rows += [side.row(k) for side in sides]
    return tables.of_rows(rows, GUIDANCE_COLUMNS)


def look_back_by_rules(
    tracks: Tracks, table: pa.Table, agreement: Agreement, config: Config | None
) -> pa.Table:
    """Return the same of incidents that were judged by an agreement.

    Args:
        tracks, table: as in `look_back`.
        agreement: it tells across which gaps motion is inferred.
        config: what guidance is computed by; None: by each rule's own minima.
    """
    gap_s = agreement.head.max_gap
    if config is not None:
        return look_back(tracks, table, config, max_gap_s=gap_s)
    parts = [tables.of_rows([], GUIDANCE_COLUMNS)]
    for rule in agreement.rules:
        keeps = rule.entry.keeps
        if isinstance(keeps, Apart):
            minima = Minima(keeps.apart.horizontal, keeps.apart.vertical, source=f"rule {rule.id}")
            incidents = table.filter(pc.equal(table["rule"].cast(pa.string()), rule.id))
            parts.append(look_back(tracks, incidents, presets.of_minima(minima), max_gap_s=gap_s))
    return pa.concat_tables(parts).unify_dictionaries()


@dataclass(frozen=True)
class _Seen:
    """States of both aircraft of each encounter, one after another.

    Attributes:
        first: (n + 1,) where each encounter's instants begin.
        when_us: (k,) the instants.
        a, b: (k,) the aircraft.
    """

    first: Instants
    when_us: Instants
    a: Motion
    b: Motion

    @classmethod
    def of(cls, recordings: Sequence[Recording], asked: Asked) -> _Seen:
        back_us = round(LOOK_BACK_S * 1e6)
        # Whole seconds before the closest point, so that it is one of the instants.
        many = back_us // STEP_US + 1 + (asked.until_us - asked.t_cpa_us) // STEP_US
        first = np.concatenate([[0], np.cumsum(many)]).astype(np.int64)
        row = np.repeat(np.arange(len(asked)), many)
        when_us = asked.t_cpa_us[row] - back_us + (np.arange(first[-1]) - first[row]) * STEP_US
        place = {address: k for k, address in enumerate(recordings[0].tracks.aircraft)}
        whose = [
            np.array([place.get(each, -1) for each in addresses], np.int64)[row]
            for addresses in (asked.icao24_a, asked.icao24_b)
        ]
        return cls(first, when_us, *_by_common_reference(recordings, whose, when_us, row))


def _by_common_reference(
    recordings: Sequence[Recording], whose: list[Instants], when_us: Instants, row: Instants
) -> tuple[Motion, Motion]:
    """Return both aircraft by the first altitude reference that an encounter has them both in, never mixed."""
    figures = [np.full((6, when_us.size), np.nan) for _ in whose]
    left = np.arange(when_us.size)
    for recording in recordings:
        pair = [recording.at(each[left], when_us[left]) for each in whose]
        both = ~np.isnan(pair[0].altitude_m) & ~np.isnan(pair[1].altitude_m)
        rows_known = np.unique(row[left][both])
        is_known = np.isin(row[left], rows_known)
        for out, motion in zip(figures, pair, strict=True):
            out[:, left[is_known]] = motion.stacked()[:, is_known]
        left = left[~is_known]
        if not left.size:
            break
    return Motion(*figures[0]), Motion(*figures[1])


class _Side:
    """All encounters with one of both aircraft as ownship."""

    def __init__(self, asked: Asked, seen: _Seen, config: Config, is_b: bool) -> None:
        self.asked, self.seen, self.config = asked, seen, config
        self.own, self.other = (seen.b, seen.a) if is_b else (seen.a, seen.b)
        self.names = (asked.icao24_b, asked.icao24_a) if is_b else (asked.icao24_a, asked.icao24_b)
        self.is_known = ~np.isnan(self.own.stacked().sum(axis=0) + self.other.stacked().sum(axis=0))
        known = np.flatnonzero(self.is_known)
        alerts = answers.of_pairs(self.own.at(known), self.other.at(known), config, with_bands=False)
        self.alert = np.full(seen.when_us.size, -1, np.int64)
        self.alert[known] = alerts.alert
        self.in_s = np.full(seen.when_us.size, np.inf)
        self.in_s[known] = alerts.corrective_in_s
        corrective = telling.corrective_level(config)
        closest = round(LOOK_BACK_S)  # of the instants of each
        self.spans = []
        for first, stop in zip(seen.first[:-1].tolist(), seen.first[1:].tolist(), strict=True):
            t_s = np.arange(stop - first, dtype=np.float64)
            self.spans.append(
                telling.span_of(self.alert[first:stop], self.in_s[first:stop], t_s, closest, corrective)
            )
        self.told, self.places = self._bands()

    def _bands(self) -> tuple[Pairs | None, dict[int, npt.NDArray[np.int64]]]:
        """Return guidance in full for the instants of all spans, and which of it is each encounter's."""
        chosen, places, many = [], {}, 0
        for k, span in enumerate(self.spans):
            if span is not None:
                instants = np.arange(span.begin, span.end + 1) + self.seen.first[k]
                known = self.is_known[instants]
                places[k] = np.where(known, many + np.cumsum(known) - 1, -1)
                chosen.append(instants[known])
                many += int(known.sum())
        if not chosen:
            return None, {}
        at = np.concatenate(chosen)
        return answers.of_pairs(self.own.at(at), self.other.at(at), self.config, with_bands=True), places

    def row(self, k: int) -> dict[str, Any]:
        """Return one row of the table."""
        first, stop = int(self.seen.first[k]), int(self.seen.first[k + 1])
        heard = int(self.is_known[first:stop].sum())
        row: dict[str, Any] = {
            "id": self.asked.id[k],
            "ownship": self.names[0][k],
            "intruder": self.names[1][k],
            "config": self.config.name,
            "heard_s": float(max(heard - 1, 0)),
            "alert": int(self.alert[first:stop].max()) if heard else None,
        }
        span, dials = self.spans[k], []
        if span is not None and self.told is not None:
            when_us = self.seen.when_us[first:stop]
            places = self.places[k]
            dials = self.told.dials(int(places[0]))
            keeps = {name: (places >= 0) & self.told.keeps_clear(name)[places] for name in DIMENSIONS}
            t_s = np.arange(stop - first, dtype=np.float64)
            whens = when_us.astype("M8[us]").tolist()
            row |= telling.row_of(span, whens, t_s, round(LOOK_BACK_S), dials, keeps)
        return {**row, "sentence": telling.sentence(row, dials)}

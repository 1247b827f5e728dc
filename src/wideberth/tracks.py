"""Tracks: the samples of each transponder address, sorted by address, then time; legs and gaps."""

from __future__ import annotations

import itertools
import statistics
import weakref
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from wideberth import columns, tables
from wideberth.errors import ColumnError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt

DEFAULT_MAX_GAP_S = 60.0
FLIGHT_GAP_S = 30 * 60.0
MOST_GAP_S = 1e12  # 30,000 years: no limit, and still whole microseconds in 64 bits
LEG_REFERENCES = ("barometric", "geometric", "any")

REASONS = {
    "no_address": "no transponder address, or not six hex digits",
    "no_time": "no time",
    "no_position": "no position",
    "out_of_range": "a value outside its valid range",
    "no_altitude": "airborne, without any altitude",
    "duplicate": "same address, time and position as the row before",
    "same_time": "same address and time as the row before, another position",
    "stale": "position repeated although the aircraft moved",
    "jump": "impossible jump: not on the plausible branch",
}
"""Why a row is set aside, in the order in which the reasons are tried."""


@dataclass(frozen=True, order=True)
class Lag:
    """By how much later one file tells where an aircraft is than another.

    Attributes:
        file_a, file_b: which files; ``file_a`` < ``file_b``.
        icao24: by which aircraft, heard in both at once.
        lag_s: seconds that ``file_b`` is behind ``file_a``; negative: before it.
        sure_s: its standard deviation, as windows of some minutes differ; 0 of one window.
        windows: how many tell.
    """

    file_a: str
    file_b: str
    icao24: str
    lag_s: float
    sure_s: float
    windows: int


@dataclass(frozen=True)
class Cleaning:
    """What became of the rows that were read.

    Attributes:
        rows_read: rows that the readers handed over.
        rows_kept: rows in the Tracks.
        set_aside: how many rows were set aside, by reason (`REASONS`).
        would_set_aside: how many more rows ordinary cleaning would set aside, but were kept on request.
        blanked: values that were made unknown in rows that were kept, by column and reason.
        would_blank: values that ordinary cleaning would make unknown, but were kept on request.
        on_ground: rows kept that say the aircraft is on the ground.
        reordered: rows whose time ran backwards in their source; sorted into place, kept.
        breaks: places where no possible motion joins two samples; the leg ends there.
        rejected: parts of the input that are no rows at all, by source and reason.
        examples: the first of each of those.
        lags: by how much files differ in time, by each aircraft that several heard at once; before cleaning.
    """

    rows_read: int = 0
    rows_kept: int = 0
    set_aside: dict[str, int] = field(default_factory=dict)
    would_set_aside: dict[str, int] = field(default_factory=dict)
    blanked: dict[tuple[str, str], int] = field(default_factory=dict)
    would_blank: dict[tuple[str, str], int] = field(default_factory=dict)
    on_ground: int = 0
    reordered: int = 0
    breaks: int = 0
    rejected: dict[tuple[str, str], int] = field(default_factory=dict)
    examples: dict[tuple[str, str], str] = field(default_factory=dict)
    lags: tuple[Lag, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return everything as plain data, as ``--json`` prints it."""
        return {
            "rows_read": self.rows_read,
            "rows_kept": self.rows_kept,
            "set_aside": self.set_aside,
            "would_set_aside": self.would_set_aside,
            "blanked": _by_column(self.blanked),
            "would_blank": _by_column(self.would_blank),
            "on_ground": self.on_ground,
            "reordered": self.reordered,
            "breaks": self.breaks,
            "rejected": [
                {
                    "source": source,
                    "reason": reason,
                    "count": count,
                    "first": self.examples.get((source, reason), ""),
                }
                for (source, reason), count in self.rejected.items()
            ],
            "lags": [
                {
                    "file_a": file_a,
                    "file_b": file_b,
                    "aircraft": len(lags),
                    "lag_s": round(statistics.median(lags), 3),
                }
                for (file_a, file_b), lags in self._lags_s().items()
            ],
        }

    def _lags_s(self) -> dict[tuple[str, str], list[float]]:
        found: dict[tuple[str, str], list[float]] = {}
        for lag in self.lags:
            found.setdefault((lag.file_a, lag.file_b), []).append(lag.lag_s)
        return found


def _by_column(counts: dict[tuple[str, str], int]) -> list[dict[str, Any]]:
    return [{"column": name, "reason": reason, "count": n} for (name, reason), n in counts.items()]


@dataclass(frozen=True)
class Legs:
    """The legs of some tracks under one altitude reference, one after another.

    Attributes:
        t_us: (n,) int64, microseconds since ``base_us``.
        lat_deg, lon_deg: (n,) float64.
        altitude: (n,) float64 in feet.
        first: (m + 1,) int64, where each leg begins among the n samples.
        aircraft: (m,) int32, index into ``Tracks.aircraft``.
        rows: (n,) int64, rows of the Tracks; size 0 where the n samples are all of them.
        base_us: Unix time that ``t_us`` counts from.
    """

    t_us: npt.NDArray[np.int64]
    lat_deg: npt.NDArray[np.float64]
    lon_deg: npt.NDArray[np.float64]
    altitude: npt.NDArray[np.float64]
    first: npt.NDArray[np.int64]
    aircraft: npt.NDArray[np.int32]
    rows: npt.NDArray[np.int64]
    base_us: int

    def __len__(self) -> int:
        return self.aircraft.size

    @property
    def t_in_us(self) -> npt.NDArray[np.int64]:
        """When each leg begins, (m,)."""
        return self.t_us[self.first[:-1]]

    @property
    def t_out_us(self) -> npt.NDArray[np.int64]:
        """When each leg ends, (m,)."""
        return self.t_us[self.first[1:] - 1]


class Tracks:
    """Recorded positions of any number of aircraft.

    Args:
        table: columns as in `columns.TRACK_COLUMNS`, sorted by ``icao24``, then ``t``.
        cleaning: what was set aside to get there.
        breaks: rows that the row before cannot have led to; size 0 for none.
    Raises:
        ColumnError: a column is missing, unknown, of another type, or the order is not as promised.
    """

    def __init__(
        self, table: pa.Table, cleaning: Cleaning | None = None, breaks: npt.NDArray[np.bool_] | None = None
    ) -> None:
        columns.check(table, columns.TRACK_COLUMNS, "tracks")
        self.table = _with_own_addresses(
            table.combine_chunks() if any(c.num_chunks > 1 for c in table.columns) else table
        )
        self.cleaning = cleaning or Cleaning(rows_read=table.num_rows, rows_kept=table.num_rows)
        self.breaks = np.empty(0, np.bool_) if breaks is None else breaks
        if self.breaks.size not in (0, len(self)):
            raise ColumnError(f"tracks: {self.breaks.size:,} breaks are told for {len(self):,} rows.")
        if not self._is_sorted():
            raise ColumnError(
                "tracks: rows are not sorted by icao24, then t. Pass the table to wideberth.read()."
            )

    def __len__(self) -> int:
        return int(self.table.num_rows)

    @cached_property
    def aircraft(self) -> list[str]:
        """The addresses, sorted."""
        return self._icao24.dictionary.to_pylist() if len(self) else []

    @cached_property
    def begin(self) -> npt.NDArray[np.int64]:
        """Where each aircraft's rows begin, (aircraft + 1,); the last is the number of rows."""
        from wideberth.kernels import sorting

        begin: npt.NDArray[np.int64] = sorting.aircraft_starts(self._codes, len(self.aircraft))
        return begin

    @cached_property
    def t_us(self) -> npt.NDArray[np.int64]:
        """Unix time of each row, microseconds."""
        return columns.frozen(self._array("t").view(pa.int64()).to_numpy())

    def numbers(self, name: str) -> npt.NDArray[Any]:
        """Return a numeric or boolean column; NaN where unknown, size 0 where there is no such column."""
        if name not in self.table.column_names:
            # Of the column's own type: kernels compile anew for another, which takes seconds.
            return columns.frozen(np.empty(0, columns.TRACK_COLUMNS[name].type.to_pandas_dtype()))
        array = self._array(name)
        if array.type == pa.bool_():
            array = array.fill_null(False)
        return columns.frozen(array.to_numpy(zero_copy_only=False))

    def codes(self, name: str) -> tuple[npt.NDArray[np.int32], list[str]]:
        """Return a text column as codes (-1 unknown) and the texts they stand for."""
        array = self._array(name)
        return columns.frozen(array.indices.fill_null(-1).to_numpy()), array.dictionary.to_pylist()

    def legs(
        self,
        reference: str = "barometric",
        *,
        max_gap_s: float = DEFAULT_MAX_GAP_S,
        include_ground: bool = False,
    ) -> Legs:
        """Cut the tracks into legs: runs of airborne samples with no gap longer than ``max_gap_s``.

        Args:
            reference: ``barometric`` takes samples with pressure altitude, ``geometric`` those with
                height above the ellipsoid, ``any`` those with either; altitudes are then 0.
            max_gap_s: a gap of exactly this length still belongs to the leg.
            include_ground: take samples on the ground, too, where they have an altitude.
        Raises:
            UsageError: another reference, or a gap that is negative or not a number.
        """
        if reference not in LEG_REFERENCES:
            raise UsageError(f"'{reference}' is no altitude reference. Known: {', '.join(LEG_REFERENCES)}.")
        asked = (reference, max_gap_s, include_ground)
        made = self._legs.get(asked)
        if made is None:
            self._legs[asked] = made = self._legs_by(reference, max_gap_s, include_ground)
        return made

    @cached_property
    def _legs(self) -> weakref.WeakValueDictionary[tuple[str, float, bool], Legs]:
        """Legs that somebody holds: a judge and the screens that it asks for look at the same ones."""
        return weakref.WeakValueDictionary()

    def _legs_by(self, reference: str, max_gap_s: float, include_ground: bool) -> Legs:
        from wideberth.units import METRES_PER_FOOT

        feet = self.numbers("altitude_ft")
        if reference == "barometric":
            altitude = feet
        else:
            altitude = self.numbers("height_m") / METRES_PER_FOOT
            if reference == "any":
                known = ~np.isnan(altitude) if altitude.size else np.zeros(len(self), np.bool_)
                known |= ~np.isnan(feet) if feet.size else False
                altitude = np.where(known, 0.0, np.nan)
        if not altitude.size:
            altitude = np.full(len(self), np.nan)
        return self.legs_at(altitude, max_gap_s=max_gap_s, include_ground=include_ground)

    def legs_at(
        self, altitude_ft: npt.NDArray[np.float64], *, max_gap_s: float, include_ground: bool = False
    ) -> Legs:
        """Cut the tracks into legs by an altitude that is no column; see `legs`.

        Args:
            altitude_ft: (n,) of each row, above whatever; NaN where it has none.
            max_gap_s: as in `legs`.
            include_ground: as in `legs`.
        Raises:
            UsageError: a gap that is negative or not a number.
        """
        from wideberth.kernels import legs

        if not max_gap_s >= 0.0:  # also True for NaN
            raise UsageError(f"the longest gap within a leg must be at least 0 s, not {max_gap_s}.")
        altitude = columns.frozen(altitude_ft)
        usable = legs.are_usable(altitude, self.numbers("on_ground"), include_ground)
        base_us = int(self.t_us.min()) if len(self) else 0
        t_us, lat_deg, lon_deg = self.t_us, self.numbers("lat_deg"), self.numbers("lon_deg")
        if usable.all():
            rows = np.empty(0, np.int64)
            t_us = columns.frozen(t_us - base_us)
        else:
            first = legs.chunk_starts(usable)
            chosen = [np.empty(first[-1], kind) for kind in (np.int64, float, float, float, np.int64)]
            legs.choose_rows(usable, first, t_us, lat_deg, lon_deg, altitude, base_us, *chosen)
            t_us, lat_deg, lon_deg, altitude, rows = map(columns.frozen, chosen)
        first, aircraft = legs.leg_starts(
            self.begin, t_us, rows, self.breaks, round(min(max_gap_s, MOST_GAP_S) * 1e6)
        )
        return Legs(t_us, lat_deg, lon_deg, altitude, first, aircraft, rows, base_us)

    def to_arrow(self) -> pa.Table:
        """Return the Arrow table."""
        return self.table

    def to_polars(self) -> Any:
        """Return a Polars DataFrame."""
        return tables.to_polars(self.table)

    def to_pandas(self) -> Any:
        """Return a pandas DataFrame; needs pandas."""
        return tables.to_pandas(self.table)

    def write(self, path: str | Path) -> None:
        """Write the samples as Parquet or CSV, by the name's ending; whole or not at all."""
        tables.write(self.table, path)

    def __repr__(self) -> str:
        span = (
            f", {tables.instant_text(self.t_us.min())} to {tables.instant_text(self.t_us.max())}"
            if len(self)
            else ""
        )
        return f"<Tracks: {len(self):,} samples of {len(self.aircraft):,} aircraft{span}>"

    def _repr_html_(self) -> str:
        from wideberth.report import notebook

        return tables.html(self.table, repr(self)) + notebook.of_tracks(self)

    @property
    def _icao24(self) -> pa.DictionaryArray:
        return self._array("icao24")

    @cached_property
    def _codes(self) -> npt.NDArray[np.int32]:
        codes = self._icao24.indices.to_numpy() if len(self) else np.empty(0, np.int32)
        return columns.frozen(codes)

    def _array(self, name: str) -> pa.Array:
        chunked = self.table.column(name)
        return chunked.chunk(0) if chunked.num_chunks else pa.array([], chunked.type)

    def _is_sorted(self) -> bool:
        from wideberth.kernels import sorting

        return bool(sorting.is_in_order(self._codes, self.t_us))


def _with_own_addresses(table: pa.Table) -> pa.Table:
    """Return the table with a dictionary of ``icao24`` that is sorted and holds what is used, no more.

    A slice of a table, or a choice of its rows, brings the dictionary of the whole.
    """
    from wideberth.kernels import sorting

    if not table.num_rows:
        return table
    array = table.column("icao24").chunk(0)
    texts = array.dictionary.to_pylist()
    codes = columns.frozen(array.indices.to_numpy())
    used = sorting.are_used(codes, len(texts))
    if used.all() and all(a < b for a, b in itertools.pairwise(texts)):
        return table
    own = sorted({text for text, is_used in zip(texts, used, strict=True) if is_used})
    place = {text: i for i, text in enumerate(own)}
    lookup = np.array([place.get(text, -1) for text in texts], np.int32)
    tidy = pa.DictionaryArray.from_arrays(pa.array(lookup[codes], pa.int32()), pa.array(own, pa.string()))
    at = table.schema.get_field_index("icao24")
    return table.set_column(at, table.schema.field(at), tidy)

"""Batches → Tracks: rows sorted by aircraft and time, the ones that cannot be meant set aside and counted.

The steps, in this order, each row counted once by the first that applies (`tracks.REASONS`):

1. no address, or one that is not six hex digits (with an optional ``~``); no time;
2. no position; a position off the globe, or exactly (0°, 0°), which receivers write for "none";
   altitudes outside their valid range, and airborne rows without any altitude;
3. a second row with the address and time of the row before (its first row is kept);
4. a position repeated although the aircraft moved: a stale copy of an older one;
5. an impossible jump: of the branches that a track falls into, the plausible one is kept.

A row stays if only another value of it cannot be meant: outside the range that `columns` gives, or an altitude
off the plausible branch where the row has another altitude or is on the ground.  That value becomes unknown and is
counted by column and reason.

Rows on the ground are kept and marked.  Rows whose time runs backwards are sorted into place.
``keep_all`` sets aside only what no later stage can use: rows without address, time, position or
altitude, and the second of two rows with the same address and time; it makes unknown only what is no number or
does not fit its column's type.  The rest is kept, and still counted.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pyarrow as pa

from wideberth.columns import ADDRESS, TEXT, TRACK_COLUMNS, frozen, schema
from wideberth.errors import UsageError
from wideberth.kernels import cleaning as kernels
from wideberth.kernels import sorting
from wideberth.read import feeds
from wideberth.tracks import REASONS, Cleaning, Tracks
from wideberth.units import METRES_PER_FOOT, MPS_PER_KNOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import numpy.typing as npt

    from wideberth.read.batch import Batch, Rejects
    from wideberth.tracks import Lag

# Why these: docs/cleaning.md#thresholds.
MAX_SPEED_KT = 1000.0
MAX_CLIMB_FPM = 60_000.0
STILL_KT = 30.0

INT8 = np.iinfo(np.int8)

_REASON_CODES = {
    kernels.NO_POSITION: "no_position",
    kernels.OUT_OF_RANGE: "out_of_range",
    kernels.NO_ALTITUDE: "no_altitude",
    kernels.DUPLICATE: "duplicate",
    kernels.SAME_TIME: "same_time",
    kernels.STALE: "stale",
    kernels.JUMP: "jump",
}


@dataclass(frozen=True)
class Thresholds:
    """What cleaning takes for impossible.

    Attributes:
        max_speed_kt: no aircraft moves faster over the ground, unless it reports a higher speed itself.
        max_climb_fpm: no aircraft climbs or descends faster.
        still_kt: up to this speed a repeated position may be true.
    Raises:
        UsageError: one is not a positive number.

    >>> Thresholds(max_speed_kt=1500)
    Thresholds(max_speed_kt=1500, max_climb_fpm=60000.0, still_kt=30.0)
    """

    max_speed_kt: float = MAX_SPEED_KT
    max_climb_fpm: float = MAX_CLIMB_FPM
    still_kt: float = STILL_KT

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if not (math.isfinite(value) and value > 0):
                raise UsageError(f"thresholds: {field.name} must be a number above 0, not {value}.")


def tracks_from(
    batches: Iterable[Batch],
    rejects: Rejects,
    *,
    keep_all: bool = False,
    thresholds: Thresholds | None = None,
    provenance: bool = True,
) -> Tracks:
    """Sort and clean everything that readers handed over.

    Args:
        batches: from any number of sources.
        rejects: what those readers could not use; read after the last batch.
        keep_all: set aside only what cannot be used at all.
        thresholds: what is impossible.
        provenance: keep ``source_file`` and ``source_row`` of each row.
    """
    frames = [standard(batch, provenance=provenance) for batch in batches if batch.frame.height]
    return clean(joined(frames), rejects, keep_all=keep_all, thresholds=thresholds or Thresholds())


# Frames of the promised types ---------------------------------------------------------------------


def standard(batch: Batch, *, provenance: bool) -> pl.DataFrame:
    """Return a batch's frame with the column types that `clean` takes.

    Whole numbers that do not fit the promised type stay as they are: `clean` counts them.
    """
    frame = pl.DataFrame([_as_promised(batch.frame[name]) for name in batch.frame.columns])
    if not provenance:
        return frame.drop("source_row", "source_file", strict=False)
    if "source_row" not in frame.columns:
        rows = pl.int_range(batch.first_row, batch.first_row + frame.height, dtype=pl.Int64)
        frame = frame.with_columns(rows.alias("source_row"))
    if "source_file" not in frame.columns:
        frame = from_file(frame, batch.source)
    return frame


def from_file(frame: pl.DataFrame, name: str) -> pl.DataFrame:
    """Return a frame whose rows say which file they come from."""
    return frame.with_columns(pl.lit(name, dtype=pl.Categorical).alias("source_file"))


def joined(frames: list[pl.DataFrame]) -> pl.DataFrame:
    """Return standard frames one after another, absent columns filled with nulls."""
    if not frames:
        return pl.DataFrame(schema={name: _POLARS_TYPES[name] for name in _NEEDED})
    if len(frames) == 1:
        return frames[0].rechunk()
    return pl.concat(frames, how="diagonal_relaxed", rechunk=True)


_NEEDED = ("icao24", "t", "lat_deg", "lon_deg")


def _polars_type(name: str) -> Any:
    kind = TRACK_COLUMNS[name].type
    if kind == TEXT:
        return pl.Categorical
    if pa.types.is_timestamp(kind):
        return pl.Datetime("us", "UTC")
    return {
        pa.float64(): pl.Float64,
        pa.float32(): pl.Float32,
        pa.bool_(): pl.Boolean,
        pa.int8(): pl.Int8,
        pa.int64(): pl.Int64,
    }[kind]


_POLARS_TYPES = {name: _polars_type(name) for name in TRACK_COLUMNS}


def _as_promised(series: pl.Series) -> pl.Series:
    kind = _POLARS_TYPES[series.name]
    if series.dtype == kind:
        return series
    made = series.cast(kind, strict=False)
    if kind == pl.Int8 and series.dtype.is_numeric():
        numbers = series.cast(pl.Float64)
        known = numbers.fill_nan(None)
        if not (made.cast(pl.Float64).eq_missing(known)).all():
            return numbers
    return made


# Cleaning -----------------------------------------------------------------------------------------


def clean(frame: pl.DataFrame, rejects: Rejects, *, keep_all: bool, thresholds: Thresholds) -> Tracks:
    """Make Tracks of one frame with columns as `standard` gives them; see the module."""
    rows_read = frame.height
    samples = _Samples(frame)
    found = _judged(samples, thresholds)
    reason = samples.basic_reasons(is_strict=False) if keep_all else found.reason
    keep = np.flatnonzero(reason == kernels.KEPT) if reason.any() else None
    # A row that is kept on request only is counted as a row, not by its values.
    ordinary = np.flatnonzero((reason == kernels.KEPT) & (found.reason == kernels.KEPT)) if keep_all else keep

    blanked: dict[tuple[str, str], int] = {}
    would_blank: dict[tuple[str, str], int] = {}
    arrays = {}
    for name in TRACK_COLUMNS:
        if name not in samples.frame.columns:
            continue
        masks = found.masks[name] if name in found.masks else _masks(samples.frame[name])
        applied = [mask for mask in masks if mask.is_forced or not keep_all]
        for mask in masks:
            counts, among = (blanked, keep) if mask in applied else (would_blank, ordinary)
            count = samples.count(mask.rows, among)
            if count:
                counts[name, mask.reason] = counts.get((name, mask.reason), 0) + count
        arrays[name] = samples.array(name, keep, applied)
    table = pa.table(list(arrays.values()), schema=schema(TRACK_COLUMNS, list(arrays)))

    breaks = None
    if not keep_all and found.breaks.any():
        breaks = found.breaks if keep is None else found.breaks[keep]
    on_ground = samples.column("on_ground", np.bool_)
    if keep is not None and on_ground.size:
        on_ground = on_ground[keep]
    report = Cleaning(
        rows_read=rows_read,
        rows_kept=table.num_rows,
        set_aside=_by_reason(samples.unusable | _counts(reason)),
        would_set_aside=_by_reason(_counts(found.reason if keep is None else found.reason[keep])),
        blanked=blanked,
        would_blank=would_blank,
        on_ground=int(np.count_nonzero(on_ground)),
        reordered=samples.reordered,
        breaks=0 if breaks is None else int(np.count_nonzero(breaks)),
        rejected=dict(rejects.counts),
        examples=dict(rejects.examples),
        lags=samples.lags(),
    )
    return Tracks(table, report, breaks)


@dataclass(frozen=True, eq=False)
class _Mask:
    """Values of a column that become unknown.

    Attributes:
        rows: which, by row of the frame.
        reason: why.
        is_forced: also with ``keep_all``: no number, or too large for the column's type.
    """

    rows: npt.NDArray[np.bool_]
    reason: str = "out_of_range"
    is_forced: bool = False


@dataclass(frozen=True)
class _Judged:
    """What ordinary cleaning says.

    Attributes:
        reason: of each sample, in order; 0 to keep it.
        breaks: samples that the kept one before cannot have led to; size 0 for none.
        masks: values that become unknown, of the columns that were looked at.
    """

    reason: npt.NDArray[np.uint8]
    breaks: npt.NDArray[np.bool_]
    masks: dict[str, list[_Mask]]


def _judged(samples: _Samples, thresholds: Thresholds) -> _Judged:
    begin, t_us = samples.begin, samples.t_us
    lat_deg, lon_deg = samples.column("lat_deg"), samples.column("lon_deg")
    on_ground = samples.column("on_ground", np.bool_)
    speed_mps = thresholds.max_speed_kt * MPS_PER_KNOT
    climb_fps = thresholds.max_climb_fpm / 60.0
    masks = {}
    usable = {}
    for name, absent in (
        ("groundspeed_kt", np.float32),
        ("altitude_ft", np.float64),
        ("height_m", np.float64),
    ):
        masks[name] = _masks(samples.frame[name]) if name in samples.frame.columns else []
        usable[name] = samples.column(name, absent, masks[name])
    speed_kt = usable["groundspeed_kt"]

    reason = samples.basic_reasons(is_strict=True)
    kernels.stale_positions(begin, t_us, lat_deg, lon_deg, speed_kt, on_ground, reason, thresholds.still_kt)
    jumped = kernels.position_jumps(begin, t_us, lat_deg, lon_deg, speed_kt, reason, speed_mps)
    for name, limit in (("altitude_ft", climb_fps), ("height_m", climb_fps * METRES_PER_FOOT)):
        if usable[name].size:
            is_off: npt.NDArray[np.bool_] = np.zeros(t_us.size, np.bool_)
            jumped |= kernels.altitude_jumps(begin, t_us, usable[name], speed_kt, reason, limit, is_off)
            if is_off.any():
                usable[name] = frozen(np.where(is_off, np.nan, usable[name]))
                masks[name].append(_Mask(samples.by_frame_row(is_off), "jump"))
    breaks: npt.NDArray[np.bool_] = np.zeros(0, np.bool_)
    if jumped.any():
        unusable = reason == kernels.KEPT
        for values in (usable["altitude_ft"], usable["height_m"]):
            if values.size:
                unusable &= np.isnan(values)
        if on_ground.size:
            unusable &= ~on_ground
        reason[unusable] = kernels.JUMP
        breaks = kernels.leg_breaks(
            begin, t_us, lat_deg, lon_deg, speed_kt, usable["altitude_ft"], usable["height_m"],
            reason, jumped, speed_mps, climb_fps,
        )  # fmt: skip
    return _Judged(reason, breaks, masks)


def _masks(series: pl.Series) -> list[_Mask]:
    """Return which values of a column lie outside its valid range, or cannot be held by its type."""
    column = TRACK_COLUMNS[series.name]
    if column.low is None or column.high is None or column.required:  # a row without position goes as a whole
        return []
    smallest: Any = series.min()
    largest: Any = series.max()
    is_narrow = series.dtype == _POLARS_TYPES[series.name]
    if is_narrow and (smallest is None or (column.low <= smallest and largest <= column.high)):
        return []
    values = series.to_numpy()
    is_bad = (values < column.low) | (values > column.high)
    is_forced = np.isinf(values)
    if column.type == pa.int8():
        is_fraction = ~is_forced & ~np.isnan(values) & (values != np.floor(values))
        is_forced |= is_fraction | (values < INT8.min) | (values > INT8.max)
        is_bad |= is_fraction
    masks = (_Mask(is_bad & is_forced, is_forced=True), _Mask(is_bad & ~is_forced))
    return [mask for mask in masks if mask.rows.any()]


def _counts(reason: npt.NDArray[np.uint8]) -> dict[str, int]:
    if not reason.any():
        return {}
    counts = np.bincount(reason, minlength=len(_REASON_CODES) + 1)
    return {name: int(counts[code]) for code, name in _REASON_CODES.items() if counts[code]}


def _by_reason(counts: dict[str, int]) -> dict[str, int]:
    return {name: counts[name] for name in REASONS if counts.get(name)}


# Rows in order ------------------------------------------------------------------------------------


class _Samples:
    """The rows that have an address and a time, and their order: by address, then time.

    Attributes:
        frame: those rows, in the order in which they came.
        unusable: how many others there were, by reason.
        begin: (aircraft + 1,) int64, where each aircraft's samples begin.
        t_us: (n,) int64, in order.
        reordered: how many came after a later one of the same aircraft.
    """

    def __init__(self, frame: pl.DataFrame) -> None:
        self.unusable: dict[str, int] = {}
        codes, texts = _addresses(frame["icao24"])
        for name in ("no_address", "no_time"):
            is_unusable = codes < 0 if name == "no_address" else frame["t"].is_null().to_numpy()
            count = int(np.count_nonzero(is_unusable))
            if count:
                self.unusable[name] = count
                frame = frame.filter(pl.Series(~is_unusable))
                codes = codes[~is_unusable]
        codes, self._texts = _only_used(codes, texts)
        self.frame = frame
        self._codes = frozen(codes)
        self._ordered: dict[str, npt.NDArray[Any]] = {}
        t_us = frozen(frame["t"].to_physical().to_numpy())
        self.begin: npt.NDArray[np.int64] = sorting.aircraft_starts(self._codes, len(self._texts))
        self.reordered = 0
        self._order: npt.NDArray[np.int64] | None = None
        if not sorting.is_in_order(self._codes, t_us):
            self._order = sorting.order_by_aircraft(self._codes, self.begin)
            self.reordered = int(sorting.sort_times(self._order, self.begin, t_us).sum())
        self.t_us = self._in_order(t_us)

    def _in_order(self, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        return frozen(values if self._order is None else _gathered(values, self._order))

    def by_frame_row(self, values: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
        """Return what is in order in the order in which the rows came."""
        if self._order is None:
            return values
        out = np.empty_like(values)
        out[self._order] = values
        return out

    def count(self, rows: npt.NDArray[np.bool_], keep: npt.NDArray[np.int64] | None) -> int:
        """Return how many of the kept samples are among some rows of the frame."""
        source = self._source(keep)
        return int(np.count_nonzero(rows if source is None else rows[source]))

    def column(
        self, name: str, absent: type = np.float64, masks: list[_Mask] | None = None
    ) -> npt.NDArray[Any]:
        """Return a column in order, NaN or False where unknown, without masked values; size 0 if absent."""
        if name not in self.frame.columns:
            return frozen(np.empty(0, absent))
        if masks:
            return self._in_order(_masked(self.frame[name], masks).to_numpy())
        if name not in self._ordered:
            series = self.frame[name]
            values = series.fill_null(False) if series.dtype == pl.Boolean else series
            self._ordered[name] = self._in_order(values.to_numpy())
        return self._ordered[name]

    def basic_reasons(self, *, is_strict: bool) -> npt.NDArray[np.uint8]:
        """Return what is to be said of each sample by itself, and of those at one time."""
        ft, m = TRACK_COLUMNS["altitude_ft"], TRACK_COLUMNS["height_m"]
        altitude_ft, height_m = self.column("altitude_ft"), self.column("height_m")
        reasons: npt.NDArray[np.uint8] = kernels.basic_reasons(
            self.begin, self.t_us, self.column("lat_deg"), self.column("lon_deg"), altitude_ft, height_m,
            self.column("on_ground", np.bool_), ft.low, ft.high, m.low, m.high, is_strict,
        )  # fmt: skip
        return reasons

    def lags(self) -> tuple[Lag, ...]:
        """Return by how much the files differ in time that several samples of one aircraft come from."""
        if "source_file" not in self.frame.columns or not self.frame.height:
            return ()
        raw = self.frame["source_file"].to_physical()
        if raw.min() == raw.max():  # one file, or none
            return ()
        codes, files = _coded(self.frame["source_file"], lambda text: text.strip() or None)
        where = (self.column("lat_deg"), self.column("lon_deg"))
        return feeds.lags(self.t_us, *where, self.begin, self._in_order(codes), self._texts, files)

    def _source(self, keep: npt.NDArray[np.int64] | None) -> npt.NDArray[np.int64] | None:
        if self._order is None or keep is None:
            return self._order if keep is None else keep
        return self._order[keep]

    # What goes into the table: some samples, in order.

    def array(self, name: str, keep: npt.NDArray[np.int64] | None, masks: list[_Mask]) -> pa.Array:
        """Return a column of the kept samples."""
        if name == "icao24":
            return self._addresses(keep)
        series = self.frame[name]
        kind = TRACK_COLUMNS[name].type
        if kind == TEXT:
            return _texts_taken(series, self._source(keep))
        if masks:
            series = _masked(series, masks)
        series = series.cast(_POLARS_TYPES[name], strict=False)
        if series.null_count() and not series.dtype.is_float():
            source = self._source(keep)
            taken = series.to_arrow()
            return (taken if source is None else taken.take(pa.array(source))).cast(kind)
        if name == "t" or (name in self._ordered and not masks):
            values = self.t_us if name == "t" else self._ordered[name]
            values = values if keep is None else values[keep]
        else:
            source = self._source(keep)
            values = series.to_numpy()
            values = values if source is None else _gathered(values, source)
        if name == "t":
            return pa.array(values, pa.int64()).cast(kind)
        return pa.array(values, kind, from_pandas=values.dtype.kind == "f" and bool(np.isnan(values).any()))

    def _addresses(self, keep: npt.NDArray[np.int64] | None) -> pa.Array:
        codes, texts = self._codes, self._texts
        if self._order is not None:
            codes = np.repeat(np.arange(len(texts), dtype=np.int32), np.diff(self.begin))
        if keep is not None:
            codes, texts = _only_used(codes[keep], texts)
        return pa.DictionaryArray.from_arrays(pa.array(codes, pa.int32()), pa.array(texts, pa.string()))


def _gathered(values: npt.NDArray[Any], places: npt.NDArray[Any]) -> npt.NDArray[Any]:
    gathered: npt.NDArray[Any] = sorting.gather(frozen(values), frozen(places))
    return gathered


def _masked(series: pl.Series, masks: list[_Mask]) -> pl.Series:
    return series.set(pl.Series(np.any([mask.rows for mask in masks], axis=0)), None)


def _coded(series: pl.Series, tidied: Callable[[str], str | None]) -> tuple[npt.NDArray[np.int32], list[str]]:
    """Return a Categorical as codes, -1 where there is no text, and the texts that they stand for, sorted.

    Args:
        series: of texts as they were read.
        tidied: a text → what it becomes; None for one that counts as none.
    """
    physical = series.to_physical()
    nulls = series.is_null().to_numpy() if physical.null_count() else None
    raw = frozen((physical if nulls is None else physical.fill_null(0)).to_numpy())
    seen = series.unique().drop_nulls()
    seen_raw = seen.to_physical().to_numpy()
    tidy = [tidied(text) for text in seen.cast(pl.String).to_list()]
    known = sorted({text for text in tidy if text is not None})
    rank = {text: i for i, text in enumerate(known)}
    lookup = np.full(int(seen_raw.max()) + 1 if seen_raw.size else 1, -1, np.int32)
    lookup[seen_raw] = [-1 if text is None else rank[text] for text in tidy]
    codes = _gathered(lookup, raw)
    if nulls is not None:
        codes[nulls] = -1
    return codes, known


def _addresses(series: pl.Series) -> tuple[npt.NDArray[np.int32], list[str]]:
    """Return codes in the order of the addresses, -1 where there is none, and the addresses, sorted."""

    def tidied(text: str) -> str | None:
        address = text.strip().lower()
        return address if ADDRESS.match(address) else None

    return _coded(series, tidied)


def _only_used(codes: npt.NDArray[np.int32], texts: list[str]) -> tuple[npt.NDArray[np.int32], list[str]]:
    """Drop the texts that no code stands for; their order stays."""
    used = sorting.are_used(codes, len(texts))
    if used.all():
        return codes, texts
    lookup = np.append(np.cumsum(used) - 1, -1).astype(np.int32)  # -1, none, stays: it is the last
    return _gathered(lookup, codes), [text for text, is_used in zip(texts, used, strict=True) if is_used]


def _texts_taken(series: pl.Series, source: npt.NDArray[np.int64] | None) -> pa.Array:
    """Return a text column of some rows, without blanks around the texts; empty ones are unknown."""
    codes, known = _coded(series, lambda text: text.strip() or None)
    if source is not None:
        codes, known = _only_used(_gathered(codes, source), known)
    mask = codes < 0
    indices = pa.array(codes, pa.int32(), mask=mask if mask.any() else None)
    return pa.DictionaryArray.from_arrays(indices, pa.array(known, pa.string()))

"""Tables with names → batches: any table in memory, and the conversion that every reader of names shares.

A column is converted only where it has to be: one that is already in our unit and type is handed on as
it is, so that a Parquet file is read at the speed at which its columns can be decoded.

- Metres of altitude become feet rounded to 0.01 ft: 10363.2 m is 34000.00 ft, also where it was stored as
  float32, so that a vertical distance of exactly 1000 ft stays exactly 1000.
- Numbers are times as Unix seconds, milliseconds, microseconds or nanoseconds, told by magnitude (a number
  below 1e11 is seconds); texts are ISO 8601 or such numbers.  Times without a zone are UTC.
- What cannot be read as the number it should be becomes null and is counted; a row whose time cannot be
  read is rejected.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from contextlib import contextmanager
from itertools import product
from typing import TYPE_CHECKING, Any

import polars as pl
import pyarrow as pa

from wideberth.columns import TRACK_COLUMNS
from wideberth.errors import ColumnError, ReadError, WideberthError
from wideberth.read.aliases import POSITION_TIME, Plan, Use, demand, plan_for
from wideberth.read.batch import Batch
from wideberth.read.columns_option import UNITS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wideberth.read.batch import Rejects

LAST_US = 4_102_444_800_000_000  # 2100-01-01: no recording is younger
LONGEST_AGE_S = 86_400
SCALES_US = ((1e11, 1e6), (1e14, 1e3), (1e17, 1.0), (float("inf"), 1e-3))
"""Below which magnitude a time is in which unit, as microseconds: seconds, ms, us, ns."""

_UNIT_US = {"s": 1e6, "sec": 1e6, "seconds": 1e6, "ms": 1e3, "us": 1.0, "ns": 1e-3}
_UNKNOWN_WORDS = (
    *("", "nan", "null", "none", "n/a", "na", "#n/a", "-", "--", r"\n", "nat", "undefined", "unknown"),
)
_GROUND_WORDS = ("ground", "gnd", "grnd")
_TRUE_WORDS = ("true", "t", "1", "-1", "1.0", "yes", "y", "on")
_FALSE_WORDS = ("false", "f", "0", "0.0", "no", "n", "off")
_TIME_FORMATS = (
    "%Y-%m-%dT%H:%M:%S%.f%#z",
    "%Y-%m-%dT%H:%M:%S%.f",
    "%Y-%m-%dT%H:%M",
    "%Y%m%dT%H%M%S%.f%#z",
    "%Y%m%dT%H%M%S%.f",
    "%Y-%m-%d",
)
_TEXTS = {name for name, column in TRACK_COLUMNS.items() if str(column.type).startswith("dictionary")}
_OPENSKY_SOURCES = {0: "adsb", 1: "asterix", 2: "mlat", 3: "flarm"}
_OPENSKY_CATEGORIES = {  # from 2 on; 0 and 1 are unknown
    number: f"{letter}{digit}"
    for number, (letter, digit) in enumerate(
        [*product("AB", range(1, 8)), *product("C", range(1, 6))],
        start=2,
    )
}


# The conversion -----------------------------------------------------------------------------------


def to_batch(
    frame: pl.DataFrame,
    plan: Plan,
    source: str,
    rejects: Rejects,
    *,
    first_row: int = 0,
    rows: pl.Series | None = None,
) -> Batch:
    """Convert a table's columns as a plan says.

    Args:
        frame: holds the plan's columns, by the table's names.
        plan: which of them are ours.
        source: shown to people.
        rejects: counts rows without a time that can be read, and values that are not what they should be.
        first_row: position in the source of the first row.
        rows: positions in the source of all rows, where some are missing.
    """
    return _Conversion(frame, plan, source, rejects, first_row, rows).batch()


class _Conversion:
    """One table on its way to a batch."""

    def __init__(
        self,
        frame: pl.DataFrame,
        plan: Plan,
        source: str,
        rejects: Rejects,
        first_row: int,
        rows: pl.Series | None,
    ) -> None:
        self.frame = frame
        self.plan = plan
        self.source = source
        self.rejects = rejects
        self.first_row = first_row
        self.rows = rows

    def batch(self) -> Batch:
        times = self._times()
        columns = {"icao24": self._addresses(), "t": times}
        grounded: pl.Series | None = None
        for target in self.plan.uses:
            if target == "altitude_ft":
                columns[target], grounded = self._altitudes()
            elif target in columns:
                continue
            elif target == "on_ground":
                columns[target] = self._filled([self._flags(use) for use in self.plan.uses[target]])
            elif target in _TEXTS:
                columns[target] = self._filled([self._texts(use) for use in self.plan.uses[target]])
            else:
                columns[target] = self._filled([self._numbers(use) for use in self.plan.uses[target]])
        if "seen_pos_s" in columns:
            columns["seen_pos_s"] = _believable_age(columns["seen_pos_s"])
        ground = self._ground(grounded, columns.get("on_ground"), columns.get("altitude_ft"))
        if ground is not None:
            columns["on_ground"] = ground
        self._take_age(columns)
        for name in ("source_row", "source_file"):
            if name in self.frame.columns and self.plan.dialect == "wideberth":
                columns[name] = self.frame[name]
        if self.rows is not None and "source_row" not in columns:
            columns["source_row"] = self.rows
        made = pl.DataFrame([series.alias(name) for name, series in columns.items()])
        return Batch(made, self.source, self.first_row)

    # Times come first: a row without one is dropped before its other values are looked at.

    def _times(self) -> pl.Series:
        uses = self.plan.uses["t"]
        instants = [self._instants(use) for use in uses]
        is_told = [use.kind == POSITION_TIME for use in uses]
        age_s = self._age_s()
        if age_s is not None:
            younger = (age_s.fill_nan(None).fill_null(0.0) * 1e6).round().cast(pl.Duration("us"))
            instants = [
                instant if is_position else instant - younger
                for instant, is_position in zip(instants, is_told, strict=True)
            ]
        if any(is_told) and not all(is_told):
            logged = instants[is_told.index(False)]
            told = self._filled(
                [each for each, is_position in zip(instants, is_told, strict=True) if is_position]
            )
            since_s = _believable_age((logged - told).dt.total_microseconds() / 1e6)
            self.frame = self.frame.with_columns(since_s.alias("\0age"))
        return self._without_bad_times(self._filled(instants), uses)

    def _age_s(self) -> pl.Series | None:
        """Return how old each position was at its row's time, where that is when it was received."""
        uses = self.plan.uses.get("seen_pos_s")
        if self.plan.dialect != "readsb" or not uses:
            return None
        ages_s = [_in_our_unit(self._as_numbers(use)[0], use) for use in uses]
        return _believable_age(self._filled(ages_s).cast(pl.Float64, strict=False))

    def _without_bad_times(self, found: pl.Series, uses: Sequence[Use]) -> pl.Series:
        if not found.null_count():
            return found
        is_bad = pl.Series([False]).new_from_index(0, found.len())
        for use in uses:
            is_bad = is_bad | ~_is_unknown(self.frame[use.name])
        is_bad = is_bad & found.is_null()
        if not is_bad.any():
            return found
        self._count("time cannot be read", self.frame[uses[0].name], is_bad.arg_true())
        if self.rows is None:
            self.rows = pl.int_range(self.first_row, self.first_row + found.len(), dtype=pl.Int64, eager=True)
        self.rows = self.rows.filter(~is_bad)
        self.frame = self.frame.filter(~is_bad)
        return found.filter(~is_bad)

    def _instants(self, use: Use) -> pl.Series:
        series = self.frame[use.name]
        kind = series.dtype
        if isinstance(kind, pl.Datetime):
            if kind == _INSTANT and _are_within(series.to_physical()):
                return series
            if kind.time_zone not in (None, "UTC"):
                series = series.dt.convert_time_zone("UTC")
            whole = series.dt.replace_time_zone(None).cast(pl.Datetime("us")).cast(pl.Int64)
            return _within(whole)
        if kind == pl.Date:
            return _within(series.cast(pl.Datetime("us")).cast(pl.Int64))
        if kind.is_numeric():
            return _from_numbers(series, use.unit)
        if _is_text(kind):
            return _from_texts(series.cast(pl.String), use.unit)
        return pl.Series([None], dtype=_INSTANT).new_from_index(0, series.len())

    def _take_age(self, columns: dict[str, pl.Series]) -> None:
        if "\0age" in self.frame.columns and "seen_pos_s" not in columns:
            columns["seen_pos_s"] = self.frame["\0age"]

    # The other columns.

    def _addresses(self) -> pl.Series:
        uses = self.plan.uses["icao24"]
        for use in uses:
            kind = self.frame[use.name].dtype
            if kind.is_numeric() and self.frame[use.name].null_count() < self.frame.height:
                raise ColumnError(
                    f"{self.source}: the addresses in '{use.name}' are numbers ({kind}). They are "
                    "hexadecimal texts: read the column as text where the table is made (in pandas "
                    "dtype=str), or 4e1234 becomes 4."
                )
        return self._filled([self._texts(use) for use in uses])

    def _texts(self, use: Use) -> pl.Series:
        series = self.frame[use.name]
        kind = series.dtype
        if kind.is_numeric():
            return self._coded(series, use)
        if kind not in (pl.String, pl.Categorical):
            series = series.cast(pl.String, strict=False)
        series = series.cast(pl.Categorical)
        seen = series.unique().drop_nulls().cast(pl.String).to_list()
        unknown = [text for text in seen if text.strip().lower() in _UNKNOWN_WORDS]
        return series.set(series.cast(pl.String).is_in(unknown), None) if unknown else series

    def _coded(self, series: pl.Series, use: Use) -> pl.Series:
        """Return the text that a number stands for: a Mode A code, one of OpenSky's lists, or its digits."""
        whole = series.cast(pl.Int64, strict=False)
        if self.plan.dialect == "opensky" and use.target in {"source", "category"}:
            texts = _OPENSKY_SOURCES if use.target == "source" else _OPENSKY_CATEGORIES
            return whole.replace_strict(texts, default=None, return_dtype=pl.String)
        digits = whole.cast(pl.String)
        return digits.str.zfill(4) if use.target == "squawk" else digits

    def _flags(self, use: Use) -> pl.Series:
        series = self.frame[use.name]
        if series.dtype == pl.Boolean:
            return series
        if series.dtype.is_numeric():
            return series.cast(pl.Float64, strict=False).fill_nan(None) != 0
        seen = series.cast(pl.String, strict=False).unique().drop_nulls()
        said = {text: _flag(text.strip().lower()) for text in seen.to_list()}
        flags = series.cast(pl.String, strict=False).replace_strict(
            said, default=None, return_dtype=pl.Boolean
        )
        at = (flags.is_null() & series.is_not_null()).arg_true()
        self._count_failed(use, at, _words(series.gather(at)), "neither true nor false")
        return flags

    def _numbers(self, use: Use) -> pl.Series:
        numbers, at, words = self._as_numbers(use)
        self._count_failed(use, at, words)
        return _in_our_unit(numbers, use)

    def _as_numbers(self, use: Use) -> tuple[pl.Series, pl.Series, pl.Series]:
        """Return numbers, and of the values that are none: where they stand and what they say."""
        series = self.frame[use.name]
        kind = series.dtype
        if kind.is_float() or kind.is_integer():
            return series, _NOWHERE, _NOTHING
        if _is_text(kind):
            return _numbers_in(series)
        if kind.is_decimal():
            numbers = series.cast(pl.Float64, strict=False)
        else:
            numbers = pl.Series([None], dtype=pl.Float64).new_from_index(0, series.len())
        at = (numbers.is_null() & series.is_not_null()).arg_true()
        return numbers, at, pl.Series([str(kind)], dtype=pl.String).new_from_index(0, at.len())

    def _altitudes(self) -> tuple[pl.Series, pl.Series | None]:
        """Return altitudes, and where one says "ground" instead, which rows are on the ground."""
        found: list[pl.Series] = []
        grounded: pl.Series | None = None
        for use in self.plan.uses["altitude_ft"]:
            numbers, at, words = self._as_numbers(use)
            is_ground = words.is_in(_GROUND_WORDS)
            if is_ground.any():
                rows = pl.Series([False]).new_from_index(0, numbers.len()).scatter(at.filter(is_ground), True)
                grounded = rows if grounded is None else grounded | rows
            self._count_failed(use, at.filter(~is_ground), words.filter(~is_ground))
            found.append(_in_our_unit(numbers, use))
        altitude_ft = self._filled(found)
        return altitude_ft if grounded is None else altitude_ft.set(grounded, None), grounded

    def _ground(
        self, grounded: pl.Series | None, told: pl.Series | None, altitude_ft: pl.Series | None
    ) -> pl.Series | None:
        """Return the ground state: by the altitude's word, by its own column, by readsb's habit.

        readsb says "ground" instead of an altitude, so with one its aircraft is not there.  Elsewhere a
        number proves nothing: an aircraft that taxies sends its altitude, too.
        """
        found = [] if grounded is None else [grounded.set(~grounded, None)]
        found += [] if told is None else [told]
        if self.plan.dialect == "readsb" and altitude_ft is not None:
            airborne = pl.Series([False]).new_from_index(0, altitude_ft.len())
            found.append(airborne.set(altitude_ft.is_null(), None))
        return self._filled(found) if found else None

    def _filled(self, columns: Sequence[pl.Series]) -> pl.Series:
        found = columns[0]
        for other in columns[1:]:
            found = _fill(found, other)
        return found

    def _count_failed(self, use: Use, at: pl.Series, words: pl.Series, what: str = "no number") -> None:
        """Count values that are not what they should be, and do not say that they are unknown."""
        if at.len():
            self._count(
                f"{use.target}: {what}", self.frame[use.name], at.filter(~words.is_in(_UNKNOWN_WORDS))
            )

    def _count(self, reason: str, series: pl.Series, at: pl.Series) -> None:
        if at.len():
            first = at[0]
            row = self.first_row + first if self.rows is None else self.rows[first]
            name = series.name.replace("\0", ".")
            self.rejects.add(
                self.source, reason, f"row {row}: {name} is {str(series[first])[:80]!r}", at.len()
            )


_INSTANT = pl.Datetime("us", "UTC")


def _fill(first: pl.Series, second: pl.Series) -> pl.Series:
    """Return the first where it is known, else the second."""
    if first.dtype.is_float():
        first = first.fill_nan(None)
    if not first.null_count():
        return first
    if first.dtype != second.dtype:
        common: pl.DataType = pl.String() if pl.String in (first.dtype, second.dtype) else first.dtype
        if first.dtype.is_numeric() and second.dtype.is_numeric():
            common = pl.Float64()
        first, second = first.cast(common, strict=False), second.cast(common, strict=False)
    return first.zip_with(first.is_not_null(), second)


def _believable_age(age_s: pl.Series) -> pl.Series:
    return age_s.set((age_s < 0) | (age_s > LONGEST_AGE_S), None)


_NOWHERE = pl.Series([], dtype=pl.UInt32)
_NOTHING = pl.Series([], dtype=pl.String)


def _is_text(kind: pl.DataType) -> bool:
    return kind in (pl.String, pl.Categorical) or isinstance(kind, pl.Enum)


def _words(series: pl.Series) -> pl.Series:
    return series.cast(pl.String, strict=False).str.strip_chars().str.to_lowercase()


def _flag(word: str) -> bool | None:
    return True if word in _TRUE_WORDS else False if word in _FALSE_WORDS else None


def _numbers_in(series: pl.Series) -> tuple[pl.Series, pl.Series, pl.Series]:
    """Return the numbers that texts are, and of those that are none: where they stand and what they say.

    Few need more than a cast, so only what it leaves is stripped, lower-cased and tried again.
    """
    texts = series.cast(pl.String)
    numbers = texts.cast(pl.Float64, strict=False)
    if numbers.null_count() == texts.null_count():
        return numbers, _NOWHERE, _NOTHING
    at = (numbers.is_null() & texts.is_not_null()).arg_true()
    words = _words(texts.gather(at))
    again = words.cast(pl.Float64, strict=False)
    if again.null_count() < again.len():
        numbers = numbers.scatter(at, again)
        at, words = at.filter(again.is_null()), words.filter(again.is_null())
    return numbers, at, words


def _is_unknown(series: pl.Series) -> pl.Series:
    if series.dtype.is_float():
        return series.is_null() | series.is_nan()
    if _is_text(series.dtype):
        return series.is_null() | _words(series).is_in(_UNKNOWN_WORDS).fill_null(True)
    return series.is_null()


def _in_our_unit(numbers: pl.Series, use: Use) -> pl.Series:
    factor = UNITS.get(use.target, {}).get(use.unit, 1.0) if use.unit else 1.0
    if factor == 1.0:
        return numbers
    if use.target == "altitude_ft" and use.unit not in {"ft", "fl"}:
        return (numbers.cast(pl.Float64) * (factor * 100)).round() / 100
    return numbers.cast(pl.Float64) * factor


# Times --------------------------------------------------------------------------------------------


def _from_numbers(series: pl.Series, unit: str) -> pl.Series:
    """Return instants of Unix times; null where one lies outside 1970 to 2100."""
    if series.dtype.is_integer():
        bounds = (series.min(), series.max())
        numbers = series
    else:
        numbers = series.cast(pl.Float64, strict=False)
        finite = numbers.set(~numbers.is_finite(), None)
        numbers = finite if finite.null_count() != numbers.null_count() else numbers
        bounds = (numbers.min(), numbers.max())
    low, high = (float(bound) if isinstance(bound, int | float) else 0.0 for bound in bounds)
    scale = _UNIT_US.get(unit) or _scale_us(low, high)
    if scale is None:
        numbers = numbers.cast(pl.Float64, strict=False)
        microseconds = numbers * 1e-3
        for below, each in reversed(SCALES_US[:-1]):
            microseconds = microseconds.zip_with((numbers.abs() >= below).fill_null(True), numbers * each)
    elif series.dtype.is_integer() and low >= 0 and high * max(scale, 1.0) < 9e18:
        whole = numbers.cast(pl.Int64, strict=False)
        microseconds = (whole + 500) // 1000 if scale == 1e-3 else whole * int(scale)
    else:
        microseconds = numbers.cast(pl.Float64, strict=False) * scale
    if microseconds.dtype.is_float():
        microseconds = microseconds.round()
    return _within(microseconds.cast(pl.Int64, strict=False))


def _within(whole: pl.Series) -> pl.Series:
    """Return microseconds as instants; null where one lies outside 1970 to 2100."""
    if not _are_within(whole):
        whole = whole.set((whole <= 0) | (whole >= LAST_US), None)
    return whole.cast(pl.Datetime("us")).dt.replace_time_zone("UTC")


def _are_within(whole: pl.Series) -> bool:
    smallest, largest = whole.min(), whole.max()
    if not (isinstance(smallest, int) and isinstance(largest, int)):  # none is known
        return True
    return smallest > 0 and largest < LAST_US


def _scale_us(low: float, high: float) -> float | None:
    """Return the one scale that fits all of some numbers, None where there is none."""
    for below, scale in SCALES_US:
        if abs(high) < below:
            smaller = [limit for limit, _ in SCALES_US if limit < below]
            fits = low >= (smaller[-1] if smaller else 0.0)
            return scale if fits else None
    return None


def _from_texts(texts: pl.Series, unit: str) -> pl.Series:
    """Return instants of ISO 8601 texts or of numbers written as texts."""
    numbers, at, _ = _numbers_in(texts)
    found = _from_numbers(numbers, unit)
    if not at.len():
        return found
    left = texts.gather(at)
    seen = left.unique()
    if 2 * seen.len() > left.len():
        instants = _from_iso(left)
    else:  # aircraft share instants, and reading one costs more than looking it up
        table = pl.DataFrame({"text": seen, "instant": _from_iso(seen)})
        looked_up = left.to_frame("text").join(table, on="text", how="left", maintain_order="left")
        instants = looked_up["instant"]
    return instants if at.len() == texts.len() else found.scatter(at, instants)


def _from_iso(texts: pl.Series) -> pl.Series:
    """Return instants of ISO 8601 texts and some that are nearly such; null where a text is none of them."""
    tidy = (
        texts.str.strip_chars()
        .str.replace(r"^(\d{4})/(\d\d?)/", "${1}-${2}-")
        .str.replace(r"^(\S+)\s+(\d)", "${1}T${2}")
        .str.replace(r"\s*(?:[zZ]|UTC|GMT)$", "+00:00")
    )
    found = pl.Series([None], dtype=_INSTANT).new_from_index(0, texts.len())
    for pattern in _TIME_FORMATS:
        read = tidy.str.to_datetime(pattern, time_unit="us", strict=False, exact=True)
        if read.null_count() == read.len():
            continue
        instants = read if read.dtype == _INSTANT else read.dt.replace_time_zone("UTC")
        found = found.zip_with(found.is_not_null(), instants)
        tidy = tidy.set(found.is_not_null(), None)
        if tidy.null_count() == tidy.len():
            break
    return _within(found.dt.replace_time_zone(None).cast(pl.Int64))


# Tables in memory ---------------------------------------------------------------------------------


def is_table(source: object) -> bool:
    """Tell whether something is a table in memory, or holds one."""
    if isinstance(source, Mapping):
        return True
    if _is_of_a_library(source) or _is_pandas(_held(source)):
        return True
    return hasattr(source, "__arrow_c_stream__") or hasattr(source, "to_arrow")


def _is_of_a_library(source: object) -> bool:
    return type(source).__module__.partition(".")[0] in {"pandas", "polars", "pyarrow"}


def _held(source: object) -> object:
    """Return the data frame that an object of traffic holds, or what another calls its data."""
    return None if _is_of_a_library(source) else getattr(source, "data", None)


def _is_pandas(value: object) -> bool:
    return type(value).__module__.partition(".")[0] == "pandas" and hasattr(value, "columns")


def to_batches(source: Any, *, columns: Mapping[str, str] | None = None, rejects: Rejects) -> Iterator[Batch]:
    """Convert a table in memory: pandas, Polars, Arrow, a mapping of columns, an object of traffic.

    Raises:
        FormatError: the columns that a track needs are not recognised.
        ColumnError: one cannot be what it is named.
        ReadError: this is no table.
    """
    what = f"{type(source).__module__.partition('.')[0]} {type(source).__name__}"
    if _is_pandas(_held(source)):
        source = source.data
    first_row = 0
    with converting(what):
        for frame in _frames(source, what, columns):
            plan = plan_for(frame.columns, columns)
            demand(plan, frame.columns, what)
            yield to_batch(frame, plan, what, rejects, first_row=first_row)
            first_row += frame.height


def _frames(source: Any, what: str, columns: Mapping[str, str] | None) -> Iterator[pl.DataFrame]:
    if _is_pandas(source):
        yield _from_pandas(source, what, columns)
    elif isinstance(source, pl.DataFrame):
        yield source
    elif isinstance(source, pl.LazyFrame):
        names = source.collect_schema().names()
        chosen = plan_for(names, columns)
        demand(chosen, names, what)
        yield source.select(wanted(chosen, names)).collect()
    elif isinstance(source, Mapping):
        yield pl.DataFrame({str(name): _column(values) for name, values in source.items()})
    elif type(source).__name__ == "RecordBatchReader" and hasattr(source, "read_next_batch"):
        for batch in source:
            yield _from_arrow(batch, columns)
    elif hasattr(source, "column_names") and hasattr(source, "select"):
        yield _from_arrow(source, columns)
    elif hasattr(source, "to_arrow") and not _is_column(source):
        yield _from_arrow(pa.table(source.to_arrow()), columns)
    elif hasattr(source, "__arrow_c_stream__") and not _is_column(source):
        yield _from_arrow(pa.table(source), columns)
    else:
        raise ReadError(
            f"{what} is no table. Pass a data frame, an Arrow table, or a mapping of names to columns."
        )


def _is_column(source: Any) -> bool:
    """Tell whether this is a series or an array, which have no names."""
    return hasattr(source, "dtype") or isinstance(source, pa.Array | pa.ChunkedArray)


def _from_arrow(table: Any, columns: Mapping[str, str] | None) -> pl.DataFrame:
    names = list(table.schema.names)
    chosen = wanted(plan_for(names, columns), names) or names
    return pl.DataFrame(pl.from_arrow(table.select(chosen)))


def _column(values: Any) -> Any:
    """Return a column of a mapping as Polars takes it, mixed lists as texts."""
    if not isinstance(values, list | tuple):
        return values
    kinds = {type(value) for value in values} - {type(None)}
    if len(kinds) < 2 or kinds <= {int, float}:
        return values
    return [None if value is None else str(value) for value in values]


def _from_pandas(data: Any, what: str, columns: Mapping[str, str] | None) -> pl.DataFrame:
    named_index = [name for name in data.index.names if name is not None and name not in data.columns]
    if named_index:
        data = data.reset_index(named_index)
    names = [str(name) for name in data.columns]
    plan = plan_for(names, columns)
    demand(plan, names, what)
    chosen = set(wanted(plan, names))
    at: dict[str, int] = {}
    for i, name in enumerate(names):  # of two of one name the first is taken
        at.setdefault(name, i)
    return pl.DataFrame([_from_pandas_series(data.iloc[:, at[name]], name) for name in at if name in chosen])


def _from_pandas_series(series: Any, name: str) -> pl.Series:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return pl.Series(name, pl.from_pandas(series.reset_index(drop=True)))
    except (TypeError, ValueError, OverflowError, pl.exceptions.PolarsError):  # objects of several types
        return pl.Series(
            name, [None if value is None or value != value else str(value) for value in series], pl.String
        )


def wanted(plan: Plan, names: Sequence[str]) -> list[str]:
    """Return the columns that a plan uses, and where a row came from, if we wrote the table."""
    kept = {"source_row", "source_file"} & set(names) if plan.dialect == "wideberth" else set()
    return [*plan.names, *sorted(kept)]


@contextmanager
def converting(source: str) -> Iterator[None]:
    """Turn what Polars and Arrow raise on data that they cannot take into a `ReadError`."""
    try:
        yield
    except WideberthError:
        raise
    except _FAULTS as error:
        raise ReadError(f"{source}: the data cannot be taken as a table: {_first_line(error)}.") from error
    except BaseException as error:
        if type(error).__module__.partition(".")[0] not in {"polars", "pyo3_runtime", "pyarrow"}:
            raise
        raise ReadError(f"{source}: the data cannot be taken as a table: {_first_line(error)}.") from error


_FAULTS = (
    *(ValueError, TypeError, KeyError, IndexError, OverflowError, MemoryError, OSError, NotImplementedError),
)


def _first_line(error: BaseException) -> str:
    lines = str(error).splitlines() or [type(error).__name__]
    return lines[0].rstrip(".")[:200]

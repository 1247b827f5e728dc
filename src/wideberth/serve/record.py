"""The record: incidents as judging the file gives them, by the batch's own cleaning and judge, once they are final.

Rows are kept by flight.  A flight is over when nothing was heard of its address for as long as ends a flight and,
beyond that, for as long as rows may be late.  Flights that are over are cleaned and judged together; an incident is
final when every flight that it is about is over, and is told once.  A flight that is over is dropped when no other that
was in the air at the same time goes on: until then it may still be one of two.

What this gives is what judging all rows at once gives, in every column but these: where the evidence lies
(``source_...``), for rows are numbered as they came; and ``rank``, which is a place among all findings of a recording.
Instants agree to a microsecond or two and places to a millimetre, for a clock begins with each judging.  It cannot be
so

- of pledges, rates and counts, which are about a whole recording, and are not told here;
- where several feeds are heard: by how much their clocks differ is told by all of a recording, and trust rests on it;
- of rows that come later than ``late_s`` after what came before them in time: they are judged if their flight is still
  kept, and counted in any case;
- of two rows of one address and instant at different places, of which the one that came first counts;
- of flights that go on for longer than ``hold_s`` after one beside them was over: that one is dropped.

So memory holds the rows of flights that go on, and of those that were over while one beside them went on.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pyarrow as pa

from wideberth.incidents import Incidents
from wideberth.judge import judge
from wideberth.read import clean
from wideberth.read.batch import Batch, Rejects
from wideberth.serve.arrivals import ROW_TYPES
from wideberth.tracks import FLIGHT_GAP_S

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from wideberth.agreement.load import Agreement
    from wideberth.trust.limits import Limits

    Bools = npt.NDArray[np.bool_]
    Indices = npt.NDArray[np.int64]

GAP_US = round(FLIGHT_GAP_S * 1e6)
LATE_S = 120.0
HOLD_S = 12 * 3600.0
NEVER_US = 2**62
FORGOTTEN_US = 24 * 3600 * 1_000_000
"""A row that is older than this comes too late, whatever is known of its flight."""


@dataclass(eq=False)
class Recorder:
    """Keeps rows until what they tell is final.

    Attributes:
        agreement: by which is judged.
        late_s: how late rows may be.
        hold_s: how long a flight that is over is kept for one beside it.
        limits: the thresholds by which trust is judged; the default if None.
        counts: rows ``taken``; ``late``, later than ``late_s``, and judged; ``too_late``, of flights that were dropped,
            and not judged; ``without_address`` or time; flights ``over``, and those ``let_go`` after ``hold_s``.
    """

    agreement: Agreement
    late_s: float = LATE_S
    hold_s: float = HOLD_S
    limits: Limits | None = None
    counts: Counter[str] = field(default_factory=Counter)
    _rows: list[pl.DataFrame] = field(default_factory=list)
    _closed_us: dict[str, int] = field(default_factory=dict)
    _told: dict[str, list[tuple[str, int]]] = field(default_factory=dict)
    _last: Flights | None = None
    _now_us: int = -NEVER_US
    _judged: set[tuple[str, int]] = field(default_factory=set)

    @property
    def rows_held(self) -> int:
        """How many rows are in memory."""
        return sum(each.height for each in self._rows)

    def take(self, rows: pl.DataFrame) -> None:
        """Take rows as `arrivals.Arrival` has them."""
        known = rows.filter(pl.col("icao24").is_not_null() & pl.col("t").is_not_null())
        known = known.with_columns(pl.col("icao24").str.strip_chars().str.to_lowercase())
        self.counts["without_address"] += rows.height - known.height
        late_us = self._now_us - round(self.late_s * 1e6)
        is_late = known["t"].to_physical() < late_us
        if is_late.any():
            too_late = is_late & pl.Series(self._too_late(known))
            self.counts["late"] += int((is_late & ~too_late).sum())
            self.counts["too_late"] += int(too_late.sum())
            known = known.filter(~too_late)
        if not known.height:
            return
        self.counts["taken"] += known.height
        # Columns that say nothing are left out: most feeds lack most of them.
        self._rows.append(known.select([each for each in known if each.null_count() < each.len()]))

    def _too_late(self, rows: pl.DataFrame) -> Bools:
        oldest_us = self._now_us - FORGOTTEN_US
        closed = [self._closed_us.get(text, -NEVER_US) for text in rows["icao24"].to_list()]
        t_us = rows["t"].to_physical().to_numpy()
        return np.asarray((t_us <= np.array(closed, np.int64) + GAP_US) | (t_us < oldest_us))

    # Settling --------------------------------------------------------------------------------------

    def settle(self, now_us: int) -> Incidents:
        """Return the incidents that have become final by an instant, and drop what is no longer needed.

        ``now_us`` is on the clock of the rows' times, and never runs backwards here.
        """
        self._now_us = max(self._now_us, now_us)
        return self._settle(self._now_us - GAP_US - round(self.late_s * 1e6))

    def finish(self) -> Incidents:
        """Return all that is left: nothing more will be heard, so every flight is over."""
        found = self._settle(NEVER_US)
        self._rows.clear()
        self._told.clear()
        return found

    def _settle(self, over_before_us: int) -> Incidents:
        if not self._rows:
            return _none(self.agreement)
        rows = _joined(self._rows)
        self._rows = [rows]
        flights = Flights.of(rows)
        is_over = flights.last_us < over_before_us
        names = list(flights.names(is_over))
        if all(name in self._judged for name in names):
            found = _none(self.agreement)
        else:
            found = self._new(rows.filter(pl.Series(is_over[flights.of_row])), flights)
            self.counts["over"] += len(set(names) - self._judged)
        is_kept = ~is_over | flights.are_beside(~is_over)
        is_let_go = is_kept & is_over & (flights.last_us < over_before_us - round(self.hold_s * 1e6))
        self.counts["let_go"] += int(np.count_nonzero(is_let_go))
        self._drop(rows, flights, is_kept & ~is_let_go)
        self._judged = {name for name in names if name in set(flights.names(is_kept & ~is_let_go))}
        return found

    def _new(self, rows: pl.DataFrame, flights: Flights) -> Incidents:
        """Return the incidents of flights that are over which were not told yet."""
        # Of one feed rows are numbered as they came, as a file's are; of two rows of one instant the first counts.
        batch = Batch(rows.sort("source_file", "source_row", maintain_order=True), "")
        tracks = clean.tracks_from([batch], Rejects())
        if not len(tracks):
            return _none(self.agreement)
        found = judge(tracks, self.agreement, limits=self.limits)
        table = found.table
        ids = table["id"].to_pylist()
        is_new = np.array([each not in self._told for each in ids], np.bool_)
        is_new &= np.array([kind != "pledges" for kind in table["kind"].to_pylist()], np.bool_)
        table = table.filter(pa.array(is_new))
        begin_us = table["t_in"].cast(pa.int64()).to_pylist()
        for k, name in enumerate(table["id"].to_pylist()):
            addresses = [table[each][k].as_py() for each in ("icao24_a", "icao24_b")]
            self._told[name] = [
                flight for text in addresses if text and (flight := flights.at(text, begin_us[k])) is not None
            ]
        at = table.schema.get_field_index("rank")
        table = table.set_column(
            at, table.schema.field(at), pa.nulls(table.num_rows, table.schema.field(at).type)
        )
        return replace(_none(self.agreement), table=table)

    def _drop(self, rows: pl.DataFrame, flights: Flights, is_kept: Bools) -> None:
        if is_kept.all():
            return
        for (address, _), last_us in zip(
            flights.names(~is_kept), flights.last_us[~is_kept].tolist(), strict=True
        ):
            self._closed_us[address] = max(self._closed_us.get(address, last_us), last_us)
        horizon_us = self._now_us - FORGOTTEN_US - GAP_US
        self._closed_us = {name: at for name, at in self._closed_us.items() if at > horizon_us}
        self._rows = [rows.filter(pl.Series(is_kept[flights.of_row]))]
        # An incident that is about a flight that was dropped cannot be found again.
        kept = set(flights.names(is_kept))
        self._told = {name: about for name, about in self._told.items() if kept.issuperset(about)}


@dataclass(frozen=True, eq=False)
class Flights:
    """Runs of rows of one address with no gap that ends a flight, before any cleaning.

    Attributes:
        of_row: (n,) which flight each row is of.
        address: (k,) texts.
        first_us, last_us: (k,) when each is first and last heard.
        up_us, down_us: (k,) when it is first and last heard and does not say that it is on the ground; the end and the
            beginning of all time if it always says so.
    """

    of_row: Indices
    address: list[str]
    first_us: Indices
    last_us: Indices
    up_us: Indices
    down_us: Indices

    @classmethod
    def of(cls, rows: pl.DataFrame) -> Flights:
        """Cut rows into flights."""
        is_up = (
            ~pl.col("on_ground").fill_null(value=False) if "on_ground" in rows.columns else pl.lit(value=True)
        )
        told = rows.select(
            pl.int_range(pl.len()).alias("row"),
            "icao24",
            pl.col("t").to_physical().alias("t"),
            is_up.alias("up"),
        ).sort("icao24", "t")
        is_new = (pl.col("icao24") != pl.col("icao24").shift()) | (pl.col("t").diff() > GAP_US)
        told = told.with_columns((is_new.fill_null(value=True).cum_sum() - 1).cast(pl.Int64).alias("flight"))
        of_row = np.empty(rows.height, np.int64)
        of_row[told["row"].to_numpy()] = told["flight"].to_numpy()
        each = (
            told.group_by("flight")
            .agg(
                pl.col("icao24").first(),
                pl.col("t").min().alias("first"),
                pl.col("t").max().alias("last"),
                pl.col("t").filter(pl.col("up")).min().fill_null(NEVER_US).alias("up"),
                pl.col("t").filter(pl.col("up")).max().fill_null(-NEVER_US).alias("down"),
            )
            .sort("flight")
        )
        times = (each[name].to_numpy() for name in ("first", "last", "up", "down"))
        return cls(of_row, each["icao24"].to_list(), *times)

    def names(self, mask: Bools) -> Iterator[tuple[str, int]]:
        """Yield what some flights are known by: address and first row's time."""
        for k in np.flatnonzero(mask).tolist():
            yield self.address[k], int(self.first_us[k])

    def at(self, address: str, t_us: int) -> tuple[str, int] | None:
        """Return the flight of an address that an instant lies in; None if none does."""
        for k, text in enumerate(self.address):
            if text == address and self.first_us[k] <= t_us <= self.last_us[k]:
                return text, int(self.first_us[k])
        return None

    def are_beside(self, going_on: Bools) -> Bools:
        """Return which flights were in the air while any of those that go on was, too."""
        up_us, down_us = self.up_us[going_on], self.down_us[going_on]
        found = np.zeros(len(self.address), np.bool_)
        for begin in range(0, found.size, 1024):  # a table of all with all may be large
            part = slice(begin, begin + 1024)
            is_both = (up_us <= self.down_us[part, None]) & (self.up_us[part, None] <= down_us)
            found[part] = is_both.any(axis=1)
        return found


def _joined(parts: list[pl.DataFrame]) -> pl.DataFrame:
    rows = pl.concat(parts, how="diagonal") if len(parts) > 1 else parts[0]
    return rows.select([name for name in ROW_TYPES if name in rows.columns])


def _none(agreement: Agreement) -> Incidents:
    none: list[dict[str, Any]] = []
    return replace(Incidents.of(none, agreement.name), valid=agreement.head.valid, terms=agreement)

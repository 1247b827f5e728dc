"""The screen of what does not fit into memory: in two steps on disk, in a temporary folder.

First rows are dealt into buckets by aircraft, so that cleaning sees each aircraft whole.  A bucket
that would still be too large is dealt again.  Then each bucket's clean rows are dealt into spans of
time, each with the rows up to ten minutes and a gap before and after it: a gap, so that a step between
two samples that touches the span is there whole; ten minutes more, because trust looks so far around
a closest point (`trust.evidence.WINDOW_S`), and the sample that follows a step is among them (it
tells how an aircraft moves on).  What happens within a span depends on nothing else, and a step is
solved the same way in every span that it touches.  So an encounter that goes on across a border is
put together again from equal parts, and the table of encounters is, to the last bit, that of one
piece.  Only the number of candidates is not: a pair counts once in every span.

No more than this is in memory at once, beside the result: some rows that were read, or one bucket,
or one span.  Two things cannot be divided: the rows of one aircraft, which are cleaned together, and
the shortest span, as long as its halo on either side (33 minutes of traffic in all, for gaps of up
to 60 s).  Where one of these is larger than the memory that was given, more is taken.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from wideberth.columns import TRACK_COLUMNS, frozen, schema
from wideberth.errors import WriteError
from wideberth.kernels import sorting
from wideberth.screen import assemble, episodes
from wideberth.tracks import REASONS, Cleaning, Tracks
from wideberth.trust import evidence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    import numpy.typing as npt
    import polars as pl

    from wideberth.encounters import Encounters
    from wideberth.read.batch import Rejects
    from wideberth.screen.options import Options

BUCKETS = 64
MOST_DEALS = 6  # 64⁶ buckets: more than there are addresses
BIN_US = 60 * 1_000_000
HALO_GAPS = 2
FOREVER_US = 2**60  # beyond any instant, and far from overflow
IN_SPANS = (
    "t",
    "lat_deg",
    "lon_deg",
    "altitude_ft",
    "height_m",
    "on_ground",
    *evidence.COLUMNS,
    "source_file",
)

# Measured at the peak, as `scale.WORKING_COPIES`, with samples every 5 and 30 s, with one altitude and with
# both; what allocators hold on to is in it.
CLEANING_COPIES = 3.5
SPAN_ROW_BYTES = 400
DEALT_ROW_BYTES = 500
MOST_DEALT_ROWS = 200_000  # a bucket then gets some thousand at a time: no gain beyond


@dataclass(frozen=True)
class Sizes:
    """How much is worked on at once.

    Attributes:
        dealt_rows: rows that are dealt together.
        bucket_bytes: a bucket of more than this is dealt again, if it holds more than one aircraft.
        span_rows: rows of a span with its halo.
    """

    dealt_rows: int
    bucket_bytes: int
    span_rows: int

    @classmethod
    def of(cls, memory_bytes: int) -> Sizes:
        """Return what needs about so much memory."""
        return cls(
            dealt_rows=min(max(memory_bytes // DEALT_ROW_BYTES, 1000), MOST_DEALT_ROWS),
            bucket_bytes=int(memory_bytes / CLEANING_COPIES),
            span_rows=memory_bytes // SPAN_ROW_BYTES,
        )


def screen_in_pieces(
    frames: Iterable[pl.DataFrame],
    rejects: Rejects,
    options: Options,
    *,
    keep_all: bool,
    sizes: Sizes,
    tell: Callable[[str], None],
    cuts_us: Sequence[int] | None = None,
    files: Sequence[str] = (),
) -> tuple[Encounters, Cleaning]:
    """Clean and screen any number of rows.

    Args:
        frames: as `clean.standard` returns them; taken one after another.
        rejects: what readers could not use; looked at after the last frame.
        options: how to screen.
        keep_all: as `wideberth.read` takes it.
        sizes: of the pieces.
        tell: called with what is being done.
        cuts_us: where to cut time, Unix microseconds; where ``sizes`` asks for it if None.
        files: names of what the frames come from, whole after the last frame; rows of the first need not say so.
    Raises:
        WriteError: the disk of the temporary folder is full, or cannot be written.
    """
    with _Shelf() as shelf:
        bins: Counter[int] = Counter()
        halo_us = round(max(HALO_GAPS * options.max_gap_s, options.max_gap_s + evidence.WINDOW_S) * 1e6)
        bin_us = max(BIN_US, halo_us)
        buckets = _deal_by_aircraft(_counted(frames, bins, bin_us), shelf, sizes)
        if cuts_us is None:
            cuts_us = _cuts(bins, bin_us, halo_us, sizes.span_rows)
        spans = _Spans(shelf, np.unique(np.array(cuts_us, np.int64)), halo_us)
        cleaning = Cleaning()
        for number, bucket in enumerate(buckets):
            tell(f"cleaning, part {number + 1} of {len(buckets)}")
            tracks = _clean_bucket(bucket, shelf, files, keep_all=keep_all)
            cleaning = _added(cleaning, tracks.cleaning)
            spans.take(tracks)
            pa.default_memory_pool().release_unused()  # else it holds on to as much again
        cleaning = replace(cleaning, rejected=dict(rejects.counts), examples=dict(rejects.examples))
        aircraft = sorted(spans.aircraft)
        found = assemble.Found(options.limits)
        for number in spans.filled():
            tell(f"screening, part {number + 1} of {len(spans)}")
            tracks, place = spans.tracks(number, aircraft)
            for e in episodes.find(
                tracks,
                options.minima,
                max_gap_s=options.max_gap_s,
                include_ground=options.include_ground,
                span_us=spans.span_us(number),
            ):
                found.add(e, tracks, place)
            pa.default_memory_pool().release_unused()
        return (
            assemble.finished(
                found, aircraft, spans.callsigns, options, samples=cleaning.rows_kept, lags=cleaning.lags
            ),
            cleaning,
        )


class _Shelf:
    """A temporary folder of files that tables are added to; a full disk is a `WriteError`."""

    def __enter__(self) -> _Shelf:
        with _on_disk():
            self._folder = tempfile.TemporaryDirectory(prefix="wideberth-")
        self._path = Path(self._folder.name)
        return self

    def __exit__(self, *_: object) -> None:
        self._folder.cleanup()

    def add(self, name: str, table: pa.Table) -> None:
        """Add a table at the end of a file: one stream of Arrow messages after another."""
        options = pa.ipc.IpcWriteOptions(compression="lz4")
        with (
            _on_disk(),
            pa.OSFile(str(self._path / name), "ab") as sink,
            pa.ipc.new_stream(sink, table.schema, options=options) as writer,
        ):
            writer.write_table(table)

    def tables(self, name: str) -> Iterator[pa.Table]:
        """Return the tables of a file as they were added, one by one; none if there is no such file."""
        path = self._path / name
        if not path.exists():
            return
        with _on_disk():
            source = pa.OSFile(str(path), "rb")
        with source:
            size = source.size()
            while source.tell() < size:
                with _on_disk():
                    table = pa.ipc.open_stream(source).read_all()
                yield table

    def remove(self, name: str) -> None:
        """Remove a file, if it is there."""
        with _on_disk():
            (self._path / name).unlink(missing_ok=True)


@contextmanager
def _on_disk() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else error
        raise WriteError(
            f"cannot work in the temporary folder '{tempfile.gettempdir()}': {reason}. "
            "Set TMPDIR to a disk with room for about 60 bytes a row of the input, or give more --memory."
        ) from error


# By aircraft --------------------------------------------------------------------------------------


@dataclass
class _Bucket:
    """Rows of some aircraft: a file, and what is known of it."""

    name: str
    size_bytes: float = 0.0
    addresses: set[str] = field(default_factory=set)  # no more than two are noted


def _counted(frames: Iterable[pl.DataFrame], bins: Counter[int], bin_us: int) -> Iterator[pl.DataFrame]:
    """Return the frames, and count their rows by time on the way."""
    for frame in frames:
        t_us = frame["t"].drop_nulls().to_physical().to_numpy()
        numbers, counts = np.unique(t_us // bin_us, return_counts=True)
        bins.update(dict(zip(numbers.tolist(), counts.tolist(), strict=True)))
        yield frame


def _deal_by_aircraft(
    frames: Iterable[pl.DataFrame], shelf: _Shelf, sizes: Sizes, *, name: str = "bucket", deal: int = 0
) -> list[_Bucket]:
    """Write rows into one file per bucket of addresses; return the buckets that got any."""
    buckets: dict[int, _Bucket] = {}
    for frame in _of_even_size(frames, sizes.dealt_rows):
        number, texts = _bucket_numbers(frame["icao24"], deal)
        order = np.argsort(number, kind="stable")
        table = _plain(frame[order])
        row_bytes = frame.estimated_size() / frame.height
        ends = np.cumsum(np.bincount(number, minlength=BUCKETS))
        for chosen in np.unique(number).tolist():
            begin = int(ends[chosen - 1]) if chosen else 0
            part = table.slice(begin, int(ends[chosen]) - begin)
            bucket = buckets.setdefault(chosen, _Bucket(f"{name}-{chosen}"))
            bucket.size_bytes += part.num_rows * row_bytes
            if len(bucket.addresses) < 2:
                bucket.addresses.update(texts.get(chosen, [])[:2])
            shelf.add(bucket.name, part)
    dealt: list[_Bucket] = []
    for chosen in sorted(buckets):
        bucket = buckets[chosen]
        is_large = bucket.size_bytes > sizes.bucket_bytes and len(bucket.addresses) > 1
        if is_large and deal + 1 < MOST_DEALS:
            again = (_standard(table) for table in shelf.tables(bucket.name))
            dealt += _deal_by_aircraft(again, shelf, sizes, name=bucket.name, deal=deal + 1)
            shelf.remove(bucket.name)
        else:
            dealt.append(bucket)
    return dealt


def _of_even_size(frames: Iterable[pl.DataFrame], rows: int) -> Iterator[pl.DataFrame]:
    """Return the same rows in frames of about so many: large ones cut, small ones gathered."""
    from wideberth.read import clean

    gathered: list[pl.DataFrame] = []
    height = 0
    for frame in frames:
        for part in frame.iter_slices(rows):
            if height + part.height > rows and gathered:
                yield clean.joined(gathered)
                gathered, height = [], 0
            gathered.append(part)
            height += part.height
    if gathered:
        yield clean.joined(gathered)


def _bucket_numbers(addresses: pl.Series, deal: int) -> tuple[npt.NDArray[np.uint8], dict[int, list[str]]]:
    """Return each row's bucket, and each bucket's addresses, as cleaning will read them.

    A row without an address is set aside in whatever bucket it lies; such rows are spread evenly.
    """
    seen = addresses.unique().drop_nulls()
    raw = addresses.to_physical()
    codes = raw.fill_null(0).to_numpy()
    lookup = np.zeros(int(codes.max(initial=0)) + 1, np.uint8)
    texts: dict[int, list[str]] = {}
    for code, text in zip(seen.to_physical().to_list(), seen.cast(str).to_list(), strict=True):
        tidy = text.strip().lower()
        digest = hashlib.blake2b(tidy.encode(), digest_size=8).digest()
        lookup[code] = number = int.from_bytes(digest) // BUCKETS**deal % BUCKETS  # each deal uses other bits
        if tidy not in texts.setdefault(number, []):
            texts[number].append(tidy)
    number_of_row = lookup[codes]
    if raw.null_count():
        none = np.flatnonzero(raw.is_null().to_numpy())
        number_of_row[none] = none % BUCKETS
    return number_of_row, texts


def _plain(frame: pl.DataFrame) -> pa.Table:
    """Return an Arrow table whose slices are written without the rest: no dictionaries, no views."""
    import polars as pl

    texts = [name for name, kind in frame.schema.items() if kind == pl.Categorical]
    table = frame.with_columns(pl.col(texts).cast(pl.String)).to_arrow()
    plain = [
        pa.field(f.name, pa.large_string() if f.name in texts else f.type, f.nullable) for f in table.schema
    ]
    return table.cast(pa.schema(plain)).combine_chunks()


def _standard(table: pa.Table) -> pl.DataFrame:
    import polars as pl

    from wideberth.read import clean
    from wideberth.read.batch import Batch

    frame = clean.standard(Batch(pl.DataFrame(table), ""), provenance=False)
    if "source_file" in table.column_names:
        frame = frame.with_columns(pl.Series("source_file", table["source_file"], pl.Categorical))
    return frame


def _clean_bucket(bucket: _Bucket, shelf: _Shelf, files: Sequence[str], *, keep_all: bool) -> Tracks:
    from wideberth.read.batch import Rejects

    frames = [_standard(table) for table in shelf.tables(bucket.name)]
    shelf.remove(bucket.name)
    return cleaned(frames, Rejects(), files, keep_all=keep_all)


def cleaned(
    frames: list[pl.DataFrame], rejects: Rejects, files: Sequence[str] = (), *, keep_all: bool
) -> Tracks:
    """Return clean tracks of all rows; the list is emptied, so that its frames are not in memory twice.

    Where rows do not say which of several files they come from, it is the first.
    """
    import polars as pl

    from wideberth.read import clean

    whole = [clean.joined(frames)]
    frames.clear()
    if len(files) > 1:
        first = pl.lit(files[0], dtype=pl.Categorical)
        told = pl.col("source_file").fill_null(first) if "source_file" in whole[0].columns else first
        whole[0] = whole[0].with_columns(told.alias("source_file"))
    return clean.clean(whole.pop(), rejects, keep_all=keep_all, thresholds=clean.Thresholds())


def _added(a: Cleaning, b: Cleaning) -> Cleaning:
    """Return the counts of two parts together, in the order in which one piece gives them."""
    order = {key: place for place, key in enumerate((*TRACK_COLUMNS, *REASONS))}

    def together(one: Any, other: Any) -> Any:
        if isinstance(one, tuple):
            return tuple(sorted(one + other))
        if not isinstance(one, dict):
            return one + other
        both = Counter(one) + Counter(other)
        return {key: both[key] for key in sorted(both, key=lambda key: _places(key, order))}

    return Cleaning(**{f.name: together(getattr(a, f.name), getattr(b, f.name)) for f in fields(Cleaning)})


def _places(key: str | tuple[str, ...], order: dict[str, int]) -> list[int]:
    return [order.get(part, len(order)) for part in ((key,) if isinstance(key, str) else key)]


# By time ------------------------------------------------------------------------------------------


def _cuts(bins: Counter[int], bin_us: int, halo_us: int, most_rows: int) -> list[int]:
    """Return where to cut time, Unix microseconds, so that no span with its halo holds more rows than asked.

    Spans consist of whole bins, at least one.
    """
    if not bins:
        return []
    numbers = np.array(sorted(bins), np.int64)
    before = np.concatenate(([0], np.cumsum([bins[n] for n in numbers.tolist()])))  # rows before each bin
    halo = -(-halo_us // bin_us)

    def rows_before(number: int) -> int:
        return int(before[np.searchsorted(numbers, number)])

    cuts: list[int] = []
    begin = int(numbers[0])
    while True:
        limit = rows_before(begin - halo) + most_rows
        fits = (
            int(np.searchsorted(before, limit, side="right")) - 1
        )  # so many bins have no more rows than that
        if fits >= numbers.size:
            return cuts
        end = max(int(numbers[fits]) - halo, begin + 1)  # the bin that is too much lies beyond the halo
        if end > int(numbers[-1]):
            return cuts
        cuts.append(end * bin_us)
        begin = end


class _Spans:
    """Clean rows by span of time, and what was heard of callsigns by bucket."""

    def __init__(self, shelf: _Shelf, cuts_us: npt.NDArray[np.int64], halo_us: int) -> None:
        self.aircraft: list[str] = []  # in the order of the buckets
        self._shelf = shelf
        self._cuts_us = cuts_us
        self._halo_us = halo_us
        self._filled: set[int] = set()
        self._heard: list[tuple[int, int]] = []  # which of the aircraft each file of callsigns is about
        self._place = np.empty(0, np.int32)

    def __len__(self) -> int:
        return self._cuts_us.size + 1

    def span_us(self, number: int) -> tuple[int, int]:
        """Return the closed span of Unix time of a span."""
        edges = (-FOREVER_US, *self._cuts_us.tolist(), FOREVER_US)
        return edges[number], edges[number + 1]

    def take(self, tracks: Tracks) -> None:
        """Write the rows of some aircraft, which are in no other tracks, into every span that needs them."""
        first = len(self.aircraft)
        self.aircraft += tracks.aircraft
        codes, _ = tracks.codes("icao24")
        aircraft = codes + np.int32(first)
        if "callsign" in tracks.table.column_names:
            self._shelf.add(
                f"heard-{len(self._heard)}",
                pa.table({"aircraft": aircraft, "t": tracks.t_us, "callsign": tracks.table["callsign"]}),
            )
            self._heard.append((first, len(self.aircraft)))
        columns = {
            "aircraft": pa.array(aircraft),
            **{name: tracks.table[name] for name in IN_SPANS if name in tracks.table.column_names},
        }
        if tracks.breaks.size:
            columns["breaks"] = pa.array(tracks.breaks)
        table = pa.table(columns)
        low = np.searchsorted(self._cuts_us, tracks.t_us - self._halo_us, side="left")
        high = np.searchsorted(self._cuts_us, tracks.t_us + self._halo_us, side="right")
        rows = np.argsort(low, kind="stable")
        begins = np.searchsorted(low[rows], np.arange(len(self) + 1))
        # A row lies in the spans low to high: its own, and those whose halo it is in.
        most = int((high - low).max(initial=0))
        for number in range(int(low.min(initial=0)), int(high.max(initial=-1)) + 1):
            near = rows[begins[max(number - most, 0)] : begins[number + 1]]
            near = np.sort(near[high[near] >= number])
            if near.size:
                self._shelf.add(f"span-{number}", table.take(pa.array(near)))
                self._filled.add(number)

    def filled(self) -> list[int]:
        """Return the spans in which anything is heard, in order."""
        return sorted(self._filled)

    def tracks(self, number: int, aircraft: list[str]) -> tuple[Tracks, npt.NDArray[np.int32]]:
        """Return a span's tracks, and the place of each of its aircraft in the sorted list of all."""
        self._sort(aircraft)
        table = pa.concat_tables(list(self._shelf.tables(f"span-{number}")), promote_options="default")
        self._shelf.remove(f"span-{number}")
        place = self._place[table["aircraft"].to_numpy()]
        here = np.unique(place)
        codes = frozen(np.searchsorted(here, place).astype(np.int32))
        # Each aircraft's rows lie together and in order: they came from one bucket.
        order = pa.array(sorting.order_by_aircraft(codes, sorting.aircraft_starts(codes, here.size)))
        table = table.take(order)
        texts = pa.array([aircraft[p] for p in here.tolist()], pa.string())
        columns = {
            "icao24": pa.DictionaryArray.from_arrays(pa.array(codes).take(order), texts),
            **{name: table[name] for name in IN_SPANS if name in table.column_names},
        }
        breaks = None
        if "breaks" in table.column_names:
            breaks = table["breaks"].combine_chunks().fill_null(False).to_numpy(zero_copy_only=False)
        names = [name for name in TRACK_COLUMNS if name in columns]
        rows = pa.table([columns[name] for name in names], schema=schema(TRACK_COLUMNS, names))
        return Tracks(rows, breaks=breaks), here

    def callsigns(self, places: npt.NDArray[np.int32], when_us: npt.NDArray[np.int64]) -> pa.Array:
        """Return the callsign of each aircraft, given by its place in the sorted list, at an instant."""
        names: npt.NDArray[np.object_] = np.full(places.size, None, np.object_)
        for number, (first, stop) in enumerate(self._heard):
            local = np.full(self._place.size, -1, np.int32)
            local[self._place[first:stop]] = np.arange(stop - first)
            mine = np.flatnonzero(local[places] >= 0)
            if not mine.size:
                continue
            (table,) = self._shelf.tables(f"heard-{number}")
            codes = frozen(table["aircraft"].to_numpy() - np.int32(first))
            heard = assemble.Heard(
                sorting.aircraft_starts(codes, stop - first),
                frozen(table["t"].to_numpy()),
                table["callsign"].combine_chunks(),
            )
            texts = assemble.callsigns(heard, local[places[mine]], when_us[mine])
            names[mine] = texts.to_numpy(zero_copy_only=False)
        return pa.array(names, pa.string())

    def _sort(self, aircraft: list[str]) -> None:
        if self._place.size != len(self.aircraft):
            order = np.array(sorted(range(len(self.aircraft)), key=self.aircraft.__getitem__), np.int64)
            self._place = np.empty(len(aircraft), np.int32)
            self._place[order] = np.arange(len(aircraft), dtype=np.int32)

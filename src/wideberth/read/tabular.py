"""Tables in files of columns: Parquet and Arrow IPC (Feather), read piece by piece.

Only the columns that are recognised are read (`wideberth.read.aliases`).  Pieces are of at most
`ROWS_AT_ONCE` rows, so memory does not grow with the file.

**Parquet** tells its columns at its end: a file that was cut off has none, and is refused.  A row group
that cannot be read is counted, and the others are read.  **Arrow** files are read likewise, a record batch
at a time; without their end they are read as the stream that stands in them, up to where it is cut.

Source: the Parquet and Arrow IPC format descriptions (magic bytes).
"""

from __future__ import annotations

import shutil
import tempfile
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, cast

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from wideberth.errors import ReadError
from wideberth.read import frames
from wideberth.read.aliases import Plan, demand, plan_for
from wideberth.read.formats import Format

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from wideberth.read.batch import Batch, Rejects
    from wideberth.read.sources import Part

ROWS_AT_ONCE = 2_000_000
COPIED_AT_ONCE = 2**20
MOST_ROWS = 2**40  # what a damaged file may say of a row group is not counted on
_PARQUET, _ARROW_FILE, _ARROW_STREAM = b"PAR1", b"ARROW1", b"\xff\xff\xff\xff"


# Parquet ------------------------------------------------------------------------------------------


def _is_parquet(head: bytes, name: str) -> bool:
    return head.startswith(_PARQUET)


def read_parquet(
    part: Part, rejects: Rejects, *, columns: Mapping[str, str] | None = None
) -> Iterator[Batch]:
    """Read the row groups of a Parquet file.

    Raises:
        ReadError: its end is missing or damaged, or no row group could be read.
        FormatError: the columns that a track needs are not recognised.
    """
    import pyarrow.parquet as pq

    with _seekable(part) as file:
        try:
            opened = pq.ParquetFile(file)
            schema = opened.schema_arrow
            names = list(schema.names)
        except (pa.ArrowException, OSError, ValueError) as error:
            raise ReadError(
                f"{part.name}: not a whole Parquet file: {_shown(error)}. Its list of columns stands at "
                "its end: was it copied or downloaded to the end?"
            ) from error
        plan = plan_for(names, columns)
        demand(plan, names, part.name)
        wanted = frames.wanted(plan, names)
        # Texts that are stored as dictionaries stay so: each is looked at once and not once a row.
        texts = [name for name in wanted if _is_text(schema.field(names.index(name)).type)]
        with frames.converting(part.name):
            opened = pq.ParquetFile(file, read_dictionary=texts, pre_buffer=False)
        with ThreadPoolExecutor(1, "wideberth-read") as reader:
            groups = _ahead(reader, opened, wanted)
            yield from _batches(groups, plan, wanted, part, rejects, "row group")


_Unit = tuple[int, "Iterator[Any]"]
"""How many rows a part of a file says that it has, and those rows in pieces."""


def _ahead(reader: ThreadPoolExecutor, opened: Any, wanted: Sequence[str]) -> Iterator[Callable[[], _Unit]]:
    """Give what takes each row group, which one thread reads while the group before is converted.

    A group that has to be read in pieces is not read ahead: no two threads are in one file at once.
    """
    following: deque[Callable[[], _Unit]] = deque()
    for group in range(opened.num_row_groups):
        if opened.metadata.row_group(group).num_rows > ROWS_AT_ONCE:
            yield from following
            following.clear()
            yield partial(_in_pieces, opened, group, wanted)
            continue
        read = reader.submit(opened.read_row_group, group, columns=wanted)
        following.append(partial(_awaited, opened, group, read))
        if len(following) > 1:
            yield following.popleft()
    yield from following


def _in_pieces(opened: Any, group: int, wanted: Sequence[str]) -> _Unit:
    batches = opened.iter_batches(ROWS_AT_ONCE, row_groups=[group], columns=wanted)
    return opened.metadata.row_group(group).num_rows, (pa.Table.from_batches([batch]) for batch in batches)


def _awaited(opened: Any, group: int, read: Future[pa.Table]) -> _Unit:
    def tables() -> Iterator[pa.Table]:
        yield read.result()  # raises what reading raised, after its rows were told

    return opened.metadata.row_group(group).num_rows, tables()


def _batches(
    units: Iterable[Callable[[], _Unit]],
    plan: Plan,
    wanted: Sequence[str],
    part: Part,
    rejects: Rejects,
    what: str,
) -> Iterator[Batch]:
    """Return the rows of units that may be damaged each by itself, and count those of the damaged ones.

    Args:
        units: each gives how many rows it says that it has, and its rows in pieces.
        plan: which columns are ours.
        wanted: the columns to read.
        part: that they are in.
        rejects: counts.
        what: a unit is called.
    Raises:
        ReadError: all are damaged.
    """
    first_row = 0
    is_any_read = False
    failure: ReadError | None = None
    for at, unit in enumerate(units):
        told = done = 0
        try:
            with frames.converting(part.name):
                told, pieces = unit()
                for piece in pieces:
                    frame = _frame(piece, wanted, part.name, rejects)
                    batch = frames.to_batch(frame, plan, part.name, rejects, first_row=first_row + done)
                    done += piece.num_rows
                    is_any_read = True
                    yield batch
        except ReadError as error:
            failure = failure or error
            told = min(max(told, 0), MOST_ROWS)
            rejects.add(part.name, f"row in a damaged {what}", f"{what} {at}: {error}", max(told - done, 1))
            done = max(told, done)
        first_row += done
    if failure is not None and not is_any_read:
        raise failure


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _frame(table: Any, wanted: Sequence[str], source: str, rejects: Rejects) -> pl.DataFrame:
    """Return columns of a file as a data frame.

    Arrow takes it for granted that the offsets, indices and texts of a file are what they should be, and
    then Polars reads wherever they point.  So all of them are looked at first.
    """
    names = table.schema.names
    columns = []
    for name in wanted:
        column = table.column(names.index(name))
        column.validate(full=True)
        plain = _plain(column)
        if plain is None:
            count = len(column) - column.null_count
            rejects.add(source, f"'{name}' holds {str(column.type)[:40]}, which is not read", "", count)
            plain = pa.nulls(len(column))
        columns.append(plain)
    return cast("pl.DataFrame", pl.from_arrow(pa.table(columns, names=list(wanted))))


def _plain(column: Any) -> Any:
    """Return the same values as one of the types that are read; None for lists and the like."""
    types, kind = pa.types, column.type
    if _is_text(kind) or types.is_string_view(kind):
        return column
    if any(is_one(kind) for is_one in (types.is_integer, types.is_floating, types.is_boolean, types.is_null)):
        return column
    if types.is_timestamp(kind) or types.is_date(kind):
        is_zoned = types.is_timestamp(kind) and kind.tz is not None  # whichever, they count from one instant
        return column.cast(pa.int64()).cast(pa.timestamp(kind.unit, "UTC")) if is_zoned else column
    try:
        if types.is_dictionary(kind):
            return _plain_dictionary(column)
        if types.is_run_end_encoded(kind):
            return _plain(pc.run_end_decode(column))
        if types.is_decimal(kind):
            return column.cast(pa.float64())
        return column.cast(pa.string()) if str(kind) in _BYTES else None
    except pa.ArrowException:  # bytes that are no text, or what this version of Arrow cannot do
        return None


_BYTES = {"binary", "large_binary", "binary_view"}


def _plain_dictionary(column: Any) -> Any:
    """Return a column of indices with texts that Polars takes as categories, or without indices."""
    kind = column.type.value_type
    if _is_text(kind):
        return column
    if not pa.types.is_string_view(kind):
        return _plain(column.cast(kind))
    chunks = column.chunks if isinstance(column, pa.ChunkedArray) else [column]
    return pa.chunked_array(
        [
            pa.DictionaryArray.from_arrays(chunk.indices, chunk.dictionary.cast(pa.large_string()))
            for chunk in chunks
        ],
        pa.dictionary(column.type.index_type, pa.large_string()),
    )


@contextmanager
def _seekable(part: Part) -> Iterator[Any]:
    """Give a file that can be read at any place: the part's own, else a temporary copy on disk."""
    if part.path is not None:
        with frames.converting(part.name):
            opened = pa.OSFile(str(part.path), "rb")
        with opened as file:
            yield file
        return
    with tempfile.NamedTemporaryFile(prefix="wideberth-") as copy:
        try:
            with part.open() as stream:
                shutil.copyfileobj(stream, copy, COPIED_AT_ONCE)
            copy.flush()
        except OSError as error:
            raise ReadError(
                f"{part.name}: a temporary copy in {tempfile.gettempdir()} is needed and cannot be written: "
                f"{error.strerror}. Unpack the file, or set TMPDIR to a folder with more room."
            ) from error
        with pa.OSFile(copy.name, "rb") as file:
            yield file


def _shown(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")[:200]


# Arrow --------------------------------------------------------------------------------------------


def _is_arrow(head: bytes, name: str) -> bool:
    return head.startswith((_ARROW_FILE, _ARROW_STREAM))


def read_arrow(part: Part, rejects: Rejects, *, columns: Mapping[str, str] | None = None) -> Iterator[Batch]:
    """Read the record batches of an Arrow IPC file (Feather 2) or stream.

    Raises:
        ReadError: it is cut off or damaged before its first batch, or no batch could be read.
        FormatError: the columns that a track needs are not recognised.
    """
    with _seekable(part) as file:
        with frames.converting(part.name):
            schema, units = _record_batches(file, part.name, rejects)
            names = list(schema.names)
        plan = plan_for(names, columns)
        demand(plan, names, part.name)
        wanted = frames.wanted(plan, names)
        yield from _batches(units, plan, wanted, part, rejects, "record batch")


def _record_batches(
    file: Any, source: str, rejects: Rejects
) -> tuple[pa.Schema, Iterator[Callable[[], _Unit]]]:
    """Return a file's columns, and what gives each of its record batches."""
    most = 8 * file.size()  # rows: one takes a bit at least
    if file.read(len(_ARROW_FILE)) != _ARROW_FILE:
        file.seek(0)
    else:
        try:
            opened = pa.ipc.open_file(file)
            taken = (partial(opened.get_batch, at) for at in range(opened.num_record_batches))
            return opened.schema, (partial(_record_batch, take, most) for take in taken)
        except (pa.ArrowException, OSError, ValueError) as error:
            rejects.add(source, "note: without its end, read as a stream", _shown(error))
        file.seek(8)  # a file is a stream between two marks, with a list of its batches before the last
    stream = pa.ipc.open_stream(file)
    return stream.schema, _until_damage(stream, most)


def _record_batch(take: Callable[[], pa.RecordBatch], most: int) -> _Unit:
    batch = take()

    def pieces() -> Iterator[pa.RecordBatch]:
        batch.validate()
        for start in range(0, batch.num_rows, ROWS_AT_ONCE):
            yield batch.slice(start, ROWS_AT_ONCE)

    return batch.num_rows if batch.num_rows <= most else 0, pieces()


def _until_damage(stream: Any, most: int) -> Iterator[Callable[[], _Unit]]:
    """Give what takes the next batch of a stream, until one fails: what follows cannot be found then."""
    is_whole = True

    def unit() -> _Unit:
        nonlocal is_whole
        is_whole = False
        batch = next(stream, None)
        if batch is None:
            return 0, iter(())
        is_whole = True
        return _record_batch(lambda: batch, most)

    while is_whole:
        yield unit


PARQUET = Format(
    name="parquet",
    title="Parquet tables: OpenSky (Trino), traffic, wideberth, or any with such names",
    looks_like=_is_parquet,
    read=read_parquet,
    bounded=True,
    extra=None,
    takes_columns=True,
)
ARROW = Format(
    name="arrow",
    title="Arrow IPC files and streams, Feather 2",
    looks_like=_is_arrow,
    read=read_arrow,
    bounded=True,
    extra=None,
    takes_columns=True,
)

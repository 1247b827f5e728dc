"""What feeds hand over, kept as Parquet by the hour, so that what was judged live can be judged again.

    ARCHIVE/2026-11-25T16.parquet                     an hour that is over: one file
    ARCHIVE/2026-11-25T17-1764091234567-5f0c.parquet  the present hour: a file for every 10 seconds

Rows are kept as they came, before they are merged, with when they were received (``received``, by the server's
clock; the hour is that of this time).  ``wideberth judge ARCHIVE/*.parquet`` reads all of it.  Each file gets a
temporary name, is written and synced, and only then renamed: after ``kill -9`` or a loss of power what was flushed
is there, whole.  When an hour is over its files are joined; the joined file says which ones it holds, so that after
a crash between the two steps none counts twice.

Where the disk is full, or the folder cannot be written, rows stay in memory, up to a million, and are written when
it can be again; beyond that the oldest are lost, and counted.  The folder is bounded by size or age: the oldest
files go first. One server writes to a folder at a time.
"""

from __future__ import annotations

import io
import json
import os
import re
import secrets
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from wideberth.errors import UsageError, WriteError, reason
from wideberth.units import MICROSECONDS_PER_SECOND

if TYPE_CHECKING:
    from pathlib import Path

    import polars as pl

    from wideberth.serve.arrivals import Arrival

FLUSH_S = 10.0
FLUSH_ROWS = 200_000
MOST_HELD = 1_000_000
HOUR_US = 3600 * MICROSECONDS_PER_SECOND
LOCK = ".wideberth-archive"
HOLDS, ROWS = b"wideberth_holds", b"wideberth_rows"
_HOUR = re.compile(r"^(\d{4}-\d\d-\d\dT\d\d)\.parquet$")
_PIECE = re.compile(r"^(\d{4}-\d\d-\d\dT\d\d)-\d{13}-[0-9a-f]{4}\.parquet$")
_TEMPORARY = re.compile(r"^\.\d{4}-\d\d-\d\dT\d\d.*\.parquet\.part$")


@dataclass
class ArchiveState:
    """How the archive is.

    Attributes:
        written: rows in files, since the start.
        held: rows that wait to be written.
        lost: rows that were dropped since they could not be written.
        files, size: how many files there are, and their bytes.
        removed: files that were removed to keep the bounds.
        trouble: why nothing can be written, in words; empty where it can.
    """

    written: int = 0
    held: int = 0
    lost: int = 0
    files: int = 0
    size: int = 0
    removed: int = 0
    trouble: str = ""


class Archive:
    """A folder of what was heard.

    Args:
        folder: made if it is not there.
        most_bytes: how large it may become; None: without bound.
        oldest_s: how old a file may become, by the hour in its name and the time of the newest rows.
    Raises:
        WriteError: it cannot be made or written to.
        UsageError: another server writes to it.

    Attributes:
        state: how it is.
        next_rows: feed → how many rows of it there are in the newest files, so that counting can go on.
    """

    def __init__(self, folder: Path, *, most_bytes: int | None = None, oldest_s: float | None = None) -> None:
        self._folder = folder
        self._most_bytes = most_bytes
        self._oldest_s = oldest_s
        self.state = ArchiveState()
        self.next_rows: dict[str, int] = {}
        self._held: list[tuple[int, pl.DataFrame]] = []
        self._newest_us = 0
        self._guard = threading.Lock()  # of what is held; files are the flushing thread's
        self._files = threading.Lock()
        self._due_s = time.monotonic() + FLUSH_S
        self._lock = self._taken()
        self._recover()

    def _taken(self) -> int:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            lock = os.open(self._folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise WriteError(f"--archive: '{self._folder}': {reason(error)}.") from None
        try:
            import fcntl

            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except ImportError:  # Windows: nothing keeps a second server out
            pass
        except OSError:
            os.close(lock)
            raise UsageError(
                f"--archive: another server writes to '{self._folder}'. Give each a folder of its own."
            ) from None
        return lock

    # What is held ----------------------------------------------------------------------------------

    def add(self, arrival: Arrival) -> None:
        """Take an arrival in; it is written with the next flush."""
        import polars as pl

        received = pl.lit(arrival.received_us, pl.Int64).cast(pl.Datetime("us", "UTC")).alias("received")
        with self._guard:
            self._held.append((arrival.received_us, arrival.rows.with_columns(received)))
            self.state.held += arrival.rows.height
            self._newest_us = max(self._newest_us, arrival.received_us)
            while self.state.held > MOST_HELD and len(self._held) > 1:
                _, dropped = self._held.pop(0)
                self.state.held -= dropped.height
                self.state.lost += dropped.height

    @property
    def is_due(self) -> bool:
        """Tell whether it is time to flush."""
        return time.monotonic() >= self._due_s or (self.state.held >= FLUSH_ROWS and not self.state.trouble)

    def flush(self) -> None:
        """Write what is held, join the files of hours that are over, keep the bounds.  May run in a thread.

        What goes wrong is told in ``state.trouble``; nothing is raised, and nothing that was held is forgotten.
        """
        with self._files:
            self._due_s = time.monotonic() + FLUSH_S
            with self._guard:
                held, self._held = self._held, []
            by_hour: dict[str, list[tuple[int, pl.DataFrame]]] = {}
            for received_us, rows in held:
                by_hour.setdefault(hour_of(received_us), []).append((received_us, rows))
            for hour in sorted(by_hour):
                try:
                    self._write_piece(hour, [rows for _, rows in by_hour[hour]])
                except OSError as error:
                    self._keep(
                        [each for later in sorted(by_hour) if later >= hour for each in by_hour[later]]
                    )
                    self.state.trouble = f"cannot write to '{self._folder}': {reason(error)}"
                    return
            self.state.trouble = ""
            try:
                self._join_finished()
                self._keep_bounds()
            except OSError as error:
                self.state.trouble = f"cannot tidy up '{self._folder}': {reason(error)}"

    def _keep(self, unwritten: list[tuple[int, pl.DataFrame]]) -> None:
        with self._guard:
            self._held[:0] = unwritten

    def close(self) -> None:
        """Write what is held, and let others write to the folder."""
        self.flush()
        with suppress(OSError):
            os.close(self._lock)

    # Files ------------------------------------------------------------------------------------------

    def _write_piece(self, hour: str, frames: list[pl.DataFrame]) -> None:
        import polars as pl
        import pyarrow.parquet as pq

        rows = pl.concat(frames)
        for feed, after in rows.group_by("source_file").agg(pl.col("source_row").max() + 1).iter_rows():
            self.next_rows[feed] = max(self.next_rows.get(feed, 0), after or 0)
        table = rows.to_arrow()
        table = table.replace_schema_metadata({ROWS: json.dumps(self.next_rows).encode()})
        content = io.BytesIO()
        pq.write_table(table, content, compression="zstd")
        self._put(
            f"{hour}-{time.time_ns() // 1_000_000:013d}-{secrets.token_hex(2)}.parquet", content.getbuffer()
        )
        with self._guard:
            self.state.held -= rows.height
            self.state.written += rows.height

    def _put(self, name: str, content: memoryview) -> None:
        temporary = self._folder / f".{name}.part"
        try:
            with open(temporary, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(self._folder / name)
        except OSError:
            with suppress(OSError):
                temporary.unlink()
            raise
        self._sync_folder()

    def _sync_folder(self) -> None:
        folder = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _pieces(self) -> dict[str, list[Path]]:
        """Return the files of hours that are not joined yet, oldest first."""
        found: dict[str, list[Path]] = {}
        for path in sorted(self._folder.iterdir(), key=_age):
            if piece := _PIECE.match(path.name):
                found.setdefault(piece[1], []).append(path)
        return found

    def _join_finished(self) -> None:
        present = hour_of(self._newest_us)
        for hour, pieces in self._pieces().items():
            if hour < present:
                self._join(hour, pieces)

    def _join(self, hour: str, pieces: list[Path]) -> None:
        """Make one file of an hour's, a row group at a time, and remove them."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        whole = self._folder / f"{hour}.parquet"
        sources = [whole, *pieces] if whole.exists() else pieces
        temporary = self._folder / f".{hour}.parquet.part"
        told: dict[bytes, bytes] = {HOLDS: json.dumps([path.name for path in pieces]).encode()}
        try:
            files = [pq.ParquetFile(path, memory_map=False) for path in sources]
            told[ROWS] = (files[-1].schema_arrow.metadata or {}).get(ROWS, b"{}")
            schema = files[0].schema_arrow.with_metadata(told)
            with open(temporary, "wb") as file:
                with pq.ParquetWriter(file, schema, compression="zstd") as writer:
                    for each in files:
                        for group in range(each.num_row_groups):
                            writer.write_table(each.read_row_group(group).cast(schema))
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(whole)
        except pa.ArrowException as error:
            raise OSError(0, f"{pieces[0].name} and so on cannot be joined: {error}") from None
        finally:
            with suppress(OSError):
                temporary.unlink()
        self._sync_folder()
        for path in pieces:
            path.unlink(missing_ok=True)

    def _recover(self) -> None:
        """Take away what an earlier run left half done, and take up its counts."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        newest: list[Path] = []
        for path in sorted(self._folder.iterdir(), key=_age):
            if _TEMPORARY.match(path.name):
                path.unlink(missing_ok=True)
            elif _HOUR.match(path.name) or _PIECE.match(path.name):
                newest.append(path)
        for path in newest:
            if not _HOUR.match(path.name):
                continue
            try:
                held = json.loads((pq.read_schema(path).metadata or {}).get(HOLDS, b"[]"))
            except (pa.ArrowException, OSError, ValueError):
                continue
            for name in held:
                if _PIECE.match(str(name)):
                    (self._folder / str(name)).unlink(missing_ok=True)
        for path in reversed(newest):
            try:
                told: Any = json.loads((pq.read_schema(path).metadata or {}).get(ROWS, b"{}"))
            except (pa.ArrowException, OSError, ValueError):
                continue
            self.next_rows = {str(feed): int(count) for feed, count in told.items()}
            break

    def _keep_bounds(self) -> None:
        files = [
            (path, path.stat().st_size)
            for path in sorted(self._folder.iterdir(), key=_age)
            if _HOUR.match(path.name) or _PIECE.match(path.name)
        ]
        size = sum(each for _, each in files)
        oldest = (
            ""
            if self._oldest_s is None
            else hour_of(self._newest_us - round(self._oldest_s * MICROSECONDS_PER_SECOND))
        )
        while len(files) > 1:
            path, bytes_ = files[0]
            if not (path.name[:13] < oldest or (self._most_bytes is not None and size > self._most_bytes)):
                break
            path.unlink(missing_ok=True)
            self.state.removed += 1
            size -= bytes_
            files.pop(0)
        self.state.files, self.state.size = len(files), size


def hour_of(t_us: int) -> str:
    """Return the hour of an instant, as files are named by it: 2026-11-25T17."""
    return f"{datetime.fromtimestamp(max(t_us, 0) // HOUR_US * 3600, UTC):%Y-%m-%dT%H}"


def _age(path: Path) -> tuple[str, str]:
    """Order files by their hour, a whole hour before its pieces, pieces by when they were written."""
    return path.name[:13], "" if _HOUR.match(path.name) else path.name

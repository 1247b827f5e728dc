"""What every table can do: convert, show itself, be written whole or not at all."""

from __future__ import annotations

import html as html_text
import json
import math
import os
import secrets
import stat
from abc import ABC, abstractmethod
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from wideberth.columns import TEXT, Column, schema
from wideberth.errors import MissingExtraError, UsageError, WriteError, reason

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from wideberth.agreement.load import Agreement
    from wideberth.tracks import Tracks

ROWS_SHOWN = 20
TABLE_ENDINGS = (".parquet", ".csv")
MAP_ENDINGS = (".kml", ".kmz", ".czml")
FINDING_ENDINGS = (*TABLE_ENDINGS, ".geojson", *MAP_ENDINGS)
NOTHING = "Nothing was written."
BESIDE = "wideberth"
"""The key under which Parquet and GeoJSON hold what a table rests on: the minima of encounters, say."""


def instant_text(unix_us: int) -> str:
    """Return RFC 3339 with microseconds, such as 2018-08-01T05:27:30.000000Z."""
    return str(np.datetime_as_string(np.datetime64(int(unix_us), "us"), timezone="UTC"))


def to_polars(table: pa.Table) -> Any:
    """Return the table as a Polars DataFrame."""
    import polars as pl

    return pl.from_arrow(table)


def to_pandas(table: pa.Table) -> Any:
    """Return the table as a pandas DataFrame; raises `MissingExtraError` without pandas."""
    try:
        import pandas  # noqa: F401
    except ImportError:
        raise MissingExtraError('this needs pandas: pip install "wideberth[pandas]"') from None
    return table.to_pandas()


def write(table: pa.Table, path: str | Path, among: Together | None = None) -> None:
    """Write a table as Parquet or CSV, by the ending of the name.

    Parquet keeps types, units and meanings; CSV writes instants as RFC 3339 with microseconds.

    Args:
        table: what is written.
        path: where.
        among: the files that it is written together with.
    Raises:
        UsageError: another ending.
        WriteError: the file could not be written; none is left behind.
    """
    target = Path(path)
    if target.suffix.lower() not in TABLE_ENDINGS:
        raise UsageError(
            f"'{target.name}': cannot tell the format. End the name in {', '.join(TABLE_ENDINGS)}."
        )
    with whole_file(target) if among is None else among.file(target) as temporary:
        if target.suffix.lower() == ".parquet":
            import pyarrow.parquet as pq

            pq.write_table(table, temporary, compression="zstd")
        else:
            import pyarrow.csv as pa_csv

            pa_csv.write_csv(as_text(table), temporary)


def told_beside(schema: pa.Schema) -> dict[str, Any]:
    """Return what a Parquet file tells beside its table; empty where it tells nothing that we wrote."""
    try:
        told = json.loads((schema.metadata or {}).get(BESIDE.encode(), b"{}"))
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def of_rows(rows: Iterable[Mapping[str, Any]], described: Mapping[str, Column]) -> pa.Table:
    """Return rows as a table of the described columns; a count that a row lacks is 0, anything else unknown."""
    listed = list(rows)
    arrays = []
    for name, column in described.items():
        absent = 0 if pa.types.is_integer(column.type) else None
        values = [row.get(name, absent) for row in listed]
        is_text = column.type == TEXT
        array = pa.array(values, pa.string() if is_text else column.type)
        arrays.append(array.dictionary_encode().cast(column.type) if is_text else array)
    return pa.table(arrays, schema=schema(described))


def as_text(table: pa.Table) -> pa.Table:
    """Return the table with instants as RFC 3339 texts and dictionaries as plain text."""
    import pyarrow.compute as pc

    plain = []
    for name in table.column_names:
        column = table.column(name)
        if pa.types.is_timestamp(column.type):
            column = pc.strftime(column, format="%Y-%m-%dT%H:%M:%SZ")
        elif pa.types.is_dictionary(column.type):
            column = pc.cast(column, pa.string())
        plain.append(column)
    return pa.table(plain, names=table.column_names)


class Counts(tuple[dict[str, Any], ...]):
    """Rows of counts: a tuple of dicts that converts and shows itself as a table of described columns does.

    >>> from wideberth.columns import DAY_COLUMNS
    >>> days = Counts([{"day": "2017-11-01", "party": "one", "flights": 3}], DAY_COLUMNS)
    >>> days[0]["flights"], days.to_arrow()["flights"].to_pylist(), days.to_arrow()["broken"].to_pylist()
    (3, [3], [0])
    """

    described: Mapping[str, Column]

    def __new__(cls, rows: Iterable[dict[str, Any]], described: Mapping[str, Column]) -> Counts:
        """Take rows whose keys are among the described columns."""
        made = super().__new__(cls, rows)
        made.described = described
        return made

    def __getnewargs__(self) -> tuple[Any, ...]:
        return tuple(self), self.described

    def to_arrow(self) -> pa.Table:
        """Return an Arrow table; a count that a row lacks is 0."""
        return of_rows(self, self.described)

    def to_polars(self) -> Any:
        """Return a Polars DataFrame."""
        return to_polars(self.to_arrow())

    def to_pandas(self) -> Any:
        """Return a pandas DataFrame; needs pandas."""
        return to_pandas(self.to_arrow())

    def _repr_html_(self) -> str:
        return html(self.to_arrow(), f"{len(self):,} {'row' if len(self) == 1 else 'rows'}")


class Findings(ABC):
    """What tables of things that were found have in common: rows as dicts, other libraries, files, GeoJSON.

    Attributes:
        table: the Arrow table.
    """

    table: pa.Table

    def __len__(self) -> int:
        return int(self.table.num_rows)

    def __getitem__(self, name: str) -> pa.ChunkedArray:
        return self.table.column(name)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """Yield each row as a dict, a batch at a time."""
        for batch in self.table.to_batches(max_chunksize=1024):
            yield from batch.to_pylist()

    def to_arrow(self) -> pa.Table:
        """Return the Arrow table."""
        return self.table

    def to_polars(self) -> Any:
        """Return a Polars DataFrame."""
        return to_polars(self.table)

    def to_pandas(self) -> Any:
        """Return a pandas DataFrame; needs pandas."""
        return to_pandas(self.table)

    def to_geojson(self) -> dict[str, Any]:
        """Return a FeatureCollection (RFC 7946) of all rows; a figure that is no finite number is null.

        What the table rests on stands beside, in the foreign member ``wideberth`` (RFC 7946, 6.1).
        """
        features = [
            {"type": "Feature", "id": row.get("id"), "geometry": self._geometry(row), "properties": row}
            for row in map(_finite, as_text(self.table).to_pylist())
        ]
        return {"type": "FeatureCollection", "features": features, BESIDE: self._beside()}

    @abstractmethod
    def _beside(self) -> dict[str, Any]:
        """Return what the table rests on, as JSON would hold it."""

    @abstractmethod
    def _geometry(self, row: dict[str, Any]) -> dict[str, Any] | None:
        """Return where a row is, None where that is unknown."""

    def write(
        self,
        path: str | Path,
        among: Together | None = None,
        *,
        tracks: Tracks | None = None,
        agreement: Agreement | None = None,
    ) -> None:
        """Write Parquet, CSV, GeoJSON, KML, KMZ or CZML, by the ending of the name; whole or not at all.

        Args:
            path: where.
            among: the files that it is written together with.
            tracks: of KML, KMZ and CZML: those around the findings are shown.
            agreement: of those: its places are shown, and its sentences told.
        Raises:
            UsageError: another ending; tracks or an agreement for a format that cannot show them.
            WriteError: the file could not be written; none is left behind.
        """
        target = Path(path)
        ending = target.suffix.lower()
        if ending not in FINDING_ENDINGS:
            raise UsageError(
                f"'{target.name}': cannot tell the format. End the name in {', '.join(FINDING_ENDINGS)}."
            )
        if ending in MAP_ENDINGS or tracks is not None or agreement is not None:
            from wideberth.report import export

            export.write(self, target, tracks=tracks, agreement=agreement, among=among)
            return
        if ending in TABLE_ENDINGS:
            about = {**(self.table.schema.metadata or {}), BESIDE: json.dumps(self._beside())}
            write(self.table.replace_schema_metadata(about), target, among)
            return
        with whole_file(target) if among is None else among.file(target) as temporary:
            temporary.write_text(json.dumps(self.to_geojson(), allow_nan=False) + "\n", encoding="utf-8")

    def plot(
        self,
        id: str | Mapping[str, Any],
        tracks: Tracks,
        agreement: Agreement | None = None,
        path: str | Path | None = None,
    ) -> Any:
        """Draw one finding with Matplotlib: plan view, vertical profile, separation or depth against time.

        Args:
            id: its id, or the beginning of it, or its row.
            tracks: that it was found in.
            agreement: that it was judged by: the minima, the line or the place are drawn.
            path: also write it there: .png, .svg or .pdf.
        Returns:
            A Matplotlib Figure, which a notebook shows.
        Raises:
            UsageError: it is about no aircraft, or about one that is not in the tracks; another ending.
            UnknownIdError: nothing here has this id.
            MissingExtraError: Matplotlib is not installed.
            WriteError: the file could not be written; none is left behind.
        """
        from wideberth.report import plot

        return plot.plot(self, id, tracks, agreement, path)


def _finite(row: dict[str, Any]) -> dict[str, Any]:
    return {
        name: None if isinstance(value, float) and not math.isfinite(value) else value
        for name, value in row.items()
    }


@contextmanager
def whole_file(target: Path) -> Iterator[Path]:
    """Give a temporary name beside the target; rename it there if all went well, remove it if not; see `Together`.

    Raises:
        WriteError: the folder is missing, not writable, or full, or the target is no regular file.
    """
    with Together() as files, files.file(target) as temporary:
        yield temporary


class Together:
    """Files that are written together: all of them or none.

    Each gets a temporary name beside its own; when all are written they are renamed.  If anything goes wrong, an
    interrupt included, the temporary ones are removed, and what was renamed already is taken back.

    A file that is replaced leaves its permissions to the new one; a link is followed.  Nothing but a regular
    file is replaced: a rename would put a file in the place of a device or a pipe.
    """

    def __init__(self) -> None:
        self._files: list[_File] = []
        self._folders: list[Path] = []

    def __enter__(self) -> Together:
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        is_done = False
        try:
            if kind is None:
                self._put_in_place()
                is_done = True
        finally:
            for each in self._files:
                each.temporary.unlink(missing_ok=True)
            for folder in () if is_done else self._folders:
                with suppress(OSError):  # somebody has put something there
                    folder.rmdir()

    def folder(self, path: Path) -> None:
        """Make a folder, and those above it, that is removed again if nothing comes to be written.

        Raises:
            WriteError: it cannot be made.
        """
        try:
            self._folders += [each for each in (path, *path.parents) if not each.exists()]
            path.mkdir(parents=True, exist_ok=True)
        except (OSError, ValueError) as error:
            raise WriteError(f"{path}: the folder cannot be made: {reason(error)}. {NOTHING}") from None

    @contextmanager
    def file(self, target: Path) -> Iterator[Path]:
        """Give the name under which one of the files is to be written.

        Raises:
            WriteError: its folder is missing, not writable, or full, or it is no regular file.
        """
        if "\0" in str(target) or not target.name:
            raise WriteError(f"cannot write {str(target)!r}: that is not the name of a file. {NOTHING}")
        try:
            end = Path(os.path.realpath(target))
            if end.exists() and not end.is_file():
                raise WriteError(f"cannot write '{target}': it is not a regular file. {NOTHING}")
            old = stat.S_IMODE(end.stat().st_mode) if end.exists() else None
            beside = f".{target.name[:50]}.{secrets.token_hex(8)}"
            temporary = end.with_name(f"{beside}.part")
            mode = 0o666 if old is None else 0o600  # less what the umask takes
            os.close(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode))
            self._files.append(_File(target, end, temporary, end.with_name(f"{beside}.old")))
            yield temporary
            if old is not None:
                temporary.chmod(old)
        except OSError as error:
            raise WriteError(f"cannot write '{target}': {error.strerror or error}. {NOTHING}") from error

    def _put_in_place(self) -> None:
        is_one = len(self._files) == 1  # a rename is done or not: there is nothing to take back
        target: Path | None = None
        try:
            for each in self._files:
                target = each.target
                if not is_one and each.end.exists():
                    each.keep()
                each.temporary.replace(each.end)
        except BaseException as error:
            last_first = () if is_one else reversed(self._files)
            left = [f"'{each.target}'" for each in last_first if not each.take_back()]
            if not isinstance(error, OSError):
                raise
            told = f"What was there before could not be put back: {', '.join(left)}." if left else NOTHING
            raise WriteError(f"cannot write '{target}': {error.strerror or error}. {told}") from error
        for each in self._files:
            each.forget()


@dataclass(eq=False)
class _File:
    """One of several files that are written together.

    Attributes:
        target: as people named it.
        end: where that leads to.
        temporary: where it is written first.
        old: a second name for what is replaced, until all is in place.
    """

    target: Path
    end: Path
    temporary: Path
    old: Path

    def keep(self) -> None:
        """Give the file that is to be replaced its second name."""
        try:
            os.link(self.end, self.old)
        except OSError:  # not every file system has links
            self.end.replace(self.old)

    def take_back(self) -> bool:
        """Put what was there before back in its place, and return whether that could be done."""
        try:
            if self.old.exists():
                self.old.replace(self.end)
                self.old.unlink(missing_ok=True)  # both names of one file: then a rename does nothing
            elif not self.temporary.exists():
                self.end.unlink()
        except OSError:
            return False
        return True

    def forget(self) -> None:
        """Remove the second name of what was replaced."""
        with suppress(OSError):
            self.old.unlink(missing_ok=True)


def html(table: pa.Table, caption: str, columns: Sequence[str] = ()) -> str:
    """Return the first rows as an HTML table for a notebook; everything from the data is escaped.

    Args:
        table: what is shown.
        caption: above it; angle brackets around it are left out.
        columns: those that are shown, all of them if none is named.
    """
    shown = table.select(list(columns) or table.column_names)
    head = as_text(shown.slice(0, ROWS_SHOWN))
    style = [_STYLE + ("right" if _is_number(field.type) else "left") for field in head.schema]
    names = "".join(
        f'<th style="{each}">{html_text.escape(name)}</th>'
        for name, each in zip(head.column_names, style, strict=True)
    )
    rows = "".join(
        "<tr>"
        + "".join(
            f'<td style="{each}">{html_text.escape(_cell(value))}</td>'
            for value, each in zip(row.values(), style, strict=True)
        )
        + "</tr>"
        for row in head.to_pylist()
    )
    more = [
        f"{count:,} more {what}"
        for count, what in (
            (table.num_rows - head.num_rows, "rows"),
            (table.num_columns - shown.num_columns, "columns"),
        )
        if count > 0
    ]
    foot = f"<p>… and {', '.join(more)}</p>" if more else ""
    return (
        f'<div style="overflow-x: auto"><p>{html_text.escape(caption.strip("<>"))}</p>'
        f"<table><thead><tr>{names}</tr></thead><tbody>{rows}</tbody></table>{foot}</div>"
    )


_STYLE = "white-space: nowrap; padding: 0.2em 0.6em; text-align: "


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_floating(kind) or pa.types.is_integer(kind))


def _cell(value: object) -> str:
    if value is None:
        return ""
    return f"{value:.6g}" if isinstance(value, float) else str(value)

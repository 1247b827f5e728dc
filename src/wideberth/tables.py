"""What every table can do: convert, show itself, be written whole or not at all."""

from __future__ import annotations

import html as html_text
import os
import secrets
import stat
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from wideberth.errors import MissingExtraError, UsageError, WriteError

if TYPE_CHECKING:
    from collections.abc import Iterator

ROWS_SHOWN = 20
TABLE_ENDINGS = (".parquet", ".csv")


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


def write(table: pa.Table, path: str | Path) -> None:
    """Write a table as Parquet or CSV, by the ending of the name.

    Parquet keeps types, units and meanings; CSV writes instants as RFC 3339 with microseconds.

    Raises:
        UsageError: another ending.
        WriteError: the file could not be written; none is left behind.
    """
    target = Path(path)
    if target.suffix.lower() not in TABLE_ENDINGS:
        raise UsageError(
            f"'{target.name}': cannot tell the format. End the name in {', '.join(TABLE_ENDINGS)}."
        )
    with whole_file(target) as temporary:
        if target.suffix.lower() == ".parquet":
            import pyarrow.parquet as pq

            pq.write_table(table, temporary, compression="zstd")
        else:
            import pyarrow.csv as pa_csv

            pa_csv.write_csv(as_text(table), temporary)


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


@contextmanager
def whole_file(target: Path) -> Iterator[Path]:
    """Give a temporary name beside the target; rename it there if all went well, remove it if not.

    A file that is replaced leaves its permissions to the new one; a link is followed.

    Raises:
        WriteError: the folder is missing, not writable, or full.
    """
    if "\0" in str(target):
        raise WriteError(f"cannot write {str(target)!r}: that is not the name of a file.")
    temporary: Path | None = None
    try:
        end = Path(os.path.realpath(target))
        old = stat.S_IMODE(end.stat().st_mode) if end.exists() else None
        name = end.with_name(f".{target.name[:50]}.{secrets.token_hex(8)}.part")
        mode = 0o666 if old is None else 0o600  # less what the umask takes
        os.close(os.open(name, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode))
        temporary = name
        yield temporary
        if old is not None:
            temporary.chmod(old)
        temporary.replace(end)
    except OSError as error:
        raise WriteError(
            f"cannot write '{target}': {error.strerror or error}. Nothing was written."
        ) from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def html(table: pa.Table, caption: str) -> str:
    """Return the first rows as an HTML table for a notebook; everything from the data is escaped."""
    head = as_text(table.slice(0, ROWS_SHOWN))
    names = "".join(f"<th>{html_text.escape(name)}</th>" for name in head.column_names)
    rows = "".join(
        "<tr>" + "".join(f"<td>{html_text.escape(_cell(value))}</td>" for value in row.values()) + "</tr>"
        for row in head.to_pylist()
    )
    more = table.num_rows - head.num_rows
    foot = f"<p>… and {more:,} more rows</p>" if more > 0 else ""
    return (
        f"<div><p>{html_text.escape(caption.strip('<>'))}</p>"
        f"<table><thead><tr>{names}</tr></thead><tbody>{rows}</tbody></table>{foot}</div>"
    )


def _cell(value: object) -> str:
    if value is None:
        return ""
    return f"{value:.6g}" if isinstance(value, float) else str(value)

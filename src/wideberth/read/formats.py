"""The formats that can be read, how one is recognised, and the rows of any source.

A format is told from content.  The registry stands in the order of sniffing, most specific first:
a JSON object with a list of aircraft is looked for before JSON of any kind, a table with a header last.
"""

from __future__ import annotations

import difflib
import importlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wideberth.errors import (
    ColumnError,
    FormatError,
    MissingExtraError,
    ReadError,
    UsageError,
    WideberthError,
)
from wideberth.read import sources

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from wideberth.read.batch import Batch, Rejects
    from wideberth.read.sources import Part

WHOLE_FILE_LIMIT_BYTES = 512 * 2**20


@dataclass(frozen=True)
class Format:
    """One format.

    Attributes:
        name: as ``--format`` takes it.
        title: as people call it.
        looks_like: (first bytes, name) → whether this is it; content decides, the name breaks ties.
        read: (part, rejects) → batches; with a keyword ``columns`` where ``takes_columns``.
        bounded: memory does not grow with the file; other formats refuse large ones, see `whole`.
        extra: the optional part of wideberth that it needs, such as "raw".
        takes_columns: the names of columns can be mapped.
    """

    name: str
    title: str
    looks_like: Callable[[bytes, str], bool]
    read: Callable[..., Iterator[Batch]]
    bounded: bool
    extra: str | None = None
    takes_columns: bool = False


def whole(part: Part) -> bytes:
    """Return all bytes of a part, for a format that cannot be read piece by piece.

    Raises:
        ReadError: there are more than `WHOLE_FILE_LIMIT_BYTES`; noticed while decompressing.
    """
    chunks = []
    size = 0
    with part.open() as stream:
        while chunk := stream.read(2**20):
            size += len(chunk)
            if size > WHOLE_FILE_LIMIT_BYTES:
                raise ReadError(
                    f"{part.name}: larger than {WHOLE_FILE_LIMIT_BYTES // 2**20} MiB, and this format has to "
                    "be read whole. Split it, or convert it to Parquet or JSON lines, which are read piece "
                    "by piece."
                )
            chunks.append(chunk)
    return b"".join(chunks)


_REGISTRY = (
    "tabular:PARQUET",
    "tabular:ARROW",
    "raw:FORMATS",
    "igc:FORMAT",
    "gpx:FORMAT",
    "readsb:FORMATS",
    "opensky:FORMAT",
    "remote_id:FORMAT",
    "traffic_json:FORMAT",
    "jsonlines:FORMAT",
    "sbs:FORMAT",
    "delimited:FORMAT",
)


def __getattr__(name: str) -> Any:
    """Resolve ``FORMATS``, the registry in sniffing order, when it is first asked for."""
    if name != "FORMATS":
        raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
    found: list[Format] = []
    for entry in _REGISTRY:
        module, attribute = entry.split(":")
        value = getattr(importlib.import_module(f"wideberth.read.{module}"), attribute)
        found.extend((value,) if isinstance(value, Format) else value)
    globals()["FORMATS"] = tuple(found)
    return globals()["FORMATS"]


def formats() -> tuple[Format, ...]:
    """Return the registry in sniffing order."""
    return tuple(__getattr__("FORMATS") if "FORMATS" not in globals() else globals()["FORMATS"])


def by_name(name: str) -> Format:
    """Return the format of a name.

    Raises:
        UsageError: there is none.
    """
    known = {each.name: each for each in formats()}
    if name in known:
        return known[name]
    near = difflib.get_close_matches(name, known, n=1)
    hint = f" Did you mean '{near[0]}'?" if near else ""
    raise UsageError(f"'{name}' is not a format.{hint} Known: {', '.join(known)}.")


def detect(part: Part, format: str | None = None) -> Format:
    """Return the format of a part, by its content.

    Args:
        part: what to look at.
        format: the name of a format to read it as; then its content must not plainly be another.
    Raises:
        FormatError: the content is of no known format, or plainly not of the one that was named.
        UsageError: there is no format of that name.
    """
    chosen = None if format is None else by_name(format)
    head = part.head()
    if not head:
        because = f": {part.damage[0]}" if part.damage else ""
        raise FormatError(f"{part.name}: empty{because}. There is nothing to read.")
    if chosen is not None and chosen.looks_like(head, part.name):
        return chosen
    found = next((each for each in formats() if each.looks_like(head, part.name)), None)
    if chosen is None:
        if found is None:
            raise FormatError(_unknown(part.name, head))
        return found
    # A table is looked for last and with the least proof, so it alone does not speak against a named format.
    if found is not None and found.name != "csv":
        raise FormatError(
            f"{part.name}: this is {found.title} ({found.name}), not {chosen.title} ({chosen.name}). "
            f"Leave --format out, or say --format {found.name}."
        )
    foreign = _foreign(head)
    if foreign is not None:
        raise FormatError(f"{part.name}: this is {foreign}, not {chosen.title} ({chosen.name}).")
    return chosen


def _unknown(name: str, head: bytes) -> str:
    names = ", ".join(each.name for each in formats())
    return (
        f"{name}: not a format that wideberth reads. Looked for: {names}. "
        f"Found: {_foreign(head) or _shown(head)}. "
        "Try --format to name the format, or, for a table with a header, --columns to say which column is "
        "which."
    )


_FOREIGN = (
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive (unpack it first)"),
    (b"Rar!", "a RAR archive (unpack it first)"),
    (b"SQLite format 3", "an SQLite database (export the table as CSV or Parquet)"),
    (b"\x89HDF", "an HDF5 or netCDF file (convert it to Parquet)"),
    (b"CDF", "a netCDF file (convert it to Parquet)"),
    (b"Obj\x01", "an Avro file (convert it to Parquet)"),
    (b"FEA1", "a Feather file of version 1 (write it again with a current pyarrow)"),
    (b"ORC", "an ORC file (convert it to Parquet)"),
    (b"PARE", "an encrypted Parquet file"),
    (b"\x93NUMPY", "a NumPy array"),
    (b"\x80\x02", "a Python pickle, which could run code (write Parquet instead)"),
    (b"\x80\x03", "a Python pickle, which could run code (write Parquet instead)"),
    (b"\x80\x04", "a Python pickle, which could run code (write Parquet instead)"),
    (b"\x80\x05", "a Python pickle, which could run code (write Parquet instead)"),
    (b"\x7fELF", "a program"),
    (b"\xff\xfe", "UTF-16 text (save it as UTF-8)"),
    (b"\xfe\xff", "UTF-16 text (save it as UTF-8)"),
)
_HTML = re.compile(rb"\s*(?:<!doctype html|<html|<head|<body)", re.IGNORECASE)
_JSON_KEY = re.compile(rb'"([^"\\\x00-\x1f]{1,40})"\s*:')


def _foreign(head: bytes) -> str | None:
    """Return what bytes are that plainly are no tracks, None where that is not known."""
    for magic, what in _FOREIGN:
        if head.startswith(magic):
            return what
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if _HTML.match(start):
        return "an HTML page (an error message of a server, saved as data?)"
    if start.startswith(b"<?xml"):
        return f"XML: {_shown(start)}"
    return None


def _shown(head: bytes) -> str:
    """Return what some bytes look like, for a message."""
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith((b"{", b"[")) and (keys := _JSON_KEY.findall(start[:2000])):
        names = ", ".join(dict.fromkeys(key.decode("utf-8", "replace") for key in keys[:8]))
        return f"JSON with the keys {names}"
    sample = head[:60]
    is_text = sum(byte in b"\t\r\n" or 32 <= byte < 127 or byte >= 160 for byte in sample) >= 0.9 * len(
        sample
    )
    if is_text:
        return f"text that begins with {sample.decode('utf-8', 'replace')!r}"
    return f"binary data that begins with {sample[:16].hex(' ')}"


def batches(
    source: Any,
    *,
    format: str | None = None,
    columns: Mapping[str, str] | None = None,
    rejects: Rejects,
    on_part: Callable[[Part, Format], None] | None = None,
) -> Iterator[Batch]:
    """Return the rows of any source, batch by batch, converted to our columns and not yet cleaned.

    In a folder, a glob or an archive, a file that cannot be read is counted in ``rejects`` and the
    rest goes on; if nothing could be read, the first error is raised.  For a file that was named
    itself it is raised at once.

    Args:
        source: a path, glob, folder, archive, ``-``, a `Part`, a table, or a list of those.
        format: name of a format, where the content does not tell.
        columns: our column name → the source's, see `columns_option`.
        rejects: is filled with what could not be used.
        on_part: called with each part and its format before it is read.
    Raises:
        ReadError: nothing there, or not readable; FormatError: of no known format.
        ColumnError: a table lacks a column that was named, or has it in a type that cannot be meant.
    """
    from wideberth.read import frames

    chosen = None if format is None else by_name(format)
    if chosen is not None and columns and not chosen.takes_columns:
        raise UsageError(
            f"--columns is for tables and JSON with names; {chosen.title} ({chosen.name}) has fixed fields."
        )
    if frames.is_table(source):
        yield from frames.to_batches(source, columns=columns, rejects=rejects)
        return
    if isinstance(source, list | tuple) and any(frames.is_table(each) for each in source):
        for each in source:
            yield from batches(each, format=format, columns=columns, rejects=rejects, on_part=on_part)
        return
    first_error: WideberthError | None = None
    is_any_read = False
    for part in sources.expand(source, rejects):
        try:
            yield from _of_part(part, format, columns, rejects, on_part)
            is_any_read = True
        except (FormatError, ReadError, MissingExtraError, ColumnError) as error:
            if part.is_named:
                raise
            first_error = first_error or error
            reason = "of no known format" if isinstance(error, FormatError) else "not readable"
            rejects.add(part.name, reason, str(error))
    if first_error is not None and not is_any_read:
        raise first_error
    if first_error is None and not is_any_read:
        raise ReadError(f"{source}: there is no file in it that could hold tracks.")


def _of_part(
    part: Part,
    format: str | None,
    columns: Mapping[str, str] | None,
    rejects: Rejects,
    on_part: Callable[[Part, Format], None] | None,
) -> Iterator[Batch]:
    found = detect(part, format)
    if on_part is not None:
        on_part(part, found)
    if found.takes_columns:
        yield from found.read(part, rejects, columns=columns)
    else:
        yield from found.read(part, rejects)
    for note in part.damage:
        rejects.add(part.name, note)

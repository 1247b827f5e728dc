"""CSV: text with a header line, its fields separated by comma, semicolon, tab or bar; read block by block.

The separator is the one that is most frequent in the header.  Only the columns that are recognised are read
(`wideberth.read.aliases`), every field as text first: an address like ``4e1234`` is no number.

A row is a line.  One with more or fewer fields than the header is counted and skipped, and so is one whose
quotes are not closed in it.  Arrow parses a block at once; where it takes lines for others than they are the
block is halved, and halved again, and the few lines that are left are read one by one.

Source: RFC 4180, but for line breaks within quotes, which none of the feeds at hand has.
"""

from __future__ import annotations

import csv
import re
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import polars as pl
import pyarrow as pa

from wideberth.errors import ReadError
from wideberth.read import frames
from wideberth.read.aliases import demand, plan_for
from wideberth.read.blocks import halves, line_blocks, newlines
from wideberth.read.formats import Format

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from wideberth.read.batch import Batch, Rejects
    from wideberth.read.sources import Part

BLOCK_BYTES = 32 * 2**20
LINE_BY_LINE_BYTES = 2**16
LONGEST_HEADER = 2**16
MOST_COMMENTS = 1000  # lines that begin with #, before the header
SEPARATORS = ",;\t|"
_MARK = b"\xef\xbb\xbf"  # the byte order mark in UTF-8
_NO_TEXT = re.compile(rb"[\0-\x08\x0e-\x1a\x1c-\x1f]")
_QUOTED = re.compile(r'"[^"]*"')


def _looks_like(head: bytes, name: str) -> bool:
    start = head.removeprefix(_MARK).lstrip(b" \t\r\n\0")
    if not start or start.startswith((b"<", b"{", b"[")):
        return False
    found = _header(head)
    if found is None:
        return False
    number, _, names = found
    is_text = not any(_NO_TEXT.search(line.rstrip(b"\0")) for line in head.split(b"\n")[:number])
    return is_text and sum(_is_name(each) for each in names) * 2 > len(names)


def _is_name(text: str) -> bool:
    return any(letter.isalpha() for letter in text) and len(text) <= 200


def _header(head: bytes) -> tuple[int, str, list[str]] | None:
    """Return how many lines there are up to the header's end, its separator, and its names; None for none.

    Blank lines and lines that begin with # may stand before it.
    """
    for number, line in enumerate(head[:LONGEST_HEADER].removeprefix(_MARK).split(b"\n"), start=1):
        text = line.strip(b" \r\0")  # no tab: before the first of them may stand the name of an index, ""
        if not text.strip() or (text.startswith(b"#") and number <= MOST_COMMENTS):
            continue
        header = text.decode("utf-8", "replace")
        outside = _QUOTED.sub("", header)
        separator = max(SEPARATORS, key=outside.count)
        names = [name.strip() for name in _fields(header, separator)]
        return (number, separator, names) if len(names) > 1 else None
    return None


def read(part: Part, rejects: Rejects, *, columns: Mapping[str, str] | None = None) -> Iterator[Batch]:
    """Read a table with a header line.

    Raises:
        FormatError: the columns that a track needs are not recognised.
        ReadError: there is no header line.
    """
    found = _header(part.head(LONGEST_HEADER))
    if found is None:
        raise ReadError(
            f"{part.name}: no header line with names separated by comma, semicolon, tab or bar. "
            "The first line that is not blank must say which column is which."
        )
    skipped, separator, names = found
    names = _distinct(names)
    plan = plan_for(names, columns)
    demand(plan, names, part.name)
    table = _Csv(names, separator, frames.wanted(plan, names), part.name, rejects)
    with part.open() as stream:
        for _ in range(skipped):
            stream.readline()
        for first_line, block in line_blocks(stream, part.name, rejects, size=BLOCK_BYTES):
            frame, rows = table.rows_of(block, first_line)
            if frame.height:
                with frames.converting(part.name):
                    yield frames.to_batch(frame, plan, part.name, rejects, first_row=first_line, rows=rows)


def _distinct(names: Sequence[str]) -> list[str]:
    """Return the names, a repeated one marked so that only its first column is recognised."""
    seen: set[str] = set()
    distinct = []
    for at, name in enumerate(names):
        distinct.append(f"{name}\0{at}" if name in seen else name)
        seen.add(name)
    return distinct


class _Csv:
    """Lines → tables of texts.  A row's number is that of its line; 0 is the line after the header."""

    def __init__(
        self, names: Sequence[str], separator: str, wanted: Sequence[str], source: str, rejects: Rejects
    ) -> None:
        self._names = names
        self._separator = separator
        self._wanted = wanted
        self._source = source
        self._rejects = rejects

    def rows_of(self, block: bytes, first_line: int) -> tuple[pl.DataFrame, pl.Series | None]:
        """Return the rows of some lines, and their numbers where lines are missing among them."""
        if not block.isascii():
            block = block.decode("utf-8", "replace").encode()
        frame, rows = self._at_once(block, first_line) or self._in_halves(block, first_line)
        return frame, rows if rows.len() < _lines_in(block) else None

    def _in_halves(self, block: bytes, first_line: int) -> tuple[pl.DataFrame, pl.Series]:
        """Return the rows of lines that cannot be read at once, as many as possible with their like."""
        two = halves(block, LINE_BY_LINE_BYTES)
        if two is None:
            return self._line_by_line(block, first_line)
        found = []
        for half in two:
            found.append(self._at_once(half, first_line) or self._in_halves(half, first_line))
            first_line += newlines(half)
        (frame, rows), (more, more_rows) = found
        return pl.concat([frame, more]), rows.append(more_rows)

    def _at_once(self, block: bytes, first_line: int) -> tuple[pl.DataFrame, pl.Series] | None:
        """Return the rows of lines and their numbers; None if Arrow takes them for others than they are.

        It takes a quote that is not closed on its line as closed by the next, and what lies between, many
        lines perhaps, as one field; it passes over blank lines, and takes a carriage return alone as a
        line's end.  So lines are counted.
        """
        count = _lines_in(block)
        last = block[block.rfind(b"\n", 0, -1) + 1 :].decode().rstrip("\r\n")
        if (b"\r" in block and block.count(b"\r") != block.count(b"\r\n")) or not _fields(
            last, self._separator
        ):
            return None
        bad: list[Any] = []
        try:
            table = self._parsed(block) or self._parsed(block, bad)
        except pa.ArrowInvalid:
            return None
        if table is None or table.num_rows + len(bad) != count:
            return None
        numbers = np.arange(first_line, first_line + count)
        if bad:
            numbers = np.delete(numbers, [row.number - 1 for row in bad])
            for row in bad:
                self._count_bad(first_line + row.number - 1, row.actual_columns, row.text)
        return cast("pl.DataFrame", pl.from_arrow(table)), pl.Series(numbers, dtype=pl.Int64)

    def _parsed(self, block: bytes, bad: list[Any] | None = None) -> pa.Table | None:
        """Return lines as Arrow reads them: on all processors, but not if a row is bad; else on one."""
        import pyarrow.csv as pa_csv

        def note(row: Any) -> str:
            bad.append(row)  # type: ignore[union-attr]
            return "skip"

        try:
            return pa_csv.read_csv(
                pa.BufferReader(block),
                pa_csv.ReadOptions(
                    column_names=self._names,
                    use_threads=bad is None,
                    block_size=None if bad is None else len(block) + 1,  # then rows have numbers
                ),
                pa_csv.ParseOptions(
                    delimiter=self._separator, invalid_row_handler=None if bad is None else note
                ),
                pa_csv.ConvertOptions(
                    include_columns=self._wanted,
                    column_types=dict.fromkeys(self._wanted, pa.string()),
                    null_values=[""],
                    strings_can_be_null=True,
                ),
            )
        except pa.ArrowInvalid:
            if bad is None:
                return None
            raise

    def _line_by_line(self, block: bytes, first_line: int) -> tuple[pl.DataFrame, pl.Series]:
        places = [self._names.index(name) for name in self._wanted]
        rows: list[list[str]] = []
        numbers: list[int] = []
        for number, line in enumerate(block.decode().split("\n"), start=first_line):
            text = line.rstrip("\r")
            if not text:
                continue
            fields = _fields(text, self._separator)
            if len(fields) == len(self._names):
                rows.append([fields[place] for place in places])
                numbers.append(number)
            else:
                self._count_bad(number, len(fields), text)
        columns = zip(*rows, strict=True) if rows else ([] for _ in self._wanted)
        frame = pl.DataFrame(
            [
                pl.Series(name, [value or None for value in values], pl.String)
                for name, values in zip(self._wanted, columns, strict=True)
            ]
        )
        return frame, pl.Series(numbers, dtype=pl.Int64)

    def _count_bad(self, number: int, fields: int, text: str) -> None:
        self._rejects.add(
            self._source,
            "line with more or fewer fields than the header",
            f"row {number}: {fields} instead of {len(self._names)}: {text[:80]!r}",
        )


def _lines_in(block: bytes) -> int:
    return newlines(block) + (not block.endswith(b"\n"))


def _fields(line: str, separator: str) -> list[str]:
    """Return the fields of a line, none where its quotes cannot be made sense of."""
    if '"' not in line:
        return line.split(separator)
    try:
        *fields, last = next(csv.reader([line + separator + "."], delimiter=separator))
    except csv.Error:  # a carriage return, or a field of more than 128 kB
        return []
    return (
        fields if last == "." else []
    )  # else a quote was not closed, and the last field goes on beyond the line


FORMAT = Format(
    name="csv",
    title="CSV tables with a header: OpenSky's samples, or any with such names",
    looks_like=_looks_like,
    read=read,
    bounded=True,
    extra=None,
    takes_columns=True,
)

"""JSON lines: an object a line, by whatever names a feed has (`wideberth.read.aliases`).

Read in blocks of whole lines, so memory does not grow with the file.  Polars parses a block at once; where
a line of it is damaged it is halved, and halved again, and the few lines that are left are read one by one.
What stands in an object within a line's object is looked for after the names of the line itself.
Where an object has a name twice, the first counts.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from wideberth.read import frames, values
from wideberth.read.aliases import demand, plan_for
from wideberth.read.blocks import halves, line_blocks, newlines
from wideberth.read.formats import Format
from wideberth.read.salvage import first_counts, loaded

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from wideberth.read.batch import Batch, Rejects
    from wideberth.read.sources import Part


LINE_BY_LINE_BYTES = 2**18
_BEGINS = re.compile(rb'\{\s*"[^"\\]{1,200}"\s*:')
_MARK = b"\xef\xbb\xbf"
_BLANK = b" \t\r\n\0"


def _looks_like(head: bytes, name: str) -> bool:
    lines = [line for line in head.removeprefix(_MARK).splitlines() if line.strip(_BLANK)][:20]
    if len(lines) > 1:
        lines.pop()  # it may be cut
        return 2 * sum(isinstance(loaded(line), dict) for line in lines) > len(lines)
    return bool(lines) and _BEGINS.match(lines[0].lstrip()) is not None


def read(part: Part, rejects: Rejects, *, columns: Mapping[str, str] | None = None) -> Iterator[Batch]:
    """Read the objects of a file, block by block.

    Raises:
        FormatError: the names that a track needs are not recognised.
    """
    objects = Objects(part.name, rejects, columns)
    with part.open() as stream:
        for first_line, block in line_blocks(stream, part.name, rejects):
            yield from objects.read(first_line, block.removeprefix(_MARK) if first_line == 0 else block)


class Objects:
    """Makes batches of blocks of lines, each by what all blocks so far tell of the names of the source."""

    def __init__(self, source: str, rejects: Rejects, columns: Mapping[str, str] | None = None) -> None:
        self._source = source
        self._rejects = rejects
        self._columns = columns
        # Of all blocks so far: a block alone may lack a name, and be taken for another dialect.
        self._names: dict[str, None] = {}

    def read(self, first_line: int, block: bytes) -> Iterator[Batch]:
        """Return the rows of some whole lines; ``first_line`` is the number of the first, counted from 0.

        Raises:
            FormatError: the names that a track needs are not recognised.
        """
        for frame, more, rows in _tables(
            block, first_line, self._names, self._columns, self._source, self._rejects
        ):
            if not frame.height:
                continue
            self._names = values.some(more, self._names)
            plan = plan_for(list(self._names), self._columns)
            demand(plan, list(self._names), self._source)
            absent = [name for name in plan.names if name not in frame.columns]
            table = frame.with_columns(pl.lit(None, pl.String).alias(name) for name in absent)
            with frames.converting(self._source):
                yield frames.to_batch(table.select(plan.names), plan, self._source, self._rejects, rows=rows)


_Table = tuple[pl.DataFrame, "Iterable[str]", pl.Series]


def _tables(
    block: bytes,
    first_line: int,
    known: Mapping[str, None],
    columns: Mapping[str, str] | None,
    source: str,
    rejects: Rejects,
) -> Iterator[_Table]:
    """Return the rows of lines, the names in them, and the rows' numbers, as many at once as is possible."""
    found = _at_once(block, first_line, known, columns)
    if found is not None:
        yield found
    elif (two := halves(block, LINE_BY_LINE_BYTES)) is not None:
        yield from _tables(two[0], first_line, known, columns, source, rejects)
        yield from _tables(two[1], first_line + newlines(two[0]), known, columns, source, rejects)
    else:
        yield _line_by_line(block, first_line, source, rejects)


def _at_once(
    block: bytes, first_line: int, known: Mapping[str, None], columns: Mapping[str, str] | None
) -> _Table | None:
    """Return the rows of lines; None where Polars cannot read one, or takes it for something else.

    What no track needs is not read.
    """
    block = block.rstrip(_BLANK)
    text = values.text_of(block)
    if text is None:
        return None
    kinds = values.kinds(text)
    schema: dict[str, pl.DataType] | None = None
    is_nested = any("object" in kind for kind in kinds.values())
    if is_nested:
        if len(kinds) > values.MOST_NAMES or any(_is_mixed(kind) for kind in kinds.values()):
            return None
    else:
        schema = values.schema(plan_for(list(values.some(kinds, known)), columns).names, kinds)
        if schema is None:
            return None
    try:
        frame = pl.read_ndjson(block, schema=schema, infer_schema_length=None)
    except pl.exceptions.PolarsError:
        return None
    numbers = np.arange(first_line, first_line + newlines(block) + 1)
    if b"\n\n" in block or b"\n\r\n" in block:  # Polars passes over blank lines
        numbers = numbers[[bool(line.strip(_BLANK)) for line in block.split(b"\n")]]
    if frame.height != numbers.size:
        return None
    if is_nested:
        frame = values.unnested(frame)
    return frame, frame.columns if is_nested else kinds, pl.Series(numbers, dtype=pl.Int64)


def _is_mixed(kind: set[str]) -> bool:
    return bool(kind & {"object", "list"}) and len(kind - {"null"}) > 1


def _line_by_line(block: bytes, first_line: int, source: str, rejects: Rejects) -> _Table:
    rows: list[dict[str, Any]] = []
    numbers: list[int] = []
    names: dict[str, None] = {}
    for number, line in enumerate(block.split(b"\n"), start=first_line):
        if not line.strip(_BLANK):
            continue
        document = loaded(line.strip(b"\0"), first_counts)
        row = dict(values.flat(document)) if isinstance(document, dict) else {}
        if not row:
            rejects.add(source, "not a JSON object with names", f"line {number + 1}: {line[:80]!r}")
            continue
        rows.append(row)
        numbers.append(number)
        if not names.keys() >= row.keys():
            names = values.some(row, names)
    frame = values.frame_of(rows, names)
    return frame, frame.columns, pl.Series(numbers, dtype=pl.Int64)


FORMAT = Format(
    name="jsonl",
    title="JSON lines: an object a line",
    looks_like=_looks_like,
    read=read,
    bounded=True,
    extra=None,
    takes_columns=True,
)

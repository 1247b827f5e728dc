"""JSON as pandas writes it, and with it the traffic library: a list of rows, or an object of columns.

``[{"timestamp": 1533101250000, "icao24": "3003ae", ...}, ...]`` is ``orient="records"``;
``{"timestamp": {"0": 1726560266000, "1": ...}, "icao24": {"0": ...}}`` is what ``to_json`` writes if
nothing else is said.  Lists as columns, ``{"timestamp": [...], ...}``, are read, too.  Times are Unix
milliseconds or ISO 8601; names and units are those of a table (`wideberth.read.aliases`).

Source: the documentation of ``pandas.DataFrame.to_json``.
"""

from __future__ import annotations

import io
import json
import re
from typing import TYPE_CHECKING, Any

import polars as pl

from wideberth.errors import FormatError
from wideberth.read import frames, values
from wideberth.read.aliases import NEEDED, demand, plan_for
from wideberth.read.formats import Format, whole
from wideberth.read.salvage import MOST_BREAKS, first_counts, loaded, say_how_it_ended, shown, whole_entries

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from wideberth.read.batch import Batch, Rejects
    from wideberth.read.sources import Part

_BLANK = b"\xef\xbb\xbf \t\r\n"
_RECORDS = re.compile(rb"\[\s*\{\s*\"")
_COLUMNS = re.compile(rb"\{\s*\"[^\"]{1,200}\"\s*:\s*(?:\{\s*\"-?\d+\"\s*:|\[)")
_RECORD_BEGINS = re.compile(r"\{\s*\"")
_COLUMN_BEGINS = re.compile(r"\"([^\"\\]{1,200})\"\s*:\s*(?=[\[{])")
_ENTRY = re.compile(r"\s*(?:\"(-?\d+)\"\s*:\s*)?(\"[^\"\\]*\"|-?[\d.][\d.eE+-]*|null|true|false)\s*,")


def _looks_like(head: bytes, name: str) -> bool:
    start = head.lstrip(_BLANK)
    if _RECORDS.match(start) is not None:
        return True
    return _COLUMNS.match(start) is not None and not _is_row(loaded(start.partition(b"\n")[0]))


def _is_row(document: object) -> bool:
    """Tell whether this is an object of values, such as JSON lines hold, some of which may be lists."""
    return isinstance(document, dict) and not all(isinstance(each, dict | list) for each in document.values())


def read(part: Part, rejects: Rejects, *, columns: Mapping[str, str] | None = None) -> Iterator[Batch]:
    """Read a table; from a damaged file each row that is whole, or each column up to where it is damaged.

    Raises:
        FormatError: the names that a track needs are not recognised.
    """
    content = whole(part)
    rows: pl.Series | None = None
    frame = _records_at_once(content, columns)
    if frame is None:
        is_list = content[:256].lstrip(_BLANK).startswith(b"[")
        document = loaded(content, first_counts if is_list else None)
        if isinstance(document, list):
            frame, rows = _of_records(document, part.name, rejects)
        elif isinstance(document, dict):
            frame = _of_columns(document)
        elif _RECORDS.match(content.lstrip(_BLANK)):
            text = content.decode("utf-8", "replace")
            found = whole_entries(text, _RECORD_BEGINS, part.name, rejects)
            frame, rows = _of_records(list(found), part.name, None)
        else:
            frame = _of_columns(_whole_columns(content.decode("utf-8-sig", "replace"), part.name, rejects))
    plan = plan_for(frame.columns, columns)
    if not plan.uses:
        raise FormatError(f"{part.name}: JSON, but no table with one of the names that a track has.")
    demand(plan, frame.columns, part.name)
    with frames.converting(part.name):
        yield frames.to_batch(frame.select(plan.names), plan, part.name, rejects, rows=rows)


def _records_at_once(content: bytes, columns: Mapping[str, str] | None) -> pl.DataFrame | None:
    """Return a list of rows; None if it is not all rows, or Polars would misread something in it."""
    if not content[:256].lstrip(_BLANK).startswith(b"["):
        return None
    text = values.text_of(content)
    if text is None:
        return None
    kinds = values.kinds(text)
    del text
    plan = plan_for(list(values.some(kinds)), columns)
    schema = values.schema(plan.names, kinds)
    is_flat = not any("object" in kind for kind in kinds.values())
    if schema is None or not is_flat or not all(target in plan.uses for target in NEEDED):
        return None
    try:
        frame = pl.read_json(io.BytesIO(content), schema=schema)
    except pl.exceptions.PolarsError:
        return None
    return frame.with_columns(
        pl.lit(None, pl.String).alias(name) for name in plan.names if name not in schema
    )


def _of_records(records: list[Any], source: str, rejects: Rejects | None) -> tuple[pl.DataFrame, pl.Series]:
    rows: list[dict[str, Any]] = []
    numbers: list[int] = []
    names: dict[str, None] = {}
    for at, record in enumerate(records):
        if isinstance(record, dict):
            row = dict(values.flat(record))
            rows.append(row)
            numbers.append(at)
            if not names.keys() >= row.keys():
                names = values.some(row, names)
        elif rejects is not None:  # else it was counted where it was found
            rejects.add(source, "not a JSON object", f"row {at}: {shown(record)}")
    return values.frame_of(rows, names), pl.Series(numbers, dtype=pl.Int64)


def _of_columns(document: Mapping[str, Any]) -> pl.DataFrame:
    """Return a table of columns, each an object of row labels and values or a list of values."""
    found: dict[str, dict[str, Any]] = {}
    labels: dict[str, None] = {}
    for name in values.some(document):
        column = document[name]
        if isinstance(column, list):
            column = {str(at): value for at, value in enumerate(column)}
        if isinstance(column, dict):
            found[name] = column
            labels |= dict.fromkeys(column)
    return (
        values.frame_of([], ())
        if not labels
        else pl.DataFrame(
            [values.column(name, [column.get(label) for label in labels]) for name, column in found.items()]
        )
    )


def _whole_columns(text: str, source: str, rejects: Rejects) -> dict[str, Any]:
    """Return the columns of a damaged file, each up to where it is damaged.

    What follows the damage may belong to the next column, whose beginning was lost in it.
    """
    decoder = json.JSONDecoder()
    found: dict[str, Any] = {}
    position = breaks = 0
    while (
        breaks < MOST_BREAKS
        and len(found) < values.MOST_NAMES
        and (begin := _COLUMN_BEGINS.search(text, position))
    ):
        name, position = begin[1], begin.end()
        try:
            found[name], position = decoder.raw_decode(text, position)
        except (ValueError, RecursionError):
            found[name] = dict(_entries(text, position))
            breaks += 1
            rejects.add(source, "damaged JSON", f"column '{name}', after {len(found[name]):,} entries")
    say_how_it_ended(breaks, source, rejects)
    return found


def _entries(text: str, begin: int) -> Iterator[tuple[str, Any]]:
    """Yield label and value of each entry of a column that begins with a bracket, up to one that is none."""
    is_list = text[begin] == "["
    position = begin + 1
    at = 0
    while entry := _ENTRY.match(text, position):
        try:
            value = json.loads(entry[2])
        except ValueError:
            return
        if is_list != (entry[1] is None):
            return
        yield str(at) if is_list else entry[1], value
        position = entry.end()
        at += 1


FORMAT = Format(
    name="traffic",
    title="JSON of pandas and traffic: a list of rows or an object of columns",
    looks_like=_looks_like,
    read=read,
    bounded=False,
    extra=None,
    takes_columns=True,
)

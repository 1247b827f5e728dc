"""OpenSky's ``/states/all``: what is known of all aircraft at one moment, each a list of 17 or 18 values.

``{"time": 1458564121, "states": [["4b1234", "SWR12   ", "Switzerland", 1458564120, ...], ...]}``, one
such object a file or one a line.  The row's time is ``time_position``; where that is null there was no
position within the last 15 s.  Lengths are metres, speeds metres per second.

Source: the REST API's description in OpenSky's documentation (the table under "All State Vectors").
State vectors from the Trino database and the weekly samples are tables: `wideberth.read.tabular`,
`wideberth.read.delimited`.
"""

from __future__ import annotations

import re
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from wideberth.errors import FormatError
from wideberth.read import frames, values
from wideberth.read.aliases import plan_for
from wideberth.read.blocks import line_blocks
from wideberth.read.formats import Format, whole
from wideberth.read.rowwise import number
from wideberth.read.salvage import loaded, shown, whole_entries

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from wideberth.read.batch import Batch, Rejects
    from wideberth.read.sources import Part

NAMES = (
    *("icao24", "callsign", "origin_country", "time_position", "last_contact", "longitude", "latitude"),
    *("baro_altitude", "on_ground", "velocity", "true_track", "vertical_rate", "sensors", "geo_altitude"),
    *("squawk", "spi", "position_source", "category"),
)
ROWS_AT_ONCE = 200_000
_LEAST = NAMES.index("latitude") + 1  # a shorter list has no position
_STATES = re.compile(rb'"states"\s*:\s*(?:\[|null)')
_STATE_BEGINS = re.compile(r'\[\s*"~?[0-9A-Fa-f]{6}"')
_TIME = re.compile(r'"time"\s*:\s*(\d{1,12})\b')


def _looks_like(head: bytes, name: str) -> bool:
    return head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") and _STATES.search(head) is not None


def read(part: Part, rejects: Rejects) -> Iterator[Batch]:
    """Read one answer, or several, one a line; from a damaged one each state that is whole.

    Raises:
        FormatError: no list of states was found.
    """
    rows = _Rows(part.name, rejects)
    with part.open() as stream:
        lines = _lines(stream, part.name, rejects)
        first = list(islice(lines, 2))  # one of them may be damaged
        if any(answer is not None for _, _, answer in first):
            for at, line, answer in chain(first, lines):
                if answer is not None:
                    rows.add(answer.get("time"), answer["states"])
                elif _STATES.search(line) is not None:
                    _salvage(line, rows, part.name, rejects)
                else:
                    rejects.add(part.name, "not an answer of OpenSky", f"line {at + 1}: {line[:80]!r}")
                if rows.is_full():
                    yield from rows.taken()
            yield from rows.taken()
            return
    content = whole(part)  # the lines are not answers, but one answer may have many lines
    answer = _answer(content)
    if answer is not None:
        rows.add(answer.get("time"), answer["states"])
    elif _STATES.search(content) is not None:
        _salvage(content, rows, part.name, rejects)
    else:
        raise FormatError(f'{part.name}: no "states": [...] found, which an answer of OpenSky has.')
    yield from rows.taken()


def _lines(
    stream: BinaryIO, source: str, rejects: Rejects
) -> Iterator[tuple[int, bytes, dict[str, Any] | None]]:
    """Return the lines that are not blank: their numbers, their bytes, and the answers that they are."""
    for first_line, block in line_blocks(stream, source, rejects):
        for at, line in enumerate(block.split(b"\n"), start=first_line):
            if line.strip():
                yield at, line, _answer(line)


def _answer(content: bytes) -> dict[str, Any] | None:
    document = loaded(content)
    return document if isinstance(document, dict) and "states" in document else None


def _salvage(content: bytes, rows: _Rows, source: str, rejects: Rejects) -> None:
    """Take each state that is whole, at the time that stands before it."""
    text = content.decode("utf-8", "replace")
    times = [*_TIME.finditer(text)]
    begins = [0, *(time.start() for time in times), len(text)]
    for time, begin, end in zip([None, *times], begins, begins[1:], strict=False):
        piece = text[begin:end]
        if _STATE_BEGINS.search(piece) is None:
            continue
        states = whole_entries(piece, _STATE_BEGINS, source, rejects, "state")
        rows.add(None if time is None else int(time[1]), [state for state in states if state is not None])


class _Rows:
    """Collects states until there are enough for a batch."""

    def __init__(self, source: str, rejects: Rejects) -> None:
        self._source = source
        self._rejects = rejects
        self._rows: list[dict[str, Any]] = []
        self._numbers: list[int] = []
        self._at = 0

    def add(self, time: object, states: object) -> None:
        if states is None:  # what OpenSky answers where there is no aircraft
            return
        if not isinstance(states, list):
            self._rejects.add(self._source, "states are no list", shown(states))
            return
        for state in states:
            if isinstance(state, dict):
                row = state
            elif isinstance(state, list) and len(state) >= _LEAST:
                row = dict(zip(NAMES, state, strict=False))
            else:
                self._rejects.add(self._source, "not a state", f"state {self._at}: {shown(state)}")
                self._at += 1
                continue
            self._rows.append({**row, "time": number(time)})
            self._numbers.append(self._at)
            self._at += 1

    def is_full(self) -> bool:
        return len(self._rows) >= ROWS_AT_ONCE

    def taken(self) -> Iterator[Batch]:
        import polars as pl

        if not self._rows:
            return
        plan = plan_for([*NAMES, "time"], dialect="opensky")
        frame = values.frame_of(self._rows, plan.names)
        rows = pl.Series(self._numbers, dtype=pl.Int64)
        with frames.converting(self._source):
            batch = frames.to_batch(frame, plan, self._source, self._rejects, rows=rows)
        self._rows, self._numbers = [], []
        yield batch


FORMAT = Format(
    name="opensky-states",
    title="OpenSky /states/all, one answer or one a line",
    looks_like=_looks_like,
    read=read,
    bounded=False,
    extra=None,
)

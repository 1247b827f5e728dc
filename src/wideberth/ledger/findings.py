"""Findings from a file: JSON lines, or a JSON list of objects."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wideberth.errors import LedgerError, reason

if TYPE_CHECKING:
    from collections.abc import Mapping

FINDINGS = "findings.jsonl"  # what a judge's folder calls them
_SPACE = " \t\r\n"
_PLACE = "rank"  # among all findings that were judged together
_EVIDENCE = "source_"  # so begin the names of the members that say where the evidence stands


def read_findings(path: str | Path) -> list[dict[str, Any]]:
    """Read findings from a file, a judge's folder, or from standard input where the path is "-".

    Objects may be a list, or stand one after another, a line each or not.  Each must have an "id"; what else it holds
    is its own affair, and is checked when it is recorded.

    Raises:
        LedgerError: the file cannot be read, or is not JSON; the message names the line.
    """
    if str(path) != "-" and Path(path).is_dir():
        if not (Path(path) / FINDINGS).is_file():
            raise LedgerError(
                f"'{path}' is a folder without {FINDINGS}. 'wideberth judge -o FOLDER' writes one."
            )
        path = Path(path) / FINDINGS
    name = "standard input" if str(path) == "-" else f"'{path}'"
    text = _text(path, name)
    decoder = json.JSONDecoder(object_pairs_hook=_once_each)
    values: list[Any] = []
    place = _next(text, 0)
    while place < len(text):
        try:
            value, end = decoder.raw_decode(text, place)
        except json.JSONDecodeError as error:
            line = min(error.lineno, text.rstrip().count("\n") + 1)  # not the empty line after the last
            raise LedgerError(f"{name}, line {line:,}: that is not JSON ({error.msg}).") from None
        except (ValueError, RecursionError) as error:
            line = text.count("\n", 0, place) + 1
            raise LedgerError(f"{name}, in what begins at line {line:,}: {error}.") from None
        values.append(value)
        place = _next(text, end)
    if len(values) == 1 and isinstance(values[0], list):
        values = values[0]
    for position, value in enumerate(values, start=1):
        if not isinstance(value, dict):
            raise LedgerError(
                f'{name}: value {position:,} is not a finding. A finding is a JSON object with an "id"; '
                "give one a line, or a list of them."
            )
    return values


def told(finding: Mapping[str, Any]) -> dict[str, Any]:
    """Return a finding by itself, without where its evidence stands and without its place among others.

    It may stand in other rows of another file, or among more findings of a longer recording, and is the same.

    >>> told({"id": "w1", "depth_m": 1.5, "source_file": "a.parquet", "source_row_first": 7, "rank": 3})
    {'id': 'w1', 'depth_m': 1.5}
    """
    return {
        name: value for name, value in finding.items() if name != _PLACE and not name.startswith(_EVIDENCE)
    }


def _text(path: str | Path, name: str) -> str:
    try:
        data = sys.stdin.buffer.read() if str(path) == "-" else Path(path).read_bytes()
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        raise LedgerError(f"cannot read {name}: {reason(error)}.") from None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise LedgerError(f"{name} is not UTF-8 text (byte {error.start:,}).") from None


def _next(text: str, place: int) -> int:
    while place < len(text) and text[place] in _SPACE:
        place += 1
    return place


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the member '{twice}' is there twice")
    return value

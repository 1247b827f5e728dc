"""`wideberth.screen` and `wideberth.judge` take tracks, and whatever `wideberth.read` makes tracks of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import wideberth as wb
from wideberth import simulate

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

TERMS = """\
wideberth: 1
name: test
rules: [{id: apart, between: all, keeps: {apart: {horizontal: 500 m, vertical: 100 ft}}}]
"""
SOURCES: dict[str, Callable[[pa.Table, Path], Any]] = {
    "tracks": lambda table, _: wb.read(table),
    "pandas": lambda table, _: table.to_pandas(),
    "polars": lambda table, _: pl.from_arrow(table),
    "arrow": lambda table, _: table,
    "columns": lambda table, _: table.to_pydict(),
    "path": lambda table, folder: _written(table, folder),
}


def _written(table: pa.Table, folder: Path) -> Path:
    pq.write_table(table, folder / "tracks.parquet")
    return folder / "tracks.parquet"


@pytest.mark.parametrize("kind", SOURCES)
def test_whatever_can_be_read_can_be_screened_and_judged(kind: str, tmp_path: Path) -> None:
    """The answers are those on the tracks that reading gives."""
    source = SOURCES[kind](pa.table(simulate.crossing()), tmp_path)

    assert wb.screen(source, horizontal_m=500, vertical_ft=100)["hmd_m"].to_pylist() == pytest.approx([120.0])
    assert wb.judge(source, wb.Agreement.parse(TERMS))["verdict"].to_pylist() == ["broken"]


@pytest.mark.parametrize("as_kind", [str, lambda path: path])
def test_an_agreement_may_be_the_path_of_its_file(as_kind: Any, tmp_path: Path) -> None:
    """It is loaded, with the digest that loading gives."""
    path = tmp_path / "a.yaml"
    path.write_text(TERMS, encoding="utf-8")

    found = wb.judge(simulate.crossing(), as_kind(path))

    assert found["agreement"].to_pylist() == [wb.Agreement.load(path).digest]


def test_what_is_neither_is_told_in_words() -> None:
    """No AttributeError from within: what it is, and what would do."""
    terms = wb.Agreement.parse(TERMS)
    with pytest.raises(wb.WideberthError, match="int is no source of tracks"):
        wb.screen(5)
    with pytest.raises(wb.WideberthError, match="NoneType is no source of tracks"):
        wb.judge(None, terms)
    with pytest.raises(wb.WideberthError, match=r"Tracks is no agreement\. Give the path of its file"):
        wb.judge(wb.read(simulate.crossing()), wb.read(simulate.crossing()))  # type: ignore[arg-type]

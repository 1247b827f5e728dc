"""What guidance was told of a finding: the rows of a ``guidance.parquet`` that lies beside it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from wideberth.errors import ReadError

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pyarrow as pa

GUIDANCE = "guidance.parquet"


def beside(where: str | Path) -> Path:
    """Return where guidance lies, if any: in a folder of findings, or in the one that a file of them is in."""
    place = Path(where)
    return place / GUIDANCE if place.is_dir() else place.parent / GUIDANCE


def told(id: str, where: str | Path) -> list[str]:
    """Return what was told to either aircraft of a finding, in words; nothing where there is no guidance.

    Raises:
        ReadError: the file is there and cannot be read.
    """
    guided = read_beside(where).get(id)
    return [] if guided is None else [f"{whom}: {text}" for whom, texts in guided.told for text in texts]


class Guided(NamedTuple):
    """What guidance would have told of a finding.

    Attributes:
        config: name of the configuration.
        told: for each of two aircraft to whom, and in words.
    """

    config: str
    told: list[tuple[str, list[str]]]


def by_id(table: pa.Table) -> dict[str, Guided]:
    """Return for each finding what was told to either aircraft."""
    found: dict[str, Guided] = {}
    for row in table.select(["id", "ownship", "config", "sentence"]).to_pylist():
        guided = found.setdefault(row["id"], Guided(row["config"], []))
        guided.told.append((f"To {row['ownship']}, by {row['config']}", [row["sentence"]]))
    return found


def read_beside(where: str | Path) -> dict[str, Guided]:
    """Return `by_id` of the guidance that lies beside findings; empty where there is none.

    Raises:
        ReadError: the file is there and cannot be read.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = beside(where)
    if not path.is_file():
        return {}
    try:
        return by_id(pq.read_table(path, columns=["id", "ownship", "config", "sentence"]))
    except (OSError, KeyError, pa.ArrowException) as error:
        raise ReadError(f"cannot read '{path}': {str(error).splitlines()[0]}") from None


def summary(table: pa.Table) -> str:
    """Return in a sentence how many encounters would have been alerted, and how many of those could be kept apart."""
    rows = table.select(["id", "config", "alert", "t_alert", "loss_warning_s", "recovers"]).to_pylist()
    if not rows:
        return "Guidance: nothing to look back at."

    def many(some: Iterable[str]) -> int:
        return len(set(some))

    alerted = [row for row in rows if row["t_alert"] is not None]
    lost = [row for row in alerted if row["loss_warning_s"] is not None]
    kept = [row for row in lost if not row["recovers"] and row["loss_warning_s"] > 0.0]
    return (
        f"Guidance by {rows[0]['config']}: of {many(row['id'] for row in rows):,}, "
        f"{many(row['id'] for row in alerted):,} called for a manoeuvre, {many(row['id'] for row in lost):,} lost "
        f"well clear, {many(row['id'] for row in kept):,} of those with a manoeuvre that would have kept it when "
        "the alert began."
    )

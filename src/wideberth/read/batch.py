"""What every reader hands over: batches of rows by our column names, and what it had to reject.

A reader turns bytes into `Batch`es and nothing more.  It converts names and units, it does
not clean: a position that jumps is passed on, a line that is no row is rejected with a reason.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class Batch:
    """Some consecutive rows of one source.

    Attributes:
        frame: columns named as in `columns.TRACK_COLUMNS`, in those units, any subset that
            holds ``icao24``, ``t``, ``lat_deg`` and ``lon_deg``.  ``t`` is Datetime("us", "UTC"),
            texts are String or Categorical, numbers any numeric type, null or NaN where unknown.
            ``source_row`` is set where rows were skipped; else rows count on from ``first_row``.
        source: the file, or archive and member, as shown to people.
        first_row: the position in the source of the frame's first row, counted from 0.
    """

    frame: pl.DataFrame
    source: str
    first_row: int = 0


@dataclass
class Rejects:
    """Counts what readers could not use, by source and reason, with the first example of each."""

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    examples: dict[tuple[str, str], str] = field(default_factory=dict)

    def add(self, source: str, reason: str, example: str = "", count: int = 1) -> None:
        """Count ``count`` rows of ``source`` as unusable for ``reason`` (a short phrase).

        ``example`` is kept for the first one only: where it was, and what stood there.
        """
        if count:
            self.counts[source, reason] += count
            self.examples.setdefault((source, reason), example[:200])

    def total(self) -> int:
        """Return how many rows were rejected."""
        return sum(self.counts.values())

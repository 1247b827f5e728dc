"""By how much the clocks of live feeds differ, by the aircraft that several of them hear.

The estimate is that of recordings (`wideberth.read.feeds`, `wideberth.trust.clock`): each aircraft heard in two
feeds for a minute and more shows by how much later one tells of it; the median of all is told, with its 95 %
interval.  It looks back ten minutes and takes at most 200 aircraft, chosen by their addresses so that each feed
keeps the same ones.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

import polars as pl

from wideberth.columns import frozen
from wideberth.units import MICROSECONDS_PER_SECOND

if TYPE_CHECKING:
    from wideberth.serve.arrivals import Arrival
    from wideberth.trust.clock import Offset

KEPT_S = 600.0
MOST_AIRCRAFT = 200
_COLUMNS = ("icao24", "t", "lat_deg", "lon_deg")


class Offsets:
    """Collects what several feeds say of some aircraft, and estimates by how much their clocks differ."""

    def __init__(self) -> None:
        self._kept: deque[tuple[int, pl.DataFrame]] = deque()
        self._feeds: set[str] = set()
        self._every = 1  # of so many addresses one is kept

    def hear(self, arrival: Arrival, steady_us: int) -> None:
        """Take in what is needed of an arrival."""
        self._feeds.add(arrival.feed)
        rows = arrival.rows.select(_COLUMNS).filter(pl.all_horizontal(pl.col(_COLUMNS).is_not_null()))
        rows = self._chosen(rows)
        if rows.height:
            self._kept.append((steady_us, rows.with_columns(pl.lit(arrival.feed).alias("feed"))))
        while self._kept and self._kept[0][0] < steady_us - KEPT_S * MICROSECONDS_PER_SECOND:
            self._kept.popleft()

    def _chosen(self, rows: pl.DataFrame) -> pl.DataFrame:
        # The low digits of an address are as good as random: a state gives them out one after another.
        last = pl.col("icao24").str.tail(3).str.to_integer(base=16, strict=False)
        return rows if self._every == 1 else rows.filter(last % self._every == 0)

    def estimate(self) -> list[Offset]:
        """Return by how much each two feeds differ, as far as aircraft tell.

        It may compile a kernel the first time, and takes longer than a cycle: call it in a thread, on `snapshot`.
        """
        return estimated(self.snapshot())

    def snapshot(self) -> pl.DataFrame | None:
        """Return what an estimate needs; None where there is but one feed."""
        if len(self._feeds) < 2 or not self._kept:
            return None
        rows = pl.concat([frame for _, frame in self._kept])
        while rows["icao24"].n_unique() > MOST_AIRCRAFT and self._every < 4096:
            self._every *= 2
            rows = self._chosen(rows)
        self._kept = deque((us, kept) for us, frame in self._kept if (kept := self._chosen(frame)).height)
        return rows


def estimated(rows: pl.DataFrame | None) -> list[Offset]:
    """Return by how much feeds differ, of rows with ``icao24``, ``t``, ``lat_deg``, ``lon_deg`` and ``feed``."""
    if rows is None or not rows.height:
        return []
    import numpy as np

    from wideberth.read import feeds
    from wideberth.trust import clock

    shared = rows.group_by("icao24").agg(pl.col("feed").n_unique()).filter(pl.col("feed") > 1)["icao24"]
    rows = rows.filter(pl.col("icao24").is_in(shared.implode()))
    if not rows.height:
        return []
    rows = rows.unique(maintain_order=True).sort("icao24", "t")
    aircraft, begins = np.unique(rows["icao24"].to_numpy(), return_index=True)
    names, file = np.unique(rows["feed"].to_numpy(), return_inverse=True)
    lags = feeds.lags(
        frozen(rows["t"].to_physical().to_numpy().copy()),
        frozen(rows["lat_deg"].to_numpy().copy()),
        frozen(rows["lon_deg"].to_numpy().copy()),
        frozen(np.append(begins, rows.height).astype(np.int64)),
        frozen(file.astype(np.int32)),
        [str(each) for each in aircraft],
        [str(each) for each in names],
    )
    return clock.offsets(lags)

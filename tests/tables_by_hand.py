"""Small tables of samples, written as a person would: seconds, degrees, feet."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import polars as pl

from wideberth.read.batch import Batch, Rejects
from wideberth.read.clean import tracks_from

if TYPE_CHECKING:
    from wideberth.tracks import Tracks

DAY = datetime(2018, 8, 1, tzinfo=UTC)
DAY_US = int(DAY.timestamp()) * 1_000_000


def frame(rows: list[dict[str, Any]]) -> pl.DataFrame:
    """Return rows as a table; ``s`` is seconds into the day, whatever is absent is null."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    table = pl.DataFrame({name: pl.Series([row.get(name) for row in rows], strict=False) for name in names})
    return table.with_columns(
        t=(pl.lit(DAY_US) + (pl.col("s") * 1_000_000).round().cast(pl.Int64)).cast(pl.Datetime("us", "UTC"))
    ).drop("s")


def flight(
    icao24: str, samples: list[tuple[float, float, float, float | None]], **more: Any
) -> list[dict[str, Any]]:
    """Return one aircraft's rows from (seconds, lat, lon, feet)."""
    return [
        {"icao24": icao24, "s": s, "lat_deg": lat, "lon_deg": lon, "altitude_ft": ft, **more}
        for s, lat, lon, ft in samples
    ]


def tracks(rows: list[dict[str, Any]], **options: Any) -> Tracks:
    """Return the Tracks that cleaning makes of rows."""
    return tracks_from([Batch(frame(rows), "by hand")], Rejects(), **options)

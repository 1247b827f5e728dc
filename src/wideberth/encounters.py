"""Encounters: one row per pair and episode in which two aircraft were inside both minima at once."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from wideberth import columns, tables
from wideberth.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wideberth.minima import Minima

ENDINGS = (".parquet", ".csv", ".geojson")
SHOWN = (
    *("t_cpa", "icao24_a", "callsign_a", "icao24_b", "callsign_b", "hmd_m", "vertical_ft_at_cpa", "vmd_ft"),
    *("retained", "t_in", "t_out", "closure_kt", "crossing_angle_deg", "report_age_a_s", "report_age_b_s"),
)  # what a notebook shows
_ENDS = ("lon_a_deg", "lat_a_deg", "lon_b_deg", "lat_b_deg")


@dataclass(frozen=True)
class Screening:
    """What a screen rests on, to be shown with its result.

    Attributes:
        samples: rows of the tracks.
        aircraft: addresses among them.
        candidates: pairs of legs that the broad phase passed on.
        vertical_unknown: encounters of pairs without a common altitude reference.
        filtered_out: encounters left out by altitude, area or time filters.
        max_gap_s, merge_gap_s: the gap rules used.
    """

    samples: int = 0
    aircraft: int = 0
    candidates: int = 0
    vertical_unknown: int = 0
    filtered_out: int = 0
    max_gap_s: float = 60.0
    merge_gap_s: float = 0.0


@dataclass(frozen=True, repr=False)
class Encounters:
    """The result of a screen.

    Attributes:
        table: columns as in `columns.ENCOUNTER_COLUMNS`, ordered by ``t_in``, ``icao24_a``, ``icao24_b``.
        minima: which minima were broken.
        screening: what the result rests on.

    Raises:
        ColumnError: a column is missing, unknown or of another type.
    """

    table: pa.Table
    minima: Minima
    screening: Screening = field(default_factory=Screening)

    def __post_init__(self) -> None:
        columns.check(self.table, columns.ENCOUNTER_COLUMNS, "encounters")

    def __len__(self) -> int:
        return int(self.table.num_rows)

    def __getitem__(self, name: str) -> pa.ChunkedArray:
        return self.table.column(name)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """Yield each encounter as a dict, a batch at a time."""
        for batch in self.table.to_batches(max_chunksize=1024):
            yield from batch.to_pylist()

    def worst_first(self) -> Encounters:
        """Return the same encounters, least retained separation first; vertical unknown at the end."""
        is_unknown = pc.equal(pc.cast(self.table["vertical_reference"], pa.string()), "unknown")
        keyed = self.table.append_column("unknown", pc.cast(is_unknown, pa.int8()))
        order = pc.sort_indices(
            keyed.select(["unknown", "retained", "t_in"]),
            [("unknown", "ascending"), ("retained", "ascending"), ("t_in", "ascending")],
        )
        return Encounters(self.table.take(order), self.minima, self.screening)

    def to_arrow(self) -> pa.Table:
        """Return the Arrow table."""
        return self.table

    def to_polars(self) -> Any:
        """Return a Polars DataFrame."""
        return tables.to_polars(self.table)

    def to_pandas(self) -> Any:
        """Return a pandas DataFrame; needs pandas."""
        return tables.to_pandas(self.table)

    def to_geojson(self) -> dict[str, Any]:
        """Return a FeatureCollection: each encounter a line from a to b at ``t_cpa`` (RFC 7946, lon, lat).

        A line across the antimeridian is cut in two there, as the RFC asks (section 3.1.9).  The geometry is
        null where a position is unknown; a figure that is no finite number is null, too.
        """
        features = [
            {
                "type": "Feature",
                "geometry": _line(*(row.get(name) for name in _ENDS)),
                "properties": row,
            }
            for row in map(_finite, tables.as_text(self.table).to_pylist())
        ]
        return {"type": "FeatureCollection", "features": features}

    def write(self, path: str | Path) -> None:
        """Write Parquet, CSV or GeoJSON, by the ending of the name; whole or not at all.

        Raises:
            UsageError: another ending.
            WriteError: the file could not be written; none is left behind.
        """
        target = Path(path)
        if target.suffix.lower() not in ENDINGS:
            raise UsageError(
                f"'{target.name}': cannot tell the format. End the name in {', '.join(ENDINGS)}."
            )
        if target.suffix.lower() == ".geojson":
            with tables.whole_file(target) as temporary:
                temporary.write_text(json.dumps(self.to_geojson(), allow_nan=False) + "\n", encoding="utf-8")
        else:
            tables.write(self.table, target)

    def __repr__(self) -> str:
        return f"<Encounters: {len(self):,} within {self.minima}, among {self.screening.aircraft:,} aircraft>"

    def _repr_html_(self) -> str:
        shown = [name for name in SHOWN if name in self.table.column_names]
        return tables.html(self.worst_first().table, repr(self), shown)


def _finite(row: dict[str, Any]) -> dict[str, Any]:
    return {
        name: None if isinstance(value, float) and not math.isfinite(value) else value
        for name, value in row.items()
    }


def _line(
    lon_a: float | None, lat_a: float | None, lon_b: float | None, lat_b: float | None
) -> dict[str, Any] | None:
    if lon_a is None or lat_a is None or lon_b is None or lat_b is None:
        return None
    # The antimeridian itself is both 180 and -180: that which is nearer to the other end.
    if abs(lon_a) == 180.0:
        lon_a = math.copysign(180.0, lon_b)
    if abs(lon_b) == 180.0:
        lon_b = math.copysign(180.0, lon_a)
    if abs(lon_a - lon_b) <= 180.0:
        return {"type": "LineString", "coordinates": [[lon_a, lat_a], [lon_b, lat_b]]}
    edge = math.copysign(180.0, lon_a)
    part = (edge - lon_a) / (lon_b + 2 * edge - lon_a)
    lat = lat_a + part * (lat_b - lat_a)
    return {
        "type": "MultiLineString",
        "coordinates": [[[lon_a, lat_a], [edge, lat]], [[-edge, lat], [lon_b, lat_b]]],
    }

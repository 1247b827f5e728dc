"""Encounters: one row per pair and episode in which two aircraft were inside both minima at once."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from wideberth import columns, tables
from wideberth.errors import ColumnError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt

    from wideberth.minima import Minima
    from wideberth.tracks import Tracks

SHOWN = (
    *(
        "rank",
        "trust",
        "context",
        "t_cpa",
        "icao24_a",
        "callsign_a",
        "icao24_b",
        "callsign_b",
        "hmd_m",
        "vertical_ft_at_cpa",
        "vmd_ft",
    ),
    *("retained", "t_in", "t_out", "closure_kt", "crossing_angle_deg", "report_age_a_s", "report_age_b_s"),
)  # what a notebook shows
LEAST = {
    "credible": ("credible",),
    "doubtful": ("credible", "doubtful"),
    "all": ("credible", "doubtful", "artefact"),
}
"""Which trusts are at least so much."""
_SURE = (
    "id",
    "retained",
    "vertical_ft_at_cpa",
    "hmd_high_m",
    "vertical_high_ft",
    "altitude_a_ft",
    "altitude_b_ft",
)
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
class Encounters(tables.Findings):
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

    def worst_first(self) -> Encounters:
        """Return the same encounters in the order of their rank: by trust, context, then retained separation."""
        if "rank" in self.table.column_names:
            order = pc.sort_indices(
                self.table.select(["rank", "t_in"]), [("rank", "ascending"), ("t_in", "ascending")]
            )
            return replace(self, table=self.table.take(order))
        is_unknown = pc.equal(pc.cast(self.table["vertical_reference"], pa.string()), "unknown")
        keyed = self.table.append_column("unknown", pc.cast(is_unknown, pa.int8()))
        order = pc.sort_indices(
            keyed.select(["unknown", "retained", "t_in"]),
            [("unknown", "ascending"), ("retained", "ascending"), ("t_in", "ascending")],
        )
        return replace(self, table=self.table.take(order))

    def trusted(self, least: str) -> Encounters:
        """Return those of at least some trust: ``credible``, ``doubtful``, or ``all``.

        Raises:
            UsageError: another word.
        """
        if least not in LEAST:
            raise UsageError(f"'{least}' is no trust. Known: {', '.join(LEAST)}.")
        mask = pc.is_in(pc.cast(self.table["trust"], pa.string()), pa.array(LEAST[least]))
        return replace(self, table=self.table.filter(mask))

    def counted(self, column: str) -> dict[str, int]:
        """Return how many there are of each ``trust`` or ``context``, those that occur."""
        found = pc.value_counts(pc.cast(self.table[column], pa.string())).to_pylist()
        return {each["values"]: each["counts"] for each in found}

    def report(self, path: str | Path, *, tracks: Tracks | None = None, tiles: str | None = None) -> None:
        """Write a report: one HTML file that opens offline; see `Incidents.report`.

        Raises:
            WriteError: the file could not be written; none is left behind.
        """
        from wideberth.report import report

        report(self, path, tracks=tracks, tiles=tiles)

    def probabilities(self) -> pa.Table:
        """Return at least how probable it is that each of `minima.PRESETS` was broken, by errors of position alone.

        One row an encounter, in their order: its ``id``, and a column by the name of each preset.  Only what these
        minima found is there: wider presets were broken by others, too.  Null is where altitudes have no common
        reference (``probability`` there speaks of the horizontal distance alone); 0 where both aircraft are above
        the altitude that a preset ends at.

        Raises:
            ColumnError: a column that says how sure each encounter is was left out of the table.
        """
        from wideberth.minima import PRESETS
        from wideberth.trust import accuracy

        missing = [name for name in _SURE if name not in self.table.column_names]
        if missing:
            raise ColumnError(
                f"encounters: column {', '.join(missing)} is missing, so nothing says how sure they are."
            )
        of = {name: _numbers(self.table, name) for name in ("hmd_m", *_SURE[1:])}
        of["hmd_sd_m"] = (of["hmd_high_m"] - of["hmd_m"]) / accuracy.NORMAL_95
        of["vertical_sd_ft"] = (of["vertical_high_ft"] - of["vertical_ft_at_cpa"]) / accuracy.NORMAL_95
        is_unknown = np.isnan(of["vertical_ft_at_cpa"])
        lowest_ft = np.fmin(of["altitude_a_ft"], of["altitude_b_ft"])
        found = {}
        for name, preset in PRESETS.items():
            probability = accuracy.probability_of_both(of, self.minima, preset)
            if preset.below_ft is not None:
                probability = np.where(lowest_ft > preset.below_ft, 0.0, probability)
            found[name] = pa.array(probability, mask=is_unknown)
        return pa.table({"id": self.table["id"], **found})

    def _geometry(self, row: dict[str, Any]) -> dict[str, Any] | None:
        """Return a line from a to b at ``t_cpa``; one across the antimeridian is cut in two (RFC 7946, 3.1.9)."""
        return _line(*(row.get(name) for name in _ENDS))

    def _beside(self) -> dict[str, Any]:
        return {"minima": vars(self.minima), "screening": vars(self.screening)}

    def __repr__(self) -> str:
        return f"<Encounters: {len(self):,} within {self.minima}, among {self.screening.aircraft:,} aircraft>"

    def _repr_html_(self) -> str:
        from wideberth.report import notebook

        shown = [name for name in SHOWN if name in self.table.column_names]
        return tables.html(self.worst_first().table, repr(self), shown) + notebook.of_findings(self)


def _numbers(table: pa.Table, name: str) -> npt.NDArray[np.float64]:
    return np.asarray(table[name].to_numpy(zero_copy_only=False), np.float64)  # NaN where unknown


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

"""Findings as a report holds them: columns by rank, and what there is no room for as weighted cells."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from wideberth import tables
from wideberth.encounters import Encounters
from wideberth.report.document import NONE_U8, NONE_U16, coded
from wideberth.units import METRES_PER_NM

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt

    from wideberth.incidents import Incidents
    from wideberth.report.document import Document

    Floats = npt.NDArray[np.float64]

VERDICTS = ("broken", "excused", "unknown", "kept", "inside_buffer")
TRUSTS = ("credible", "doubtful", "artefact")
CONTEXTS = ("none", "circuit", "company", "level spacing")
CELL_DEG, CELL_MS = 0.5, 3_600_000.0
"""Cells of what there is no room for: half a degree, an hour."""
BINS_PER_TENFOLD = 10  # of magnitude, of the same cells

FIGURES = (
    *("magnitude", "magnitude_low", "magnitude_high", "vertical_ft", "vertical_low_ft", "vertical_high_ft"),
    *("retained", "probability", "altitude_ft"),
)
OF_ENCOUNTERS = {
    "t": "t_cpa", "magnitude": "hmd_m", "magnitude_low": "hmd_low_m", "magnitude_high": "hmd_high_m",
    "vertical_ft": "vertical_ft_at_cpa", "altitude_ft": "altitude_a_ft", "lon": "lon_a_deg", "lat": "lat_a_deg",
}  # fmt: skip
OF_INCIDENTS = {"t": "t_worst", "lon": "lon_deg", "lat": "lat_deg"}


def by_rank(found: Incidents | Encounters) -> pa.Table:
    """Return the table in the order of rank, what has none last."""
    if "rank" not in found.table.column_names:
        return found.worst_first().table if isinstance(found, Encounters) else found.table
    return found.table.take(
        pc.sort_indices(found.table.select(["rank", "t_in"]), [("rank", "ascending"), ("t_in", "ascending")])
    )


class FindingsTable:
    """Findings by rank, a column at a time; names of a report, whether they are incidents or encounters.

    Attributes:
        table: in the order of rank.
        are_encounters: what they are.
    """

    def __init__(self, found: Incidents | Encounters) -> None:
        self.table = by_rank(found)
        self.are_encounters = isinstance(found, Encounters)
        self._names = OF_ENCOUNTERS if self.are_encounters else OF_INCIDENTS

    def __len__(self) -> int:
        return int(self.table.num_rows)

    def texts(self, name: str) -> list[str | None]:
        """Return a text column; unknown throughout where there is none."""
        if name not in self.table.column_names:
            return [None] * len(self)
        return list(pc.cast(self.table[name], pa.string()).to_pylist())

    def numbers(self, name: str) -> Floats:
        """Return a numeric column, NaN where unknown."""
        name = self._names.get(name, name)
        if name not in self.table.column_names:
            return np.full(len(self), np.nan)
        return np.asarray(self.table[name].to_numpy(zero_copy_only=False), np.float64)

    def times_ms(self, name: str) -> Floats:
        """Return instants as Unix milliseconds, NaN where unknown."""
        name = self._names.get(name, name)
        if name not in self.table.column_names:
            return np.full(len(self), np.nan)
        us = pc.cast(pc.cast(self.table[name], pa.int64()), pa.float64(), safe=False)
        return np.asarray(us.to_numpy(zero_copy_only=False), np.float64) / 1000.0

    def when_ms(self) -> Floats:
        """Return when each was at its worst, else when it began."""
        found = self.times_ms("t")
        return np.where(np.isnan(found), self.times_ms("t_in"), found)

    def codes(self, name: str, known: Sequence[str]) -> npt.NDArray[np.int64]:
        """Return a text column as positions among known words, -1 for any other."""
        number = {word: k for k, word in enumerate(known)}
        found, words = coded(self.texts(name))
        places = np.array([*(number.get(word, -1) for word in words), -1], np.int64)
        return places[found]


def packed(
    document: Document,
    findings: FindingsTable,
    rules: Sequence[str],
    parties: Sequence[str],
    most_rows: int,
    statements: Mapping[str, int],
) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """Keep findings in a document; return what its manifest says of them, and of those there is no room for.

    Args:
        document: that keeps them.
        findings: by rank.
        rules: ids, as the manifest lists them.
        parties: names, likewise.
        most_rows: how many are kept one by one.
        statements: how often something was said of a finding, by its id.
    """
    n = min(len(findings), most_rows)
    told: dict[str, Any] = {"n": n}
    ids = findings.texts("id")[:n]
    told["id"] = ids
    for name in ("icao24_a", "icao24_b", "callsign_a", "callsign_b", "reasons", "place", "manner", "because"):
        told[name] = document.coded(findings.texts(name)[:n])
    if findings.are_encounters:
        told["magnitude_unit"] = document.coded(["m"] * n)
    else:
        told["magnitude_unit"] = document.coded(findings.texts("magnitude_unit")[:n])
    for name, codes in _coded(findings, rules, parties).items():
        none, kind = (NONE_U16, "u16") if name == "rule" else (NONE_U8, "u8")
        told[name] = document.array(np.where(codes[:n] < 0, none, codes[:n]), kind)
    for name in ("t_in", "t_out"):
        told[name] = document.array(findings.times_ms(name)[:n], "f64")
    told["t"] = document.array(findings.when_ms()[:n], "f64")
    for name in ("lon", "lat"):
        told[name] = document.array(findings.numbers(name)[:n], "f64")
    for name in FIGURES:
        told[name] = document.array(findings.numbers(name)[:n], "f32")
    told["sentence"] = _sentences(findings, n)
    told["why"] = [each or "" for each in findings.texts("why")[:n]]
    said = [min(statements.get(each or "", 0), NONE_U8 - 1) for each in ids]
    told["statements"] = document.array(said, "u8")
    return told, _rest(document, findings, rules, parties, n) if n < len(findings) else None


def _coded(
    findings: FindingsTable, rules: Sequence[str], parties: Sequence[str]
) -> dict[str, npt.NDArray[np.int64]]:
    zeros = np.zeros(len(findings), np.int64)
    return {
        "rule": zeros if findings.are_encounters else findings.codes("rule", rules),
        "verdict": zeros if findings.are_encounters else findings.codes("verdict", VERDICTS),
        "trust": findings.codes("trust", TRUSTS),
        "context": findings.codes("context", CONTEXTS),
        "party_a": findings.codes("party", parties),
        "party_b": findings.codes("party_b", parties),
    }


def _sentences(findings: FindingsTable, n: int) -> list[str]:
    if not findings.are_encounters:
        return [each or "" for each in findings.texts("sentence")[:n]]
    names = [
        [callsign or address or "" for callsign, address in zip(*both, strict=True)]
        for both in (
            (findings.texts(f"callsign_{side}")[:n], findings.texts(f"icao24_{side}")[:n]) for side in "ab"
        )
    ]
    across = findings.numbers("magnitude")[:n].tolist()
    high = findings.numbers("vertical_ft")[:n].tolist()
    return [
        f"{a} and {b} passed {_distance(across_m)} and "
        + (_feet(feet) if feet == feet else "an unknown height")
        + " from each other"
        for a, b, across_m, feet in zip(*names, across, high, strict=True)
    ]


def _feet(feet: float) -> str:
    """Return a vertical distance; one just short of a round hundred keeps a digit, for minima are such."""
    digits = 1 if abs(feet - round(feet, -2)) < 0.5 and feet != round(feet, -2) else 0
    return f"{feet:,.{digits}f} ft"


def _distance(metres: float) -> str:
    return f"{metres:,.0f} m" if metres < 0.5 * METRES_PER_NM else f"{metres / METRES_PER_NM:.2f} NM"


def _rest(
    document: Document, findings: FindingsTable, rules: Sequence[str], parties: Sequence[str], n: int
) -> dict[str, Any]:
    """Keep what lies beyond the first n as cells with a count each: what charts and the heat layer need."""
    codes = {name: of[n:] for name, of in _coded(findings, rules, parties).items() if name != "context"}
    hour = np.floor(findings.when_ms()[n:] / CELL_MS)
    place = {name: np.floor(findings.numbers(name)[n:] / CELL_DEG) for name in ("lon", "lat")}
    with np.errstate(divide="ignore", invalid="ignore"):
        size = np.rint(np.log10(np.maximum(findings.numbers("magnitude")[n:], 1.0)) * BINS_PER_TENFOLD)
    keys = np.stack([hour, place["lon"], place["lat"], size, *codes.values()], axis=1)
    cells, count = np.unique(np.nan_to_num(keys, nan=-1e9), axis=0, return_counts=True)
    cells[cells == -1e9] = np.nan
    told: dict[str, Any] = {"n": int(count.size), "count": document.array(count, "u32")}
    told["t"] = document.array((cells[:, 0] + 0.5) * CELL_MS, "f64")
    for k, name in enumerate(place, 1):
        told[name] = document.array((cells[:, k] + 0.5) * CELL_DEG, "f32")
    told["magnitude"] = document.array(10.0 ** (cells[:, 3] / BINS_PER_TENFOLD), "f32")
    for k, name in enumerate(codes, 4):
        none, kind = (NONE_U16, "u16") if name == "rule" else (NONE_U8, "u8")
        told[name] = document.array(np.where(cells[:, k] < 0, none, cells[:, k]), kind)
    return told


def rows_as_text(findings: FindingsTable, n: int) -> list[dict[str, Any]]:
    """Return the first n as plain data, times as text, unknown values left out: what `explain` takes."""
    rows = tables.as_text(findings.table.slice(0, n)).to_pylist()
    return [{name: value for name, value in row.items() if value is not None} for row in rows]

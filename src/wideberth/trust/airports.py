"""Known aerodromes: who flies low beside one is in its circuit, whether or not anybody heard them land.

Recordings often end before the ground: receivers do not see it.  A table of aerodromes, which the user asks for, says
where a field is and how high.  Altitudes are as the encounter has them, of pressure or above the ellipsoid, and
elevations above the sea: they differ by 27 ft for each hPa of the QNH, or by the geoid, of at most 100 m.

Source: the package airportsdata (MIT), or a table of the user's.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from wideberth.errors import ColumnError, MissingExtraError, ReadError, UsageError
from wideberth.trust.reasons import CIRCUIT, NONE
from wideberth.units import METRES_PER_NM

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt
    import polars as pl

    from wideberth.trust.limits import Limits
    from wideberth.trust.reasons import Weighed

    Floats = npt.NDArray[np.float64]
    Table = dict[str, npt.NDArray[Any]]

PACKAGE = "airportsdata"
COLUMNS = {
    "icao": ("icao", "ident", "name"),
    "lat_deg": ("lat_deg", "lat", "latitude_deg"),
    "lon_deg": ("lon_deg", "lon", "longitude_deg"),
    "elevation_ft": ("elevation_ft", "elevation"),
}
"""What is taken from a table, and by which names: ours, those of airportsdata, those of OurAirports."""
BELOW_FT = 1000.0  # so far below its field an aircraft seems to be at a QNH of 1050 hPa
METRES_PER_DEGREE = 60.0 * METRES_PER_NM


@dataclass(frozen=True, eq=False)
class Airports:
    """Where aerodromes are.

    Attributes:
        names: what each is called: its ICAO code, if it has one.
        lat_deg, lon_deg, elevation_ft: (n,).
    """

    names: Sequence[str]
    lat_deg: Floats
    lon_deg: Floats
    elevation_ft: Floats

    @classmethod
    def of(cls, given: Any) -> Airports | None:
        """Return what a user asks for: None or False: none; True: those of airportsdata; a path or a table: those.

        Raises:
            MissingExtraError: airportsdata is asked for and not installed.
            ReadError: the file cannot be read.
            ColumnError: the table does not say what they are called, where they are, and how high.
        """
        if given is None or given is False or isinstance(given, cls):
            return given or None
        if given is True:
            try:
                given = resources.files(PACKAGE) / "airports.csv"
            except ModuleNotFoundError:
                raise MissingExtraError(
                    'airports=True needs airportsdata: pip install "wideberth[airports]"'
                ) from None
        frame = _frame(given)
        chosen = {}
        for name, known in COLUMNS.items():
            found = [alias for alias in known if alias in frame.columns]
            if not found:
                raise ColumnError(
                    f"airports: no column {' or '.join(known)} (found: {', '.join(frame.columns)})."
                )
            chosen[name] = frame[found[0]]
        numbers = [
            chosen[name].cast(float, strict=False).fill_null(np.nan).to_numpy()
            for name in ("lat_deg", "lon_deg", "elevation_ft")
        ]
        known = np.logical_and.reduce([np.isfinite(values) for values in numbers])
        names = chosen["icao"].cast(str).fill_null("an aerodrome").filter(known).to_list()
        return cls(names, *(values[known] for values in numbers))

    @cached_property
    def _tree(self) -> Any:
        from scipy.spatial import cKDTree

        return cKDTree(_unit(self.lat_deg, self.lon_deg))

    def near(self, lat_deg: Floats, lon_deg: Floats, within_m: float) -> list[list[int]]:
        """Return which aerodromes lie within a distance of each place, or a little farther."""
        if not self.names:
            return [[] for _ in lat_deg]
        chord = 2.0 * np.sin(np.radians(1.01 * within_m / METRES_PER_DEGREE) / 2.0)
        found: list[list[int]] = self._tree.query_ball_point(_unit(lat_deg, lon_deg), chord).tolist()
        return found


def _frame(given: Any) -> pl.DataFrame:
    import polars as pl

    try:
        if isinstance(given, pl.DataFrame):
            return given
        if isinstance(given, dict):
            return pl.DataFrame(given)
        if not isinstance(given, str | Path) and not hasattr(given, "read_bytes"):
            return pl.DataFrame(given)  # pandas, Arrow, or rows
        path = Path(str(given))
        if path.suffix.lower() == ".parquet":
            return pl.read_parquet(path)
        return pl.read_csv(path, infer_schema=False)
    except OSError as error:
        raise ReadError(f"airports: cannot read '{given}': {error.strerror or error}.") from error
    except pl.exceptions.PolarsError as error:
        raise ReadError(f"airports: '{given}' is no table: {error}.") from error
    except (TypeError, ValueError) as error:
        raise UsageError(f"airports are True, a path or a table, not {type(given).__name__}.") from error


def _unit(lat_deg: Floats, lon_deg: Floats) -> Floats:
    """Return unit vectors: to 0.3 % of a distance, which is that of a sphere."""
    lat, lon = np.radians(lat_deg), np.radians(lon_deg)
    return np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)], axis=-1)


def weigh(done: Weighed, table: Table, airports: Airports | None, limits: Limits) -> None:
    """Call a circuit what is low beside a known aerodrome and has no context yet.

    Args:
        done: what was concluded so far; reasons ``circuit`` are added.
        table: the encounters' columns.
        airports: None says nothing.
        limits: how near, and how low.
    """
    if airports is None:
        return
    rows = np.flatnonzero(done.context == NONE)
    places = {side: (table[f"lat_{side}_deg"][rows], table[f"lon_{side}_deg"][rows]) for side in "ab"}
    near = [airports.near(*places[side], limits.airport_near_m) for side in "ab"]
    words: dict[int, str] = {}
    for n, row in enumerate(rows.tolist()):
        best_m = np.inf
        for field in sorted(set(near[0][n]) & set(near[1][n])):
            away_m = max(_distance_m(airports, field, *(part[n] for part in places[side])) for side in "ab")
            above = [table[f"altitude_{side}_ft"][row] - airports.elevation_ft[field] for side in "ab"]
            # False where an altitude is unknown.
            is_low = min(above) >= -BELOW_FT and max(above) <= limits.airport_low_ft
            if is_low and not np.isnan(above).any() and away_m <= min(limits.airport_near_m, best_m):
                best_m = away_m
                words[row] = (
                    f"Both are within {away_m / 1000.0:,.1f} km of {airports.names[field]} and no higher than "
                    f"{max(above):,.0f} ft above it."
                )
    where = np.zeros(done.context.size, np.bool_)
    where[list(words)] = True
    done.note("circuit", where, words.__getitem__, context=CIRCUIT)


def _distance_m(airports: Airports, field: int, lat_deg: float, lon_deg: float) -> float:
    ends = _unit(np.array([airports.lat_deg[field], lat_deg]), np.array([airports.lon_deg[field], lon_deg]))
    half = float(np.linalg.norm(ends[1] - ends[0])) / 2.0
    return float(np.degrees(2.0 * np.arcsin(min(half, 1.0)))) * METRES_PER_DEGREE

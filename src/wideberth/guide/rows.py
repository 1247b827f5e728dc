"""From what users give to rows of states: one ownship or columns of them, in lat/lon or in a local plane.

Each quantity is told under exactly one of its names:

    lat_deg and lon_deg                           or x_m and y_m (east, north, in a local plane)
    altitude_ft                                   or altitude_m, or z_m
    groundspeed_kt (or groundspeed_mps) and track_deg   or vx_mps and vy_mps (east, north)
    vertical_rate_fpm                             or vertical_rate_mps, or vz_mps

Velocities are over the ground, altitudes of one reference; a track is clockwise from true north.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from wideberth.errors import ColumnError, UsageError
from wideberth.kernels import tangent
from wideberth.kernels._jit import on_one_thread
from wideberth.units import METRES_PER_FOOT, MPS_PER_FPM, MPS_PER_KNOT

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from wideberth.guide.states import States

    Floats = NDArray[np.float64]
    Counts = NDArray[np.int64]

ALTITUDES = {"altitude_ft": METRES_PER_FOOT, "altitude_m": 1.0, "z_m": 1.0}
SPEEDS = {"groundspeed_kt": MPS_PER_KNOT, "groundspeed_mps": 1.0}
RATES = {"vertical_rate_fpm": MPS_PER_FPM, "vertical_rate_mps": 1.0, "vz_mps": 1.0}
STATE = "state"
OTHERS = ("id", "alerter", STATE)
MOST_SHOWN = 1000


@dataclass(frozen=True, eq=False)
class Rows:
    """n states in planes of their own, and m intruders, those of state i at offsets[i] to offsets[i + 1] − 1.

    Attributes:
        own, intruders: (n, 6), (m, 6): x, y, z, vx, vy, vz; velocities through the air where there is wind.
        offsets: (n + 1,).
        alerters: (m,) counted from 0.
        ids: (m,) of the intruders.
        order: (m,) which row of what was given each intruder was.
    """

    own: Floats
    intruders: Floats
    offsets: Counts
    alerters: Counts
    ids: tuple[str, ...]
    order: Counts


def rows_of(ownship: Any, intruders: Any, wind_mps: Any, alerters: int, is_centric: bool) -> Rows:
    """Return the rows of a call of `guide`; ``alerters``: how many the configuration has.

    Raises:
        UsageError: names that cannot be meant.
        ColumnError: values that cannot; their rows are told.
    """
    own, own_is_plane = _table(ownship, "the ownship")
    n = len(next(iter(own.values())))
    given, is_plane = _table(intruders, "the intruders", own_is_plane)
    m = len(next(iter(given.values())))
    if is_plane != own_is_plane:
        raise UsageError(
            "the ownship and the intruders are in different frames: use lat_deg and lon_deg, or x_m and y_m, for both."
        )
    at = _states_at(given, n, m)
    order = np.argsort(at, kind="stable")
    offsets = np.zeros(n + 1, np.int64)
    np.cumsum(np.bincount(at, minlength=n), out=offsets[1:])
    rows_own, rows = _motion(own, own_is_plane), _motion(given, is_plane)[order]
    if not own_is_plane:
        with on_one_thread(n):
            rows_own, rows = tangent.to_planes(rows_own, rows, offsets)
    wind = np.asarray(wind_mps, np.float64)
    if wind.shape not in ((2,), (n, 2)) or not np.isfinite(wind).all():
        raise UsageError(f"wind_mps is (east, north) in m/s, or ({n}, 2) of them, not {wind_mps!r}.")
    wind = np.broadcast_to(wind, (n, 2))
    rows_own[:, 3:5] -= wind
    rows[:, 3:5] -= np.repeat(wind, np.diff(offsets), axis=0)
    numbers = _alerters(given, m, alerters)[order]
    ids = given.get("id")
    names = (
        [str(k - offsets[at[order[k]]] + 1) for k in range(m)]
        if ids is None
        else [str(ids[k]) for k in order]
    )
    return Rows(
        rows_own, rows, offsets, np.zeros(m, np.int64) if is_centric else numbers, tuple(names), order
    )


def rows_of_states(states: States, alerters: int, is_centric: bool) -> Rows:
    """Return the rows of `States`: an instant each, with the intruders that are there then.

    Raises:
        ColumnError: the ownship is not there at an instant.
    """
    there = states.is_there()
    if not there[:, 0].all():
        missing = np.flatnonzero(~there[:, 0])
        raise ColumnError(
            f"{states.names[0]}: unknown at {missing.size} of {len(states)} instants (first: row {missing[0]}). "
            "Guidance needs the ownship's whole state: leave those instants out.",
            missing[:MOST_SHOWN].tolist(),
        )
    at, who = np.nonzero(there[:, 1:])
    names = ("x_m", "y_m") if states.is_plane else ("lat_deg", "lon_deg")
    columns = [*names, "altitude_m", "vx_mps", "vy_mps", "vz_mps"]
    table = {name: getattr(states, name) for name in columns}
    given = {name: table[name][:, 1:][at, who] for name in columns}
    given |= {
        STATE: at,
        "alerter": states.alerter[:, 1:][at, who],
        "id": np.array(states.names[1:], object)[who],
    }
    return rows_of(
        {name: table[name][:, 0] for name in columns}, given, states.wind_mps, alerters, is_centric
    )


def _table(given: Any, what: str, is_plane: bool | None = None) -> tuple[dict[str, Any], bool]:
    """Return columns by name, and whether they are in a local plane."""
    if hasattr(given, "column_names"):  # Arrow
        given = {name: given[name].to_numpy(zero_copy_only=False) for name in given.column_names}
    elif hasattr(given, "columns") and not isinstance(given, Mapping):  # Polars, pandas
        given = {str(name): np.asarray(given[name]) for name in given.columns}
    if isinstance(given, Sequence) and not isinstance(given, str | bytes):
        if not given:
            return {name: np.empty(0) for name in _names(is_plane)} | {STATE: np.empty(0, np.int64)}, bool(
                is_plane
            )
        names = set(given[0])
        if any(set(row) != names for row in given):
            raise UsageError(f"{what}: not all have the same names. Tell each quantity in one way.")
        given = {name: [row[name] for row in given] for name in given[0]}
    if not isinstance(given, Mapping) or not given:
        raise UsageError(
            f"{what}: a mapping of names to values or columns is needed, or a list of such, not {given!r:.80}."
        )
    columns = {name: np.atleast_1d(np.asarray(value)) for name, value in given.items()}
    sizes = {name: column.size for name, column in columns.items()}
    if len(set(sizes.values())) > 1:
        raise UsageError(
            f"{what}: columns differ in length: {', '.join(f'{k} {v}' for k, v in sizes.items())}."
        )
    return columns, _frame(columns, what)


def _names(is_plane: bool | None) -> tuple[str, ...]:
    across = ("x_m", "y_m") if is_plane else ("lat_deg", "lon_deg")
    return (*across, "altitude_m", "vx_mps", "vy_mps", "vz_mps")


def _frame(columns: Mapping[str, Any], what: str) -> bool:
    ways: dict[str, list[tuple[str, ...]]] = {
        "position": [("lat_deg", "lon_deg"), ("x_m", "y_m")],
        "altitude": [(name,) for name in ALTITUDES],
        "velocity": [*((name, "track_deg") for name in SPEEDS), ("vx_mps", "vy_mps")],
        "vertical rate": [(name,) for name in RATES],
    }
    known = {name for each in ways.values() for way in each for name in way} | set(OTHERS)
    if strange := [name for name in columns if name not in known]:
        from wideberth.guide.config import did_you_mean

        raise UsageError(f"{what}: '{strange[0]}' is not known.{did_you_mean(strange[0], sorted(known))}")
    for quantity, each in ways.items():
        told = [way for way in each if all(name in columns for name in way)]
        if len(told) != 1:
            told_as = " or ".join(" and ".join(way) for way in each)
            raise UsageError(f"{what}: {quantity} is told in {len(told)} ways. Tell it in one: {told_as}.")
    return "x_m" in columns


def _column(columns: Mapping[str, Any], name: str) -> Floats:
    try:
        column = np.asarray(columns[name], np.float64)
    except (TypeError, ValueError):
        raise ColumnError(f"{name}: not all values are numbers.") from None
    bad = np.flatnonzero(~np.isfinite(column))
    if name == "lat_deg":
        bad = np.flatnonzero(~(np.abs(column) <= 90.0))
    elif name in SPEEDS:
        bad = np.flatnonzero(~((column >= 0.0) & np.isfinite(column)))
    if bad.size:
        raise ColumnError(
            f"{name}: {bad.size} of {column.size} values cannot be (first: row {bad[0]}, {column[bad[0]]}). "
            "Guidance needs whole states: leave such aircraft out.",
            bad[:MOST_SHOWN].tolist(),
        )
    return column


def _motion(columns: Mapping[str, Any], is_plane: bool) -> Floats:
    """Return rows of the plane, or as `kernels.tangent` takes them: latitude, longitude, altitude, track, speeds."""
    across = ("x_m", "y_m") if is_plane else ("lat_deg", "lon_deg")
    rows = np.empty((len(columns[across[0]]), 6))
    rows[:, 0], rows[:, 1] = _column(columns, across[0]), _column(columns, across[1])
    rows[:, 2] = _scaled(columns, ALTITUDES)
    rows[:, 5] = _scaled(columns, RATES)
    if "vx_mps" in columns:
        east, north = _column(columns, "vx_mps"), _column(columns, "vy_mps")
        if is_plane:
            rows[:, 3], rows[:, 4] = east, north
        else:
            rows[:, 3], rows[:, 4] = np.degrees(np.arctan2(east, north)), np.hypot(east, north)
        return rows
    speed, track = _scaled(columns, SPEEDS), _column(columns, "track_deg")
    if is_plane:
        rows[:, 3], rows[:, 4] = speed * np.sin(np.radians(track)), speed * np.cos(np.radians(track))
    else:
        rows[:, 3], rows[:, 4] = track, speed
    return rows


def _scaled(columns: Mapping[str, Any], names: Mapping[str, float]) -> Floats:
    name = next(name for name in names if name in columns)
    return _column(columns, name) * names[name]


def _states_at(given: Mapping[str, Any], n: int, m: int) -> Counts:
    if STATE not in given:
        if n != 1:
            raise UsageError(
                f"the intruders: a column '{STATE}' tells which of the {n} own states each row belongs to, from 0."
            )
        return np.zeros(m, np.int64)
    at = np.asarray(given[STATE])
    if at.dtype.kind not in "iu" or (m and not (at.min() >= 0 and at.max() < n)):
        raise UsageError(f"the intruders: '{STATE}' holds whole numbers from 0 to {n - 1}.")
    return at.astype(np.int64)


def _alerters(given: Mapping[str, Any], m: int, known: int) -> Counts:
    numbers = np.asarray(given.get("alerter", np.ones(m, np.int64)))
    if m and (numbers.dtype.kind not in "iu" or not (numbers.min() >= 1 and numbers.max() <= known)):
        raise UsageError(
            f"the intruders: 'alerter' holds whole numbers from 1 to {known}, as the configuration has alerters."
        )
    return numbers.astype(np.int64) - 1

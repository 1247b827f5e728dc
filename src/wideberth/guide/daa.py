"""State files of DAIDALUS (``.daa``): a line of names, a line of units, then a line an aircraft and instant.

Columns are set apart by commas or blanks, units may stand in brackets, lines that begin with # say nothing.  Needed
are a name, a position (lat, lon, alt, or sx, sy, sz), a velocity (vx, vy, vz, or trk, gs, vs) and a time; told may be
the alerter and, for the wind, heading and airspeed.  The first aircraft of the file is the ownship.
Standard deviations (``s_EW_std`` and so on) are read over: states are taken as exact.

Source: DAIDALUS User Guide and the scenarios that version 2.0.4 is shipped with.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from wideberth.errors import ConfigurationError, Fault, UsageError
from wideberth.guide.config import did_you_mean
from wideberth.guide.config_files import text_of
from wideberth.guide.parameters import UNITLESS, UNITS
from wideberth.guide.states import States
from wideberth.units import METRES_PER_FOOT, MPS_PER_FPM, MPS_PER_KNOT

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_BYTES = 256 * 2**20
MOST_FAULTS = 20  # of rows; a file of another kind has one a line

COLUMNS = {
    "name": ("name", ("name", "aircraft", "id")),
    "lat": ("rad", ("lat", "latitude")),
    "lon": ("rad", ("lon", "long", "longitude")),
    "alt": ("m", ("alt", "altitude")),
    "sx": ("m", ("sx", "x")),
    "sy": ("m", ("sy", "y")),
    "sz": ("m", ("sz", "z")),
    "vx": ("mps", ("vx",)),
    "vy": ("mps", ("vy",)),
    "vz": ("mps", ("vz",)),
    "trk": ("rad", ("trk", "track")),
    "gs": ("mps", ("gs", "groundspeed")),
    "vs": ("mps", ("vs", "verticalspeed")),
    "heading": ("rad", ("heading",)),
    "airspeed": ("mps", ("airspeed",)),
    "time": ("s", ("time", "tm", "clock", "st")),
    "alerter": ("count", ("alerter",)),
}
"""Each column: its unit here, and what it may be called."""

_BY_ALIAS = {alias: name for name, (_, aliases) in COLUMNS.items() for alias in aliases}
_IS_UNCERTAINTY = re.compile(r"^(s_|v_|sz_|vz_)\w*std$", re.IGNORECASE)


@dataclass
class _Row:
    line: int
    name: str
    values: dict[str, float]


def read(path: str | Path) -> States:
    """Read a file of states.

    Raises:
        ReadError: it cannot be read.
        ConfigurationError: it cannot be meant; its faults, each with its line.
    """
    return parse(text_of(Path(path), MOST_BYTES), file=str(path))


def parse(text: str, *, file: str = "states") -> States:
    """Read states from the text of a ``.daa`` file.

    Raises:
        ConfigurationError: it cannot be meant; its faults, each with its line.
    """
    return _Daa(text, file).states()


class _Daa:
    """A file on its way to `States`; what is wrong is noted, and reading goes on."""

    def __init__(self, text: str, file: str) -> None:
        self.file = file
        self.faults: list[Fault] = []
        self.lines = [
            (number, line)
            for number, line in enumerate(text.splitlines(), 1)
            if line.strip() and not line.lstrip().startswith("#")
        ]
        self.notices: tuple[str, ...] = ()

    def states(self) -> States:
        if len(self.lines) < 2:
            self._fault(None, "this holds no states.", "It begins with a line of names and a line of units.")
            raise ConfigurationError(self.faults)
        names = self._names()
        factors = self._factors(names)
        if self.faults:
            raise ConfigurationError(self.faults)
        rows = [row for row in self._rows(names, factors) if row is not None]
        if not self.faults and not rows:
            self._fault(
                None, "there are no states.", "Below the units each line is one aircraft at one instant."
            )
        states = None if self.faults else self._placed(rows)
        if states is None:
            raise ConfigurationError(self.faults)
        return states

    def _fault(self, line: int | None, what: str, remedy: str) -> None:
        self.faults.append(Fault(self.file, line, what, remedy))

    def _names(self) -> list[str | None]:
        """Return what each column is; None for one that is read over."""
        number, line = self.lines[0]
        told = _fields(line)
        names: list[str | None] = []
        over = [name for name in told if _IS_UNCERTAINTY.match(name)]
        for name in told:
            known = _BY_ALIAS.get(name.lower())
            if known is None and name not in over:
                self._fault(
                    number, f"'{name}' is not known as a column.", did_you_mean(name, _BY_ALIAS).strip()
                )
            if known is not None and known in names:
                self._fault(number, f"column '{known}' is there twice.", "Keep one of them.")
            names.append(known)
        if over:
            self.notices = (f"{', '.join(over)}: read over, states are taken as exact.",)
        self._look_for_missing(number, {name for name in names if name is not None})
        return names

    def _look_for_missing(self, number: int, names: set[str]) -> None:
        for what, choices in (
            ("a name", ({"name"},)),
            ("a time", ({"time"},)),
            (
                "a position",
                ({"lat", "lon", "alt"}, {"lat", "lon", "sz"}, {"sx", "sy", "sz"}, {"sx", "sy", "alt"}),
            ),
            (
                "a velocity",
                ({"vx", "vy", "vz"}, {"trk", "gs", "vs"}, {"trk", "gs", "vz"}, {"vx", "vy", "vs"}),
            ),
        ):
            if not any(choice <= names for choice in choices):
                columns = " or ".join(", ".join(sorted(choice)) for choice in choices[:3:2] or choices)
                self._fault(number, f"no columns tell {what}.", f"Needed: {columns}.")
        for pair in ({"lat", "sx"}, {"alt", "sz"}, {"vx", "trk"}, {"vz", "vs"}):
            if pair <= names:
                one, other = sorted(pair)
                self._fault(number, f"both '{one}' and '{other}' are told.", "Keep one of them.")

    def _factors(self, names: list[str | None]) -> list[float]:
        number, line = self.lines[1]
        units = [unit.strip("[]").strip() for unit in _fields(line)]
        if len(units) != len(names):
            self._fault(
                number, f"{len(units)} units for {len(names)} columns.", "Write one each; [none] for a name."
            )
            return []
        factors = []
        for name, unit in zip(names, units, strict=True):
            kind = COLUMNS[name][0] if name is not None else "none"
            factor = 1.0
            if kind in UNITS:
                factor = UNITS[kind].get(unit, math.nan)
                if math.isnan(factor):
                    hint = did_you_mean(unit, UNITS[kind]).strip()
                    told = "is a number, not a unit" if _is_number(unit) else f"is not a unit of '{name}'"
                    self._fault(number, f"'{unit}' {told}.", hint)
            elif kind in ("name", "count") and unit.lower() not in UNITLESS:
                self._fault(number, f"'{unit}': '{name}' has no unit.", "Write [none].")
            factors.append(factor)
        return factors

    def _rows(self, names: list[str | None], factors: list[float]) -> Iterator[_Row | None]:
        for number, line in self.lines[2:]:
            told = _fields(line)
            if len(self.faults) >= MOST_FAULTS:
                self._fault(number, "reading ends here, after so many faults.", "")
                return
            if len(told) != len(names):
                self._fault(
                    number, f"{len(told)} values for {len(names)} columns.", "Each line has them all."
                )
                yield None
                continue
            name, values = "", {}
            for column, text, factor in zip(names, told, factors, strict=True):
                if column == "name":
                    name = text
                elif column is not None:
                    if not _is_number(text):
                        self._fault(number, f"'{text}' is not a number ({column}).", "Write a number.")
                        continue
                    values[column] = float(text) * factor
            self._look_at(number, values)
            yield _Row(number, name, values)

    def _look_at(self, number: int, values: dict[str, float]) -> None:
        for column, most in (("lat", math.pi / 2), ("lon", 2 * math.pi)):
            if abs(values.get(column, 0.0)) > most + 1e-9:
                self._fault(number, f"{column} is beyond {math.degrees(most):g}°.", "Is the unit right?")
        if values.get("gs", 0.0) < 0.0:
            self._fault(number, "gs is negative.", "A speed over the ground is 0 or more.")
        if values.get("alerter", 1.0) < 0.0 or values.get("alerter", 1.0) % 1.0:
            self._fault(number, "alerter is not a whole number.", "Count alerters from 1.")

    def _placed(self, rows: list[_Row]) -> States | None:
        """Return rows as columns of instants and aircraft, ordered as they come."""
        aircraft = {name: i for i, name in enumerate(dict.fromkeys(row.name for row in rows))}
        t_s = np.unique(np.array([row.values["time"] for row in rows]))
        at = {when: i for i, when in enumerate(t_s.tolist())}
        shape = (t_s.size, len(aircraft))
        table = {column: np.full(shape, np.nan) for column in rows[0].values}
        first_line: dict[tuple[int, int], int] = {}
        for row in rows:
            slot = (at[row.values["time"]], aircraft[row.name])
            if slot in first_line:
                what = f"'{row.name}' is there twice at {row.values['time']:g} s (first in line {first_line[slot]})."
                self._fault(row.line, what, "Keep one of them.")
                if len(self.faults) >= MOST_FAULTS:
                    break
            first_line.setdefault(slot, row.line)
            for column, value in row.values.items():
                table[column][slot] = value
        return None if self.faults else _states(tuple(aircraft), t_s, table, self.notices)


def _states(names: tuple[str, ...], t_s: Any, table: dict[str, Any], notices: tuple[str, ...]) -> States:
    if "trk" in table:
        east, north = table["gs"] * np.sin(table["trk"]), table["gs"] * np.cos(table["trk"])
    else:
        east, north = table["vx"], table["vy"]
    columns: dict[str, Any] = {
        "altitude_m": table["alt"] if "alt" in table else table["sz"],
        "vx_mps": east,
        "vy_mps": north,
        "vz_mps": table["vz"] if "vz" in table else table["vs"],
    }
    if "lat" in table:
        columns |= {"lat_deg": np.degrees(table["lat"]), "lon_deg": np.degrees(table["lon"])}
    else:
        columns |= {"x_m": table["sx"], "y_m": table["sy"]}
    if "alerter" in table:
        columns["alerter"] = np.maximum(np.nan_to_num(table["alerter"], nan=1.0), 1.0).astype(np.int64)
    if "heading" in table and "airspeed" in table:  # of the ownship, which flies in that air
        through = table["airspeed"][:, 0]
        columns["wind_mps"] = np.nan_to_num(
            np.stack(
                [
                    east[:, 0] - through * np.sin(table["heading"][:, 0]),
                    north[:, 0] - through * np.cos(table["heading"][:, 0]),
                ],
                axis=1,
            )
        )
    return States(names, t_s, notices=notices, **columns)


def _fields(line: str) -> list[str]:
    parts = line.split(",") if "," in line else line.split()
    return [part.strip() for part in parts]


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def write(states: States, path: str | Path) -> None:
    """Write states as a ``.daa`` file, whole or not at all: feet, knots and feet per minute, as DAIDALUS likes them.

    Raises:
        UsageError: another ending.
        WriteError: it cannot be written.
    """
    from wideberth import tables

    target = Path(path)
    if target.suffix.lower() != ".daa":
        raise UsageError(f"'{target}': a file of states ends in .daa.")
    with tables.whole_file(target) as temporary:
        temporary.write_text(to_daa(states), encoding="utf-8")


def to_daa(states: States) -> str:
    """Return states as the text of a ``.daa`` file; aircraft that are not there at an instant have no line."""
    across = ("sx", "sy", "sz") if states.is_plane else ("lat", "lon", "alt")
    units = ("[m]", "[m]", "[ft]") if states.is_plane else ("[deg]", "[deg]", "[ft]")
    x, y = (states.x_m, states.y_m) if states.is_plane else (states.lat_deg, states.lon_deg)
    lines = [
        ", ".join(("NAME", *across, "vx", "vy", "vz", "time", "alerter")),
        ", ".join(("[none]", *units, "[knot]", "[knot]", "[fpm]", "[s]", "[none]")),
    ]
    for i, k in np.argwhere(states.is_there()).tolist():
        figures = (
            x[i, k],
            y[i, k],
            states.altitude_m[i, k] / METRES_PER_FOOT,
            states.vx_mps[i, k] / MPS_PER_KNOT,
            states.vy_mps[i, k] / MPS_PER_KNOT,
            states.vz_mps[i, k] / MPS_PER_FPM,
            states.t_s[i],
        )
        name = re.sub(r"[\s,#]+", "_", states.names[k])
        lines.append(", ".join((name, *(repr(float(each)) for each in figures), str(states.alerter[i, k]))))
    return "\n".join(lines) + "\n"

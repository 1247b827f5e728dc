"""What each feed calls our columns, and in which units: one table for all formats with names.

Names are compared without case and punctuation: ``Alt_Baro``, ``alt baro`` and ``altbaro`` are one.  A
unit may stand in a name: ``altitude_m``, ``ALT [m]``, ``speed (km/h)``; then it is the unit.

Some names mean different units in different feeds.  The *dialect* of a table settles them, and is told
by the whole set of its names:

========== ============================================================ ==================================
dialect    told by                                                      what it settles
========== ============================================================ ==================================
wideberth  ``lat_deg`` and ``lon_deg``                                  our own names, as we write them
readsb     ``alt_baro``, ``alt_geom``, ``gscp`` or ``seen_pos``,        feet, knots, ft/min; ``t`` is the type
           or ``hex`` and ``flight``                                    designator, ``now`` less ``seen_pos``
                                                                        is the time
opensky    ``baroaltitude``, ``velocity``, ``lastposupdate`` or         metres, m/s; the time is
           ``time_position``, and none of ``altitude``,                 ``lastposupdate`` where it is known
           ``groundspeed``, ``gs``
plain      none of these; the names that ``traffic`` uses are plain     feet, knots, ft/min
========== ============================================================ ==================================

In a plain table a bare ``altitude`` is pressure altitude in feet and ``geoaltitude`` is in feet, too, as
``traffic`` has them.  ``velocity``, ``vertrate`` and ``baroaltitude`` are not taken there: beside the names
of another feed nothing tells their unit.  ``--columns`` overrides any of this.

Source: OpenSky's trino.rst and README of the weekly samples; readsb's README-json.md; the data frames of
traffic 2.x.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wideberth.errors import ColumnError, FormatError
from wideberth.read.columns_option import TARGETS, UNITS, check_targets, split_unit

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

NEEDED = ("icao24", "t", "lat_deg", "lon_deg")
ROW_TIME, POSITION_TIME, RECEIPT_TIME = "row time", "position time", "receipt time"

# Our column, its unit under these names, the names in order of preference.
_PLAIN = (
    ("icao24", "", "icao24 hex icao hexid hexident icaoaddress icao24address modes modescode address addr"),
    ("lat_deg", "deg", "lat latitude"),
    ("lon_deg", "deg", "lon lng long longitude"),
    ("altitude_ft", "ft", "altitude alt altbaro pressurealtitude"),
    ("height_m", "ft", "geoaltitude altgeom altitudegeom gnssaltitude"),
    ("on_ground", "", "onground isonground"),
    ("groundspeed_kt", "kt", "groundspeed gs gscp speed spd"),
    ("track_deg", "deg", "track truetrack trk heading course"),
    ("vertical_rate_fpm", "fpm", "verticalrate barorate geomrate"),
    ("callsign", "", "callsign flight"),
    ("squawk", "", "squawk"),
    ("category", "", "category"),
    ("registration", "", "registration reg tail tailnumber"),
    ("type_code", "", "typecode icaotype aircrafttype"),
    ("nic", "", "nic"),
    ("nac_p", "", "nacp"),
    ("nac_v", "", "nacv"),
    ("sil", "", "sil"),
    ("seen_pos_s", "s", "seenpos"),
)
_TIMES = (
    (POSITION_TIME, "lastposupdate lastposition lastpositionupdate timeposition"),
    (ROW_TIME, "timestamp time datetime dateandtime utc timeutc datetimeutc epoch unixtime unix ts"),
    (RECEIPT_TIME, "now"),
)
_OWN = {target: (target, "") for target in TARGETS}
_READSB = (
    ("altitude_ft", "ft", "altbaro altitude"),
    ("vertical_rate_fpm", "fpm", "barorate geomrate vertrate verticalrate"),
    ("registration", "", "r reg registration"),
    ("type_code", "", "t typecode"),
    ("source", "", "type"),
)
_OPENSKY = (
    ("altitude_ft", "m", "baroaltitude"),
    ("height_m", "m", "geoaltitude"),
    ("groundspeed_kt", "m/s", "velocity"),
    ("track_deg", "deg", "heading truetrack track"),
    ("vertical_rate_fpm", "m/s", "vertrate verticalrate"),
    ("source", "", "positionsource"),
)
_UNIT_BASES = (  # names that mean something only with a unit in them
    ("height_m", "height geometricaltitude altitudewgs84 hae"),
    ("altitude_ft", "baroaltitude baroalt altitudebaro barometricaltitude"),
    ("groundspeed_kt", "velocity"),
    ("vertical_rate_fpm", "vertrate vrate verticalspeed vs climbrate roc"),
)

_PUNCTUATION = re.compile(r"[^a-z0-9]+")
_BRACKETED = re.compile(r"^(.*?)\s*[\[(]\s*([^\])]+?)\s*[\])]\s*$")
_TRAILING = re.compile(r"^(.+?)[\s_.\-]+([a-z/°0-9]+)$")
_ATTACHED = re.compile(r"^(alt|altitude|height|geoaltitude|speed|groundspeed|gs)(ft|feet|m|kt|kts|kmh|mps)$")


@dataclass(frozen=True)
class Use:
    """One column of a table, taken for one of ours.

    Attributes:
        name: the table's name.
        target: our column.
        unit: what its numbers are in; "" where there is none or it is told by magnitude (times).
        kind: for times, what they are the time of.
    """

    name: str
    target: str
    unit: str = ""
    kind: str = ""


@dataclass(frozen=True)
class Plan:
    """Which columns of a table become which of ours.

    Attributes:
        uses: our column → the table's, in order of preference; a null is filled by the next.
        dialect: wideberth, readsb, opensky or plain.
    """

    uses: Mapping[str, tuple[Use, ...]]
    dialect: str

    @property
    def names(self) -> list[str]:
        """The table's columns that are used, each once."""
        return list(dict.fromkeys(use.name for uses in self.uses.values() for use in uses))


def plain(name: str) -> str:
    """Return a name without case and punctuation."""
    return _PUNCTUATION.sub("", name.lower())


def dialect_of(names: Iterable[str]) -> str:
    """Return the dialect that a set of names tells."""
    if {"lat_deg", "lon_deg"} <= set(names):
        return "wideberth"
    found = {plain(name) for name in names}
    if found & {"altbaro", "altgeom", "gscp", "seenpos"} or {"hex", "flight"} <= found:
        return "readsb"
    is_opensky = found & {"baroaltitude", "velocity", "lastposupdate", "timeposition"}
    if is_opensky and not found & {"altitude", "alt", "groundspeed", "gs"}:
        return "opensky"
    return "plain"


def _table(dialect: str) -> dict[str, tuple[str, str, str]]:
    """Return plain name → (our column, unit, kind), in order of preference."""
    own_first = {"readsb": _READSB, "opensky": _OPENSKY}.get(dialect, ())
    replaced = {target for target, _, _ in own_first}
    rows = [*own_first, *(row for row in _PLAIN if row[0] not in replaced)]
    table: dict[str, tuple[str, str, str]] = {}
    for target, unit, names in rows:
        for name in names.split():
            table.setdefault(name, (target, unit, ""))
    for kind, names in _TIMES:
        for name in names.split():
            table.setdefault(name, ("t", "", kind))
    table.setdefault("t", ("t", "", ROW_TIME))
    return table


def plan_for(
    names: Sequence[str], mapping: Mapping[str, str] | None = None, dialect: str | None = None
) -> Plan:
    """Return which of some columns are ours, without asking whether the needed ones are there.

    Args:
        names: the table's.
        mapping: our column → the table's, with a unit after a colon; see `columns_option`.
        dialect: where it is known; else it is told by the names.
    Raises:
        UsageError: a mapping of something that is no column, or with a unit that does not fit.
        ColumnError: a column that the mapping names is not there.
    """
    dialect = dialect or dialect_of(names)
    table = _table(dialect)
    order = {key: i for i, key in enumerate(table)}
    found: dict[str, list[tuple[int, Use]]] = {}
    for name in names:
        use, rank = _use(name, table, order, dialect)
        if use is not None:
            found.setdefault(use.target, []).append((rank, use))
    uses = {
        target: tuple(use for _, use in sorted(entries, key=lambda entry: entry[0]))
        for target, entries in found.items()
    }
    for target, value in (mapping or {}).items():
        check_targets({target: value})
        uses[target] = (_mapped(target, value, names),)
    return Plan({target: uses[target] for target in TARGETS if target in uses}, dialect)


def _use(
    name: str, table: dict[str, tuple[str, str, str]], order: dict[str, int], dialect: str
) -> tuple[Use | None, int]:
    if name in _OWN and (dialect == "wideberth" or "_" in name):
        return Use(name, name, kind=ROW_TIME if name == "t" else ""), -1
    nested, _, key = name.rpartition("\0")  # what stands in an object within a JSON object comes second
    later = 1000 if nested else 0
    entry = table.get(plain(key))
    if entry is not None:
        target, unit, kind = entry
        return Use(name, target, unit, kind), order[plain(key)] + later
    with_unit = _split_name(key)
    if with_unit is not None:
        base, unit = with_unit
        target = _with_units(table).get(base, "")
        if unit in UNITS.get(target, {}):
            kind = table[base][2] if base in table else ""
            return Use(name, target, "" if unit in {"utc", "unix"} else unit, kind), 500 + later
    return None, 0


def _split_name(name: str) -> tuple[str, str] | None:
    """Return a name's plain form and the unit in it: "ALT [m]" → ("alt", "m")."""
    low = name.strip().lower()
    parts = _BRACKETED.match(low) or _TRAILING.match(low) or _ATTACHED.match(low)
    return None if parts is None else (plain(parts[1]), parts[2].replace(" ", ""))


def _with_units(table: dict[str, tuple[str, str, str]]) -> dict[str, str]:
    bases = {name: target for target, names in _UNIT_BASES for name in names.split()}
    return bases | {name: target for name, (target, _, _) in table.items()}


def _mapped(target: str, value: str, names: Sequence[str]) -> Use:
    kind = ROW_TIME if target == "t" else ""
    # Only the very name may hold the colon: "alt:m" is alike to "alt_m", and means the metres of "alt".
    wanted, unit = (value, None) if value in names else split_unit(value, target)
    name = _found(wanted, names)
    if name is None:
        raise ColumnError(f"--columns: there is no column '{wanted}' for {target}. Found: {listed(names)}.")
    if unit is None:
        _, unit = _split_name(name.rpartition("\0")[2]) or ("", "")
        unit = unit if unit in UNITS.get(target, {}) else ""
    return Use(name, target, "" if unit in {"utc", "unix"} else unit, kind)


def _found(wanted: str, names: Sequence[str]) -> str | None:
    if wanted in names:
        return wanted
    alike = [name for name in names if plain(name) == plain(wanted)]
    return alike[0] if len(alike) == 1 and plain(wanted) else None


def demand(plan: Plan, names: Sequence[str], source: str) -> None:
    """Let a plan pass if it has what a track needs: address, time, latitude, longitude.

    Raises:
        FormatError: it lacks one.
    """
    missing = [target for target in NEEDED if target not in plan.uses]
    if missing:
        example = ",".join(f"{target}=NAME" for target in missing)
        raise FormatError(
            f"{source}: no column for {', '.join(missing)} is recognised. Found: {listed(names)}. "
            f"Say which it is: --columns {example}."
        )


def listed(names: Sequence[str]) -> str:
    """Return some names for a message, at most 20, none longer than 40 characters."""
    shown = [name.rpartition("\0")[2][:40] for name in names[:20]]
    more = f", and {len(names) - 20} more" if len(names) > 20 else ""
    return (", ".join(shown) or "no names") + more

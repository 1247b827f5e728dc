"""Incidents: one row per finding of a judge, with what it rests on."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from wideberth import columns, tables

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

    from wideberth.agreement.load import Agreement
    from wideberth.tracks import Tracks

Columns = dict[str, Any]
"""What a rule found, by the names of `columns.INCIDENT_COLUMNS`: sequences of one length, or one text for all rows."""

SHOWN = (
    *("t_in", "rule", "verdict", "party", "icao24_a", "callsign_a", "icao24_b", "callsign_b", "manner"),
    *("magnitude", "magnitude_low", "magnitude_high", "permission", "sentence"),
)
FINDINGS = ("broken", "unknown", "excused")
"""Verdicts that are findings; what stayed inside the buffer, and a pledge that was kept, are counted beside them."""

CHECK_PARTIES = "Check what the parties say against the addresses and callsigns in the tracks."


@dataclass(frozen=True)
class Judged:
    """How much a rule was judged on: *kept* has a size, too.

    Attributes:
        rule, kind: which.
        flights, aircraft: bound by the rule and heard while it held.
        hours: within legs, while it held.
        hours_not_heard: between legs of one flight, while it held.
        class_unknown: flights of which no class is known, where the rule is for classes.
        is_held: False where it held at no time of the recording.
        unheard: which of those whom the rule binds were not heard while it held.  With one of two parties silent,
            nothing could break a rule to keep apart.
        verdicts: how many incidents, by verdict.
        expected, expected_low, expected_high: how many truly passed the limit, by errors of position and altitude
            alone, with its 95 % interval; None where that is not told.
    """

    rule: str
    kind: str
    flights: int = 0
    aircraft: int = 0
    hours: float = 0.0
    hours_not_heard: float = 0.0
    class_unknown: int = 0
    is_held: bool = True
    unheard: tuple[str, ...] = ()
    verdicts: dict[str, int] = field(default_factory=dict)
    expected: float | None = None
    expected_low: int | None = None
    expected_high: int | None = None


class NoGround(NamedTuple):
    """Samples over a place for which a raster has no height.

    Attributes:
        place: its name.
        file: the raster.
        samples: airborne samples with pressure altitude in the box, in lon and lat, that holds the place.
        without: how many of them have no height above the ground.
    """

    place: str
    file: str
    samples: int
    without: int

    def __str__(self) -> str:
        return (
            f"{self.place}: of {self.samples:,} samples within its box {self.without:,} have no height above ground, "
            f"for {self.file} has none there; levels above ground are not judged by them."
        )


class Remark(NamedTuple):
    """Something that a judge noticed beside its findings.

    Attributes:
        about: ``claimed_twice``, parties that claim the same aircraft; ``swapped``, a place whose lat and lon may be;
            ``unused``, permissions that excused nothing.
        names: of what it is about.
        sentence: in words.
    """

    about: str
    names: tuple[str, ...]
    sentence: str

    def __str__(self) -> str:
        return self.sentence


@dataclass(frozen=True, repr=False)
class Incidents(tables.Findings):
    """The result of a judge.

    Attributes:
        table: columns as in `columns.INCIDENT_COLUMNS`, ordered by ``t_in``, ``rule``, ``icao24_a``, ``icao24_b``.
        agreement: the agreement's name.
        judged: what each rule was judged on, in the order of the agreement.
        days: one row per day and party, as in `columns.DAY_COLUMNS`; as all counts, dicts that convert to a table.
        rule_days: one row per rule, party and day on which it held, as in `columns.RULE_DAY_COLUMNS`.
        rates: one row per rule, party and thing counted, as in `columns.RATE_COLUMNS`.
        stretches: one row per stretch of the line of each rule about a side, as in `columns.STRETCH_COLUMNS`.
        recorded: when anything was first and last heard; None where nothing was.
        valid: from when until when the agreement holds; None: at all times.
        no_ground: for which places a raster of the ground lacks heights, and for how many samples.
        remarks: where the agreement and the tracks do not seem to be made for each other.
        terms: the agreement itself; None where incidents come out of a file.

    Raises:
        ColumnError: a column is missing, unknown or of another type.
    """

    table: pa.Table
    agreement: str = ""
    judged: tuple[Judged, ...] = ()
    days: tables.Counts = field(default_factory=partial(tables.Counts, (), columns.DAY_COLUMNS))
    rule_days: tables.Counts = field(default_factory=partial(tables.Counts, (), columns.RULE_DAY_COLUMNS))
    rates: tables.Counts = field(default_factory=partial(tables.Counts, (), columns.RATE_COLUMNS))
    stretches: tables.Counts = field(default_factory=partial(tables.Counts, (), columns.STRETCH_COLUMNS))
    recorded: tuple[datetime, datetime] | None = None
    valid: tuple[datetime, datetime] | None = None
    no_ground: tuple[NoGround, ...] = ()
    remarks: tuple[Remark, ...] = ()
    terms: Agreement | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        columns.check(self.table, columns.INCIDENT_COLUMNS, "incidents")

    @classmethod
    def of(
        cls,
        found: Iterable[Columns],
        agreement: str = "",
        judged: tuple[Judged, ...] = (),
    ) -> Incidents:
        """Return the incidents that rules found, in order; a column that a rule lacks is unknown there."""
        schema = columns.schema(columns.INCIDENT_COLUMNS)
        parts = [_table(each, schema) for each in found if len(each["id"])]
        if not parts:
            return cls(schema.empty_table(), agreement, judged)
        table = pa.concat_tables(parts).unify_dictionaries().combine_chunks()
        keys = {
            name: pc.fill_null(pc.cast(table[name], pa.string()), "")
            for name in ("rule", "icao24_a", "icao24_b")
        }
        order = pc.sort_indices(
            pa.table({"t_in": table["t_in"], **keys}),
            [(name, "ascending") for name in ("t_in", *keys)],
        )
        return cls(table.take(order).combine_chunks(), agreement, judged)

    def findings(self) -> Incidents:
        """Return those that are findings: broken, unknown or excused."""
        verdicts = pc.cast(self.table["verdict"], pa.string())
        return replace(self, table=self.table.filter(pc.is_in(verdicts, pa.array(FINDINGS))))

    def notices(self) -> Iterator[str]:
        """Yield in a sentence each what makes rules look kept that were judged on less than they say."""
        for each in self.judged:
            if each.class_unknown:
                yield f"{each.rule}: of {each.class_unknown:,} flights the class of aircraft is not known."
        absent = [each.rule for each in self.judged if not each.is_held]
        if absent and self.is_outside_validity:
            assert self.recorded is not None
            assert self.valid is not None
            (first, last), (begin, end) = (map(_clock, each) for each in (self.recorded, self.valid))
            yield (
                f"Nothing was judged: the recording spans {first} to {last} UTC, and the agreement holds {begin} to "
                f"{end} UTC. Check 'valid' in the agreement, and the times of the tracks."
            )
        elif absent:
            yield (
                f"These rules held at no time of the recording: {', '.join(absent)}. Check 'during' and 'hours' of the "
                "rules and of their places, and 'valid'."
            )
        silent = [each.rule for each in self.judged if each.unheard and not each.flights]
        if silent:
            yield f"Nobody was heard whom these rules bind: {', '.join(silent)}. {CHECK_PARTIES}"
        for each in self.judged:
            if each.unheard and each.flights:
                who = " and ".join(each.unheard)
                yield f"{each.rule}: nobody of {who} was heard, so nothing could break it. {CHECK_PARTIES}"

    @property
    def is_outside_validity(self) -> bool:
        """True: all that was recorded lies before or after the time in which the agreement holds."""
        if self.recorded is None or self.valid is None:
            return False
        return self.recorded[1] < self.valid[0] or self.valid[1] <= self.recorded[0]

    def trusted(self, trusts: Iterable[str]) -> Incidents:
        """Return those of some trusts; a pledge has none, and stays."""
        wanted = pc.is_in(pc.cast(self.table["trust"], pa.string()), pa.array(list(trusts), pa.string()))
        return replace(self, table=self.table.filter(pc.or_(wanted, pc.is_null(self.table["trust"]))))

    def counted(self, column: str) -> dict[str, int]:
        """Return how many there are of each ``trust`` or ``context``, those that occur."""
        found = pc.value_counts(pc.cast(self.table[column].drop_null(), pa.string())).to_pylist()
        return {each["values"]: each["counts"] for each in found}

    def report(self, path: str | Path, *, tracks: Tracks | None = None, tiles: str | None = None) -> None:
        """Write a report: one HTML file that opens offline, with map, charts, table and every claim's evidence.

        Args:
            path: of the file.
            tracks: that were judged; with them the page draws ways, and replays findings from the reports themselves.
            tiles: the address of map tiles to put below, with {z}, {x} and {y}; without it the page asks nobody.
        Raises:
            UsageError: the agreement is not known (incidents out of a file: use ``wideberth report``).
            WriteError: the file could not be written; none is left behind.
        """
        from wideberth.report import report

        report(self, path, tracks=tracks, tiles=tiles)

    def records(self) -> Iterator[dict[str, Any]]:
        """Yield each as plain data for a ledger: rounded to 1 ms, 0.1 m, a ratio to 0.001; unknown values left out."""
        for row in self:
            digits = 1 if row["magnitude_unit"] == "m" else 3
            rounded = ((name, _rounded(name, value, digits)) for name, value in row.items())
            yield {name: value for name, value in rounded if value is not None}

    def _geometry(self, row: dict[str, Any]) -> dict[str, Any] | None:
        """Return the point where the magnitude was greatest."""
        lon, lat = row.get("lon_deg"), row.get("lat_deg")
        return None if lon is None or lat is None else {"type": "Point", "coordinates": [lon, lat]}

    def _beside(self) -> dict[str, Any]:
        return {"agreement": self.agreement}

    def __repr__(self) -> str:
        return f"<Incidents: {len(self):,} under {self.agreement!r}>"

    def _repr_html_(self) -> str:
        from wideberth.report import notebook

        return tables.html(self.table, repr(self), list(SHOWN)) + notebook.of_findings(self)


def _table(found: Columns, schema: pa.Schema) -> pa.Table:
    n = len(found["id"])
    return pa.table([_array(found.get(each.name), each.type, n) for each in schema], schema=schema)


def _array(values: Any, kind: pa.DataType, n: int) -> pa.Array:
    """Return a column: instants come as Unix microseconds, unknown figures as NaN, one text for all rows as itself."""
    if values is None:
        return pa.nulls(n, kind)
    if kind == columns.TEXT:
        if isinstance(values, str):
            codes = pa.array(np.zeros(n, np.int32))
            return pa.DictionaryArray.from_arrays(codes, pa.array([values], pa.string()))
        return pa.array(values, pa.string()).dictionary_encode()
    if isinstance(values, str):
        return pa.repeat(pa.scalar(values, kind), n)
    if kind == columns.INSTANT:
        unknown = np.isnan(values)
        whole = np.rint(np.where(unknown, 0.0, values)).astype(np.int64)
        return pa.array(whole, pa.int64(), mask=unknown).cast(kind)
    return pa.array(values, kind, from_pandas=True)


def identity(agreement: str, rule: str, addresses: Iterable[str | None], begin_s: int) -> str:
    """Return an incident's id: of the agreement's hash, the rule, the addresses and the start to the second.

    >>> identity("00", "west", ["150010"], 1509505516)
    '6d6459238dafb000'
    """
    return next(identities(agreement, rule, [[each] for each in addresses], [begin_s]))


def identities(
    agreement: str, rule: str, addresses: Sequence[Sequence[str | None]], begins_s: Iterable[int]
) -> Iterator[str]:
    """Yield the ids of incidents under one rule; see `identity`.

    Args:
        agreement, rule: of all of them.
        addresses: one list for each aircraft of an incident.
        begins_s: when each began, Unix seconds.
    """
    begun = hashlib.sha256(f"{agreement}\0{rule}\0".encode())
    for *who, begin_s in zip(*addresses, begins_s, strict=True):
        made = begun.copy()
        made.update("\0".join([*(each or "" for each in who), str(begin_s)]).encode())
        yield made.hexdigest()[:16]


def _clock(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M:%S}"


def _rounded(name: str, value: Any, magnitude_digits: int) -> Any:
    if value is None or isinstance(value, str | int):
        return value
    if isinstance(value, float):
        digits = 7 if name.endswith("_deg") else 6 if name in ("probability", "retained") else 1
        if name.startswith("magnitude"):
            digits = magnitude_digits
        return None if math.isnan(value) else round(value, digits)
    return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")

"""Whole tables of findings, wherever they are kept: what a judge or a screen wrote, a ledger, an export of one.

What a table holds, it holds in any of these; beside it stands what only some of them tell: the summary of a judge,
and of a ledger what the parties said and how often a finding was revised.
"""

from __future__ import annotations

import codecs
import json
from dataclasses import dataclass, field, fields
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from wideberth import columns, tables
from wideberth.encounters import Encounters, Screening
from wideberth.errors import LedgerError, ReadError, UsageError, reason
from wideberth.incidents import Incidents, Judged, NoGround, Remark
from wideberth.minima import Minima
from wideberth.report.finding import LARGEST, Terms

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from wideberth.columns import Column
    from wideberth.ledger import Record, State

INCIDENTS, SUMMARY = "incidents.parquet", "summary.json"
PARQUET_MAGIC = b"PAR1"
CSV_BEGINS = (b'"id",', b"id,")
GEOJSON_BEGINS = b'{"type": "FeatureCollection"'
LONGEST_LINE_BYTES = 2**24  # that is looked at to tell what a file is
TABLES = ("folder", "parquet", "csv", "geojson")
"""Kinds of places that hold a whole table; the others (``ledger``, ``export``, ``findings``) hold one finding after
another."""


@dataclass(frozen=True)
class Loaded:
    """Findings, and what stands beside them.

    Attributes:
        findings: incidents of a judge, or encounters of a screen.  Of a judge's folder they hold its counts as well.
        summary: ``summary.json`` of a judge's folder; empty elsewhere.
        states: of a ledger, where every finding and every manual report stands; empty elsewhere.
        left_out: what was there and is not in the table, a sentence each.
    """

    findings: Incidents | Encounters
    summary: dict[str, Any] = field(default_factory=dict)
    states: tuple[State, ...] = ()
    left_out: tuple[str, ...] = ()

    @property
    def terms(self) -> Terms:
        """What is known of the agreement; `Terms` without anything where nothing is."""
        return terms_of(self.summary)


def findings(where: str | Path, *, minima: Minima | None = None) -> Loaded:
    """Return all findings that are kept in a place.

    Args:
        where: the folder of a judge, its incidents (Parquet, CSV or GeoJSON) or findings.jsonl; encounters of a
            screen, likewise; a ledger by path or URL, or an export of one.
        minima: of encounters, where the file does not tell them, as CSV cannot.
    Raises:
        UsageError: nothing there keeps findings, or minima are not told.
        ReadError: a file cannot be read.
        ColumnError: a table is neither incidents nor encounters.
        LedgerError: a ledger cannot be read, or an export does not hold.
    """
    kind = kind_of(where)
    if kind in TABLES:
        return _of_table(Path(where), kind, minima)
    if kind == "findings":
        from wideberth.ledger import read_findings

        found, left_out = of_findings(read_findings(where))
        return Loaded(found, left_out=left_out)
    states = tuple(_states(where, kind))
    found, left_out = of_findings(each.latest for each in states if each.kind == "finding")
    reports = sum(each.kind == "report" for each in states)
    if reports:
        noun = "report is" if reports == 1 else "reports are"
        left_out = (*left_out, f"{reports:,} manual {noun} not among the findings.")
    return Loaded(found, states=states, left_out=left_out)


def kind_of(where: str | Path) -> str:
    """Return what keeps findings there: one of `TABLES`, ``ledger``, ``export`` (of one) or ``findings`` (JSON).

    Raises:
        UsageError: nothing of these.
        ReadError: it cannot be read.
    """
    from wideberth.ledger.database import is_database

    if is_database(where):
        return "ledger"
    path = Path(where)
    try:
        if path.is_dir():
            if not (path / INCIDENTS).is_file():
                raise UsageError(
                    f"'{path}' is a folder without {INCIDENTS}. 'wideberth judge -o FOLDER' writes one."
                )
            return "folder"
        with path.open("rb") as file:
            begins = file.readline(LONGEST_LINE_BYTES)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        raise ReadError(f"cannot read '{where}': {reason(error)}.") from None
    if begins.startswith(PARQUET_MAGIC):
        return "parquet"
    if begins.removeprefix(codecs.BOM_UTF8).startswith(CSV_BEGINS):
        return "csv"
    if begins.lstrip().startswith(GEOJSON_BEGINS):
        return "geojson"
    if _is_of_export(begins):
        return "export"
    if begins.lstrip().startswith((b"{", b"[")):
        return "findings"
    raise UsageError(
        f"'{where}' keeps no findings. Give what 'wideberth screen -o' wrote, a folder of "
        f"'wideberth judge -o', its {INCIDENTS} or findings.jsonl, a ledger, or an export of one."
    )


def _is_of_export(line: bytes) -> bool:
    """Tell whether a line is a record, or the line that sums records up."""
    try:
        value = json.loads(line)
    except ValueError:
        return False
    return isinstance(value, dict) and (
        {"hash", "previous", "seq"} <= set(value) or "wideberth_ledger" in value
    )


# Tables -------------------------------------------------------------------------------------------------


def _of_table(path: Path, kind: str, minima: Minima | None) -> Loaded:
    found, told = table(
        path / INCIDENTS if kind == "folder" else path, "parquet" if kind == "folder" else kind
    )
    if "hmd_m" not in found.column_names:
        incidents = Incidents(found, str(told.get("agreement", "")))
        if kind != "folder":
            return Loaded(incidents)
        summary, wrong = _summary(path / SUMMARY)
        try:
            return Loaded(_with_counts(incidents, summary), summary, left_out=wrong)
        except (TypeError, ValueError, KeyError, AttributeError) as error:
            told_of = f"the counts of {path / SUMMARY} cannot be read: {error!r}."
            return Loaded(incidents, summary, left_out=(*wrong, told_of))
    try:
        minima = minima or Minima(**told["minima"])
        screening = Screening(**told.get("screening", {}))
    except (KeyError, TypeError):
        raise UsageError(
            f"'{path}' does not tell which minima were screened by: name them, or give the encounters as Parquet."
        ) from None
    return Loaded(Encounters(found, minima, screening))


def table(path: Path, kind: str) -> tuple[pa.Table, dict[str, Any]]:
    """Return incidents or encounters from a file, of the types promised, and what the file tells beside them.

    Args:
        path: of the file.
        kind: ``parquet``, ``csv`` or ``geojson``.
    Raises:
        ReadError: it cannot be read.
        UsageError: it holds encounters without ids.
    """
    readers = {"parquet": _of_parquet, "csv": _of_csv, "geojson": _of_geojson}
    try:
        found, told = readers[kind](path)
        described = columns.ENCOUNTER_COLUMNS if "hmd_m" in found.column_names else columns.INCIDENT_COLUMNS
        typed = _typed(found, described)
    except (OSError, ValueError, TypeError, KeyError, pa.ArrowException) as error:
        what = "" if kind == "parquet" else " as incidents or encounters"
        raise ReadError(f"cannot read '{path}'{what}: {_first_line(error)}") from None
    if "hmd_m" in typed.column_names and "id" not in typed.column_names:
        raise UsageError(f"'{path}' holds encounters without ids: an older version wrote it. Screen again.")
    return typed, told


def _first_line(error: Exception) -> str:
    return (str(error) or type(error).__name__).splitlines()[0]


def _of_parquet(path: Path) -> tuple[pa.Table, dict[str, Any]]:
    found = pq.read_table(path, partitioning=None)
    return found, tables.told_beside(found.schema)


def _of_csv(path: Path) -> tuple[pa.Table, dict[str, Any]]:
    """Read columns as texts, an empty one as unknown; CSV tells nothing beside."""
    as_texts = pa_csv.ConvertOptions(
        column_types=dict.fromkeys([*columns.INCIDENT_COLUMNS, *columns.ENCOUNTER_COLUMNS], pa.string()),
        null_values=[""],
        strings_can_be_null=True,
    )
    parsing = pa_csv.ParseOptions(newlines_in_values=True)  # a callsign may hold anything
    return pa_csv.read_csv(path, convert_options=as_texts, parse_options=parsing), {}


def _of_geojson(path: Path) -> tuple[pa.Table, dict[str, Any]]:
    collection = json.loads(path.read_text(encoding="utf-8"))
    rows = [each["properties"] for each in collection["features"]]
    known = columns.ENCOUNTER_COLUMNS if rows and "hmd_m" in rows[0] else columns.INCIDENT_COLUMNS
    told = collection.get(tables.BESIDE, {})
    if not rows and isinstance(told, dict) and "minima" in told:
        known = columns.ENCOUNTER_COLUMNS
    names = [name for name in known if not rows or name in rows[0]]
    return pa.table({name: [row[name] for row in rows] for name in names}), told


def _typed(found: pa.Table, described: Mapping[str, Column]) -> pa.Table:
    """Return columns of the types that are described; one that is not described stays as it is, for the gate."""
    known = columns.schema(dict(described))
    made, fields_made = [], []
    for name, values in zip(found.column_names, found.columns, strict=True):
        wanted = known.field(name) if name in known.names else found.schema.field(name)
        if values.type != wanted.type and pa.types.is_dictionary(wanted.type):
            values = values.cast(pa.string()).combine_chunks().dictionary_encode().cast(wanted.type)
        made.append(values.cast(wanted.type))
        fields_made.append(wanted)
    return pa.table(made, schema=pa.schema(fields_made)).unify_dictionaries().combine_chunks()


# What a judge's folder tells beside ---------------------------------------------------------------------


def _summary(path: Path) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return a judge's summary, and what is wrong with it."""
    try:
        summary = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        return {}, (f"{path} cannot be read: {reason(error)}.",)
    if not isinstance(summary, dict):
        return {}, (f"{path} is no summary of a judge.",)
    return summary, ()


def terms_of(summary: Mapping[str, Any]) -> Terms:
    """Return what a judge's summary says of the agreement; an older one, or none, says less."""
    try:
        return Terms(
            name=str(summary.get("agreement", "")),
            rules={each["rule"]: each["sentence"] for each in summary.get("rules", ()) if "sentence" in each},
            permissions=dict(summary.get("permissions", {})),
        )
    except (ValueError, TypeError, KeyError, AttributeError):
        return Terms()


def summary_of(folder: Path) -> dict[str, Any]:
    """Return the summary of a judge's folder; empty where there is none."""
    return _summary(folder / SUMMARY)[0]


def _with_counts(incidents: Incidents, summary: Mapping[str, Any]) -> Incidents:
    """Return incidents with what a judge's summary says they rest on."""
    known = {each.name for each in fields(Judged)}
    rules: list[dict[str, Any]] = [
        {name: value for name, value in rule.items() if name in known} for rule in summary.get("rules", ())
    ]
    counts: dict[str, Any] = {
        name: tables.Counts(summary.get(name, ()), described)
        for name, described in (
            ("days", columns.DAY_COLUMNS),
            ("rule_days", columns.RULE_DAY_COLUMNS),
            ("rates", columns.RATE_COLUMNS),
            ("stretches", columns.STRETCH_COLUMNS),
        )
    }
    return Incidents(
        incidents.table,
        str(summary.get("agreement") or ""),
        tuple(Judged(**{**rule, "unheard": tuple(rule.get("unheard", ()))}) for rule in rules),
        recorded=_span(summary.get("recorded")),
        valid=_span(summary.get("valid")),
        no_ground=tuple(NoGround(**each) for each in summary.get("no_ground", ())),
        remarks=tuple(
            Remark(each["about"], tuple(each["names"]), each["sentence"])
            for each in summary.get("remarks", ())
        ),
        **counts,
    )


def _span(texts: Any) -> tuple[datetime, datetime] | None:
    if not texts:
        return None
    begin, end = map(datetime.fromisoformat, texts)
    return begin, end


# One finding after another ------------------------------------------------------------------------------


def of_findings(found: Iterable[Mapping[str, Any]]) -> tuple[Incidents, tuple[str, ...]]:
    """Return as incidents findings that are plain data, and in a sentence each what could not be taken.

    A ledger holds whatever it was given.  What lacks a member that every incident has, or has it of another type, is
    left out as a whole; of any other member only the value is.
    """
    rows: list[dict[str, Any]] = []
    foreign: list[str] = []
    unread: dict[str, int] = {}
    for finding in found:
        row = {
            name: _value(finding.get(name), column.type) for name, column in columns.INCIDENT_COLUMNS.items()
        }
        lacking = [
            name for name, column in columns.INCIDENT_COLUMNS.items() if column.required and row[name] is None
        ]
        if lacking:
            foreign.append(f"{finding.get('id')} (no {lacking[0]})")
            continue
        rows.append(row)
        for name, value in row.items():
            if value is None and finding.get(name) is not None:
                unread[name] = unread.get(name, 0) + 1
    told = []
    if foreign:
        more = "" if len(foreign) == 1 else f" and {len(foreign) - 1:,} more"
        told.append(f"no incident of a judge, and not in the table: {foreign[0]}{more}.")
    told += [
        f"{name}: {count:,} {'value is' if count == 1 else 'values are'} of another type, and taken as unknown."
        for name, count in unread.items()
    ]
    schema = columns.schema(dict(columns.INCIDENT_COLUMNS))
    made = pa.table(
        {
            each.name: pa.array([row[each.name] for row in rows], pa.string())
            .dictionary_encode()
            .cast(each.type)
            if each.type == columns.TEXT
            else pa.array([row[each.name] for row in rows], each.type)
            for each in schema
        },
        schema=schema,
    )
    order = pa.compute.sort_indices(made.select(["t_in", "id"]), [("t_in", "ascending"), ("id", "ascending")])
    return Incidents(made.take(order)), tuple(told)


def _value(value: Any, kind: pa.DataType) -> Any:
    """Return a member of a finding as its column holds it; None where it is not of that type."""
    if kind in (columns.TEXT, pa.string()):
        return value if isinstance(value, str) else None
    if kind == columns.INSTANT:
        try:
            instant = datetime.fromisoformat(value)
        except (TypeError, ValueError):
            return None
        return instant if instant.tzinfo is not None else None
    if kind == pa.bool_() or isinstance(value, bool):
        return value if kind == pa.bool_() and isinstance(value, bool) else None
    if kind == pa.int64():
        return value if isinstance(value, int) and -(2**63) <= value < 2**63 else None
    return float(value) if isinstance(value, int | float) and -LARGEST < value < LARGEST else None


def _states(where: str | Path, kind: str) -> Iterator[State]:
    from wideberth.ledger.states import states_of

    yield from states_of(_records(where) if kind == "ledger" else exported(Path(where)))


def _records(where: str | Path) -> Iterator[Record]:
    from wideberth.ledger import Ledger

    with Ledger(where) as ledger:
        yield from ledger.records()


def exported(path: Path) -> Iterator[Record]:
    """Yield the records of a ledger's export, once it was verified as a whole.

    Raises:
        LedgerError: it does not hold.
    """
    from wideberth.ledger import read_bundle, verify_bundle

    verified = verify_bundle(path)
    if verified.bad is not None:
        raise LedgerError(f"'{path}' does not hold: {verified.bad}. 'wideberth ledger verify' tells more.")
    yield from read_bundle(path)

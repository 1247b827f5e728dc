"""Where findings are kept, and one of them by its id: what a judge wrote, a ledger, an export of one.

An id may be shortened to its beginning, as long as that is unique.
"""

from __future__ import annotations

import difflib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from wideberth.errors import UnknownIdError, UsageError
from wideberth.report.finding import Terms

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from wideberth.ledger import Record, State

SHORTEST = 4  # characters of the beginning of an id
SHOWN = 5  # ids in a message
ALIKE = 0.7  # of 1; two ids by chance reach 0.5


@dataclass(frozen=True)
class Found:
    """One finding, or a manual report, and what is known beside it.

    Attributes:
        id: in full.
        finding: as plain data; of a ledger as last judged.
        terms: what the place itself says of the agreement.
        state: where it stands in a ledger; None elsewhere.
        records: its records in a ledger, statements among them, in order.
    """

    id: str
    finding: dict[str, Any]
    terms: Terms = field(default_factory=Terms)
    state: State | None = None
    records: tuple[Record, ...] = ()


class Place(Protocol):
    """Something that findings are kept in."""

    def ids(self) -> Sequence[str]:
        """Return the ids of all findings in it."""

    def get(self, id: str) -> Found:
        """Return one of them."""


def look_up(id: str, where: str | Path) -> Found:
    """Return the finding with this id, or the only one whose id begins so.

    Args:
        id: in full, or the beginning of one, at least `SHORTEST` characters.
        where: the folder of a judge, its incidents (Parquet, CSV or GeoJSON) or findings, a ledger by path or URL, or
            an export of one.
    Raises:
        UnknownIdError: no id, or more than one, begins so; the message lists candidates.
        UsageError: the beginning is too short, or nothing there keeps findings.
        ReadError: a file cannot be read.
        LedgerError: a ledger cannot be read, or an export does not hold.
    """
    place = _place(where)
    ids = place.ids()
    return place.get(chosen(id, ids, where, lambda each: line(place.get(each).finding)))


def chosen(id: str, ids: Sequence[str], where: str | Path, about: Callable[[str], str]) -> str:
    """Return the id that is meant.

    Args:
        id: in full, or the beginning of one.
        ids: those there are.
        where: they are, for messages.
        about: tells in a line what an id is of.
    Raises:
        UnknownIdError: none is meant, or more than one.
        UsageError: the beginning is too short.
    """
    if id in ids:
        return id
    if len(id) < SHORTEST:
        raise UsageError(f"'{id}' is too short: give an id, or at least its first {SHORTEST} characters.")
    begun = sorted(each for each in ids if each.startswith(id))
    if len(begun) == 1:
        return begun[0]

    def listed(some: Iterable[str]) -> str:
        return "".join(f"\n  {each}  {about(each)}".rstrip() for each in some)

    if begun:
        more = f"\n  … and {len(begun) - SHOWN:,} more" if len(begun) > SHOWN else ""
        raise UnknownIdError(
            f"{len(begun):,} ids in '{where}' begin with '{id}':{listed(begun[:SHOWN])}{more}"
        )
    if not ids:
        raise UnknownIdError(f"nothing has the id '{id}': there are no findings in '{where}'.")
    noun = "finding" if len(ids) == 1 else "findings"
    near = _nearest(id, ids)
    told = f"The nearest:{listed(near)}" if near else "None is like it. The first:" + listed(ids[:SHOWN])
    raise UnknownIdError(f"none of the {len(ids):,} {noun} in '{where}' has the id '{id}'. {told}")


def _nearest(beginning: str, ids: Sequence[str]) -> list[str]:
    """Return the ids that begin much like a text, the most alike first; a digit too many is one slip."""
    matcher = difflib.SequenceMatcher(b=beginning, autojunk=False)
    alike: list[tuple[float, str]] = []
    for each in ids:
        matcher.set_seq1(each[: len(beginning)])
        if matcher.quick_ratio() >= ALIKE and (ratio := matcher.ratio()) >= ALIKE:
            alike.append((-ratio, each))
    return [each for _, each in sorted(alike)[:SHOWN]]


def line(finding: Mapping[str, Any]) -> str:
    """Return in a line what a finding, a report or an encounter is of."""
    if is_encounter(finding):
        return f"{finding['hmd_m']:,.0f} m at {finding['t_cpa']}, {finding.get('trust') or 'trust not told'}"
    told = (finding.get(name) for name in ("rule", "verdict", "sentence", "text"))
    return ", ".join(each for each in told if isinstance(each, str) and each)


def _place(where: str | Path) -> Place:
    from wideberth.report import load

    kind = load.kind_of(where)
    path = Path(where)
    if kind == "ledger":
        from wideberth.ledger import Ledger

        return _InLedger(Ledger(where))
    if kind == "export":
        return _of_export(load.exported(path))
    if kind == "findings":
        return _findings(path)
    if kind == "folder":
        return _in_table(path / load.INCIDENTS, "parquet", load.terms_of(load.summary_of(path)))
    return _in_table(path, kind, Terms())


@dataclass(frozen=True)
class _InFile:
    """Findings by id."""

    findings: dict[str, dict[str, Any]]
    terms: Terms

    def ids(self) -> Sequence[str]:
        return list(self.findings)

    def get(self, id: str) -> Found:
        return Found(id, self.findings[id], self.terms)


def is_encounter(finding: Mapping[str, Any]) -> bool:
    """Tell whether plain data are those of an encounter, as a screen finds it."""
    return isinstance(finding.get("hmd_m"), int | float) and isinstance(finding.get("t_cpa"), str)


@dataclass(frozen=True)
class _InEncounters:
    """Encounters in a table."""

    table: Any

    def ids(self) -> Sequence[str]:
        return [str(each) for each in self.table["id"].to_pylist()]

    def get(self, id: str) -> Found:
        import pyarrow.compute as pc

        from wideberth import tables

        row = self.table.filter(pc.equal(self.table["id"], id)).slice(0, 1)
        (finding,) = tables.as_text(row).to_pylist()
        return Found(id, {name: value for name, value in finding.items() if value is not None})


@dataclass(frozen=True)
class _InTable:
    """Incidents in a table; only those that are asked for become plain data."""

    incidents: Any
    terms: Terms

    def ids(self) -> Sequence[str]:
        return [str(each) for each in self.incidents["id"].to_pylist()]

    def get(self, id: str) -> Found:
        import pyarrow.compute as pc

        from wideberth.incidents import Incidents

        row = self.incidents.table.filter(pc.equal(self.incidents["id"], id)).slice(0, 1)
        return Found(id, next(Incidents(row).records()), self.terms)


def _in_table(path: Path, kind: str, terms: Terms) -> Place:
    from wideberth.incidents import Incidents
    from wideberth.report import load

    table, _ = load.table(path, kind)
    return _InEncounters(table) if "hmd_m" in table.column_names else _InTable(Incidents(table), terms)


def _findings(path: Path) -> Place:
    from wideberth.ledger import read_findings

    found = read_findings(path)
    return _InFile({each["id"]: each for each in found if isinstance(each.get("id"), str)}, Terms())


@dataclass(frozen=True)
class _InLedger:
    """A ledger in a database."""

    ledger: Any

    def ids(self) -> Sequence[str]:
        with self.ledger:
            return list(self.ledger.ids())

    def get(self, id: str) -> Found:
        with self.ledger:
            return _found(self.ledger.records(about=id))


@dataclass(frozen=True)
class _InExport:
    """The records of an export, by id."""

    records: dict[str, list[Record]]

    def ids(self) -> Sequence[str]:
        return list(self.records)

    def get(self, id: str) -> Found:
        return _found(self.records[id])


def _of_export(records: Iterable[Record]) -> Place:
    by_id: dict[str, list[Record]] = {}
    for record in records:
        if record.about is not None:
            by_id.setdefault(record.about, []).append(record)
    return _InExport(by_id)


def _found(records: Iterable[Record]) -> Found:
    from wideberth.ledger.states import states_of

    every = tuple(records)
    (state,) = states_of(every)
    return Found(state.id, state.latest, state=state, records=every)


def revisions(found: Found) -> Iterator[tuple[Record, list[str]]]:
    """Yield each record that held the finding, with what it changed of the one before, in words."""
    before: dict[str, Any] | None = None
    for record in found.records:
        if record.kind == "statement":
            continue
        now = record.body if record.kind == "report" else record.body["finding"]
        names = (
            []
            if before is None
            else [each for each in {**before, **now} if before.get(each) != now.get(each)]
        )
        yield record, [f"{name}: {_shown(before, name)} → {_shown(now, name)}" for name in names]
        before = now


def _shown(finding: dict[str, Any] | None, name: str) -> str:
    if finding is None or name not in finding:
        return "nothing"
    return json.dumps(finding[name], ensure_ascii=False)

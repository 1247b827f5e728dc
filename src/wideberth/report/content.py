"""What a report holds: findings, what they rest on, and the reports of the worst, within the size that it may have."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from wideberth.incidents import Incidents
from wideberth.report import answer, drawn_tracks, encounter, evidence, finding, guided_replay
from wideberth.report.document import Document, finite
from wideberth.report.findings_table import (
    CONTEXTS,
    TRUSTS,
    VERDICTS,
    FindingsTable,
    packed,
    rows_as_text,
)
from wideberth.tracks import REASONS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from wideberth.encounters import Encounters
    from wideberth.report.guided import Guided
    from wideberth.tracks import Tracks

FINDINGS = ("broken", "excused", "unknown")


@dataclass(frozen=True)
class Room:
    """How much a report holds.

    Attributes:
        rows: findings one by one, the worst first; the others are counted in cells.
        details: of them, findings with all reports around them.
        points: of the ways of aircraft on the map.
    """

    rows: int = 100_000
    details: int = 300
    points: int = 400_000

    def less(self) -> Room:
        """Return half of it."""
        return Room(max(self.rows // 2, 1), self.details // 2, self.points // 2)


@dataclass(frozen=True)
class Basis:
    """What a report is made of.

    Attributes:
        found: incidents or encounters.
        summary: what they rest on, as `report.summary` tells it.
        tracks: the reports of aircraft; None where they are not at hand.
        parties: whose an aircraft is, by its address; where it is not told, findings tell.
        statements: what parties said of a finding in a ledger, by its id: ``at``, ``by``, ``kind``, ``text``.
        guidance: what guidance would have told of a finding, by its id.
        made: when the report is made.
        is_embedded: the map alone is shown, as in a notebook.
    """

    found: Incidents | Encounters
    summary: Mapping[str, Any]
    tracks: Tracks | None = None
    parties: Mapping[str, str] = field(default_factory=dict)
    statements: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    guidance: Mapping[str, Guided] = field(default_factory=dict)
    made: datetime = field(default_factory=lambda: datetime.now(UTC))
    is_embedded: bool = False


def document(basis: Basis, room: Room) -> Document:
    """Return the document of a report."""
    from wideberth import __version__

    made = Document()
    findings = FindingsTable(basis.found)
    summary = basis.summary
    rules = [_rule(each) for each in summary["rules"]]
    parties = list(summary.get("parties", ()))
    n = min(len(findings), room.details)
    rows = _rows(findings, n)
    recorded = _recorded(basis, findings)
    told, rest = packed(
        made,
        findings,
        [each["id"] for each in rules],
        parties,
        room.rows,
        {name: len(said) for name, said in basis.statements.items()},
    )
    made.manifest |= {
        "embedded": basis.is_embedded,
        "kind": "encounters" if findings.are_encounters else "incidents",
        "title": summary["agreement"],
        "made": {"at": f"{basis.made:%Y-%m-%dT%H:%M:%SZ}", "by": f"wideberth {__version__}"},
        "recorded": recorded,
        "answer": _answer(basis, findings, recorded),
        "agreement": _agreement(summary),
        "rules": rules,
        "parties": parties,
        "places": summary.get("places", []),
        "sides": summary.get("sides", []),
        "verdicts": VERDICTS,
        "trusts": TRUSTS,
        "contexts": CONTEXTS,
        "findings": told,
        "rest": rest,
        "rates": [_finite(row) for row in summary.get("rates", ())],
        "days": [_finite(row) for row in summary.get("days", ())],
        "rule_days": [_finite(row) for row in summary.get("rule_days", ())],
        "coverage": None if basis.tracks is None else evidence.coverage(made, basis.tracks),
        "sources": _sources(basis.tracks),
        "cleaning": _cleaning(summary.get("cleaning")),
        "notices": [*summary.get("notices", ()), *(each["sentence"] for each in summary.get("remarks", ()))],
    }
    left_out = _left_out(len(findings), told["n"], n, basis.tracks is not None)
    made.manifest["tracks"] = None
    if basis.tracks is not None and len(basis.tracks):
        pairs = zip(findings.texts("icao24_a"), findings.texts("icao24_b"), strict=True)
        wanted = [each for pair in pairs for each in pair]
        number = {name: k for k, name in enumerate(parties)}
        drawn, left = drawn_tracks.packed(
            made,
            basis.tracks,
            _party_of(findings, basis.parties, number),
            [each for each in wanted if each is not None],
            room.points,
        )
        made.manifest["tracks"] = drawn
        left_out += left
    made.manifest["left_out"] = left_out
    made.manifest["details"] = list(_details(made, basis, findings, rows, rules, parties))
    return made


def _rows(findings: FindingsTable, n: int) -> list[dict[str, Any]]:
    """Return the first n as plain data, as `explain` takes them."""
    if findings.are_encounters:
        return rows_as_text(findings, n)
    rows = list(Incidents(findings.table.slice(0, n)).records())
    for row in rows:
        for name in ("source_file", "source_file_b"):
            if name in row:
                row[name] = evidence.without_folders(row[name])
    return rows


def _rule(each: Mapping[str, Any]) -> dict[str, Any]:
    names = (
        "sentence",
        "parties",
        "horizontal_m",
        "vertical_ft",
        "verdicts",
        "aircraft",
        "flights",
        "pledge",
    )
    told = {name: each.get(name) for name in names}
    hours = {name: finite(each.get(name), 2) for name in ("hours", "hours_not_heard")}
    return {"id": each["rule"], "kind": each["kind"], **told, **hours}


def _finite(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: finite(value) if isinstance(value, float) else value for name, value in row.items()}


def _agreement(summary: Mapping[str, Any]) -> dict[str, Any] | None:
    if not summary.get("sentences"):
        return None
    return {
        "name": summary["agreement"],
        "digest": summary.get("digest", ""),
        "sentences": [list(each) for each in summary["sentences"]],
    }


def _recorded(basis: Basis, findings: FindingsTable) -> list[float] | None:
    """Return when the recording begins and ends; of findings alone, when they do."""
    if basis.tracks is not None and len(basis.tracks):
        t_us = basis.tracks.t_us
        return [int(t_us.min()) / 1000.0, int(t_us.max()) / 1000.0]
    if basis.summary.get("recorded"):
        return [1000.0 * datetime.fromisoformat(each).timestamp() for each in basis.summary["recorded"]]
    if not len(findings):
        return None
    return [float(np.nanmin(findings.times_ms("t_in"))), float(np.nanmax(findings.times_ms("t_out")))]


def _answer(basis: Basis, findings: FindingsTable, recorded: list[float] | None) -> list[str]:
    trusts = findings.texts("trust")
    if findings.are_encounters:
        contexts = findings.texts("context")
        surprising = sum(
            trust == "credible" and context == "none" for trust, context in zip(trusts, contexts, strict=True)
        )
        period = None
        if recorded is not None:
            period = [datetime.fromtimestamp(each / 1000.0, UTC).isoformat() for each in recorded]
        counts = dict(Counter(each for each in trusts if each))
        of_context = dict(Counter(each for each in contexts if each))
        return answer.of_encounters(
            basis.summary, period, rows_as_text(findings, 1), counts, of_context, surprising
        )
    verdicts = findings.texts("verdict")
    counts = dict(
        Counter(
            trust for trust, verdict in zip(trusts, verdicts, strict=True) if trust and verdict in FINDINGS
        )
    )
    return answer.of_incidents(basis.summary, _worst(findings), counts)


def _worst(findings: FindingsTable) -> dict[str, dict[str, Any]]:
    """Return by rule the finding that is told of: the deepest that is not doubted, of two aircraft the nearest."""
    rules, kinds = findings.texts("rule"), findings.texts("kind")
    is_finding = np.array([each in FINDINGS for each in findings.texts("verdict")], np.bool_)
    depth, retained = findings.numbers("magnitude"), findings.numbers("retained")
    doubt = np.array([TRUSTS.index(each) if each in TRUSTS else 0 for each in findings.texts("trust")])
    much = np.where(
        [each == "apart" for each in kinds], -np.nan_to_num(retained, nan=9.0), np.nan_to_num(depth)
    )
    is_told = np.array([each in ("broken", "excused") for each in findings.texts("verdict")], np.bool_)
    chosen: dict[str, int] = {}
    for k in np.lexsort((-much, doubt, ~is_told, ~is_finding)).tolist():
        rule = rules[k]
        if rule is not None and (is_finding[k] or kinds[k] == "pledges"):
            chosen.setdefault(rule, k)
    return {
        rule: {
            name: findings.table[name][k].as_py()
            for name in ("sentence", "icao24_a", "icao24_b", "callsign_a", "callsign_b")
        }
        for rule, k in chosen.items()
    }


def _party_of(
    findings: FindingsTable, parties: Mapping[str, str], number: Mapping[str, int]
) -> dict[str, int]:
    found = {address: number[party] for address, party in parties.items() if party in number}
    for side, name in (("a", "party"), ("b", "party_b")):
        for address, party in zip(findings.texts(f"icao24_{side}"), findings.texts(name), strict=True):
            if address is not None and party is not None and party in number:
                found.setdefault(address, number[party])
    return found


def _sources(tracks: Tracks | None) -> list[dict[str, Any]]:
    if tracks is None or "source_file" not in tracks.table.column_names or not len(tracks):
        return []
    codes, names = tracks.codes("source_file")
    counts = np.bincount(codes[codes >= 0], minlength=len(names)).tolist()
    return [
        {"name": evidence.without_folders(name), "rows": count}
        for name, count in zip(names, counts, strict=True)
        if count
    ]


def _cleaning(cleaning: Mapping[str, Any] | None) -> list[str]:
    if not cleaning:
        return []
    said = [f"{cleaning['rows_read']:,} rows were read, {cleaning['rows_kept']:,} are used."]
    for name, count in cleaning.get("set_aside", {}).items():
        said.append(f"{count:,} set aside: {REASONS.get(name, name)}.")
    for each in cleaning.get("blanked", ()):
        why = REASONS.get(each["reason"], each["reason"])
        said.append(f"{each['count']:,} values of {each['column']} made unknown: {why}.")
    for each in cleaning.get("rejected", ()):
        said.append(f"{each['source']}: {each['count']:,} not read: {each['reason']}.")
    if cleaning.get("on_ground"):
        said.append(
            f"{cleaning['on_ground']:,} are used that say the aircraft was on the ground: no motion is taken from them."
        )
    if cleaning.get("breaks"):
        said.append(
            f"{cleaning['breaks']:,} places where no possible motion joins two samples: nothing is drawn across."
        )
    for each in cleaning.get("lags", ()):
        said.append(
            f"{each['file_b']} is {each['lag_s']:+.1f} s behind {each['file_a']}, by {each['aircraft']:,} aircraft "
            "heard in both."
        )
    return said


def _left_out(number: int, rows: int, details: int, has_tracks: bool) -> list[str]:
    said = []
    if rows < number:
        said.append(
            f"{number - rows:,} of {number:,} findings, the lowest in rank, are only in the charts and the heat layer."
        )
    if has_tracks and details < number:
        said.append(
            f"Reports of aircraft are in this file for the {details:,} findings that rank first; 'wideberth explain ID "
            "FOLDER --tracks FILES' shows those of any other."
        )
    if not has_tracks and number:
        said.append(
            "No tracks were given, so no reports are in this file: 'wideberth report … --tracks FILES' adds them."
        )
    return said


def _details(
    made: Document,
    basis: Basis,
    findings: FindingsTable,
    rows: Sequence[Mapping[str, Any]],
    rules: Sequence[Mapping[str, Any]],
    parties: Sequence[str],
) -> Iterator[dict[str, Any]]:
    """Yield of each of the first findings what is told of it, and the reports around it."""
    terms = finding.Terms(
        name=basis.summary["agreement"],
        rules={each["id"]: each["sentence"] or "" for each in rules},
        permissions=dict(basis.summary.get("permissions", {})),
    )
    by_id = {each["id"]: each for each in rules}
    number = {name: k for k, name in enumerate(parties)}
    t_in_ms, t_out_ms, worst_ms = findings.times_ms("t_in"), findings.times_ms("t_out"), findings.when_ms()
    guided = 0
    for k, row in enumerate(rows):
        if findings.are_encounters:
            told, rule = encounter.explain(row), rules[0]
        else:
            told, rule = finding.explain(row, terms), by_id.get(row["rule"], {})
        detail: dict[str, Any] = {
            "row": k,
            "told": [[about, list(sentences)] for about, sentences in told],
            "minima": None,
            "aircraft": [],
            "statements": [dict(each) for each in basis.statements.get(row["id"], ())],
            "guidance": None,
        }
        if rule.get("horizontal_m"):
            detail["minima"] = {name: rule[name] for name in ("horizontal_m", "vertical_ft")}
        addresses = [row[name] for name in ("icao24_a", "icao24_b") if row.get(name)]
        if basis.tracks is not None and len(basis.tracks) and addresses:
            detail |= evidence.packed(
                made,
                basis.tracks,
                addresses,
                [row.get(name) for name in ("callsign_a", "callsign_b")],
                [number.get(row.get(name, ""), -1) for name in ("party", "party_b")],
                t_in_ms[k],
                t_out_ms[k],
                worst_ms[k],
            )
        if row["id"] in basis.guidance:
            guided += 1
            detail["guidance"] = {"told": basis.guidance[row["id"]].told, "lines": []}
            if basis.tracks is not None and guided <= guided_replay.MOST:
                config = basis.guidance[row["id"]].config
                detail["guidance"]["lines"] = guided_replay.lines(basis.tracks, row, config)
        yield detail

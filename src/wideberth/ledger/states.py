"""Where findings and reports stand: as last judged, and what the parties said of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wideberth.ledger.records import Record


@dataclass(frozen=True)
class Statement:
    """What a party said.

    Attributes:
        party: who.
        says: "acknowledged", "disputed" or "explained".
        text: in its own words; may be empty.
        written: when, UTC, RFC 3339.
        seq: number of the record.
        is_signed: whether it carries a signature of the party; verification tells whether it holds.
        is_about_latest: False where the finding was revised since.
    """

    party: str
    says: str
    text: str
    written: str
    seq: int
    is_signed: bool
    is_about_latest: bool


@dataclass(frozen=True)
class State:
    """Where an incident stands.

    Attributes:
        id: of the finding or report.
        kind: "finding" or "report".
        latest: the finding as last judged, or the report.
        seq: number of the record that holds it.
        first_written: when it was first recorded, UTC, RFC 3339.
        written: when ``latest`` was.
        revisions: how often it was revised.
        statements: all that was said of it, in order.
    """

    id: str
    kind: str
    latest: dict[str, Any]
    seq: int
    first_written: str
    written: str
    revisions: int
    statements: tuple[Statement, ...]

    @property
    def by_party(self) -> dict[str, Statement]:
        """What each party said last."""
        return {each.party: each for each in self.statements}

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON would hold it."""
        return {
            "id": self.id,
            "kind": self.kind,
            "seq": self.seq,
            "first_written": self.first_written,
            "written": self.written,
            "revisions": self.revisions,
            "latest": self.latest,
            "statements": [vars(each) for each in self.statements],
        }


def states_of(found: Iterable[Record]) -> list[State]:
    """Return where each finding and report among some records stands, in the order they were first recorded."""
    things: dict[str, list[Record]] = {}
    said: dict[str, list[Record]] = {}
    for record in found:
        if record.about is not None:
            (said if record.kind == "statement" else things).setdefault(record.about, []).append(record)
    states = []
    for name, versions in things.items():
        first, latest = versions[0], versions[-1]
        statements = tuple(
            Statement(
                party=each.body["party"],
                says=each.body["says"],
                text=each.body["text"],
                written=each.written,
                seq=each.seq,
                is_signed=each.body["party"] in each.signatures,
                is_about_latest=each.body["record"] == latest.hash,
            )
            for each in said.get(name, ())
        )
        states.append(
            State(
                id=name,
                kind=first.kind,
                latest=latest.body if first.kind == "report" else latest.body["finding"],
                seq=latest.seq,
                first_written=first.written,
                written=latest.written,
                revisions=len(versions) - 1,
                statements=statements,
            )
        )
    return states

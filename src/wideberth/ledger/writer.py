"""Appending records: each to the end of the chain, within one transaction that has the ledger to itself."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, insert, select

from wideberth.errors import LedgerError
from wideberth.ledger import records as forms
from wideberth.ledger.canonical import canonical
from wideberth.ledger.findings import told
from wideberth.ledger.records import Head
from wideberth.ledger.rows import RECORDS, Row, checked_text, head_of, record_of, rows

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from sqlalchemy.engine import Connection

    from wideberth.ledger.records import Record
    from wideberth.ledger.signing import Signer
    from wideberth.ledger.versions import Version

_THINGS = ("finding", "revision", "report")  # kinds that something can be said about
_AT_ONCE = 500  # ids in one query; SQLite once allowed no more than 999 parameters


@dataclass(frozen=True)
class Added:
    """What came of adding.

    Attributes:
        added: new records, revisions apart.
        revised: findings that were there and differ now.
        unchanged: what was there already and added nothing.
        head: the end of the chain after it; to be noted elsewhere.
        other_versions: where something was added, the findings under the same rules that are in the ledger by other
            versions of the agreement.
    """

    added: int
    revised: int
    unchanged: int
    head: Head
    other_versions: tuple[Version, ...] = ()


@dataclass
class Writer:
    """Appends records.

    Attributes:
        connection: in a transaction that has the ledger to itself.
        sign: signs each record; None: nobody does.
        unchanged: how often there was nothing to append.
        keys: party → the public key that the ledger knows of it.

    Raises:
        LedgerError: the key that is to sign is not the one that the ledger knows of the party.
    """

    connection: Connection
    sign: Signer | None
    unchanged: int = 0
    keys: dict[str, str] = field(default_factory=dict)
    _added: Counter[str] = field(default_factory=Counter)
    _rows: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._head = head_of(self.connection)
        self._written = forms.now()
        wanted = select(RECORDS).where(RECORDS.c.kind == "key").order_by(RECORDS.c.seq)
        for row in rows(self.connection, wanted):
            body = record_of(row).body
            self.keys[body["party"]] = body["public_key"]
        if self.sign is None:
            return
        known = self.keys.get(self.sign.party)
        if known is None:
            raise LedgerError(
                f"no key of '{self.sign.party}' is known to the ledger. First: "
                f"wideberth ledger add --key KEY.pub.pem --party '{self.sign.party}'"
            )
        if known != self.sign.public_key:
            raise LedgerError(f"the key given is not the one that the ledger knows of '{self.sign.party}'.")

    def latest(self, ids: set[str]) -> dict[str, Row]:
        """Return, by id, the row of the latest finding or of the report."""
        found = {}
        names = sorted(each for each in ids if not forms.wrong_name("the id", each))
        for begin in range(0, len(names), _AT_ONCE):
            newest = (
                select(func.max(RECORDS.c.seq))
                .where(RECORDS.c.about.in_(names[begin : begin + _AT_ONCE]), RECORDS.c.kind.in_(_THINGS))
                .group_by(RECORDS.c.about)
            )
            for row in rows(self.connection, select(RECORDS).where(RECORDS.c.seq.in_(newest))):
                found[str(row.about)] = row
        return found

    def last_statement(self, about: str, party: str) -> Record | None:
        """Return what a party said last about something."""
        wanted = select(RECORDS).where(RECORDS.c.about == about, RECORDS.c.kind == "statement")
        said = [record_of(row) for row in rows(self.connection, wanted.order_by(RECORDS.c.seq))]
        return next((each for each in reversed(said) if each.body["party"] == party), None)

    def by_other_versions(self, rules: Collection[str], now: Collection[str]) -> Iterator[dict[str, Any]]:
        """Yield the latest findings under some rules that name an agreement, none of those in ``now``.

        A record that does not hold is passed over: `verify` names it.
        """
        wanted = select(RECORDS).where(
            RECORDS.c.kind.in_(("finding", "revision")), RECORDS.c.text.contains('"agreement":"')
        )
        for each in now:  # canonical JSON: so most rows need not be parsed
            wanted = wanted.where(~RECORDS.c.text.contains(f'"agreement":"{each}"', autoescape=True))
        latest: dict[str, dict[str, Any]] = {}
        for row in rows(self.connection, wanted.order_by(RECORDS.c.seq)):
            try:
                finding = json.loads(checked_text(row))["body"]["finding"]
                if finding["rule"] in rules and finding["agreement"] not in now:
                    latest[str(row.about)] = finding
            except (LedgerError, LookupError, TypeError, ValueError):
                continue
        yield from latest.values()

    def append(self, kind: str, body: str, about: str | None) -> Row:
        """Add a record with this canonical body."""
        seq = (self._head.seq or 0) + 1
        place = (kind, self._head.hash, seq, self._written)
        signatures = {}
        if self.sign is not None:
            signatures[self.sign.party] = self.sign.sign(forms.signed_part(body, *place))
        text, digest = forms.composed(body, *place, signatures)
        row = Row(seq, digest, kind, about, text)
        self._rows.append(row._asdict())
        self._added[kind] += 1
        self._head = Head(seq, digest)
        return row

    def done(self) -> Added:
        """Write what was appended; the transaction is not committed yet."""
        if self._rows:
            self.connection.execute(insert(RECORDS), self._rows)
        revised = self._added.pop("revision", 0)
        return Added(self._added.total(), revised, self.unchanged, self._head)


def canonical_finding(position: int, finding: Mapping[str, Any]) -> tuple[str, str]:
    """Return a finding's id and its canonical form.

    Args:
        position: among those that are given, from 1, for messages.
        finding: as it was given.
    Raises:
        LedgerError: it cannot be recorded.
    """
    if not isinstance(finding, dict):
        raise LedgerError(f"finding {position:,} is not a JSON object but a {type(finding).__name__}.")
    if wrong := forms.wrong_name("the id", finding.get("id")):
        raise LedgerError(f"finding {position:,}: {wrong}.")
    name = finding["id"]
    return name, canonical(finding, f"finding '{name}'", levels_above=2)


def canonical_body(kind: str, body: dict[str, Any]) -> str:
    """Return a body as canonical JSON, if a reader of the ledger will take it: what is written stays for ever.

    Raises:
        LedgerError: no reader will.
    """
    if wrong := forms.wrong_body(kind, body):
        raise LedgerError(f"the {kind} cannot be recorded: {wrong}.")
    return canonical(body, f"the {kind}", levels_above=1)


def tells_the_same(row: Row, finding: str) -> bool:
    """Tell whether a record of a finding holds this canonical one, whatever file its evidence stands in.

    Raises:
        LedgerError: the record does not hold.
    """
    if isinstance(row.text, str) and row.text.startswith(finding, len('{"body":{"finding":')):
        return True  # to the letter, so nothing has to be parsed: the commonest case
    before = record_of(row).body["finding"]
    return canonical(told(before)) == canonical(told(json.loads(finding)))

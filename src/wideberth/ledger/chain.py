"""Verification: every record in its place, unchanged, referring to what is there, signed as it says.

The same walk serves a database and an export.  It stops at the first bad record, since what follows
one cannot be relied on.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from wideberth.errors import LedgerError
from wideberth.ledger.records import EMPTY, GENESIS, Head, Record, report_id
from wideberth.ledger.signing import is_public_key, is_signed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True)
class BadRecord:
    """The first thing that is wrong.

    Attributes:
        seq: number of the record, as it should be; one more than the last where the end is wrong.
        what: is wrong, a sentence without its full stop.
        line: of the export, from 1; None in a database.
    """

    seq: int
    what: str
    line: int | None = None

    def __str__(self) -> str:
        line = "" if self.line is None else f" (line {self.line:,})"
        return f"record {self.seq:,}{line}: {self.what}"


@dataclass(frozen=True)
class Verification:
    """What a verification found.

    Attributes:
        head: the last record that holds, of all from the first.
        bad: the first record that does not hold; None where all do.
        unproven: how many records at the end rest on nothing noted elsewhere: whoever can write could have
            cut records off there and put others in their place.  All of them without a head or digest.
        signatures: how many hold, by party.
        unsigned: numbers of the statements, by parties with a known key, that they did not sign.
        sha256: of the whole file, if an export was read to its end.
        fault: what the database itself finds wrong beside the records, which hold; None where nothing.
    """

    head: Head
    bad: BadRecord | None
    unproven: int
    signatures: dict[str, int]
    unsigned: tuple[int, ...]
    sha256: str | None = None
    fault: str | None = None

    @property
    def records(self) -> int:
        """How many records hold, from the first."""
        return self.head.seq or 0

    @property
    def is_good(self) -> bool:
        """Whether no record is bad, and nothing else is wrong."""
        return self.bad is None and self.fault is None

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON would hold it."""
        return {
            "good": self.is_good,
            "records": self.records,
            "head": str(self.head),
            "bad": None
            if self.bad is None
            else {"record": self.bad.seq, "line": self.bad.line, "what": self.bad.what},
            "unproven": self.unproven,
            "signatures": self.signatures,
            "unsigned": list(self.unsigned),
            "sha256": self.sha256,
            "fault": self.fault,
        }


@dataclass
class Chain:
    """Walks records in order and remembers what later ones are checked against.

    Attributes:
        noted: a head noted elsewhere, which some record must have.
        given: party → public keys that are known by another way than the ledger.
        head: the last record that holds.
    """

    noted: Head | None = None
    given: Mapping[str, Sequence[str]] = field(default_factory=dict)
    head: Head = EMPTY
    _proven: int | None = None
    _latest: dict[str, str] = field(default_factory=dict)
    _reports: set[str] = field(default_factory=set)
    _keys: dict[str, str] = field(default_factory=dict)
    _signatures: Counter[str] = field(default_factory=Counter)
    _unsigned: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._note()

    @property
    def next_seq(self) -> int:
        """The number that the next record must have."""
        return (self.head.seq or 0) + 1

    def take(self, text: str, columns: Mapping[str, Any] | None = None) -> Record:
        """Check the next record.

        Args:
            text: its canonical form.
            columns: what a database says beside the text, by name; it must agree.
        Raises:
            LedgerError: it does not hold.  The message completes "record 5: …".
        """
        record = Record.parse(text)
        self._check_place(record)
        for name, value in (columns or {}).items():
            if value != getattr(record, name):
                raise LedgerError(f"its column '{name}' says {value!a}, which is not what its text says")
        self._check_references(record)
        self._check_signatures(record)
        self._remember(record)
        return record

    def end(self) -> None:
        """Check that the noted head was met.

        Raises:
            LedgerError: it was not; the message completes "record 5: …".
        """
        if self.noted is None or self._proven is not None:
            return
        if self.noted.seq is not None and self.noted.seq >= self.next_seq:
            raise LedgerError(
                f"it is missing: the head given is that of record {self.noted.seq:,}, the end was cut off"
            )
        raise LedgerError(
            "no record has the hash of the head given: records were cut off or replaced, or it is of another ledger"
        )

    def verification(
        self,
        bad: BadRecord | None = None,
        *,
        is_end_proven: bool = False,
        sha256: str | None = None,
        fault: str | None = None,
    ) -> Verification:
        """Return what was found so far."""
        seq = self.head.seq or 0
        return Verification(
            head=self.head,
            bad=bad,
            unproven=0 if is_end_proven else seq - (self._proven or 0),
            signatures=dict(sorted(self._signatures.items())),
            unsigned=tuple(self._unsigned),
            sha256=sha256,
            fault=fault,
        )

    def _check_place(self, record: Record) -> None:
        if record.seq != self.next_seq:
            raise LedgerError(
                f"number {record.seq:,} stands in its place: records were removed, added or reordered"
            )
        if record.previous != self.head.hash:
            before = (
                "it is the first" if self.head.hash == GENESIS else f"record {self.head.seq:,} is another"
            )
            raise LedgerError(
                f"it does not follow the record before it ({before}): one of the two was replaced"
            )
        if self.noted is not None and self.noted.seq == record.seq and self.noted.hash != record.hash:
            raise LedgerError("it is not the one whose hash was noted: it, or one before it, was replaced")

    def _check_references(self, record: Record) -> None:
        body, name = record.body, record.about
        latest = None if name is None else self._latest.get(name)
        if record.kind == "finding" and latest is not None:
            raise LedgerError(f"'{name}' is recorded already, so this must be a revision")
        if record.kind == "revision" and (
            name in self._reports or latest is None or body["revises"] != latest
        ):
            raise LedgerError(f"it does not revise the latest finding '{name}'")
        if record.kind == "statement" and (latest is None or body["record"] != latest):
            raise LedgerError(f"it is not about the latest record of '{name}'")
        if record.kind == "report" and (latest is not None or name != report_id(body)):
            raise LedgerError("its id is not that of its content, or it is there twice")
        if record.kind == "key":
            self._check_key(record)

    def _check_key(self, record: Record) -> None:
        party, key = record.body["party"], record.body["public_key"]
        if not is_public_key(key):
            raise LedgerError("it holds no Ed25519 public key")
        if party in self._keys and party not in record.signatures:
            raise LedgerError(f"another key of '{party}', not signed with the key before it")
        if party in self.given and key not in self.given[party]:
            raise LedgerError(f"the key of '{party}' is not the one given")

    def _check_signatures(self, record: Record) -> None:
        for party, signature in record.signatures.items():
            known = [self._keys[party]] if party in self._keys else self.given.get(party, ())
            if not known:
                raise LedgerError(f"signed by '{party}', whose key no record before it gives")
            if not any(is_signed(record.signed_part, signature, key) for key in known):
                raise LedgerError(f"the signature of '{party}' is not by its key over this content")

    def _remember(self, record: Record) -> None:
        self.head = Head(record.seq, record.hash)
        self._note()
        self._signatures.update(record.signatures.keys())
        if record.kind == "key":
            self._keys[record.body["party"]] = record.body["public_key"]
        elif record.kind == "statement":
            party = record.body["party"]
            if (party in self._keys or party in self.given) and party not in record.signatures:
                self._unsigned.append(record.seq)
        elif record.about is not None:
            self._latest[record.about] = record.hash
            if record.kind == "report":
                self._reports.add(record.about)

    def _note(self) -> None:
        if (
            self.noted is not None
            and self.noted.hash == self.head.hash
            and self.noted.seq in (None, self.head.seq)
        ):
            self._proven = self.head.seq

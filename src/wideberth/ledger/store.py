"""The ledger: findings, what the parties say of them, and manual reports, in the order they came.

Nothing is edited.  A finding that was judged again and differs is recorded as a revision beside the
first; one that does not differ adds nothing.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import false, select

from wideberth.errors import LedgerError, UsageError
from wideberth.ledger import records as forms
from wideberth.ledger.bundle import Exported, write_bundle
from wideberth.ledger.canonical import canonical
from wideberth.ledger.chain import BadRecord, Chain, Verification
from wideberth.ledger.database import database, is_database
from wideberth.ledger.records import KINDS, SAYS
from wideberth.ledger.rows import RECORDS, checked_text, head_of, record_of, rows
from wideberth.ledger.signing import is_public_key
from wideberth.ledger.states import states_of
from wideberth.ledger.versions import others
from wideberth.ledger.writer import Writer, canonical_body, canonical_finding, tells_the_same

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement

    from wideberth.ledger.records import Head, Record
    from wideberth.ledger.signing import Signer
    from wideberth.ledger.states import State
    from wideberth.ledger.versions import Version
    from wideberth.ledger.writer import Added

_PAGE = 1000  # records in memory at a time
_MOST = 2**63 - 1  # the largest number that both databases know


class Ledger:
    """An append-only record of findings, statements and reports.

    Nothing is opened before it is used, and reading never creates a ledger.  May be used by several threads and
    by several programs at once; writers wait for each other.  As a context manager it closes itself.

    Args:
        where: path of a SQLite file, or postgresql://user@host:5432/database.
    Raises:
        LedgerError: a URL of no database that is known.
        MissingExtraError: PostgreSQL without its driver.
    """

    def __init__(self, where: str | Path) -> None:
        self._database = database(where)

    def __repr__(self) -> str:
        return f"Ledger('{self._database}')"

    def __enter__(self) -> Ledger:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close what is open; the ledger may be used again afterwards."""
        self._database.close()

    # Writing

    def add(self, findings: Iterable[Mapping[str, Any]], *, sign: Signer | None = None) -> Added:
        """Record findings: all of them or, if anything goes wrong, none.

        An id that is new gives a record of kind "finding"; one whose latest finding differs, compared as
        canonical JSON without its evidence (``source_…``), a "revision" that names the record it revises; one
        that does not differ, nothing.
        A ledger that is not there is made.

        Args:
            findings: values that JSON can hold, rounded, each with an "id" that is a text.
            sign: signs each record that is added.
        Raises:
            LedgerError: a finding that cannot be recorded, or a ledger that cannot be written.
        """
        given = [canonical_finding(position, finding) for position, finding in enumerate(findings, start=1)]
        with self._database.writing(create=True) as connection:
            writer = Writer(connection, sign)
            latest = writer.latest({name for name, _ in given})
            for name, finding in given:
                before = latest.get(name)
                if before is None:
                    text = writer.append("finding", f'{{"finding":{finding}}}', name)
                elif before.kind == "report":
                    raise LedgerError(f"'{name}' is the id of a report. A finding needs one of its own.")
                elif tells_the_same(before, finding):
                    writer.unchanged += 1
                    continue
                else:
                    revised = record_of(before).hash
                    text = writer.append("revision", f'{{"finding":{finding},"revises":"{revised}"}}', name)
                latest[name] = text
            done = writer.done()
            return replace(done, other_versions=_other_versions(writer, given)) if done.added else done

    def say(self, about: str, party: str, says: str, text: str = "", *, sign: Signer | None = None) -> Added:
        """Record what a party says about a finding or a report, as it stands now.

        The same said again about the same record adds nothing.

        Args:
            about: id of the finding or report.
            party: who says it.
            says: "acknowledged", "disputed" or "explained".
            text: in its own words.
            sign: the party's key.
        Raises:
            LedgerError: nothing has this id, or the ledger cannot be written.
            UsageError: another word, a party without a name, or somebody else's key.
        """
        if says not in SAYS:
            raise UsageError(f"'{says}' is not what a party can say. Known: {', '.join(SAYS)}.")
        _check_party(party, sign)
        with self._database.writing(create=False) as connection:
            writer = Writer(connection, sign)
            latest = writer.latest({about}).get(about)
            if latest is None:
                raise LedgerError(
                    f"nothing in the ledger has the id '{about}'. 'wideberth ledger state' lists what there is."
                )
            body = {
                "about": about,
                "party": party,
                "record": record_of(latest).hash,
                "says": says,
                "text": text,
            }
            last = writer.last_statement(about, party)
            if last is not None and last.body == body and (sign is None or party in last.signatures):
                writer.unchanged += 1
            else:
                writer.append("statement", canonical_body("statement", body), about)
            return writer.done()

    def report(
        self,
        text: str,
        *,
        source: str | None = None,
        time: datetime | None = None,
        place: Mapping[str, Any] | None = None,
        party: str | None = None,
        file: Mapping[str, Any] | None = None,
        sign: Signer | None = None,
    ) -> tuple[Added, str]:
        """Record a manual report, such as a sighting or a radar plot; the same again adds nothing.

        A ledger that is not there is made.

        Args:
            text: what was seen.
            source: how, such as "sighting" or "radar plot".
            time: when, UTC.
            place: where: {"lon": …, "lat": …} in degrees, or {"name": …}.
            party: who reports.
            file: evidence that is kept elsewhere: {"name": …, "bytes": …, "sha256": …}.
            sign: the party's key.
        Returns:
            What came of it, and the id of the report, which follows from its content.
        Raises:
            LedgerError: it cannot be recorded.
            UsageError: it says nothing, or somebody else's key.
        """
        if not text.strip() and file is None:
            raise UsageError("a report that says nothing cannot be recorded.")
        if party is not None or sign is not None:
            _check_party(party, sign)
        given = {
            "file": None if file is None else dict(file),
            "party": party,
            "place": None if place is None else dict(place),
            "source": source,
            "text": text,
            "time": None if time is None else forms.written_text(time),
        }
        body = {name: value for name, value in given.items() if value is not None}
        name = body["id"] = forms.report_id(body)
        content = canonical_body("report", body)
        with self._database.writing(create=True) as connection:
            writer = Writer(connection, sign)
            if name in writer.latest({name}):
                writer.unchanged += 1
            else:
                writer.append("report", content, name)
            return writer.done(), name

    def add_key(self, party: str, public_key: str, *, sign: Signer | None = None) -> Added:
        """Make a party's public key known; the key that is known already adds nothing.

        A key that replaces another must be signed with the one before it.  A ledger that is not there is made.

        Args:
            party: whose key it is.
            public_key: from `load_public_key`.
            sign: the party's key up to now, where there is one.
        Raises:
            LedgerError: it is no Ed25519 key, or replaces one without its signature.
            UsageError: a party without a name, or somebody else's key.
        """
        _check_party(party, sign)
        if not is_public_key(public_key):
            raise LedgerError("that is not an Ed25519 public key.")
        with self._database.writing(create=True) as connection:
            writer = Writer(connection, sign)
            known = writer.keys.get(party)
            if known == public_key:
                writer.unchanged += 1
                return writer.done()
            if known is not None and sign is None:
                raise LedgerError(
                    f"'{party}' has a key already. One that replaces it must be signed with it: --sign KEY.pem."
                )
            writer.append("key", canonical({"party": party, "public_key": public_key}), None)
            return writer.done()

    # Reading

    def head(self) -> Head:
        """Return the end of the chain: to be noted elsewhere, since it fixes every record up to there."""
        with self._database.reading() as connection:
            return head_of(connection)

    def records(
        self, *, kind: str | None = None, about: str | None = None, last: int | None = None
    ) -> Iterator[Record]:
        """Give records in order.

        They are those that are there when the first is asked for.  Nothing is held open between one and the
        next, so the ledger can be written meanwhile.

        Args:
            kind: only of this kind.
            about: only those that are, or speak of, the finding or report with this id.
            last: only so many, the last ones.
        Raises:
            LedgerError: the ledger cannot be read, or a record in it does not hold.
            UsageError: there is no such kind, or fewer than none are wanted.
        """
        if kind is not None and kind not in KINDS:
            raise UsageError(f"there are no records of kind '{kind}'. Known: {', '.join(KINDS)}.")
        if last is not None and last < 0:
            raise UsageError(f"{last} records cannot be given.")
        wanted = select(RECORDS).order_by(RECORDS.c.seq).limit(_PAGE)
        newest = select(RECORDS.c.seq).order_by(RECORDS.c.seq.desc()).limit(1)
        for column, value in ((RECORDS.c.kind, kind), (RECORDS.c.about, about)):
            if value is not None:
                matches = false() if forms.wrong_name("it", value) else column == value
                wanted, newest = wanted.where(matches), newest.where(matches)
        with self._database.reading() as connection:
            end = connection.scalar(newest)
            before = None if last is None else connection.scalar(newest.offset(min(last, _MOST)))
        if end is None:
            return
        # A row is never changed, so pages read one after another are what one query would have read.
        wanted = wanted.where(RECORDS.c.seq <= end)
        while True:
            following = wanted if before is None else wanted.where(RECORDS.c.seq > before)
            with self._database.reading() as connection:
                page = list(rows(connection, following))
            yield from map(record_of, page)
            if len(page) < _PAGE:
                return
            before = page[-1].seq

    def ids(self) -> list[str]:
        """Return the ids of all findings and reports, in the order they were first recorded.

        Raises:
            LedgerError: the ledger cannot be read.
        """
        wanted = (
            select(RECORDS.c.about).where(RECORDS.c.kind.in_(("finding", "report"))).order_by(RECORDS.c.seq)
        )
        with self._database.reading() as connection:
            return [str(each) for each in connection.scalars(wanted)]

    def parties(self) -> Iterator[str]:
        """Give the names of parties, each once, as records name them: in findings, statements, reports and keys.

        Raises:
            LedgerError: the ledger cannot be read.
        """
        given: set[str] = set()
        for record in self.records():
            told = record.body.get("finding", record.body)
            texts = [told.get(key) for key in ("party", "party_b")]
            for name in (name for text in texts if isinstance(text, str) for name in text.split(" / ")):
                if name not in given:
                    given.add(name)
                    yield name

    def find(self, name: str) -> list[Record]:
        """Return the records of a finding or report by its id; else the one with this number or hash.

        Raises:
            LedgerError: there is none, or the ledger cannot be read.
        """
        found = list(self.records(about=name))
        if found:
            return found
        matches: ColumnElement[bool] = false()
        if name.isascii() and name.isdigit() and len(name) < 19:
            matches = RECORDS.c.seq == int(name)
        elif name.isascii() and name.isalnum():
            matches = RECORDS.c.hash == name
        with self._database.reading() as connection:
            found = [record_of(row) for row in rows(connection, select(RECORDS).where(matches))]
        if not found:
            raise LedgerError(f"nothing in the ledger has the id, the number or the hash '{name}'.")
        return found

    def state(self) -> list[State]:
        """Return where each finding and each report stands, in the order they were first recorded."""
        return states_of(self.records())

    def state_of(self, id: str) -> State:
        """Return where one finding or report stands: as last judged, and what the parties said of it.

        Raises:
            LedgerError: nothing has this id, or the ledger cannot be read.
        """
        states = states_of(self.records(about=id))
        if not states:
            raise LedgerError(f"nothing in the ledger has the id '{id}'.")
        return states[0]

    def verify(
        self, *, head: Head | None = None, keys: Mapping[str, Sequence[str]] | None = None
    ) -> Verification:
        """Check every record, from the first; the first bad one is named, what follows it is not looked at.

        Args:
            head: noted elsewhere; without it nobody can tell whether the end was cut off.
            keys: party → public keys known by another way; see `load_public_key`.
        Raises:
            LedgerError: the ledger cannot be read to its end.
        """
        chain = Chain(head, keys or {})
        with self._database.reading() as connection:
            try:
                for row in rows(connection, select(RECORDS).order_by(RECORDS.c.seq)):
                    columns = row._asdict()
                    del columns["text"]
                    chain.take(checked_text(row), columns)
                chain.end()
            except LedgerError as error:
                return chain.verification(BadRecord(chain.next_seq, str(error)))
            return chain.verification(fault=self._database.fault(connection))

    def export(self, path: str | Path) -> Exported:
        """Write every record as a line of canonical JSON, and a last line that sums them up.

        The file is written whole or not at all.

        Returns:
            Among other things the digest of the file, to be kept elsewhere.
        Raises:
            LedgerError: the ledger cannot be read, or a record in it does not hold.
            UsageError: the file is the ledger itself, or another database.
            WriteError: the file cannot be written.
        """
        from wideberth.tables import whole_file

        if self._database.is_file(Path(path)):
            raise UsageError(f"'{path}' is the ledger itself. Give the export a name of its own.")
        if is_database(Path(path)):
            raise UsageError(
                f"'{path}' is a SQLite database, perhaps another ledger, and was left as it is. "
                "Give the export a name of its own."
            )
        with self._database.reading() as connection:
            texts = (checked_text(row) for row in rows(connection, select(RECORDS).order_by(RECORDS.c.seq)))
            with whole_file(Path(path)) as temporary, temporary.open("wb") as file:
                return write_bundle(texts, file)


def _other_versions(writer: Writer, given: Iterable[tuple[str, str]]) -> tuple[Version, ...]:
    """Return what the ledger holds under the rules of some findings by other versions of their agreement."""
    findings = [json.loads(finding) for _, finding in given]
    judged = [
        each
        for each in findings
        if isinstance(each.get("agreement"), str) and isinstance(each.get("rule"), str)
    ]
    now = {each["agreement"] for each in judged}
    if not now:
        return ()
    return tuple(others(judged, writer.by_other_versions({each["rule"] for each in judged}, now), now))


def _check_party(party: str | None, sign: Signer | None) -> None:
    if wrong := forms.wrong_name("the party", party):
        raise UsageError(f"{wrong}.")
    if sign is not None and sign.party != party:
        raise UsageError(f"the key is of '{sign.party}', and cannot sign what '{party}' says.")

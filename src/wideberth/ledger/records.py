"""A record: its canonical form, its hash, and what its body may hold.

A record is one JSON object with these members, and is stored as its canonical text:

    body        what is recorded, by kind; see `KINDS`
    hash        SHA-256, in lower-case hexadecimal, of the canonical text without this member
    kind        "finding", "revision", "statement", "report" or "key"
    previous    the hash of the record before it; 64 zeros in the first
    seq         1, 2, 3, …
    signatures  only where there are any: party → Ed25519 signature in base64
    written     UTC, RFC 3339 with microseconds; the order is that of ``seq``, whatever the clock did

A signature covers the canonical text of the record without ``hash`` and ``signatures``: so the body,
the kind, the place in the chain and the time.  The hash covers the signatures too, so that none can
be taken away.  Source: docs/ledger.md#record.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from wideberth.errors import LedgerError, UsageError
from wideberth.ledger.canonical import canonical, parse

if TYPE_CHECKING:
    from collections.abc import Mapping

FORMAT = 1  # of records, of the database and of an export
GENESIS = "0" * 64  # stands where the first record names the one before it
SAYS = ("acknowledged", "disputed", "explained")
LONGEST_NAME = 200  # characters of an id or of a party

# Members of the body by kind: type, and whether it must be there.
KINDS: Mapping[str, Mapping[str, tuple[type, bool]]] = {
    "finding": {"finding": (dict, True)},
    "revision": {"finding": (dict, True), "revises": (str, True)},
    "statement": {
        "about": (str, True),
        "party": (str, True),
        "record": (str, True),
        "says": (str, True),
        "text": (str, True),
    },
    "report": {
        "file": (dict, False),
        "id": (str, True),
        "party": (str, False),
        "place": (dict, False),
        "source": (str, False),
        "text": (str, True),
        "time": (str, False),
    },
    "key": {"party": (str, True), "public_key": (str, True)},
}

_SHA256 = re.compile(r"[0-9a-f]{64}")
_WRITTEN = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", re.ASCII)
_MEMBERS = {"body", "hash", "kind", "previous", "seq", "written"}
_ED25519_BYTES = 64


@dataclass(frozen=True)
class Head:
    """The end of a chain: what to note elsewhere, since it fixes every record up to there.

    Attributes:
        seq: number of the last record; 0 for an empty ledger, None where only the hash was noted.
        hash: of that record; 64 zeros for an empty ledger.
    """

    seq: int | None
    hash: str

    def __str__(self) -> str:
        return self.hash if self.seq is None else f"{self.seq}:{self.hash}"

    @classmethod
    def parse(cls, text: str) -> Head:
        """Read what `str` gives, or a hash alone.

        Raises:
            UsageError: it is neither.

        >>> Head.parse("12:" + "ab" * 32).seq
        12
        """
        seq, colon, digest = text.strip().lower().rpartition(":")
        if not is_sha256(digest) or (colon and not (seq.isascii() and seq.isdigit() and len(seq) < 19)):
            raise UsageError(
                f"'{text}' is not a head. Give what the ledger printed: a number, a colon and 64 hexadecimal "
                "digits, or the digits alone."
            )
        return cls(int(seq) if colon else None, digest)


EMPTY = Head(0, GENESIS)


@dataclass(frozen=True)
class Record:
    """One record; ``text`` is its canonical form, the rest is read from it.

    Attributes:
        seq: its place in the chain, from 1.
        kind: one of `KINDS`.
        written: when, UTC, RFC 3339 with microseconds.
        previous: hash of the record before it.
        body: what is recorded.
        hash: of the record.
        signatures: party → Ed25519 signature, base64.
        text: the canonical form; what is stored and exported.
    """

    seq: int
    kind: str
    written: str
    previous: str
    body: dict[str, Any]
    hash: str
    signatures: dict[str, str]
    text: str

    @property
    def about(self) -> str | None:
        """The id of the finding or the report that the record is or speaks of; None for a key."""
        return about(self.kind, self.body)

    @property
    def signed_part(self) -> bytes:
        """What a signature covers: the record without its hash and its signatures, canonical."""
        return signed_part(canonical(self.body), self.kind, self.previous, self.seq, self.written)

    @classmethod
    def parse(cls, text: str) -> Record:
        """Read a canonical text; its hash and its members are checked, its place in a chain is not.

        Raises:
            LedgerError: it is no record, or was changed.  The message completes "record 5: …".
        """
        value = parse(text)
        if not isinstance(value, dict):
            raise LedgerError("it is not a JSON object")
        has_signatures = "signatures" in value
        if set(value) - {"signatures"} != _MEMBERS:
            wrong = ", ".join(sorted((set(value) - {"signatures"}) ^ _MEMBERS))
            raise LedgerError(f"its members are not those of a record (missing, or not known: {wrong})")
        digest, signatures = value.pop("hash"), value.pop("signatures", {})
        if not isinstance(digest, str) or digest != hashlib.sha256(_without(text, digest)).hexdigest():
            raise LedgerError("its content does not match its hash: it was changed")
        if has_signatures and not (isinstance(signatures, dict) and signatures):
            raise LedgerError("its signatures are not a JSON object that names parties")
        record = cls(**value, hash=digest, signatures=signatures, text=text)
        if fault := _wrong(record):
            raise LedgerError(fault)
        return record

    def as_dict(self) -> dict[str, Any]:
        """Return the record as the value of its text."""
        value = {
            "seq": self.seq,
            "kind": self.kind,
            "written": self.written,
            "previous": self.previous,
            "body": self.body,
            "hash": self.hash,
        }
        return value | {"signatures": self.signatures} if self.signatures else value


def about(kind: str, body: Mapping[str, Any]) -> str | None:
    """Return the id of the finding or the report that a body is or speaks of."""
    if kind in ("finding", "revision"):
        return str(body["finding"]["id"])
    if kind == "report":
        return str(body["id"])
    return str(body["about"]) if kind == "statement" else None


def signed_part(body: str, kind: str, previous: str, seq: int, written: str) -> bytes:
    """Return the canonical bytes that a signature covers; ``body`` is canonical already."""
    return (
        f'{{"body":{body},"kind":"{kind}","previous":"{previous}","seq":{seq},"written":"{written}"}}'
    ).encode()


def composed(
    body: str, kind: str, previous: str, seq: int, written: str, signatures: Mapping[str, str]
) -> tuple[str, str]:
    """Return the canonical text of a record and its hash; ``body`` is canonical already.

    Members stand in the order of their names, and only the body and the signatures have to be put
    into canonical form: so a record costs one pass over its body.
    """
    signed = f'"signatures":{canonical(dict(signatures))},' if signatures else ""
    tail = f'"kind":"{kind}","previous":"{previous}","seq":{seq},{signed}"written":"{written}"}}'
    digest = hashlib.sha256(f'{{"body":{body},{tail}'.encode()).hexdigest()
    return f'{{"body":{body},"hash":"{digest}",{tail}', digest


def is_sha256(text: str) -> bool:
    """Tell whether a text is a SHA-256 as records write it: 64 hexadecimal digits in lower case."""
    return _SHA256.fullmatch(text) is not None


def now() -> str:
    """Return the present instant, UTC, RFC 3339 with microseconds."""
    return written_text(datetime.now(UTC))


def written_text(instant: datetime) -> str:
    """Return an instant as records write it: UTC, RFC 3339 with microseconds; without a zone it is UTC already."""
    utc = instant if instant.tzinfo is None else instant.astimezone(UTC)
    return f"{utc.replace(tzinfo=None).isoformat(timespec='microseconds')}Z"


def report_id(body: Mapping[str, Any]) -> str:
    """Return the id of a report: it follows from its content, so that none is recorded twice."""
    rest = {name: value for name, value in body.items() if name != "id"}
    return f"report-{hashlib.sha256(canonical(rest, 'the report').encode()).hexdigest()[:16]}"


def wrong_name(what: str, name: object) -> str | None:
    """Return what is wrong with an id or with the name of a party, or None."""
    if not isinstance(name, str) or not name:
        return f"{what} must be a text that is not empty, not {name!r}"
    if len(name) > LONGEST_NAME:
        return f"{what} has {len(name):,} characters; at most {LONGEST_NAME} are allowed"
    if not name.isprintable() or name != name.strip():
        return f"{what} {name!r} has spaces around it, or characters that cannot be printed"
    return None


def wrong_body(kind: str, body: Mapping[str, Any]) -> str | None:
    """Return what is wrong with the body of a record of this kind, or None."""
    described = KINDS[kind]
    for name, value in body.items():
        if name not in described:
            return f"a {kind} has no member '{name}'"
        if not isinstance(value, described[name][0]):
            return f"'{name}' is not of the right type"
    for name, (_, is_needed) in described.items():
        if is_needed and name not in body:
            return f"a {kind} needs the member '{name}'"
    if "finding" in body:
        return wrong_name("the id", body["finding"].get("id"))
    for name, what in (("party", "the party"), ("about", "the id"), ("id", "the id")):
        if name in body and (wrong := wrong_name(what, body[name])):
            return wrong
    if kind == "statement" and body["says"] not in SAYS:
        return f"a party says one of {', '.join(SAYS)}, not '{body['says']}'"
    return None


def _without(text: str, digest: str) -> bytes:
    """Return a canonical text without its hash.

    Cutting is quicker than a second pass over the body.  The last such member is the record's own:
    only signatures could follow with one, and those have another length.
    """
    member = f'"hash":"{digest}",'
    place = text.rfind(member)
    return (text if place < 0 else text[:place] + text[place + len(member) :]).encode("utf-8")


def _wrong(record: Record) -> str | None:
    """Return what is wrong with the members of a record whose hash is right, or None."""
    if not isinstance(record.kind, str) or record.kind not in KINDS:
        return f"its kind {record.kind!r} is not known to this version of wideberth"
    if type(record.seq) is not int or record.seq < 1:
        return f"its number is {record.seq!r}"
    if not isinstance(record.previous, str) or not is_sha256(record.previous):
        return "'previous' is not a hash"
    if not isinstance(record.written, str) or not _is_instant(record.written):
        return f"the time it was written is {record.written!r}"
    if not isinstance(record.body, dict):
        return "its body is not a JSON object"
    return wrong_body(record.kind, record.body) or _wrong_signatures(record.signatures)


def _wrong_signatures(signatures: Mapping[str, Any]) -> str | None:
    for party, signature in signatures.items():
        if (wrong := wrong_name("the party of a signature", party)) is not None:
            return wrong
        if not isinstance(signature, str) or decoded(signature, _ED25519_BYTES) is None:
            return f"the signature of '{party}' is not 64 bytes in base64"
    return None


def decoded(text: str, size: int) -> bytes | None:
    """Return the bytes of a base64 text; None unless it is the one text for so many bytes."""
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (ValueError, binascii.Error):
        return None
    # Unused bits at the end may not vary: one signature, one text.
    return data if len(data) == size and base64.b64encode(data).decode() == text else None


def _is_instant(text: str) -> bool:
    if not _WRITTEN.fullmatch(text):
        return False
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True

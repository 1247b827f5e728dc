"""An export: every record a line of canonical JSON, then a last line that sums them up.

    {"count":12,"head":"…","sha256":"…","wideberth_ledger":1}

``head`` is the hash of the last record, ``sha256`` that of all bytes before this line.  The last line shows
that nothing was changed by accident; whoever forges the end forges it too.  So the digest of the
whole file, or the head, is kept elsewhere and given to the verification.  Source: docs/ledger.md#export.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from wideberth.errors import LedgerError, UsageError, reason
from wideberth.ledger.canonical import canonical, parse
from wideberth.ledger.chain import BadRecord, Chain, Verification
from wideberth.ledger.records import FORMAT, Head, Record, is_sha256

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence


@dataclass(frozen=True)
class Exported:
    """What was written.

    Attributes:
        head: the last record.
        sha256: of all bytes of the file; to be kept elsewhere.
    """

    head: Head
    sha256: str

    @property
    def records(self) -> int:
        """How many records were written."""
        return self.head.seq or 0


def write_bundle(texts: Iterable[str], file: BinaryIO) -> Exported:
    """Write canonical texts of records, in order, and the last line.

    Raises:
        LedgerError: a record does not hold.
    """
    chain, digest = Chain(), hashlib.sha256()
    for text in texts:
        try:
            chain.take(text)
        except LedgerError as error:
            raise LedgerError(
                f"the ledger was not exported: {BadRecord(chain.next_seq, str(error))}."
            ) from None
        line = text.encode("utf-8") + b"\n"
        digest.update(line)
        file.write(line)
    last = _last_line(chain, digest.hexdigest())
    digest.update(last)
    file.write(last)
    file.flush()
    os.fsync(file.fileno())
    return Exported(chain.head, digest.hexdigest())


def verify_bundle(
    path: str | Path,
    *,
    head: Head | None = None,
    digest: str | None = None,
    keys: Mapping[str, Sequence[str]] | None = None,
) -> Verification:
    """Verify an export without a database.

    Args:
        path: of the file.
        head: noted elsewhere.
        digest: SHA-256 of the whole file, noted elsewhere.
        keys: party → public keys known by another way; see `load_public_key`.
    Raises:
        LedgerError: the file cannot be read.
        UsageError: the digest is not 64 hexadecimal digits.
    """
    noted = None if digest is None else _digest(digest)
    chain = Chain(head, keys or {})
    try:
        if Path(path).is_dir():
            raise LedgerError(f"'{path}' is a folder, not an export.")
        with Path(path).open("rb") as file:
            return _verify(file, chain, noted, str(path))
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        raise LedgerError(f"cannot read '{path}': {reason(error)}.") from None


def read_bundle(path: str | Path) -> Iterator[Record]:
    """Yield the records of an export in order.  Each is checked by itself; `verify_bundle` checks the whole.

    Raises:
        LedgerError: the file cannot be read, or a record does not hold.
    """
    try:
        with Path(path).open("rb") as file:
            last: bytes | None = None
            for line in file:
                if last is not None:  # so it is not the line that sums them up
                    yield Record.parse(_text(last))
                last = line
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        raise LedgerError(f"cannot read '{path}': {reason(error)}.") from None


def _verify(file: BinaryIO, chain: Chain, noted: str | None, name: str) -> Verification:
    before = hashlib.sha256()  # of all lines but the last
    last, number = b"", 0
    for number, line in enumerate(file, start=1):
        if number > 1:  # so `last` is not the last line
            try:
                chain.take(_text(last))
            except LedgerError as error:
                what = str(error)
                if last == _last_line(chain, before.hexdigest()):
                    what = "the export ends here, and what follows was added to it"
                return chain.verification(BadRecord(chain.next_seq, what, number - 1))
            before.update(last)
        last = line
    if not number:
        raise LedgerError(f"'{name}' is an empty file, not an export.")
    whole = before.copy()
    whole.update(last)
    try:
        _check_last(last, chain, before.hexdigest())
        if noted is not None and noted != whole.hexdigest():
            raise LedgerError("the file is whole in itself, but not the one whose digest was given")
        chain.end()
    except LedgerError as error:
        return chain.verification(BadRecord(chain.next_seq, str(error), number), sha256=whole.hexdigest())
    return chain.verification(is_end_proven=noted is not None, sha256=whole.hexdigest())


def _check_last(line: bytes, chain: Chain, digest: str) -> None:
    try:
        value = parse(_text(line))
    except LedgerError as error:
        raise LedgerError(
            f"the last line does not sum up the records: {error}. The end was cut off or changed"
        ) from None
    expected = parse(_text(_last_line(chain, digest)))
    if not isinstance(value, dict) or set(value) != set(expected):
        raise LedgerError("the last line does not sum up the records: the end was cut off")
    for member in ("wideberth_ledger", "count", "head", "sha256"):
        if value[member] != expected[member] or isinstance(value[member], bool):
            raise LedgerError(
                f"the last line says {member} {value[member]!r}, found was {expected[member]!r}: "
                "the end was cut off or changed"
            )


def _text(line: bytes) -> str:
    if not line.endswith(b"\n"):
        raise LedgerError("its line does not end: the file was cut off")
    try:
        return line[:-1].decode("utf-8")
    except UnicodeDecodeError:
        raise LedgerError("it is not UTF-8") from None


def _last_line(chain: Chain, digest: str) -> bytes:
    value = {"count": chain.head.seq, "head": chain.head.hash, "sha256": digest, "wideberth_ledger": FORMAT}
    return canonical(value).encode("utf-8") + b"\n"


def _digest(text: str) -> str:
    digest = text.strip().lower().removeprefix("sha256:")
    if not is_sha256(digest):
        raise UsageError(f"'{text}' is not a digest: SHA-256 has 64 hexadecimal digits.")
    return digest

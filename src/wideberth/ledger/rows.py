"""The tables of a ledger in a database, and records read from their rows.

A row holds the canonical text of a record.  The columns beside it find it again, and verification
compares them with the text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, Table, Text, select

from wideberth.errors import LedgerError
from wideberth.ledger.records import EMPTY, Head, Record

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.engine import Connection

METADATA = MetaData()
MARK = Table("wideberth_ledger", METADATA, Column("version", Integer, nullable=False))
RECORDS = Table(
    "wideberth_records",
    METADATA,
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("hash", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("about", Text),
    Column("text", Text, nullable=False),
)
Index("wideberth_records_about", RECORDS.c.about, RECORDS.c.seq)
Index("wideberth_records_kind", RECORDS.c.kind, RECORDS.c.seq)


class Row(NamedTuple):
    """A row as it lies in the database."""

    seq: int
    hash: str
    kind: str
    about: str | None
    text: str


def rows(connection: Connection, statement: Any) -> Iterator[Row]:
    """Give the rows that a statement over `RECORDS` selects, a thousand in memory at a time."""
    found = connection.execute(statement, execution_options={"yield_per": 1000})
    for row in found:
        yield Row(*row)


def head_of(connection: Connection) -> Head:
    """Return the end of the chain."""
    for row in rows(connection, select(RECORDS).order_by(RECORDS.c.seq.desc()).limit(1)):
        record = record_of(row)
        return Head(record.seq, record.hash)
    return EMPTY


def record_of(row: Row) -> Record:
    """Return the record of a row.

    Raises:
        LedgerError: it does not hold; the message names it.
    """
    try:
        return Record.parse(checked_text(row))
    except LedgerError as error:
        told = str(error).rstrip(".")
        raise LedgerError(f"record {row.seq}: {told}. 'wideberth ledger verify' checks them all.") from None


def checked_text(row: Row) -> str:
    """Return the canonical text of a row.

    Raises:
        LedgerError: it is no text.
    """
    if not isinstance(row.text, str):  # SQLite holds anything in any column
        raise LedgerError("its text is not a text")
    return row.text

"""Where records lie: a SQLite file, or PostgreSQL by URL; transactions, the writers' lock, errors in words.

Triggers refuse to change or remove a row: a guard against accidents, not against someone who owns the
database, for whom there is the chain.  What a row holds: rows.py.

SQLite: with a rollback journal, so that a ledger at rest is one file, and copying the file copies all of
it.  A confirmed record survives the death of the process; ``synchronous = EXTRA`` also syncs the folder
after the journal is gone, so that it survives the loss of power as far as the disk keeps its word.
PostgreSQL: what its server promises of a commit, with ``synchronous_commit`` on if the server has it off.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import sqlite3
import stat
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from sqlalchemy import create_engine, event, insert, inspect, select
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from wideberth.errors import LedgerError, MissingExtraError, reason
from wideberth.ledger.records import FORMAT
from wideberth.ledger.rows import MARK, METADATA

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.engine import Connection, Engine

PATIENCE_S = 60  # how long a writer waits for the others
CONNECT_S = 10
SQLITE_MAGIC = b"SQLite format 3\0"
AGAIN = "Nothing was confirmed; giving the same again is safe, nothing is added twice."

# Any number will do, as long as it is always the same: the first 15 digits of SHA-256("wideberth ledger").
_ADVISORY_LOCK = 0xD6591A5806ED6B1

_GUARDS = {
    "sqlite": tuple(
        f"CREATE TRIGGER wideberth_no_{verb.lower()} BEFORE {verb} ON wideberth_records "
        "BEGIN SELECT RAISE(ABORT, 'a ledger is append-only'); END"
        for verb in ("UPDATE", "DELETE")
    ),
    "postgresql": (
        "CREATE OR REPLACE FUNCTION wideberth_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'a ledger is append-only'; END $$",
        "CREATE TRIGGER wideberth_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON wideberth_records "
        "FOR EACH STATEMENT EXECUTE FUNCTION wideberth_append_only()",
    ),
}

# What a driver says, and what that means to people.
_IN_WORDS = (
    ("database is locked", f"another program has been reading or writing it for {PATIENCE_S} s"),
    ("readonly database", "it is write-protected"),
    (
        "file is not a database",
        "it is not a SQLite database (if it is an export, 'wideberth ledger verify FILE' reads it)",
    ),
    ("unable to open database file", "permission denied, or its folder is not there"),
    ("disk I/O error", "the disk reports an error, or the file may not grow any more (disk I/O error)"),
    ("lock timeout", f"another program has been writing to it for {PATIENCE_S} s"),
)


class Database(Protocol):
    """What a ledger needs of a database."""

    def reading(self) -> contextlib.AbstractContextManager[Connection]:
        """Give a connection to a ledger that is there; nothing is created.

        Raises:
            LedgerError: there is none, or it cannot be read.
        """

    def writing(self, *, create: bool) -> contextlib.AbstractContextManager[Connection]:
        """Give a connection in a transaction that has the ledger to itself; commit at the end.

        Args:
            create: make an empty ledger where there is none.
        Raises:
            LedgerError: there is none, or it cannot be written.
        """

    def is_file(self, path: Path) -> bool:
        """Tell whether this file is the ledger itself."""

    def fault(self, connection: Connection) -> str | None:
        """Return what the database itself finds wrong beside the records, in its words; None if nothing."""

    def close(self) -> None:
        """Close what is open."""


def database(where: str | Path) -> Database:
    """Return the database that a path or a URL names; nothing is opened.

    Raises:
        LedgerError: a URL of no database that is known.
        MissingExtraError: PostgreSQL without its driver.
    """
    if not is_url(where):
        return SqliteFile(Path(where))
    try:
        url = make_url(str(where))
    except (ArgumentError, ValueError):  # ValueError: a port that is no number
        raise LedgerError(
            "the URL of the ledger cannot be read. Write it like postgresql://user@host:5432/database."
        ) from None
    if url.drivername in ("postgres", "postgresql", "postgresql+psycopg"):
        return Postgres(url.set(drivername="postgresql+psycopg"))
    raise LedgerError(
        f"a ledger cannot be at a URL that begins with '{url.drivername}:'. "
        "Give the path of a file, or postgresql://user@host:5432/database."
    )


def is_url(where: str | Path) -> bool:
    """Tell whether the place of a ledger is a URL."""
    return isinstance(where, str) and re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", where) is not None


def is_database(where: str | Path) -> bool:
    """Tell whether this is a database, by content if it is a file; False also where nothing is.

    Not to be asked of a file that this process has open as a ledger: see `SqliteFile`.
    """
    if is_url(where):
        return True
    try:
        if not Path(where).is_file():  # what is read of a pipe is gone
            return False
        with Path(where).open("rb") as file:
            return file.read(len(SQLITE_MAGIC)) == SQLITE_MAGIC
    except (OSError, ValueError):
        return False


class SqliteFile:
    """A ledger in a SQLite file."""

    def __init__(self, path: Path) -> None:
        if "\0" in str(path):
            raise LedgerError(f"{str(path)!r} is not the name of a file.")
        self._shown = path
        self._path = Path(os.path.realpath(path))
        self._engine = create_engine("sqlite://", creator=self._connect, poolclass=NullPool)
        event.listen(self._engine, "begin", _begin)

    def __str__(self) -> str:
        return str(self._shown)

    def is_file(self, path: Path) -> bool:
        """See `Database`."""
        return "\0" not in str(path) and Path(os.path.realpath(path)) == self._path

    def fault(self, connection: Connection) -> str | None:
        """See `Database`.

        A scan of the records does not look at the indexes, and a damaged one hides records from a search.
        """
        found = connection.exec_driver_sql("PRAGMA integrity_check(1)").scalar()
        return None if found == "ok" else " ".join(str(found).split())

    def close(self) -> None:
        """Close what is open."""
        self._engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """See `Database`."""
        self._check_file()
        with _told(f"cannot read the ledger '{self}'"), self._engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA query_only = ON")
            self._check_mark(connection)
            yield connection

    @contextmanager
    def writing(self, *, create: bool) -> Iterator[Connection]:
        """See `Database`."""
        if create and not os.path.lexists(self._path):
            self._create()
        self._check_file()
        with (
            _told(f"cannot write to the ledger '{self}'", AGAIN),
            self._engine.connect().execution_options(wideberth_begin="BEGIN IMMEDIATE") as connection,
            connection.begin(),
        ):
            self._check_mark(connection)
            yield connection

    def _connect(self, mode: str = "rw", path: Path | None = None) -> sqlite3.Connection:
        """Open a file; by mode "rw" none is created, and a write-protected one is opened for reading."""
        uri = f"{(path or self._path).as_uri()}?mode={mode}"
        made = sqlite3.connect(
            uri, uri=True, timeout=PATIENCE_S, isolation_level=None, check_same_thread=False
        )
        # A text that was damaged must still be read, to be named: its bytes come as lone surrogates.
        made.text_factory = lambda data: data.decode("utf-8", "surrogateescape")
        for pragma in ("synchronous = EXTRA", "fullfsync = ON", "trusted_schema = OFF"):
            made.execute(f"PRAGMA {pragma}")
        return made

    def _check_file(self) -> None:
        """Say in words what stands where a ledger should be.

        The file is not opened here: closing it would take away the locks that SQLite holds on it for other threads
        of this process (sqlite.org/howtocorrupt.html, 2.2).
        """
        try:
            found = self._path.stat()
        except FileNotFoundError:
            raise LedgerError(f"there is no ledger '{self}'. 'wideberth ledger add' makes one.") from None
        except OSError as error:
            raise LedgerError(f"cannot read the ledger '{self}': {reason(error)}.") from None
        if stat.S_ISDIR(found.st_mode):
            raise LedgerError(f"'{self}' is a folder, not a ledger.")
        if not stat.S_ISREG(found.st_mode):
            raise LedgerError(f"'{self}' is not a regular file, and so not a ledger.")
        if not found.st_size:
            raise LedgerError(f"'{self}' is an empty file, not a ledger. Remove it, or name another file.")

    def _check_mark(self, connection: Connection) -> None:
        if not inspect(connection).has_table(MARK.name):
            raise LedgerError(f"'{self}' is a SQLite database, but not a ledger. It was left as it is.")
        _check_version(connection, str(self))

    def _create(self) -> None:
        """Make an empty ledger under another name and link it here: nobody ever sees half of one.

        Of several that do so at once, the first wins and the others use what it made.
        """
        folder = self._path.parent
        if not folder.is_dir():
            raise LedgerError(f"cannot make the ledger '{self}': there is no folder '{folder}'.")
        name = folder / f".{self._path.name[:50]}.{secrets.token_hex(8)}.part"
        failed = f"cannot make the ledger '{self}'"
        try:
            os.close(os.open(name, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))  # less what the umask takes
            engine = create_engine("sqlite://", creator=lambda: self._connect(path=name), poolclass=NullPool)
            event.listen(engine, "begin", _begin)
            with _told(failed), engine.begin() as connection:
                _make_tables(connection)
            _link(name, self._path)
        except OSError as error:
            raise LedgerError(f"{failed}: {reason(error)}.") from None
        finally:
            name.unlink(missing_ok=True)


class Postgres:
    """A ledger in a PostgreSQL database; its tables lie in the first schema of the search path."""

    def __init__(self, url: URL) -> None:
        try:
            import psycopg  # noqa: F401 - the driver that SQLAlchemy will look for
        except ImportError:
            raise MissingExtraError(
                'a ledger in PostgreSQL needs its driver: pip install "wideberth[postgres]"'
            ) from None
        self._shown = url.set(drivername="postgresql").render_as_string(hide_password=True)
        patience = {} if "connect_timeout" in url.query else {"connect_timeout": CONNECT_S}
        self._engine: Engine = create_engine(
            url,
            connect_args=patience,
            # A snapshot taken before the lock is held would not show the record that the lock waited for.
            isolation_level="READ COMMITTED",
            pool_pre_ping=True,
        )

    def __str__(self) -> str:
        return self._shown

    def is_file(self, path: Path) -> bool:
        """See `Database`."""
        return False

    def fault(self, connection: Connection) -> str | None:
        """See `Database`; a server's files are its own affair."""
        return None

    def close(self) -> None:
        """Close what is open."""
        self._engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """See `Database`."""
        with _told(f"cannot read the ledger '{self}'"), self._engine.connect() as connection:
            if not inspect(connection).has_table(MARK.name):
                raise LedgerError(f"there is no ledger in '{self}'. 'wideberth ledger add' makes one.")
            _check_version(connection, str(self))
            yield connection

    @contextmanager
    def writing(self, *, create: bool) -> Iterator[Connection]:
        """See `Database`."""
        with _told(f"cannot write to the ledger '{self}'", AGAIN), self._engine.begin() as connection:
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{PATIENCE_S}s'")
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_ADVISORY_LOCK})")
            connection.exec_driver_sql(
                "SELECT set_config('synchronous_commit', 'on', true) "
                "WHERE current_setting('synchronous_commit') = 'off'"
            )
            if not inspect(connection).has_table(MARK.name):
                if not create:
                    raise LedgerError(f"there is no ledger in '{self}'. 'wideberth ledger add' makes one.")
                _make_tables(connection)
            _check_version(connection, str(self))
            yield connection


def _begin(connection: Connection) -> None:
    # A writer takes its lock at once: two that both read first could not both go on to write.
    connection.exec_driver_sql(connection.get_execution_options().get("wideberth_begin", "BEGIN"))


def _make_tables(connection: Connection) -> None:
    METADATA.create_all(connection)
    connection.execute(insert(MARK).values(version=FORMAT))
    for guard in _GUARDS[connection.dialect.name]:
        connection.exec_driver_sql(guard)


def _check_version(connection: Connection, name: str) -> None:
    versions = list(connection.execute(select(MARK.c.version)).scalars())
    if versions != [FORMAT]:
        found = ", ".join(map(repr, versions)) or "none"
        raise LedgerError(
            f"the ledger '{name}' has the format {found}; this version of wideberth knows format {FORMAT}."
        )


def _link(made: Path, target: Path) -> None:
    """Give a file its name unless the name is taken, and have the folder remember it."""
    try:
        os.link(made, target)
    except FileExistsError:
        return
    except OSError:  # a file system without links; claim the name, so that no other ledger is replaced
        try:
            os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
        except FileExistsError:
            return
        made.replace(target)
    with contextlib.suppress(OSError):  # a system that does not open folders syncs them by itself
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


@contextmanager
def _told(what: str, remedy: str = "") -> Iterator[None]:
    """Turn what goes wrong in a database into one sentence."""
    try:
        yield
    except (SQLAlchemyError, UnicodeError) as error:  # UnicodeError also of the name of a host
        if isinstance(
            error, UnicodeDecodeError
        ):  # SQLite quotes the damaged bytes of a file, which are no text
            said = error.object.decode("utf-8", "backslashreplace")
        else:
            said = str(error.orig if isinstance(error, DBAPIError) else error)
        told = said.strip().split("\n")[0].rstrip(".")
        for words, meant in _IN_WORDS:
            if words in told:
                told = meant
                break
        raise LedgerError(f"{what}: {told}. {remedy}".rstrip()) from error

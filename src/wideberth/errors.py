"""The exception tree.  Each message says what, where, how many, and what to try."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def reason(error: OSError | ValueError) -> str:
    """Return why a file could not be opened, in the system's words; a ValueError tells of a NUL in its name."""
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


class WideberthError(Exception):
    """Base of every error that wideberth raises on purpose."""


class UsageError(WideberthError):
    """An argument or an option that cannot be meant."""


class ReadError(WideberthError):
    """A file, folder or stream that could not be read as tracks."""


class FormatError(ReadError):
    """Content that is of no known format, or not of the one that was named."""


class ColumnError(WideberthError):
    """A table whose columns are not as promised.

    Attributes:
        rows: positions of the rows at fault, at most 1000; empty where a whole column is.
    """

    def __init__(self, message: str, rows: Sequence[int] = ()) -> None:
        super().__init__(message)
        self.rows = list(rows)


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong in an agreement file, in a file of places that it names, or in one for guidance.

    Attributes:
        file: its name, as shown to people.
        line: counted from 1; None where the file's format has none that helps.
        what: is wrong, in a sentence, with what stands there.
        remedy: what would be right.
    """

    file: str
    line: int | None
    what: str
    remedy: str

    def __str__(self) -> str:
        where = self.file if self.line is None else f"{self.file}:{self.line}"
        return f"{where}: {self.what} {self.remedy}".rstrip()


class AgreementError(WideberthError):
    """An agreement file, or a file of places, that cannot be meant; all its faults at once.

    Attributes:
        faults: in the order of the file.
    """

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = list(faults)


class ConfigurationError(WideberthError):
    """A file of a configuration or of states for guidance that cannot be meant; all its faults at once.

    Attributes:
        faults: in the order of the file.
    """

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = list(faults)


class LedgerError(WideberthError):
    """A ledger that cannot be opened, written or believed."""


class NothingJudgedError(WideberthError):
    """There was nothing to judge, which must not look like an agreement that was kept."""


class UnknownIdError(WideberthError):
    """An id, or the beginning of one, that means no finding, or more than one."""


class MissingExtraError(WideberthError, ImportError):
    """An optional package is needed for this and is not installed."""


class WriteError(WideberthError):
    """A result that could not be written; nothing half written stays behind."""

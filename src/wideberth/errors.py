"""The exception tree.  Each message says what, where, how many, and what to try."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


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


class MissingExtraError(WideberthError, ImportError):
    """An optional package is needed for this and is not installed."""


class WriteError(WideberthError):
    """A result that could not be written; nothing half written stays behind."""

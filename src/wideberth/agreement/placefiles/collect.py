"""What is found while a file of places is read: the faults of the file, and the notes of a place."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from wideberth.agreement.shapes import Place
from wideberth.errors import AgreementError, Fault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from wideberth.agreement.shapes import Volume

LONGEST_NOTE = 200
LONGEST_NAME = 120


class Faults:
    """Everything that is wrong with one file, in the order in which it was found."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.found: list[Fault] = []

    def add(self, what: str, remedy: str, line: int | None = None) -> None:
        """Note that something is wrong; reading goes on."""
        self.found.append(Fault(self.file, line, what, remedy))

    def raise_any(self) -> None:
        """Raise what was found, all of it.

        Raises:
            AgreementError: anything was found.
        """
        if self.found:
            raise AgreementError(self.found)


class Draft:
    """A place while it is being read.

    Attributes:
        name: what the faults call it.
        is_faulty: True: it is not to become a place.
    """

    def __init__(
        self,
        faults: Faults,
        name: str,
        line: int | None = None,
        find_line: Callable[[], int | None] | None = None,
    ) -> None:
        """Begin a place.

        Args:
            faults: of its file.
            name: of the place.
            line: where it begins, where that is known.
            find_line: finds that out; asked only where something is wrong, since it may take time.
        """
        self.name = name
        self.is_faulty = False
        self._faults = faults
        self._line = line
        self._find_line = find_line
        self._notes: dict[str, None] = {}

    def fault(self, what: str, remedy: str, line: int | None = None) -> None:
        """Note that something about the place is wrong."""
        self.is_faulty = True
        if line is None and self._line is None and self._find_line is not None:
            self._line = self._find_line()
        self._faults.add(f"'{self.name}': {what}", remedy, self._line if line is None else line)

    def note(self, text: str) -> None:
        """Note what was read and has no place in the model; the same note stands once."""
        self._notes[short(text)] = None

    def note_rest(self, properties: Iterable[tuple[str, Any]], but: Iterable[str] = ()) -> None:
        """Note every property that says something, except those that were used."""
        used = set(but)
        for key, value in properties:
            if key not in used and value not in (None, "", [], {}):
                self.note(f"{key}: {plain(value)}")

    def place(self, volumes: Sequence[Volume], title: str = "", restriction: str = "") -> Place | None:
        """Return the place, or None where a fault was found or there is nothing to be inside of."""
        if self.is_faulty:
            return None
        if not volumes:
            self.fault("it has no shape.", "Give it a polygon, a line or a circle, or take it out.")
            return None
        return Place(self.name, tuple(volumes), title, restriction, tuple(self._notes))


def short(text: str, longest: int = LONGEST_NOTE) -> str:
    """Return a text on one line, cut where it is longer than a note may be."""
    line = " ".join(text.split())
    return line if len(line) <= longest else line[: longest - 1] + "…"


def plain(value: Any) -> str:
    """Return a value of a file as people read it."""
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(each, str | int | float) for each in value):
        return ", ".join(map(str, value))
    return json.dumps(value, ensure_ascii=False)


def text_of(value: Any) -> str:
    """Return a name in a file as text: trimmed, on one line, "" where there is none."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return short(str(value), LONGEST_NAME)

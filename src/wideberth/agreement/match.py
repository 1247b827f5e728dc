"""Which flights there are, and whose each is: by address, callsign, class, registration or type.

A flight is the samples of one address with no gap above 30 minutes; party and callsign hold for a flight, by any
callsign heard in it.  A flight that two parties claim is of neither, and both are named.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from wideberth.agreement import registers
from wideberth.columns import frozen
from wideberth.tracks import FLIGHT_GAP_S

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    import numpy.typing as npt

    from wideberth.agreement.load import Agreement
    from wideberth.agreement.model import Aircraft
    from wideberth.tracks import Legs, Tracks


@dataclass(eq=False)
class Flights:
    """The flights of some tracks under an agreement.

    Attributes:
        tracks: the samples.
        first: (k + 1,) int64, the row at which each flight begins; the last is the number of rows.
        aircraft: (k,) index into ``tracks.aircraft``.
        claims: the names of the parties that claim each flight: none, one, or more.
        folder: that lists of aircraft lie in.
        register: a table of aircraft; None where the agreement names none.
    """

    tracks: Tracks
    first: npt.NDArray[np.int64]
    aircraft: npt.NDArray[np.int64]
    claims: list[tuple[str, ...]] = field(default_factory=list)
    folder: Path | None = None
    register: registers.Register | None = None

    def __len__(self) -> int:
        return self.aircraft.size

    @classmethod
    def of(cls, tracks: Tracks, agreement: Agreement) -> Flights:
        """Cut tracks into flights, and tell whose each is."""
        t_us = tracks.t_us
        is_first = np.zeros(len(tracks), np.bool_)
        if len(tracks):
            is_first[1:] = np.diff(t_us) > round(FLIGHT_GAP_S * 1e6)
            is_first[tracks.begin[:-1]] = True
        first = np.append(np.flatnonzero(is_first), len(tracks))
        aircraft = np.searchsorted(tracks.begin, first[:-1], side="right") - 1
        flights = cls(tracks, first, aircraft, folder=agreement.folder, register=agreement.register)
        masks = {name: flights.any_of(party.aircraft) for name, party in agreement.parties.items()}
        flights.claims = [tuple(name for name, mask in masks.items() if mask[k]) for k in range(len(flights))]
        return flights

    @cached_property
    def t_in_us(self) -> npt.NDArray[np.int64]:
        """When each flight is first heard."""
        return self.tracks.t_us[self.first[:-1]]

    @cached_property
    def t_out_us(self) -> npt.NDArray[np.int64]:
        """When each flight is last heard."""
        return self.tracks.t_us[self.first[1:] - 1]

    def of_legs(self, legs: Legs) -> npt.NDArray[np.int64]:
        """Return which flight each leg belongs to."""
        rows = legs.first[:-1] if not legs.rows.size else legs.rows[legs.first[:-1]]
        return np.searchsorted(self.first, rows, side="right") - 1

    def all_at(self, aircraft: npt.NDArray[np.int64], t_us: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Return the flight of each aircraft that an instant lies in; the last that began before it."""
        from wideberth.kernels import legs

        first = frozen(np.searchsorted(self.aircraft, np.arange(len(self.tracks.aircraft) + 1)))
        when_us = np.asarray(t_us, np.float64)
        found: npt.NDArray[np.int64] = legs.last_at(first, frozen(self.t_in_us), aircraft, when_us)
        return found

    @cached_property
    def is_claimed_twice(self) -> npt.NDArray[np.bool_]:
        """Which flights more than one party claims."""
        return np.array([len(claim) > 1 for claim in self.claims], np.bool_)

    def bound_by(self, names: Iterable[str]) -> npt.NDArray[np.bool_]:
        """Return which flights any of some parties claims; ``all`` claims each."""
        wanted = set(names)
        if "all" in wanted:
            return np.ones(len(self), np.bool_)
        found = np.zeros(len(self), np.bool_)
        for name in wanted:
            found |= self._claimed_by(name)
        return found

    def only_of(self, name: str) -> npt.NDArray[np.bool_]:
        """Return which flights a party claims, and no other."""
        return self._claimed_by(name) & ~self.is_claimed_twice

    def _claimed_by(self, name: str) -> npt.NDArray[np.bool_]:
        if name not in self._is_claimed:
            self._is_claimed[name] = np.array([name in claim for claim in self.claims], np.bool_)
        return self._is_claimed[name]

    @cached_property
    def _is_claimed(self) -> dict[str, npt.NDArray[np.bool_]]:
        return {}

    def party_text(self, flight: int) -> str | None:
        """Return the party's name, two with a / between where both claim it, None for a bystander."""
        return " / ".join(self.claims[flight]) or None

    # What was heard in each flight ---------------------------------------------------------------

    def heard(self, name: str) -> list[tuple[str, ...]]:
        """Return the different texts of a column that were heard in each flight, in order of hearing."""
        return self._heard(name)

    @cached_property
    def _cache(self) -> dict[str, list[tuple[str, ...]]]:
        return {}

    def _heard(self, name: str) -> list[tuple[str, ...]]:
        if name in self._cache:
            return self._cache[name]
        told: list[tuple[str, ...]] = [()] * len(self)
        if name in self.tracks.table.column_names and len(self):
            codes, texts = self.tracks.codes(name)
            changes = np.ones(codes.size, np.bool_)
            changes[1:] = codes[1:] != codes[:-1]
            changes[self.first[:-1]] = True
            rows = np.flatnonzero(changes & (codes >= 0))
            flight_of = np.searchsorted(self.first, rows, side="right") - 1
            for flight, code in zip(flight_of.tolist(), codes[rows].tolist(), strict=True):
                text = texts[code]
                if text not in told[flight]:
                    told[flight] = (*told[flight], text)
        self._cache[name] = told
        return told

    def callsign(self, flight: int) -> str | None:
        """Return the first callsign heard in a flight."""
        heard = self._heard("callsign")[flight]
        return heard[0] if heard else None

    @cached_property
    def classes(self) -> list[str | None]:
        """The class of each flight's aircraft: by the register, else by the emitter category; None unknown."""
        categories = self._heard("category")
        found: list[str | None] = []
        for k in range(len(self)):
            entry = self._entry(k)
            named = entry.aircraft_class if entry is not None else None
            if named is None:
                named = next(
                    (each for each in map(registers.class_of_category, categories[k]) if each is not None),
                    None,
                )
            found.append(named)
        return found

    def _entry(self, flight: int) -> registers.Entry | None:
        if self.register is None:
            return None
        return self.register.get(self.tracks.aircraft[self.aircraft[flight]])

    # Which of them an entry of the agreement means ------------------------------------------------

    def any_of(self, entries: Sequence[Aircraft]) -> npt.NDArray[np.bool_]:
        """Return which flights any of some entries means."""
        found = np.zeros(len(self), np.bool_)
        for entry in entries:
            found |= self.all_of(entry)
        return found

    def all_of(self, entry: Aircraft) -> npt.NDArray[np.bool_]:
        """Return of which flights all holds that an entry says."""
        found = np.ones(len(self), np.bool_)
        if entry.icao24 is not None:
            found &= self.within(entry.icao24)
        if entry.state is not None:
            found &= self.within(
                [block for state in entry.state for block in registers.blocks_of_state(state)]
            )
        if entry.callsign is not None:
            found &= self.called(entry.callsign)
        if entry.classes is not None:
            found &= self.of_class(entry.classes)
        if entry.registration is not None:
            found &= self._marked("registration", {text.upper() for text in entry.registration})
        if entry.type is not None:
            found &= self._marked("type_code", {text.upper() for text in entry.type})
        if entry.list is not None:
            found &= self._in_list(entry.list)
        return found

    def within(self, ranges: Iterable[tuple[int, int]]) -> npt.NDArray[np.bool_]:
        """Return which flights' addresses lie in any of some closed ranges; a ~ address lies in none."""
        numbers = np.array(
            [-1 if text.startswith("~") else int(text, 16) for text in self.tracks.aircraft], np.int64
        )
        is_in = np.zeros(numbers.size, np.bool_)
        for low, high in ranges:
            is_in |= (numbers >= low) & (numbers <= high)
        return is_in[self.aircraft]

    def heard_any(self, name: str, accepts: Callable[[str], bool]) -> npt.NDArray[np.bool_]:
        """Return in which flights a text was heard that is accepted."""
        verdicts: dict[str, bool] = {}

        def accepted(text: str) -> bool:
            if text not in verdicts:
                verdicts[text] = bool(accepts(text))
            return verdicts[text]

        return np.array([any(map(accepted, texts)) for texts in self._heard(name)], np.bool_)

    def called(self, patterns: Sequence[re.Pattern[str]]) -> npt.NDArray[np.bool_]:
        """Return in which flights a callsign was heard that any of some patterns finds."""
        return self.heard_any("callsign", lambda text: any(each.search(text) for each in patterns))

    def of_class(self, classes: Iterable[str]) -> npt.NDArray[np.bool_]:
        """Return which flights are of any of some classes; one of unknown class is of none."""
        wanted = set(classes)
        return np.array([each in wanted for each in self.classes], np.bool_)

    def _marked(self, name: str, wanted: set[str]) -> npt.NDArray[np.bool_]:
        found = self.heard_any(name, lambda text: text.upper() in wanted)
        for k in range(len(self)):
            entry = self._entry(k)
            text = getattr(entry, name, None) if entry is not None else None
            if text is not None:
                found[k] |= text.upper() in wanted
        return found

    def _in_list(self, name: str) -> npt.NDArray[np.bool_]:
        listed = registers.read_list((self.folder / name) if self.folder else name)
        found = np.zeros(len(self), np.bool_)
        addresses = listed.get("icao24", frozenset())
        if addresses:
            is_in = np.array([text in addresses for text in self.tracks.aircraft], np.bool_)
            found |= is_in[self.aircraft]
        callsigns = {text.upper() for text in listed.get("callsign", frozenset())}
        if callsigns:
            found |= self.heard_any("callsign", lambda text: text.upper() in callsigns)
        for key, column in (("registration", "registration"), ("type", "type_code")):
            wanted = {text.upper() for text in listed.get(key, frozenset())}
            if wanted:
                found |= self._marked(column, wanted)
        return found

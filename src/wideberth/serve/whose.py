"""Whose the aircraft are that are heard, which rules bind them and which permissions they have.

Nothing is decided here: what was heard of a flight is put to the batch judge's own code (`agreement.match`,
`judge.tell`), of the few aircraft of which something new was heard, and the answers are kept by place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from wideberth.columns import TRACK_COLUMNS, schema
from wideberth.judge import tell
from wideberth.judge.sky import Sky
from wideberth.tracks import Tracks

if TYPE_CHECKING:
    import numpy.typing as npt

    from wideberth.agreement.load import Agreement
    from wideberth.agreement.rules import Permission

    Bools = npt.NDArray[np.bool_]

TEXTS = ("callsign", "category", "registration", "type_code")
MOST_TEXTS = (
    8  # different ones of a kind that count in one flight: a fault in a receiver must not fill the memory
)


class Whose:
    """Answers by place, as `LiveSky` numbers aircraft.

    Attributes:
        agreement: that is asked.
        names: of the parties.
    """

    def __init__(self, agreement: Agreement) -> None:
        self.agreement = agreement
        self.names = list(agreement.parties)
        self._heard: dict[int, tuple[str, list[list[str]]]] = {}
        self._new: set[int] = set()
        self._texts: dict[int, str | None] = {}
        self._granted: dict[tuple[str, int], list[Permission]] = {}
        self._rules = {rule.id: k for k, rule in enumerate(agreement.rules)}
        self._bound = np.zeros((len(agreement.rules), 0), np.bool_)
        self._claimed = np.zeros((len(self.names), 0), np.bool_)
        self._is_twice = np.zeros(0, np.bool_)

    def begin(self, place: int, address: str) -> None:
        """Let a flight begin: nothing was heard of it yet."""
        self._heard[place] = (address, [[] for _ in TEXTS])
        self._new.add(place)

    def end(self, place: int) -> None:
        """Let nobody be at a place."""
        self._heard.pop(place, None)
        self._new.discard(place)
        self._texts.pop(place, None)
        for rule in self._rules:
            self._granted.pop((rule, place), None)

    def hear(self, place: int, texts: tuple[str | None, ...]) -> None:
        """Hear texts, in the order of `TEXTS`; None where there is none."""
        known = self._heard[place][1]
        for some, text in zip(known, texts, strict=True):
            told = text.strip() if text else ""
            if told and told not in some and len(some) < MOST_TEXTS:
                some.append(told)
                self._new.add(place)

    # Answers ---------------------------------------------------------------------------------------

    def bound(self, rule: str) -> Bools:
        """Return which places a rule binds, by party, class and aircraft."""
        self._ask()
        found: Bools = self._bound[self._rules[rule]]
        return found

    def claimed(self, name: str) -> Bools:
        """Return which places a party claims; ``all`` claims each."""
        self._ask()
        if name == "all":
            return np.ones(self._bound.shape[1], np.bool_)
        found: Bools = self._claimed[self.names.index(name)]
        return found

    def is_claimed_twice(self) -> Bools:
        """Return which places more than one party claims."""
        self._ask()
        return self._is_twice

    def party_text(self, place: int) -> str | None:
        """Return the party's name, as `Flights.party_text` does."""
        self._ask()
        return self._texts.get(place)

    def callsign(self, place: int) -> str | None:
        """Return the first callsign heard in the flight."""
        heard = self._heard.get(place)
        return heard[1][0][0] if heard and heard[1][0] else None

    def permissions(self, rule: str, place: int) -> list[Permission]:
        """Return the permissions that excuse a rule for an aircraft, at some time and place."""
        self._ask()
        return self._granted.get((rule, place), [])

    def _ask(self) -> None:
        if not self._new:
            return
        places = sorted(self._new, key=lambda place: self._heard[place][0])
        self._new.clear()
        room = max(self._bound.shape[1], 2 * max(places) + 2 if max(places) >= self._bound.shape[1] else 0)
        more = room - self._bound.shape[1]
        if more:
            self._bound = np.pad(self._bound, ((0, 0), (0, more)))
            self._claimed = np.pad(self._claimed, ((0, 0), (0, more)))
            self._is_twice = np.pad(self._is_twice, (0, more))
        sky = Sky(self._tracks(places), self.agreement)
        flights = sky.flights  # one of each place, in the order of addresses
        at = np.array(places)
        for rule, k in self._rules.items():
            self._bound[k, at] = tell.bound(sky, self.agreement.rule(rule))
            for n, place in enumerate(places):
                granted = sky.permissions_for(rule, n)
                if granted:
                    self._granted[rule, place] = granted
                else:
                    self._granted.pop((rule, place), None)
        for k, name in enumerate(self.names):
            self._claimed[k, at] = flights.bound_by([name])
        self._is_twice[at] = flights.is_claimed_twice
        for n, place in enumerate(places):
            self._texts[place] = flights.party_text(n)

    def _tracks(self, places: list[int]) -> Tracks:
        """Return tracks that say what was heard of some places: as many rows of each as it has texts of a kind."""
        columns: dict[str, list[str | None]] = {name: [] for name in ("icao24", *TEXTS)}
        for place in places:
            address, texts = self._heard[place]
            for k in range(max(1, *map(len, texts))):
                columns["icao24"].append(address)
                for name, some in zip(TEXTS, texts, strict=True):
                    columns[name].append(some[k] if k < len(some) else None)
        n = len(columns["icao24"])
        kind = schema(TRACK_COLUMNS, ["icao24", "t", "lat_deg", "lon_deg", *TEXTS])
        arrays = {name: pa.array(values, pa.string()).dictionary_encode() for name, values in columns.items()}
        arrays["t"] = pa.array(range(n), pa.int64()).cast(kind.field("t").type)
        arrays["lat_deg"] = arrays["lon_deg"] = pa.array([0.0] * n)
        return Tracks(
            pa.table([arrays[name].cast(kind.field(name).type) for name in kind.names], schema=kind)
        )

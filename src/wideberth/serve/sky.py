"""The sky as it is now: the last reports of each aircraft, whose it is, and which rules bind it.

An aircraft is forgotten when it has been silent for as long as ends a flight.  Whose it is, and what a rule or
a permission says of it, is asked of the batch judge's own code whenever a text is heard of it that is new (`whose`).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from wideberth.columns import ADDRESS
from wideberth.kernels import predict as kernels
from wideberth.read.clean import MAX_SPEED_KT
from wideberth.serve.whose import TEXTS, Whose
from wideberth.tracks import FLIGHT_GAP_S
from wideberth.units import MPS_PER_KNOT

if TYPE_CHECKING:
    import numpy.typing as npt

    from wideberth.agreement.load import Agreement

    Floats = npt.NDArray[np.float64]
    Indices = npt.NDArray[np.int64]

FUTURE_S = 5.0
"""A position that holds so much later than now has a wrong clock, and is not taken."""

BECAME = {
    kernels.TAKEN: "taken",
    kernels.NO_POSITION: "no_position",
    kernels.OLD: "old",
    kernels.FUTURE: "future",
    kernels.STALE: "stale",
    kernels.JUMP: "jump",
}
FIGURES = (
    "lat_deg",
    "lon_deg",
    "altitude_ft",
    "height_m",
    "groundspeed_kt",
    "track_deg",
    "vertical_rate_fpm",
    "on_ground",
)
"""In the order of `kernels.predict`'s figures."""

FIRST_ROOM = 256


@dataclass(eq=False)
class LiveSky:
    """The latest of every aircraft that is heard.

    Aircraft have places, from 0 on, that are given to others once they are forgotten.

    Attributes:
        agreement: says whose aircraft are.
        became: how many reports were taken, and how many were not, by reason; see `BECAME` and "no_address", "no_time".
        addresses: of each place; "" where nobody is.
        whose: parties, rules and permissions by place.
    """

    agreement: Agreement
    became: Counter[str] = field(default_factory=Counter)
    addresses: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.whose = Whose(self.agreement)
        self._place: dict[str, int] = {}
        self._free: list[int] = []
        self._make_room(FIRST_ROOM)

    def __len__(self) -> int:
        return len(self._place)

    def _make_room(self, room: int) -> None:
        self._arrays: dict[str, npt.NDArray[Any]] = {
            "t_us": np.zeros((room, kernels.HISTORY), np.int64),
            "rows": np.full((room, kernels.HISTORY, kernels.REPORT_WIDTH), np.nan),
            "head": np.zeros(room, np.int64),
            "count": np.zeros(room, np.int64),
            "other": np.full((room, 2), np.nan),
            "other_us": np.zeros(room, np.int64),
            "texts": np.zeros(room, np.uint64),
        }

    def _grow(self, room: int) -> None:
        before = self._arrays
        self._make_room(room)
        for name, values in before.items():
            self._arrays[name][: len(values)] = values

    # What is heard ---------------------------------------------------------------------------------

    def hear(self, rows: pl.DataFrame, now_us: int) -> None:
        """Take rows as `arrivals.Arrival` has them, of any feed, in any order."""
        if not rows.height:
            return
        if not rows["t"].is_sorted():
            rows = rows.sort("t", maintain_order=True)
        places = self._places_of(rows["icao24"].to_list())
        is_good = (places >= 0) & rows["t"].is_not_null().to_numpy()
        if not is_good.all():
            for name, is_bad in (("no_address", places < 0), ("no_time", (places >= 0) & ~is_good)):
                if number := int(np.count_nonzero(is_bad)):
                    self.became[name] += number
            rows, places = rows.filter(pl.Series(is_good)), places[is_good]
        t_us = rows["t"].to_physical().to_numpy()
        self._end_flights(places, t_us)
        self._hear_texts(rows, places, t_us)
        figures = np.empty((rows.height, kernels.REPORT_WIDTH))
        for column, name in enumerate(FIGURES):
            figures[:, column] = rows[name].cast(pl.Float64).fill_null(float("nan")).to_numpy()
        a = self._arrays
        became = kernels.take(
            places, np.ascontiguousarray(t_us), figures, now_us, round(FUTURE_S * 1e6), MAX_SPEED_KT * MPS_PER_KNOT,
            a["t_us"], a["rows"], a["head"], a["count"], a["other"], a["other_us"],
        )  # fmt: skip
        for code, number in enumerate(np.bincount(became, minlength=len(BECAME)).tolist()):
            if number:
                self.became[BECAME[code]] += number

    def _places_of(self, addresses: list[str | None]) -> Indices:
        get = self._place.get
        return np.array(
            [-1 if text is None else at if (at := get(text)) is not None else self._new(text) for text in addresses],
            np.int64,
        )  # fmt: skip

    def _new(self, text: str) -> int:
        address = text.strip().lower()
        if not ADDRESS.match(address):
            return -1
        if address in self._place:
            return self._place[address]
        place = self._free.pop() if self._free else len(self.addresses)
        if place == len(self.addresses):
            self.addresses.append("")
            if place >= len(self._arrays["head"]):
                self._grow(2 * place)
        self.addresses[place] = address
        self._place[address] = place
        self._arrays["count"][place] = 0
        self._arrays["other_us"][place] = 0
        self._arrays["texts"][place] = 0
        self.whose.begin(place, address)
        return place

    def _last_us(self) -> Indices:
        """Return when each place was last heard; 0 where nobody is."""
        a = self._arrays
        last_us = a["t_us"][np.arange(len(a["head"])), a["head"]]
        return np.where(a["count"] > 0, last_us, 0)

    def _end_flights(self, places: Indices, t_us: Indices) -> None:
        """Let what was heard of an aircraft's last flight not count for the next."""
        last_us = self._last_us()[places]
        for place in np.unique(places[(last_us > 0) & (t_us - last_us > FLIGHT_GAP_S * 1e6)]).tolist():
            self._arrays["count"][place] = 0
            self._arrays["texts"][place] = 0
            self.whose.begin(place, self.addresses[place])

    def _hear_texts(self, rows: pl.DataFrame, places: Indices, t_us: Indices) -> None:
        texts = rows.select(TEXTS)
        hashes = texts.hash_rows(seed=0).to_numpy()
        known = self._arrays["texts"]
        for k in np.flatnonzero(known[places] != hashes).tolist():
            self.whose.hear(int(places[k]), texts.row(k))
        known[places] = hashes

    def forget(self, now_us: int) -> None:
        """Forget who has been silent for longer than a flight may be."""
        last_us = self._last_us()
        is_silent = last_us < now_us - FLIGHT_GAP_S * 1e6
        for place in np.flatnonzero(is_silent[: len(self.addresses)]).tolist():
            address = self.addresses[place]
            if address:
                del self._place[address]
                self.addresses[place] = ""
                self._free.append(place)
                self._arrays["count"][place] = 0
                self.whose.end(place)

    # What is known of it ---------------------------------------------------------------------------

    def place_of(self, address: str) -> int | None:
        """Return the place of an aircraft; None if it is not heard."""
        return self._place.get(address)

    def last_heard_us(self, address: str) -> int | None:
        """Return when the newest position of an aircraft held; None if it is not heard."""
        place = self._place.get(address)
        if place is None or not self._arrays["count"][place]:
            return None
        return int(self._arrays["t_us"][place, self._arrays["head"][place]])

    def states(self, now_us: int) -> tuple[Indices, Floats]:
        """Return which places are heard of, and how each moves, as `kernels.predict.states` tells."""
        a = self._arrays
        chosen = np.flatnonzero(a["count"][: len(self.addresses)] > 0)
        found: Floats = kernels.states(a["t_us"], a["rows"], a["head"], a["count"], chosen, now_us)
        return chosen, found

    def trail(self, place: int) -> tuple[Indices, Floats]:
        """Return the times and figures of the last reports of a place, the oldest first."""
        a = self._arrays
        count, head = int(a["count"][place]), int(a["head"][place])
        order = (head - np.arange(count - 1, -1, -1)) % kernels.HISTORY
        return a["t_us"][place, order], a["rows"][place, order]

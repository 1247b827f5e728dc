"""How to screen: what a user gave, checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wideberth.errors import UsageError
from wideberth.minima import Minima, resolve
from wideberth.tracks import DEFAULT_MAX_GAP_S
from wideberth.trust.airports import Airports
from wideberth.trust.limits import DEFAULT, Limits

if TYPE_CHECKING:
    from wideberth.screen.select import Selection


@dataclass(frozen=True)
class Options:
    """How to screen; see `wideberth.screen`."""

    minima: Minima
    max_gap_s: float = DEFAULT_MAX_GAP_S
    merge_gap_s: float = 0.0
    include_ground: bool = False
    select: Selection | None = None
    limits: Limits = DEFAULT
    airports: Airports | None = None

    @classmethod
    def of(
        cls,
        *,
        minima: str | Minima | None = None,
        horizontal_m: float | None = None,
        vertical_ft: float | None = None,
        max_gap_s: float,
        merge_gap_s: float = 0.0,
        include_ground: bool = False,
        select: Selection | None = None,
        limits: Limits | None = None,
        airports: Any = None,
    ) -> Options:
        """Check what a user gave.

        Raises:
            UsageError: minima or gaps that cannot be meant.
            MissingExtraError, ReadError, ColumnError: aerodromes that cannot be had.
        """
        chosen = resolve(minima, horizontal_m, vertical_ft)
        if not 0.0 < max_gap_s <= 1e6:
            raise UsageError(f"the longest gap must be above 0 and at most 1,000,000 s, not {max_gap_s}.")
        if not 0.0 <= merge_gap_s <= 1e9:
            raise UsageError(f"the gap to merge across cannot be {merge_gap_s} s.")
        return cls(
            chosen, max_gap_s, merge_gap_s, include_ground, select, limits or DEFAULT, Airports.of(airports)
        )

"""How answers are written: instants as RFC 3339, lengths in metres to the millimetre, seconds to 0.1 ms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wideberth.simulate.euphrates.terms import MIDNIGHT_US
from wideberth.tables import instant_text
from wideberth.units import MICROSECONDS_PER_SECOND

if TYPE_CHECKING:
    from wideberth.simulate.euphrates.march.legs import Span


def instant(t_s: float) -> str:
    """Return RFC 3339 with microseconds."""
    return instant_text(MIDNIGHT_US + round(t_s * MICROSECONDS_PER_SECOND))


def interval(span: Span) -> list[str]:
    """Return both ends of a span."""
    return [instant(span.t_in_s), instant(span.t_out_s)]


def metres(value: float) -> float:
    """Return a length to the millimetre."""
    return round(value, 3)


def seconds(value: float) -> float:
    """Return a duration to 0.1 ms."""
    return round(value, 4)

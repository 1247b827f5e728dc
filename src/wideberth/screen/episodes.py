"""The narrow phase: windows of two legs → encounters, exact in continuous time.

Altitudes are compared like with like.  At an instant at which both aircraft are within a leg of
barometric samples, pressure altitudes are compared; else, where both are within a leg of geometric
samples, heights above the ellipsoid; else nothing can be said of their vertical distance, and they
are listed as *vertical unknown* where they are horizontally inside.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from wideberth.kernels import cover
from wideberth.kernels import episodes as kernels
from wideberth.screen.pairs import Windows, candidate_windows

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    from wideberth.minima import Minima
    from wideberth.tracks import Legs, Tracks

REFERENCES = ("barometric", "geometric", "unknown")


@dataclass(frozen=True)
class Episodes:
    """The encounters of one altitude reference, as the kernels give them.

    Attributes:
        legs: what the indices below point into.
        reference: one of `REFERENCES`.
        leg_a, leg_b: (k,).
        rows: (k, EPISODE_WIDTH) float64, times on the legs' clock.
        candidates: pairs of legs that the broad phase passed on.
        windows: windows of time that the narrow phase walked through.
    """

    legs: Legs
    reference: str
    leg_a: npt.NDArray[np.int32]
    leg_b: npt.NDArray[np.int32]
    rows: npt.NDArray[np.float64]
    candidates: int
    windows: int


def find(
    tracks: Tracks,
    minima: Minima,
    *,
    max_gap_s: float,
    include_ground: bool,
    span_us: tuple[int, int] | None = None,
    cut: Callable[[str], Legs] | None = None,
) -> list[Episodes]:
    """Find all encounters, one `Episodes` for each altitude reference that occurs.

    Args:
        tracks: any number of aircraft.
        minima: inside means strictly less than both.
        max_gap_s: the longest gap within a leg.
        include_ground: take samples on the ground, too.
        span_us: look only into this closed span of Unix time.  Of an encounter that goes on beyond it,
            the steps between samples that begin or end in the span are found, each whole.
        cut: gives the legs under one altitude reference, where they are at hand already.
    """
    found = []
    feet = tracks.numbers("altitude_ft")
    height_m = tracks.numbers("height_m")
    has_feet = ~np.isnan(feet) if feet.size else np.zeros(len(tracks), np.bool_)
    has_height = ~np.isnan(height_m) if height_m.size else np.zeros(len(tracks), np.bool_)
    # Where every sample with a height has a pressure altitude, barometric legs cover all that is covered.
    is_geometric_needed = bool((has_height & ~has_feet).any())
    is_unknown_needed = is_geometric_needed and bool((has_feet & ~has_height).any())

    if cut is None:

        def cut(reference: str) -> Legs:
            return tracks.legs(reference, max_gap_s=max_gap_s, include_ground=include_ground)

    earlier: list[Legs] = []
    for reference in REFERENCES:
        if (reference == "geometric" and not is_geometric_needed) or (
            reference == "unknown" and not is_unknown_needed
        ):
            continue
        legs = cut("any" if reference == "unknown" else reference)
        if len(legs):
            found.append(_find_in(legs, reference, minima, earlier, len(tracks.aircraft), span_us))
        earlier.append(legs)
    return found


def _find_in(
    legs: Legs,
    reference: str,
    minima: Minima,
    earlier: list[Legs],
    aircraft: int,
    span_us: tuple[int, int] | None,
) -> Episodes:
    height = np.inf if reference == "unknown" else minima.vertical_ft
    covers = [Cover.of(other, legs.base_us, aircraft) for other in earlier if len(other)]
    # A pair is settled where both legs lie wholly within legs of one earlier reference.
    settled = np.zeros(len(legs), np.uint8)
    for bit, c in enumerate(covers):
        within = cover.is_within(legs.t_in_us, legs.t_out_us, legs.aircraft, *c.columns)
        settled |= within.astype(np.uint8) << np.uint8(bit)
    windows = candidate_windows(legs, horizontal_m=minima.horizontal_m, height=height, settled=settled)
    if span_us is not None:
        windows = windows.within(span_us[0] - legs.base_us, span_us[1] - legs.base_us)
    windows = _of_whole_steps(windows, legs)
    for c in covers:
        windows = _outside(windows, legs, c)
    samples = (legs.t_us, legs.lat_deg, legs.lon_deg, legs.altitude, legs.first)
    limits = (minima.horizontal_m, height)
    args = (windows.leg_a, windows.leg_b, windows.from_us, windows.until_us, *limits)
    count, first = kernels.count_episodes(*samples, *args)
    row_of = np.concatenate(([0], np.cumsum(count)))
    rows = np.empty((row_of[-1], kernels.EPISODE_WIDTH))
    one, more = np.flatnonzero(count == 1), np.flatnonzero(count > 1)
    rows[row_of[one]] = first[one]
    if more.size:
        chosen = (windows.leg_a[more], windows.leg_b[more], windows.from_us[more], windows.until_us[more])
        out_first = np.concatenate(([0], np.cumsum(count[more])))
        places = np.repeat(row_of[more] - out_first[:-1], count[more]) + np.arange(out_first[-1])
        rows[places] = kernels.fill_episodes(*samples, *chosen, *limits, out_first)
    leg_a, leg_b = (np.repeat(values, count) for values in (windows.leg_a, windows.leg_b))
    return Episodes(legs, reference, leg_a, leg_b, rows, windows.pairs, len(windows))


@dataclass(frozen=True)
class Cover:
    """When each aircraft is within a leg of another altitude reference.

    Attributes:
        begin: (aircraft + 1,) where each aircraft's intervals begin.
        t_in_us, t_out_us: closed intervals, in order, on the clock of the legs that are asked about.
    """

    begin: npt.NDArray[np.int64]
    t_in_us: npt.NDArray[np.int64]
    t_out_us: npt.NDArray[np.int64]

    @classmethod
    def of(cls, legs: Legs, base_us: int, aircraft: int) -> Cover:
        """Return when each of ``aircraft`` aircraft is within one of ``legs``, counted from ``base_us``."""
        begin = np.concatenate(([0], np.cumsum(np.bincount(legs.aircraft, minlength=aircraft))))
        shift_us = legs.base_us - base_us
        return cls(begin, legs.t_in_us + shift_us, legs.t_out_us + shift_us)

    @property
    def columns(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """The three columns, as kernels take them."""
        return self.begin, self.t_in_us, self.t_out_us


def _of_whole_steps(windows: Windows, legs: Legs) -> Windows:
    """Widen windows to whole steps between samples, so that where they were cut changes no digit."""
    from_us, until_us = kernels.whole_steps(
        legs.t_us, legs.first, windows.leg_a, windows.leg_b, windows.from_us, windows.until_us
    )
    real = from_us <= until_us
    return Windows(windows.leg_a[real], windows.leg_b[real], from_us[real], until_us[real], windows.pairs)


def _outside(windows: Windows, legs: Legs, other: Cover) -> Windows:
    """Cut from each window the time in which both aircraft are within the other reference's legs."""
    a, b = legs.aircraft[windows.leg_a], legs.aircraft[windows.leg_b]
    which, from_us, until_us = cover.remainders(a, b, windows.from_us, windows.until_us, *other.columns)
    return Windows(windows.leg_a[which], windows.leg_b[which], from_us, until_us, windows.pairs)

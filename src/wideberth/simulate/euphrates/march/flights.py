"""Flights as they were heard."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from wideberth.simulate.euphrates.march.legs import INSTANT_S, Leg, Numbers, Span, surface_points
from wideberth.simulate.euphrates.terms import MIDNIGHT_US, parties_of
from wideberth.units import MICROSECONDS_PER_SECOND

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wideberth.simulate.euphrates.traffic import Flight

MAX_GAP_S = 60.0
FLIGHT_GAP_S = 1800.0


@dataclass(frozen=True, eq=False)
class Heard:
    """A flight as recorded: the samples of one address with no gap above half an hour.

    Attributes:
        legs: no gap above `MAX_GAP_S` within, one between two.
        parties: all that claim it.
        made: what it was made as.
    """

    icao24: str
    callsigns: tuple[str, ...]
    legs: tuple[Leg, ...]
    parties: tuple[str, ...]
    made: Flight

    @property
    def first_s(self) -> float:
        """When it is first heard."""
        return float(self.legs[0].t_s[0])

    @property
    def last_s(self) -> float:
        """When it is last heard."""
        return float(self.legs[-1].t_s[-1])

    @property
    def gaps(self) -> list[Span]:
        """The gaps between its legs."""
        return [
            Span(float(a.t_s[-1]), float(b.t_s[0])) for a, b in zip(self.legs, self.legs[1:], strict=False)
        ]

    @cached_property
    def true(self) -> Leg:
        """Its true motion."""
        return Leg.of(self.made.motion)

    def named(self) -> dict[str, Any]:
        """Return how answers name it."""
        return {
            "flight": self.made.number,
            "icao24": self.icao24,
            "callsign": self.callsigns[0] if self.callsigns else None,
            "parties": list(self.parties),
            "label": self.made.label,
        }


def heard_flights(tracks: pl.DataFrame, made: Iterable[Flight]) -> list[Heard]:
    """Cut recorded tracks into flights and legs, and match each with what it was made as."""
    by_address: dict[str, list[Flight]] = {}
    for flight in made:
        by_address.setdefault(flight.icao24, []).append(flight)
    found = []
    for rows in tracks.partition_by("icao24", maintain_order=True):
        icao24 = str(rows["icao24"][0])
        t_s = (rows["t"].dt.epoch("us").to_numpy() - MIDNIGHT_US) / MICROSECONDS_PER_SECOND
        points_m = surface_points(rows["lat_deg"].to_numpy(), rows["lon_deg"].to_numpy())
        altitude_ft, callsigns = rows["altitude_ft"].to_numpy(), rows["callsign"].cast(pl.String)
        for first, last in runs(t_s, FLIGHT_GAP_S):
            legs = [slice(first + begin, first + end) for begin, end in runs(t_s[first:last], MAX_GAP_S)]
            texts = callsigns[first:last].drop_nulls().unique(maintain_order=True).to_list()
            (match,) = (
                flight
                for flight in by_address[icao24]
                if flight.departs_s <= (t_s[first] + t_s[last - 1]) / 2.0 <= flight.arrives_s
            )
            found.append(
                Heard(
                    icao24,
                    tuple(texts),
                    tuple(Leg(t_s[leg], points_m[leg], altitude_ft[leg]) for leg in legs),
                    parties_of(icao24, set(texts)),
                    match,
                )
            )
    return sorted(found, key=lambda heard: heard.made.number)


def runs(t_s: Numbers, gap_s: float) -> Iterator[tuple[int, int]]:
    """Return where runs without a longer gap begin and end."""
    cuts = np.flatnonzero(np.diff(t_s) > gap_s + INSTANT_S / 10.0) + 1
    edges = [0, *cuts.tolist(), t_s.size]
    yield from itertools.pairwise(edges)

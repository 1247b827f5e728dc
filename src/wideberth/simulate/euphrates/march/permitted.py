"""What permissions cover of the time in which a rule was broken."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from wideberth.simulate.euphrates.march.legs import (
    Leg,
    Numbers,
    Span,
    State,
    Truths,
    length_s,
    spans,
    surface_points,
)
from wideberth.simulate.euphrates.march.told import interval, seconds
from wideberth.simulate.euphrates.terms import PERMISSIONS, Permission

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wideberth.simulate.euphrates.march.flights import Heard


def permissions_for(rule: str, heard: Heard) -> list[Permission]:
    """Return the permissions that excuse a rule for a flight, at some time and place."""
    return [
        one
        for one in PERMISSIONS
        if rule in one.excuses
        and one.party in heard.parties
        and one.callsign in (None, *heard.callsigns)
        and one.icao24 in (None, heard.icao24)
    ]


def covers(one: Permission, leg: Leg) -> State:
    """Return whether a permission covers a leg, by instant."""

    def state(t_s: Numbers) -> Truths:
        covered: Truths = (t_s >= one.from_s) & (t_s <= one.until_s)
        if one.above_ft is not None:
            covered &= leg.altitudes(t_s) >= one.above_ft
        if one.within is not None:
            centre_m = surface_points([one.within.lat_deg], [one.within.lon_deg])
            covered &= np.linalg.norm(leg.points(t_s) - centre_m, axis=1) <= one.within.radius_m
        return covered

    return state


def _both(one: State, other: State) -> State:
    return lambda t_s: one(t_s) & other(t_s)


@dataclass
class Coverage:
    """How much of what broke a rule was permitted.

    Attributes:
        broken_s: how long it was broken.
        uncovered, covered: when without and with a permission.
        permissions: the ids of those that covered a part.
    """

    broken_s: float
    uncovered: list[Span]
    covered: list[Span]
    permissions: list[str]

    @classmethod
    def of(cls, breaks: State, t_s: Numbers, granted: Sequence[tuple[Permission, Leg]]) -> Coverage:
        """Measure it for a state that breaks a rule.

        Args:
            breaks: the state.
            t_s: the instants at which to look.
            granted: permissions, and the legs that they are for.
        """
        broken = spans(breaks, t_s)
        if not granted:
            return cls(length_s(broken), broken, [], [])
        states = [covers(one, leg) for one, leg in granted]

        def is_covered(t_s: Numbers) -> Truths:
            covered: Truths = np.any([state(t_s) for state in states], axis=0)
            return covered

        return cls(
            length_s(broken),
            uncovered=spans(lambda t_s: breaks(t_s) & ~is_covered(t_s), t_s),
            covered=spans(_both(breaks, is_covered), t_s),
            permissions=[
                one.id
                for (one, _), state in zip(granted, states, strict=True)
                if spans(_both(breaks, state), t_s)
            ],
        )

    def __add__(self, other: Coverage) -> Coverage:
        return Coverage(
            self.broken_s + other.broken_s,
            self.uncovered + other.uncovered,
            self.covered + other.covered,
            self.permissions + [one for one in other.permissions if one not in self.permissions],
        )

    def told(self) -> dict[str, Any]:
        """Return how answers tell it."""
        return {
            "permissions": self.permissions,
            "broken_s": seconds(self.broken_s),
            "covered_s": seconds(length_s(self.covered)),
            "covered": [interval(one) for one in self.covered],
        }


def verdict_of(coverage: Coverage, is_party_told: bool) -> str:
    """Return excused, broken or, where it cannot be told whose the aircraft is, unknown."""
    if not coverage.uncovered:
        return "excused"
    return "broken" if is_party_told else "unknown"

"""Aircraft of two parties inside both minima at once."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from wideberth.simulate.euphrates.march.legs import (
    AROUND_S,
    Leg,
    Numbers,
    Span,
    Truths,
    least,
    lon_lat,
    spans,
)
from wideberth.simulate.euphrates.march.permitted import Coverage, permissions_for, verdict_of
from wideberth.simulate.euphrates.march.told import instant, interval, metres, seconds
from wideberth.simulate.euphrates.terms import (
    APART_HORIZONTAL_M,
    APART_PARTIES,
    APART_RULE,
    APART_VERTICAL_FT,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wideberth.simulate.euphrates.march.flights import Heard


class Pair:
    """Two legs; what is measured of them, by instant."""

    def __init__(self, a: Leg, b: Leg) -> None:
        self.a, self.b = a, b

    def range_m(self, t_s: Numbers) -> Numbers:
        """How far apart they are horizontally."""
        range_m: Numbers = np.linalg.norm(self.a.points(t_s) - self.b.points(t_s), axis=1)
        return range_m

    def vertical_ft(self, t_s: Numbers) -> Numbers:
        """How far apart they are vertically."""
        return np.abs(self.a.altitudes(t_s) - self.b.altitudes(t_s))

    def retained(self, t_s: Numbers) -> Numbers:
        """How much of the minima is kept: 0 collision, 1 both just kept or one of them."""
        return np.maximum(self.range_m(t_s) / APART_HORIZONTAL_M, self.vertical_ft(t_s) / APART_VERTICAL_FT)

    def is_inside(self, t_s: Numbers) -> Truths:
        """Whether they are inside both minima."""
        inside: Truths = (self.range_m(t_s) < APART_HORIZONTAL_M) & (
            self.vertical_ft(t_s) < APART_VERTICAL_FT
        )
        return inside

    def seconds(self, from_s: float = -math.inf, until_s: float = math.inf) -> Numbers:
        """Every sample of either and every whole second while both are heard, and within a span."""
        from_s = max(from_s, float(self.a.t_s[0]), float(self.b.t_s[0]))
        until_s = min(until_s, float(self.a.t_s[-1]), float(self.b.t_s[-1]))
        return np.union1d(self.a.seconds(from_s, until_s), self.b.seconds(from_s, until_s))

    def measured(self, span: Span) -> dict[str, Any]:
        """Return the minima within a span."""
        t_s = self.seconds(*span)
        t_cpa_s, hmd_m = least(self.range_m, t_s)
        t_vmd_s, vmd_ft = least(self.vertical_ft, t_s)
        _, retained = least(self.retained, t_s)
        return {
            "t_cpa": instant(t_cpa_s),
            "hmd_m": metres(hmd_m),
            "vertical_ft_at_cpa": round(float(self.vertical_ft(np.array([t_cpa_s]))[0]), 3),
            "vmd_ft": round(vmd_ft, 3),
            "t_vmd": instant(t_vmd_s),
            "retained": round(retained, 6),
            "at": list(lon_lat(self.a.points(np.array([t_cpa_s]))[0])),
        }


def close_calls(flights: Sequence[Heard]) -> list[dict[str, Any]]:
    """Return every time that two flights of the parties concerned were inside both minima."""
    one, other = APART_PARTIES
    heard = [(flight, flight.first_s, flight.last_s) for flight in flights]
    found = []
    for a, a_first_s, a_last_s in heard:
        for b, b_first_s, b_last_s in heard:
            if a.icao24 >= b.icao24 or a_first_s > b_last_s or b_first_s > a_last_s:
                continue
            if not ((one in a.parties and other in b.parties) or (other in a.parties and one in b.parties)):
                continue
            for leg_a in a.legs:
                for leg_b in b.legs:
                    pair = Pair(leg_a, leg_b)
                    t_s = pair.seconds()
                    if t_s.size:
                        found += [_told_pair(a, b, pair, span) for span in spans(pair.is_inside, t_s)]
    return sorted(found, key=lambda answer: (answer["t_in"], answer["a"]["icao24"], answer["b"]["icao24"]))


def _told_pair(a: Heard, b: Heard, pair: Pair, span: Span) -> dict[str, Any]:
    granted = [
        (one, leg) for heard, leg in ((a, pair.a), (b, pair.b)) for one in permissions_for(APART_RULE, heard)
    ]
    coverage = Coverage.of(pair.is_inside, pair.seconds(*span), granted)
    true = Pair(a.true, b.true)
    around = Span(span.t_in_s - AROUND_S, span.t_out_s + AROUND_S)
    inside = spans(true.is_inside, true.seconds(*around))
    return {
        "rule": APART_RULE,
        "verdict": verdict_of(coverage, len(a.parties) == len(b.parties) == 1),
        "a": a.named(),
        "b": b.named(),
        "t_in": instant(span.t_in_s),
        "t_out": instant(span.t_out_s),
        "lasts_s": seconds(span.t_out_s - span.t_in_s),
        **pair.measured(span),
        **coverage.told(),
        "true": {"inside": [interval(one) for one in inside], **true.measured(around)},
    }

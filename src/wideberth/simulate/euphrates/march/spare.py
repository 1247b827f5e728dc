"""Flights through a cylinder that everybody keeps out of."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from wideberth.simulate.euphrates.march.legs import (
    AROUND_S,
    JUST_S,
    Leg,
    Numbers,
    Span,
    Truths,
    least,
    spans,
    surface_points,
)
from wideberth.simulate.euphrates.march.permitted import Coverage, permissions_for, verdict_of
from wideberth.simulate.euphrates.march.told import instant, interval, metres, seconds

if TYPE_CHECKING:
    from wideberth.simulate.euphrates.march.flights import Heard
    from wideberth.simulate.euphrates.terms import SpareRule


class Cylinder:
    """A place, and what is measured of a leg there, by instant."""

    def __init__(self, rule: SpareRule) -> None:
        self.rule = rule
        self.centre_m = surface_points([rule.place.lat_deg], [rule.place.lon_deg])

    def range_m(self, leg: Leg, t_s: Numbers) -> Numbers:
        """How far from its middle it is."""
        range_m: Numbers = np.linalg.norm(leg.points(t_s) - self.centre_m, axis=1)
        return range_m

    def is_inside(self, leg: Leg, t_s: Numbers) -> Truths:
        """Whether it is in it."""
        inside: Truths = (self.range_m(leg, t_s) < self.rule.place.radius_m) & (
            leg.altitudes(t_s) < self.rule.below_ft
        )
        return inside

    def penetrations(self, heard: Heard) -> list[dict[str, Any]]:
        """Return every time that a flight was in it."""
        return [
            self._told(heard, leg, span)
            for leg in heard.legs
            if leg.altitude_ft.min() < self.rule.below_ft
            for span in spans(partial(self.is_inside, leg), leg.seconds())
        ]

    def _told(self, heard: Heard, leg: Leg, span: Span) -> dict[str, Any]:
        around = Span(span.t_in_s - AROUND_S, span.t_out_s + AROUND_S)
        granted = [(one, leg) for one in permissions_for(self.rule.id, heard)]
        coverage = Coverage.of(partial(self.is_inside, leg), leg.seconds(*span), granted)
        true = spans(partial(self.is_inside, heard.true), heard.true.seconds(*around))
        return {
            **heard.named(),
            "rule": self.rule.id,
            "place": self.rule.place.name,
            "verdict": verdict_of(coverage, True),
            "t_in": instant(span.t_in_s),
            "t_out": instant(span.t_out_s),
            "lasts_s": seconds(span.t_out_s - span.t_in_s),
            "entered": self._edge(leg, span.t_in_s, -JUST_S, float(leg.t_s[0])),
            "left": self._edge(leg, span.t_out_s, JUST_S, float(leg.t_s[-1])),
            **self._measured(leg, span),
            **coverage.told(),
            "true": {"inside": [interval(one) for one in true], **self._measured(heard.true, around)},
        }

    def _measured(self, leg: Leg, span: Span) -> dict[str, Any]:
        t_s = leg.seconds(*span)
        t_nearest_s, nearest_m = least(partial(self.range_m, leg), t_s)
        _, lowest_ft = least(leg.altitudes, t_s)
        return {
            "depth_m": metres(self.rule.place.radius_m - nearest_m),
            "t_deepest": instant(t_nearest_s),
            "lowest_ft": round(lowest_ft, 2),
        }

    def _edge(self, leg: Leg, t_s: float, just_s: float, heard_s: float) -> str:
        if t_s == heard_s:
            return "heard"
        outside = self.range_m(leg, np.array([t_s + just_s])) >= self.rule.place.radius_m
        return "side" if outside[0] else "ceiling"

"""Excursions past the line, and gaps that could hide one."""

from __future__ import annotations

from dataclasses import dataclass
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
    lon_lat,
    spans,
)
from wideberth.simulate.euphrates.march.permitted import Coverage, permissions_for, verdict_of
from wideberth.simulate.euphrates.march.told import instant, interval, metres, seconds
from wideberth.simulate.euphrates.terms import BUFFER_M, REACH_M, SideRule
from wideberth.units import MPS_PER_KNOT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wideberth.simulate.euphrates.march.flights import Heard
    from wideberth.simulate.euphrates.march.line import Line

JOIN_GAP_S = 900.0
GAP_SPEED_KT = 600.0
BRUSH_S, BRUSH_M = 60.0, 1000.0
SUSTAINED_S = 300.0


@dataclass(frozen=True)
class Part:
    """A stretch past the line within one leg, and how it was entered and left."""

    leg: Leg
    span: Span
    entered: str
    left: str


class Sides:
    """Excursions of flights under one rule."""

    def __init__(self, line: Line, rule: SideRule) -> None:
        self.line, self.rule = line, rule

    def depths(self, leg: Leg, t_s: Numbers) -> Numbers:
        """Return how far past the line it is; negative on its own side."""
        return self.rule.wrong_side * self.line.locate(leg.points(t_s)).left_m

    def is_past(self, leg: Leg, t_s: Numbers, more_than_m: float = 0.0) -> Truths:
        """Return whether it is past the line, beside it, by more than so much."""
        located = self.line.locate(leg.points(t_s))
        depth_m = self.rule.wrong_side * located.left_m
        return located.is_beside & (depth_m > more_than_m) & (depth_m < REACH_M)

    def parts(self, leg: Leg) -> list[Part]:
        """Return every stretch past the line in a leg."""
        may = self.line.may_change(leg.points_m)
        near = [leg.seconds(float(leg.t_s[k]), float(leg.t_s[k + 1])) for k in np.flatnonzero(may)]
        t_s = np.unique(np.concatenate([leg.t_s, *near]))
        found = spans(partial(self.is_past, leg), t_s)
        return [
            Part(
                leg,
                span,
                self._edge(leg, span.t_in_s, -JUST_S, float(leg.t_s[0])),
                self._edge(leg, span.t_out_s, JUST_S, float(leg.t_s[-1])),
            )
            for span in found
        ]

    def _edge(self, leg: Leg, t_s: float, just_s: float, heard_s: float) -> str:
        """Return through what it came or went."""
        if t_s == heard_s:
            return "heard"
        outside = self.line.locate(leg.points(np.array([t_s + just_s])))
        if not outside.is_beside[0]:
            return "end"
        return "reach" if abs(outside.left_m[0]) >= REACH_M else "line"

    def excursions(self, legs: Sequence[Leg]) -> list[list[Part]]:
        """Return excursions, as the parts that short gaps separate."""
        found: list[list[Part]] = []
        for before, leg in zip([None, *legs], legs, strict=False):
            for part in self.parts(leg):
                last = found[-1][-1] if found else None
                if (
                    last is not None
                    and last.leg is before
                    and last.left == part.entered == "heard"
                    and part.span.t_in_s - last.span.t_out_s <= JOIN_GAP_S
                ):
                    found[-1].append(part)
                else:
                    found.append([part])
        return found

    def could_contain(self, before_m: Numbers, after_m: Numbers, gap: Span) -> bool:
        """Return whether a gap is long enough for an excursion past the buffer."""
        turns_m = self.line.past_buffer_m(self.rule.wrong_side)
        way_m = np.linalg.norm(turns_m - before_m, axis=1) + np.linalg.norm(turns_m - after_m, axis=1)
        return bool(way_m.min() < GAP_SPEED_KT * MPS_PER_KNOT * (gap.t_out_s - gap.t_in_s))

    def findings(self, heard: Heard) -> list[dict[str, Any]]:
        """Return every excursion of a flight, and every gap that alone could contain one."""
        excursions = self.excursions(heard.legs)
        gaps = [
            (gap, self.could_contain(a.points_m[-1], b.points_m[0], gap), a, b)
            for gap, a, b in zip(heard.gaps, heard.legs, heard.legs[1:], strict=False)
        ]
        true = (
            [parts[0] for parts in self.excursions([heard.true])]
            if excursions or any(could for _, could, _, _ in gaps)
            else []
        )
        answers = [self._told(heard, parts, gaps, true) for parts in excursions]
        for gap, could, before, after in gaps:
            is_told = self.is_past(before, before.t_s[-1:]) | self.is_past(after, after.t_s[:1])
            if could and not is_told[0]:  # else it is the beginning or the end of an excursion
                answers.append(self._told_gap(heard, gap, true))
        return sorted(answers, key=lambda answer: str(answer["t_in"]))

    def _told(
        self,
        heard: Heard,
        parts: list[Part],
        gaps: Sequence[tuple[Span, bool, Leg, Leg]],
        true: list[Part],
    ) -> dict[str, Any]:
        first, last = parts[0], parts[-1]
        span = Span(first.span.t_in_s, last.span.t_out_s)
        deepest_s, depth_m = min((self._deepest(part) for part in parts), key=lambda found: -found[1])
        granted = permissions_for(self.rule.id, heard)
        coverage = Coverage(0.0, [], [], [])
        for part in parts if depth_m > BUFFER_M else ():
            coverage += Coverage.of(
                partial(self.is_past, part.leg, more_than_m=BUFFER_M),
                part.leg.seconds(*part.span),
                [(one, part.leg) for one in granted],
            )
        inside = [gap for gap, _, _, _ in gaps if span.t_in_s < gap.t_out_s and gap.t_in_s < span.t_out_s]
        hidden_in = [gap for gap, _, _, _ in gaps if first.entered == "heard" and gap.t_out_s == span.t_in_s]
        hidden_out = [gap for gap, _, _, _ in gaps if last.left == "heard" and gap.t_in_s == span.t_out_s]
        could = any(could for gap, could, _, _ in gaps if gap in [*inside, *hidden_in, *hidden_out])
        if depth_m > BUFFER_M:
            verdict = verdict_of(coverage, len(heard.parties) == 1)
        else:
            verdict = "unknown" if could else "inside_buffer"
        return {
            **heard.named(),
            "rule": self.rule.id,
            "kind": "excursion",
            "verdict": verdict,
            "t_in": instant(span.t_in_s),
            "t_out": instant(span.t_out_s),
            "entered": first.entered,
            "left": last.left,
            "entered_at": self._place(first, first.span.t_in_s),
            "left_at": self._place(last, last.span.t_out_s),
            "hidden_in": interval(hidden_in[0]) if hidden_in else None,
            "hidden_out": interval(hidden_out[0]) if hidden_out else None,
            "gaps": [interval(gap) for gap in inside],
            "depth_m": metres(depth_m),
            "t_deepest": instant(deepest_s),
            "lasts_s": seconds(span.t_out_s - span.t_in_s),
            "inside_buffer": depth_m <= BUFFER_M,
            "manner": manner(span.t_out_s - span.t_in_s, depth_m, first.entered, last.left),
            **coverage.told(),
            "true": self._told_true(true, span, heard.true, deepest_s),
        }

    def _told_gap(self, heard: Heard, gap: Span, true: list[Part]) -> dict[str, Any]:
        return {
            **heard.named(),
            "rule": self.rule.id,
            "kind": "gap",
            "verdict": "unknown",
            "t_in": instant(gap.t_in_s),
            "t_out": instant(gap.t_out_s),
            "lasts_s": seconds(gap.t_out_s - gap.t_in_s),
            "true": self._told_true(true, gap, heard.true, None),
        }

    def _told_true(
        self, true: list[Part], span: Span, motion: Leg, deepest_s: float | None
    ) -> dict[str, Any] | None:
        """Return the true excursion that a recorded one stands for: of those near it, the longest in common."""

        def common_s(part: Part) -> float:
            return min(part.span.t_out_s, span.t_out_s + AROUND_S) - max(
                part.span.t_in_s, span.t_in_s - AROUND_S
            )

        best = max(true, key=common_s, default=None)
        if best is None or common_s(best) <= 0.0:
            return None
        t_deepest_s, depth_m = self._deepest(best)
        return {
            "t_in": instant(best.span.t_in_s),
            "t_out": instant(best.span.t_out_s),
            "entered": best.entered,
            "left": best.left,
            "entered_at": self._place(best, best.span.t_in_s),
            "left_at": self._place(best, best.span.t_out_s),
            "depth_m": metres(depth_m),
            "t_deepest": instant(t_deepest_s),
            "depth_at_recorded_m": None
            if deepest_s is None
            else metres(float(self.depths(motion, np.array([deepest_s]))[0])),
        }

    def _deepest(self, part: Part) -> tuple[float, float]:
        t_s = part.leg.t_s[(part.leg.t_s > part.span.t_in_s) & (part.leg.t_s < part.span.t_out_s)]
        t_s = np.concatenate([[part.span.t_in_s], t_s, [part.span.t_out_s]])
        when_s, negative_m = least(lambda t_s: -self.depths(part.leg, t_s), t_s)
        return when_s, -negative_m

    def _place(self, part: Part, t_s: float) -> list[float]:
        return list(lon_lat(part.leg.points(np.array([t_s]))[0]))


def manner(lasts_s: float, depth_m: float, entered: str, left: str) -> str:
    """Return brush, transit or sustained."""
    if lasts_s <= BRUSH_S and depth_m <= BRUSH_M:
        return "brush"
    if (entered == "line" and left in ("end", "reach")) or lasts_s < SUSTAINED_S:
        return "transit"
    return "sustained"

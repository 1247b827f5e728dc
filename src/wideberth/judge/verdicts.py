"""What a recorded break of a rule comes to: broken, excused by permissions, or unknown whose it was."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from wideberth.judge import spans

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wideberth.agreement.rules import Rule
    from wideberth.judge.sky import Sky


class Break(NamedTuple):
    """When a flight's leg (of ``Sky.legs``) broke a rule, Unix microseconds."""

    flight: int
    leg: int
    broken: list[spans.Span]


class Verdict(NamedTuple):
    """A verdict, why it is unknown, and how much of the break which permissions cover."""

    verdict: str
    because: str | None
    broken: list[spans.Span]
    covered: list[spans.Span]
    permissions: list[str]

    def columns(self) -> dict[str, Any]:
        """Return how an incident tells it."""
        return {
            "verdict": self.verdict,
            "because": self.because,
            "permission": " / ".join(self.permissions) or None,
            "broken_s": spans.length_s(self.broken),
            "covered_s": spans.length_s(self.covered),
        }


def of(sky: Sky, rule: Rule, breaks: Sequence[Break]) -> Verdict:
    """Return the verdict on some legs that broke a rule together.

    It is excused where permissions cover every part; one of any of the flights suffices.  A flight that two
    parties claim makes it unknown, unless the rule binds everyone.
    """
    covered: list[spans.Span] = []
    permissions: list[str] = []
    for each in breaks:
        for one in sky.permissions_for(rule.id, each.flight):
            common = spans.common(each.broken, sky.covered(one, each.leg))
            covered += common
            if common and one.id not in permissions:
                permissions.append(one.id)
    broken = spans.united(span for each in breaks for span in each.broken)
    covered = spans.united(covered)
    is_told = rule.bound == ("all",) or all(len(sky.flights.claims[each.flight]) <= 1 for each in breaks)
    if permissions and not spans.without(broken, covered):
        return Verdict("excused", None, broken, covered, permissions)
    if is_told:
        return Verdict("broken", None, broken, covered, permissions)
    return Verdict("unknown", "party", broken, covered, permissions)

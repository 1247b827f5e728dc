"""What a recorded break of a rule comes to: broken, excused by permissions, or unknown whose it was."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from wideberth.judge import spans

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy.typing as npt

    from wideberth.agreement.rules import Rule
    from wideberth.incidents import Columns
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


def columns(
    sky: Sky,
    rule: Rule,
    flights: Sequence[npt.NDArray[np.int64]],
    broken_us: npt.NDArray[np.float64],
    breaks_of: Callable[[int], Sequence[Break]],
) -> Columns:
    """Return the verdicts on breaks of a rule, as incidents tell them.

    Args:
        sky, rule: under which.
        flights: (k,) the flight that broke it; two of them, where a rule is about two.
        broken_us: (k,) for how long.
        breaks_of: gives the legs and spans of one of the k; asked only where a permission may excuse it.
    """
    n = broken_us.size
    is_doubtful = np.zeros(n, np.bool_)
    may_excuse = np.zeros(n, np.bool_)
    permitted = sky.permitted(rule.id)
    for some in flights:
        may_excuse |= permitted[some]
        if rule.bound != ("all",):
            is_doubtful |= sky.flights.is_claimed_twice[some]
    found: Columns = {
        "verdict": np.where(is_doubtful, "unknown", "broken").tolist(),
        "because": ["party" if one else None for one in is_doubtful.tolist()],
        "permission": [None] * n,
        "broken_s": broken_us * 1e-6,
        "covered_s": np.zeros(n),
    }
    for k in np.flatnonzero(may_excuse).tolist():
        one = of(sky, rule, breaks_of(k))
        found["verdict"][k], found["because"][k] = one.verdict, one.because
        found["permission"][k] = " / ".join(one.permissions) or None
        found["broken_s"][k] = spans.length_s(one.broken)
        found["covered_s"][k] = spans.length_s(one.covered)
    return found


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

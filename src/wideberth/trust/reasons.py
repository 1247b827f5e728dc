"""Evidence → trust, context and reasons, each with a code and a sentence that holds its figures.

docs/trust.md lists the codes.  A reason either takes trust away (*doubtful*, or *artefact* where hardly anything else
explains what was seen), or says that nobody is surprised (a context), or both.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from wideberth.kernels import reports as r
from wideberth.kernels import together as g
from wideberth.trust.evidence import MULTILATERATED, RELAYED, WINDOW_S
from wideberth.trust.likelihood import probability_of_one
from wideberth.units import MPS_PER_KNOT

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy.typing as npt

    from wideberth.minima import Minima
    from wideberth.trust.limits import Limits

    Mask = npt.NDArray[np.bool_]
    Floats = npt.NDArray[np.float64]
    Table = dict[str, npt.NDArray[Any]]
    Sentence = Callable[[int], str]

TRUSTS = ("credible", "doubtful", "artefact")
CONTEXTS = ("none", "circuit", "company", "level spacing")
"""In the order of rank: what surprises most, first."""
CREDIBLE, DOUBTFUL, ARTEFACT = range(3)
NONE, CIRCUIT, COMPANY, LEVELS = range(4)


@dataclass
class Weighed:
    """What was concluded of k encounters.

    Attributes:
        trust, context: (k,) places in `TRUSTS` and `CONTEXTS`.
        codes: of each, the codes of its reasons, a blank between.
        why: of each, their sentences, a blank between.
        one_aircraft: (k,) how probable it is that both are one aircraft.
    """

    trust: npt.NDArray[np.int8]
    context: npt.NDArray[np.int8]
    one_aircraft: Floats
    notes: dict[int, list[tuple[str, str]]] = field(default_factory=dict)

    @property
    def codes(self) -> list[str]:
        """Of each, the codes of its reasons, a blank between."""
        return [
            " ".join(dict.fromkeys(code for code, _ in self.notes.get(k, ()))) for k in range(self.trust.size)
        ]

    @property
    def why(self) -> list[str]:
        """Of each, the sentences of its reasons, a blank between."""
        return [" ".join(text for _, text in self.notes.get(k, ())) for k in range(self.trust.size)]

    def note(
        self, code: str, where: Mask, sentence: Sentence, *, trust: int = CREDIBLE, context: int = NONE
    ) -> None:
        """Add a reason to some encounters."""
        rows = np.flatnonzero(where)
        if trust:
            self.trust[rows] = np.maximum(self.trust[rows], trust)
        if context:
            self.context[rows] = context
        for k in rows.tolist():
            self.notes.setdefault(k, []).append((code, sentence(k)))


def weigh(
    evidence: Table, table: Table, names: tuple[Sequence[str], Sequence[str]], callsigns: tuple[Any, Any],
    minima: Minima, limits: Limits,
) -> Weighed:  # fmt: skip
    """Weigh the evidence on some encounters.

    Args:
        evidence: as `evidence.gather` returns it.
        table: the encounters' columns, instants as Unix microseconds.
        names: (k,) addresses of a and of b.
        callsigns: (k,) of a and of b; None where unknown.
        minima: that were broken.
        limits: the thresholds.
    """
    k = table["t_cpa"].size
    same, other = compared_callsigns(callsigns)
    one = probability_of_one(evidence, same, other, limits)
    done = Weighed(np.zeros(k, np.int8), np.zeros(k, np.int8), one)
    _company(done, evidence, table, limits)
    _circuit(done, evidence, table, limits)
    _levels(done, evidence, table, minima, limits)
    _one_aircraft(done, evidence, limits)
    spare_m = minima.horizontal_m - table["hmd_m"]
    for side, texts in zip("ab", names, strict=True):
        of = evidence[f"of_{side}"]
        _places(done, of, texts, spare_m, limits)
        _aside(done, of, evidence[f"kind_{side}"], texts, spare_m, limits)
        _altitudes(done, of, texts, limits)
        _silence(done, of, texts, spare_m, limits)
    _both_altitudes(done, evidence, limits)
    _filled_silence(done, evidence, names, limits)
    return done


def weigh_alone(
    of: Floats,
    kind: npt.NDArray[np.int8],
    names: Sequence[str],
    spare_m: Floats,
    has_level: Mask,
    limits: Limits,
) -> Weighed:
    """Weigh the evidence on one aircraft each, as `evidence.describe` returns it.

    Args:
        of: (k, REPORT_WIDTH).
        kind: (k,) how their addresses are heard, as `evidence.kinds_of` tells.
        names: (k,) addresses.
        spare_m: (k,) how far a position may be wrong before the finding is none.
        has_level: (k,) True where an altitude is part of the finding.
        limits: the thresholds.
    """
    k = len(names)
    done = Weighed(np.zeros(k, np.int8), np.zeros(k, np.int8), np.zeros(k))
    _places(done, of, names, spare_m, limits)
    _aside(done, of, kind, names, spare_m, limits)
    levels = of.copy()
    levels[~has_level] = np.nan
    _altitudes(done, levels, names, limits)
    _silence(done, of, names, spare_m, limits)
    return done


def compared_callsigns(callsigns: tuple[Any, Any]) -> tuple[Mask, Mask]:
    """Return where two callsigns are one, and where they are two; neither where one is unknown."""
    a, b = (np.array(["" if text is None else text for text in texts], object) for texts in callsigns)
    known = (a != "") & (b != "")
    return (known & (a == b)).astype(np.bool_), (known & (a != b)).astype(np.bool_)


def _levels(done: Weighed, evidence: Table, table: Table, minima: Minima, limits: Limits) -> None:
    """Both hold levels that are assigned no nearer than the minimum, within the tolerance of holding one."""
    means, is_level = [], np.ones(table["t_cpa"].size, np.bool_)
    for side in "ab":
        of = evidence[f"of_{side}"]
        low, high = of[:, r.LEVEL_LOW_FT], of[:, r.LEVEL_HIGH_FT]
        is_level &= (high - low <= limits.level_ft) & (of[:, r.LEVEL_S] >= limits.level_s)
        means.append((low + high) / 2.0)
    apart_ft = np.abs(means[0] - means[1])
    lowest = np.minimum(*means)
    is_rvsm = (lowest >= limits.rvsm_low_ft - limits.tolerance_rvsm_ft) & (
        np.maximum(*means) <= limits.rvsm_high_ft + limits.tolerance_rvsm_ft
    )
    assigned_ft = np.rint(np.nan_to_num(apart_ft) / limits.levels_every_ft) * limits.levels_every_ft
    tolerance_ft = np.minimum(
        np.where(is_rvsm, limits.tolerance_rvsm_ft, limits.tolerance_ft), limits.levels_share * assigned_ft
    )
    where = is_level & (assigned_ft >= minima.vertical_ft) & (np.abs(apart_ft - assigned_ft) <= tolerance_ft)
    where &= table["vmd_ft"] >= assigned_ft - tolerance_ft
    done.note(
        "level-spacing",
        where,
        lambda k: (
            f"Both fly level, {apart_ft[k]:,.0f} ft apart: levels {assigned_ft[k]:,.0f} ft apart, held within "
            f"{tolerance_ft[k]:,.0f} ft."
        ),
        context=LEVELS,
    )


def _company(done: Weighed, evidence: Table, table: Table, limits: Limits) -> None:
    """Near for long, or for a while and alike."""
    t = evidence["together"]
    near_s, relative, speed = t[:, g.NEAR_S], t[:, g.RELATIVE_MPS], t[:, g.SPEED_MPS]
    is_alike = relative <= np.fmax(limits.alike_share * speed, limits.alike_mps)
    drift, in_all_s = t[:, g.DRIFT_MPS], t[:, g.NEAR_IN_ALL_S]
    where = (near_s >= limits.company_alike_s) & is_alike
    where |= (in_all_s >= limits.company_s) | (
        (in_all_s >= limits.company_staying_s) & (drift <= limits.staying_share * relative)
    )
    where |= (near_s >= limits.circling_s) & (drift <= limits.circling_share * relative)
    done.note(
        "company",
        where,
        lambda k: (
            f"Within {limits.company_near_m / 1852:g} NM and {limits.company_near_ft:,.0f} ft of each other for "
            f"{t[k, g.NEAR_IN_ALL_S]:,.0f} s of the twenty minutes around, at {t[k, g.NEAR_M]:,.0f} m on average, "
            f"{relative[k] / MPS_PER_KNOT:,.0f} kt relative to each other."
        ),
        context=COMPANY,
    )
    joined = where & (table["hmd_m"] < limits.joined_share * t[:, g.NEAR_M])
    done.note(
        "join-up",
        joined,
        lambda k: f"They closed to {table['hmd_m'][k]:,.0f} m from {t[k, g.NEAR_M]:,.0f} m on average.",
    )


def _circuit(done: Weighed, evidence: Table, table: Table, limits: Limits) -> None:
    """Low, near the place where both take off or land."""
    a, b = evidence["of_a"], evidence["of_b"]
    apart_m = np.hypot(a[:, r.LOW_EAST_M] - b[:, r.LOW_EAST_M], a[:, r.LOW_NORTH_M] - b[:, r.LOW_NORTH_M])
    apart_ft = np.abs(a[:, r.LOW_FT] - b[:, r.LOW_FT])
    where = (apart_m <= limits.common_end_m) & ~(apart_ft > limits.common_end_ft)
    field_ft = np.fmin(a[:, r.LOW_FT], b[:, r.LOW_FT])
    away_m = np.fmax(
        np.hypot(a[:, r.LOW_EAST_M], a[:, r.LOW_NORTH_M]), np.hypot(b[:, r.LOW_EAST_M], b[:, r.LOW_NORTH_M])
    )
    where &= away_m <= limits.circuit_near_m
    highest_ft = np.fmax(table["altitude_a_ft"], table["altitude_b_ft"])
    where &= highest_ft - field_ft <= limits.circuit_low_ft
    for of in (a, b):
        is_end = (of[:, r.LOW_DROP_FT] >= limits.end_drop_ft) | _is_end(of, limits)
        where &= (of[:, r.LOW_KT] <= limits.end_kt) & is_end
    done.note(
        "circuit",
        where,
        lambda k: (
            f"Both were lowest within {apart_m[k] / 1000:,.1f} km of one place, {away_m[k] / 1000:,.1f} km from here, "
            f"and are no higher than {highest_ft[k] - field_ft[k]:,.0f} ft above it: they take off or land there."
        ),
    )
    t = evidence["together"]
    is_close = (done.context == COMPANY) & (
        (t[:, g.NEAR_M] <= limits.close_m)
        | (t[:, g.NEAR_S] >= limits.long_s)
        | (
            (t[:, g.TURNED_DEG] >= limits.two_circles_deg)
            & (t[:, g.DRIFT_MPS] <= limits.circling_share * t[:, g.RELATIVE_MPS])
        )
    )
    done.context[where & ~is_close] = CIRCUIT


def _is_end(of: Floats, limits: Limits) -> Mask:
    """Return whether the lowest report is nearly the first or the last that was heard of one that did not fly level."""
    away_s = of[:, r.LOW_AWAY_S]
    is_last = away_s >= of[:, r.HEARD_AFTER_S] - limits.end_heard_s
    is_first = -away_s >= of[:, r.HEARD_BEFORE_S] - limits.end_heard_s
    is_on_wheels = of[:, r.SPEED_MPS] <= limits.airborne_mps
    return np.asarray((is_last | is_first) & (of[:, r.LOW_DROP_FT] > limits.level_ft) | is_on_wheels)


def _one_aircraft(done: Weighed, evidence: Table, limits: Limits) -> None:
    t, one = evidence["together"], done.one_aircraft

    def told(words: str, k: int) -> str:
        return (
            f"{words} (probability {share_text(float(one[k]))}): at {t[k, g.POINTS]:,.0f} instants within "
            f"{t[k, g.COMMON_S]:,.0f} s b is where a was {t[k, g.LAG_S]:+.1f} s before, "
            f"{t[k, g.BIAS_M]:,.0f} m off and {t[k, g.SPREAD_M]:,.0f} m scattered{_lift(t[k])}."
        )

    is_one = one >= limits.one_aircraft
    may_be = (one >= limits.maybe_one_aircraft) & ~is_one
    for where, words, trust in (
        (is_one, "One aircraft, seen under two addresses", ARTEFACT),
        (may_be, "Perhaps one aircraft under two addresses", DOUBTFUL),
    ):
        done.note(
            "one-aircraft",
            where,
            partial(told, words),
            trust=trust,
        )


def share_text(probability: float) -> str:
    """Return a probability in a sentence: more digits where it is nearly certain."""
    if probability > 0.999:
        return "above 0.999"
    return f"{probability:.3f}" if probability > 0.99 else f"{probability:.2f}"


def _lift(row: Floats) -> str:
    if np.isnan(row[g.LIFT_FT]):
        return ""
    return f", {row[g.LIFT_FT]:+,.0f} ft with {row[g.LIFT_SPREAD_FT]:,.0f} ft of scatter"


def _places(done: Weighed, of: Floats, names: Sequence[str], spare_m: Floats, limits: Limits) -> None:
    """Positions that stand still, race, or leap: by enough that without it there might be no finding."""
    moved, flown, kept = of[:, r.MOVED_M], of[:, r.FLOWN_M], of[:, r.HELD_M]
    lost = np.maximum(flown - moved, kept)
    held = (lost >= np.maximum(limits.held_m, spare_m)) & (
        (moved <= limits.held_share * flown) | (kept >= limits.held_m)
    )
    stuck = (
        held
        & (of[:, r.REPEATS] >= limits.repeats)
        & (kept >= (1.0 - limits.held_share / limits.hopeless) * flown)
    )
    for where, trust in ((stuck, ARTEFACT), (held & ~stuck, DOUBTFUL)):
        done.note(
            "stale",
            where,
            lambda k: (
                f"{names[k]}: around the closest point its positions fall {lost[k]:,.0f} m behind what its speed says "
                f"({of[k, r.REPEATS]:.0f} all but repeated): they are old."
            ),
            trust=trust,
        )
    raced = (moved >= limits.raced_share * flown) & (moved - flown >= np.maximum(limits.leap_m, spare_m))
    kink = (of[:, r.KINK_M] >= limits.kink_m) & (of[:, r.KINK_AWAY_M] >= spare_m)
    detour = (of[:, r.DETOUR_M] >= limits.detour_m) & ~kink
    leap = (of[:, r.LEAP_M] >= np.maximum(limits.leap_m, spare_m)) & (of[:, r.LEAP_AWAY_S] <= limits.leap_s)
    far = of[:, r.LEAP_M] >= np.maximum(limits.far_leap_m, spare_m)
    hopeless = kink & (of[:, r.KINK_M] >= 2.0 * limits.hopeless * limits.kink_m)
    done.note(
        "leap",
        kink,
        lambda k: (
            f"{names[k]}: a position at the closest point lies {of[k, r.KINK_M]:,.0f} m beyond what it can fly."
        ),
        trust=DOUBTFUL,
    )
    done.note(
        "leap",
        detour,
        lambda k: (
            f"{names[k]}: by way of a position near the closest point it would have flown {of[k, r.DETOUR_M]:,.0f} m "
            "farther than its speed allows."
        ),
        trust=DOUBTFUL,
    )
    done.note(
        "leap",
        ~kink & ~detour & (leap | far),
        lambda k: (
            f"{names[k]}: its track leaps {of[k, r.LEAP_M]:,.0f} m farther than its speed allows, "
            f"{of[k, r.LEAP_AWAY_S]:,.0f} s from the closest point."
        ),
        trust=DOUBTFUL,
    )
    done.note(
        "leap",
        raced & ~kink & ~detour & ~leap & ~far,
        lambda k: (
            f"{names[k]}: positions moved {moved[k]:,.0f} m around the closest point while its speed says "
            f"{flown[k]:,.0f} m."
        ),
        trust=DOUBTFUL,
    )
    done.trust[hopeless] = ARTEFACT
    poor = (of[:, r.NAC_P] <= limits.poor_nac_p) & (of[:, r.BEST_NAC_P] >= limits.good_nac_p)
    poor &= of[:, r.NAC_TOLD] >= limits.nac_told
    done.note(
        "accuracy",
        poor,
        lambda k: (
            f"{names[k]}: its own word on its accuracy fell to NACp {of[k, r.NAC_P]:.0f} here, "
            f"from {of[k, r.BEST_NAC_P]:.0f}."
        ),
        trust=DOUBTFUL,
    )


def _aside(
    done: Weighed,
    of: Floats,
    kind: npt.NDArray[np.int8],
    names: Sequence[str],
    spare_m: Floats,
    limits: Limits,
) -> None:
    """Positions beside where the reported velocities lead, and back again."""
    is_rough = (kind == RELAYED) | (kind == MULTILATERATED)
    where = of[:, r.ASIDE_M] >= np.where(is_rough, limits.radar_aside_m, limits.aside_m)
    done.note(
        "leap",
        where & (of[:, r.ASIDE_AWAY_M] >= spare_m),
        lambda k: (
            f"{names[k]}: around the closest point its positions lie {of[k, r.ASIDE_AWAY_M]:,.0f} m off where the "
            "speeds and directions that it reports lead, and before and after where they do."
        ),
        trust=DOUBTFUL,
    )


def _altitudes(done: Weighed, of: Floats, names: Sequence[str], limits: Limits) -> None:
    """Altitudes that leap, or stand still while the aircraft says that it climbs."""
    kink, leap = of[:, r.ALTITUDE_KINK_FT], of[:, r.ALTITUDE_LEAP_FT]
    where = (kink >= limits.altitude_kink_ft) | (leap >= limits.altitude_leap_ft)
    done.note(
        "altitude-leap",
        where,
        lambda k: (
            f"{names[k]}: an altitude near the closest point is {max(kink[k], leap[k]):,.0f} ft beyond what it can "
            "climb or sink."
        ),
        trust=DOUBTFUL,
    )
    done.trust[where & (kink >= limits.hopeless * limits.altitude_kink_ft)] = ARTEFACT
    told, seen = of[:, r.RATE_TOLD_FPM], of[:, r.RATE_SEEN_FPM]
    done.note(
        "altitude-stuck",
        np.abs(told - seen) >= limits.rate_off_fpm,
        lambda k: (
            f"{names[k]}: it says {told[k]:+,.0f} ft/min around the closest point while its altitude changes by "
            f"{seen[k]:+,.0f} ft/min."
        ),
        trust=DOUBTFUL,
    )


def _both_altitudes(done: Weighed, evidence: Table, limits: Limits) -> None:
    a, b = evidence["of_a"][:, r.GEOMETRIC_FT], evidence["of_b"][:, r.GEOMETRIC_FT]
    off_ft = np.abs(a - b)
    is_own = (evidence["kind_a"] != RELAYED) & (evidence["kind_b"] != RELAYED)  # a relay's heights are coarse
    done.note(
        "altitudes-disagree",
        is_own & (off_ft >= limits.altitudes_off_ft),
        lambda k: (
            f"Geometric less pressure altitude is {a[k]:+,.0f} ft for a and {b[k]:+,.0f} ft for b in the same air: an "
            "altitude of one is wrong."
        ),
        trust=DOUBTFUL,
    )


def _silence(done: Weighed, of: Floats, names: Sequence[str], spare_m: Floats, limits: Limits) -> None:
    """No report near, or none before and after, or a turn between two."""
    brief = of[:, r.HEARD_BEFORE_S] + of[:, r.HEARD_AFTER_S] <= limits.brief_s
    alone = (of[:, r.REPORTS] <= 1.0) & (of[:, r.IS_HEARD] == 0.0)
    done.note(
        "brief",
        brief | alone,
        lambda k: (
            f"{names[k]}: heard for {of[k, r.HEARD_BEFORE_S] + of[k, r.HEARD_AFTER_S]:.1f} s only, too short to tell "
            "how it moves."
            if brief[k]
            else f"{names[k]}: one report alone, with no other within a minute to tell how it moves."
        ),
        trust=DOUBTFUL,
    )
    step, age = of[:, r.STEP_S], of[:, r.AGE_S]
    old = ~(age < limits.old_s)  # also of one of whom there is no report at all
    blind = (step >= limits.blind_s) & (of[:, r.TURN_DEG] >= limits.turn_deg)
    blind &= limits.bow_share * of[:, r.BOW_M] >= spare_m
    done.note(
        "gap",
        old | blind,
        lambda k: (
            f"{names[k]}: no report within {WINDOW_S / 60.0:.0f} minutes of the closest point."
            if np.isnan(age[k])
            else f"{names[k]}: no report for {max(step[k], age[k]):.0f} s around the closest point, the nearest "
            f"{age[k]:.0f} s away"
            + (f", and its direction changed by {of[k, r.TURN_DEG]:.0f}° meanwhile." if blind[k] else ".")
        ),
        trust=DOUBTFUL,
    )


def _filled_silence(
    done: Weighed, evidence: Table, names: tuple[Sequence[str], Sequence[str]], limits: Limits
) -> None:
    """A relayed address is met where a transponder's own is silent: it may be that aircraft, relayed meanwhile."""
    for side, other, own, relayed in (("a", "b", *names), ("b", "a", *names[::-1])):
        step = evidence[f"of_{side}"][:, r.STEP_S]
        is_mixed = (evidence[f"kind_{side}"] != RELAYED) & (evidence[f"kind_{other}"] == RELAYED)
        done.note(
            "gap",
            is_mixed & (step >= limits.silent_s),
            partial(_relayed_meanwhile, own, relayed, step),
            trust=DOUBTFUL,
        )


def _relayed_meanwhile(own: Sequence[str], relayed: Sequence[str], step: Floats, k: int) -> str:
    return f"{own[k]} is silent for {step[k]:.0f} s where {relayed[k]} is met: that may be it, relayed meanwhile."

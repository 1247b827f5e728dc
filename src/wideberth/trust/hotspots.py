"""The grades of airbornehotspots.org, for those who know them: very high, high, medium, low.

Written from the description on its methodology page alone.  An *event* is the time in which two aircraft below
18,000 ft are within 0.3 NM and 400 ft of each other.

*low*: a helicopter was involved; one aircraft has less than 60 s of track; no report is near the closest point, in
time or in place; a position leaps; or the two are a formation: an event of over 90 s, or within 0.6 NM of each other
for most of the time in which both were tracked.  Two that were more than 1 NM apart when both were first seen are none.
*medium*: otherwise, an event of over 30 s, or one with sparse reports.
*very high*: otherwise, if nearer than 0.2 NM and 200 ft at the closest point.  *high*: what is left.

What differs here:

- Tracks are looked at within ten minutes before and after the closest point, as all evidence is: *tracked* and *first
  seen* are meant within these.  So two that joined up earlier are a formation.
- Where the page gives no figure: *a few seconds* is `FEW_S`, *half a mile* is half a nautical mile, *most* is over
  half, *sparse* is a step of more than `SPARSE_S` between two reports of either, *implausible* is what `limits.Limits`
  calls a leap.
- An event lasts in whole seconds from the closest point, as long as the two stay within 0.3 NM.
- Over 90 s is *medium* for two that can be no formation.
- A track that ended before the event began cannot be met: no motion is inferred after the last report.
- There is no grade without a common altitude, above 18,000 ft, or where no event is found around the closest point.
  How a recording is cleaned before, and which recordings, differ as well.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from wideberth.kernels import reports as r
from wideberth.kernels import together as g
from wideberth.trust.evidence import EVENT_FT, EVENT_M
from wideberth.units import METRES_PER_NM

if TYPE_CHECKING:
    import numpy.typing as npt

    from wideberth.minima import Minima
    from wideberth.trust.limits import Limits

    Mask = npt.NDArray[np.bool_]
    Floats = npt.NDArray[np.float64]
    Table = dict[str, npt.NDArray[Any]]

GRADES = ("very high", "high", "medium", "low")
CEILING_FT = 18_000.0
VERY_NEAR_M, VERY_NEAR_FT = 0.2 * METRES_PER_NM, 200.0
SHORT_S, LONG_S = 30.0, 90.0
TRACKED_S = 60.0
MOST = 0.5
APART_M = METRES_PER_NM
FEW_S = 5.0  # *choice*
HALF_MILE_M = METRES_PER_NM / 2.0
SPARSE_S = 10.0  # *choice*: state vectors are told every 10 s at the most
LEAPT_S = 60.0


def grades(evidence: Table, table: Table, minima: Minima, limits: Limits) -> list[str | None]:
    """Return the grade of each encounter; None: the methodology knows no such event.

    Args:
        evidence: as `evidence.gather` returns it.
        table: the encounters' columns.
        minima: that were screened by.
        limits: say what a leap is.
    """
    t = evidence["meeting"]
    a, b = evidence["of_a"], evidence["of_b"]
    lasts_s, step_s = t[:, g.EVENT_S], t[:, g.EVENT_STEP_S]
    # One that passes between two seconds is one all the same: both distances were smaller once.
    retained = table["retained"]
    is_brief = (retained * minima.horizontal_m <= EVENT_M) & (retained * minima.vertical_ft <= EVENT_FT)
    is_brief &= np.isnan(lasts_s)
    step_s = np.where(is_brief, np.fmax(a[:, r.STEP_S], b[:, r.STEP_S]), step_s)
    lasts_s = np.where(is_brief, 0.0, lasts_s)
    lowest_ft = np.fmin(table["altitude_a_ft"], table["altitude_b_ft"])
    is_event = ~np.isnan(lasts_s) & ~np.isnan(table["vertical_ft_at_cpa"]) & (lowest_ft <= CEILING_FT)

    is_formation = ((lasts_s > LONG_S) | (t[:, g.SHARE_NEAR] > MOST)) & ~(t[:, g.FIRST_M] > APART_M)
    is_low = evidence["has_helicopter"] | is_formation
    for of, found in ((a, g.FOUND_A_M), (b, g.FOUND_B_M)):
        is_low = is_low | (of[:, r.HEARD_BEFORE_S] + of[:, r.HEARD_AFTER_S] < TRACKED_S)
        is_low |= (of[:, r.AGE_S] > FEW_S) & (t[:, found] > HALF_MILE_M)
        is_low |= _leaps(of, limits)
    is_medium = (lasts_s > SHORT_S) | (step_s > SPARSE_S)
    is_very_near = (table["hmd_m"] < VERY_NEAR_M) & (table["vertical_ft_at_cpa"] < VERY_NEAR_FT)
    place = np.select([is_low, is_medium, is_very_near], [3, 2, 0], 1)
    return [
        GRADES[k] if is_one else None for k, is_one in zip(place.tolist(), is_event.tolist(), strict=True)
    ]


def _leaps(of: Floats, limits: Limits) -> Mask:
    """Return where a position lies farther off than the aircraft can have flown."""
    near = (of[:, r.LEAP_M] >= limits.leap_m) & (of[:, r.LEAP_AWAY_S] <= LEAPT_S)
    leaps = near | (of[:, r.LEAP_M] >= limits.far_leap_m)
    return np.asarray(leaps | (of[:, r.KINK_M] >= limits.kink_m) | (of[:, r.DETOUR_M] >= limits.detour_m))

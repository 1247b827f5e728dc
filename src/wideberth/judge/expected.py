"""How many truly passed a limit, when each is more or less probable."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from wideberth.trust.accuracy import NORMAL_95

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wideberth.incidents import Columns


@dataclass(frozen=True)
class Count:
    """How many truly passed a limit: the most probable number, and its 95 % interval."""

    expected: float
    low: int
    high: int


def count(told: Iterable[Columns]) -> Count | None:
    """Return how many truly passed a limit, of what one rule tells; None where it tells no probabilities.

    What was recorded past the limit may not have been, and what was recorded within it, or not at all, may have been
    past it.  For the last there are no rows: as many are taken to lie just outside as were recorded just inside, at the
    same distances, their number as uncertain as a Poisson's.  Findings of one aircraft share its errors: their
    standard deviations are added, not their variances.
    """
    parts = [(each["probability"], each["missed"], each["icao24_a"]) for each in told if "missed" in each]
    if not parts:
        return None
    passed, missed = (np.concatenate([part[k] for part in parts]) for k in (0, 1))
    _, whose = np.unique(np.concatenate([part[2] for part in parts]), return_inverse=True)
    own = np.bincount(whose, np.sqrt(passed * (1.0 - passed)))
    expected = float(passed.sum() + missed.sum())
    # The rows that the number just outside rests on are a draw, too: the last term.
    variance = float((own**2).sum() + missed.sum() + (missed**2).sum())
    half = NORMAL_95 * math.sqrt(variance) + 0.5  # half a one: counts are whole
    return Count(expected, max(math.ceil(expected - half), 0), math.floor(expected + half))

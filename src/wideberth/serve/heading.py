"""Early warning for places to spare: who is heading for one, when it would arrive, and how sure that is.

Farther ahead than conflicts are predicted, a way is less sure: so an aircraft has a fan of ways, straight on and to
either side, at its own speed and at the ends of how that may change.  It is *heading* for a place if the middle way
enters it; the range of arrival is from the earliest to the latest of all ways that do.

How good that is is measured: `benchmarks/heading.py` tells how many of those that were told arrived, and how often in
the range that was told (docs/live.md#heading).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from wideberth.agreement.model import Zone
from wideberth.judge import tell
from wideberth.kernels import zones
from wideberth.serve.ahead import AheadSky, Look, Ways, usable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy.typing as npt

    from wideberth.serve.sky import LiveSky

    Floats = npt.NDArray[np.float64]
    Indices = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Fan:
    """How far ahead is looked for who is heading where, and how wide.

    Attributes:
        look_ahead_s: how far.
        aside_deg: of the outer ways, to either side.
        faster: the share by which an aircraft may become faster or slower.
        stale_s: an aircraft whose last position is older is not looked at.
    """

    look_ahead_s: float = 900.0
    aside_deg: float = 3.0
    faster: float = 0.1
    stale_s: float = 20.0

    @property
    def ways(self) -> list[tuple[float, float]]:
        """The ways, the middle one first: degrees to the right, and times the speed."""
        speeds = (1.0, 1.0 - self.faster, 1.0 + self.faster)
        return [(aside, speed) for aside in (0.0, -self.aside_deg, self.aside_deg) for speed in speeds]


@dataclass(frozen=True, slots=True)
class Heading:
    """That an aircraft is heading for a place that its rule keeps it out of.

    Attributes:
        rule, place: which.
        aircraft, party, callsign: whose; party and callsign None where not known.
        eta_s: seconds until it would enter, going on as it does; 0: it is inside.
        earliest_s, latest_s: the range, of the ways of its fan that enter.
        share: of the ways of its fan, how many enter.
    """

    rule: str
    place: str
    aircraft: str
    party: str | None
    callsign: str | None
    eta_s: float
    earliest_s: float
    latest_s: float
    share: float

    def __str__(self) -> str:
        who = f"{self.callsign or self.aircraft}" + (f" of {self.party}" if self.party else "")
        if self.eta_s == 0.0:
            return f"{who} is in {self.place}"
        half_min = max(self.eta_s - self.earliest_s, self.latest_s - self.eta_s) / 60.0
        return (
            f"{who} is heading for {self.place}, ETA {self.eta_s / 60.0:.0f} min ± {max(half_min, 0.5):.0f}"
        )


def heading(sky: LiveSky, now_us: int, rules: Sequence[str], fan: Fan | None = None) -> list[Heading]:
    """Return who is heading for the places of some rules to keep out of them, the first to arrive first."""
    fan = fan or Fan()
    ways, spread = _fans(sky, now_us, fan)
    found = []
    if len(ways):
        ahead = AheadSky(ways, sky.whose, sky.agreement)
        for name in rules:
            found += list(_of_rule(sky, ahead, name, spread))
    return sorted(found, key=lambda each: (each.eta_s, each.aircraft))


def _fans(sky: LiveSky, now_us: int, fan: Fan) -> tuple[Ways, int]:
    """Return the ways of all fans, aircraft after aircraft, and how many a fan has."""
    look = Look(look_ahead_s=fan.look_ahead_s, stale_s=fan.stale_s)
    places, state = sky.states(now_us)
    counts, is_ahead = usable(state, look)
    aside_deg, faster = np.array(fan.ways).T
    row = np.repeat(np.flatnonzero(is_ahead), aside_deg.size)
    times = row.size // aside_deg.size
    ways = Ways.drawn(
        now_us, places[row], state[row], np.zeros(row.size, np.bool_), np.tile(aside_deg, times),
        np.tile(faster, times), look, counts,
    )  # fmt: skip
    return ways, aside_deg.size


def _of_rule(live: LiveSky, sky: AheadSky, name: str, spread: int) -> Iterator[Heading]:
    rule = live.agreement.rule(name)
    keeps = rule.entry.keeps
    held = tell.held_between(sky, rule, sky.first_us, sky.last_us)
    if not isinstance(keeps, Zone) or keeps.out_of is None or not held:
        return
    bound = live.whose.bound(name)
    for place in rule.places:
        enters_s = np.full(len(sky.ways), np.inf)
        for reference in sorted({volume.reference for volume in place.volumes}):
            legs, way = sky.legs_by(reference), sky.ways_by(reference)
            chosen = np.flatnonzero(bound[sky.ways.place[way]])
            whose, rows = sky.inside(place, legs, chosen, reference, margin_m=keeps.margin, held=held)
            np.minimum.at(enters_s, way[whose], rows[:, zones.T_IN_US] * 1e-6)
        each = enters_s.reshape(-1, spread)
        for k in np.flatnonzero(np.isfinite(each[:, 0])).tolist():
            times = each[k][np.isfinite(each[k])]
            at = int(sky.ways.place[k * spread])
            yield Heading(
                name,
                place.name,
                live.addresses[at],
                live.whose.party_text(at),
                live.whose.callsign(at),
                float(each[k, 0]),
                float(times.min()),
                float(times.max()),
                times.size / spread,
            )

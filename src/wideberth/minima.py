"""Separation minima: named presets, each with its source, and the user's own.

A preset is a pair of distances, not a standard that wideberth vouches for: minima are chosen by
the authority of an airspace.  Each states where its figures were read, and what that source is.
"""

from __future__ import annotations

import difflib
import math
from dataclasses import dataclass
from numbers import Real

from wideberth.errors import UsageError
from wideberth.units import METRES_PER_FOOT, METRES_PER_NM

LARGEST = 10_000_000  # metres: a quarter of the way around the Earth


@dataclass(frozen=True)
class Minima:
    """Two aircraft are too close when nearer than both at the same instant.

    Attributes:
        horizontal_m: D, centre to centre.
        vertical_ft: H, in the altitude reference that both have in common.
        name: of a preset, or "custom".
        source: where the figures come from.
        below_ft: encounters wholly above this altitude are left out; None for no limit.
    """

    horizontal_m: float
    vertical_ft: float
    name: str = "custom"
    source: str = "given by the user"
    below_ft: float | None = None

    def __post_init__(self) -> None:
        for what, value in (("horizontal", self.horizontal_m), ("vertical", self.vertical_ft)):
            if not isinstance(value, Real):
                raise UsageError(f"the {what} minimum must be a number, not {value!r}.")
            if not 0.0 < value < LARGEST:  # also False for NaN
                raise UsageError(
                    f"the {what} minimum must be greater than 0 and less than {LARGEST:,}, not {value}."
                )
        if self.below_ft is not None and not math.isfinite(self.below_ft):
            raise UsageError(f"the altitude below which minima hold must be finite, not {self.below_ft}.")

    def __str__(self) -> str:
        below = f", below {self.below_ft:,.0f} ft" if self.below_ft is not None else ""
        return f"{distance_text(self.horizontal_m)} and {self.vertical_ft:,.10g} ft{below}"


def distance_text(metres: float) -> str:
    """Return a minimum in the unit in which it is a round number.

    >>> distance_text(5556.0), distance_text(152.4), distance_text(500.0)
    ('3 NM', '500 ft', '500 m')
    """
    nm = metres / METRES_PER_NM
    if abs(nm * 100 - round(nm * 100)) < 1e-9:
        return f"{nm:g} NM"
    feet = metres / METRES_PER_FOOT
    return f"{feet:,.10g} ft" if abs(feet - round(feet)) < 1e-9 else f"{metres:,.10g} m"


def _presets(*minima: Minima) -> dict[str, Minima]:
    return {m.name: m for m in minima}


_DO365 = (
    "RTCA DO-365B as implemented by NASA DAIDALUS 2.0.4; the cylinder part only, without the time criterion"
)

PRESETS = _presets(
    Minima(5 * METRES_PER_NM, 1000, "icao-enroute", "ICAO Doc 4444, surveillance separation and RVSM (secondary source)"),
    Minima(3 * METRES_PER_NM, 1000, "icao-terminal", "ICAO Doc 4444, where the authority prescribes 3 NM (secondary source)"),
    Minima(1 * METRES_PER_NM, 400, "ntsb-dca", "NTSB DCA25MA108 preliminary report: 15,214 occurrences (secondary source)"),
    Minima(1500 * METRES_PER_FOOT, 200, "ntsb-dca-close", "NTSB DCA25MA108 preliminary report: 85 occurrences (secondary source)"),
    Minima(500 * METRES_PER_FOOT, 100, "nmac", "near mid-air collision cylinder of DO-365 (NASA DAIDALUS 2.0.4 configurations)"),
    Minima(2000 * METRES_PER_FOOT, 250, "f3442", "ASTM F3442-23 small UAS well clear (PX4 documentation, MIT LL comment to the FAA)"),
    Minima(0.66 * METRES_PER_NM, 450, "do365-enroute", _DO365),
    Minima(0.66 * METRES_PER_NM, 700, "do365-enroute-preventive", _DO365),
    Minima(1500 * METRES_PER_FOOT, 450, "do365-terminal", _DO365),
    Minima(2200 * METRES_PER_FOOT, 450, "do365-noncooperative", _DO365),
    Minima(0.3 * METRES_PER_NM, 400, "airborne-hotspots", "airbornehotspots.org, methodology page", 18_000),
)  # fmt: skip
"""The named minima."""


def resolve(minima: str | Minima | None, horizontal_m: float | None, vertical_ft: float | None) -> Minima:
    """Return the minima that are meant: a name, a `Minima`, or two figures.

    Raises:
        UsageError: an unknown name, only one figure, or both a name and figures.
    """
    if horizontal_m is not None or vertical_ft is not None:
        if minima is not None:
            raise UsageError("give either minima by name or a horizontal and a vertical minimum, not both.")
        if horizontal_m is None or vertical_ft is None:
            raise UsageError("a horizontal and a vertical minimum belong together: give both.")
        return Minima(horizontal_m, vertical_ft)
    if isinstance(minima, Minima):
        return minima
    name = "icao-enroute" if minima is None else minima
    if not isinstance(name, str):
        raise UsageError(f"minima are a name or a Minima, not {name!r}. Known names: {', '.join(PRESETS)}.")
    if name not in PRESETS:
        near = difflib.get_close_matches(name.lower(), PRESETS, n=1)
        hint = f" Did you mean '{near[0]}'?" if near else ""
        raise UsageError(f"no minima are called '{name}'.{hint} Known: {', '.join(PRESETS)}.")
    return PRESETS[name]

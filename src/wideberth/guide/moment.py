"""Guidance for one aircraft at one instant, as it is shown: intruders, and what each dimension allows.

Values are SI and radians, as in the kernels; words and pictures convert.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

from wideberth.units import METRES_PER_FOOT, METRES_PER_NM, MPS_PER_FPM, MPS_PER_KNOT

RECOVERY, UNKNOWN = "RECOVERY", "UNKNOWN"
DIMENSIONS = ("hdir", "hs", "vs", "alt")
TITLES = {"hdir": "track", "hs": "ground speed", "vs": "vertical speed", "alt": "altitude"}
UNITS = {"hdir": "°", "hs": "kt", "vs": "ft/min", "alt": "ft"}
SHOWN = {  # by which a value is divided to be shown
    "hdir": math.pi / 180.0,
    "hs": MPS_PER_KNOT,
    "vs": MPS_PER_FPM,
    "alt": METRES_PER_FOOT,
}
ALERTED = {0: "no alert", 1: "preventive", 2: "corrective", 3: "warning"}


@dataclass(frozen=True)
class Band:
    """One colour of a dimension, from ``low`` to ``up``."""

    low: float
    up: float
    region: str


@dataclass(frozen=True)
class Dial:
    """One dimension.

    Attributes:
        dimension: ``hdir``, ``hs``, ``vs`` or ``alt``.
        own: the ownship's value.
        bands: from the lowest value to the highest, one beginning where the one before ends.
        region: at the own value.
        low_side, high_side: nearest values that resolve, to the left or below and to the right or above; None: none.
        is_high_preferred: whether right or above is the better.
        is_recovery: what resolves regains well clear, it does not keep it.
        last_s: seconds until the last manoeuvre of this kind that keeps well clear; None: none needed, or too late.
    """

    dimension: str
    own: float
    bands: tuple[Band, ...]
    region: str = "NONE"
    low_side: float | None = None
    high_side: float | None = None
    is_high_preferred: bool = False
    is_recovery: bool = False
    last_s: float | None = None

    @property
    def smallest(self) -> float | None:
        """The change to the nearer value that resolves; negative to the left or down; None where there is none."""
        changes = [self._change(side) for side in (self.low_side, self.high_side) if side is not None]
        return min(changes, key=abs) if changes else None

    def _change(self, to: float) -> float:
        change = to - self.own
        if self.dimension == "hdir":
            change = (change + math.pi) % (2.0 * math.pi) - math.pi
        return change

    def words(self) -> str | None:
        """Return the smallest manoeuvre, such as "turn right 22° to 067°"; None where nothing resolves."""
        change = self.smallest
        if change is None:
            return None
        by, to = abs(change) / SHOWN[self.dimension], (self.own + change) / SHOWN[self.dimension]
        if self.dimension == "hdir":
            heading = round(to % 360.0) % 360
            return f"turn {'right' if change > 0 else 'left'} {by:.0f}° to {heading:03d}°"
        if self.dimension == "hs":
            return f"{'speed up' if change > 0 else 'slow down'} by {by:,.0f} kt to {to:,.0f} kt"
        if self.dimension == "vs":
            if abs(to) < 0.5:
                return "level off"
            verb = "climb" if to > 0 else "descend"
            return f"{verb} at {abs(to):,.0f} ft/min"
        return f"{'climb' if change > 0 else 'descend'} {by:,.0f} ft to {to:,.0f} ft"

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data in the units that are shown."""
        scale = SHOWN[self.dimension]

        def shown(value: float | None) -> float | None:
            return None if value is None or not math.isfinite(value) else value / scale

        return {
            "unit": UNITS[self.dimension].replace("°", "deg"),
            "own": shown(self.own),
            "region": self.region,
            "bands": [[shown(band.low), shown(band.up), band.region] for band in self.bands],
            "low_side": shown(self.low_side),
            "high_side": shown(self.high_side),
            "preferred": None if self.smallest is None else "high" if self.is_high_preferred else "low",
            "is_recovery": self.is_recovery,
            "last_s": self.last_s,
            "manoeuvre": self.words(),
        }


@dataclass(frozen=True)
class Intruder:
    """Another aircraft as the ownship has it.

    Attributes:
        name: of it.
        alert: level, 0 for none.
        region: that the level paints; "NONE" for none.
        east_m, north_m, above_m: where it is from the ownship.
        vx_mps, vy_mps, vz_mps: how it moves over the ground.
        in_s: seconds until straight flight enters the corrective volume; inf: never, 0: it is in it.
    """

    name: str
    alert: int
    region: str
    east_m: float
    north_m: float
    above_m: float
    vx_mps: float
    vy_mps: float
    vz_mps: float
    in_s: float = math.inf

    @property
    def range_m(self) -> float:
        """Horizontal distance."""
        return math.hypot(self.east_m, self.north_m)

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data in the units that are shown."""
        return {
            "name": self.name,
            "alert": self.alert,
            "region": self.region,
            "range_nm": self.range_m / METRES_PER_NM,
            "bearing_deg": self.bearing_rad / SHOWN["hdir"],
            "above_ft": self.above_m / METRES_PER_FOOT,
            "corrective_in_s": self.in_s,
        }

    @property
    def bearing_rad(self) -> float:
        """Where it is, clockwise from north."""
        return math.atan2(self.east_m, self.north_m) % (2.0 * math.pi)


@dataclass(frozen=True)
class Moment:
    """Guidance for one aircraft at one instant.

    Attributes:
        ownship: whose.
        t_s: when, as the states count.
        clock: the same in words.
        track_rad, groundspeed_mps, vertical_mps, altitude_m: of the ownship.
        intruders: the others.
        dials: by dimension; empty where no bands were asked for.
    """

    ownship: str
    t_s: float
    clock: str
    track_rad: float
    groundspeed_mps: float
    vertical_mps: float
    altitude_m: float
    intruders: tuple[Intruder, ...] = ()
    dials: dict[str, Dial] = field(default_factory=dict)

    @property
    def alert(self) -> int:
        """The highest level alerted."""
        return max((intruder.alert for intruder in self.intruders), default=0)

    def manoeuvres(self, *, is_recovery: bool = False) -> list[str]:
        """Return the smallest turn, climb or descent and change of speed that keep well clear, in words.

        Args:
            is_recovery: those that regain it instead.
        """
        chosen = (self.dials[name] for name in ("hdir", "vs", "alt", "hs") if name in self.dials)
        told = (dial.words() for dial in chosen if dial.is_recovery == is_recovery)
        return [words for words in told if words is not None]

    @property
    def nearest(self) -> Intruder | None:
        """The nearest other aircraft, of those alerted highest; None where there is none."""
        return min(self.intruders, key=lambda each: (-each.alert, each.range_m), default=None)

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data in the units that are shown."""
        return {
            "t_s": self.t_s,
            "clock": self.clock,
            "alert": self.alert,
            "track_deg": self.track_rad / SHOWN["hdir"],
            "groundspeed_kt": self.groundspeed_mps / SHOWN["hs"],
            "vertical_speed_fpm": self.vertical_mps / SHOWN["vs"],
            "altitude_ft": self.altitude_m / SHOWN["alt"],
            "intruders": [each.as_dict() for each in self.intruders],
            "bands": {name: dial.as_dict() for name, dial in self.dials.items()},
        }

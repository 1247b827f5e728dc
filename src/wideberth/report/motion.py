"""A leg as a motion: straight at constant speed between Earth-centred points, and seen in a plane.

The plane touches the Earth at a point: distances in it are good to 1 % within 150 km.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from wideberth.kernels.geodesy import surface_point
from wideberth.units import METRES_PER_FOOT

if TYPE_CHECKING:
    import numpy.typing as npt

    from wideberth.report.around import Leg

    Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Motion:
    """A leg as a motion: Earth-centred points at instants, straight in between."""

    t_s: Floats
    points_m: Floats
    altitude_ft: Floats
    reports_s: Floats

    @classmethod
    def of(cls, leg: Leg, zero_us: int) -> Motion:
        """Return a leg as a motion, by seconds from an instant."""
        t_s = np.asarray((leg.t_us - zero_us) * 1e-6, np.float64)
        points = np.array(
            [surface_point(lat, lon) for lat, lon in zip(leg.lat_deg, leg.lon_deg, strict=True)]
        )
        return cls(t_s, points, leg.altitude_m / METRES_PER_FOOT, t_s)

    def between(self, begin_s: float, end_s: float) -> Motion:
        """Return the part between two instants, cut where no report is."""
        begin, end = max(begin_s, self.t_s[0]), min(end_s, self.t_s[-1])
        own = self.t_s[(self.t_s >= begin) & (self.t_s <= end)]
        t_s = np.unique(np.concatenate([[begin, end], own]))
        return Motion(t_s, self.at(t_s), self.altitude_ft_at(t_s), own)

    def instants(self, step_s: float) -> tuple[Floats, npt.NDArray[np.bool_]]:
        """Return instants at most a step apart, and which of them are reports."""
        count = math.floor((self.t_s[-1] - self.t_s[0]) / step_s) + 1
        regular = self.t_s[0] + step_s * np.arange(count)
        t_s = np.unique(np.concatenate([regular, self.t_s]))
        return t_s, np.isin(t_s, self.reports_s)

    def at(self, t_s: Floats) -> Floats:
        """Return Earth-centred points (n, 3) at some instants."""
        return np.column_stack([np.interp(t_s, self.t_s, self.points_m[:, k]) for k in range(3)])

    def altitude_ft_at(self, t_s: Floats) -> Floats:
        """Return altitudes at some instants."""
        return np.asarray(np.interp(t_s, self.t_s, self.altitude_ft), np.float64)


class Frame:
    """The plane that touches the Earth at a point."""

    def __init__(self, lon_deg: float, lat_deg: float) -> None:
        lam, phi = math.radians(lon_deg), math.radians(lat_deg)
        self.origin = np.array(surface_point(lat_deg, lon_deg))
        self.east = np.array([-math.sin(lam), math.cos(lam), 0.0])
        self.north = np.array([-math.sin(phi) * math.cos(lam), -math.sin(phi) * math.sin(lam), math.cos(phi)])
        ns, ew = "N" if lat_deg >= 0 else "S", "E" if lon_deg >= 0 else "W"
        self.words = f"{abs(lat_deg):.4f}° {ns} {abs(lon_deg):.4f}° {ew}"

    def plane(self, points_m: Floats) -> tuple[Floats, Floats]:
        """Return how far east and north of the origin Earth-centred points are, metres."""
        away = points_m - self.origin
        return away @ self.east, away @ self.north

    def of_positions(self, positions: Any) -> Floats:
        """Return (n, 2) metres of positions (lon, lat)."""
        points = np.array([surface_point(lat, lon) for lon, lat in positions])
        return np.column_stack(self.plane(points))

"""Paths in a local plane, how they are moved and bent, and how near two of them come.

East and north in metres of a plane that touches the ellipsoid at the path's origin, pressure altitude in feet, time in
Unix seconds.  Within 50 km of the origin, distances are true to 1 in 2,000 (the change of a degree of
longitude with latitude), which is below every noise that is put on.

Nearness is looked for by plain interpolation on a fine grid: slow, and independent of wideberth's screen.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.ndimage import gaussian_filter1d

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

MPS_PER_KNOT = 1852.0 / 3600.0
METRES_PER_FOOT = 0.3048
METRES_PER_NM = 1852.0
GRAVITY_MPS2 = 9.80665

LARGEST_ACCELERATION_MPS2 = 0.5 * GRAVITY_MPS2  # a turn at 27° of bank: passengers begin to complain
LARGEST_CLIMB_FPM = 6000.0  # light jets at full power, emergency descents
SMOOTHSTEP_ACCELERATION = 10.0 / math.sqrt(3.0)  # the largest of 6 t⁵ − 15 t⁴ + 10 t³ over [0, 1]
MAX_GAP_S = 60.0  # wideberth's own: nothing is inferred across a longer one
FINE_S = 0.2  # 600 m/s of closure move 60 m from its middle: 50 m become 78 m at worst
FASTEST_MPS = 700.0  # two airliners head-on, with a jet stream


@dataclass(frozen=True)
class Minima:
    """A cylinder: radius in metres, half its height in feet."""

    horizontal_m: float
    vertical_ft: float


CLOSE = Minima(0.3 * METRES_PER_NM, 400.0)
LEVELS = Minima(5.0 * METRES_PER_NM, 1000.0)


def metres_per_degree(lat_deg: float) -> tuple[float, float]:
    """Return the metres in a degree of latitude and of longitude on WGS-84, by the usual series."""
    phi = math.radians(lat_deg)
    north = 111_132.954 - 559.822 * math.cos(2 * phi) + 1.175 * math.cos(4 * phi)
    east = 111_412.84 * math.cos(phi) - 93.5 * math.cos(3 * phi)
    return north, east


@dataclass(frozen=True)
class Path:
    """Where an aircraft is: (n,) columns over time; straight and steady between its points.

    Attributes:
        t_s: Unix time, rising.
        east_m, north_m: in the plane of the origin.
        altitude_ft: pressure altitude.
        lat_deg, lon_deg: the origin.
    """

    t_s: Floats
    east_m: Floats
    north_m: Floats
    altitude_ft: Floats
    lat_deg: float
    lon_deg: float

    @property
    def begin_s(self) -> float:
        """When it begins."""
        return float(self.t_s[0])

    @property
    def end_s(self) -> float:
        """When it ends."""
        return float(self.t_s[-1])

    def at(self, t_s: Floats | float) -> tuple[Floats, Floats, Floats]:
        """Return east, north and altitude at instants; held beyond the ends."""
        return (
            np.asarray(np.interp(t_s, self.t_s, self.east_m)),
            np.asarray(np.interp(t_s, self.t_s, self.north_m)),
            np.asarray(np.interp(t_s, self.t_s, self.altitude_ft)),
        )

    def point(self, t_s: float) -> tuple[float, float, float]:
        """Return east, north and altitude at one instant."""
        east, north, altitude = self.at(t_s)
        return float(east), float(north), float(altitude)

    def velocity(self, t_s: Floats | float, half_s: float = 2.0) -> tuple[Floats, Floats]:
        """Return the mean velocity over twice ``half_s``, m/s east and north."""
        e0, n0, _ = self.at(np.maximum(np.asarray(t_s) - half_s, self.begin_s))
        e1, n1, _ = self.at(np.minimum(np.asarray(t_s) + half_s, self.end_s))
        return (e1 - e0) / (2 * half_s), (n1 - n0) / (2 * half_s)

    def speed_mps(self, t_s: float) -> float:
        """Return the speed at an instant."""
        return math.hypot(*(float(v) for v in self.velocity(t_s)))

    def course_rad(self, t_s: float, half_s: float = 2.0) -> float:
        """Return the direction of motion at an instant, clockwise from north."""
        east, north = self.velocity(t_s, half_s)
        return math.atan2(float(east), float(north))

    def climb_fpm(self, t_s: float, half_s: float = 10.0) -> float:
        """Return the rate of climb at an instant."""
        low, high = self.at(t_s - half_s)[2], self.at(t_s + half_s)[2]
        return float(high - low) / (2 * half_s) * 60.0

    def degrees(self) -> tuple[Floats, Floats]:
        """Return latitudes and longitudes."""
        north, east = metres_per_degree(self.lat_deg)
        return self.lat_deg + self.north_m / north, self.lon_deg + self.east_m / east

    def seen_from(self, lat_deg: float, lon_deg: float) -> Path:
        """Return the same path in the plane of another origin."""
        lat, lon = self.degrees()
        return path_of(self.t_s, lat, lon, self.altitude_ft, lat_deg, lon_deg)

    def between(self, begin_s: float, end_s: float) -> Path:
        """Return the points from one instant to another, both included."""
        keep = (self.t_s >= begin_s) & (self.t_s <= end_s)
        return replace(
            self,
            t_s=self.t_s[keep],
            east_m=self.east_m[keep],
            north_m=self.north_m[keep],
            altitude_ft=self.altitude_ft[keep],
        )

    def bent(
        self, east_m: Floats | float = 0.0, north_m: Floats | float = 0.0, altitude_ft: Floats | float = 0.0
    ) -> Path:
        """Return the path with something added to each point."""
        return replace(
            self,
            east_m=self.east_m + east_m,
            north_m=self.north_m + north_m,
            altitude_ft=self.altitude_ft + altitude_ft,
        )

    def placed(
        self,
        from_s: float,
        t_s: float,
        place: tuple[float, float, float],
        course_rad: float,
        origin: tuple[float, float],
    ) -> Path:
        """Return the path moved, turned and raised so that what was at ``from_s`` is at ``t_s`` as told.

        Args:
            from_s: an instant of this path.
            t_s: the instant that it becomes.
            place: east and north in metres of the new origin's plane, altitude in feet.
            course_rad: direction of motion there.
            origin: latitude and longitude.
        """
        east, north, altitude = self.point(from_s)
        turn = course_rad - self.course_rad(from_s)
        de, dn = self.east_m - east, self.north_m - north
        cos, sin = math.cos(turn), math.sin(turn)
        return Path(
            self.t_s + (t_s - from_s),
            place[0] + de * cos + dn * sin,
            place[1] + dn * cos - de * sin,
            self.altitude_ft + (place[2] - altitude),
            *origin,
        )

    def turned(self, at_s: float, lasts_s: float, angle_rad: float, keep_s: float) -> Path:
        """Return the path with one more turn, right positive; place and course at ``keep_s`` stay as they are."""
        kept_share = float(smoothstep(np.array([(keep_s - at_s) / lasts_s + 0.5]))[0])
        angle = angle_rad * (smoothstep((self.t_s - at_s) / lasts_s + 0.5) - kept_share)
        dt = np.diff(self.t_s)
        mid = (angle[1:] + angle[:-1]) / 2
        de, dn = np.diff(self.east_m), np.diff(self.north_m)
        east = np.concatenate([[0.0], np.cumsum(de * np.cos(mid) + dn * np.sin(mid))])
        north = np.concatenate([[0.0], np.cumsum(dn * np.cos(mid) - de * np.sin(mid))])
        assert (dt > 0).all()
        kept = self.point(keep_s)
        moved = replace(self, east_m=east, north_m=north)
        there = moved.point(keep_s)
        return moved.bent(kept[0] - there[0], kept[1] - there[1])

    def is_flyable(self, largest_mps2: float = LARGEST_ACCELERATION_MPS2) -> bool:
        """Return whether no turn, no change of speed and no climb is harder than aircraft fly.

        Second differences over 3 s: what the interpolation of a turn between whole seconds does is no acceleration.
        """
        if self.t_s.size < 8:
            return False
        apart = 3
        for values, largest in (
            (np.hypot(_second(self.east_m, apart), _second(self.north_m, apart)), largest_mps2),
            (np.abs(_second(self.altitude_ft, apart)) * METRES_PER_FOOT, largest_mps2),
        ):
            if values.max() > largest:
                return False
        return bool(np.abs(np.diff(self.altitude_ft)).max() * 60.0 <= LARGEST_CLIMB_FPM)


def _second(values: Floats, apart: int) -> Floats:
    return (values[2 * apart :] - 2 * values[apart:-apart] + values[: -2 * apart]) / apart**2


def path_of(
    t_s: Floats, lat_deg: Floats, lon_deg: Floats, altitude_ft: Floats, origin_lat: float, origin_lon: float
) -> Path:
    """Return positions as a path in the plane of an origin."""
    north, east = metres_per_degree(origin_lat)
    return Path(
        t_s,
        (lon_deg - origin_lon) * east,
        (lat_deg - origin_lat) * north,
        altitude_ft,
        origin_lat,
        origin_lon,
    )


def smoothstep(share: Floats) -> Floats:
    """Return 0 up to 0, 1 from 1 on, and between a rise whose speed and acceleration begin and end at 0."""
    x = np.clip(share, 0.0, 1.0)
    return x * x * x * (x * (6.0 * x - 15.0) + 10.0)


def shortest_step_s(distance_m: float, largest_mps2: float = 0.35 * GRAVITY_MPS2) -> float:
    """Return the least time in which a smooth step of some size can be flown."""
    return math.sqrt(SMOOTHSTEP_ACCELERATION * abs(distance_m) / largest_mps2)


def rounded_ramp(t_s: Floats, corners_s: list[float], values: list[float], sigma_s: float = 6.0) -> Floats:
    """Return a broken line with its corners rounded; ``t_s`` in whole steps of a second."""
    return np.asarray(gaussian_filter1d(np.interp(t_s, corners_s, values), sigma_s, mode="nearest"))


def smoothed(path: Path, sigma_s: float) -> Path:
    """Return a path on whole seconds, its noise and corners rounded off by a Gaussian; the ends cut off."""
    margin = 3.0 * sigma_s
    t = np.arange(math.ceil(path.begin_s), math.floor(path.end_s) + 1.0)
    east, north, altitude = path.at(t)
    made = replace(
        path,
        t_s=t,
        east_m=gaussian_filter1d(east, sigma_s, mode="nearest"),
        north_m=gaussian_filter1d(north, sigma_s, mode="nearest"),
        altitude_ft=gaussian_filter1d(altitude, 1.5 * sigma_s, mode="nearest"),
    )
    return made.between(path.begin_s + margin, path.end_s - margin)


@dataclass(frozen=True)
class Approach:
    """How near two paths come.

    Attributes:
        t_s: when they are horizontally nearest.
        hmd_m: how near that is.
        vertical_ft: vertical distance then.
        broken_s: instants at which both minima are broken; size 0 for none.
    """

    t_s: float
    hmd_m: float
    vertical_ft: float
    broken_s: Floats

    @property
    def is_pass(self) -> bool:
        """Whether both minima are broken at once, ever."""
        return self.broken_s.size > 0

    @property
    def pass_s(self) -> float:
        """The middle instant at which both are broken; NaN for none."""
        return float(self.broken_s[self.broken_s.size // 2]) if self.is_pass else math.nan


NEVER = Approach(math.nan, math.inf, math.inf, np.empty(0))


def closest(a: Path, b: Path, minima: Minima = CLOSE) -> Approach:
    """Return how near two paths in one plane come; nothing is inferred across gaps above `MAX_GAP_S`."""
    assert (a.lat_deg, a.lon_deg) == (b.lat_deg, b.lon_deg)
    if a.t_s.size == 0 or b.t_s.size == 0:
        return NEVER
    begin, end = max(a.begin_s, b.begin_s), min(a.end_s, b.end_s)
    if end <= begin:
        return NEVER
    t = np.append(np.arange(begin, end, 1.0), end)
    far, _ = apart(a, b, t)
    if np.isnan(far).all():
        return NEVER
    near = far < max(minima.horizontal_m + FASTEST_MPS, float(np.nanmin(far)) + FASTEST_MPS)
    fine = np.unique((t[near][:, None] + np.arange(-0.4, 0.5, FINE_S)).ravel())
    fine = fine[(fine >= begin) & (fine <= end)]
    far, high = apart(a, b, fine)
    if fine.size == 0 or np.isnan(far).all():
        return NEVER
    k = int(np.nanargmin(far))
    broken = (far < minima.horizontal_m) & (high < minima.vertical_ft)
    return Approach(float(fine[k]), float(far[k]), float(high[k]), fine[broken])


def apart(a: Path, b: Path, t_s: Floats) -> tuple[Floats, Floats]:
    """Return horizontal distances in metres and vertical ones in feet; NaN where one is not heard."""
    ea, na, ha = a.at(t_s)
    eb, nb, hb = b.at(t_s)
    far = np.hypot(eb - ea, nb - na)
    far[_unheard(a, t_s) | _unheard(b, t_s)] = np.nan
    return far, np.abs(hb - ha)


def _unheard(path: Path, t_s: Floats) -> npt.NDArray[np.bool_]:
    if path.t_s.size < 2:
        return np.asarray(t_s != path.t_s[0])
    after = np.clip(np.searchsorted(path.t_s, t_s, side="left"), 1, path.t_s.size - 1)
    gap = path.t_s[after] - path.t_s[after - 1]
    return np.asarray((gap > MAX_GAP_S) & (t_s != path.t_s[after]) & (t_s != path.t_s[after - 1]))

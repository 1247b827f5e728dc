"""States of several aircraft at the same instants: what guidance looks at.

Positions are in latitude and longitude, or in a local plane (x east, y north); velocities are east, north and
up, over the ground; altitudes are metres of whatever reference all of them share.  NaN: not there at that instant.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from wideberth.errors import UsageError

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Counts = npt.NDArray[np.int64]


_COLUMNS = ("lat_deg", "lon_deg", "x_m", "y_m", "altitude_m", "vx_mps", "vy_mps", "vz_mps", "alerter")


@dataclass(frozen=True, eq=False)
class States:
    """n instants of m aircraft, the ownship first.

    Attributes:
        names: (m,) of the aircraft.
        t_s: (n,) seconds, ascending; since ``begins_us`` where that is known.
        lat_deg, lon_deg: (n, m); size 0 in a local plane.
        x_m, y_m: (n, m); size 0 in latitude and longitude.
        altitude_m: (n, m).
        vx_mps, vy_mps, vz_mps: (n, m) east, north, up.
        alerter: (n, m) which alerter holds for an aircraft, counted from 1.
        wind_mps: (n, 2) east and north, to where the air moves; 0 where not told.
        begins_us: Unix time that ``t_s`` counts from, microseconds; None where only seconds are told.
        notices: what was read and changes nothing.
    """

    names: tuple[str, ...]
    t_s: Floats
    altitude_m: Floats
    vx_mps: Floats
    vy_mps: Floats
    vz_mps: Floats
    lat_deg: Floats = field(default_factory=lambda: np.empty((0, 0)))
    lon_deg: Floats = field(default_factory=lambda: np.empty((0, 0)))
    x_m: Floats = field(default_factory=lambda: np.empty((0, 0)))
    y_m: Floats = field(default_factory=lambda: np.empty((0, 0)))
    alerter: Counts = field(default_factory=lambda: np.empty((0, 0), np.int64))
    wind_mps: Floats = field(default_factory=lambda: np.empty((0, 2)))
    begins_us: int | None = None
    notices: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        shape = (self.t_s.size, len(self.names))
        if not self.alerter.size:
            object.__setattr__(self, "alerter", np.ones(shape, np.int64))
        if not self.wind_mps.size:
            object.__setattr__(self, "wind_mps", np.zeros((self.t_s.size, 2)))
        for name in ("altitude_m", "vx_mps", "vy_mps", "vz_mps", "alerter"):
            if getattr(self, name).shape != shape:
                raise UsageError(f"states: {name} has the shape {getattr(self, name).shape}, not {shape}.")
        pair = ("lat_deg", "lon_deg") if self.lat_deg.size else ("x_m", "y_m")
        if any(getattr(self, name).shape != shape for name in pair) or (self.lat_deg.size and self.x_m.size):
            raise UsageError(
                f"states: positions are lat_deg and lon_deg, or x_m and y_m, of the shape {shape}."
            )
        if np.any(np.diff(self.t_s) <= 0.0):
            raise UsageError("states: times do not ascend.")

    def __len__(self) -> int:
        return int(self.t_s.size)

    @property
    def is_plane(self) -> bool:
        """True in a local plane, False in latitude and longitude."""
        return not self.lat_deg.size

    @property
    def groundspeed_mps(self) -> Floats:
        """(n, m)."""
        return np.hypot(self.vx_mps, self.vy_mps)

    @property
    def track_rad(self) -> Floats:
        """(n, m) clockwise from north, 0 to 2 pi."""
        return np.arctan2(self.vx_mps, self.vy_mps) % (2.0 * np.pi)

    def is_there(self) -> npt.NDArray[np.bool_]:
        """Return where an aircraft's whole state is known, (n, m)."""
        across = self.x_m if self.is_plane else self.lat_deg
        known = ~np.isnan(across) & ~np.isnan(self.altitude_m)
        return known & ~np.isnan(self.vx_mps) & ~np.isnan(self.vy_mps) & ~np.isnan(self.vz_mps)

    def at(self, which: npt.NDArray[np.int64]) -> States:
        """Return some of the instants, given by their places."""
        columns = {name: getattr(self, name)[which] for name in _COLUMNS if getattr(self, name).size}
        return replace(self, t_s=self.t_s[which], wind_mps=self.wind_mps[which], **columns)

    def seen_from(self, name: str) -> States:
        """Return the same with another aircraft as ownship, the others in their order.

        Raises:
            UsageError: none is called so.
        """
        if name not in self.names:
            raise UsageError(f"there is no aircraft '{name}'. There are: {', '.join(self.names)}.")
        k = self.names.index(name)
        order = [k, *(i for i in range(len(self.names)) if i != k)]
        columns = {each: getattr(self, each)[:, order] for each in _COLUMNS if getattr(self, each).size}
        return replace(self, names=tuple(self.names[i] for i in order), **columns)

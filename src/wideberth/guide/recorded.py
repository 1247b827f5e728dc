"""States out of recorded tracks: where aircraft were at given instants, and how they moved.

Positions and altitudes are on the straight way between the reports before and after, as everywhere here.
Velocities are the reported ones (ground speed, track, vertical rate), linear between those two reports: altitudes come
in steps of 25 ft, and a step of a second would be a climb of 1500 ft/min.  Where one is not reported it is taken from
the positions: the ground speed and track between the two reports, the vertical rate over the `CLIMB_S` before.
Nothing is known outside a leg, or at a leg of one report whose velocity is not told.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from wideberth.errors import UsageError
from wideberth.guide.states import States
from wideberth.kernels import episodes
from wideberth.kernels import legs as leg_kernels
from wideberth.tracks import DEFAULT_MAX_GAP_S
from wideberth.units import METRES_PER_FOOT, MPS_PER_FPM, MPS_PER_KNOT

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    import numpy.typing as npt

    from wideberth.tracks import Legs, Tracks

    Floats = npt.NDArray[np.float64]
    Instants = npt.NDArray[np.int64]

CLIMB_S = 10.0  # a step of 25 ft then makes 150 ft/min


@dataclass(frozen=True)
class Motion:
    """Some aircraft at some instants, (k,) each; NaN where not heard, or not known.

    Attributes:
        lat_deg, lon_deg: where.
        altitude_m: by the reference that was asked for.
        vx_mps, vy_mps, vz_mps: east, north, up, over the ground.
    """

    lat_deg: Floats
    lon_deg: Floats
    altitude_m: Floats
    vx_mps: Floats
    vy_mps: Floats
    vz_mps: Floats

    def stacked(self) -> Floats:
        """Return all of it, (6, k), in the order above."""
        return np.stack([self.lat_deg, self.lon_deg, self.altitude_m, self.vx_mps, self.vy_mps, self.vz_mps])

    def at(self, which: npt.NDArray[Any]) -> Motion:
        """Return some of the instants."""
        return Motion(*self.stacked()[:, which])


@dataclass(frozen=True, eq=False)
class Recording:
    """Tracks by one altitude reference, ready to be looked into.

    Attributes:
        tracks: the recording.
        reference: ``barometric`` or ``geometric``.
        max_gap_s: longest gap that motion is inferred across.
        include_ground: take samples on the ground, too.
    """

    tracks: Tracks
    reference: str = "barometric"
    max_gap_s: float = DEFAULT_MAX_GAP_S
    include_ground: bool = False

    @cached_property
    def legs(self) -> Legs:
        """The legs by this reference."""
        return self.tracks.legs(self.reference, max_gap_s=self.max_gap_s, include_ground=self.include_ground)

    def at(self, aircraft: npt.NDArray[Any], when_us: Instants) -> Motion:
        """Return aircraft at instants.

        Args:
            aircraft: (k,) places in ``tracks.aircraft``; -1 is nobody.
            when_us: (k,) Unix time, microseconds.
        """
        figures = np.full((6, when_us.size), np.nan)
        leg = self._leg(aircraft, when_us)
        heard = np.flatnonzero(leg >= 0)
        if heard.size:
            figures[:, heard] = self._heard(leg[heard], when_us[heard] - self.legs.base_us)
        return Motion(*figures)

    def _leg(self, aircraft: npt.NDArray[Any], when_us: Instants) -> Instants:
        """Return in which leg each instant lies, -1 for none."""
        legs = self.legs
        if not len(legs):
            return np.full(when_us.size, -1, np.int64)
        first = np.searchsorted(legs.aircraft, np.arange(len(self.tracks.aircraft) + 1))
        whose = np.maximum(aircraft, 0).astype(np.int64)
        is_any = (aircraft >= 0) & (first[whose + 1] > first[whose])
        when = when_us - legs.base_us
        leg = np.full(when.size, -1, np.int64)
        leg[is_any] = leg_kernels.last_at(first, legs.t_in_us, whose[is_any], when[is_any])
        inside = (leg >= 0) & (legs.t_in_us[leg] <= when) & (when <= legs.t_out_us[leg])
        return np.where(inside, leg, -1)

    def _heard(self, leg: Instants, when: Instants) -> Floats:
        legs = self.legs
        samples = (legs.t_us, legs.lat_deg, legs.lon_deg, legs.altitude, legs.first)
        now = episodes.states_at(*samples, leg, when)
        before_us = np.maximum(when - round(CLIMB_S * 1e6), legs.t_in_us[leg])
        # At a leg's beginning there is no way to look back at: forward instead.
        is_early = when - before_us < round(CLIMB_S * 1e6)
        since = np.where(is_early, legs.t_in_us[leg], before_us)
        until = np.where(is_early, np.minimum(since + round(CLIMB_S * 1e6), legs.t_out_us[leg]), when)
        low, high = (episodes.states_at(*samples, leg, each)[:, 2] for each in (since, until))
        with np.errstate(invalid="ignore", divide="ignore"):
            climb_mps = (high - low) * METRES_PER_FOOT / ((until - since) * 1e-6)
        speed_mps = np.sqrt((now[:, 6:9] ** 2).sum(axis=1))
        east, north = _split(speed_mps, np.radians(now[:, 9]))
        told = self._told(leg, when)
        return np.stack(
            [
                now[:, 0],
                now[:, 1],
                now[:, 2] * METRES_PER_FOOT,
                np.where(np.isnan(told[0]), east, told[0]),
                np.where(np.isnan(told[1]), north, told[1]),
                np.where(np.isnan(told[2]), climb_mps, told[2]),
            ]
        )

    def _told(self, leg: Instants, when: Instants) -> tuple[Floats, Floats, Floats]:
        """Return the reported velocities, linear between the reports before and after; NaN where neither tells."""
        legs = self.legs
        before = leg_kernels.last_at(legs.first, legs.t_us, leg, when)
        after = np.minimum(before + 1, legs.first[leg + 1] - 1)
        span = legs.t_us[after] - legs.t_us[before]
        share = np.where(span > 0, (when - legs.t_us[before]) / np.maximum(span, 1), 0.0)
        rows = (before, after) if not legs.rows.size else (legs.rows[before], legs.rows[after])
        speed, track, climb = (
            [self._column(name)[each] for each in rows]
            for name in ("groundspeed_kt", "track_deg", "vertical_rate_fpm")
        )
        ways = [_split(s * MPS_PER_KNOT, np.radians(t)) for s, t in zip(speed, track, strict=True)]
        east = _between(ways[0][0], ways[1][0], share)
        north = _between(ways[0][1], ways[1][1], share)
        return east, north, _between(climb[0] * MPS_PER_FPM, climb[1] * MPS_PER_FPM, share)

    def _column(self, name: str) -> Floats:
        values = self.tracks.numbers(name)
        known: Floats = values.astype(np.float64) if values.size else np.full(len(self.tracks), np.nan)
        return known


def _split(speed: Floats, track_rad: Floats) -> tuple[Floats, Floats]:
    return speed * np.sin(track_rad), speed * np.cos(track_rad)


def _between(before: Floats, after: Floats, share: Floats) -> Floats:
    """Return what lies between two values; where one is unknown, the other."""
    one = np.where(np.isnan(before), after, before)
    between: Floats = one + share * (np.where(np.isnan(after), before, after) - one)
    return between


def states_of(
    recording: Recording, addresses: Sequence[str], from_us: int, until_us: int, *, step_s: float = 1.0
) -> States:
    """Return the states of some aircraft over a while, one instant a step.

    Args:
        recording: that holds them; one that it lacks is nowhere.
        addresses: the ownship first.
        from_us, until_us: Unix time, microseconds; both ends count.
        step_s: from instant to instant.
    """
    step_us = round(step_s * 1e6)
    when_us = np.arange(from_us, until_us + 1, step_us)
    index = {address: k for k, address in enumerate(recording.tracks.aircraft)}
    parts = [recording.at(np.full(when_us.size, index.get(each, -1)), when_us) for each in addresses]
    columns: dict[str, Any] = {
        name: np.stack([getattr(part, name) for part in parts], axis=1) for name in _NAMES
    }
    t_s = np.arange(when_us.size, dtype=np.float64) * step_s
    return States(tuple(addresses), t_s, begins_us=int(from_us), **columns)


def pair_states(
    tracks: Tracks,
    addresses: tuple[str, str],
    closest: datetime,
    *,
    before_s: float,
    after_s: float,
    callsigns: tuple[str | None, str | None] = (None, None),
) -> States:
    """Return the states of two aircraft around their closest point, second by second; that instant is one of them.

    Altitudes are by the first reference that both have then.

    Raises:
        UsageError: they are never heard at once.
    """
    closest_us = round(closest.timestamp() * 1e6)
    from_us, until_us = closest_us - 1_000_000 * round(before_s), closest_us + 1_000_000 * round(after_s)
    for reference in REFERENCES:
        states = states_of(Recording(tracks, reference), addresses, from_us, until_us)
        if states.is_there().all(axis=1).any():
            called = zip(addresses, callsigns, strict=True)
            names = tuple(f"{callsign} ({address})" if callsign else address for address, callsign in called)
            return replace(states, names=names)
    missing = [each for each in addresses if each not in tracks.aircraft]
    why = f"{' and '.join(missing)} not in them" if missing else "no altitudes of one kind at once"
    raise UsageError(f"the tracks do not hold {addresses[0]} and {addresses[1]} around {closest}: {why}.")


REFERENCES = ("barometric", "geometric")
_NAMES = ("lat_deg", "lon_deg", "altitude_m", "vx_mps", "vy_mps", "vz_mps")

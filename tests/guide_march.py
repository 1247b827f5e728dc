"""The independent judge of guidance: manoeuvres flown in small steps of time, plain NumPy, nothing of wideberth.

A state is (6,): x east, y north, z up, and their rates.  A manoeuvre is flown to a value and then straight on; the
separations are looked at every step.  Volumes are a dict: cylinder {d, h}, or well clear by modified tau {d, h, tau}.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


def turned(own: Floats, by_rad: Floats, rate: float, t_s: Floats) -> tuple[Floats, Floats]:
    """Return positions and velocities, (k, n, 3), of k turns; positive to the right."""
    speed, track = np.hypot(own[3], own[4]), np.arctan2(own[3], own[4])
    angle = np.sign(by_rad)[:, None] * np.minimum(rate * t_s[None, :], np.abs(by_rad)[:, None])
    left_s = np.maximum(t_s[None, :] - np.abs(by_rad)[:, None] / rate, 0.0)
    radius = np.sign(by_rad)[:, None] * speed / rate
    heading = track + angle
    x = own[0] + radius * (np.cos(track) - np.cos(heading)) + speed * np.sin(heading) * left_s
    y = own[1] + radius * (np.sin(heading) - np.sin(track)) + speed * np.cos(heading) * left_s
    z = own[2] + own[5] * t_s[None, :] + 0.0 * angle
    velocity = np.stack([speed * np.sin(heading), speed * np.cos(heading), np.full_like(z, own[5])], axis=-1)
    return np.stack([x, y, z], axis=-1), velocity


def changed(own: Floats, axis: str, by: Floats, rate: float, t_s: Floats) -> tuple[Floats, Floats]:
    """Return the same of k changes of speed along the track (``hs``) or of vertical speed (``vs``)."""
    gain = np.sign(by)[:, None] * np.minimum(rate * t_s[None, :], np.abs(by)[:, None])
    spent_s = np.minimum(t_s[None, :], np.abs(by)[:, None] / rate)
    more = 0.5 * np.sign(by)[:, None] * rate * spent_s**2 + by[:, None] * (t_s[None, :] - spent_s)
    speed = np.hypot(own[3], own[4])
    unit = np.array([own[3] / speed, own[4] / speed, 0.0]) if axis == "hs" else np.array([0.0, 0.0, 1.0])
    position = own[:3] + own[3:] * t_s[:, None] + more[:, :, None] * unit
    return position, own[3:] + gain[:, :, None] * unit


def climbed(own: Floats, targets: Floats, accel: float, climb: float, t_s: Floats) -> tuple[Floats, Floats]:
    """Return the same of k climbs or descents to altitudes, by a rule of thumb: as fast as can still be stopped."""
    dt = t_s[1] - t_s[0]
    z, v = np.full(targets.shape, own[2]), np.full(targets.shape, own[5])
    zs, vs = np.empty((targets.size, t_s.size)), np.empty((targets.size, t_s.size))
    for i in range(t_s.size):
        zs[:, i], vs[:, i] = z, v
        way = targets - z
        toward = np.sign(way) * v > 0.0
        limit = np.where(toward, np.maximum(climb, np.abs(v)), climb)
        wanted = np.sign(way) * np.minimum(
            limit, np.sqrt(2.0 * accel * np.maximum(np.abs(way) - 0.5 * np.abs(v) * dt, 0.0))
        )
        new = v + np.clip(wanted - v, -accel * dt, accel * dt)
        z, v = z + 0.5 * (v + new) * dt, new
    xy = own[:2] + own[3:5] * t_s[:, None]
    position = np.concatenate([np.broadcast_to(xy, (targets.size, *xy.shape)), zs[..., None]], axis=-1)
    level = np.broadcast_to(own[3:5], (*vs.shape, 2))
    return position, np.concatenate([level, vs[..., None]], axis=-1)


def is_lost(
    position: Floats, velocity: Floats, intruder: Floats, t_s: Floats, volume: dict[str, Any], wider: float
) -> Flags:
    """Tell at which instants a volume, its sizes in metres made wider by so much, is lost: (k, n)."""
    s = intruder[:3] + intruder[3:] * t_s[:, None] - position
    v = intruder[3:] - velocity
    d, h = volume["d"] + wider, volume["h"] + wider
    near_m = np.hypot(s[..., 0], s[..., 1])
    is_near = near_m <= d
    if volume.get("tau"):
        closing = -(s[..., 0] * v[..., 0] + s[..., 1] * v[..., 1])
        speed = np.hypot(v[..., 0], v[..., 1])
        with np.errstate(divide="ignore", invalid="ignore"):
            tau_s = (near_m**2 - d**2) / closing
            miss = np.abs(s[..., 0] * v[..., 1] - s[..., 1] * v[..., 0]) / speed
        is_near |= (
            (closing > 0.0) & (tau_s >= 0.0) & (tau_s <= volume["tau"] + np.sign(wider) * 0.2) & (miss <= d)
        )
    return is_near & (np.abs(s[..., 2]) <= h)

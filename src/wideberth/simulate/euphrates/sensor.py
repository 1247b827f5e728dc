"""What is recorded of a true motion: samples of ADS-B, with its errors and its silences.

- **Position**: an error of constant statistics that changes slowly (Ornstein-Uhlenbeck, five minutes), the
  same in every direction, within the 95 % radius that the row's NACp states (DO-260B: 10 is 10 m, 9 is
  30 m, 8 is 0.05 NM) 95 % of the time; then rounded as the airborne compact position reporting does, about 5 m.
  The rounding counts as a part of the stated radius.
- **Altitude**: pressure altitude, off by an amount that changes slowly (half an hour) and stays within
  `ALTITUDE_95_FT` 95 % of the time; then in steps of 25 ft.
- **Time**: every 5 to 8 s, not quite regular, in tenths of a second.  The position is that of the instant stamped,
  as a transponder works it out that keeps time with its receiver: being late is no error beside the stated one.
- **Speed, direction, rate of climb**: of the true motion, in steps of 1 kt, 0.1° and 64 ft/min.
- **Losses**: one sample in fifty, and short runs of them; what is left has no gap above `QUIET_S` but for the
  silences that a flight is given.
- **Callsign**: not heard in the first seconds of many flights.

Source of the process: x(t) = s exp(-t/T) W(exp(2 t/T)), W a Wiener process (Doob 1942), exact at any instants.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from wideberth.units import METRES_PER_NM, MPS_PER_KNOT

if TYPE_CHECKING:
    import numpy.typing as npt

    from wideberth.simulate.euphrates.motion import Motion, Numbers
    from wideberth.simulate.euphrates.traffic import Flight

RADIUS_95_M = {10: 10.0, 9: 30.0, 8: 0.05 * METRES_PER_NM}
NIC = {10: 9, 9: 8, 8: 7}
RAYLEIGH_95 = math.sqrt(-2.0 * math.log(0.05))  # the 95 % radius of two errors of deviation 1
POSITION_LASTS_S = 300.0
ALTITUDE_95_FT = 50.0
NORMAL_95 = 1.959964
ALTITUDE_LASTS_S = 1800.0
STEP_FT = 25.0
STEP_FPM = 64.0
TICKS_PER_S = 10.0
EVERY_S = (5.0, 8.0)
JITTER_S = 0.3
LOST = 0.02
LOSSES_PER_HOUR = 1.0
LOSS_S = (15.0, 35.0)
QUIET_S = 55.0  # well below the 60 s that end a leg
UNNAMED_S = 40.0

CPR_STEPS = 2.0**17
CPR_ZONES = 15  # latitude zones in a quadrant
CPR_STEP_M = 5.1  # of latitude; of longitude it is 5.1 to 5.3 m hereabouts


@dataclass(frozen=True, eq=False)
class Recorded:
    """What is recorded of a flight, (n,) each.

    Attributes:
        t_s: when.
        is_named: whether a callsign had been heard by then.
    """

    t_s: Numbers
    lat_deg: Numbers
    lon_deg: Numbers
    altitude_ft: Numbers
    groundspeed_kt: Numbers
    track_deg: Numbers
    vertical_rate_fpm: Numbers
    is_named: npt.NDArray[np.bool_]


def record(flight: Flight, random: np.random.Generator) -> Recorded:
    """Return what is recorded of a flight."""
    motion = flight.motion
    t_s = _heard(motion, flight.silent_s, random)
    lat_deg, lon_deg, altitude_ft = motion.at(t_s)
    east_mps, north_mps, climb_fps = motion.velocity(t_s)
    deviation_m = position_deviation_m(flight.nac_p)
    north_m, east_m = (_wandering(t_s, deviation_m, POSITION_LASTS_S, random) for _ in range(2))
    off_ft = _wandering(t_s, ALTITUDE_95_FT / NORMAL_95, ALTITUDE_LASTS_S, random)
    metres_per_degree = math.radians(1.0) * 6_371_000.0
    lat_deg, lon_deg = cpr_rounded(
        lat_deg + north_m / metres_per_degree,
        lon_deg + east_m / (metres_per_degree * np.cos(np.radians(lat_deg))),
    )
    named_from_s = flight.unnamed_until_s or t_s[0] + max(0.0, random.uniform(-UNNAMED_S, UNNAMED_S))
    return Recorded(
        t_s=t_s,
        lat_deg=lat_deg,
        lon_deg=lon_deg,
        altitude_ft=_in_steps(altitude_ft + off_ft, STEP_FT),
        groundspeed_kt=_in_steps(np.hypot(east_mps, north_mps) / MPS_PER_KNOT, 1.0),
        track_deg=_in_steps(np.degrees(np.arctan2(east_mps, north_mps)), 0.1) % 360.0,
        vertical_rate_fpm=_in_steps(climb_fps * 60.0, STEP_FPM),
        is_named=t_s >= named_from_s,
    )


def position_deviation_m(nac_p: int) -> float:
    """Return the deviation of the error north, or east, that with rounding makes the stated 95 % radius."""
    whole_m = RADIUS_95_M[nac_p] / RAYLEIGH_95
    return math.sqrt(whole_m**2 - CPR_STEP_M**2 / 12.0)


def cpr_rounded(lat_deg: Numbers, lon_deg: Numbers) -> tuple[Numbers, Numbers]:
    """Return positions in the steps of an even airborne compact position report, 17 bits a zone.

    Source: ICAO Doc 9871 C.2.6; the number of longitude zones is that of the latitude as it is rounded.
    """
    lat_step_deg = 360.0 / (4 * CPR_ZONES) / CPR_STEPS
    lat_deg = np.rint(lat_deg / lat_step_deg) * lat_step_deg
    share = (1.0 - math.cos(math.pi / (2 * CPR_ZONES))) / np.cos(np.radians(lat_deg)) ** 2
    zones = np.floor(2.0 * math.pi / np.arccos(1.0 - share))
    lon_step_deg = 360.0 / zones / CPR_STEPS
    return lat_deg, np.rint(lon_deg / lon_step_deg) * lon_step_deg


def _heard(motion: Motion, silent_s: tuple[tuple[float, float], ...], random: np.random.Generator) -> Numbers:
    """Return when a motion is sampled, s."""
    first_s, last_s = motion.t_s[0], motion.t_s[-1]
    every_s = random.uniform(*EVERY_S)
    t_s = np.arange(first_s + random.uniform(2 * JITTER_S, every_s), last_s - 2 * JITTER_S, every_s)
    t_s = np.round((t_s + random.uniform(-JITTER_S, JITTER_S, t_s.size)) * TICKS_PER_S) / TICKS_PER_S
    lost = random.random(t_s.size) < LOST
    for _ in range(random.poisson(LOSSES_PER_HOUR * (last_s - first_s) / 3600.0)):
        begins_s = random.uniform(first_s, last_s)
        lost |= (t_s > begins_s) & (t_s < begins_s + random.uniform(*LOSS_S))
    kept = np.flatnonzero(~lost)
    for k in np.flatnonzero(np.diff(t_s[kept]) > QUIET_S):
        lost[kept[k] : kept[k + 1]] = False
    for from_s, until_s in silent_s:
        lost |= (t_s > from_s) & (t_s < until_s)
    return t_s[~lost]


def _wandering(t_s: Numbers, deviation: float, lasts_s: float, random: np.random.Generator) -> Numbers:
    """Return an error at instants: Gaussian, stationary, forgotten within ``lasts_s``."""
    since = (t_s - t_s[0]) / lasts_s
    clock = np.exp(2.0 * since)
    steps = np.sqrt(np.diff(clock, prepend=0.0)) * random.standard_normal(t_s.size)
    wandering: Numbers = deviation * np.exp(-since) * np.cumsum(steps)
    return wandering


def _in_steps(values: Numbers, step: float) -> Numbers:
    in_steps: Numbers = np.rint(values / step) * step
    return in_steps

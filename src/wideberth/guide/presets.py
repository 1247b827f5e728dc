"""Named configurations, each with where its figures were read.

Sensor uncertainty: DAIDALUS ships DO-365B twice.  With mitigation (SUM), volumes grow by the stated
uncertainty of each sensor and alerts come 5 s later to make up for it; without, states are exact.  A recording
states no such uncertainty, so here ``do365b`` and ``do365b-no-sum`` are the same figures, those without
SUM.  (The later alerts of SUM on volumes that do not grow would only be late.)
"""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING, Any

from wideberth.errors import UsageError
from wideberth.guide.config import Alerter, Config, Cylinder, Level, Volume, WellClear, did_you_mean
from wideberth.units import METRES_PER_FOOT, METRES_PER_NM, MPS_PER_FPM, MPS_PER_KNOT

if TYPE_CHECKING:
    from wideberth.minima import Minima

_SHIPPED = "NASA DAIDALUS 2.0.4"

PRESETS = {
    "do365b": "RTCA DO-365B, en route, terminal and non-cooperative, with M of N, hysteresis and persistence",
    "do365b-no-sum": "the same figures: DO-365B without sensor-uncertainty mitigation, as DAIDALUS names it",
    "buffered": "the older buffered well clear: 1 NM, 20 s to co-altitude, turns of 3°/s, no memory",
    "f3442": "small drones: the cylinder of ASTM F3442, 2000 ft and 250 ft",
    "cylinder": "one plain cylinder, 5 NM and 1000 ft, manoeuvres that take no time (CD3D)",
}
"""What each name means."""


MINIMA = "minima"
"""What a user writes for `of_minima`, where minima are at hand: those that were screened by, or a rule's."""


def of_minima(minima: Minima) -> Config:
    """Return the configuration whose volume is a pair of separation minima, told a minute ahead.

    The cylinder of both minima is to be kept clear, for recovery as well; rates and limits are those of DO-365B.

    >>> from wideberth.minima import Minima
    >>> of_minima(Minima(5556.0, 1000.0)).name
    'minima of 3 NM and 1,000 ft'
    """
    height_m = minima.vertical_ft * METRES_PER_FOOT
    level = Level(Cylinder(minima.horizontal_m, height_m), 60.0, 75.0, "MID")
    return Config(
        name=f"minima of {minima}",
        source=minima.source,
        alerters=(Alerter(MINIMA, (level,)),),
        ownship_centric_alerting=True,
        lookahead_time_s=120.0,
        min_horizontal_recovery_m=minima.horizontal_m,
        min_vertical_recovery_m=height_m,
        horizontal_nmac_m=min(500.0 * METRES_PER_FOOT, minima.horizontal_m),
        vertical_nmac_m=min(100.0 * METRES_PER_FOOT, height_m),
    )


@cache
def preset(name: str) -> Config:
    """Return a named configuration.

    Raises:
        UsageError: no such name.
    """
    if not isinstance(name, str) or name not in PRESETS:
        hint = did_you_mean(str(name), PRESETS)
        raise UsageError(f"no configuration is called '{name}'.{hint} Or name a file: .yaml or .conf.")
    if name in ("do365b", "do365b-no-sum"):
        return _do365b(name)
    return {"buffered": _buffered, "f3442": _f3442, "cylinder": _cylinder}[name]()


def _levels(
    volumes: list[Volume], times_s: list[tuple[float, float]], regions: list[Any]
) -> tuple[Level, ...]:
    return tuple(
        Level(volume, time_s, early_s, region)
        for volume, (time_s, early_s), region in zip(volumes, times_s, regions, strict=True)
    )


_PAINTED = ["NONE", "MID", "NEAR"]  # preventive, corrective, warning
_MEMORY: dict[str, Any] = {
    "hysteresis_time_s": 5.0,
    "persistence_time_s": 4.0,
    "bands_persistence": True,
    "persistence_preferred_hdir_rad": math.radians(15.0),
    "persistence_preferred_hs_mps": 100.0 * MPS_PER_KNOT,
    "persistence_preferred_vs_mps": 250.0 * MPS_PER_FPM,
    "persistence_preferred_alt_m": 250.0 * METRES_PER_FOOT,
    "alerting_m": 2,
    "alerting_n": 4,
}


def _do365b(name: str) -> Config:
    """Build DO_365B_no_SUM as shipped."""
    preventive = WellClear(0.66 * METRES_PER_NM, 700.0 * METRES_PER_FOOT, 35.0, 0.0)
    en_route = WellClear(0.66 * METRES_PER_NM, 450.0 * METRES_PER_FOOT, 35.0, 0.0)
    terminal = WellClear(1500.0 * METRES_PER_FOOT, 450.0 * METRES_PER_FOOT, 0.0, 0.0)
    silent = WellClear(2200.0 * METRES_PER_FOOT, 450.0 * METRES_PER_FOOT, 0.0, 0.0)
    return Config(
        name=name,
        source=f"DO_365B_no_SUM of {_SHIPPED}",
        alerters=(
            Alerter("DWC_Phase_I", _levels([preventive, en_route, en_route], [(55, 75), (55, 75), (25, 55)], _PAINTED)),
            Alerter("DWC_Phase_II", _levels([terminal] * 3, [(45, 75)] * 3, _PAINTED)),
            Alerter("DWC_Non_Coop", _levels([silent] * 3, [(55, 110), (55, 110), (25, 90)], _PAINTED)),
        ),
        h_pos_z_score=1.5,
        h_vel_z_score_min=0.5,
        h_vel_z_score_max=1.0,
        h_vel_z_distance_m=5.0 * METRES_PER_NM,
        v_pos_z_score=0.75,
        v_vel_z_score=1.5,
        dta_radius_m=4.2 * METRES_PER_NM,
        dta_height_m=2000.0 * METRES_PER_FOOT,
        dta_alerter=2,
        **_MEMORY,
    )  # fmt: skip


def _buffered() -> Config:
    """Build the buffered well clear, nominal B, with memory off."""
    preventive = WellClear(METRES_PER_NM, 750.0 * METRES_PER_FOOT, 35.0, 20.0)
    corrective = WellClear(METRES_PER_NM, 450.0 * METRES_PER_FOOT, 35.0, 20.0)
    times_s: list[tuple[float, float]] = [(60, 75), (60, 75), (30, 55)]
    return Config(
        name="buffered",
        source=f"buffered well clear, nominal B, of {_SHIPPED}, memory off",
        alerters=(
            Alerter("Buffered_DWC_Phase_I", _levels([preventive, corrective, corrective], times_s, _PAINTED)),
        ),
        ownship_centric_alerting=True,
        min_horizontal_recovery_m=METRES_PER_NM,
    )


def _f3442() -> Config:
    """Build a small drone's configuration around the cylinder of F3442.

    The cylinders are the standard's; times, rates and steps are ours, the standard leaves them to the means of
    compliance.  The altitudes are above sea level or of pressure, hence no ceiling of 120 m.
    """
    clear = Cylinder(2000.0 * METRES_PER_FOOT, 250.0 * METRES_PER_FOOT)
    return Config(
        name="f3442",
        source="ASTM F3442-23 (PX4 documentation, MIT LL comment to the FAA); times and rates by wideberth",
        alerters=(Alerter("F3442", _levels([clear] * 2, [(30, 40), (15, 20)], ["MID", "NEAR"])),),
        ownship_centric_alerting=True,
        lookahead_time_s=60.0,
        min_airspeed_mps=0.5,
        min_hs_mps=0.5,
        max_hs_mps=25.0,
        min_vs_mps=-5.0,
        max_vs_mps=5.0,
        min_alt_m=-500.0,
        max_alt_m=6000.0,
        below_relative_alt_m=150.0,
        above_relative_alt_m=150.0,
        step_hdir_rad=math.radians(5.0),
        step_hs_mps=0.5,
        step_vs_mps=0.25,
        step_alt_m=2.5,
        vertical_accel_mps2=1.0,
        turn_rate_radps=math.radians(20.0),
        vertical_rate_mps=2.0,
        min_horizontal_recovery_m=2000.0 * METRES_PER_FOOT,
        min_vertical_recovery_m=250.0 * METRES_PER_FOOT,
        ca_factor=0.2,
        recovery_stability_time_s=2.0,
    )


def _cylinder() -> Config:
    """Build CD3D as shipped."""
    return Config.cylinder(
        5.0 * METRES_PER_NM,
        1000.0 * METRES_PER_FOOT,
        source=f"CD3D of {_SHIPPED}",
        horizontal_accel_mps2=0.0,
        vertical_accel_mps2=0.0,
        turn_rate_radps=0.0,
        vertical_rate_mps=0.0,
    )

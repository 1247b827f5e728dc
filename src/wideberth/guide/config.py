"""What guidance is computed by: volumes, alerters, limits, steps, rates, recovery and memory.

Everything is in SI and every name carries its unit.  A parameter is called as in NASA's DAIDALUS, plus
the unit: ``lookahead_time`` is ``lookahead_time_s``.  ``hdir`` is the horizontal direction (the track,
or without wind the heading), ``hs`` the horizontal speed, ``vs`` the vertical speed, ``alt`` the altitude.
Defaults are the figures of DO-365B as DAIDALUS ships them, without memory of the steps before.

Source: DAIDALUS User Guide and parameter files of v2.0.4; RTCA DO-365B as far as these follow it.
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import Any, Literal

from wideberth.errors import UsageError
from wideberth.units import METRES_PER_FOOT, METRES_PER_NM, MPS_PER_FPM, MPS_PER_KNOT

REGIONS = ("NONE", "FAR", "MID", "NEAR")
"""Regions of bands, from mild to severe."""

GRAVITY_MPS2 = 9.80665  # CGPM 1901, exact
HALF_TURN = math.pi

Region = Literal["NONE", "FAR", "MID", "NEAR"]


@dataclass(frozen=True)
class WellClear:
    """Well clear by modified tau: lost where both thresholds, each of distance or time, are passed.

    Attributes:
        dthr_m: distance threshold, also the largest predicted miss distance that counts.
        zthr_m: altitude threshold.
        tthr_s: threshold of modified tau.
        tcoa_s: threshold of the time to co-altitude.
    """

    dthr_m: float
    zthr_m: float
    tthr_s: float
    tcoa_s: float

    def __post_init__(self) -> None:
        _check_numbers(self, "a well-clear volume")
        _at_least(self, ("dthr_m", "zthr_m"), 0.0, "a well-clear volume", is_open=True)
        _at_least(self, ("tthr_s", "tcoa_s"), 0.0, "a well-clear volume")


@dataclass(frozen=True)
class Cylinder:
    """A plain cylinder: lost where both are nearer at once, no time looked at.

    Attributes:
        radius_m: horizontal, centre to centre.
        half_height_m: vertical, centre to centre.
    """

    radius_m: float
    half_height_m: float

    def __post_init__(self) -> None:
        _check_numbers(self, "a cylinder")
        _at_least(self, ("radius_m", "half_height_m"), 0.0, "a cylinder", is_open=True)


Volume = WellClear | Cylinder


@dataclass(frozen=True)
class Level:
    """One level of alert: met where a volume is predicted to be entered soon.

    Attributes:
        volume: that is to be kept clear.
        alerting_time_s: the level is met from this many seconds before entry.
        early_alerting_time_s: the same once the level was alerted at the step before.
        region: what bands it paints; "NONE" paints none.
    """

    volume: Volume
    alerting_time_s: float
    early_alerting_time_s: float
    region: Region = "NONE"

    def __post_init__(self) -> None:
        _check_numbers(self, "an alert level", skip=("volume", "region"))
        if not isinstance(self.volume, Volume):
            raise UsageError(
                f"an alert level's volume is a WellClear or a Cylinder, not {type(self.volume).__name__}."
            )
        _check_region(self.region, "an alert level's region")
        _at_least(self, ("alerting_time_s",), 0.0, "an alert level")
        if self.early_alerting_time_s < self.alerting_time_s:
            raise UsageError(
                f"an alert level's early_alerting_time_s ({self.early_alerting_time_s:g}) is below its "
                f"alerting_time_s ({self.alerting_time_s:g}). Early is as early or earlier."
            )


@dataclass(frozen=True)
class Alerter:
    """Levels of alert about one intruder, from mild to severe: the first is level 1.

    Attributes:
        name: for files and messages.
        levels: at least one; volumes of severer levels are taken to lie within milder ones.
    """

    name: str
    levels: tuple[Level, ...]

    def __post_init__(self) -> None:
        if not self.name or not isinstance(self.name, str):
            raise UsageError(f"an alerter's name is a text, not {self.name!r}.")
        object.__setattr__(self, "levels", tuple(self.levels))
        if not self.levels:
            raise UsageError(f"alerter '{self.name}' has no levels. Give it at least one.")
        for level in self.levels:
            if not isinstance(level, Level):
                raise UsageError(f"alerter '{self.name}': a level is a Level, not {type(level).__name__}.")

    def level_of(self, region: str) -> int:
        """Return the number of the mildest level that paints a region, from 1; 0 if none does."""
        return next((k for k, level in enumerate(self.levels, 1) if level.region == region), 0)


@dataclass(frozen=True, kw_only=True)
class Config:
    """Everything that guidance is computed by.  Angles in radians, clockwise from north.

    Attributes:
        name: of a preset, or of the file.
        source: where the figures come from.
        alerters: which one holds for an intruder is told with it, counted from 1.
        ownship_centric_alerting: the first alerter holds for every intruder.
        corrective_region: mildest region that calls for a manoeuvre: recovery, resolutions, last times.
        lookahead_time_s: how far straight flight is predicted.
        left_hdir_rad, right_hdir_rad: how far a turn may go, at most half a turn.
        min_airspeed_mps: a turn is flown at least at this speed.
        min_hs_mps … max_alt_m: limits of what may be flown; outside of them there is no guidance.
        below_relative_…, above_relative_…: limits from the own value instead, where not 0.
        step_…: what lies between two samples of a dimension.
        horizontal_accel_mps2, vertical_accel_mps2: of a change of speed and of vertical speed.
        turn_rate_radps, bank_angle_rad: of a turn; one of the two.
        vertical_rate_mps: of a climb to another altitude.  All rates 0: manoeuvres take no time.
        min_horizontal_recovery_m, min_vertical_recovery_m: cylinder kept clear while well clear is regained.
        recovery_hdir … recovery_alt: where recovery is looked for.
        ca_bands, ca_factor: let that cylinder shrink by this share each time, down to the NMAC.
        horizontal_nmac_m, vertical_nmac_m: near mid-air collision.
        recovery_stability_time_s: added to the earliest time of recovery.
        hysteresis_time_s: an aircraft unheard for longer begins anew.
        persistence_time_s: an alert that rose is kept so long.
        bands_persistence: the band at the own value is, too.
        persistence_preferred_…: the preferred side is kept while both differ by less.
        alerting_m, alerting_n: a level counts if met in M of the last N steps.
        bands_add_time_to_maneuver: the time to alert counts from now, not from the end of a manoeuvre.
        h_pos_z_score … v_vel_z_score: by how many standard deviations volumes grow; see `notices`.
        contour_thr_rad, dta_…: of contours and of terminal areas, which are not computed; see `notices`.
        conflict_crit, recovery_crit, dta_logic, hdir_bands_below_min_as: not modelled; must be off.
    """

    name: str = "custom"
    source: str = "given by the user"
    alerters: tuple[Alerter, ...]
    ownship_centric_alerting: bool = False
    corrective_region: Region = "MID"
    lookahead_time_s: float = 180.0
    left_hdir_rad: float = HALF_TURN
    right_hdir_rad: float = HALF_TURN
    min_airspeed_mps: float = 10.0 * MPS_PER_KNOT
    min_hs_mps: float = 10.0 * MPS_PER_KNOT
    max_hs_mps: float = 700.0 * MPS_PER_KNOT
    min_vs_mps: float = -6000.0 * MPS_PER_FPM
    max_vs_mps: float = 6000.0 * MPS_PER_FPM
    min_alt_m: float = 100.0 * METRES_PER_FOOT
    max_alt_m: float = 50_000.0 * METRES_PER_FOOT
    below_relative_hs_mps: float = 0.0
    above_relative_hs_mps: float = 0.0
    below_relative_vs_mps: float = 0.0
    above_relative_vs_mps: float = 0.0
    below_relative_alt_m: float = 0.0
    above_relative_alt_m: float = 0.0
    step_hdir_rad: float = math.radians(1.0)
    step_hs_mps: float = 5.0 * MPS_PER_KNOT
    step_vs_mps: float = 100.0 * MPS_PER_FPM
    step_alt_m: float = 100.0 * METRES_PER_FOOT
    horizontal_accel_mps2: float = 2.0
    vertical_accel_mps2: float = 0.25 * GRAVITY_MPS2
    turn_rate_radps: float = math.radians(3.0)
    bank_angle_rad: float = 0.0
    vertical_rate_mps: float = 500.0 * MPS_PER_FPM
    min_horizontal_recovery_m: float = 0.66 * METRES_PER_NM
    min_vertical_recovery_m: float = 450.0 * METRES_PER_FOOT
    recovery_hdir: bool = True
    recovery_hs: bool = True
    recovery_vs: bool = True
    recovery_alt: bool = True
    ca_bands: bool = True
    ca_factor: float = 0.1
    horizontal_nmac_m: float = 500.0 * METRES_PER_FOOT
    vertical_nmac_m: float = 100.0 * METRES_PER_FOOT
    recovery_stability_time_s: float = 3.0
    hysteresis_time_s: float = 0.0
    persistence_time_s: float = 0.0
    bands_persistence: bool = False
    persistence_preferred_hdir_rad: float = 0.0
    persistence_preferred_hs_mps: float = 0.0
    persistence_preferred_vs_mps: float = 0.0
    persistence_preferred_alt_m: float = 0.0
    alerting_m: int = 0
    alerting_n: int = 0
    bands_add_time_to_maneuver: bool = False
    h_pos_z_score: float = 0.0
    h_vel_z_score_min: float = 0.0
    h_vel_z_score_max: float = 0.0
    h_vel_z_distance_m: float = 0.0
    v_pos_z_score: float = 0.0
    v_vel_z_score: float = 0.0
    contour_thr_rad: float = HALF_TURN
    conflict_crit: bool = False
    recovery_crit: bool = False
    dta_logic: int = 0
    dta_latitude_rad: float = 0.0
    dta_longitude_rad: float = 0.0
    dta_radius_m: float = 0.0
    dta_height_m: float = 0.0
    dta_alerter: int = 0
    hdir_bands_below_min_as: int = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "alerters", tuple(self.alerters))
        _check_numbers(
            self, f"configuration '{self.name}'", skip=("name", "source", "alerters", "corrective_region")
        )
        self._check_alerters()
        self._check_limits()
        self._check_manoeuvres()
        self._check_memory()
        for name in NOT_MODELLED:
            if getattr(self, name):
                off = "false" if name in _FLAGS else "0"
                told = f"{name} = {getattr(self, name)}: {NOT_MODELLED[name]} Set it to {off}."
                raise UsageError(f"configuration '{self.name}': {told}")

    @classmethod
    def preset(cls, name: str) -> Config:
        """Return a named configuration; `presets.PRESETS` lists them.

        Raises:
            UsageError: no such name.

        >>> Config.preset("do365b").alerters[0].levels[1].alerting_time_s
        55.0
        """
        from wideberth.guide import presets

        return presets.preset(name)

    @classmethod
    def cylinder(
        cls, radius_m: float, half_height_m: float, *, alerting_time_s: float = 180.0, **other: Any
    ) -> Config:
        """Return the configuration of one plain cylinder that paints NEAR; ``other`` as for `Config`.

        >>> Config.cylinder(9260.0, 304.8).alerters[0].levels[0].region
        'NEAR'
        """
        level = Level(Cylinder(radius_m, half_height_m), alerting_time_s, alerting_time_s, "NEAR")
        parameters: dict[str, Any] = {
            "name": "cylinder",
            "corrective_region": "NEAR",
            "ownship_centric_alerting": True,
            "min_horizontal_recovery_m": radius_m,
            "min_vertical_recovery_m": half_height_m,
            "horizontal_nmac_m": min(500.0 * METRES_PER_FOOT, radius_m),
            "vertical_nmac_m": min(100.0 * METRES_PER_FOOT, half_height_m),
        } | other
        return cls(alerters=(Alerter("cylinder", (level,)),), **parameters)

    def changed(self, **changes: Any) -> Config:
        """Return the same with some parameters otherwise.

        Raises:
            UsageError: an unknown parameter, or a value that cannot be meant.
        """
        for name in changes:
            if name not in _names():
                raise UsageError(f"a configuration has no '{name}'.{did_you_mean(name, _names())}")
        return dataclasses.replace(self, **changes)

    def without_memory(self) -> Config:
        """Return the same for states that stand alone: no M of N, no hysteresis, no persistence."""
        return self.changed(
            hysteresis_time_s=0.0, persistence_time_s=0.0, bands_persistence=False, alerting_m=0, alerting_n=0,
            persistence_preferred_hdir_rad=0.0, persistence_preferred_hs_mps=0.0,
            persistence_preferred_vs_mps=0.0, persistence_preferred_alt_m=0.0,
        )  # fmt: skip

    @property
    def notices(self) -> tuple[str, ...]:
        """What the configuration asks for that changes nothing here, a sentence each."""
        scores = [name for name in SENSOR_SCORES if getattr(self, name)]
        told = []
        if scores:
            told.append(
                f"{', '.join(scores)}: states are taken as exact, volumes do not grow by sensor uncertainty."
            )
        if self.contour_thr_rad != HALF_TURN:
            told.append("contour_thr: contours are not computed.")
        return tuple(told)

    def _check_alerters(self) -> None:
        if not self.alerters:
            raise UsageError(f"configuration '{self.name}' has no alerters. Give it at least one.")
        for alerter in self.alerters:
            if not isinstance(alerter, Alerter):
                raise UsageError(f"configuration '{self.name}': an alerter is an Alerter, not {alerter!r}.")
        names = [alerter.name for alerter in self.alerters]
        for name in names:
            if names.count(name) > 1:
                raise UsageError(
                    f"configuration '{self.name}': {names.count(name)} alerters are called '{name}'. "
                    "Call each otherwise."
                )
        _check_region(self.corrective_region, "corrective_region")
        if self.corrective_region == "NONE":
            raise UsageError(f"configuration '{self.name}': corrective_region is FAR, MID or NEAR, not NONE.")

    def _check_limits(self) -> None:
        what = f"configuration '{self.name}'"
        for name in ("hs_mps", "vs_mps", "alt_m"):
            low, high = getattr(self, f"min_{name}"), getattr(self, f"max_{name}")
            if not low < high:
                raise UsageError(f"{what}: min_{name} ({low:g}) is not below max_{name} ({high:g}).")
        for name in ("left_hdir_rad", "right_hdir_rad"):
            if not 0.0 <= getattr(self, name) <= HALF_TURN + 1e-12:
                raise UsageError(f"{what}: {name} = {getattr(self, name):g} is not in 0 to pi, half a turn.")
        positive = ("lookahead_time_s", "step_hdir_rad", "step_hs_mps", "step_vs_mps", "step_alt_m")
        _at_least(self, positive, 0.0, what, is_open=True)
        _at_least(self, [name for name in _names() if "_relative_" in name], 0.0, what)
        _at_least(self, ("min_airspeed_mps", "min_hs_mps"), 0.0, what)

    def _check_manoeuvres(self) -> None:
        what = f"configuration '{self.name}'"
        accelerations = ("horizontal_accel_mps2", "vertical_accel_mps2")
        rates = ("turn_rate_radps", "bank_angle_rad", "vertical_rate_mps", "recovery_stability_time_s")
        _at_least(self, (*accelerations, *rates), 0.0, what)
        sizes = [
            name for name in _names() if "_nmac_" in name or (name.startswith("min_") and "recovery" in name)
        ]
        _at_least(self, sizes, 0.0, what, is_open=True)
        if self.turn_rate_radps > 0.0 and self.bank_angle_rad > 0.0:
            raise UsageError(
                f"{what}: both turn_rate_radps and bank_angle_rad are given. "
                "A turn is flown by one of them; set the other to 0."
            )
        if self.bank_angle_rad >= HALF_TURN / 2:
            raise UsageError(
                f"{what}: bank_angle_rad = {self.bank_angle_rad:g} is a quarter of a turn or more."
            )
        if not 0.0 < self.ca_factor < 1.0:
            raise UsageError(f"{what}: ca_factor = {self.ca_factor:g} is not between 0 and 1.")

    def _check_memory(self) -> None:
        what = f"configuration '{self.name}'"
        names = [name for name in _names() if name.startswith("persistence_preferred_")]
        _at_least(self, ("hysteresis_time_s", "persistence_time_s", *names), 0.0, what)
        if not 0 <= self.alerting_m <= self.alerting_n:
            of = f"alerting_m = {self.alerting_m} of alerting_n = {self.alerting_n}"
            raise UsageError(f"{what}: {of}: M is in 0 to N.")


NOT_MODELLED = {
    "conflict_crit": "implicit coordination by criteria is not modelled.",
    "recovery_crit": "implicit coordination by criteria is not modelled.",
    "dta_logic": "terminal areas (DTA) are not modelled.",
    "hdir_bands_below_min_as": "direction bands below the least airspeed are not modelled.",
}
"""What must be off, and why."""

SENSOR_SCORES = ("h_pos_z_score", "h_vel_z_score_min", "h_vel_z_score_max", "v_pos_z_score", "v_vel_z_score")

_FLAGS = frozenset(f.name for f in dataclasses.fields(Config) if f.type == "bool")
_COUNTS = frozenset(f.name for f in dataclasses.fields(Config) if f.type == "int")


def _names() -> list[str]:
    return [field.name for field in dataclasses.fields(Config)]


def did_you_mean(word: str, known: Any) -> str:
    """Return the sentence that proposes what is nearest, or what all is known."""
    import difflib

    near = difflib.get_close_matches(word.lower(), list(known), n=1)
    return f" Did you mean '{near[0]}'?" if near else f" Known: {', '.join(known)}."


def _check_numbers(thing: Any, what: str, skip: tuple[str, ...] = ()) -> None:
    for field in dataclasses.fields(thing):
        value = getattr(thing, field.name)
        if field.name in skip:
            continue
        if field.name in _FLAGS:
            if not isinstance(value, bool):
                raise UsageError(f"{what}: {field.name} is true or false, not {value!r}.")
        elif isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise UsageError(f"{what}: {field.name} is a finite number, not {value!r}.")
        elif field.name in _COUNTS and value != int(value):
            raise UsageError(f"{what}: {field.name} is a whole number, not {value!r}.")
        else:  # whole numbers are welcome: 180 is 180.0
            object.__setattr__(thing, field.name, int(value) if field.name in _COUNTS else float(value))


def _at_least(thing: Any, names: Any, least: float, what: str, *, is_open: bool = False) -> None:
    for name in names:
        value = getattr(thing, name)
        if value < least or (is_open and value == least):
            least_of = f"greater than {least:g}" if is_open else f"at least {least:g}"
            raise UsageError(f"{what}: {name} = {value:g} must be {least_of}.")


def _check_region(region: Any, what: str) -> None:
    if region not in REGIONS:
        raise UsageError(f"{what} is one of {', '.join(REGIONS)}, not {region!r}.")

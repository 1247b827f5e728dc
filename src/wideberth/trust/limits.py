"""Every threshold by which trust is judged, in one table: what it is, why it is so, and what it may be set to.

Figures marked *choice* were chosen by looking at the recordings and at half of the seeds of benchmarks/trust.py; the
other half reports how well they do.
"""

from __future__ import annotations

import difflib
import math
from dataclasses import dataclass, fields, replace

from wideberth.errors import UsageError

SCALES = frozenset(
    [f"{kind}_{of}" for kind in ("transponder", "radar", "mlat")
     for of in ("offset_m", "lag_s", "noise_m", "noise_factor", "lift_ft")]
    + ["lift_least_ft", "lift_most_ft", "fed_offset_m", "fed_noise_m", "fed_noise_factor", "fed_lift_ft", "formation_m",
       "wander_m", "wander_factor", "stack_ft", "stack_wander_ft", "trail_m", "trail_noise_m", "trail_factor",
       "trail_ft", "wander_most_ft", "any_ft", "velocity_mps", "same_callsign", "other_callsign",
       "levels_every_ft", "hopeless"]
)  # fmt: skip
"""Limits of which 0 means nothing: widths of distributions, factors."""


@dataclass(frozen=True)
class Limits:
    """The thresholds; each can be overridden by name.

    Attributes:
        one_aircraft: probability above which two addresses are called one aircraft.  0.95: what 95 % intervals miss.
        maybe_one_aircraft: probability above which they may be.  *Choice*: a tenth.
        one_of_relayed: prior probability that an address that begins with ``~`` (a relay's) and a transponder's near
            it are one.  *Choice*: even odds.
        one_of_two_relayed: likewise, of two that begin with ``~``.  *Choice*.
        one_of_transponders: likewise, of two transponders' own addresses.  *Choice*: rare, but feeds do it.
        company_near_m, company_near_ft: so near is beside each other: 1 NM, and less than a level.
        company_s: beside each other for so long in all is company, however they move: an overtaking that takes longer
            closes at less than 30 kt.
        company_staying_s, staying_share: for so long, if of the way that they move relative to each other no more
            than this share leads anywhere; of an overtaking all of it does.
        company_alike_s: for so long, if they fly alike.
        circling_s, circling_share: likewise: gliders in one thermal, helicopters at work.
        close_m: company, not traffic of one aerodrome, is who flies nearer than this on average: parallel runways are
            210 m apart or more (ICAO Annex 14, for larger aircraft in visual conditions; from memory);
        long_s: or for so long: a final approach takes less.
        alike_share, alike_mps: alike is a relative speed of at most this share of theirs, or this much.
        joined_share: of company, a closest point nearer than this share of the usual distance is told as a join-up.
        circuit_low_ft: both no higher than this above the lowest point of their flights: a circuit is flown 1000 to
            1500 ft above the field, an approach joined at 3000.
        circuit_near_m: and no farther from it: 10 NM, where final approaches are joined.
        airport_near_m, airport_low_ft: so near an aerodrome of a given table, and no higher above it, is in its
            circuit without having been seen to land: the aerodrome traffic zone of long runways in the United
            Kingdom, 2.5 NM and 2000 ft (from memory).
        common_end_m: their lowest points are one aerodrome if no farther apart: the length of a long runway.
        common_end_ft: and differ no more in altitude: two altimeters and a step of 100 ft.
        end_kt: and were passed no faster: approach speeds end at 165 kt (ICAO category D; from memory).
        end_drop_ft: and lie so far below what was flown around them; or on the ground.
        level_ft: who stays within this for a minute flies level: a step of 100 ft, or bumpy air.
        level_s: so much of that minute must have been heard.
        tolerance_rvsm_ft, tolerance_ft: how far from an assigned level an aircraft still holds it, in RVSM airspace
            and elsewhere (ICAO Doc 4444, 8.5.5.2: 200 ft and 300 ft; from memory).
        held_share: reports that moved less than this share of the way that their speed tells stood still.
        held_m: and lost at least so much of the way.
        raced_share: and those that moved more than this share of it.
        kink_m: a report beside the line of its neighbours by so much more than a turn at 31° of bank allows has
            leapt.
        detour_m: and so has one by which the way from its neighbour before to that after is so much longer than its
            speed allows.
        aside_m: and so have reports that lie beside where reported velocities lead by so much more than an unsteady
            turn allows, off and back again: five standard deviations of a transponder's position.  Of 2,000 true
            passes of the benchmark it doubts 1, at 25 m 8.
        radar_aside_m: likewise of positions of radars and multilateration, which scatter by 60 to 100 m.
        leap_m: two reports so much farther apart than their speed allows, within a minute of the closest point.
        far_leap_m: likewise, anywhere within ten minutes: the track was somewhere else.
        altitude_kink_ft: an altitude off the line of its neighbours by so much more than a quarter of 1 g allows.
        altitude_leap_ft: two altitudes so much farther apart than 6000 ft/min allows, within two minutes.
        rate_off_fpm: reported vertical rates that differ so much from how altitude changed in the minute: it is
            stuck.
        altitudes_off_ft: geometric less pressure altitude of the two differ by so much, at one place and time: both
            see the same air, so one altimeter or one height is wrong.
        poor_nac_p: NACp of no more than this counts as no accuracy (gpsjam.org counts 2 and less as bad).
        turn_deg: between reports across which the direction changes by so much the way is not known.
        blind_s: if they are at least so far apart,
        bow_share: and so many times the rise of the arc above the chord could have kept the minimum: twice, for turns
            are not spread evenly.
        brief_s: an aircraft heard for no longer than this in ten minutes before and after tells no motion.
        clock_s: two files of a recording whose times differ by more are of two clocks: 14 CFR 91.227 allows a
            position 2.0 s from its measurement to its transmission (from memory).
        old_s: a closest point so far from a real report of either rests on none: OpenSky keeps no older vector.
        silent_s: a transponder silent for so long where a relayed address is met may be that one.  *Choice*: relays
            step in where a receiver hears nothing for half a minute.
        airborne_mps: what is no faster than this for twenty minutes, on average, taxies or hovers: 30 kt.
        two_circles_deg: who turned through so much in company circles, not along a circuit: more than one lap of it.
        end_heard_s: a lowest report so near the first or last that was heard is the end of a flight, not a dip in it.
        rvsm_low_ft, rvsm_high_ft: where RVSM applies: FL290 to FL410 (ICAO Doc 9574; from memory).
        levels_every_ft: assigned levels are so far apart: 1000 ft for one kind of flight rules, 500 ft between two.
        levels_share: the tolerance of two levels is at most this share of what parts them: else 500 ft apart would
            not be told from one level by a tolerance of 300 ft.
        repeats: so many reports that stand still, and nothing but error explains it.  *Choice*.
        hopeless: likewise so many times beyond a limit.  *Choice*.
        leap_s: how near the closest point a leap must be to count at ``leap_m``: twice what reports are apart.
        good_nac_p: that NACp fell says something of one that told so much before: 0.5 NM.
        nac_told: and told it so often: a relay between an aircraft's own messages tells 0, too.
        transponder_offset_m, radar_offset_m, mlat_offset_m: standard deviation, in one direction, of a constant error
            of positions: of a transponder's own, a relayed radar's, multilateration's.  *Choice*, by recordings.
        offsets_most: so many of them to the side are too many for one aircraft, however steadily the other keeps
            there: the law of Gauss says so less and less surely beside stories whose scatter is larger than what was
            seen.
        transponder_lag_s, radar_lag_s, mlat_lag_s: how late positions are, by Cauchy's law.  *Choice*, by recordings.
        transponder_noise_m, radar_noise_m, mlat_noise_m: how positions scatter.  *Choice*, by recordings.
        transponder_noise_factor, radar_noise_factor, mlat_noise_factor: and by which factor it may well be more or
            less.
        untold_mlat_share: prior probability that a position of untold source is multilateration's.  *Choice*.
        transponder_lift_ft, radar_lift_ft, mlat_lift_ft: constant difference of two reports of one altitude: rounded
            twice; of a radar, by other steps, and by a QNH applied.  *Choice*.
        lift_least_ft, lift_most_ft: how altitudes of one aircraft scatter: at least by steps of 25 ft told at two
            instants, at most in a climb.
        fed_twice_share: of aircraft seen twice by sources of one kind, so many by the very same reports.  *Choice*.
        fed_offset_m, fed_noise_m, fed_noise_factor, fed_lift_ft: then positions and altitudes differ no more than by
            how feeds round and interpolate, and the lag, of two clocks, is anything.  *Choice*.
        company_share: of two aircraft that are near, so many belong together.  *Choice*.
        formation_m: and are within so much of each other, one standard deviation in one direction,
        wander_m, wander_factor: breathe by so much, give or take a factor,
        stack_ft, stack_wander_ft: are so far above each other, and hold that so well.
        trail_share: of two that are near, so many follow one way behind each other.  *Choice*.
        trail_m, trail_noise_m, trail_factor: so far beside it, and so well.  *Choice*.
        trail_ft: at any two altitudes within so much.
        wander_most_ft: two aircraft's vertical distance scatters by no more, in company or in trail.
        any_ft: of two that only meet it is anything within this.
        velocity_mps: reported velocities of one aircraft differ by so much.
        velocity_turn_mps2: and by so much more for each second between them, in a turn of 11° of bank.
        same_callsign: one callsign on both addresses multiplies the odds that they are one by so much.  *Choice*.
        other_callsign: and two callsigns by so much.  *Choice*.
    """

    one_aircraft: float = 0.95
    maybe_one_aircraft: float = 0.1
    one_of_relayed: float = 0.5
    one_of_two_relayed: float = 0.2
    one_of_transponders: float = 0.01
    company_near_m: float = 1852.0
    company_near_ft: float = 900.0
    company_s: float = 240.0
    company_staying_s: float = 120.0
    staying_share: float = 0.7
    company_alike_s: float = 50.0
    circling_s: float = 60.0
    circling_share: float = 0.5
    close_m: float = 200.0
    long_s: float = 400.0
    alike_share: float = 0.2
    alike_mps: float = 6.0
    joined_share: float = 0.25
    circuit_low_ft: float = 3000.0
    circuit_near_m: float = 18520.0
    airport_near_m: float = 4630.0
    airport_low_ft: float = 2000.0
    common_end_m: float = 4000.0
    common_end_ft: float = 400.0
    end_kt: float = 165.0
    end_drop_ft: float = 400.0
    level_ft: float = 150.0
    level_s: float = 30.0
    tolerance_rvsm_ft: float = 200.0
    tolerance_ft: float = 300.0
    held_share: float = 0.5
    held_m: float = 300.0
    raced_share: float = 1.8
    kink_m: float = 150.0
    detour_m: float = 250.0
    aside_m: float = 75.0
    radar_aside_m: float = 250.0
    leap_m: float = 600.0
    far_leap_m: float = 5000.0
    altitude_kink_ft: float = 250.0
    altitude_leap_ft: float = 300.0
    rate_off_fpm: float = 1500.0
    altitudes_off_ft: float = 500.0
    poor_nac_p: float = 2.0
    turn_deg: float = 25.0
    blind_s: float = 15.0
    bow_share: float = 2.0
    brief_s: float = 5.0
    clock_s: float = 2.0
    old_s: float = 15.0
    silent_s: float = 35.0
    airborne_mps: float = 15.0
    two_circles_deg: float = 720.0
    end_heard_s: float = 30.0
    rvsm_low_ft: float = 29_000.0
    rvsm_high_ft: float = 41_000.0
    levels_every_ft: float = 500.0
    levels_share: float = 0.3
    repeats: float = 3.0
    hopeless: float = 5.0
    leap_s: float = 60.0
    good_nac_p: float = 5.0
    nac_told: float = 3.0
    transponder_offset_m: float = 25.0
    radar_offset_m: float = 120.0
    mlat_offset_m: float = 100.0
    offsets_most: float = 4.0
    transponder_lag_s: float = 0.7
    radar_lag_s: float = 3.0
    mlat_lag_s: float = 1.5
    transponder_noise_m: float = 15.0
    radar_noise_m: float = 60.0
    mlat_noise_m: float = 60.0
    transponder_noise_factor: float = 2.5
    radar_noise_factor: float = 3.0
    mlat_noise_factor: float = 2.5
    untold_mlat_share: float = 0.1
    transponder_lift_ft: float = 20.0
    radar_lift_ft: float = 150.0
    mlat_lift_ft: float = 20.0
    lift_least_ft: float = 20.0
    lift_most_ft: float = 80.0
    fed_twice_share: float = 0.5
    fed_offset_m: float = 10.0
    fed_noise_m: float = 12.0
    fed_noise_factor: float = 2.0
    fed_lift_ft: float = 15.0
    company_share: float = 0.2
    formation_m: float = 500.0
    wander_m: float = 120.0
    wander_factor: float = 2.5
    stack_ft: float = 300.0
    stack_wander_ft: float = 40.0
    trail_share: float = 0.1
    trail_m: float = 100.0
    trail_noise_m: float = 40.0
    trail_factor: float = 3.0
    trail_ft: float = 800.0
    wander_most_ft: float = 300.0
    any_ft: float = 2000.0
    velocity_mps: float = 6.0
    velocity_turn_mps2: float = 2.0
    same_callsign: float = 50.0
    other_callsign: float = 0.05

    def __post_init__(self) -> None:
        for each in fields(self):
            value = getattr(self, each.name)
            if (
                isinstance(value, bool)
                or not isinstance(value, int | float)
                or not math.isfinite(value)
                or value < 0.0
            ):
                raise UsageError(f"the limit {each.name} must be a number of at least 0, not {value!r}.")
            least = 1.0 if each.name.endswith("_factor") else 0.0
            if each.name in SCALES and value <= least:
                raise UsageError(f"the limit {each.name} must be a number above {least:g}, not {value!r}.")

    def changed(self, changes: dict[str, float]) -> Limits:
        """Return the table with other values of some limits.

        Raises:
            UsageError: a name that is none, or a value that cannot be.
        """
        known = [each.name for each in fields(self)]
        for name in changes:
            if name not in known:
                near = difflib.get_close_matches(name, known, n=1)
                hint = f" Did you mean '{near[0]}'?" if near else ""
                raise UsageError(f"no limit is called '{name}'.{hint} Known: {', '.join(known)}.")
        return replace(self, **changes)


DEFAULT = Limits()

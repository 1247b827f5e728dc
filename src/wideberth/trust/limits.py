"""Every threshold by which trust is judged, in one table: what it is, why it is so, and what it may be set to.

Figures marked *choice* were chosen by looking at the recordings and at half of the seeds of benchmarks/trust.py; the
other half reports how well they do.
"""

from __future__ import annotations

import difflib
import math
from dataclasses import dataclass, fields, replace

from wideberth.errors import UsageError


@dataclass(frozen=True)
class Limits:
    """The thresholds; each can be overridden by name.

    Attributes:
        one_aircraft: probability above which two addresses are called one aircraft.  0.95: what 95 % intervals miss.
        maybe_one_aircraft: probability above which they may be.  *Choice*: a tenth.
        one_of_relayed: prior probability that an address that begins with ``~`` (a relay's) and a transponder's near it
            are one.  *Choice*: even odds.
        one_of_two_relayed: likewise, of two that begin with ``~``.  *Choice*.
        one_of_transponders: likewise, of two transponders' own addresses.  *Choice*: rare, but feeds do it.
        company_near_m, company_near_ft: so near is beside each other: 1 NM, and less than a level.
        company_s: beside each other for so long in all is company, however they move: an overtaking that takes longer
            closes at less than 30 kt.
        company_staying_s, staying_share: for so long, if of the way that they move relative to each other no more than
            this share leads anywhere; of an overtaking all of it does.
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
        airport_near_m, airport_low_ft: so near an aerodrome of a given table, and no higher above it, is in its circuit
            without having been seen to land: the aerodrome traffic zone of long runways in the United Kingdom, 2.5 NM
            and 2000 ft (from memory).
        common_end_m: their lowest points are one aerodrome if no farther apart: the length of a long runway.
        common_end_ft: and differ no more in altitude: two altimeters and a step of 100 ft.
        end_kt: and were passed no faster: approach speeds end at 165 kt (ICAO category D; from memory).
        end_drop_ft: and lie so far below what was flown around them; or on the ground.
        level_ft: who stays within this for a minute flies level: a step of 100 ft, or bumpy air.
        level_s: so much of that minute must have been heard.
        tolerance_rvsm_ft, tolerance_ft: how far from an assigned level an aircraft still holds it, in RVSM airspace and
            elsewhere (ICAO Doc 4444, 8.5.5.2: 200 ft and 300 ft; from memory).
        held_share: reports that moved less than this share of the way that their speed tells stood still.
        held_m: and lost at least so much of the way.
        raced_share: and those that moved more than this share of it.
        kink_m: a report beside the line of its neighbours by so much more than a turn at 31° of bank allows has leapt.
        detour_m: and so has one by which the way from its neighbour before to that after is so much longer than its
            speed allows.
        leap_m: two reports so much farther apart than their speed allows, within a minute of the closest point.
        far_leap_m: likewise, anywhere within ten minutes: the track was somewhere else.
        altitude_kink_ft: an altitude off the line of its neighbours by so much more than a quarter of 1 g allows.
        altitude_leap_ft: two altitudes so much farther apart than 6000 ft/min allows, within two minutes.
        rate_off_fpm: reported vertical rates that differ so much from how altitude changed in the minute: it is stuck.
        altitudes_off_ft: geometric less pressure altitude of the two differ by so much, at one place and time: both
            see the same air, so one altimeter or one height is wrong.
        poor_nac_p: NACp of no more than this counts as no accuracy (gpsjam.org counts 2 and less as bad).
        turn_deg: between reports across which the direction changes by so much the way is not known.
        blind_s: if they are at least so far apart,
        bow_share: and so many times the rise of the arc above the chord could have kept the minimum: twice, for
            turns are not spread evenly.
        brief_s: an aircraft heard for no longer than this in ten minutes before and after tells no motion.
        clock_s: two files of a recording whose times differ by more are of two clocks: 14 CFR 91.227 allows a position
            2.0 s from its measurement to its transmission (from memory).
        old_s: a closest point so far from a real report of either rests on none: OpenSky keeps no older vector.
        silent_s: a transponder silent for so long where a relayed address is met may be that one.  *Choice*: relays
            step in where a receiver hears nothing for half a minute.
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

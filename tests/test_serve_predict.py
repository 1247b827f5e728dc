"""Prediction: every pair, line and place ahead, against plain NumPy over all pairs and against the judge itself."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

import brute_force
import wideberth as wb
from wideberth.kernels import predict as kernels
from wideberth.serve.ahead import Look, Ways
from wideberth.serve.arrivals import standard
from wideberth.serve.pairs import conflicts
from wideberth.serve.predict import Picture, predict
from wideberth.serve.sky import LiveSky
from wideberth.units import METRES_PER_NM, MPS_PER_KNOT

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
NOW_US = int(NOW.timestamp() * 1e6)
EVERYONE = wb.Agreement.everyone(horizontal="5 NM", vertical="1000 ft")
SAME_S = 5e-6  # instants within a step are rounded to microseconds, by the two in ways of their own
WAY_M = 0.15  # two pieces of 15 km, each good to 3 cm along it, and the chord that one walks on by 2 cm
ARC_M = 2.0  # a march in steps of 0.1 s along chords, against arcs of 5 s
PLACES = {
    "europe": (47.0, 8.0),
    "date line": (-17.0, 179.9),
    "north pole": (89.6, 0.0),
    "south": (-89.9, 90.0),
}
seeds = st.integers(0, 2**32 - 1)


def report(address: str, age_s: float, lat: float, lon: float, **others: Any) -> dict[str, Any]:
    """Return a row that held so long ago."""
    row = {"icao24": address, "t": NOW - timedelta(seconds=age_s), "lat_deg": lat, "lon_deg": lon}
    return row | {"altitude_ft": 30_000.0, "groundspeed_kt": 400.0, "track_deg": 90.0} | others


def sky_of(rows: list[dict[str, Any]], agreement: wb.Agreement = EVERYONE) -> LiveSky:
    """Return the sky in which some rows were heard."""
    sky = LiveSky(agreement)
    sky.hear(standard(pl.DataFrame(rows, infer_schema_length=None), "feed", 0), NOW_US)
    return sky


def by_rule(picture: Picture) -> dict[str, Any]:
    """Return the one threat of each rule."""
    assert len({threat.rule for threat in picture.threats}) == len(picture.threats)
    return {threat.rule: threat for threat in picture.threats}


def crowd(seed: int, where: str, number: int) -> list[dict[str, Any]]:
    """Return three reports each of aircraft that meet: straight, turning, without an altitude, old, on the ground."""
    rng = np.random.default_rng(seed)
    geod = Geod(ellps="WGS84")
    rows = []
    for k in range(number):
        lat0, lon0 = PLACES[where]
        lon, lat, _ = geod.fwd(lon0, lat0, rng.uniform(0, 360), rng.uniform(0, 60_000))
        kind = rng.choice(["feet", "feet", "feet", "metres", "both", "none", "old", "ground"])
        feet, kt, course = 30_000.0 + 500.0 * rng.integers(0, 6), rng.uniform(80, 500), rng.uniform(0, 360)
        turn = rng.choice([0.0, 0.0, 3.0, -1.2])
        climb = rng.choice([0.0, 1500.0, -2000.0])
        age_s = rng.uniform(0.0, 15.0) + (40.0 if kind == "old" else 0.0)
        for back_s in (10.0, 5.0, 0.0):
            rows.append(
                report(
                    f"{0x400000 + k:06x}",
                    age_s + back_s,
                    lat + back_s * 1e-5,
                    lon,
                    altitude_ft=feet - climb * back_s / 60.0 if kind in ("feet", "both", "old") else None,
                    height_m=(feet * 0.3048 + 50.0) if kind in ("metres", "both") else None,
                    groundspeed_kt=kt,
                    track_deg=(course - turn * back_s) % 360.0,
                    vertical_rate_fpm=climb,
                    on_ground=bool(kind == "ground"),
                )
            )
    return rows


def brute(ways: Ways, horizontal_m: float, vertical_ft: float) -> dict[tuple[int, int], float]:
    """Return when each pair of aircraft first meets on any of their ways, by all pairs of ways in plain NumPy."""
    samples = [
        np.stack(
            [
                np.round(ways.t_us[low:high]) * 1e-6,
                ways.lat_deg[low:high],
                ways.lon_deg[low:high],
                ways.feet[low:high],
                ways.metres[low:high],
            ],
            axis=1,
        )
        for low, high in zip(ways.first[:-1], ways.first[1:], strict=True)
    ]
    found: dict[tuple[int, int], float] = {}
    for each in brute_force.encounters(samples, horizontal_m=horizontal_m, vertical_ft=vertical_ft):
        pair = int(ways.place[each.a]), int(ways.place[each.b])
        if pair[0] != pair[1]:
            found[pair] = min(found.get(pair, math.inf), each.t_in_s)
    return found


# Two aircraft ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("where", sorted(PLACES))
@settings(max_examples=5)
@given(seed=seeds)
def test_every_pair_is_found_that_plain_numpy_finds(where: str, seed: int) -> None:
    """Straight and turning ways, by either altitude, over the pole and the date line: the same pairs and instants."""
    rows = [row for row in crowd(seed, where, 24) if row["altitude_ft"] or row["height_m"]]
    ways = Ways.of(sky_of(rows), NOW_US, Look())

    found = conflicts(ways, 5 * METRES_PER_NM, 1000.0)
    pairs = list(zip(ways.place[found.way_a].tolist(), ways.place[found.way_b].tolist(), strict=True))
    told = dict(zip(pairs, found.t_in_s.tolist(), strict=True))
    expected = brute(ways, 5 * METRES_PER_NM, 1000.0)

    assert told.keys() == expected.keys()
    assert len(pairs) == len(told)
    assert len(told) < 24 * 23 / 2
    for pair, t_in_s in told.items():
        assert t_in_s == pytest.approx(expected[pair], abs=SAME_S)


@settings(max_examples=5)
@given(seed=seeds)
def test_wider_minima_tell_those_of_the_rule_as_before(seed: int) -> None:
    """Pairs within wider minima are added, and the others keep their instants."""
    ways = Ways.of(sky_of(crowd(seed, "europe", 30)), NOW_US, Look())
    wide, own = conflicts(ways, 9260.0, 1000.0, 1.3), conflicts(ways, 9260.0, 1000.0)
    is_own = wide.t_in_s < math.inf

    assert wide.t_in_s[is_own].tolist() == own.t_in_s.tolist()
    assert (wide.t_wide_s <= wide.t_in_s).all()
    assert conflicts(ways, 9260.0 * 1.3, 1000.0).t_in_s.size == wide.t_in_s.size


def test_head_on_is_told_to_the_second() -> None:
    """Ten miles apart and closing at 800 kt: five miles are left after 22.5 s, none after 45 s."""
    lon = 10.0 * METRES_PER_NM / (111_320.0 * math.cos(math.radians(45.0)))
    rows = [report("400001", 0.0, 45.0, 8.0), report("400002", 0.0, 45.0, 8.0 + lon, track_deg=270.0)]
    (threat,) = predict(sky_of(rows), NOW_US).threats

    assert threat.aircraft == ("400001", "400002")
    assert threat.t_in_s == pytest.approx(22.5, abs=0.3)  # a degree there is 0.2 % longer than on a sphere
    assert threat.figures["t_cpa_s"] == pytest.approx(45.0, abs=0.3)
    assert threat.figures["hmd_m"] < 20.0
    assert threat.is_within
    assert not threat.is_now


def test_an_age_is_flown_before_now() -> None:
    """A report of ten seconds ago is where the aircraft was: what lies ahead begins ten seconds further on."""
    lon = 10.0 * METRES_PER_NM / (111_320.0 * math.cos(math.radians(45.0)))
    rows = [report("400001", 10.0, 45.0, 8.0), report("400002", 10.0, 45.0, 8.0 + lon, track_deg=270.0)]
    (threat,) = predict(sky_of(rows), NOW_US).threats

    assert threat.t_in_s == pytest.approx(12.5, abs=0.3)


def test_who_is_too_near_already_is_so_now() -> None:
    """A current infringement is 0 seconds away."""
    rows = [report("400001", 0.0, 45.0, 8.0), report("400002", 0.0, 45.02, 8.0, altitude_ft=30_500.0)]
    (threat,) = predict(sky_of(rows), NOW_US).threats

    assert threat.is_now
    assert threat.t_in_s == 0.0
    assert threat.figures["vertical_ft"] == 500.0


def test_unknown_altitude_is_told_and_not_taken_for_none() -> None:
    """Without an altitude in common the horizontal distance alone counts, and no vertical one is told."""
    rows = [report("400001", 0.0, 45.0, 8.0), report("400002", 0.0, 45.02, 8.0, altitude_ft=None)]
    picture = predict(sky_of(rows), NOW_US)
    (threat,) = picture.threats

    assert threat.is_now
    assert math.isnan(threat.figures["vertical_ft"])
    assert picture.not_ahead["altitude"] == 1


def test_old_reports_and_aircraft_on_the_ground_are_counted_and_not_predicted() -> None:
    """Beyond the stated age nothing is inferred."""
    rows = [
        report("400001", 0.0, 45.0, 8.0),
        report("400002", 19.0, 45.01, 8.0),
        report("400003", 21.0, 45.01, 8.0),
        report("400004", 0.0, 45.01, 8.0, on_ground=True),
        report("400005", 0.0, 45.01, 8.0, groundspeed_kt=None, track_deg=None),
    ]
    picture = predict(sky_of(rows), NOW_US)

    assert picture.ahead == 2
    assert picture.not_ahead == {"stale": 1, "ground": 1, "motion": 1, "altitude": 0}
    assert [threat.aircraft for threat in picture.threats] == [("400001", "400002")]


def turning(address: str, lat: float, lon: float, track: float, turn: float, **others: Any) -> list[Any]:
    """Return five reports of an aircraft that turns, all where it is now, 5 s apart."""
    return [
        report(address, back_s, lat + back_s * 1e-6, lon, track_deg=(track - turn * back_s) % 360.0, **others)
        for back_s in (20.0, 15.0, 10.0, 5.0, 0.0)
    ]


def test_a_turn_is_seen_and_flown() -> None:
    """Parallel ways 8 miles apart meet nowhere; one that turns towards the other will."""
    away = 8.0 * METRES_PER_NM / 111_130.0
    straight = [report("400001", 0.0, 45.0 + away, 8.0, groundspeed_kt=80.0)]
    (threat,) = predict(
        sky_of(turning("400002", 45.0, 8.0, 90.0, -3.0, groundspeed_kt=480.0) + straight), NOW_US
    ).threats

    assert threat.is_turning
    assert threat.is_within
    assert predict(sky_of([report("400002", 0.0, 45.0, 8.0), *straight]), NOW_US).threats == []


def test_a_turn_is_believed_for_a_minute() -> None:
    """What happens on the turning way alone is told no farther ahead than is set."""
    away = 8.0 * METRES_PER_NM / 111_130.0
    rows = [
        *turning("400002", 45.0, 8.0, 90.0, -3.0, groundspeed_kt=480.0),
        report("400001", 0.0, 45.0 + away, 8.0, groundspeed_kt=80.0),
    ]
    (threat,) = predict(sky_of(rows), NOW_US).threats

    assert 20.0 < threat.t_in_s < 60.0
    assert not any(
        each.is_within for each in predict(sky_of(rows), NOW_US, Look(turning_ahead_s=20.0)).threats
    )


def test_only_whom_a_rule_binds_are_told() -> None:
    """Two parties that keep apart: a third aircraft is near both, and nobody's affair."""
    agreement = wb.Agreement.parse("""
wideberth: 1
name: two
parties:
  one: {aircraft: [{icao24: 400001}]}
  two: {aircraft: [{callsign: "^TWO"}]}
rules:
  - {id: apart, between: [one, two], keeps: {apart: {horizontal: 5 NM, vertical: 1000 ft}}}
""")
    rows = [
        report("400003", 0.0, 45.01, 8.0),
        report("400002", 0.0, 45.02, 8.0, callsign="TWO1"),
        report("400001", 0.0, 45.0, 8.0),
    ]
    sky = sky_of(rows, agreement)
    (threat,) = predict(sky, NOW_US).threats

    assert threat.aircraft == ("400001", "400002")
    assert threat.parties == ("one", "two")
    assert threat.callsigns == (None, "TWO1")


# Lines and places -----------------------------------------------------------------------------------

PLACES_TOO = """
wideberth: 1
name: places
parties:
  one: {aircraft: [{icao24: 400000-4fffff}]}
places:
  line: {line: [[8.2, 44.0], [8.2, 46.0]]}
  zone: {point: [8.3, 45.0], radius: 3 km, floor: 25000 ft, ceiling: 32000 ft}
  home: {point: [8.0, 45.0], radius: 10 km}
rules:
  - {id: west, party: one, keeps: {side: west, of: line, buffer: 500 m}}
  - {id: out, party: all, keeps: {out_of: zone}}
  - {id: within, party: one, keeps: {inside: home}}
PERMISSIONS
"""
MPS = 400.0 * MPS_PER_KNOT


def places(permissions: str = "") -> wb.Agreement:
    """Return rules about a line 15.8 km to the east of (45°, 8°), a circle behind it and one around."""
    return wb.Agreement.parse(PLACES_TOO.replace("PERMISSIONS", permissions))


def test_line_place_and_edge_are_told_with_their_times() -> None:
    """Eastbound along 45° N: out of the home circle, over the line, into the zone, at distance over speed."""
    found = by_rule(predict(sky_of([report("400001", 0.0, 45.0, 8.0)], places()), NOW_US))
    metres = Geod(ellps="WGS84").inv(8.0, 45.0, 9.0, 45.0)[2]

    assert found["within"].t_in_s == pytest.approx(10_000.0 / MPS, abs=0.1)
    assert found["west"].t_in_s == pytest.approx(0.2 * metres / MPS, abs=0.1)
    assert found["west"].how == "line"
    assert found["out"].t_in_s == pytest.approx((0.3 * metres - 3000.0) / MPS, abs=0.1)
    assert found["out"].how == "edge"
    assert not any(each.is_now for each in found.values())


def test_past_the_buffer_is_now_and_within_it_is_not() -> None:
    """Over the line by 300 m of 500: not broken yet; by 800 m it is."""
    for past_m, is_now in ((300.0, False), (800.0, True)):
        lon = 8.2 + past_m / 78_850.0
        threat = by_rule(predict(sky_of([report("400001", 0.0, 45.0, lon)], places()), NOW_US))["west"]

        assert threat.is_now == is_now
        assert threat.figures["past_m"] == pytest.approx(past_m, rel=0.01)


def test_a_level_bust_is_told_by_the_level() -> None:
    """Circling over the zone's middle, it descends into it through the ceiling: 500 ft at 1000 ft/min are 30 s."""
    row = report(
        "400001", 0.0, 45.0, 8.3, altitude_ft=32_500.0, vertical_rate_fpm=-1000.0, groundspeed_kt=60.0
    )
    threat = by_rule(predict(sky_of([row], places()), NOW_US))["out"]

    assert threat.how == "ceiling"
    assert threat.t_in_s == pytest.approx(30.0, abs=0.01)


def test_a_permission_inhibits_visibly_where_it_covers_the_whole() -> None:
    """The threat is still told, with the permission's name; one that ends too early inhibits nothing."""
    for until, names in (("13:00", ("notice",)), ("12:01", ())):
        terms = places(
            "permissions:\n  - {id: notice, party: one, excuses: [out], "
            f"during: 2026-03-01T11:00Z/2026-03-01T{until}Z}}"
        )
        found = by_rule(predict(sky_of([report("400001", 0.0, 45.0, 8.05)], terms), NOW_US))

        assert found["out"].t_in_s < 120.0
        assert found["out"].inhibited_by == names
        assert found["west"].inhibited_by == ()


@pytest.mark.compiled
@settings(max_examples=15)
@given(seed=seeds)
def test_the_judge_finds_of_the_ways_what_is_predicted(seed: int) -> None:
    """Ways ahead written down as tracks and judged as a recording: the same aircraft, rules and instants."""
    rng = np.random.default_rng(seed)
    rows = [
        report(
            f"{0x400000 + k:06x}", 0.0, 45.0 + rng.normal(0, 0.1), 8.2 + rng.normal(0, 0.15),
            altitude_ft=30_000.0 + rng.normal(0, 2500), vertical_rate_fpm=rng.choice([0.0, -3000.0, 2500.0]),
            track_deg=rng.uniform(0, 360),
        )
        for k in range(20)
    ]  # fmt: skip
    terms = places()
    sky = sky_of(rows, terms)
    ways = Ways.of(sky, NOW_US, Look())
    table = pl.DataFrame(
        {
            "icao24": [sky.addresses[place] for place in np.repeat(ways.place, np.diff(ways.first))],
            "t": pl.Series(ways.t_us + NOW_US).cast(pl.Datetime("us", "UTC")),
            "lat_deg": ways.lat_deg,
            "lon_deg": ways.lon_deg,
            "altitude_ft": ways.feet,
        }
    )
    judged = wb.judge(wb.read(table, keep_all=True), terms)
    expected: dict[tuple[str, str], float] = {}
    for row in judged:
        if row["verdict"] == "broken":
            key = row["rule"], row["icao24_a"]
            expected[key] = min(expected.get(key, math.inf), (row["t_in"] - NOW).total_seconds())

    threats = [threat for threat in predict(sky, NOW_US).threats if threat.is_within]

    assert {(threat.rule, *threat.aircraft) for threat in threats} == expected.keys()
    for threat in threats:
        assert threat.t_in_s == pytest.approx(expected[threat.rule, threat.aircraft[0]], abs=SAME_S)


# How aircraft move ----------------------------------------------------------------------------------


def test_a_straight_way_is_a_geodesic() -> None:
    """After 120 s the aircraft is where the shortest way of so many metres leads, pole and date line or not."""
    geod = Geod(ellps="WGS84")
    for lat, lon in PLACES.values():
        ways = Ways.of(sky_of([report("400001", 8.0, lat, lon, track_deg=70.0)]), NOW_US, Look())
        to_lon, to_lat, _ = geod.fwd(lon, lat, 70.0, MPS * 128.0)
        away_m = geod.inv(to_lon, to_lat, ways.lon_deg[-1], ways.lat_deg[-1])[2]

        # The sphere's curvature is that of the mean: the ellipsoid's differs by direction by 0.3 %.
        assert away_m < WAY_M
        assert ways.t_us.tolist() == [0, 60_000_000, 120_000_000]


def test_a_turn_is_a_circle_and_then_straight() -> None:
    """Against a march in steps of a tenth of a second in the plane."""
    rows = turning("400001", 45.0, 8.0, 0.0, 3.0)
    ways = Ways.of(sky_of(rows), NOW_US, Look(turn_s=40.0))
    low, high = ways.first[1:3]
    x = y = 0.0
    steps_s = 0.01
    for k in range(round(120.0 / steps_s)):
        course = math.radians(3.0 * min((k + 0.5) * steps_s, 40.0))
        x, y = x + MPS * steps_s * math.sin(course), y + MPS * steps_s * math.cos(course)
    azimuth, _, away_m = Geod(ellps="WGS84").inv(8.0, 45.0, ways.lon_deg[high - 1], ways.lat_deg[high - 1])

    assert ways.is_turning.tolist() == [False, True]
    assert high - low == 1 + 8 + 2
    assert away_m * math.sin(math.radians(azimuth)) == pytest.approx(x, abs=ARC_M)
    assert away_m * math.cos(math.radians(azimuth)) == pytest.approx(y, abs=ARC_M)


def test_motion_is_told_by_positions_where_the_aircraft_does_not_tell() -> None:
    """Speed, direction and turn of a circle flown at 3 degrees a second, of positions alone."""
    geod = Geod(ellps="WGS84")
    rows = []
    radius_m = MPS / math.radians(3.0)
    for back_s in (16.0, 12.0, 8.0, 4.0, 0.0):
        lon, lat, _ = geod.fwd(8.0, 45.0, 270.0 - 3.0 * back_s, radius_m)
        rows.append(report("400001", back_s, lat, lon, groundspeed_kt=None, track_deg=None))
    _, state = sky_of(rows).states(NOW_US)

    assert state[0, kernels.TURN_DPS] == pytest.approx(3.0, abs=0.01)
    assert (state[0, kernels.COURSE_DEG] + 180.0) % 360.0 == pytest.approx(180.0, abs=0.2)
    # A chord over 12° of an arc is 0.2 % shorter.
    assert state[0, kernels.MPS] == pytest.approx(MPS, rel=0.003)


def test_a_rate_that_the_altitude_does_not_follow_is_none() -> None:
    """Level at 30,000 ft with -128 ft/min told: level.  The same rate with 50 ft lost in 20 s is a descent."""
    for lost_ft, fps in ((0.0, 0.0), (25.0, 0.0), (50.0, -128.0 / 60.0)):
        rows = [
            report("400001", back_s, 45.0, 8.0 - back_s / 1000.0, altitude_ft=feet, vertical_rate_fpm=-128.0)
            for back_s, feet in ((18.0, 30_000.0 + lost_ft), (0.0, 30_000.0))
        ]
        _, state = sky_of(rows).states(NOW_US)

        assert state[0, kernels.CLIMB_FPS] == pytest.approx(fps)


def test_directions_go_on_across_north() -> None:
    """355°, 358°, 1°: a turn of 0.6° a second to the right and not of 70° to the left."""
    rows = turning("400001", 45.0, 8.0, 4.0, 0.6)
    _, state = sky_of(rows).states(NOW_US)

    assert state[0, kernels.TURN_DPS] == pytest.approx(0.6, abs=1e-4)  # float32 holds a degree to 1e-5


# What is heard --------------------------------------------------------------------------------------


def test_reports_that_cannot_follow_are_not_taken_and_counted() -> None:
    """A second copy, an older one, one from the future, a repeated position, a jump; each by its reason."""
    rows = [
        report("400001", 10.0, 45.0, 8.0),
        report("400001", 10.0, 45.0, 8.0),
        report("400001", 8.0, 45.0, 8.0),
        report("400001", 6.0, 52.0, 8.0),
        report("400001", 5.0, 45.0, 8.01),
        report("400001", -60.0, 45.0, 8.1),
        report("400001", 1.0, 0.0, 0.0),
        report("nobody", 1.0, 45.0, 8.0),
    ]
    sky = sky_of(rows)

    assert dict(sky.became) == {
        "taken": 2, "old": 1, "stale": 1, "jump": 1, "future": 1, "no_position": 1, "no_address": 1,
    }  # fmt: skip
    assert predict(sky, NOW_US).ahead == 1


def test_a_second_report_that_agrees_with_a_jump_is_believed() -> None:
    """Two in a row beyond reach of the last: the history begins anew there."""
    rows = [
        report("400001", 10.0, 45.0, 8.0),
        report("400001", 5.0, 52.0, 8.0),
        report("400001", 0.0, 52.0, 8.01),
    ]
    sky = sky_of(rows)
    _, state = sky.states(NOW_US)

    assert state[0, kernels.FROM_LAT_DEG] == 52.0
    assert sky.trail(0)[0].size == 1


def test_late_rows_and_rows_in_any_order_give_one_sky() -> None:
    """Within an arrival the order does not matter, and what comes late changes nothing that is newer."""
    rows = crowd(5, "europe", 12)
    one, other = sky_of(rows), sky_of(rows[::-1])
    late = sky_of(rows)
    late.hear(standard(pl.DataFrame(rows[:9], infer_schema_length=None), "feed", 0), NOW_US)

    def told(sky: LiveSky) -> list[Any]:
        places, state = sky.states(NOW_US)
        return sorted(
            (sky.addresses[k], *row) for k, row in zip(places, np.nan_to_num(state).tolist(), strict=True)
        )

    assert told(one) == told(other) == told(late)


def test_silent_aircraft_are_forgotten_and_their_places_used_again() -> None:
    """After as long a silence as ends a flight; party and callsign of the next flight are its own."""
    sky = sky_of([report("400001", 0.0, 45.0, 8.0, callsign="ONE")])
    later_us = NOW_US + 31 * 60 * 1_000_000
    sky.forget(later_us)
    rows = pl.DataFrame([report("400002", -31 * 60.0, 45.0, 8.0)], infer_schema_length=None)
    sky.hear(standard(rows, "feed", 0), later_us)

    assert len(sky) == 1
    assert sky.place_of("400001") is None
    assert sky.place_of("400002") == 0
    assert sky.whose.callsign(0) is None


def test_more_aircraft_than_there_was_room_for_are_all_kept() -> None:
    """Room grows."""
    rows = [report(f"{0x500000 + k:06x}", 0.0, 40.0 + k * 0.02, 8.0) for k in range(700)]
    picture = predict(sky_of(rows), NOW_US)

    assert picture.ahead == 700
    assert len(picture.threats) >= 699


@pytest.mark.compiled  # it counts compiled signatures
def test_the_kernels_compile_once() -> None:
    """Whatever is heard: another type of array would compile anew, which takes seconds in the middle of a watch."""
    predict(sky_of(crowd(1, "europe", 30)), NOW_US)
    predict(sky_of(crowd(2, "south", 3)), NOW_US)

    for kernel in (kernels.take, kernels.states, kernels.first_points, kernels.points_ahead):
        assert len(kernel.signatures) == 1  # type: ignore[attr-defined]

"""What guidance would have told of recorded encounters, against closed forms and a march in small steps."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from tests.tables_by_hand import DAY, DAY_US, flight, tracks

import wideberth as wb
from wideberth.errors import ColumnError, UsageError
from wideberth.guide import telling, timeline
from wideberth.guide.config import Config
from wideberth.guide.hindsight import look_back
from wideberth.guide.moment import Dial
from wideberth.guide.recorded import pair_states

LAT, LON = 47.0, 8.0
M_PER_DEG = 1852.0 * 60.0
KNOT, FOOT, NM = 1852.0 / 3600.0, 0.3048, 1852.0
DTHR_M, ZTHR_M, TTHR_S = 0.66 * NM, 450.0 * FOOT, 35.0  # DO-365B en route
CORRECTIVE_S = 55.0
STEP_S = 1.0  # from second to second
MARCH_S = 0.1
SAMPLES_DEG = 2.0  # two samples of direction: one that the bound lies on, one for the curvature of the Earth
DO365B = Config.preset("do365b")


def passing(
    *, north_kt: float = 300.0, south_kt: float = 300.0, aside_m: float = 0.0, above_ft: float = 0.0,
    step_s: float = 5.0, column: str = "altitude_ft",
) -> list[dict[str, Any]]:  # fmt: skip
    """Return two aircraft that meet after 300 s: a northbound at 10,000 ft, b southbound, to the east and above."""
    rows = []
    for address, speed_kt, sign in (("4b0001", north_kt, 1.0), ("4b0002", south_kt, -1.0)):
        is_b = sign < 0
        for s in np.arange(0.0, 420.1, step_s):
            lat = LAT + sign * (s - 300.0) * speed_kt * KNOT / M_PER_DEG
            lon = LON + (aside_m / M_PER_DEG / math.cos(math.radians(LAT)) if is_b else 0.0)
            feet = 10_000.0 + (above_ft if is_b else 0.0)
            told = {"groundspeed_kt": speed_kt, "track_deg": 180.0 if is_b else 0.0, "vertical_rate_fpm": 0.0}
            rows += flight(address, [(float(s), lat, lon, feet if column == "altitude_ft" else None)], **told)
            if column != "altitude_ft":
                rows[-1][column] = feet * FOOT
    return rows


def asked(**columns: Any) -> pa.Table:
    """Return one encounter at 300 s, as a screen would give it."""
    row = {
        "id": "one", "icao24_a": "4b0001", "icao24_b": "4b0002",
        "t_cpa": DAY + timedelta(seconds=300), "t_out": DAY + timedelta(seconds=320), **columns,
    }  # fmt: skip
    return pa.table({name: pa.array([value]) for name, value in row.items()})


def told(rows: list[dict[str, Any]], config: Config = DO365B, **columns: Any) -> list[dict[str, Any]]:
    """Return both rows of guidance."""
    listed: list[dict[str, Any]] = look_back(tracks(rows), asked(**columns), config).to_pylist()
    return listed


def entry_range_m(closure_mps: float) -> float:
    """Return at which range modified tau of a head-on is its threshold: (r² − D²) / (r v) = T."""
    across = TTHR_S * closure_mps
    return (across + math.sqrt(across * across + 4.0 * DTHR_M * DTHR_M)) / 2.0


def is_lost(s: Any, v: Any) -> bool:
    """Tell whether the corrective volume is violated; written from the definition, level flight only."""
    sx, sy, sz = s
    vx, vy, _ = v
    range_m, rate = math.hypot(sx, sy), sx * vx + sy * vy
    if abs(sz) > ZTHR_M:
        return False
    if range_m <= DTHR_M:
        return True
    if rate >= 0.0:
        return False
    tau_s = (DTHR_M**2 - range_m**2) / rate
    t_s = -rate / (vx * vx + vy * vy)
    return 0.0 <= tau_s <= TTHR_S and math.hypot(sx + t_s * vx, sy + t_s * vy) <= DTHR_M


def loses(before_s: float, turn_deg: float, climb_fpm: float, aside_m: float, rate_dps: float = 3.0) -> bool:
    """March a, on the way it flies so long before the meeting, through a manoeuvre; tell whether well clear is lost."""
    speed = 300.0 * KNOT
    x = y = z = heading = rate = 0.0
    bx, by = aside_m, 2.0 * speed * before_s  # of b, from a
    for k in range(round(180.0 / MARCH_S)):
        if abs(heading) < abs(turn_deg):
            heading += math.copysign(rate_dps * MARCH_S, turn_deg)
        if abs(rate) < abs(climb_fpm):
            rate += math.copysign(0.25 * 9.80665 * MARCH_S * 60.0 / FOOT, climb_fpm)
        vx, vy = speed * math.sin(math.radians(heading)), speed * math.cos(math.radians(heading))
        vz = rate * FOOT / 60.0
        x, y, z = x + vx * MARCH_S, y + vy * MARCH_S, z + vz * MARCH_S
        away = (x - bx, y - (by - speed * k * MARCH_S), z)
        if is_lost(away, (vx, vy + speed, vz)):
            return True
    return False


def test_a_head_on_is_alerted_55_s_before_well_clear_is_lost() -> None:
    """Both are alerted at the same second, and well clear is lost where modified tau says."""
    a, b = told(passing())

    lost_s = 300.0 - entry_range_m(600.0 * KNOT) / (600.0 * KNOT)
    for row in (a, b):
        assert (row["alert"], row["recovers"]) == (3, False)
        assert row["t_loss"].timestamp() == pytest.approx(DAY.timestamp() + lost_s, abs=STEP_S)
        assert row["loss_warning_s"] == pytest.approx(CORRECTIVE_S, abs=STEP_S)
        assert row["warning_s"] == pytest.approx(300.0 - lost_s + CORRECTIVE_S, abs=STEP_S)
        assert row["heard_s"] == 200.0  # 180 s before, 20 s until it was over
    assert (a["ownship"], a["intruder"], b["ownship"]) == ("4b0001", "4b0002", "4b0002")


@pytest.mark.parametrize("aside_m", [100.0, -400.0])
def test_the_smallest_turn_is_just_enough(aside_m: float) -> None:
    """Flown in small steps by other code, the turn that is told keeps well clear, and a little less does not."""
    (row, _) = told(passing(aside_m=aside_m))

    turn_deg, before_s = row["turn_deg"], row["warning_s"]
    assert math.copysign(1.0, turn_deg) == -math.copysign(1.0, aside_m)  # away from where the other passes
    assert not loses(before_s, turn_deg + math.copysign(SAMPLES_DEG, turn_deg), 0.0, aside_m)
    assert loses(before_s, turn_deg - math.copysign(SAMPLES_DEG, turn_deg), 0.0, aside_m)


def test_the_nearest_vertical_speed_is_just_enough() -> None:
    """Likewise of a climb or descent: one step of 100 ft/min more keeps well clear, two less do not."""
    (row, _) = told(passing())

    rate_fpm = row["vertical_speed_fpm"]
    assert not loses(row["warning_s"], 0.0, rate_fpm + math.copysign(100.0, rate_fpm), 0.0)
    assert loses(row["warning_s"], 0.0, rate_fpm - math.copysign(200.0, rate_fpm), 0.0)


def test_the_last_turn_is_the_last_that_is_enough() -> None:
    """A second later no turn, at most half a turn to either side, keeps well clear any more; then, some did."""
    (row, _) = told(passing())

    before_s = DAY.timestamp() + 300.0 - row["t_last_turn"].timestamp()
    assert row["t_alert"] < row["t_last_turn"] < row["t_loss"]
    assert any(not loses(before_s, turn, 0.0, 0.0) for turn in range(-180, 181, 5))
    assert all(loses(before_s - 2 * STEP_S, turn, 0.0, 0.0) for turn in range(-180, 181, 5))


def test_traffic_that_is_well_apart_gets_no_alert() -> None:
    """800 ft above, level: not even the preventive volume of 700 ft is met."""
    rows = told(passing(above_ft=800.0))

    for row in rows:
        assert (row["alert"], row["t_alert"], row["turn_deg"]) == (0, None, None)
        assert row["sentence"] == "There would have been no alert."


def test_a_preventive_alert_calls_for_nothing() -> None:
    """600 ft above, level: preventive, within 700 ft, not corrective, which has 450 ft."""
    (row, _) = told(passing(above_ft=600.0))

    assert (row["alert"], row["t_alert"]) == (1, None)
    assert row["sentence"] == "Nothing would have called for a manoeuvre."


def test_a_climb_that_stops_in_time_is_alerted_and_loses_nothing() -> None:
    """An intruder that descends towards the same level is alerted of; levelling off 800 ft above, it loses nothing."""
    rows = passing(above_ft=800.0)
    for row in rows:
        if row["icao24"] == "4b0002" and row["s"] <= 255.0:
            row["altitude_ft"] = 10_800.0 + (255.0 - row["s"]) * 2000.0 / 60.0
            row["vertical_rate_fpm"] = -2000.0

    (row, _) = told(rows)

    assert row["alert"] >= 2
    assert row["t_alert"] < DAY + timedelta(seconds=256)
    assert (row["t_loss"], row["loss_warning_s"]) == (None, None)
    assert "well clear was not lost" in row["sentence"]


def test_altitudes_are_compared_by_one_reference() -> None:
    """Two aircraft that tell only heights above the ellipsoid are compared by those; one of each kind not at all."""
    by_height = told(passing(column="height_m"))
    mixed = passing()
    for row in mixed:
        if row["icao24"] == "4b0002":
            row["height_m"], row["altitude_ft"] = row["altitude_ft"] * FOOT, None

    assert by_height[0]["warning_s"] == told(passing())[0]["warning_s"]
    unknown = told(mixed)[0]
    assert (unknown["alert"], unknown["heard_s"]) == (None, 0.0)
    assert unknown["sentence"] == "The states of both are not known at once."


def test_an_address_that_is_not_recorded_is_not_known() -> None:
    """Of nobody nothing is told, and the other rows stay as they are."""
    row = told(passing(), icao24_b="4bffff")[0]

    assert row["alert"] is None


def test_only_incidents_of_two_aircraft_are_looked_at() -> None:
    """An incident of kind apart has its worst instant; others are left out."""
    one = {"kind": "apart", "t_worst": DAY + timedelta(seconds=300)}
    table = asked(**one).drop_columns("t_cpa")
    other = asked(**one | {"kind": "side", "icao24_b": None}).drop_columns("t_cpa")
    both = pa.concat_tables([table, other.cast(table.schema)])

    found = look_back(tracks(passing()), both, DO365B)

    assert found.num_rows == 2
    assert found["warning_s"].to_pylist()[0] == told(passing())[0]["warning_s"]


def test_what_is_no_table_of_encounters_is_refused() -> None:
    """The message names what is missing."""
    with pytest.raises(ColumnError, match="no column icao24_b, t_worst"):
        look_back(tracks(passing()), asked().drop_columns(["icao24_b", "t_cpa"]), DO365B)


def test_no_encounters_give_no_rows() -> None:
    """An empty table is a table."""
    assert look_back(tracks(passing()), asked().slice(0, 0), DO365B).num_rows == 0


def test_looking_second_by_second_says_the_same() -> None:
    """The time line of a pair comes to the very figures of the row that was computed in columns."""
    recording = tracks(passing(aside_m=200.0))
    (row, _) = look_back(recording, asked(), DO365B).to_pylist()
    pair = pair_states(
        recording,
        ("4b0001", "4b0002"),
        datetime.fromtimestamp(DAY_US / 1e6 + 300, UTC),
        before_s=180,
        after_s=20,
    )

    line = timeline.of(pair, DO365B)

    assert line.closest_s == 180.0
    for name in (
        "alert",
        "warning_s",
        "loss_warning_s",
        "turn_deg",
        "vertical_speed_fpm",
        "level_change_ft",
        "t_last_turn",
    ):
        assert line.row[name] == row[name], name
    assert line.sentence == row["sentence"]
    assert line.moments[line.shown].alert == 2
    assert line.moments[line.shown].dials["hdir"].last_s is not None


def test_every_encounter_of_a_screen_gets_two_rows() -> None:
    """The table of a real screen is taken as it is."""
    recording = tracks(passing())
    encounters = wb.screen(recording, horizontal_m=3 * NM, vertical_ft=1000)

    found = look_back(recording, encounters.table, DO365B)

    assert found["id"].to_pylist() == [encounters["id"][0].as_py()] * 2
    assert found["alert"].to_pylist() == [3, 3]


def test_a_pair_that_is_never_heard_at_once_is_told() -> None:
    """The message names who is missing."""
    with pytest.raises(UsageError, match="4bffff not in them"):
        pair_states(
            tracks(passing()), ("4b0001", "4bffff"), DAY + timedelta(seconds=300), before_s=60, after_s=0
        )


@pytest.mark.parametrize(
    ("alert", "closest", "expected"),
    [
        ([0, 0, 1, 0], 3, None),
        ([0, 2, 2, 3], 3, (1, 3)),
        ([2, 0, 0, 0, 0, 2, 2], 6, (0, 6)),  # 5 s apart: one alert
        ([2, 0, 0, 0, 0, 0, 2], 6, (6, 6)),  # 6 s apart: the last
        ([2, 0, 0, 0, 0, 0, 2], 3, (0, 3)),  # the last to begin at or before the closest point
        ([0, 0, 0, 2], 2, None),
        ([-1, 2, -1, 2], 3, (1, 3)),
    ],
)
def test_the_alert_that_counts(alert: list[int], closest: int, expected: tuple[int, int] | None) -> None:
    """It is the last to begin at or before the closest point; alerts up to 5 s apart are one."""
    n = len(alert)

    span = telling.span_of(np.array(alert), np.full(n, 9.0), np.arange(float(n)), closest, 2)

    assert (None if span is None else (span.begin, span.end)) == expected


def test_an_alert_at_the_first_known_second_may_be_older() -> None:
    """Reports that begin 20 s before the meeting leave no time: the row and the sentence say so."""
    (row, _) = told([row for row in passing() if row["s"] >= 280.0])

    assert (row["from_first"], row["warning_s"], row["loss_warning_s"], row["recovers"]) == (
        True,
        20.0,
        0.0,
        True,
    )
    assert "on, the first second that both are known, 20 s before the closest point, when" in row["sentence"]
    assert told(passing())[0]["from_first"] is False


def test_an_alert_ends_where_well_clear_is_lost() -> None:
    """What comes after is of no use to who would keep well clear."""
    span = telling.span_of(np.array([2, 2, 3, 3]), np.array([2.0, 1.0, 0.0, 0.0]), np.arange(4.0), 3, 2)

    assert span is not None
    assert (span.begin, span.end, span.is_lost, span.is_first) == (0, 2, True, True)


def test_a_configuration_without_a_corrective_level_calls_for_nothing() -> None:
    """Level 0 is no level."""
    assert telling.span_of(np.array([2, 2]), np.zeros(2), np.arange(2.0), 1, 0) is None


def test_manoeuvres_that_only_regain_are_told_apart() -> None:
    """Where one kind keeps well clear and another only regains it, the first is told; where none keeps it, that."""
    keeps = Dial("hdir", 0.0, (), low_side=6.0)
    regains = Dial("vs", 0.0, (), low_side=-5.08, is_recovery=True)
    base = {"alert": 3, "t_alert": 10.0, "warning_s": 60.0, "loss_warning_s": 20.0}

    one = telling.sentence({**base, "recovers": False}, [keeps, regains])
    none = telling.sentence({**base, "recovers": True}, [regains])

    assert "Enough to keep it: turn left 16° to 344°." in one
    assert "regain" not in one
    assert "to regain it soonest: descend at 1,000 ft/min." in none


def test_a_speed_that_wavers_by_rounding_is_followed() -> None:
    """A speed that differs in its last digits each second is on a bound or beside it; memory holds on to it."""
    pair = pair_states(
        tracks(passing()), ("4b0001", "4b0002"), DAY + timedelta(seconds=300), before_s=120, after_s=30
    )

    line = timeline.of(pair, DO365B, with_memory=True)

    assert len(line.moments) == 151
    assert (line.row["alert"], line.row["recovers"]) == (3, False)

"""Cleaning sets aside what cannot be meant, counts every row once, and keeps the rest in order."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import wideberth
from tables_by_hand import flight, frame, tracks
from wideberth.errors import UsageError
from wideberth.kernels import cleaning as kernels
from wideberth.read.batch import Batch, Rejects
from wideberth.read.clean import Thresholds, tracks_from
from wideberth.tracks import REASONS, Tracks

if TYPE_CHECKING:
    from collections.abc import Sequence

Row = dict[str, Any]

DEGREE_M = 111_200.0  # of latitude at 47 degrees north, to 0.1 %
KNOT_MPS = 1852 / 3600
ROUNDING_M = 1.0  # 1e-8 of the way around the Earth is less


def straight(icao24: str = "400001", *, count: int = 10, step_s: float = 10.0, **more: Any) -> list[Row]:
    """An airliner northbound at 0.02 degrees in 10 s, 432 kt."""
    return flight(
        icao24, [(i * step_s, 47.0 + 0.002 * step_s * i, 8.0, 35_000.0) for i in range(count)], **more
    )


def at_speed(speed_kt: float, *, count: int = 30, step_s: float = 1.0, **more: Any) -> list[Row]:
    """An aircraft northbound from 47 degrees north."""
    step_deg = speed_kt * KNOT_MPS * step_s / DEGREE_M
    return flight("400001", [(i * step_s, 47.0 + i * step_deg, 8.0, 35_000.0) for i in range(count)], **more)


def at_altitudes(*feet: float | None, step_s: float = 1.0, **more: Any) -> list[Row]:
    """An aircraft northbound at 100 kt with these altitudes, one a second."""
    return flight(
        "400001", [(i * step_s, 47.0 + 0.0005 * step_s * i, 8.0, ft) for i, ft in enumerate(feet)], **more
    )


def seconds(found: Tracks) -> list[float]:
    first = 1_533_081_600_000_000
    return [(int(t) - first) / 1e6 for t in found.t_us]


def feet(found: Tracks) -> list[float | None]:
    values: list[float | None] = found.table["altitude_ft"].to_pylist()
    return values


# Rows by themselves -------------------------------------------------------------------------------


def test_a_clean_track_stays_whole() -> None:
    """Nothing is set aside from a straight, regular track, and no value is changed."""
    rows = straight(groundspeed_kt=432.0, nic=8)
    found = tracks(rows)

    assert found.cleaning.set_aside == {}
    assert found.cleaning.blanked == {}
    assert found.cleaning.rows_read == found.cleaning.rows_kept == len(found) == 10
    for name in ("lat_deg", "lon_deg", "altitude_ft", "groundspeed_kt", "nic"):
        assert found.table[name].to_pylist() == [row[name] for row in rows]


def test_exact_duplicates_are_dropped_and_counted() -> None:
    """Of two rows with the same address, time and position the first stays."""
    rows = straight()
    found = tracks([*rows, dict(rows[3], callsign="SECOND")])

    assert found.cleaning.set_aside == {"duplicate": 1}
    assert len(found) == 10
    assert found.table["callsign"].null_count == 10


def test_a_second_position_at_the_same_time_is_told_from_a_duplicate() -> None:
    """The same address and time with another position is counted apart."""
    rows = straight()
    found = tracks([*rows, dict(rows[3], lat_deg=47.1)])

    assert found.cleaning.set_aside == {"same_time": 1}


@pytest.mark.parametrize("change", [{"lat_deg": None}, {"altitude_ft": None}, {"altitude_ft": 126_700.0}])
def test_a_row_that_cannot_be_used_does_not_hide_one_that_can(change: Row) -> None:
    """Of two rows at one time the one without position or altitude goes, whichever came first."""
    rows = straight()
    found = tracks([dict(rows[3], **change), *rows])

    assert sum(found.cleaning.set_aside.values()) == 1
    assert len(found) == 10
    assert feet(found) == [35_000.0] * 10


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"icao24": None}, "no_address"),
        ({"icao24": "xyz"}, "no_address"),
        ({"icao24": ""}, "no_address"),
        ({"icao24": "4b19021"}, "no_address"),
        ({"s": None}, "no_time"),
        ({"lon_deg": None}, "no_position"),
        ({"lat_deg": float("nan")}, "no_position"),
        ({"lat_deg": 91.0}, "out_of_range"),
        ({"lat_deg": float("inf")}, "out_of_range"),
        ({"lon_deg": -180.5}, "out_of_range"),
        ({"lat_deg": 0.0, "lon_deg": 0.0}, "out_of_range"),
        ({"altitude_ft": 126_700.0}, "out_of_range"),
        ({"altitude_ft": -2025.0}, "out_of_range"),
        ({"altitude_ft": float("inf")}, "out_of_range"),
        ({"altitude_ft": None}, "no_altitude"),
        ({"altitude_ft": float("nan")}, "no_altitude"),
    ],
)
def test_each_reason_is_counted(change: Row, reason: str) -> None:
    """A row that cannot be used is set aside for the reason that applies, and only that row."""
    rows = straight()
    rows[5] |= change
    found = tracks(rows)

    assert found.cleaning.set_aside == {reason: 1}
    assert len(found) == 9


def test_addresses_are_folded_to_lower_case_and_sorted() -> None:
    """``4B1902`` and `` 4b1902`` are one aircraft; ``~`` sorts last."""
    rows = [
        *flight("~4b1902", [(0, 46, 8, 1000)]),
        *flight(" 4B1902", [(0, 47, 8, 1000)]),
        *flight("4b1902", [(9, 47, 8.01, 1000)]),
    ]

    assert tracks(rows).aircraft == ["4b1902", "~4b1902"]


# Values by themselves -----------------------------------------------------------------------------


BAD_VALUES = [
    ("groundspeed_kt", 5000.0),
    ("groundspeed_kt", -3.0),
    ("groundspeed_kt", float("inf")),
    ("track_deg", 400.0),
    ("vertical_rate_fpm", -60_000.0),
    ("seen_pos_s", -1.0),
    ("nic", 99),
    ("nic", 300),
    ("nac_p", -1),
    ("nac_v", 7.0),
    ("sil", 2.5),
    ("height_m", 80_000.0),
]


@pytest.mark.parametrize(("name", "value"), BAD_VALUES)
def test_a_value_out_of_range_becomes_unknown_and_is_counted(name: str, value: float) -> None:
    """The row stays, and so do the other rows' values."""
    rows = straight()
    for i, row in enumerate(rows):
        row[name] = value if i == 5 else None if i == 7 else 2
    found = tracks(rows)

    assert found.cleaning.set_aside == {}
    assert found.cleaning.blanked == {(name, "out_of_range"): 1}
    assert found.table[name].to_pylist() == [2, 2, 2, 2, 2, None, 2, None, 2, 2]


@pytest.mark.parametrize(("name", "value"), BAD_VALUES)
def test_keep_all_keeps_a_value_out_of_range_that_its_type_can_hold(name: str, value: float) -> None:
    """It is counted as kept on request; what is no number or cannot be held becomes unknown all the same."""
    rows = straight(**{name: 2})
    rows[5][name] = value
    found = tracks(rows, keep_all=True)
    can_be_held = np.isfinite(value) and not (name == "nic" and value > 127) and value != 2.5

    expected = {(name, "out_of_range"): 1}
    assert found.cleaning.would_blank == (expected if can_be_held else {})
    assert found.cleaning.blanked == ({} if can_be_held else expected)
    assert found.table[name].to_pylist()[5] == (value if can_be_held else None)
    assert len(found) == 10


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("track_deg", [0.0, 360.0]),
        ("nic", [0, 11]),
        ("groundspeed_kt", [0.0, 2500.0]),
        ("seen_pos_s", [0.0, 86_400.0]),
    ],
)
def test_the_ends_of_a_range_belong_to_it(name: str, values: list[float]) -> None:
    """What `columns` gives as smallest and largest is valid."""
    rows = [row | {name: values[i % 2]} for i, row in enumerate(straight(count=4))]
    found = tracks(rows)

    assert found.cleaning.blanked == {}
    assert found.table[name].to_pylist() == values * 2


def test_a_bad_value_in_a_row_that_goes_is_not_counted_twice() -> None:
    """A duplicate with an impossible speed is a duplicate."""
    rows = straight(groundspeed_kt=432.0)
    found = tracks([*rows, dict(rows[3], groundspeed_kt=9999.0)])

    assert found.cleaning.set_aside == {"duplicate": 1}
    assert found.cleaning.blanked == {}


def test_values_that_do_not_fit_survive_the_joining_of_batches() -> None:
    """One batch with an integrity category of 300 does not disturb another without."""
    first, second = straight(count=3, nic=8), straight(icao24="400002", count=3, nic=300)
    found = tracks_from([Batch(frame(first), "a"), Batch(frame(second), "b")], Rejects())

    assert found.table["nic"].to_pylist() == [8, 8, 8, None, None, None]
    assert found.cleaning.blanked == {("nic", "out_of_range"): 3}


def test_a_bad_altitude_does_not_take_a_good_one_with_it() -> None:
    """A row with an impossible pressure altitude and a good height stays, without the former; it is counted."""
    rows = straight()
    rows[5] |= {"altitude_ft": 126_700.0, "height_m": 10_700.0}
    found = tracks(rows)

    assert found.cleaning.set_aside == {}
    assert found.cleaning.blanked == {("altitude_ft", "out_of_range"): 1}
    assert feet(found)[5] is None
    assert found.table["height_m"].to_pylist()[5] == 10_700.0


def test_rows_on_the_ground_are_kept_and_marked() -> None:
    """A row on the ground needs no altitude."""
    rows = straight()
    rows[0] |= {"on_ground": True, "altitude_ft": None}
    found = tracks(rows)

    assert found.cleaning.set_aside == {}
    assert found.cleaning.on_ground == 1


def test_whether_a_row_is_on_the_ground_may_be_unknown() -> None:
    """A feed that does not tell is not taken to say that the aircraft flies."""
    rows = straight(count=3)
    rows[0]["on_ground"] = True
    rows[2]["on_ground"] = False

    assert tracks(rows).table["on_ground"].to_pylist() == [True, None, False]


# Order --------------------------------------------------------------------------------------------


def test_time_running_backwards_is_sorted_and_counted() -> None:
    """Rows that came late are put into place; none is lost."""
    rows = straight()
    rows[2], rows[7] = rows[7], rows[2]
    found = tracks(rows)

    assert seconds(found) == [10.0 * i for i in range(10)]
    assert found.cleaning.reordered == 5  # 30, 40, 50, 60 and 20 came after 70
    assert found.cleaning.set_aside == {}


# Repeated positions -------------------------------------------------------------------------------


def test_a_frozen_position_is_stale() -> None:
    """Repeats of a position with 400 kt reported are copies; the first stays."""
    rows = straight(groundspeed_kt=432.0)
    for i in (6, 7, 8):
        rows[i] |= {"lat_deg": rows[5]["lat_deg"]}
    found = tracks(rows)

    assert found.cleaning.set_aside == {"stale": 3}
    assert seconds(found) == [0, 10, 20, 30, 40, 50, 90]


def test_a_frozen_position_without_speed_is_stale_if_the_track_moved_on() -> None:
    """Without a reported speed the next position tells."""
    rows = straight()
    rows[5] |= {"lat_deg": rows[4]["lat_deg"]}

    assert tracks(rows).cleaning.set_aside == {"stale": 1}


def test_a_frozen_end_is_stale_where_the_speed_is_told_and_else_stays() -> None:
    """After the last position nothing tells whether the aircraft moved; a reported speed does."""
    rows = straight()
    for i in (7, 8, 9):
        rows[i] |= {"lat_deg": rows[6]["lat_deg"]}

    assert tracks(rows).cleaning.set_aside == {}
    for i in (8, 9):
        rows[i]["groundspeed_kt"] = 432.0
    assert tracks(rows).cleaning.set_aside == {"stale": 2}


def test_an_impossible_speed_does_not_make_a_position_stale() -> None:
    """A reported 5000 kt is unknown, and the hover stays."""
    hover = flight("400001", [(i, 47.0, 8.0, 1500.0) for i in range(20)], groundspeed_kt=5000.0)

    assert tracks(hover).cleaning.set_aside == {}


def test_a_reported_speed_that_the_positions_belie_makes_nothing_stale() -> None:
    """An aircraft stands, a metre this way or that, and its feed goes on reporting the speed of its landing."""
    rows = [
        row
        for i in range(60)
        for row in flight("400001", [(i, 47.0 + 1e-5 * (i // 4 % 2), 8.0, 1500.0)], groundspeed_kt=135.5)
    ]
    found = tracks(rows)

    assert found.cleaning.set_aside == {"stale": 3}  # the last four: nothing follows that belies the speed


def test_a_feed_that_repeats_positions_between_updates_keeps_the_updates() -> None:
    """Rows every second, positions every ten: the first row at each position stays."""
    rows = straight(count=60, step_s=1.0, groundspeed_kt=432.0)
    for i, row in enumerate(rows):
        row["lat_deg"] = rows[i - i % 10]["lat_deg"]
    found = tracks(rows)

    assert found.cleaning.set_aside == {"stale": 54}
    assert seconds(found) == [0, 10, 20, 30, 40, 50]


def test_repeats_with_the_time_of_their_position_are_duplicates() -> None:
    """Where the feed tells when the position held, a repeat has the same time."""
    rows = straight(count=6, groundspeed_kt=432.0)

    assert tracks([row for row in rows for _ in range(10)]).cleaning.set_aside == {"duplicate": 54}


def test_a_hovering_helicopter_is_not_stale() -> None:
    """Repeats at walking speed may be true."""
    hover = flight("400001", [(i, 47.0, 8.0, 1500.0) for i in range(20)], groundspeed_kt=3.0)

    assert tracks(hover).cleaning.set_aside == {}


def test_the_still_speed_itself_may_be_true_and_can_be_chosen() -> None:
    """At 30 kt a repeat stays, above it goes; the threshold is the caller's."""
    hover = flight("400001", [(i, 47.0, 8.0, 1500.0) for i in range(20)], groundspeed_kt=30.0)

    assert tracks(hover).cleaning.set_aside == {}
    assert tracks(hover, thresholds=Thresholds(still_kt=29.0)).cleaning.set_aside == {"stale": 19}


def test_a_hover_without_speed_that_ends_slowly_is_not_stale() -> None:
    """Nothing says that it moved: all rows stay."""
    hover = flight("400001", [(i, 47.0, 8.0, 1500.0) for i in range(20)])
    hover += flight("400001", [(20 + i, 47.0 + 1e-5 * i, 8.0, 1500.0) for i in range(1, 5)])

    assert tracks(hover).cleaning.set_aside == {}


@pytest.mark.parametrize("speed_kt", [5.0, 25.0, 45.0])
def test_a_circling_glider_is_not_stale(speed_kt: float) -> None:
    """It comes back to each position of its circle again and again, but never repeats one."""
    angle = np.linspace(0, 6 * np.pi, 61)[:-1]  # three rounds through the same twenty places
    rows = [
        row
        for i, a in enumerate(np.round(angle, 9))
        for row in flight("400001", [(i * 2.0, 47 + 0.001 * np.cos(a), 8 + 0.0015 * np.sin(a), 4000.0)])
    ]

    assert tracks([row | {"groundspeed_kt": speed_kt} for row in rows]).cleaning.set_aside == {}


def test_where_a_track_begins_with_repeats_the_better_one_stays() -> None:
    """Rows filled in backwards: the way from the last repeat to the next position fits the speed."""
    rows = straight(groundspeed_kt=432.0)
    for i in (0, 1):
        rows[i] |= {"lat_deg": rows[2]["lat_deg"]}
    found = tracks(rows)

    assert found.cleaning.set_aside == {"stale": 2}
    assert seconds(found)[0] == 20.0


def test_on_the_ground_nothing_is_stale() -> None:
    """Aircraft stand there, whatever speed is reported."""
    rows = flight("400001", [(i, 47.0, 8.0, 1500.0) for i in range(10)], on_ground=True, groundspeed_kt=140.0)

    assert tracks(rows).cleaning.set_aside == {}
    assert tracks([row | {"on_ground": False} for row in rows]).cleaning.set_aside == {"stale": 9}


def test_a_run_that_ends_in_the_air_leaves_its_rows_on_the_ground() -> None:
    """Of a track that begins standing, and takes off, no row on the ground is stale."""
    rows = flight("400001", [(i, 47.0, 8.0, 1500.0) for i in range(10)], on_ground=True)
    rows[9] |= {"on_ground": False, "groundspeed_kt": 140.0}
    rows += flight("400001", [(10, 47.0006, 8.0, 1500.0)], on_ground=False, groundspeed_kt=140.0)

    assert tracks(rows).cleaning.on_ground == 9


# Jumps --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("i", [0, 1, 5, 8, 9])
def test_a_jump_is_set_aside(i: int) -> None:
    """One sample 100 km away is not on the plausible branch, be it the first, the last or between."""
    rows = straight()
    rows[i] |= {"lon_deg": 9.3}
    found = tracks(rows)

    assert found.cleaning.set_aside == {"jump": 1}
    assert found.cleaning.breaks == 0
    assert float(i * 10) not in seconds(found)


@given(st.sets(st.integers(0, 39), max_size=13), st.floats(0.5, 60), st.booleans())
@settings(max_examples=60)
@example({0, 2, 4, 36, 39}, 0.5, True)
def test_single_outliers_go_and_nothing_else(chosen: set[int], away_deg: float, is_north: bool) -> None:
    """Whatever single samples are elsewhere, exactly those are set aside."""
    outliers = {i for i in chosen if i - 1 not in chosen}
    rows = straight(count=40)
    for i in outliers:
        rows[i]["lat_deg" if is_north else "lon_deg"] += away_deg if is_north else 2 * away_deg
    found = tracks(rows)

    assert seconds(found) == [10.0 * i for i in range(40) if i not in outliers]
    assert found.cleaning.breaks == 0


def test_of_two_interleaved_branches_the_longer_one_stays() -> None:
    """A second branch heard within the first is set aside whole."""
    rows = straight(count=40)
    away = [dict(row, lon_deg=12.0, s=row["s"] + 5.0) for row in rows[10:20]]
    found = tracks([*rows, *away])

    assert found.cleaning.set_aside == {"jump": 10}
    assert len(found) == 40


@pytest.mark.parametrize("count", [1, 2, 3, 8, 15, 40])
def test_an_excursion_is_set_aside(count: int) -> None:
    """Positions that are elsewhere for a while and come back, as under false GNSS signals, go as a whole."""
    rows = straight(count=120)
    for row in rows[50 : 50 + count]:
        row["lon_deg"] = 14.0
    found = tracks(rows)

    assert found.cleaning.set_aside == {"jump": count}
    assert found.cleaning.breaks == 0


def test_two_excursions_to_the_same_place_are_no_branch_of_their_own() -> None:
    """The track between two excursions stays although it is shorter than they are together."""
    rows = straight(count=200)
    for row in [*rows[60:90], *rows[120:150]]:
        row["lon_deg"] = 14.0
    found = tracks(rows)

    assert found.cleaning.set_aside == {"jump": 60}
    assert seconds(found) == [10.0 * i for i in range(200) if not (60 <= i < 90 or 120 <= i < 150)]


def test_a_piece_longer_than_the_track_around_it_stays() -> None:
    """Where little speaks against it, nothing is set aside: the legs end at its ends."""
    rows = straight(count=60)
    for row in rows[5:55]:
        row["lon_deg"] = 14.0
    found = tracks(rows)

    assert found.cleaning.set_aside == {}
    assert found.cleaning.breaks == 2
    assert found.legs().first.tolist() == [0, 5, 55, 60]


def test_a_short_return_does_not_outvote_what_lies_before_it() -> None:
    """Three samples back on the old track are too few to make an excursion of the thirty before them."""
    rows = straight(count=133)
    for row in rows[100:130]:
        row["lon_deg"] = 14.0
    found = tracks(rows)

    assert found.cleaning.set_aside == {}
    assert found.cleaning.breaks == 2


@pytest.mark.parametrize(("count", "set_aside"), [(1, {"jump": 1}), (2, {"jump": 2}), (3, {}), (4, {})])
def test_a_beginning_elsewhere_stays_if_it_has_more_than_two_samples(count: int, set_aside: Row) -> None:
    """Two samples or fewer are no branch beside a longer one."""
    rows = straight(count=30)
    for row in rows[:count]:
        row["lon_deg"] = 14.0
    found = tracks(rows)

    assert found.cleaning.set_aside == set_aside
    assert found.cleaning.breaks == (0 if set_aside else 1)


def test_two_long_branches_one_after_the_other_stay_and_the_leg_is_cut() -> None:
    """Where a track goes on elsewhere for good, both parts stay; no motion joins them."""
    rows = straight(count=20)
    for row in rows[10:]:
        row["lon_deg"] = 12.0
    found = tracks(rows)

    assert found.cleaning.set_aside == {}
    assert found.cleaning.breaks == 1
    assert found.legs().first.tolist() == [0, 10, 20]


@pytest.mark.parametrize("count", [2, 3, 30])
def test_where_nothing_fits_together_nothing_is_set_aside(count: int) -> None:
    """Of samples all over the globe none is more plausible than another; no motion joins any two."""
    rows = straight(count=count)
    for i, row in enumerate(rows):
        row |= {"lat_deg": (i * 37) % 140 - 70.0, "lon_deg": (i * 73) % 340 - 170.0}
    found = tracks(rows)

    assert found.cleaning.set_aside == {}
    assert found.cleaning.breaks == count - 1


def test_an_outlier_half_an_hour_from_any_other_sample_stays() -> None:
    """Flights are judged apart."""
    rows = straight()
    rows.append(dict(rows[0], s=3600.0, lat_deg=-40.0))

    assert tracks(rows).cleaning.set_aside == {}
    assert tracks(rows).cleaning.breaks == 1


def test_a_fast_jet_is_no_jump() -> None:
    """900 kt over ground is possible; nothing is set aside."""
    assert tracks(at_speed(900, count=60)).cleaning.set_aside == {}


@pytest.mark.parametrize("step_s", [0.5, 1.3, 1.9, 2.7, 3.4])
def test_times_cut_to_the_second_make_no_jump(step_s: float) -> None:
    """A jet at 900 kt whose feed cuts fractions of seconds off, so that it seems to fly 1200, stays whole."""
    rows = at_speed(900, count=60, step_s=step_s)
    for row in rows:
        row["s"] = float(int(row["s"]))
    found = tracks(rows)

    assert set(found.cleaning.set_aside) <= {"same_time"}
    assert found.cleaning.breaks == 0


def test_faster_than_the_limit_is_a_jump_unless_the_feed_reports_the_speed() -> None:
    """A jet at 1400 kt falls to pieces, is whole where it reports 1400 kt, or where the limit is raised."""
    rows = at_speed(1400, step_s=10.0)
    told = [row | {"groundspeed_kt": 1400.0} for row in rows]

    assert tracks(rows).cleaning.breaks == len(rows) - 1
    assert tracks(rows, thresholds=Thresholds(max_speed_kt=1500.0)).cleaning.breaks == 0
    assert tracks(told).cleaning.breaks == 0
    assert tracks(told).cleaning.set_aside == {}


def test_both_samples_must_report_the_speed() -> None:
    """Where every other sample reports its speed, those fit together; the ones that say nothing do not."""
    for first in (0, 1):
        rows = at_speed(1400, step_s=10.0)
        for row in rows[first::2]:
            row["groundspeed_kt"] = 1400.0
        found = tracks(rows)
        assert found.cleaning.set_aside == {"jump": 15}
        assert seconds(found) == [10.0 * i for i in range(first, 30, 2)]


def test_a_reported_speed_does_not_excuse_a_longer_jump() -> None:
    """Of samples that report 1400 kt one that is 15 km away from where it should be is a jump."""
    rows = straight(groundspeed_kt=1400.0)
    rows[5]["lon_deg"] = 8.2

    assert tracks(rows).cleaning.set_aside == {"jump": 1}


def test_the_antimeridian_is_no_jump() -> None:
    """From 179.99 east to 179.99 west is a kilometre."""
    rows = flight(
        "400001", [(10 * i, 47.0, ((179.9 + 0.02 * i + 180) % 360) - 180, 35_000.0) for i in range(10)]
    )
    found = tracks(rows)

    assert found.cleaning.set_aside == {}
    assert found.cleaning.breaks == 0


def test_the_pole_is_no_jump() -> None:
    """Over the pole the longitude turns by 180 degrees at once."""
    rows = flight(
        "400001", [(10 * i, 90 - abs(0.1 - 0.02 * i), 0.0 if i < 5 else 180.0, 35_000.0) for i in range(10)]
    )

    assert tracks(rows).cleaning.set_aside == {}
    assert tracks(rows).cleaning.breaks == 0


@pytest.mark.parametrize("bad", [{"max_speed_kt": 0.0}, {"max_climb_fpm": -1.0}, {"still_kt": float("nan")}])
def test_a_threshold_that_cannot_be_meant_is_refused(bad: dict[str, float]) -> None:
    """The message names it."""
    with pytest.raises(UsageError, match=next(iter(bad))):
        Thresholds(**bad)


@given(st.floats(-89, 89), st.floats(-180, 180), st.floats(-1, 1), st.floats(-1, 1), st.floats(0, 100))
@settings(max_examples=200)
def test_the_quick_look_at_the_reach_is_that_of_the_chord(
    lat_deg: float, lon_deg: float, north_deg: float, east_deg: float, span_s: float
) -> None:
    """Degrees decide only where the straight distance decides the same."""
    lat1_deg = max(-90.0, min(90.0, lat_deg + north_deg))
    lon1_deg = (lon_deg + east_deg + 180) % 360 - 180
    way_m = float(np.linalg.norm(surface_point(lat_deg, lon_deg) - surface_point(lat1_deg, lon1_deg)))
    reach_m = 500.0 * (span_s + kernels.SLACK_S)

    found = kernels.is_within_reach(lat_deg, lon_deg, 0, lat1_deg, lon1_deg, round(span_s * 1e6), 500.0)

    if abs(way_m - reach_m) > ROUNDING_M:
        assert found == (way_m < reach_m)


def surface_point(lat_deg: float, lon_deg: float) -> Any:
    """Return a point of the ellipsoid, by the textbook."""
    phi, lam = np.radians(lat_deg), np.radians(lon_deg)
    e2 = 0.00669437999014
    radius_m = 6_378_137.0 / np.sqrt(1 - e2 * np.sin(phi) ** 2)
    x, y, z = np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), (1 - e2) * np.sin(phi)
    return radius_m * np.array([x, y, z])


# Jumps of altitude --------------------------------------------------------------------------------


def test_a_jump_in_altitude_takes_the_row_with_it_where_there_is_no_other_altitude() -> None:
    """A pressure altitude that no climb reaches and comes back is no motion."""
    rows = straight()
    rows[5] |= {"altitude_ft": 2_000.0}
    found = tracks(rows)

    assert found.cleaning.set_aside == {"jump": 1}
    assert found.cleaning.blanked == {}


@pytest.mark.parametrize("more", [{"height_m": 10_700.0}, {"on_ground": True}])
def test_a_jump_in_altitude_leaves_the_row_where_it_can_be_used_without(more: Row) -> None:
    """With a height, or on the ground, only the altitude goes, and is counted."""
    rows = straight()
    rows[5] |= {"altitude_ft": 2_000.0, **more}
    found = tracks(rows)

    assert found.cleaning.set_aside == {}
    assert found.cleaning.blanked == {("altitude_ft", "jump"): 1}
    assert [i for i, ft in enumerate(feet(found)) if ft is None] == [5]


def test_a_jump_in_height_is_seen_as_well() -> None:
    """Heights are judged as altitudes are, in metres."""
    rows = straight(height_m=10_700.0)
    rows[2]["height_m"] = 500.0
    found = tracks(rows[::-1])

    assert found.cleaning.blanked == {("height_m", "jump"): 1}
    assert [i for i, m in enumerate(found.table["height_m"].to_pylist()) if m is None] == [2]


@given(st.sets(st.integers(0, 39), max_size=13), st.sampled_from([-34_000.0, 15_000.0, 60_000.0]))
@settings(max_examples=60)
def test_single_outliers_of_altitude_go_and_nothing_else(chosen: set[int], away_ft: float) -> None:
    """Whatever single altitudes are elsewhere, exactly those become unknown; every row stays."""
    outliers = {i for i in chosen if i - 1 not in chosen}
    rows = straight(count=40, height_m=10_700.0)
    for i in outliers:
        rows[i]["altitude_ft"] += away_ft
    found = tracks(rows)

    assert feet(found) == [None if i in outliers else 35_000.0 for i in range(40)]
    assert found.cleaning.breaks == 0


@pytest.mark.parametrize("zeros", [1, 2, 3, 10, 25])
def test_an_aircraft_that_says_zero_feet_for_a_while_loses_only_those_rows(zeros: int) -> None:
    """Slow aircraft at times report the ground from 3800 ft up, for half a minute, again and again."""
    air = [3800.0] * 30
    found = tracks(at_altitudes(*air, *[0.0] * zeros, *air, *[0.0] * zeros, *air))

    assert found.cleaning.set_aside == {"jump": 2 * zeros}
    assert feet(found) == air * 3


def test_no_true_altitude_is_passed_over_to_make_a_false_one_possible() -> None:
    """After zeros comes one true altitude, and ten seconds later the next, to which a dive could lead back."""
    air, zeros = at_altitudes(*[3800.0] * 30, step_s=2.0), at_altitudes(*[0.0] * 20, step_s=2.0)
    again = at_altitudes(*[4000.0] * 40, step_s=2.0)
    for row in zeros:
        row["s"] += 60.0
    for i, row in enumerate(again):
        row["s"] += 99.0 if i == 0 else 107.0
    rows = [row | {"lat_deg": 47.0 + 0.0005 * row["s"]} for row in [*air, *zeros, *again]]
    found = tracks(rows)

    assert found.cleaning.set_aside == {"jump": 20}
    assert feet(found) == [3800.0] * 30 + [4000.0] * 40


def test_a_long_time_at_zero_feet_stays() -> None:
    """A false level longer than the flight on one side of it is not known to be the false one."""
    found = tracks(at_altitudes(*[3800.0] * 10, *[0.0] * 40, *[3800.0] * 30))

    assert found.cleaning.set_aside == {}
    assert found.cleaning.breaks == 2


def test_heights_that_cannot_follow_each_other_end_the_leg() -> None:
    """Where heights go on elsewhere for good, both parts stay; no motion joins them."""
    rows = straight(count=20, height_m=10_700.0)
    for row in rows[10:]:
        row["height_m"] = 700.0
    found = tracks(rows)

    assert found.cleaning.blanked == {}
    assert found.legs("geometric").first.tolist() == [0, 10, 20]


def test_altitudes_are_compared_across_rows_that_have_none() -> None:
    """A row on the ground without altitude between two that cannot follow each other hides no break."""
    rows = at_altitudes(*[1300.0] * 5, None, *[30_000.0] * 5, on_ground=True)
    found = tracks(rows)

    assert found.cleaning.breaks == 1
    assert len(found) == 11


def test_a_steep_climb_stays_whole() -> None:
    """A fighter climbs at 50,000 ft/min for 40 s, rolls out, and dives back: every row stays."""
    up = [1000.0 + 833.0 * i for i in range(40)]
    found = tracks(at_altitudes(*[1000.0] * 60, *up, *[up[-1]] * 5, *up[::-1], *[1000.0] * 60))

    assert found.cleaning.set_aside == {}
    assert found.cleaning.blanked == {}
    assert found.cleaning.breaks == 0


def test_the_climb_limit_can_be_chosen() -> None:
    """With 10,000 ft/min the same spike is a jump that 60,000 allow."""
    rows = at_altitudes(*[1000.0] * 20, 3000.0, *[1000.0] * 20, step_s=4.0)

    assert tracks(rows).cleaning.set_aside == {}
    assert tracks(rows, thresholds=Thresholds(max_climb_fpm=10_000.0)).cleaning.set_aside == {"jump": 1}


def test_a_break_is_kept_where_its_row_goes() -> None:
    """Where a track goes on elsewhere with a false altitude, the leg ends all the same."""
    rows = straight(count=20)
    for row in rows[10:]:
        row["lon_deg"] = 12.0
    rows[10]["altitude_ft"] = 2_000.0
    found = tracks(rows)

    assert found.cleaning.set_aside == {"jump": 1}
    assert found.cleaning.breaks == 1
    assert found.legs().first.tolist() == [0, 10, 19]


# Keeping everything -------------------------------------------------------------------------------


def test_keep_all_keeps_what_can_be_used_and_still_counts() -> None:
    """With keep_all a jump and a stale row stay; duplicates and rows without position go."""
    rows = straight(groundspeed_kt=432.0)
    rows[3] |= {"lon_deg": 9.3}
    rows[6] |= {"lat_deg": rows[5]["lat_deg"]}
    rows[8] |= {"lat_deg": None}
    found = tracks([*rows, dict(rows[9])], keep_all=True)

    assert found.cleaning.set_aside == {"no_position": 1, "duplicate": 1}
    assert found.cleaning.would_set_aside == {"stale": 1, "jump": 1}
    assert len(found) == 9
    assert found.breaks.size == 0


@pytest.mark.parametrize(
    ("change", "set_aside", "would"),
    [
        ({"lat_deg": None}, {"no_position": 1}, {}),
        ({"lat_deg": 91.0}, {"no_position": 1}, {}),
        ({"lat_deg": 0.0, "lon_deg": 0.0}, {}, {"out_of_range": 1}),
        ({"altitude_ft": None}, {"no_altitude": 1}, {}),
        ({"altitude_ft": float("inf")}, {"no_altitude": 1}, {}),
        ({"altitude_ft": None, "on_ground": True}, {}, {}),
        ({"altitude_ft": 126_700.0}, {}, {"out_of_range": 1}),
        ({"altitude_ft": 2_000.0}, {}, {"jump": 1}),
        ({"icao24": None}, {"no_address": 1}, {}),
    ],
)
def test_keep_all_sets_aside_only_what_cannot_be_used(change: Row, set_aside: Row, would: Row) -> None:
    """Each row is counted once: as set aside, or as kept on request."""
    rows = straight()
    rows[5] |= change
    found = tracks(rows, keep_all=True)

    assert found.cleaning.set_aside == set_aside
    assert found.cleaning.would_set_aside == would
    assert found.cleaning.blanked == found.cleaning.would_blank == {}
    assert len(found) == 10 - len(set_aside)


def test_keep_all_counts_the_altitudes_that_would_become_unknown() -> None:
    """They are in the table as they came."""
    rows = straight(height_m=10_700.0)
    rows[5]["altitude_ft"] = 2_000.0
    found = tracks(rows, keep_all=True)

    assert feet(found)[5] == 2_000.0
    assert found.cleaning.would_blank == {("altitude_ft", "jump"): 1}


# The rest -----------------------------------------------------------------------------------------


def test_quality_fields_and_provenance_survive() -> None:
    """What the feed tells of quality, and where each row came from, is kept beside the right row."""
    rows = straight()
    for i, row in enumerate(rows):
        row |= {"nic": 8 - i % 2, "nac_p": 10, "sil": 3, "source": "adsb_icao", "seen_pos_s": 0.5 * i}
    rows.reverse()
    found = tracks(rows)

    assert found.table["source_row"].to_pylist() == list(range(9, -1, -1))
    assert found.table["nic"].to_pylist() == [8 - i % 2 for i in range(10)]
    assert found.table["seen_pos_s"].to_pylist() == [0.5 * i for i in range(10)]
    assert set(found.table["source"].to_pylist()) == {"adsb_icao"}
    assert set(found.table["source_file"].to_pylist()) == {"by hand"}


def test_no_rows_give_no_tracks() -> None:
    """Nothing in, nothing out, and nothing breaks."""
    found = tracks_from([], Rejects())

    assert len(found) == 0
    assert found.aircraft == []
    assert len(found.legs()) == 0


seldom = st.floats(0, 1).map(lambda x: x < 0.1)
samples = st.builds(
    lambda who, s, lat, lon, ft, lost: {
        "icao24": ["400001", "400002", "~400001", "bad!"][who],
        "s": s,
        "lat_deg": None if lost else lat,
        "lon_deg": lon,
        "altitude_ft": ft,
    },
    st.integers(0, 3),
    st.integers(0, 200).map(float),
    st.floats(46, 48) | st.sampled_from([47.0, 90.5, 0.0]),
    st.floats(7, 9) | st.sampled_from([8.0, 0.0, 200.0]),
    st.none() | st.integers(0, 1600).map(lambda k: 25.0 * k) | st.just(130_000.0),
    seldom,
)


@given(st.lists(samples, min_size=1, max_size=40), st.booleans())
@settings(max_examples=200)
def test_every_row_is_accounted_for(rows: list[dict[str, object]], keep_all: bool) -> None:
    """Read = kept + set aside, whatever comes; kept rows are sorted, each address and time once."""
    found = tracks(rows, keep_all=keep_all)
    report = found.cleaning

    assert report.rows_read == len(rows) == report.rows_kept + sum(report.set_aside.values())
    assert set(report.set_aside) | set(report.would_set_aside) <= set(REASONS)
    keys = list(zip(found.table["icao24"].to_pylist(), found.t_us.tolist(), strict=True))
    assert keys == sorted(set(keys))


@given(st.lists(samples, min_size=2, max_size=40))
@settings(max_examples=100)
def test_no_kept_step_is_impossible_within_a_leg(rows: list[Row]) -> None:
    """After cleaning no leg holds a step that no aircraft could fly."""
    found = tracks(rows)
    legs = found.legs(max_gap_s=1000)
    points = [surface_point(*place) for place in zip(legs.lat_deg, legs.lon_deg, strict=True)]
    for first, stop in zip(legs.first[:-1], legs.first[1:], strict=True):
        for i in range(first, stop - 1):
            span_s = (legs.t_us[i + 1] - legs.t_us[i]) / 1e6 + kernels.SLACK_S
            assert np.linalg.norm(points[i + 1] - points[i]) <= 1000 * KNOT_MPS * span_s + ROUNDING_M
            assert abs(legs.altitude[i + 1] - legs.altitude[i]) <= 1000.0 * span_s


@given(
    st.lists(samples, min_size=1, max_size=40, unique_by=lambda row: (row["icao24"], row["s"])), st.randoms()
)
@settings(max_examples=100)
def test_the_order_of_the_rows_does_not_matter(rows: list[Row], random: Any) -> None:
    """Whatever order they come in, in one batch or two, the same rows stay, and as much is counted."""
    shuffled = rows.copy()
    random.shuffle(shuffled)
    half = len(rows) // 2
    parts = [Batch(frame(part), "by hand") for part in (shuffled[:half], shuffled[half:]) if part]
    one, other = tracks(rows), tracks_from(parts, Rejects())

    assert one.table.drop_columns(["source_row"]).equals(other.table.drop_columns(["source_row"]))
    assert one.cleaning.set_aside == other.cleaning.set_aside
    assert one.breaks.tolist() == other.breaks.tolist()


@given(st.lists(samples, min_size=1, max_size=40, unique_by=lambda row: (row["icao24"], row["s"])))
@settings(max_examples=100)
def test_what_keep_all_keeps_on_request_is_what_is_set_aside_otherwise(rows: list[Row]) -> None:
    """The two ways of cleaning count the same rows, apart from positions off the globe, which nobody can use."""
    ordinary, kept = tracks(rows).cleaning, tracks(rows, keep_all=True).cleaning
    on_request = sum(kept.would_set_aside.values())

    assert ordinary.rows_kept == kept.rows_kept - on_request
    assert ordinary.blanked == kept.would_blank


def test_the_texts_of_a_column_stand_in_order() -> None:
    """The same rows give the same bytes, however their texts were read."""
    rows = [row | {"callsign": f"{9 - i % 7}"} for i, row in enumerate(straight())]

    assert tracks(rows).table["callsign"].combine_chunks().dictionary.to_pylist() == list("3456789")


@pytest.mark.compiled
def test_the_number_of_threads_changes_nothing() -> None:
    """One thread and many give the same table, breaks and counts."""
    import numba

    random = np.random.default_rng(20180801)
    rows = pl.DataFrame(
        {
            "icao24": [f"4000{i % 50:02x}" for i in range(20_000)],
            "t": pl.Series(1_533_081_600_000_000 + random.integers(0, 3600, 20_000) * 1_000_000)
            .cast(pl.Datetime("us"))
            .dt.replace_time_zone("UTC"),
            "lat_deg": 47 + 0.2 * random.integers(0, 3, 20_000),
            "lon_deg": 8 + 0.001 * random.integers(0, 100, 20_000),
            "altitude_ft": random.choice([0.0, 3000.0, 3100.0, 130_000.0], 20_000),
            "callsign": random.choice(["ONE", "TWO", "  ", "THREE "], 20_000),
        }
    )
    found = []
    before = numba.get_num_threads()
    try:
        for threads in (1, before):
            numba.set_num_threads(threads)
            found.append(tracks_from([Batch(rows, "made up")], Rejects()))
    finally:
        numba.set_num_threads(before)
    one, many = found

    assert one.table.equals(many.table)
    assert one.breaks.tolist() == many.breaks.tolist()
    assert one.cleaning == many.cleaning
    assert {"jump", "out_of_range"} <= set(one.cleaning.set_aside)


# Recordings ---------------------------------------------------------------------------------------

RECORDINGS = {
    "Switzerland": "switzerland-2018-08-01.traffic.json.gz",
    "Monterey": "monterey-2025-06-01.jsonl.gz",
    "Black Rock": "blackrock-2023-08-29.jsonl",
    "Nevada": "readsb-traces-2023-08-20",
    "Gulf of Mexico": "trace_full_ac671b.readsb.json",
    "Istanbul": "istanbul-spoofing-2024-09-17.traffic.json.gz",
    "Zurich": "zurich-ground-2019.traffic.json.gz",
    "Refuelling": "refuelling-2020-06-30.traffic.json.gz",
}


def described() -> dict[str, list[int]]:
    """Return the numbers of each recording in the table of docs/cleaning.md."""
    page = (Path(__file__).parents[1] / "docs" / "cleaning.md").read_text("utf-8")
    rows = re.findall(r"^\| ([A-Z][A-Za-z ]+), [^|]*\|((?: [\d,]+ \|)+)$", page, re.MULTILINE)
    return {
        name: [int(cell.replace(",", "")) for cell in cells.strip(" |").split(" | ")] for name, cells in rows
    }


def numbers(found: Tracks) -> Sequence[int]:
    report = found.cleaning
    names = (
        "no_address",
        "no_position",
        "out_of_range",
        "no_altitude",
        "duplicate",
        "same_time",
        "stale",
        "jump",
    )
    return [
        report.rows_read,
        *(report.set_aside.get(name, 0) for name in names),
        report.rows_kept,
        sum(report.blanked.values()),
        report.on_ground,
        report.reordered,
        report.breaks,
    ]


def test_every_recording_stands_in_the_documentation() -> None:
    """Its table has a row for each, and no other."""
    assert set(described()) == set(RECORDINGS)


@pytest.mark.compiled
@pytest.mark.parametrize("name", RECORDINGS)
def test_recordings_are_cleaned_as_the_documentation_says(name: str, shared_data: Path) -> None:
    """Rows read, set aside by reason, kept, and what else was counted."""
    found = wideberth.read(str(shared_data / RECORDINGS[name]))

    assert numbers(found) == described()[name]


@pytest.mark.compiled
@pytest.mark.parametrize("name", ["Monterey", "Black Rock"])
def test_false_zeros_take_hardly_a_true_altitude_with_them(name: str, shared_data: Path) -> None:
    """Slow aircraft that say 0 ft for a while lose those rows, and one row at most that says anything else.

    In the one recording that is a position from multilateration 6 km off, in the other a single altitude
    between two runs of zeros.
    """
    source = str(shared_data / RECORDINGS[name])
    found = wideberth.read(source)
    kept = found.table["source_row"].to_pylist()
    rows = wideberth.read(source, keep_all=True).to_polars()
    lost = rows.filter(~pl.col("source_row").is_in(kept) & (pl.col("altitude_ft") != 0))

    assert found.cleaning.set_aside["jump"] > 70
    assert lost.height - found.cleaning.set_aside.get("stale", 0) <= 1

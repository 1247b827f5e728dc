"""Cleaning sets aside what cannot be meant, counts every row once, and keeps the rest in order."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tables_by_hand import flight, tracks
from wideberth.kernels import cleaning as kernels
from wideberth.tracks import REASONS, Tracks


def straight(
    icao24: str = "400001", *, count: int = 10, step_s: float = 10.0, **more: object
) -> list[dict[str, object]]:
    """An airliner northbound at 0.02 degrees in 10 s, 432 kt."""
    return flight(
        icao24, [(i * step_s, 47.0 + 0.002 * step_s * i, 8.0, 35_000.0) for i in range(count)], **more
    )


def seconds(found: Tracks) -> list[float]:
    first = 1_533_081_600_000_000
    return [(int(t) - first) / 1e6 for t in found.t_us]


def test_a_clean_track_stays_whole() -> None:
    """Nothing is set aside from a straight, regular track."""
    found = tracks(straight())

    assert found.cleaning.set_aside == {}
    assert found.cleaning.rows_read == found.cleaning.rows_kept == len(found) == 10


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


def test_a_row_without_position_does_not_hide_one_with_it() -> None:
    """Of two rows at one time the one without position goes, whichever came first."""
    rows = straight()
    found = tracks([dict(rows[3], lat_deg=None), *rows])

    assert found.cleaning.set_aside == {"no_position": 1}
    assert len(found) == 10


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"icao24": None}, "no_address"),
        ({"icao24": "xyz"}, "no_address"),
        ({"icao24": ""}, "no_address"),
        ({"s": None}, "no_time"),
        ({"lon_deg": None}, "no_position"),
        ({"lat_deg": 91.0}, "out_of_range"),
        ({"lon_deg": -180.5}, "out_of_range"),
        ({"lat_deg": 0.0, "lon_deg": 0.0}, "out_of_range"),
        ({"altitude_ft": 126_700.0}, "out_of_range"),
        ({"altitude_ft": None}, "no_altitude"),
    ],
)
def test_each_reason_is_counted(change: dict[str, object], reason: str) -> None:
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


def test_a_bad_altitude_does_not_take_a_good_one_with_it() -> None:
    """A row with an impossible pressure altitude and a good height stays, without the former."""
    rows = straight()
    rows[5] |= {"altitude_ft": 126_700.0, "height_m": 10_700.0}
    found = tracks(rows)

    assert found.cleaning.set_aside == {}
    assert found.table["altitude_ft"].null_count == 1


def test_rows_on_the_ground_are_kept_and_marked() -> None:
    """A row on the ground needs no altitude."""
    rows = straight()
    rows[0] |= {"on_ground": True, "altitude_ft": None}
    found = tracks(rows)

    assert found.cleaning.set_aside == {}
    assert found.cleaning.on_ground == 1


def test_time_running_backwards_is_sorted_and_counted() -> None:
    """Rows that came late are put into place; none is lost."""
    rows = straight()
    rows[2], rows[7] = rows[7], rows[2]
    found = tracks(rows)

    assert seconds(found) == [10.0 * i for i in range(10)]
    assert found.cleaning.reordered == 5  # 30, 40, 50, 60 and 20 came after 70
    assert found.cleaning.set_aside == {}


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


def test_a_hovering_helicopter_is_not_stale() -> None:
    """Repeats at walking speed may be true."""
    hover = flight("400001", [(i, 47.0, 8.0, 1500.0) for i in range(20)], groundspeed_kt=3.0)

    assert tracks(hover).cleaning.set_aside == {}


def test_a_hover_without_speed_that_ends_slowly_is_not_stale() -> None:
    """Nothing says that it moved: all rows stay."""
    hover = flight("400001", [(i, 47.0, 8.0, 1500.0) for i in range(20)])
    hover += flight("400001", [(20 + i, 47.0 + 1e-5 * i, 8.0, 1500.0) for i in range(1, 5)])

    assert tracks(hover).cleaning.set_aside == {}


def test_where_a_track_begins_with_repeats_the_better_one_stays() -> None:
    """Rows filled in backwards: the way from the last repeat to the next position fits the speed."""
    rows = straight(groundspeed_kt=432.0)
    for i in (0, 1):
        rows[i] |= {"lat_deg": rows[2]["lat_deg"]}
    found = tracks(rows)

    assert found.cleaning.set_aside == {"stale": 2}
    assert seconds(found)[0] == 20.0


def test_a_jump_is_set_aside() -> None:
    """One sample 100 km away, between samples that agree, is not on the plausible branch."""
    rows = straight()
    rows[5] |= {"lon_deg": 9.3}

    assert tracks(rows).cleaning.set_aside == {"jump": 1}


def test_a_jump_in_altitude_is_set_aside() -> None:
    """A pressure altitude that no climb reaches and comes back is no motion."""
    rows = straight()
    rows[5] |= {"altitude_ft": 2_000.0}

    assert tracks(rows).cleaning.set_aside == {"jump": 1}


def test_of_two_interleaved_branches_the_longer_one_stays() -> None:
    """A second branch heard within the first is set aside whole."""
    rows = straight(count=40)
    away = [dict(row, lon_deg=12.0, s=float(row["s"]) + 5.0) for row in rows[10:20]]  # type: ignore[arg-type]
    found = tracks([*rows, *away])

    assert found.cleaning.set_aside == {"jump": 10}
    assert len(found) == 40


def test_two_long_branches_one_after_the_other_stay_and_the_leg_is_cut() -> None:
    """Where a track goes on elsewhere for good, both parts stay; no motion joins them."""
    rows = straight(count=20)
    for row in rows[10:]:
        row["lon_deg"] = 12.0
    found = tracks(rows)

    assert found.cleaning.set_aside == {}
    assert found.cleaning.breaks == 1
    assert found.legs().first.tolist() == [0, 10, 20]


def test_a_fast_jet_is_no_jump() -> None:
    """900 kt over ground is possible; nothing is set aside."""
    fast = flight("400001", [(i, 47.0 + i * 900 * 1852 / 3600 / 111_200, 8.0, 35_000.0) for i in range(60)])

    assert tracks(fast).cleaning.set_aside == {}


def test_the_antimeridian_is_no_jump() -> None:
    """From 179.99 east to 179.99 west is a kilometre."""
    rows = flight(
        "400001", [(10 * i, 47.0, ((179.9 + 0.02 * i + 180) % 360) - 180, 35_000.0) for i in range(10)]
    )
    found = tracks(rows)

    assert found.cleaning.set_aside == {}
    assert found.cleaning.breaks == 0


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
    from wideberth.read.batch import Rejects
    from wideberth.read.clean import tracks_from

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
def test_no_kept_step_is_impossible_within_a_leg(rows: list[dict[str, object]]) -> None:
    """After cleaning no leg holds a step that no aircraft could fly."""
    found = tracks([dict(row, altitude_ft=1000.0) for row in rows])
    legs = found.legs(max_gap_s=1000)
    for first, stop in zip(legs.first[:-1], legs.first[1:], strict=True):
        for i in range(first, stop - 1):
            assert kernels.is_possible(
                legs.lat_deg[i], legs.lon_deg[i], np.nan, legs.t_us[i],
                legs.lat_deg[i + 1], legs.lon_deg[i + 1], np.nan, legs.t_us[i + 1], 515.0, 1000.0,
            )  # fmt: skip

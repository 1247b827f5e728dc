"""The screen's kernels one by one, each against a few lines of plain Python, NumPy or PROJ."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pyproj
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import brute_force
from wideberth.kernels import cover, episodes, geodesy, legs, slabs

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

MICROMETRE = 1e-6
QUICK_M = 0.01  # what `quick_points` promises
DEGREES = 4e-11  # 4 µm on the ground: one step of Bowring's formula, 20 km from the surface
TIME_US = 2.0  # an instant is rounded to 1 µs here, and a float64 of seconds into a day holds 1e-5 µs there
HEIGHT_FT = 1e-6
SPEED_MPS = 1e-6

seeds = st.integers(0, 2**32 - 1)


# Geodesy ------------------------------------------------------------------------------------------

ELLIPSOID = pyproj.Transformer.from_pipeline("+proj=cart +ellps=WGS84")
GEOD = pyproj.Geod(ellps="WGS84")
latitudes = st.floats(-90.0, 90.0)
longitudes = st.floats(-180.0, 180.0)


@given(latitudes, longitudes)
@example(90.0, 13.0)
@example(-90.0, -180.0)
@example(0.0, 180.0)
@example(45.0, 45.0)
def test_points_of_the_surface_are_those_of_proj(lat_deg: float, lon_deg: float) -> None:
    """To the micrometre; the quick ones to a centimetre."""
    expected = ELLIPSOID.transform(lon_deg, lat_deg, 0.0)
    quick = np.empty((3, 3))
    geodesy.quick_points(np.array([0.0, lat_deg]), np.array([0.0, lon_deg]), 1, 2, quick)

    assert geodesy.surface_point(lat_deg, lon_deg) == pytest.approx(expected, abs=MICROMETRE)
    assert quick[:, 0] == pytest.approx(expected, abs=QUICK_M)


@given(latitudes, longitudes, st.floats(-20_000.0, 20_000.0))
@example(90.0, 0.0, 0.0)
@example(0.0, 0.0, -20_000.0)
def test_the_surface_point_below_is_that_of_proj(lat_deg: float, lon_deg: float, height_m: float) -> None:
    """From 20 km below the surface to 20 km above it."""
    lat, lon = geodesy.surface_position(*ELLIPSOID.transform(lon_deg, lat_deg, height_m))

    assert lat == pytest.approx(lat_deg, abs=DEGREES)
    if abs(lat_deg) < 89.9:  # else longitude means little
        assert (lon - lon_deg + 180.0) % 360.0 - 180.0 == pytest.approx(0.0, abs=1e-9)


@given(latitudes.filter(lambda lat: abs(lat) < 85), longitudes, st.floats(0.0, 359.9))
def test_a_short_way_has_the_direction_and_length_of_proj(
    lat_deg: float, lon_deg: float, azimuth_deg: float
) -> None:
    """A kilometre in some direction is seen in that direction, and its chord is a kilometre."""
    lon, lat, _ = GEOD.fwd(lon_deg, lat_deg, azimuth_deg, 1000.0)
    way = np.subtract(geodesy.surface_point(lat, lon), geodesy.surface_point(lat_deg, lon_deg))
    seen_deg = geodesy.direction_deg(lat_deg, lon_deg, *way)
    column = geodesy.directions_deg(np.array([lat_deg]), np.array([lon_deg]), *way.reshape(3, 1))

    assert 0.0 <= seen_deg < 360.0 + 1e-9
    assert (seen_deg - azimuth_deg + 180.0) % 360.0 - 180.0 == pytest.approx(0.0, abs=1e-3)
    assert column.tolist() == [seen_deg]
    assert geodesy.chord_m(lat_deg, lon_deg, lat, lon) == pytest.approx(1000.0, abs=1e-5)  # sag: 1e-6 m


def test_no_motion_has_no_direction() -> None:
    """A vector without horizontal part points nowhere: unknown, not north."""
    assert np.isnan(geodesy.direction_deg(0.0, 0.0, 0.0, 0.0, 0.0))


# Legs ---------------------------------------------------------------------------------------------


@given(seeds)
def test_usable_is_airborne_with_an_altitude(seed: int) -> None:
    """A row without altitude never is; one on the ground only where asked; nothing told is airborne."""
    rng = np.random.default_rng(seed)
    altitude = np.where(rng.random(20) < 0.3, np.nan, 1000.0)
    on_ground = rng.random(20) < 0.3
    known = ~np.isnan(altitude)

    assert legs.are_usable(altitude, on_ground, False).tolist() == (known & ~on_ground).tolist()
    assert legs.are_usable(altitude, on_ground, True).tolist() == known.tolist()
    assert legs.are_usable(altitude, np.empty(0, np.bool_), False).tolist() == known.tolist()


@given(seeds, st.booleans(), st.booleans())
def test_legs_begin_where_a_walk_through_the_rows_says(seed: int, is_whole: bool, is_broken: bool) -> None:
    """At another aircraft, after a longer gap, and at a break, also one on a row left out."""
    rng = np.random.default_rng(seed)
    count = rng.integers(0, 6, 5)
    begin = np.concatenate(([0], np.cumsum(count)))
    t_us = np.concatenate([np.cumsum(rng.integers(1, 4, n)) for n in count]).astype(np.int64)
    breaks = rng.random(t_us.size) < 0.2 if is_broken else np.empty(0, np.bool_)
    chosen = np.arange(t_us.size) if is_whole else np.flatnonzero(rng.random(t_us.size) < 0.7)
    if not chosen.size:
        return
    owner = np.repeat(np.arange(5), count)
    expected = [
        i
        for i, row in enumerate(chosen)
        if i == 0
        or owner[row] != owner[chosen[i - 1]]
        or t_us[row] - t_us[chosen[i - 1]] > 2
        or (is_broken and breaks[chosen[i - 1] + 1 : row + 1].any())
    ]
    first, aircraft = legs.leg_starts(
        begin, t_us[chosen], np.empty(0, np.int64) if is_whole else chosen, breaks, 2
    )

    assert first.tolist() == [*expected, chosen.size]
    assert aircraft.tolist() == owner[chosen[expected]].tolist()


@given(seeds)
def test_the_nearest_callsign_of_the_flight(seed: int) -> None:
    """The nearest in time that is not beyond a gap between flights; the earlier one of two as near."""
    rng = np.random.default_rng(seed)
    count = rng.integers(0, 7, 3)
    begin = np.concatenate(([0], np.cumsum(count)))
    t_us = np.concatenate([np.cumsum(rng.integers(1, 9, n)) for n in count]).astype(np.int64)
    code = rng.integers(-1, 3, t_us.size).astype(np.int32)
    aircraft, when_us = rng.integers(-1, 3, 12).astype(np.int32), rng.integers(-3, 40, 12)
    expected = []
    for k, when in zip(aircraft, when_us, strict=True):
        best = (np.inf, 0, -1)
        rows = range(begin[k], begin[k + 1]) if k >= 0 else range(0)
        for row in rows:
            between = sorted(t for t in [*t_us[rows.start : rows.stop], when] if min(t_us[row], when) <= t)
            way = [t for t in between if t <= max(t_us[row], when)]
            if code[row] >= 0 and all(b - a <= 5 for a, b in pairwise(way)):
                best = min(best, (abs(t_us[row] - when), t_us[row], code[row]))
        expected.append(best[2])

    assert legs.nearest_text(begin, t_us, code, aircraft, when_us, 5).tolist() == expected


# Cover --------------------------------------------------------------------------------------------


def some_cover(rng: np.random.Generator, aircraft: int) -> tuple[Ints, Ints, Ints]:
    """Return closed intervals of a few aircraft, apart from each other and in order."""
    begin, t_in, t_out = [0], [], []
    for _ in range(aircraft):
        ends = np.sort(rng.choice(40, 2 * rng.integers(0, 5), replace=False))
        for low, high in ends.reshape(-1, 2):
            t_in.append(low)
            t_out.append(low if rng.random() < 0.2 else high)
        begin.append(len(t_in))
    return np.array(begin, np.int64), np.array(t_in, np.int64), np.array(t_out, np.int64)


@given(seeds)
def test_an_interval_within_a_cover(seed: int) -> None:
    """It is, where one interval of the cover holds both its ends."""
    rng = np.random.default_rng(seed)
    begin, cover_in, cover_out = some_cover(rng, 3)
    aircraft = rng.integers(0, 3, 10).astype(np.int32)
    t_in, t_out = np.sort(rng.integers(0, 40, (2, 10)), axis=0)
    expected = [
        any(
            cover_in[k] <= low and high <= cover_out[k]
            for k in range(begin[whose], begin[whose + 1])
        )
        for low, high, whose in zip(t_in, t_out, aircraft, strict=True)
    ]  # fmt: skip

    assert cover.is_within(t_in, t_out, aircraft, begin, cover_in, cover_out).tolist() == expected


@given(seeds)
def test_what_two_covers_leave_of_a_window(seed: int) -> None:
    """Of the time within a window just that is left in which one or both of two aircraft are not covered."""
    rng = np.random.default_rng(seed)
    begin, cover_in, cover_out = some_cover(rng, 2)
    low, high = np.sort(rng.integers(0, 40, 2))
    a, b = np.zeros(1, np.int32), np.ones(1, np.int32)
    which, left_in, left_out = cover.remainders(
        a, b, np.array([low]), np.array([high]), begin, cover_in, cover_out
    )

    def is_covered(t: float) -> bool:
        return all(
            any(cover_in[k] <= t <= cover_out[k] for k in range(begin[who], begin[who + 1])) for who in (0, 1)
        )

    assert set(which.tolist()) <= {0}
    assert (left_in[1:] >= left_out[:-1]).all()
    assert ((low <= left_in) & (left_in <= left_out) & (left_out <= high)).all()
    if low == high:
        assert bool(which.size) is not is_covered(low)
        return
    assert (left_in < left_out).all()
    for middle in np.arange(low, high) + 0.5:  # between whole microseconds nothing begins or ends
        is_left = bool(((left_in < middle) & (middle < left_out)).any())
        assert is_left is not is_covered(middle)


# Episodes -----------------------------------------------------------------------------------------


class TwoLegs:
    """Two legs at random, near one another for some of the time."""

    def __init__(self, seed: int, samples: int = 8) -> None:
        rng = np.random.default_rng(seed)
        self.horizontal_m, self.vertical_ft = rng.choice([300.0, 2000.0, 9260.0]), rng.choice([200.0, 1000.0])
        self.aircraft = []
        for _ in range(2):
            n = rng.integers(1, samples + 1)
            t_us = np.cumsum(rng.integers(1, 50_000_000, n)) + rng.integers(0, 60_000_000)
            size = self.horizontal_m / 1e5
            lat, lon = 47.0 + rng.normal(0, size, n), 8.0 + rng.normal(0, size, n)
            feet = np.round(10_000 + rng.normal(0, self.vertical_ft, n))
            self.aircraft.append(np.column_stack([t_us / 1e6, lat, lon, feet, np.full(n, np.nan)]))
        rows = np.concatenate(self.aircraft)
        self.t_us = np.round(rows[:, 0] * 1e6).astype(np.int64)
        self.samples = (self.t_us, rows[:, 1].copy(), rows[:, 2].copy(), rows[:, 3].copy())
        self.first = np.array([0, len(self.aircraft[0]), len(rows)], np.int64)
        self.begin_us = max(self.t_us[0], self.t_us[self.first[1]])
        self.end_us = min(self.t_us[self.first[1] - 1], self.t_us[-1])

    def expected(self) -> list[brute_force.Encounter]:
        return brute_force.encounters(
            self.aircraft, horizontal_m=self.horizontal_m, vertical_ft=self.vertical_ft, max_gap_s=1e6
        )

    def found(self, begin_us: int, end_us: int) -> Floats:
        """Return the rows of the episodes within a window."""
        window = (np.zeros(1, np.int32), np.ones(1, np.int32), np.array([begin_us]), np.array([end_us]))
        limits = (self.horizontal_m, self.vertical_ft)
        count, first = episodes.count_episodes(*self.samples, self.first, *window, *limits)
        rows: Floats = episodes.fill_episodes(
            *self.samples, self.first, *window, *limits, np.concatenate(([0], np.cumsum(count)))
        )
        assert rows.shape == (int(count.sum()), episodes.EPISODE_WIDTH)
        np.testing.assert_array_equal(first[: len(rows)], rows[:1])
        return rows


@settings(max_examples=150)
@given(seeds)
def test_episodes_of_two_legs(seed: int) -> None:
    """As by brute force: times to the microsecond, distances to the micrometre, whole microseconds."""
    two = TwoLegs(seed)
    if two.begin_us > two.end_us:
        return
    rows, expected = two.found(two.begin_us, two.end_us), two.expected()

    assert len(rows) == len(expected)
    for row, e in zip(rows, expected, strict=True):
        instants = [row[k] for k in (episodes.T_IN_US, episodes.T_OUT_US, episodes.T_CPA_US)]
        assert instants == pytest.approx([e.t_in_s * 1e6, e.t_out_s * 1e6, e.t_cpa_s * 1e6], abs=TIME_US)
        assert instants == np.round(instants).tolist()
        assert row[episodes.HMD_M] == pytest.approx(e.hmd_m, abs=MICROMETRE)
        assert row[episodes.VMD] == pytest.approx(e.vmd_ft, abs=HEIGHT_FT)
        assert row[episodes.VERTICAL_AT_CPA] == pytest.approx(e.vertical_ft_at_cpa, abs=1e-3)
        assert row[episodes.RETAINED] == pytest.approx(e.retained, abs=MICROMETRE)


@settings(max_examples=100)
@given(seeds, st.floats(0, 1), st.floats(0, 1))
def test_a_window_of_whole_steps_cuts_no_digit(seed: int, one: float, other: float) -> None:
    """Wherever two windows meet, widened to whole steps they find every figure as one window does."""
    two = TwoLegs(seed, samples=20)
    if two.begin_us >= two.end_us:
        return
    cuts = np.sort(two.begin_us + np.array([one, other]) * (two.end_us - two.begin_us)).astype(np.int64)
    edges = [two.begin_us, *cuts, two.end_us]
    n = len(edges) - 1
    pair = np.zeros(n, np.int32), np.ones(n, np.int32)
    begin_us, end_us = episodes.whole_steps(
        two.t_us, two.first, *pair, np.array(edges[:-1]), np.array(edges[1:])
    )
    whole = two.found(two.begin_us, two.end_us)
    parts = [two.found(a, b) for a, b in zip(begin_us, end_us, strict=True) if a <= b]

    for a, b, low, high in zip(begin_us, end_us, edges[:-1], edges[1:], strict=True):
        if a <= b:
            assert a <= low <= high <= b
            assert {a, b} <= set(two.t_us.tolist())
    for row in whole:
        first_us, last_us = row[episodes.T_IN_US], row[episodes.T_OUT_US]
        pieces = [p for part in parts for p in part if first_us <= p[episodes.T_IN_US] <= last_us]
        assert min(p[episodes.T_IN_US] for p in pieces) == first_us
        assert max(p[episodes.T_OUT_US] for p in pieces) == last_us
        for least in (episodes.HMD_M, episodes.VMD, episodes.RETAINED):
            assert min(p[least] for p in pieces) == row[least]


@pytest.mark.parametrize(("at_us", "is_empty"), [(10, False), (20, True), (30, True), (15, False)])
def test_windows_of_an_instant(at_us: int, is_empty: bool) -> None:
    """Within a step it becomes that step; on a sample it is empty, unless that is all two legs share."""
    t_us = np.array([10, 20, 30, 0, 10, 5, 35], np.int64)
    first = np.array([0, 3, 5, 7], np.int64)
    other = 1 if at_us == 10 else 2
    begin, end = episodes.whole_steps(
        t_us, first, np.zeros(1, np.int32), np.array([other], np.int32), np.array([at_us]), np.array([at_us])
    )

    assert bool(begin[0] > end[0]) is is_empty
    if not is_empty:
        assert (begin[0], end[0]) == {10: (10, 10), 15: (10, 20)}[at_us]


@given(seeds)
def test_states_lie_on_the_chord(seed: int) -> None:
    """At any instant of a leg: the point of the chord, the speed along it, and how long ago a sample was."""
    rng = np.random.default_rng(seed)
    two = TwoLegs(seed)
    when_us = rng.integers(two.t_us[0], two.t_us[two.first[1] - 1] + 1, 5)
    when_us[:2] = two.t_us[0], two.t_us[two.first[1] - 1]
    out = episodes.states_at(*two.samples, two.first, np.zeros(5, np.int32), when_us)
    (leg,) = brute_force.legs_of(two.aircraft[0], "barometric", 1e6)
    points, altitudes = leg.at(when_us / 1e6)

    assert out[:, 3:6] == pytest.approx(points, abs=MICROMETRE)
    assert out[:, 2] == pytest.approx(altitudes, abs=HEIGHT_FT)
    ages_s = np.abs(when_us[:, None] - two.t_us[: two.first[1]]).min(axis=1) / 1e6
    assert out[:, 10] == pytest.approx(ages_s, abs=1e-9)
    for state, (lat, lon) in zip(out, out[:, :2], strict=True):
        below_m = np.subtract(geodesy.surface_point(lat, lon), state[3:6])
        up = np.array(
            [
                np.cos(np.radians(lat)) * np.cos(np.radians(lon)),
                np.cos(np.radians(lat)) * np.sin(np.radians(lon)),
                np.sin(np.radians(lat)),
            ]
        )
        assert np.linalg.norm(below_m - up * (below_m @ up)) < MICROMETRE
    if two.first[1] == 1:
        assert np.isnan(out[:, 6:10]).all()
        return
    row = np.clip(np.searchsorted(two.t_us[: two.first[1]], when_us, side="right") - 1, 0, two.first[1] - 2)
    velocity = np.diff(leg.xyz_m, axis=0)[row] / np.diff(leg.t_s)[row][:, None]
    assert out[:, 6:9] == pytest.approx(velocity, rel=1e-6, abs=SPEED_MPS)


# Slabs --------------------------------------------------------------------------------------------


def some_legs(rng: np.random.Generator, count: int) -> tuple[Ints, Floats, Floats, Floats, Ints]:
    """Return t_us, lat, lon, altitude, first of some legs, all within some minutes and some kilometres."""
    sizes = rng.integers(1, 7, count)
    t_us = [np.cumsum(rng.integers(1, 30, n)) * 1_000_000 + rng.integers(0, 100) * 500_000 for n in sizes]
    lat, lon = (
        [middle + np.cumsum(rng.normal(0, 0.02, n)) + rng.normal(0, 0.2) for n in sizes]
        for middle in (47.0, 179.95)
    )
    feet = [rng.choice([10_000.0, 11_000.0, 12_500.0]) + np.cumsum(rng.normal(0, 100, n)) for n in sizes]
    first = np.concatenate(([0], np.cumsum(sizes))).astype(np.int64)
    lons = (np.concatenate(lon) + 180.0) % 360.0 - 180.0
    return np.concatenate(t_us).astype(np.int64), np.concatenate(lat), lons, np.concatenate(feet), first


@settings(max_examples=60)
@given(seeds, st.sampled_from([500_000, 7_000_000, 40_000_000]))
def test_boxes_hold_the_motion(seed: int, slab_us: int) -> None:
    """At every instant of a slab, borders included, the aircraft is in its ball and between its levels."""
    rng = np.random.default_rng(seed)
    t_us, lat, lon, feet, first = some_legs(rng, 3)
    slab_first, count = slabs.slab_ranges(t_us, first, slab_us)
    entry_first = np.concatenate(([0], np.cumsum(count)))
    ball, levels = slabs.slab_boxes(t_us, lat, lon, feet, first, slab_first, entry_first, slab_us)

    for leg in range(3):
        rows = slice(first[leg], first[leg + 1])
        when_us = t_us[rows]
        for k in range(count[leg]):
            low = max((slab_first[leg] + k) * slab_us, when_us[0])
            high = min((slab_first[leg] + k + 1) * slab_us, when_us[-1])
            assert low <= high
            t = np.linspace(low, high, 9)
            xyz = brute_force.surface_points(lat[rows], lon[rows])
            points = np.stack([np.interp(t, when_us, xyz[:, axis]) for axis in range(3)], axis=1)
            entry = entry_first[leg] + k
            assert np.linalg.norm(points - ball[entry, :3].astype(float), axis=1).max() <= ball[entry, 3]
            altitudes = np.interp(t, when_us, feet[rows])
            assert levels[entry, 0] - HEIGHT_FT <= altitudes.min()
            assert altitudes.max() <= levels[entry, 1] + HEIGHT_FT
        assert slab_first[leg] * slab_us <= when_us[0]
        assert (slab_first[leg] + count[leg]) * slab_us > when_us[-1]


@settings(max_examples=60)
@given(seeds, st.sampled_from([300.0, 9260.0]), st.sampled_from([500.0, 30_000.0]))
def test_cells_find_what_all_pairs_find(seed: int, distance_m: float, cells_m: float) -> None:
    """In each slab the pairs whose boxes may meet, each once, by cells as by looking at all."""
    rng = np.random.default_rng(seed)
    slab_us = 20_000_000
    t_us, lat, lon, feet, first = some_legs(rng, 12)
    slab_first, count = slabs.slab_ranges(t_us, first, slab_us)
    entry_first = np.concatenate(([0], np.cumsum(count)))
    ball, levels = slabs.slab_boxes(t_us, lat, lon, feet, first, slab_first, entry_first, slab_us)
    number = int((slab_first + count).max())
    begin, leg_of, entry_of = slabs.group_by_slab(slab_first, entry_first, number)
    aircraft = rng.integers(0, 6, 12).astype(np.int32)
    settled = rng.choice([0, 0, 1, 2, 3], 12).astype(np.uint8)
    fixed = (ball, levels, aircraft, settled, distance_m, 1000.0, distance_m + cells_m)
    little = np.zeros(number + 1, np.int64)
    none = np.empty(0, np.int32)
    counted = slabs.candidates(begin, leg_of, entry_of, *fixed, little, none, none)
    room = np.concatenate(([0], np.cumsum(counted)))
    a, b = np.empty(room[-1], np.int32), np.empty(room[-1], np.int32)

    assert slabs.candidates(begin, leg_of, entry_of, *fixed, room, a, b).tolist() == counted.tolist()
    for slab in range(number):
        inside = range(begin[slab], begin[slab + 1])
        assert all(slab_first[leg_of[k]] <= slab < slab_first[leg_of[k]] + count[leg_of[k]] for k in inside)
        expected = {
            (int(leg_of[i]), int(leg_of[j]))
            for i in inside
            for j in inside
            if leg_of[i] < leg_of[j]
            and aircraft[leg_of[i]] != aircraft[leg_of[j]]
            and not settled[leg_of[i]] & settled[leg_of[j]]
            and slabs.may_meet(ball, levels, entry_of[i], entry_of[j], distance_m, 1000.0)
        }
        found = list(
            zip(a[room[slab] : room[slab + 1]].tolist(), b[room[slab] : room[slab + 1]].tolist(), strict=True)
        )
        assert len(found) == len(expected)
        assert set(found) == expected


def test_a_neighbour_in_any_direction_is_seen() -> None:
    """Two that meet across a face, an edge or a corner of a cell are one pair, whichever comes first."""
    cell_m = 1000.0
    out_a, out_b = np.empty(4, np.int32), np.empty(4, np.int32)
    both = np.array([0, 1], np.int32)
    for direction in np.ndindex(3, 3, 3):
        step = np.subtract(direction, 1)
        centres = np.array([[-3.5, 12.5, 0.5]] * 2) * cell_m
        # As far towards that side as the cell goes, and just beyond it.
        centres += step * (cell_m / 2) + np.array([[-1.0], [1.0]]) * step
        ball = np.column_stack([centres, [1.0, 1.0]]).astype(np.float32)
        for order in ([0, 1], [1, 0]):
            found = slabs.slab_candidates(
                0, 2, both, np.array(order), ball, np.zeros((2, 2)), both, np.zeros(2, np.uint8),
                10.0, 1000.0, cell_m, out_a, out_b,
            )  # fmt: skip
            assert (found, out_a[0], out_b[0]) == (1, 0, 1)

"""The kernels of trust, each against a slow re-computation of what its docstring says, in worlds full of oddities."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pyproj import Geod

from strategies import lat_lon, local_frame
from wideberth.columns import frozen
from wideberth.kernels import plane, reports, together
from wideberth.kernels._jit import JIT
from wideberth.units import MPS_PER_KNOT

Floats = npt.NDArray[np.float64]
Rng = np.random.Generator

WGS84 = Geod(ellps="WGS84")
PLACES = ("anywhere", "pole", "antimeridian", "equator")
AS_TOLD = 0.01  # what `plane` promises: a hundredth
REACH_M = 150_000.0  # and how far from the origin
CLOSE_US, MINUTE_US, LEAPT_US = 30_000_000, 60_000_000, 120_000_000
WINDOW_US = 600_000_000
NEAR_M, NEAR_FT = 1852.0, 900.0
SINGLE = 1e-5  # speeds come in single precision: 1 in 10 million, summed over a hundred reports
SECOND = 1_000_000
slow = settings(max_examples=60 if JIT else 30)
seeds = st.integers(0, 2**32 - 1)
places = st.sampled_from(PLACES)


# The plane ----------------------------------------------------------------------------------------


@given(
    st.floats(-90.0, 90.0), st.floats(-180.0, 180.0), st.floats(0.0, 360.0), st.floats(1.0, REACH_M),
    st.floats(0.0, 360.0), st.floats(10.0, 5000.0),
)  # fmt: skip
@example(79.999, 0.0, 0.0, REACH_M, 90.0, 1000.0)
@example(-79.999, 180.0, 180.0, REACH_M, 90.0, 1000.0)
@example(60.0, 179.99, 45.0, REACH_M, 90.0, 1000.0)
@example(40.0, -179.99, 270.0, REACH_M, 0.0, 1000.0)
@example(90.0, 13.0, 77.0, REACH_M, 90.0, 1000.0)
@example(-89.99, 13.0, 77.0, REACH_M, 90.0, 1000.0)
def test_distances_in_the_plane_are_those_of_proj(
    lat_deg: float, lon_deg: float, away_deg: float, away_m: float, on_deg: float, on_m: float
) -> None:
    """To a hundredth within 150 km: from the origin, and between two positions that are near each other."""
    lon, lat, _ = WGS84.fwd(lon_deg, lat_deg, away_deg, away_m)
    next_lon, next_lat, _ = WGS84.fwd(lon, lat, on_deg, on_m)
    here = plane.origin(lat_deg, lon_deg)
    x, y = plane.east_north_m(lat, lon, here)
    next_x, next_y = plane.east_north_m(next_lat, next_lon, here)

    assert math.hypot(x, y) == pytest.approx(away_m, rel=AS_TOLD)
    assert math.hypot(next_x - x, next_y - y) == pytest.approx(on_m, rel=AS_TOLD)


@given(st.floats(-89.9, 89.9), st.floats(-180.0, 180.0), st.floats(0.0, 360.0))
@example(0.0, 180.0, 90.0)
@example(89.9, -180.0, 270.0)
def test_east_is_first_and_north_is_second(lat_deg: float, lon_deg: float, azimuth_deg: float) -> None:
    """A kilometre in a direction lies in that direction, to a metre and a hundredth; the origin lies at 0."""
    lon, lat, _ = WGS84.fwd(lon_deg, lat_deg, azimuth_deg, 1000.0)
    here = plane.origin(lat_deg, lon_deg)
    azimuth = math.radians(azimuth_deg)
    expected = (1000.0 * math.sin(azimuth), 1000.0 * math.cos(azimuth))

    assert plane.east_north_m(lat, lon, here) == pytest.approx(expected, abs=11.0)
    assert plane.east_north_m(lat_deg, lon_deg, here) == pytest.approx((0.0, 0.0), abs=1e-6)


@pytest.mark.parametrize("lat_deg", [50.0, 85.0])
def test_an_unknown_place_is_unknown_in_the_plane(lat_deg: float) -> None:
    """NaN, not the origin."""
    x, y = plane.east_north_m(math.nan, math.nan, plane.origin(lat_deg, 10.0))

    assert math.isnan(x)
    assert math.isnan(y)


# Worlds -------------------------------------------------------------------------------------------


@dataclass
class Rows:
    """Rows of a few aircraft as the kernels take them; a column that a feed lacks has size 0."""

    t_us: npt.NDArray[np.int64]
    lat: Floats
    lon: Floats
    ft: Floats
    other_ft: Floats
    kt: npt.NDArray[np.float32]
    track: npt.NDArray[np.float32]
    rate: npt.NDArray[np.float32]
    ground: npt.NDArray[np.bool_]
    nac: Floats
    begin: npt.NDArray[np.int64]

    def frozen(self) -> list[npt.NDArray[Any]]:
        """Return all columns, read-only, as Arrow hands them out."""
        return [frozen(each) for each in vars(self).values()]

    def of(self, aircraft: int, when_us: int) -> Rows:
        """Return the rows of one aircraft within the window."""
        here = slice(self.begin[aircraft], self.begin[aircraft + 1])
        keep = np.abs(self.t_us[here] - when_us) <= WINDOW_US
        return Rows(*[each[here][keep] if each.size else each for each in list(vars(self).values())[:-1]], self.begin)  # type: ignore[arg-type]  # fmt: skip


def some_rows(rng: Rng, place: str, aircraft: int = 4, most: int = 60) -> Rows:
    """Return aircraft that fly near one place at one time, with everything that feeds do wrong."""
    frame = local_frame(place, rng)
    parts: list[list[npt.NDArray[Any]]] = []
    for _ in range(aircraft):
        n = int(rng.choice([1, 2, 3, most]))
        steps_s = rng.choice([0.0, 1.0, 4.0, 5.0, 5.0, 10.0, 20.0, 70.0], n)
        if rng.random() < 0.5:
            steps_s = np.round(steps_s * rng.uniform(0.2, 1.0, n), 6)
        t_us = np.round((rng.uniform(-200, 200) + np.cumsum(steps_s) - steps_s.sum() / 2) * 1e6)
        since_s = t_us * 1e-6
        speed_mps, turn = rng.uniform(0, 300), rng.choice([0.0, rng.uniform(-0.1, 0.1)])
        angle = rng.uniform(0, 2 * np.pi) + turn * since_s / 2
        ahead_m = speed_mps * since_s * np.sinc(turn * since_s / 2 / np.pi)
        noise_m = rng.normal(0, rng.choice([0.0, 20.0]), (2, n))
        is_off = rng.random(n) < rng.choice([0.05, 0.25])
        noise_m[:, is_off] += rng.normal(0, 3000, (2, int(is_off.sum())))
        lat, lon = lat_lon(
            frame,
            rng.normal(0, 2000) + ahead_m * np.sin(angle) + noise_m[0],
            rng.normal(0, 2000) + ahead_m * np.cos(angle) + noise_m[1],
        )
        is_old = np.flatnonzero(rng.random(n) < 0.15)
        for i in is_old[is_old > 0]:  # a position told again
            lat[i], lon[i] = lat[i - 1], lon[i - 1]
        ft = np.round((5000.0 + rng.normal(0, 500) + rng.uniform(-40, 40) * since_s) / 25) * 25
        ft[rng.random(n) < 0.05] += 2000.0
        ft[rng.random(n) < rng.choice([0.0, 0.2, 1.0], p=[0.5, 0.4, 0.1])] = np.nan
        other_ft = np.where(rng.random(n) < 0.5, np.nan, rng.normal(300, 100, n))
        untold = rng.choice([0.0, 0.3])
        kt = np.where(rng.random(n) < untold, np.nan, rng.uniform(0.9, 1.1, n) * speed_mps / MPS_PER_KNOT)
        headings = (
            rng.uniform(0, 360, n) if rng.random() < 0.3 else np.degrees(angle + turn * since_s / 2) % 360
        )
        track = np.where(rng.random(n) < untold, np.nan, headings)
        rate = np.where(rng.random(n) < 0.3, np.nan, rng.uniform(-2500, 2500, n))
        ground = rng.random(n) < rng.choice([0.0, 0.1])
        nac = np.where(rng.random(n) < 0.3, np.nan, rng.integers(0, 12, n).astype(float))
        parts.append([t_us.astype(np.int64), lat, lon, ft, other_ft, kt, track, rate, ground, nac])
    whole = [np.concatenate(each) for each in zip(*parts, strict=True)]
    whole[5:8] = [each.astype(np.float32) for each in whole[5:8]]
    for k in range(4, 10):
        if rng.random() < 0.25:
            whole[k] = whole[k][:0]
    begin = np.concatenate(([0], np.cumsum([part[0].size for part in parts])))
    return Rows(*whole, begin)  # type: ignore[arg-type]


def some_instants(
    rng: Rng, rows: Rows, count: int
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int64], Floats, Floats]:
    """Return whose, when, and where: at reports and between, before the first and after the last, and long after."""
    aircraft = rng.integers(0, rows.begin.size - 1, count).astype(np.int32)
    some = np.array([rng.integers(rows.begin[k], rows.begin[k + 1]) for k in aircraft])
    off_us = rng.choice([0, 0, 1, -1, 2_500_000, -40 * SECOND, 40 * SECOND, WINDOW_US, -700 * SECOND], count)
    return aircraft, rows.t_us[some] + off_us, rows.lat[some], rows.lon[some]


# What reports say ---------------------------------------------------------------------------------


def said(rows: Rows, when_us: int, lat0: float, lon0: float) -> dict[int, float]:
    """Return what `reports.describe` should, of the rows of one aircraft within the window."""
    r = reports
    out: dict[int, float] = {}
    t_us, n = rows.t_us, rows.t_us.size
    if not n:
        return out
    here = plane.origin(lat0, lon0)
    at = np.array(
        [plane.east_north_m(lat, lon, here) for lat, lon in zip(rows.lat, rows.lon, strict=True)]
    ).reshape(-1, 2)
    away_us = np.abs(t_us - when_us)
    close = away_us <= CLOSE_US
    s = np.diff(t_us) * 1e-6
    way_m = np.hypot(*np.diff(at, axis=0).T)
    kt = rows.kt.astype(float) if rows.kt.size else np.full(n, np.nan)
    rate = rows.rate.astype(float) if rows.rate.size else np.full(n, np.nan)
    track = rows.track.astype(float) if rows.track.size else np.full(n, np.nan)
    nac = rows.nac if rows.nac.size else np.full(n, np.nan)
    other = rows.other_ft if rows.other_ft.size else np.full(n, np.nan)
    ground = rows.ground if rows.ground.size else np.zeros(n, np.bool_)

    out[r.HEARD_BEFORE_S] = max((when_us - t_us[0]) * 1e-6, 0.0)
    out[r.HEARD_AFTER_S] = max((t_us[-1] - when_us) * 1e-6, 0.0)
    out[r.REPORTS] = close.sum()
    # What was told.
    out[r.BEST_NAC_P] = greatest(nac)
    out[r.NAC_P] = greatest(nac[close])
    out[r.NAC_TOLD] = (~np.isnan(nac[close])).sum()
    nearest = [i for i in np.argsort(away_us, kind="stable") if close[i] and not np.isnan(other[i])]
    if nearest:  # of equally near ones the later
        out[r.GEOMETRIC_FT] = other[[i for i in nearest if away_us[i] == away_us[nearest[0]]][-1]]
    nearest = [i for i in np.argsort(away_us, kind="stable") if close[i] and not np.isnan(kt[i] + track[i])]
    if nearest:
        i = [i for i in nearest if away_us[i] == away_us[nearest[0]]][-1]
        out[r.TOLD_EAST_MPS] = kt[i] * MPS_PER_KNOT * np.sin(np.radians(track[i]))
        out[r.TOLD_NORTH_MPS] = kt[i] * MPS_PER_KNOT * np.cos(np.radians(track[i]))
        out[r.TOLD_AWAY_S] = (t_us[i] - when_us) * 1e-6

    # The step that the instant lies in.
    earlier, later = np.flatnonzero(t_us <= when_us), np.flatnonzero(t_us > when_us)
    before = earlier[-1] if earlier.size else later[0]
    after = later[0] if later.size else earlier[-1]
    is_at = bool(t_us[before] == when_us)
    out[r.STEP_S] = 0.0 if is_at else (t_us[after] - t_us[before]) * 1e-6
    out[r.AGE_S] = away_us.min() * 1e-6
    out[r.TURN_DEG] = out[r.BOW_M] = 0.0
    if not is_at and before > 0 and after < n - 1:
        came, goes = at[before] - at[before - 1], at[after + 1] - at[after]
        if came.any() and goes.any():
            turn_deg = np.degrees(np.arctan2(goes[0], goes[1]) - np.arctan2(came[0], came[1]))
            out[r.TURN_DEG] = abs((turn_deg + 180.0) % 360.0 - 180.0)
            chord_m = np.hypot(*(at[after] - at[before]))
            half = np.radians(out[r.TURN_DEG] / 2)  # of the angle at the centre of the arc
            if half > 1e-9:
                out[r.BOW_M] = chord_m / 2 / np.sin(half) * (1 - np.cos(half))

    # A report beside the line of its neighbours.
    out[r.KINK_M] = out[r.KINK_AWAY_M] = out[r.DETOUR_M] = 0.0
    usable = (s > 0.0) & (s <= 60.0) & (way_m < 400.0 * s + 300.0)
    usual = way_m[usable].sum() / s[usable].sum() if usable.any() else np.nan
    out[r.SPEED_MPS] = usual
    told = np.fmax(kt[:-1], kt[1:]) * MPS_PER_KNOT
    speed = np.where(np.isnan(told), usual, told)
    fast = np.fmax(speed, usual)
    for i in range(1, n - 1):
        if not close[i]:
            continue
        ahead = at[i + 1] - at[i - 1]
        long_m = np.hypot(*ahead)
        if 0.0 < s[i - 1] <= 60.0 and 0.0 < s[i] <= 60.0 and long_m > 0.0:
            square = np.array([-ahead[1], ahead[0]]) / long_m
            off_m = abs((at[i] - at[i - 1]) @ square)
            beyond_m = off_m - r.FLYABLE_MPS2 * s[i - 1] * s[i] / 2
            if beyond_m > out[r.KINK_M]:
                out[r.KINK_M], out[r.KINK_AWAY_M] = beyond_m, 2 * off_m
        both_s = s[i - 1] + s[i]
        if r.DETOUR_S <= round(both_s, 6) <= 60.0:
            longer_m = way_m[i - 1] + way_m[i] - both_s * (r.DETOUR_SLACK * fast[i] + r.DETOUR_MPS)
            out[r.DETOUR_M] = np.fmax(out[r.DETOUR_M], longer_m)

    # Leaps, and how far positions moved while they should have.
    out[r.LEAP_M] = 0.0
    leaps_m = way_m - s * (r.SLACK * fast + r.SLACK_MPS)
    if (leaps_m > 0.0).any():
        i = int(np.nanargmax(leaps_m))
        out[r.LEAP_M] = leaps_m[i]
        is_within = t_us[i] <= when_us < t_us[i + 1]
        out[r.LEAP_AWAY_S] = 0.0 if is_within else min(away_us[i], away_us[i + 1]) * 1e-6
    seen = (t_us[1:] >= when_us - CLOSE_US) & (t_us[:-1] <= when_us + CLOSE_US) & (s <= 60.0)
    short = seen & (s <= r.SHORT_S)
    should_m = s * speed
    held = seen & (way_m < r.STILL_SHARE * should_m) & ((s <= r.SHORT_S) | (way_m < r.STILL_M))
    out[r.IS_HEARD] = float(seen.any())
    out[r.MOVED_M], out[r.FLOWN_M] = way_m[short].sum(), should_m[short].sum()
    out[r.HELD_M], out[r.REPEATS] = should_m[held].sum(), held.sum()

    out |= aside_said(t_us, at, kt * MPS_PER_KNOT, np.radians(track), when_us)
    # Altitudes.
    out |= heights_said(t_us, rows.ft, rate, before, after, when_us)

    # The lowest report.
    known = ground | ~np.isnan(rows.ft)
    if known.any():
        order = sorted(
            np.flatnonzero(known), key=lambda i: (not ground[i], 0.0 if ground[i] else rows.ft[i], away_us[i])
        )
        i = order[0]
        out[r.LOW_EAST_M], out[r.LOW_NORTH_M] = at[i]
        out[r.LOW_FT] = rows.ft[i]
        out[r.LOW_AWAY_S] = (t_us[i] - when_us) * 1e-6
        if ground[i]:
            out[r.LOW_KT], out[r.LOW_DROP_FT] = 0.0, np.inf
        else:
            out[r.LOW_DROP_FT] = np.nanmax(rows.ft) - rows.ft[i]
            out[r.LOW_KT] = kt[i]
            back, forth = max(i - 1, 0), min(i + 1, n - 1)
            if np.isnan(kt[i]) and t_us[forth] > t_us[back]:
                over_s = (t_us[forth] - t_us[back]) * 1e-6
                out[r.LOW_KT] = np.hypot(*(at[forth] - at[back])) / over_s / MPS_PER_KNOT
    return out


def aside_said(
    t_us: npt.NDArray[np.int64], at: Floats, mps: Floats, angle: Floats, when_us: int
) -> dict[int, float]:
    """Return what it should of positions beside where the velocities lead: of all pairs of steps, out and back."""
    r = reports
    velocity = np.stack([mps * np.sin(angle), mps * np.cos(angle)], axis=1)
    steps = []
    for i in range(t_us.size - 1):
        s = (t_us[i + 1] - t_us[i]) * 1e-6
        mean = (velocity[i] + velocity[i + 1]) / 2
        speed = np.hypot(*mean)
        is_beyond = t_us[i + 1] < when_us - r.ASIDE_S * 1e6 or t_us[i] >= when_us + r.ASIDE_S * 1e6
        if is_beyond or not 0.0 < s <= 60.0 or not speed >= 15.0 or not np.cos(angle[i + 1] - angle[i]) > 0.0:
            continue
        off = at[i + 1] - at[i] - s * mean
        square = np.array([-mean[1], mean[0]]) / speed
        steps.append((i, abs(off @ square) - s * s / 4.0, square * (off @ square), np.hypot(*off)))
    out = {r.ASIDE_M: 0.0, r.ASIDE_AWAY_M: 0.0}
    for i, beyond_m, across, off_m in steps:
        for j, other_m, back, back_m in steps:
            is_run = i < j and t_us[i] <= when_us <= t_us[j + 1] and t_us[j] - t_us[i + 1] <= r.ASIDE_S * 1e6
            least_m = min(beyond_m, other_m)
            is_run = is_run and across @ back < 0.0 and least_m >= r.ASIDE_LEAST_M
            if is_run and least_m > out[r.ASIDE_M]:
                out[r.ASIDE_M], out[r.ASIDE_AWAY_M] = least_m, min(off_m, back_m)
    return out


def heights_said(
    t_us: npt.NDArray[np.int64], ft: Floats, rate: Floats, before: int, after: int, when_us: int
) -> dict[int, float]:
    """Return what it should of altitudes."""
    r = reports
    out = {r.ALTITUDE_KINK_FT: 0.0, r.ALTITUDE_LEAP_FT: 0.0}
    near = np.flatnonzero(np.abs(t_us - when_us) <= LEAPT_US)
    beyond = np.flatnonzero(t_us > when_us + LEAPT_US)[:1]
    looked = np.concatenate([near, beyond])
    for i in (before, after):
        if i - 1 not in looked or i not in looked or i + 1 not in looked:
            continue
        s0, s1 = (t_us[i] - t_us[i - 1]) * 1e-6, (t_us[i + 1] - t_us[i]) * 1e-6
        if s0 + s1 > 0.0:
            off_ft = abs(ft[i] - (ft[i - 1] * s1 + ft[i + 1] * s0) / (s0 + s1))
            out[r.ALTITUDE_KINK_FT] = np.fmax(out[r.ALTITUDE_KINK_FT], off_ft - r.FLYABLE_FTPS2 * s0 * s1 / 2)
    for i, j in pairwise(looked):
        leap_ft = abs(ft[j] - ft[i]) - 100.0 * (t_us[j] - t_us[i]) * 1e-6
        out[r.ALTITUDE_LEAP_FT] = np.fmax(out[r.ALTITUDE_LEAP_FT], leap_ft)
    close = np.flatnonzero((np.abs(t_us - when_us) <= CLOSE_US) & ~np.isnan(ft))
    if close.size:
        out[r.LEVEL_LOW_FT], out[r.LEVEL_HIGH_FT] = ft[close].min(), ft[close].max()
        out[r.LEVEL_S] = over_s = (t_us[close[-1]] - t_us[close[0]]) * 1e-6
        if over_s > 0.0:
            out[r.RATE_SEEN_FPM] = (ft[close[-1]] - ft[close[0]]) / over_s * 60.0
        if not np.isnan(rate[close]).all():
            out[r.RATE_TOLD_FPM] = np.nanmean(rate[close])
    return out


def greatest(values: Floats) -> float:
    """Return the greatest value that is known, or NaN."""
    known = values[~np.isnan(values)]
    return float(known.max()) if known.size else math.nan


@slow
@given(seeds, places)
def test_every_figure_of_reports_is_what_a_slow_look_gives(seed: int, place: str) -> None:
    """All 40, and NaN where nothing is said."""
    rng = np.random.default_rng(seed)
    rows = some_rows(rng, place)
    aircraft, when_us, lat0, lon0 = some_instants(rng, rows, 12)
    found = reports.describe(
        *rows.frozen(), frozen(aircraft), frozen(when_us), frozen(lat0), frozen(lon0), WINDOW_US
    )
    for k in range(when_us.size):
        when = int(when_us[k])
        expected = said(rows.of(int(aircraft[k]), when), when, lat0[k], lon0[k])
        for column in range(reports.REPORT_WIDTH):
            # Positions differ by 0.1 mm where double precision of degrees ends; over 1 µs that is any speed.
            assert found[k, column] == pytest.approx(
                expected.get(column, math.nan), rel=SINGLE, abs=2e-3, nan_ok=True
            ), (column, k)


def test_worlds_have_what_is_described() -> None:
    """Every figure is told in some rows, differs between rows, and is unknown or 0 in some: or nothing was tested."""
    told = []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        rows = some_rows(rng, PLACES[seed % 4])
        aircraft, when_us, lat0, lon0 = some_instants(rng, rows, 12)
        told.append(reports.describe(*rows.frozen(), aircraft, when_us, lat0, lon0, WINDOW_US))
    table = np.concatenate(told)
    is_told = ~np.isnan(table) & (table != 0.0)

    assert (is_told.mean(axis=0) > 0.01).all()
    assert (is_told.mean(axis=0) < 1.0).all()
    for column in range(reports.REPORT_WIDTH):
        if column != reports.IS_HEARD:  # 0 or 1
            assert np.unique(table[is_told[:, column], column]).size > 1


@given(seeds, st.sampled_from([1, 2, 3, 15]))
def test_values_are_coarse_where_all_around_are_multiples(seed: int, many: int) -> None:
    """Of the same aircraft, so many rows and so long before and after; one value alone shows no step."""
    rng = np.random.default_rng(seed)
    sizes = rng.integers(1, 12, 4)
    begin = np.concatenate(([0], np.cumsum(sizes)))
    t_us = np.concatenate([np.cumsum(rng.choice([0, 1, 5, 20], n)) for n in sizes]) * SECOND
    values = rng.choice(
        [0.0, 100.0, -300.0, 4000.0, 125.0, math.nan], t_us.size, p=[0.3, 0.2, 0.2, 0.1, 0.05, 0.15]
    )
    owner = np.repeat(np.arange(4), sizes)
    rows = np.arange(t_us.size)
    found = reports.are_coarse(
        frozen(values), frozen(t_us), frozen(begin), frozen(rows), 100.0, many, 10 * SECOND
    )

    for row in rows:
        around = (
            (owner == owner[row]) & (np.abs(rows - row) <= many) & (np.abs(t_us - t_us[row]) <= 10 * SECOND)
        )
        known = [value for value in values[around] if not math.isnan(value)]
        assert found[row] == (len(set(known)) > 1 and all(value % 100.0 == 0.0 for value in known))


# Together -----------------------------------------------------------------------------------------


def pairs_of(rng: Rng, place: str) -> Rows:
    """Return two aircraft: one that crosses the other's way, one that keeps beside it, or the same again."""
    frame = local_frame(place, rng)
    kind = rng.choice(["crossing", "beside", "again", "apart for a while"])
    speed_mps, turn = rng.uniform(20, 250), rng.choice([0.0, rng.uniform(-0.02, 0.02)])
    heading = rng.uniform(0, 2 * np.pi)
    columns: list[list[npt.NDArray[Any]]] = []
    for side in range(2):
        step_s = rng.choice([1.0, 5.0, 7.3, 30.0, 59.0])
        n = int(rng.choice([1, 2, 40, 120]))
        steps = np.where(rng.random(n) < 0.05, rng.choice([0.0, 61.0, 130.0]), step_s)
        t_s = np.round(np.cumsum(steps) - steps.sum() / 2 + rng.uniform(-20, 20), rng.choice([0, 6]))
        late_s = rng.uniform(-20, 20) if side and kind == "again" else 0.0
        since_s = t_s - late_s
        angle = heading + turn * since_s / 2 + (rng.uniform(0.2, 3.0) if side and kind == "crossing" else 0.0)
        ahead_m = speed_mps * since_s * np.sinc(turn * since_s / 2 / np.pi)
        off_m = rng.normal(0, 300, 2) if side else np.zeros(2)
        if side and kind == "apart for a while":
            off_m = off_m[:, None] + np.outer([0.6, 0.8], 1500.0 * (1 - np.cos(t_s / 60.0)))
        else:
            off_m = off_m[:, None] + rng.normal(0, rng.choice([0.0, 30.0]), (2, n))
        lat, lon = lat_lon(frame, ahead_m * np.sin(angle) + off_m[0], ahead_m * np.cos(angle) + off_m[1])
        ft = 5000.0 + side * rng.choice([0.0, 400.0, 880.0]) + rng.uniform(-3, 3) * t_s
        ft[rng.random(n) < rng.choice([0.0, 0.3])] = np.nan
        columns.append([np.round(t_s * 1e6).astype(np.int64), lat, lon, ft])
    whole = [np.concatenate(each) for each in zip(*columns, strict=True)]
    none = np.empty(0)
    begin = np.array([0, columns[0][0].size, whole[0].size])
    single = none.astype(np.float32)
    return Rows(*whole, none, single, single, single, none.astype(np.bool_), none, begin)  # type: ignore[arg-type]


@dataclass
class Mover:
    """One aircraft's rows within the window, in the plane."""

    t_us: npt.NDArray[np.int64]
    xy: Floats
    ft: Floats

    def at(self, when_us: float) -> Floats | None:
        """Return east, north, altitude, and velocity east and north at an instant; None where it was not heard."""
        earlier = np.flatnonzero(self.t_us <= when_us)
        if not earlier.size:
            return None
        i = int(earlier[-1])
        is_at, is_last = self.t_us[i] == when_us, i == self.t_us.size - 1
        if is_last and not is_at:
            return None
        here, height = self.xy[i], self.ft[i]
        j = i + 1
        if is_last:
            i, j = max(i - 1, 0), i
        span_s = (self.t_us[j] - self.t_us[i]) * 1e-6
        if span_s > 60.0 and not is_at:
            return None
        way = self.xy[j] - self.xy[i]
        if not is_at:
            part = (when_us - self.t_us[i]) * 1e-6 / span_s
            here, height = here + part * way, height + part * (self.ft[j] - self.ft[i])
        velocity = way / span_s if 0.0 < span_s <= 60.0 else np.full(2, np.nan)
        return np.array([*here, height, *velocity])

    def curved(self, when_us: float) -> tuple[Floats, float] | None:
        """Return the same, the way bent as those before and after it are; and half the product of the times to both."""
        found = self.at(when_us)
        if found is None:
            return None
        i = int(np.flatnonzero(self.t_us <= when_us)[-1])
        if self.t_us[i] == when_us:
            return found, 0.0
        sag_s2 = (when_us - self.t_us[i]) * (self.t_us[i + 1] - when_us) * 1e-12 / 2
        s = np.diff(self.t_us) * 1e-6
        if i > 0 and i + 2 < self.t_us.size and 0 < s[i - 1] <= 60 and 0 < s[i + 1] <= 60:
            before, after = (np.diff(self.xy, axis=0)[k] / s[k] for k in (i - 1, i + 1))
            found[:2] -= sag_s2 * (after - before) / (s[i - 1] / 2 + s[i] + s[i + 1] / 2)
        return found, sag_s2


def movers(rows: Rows, when_us: int, lat0: float, lon0: float) -> list[Mover]:
    """Return both aircraft in the plane."""
    here = plane.origin(lat0, lon0)
    both = []
    for k in range(2):
        mine = rows.of(k, when_us)
        xy = [plane.east_north_m(lat, lon, here) for lat, lon in zip(mine.lat, mine.lon, strict=True)]
        both.append(Mover(mine.t_us, np.array(xy).reshape(-1, 2), mine.ft))
    return both


def grid_of(a: Mover, b: Mover, when_us: int) -> tuple[dict[int, tuple[Floats, Floats]], float, float]:
    """Return both at every tenth second at which both are heard, outward from the instant until too far apart.

    And the greatest speed and the greatest distance between the two so far.
    """
    both: dict[int, tuple[Floats, Floats]] = {}
    fastest, furthest = together.SLOWEST_MPS, 0.0
    for g in [0, *(side * away for away in range(1, 61) for side in (1, -1))]:
        pa, pb = (each.at(when_us + g * 10 * SECOND) for each in (a, b))
        if pa is None or pb is None:
            continue
        both[g] = (pa, pb)
        for each in (pa, pb):
            fastest = np.fmax(fastest, np.hypot(*each[3:]))
        furthest = max(furthest, apart(pa, pb))
        if furthest > max(together.LAG_MOST_S * fastest + together.MEETING_M, NEAR_M):
            break
    return both, fastest, furthest


def apart(a: Floats, b: Floats) -> float:
    """Return how far apart two places are."""
    return float(np.hypot(*(b[:2] - a[:2])))


def are_near(a: Floats, b: Floats) -> bool:
    """Return whether both are near each other; an unknown altitude is."""
    return apart(a, b) <= NEAR_M and not abs(a[2] - b[2]) > NEAR_FT


def beside(both: dict[int, tuple[Floats, Floats]]) -> dict[int, float]:
    """Return how long they were near around the instant, and how they moved meanwhile."""
    g = together
    out: dict[int, float] = {
        g.COMMON_S: 10.0 * len(both),
        g.NEAR_IN_ALL_S: 10.0 * sum(are_near(*each) for each in both.values()),
    }
    ends = []
    for side in (-1, 1):
        end = 0
        for k in range(side, side * 61, side):
            if k in both:
                if not are_near(*both[k]):
                    break
                end = k
            elif abs(k) > 6 and not any(k - side * back in both for back in range(1, 7)):
                break  # silent for more than a minute
        ends.append(end)
    first, last = ends
    out[g.NEAR_S] = 10.0 * (last - first)
    shown = [k for k in range(first, last + 1) if k in both]
    out[g.NEAR_M] = float(np.mean([apart(*both[k]) for k in shown])) if shown else math.nan
    ways = {k: [both[k + 1][n][:2] - both[k][n][:2] for n in (0, 1)] for k in shown if k + 1 in shown}
    if ways:
        out[g.RELATIVE_MPS] = float(np.mean([np.hypot(*(b - a)) for a, b in ways.values()])) / 10.0
        out[g.SPEED_MPS] = float(np.mean([np.hypot(*a) + np.hypot(*b) for a, b in ways.values()])) / 20.0
    turned = 0.0
    for k, (a, _) in ways.items():
        if k + 1 in ways:
            to = ways[k + 1][0]
            turned += abs(np.degrees(np.angle(complex(*to) * complex(*a).conjugate())))
    out[g.TURNED_DEG] = turned
    if ways and first in both and last in both:
        (a0, b0), (a1, b1) = both[first], both[last]
        out[g.DRIFT_MPS] = float(np.hypot(*((b1 - a1) - (b0 - a0))[:2])) / out[g.NEAR_S]
    return out


def following(
    a: Mover, b: Mover, both: dict[int, tuple[Floats, Floats]], when_us: int, lag_s: float, fastest: float
) -> dict[int, float]:
    """Return how well b half a lag later is where a was half a lag before."""
    g = together
    off, weight = lagged(a, b, both, when_us, lag_s)
    out: dict[int, float] = {g.POINTS: len(off), g.LAG_S: lag_s}
    if not off:
        return out
    far, w = np.array(list(off.values())), np.array(list(weight.values()))
    middle = np.average(far[:, :2], axis=0, weights=w)
    out[g.WEIGHT] = w.sum()
    out[g.BIAS_M] = float(np.hypot(*middle))
    out[g.SPREAD_M] = float(np.sqrt(np.average(((far[:, :2] - middle) ** 2).sum(axis=1), weights=w) / 2))
    is_told = ~np.isnan(far[:, 2])
    lifts, of_lifts = far[is_told, 2], w[is_told]
    out[g.LIFT_WEIGHT] = of_lifts.sum()
    if lifts.size:
        mean = np.average(lifts, weights=of_lifts)
        out[g.LIFT_FT] = float(mean)
        out[g.LIFT_SPREAD_FT] = float(np.sqrt(np.average((lifts - mean) ** 2, weights=of_lifts)))
    radius_m = [g.MEETING_M + fastest * abs(k) * 10.0 for k in off]
    out[g.STRAY] = float(np.average(np.log(np.pi * np.square(radius_m)), weights=w))
    span = [when_us + min(0, *off) * 10 * SECOND, when_us + max(0, *off) * 10 * SECOND]
    out[g.REPORTS] = min(touching(each.t_us, *span) for each in (a, b))
    return out


def touching(t_us: npt.NDArray[np.int64], first_us: int, last_us: int) -> int:
    """Return how many reports tell of a span: those in it, the last before it and the first after it."""
    before, after = np.flatnonzero(t_us <= first_us), np.flatnonzero(t_us >= last_us)
    low = before[-1] if before.size else 0
    high = after[0] if after.size else t_us.size - 1
    return max(int(high - low) + 1, 1)


def lagged(
    a: Mover, b: Mover, both: dict[int, tuple[Floats, Floats]], when_us: int, lag_s: float
) -> tuple[dict[int, Floats], dict[int, float]]:
    """Return how far b half a lag later is from a half a lag before, and how much each instant counts."""
    off, weight = {}, {}
    half_us = int(lag_s * 0.5e6)
    for k in sorted(both):
        t_us = when_us + k * 10 * SECOND
        was, will = a.curved(t_us - half_us), b.curved(t_us + half_us)
        if was is not None and will is not None:
            off[k] = will[0] - was[0]
            unseen_m = np.hypot(was[1], will[1]) * together.UNSEEN_MPS2
            weight[k] = float(1.0 / (1.0 + (unseen_m / together.UNSEEN_M) ** 2))
    return off, weight


def misfit(a: Mover, b: Mover, both: dict[int, tuple[Floats, Floats]], when_us: int, lag_s: float) -> float:
    """Return the mean square of how far b is from where a was with a lag, m²."""
    off, weight = lagged(a, b, both, when_us, lag_s)
    if not off:
        return math.inf
    far = np.array([each[:2] for each in off.values()])
    return float(np.average((far**2).sum(axis=1), weights=list(weight.values())))


def compared(rows: Rows, when_us: int, lat0: float, lon0: float) -> Floats:
    """Return what `together.compare` tells of the two aircraft."""
    columns = rows.frozen()
    one = [frozen(np.array([k], np.int32)) for k in (0, 1)]
    instant = frozen(np.array([when_us], np.int64))
    place = [frozen(np.array([each])) for each in (lat0, lon0)]
    found: Floats = together.compare(
        *columns[:4], columns[-1], *one, instant, *place, WINDOW_US, NEAR_M, NEAR_FT
    )
    return found[0]


@slow
@given(seeds, places)
def test_how_two_move_beside_each_other_is_what_a_slow_look_gives(seed: int, place: str) -> None:
    """How long and how near, how they moved, and with the lag that was found how well one follows the other."""
    rng = np.random.default_rng(seed)
    rows = pairs_of(rng, place)
    g = together
    some = int(rng.integers(0, rows.t_us.size))
    when_us = int(rng.choice([rows.t_us[some], rng.integers(-60, 60) * SECOND]))
    lat0, lon0 = rows.lat[some], rows.lon[some]
    found = compared(rows, when_us, lat0, lon0)
    a, b = movers(rows, when_us, lat0, lon0)
    both, fastest, furthest = grid_of(a, b, when_us)
    expected = beside(both) | {g.POINTS: 0.0}
    if furthest <= g.LAG_MOST_S * fastest + g.MEETING_M:
        expected |= following(a, b, both, when_us, found[g.LAG_S], fastest)
        assert abs(found[g.LAG_S]) <= g.LAG_MOST_S
    for column in range(g.TOGETHER_WIDTH):
        assert found[column] == pytest.approx(
            expected.get(column, math.nan), rel=1e-6, abs=2e-3, nan_ok=True
        ), column


def test_pairs_have_what_is_compared() -> None:
    """Every figure differs between pairs, and is unknown or 0 in some."""
    table = []
    for seed in range(60):
        rows = pairs_of(np.random.default_rng(seed), PLACES[seed % 4])
        table.append(compared(rows, 0, rows.lat[0], rows.lon[0]))
    is_told = ~np.isnan(table) & (np.array(table) != 0.0)

    assert (is_told.mean(axis=0) > 0.05).all()
    assert all(np.unique(column).size > 3 for column in np.transpose(table))


def test_who_is_not_heard_within_the_window_is_beside_nobody() -> None:
    """No report of one, as a leg across a longer gap has it: nothing is told, and nothing else is read."""
    rng = np.random.default_rng(1)
    rows, lat0, lon0 = followed(rng, "anywhere", lag_s=0.0, off_m=(50.0, 0.0), lift_ft=0.0)
    rows.t_us[rows.begin[1] :] += 2000 * SECOND
    for when_us in (0, 2000 * SECOND):
        found = compared(rows, when_us, lat0, lon0)

        assert found[[together.COMMON_S, together.NEAR_S, together.POINTS]].tolist() == [0.0] * 3
        assert np.isnan(found[[together.NEAR_M, together.BIAS_M, together.SPREAD_M]]).all()


def followed(
    rng: Rng, place: str, *, lag_s: float, off_m: tuple[float, float], lift_ft: float, turn: float = 0.0
) -> tuple[Rows, float, float]:
    """Return an aircraft in gentle flight, and the same again: later, beside it, higher; and where it all is."""
    frame = local_frame(place, rng)
    speed_mps, heading = rng.uniform(50, 250), rng.uniform(0, 2 * np.pi)
    columns = []
    # The first is heard for longer than any lag beyond the second: each lag has the same points.
    for late_s, (east_m, north_m), up_ft, step_s, half_s in (
        (0.0, (0.0, 0.0), 0.0, 1.0, 360.0), (lag_s, off_m, lift_ft, 3.0, 300.0),
    ):  # fmt: skip
        t_s = np.arange(-half_s, half_s, step_s) + rng.uniform(0, step_s)
        since_s = t_s - late_s
        angle = heading + turn * since_s / 2
        ahead_m = speed_mps * since_s * np.sinc(turn * since_s / 2 / np.pi)
        lat, lon = lat_lon(frame, ahead_m * np.sin(angle) + east_m, ahead_m * np.cos(angle) + north_m)
        columns.append([np.round(t_s * 1e6).astype(np.int64), lat, lon, 5000.0 + 5.0 * since_s + up_ft])
    whole = [np.concatenate(each) for each in zip(*columns, strict=True)]
    none, single = np.empty(0), np.empty(0, np.float32)
    begin = np.array([0, columns[0][0].size, whole[0].size])
    rows = Rows(*whole, none, single, single, single, none.astype(np.bool_), none, begin)  # type: ignore[arg-type]
    middle = columns[0][0].size // 2
    return rows, float(whole[1][middle]), float(whole[2][middle])


@slow
@given(seeds, places, st.floats(-30.0, 30.0), st.floats(-100.0, 100.0), st.floats(-300.0, 300.0))
@example(1, "pole", 30.0, 0.0, 0.0)
@example(2, "antimeridian", -30.0, 0.0, 0.0)
def test_a_copy_gives_back_its_lag_offset_and_lift(
    seed: int, place: str, lag_s: float, square_m: float, lift_ft: float
) -> None:
    """An aircraft seen twice is found as late, as far to the side, and as much higher as it was made."""
    rng = np.random.default_rng(seed)
    heading = np.random.default_rng(seed)
    local_frame(place, heading)
    heading.uniform(50, 250)
    angle = heading.uniform(0, 2 * np.pi)  # the heading that `followed` draws
    off_m = (square_m * math.cos(angle), -square_m * math.sin(angle))
    rows, lat0, lon0 = followed(rng, place, lag_s=lag_s, off_m=off_m, lift_ft=lift_ft)
    found = compared(rows, 0, lat0, lon0)
    g = together

    assert found[g.LAG_S] == pytest.approx(lag_s, abs=0.05)
    assert found[g.BIAS_M] == pytest.approx(abs(square_m), abs=2.0)
    assert found[g.SPREAD_M] == pytest.approx(0.0, abs=1.0)
    assert found[g.LIFT_FT] == pytest.approx(lift_ft, abs=0.5)
    assert found[g.LIFT_SPREAD_FT] == pytest.approx(0.0, abs=0.5)
    assert found[g.POINTS] >= 50


def test_where_one_was_not_heard_so_much_earlier_nothing_is_compared() -> None:
    """Silence before the closest point: the two places of that instant, without a lag, would be taken for scatter."""
    rng = np.random.default_rng(5)
    rows, lat0, lon0 = followed(rng, "anywhere", lag_s=12.0, off_m=(0.0, 0.0), lift_ft=0.0)
    is_a = np.arange(rows.t_us.size) < rows.begin[1]
    keep = ~(is_a & (rows.t_us > -75 * SECOND) & (rows.t_us < -3 * SECOND))
    for name in ("t_us", "lat", "lon", "ft"):
        setattr(rows, name, getattr(rows, name)[keep])
    rows.begin[1:] -= np.count_nonzero(~keep)
    found = compared(rows, 0, lat0, lon0)

    assert found[together.LAG_S] == pytest.approx(12.0, abs=0.05)
    assert found[together.SPREAD_M] == pytest.approx(0.0, abs=1.0)
    assert found[together.POINTS] > 40


@settings(max_examples=25 if JIT else 2)
@given(seeds, places, st.floats(-30.0, 30.0), st.floats(-0.005, 0.005))
def test_no_lag_of_a_grid_fits_better(seed: int, place: str, lag_s: float, turn: float) -> None:
    """In gentle flight, with some noise, none of the lags a second apart leaves less."""
    rng = np.random.default_rng(seed)
    rows, lat0, lon0 = followed(rng, place, lag_s=lag_s, off_m=(60.0, -40.0), lift_ft=0.0, turn=turn)
    found = compared(rows, 0, lat0, lon0)
    a, b = movers(rows, 0, lat0, lon0)
    both, _, _ = grid_of(a, b, 0)
    lags = np.arange(-together.LAG_MOST_S, together.LAG_MOST_S + 0.01, 1.0 if JIT else 5.0)
    best = min(misfit(a, b, both, 0, lag) for lag in lags)

    assert misfit(a, b, both, 0, float(found[together.LAG_S])) <= best + 1.0

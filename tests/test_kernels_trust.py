"""The kernels of trust, each against a slow re-computation of what its docstring says, in worlds full of oddities."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pyproj import Geod

from wideberth.kernels import plane
from wideberth.kernels._jit import JIT

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

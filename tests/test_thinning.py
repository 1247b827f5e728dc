"""What of a way is drawn: whatever is left out lies within the bound of what is drawn, wherever it is on the Earth."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from wideberth.columns import frozen
from wideberth.kernels import thinning

RADIUS_M = 6_378_137.0
ROUNDING_M = 1e-6  # of a double on Mercator's map, times the Earth's radius: 1e-9; the rest is slack


def mercator(lat_deg, lon_deg):
    """Return x and y on the map of a sphere, in metres at the equator; lon goes on across the antimeridian."""
    y = RADIUS_M * np.log(np.tan(np.pi / 4 + np.radians(lat_deg) / 2))
    return RADIUS_M * np.radians(np.unwrap(lon_deg, period=360.0)), y


def off_m(lat_deg, lon_deg, t, kept):
    """Return how far each report lies on the ground from the straight lines on the map through those kept."""
    x, y = mercator(lat_deg, lon_deg)
    drawn = [np.interp(t, t[kept], each[kept]) for each in (x, y)]
    return np.hypot(x - drawn[0], y - drawn[1]) * np.cos(np.radians(lat_deg))


def wandering(rng, n, lat_deg=47.0, lon_deg=8.0, speed_mps=200.0):
    """Return a way that turns now and then, a report a second or less often."""
    t = np.cumsum(rng.integers(1, 12, n)) * 1_000_000
    heading = np.cumsum(rng.normal(0.0, 0.1, n) * (rng.random(n) < 0.3))
    step_m = speed_mps * np.diff(t, prepend=t[0]) / 1e6
    lat = lat_deg + np.cumsum(step_m * np.cos(heading)) / 111_320.0
    lon = lon_deg + np.cumsum(step_m * np.sin(heading)) / 111_320.0 / np.cos(np.radians(lat_deg))
    return lat, (lon + 180.0) % 360.0 - 180.0, t


def thinned(lat, lon, t, first, bound_m):
    x, y = thinning.on_map(frozen(lat), frozen(lon), frozen(first))
    kept = np.zeros(lat.size, np.bool_)
    thinning.are_kept(x, y, frozen(t), frozen(first), bound_m, kept)
    return kept


@pytest.mark.parametrize(("lat_deg", "lon_deg"), [(47.0, 8.0), (-70.0, 179.9), (0.0, -179.95), (84.0, 0.0)])
@pytest.mark.parametrize("bound_m", [5.0, 50.0, 800.0])
def test_nothing_drawn_is_off_by_more_than_the_bound(lat_deg, lon_deg, bound_m):
    """By NumPy's own interpolation on Mercator's map, at each report's time and scale."""
    rng = np.random.default_rng(round(bound_m + lat_deg + 90.0))
    lat, lon, t = wandering(rng, 3_000, lat_deg, lon_deg, speed_mps=20.0)
    kept = thinned(lat, lon, t, np.array([0, lat.size]), bound_m)
    assert off_m(lat, lon, t, kept).max() <= bound_m + ROUNDING_M
    assert kept[0]
    assert kept[-1]
    assert kept.sum() < 0.7 * kept.size


def test_what_is_kept_is_needed():
    """Without any one of the reports kept on a way of a dozen, one is off by more than the bound or it is an end."""
    rng = np.random.default_rng(3)
    needless = total = 0
    for _ in range(150):
        lat, lon, t = wandering(rng, 12)
        kept = thinned(lat, lon, t, np.array([0, 12]), 150.0)
        for k in np.flatnonzero(kept)[1:-1]:
            less = kept.copy()
            less[k] = False
            total += 1
            needless += off_m(lat, lon, t, less).max() <= 150.0
    assert total > 60
    assert needless < 0.15 * total  # top-down splitting keeps a few too many; it never keeps all


def test_fewest_that_a_search_of_all_subsets_finds():
    """On ways of nine reports it keeps at most one more than the best of all subsets with the ends, mostly none."""
    rng = np.random.default_rng(4)
    more = []
    for _ in range(30):
        lat, lon, t = wandering(rng, 9)
        found = thinned(lat, lon, t, np.array([0, 9]), 100.0).sum()
        best = next(
            size + 2
            for size in range(8)
            for chosen in itertools.combinations(range(1, 8), size)
            if off_m(lat, lon, t, np.array([0, *chosen, 8])).max() <= 100.0
        )
        more.append(found - best)
    assert min(more) >= 0
    assert max(more) <= 2
    assert np.mean(more) < 0.5


def test_legs_are_thinned_each_by_itself():
    """Ends of every leg stay, one of a single report as well, and a leg's reports do not depend on its neighbours."""
    rng = np.random.default_rng(5)
    parts = [wandering(rng, n, lat_deg=10.0 * k) for k, n in enumerate((1, 2, 400, 1, 300))]
    lat, lon, t = (np.concatenate(each) for each in zip(*parts, strict=True))
    first = np.cumsum([0, 1, 2, 400, 1, 300])
    kept = thinned(lat, lon, t, first, 50.0)
    assert kept[first[:-1]].all()
    assert kept[first[1:] - 1].all()
    alone = [thinned(*part, np.array([0, part[0].size]), 50.0) for part in parts]
    assert (np.concatenate(alone) == kept).all()


def test_a_straight_way_needs_its_ends_only():
    """A way along a meridian at constant speed, and one that stands still."""
    t = np.arange(500) * 1_000_000
    lat = np.degrees(np.arctan(np.sinh(np.linspace(0.7, 0.8, 500))))  # even on Mercator's map
    kept = thinned(lat, np.full(500, 8.0), t, np.array([0, 500]), 1.0)
    assert np.flatnonzero(kept).tolist() == [0, 499]
    assert thinned(np.full(500, 47.0), np.full(500, 8.0), t, np.array([0, 500]), 1.0).sum() == 2


def test_no_reports_at_all():
    """Neither legs nor reports."""
    assert thinned(np.empty(0), np.empty(0), np.empty(0, np.int64), np.array([0]), 1.0).size == 0

"""The shortest way through a region, against all points of a fine grid of it."""

from __future__ import annotations

import numpy as np
import pytest

from wideberth.kernels import gaps
from wideberth.kernels._jit import JIT

ROUNDS = 200 if JIT else 3
CELLS = 300

pytestmark = pytest.mark.kernels


def test_the_shortest_way_is_that_of_a_grid() -> None:
    """No point of a grid is on a shorter way, and the nearest of it on one as long but for what a cell is wide."""
    rng = np.random.default_rng(11)
    share = np.linspace(0.0, 1.0, CELLS)
    for _ in range(ROUNDS):
        begin, end = rng.normal(scale=60e3, size=(2, 1, 3)) * [1.0, 1.0, 0.01]
        low, high = np.sort(rng.uniform(-50e3, 50e3, (2, 2)), axis=0)
        height = rng.normal(scale=200.0, size=4)
        corners = np.array([(x, y) for y in (low[1], high[1]) for x in (low[0], high[0])])
        patch = np.column_stack([corners, height])[None]

        (found,) = gaps.shortest_ways_m(begin, end, np.ascontiguousarray(patch))

        along, depth = share[:, None, None], share[None, :, None]
        near = patch[0, 0] + along * (patch[0, 1] - patch[0, 0])
        far = patch[0, 2] + along * (patch[0, 3] - patch[0, 2])
        points = near + depth * (far - near)
        ways = np.linalg.norm(points - begin[0], axis=-1) + np.linalg.norm(points - end[0], axis=-1)
        cell_m = np.hypot(*(high - low)) / (CELLS - 1)
        assert found <= ways.min() + 1e-3
        assert found >= ways.min() - cell_m


def test_of_two_regions_the_nearer_counts_and_a_bigger_one_is_no_farther() -> None:
    """The way through a part of a region is no shorter than through the whole."""
    begin, end = np.array([[0.0, 0.0, 0.0]]), np.array([[30e3, 0.0, 0.0]])
    patches = [
        np.array([[0.0, near, 0.0], [30e3, near, 0.0], [0.0, 60e3, 0.0], [30e3, 60e3, 0.0]])
        for near in (500.0, 5e3, 20e3)
    ]

    ways = [float(gaps.shortest_ways_m(begin, end, each[None])[0]) for each in patches]
    both = float(gaps.shortest_ways_m(begin, end, np.array(patches[1:]))[0])

    assert ways == pytest.approx([2 * np.hypot(15e3, near) for near in (500.0, 5e3, 20e3)], abs=1e-3)
    assert both == ways[1]

"""Cells of a degree: the poles, the antimeridian, unknown positions."""

from __future__ import annotations

import numpy as np

from wideberth.columns import frozen
from wideberth.kernels import cells


def test_every_known_position_marks_its_cell():
    """Against a set of floors, a position at a time; at the north pole the row below it; 180° is -180°."""
    rng = np.random.default_rng(1)
    lat = np.concatenate([rng.uniform(-90, 90, 500), [90.0, -90.0, 0.0, np.nan, 12.0, 89.999]])
    lon = np.concatenate([rng.uniform(-180, 180, 500), [10.0, 10.0, 180.0, 5.0, np.nan, -180.0]])
    known = {
        (min(int(np.floor(a)) + 90, 179), int(np.floor(o)) % 360)
        for a, o in zip(lat.tolist(), lon.tolist(), strict=True)
        if a == a and o == o
    }
    found = cells.heard(frozen(lat), frozen(lon))
    assert {(int(r), int(c)) for r, c in np.argwhere(found)} == known
    assert not cells.heard(frozen(np.empty(0)), frozen(np.empty(0))).any()

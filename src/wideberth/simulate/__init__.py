"""Made-up traffic with known answers: for the demo, the documentation, the tests and the benchmarks.

Its answers come from construction and from extended precision (`truth`), never from wideberth's kernels.
All tables are Polars data frames with columns of `wideberth.columns.TRACK_COLUMNS`, for `wideberth.read`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wideberth.simulate.scenes import SCENES, Demo, Scene, bystanders, demo, scene
from wideberth.simulate.worlds import world, write_world

if TYPE_CHECKING:
    import polars as pl

__all__ = ["SCENES", "Demo", "Scene", "bystanders", "crossing", "demo", "scene", "world", "write_world"]


def crossing() -> pl.DataFrame:
    """Return the tracks of two aircraft that cross, 120 m and 50 ft apart at the nearest."""
    return scene("crossing").tracks

"""In which cells of a degree of latitude and longitude anything lies."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from wideberth.kernels._jit import kernel

if TYPE_CHECKING:
    import numpy.typing as npt

ROWS, COLUMNS = 180, 360


@kernel
def heard(lat_deg: npt.NDArray[np.float64], lon_deg: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    """Return the cells that hold a position, (180, 360) from 90° S and 0° E; the pole belongs to the row below it."""
    cells = np.zeros((ROWS, COLUMNS), np.bool_)
    for i in range(lat_deg.size):
        if not (np.isnan(lat_deg[i]) or np.isnan(lon_deg[i])):
            row = min(int(lat_deg[i] + 90.0), ROWS - 1)
            cells[row, math.floor(lon_deg[i]) % COLUMNS] = True
    return cells

"""GeoTIFFs of ground heights, written as the tests need them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import rasterio
from rasterio.transform import Affine

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt

NODATA = -9999.0


def write_raster(
    path: Path,
    heights_m: npt.NDArray[Any],
    *,
    west: float = 0.0,
    north: float = 0.0,
    step: float = 1.0,
    crs: str | None = "EPSG:4326",
    transform: Affine | None = None,
    bands: int = 1,
    unit: str = "",
    dtype: str = "float64",
) -> None:
    """Write heights, a row from west to east, the northernmost first; NaN is written as a cell without value."""
    rows, columns = heights_m.shape
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        width=columns,
        height=rows,
        count=bands,
        dtype=dtype,
        nodata=NODATA,
        crs=crs,
        transform=Affine(step, 0.0, west, 0.0, -step, north) if transform is None else transform,
    ) as raster:
        for band in range(1, bands + 1):
            raster.write(np.where(np.isnan(heights_m), NODATA, heights_m).astype(dtype), band)
        if unit:
            raster.units = [unit] * bands

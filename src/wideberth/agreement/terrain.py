"""The height of the ground from a GeoTIFF: above mean sea level, in metres, bilinear between the centres of its cells.

Any coordinate system that the file states is understood.  Where one of the four cells around a position has no
value, or the position lies outside the raster, the height there is unknown, NaN.  In the outer half of a border cell
the border's heights hold.

Read with the package rasterio (BSD), an extra.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from wideberth.errors import AgreementError, Fault, MissingExtraError, ReadError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import numpy.typing as npt

WGS84 = "EPSG:4326"
TILE = 1024  # cells on a side that are read at once: 8 MiB of heights
AT_ONCE = 1 << 18  # positions that are brought into the raster's coordinates at once, by way of lists
METRES = ("", "m", "metre", "metres", "meter", "meters")


@dataclass(frozen=True)
class Terrain:
    """A raster of ground heights.

    Attributes:
        path: of the file.
        crs: its coordinate system, as people write it.
        width, height: in cells.
    """

    path: Path
    crs: str
    width: int
    height: int

    @classmethod
    def open(cls, path: Path) -> Terrain:
        """Look at a file, and whether its heights can be meant.

        Raises:
            AgreementError: it is no raster, has no coordinate system, several bands, or a unit other than metres.
            MissingExtraError: rasterio is not installed.
            OSError: it cannot be read.
        """
        with path.open("rb"):
            pass  # the system's own words where there is no file, not GDAL's
        try:
            with _opened(path) as raster:
                problem = _problem(raster)
                found = cls(path, _name(raster.crs), int(raster.width), int(raster.height))
        except ReadError:
            problem = ("this is not a raster that can be read.", "Is it a GeoTIFF?")
        if problem:
            raise AgreementError([Fault(str(path), None, *problem)])
        return found

    def heights_m(
        self, lat_deg: npt.NDArray[np.float64], lon_deg: npt.NDArray[np.float64]
    ) -> npt.NDArray[np.float64]:
        """Return the ground's height at some positions, (n,), NaN where it is unknown.

        Raises:
            ReadError: the file cannot be read, as where it is cut off.
        """
        with _opened(self.path) as raster:
            column, row = _cells(raster, lat_deg, lon_deg)
            is_in = (column >= 0) & (row >= 0) & (column <= raster.width) & (row <= raster.height)
            height_m = np.full(lat_deg.size, np.nan)
            chosen = np.flatnonzero(is_in)
            # Counted from the centre of the first cell; beyond the outermost centres the border's heights hold.
            x = np.clip(column[chosen] - 0.5, 0.0, raster.width - 1)
            y = np.clip(row[chosen] - 0.5, 0.0, raster.height - 1)
            height_m[chosen] = _interpolated(raster, x, y)
        return height_m


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """Open a GeoTIFF and nothing but its own bytes, which the agreement's hash holds.

    So no virtual raster that fetches others, and no file beside it that says something else.
    """
    rasterio = _rasterio(path.name)
    try:
        with (
            rasterio.Env(GDAL_DISABLE_READDIR_ON_OPEN="EMPTY_DIR"),
            rasterio.open(path, driver="GTiff") as raster,
        ):
            yield raster
    except rasterio.errors.RasterioError as error:
        raise ReadError(f"{path}: cannot be read as a GeoTIFF: {error}") from None


def _rasterio(file: str) -> Any:
    try:
        import rasterio
        import rasterio.errors
        import rasterio.warp
        import rasterio.windows
    except ImportError:
        raise MissingExtraError(
            f"{file}: the ground from a GeoTIFF is read with the package rasterio. Install it with: "
            'pip install "wideberth[terrain]"'
        ) from None
    return rasterio


def _problem(raster: Any) -> tuple[str, str] | None:
    """Return what is wrong with a raster, and what would be right."""
    if raster.crs is None:
        return (
            "the raster does not say its coordinate system.",
            "Write it into the file, as with gdal_edit -a_srs.",
        )
    if raster.count != 1:
        return f"the raster has {raster.count} bands.", "A file of ground heights has one."
    unit = (raster.units[0] or "").strip().lower()
    if unit not in METRES:
        return f"the raster's heights are in '{unit}'.", "Convert them to metres."
    return None


def _name(crs: Any) -> str:
    code = crs.to_epsg() if crs is not None else None
    return f"EPSG:{code}" if code else "a coordinate system without EPSG code"


def _cells(
    raster: Any, lat_deg: npt.NDArray[np.float64], lon_deg: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return (column, row) of positions, counted from the raster's corner in cells; not finite where there is none."""
    x, y = (lon_deg, lat_deg) if raster.crs == WGS84 else _transformed(raster, lat_deg, lon_deg)
    if raster.crs.is_geographic:
        west = raster.bounds.left  # of a raster from 0 to 360°, or across the antimeridian
        x = west + (x - west) % 360.0
    inverse = ~raster.transform
    with np.errstate(invalid="ignore"):  # infinite where a projection has no such place
        return inverse.a * x + inverse.b * y + inverse.c, inverse.d * x + inverse.e * y + inverse.f


def _transformed(
    raster: Any, lat_deg: npt.NDArray[np.float64], lon_deg: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    transform = _rasterio(raster.name).warp.transform
    x, y = np.empty(lon_deg.size), np.empty(lon_deg.size)
    for first in range(0, lon_deg.size, AT_ONCE):
        some = slice(first, first + AT_ONCE)
        x[some], y[some] = transform(WGS84, raster.crs, lon_deg[some], lat_deg[some])
    return x, y


def _interpolated(
    raster: Any, x: npt.NDArray[np.float64], y: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Return heights at positions counted in cells from the centre of the first one, a tile of the raster at a time."""
    found = np.full(x.size, np.nan)
    left, top = np.floor(x).astype(np.int64), np.floor(y).astype(np.int64)
    tiles = (top // TILE) * (raster.width // TILE + 1) + left // TILE
    order = np.argsort(tiles, kind="stable")
    for some in np.split(order, np.flatnonzero(np.diff(tiles[order])) + 1):
        if some.size:
            found[some] = _in_tile(raster, x[some], y[some], left[some], top[some])
    return found


def _in_tile(
    raster: Any,
    x: npt.NDArray[np.float64],
    y: npt.NDArray[np.float64],
    left: npt.NDArray[np.int64],
    top: npt.NDArray[np.int64],
) -> npt.NDArray[np.float64]:
    from_x, from_y = int(left.min()), int(top.min())
    until_x, until_y = min(int(left.max()) + 2, raster.width), min(int(top.max()) + 2, raster.height)
    window = _rasterio(raster.name).windows.Window(from_x, from_y, until_x - from_x, until_y - from_y)
    cells = raster.read(1, window=window, masked=True).astype(float).filled(np.nan)
    cells = cells * raster.scales[0] + raster.offsets[0]
    u, v = x - left, y - top
    column, row = left - from_x, top - from_y
    height_m = np.zeros(x.size)
    for right, below in ((0, 0), (1, 0), (0, 1), (1, 1)):
        weight = (u if right else 1.0 - u) * (v if below else 1.0 - v)
        # A cell of no weight may lie beyond the border, or have no value.
        i = np.minimum(row + below, cells.shape[0] - 1)
        j = np.minimum(column + right, cells.shape[1] - 1)
        height_m += np.where(weight > 0.0, weight * cells[i, j], 0.0)
    return height_m

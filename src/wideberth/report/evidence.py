"""The reports that a finding rests on, for the page to replay: who was where, and in which row of which file it is."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from wideberth.report.document import NONE_U8, NONE_U16
from wideberth.tracks import DEFAULT_MAX_GAP_S
from wideberth.units import METRES_PER_FOOT

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from wideberth.report.document import Document
    from wideberth.tracks import Tracks

AROUND_S = 120.0
"""How long before a finding and after it reports are shown."""
MOST_REPORTS = 2_000
"""Of one aircraft in one finding: those nearest in time to the worst instant."""
BINS_US = tuple(1_000_000 * each for each in (10, 30, 60, 300, 600, 1800, 3600, 6 * 3600, 86_400, 7 * 86_400))
"""How long a bin of the coverage may be."""
FIGURES = {"groundspeed_kt": "f32", "track_deg": "f32", "vertical_rate_fpm": "f32"}


def packed(
    document: Document,
    tracks: Tracks,
    addresses: Sequence[str],
    callsigns: Sequence[str | None],
    parties: Sequence[int],
    t_in_ms: float,
    t_out_ms: float,
    worst_ms: float,
) -> dict[str, Any]:
    """Keep the reports of one or two aircraft around a finding; return what the manifest says of them.

    Args:
        document: that keeps them.
        tracks: where they are.
        addresses, callsigns, parties: of each aircraft; a party by number, -1 for none.
        t_in_ms, t_out_ms, worst_ms: of the finding, Unix milliseconds.
    """
    begin_us, end_us = (round(1000.0 * each) for each in (t_in_ms, t_out_ms))
    around_us = round(AROUND_S * 1e6)
    found = []
    is_cut = False
    told_rows = [
        _rows(tracks, each, begin_us - around_us, end_us + around_us, worst_ms) for each in addresses
    ]
    is_barometric = all(_has(tracks, "altitude_ft", rows) for rows, _ in told_rows if rows.size)
    for side, address, callsign, party, (rows, was_cut) in zip(
        "ab", addresses, callsigns, parties, told_rows, strict=False
    ):
        is_cut |= was_cut
        found.append(
            {
                "icao24": address,
                "callsign": callsign or "",
                "party": None if party < 0 else party,
                "label": side,
                **_columns(document, tracks, rows, is_barometric=is_barometric),
            }
        )
    return {
        "from_ms": (begin_us - around_us) / 1000.0,
        "until_ms": (end_us + around_us) / 1000.0,
        "cut": is_cut,
        "altitude": "pressure altitude" if is_barometric else "height above the ellipsoid",
        "aircraft": found,
    }


def _rows(
    tracks: Tracks, address: str, begin_us: int, end_us: int, worst_ms: float
) -> tuple[npt.NDArray[np.int64], bool]:
    """Return the rows of an aircraft within a time, and whether there were too many of them."""
    k = int(np.searchsorted(np.array(tracks.aircraft, object), address)) if tracks.aircraft else 0
    if k >= len(tracks.aircraft) or tracks.aircraft[k] != address:
        return np.empty(0, np.int64), False
    first, stop = int(tracks.begin[k]), int(tracks.begin[k + 1])
    low, high = np.searchsorted(tracks.t_us[first:stop], [begin_us, end_us + 1]) + first
    # The reports before and after, if they are near: the way is drawn between them.
    if low > first and begin_us - tracks.t_us[low - 1] <= AROUND_S * 1e6:
        low -= 1
    if high < stop and tracks.t_us[high] - end_us <= AROUND_S * 1e6:
        high += 1
    if high - low <= MOST_REPORTS:
        return np.arange(low, high), False
    middle = int(np.searchsorted(tracks.t_us[first:stop], round(1000.0 * worst_ms))) + first
    low = min(max(low, middle - MOST_REPORTS // 2), high - MOST_REPORTS)
    return np.arange(low, low + MOST_REPORTS), True


def _has(tracks: Tracks, name: str, rows: Any) -> bool:
    values = tracks.numbers(name)
    return bool(values.size and not np.isnan(values[rows]).all())


def _columns(document: Document, tracks: Tracks, rows: Any, *, is_barometric: bool) -> dict[str, Any]:
    feet = tracks.numbers("altitude_ft" if is_barometric else "height_m")
    altitude_ft = (
        feet[rows] / (1.0 if is_barometric else METRES_PER_FOOT) if feet.size else np.full(rows.size, np.nan)
    )
    told = {
        "t": document.array(tracks.t_us[rows] / 1000.0, "f64"),
        "lat": document.array(tracks.numbers("lat_deg")[rows], "f64"),
        "lon": document.array(tracks.numbers("lon_deg")[rows], "f64"),
        "altitude_ft": document.array(altitude_ft, "f64"),
        "leg": document.array(_legs(tracks, rows, np.isnan(altitude_ft)), "u16"),
    }
    for name, kind in FIGURES.items():
        values = tracks.numbers(name)
        told[name] = document.array(values[rows] if values.size else np.full(rows.size, np.nan), kind)
    told["nac_p"] = document.array(_whole(tracks, "nac_p", rows), "u8")
    told["source"] = document.coded(_texts(tracks, "source", rows))
    files = _texts(tracks, "source_file", rows)
    told["file"] = document.coded(each and without_folders(each) for each in files)
    numbers = tracks.numbers("source_row")
    told["row"] = document.array(numbers[rows] if numbers.size else np.full(rows.size, np.nan), "f64")
    return told


def without_folders(name: str) -> str:
    """Return the name of a file, or of an archive and its member, without the folders that its sender keeps it in.

    >>> without_folders("../shared/day.parquet"), without_folders("/data/all.tar: 2025/day.csv")
    ('day.parquet', 'all.tar: 2025/day.csv')
    """
    file, mark, member = name.partition(": ")
    return f"{PurePath(file).name}{mark}{member}"


def _legs(tracks: Tracks, rows: Any, has_no_altitude: Any) -> npt.NDArray[np.int64]:
    """Return the leg of each report, from 0; what belongs to none (on the ground, no altitude) has a code."""
    ground = tracks.numbers("on_ground")
    is_out = has_no_altitude | (ground[rows].astype(bool) if ground.size else False)
    legs = np.full(rows.size, NONE_U16, np.int64)
    inside = np.flatnonzero(~is_out)
    is_first = (
        np.diff(tracks.t_us[rows[inside]], prepend=tracks.t_us[rows[inside]][:1]) > DEFAULT_MAX_GAP_S * 1e6
    )
    if tracks.breaks.size and inside.size:
        so_far = np.cumsum(tracks.breaks[rows])
        is_first |= np.diff(so_far[inside], prepend=so_far[inside][:1]) > 0
    legs[inside] = np.cumsum(is_first)
    return legs


def _whole(tracks: Tracks, name: str, rows: Any) -> npt.NDArray[np.float64]:
    if name not in tracks.table.column_names:
        return np.full(rows.size, float(NONE_U8))
    taken = pc.fill_null(pc.cast(tracks.table[name].take(pa.array(rows)), pa.float64()), float(NONE_U8))
    return np.asarray(taken.to_numpy(), np.float64)


def _texts(tracks: Tracks, name: str, rows: Any) -> list[str | None]:
    if name not in tracks.table.column_names:
        return [None] * int(rows.size)
    return list(pc.cast(tracks.table[name].take(pa.array(rows)), pa.string()).to_pylist())


def coverage(document: Document, tracks: Tracks, most_bins: int = 800) -> dict[str, Any] | None:
    """Keep how many samples and aircraft were heard in each bin of time; a bin of none is a gap of the recording.

    Args:
        document: that keeps them.
        tracks: all that was heard.
        most_bins: how fine it may be.
    """
    if not len(tracks):
        return None
    t_us = tracks.t_us
    first_us, last_us = int(t_us.min()), int(t_us.max())
    bin_us = next((each for each in BINS_US if (last_us - first_us) / each < most_bins), BINS_US[-1])
    begin_us = first_us // bin_us * bin_us
    bins = (t_us - begin_us) // bin_us
    count = int((last_us - begin_us) // bin_us) + 1
    # Rows are sorted by aircraft, then time: an aircraft's first row in a bin differs from the row before.
    is_new = np.ones(bins.size, np.bool_)
    is_new[1:] = bins[1:] != bins[:-1]
    is_new[tracks.begin[:-1]] = True
    return {
        "from_ms": begin_us / 1000.0,
        "bin_ms": bin_us / 1000.0,
        "samples": document.array(np.bincount(bins, minlength=count), "u32"),
        "aircraft": document.array(np.bincount(bins[is_new], minlength=count), "u32"),
    }

"""Rows of states → guidance, a block of states at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from wideberth.errors import UsageError
from wideberth.guide.arrays import DIMENSIONS, tables_of
from wideberth.guide.results import Guidance
from wideberth.kernels import alerting, listing
from wideberth.kernels import bands as kernel
from wideberth.kernels._jit import on_one_thread

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from wideberth.guide.config import Config
    from wideberth.guide.rows import Rows

    Floats = NDArray[np.float64]

# Colours of a state are 2 kB before they are lists: a block keeps them within 8 MB.
BLOCK = 4096


def wanted_of(dimensions: Iterable[str]) -> tuple[bool, bool, bool, bool]:
    """Return which dimensions are asked for.

    Raises:
        UsageError: an unknown one.
    """
    names = (dimensions,) if isinstance(dimensions, str) else tuple(dimensions)
    for name in names:
        if name not in DIMENSIONS:
            raise UsageError(f"dimensions: '{name}' is not one of {', '.join(DIMENSIONS)}.")
    hdir, hs, vs, alt = (name in names for name in DIMENSIONS)
    return hdir, hs, vs, alt


def compute(
    rows: Rows,
    config: Config,
    wanted: tuple[bool, bool, bool, bool],
    *,
    last_times: bool,
    alerting_s: Floats | None = None,
) -> Guidance:
    """Return guidance without memory.

    Args:
        alerting_s: (m, levels) alerting times by which a level is met; the configuration's if None.
    """
    with on_one_thread(len(rows.own)):
        return _compute(rows, config, wanted, last_times, alerting_s)


def _compute(
    rows: Rows,
    config: Config,
    wanted: tuple[bool, bool, bool, bool],
    last_times: bool,
    alerting_s: Floats | None,
) -> Guidance:
    tables = tables_of(config)
    n, m = len(rows.own), len(rows.intruders)
    if not any(wanted):
        return _alerts_only(rows, config, n, m)
    if alerting_s is None:
        alerting_s = tables.levels[rows.alerters, :, alerting.ALERTING_S]
    flags = np.array(wanted)
    blocks, listed, counts = [], [np.empty((0, 3))], np.zeros((n, 4), np.int64)
    for first in range(0, n, BLOCK):
        stop = min(first + BLOCK, n)
        a, b = rows.offsets[first], rows.offsets[stop]
        alerts, numbers, codes, colours, *rest = kernel.bands(
            rows.own[first:stop], rows.intruders[a:b], rows.offsets[first : stop + 1] - a, rows.alerters[a:b],
            alerting_s[a:b], tables.levels, tables.dims, tables.settings, flags, last_times, tables.width,
        )  # fmt: skip
        counted = listing.count_bands(numbers, codes, colours, tables.dims, flags)
        ends = np.cumsum(counted.ravel())
        total = int(ends[-1])
        firsts = (ends - counted.ravel()).reshape(counted.shape)
        listed.append(listing.write_bands(numbers, codes, colours, tables.dims, counted, firsts, total))
        counts[first:stop] = counted
        blocks.append((alerts, numbers, codes, *rest))
    alerts, numbers, codes, peripheral, last_times_s = map(np.concatenate, zip(*blocks, strict=True))
    firsts = (np.cumsum(counts.ravel()) - counts.ravel()).reshape(counts.shape)
    return Guidance(
        config, rows, alerts, numbers, codes, peripheral, last_times_s, firsts, counts, np.concatenate(listed), wanted,
        last_times,
    )  # fmt: skip


def _alerts_only(rows: Rows, config: Config, n: int, m: int) -> Guidance:
    tables = tables_of(config)
    alerts = alerting.alert_levels(
        rows.own, rows.intruders, rows.offsets, rows.alerters, tables.levels, tables.settings[0]
    )
    nothing = np.zeros((n, 4), np.int64)
    return Guidance(
        config, rows, alerts, np.full((n, 4, 6), np.nan), np.zeros((n, 4, 6), np.int64), np.zeros((m, 4), np.uint8),
        np.full((m, 4), np.inf), nothing, nothing, np.empty((0, 3)), (False,) * 4, False,
    )  # fmt: skip

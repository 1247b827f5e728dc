"""Rows of several files → by how much later one tells of an aircraft than another, where both heard it at once.

This is asked of rows before they are cleaned: two files whose clocks differ have an aircraft fly to and fro, and
cleaning takes one of them away.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from wideberth.columns import frozen
from wideberth.kernels import clocks
from wideberth.tracks import Lag

if TYPE_CHECKING:
    import numpy.typing as npt

    Array = npt.NDArray[Any]

LEAST_COMMON_US = 60 * 1_000_000


def lags(
    t_us: Array,
    lat_deg: Array,
    lon_deg: Array,
    begin: Array,
    file: Array,
    aircraft: list[str],
    files: list[str],
) -> tuple[Lag, ...]:
    """Return how late each file is behind each other, by each aircraft that both heard for a minute and more.

    Args:
        t_us, lat_deg, lon_deg: (n,) rows, sorted by aircraft, then time.
        begin: (aircraft + 1,).
        file: (n,) places among ``files``; -1: unknown.
        aircraft, files: their names.
    """
    whose = np.repeat(np.arange(len(aircraft)), np.diff(begin))
    counts = np.flatnonzero((file >= 0) & ~np.isnan(lat_deg) & ~np.isnan(lon_deg))
    if not counts.size:
        return ()
    heard = whose[counts] * len(files) + file[counts]
    order = np.argsort(heard, kind="stable")
    keys, first, many = np.unique(heard[order], return_index=True, return_counts=True)
    at = t_us[counts[order]]
    t_in, t_out = at[first], at[first + many - 1]
    enough = many >= clocks.LEAST_REPORTS
    keys, t_in, t_out = keys[enough], t_in[enough], t_out[enough]
    by_time = np.lexsort((t_in, keys // len(files)))
    keys, t_in, t_out = keys[by_time], t_in[by_time], t_out[by_time]
    whose, which = np.divmod(keys, len(files))
    pairs = []
    one = np.arange(keys.size - 1)
    step = 1
    while one.size:
        other = one + step
        # Of one aircraft and in the order of time: where this one begins too late, all that follow do.
        is_common = (whose[one] == whose[other]) & (
            np.minimum(t_out[one], t_out[other]) - t_in[other] >= LEAST_COMMON_US
        )
        goes_on = (whose[one] == whose[other]) & (t_in[other] < t_out[one])
        pairs.append(np.stack([whose[one], which[one], which[other]])[:, is_common])
        step += 1
        one = one[goes_on & (one + step < keys.size)]
    if not pairs:
        return ()
    whose, one, other = np.concatenate(pairs, axis=1)
    first, second = np.minimum(one, other), np.maximum(one, other)
    usable = np.full(file.size, -1, np.int32)
    usable[counts] = file[counts]
    chosen = [frozen(part.astype(np.int32)) for part in (whose, first, second)]
    found = clocks.lags(t_us, lat_deg, lon_deg, frozen(usable), begin, *chosen)
    return tuple(
        sorted(
            Lag(files[p], files[q], aircraft[k], lag_s, sure_s, int(windows))
            for k, p, q, (lag_s, sure_s, windows) in zip(
                whose.tolist(), first.tolist(), second.tolist(), found.tolist(), strict=True
            )
            if windows
        )
    )

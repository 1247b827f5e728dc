"""The broad phase: Legs → windows of time in which two legs may be near.  It may not miss.

Cut time into slabs, put each leg's box of each slab into cells, and look only into neighbouring
cells (`kernels.slabs`).  Neighbouring slabs of one pair of legs are joined into one window, so
that an encounter lies in one window whole: nothing has to be stitched at a slab's border.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from wideberth.kernels import slabs as kernels

if TYPE_CHECKING:
    import numpy.typing as npt

    from wideberth.tracks import Legs

# design/slab_width.py times these: shorter slabs cost entries, longer ones candidates.
SHORTEST_SLAB_S = 30.0
LONGEST_SLAB_S = 120.0
ORDINARY_MPS = 350.0  # 680 kt over ground; a faster leg is compared with every other, correctly but slowly
PAIRS_PER_ENTRY = 2  # room made at first; a slab that needs more is done again
# Where gaps are long and samples few, slabs are as long as it takes for no more boxes than this (60 B each).
BOXES_PER_SAMPLE = 8
FEW_BOXES = 2_000_000


@dataclass(frozen=True)
class Windows:
    """Pairs of legs, each with a closed window of time, ordered by legs, then time.

    Attributes:
        leg_a, leg_b: (w,) int32; the lower leg first, hence the lower address.
        from_us, until_us: (w,) int64, on the legs' clock.
        pairs: how many different pairs of legs there are.
    """

    leg_a: npt.NDArray[np.int32]
    leg_b: npt.NDArray[np.int32]
    from_us: npt.NDArray[np.int64]
    until_us: npt.NDArray[np.int64]
    pairs: int

    def __len__(self) -> int:
        return self.leg_a.size

    def within(self, first_us: int, last_us: int) -> Windows:
        """Return what of the windows lies in a closed span of time."""
        from_us = np.maximum(self.from_us, first_us)
        until_us = np.minimum(self.until_us, last_us)
        real = from_us <= until_us
        return Windows(self.leg_a[real], self.leg_b[real], from_us[real], until_us[real], self.pairs)


def slab_width_s(horizontal_m: float) -> float:
    """Return how long a slab is: the time in which an airliner flies three times D, within limits."""
    return min(max(3.0 * horizontal_m / 250.0, SHORTEST_SLAB_S), LONGEST_SLAB_S)


def candidate_windows(
    legs: Legs,
    *,
    horizontal_m: float,
    height: float,
    settled: npt.NDArray[np.uint8] | None = None,
    slab_s: float | None = None,
) -> Windows:
    """Find every pair of legs, and when, that may be nearer than both minima.

    Args:
        legs: m legs.
        horizontal_m: D.
        height: H in feet; inf where only the horizontal distance counts.
        settled: (m,); two legs with a bit in common were compared elsewhere.  None: none were.
        slab_s: width of a slab.
    """
    none = np.empty(0, np.int32)
    nowhere = Windows(none, none, np.empty(0, np.int64), np.empty(0, np.int64), 0)
    if len(legs) < 2:
        return nowhere
    width_s = slab_s or slab_width_s(horizontal_m)
    slab_us, slab_first, slab_count = _slabs(legs, width_s)
    entry_first = np.concatenate(([0], np.cumsum(slab_count)))
    ball, levels = kernels.slab_boxes(
        legs.t_us, legs.lat_deg, legs.lon_deg, legs.altitude, legs.first, slab_first, entry_first, slab_us
    )
    # Empty slabs (nights, the years between two recordings) take no place: only those heard in have a number.
    numbers, slab_of = _dense(slab_first, slab_count)
    begin, leg_of, entry_of = kernels.group_by_slab(slab_of, entry_first, numbers.size)
    cell_m = horizontal_m + 2.0 * (ORDINARY_MPS * slab_us * 1e-6 / 2.0 + kernels.ROUNDING_M)
    settled = np.zeros(len(legs), np.uint8) if settled is None else settled
    fixed = (ball, levels, legs.aircraft, settled, horizontal_m, height, cell_m)

    room = np.diff(begin) * PAIRS_PER_ENTRY
    room_first = np.concatenate(([0], np.cumsum(room)))
    out_a = np.empty(room_first[-1], np.int32)
    out_b = np.empty(room_first[-1], np.int32)
    count = kernels.candidates(begin, leg_of, entry_of, *fixed, room_first, out_a, out_b)
    if (count > room).any():  # now the numbers are known
        room_first = np.concatenate(([0], np.cumsum(count)))
        out_a = np.empty(room_first[-1], np.int32)
        out_b = np.empty(room_first[-1], np.int32)
        count = kernels.candidates(begin, leg_of, entry_of, *fixed, room_first, out_a, out_b)
    if not count.any():
        return nowhere
    chosen = np.repeat(room_first[:-1] - np.concatenate(([0], np.cumsum(count)[:-1])), count) + np.arange(
        count.sum()
    )
    return _joined(legs, out_a[chosen], out_b[chosen], np.repeat(numbers, count), slab_us)


def _slabs(legs: Legs, width_s: float) -> tuple[int, npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return a width in microseconds, each leg's first slab, and how many slabs it touches."""
    slab_us = round(width_s * 1e6)
    first, count = kernels.slab_ranges(legs.t_us, legs.first, slab_us)
    while int(count.sum()) > max(BOXES_PER_SAMPLE * legs.t_us.size, FEW_BOXES):
        slab_us *= 2
        first, count = kernels.slab_ranges(legs.t_us, legs.first, slab_us)
    return slab_us, first, count


def _dense(
    slab_first: npt.NDArray[np.int64], slab_count: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return which slabs anything is heard in, and each leg's first slab counted among those."""
    order = np.argsort(slab_first, kind="stable")
    first, stop = slab_first[order], np.maximum.accumulate((slab_first + slab_count)[order])
    is_new = np.ones(order.size, np.bool_)  # begins a run of slabs without an empty one between them
    is_new[1:] = first[1:] > stop[:-1]
    run_first = first[is_new]
    run_length = stop[np.append(np.flatnonzero(is_new)[1:], order.size) - 1] - run_first
    run_begin = np.cumsum(run_length) - run_length
    numbers = np.repeat(run_first - run_begin, run_length) + np.arange(run_length.sum())
    slab_of = np.empty_like(slab_first)
    run = np.cumsum(is_new) - 1
    slab_of[order] = run_begin[run] + first - run_first[run]
    return numbers, slab_of


def _joined(
    legs: Legs,
    leg_a: npt.NDArray[np.int32],
    leg_b: npt.NDArray[np.int32],
    slab: npt.NDArray[np.int64],
    slab_us: int,
) -> Windows:
    order = np.lexsort((slab, leg_b, leg_a))
    leg_a, leg_b, slab = leg_a[order], leg_b[order], slab[order]
    is_other_pair = np.ones(slab.size, np.bool_)
    is_other_pair[1:] = (leg_a[1:] != leg_a[:-1]) | (leg_b[1:] != leg_b[:-1])
    is_first = is_other_pair.copy()
    is_first[1:] |= slab[1:] != slab[:-1] + 1
    is_last = np.ones(slab.size, np.bool_)
    is_last[:-1] = is_first[1:]
    a, b = leg_a[is_first], leg_b[is_first]
    t_in_us, t_out_us = legs.t_in_us, legs.t_out_us
    from_us = np.maximum(slab[is_first] * slab_us, np.maximum(t_in_us[a], t_in_us[b]))
    until_us = np.minimum((slab[is_last] + 1) * slab_us, np.minimum(t_out_us[a], t_out_us[b]))
    real = from_us <= until_us  # two legs may be heard in one slab and still have no instant in common
    pairs = int(np.count_nonzero(is_other_pair[is_first] & real))
    return Windows(a[real], b[real], from_us[real], until_us[real], pairs)

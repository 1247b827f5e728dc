"""Do two files of one recording tell one time?  By every aircraft that both heard at once.

Positions carry no time of their own: a receiver or an aggregator stamps them as they arrive, and two that were compared
differed by 30 to 45 s.  An aircraft heard in both shows by how much (`read.feeds`); the median of all of them is taken.
Where it is beyond a limit, nothing is known of how near two aircraft came that were heard in one file each.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

import numpy as np

from wideberth.columns import frozen
from wideberth.kernels import clocks
from wideberth.trust.accuracy import NORMAL_95
from wideberth.trust.reasons import DOUBTFUL

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy.typing as npt

    from wideberth.tracks import Lag, Tracks
    from wideberth.trust.limits import Limits
    from wideberth.trust.reasons import Weighed

    Indices = npt.NDArray[np.integer[Any]]
    Files = npt.NDArray[np.int32]

WITHIN_S = 30.0  # reports this near the closest point are of the track there
LEAST_WINDOWS = 3  # one or two agree by chance
LEAST_SURE_S = 0.1  # positions are told to about 10 m, and aircraft fly at 100 m/s


@dataclass(frozen=True)
class Offset:
    """By how much two files differ.

    Attributes:
        file_a, file_b: which.
        lag_s: seconds that ``file_b`` is behind ``file_a``.
        half_s: half of its 95 % interval.
        aircraft: how many tell.
    """

    file_a: str
    file_b: str
    lag_s: float
    half_s: float
    aircraft: int

    def __str__(self) -> str:
        a, b = PurePath(self.file_a).name, PurePath(self.file_b).name
        if a == b:
            a, b = self.file_a, self.file_b
        late, other = (b, a) if self.lag_s > 0.0 else (a, b)
        heard = "one aircraft" if self.aircraft == 1 else f"{self.aircraft:,} aircraft"
        return (
            f"{late} is {abs(self.lag_s):.1f} ± {self.half_s:.1f} s behind {other}, by {heard} heard in both"
        )


def offsets(lags: Iterable[Lag]) -> list[Offset]:
    """Return by how much files differ, each pair that enough tells of."""
    by_pair: dict[tuple[str, str], list[Lag]] = {}
    for lag in lags:
        by_pair.setdefault((lag.file_a, lag.file_b), []).append(lag)
    found = []
    for (file_a, file_b), each in sorted(by_pair.items()):
        if sum(lag.windows for lag in each) < LEAST_WINDOWS:
            continue
        lag_s = np.array([lag.lag_s for lag in each])
        median_s = float(np.median(lag_s))
        # How aircraft differ; of few, how the minutes of each do.
        among_s = clocks.MEDIAN_SIGMA * float(np.median(np.abs(lag_s - median_s)))
        within_s = float(np.median([lag.sure_s for lag in each]))
        sigma_s = max(math.hypot(among_s, within_s) / math.sqrt(lag_s.size), LEAST_SURE_S)
        found.append(Offset(file_a, file_b, median_s, NORMAL_95 * sigma_s, lag_s.size))
    return found


def files_near(
    tracks: Tracks, aircraft: Indices, t_us: npt.NDArray[np.int64], known: dict[str, int]
) -> Files:
    """Return which files some aircraft's reports around some instants come from, (k, clocks.FILES); -1: unknown.

    Args:
        tracks: whose.
        aircraft, t_us: (k,) which, and when, Unix microseconds.
        known: file → its number; new ones are added.
    """
    unknown = np.full((aircraft.size, clocks.FILES), -1, np.int32)
    if "source_file" not in tracks.table.column_names or not aircraft.size:
        return unknown
    codes, texts = tracks.codes("source_file")
    if len(texts) < 2 and not known:
        return unknown
    numbers = np.array([*(known.setdefault(text, len(known)) for text in texts), -1], np.int32)
    near: Any = clocks.files_near
    found = near(codes, tracks.t_us, tracks.begin, frozen(aircraft), frozen(t_us), round(WITHIN_S * 1e6))
    return np.asarray(numbers[found], np.int32)


def weigh(
    done: Weighed, files: tuple[Files, Files], known: dict[str, int], names: tuple[Sequence[str], Sequence[str]],
    lags: Iterable[Lag], limits: Limits,
) -> None:  # fmt: skip
    """Doubt encounters of aircraft that were heard by two clocks.

    Args:
        done: what was concluded so far; reasons ``clock`` are added.
        files: as `files_near` tells of a and of b.
        known: file → its number.
        names: (k,) addresses of a and of b.
        lags: by which aircraft files differ.
        limits: say from which offset on.
    """
    a, b = files
    for offset in wrong(lags, limits):
        one, other = known.get(offset.file_a, -2), known.get(offset.file_b, -2)
        is_mixed = [_are_mixed(of, one, other) for of in files]
        parted = ((a[:, 0] == one) & (b[:, 0] == other)) | ((a[:, 0] == other) & (b[:, 0] == one))
        done.note(
            "clock",
            parted & ~is_mixed[0] & ~is_mixed[1],
            lambda k, offset=offset: (
                f"Two clocks: {offset}, and each of the two aircraft is told of by one of them."
            ),  # type: ignore[misc]
            trust=DOUBTFUL,
        )
        for mixed, texts in zip(is_mixed, names, strict=True):
            _note_mixed(done, mixed, texts, offset)


def weigh_alone(
    done: Weighed, files: Files, known: dict[str, int], names: Sequence[str], lags: Iterable[Lag], limits: Limits
) -> None:  # fmt: skip
    """Doubt findings about one aircraft that was heard by two clocks there; arguments as of `weigh`."""
    for offset in wrong(lags, limits):
        one, other = known.get(offset.file_a, -2), known.get(offset.file_b, -2)
        _note_mixed(done, _are_mixed(files, one, other), names, offset)


def wrong(lags: Iterable[Lag], limits: Limits) -> list[Offset]:
    """Return which files differ by more than the limit, whatever the interval leaves open."""
    return [each for each in offsets(lags) if abs(each.lag_s) - each.half_s > limits.clock_s]


def _are_mixed(files: Files, one: int, other: int) -> npt.NDArray[np.bool_]:
    return np.asarray((files == one).any(axis=1) & (files == other).any(axis=1))


def _note_mixed(done: Weighed, mixed: npt.NDArray[np.bool_], names: Sequence[str], offset: Offset) -> None:
    done.note("clock", mixed, lambda k: f"{names[k]}: two clocks in its own track: {offset}.", trust=DOUBTFUL)

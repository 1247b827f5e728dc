"""The whole screen: of tracks in memory, and of sources larger than memory (`pieces`)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from wideberth.errors import ReadError
from wideberth.screen import assemble, episodes, pieces
from wideberth.screen.options import Options
from wideberth.trust import evidence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa
    from polars import DataFrame

    from wideberth.encounters import Encounters
    from wideberth.tracks import Cleaning, Legs, Tracks

__all__ = ["Options", "free_memory_bytes", "screen_source", "screen_tracks"]

# What was read, its sorted copy, legs and boxes, beside one another at the peak: 2.3 times what the readers
# hand over for samples every 5 s, 3.2 times every 30 s (a box then holds fewer samples), measured.
WORKING_COPIES = 3.5
SCREENED = (
    "icao24",
    "t",
    "lat_deg",
    "lon_deg",
    "altitude_ft",
    "height_m",
    "on_ground",
    "callsign",
    *evidence.COLUMNS,
)


def screen_tracks(tracks: Tracks, options: Options, cut: Callable[[str], Legs] | None = None) -> Encounters:
    """Screen tracks that are in memory; ``cut`` gives their legs where they are at hand already."""
    found = assemble.Found(options.limits)
    for e in episodes.find(
        tracks, options.minima, max_gap_s=options.max_gap_s, include_ground=options.include_ground, cut=cut
    ):
        found.add(e, tracks)

    def callsigns_of(aircraft: npt.NDArray[np.int32], when_us: npt.NDArray[np.int64]) -> pa.Array:
        return assemble.callsigns(assemble.Heard.of(tracks), aircraft, when_us)

    return assemble.finished(
        found, tracks.aircraft, callsigns_of, options, samples=len(tracks), lags=tracks.cleaning.lags
    )


def screen_source(
    source: Any,
    options: Options,
    *,
    format: str | None = None,
    columns: dict[str, str] | None = None,
    keep_all: bool = False,
    memory_bytes: int | None = None,
    progress: Callable[[str], None] | None = None,
) -> tuple[Encounters, Cleaning]:
    """Read, clean and screen a source of any size.

    Args:
        source: as `wideberth.read` takes it.
        options: how to screen.
        format, columns, keep_all: as `wideberth.read` takes them.
        memory_bytes: about how much memory the work may take, beside what Python and its libraries take
            (200 MB), a source that is in memory, and the result; half of what is free if None.  What no
            number changes is said in `pieces`.
        progress: called with what is being done.
    Returns:
        The encounters, and what cleaning did.
    Raises:
        ReadError: nothing there, or not readable.
        WriteError: the disk of the temporary folder is full, or cannot be written.
    """
    import polars as pl

    from wideberth.read import batches_of, clean
    from wideberth.read.batch import Rejects

    tell = progress or (lambda _: None)
    memory = memory_bytes or free_memory_bytes() // 2
    rejects = Rejects()
    files: list[str] = []

    def read() -> Iterator[DataFrame]:
        batches = batches_of(
            source, rejects, format=format, columns=columns, progress=lambda name: tell(f"reading {name}")
        )
        try:
            for batch in batches:
                if batch.frame.height:
                    frame = clean.standard(batch, provenance=False)
                    frame = frame.select([name for name in SCREENED if name in frame.columns])
                    if batch.source not in files:
                        files.append(batch.source)
                    if (
                        "source_file" in batch.frame.columns
                    ):  # a recording of several that was put together before
                        told = batch.frame["source_file"].cast(pl.Categorical)
                        yield frame.with_columns(told)
                        continue
                    # What comes from the first file need not say so: of one file, nothing is carried along.
                    yield frame if batch.source == files[0] else clean.from_file(frame, batch.source)
        except OSError as error:
            raise ReadError(f"reading stopped: {error.strerror or error}.") from error

    begun: list[DataFrame] = []
    size = 0
    frames = read()
    for frame in frames:
        size += int(frame.estimated_size())
        begun.append(frame)
        del frame  # so that nothing but the list holds it
        if size > memory / WORKING_COPIES:
            break
    else:
        tell("cleaning")
        tracks = pieces.cleaned(begun, rejects, files, keep_all=keep_all)
        tell("screening")
        return screen_tracks(tracks, options), tracks.cleaning

    def all_of_them() -> Iterator[DataFrame]:
        while begun:
            yield begun.pop(0)
        yield from frames

    return pieces.screen_in_pieces(
        all_of_them(),
        rejects,
        options,
        keep_all=keep_all,
        sizes=pieces.Sizes.of(memory),
        tell=tell,
        files=files,
    )


def free_memory_bytes() -> int:
    """Return how much memory is free for this process, as far as the system tells; else 4 GB."""
    free = [_meminfo_bytes(), _container_bytes()]
    return min((some for some in free if some is not None), default=4_000_000_000)


def _meminfo_bytes() -> int | None:
    try:
        for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    except (OSError, ValueError):
        pass
    return None


def _container_bytes(folder: Path = Path("/sys/fs/cgroup")) -> int | None:
    """Return what a container's limit leaves; Linux, control groups of version 2."""
    try:
        most = int((folder / "memory.max").read_text(encoding="ascii"))
        told = dict(
            line.split() for line in (folder / "memory.stat").read_text(encoding="ascii").splitlines()
        )
        return max(
            most - int(told["anon"]), 0
        )  # the rest of what is used is files, which the system gives back
    except (OSError, ValueError, KeyError):  # no such file, or "max": no limit
        return None

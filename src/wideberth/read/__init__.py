"""bytes → Tracks: one file per format; clean.py sets bad rows aside and counts them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from wideberth.read.batch import Batch, Rejects
    from wideberth.read.clean import Thresholds
    from wideberth.tracks import Tracks


def read(
    source: Any,
    *,
    format: str | None = None,
    columns: Mapping[str, str] | None = None,
    keep_all: bool = False,
    thresholds: Thresholds | None = None,
    provenance: bool = True,
    progress: Callable[[str], None] | None = None,
) -> Tracks:
    """Read recorded tracks of any common format, and clean them.

    Args:
        source: a path, glob, folder, archive, or a list of them; or a table: pandas, Polars,
            Arrow, a dict of columns, or an object of the traffic library.
        format: name of a format, where the content does not tell (``wideberth info --formats``).
        columns: our column name → the table's, with a unit where it differs: ``{"altitude_ft": "ALT:m"}``.
        keep_all: clean nothing but rows that cannot be used at all; see `wideberth.read.clean`.
        thresholds: what cleaning takes for impossible.
        provenance: keep for each row the file and the row that it came from.
        progress: called with the name of each file as it is begun.
    Returns:
        Tracks, with ``cleaning``: how many rows were read, kept and set aside, and why.
    Raises:
        ReadError: nothing there, or not readable; FormatError: of no known format.

    >>> from wideberth import simulate
    >>> read(simulate.crossing()).cleaning.rows_kept > 0
    True
    """
    from wideberth.read import clean
    from wideberth.read.batch import Rejects

    rejects = Rejects()
    return clean.tracks_from(
        batches_of(source, rejects, format=format, columns=columns, progress=progress),
        rejects,
        keep_all=keep_all,
        thresholds=thresholds,
        provenance=provenance,
    )


def tracks_of(source: Any) -> Tracks:
    """Return tracks as they are, and of anything else what `read` makes of it."""
    from wideberth.tracks import Tracks

    return source if isinstance(source, Tracks) else read(source)


def batches_of(
    source: Any,
    rejects: Rejects,
    *,
    format: str | None = None,
    columns: Mapping[str, str] | None = None,
    progress: Callable[[str], None] | None = None,
) -> Iterator[Batch]:
    """Return the rows of any source, batch by batch, before cleaning."""
    from wideberth.read import formats, sources

    def on_part(part: sources.Part, _: formats.Format) -> None:
        if progress is not None:
            progress(part.name)

    return formats.batches(source, format=format, columns=columns, rejects=rejects, on_part=on_part)

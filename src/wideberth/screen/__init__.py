"""Tracks → Encounters: pairs.py (broad, may not miss), episodes.py (narrow, exact), pieces.py (on disk)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from wideberth.encounters import Encounters
    from wideberth.minima import Minima
    from wideberth.screen.select import Selection
    from wideberth.trust.limits import Limits


def screen(
    tracks: Any,
    *,
    minima: str | Minima | None = None,
    horizontal_m: float | None = None,
    vertical_ft: float | None = None,
    max_gap_s: float = 60.0,
    merge_gap_s: float = 0.0,
    include_ground: bool = False,
    select: Selection | None = None,
    limits: Limits | None = None,
    airports: Any = None,
) -> Encounters:
    """Find every episode in which two aircraft share a cylinder: nearer than both minima at once.

    A pair that parts and meets again gives two episodes.  Touching the surface does not count.
    Nothing is inferred across a gap in a track.

    Args:
        tracks: `Tracks` of any number of aircraft, or what `wideberth.read` takes: a path, a table.
        minima: a name from `PRESETS`, or a `Minima`; ``icao-enroute`` if nothing is given.
        horizontal_m: radius of the cylinder, centre to centre.
        vertical_ft: half its height, altitudes compared like with like.
        max_gap_s: the longest gap between two samples that motion is inferred across.
        merge_gap_s: episodes of one pair that are at most this far apart count as one; 0: none are.
        include_ground: take samples on the ground, too.
        select: keep only encounters in a band of altitude, an area, a span of time.
        limits: the thresholds by which trust is judged; `wideberth.trust.limits.DEFAULT` if None.
        airports: a table of aerodromes, or the path of one, whose circuits surprise nobody; True: that of airportsdata.
    Returns:
        Encounters: m rows, ordered by ``t_in``, then ``icao24_a``, then ``icao24_b``; each with trust, context, rank
        and reasons.
    Raises:
        UsageError: minima or gaps that cannot be meant.
        ReadError: what is no tracks cannot be read as such.
        MissingExtraError: ``airports=True`` without the package.
    Source: quadratic in time per pair of steps; docs/formulas.md#cylinder.

    >>> from wideberth import simulate
    >>> found = screen(simulate.crossing(), horizontal_m=500, vertical_ft=100)
    >>> [round(distance_m, 3) for distance_m in found["hmd_m"].to_pylist()]
    [120.0]
    """
    from wideberth.read import tracks_of
    from wideberth.screen import scale

    options = scale.Options.of(
        minima=minima,
        horizontal_m=horizontal_m,
        vertical_ft=vertical_ft,
        max_gap_s=max_gap_s,
        merge_gap_s=merge_gap_s,
        include_ground=include_ground,
        select=select,
        limits=limits,
        airports=airports,
    )
    return scale.screen_tracks(tracks_of(tracks), options)

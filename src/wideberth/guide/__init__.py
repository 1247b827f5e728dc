"""Detect-and-avoid: alert levels and manoeuvre bands for one aircraft among others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from wideberth.guide.config import Config
    from wideberth.guide.results import Guidance


def guide(
    ownship: Any,
    intruders: Any = (),
    config: str | Path | Config = "do365b",
    *,
    wind_mps: Any = (0.0, 0.0),
    dimensions: Iterable[str] = ("hdir", "hs", "vs", "alt"),
    last_times: bool = True,
) -> Guidance:
    """Tell, for each own state by itself, who is alerted and which manoeuvres keep well clear.

    Intruders are predicted to fly on straight; nothing is known of anybody's intent.  For analysis of
    recordings and for research, not for flying by.

    Args:
        ownship: a mapping of names to values, or to columns of n states (Arrow, Polars, pandas as well); names as
            `guide.rows` lists them: ``lat_deg, lon_deg`` or ``x_m, y_m``; ``altitude_ft``; ``groundspeed_kt,
            track_deg`` or ``vx_mps, vy_mps``; ``vertical_rate_fpm``; or their SI names.  Or `States`: the first
            aircraft is the ownship, the others are the intruders, where they are known.
        intruders: a list of mappings, or columns, with the same names and frame; ``id`` names an intruder,
            ``alerter`` is which alerter of the configuration holds for it, from 1; ``state`` is which own state it
            belongs to, from 0, and needed where there are several.
        config: a `Config`, the name of a preset, or a configuration file.  What it says of memory does not count
            here: see `guide.Guide` for states that follow one another.
        wind_mps: east and north, to where the air moves; or (n, 2) of them.  Directions and speeds are then those
            through the air.
        dimensions: which bands to compute; () for alerts alone.
        last_times: also find the last time of a manoeuvre for each intruder.

    Returns:
        Guidance: of n states; ``guide(...)[0]`` is the first one's `Advice`.

    Raises:
        UsageError: names, a configuration or a wind that cannot be meant.
        ColumnError: values that are unknown or cannot be; the rows are told.
        ReadError, ConfigurationError: a configuration file that cannot be read, or cannot be meant.

    Source: RTCA DO-365B; Munoz, Narkawicz, Hagen et al., DASC 2015; docs/formulas.md#guidance.

    >>> own = dict(x_m=0, y_m=0, altitude_ft=5000, groundspeed_kt=200, track_deg=0, vertical_rate_fpm=0)
    >>> other = dict(x_m=0, y_m=7000, altitude_ft=5000, groundspeed_kt=200, track_deg=180, vertical_rate_fpm=0)
    >>> advice = guide(own, [other])[0]
    >>> advice.level, round(advice.hdir.shown.high_resolution)
    (3, 23)
    """
    from wideberth.guide.compute import compute, wanted_of
    from wideberth.guide.config_files import resolve
    from wideberth.guide.rows import rows_of, rows_of_states
    from wideberth.guide.states import States

    chosen = resolve(config)
    wanted = wanted_of(dimensions)
    counts = len(chosen.alerters), chosen.ownship_centric_alerting
    rows = (
        rows_of_states(ownship, *counts)
        if isinstance(ownship, States)
        else rows_of(ownship, intruders, wind_mps, *counts)
    )
    return compute(rows, chosen, wanted, last_times=last_times)

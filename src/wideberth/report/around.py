"""The recorded tracks around findings: legs of each aircraft under one altitude reference, nothing across a gap."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow.compute as pc

from wideberth.tracks import DEFAULT_MAX_GAP_S
from wideberth.units import METRES_PER_FOOT

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from wideberth.tables import Findings
    from wideberth.tracks import Tracks

MARGIN_S = 300.0
"""How long before and after a finding its tracks are shown."""
REFERENCES = {
    "barometric": "pressure altitude (1013.25 hPa)",
    "geometric": "height above the WGS-84 ellipsoid",
    "unknown": "no altitude was recorded: drawn on the ground",
}
"""What the altitude of a leg is measured from, in words."""


@dataclass(frozen=True)
class Leg:
    """Samples of one aircraft with no gap among them.

    Attributes:
        t_us: (n,) Unix microseconds, rising.
        lon_deg, lat_deg: (n,) degrees.
        altitude_m: (n,) metres, by the reference of the aircraft; 0 where that is unknown.
    """

    t_us: npt.NDArray[np.int64]
    lon_deg: npt.NDArray[np.float64]
    lat_deg: npt.NDArray[np.float64]
    altitude_m: npt.NDArray[np.float64]


@dataclass(frozen=True)
class Way:
    """What was recorded of one aircraft around findings.

    Attributes:
        icao24: which.
        callsign: the first heard in that time; empty where none was.
        reference: a key of `REFERENCES`, the same for all of its legs.
        left_out: samples without an altitude by this reference, which are in no leg.
        legs: in order.
        ids: of the findings.
    """

    icao24: str
    callsign: str
    reference: str
    left_out: int
    legs: tuple[Leg, ...]
    ids: tuple[str, ...]

    @property
    def name(self) -> str:
        """The callsign and the address, or the address alone."""
        return f"{self.callsign} ({self.icao24})" if self.callsign else self.icao24

    @property
    def told(self) -> str:
        """From what its altitude is measured, and what was left out for want of one."""
        words = REFERENCES[self.reference]
        return f"{words}; {self.left_out:,} samples without it are left out" if self.left_out else words


def ways(
    tracks: Tracks,
    findings: Findings,
    *,
    margin_s: float = MARGIN_S,
    max_gap_s: float | None = None,
    reference: str | None = None,
) -> Iterator[Way]:
    """Yield, aircraft by aircraft, what was recorded around the findings about it.

    Pressure altitude is taken where any sample then has it, else height above the ellipsoid; the two are never mixed.

    Args:
        tracks: that the findings were made from; an aircraft that is not in them is left out.
        findings: incidents or encounters.
        margin_s: how long before and after each.
        max_gap_s: a longer gap ends a leg; as the findings were made if that is known.
        reference: take this one alone, ``barometric`` or ``geometric``, where an aircraft has it.
    """
    place = {address: k for k, address in enumerate(tracks.aircraft)}
    spans = spans_of(findings, round(margin_s * 1e6))
    screening = getattr(findings, "screening", None)
    gap_s: float = max_gap_s or (DEFAULT_MAX_GAP_S if screening is None else screening.max_gap_s)
    for address in sorted(spans):
        if address in place:
            way = _way(tracks, place[address], spans[address], round(gap_s * 1e6), reference)
            if way is not None:
                yield way


def spans_of(findings: Findings, margin_us: int) -> dict[str, list[tuple[int, int, str]]]:
    """Return for each address the spans of time (begin, end, id) of the findings about it, Unix microseconds."""
    t_in, t_out = (_micros(findings, name) for name in ("t_in", "t_out"))
    ids = findings["id"].to_pylist()
    found: dict[str, list[tuple[int, int, str]]] = {}
    for side in "ab":
        addresses = pc.cast(findings[f"icao24_{side}"], "string").to_pylist()
        for k, address in enumerate(addresses):
            if address is not None:
                span = (int(t_in[k]) - margin_us, int(t_out[k]) + margin_us, str(ids[k]))
                found.setdefault(address, []).append(span)
    return found


def _micros(findings: Findings, name: str) -> npt.NDArray[np.int64]:
    return np.asarray(findings[name].cast("int64").to_numpy(zero_copy_only=False), np.int64)


def _way(
    tracks: Tracks, k: int, spans: list[tuple[int, int, str]], gap_us: int, preferred: str | None
) -> Way | None:
    first, stop = int(tracks.begin[k]), int(tracks.begin[k + 1])
    t_us = tracks.t_us[first:stop]
    wanted = np.zeros(t_us.size, np.bool_)
    for begin_us, end_us, _ in spans:
        wanted[np.searchsorted(t_us, begin_us, "left") : np.searchsorted(t_us, end_us, "right")] = True
    rows = np.flatnonzero(wanted) + first
    if not rows.size:
        return None
    reference, altitude_m = _altitude_m(tracks, rows, preferred)
    has_altitude = ~np.isnan(altitude_m)
    ids = tuple(dict.fromkeys(each for _, _, each in spans))
    callsign = _callsign(tracks, rows)
    left_out = int(rows.size - has_altitude.sum())
    legs = tuple(_legs(tracks, rows[has_altitude], altitude_m[has_altitude], gap_us))
    return Way(tracks.aircraft[k], callsign, reference, left_out, legs, ids)


def _altitude_m(
    tracks: Tracks, rows: npt.NDArray[np.int64], preferred: str | None
) -> tuple[str, npt.NDArray[np.float64]]:
    """Return by which reference some rows of one aircraft are told, and their altitudes; 0 where none is known."""
    known = (("altitude_ft", METRES_PER_FOOT, "barometric"), ("height_m", 1.0, "geometric"))
    for name, metres, reference in sorted(known, key=lambda each: each[2] != (preferred or "barometric")):
        values = tracks.numbers(name)
        if values.size and not np.isnan(values[rows]).all():
            return reference, np.asarray(values[rows] * metres, np.float64)
    return "unknown", np.zeros(rows.size)


def _legs(
    tracks: Tracks, rows: npt.NDArray[np.int64], altitude_m: npt.NDArray[np.float64], gap_us: int
) -> Iterator[Leg]:
    """Yield runs of rows without a gap, or a place that no possible motion leads across, between two."""
    t_us = tracks.t_us[rows]
    ends = np.diff(t_us) > gap_us
    if tracks.breaks.size:
        broken = np.concatenate([[0], np.cumsum(tracks.breaks)])
        ends |= broken[rows[1:] + 1] > broken[rows[:-1] + 1]
    for part in np.split(np.arange(rows.size), np.flatnonzero(ends) + 1):
        own = rows[part]
        if own.size:
            yield Leg(
                t_us[part], tracks.numbers("lon_deg")[own], tracks.numbers("lat_deg")[own], altitude_m[part]
            )


def _callsign(tracks: Tracks, rows: npt.NDArray[np.int64]) -> str:
    if "callsign" not in tracks.table.column_names:
        return ""
    codes, texts = tracks.codes("callsign")
    known = codes[rows][codes[rows] >= 0]
    return str(texts[known[0]]) if known.size else ""


def altitude_reference(findings: Findings) -> str:
    """Return in words what the altitudes of findings are measured from."""
    if "vertical_reference" in findings.table.column_names:
        known = set(pc.unique(pc.cast(findings["vertical_reference"], "string")).to_pylist())
        told = [REFERENCES[name] for name in ("barometric", "geometric") if name in known]
        return " or ".join(told) or REFERENCES["unknown"]
    return f"{REFERENCES['barometric']}; {REFERENCES['geometric']} where a place's levels are above the ellipsoid"

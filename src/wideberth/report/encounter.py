"""One encounter in plain English: who, when, how near and how sure, whether it was there, and the reports around it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from wideberth.minima import PRESETS
from wideberth.report.finding import trusted
from wideberth.trust import accuracy
from wideberth.units import METRES_PER_NM

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from wideberth.tracks import Tracks

AROUND_S = 60.0
"""Reports this near the closest point are shown."""
LONG_STEP_S = 15.0  # a step as long is told of
REPORTED = {
    "altitude_ft": "{:,.0f} ft",
    "height_m": "{:,.0f} m above the ellipsoid",
    "groundspeed_kt": "{:.0f} kt",
    "track_deg": "{:03.0f}°",
    "vertical_rate_fpm": "{:+,.0f} ft/min",
    "nac_p": "NACp {}",
    "source": "{}",
    "source_row": "row {}",
    "source_file": "of {}",
}


def explain(encounter: Mapping[str, Any]) -> list[tuple[str, list[str]]]:
    """Return an encounter in words: (what about, sentences), in the order in which people ask.

    Args:
        encounter: a row by the names of `columns.ENCOUNTER_COLUMNS`, times as text; what is unknown is left out.
    """
    parts = (
        ("Who", _who(encounter)),
        ("When", _when(encounter)),
        ("How near", _how_near(encounter)),
        ("How sure", _how_sure(encounter)),
        ("Trust", _trust(encounter)),
        ("How they met", _met(encounter)),
    )
    told = [(about, list(sentences)) for about, sentences in parts]
    return [(about, sentences) for about, sentences in told if sentences]


def _who(e: Mapping[str, Any]) -> Iterator[str]:
    for side in "ab":
        callsign = e.get(f"callsign_{side}")
        name = f"{callsign} ({e[f'icao24_{side}']})" if callsign else str(e[f"icao24_{side}"])
        place = "" if e.get(f"lat_{side}_deg") is None else f", at {_place(e, side)}"
        yield f"{side}: {name}{place}."


def _place(e: Mapping[str, Any], side: str) -> str:
    lat, lon = e[f"lat_{side}_deg"], e[f"lon_{side}_deg"]
    where = f"{abs(lat):.4f}° {'N' if lat >= 0 else 'S'} {abs(lon):.4f}° {'E' if lon >= 0 else 'W'}"
    altitude, speed, track = (
        e.get(name.format(side)) for name in ("altitude_{}_ft", "groundspeed_{}_kt", "track_{}_deg")
    )
    high = "" if altitude is None else f", {altitude:,.0f} ft"
    fast = "" if speed is None else f", {speed:.0f} kt"
    way = "" if track is None else f" towards {track:03.0f}°"
    if fast or way:
        way += " by its positions"
    return f"{where}{high}{fast}{way}"


def _when(e: Mapping[str, Any]) -> Iterator[str]:
    t_in, t_out, t_cpa = (_instant(e[name]) for name in ("t_in", "t_out", "t_cpa"))
    lasts_s = (t_out - t_in).total_seconds()
    yield f"Within both minima from {_clock(t_in)} to {_clock(t_out)} UTC, {lasts_s:,.1f} s."
    yield f"Nearest at {_clock(t_cpa)}."


def _how_near(e: Mapping[str, Any]) -> Iterator[str]:
    vertical = e.get("vertical_ft_at_cpa")
    high = "their vertical distance is not known" if vertical is None else f"{vertical:,.0f} ft vertically"
    yield f"{e['hmd_m']:,.0f} m ({e['hmd_m'] / METRES_PER_NM:.2f} NM) horizontally and {high} at the closest point."
    if e.get("vmd_ft") is not None:
        yield f"Vertically nearest at {_clock(_instant(e['t_vmd']))}: {e['vmd_ft']:,.0f} ft."
    if e.get("retained") is not None:
        yield f"Of the minima {e['retained']:.2f} were left at the worst (0 is a collision, 1 the minima kept)."


def _how_sure(e: Mapping[str, Any]) -> Iterator[str]:
    if e.get("hmd_high_m") is None:
        return
    yield f"Horizontally {e['hmd_low_m']:,.0f} to {e['hmd_high_m']:,.0f} m, 95 times in 100."
    if e.get("vertical_high_ft") is not None:
        yield f"Vertically {e['vertical_low_ft']:,.0f} to {e['vertical_high_ft']:,.0f} ft, 95 times in 100."
    if e.get("probability") is not None:
        sure = _probability(e["probability"])
        yield f"If both were there, both minima were broken at once: probability at least {sure}."
    likely = probabilities(e)
    if likely:
        yield (
            "At the closest point, probability that a separation was below: "
            + ", ".join(f"{name} {_probability(value)}" for name, value in likely.items())
            + "."
        )


def _probability(value: float) -> str:
    """Return a probability as far as it can be told.

    >>> [_probability(each) for each in (0.0, 5e-300, 0.0123, 0.6789, 0.9999, 1.0)]
    ['0', 'below 0.001', '0.012', '0.68', 'above 0.999', '1']
    """
    if value in (0.0, 1.0):
        return f"{value:.0f}"
    return "below 0.001" if value < 0.001 else "above 0.999" if value > 0.999 else f"{value:.2g}"


def probabilities(e: Mapping[str, Any]) -> dict[str, float]:
    """Return for each preset of minima how probable it is that both were broken at the closest point."""
    if e.get("hmd_high_m") is None or e.get("vertical_high_ft") is None:
        return {}
    sd_m = (e["hmd_high_m"] - e["hmd_m"]) / accuracy.NORMAL_95
    sd_ft = (e["vertical_high_ft"] - e["vertical_ft_at_cpa"]) / accuracy.NORMAL_95

    across_m, apart_ft, sigma_m, sigma_ft = (
        np.array([figure]) for figure in (e["hmd_m"], e["vertical_ft_at_cpa"], sd_m, sd_ft)
    )
    return {
        name: float(accuracy.probability_at(across_m, apart_ft, sigma_m, sigma_ft, minima)[0])
        for name, minima in PRESETS.items()
    }


def _trust(e: Mapping[str, Any]) -> Iterator[str]:
    yield from trusted(e.get("trust"), e.get("context"), e.get("why"))
    if e.get("hotspots_grade"):
        yield f"By the methodology of airbornehotspots.org its grade is {e['hotspots_grade']}."
    if e.get("rank") is not None:
        yield f"Rank {e['rank']:,.0f} of what was found."


def _met(e: Mapping[str, Any]) -> Iterator[str]:
    if e.get("crossing_angle_deg") is not None:
        yield f"Their tracks crossed at {e['crossing_angle_deg']:.0f}° (0 the same way, 180 head-on)."
    if e.get("closure_kt") is not None:
        did = "closed at" if e["closure_kt"] >= 0.0 else "drew apart at"
        yield f"When it began they {did} {abs(e['closure_kt']):,.0f} kt."
    for one, other in ("ab", "ba"):
        bearing = e.get(f"bearing_{one}_to_{other}_deg")
        if bearing is not None:
            side = (
                "ahead"
                if abs(bearing) < 0.5
                else f"{abs(bearing):.0f}° to the {'right' if bearing > 0 else 'left'}"
            )
            yield f"At the closest point {one} had {other} {side}."


def reports(tracks: Tracks, encounter: Mapping[str, Any]) -> list[str]:
    """Return the real reports of both aircraft around the closest point, and what was interpolated, as lines.

    Args:
        tracks: that hold both; an aircraft that is not in them is said to be missing.
        encounter: with ``icao24_a``, ``icao24_b`` (or only the first) and ``t_cpa`` or ``t_worst``.
    """
    when_us = round(_instant(encounter.get("t_cpa") or encounter["t_worst"]).timestamp() * 1e6)
    lines: list[str] = []
    for side in "ab":
        address = encounter.get(f"icao24_{side}")
        if address is None:
            continue
        if address not in tracks.aircraft:
            lines.append(f"{address}: not in these tracks.")
            continue
        k = tracks.aircraft.index(address)
        first, stop = int(tracks.begin[k]), int(tracks.begin[k + 1])
        near = np.flatnonzero(np.abs(tracks.t_us[first:stop] - when_us) <= AROUND_S * 1e6) + first
        lines.append(f"{address}: {near.size} reports within {AROUND_S:.0f} s")
        lines += _rows(tracks, near, when_us)
    return lines


def _rows(tracks: Tracks, near: Any, when_us: int) -> Iterator[str]:
    rows = tracks.table.take(near).to_pylist()
    before = None
    for row, t_us in zip(rows, tracks.t_us[near].tolist(), strict=True):
        away_s = (t_us - when_us) * 1e-6
        if before is not None:
            step_s = away_s - before
            if before < 0.0 < away_s:
                yield f"           ↓ the closest point: between these two its way is taken as straight, {step_s:.1f} s"
            elif step_s >= LONG_STEP_S:
                yield f"           … {step_s:.0f} s without a report"
        before = away_s
        yield f"  {away_s:+8.1f} s  {_row(row)}"


def _row(row: Mapping[str, Any]) -> str:
    parts = [f"{row['lat_deg']:.5f} {row['lon_deg']:.5f}"]
    parts += [text.format(row[name]) for name, text in REPORTED.items() if row.get(name) is not None]
    return "  ".join(parts)


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _clock(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%d %H:%M:%S.%f")[:-5]

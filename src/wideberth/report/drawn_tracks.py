"""Tracks as a report draws them: the reports that an error bound needs, of the aircraft that there is room for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from wideberth.kernels import thinning
from wideberth.report.document import NONE_U8

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wideberth.report.document import Document
    from wideberth.tracks import Legs, Tracks

BOUNDS_M = (25.0, 50.0, 100.0, 200.0, 400.0, 800.0)
"""How far a drawn way may be off, tried in this order until the points fit."""
LON_LAT_SCALE, T_SCALE_MS, ALTITUDE_SCALE_FT = 1e-5, 100.0, 25.0


def packed(
    document: Document,
    tracks: Tracks,
    parties: Mapping[str, int],
    first_wanted: Sequence[str],
    most_points: int,
) -> tuple[dict[str, Any], list[str]]:
    """Keep the ways of aircraft in a document; return what its manifest says of them, and what was left out.

    Args:
        document: that keeps them.
        tracks: all of them.
        parties: number of the party by address, where it has one.
        first_wanted: addresses that come first where there is no room for all, in this order.
        most_points: how many points there is room for.
    """
    legs = tracks.legs("any")
    x, y = thinning.on_map(legs.lat_deg, legs.lon_deg, legs.first)
    kept = np.zeros(x.size, np.bool_)
    bound_m = BOUNDS_M[0]
    for bound_m in BOUNDS_M:
        thinning.are_kept(x, y, legs.t_us, legs.first, bound_m, kept)
        if np.count_nonzero(kept) <= most_points:
            break
    chosen = _with_room(tracks, legs, kept, first_wanted, most_points)
    points = np.flatnonzero(kept & np.repeat(chosen, np.diff(legs.first)))
    told = _told(document, tracks, legs, chosen, points, parties)
    aircraft = int(np.unique(legs.aircraft[chosen]).size)
    of_all = "" if aircraft == len(tracks.aircraft) else f" of {len(tracks.aircraft):,}"
    told["tolerance_m"] = bound_m
    told["said"] = (
        f"Ways of {aircraft:,}{of_all} aircraft, drawn through {points.size:,} of {len(tracks):,} positions: where a "
        f"position is left out, what is drawn passes it within {bound_m:.0f} m."
    )
    left = len(tracks.aircraft) - aircraft
    return told, [
        f"The ways of {left:,} of {len(tracks.aircraft):,} aircraft are not drawn: those without a finding, or of "
        "findings lower in rank, or without any altitude."
    ] if left else []


def _with_room(tracks: Tracks, legs: Legs, kept: Any, first_wanted: Sequence[str], most_points: int) -> Any:
    """Return which legs are drawn: all if there is room, else those of whole aircraft, the wanted ones first."""
    before = np.concatenate([[0], np.cumsum(kept)])
    of_leg = before[legs.first[1:]] - before[legs.first[:-1]]
    if before[-1] <= most_points:
        return np.ones(len(legs), np.bool_)
    of_aircraft = np.bincount(legs.aircraft, of_leg, minlength=len(tracks.aircraft))
    number = {address: k for k, address in enumerate(tracks.aircraft)}
    wanted = dict.fromkeys(number[each] for each in first_wanted if each in number)
    order = np.array([*wanted, *(k for k in range(len(number)) if k not in wanted)], np.int64)
    is_drawn = np.zeros(len(number), np.bool_)
    is_drawn[order[np.cumsum(of_aircraft[order]) <= most_points]] = True
    return is_drawn[legs.aircraft]


def _told(
    document: Document, tracks: Tracks, legs: Legs, chosen: Any, points: Any, parties: Mapping[str, int]
) -> dict[str, Any]:
    aircraft = legs.aircraft[chosen]
    is_new = np.ones(aircraft.size, np.bool_)
    is_new[1:] = aircraft[1:] != aircraft[:-1]
    addresses = [tracks.aircraft[k] for k in aircraft[is_new].tolist()]
    leg_of = np.searchsorted(legs.first, points, side="right") - 1
    numbers = np.flatnonzero(chosen)
    altitude_ft = _altitude_ft(tracks, legs, points)
    is_known = np.ones(numbers.size, np.bool_)
    is_known[np.searchsorted(numbers, leg_of[np.isnan(altitude_ft)])] = False
    return {
        "n": len(addresses),
        "icao24": addresses,
        "callsign": [callsigns.get(each, "") for callsigns in [_callsigns(tracks)] for each in addresses],
        "party": document.array([parties.get(each, NONE_U8) for each in addresses], "u8"),
        "first_leg": document.array(np.append(np.flatnonzero(is_new), aircraft.size), "u32"),
        "first_point": document.array(np.append(np.searchsorted(leg_of, numbers), points.size), "u32"),
        "lon": document.array(legs.lon_deg[points], "i32", scale=LON_LAT_SCALE, is_delta=True),
        "lat": document.array(legs.lat_deg[points], "i32", scale=LON_LAT_SCALE, is_delta=True),
        "t": document.array(legs.t_us[points] / 1000.0, "i32", scale=T_SCALE_MS, is_delta=True),
        "altitude_ft": document.array(
            np.nan_to_num(altitude_ft), "i32", scale=ALTITUDE_SCALE_FT, is_delta=True
        ),
        "has_altitude": document.array(is_known, "u8"),
    }


def _altitude_ft(tracks: Tracks, legs: Legs, points: Any) -> Any:
    rows = legs.rows[points] if legs.rows.size else points
    feet = tracks.numbers("altitude_ft")
    return feet[rows] if feet.size else np.full(points.size, np.nan)


def _callsigns(tracks: Tracks) -> dict[str, str]:
    """Return the first callsign heard of each address."""
    if "callsign" not in tracks.table.column_names or not len(tracks):
        return {}
    codes, texts = tracks.codes("callsign")
    rows = np.flatnonzero(codes >= 0)
    aircraft = np.searchsorted(tracks.begin, rows, side="right") - 1
    who, at = np.unique(aircraft, return_index=True)
    return {tracks.aircraft[k]: texts[codes[rows[i]]] for k, i in zip(who.tolist(), at.tolist(), strict=True)}

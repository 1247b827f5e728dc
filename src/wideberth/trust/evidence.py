"""What the reports around each closest point say of both aircraft, as numeric columns, one row a pair.

Everything here comes from rows within `WINDOW_S` of the instant: so it does not depend on how a recording was cut.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from wideberth.columns import frozen
from wideberth.kernels import legs as leg_kernels
from wideberth.kernels import reports, together
from wideberth.trust import accuracy
from wideberth.trust.limits import DEFAULT
from wideberth.units import METRES_PER_FOOT, METRES_PER_NM, MPS_PER_KNOT

if TYPE_CHECKING:
    import numpy.typing as npt

    from wideberth.tracks import Legs, Tracks
    from wideberth.trust.limits import Limits

    Floats = npt.NDArray[np.float64]
    Indices = npt.NDArray[np.integer[Any]]
    Table = dict[str, npt.NDArray[Any]]

WINDOW_S = 600.0
COLUMNS = ("groundspeed_kt", "track_deg", "vertical_rate_fpm", "category", "nac_p", "source")
"""Columns of tracks that tell of trust, besides those that the screen needs."""
TRANSPONDER, RELAYED, MULTILATERATED, UNTOLD = range(4)
HELICOPTER = "A7"  # the emitter category of rotorcraft
EVENT_M, EVENT_FT = 0.3 * METRES_PER_NM, 400.0  # what airbornehotspots.org screens by
FORMATION_M = 0.6 * METRES_PER_NM
SLOW_MPS = 1.0  # two that close more slowly have no direction of closing


def gather(
    tracks: Tracks,
    legs: Legs,
    leg_a: Indices,
    leg_b: Indices,
    table: Table,
    reference: str,
    limits: Limits = DEFAULT,
) -> Table:
    """Return the evidence on pairs of legs at their closest points.

    Args:
        tracks, legs: what was screened.
        leg_a, leg_b: (k,) whose.
        table: columns of the encounters, as `columns.ENCOUNTER_COLUMNS` names them, instants as Unix microseconds.
        reference: of altitude: barometric, geometric or unknown.
        limits: say what near is.
    Returns:
        Columns of k rows: ``of_a``, ``of_b`` as `kernels.reports` tells, ``together`` as `kernels.together` tells,
        ``kind_a``, ``kind_b`` how their addresses are heard, ``hmd_sd_m``, ``vertical_sd_ft`` standard deviations,
        ``meeting`` as `kernels.together.meet` tells of those within `EVENT_M`, ``has_helicopter``.
    """
    t_cpa = table["t_cpa"]
    places = _between(table)
    found: Table = {}
    for side, leg in (("a", leg_a), ("b", leg_b)):
        found[f"of_{side}"] = describe(tracks, legs.aircraft[leg], t_cpa, places, reference)
        found[f"kind_{side}"] = kinds_of(tracks, legs.aircraft[leg], t_cpa)
    found["together"] = compare(
        tracks, legs.aircraft[leg_a], legs.aircraft[leg_b], t_cpa, places, reference, limits
    )
    samples = (tracks.t_us, tracks.numbers("lat_deg"), tracks.numbers("lon_deg"))
    altitude = _altitudes(tracks, reference)
    window_us = round(WINDOW_S * 1e6)
    near = np.flatnonzero(table["hmd_m"] <= EVENT_M)
    found["meeting"] = np.full((leg_a.size, together.MEETING_WIDTH), np.nan)
    ends = [frozen(table[name][near]) for name in ("lat_a_deg", "lon_a_deg", "lat_b_deg", "lon_b_deg")]
    meet: Any = together.meet
    found["meeting"][near] = meet(
        *samples, altitude, tracks.begin, frozen(legs.aircraft[leg_a[near]]), frozen(legs.aircraft[leg_b[near]]),
        frozen(t_cpa[near]), *ends, window_us, EVENT_M, EVENT_FT, FORMATION_M,
    )  # fmt: skip
    found["has_helicopter"] = np.zeros(leg_a.size, np.bool_)
    for leg in (leg_a, leg_b):
        found["has_helicopter"][near] |= _are_helicopters(tracks, legs.aircraft[leg[near]], t_cpa[near])
    found["hmd_sd_m"], found["vertical_sd_ft"] = _sureness(tracks, legs, leg_a, leg_b, table, reference)
    return found


def describe(
    tracks: Tracks, aircraft: Indices, t_us: Indices, places: tuple[Any, Any], reference: str = "barometric"
) -> Floats:
    """Return what the reports of aircraft around some instants say, as `kernels.reports` tells.

    Args:
        tracks: all of them.
        aircraft: (k,) places among ``tracks.aircraft``.
        t_us: (k,) Unix microseconds.
        places: latitudes and longitudes, (k,) each, near where the aircraft were then.
        reference: of altitude: barometric, geometric or unknown.
    """
    feet, height_m = tracks.numbers("altitude_ft"), tracks.numbers("height_m")
    difference = np.empty(0)
    if height_m.size and feet.size:
        difference = height_m / METRES_PER_FOOT - feet
    names = ("groundspeed_kt", "track_deg", "vertical_rate_fpm", "on_ground")
    kernel: Any = reports.describe
    found: Floats = kernel(
        *(tracks.t_us, tracks.numbers("lat_deg"), tracks.numbers("lon_deg"), _altitudes(tracks, reference)),
        *(frozen(difference), *(tracks.numbers(name) for name in names), _accuracies(tracks)),
        *(tracks.begin, frozen(aircraft), frozen(t_us), *places, round(WINDOW_S * 1e6)),
    )
    return found


def compare(
    tracks: Tracks,
    a: Indices,
    b: Indices,
    t_us: Indices,
    places: tuple[Any, Any],
    reference: str,
    limits: Limits,
) -> Floats:
    """Return how pairs of aircraft move beside each other around some instants, as `kernels.together` tells.

    Args:
        tracks: all of them.
        a, b: (k,) places among ``tracks.aircraft``.
        t_us, places, reference: as in `describe`.
        limits: say what near is.
    """
    kernel: Any = together.compare
    found: Floats = kernel(
        tracks.t_us, tracks.numbers("lat_deg"), tracks.numbers("lon_deg"), _altitudes(tracks, reference), tracks.begin,
        frozen(a), frozen(b), frozen(t_us), *places, round(WINDOW_S * 1e6),
        limits.company_near_m, limits.company_near_ft,
    )  # fmt: skip
    return found


def _are_helicopters(tracks: Tracks, aircraft: Indices, t_us: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Return which aircraft said, within the window, that they are helicopters."""
    if "category" not in tracks.table.column_names or not aircraft.size:
        return np.zeros(aircraft.size, np.bool_)
    codes, texts = tracks.codes("category")
    if HELICOPTER not in texts:
        return np.zeros(aircraft.size, np.bool_)
    found: npt.NDArray[np.bool_] = reports.are_told(
        codes,
        tracks.t_us,
        tracks.begin,
        frozen(aircraft),
        frozen(t_us),
        round(WINDOW_S * 1e6),
        texts.index(HELICOPTER),
    )
    return found


def _altitudes(tracks: Tracks, reference: str) -> Floats:
    """Return each row's altitude in feet by a reference, NaN where it is unknown."""
    feet = tracks.numbers("altitude_ft")
    if reference == "geometric":
        return frozen(tracks.numbers("height_m") / METRES_PER_FOOT)
    if reference == "unknown" or not feet.size:
        return frozen(np.full(len(tracks), np.nan))
    return feet


def _between(table: Table) -> tuple[Floats, Floats]:
    """Return the places half way between both, latitude and longitude: those of a and b exchanged are the same."""
    east_deg = np.remainder(table["lon_b_deg"] - table["lon_a_deg"] + 180.0, 360.0) - 180.0
    lat_deg = 0.5 * (table["lat_a_deg"] + table["lat_b_deg"])
    return frozen(lat_deg), frozen(table["lon_a_deg"] + 0.5 * east_deg)


def _accuracies(tracks: Tracks) -> npt.NDArray[Any]:
    """Return NACp; a 0 that only says that it is not known, as relays and multilateration tell it, as NaN."""
    # Without unknown values they come as whole numbers: of one type the kernel compiles once.
    nac_p = tracks.numbers("nac_p").astype(np.float32)
    if nac_p.size and "source" in tracks.table.column_names:
        codes, texts = tracks.codes("source")
        is_own = np.array([text.startswith("adsb") for text in texts] + [False], np.bool_)[codes]
        nac_p[(nac_p == 0.0) & ~is_own] = np.nan
    return frozen(nac_p)


def kinds_of(tracks: Tracks, aircraft: Indices, t_us: npt.NDArray[np.int64]) -> npt.NDArray[np.int8]:
    """Return how some addresses are heard at some instants: by themselves, by a relay, by multilateration, untold."""
    kinds = np.full(aircraft.size, UNTOLD, np.int8)
    if "source" in tracks.table.column_names:
        codes, texts = tracks.codes("source")
        of_text = np.array(
            [RELAYED if text.startswith("tis") else MULTILATERATED if text.startswith("mlat") else TRANSPONDER
             for text in texts] + [UNTOLD], np.int8,
        )  # fmt: skip
        rows = leg_kernels.last_at(tracks.begin, tracks.t_us, aircraft.astype(np.int64), frozen(t_us))
        kinds = of_text[codes[rows]]
    is_relayed = np.array([text.startswith("~") for text in tracks.aircraft], np.bool_)[aircraft]
    kinds[is_relayed & (kinds != MULTILATERATED)] = RELAYED
    return kinds


def _sureness(
    tracks: Tracks,
    legs: Legs,
    leg_a: Indices,
    leg_b: Indices,
    table: Table,
    reference: str,
) -> tuple[Floats, Floats]:
    """Return standard deviations of the horizontal and vertical distance at the closest point.

    An error along the way they pass each other changes when they are nearest, not how near; one across it
    counts whole.  So errors in time count by how fast each moves across it.
    """
    velocity = {side: _velocity_mps(table, side) for side in "ab"}
    across = _across(table, velocity["b"] - velocity["a"])
    squares = vertical_squares = np.zeros(leg_a.size)
    for side, leg in (("a", leg_a), ("b", leg_b)):
        errors = accuracy.errors_at(tracks, legs, leg, table["t_cpa"], is_extreme=False)
        moved_m = np.abs((velocity[side] * across).sum(axis=1)) * errors.time_s
        squares = squares + errors.across**2 + moved_m**2
        sigma_ft = accuracy.altitude_ft(tracks, errors.rows, is_height=reference == "geometric")
        vertical_squares = vertical_squares + sigma_ft**2
    return np.sqrt(squares), np.sqrt(vertical_squares)


def _velocity_mps(table: Table, side: str) -> Floats:
    """Return the velocity of a or b at the closest point, east and north, (k, 2)."""
    speed = np.nan_to_num(table[f"groundspeed_{side}_kt"]) * MPS_PER_KNOT
    track = np.radians(np.nan_to_num(table[f"track_{side}_deg"]))
    return np.stack([speed * np.sin(track), speed * np.cos(track)], axis=1)


def _across(table: Table, relative_mps: Floats) -> Floats:
    """Return the direction in which the horizontal distance is measured, east and north, (k, 2).

    It is that from a to b; where they all but touch, square to the way they pass each other.
    """
    lat_a, lon_a, lat_b, lon_b = (
        np.radians(table[name]) for name in ("lat_a_deg", "lon_a_deg", "lat_b_deg", "lon_b_deg")
    )
    east = np.remainder(lon_b - lon_a + np.pi, 2 * np.pi) - np.pi
    towards = np.stack([east * np.cos(lat_a), lat_b - lat_a], axis=1)
    square = np.stack([-relative_mps[:, 1], relative_mps[:, 0]], axis=1)
    is_passing = np.hypot(*relative_mps.T) > SLOW_MPS
    is_near = table["hmd_m"] < 1.0
    chosen = np.where((is_passing & is_near)[:, None], square, towards)
    length = np.hypot(*chosen.T)[:, None]
    return np.asarray(np.divide(chosen, length, out=np.zeros_like(chosen), where=length > 0.0))

"""How many samples near a place have no height above a raster of the ground: they are in no leg above it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from wideberth.agreement.edges import edges_of
from wideberth.agreement.shapes import TERRAIN
from wideberth.incidents import NoGround

if TYPE_CHECKING:
    import numpy.typing as npt

    from wideberth.agreement.load import Agreement
    from wideberth.agreement.shapes import Place
    from wideberth.tracks import Tracks


def unknown(tracks: Tracks, agreement: Agreement) -> list[NoGround]:
    """Return for each place with levels above a raster how many samples over it have none, where there are any."""
    found = []
    lat_deg, lon_deg = tracks.numbers("lat_deg"), tracks.numbers("lon_deg")
    feet, on_ground = tracks.numbers("altitude_ft"), tracks.numbers("on_ground")
    is_airborne = ~np.isnan(feet) if feet.size else np.zeros(len(tracks), np.bool_)
    if on_ground.size:
        is_airborne = is_airborne & ~on_ground
    for place in _places(agreement):
        rows = np.flatnonzero(is_airborne & _in_box(place, lat_deg, lon_deg))
        file = next(each.ground for each in place.volumes if each.reference.startswith(TERRAIN))
        heights_m = agreement.terrains[file].heights_m(lat_deg[rows], lon_deg[rows])
        without = int(np.isnan(heights_m).sum())
        if without:
            found.append(NoGround(place.name, file, rows.size, without))
    return found


def _places(agreement: Agreement) -> list[Place]:
    """Return the places that rules and permissions hold against a raster, each once."""
    named = [place for rule in agreement.rules for place in rule.places]
    named += [place for one in agreement.permissions for place in one.places]
    return list(
        {
            place.name: place
            for place in named
            if any(each.reference.startswith(TERRAIN) for each in place.volumes)
        }.values()
    )


def _in_box(
    place: Place, lat_deg: npt.NDArray[np.float64], lon_deg: npt.NDArray[np.float64]
) -> npt.NDArray[np.bool_]:
    is_in = np.zeros(lat_deg.size, np.bool_)
    for volume in place.volumes:
        for shape in volume.shapes:
            west, south, east, north = edges_of(shape).grown_box(shape.radius_m)
            # Longitudes of a box go on across the antimeridian.
            is_in |= (lat_deg >= south) & (lat_deg <= north) & ((lon_deg - west) % 360.0 <= east - west)
    return is_in

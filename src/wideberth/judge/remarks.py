"""What a judge noticed beside its findings: where an agreement and tracks do not seem made for each other."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from wideberth.agreement.atmosphere import middle_of
from wideberth.agreement.edges import edges_of
from wideberth.agreement.model import Side
from wideberth.agreement.swapped import MOST_LAT_DEG, REMEDY
from wideberth.incidents import Remark
from wideberth.kernels import cells

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt
    import pyarrow as pa

    from wideberth.agreement.load import Agreement
    from wideberth.agreement.match import Flights
    from wideberth.judge.sky import Sky
    from wideberth.tracks import Tracks

    Box = tuple[float, float, float, float]
    Cells = npt.NDArray[np.bool_]

FAR_M = 200_000.0
BETWEEN = " / "  # ids of permissions in an incident
HALF_CELL_DEG = 0.5


def of(sky: Sky, incidents: pa.Table) -> Iterator[Remark]:
    """Yield what was noticed, in the order in which people should hear of it."""
    yield from claimed_twice(sky.flights)
    yield from swapped(sky.tracks, sky.agreement)
    yield from unused(sky.agreement, incidents)


def unused(agreement: Agreement, incidents: pa.Table) -> Iterator[Remark]:
    """Yield the permissions that cover no part of any incident, all in one."""
    told = incidents["permission"].unique().to_pylist()
    used = {each for ids in told if ids for each in ids.split(BETWEEN)}
    names = tuple(each.id for each in agreement.permissions if each.id not in used)
    if names:
        noun = "This permission" if len(names) == 1 else "These permissions"
        yield Remark("unused", names, f"{noun} excused nothing: {', '.join(names)}.")


def claimed_twice(flights: Flights) -> Iterator[Remark]:
    """Yield which parties claim the same flights, how many aircraft's, and the first of them."""
    by_claim: dict[tuple[str, ...], list[int]] = {}
    for k in np.flatnonzero(flights.is_claimed_twice).tolist():
        by_claim.setdefault(flights.claims[k], []).append(k)
    for names, some in by_claim.items():
        aircraft = np.unique(flights.aircraft[some]).size
        callsign, address = flights.callsign(some[0]), flights.tracks.aircraft[flights.aircraft[some[0]]]
        example = f"callsign {callsign}, address {address}" if callsign else f"address {address}"
        verb = "is" if aircraft == 1 else "are"
        yield Remark(
            "claimed_twice",
            names,
            f"{aircraft:,} aircraft {verb} claimed by {' and by '.join(names)} ({example}): "
            "what they break of the rules of either is unknown. Narrow what one of the parties claims.",
        )


def swapped(tracks: Tracks, agreement: Agreement) -> Iterator[Remark]:
    """Yield the places that no track comes near, and that would lie amid the tracks with lon and lat swapped.

    Near is `FAR_M`, or as far as a rule reaches; by cells of a degree.
    """
    if not len(tracks):
        return
    heard = cells.heard(tracks.numbers("lat_deg"), tracks.numbers("lon_deg"))
    reach_m = max(
        (each.entry.keeps.reach for each in agreement.rules if isinstance(each.entry.keeps, Side)),
        default=0.0,
    )
    for name, place in agreement.places.items():
        lon_deg, lat_deg = middle_of(place)
        shapes = [shape for volume in place.volumes for shape in volume.shapes]
        boxes = (edges_of(shape).grown_box(shape.radius_m + max(FAR_M, reach_m)) for shape in shapes)
        if abs(lon_deg) > MOST_LAT_DEG or any(_is_heard(heard, box) for box in boxes):
            continue
        around = (
            lat_deg - HALF_CELL_DEG,
            lon_deg - HALF_CELL_DEG,
            lat_deg + HALF_CELL_DEG,
            lon_deg + HALF_CELL_DEG,
        )
        if _is_heard(heard, around):
            yield Remark(
                "swapped",
                (name,),
                f"Nothing was heard within {max(FAR_M, reach_m) / 1000:,.0f} km of the place '{name}', and with its "
                f"positions swapped it would lie amid the tracks. {REMEDY}",
            )


def _is_heard(heard: Cells, box: Box) -> bool:
    west, south, east, north = box
    rows = slice(max(math.floor(south) + 90, 0), max(math.floor(north) + 91, 0))
    first = math.floor(max(west, -360.0))
    columns = np.arange(first, min(math.floor(min(east, 720.0)), first + 359) + 1) % 360
    return bool(heard[rows][:, columns].any())

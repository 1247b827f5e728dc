"""What all rules look at: tracks cut into flights and legs, once, and each asked where it was.

A question about a place is put to some legs and answered by the kernels; so are the times in which a permission
covers a leg, which is a question about places, levels and hours, too.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from wideberth.agreement.edges import edges_of
from wideberth.agreement.match import Flights
from wideberth.agreement.shapes import TERRAIN
from wideberth.columns import frozen
from wideberth.errors import UsageError
from wideberth.judge import spans
from wideberth.kernels import blocks, misses, sides, zones
from wideberth.kernels import legs as leg_kernels
from wideberth.trust import accuracy
from wideberth.units import METRES_PER_FOOT, pressure_altitude_ft

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from wideberth.agreement.load import Agreement
    from wideberth.agreement.rules import Permission
    from wideberth.agreement.shapes import Limit, Place, Shape, Volume
    from wideberth.tracks import Legs, Tracks

ROOM = 4  # stretches of a leg that are kept at first; a leg with more is asked again
EVERYWHERE_M = 1e8  # no two points of the Earth are so far apart
KINDS = {"area": zones.AREA, "circle": zones.CIRCLE}


@dataclass(eq=False)
class Sky:
    """Tracks under an agreement."""

    tracks: Tracks
    agreement: Agreement

    @cached_property
    def flights(self) -> Flights:
        """The flights, and whose each is."""
        return Flights.of(self.tracks, self.agreement)

    @cached_property
    def legs(self) -> Legs:
        """Legs of samples with either altitude; the altitude is the pressure altitude, NaN where there is none."""
        legs = self.legs_by("any")
        if self._is_barometric:
            return legs
        feet = self.tracks.numbers("altitude_ft")
        if not feet.size:
            feet = np.full(len(self.tracks), np.nan)
        altitude = frozen(feet if not legs.rows.size else feet[legs.rows])
        return replace(legs, altitude=altitude)

    @cached_property
    def _is_barometric(self) -> bool:
        """True: every sample with a height above the ellipsoid has a pressure altitude: legs are the same by either."""
        feet, height_m = self.tracks.numbers("altitude_ft"), self.tracks.numbers("height_m")
        if not feet.size or not height_m.size:
            return not height_m.size
        return not bool((np.isnan(feet) & ~np.isnan(height_m)).any())

    @cached_property
    def _by_reference(self) -> dict[str, Legs]:
        return {}

    def legs_by(self, reference: str) -> Legs:
        """Return legs under one altitude reference: of `Tracks.legs`, or above a raster of the ground."""
        if reference == "any" and self._is_barometric:
            reference = "barometric"
        if reference not in self._by_reference:
            gap_s = self.agreement.head.max_gap
            self._by_reference[reference] = (
                self.tracks.legs_at(self._above_ft(reference.removeprefix(TERRAIN)), max_gap_s=gap_s)
                if reference.startswith(TERRAIN)
                else self.tracks.legs(reference, max_gap_s=gap_s)
            )
        return self._by_reference[reference]

    def _above_ft(self, name: str) -> npt.NDArray[np.float64]:
        """Return each row's pressure altitude less the height of the ground, NaN where either is unknown."""
        feet = self.tracks.numbers("altitude_ft")
        if not feet.size:
            return np.full(len(self.tracks), np.nan)
        lat_deg, lon_deg = self.tracks.numbers("lat_deg"), self.tracks.numbers("lon_deg")
        return feet - self.agreement.terrains[name].heights_m(lat_deg, lon_deg) / METRES_PER_FOOT

    def is_level_told(self, legs: Legs) -> bool:
        """Return whether the altitudes of some legs are those that aircraft report: not 0, not above the ground."""
        return not any(
            each is legs and (reference == "any" or reference.startswith(TERRAIN))
            for reference, each in self._by_reference.items()
        )

    @cached_property
    def flight_of_leg(self) -> npt.NDArray[np.int64]:
        """Which flight each of ``legs`` belongs to."""
        return self.flights.of_legs(self.legs)

    @cached_property
    def _flight_of_leg_by(self) -> dict[str, npt.NDArray[np.int64]]:
        return {}

    def legs_of_flight(self, reference: str, flight: int) -> npt.NDArray[np.int64]:
        """Return which legs under one altitude reference are a flight's."""
        if reference not in self._flight_of_leg_by:
            self._flight_of_leg_by[reference] = self.flights.of_legs(self.legs_by(reference))
        low, high = np.searchsorted(self._flight_of_leg_by[reference], [flight, flight + 1])
        return np.arange(low, high)

    @cached_property
    def hours(self) -> npt.NDArray[np.float64]:
        """How many hours of each flight lie within legs."""
        lasts_h = (self.legs.t_out_us - self.legs.t_in_us) / 3.6e9
        return np.bincount(self.flight_of_leg, lasts_h, minlength=len(self.flights)).astype(np.float64)

    def hours_while(self, held: list[spans.Span]) -> npt.NDArray[np.float64]:
        """Return how many hours of each flight lie within legs, and within some spans that do not overlap."""
        if not spans.without([(self.first_us, self.last_us)], held):
            return self.hours
        begin_us, end_us = (
            (each + self.legs.base_us).astype(np.float64) for each in (self.legs.t_in_us, self.legs.t_out_us)
        )
        lasts_h = spans.within(begin_us, end_us, held) / 3.6e9
        return np.bincount(self.flight_of_leg, lasts_h, minlength=len(self.flights)).astype(np.float64)

    @cached_property
    def first_us(self) -> int:
        """When anything is first heard."""
        return int(self.tracks.t_us.min()) if len(self.tracks) else 0

    @cached_property
    def last_us(self) -> int:
        """When anything is last heard."""
        return int(self.tracks.t_us.max()) if len(self.tracks) else 0

    @cached_property
    def valid(self) -> list[spans.Span]:
        """When the agreement holds."""
        return spans.of_intervals([self.agreement.head.valid] if self.agreement.head.valid else None)

    def rows(self, legs: Legs, samples: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Return the rows of the tracks that samples of legs are."""
        return np.asarray(accuracy.rows_of(legs, samples))

    def samples_at(
        self, legs: Legs, leg: npt.NDArray[np.int64], t_us: npt.NDArray[np.float64]
    ) -> npt.NDArray[np.int64]:
        """Return the last sample of each leg at or before an instant of Unix time; its first if none is."""
        return accuracy.samples_at(legs, leg, t_us)

    def legs_at(self, flight: npt.NDArray[np.int64], t_us: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Return which of ``legs`` each flight was in at an instant of Unix time."""
        found: npt.NDArray[np.int64] = leg_kernels.last_at(
            self._first_leg, self._leg_begin_us, flight, np.asarray(t_us, np.float64) - self.legs.base_us
        )
        return found

    def first_leg_of_flight(self, leg: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Return the first leg of the flight that each of ``legs`` belongs to."""
        return self._first_leg[self.flight_of_leg[leg]]

    def last_leg_of_flight(self, leg: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Return the last one."""
        return self._first_leg[self.flight_of_leg[leg] + 1] - 1

    @cached_property
    def gap_from_us(self) -> npt.NDArray[np.float64]:
        """When each of ``legs`` ends, Unix microseconds: the gap after it begins."""
        return (self.legs.t_out_us + self.legs.base_us).astype(np.float64)

    @cached_property
    def gap_until_us(self) -> npt.NDArray[np.float64]:
        """When the leg after each of ``legs`` begins; of the last one, never."""
        return np.append(self.legs.t_in_us[1:] + self.legs.base_us, np.inf)[: len(self.legs)]

    def silence_us(
        self, leg_in: npt.NDArray[np.int64], leg_out: npt.NDArray[np.int64]
    ) -> npt.NDArray[np.float64]:
        """Return how long the gaps between two legs of one flight are together."""
        lasts_us = np.where(np.isfinite(self.gap_until_us), self.gap_until_us - self.gap_from_us, 0.0)
        before = np.append(0.0, np.cumsum(lasts_us))
        return np.asarray(before[leg_out] - before[leg_in])

    @cached_property
    def _leg_begin_us(self) -> npt.NDArray[np.int64]:
        return frozen(self.legs.t_in_us)

    @cached_property
    def _first_leg(self) -> npt.NDArray[np.int64]:
        """Which of ``legs`` is the first of each flight, (flights + 1,)."""
        return frozen(np.searchsorted(self.flight_of_leg, np.arange(len(self.flights) + 1)))

    def leg_in(self, legs: Legs, other: Legs, leg: int) -> int:
        """Return which leg holds the beginning of a leg of another altitude reference."""
        if legs is other:
            return leg
        row = int(self.rows(other, other.first[leg : leg + 1])[0])
        sample = int(np.searchsorted(legs.rows, row)) if legs.rows.size else row
        return int(np.searchsorted(legs.first, sample, side="right")) - 1

    # Lines ---------------------------------------------------------------------------------------

    def excursions(
        self, line: Shape, legs: npt.NDArray[np.int64], wrong: float, reach_m: float, held: list[spans.Span]
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
        """Return the stretches of some legs beside a line on its wrong side: whose, and what `sides` says of each.

        ``held`` is when the rule holds: excursions are cut there.
        """
        edges = edges_of(line)
        begin, end, _, _ = self._windows(held, None, None, "", self.legs.base_us)

        def ask(some: npt.NDArray[np.int64], room: int) -> Any:
            kernel: Any = sides.find_excursions
            box = edges.grown_box(reach_m)
            return kernel(*self._samples(self.legs), some, wrong, reach_m, *box, *edges, begin, end, room)

        return _all_of(ask, legs, sides.EXCURSION_WIDTH)

    @cached_property
    def _blocks(self) -> dict[int, tuple[npt.NDArray[Any], ...]]:
        return {}

    def _samples(self, legs: Legs) -> tuple[npt.NDArray[Any], ...]:
        """Return samples, legs and their blocks, as the kernels take them."""
        if id(legs) not in self._blocks:
            find: Any = blocks.find_blocks
            first = frozen(blocks.blocks_of_legs(legs.first))
            found = find(legs.lat_deg, legs.lon_deg, legs.altitude, legs.first, first)
            self._blocks[id(legs)] = (first, frozen(found))
        return legs.t_us, legs.lat_deg, legs.lon_deg, legs.altitude, legs.first, *self._blocks[id(legs)]

    # Places --------------------------------------------------------------------------------------

    def inside(
        self,
        place: Place,
        legs: Legs,
        chosen: npt.NDArray[np.int64],
        reference: str,
        *,
        margin_m: float = 0.0,
        held: list[spans.Span] | None = None,
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
        """Return the stretches of some legs inside the volumes of a place that one altitude reference can tell.

        ``held`` is when a rule holds, if not always: stretches are cut there.
        """
        whose: list[npt.NDArray[np.int64]] = []
        rows: list[npt.NDArray[np.float64]] = []
        for volume in place.volumes:
            if volume.reference != reference:
                continue
            windows = self.windows(volume, place.name, legs.base_us, held)
            for shape in volume.shapes:
                found = self._inside(shape, windows, legs, chosen, margin_m)
                whose.append(found[0])
                rows.append(found[1])
        if not whose:
            return np.empty(0, np.int64), np.empty((0, zones.PENETRATION_WIDTH))
        return np.concatenate(whose), np.concatenate(rows)

    def _inside(
        self, shape: Shape, windows: Any, legs: Legs, chosen: npt.NDArray[np.int64], margin_m: float
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
        edges = edges_of(shape)
        kind, radius_m = kind_of(shape, margin_m)
        box = edges.grown_box(radius_m) if radius_m < EVERYWHERE_M else (-1e9, -91.0, 1e9, 91.0)

        def ask(some: npt.NDArray[np.int64], room: int) -> Any:
            kernel: Any = zones.find_penetrations
            return kernel(*self._samples(legs), some, kind, radius_m, *box, *edges, *windows, room)

        return _all_of(ask, chosen, zones.PENETRATION_WIDTH)

    def misses(
        self,
        place: Place,
        legs: Legs,
        chosen: npt.NDArray[np.int64],
        reference: str,
        margin_m: float,
        near: tuple[float, float],
        held: list[spans.Span],
    ) -> Iterator[npt.NDArray[np.float64]]:
        """Yield how near some legs came to each figure of a place, (m, misses.MISS_WIDTH); ``near`` in m and ft."""
        find: Any = misses.find_misses
        for volume in place.volumes:
            if volume.reference != reference:
                continue
            windows = self.windows(volume, place.name, legs.base_us, held)
            for shape in volume.shapes:
                edges = edges_of(shape)
                kind, radius_m = kind_of(shape, margin_m)
                box = edges.grown_box(radius_m + near[0])
                yield find(
                    *self._samples(legs), frozen(chosen), kind, radius_m, *box, *edges, *windows, *near
                )

    def windows(
        self, volume: Volume, name: str, base_us: int, held: list[spans.Span] | None = None
    ) -> tuple[npt.NDArray[np.float64], ...]:
        """Return when a volume holds and between which levels, as the kernels take them; within ``held``, if given."""
        when = spans.common(spans.of_schedule(volume.schedule, self.first_us, self.last_us), self.valid)
        held = when if held is None else spans.common(when, held)
        return self._windows(held, volume.floor, volume.ceiling, name, base_us)

    def _windows(
        self, held: list[spans.Span], floor: Limit | None, ceiling: Limit | None, name: str, base_us: int
    ) -> tuple[npt.NDArray[np.float64], ...]:
        pieces = [(begin, end, np.nan) for begin, end in held]
        if any(each is not None and each.needs_qnh for each in (floor, ceiling)):
            pieces = self._by_qnh(held, name)
        rows = [
            (
                begin - base_us,
                end - base_us,
                self.level(floor, name, -np.inf, sea_ft),
                self.level(ceiling, name, np.inf, sea_ft),
            )
            for begin, end, sea_ft in pieces
        ]
        return tuple(map(frozen, np.array(rows, float).reshape(-1, 4).T.copy()))

    def level(self, limit: Limit | None, place: str, absent: float, sea_ft: float) -> float:
        """Return a limit in feet, as the altitudes of its reference are counted; ``absent`` if there is none.

        ``sea_ft`` is the pressure altitude of mean sea level.
        """
        if limit is None:
            return absent
        if limit.is_ground:
            return -np.inf
        feet = limit.value if limit.unit == "ft" else limit.value / METRES_PER_FOOT
        if limit.datum == "AGL":
            feet += self._ground_ft(place)
        return feet + sea_ft if limit.needs_qnh else feet

    def _ground_ft(self, name: str) -> float:
        """Return how high the ground of a place is; 0 above a raster, by which legs have been taken down instead."""
        elevation_m = self.agreement.ground_m.get(name)
        if elevation_m is None and not all(each.ground for each in self.agreement.places[name].volumes):
            raise UsageError(
                f"place '{name}': nothing says how high the ground is. Write ground: in the place."
            )
        return (elevation_m or 0.0) / METRES_PER_FOOT

    def _by_qnh(self, held: list[spans.Span], name: str) -> list[tuple[float, float, float]]:
        """Cut spans where the QNH of a place changes: (from, until, pressure altitude of mean sea level in feet)."""
        qnh = self.agreement.qnh
        if qnh is None:
            raise UsageError("a level above mean sea level needs the QNH. Write atmosphere: {qnh: 1013 hPa}.")
        station = qnh.station_of(self.agreement.places.get(name))
        earliest_us = station.from_us[0]
        held = spans.common(held, [(self.first_us - 1, self.last_us + 1)] if len(self.tracks) else [])
        if held and max(held[0][0], self.first_us) < earliest_us:
            instants = (earliest_us, max(held[0][0], self.first_us))
            earliest, needed = (f"{spans.instant(us):%Y-%m-%d %H:%M:%S} UTC" for us in instants)
            whose = f"the place '{name}'" if name else "a permission"
            raise UsageError(
                f"{qnh.source or self.agreement.file or 'the agreement'}: the first QNH{station.where} holds from "
                f"{earliest} on, and {whose} needs one from {needed} on. Add an earlier value, or leave "
                "earlier tracks out."
            )
        return [
            (begin, end, pressure_altitude_ft(qnh_hpa))
            for span in spans.common(held, [(earliest_us, spans.FOREVER_US)])
            for begin, end, qnh_hpa in station.pieces(*span)
        ]

    # Permissions ---------------------------------------------------------------------------------

    def permissions_for(self, rule: str, flight: int) -> list[Permission]:
        """Return the permissions that excuse a rule for a flight, at some time and place."""
        return [one for one, mask in self._granted(rule) if mask[flight]]

    def permitted(self, rule: str) -> npt.NDArray[np.bool_]:
        """Return for which flights there is such a permission."""
        found = np.zeros(len(self.flights), np.bool_)
        for _, mask in self._granted(rule):
            found |= mask
        return found

    @cached_property
    def _granted_by_rule(self) -> dict[str, list[tuple[Permission, npt.NDArray[np.bool_]]]]:
        return {}

    def _granted(self, rule: str) -> list[tuple[Permission, npt.NDArray[np.bool_]]]:
        if rule not in self._granted_by_rule:
            found = []
            for one in self.agreement.permissions:
                entry = one.entry
                if rule not in entry.excuses:
                    continue
                mask = self.flights.bound_by([entry.party])
                if entry.icao24 is not None:
                    mask = mask & self.flights.within(entry.icao24)
                if entry.callsign is not None:
                    mask = mask & self.flights.called(entry.callsign)
                if entry.classes is not None:
                    mask = mask & self.flights.of_class(entry.classes)
                found.append((one, mask))
            self._granted_by_rule[rule] = found
        return self._granted_by_rule[rule]

    def covered(self, one: Permission, leg: int) -> list[spans.Span]:
        """Return when a permission covers one of ``legs``, Unix microseconds."""
        from wideberth.agreement.shapes import Shape

        entry = one.entry
        held = spans.of_intervals(entry.during)
        legs = self.legs
        begin, end = (
            float(legs.t_us[at] + legs.base_us) for at in (legs.first[leg], legs.first[leg + 1] - 1)
        )
        held = spans.common(held, [(begin - 1.0, end + 1.0)])
        chosen = np.array([leg], np.int64)
        if held and (entry.below is not None or entry.above is not None):
            windows = self._windows(held, entry.above, entry.below, "", legs.base_us)
            everywhere = Shape("circle", (((0.0, 0.0),),), EVERYWHERE_M)
            _, rows = self._inside(everywhere, windows, legs, chosen, 0.0)
            held = spans.of_rows(rows, legs.base_us)
        if held and one.places:
            within: list[spans.Span] = []
            for place in one.places:
                for reference in sorted({volume.reference for volume in place.volumes}):
                    same = self.legs_by(reference)
                    near = self.legs_of_flight(reference, int(self.flight_of_leg[leg]))
                    _, rows = self.inside(place, same, near, reference)
                    within += spans.of_each(rows, same.base_us)
            held = spans.common(held, spans.united(within))
        return held


def kind_of(shape: Shape, margin_m: float) -> tuple[int, float]:
    """Return which kind of figure the kernels take a shape with a margin for, and its radius."""
    if shape.kind == "corridor":
        kind = zones.ROUND_CORRIDOR if shape.ends == "round" else zones.FLAT_CORRIDOR
    elif shape.kind == "area" and margin_m > 0.0:
        kind = zones.GROWN_AREA
    else:
        kind = KINDS[shape.kind]
    return kind, shape.radius_m + margin_m


def _all_of(
    ask: Any, legs: npt.NDArray[np.int64], width: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Return all that kernels find of some legs, leg after leg: whose, and the rows."""
    if not legs.size:
        return np.empty(0, np.int64), np.empty((0, width))
    count, rows = ask(frozen(legs), ROOM)
    more = np.flatnonzero(count > ROOM)
    again = {}
    if more.size:
        _, all_rows = ask(frozen(legs[more]), int(count.max()))
        again = {int(k): all_rows[n, : count[k]] for n, k in enumerate(more)}
    some = np.flatnonzero(count > 0)
    parts = [again[int(k)] if int(k) in again else rows[k, : count[k]] for k in some]
    return np.repeat(legs[some], count[some]), np.concatenate(parts) if parts else np.empty((0, width))

"""What a picture of one finding shows: the ways of its aircraft in a plane, and how far apart or how deep they were.

Motion between two reports is straight at constant speed between Earth-centred points, as everywhere in wideberth, and
separation is the chord between two such points: at the closest point of an encounter it is ``hmd_m``.  The plane
touches the Earth at the finding's own place.  How far an aircraft was from a line or an edge is measured in that
plane, for the eye: 1 % within 150 km; the finding's own figures are exact.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from wideberth.encounters import Encounters
from wideberth.errors import UsageError
from wideberth.report import depths
from wideberth.report.around import REFERENCES, Way, ways
from wideberth.report.motion import Frame, Motion
from wideberth.report.outlines import outline
from wideberth.units import METRES_PER_FOOT, METRES_PER_NM

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import numpy.typing as npt

    from wideberth.agreement.load import Agreement
    from wideberth.agreement.rules import Rule
    from wideberth.tables import Findings
    from wideberth.tracks import Tracks

    Floats = npt.NDArray[np.float64]

BEFORE_S = 60.0
"""How long before and after a finding its aircraft are shown."""
PLAN_S = 30.0
"""And in the plan, which would else be all approach."""
LONGEST_S = 600.0
"""Of two aircraft, no more than this before and after the worst instant: company may last for hours."""
STEPS = 600  # of the whole time, between reports
ROOM = 1.08  # around what is shown in the plan
LEAST_M = 300.0  # half the width of a plan


@dataclass(frozen=True)
class LegView:
    """A leg, at its reports and in between.

    Attributes:
        t_s: (n,) seconds from the instant that the scene is about.
        east_m, north_m: (n,) in the plane.
        altitude_ft: (n,).
        is_report: (n,) True where it was recorded, False where it is inferred.
    """

    t_s: Floats
    east_m: Floats
    north_m: Floats
    altitude_ft: Floats
    is_report: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Aircraft:
    """One aircraft: its name and its legs."""

    name: str
    legs: tuple[LegView, ...]


@dataclass(frozen=True)
class Separation:
    """How far two aircraft were apart while both were heard; ``is_report`` where either was."""

    t_s: Floats
    horizontal_m: Floats
    vertical_ft: Floats
    is_report: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Depth:
    """How far an aircraft was past a line, inside or outside a place; ``is_report`` as of `LegView`."""

    t_s: Floats
    depth_m: Floats
    is_report: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Scene:
    """Everything that a picture shows; positions in metres in the plane, times in seconds from ``clock``.

    Attributes:
        title: what was found, in a sentence.
        called, clock: what the instant 0 is, and when it was, UTC.
        origin: of the plane, in words.
        reference: of the altitudes, in words.
        aircraft: one or two.
        from_s, until_s, span_s: shown, and of the finding itself.
        plan_s: shown in the plan.
        centre, reach_m: of the plan, and half its width.
        ends: where both aircraft were at 0; None where there is one.
        worst: where the one aircraft was at 0.
        minimum_m, minimum_ft: that a pair was to keep; None where that is not told.
        separation: of a pair; None of one aircraft.
        depth, depth_title, buffer_m: of one aircraft, past a line or within a place.
        levels_ft: of the place, with their names.
        places: what the rule is about.
        interval_s: at which the 95 % intervals hold.
        at_95_m, horizontal_95_m, at_95_ft, vertical_95_ft: figures with their 95 % intervals.
    """

    title: str
    called: str
    clock: str
    origin: str
    reference: str
    aircraft: tuple[Aircraft, ...]
    from_s: float
    until_s: float
    span_s: tuple[float, float]
    plan_s: tuple[float, float]
    centre: tuple[float, float] = (0.0, 0.0)
    reach_m: float = LEAST_M
    ends: tuple[tuple[float, float], tuple[float, float]] | None = None
    worst: tuple[float, float] | None = None
    minimum_m: float | None = None
    minimum_ft: float | None = None
    separation: tuple[Separation, ...] | None = None
    depth: tuple[Depth, ...] = ()
    depth_title: str = ""
    buffer_m: float = 0.0
    levels_ft: tuple[tuple[float, str], ...] = ()
    places: tuple[depths.Drawn, ...] = ()
    interval_s: float = 0.0
    at_95_m: float | None = None
    horizontal_95_m: tuple[float, float] | None = None
    at_95_ft: float | None = None
    vertical_95_ft: tuple[float, float] | None = None


def scene(findings: Findings, id: str, tracks: Tracks, agreement: Agreement | None = None) -> Scene:
    """Return what a picture of one finding shows.

    Args:
        findings: incidents or encounters.
        id: of one of them, in full.
        tracks: that it was found in.
        agreement: with its rule: the minima, the line or the place.
    Raises:
        UsageError: it is about no aircraft, or one that is not in the tracks.
    """
    import pyarrow.compute as pc

    one = replace(findings, table=findings.table.filter(pc.equal(findings["id"], id)).slice(0, 1))  # type: ignore[type-var]
    row = next(iter(one), None)
    if row is None:
        raise UsageError(f"nothing here has the id '{id}'.")
    addresses = [row[name] for name in ("icao24_a", "icao24_b") if row.get(name)]
    if not addresses:
        raise UsageError(f"{id} is about no aircraft by itself, so there is nothing to draw.")
    absent = [each for each in addresses if each not in tracks.aircraft]
    if absent:
        raise UsageError(f"{', '.join(absent)}: not in these tracks. Give those that it was found in.")
    rule = _rule(row, agreement)
    gap_s = None if agreement is None else agreement.head.max_gap
    found = _ways(one, tracks, addresses, row.get("vertical_reference"), gap_s)
    return _Maker(one, row, found, rule).scene()


def _rule(row: Mapping[str, Any], agreement: Agreement | None) -> Rule | None:
    if agreement is None or "rule" not in row:
        return None
    return next((rule for rule in agreement.rules if rule.id == row["rule"]), None)


def _ways(
    one: Findings, tracks: Tracks, addresses: list[str], reference: str | None, gap_s: float | None
) -> list[Way]:
    """Return the ways of the aircraft, in the order of the addresses, under one reference where they have one."""
    margin_s = BEFORE_S + LONGEST_S
    for wanted in (reference, "geometric"):
        chosen = wanted if wanted in ("barometric", "geometric") else None
        found = {
            way.icao24: way for way in ways(tracks, one, margin_s=margin_s, max_gap_s=gap_s, reference=chosen)
        }
        if len({way.reference for way in found.values()}) == 1:
            break
    return [found[address] for address in addresses if address in found]


class _Maker:
    """Puts a scene together."""

    def __init__(
        self, findings: Findings, row: Mapping[str, Any], found: list[Way], rule: Rule | None
    ) -> None:
        self.findings, self.row, self.ways, self.rule = findings, row, found, rule
        self.is_encounter = isinstance(findings, Encounters)
        self.is_pair = len(found) == 2
        zero = row["t_cpa"] if self.is_encounter else row["t_worst"] or row["t_in"]
        self.zero_us = round(zero.timestamp() * 1e6)
        self.clock = f"{zero:%Y-%m-%d %H:%M:%S}.{zero.microsecond // 100_000}"
        self.span_s = tuple(
            (round(row[name].timestamp() * 1e6) - self.zero_us) * 1e-6 for name in ("t_in", "t_out")
        )
        begin_s, end_s = self.span_s[0] - BEFORE_S, self.span_s[1] + BEFORE_S
        if self.is_pair:
            begin_s, end_s = max(begin_s, -LONGEST_S), min(end_s, LONGEST_S)
        self.from_s, self.until_s = begin_s, end_s
        self.plan_s = (max(self.span_s[0] - PLAN_S, begin_s), min(self.span_s[1] + PLAN_S, end_s))
        self.paths = [self._clipped(way) for way in found]
        self.frame = Frame(*self._origin())

    def scene(self) -> Scene:
        row = self.row
        aircraft = tuple(
            Aircraft(printable(way.name), tuple(self._view(leg) for leg in legs))
            for way, legs in zip(self.ways, self.paths, strict=True)
        )
        references = {way.reference for way in self.ways}
        minima = self._minima()
        return replace(
            Scene(
                title=self._title(),
                called=self._called(),
                clock=self.clock,
                origin=self.frame.words,
                reference=" or ".join(REFERENCES[each] for each in sorted(references)),
                aircraft=aircraft,
                from_s=self.from_s,
                until_s=self.until_s,
                span_s=(self.span_s[0], self.span_s[1]),
                plan_s=self.plan_s,
                minimum_m=minima[0],
                minimum_ft=minima[1],
                places=tuple(self._places()),
                levels_ft=tuple(self._levels()) if "geometric" not in references else (),
            ),
            **self._extent(aircraft, minima[0]),
            **(self._of_pair(row, len(references) == 1) if self.is_pair else self._of_one(row, aircraft)),
        )

    def _called(self) -> str:
        if self.is_encounter:
            return "the closest point"
        return "the worst instant" if self.row["t_worst"] is not None else "the beginning"

    def _title(self) -> str:
        row = self.row
        names = " and ".join(way.name for way in self.ways)
        if self.is_encounter:
            vertical = row["vertical_ft_at_cpa"]
            high = "" if vertical is None else f", {vertical:,.0f} ft vertically"
            told = f"{row['hmd_m']:,.0f} m ({row['hmd_m'] / METRES_PER_NM:.2f} NM) apart{high}"
        else:
            told = f"{row['rule']}, {row['verdict']}: {row['sentence']}"
        trust = f"; {row['trust']}" if row.get("trust") else ""
        return printable(f"{names}\n{told}{trust}")

    def _minima(self) -> tuple[float | None, float | None]:
        if isinstance(self.findings, Encounters):
            return self.findings.minima.horizontal_m, self.findings.minima.vertical_ft
        if self.rule is not None and self.rule.kind == "apart":
            apart = self.rule.entry.keeps.apart  # type: ignore[union-attr]
            return float(apart.horizontal), float(apart.vertical)
        return None, None

    def _clipped(self, way: Way) -> list[Motion]:
        made = [Motion.of(leg, self.zero_us) for leg in way.legs]
        near = [path for path in made if path.t_s[-1] >= self.from_s and path.t_s[0] <= self.until_s]
        return [path.between(self.from_s, self.until_s) for path in near]

    def _origin(self) -> tuple[float, float]:
        ending = "_a" if self.is_encounter else ""
        lon, lat = self.row.get(f"lon{ending}_deg"), self.row.get(f"lat{ending}_deg")
        if lon is not None and lat is not None:
            return lon, lat
        samples = [
            (abs(int(t_us) - self.zero_us), float(lon), float(lat))
            for leg in self.ways[0].legs
            for t_us, lon, lat in zip(leg.t_us, leg.lon_deg, leg.lat_deg, strict=True)
        ]
        _, lon, lat = min(samples)  # nothing says where it was: the report nearest in time
        return lon, lat

    def _view(self, path: Motion) -> LegView:
        t_s, is_report = path.instants(self._step_s())
        east_m, north_m = self.frame.plane(path.at(t_s))
        return LegView(t_s, east_m, north_m, path.altitude_ft_at(t_s), is_report)

    def _step_s(self) -> float:
        return float(max((self.until_s - self.from_s) / STEPS, 1e-3))

    def _extent(self, aircraft: tuple[Aircraft, ...], minimum_m: float | None) -> dict[str, Any]:
        """Return the middle and half the width of the plan: what was flown in the finding, and the minima's circle."""
        within = []
        for each in aircraft:
            for leg in each.legs:
                inside = (leg.t_s >= self.plan_s[0]) & (leg.t_s <= self.plan_s[1])
                within.append(np.column_stack([leg.east_m[inside], leg.north_m[inside]]))
        points = np.concatenate(within) if within else np.zeros((1, 2))
        if minimum_m is not None:
            corners = minimum_m * np.array([[1, 1], [-1, -1]])
            points = np.concatenate([points, corners])
        low, high = points.min(axis=0), points.max(axis=0)
        reach_m = max(ROOM * float((high - low).max()) / 2.0, LEAST_M)
        middle = (low + high) / 2.0
        return {"centre": (float(middle[0]), float(middle[1])), "reach_m": reach_m}

    # Two aircraft

    def _of_pair(self, row: Mapping[str, Any], has_vertical: bool) -> dict[str, Any]:
        parts = tuple(self._separations(has_vertical))
        ends = tuple(self._position_at_zero(paths) for paths in self.paths)
        made: dict[str, Any] = {"separation": parts, "ends": ends if None not in ends else None}
        names = (
            ("hmd_m", "hmd_low_m", "hmd_high_m", "vertical_ft_at_cpa")
            if self.is_encounter
            else ("magnitude", "magnitude_low", "magnitude_high", "vertical_ft")
        )
        at_m, low_m, high_m, at_ft = (row.get(name) for name in names)
        if None not in (at_m, low_m, high_m):
            made |= {"at_95_m": at_m, "horizontal_95_m": (low_m, high_m)}
        low_ft, high_ft = row.get("vertical_low_ft"), row.get("vertical_high_ft")
        if None not in (at_ft, low_ft, high_ft):
            made |= {"at_95_ft": at_ft, "vertical_95_ft": (low_ft, high_ft)}
        if not self.is_encounter and parts:
            t_s, away_m = (np.concatenate([getattr(p, n) for p in parts]) for n in ("t_s", "horizontal_m"))
            within = (t_s >= self.span_s[0]) & (t_s <= self.span_s[1])
            if within.any():
                made["interval_s"] = float(t_s[within][np.argmin(away_m[within])])
        return made

    def _separations(self, has_vertical: bool) -> Iterator[Separation]:
        for one in self.paths[0]:
            for other in self.paths[1]:
                begin, end = max(one.t_s[0], other.t_s[0]), min(one.t_s[-1], other.t_s[-1])
                if begin > end:
                    continue
                mixed = [path.instants(self._step_s()) for path in (one, other)]
                every = np.unique(np.concatenate([*(t for t, _ in mixed), [begin, end, 0.0]]))
                t_s = every[(every >= begin) & (every <= end)]
                reports = np.concatenate([t[known] for t, known in mixed])
                across = one.at(t_s) - other.at(t_s)
                high = np.abs(one.altitude_ft_at(t_s) - other.altitude_ft_at(t_s))
                yield Separation(
                    t_s,
                    np.linalg.norm(across, axis=1),
                    high if has_vertical else np.full(t_s.size, np.nan),
                    np.isin(t_s, reports),
                )

    def _position_at_zero(self, paths: list[Motion]) -> tuple[float, float] | None:
        for path in paths:
            if path.t_s[0] <= 0.0 <= path.t_s[-1]:
                east_m, north_m = self.frame.plane(path.at(np.zeros(1)))
                return float(east_m[0]), float(north_m[0])
        return None

    # One aircraft

    def _of_one(self, row: Mapping[str, Any], aircraft: tuple[Aircraft, ...]) -> dict[str, Any]:
        made: dict[str, Any] = {"worst": (0.0, 0.0) if row.get("lon_deg") is not None else None}
        how = None if self.rule is None else depths.measure(self.rule, tuple(self._places()))
        if how is None:
            return made
        depth_m, title = how
        made["depth_title"] = title
        made["depth"] = tuple(
            Depth(leg.t_s, depth_m(leg.east_m, leg.north_m), leg.is_report) for leg in aircraft[0].legs
        )
        buffer_m = getattr(self.rule.entry.keeps, "buffer", 0.0) if self.rule is not None else 0.0
        low, high = row.get("magnitude_low"), row.get("magnitude_high")
        if row.get("magnitude_unit") == "m" and None not in (low, high) and row["verdict"] != "kept":
            made |= {"at_95_m": row["magnitude"], "horizontal_95_m": (low, high)}
        return {**made, "buffer_m": buffer_m}

    def _places(self) -> Iterator[depths.Drawn]:
        for place in () if self.rule is None else self.rule.places:
            paths = []
            is_area = False
            for volume in place.volumes:
                for shape in volume.shapes:
                    made = outline(shape, is_for_globe=True)
                    is_area = bool(made.areas)
                    rings = [*made.lines, *(area[0] for area in made.areas)]
                    paths += [self.frame.of_positions(ring) for ring in rings]
            yield depths.Drawn(place.name, tuple(paths), is_area)
            yield from self._buffers(paths)

    def _buffers(self, paths: list[Any]) -> Iterator[depths.Drawn]:
        """Yield how far past a line is no finding yet."""
        from shapely import LineString

        buffer_m = float(getattr(self.rule.entry.keeps, "buffer", 0.0)) if self.rule is not None else 0.0
        if self.rule is None or self.rule.kind != "side" or not buffer_m:
            return
        aside_m = -buffer_m if self.rule.is_left_kept else buffer_m  # left of a line is positive
        moved = [LineString(path).offset_curve(aside_m) for path in paths]
        parts = [part for each in moved for part in getattr(each, "geoms", [each])]
        shown = tuple(np.array(part.coords) for part in parts if not part.is_empty)
        yield depths.Drawn(f"its buffer, {distance(buffer_m)}", shown, is_area=False, is_buffer=True)

    def _levels(self) -> Iterator[tuple[float, str]]:
        for place in () if self.rule is None else self.rule.places:
            for volume in place.volumes:
                for limit in (volume.floor, volume.ceiling):
                    if limit is not None and limit.datum == "pressure":
                        yield limit.value * (1.0 if limit.unit == "ft" else 1 / METRES_PER_FOOT), limit.text


def printable(text: str) -> str:
    """Return a text without what a picture cannot show: control characters."""
    return "".join(c if c.isprintable() or c == "\n" else "�" for c in text)


def distance(metres: float) -> str:
    """Return a distance as the field says it.

    >>> distance(9260.0), distance(555.6), distance(500.0)
    ('5 NM', '0.3 NM', '500 m')
    """
    nm = metres / METRES_PER_NM
    return f"{nm:.10g} NM" if abs(nm * 10 - round(nm * 10)) < 1e-9 else f"{metres:,.10g} m"

"""The places of an agreement file: written in it, or in files that it names."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from wideberth.agreement import arcs, line_sides
from wideberth.agreement.model import PlaceEntry
from wideberth.agreement.shapes import Place, Shape, Volume, unwrapped
from wideberth.agreement.terrain import Terrain
from wideberth.agreement.values import WithinError
from wideberth.errors import AgreementError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wideberth.agreement.document import Document


class Places:
    """Reads places, and remembers of lines whether they have two sides.

    Attributes:
        document: the file.
        ground_m: elevation of the ground above mean sea level, by place, where it is told.
        terrains: rasters of it, by the names of their files; None for one with faults.
    """

    def __init__(self, document: Document) -> None:
        self.document = document
        self.ground_m: dict[str, float] = {}
        self.terrains: dict[str, Terrain | None] = {}
        self._has_sides: dict[str, bool] = {}

    def has_two_sides(self, name: str, line: Shape) -> bool:
        """Return whether a line has two sides; where not, that is noted once."""
        if name not in self._has_sides:
            self._has_sides[name] = self._has_two_sides(name, line)
        return self._has_sides[name]

    def read(self) -> Iterator[tuple[str, Place]]:
        """Yield each place without faults, by name."""
        for name, raw in self.document.named("places"):
            entry = self.document.valid(PlaceEntry, raw, ("places", name))
            if entry is None:
                continue
            if isinstance(entry.ground, float):
                self.ground_m[name] = entry.ground
            elif entry.ground is not None and entry.ground not in self.terrains:
                at = ("places", name, "ground")
                self.terrains[entry.ground] = self.document.named_file(entry.ground, at, Terrain.open)
            place = self._place(name, entry)
            if place is not None:
                yield name, place

    def _place(self, name: str, entry: PlaceEntry) -> Place | None:
        edges = entry.edges or "straight"
        if entry.file is not None:
            return self._from_file(name, entry)
        if entry.line is not None:
            shape = Shape("line", (entry.line,), edges=edges)
            self.has_two_sides(name, shape)
        elif entry.area is not None:
            shape = Shape("area", entry.area, edges=edges)
            self._check_rings(name, entry.area)
        elif entry.corridor is not None and entry.width is not None:
            shape = Shape("corridor", (entry.corridor,), entry.width / 2.0, edges, entry.ends)
        elif entry.point is not None and entry.radius is not None:
            shape = Shape("circle", ((entry.point,),), entry.radius)
        else:  # the model has refused it
            return None
        self._check_shortest_ways(name, shape)
        volume = Volume((shape,), entry.floor, entry.ceiling, entry.schedule, _raster(entry))
        return Place(name, (volume,), title=entry.title or "")

    def _check_shortest_ways(self, name: str, shape: Shape) -> None:
        if shape.edges != "geodesic":
            return
        for ring in shape.rings:
            ends = [*ring, ring[0]] if shape.kind == "area" else ring
            for a, b in itertools.pairwise(ends):
                if arcs.bearing_and_distance(a, b) is None:
                    self.document.tree.fault(
                        ("places", name, shape.kind),
                        f"[{a[0]:g}, {a[1]:g}] and [{b[0]:g}, {b[1]:g}] are nearly opposite points of the Earth: which "
                        "way between them is the shortest cannot be told.",
                        "Put a position between them.",
                    )

    def _check_rings(self, name: str, rings: Sequence[Sequence[tuple[float, float]]]) -> None:
        from shapely import Polygon
        from shapely.validation import explain_validity

        outer, *holes = map(unwrapped, rings)
        polygon = Polygon(outer, holes)
        if not polygon.is_valid:
            why, _, where = explain_validity(polygon).rstrip("]").partition("[")
            near = f" near {', '.join(where.split())}" if where else ""
            self.document.tree.fault(
                ("places", name, "area"),
                f"the area '{name}' is not a plain figure: {why.strip().lower()}{near}.",
                "Its edges may not cross, and holes lie within the outer ring: put the positions in order.",
            )

    def _has_two_sides(self, name: str, shape: Shape) -> bool:
        """Return whether a line has two sides; say where its positions stand that it has not."""
        try:
            line_sides.check_figure(shape)
        except WithinError as error:
            what, _, remedy = str(error).partition("\n")
            key = "line" if "line" in self.document.tree.value["places"][name] else "file"
            self.document.tree.fault(("places", name, key, *error.at), f"the line '{name}' {what}", remedy)
            return False
        return True

    def _from_file(self, name: str, entry: PlaceEntry) -> Place | None:
        from wideberth.agreement import placefiles

        assert entry.file is not None
        path_text, _, chosen = entry.file.partition("#")
        where = ("places", name, "file")
        found = self.document.named_file(path_text, where, placefiles.read_places)
        if found is None:
            return None
        if chosen:
            try:
                found = [placefiles.select(found, chosen, path_text)]
            except AgreementError as error:
                for fault in error.faults:
                    self.document.tree.fault(where, f"file: in '{path_text}': {fault.what}", fault.remedy)
                return None
        volumes = tuple(
            Volume(
                tuple(_with_edges(shape, entry.edges) for shape in volume.shapes),
                entry.floor or volume.floor,
                entry.ceiling or volume.ceiling,
                volume.schedule if entry.schedule.is_always else entry.schedule,
                _raster(entry),
            )
            for place in found
            for volume in place.volumes
        )
        if not volumes:
            self.document.tree.fault(where, f"'{entry.file}' holds no place.", "Is it the right file?")
            return None
        notes = tuple(dict.fromkeys(note for place in found for note in place.notes))
        one = found[0] if len(found) == 1 else None
        return Place(
            name, volumes, entry.title or (one.title if one else ""), one.restriction if one else "", notes
        )


def _raster(entry: PlaceEntry) -> str:
    return entry.ground if isinstance(entry.ground, str) else ""


def _with_edges(shape: Shape, edges: Any) -> Shape:
    return shape if edges is None else Shape(shape.kind, shape.rings, shape.radius_m, edges, shape.ends)

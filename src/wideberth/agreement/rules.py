"""The rules and permissions of an agreement file."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from wideberth.agreement import line_sides, tree
from wideberth.agreement.document import ALL, shown
from wideberth.agreement.model import Apart, PermissionEntry, Pledge, RuleEntry, Side, Zone
from wideberth.agreement.shapes import TERRAIN, Limit, Place, Volume
from wideberth.units import METRES_PER_FOOT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from wideberth.agreement.atmosphere import Qnh
    from wideberth.agreement.document import Document
    from wideberth.agreement.places import Places

KINDS = {"barometric": "pressure altitude", "geometric": "height above the ellipsoid"}
KEPT = ("side", "out_of", "inside", "apart")


@dataclass(frozen=True)
class Rule:
    """A rule and what it is about.

    Attributes:
        entry: as the file has it.
        kind: side, out_of, inside, apart or pledges.
        places: what it names, in order.
        is_left_kept: a side rule: True where the party keeps left of the line in its order.
    """

    entry: RuleEntry
    kind: str
    places: tuple[Place, ...] = ()
    is_left_kept: bool = False

    @property
    def id(self) -> str:
        """Its name."""
        return self.entry.id

    @property
    def bound(self) -> tuple[str, ...]:
        """The parties that it binds, or ``all`` alone."""
        return self.entry.between or (self.entry.party or ALL,)


@dataclass(frozen=True)
class Permission:
    """Notice that was given, with the places that it names."""

    entry: PermissionEntry
    places: tuple[Place, ...] = ()

    @property
    def id(self) -> str:
        """Its name."""
        return self.entry.id


class Rules:
    """Reads rules and permissions.

    Attributes:
        document: the file.
        places: what has read its places.
        qnh: the QNH; None where the file tells none, or with faults.
    """

    def __init__(self, document: Document, places: Places, qnh: Qnh | None) -> None:
        self.document = document
        self.places = places
        self.qnh = qnh
        self._reaches: set[tuple[str, float]] = set()  # found to be no farther than a line's sides stay apart

    def rules(self, places: dict[str, Place]) -> Iterator[Rule]:
        """Yield each rule without faults."""
        for i, raw in self.document.listed("rules"):
            at = ("rules", i)
            entry = self._rule_entry(raw, at)
            if entry is None:
                continue
            self._check_bound(entry, at)
            keeps = entry.keeps
            named: tuple[str, ...] = ()
            key = ""
            if isinstance(keeps, Side):
                named, key = (keeps.of,), "of"
            elif isinstance(keeps, Zone):
                named, key = (
                    (keeps.out_of, "out_of") if keeps.out_of is not None else (keeps.inside or (), "inside")
                )
            found = self.document.found(named, places, (*at, "keeps", key))
            if len(found) < len(named):
                continue
            if isinstance(keeps, Side):
                is_left = self._side(keeps, found[0], (*at, "keeps"))
                if is_left is not None:
                    yield Rule(entry, entry.kind, found, is_left)
                continue
            if isinstance(keeps, Zone):
                found = tuple(_narrowed(place, keeps.above, keeps.below) for place in found)
                self._check_zones(keeps, found, (*at, "keeps"))
                if keeps.inside:
                    self._check_references(found, (*at, "keeps", "inside"))
            yield Rule(entry, entry.kind, found)

    def _rule_entry(self, raw: Any, at: tree.Path) -> RuleEntry | None:
        if not isinstance(raw, dict):
            self.document.tree.fault(
                at,
                f"a rule is a mapping, not {shown(raw)}.",
                "Write - {id: NAME, party: NAME, keeps: {...}}.",
            )
            return None
        rest = {key: each for key, each in raw.items() if key not in {"keeps", "pledges"}}
        entry = self.document.valid(RuleEntry, rest, at, known=("keeps", "pledges"))
        told = [key for key in ("keeps", "pledges") if raw.get(key) is not None]
        if len(told) != 1:
            found = "both" if told else "neither"
            self.document.tree.fault(
                at,
                f"a rule has either keeps or pledges; here is {found}.",
                "Make two rules of it." if told else "Write keeps: {...} or pledges: {...}.",
            )
            return None
        what = raw[told[0]]
        if not isinstance(what, dict):
            self.document.tree.fault(
                (*at, told[0]),
                f"'{told[0]}' is a mapping, not {shown(what)}.",
                "Write it like {flights: falls, by: 50 %, after: 2017-11-16}."
                if told[0] == "pledges"
                else "Write it like {side: west, of: LINE}.",
            )
            return None
        model: type[Any]
        if told[0] == "pledges":
            model = Pledge
        else:
            kept = [key for key in KEPT if key in what]
            if len(kept) > 1:
                self.document.tree.fault(
                    (*at, "keeps"),
                    f"a rule keeps one thing, and here are {' and '.join(kept)}.",
                    "Make two rules of it.",
                )
                return None
            found_model = next(
                (each for key, each in zip(KEPT, (Side, Zone, Zone, Apart), strict=True) if key in what),
                None,
            )
            if found_model is None:
                near = [each for key in what for each in difflib.get_close_matches(key, KEPT, n=1)]
                self.document.tree.fault(
                    (*at, "keeps"),
                    f"nothing says what is kept (found: {', '.join(what) or 'nothing'}).",
                    f"Did you mean '{near[0]}'?" if near else f"Write one of {', '.join(KEPT)}.",
                )
                return None
            model = found_model
        made = self.document.valid(model, what, (*at, told[0]))
        if entry is None or made is None:
            return None
        return entry.model_copy(update={told[0]: made})

    def _check_bound(self, entry: RuleEntry, at: tree.Path) -> None:
        if entry.kind == "apart":
            if entry.between is None and entry.party is None:
                self.document.tree.fault(
                    at,
                    "a rule to keep apart needs 'between'.",
                    "Write between: [ONE, OTHER] or between: all.",
                )
            elif entry.between is not None and not (
                entry.between == (ALL,) or (len(entry.between) == 2 and ALL not in entry.between)
            ):
                self.document.tree.fault(
                    (*at, "between"),
                    f"'between' is two parties, or all, not {', '.join(entry.between)}.",
                    "Write between: [ONE, OTHER] or between: all.",
                )
            elif entry.between is not None and len(set(entry.between)) < len(entry.between):
                self.document.tree.fault(
                    (*at, "between"),
                    f"'between' names '{entry.between[0]}' twice.",
                    "Write between: [ONE, OTHER] or between: all.",
                )
            if entry.party is not None:
                self.document.tree.fault(
                    (*at, "party"),
                    f"a rule to keep apart binds those in 'between', and here is party: {entry.party}.",
                    "Write between: [ONE, OTHER] or between: all in place of party.",
                )
        else:
            if entry.party is None:
                self.document.tree.fault(
                    at, "nothing says whom the rule binds.", "Write party: NAME or party: all."
                )
            if entry.between is not None:
                self.document.tree.fault(
                    (*at, "between"),
                    "'between' is for rules to keep apart.",
                    "Write party: NAME or party: all.",
                )
        if entry.kind == "pledges" and entry.party == ALL:
            self.document.tree.fault(
                (*at, "party"), "a pledge is one party's, not that of all.", "Name the party."
            )
        names = self.document.ids("parties")
        for key, told in (("party", (entry.party,)), ("between", entry.between or ())):
            for name in told:
                if name is not None and name != ALL and name not in names:
                    self.document.unknown((*at, key), "party", name, names)

    def _side(self, keeps: Side, place: Place, at: tree.Path) -> bool | None:
        shapes = [shape for volume in place.volumes for shape in volume.shapes]
        if len(shapes) != 1 or shapes[0].kind != "line":
            kinds = ", ".join(dict.fromkeys(shape.kind for shape in shapes))
            self.document.tree.fault(
                (*at, "of"),
                f"of: '{keeps.of}' is not one line (found: {kinds}).",
                "A side is of a line: places: {NAME: {line: [[lon, lat], ...]}}.",
            )
            return None
        if not self.places.has_two_sides(place.name, shapes[0]):
            return None
        key = "side"
        try:
            is_left = line_sides.is_left(keeps.side, shapes[0])
            key = "reach" if "reach" in keeps.model_fields_set else "of"
            if (place.name, keeps.reach) not in self._reaches:  # a long river takes seconds
                line_sides.check_reach(shapes[0], keeps.reach)
                self._reaches.add((place.name, keeps.reach))
        except ValueError as error:
            what, _, remedy = str(error).partition("\n")
            self.document.tree.fault((*at, key), what, remedy)
            return None
        return is_left

    def _check_zones(self, keeps: Zone, places: Sequence[Place], at: tree.Path) -> None:
        for key, limit in (("above", keeps.above), ("below", keeps.below)):
            for place in places if limit is not None else ():
                self._check_limit(limit, key, (*at, key), place.name, place.volumes[0].ground)
        own = {
            name: key
            for name, key in (("floor", "above"), ("ceiling", "below"))
            if getattr(keeps, key) is not None
        }
        for place in places:
            self._check_place(place, "inside" if keeps.inside else "out_of", own, at)

    def _check_place(self, place: Place, key: str, own: Mapping[str, str], at: tree.Path) -> None:
        """Refuse a place that nobody can be found inside.

        Args:
            place: with the levels that hold.
            key: that names it, below ``at``.
            own: which of floor and ceiling stand below ``at`` as well, under which key.
            at: the rule's ``keeps``, or the permission.
        """
        for volume in place.volumes:
            if any(shape.kind == "line" for shape in volume.shapes):
                otherwise = ", or write side: ... of: ... in the rule" if key != "within" else ""
                self.document.tree.fault(
                    (*at, key),
                    f"'{place.name}' is a line, which has no inside.",
                    f"Make it a corridor with a width{otherwise}.",
                )
            for name, limit in (("floor", volume.floor), ("ceiling", volume.ceiling)):
                if name not in own:
                    self._check_limit(limit, name, ("places", place.name, name), place.name, volume.ground)
            where = (*at, next(iter(own.values()))) if own else ("places", place.name, "floor")
            if _is_mixed(volume):
                assert volume.floor is not None
                assert volume.ceiling is not None
                self.document.tree.fault(
                    where,
                    f"in '{place.name}' {volume.floor.text} and {volume.ceiling.text} are of two kinds: heights above "
                    "the ellipsoid and pressure altitudes are never mixed.",
                    "Write both above the ellipsoid, or both as FL, ft or above sea or ground.",
                )
            elif _is_half_above_terrain(volume):
                assert volume.floor is not None
                assert volume.ceiling is not None
                self.document.tree.fault(
                    where,
                    f"in '{place.name}' {volume.floor.text} and {volume.ceiling.text} cannot both be compared: only "
                    f"one of them is above the ground, whose height in {volume.ground} is here and there another.",
                    "Write both as AGL, one of them as GND, or one height for all the ground, as ground: 350 m.",
                )
            elif _is_empty(volume):
                assert volume.floor is not None
                assert volume.ceiling is not None
                self.document.tree.fault(
                    where,
                    f"in '{place.name}' nothing is above {volume.floor.text} and below {volume.ceiling.text}.",
                    "Write the lower limit as floor or above, the upper one as ceiling or below.",
                )

    def _check_references(self, places: Sequence[Place], at: tree.Path) -> None:
        """Refuse places to keep inside of whose levels are compared with two kinds of altitude."""
        references = {volume.reference for place in places for volume in place.volumes} - {"any"}
        if len(references) > 1:
            kinds = " and ".join(
                KINDS.get(each, each.replace(TERRAIN, "height above ")) for each in sorted(references)
            )
            self.document.tree.fault(
                at,
                f"inside: the levels of {' and '.join(place.name for place in places)} are of two kinds, {kinds}, and "
                "a flight is held against one of them.",
                "Write all levels alike: as FL, ft or AMSL, above the ellipsoid, or as AGL with one ground.",
            )

    def _check_limit(
        self, limit: Limit | None, key: str, at: tree.Path, place: str = "", ground: str = ""
    ) -> None:
        """Refuse a limit that cannot be told from what aircraft report; one on the ground itself always can.

        Args:
            limit: None is no limit.
            key: and ``at`` say where it stands.
            place: whose limit it is, "" for that of a permission.
            ground: the raster of the place's ground, "" where it has none.
        """
        if limit is None or limit.datum in ("pressure", "ellipsoid") or limit.is_ground:
            return
        if limit.datum == "AGL" and not place:
            self.document.tree.fault(
                at,
                f"{key}: {limit.text} is above ground, which is here and there another.",
                "Write it as FL or ft.",
            )
            return
        if not isinstance(self.document.tree.value.get("atmosphere"), dict):
            datum = "mean sea level" if limit.datum == "AMSL" else "ground"
            self.document.tree.fault(
                at,
                f"{key}: {limit.text} is above {datum}, and aircraft report pressure altitude: without the QNH the "
                "two cannot be compared.",
                "Write atmosphere: {qnh: 1013 hPa} at the top, or the limit as FL or ft.",
            )
        elif not place and self.qnh is not None and len(self.qnh.stations) > 1:
            self.document.tree.fault(
                at,
                f"{key}: {limit.text} is above mean sea level, and a permission's levels hold everywhere, while the "
                f"QNH of {self.qnh.source} differs from station to station.",
                "Write it as FL or ft, or within: a place with that level.",
            )
        if limit.datum == "AGL" and not ground and place not in self.places.ground_m:
            self.document.tree.fault(
                at,
                f"{key}: {limit.text} is above ground, and nothing says how high that is.",
                f"Write ground: 350 m (above mean sea level), or ground: dem.tif (a GeoTIFF), in the place '{place}'.",
            )

    def permissions(self, places: dict[str, Place]) -> Iterator[Permission]:
        """Yield each permission without faults."""
        names, rules = self.document.ids("parties"), self.document.ids("rules")
        for i, raw in self.document.listed("permissions"):
            at = ("permissions", i)
            entry = self.document.valid(PermissionEntry, raw, at)
            if entry is None:
                continue
            if entry.party != ALL and entry.party not in names:
                self.document.unknown((*at, "party"), "party", entry.party, names)
            for name in entry.excuses:
                if name not in rules:
                    self.document.unknown((*at, "excuses"), "rule", name, rules)
            for key, limit in (("above", entry.above), ("below", entry.below)):
                self._check_limit(limit, key, (*at, key))
                if limit is not None and limit.datum == "ellipsoid":
                    self.document.tree.fault(
                        (*at, key),
                        f"{key}: {limit.text} is above the ellipsoid, and a permission's levels are held against "
                        "pressure altitude.",
                        "Write it as FL or ft.",
                    )
            found = self.document.found(entry.within or (), places, (*at, "within"))
            for place in found:
                self._check_place(place, "within", {}, at)
            if len(found) == len(entry.within or ()):
                yield Permission(entry, found)


def _is_mixed(volume: Volume) -> bool:
    """Return whether one limit of a volume is above the ellipsoid and the other is not; ground goes with both."""
    datums = {
        limit.datum for limit in (volume.floor, volume.ceiling) if limit is not None and not limit.is_ground
    }
    return len(datums) > 1 and "ellipsoid" in datums


def _is_half_above_terrain(volume: Volume) -> bool:
    """Return whether one limit of a volume is above a raster of the ground and the other is not; GND goes with both."""
    limits = [limit for limit in (volume.floor, volume.ceiling) if limit is not None and not limit.is_ground]
    return volume.ground != "" and len({limit.datum == "AGL" for limit in limits}) > 1


def _is_empty(volume: Volume) -> bool:
    """Return whether a volume's floor is not below its ceiling, where the two can be compared."""
    floor, ceiling = volume.floor, volume.ceiling
    if floor is None or ceiling is None or floor.datum != ceiling.datum:
        return False
    low, high = (each.value * (1.0 if each.unit == "m" else METRES_PER_FOOT) for each in (floor, ceiling))
    return low >= high


def _narrowed(place: Place, above: Limit | None, below: Limit | None) -> Place:
    """Return a place with a rule's own floor and ceiling."""
    if above is None and below is None:
        return place
    volumes = tuple(
        replace(volume, floor=above or volume.floor, ceiling=below or volume.ceiling)
        for volume in place.volumes
    )
    return replace(place, volumes=volumes)

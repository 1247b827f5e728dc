"""An agreement file → `Agreement`, or every fault in it at once, each with its line and what would be right."""

from __future__ import annotations

import difflib
import hashlib
import json
import re
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import ValidationError

from wideberth.agreement import line_sides, registers, tree
from wideberth.agreement.model import (
    ID,
    Aircraft,
    Apart,
    Head,
    Party,
    PermissionEntry,
    PlaceEntry,
    Pledge,
    Range,
    RuleEntry,
    Side,
    WithinError,
    Zone,
)
from wideberth.agreement.shapes import Limit, Place, Shape, Volume
from wideberth.errors import AgreementError, ReadError
from wideberth.units import METRES_PER_FOOT

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pydantic import BaseModel

ALL = "all"
KEPT = ("side", "out_of", "inside", "apart")
SECTIONS = ("parties", "places", "rules", "permissions")
MOST_BYTES = 64 * 2**20
_M = TypeVar("_M", bound="BaseModel")


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


@dataclass(frozen=True, eq=False)
class Agreement:
    """Who agreed to what, from a file.

    Attributes:
        head: name, validity and the like.
        parties: by name.
        places: by name.
        rules: in the order of the file.
        permissions: in the order of the file.
        digest: SHA-256 of the file's text in UTF-8 and of the bytes of every file that it names, hex.
        file: its name.
        folder: that files which it names lie in.
        ground_m: elevation of the ground above mean sea level, by place, where it is told.

    >>> Agreement.everyone(horizontal="5 NM", vertical="1000 ft").rules[0].kind
    'apart'
    """

    head: Head
    parties: dict[str, Party]
    places: dict[str, Place]
    rules: tuple[Rule, ...]
    permissions: tuple[Permission, ...]
    digest: str
    file: str = ""
    folder: Path = field(default_factory=Path)
    ground_m: dict[str, float] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What the agreement calls itself."""
        return self.head.name

    @classmethod
    def load(cls, path: str | Path) -> Agreement:
        """Read an agreement file.

        Raises:
            ReadError: it cannot be read.
            AgreementError: it cannot be meant; all its faults.
        """
        source = Path(path)
        try:
            content = source.read_bytes()
        except IsADirectoryError:
            raise ReadError(f"{source}: this is a folder. Name the agreement file in it.") from None
        except OSError as error:
            raise ReadError(f"{source}: cannot be read: {error.strerror or error}.") from None
        if len(content) > MOST_BYTES:
            raise ReadError(f"{source}: larger than {MOST_BYTES // 2**20} MiB. Is this an agreement?")
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise ReadError(
                f"{source}: byte {error.start} is not UTF-8. Save the agreement as UTF-8 text."
            ) from None
        return cls.parse(text, file=str(source), folder=source.parent)

    @classmethod
    def parse(cls, text: str, *, file: str = "agreement", folder: str | Path = ".") -> Agreement:
        """Read an agreement from a text; files that it names lie in ``folder``.

        Raises:
            AgreementError: it cannot be meant; all its faults.
        """
        return _Loader(tree.read(text, file), Path(folder), text).agreement()

    @classmethod
    def everyone(cls, *, horizontal: str, vertical: str, name: str = "everyone apart") -> Agreement:
        """Return the agreement without parties under which everyone keeps so far apart."""
        return cls.parse(
            json.dumps(
                {
                    "wideberth": "1",
                    "name": name,
                    "rules": [
                        {
                            "id": "apart",
                            "between": "all",
                            "keeps": {"apart": {"horizontal": horizontal, "vertical": vertical}},
                        }
                    ],
                }
            )
        )

    def rule(self, name: str) -> Rule:
        """Return the rule of a name.

        Raises:
            KeyError: there is none.
        """
        return next(rule for rule in self.rules if rule.id == name)

    @cached_property
    def register(self) -> Any:
        """The table of aircraft that the file names; None if it names none."""
        return registers.Register.load(self.folder / self.head.register_) if self.head.register_ else None

    def __repr__(self) -> str:
        return (
            f"<Agreement: {self.name!r}, {len(self.parties)} parties, {len(self.places)} places, "
            f"{len(self.rules)} rules, {len(self.permissions)} permissions>"
        )


class _Loader:
    def __init__(self, document: tree.Tree, folder: Path, text: str) -> None:
        self.tree = document
        self.folder = folder
        self.digest = hashlib.sha256(text.encode())
        self.ground_m: dict[str, float] = {}
        self.has_sides: dict[str, bool] = {}  # lines that were looked at
        self.reaches: set[tuple[str, float]] = set()  # found to be no farther than its sides stay apart
        self.others: list[Any] = []  # faults of files that this one names

    def agreement(self) -> Agreement:
        value = self.tree.value
        if not isinstance(value, dict):
            self.tree.fault((), f"an agreement is a mapping, not {_shown(value)}.", tree.BEGINNING)
            raise AgreementError(self.tree.faults)
        head = self._head(value)
        parties = {
            name: party
            for name, party in (
                (name, self._valid(Party, raw, ("parties", name))) for name, raw in self._named("parties")
            )
            if party is not None
        }
        places = dict(self._places())
        rules = list(self._rules(places))
        permissions = list(self._permissions(places))
        self._overlaps(parties)
        self._lists(parties)
        own = sorted(dict.fromkeys(self.tree.faults), key=lambda fault: fault.line or 0)
        faults = [*own, *dict.fromkeys(self.others)]
        if faults or head is None:
            raise AgreementError(faults)
        return Agreement(
            head,
            parties,
            places,
            tuple(rules),
            tuple(permissions),
            self.digest.hexdigest(),
            self.tree.file,
            self.folder,
            self.ground_m,
        )

    # Sections ------------------------------------------------------------------------------------

    def _head(self, value: dict[str, Any]) -> Head | None:
        if "wideberth" not in value:
            self.tree.fault((), "the version is missing.", "The file begins with 'wideberth: 1'.")
        elif value["wideberth"] != "1":
            self.tree.fault(
                ("wideberth",),
                f"wideberth: {_shown(value['wideberth'])} is not a version that is read here.",
                "Write wideberth: 1.",
            )
        if not value.get("rules"):
            self.tree.fault(
                ("rules",),
                "there are no rules.",
                "Write at least one: rules: [{id: NAME, party: NAME, keeps: {...}}].",
            )
        rest = {key: each for key, each in value.items() if key not in SECTIONS}
        head = {**rest, "wideberth": "1"}
        return self._valid(Head, head, (), known=(*SECTIONS,))

    def _named(self, section: str) -> Iterator[tuple[str, Any]]:
        raw = self.tree.value.get(section)
        if raw is None:
            return
        if not isinstance(raw, dict):
            self.tree.fault(
                (section,),
                f"'{section}' is a mapping of names, not {_shown(raw)}.",
                f"Write {section}: {{NAME: {{...}}}}.",
            )
            return
        for name, each in raw.items():
            if name == ALL:
                self.tree.fault(
                    (section, name), "'all' means everyone and cannot be a name.", "Choose another."
                )
                continue
            if not ID.match(name):
                self.tree.fault(
                    (section, name),
                    f"'{name}' is not a name.",
                    "Write letters, digits and - _ . / : only, up to 80; a longer one is its title.",
                )
                continue
            yield name, each

    def _listed(self, section: str) -> Iterator[tuple[int, Any]]:
        raw = self.tree.value.get(section)
        if raw is None:
            return
        if not isinstance(raw, list):
            self.tree.fault(
                (section,),
                f"'{section}' is a list, not {_shown(raw)}.",
                f"Begin each entry under {section}: with '- id: NAME'.",
            )
            return
        seen: dict[str, int] = {}
        for i, each in enumerate(raw):
            name = each.get("id") if isinstance(each, dict) else None
            if isinstance(name, str):
                if name in seen:
                    first = self.tree.line((section, seen[name]))
                    self.tree.fault(
                        (section, i, "id"),
                        f"id: '{name}' is there twice (first in line {first}).",
                        "Choose another.",
                    )
                seen.setdefault(name, i)
            yield i, each

    def _ids(self, section: str) -> list[str]:
        raw = self.tree.value.get(section)
        if isinstance(raw, dict):
            return [name for name in raw if name != ALL]
        if isinstance(raw, list):
            return [str(each["id"]) for each in raw if isinstance(each, dict) and each.get("id") is not None]
        return []

    # Places --------------------------------------------------------------------------------------

    def _places(self) -> Iterator[tuple[str, Place]]:
        for name, raw in self._named("places"):
            entry = self._valid(PlaceEntry, raw, ("places", name))
            if entry is None:
                continue
            if entry.ground is not None:
                self.ground_m[name] = entry.ground
            place = self._place(name, entry)
            if place is not None:
                yield name, place

    def _place(self, name: str, entry: PlaceEntry) -> Place | None:
        edges = entry.edges or "straight"
        if entry.file is not None:
            return self._from_file(name, entry)
        if entry.line is not None:
            shape = Shape("line", (entry.line,), edges=edges)
            self.has_sides[name] = self._check_line(name, shape)
        elif entry.area is not None:
            shape = Shape("area", entry.area, edges=edges)
            self._check_rings(name, entry.area)
        elif entry.corridor is not None and entry.width is not None:
            shape = Shape("corridor", (entry.corridor,), entry.width / 2.0, edges, entry.ends)
        elif entry.point is not None and entry.radius is not None:
            shape = Shape("circle", ((entry.point,),), entry.radius)
        else:  # the model has refused it
            return None
        return Place(
            name, (Volume((shape,), entry.floor, entry.ceiling, entry.schedule),), title=entry.title or ""
        )

    def _check_rings(self, name: str, rings: Sequence[Sequence[tuple[float, float]]]) -> None:
        from shapely import Polygon
        from shapely.validation import explain_validity

        outer, *holes = ([*_unwrapped(ring)] for ring in rings)
        polygon = Polygon(outer, holes)
        if not polygon.is_valid:
            why, _, where = explain_validity(polygon).rstrip("]").partition("[")
            near = f" near {', '.join(where.split())}" if where else ""
            self.tree.fault(
                ("places", name, "area"),
                f"the area '{name}' is not a plain figure: {why.strip().lower()}{near}.",
                "Its edges may not cross, and holes lie within the outer ring: put the positions in order.",
            )

    def _check_line(self, name: str, shape: Shape) -> bool:
        """Return whether a line has two sides; say where its positions stand that it has not."""
        try:
            line_sides.check_figure(shape)
        except WithinError as error:
            what, _, remedy = str(error).partition("\n")
            key = "line" if "line" in self.tree.value["places"][name] else "file"
            self.tree.fault(("places", name, key, *error.at), f"the line '{name}' {what}", remedy)
            return False
        return True

    def _from_file(self, name: str, entry: PlaceEntry) -> Place | None:
        from wideberth.agreement import placefiles

        assert entry.file is not None
        path_text, _, chosen = entry.file.partition("#")
        path = self.folder / path_text
        where = ("places", name, "file")
        try:
            self.digest.update(path.read_bytes())
            found = placefiles.read_places(path)
        except OSError as error:
            self.tree.fault(
                where,
                f"file: '{path_text}' cannot be read: {error.strerror or error}.",
                "Its path counts from the agreement's folder.",
            )
            return None
        except ReadError as error:
            self.tree.fault(where, str(error))
            return None
        except AgreementError as error:
            self.others += error.faults
            return None
        if chosen:
            try:
                found = [placefiles.select(found, chosen, path_text)]
            except AgreementError as error:
                for fault in error.faults:
                    self.tree.fault(where, f"file: in '{path_text}': {fault.what}", fault.remedy)
                return None
        volumes = tuple(
            Volume(
                tuple(_with_edges(shape, entry.edges) for shape in volume.shapes),
                entry.floor or volume.floor,
                entry.ceiling or volume.ceiling,
                volume.schedule if entry.schedule.is_always else entry.schedule,
            )
            for place in found
            for volume in place.volumes
        )
        if not volumes:
            self.tree.fault(where, f"'{entry.file}' holds no place.", "Is it the right file?")
            return None
        notes = tuple(dict.fromkeys(note for place in found for note in place.notes))
        one = found[0] if len(found) == 1 else None
        return Place(
            name, volumes, entry.title or (one.title if one else ""), one.restriction if one else "", notes
        )

    # Rules and permissions -----------------------------------------------------------------------

    def _rules(self, places: dict[str, Place]) -> Iterator[Rule]:
        for i, raw in self._listed("rules"):
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
            found = self._found(named, places, (*at, "keeps", key))
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
            yield Rule(entry, entry.kind, found)

    def _rule_entry(self, raw: Any, at: tree.Path) -> RuleEntry | None:
        if not isinstance(raw, dict):
            self.tree.fault(
                at,
                f"a rule is a mapping, not {_shown(raw)}.",
                "Write - {id: NAME, party: NAME, keeps: {...}}.",
            )
            return None
        rest = {key: each for key, each in raw.items() if key not in {"keeps", "pledges"}}
        entry = self._valid(RuleEntry, rest, at, known=("keeps", "pledges"))
        told = [key for key in ("keeps", "pledges") if raw.get(key) is not None]
        if len(told) != 1:
            found = "both" if told else "neither"
            self.tree.fault(
                at,
                f"a rule has either keeps or pledges; here is {found}.",
                "Make two rules of it." if told else "Write keeps: {...} or pledges: {...}.",
            )
            return None
        what = raw[told[0]]
        if not isinstance(what, dict):
            self.tree.fault(
                (*at, told[0]),
                f"'{told[0]}' is a mapping, not {_shown(what)}.",
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
                self.tree.fault(
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
                self.tree.fault(
                    (*at, "keeps"),
                    f"nothing says what is kept (found: {', '.join(what) or 'nothing'}).",
                    f"Did you mean '{near[0]}'?" if near else f"Write one of {', '.join(KEPT)}.",
                )
                return None
            model = found_model
        made = self._valid(model, what, (*at, told[0]))
        if entry is None or made is None:
            return None
        return entry.model_copy(update={told[0]: made})

    def _check_bound(self, entry: RuleEntry, at: tree.Path) -> None:
        if entry.kind == "apart":
            if entry.between is None and entry.party is None:
                self.tree.fault(
                    at,
                    "a rule to keep apart needs 'between'.",
                    "Write between: [ONE, OTHER] or between: all.",
                )
            elif entry.between is not None and not (
                entry.between == (ALL,) or (len(entry.between) == 2 and ALL not in entry.between)
            ):
                self.tree.fault(
                    (*at, "between"),
                    f"'between' is two parties, or all, not {', '.join(entry.between)}.",
                    "Write between: [ONE, OTHER] or between: all.",
                )
            elif entry.between is not None and len(set(entry.between)) < len(entry.between):
                self.tree.fault(
                    (*at, "between"),
                    f"'between' names '{entry.between[0]}' twice.",
                    "Write between: [ONE, OTHER] or between: all.",
                )
            if entry.party is not None:
                self.tree.fault(
                    (*at, "party"),
                    f"a rule to keep apart binds those in 'between', and here is party: {entry.party}.",
                    "Write between: [ONE, OTHER] or between: all in place of party.",
                )
        else:
            if entry.party is None:
                self.tree.fault(at, "nothing says whom the rule binds.", "Write party: NAME or party: all.")
            if entry.between is not None:
                self.tree.fault(
                    (*at, "between"),
                    "'between' is for rules to keep apart.",
                    "Write party: NAME or party: all.",
                )
        if entry.kind == "pledges" and entry.party == ALL:
            self.tree.fault((*at, "party"), "a pledge is one party's, not that of all.", "Name the party.")
        names = self._ids("parties")
        for key, told in (("party", (entry.party,)), ("between", entry.between or ())):
            for name in told:
                if name is not None and name != ALL and name not in names:
                    self._unknown((*at, key), "party", name, names)

    def _side(self, keeps: Side, place: Place, at: tree.Path) -> bool | None:
        shapes = [shape for volume in place.volumes for shape in volume.shapes]
        if len(shapes) != 1 or shapes[0].kind != "line":
            kinds = ", ".join(dict.fromkeys(shape.kind for shape in shapes))
            self.tree.fault(
                (*at, "of"),
                f"of: '{keeps.of}' is not one line (found: {kinds}).",
                "A side is of a line: places: {NAME: {line: [[lon, lat], ...]}}.",
            )
            return None
        if place.name not in self.has_sides:
            self.has_sides[place.name] = self._check_line(place.name, shapes[0])
        if not self.has_sides[place.name]:
            return None
        key = "side"
        try:
            is_left = line_sides.is_left(keeps.side, shapes[0])
            key = "reach" if "reach" in keeps.model_fields_set else "of"
            if (place.name, keeps.reach) not in self.reaches:  # a long river takes seconds
                line_sides.check_reach(shapes[0], keeps.reach)
                self.reaches.add((place.name, keeps.reach))
        except ValueError as error:
            what, _, remedy = str(error).partition("\n")
            self.tree.fault((*at, key), what, remedy)
            return None
        return is_left

    def _check_zones(self, keeps: Zone, places: Sequence[Place], at: tree.Path) -> None:
        for key, limit in (("above", keeps.above), ("below", keeps.below)):
            for place in places if limit is not None else ():
                self._check_limit(limit, key, (*at, key), place.name)
        for place in places:
            for volume in place.volumes:
                if any(shape.kind == "line" for shape in volume.shapes):
                    self.tree.fault(
                        (*at, "inside" if keeps.inside else "out_of"),
                        f"'{place.name}' is a line, which has no inside.",
                        "Make it a corridor with a width, or write side: ... of: ... in the rule.",
                    )
                for key, limit, own in (
                    ("floor", volume.floor, keeps.above),
                    ("ceiling", volume.ceiling, keeps.below),
                ):
                    if own is None:
                        self._check_limit(limit, key, ("places", place.name, key), place.name)
                if _is_empty(volume):
                    assert volume.floor is not None
                    assert volume.ceiling is not None
                    own_key = next(
                        (key for key in ("above", "below") if getattr(keeps, key) is not None), None
                    )
                    self.tree.fault(
                        (*at, own_key) if own_key else ("places", place.name, "floor"),
                        f"in '{place.name}' nothing is above {volume.floor.text} and below {volume.ceiling.text}.",
                        "Write the lower limit as floor or above, the upper one as ceiling or below.",
                    )

    def _check_limit(self, limit: Limit | None, key: str, at: tree.Path, place: str = "") -> None:
        """Refuse a limit that cannot be told from what aircraft report; one on the ground itself always can."""
        if (
            limit is None
            or limit.datum in ("pressure", "ellipsoid")
            or (limit.datum == "AGL" and limit.value == 0.0)
        ):
            return
        if limit.datum == "AGL" and not place:
            self.tree.fault(
                at,
                f"{key}: {limit.text} is above ground, which is here and there another.",
                "Write it as FL or ft.",
            )
            return
        if not isinstance(self.tree.value.get("atmosphere"), dict):
            datum = "mean sea level" if limit.datum == "AMSL" else "ground"
            self.tree.fault(
                at,
                f"{key}: {limit.text} is above {datum}, and aircraft report pressure altitude: without the QNH the "
                "two cannot be compared.",
                "Write atmosphere: {qnh: 1013 hPa} at the top, or the limit as FL or ft.",
            )
        if limit.datum == "AGL" and self._ground_of(place) is None:
            self.tree.fault(
                at,
                f"{key}: {limit.text} is above ground, and nothing says how high that is.",
                f"Write ground: 350 m (above mean sea level) in the place '{place}'.",
            )

    def _ground_of(self, name: str) -> Any:
        entry = tree.get(self.tree.value, ("places", name))
        return entry.get("ground") if isinstance(entry, dict) else None

    def _permissions(self, places: dict[str, Place]) -> Iterator[Permission]:
        names, rules = self._ids("parties"), self._ids("rules")
        for i, raw in self._listed("permissions"):
            at = ("permissions", i)
            entry = self._valid(PermissionEntry, raw, at)
            if entry is None:
                continue
            if entry.party != ALL and entry.party not in names:
                self._unknown((*at, "party"), "party", entry.party, names)
            for name in entry.excuses:
                if name not in rules:
                    self._unknown((*at, "excuses"), "rule", name, rules)
            self._check_limit(entry.above, "above", (*at, "above"))
            self._check_limit(entry.below, "below", (*at, "below"))
            found = self._found(entry.within or (), places, (*at, "within"))
            for place in found:
                if any(shape.kind == "line" for volume in place.volumes for shape in volume.shapes):
                    self.tree.fault(
                        (*at, "within"),
                        f"'{place.name}' is a line, which has no inside.",
                        "Make it a corridor with a width.",
                    )
            if len(found) == len(entry.within or ()):
                yield Permission(entry, found)

    def _found(self, names: Sequence[str], places: dict[str, Place], at: tree.Path) -> tuple[Place, ...]:
        known = self._ids("places")
        for name in names:
            if name not in known:
                self._unknown(at, "place", name, known)
        return tuple(places[name] for name in names if name in places)

    def _unknown(self, at: tree.Path, what: str, name: str, known: Sequence[str]) -> None:
        near = difflib.get_close_matches(name, known, n=1)
        remedy = f"Did you mean '{near[0]}'?" if near else f"Known: {', '.join(known) or 'none'}."
        self.tree.fault(at, f"{_key(at)}there is no {what} '{name}'.", remedy)

    # What spans parties --------------------------------------------------------------------------

    def _overlaps(self, parties: dict[str, Party]) -> None:
        claims: list[tuple[int, int, str, tree.Path]] = []
        patterns: list[tuple[str, str, tree.Path]] = []
        for name, party in parties.items():
            for i, each in enumerate(party.aircraft):
                at: tree.Path = ("parties", name, "aircraft", i)
                if each.is_by_address:
                    claims += [(first, last, name, at) for first, last in _ranges(each)]
                elif (
                    each.callsign is not None
                    and each.icao24 is None
                    and each.state is None
                    and each.classes is None
                ):
                    for pattern in each.callsign:
                        for other_pattern, other, other_at in patterns:
                            if other != name and _may_both_mean(pattern.pattern, other_pattern):
                                self.tree.fault(
                                    at,
                                    f"'{name}' and '{other}' (line {self.tree.line(other_at)}) both claim the callsign "
                                    f"{max(pattern.pattern, other_pattern, key=_plain).strip('^$')}.",
                                    "An aircraft is one party's: narrow one of the two.",
                                )
                        patterns.append((pattern.pattern, name, at))
        claims.sort()
        widest = -1
        for i, (first, last, name, at) in enumerate(claims):
            if widest >= 0 and first <= claims[widest][1] and claims[widest][2] != name:
                other_first, other_last, other, other_at = claims[widest]
                low, high = max(first, other_first), min(last, other_last)
                if (self.tree.line(at) or 0) < (self.tree.line(other_at) or 0):
                    name, at, other, other_at = other, other_at, name, at
                told = f"addresses {low:06x}-{high:06x}" if low < high else f"address {low:06x}"
                self.tree.fault(
                    at,
                    f"'{name}' and '{other}' (line {self.tree.line(other_at)}) both claim the {told}.",
                    "An aircraft is one party's: narrow one of the two.",
                )
            if widest < 0 or last > claims[widest][1]:
                widest = i

    def _lists(self, parties: dict[str, Party]) -> None:
        for name, party in parties.items():
            for i, each in enumerate(party.aircraft):
                if each.list is None:
                    continue
                at = ("parties", name, "aircraft", i, "list")
                path = self.folder / each.list
                try:
                    self.digest.update(path.read_bytes())
                    registers.read_list(path)
                except OSError as error:
                    self.tree.fault(
                        at,
                        f"list: '{each.list}' cannot be read: {error.strerror or error}.",
                        "Its path counts from the agreement's folder.",
                    )
                except ReadError as error:
                    self.tree.fault(at, str(error))
        named = self.tree.value.get("register")
        if isinstance(named, str):
            try:
                self.digest.update((self.folder / named).read_bytes())
                registers.Register.load(self.folder / named)
            except OSError as error:
                self.tree.fault(
                    ("register",),
                    f"register: '{named}' cannot be read: {error.strerror or error}.",
                    "Its path counts from the agreement's folder.",
                )
            except ReadError as error:
                self.tree.fault(("register",), str(error))

    # Models --------------------------------------------------------------------------------------

    def _valid(self, model: type[_M], raw: Any, at: tree.Path, known: Sequence[str] = ()) -> _M | None:
        if not isinstance(raw, dict):
            what = at[0] if at else "this"
            self.tree.fault(
                at, f"an entry of '{what}' is a mapping, not {_shown(raw)}.", "Write it like {key: value}."
            )
            return None
        try:
            return model.model_validate(raw)
        except ValidationError as error:
            errors = error.errors(include_url=False)
            for each in errors:
                loc = each["loc"]
                is_wrong_within = any(
                    other["loc"][: len(loc)] == loc and other is not each for other in errors
                )
                if not (each["type"] == "too_short" and is_wrong_within):  # wrong entries do not count there
                    self._note(each, model, at, known)
            return None

    def _note(self, error: Any, model: type[BaseModel], at: tree.Path, known: Sequence[str]) -> None:
        loc = tuple(error["loc"])
        path = (*at, *loc)
        kind = error["type"]
        context = error.get("ctx", {})
        if kind == "extra_forbidden":
            fields = _keys_at(model, loc[:-1])
            fields += [key for key in known if len(loc) == 1 and key not in fields]
            name = str(loc[-1])
            near = difflib.get_close_matches(name, fields, n=1)
            remedy = f"Did you mean '{near[0]}'?" if near else f"Known: {', '.join(fields)}."
            self.tree.fault(path, f"'{name}' is not known here.", remedy)
        elif kind == "missing":
            name = str(loc[-1])
            self.tree.fault(path[:-1], f"'{name}' is missing.", f"Write {name}: {EXAMPLES.get(name, '...')}.")
        elif kind == "value_error":
            what, _, remedy = str(context["error"]).partition(". ")
            path = (*path, *getattr(context["error"], "at", ()))
            self.tree.fault(path, f"{_key(loc)}{what.rstrip('.')}.", _sentence(remedy))
        elif kind == "literal_error":
            near = difflib.get_close_matches(
                str(error["input"]), re.findall(r"'([^']+)'", context["expected"]), n=1
            )
            remedy = f"Did you mean '{near[0]}'?" if near else f"Write {context['expected']}."
            self.tree.fault(path, f"{_key(loc)}{_shown(error['input'])} is not known.", remedy)
        else:
            what, remedy = _unlike(kind, context)
            self.tree.fault(path, f"{_key(loc)}{_shown(error['input'])} {what}.", _example(loc) or remedy)


EXAMPLES = {
    "after": "2017-11-16",
    "aircraft": "[{icao24: ae0000-afffff}, {state: RU}]",
    "apart": "{horizontal: 5 NM, vertical: 1000 ft}",
    "area": "[[lon, lat], [lon, lat], [lon, lat]]",
    "by": "50 %",
    "corridor": "[[lon, lat], [lon, lat]]",
    "during": "2017-11-20T08:00Z/2017-11-20T09:00Z",
    "excuses": "[RULE]",
    "horizontal": "5 NM",
    "hours": "mon-fri 08:00-17:00",
    "id": "NAME",
    "line": "[[lon, lat], [lon, lat]]",
    "name": "what the agreement is called",
    "of": "LINE",
    "party": "NAME",
    "qnh": "1013 hPa",
    "side": "west",
    "valid": "2017-11-01/2018-01-01",
    "vertical": "1000 ft",
}


def _unlike(kind: str, context: dict[str, Any]) -> tuple[str, str]:
    """Return in words what pydantic found a value not to be, and what would be right."""
    if kind == "greater_than":
        return "is too little", f"Write more than {context['gt']:g}."
    if kind == "too_short":
        least = context["min_length"]
        return "is empty" if least == 1 else "is too short", f"Write at least {least}."
    kinds = {
        "string": "a text",
        "tuple": "a list",
        "list": "a list",
        "model": "a mapping",
        "dict": "a mapping",
    }
    return f"is not {kinds.get(kind.partition('_')[0], 'what belongs here')}", ""


def _example(loc: tuple[Any, ...]) -> str:
    names = [str(step) for step in loc if isinstance(step, str)]
    return f"Write {names[-1]}: {EXAMPLES[names[-1]]}." if names and names[-1] in EXAMPLES else ""


def _sentence(text: str) -> str:
    return text if not text or text.endswith((".", "?", "!")) else f"{text}."


def _key(loc: tuple[Any, ...]) -> str:
    names = [str(step) for step in loc if isinstance(step, str)]
    return f"{names[-1]}: " if names else ""


def _keys_at(model: type[BaseModel], loc: tuple[Any, ...]) -> list[str]:
    """Return the keys that a model knows where a path of its fields leads."""
    from typing import get_args

    current: Any = model
    for step in loc:
        if not isinstance(step, str):
            continue
        for name, info in current.model_fields.items():
            if step in (name, info.alias):
                found = list(_models_in(info.annotation, get_args))
                if found:
                    current = found[0]
                break
    return [info.alias or name for name, info in current.model_fields.items()]


def _models_in(annotation: Any, get_args: Any) -> Iterator[Any]:
    if hasattr(annotation, "model_fields"):
        yield annotation
    for each in get_args(annotation):
        yield from _models_in(each, get_args)


def _shown(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    return f"'{str(value)[:60]}'"


_PLAIN = re.compile(r"\^[A-Z0-9]+\$")


def _plain(pattern: str) -> bool:
    return _PLAIN.fullmatch(pattern) is not None


def _may_both_mean(one: str, other: str) -> bool:
    """Return whether two patterns show that they mean the same callsign: they are equal, or one is a callsign."""
    return (
        one == other
        or (_plain(one) and re.search(other, one[1:-1], re.IGNORECASE) is not None)
        or (_plain(other) and re.search(one, other[1:-1], re.IGNORECASE) is not None)
    )


def _ranges(aircraft: Aircraft) -> list[Range]:
    """Return the addresses of an entry by address: in its ranges, and in its States' blocks."""
    blocks = [block for state in aircraft.state or () for block in registers.blocks_of_state(state)]
    if aircraft.icao24 is None:
        return blocks
    if aircraft.state is None:
        return list(aircraft.icao24)
    return [
        (max(first, low), min(last, high))
        for first, last in aircraft.icao24
        for low, high in blocks
        if first <= high and low <= last
    ]


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
        Volume(volume.shapes, above or volume.floor, below or volume.ceiling, volume.schedule)
        for volume in place.volumes
    )
    return Place(place.name, volumes, place.title, place.restriction, place.notes)


def _with_edges(shape: Shape, edges: Any) -> Shape:
    return shape if edges is None else Shape(shape.kind, shape.rings, shape.radius_m, edges, shape.ends)


def _unwrapped(ring: Sequence[tuple[float, float]]) -> Iterator[tuple[float, float]]:
    """Yield positions with longitudes that go on across the antimeridian."""
    before = ring[0][0]
    for lon, lat in ring:
        lon += 360.0 * round((before - lon) / 360.0)
        before = lon
        yield lon, lat


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of an agreement file, for editors that complete and check as one types."""
    from pydantic.json_schema import models_json_schema

    models = (Head, Party, PlaceEntry, RuleEntry, PermissionEntry, Side, Zone, Apart, Pledge)
    _refs, top = models_json_schema([(each, "validation") for each in models], ref_template="#/$defs/{model}")
    defs = top["$defs"]
    head = defs.pop("Head")
    rule = defs["RuleEntry"]["properties"]
    rule["keeps"] = {"anyOf": [{"$ref": f"#/$defs/{name}"} for name in ("Side", "Zone", "Apart")]}
    rule["pledges"] = {"$ref": "#/$defs/Pledge"}
    properties = {
        **head["properties"],
        "wideberth": {"const": 1},
        "parties": {"type": "object", "additionalProperties": {"$ref": "#/$defs/Party"}},
        "places": {"type": "object", "additionalProperties": {"$ref": "#/$defs/PlaceEntry"}},
        "rules": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/RuleEntry"}},
        "permissions": {"type": "array", "items": {"$ref": "#/$defs/PermissionEntry"}},
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "wideberth agreement",
        "type": "object",
        "required": ["wideberth", "name", "rules"],
        "additionalProperties": False,
        "properties": properties,
        "$defs": defs,
    }

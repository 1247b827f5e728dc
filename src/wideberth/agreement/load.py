"""An agreement file → `Agreement`, or every fault in it at once, each with its line and what would be right."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cached_property
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wideberth.agreement import registers, swapped, tree
from wideberth.agreement.atmosphere import Qnh, read_table
from wideberth.agreement.claims import check_overlaps
from wideberth.agreement.document import Document, shown
from wideberth.agreement.model import Head, Party, microseconds
from wideberth.agreement.places import Places
from wideberth.agreement.rules import Rules
from wideberth.errors import AgreementError, ReadError

if TYPE_CHECKING:
    from wideberth.agreement.rules import Permission, Rule
    from wideberth.agreement.shapes import Place
    from wideberth.agreement.terrain import Terrain
    from wideberth.errors import Fault

SECTIONS = ("parties", "places", "rules", "permissions")
MOST_BYTES = 64 * 2**20


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
        ground_m: elevation of the ground above mean sea level, by place, where it is one.
        terrains: rasters of it, by the names of their files.
        qnh: by time and place; None where the file tells none.
        warnings: what can be meant, and hardly is, in the order of the file.

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
    terrains: dict[str, Terrain] = field(default_factory=dict)
    qnh: Qnh | None = None
    warnings: tuple[Fault, ...] = ()

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
        return _agreement(Document(tree.read(text, file), Path(folder), text))

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

    def _repr_html_(self) -> str:
        from wideberth.agreement import explain
        from wideberth.report import notebook

        said = "".join(
            f"<tr><td>{escape(about)}</td><td style='text-align: left'>{escape(text)}</td></tr>"
            for about, text in explain.sentences(self)
        )
        return f"<table><tbody>{said}</tbody></table>" + notebook.of_agreement(self)

    def __repr__(self) -> str:
        return (
            f"<Agreement: {self.name!r}, {len(self.parties)} parties, {len(self.places)} places, "
            f"{len(self.rules)} rules, {len(self.permissions)} permissions>"
        )


def _agreement(document: Document) -> Agreement:
    value = document.tree.value
    if not isinstance(value, dict):
        document.tree.fault((), f"an agreement is a mapping, not {shown(value)}.", tree.BEGINNING)
        raise AgreementError(document.tree.faults)
    head = _head(document, value)
    checked = {name: document.valid(Party, raw, ("parties", name)) for name, raw in document.named("parties")}
    parties = {name: party for name, party in checked.items() if party is not None}
    reader = Places(document)
    places = dict(reader.read())
    qnh = _qnh(document, head)
    terms = Rules(document, reader, qnh)
    rules = tuple(terms.rules(places))
    permissions = tuple(terms.permissions(places))
    check_overlaps(document.tree, parties)
    swapped.check(document, places)
    _look_at_lists(document, parties)
    faults = document.faults()
    if faults or head is None:
        raise AgreementError(faults)
    return Agreement(
        head,
        parties,
        places,
        rules,
        permissions,
        document.digest.hexdigest(),
        document.tree.file,
        document.folder,
        reader.ground_m,
        {name: terrain for name, terrain in reader.terrains.items() if terrain is not None},
        qnh,
        tuple(sorted(document.tree.warnings, key=lambda warning: warning.line or 0)),
    )


def _head(document: Document, value: dict[str, Any]) -> Head | None:
    if "wideberth" not in value:
        document.tree.fault((), "the version is missing.", "The file begins with 'wideberth: 1'.")
    elif value["wideberth"] != "1":
        document.tree.fault(
            ("wideberth",),
            f"wideberth: {shown(value['wideberth'])} is not a version that is read here.",
            "Write wideberth: 1.",
        )
    if not value.get("rules"):
        document.tree.fault(
            ("rules",),
            "there are no rules.",
            "Write at least one: rules: [{id: NAME, party: NAME, keeps: {...}}].",
        )
    rest = {key: each for key, each in value.items() if key not in SECTIONS}
    head = {**rest, "wideberth": "1"}
    return document.valid(Head, head, (), known=(*SECTIONS,))


def _qnh(document: Document, head: Head | None) -> Qnh | None:
    told = head.atmosphere.qnh if head is not None and head.atmosphere is not None else None
    at = ("atmosphere", "qnh")
    if isinstance(told, str):
        return document.named_file(told, at, read_table)
    if isinstance(told, tuple):
        for i, each in enumerate(told):
            if each.from_ in [before.from_ for before in told[:i]]:
                document.tree.fault(
                    (*at, i, "from"), "from: two values hold from the same instant on.", "Keep one of them."
                )
        return Qnh.of([(microseconds(each.from_), each.qnh) for each in told])
    return None if told is None else Qnh.constant(told)


def _look_at_lists(document: Document, parties: dict[str, Party]) -> None:
    """Read the lists and the register that an agreement names, to say at once where they cannot be."""
    for name, party in parties.items():
        for i, each in enumerate(party.aircraft):
            if each.list is not None:
                document.named_file(each.list, ("parties", name, "aircraft", i, "list"), registers.read_list)
    named = document.tree.value.get("register")
    if isinstance(named, str):
        document.named_file(named, ("register",), registers.Register.load)

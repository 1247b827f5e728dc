"""An agreement file on its way to an `Agreement`: its entries, checked one by one, and the faults found.

What is wrong is noted with its line and what would be right, and reading goes on.
"""

from __future__ import annotations

import difflib
import hashlib
import re
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import ValidationError

from wideberth.agreement.values import ID
from wideberth.errors import AgreementError, Fault, ReadError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from pydantic import BaseModel

    from wideberth.agreement import tree
    from wideberth.agreement.shapes import Place

ALL = "all"
BLOCK_BYTES = 2**20
_M = TypeVar("_M", bound="BaseModel")
_T = TypeVar("_T")


class Document:
    """A file that is being read.

    Attributes:
        tree: its values and lines, and the faults that are noted.
        folder: that files which it names lie in.
        digest: SHA-256 of its text and of the bytes of every file that it names.
        others: faults of files that it names.
    """

    def __init__(self, found: tree.Tree, folder: Path, text: str) -> None:
        self.tree = found
        self.folder = folder
        self.digest = hashlib.sha256(text.encode())
        self.others: list[Fault] = []

    def faults(self) -> list[Fault]:
        """Return all that is wrong, each once, in the order of the file."""
        own = sorted(dict.fromkeys(self.tree.faults), key=lambda fault: fault.line or 0)
        return [*own, *dict.fromkeys(self.others)]

    def named_file(self, name: str, at: tree.Path, read: Callable[[Path], _T]) -> _T | None:
        """Read a file that the agreement names; None where it cannot be read, which is noted."""
        path = self.folder / name
        try:
            with path.open("rb") as stream:
                while block := stream.read(BLOCK_BYTES):
                    self.digest.update(block)
            return read(path)
        except OSError as error:
            self.tree.fault(
                at,
                f"{key_text(at)}'{name}' cannot be read: {error.strerror or error}.",
                "Its path counts from the agreement's folder.",
            )
        except ReadError as error:
            self.tree.fault(at, str(error))
        except AgreementError as error:
            self.others += error.faults
        return None

    def named(self, section: str) -> Iterator[tuple[str, Any]]:
        """Yield the entries of a section of names; a name that cannot be one is noted."""
        raw = self.tree.value.get(section)
        if raw is None:
            return
        if not isinstance(raw, dict):
            self.tree.fault(
                (section,),
                f"'{section}' is a mapping of names, not {shown(raw)}.",
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

    def listed(self, section: str) -> Iterator[tuple[int, Any]]:
        """Yield the entries of a section that is a list; an id that is there twice is noted."""
        raw = self.tree.value.get(section)
        if raw is None:
            return
        if not isinstance(raw, list):
            self.tree.fault(
                (section,),
                f"'{section}' is a list, not {shown(raw)}.",
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

    def ids(self, section: str) -> list[str]:
        """Return the names that a section defines, also those of entries with faults."""
        raw = self.tree.value.get(section)
        if isinstance(raw, dict):
            return [name for name in raw if name != ALL]
        if isinstance(raw, list):
            return [str(each["id"]) for each in raw if isinstance(each, dict) and each.get("id") is not None]
        return []

    def found(self, names: Sequence[str], places: dict[str, Place], at: tree.Path) -> tuple[Place, ...]:
        """Return the places of some names; a name of none is noted."""
        known = self.ids("places")
        for name in names:
            if name not in known:
                self.unknown(at, "place", name, known)
        return tuple(places[name] for name in names if name in places)

    def unknown(self, at: tree.Path, what: str, name: str, known: Sequence[str]) -> None:
        """Note that there is nothing of a name."""
        near = difflib.get_close_matches(name, known, n=1)
        remedy = f"Did you mean '{near[0]}'?" if near else f"Known: {', '.join(known) or 'none'}."
        self.tree.fault(at, f"{key_text(at)}there is no {what} '{name}'.", remedy)

    def valid(self, model: type[_M], raw: Any, at: tree.Path, known: Sequence[str] = ()) -> _M | None:
        """Return an entry as a model, None where it has faults, which are noted; ``known`` keys are read elsewhere."""
        if not isinstance(raw, dict):
            what = at[0] if at else "this"
            self.tree.fault(
                at, f"an entry of '{what}' is a mapping, not {shown(raw)}.", "Write it like {key: value}."
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
            self.tree.fault(path, f"{key_text(loc)}{what.rstrip('.')}.", _sentence(remedy))
        elif kind == "literal_error":
            near = difflib.get_close_matches(
                str(error["input"]), re.findall(r"'([^']+)'", context["expected"]), n=1
            )
            remedy = f"Did you mean '{near[0]}'?" if near else f"Write {context['expected']}."
            self.tree.fault(path, f"{key_text(loc)}{shown(error['input'])} is not known.", remedy)
        else:
            what, remedy = _unlike(kind, context)
            self.tree.fault(path, f"{key_text(loc)}{shown(error['input'])} {what}.", _example(loc) or remedy)


EXAMPLES = {
    "after": "2017-11-16",
    "aircraft": "[{icao24: ae0000-afffff}, {state: RU}]",
    "apart": "{horizontal: 5 NM, vertical: 1000 ft}",
    "area": "[[lon, lat], [lon, lat], [lon, lat]]",
    "by": "50 %",
    "corridor": "[[lon, lat], [lon, lat]]",
    "during": "2017-11-20T08:00Z/2017-11-20T09:00Z",
    "excuses": "[RULE]",
    "from": "2017-11-01T06:00Z",
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


def key_text(loc: tuple[Any, ...]) -> str:
    """Return the key that a path leads to, as messages begin with it."""
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


def shown(value: Any) -> str:
    """Return how a value is shown in a message."""
    if value is None:
        return "nothing"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    return f"'{str(value)[:60]}'"

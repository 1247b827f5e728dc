"""A file of places, told by its content, → `Place`s; and one of them by name."""

from __future__ import annotations

import difflib
import io
import json
import re
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wideberth.agreement.placefiles import ed269, ed318, geojson, kml, openair
from wideberth.agreement.placefiles.collect import Faults
from wideberth.agreement.shapes import Place
from wideberth.errors import AgreementError, Fault

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_BYTES = 512 * 2**20  # as for recordings that have to be read whole
READ = "GeoJSON, KML, KMZ, OpenAir, ED-269 and ED-318"
_COMMA = re.compile(r"[\s,]*")
_ZIP = b"PK\x03\x04"


def read_places(path: str | Path) -> list[Place]:
    """Read every place of a file: GeoJSON, KML or KMZ, OpenAir, ED-269 or ED-318.

    The format is told by content and not by name.  All faults of a file are raised together.

    Args:
        path: of the file.
    Returns:
        At least one place, in the order of the file.
    Raises:
        AgreementError: the file cannot be read or is of no known format, or anything in it cannot be meant.
    """
    source = Path(path)
    faults = Faults(str(path))
    content = _content(source, faults)
    faults.raise_any()
    assert content is not None
    found = _read(content, faults, source.stem)
    if not found and not faults.found:
        faults.add("There is no place in the file.", "Is it the right one?")
    faults.raise_any()
    return found


def select(places: Sequence[Place], name: str, file: str) -> Place:
    """Return the place of a name.

    Case and blanks do not count where that settles it; a title is taken where it is no place's name.  Several
    of one name are one place, inside of which is inside any of them, and a note says so.

    Args:
        places: of the file.
        name: behind ``#``.
        file: is named in the fault.
    Raises:
        AgreementError: there is none; the fault says which name is near.
    """
    wanted = _folded(name)
    ways = (
        lambda place: place.name == name,
        lambda place: _folded(place.name) == wanted,
        lambda place: _folded(place.title) == wanted,
    )
    for is_it in ways:
        found = [place for place in places if is_it(place)]
        if len({(place.name, place.title) if place.name != name else place.name for place in found}) > 1:
            names = ", ".join(f"'{place.name}'" for place in found[:5])
            raise AgreementError(
                [Fault(file, None, f"'{name}' may be {names}.", "Write the name as it stands there.")]
            )
        if found:
            return _together(found)
    known = {_folded(each): each for place in places for each in (place.title, place.name) if each}
    near = difflib.get_close_matches(wanted, known, n=1, cutoff=0.5)
    remedy = (
        f"Did you mean '{known[near[0]]}'?" if near else f"It has {_some([place.name for place in places])}."
    )
    raise AgreementError([Fault(file, None, f"There is no place '{name}' in it.", remedy)])


def _folded(name: str) -> str:
    return " ".join(name.casefold().split())


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(f"'{name}'" for name in names[:8])
    return shown if len(names) <= 8 else f"{shown} and {len(names) - 8} more"


def _together(found: Sequence[Place]) -> Place:
    first = found[0]
    if len(found) == 1:
        return first
    notes = dict.fromkeys(note for place in found for note in place.notes)
    return Place(
        first.name,
        tuple(volume for place in found for volume in place.volumes),
        first.title,
        first.restriction if len({place.restriction for place in found}) == 1 else "",
        (f"{len(found)} places of this name are taken together", *notes),
    )


def _content(source: Path, faults: Faults) -> bytes | None:
    try:
        size = source.stat().st_size
        if size > MOST_BYTES:
            faults.add(
                f"The file has {size:,} bytes.", f"At most {MOST_BYTES:,} are read; keep what is needed."
            )
            return None
        content = source.read_bytes()
    except FileNotFoundError:
        folder = source.parent
        names = [each.name for each in folder.iterdir()] if folder.is_dir() else []
        near = difflib.get_close_matches(source.name, names, n=1, cutoff=0.6)
        faults.add("There is no such file.", f"Did you mean '{near[0]}'?" if near else "Is the path right?")
        return None
    except OSError as error:
        faults.add(f"The file cannot be read: {error.strerror or error}.", f"Name a file of {READ}.")
        return None
    return _unzipped(content, faults) if content.startswith(_ZIP) else content


def _unzipped(content: bytes, faults: Faults) -> bytes | None:
    """Return the KML of a KMZ: ``doc.kml``, or the first at the top, or the first."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = [name for name in archive.namelist() if name.lower().endswith(".kml")]
            names.sort(key=lambda name: (name.lower() != "doc.kml", "/" in name))
            if not names:
                faults.add("The archive has no KML in it.", "A KMZ has a doc.kml; unpack any other archive.")
                return None
            with archive.open(names[0]) as member:
                found = member.read(MOST_BYTES + 1)
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        faults.add(f"The archive cannot be read: {error}.", "Was it copied or downloaded to the end?")
        return None
    except Exception as error:  # zlib and lzma have errors of their own
        faults.add(f"The archive is damaged: {error}.", "Was it copied or downloaded to the end?")
        return None
    if len(found) > MOST_BYTES:
        faults.add("The KML in the archive is too large.", f"At most {MOST_BYTES:,} bytes are read.")
        return None
    return found


def _read(content: bytes, faults: Faults, stem: str) -> list[Place]:
    head = content[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    is_wide_xml = content.startswith((b"\xff\xfe<\0", b"\xfe\xff\0<"))
    if head.startswith(b"<") or is_wide_xml:
        return kml.read(content.lstrip(b" \t\r\n"), faults, stem)
    text = _text(content)
    if text.lstrip()[:1] in ("{", "["):
        return _read_json(text, faults, stem)
    if openair.looks_like(text):
        return openair.read(text, faults)
    shown = text.strip()[:40].replace("\n", " ")
    faults.add(f"The file is none of {READ}; it begins '{shown}'.", "Export it as GeoJSON.")
    return []


def _text(content: bytes) -> str:
    for encoding in ("utf-16", "utf-8-sig", "cp1252"):
        if encoding == "utf-16" and not content.startswith((b"\xff\xfe", b"\xfe\xff")):
            continue
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return content.decode("latin-1")


def _read_json(text: str, faults: Faults, stem: str) -> list[Place]:
    try:
        document = json.loads(text, parse_int=_whole)
    except json.JSONDecodeError as error:
        faults.add(f"The JSON is broken: {error.msg}.", "Is the file whole?", error.lineno)
        return []
    except (RecursionError, ValueError) as error:
        faults.add(f"The JSON cannot be read: {error}.", "Is it the right file?")
        return []
    if ed318.looks_like(document):
        return ed318.read(document, faults, stem, _Lines(text, document.get("features")).of)
    zones = ed269.zones(document)  # before GeoJSON: some publish such a list as a FeatureCollection
    if zones is not None:
        return ed269.read(zones, faults, stem, _Lines(text, zones).of)
    if geojson.looks_like(document):
        return geojson.read(document, faults, stem, _Lines(text, document.get("features")).of)
    kind = (
        f"'{document.get('type')}'"
        if isinstance(document, dict) and "type" in document
        else "of another kind"
    )
    faults.add(f"The JSON is {kind}.", "GeoJSON has a type such as FeatureCollection; ED-269 has features.")
    return []


def _whole(text: str) -> int | float:
    """Return a whole number; one that float may not hold as a float, infinite where it is."""
    return int(text) if len(text) < 100 else float(text)


def _between(text: str, position: int) -> int:
    """Return where the next element of a list begins, behind the end of one."""
    blanks = _COMMA.match(text, position)
    return blanks.end() if blanks is not None else position


class _Lines:
    """Finds the lines in which the elements of a list in a JSON text begin.

    Python's JSON does not tell positions, so the list is looked for again, and only where a fault needs it.
    """

    def __init__(self, text: str, elements: Any) -> None:
        self._text = text
        self._elements = elements if isinstance(elements, list) else []
        self._starts: list[int] | None = None

    def of(self, at: int) -> int | None:
        """Return the line of an element, counted from 1; None where the list is not found again."""
        if self._starts is None:
            self._starts = self._find()
        return self._text.count("\n", 0, self._starts[at]) + 1 if at < len(self._starts) else None

    def _find(self) -> list[int]:
        decoder = json.JSONDecoder(parse_int=_whole)
        for opening in re.finditer(r"\[\s*(?=\{)", self._text):
            starts: list[int] = []
            position = opening.end()
            while len(starts) < len(self._elements):
                try:
                    element, end = decoder.raw_decode(self._text, position)
                except ValueError:  # within a text that looks like a list
                    break
                if element != self._elements[len(starts)]:
                    break
                starts.append(position)
                position = _between(self._text, end)
            else:
                return starts
        return []

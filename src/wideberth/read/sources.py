"""What can be named as a source, taken apart into files: folders, globs, archives, compressed files.

Containers are told by their first bytes, never by a name: readsb writes gzip under ``.json`` names,
and a ``.gz`` name may hold plain text.  gzip, bzip2, xz, zstd, tar and zip may hold one another.

Compressed data that is cut off or damaged gives what came before the damage; `Part.damage` then says
so.  Nothing is unpacked as a whole: a part is a stream, and a compressed tar is read through once
where its members are read in their order.

Source: magic numbers from RFC 1952 (gzip), RFC 8878 (zstd), the bzip2 and xz format descriptions,
POSIX.1-2017 ustar, and PKWARE's APPNOTE (zip).
"""

from __future__ import annotations

import difflib
import glob
import os
import stat
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from wideberth.errors import ReadError
from wideberth.read import archives, compressed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from wideberth.read.batch import Rejects

HEAD_BYTES = 65536
MOST_LAYERS = 6  # .zip of .tar.gz of .csv.gz has four
MOST_PARTS = 1_000_000
_LEFT_OUT = "file left out: hidden, or a text beside the data"

_BESIDE_DATA = {
    "readme",
    "license",
    "licence",
    "copying",
    "notice",
    "changelog",
    "citation",
    "md5sums",
    "sha256sums",
}
_NO_DATA = {
    *(".pdf", ".png", ".jpg", ".jpeg", ".gif", ".svg", ".webp", ".ico", ".html", ".htm", ".css", ".js", ".md", ".rst"),
    *(".py", ".ipynb", ".sh", ".toml", ".yaml", ".yml", ".ini", ".doc", ".docx", ".xlsx", ".ods", ".pptx", ".mp4"),
    *(".md5", ".sha1", ".sha256", ".sha512", ".asc", ".sig", ".log", ".tmp", ".part", ".crdownload", ".db", ".sqlite"),
}  # fmt: skip


@dataclass(frozen=True)
class Part:
    """One file's worth of bytes, wherever it lies.

    Attributes:
        name: as shown to people: ``day.csv.gz``, or ``week.tar: states_06.csv.gz``.
        path: set only where the bytes lie on disk as they are, so that a reader may map them.
        size: bytes on disk or in the archive, compressed; 0 where that is not told.
        opener: gives the stream; use `open`.
        is_named: True where it was named itself, not found in a folder, by a glob, in an archive.
        damage: filled while a stream is read: why compressed data ended before its end.
    """

    name: str
    path: Path | None
    size: int
    opener: Callable[[], BinaryIO] = field(repr=False, compare=False)
    is_named: bool = field(default=False, compare=False)
    damage: list[str] = field(default_factory=list, repr=False, compare=False)

    def open(self) -> BinaryIO:
        """Return the decompressed bytes as a stream from the beginning, any number of times."""
        return self.opener()

    def head(self, n: int = HEAD_BYTES) -> bytes:
        """Return the first ``n`` bytes, fewer where there are not so many."""
        with self.open() as stream:
            return stream.read(n)


def expand(source: Any, rejects: Rejects | None = None) -> Iterator[Part]:
    """Return the parts of a path, glob, folder, archive, ``-`` for standard input, or a list of them.

    What is left out (hidden files, READMEs, licences, pictures), what cannot be read although it was only
    found, not named, and what turns out damaged while archives are listed is counted in ``rejects``.
    Parts of a folder come in the order of their names.  A folder that a glob finds is read whole, once.

    Raises:
        ReadError: nothing there, nothing in it, not readable, or folders that contain themselves.
    """
    if rejects is None:
        from wideberth.read.batch import Rejects as NewRejects

        rejects = NewRejects()
    for count, part in enumerate(_expanded(source, rejects), start=1):
        if count > MOST_PARTS:
            raise ReadError(f"more than {MOST_PARTS:,} files in one call. Name fewer.")
        yield part


def _expanded(source: Any, rejects: Rejects) -> Iterator[Part]:
    if isinstance(source, Part):
        yield source
    elif isinstance(source, str | os.PathLike):
        yield from _from_text(os.fsdecode(source), rejects)
    elif hasattr(source, "__iter__") and not isinstance(source, bytes | dict) and not hasattr(source, "read"):
        is_empty = True
        for one in source:
            is_empty = False
            yield from _expanded(one, rejects)
        if is_empty:
            raise ReadError("an empty list of files: there is nothing to read.")
    else:
        raise ReadError(
            f"{type(source).__name__} is no source of tracks. Name a file, a folder, a glob, or a table."
        )


def _from_text(text: str, rejects: Rejects) -> Iterator[Part]:
    if text == "-":
        if sys.stdin is None or sys.stdin.closed:
            raise ReadError("standard input is closed, or was read already. Name '-' once.")
        yield from _unpacked(_spooled("standard input", sys.stdin.buffer), rejects)
        return
    try:
        is_name = text != "" and b"\0" not in os.fsencode(text)
    except UnicodeEncodeError:
        is_name = False
    if not is_name:
        raise ReadError(f"{text!r} is not the name of a file.")
    path = Path(os.path.expanduser(text))
    kind = _kind(path)
    if kind is None:
        if glob.has_magic(text):
            yield from _from_glob(text, rejects)
            return
        raise ReadError(_missing(path))
    if stat.S_ISDIR(kind):
        yield from _from_folder(path, rejects)
    else:
        yield from _from_file(path, kind, rejects, is_named=True)


def _shown(path: Path | str) -> str:
    """Return a path as it can be printed, even where the file system holds bytes that are no text."""
    return str(path).encode("utf-8", "replace").decode()


def _kind(path: Path) -> int | None:
    """Return the mode of what a path leads to, None where nothing is there."""
    try:
        return path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise ReadError(f"{_shown(path)}: not readable: {error.strerror}.") from None


def _missing(path: Path) -> str:
    """Return the message for a file that is not there: how far its path leads, what is called nearly so."""
    folder = path.parent
    told = f"{_shown(path)}: no such file"
    if not folder.is_dir():
        while not folder.exists() and folder != folder.parent:
            folder = folder.parent
        if folder.is_dir():
            return f"{told}; there is no folder '{_shown(path.parent)}' (but there is '{_shown(folder)}')."
        return f"{told}; '{_shown(folder)}' is a file, not a folder."
    try:
        near = difflib.get_close_matches(path.name, os.listdir(folder), n=3, cutoff=0.5)
    except OSError:
        near = []
    if near:
        names = " or ".join(f"'{_shown(name)}'" for name in near)
        return f"{told} in '{_shown(folder)}'. Did you mean {names}?"
    return f"{told} in '{_shown(folder)}', nor one with a name like it. Is the folder right?"


@dataclass
class _Tally:
    """What came of the files that were found in one folder or by one glob."""

    files: int = 0
    parts: int = 0
    left_out: int = 0
    first_error: ReadError | None = None

    def failed(self, path: Path, error: ReadError, rejects: Rejects) -> None:
        """Count what cannot be read."""
        self.files += 1
        self.first_error = self.first_error or error
        rejects.add(_shown(path), "not readable", str(error))

    def settle(self, where: str, question: str) -> None:
        """Raise if there was nothing, or nothing that could be read."""
        if not self.files:
            beside = f" besides {self.left_out:,} hidden or README-like" if self.left_out else ""
            raise ReadError(f"{where}{beside}. {question}")
        if not self.parts and self.first_error is not None:
            raise self.first_error


def _from_glob(pattern: str, rejects: Rejects) -> Iterator[Part]:
    found = sorted(glob.glob(os.path.expanduser(pattern), recursive=True))
    if not found:
        raise ReadError(
            f"{_shown(pattern)}: no file matches. Quote the pattern if the shell should leave it alone, and "
            "use ** for folders."
        )
    # ** gives a folder and everything in it: the folder is read, and with it what lies in it.
    folders = {Path(name) for name in found if os.path.isdir(name)}
    tally = _Tally()
    for path in map(Path, found):
        if not folders.isdisjoint(path.parents):
            continue
        if path in folders:
            try:
                yield from _in_folder(path, rejects, tally)
            except ReadError as error:
                tally.failed(path, error, rejects)
        else:
            yield from _found(path, pattern, rejects, tally)
    tally.settle(f"{_shown(pattern)}: there is no file in what matches", "Is the pattern right?")


def _from_folder(folder: Path, rejects: Rejects) -> Iterator[Part]:
    tally = _Tally()
    yield from _in_folder(folder, rejects, tally)
    tally.settle(f"{_shown(folder)}: there is no file in this folder", "Is it the right one?")


def _in_folder(folder: Path, rejects: Rejects, tally: _Tally) -> Iterator[Part]:
    for path in _paths_below(folder, (), folder, rejects):
        if _is_beside_data(path.name):
            tally.left_out += 1
            rejects.add(_shown(folder), _LEFT_OUT, _shown(path.name))
        else:
            yield from _found(path, str(folder), rejects, tally)


def _found(path: Path, where: str, rejects: Rejects, tally: _Tally) -> Iterator[Part]:
    """Return the parts of a file that was not named itself: one that cannot be read is counted."""
    try:
        kind = _kind(path)
        if kind is None or not stat.S_ISREG(kind):
            rejects.add(_shown(where), "not a file", _shown(path.name))
            return
        tally.files += 1
        for part in _from_file(path, kind, rejects, is_named=False):
            tally.parts += 1
            yield part
    except ReadError as error:
        tally.failed(path, error, rejects)


def _paths_below(
    folder: Path, above: tuple[tuple[int, int], ...], top: Path, rejects: Rejects
) -> Iterator[Path]:
    """Return what is no folder, and hidden folders themselves, in the order of the names."""
    try:
        at = folder.stat()
        names = sorted(os.listdir(folder))
    except OSError as error:
        if above:  # the rest of the folders can be read
            rejects.add(_shown(folder), "folder not readable", str(error.strerror))
            return
        raise ReadError(f"{_shown(folder)}: folder not readable: {error.strerror}.") from None
    here = (at.st_dev, at.st_ino)
    if here in above:
        raise ReadError(
            f"{_shown(folder)}: this link leads back to a folder above it. Remove it, or name the files of "
            f"'{_shown(top)}'."
        )
    for name in names:
        path = folder / name
        if not _is_hidden(name) and os.path.isdir(path):
            yield from _paths_below(path, (*above, here), top, rejects)
        else:
            yield path


def _is_hidden(name: str) -> bool:
    return (name.startswith(".") and name not in {".", ".."}) or name.lower() == "__macosx"


def _is_beside_data(name: str) -> bool:
    """Return whether a file, or a member of an archive, is hidden, or a text that goes with data."""
    *folders, base = name.lower().split("/")
    stem, _, ending = base.partition(".")
    return (
        any(map(_is_hidden, (*folders, base)))
        or base.startswith("~$")
        or (stem in _BESIDE_DATA and ending in {"", "txt", "md", "rst"})
        or os.path.splitext(base)[1] in _NO_DATA
    )


def _from_file(path: Path, kind: int, rejects: Rejects, *, is_named: bool) -> Iterator[Part]:
    if stat.S_ISFIFO(kind):  # such as the shell's <(command)
        yield from _unpacked(_spooled(_shown(path), _opened(path)), rejects)
        return
    if not stat.S_ISREG(kind):
        raise ReadError(f"{_shown(path)}: a device or a socket, not a file.")
    with _opened(path) as stream:
        size = os.fstat(stream.fileno()).st_size
    yield from _unpacked(Part(_shown(path), path, size, lambda: _opened(path), is_named), rejects)


def _opened(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as error:
        raise ReadError(f"{_shown(path)}: not readable: {error.strerror}.") from None


def _spooled(name: str, stream: BinaryIO) -> Part:
    """Copy what can be read once only into a temporary file."""
    try:
        spool = tempfile.NamedTemporaryFile()  # noqa: SIM115 - lives as long as the part's opener
        with stream:
            while chunk := stream.read(compressed.BUFFER_BYTES):
                spool.write(chunk)
        spool.flush()
    except OSError as error:
        raise ReadError(
            f"{name}: cannot be kept in the temporary folder '{tempfile.gettempdir()}': {error.strerror}. "
            "TMPDIR names another one."
        ) from error
    return Part(name, None, spool.tell(), lambda: open(spool.name, "rb"), is_named=True)


def _unpacked(part: Part, rejects: Rejects, layers: int = 0) -> Iterator[Part]:
    """Return the parts in a part: itself, or what the container that it is holds."""
    kind = compressed.kind_of(part.head(compressed.HEAD_BYTES))
    if kind is None:
        yield part
        return
    if layers >= MOST_LAYERS:
        raise ReadError(f"{part.name}: more than {MOST_LAYERS} containers in one another. Unpack it first.")
    if kind not in compressed.ARCHIVES:
        opener = compressed.decompressor(part.opener, kind, part.damage)
        inner = Part(part.name, None, part.size, opener, part.is_named, part.damage)
        yield from _unpacked(inner, rejects, layers + 1)
        return
    last_damage: list[str] = []
    for member in archives.members(part.opener, kind, part.name):
        if isinstance(member, archives.Trouble):
            rejects.add(part.name, member.reason, member.example)
        elif _is_beside_data(member.name):
            rejects.add(part.name, _LEFT_OUT, member.name)
        else:
            name = f"{part.name}: {member.name}"
            last_damage = member.damage
            try:
                found = Part(name, None, member.size, member.opener, damage=member.damage)
                yield from _unpacked(found, rejects, layers + 1)
            except ReadError as error:
                rejects.add(name, "not readable", str(error))
    if part.damage and not last_damage:  # else the member that is cut off says so
        rejects.add(part.name, part.damage[0])
